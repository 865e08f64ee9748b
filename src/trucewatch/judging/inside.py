"""P(in scope) of a case: one integral over the joint draws of place, time and act, with exceptions and notices.

Where factors hang on different draws, means are multiplied; where two hang on the same ones (a zone and the zone of an
exception, a window and a notice's hours), the product is taken draw by draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.agreement import Exemption
from trucewatch.judging.cases import Case, Span
from trucewatch.judging.kinds import FIRED, by_fire, codes, fits
from trucewatch.judging.lawful import Notice
from trucewatch.judging.placing import (
    Ground,
    Together,
    all_of,
    beyond_baseline,
    inside,
    left_behind,
    nearer,
)
from trucewatch.judging.scope import Atom, Bounds, Incidents, Kind, covered, under_rules
from trucewatch.judging.states import NEVER
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_CHUNK = 2048
Sure = tuple[bool, bool]  # surely, maybe


@dataclass(frozen=True)
class Share:
    """What of each incident's act falls under a case at one kind of place, and what may take it out again."""

    placing: Ground
    low: Floats  # by signature
    high: Floats
    excepted: tuple[Sure, ...]  # by exception
    announced: tuple[Sure, ...]  # by notice


@dataclass(frozen=True)
class Scope:
    """P over the rows of a case as (low, high): in scope; the same and not lawful by a notice; and the greatest that
    the latter could be if no exception held by itself."""

    scope: Bounds
    unlawful: Bounds
    unexcepted: Floats


def can_fall(incidents: Incidents, case: Case) -> Array:
    """Which incidents' acts can fall under a case: those of its kind; where what must not be there may have fired, fire
    of known origin too."""
    out = _with_acts(incidents, codes(case.term))
    return out | (_with_acts(incidents, FIRED) & incidents.origins.known) if by_fire(case.term) else out


def _with_acts(incidents: Incidents, codes: tuple[str, ...]) -> Array:
    """Which incidents may be an act that some codes cover."""
    if codes not in incidents.able:
        kinds = [(k, 1.0) for k in incidents.kinds if covered(k.atom.act, codes)[1]]
        incidents.able[codes] = incidents.by_signature(kinds)[incidents.signature] > 0
    return incidents.able[codes]


def exempted(case: Case, doer: str) -> tuple[int, ...]:
    """Positions of the exceptions that hold by themselves for what a doer does."""
    found = enumerate(case.term.excepts)
    return tuple(k for k, e in found if e.by_itself and (not e.actors or doer in e.actors))


@dataclass(frozen=True)
class _Exempt:
    """An exception that holds by itself: its place (None: anywhere) and its time (None: always)."""

    told: Exemption
    zone: Ground | None
    spans: tuple[Span, ...] | None

    def mean(self, incidents: Incidents, rows: Array) -> Bounds | None:
        """The share of place and time that it takes, of each of some incidents; None = all."""
        place = None if self.zone is None else self.zone.mean(rows)
        if self.spans is None:
            return place
        time = incidents.during(self.spans, rows)
        return (time, time) if place is None else (place[0] * time, place[1] * time)

    def draws(self, incidents: Incidents, rows: Array) -> Bounds | None:
        """The same of each draw."""
        place = None if self.zone is None else self.zone.draws(rows)
        if self.spans is None:
            return place
        time = incidents.in_spans(self.spans, rows).astype(np.float64)
        return (time, time) if place is None else (place[0] * time, place[1] * time)

    def covers(self, atom: Atom) -> Sure:
        """Whether it covers an act with a weapon: (surely, maybe)."""
        act = covered(atom.act, self.told.acts) if self.told.acts else (True, True)
        if not self.told.weapons:
            return act
        weapon = under_rules(atom, self.told.weapons)
        return act[0] and weapon[0], act[1] and weapon[1]


