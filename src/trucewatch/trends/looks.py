"""Intervals that hold at every look at once: whoever looks each day, or stops when he likes what he sees, is misled no
more often than the level says.

The normal-mixture confidence sequence (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021): an estimate with
Fisher information v is within sqrt((v + r) log((v + r) / (r a^2))) / v of the truth at all looks together with chance
1 - a.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from trucewatch.model.normal import ndtri
from trucewatch.trends.rates import Effect

RHO = 4.0  # information at which the sequence is tightest for what a truce of some months can show: a ratio near .6
_MOST_DAYS = 3650
BLOCK_DAYS = 28
LOOKS_A_BLOCK = 6.0  # independent looks that a block of daily ones is worth


def half_width(information: float, level: float) -> float:
    """Half the interval, nats, that holds at all looks with chance 1 - `level`."""
    v = information + RHO
    return float(np.sqrt(v * np.log(v / (RHO * level**2))) / information)


def interval(effect: Effect, level: float) -> tuple[float, float]:
    """Bounds of the log, at all looks together."""
    width = half_width(effect.se**-2, level)
    return effect.log - width, effect.log + width


def rolling_width(effect: Effect, day: int, level: float) -> float:
    """How far the log of a ratio of the last weeks to the first must lie from zero on a `day` of the truce, so that it
    is further by chance on any day of it with chance `level` at most.

    The windows of one block of weeks resemble each other and those of other blocks do not: the level is spent over the
    blocks as 6 / (pi k)^2, which sums to one (Bonferroni, with a series for open ends).
    """
    block = max(1, -(-day // BLOCK_DAYS))
    spent = level * 6 / (np.pi * block) ** 2 / LOOKS_A_BLOCK
    return float(-ndtri(spent / 2) * effect.se)


def days_needed(effect: Effect, since: float, days: int, level: float) -> int | None:
    """How many more days like the `days` seen until the interval leaves zero, if the ratio stays what it is; None where
    ten years would not do. `since`: share of the variance that those days cause, which more of them lessen."""

    def enough(more: int) -> bool:
        variance = effect.se**2 * (1 - since + since * days / (days + more))
        return half_width(1 / variance, level) < abs(effect.log)

    more = bisect_left(range(_MOST_DAYS), True, key=enough)  # more days never widen it
    return None if more == _MOST_DAYS else more
