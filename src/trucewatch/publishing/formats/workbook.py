"""Workbooks (Office Open XML): a sheet a table, every text a text, every whole second a real date in UTC.

No cell is a formula. The number format of a date ends in "Z", so that it is read as the RFC 3339 time that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from trucewatch.model.cells import restored
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import format_instant, from_us
from trucewatch.publishing.formats.kinds import Type, types
from trucewatch.publishing.tables import Shape, canonical

Row = Mapping[str, Any]
TIME_FORMAT = 'yyyy-mm-dd"T"hh:mm:ss"Z"'
# Limits of the format: rows of a sheet with its header, characters of a cell, the first day that has a number.
MOST_ROWS, MOST_CHARACTERS, FIRST_YEAR = 1_048_576, 32_767, 1901
_SECOND = 1_000_000
# A workbook tells when it was made; no wall clock stands in what leaves, so it is always this moment.
_MADE = datetime(2000, 1, 1)


def write_workbook(path: Path, sheets: Iterable[tuple[Shape, Sequence[Row]]]) -> dict[str, int]:
    """Write one sheet a table and return how many rows each holds.

    `Refusal` where a table or a cell is larger than the format allows: a workbook is whole or is not written.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {
        "constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    })  # fmt: skip
    book.set_properties({"created": _MADE, "title": "Trucewatch"})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "time": book.add_format({"num_format": TIME_FORMAT}),
        "live": book.add_format({"quote_prefix": True}),
    }
    counts = {}
    try:
        for what, rows in sheets:
            counts[what.table] = _sheet(book, formats, what, rows)
    except Refusal:
        book.fileclosed = True  # nothing is assembled, and nobody is told that it was not
        raise
    book.close()
    return counts


def _sheet(book: Any, formats: Mapping[str, Any], what: Shape, rows: Sequence[Row]) -> int:
    if len(rows) >= MOST_ROWS:
        raise Refusal(
            Fault(f"{what.table} have {len(rows):,} rows", f"A sheet holds {MOST_ROWS - 1:,}: export them as csv")
        )
    sheet = book.add_worksheet(what.table)
    sheet.freeze_panes(1, 0)
    kinds = types(what)
    for k, (name, kind) in enumerate(zip(what.columns, kinds, strict=True)):
        sheet.set_column(k, k, 21 if kind == "time" else max(9, min(24, len(name) + 2)))
        _text(sheet, 0, k, name, formats["head"], formats["head"], what.table)
    sheet.autofilter(0, 0, len(rows), max(0, len(what.columns) - 1))
    for n, row in enumerate(rows, 1):
        for k, (name, kind) in enumerate(zip(what.columns, kinds, strict=True)):
            value = row.get(name)
            if value is not None:
                _cell(sheet, n, k, value, kind, formats, what.table)
    return len(rows)


def _cell(sheet: Any, n: int, k: int, value: Any, kind: Type, formats: Mapping[str, Any], table: str) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(n, k, value)
    elif kind == "time" and isinstance(value, int):
        moment = from_us(value).replace(tzinfo=None)
        if value % _SECOND or moment.year < FIRST_YEAR:  # a sheet's dates are no finer and begin later
            sheet.write_string(n, k, format_instant(value))
        else:
            sheet.write_datetime(n, k, moment, formats["time"])
    elif isinstance(value, int | float):
        sheet.write_number(n, k, value)
    else:
        text = value if isinstance(value, str) else canonical(value)
        _text(sheet, n, k, text, None, formats["live"], table)


def _text(sheet: Any, n: int, k: int, text: str, plain: Any, live: Any, table: str) -> None:
    """A text as it is. What would run if somebody typed it again carries the sign that it is a text; one that begins
    with that sign itself gets one more, which intake takes off again."""
    if restored(text) != text:
        text = "'" + text
    if len(text) > MOST_CHARACTERS:
        raise Refusal(
            Fault(
                f"a cell of {table} (row {n + 1}) has {len(text):,} characters",
                f"A cell of a workbook holds {MOST_CHARACTERS:,}: export them as csv",
            )
        )
    sheet.write_string(n, k, text, live if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else plain)
