"""`check` of a mission: what people decided counts before anything is said to be missing."""

from __future__ import annotations

from pathlib import Path

from tests.mission.test_decisions import AGREEMENT, EVIDENCE, Case, Row, decision
from trucewatch.mission.checking import check

EVENT = "in_force: {at: 2021-03-01T00:00:00+04:00}"
PENDING = AGREEMENT.replace(EVENT, EVENT + ", ready: {at: null}")


def notes(case: Case, decisions: list[Row]) -> str:
    """The notes of a check of a mission with these decisions, whose text has an event without a time."""
    case.derived(EVIDENCE, decisions)
    folder = case.root / str(case.n)
    (folder / "small.yaml").write_text(PENDING, "utf-8")
    return " ".join(str(w) for w in check(folder).warnings)


def set_event(name: str) -> Row:
    """A decision that gives an event a time."""
    params = {"at": "2021-03-02T00:00:00+04:00"}
    return {**decision("set_event", "06T10:00"), "object": name, "params": params}


def test_an_event_that_people_gave_a_time_is_not_said_to_be_without(tmp_path: Path) -> None:
    case = Case(tmp_path)
    assert "events without a time: ready" in notes(case, [])
    assert "events without a time" not in notes(case, [set_event("ready")])
    assert "events without a time: ready" in notes(case, [set_event("in_force")])


def test_a_decision_on_one_of_several_conditions_says_which(tmp_path: Path) -> None:
    case = Case(tmp_path)
    several = AGREEMENT.replace("binds:", "after: [{text: lists exchanged}, {text: monitors there}], binds:", 1)
    case.derived(EVIDENCE, [set_event("1.after")])
    folder = case.root / str(case.n)
    (folder / "small.yaml").write_text(several, "utf-8")
    words = " ".join(str(w) for w in check(folder).warnings)
    assert "write one of 1.after.1, 1.after.2" in words
