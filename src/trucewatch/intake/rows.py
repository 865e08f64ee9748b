"""What the readers of files give: a header, and rows one by one with the number that a spreadsheet shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Rejected

CELL_LIMIT = 1_000_000
CONTRACT_NAMES = frozenset(name for kind in KINDS.values() for name in kind.names)
SAVE_AGAIN = "Save it as CSV (UTF-8) and ingest it again"


class Line(NamedTuple):
    """One row as read: its number (header = 1), its cells by column, and what is wrong with it as a whole."""

    number: int
    cells: list[str]
    fault: Fault | None = None


@dataclass(slots=True)
class Sheet:
    """A file as a table: the header as it stands, what is wrong with it, rows still to come, notes on the way."""

    header: list[str]
    lines: Iterator[Line]
    notes: list[str] = field(default_factory=list)
    fault: Fault | None = None


def clean_name(name: str) -> str:
    """A column's name without blanks and byte-order marks; a name of the contract in its own case."""
    plain = name.strip().strip("\ufeff").strip()
    return plain.lower() if plain.lower() in CONTRACT_NAMES else plain


def unreadable(file: str, message: str, remedy: str, row: int | None = None, column: str | None = None) -> Rejected:
    """The refusal of a whole file."""
    return Rejected(Fault(message, remedy, file, row, column))
