"""What an incident may have been: when, where, which act with which weapon. Answers come as pairs (low, high): what is
not known makes them differ, and nothing is guessed in between (law L7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from trucewatch.agreement import Term, WeaponRule, Zone
from trucewatch.judging.draws import EAST, FARTHEST, NORTH, OTHER, TIME
from trucewatch.judging.near import cloud_depth_km, cloud_left_km, depth_km, left_km
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.model.times import SECOND
from trucewatch.taxonomy import Weapon, taxonomy

KERNEL_KM = 0.02  # edges are soft by 20 m, so that a metre never decides
_UNIFORM = 3.4  # an interval as wide as this many standard deviations is a stated one: uniform (its own is 3.46)
_CHUNK = 2048
_KEPT = 64
_FEW = 4  # spans that are looked at one after the other
_FAR_SDS = 9.0  # beyond them a normal time has no share in double precision that counts
_NEVER = int(np.iinfo(np.int64).max)
Bounds = tuple[Floats, Floats]
Span = tuple[int, int | None]  # [start, end), microseconds; end None = open


@dataclass
class Incidents:
    """The incident table with what every case asks of it again: signatures of acts and weapons, kinds of time."""

    table: Table
    signatures: list[tuple[Any, Any]] = field(default_factory=list)
    signature: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    uniform: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))
    reached: dict[Any, Array] = field(default_factory=dict, repr=False)  # by notice: rows that it may explain
    able: dict[tuple[str, ...], Array] = field(default_factory=dict, repr=False)  # by codes: who may be such an act
    timed: dict[tuple[Span, ...], Floats] = field(default_factory=dict, repr=False)  # answers of `during` so far

    @classmethod
    def of(cls, table: Table) -> Incidents:
        """Prepare an incident table."""
        known: dict[tuple[Any, Any], int] = {}
        pairs = zip(table["acts"].tolist(), table["weapons"].tolist(), strict=True)
        signature = np.array([known.setdefault((tuple(a), tuple(w)), len(known)) for a, w in pairs], dtype=np.int64)
        width = (table["end"] - table["start"]) / SECOND
        with np.errstate(invalid="ignore"):
            uniform = (width > 0) & (width >= _UNIFORM * table["t_sd_s"])
        return cls(table, list(known), signature, uniform)

    @property
    def n(self) -> int:
        """How many."""
        return self.table.n

    @cached_property
    def kinds(self) -> list[Kind]:
        """What the incidents may have been: every act with a weapon that occurs, in an order of content."""
        found: dict[tuple[str, str, str], tuple[Atom, list[int], list[float]]] = {}
        known: dict[tuple[Any, Any], tuple[Atom, ...]] = {}
        for s, (acts, weapons) in enumerate(self.signatures):
            for act, share in acts:
                key = (act, weapons)
                if key not in known:
                    known[key] = atoms_of(((act, 1.0),), weapons)
                for atom in known[key]:
                    code = "" if atom.weapon is None else atom.weapon.code
                    _, rows, parts = found.setdefault((act, atom.weapon_class, code), (atom, [], []))
                    rows.append(s)
                    parts.append(share * atom.p)
        return [
            Kind(atom, np.array(rows, dtype=np.int64), np.array(parts))
            for atom, rows, parts in (found[key] for key in sorted(found))
        ]

    def by_signature(self, weights: Sequence[tuple[Kind, float]]) -> Floats:
        """Sum over kinds of what each signature holds of them, each times its weight."""
        out = np.zeros(len(self.signatures))
        for kind, weight in weights:
            np.add.at(out, kind.signatures, kind.shares * weight)
        return out

    @cached_property
    def meant(self) -> Array:
        """What kind of place each tells: as a source says, else as its likeliest act implies, else ""."""
        acts = taxonomy().acts
        kinds = [acts[a[0][0]].place if a and a[0][0] in acts else None for a, _ in self.signatures]
        implied = np.array([k or "" for k in kinds], dtype=object)[self.signature] if kinds else np.zeros(0, object)
        told = np.array([p or "" for p in self.table["place_of"].tolist()], dtype=object)
        return np.where(told == "", implied, told)

    @cached_property
    def places(self) -> Places:
        """The places of the incidents themselves."""
        return Places.of(self.table)

    @cached_property
    def origins(self) -> Places:
        """Where fire came from."""
        return Places.origins(self.table)

    def during(self, spans: Sequence[Span], rows: Array | slice = slice(None)) -> Floats:
        """P(time in one of the spans), each [start, end) in microseconds and apart from the others: normal, or uniform
        where an interval was stated; for what lasted throughout an interval 1 where it overlaps one of them."""
        key = tuple(spans)
        if key not in self.timed:
            if len(self.timed) >= _KEPT:
                self.timed.clear()
            self.timed[key] = self._during(key)
        return self.timed[key][rows]

    def _during(self, spans: Sequence[Span]) -> Floats:
        first, last = self._times
        near = overlapping(spans, first, last)
        if len(spans) <= _FEW:
            out = np.zeros(self.n)
            for start, end in spans:
                out += self._before(end) - self._before(start)
        else:
            out = self._in_many(spans, near)
        return np.where(self.table["throughout"], overlapping(spans, self.table["start"], self.table["end"])[2], out)

    def _in_many(self, spans: Sequence[Span], near: tuple[Array, Array, Array]) -> Floats:
        """The same for many spans: each incident meets only those that it can lie in."""
        out = np.zeros(self.n)
        first, stop, _ = near
        starts = np.array([s for s, _ in spans], dtype=np.int64)
        ends = np.array([_NEVER if e is None else e for _, e in spans], dtype=np.int64)
        for k in range(int((stop - first).max(initial=0))):
            rows = np.flatnonzero(first + k < stop)
            at = first[rows] + k
            out[rows] += self._share_before(ends[at], rows) - self._share_before(starts[at], rows)
        return out

    @cached_property
    def _times(self) -> tuple[Array, Array]:
        """The earliest and the latest that each can have been, microseconds."""
        t = self.table
        far = _FAR_SDS * np.maximum(t["t_sd_s"], 1.0)
        first, last = ((t["t_mean_s"] + sign * far) * SECOND for sign in (-1, 1))
        return (
            np.where(self.uniform, t["start"], first).astype(np.int64),
            np.where(self.uniform, np.maximum(t["end"], t["start"] + SECOND), last).astype(np.int64),
        )

    def _before(self, moment: int | None) -> Floats:
        """P(time before a moment); only those that it can part need a look."""
        if moment is None:
            return np.ones(self.n)
        first, last = self._times
        out = (last < moment).astype(np.float64)
        rows = np.flatnonzero((first <= moment) & (last >= moment))
        out[rows] = self._share_before(np.full(rows.size, moment), rows)
        return out

    def _share_before(self, moments: Array, rows: Array) -> Floats:
        t = self.table
        at = moments / SECOND
        normal = ndtr((at - t["t_mean_s"][rows]) / np.maximum(t["t_sd_s"][rows], 1.0))
        first, last = t["start"][rows] / SECOND, t["end"][rows] / SECOND
        flat = np.clip((at - first) / np.maximum(last - first, 1.0), 0.0, 1.0)
        out: Floats = np.where(self.uniform[rows], flat, normal)
        return out

    def moments(self, rows: Array) -> Floats:
        """The fixed draws of the time of some incidents, unix seconds: one row an incident."""
        t = self.table
        normal = t["t_mean_s"][rows, None] + np.maximum(t["t_sd_s"][rows, None], 1.0) * ndtri(TIME)
        first, last = t["start"][rows, None] / SECOND, t["end"][rows, None] / SECOND
        return np.where(self.uniform[rows, None], first + (last - first) * TIME, normal)

    def in_spans(self, spans: Sequence[Span], rows: Array) -> Array:
        """For each fixed draw of the time of some incidents: whether it lies in one of the spans."""
        moments = self.moments(rows)
        out = np.zeros(moments.shape, dtype=bool)
        if len(spans) > _FEW:  # apart and in order: a moment lies in the last one that began, or in none
            edges = np.array([t / SECOND for s, e in spans for t in (s, _NEVER if e is None else e)])
            return np.asarray(np.searchsorted(edges, moments, side="right") % 2 == 1)
        for start, end in spans:
            out |= (moments >= start / SECOND) & (True if end is None else moments < end / SECOND)
        return out


@dataclass(frozen=True, slots=True)
class Places:
    """Where something was: degrees and covariance in km2; NaN = unknown. `second`: which lie beside another place of
    the same incident, whose draws have nothing to do with their own. `asked`: answers of `within` so far, since the
    cases of a term (actors, readings) ask the same of one zone, with `depths` and `lefts` (how far left of a line) of
    their middles; NaN = not asked yet."""

    lat: Floats
    lon: Floats
    ee: Floats
    en: Floats
    nn: Floats
    second: Array
    asked: dict[tuple[int, float, str], tuple[Zone, Floats]] = field(default_factory=dict, compare=False, repr=False)
    depths: dict[int, tuple[Zone, Floats]] = field(default_factory=dict, compare=False, repr=False)
    lefts: dict[int, tuple[Zone, Floats]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, t: Table) -> Places:
        """The places of the incidents themselves."""
        return cls(t["lat"], t["lon"], t["cov_ee"], t["cov_en"], t["cov_nn"], np.zeros(t.n, dtype=bool))

    @classmethod
    def origins(cls, t: Table) -> Places:
        """Where fire came from: the origin told, else the place itself where that is an origin, with its own draws."""
        itself = (t["place_of"] == "origin") & np.isnan(t["origin_lat"])
        s2 = t["origin_sigma_km"] ** 2
        return cls(
            np.where(itself, t["lat"], t["origin_lat"]), np.where(itself, t["lon"], t["origin_lon"]),
            np.where(itself, t["cov_ee"], s2), np.where(itself, t["cov_en"], 0.0), np.where(itself, t["cov_nn"], s2),
            ~itself,
        )  # fmt: skip

    @property
    def known(self) -> Array:
        """Which are known."""
        return np.isfinite(self.lat) & np.isfinite(self.lon) & np.isfinite(self.ee) & np.isfinite(self.nn)

    def marks(self, rows: Array) -> Array:
        """Of which place of its incident each speaks: 1 = the incident's own, 2 = another one beside it."""
        return 1 + self.second[rows].astype(np.int8)

    def draws_km(self, rows: Array, zone: Zone) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
        """The fixed draws of some places in the zone's km: two arrays, one row an incident; and the places."""
        x, y = zone.local.project(self.lon[rows], self.lat[rows])
        ee, en, nn = self.ee[rows], self.en[rows], self.nn[rows]
        east = np.sqrt(np.maximum(ee, 0.0))
        slope = np.divide(en, east, out=np.zeros_like(en), where=east > 0)
        rest = np.sqrt(np.maximum(nn - slope**2, 0.0))
        a, b = EAST, NORTH
        if (apart := self.second[rows, None]).any():
            a, b = np.where(apart, EAST[OTHER], EAST), np.where(apart, NORTH[OTHER], NORTH)
        return x[:, None] + east[:, None] * a, y[:, None] + slope[:, None] * a + rest[:, None] * b, (x, y)

    def depth_km(self, zone: Zone, rows: Array) -> Floats:
        """How deep some known places lie in a zone, km, each looked at once."""
        known = self.depths.setdefault(id(zone), (zone, np.full(self.lat.shape, np.nan)))[1]
        new = rows[np.isnan(known[rows])]
        if new.size:
            known[new] = depth_km(zone.local, self.lon[new], self.lat[new])
        return known[rows]

    def left_km(self, line: Zone, rows: Array) -> Floats:
        """How far left of a line some known places lie, km, negative to its right, each looked at once."""
        known = self.lefts.setdefault(id(line), (line, np.full(self.lat.shape, np.nan)))[1]
        new = rows[np.isnan(known[rows])]
        if new.size:
            known[new] = left_km(line.local, self.lon[new], self.lat[new])
        return known[rows]

    def reach_km(self, rows: Array) -> Floats:
        """How far from its mean any draw of a place lies at most."""
        ee, en, nn = self.ee[rows], self.en[rows], self.nn[rows]
        widest = (ee + nn) / 2 + np.hypot((ee - nn) / 2, en)  # the greater eigenvalue, km2
        far: Floats = np.sqrt(np.maximum(widest, 0.0)) * FARTHEST
        return far


