"""What of a case's clock, zones and exceptions the integral takes: its phases, each with the shares of acts that can
fall under it, and with the times at which the term can be broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.agreement import Exemption
from trucewatch.judging.cases import Case
from trucewatch.judging.kinds import fits
from trucewatch.judging.lawful import Notice
from trucewatch.judging.placing import (
    Either,
    Ground,
    Together,
    all_of,
    beyond_baseline,
    counted_at,
    inside,
    left_behind,
    nearer,
    of_kind,
    usual_of,
)
from trucewatch.judging.scope import Atom, Bounds, Incidents, Kind, Span, covered, under_rules
from trucewatch.judging.states import NEVER, States
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

Sure = tuple[bool, bool]  # surely, maybe


@dataclass(frozen=True)
class Exempt:
    """An exception that holds by itself, for what counts at one kind of place: its place (None: anywhere) and its time
    (None: always)."""

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

    def holds_in(self, first: int, last: int) -> bool:
        """Whether it holds all through [first, last)."""
        if self.spans is None:
            return True
        return any(start <= first and (end is None or last <= end) for start, end in self.spans)

    def covers(self, atom: Atom) -> Sure:
        """Whether it covers an act with a weapon: (surely, maybe)."""
        act = covered(atom.act, self.told.acts) if self.told.acts else (True, True)
        if not self.told.weapons:
            return act
        weapon = under_rules(atom, self.told.weapons)
        return act[0] and weapon[0], act[1] and weapon[1]


@dataclass(frozen=True)
class Share:
    """What of each incident's act falls under a case at one kind of place, and what may take it out again."""

    placing: Ground
    low: Floats  # by signature
    high: Floats
    excepts: tuple[Exempt, ...]
    excepted: tuple[Sure, ...]  # by exception
    announced: tuple[Sure, ...]  # by notice


@dataclass(frozen=True)
class Phase:
    """A part of a case's time with the zones of that time. `due`: when the term can be broken, surely and at most."""

    due: tuple[tuple[Span, ...], tuple[Span, ...]]
    shares: tuple[Share, ...]

    def time(self, incidents: Incidents, rows: Array) -> Bounds:
        """P(time in it): the least and the greatest, of each of some incidents."""
        low = incidents.during(self.due[0], rows)
        return low, low if self.due[0] == self.due[1] else incidents.during(self.due[1], rows)


def phases(incidents: Incidents, case: Case, exceptions: Sequence[int], notices: Sequence[Notice]) -> list[Phase]:
    """The phases of a case, with the given exceptions; their shares are the same ones in the same order."""
    told = [case.term.excepts[k] for k in exceptions]
    out = []
    for spans, zones in case.phases or ((case.spans, case.zones),):
        phase = replace(case, spans=spans, zones=zones)
        out.append(Phase(_due(phase), tuple(_shares(incidents, phase, told, notices))))
    return out


def open_from(case: Case) -> int | None:
    """From when a term can be broken for all that is known, microseconds: from its deadline, or from when it had to be
    begun where nobody told that it was; None = its clock is not set."""
    if case.due is None:
        return None
    begins = None if case.term.begins_by is None else case.term.begins_by.resolve(case.times)
    if begins is None:
        return case.due
    begins = max(begins, case.start, case.gate.met or case.start)
    if case.term.by is None:  # the text says by when to begin, and not by when to end
        return begins
    told = States(case.agreement, case.times).told(case.term.id, "begun")
    return case.due if told is not None and told <= begins else min(begins, case.due)


def _due(case: Case) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The parts of the spans in which the term can be broken, surely and at most. What had to begin by a time and to
    end by another one, or by none, may be broken between them: one sighting does not tell. What somebody has
    to renew may be broken after its first period too."""
    begins = open_from(case)
    if case.due is None or begins is None or not case.binds:
        return (), ()
    most = _from(case.spans, begins)
    unending = case.term.begins_by is not None and case.term.by is None
    sure = () if unending else most if begins == case.due else _from(case.spans, case.due)
    return _until(sure, case.sure_until), most


def _until(spans: tuple[Span, ...], last: int | None) -> tuple[Span, ...]:
    if last is None:
        return spans
    return tuple((start, last if end is None else min(end, last)) for start, end in spans if start < last)


def _from(spans: Sequence[Span], first: int) -> tuple[Span, ...]:
    return tuple((max(start, first), end) for start, end in spans if end is None or end > first)


def exempt_at(incidents: Incidents, case: Case, told: Exemption, place: Any) -> Exempt:
    """An exception for what counts at a kind of place; where it does not say which place it means, that one."""
    zone: Ground | None = None
    if told.where is not None and told.where.zone is not None:
        of = told.where.of
        kinds = counted_at(incidents, case, place) if of is None else (of_kind(incidents, of),)
        found = tuple(inside(case, told.where, options) for options in kinds)
        zone = found[0] if len(found) == 1 else Either(found)
    if told.starts is None and told.until is None:
        return Exempt(told, zone, None)
    start = -NEVER if told.starts is None else told.starts.resolve(case.times)
    end = None if told.until is None else told.until.resolve(case.times)  # an event that is not set ends nothing yet
    spans = () if start is None or (end is not None and end <= start) else ((start, end),)
    return Exempt(told, zone, spans)


def _shares(
    incidents: Incidents, case: Case, exceptions: Sequence[Exemption], notices: Sequence[Notice]
) -> Iterable[Share]:
    """The acts and weapons of all signatures that can fall under a case, by place and by what may take them out."""
    found: dict[tuple[Any, ...], list[tuple[Kind, float]]] = {}
    excepts: dict[Any, tuple[Exempt, ...]] = {}
    for kind in incidents.kinds:
        for place, (sure, _) in fits(case.term, case.actor, kind.atom):
            if place not in excepts:
                excepts[place] = tuple(exempt_at(incidents, case, e, place) for e in exceptions)
            excepted = tuple(e.covers(kind.atom) for e in excepts[place])
            announced = tuple(covered(kind.atom.act, x.acts) for x in notices)
            found.setdefault((place, excepted, announced), []).append((kind, float(sure)))
    for (place, excepted, announced), kinds in found.items():
        low = incidents.by_signature(kinds)
        high = incidents.by_signature([(kind, 1.0) for kind, _ in kinds])
        yield Share(ground_of(incidents, case, place), low, high, excepts[place], excepted, announced)


def ground_of(incidents: Incidents, case: Case, place: Any) -> Ground:
    """Where the place of an act counts, as `kinds.fits` names it."""
    term = case.term
    if place == "where":
        return all_of(incidents, case, term.places, usual_of(term))
    if place == "fired":
        return all_of(incidents, case, tuple(replace(w, of="origin") for w in term.places))
    if place == "freeze":
        named = all_of(incidents, case, term.places, "presence")
        return Together((beyond_baseline(incidents, case, case.held), named))
    if place[0] == "left":
        return left_behind(incidents, case, place[1])
    return nearer(incidents, case, *place[1:])
