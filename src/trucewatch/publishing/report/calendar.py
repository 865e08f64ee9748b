"""Every term, every day: the strongest outcome of a day for each actor bound, or why there is none.

A day without incidents is not a quiet day: where coverage held little of it, the cell says so (law L6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trucewatch.agreement import Term
from trucewatch.judging.cases import cases
from trucewatch.model.times import report_day
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.truce import Truce, days_until

MOST_DAYS = 28
SEEN_SHARE = 0.5  # from this share of area and hours on, a day without incidents is told as one
# What a cell shows where a day has several outcomes: what most asks for attention.
STRENGTH = (
    "violation", "indicated", "undetermined (exception claimed)", "depends on reading", "undetermined", "excepted",
    "not for judgement", "not due", "no violation",
)  # fmt: skip
NONE_TOLD, UNSEEN, OUTSIDE = "none", "unseen", "outside"
NOT_JUDGED, PENDING, STATEMENT, WITHHELD, BOTH = "not_judged", "pending", "statement", "withheld", ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one actor under one term: `kind` is an outcome, or none, unseen, outside; incidents alleged."""

    day: date
    kind: str
    alleged: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An actor under a term, day by day."""

    actor: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TermRows:
    """A term: judged day by day in `lines`, or with a `note` why it is not."""

    term: Term
    lines: tuple[Line, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The terms of one agreement over the same days."""

    truce: Truce
    days: tuple[date, ...]
    terms: tuple[TermRows, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of cells that occur, strongest first: for the legend."""
        found = {c.kind for t in self.terms for line in t.lines for c in line.cells}
        return tuple(k for k in (*STRENGTH, NONE_TOLD, UNSEEN, OUTSIDE) if k in found)


def calendars(day: Day, truces: Sequence[Truce]) -> list[Calendar]:
    """One calendar for each agreement in force."""
    if not truces:
        return []
    first = min(t.first_day for t in truces)
    days = tuple(days_until(day.view, first, MOST_DAYS))
    ground = _Ground(day, days)
    return [Calendar(t, days, tuple(ground.term_rows(t, term) for term in t.agreement.terms)) for t in truces]


_Key = tuple[str, str, str]  # agreement, term, actor


class _Ground:
    """Outcomes, allegations and coverage by day, looked up once for all terms."""

    def __init__(self, day: Day, days: Sequence[date]) -> None:
        view = day.view
        config = view.config
        self.view, self.days = view, days
        self.bounds = {d: report_day(d, config.report_cutoff, config.timezone) for d in days}
        self.day_of = _days_of(day.days_of, self.bounds)
        self.windows = _windows(day)
        self.accused = self._accused(day)
        self.outcomes: dict[_Key, dict[date, set[str | None]]] = defaultdict(lambda: defaultdict(set))
        self.alleged: dict[_Key, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._read_findings(day)
        self.seen = _seen(day, self.bounds)

    def _read_findings(self, day: Day) -> None:
        """Outcomes of each day, and which of its incidents that may fall under a term are alleged against an actor."""
        rows = (r for r in self.view.derived.tables["findings"] if r["incident_id"] in self.day_of)
        for r in day.release("findings", rows):
            key, incident = (r["agreement"], r["term"], r["actor"]), r["incident_id"]
            self.outcomes[key][self.day_of[incident]].add(r["outcome"])
            if r["p_in_scope"] != 0.0 and r["actor"] in self.accused.get(incident, ()):
                self.alleged[key][self.day_of[incident]].add(incident)

    def _accused(self, day: Day) -> dict[str, set[str]]:
        """By incident: whom claims that leave accuse."""
        named: dict[str, set[str]] = defaultdict(set)
        for claim in day.linked_claims(set(self.day_of)):
            if claim.get("accused") and claim["relation"] != "denies" and claim["stance"] != "denies":
                named[claim["incident_id"]].add(claim["accused"])
        return named

    def term_rows(self, truce: Truce, term: Term) -> TermRows:
        """The rows of a term, or the note that stands in their place."""
        if term.kind == "statement":
            return TermRows(term, note=STATEMENT)
        if not term.judged:
            return TermRows(term, note=NOT_JUDGED)
        agreement = truce.agreement
        order = [a.id for a in agreement.actors]
        bound = sorted(term.binds, key=order.index)
        windows = {a: self.windows.get((agreement.id, term.id, a)) for a in bound}
        if not any(windows.values()):
            return TermRows(term, note=PENDING)
        if self.view.audience != "internal" and not (agreement.mandate.attribute and agreement.mandate.publish):
            return TermRows(term, note=WITHHELD)
        return TermRows(term, tuple(self._line(agreement.id, term.id, a, windows[a]) for a in bound))

    def _line(self, agreement: str, term: str, actor: str, window: tuple[int, int | None] | None) -> Line:
        key = (agreement, term, actor)
        found, alleged = self.outcomes.get(key, {}), self.alleged.get(key, {})
        cells = []
        for d in self.days:
            start, end = self.bounds[d]
            if window is None or window[0] >= end or (window[1] is not None and window[1] <= start):
                cells.append(Cell(d, OUTSIDE))
                continue
            outcomes = found.get(d, set())
            kind = next((k for k in STRENGTH if k in outcomes), None)
            if kind is None:
                kind = NONE_TOLD if self.seen.get(d, 0.0) >= SEEN_SHARE else UNSEEN
            cells.append(Cell(d, kind, len(alleged.get(d, ()))))
        return Line(actor, tuple(cells))


def _windows(day: Day) -> dict[tuple[str, str, str], tuple[int, int | None]]:
    """From when to when each term binds each actor, over its readings."""
    out: dict[tuple[str, str, str], tuple[int, int | None]] = {}
    for case in cases(day.view.agreements, day.view.clocks):
        key = (case.agreement.id, case.term.id, case.actor)
        start, end = out.get(key, (case.start, case.end))
        last = None if end is None or case.end is None else max(end, case.end)
        out[key] = (min(start, case.start), last)
    return out


def _days_of(middles: Mapping[str, int], bounds: Mapping[date, tuple[int, int]]) -> dict[str, date]:
    """Report day of each incident among the calendar's days."""
    if not bounds:
        return {}
    spans = sorted((start, end, d) for d, (start, end) in bounds.items())
    first, last = spans[0][0], spans[-1][1]
    out = {}
    for incident, at in middles.items():
        if first <= at < last:
            out[incident] = next(d for start, end, d in spans if start <= at < end)
    return out


def _seen(day: Day, bounds: Mapping[date, tuple[int, int]]) -> dict[date, float]:
    """Share of the sectors and hours of each day that coverage held, the mean over sectors."""
    by_start: dict[int, list[float]] = defaultdict(list)
    for r in day.release("gaps", _touching(day.view.derived.tables["gaps"], bounds)):
        if r["share_covered"] is not None:
            by_start[r["start"]].append(r["share_covered"])
    return {d: sum(v) / len(v) for d, (start, _) in bounds.items() if (v := by_start.get(start))}


def _touching(rows: Iterable[dict[str, Any]], bounds: Mapping[date, tuple[int, int]]) -> list[dict[str, Any]]:
    starts = {start for start, _ in bounds.values()}
    return [r for r in rows if r["start"] in starts]
