"""Does one incident become one? Pair F1, B-cubed F1 and counts on worlds of several kinds, beside two alternatives.

The alternatives look at the same claims: a window of 5 km and 120 minutes (the better of: one act, one kind of act),
and Splink with average link. Trucewatch runs as it ships, and once more after a fit on the mission's own records.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import missions, splink_baseline
from trucewatch.exercise import score

EXERCISES = (
    ("balanced", "quiet"), ("balanced", "normal"), ("balanced", "dense"), ("one_liar", "normal"),
    ("few_patrols", "normal"), ("propaganda", "normal"), ("calm", "normal"),
)  # fmt: skip
OTHERS = ("quiet line", "uneasy truce", "open war", "vague reports", "exact reports")
METHODS = ("trucewatch", "trucewatch, fitted", "window 5 km / 120 min", "Splink, best threshold")


@dataclass(frozen=True)
class Row:
    """One method on one world: scores as exercise.score.linking gives them, and the seconds that it took."""

    world: str
    method: str
    scores: score.Numbers
    seconds: float


def compare(
    folder: Path, claims: int = 5_000, only: str = "", splink: bool = True, faults: bool = False
) -> Iterator[Row]:
    """Rows world by world; `only`: worlds whose name has it; `faults`: print what is wrong by manner of telling."""
    for sample in _samples(folder, claims, only):
        for method, (found, seconds) in zip(METHODS, (sample.shipped, sample.fitted), strict=False):
            yield Row(sample.name, method, score.linking(sample.truth, found), seconds)
        if faults:
            print_faults(sample.shipped[0], sample)
        yield _window(sample)
        if splink:
            yield _splink(sample)


def _samples(folder: Path, claims: int, only: str) -> Iterator[missions.Sample]:
    for k, (regime, tempo) in enumerate(EXERCISES):
        if only in f"exercise: {regime}, {tempo}":
            yield missions.of_exercise(folder / f"exercise{k}", regime, tempo, claims)
    for k, regime in enumerate(OTHERS):
        if only in f"others: {regime}":
            yield missions.of_others(folder / f"others{k}", regime, int(claims / 2.4))


def _window(sample: missions.Sample) -> Row:
    began = time.perf_counter()
    lat, lon, t = (sample.claims[k][sample.rows] for k in ("lat", "lon", "t"))
    acts = [str(a) for a in sample.claims["act"][sample.rows]]
    both = [score.linking(sample.truth, score.window(lat, lon, t, k)) for k in (acts, [a.split(".")[0] for a in acts])]
    return Row(sample.name, METHODS[2], max(both, key=lambda s: s["pair_f1"] or 0.0), time.perf_counter() - began)


def _splink(sample: missions.Sample) -> Row:
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = splink_baseline.best(sample.claims, sample.rows, sample.truth)
    return Row(sample.name, METHODS[3], best, time.perf_counter() - began)


def print_faults(found: np.ndarray, sample: missions.Sample, most: int = 12) -> None:
    """By manner of telling: claims, the true pairs they are in, of these missed, and the wrong pairs they are in."""
    same_truth = _mates(sample.truth)
    same_found = _mates(found)
    both = _mates(np.unique(np.stack([sample.truth, found]), axis=1, return_inverse=True)[1].ravel())
    manner = np.array(missions.manners(sample))
    rows = []
    for m in np.unique(manner):
        k = manner == m
        rows.append((m, int(k.sum()), int(same_truth[k].sum()), int((same_truth - both)[k].sum()),
                     int((same_found - both)[k].sum())))  # fmt: skip
    for m, n, true, missed, wrong in sorted(rows, key=lambda r: -r[3] - r[4])[:most]:
        print(f"    {m:36s} {n:6d} claims, {true:6d} true pairs, {missed:6d} missed, {wrong:6d} wrong")


def _mates(label: np.ndarray) -> np.ndarray:
    """How many others have each one's label; none has a label below 0."""
    inverse, count = np.unique(label, return_inverse=True, return_counts=True)[1:]
    return np.where(label < 0, 0, count[inverse.ravel()] - 1)
