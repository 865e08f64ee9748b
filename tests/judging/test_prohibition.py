"""Prohibitions: what, when, where and by whom, each as sure as it was told."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judging.scene import KM_LON, agreement, decided, findings, incident, of, unplaced

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}'
ZONE = "zones: [{id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}, uncertainty_km: 0}]"


def in_town(of_: str = "impact", more: str = "") -> str:
    return FIRE.replace("sudland]", f"sudland], where: {{zone: town, of: {of_}}}{more}")


def test_fire_by_one_side_concerns_every_side_that_is_bound() -> None:
    rows = findings(agreement(FIRE), incident())
    assert [r["actor"] for r in rows] == ["norland", "sudland"]
    assert [r["finding_id"] for r in rows] == ["F1.1.1.1", "F1.1.1.2"]
    assert [r["p_violation"] for r in rows] == [0.98, 0.005]
    assert [r["p_in_scope"] for r in rows] == [1.0, 1.0]
    assert [r["outcome"] for r in rows] == ["indicated", "no violation"]
    assert {r["state"] for r in rows} == {"draft"}
    assert {r["reading"] for r in rows} == {None}


def test_what_is_likely_but_not_corroborated_is_not_indicated() -> None:
    assert of(findings(agreement(FIRE), incident(status="probable")))["outcome"] == "undetermined"


def test_an_act_of_another_kind_has_no_row() -> None:
    assert findings(agreement(FIRE), incident(acts=(("mines", 1.0),))) == []


def test_a_wider_act_may_be_the_one_that_is_forbidden() -> None:
    mortars = '  - {id: "1", kind: prohibition, acts: [fire.mortar], binds: [norland, sudland]}'
    row = of(findings(agreement(mortars), incident(acts=(("fire", 1.0),))))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (None, None, "undetermined")


def test_a_share_of_the_act_is_a_share_of_the_scope() -> None:
    mortars = '  - {id: "1", kind: prohibition, acts: [fire.mortar], binds: [norland, sudland]}'
    row = of(findings(agreement(mortars), incident(acts=(("fire.mortar", 0.75), ("fire.tank", 0.25)))))
    assert row["p_in_scope"] == 0.75
    assert row["p_violation"] == pytest.approx(0.98 * 0.75, abs=6e-5)


def test_act_and_weapon_are_one_thing_and_not_two_chances() -> None:
    term = (
        '  - {id: "1", kind: prohibition, acts: [fire.mortar], weapons: [{class: mortar}], binds: [norland, sudland]}'
    )
    row = of(findings(agreement(term), incident(acts=(("fire.mortar", 0.5), ("fire.small_arms", 0.5)))))
    assert row["p_in_scope"] == 0.5


# When


def test_the_hour_before_and_the_hour_after_the_truce_begins() -> None:
    truce = agreement(FIRE, events="in_force: {at: 2021-03-01T12:00:00Z}")
    assert findings(truce, incident(at=-1)) == []
    assert of(findings(truce, incident(at=1)))["p_in_scope"] == 1.0
    assert of(findings(truce, incident(sd_min=30)))["p_in_scope"] == 0.5


def test_a_stated_interval_counts_by_the_share_that_falls_under_the_truce() -> None:
    truce = agreement(FIRE, events="in_force: {at: 2021-03-01T12:00:00Z}")
    assert of(findings(truce, incident(interval=(-3, 1))))["p_in_scope"] == 0.25


def test_times_stand_on_events_and_durations() -> None:
    term = ('  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], '
            "from: {event: ready, plus: PT6H}, until: {event: ready, plus: P1D}}")  # fmt: skip
    truce = agreement(term, events="ready: {at: 2021-03-01T00:00:00Z}")
    assert findings(truce, incident(at=-7)) == []
    assert of(findings(truce, incident(at=-5)))["outcome"] == "indicated"
    assert findings(truce, incident(at=13)) == []


def test_a_term_whose_event_nobody_has_set_has_no_row_until_somebody_sets_it() -> None:
    term = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], from: {event: ready}}'
    truce = agreement(term, events="in_force: {at: 2021-03-01T00:00:00Z}, ready: {at: null, set_by: bands}")
    assert findings(truce, incident()) == []
    set_ = decided("set_event", 3, object_="ready", params={"at": "2021-03-01T11:00:00Z"})
    assert of(findings(truce, incident(), decisions=[set_]))["outcome"] == "indicated"
    later = decided("set_event", 3, object_="ready", params={"at": "2021-03-01T13:00:00Z"})
    assert findings(truce, incident(), decisions=[later]) == []


def test_a_truce_ends_when_people_end_it_and_lasts_longer_when_they_extend_it() -> None:
    truce = agreement(FIRE, more="duration: {until: 2021-03-01T06:00:00Z}")
    assert findings(truce, incident()) == []
    longer = decided("extend", -7, object_="truce", params={"until": "2021-03-02T00:00:00Z"})
    assert of(findings(truce, incident(), decisions=[longer]))["outcome"] == "indicated"
    end = decided("end", -5, object_="truce", params={"at": "2021-03-01T07:00:00Z"})
    assert findings(truce, incident(), decisions=[longer, end]) == []


def test_who_accepted_later_is_bound_later() -> None:
    text = FIRE.replace("sudland]", "sudland, bands]")
    truce = agreement(text)
    actors = tuple(
        a if a.id != "bands" else type(a)(a.id, a.role, a.names, accepted=_when("2021-03-01T13:00:00Z"))
        for a in truce.actors
    )
    from dataclasses import replace

    late = replace(truce, actors=actors)
    assert [r["actor"] for r in findings(late, incident())] == ["norland", "sudland"]
    assert [r["actor"] for r in findings(late, incident(at=2))] == ["norland", "sudland", "bands"]


def _when(text: str) -> Any:
    from trucewatch.agreement import When
    from trucewatch.model.times import parse_instant

    return When(parse_instant(text))


# Where


def test_a_place_on_the_edge_of_a_zone_is_inside_by_half() -> None:
    inside = of(findings(agreement(in_town(), ZONE), incident(east=2)))
    outside = of(findings(agreement(in_town(), ZONE), incident(east=9)))
    edge = of(findings(agreement(in_town(), ZONE), incident(east=5, sigma_km=0.5)))
    assert (inside["p_in_scope"], outside["p_in_scope"]) == (1.0, 0.0)
    assert edge["p_in_scope"] == pytest.approx(0.5, abs=0.03)
    assert outside["outcome"] == "no violation"


def test_the_uncertainty_of_a_zone_is_uncertainty_of_the_finding() -> None:
    blurred = ZONE.replace("uncertainty_km: 0", "uncertainty_km: 3.92")  # 95 %, hence a sigma of 2 km
    row = of(findings(agreement(in_town(), blurred), incident(east=7)))
    assert row["p_in_scope"] == pytest.approx(0.1587, abs=0.01)


def test_where_it_fell_says_nothing_of_where_it_came_from() -> None:
    row = of(findings(agreement(in_town("origin"), ZONE), incident()))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (None, None, "undetermined")
    told = incident(origin_lat=40.0, origin_lon=46.0 + 30 / KM_LON, origin_sigma_km=0.5)
    assert of(findings(agreement(in_town("origin"), ZONE), told))["p_in_scope"] == 0.0


def test_where_it_came_from_says_nothing_of_where_it_fell() -> None:
    row = of(findings(agreement(in_town("impact"), ZONE), incident(place_of="origin")))
    assert row["p_in_scope"] is None


def test_a_place_of_unknown_kind_is_not_taken_for_an_impact_of_fire_but_for_one_of_burning() -> None:
    term = in_town().replace("[fire]", "[fire, burning]")
    assert of(findings(agreement(term, ZONE), incident(place_of=None)))["p_in_scope"] is None
    assert of(findings(agreement(term, ZONE), incident(place_of=None, acts=(("burning", 1.0),))))["p_in_scope"] == 1.0


def test_an_undefined_zone_leaves_the_probability_unknown_and_the_finding_undetermined() -> None:
    zone = "zones: [{id: town, status: undefined}]"
    row = of(findings(agreement(in_town(), zone), incident()))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (None, None, "undetermined")


def test_what_is_not_known_decides_where_it_makes_no_difference() -> None:
    """Wherever the zone runs, P(violation) is at most that of its author: the outcome is certain, the number is not."""
    zone = "zones: [{id: town, status: undefined}]"
    for p, expected in ((0.05, "no violation"), (0.0501, "undetermined")):
        row = of(findings(agreement(in_town(), zone), incident(by={"norland": p})))
        assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (None, None, expected)
    mortars = '  - {id: "1", kind: prohibition, acts: [fire.mortar], binds: [norland]}'
    for share, expected in ((0.97, "indicated"), (0.96, "undetermined")):
        told = incident(acts=(("fire.mortar", share), ("fire", 1 - share)))
        row = of(findings(agreement(mortars), told))
        assert (row["p_violation"], row["outcome"]) == (None, expected)


def test_an_incident_of_unknown_place_is_undetermined_where_the_place_counts_and_not_elsewhere() -> None:
    assert of(findings(agreement(in_town(), ZONE), unplaced()))["outcome"] == "undetermined"
    assert of(findings(agreement(FIRE), unplaced()))["outcome"] == "indicated"


def test_fire_throughout_an_interval_breaks_a_truce_that_began_within_it() -> None:
    """Shelling from six to six, told as lasting throughout: from noon on it was a breach, for certain."""
    truce = agreement(FIRE, events="in_force: {at: 2021-03-01T12:00:00Z}")
    for throughout, scope in ((True, 1.0), (False, 0.5)):
        row = of(findings(truce, incident(interval=(-6, 6), throughout=throughout)))
        assert row["p_in_scope"] == scope
    ended = of(findings(truce, incident(interval=(-6, 0.1), throughout=True)))
    assert ended["p_in_scope"] == 1.0
    assert findings(truce, incident(interval=(-6, 0), throughout=True)) == []


# By whom


def test_nobody_is_named_where_nobody_knows_who_fired() -> None:
    rows = findings(agreement(FIRE), incident(by={"norland": 0.48, "sudland": 0.48}))
    assert [r["outcome"] for r in rows] == ["undetermined", "undetermined"]
    assert [r["p_in_scope"] for r in rows] == [1.0, 1.0]


def test_the_scope_is_told_for_every_actor_as_if_that_one_had_fired() -> None:
    rows = findings(agreement(in_town(), ZONE), incident(by={"norland": 0.98, "sudland": 0.0}))
    assert of(rows, "sudland")["p_in_scope"] == 1.0
    assert of(rows, "sudland")["p_violation"] == 0.0


def test_several_incidents_stand_by_number_then_actor() -> None:
    rows = findings(agreement(FIRE), incident(12), incident(3, at=2))
    assert [r["finding_id"] for r in rows] == ["F3.1.1.1", "F3.1.1.2", "F12.1.1.1", "F12.1.1.2"]


def test_statements_are_shown_once_and_other_kinds_not_at_all() -> None:
    terms = "  - {id: a, kind: statement}\n  - {id: b, kind: procedure, binds: [norland]}"
    (row,) = findings(agreement(terms), incident())
    assert row["finding_id"] == "F0.1.1.0"
    assert row["outcome"] == "not for judgement"
    assert [row[k] for k in ("incident_id", "actor", "reading", "p_violation", "p_in_scope", "answers_for")] == [
        None
    ] * 6
    assert len(findings(agreement(terms))) == 1


def test_a_condition_that_people_must_check_leaves_the_violation_unknown() -> None:
    term = FIRE.replace("binds:", 'after: [{term: "2"}], binds:') + '\n  - {id: "2", kind: statement}'
    row = of(findings(agreement(term), incident()), term="1")
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (1.0, None, "undetermined")


@given(st.floats(0, 12), st.floats(0.05, 3), st.floats(0, 6), st.sampled_from(["impact", "origin", None]))
@settings(max_examples=60, deadline=None)
def test_probabilities_are_probabilities_with_four_decimals(east: float, sigma: float, blur: float, kind: Any) -> None:
    zone = ZONE.replace("uncertainty_km: 0", f"uncertainty_km: {blur}")
    for row in findings(agreement(in_town(), zone), incident(east=east, sigma_km=sigma, place_of=kind)):
        for p in (row["p_violation"], row["p_in_scope"]):
            assert p is None or (0 <= p <= 1 and math.isclose(p, round(p, 4), abs_tol=1e-12))
        if row["p_violation"] is None:
            assert row["outcome"] == ("undetermined" if row["actor"] == "norland" else "no violation")
