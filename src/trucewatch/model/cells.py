"""Cells that a spreadsheet would run as formulas, made inert on the way out and restored on the way in.

A quote is put before a text that begins with = + - @ tab or return, however many quotes stand before that already, so
that `restored(inert(text)) == text` for every text.
"""

from __future__ import annotations

import csv
import re
from typing import Any, TextIO

_LIVE = re.compile(r"'*[=+\-@\t\r]")


def inert(text: str) -> str:
    """The text as it may stand in a cell of a file that leaves."""
    return "'" + text if _LIVE.match(text) else text


def restored(text: str) -> str:
    """The text behind a cell: exactly one quote goes where it stands before a formula's first character."""
    return text[1:] if text.startswith("'") and _LIVE.match(text) else text


class _LineFeeds:
    """Takes whole rows that end with return and line feed, and passes them on with a line feed alone."""

    def __init__(self, to: TextIO) -> None:
        self._to = to

    def write(self, row: str) -> int:
        return self._to.write(row[:-2] + "\n")


def csv_writer(to: TextIO) -> Any:
    """A CSV writer (RFC 4180) of rows that end with a line feed.

    The module's own, told to end rows so, leaves a return inside a cell without quotes, and the row comes apart.
    """
    return csv.writer(_LineFeeds(to), lineterminator="\r\n")
