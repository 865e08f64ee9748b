"""A check tells what can never be told of a place: the inside of a line, the side of an area, a side nobody names."""

from __future__ import annotations

import pytest

from trucewatch.agreement import parse
from trucewatch.agreement.noticing import notices

HEAD = """id: truce
title: {en: Truce}
actors: [{id: a, role: party}, {id: b, role: party}]
events: {in_force: {at: 2021-03-01T00:00:00Z}}
zones:
  - {id: line, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}], sides: {a: left}}
  - {id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}, sides: {a: left}}
"""


def told(term: str) -> list[str]:
    return [str(n) for n in notices(parse(HEAD + f'terms: [{{id: "1", {term}, text: {{en: x}}}}]'))]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("{zone: line, of: impact}", "asks what lies in 'line': that is a line and has no inside"),
        ("{zone: town, side: other, of: impact}", "asks for a side of 'town': that is an area"),
        ("{zone: line, side: other, of: impact}", "nobody says on which side of 'line' it stands"),
    ],
)
def test_a_place_that_stays_undetermined_is_told(where: str, words: str) -> None:
    (note,) = told(f"kind: prohibition, acts: [fire], binds: [a, b], where: {where}")
    assert words in note


def test_a_place_that_can_be_told_is_no_note() -> None:
    assert not told("kind: prohibition, acts: [fire], binds: [a], where: {zone: line, side: other, of: impact}")
    assert not told("kind: prohibition, acts: [fire], binds: [a, b], where: {zone: town, of: impact}")


def test_a_duty_is_not_said_to_wait_for_the_program() -> None:
    (ground,) = told('kind: obligation, binds: [a], by: 2021-04-01, done_when: "controls(b, town)"')
    assert "who holds the ground at its deadline decides" in ground
    (people,) = told("kind: obligation, binds: [a], by: 2021-04-01, done_when: by_decision")
    assert "people say whether it was done" in people
