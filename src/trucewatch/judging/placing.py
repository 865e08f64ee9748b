"""The place part of a term: in a zone, outside of it, beyond the doer's own side of a line, nearer to a baseline than
allowed, on ground that others held.

A place answers twice: with its mean over the fixed draws, and draw by draw where other factors hang on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from trucewatch.agreement import Where, Zone
from trucewatch.judging.cases import Case
from trucewatch.judging.draws import DRAWS
from trucewatch.judging.scope import Bounds, Incidents, Places, depth_share, on_side, side_share, within, zone_of
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_CHUNK = 2048


class Ground(Protocol):
    """Whether the place of an incident counts: (low, high), which differ where it is not known."""

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents: two arrays, one row an incident."""


@dataclass(frozen=True)
class Placing:
    """Whether an incident's place lies within `reach_km` = (least, greatest) of a zone; `zone` None = not known.

    `options`: places of the wanted kind with the incidents that have it, best first; where none is known the answer is
    (0, 1). `everywhere`: no place is asked for. `side`: instead, whether it lies on that side (left or right) of the
    zone, a line; "" = nobody knows which. `outside`: the contrary of all that.
    """

    options: tuple[tuple[Places, Array], ...] = ()
    zone: Zone | None = None
    reach_km: tuple[float, float] = (0.0, 0.0)
    everywhere: bool = False
    side: str | None = None
    outside: bool = False

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        return self._bounds(rows, (rows.size,))

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents."""
        return self._bounds(rows, (rows.size, DRAWS))

    def _bounds(self, rows: Array, shape: tuple[int, ...]) -> Bounds:
        low, high = self._start(shape)
        least, greatest = self.reach_km
        for places, at in self._known(rows):
            if np.isfinite(least):
                low[at] = self._share(places, least, rows[at], len(shape) > 1)
            if np.isfinite(greatest):
                again = greatest != least
                high[at] = self._share(places, greatest, rows[at], len(shape) > 1) if again else low[at]
        return (1.0 - high, 1.0 - low) if self.outside else (low, high)

    def _share(self, places: Places, reach_km: float, rows: Array, each: bool) -> Floats:
        assert self.zone is not None
        if self.side is not None:
            of_side = side_share if each else on_side
            return of_side(places, self.zone, self.side, rows)
        return depth_share(places, self.zone, reach_km, rows) if each else within(places, self.zone, reach_km, rows)

    def _start(self, shape: tuple[int, ...]) -> Bounds:
        ones = np.ones(shape)
        return (ones, ones.copy()) if self.everywhere else (np.zeros(shape), ones)

    def _known(self, rows: Array) -> list[tuple[Places, Array]]:
        """For each kind of place the positions in `rows` that it decides."""
        if self.zone is None or self.everywhere or self.side == "":
            return []
        out, open_ = [], np.ones(rows.size, dtype=bool)
        for places, able in self.options:
            at = np.flatnonzero(open_ & able[rows] & places.known[rows])
            open_[at] = False
            if at.size:
                out.append((places, at))
        return out


@dataclass(frozen=True)
class Together:
    """Several places that must all hold, or, with `any_`, of which one must. What speaks of one place is taken draw by
    draw, with the same draws; what speaks of different ones (where fire came from, where it fell) is independent."""

    parts: tuple[Ground, ...]
    any_: bool = False

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        found = [p.mean(rows) for p in self._apart()]
        low, high = (self._joined([f[b] for f in found], (rows.size,)) for b in (0, 1))
        return low, high

    def _apart(self) -> list[Ground]:
        """Parts that speak of different places, so that they are independent of each other."""
        by_place: dict[int, list[Ground]] = {}
        for part in self.parts:
            of = part.options[0][0] if isinstance(part, Placing) and part.options else part
            by_place.setdefault(id(of), []).append(part)
        return [p[0] if len(p) == 1 else _SamePlace(tuple(p), self.any_) for p in by_place.values()]

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents."""
        found = [p.draws(rows) for p in self.parts]
        shape = (rows.size, DRAWS)
        return self._joined([f[0] for f in found], shape), self._joined([f[1] for f in found], shape)

    def _joined(self, parts: Sequence[Floats], shape: tuple[int, ...]) -> Floats:
        out = np.ones(shape)
        for part in parts:
            out = out * (1.0 - part if self.any_ else part)
        return 1.0 - out if self.any_ else out


@dataclass(frozen=True)
class _SamePlace(Together):
    """Parts of one place: where two of them are in doubt for an incident, they are taken draw by draw."""

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        found = [p.mean(rows) for p in self.parts]
        low, high = (self._joined([f[b] for f in found], (rows.size,)) for b in (0, 1))
        doubt = np.sum([((f[0] > 0) & (f[0] < 1)) | ((f[1] > 0) & (f[1] < 1)) for f in found], axis=0)
        for at in _chunks(np.flatnonzero(doubt > 1)):
            each = self.draws(rows[at])
            low[at], high[at] = each[0].mean(axis=1), each[1].mean(axis=1)
        return low, high


