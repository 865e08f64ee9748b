"""Rows that could not be taken, kept as a spreadsheet can mend them: the original columns, then what was found.

Its file appears whole or not at all, and only when the good rows of the same file are stored.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from trucewatch.model.cells import csv_writer, inert
from trucewatch.model.errors import Fault

FOUND = ("_row", "_field", "_error", "_remedy")
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_NUMBER = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?\Z", re.ASCII)


class Quarantine:
    """The quarantine file of one input file; nothing is written before the first bad row."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._header: Sequence[str] = ()
        self._part = folder / f".{name}.{os.getpid()}.part"
        self._columns: list[str] = []
        self._file: TextIO | None = None
        self.rows = 0

    def begin(self, header: Sequence[str]) -> None:
        """Tell the columns of the file; a header that grows on the way is told by its final state."""
        self._header = header

    def add(self, number: int, cells: Sequence[str], faults: Sequence[Fault]) -> None:
        """Keep a bad row."""
        if self._file is None:
            self._open()
        assert self._file is not None
        self.rows += 1
        width = len(self._columns)
        own = [_cell(c) for c in cells[:width]] + [""] * (width - len(cells))
        over = [c for c in cells[width:] if c.strip()]
        said = "; ".join(dict.fromkeys(f.message for f in faults)) + (f" ({' | '.join(over)})" if over else "")
        told = (
            str(number),
            inert("; ".join(dict.fromkeys(f.field for f in faults if f.field))),
            inert(said.replace("\x00", "")),
            inert("; ".join(dict.fromkeys(f.remedy for f in faults))),
        )
        csv_writer(self._file).writerow([*own, *told])

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._columns = list(self._header)
        # Bytes that are no text go out as they came in; they stand in an original cell and nowhere else.
        self._file = self._part.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        csv_writer(self._file).writerow([*(inert(c) for c in self._columns), *FOUND])

    def seal(self) -> None:
        """Bring everything to the disk: where there is no room for it, the good rows are not stored either."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if len(self._header) > len(self._columns):
                self._widen()

    def _widen(self) -> None:
        """Columns that turned up after the first bad row (keys of JSON lines) get their place."""
        wide = self._part.with_suffix(".wide")
        more = [inert(c) for c in self._header[len(self._columns) :]]
        with (
            self._part.open(encoding="utf-8", errors="surrogateescape", newline="") as old,
            wide.open("w", encoding="utf-8", errors="surrogateescape", newline="") as new,
        ):
            writer = csv_writer(new)
            at = len(self._columns)
            for k, row in enumerate(csv.reader(old)):
                writer.writerow([*row[:at], *(more if k == 0 else [""] * len(more)), *row[at:]])
            new.flush()
            os.fsync(new.fileno())
        wide.replace(self._part)

    def publish(self, sha8: str) -> Path | None:
        """Give the file its name, NAME.SHA8.csv; its path, None where no row was bad."""
        if self._file is None:
            return None
        path = self._folder / f"{self._name}.{sha8}.csv"
        self._part.replace(path)
        self._file = None
        return path

    def drop(self) -> None:
        """Leave nothing behind of a file that was not taken in."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # what could not be written before cannot be written now
                self._file.close()
            self._part.unlink(missing_ok=True)
            self._part.with_suffix(".wide").unlink(missing_ok=True)
            self._file = None


def _cell(text: str) -> str:
    """The original cell, inert where a spreadsheet would run it; a number with its sign is none of these.

    Half characters, which no encoding can write, are shown as such.
    """
    return text if _NUMBER.match(text) else inert(_HALF.sub("\ufffd", text))