def within(places: Places, zone: Zone, reach_km: float, rows: Array) -> Floats:
    """P(place at most `reach_km` outside the zone's edge) for some known places; reach 0 = inside.

    Mean over the fixed draws of Phi((depth + reach) / s), s from the zone's own uncertainty (95 % = 1.96 s). Places
    whose draws all fall on one side need no draws: depth changes by at most a km a km.
    """
    known = places.asked.setdefault((id(zone), reach_km, ""), (zone, np.full(places.lat.shape, np.nan)))[1]
    new = rows[np.isnan(known[rows])]
    if new.size:
        known[new] = _within(places, zone, reach_km, new)
    return known[rows]


def _within(places: Places, zone: Zone, reach_km: float, rows: Array) -> Floats:
    depth = places.depth_km(zone, rows) + reach_km
    out = (depth > 0).astype(np.float64)
    near = np.flatnonzero(np.abs(depth) <= _spread_km(places, zone, rows))
    for first in range(0, near.size, _CHUNK):
        part = near[first : first + _CHUNK]
        out[part] = depth_share(places, zone, reach_km, rows[part]).mean(axis=1)
    return out


def _spread_km(places: Places, zone: Zone, rows: Array) -> Floats:
    """How far from its mean any draw of a place lies, and the zone's edge from where it is drawn."""
    return places.reach_km(rows) + 5 * edge_km(zone)


