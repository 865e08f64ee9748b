"""Which states of an agreement are reached, and since when: by decision, by an event, or by what is recorded of ground.

A decision `set_event` on `TERM.STATUS` (`1.complete`, `5.verified`, `2.broken`) tells it of a term. Else the event of
its kind does (`withdrawal_complete`), where one term alone is of that kind; else `controls` and the like are computed
from what others than parties stated of the ground. What nobody told is not known: None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from trucewatch.agreement import Agreement, Condition, Done, Term

NEVER = 2**62  # later than any time


@dataclass(frozen=True, slots=True)
class Control:
    """Who held which ground, [start, end) in microseconds, end None = still; `own`: as a party itself stated."""

    actor: str
    zone: str
    start: int
    end: int | None
    contested: bool
    own: bool

    def covers(self, at: int) -> bool:
        """Whether it speaks of an instant."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What somebody found at a site: how many were declared and seen, None = not told; `own`: a party itself."""

    time: int
    site: str
    party: str | None
    weapon: str | None
    declared: float | None
    seen: float | None
    lat: float | None
    lon: float | None
    own: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is recorded besides incidents; `latest`: the last time known of anything, None = not told. Ground that is
    held still is known to be held up to it, and no longer."""

    control: tuple[Control, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    latest: int | None = None

    @classmethod
    def of(cls, control: Iterable[Mapping[str, Any]], inspections: Iterable[Mapping[str, Any]],
           latest: int | None = None) -> Facts:  # fmt: skip
        """From rows of the input tables, each with `own` besides; in an order of content that holds no names."""
        held = [
            Control(c["actor"], c["zone"], c["start"], c.get("end"), bool(c.get("contested")), bool(c.get("own")))
            for c in control
        ]
        seen = [
            Inspection(
                i["time"], str(i.get("site") or ""), i.get("party"), i.get("weapon"), i.get("declared"), i.get("seen"),
                i.get("lat"), i.get("lon"), bool(i.get("own")),
            )
            for i in inspections
        ]  # fmt: skip
        held.sort(key=lambda c: (c.start, NEVER if c.end is None else c.end, c.zone, c.contested, c.own))
        seen.sort(key=lambda i: (i.time, i.site, i.weapon or "", i.own))
        return cls(tuple(held), tuple(seen), latest)

    def holders(self, zone: str, at: int) -> set[str]:
        """Who held a zone at an instant, as others than parties stated; empty = nobody said, or it was contested."""
        return set() if self.latest is not None and at > self.latest else self.told_of(zone, at)

    def spoken(self, zone: str, at: int) -> bool:
        """Whether others than parties said anything of a zone at an instant."""
        return any(c.zone == zone and not c.own and c.covers(at) for c in self.control)

    def told_of(self, zone: str, at: int) -> set[str]:
        """The same, with what is still so taken to last."""
        told = [c for c in self.control if c.zone == zone and not c.own and c.covers(at)]
        return set() if any(c.contested for c in told) else {c.actor for c in told}

    def course(self, zone: str) -> list[tuple[int, int | None, set[str]]]:
        """Who held a zone, one stretch [start, end) after the other, as far as anything is known."""
        told = [c for c in self.control if c.zone == zone and not c.own]
        edges = sorted({t for c in told for t in (c.start, c.end) if t is not None})
        out = [(start, end, self.told_of(zone, start)) for start, end in pairwise([*edges, None]) if start is not None]
        if out and not out[-1][2] and (self.latest is None or out[-1][0] >= self.latest):
            out.pop()  # what is told ends where all that is known ends: nothing says that it was lost
        return out

    def ground(self, at: int) -> dict[str, tuple[str, ...]]:
        """Actor -> zones that it alone held at an instant."""
        out: dict[str, tuple[str, ...]] = {}
        for zone in dict.fromkeys(c.zone for c in self.control):
            holders = self.holders(zone, at)
            if len(holders) == 1:
                actor = next(iter(holders))
                out[actor] = (*out.get(actor, ()), zone)
        return out


@dataclass(frozen=True, slots=True)
class States:
    """The states of one agreement under the clocks of its events. `times`: events, and `TERM.STATUS` as decided."""

    agreement: Agreement
    times: Mapping[str, int | None]
    facts: Facts = field(default_factory=Facts)

    def since(self, term: str, status: str) -> int | None:
        """Since when a term is in a status, microseconds; None = nobody told, or not."""
        told, named = self.told(term, status), self.agreement.term(term)
        if told is None and status == "complete" and named is not None and named.done:
            return self.done_since(named)
        return told

    def told(self, term: str, status: str) -> int | None:
        """The same as people or an event of the text tell it, whatever the ground shows."""
        told, named = self.times.get(f"{term}.{status}"), self.agreement.term(term)
        if told is None and named is not None and sum(t.kind == named.kind for t in self.agreement.terms) == 1:
            return self.times.get(f"{named.kind}_{status}")
        return told

    def done_since(self, term: Term) -> int | None:
        """Since when all that a duty is tested by holds; None where that is not known."""
        told = [self.holds_since(d) for d in term.done]
        return None if not told or None in told else max(t for t in told if t is not None)

    def holds(self, done: Done, at: int, bound: Sequence[str] = ()) -> bool | None:
        """Whether a state held at an instant, as far as ground tells; None = not known. `bound`: whose forces `absent`
        speaks of."""
        return None if done.zone is None else _holds(done, self.facts.holders(done.zone, at), bound)

    def holds_since(self, done: Done) -> int | None:
        """Since when a state of the ground holds that lasts as far as anything is known, as others than parties stated;
        None = not known. What was held once and lost, or before the agreement alone, is not reached."""
        began = self.agreement.began(self.times)
        if done.test not in ("controls", "present") or done.zone is None or began is None:
            return None
        since = None
        for start, end, holders in reversed(self.facts.course(done.zone)):
            if _holds(done, holders) is not True or (since is None and end is not None and end <= began):
                break
            since = start
        return since


def _holds(done: Done, holders: set[str], bound: Sequence[str] = ()) -> bool | None:
    """Whether a state holds where some hold the ground; None = not known. `present` is never told not to be so: who
    does not hold the ground may stand on it."""
    if not holders:
        return None
    if done.test == "controls":
        return holders == {done.actor} if len(holders) == 1 else None
    if done.test == "present":
        return True if done.actor in holders else None
    if done.test == "absent" and done.what in {"forces", "troops", "units"}:
        return False if holders & set(bound) else None
    return None


@dataclass(frozen=True, slots=True)
class Gate:
    """What conditions make of a term: it binds from `met` on until `ended`, None = open; `open_`: conditions of which
    nobody has told whether they are met, in words; `unmet`: those whose event has no time, so that it waits."""

    met: int | None = None
    ended: int | None = None
    open_: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()


def gate(term: Term, states: States) -> Gate:
    """The conditions of a term under what is known."""
    met: list[int] = []
    ended: list[int] = []
    open_: list[str] = []
    unmet: list[str] = []
    for k, c in enumerate(term.after, 1):
        at, open_yet = _condition(c, states, _told(term, "after", k, states))
        if at is not None:
            met.append(c.plus.after(at, states.agreement.timezone) if c.plus is not None else at)
        elif open_yet:
            open_.append(f"after {c.words}")
        else:
            unmet.append(f"after {c.words}")
    for k, c in enumerate(term.while_, 1):
        kept, broken = _lasting(c, states, _told(term, "while", k, states))
        if kept is not None:
            met.append(kept)
        if broken is not None:
            ended.append(broken)
        if kept is None and broken is None:
            open_.append(f"while {c.words}")
    for other in term.with_:
        at = states.since(other, "begun")
        if at is None:
            open_.append(f"with {other}")
        else:
            met.append(at)
    return Gate(max(met, default=None), min(ended, default=None), tuple(open_), tuple(unmet))


def _told(term: Term, word: str, number: int, states: States) -> int | None:
    """When people told a condition to be met: as `TERM.after.2`, by its number, or as `TERM.after` where it is the only
    one. With several, that says not of which it speaks, and counts for none."""
    told = states.times.get(f"{term.id}.{word}.{number}")
    only = len(term.after if word == "after" else term.while_) == 1
    return states.times.get(f"{term.id}.{word}") if told is None and only else told


def _condition(c: Condition, states: States, told: int | None) -> tuple[int | None, bool]:
    """Since when a condition is met (None = nobody told), and whether that leaves it open: an event without a time has
    not happened; of all else it is not known."""
    if told is not None:
        return told, False
    if c.event is not None:
        return states.times.get(c.event), False
    if c.term is not None:
        return states.since(c.term, c.status), True
    return (None if c.done is None else states.holds_since(c.done)), True


def _lasting(c: Condition, states: States, told: int | None) -> tuple[int | None, int | None]:
    """Since when something lasts as it must, and since when no more; both None = nobody told."""
    if c.term is not None:
        status = "complied_with" if c.status == "complete" else c.status
        kept = states.since(c.term, status) if told is None else told
        return kept, states.times.get(f"{c.term}.broken")
    if c.event is not None:
        return states.times.get(c.event), None
    return told, None
