"""Outcomes worked out by hand for situations like those of real texts, each with the computation beside it.

Phi is the standard normal distribution: Phi(1) = .8413, Phi(.5) = .6915, Phi(2) = .9772. Places are on a straight line
along the meridian of 46 east, or in a circle so wide that its edge is straight there; `east` is km east of the line.
P(occurred and Norland did it) = .98 throughout. Parties, lines and places are invented;
the rules are those of the texts.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.judging.scene import KM_LON, agreement, decided, findings, incident
from trucewatch.judging.states import Facts
from trucewatch.model.times import parse_instant

ZONES = """zones:
  - {id: line, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}], sides: {norland: left, sudland: right}}
  - {id: port, circle: {lat: 40.0, lon: 46.0, radius_km: 8}}
  - {id: dmz, of: line, buffer_km: 15}
  - {id: ground-belt, of: line, buffer_km: 5, side: right}
  - {id: air-belt, of: line, buffer_km: 25, side: right}
  - {id: launch, circle: {lat: 40.0, lon: 46.4684, radius_km: 10}}
  - {id: villages, circle: {lat: 40.0, lon: 45.5316, radius_km: 10}}
  - {id: bases, status: undefined}
"""
BOTH = "binds: [norland, sudland]"
ARMS: dict[str, Any] = {"acts": (("movement.weapons_in_zone", 1.0),), "place_of": "presence"}
MEN: dict[str, Any] = {"acts": (("movement.position", 1.0),), "place_of": "presence"}
GUN = {**ARMS, "weapons": (("artillery.122mm", 1.0),)}
MINSK_2015 = (
    f"kind: withdrawal, {BOTH}, from_zone: line, by: {{event: in_force, plus: PT6H}}, weapons: "
    "[{class: artillery, calibre_mm: '>=100', zone_width_km: 50}, {class: mlrs, zone_width_km: 70}, "
    "{models: [Tornado-S], zone_width_km: 140}]"
)
MINSK_2014 = (
    f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: mortar, calibre_mm: '>82', distance_km: 15}}, "
    "{class: mortar, calibre_mm: 120, distance_km: 8}]"
)
OVER = MINSK_2015 + ", readings: {calibre_mm: ['>100', '>=100']}"
GEORGIA = "kind: withdrawal, binds: [norland], what: forces, to: {zone: bases}"
GEORGIA_5 = "kind: withdrawal, binds: [norland], what: forces, from_zone: line"
HODEIDAH = "kind: withdrawal, binds: [norland], what: forces, from_zone: port, by: {event: in_force, plus: PT36H}"
NEPAL_LEVY = f"kind: prohibition, acts: [looting.levy, recruitment], {BOTH}"
NEPAL_OPEN = f"kind: prohibition, acts: [propaganda.provocation], open_ended: true, {BOTH}"
IDLIB = (
    f"kind: exclusion_zone, {BOTH}, excludes: [weapons], where: {{zone: dmz, of: presence}}, "
    "by: {event: in_force, plus: PT6H}"
)
KOSOVO_AIR = (
    "kind: exclusion_zone, binds: [norland], acts: [movement.overflight], where: {zone: air-belt, of: presence}"
)
KOSOVO_LAND = (
    "kind: exclusion_zone, binds: [norland], excludes: [forces], where: {zone: ground-belt, of: presence}, "
    "except: [{id: police, acts: [movement.patrol]}]"
)
KOSOVO_AFTER = f"kind: prohibition, acts: [fire.air_strike], {BOTH}, after: [{{event: verified}}]"
LEBANON = (
    f"kind: prohibition, acts: [fire], {BOTH}, where: [{{zone: launch, of: origin}}, {{zone: villages, of: impact}}], "
    "except: [{id: '4', acts: [fire], requires: [self-defence]}]"
)
FROM = {"origin_lat": 40.0, "origin_lon": 46.4684, "origin_sigma_km": 0.3, "east": -40.0}

# name, term, incident, p_in_scope by hand, outcome by hand, and the computation
TABLE: list[tuple[str, str, dict[str, Any], float | None, str, str]] = [
    ("minsk-2015 gun near", MINSK_2015, {**GUN, "east": -20.0, "sigma_km": 1.0}, 1.0, "indicated",
     "50 km is the width: 25 each; (25 - 20) / 1 = 5 sd inside"),
    ("minsk-2015 gun at the edge", MINSK_2015, {**GUN, "east": -24.0, "sigma_km": 1.0}, 0.8413, "undetermined",
     "Phi((25 - 24) / 1) = Phi(1); .98 x .8413 = .824 < .95"),
    ("minsk-2015 gun at 30 km", MINSK_2015, {**GUN, "east": -30.0, "sigma_km": 1.0}, 0.0, "no violation",
     "30 km is lawful: each side's half is 25, however wide 50 sounds"),
    ("minsk-2015 gun 30 km beyond the line", MINSK_2015, {**GUN, "east": 30.0, "sigma_km": 1.0}, 1.0, "indicated",
     "west of the line Norland may stand; on the other side no distance is enough"),
    ("minsk-2015 gun that may be beyond the line", MINSK_2015 + ", where: {zone: line, side: other}",
     {**GUN, "east": 2.0, "sigma_km": 2.0}, 0.8413, "undetermined", "Phi(2 / 2): what lies beyond is nearer than 25"),
    ("minsk-2015 launcher at 30 km", MINSK_2015, {**ARMS, "east": -30.0, "sigma_km": 2.0,
     "weapons": (("mlrs.bm21", 0.5), ("artillery.122mm", 0.5))}, 0.4999, "undetermined",
     ".5 x Phi((35 - 30) / 2 = 2.5) + .5 x Phi((25 - 30) / 2 = -2.5) = .5 x .9938 + .5 x .0062"),
    ("minsk-2015 before the day", MINSK_2015, {**GUN, "at": -8.0}, 0.0, "not due", "04:00 is before 06:00"),
    ("minsk-2015 at the hour", MINSK_2015, {**GUN, "at": -6.0, "sd_min": 30.0}, 0.5, "undetermined",
     "half of the time lies after 06:00, Phi(0)"),
    ("minsk-2014 heavy mortar", MINSK_2014, {**ARMS, "east": -10.0, "weapons": (("mortar.120mm", 1.0),)}, 0.0,
     "no violation", "120 mm has a rule of its own: 8 km; the wider one does not count"),
    ("minsk-2014 other mortar", MINSK_2014, {**ARMS, "east": -10.0, "weapons": (("mortar.160mm", 1.0),)}, 1.0,
     "indicated", "160 mm is over 82 mm: 15 km; it stands at 10"),
    ("minsk 100 mm", OVER, {**ARMS, "east": -10.0, "weapons": (("artillery.100mm", 1.0),)}, None, "depends on reading",
     "'over 100 mm' lets a gun of 100 mm stand, '100 mm and more' does not"),
    ("georgia usual bases", GEORGIA, MEN, None, "undetermined", "the text does not say where the bases are"),
    ("georgia beyond the line", GEORGIA_5, {**MEN, "east": 2.0, "sigma_km": 2.0}, 0.8413, "undetermined",
     "Norland's side is west: Phi(2 / 2) lies beyond it"),
    ("georgia behind the line", GEORGIA_5, {**MEN, "east": -3.0, "sigma_km": 1.0}, 0.0013, "no violation",
     "Phi(-3) = .0013"),
    ("hodeidah in the port before the day", HODEIDAH, MEN, 0.0, "not due", "noon is 12 hours after, 36 are allowed"),
    ("hodeidah in the port after it", HODEIDAH, {**MEN, "at": 30.0, "east": 7.0, "sigma_km": 1.0}, 0.8413,
     "undetermined", "one km inside an edge that 8 km bend little: about Phi(1)"),
    ("nepal levy", NEPAL_LEVY, {"acts": (("looting.levy", 1.0),)}, 1.0, "indicated", "the act is named; anywhere"),
    ("nepal recruiting children", NEPAL_LEVY, {"acts": (("recruitment.children", 1.0),)}, 1.0, "indicated",
     "a code covers its children"),
    ("idlib gun inside", IDLIB, {**GUN, "east": 14.0, "sigma_km": 1.0}, 0.8413, "undetermined", "Phi((15 - 14) / 1)"),
    ("idlib men", IDLIB, {**ARMS, "east": 17.0, "sigma_km": 1.0}, 0.0228, "no violation", "Phi((15 - 17) / 1) = .0228"),
    ("kosovo flight at 20 km", KOSOVO_AIR, {"acts": (("movement.overflight", 1.0),), "east": 20.0,
     "place_of": "presence", "sigma_km": 2.5}, 0.9772, "indicated",
     "Phi((25 - 20) / 2.5) = Phi(2); .98 x .9772 = .958"),
    ("kosovo flight on the other side", KOSOVO_AIR, {"acts": (("movement.overflight", 1.0),), "east": -5.0,
     "place_of": "presence", "sigma_km": 1.0}, 0.0, "no violation", "the belt lies east of the line alone"),
    ("kosovo men at 4 km", KOSOVO_LAND, {**MEN, "east": 4.0, "sigma_km": 1.0}, 0.8413, "undetermined",
     "Phi((5 - 4) / 1) - Phi(-4)"),
    ("kosovo police", KOSOVO_LAND, {**MEN, "acts": (("movement.patrol", 1.0),), "east": 3.0}, 0.0, "excepted",
     "patrols are taken out by the exception"),
    ("kosovo strikes before the check", KOSOVO_AFTER, {"acts": (("fire.air_strike", 1.0),)}, 0.0, "not due",
     "the withdrawal is verified at 18:00, six hours later"),
    ("lebanon from and at", LEBANON, FROM, 1.0, "indicated",
     "fired from the middle of one, fell in the middle of the other"),
    ("lebanon edge and edge", LEBANON, {**FROM, "origin_lon": 46.4684 + 9.0 / KM_LON, "origin_sigma_km": 1.0,
     "east": -49.0, "sigma_km": 1.0}, 0.7078, "undetermined",
     "both places one km inside the edge, apart from each other: Phi(1) x Phi(1) = .7078, less where the edge bends"),
    ("lebanon from elsewhere", LEBANON, {**FROM, "origin_lon": 46.0}, 0.0, "no violation", "no launching place"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "told", "scope", "outcome"), [t[1:5] for t in TABLE], ids=[t[0] for t in TABLE])
def test_by_hand(term: str, told: dict[str, Any], scope: float | None, outcome: str) -> None:
    events = "in_force: {at: 2021-03-01T00:00:00Z}, verified: {at: 2021-03-01T18:00:00Z}"
    rows = findings(agreement(f'  - {{id: "1", {term}}}', ZONES, events), incident(**told))
    mine = [r for r in rows if r["actor"] == "norland"]
    assert {r["outcome"] for r in mine} == {outcome}
    if scope is None:
        assert any(r["p_in_scope"] is None for r in mine) or len({r["p_in_scope"] for r in mine}) > 1
    else:
        assert mine[0]["p_in_scope"] == pytest.approx(scope, abs=0.025)


def test_nepal_provocation_is_never_judged_by_machine() -> None:
    truce = agreement(f'  - {{id: "1", {NEPAL_OPEN}}}')
    assert findings(truce, incident(acts=(("propaganda.provocation", 1.0),))) == []


def test_idlib_fifteen_or_twenty_kilometres_is_a_reading() -> None:
    """A gun 17 km from the line: outside of a zone of 15, inside of one of 20."""
    deep = "  - {id: dmz20, of: line, buffer_km: 20}\n"
    read = IDLIB + ", readings: {where.zone: [dmz, dmz20]}"
    rows = findings(agreement(f'  - {{id: "1", {read}}}', ZONES + deep), incident(**{**GUN, "east": 17.0}))
    mine = [(r["p_in_scope"], r["outcome"]) for r in rows if r["actor"] == "norland"]
    assert mine == [(0.0, "depends on reading"), (1.0, "depends on reading")]


def test_lebanon_self_defence_caps_until_somebody_decides() -> None:
    truce = agreement(f'  - {{id: "1", {LEBANON}}}', ZONES)
    claimed = [decided("reply", 1, params={"exception": "4"})]
    words = []
    for decisions in ([], claimed, [*claimed, decided("refute", 2)], [*claimed, decided("grant", 2)]):
        rows = findings(truce, incident(**FROM), decisions=decisions)
        words.append(next(r["outcome"] for r in rows if r["actor"] == "norland"))
    assert words == ["indicated", "undetermined (exception claimed)", "indicated", "excepted"]


def test_aghdam_by_the_day_or_to_its_end_is_a_reading() -> None:
    """Handed over at 10:00 of the day itself: late where its start is the deadline, in time where its end is."""
    term = ('kind: obligation, binds: [norland], by: 2021-03-02, done_when: "controls(sudland, port)", readings: '
            "{deadline: {end: {by: 2021-03-02}, start: {by: 2021-03-02T00:00:00Z}}}")  # fmt: skip
    held = {"actor": "sudland", "zone": "port", "start": parse_instant("2021-03-02T10:00:00Z"), "end": None}
    before = {"actor": "norland", "zone": "port", "start": parse_instant("2021-02-01T00:00:00Z"),
              "end": parse_instant("2021-03-02T10:00:00Z")}  # fmt: skip
    facts = Facts.of([held, before], [], parse_instant("2021-03-09T00:00:00Z"))
    rows = findings(agreement(f'  - {{id: "1", {term}}}', ZONES), facts=facts)
    assert {r["outcome"] for r in rows} == {"depends on reading"}