def in_scope(
    incidents: Incidents, case: Case, exceptions: Sequence[int], notices: Sequence[Notice], rows: Array
) -> Scope:
    """The scope of a case over some incidents that can fall under it, less what the given exceptions take out."""
    total = _Total(rows.size)
    asked = np.zeros(incidents.n, dtype=bool)
    asked[rows] = True
    near = [n for n in notices if asked[n.reaches(incidents)].any()]
    for spans, zones in case.phases or ((case.spans, case.zones),):
        phase = replace(case, spans=spans, zones=zones)
        excepts = [_exempt(incidents, phase, case.term.excepts[k]) for k in exceptions]
        time = incidents.during(_due(phase), rows)
        for share in _shares(incidents, phase, excepts, near):
            _add(incidents, phase, share, excepts, near, rows, time, total)
    if case.hours_open:  # nobody knows whether it was within the hours
        total.sums[:, 0] = 0.0
    return total.scope()


def _exempt(incidents: Incidents, case: Case, told: Exemption) -> _Exempt:
    zone = None if told.where is None or told.where.zone is None else inside(incidents, case, told.where)
    if told.starts is None and told.until is None:
        return _Exempt(told, zone, None)
    start = -NEVER if told.starts is None else told.starts.resolve(case.times)
    end = None if told.until is None else told.until.resolve(case.times)  # an event that is not set ends nothing yet
    spans = () if start is None or (end is not None and end <= start) else ((start, end),)
    return _Exempt(told, zone, spans)


def _add(
    incidents: Incidents, case: Case, share: Share, excepts: Sequence[_Exempt], near: Sequence[Notice], rows: Array,
    time: Floats, total: _Total,
) -> None:  # fmt: skip
    """Add what a share of the incidents' acts gives."""
    signature = incidents.signature[rows]
    at = np.flatnonzero((time > 0) & (share.high[signature] > 0))
    if not at.size:
        return
    taken = [e.mean(incidents, rows[at]) for e in excepts]
    place = share.placing.mean(rows[at])
    slow = _hang_together(incidents, rows[at], near, place, time[at], taken)
    weight = share.low[signature[at]], share.high[signature[at]]
    for bound in (0, 1):
        plain = weight[bound] * place[bound] * time[at]
        left = np.ones(at.size)
        for k, sure in enumerate(share.excepted):
            left = left * (1.0 - _of(sure, taken[k], 1 - bound))
        fast = ~slow
        total.add(bound, plain[fast], (left[fast], left[fast], 1.0), at[fast])
    late = np.flatnonzero(slow)
    for k in range(0, late.size, _CHUNK):
        part = late[k : k + _CHUNK]
        mean = place[0][part], place[1][part]
        _jointly(incidents, case, share, excepts, near, rows, at[part], mean, time, total)


class _Total:
    """Sums over shares by (low, high): in scope, besides not lawful by a notice, the latter without exceptions."""

    def __init__(self, n: int) -> None:
        self.sums = np.zeros((3, 2, n))

    def add(self, bound: int, plain: Floats, left: Sequence[Floats | float], at: Array) -> None:
        """`plain`: a share without exceptions and notices; `left`: what of it counts in each of the three sums."""
        for total, part in zip(self.sums, left, strict=True):
            total[bound, at] += plain * part

    def scope(self) -> Scope:
        """As bounds; twelve decimals, so that the order of the sums above leaves no trace (L11)."""
        scoped, unlawful, unexcepted = np.round(self.sums, 12)
        return Scope((scoped[0], scoped[1]), (unlawful[0], unlawful[1]), unexcepted[1])


def _of(sure: Sure, taken: Bounds | None, bound: int) -> Floats:
    """Chance that an exception or notice takes a draw: its act (surely, maybe) and its place."""
    return np.asarray(float(sure[bound]) * (1.0 if taken is None else taken[bound]))


def _due(case: Case) -> list[tuple[int, int | None]]:
    """The part of the spans in which the term can be broken."""
    due = case.due
    if due is None or not case.binds:
        return []
    return [(max(start, due), end) for start, end in case.spans if end is None or end > due]