def beyond(places: Places, zone: Zone, rows: Array) -> Array:
    """Which known places have no draw in the zone."""
    depth = places.depth_km(zone, rows)
    return np.asarray(depth < -_spread_km(places, zone, rows))


def edge_km(zone: Zone) -> float:
    """Standard deviation of a zone's edge: stated uncertainties are 95 %."""
    return max(zone.uncertainty_km / 1.96, KERNEL_KM)


def depth_share(places: Places, zone: Zone, reach_km: float, rows: Array) -> Floats:
    """For each draw of each place: chance that it lies within reach of the zone, given the zone's uncertainty."""
    x, y, middle = places.draws_km(rows, zone)
    depth = cloud_depth_km(zone.local, x, y, middle, places.reach_km(rows))
    share: Floats = ndtr((depth + reach_km) / edge_km(zone))
    return share


def on_side(places: Places, line: Zone, side: str, rows: Array) -> Floats:
    """P(place on a side of a line) for some known places, given the line's uncertainty."""
    left = places.left_km(line, rows) * (1.0 if side == "left" else -1.0)
    out = (left > 0).astype(np.float64)
    near = np.flatnonzero(np.abs(left) <= _spread_km(places, line, rows))
    for first in range(0, near.size, _CHUNK):
        part = near[first : first + _CHUNK]
        out[part] = side_share(places, line, side, rows[part]).mean(axis=1)
    return out


