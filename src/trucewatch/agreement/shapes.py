"""Zone shapes of an agreement file: read from GeoJSON beside it, or built from other zones."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from trucewatch.agreement.building import when
from trucewatch.agreement.keys import ZoneKeys
from trucewatch.agreement.zones import EDGE_DEGREES, Zone, between, buffered, circle
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, line_of

MOST_BYTES = 20_000_000  # of a file of shapes: the bundled ones have some kilobytes
MOST_CORNERS = 40_000  # of one zone, each two hundredths of a degree of its edge counted as one
MOST_STEPS = 20  # of zones that are made from each other


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
    steps: dict[str, int] = {}
    zones = {}
    for i, zone in enumerate(keys):
        try:
            steps[zone.id] = _steps(zone, steps)
            shapes[zone.id] = _clipped(zone, _shape(zone, shapes, folder, files), shapes)
            _few_corners(shapes[zone.id])
        except _ShapeFault as e:
            shapes[zone.id] = None
            line = line_of(("zones", i, e.key) if e.key else ("zones", i), lines)
            name = f"zones.{i + 1}" + (f".{e.key}" if e.key else "")
            faults.append(Fault(f"zone {zone.id!r}: {e}", e.remedy, file, line, name))
        # Made from what is undefined, it is undefined itself, whatever the text agreed of the rest.
        status = "undefined" if shapes[zone.id] is None else zone.status
        zones[zone.id] = Zone(
            zone.id, shapes[zone.id], zone.uncertainty_km, status, dict(zone.names), zone.note, dict(zone.sides),
            when(zone.valid_from, tz), zone.replaces,
        )  # fmt: skip
    return zones, faults


def _steps(zone: ZoneKeys, made: Mapping[str, int]) -> int:
    """In how many steps a zone is made from what is drawn."""
    n = 1 + max(
        (made.get(z, 0) for z in [*(zone.of or ()), *(zone.between or ()), *zone.minus, *zone.within]), default=0
    )
    if n > MOST_STEPS:
        raise _ShapeFault(f"it is made in more than {MOST_STEPS} steps from other zones", "Draw it in a file", "of")
    return n


def _few_corners(geometry: Any) -> None:
    """Refuse a shape that nobody draws: so many corners, or so long, that it could not be worked on."""
    if geometry is None:
        return
    corners = int(shapely.get_num_coordinates(geometry) + shapely.length(geometry) / EDGE_DEGREES)
    if corners > MOST_CORNERS:
        words = f"its shape has the corners or the length of {corners} pieces, where at most {MOST_CORNERS} are read"
        raise _ShapeFault(words, "Simplify it: draw no more than the text or the map tells")


def _clipped(zone: ZoneKeys, geometry: Any, made: Mapping[str, Any]) -> Any:
    """What of a shape lies within some zones and outside others; None where one of them has no shape: how much is left
    is not known."""
    for key, names in (("within", zone.within), ("minus", zone.minus)):
        for other in names:
            if geometry is None or made.get(other) is None:
                return None
            cut = shapely.intersection if key == "within" else shapely.difference
            geometry = cut(geometry, made[other])
            if geometry.is_empty:
                words = (
                    f"nothing of it lies within {other!r}" if key == "within" else f"nothing is left without {other!r}"
                )
                raise _ShapeFault(words, "Check the shapes", key)
    return geometry


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
    _few_corners(base)
    km = zone.buffer_km if zone.buffer_km is not None else zone.width_km and zone.width_km / 2
    if base is None or not km:
        return base
    return buffered(base, km, zone.side)


def _drawn(zone: ZoneKeys) -> Any:
    """The line or area through the points of the file."""
    points = [(p.lon, p.lat) for p in zone.line or zone.area or []]
    key = "line" if zone.line is not None else "area"
    if len(set(points)) < (2 if key == "line" else 3):
        raise _ShapeFault("its points are one and the same", "Write distinct points", key)
    drawn = shapely.LineString(points) if key == "line" else shapely.Polygon(points)
    _sound(drawn, key)
    return drawn


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
        data = json.loads(_read(path, name))
        rows = data["features"] if data.get("type") == "FeatureCollection" else [data]
        out: dict[str, Any] = {}
        for row in rows:
            key = str((row.get("properties") or {}).get("name", ""))
            geometry = shape(row["geometry"])
            _in_degrees(geometry, name)
            _sound(geometry, "file")
            out[key] = geometry if key not in out else shapely.union_all([out[key], geometry])
        return out
    except OSError as e:
        raise _ShapeFault(f"{name} cannot be read: {e.strerror}", "Put it beside the agreement", "file") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShapelyError) as e:
        if isinstance(e, _ShapeFault):
            raise
        words = f"{name} is not GeoJSON with features ({e.__class__.__name__})"
        raise _ShapeFault(words, "Save the shapes as a GeoJSON FeatureCollection", "file") from None


def _read(path: Path, name: str) -> str:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        words = f"{name} is larger than {MOST_BYTES // 1_000_000} MB"
        raise _ShapeFault(words, "Keep the shapes of this agreement alone, with fewer points", "file")
    return content.decode("utf-8-sig")


def _sound(geometry: Any, key: str) -> None:
    """Refuse what cannot be meant: an area that crosses itself, or a step over the 180th meridian. Which area or which
    way round was meant would have to be guessed."""
    for part in shapely.get_parts(geometry):
        for ring in [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]:
            corners = shapely.get_coordinates(ring)
            steps = np.flatnonzero(np.abs(np.diff(corners[:, 0])) > 180)
            if steps.size:
                (lon, lat), (other, _) = corners[steps[0]], corners[steps[0] + 1]
                words = f"it steps across the 180th meridian, from longitude {lon:g} to {other:g} near latitude {lat:g}"
                raise _ShapeFault(words, "Cut it there into two parts, one on each side (RFC 7946, 3.1.9)", key)
        if not part.is_valid:
            raise _ShapeFault(
                f"its area {_why(part)}", "Draw its corners in turn, so that no side crosses another", key
            )


def _why(area: Any) -> str:
    """Why an area is none, in words."""
    reason = shapely.is_valid_reason(area)
    found = re.match(r"(?P<what>[^\[]*)\[(?P<lon>\S+) (?P<lat>[^\]]+)\]", reason)
    if found is None:
        return f"is not sound ({reason.lower()})"
    crossing = (
        "crosses or touches itself" if "ntersection" in found["what"] else f"is not sound ({found['what'].lower()})"
    )
    return f"{crossing} at latitude {float(found['lat']):.4f}, longitude {float(found['lon']):.4f}"


def _in_degrees(geometry: Any, name: str) -> None:
    if geometry.is_empty:
        raise _ShapeFault(f"{name} holds a shape without extent", "Draw it anew, with distinct points", "file")
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _ShapeFault(
            f"{name} is not in degrees of longitude and latitude", "Save it as WGS 84 (EPSG:4326)", "file"
        )
