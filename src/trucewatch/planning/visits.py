"""Stops of a day: where a team goes, and which incidents near by it sees on the way; greedy by what is left to learn.

Each stop is at the place of an incident, and a team that is there looks into those near by of which it is expected to
learn; where finding nothing would rather mislead, it does not look. After a stop is taken its incidents tell nothing
more to another, so stops are taken one after the other, the best first; those that are alike in what they tell have
one rank (law L3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.planning.safety import distance_km
from trucewatch.planning.tasks import Fall, Weighed

_DRAWS = 64


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop at the place of `incident`; `serves`: incidents with what each is expected to tell, the greatest first."""

    incident: int
    serves: tuple[tuple[int, Fall], ...]

    @property
    def total(self) -> int:
        """Expected fall of all of it, millionths."""
        return sum(fall.total for _, fall in self.serves)


def stops(
    incidents: Table, visits: Mapping[int, Weighed], safe: Sequence[int], reach_km: float, order: Mapping[int, int],
    most: int, each: int,
) -> list[Stop]:  # fmt: skip
    """At most so many stops among the `safe` incidents, each for at most `each` of them, those that tell most. `order`:
    position of each incident by content, for ties."""
    told = _told(incidents, visits, safe, reach_km)
    left = set(safe)
    out: list[Stop] = []
    while left and len(out) < most:
        offers = [_stop(i, told[i], left, order, each) for i in safe if any(j in left for j in told[i])]
        best = max(offers, key=lambda s: (s.total, -order[s.incident]), default=None)
        if best is None or best.total <= 0:
            break
        out.append(best)
        left -= {j for j, _ in best.serves}
    return out


def _told(
    incidents: Table, visits: Mapping[int, Weighed], safe: Sequence[int], reach_km: float
) -> dict[int, dict[int, Fall]]:
    """What a stop at each incident's place is expected to tell of each incident near by."""
    rows = np.array(sorted(safe), dtype=np.int64)
    lat, lon = incidents["lat"][rows], incidents["lon"][rows]
    sigma = np.sqrt((incidents["cov_ee"][rows] + incidents["cov_nn"][rows]) / 2)
    sigma = np.where(np.isfinite(sigma), sigma, reach_km)
    out: dict[int, dict[int, Fall]] = {}
    for k, i in enumerate(rows.tolist()):
        away = distance_km(float(lat[k]), float(lon[k]), lat, lon)
        near = np.flatnonzero(away <= reach_km)
        out[i] = {
            int(rows[j]): visits[int(rows[j])].fall(_within(float(away[j]), float(sigma[j]), reach_km)) for j in near
        }
    return out


def _stop(i: int, told: Mapping[int, Fall], left: set[int], order: Mapping[int, int], each: int) -> Stop:
    serves = [(j, fall) for j, fall in told.items() if j in left and fall.total > 0]
    serves.sort(key=lambda pair: (-pair[1].total, order[pair[0]]))
    return Stop(i, tuple(serves[:each]))


def _within(away_km: float, sigma_km: float, reach_km: float) -> float:
    """P(a place that is told `away_km` from the stop lies within reach of it), round Gaussian, by fixed points."""
    east, north = _points()
    return float((np.hypot(away_km + sigma_km * east, sigma_km * north) <= reach_km).mean())


def _points() -> tuple[Floats, Array]:
    k = np.arange(_DRAWS) + 0.5
    radius, angle = np.sqrt(-2 * np.log1p(-k / _DRAWS)), k * np.pi * (3 - np.sqrt(5.0))
    return np.asarray(radius * np.cos(angle)), np.asarray(radius * np.sin(angle))


__all__ = ["Stop", "stops"]
