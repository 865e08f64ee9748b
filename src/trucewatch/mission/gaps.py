"""Blind spots: what share of each sector and report day recorded coverage held (table `gaps`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.columns import FIRST_YEAR, LAST_YEAR
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Rows
from trucewatch.model.times import DAY, day_bounds, from_us, report_day, zone

_POINTS_A_SIDE = 16
_SLOTS = 24
_AT_ONCE = 1024
_MOST_DAYS = 4000  # a mistyped year does not make a table of a million days
_FIRST, _LAST = (day_bounds(f"{year}-06-01", "UTC")[0] for year in (FIRST_YEAR, LAST_YEAR))
Inside = Callable[[Array, Array], Array]


def report_days(first_us: int, last_us: int, cutoff: str, tz: str) -> list[tuple[date, int, int]]:
    """Report days that touch [first, last]: the day D is [D-1, D) at the cut-off in local time; the last _MOST_DAYS of
    them, and none outside the years that a mission can lie in."""
    last_us = min(max(last_us, _FIRST), _LAST)
    first_us = max(first_us, last_us - _MOST_DAYS * DAY, _FIRST)
    day = from_us(first_us).astimezone(zone(tz)).date()
    out: list[tuple[date, int, int]] = []
    while True:
        start, end = report_day(day, cutoff, tz)
        if end > first_us:
            out.append((day, start, end))
        if end > last_us:
            return out[-_MOST_DAYS:]
        day += timedelta(days=1)


def gaps_rows(
    sectors: Mapping[str, Any], coverage: Sequence[Mapping[str, Any]], days: Sequence[tuple[date, int, int]]
) -> Rows:
    """A row a sector and report day. `coverage`: start, end (microseconds) and `inside(lon, lat)`; the share is that of
    point-hours of a grid over the sector during which some observer's coverage held the point."""
    rows: list[tuple[str, int, int, float]] = []
    start = np.array([c["start"] for c in coverage], dtype=np.int64)
    end = np.array([c["end"] for c in coverage], dtype=np.int64)
    by_day = _by_day(start, end, days)
    for name, area in sectors.items():
        lon, lat = grid(area)
        held = _held(coverage, lon, lat)
        some = np.asarray(held.any(axis=1))
        for (_, begin, until), now in zip(days, by_day, strict=True):
            mine = now[some[now]]
            rows.append((name, begin, until, _share(start[mine], end[mine], held[mine], begin, until)))
    return Rows(OUTPUTS["gaps"], list(zip(*rows, strict=True)) if rows else [[] for _ in OUTPUTS["gaps"]])


def _by_day(start: Array, end: Array, days: Sequence[tuple[date, int, int]]) -> list[Array]:
    """Rows of coverage that touch each day; days follow each other, so that the first and last are found by halving."""
    first = np.searchsorted(np.array([u for _, _, u in days], dtype=np.int64), start, side="right")
    last = np.searchsorted(np.array([b for _, b, _ in days], dtype=np.int64), end, side="left")
    found: list[list[int]] = [[] for _ in days]
    for row, (a, b) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        for day in range(a, b):
            found[day].append(row)
    return [np.array(rows, dtype=np.int64) for rows in found]


def _held(coverage: Sequence[Mapping[str, Any]], lon: Array, lat: Array) -> Array:
    """Whether each row of coverage holds each point: bool, rows x points. Circles are tried many at a time."""
    held = np.zeros((len(coverage), lon.size), dtype=bool)
    circles = [k for k, c in enumerate(coverage) if isinstance(c["inside"], Circle)]
    for at in range(0, len(circles), _AT_ONCE):
        some = circles[at : at + _AT_ONCE]
        where = np.array([(coverage[k]["inside"].lat, coverage[k]["inside"].lon) for k in some])
        radius = np.array([coverage[k]["inside"].radius_km for k in some])
        held[some] = _distance_km(lon, lat, where[:, 1:], where[:, :1]) <= radius[:, None]
    for k in set(range(len(coverage))).difference(circles):
        held[k] = coverage[k]["inside"](lon, lat)
    return held


def _share(start: Array, end: Array, held: Array, begin: int, until: int) -> float:
    if not held.size:
        return 0.0
    middle = begin + (np.arange(_SLOTS) + 0.5) * (until - begin) / _SLOTS
    there = (middle[:, None] >= start) & (middle[:, None] < end)
    seen = there.astype(np.float32) @ held.astype(np.float32) > 0
    return round(float(seen.mean()), 4)


def grid(area: Any) -> tuple[Array, Array]:
    """Points over an area, lon and lat: those of a grid over its bounds that it holds, else one inside."""
    west, south, east, north = area.bounds
    step = (np.arange(_POINTS_A_SIDE) + 0.5) / _POINTS_A_SIDE
    lon, lat = (a.ravel() for a in np.meshgrid(west + step * (east - west), south + step * (north - south)))
    inside = shapely.contains_xy(area, lon, lat)
    if not inside.any():
        centre = area.representative_point()
        return np.array([centre.x]), np.array([centre.y])
    return lon[inside], lat[inside]


def _distance_km(x: Array, y: Array, lon: Array | float, lat: Array | float) -> Array:
    """Distance on the sphere of the points (x, y) from the places (lon, lat), degrees."""
    a, b = np.radians(y), np.radians(lat)
    s = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(x - lon) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(s)))


@dataclass(frozen=True, slots=True)
class Circle:
    """Test of points against a circle on the sphere."""

    lat: float
    lon: float
    radius_km: float

    def __call__(self, x: Array, y: Array) -> Array:
        """Which points lie in it."""
        return np.asarray(_distance_km(x, y, self.lon, self.lat) <= self.radius_km)


def circle(lat: float, lon: float, radius_km: float) -> Inside:
    """Test of points against a circle on the sphere."""
    return Circle(lat, lon, radius_km)


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
