"""Which pairs are worth scoring: neighbour cells in space (earth-centred grid) times neighbour slots in time.

A sorted-range join: every claim's four integer cell coordinates become one sortable key, and each of the 81 neighbour
cells is one pair of binary searches. Exhaustive within reach: all pairs closer than one cell edge and one slot.
"""

from __future__ import annotations

from itertools import product
from typing import Protocol, Self

import numpy as np

from trucewatch.model.micronats import Floats, Ints
from trucewatch.model.table import Array

# Levels by precision: sigma_km and sd_s up to, cell edge km and slot s. The edges are about 3.5 standard deviations of
# the difference of two claims of that level; farther pairs cannot score above the floor at the densities of the fits.
Levels = tuple[tuple[float, float, float, float], ...]
SHARP: Levels = ((2.0, 20 * 60.0, 11.0, 6_300.0), (np.inf, np.inf, 30.0, 18_000.0))
# Wide claims: two standard deviations; what lies farther adds next to nothing to a mixture of many candidates.
WIDE: Levels = ((8.0, 7_200.0, 24.0, 18_000.0), (16.0, 14_400.0, 45.0, 36_000.0), (np.inf, np.inf, 90.0, 86_400.0))


class Placed(Protocol):
    """What blocking looks at of points, whatever else they are: where and when, and how precisely."""

    @property
    def x(self) -> Floats:
        """Earth-centred km on the mean sphere, as y and z."""

    @property
    def y(self) -> Floats:
        """See x."""

    @property
    def z(self) -> Floats:
        """See x."""

    @property
    def sigma_km(self) -> Floats:
        """Standard deviation of the place along one axis, km."""

    @property
    def t(self) -> Floats:
        """Unix seconds."""

    @property
    def t_sd(self) -> Floats:
        """Standard deviation of the time, seconds."""

    def take(self, rows: Array, /) -> Self:
        """The given rows."""


def level_of(points: Placed, levels: Levels) -> Array:
    """Position in `levels` of the finest level that each point is precise enough for."""
    level = np.full(points.t.shape, len(levels) - 1)
    for k in range(len(levels) - 2, -1, -1):
        sigma, sd, *_ = levels[k]
        level[(points.sigma_km <= sigma) & (points.t_sd <= sd)] = k
    return level


def pairs_within(points: Placed, levels: Levels) -> tuple[Array, Array]:
    """Index pairs (i < j) that are near enough to be scored; each pair once, in order."""
    level = level_of(points, levels)
    found_i, found_j = [], []
    for k, (_, _, edge, slot) in enumerate(levels):
        members = np.flatnonzero(level <= k)
        i, j = _neighbours(points.take(members), edge, slot)
        i, j = members[i], members[j]
        new = np.maximum(level[i], level[j]) == k  # pairs of finer levels were found on the finer grid
        found_i.append(i[new])
        found_j.append(j[new])
    i, j = np.concatenate(found_i), np.concatenate(found_j)
    swap = i > j
    i, j = np.where(swap, j, i), np.where(swap, i, j)
    order = np.lexsort([j, i])
    return i[order], j[order]


def pairs_across(left: Placed, right: Placed, levels: Levels) -> tuple[Array, Array]:
    """Index pairs (left, right) that `pairs_within` would find if all of both stood in one set."""
    one, two = level_of(left, levels), level_of(right, levels)
    found_l, found_r = [], []
    for k, (_, _, edge, slot) in enumerate(levels):
        mine, other = np.flatnonzero(one <= k), np.flatnonzero(two <= k)
        if mine.size and other.size:
            a, b = _join(_cells(left.take(mine), edge, slot), _cells(right.take(other), edge, slot), same=False)
            a, b = mine[a], other[b]
            new = np.maximum(one[a], two[b]) == k
            found_l.append(a[new])
            found_r.append(b[new])
    if not found_l:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(found_l), np.concatenate(found_r)


def pairs_between(left: Placed, right: Placed, levels: Levels) -> tuple[Array, Array]:
    """Index pairs (left, right) near enough to be scored, on the grid of the left point's level; in order."""
    level = level_of(left, levels)
    found_l, found_r = [], []
    for k, (_, _, edge, slot) in enumerate(levels):
        mine = np.flatnonzero(level == k)
        if mine.size and right.t.size:
            a, b = _join(_cells(left.take(mine), edge, slot), _cells(right, edge, slot), same=False)
            found_l.append(mine[a])
            found_r.append(b)
    if not found_l:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    a, b = np.concatenate(found_l), np.concatenate(found_r)
    order = np.lexsort([b, a])
    return a[order], b[order]


def _neighbours(points: Placed, edge_km: float, slot_s: float) -> tuple[Array, Array]:
    if points.t.size < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    cells = _cells(points, edge_km, slot_s)
    i, j = _join(cells, cells, same=True)
    return i, j


def _cells(p: Placed, edge_km: float, slot_s: float) -> Ints:
    """Cell coordinates, shape (points, 4): x, y, z and time slot."""
    return np.stack(
        [np.floor(v / w).astype(np.int64) for v, w in ((p.x, edge_km), (p.y, edge_km), (p.z, edge_km), (p.t, slot_s))],
        axis=1,
    )


def _join(left: Ints, right: Ints, same: bool) -> tuple[Array, Array]:
    low = np.minimum(left.min(axis=0), right.min(axis=0)) - 1
    span = np.maximum(left.max(axis=0), right.max(axis=0)) - low + 2
    if float(np.prod(span.astype(np.float64))) > 9e18:
        left, right, low, span = _compact(left, right)
    weights = np.array([span[1] * span[2] * span[3], span[2] * span[3], span[3], 1], dtype=np.int64)
    lkey, rkey = (left - low) @ weights, (right - low) @ weights
    order = np.argsort(rkey, kind="stable")
    rsorted = rkey[order]
    lorder = np.argsort(lkey, kind="stable")
    lsorted = lkey[lorder]
    out_i, out_j = [], []
    for offset in product((-1, 0, 1), repeat=4):
        if same and offset < (0, 0, 0, 0):
            continue
        shift = int(np.dot(np.array(offset, dtype=np.int64), weights))
        begin = np.searchsorted(rsorted, lsorted + shift, side="left")
        count = np.searchsorted(rsorted, lsorted + shift, side="right") - begin
        i = np.repeat(lorder, count)
        if not i.size:
            continue
        j = order[ranges(begin, count)]
        if same and offset == (0, 0, 0, 0):
            keep = i < j
            i, j = i[keep], j[keep]
        out_i.append(i)
        out_j.append(j)
    if not out_i:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(out_i), np.concatenate(out_j)


def _compact(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Cells renumbered so that gaps wider than one cell shrink to two; keys of a whole planet and decades then fit."""
    both = np.concatenate([left, right])
    columns = []
    for k in range(both.shape[1]):
        values, inverse = np.unique(both[:, k], return_inverse=True)
        steps = np.minimum(np.diff(values, prepend=values[0]), 2)
        columns.append(np.cumsum(steps)[inverse])
    renumbered = np.stack(columns, axis=1)
    low = renumbered.min(axis=0) - 1
    return renumbered[: len(left)], renumbered[len(left) :], low, renumbered.max(axis=0) - low + 2


def ranges(begin: Ints, count: Ints) -> Ints:
    """Concatenated integer ranges begin[k] .. begin[k] + count[k]."""
    total = int(count.sum())
    starts = np.repeat(begin - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    return starts + np.arange(total)
