"""The place part of a term: inside a zone for prohibitions, nearer than allowed to a baseline for withdrawals.

A place answers twice: with its mean over the fixed draws, and draw by draw where other factors hang on the same draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.agreement import Where, Zone
from trucewatch.judging.cases import Case
from trucewatch.judging.draws import DRAWS
from trucewatch.judging.scope import Bounds, Incidents, Places, depth_share, within, zone_of
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array
from trucewatch.taxonomy import taxonomy


@dataclass(frozen=True)
class Placing:
    """Whether an incident's place lies within `reach_km` = (least, greatest) of a zone; `zone` None = not known.

    `options`: places of the wanted kind with the incidents that have it, best first; where none is known the answer is
    (0, 1). `everywhere`: no place is asked for.
    """

    options: tuple[tuple[Places, Array], ...] = ()
    zone: Zone | None = None
    reach_km: tuple[float, float] = (0.0, 0.0)
    everywhere: bool = False

    def mean(self, rows: Array) -> Bounds:
        """(low, high) of each of some incidents, over all draws."""
        return self._bounds(rows, (rows.size,), within)

    def draws(self, rows: Array) -> Bounds:
        """(low, high) of each draw of some incidents: two arrays, one row an incident."""
        return self._bounds(rows, (rows.size, DRAWS), depth_share)

    def _bounds(
        self, rows: Array, shape: tuple[int, ...], share: Callable[[Places, Zone, float, Array], Floats]
    ) -> Bounds:
        low, high = self._start(shape)
        least, greatest = self.reach_km
        for places, at in self._known(rows):
            assert self.zone is not None
            if np.isfinite(least):
                low[at] = share(places, self.zone, least, rows[at])
            if np.isfinite(greatest):
                high[at] = low[at] if greatest == least else share(places, self.zone, greatest, rows[at])
        return low, high

    def _start(self, shape: tuple[int, ...]) -> Bounds:
        ones = np.ones(shape)
        return (ones, ones.copy()) if self.everywhere else (np.zeros(shape), ones)

    def _known(self, rows: Array) -> list[tuple[Places, Array]]:
        """For each kind of place the positions in `rows` that it decides."""
        if self.zone is None:
            return []
        out, open_ = [], np.ones(rows.size, dtype=bool)
        for places, able in self.options:
            at = np.flatnonzero(open_ & able[rows] & places.known[rows])
            open_[at] = False
            if at.size:
                out.append((places, at))
        return out


def inside(incidents: Incidents, case: Case, where: Where) -> Placing:
    """Whether the place of the wanted kind lies in a zone of the agreement."""
    if where.zone is None:
        return Placing(everywhere=True)
    return Placing(tuple(_places(incidents, where.of)), zone_of(case.agreement.zones, where.zone))


def nearer(incidents: Incidents, case: Case, fired: bool, reach_km: tuple[float, float]) -> Placing:
    """Whether a weapon stands nearer to the actor's baseline than it may: where it was seen, or where it fired from."""
    places = incidents.origins if fired else incidents.places
    zone = zone_of(case.agreement.zones, case.term.from_zone.get(case.actor))
    return Placing(((places, np.ones(incidents.n, dtype=bool)),), zone, reach_km)


def _places(incidents: Incidents, of: str | None) -> list[tuple[Places, Array]]:
    """Which places of the table are of the wanted kind, best first.

    What a bare place means follows from the act where the taxonomy says so; fire may be told where it came from or
    where it fell, and unless a source says which, it is not known.
    """
    t = incidents.table
    itself, origins = incidents.places, incidents.origins
    kinds = [_natural(acts) for acts, _ in incidents.signatures]
    natural = np.array([k or "" for k in kinds], dtype=object)[incidents.signature] if kinds else np.zeros(0, object)
    told = np.array([p or "" for p in t["place_of"].tolist()], dtype=object)
    meant = np.where(told == "", natural, told)
    if of is None:
        return [(itself, np.ones(t.n, dtype=bool))]
    if of == "origin":
        return [(origins, np.ones(t.n, dtype=bool))]
    if of == "presence":  # who fires is present where the fire comes from
        return [(itself, meant == "presence"), (origins, np.ones(t.n, dtype=bool))]
    return [(itself, meant == "impact")]


def _natural(acts: Any) -> str | None:
    """What a bare place of the likeliest act means."""
    act = taxonomy().acts.get(acts[0][0]) if acts else None
    return None if act is None else act.place
