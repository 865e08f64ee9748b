"""HXL (hxlstandard.org 1.1): the CSV of the contract with a row of hashtags under its header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TextIO

import yaml

from trucewatch.model.cells import csv_writer, inert
from trucewatch.publishing.tables import Shape, cells

Row = Mapping[str, Any]


@cache
def _tags() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("hxl.yaml").read_text(encoding="utf-8"))
    return found


def tags(what: Shape) -> tuple[str, ...]:
    """The hashtag of each column of a shape; empty where a column has none, which HXL allows."""
    data = _tags()
    own = data["tables"].get(what.table, {})
    return tuple(own.get(name) or data["columns"].get(name, "") for name in what.columns)


def write_hxl(rows: Iterable[Row], to: TextIO, what: Shape) -> int:
    """Header, hashtags, rows; how many rows were written."""
    writer = csv_writer(to)
    writer.writerow([inert(name) for name in what.columns])
    writer.writerow(tags(what))
    n = 0
    for row in cells(rows, what):
        writer.writerow(row)
        n += 1
    return n
