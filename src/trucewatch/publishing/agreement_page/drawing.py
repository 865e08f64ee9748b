"""Maps of zones as they were built: lines with their uncertainty, areas, whose side is which, distances for weapons.

On the paper of the report (`maps.Sheet`), so that ground, scale and colours are the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from markupsafe import Markup, escape
from shapely.affinity import translate

from trucewatch.agreement import Zone
from trucewatch.agreement.zones import buffered
from trucewatch.publishing.agreement_page.bands import Band
from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.chart import INK, SOFT, hue, paint
from trucewatch.publishing.report.maps import WIDTH, Frame, Sheet

_MARK, _SIDE, _CLEAR = 11.0, 26.0, 24.0  # pixels: radius of a number, distance of a side's mark, room between numbers
_ALONG = (0.5, 0.35, 0.65, 0.22, 0.78, 0.1, 0.9)  # where along a line its number may stand
_SMALL = 90.0  # a zone drawn smaller than this, in pixels, gets a closer map
_NEARER = 1.5  # as many times larger a closer map must be


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone on a map: its number in the table, the zone, its name, and actor -> left or right of it."""

    number: int
    zone: Zone
    name: str
    sides: Mapping[str, str]

    @property
    def line(self) -> bool:
        """Whether it is a line."""
        return bool(self.zone.geometry.area == 0)


def frame_of(shapes: Sequence[Any]) -> Frame:
    """The window that holds some shapes; those on both sides of the 180th meridian stand together."""
    lons = [lon for s in shapes for lon in (s.bounds[0], s.bounds[2])]
    if max(lons) - min(lons) <= 180:
        return Frame(shapes, ())
    parts = [p for s in shapes for p in shapely.get_parts(s)]
    east = [translate(p, 360.0) if p.bounds[2] <= 0 else p for p in parts]
    return Frame(east, ())


def closer(drawn: Sequence[Drawn], frame: Frame) -> list[tuple[list[Drawn], Frame]]:
    """Windows for the zones that are hardly seen in one that holds all of them, largest first; each with its zones."""
    sizes = [(d, _size(d, frame)) for d in drawn]
    out: list[tuple[list[Drawn], Frame]] = []
    for one, size in sorted(sizes, key=lambda item: -item[1]):
        if size >= _SMALL:
            continue
        own = frame_of([one.zone.geometry])
        if own.scale < _NEARER * frame.scale:
            continue
        held = next((shown for shown, f in out if own.scale < _NEARER * f.scale and _holds(f, one)), None)
        if held is None:
            out.append(([one], own))
        else:
            held.append(one)
    return out


def _size(d: Drawn, frame: Frame) -> float:
    x0, y0, x1, y1 = frame.shape(d.zone.geometry).bounds
    return float(max(x1 - x0, y1 - y0))


def _holds(frame: Frame, d: Drawn) -> bool:
    west, south, east, north = d.zone.geometry.bounds
    return all(frame.holds(lon, lat) for lon in (west, east) for lat in (south, north))


