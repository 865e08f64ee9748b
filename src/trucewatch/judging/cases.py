"""What is to be judged: every term under every reading for every bound actor, with its clock.

What rests while a later text of the chain stands in its stead, and for whom: see `resting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise, product

from trucewatch.agreement import Agreement, Term, Zone
from trucewatch.judging.resting import Chain, Span, rests
from trucewatch.judging.rulings import Clocks
from trucewatch.judging.states import NEVER, Facts, Gate, States, gate


@dataclass(frozen=True, slots=True)
class Case:
    """One term, one reading, one actor. Positions count from 1; times in microseconds.

    `spans`: when the term binds the actor; `due`: from when it can be broken; None = not set under this reading, though
    under another one (then nothing is known of this one). `binds`: whether this
    reading binds the actor at all. `phases`: parts of the spans with the zones that stood then. `hours_open`: the hours
    at which it binds are not told. `gate`: what its conditions make of it. `held`: who held which zones at the time of
    the baseline. `sure_until`: up to when it holds for certain, where somebody has to renew it.
    """

    agreement: Agreement
    term: Term
    reading: str | None
    actor: str
    answers: tuple[str, ...]
    agreement_at: int
    term_at: int
    actor_at: int
    reading_at: int
    spans: tuple[Span, ...] = ()
    due: int | None = None
    binds: bool = True
    phases: tuple[tuple[tuple[Span, ...], Mapping[str, Zone]], ...] = ()
    zones: Mapping[str, Zone] = field(default_factory=dict)
    hours_open: bool = False
    gate: Gate = field(default_factory=Gate)
    times: Mapping[str, int | None] = field(default_factory=dict)
    held: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sure_until: int | None = None

    @property
    def start(self) -> int:
        """From when the term binds the actor."""
        return self.spans[0][0]

    @property
    def end(self) -> int | None:
        """Until when, None = open."""
        return self.spans[-1][1]


def cases(agreements: Sequence[Agreement], clocks: Clocks, facts: Facts | None = None) -> Iterator[Case]:
    """Every case of the chain that binds at some time, in the order of findings."""
    for readings in by_finding(agreements, clocks, facts):
        yield from (case for case in readings if case.spans and case.binds)


def by_finding(
    agreements: Sequence[Agreement], clocks: Clocks, facts: Facts | None = None, horizon: int | None = None
) -> Iterator[list[Case]]:
    """The cases of each term and actor of the chain, all readings together; none where no reading's clock is set.

    `horizon`: until when recurring hours are wanted, microseconds; None = they are left out, as if it bound all day.
    """
    yield from _found(agreements, clocks, facts or Facts(), horizon, lambda t: t.judged and t.kind != "statement")


def duties(agreements: Sequence[Agreement], clocks: Clocks, facts: Facts) -> Iterator[list[Case]]:
    """The same for what is owed and tested by a state instead of by incidents."""
    yield from _found(agreements, clocks, facts, None, lambda t: t.kind == "obligation" or bool(t.done))


def _found(
    agreements: Sequence[Agreement], clocks: Clocks, facts: Facts, horizon: int | None, wanted: Callable[[Term], bool]
) -> Iterator[list[Case]]:
    chain = Chain(agreements, clocks, facts)
    for k, agreement in enumerate(agreements):
        known = _Known(agreement, k + 1, chain.times[k], clocks, facts, horizon)
        for t, term in enumerate(agreement.terms, 1):
            if wanted(term):
                for found in _term_cases(known, term, t, partial(rests, chain, k, term)):
                    if any(case.spans for case in found):
                        yield found


@dataclass(frozen=True, slots=True)
class _Known:
    """An agreement of the chain with all that its cases hang on."""

    agreement: Agreement
    at: int
    times: Mapping[str, int | None]
    clocks: Clocks
    facts: Facts
    horizon: int | None


def _term_cases(
    known: _Known, term: Term, term_at: int, resting: Callable[[str], Sequence[tuple[str | None, Sequence[Span]]]]
) -> Iterator[list[Case]]:
    agreement = known.agreement
    positions = {a.id: k for k, a in enumerate(agreement.actors, 1)}
    read = list(_readings(agreement, term))
    bound = {actor for _, one, _ in read for actor in one.binds}
    states = States(agreement, known.times, known.facts)
    for actor in sorted(bound, key=positions.__getitem__):
        found = []
        for r, ((later, rest), (reading, one, answers)) in enumerate(product(resting(actor), read)):
            doers = tuple(doer for doer, party in answers.items() if party == actor and doer != actor)
            words = ";".join(x for x in (later, reading) if x) or None
            case = Case(
                agreement, one, words, actor, doers, known.at, term_at, positions[actor], r, binds=actor in one.binds,
                zones=agreement.zones, times=known.times,
            )  # fmt: skip
            found.append(_clocked(case, known, states, rest))
        yield found


def _clocked(case: Case, known: _Known, states: States, rests: Sequence[Span]) -> Case:
    """A case with its times; without any where its clock is not set."""
    term, times = case.term, known.times
    accepted = case.agreement.actors[case.actor_at - 1].accepted
    since = None if accepted is None else accepted.resolve(times)
    start, end = term.window(times)
    due, conditions = term.due(times), gate(term, states)
    baseline = term.baseline.at.resolve(times) if term.baseline is not None and term.baseline.at is not None else start
    waits = (accepted is not None and since is None) or bool(conditions.unmet)
    if start is None or due is None or waits or (term.kind == "freeze" and baseline is None):
        return replace(case, gate=conditions)
    start = max(start, since) if since is not None else start
    end = known.clocks.end(case.agreement, term.id, end, times)
    if conditions.ended is not None:
        end = conditions.ended if end is None else min(end, conditions.ended)
    due = max(start, due, conditions.met or start)
    spans = _without((start, end), rests) if end is None or end > start else []
    spans, hours_open = _hours(case, spans, known.horizon)
    phases = _phases(case, spans, times)
    spans = sorted((span for part, _ in phases for span in part), key=lambda span: span[0])
    held = known.facts.ground(baseline) if term.kind == "freeze" and baseline is not None else {}
    return replace(
        case, spans=tuple(spans), due=due, phases=tuple(phases), hours_open=hours_open, gate=conditions, held=held,
        sure_until=known.clocks.sure_until(case.agreement, term, times),
    )  # fmt: skip


def _hours(case: Case, spans: list[Span], horizon: int | None) -> tuple[list[Span], bool]:
    """The hours of the day within spans, up to a horizon; and whether the text leaves open which hours they are."""
    schedule = case.term.schedule
    if schedule is None:
        return spans, False
    if not schedule.windows:
        return spans, True
    if horizon is None:
        return spans, False
    out: list[Span] = []
    for start, end in spans:
        stop = horizon if end is None else min(end, horizon)
        if stop > start:
            out += schedule.spans(start, stop, case.agreement.timezone)
    return out, False


def _phases(
    case: Case, spans: Sequence[Span], times: Mapping[str, int | None]
) -> Sequence[tuple[tuple[Span, ...], Mapping[str, Zone]]]:
    """Parts of the spans with the zones that stood then; without those in which a zone of the term was not valid."""
    zones = case.agreement.zones
    begins = {z.valid_from.resolve(times) for z in zones.values() if z.valid_from is not None}
    if not begins:
        return [(tuple(spans), zones)] if spans else []
    term = case.term
    used = {w.zone for w in term.places} | {term.from_zone.get(case.actor)}
    used |= {term.baseline.zone} if term.baseline is not None else set()
    edges = [-NEVER, *sorted(b for b in begins if b is not None), None]
    out = []
    for first, last in pairwise(edges):
        part = tuple(_clipped(spans, first or 0, last))
        stood = {id_: zone for id_ in zones if (zone := case.agreement.zone_at(id_, first or 0, times)) is not None}
        if part and all(name is None or name in stood for name in used):
            out.append((part, stood))
    return out


def _clipped(spans: Sequence[Span], first: int, last: int | None) -> Iterator[Span]:
    for start, end in spans:
        begin = max(start, first)
        stop = last if end is None else end if last is None else min(end, last)
        if stop is None or stop > begin:
            yield begin, stop


def _without(span: Span, rests: Sequence[Span]) -> list[Span]:
    """A span less others, in order."""
    left = [span]
    for begin, end in rests:
        parts: list[Span] = []
        for start, stop in left:
            if (stop is not None and begin >= stop) or (end is not None and end <= start):
                parts.append((start, stop))
                continue
            if begin > start:
                parts.append((start, begin))
            if end is not None and (stop is None or end < stop):
                parts.append((end, stop))
        left = parts
    return left


def _readings(agreement: Agreement, term: Term) -> Iterator[tuple[str | None, Term, Mapping[str, str]]]:
    """Readings of the whole text (where they concern somebody bound) times readings of the term."""
    whole = agreement.answer_readings
    bound = {actor for _, one in term.alternatives for actor in one.binds}
    if all(not bound & set(answers.values()) for _, answers in whole):
        whole = ((None, {}),)
    for wide, answers in whole:
        for narrow, read in term.alternatives:
            yield ";".join(x for x in (wide, narrow) if x) or None, read, answers
