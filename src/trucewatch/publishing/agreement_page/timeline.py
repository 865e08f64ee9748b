"""The clocks of an agreement as rows of a time line: events, terms under each reading, procedures, bodies.

The line is not to scale: hours matter beside years, so the gap between two neighbouring times grows with its logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from trucewatch.agreement import Agreement, Term
from trucewatch.agreement.telling import Teller
from trucewatch.model.times import HOUR

CLOCKS = ("from", "begin_by", "by", "until", "lasts", "hours", "after", "while")
_NO_CLOCK = ("statement", "coded")


@dataclass(frozen=True, slots=True)
class Clock:
    """A row: what it is (`kind`: event, term, whole, procedure or body; `name`), words by heading, and its times,
    microseconds. `waits`: events without a time that it stands on. `marks`: (at, begin_by or by)."""

    kind: str
    name: str
    words: tuple[tuple[str, str], ...]
    start: int | None = None
    end: int | None = None
    marks: tuple[tuple[int, str], ...] = ()
    waits: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    timed: bool = True


class Scale:
    """Times to per cent of the line's length."""

    def __init__(self, times: Iterable[int]) -> None:
        self.knots = sorted(set(times))
        at, places = 0.0, [0.0]
        for a, b in pairwise(self.knots):
            at += 1.0 + math.log2(1.0 + (b - a) / HOUR) / 3
            places.append(at)
        # Room at the end for what has none.
        whole = at / 0.88 if at else 1.0
        self._places = {t: round(4 + 92 * p / whole, 2) for t, p in zip(self.knots, places, strict=False)}

    def __call__(self, at: int) -> float:
        """Where a time that the scale was made of stands, per cent."""
        return self._places[at]


def clocks(agreement: Agreement, teller: Teller, shown: Mapping[str, Any]) -> list[Clock]:
    """Every clock of an agreement in the order of the file; `shown` as `describe` gives it."""
    out = [_event(agreement, teller, name, one) for name, one in zip(agreement.events, shown["clocks"], strict=True)]
    if agreement.lasting is not None:
        end = agreement.duration_until.resolve(teller.times) if agreement.duration_until is not None else None
        out.append(Clock("whole", "", tuple(_lasts(agreement, teller)), agreement.began(teller.times), end))
    for term in agreement.terms:
        out += _term(term, teller)
    for one in shown["procedures"]:
        if one["within"] or one["every"] or " by" in one["words"]:
            out.append(Clock("procedure", str(one["id"]), (("", one["words"]),), timed=False))
    for body in shown["mechanisms"]:
        words = [(name.replace("_", " "), span) for name, span in body["clocks"].items()]
        words += [("", report) for report in body["reports"]]
        words += [(teller.say("label.by"), body["by"])] if body["by"] else []
        if words:
            out.append(Clock("body", str(body["name"]), tuple(words), timed=False))
    return out


def scale_of(rows: Sequence[Clock]) -> Scale:
    """The scale that holds the times of some rows."""
    return Scale(t for r in rows for t in (r.start, r.end, *(m for m, _ in r.marks)) if t is not None)


def _event(agreement: Agreement, teller: Teller, name: str, told: Mapping[str, Any]) -> Clock:
    words = [("", told["local"] or "")]
    words += [("", told["stands_on"])] if told["stands_on"] else []
    words += [("", str(told["note"]))] if told["note"] else []
    at = teller.times.get(name)
    return Clock("event", name, tuple(w for w in words if w[1]), at, at, waits=() if at is not None else (name,))


def _lasts(agreement: Agreement, teller: Teller) -> Iterator[tuple[str, str]]:
    """How long the whole text lasts, told as of a term."""
    term = Term("", "procedure", {}, lasting=agreement.lasting)
    yield from ((teller.say(f"label.{label}"), w) for label, w in teller.rows(term) if label == "lasts")
    until = agreement.duration_until
    if until is not None:
        yield teller.say("label.until"), teller.when(until)


def _term(term: Term, teller: Teller) -> Iterator[Clock]:
    """A row for each set of times that a term has under its readings."""
    if term.kind in _NO_CLOCK:
        return
    reads = term.alternatives or ((None, term),)
    found: dict[tuple[Any, ...], tuple[Term, list[str]]] = {}
    for reading, read in reads:
        key = (read.starts, read.until, read.begins_by, read.by, read.schedule, read.lasting, read.after, read.while_)
        found.setdefault(key, (read, []))[1].append(reading or "")
    for read, readings in found.values():
        words = tuple((teller.say(f"label.{k}"), w) for k, w in teller.rows(read) if k in CLOCKS)
        start, end = read.window(teller.times)
        marks = [(w.resolve(teller.times), kind) for w, kind in ((read.begins_by, "begin_by"), (read.by, "by")) if w]
        told = tuple((at, kind) for at, kind in marks if at is not None)
        lasts = read.lasting.until if read.lasting is not None else None
        times = (read.starts, read.until, read.begins_by, read.by, lasts)
        waits = [w.event for w in times if w is not None and w.event and teller.times.get(w.event) is None]
        waits += [c.event for c in (*read.after, *read.while_) if c.event and teller.times.get(c.event) is None]
        waits += ["in_force"] if read.starts is None and start is None else []
        under = () if len(readings) == len(reads) else tuple(r for r in readings if r)
        yield Clock("term", term.id, words, start, end, told, tuple(dict.fromkeys(waits)), under)
