"""Which states of an agreement are reached, and since when: by decision, by an event, or by what is recorded of ground.

A decision `set_event` on `TERM.STATUS` (`1.complete`, `5.verified`, `2.broken`) tells it of a term. Else the event of
its kind does (`withdrawal_complete`), where one term alone is of that kind; else `controls` and the like are computed
from what others than parties stated of the ground. What nobody told is not known: None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """What is recorded besides incidents; `latest`: the last time known of anything, None = not told."""

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
        told = [c for c in self.control if c.zone == zone and not c.own and c.covers(at)]
        return set() if any(c.contested for c in told) else {c.actor for c in told}

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
        told = self.times.get(f"{term}.{status}")
        if told is not None:
            return told
        named = self.agreement.term(term)
        if named is None:
            return None
        if sum(t.kind == named.kind for t in self.agreement.terms) == 1:
            told = self.times.get(f"{named.kind}_{status}")
        if told is None and status == "complete" and named.done:
            return self.done_since(named)
        return told

    def done_since(self, term: Term) -> int | None:
        """Since when all that a duty is tested by holds; None where that is not known."""
        told = [self.holds_since(d) for d in term.done]
        return None if not told or None in told else max(t for t in told if t is not None)

    def holds(self, done: Done, at: int, bound: Sequence[str] = ()) -> bool | None:
        """Whether a state held at an instant, as far as ground tells; None = not known. `bound`: whose forces `absent`
        speaks of."""
        if done.zone is None:
            return None
        holders = self.facts.holders(done.zone, at)
        if not holders:
            return None
        if done.test == "controls":
            return holders == {done.actor} if done.actor in holders or len(holders) == 1 else None
        if done.test == "present":
            return True if done.actor in holders else None
        if done.test == "absent" and done.what in {"forces", "troops", "units"}:
            return False if holders & set(bound) else None
        return None

    def holds_since(self, done: Done) -> int | None:
        """Since when a state of the ground holds, as others than parties stated; None = not known."""
        if done.test not in ("controls", "present"):
            return None
        starts = [c.start for c in self.facts.control if c.zone == done.zone and c.actor == done.actor and not c.own]
        return next((s for s in starts if self.holds(done, s) is True), None)


@dataclass(frozen=True, slots=True)
class Gate:
    """What conditions make of a term: it binds from `met` on (NEVER = not met yet) until `ended`, None = open; `open_`:
    conditions of which nobody has told whether they are met, in words."""

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
    for c in term.after:
        at, open_yet = _condition(c, states, f"{term.id}.after")
        if at is not None:
            met.append(c.plus.after(at, states.agreement.timezone) if c.plus is not None else at)
        elif open_yet:
            open_.append(f"after {c.words}")
        else:
            met.append(NEVER)
            unmet.append(f"after {c.words}")
    for c in term.while_:
        kept, broken = _lasting(c, term, states)
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


def _condition(c: Condition, states: States, named: str) -> tuple[int | None, bool]:
    """Since when a condition is met (None = nobody told), and whether that leaves it open: an event without a time has
    not happened; of all else it is not known."""
    told = states.times.get(named)
    if told is not None:
        return told, False
    if c.event is not None:
        return states.times.get(c.event), False
    if c.term is not None:
        return states.since(c.term, c.status), True
    return (None if c.done is None else states.holds_since(c.done)), True


def _lasting(c: Condition, term: Term, states: States) -> tuple[int | None, int | None]:
    """Since when something lasts as it must, and since when no more; both None = nobody told."""
    kept = states.times.get(f"{term.id}.while")
    if c.term is not None:
        status = "complied_with" if c.status == "complete" else c.status
        kept = states.since(c.term, status) if kept is None else kept
        return kept, states.times.get(f"{c.term}.broken")
    if c.event is not None:
        return states.times.get(c.event), None
    return kept, None
