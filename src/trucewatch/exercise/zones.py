"""The drawn zones of the exercise's agreement and the sectors of its mission, as GeoJSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from trucewatch.exercise.land import Floats, Land, to_degrees

_DEEP_KM = 45.0
SECTORS = ("West", "West Centre", "East Centre", "East", "Salt Flats")  # the last one holds the scenes
_FLATS_KM = 110.0


def zones_geojson(land: Land, ranges: Floats) -> str:
    """Both lines, the ground of each side, and the training ranges (n, 3: x, y, radius in km)."""
    actual = land.drawn()
    features = [
        _feature("line-actual", "LineString", _degrees(actual)),
        _feature("line-agreed", "LineString", _degrees(land.drawn(agreed=True))),
        _feature("ground-talvenia", "Polygon", [_ring(actual, _DEEP_KM)]),
        _feature("ground-corrand", "Polygon", [_ring(actual, -_DEEP_KM)]),
        _feature("ranges", "MultiPolygon", [[_circle(*row)] for row in ranges.tolist()]),
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1)


def sectors_geojson(land: Land) -> str:
    """The line cut into sectors, both sides of it, 30 km deep each."""
    edges = np.append(np.linspace(0, land.length_km, len(SECTORS)), land.length_km + _FLATS_KM)
    features = []
    for name, first, last in zip(SECTORS, edges[:-1], edges[1:], strict=True):
        x = np.linspace(first, last, 25)
        upper = np.column_stack([x, land.line(x) + 30.0])
        lower = np.column_stack([x, land.line(x) - 30.0])
        features.append(_feature(name, "Polygon", [_closed(_degrees(np.concatenate([lower, upper[::-1]])))]))
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1)


def _feature(name: str, kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _degrees(points: Floats) -> list[list[float]]:
    lat, lon = to_degrees(points[:, 0], points[:, 1])
    pairs: list[list[float]] = np.round(np.column_stack([lon, lat]), 5).tolist()
    return pairs


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return [*ring, ring[0]]


def _ring(line: Floats, depth: float) -> list[list[float]]:
    far = line[::-1] + np.array([0.0, depth])
    ring = np.concatenate([line, far])
    return _closed(_degrees(ring if depth < 0 else ring[::-1]))


def _circle(x: float, y: float, radius: float) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, 49)[:-1]
    return _closed(_degrees(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])))
