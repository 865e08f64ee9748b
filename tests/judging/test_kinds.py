"""Every kind of term that incidents are judged against: zones, freezes, access, withdrawals of forces; their places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import KM_LON, NOON, agreement, decided, findings, incident, of
from trucewatch.judging.states import Facts
from trucewatch.model.times import DAY, HOUR, parse_instant

ZONES = """zones:
  - {id: line, file: line.geojson, feature: line, uncertainty_km: 0, sides: {norland: left, sudland: right}}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: strip, circle: {lat: 40.0, lon: 46.4684, radius_km: 5}}
  - {id: dmz, of: line, buffer_km: 10}
  - {id: nowhere, status: undefined}
definitions:
  heavy: {text: {en: Heavy equipment}, weapons: [{class: artillery, calibre_mm: ">80"}, {class: tank}]}
"""
BOTH = "binds: [norland, sudland]"
SEEN: dict[str, Any] = {"acts": (("movement.weapons_in_zone", 1.0),), "place_of": "presence"}
POSITION: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}
ADVANCE: dict[str, Any] = {"acts": (("movement.advance", 1.0),), "place_of": "presence"}


def told(tmp_path: Path, term: str, *, decisions: Any = (), facts: Facts | None = None, **incident_: Any) -> list[Any]:
    truce = agreement(f'  - {{id: "1", {term}}}', ZONES, folder=tmp_path)
    return findings(truce, incident(**incident_), decisions=decisions, facts=facts)


# Places


def test_outside_of_a_zone_is_the_contrary_of_inside(tmp_path: Path) -> None:
    ban = f"kind: prohibition, acts: [fire], {BOTH}, where: {{zone: town, of: impact"
    for east in (0.0, 4.0, 5.0, 6.0, 12.0):
        within = of(told(tmp_path, ban + "}", east=east, sigma_km=1.5))["p_in_scope"]
        outside = of(told(tmp_path, ban + ", outside: true}", east=east, sigma_km=1.5))["p_in_scope"]
        assert within + outside == pytest.approx(1, abs=1e-4)


def test_beyond_ones_own_side_of_a_line(tmp_path: Path) -> None:
    """The line runs north: Norland's side lies left of it, in the west."""
    ban = f"kind: prohibition, acts: [fortification], {BOTH}, where: {{zone: line, side: other}}"
    built = {"acts": (("fortification", 1.0),), "place_of": "presence"}
    east = told(tmp_path, ban, east=3.0, **built)
    assert (of(east, "norland")["p_in_scope"], of(east, "sudland")["p_in_scope"]) == (1.0, 0.0)
    on_it = told(tmp_path, ban, east=0.0, **built)
    assert of(on_it, "norland")["p_in_scope"] == pytest.approx(0.5, abs=0.01)


def test_from_one_place_against_another_needs_both_places(tmp_path: Path) -> None:
    """From the strip, 40 km east, against the town: the shell fell in the town for sure, and was fired from the edge of
    the strip: one half."""
    ban = f"kind: prohibition, acts: [fire], {BOTH}, where: [{{zone: strip, of: origin}}, {{zone: town, of: impact}}]"
    origin = {"origin_lat": 40.0, "origin_sigma_km": 0.5}
    edge = of(told(tmp_path, ban, origin_lon=46.4684 + 5.0 / KM_LON, **origin))
    assert edge["p_in_scope"] == pytest.approx(0.5, abs=0.04)
    assert of(told(tmp_path, ban, origin_lon=46.4684, **origin))["p_in_scope"] == 1.0
    assert of(told(tmp_path, ban, origin_lon=46.4684, east=20.0, **origin))["p_in_scope"] == 0.0
    assert of(told(tmp_path, ban))["p_in_scope"] is None  # nobody says from where


def test_a_ban_on_acts_against_one_of_three_is_not_known_where_nobody_says_against_whom(tmp_path: Path) -> None:
    two = "kind: prohibition, acts: [fire], binds: [norland, sudland], against: [sudland, norland]"
    assert of(told(tmp_path, two))["outcome"] == "indicated"
    three = "kind: prohibition, acts: [fire], binds: [norland, sudland, bands], against: [sudland]"
    assert of(told(tmp_path, three))["outcome"] == "undetermined"


# Exclusion zones


def zone(more: str) -> str:
    return f"kind: exclusion_zone, {BOTH}, where: {{zone: dmz, of: presence}}, {more}"