def _hang_together(
    incidents: Incidents, rows: Array, notices: Sequence[Notice], place: Bounds, time: Floats,
    taken: Sequence[Bounds | None],
) -> Array:  # fmt: skip
    """Which incidents need the product draw by draw."""

    def varies(bounds: Bounds) -> Array:
        return np.asarray(((bounds[0] > 0) & (bounds[0] < 1)) | ((bounds[1] > 0) & (bounds[1] < 1)))

    zones = [varies(t) for t in taken if t is not None]
    slow = np.zeros(rows.size, dtype=bool)
    if zones:
        slow |= np.sum([varies(place), varies((time, time)), *zones], axis=0) > 1
    reached = np.zeros(incidents.n, dtype=bool)
    for notice in notices:
        reached[notice.reaches(incidents)] = True
    return slow | reached[rows]


def _jointly(
    incidents: Incidents, case: Case, share: Share, excepts: Sequence[_Exempt], notices: Sequence[Notice],
    rows: Array, at: Array, mean: Bounds, time: Floats, total: _Total,
) -> None:  # fmt: skip
    """Add a share of the incidents `rows[at]`: what exceptions and notices leave, averaged over draws inside."""
    here = rows[at]
    now = incidents.in_spans(_due(case), here)
    taken = [e.draws(incidents, here) for e in excepts]
    at_here = np.full(incidents.n, -1)
    at_here[here] = np.arange(here.size)
    told: list[tuple[Array, Bounds] | None] = []
    for notice in notices:
        explained = at_here[notice.reaches(incidents)]
        explained = explained[explained >= 0]
        told.append((explained, notice.draws(incidents, here[explained])) if explained.size else None)
    place = share.placing.draws(here)
    weight = share.low[incidents.signature[here]], share.high[incidents.signature[here]]
    for bound in (0, 1):
        held = place[bound] * now
        left = np.ones_like(held)
        for sure, zone in zip(share.excepted, taken, strict=True):
            left = left * (1.0 - _of(sure, zone, 1 - bound))
        unlawful = np.ones_like(held)
        for sure, lawful in zip(share.announced, told, strict=True):
            if lawful is not None:
                unlawful[lawful[0]] *= 1.0 - _of(sure, lawful[1], 1 - bound)
        plain = weight[bound] * mean[bound] * time[at]
        parts = [_average(held, x, bound) for x in (left, left * unlawful, unlawful)]
        total.add(bound, plain, parts, at)


def _average(held: Floats, left: Floats, bound: int) -> Floats:
    """Mean of `left` over the draws inside; where none is, the bound that is asked for."""
    weight = held.sum(axis=1)
    out: Floats = np.full(len(held), float(bound))
    np.divide((held * left).sum(axis=1), weight, out=out, where=weight > 0)
    return out


def _shares(incidents: Incidents, case: Case, excepts: Sequence[_Exempt], notices: Sequence[Notice]) -> Iterable[Share]:
    """The acts and weapons of all signatures that can fall under a case, by place and by what may take them out."""
    found: dict[tuple[Any, ...], list[tuple[Kind, float]]] = {}
    for kind in incidents.kinds:
        for place, (sure, _) in fits(case.term, case.actor, kind.atom):
            excepted = tuple(e.covers(kind.atom) for e in excepts)
            announced = tuple(covered(kind.atom.act, x.acts) for x in notices)
            found.setdefault((place, excepted, announced), []).append((kind, float(sure)))
    for (place, excepted, announced), kinds in found.items():
        low = incidents.by_signature(kinds)
        high = incidents.by_signature([(kind, 1.0) for kind, _ in kinds])
        yield Share(ground_of(incidents, case, place), low, high, excepted, announced)


def ground_of(incidents: Incidents, case: Case, place: Any) -> Ground:
    """Where the place of an act counts, as `kinds.fits` names it."""
    term = case.term
    if place == "where":
        return all_of(incidents, case, term.places, "presence" if term.kind == "exclusion_zone" else None)
    if place == "fired":
        return all_of(incidents, case, tuple(replace(w, of="origin") for w in term.places))
    if place == "freeze":
        named = all_of(incidents, case, term.places, "presence")
        return Together((beyond_baseline(incidents, case, case.held), named))
    if place[0] == "left":
        return left_behind(incidents, case, place[1])
    return nearer(incidents, case, *place[1:])
