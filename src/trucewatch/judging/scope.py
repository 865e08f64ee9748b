"""Whether an incident lies inside a term: time, act and weapon, place. Each as a pair (low, high): what is not known
makes them differ, and nothing is guessed in between (law L7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from trucewatch.agreement import Term, WeaponRule, Zone
from trucewatch.judging.draws import DRAWS, EAST, FARTHEST, NORTH, TIME
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.model.times import SECOND
from trucewatch.taxonomy import Weapon, taxonomy

_KERNEL_KM = 0.02  # edges are soft by 20 m, so that a metre never decides
_UNIFORM = 3.4  # an interval as wide as this many standard deviations is a stated one: uniform (its own is 3.46)
_CHUNK = 4096
Bounds = tuple[Floats, Floats]


@dataclass
class Incidents:
    """The incident table with what every case asks of it again: signatures of acts and weapons, kinds of time."""

    table: Table
    signatures: list[tuple[Any, Any]] = field(default_factory=list)
    signature: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    uniform: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))

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

    def during(self, start: int | None, end: int | None, rows: Array | slice = slice(None)) -> Floats:
        """P(time in [start, end)), microseconds, None = open: normal, or uniform where an interval was stated."""
        return self._before(end, rows, 1.0) - self._before(start, rows, 0.0)

    def _before(self, moment: int | None, rows: Array | slice, otherwise: float) -> Floats:
        t = self.table
        if moment is None:
            return np.full(t["start"][rows].shape, otherwise)
        at = moment / SECOND
        sd = np.maximum(t["t_sd_s"][rows], 1.0)
        normal = ndtr((at - t["t_mean_s"][rows]) / sd)
        first, last = t["start"][rows] / SECOND, t["end"][rows] / SECOND
        flat = np.clip((at - first) / np.maximum(last - first, 1.0), 0.0, 1.0)
        return np.where(self.uniform[rows], flat, normal)

    def moments(self, rows: Array) -> Floats:
        """The fixed draws of the time of some incidents, unix seconds: one row an incident."""
        t = self.table
        normal = t["t_mean_s"][rows, None] + np.maximum(t["t_sd_s"][rows, None], 1.0) * ndtri(TIME)
        first, last = t["start"][rows, None] / SECOND, t["end"][rows, None] / SECOND
        return np.where(self.uniform[rows, None], first + (last - first) * TIME, normal)

    def per_signature(self, values: Sequence[tuple[float, float]]) -> Bounds:
        """(low, high) of each incident from those of each signature."""
        both = np.array(values, dtype=np.float64).reshape(-1, 2)
        return both[self.signature, 0], both[self.signature, 1]


@dataclass(frozen=True, slots=True)
class Places:
    """Where something was: degrees and covariance in km2; NaN = unknown."""

    lat: Floats
    lon: Floats
    ee: Floats
    en: Floats
    nn: Floats

    @classmethod
    def of(cls, t: Table) -> Places:
        """The places of the incidents themselves."""
        return cls(t["lat"], t["lon"], t["cov_ee"], t["cov_en"], t["cov_nn"])

    @classmethod
    def origins(cls, t: Table) -> Places:
        """Where fire came from: the origin told, else the place itself where that is an origin."""
        itself = (t["place_of"] == "origin") & np.isnan(t["origin_lat"])
        s2 = t["origin_sigma_km"] ** 2
        return cls(
            np.where(itself, t["lat"], t["origin_lat"]), np.where(itself, t["lon"], t["origin_lon"]),
            np.where(itself, t["cov_ee"], s2), np.where(itself, t["cov_en"], 0.0), np.where(itself, t["cov_nn"], s2),
        )  # fmt: skip

    @property
    def known(self) -> Array:
        """Which are known."""
        return np.isfinite(self.lat) & np.isfinite(self.lon) & np.isfinite(self.ee) & np.isfinite(self.nn)

    def draws_km(self, rows: Array, zone: Zone) -> tuple[Floats, Floats]:
        """The fixed draws of some places in the zone's km: two arrays, one row an incident."""
        x, y = zone.local.project(self.lon[rows], self.lat[rows])
        ee, en, nn = self.ee[rows], self.en[rows], self.nn[rows]
        east = np.sqrt(np.maximum(ee, 0.0))
        slope = np.divide(en, east, out=np.zeros_like(en), where=east > 0)
        rest = np.sqrt(np.maximum(nn - slope**2, 0.0))
        return x[:, None] + east[:, None] * EAST, y[:, None] + slope[:, None] * EAST + rest[:, None] * NORTH