def test_a_zone_excludes_what_it_names(tmp_path: Path) -> None:
    heavy = zone('excludes: ["definition:heavy"]')
    for weapon, scope in (("artillery.122mm", 1.0), ("artillery.76mm", 0.0), ("tank", 1.0), ("mortar.82mm", 0.0)):
        assert of(told(tmp_path, heavy, weapons=((weapon, 1.0),), **SEEN))["p_in_scope"] == scope
    assert of(told(tmp_path, heavy, weapons=(("artillery", 1.0),), **SEEN))["p_in_scope"] is None
    assert told(tmp_path, heavy, **POSITION) == []  # men are no heavy equipment


def test_where_forces_are_excluded_a_position_and_fire_from_within_show_them(tmp_path: Path) -> None:
    forces = zone("excludes: [forces]")
    assert of(told(tmp_path, forces, **POSITION))["outcome"] == "indicated"
    assert of(told(tmp_path, forces, east=30.0, **POSITION))["p_in_scope"] == 0.0
    fired = {"origin_lat": 40.0, "origin_lon": 46.05, "origin_sigma_km": 0.5}
    assert of(told(tmp_path, forces, east=60.0, **fired))["p_in_scope"] == 1.0
    assert told(tmp_path, forces, east=60.0) == []


def test_what_is_allowed_up_to_a_number_is_for_people_to_count(tmp_path: Path) -> None:
    limited = zone("excludes: [weapons], limits: [{class: artillery, max: 5}]")
    row = of(told(tmp_path, limited, weapons=(("artillery.122mm", 1.0),), **SEEN))
    assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")
    assert of(told(tmp_path, limited, weapons=(("tank", 1.0),), **SEEN))["outcome"] == "indicated"


def test_an_exception_for_some_weapons_of_some_actor_takes_them_out(tmp_path: Path) -> None:
    police = zone("excludes: [weapons], except: [{id: police, actors: [norland], weapons: [{class: small_arms}]}]")
    small = told(tmp_path, police, weapons=(("small_arms", 1.0),), **SEEN)
    assert of(small)["outcome"] == "excepted"
    assert of(told(tmp_path, police, weapons=(("tank", 1.0),), **SEEN))["outcome"] == "indicated"
    other = told(tmp_path, police, weapons=(("small_arms", 1.0),), by={"norland": 0.0, "sudland": 0.98}, **SEEN)
    assert of(other, "sudland")["outcome"] == "indicated"


def test_an_exception_ends_when_the_text_says_so(tmp_path: Path) -> None:
    until = zone("excludes: [forces], except: [{id: leaving, until: 2021-03-01T13:00:00Z}]")
    assert of(told(tmp_path, until, **POSITION))["outcome"] == "excepted"
    assert of(told(tmp_path, until, at=2, **POSITION))["outcome"] == "indicated"
    half = of(told(tmp_path, until, at=1, sd_min=10, **POSITION))
    assert half["p_in_scope"] == pytest.approx(0.5, abs=0.01)


def test_an_undefined_zone_leaves_it_open(tmp_path: Path) -> None:
    row = of(told(tmp_path, zone("excludes: [forces]").replace("dmz", "nowhere"), **POSITION))
    assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")


# Withdrawals of forces


def test_forces_are_gone_from_a_zone_by_a_day(tmp_path: Path) -> None:
    term = "kind: withdrawal, binds: [norland], what: forces, from_zone: town, by: {event: in_force, plus: PT18H}"
    assert of(told(tmp_path, term, **POSITION))["outcome"] == "not due"
    assert of(told(tmp_path, term, at=12, **POSITION))["outcome"] == "indicated"
    assert of(told(tmp_path, term, at=12, east=9, **POSITION))["p_in_scope"] == 0.0


def test_forces_go_back_behind_their_own_side_of_a_line(tmp_path: Path) -> None:
    term = "kind: withdrawal, binds: [norland, sudland], what: forces, from_zone: line"
    rows = told(tmp_path, term, east=4.0, **POSITION)
    assert (of(rows)["p_in_scope"], of(rows, "sudland")["p_in_scope"]) == (1.0, 0.0)


def test_forces_go_to_a_place_and_are_wrong_anywhere_else(tmp_path: Path) -> None:
    term = "kind: withdrawal, binds: [norland], what: forces, to: {zone: town}"
    assert of(told(tmp_path, term, **POSITION))["p_in_scope"] == 0.0
    assert of(told(tmp_path, term, east=20, **POSITION))["p_in_scope"] == 1.0
    where = term.replace("town", "nowhere")
    assert of(told(tmp_path, where, **POSITION))["outcome"] == "undetermined"


def test_weapons_leave_an_area_without_a_distance_to_keep(tmp_path: Path) -> None:
    term = f"kind: withdrawal, {BOTH}, from_zone: town, weapons: [{{class: artillery}}]"
    gun = {**SEEN, "weapons": (("artillery.122mm", 1.0),)}
    for east, scope in ((0.0, 1.0), (5.0, 0.49), (9.0, 0.0)):
        row = of(told(tmp_path, term, east=east, sigma_km=0.5, **gun))
        assert row["p_in_scope"] == pytest.approx(scope, abs=0.03)


