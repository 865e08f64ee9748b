"""Counts of complaints as they may be told: small cells of what is not listed as a range, sums as sums of ranges.

A cell that holds one complaint which nobody else may see would tell of it. So 1 up to below `min_cell` of such are told
as that range, and totals are the sums of what is shown, so that nothing can be worked out from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trucewatch.procedure.register import groups, party_of, state_word

Row = Mapping[str, Any]
BY = ("complainant", "against", "kind")


@dataclass(frozen=True, slots=True)
class Span:
    """At least and at most so many."""

    low: int
    high: int

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high


NONE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """A table of counts: groups down, states and rulings across, in their order; sums of rows and of columns."""

    by: str
    groups: tuple[str, ...]
    heads: tuple[str, ...]
    cells: Mapping[tuple[str, str], Span]

    def cell(self, group: str, head: str) -> Span:
        """How many of a group under a head."""
        return self.cells.get((group, head), NONE)

    def of_group(self, group: str) -> Span:
        """How many of a group."""
        return sum((self.cell(group, h) for h in self.heads), NONE)

    def of_head(self, head: str) -> Span:
        """How many under a head."""
        return sum((self.cell(g, head) for g in self.groups), NONE)

    @property
    def total(self) -> Span:
        """How many in all."""
        return sum((self.of_group(g) for g in self.groups), NONE)


def counted(
    rows: Sequence[Row], parties: Sequence[str], heads: Sequence[str], min_cell: int = 0
) -> tuple[Counted, ...]:
    """The tables by complainant, by whom complaints are against, and by kind. `min_cell` 0: for the mission itself."""
    found = {state_word(r) for r in rows}
    shown = tuple(h for h in heads if h in found)
    names = groups(rows, parties)
    return tuple(Counted(by, tuple(names[by]), shown, _cells(rows, by, min_cell)) for by in BY)


def _cells(rows: Iterable[Row], by: str, min_cell: int) -> dict[tuple[str, str], Span]:
    listed: dict[tuple[str, str], int] = defaultdict(int)
    hidden: dict[tuple[str, str], int] = defaultdict(int)
    for r in rows:
        group = r["kind"] if by == "kind" else party_of(r[by])
        (listed if r.get("listed", True) else hidden)[group, state_word(r)] += 1
    out = {}
    for key in {*listed, *hidden}:
        n, more = listed[key], hidden[key]
        span = Span(1, min_cell - 1) if 0 < more < min_cell else Span(more, more)
        out[key] = Span(n, n) + span
    return out


__all__ = ["BY", "NONE", "Counted", "Span", "counted"]
