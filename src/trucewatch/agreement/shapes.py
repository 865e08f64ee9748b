"""Zone shapes of an agreement file: read from GeoJSON beside it, or built from other zones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from trucewatch.agreement.building import when
from trucewatch.agreement.keys import ZoneKeys
from trucewatch.agreement.zones import Zone, between, buffered, circle
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, line_of


class _ShapeFault(ValueError):
    def __init__(self, message: str, remedy: str, key: str | None = None) -> None:
        super().__init__(message)
        self.remedy, self.key = remedy, key


def build_zones(
    keys: Sequence[ZoneKeys], folder: Path | None, lines: Lines, file: str, tz: str = "UTC"
) -> tuple[dict[str, Zone], list[Fault]]:
    """Zones by id in the order of the file, and a fault for each shape that cannot be made."""
    shapes: dict[str, Any] = {}
    faults: list[Fault] = []
    files: dict[str, Mapping[str, Any]] = {}
    for i, zone in enumerate(keys):
        try:
            shapes[zone.id] = _shape(zone, shapes, folder, files)
        except _ShapeFault as e:
            shapes[zone.id] = None
            line = line_of(("zones", i, e.key) if e.key else ("zones", i), lines)
            faults.append(Fault(f"zone {zone.id!r}: {e}", e.remedy, file, line, f"zones.{i + 1}"))
    zones = {}
    for zone in keys:
        geometry = shapes[zone.id]
        for other in zone.within:
            geometry = None if geometry is None or shapes[other] is None else geometry.intersection(shapes[other])
            if geometry is not None and geometry.is_empty:
                line, geometry = line_of(("zones", keys.index(zone), "within"), lines), None
                words = f"zone {zone.id!r}: nothing of it lies within {other!r}"
                faults.append(Fault(words, "Check the shapes", file, line, f"zones.{keys.index(zone) + 1}.within"))
        for other in zone.minus:
            if geometry is not None and shapes.get(other) is not None:
                geometry = geometry.difference(shapes[other])
                if geometry.is_empty:
                    line, geometry = line_of(("zones", keys.index(zone), "minus"), lines), None
                    words = f"zone {zone.id!r}: nothing is left of it without {other!r}"
                    faults.append(Fault(words, "Check the shapes", file, line, f"zones.{keys.index(zone) + 1}.minus"))
        zones[zone.id] = Zone(
            zone.id, geometry, zone.uncertainty_km, zone.status, dict(zone.names), zone.note, dict(zone.sides),
            when(zone.valid_from, tz), zone.replaces,
        )  # fmt: skip
    return zones, faults


def _shape(zone: ZoneKeys, made: Mapping[str, Any], folder: Path | None, files: dict[str, Mapping[str, Any]]) -> Any:
    if zone.status == "undefined":
        return None
    if zone.file is not None:
        base = _feature(zone, folder, files)
    elif zone.circle is not None:
        base = circle(zone.circle.lon, zone.circle.lat, zone.circle.radius_km)
    elif zone.between is not None:
        ends = [made.get(z) for z in zone.between]
        if any(e is None for e in ends):
            return None
        try:
            base = between(*ends)
        except ValueError as e:
            raise _ShapeFault(str(e), "Draw the area in a GeoJSON file instead", "between") from None
    elif zone.line is not None or zone.area is not None:
        base = _drawn(zone)
    else:
        base = _union([made.get(z) for z in zone.of or []])
    km = zone.buffer_km if zone.buffer_km is not None else zone.width_km and zone.width_km / 2
    if base is None or not km:
        return base
    return buffered(base, km, zone.side)


def _drawn(zone: ZoneKeys) -> Any:
    """The line or area through the points of the file."""
    points = [(p.lon, p.lat) for p in zone.line or zone.area or []]
    return shapely.LineString(points) if zone.line is not None else shapely.Polygon(points)


def _union(shapes: Sequence[Any]) -> Any:
    """The union of zones; None where one of them has no shape."""
    return None if not shapes or any(s is None for s in shapes) else shapely.union_all(shapes)


def _feature(zone: ZoneKeys, folder: Path | None, files: dict[str, Mapping[str, Any]]) -> Any:
    name = str(zone.file)
    if name not in files:
        files[name] = _features((folder or Path()) / name, name)
    found = files[name]
    wanted = list(found) if zone.feature is None else zone.feature
    missing = [w for w in wanted if w not in found]
    if missing or not wanted:
        known = ", ".join(found) or "none"
        words = f"{name} has no feature called {missing[0]!r}" if missing else f"{name} has no features"
        raise _ShapeFault(words, f"Its features (property name): {known}", "feature")
    whole = shapely.union_all([found[w] for w in wanted])
    if whole.is_empty:
        raise _ShapeFault("its shape is empty", "Draw it anew", "feature")
    return whole


def _features(path: Path, name: str) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        rows = data["features"] if data.get("type") == "FeatureCollection" else [data]
        out: dict[str, Any] = {}
        for row in rows:
            key = str((row.get("properties") or {}).get("name", ""))
            geometry = shape(row["geometry"])
            if not geometry.is_valid:
                geometry = geometry.buffer(0)
            _in_degrees(geometry, name)
            out[key] = geometry if key not in out else shapely.union_all([out[key], geometry])
        return out
    except OSError as e:
        raise _ShapeFault(f"{name} cannot be read: {e.strerror}", "Put it beside the agreement", "file") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShapelyError) as e:
        if isinstance(e, _ShapeFault):
            raise
        words = f"{name} is not GeoJSON with features ({e.__class__.__name__})"
        raise _ShapeFault(words, "Save the shapes as a GeoJSON FeatureCollection", "file") from None


def _in_degrees(geometry: Any, name: str) -> None:
    if geometry.is_empty:
        raise _ShapeFault(f"{name} holds a shape without extent", "Draw it anew, with distinct points", "file")
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _ShapeFault(
            f"{name} is not in degrees of longitude and latitude", "Save it as WGS 84 (EPSG:4326)", "file"
        )
