"""What the register's page, file and section are made from: rows that have passed the gate, and counts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trucewatch.judging.rulings import RULINGS
from trucewatch.procedure.clocks import STATES as CLOCK_STATES
from trucewatch.procedure.offices import steps
from trucewatch.procedure.register import Duration, durations, finding_durations
from trucewatch.procedure.road import INCOMPLETE, JOINED, SUSPENDED, VOID, WITHDRAWN
from trucewatch.publishing.register.counting import NONE, Counted, Span, counted

Row = Mapping[str, Any]
# Under which heads complaints are counted, in order: where they stand, then how they were ruled, then how they ended.
HEADS = tuple(
    dict.fromkeys(
        [*(s.id for s in steps().values() if s.rank >= 0), INCOMPLETE, SUSPENDED, *RULINGS, WITHDRAWN, JOINED, VOID]
    )
)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """How one clock stood for the complaints that it runs for: how many by state."""

    step: str
    states: Mapping[str, int]


@dataclass(frozen=True)
class RegisterView:
    """A register at an instant, for an audience. `rows`: released rows in the order of receipt; `withheld`: complaints
    that are counted and not listed; `counts`: what each complaint adds to the tables; `uncounted`: confidential ones.

    `parties` in the order of the agreements; `at` in microseconds; `reconstructed`: cut by known time; `notes`: for
    whoever made it; `published`: findings with their kind, actor and hours from the first allegation to publication.
    """

    config: Any
    agreements: tuple[Any, ...]
    parties: tuple[str, ...]
    at: int
    reconstructed: bool
    audience: str
    rows: Sequence[Row]
    counts: Sequence[Row]
    withheld: int = 0
    uncounted: int = 0
    notes: tuple[str, ...] = ()
    published: Sequence[Row] = ()

    @cached_property
    def tables(self) -> tuple[Counted, ...]:
        """Counts by complainant, by whom complaints are against, by kind."""
        least = 0 if self.audience == "internal" else self.config.publication.min_cell
        return counted(self.counts, self.parties, HEADS, least)

    @cached_property
    def total(self) -> Span:
        """How many complaints are counted."""
        return self.tables[0].total

    @cached_property
    def pending(self) -> Span:
        """How many of them wait for a ruling."""
        least = 0 if self.audience == "internal" else self.config.publication.min_cell
        waiting = counted([r for r in self.counts if r["pending"]], self.parties, HEADS, least)
        return waiting[0].total if self.counts else NONE

    @cached_property
    def durations(self) -> list[Duration]:
        """Time from allegation to publication, by kind and party: to others than the mission of what is listed."""
        told = self.counts if self.audience == "internal" else [r for r in self.counts if r["listed"]]
        return [d for d in durations(told, self.parties) if d.published or d.waiting]

    @cached_property
    def finding_durations(self) -> list[Duration]:
        """Time from the first allegation of an incident to the publication of a finding on it, by kind and party."""
        return finding_durations(self.published, self.parties)

    @cached_property
    def clocks(self) -> list[ClockRow]:
        """How each clock stood, of what is listed."""
        found: dict[str, Counter[str]] = {}
        for r in self.counts:
            if self.audience == "internal" or r["listed"]:
                for step, state in (r.get("clocks") or {}).items():
                    found.setdefault(step, Counter())[state] += 1
        order = ["filed", *steps()]
        return [
            ClockRow(step, {s: found[step][s] for s in CLOCK_STATES if found[step][s]})
            for step in sorted(found, key=order.index)
        ]


def register_summary(view: RegisterView) -> dict[str, Any]:
    """The register in plain rows, for a section of another page; every number has passed the gate.

    received, pending: (low, high); withheld, uncounted: numbers; heads: the states and rulings across, in order;
    tables: by `complainant`, `against`, `kind`, rows of {group, cells: {head: (low, high)}, total: (low, high)};
    durations, finding_durations: rows of Duration as dictionaries (hours; `by` all, complainant, against or kind);
    clocks: rows of {step, state: number}; rows: the complaints that may be listed, in the columns of
    `procedure.register.COLUMNS`.
    """
    return {
        "at": view.at, "received": _pair(view.total), "pending": _pair(view.pending), "withheld": view.withheld,
        "uncounted": view.uncounted, "heads": list(view.tables[0].heads),
        "tables": {t.by: [_line(t, g) for g in t.groups] for t in view.tables},
        "durations": [_told(d) for d in view.durations],
        "finding_durations": [_told(d) for d in view.finding_durations],
        "clocks": [{"step": c.step, **c.states} for c in view.clocks], "rows": [dict(r) for r in view.rows],
    }  # fmt: skip


def _told(d: Duration) -> dict[str, Any]:
    return {name: getattr(d, name) for name in Duration.__slots__}


def _line(table: Counted, group: str) -> dict[str, Any]:
    cells = {h: _pair(table.cell(group, h)) for h in table.heads if table.cell(group, h) != NONE}
    return {"group": group, "cells": cells, "total": _pair(table.of_group(group))}


def _pair(span: Span) -> tuple[int, int]:
    return span.low, span.high


__all__ = ["HEADS", "ClockRow", "RegisterView", "register_summary"]