# Freezes


def test_an_advance_beyond_ones_own_side_of_the_baseline_breaks_a_freeze(tmp_path: Path) -> None:
    term = f"kind: freeze, {BOTH}, baseline: {{at: in_force, zone: line}}"
    rows = told(tmp_path, term, east=2.0, **ADVANCE)
    assert (of(rows)["outcome"], of(rows, "sudland")["outcome"]) == ("indicated", "no violation")
    assert of(told(tmp_path, term, east=-2.0, **ADVANCE))["p_in_scope"] == 0.0


def test_without_a_line_ground_held_at_the_baseline_decides(tmp_path: Path) -> None:
    term = f"kind: freeze, {BOTH}, baseline: {{at: in_force}}"
    held = [
        {"actor": "sudland", "zone": "town", "start": NOON - 20 * DAY, "end": None},
        {"actor": "norland", "zone": "strip", "start": NOON - 20 * DAY, "end": None},
        {"actor": "norland", "zone": "town", "start": NOON - HOUR, "end": None},  # taken since: no baseline
    ]
    facts = Facts.of(held, [])
    assert of(told(tmp_path, term, facts=facts, **ADVANCE))["p_in_scope"] == 1.0
    assert of(told(tmp_path, term, facts=facts, east=40.0, **ADVANCE))["p_in_scope"] == 0.0
    assert of(told(tmp_path, term, facts=facts, east=20.0, **ADVANCE))["p_in_scope"] is None
    assert of(told(tmp_path, term, **ADVANCE))["p_in_scope"] == 1.0  # nobody says who held what: the act itself does


def test_what_a_party_says_of_its_own_ground_decides_nothing(tmp_path: Path) -> None:
    term = f"kind: freeze, {BOTH}, baseline: {{at: in_force}}"
    own = [{"actor": "norland", "zone": "town", "start": NOON - 20 * DAY, "end": None, "own": True}]
    assert of(told(tmp_path, term, facts=Facts.of(own, []), **ADVANCE))["p_in_scope"] == 1.0


# Access and duties


def test_a_refusal_breaks_a_duty_to_let_monitors_pass(tmp_path: Path) -> None:
    term = f"kind: access, {BOTH}, for: [mechanism]"
    assert of(told(tmp_path, term, acts=(("obstruction_of_monitors", 1.0),)))["outcome"] == "indicated"
    assert told(tmp_path, term, acts=(("access_denied", 1.0),)) == []


def test_hours_of_a_truce_bind_in_those_hours_alone(tmp_path: Path) -> None:
    term = f'kind: prohibition, acts: [fire], {BOTH}, schedule: {{windows: ["10:00-14:00"]}}'
    assert of(told(tmp_path, term))["outcome"] == "indicated"
    assert of(told(tmp_path, term, at=24))["p_in_scope"] == 1.0
    assert told(tmp_path, term, at=5) == []
    assert of(told(tmp_path, term, at=2, sd_min=15))["p_in_scope"] == pytest.approx(0.5, abs=0.01)
    assert of(told(tmp_path, term, interval=(-2, 6)))["p_in_scope"] == pytest.approx(0.5, abs=0.001)


def test_hours_that_nobody_told_leave_it_open(tmp_path: Path) -> None:
    term = f"kind: prohibition, acts: [fire], {BOTH}, schedule: {{per_day: PT10H}}"
    assert (of(told(tmp_path, term))["p_in_scope"], of(told(tmp_path, term))["outcome"]) == (None, "undetermined")


DUTY = 'kind: obligation, binds: [norland], by: 2021-03-01, done_when: "controls(sudland, town)"'


def ground(actor: str, start: str, **more: Any) -> Facts:
    row = {"actor": actor, "zone": "town", "start": parse_instant(start), "end": None, **more}
    return Facts.of([row], [], parse_instant("2021-03-05T00:00:00Z"))


@pytest.mark.parametrize(("facts", "outcome"), [
    (ground("sudland", "2021-03-01T08:00:00Z"), "no violation"),
    (ground("norland", "2021-03-01T08:00:00Z"), "indicated"),
    (ground("sudland", "2021-03-02T08:00:00Z"), "indicated"),  # a day late
    (ground("norland", "2021-03-01T08:00:00Z", own=True), "undetermined"),  # a party's own word
    (ground("norland", "2021-03-01T08:00:00Z", contested=True), "undetermined"),
    (Facts((), (), parse_instant("2021-03-01T12:00:00Z")), "not due"),
    (Facts((), (), parse_instant("2021-03-05T12:00:00Z")), "undetermined"),
])  # fmt: skip
def test_ground_to_hand_over_by_a_day_is_judged_by_who_held_it(tmp_path: Path, facts: Facts, outcome: str) -> None:
    (row,) = told(tmp_path, DUTY, facts=facts)
    assert (row["finding_id"], row["incident_id"], row["actor"]) == ("F0.1.1.1", None, "norland")
    assert (row["outcome"], row["p_violation"]) == (outcome, None)


