"""How far stated probabilities can be trusted: Brier's score in its three parts, log score, a reliability diagram with
a band, and what is false among the surest; beside plain ways to weigh the same voices. Pure functions on arrays.

Sources: Brier (1950); Murphy (1973) for the parts; Clopper and Pearson (1934) for exact intervals of a share; Dawid and
Skene (1979).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv

from trucewatch.exercise.pile import Array

BINS = 10
_SWEEPS = 50


@dataclass(frozen=True, slots=True)
class Quality:
    """Of n incidents: Brier = reliability - resolution + uncertainty (the last two up to the spread within bins)."""

    incidents: int
    happened: float | None
    brier: float | None
    reliability: float | None
    resolution: float | None
    uncertainty: float | None
    log_score: float | None


def quality(p: Array, happened: Array) -> Quality:
    """The scores of stated probabilities; no number where there is no incident."""
    n = p.size
    if not n:
        return Quality(0, None, None, None, None, None, None)
    y = happened.astype(float)
    bins = _bins(p)
    count = np.bincount(bins, minlength=BINS)
    stated, share = (np.bincount(bins, v, BINS) / np.maximum(count, 1) for v in (p, y))
    base, q = float(y.mean()), np.clip(p, 1e-4, 1 - 1e-4)
    return Quality(
        n, base, float(((p - y) ** 2).mean()), float((count * (stated - share) ** 2).sum() / n),
        float((count * (share - base) ** 2).sum() / n), base * (1 - base),
        float(-(y * np.log(q) + (1 - y) * np.log(1 - q)).mean()),
    )  # fmt: skip


def _bins(p: Array) -> Array:
    return np.asarray(np.minimum((p * BINS).astype(int), BINS - 1))


def share_interval(hits: int, n: int, level: float = 0.9) -> tuple[float, float]:
    """The exact interval of a share."""
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits == n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


@dataclass(frozen=True, slots=True)
class Bin:
    """Incidents of which about the same was stated: the mean stated, the share that happened, its 90 % interval."""

    start: float
    incidents: int
    stated: float
    happened: float
    low: float
    high: float


def diagram(p: Array, happened: Array) -> list[Bin]:
    """The reliability diagram, without empty bins."""
    bins, out = _bins(p), []
    for k in np.unique(bins).tolist():
        here = bins == k
        n, hits = int(here.sum()), int(happened[here].sum())
        out.append(Bin(k / BINS, n, float(p[here].mean()), hits / n, *share_interval(hits, n)))
    return out


@dataclass(frozen=True, slots=True)
class Surest:
    """Incidents that a rule calls established: how many, what share of them is false and at most (95 %), and what share
    of all that happened it finds."""

    incidents: int
    false: float | None
    false_at_most: float
    found: float | None


def surest(called: Array, happened: Array) -> Surest:
    """The price and the yield of a rule."""
    n, wrong = int(called.sum()), int((called & ~happened).sum())
    there = int(happened.sum())
    most = share_interval(wrong, n)[1] if n else 1.0
    return Surest(n, wrong / n if n else None, most, int((called & happened).sum()) / there if there else None)


@dataclass(frozen=True, slots=True)
class Voices:
    """Who said what of which incident, once each: positions of incident and source, and yes (supports) or no."""

    incidents: int
    sources: int
    incident: Array
    source: Array
    yes: Array

    def counts(self, yes: bool) -> Array:
        """Voices of one kind by incident."""
        return np.bincount(self.incident[self.yes == yes], minlength=self.incidents).astype(float)


def vote(voices: Voices) -> Array:
    """Share of those who speak that say yes, one more of each (Laplace)."""
    yes, no = voices.counts(True), voices.counts(False)
    return np.asarray((yes + 1) / (yes + no + 2))


def two_say_so(voices: Voices) -> Array:
    """The rule "two sources say so"."""
    return np.asarray(voices.counts(True) >= 2)


def dawid_skene(voices: Voices) -> Array:
    """Chance that each incident happened, by expectation and maximisation over what each source says when it did and
    when it did not, from the vote on; one said of each is added, so that rare sources stay defined."""
    i, s, yes = voices.incident, voices.source, voices.yes.astype(float)
    p = vote(voices)
    for _ in range(_SWEEPS):
        says = []
        for weight in (p[i], 1 - p[i]):
            said = np.bincount(s, weight * yes, voices.sources) + 1
            says.append(said / (np.bincount(s, weight, voices.sources) + 2))
        base = np.clip(p.mean(), 1e-4, 1 - 1e-4)
        log = [np.log(q)[s] * yes + np.log(1 - q)[s] * (1 - yes) for q in says]
        odds = np.log(base / (1 - base)) + np.bincount(i, log[0] - log[1], voices.incidents)
        p = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return np.asarray(p)


def as_dict(value: Any) -> Any:
    """Dataclasses as plain dictionaries, numbers with four decimals."""
    if isinstance(value, list):
        return [as_dict(v) for v in value]
    if isinstance(value, dict):
        return {k: as_dict(v) for k, v in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return as_dict(asdict(value))
    return round(value, 4) if isinstance(value, float) else value
