"""JSON lines, one object a line, as rows of text cells; what is no text (lists, objects) stands in a cell as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO

from trucewatch.intake.rows import CELL_LIMIT, Line, Sheet, clean_name
from trucewatch.model.errors import Fault

_LOOK = 200
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


class _Doubled(ValueError):
    """A key stands twice in an object."""


def jsonl_sheet(text: TextIO) -> Sheet:
    """The table in JSON lines. Columns are the keys of the first rows; a later new key adds one (`sheet.header`)."""
    sheet = Sheet([], iter(()))
    columns: dict[str, int] = {}
    rows = _rows(text, columns, sheet.header)
    first = list(islice(rows, _LOOK))

    def lines() -> Iterator[Line]:
        yield from first
        yield from rows

    sheet.lines = lines()
    return sheet


def _rows(text: TextIO, columns: dict[str, int], header: list[str]) -> Iterator[Line]:
    number = 0
    while line := text.readline(64 * CELL_LIMIT):
        number += 1
        stripped = line.strip().lstrip("\ufeff")
        if not stripped:
            continue
        found = _object(stripped)
        if isinstance(found, Fault):
            yield Line(number, [line.rstrip("\r\n")], found)
            continue
        if len(found) > len(found := {clean_name(key): value for key, value in found.items()}):
            yield Line(number, [line.rstrip("\r\n")], Fault("two keys name one column", "Keep one of them"))
            continue
        if any(_NO_TEXT.search(key) for key in found):
            yield Line(number, [line.rstrip("\r\n")], Fault("a key holds what is no UTF-8 text", "Correct the key"))
            continue
        for key in found:
            if key not in columns:
                columns[key] = len(columns)
                header.append(key)
        cells = [""] * len(columns)
        fault = None
        for key, value in found.items():
            cell = cells[columns[key]] = _cell(value)
            if len(cell) > CELL_LIMIT // 4 and len(cell.encode("utf-8", "surrogatepass")) > CELL_LIMIT:
                fault = Fault("a value is over 1 MB", "Shorten it, or keep long documents as files", field=key)
            elif "\x00" in cell:
                fault = Fault("the value holds a zero byte", "Remove it", field=key)
            elif not cell.isascii() and _NO_TEXT.search(cell):
                fault = Fault("the value holds what is no UTF-8 text", "Save the file as UTF-8", field=key)
        yield Line(number, cells, fault)


def _object(text: str) -> dict[str, Any] | Fault:
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except _Doubled as e:
        return Fault(f"the key {e} stands twice", "Keep one of them")
    except (ValueError, RecursionError) as e:
        return Fault(
            f"the line is no JSON ({getattr(e, 'msg', e.__class__.__name__).lower()})", "Write one object a line"
        )
    if not isinstance(found, dict):
        return Fault("the line is no JSON object", 'Write one object a line, as {"claim_id": ...}')
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen = set[str]()
        raise _Doubled(repr(next(k for k, _ in pairs if k in seen or seen.add(k))))  # type: ignore[func-returns-value]
    return out


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else _encode(value)
