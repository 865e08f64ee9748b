"""Rows of text cells to payloads, by the one table of columns: everything that design 4 asks of a row.

A validator is made once for a header; what it has read of a column it remembers, so that a cell that comes again costs
one look-up. A payload holds what was told and nothing else: times in microseconds, lists as lists, no empty values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from trucewatch.intake.parsing import CellFault, Day, named, parser, shown
from trucewatch.intake.references import Known, checker
from trucewatch.model.columns import Column, Kind
from trucewatch.model.errors import Fault
from trucewatch.model.times import TimeFault, day_bounds, zone

Payload = dict[str, Any]
_REMEMBERED = 20_000
_ALIKE = {"word", "time", "number", "integer", "flag", "enum", "list"}
_PAIRS = (("lat", "lon"), ("origin_lat", "origin_lon"), ("obs_lat", "obs_lon"))


class Validator:
    """Reads rows of one header as records of one kind."""

    def __init__(self, kind: Kind, header: Sequence[str], known: Known) -> None:
        self.kind = kind
        self._known = known
        self._names = tuple(header)
        self._reads = [self._reader(name) for name in header]
        self._required = kind.required
        self._times = tuple(c.name for c in kind.columns if c.type == "time")
        self._ranges = tuple((c.name, c.name[:-4] + "_high") for c in kind.columns if c.name.endswith("_low"))
        has = set(kind.names)
        self._pairs = tuple(p for p in _PAIRS if set(p) <= has)
        self._interval = {"start", "end"} <= has
        self._open = kind.name == "control"
        self._timed_by_source = "source" in has and kind.name != "source"

    def _reader(self, name: str) -> Callable[[str], Any]:
        if name not in self.kind.names:
            return _unnamed if not name else _ignored if name.startswith("_") else _unknown
        column = self.kind.column(name)
        parse = _with_reference(column, self._known)
        identity = column.name in {*self.kind.identity} - {"source"}
        if column.type not in _ALIKE or identity:
            return named if identity and column.name.endswith("_id") else parse
        if self.kind.name == "source" and column.name == "tz":
            parse = _time_zone
        if column.name == "source":
            parse = _slash_free(parse, column)
        return _Remembered(parse).__getitem__

    def read(self, cells: Sequence[str]) -> tuple[Payload, list[Fault]]:
        """The payload of a row and its faults (without file and row). With faults the payload is not to be used."""
        payload: Payload = {}
        faults: list[Fault] = []
        for name, cell, read in zip(self._names, cells, self._reads, strict=False):
            if cell:
                value = read(cell)
                if value.__class__ is CellFault:
                    faults.append(Fault(value.message, value.remedy, field=name))
                elif value is not None and value != "":
                    payload[name] = value
        wrong = {f.field for f in faults}
        for name in self._required:
            if name not in payload and name not in wrong:
                faults.append(Fault(f"{name} is empty", f"Fill it: {self.kind.column(name).meaning}", field=name))
        self._days(payload, faults)
        if not faults:
            self._together(payload, faults)
        return payload, faults

    def _days(self, payload: Payload, faults: list[Fault]) -> None:
        """Bare dates to instants in the source's zone: a start at its beginning, anything else at its end."""
        tz: str | CellFault | None = None
        for name in self._times:
            day = payload.get(name)
            if day.__class__ is not Day:
                continue
            tz = tz or self._zone(payload)
            if isinstance(tz, CellFault):
                if any(f.field == "source" for f in faults):
                    continue
                faults.append(Fault(tz.message.format(shown(str(day))), tz.remedy, field=name))
                continue
            try:
                first, last = day_bounds(str(day), tz)
            except TimeFault as e:
                faults.append(Fault(str(e), e.remedy, field=name))
                continue
            if name == "start":
                payload[name] = first
                if self._interval and not self._open and "end" not in payload:
                    payload["end"] = last
            else:
                payload[name] = last

    def _zone(self, payload: Payload) -> str | CellFault:
        if not self._timed_by_source:
            return self._known.timezone
        source = payload.get("source")
        tz = self._known.sources.get(str(source))
        if tz:
            return tz
        return CellFault(
            f"the date {{}} has no clock time, and the source {source!r} no time zone",
            "Write a time with offset, or fill tz of the source in sources.csv",
        )

    def _together(self, p: Payload, faults: list[Fault]) -> None:
        """What the cells of a row must satisfy together."""
        if self._interval and "end" in p and p["end"] < p["start"]:
            faults.append(Fault("the end is before the start", "Correct start or end", field="end"))
        for low, high in self._ranges:
            if low in p and high in p and p[low] > p[high]:
                faults.append(Fault(f"{low} is greater than {high}", "Exchange or correct them", field=high))
        for lat, lon in self._pairs:
            if (lat in p) != (lon in p):
                there, missing = (lat, lon) if lat in p else (lon, lat)
                faults.append(Fault(f"{there} is filled and {missing} is empty", "Fill both or none", field=missing))
        if p.get("responds_to") and p.get("claim_id") and p["responds_to"] == f"{p['source']}/{p['claim_id']}":
            faults.append(Fault("the claim answers itself", "Name the claim that it answers", field="responds_to"))


class _Remembered(dict[str, Any]):
    """Values of cells already read; forgotten when there are too many."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self._parse = parse

    def __missing__(self, cell: str) -> Any:
        if len(self) >= _REMEMBERED:
            self.clear()
        value = self[cell] = self._parse(cell)
        return value


def _unknown(cell: str) -> str | None:
    return cell if cell.strip() else None


def _ignored(cell: str) -> None:
    """Columns that begin with `_` are ignored."""


def _unnamed(cell: str) -> CellFault | None:
    if not cell.strip():
        return None
    return CellFault(f"{shown(cell)} stands in a column without a name", "Give the column a name, or empty the cell")


def _with_reference(column: Column, known: Known) -> Callable[[str], Any]:
    parse, check = parser(column), checker(column, known)
    if check is None:
        return parse

    def checked(cell: str) -> Any:
        value = parse(cell)
        if value is None or value == "" or isinstance(value, CellFault):
            return value
        return check(value) or value

    return checked


def _slash_free(parse: Callable[[str], Any], column: Column) -> Callable[[str], Any]:
    """A source id holds no `/`: SOURCE/ID must name one claim."""
    if column.name != "source":
        return parse

    def checked(cell: str) -> Any:
        value = parse(cell)
        if isinstance(value, str) and "/" in value:
            return CellFault("a source id holds a /", "Write it without, as SOURCE/ID names a claim")
        return value

    return checked


def _time_zone(cell: str) -> Any:
    name = cell.strip()
    try:
        zone(name)
    except TimeFault as e:
        return CellFault(str(e), e.remedy)
    return name


def placed(fault: Fault, file: str, row: int) -> Fault:
    """The fault with the place where it was found."""
    return replace(fault, file=file, row=row)
