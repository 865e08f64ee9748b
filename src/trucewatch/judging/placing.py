"""The place part of a term: inside a zone for prohibitions, nearer than allowed to a baseline for withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.agreement import Term, Where, Zone
from trucewatch.judging.cases import Case
from trucewatch.judging.scope import Bounds, Incidents, Places, acts_inside, required_km, weapons_of, within, zone_of
from trucewatch.model.table import Array
from trucewatch.taxonomy import taxonomy


@dataclass
class Placed:
    """Shares of act, weapon and place inside a case, as (low, high), for the rows that can fall under it."""

    rows: Array
    low: Any
    high: Any


def place_bounds(incidents: Incidents, case: Case, where: Where, rows: Array) -> Bounds:
    """P(place of the wanted kind inside the zone) for some incidents; (0, 1) where it is not known."""
    if where.zone is None:
        return np.ones(rows.size), np.ones(rows.size)
    low, high = np.zeros(rows.size), np.ones(rows.size)
    zone = zone_of(case.agreement.zones, where.zone)
    if zone is None:
        return low, high
    for places, able in _places(incidents, where.of):
        usable = able[rows] & places.known[rows]
        at = np.flatnonzero(usable & (low == 0) & (high == 1))
        if at.size:
            low[at] = high[at] = within(places, zone, np.zeros(at.size), rows[at])
    return low, high


def _places(incidents: Incidents, of: str | None) -> list[tuple[Places, Array]]:
    """Which places of the table are of the wanted kind, best first.

    What a bare place means follows from the act where the taxonomy says so; fire may be told where it came from or
    where it fell, and unless a source says which, it is not known.
    """
    t = incidents.table
    itself, origins = Places.of(t), Places.origins(t)
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


WEAPONS_SEEN = "movement.weapons_in_zone"


def withdrawal_bounds(incidents: Incidents, case: Case, rows: Array) -> Placed:
    """P(weapon nearer to the actor's baseline than it may be), for weapons seen in a zone or where they fired from.

    Rows whose weapons no rule can mean, or that show no weapon at a place of its own, are left out.
    """
    term, t = case.term, incidents.table
    seen = acts_inside(incidents.signatures, [WEAPONS_SEEN])
    fired = acts_inside(incidents.signatures, ["fire"])
    origins = Places.origins(t)
    parts = []
    for places, shares, able in ((Places.of(t), seen, None), (origins, fired, origins.known)):
        low, high = incidents.per_signature(shares)
        possible = high[rows] > 0 if able is None else (high[rows] > 0) & able[rows]
        parts.append((places, low, high, possible))
    asked = np.array([_largest(term, a, w) > 0 for a, w in incidents.signatures], dtype=bool)[incidents.signature[rows]]
    kept = rows[(parts[0][3] | parts[1][3]) & asked]
    low, high = np.zeros(kept.size), np.zeros(kept.size)
    for places, share_low, share_high, possible in parts:
        use = np.isin(kept, rows[possible])
        near_low, near_high = _nearer(incidents, case, places, kept[use])
        low[use] += share_low[kept[use]] * near_low
        high[use] += share_high[kept[use]] * near_high
    return Placed(kept, np.minimum(low, 1.0), np.minimum(high, 1.0))


def _largest(term: Term, acts: Any, weapons: Any) -> float:
    return max((required_km(term, cls, w)[1] for cls, w, p in weapons_of(acts, weapons) if p > 0), default=0.0)


def _nearer(incidents: Incidents, case: Case, places: Places, rows: Array) -> Bounds:
    low, high = np.zeros(rows.size), np.zeros(rows.size)
    zone = zone_of(case.agreement.zones, case.term.from_zone.get(case.actor))
    known = places.known[rows]
    cache: dict[float, Any] = {}
    signature = incidents.signature[rows]
    for s in np.unique(signature).tolist():
        at = np.flatnonzero(signature == s)
        acts, weapons = incidents.signatures[s]
        for cls, weapon, p in weapons_of(acts, weapons):
            least, most = required_km(case.term, cls, weapon)
            low[at] += p * _share(cache, places, zone, known, rows, least, at, 0.0)
            high[at] += p * _share(cache, places, zone, known, rows, most, at, 1.0)
    return low, high


def _share(
    cache: dict[float, Any], places: Places, zone: Zone | None, known: Array, rows: Array, km: float, at: Array,
    unknown: float,
) -> Any:  # fmt: skip
    """P(nearer than `km`) of some rows; where place or baseline are not known, the bound that was asked for."""
    if km <= 0:
        return np.zeros(at.size)
    if zone is None or np.isinf(km):
        return np.full(at.size, unknown)
    if km not in cache:
        near = np.full(rows.size, np.nan)
        near[known] = within(places, zone, np.full(int(known.sum()), km), rows[known])
        cache[km] = near
    return np.where(np.isnan(cache[km][at]), unknown, cache[km][at])
