"""Sunrise and sunset against the almanac (HM Nautical Almanac Office, London; rounded to minutes)."""

from __future__ import annotations

from datetime import date

import pytest

from trucewatch.model.times import MINUTE, parse_instant
from trucewatch.planning.daylight import daylight

LONDON = (51.5, -0.13)


@pytest.mark.parametrize(("day", "rise", "set_"), [("2024-06-20", "03:43", "20:21"), ("2024-12-21", "08:03", "15:53")])
def test_the_sun_rises_and_sets_as_the_almanac_says(day: str, rise: str, set_: str) -> None:
    found = daylight(date.fromisoformat(day), *LONDON)
    assert found is not None
    for us, clock in zip(found, (rise, set_), strict=True):
        assert abs(us - parse_instant(f"{day}T{clock}:00Z")) <= 2 * MINUTE


def test_at_the_equator_a_day_lasts_twelve_hours_and_some_minutes() -> None:
    found = daylight(date(2024, 3, 20), 0.0, 90.0)
    assert found is not None
    assert 12 * 60 < (found[1] - found[0]) / MINUTE < 12 * 60 + 10
    assert abs(found[0] - parse_instant("2024-03-20T00:04:00Z")) < 3 * MINUTE


def test_in_the_polar_night_there_is_no_daylight_and_in_summer_nothing_else() -> None:
    assert daylight(date(2024, 12, 21), 75.0, 20.0) is None
    found = daylight(date(2024, 6, 21), 75.0, 20.0)
    assert found is not None
    assert (found[1] - found[0]) / MINUTE == 24 * 60
