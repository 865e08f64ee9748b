"""A gun beyond its line is not shown as one that is far away from it."""

from __future__ import annotations

import pytest

from tests.judging.scene import KM_LON, agreement
from trucewatch.publishing.report.weapons import away_km

ZONES = """zones:
  - {id: line, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}], sides: {norland: left, sudland: right}}
  - {id: bare, line: [{lat: 38.5, lon: 46}, {lat: 41.5, lon: 46}]}
"""


@pytest.mark.parametrize(("actor", "east", "away"), [
    ("norland", 30.0, -30.0), ("norland", -30.0, 30.0), ("sudland", 30.0, 30.0), ("sudland", -30.0, -30.0),
])  # fmt: skip
def test_beyond_the_line_is_negative_for_either_side(actor: str, east: float, away: float) -> None:
    rule = "weapons: [{class: artillery, distance_km: 25}]"
    for zone, sides in (("line", ""), ("bare", "sides: {norland: left, sudland: right}, ")):
        text = agreement(
            f'  - {{id: "1", kind: withdrawal, binds: [norland, sudland], from_zone: {zone}, {sides}{rule}}}', ZONES
        )
        assert away_km(text.zones[zone], text.terms[0], actor, 46.0 + east / KM_LON, 40.0) == pytest.approx(
            away, abs=0.3
        )


def test_where_nobody_told_the_sides_it_is_the_plain_distance() -> None:
    text = agreement(
        '  - {id: "1", kind: withdrawal, binds: [norland], from_zone: bare, weapons: [{class: mlrs, distance_km: 5}]}',
        ZONES,
    )
    assert away_km(text.zones["bare"], text.terms[0], "norland", 46.0 + 30 / KM_LON, 40.0) == pytest.approx(30, abs=0.3)
