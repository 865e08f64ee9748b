"""The place part of a term: in a zone, outside of it, beyond the doer's own side of a line, nearer to a baseline than
allowed, on ground that others held.

A place answers twice: with its mean over the fixed draws, and draw by draw where other factors hang on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from trucewatch.agreement import Term, Where, Zone
from trucewatch.judging.cases import Case
from trucewatch.judging.draws import DRAWS
from trucewatch.judging.scope import (
    Bounds,
    Incidents,
    Places,
    depth_share,
    on_side,
    short_of,
    short_share,
    side_share,
    within,
    zone_of,
)
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_CHUNK = 2048
Options = tuple[tuple[Places, Array], ...]  # places of a wanted kind with the incidents that have it, best first


class Ground(Protocol):
    """Whether the place of an incident counts: (low, high), which differ where it is not known."""

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents: two arrays, one row an incident."""

    def marks(self, rows: Array) -> Array:
        """Which places of some incidents it hangs on, as bits: 1 the incident's own, 2 another one beside it."""


@dataclass(frozen=True)
class Placing:
    """Whether an incident's place lies within `reach_km` = (least, greatest) of a zone; `zone` None = not known.

    `options`: where no place of the wanted kind is known the answer is (0, 1). `everywhere`: no place is asked for.
    `own`: besides, what lies off that side (left or right) of the zone, a line, lies within reach at any distance.
    `side`: instead, whether it lies on that side of the line; "" = nobody knows which. `outside`: the contrary of all
    that.
    """

    options: Options = ()
    zone: Zone | None = None
    reach_km: tuple[float, float] = (0.0, 0.0)
    everywhere: bool = False
    side: str | None = None
    outside: bool = False
    own: str | None = None

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        return self._bounds(rows, (rows.size,))

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents."""
        return self._bounds(rows, (rows.size, DRAWS))

    def marks(self, rows: Array) -> Array:
        """Which places of some incidents it hangs on."""
        out = np.zeros(rows.size, dtype=np.int8)
        for places, at in self._known(rows):
            out[at] = places.marks(rows[at])
        return out

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
        if self.own is not None:
            short = short_share if each else short_of
            return short(places, self.zone, self.own, reach_km, rows)
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
    """Several places that must all hold, or, with `any_`, of which one must. Where two of them are in doubt and speak
    of one place of an incident, they are taken draw by draw, with the same draws; what speaks of different ones (where
    fire came from, where it fell) is independent."""

    parts: tuple[Ground, ...]
    any_: bool = False

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        found = [p.mean(rows) for p in self.parts]
        low, high = (self._joined([f[b] for f in found], (rows.size,)) for b in (0, 1))
        doubt = [((f[0] > 0) & (f[0] < 1)) | ((f[1] > 0) & (f[1] < 1)) for f in found]
        several = np.flatnonzero(np.sum(doubt, axis=0) > 1) if len(doubt) > 1 else np.zeros(0, dtype=np.int64)
        for at in _chunks(several[self._share_a_place(rows[several], [d[several] for d in doubt])]):
            each = self.draws(rows[at])
            low[at], high[at] = each[0].mean(axis=1), each[1].mean(axis=1)
        return low, high

    def _share_a_place(self, rows: Array, doubt: Sequence[Array]) -> Array:
        """For which incidents two parts that are in doubt hang on the same place."""
        seen, out = np.zeros(rows.size, dtype=np.int8), np.zeros(rows.size, dtype=bool)
        if rows.size:
            for part, open_ in zip(self.parts, doubt, strict=True):
                marks = np.where(open_, part.marks(rows), 0).astype(np.int8)
                out |= (marks & seen) > 0
                seen |= marks
        return out

    def marks(self, rows: Array) -> Array:
        """Which places of some incidents it hangs on."""
        return _marks(self.parts, rows)

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
class Either:
    """The same asked of several kinds of place where a text does not say which it means: the least and the greatest."""

    parts: tuple[Ground, ...]

    def mean(self, rows: Array) -> Bounds:
        """Of each of some incidents, over all draws."""
        return self._bounds([p.mean(rows) for p in self.parts])

    def draws(self, rows: Array) -> Bounds:
        """Of each draw of some incidents."""
        return self._bounds([p.draws(rows) for p in self.parts])

    def marks(self, rows: Array) -> Array:
        """Which places of some incidents it hangs on."""
        return _marks(self.parts, rows)

    def _bounds(self, found: Sequence[Bounds]) -> Bounds:
        return np.minimum.reduce([f[0] for f in found]), np.maximum.reduce([f[1] for f in found])


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

    def marks(self, rows: Array) -> Array:
        """Which places of some incidents it hangs on."""
        return _marks((self.theirs, self.own), rows)


EVERYWHERE = Placing(everywhere=True)
UNKNOWN = Placing()


def _between(theirs: Floats, own: Floats) -> Bounds:
    return theirs, np.maximum(1.0 - own, theirs)


def _marks(parts: Sequence[Ground], rows: Array) -> Array:
    out = np.zeros(rows.size, dtype=np.int8)
    for part in parts:
        out |= part.marks(rows)
    return out


def _chunks(at: Array) -> list[Array]:
    return [at[k : k + _CHUNK] for k in range(0, at.size, _CHUNK)]


def all_of(incidents: Incidents, case: Case, places: Sequence[Where], usual: str | None = None) -> Ground:
    """Whether every place of a term holds; `usual`: the kind of place meant where the text does not say."""
    return joined([inside(case, w, of_kind(incidents, w.of or usual)) for w in places if w.zone is not None])


def joined(parts: Sequence[Ground]) -> Ground:
    """All of some places; where there is none, everywhere."""
    return parts[0] if len(parts) == 1 else Together(tuple(parts)) if parts else EVERYWHERE


def inside(case: Case, where: Where, options: Options) -> Placing:
    """Whether a place lies in a zone of the agreement, outside of it, or on a side of a line. A line has no inside:
    what is asked to lie in one is not known."""
    if where.zone is None:
        return EVERYWHERE
    zone = zone_of(case.zones, where.zone)
    line = zone is not None and is_line(zone)
    if where.side is None:
        return Placing(options, None if line else zone, outside=where.outside)
    own = side_of(case, zone) if zone is None or line else ""
    return Placing(options, zone, side=own, outside=(where.side == "other") != where.outside)


def counted_at(incidents: Incidents, case: Case, place: Any) -> tuple[Options, ...]:
    """The kinds of place that an act is counted at, as `kinds.fits` names it; more than one where the term itself asks
    for more than one."""
    if not isinstance(place, str):  # a withdrawal
        return (seen_at(incidents, place[1]),)
    if place != "where":
        return (of_kind(incidents, "origin" if place == "fired" else "presence"),)
    usual = usual_of(case.term)
    kinds = dict.fromkeys(w.of or usual for w in case.term.places if w.zone is not None or w.of is not None)
    return tuple(of_kind(incidents, kind) for kind in kinds or (usual,))


def usual_of(term: Term) -> str | None:
    """The kind of place that a term means where it does not say."""
    return "presence" if term.kind == "exclusion_zone" else None


def is_line(zone: Zone) -> bool:
    """Whether a zone with a shape is a line, which has sides."""
    return bool(zone.geometry.geom_type.endswith("LineString"))


def side_of(case: Case, zone: Zone | None) -> str:
    """On which side of a line the actor of a case is, "" where nobody says."""
    told = case.term.sides.get(case.actor)
    return told or ("" if zone is None else zone.sides.get(case.actor, ""))


def nearer(
    incidents: Incidents, case: Case, fired: bool, reach_km: tuple[float, float], of_area: tuple[float, float]
) -> Ground:
    """Whether something stands nearer to the actor's baseline than it may: where it was seen, or where it fired from;
    off its own side of a line it does at any distance. `of_area`: how far it must keep from an area, where a rule may
    ask no distance beyond its edge. It counts only within the places that the term names, and not where it is to go."""
    term, options = case.term, seen_at(incidents, fired)
    named = term.from_zone.get(case.actor)
    zone = zone_of(case.zones, named)
    if zone is not None and is_line(zone):
        near = [Placing(options, zone, reach_km, own=side_of(case, zone) or None)]
    elif zone is not None:
        near = [Placing(options, zone, of_area)]
    else:  # nobody knows its line; without any, what asks no distance is to leave the places named
        near = [UNKNOWN] if term.from_zone or of_area[1] > 0 or not term.names_a_place else []
    return joined([*near, *_named(incidents, case, fired)])


def left_behind(incidents: Incidents, case: Case, fired: bool) -> Ground:
    """Whether forces are where they should have left: in the zone, beyond their own side of a line, in the places that
    the term names, and not in the place to which they go."""
    term, options = case.term, seen_at(incidents, fired)
    zone = zone_of(case.zones, term.from_zone.get(case.actor))
    left: list[Ground] = []
    if zone is not None and is_line(zone):
        left = [Placing(options, zone, side=side_of(case, zone), outside=True)]
    elif zone is not None:
        left = [Placing(options, zone)]
    elif term.from_zone or not term.names_a_place:  # others have a zone to leave; which is this actor's nobody says
        left = [UNKNOWN]
    return joined([*left, *_named(incidents, case, fired)])


def _named(incidents: Incidents, case: Case, fired: bool) -> list[Ground]:
    """The places of a withdrawal's term, and the outside of the zone to which it leads."""
    term, options = case.term, seen_at(incidents, fired)
    found: list[Ground] = [
        inside(case, w, of_kind(incidents, w.of or "presence")) for w in term.places if w.zone is not None
    ]
    if term.to is not None and term.to.zone is not None:
        found.append(Placing(options, zone_of(case.zones, term.to.zone), outside=True))
    return found


