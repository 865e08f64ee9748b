"""Bundled texts from Lebanon to Georgia: clocks, places, seats and readings are those of their words."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from trucewatch.agreement import Agreement, Term, Zone, load
from trucewatch.agreement.points import WITHOUT_LOSS, coded_points, expressed
from trucewatch.mission.folder import bundled, bundled_agreements

FILES = bundled_agreements()
TEXTS = (
    "syria-northeast-2019-10-22", "lebanon-1996-04-26", "lebanon-2024-11-27", "gaza-2012-11-21", "bosnia-1995-12-14",
    "korea-1953-07-27", "kashmir-1949-07-27", "kashmir-2021-02-25", "nuba-2002-01-19", "darfur-2004-05-28",
    "southsudan-2018-07-06", "liberia-2003-disengagement", "ethiopia-2022-11-02", "libya-2020-10-23",
    "colombia-eln-2017-09-04", "liberia-1994-12-accra", "georgia-2009-01-26",
)  # fmt: skip


def one(name: str) -> Agreement:
    """A bundled agreement."""
    return load(FILES[name])


def term(name: str, label: str) -> Term:
    """A term of a bundled agreement."""
    found = one(name).term(label)
    assert found is not None
    return found


def us(text: str) -> int:
    """Microseconds of a time as written with its zone."""
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def depth(zone: Zone, lat: float, lon: float) -> float:
    """How deep a place lies in a zone, km; negative outside."""
    return float(zone.depth_km(np.array([lon]), np.array([lat]))[0])


@pytest.mark.parametrize("name", TEXTS)
def test_every_coded_point_of_it_is_expressed_without_loss(name: str) -> None:
    points = [p for p in coded_points(bundled("agreements") / "points.csv") if p.agreement == name]
    assert points
    assert [(e.point.point, e.why) for e in expressed(points, FILES) if e.status != WITHOUT_LOSS] == []


DUE = {
    # 150 hours from noon of 23 October 2019: six days and six hours.
    ("syria-northeast-2019-10-22", "5"): "2019-10-29T18:00:00+03:00",
    # 30 and 7 days from the Transfer of Authority, 20 December 1995.
    ("bosnia-1995-12-14", "IV.2(a)"): "1996-01-19T00:00:00+01:00",
    ("bosnia-1995-12-14", "IV.2(c)(1)(i)"): "1995-12-27T00:00:00+01:00",
    # Three months from the midnight after 23 October 2020, by the calendar.
    ("libya-2020-10-23", "1"): "2021-01-24T00:00:00+02:00",
}


@pytest.mark.parametrize(("where", "at"), DUE.items(), ids=lambda x: "-".join(x) if isinstance(x, tuple) else None)
def test_it_is_due_when_the_text_says(where: tuple[str, str], at: str) -> None:
    assert term(*where).due(one(where[0]).event_times()) == us(at)


BEGINS = {
    "lebanon-1996-04-26": "1996-04-27T01:00:00Z",
    "gaza-2012-11-21": "2012-11-21T19:00:00Z",
    "korea-1953-07-27": "1953-07-27T22:00:00+09:00",  # twelve hours after the signature
    "nuba-2002-01-19": "2002-01-23T00:00:00+03:00",  # 72 hours after it
    "liberia-1994-12-accra": "1994-12-28T23:59:00Z",
}


@pytest.mark.parametrize("name", BEGINS)
def test_it_begins_at_the_hour_of_its_text(name: str) -> None:
    assert one(name).in_force == us(BEGINS[name])


def test_what_the_new_government_ends_has_no_end_until_it_is_there() -> None:
    duty = term("libya-2020-10-23", "3")
    libya = one("libya-2020-10-23")
    assert duty.window(libya.event_times())[1] is None
    assert duty.window(libya.event_times({"unified_government": us("2021-03-16T00:00:00Z")}))[1] == us(
        "2021-03-16T00:00:00Z"
    )


def test_midnight_in_kashmir_is_that_of_india_or_half_an_hour_later_that_of_pakistan() -> None:
    kashmir = one("kashmir-2021-02-25")
    cease = term("kashmir-2021-02-25", "3")
    starts = [t.window(kashmir.event_times())[0] for _, t in cease.alternatives]
    assert starts == [us("2021-02-24T18:30:00Z"), us("2021-02-24T19:00:00Z")]


@pytest.mark.parametrize(
    ("name", "label", "zone"),
    [("gaza-2012-11-21", "1(b)", "gaza-strip"), ("lebanon-1996-04-26", "1", "lebanese-territory")],
)
def test_fire_from_there_counts_only_where_it_fell_outside(name: str, label: str, zone: str) -> None:
    places = [(w.zone, w.of, w.outside) for w in term(name, label).places]
    assert places == [(zone, "origin", False), (zone, "impact", True)]


def test_the_belt_of_30_km_lies_south_of_the_border() -> None:
    belt = one("syria-northeast-2019-10-22").zones["belt-30"]
    assert depth(belt, 36.70, 38.35) > 5  # some 15 km south of it, by Kobani
    assert depth(belt, 37.00, 38.35) < -5  # as far north of it
    assert depth(belt, 36.20, 38.35) < -30  # 70 km south of it


def test_seoul_and_pyongyang_lie_on_the_sides_of_their_commands() -> None:
    line = one("korea-1953-07-27").zones["mdl"]
    seoul, pyongyang = (37.57, 126.98), (39.03, 125.75)
    for lat, lon in (seoul, pyongyang):
        own = {a: float(line.own_km(a, lon, lat)) for a in ("unc", "kpa_cpv")}
        assert (own["unc"] > 0) == ((lat, lon) == seoul)
        assert own["kpa_cpv"] == pytest.approx(-own["unc"])


def test_the_zone_of_separation_waits_for_its_line() -> None:
    bosnia = one("bosnia-1995-12-14")
    assert {bosnia.zones[z].geometry for z in ("ceasefire-line", "separation", "separation-sarajevo")} == {None}


def test_two_of_each_sit_in_the_joint_commission_and_decide_by_consensus() -> None:
    body = next(b for b in one("darfur-2004-05-28").mechanisms if b.id == "jc")
    assert body.decides == "consensus"
    assert [m.seats for m in body.seats if m.actor and m.role == "member"] == [2] * 7


def test_in_the_stabilisation_s_second_step_each_weapon_goes_out_of_its_own_range() -> None:
    step = term("liberia-2003-disengagement", "3")
    assert [c.term for c in step.after] == ["1"]
    direct, indirect = step.weapons
    assert (direct.reach, indirect.reach, indirect.distance_km) == (None, "max_range", None)
    assert direct.distance_km is not None  # out of direct fire is a distance of its own
    assert "tank" in direct.classes


def test_five_armoured_vehicles_are_allowed_and_no_battalion() -> None:
    limits = term("georgia-2009-01-26", "2.1").limits
    assert [x.max for x in limits] == [0, 5]
    assert [p.id for p in one("georgia-2009-01-26").parties] == ["georgia"]


def test_self_defence_in_lebanon_is_claimed_and_decided_by_people() -> None:
    for label in ("1", "2", "3", "3-launching"):
        assert [(e.id, e.by_itself) for e in term("lebanon-1996-04-26", label).excepts] == [("self_defence", False)]
