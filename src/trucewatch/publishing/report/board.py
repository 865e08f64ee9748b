"""How each term stands at an instant: in force, waiting, not due, ended, not judged; why, and whom it binds.

The text, its clocks and what people decided tell it; no incident does. A term that one reading holds in force and
another one does not `depends on reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trucewatch.agreement import Agreement, Term, When
from trucewatch.judging.cases import Case, by_finding, duties
from trucewatch.judging.states import Facts
from trucewatch.model.table import Rows
from trucewatch.publishing.report.day import Day
from trucewatch.publishing.view import View

IN_FORCE, NOT_DUE, NOT_BEGUN, ENDED = "in force", "not due", "not begun", "ended"
WAITS, CONDITION, DEPENDS = "waiting for an event", "waiting for a condition", "depends on reading"
SHOWN, NOT_JUDGED = "not for judgement", "not judged"
STATES = (IN_FORCE, NOT_DUE, WAITS, CONDITION, NOT_BEGUN, DEPENDS, ENDED, NOT_JUDGED, SHOWN)
BY_INCIDENTS, BY_GROUND, BY_PEOPLE = "incidents", "ground", "people"
_GROUND = frozenset({"controls", "present", "absent"})
Key = tuple[str, str, str]  # agreement, term, actor


@dataclass(frozen=True, slots=True)
class Standing:
    """How a term stands for one actor; times in microseconds.

    `actor`: None where it binds nobody by name; `why`: for what is not judged, what keeps it from that; `event`: what
    it waits for, `set_by`: whom the text names to set that; `due`: the deadline under its readings, first and last;
    `conditions`: in words, unmet or not told of; `tested`: by what it is found broken or done; `readings`: names of the
    ways to read it that are computed, `ways`: how many; `by_reading`: (reading, state) where they differ; `outcome`:
    of a duty that is tested by a state, where that may be shown.
    """

    agreement: Agreement
    term: Term
    actor: str | None
    state: str
    why: str | None = None
    event: str | None = None
    set_by: str | None = None
    since: int | None = None
    until: int | None = None
    due: tuple[int, int] | None = None
    conditions: tuple[str, ...] = ()
    tested: str | None = None
    readings: tuple[str, ...] = ()
    ways: int = 1
    by_reading: tuple[tuple[str, str], ...] = ()
    outcome: str | None = None

    @property
    def one_sided(self) -> bool:
        """Whether it binds some parties and not others, so that counts must not be compared."""
        return self.agreement.one_sided(self.term)


def standings(day: Day, agreements: Iterable[Agreement], at: int) -> list[Standing]:
    """Every term of some agreements of the view, for each actor bound, as it stands just before `at` (microseconds)."""
    view = day.view
    facts = facts_of(view)
    found = _cases(view, facts)
    outcomes = _duty_outcomes(day)
    out = []
    for agreement in agreements:
        times = agreement.event_times(view.clocks.events.get(agreement.id, {}))
        for term in agreement.terms:
            order = [a.id for a in agreement.actors]
            bound = {actor for read in _read(term) for actor in read.binds}
            for actor in sorted(bound, key=order.index) or (None,):
                key = (agreement.id, term.id, actor or "")
                out.append(_standing(agreement, term, actor, found.get(key), times, at, outcomes.get(key)))
    return out


def rows(day: Day, agreements: Iterable[Agreement], at: int) -> list[dict[str, Any]]:
    """The table `board`: the same in the columns of `SUMMARIES`, as it leaves."""
    return day.release("board", (_row(s, at) for s in standings(day, agreements, at)))


def _row(s: Standing, at: int) -> dict[str, Any]:
    first, last = s.due or (None, None)
    return {
        "at": at, "agreement": s.agreement.id, "version": s.agreement.version, "term": s.term.id, "kind": s.term.kind,
        "actor": s.actor, "state": s.state, "why": s.why, "event": s.event, "set_by": s.set_by, "start": s.since,
        "end": s.until, "due": first, "due_last": last, "conditions": list(s.conditions) or None, "tested": s.tested,
        "outcome": s.outcome, "readings": list(s.readings) or None, "one_sided": s.one_sided,
    }  # fmt: skip


def facts_of(view: View) -> Facts:
    """What is recorded of ground and stores, as judging takes it: `own` = by a party, or by whom nobody approved."""
    config, sources = view.config, {str(s["source"]): s for s in view.derived.sources}

    def told(table: str) -> list[dict[str, Any]]:
        out = []
        for row in view.derived.newest(table):
            source = sources.get(str(row.get("source"))) or {}
            own = bool(source.get("party")) or not (config.approve_sources or source.get("approved_by"))
            out.append({**row, "own": own})
        return out

    return Facts.of(told("control"), told("inspections"))


def _read(term: Term) -> list[Term]:
    return [read for _, read in term.alternatives] or [term]


def _cases(view: View, facts: Facts) -> dict[Key, list[Case]]:
    """The clocks of every term and actor of the chain, a case for each reading."""
    out: dict[Key, list[Case]] = {}
    for source in (by_finding(view.agreements, view.clocks, facts), duties(view.agreements, view.clocks, facts)):
        for readings in source:
            first = readings[0]
            out.setdefault((first.agreement.id, first.term.id, first.actor), readings)
    return out


def _duty_outcomes(day: Day) -> dict[Key, str]:
    """Outcomes of duties that are tested by a state: findings that speak of no incident."""
    bare = rows_where(day.view.derived.tables["findings"], "incident_id", lambda incident: incident is None)
    found = day.release("findings", (r for r in bare if r["actor"] is not None))
    return {
        (r["agreement"], r["term"], r["actor"]): r["outcome"] for r in found if r.get("outcome") not in (None, SHOWN)
    }


def _standing(
    agreement: Agreement, term: Term, actor: str | None, cases: Sequence[Case] | None,
    times: Mapping[str, int | None], at: int, outcome: str | None,
) -> Standing:  # fmt: skip
    names, ways = _readings(cases or (), term)
    plain = Standing(agreement, term, actor, SHOWN, readings=names, ways=ways)
    if term.kind == "statement":
        return replace(plain, why="statement")
    tested = _tested(term)
    if tested is None or (cases is None and not _clocked(term)):
        since, until = (None, None) if term.kind == "coded" else term.window(times)
        return replace(plain, state=NOT_JUDGED, why=_why(term), since=since, until=until)
    if cases is None:
        event = _unset(agreement, actor, _read(term), times)
        state = ENDED if event is None else WAITS
        return replace(plain, state=state, event=event, set_by=_set_by(agreement, event), tested=tested)
    return _clocked_standing(replace(plain, tested=tested, outcome=outcome), cases, times, at)


def _clocked_standing(plain: Standing, cases: Sequence[Case], times: Mapping[str, int | None], at: int) -> Standing:
    bound = [c for c in cases if c.binds]
    told = [(c, _state(c, at)) for c in bound]
    states = list(dict.fromkeys(state for _, state in told))
    state = states[0] if len(states) == 1 else DEPENDS
    event = _unset(plain.agreement, plain.actor, [c.term for c in bound], times) if WAITS in states else None
    dated = [c for c in bound if c.spans]
    ends = [_span_at(c, at)[1] for c in dated]
    dues = [c.due for c in dated if c.due is not None and c.due > _span_at(c, at)[0]]
    conditions = dict.fromkeys(w for c in bound for w in (*c.gate.unmet, *c.gate.open_))
    return replace(
        plain, state=state, event=event, set_by=_set_by(plain.agreement, event),
        since=min((_span_at(c, at)[0] for c in dated), default=None),
        until=None if None in ends or not ends else max(e for e in ends if e is not None),
        due=(min(dues), max(dues)) if dues else None, conditions=tuple(conditions),
        by_reading=tuple((c.reading or "", s) for c, s in told) if len(states) > 1 else (),
    )  # fmt: skip


def _state(case: Case, at: int) -> str:
    """How a term stands for an actor under one reading."""
    if not case.spans or case.due is None:
        return WAITS
    start, end = _span_at(case, at)
    if start >= at:
        return NOT_BEGUN
    if end is not None and end < at:
        return ENDED
    if case.gate.open_:
        return CONDITION
    return NOT_DUE if case.due >= at else IN_FORCE


def _span_at(case: Case, at: int) -> tuple[int, int | None]:
    """The span of a case that holds the instant, else the next one, else the last."""
    later = (s for s in case.spans if s[1] is None or s[1] >= at)
    return next(later, case.spans[-1])


def _clocked(term: Term) -> bool:
    return term.judged or term.kind == "obligation" or bool(term.done)


def _tested(term: Term) -> str | None:
    """By what a term is found broken, or done: incidents, who holds the ground, people; None: by nothing."""
    if term.judged:
        return BY_INCIDENTS
    if term.done and all(d.test in _GROUND for d in term.done):
        return BY_GROUND
    return BY_PEOPLE if term.kind == "obligation" or term.done else None


def _why(term: Term) -> str:
    """Why no incident is held against a term."""
    read = _read(term)
    if term.kind in ("procedure", "coded"):
        return term.kind
    if any(t.open_ended for t in read):
        return "open wording"
    return "no place" if term.kind in ("withdrawal", "exclusion_zone") else "no act"


def _readings(cases: Sequence[Case], term: Term) -> tuple[tuple[str, ...], int]:
    """Names of the readings of a term that are computed, in the order of the file, and how many ways there are."""
    labels = [c.reading for c in cases] or [label for label, _ in term.alternatives]
    told = [part.partition("=")[0] for label in labels if label for part in label.split(";")]
    return tuple(dict.fromkeys(told)), max(len(labels), 1)


def _unset(
    agreement: Agreement, actor: str | None, read: Iterable[Term], times: Mapping[str, int | None]
) -> str | None:
    """The event that a clock stands on and that nobody has set yet; None where all are set."""
    who = agreement.actor(actor) if actor is not None else None
    for term in read:
        clocks = [term.starts or When(event="in_force"), term.by, None if who is None else who.accepted]
        clocks += [When(event=c.event) for c in term.after if c.event is not None]
        clocks += [term.baseline.at] if term.kind == "freeze" and term.baseline is not None else []
        for when in clocks:
            name = None if when is None else when.event
            if name is not None and times.get(name) is None:
                return _root(agreement, name, times).partition("@")[0]
    return None


def _root(agreement: Agreement, name: str, times: Mapping[str, int | None]) -> str:
    """The first event of the chain on which an unset one stands."""
    for _ in agreement.events:
        event = agreement.events.get(name)
        below = event.when.event if event is not None and event.when is not None else None
        if below is None or times.get(below) is not None:
            break
        name = below
    return name


def _set_by(agreement: Agreement, event: str | None) -> str | None:
    found = agreement.events.get(event or "")
    return None if found is None else found.set_by


def rows_where(
    table: Sequence[Mapping[str, Any]], column: str, wanted: Callable[[Any], bool]
) -> Iterator[dict[str, Any]]:
    """The rows of a table whose value in a column is wanted; of a column table no other row is made."""
    if not isinstance(table, Rows):
        return (dict(row) for row in table if wanted(row[column]))
    values = table.columns[table.names.index(column)]
    return (table[k] for k, value in enumerate(values) if wanted(value))


def of_term(found: Iterable[Standing]) -> Iterator[list[Standing]]:
    """The standings of each term together, in their order."""
    group: list[Standing] = []
    for one in found:
        if group and (group[0].agreement.id, group[0].term.id) != (one.agreement.id, one.term.id):
            yield group
            group = []
        group.append(one)
    if group:
        yield group
