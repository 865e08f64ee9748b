"""Places, times, directions made coarse before they leave, and where coarse is not coarse enough.

A cell that holds one named place alone is as good as its name: it is doubled until it holds none or several.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from trucewatch.model.times import MINUTE

Row = dict[str, Any]
KM_PER_DEGREE = 111.195
# How often a cell is doubled before a place is withheld: 5 km become 40 km at most.
_DOUBLINGS = 3
Place = tuple[float, float]


@lru_cache(maxsize=65_536)
def coarse(lat: float, lon: float, step_km: float) -> Place:
    """The middle of the cell of a grid of `step_km` (WGS 84 degrees, four decimals) that holds the place."""
    step = step_km / KM_PER_DEGREE
    rounded = max(-90.0, min(90.0, round(lat / step) * step))
    across = step / max(math.cos(math.radians(rounded)), 0.01)
    east = (round(lon / across) * across + 180.0) % 360.0 - 180.0
    return round(rounded, 4), round(east, 4)


def widened(span_km: float, step_km: float) -> float:
    """A radius or half axis, km, that still holds the place after a grid of `step_km` moved it; rounded up to 0.1.

    A cell's middle lies at most step / sqrt 2 from its corner.
    """
    return math.ceil(10.0 * (span_km + step_km / math.sqrt(2.0))) / 10.0


def outward(start: int, end: int | None, minutes: float) -> tuple[int, int]:
    """An interval moved outward to a clock of so many minutes (UTC); an instant as the whole step that holds it."""
    step = round(minutes * MINUTE)
    first = start // step * step
    last = start if end is None else end
    return first, max(-(-last // step) * step, first + step)


def timed(row: Row, names: tuple[str, ...], minutes: float, *, own: bool = False) -> Row:
    """The row with its interval (`start`, `end`) or moment moved to a clock of `minutes`; 0 changes nothing. `own`: the
    row is the caller's to change."""
    if minutes <= 0 or not names or row.get(names[0]) is None:
        return row
    out = row if own else dict(row)
    start, end = outward(row[names[0]], row.get(names[1]) if len(names) > 1 else None, minutes)
    out[names[0]] = start
    if len(names) > 1:
        out[names[1]] = end
        # The interval is uniform now; and what held throughout the old one need not hold throughout the new.
        for k in ("time_sd_min", "when"):
            if out.get(k) is not None:
                out[k] = None
    return out


class Neighbours:
    """Named places, by which it is told whether a cell gives a single one away. `posts`: where protected observers
    stood, which count for where observers stood alone."""

    def __init__(self, named: Iterable[Place] = (), posts: Iterable[Place] = ()) -> None:
        self._named = [*named]
        self._posts = [*dict.fromkeys(posts)]
        self._cells: dict[tuple[float, bool], Mapping[Place, int]] = {}

    @cached_property
    def known(self) -> bool:
        """Whether there is a gazetteer at all: without one nobody can tell what a cell gives away."""
        return bool(self._named)

    def step(self, lat: float, lon: float, step_km: float, *, post: bool = False) -> float | None:
        """The width, km, at which the place does not stand alone in its cell: `step_km`, or up to eight times that;
        None where it stands alone even there."""
        if not self.known or step_km <= 0:
            return step_km
        for k in range(_DOUBLINGS + 1):
            wide = step_km * (1 << k)
            if self._in_cell(wide, post).get(coarse(lat, lon, wide), 0) != 1:
                return wide
        return None

    def _in_cell(self, step_km: float, post: bool) -> Mapping[Place, int]:
        key = (step_km, post)
        if key not in self._cells:
            places = [*self._named, *self._posts] if post else self._named
            self._cells[key] = Counter(coarse(lat, lon, step_km) for lat, lon in places)
        return self._cells[key]
