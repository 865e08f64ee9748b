"""Zones: geometry from GeoJSON or built from other zones, distances on the ellipsoid.

Lengths are measured in an azimuthal equidistant projection on WGS 84 about the zone; within 300 km of its centre it is
true to 4 parts in 10,000 (Snyder 1987, Map projections: a working manual, p. 191).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.ops import transform

from trucewatch.agreement.format import ZoneEntry
from trucewatch.model.table import Array


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone or line: geometry in lon, lat (None where the text leaves it undefined), its uncertainty and status."""

    id: str
    names: Mapping[str, str]
    geometry: Any
    uncertainty_km: float
    status: str
    sides: Mapping[str, str]

    def distance_km(self, lon: Array, lat: Array) -> Array:
        """Distance of points from the zone (0 inside an area); NaN where the zone is undefined."""
        if self.geometry is None:
            return np.full(np.shape(lon), np.nan)
        plane, to_plane = self._plane()
        x, y = to_plane(lon, lat)
        return np.asarray(shapely.distance(plane, shapely.points(x, y)) / 1000.0)

    def signed_depth_km(self, lon: Array, lat: Array) -> Array:
        """How deep points lie inside an area, km; negative outside; for lines minus the distance."""
        if self.geometry is None:
            return np.full(np.shape(lon), np.nan)
        plane, to_plane = self._plane()
        x, y = to_plane(lon, lat)
        points = shapely.points(x, y)
        edge = shapely.distance(plane.boundary if plane.area > 0 else plane, points) / 1000.0
        inside = shapely.contains(plane, points) if plane.area > 0 else np.zeros(np.shape(x), dtype=bool)
        return np.asarray(np.where(inside, edge, -edge))

    def _plane(self) -> tuple[Any, Any]:
        to_plane = _projection(self.geometry)
        plane = transform(to_plane, self.geometry)
        shapely.prepare(plane)
        return plane, to_plane


def _projection(geometry: Any) -> Any:
    c = geometry.centroid
    crs = f"+proj=aeqd +lat_0={c.y:.6f} +lon_0={c.x:.6f} +datum=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform


class ZoneFault(ValueError):
    """A zone that cannot be made; the text says why."""


def build(entry: ZoneEntry, folder: Path, made: Mapping[str, Zone]) -> Zone:
    """The zone of an entry; `ZoneFault` where its file, feature or parts are missing."""
    geometry = _raw(entry, folder, made)
    if geometry is not None and entry.minus:
        for other in entry.minus:
            geometry = geometry.difference(_known(other, made))
    if entry.status == "undefined":
        geometry = None
    elif geometry is None and not entry.between:
        raise ZoneFault("it has no geometry; name a file and feature, build it, or write status: undefined")
    return Zone(entry.id, entry.names, geometry, entry.uncertainty_km, entry.status, entry.sides)


def _raw(entry: ZoneEntry, folder: Path, made: Mapping[str, Zone]) -> Any:
    if entry.geometry is not None:
        return _valid(_shape(_numbers(entry.geometry)))
    if entry.file is not None:
        return _valid(_features(folder / entry.file, entry.feature))
    if entry.of is not None:
        base = _known(entry.of, made)
        width = entry.buffer_km or (entry.width_km or 0.0) / 2
        return base if not width else _buffer(base, width, entry.side)
    if entry.between:
        return shapely.union_all([_known(z, made) for z in entry.between]).convex_hull
    return None


def _known(name: str, made: Mapping[str, Zone]) -> Any:
    if name not in made or made[name].geometry is None:
        raise ZoneFault(f"the zone {name!r} that it is built from is not there (it must stand before, and be defined)")
    return made[name].geometry


def _buffer(base: Any, km: float, side: str) -> Any:
    """All ground within km of a line or area, or only on its left or right (in the order of its points)."""
    to_plane = _projection(base)
    plane = transform(to_plane, base)
    if side == "both":
        grown = plane.buffer(km * 1000)
    else:
        grown = plane.buffer(km * 1000 * (1 if side == "left" else -1), single_sided=True)
    c = base.centroid
    crs = f"+proj=aeqd +lat_0={c.y:.6f} +lon_0={c.x:.6f} +datum=WGS84 +units=m"
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    return transform(back, grown)


def _features(path: Path, wanted: tuple[str, ...]) -> Any:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ZoneFault(f"its file {path.name} is not there") from None
    except (OSError, ValueError) as e:
        raise ZoneFault(f"its file {path.name} cannot be read as GeoJSON ({e.__class__.__name__})") from None
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        raise ZoneFault(f"its file {path.name} is no GeoJSON FeatureCollection")
    found = {str((f.get("properties") or {}).get("name")): f for f in features}
    if not wanted:
        return shapely.union_all([_shape(f["geometry"]) for f in features])
    missing = [w for w in wanted if w not in found]
    if missing:
        raise ZoneFault(f"{path.name} has no feature called {missing[0]!r}; it has " + ", ".join(sorted(found)))
    return shapely.union_all([_shape(found[w]["geometry"]) for w in wanted])


def _shape(geometry: Any) -> Any:
    try:
        return shape(geometry)
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as e:
        raise ZoneFault(f"its geometry cannot be read ({e})") from None


def _numbers(value: Any) -> Any:
    """A geometry written in YAML has its numbers as strings."""
    if isinstance(value, list):
        return [_numbers(x) for x in value]
    if isinstance(value, dict):
        return {k: value[k] if k == "type" else _numbers(value[k]) for k in value}
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _valid(geometry: Any) -> Any:
    bounds = geometry.bounds
    if bounds and (bounds[0] < -180 or bounds[2] > 180 or bounds[1] < -90 or bounds[3] > 90):
        raise ZoneFault("its coordinates are not longitude, latitude in degrees")
    return geometry if geometry.is_valid else geometry.buffer(0)
