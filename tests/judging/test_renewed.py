"""A truce that somebody has to renew: after its first period nobody knows until people tell; one that renews itself
binds on; and none binds longer than it may be renewed."""

from __future__ import annotations

import pytest

from tests.judging.scene import HOUR, NOON, agreement, decided, findings, incident, of
from trucewatch.judging import explain_finding
from trucewatch.judging.states import Facts
from trucewatch.model.times import DAY

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}'
WEEK = "{{for: P7D, renews: {{{}}}}}"


def outcome(renews: str, day: float, *decisions: object, own: bool = False) -> tuple[object, str] | None:
    """P(in scope) and outcome of fire some days after the truce of seven days began; None = no finding."""
    lasts = WEEK.format(renews)
    term = FIRE.replace("binds", f"duration: {lasts}, binds") if own else FIRE
    truce = agreement(term, "" if own else f"duration: {lasts}")
    rows = findings(truce, incident(at=24 * day - 12), decisions=decisions)
    return (of(rows)["p_in_scope"], of(rows)["outcome"]) if rows else None


@pytest.mark.parametrize("own", [True, False])
def test_what_must_be_renewed_is_not_known_after_its_first_period(own: bool) -> None:
    assert outcome("every: P7D", 6, own=own) == (1.0, "indicated")
    assert outcome("every: P7D", 8, own=own) == (None, "undetermined")
    longer = decided("extend", 0, object_="truce", params={"until": NOON + 10 * DAY})
    assert outcome("every: P7D", 8, longer, own=own) == (1.0, "indicated")
    assert outcome("every: P7D", 13, longer, own=own) == (None, "undetermined")


@pytest.mark.parametrize("own", [True, False])
def test_what_renews_itself_binds_on(own: bool) -> None:
    tacit = "every: P7D, unless_notice: P1D"
    assert outcome(tacit, 100, own=own) == (1.0, "indicated")


@pytest.mark.parametrize("own", [True, False])
def test_nothing_binds_longer_than_it_may_be_renewed(own: bool) -> None:
    """Seven days and at most twice seven more: 21."""
    assert outcome("every: P7D, times: 2, unless_notice: P1D", 20, own=own) == (1.0, "indicated")
    assert outcome("every: P7D, times: 2, unless_notice: P1D", 22, own=own) is None
    assert outcome("every: P7D, times: 2", 20, own=own) == (None, "undetermined")
    assert outcome("every: P7D, times: 2", 22, own=own) is None


def test_the_finding_says_that_nobody_told_of_a_renewal() -> None:
    truce = agreement(FIRE, f"duration: {WEEK.format('every: P7D')}")
    one = incident(at=8 * 24)
    row = of(findings(truce, one))
    told = {"act": "fire.mortar", "lat": 40.0, "lon": 46.0, "start": one["start"], "end": one["end"]}
    assert "whether the text was renewed after 2021-03-08T00:00:00Z" in " ".join(explain_finding(row, [truce], told))


def test_a_duty_due_after_it_is_not_known_to_be_owed() -> None:
    zones = "zones: [{id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}]\n"
    duty = (
        '  - {id: "1", kind: obligation, binds: [norland], by: {event: in_force, plus: P9D}, '
        'done_when: "controls(sudland, town)"}'
    )
    held = [{"actor": "norland", "zone": "town", "start": NOON - DAY, "end": None}]
    facts = Facts.of(held, [], NOON + 30 * DAY + HOUR)
    for lasts, told in (("every: P7D", "undetermined"), ("every: P7D, unless_notice: P1D", "indicated")):
        text = agreement(duty, zones + f"duration: {WEEK.format(lasts)}")
        assert [r["outcome"] for r in findings(text, facts=facts)] == [told]
