"""The first sheet of a workbook as rows of text cells; formulas give the value that was last computed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from trucewatch.intake.files import Opened
from trucewatch.intake.rows import CELL_LIMIT, Line, Sheet, unreadable
from trucewatch.model.cells import restored
from trucewatch.model.errors import Fault

_UNPACKED_LIMIT = 4_000_000_000
# Signs that XML does not hold, and the line that begins such an escape (ECMA-376 part 1, 22.9.2.19).
_ESCAPED = re.compile(r"_x(00[01][0-9A-F]|005F)_")
_UTC = ('"Z"', "\\Z")  # the end of a number format that writes Z: as quoted by one program, as escaped by another


def xlsx_sheet(opened: Opened) -> Sheet:
    """The table of the first sheet that has rows; `Rejected` where the workbook is damaged or locked."""
    from openpyxl import load_workbook

    data = io.BytesIO(opened.passing.readall())
    try:
        with zipfile.ZipFile(data) as z:
            if sum(i.file_size for i in z.infolist()) > _UNPACKED_LIMIT:
                raise unreadable(opened.file, "the workbook unpacks to more than 4 GB", "Save it as CSV")
        book = load_workbook(data, read_only=True, data_only=True)
        sheets = [s for s in book.worksheets if (s.max_row or 0) > 0]
        rows = _rows(sheets[0]) if sheets else iter(())
        head = next((line for line in rows if any(c.strip() for c in line.cells)), None)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, EOFError) as e:
        raise unreadable(
            opened.file, f"the workbook cannot be read ({e.__class__.__name__})", "Save it anew, or as CSV"
        ) from None
    sheet = Sheet(
        [] if head is None else [c.strip() for c in head.cells], rows, fault=None if head is None else head.fault
    )
    if len(sheets) > 1:
        sheet.notes.append(f"only the first sheet ({sheets[0].title}) was read; {len(sheets) - 1} more are left")
    return sheet


def _rows(worksheet: Any) -> Iterator[Line]:
    for number, row in enumerate(worksheet.iter_rows(), 1):
        cells = [_cell(c.value, getattr(c, "number_format", "") or "") for c in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield Line(number, cells, _fault(cells))


def _fault(cells: list[str]) -> Fault | None:
    if any(len(c) > CELL_LIMIT for c in cells):
        return Fault("a cell is over 1 MB", "Shorten it, or keep long documents as files of their own")
    if any("\x00" in c for c in cells):
        return Fault("the row holds a zero byte", "Remove it")
    return None


def _cell(value: Any, number_format: str) -> str:
    """Text of a value. A date without a clock in its format is a bare date; a workbook's clock has no offset, but for
    one whose format writes a Z after it, as an export has it: that is UTC."""
    if value is None:
        return ""
    if isinstance(value, str):
        return restored(_ESCAPED.sub(lambda m: chr(int(m[1], 16)), value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        bare = "h" not in number_format.lower() and value.time() == time()
        utc = "Z" if number_format.endswith(_UTC) else ""
        return value.date().isoformat() if bare else value.isoformat() + utc
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value)