def within(places: Places, zone: Zone, reach_km: Floats, rows: Array) -> Floats:
    """P(place at most `reach_km` outside the zone's edge) for some known places; reach 0 = inside.

    Mean over the fixed draws of Phi((depth + reach) / s), s from the zone's own uncertainty (95 % = 1.96 s). Places
    whose draws all fall on one side need no draws: depth changes by at most a km a km.
    """
    s = max(zone.uncertainty_km / 1.96, _KERNEL_KM)
    depth = zone.depth_km(places.lon[rows], places.lat[rows]) + reach_km
    spread = np.sqrt(np.maximum(places.ee[rows] + places.nn[rows], 0.0)) * FARTHEST + 5 * s
    out = (depth > 0).astype(np.float64)
    near = np.flatnonzero(np.abs(depth) <= spread)
    for first in range(0, near.size, _CHUNK):
        part = near[first : first + _CHUNK]
        out[part] = depth_share(places, zone, reach_km[part], rows[part], s).mean(axis=1)
    return out


def depth_share(places: Places, zone: Zone, reach_km: Floats, rows: Array, s: float) -> Floats:
    """For each draw of each place: chance that it lies within reach of the zone, given the zone's uncertainty."""
    x, y = places.draws_km(rows, zone)
    depth = zone.local.depth_km(x.ravel(), y.ravel()).reshape(rows.size, DRAWS)
    share: Floats = ndtr((depth + reach_km[:, None]) / s)
    return share


def acts_inside(signatures: Sequence[tuple[Any, Any]], codes: Sequence[str]) -> list[tuple[float, float]]:
    """Share of each signature's acts that some codes cover; high: with wider acts that could be one of them."""
    covers = taxonomy().covers
    out = []
    for acts, _ in signatures:
        sure = sum(p for code, p in acts if any(covers(c, code) for c in codes))
        open_ = sum(p for code, p in acts if any(c != code and covers(code, c) for c in codes))
        out.append((min(1.0, sure), min(1.0, sure + open_)))
    return out


def weapons_of(
    acts: Sequence[tuple[str, float]], weapons: Sequence[tuple[str | None, float]]
) -> list[tuple[str, Weapon | None, float]]:
    """(class, weapon or None, share): told weapons, else the class that the act implies; class "" = unknown."""
    tax = taxonomy()
    out = []
    told = sum(p for _, p in weapons)
    for word, p in weapons:
        weapon = tax.weapon(word)
        out.append(("" if weapon is None else weapon.weapon_class, weapon, p))
    if told < 1 - 1e-9:
        for code, p in acts:
            act = tax.acts.get(code)
            out.append((act.weapon_class or "" if act else "", None, p * (1 - told)))
    return out


def weapons_inside(signatures: Sequence[tuple[Any, Any]], rules: Sequence[WeaponRule]) -> list[tuple[float, float]]:
    """Share of each signature's weapons that fall under some rule; high: those that may."""
    out = []
    for acts, weapons in signatures:
        low = high = 0.0
        for cls, weapon, p in weapons_of(acts, weapons):
            found = [_match(r, cls, weapon) for r in rules]
            low += p if any(f is True for f in found) else 0.0
            high += p if any(f is not False for f in found) else 0.0
        out.append((min(1.0, low), min(1.0, high)))
    return out


def _match(rule: WeaponRule, cls: str, weapon: Weapon | None) -> bool | None:
    if not cls:
        return None if rule.classes or rule.models or rule.calibre else True
    calibre = None if weapon is None else weapon.calibre_mm
    return rule.matches(cls, calibre, cls if weapon is None else weapon.code)


def required_km(term: Term, cls: str, weapon: Weapon | None) -> tuple[float, float]:
    """Least and greatest distance that a weapon may have to keep, km; 0 = none. The most specific rule wins."""
    possible: list[tuple[float, float]] = []
    for rule in sorted(term.weapons, key=lambda r: -r.specificity):
        match = _match(rule, cls, weapon)
        if match is False:
            continue
        km = rule.required_km(weapon)
        possible.append((0.0, np.inf) if km is None else (km, km))
        if match is True:
            break
    else:
        possible.append((0.0, 0.0))
    return min(p[0] for p in possible), max(p[1] for p in possible)


def zone_of(zones: Mapping[str, Zone], name: str | None) -> Zone | None:
    """The zone of that name if it has a shape."""
    zone = zones.get(name or "")
    return zone if zone is not None and zone.geometry is not None else None
