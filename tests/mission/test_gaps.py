"""What share of a sector was seen: the days that count, circles of any number, and rows that touch a day."""

from __future__ import annotations

import random
import time
from datetime import date
from typing import Any

import numpy as np
import shapely

from trucewatch.mission import gaps
from trucewatch.model.times import DAY, HOUR, parse_instant

T0 = parse_instant("2021-03-01T00:00:00Z")


def _rows(n: int, days: int) -> list[dict[str, Any]]:
    r = random.Random(3)
    out = []
    for _ in range(n):
        start = T0 + r.randrange(days * 24) * HOUR
        out.append({"start": start, "end": start + r.choice((0, 1, 9, 60)) * HOUR,
                    "inside": gaps.circle(40 + r.random(), 46 + r.random(), r.choice((2.0, 9.0, 40.0)))})  # fmt: skip
    return out


def test_the_share_is_that_of_looking_at_every_row_on_every_day() -> None:
    coverage, area = _rows(60, 12), shapely.box(46.2, 40.2, 46.8, 40.8)
    days = gaps.report_days(T0, T0 + 12 * DAY, "19:30", "Asia/Baku")
    lon, lat = gaps.grid(area)
    for (_, begin, _until), row in zip(days, gaps.gaps_rows({"all": area}, coverage, days), strict=True):
        seen = np.zeros((24, lon.size), dtype=bool)
        for k, hour in enumerate(begin + (np.arange(24) + 0.5) * HOUR):
            for c in coverage:
                if c["start"] <= hour < c["end"]:
                    seen[k] |= c["inside"](lon, lat)
        assert row["share_covered"] == round(float(seen.mean()), 4)


def test_twenty_thousand_rows_over_a_year_and_five_sectors_take_seconds() -> None:
    sectors = {str(k): shapely.box(46 + k / 10, 40, 46.1 + k / 10, 40.4) for k in range(5)}
    days = gaps.report_days(T0, T0 + 365 * DAY, "19:30", "Asia/Baku")
    began = time.process_time()
    assert len(gaps.gaps_rows(sectors, _rows(20_000, 365), days)) == 5 * len(days)
    assert time.process_time() - began < 15


def test_a_mistyped_year_makes_no_endless_table() -> None:
    for first in ("0001-01-01T00:00:00Z", "2021-03-01T00:00:00Z"):
        days = gaps.report_days(parse_instant(first), parse_instant("9999-12-31T23:59:59Z"), "19:30", "Asia/Baku")
        assert 0 < len(days) <= 4000
    days = gaps.report_days(parse_instant("0001-01-01T00:00:00Z"), T0, "19:30", "Asia/Baku")
    assert days[-1][0] == date(2021, 3, 1)
