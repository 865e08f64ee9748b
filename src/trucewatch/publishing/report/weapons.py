"""Weapons seen nearer to a line than a withdrawal term allows, or far enough away: distance with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trucewatch.agreement import Agreement, Term, Zone
from trucewatch.publishing.report.cards import Card
from trucewatch.publishing.report.truce import Truce


@dataclass(frozen=True, slots=True)
class Sighting:
    """One weapon against one line: distance and its 95 % spread in km (None: the line or place is not known; negative:
    beyond the line, off the actor's own side), what the
    term asks for (least and greatest over its readings and where the weapon is not known well enough; infinite = not
    known)."""

    card: Card
    agreement: Agreement
    term: Term
    actor: str
    line: str | None
    distance_km: float | None
    spread_km: float | None
    required_km: tuple[float, float]
    outcome: str | None


def withdrawal_terms(truces: Sequence[Truce]) -> list[tuple[Agreement, Term]]:
    """Terms in force that set a distance for weapons."""
    return [
        (t.agreement, term) for t in truces for term in t.agreement.terms if term.kind == "withdrawal" and term.weapons
    ]


def sightings(cards: Sequence[Card], truces: Sequence[Truce]) -> list[Sighting]:
    """The findings of the day under withdrawal terms, in the order of incidents and actors."""
    terms = {(a.id, t.id): (a, t) for a, t in withdrawal_terms(truces)}
    out, seen = [], set()
    for card in cards:
        for row in card.incident.findings:
            found = terms.get((row["agreement"], row["term"]))
            if found is None or row["actor"] is None or row["finding_id"] in seen:
                continue
            seen.add(row["finding_id"])
            one = _sighting(card, *found, str(row["actor"]), row["outcome"])
            # Fire from a weapon of which the term asks nothing is no sighting under it.
            if one.required_km != (0.0, 0.0) or card.incident.row["act"].startswith("movement.weapons"):
                out.append(one)
    return out


def _sighting(card: Card, agreement: Agreement, term: Term, actor: str, outcome: str | None) -> Sighting:
    from trucewatch.judging.scope import required_km, weapons_of  # loads much, and few pages have such a term

    row = card.incident.row
    line = term.from_zone.get(actor)
    zone = None if line is None else agreement.zone_at(line, int(row["start"]))
    distance = spread = None
    if zone is not None and zone.geometry is not None and row["lat"] is not None:
        distance = away_km(zone, term, actor, row["lon"], row["lat"])
        spread = math.hypot(row["semi_major_km"] or 0.0, zone.uncertainty_km or 0.0)
    weapons = [(row["weapon"], 1.0)] if row["weapon"] else []
    readings = [read for _, read in term.alternatives] or [term]
    told = weapons_of([(row["act"], 1.0)], weapons)
    bounds = [required_km(read, cls, weapon) for read in readings for cls, weapon, _ in told]
    required = (min(b[0] for b in bounds), max(b[1] for b in bounds)) if bounds else (0.0, math.inf)
    return Sighting(card, agreement, term, actor, line, distance, spread, required, outcome)


def away_km(zone: Zone, term: Term, actor: str, lon: float, lat: float) -> float:
    """How far a place lies from a line or area, km; negative off the actor's own side of a line, which judging takes
    for nearer than any distance allows."""
    at = np.array([lon]), np.array([lat])
    away = abs(float(zone.depth_km(*at)[0]))
    side = term.sides.get(actor) or zone.sides.get(actor)
    if side is None or not zone.geometry.geom_type.endswith("LineString"):
        return away
    own = replace(zone, sides={actor: side}).own_km(actor, *at)
    return away if own is None or own[0] >= 0 else -away
