"""Tables: rows of cells with their spans, and how wide each column has to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trucewatch.publishing.pdf.fonts import LONGEST
from trucewatch.publishing.pdf.runs import Pictures, runs
from trucewatch.publishing.pdf.tree import Element

# Letters that a line of a table holds at its usual size (A4, 8 pt), and the least size it may be set in.
_LINE, _LEAST = 108.0, 0.62
_PADDING = 2.5
_MOST = 46.0  # letters: a column that would want more than this gets no more


Cell = list[Any]  # runs, columns, rows, whether it is a heading


def table(e: Element, pictures: Pictures) -> dict[str, Any]:
    """A table as a block: `h` rows of its head, `r` the others, `w` widths of columns, `z` its size (1 = usual).

    A cell: [runs, columns, rows, whether it is a heading].
    """
    heads: list[list[Cell]] = []
    rows: list[list[Cell]] = []
    wide = _Columns()
    for row in e.all("tr"):
        cells: list[Cell] = [
            [runs(c.inside, pictures), int(c.attributes.get("colspan", 1)), int(c.attributes.get("rowspan", 1)),
             c.tag == "th" and "term" not in c.classes]
            for c in row.elements
        ]  # fmt: skip
        head = all(c.tag == "th" for c in row.elements) and not rows
        wide.add(row.elements, [(c[1], c[2]) for c in cells])
        (heads if head else rows).append(cells)
    widths, size = wide.widths()
    return {"t": "table", "h": heads, "r": rows, "w": widths, "z": size}


class _Columns:
    """How long words and whole texts are in each column."""

    def __init__(self) -> None:
        self.word: dict[int, float] = {}
        self.total: dict[int, float] = {}
        self.cells: dict[int, int] = {}
        self._held: dict[int, int] = {}  # columns that a cell from above still holds, with how many rows

    def add(self, elements: Sequence[Element], spans: Sequence[tuple[int, int]]) -> None:
        """Count one row."""
        at = 0
        held = {k: n - 1 for k, n in self._held.items() if n > 1}
        for element, (columns, rows) in zip(elements, spans, strict=True):
            while self._held.get(at, 0) > 0 and at in self._held:
                at += 1
            if columns == 1:
                self._count(at, element)
            if rows > 1:
                held |= {at + k: rows - 1 for k in range(columns)}
            at += columns
        self._held = held

    def _count(self, at: int, element: Element) -> None:
        words = element.text().split()
        drawn = 22 if any(x.tag == "svg" and "key" not in x.classes for x in element.elements) else 0
        longest = max([drawn, *map(len, words)], default=0)
        self.word[at] = max(self.word.get(at, 0.0), min(longest, LONGEST))
        self.total[at] = self.total.get(at, 0.0) + max(drawn, sum(len(w) + 1 for w in words))
        self.cells[at] = self.cells.get(at, 0) + 1

    def widths(self) -> tuple[list[float], float]:
        """Shares of the columns, and the size at which their longest words fit."""
        columns = sorted(self.word)
        least = [self.word[c] + _PADDING for c in columns]
        size = min(1.0, max(_LEAST, _LINE / max(sum(least), 1.0)))
        room = max(_LINE / size - sum(least), 0.0)
        wish = [max(min(self.total[c] / self.cells[c], _MOST) - self.word[c], 0.0) for c in columns]
        share = room / sum(wish) if sum(wish) else 0.0
        grown = [a + min(w * share, w * 3) for a, w in zip(least, wish, strict=True)]
        return [round(g, 1) for g in grown], round(size, 3)
