"""What is to be judged: every term under every reading for every bound actor, with its clock.

An agreement rests while a later one of the chain is in force that does not stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.rulings import Clocks

Span = tuple[int, int | None]  # [start, end) in microseconds; end None = open


@dataclass(frozen=True, slots=True)
class Case:
    """One term, one reading, one actor. Positions count from 1; times in microseconds.

    `spans`: when the term binds the actor; `due`: from when it can be broken; None = not set under this reading, though
    under another one (then nothing is known of this one). `binds`: whether this reading binds the actor at all.
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

    @property
    def start(self) -> int:
        """From when the term binds the actor."""
        return self.spans[0][0]

    @property
    def end(self) -> int | None:
        """Until when, None = open."""
        return self.spans[-1][1]


def cases(agreements: Sequence[Agreement], clocks: Clocks) -> Iterator[Case]:
    """Every case of the chain that binds at some time, in the order of findings."""
    for readings in by_finding(agreements, clocks):
        yield from (case for case in readings if case.spans and case.binds)


def by_finding(agreements: Sequence[Agreement], clocks: Clocks) -> Iterator[list[Case]]:
    """The cases of each term and actor of the chain, all readings together; none where no reading's clock is set."""
    times = [a.event_times(clocks.events.get(a.id, {})) for a in agreements]
    for k, agreement in enumerate(agreements):
        rests = _rests(k, agreements, times, clocks)
        for t, term in enumerate(agreement.terms, 1):
            if term.judged and term.kind != "statement":
                for found in _term_cases(agreement, k + 1, term, t, times[k], rests, clocks):
                    if any(case.spans for case in found):
                        yield found


def _rests(
    k: int, agreements: Sequence[Agreement], times: Sequence[Mapping[str, int | None]], clocks: Clocks
) -> list[Span]:
    """When later agreements of the chain, that do not stand beside this one, are in force in its stead."""
    mine = agreements[k].began(times[k])
    out = []
    for other, clock in zip(agreements[k + 1 :], times[k + 1 :], strict=True):
        began = other.began(clock)
        if began is not None and agreements[k].id not in other.beside and (mine is None or began > mine):
            out.append((began, _lasts(other, clock, clocks)))
    return out


def _lasts(agreement: Agreement, times: Mapping[str, int | None], clocks: Clocks) -> int | None:
    """When an agreement ends: as decided, as its duration says, or with the last of its terms; None = it does not."""
    dated = [term for term in agreement.terms if term.kind != "statement"]
    ends = [clocks.end(agreement, t.id, t.window(times)[1], times) for t in dated]
    ends = ends or [clocks.end(agreement, "", None, times)]
    told = [e for e in ends if e is not None]
    return max(told) if len(told) == len(ends) else None


def _term_cases(
    agreement: Agreement, agreement_at: int, term: Term, term_at: int, times: Mapping[str, int | None],
    rests: Sequence[Span], clocks: Clocks,
) -> Iterator[list[Case]]:  # fmt: skip
    positions = {a.id: k for k, a in enumerate(agreement.actors, 1)}
    read = list(_readings(agreement, term))
    bound = {actor for _, one, _ in read for actor in one.binds}
    for actor in sorted(bound, key=positions.__getitem__):
        accepted = agreement.actors[positions[actor] - 1].accepted
        since = None if accepted is None else accepted.resolve(times)
        found = []
        for r, (reading, one, answers) in enumerate(read):
            doers = tuple(doer for doer, party in answers.items() if party == actor and doer != actor)
            case = Case(
                agreement, one, reading, actor, doers, agreement_at, term_at, positions[actor], r,
                binds=actor in one.binds,
            )  # fmt: skip
            start, end = one.window(times)
            due = one.due(times)
            if start is None or due is None or (accepted is not None and since is None):
                found.append(case)
                continue
            start = max(start, since) if since is not None else start
            end = clocks.end(agreement, term.id, end, times)
            spans = _without((start, end), rests) if end is None or end > start else []
            found.append(_dated(case, spans, max(start, due)))
        yield found


def _dated(case: Case, spans: Sequence[Span], due: int) -> Case:
    return Case(
        case.agreement, case.term, case.reading, case.actor, case.answers, case.agreement_at, case.term_at,
        case.actor_at, case.reading_at, tuple(spans), due, case.binds,
    )  # fmt: skip


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