def test_a_duty_that_people_must_judge_is_judged_by_their_ruling(tmp_path: Path) -> None:
    term = "kind: obligation, binds: [norland], by: 2021-03-02, done_when: released(prisoners)"
    assert told(tmp_path, term)[0]["outcome"] == "not for judgement"
    ruled = decided("rule", 1, object_="F0.1.1.1", params={"outcome": "no violation"})
    assert told(tmp_path, term, decisions=[ruled])[0]["outcome"] == "no violation"
    broken = decided("rule", 1, object_="F0.1.1.1", params={"outcome": "violation"})
    assert told(tmp_path, term, decisions=[broken])[0]["outcome"] == "violation"
    done = decided("set_event", 1, object_="1.complete", params={"at": "2021-03-01T10:00:00Z"})
    assert told(tmp_path, term, decisions=[done])[0]["outcome"] == "no violation"


def test_weapons_missing_from_their_store_are_for_people_and_all_seen_is_none(tmp_path: Path) -> None:
    term = f"kind: prohibition, acts: [weapons.moved_from_storage], {BOTH}"
    for seen, outcome in ((12, "no violation"), (9, "undetermined")):
        looked = {"time": NOON, "site": "Site 4", "party": "norland", "declared": 12, "seen": seen}
        (row,) = told(tmp_path, term, facts=Facts.of([], [looked]))
        assert (row["finding_id"], row["outcome"]) == ("F0.1.1.1", outcome)


def test_incidents_are_judged_against_a_duty_that_names_acts(tmp_path: Path) -> None:
    term = "kind: obligation, binds: [norland], acts: [detention.not_released], by: 2021-03-01T06:00:00Z"
    rows = told(tmp_path, term, acts=(("detention.not_released", 1.0),))
    assert of(rows, incident_id="I1")["outcome"] == "indicated"


# What may not be under the rule is not found for sure


@pytest.mark.parametrize("weapon", [(("artillery", 1.0),), (("some words", 1.0),), ()])
def test_a_weapon_that_may_not_be_of_the_rule_is_undetermined_inside_the_area(tmp_path: Path, weapon: Any) -> None:
    rule = f'kind: withdrawal, {BOTH}, from_zone: town, weapons: [{{class: artillery, calibre_mm: ">100"}}]'
    assert of(told(tmp_path, rule, weapons=weapon, **SEEN))["outcome"] == "undetermined"
    known = told(tmp_path, rule, weapons=(("artillery.122mm", 1.0),), **SEEN)
    assert of(known)["outcome"] == "indicated"


def test_where_a_shell_fell_is_not_where_the_gun_stood(tmp_path: Path) -> None:
    guns = "from_zone: line, weapons: [{class: artillery, distance_km: 15}]"
    rule = f"kind: withdrawal, acts: [fire.artillery], {BOTH}, {guns}"
    far = {"origin_lat": 40.0, "origin_lon": 46.0 - 20 / KM_LON, "origin_sigma_km": 0.1}
    fell_at_the_line = told(tmp_path, rule, acts=(("fire.artillery", 1.0),), **far)
    assert of(fell_at_the_line)["outcome"] == "no violation"


def test_hours_that_overlap_count_once(tmp_path: Path) -> None:
    hours = 'schedule: {windows: ["10:00-14:00", "11:00-15:00"]}'
    found = told(tmp_path, f"kind: prohibition, acts: [fire], {BOTH}, {hours}", by={"norland": 0.5, "sudland": 0.49})
    assert [f["p_violation"] for f in found] == [0.5, 0.49]


@pytest.mark.parametrize("more", ["quantity: {max: 5, per: P1D}", "limits: [{class: tank, max: 5}]"])
def test_one_incident_of_what_is_allowed_up_to_a_number_tells_nothing(tmp_path: Path, more: str) -> None:
    flight = {"acts": (("movement.overflight", 1.0),), "place_of": "presence"}
    ban = f"kind: prohibition, acts: [movement.overflight], {BOTH}"
    assert of(told(tmp_path, ban, **flight))["outcome"] == "indicated"
    assert of(told(tmp_path, f"{ban}, {more}", **flight))["outcome"] == "undetermined"
