"""What people decide on findings: rulings, states, the second person, the mandate, and what becomes stale."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.judging.scene import agreement, decided, findings, incident, of

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}\n  - {id: "2", kind: statement}'
TRUCE = agreement(FIRE)
RULE = decided("rule", 1, params={"outcome": "violation"})


def row(*decisions: Any, **told: Any) -> dict[str, Any]:
    return of(findings(TRUCE, incident(**told), decisions=decisions))


def test_a_violation_is_ruled_by_a_person() -> None:
    assert row()["outcome"] == "indicated"
    assert row(RULE)["outcome"] == "violation"
    rows = findings(TRUCE, incident(by={"norland": 0.96, "sudland": 0.96}), decisions=[RULE])
    assert of(rows, "sudland")["outcome"] == "indicated"


@pytest.mark.parametrize(
    "told",
    [
        {"status": "probable"}, {"status": "more likely than not"}, {"by": {"norland": 0.9}},
        {"acts": (("fire", 0.5), ("mines", 0.5))},
    ],
)  # fmt: skip
def test_no_ruling_makes_a_violation_of_what_is_not_indicated(told: dict[str, Any]) -> None:
    assert row(RULE, **told)["outcome"] == "undetermined"


def test_a_verified_incident_needs_the_ruling_too() -> None:
    assert row(status="verified")["outcome"] == "indicated"
    assert row(RULE, status="verified")["outcome"] == "violation"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("no violation", "no violation"), ("could not be determined", "undetermined"),
        ("outside mandate", "not for judgement"), ("withdrawn", "not for judgement"),
    ],
)  # fmt: skip
def test_the_other_rulings_of_a_mission(said: str, expected: str) -> None:
    assert row(decided("rule", 1, params={"outcome": said}))["outcome"] == expected


def test_the_threshold_itself_is_enough_and_just_below_is_not() -> None:
    assert row(by={"norland": 0.95})["outcome"] == "indicated"
    assert row(by={"norland": 0.9499})["outcome"] == "undetermined"
    assert row(by={"norland": 0.05})["outcome"] == "no violation"
    assert row(by={"norland": 0.0501})["outcome"] == "undetermined"


def test_a_mandate_that_does_not_rule_leaves_it_indicated() -> None:
    bare = agreement(FIRE, "mechanism: {mandate: {rule: false}}")
    assert of(findings(bare, incident(), decisions=[RULE]))["outcome"] == "indicated"


def test_the_drafters_own_review_is_none() -> None:
    draft = decided("draft", 1, "ann")
    assert row(draft, decided("review", 2, "ann"))["state"] == "draft"
    assert row(draft, decided("review", 2, "ben"))["state"] == "reviewed"


def test_a_finding_goes_from_draft_to_published() -> None:
    steps = [
        decided("draft", 1, "ann"), decided("review", 2, "ben"), decided("notify", 3, "ben"),
        decided("sign", 5, "head"), decided("publish", 6, "head"),
    ]  # fmt: skip
    states = [row(*steps[:k])["state"] for k in range(6)]
    assert states == ["draft", "draft", "reviewed", "notified", "final", "published"]
    assert row(*steps)["signed_by"] == "head"
    assert row(*steps[:2], *steps[3:])["state"] == "published"  # not every mandate hears the parties


@pytest.mark.parametrize(
    ("verbs", "state"),
    [
        (["sign"], "draft"), (["draft", "sign"], "draft"), (["publish"], "draft"), (["notify"], "draft"),
        (["review", "publish"], "reviewed"), (["review", "sign", "review", "notify", "draft"], "final"),
        (["review", "sign", "reopen", "sign", "publish"], "reopened"),
    ],
)  # fmt: skip
def test_no_step_of_the_road_is_left_out_or_gone_back(verbs: list[str], state: str) -> None:
    found = row(*(decided(verb, hour, "head") for hour, verb in enumerate(verbs, 1)))
    assert found["state"] == state
    assert (found["signed_by"] == "head") == (state == "final")


@pytest.mark.parametrize("said", ["indicated", "excepted", "not due", "depends on reading", "guilty"])
def test_what_is_computed_is_never_ruled(said: str) -> None:
    ruling = decided("rule", 1, params={"outcome": said})
    assert row(ruling, by={"norland": 0.3})["outcome"] == "undetermined"
    assert row(ruling)["outcome"] == "indicated"


def test_reopened_it_is_signed_by_nobody_and_not_ruled() -> None:
    found = row(RULE, decided("review", 1.5, "ben"), decided("sign", 2, "head"), decided("reopen", 3, "ann"))
    assert (found["state"], found["signed_by"], found["outcome"]) == ("reopened", None, "indicated")


def test_a_stale_decision_reopens_until_somebody_decides_anew() -> None:
    old = [{**RULE, "stale": True}, {**decided("sign", 2, "head"), "stale": True}]
    found = row(*old)
    assert (found["state"], found["signed_by"], found["outcome"]) == ("reopened", None, "indicated")
    assert row(*old, decided("rule", 3))["outcome"] == "violation"


def test_a_decision_follows_its_incident_through_a_merge() -> None:
    moved = {**RULE, "object": "F9.1.1.1", "finding_id": "F9.1.1.1", "number": 1}
    assert row(moved)["outcome"] == "violation"
    assert row({**moved, "number": None})["outcome"] == "indicated"


def test_a_statement_can_be_signed_and_stays_not_for_judgement() -> None:
    steps = [decided("review", 1, "ben", "F0.1.2.0"), decided("sign", 2, "head", "F0.1.2.0")]
    found = of(findings(TRUCE, incident(), decisions=steps), None, term="2")  # type: ignore[arg-type]
    assert (found["state"], found["signed_by"], found["outcome"]) == ("final", "head", "not for judgement")


def test_decisions_by_the_thousand_cost_little_more_than_none() -> None:
    told = [incident(k) for k in range(1, 20_001)]
    rulings = [decided("rule", 1, object_=f"F{k}.1.1.1") for k in range(7, 20_001, 7)]
    rulings += [decided("rule", 1, object_=f"F{k}") for k in ("1.1.1.9", "1.9.1.1", "0.1.1.1", f"{10**30}.1.1.1")]
    began = time.process_time()
    findings(TRUCE, *told)
    plain = time.process_time() - began
    rows = findings(TRUCE, *told, decisions=rulings)
    assert time.process_time() - began < 2 * plain + max(plain, 1.0)
    assert [r["incident_id"] for r in rows if r["outcome"] == "violation"] == [f"I{k}" for k in range(7, 20_001, 7)]
