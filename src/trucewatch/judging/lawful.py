"""Announced lawful acts: which incidents a notice by their author explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from trucewatch.agreement import Zone
from trucewatch.agreement.zones import circle
from trucewatch.judging.placing import Placing
from trucewatch.judging.scope import Bounds, Incidents, beyond
from trucewatch.model.table import Array
from trucewatch.model.times import SECOND

_TIME_SDS = 5.0


@lru_cache(maxsize=1)
def explained_acts() -> Mapping[str, tuple[str, ...]]:
    """Kind of notice -> acts that it can explain."""
    rows = yaml.safe_load(files("trucewatch.judging").joinpath("notices.yaml").read_text(encoding="utf-8"))
    return {kind: tuple(row["acts"]) for kind, row in rows.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """One announced act: by whom, from when to when, when it was published (microseconds), where, which acts;
    None = not told."""

    by: str
    start: int
    end: int
    published: int | None
    zone: Zone | None
    acts: tuple[str, ...]

    def reaches(self, incidents: Incidents) -> Array:
        """The incidents that may have happened while it lasted, and may lie where it was announced."""
        if self not in incidents.reached:
            t, places = incidents.table, incidents.places
            margin = np.maximum(_TIME_SDS * t["t_sd_s"], 60.0)
            mean = t["t_mean_s"]
            rows = np.flatnonzero((mean + margin >= self.start / SECOND) & (mean - margin < self.end / SECOND))
            if self.zone is not None and rows.size:
                known = places.known[rows]
                far = np.zeros(rows.size, dtype=bool)
                far[known] = beyond(places, self.zone, rows[known])
                rows = rows[~far]
            incidents.reached[self] = rows
        return incidents.reached[self]

    def draws(self, incidents: Incidents, rows: Array) -> Bounds:
        """For each joint draw of time and place: chance that it lies inside, (surely, at most).

        Surely only after it was published: what its author tells afterwards, or nobody knows when, may be true and may
        be an excuse.
        """
        during = incidents.in_spans([(self.start, self.end)], rows)
        told = [] if self.published is None else [(max(self.start, self.published), self.end)]
        foretold = incidents.in_spans([(first, last) for first, last in told if first < last], rows)
        every = np.ones(incidents.n, dtype=bool)
        low, high = Placing(((incidents.places, every),), self.zone).draws(rows)
        return low * foretold, high * during


def read_notices(rows: Iterable[Mapping[str, Any]]) -> list[Notice]:
    """Notices that can explain something, in an order of content."""
    out: dict[Any, Notice] = {}
    for row in rows:
        acts = explained_acts().get(str(row.get("kind", "")).strip().casefold(), ())
        start, end, published = row["start"], row.get("end", row["start"]), row.get("published")
        if not acts or end <= start:
            continue
        place: tuple[Any, ...] = tuple(row.get(k) for k in ("lat", "lon", "radius_km"))
        zone = None if None in place else _circle(*place)
        told = published is not None, published or 0
        out[start, end, told, acts, tuple(-1.0 if v is None else v for v in place), row["by"]] = Notice(
            row["by"], start, end, published, zone, acts
        )
    return [out[key] for key in sorted(out)]


@lru_cache(maxsize=8192)  # every update asks for the same ones
def _circle(lat: float, lon: float, radius_km: float) -> Zone:
    return Zone("notice", circle(lon, lat, radius_km), 0.0, "agreed", {})


def of_doer(notices: Sequence[Notice], doer: str) -> tuple[int, ...]:
    """Positions of the notices of a doer. A notice explains what its own author does: what a party announces says
    nothing of an act of those for whom it answers, and what they announce nothing of its own."""
    return tuple(k for k, n in enumerate(notices) if n.by == doer)
