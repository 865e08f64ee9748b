"""A finding explains itself: which rule holds, how far away, how much of the place, and what nobody told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.judging.scene import KM_LON, agreement, findings, incident
from trucewatch.judging import explain_finding
from trucewatch.judging.phrases import SHELF

ZONES = """zones:
  - {id: line, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}], sides: {norland: left, sudland: right}}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
"""
BOTH = "binds: [norland, sudland]"
RULES = (
    f"kind: withdrawal, {BOTH}, from_zone: line, weapons: [{{class: artillery, calibre_mm: '>100', distance_km: 15}}"
)
SEEN = {"act": "movement.weapons_in_zone", "place_of": "presence"}


def told(term: str, east: float = 14.2, lang: str = "en", radius_km: float = 0.5, **row: Any) -> str:
    truce = agreement(f'  - {{id: "1", {term}}}', ZONES)
    shown = {
        "lat": 40.0, "lon": 46.0 + east / KM_LON, "semi_major_km": radius_km, "semi_minor_km": radius_km,
        "azimuth_deg": 0.0, "start": 0, "end": 0, "act": "fire.mortar", "place_of": "impact", "weapon": None, **row,
    }  # fmt: skip
    weapons = ((shown["weapon"], 1.0),) if shown["weapon"] else ()
    found = findings(
        truce, incident(acts=((shown["act"], 1.0),), weapons=weapons, place_of=shown["place_of"], east=east)
    )
    return " ".join(explain_finding(found[0], [truce], shown, lang))


def test_a_withdrawal_tells_calibre_distance_and_share() -> None:
    words = told(RULES + "]", weapon="artillery.122mm", east=-14.2, **SEEN)
    for part in ("122 mm is over 100 mm", "14.2 km from line, at least 15 required", "100 % of the place lies nearer"):
        assert part in words
    beyond = told(RULES + "]", weapon="artillery.122mm", east=30.0, **SEEN)
    assert "30 km beyond line, off its own side: nearer than any distance allows" in beyond
    assert "100 mm is not over 100 mm" in told(RULES + "]", weapon="artillery.100mm", **SEEN)


def test_a_width_is_told_as_each_sides_half() -> None:
    words = told(
        RULES.replace("distance_km: 15", "zone_width_km: 50") + "]", east=-14.2, weapon="artillery.152mm", **SEEN
    )
    assert "at least 25 required" in words
    assert "the width of 50 km lies between the sides" in words


@pytest.mark.parametrize(("east", "share"), [(0.0, "100 %"), (4.0, "87 %"), (5.0, "47 %"), (9.0, "0 %")])
def test_the_share_of_the_place_inside_is_told(east: float, share: str) -> None:
    """A circle of 2 km holds the place with 95 %: sd .817 km; one km inside the edge Phi(1.22) = .889, less
    where the edge bends away."""
    ban = f"kind: prohibition, acts: [fire], {BOTH}, where: {{zone: town, of: impact}}"
    assert f"{share} of the place lies inside town" in told(ban, east=east, radius_km=2.0)


def test_the_own_side_of_a_line_and_what_is_open_are_told() -> None:
    freeze = f"kind: prohibition, acts: [fortification], {BOTH}, where: {{zone: line, side: other}}"
    words = told(freeze, east=3.0, act="fortification", place_of="presence")
    assert "100 % of the place lies beyond this side's own side of line" in words
    three = "kind: prohibition, acts: [fire], binds: [norland, sudland, bands], against: [sudland]"
    assert "against whom this one was is not computed, so people judge it" in told(three)
    zone = f"kind: exclusion_zone, {BOTH}, where: {{zone: town}}, excludes: [weapons]"
    limit = zone + ", limits: [{class: artillery, max: 5}]"
    assert "up to 5 artillery are allowed" in told(limit, east=0.0, weapon="artillery.122mm", **SEEN)


def test_an_act_wider_than_the_term_is_told_as_such() -> None:
    assert "fire is wider than what the term names" in told(f"kind: prohibition, acts: [fire.tank], {BOTH}", act="fire")


def test_other_languages_say_it_in_their_words() -> None:
    words = told(RULES + "]", lang="ru", east=-14.2, weapon="artillery.122mm", **SEEN)
    assert "122 мм — это свыше 100 мм" in words
    assert "14.2 км от line, требуется не менее 15" in words


def test_a_duty_says_what_it_is_judged_by() -> None:
    duty = 'kind: obligation, binds: [norland], by: 2021-03-02, done_when: "controls(sudland, town)"'
    truce = agreement(f'  - {{id: "1", {duty}}}', ZONES)
    (row,) = findings(truce)
    assert "who holds the ground at 2021-03-03T00:00:00Z decides" in " ".join(explain_finding(row, [truce]))


@pytest.mark.parametrize("lang", ["ru", "uk", "hy", "az", "ar"])
def test_a_phrase_of_another_language_takes_the_same_values(lang: str) -> None:
    english, other = SHELF.messages("en").words, SHELF.messages(lang).words
    assert len(other) >= 18
    for key, text in other.items():
        assert set(re.findall(r"\{(\w+)\}", str(text))) == set(re.findall(r"\{(\w+)\}", str(english[key])))
