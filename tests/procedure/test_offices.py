"""Who may do what: every cell of the one table, tried on a mission of one person for each office."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.mission.test_decisions import EVIDENCE, Case
from trucewatch.mission.deciding import decide
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.targets import Wish
from trucewatch.model.errors import TrucewatchError
from trucewatch.model.vocabulary import PEOPLE_ROLES, VERBS
from trucewatch.procedure.offices import acts, office_for, steps, steps_of

FINDING = "F1.1.1.2"
OBJECTS = {"set_event": "in_force", "extend": "small", "end": "small", **dict.fromkeys(("link", "split"), "I1")}
PARAMS: dict[str, dict[str, Any]] = {
    "link": {"claims": ["paper/1"]}, "merge": {"claims": ["paper/1"]}, "split": {"claims": ["paper/1"]},
    "override": {"status": "unlikely"}, "set_event": {"at": "2021-03-01T00:00:00+04:00"},
    "extend": {"until": "2022-03-01T00:00:00+04:00"},
}  # fmt: skip


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Mission:
    root = tmp_path_factory.mktemp("offices")
    case = Case(root)
    case.people = "people:\n" + "".join(f"  - {{id: {role}, roles: [{role}]}}\n" for role in PEOPLE_ROLES)
    case.derived(EVIDENCE)
    (root / "1" / "complaints.csv").write_text(
        "complaint_id,received,complainant,against,term,claims\n"
        "C-1,2021-03-06T10:00:00+04:00,norland,sudland,1,mod_n/1\n",
        "utf-8",
    )
    mission = Mission.open(root / "1")
    assert not ingest(mission, [Path(mission.dir / "complaints.csv")]).errors
    return mission


def barred(mission: Mission, wish: Wish) -> bool:
    """Whether the act is refused to that person because of the office."""
    try:
        decide(mission, wish, dry_run=True)
    except TrucewatchError as e:
        return "may not" in str(e)
    return False


@pytest.mark.parametrize("verb", VERBS)
def test_each_office_may_what_the_table_says_and_nothing_else(mission: Mission, verb: str) -> None:
    of = OBJECTS.get(verb, FINDING)
    allowed = [
        role for role in PEOPLE_ROLES if not barred(mission, Wish(verb, of, role, "why", params=PARAMS.get(verb, {})))
    ]
    assert set(allowed) == set(acts()[verb].offices)


@pytest.mark.parametrize("step", [s.id for s in steps().values() if s.verb])
def test_each_step_of_a_complaint_is_taken_by_the_offices_of_the_table(mission: Mission, step: str) -> None:
    verb = steps()[step].verb
    assert verb is not None
    allowed = [
        role for role in PEOPLE_ROLES if not barred(mission, Wish(verb, "C-1", role, "why", params={"step": step}))
    ]
    assert set(allowed) == set(steps()[step].offices)


def test_the_auditor_changes_nothing() -> None:
    assert not any(office_for(verb, ["auditor"]) for verb in VERBS)


def test_who_reviews_signs_and_publishes_is_in_no_office_of_the_draft_alone() -> None:
    assert "analyst" not in {*acts()["review"].offices, *acts()["sign"].offices, *acts()["publish"].offices}
    assert (acts()["review"].other, acts()["sign"].other) == ("draft", "draft")


def test_every_verb_that_speaks_of_complaints_takes_a_step_of_their_road() -> None:
    assert {v for v in VERBS if "complaint" in acts()[v].of} == {v for v in VERBS if steps_of(v)}
