"""Is it holding: false alarms and power on invented truces of 120 days in which access is lost after the announcement.

Four sectors, 90 days of baseline, a gap of 14 days, then the truce; counts are negative-binomial, coverage varies from
day to day and place to place and is 40 % less in the truce. The alternatives look once, at the end, where the verdict
here looks each day and at every sector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from trucewatch.trends import CANNOT_TELL, Days, trend
from trucewatch.trends.rates import Effect, ratio

_BASELINE, _GAP, _TRUCE, _SECTORS = 90, 14, 120, 4
_A_DAY = 3.0  # incidents a day and sector, before
_SHAPE = 1.5  # of the gamma that makes the counts wider than Poisson's
_ALONE_SDS = float(np.sqrt(2 * 6.0))  # log of the likelihood ratio over 6
_FIRST_LOOK = 14


@dataclass(frozen=True, slots=True)
class Scores:
    """Of how many truces each method said that the rate changed: ours at any look of any sector, ours of all sectors
    as one by the end, and the alternatives at the end."""

    truces: int
    any_look: float
    by_the_end: float
    poisson: float
    uncovered: float


def measure(rate_ratio: float, truces: int) -> Scores:
    """Invent so many truces after whose announcement the rate is so much of what it was."""
    with ProcessPoolExecutor(2) as pool:
        found = np.array(list(pool.map(_one, [rate_ratio] * truces, range(truces))), dtype=float)
    return Scores(truces, *found.mean(axis=0).tolist())


def _one(rate_ratio: float, seed: int) -> tuple[bool, bool, bool, bool]:
    sectors = list(_sectors(rate_ratio, np.random.default_rng([seed, round(rate_ratio * 1000)])))
    together = Days(np.hstack([s.count for s in sectors]), np.hstack([s.exposure for s in sectors]))
    ever = late = False
    for day in range(_FIRST_LOOK, _TRUCE + 1):
        for series, share in [(together, 0.5), *((s, 0.5 / _SECTORS) for s in sectors)]:
            rows = np.arange(_BASELINE + _GAP + day)
            seen = series.take(rows)
            whole = Days(seen.count.sum(axis=1, keepdims=True), seen.exposure.sum(axis=1, keepdims=True))
            said = trend(seen, whole, _BASELINE, _BASELINE + _GAP, share).verdict != CANNOT_TELL
            ever |= said
            late = said if series is together else late
    return ever, late, _alone(together, poisson), _alone(together, uncovered)


def _sectors(rate_ratio: float, rng: np.random.Generator) -> Iterator[Days]:
    days = _BASELINE + _GAP + _TRUCE
    for _ in range(_SECTORS):
        exposure = np.clip(rng.beta(2, 2, size=(days, 2)), 0, 1) / 2
        exposure[rng.random(days) < 0.1] = 0.0
        exposure[_BASELINE + _GAP :] *= 0.6
        mean = np.where(np.arange(days) < _BASELINE + _GAP, _A_DAY, _A_DAY * rate_ratio)
        mean = mean * rng.gamma(_SHAPE, 1 / _SHAPE, size=days)
        yield Days(rng.poisson(mean[:, None] * exposure).astype(float), exposure)


def _alone(series: Days, method: Callable[[Days, Days], Effect | None]) -> bool:
    before, after = series.take(np.arange(_BASELINE)), series.take(np.arange(_BASELINE + _GAP, len(series.count)))
    found = method(before, after)
    return found is not None and abs(found.log) > _ALONE_SDS * found.se


def poisson(before: Days, after: Days) -> Effect:
    """Poisson counts with coverage as offset: the ratio and its standard error by the counts alone."""
    counts, exposure = (np.array([float(getattr(d, k).sum()) for d in (before, after)]) for k in ("count", "exposure"))
    rates = (counts + 0.5) / exposure
    return Effect(float(np.log(rates[1] / rates[0])), float(np.sqrt((1 / (counts + 0.5)).sum())))


def uncovered(before: Days, after: Days) -> Effect | None:
    """Our regression without coverage: a day is a day."""
    return ratio(*(Days(d.count.sum(axis=1, keepdims=True), np.ones((len(d.count), 1))) for d in (before, after)))
