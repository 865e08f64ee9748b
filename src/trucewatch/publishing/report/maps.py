"""The two maps of a day, of one size: where incidents were, with their uncertainty, and where nobody could see.

Azimuthal equidistant around the middle of the area, so that distances and ellipses are true there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup, escape
from pyproj import Transformer

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report import basemap
from trucewatch.publishing.report.chart import INK, SOFT, hue, paint

WIDTH = 640.0
_MOST_ELLIPSES, MOST_NUMBERS = 250, 60
_LAND, _WATER = "#f4f1e9", "#dfe7ea"


@dataclass(frozen=True, slots=True)
class Spot:
    """An incident on the map: place, half axes of the 95 % ellipse in km, azimuth, whose colour, how dark, where to."""

    lat: float
    lon: float
    major_km: float
    minor_km: float
    azimuth_deg: float
    position: int | None
    shade: float
    number: int
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What an observer could see: an area (lon, lat), and the share of the day for which it held."""

    area: Any
    share: float


@dataclass(frozen=True, slots=True)
class Barrier:
    """A restriction on the map: place, by whom, its number in the table."""

    lat: float
    lon: float
    position: int | None
    number: int
    title: str


class Frame:
    """The window of both maps: degrees to pixels, and the ground drawn in it."""

    def __init__(self, areas: Sequence[Any], points: Sequence[tuple[float, float]]) -> None:
        west, south, east, north = _bounds(areas, points)
        here = f"+proj=aeqd +lat_0={(south + north) / 2:.6f} +lon_0={(west + east) / 2:.6f} +ellps=WGS84 +units=km"
        self._forward = Transformer.from_crs("EPSG:4326", here, always_xy=True)
        x, y = self._forward.transform([west, east, west, east], [south, south, north, north])
        half_w, half_h = max(15.0, *map(abs, x)) * 1.08, max(10.0, *map(abs, y)) * 1.08
        # One shape for every mission: no narrower than 4 to 3, no wider than 2 to 1.
        half_w, half_h = max(half_w, half_h * 4 / 3), max(half_h, half_w / 2)
        self.half_w, self.half_h = half_w, half_h
        self.scale = WIDTH / (2 * half_w)
        self.height = round(2 * half_h * self.scale, 1)

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Pixels of a place."""
        x, y = self._forward.transform(lon, lat)
        return round((x + self.half_w) * self.scale, 1), round((self.half_h - y) * self.scale, 1)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a place lies inside the window."""
        x, y = self.xy(lon, lat)
        return 0 <= x <= WIDTH and 0 <= y <= self.height

    @property
    def bounds(self) -> basemap.Bounds:
        """West, south, east, north of the window, a little widened."""
        w, h = self.half_w, self.half_h
        lon, lat = self._forward.transform([-w, w, -w, w, 0, 0], [-h, -h, h, h, -h, h], direction="INVERSE")
        return min(lon) - 0.1, max(min(lat) - 0.1, -89.0), max(lon) + 0.1, min(max(lat) + 0.1, 89.0)

    def shape(self, geometry: Any) -> Any:
        """A lon/lat shape in pixels, thinned to what a pixel shows."""

        def project(points: Any) -> Any:
            x, y = self._forward.transform(points[:, 0], points[:, 1])
            return np.column_stack(
                [(np.asarray(x) + self.half_w) * self.scale, (self.half_h - np.asarray(y)) * self.scale]
            )

        # Long edges are bent by the projection: split before, thin after.
        return shapely.transform(shapely.segmentize(geometry, 0.25), project).simplify(0.4)

    def path(self, geometry: Any) -> str:
        """The SVG path of a lon/lat shape, clipped to the window."""
        drawn = shapely.intersection(
            shapely.make_valid(self.shape(geometry)), shapely.box(-20, -20, WIDTH + 20, self.height + 20)
        )
        return "".join(_path(part) for part in _parts(drawn))


def _parts(geometry: Any) -> Iterable[Any]:
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _parts(part)
    elif not geometry.is_empty and geometry.geom_type != "Point":
        yield geometry


def _path(part: Any) -> str:
    if part.geom_type == "Polygon":
        return "".join(_points(r.coords) + "z" for r in (part.exterior, *part.interiors))
    return _points(part.coords)


def _points(coords: Any) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in coords)


