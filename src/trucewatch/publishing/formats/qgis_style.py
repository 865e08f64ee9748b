"""The XML of QGIS: symbols, styles of layers, the project. What is painted and why is in `qgis`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from xml.etree import ElementTree as ET

_VERSION = "3.22.0"
_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_OTHER = "#bbbbbb"  # what has no class: not known, or withheld


class Painted(Protocol):
    """A layer as its paint needs it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def polygons(self) -> bool: ...  # noqa: D102
    @property
    def column(self) -> str | None: ...  # noqa: D102
    @property
    def classes(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def shown(self) -> bool: ...  # noqa: D102


def document(layer: Painted) -> str:
    """The style of one layer (QML)."""
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    root.append(_renderer(layer))
    ET.SubElement(root, "layerGeometryType").text = "2" if layer.polygons else "0"
    return _text(root)


def project(title: str, layers: Sequence[Painted], box: tuple[float, float, float, float]) -> str:
    """The project over the layers (QGS), the first one on top; `box` is west, south, east, north."""
    root = ET.Element("qgis", version=_VERSION, projectname=title)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "projectCrs").append(_crs())
    tree = ET.SubElement(root, "layer-tree-group")
    for layer in layers:
        ET.SubElement(tree, "layer-tree-layer", {
            "id": _id(layer), "name": layer.title, "source": f"./{layer.name}.geojson", "providerKey": "ogr",
            "checked": "Qt::Checked" if layer.shown else "Qt::Unchecked", "expanded": "0" if layer.polygons else "1",
        })  # fmt: skip
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "degrees"
    extent = ET.SubElement(canvas, "extent")
    for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
        ET.SubElement(extent, side).text = f"{value:.6f}"
    ET.SubElement(canvas, "rotation").text = "0"
    ET.SubElement(canvas, "destinationsrs").append(_crs())
    held = ET.SubElement(root, "projectlayers")
    for layer in layers:
        held.append(_layer(layer))
    order = ET.SubElement(root, "layerorder")
    for layer in layers:
        ET.SubElement(order, "layer", id=_id(layer))
    paths = ET.SubElement(ET.SubElement(root, "properties"), "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    return _text(root)


def _id(layer: Painted) -> str:
    return layer.name.replace("-", "_")


def _layer(layer: Painted) -> ET.Element:
    out = ET.Element("maplayer", {
        "type": "vector", "geometry": "Polygon" if layer.polygons else "Point", "hasScaleBasedVisibilityFlag": "0",
        "autoRefreshEnabled": "0", "readOnly": "0",
    })  # fmt: skip
    ET.SubElement(out, "id").text = _id(layer)
    ET.SubElement(out, "datasource").text = f"./{layer.name}.geojson"
    ET.SubElement(out, "layername").text = layer.title
    ET.SubElement(out, "srs").append(_crs())
    ET.SubElement(out, "provider", encoding="UTF-8").text = "ogr"
    out.append(_renderer(layer))
    ET.SubElement(out, "layerOpacity").text = "1"
    return out


def _crs() -> ET.Element:
    out = ET.Element("spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(out, "proj4").text = "+proj=longlat +datum=WGS84 +no_defs"
    for name, value in (("srsid", "3452"), ("srid", "4326"), ("authid", "EPSG:4326"), ("description", "WGS 84")):
        ET.SubElement(out, name).text = value
    ET.SubElement(out, "projectionacronym").text = "longlat"
    ET.SubElement(out, "ellipsoidacronym").text = "EPSG:7030"
    ET.SubElement(out, "geographicflag").text = "true"
    return out


def _renderer(layer: Painted) -> ET.Element:
    plain = layer.column is None
    out = ET.Element("renderer-v2", {
        "type": "singleSymbol" if plain else "categorizedSymbol", "forceraster": "0", "symbollevels": "0",
        "enableorderby": "0",
    })  # fmt: skip
    classes = [*layer.classes.items()]
    if layer.column is not None:
        out.set("attr", layer.column)
        classes.append(("", _OTHER))
        categories = ET.SubElement(out, "categories")
        for k, (value, _) in enumerate(classes):
            ET.SubElement(categories, "category", {
                "value": value, "label": value or "not known or withheld", "symbol": str(k), "render": "true",
            })  # fmt: skip
    symbols = ET.SubElement(out, "symbols")
    for k, (_, colour) in enumerate(classes):
        symbols.append(_symbol(str(k), colour, layer.polygons))
    return out


def _symbol(name: str, colour: str, polygon: bool) -> ET.Element:
    symbol = ET.Element("symbol", {
        "name": name, "type": "fill" if polygon else "marker", "alpha": "1", "clip_to_extent": "1", "force_rhr": "0",
    })  # fmt: skip
    kind = "SimpleFill" if polygon else "SimpleMarker"
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"})
    given = {
        "color": _rgba(colour, 40 if polygon else 255), "outline_color": _rgba(colour if polygon else "#333333", 255),
        "outline_style": "solid", "outline_width": "0.3" if polygon else "0.2", "outline_width_unit": "MM",
    }  # fmt: skip
    given |= {"style": "solid"} if polygon else {"name": "circle", "size": "2.6", "size_unit": "MM"}
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in given.items():
        ET.SubElement(options, "Option", type="QString", name=key, value=value)
        ET.SubElement(layer, "prop", k=key, v=value)  # what QGIS before 3.20 reads
    return symbol


def _rgba(colour: str, alpha: int) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"


def _text(root: ET.Element) -> str:
    ET.indent(root, " ")
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"
