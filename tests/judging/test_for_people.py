"""What one incident does not tell: men at a distance, whom it hit, how many there were, whether something was begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import KM_LON, agreement, decided, findings, incident, of
from trucewatch.agreement import Agreement
from trucewatch.judging import explain_finding

ZONES = """zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 0, sides: {norland: left, sudland: right}}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
"""
BOTH = "binds: [norland, sudland]"
SEEN: dict[str, Any] = {"acts": (("movement.weapons_in_zone", 1.0),), "place_of": "presence"}
GUN = {**SEEN, "weapons": (("artillery.122mm", 1.0),)}
TANK = {**SEEN, "weapons": (("tank", 1.0),)}
POSITION: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}


def truce(folder: Path, term: str) -> Agreement:
    return agreement(f'  - {{id: "1", {term}}}', ZONES, folder=folder)


def told(tmp_path: Path, term: str, decisions: Any = (), **incident_: Any) -> list[Any]:
    return findings(truce(tmp_path, term), incident(**incident_), decisions=decisions)


def because(folder: Path, term: str, row: dict[str, Any], **incident_: Any) -> str:
    shown = {"lat": 40.0, "lon": 46.0, "start": 0, "end": 0, "act": incident_["acts"][0][0], "place_of": "presence",
             "semi_major_km": 0.2, "semi_minor_km": 0.2, "azimuth_deg": 0.0, "weapon": None}  # fmt: skip
    return " ".join(explain_finding(row, [truce(folder, term)], shown))


# A distance that men must keep

APART = f"kind: withdrawal, {BOTH}, what: forces, from_zone: line, distance_km: 2, acts: [movement.withdrawal_missed]"


def test_a_position_nearer_than_men_must_stand_is_found(tmp_path: Path) -> None:
    for east, outcome in ((-1.0, "indicated"), (-3.0, "no violation"), (5.0, "indicated")):
        assert of(told(tmp_path, APART, east=east, **POSITION))["outcome"] == outcome
    shot = {"origin_lat": 40.0, "origin_lon": 46.0 - 1 / KM_LON, "origin_sigma_km": 0.1}
    assert of(told(tmp_path, APART, east=60.0, **shot))["outcome"] == "indicated"
    assert of(told(tmp_path, APART, east=-1.0, **GUN))["outcome"] == "indicated"


def test_a_distance_from_an_area_is_kept_by_men_too(tmp_path: Path) -> None:
    term = f"kind: withdrawal, {BOTH}, from_zone: town, distance_km: 5"
    for east, outcome in ((8.0, "indicated"), (12.0, "no violation")):
        assert of(told(tmp_path, term, east=east, **POSITION))["outcome"] == outcome


def test_a_distance_of_weapons_is_none_of_men(tmp_path: Path) -> None:
    guns = f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: artillery, distance_km: 15}}]"
    assert told(tmp_path, guns, east=-1.0, **POSITION) == []
    in_words = f"kind: withdrawal, {BOTH}, what: [heavy_weapons], from_zone: line, distance_km: 15"
    assert told(tmp_path, in_words, east=-1.0, **POSITION) == []
    assert of(told(tmp_path, in_words, east=-1.0, **GUN))["outcome"] == "undetermined"  # what is heavy nobody says
    assert of(told(tmp_path, in_words, east=-20.0, **GUN))["outcome"] == "no violation"


def test_of_some_forces_alone_a_position_tells_nothing_for_sure(tmp_path: Path) -> None:
    term = f"kind: withdrawal, {BOTH}, what: [foreign_fighters], from_zone: line, distance_km: 15"
    assert of(told(tmp_path, term, east=-1.0, **POSITION))["outcome"] == "undetermined"


# Whom it hit


def test_a_ban_that_protects_somebody_is_broken_for_sure_by_acts_that_say_whom_they_hit(tmp_path: Path) -> None:
    term = f"kind: prohibition, acts: [fire, harm_to_civilians], protects: [civilians], {BOTH}"
    assert of(told(tmp_path, term, acts=(("harm_to_civilians", 1.0),)))["outcome"] == "indicated"
    row = of(told(tmp_path, term))
    assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")
    assert "the term protects civilians" in because(tmp_path, term, row, acts=(("fire.mortar", 1.0),))
    assert "too widely" not in because(tmp_path, term, row, acts=(("fire.mortar", 1.0),))
    assert of(told(tmp_path, term, by={"norland": 0.01}))["outcome"] == "no violation"  # hardly its author


def test_what_a_zone_keeps_out_is_told_by_its_place_whomever_it_protects(tmp_path: Path) -> None:
    term = f"kind: exclusion_zone, {BOTH}, excludes: [weapons], where: {{zone: town}}, protects: [civilians]"
    assert of(told(tmp_path, term, **GUN))["outcome"] == "indicated"


def test_against_whom_is_said_to_be_for_people(tmp_path: Path) -> None:
    term = "kind: prohibition, acts: [fire], binds: [norland, sudland, bands], against: [sudland]"
    row = of(told(tmp_path, term))
    assert row["outcome"] == "undetermined"
    assert "acts against sudland" in because(tmp_path, term, row, acts=(("fire.mortar", 1.0),))


# How many there were


@pytest.mark.parametrize("kind", ["withdrawal", "prohibition"])
def test_a_number_of_weapons_that_may_stay_is_for_people_to_count(tmp_path: Path, kind: str) -> None:
    places = "from_zone: town" if kind == "withdrawal" else "acts: [movement.weapons_in_zone], where: {zone: town}"
    term = f"kind: {kind}, {BOTH}, {places}, weapons: [{{class: tank, max: 75}}, {{class: artillery}}]"
    row = of(told(tmp_path, term, **TANK))
    assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")
    assert "up to 75 tank are allowed" in because(tmp_path, term, row, **TANK)
    assert of(told(tmp_path, term, **GUN))["outcome"] == "indicated"
    assert of(told(tmp_path, term, east=20.0, **TANK))["outcome"] == "no violation"
    none = term.replace("max: 75", "max: 0")
    assert of(told(tmp_path, none, **TANK))["outcome"] == "indicated"


def test_a_zone_of_limits_alone_excludes_nothing_that_they_do_not_name(tmp_path: Path) -> None:
    zone = f"kind: exclusion_zone, {BOTH}, where: {{zone: town}}, limits: [{{class: tank, max: 0}}]"
    assert of(told(tmp_path, zone, **TANK))["outcome"] == "indicated"
    assert of(told(tmp_path, zone, **GUN))["outcome"] == "undetermined"


# What had to be begun

BEGIN = f"kind: withdrawal, {BOTH}, from_zone: town, weapons: [{{class: artillery}}], begins_by: 2021-03-01T10:00:00Z"
ENDS = ", by: 2021-03-01T20:00:00Z"


def test_between_the_day_to_begin_and_the_day_to_end_one_sighting_tells_nothing(tmp_path: Path) -> None:
    for at, outcome in ((-4.0, "not due"), (0.0, "undetermined"), (9.0, "indicated")):
        assert of(told(tmp_path, BEGIN + ENDS, at=at, **GUN))["outcome"] == outcome
    assert of(told(tmp_path, BEGIN + ENDS, east=20.0, **GUN))["outcome"] == "no violation"
    row = of(told(tmp_path, BEGIN + ENDS, **GUN))
    assert "it had to be begun by 2021-03-01T10:00:00Z" in because(tmp_path, BEGIN + ENDS, row, **GUN)


def test_what_was_begun_in_time_is_not_due_until_it_must_end(tmp_path: Path) -> None:
    def begun(at: str) -> str:
        told_ = decided("set_event", -5, object_="1.begun", params={"at": f"2021-03-01T{at}:00:00Z"})
        return str(of(told(tmp_path, BEGIN + ENDS, decisions=[told_], **GUN))["outcome"])

    assert (begun("09"), begun("11")) == ("not due", "undetermined")
    event = BEGIN.replace("2021-03-01T10:00:00Z", "2021-03-01T10:00:00Z, by: {event: withdrawal_begun, plus: PT10H}")
    one = decided("set_event", -5, object_="withdrawal_begun", params={"at": "2021-03-01T09:00:00Z"})
    assert of(told(tmp_path, event, decisions=[one], **GUN))["outcome"] == "not due"


def test_where_no_day_to_end_is_told_a_sighting_never_tells_for_sure(tmp_path: Path) -> None:
    for at, outcome in ((-4.0, "not due"), (0.0, "undetermined"), (200.0, "undetermined")):
        assert of(told(tmp_path, BEGIN, at=at, **GUN))["outcome"] == outcome
