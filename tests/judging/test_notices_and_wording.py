"""Whose act a notice explains; and wording that one reading leaves open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judging.scene import NOON, agreement, findings, incident, of
from trucewatch.model.times import DAY, HOUR

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]MORE}'
ANSWERS = "readings: {bands: {norland: {answers_for: {bands: norland}}}}"


def notice(by: str) -> dict[str, Any]:
    return {
        "by": by, "kind": "exercise", "start": NOON - HOUR, "end": NOON + HOUR, "published": NOON - DAY,
        "lat": 40.0, "lon": 46.0, "radius_km": 20.0,
    }  # fmt: skip


@pytest.mark.parametrize(("announced_by", "done_by", "violation", "outcome"), [
    ("norland", "norland", 0.0, "no violation"), ("bands", "bands", 0.0, "no violation"),
    ("norland", "bands", 0.98, "indicated"), ("bands", "norland", 0.98, "indicated"),
    ("sudland", "norland", 0.98, "indicated"),
])  # fmt: skip
def test_a_notice_explains_what_its_own_author_does(
    announced_by: str, done_by: str, violation: float, outcome: str
) -> None:
    text = agreement(FIRE.replace("MORE", ""), ANSWERS)
    row = of(findings(text, incident(by={done_by: 0.98}), notices=[notice(announced_by)]))
    assert (row["answers_for"], row["p_violation"], row["outcome"]) == ("bands", violation, outcome)


def test_of_two_who_may_have_done_it_a_notice_takes_out_its_authors_share_alone() -> None:
    text = agreement(FIRE.replace("MORE", ""), ANSWERS)
    either = {"norland": 0.6, "bands": 0.3}
    assert of(findings(text, incident(by=either), notices=[notice("bands")]))["p_violation"] == 0.6
    assert of(findings(text, incident(by=either), notices=[notice("norland")]))["p_violation"] == 0.3
    both = [notice("bands"), notice("norland")]
    assert of(findings(text, incident(by=either), notices=both))["p_violation"] == 0.0


def test_a_reading_under_which_the_wording_is_open_is_for_people() -> None:
    open_or_not = ", readings: {wording: {open: {open_ended: true}, closed: {}}}"
    rows = findings(agreement(FIRE.replace("MORE", open_or_not)), incident())
    mine = [r for r in rows if r["actor"] == "norland"]
    assert [(r["reading"], r["p_in_scope"], r["p_violation"]) for r in mine] == [
        ("wording=open", None, None), ("wording=closed", 1.0, 0.98),
    ]  # fmt: skip
    assert {r["outcome"] for r in mine} == {"depends on reading"}
    theirs = [r for r in rows if r["actor"] == "sudland"]  # who did it with at most .005 broke nothing, however wide
    assert {r["outcome"] for r in theirs} == {"no violation"}


def test_an_act_that_the_open_wording_does_not_name_may_fall_under_it() -> None:
    reading = ", readings: {wording: {open: {open_ended: true}, mines: {acts: [mines]}}}"
    rows = findings(agreement(FIRE.replace("MORE", reading)), incident(acts=(("mines", 1.0),)))
    assert {r["outcome"] for r in rows if r["actor"] == "norland"} == {"depends on reading"}
