"""What is to be judged: every term under every reading for every bound actor, with its clock.

An agreement's open-ended terms end where the next of the chain is in force, unless that one stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.rulings import Clocks


@dataclass(frozen=True, slots=True)
class Case:
    """One term, one reading, one actor. Positions count from 1; times in microseconds; `end`, `due` None = open."""

    agreement: Agreement
    term: Term
    reading: str | None
    actor: str
    answers: tuple[str, ...]
    agreement_at: int
    term_at: int
    actor_at: int
    reading_at: int
    start: int
    end: int | None
    due: int


def cases(agreements: Sequence[Agreement], clocks: Clocks) -> Iterator[Case]:
    """Every case of the chain whose clock is set, in the order of findings."""
    times = [a.event_times(clocks.events.get(a.id, {})) for a in agreements]
    for k, agreement in enumerate(agreements):
        chain_end = _followed(k, agreements, times)
        for t, term in enumerate(agreement.terms, 1):
            if term.judged and term.kind != "statement":
                yield from _term_cases(agreement, k + 1, term, t, times[k], chain_end, clocks)


def _followed(k: int, agreements: Sequence[Agreement], times: Sequence[Mapping[str, int | None]]) -> int | None:
    """When the next agreement of the chain that does not stand beside this one comes into force."""
    mine = agreements[k].began(times[k])
    later = []
    for other, clock in zip(agreements[k + 1 :], times[k + 1 :], strict=True):
        began = other.began(clock)
        if began is not None and agreements[k].id not in other.beside and (mine is None or began > mine):
            later.append(began)
    return min(later, default=None)


def _term_cases(
    agreement: Agreement, agreement_at: int, term: Term, term_at: int, times: Mapping[str, int | None],
    chain_end: int | None, clocks: Clocks,
) -> Iterator[Case]:  # fmt: skip
    positions = {a.id: k for k, a in enumerate(agreement.actors, 1)}
    for actor in sorted(term.binds, key=positions.__getitem__):
        accepted = agreement.actors[positions[actor] - 1].accepted
        since = None if accepted is None else accepted.resolve(times)
        for r, (reading, read, answers) in enumerate(_readings(agreement, term)):
            start, end = read.window(times)
            due = read.due(times)
            if start is None or due is None or (accepted is not None and since is None) or actor not in read.binds:
                continue
            start = max(start, since) if since is not None else start
            end = clocks.end(agreement, term.id, end, chain_end, times)
            if end is not None and end <= start:
                continue
            doers = tuple(doer for doer, party in answers.items() if party == actor and doer != actor)
            yield Case(
                agreement, read, reading, actor, doers, agreement_at, term_at, positions[actor], r, start, end,
                max(start, due),
            )  # fmt: skip


def _readings(agreement: Agreement, term: Term) -> Iterator[tuple[str | None, Term, Mapping[str, str]]]:
    """Readings of the whole text (where they concern somebody bound) times readings of the term."""
    whole = agreement.answer_readings
    bound = set(term.binds)
    if all(not bound & set(answers.values()) for _, answers in whole):
        whole = ((None, {}),)
    for wide, answers in whole:
        for narrow, read in term.alternatives:
            yield ";".join(x for x in (wide, narrow) if x) or None, read, answers
