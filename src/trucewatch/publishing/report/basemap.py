"""The ground under the maps: land, borders and reference lines from Natural Earth, clipped to what a map shows."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

import shapely
from shapely.geometry import box, shape

Bounds = tuple[float, float, float, float]
_REGIONS = ("caucasus", "donbas")


@lru_cache(maxsize=4)
def _features(name: str) -> tuple[Bounds, tuple[tuple[str, Any], ...]]:
    path = files("trucewatch.data").joinpath(f"basemap/{name}.geojson")
    data = json.loads(path.read_text("utf-8"))
    found = tuple((f["properties"]["kind"], shapely.make_valid(shape(f["geometry"]))) for f in data["features"])
    return tuple(data["bbox"]), found


def _sheet(west: float, south: float, east: float, north: float) -> str:
    for name in _REGIONS:
        w, s, e, n = _features(name)[0]
        if w <= west and s <= south and e >= east and n >= north:
            return name
    return "world"


def ground(bounds: Bounds) -> list[tuple[str, Any]]:
    """Kinds (land, border, reference_line) and shapes in lon, lat inside west, south, east, north."""
    window = box(*bounds)
    clipped = ((kind, shapely.intersection(geometry, window)) for kind, geometry in _features(_sheet(*bounds))[1])
    return [(kind, geometry) for kind, geometry in clipped if not geometry.is_empty]