def _bounds(areas: Sequence[Any], points: Sequence[tuple[float, float]]) -> basemap.Bounds:
    boxes = [a.bounds for a in areas if a is not None and not a.is_empty]
    boxes += [(lon, lat, lon, lat) for lon, lat in points]
    if not boxes:
        return (-1.0, -1.0, 1.0, 1.0)
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def circle(lat: float, lon: float, radius_km: float) -> Any:
    """A circle on the ground as a lon/lat shape of 48 corners."""
    turn = np.linspace(0, 2 * np.pi, 49)[:-1]
    reach = radius_km / 111.195
    return shapely.Polygon(
        np.column_stack(
            [lon + reach * np.sin(turn) / max(math.cos(math.radians(lat)), 0.01), lat + reach * np.cos(turn)]
        )
    )


class Sheet:
    """Draws on one frame: first the ground, then what a map adds, then towns and scale."""

    def __init__(
        self,
        frame: Frame,
        words: Catalogue,
        zones: Sequence[tuple[str, Any]],
        towns: Sequence[tuple[str, float, float]],
    ) -> None:
        self.frame, self.t = frame, words
        self._zones, self._towns = zones, towns
        self._ground = "".join(self._ground_parts())

    def _ground_parts(self) -> Iterable[str]:
        f = self.frame
        size = f'width="{WIDTH:g}" height="{f.height:g}"'
        yield f'<rect {size} fill="{_WATER}" class="water"/>'
        forms = {
            "land": f'fill="{_LAND}" class="land"',
            "border": f'fill="none" stroke="{SOFT}" stroke-width=".9" stroke-opacity=".6" class="ssoft"',
            "reference_line": f'fill="none" stroke="{SOFT}" stroke-width=".8" stroke-dasharray="1.5 3" class="ssoft"',
        }
        for kind, geometry in basemap.ground(f.bounds):
            path = f.path(geometry)
            if path:
                yield f'<path d="{path}" {forms[kind]}/>'

    def _zone_parts(self) -> Iterable[str]:
        for name, geometry in self._zones:
            path = self.frame.path(geometry)
            if path:
                width, dash = ("0.7", "2 4") if geometry.area > 0 else ("1.5", "7 4")
                yield (
                    f'<path d="{path}" fill="none" stroke="{INK}" stroke-width="{width}" stroke-dasharray="{dash}" '
                    f'class="sink">'
                    f"<title>{escape(name)}</title></path>"
                )

    def _town_parts(self) -> Iterable[str]:
        placed: list[tuple[float, float, float]] = []
        for name, lat, lon in self._towns:
            if not self.frame.holds(lon, lat):
                continue
            x, y = self.frame.xy(lon, lat)
            width = 8.2 * len(name) + 6
            left = x - width - 15 if x + width + 15 > WIDTH else x + 15
            if any(abs(y - b) < 18 and left < c and left + width > a for a, b, c in placed):
                continue
            placed.append((left, y, left + width))
            anchor = ' text-anchor="end"' if left < x else ""
            shift = -15 if left < x else 15  # clear of a numbered mark
            yield (
                f'<circle cx="{x}" cy="{y}" r="1.9" fill="{INK}" class="ink"/>'
                f'<text x="{x + shift}" y="{y + 5:.1f}"{anchor} font-size="15" fill="{INK}" class="ink halo">'
                f"{escape(name)}</text>"
            )

    def _scale_part(self) -> str:
        f = self.frame
        length = next(s for s in (200, 100, 50, 20, 10, 5, 2, 1) if s * f.scale < WIDTH / 4 or s == 1)
        y, width = f.height - 12, length * f.scale
        words = escape(self.t.plain("map.km", km=length))
        return (
            f'<path d="M12 {y - 4:g}v4h{width:.1f}v-4" fill="none" stroke="{INK}" stroke-width="1.4" class="sink"/>'
            f'<text x="{18 + width:.1f}" y="{y + 1:g}" font-size="15" fill="{INK}" class="ink halo">{words}</text>'
        )

    def _svg(self, id_: str, title: str, words: str, middle: Iterable[str]) -> Markup:
        # Not role=img: its marks are links, which an image may not hold.
        return Markup(
            f'<svg class="map" viewBox="0 0 {WIDTH:g} {self.frame.height:g}" role="group" '
            f'aria-labelledby="{id_}-t {id_}-d"><title id="{id_}-t">{escape(title)}</title>'
            f'<desc id="{id_}-d">{escape(words)}</desc>{self._ground}{"".join(self._zone_parts())}'
            f"{''.join(middle)}{self._scale_part()}</svg>"
        )

    def incidents(self, spots: Sequence[Spot], title: str, words: str) -> Markup:
        """Incidents: the 95 % ellipse of each in the colour of whom is accused, darker where better established."""
        weakest_first = sorted(spots, key=lambda s: (s.shade, s.number))
        parts: list[str] = []
        if len(spots) <= _MOST_ELLIPSES:
            parts += [self._ellipse(s) for s in weakest_first]
        parts += self._town_parts()
        parts += [self._mark(s, len(spots) <= MOST_NUMBERS) for s in weakest_first]
        return self._svg("map-incidents", title, words, parts)

    def _ellipse(self, s: Spot) -> str:
        x, y = self.frame.xy(s.lon, s.lat)
        rx, ry = max(s.major_km * self.frame.scale, 3), max(s.minor_km * self.frame.scale, 3)
        turn = f' transform="rotate({s.azimuth_deg - 90:.0f} {x} {y})"' if abs(rx - ry) > 0.5 else ""
        place = f'cx="{x}" cy="{y}" rx="{rx:.1f}" ry="{ry:.1f}"{turn}'
        colour, name = hue(s.position), paint(s.position)
        if rx > WIDTH / 3:  # known so badly that a filled ellipse would hide the map
            return f'<ellipse {place} fill="none" stroke="{colour}" stroke-dasharray="2 5" class="s{name}"/>'
        stripes = "" if s.position is None else f'<ellipse {place} fill="url(#m{name})" fill-opacity=".55"/>'
        return (
            f'<ellipse {place} fill="{colour}" fill-opacity="{0.06 + 0.3 * s.shade:.2f}" stroke="{colour}" '
            f'stroke-opacity=".8" class="{name} s{name}"/>{stripes}'
        )

    def _mark(self, s: Spot, numbered: bool) -> str:
        x, y = self.frame.xy(s.lon, s.lat)
        colour, name = hue(s.position), paint(s.position)
        r = 10.5 if numbered else 3.5
        solid = f'stroke="{colour}" stroke-width="1.8" class="mark s{name}"'
        form = {
            0: f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:g}" height="{2 * r:g}" {solid}/>',
            1: f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:g}" height="{2 * r:g}" {solid} '
            f'transform="rotate(45 {x} {y})"/>',
        }.get(-1 if s.position is None else s.position, f'<circle cx="{x}" cy="{y}" r="{r:g}" {solid}/>')
        form = form.replace("/>", ' fill="#ffffff"/>', 1)
        tint = form.replace('fill="#ffffff"', f'fill="{colour}" fill-opacity="{s.shade:.2f}"').replace(
            "mark ", f"{name} "
        )
        if not numbered:
            return form + tint
        dark = s.shade > 0.5
        ink = f'fill="{"#ffffff" if dark else INK}" class="{"num inv" if dark else "num"}"'
        at = f'x="{x}" y="{y + 4.5:.1f}" text-anchor="middle" font-size="13" font-weight="700"'
        title = escape(s.title)
        return (
            f'<a href="#{s.anchor}" aria-label="{title}"><title>{title}</title>{form}{tint}'
            f"<text {at} {ink}>{s.number}</text></a>"
        )

    def blind(self, area: Any, seen: Sequence[Seen], barriers: Sequence[Barrier], title: str, words: str) -> Markup:
        """Where nobody could see is hatched; clear where an observer could for most of the day, lighter for a part."""
        f = self.frame
        hatch = 'fill="url(#mun)" class="keep"'
        everywhere = f'<rect width="{WIDTH:g}" height="{f.height:g}" {hatch}/>'
        parts = [everywhere if area is None else f'<path d="{f.path(area)}" {hatch}/>']
        for low, opacity in ((0.0, 0.55), (2 / 3, 1.0)):
            held = [s.area for s in seen if s.share > low]
            path = f.path(shapely.union_all(held)) if held else ""
            if path:
                parts.append(
                    f'<path d="{path}" fill="#ffffff" fill-opacity="{opacity}" stroke="{SOFT}" stroke-width="1.1" '
                    f'stroke-dasharray="3 2" class="clear ssoft"/>'
                )
        parts += self._town_parts()
        parts += [self._barrier(b) for b in barriers]
        return self._svg("map-blind", title, words, parts)

    def _barrier(self, b: Barrier) -> str:
        x, y = self.frame.xy(b.lon, b.lat)
        colour, name = hue(b.position), paint(b.position)
        return (
            f'<a href="#r{b.number}" aria-label="{escape(b.title)}"><title>{escape(b.title)}</title>'
            f'<circle cx="{x}" cy="{y}" r="9" fill="#ffffff" stroke="{colour}" stroke-width="2.2" '
            f'class="mark s{name}"/>'
            f'<path d="M{x - 4:g} {y - 4:g}l8 8m0 -8l-8 8" stroke="{colour}" stroke-width="2.2" class="s{name}"/></a>'
        )
