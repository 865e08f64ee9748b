"""The score of an exercise: what a mission found, against what happened. Pure functions on arrays.

Linking: pairs and B-cubed (Bagga and Baldwin 1998). Weighing: Brier (1950) score, log score, expected calibration error
in ten bins. A story that nobody told of cannot be found and is only counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from trucewatch.exercise.pile import Array

Numbers = dict[str, float | int | None]
_KM = 111.195


def linking(story: Array, incident: Array) -> Numbers:
    """Pair precision, recall and F1, B-cubed F1, and incidents found over stories told, for claims of known story.

    A claim linked to no incident (below 0) stands alone.
    """
    n = story.size
    if not n:
        return {
            "claims": 0,
            "pair_precision": None,
            "pair_recall": None,
            "pair_f1": None,
            "b3_f1": None,
            "count_ratio": None,
        }
    alone = incident < 0
    label = np.where(alone, incident.max(initial=0) + 1 + np.arange(n), incident)
    true = np.unique(story, return_inverse=True)[1]
    found = np.unique(label, return_inverse=True)[1]
    _cells, cell, both = np.unique(np.stack([true, found]), axis=1, return_inverse=True, return_counts=True)
    of_true, of_found = np.bincount(true), np.bincount(found)
    hits = float((both * (both - 1) / 2).sum())
    p = _ratio(hits, float((of_found * (of_found - 1) / 2).sum()))
    r = _ratio(hits, float((of_true * (of_true - 1) / 2).sum()))
    share = both[cell.ravel()]
    b3p, b3r = float((share / of_found[found]).mean()), float((share / of_true[true]).mean())
    return {
        "claims": n, "pair_precision": p, "pair_recall": r, "pair_f1": _f1(p, r), "b3_f1": _f1(b3p, b3r),
        "count_ratio": of_found.size / of_true.size,
    }  # fmt: skip


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _f1(p: float | None, r: float | None) -> float | None:
    if p is None or r is None:
        return None
    return 2 * p * r / (p + r) if p + r else 0.0


def window(lat: Array, lon: Array, t_s: Array, kind: Sequence[str], km: float = 5.0, minutes: float = 120.0) -> Array:
    """The baseline: claims of one kind of act within so many km and minutes are one incident, and so are theirs.

    A claim without a place stands alone. Returns a label a claim.
    """
    n = lat.size
    placed = np.flatnonzero(np.isfinite(lat) & np.isfinite(lon))
    code = np.unique(np.array(list(kind), dtype=object).astype(str), return_inverse=True)[1]
    if placed.size < 2:
        return np.arange(n)
    x = lon[placed] * _KM * np.cos(np.radians(lat[placed].mean())) / km
    y = lat[placed] * _KM / km
    z = t_s[placed] / (minutes * 60.0)
    points = np.column_stack([x, y, z, code[placed] * 10.0])
    pairs = cKDTree(points).query_pairs(math.sqrt(2.0), output_type="ndarray")
    a, b = pairs[:, 0], pairs[:, 1]
    near = (np.hypot(x[a] - x[b], y[a] - y[b]) <= 1.0) & (np.abs(z[a] - z[b]) <= 1.0)
    graph = coo_matrix((np.ones(int(near.sum())), (a[near], b[near])), shape=(placed.size, placed.size))
    label = n + np.arange(n)
    label[placed] = connected_components(graph, directed=False)[1]
    return label


def weighing(p: Array, happened: Array) -> Numbers:
    """Brier and log score, calibration, base rate and its Brier score, and what is false among the surest (>= .95)."""
    n = p.size
    if not n:
        return {"incidents": 0}
    y = happened.astype(float)
    base = float(y.mean())
    q = np.clip(p, 1e-4, 1 - 1e-4)
    bins = np.minimum((p * 10).astype(int), 9)
    count = np.bincount(bins, minlength=10)
    gap = np.abs(np.bincount(bins, p, 10) - np.bincount(bins, y, 10))
    surest = p >= 0.95
    return {
        "incidents": n, "base_rate": base, "brier": float(((p - y) ** 2).mean()),
        "brier_of_base_rate": base * (1 - base),
        "log_score": float(-(y * np.log(q) + (1 - y) * np.log(1 - q)).mean()), "ece": float(gap.sum() / n),
        "surest": int(surest.sum()), "surest_false": float(1 - y[surest].mean()) if surest.any() else None,
        "auc": _auc(p, happened), "bins": int((count > 0).sum()),
    }  # fmt: skip


def reliability(p: Array, happened: Array) -> list[Numbers]:
    """Ten bins of stated probability: how many, stated mean, share that happened."""
    bins = np.minimum((p * 10).astype(int), 9)
    out: list[Numbers] = []
    for k in range(10):
        rows = bins == k
        n = int(rows.sum())
        out.append({
            "from": k / 10, "incidents": n, "stated": float(p[rows].mean()) if n else None,
            "happened": float(happened[rows].mean()) if n else None,
        })  # fmt: skip
    return out


def _auc(p: Array, happened: Array) -> float | None:
    yes, no = int(happened.sum()), int((~happened).sum())
    if not yes or not no:
        return None
    rank = np.argsort(np.argsort(p, kind="stable"), kind="stable").astype(float)
    _values, inverse = np.unique(p, return_inverse=True)
    mean = np.bincount(inverse, rank) / np.bincount(inverse)
    return float((mean[inverse][happened].sum() - yes * (yes - 1) / 2) / (yes * no))


def authorship(p: Array, author: Array) -> Numbers:
    """Brier score of who did it: p (incidents, actors + other + none), author = column of the truth.

    `named`: share of incidents where somebody has more than half; `named_right`: how many of those are right.
    """
    n = p.shape[0]
    if not n:
        return {"incidents": 0}
    truth = np.zeros_like(p)
    truth[np.arange(n), author] = 1.0
    best = p[:, :-2].argmax(axis=1)
    named = p[np.arange(n), best] > 0.5
    return {
        "incidents": n, "brier": float(((p - truth) ** 2).sum(axis=1).mean()),
        "brier_of_equal_shares": 1.0 - 1.0 / p.shape[1], "named": float(named.mean()),
        "named_right": float((best[named] == author[named]).mean()) if named.any() else None,
    }  # fmt: skip


def majority(incident: Array, story: Array, n: int, order: Array) -> Array:
    """The story that most claims of each of n incidents speak of, the one told first among equals; -1 where none is."""
    out = np.full(n, -1)
    rows = np.flatnonzero((incident >= 0) & (story >= 0))
    if not rows.size:
        return out
    cells, _first, count = np.unique(
        np.stack([incident[rows], story[rows]]), axis=1, return_index=True, return_counts=True
    )
    earliest = np.full(cells.shape[1], np.inf)
    at = np.unique(np.stack([incident[rows], story[rows]]), axis=1, return_inverse=True)[1].ravel()
    np.minimum.at(earliest, at, order[rows].astype(float))
    best = np.lexsort([earliest, -count, cells[0]])
    heads = best[np.flatnonzero(np.diff(cells[0][best], prepend=-1))]
    out[cells[0][heads]] = cells[1][heads]
    return out


@dataclass(frozen=True)
class Verdicts:
    """Findings by outcome: how many were true violations, breaches under one reading only, and none."""

    rows: Mapping[str, Mapping[str, int]]

    @property
    def wrong(self) -> int:
        """Findings of a violation where there was none."""
        return sum(self.rows.get(o, {}).get("none", 0) for o in ("violation", "indicated"))

    @property
    def missed(self) -> int:
        """Findings of no violation where there was one."""
        return self.rows.get("no violation", {}).get("violation", 0)


def findings(found: Sequence[Mapping[str, Any]], broken: Mapping[tuple[Any, str, str], str]) -> Verdicts:
    """Outcomes against truth. `found`: event, term, actor, outcome of each finding; `broken`: (event, term, actor) ->
    reading under which it is a breach ("" = under any)."""
    table: dict[str, dict[str, int]] = {}
    for f in found:
        reading = broken.get((f["event"], f["term"], f["actor"]))
        truth = "none" if reading is None else "violation" if not reading else "by reading"
        row = table.setdefault(f["outcome"], {"violation": 0, "by reading": 0, "none": 0})
        row[truth] += 1
    return Verdicts(table)
