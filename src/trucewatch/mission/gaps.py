"""Blind spots: what share of each sector and report day recorded coverage held (table `gaps`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Rows
from trucewatch.model.times import report_day

_POINTS_A_SIDE = 16
_SLOTS = 24
Inside = Callable[[Array, Array], Array]


def report_days(first_us: int, last_us: int, cutoff: str, tz: str) -> list[tuple[date, int, int]]:
    """Report days that touch [first, last]: the day D is [D-1, D) at the cut-off in local time."""
    day = datetime.fromtimestamp(first_us / 1e6, ZoneInfo(tz)).date()
    out = []
    while True:
        start, end = report_day(day, cutoff, tz)
        if end > first_us:
            out.append((day, start, end))
        if end > last_us:
            return out
        day += timedelta(days=1)


def gaps_rows(
    sectors: Mapping[str, Any], coverage: Sequence[Mapping[str, Any]], days: Sequence[tuple[date, int, int]]
) -> Rows:
    """A row a sector and report day. `coverage`: start, end (microseconds) and `inside(lon, lat)`; the share is that of
    point-hours of a grid over the sector during which some observer's coverage held the point."""
    rows: list[tuple[str, int, int, float]] = []
    for name, area in sectors.items():
        lon, lat = _grid(area)
        held = [c["inside"](lon, lat) for c in coverage]
        for _, start, end in days:
            rows.append((name, start, end, _share(coverage, held, start, end, lon.size)))
    return Rows(OUTPUTS["gaps"], list(zip(*rows, strict=True)) if rows else [[] for _ in OUTPUTS["gaps"]])


def _share(coverage: Sequence[Mapping[str, Any]], held: Sequence[Array], start: int, end: int, points: int) -> float:
    now = [(c, h) for c, h in zip(coverage, held, strict=True) if c["start"] < end and c["end"] > start and h.any()]
    if not now or not points:
        return 0.0
    middle = start + (np.arange(_SLOTS) + 0.5) * (end - start) / _SLOTS
    seen = np.zeros((_SLOTS, points), dtype=bool)
    for c, h in now:
        seen |= ((middle >= c["start"]) & (middle < c["end"]))[:, None] & h[None]
    return round(float(seen.mean()), 4)


def _grid(area: Any) -> tuple[Array, Array]:
    west, south, east, north = area.bounds
    step = (np.arange(_POINTS_A_SIDE) + 0.5) / _POINTS_A_SIDE
    lon, lat = (a.ravel() for a in np.meshgrid(west + step * (east - west), south + step * (north - south)))
    inside = shapely.contains_xy(area, lon, lat)
    if not inside.any():
        centre = area.representative_point()
        return np.array([centre.x]), np.array([centre.y])
    return lon[inside], lat[inside]


def circle(lat: float, lon: float, radius_km: float) -> Inside:
    """Test of points against a circle on the sphere."""

    def inside(x: Array, y: Array) -> Array:
        a, b = np.radians(y), np.radians(lat)
        s = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(x - lon) / 2) ** 2
        return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(s)) <= radius_km)

    return inside


def polygon(area: Any) -> Inside:
    """Test of points against a shapely area in lon, lat."""
    shapely.prepare(area)

    def inside(x: Array, y: Array) -> Array:
        return np.asarray(shapely.contains_xy(area, x, y))

    return inside


def hull(lon: Array, lat: Array) -> Any:
    """The convex hull of points, a little widened so that a single point is an area; None without points."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return None
    return shapely.MultiPoint(np.column_stack([lon[known], lat[known]])).convex_hull.buffer(0.02)
