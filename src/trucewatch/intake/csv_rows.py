"""CSV rows one by one: separator found, broken rows told apart from good ones, rows numbered as a spreadsheet does.

A quote that is never closed would swallow the rest of the file: it is given up at the end, at a fault or at a size, its
first line is a bad row, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TextIO

from trucewatch.intake.rows import CELL_LIMIT, Line, Sheet
from trucewatch.model.cells import restored
from trucewatch.model.errors import Fault

_LINE_LIMIT = 64 * CELL_LIMIT
_SEPARATORS = ",;\t|"
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_UNCLOSED = Fault(
    "a quote is opened and not closed as it should be",
    'Close it with ", and write a quote inside a cell twice',
)
_BIG = Fault(f"a cell is over {CELL_LIMIT // 1_000_000} MB", "Shorten it, or keep long documents as files of their own")
_LONG = Fault("the line is longer than 64 MB; only its beginning is kept here", "Look for line ends that were lost")
_NUL = Fault("the row holds a zero byte", "Remove it (it shows as a blank or a box), or save the file again")
_ENCODING = Fault("the row holds bytes that are no UTF-8 text", "Save the file as CSV UTF-8, and ingest it again")


def csv_sheet(text: TextIO, known: Iterable[str] = (), separator: str | None = None) -> Sheet:
    """The table in a CSV text. `known` names help to tell the separator; rows come as they are asked for."""
    csv.field_size_limit(_LINE_LIMIT)
    lines = _Lines(text)
    first = lines.peek()
    skipped = 0
    if first is not None and (said := re.match(r"sep=(.)\s*\Z", first.strip("\ufeff"), re.IGNORECASE)):
        separator, skipped = said[1], 1
        next(lines)
        first = lines.peek()
    if separator is None:
        separator = _separator(first or "", set(known))
    rows = _rows(lines, separator, skipped)
    head = next((line for line in rows if any(c.strip() for c in line.cells)), None)
    header = [] if head is None else [restored(c) for c in head.cells]
    sheet = Sheet(header, rows, fault=None if head is None else head.fault)
    if skipped:
        sheet.notes.append("a first line that tells the separator was read as such")
    return sheet


def _separator(first: str, known: set[str]) -> str:
    """The separator under which most known names, then most cells, come out of the first line; tabs before others."""

    def score(separator: str) -> tuple[int, bool, int]:
        cells = [c.strip().strip('"') for c in first.split(separator)]
        return sum(c.casefold() in known for c in cells), separator == "\t" and len(cells) > 1, len(cells)

    return max(_SEPARATORS, key=score)


class _Lines:
    """Lines of a text, with those of the present row kept, so that a broken row can be given back."""

    def __init__(self, text: TextIO) -> None:
        self._read = text.readline
        self._again: deque[str] = deque()
        self.present: list[str] = []
        self.size = 0
        self.limit = CELL_LIMIT * 4
        self.cut = False

    def peek(self) -> str | None:
        """The next line without taking it; None at the end."""
        if not self._again:
            line = self._line()
            if not line:
                return None
            self._again.append(line)
        return self._again[0]

    def _line(self) -> str:
        line = self._read(_LINE_LIMIT)
        if len(line) == _LINE_LIMIT and line[-1] not in "\r\n":
            self.cut = True
            while (rest := self._read(_LINE_LIMIT)) and rest[-1] not in "\r\n":
                pass
        return line

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._line()
        if not line:
            raise StopIteration
        self.present.append(line)
        self.size += len(line)
        if self.size > self.limit and len(self.present) > 1:
            raise _GivenUp
        return line

    def begin(self) -> None:
        """A new row begins."""
        self.present = []
        self.size = 0
        self.cut = False

    def give_back(self) -> str:
        """Give back all lines of the present row but the first, which is returned."""
        first, *others = self.present
        self._again.extendleft(reversed(others))
        return first


class _GivenUp(Exception):
    """A row went on over too many lines."""


def _rows(lines: _Lines, separator: str, number: int) -> Iterator[Line]:
    """Rows with their numbers. Blank lines count, and are left out."""
    given_up = 0
    while True:
        # A reader that raised is not asked again: a new one starts clean at the next line.
        reader = csv.reader(lines, delimiter=separator, strict=True)
        try:
            while True:
                lines.begin()
                cells = next(reader)
                number += 1
                if cells:
                    yield Line(number, _plain(cells, lines), _fault(cells, lines))
        except StopIteration:
            return
        except (csv.Error, _GivenUp):
            number += 1
            given_up += 1
            if given_up == 100:
                lines.limit = CELL_LIMIT // 16
            first = lines.give_back().rstrip("\r\n")
            yield Line(number, next(csv.reader([first], delimiter=separator), []), _UNCLOSED)


def _plain(cells: list[str], lines: _Lines) -> list[str]:
    if any("'" in line for line in lines.present):
        return [restored(c) for c in cells]
    return cells


def _fault(cells: list[str], lines: _Lines) -> Fault | None:
    for line in lines.present:
        if not line.isascii() or "\x00" in line:
            found = _NO_TEXT.search(line)
            if found:
                return _NUL if found[0] == "\x00" else _ENCODING
    if lines.cut:
        return _LONG
    if lines.size > CELL_LIMIT // 4 and any(len(c.encode("utf-8", "surrogatepass")) > CELL_LIMIT for c in cells):
        return _BIG
    return None
