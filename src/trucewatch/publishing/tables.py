"""Tables as files: CSV (RFC 4180, empty = null, lists as JSON, UTC), JSON lines, GeoJSON (RFC 7946, WGS 84 lon/lat).

Formulas that a spreadsheet would run are made inert in CSV; the intake undoes it, so that an export is the same again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from trucewatch.model.cells import csv_writer, inert
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.outputs import OUTPUTS, SUMMARIES
from trucewatch.model.times import format_instant

Row = Mapping[str, Any]
FORMATS = ("csv", "jsonl", "geojson")
_OUTPUT_TIMES = ("start", "end", "at", "due", "due_last")


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table as it leaves, which of them are times, and its place columns (lat, lon), if it has any."""

    table: str
    columns: tuple[str, ...]
    times: frozenset[str]
    place: tuple[str, str] | None

    @property
    def is_input(self) -> bool:
        """Whether the table can be ingested again."""
        return self.table in KINDS


def shape(table: str, unknown: Iterable[str] = ()) -> Shape:
    """The shape of an input or derived table; `unknown` columns follow those of the contract, by name."""
    if table in KINDS:
        names = KINDS[table].names
        times = frozenset(c.name for c in KINDS[table].columns if c.type == "time")
        more = tuple(sorted(set(unknown) - set(names)))
    else:
        names, more = (OUTPUTS | SUMMARIES)[table], ()
        times = frozenset(n for n in names if n in _OUTPUT_TIMES)
    pairs = (("lat", "lon"), ("latitude", "longitude"))
    place = next((p for p in pairs if set(p) <= set(names)), None)
    return Shape(table, (*names, *more), times, place)


def write(rows: Iterable[Row], to: TextIO, how: str, what: Shape) -> int:
    """Write rows in one of FORMATS and return how many; `Refusal` for geojson of a table without places."""
    writers: dict[str, Callable[[Iterable[Row], TextIO, Shape], int]] = {
        "csv": write_csv,
        "jsonl": write_jsonl,
        "geojson": write_geojson,
    }
    return writers[how](rows, to, what)


def write_csv(rows: Iterable[Row], to: TextIO, what: Shape) -> int:
    """Header and rows, lines ended by a line feed."""
    writer = csv_writer(to)
    writer.writerow([inert(name) for name in what.columns])
    n = 0
    for row in cells(rows, what):
        writer.writerow(row)
        n += 1
    return n


def cells(rows: Iterable[Row], what: Shape) -> Iterator[list[str]]:
    """Rows as the texts of their cells in the order of the columns."""
    makers = [(_time_cell if name in what.times else _cell, name) for name in what.columns]
    for row in rows:
        get = row.get
        yield [make(get(name)) for make, name in makers]


def _time_cell(value: Any) -> str:
    return "" if value is None else format_instant(value)


def _cell(value: Any) -> str:
    """One cell: strings inert; flags true and false; lists and objects as JSON; the shortest decimal of a float."""
    if value is None:
        return ""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return canonical(value)
    return repr(value)


def canonical(value: Any) -> str:
    """One JSON text for one value: keys sorted, no spaces, no escapes beyond need."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def told(row: Row, what: Shape) -> dict[str, Any]:
    """A row as JSON tells it: times as text; nulls left out of input tables, kept in derived ones."""
    out = {}
    for name in what.columns:
        value = row.get(name)
        if value is None and what.is_input:
            continue
        out[name] = format_instant(value) if value is not None and name in what.times else value
    return out


def write_jsonl(rows: Iterable[Row], to: TextIO, what: Shape) -> int:
    """One object a line, keys in the order of the columns."""
    n = 0
    for row in rows:
        to.write(json.dumps(told(row, what), ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n")
        n += 1
    return n


def write_geojson(rows: Iterable[Row], to: TextIO, what: Shape) -> int:
    """A FeatureCollection of points, a feature a line; a row without a place has a null geometry."""
    if what.place is None:
        raise Refusal(Fault(f"{what.table} have no place", "Export them as csv or jsonl, or take incidents or claims"))
    to.write('{"type":"FeatureCollection","features":[')
    n = 0
    for feature in _features(rows, what):
        to.write(("," if n else "") + "\n" + json.dumps(feature, ensure_ascii=False, allow_nan=False))
        n += 1
    to.write("\n]}\n")
    return n


def _features(rows: Iterable[Row], what: Shape) -> Iterator[dict[str, Any]]:
    lat, lon = what.place or ("lat", "lon")
    for row in rows:
        here = row.get(lat) is not None and row.get(lon) is not None
        geometry = {"type": "Point", "coordinates": [row[lon], row[lat]]} if here else None
        properties = {k: v for k, v in told(row, what).items() if k not in {lat, lon}}
        yield {"type": "Feature", "geometry": geometry, "properties": properties}


def in_content_order(table: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of an input table by what they say: times, then what else holds no names, names last (laws L3, L11)."""
    columns = KINDS[table].columns
    times = [c.name for c in columns if c.type == "time"]
    plain = [c.name for c in columns if c.type in {"number", "integer", "flag", "enum"} or c.refers in {"act", "acts"}]
    rest = [c.name for c in columns if c.name not in {*times, *plain}]
    ordered = sorted(rows, key=lambda row: [_sortable(row.get(k)) for k in times])
    out: list[dict[str, Any]] = []
    start = 0
    for i in range(1, len(ordered) + 1):
        if i == len(ordered) or any(ordered[i].get(k) != ordered[start].get(k) for k in times):
            tied = ordered[start:i]
            if len(tied) > 1:
                tied.sort(key=lambda row: [_sortable(row.get(k)) for k in (*plain, *rest)])
            out.extend(tied)
            start = i
    return out


def _sortable(value: Any) -> tuple[bool, float, str]:
    if value is None:
        return (True, 0.0, "")
    if isinstance(value, int | float):
        return (False, float(value), "")
    return (False, 0.0, value if isinstance(value, str) else canonical(value))