def side_share(places: Places, line: Zone, side: str, rows: Array) -> Floats:
    """For each draw of each place: chance that it lies on a side of a line."""
    share: Floats = ndtr(_side_km(places, line, side, rows) / edge_km(line))
    return share


def short_of(places: Places, line: Zone, side: str, reach_km: float, rows: Array) -> Floats:
    """P(place less than `reach_km` from a line on one's own side, or beyond the line) for some known places."""
    known = places.asked.setdefault((id(line), reach_km, side), (line, np.full(places.lat.shape, np.nan)))[1]
    new = rows[np.isnan(known[rows])]
    if new.size:
        known[new] = _short_of(places, line, side, reach_km, new)
    return known[rows]


def _short_of(places: Places, line: Zone, side: str, reach_km: float, rows: Array) -> Floats:
    own = places.left_km(line, rows) * (1.0 if side == "left" else -1.0)
    spread = _spread_km(places, line, rows)
    out = (own < reach_km).astype(np.float64)
    sure = (own <= -spread) | (np.abs(own) + spread <= reach_km) | (own - spread >= reach_km)
    near = np.flatnonzero(~sure)
    for first in range(0, near.size, _CHUNK):
        part = near[first : first + _CHUNK]
        out[part] = short_share(places, line, side, reach_km, rows[part]).mean(axis=1)
    return out


def short_share(places: Places, line: Zone, side: str, reach_km: float, rows: Array) -> Floats:
    """For each draw of each place: chance that it lies less than that from a line on one's own side, or beyond it."""
    share: Floats = ndtr((reach_km - _side_km(places, line, side, rows)) / edge_km(line))
    return share


