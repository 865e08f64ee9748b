"""Which text binds on a day: when a term rests because a later text of the chain stands in its stead, and for whom.

By name a later text replaces another one, or terms of it, or is another edition of it; what it amends it takes over for
those whom its own term binds. Without such words it takes over what it judges again, and no more (decision 25).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from math import prod

from trucewatch.agreement import Agreement, Reference, Term
from trucewatch.judging.kinds import codes
from trucewatch.judging.rulings import Clocks
from trucewatch.judging.states import Facts, States, gate
from trucewatch.taxonomy import taxonomy

Span = tuple[int, int | None]  # [start, end) in microseconds; end None = open
_WHOLLY = ("replaces", "edition")
_SHOWN = ("statement", "procedure", "coded")
_BANS = ("prohibition", "freeze")  # what makes a text a truce
_MOST = 16  # ways to read later terms under which one is looked at; beyond them what is in doubt takes nothing over


@dataclass(frozen=True)
class Chain:
    """Agreements in the order of the chain, with the clocks of each. `chosen`: terms, by position of their agreement
    and id, that are read in one way alone."""

    agreements: Sequence[Agreement]
    clocks: Clocks
    facts: Facts
    kept: dict[tuple[int, str, str], Span | None] = field(default_factory=dict, repr=False)
    chosen: Mapping[tuple[int, str], Term] = field(default_factory=dict, repr=False)

    def reading(self, chosen: Mapping[tuple[int, str], Term]) -> Chain:
        """The same chain with some terms read in one way alone."""
        return replace(self, kept={}, chosen=chosen)

    @cached_property
    def times(self) -> list[Mapping[str, int | None]]:
        """Times of the events of each."""
        return [a.event_times(self.clocks.events.get(a.id, {})) for a in self.agreements]

    def binding(self, k: int, term: Term, actor: str) -> Span | None:
        """When a term binds an actor under every reading; None = never, or it is not known from when."""
        key = (k, term.id, actor)
        if key not in self.kept:
            self.kept[key] = self._binding(k, term, actor)
        return self.kept[key]

    def _binding(self, k: int, term: Term, actor: str) -> Span | None:
        agreement, times = self.agreements[k], self.times[k]
        who = agreement.actor(actor)
        chosen = self.chosen.get((k, term.id))
        if who is None or not all(actor in t.binds for t in ([chosen] if chosen else _read(term))):
            return None
        since = None if who.accepted is None else who.accepted.resolve(times)
        (start, until), conditions = term.window(times), gate(term, States(agreement, times, self.facts))
        if start is None or conditions.unmet or (who.accepted is not None and since is None):
            return None
        end = self.clocks.end(agreement, term.id, until, times)
        start = max(t for t in (start, since, conditions.met) if t is not None)
        end = _least(end, conditions.ended)
        return None if end is not None and end <= start else (start, end)


def rests(chain: Chain, k: int, term: Term, actor: str) -> list[tuple[str | None, list[Span]]]:
    """When a term of the agreement at position `k` rests for an actor, in order of time; microseconds. One answer, or,
    where it depends on how later terms are read that bind the actor in some ways alone, one for each way with its
    words (`TEXT.TERM.NAME=VALUE`)."""
    plain = _rests(chain, k, term, actor)
    later = ((j, by) for j in range(k + 1, len(chain.agreements)) for by in chain.agreements[j].terms)
    doubt = [(j, by) for j, by in later if _split(by, actor)]
    if not doubt or prod(len(by.alternatives) for _, by in doubt) > _MOST:
        return [(None, plain)]
    out: list[tuple[str | None, list[Span]]] = []
    for ways in product(*(by.alternatives for _, by in doubt)):
        names = [
            f"{chain.agreements[j].id}.{by.id}.{part}"
            for (j, by), (label, _) in zip(doubt, ways, strict=True) for part in (label or "").split(";")
        ]  # fmt: skip
        chosen = {(j, by.id): read for (j, by), (_, read) in zip(doubt, ways, strict=True)}
        out.append((";".join(names), _rests(chain.reading(chosen), k, term, actor)))
    return out if any(spans != out[0][1] for _, spans in out) else [(None, out[0][1])]


def _split(term: Term, actor: str) -> bool:
    """Whether a term binds an actor under some of its readings, and under others not."""
    return len({actor in read.binds for read in _read(term)}) > 1


def _rests(chain: Chain, k: int, term: Term, actor: str) -> list[Span]:
    out: list[Span] = []
    for j in range(k + 1, len(chain.agreements)):
        out += _by_name(chain, k, j, term, actor)
        if not _stands_beside(chain, k, j):
            out += _anew(chain, k, j, term, actor)
    return sorted(out, key=lambda span: span[0])


def _by_name(chain: Chain, k: int, j: int, term: Term, actor: str) -> Iterator[Span]:
    """When a later text stands in the stead of a term because it says so, of the whole or of this term."""
    mine, other = chain.agreements[k], chain.agreements[j]
    whole = [r for r in other.references if r.agreement == mine.id]
    began = other.began(chain.times[j])
    lasts = None if began is None else (began, _lasts(chain, j))
    if lasts is not None and any(r.term is None and _takes(r, chain, k, lasts[0]) for r in whole):
        yield lasts
    for by in other.terms:
        start, until = by.window(chain.times[j])
        if start is not None and any(_names(r, mine, term, *_WHOLLY) for r in by.refers):
            yield start, chain.clocks.end(other, by.id, until, chain.times[j])
    if lasts is not None and any(_names(r, mine, term, *_WHOLLY) for r in whole):
        yield lasts
    for by in _amending(mine, other, term):
        span = chain.binding(j, by, actor)
        if span is not None:
            yield span


def _amending(mine: Agreement, other: Agreement, term: Term) -> list[Term]:
    """The terms that stand in the stead of one that a later text amends: those that say so, else all; of them those of
    its kind, else those that bind somebody to something."""
    named = [t for t in other.terms if any(_names(r, mine, term, "amends") for r in t.refers)]
    if not named and any(_names(r, mine, term, "amends") for r in other.references):
        named = list(other.terms)
    return [t for t in named if t.kind == term.kind] or [t for t in named if t.kind not in _SHOWN]


def _takes(reference: Reference, chain: Chain, k: int, began: int) -> bool:
    """Whether a reference to a whole text ends it: another edition is the same text from its first day on."""
    mine = chain.agreements[k].began(chain.times[k])
    return reference.how == "edition" or (reference.how == "replaces" and (mine is None or began > mine))


def _names(reference: Reference, agreement: Agreement, term: Term, *how: str) -> bool:
    return (reference.agreement, reference.term) == (agreement.id, term.id) and reference.how in how


def _stands_beside(chain: Chain, k: int, j: int) -> bool:
    """Whether a later text says itself what of an earlier one stays in force and what ends; or is no later one."""
    mine, other = chain.agreements[k], chain.agreements[j]
    if mine.id in other.beside or any(r.agreement == mine.id and r.how in _WHOLLY for r in other.references):
        return True
    first, second = mine.began(chain.times[k]), other.began(chain.times[j])
    return second is None or (first is not None and second <= first)


def _anew(chain: Chain, k: int, j: int, term: Term, actor: str) -> Iterator[Span]:
    """When a later text judges a term anew for an actor; or all that the bans of the earlier one are about, so that
    the later one is the truce."""
    yield from _again(chain, j, term, actor)
    core = _core(chain.agreements[k], actor)
    found = [next(iter(_again(chain, j, one, actor)), None) for one in core]
    taken = [span for span in found if span is not None]
    if taken and len(taken) == len(core):
        start, end = max(span[0] for span in taken), _least(*(span[1] for span in taken))
        if end is None or end > start:
            yield start, end


def _core(agreement: Agreement, actor: str) -> list[Term]:
    """The bans of a text on an actor; where it has none, all that is judged of it."""
    judged = [t for t in agreement.terms if _judged(t) and any(actor in read.binds for read in _read(t))]
    return [t for t in judged if t.kind in _BANS] or judged


def _again(chain: Chain, j: int, term: Term, actor: str) -> Iterator[Span]:
    """When terms of a later text that hold everywhere judge again, for an actor, what a term judges."""
    for by in chain.agreements[j].terms:
        local = any(read.where.zone is not None and not read.where.outside for read in _read(by))
        if by.kind == term.kind and _judged(by) and not local and _overlap(term, by):
            span = chain.binding(j, by, actor)
            if span is not None:
                yield span


def _judged(term: Term) -> bool:
    return term.kind != "statement" and all(read.judged for read in _read(term))


def _overlap(term: Term, by: Term) -> bool:
    """Whether two terms judge acts in common."""
    first, second = ({code for read in _read(t) for code in codes(read)} for t in (term, by))
    covers = taxonomy().covers
    return any(covers(a, b) or covers(b, a) for a in first for b in second)


def _read(term: Term) -> Sequence[Term]:
    return [read for _, read in term.alternatives] or [term]


def _lasts(chain: Chain, j: int) -> int | None:
    """When an agreement ends: as decided, as its duration says, or with the last of its terms; None = it does not."""
    agreement, times = chain.agreements[j], chain.times[j]
    dated = [term for term in agreement.terms if term.kind != "statement"]
    ends = [chain.clocks.end(agreement, t.id, t.window(times)[1], times) for t in dated]
    ends = ends or [chain.clocks.end(agreement, "", None, times)]
    told = [e for e in ends if e is not None]
    return max(told) if len(told) == len(ends) else None


def _least(*ends: int | None) -> int | None:
    """The first of some ends, None = open."""
    return min((e for e in ends if e is not None), default=None)
