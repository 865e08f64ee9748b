"""A QGIS project over GeoJSON layers: marks by status, ellipses and circles of uncertainty, names for a person.

Files of QGIS 3 (docs.qgis.org, QGS/QGZ and QML file formats): `trucewatch.qgs` opens all layers by relative paths, and
beside each layer lies its style under the same name, which QGIS takes up where the layer is opened alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trucewatch.model.vocabulary import STANCES, STATUSES
from trucewatch.publishing.coarse import KM_PER_DEGREE
from trucewatch.publishing.formats import qgis_style as style
from trucewatch.publishing.tables import Shape, told

Row = Mapping[str, Any]
PROJECT = "trucewatch.qgs"
_CORNERS = 48
# Light to dark, one hue that is no party's: what is surer is darker, as on the maps of the report.
_STATUS = dict(zip(STATUSES, ("#e4e2ee", "#c6c2dc", "#a29bc6", "#7a6fae", "#553f93", "#37156f"), strict=True))
_STANCE = dict(zip(STANCES, ("#b5651d", "#1b7837", "#762a83", "#2166ac", "#7f7f7f"), strict=True))
_PLAIN = {
    "coverage": "#4d9221", "restrictions": "#b2182b", "notices": "#2c7fb8", "inspections": "#8c6d31",
    "tasks": "#8c6d31", "places": "#999999",
}  # fmt: skip
_FIRST = ("incidents", "claims", "restrictions", "inspections", "tasks", "notices", "coverage", "places")  # top first


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: the name of its file, its title, what its features are, and how they are painted.

    `classes`: value of `column` -> colour; without a column all are of the one colour.
    """

    name: str
    title: str
    polygons: bool
    features: Sequence[dict[str, Any]]
    column: str | None
    classes: Mapping[str, str]
    shown: bool = True


def write_project(folder: Path, title: str, tables: Mapping[str, tuple[Shape, Sequence[Row]]]) -> list[Path]:
    """Write a layer and its style for each table that has places, and the project over them; the files, project last.

    Features of incidents carry the status and probability of their row in `assessments`, where that is among `tables`.
    """
    assessed = {r["incident_id"]: r for r in tables["assessments"][1]} if "assessments" in tables else {}
    layers = [x for name in _FIRST if name in tables for x in _layers(name, *tables[name], assessed)]
    files = []
    for layer in layers:
        files.append(_put(folder / f"{layer.name}.geojson", _collection(layer.features)))
        files.append(_put(folder / f"{layer.name}.qml", style.document(layer)))
    return [*files, _put(folder / PROJECT, style.project(title, layers, bounds(layers)))]


def _put(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="\n")
    return path


def _collection(features: Iterable[dict[str, Any]]) -> str:
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, allow_nan=False) for f in features)
    return '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"


def _layers(table: str, what: Shape, rows: Sequence[Row], assessed: Mapping[str, Row]) -> list[Layer]:
    """Marks of a table's places, and the areas that hold them; no layer where nothing has a place."""
    lat, lon = what.place or ("lat", "lon")
    placed = [r for r in rows if r.get(lat) is not None and r.get(lon) is not None]
    if not placed:
        return []
    column, classes = _classes(table, bool(assessed))
    points, areas = [], []
    for row in placed:
        properties = told(row, what) | _status(row, assessed)
        where = (float(row[lon]), float(row[lat]))
        points.append(_feature("Point", list(where), properties))
        axes = _axes(row)
        if axes is not None:
            areas.append(_feature("Polygon", [ellipse(*where, *axes)], properties))
    shown = table != "places"
    out = [Layer(table, table.capitalize(), False, points, column, classes, shown)]
    if areas:
        meaning = "what observers could see" if table == "coverage" else "holds the place with 95 %"
        if table in {"notices", "restrictions"}:
            meaning = "area"
        name = f"{table}-area"
        out.append(Layer(name, f"{table.capitalize()}: {meaning}", True, areas, column, classes, table != "claims"))
    return out


def _classes(table: str, assessed: bool) -> tuple[str | None, Mapping[str, str]]:
    if table == "incidents" and assessed:
        return "status", dict(reversed([*_STATUS.items()]))
    if table == "claims":
        return "stance", _STANCE
    return None, {"": _PLAIN.get(table, _STATUS["probable"])}


def _status(row: Row, assessed: Mapping[str, Row]) -> dict[str, Any]:
    found = assessed.get(str(row.get("incident_id")))
    return {} if found is None else {k: found.get(k) for k in ("status", "p_occurred", "p_low", "p_high")}


def _axes(row: Row) -> tuple[float, float, float] | None:
    """Half axes in km and azimuth of what holds the place; None where its extent is not known."""
    if row.get("semi_major_km") is not None and row.get("semi_minor_km") is not None:
        return float(row["semi_major_km"]), float(row["semi_minor_km"]), float(row.get("azimuth_deg") or 0.0)
    radius = row.get("radius_km")
    return None if radius is None else (float(radius), float(radius), 0.0)


def ellipse(lon: float, lat: float, major_km: float, minor_km: float, azimuth_deg: float) -> list[list[float]]:
    """The ring (lon, lat; first = last, counterclockwise) of an ellipse on the ground; azimuth clockwise from north."""
    turned = math.radians(azimuth_deg)
    across = KM_PER_DEGREE * max(math.cos(math.radians(lat)), 0.01)
    ring = []
    for k in range(_CORNERS):
        along = major_km * math.cos(2 * math.pi * k / _CORNERS)
        side = -minor_km * math.sin(2 * math.pi * k / _CORNERS)
        east = along * math.sin(turned) + side * math.cos(turned)
        north = along * math.cos(turned) - side * math.sin(turned)
        ring.append([round(lon + east / across, 6), round(max(-90.0, min(90.0, lat + north / KM_PER_DEGREE)), 6)])
    return [*ring, ring[0]]


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def bounds(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    """West, south, east, north of all that is shown, with a margin; the world where there is nothing."""
    places = [
        p
        for layer in layers
        if layer.shown
        for f in layer.features
        for p in (f["geometry"]["coordinates"][0] if layer.polygons else [f["geometry"]["coordinates"]])
    ]
    if not places:
        return -180.0, -90.0, 180.0, 90.0
    west, east = min(p[0] for p in places), max(p[0] for p in places)
    south, north = min(p[1] for p in places), max(p[1] for p in places)
    pad = max(0.02, 0.05 * (east - west), 0.05 * (north - south))
    return west - pad, south - pad, east + pad, north + pad
