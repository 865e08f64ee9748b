"""Exceptions and notices: what holds by itself, what people must grant, and what an announcement makes lawful."""

from __future__ import annotations

from typing import Any

import pytest

from tests.judging.scene import NOON, agreement, decided, findings, incident, of, unplaced
from trucewatch.judging import explain_finding
from trucewatch.model.times import HOUR

ZONES = """zones:
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: range, circle: {lat: 40.0, lon: 46.0585555, radius_km: 5}}
  - {id: rest, of: range, minus: [town]}
"""


def fire(excepted: str, where: str = "") -> str:
    return f'  - {{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], except: [{excepted}]{where}}}'


REQUIRES = fire("{id: defence, acts: [fire], requires: [ordered, notified]}")


def test_an_exception_that_holds_by_itself_excepts() -> None:
    truce = agreement(fire("{id: small, acts: [fire.small_arms]}"))
    rows = findings(truce, incident(acts=(("fire.small_arms", 1.0),)))
    assert of(rows)["outcome"] == "excepted"
    assert (of(rows)["p_in_scope"], of(rows)["p_violation"]) == (0.0, 0.0)
    assert of(rows, "sudland")["outcome"] == "no violation"  # it did not do it, exception or not
    assert of(findings(truce, incident()))["outcome"] == "indicated"


def test_an_exception_for_one_actor_is_none_for_the_other() -> None:
    truce = agreement(fire("{id: guard, actors: [sudland]}"))
    rows = findings(truce, incident(by={"norland": 0.49, "sudland": 0.49}))
    assert of(rows, "norland")["outcome"] == "undetermined"
    assert of(rows, "sudland")["outcome"] == "excepted"


def test_an_exception_for_an_act_that_may_be_the_wider_one_told_is_unknown() -> None:
    truce = agreement(fire("{id: small, acts: [fire.small_arms]}"))
    row = of(findings(truce, incident(acts=(("fire", 1.0),))))
    assert (row["p_violation"], row["outcome"]) == (None, "undetermined")


def test_a_zone_and_the_zone_of_its_exception_hang_on_one_place() -> None:
    """On the edge of both, inside the town is never on the range beside it: one half, not one quarter."""
    truce = agreement(fire("{id: range, where: {zone: rest}}", ", where: {zone: town}"), ZONES)
    row = of(findings(truce, incident(east=5, sigma_km=0.3, place_of="impact")))
    assert row["p_in_scope"] == pytest.approx(0.5, abs=0.03)


def test_fire_in_the_excepted_zone_is_excepted_and_elsewhere_not() -> None:
    truce = agreement(fire("{id: range, where: {zone: town}}"), ZONES)
    assert of(findings(truce, incident(east=1)))["outcome"] == "excepted"
    assert of(findings(truce, incident(east=20)))["outcome"] == "indicated"
    assert of(findings(truce, unplaced()))["outcome"] == "undetermined"


def test_what_needs_people_is_indicated_until_somebody_claims_it() -> None:
    truce = agreement(REQUIRES)
    claim = decided("reply", 5, params={"exception": "defence"})
    rule = decided("rule", 3, params={"outcome": "violation"})

    def outcome(*decisions: Any) -> str:
        return str(of(findings(truce, incident(), decisions=decisions))["outcome"])

    assert outcome() == "indicated"
    assert outcome(claim) == "undetermined (exception claimed)"
    assert outcome(rule) == "violation"
    assert outcome(rule, claim) == "undetermined (exception claimed)"
    assert outcome(rule, claim, decided("grant", 6)) == "excepted"
    assert outcome(rule, claim, decided("refute", 6)) == "violation"
    assert outcome(claim, decided("refute", 6)) == "indicated"


def test_a_claimed_exception_does_not_lift_a_lower_outcome() -> None:
    claim = decided("reply", 5, params={"exception": "defence"})
    for told, expected in (({"by": {"norland": 0.5}}, "undetermined"), ({"by": {"norland": 0.01}}, "no violation")):
        assert of(findings(agreement(REQUIRES), incident(**told), decisions=[claim]))["outcome"] == expected


def notice(**told: Any) -> dict[str, Any]:
    base = {
        "by": "norland", "start": NOON - HOUR, "end": NOON + HOUR, "lat": 40.0, "lon": 46.0, "radius_km": 4.0,
        "kind": "exercise", "published": NOON - 9 * HOUR,
    }  # fmt: skip
    return {k: v for k, v in {**base, **told}.items() if v is not None}


FREE = fire("")


def test_an_announced_exercise_is_lawful_fire_and_stays_in_scope() -> None:
    row = of(findings(agreement(FREE), incident(), notices=[notice()]))
    assert (row["outcome"], row["p_in_scope"], row["p_violation"]) == ("no violation", 1.0, 0.0)


