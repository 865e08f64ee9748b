"""Coverage that comes of a task says that somebody could see, and nothing of how often it is done."""

from __future__ import annotations

from pathlib import Path

from tests.laws.missions import T0, Row, exported, iso, rows_of
from tests.planning.scene import alleged, mission
from trucewatch.model.times import DAY, HOUR

_WATCH = {"source": "mon", "lat": "40.0", "lon": "46.0", "radius_km": "8", "acts": "fire", "means": "saw",
          "detection": "0.8"}  # fmt: skip


def watched(mode: str, days: range, hours: tuple[int, int]) -> list[Row]:
    """A watch over the place in those hours of each day."""
    begin, end = hours
    return [
        {**_WATCH, "start": iso(T0 + d * DAY + begin * HOUR), "end": iso(T0 + d * DAY + end * HOUR), "mode": mode}
        for d in days
    ]


def test_tasked_coverage_stays_out_of_rates_and_routine_coverage_does_not(tmp_path: Path) -> None:
    claims = [
        alleged(f"m{d}", iso(T0 + d * DAY + 9 * HOUR), source="mon", stance="observes", means="saw", accused="",
                published=iso(T0 + d * DAY + 20 * HOUR))
        for d in range(2, 30, 4)
    ]  # fmt: skip
    routine = watched("routine", range(30), (6, 12))
    trends = {}
    for name, more in (("alone", "none"), ("tasked", "tasked"), ("routine", "routine")):
        extra = [] if more == "none" else watched(more, range(5, 30), (12, 18))
        found = mission(tmp_path / name, claims, coverage=[*routine, *extra])
        trends[name] = rows_of(exported(found)["trends"])
    assert trends["alone"]
    assert trends["tasked"] == trends["alone"]
    assert trends["routine"] != trends["alone"]