class ZoneSheet(Sheet):
    """Draws zones on one frame. `positions`: actor -> its place among the actors, for its colour and form."""

    def __init__(self, frame: Frame, words: Catalogue, positions: Mapping[str, int]) -> None:
        super().__init__(frame, words, (), ())
        self._positions = positions

    def draw(self, id_: str, title: str, words: str, drawn: Sequence[Drawn], bands: Sequence[Band] = ()) -> Markup:
        """The map of some zones, with distances for weapons where any are told; `id_` is one of the page alone."""
        parts = [self._uncertain(d) for d in drawn] + list(self._bands(bands)) + [self._zone(d) for d in drawn]
        parts += [mark for d in drawn for mark in self._sides(d)]
        parts += self._numbers(drawn)
        return self._svg(id_, title, words, parts)

    def _uncertain(self, d: Drawn) -> str:
        """The shade that holds an edge with 95 %."""
        km = d.zone.uncertainty_km
        if not km:
            return ""
        edge = d.zone.geometry if d.line else d.zone.geometry.boundary
        path = self.frame.path(buffered(edge, km))
        return f'<path d="{path}" fill="{SOFT}" fill-opacity=".26" class="soft"/>' if path else ""

    def _zone(self, d: Drawn) -> str:
        path = self.frame.path(d.zone.geometry)
        if not path:
            return ""
        dash = "" if d.zone.status == "agreed" else ' stroke-dasharray="7 5"'
        fill = 'fill="none" class="sink"' if d.line else f'fill="{SOFT}" fill-opacity=".13" class="soft sink"'
        width = 2.2 if d.line else 1.3
        form = f'{fill} stroke="{INK}" stroke-width="{width}"{dash}'
        return f'<path d="{path}" {form}><title>{escape(d.name)}</title></path>'

    def _bands(self, bands: Sequence[Band]) -> Iterator[str]:
        """Widest first, so that the narrower ones lie upon them; each actor has its colour and stripes."""
        seen = set()
        for band in sorted(bands, key=lambda b: -(b.km or 0.0)):
            key = (band.actor, band.line.id if band.line else "", band.km)
            if not band.drawable or key in seen:
                continue
            seen.add(key)
            position = self._positions.get(band.actor)
            colour, name = hue(position), paint(position)
            own = self.frame.path(band.own())
            stripes = "" if position is None else f'<path d="{own}" fill="url(#m{name})" fill-opacity=".3"/>'
            yield (
                f'<path d="{own}" fill="{colour}" fill-opacity=".13" stroke="{colour}" stroke-width="1.4" '
                f'class="{name} s{name}"/>{stripes}'
            )
            if band.side is not None:  # beyond the line it is judged alike
                yield (
                    f'<path d="{self.frame.path(band.area())}" fill="none" stroke="{colour}" stroke-width="1" '
                    f'stroke-dasharray="2 4" class="s{name}"/>'
                )

    def _sides(self, d: Drawn) -> Iterator[str]:
        """A mark of each actor on its side, at three places along a line."""
        if not d.line or not d.sides:
            return
        line = _longest(self._visible(d.zone.geometry))
        if line is None:
            return
        for share in (0.2, 0.5, 0.8):
            at, way = _direction(line, share)
            for actor, side in d.sides.items():
                sign = 1.0 if side == "left" else -1.0  # the page's y grows downwards
                x, y = at[0] + sign * way[1] * _SIDE, at[1] - sign * way[0] * _SIDE
                yield self._side_mark(x, y, actor)

    def _side_mark(self, x: float, y: float, actor: str) -> str:
        position = self._positions.get(actor)
        colour, name = hue(position), paint(position)
        r = 6.5
        turn = f' transform="rotate(45 {x:.1f} {y:.1f})"' if position == 1 else ""
        place = f'x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:g}" height="{2 * r:g}"{turn}'
        return f'<rect {place} fill="{colour}" stroke="#ffffff" stroke-width="1.5" class="{name} edge"/>'

    def _numbers(self, drawn: Sequence[Drawn]) -> list[str]:
        """The number of each zone, clear of the others where there is room; the smallest choose first."""
        placed: list[tuple[float, float]] = []
        out = []
        for d in sorted(drawn, key=lambda d: _size(d, self.frame)):
            options = list(self._places(d))
            if not options:
                continue
            free = [p for p in options if all(math.dist(p, q) >= _CLEAR for q in placed)]
            x, y = (free or options)[0]
            placed.append((x, y))
            at = f'x="{x:.1f}" y="{y + 0.5:.1f}" text-anchor="middle" dominant-baseline="central"'
            out.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_MARK}" fill="#ffffff" stroke="{INK}" stroke-width="1.4" '
                f'class="mark sink"/><text {at} font-size="13" font-weight="700" fill="{INK}" '
                f'class="num">{d.number}</text>'
            )
        return out

    def _places(self, d: Drawn) -> Iterator[tuple[float, float]]:
        """Where the number of a zone may stand: on a line, in an area or on its edge; what is not seen has none."""
        shape = self._visible(d.zone.geometry)
        if shape.is_empty:
            return
        if not d.line:
            inner = shape.representative_point()
            yield inner.x, inner.y
        line = _longest(shape if d.line else shape.boundary)
        if line is not None:
            for share in _ALONG:
                point = line.interpolate(share, normalized=True)
                yield point.x, point.y

    def _visible(self, geometry: Any) -> Any:
        """A lon/lat shape in pixels, without what is too near to the frame to bear a mark."""
        box = shapely.box(_MARK + 2, _MARK + 2, WIDTH - _MARK - 2, self.frame.height - _MARK - 2)
        return shapely.intersection(shapely.make_valid(self.frame.shape(geometry)), box)


def _longest(shape: Any) -> Any:
    """The longest line of a shape, None where it has none."""
    lines = [p for p in shapely.get_parts(shape) if p.geom_type in ("LineString", "LinearRing") and p.length > 0]
    return max(lines, key=lambda p: p.length, default=None)


def _direction(line: Any, share: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """A point of a line in pixels, and the unit vector along it, over some way: a small bend does not turn it."""
    here = share * line.length
    step = min(20.0, line.length / 4)
    a, b = (line.interpolate(min(max(here + s, 0.0), line.length)) for s in (-step, step))
    long_ = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    at = line.interpolate(here)
    return (at.x, at.y), ((b.x - a.x) / long_, (b.y - a.y) / long_)
