"""Times of a term that cannot stand together: an end or a deadline before the start, a start after the deadline.

Times that hang on the same event are compared before anybody has set it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trucewatch.agreement.clocks import Event, When
from trucewatch.agreement.model import Agreement, Term
from trucewatch.agreement.telling import local
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of

_SOME_TIME = 1_000_000_000_000_000  # any instant does: only times on one and the same event are compared by it

# Earlier, later, whether they may be equal, words of the fault, key at which it stands, what to do.
_ORDER = (
    ("from", "until", False, "ends before it begins", "until", "Check from and until"),
    ("from", "by", True, "is due before it begins", "by", "Check from and by"),
    ("from", "begins_by", True, "must begin before it holds", "begins_by", "Check from and begins_by"),
    ("begins_by", "by", True, "may begin after it must be complete", "begins_by", "Check begins_by and by"),
    ("by", "until", True, "is due only after it has ended", "by", "Check by and until"),
)


def clock_faults(agreement: Agreement, lines: Lines, file: str) -> Iterator[Fault]:
    """One fault for each pair of times of a term, an exception or the whole that stand the wrong way round, under any
    reading."""
    events = agreement.events
    begins = When(event="in_force")
    if _wrong(begins, agreement.duration_until, False, events):
        path: Path = ("duration",)
        yield Fault(
            "the agreement ends before it is in force", "Check duration", file, line_of(path, lines), "duration"
        )
    for i, term in enumerate(agreement.terms):
        if term.kind != "statement":
            yield from _of_term(term, ("terms", i), agreement, lines, file)


def _of_term(term: Term, path: Path, agreement: Agreement, lines: Lines, file: str) -> Iterator[Fault]:
    events = agreement.events
    told: set[str] = set()
    for reading, read in term.alternatives:
        times = {
            "from": read.starts or When(event="in_force"), "until": read.until, "by": read.by,
            "begins_by": read.begins_by,
        }  # fmt: skip
        under = f" under the reading {reading}" if reading else ""
        for first, second, equal, words, key, remedy in _ORDER:
            if words not in told and _wrong(times[first], times[second], equal, events):
                told.add(words)
                dates = f"{second} {_shown(times[second], agreement)}, {first} {_shown(times[first], agreement)}"
                line, name = line_of((*path, key), lines), f"terms.{path[-1] + 1}.{key}"  # type: ignore[operator]
                yield Fault(f"the term {term.id!r} {words}{under}: {dates}", remedy, file, line, name)
        for one in read.excepts:
            if f"except {one.id}" not in told and _wrong(one.starts, one.until, False, events):
                told.add(f"except {one.id}")
                words = f"the exception {one.id!r} of the term {term.id!r} ends before it begins{under}"
                words += f": until {_shown(one.until, agreement)}, from {_shown(one.starts, agreement)}"
                yield Fault(words, "Check from and until", file, line_of((*path, "except"), lines))


def _shown(when: When | None, agreement: Agreement) -> str:
    """A time as the text has it: its clock where it is known, else the event and what is counted from it."""
    if when is None:
        return ""
    known = local(when.resolve(agreement.event_times()), agreement.timezone)
    counted = "" if not when.text else f" {when.text}" if when.text.startswith("-") else f" + {when.text}"
    return known or f"{when.event}{counted}"


def _wrong(first: When | None, second: When | None, equal: bool, events: Mapping[str, Event]) -> bool:
    """Whether two times can be compared, and the second does not come after the first."""
    if first is None or second is None or _root(first, events) != _root(second, events):
        return False
    times = {name: _at(name, events) for name in events}
    times.setdefault("in_force", _SOME_TIME)
    one, other = first.resolve(times), second.resolve(times)
    return one is not None and other is not None and (other < one or (other == one and not equal))


def _root(when: When, events: Mapping[str, Event]) -> str | None:
    """The event without a time that a time hangs on in the end; None where it is known."""
    name, seen = when.event, set[str]()
    while name is not None and name not in seen:
        seen.add(name)
        event = events.get(name)
        if event is None or event.when is None:
            return name
        name = event.when.event
    return None


def _at(name: str, events: Mapping[str, Event], depth: int = 0) -> int | None:
    event = events[name]
    if event.at is not None:
        return event.at
    if event.when is None or event.when.event is None or depth > len(events):
        return _SOME_TIME
    base = _at(event.when.event, events, depth + 1) if event.when.event in events else _SOME_TIME
    return event.when.resolve({event.when.event: base})