@pytest.mark.parametrize(
    "told",
    [
        {"by": "sudland"}, {"start": NOON + HOUR, "end": NOON + 3 * HOUR}, {"lat": 40.5}, {"kind": "demining"},
        {"kind": "parade"}, {"end": None},
    ],
)  # fmt: skip
def test_a_notice_of_others_of_another_hour_place_or_act_explains_nothing(
    told: dict[str, Any],
) -> None:
    row = of(findings(agreement(FREE), incident(), notices=[notice(**told)]))
    assert (row["outcome"], row["p_violation"]) == ("indicated", 0.98)


@pytest.mark.parametrize("published", [None, NOON + HOUR // 2, NOON + 400 * HOUR])
def test_a_notice_that_came_after_the_act_or_nobody_knows_when_clears_nobody(published: int | None) -> None:
    """Handed in afterwards, over a year and 500 km, it may be true and may be an excuse."""
    late = notice(published=published, start=NOON - 4000 * HOUR, end=NOON + 4000 * HOUR, radius_km=500.0)
    truce = agreement(FREE)
    row = of(findings(truce, incident(), notices=[late]))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (1.0, None, "undetermined")
    assert any("announced after" in line for line in explain_finding(row, [truce]))
    both = of(findings(truce, incident(), notices=[late, notice()]))
    assert (both["p_violation"], both["outcome"]) == (0.0, "no violation")


def test_what_came_before_a_notice_was_published_is_not_cleared_by_it() -> None:
    """Half of the time in which it may have been lies before the announcement."""
    row = of(findings(agreement(FREE), incident(interval=(-0.5, 0.5)), notices=[notice(published=NOON)]))
    assert (row["p_violation"], row["outcome"]) == (None, "undetermined")
    before = findings(agreement(FREE), incident(interval=(-0.5, 0.5)), notices=[notice(published=NOON - HOUR // 2)])
    assert of(before)["p_violation"] == 0.0


@pytest.mark.parametrize("told", [{"lat": None, "lon": None, "radius_km": None}, {"radius_km": None}])
def test_a_notice_without_a_place_may_explain_and_may_not(told: dict[str, Any]) -> None:
    row = of(findings(agreement(FREE), incident(), notices=[notice(**told)]))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (1.0, None, "undetermined")


def test_hours_of_a_notice_and_hours_of_the_truce_hang_on_one_clock() -> None:
    """Half a day before the truce, half a day of announced exercise: nothing is left, where a product would leave a
    quarter."""
    truce = agreement(FREE, events="in_force: {at: 2021-03-01T12:00:00Z}")
    row = of(findings(truce, incident(interval=(-6, 6)), notices=[notice(start=NOON, end=NOON + 6 * HOUR)]))
    assert row["p_in_scope"] == 0.5
    assert row["p_violation"] == 0.0


def test_a_notice_explains_as_much_of_a_blurred_place_as_lies_in_its_circle() -> None:
    """On the edge of a circle of 4 km a little less than half of the place lies inside."""
    row = of(findings(agreement(FREE), incident(east=4.0, sigma_km=0.5), notices=[notice()]))
    assert row["p_violation"] == pytest.approx(0.98 * 0.525, abs=0.02)


def test_two_notices_together_explain_what_neither_does_alone() -> None:
    halves = [notice(start=NOON - HOUR, end=NOON), notice(start=NOON, end=NOON + HOUR)]
    assert of(findings(agreement(FREE), incident(sd_min=10), notices=halves))["p_violation"] == 0.0
    assert of(findings(agreement(FREE), incident(sd_min=10), notices=halves[:1]))["p_violation"] == pytest.approx(
        0.49, abs=0.01
    )


def test_a_notice_of_those_whom_it_answers_for_counts() -> None:
    text = FREE.replace('id: "1"', 'id: "1"')
    more = "readings: {bands: {norland: {answers_for: {bands: norland}}}}"
    row = of(findings(agreement(text, more), incident(by={"bands": 0.98}), notices=[notice(by="bands")]))
    assert (row["answers_for"], row["outcome"]) == ("bands", "no violation")


def test_an_exception_for_those_whom_a_party_answers_for_excepts_their_acts_and_not_its_own() -> None:
    more = "readings: {bands: {norland: {answers_for: {bands: norland}}}}"
    truce = agreement(fire("{id: outside, actors: [bands]}"), more)
    theirs = of(findings(truce, incident(by={"bands": 0.98, "norland": 0.005})))
    assert (theirs["outcome"], theirs["p_in_scope"], theirs["p_violation"]) == ("excepted", 1.0, 0.005)
    assert of(findings(truce, incident(by={"bands": 0.005, "norland": 0.98})))["outcome"] == "indicated"