def _side_km(places: Places, line: Zone, side: str, rows: Array) -> Floats:
    """How far each draw of each place lies on a side of a line, km, negative beyond it. Where all draws lie on the side
    of their middle, only their distance is looked for."""
    x, y, middle = places.draws_km(rows, line)
    left, reach = places.left_km(line, rows), places.reach_km(rows)
    out = np.sign(left)[:, None] * -cloud_depth_km(line.local, x, y, middle, reach)
    cross = np.flatnonzero(np.abs(left) <= reach)
    if cross.size:
        at = middle[0][cross], middle[1][cross]
        out[cross] = cloud_left_km(line.local, x[cross], y[cross], at, reach[cross])
    return out if side == "left" else -out


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing that an incident may have been: an act with a weapon, and its share. Class "" = unknown weapon."""

    act: str
    weapon_class: str
    weapon: Weapon | None
    p: float


@dataclass(frozen=True, slots=True)
class Kind:
    """One act with one weapon, and the signatures that hold some share of it."""

    atom: Atom
    signatures: Array
    shares: Floats


def overlapping(spans: Sequence[Span], first: Array, last: Array) -> tuple[Array, Array, Array]:
    """Which spans (apart, in order) overlap each [first, last): from position, up to position, and whether any."""
    starts = np.array([s for s, _ in spans], dtype=np.int64)
    ends = np.array([_NEVER if e is None else e for _, e in spans], dtype=np.int64)
    begin, stop = np.searchsorted(ends, first, side="right"), np.searchsorted(starts, last, side="left")
    return begin, np.maximum(begin, stop), stop > begin


def atoms_of(acts: Sequence[tuple[str, float]], weapons: Sequence[tuple[str | None, float]]) -> tuple[Atom, ...]:
    """Acts and weapons of an incident, combined: a told weapon goes with every act, else the act tells the class."""
    tax = taxonomy()
    told = [(tax.weapon(word), p) for word, p in weapons]
    rest = max(0.0, 1.0 - sum(p for _, p in told))
    out = []
    for code, p in acts:
        act = tax.acts.get(code)
        for weapon, share in told:
            out.append(Atom(code, "" if weapon is None else weapon.weapon_class, weapon, p * share))
        if rest > 1e-9:
            out.append(Atom(code, (act.weapon_class if act else None) or "", None, p * rest))
    return tuple(out)


@lru_cache(maxsize=4096)
def covered(act: str, codes: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether some codes cover an act: (surely, maybe); a wider act could be one of them."""
    covers = taxonomy().covers
    sure = any(covers(c, act) for c in codes)
    return sure, sure or any(covers(act, c) for c in codes)


def under_rules(atom: Atom, rules: Sequence[WeaponRule]) -> tuple[bool, bool]:
    """Whether a weapon falls under one of the rules: (surely, maybe)."""
    found = [_match(r, atom.weapon_class, atom.weapon) for r in rules]
    return any(f is True for f in found), any(f is not False for f in found)


def _match(rule: WeaponRule, cls: str, weapon: Weapon | None) -> bool | None:
    if not cls:
        return None if rule.classes or rule.models or rule.calibre else True
    calibre = None if weapon is None else weapon.calibre_mm
    return rule.matches(cls, calibre, cls if weapon is None else weapon.code)


def weapons_of(
    acts: Sequence[tuple[str, float]], weapons: Sequence[tuple[str | None, float]]
) -> list[tuple[str, Weapon | None, float]]:
    """(class, weapon or None, share) of an incident: told weapons, else the class that its act implies."""
    return [(atom.weapon_class, atom.weapon, atom.p) for atom in atoms_of(acts, weapons)]


def required_km(term: Term, weapon_class: str, weapon: Weapon | None, untold: float = np.inf) -> tuple[float, float]:
    """Least and greatest distance that a weapon may have to keep, km; 0 = none. The most specific rule wins; `untold`:
    the greatest where a rule tells no distance at all (out of an area, none is kept beyond it)."""
    possible: list[tuple[float, float]] = []
    for rule in sorted(term.weapons, key=lambda r: -r.specificity):
        match = _match(rule, weapon_class, weapon)
        if match is False:
            continue
        km = rule.required_km(weapon)
        most = untold if rule.distance_km is None and rule.reach is None else np.inf
        possible.append((0.0, most) if km is None else (km, km))
        if match is True:
            break
    else:
        possible.append((0.0, 0.0))
    return min(p[0] for p in possible), max(p[1] for p in possible)


def zone_of(zones: Mapping[str, Zone], name: str | None) -> Zone | None:
    """The zone of that name if it has a shape."""
    zone = zones.get(name or "")
    return zone if zone is not None and zone.geometry is not None else None
