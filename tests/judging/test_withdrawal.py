"""Withdrawals: distance told apart from width, baselines by party, the most specific rule, deadlines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.judging.scene import KM_LON, agreement, findings, incident, of

ZONES = """zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 0}
  - {id: blurred, of: line, uncertainty_km: 5, status: provisional}
  - {id: other, status: undefined}
"""
SEEN = {"acts": (("movement.weapons_in_zone", 1.0),), "place_of": "presence"}


def term(weapons: str, more: str = "", zone: str = "line") -> str:
    return (
        f'  - {{id: "2", kind: withdrawal, binds: [norland, sudland], from_zone: {zone}, weapons: [{weapons}]{more}}}'
    )


def told(tmp_path: Path, terms: str, **incident_: object) -> list[dict[str, object]]:
    return findings(agreement(terms, ZONES, folder=tmp_path), incident(**{**SEEN, **incident_}))


def test_a_distance_is_each_sides_own_and_a_width_is_halved(tmp_path: Path) -> None:
    for rule, expected in (("distance_km: 50", 1.0), ("zone_width_km: 50", 0.0)):
        rows = told(tmp_path, term(f"{{class: artillery, {rule}}}"), east=30, weapons=(("artillery.122mm", 1.0),))
        assert of(rows)["p_in_scope"] == expected


@pytest.mark.parametrize("east", [-24.0, 24.0])
def test_both_sides_of_the_line_count_alike(tmp_path: Path, east: float) -> None:
    rows = told(tmp_path, term("{class: artillery, zone_width_km: 50}"), east=east, weapons=(("artillery.122mm", 1.0),))
    assert of(rows)["p_in_scope"] == 1.0
    assert of(rows)["outcome"] == "indicated"


def test_each_party_has_its_own_baseline(tmp_path: Path) -> None:
    two = "{norland: line, sudland: other}"
    rows = told(tmp_path, term("{class: mlrs, distance_km: 20}", zone=two), east=30, weapons=(("mlrs.bm21", 1.0),))
    assert of(rows, "norland")["p_in_scope"] == 0.0
    assert of(rows, "sudland")["p_in_scope"] is None
    assert of(rows, "sudland")["outcome"] == "no violation"  # hardly the author, wherever its line runs


def test_a_provisional_line_blurs_the_distance(tmp_path: Path) -> None:
    weapons = (("artillery.122mm", 1.0),)
    rows = told(tmp_path, term("{class: artillery, distance_km: 15}", zone="blurred"), east=15, weapons=weapons)
    assert of(rows)["p_in_scope"] == pytest.approx(0.5, abs=0.03)


def test_the_most_specific_rule_wins(tmp_path: Path) -> None:
    rules = "{class: mortar, distance_km: 15}, {class: mortar, calibre_mm: 120, distance_km: 8}"
    for weapon, inside in (("mortar.120mm", 0.0), ("mortar.82mm", 1.0)):
        assert of(told(tmp_path, term(rules), east=10, weapons=((weapon, 1.0),)))["p_in_scope"] == inside


def test_a_model_comes_before_its_calibre(tmp_path: Path) -> None:
    rules = "{class: mlrs, calibre_mm: '>=100', distance_km: 35}, {models: [BM-21], distance_km: 10}"
    assert of(told(tmp_path, term(rules), east=20, weapons=(("mlrs.bm21", 1.0),)))["p_in_scope"] == 0.0
    assert of(told(tmp_path, term(rules), east=20, weapons=(("mlrs.uragan", 1.0),)))["p_in_scope"] == 1.0


@pytest.mark.parametrize("words", ["artillery", "a gun of some kind"])
def test_an_unknown_calibre_or_class_is_unknown(tmp_path: Path, words: str) -> None:
    row = of(told(tmp_path, term("{class: artillery, calibre_mm: '>=100', distance_km: 25}"), weapons=((words, 1.0),)))
    assert (row["p_in_scope"], row["p_violation"], row["outcome"]) == (None, None, "undetermined")


def test_beyond_every_distance_an_unknown_calibre_does_not_matter(tmp_path: Path) -> None:
    rules = "{class: artillery, calibre_mm: '>=100', distance_km: 25}"
    assert of(told(tmp_path, term(rules), east=40, weapons=(("artillery", 1.0),)))["p_in_scope"] == 0.0


def test_a_weapon_that_no_rule_names_may_stand_anywhere(tmp_path: Path) -> None:
    row = of(told(tmp_path, term("{class: artillery, distance_km: 25}"), weapons=(("small_arms", 1.0),)))
    assert (row["p_in_scope"], row["outcome"]) == (0.0, "no violation")


def test_over_100_mm_and_100_mm_and_more_are_two_readings(tmp_path: Path) -> None:
    rules = "{class: artillery, calibre_mm: '>=100', distance_km: 25}"
    read = ", readings: {calibre_mm: ['>100', '>=100']}"
    rows = told(tmp_path, term(rules, read), weapons=(("artillery.100mm", 1.0),))
    mine = [r for r in rows if r["actor"] == "norland"]
    assert [r["reading"] for r in mine] == ["calibre_mm=>100", "calibre_mm=>=100"]
    assert [r["p_in_scope"] for r in mine] == [0.0, 1.0]
    assert {r["outcome"] for r in mine} == {"depends on reading"}
    assert {r["finding_id"] for r in mine} == {"F1.1.1.1"}
    heavier = told(tmp_path, term(rules, read), weapons=(("artillery.152mm", 1.0),))
    assert {r["outcome"] for r in heavier if r["actor"] == "norland"} == {"indicated"}


def test_before_the_deadline_a_withdrawal_is_not_due(tmp_path: Path) -> None:
    due = ", by: {event: in_force, plus: PT15H}"
    weapons = (("artillery.122mm", 1.0),)
    row = of(told(tmp_path, term("{class: artillery, distance_km: 25}", due), weapons=weapons))
    assert (row["outcome"], row["p_violation"]) == ("not due", 0.0)
    late = of(told(tmp_path, term("{class: artillery, distance_km: 25}", due), weapons=weapons, at=4))
    assert late["outcome"] == "indicated"
    at_it = of(told(tmp_path, term("{class: artillery, distance_km: 25}", due), weapons=weapons, at=3, sd_min=20))
    assert (at_it["outcome"], at_it["p_in_scope"]) == ("undetermined", 0.5)


def test_a_deadline_that_stands_on_an_unset_event_keeps_the_term_pending(tmp_path: Path) -> None:
    due = ", by: {event: begun, plus: P14D}"
    events = "in_force: {at: 2021-03-01T00:00:00Z}, begun: {at: null}"
    truce = agreement(term("{class: artillery, distance_km: 25}", due), ZONES, events, folder=tmp_path)
    assert findings(truce, incident(**SEEN, weapons=(("artillery.122mm", 1.0),))) == []


def test_from_the_start_or_from_the_ceasefire_is_a_reading_and_an_unset_one_is_unknown(tmp_path: Path) -> None:
    read = (", by: {event: begun, plus: PT1H}, readings: {counted: "
            "{begun: {by: {event: begun, plus: PT1H}}, truce: {by: {event: in_force, plus: PT1H}}}}")  # fmt: skip
    events = "in_force: {at: 2021-03-01T00:00:00Z}, begun: {at: null}"
    truce = agreement(term("{class: artillery, distance_km: 25}", read), ZONES, events, folder=tmp_path)
    rows = [
        r for r in findings(truce, incident(**SEEN, weapons=(("artillery.122mm", 1.0),))) if r["actor"] == "norland"
    ]
    assert [(r["reading"], r["p_violation"]) for r in rows] == [
        ("counted=begun", None),
        ("counted=truce", 0.98),
    ]
    assert {r["outcome"] for r in rows} == {"depends on reading"}


def test_a_weapon_that_fired_from_a_known_place_was_there(tmp_path: Path) -> None:
    rules = term("{class: mlrs, distance_km: 35}")
    fire = {"acts": (("fire.mlrs", 1.0),), "place_of": "impact", "east": 60}
    origin = {"origin_lat": 40.0, "origin_lon": 46.0 + 20 / KM_LON, "origin_sigma_km": 1.0}
    assert of(told(tmp_path, rules, **fire, **origin))["p_in_scope"] == 1.0
    assert told(tmp_path, rules, **fire) == []  # where it fell tells nothing of where the launcher stood
    assert of(told(tmp_path, rules, **{**fire, "place_of": "origin"}))["p_in_scope"] == 0.0


def test_beyond_the_range_of_the_weapon_itself(tmp_path: Path) -> None:
    rules = term("{class: mlrs, distance: max_range}")
    assert of(told(tmp_path, rules, east=30, weapons=(("mlrs.uragan", 1.0),)))["p_in_scope"] == 1.0
    assert of(told(tmp_path, rules, east=30, weapons=(("mlrs.bm21", 1.0),)))["p_in_scope"] == 0.0
    assert of(told(tmp_path, rules, east=30, weapons=(("mlrs", 1.0),)))["p_in_scope"] is None
