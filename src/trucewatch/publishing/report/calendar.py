"""Every judged term, every day: the outcome of a day for each actor bound that most asks for attention.

A day without incidents is not a quiet day: where nobody could observe, the cell says so (law L6). Rows pass the gate as
the table `calendar` before a page is made of them (law L10), so that page and export show the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.cases import cases
from trucewatch.model.times import report_day
from trucewatch.publishing.report.board import facts_of, rows_where
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.report.truce import Truce, days_until

MOST_DAYS = 28
SEEN_SHARE = 0.5  # from this share of area and hours on, a day without incidents is told as one
UNSEEN_SHARE = 0.01  # below it no observation is recorded
# What a cell shows where a day has several outcomes: what most asks for attention. The order knows no party.
STRENGTH = (
    "violation", "indicated", "undetermined (exception claimed)", "depends on reading", "undetermined", "excepted",
    "not for judgement", "not due", "no violation",
)  # fmt: skip
NONE_TOLD, PARTLY, UNSEEN, WITHHELD, OUTSIDE = "none", "partly", "unseen", "withheld", "outside"
KINDS = (*STRENGTH, NONE_TOLD, PARTLY, UNSEEN, WITHHELD, OUTSIDE)
Row = dict[str, Any]
Span = tuple[int, int]
_Key = tuple[str, str, str]  # agreement, term, actor


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one actor under one term.

    `kind`: an outcome; or none, partly, unseen: no incident, by how far the area was observed; or withheld: not
    published; or outside of the term's life. `alleged`: incidents alleged against the actor, None = too few to tell.
    `hatched`: no coverage of that day is recorded.
    """

    day: date
    kind: str
    alleged: int | None = 0
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An actor under a term, day by day."""

    actor: str
    cells: tuple[Cell, ...]

    @property
    def runs(self) -> list[tuple[str, bool, list[tuple[date, date]]]]:
        """Kinds of days with their first and last days, strongest kind first; the bool: no coverage is recorded."""
        found: dict[tuple[str, bool], list[tuple[date, date]]] = {}
        for cell in self.cells:
            spans = found.setdefault((cell.kind, cell.hatched), [])
            if spans and (cell.day - spans[-1][1]).days == 1:
                spans[-1] = (spans[-1][0], cell.day)
            else:
                spans.append((cell.day, cell.day))
        order = sorted(found, key=lambda k: (KINDS.index(k[0]), k[1]))
        return [(kind, hatched, found[kind, hatched]) for kind, hatched in order if kind != OUTSIDE]


@dataclass(frozen=True, slots=True)
class TermRows:
    """A term that is judged day by day. `one_sided`: counts must not be compared."""

    term: Term
    lines: tuple[Line, ...]
    one_sided: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The judged terms of one agreement over the same days; `withheld`: the mandate lets no outcome leave."""

    truce: Truce
    days: tuple[date, ...]
    terms: tuple[TermRows, ...]
    withheld: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of cells that occur, strongest first: for the legend."""
        found = {c.kind for t in self.terms for line in t.lines for c in line.cells}
        return tuple(k for k in KINDS if k in found and k != UNSEEN)

    @property
    def hatched(self) -> bool:
        """Whether there is a day of which no coverage is recorded."""
        return any(c.hatched for t in self.terms for line in t.lines for c in line.cells)


def calendars(day: Day, truces: Sequence[Truce]) -> list[Calendar]:
    """One calendar for each agreement in force: the days since it began, at most the last MOST_DAYS of them."""
    if not truces:
        return []
    config = day.view.config
    longest = days_until(day.view, min(t.first_day for t in truces), MOST_DAYS)
    bounds = {d: report_day(d, config.report_cutoff, config.timezone) for d in longest}
    found: dict[_Key, dict[int, Row]] = defaultdict(dict)
    for row in rows(day, [t.agreement for t in truces], list(bounds.values())):
        found[row["agreement"], row["term"], row["actor"]][row["start"]] = row
    own = ({d: span for d, span in bounds.items() if d >= truce.first_day} for truce in truces)
    return [_calendar(day, truce, mine, found) for truce, mine in zip(truces, own, strict=True)]


def calendar_of(day: Day, truce: Truce, days: Sequence[date], only: str) -> Calendar:
    """The calendar of the one term `only` over some days that follow each other."""
    config = day.view.config
    bounds = {d: report_day(d, config.report_cutoff, config.timezone) for d in days}
    found: dict[_Key, dict[int, Row]] = defaultdict(dict)
    for row in rows(day, [truce.agreement], list(bounds.values())):
        if row["term"] == only:
            found[row["agreement"], row["term"], row["actor"]][row["start"]] = row
    return _calendar(day, truce, bounds, found)


def _calendar(day: Day, truce: Truce, bounds: Mapping[date, Span], found: Mapping[_Key, Mapping[int, Row]]) -> Calendar:
    agreement, mandate = truce.agreement, truce.agreement.mandate
    if day.view.audience != "internal" and not (mandate.attribute and mandate.publish):
        return Calendar(truce, tuple(bounds), (), withheld=True)
    terms = []
    for term in agreement.terms:
        bound = [a.id for a in agreement.actors if (agreement.id, term.id, a.id) in found]
        lines = tuple(Line(a, _cells(found[agreement.id, term.id, a], bounds)) for a in bound)
        if lines:
            terms.append(TermRows(term, lines, agreement.one_sided(term)))
    return Calendar(truce, tuple(bounds), tuple(terms))


def _cells(by_start: Mapping[int, Row], bounds: Mapping[date, Span]) -> tuple[Cell, ...]:
    out = []
    for d, (start, _) in bounds.items():
        row = by_start.get(start)
        if row is None:
            out.append(Cell(d, OUTSIDE))
            continue
        outcome, alleged = row.get("outcome"), row.get("alleged")  # `publication.never` may name them
        if outcome is None and row.get("incidents") != 0:
            out.append(Cell(d, WITHHELD))
            continue
        share = row.get("share_covered") or 0.0
        quiet = NONE_TOLD if share >= SEEN_SHARE else PARTLY if share >= UNSEEN_SHARE else UNSEEN
        out.append(Cell(d, outcome or quiet, alleged, share < UNSEEN_SHARE))
    return tuple(out)


# ---- the table


def rows(day: Day, agreements: Iterable[Agreement], days: Sequence[Span]) -> list[Row]:
    """The table `calendar` as it leaves: a row for each judged term, actor bound and report day [start, end) of the
    term's life, in the columns of `SUMMARIES`; `days` in order, microseconds."""
    return day.release("calendar", _rows(day, agreements, days))


