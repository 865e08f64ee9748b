"""The clocks of a complaint: what an agreement's procedures and its mechanism's `clocks` set, and how each stands.

A procedure or clock that is called like a step of the road (offices.yaml) limits that step: `tasked: PT24H`. A
procedure `on: complaint` of another name limits the complaint itself, from what it speaks of. What comes late is
flagged, and void only where the text says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trucewatch.agreement import Agreement, Procedure
from trucewatch.agreement.clocks import Span
from trucewatch.procedure.offices import steps
from trucewatch.procedure.spans import Pause, due, without

FILED = "filed"  # the clock of the complaint itself
MET, LATE, RUNNING, OVERDUE, WAITING, STOPPED, UNKNOWN = (
    "met", "late", "running", "overdue", "waiting", "stopped", "cannot tell",
)  # fmt: skip
STATES = (MET, LATE, RUNNING, OVERDUE, WAITING, STOPPED, UNKNOWN)
COMPLAINT = "complaint"
_PARTY = "party"


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: the step that it ends with, the step that it runs from, its length on the clock of `tz`, whom it
    binds (`from_`; empty = anybody), whether what comes late is void, and where the text says so."""

    step: str
    since: str
    within: Span
    tz: str
    agreement: str
    from_: tuple[str, ...] = ()
    void: bool = False
    term: str | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """How a limit stands for one complaint; times in microseconds. `since`: from when it runs, None = not yet; `due`:
    when it ends, None while it waits or is stopped; `done`: when the step was taken."""

    step: str
    state: str
    since: int | None
    due: int | None
    done: int | None
    void: bool
    limit: Limit

    @property
    def late(self) -> bool:
        """Whether the step came too late, or is missing after its time."""
        return self.state in {LATE, OVERDUE}


def limits(agreements: Iterable[Agreement]) -> tuple[Limit, ...]:
    """Every limit of a chain on the road of complaints, in the order of the chain; of one step the last one counts."""
    found: dict[tuple[str, str], Limit] = {}
    for a in agreements:
        for body in a.mechanisms:
            for name, span in body.clocks.items():
                since = steps()[name].since if name in steps() else None
                if since is not None:
                    found[name, since] = Limit(name, since, span, a.timezone, a.id)
        for p in a.procedures:
            limit = _of_procedure(a, p)
            if limit is not None:
                found[limit.step, limit.since] = limit
    order = [FILED, *steps()]
    return tuple(sorted(found.values(), key=lambda one: order.index(one.step)))


def _of_procedure(agreement: Agreement, p: Procedure) -> Limit | None:
    if p.within is None or p.on is None:
        return None
    since = "received" if p.on == COMPLAINT else p.on
    step = p.id if p.id in steps() and p.id != "received" else None
    if step is None and p.on == COMPLAINT:
        step, since = FILED, "event"
    if step is None or (step != FILED and since not in steps()):
        return None
    who = tuple(
        dict.fromkeys(
            actor.id for word in p.from_ for actor in agreement.actors if word in {actor.id} or _all(word, actor.role)
        )
    )
    return Limit(step, since, p.within, agreement.timezone, agreement.id, who, p.late == "void", p.term)


def _all(word: str, role: str) -> bool:
    return word == _PARTY and role == _PARTY


def clock(limit: Limit, taken: Mapping[str, int], now: int, pauses: Sequence[Pause] = (), over: bool = False) -> Clock:
    """How a limit stands at `now`, given when steps were taken; `over`: the complaint has ended, so nothing runs on."""
    since, done = taken.get(limit.since), taken.get(limit.step)
    if since is None or (done is not None and done < since):
        # A step that was taken before its turn came has kept its time.
        state = WAITING if done is None else MET
        return Clock(limit.step, state, since, None, done, limit.void, limit)
    end = without(since, due(since, limit.within, limit.tz), pauses)
    if done is not None:
        state = MET if end is None or done <= end else LATE
    elif over or end is None:
        state = STOPPED
    else:
        state = RUNNING if now <= end else OVERDUE
    return Clock(limit.step, state, since, None if state == STOPPED else end, done, limit.void, limit)


def filed(limit: Limit, received: int, event: tuple[int, int] | None) -> Clock:
    """How the limit of the complaint itself stands: what it speaks of lies in [event), or nobody knows when."""
    if event is None:
        return Clock(FILED, UNKNOWN, None, None, received, limit.void, limit)
    first, last = (due(at, limit.within, limit.tz) for at in event)
    state = MET if received <= first else LATE if received > last else UNKNOWN
    return Clock(FILED, state, event[0], last, received, limit.void, limit)


__all__ = [
    "COMPLAINT", "FILED", "LATE", "MET", "OVERDUE", "RUNNING", "STATES", "STOPPED", "UNKNOWN", "WAITING", "Clock",
    "Limit", "clock", "filed", "limits",
]  # fmt: skip
