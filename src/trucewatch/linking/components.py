"""Sharp claims into incidents: average-link clusters inside each connected component of the candidate graph.

Average link (UPGMA; Sokal and Michener 1958) on integer log-odds. Tied merges happen together or not at all, so that
no order and no name decides (laws L3, L11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.table import Array

ScorePairs = Callable[[Array, Array], Ints]
Alike = Callable[[Array], Array]
_CHUNK = 2_000_000
CERTAIN = 20 * MICRO  # log-odds that stand for a link nobody doubts: a claim and the incident that it alone makes


def components(n: int, i: Array, j: Array) -> Array:
    """Component label of each of n nodes."""
    graph = coo_matrix((np.ones(len(i), dtype=np.int8), (i, j)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def members_by_label(labels: Array) -> list[Array]:
    """Rows of each label, in order of the label's first row; rows ascending."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [g for g in np.split(order, cuts) if g.size]


@dataclass(frozen=True, slots=True)
class Clustered:
    """Cluster and component of each node (its first row), log-odds of its membership (micro-nats), and warnings."""

    label: Array
    component: Array
    odds: Ints
    warnings: list[str]


def cluster(
    n: int, i: Array, j: Array, scores: Ints, score_pairs: ScorePairs, parameters: LinkParameters, alike: Alike,
    source: Array,
) -> Clustered:  # fmt: skip
    """Average-link clusters of n nodes in canonical order.

    A node's log-odds weigh its mean score with the others of its cluster against its mean scores with the component's
    other clusters and against standing alone (0); a node alone has `CERTAIN`. Of a source (`source`: of each node) that
    speaks several times in its cluster the best score counts, so that nobody thins out another's link by talking.
    `i, j, scores`: candidate pairs; `score_pairs(i, j)` scores any pairs (micro-nats). A component over the cap is cut
    by raising its floor nat by nat until its parts fit; nodes that are alike in all that is scored (`alike`: rows ->
    a number for each) stay together and count as one there, so that a crowd of equal claims does not fall apart.
    """
    above = scores >= parameters.floor
    i, j, scores = i[above], j[above], scores[above]
    labels = components(n, i, j)
    stands_for = _crowds(labels, score_pairs, parameters, alike)
    i, j = stands_for[i], stands_for[j]
    groups, warnings = _fitting(np.where(stands_for == np.arange(n), labels, -1), i, j, scores, parameters)
    out = np.arange(n)
    odds = np.full(n, CERTAIN, dtype=np.int64)
    for batch in _batches(groups):
        left, right = _all_pairs(batch)
        values = np.clip(score_pairs(left, right), -parameters.clip, parameters.clip)
        at = 0
        for rows in batch:
            k = rows.size
            pairs = values[at : at + k * (k - 1) // 2]
            at += pairs.size
            if k == 2:
                if pairs[0] >= parameters.merge:
                    out[rows[1]] = rows[0]
                    odds[rows] = pairs[0]
                continue
            square = _square(pairs, k)
            found = average_link(square, parameters.merge)
            for group in found:
                out[rows[group]] = rows[group[0]]
            odds[rows] = _membership(square, found, source[rows])
    out, odds = out[stands_for], odds[stands_for]
    first = np.full(n, n)
    np.minimum.at(first, labels, np.arange(n))
    return Clustered(out, first[labels], odds, warnings)


def _crowds(labels: Array, score_pairs: ScorePairs, parameters: LinkParameters, alike: Alike) -> Array:
    """For each node the one that stands for it: the first like it in a component over the cap, where two of its kind
    belong together; itself elsewhere."""
    out = np.arange(labels.size)
    large = np.flatnonzero(np.bincount(labels) > parameters.component_cap)
    for rows in (np.flatnonzero(labels == label) for label in large.tolist()):
        _, first, inverse, count = np.unique(alike(rows), return_index=True, return_inverse=True, return_counts=True)
        lead, crowd = rows[first], count > 1
        second = np.zeros(lead.size, dtype=np.int64)
        order = np.argsort(inverse, kind="stable")
        begin = np.cumsum(count) - count
        second[crowd] = rows[order[begin[crowd] + 1]]
        together = crowd.copy()
        together[crowd] = score_pairs(lead[crowd], second[crowd]) >= parameters.merge
        kept = together[inverse]
        out[rows[kept]] = lead[inverse[kept]]
    return out


def _membership(scores: Ints, clusters: list[list[int]], source: Array) -> Ints:
    odds = np.full(scores.shape[0], CERTAIN, dtype=np.int64)
    if len(clusters) == scores.shape[0]:
        return odds
    means = np.stack([scores[:, g].sum(axis=1) / len(g) for g in clusters], axis=1) / MICRO
    for k, group in enumerate(clusters):
        if len(group) > 1:
            own = _mean_by_source(scores[np.ix_(group, group)], source[group]) / MICRO
            # Sorted, so that the last digit does not depend on the order of the clusters.
            other = np.sort(np.exp(np.delete(means[group], k, axis=1)), axis=1).sum(axis=1)
            odds[group] = np.rint((own - np.log1p(other)) * MICRO).astype(np.int64)
    return odds


def _mean_by_source(scores: Ints, source: Array) -> Floats:
    """Mean of each row's scores with the others, the best of each source that speaks several times."""
    k = source.size
    sources, which = np.unique(source, return_inverse=True)
    if sources.size == k:
        mean: Floats = scores.sum(axis=1) / (k - 1)
        return mean
    best = np.full((k, sources.size), np.iinfo(np.int64).min)
    apart = scores.copy()
    np.fill_diagonal(apart, best[0, 0])
    for column in range(k):
        at = which[column]
        best[:, at] = np.maximum(best[:, at], apart[:, column])
    heard = best > np.iinfo(np.int64).min
    return np.asarray(np.where(heard, best, 0).sum(axis=1) / heard.sum(axis=1))


def _square(pairs: Ints, k: int) -> Ints:
    s = np.zeros((k, k), dtype=np.int64)
    s[np.triu_indices(k, 1)] = pairs
    return s + s.T


def _all_pairs(groups: list[Array]) -> tuple[Array, Array]:
    left, right = [], []
    for rows in groups:
        a, b = _triangle(rows.size)
        left.append(rows[a])
        right.append(rows[b])
    return np.concatenate(left), np.concatenate(right)


@lru_cache(maxsize=256)
def _triangle(k: int) -> tuple[Array, Array]:
    a, b = np.triu_indices(k, 1)
    return a, b


def _batches(groups: list[Array]) -> Iterator[list[Array]]:
    """Groups in runs of at most about _CHUNK pairs, so that memory stays bounded."""
    batch: list[Array] = []
    pairs = 0
    for rows in groups:
        batch.append(rows)
        pairs += rows.size * (rows.size - 1) // 2
        if pairs > _CHUNK:
            yield batch
            batch, pairs = [], 0
    if batch:
        yield batch


def _fitting(
    labels: Array, i: Array, j: Array, scores: Ints, parameters: LinkParameters
) -> tuple[list[Array], list[str]]:
    """The components of two or more claims, those over the cap cut."""
    warnings: list[str] = []
    fitting: list[Array] = []
    todo = [(rows, parameters.floor) for rows in members_by_label(labels) if rows.size > 1 and labels[rows[0]] >= 0]
    while todo:
        rows, floor = todo.pop()
        if rows.size <= parameters.component_cap:
            fitting.append(rows)
            continue
        floor += MICRO
        warnings.append(f"{rows.size} claims hang together; they were cut at a floor of {floor / MICRO:g} nats")
        todo += [(part, floor) for part in _cut(rows, floor, i, j, scores)]
    return fitting, warnings


def _cut(rows: Array, floor: int, i: Array, j: Array, scores: Ints) -> list[Array]:
    inside = np.zeros(int(max(rows.max(), i.max(initial=0), j.max(initial=0))) + 1, dtype=bool)
    inside[rows] = True
    held = inside[i] & inside[j] & (scores >= floor)
    parts = components(rows.size, np.searchsorted(rows, i[held]), np.searchsorted(rows, j[held]))
    return [rows[m] for m in members_by_label(parts) if m.size > 1]


def average_link(scores: Ints, threshold: int) -> list[list[int]]:
    """Clusters (lists of row numbers) of a symmetric integer score matrix, merged while the mean score >= threshold.

    Means are compared as correctly rounded quotients of integers, which depend on their values alone. The pairs that
    tie for the best mean are taken together: each connected group of them becomes one cluster if the mean over all its
    cross pairs holds the threshold, else none of its pairs is looked at again until one of its clusters changes.
    """
    n = scores.shape[0]
    if n == 2:
        return [[0, 1]] if int(scores[0, 1]) >= threshold else [[0], [1]]
    sums = scores.astype(np.float64)  # integers below 2**53: exact
    size = np.ones(n)
    clusters: dict[int, list[int]] = {k: [k] for k in range(n)}
    ratio = sums.copy()
    np.fill_diagonal(ratio, -np.inf)
    while True:
        best = ratio.max()
        if not best >= threshold:
            return sorted(clusters.values())
        a, b = np.nonzero(np.triu(ratio == best))
        for group in _tied_groups(a.tolist(), b.tolist()):
            _merge(group, sums, size, ratio, clusters, threshold)


def _tied_groups(a: list[int], b: list[int]) -> list[list[int]]:
    parent: dict[int, int] = {}

    def root(x: int) -> int:
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for x, y in zip(a, b, strict=True):
        parent[root(x)] = root(y)
    groups: dict[int, list[int]] = {}
    for x in list(parent):
        groups.setdefault(root(x), []).append(x)
    return [sorted(g) for g in groups.values()]


def _merge(
    group: list[int], sums: Array, size: Array, ratio: Array, clusters: dict[int, list[int]], threshold: int
) -> None:
    if len(group) > 2:
        cross = sum(sums[x, y] for k, x in enumerate(group) for y in group[:k])
        pairs = sum(size[x] * size[y] for k, x in enumerate(group) for y in group[:k])
        if cross / pairs < threshold:
            ratio[np.ix_(group, group)] = -np.inf
            return
    keep, gone = group[0], group[1:]
    for g in gone:
        sums[keep] += sums[g]
        sums[:, keep] += sums[:, g]
        size[keep] += size[g]
        clusters[keep] += clusters.pop(g)
    clusters[keep].sort()
    ratio[keep] = sums[keep] / (size[keep] * size)
    ratio[:, keep] = ratio[keep]
    dead = np.ones(len(size), dtype=bool)
    dead[list(clusters)] = False
    ratio[:, dead] = ratio[dead] = -np.inf
    ratio[keep, keep] = -np.inf
