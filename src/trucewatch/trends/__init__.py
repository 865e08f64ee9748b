"""Is it holding? Per term, sector and act: the rate of incidents that observers of no party saw, where they could see,
against the time before the announcement and against the truce's own first weeks (design 9).

What parties allege does not enter: who alleges more would else make a truce fail. A day without coverage is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.model.table import Array
from trucewatch.trends.looks import days_needed, interval, rolling_width
from trucewatch.trends.rates import Days, Effect, rate, ratio

__all__ = ["CANNOT_TELL", "VERDICTS", "Days", "Trend", "trend"]

VERDICTS = ("holding", "eroding", "collapsed", "cannot tell yet")
CANNOT_TELL = VERDICTS[-1]
# Chances of a false word over the whole of a truce, all looks together. Half of each is for all sectors as one, the
# other half is shared by the sectors.
LEVEL_BASELINE = 0.015  # of the interval; that it lies wholly on one side by chance has half of that
LEVEL_FIRST = 0.01
BASELINE_GAP_DAYS = 14  # violence often rises before a ceasefire: these days before the announcement are left out
FIRST_DAYS = 28
RECENT_DAYS = 28
_RATE_SDS = 1.6449  # 90 % interval of a rate
_LEAST_DAYS = 14  # with some coverage on each side of a comparison: fewer do not tell how much days differ
_LEAST_EXPOSURE = 3.0  # days of full coverage in them
_LIMIT = 30.0


@dataclass(frozen=True, slots=True)
class Trend:
    """What can be said. Rates: incidents a day of full coverage; `ratio` of the rate against the baseline, or, where
    there is none, against the truce's first weeks; None = not known. `first`, `last`: positions of the days meant."""

    verdict: str
    first: int
    last: int
    observed: int
    exposure: float
    rate: tuple[float, float, float] | None
    ratio: tuple[float, float, float] | None
    days_needed: int | None


def trend(strata: Days, whole: Days, before: int, since: int, share: float) -> Trend:
    """The verdict on a series of days.

    `strata`: counts by stratum; `whole`: the same of one stratum, each incident once. Days [0, before) are the
    baseline, [since, n) the truce. `share`: of the chances of a false word that this series may spend.

    Clearly more than in its first weeks: eroding, or collapsed where it is no longer clearly below the baseline. Else
    clearly below the baseline (without one: below its first weeks): holding; clearly above: collapsed.
    """
    truce = np.arange(since, len(strata.count))
    baseline, recent = np.arange(before), truce[-RECENT_DAYS:]
    first = truce[: min(FIRST_DAYS, max(0, truce.size - recent.size))]
    changed = _against(strata, first, recent)
    rising = changed is not None and changed.log > rolling_width(changed, truce.size, LEVEL_FIRST * share)
    spoken = recent if rising else truce
    against = _against(strata, baseline, spoken)
    level = LEVEL_BASELINE * share
    measure = against if against is not None else changed
    low, high = (-np.inf, np.inf) if measure is None else interval(measure, level)
    if rising:
        verdict = "eroding" if against is None or high < 0 else "collapsed"
    else:
        verdict = "holding" if high < 0 else "collapsed" if low > 0 and against is not None else CANNOT_TELL
    seen = whole.take(spoken)
    return Trend(
        verdict, int(spoken[0]) if spoken.size else since, len(strata.count) - 1, round(float(seen.count.sum())),
        seen.total, _rate(seen), None if measure is None else _bounds(measure.log, low, high),
        None if verdict != CANNOT_TELL or against is None else _needed(strata, baseline, truce, against, level),
    )  # fmt: skip


def _against(strata: Days, before: Array, after: Array) -> Effect | None:
    """Ratio of the rates of two sets of days; None where either was hardly seen."""
    one, two = strata.take(before), strata.take(after)
    enough = all(d.total >= _LEAST_EXPOSURE and d.seen >= _LEAST_DAYS for d in (one, two))
    return ratio(one, two) if enough else None


def _rate(seen: Days) -> tuple[float, float, float] | None:
    found = rate(seen)
    if found is None:
        return None
    _, low, high = _bounds(found.log, found.log - _RATE_SDS * found.se, found.log + _RATE_SDS * found.se)
    value = float(seen.count.sum()) / seen.total
    return (value, min(low, value), max(high, value))  # of none seen the estimate is none, and so is the least


def _bounds(*logs: float) -> tuple[float, float, float]:
    value, low, high = np.exp(np.clip(logs, -_LIMIT, _LIMIT)).tolist()
    return value, low, high


def _needed(strata: Days, baseline: Array, truce: Array, against: Effect, level: float) -> int | None:
    """Days still needed, if they are like those of the truce so far."""
    events = [float(strata.take(days).count.sum()) + 0.5 for days in (baseline, truce)]
    return days_needed(against, events[0] / sum(events), truce.size, level)
