"""Where the tables of an export go: a file each, one workbook, or a folder of map layers. Whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing import tables
from trucewatch.publishing.tables import Shape

ALL = "all"
QGIS, XLSX, PARQUET, HXL = "qgis", "xlsx", "parquet", "hxl"
FORMATS = (*tables.FORMATS, XLSX, PARQUET, "geoparquet", HXL, QGIS)
SUFFIX = {HXL: "hxl.csv"}  # of other formats: their name
_BINARY = (XLSX, PARQUET)
Row = dict[str, Any]
Table = tuple[Shape, list[Row]]


def format_of(how: str) -> str:
    """The one name of a format: GeoParquet is Parquet with places."""
    return PARQUET if how == "geoparquet" else how


def needs_places(how: str) -> bool:
    """Whether a format holds tables with places alone."""
    return how in {"geojson", QGIS}


def check_target(what: str, how: str, out: Path | None) -> None:
    """`Refusal` where the place named by -o cannot take the export, or none is named and one is needed."""
    if how == PARQUET:
        from trucewatch.publishing.formats.parquet import polars

        polars()
    if out is None:
        if what == ALL or how == QGIS:
            thing = "all tables need" if what == ALL else "a QGIS project needs"
            raise Refusal(Fault(f"{thing} a folder", "Name it with -o", field="what"))
        if how in _BINARY:
            raise Refusal(Fault(f"{how} is no text for a terminal", "Name a file with -o", field="out"))
        return
    folder = _is_folder(what, how, out)
    if folder and out.exists() and not out.is_dir():
        raise Refusal(Fault(f"{str(out)!r} is a file", "Name a folder with -o", field="out"))
    if not folder and out.is_dir():
        raise Refusal(Fault(f"{str(out)!r} is a folder", "One table needs a file name", field="out"))


def _is_folder(what: str, how: str, out: Path) -> bool:
    return how == QGIS or (what == ALL and not (how == XLSX and out.suffix == ".xlsx"))


def write(
    found: Iterable[Table], what: str, how: str, out: Path | None, stream: TextIO | None, title: str
) -> tuple[dict[str, int], list[Path]]:
    """Write the tables as `check_target` allowed it; rows by table, and the files."""
    if how == QGIS:
        return _project(found, _named(out), title)
    if how == XLSX:
        target = _named(out)
        return _workbook(found, target / f"{ALL}.xlsx" if _is_folder(what, how, target) else target)
    counts, files = {}, []
    for shape, rows in found:
        if out is None:
            if stream is None:
                raise ValueError("an export needs a file or a stream")
            counts[shape.table] = _text(how)(rows, stream, shape)
            continue
        path = out / f"{shape.table}.{SUFFIX.get(how, how)}" if what == ALL else out
        with _beside(path) as part:
            counts[shape.table] = _one(how, part, shape, rows)
        files.append(path)
    return counts, files


def _named(out: Path | None) -> Path:
    if out is None:
        raise ValueError("this format needs a file or folder")
    return out


def _one(how: str, path: Path, shape: Shape, rows: list[Row]) -> int:
    if how == PARQUET:
        from trucewatch.publishing.formats.parquet import write_parquet

        return write_parquet(path, shape, rows)
    with path.open("w", encoding="utf-8", newline="") as to:
        return _text(how)(rows, to, shape)


def _text(how: str) -> Callable[[list[Row], TextIO, Shape], int]:
    if how == HXL:
        from trucewatch.publishing.formats.hxl import write_hxl

        return write_hxl
    return lambda rows, to, shape: tables.write(rows, to, how, shape)


def _workbook(found: Iterable[Table], path: Path) -> tuple[dict[str, int], list[Path]]:
    from trucewatch.publishing.formats.workbook import write_workbook

    with _beside(path) as part:
        counts = write_workbook(part, found)
    return counts, [path]


def _project(found: Iterable[Table], folder: Path, title: str) -> tuple[dict[str, int], list[Path]]:
    from trucewatch.publishing.formats.qgis import write_project

    held = {shape.table: (shape, rows) for shape, rows in found}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
        made = write_project(Path(scratch), title, held)
        files = [Path(shutil.move(path, folder / path.name)) for path in made]
    counts = {name: len(rows) for name, (shape, rows) in held.items() if shape.place is not None}
    return counts, files


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file appears whole or not at all: it is written beside its place and then moved there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
