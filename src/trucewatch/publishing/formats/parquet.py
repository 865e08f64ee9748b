"""Parquet; tables with places as GeoParquet 1.1 (geoparquet.org/releases/v1.1.0): points as WKB, WGS 84 lon/lat."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing.formats.kinds import Type, types
from trucewatch.publishing.tables import Shape, canonical

Row = Mapping[str, Any]
GEOMETRY = "geometry"
_POINT = struct.Struct("<BIdd")  # byte order, 1 = point, lon, lat: OGC 06-103r4, 8.2


def polars() -> Any:
    """The library of the extra `tables`; `Refusal` that tells how to install it where it is not there."""
    try:
        import polars
    except ImportError:
        raise Refusal(
            Fault(
                "parquet needs the library polars, which is not installed",
                "Install it: pip install 'trucewatch[tables]', or export as geojson or csv",
                field="format",
            )
        ) from None
    return polars


def write_parquet(path: Path, what: Shape, rows: Sequence[Row]) -> int:
    """Write one table and return how many rows it has; with a geometry column where the table has places."""
    pl = polars()
    columns: dict[str, Any] = {}
    schema = {
        "text": pl.String, "time": pl.Datetime("us", "UTC"), "integer": pl.Int64, "number": pl.Float64,
        "flag": pl.Boolean, "list": pl.List(pl.String),
    }  # fmt: skip
    for name, kind in zip(what.columns, types(what), strict=True):
        values = [_value(row.get(name), kind) for row in rows]
        columns[name] = pl.Series(name, values, dtype=schema[kind], strict=True)
    metadata = {}
    if what.place is not None:
        lat, lon = what.place
        placed = [(r[lon], r[lat]) if r.get(lat) is not None and r.get(lon) is not None else None for r in rows]
        geometry = [None if p is None else _POINT.pack(1, 1, *p) for p in placed]
        columns[GEOMETRY] = pl.Series(GEOMETRY, geometry, dtype=pl.Binary)
        metadata["geo"] = _geo([p for p in placed if p is not None])
    pl.DataFrame(columns).write_parquet(path, metadata=metadata)
    return len(rows)


def _value(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind == "text" and not isinstance(value, str):
        return canonical(value)
    if kind == "number":
        return float(value)
    if kind == "list":
        return [
            v if isinstance(v, str) else canonical(v) for v in (value if isinstance(value, list | tuple) else [value])
        ]
    return value


def _geo(points: Sequence[tuple[float, float]]) -> str:
    """The file's `geo` key. No crs is named: that is WGS 84, longitude before latitude (OGC:CRS84)."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    if points:
        lons, lats = zip(*points, strict=True)
        column["bbox"] = [min(lons), min(lats), max(lons), max(lats)]
    return json.dumps({"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}, sort_keys=True)
