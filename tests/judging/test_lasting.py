"""What lasted: zones, exceptions and notices that hold for a part of it alone; and where an exception is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import KM_LON, NOON, agreement, findings, incident, of
from trucewatch.model.times import HOUR

ZONES = """zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 0}
  - {id: dmz, of: line, buffer_km: 10}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
"""
BOTH = "binds: [norland, sudland]"
POSITION: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}
LASTED: dict[str, Any] = {**POSITION, "throughout": True, "interval": (-4, 10)}
HALF = {"norland": 0.5, "sudland": 0.49}


def told(tmp_path: Path, term: str, zones: str = "", notices: Any = (), **incident_: Any) -> list[Any]:
    truce = agreement(f'  - {{id: "1", {term}}}', ZONES + zones, folder=tmp_path)
    return findings(truce, incident(**incident_), notices=notices)


def zone(more: str = "", name: str = "dmz") -> str:
    return f"kind: exclusion_zone, {BOTH}, where: {{zone: {name}, of: presence}}, excludes: [forces]{more}"


# Zones that were replaced

WIDER = (
    "  - {id: wider, circle: {lat: 40.0, lon: 46.0, radius_km: 6}, valid_from: 2021-03-01T12:00:00Z, replaces: town}"
)
BESIDE = WIDER.replace("46.0,", f"{46 + 10 / KM_LON},").replace("radius_km: 6", "radius_km: 5")


def test_what_lasted_over_a_change_of_zones_counts_once(tmp_path: Path) -> None:
    rows = told(tmp_path, zone(name="town"), WIDER, by=HALF, **LASTED)
    assert [r["p_violation"] for r in rows] == [0.5, 0.49]
    assert {r["outcome"] for r in rows} == {"undetermined"}


@pytest.mark.parametrize("east", [4.0, 5.0, 6.0, 7.0])
def test_it_counts_no_less_and_no_more_than_under_the_zone_that_holds_most(tmp_path: Path, east: float) -> None:
    blurred = {**LASTED, "east": east, "sigma_km": 1.5}
    both = of(told(tmp_path, zone(name="town"), WIDER, **blurred))["p_in_scope"]
    alone = of(told(tmp_path, zone(name="wider"), WIDER.replace(", replaces: town", ""), **blurred))["p_in_scope"]
    assert both == pytest.approx(alone, abs=1e-4)


def test_zones_beside_each_other_hold_one_place_between_them(tmp_path: Path) -> None:
    """On the edge of both, it lay in the one or in the other, and was there while either stood."""
    row = of(told(tmp_path, zone(name="town"), BESIDE, **{**LASTED, "east": 5.0, "sigma_km": 0.3}))
    assert row["p_in_scope"] == pytest.approx(0.98, abs=0.03)


# Exceptions for a part of the time

UNTIL = "{id: leaving, until: 2021-03-01T%s:00:00Z}"
FROM = "{id: back, from: 2021-03-01T%s:00:00Z}"


def test_an_exception_that_ended_before_the_act_did_leaves_the_rest(tmp_path: Path) -> None:
    """It lasted from 08 to 22."""
    for until, outcome in (("09", "indicated"), ("21", "indicated"), ("22", "excepted"), ("23", "excepted")):
        assert of(told(tmp_path, zone(f", except: [{UNTIL % until}]"), **LASTED))["outcome"] == outcome
    for since, outcome in (("07", "excepted"), ("09", "indicated")):
        assert of(told(tmp_path, zone(f", except: [{FROM % since}]"), **LASTED))["outcome"] == outcome


def test_only_the_part_that_falls_under_the_term_must_be_excepted(tmp_path: Path) -> None:
    term = zone(f", from: 2021-03-01T10:00:00Z, until: 2021-03-01T14:00:00Z, except: [{UNTIL % '15'}]")
    assert of(told(tmp_path, term, **LASTED))["outcome"] == "excepted"
    assert of(told(tmp_path, term.replace("T15", "T13"), **LASTED))["outcome"] == "indicated"


def test_two_exceptions_may_cover_it_between_them(tmp_path: Path) -> None:
    whole = zone(f", except: [{UNTIL % '12'}, {FROM % '12'}]")
    assert of(told(tmp_path, whole, **LASTED))["outcome"] == "excepted"
    gap = zone(f", except: [{UNTIL % '12'}, {FROM % '13'}]")
    assert of(told(tmp_path, gap, **LASTED))["outcome"] == "indicated"


def test_an_exception_for_a_part_of_the_time_in_a_place_takes_only_that_place(tmp_path: Path) -> None:
    town = "{id: camp, where: {zone: town}, until: 2021-03-01T23:00:00Z}"
    edge = {**LASTED, "east": 5.0, "sigma_km": 0.3}
    assert of(told(tmp_path, zone(f", except: [{town}]"), **edge))["p_in_scope"] == pytest.approx(0.5, abs=0.03)
    short = town.replace("T23", "T12")
    assert of(told(tmp_path, zone(f", except: [{short}]"), **edge))["p_in_scope"] == 1.0


def notice(first: float, last: float, **more: Any) -> dict[str, Any]:
    start, end = NOON + round(first * HOUR), NOON + round(last * HOUR)
    return {"by": "norland", "start": start, "end": end, "published": NOON - 99 * HOUR, "kind": "exercise",
            "lat": 40.0, "lon": 46.0, "radius_km": 9.0, **more}  # fmt: skip


@pytest.mark.parametrize(("notices", "outcome"), [
    ([notice(-5, 11)], "no violation"),
    ([notice(-4, 3)], "indicated"),
    ([notice(-4, 3), notice(3, 10)], "no violation"),
    ([notice(-4, 3), notice(4, 10)], "indicated"),
    ([notice(-5, 11, published=NOON)], "undetermined"),  # announced while it lasted: people say
    ([notice(-5, 11, lat=41.0)], "indicated"),
])  # fmt: skip
def test_a_notice_makes_lawful_what_it_covers_from_beginning_to_end(tmp_path: Path, notices: Any, outcome: str) -> None:
    fire = {"acts": (("fire.artillery", 1.0),), "throughout": True, "interval": (-4, 10)}
    ban = f"kind: prohibition, acts: [fire], {BOTH}"
    assert of(told(tmp_path, ban, notices=notices, **fire))["outcome"] == outcome


# Where an exception is asked

CAMP = zone(", except: [{id: camp, where: {zone: town}}]")


def fired_from(east: float) -> dict[str, Any]:
    return {"origin_lat": 40.0, "origin_lon": 46.0 + east / KM_LON, "origin_sigma_km": 0.1}


def test_an_exception_for_a_camp_is_asked_where_the_gun_stood(tmp_path: Path) -> None:
    assert of(told(tmp_path, CAMP, east=60.0, **fired_from(0.0)))["outcome"] == "excepted"
    assert of(told(tmp_path, CAMP, east=0.0, **fired_from(8.0)))["outcome"] == "indicated"
    seen = told(tmp_path, CAMP, east=0.0, **POSITION)
    assert of(seen)["outcome"] == "excepted"


def test_an_exception_of_a_withdrawal_is_asked_where_the_weapon_stood(tmp_path: Path) -> None:
    term = (f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: artillery, distance_km: 15}}], "
            "except: [{id: depot, where: {zone: town}}]")  # fmt: skip
    fire = {"acts": (("fire.artillery", 1.0),)}
    assert of(told(tmp_path, term, east=30.0, **fired_from(0.0), **fire))["outcome"] == "excepted"
    assert of(told(tmp_path, term, east=0.0, **fired_from(12.0), **fire))["outcome"] == "indicated"


def test_an_exception_that_says_which_place_it_means_is_asked_there(tmp_path: Path) -> None:
    of_impact = zone(", except: [{id: camp, where: {zone: town, of: impact}}]")
    assert of(told(tmp_path, of_impact, east=60.0, **fired_from(0.0)))["outcome"] == "indicated"


def test_where_the_term_asks_two_places_an_exception_that_names_neither_stays_open(tmp_path: Path) -> None:
    ban = (f"kind: prohibition, acts: [fire], {BOTH}, where: [{{zone: dmz, of: origin}}, {{zone: dmz, of: impact}}], "
           "except: [{id: range, where: {zone: town}}]")  # fmt: skip
    assert of(told(tmp_path, ban, east=0.0, **fired_from(0.0)))["outcome"] == "excepted"
    assert of(told(tmp_path, ban, east=0.0, **fired_from(8.0)))["outcome"] == "undetermined"
    assert of(told(tmp_path, ban, east=8.0, **fired_from(8.0)))["outcome"] == "indicated"
