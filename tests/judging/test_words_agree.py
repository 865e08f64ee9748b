"""What a finding says agrees with what was computed: the zones of its day, the clocks that people set, the exception
that applied, and the one thing that nobody told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.judging.scene import KM_LON, NOON, agreement, findings, incident, of
from trucewatch.agreement import Agreement, parse
from trucewatch.judging import explain_finding
from trucewatch.judging.rulings import Clocks
from trucewatch.model.times import DAY

ZONES = """zones:
  - {id: line, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}], sides: {norland: left}}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: camp, circle: {lat: 40.0, lon: 46.0, radius_km: 2}}
  - {id: barracks, status: undefined}
  - {id: later, circle: {lat: 40.0, lon: 47.0, radius_km: 5}, valid_from: 2021-03-01T02:00:00Z, replaces: town}
"""
BOTH = "binds: [norland, sudland]"
POSITION: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}


def truce(term: str, events: str = "in_force: {at: 2021-03-01T00:00:00Z}") -> Agreement:
    return agreement(f'  - {{id: "1", {term}}}', ZONES, events)


def words(text: Agreement, clocks: Clocks | None = None, decisions: Any = (), **told: Any) -> str:
    one = incident(**told)
    row = of(findings(text, one, decisions=decisions))
    radius = 2.4477 * float(np.sqrt(one["cov_ee"]))
    shown = {
        "lat": one["lat"], "lon": one["lon"], "semi_major_km": radius, "semi_minor_km": radius, "azimuth_deg": 0.0,
        "start": one["start"], "end": one["end"], "act": one["acts"][0][0], "place_of": one["place_of"],
        "weapon": one["weapons"][0][0] if one["weapons"] else None,
    }  # fmt: skip
    return " ".join(explain_finding(row, [text], shown, clocks=clocks))


def test_the_place_is_told_of_the_zone_that_stood_on_that_day() -> None:
    """The zone of the text moved to 47 east at two o'clock: at noon an incident there is inside of it."""
    zone = truce(f"kind: exclusion_zone, {BOTH}, where: {{zone: town}}, excludes: [forces]")
    said = words(zone, east=KM_LON, **POSITION)
    assert "100 % of the place lies inside later" in said
    assert "lies inside town" not in said


def test_a_deadline_that_people_set_is_told() -> None:
    leave = truce(
        "kind: withdrawal, binds: [norland], what: forces, from_zone: camp, by: {event: leave}",
        "in_force: {at: 2021-03-01T00:00:00Z}, leave: {}",
    )
    at = NOON + DAY
    told = [{"verb": "set_event", "object": "leave", "params": {"event": "leave", "at": at}, "at": 0, "person": "p"}]
    told = [{**told[0], "finding_id": None, "number": None, "stale": False}]
    said = words(leave, Clocks({"truce": {"leave": at}}), told, **POSITION)
    assert "it had to be done by 2021-03-02T12:00:00Z" in said


def test_only_the_exception_that_applied_is_named() -> None:
    three = (
        "{id: here, where: {zone: camp}}, {id: there, where: {zone: camp, outside: true}}, "
        "{id: rifles, weapons: [{class: small_arms}]}, {id: others, actors: [sudland]}"
    )
    zone = truce(f"kind: prohibition, acts: [fire.mortar], {BOTH}, except: [{three}]")
    said = words(zone, east=0.0)
    assert "exception here" in said
    for other in ("there", "rifles", "others"):
        assert f"exception {other}" not in said


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("kind: withdrawal, binds: [norland], what: forces, from_zone: camp, to: {zone: barracks}",
         "where barracks runs"),
        (f"kind: exclusion_zone, {BOTH}, where: {{zone: line}}, excludes: [forces]", "what lies in line: it is a line"),
        ("kind: withdrawal, binds: [sudland], what: forces, from_zone: line", "on which side of line this actor is"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_named(term: str, why: str) -> None:
    text = truce(term)
    one = incident(by={"norland": 0.98, "sudland": 0.98}, **POSITION)
    rows = findings(text, one)
    row = rows[-1]
    assert row["p_in_scope"] is None
    shown = {"lat": 40.0, "lon": 46.0, "act": "movement.position", "place_of": "presence", "start": one["start"]}
    assert why in " ".join(explain_finding(row, [text], shown))


def test_nothing_is_found_inside_of_a_line() -> None:
    """A line has no width: "no violation" for whoever stands beside it would be as rash as the contrary."""
    for place in ("zone: line", "zone: line, outside: true"):
        zone = truce(f"kind: exclusion_zone, {BOTH}, where: {{{place}}}, excludes: [forces]")
        for east in (0.0, 3.0):
            row = of(findings(zone, incident(east=east, **POSITION)))
            assert (row["p_in_scope"], row["outcome"]) == (None, "undetermined")


def test_a_duty_to_let_a_mechanism_pass_is_broken_by_stopping_its_monitors() -> None:
    """The mechanism is named by its own id; who is no mechanism sends no monitors."""
    stopped = incident(acts=(("obstruction_of_monitors", 1.0),), place_of="presence")
    for role, outcomes in (("mechanism", ["indicated"]), ("third_party", [])):
        text = parse(f"""
id: port
title: {{en: Port}}
actors: [{{id: norland, role: party}}, {{id: mission, role: {role}}}]
events: {{in_force: {{at: 2021-03-01T00:00:00Z}}}}
terms: [{{id: "1", kind: access, for: [mission], binds: [norland]}}]
""")
        assert [r["outcome"] for r in findings(text, stopped)] == outcomes
