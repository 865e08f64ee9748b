"""Where something counts: withdrawals with several places, the far side of a line, places of one act asked together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.judging.scene import KM_LON, agreement, findings, incident, of, unplaced

ZONES = """zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 0, sides: {norland: left, sudland: right}}
  - {id: soft, of: line, uncertainty_km: 4, sides: {norland: left, sudland: right}}
  - {id: bare, of: line, uncertainty_km: 0}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: wide, circle: {lat: 40.0, lon: 46.0, radius_km: 40}}
  - {id: strip, circle: {lat: 40.0, lon: 46.4684, radius_km: 5}}
  - {id: nowhere, status: undefined}
"""
BOTH = "binds: [norland, sudland]"
SEEN: dict[str, Any] = {"acts": (("movement.weapons_in_zone", 1.0),), "place_of": "presence"}
GUN = {**SEEN, "weapons": (("artillery.122mm", 1.0),)}
TANK = {**SEEN, "weapons": (("tank", 1.0),)}
POSITION: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}
MINE = {"norland": 0.98, "sudland": 0.005}
THEIRS = {"norland": 0.005, "sudland": 0.98}


def told(tmp_path: Path, term: str, **incident_: Any) -> list[Any]:
    return findings(agreement(f'  - {{id: "1", {term}}}', ZONES, folder=tmp_path), incident(**incident_))


# Withdrawals of forces with more than one place

FORCES = f"kind: withdrawal, {BOTH}, what: forces"


def test_forces_leave_the_town_for_the_strip_and_their_own_hinterland_is_neither(tmp_path: Path) -> None:
    term = FORCES + ", where: {zone: town}, to: {zone: strip}"
    assert of(told(tmp_path, term, **POSITION))["outcome"] == "indicated"
    assert of(told(tmp_path, term, east=40, **POSITION))["outcome"] == "no violation"
    assert of(told(tmp_path, term, east=-60, **POSITION))["outcome"] == "no violation"


def test_a_destination_inside_the_zone_to_leave_is_no_breach(tmp_path: Path) -> None:
    term = FORCES + ", from_zone: wide, to: {zone: town}"
    assert of(told(tmp_path, term, **POSITION))["outcome"] == "no violation"
    assert of(told(tmp_path, term, east=20, **POSITION))["outcome"] == "indicated"
    unsaid = FORCES + ", from_zone: wide, to: {zone: nowhere}"
    assert of(told(tmp_path, unsaid, **POSITION))["outcome"] == "undetermined"
    assert of(told(tmp_path, unsaid, east=60, **POSITION))["outcome"] == "no violation"


def test_whom_the_map_of_zones_leaves_out_is_not_known_to_break_it(tmp_path: Path) -> None:
    term = FORCES + ", from_zone: {norland: town}, to: {zone: strip}"
    far = told(tmp_path, term, east=-60, by=THEIRS, **POSITION)
    assert (of(far, "norland")["outcome"], of(far, "sudland")["outcome"]) == ("no violation", "undetermined")
    arrived = told(tmp_path, term, east=40, by=THEIRS, **POSITION)
    assert of(arrived, "sudland")["outcome"] == "no violation"
    bare = told(tmp_path, FORCES + ", from_zone: {norland: town}, where: {zone: town}", by=THEIRS, **POSITION)
    assert of(bare, "sudland")["outcome"] == "undetermined"


def test_a_line_and_a_place_beside_it_must_both_hold(tmp_path: Path) -> None:
    term = FORCES + ", from_zone: line, where: {zone: town}"
    for east, scope in ((3.0, 1.0), (-3.0, 0.0), (20.0, 0.0)):
        assert of(told(tmp_path, term, east=east, **POSITION))["p_in_scope"] == scope


# Weapons beyond a line

GUNS = f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: artillery, distance_km: 15}}]"


def test_a_gun_on_the_other_side_of_the_line_is_nearer_than_any_distance(tmp_path: Path) -> None:
    for east, by, actor in ((20.0, MINE, "norland"), (80.0, MINE, "norland"), (-20.0, THEIRS, "sudland")):
        assert of(told(tmp_path, GUNS, east=east, by=by, **GUN), actor)["outcome"] == "indicated"
    for east, by, actor in ((-20.0, MINE, "norland"), (20.0, THEIRS, "sudland")):
        assert of(told(tmp_path, GUNS, east=east, by=by, **GUN), actor)["outcome"] == "no violation"


def test_sides_that_nobody_told_leave_the_distance_alone(tmp_path: Path) -> None:
    rows = told(tmp_path, GUNS.replace("line", "bare"), east=20.0, **GUN)
    assert of(rows)["outcome"] == "no violation"


@pytest.mark.parametrize(("zone", "line_km"), [("line", 0.0), ("soft", 4.0)])
@pytest.mark.parametrize("east", [-22.0, -16.0, -14.0, -3.0, 0.0, 2.0, 18.0])
def test_nearer_or_beyond_agrees_with_draws_worked_out_apart(
    tmp_path: Path, zone: str, line_km: float, east: float
) -> None:
    """Norland may stand 15 km and more west of a line along a meridian: place and line are drawn apart."""
    rng = np.random.default_rng(5)
    own = -(east + 3.0 * rng.normal(0, 1, 400_000)) + line_km / 1.96 * rng.normal(0, 1, 400_000)
    row = of(told(tmp_path, GUNS.replace("line,", f"{zone},"), east=east, sigma_km=3.0, **GUN))
    assert row["p_in_scope"] == pytest.approx(float((own < 15).mean()), abs=0.01)


def test_beyond_a_line_it_is_wrong_though_nobody_told_a_distance(tmp_path: Path) -> None:
    """On its own side nobody says how far is enough."""
    term = f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: artillery}}]"
    assert of(told(tmp_path, term, east=20.0, **GUN))["outcome"] == "indicated"
    assert of(told(tmp_path, term, east=-20.0, **GUN))["outcome"] == "undetermined"


# Weapons out of an area

AREA = f"kind: withdrawal, {BOTH}, from_zone: town, weapons: [{{class: artillery, distance_km: 10}}, {{class: tank}}]"


def test_outside_of_an_area_a_weapon_without_a_distance_complies(tmp_path: Path) -> None:
    for east, gun, tank in ((0.0, 1.0, 1.0), (9.0, 1.0, 0.0), (20.0, 0.0, 0.0)):
        assert of(told(tmp_path, AREA, east=east, **GUN))["p_in_scope"] == gun
        assert of(told(tmp_path, AREA, east=east, **TANK))["p_in_scope"] == tank
    unnamed = {**SEEN, "weapons": (("some words", 1.0),)}
    assert of(told(tmp_path, AREA, east=9.0, **unnamed))["outcome"] == "undetermined"
    assert of(told(tmp_path, AREA, east=20.0, **unnamed))["outcome"] == "no violation"


def test_weapons_leave_the_place_that_the_term_names(tmp_path: Path) -> None:
    term = f"kind: withdrawal, {BOTH}, where: {{zone: town}}, weapons: [{{class: artillery}}]"
    for east, outcome in ((0.0, "indicated"), (9.0, "no violation")):
        assert of(told(tmp_path, term, east=east, **GUN))["outcome"] == outcome
    far = term.replace("class: artillery", "class: artillery, distance_km: 10")  # from which line, nobody says
    assert of(told(tmp_path, far, **GUN))["outcome"] == "undetermined"


def test_weapons_go_to_a_place(tmp_path: Path) -> None:
    term = f"kind: withdrawal, {BOTH}, to: {{zone: strip}}, weapons: [{{class: artillery}}]"
    assert of(told(tmp_path, term, east=40.0, **GUN))["outcome"] == "no violation"
    assert of(told(tmp_path, term, **GUN))["outcome"] == "indicated"


# Two places of one act

FIRE = f"kind: prohibition, acts: [fire], {BOTH}"


def test_where_fire_came_from_and_where_somebody_was_are_one_place_if_the_same_is_told(tmp_path: Path) -> None:
    """From within the town and from outside of it at once: never, on its edge no more than elsewhere."""
    where = "where: [{zone: town, of: origin}, {zone: town, of: presence, outside: true}]"
    edge = {"origin_lat": 40.0, "origin_lon": 46.0 + 5 / KM_LON, "origin_sigma_km": 0.5}
    assert of(told(tmp_path, f"{FIRE}, {where}", east=30.0, **edge))["p_in_scope"] <= 0.02
    same = "where: [{zone: town, of: origin}, {zone: town, of: presence}]"
    assert of(told(tmp_path, f"{FIRE}, {same}", east=30.0, **edge))["p_in_scope"] == pytest.approx(0.48, abs=0.03)


def test_a_place_told_as_an_origin_is_the_place_of_the_act_itself(tmp_path: Path) -> None:
    where = "where: [{zone: town, of: origin}, {zone: town, outside: true}]"
    row = of(told(tmp_path, f"{FIRE}, {where}", place_of="origin", east=5.0, sigma_km=0.5))
    assert row["p_in_scope"] <= 0.02


def test_origin_and_impact_stay_independent(tmp_path: Path) -> None:
    """Both on an edge: one quarter."""
    where = "where: [{zone: strip, of: origin}, {zone: town, of: impact}]"
    edge = {"origin_lat": 40.0, "origin_lon": 46.4684 + 5 / KM_LON, "origin_sigma_km": 0.5}
    row = of(told(tmp_path, f"{FIRE}, {where}", east=5.0, sigma_km=0.5, **edge))
    assert row["p_in_scope"] == pytest.approx(0.48**2, abs=0.03)


def test_a_freeze_within_a_place_takes_line_and_place_together(tmp_path: Path) -> None:
    """Beyond the line and in a zone that ends at the line on this side: never both."""
    own = "{zone: line, side: own}"
    term = f"kind: freeze, {BOTH}, baseline: {{at: in_force, zone: line}}, where: [{own}, {{zone: wide}}]"
    advance = {"acts": (("movement.advance", 1.0),), "place_of": "presence"}
    assert of(told(tmp_path, term, sigma_km=2.0, **advance))["p_in_scope"] <= 0.02


def test_what_nobody_placed_stays_open_under_all_of_them(tmp_path: Path) -> None:
    for term in (FORCES + ", where: {zone: town}, to: {zone: strip}", GUNS):
        truce = agreement(f'  - {{id: "1", {term}}}', ZONES, folder=tmp_path)
        row = of(findings(truce, unplaced(**(GUN if "weapons" in term else POSITION))))
        assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")