def beyond_baseline(incidents: Incidents, case: Case, held: Mapping[str, Sequence[str]]) -> Ground:
    """Whether an advance went beyond the actor's own side of the baseline: of its line, else into ground that others
    held at its time (`held`: actor -> zones, as stated by others than parties). Where neither is told the act itself
    says it: an advance is one beyond the positions held."""
    term = case.term
    named = term.baseline.zone if term.baseline is not None else None
    zone = zone_of(case.zones, named)
    options = of_kind(incidents, "presence")
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


def seen_at(incidents: Incidents, fired: bool) -> Options:
    """Where a weapon was seen, or where it fired from."""
    places = incidents.origins if fired else incidents.places
    return ((places, np.ones(incidents.n, dtype=bool)),)


def of_kind(incidents: Incidents, of: str | None) -> Options:
    """Which places of the table are of the wanted kind, best first.

    What a bare place means follows from the act where the taxonomy says so; fire may be told where it came from or
    where it fell, and unless a source says which, it is not known.
    """
    itself, origins = incidents.places, incidents.origins
    every = np.ones(incidents.n, dtype=bool)
    if of is None:
        return ((itself, every),)
    if of == "origin":
        return ((origins, every),)
    meant = incidents.meant
    if of == "presence":  # who fires is present where the fire comes from
        return ((itself, meant == "presence"), (origins, every))
    return ((itself, meant == "impact"),)