def _rows(day: Day, agreements: Iterable[Agreement], days: Sequence[Span]) -> Iterator[Row]:
    terms = {(a.id, t.id): (a, t) for a in agreements for t in a.terms if t.judged}
    told = _Told(day, days)
    seen = _seen(day, days)
    for (agreement_id, term_id, actor), spans in _lives(day).items():
        if (agreement_id, term_id) not in terms:
            continue
        agreement, term = terms[agreement_id, term_id]
        one_sided = agreement.one_sided(term)
        outcomes = told.outcomes.get((agreement_id, term_id, actor), {})
        alleged = told.alleged.get((agreement_id, term_id, actor), {})
        for start, end in days:
            if any(first < end and (last is None or last > start) for first, last in spans):
                mine = outcomes.get(start, {})
                yield {
                    "agreement": agreement_id, "version": agreement.version, "term": term_id, "actor": actor,
                    "start": start, "end": end, "outcome": strongest(mine.values()), "incidents": len(mine),
                    "alleged": len(alleged.get(start, ())), "share_covered": seen.get(start), "one_sided": one_sided,
                }  # fmt: skip


def strongest(outcomes: Iterable[str | None]) -> str | None:
    """Of several outcomes of a day the first in the order of STRENGTH; None of none."""
    found = set(outcomes)
    return next((k for k in STRENGTH if k in found), None)


def _lives(day: Day) -> dict[_Key, list[tuple[int, int | None]]]:
    """When each term binds each actor, under any of its readings."""
    view = day.view
    out: dict[_Key, list[tuple[int, int | None]]] = defaultdict(list)
    for case in cases(view.agreements, view.clocks, facts_of(view)):
        out[case.agreement.id, case.term.id, case.actor] += case.spans
    return out


class _Told:
    """Outcomes and allegations that leave, by term and actor, and by the start of the day."""

    def __init__(self, day: Day, days: Sequence[Span]) -> None:
        self.outcomes: dict[_Key, dict[int, dict[str, str | None]]] = defaultdict(lambda: defaultdict(dict))
        self.alleged: dict[_Key, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        day_of = _days_of(day.days_of, days)
        accused = _accused(day, set(day_of))
        table = day.view.derived.tables["findings"]
        for r in day.release("findings", rows_where(table, "incident_id", day_of.__contains__)):
            # What cannot have happened within a term is no incident of it.
            if r.get("p_in_scope") == 0.0 and r["outcome"] in (None, "no violation"):
                continue
            key, incident = (r["agreement"], r["term"], r["actor"]), r["incident_id"]
            self.outcomes[key][day_of[incident]][incident] = r["outcome"]
            if r["actor"] in accused.get(incident, ()):
                self.alleged[key][day_of[incident]].add(incident)


def _accused(day: Day, incidents: set[str]) -> dict[str, set[str]]:
    """By incident: whom claims that leave accuse."""
    named: dict[str, set[str]] = defaultdict(set)
    for claim in day.linked_claims(incidents):
        if claim.get("accused") and claim["relation"] != "denies" and claim["stance"] != "denies":
            named[claim["incident_id"]].add(claim["accused"])
    return named


def _days_of(middles: Mapping[str, int], days: Sequence[Span]) -> dict[str, int]:
    """Start of the day of each incident that lies in one of some days, which follow each other."""
    if not days:
        return {}
    starts = np.array([start for start, _ in days], dtype=np.int64)
    names, at = list(middles), np.array(list(middles.values()), dtype=np.int64)
    position = np.searchsorted(starts, at, side="right") - 1
    inside = np.flatnonzero((position >= 0) & (at < days[-1][1]))
    found = starts[position[inside]].tolist()
    return {names[k]: start for k, start in zip(inside.tolist(), found, strict=True)}


def _seen(day: Day, days: Sequence[Span]) -> dict[int, float]:
    """Share of the sectors and hours of each day that coverage held, the mean over sectors, by its start."""
    starts = {start for start, _ in days}
    by_start: dict[int, list[float]] = defaultdict(list)
    for r in day.release("gaps", rows_where(day.view.derived.tables["gaps"], "start", starts.__contains__)):
        if r.get("share_covered") is not None:
            by_start[r["start"]].append(r["share_covered"])
    return {start: round(sum(v) / len(v), 4) for start, v in by_start.items()}
