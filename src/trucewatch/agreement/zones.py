"""Zones on the ground: lines and areas with a declared uncertainty, and distances to them in km.

Distances are taken in an azimuthal equidistant projection of the WGS 84 ellipsoid around the zone's middle: for a zone
300 km across they differ from geodesics by less than one part in two thousand (Snyder 1987, chapter 25).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj

from trucewatch.agreement.clocks import When

Floats = npt.NDArray[np.float64]
EDGE_DEGREES = 0.02  # an edge is followed in pieces of this length: straight in degrees, as RFC 7946 has it
_LONG_EDGE = 200  # corners from which a search tree is quicker than looking at all
_LONG_DEGREES = 3.0  # about 330 km: beyond it one projection bends distances by more than a thousandth
_STEP_KM = 0.001  # how far along a line its direction is looked for


@dataclass(frozen=True)
class Zone:
    """A named line or area. `geometry` (lon, lat) is None where the zone is undefined; `uncertainty_km` holds its edge
    with 95 %. `sides` of a line: actor -> left or right, looking along it; `valid_from`: since when it runs so;
    `replaces`: the zone that it stands for from then on."""

    id: str
    geometry: Any
    uncertainty_km: float
    status: str
    names: dict[str, str]
    note: str | None = None
    sides: Mapping[str, str] = field(default_factory=dict)
    valid_from: When | None = None
    replaces: str | None = None

    @cached_property
    def local(self) -> Local:
        """The zone in km around its middle; ValueError for a zone without a shape."""
        if self.geometry is None:
            raise ValueError(f"zone {self.id} has no shape")
        return Local.around(self.geometry)

    def depth_km(self, lon: Floats, lat: Floats) -> Floats:
        """How deep a point lies inside, km: positive inside an area, else minus the distance to the area or line."""
        return self.local.depth_km(*self.local.project(lon, lat))

    def own_km(self, actor: str, lon: Floats, lat: Floats) -> Floats | None:
        """How far from this line a point lies on the actor's own side, km, negative beyond it; None where `sides` does
        not tell; ValueError for an area."""
        if actor not in self.sides:
            return None
        left = self.local.left_km(*self.local.project(lon, lat))
        return left if self.sides[actor] == "left" else -left


@dataclass(frozen=True)
class Local:
    """A shape in km around its middle, and the way there from degrees."""

    shape: Any
    way: Proj
    middle_lon: float

    @classmethod
    def around(cls, geometry: Any) -> Local:
        """The projection around the middle of a lon/lat shape, with the shape in it. A shape whose parts lie on both
        sides of the 180th meridian is one shape there."""
        whole = _joined(geometry)
        west, south, east, north = whole.bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        here = f"+proj=aeqd +lat_0={lat!r} +lon_0={lon!r} +ellps=WGS84 +units=km"
        way = Proj(here)
        fine = shapely.segmentize(whole, EDGE_DEGREES)
        shape = shapely.transform(fine, _plain(way), interleaved=False)
        shapely.prepare(shape)
        return cls(shape, way, lon)

    def project(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """East and north of the middle, km."""
        x, y = self.way(lon, lat)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def to_degrees(self, shape: Any) -> Any:
        """A shape in km as lon/lat, cut at the 180th meridian where it lies across (RFC 7946, 3.1.9)."""

        def back(at: Floats) -> Floats:
            lon, lat = self.way(at[:, 0], at[:, 1], inverse=True)
            away = np.mod(np.asarray(lon) - self.middle_lon + 180.0, 360.0) - 180.0
            return np.column_stack([self.middle_lon + away, np.asarray(lat)])

        return _cut(shapely.transform(shape, back))

    @cached_property
    def _edge(self) -> Any:
        edge = self.shape.boundary if self.shape.area > 0 else self.shape
        shapely.prepare(edge)
        return edge

    @cached_property
    def _pieces(self) -> shapely.STRtree | None:
        """The pieces of a long edge, found by where they are; None for a short one."""
        parts = shapely.get_parts(self._edge)
        if shapely.get_num_coordinates(self._edge) < _LONG_EDGE or not all(p.geom_type == "LineString" for p in parts):
            return None
        corners = [shapely.get_coordinates(p) for p in parts]
        pieces = np.concatenate([np.stack([c[:-1], c[1:]], axis=1) for c in corners])
        lines: Any = shapely.linestrings(pieces)
        return shapely.STRtree(lines)

    def left_km(self, x: Floats, y: Floats) -> Floats:
        """How far left of a line points lie, looking along it, km; negative to its right. The nearest part decides, at
        a bend the direction between its two arms. ValueError for an area or a point."""
        parts = shapely.get_parts(shapely.line_merge(self.shape) if self.shape.geom_type[0] == "M" else self.shape)
        if not all(p.geom_type == "LineString" for p in parts):
            raise ValueError("only a line has a left and a right side")
        points: Any = shapely.points(np.ravel(x), np.ravel(y))
        away = np.stack([np.asarray(shapely.distance(p, points)) for p in parts])
        out = np.zeros(points.shape)
        for k, part in enumerate(parts):
            mine = np.flatnonzero(away.argmin(axis=0) == k)
            along = shapely.line_locate_point(part, points[mine])
            before, here, after = (
                shapely.get_coordinates(shapely.line_interpolate_point(part, np.clip(at, 0.0, part.length)))
                for at in (along - _STEP_KM, along, along + _STEP_KM)
            )
            way, to = after - before, shapely.get_coordinates(points[mine]) - here
            out[mine] = away[k][mine] * np.sign(way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0])
        return out.reshape(np.shape(x))

    def _away_km(self, points: Any) -> Floats:
        """Distance of points to the edge, km."""
        if self._pieces is not None:
            (at, _), away = self._pieces.query_nearest(points, return_distance=True, all_matches=False)
            if at.size == points.size:  # a point without coordinates has no nearest piece
                return np.asarray(away)
        return np.asarray(shapely.distance(self._edge, points))

    def depth_km(self, x: Floats, y: Floats) -> Floats:
        """`Zone.depth_km` for points already in km."""
        points: Any = shapely.points(np.ravel(x), np.ravel(y))
        away = self._away_km(points).reshape(np.shape(x))
        if self.shape.area == 0:
            return -away
        inside = shapely.intersects_xy(self.shape, x, y)
        return np.where(inside, away, -away)


def _plain(way: Proj) -> Any:
    return lambda x, y: way(x, y)


def _joined(geometry: Any) -> Any:
    """A shape that was cut at the 180th meridian as one, with longitudes that run on past 180."""
    west, _, east, _ = geometry.bounds
    if east - west <= 180:
        return geometry
    return shapely.union_all([_shifted(p, 360.0) if p.bounds[2] <= 0 else p for p in shapely.get_parts(geometry)])


def _shifted(geometry: Any, degrees: float) -> Any:
    return shapely.transform(geometry, lambda at: at + np.array([degrees, 0.0]))


def _cut(geometry: Any) -> Any:
    """A shape whose longitudes run past 180 or -180, cut there."""
    west, south, east, north = geometry.bounds
    if west >= -180 and east <= 180:
        return geometry
    turn = -360.0 if east > 180 else 360.0
    inner = shapely.intersection(geometry, shapely.box(-180, south - 1, 180, north + 1))
    outer = shapely.intersection(_shifted(geometry, turn), shapely.box(-180, south - 1, 180, north + 1))
    return shapely.union_all([inner, outer])


def buffered(geometry: Any, km: float, side: str = "both") -> Any:
    """The area within `km` of a line or area, lon/lat; `side` left or right of a line's direction, or both.

    A long one is taken piece by piece, each in a projection of its own, so that `km` holds along all of it.
    """
    local = Local.around(geometry)
    if side == "both":
        pieces = _pieces(geometry)
        if len(pieces) > 1:
            return shapely.union_all([geometry, *(buffered(p, km) for p in pieces)])
        return local.to_degrees(_reach(local.shape, km))
    lines = shapely.get_parts(local.shape)
    if shapely.get_num_coordinates(local.shape) < _LONG_EDGE:
        sign = 1.0 if side == "left" else -1.0
        return local.to_degrees(shapely.union_all([p.buffer(sign * km, single_sided=True) for p in lines]))
    return local.to_degrees(shapely.union_all([_one_side(p, km, side) for p in lines]))


def _reach(shape: Any, km: float) -> Any:
    """All within some km of a shape in km. A long edge is taken piece by piece: at once it would take the square of its
    corners in time where it winds."""
    edge = shape.boundary if shape.area > 0 else shape
    if shapely.get_num_coordinates(edge) < _LONG_EDGE:
        return shape.buffer(km, quad_segs=16)
    corners = [shapely.get_coordinates(p) for p in shapely.get_parts(edge)]
    ends = np.concatenate([np.stack([c[:-1], c[1:]], axis=1) for c in corners])
    segments: Any = shapely.linestrings(ends)
    whole = shapely.union_all([shape, shapely.union_all(shapely.buffer(segments, km, quad_segs=16))])
    return shapely.simplify(whole, km * 2e-4)  # a sixth of what sixteen chords to a quarter circle leave out


def _one_side(line: Any, km: float, side: str) -> Any:
    """All within some km of a long line in km on one side of it: what lies within reach is cut along the line, made
    longer at both ends."""
    whole = _reach(line, km)
    corners = shapely.get_coordinates(line)
    ways = [corners[0] - corners[1], corners[-1] - corners[-2]]
    first, last = (
        end + way / np.hypot(*way) * 2 * km for end, way in zip((corners[0], corners[-1]), ways, strict=True)
    )
    cutting = shapely.LineString(np.concatenate([[first], corners, [last]]))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all([whole.boundary, cutting]))))
    there = Local(line, Proj("+proj=aeqd"), 0.0)
    middles = shapely.get_coordinates(shapely.point_on_surface(faces))
    left = there.left_km(middles[:, 0], middles[:, 1]) > 0
    inside = shapely.intersects_xy(whole, middles[:, 0], middles[:, 1])
    return shapely.union_all(faces[inside & (left == (side == "left"))])


def _pieces(geometry: Any) -> list[Any]:
    """A long line, or the edge of a large area, in pieces of a few degrees; a small shape as it is."""
    west, south, east, north = geometry.bounds
    if max(east - west, north - south) <= _LONG_DEGREES or east - west > 180:
        return [geometry]
    edge = geometry.boundary if geometry.area > 0 else geometry
    fine = shapely.segmentize(edge, _LONG_DEGREES / 2)
    found = []
    for part in shapely.get_parts(fine):
        corners = shapely.get_coordinates(part)
        first, low, high = 0, corners[0], corners[0]
        for at, corner in enumerate(corners[1:], 1):
            low, high = np.minimum(low, corner), np.maximum(high, corner)
            if (high - low).max() > _LONG_DEGREES and at - first > 1:
                found.append(shapely.LineString(corners[first:at]))
                first, low, high = at - 1, np.minimum(corners[at - 1], corner), np.maximum(corners[at - 1], corner)
        found.append(shapely.LineString(corners[first:]))
    return found or [geometry]


def circle(lon: float, lat: float, radius_km: float) -> Any:
    """The area within `radius_km` of a point, lon/lat."""
    return buffered(shapely.Point(lon, lat), radius_km)


def between(first: Any, second: Any) -> Any:
    """The area between two lines, lon/lat, however each of them runs; ValueError where it closes no area."""
    a, b = (_one_line(g) for g in (first, second))
    for other in (b, b[::-1]):
        area = shapely.Polygon(np.concatenate([a, other]))
        if area.is_valid and area.area > 0:
            return area
    raise ValueError("the two lines close no area")


def _one_line(geometry: Any) -> npt.NDArray[np.float64]:
    merged = shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    if merged.geom_type != "LineString":
        raise ValueError("an area between two zones needs two unbroken lines")
    return np.asarray(shapely.get_coordinates(merged), dtype=np.float64)