@dataclass(frozen=True)
class Held:
    """Ground that others held: surely where theirs, surely not where one's own, else not known."""

    theirs: Ground
    own: Ground

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        return _between(self.theirs.mean(rows)[0], self.own.mean(rows)[0])

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents."""
        return _between(self.theirs.draws(rows)[0], self.own.draws(rows)[0])


EVERYWHERE = Placing(everywhere=True)
UNKNOWN = Placing()


def _between(theirs: Floats, own: Floats) -> Bounds:
    return theirs, np.maximum(1.0 - own, theirs)


def _chunks(at: Array) -> list[Array]:
    return [at[k : k + _CHUNK] for k in range(0, at.size, _CHUNK)]


def all_of(incidents: Incidents, case: Case, places: Sequence[Where], usual: str | None = None) -> Ground:
    """Whether every place of a term holds; `usual`: the kind of place meant where the text does not say."""
    named = [w for w in places if w.zone is not None]
    parts = tuple(inside(incidents, case, w, usual) for w in named)
    return parts[0] if len(parts) == 1 else Together(parts) if parts else EVERYWHERE


def inside(incidents: Incidents, case: Case, where: Where, usual: str | None = None) -> Placing:
    """Whether the place of the wanted kind lies in a zone of the agreement, outside of it, or on a side of a line."""
    if where.zone is None:
        return EVERYWHERE
    options, zone = tuple(_places(incidents, where.of or usual)), zone_of(case.zones, where.zone)
    if where.side is None:
        return Placing(options, zone, outside=where.outside)
    own = side_of(case, zone) if zone is None or is_line(zone) else ""
    return Placing(options, zone, side=own, outside=(where.side == "other") != where.outside)


def is_line(zone: Zone) -> bool:
    """Whether a zone with a shape is a line, which has sides."""
    return bool(zone.geometry.geom_type.endswith("LineString"))


def side_of(case: Case, zone: Zone | None) -> str:
    """On which side of a line the actor of a case is, "" where nobody says."""
    told = case.term.sides.get(case.actor)
    return told or ("" if zone is None else zone.sides.get(case.actor, ""))


def nearer(incidents: Incidents, case: Case, fired: bool, reach_km: tuple[float, float]) -> Ground:
    """Whether a weapon stands nearer to the actor's baseline than it may: where it was seen, or where it fired from;
    and in the term's zone besides, where it names one."""
    options = ((seen_at(incidents, fired), np.ones(incidents.n, dtype=bool)),)
    zone = zone_of(case.zones, case.term.from_zone.get(case.actor))
    untold = all(r.distance_km is None and r.reach is None for r in case.term.weapons)
    if untold and zone is not None and not is_line(zone):
        reach_km = (0.0, 0.0)  # out of an area, no distance beyond it
    line = Placing(options, zone, reach_km)
    named = [w for w in case.term.places if w.zone is not None]
    return Together((line, all_of(incidents, case, named, "presence"))) if named else line


def left_behind(incidents: Incidents, case: Case, fired: bool) -> Ground:
    """Whether forces are where they should have left: in the zone, beyond their own side of a line, or outside of the
    place to which they go."""
    term = case.term
    options = ((seen_at(incidents, fired), np.ones(incidents.n, dtype=bool)),)
    named = term.from_zone.get(case.actor)
    if named is None:
        go = None if term.to is None else term.to.zone
        if go is not None:
            return Placing(options, zone_of(case.zones, go), outside=True)
        return all_of(incidents, case, term.places, "presence") if term.where.zone else UNKNOWN
    zone = zone_of(case.zones, named)
    if zone is not None and is_line(zone):
        return Placing(options, zone, side=side_of(case, zone), outside=True)
    return Placing(options, zone)


def beyond_baseline(incidents: Incidents, case: Case, held: Mapping[str, Sequence[str]]) -> Ground:
    """Whether an advance went beyond the actor's own side of the baseline: of its line, else into ground that others
    held at its time (`held`: actor -> zones, as stated by others than parties). Where neither is told the act itself
    says it: an advance is one beyond the positions held."""
    term = case.term
    named = term.baseline.zone if term.baseline is not None else None
    zone = zone_of(case.zones, named)
    options = tuple(_places(incidents, "presence"))
    if named is not None:
        if zone is None or not is_line(zone):
            return Placing(options, zone)
        return Placing(options, zone, side=side_of(case, zone), outside=True)
    if any(w.side is not None for w in term.places) or not held:
        return EVERYWHERE
    areas = {actor: [zone_of(case.zones, z) for z in zones] for actor, zones in held.items()}
    own = tuple(Placing(options, z) for z in areas.get(case.actor, ()))
    theirs = tuple(Placing(options, z) for actor, zones in areas.items() if actor != case.actor for z in zones)
    return Held(Together(theirs, any_=True), Together(own, any_=True))


def seen_at(incidents: Incidents, fired: bool) -> Places:
    """Where a weapon was seen, or where it fired from."""
    return incidents.origins if fired else incidents.places


def _places(incidents: Incidents, of: str | None) -> list[tuple[Places, Array]]:
    """Which places of the table are of the wanted kind, best first.

    What a bare place means follows from the act where the taxonomy says so; fire may be told where it came from or
    where it fell, and unless a source says which, it is not known.
    """
    itself, origins = incidents.places, incidents.origins
    every = np.ones(incidents.n, dtype=bool)
    if of is None:
        return [(itself, every)]
    if of == "origin":
        return [(origins, every)]
    meant = incidents.meant
    if of == "presence":  # who fires is present where the fire comes from
        return [(itself, meant == "presence"), (origins, every)]
    return [(itself, meant == "impact")]
