"""Distances of whole clouds of draws to a zone: each cloud meets only the pieces of the edge that can be nearest to it.

A draw lies at most R from the middle of its cloud; so its nearest piece lies at most d + 2 R from that middle, d being
the distance of the middle itself. Those few pieces are tried one after the other over all clouds at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from trucewatch.agreement.zones import Local
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_STRAIGHT_KM = 0.0005  # corners that lie this near to a straight line are none
_MOST_PIECES = 160  # of one cloud: beyond it a tree finds the nearest piece of each draw sooner
_KEPT = 64
_edges: dict[int, tuple[Local, Edges]] = {}


@dataclass(frozen=True, eq=False)
class Edges:
    """The pieces of a zone's edge, km: where each begins, how it runs, one over its length squared, and their tree.
    `bends`: the way of the edge at the two ends of each piece, between its two arms there."""

    first: Floats
    run: Floats
    inverse: Floats
    tree: shapely.STRtree
    bends: tuple[Floats, Floats]

    @classmethod
    def of(cls, local: Local) -> Edges | None:
        """The edge of a shape; None where it is more than lines."""
        known = _edges.get(id(local))
        if known is None or known[0] is not local:
            made = cls._made(local)
            if made is None:
                return None
            if len(_edges) >= _KEPT:
                _edges.clear()
            known = _edges[id(local)] = (local, made)
        return known[1]

    @classmethod
    def _made(cls, local: Local) -> Edges | None:
        edge = local.shape.boundary if local.shape.area > 0 else local.shape
        parts = shapely.get_parts(shapely.line_merge(edge) if edge.geom_type == "MultiLineString" else edge)
        if parts.size == 0 or not all(p.geom_type in ("LineString", "LinearRing") for p in parts):
            return None
        corners = [shapely.get_coordinates(p) for p in shapely.simplify(parts, _STRAIGHT_KM)]
        first = np.concatenate([c[:-1] for c in corners])
        last = np.concatenate([c[1:] for c in corners])
        run = last - first
        length = (run**2).sum(axis=1)
        lines = shapely.linestrings(np.stack([first, last], axis=1))
        inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        before, after = (np.concatenate(w) for w in zip(*(_bends(c) for c in corners), strict=True))
        return cls(first, run, inverse, shapely.STRtree(lines), (before, after))  # type: ignore[arg-type]

    def left_of(self, x: Floats, y: Floats) -> Floats:
        """How far left of a line single places lie, km, negative to its right: the nearest piece decides, at a bend the
        way between its two arms."""
        (_, piece), away = self.tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
        _, cross = self._off(x[:, None], y[:, None], piece)
        return np.asarray(away * np.sign(cross[:, 0]))

    def away_km(self, x: Floats, y: Floats, middle: tuple[Floats, Floats], reach: Floats) -> tuple[Floats, Array]:
        """Distance of each draw to the edge (one row a cloud), and which clouds meet too many pieces to have one.

        `middle`: that of each cloud; `reach`: how far from it a draw lies at most; km.
        """
        best = np.full(x.shape, np.inf)
        many = self._each_piece(x, middle, reach, lambda rows, piece: self._nearer(best, rows, x, y, piece))
        return np.sqrt(best, out=best), many

    def left_km(self, x: Floats, y: Floats, middle: tuple[Floats, Floats], reach: Floats) -> tuple[Floats, Array]:
        """The same as how far left of a line each draw lies, negative to its right."""
        best, side = np.full(x.shape, np.inf), np.zeros(x.shape)

        def nearer(rows: Array, piece: Array) -> None:
            away, cross = self._off(x[rows], y[rows], piece)
            closer = away < best[rows]
            best[rows] = np.where(closer, away, best[rows])
            side[rows] = np.where(closer, cross, side[rows])

        many = self._each_piece(x, middle, reach, nearer)
        return np.sqrt(best) * np.sign(side), many

    def _each_piece(
        self, x: Floats, middle: tuple[Floats, Floats], reach: Floats, meet: Callable[[Array, Array], None]
    ) -> Array:
        """Let every cloud meet each piece that can be nearest to one of its draws; and which meet none, being too many
        pieces: clouds by position, one piece each at a time."""
        points = shapely.points(*middle)
        (_, _), away = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        cloud, piece = self.tree.query(points, predicate="dwithin", distance=away + 2 * reach + 1e-9)
        order = np.lexsort([piece, cloud])
        cloud, piece = cloud[order], piece[order]
        count = np.bincount(cloud, minlength=x.shape[0])
        many = count > _MOST_PIECES
        start = np.concatenate([[0], np.cumsum(count)])
        by_count = np.argsort(-np.where(many, 0, count), kind="stable")
        counted = np.where(many, 0, count)[by_count]
        for k in range(int(counted[0]) if counted.size else 0):
            rows = by_count[: int(np.searchsorted(-counted, -k, "left"))]
            meet(rows, piece[start[rows] + k])
        return many

    def _off(self, x: Floats, y: Floats, piece: Array) -> tuple[Floats, Floats]:
        """Of draws, one row a piece: squared distance to it, and a product that is positive to the left of its way."""
        run = self.run[piece]
        dx, dy = x - self.first[piece, :1], y - self.first[piece, 1:]
        along = (dx * run[:, :1] + dy * run[:, 1:]) * self.inverse[piece, None]
        begin, end = self.bends
        way = [
            np.where(along <= 0, begin[piece, k, None], np.where(along >= 1, end[piece, k, None], run[:, k, None]))
            for k in (0, 1)
        ]
        along = np.clip(along, 0.0, 1.0)
        dx, dy = dx - along * run[:, :1], dy - along * run[:, 1:]
        return dx**2 + dy**2, way[0] * dy - way[1] * dx

    def _nearer(self, best: Floats, rows: Array, x: Floats, y: Floats, piece: Array) -> None:
        """Lower the squared distances of some clouds by one piece each."""
        run = self.run[piece]
        dx = x[rows] - self.first[piece, :1]
        dy = y[rows] - self.first[piece, 1:]
        along = dx * (run[:, :1] * self.inverse[piece, None])
        along += dy * (run[:, 1:] * self.inverse[piece, None])
        np.clip(along, 0.0, 1.0, out=along)
        dx -= along * run[:, :1]
        dy -= along * run[:, 1:]
        dx *= dx
        dy *= dy
        dx += dy
        best[rows] = np.minimum(best[rows], dx)


def _bends(corners: Floats) -> tuple[Floats, Floats]:
    """The way at both ends of each piece of one line: its own, and at a bend the middle between two arms."""
    run = np.diff(corners, axis=0)
    length = np.hypot(run[:, :1], run[:, 1:])
    way = np.divide(run, length, out=np.zeros_like(run), where=length > 0)
    before, after = way.copy(), way.copy()
    closed = len(run) > 1 and np.array_equal(corners[0], corners[-1])
    before[1:] += way[:-1]
    after[:-1] += way[1:]
    if closed:
        before[0] += way[-1]
        after[-1] += way[0]
    return before, after


def cloud_left_km(local: Local, x: Floats, y: Floats, middle: tuple[Floats, Floats], reach: Floats) -> Floats:
    """`Local.left_km` of each draw of clouds, one row a cloud, km."""
    edges = Edges.of(local)
    if edges is None or not x.size:
        return local.left_km(x.ravel(), y.ravel()).reshape(x.shape)
    left, many = edges.left_km(x, y, middle, reach)
    if many.any():
        left[many] = local.left_km(x[many].ravel(), y[many].ravel()).reshape(-1, x.shape[1])
    return left


def left_km(local: Local, lon: Floats, lat: Floats) -> Floats:
    """How far left of a line single places lie, km, negative to its right."""
    x, y = local.project(lon, lat)
    edges = Edges.of(local)
    return local.left_km(x, y) if edges is None or not x.size else edges.left_of(x, y)


def cloud_depth_km(local: Local, x: Floats, y: Floats, middle: tuple[Floats, Floats], reach: Floats) -> Floats:
    """`Local.depth_km` of each draw of clouds, one row a cloud, km."""
    edges = Edges.of(local)
    if edges is None:
        return local.depth_km(x.ravel(), y.ravel()).reshape(x.shape)
    away, many = edges.away_km(x, y, middle, reach)
    if local.shape.area > 0:
        inside = shapely.intersects_xy(local.shape, x.ravel(), y.ravel()).reshape(x.shape)
        depth = np.where(inside, away, -away)
    else:
        depth = -away
    if many.any():
        depth[many] = local.depth_km(x[many].ravel(), y[many].ravel()).reshape(-1, x.shape[1])
    return depth


def depth_km(local: Local, lon: Floats, lat: Floats) -> Floats:
    """`Zone.depth_km` of single places, km."""
    x, y = local.project(lon, lat)
    edges = Edges.of(local)
    if edges is None or not x.size:
        return local.depth_km(x, y)
    points = shapely.points(x, y)
    (_, _), away = edges.tree.query_nearest(points, return_distance=True, all_matches=False)
    if local.shape.area == 0:
        return np.asarray(-away)
    return np.where(shapely.intersects_xy(local.shape, x, y), away, -away)
