"""How far a side's allegations are borne out where others could see: the opening weight of an allegation by each side.

The allegation model of methods.md (b): given that a side alleges an incident, it happened with the side's reliability;
what observers saw, or did not see although they could, tells which. Estimated by expectation and maximisation (a mixing
share with known likelihood ratios), shrunk twice: all sides together towards the shipped table, each side towards all.
The same for every side, whatever its name (L3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trucewatch.model.micronats import Floats
from trucewatch.model.normal import expit

_FOR_ALL, _FOR_ONE = 8.0, 12.0  # allegations that the shipped table, and the sides together, are worth
_SWEEPS, _CLOSE = 2_000, 1e-9
LEAST, MOST = 0.05, 0.75  # what words alone may start from: below all bands, and never probable


@dataclass(frozen=True, slots=True)
class Reliability:
    """The share of a side's allegations that happened, its 90 % interval, and on how many that could have been seen it
    rests."""

    share: float
    low: float
    high: float
    n: int


def reliability(rest: Sequence[Floats], shipped: float) -> list[Reliability]:
    """By side. `rest`: log-odds of each of its allegations but for the opening, nats; `shipped`: the share that the
    table assumes of everybody."""
    every = np.concatenate([*rest, np.empty(0)])
    together = _share(every, shipped, _FOR_ALL)
    return [_with_interval(_share(r, together, _FOR_ONE), r) for r in rest]


def _share(rest: Floats, prior: float, worth: float) -> float:
    """The mixing share that is most likely, with `worth` allegations of share `prior` put beside."""
    share = prior
    rest = np.sort(rest)  # so that the order in which allegations come leaves no trace in the sum (L11)
    for _ in range(_SWEEPS):
        happened = expit(rest + np.log(share / (1 - share)))
        new = float((happened.sum() + worth * prior) / (rest.size + worth))
        if abs(new - share) < _CLOSE:
            return new
        share = new
    return share


def _with_interval(share: float, rest: Floats) -> Reliability:
    """A share between the bounds of what words alone may carry; the interval by the information of what was seen."""
    spread = share * (1 - share)
    happened = expit(rest + np.log(share / (1 - share)))
    information = float(np.sort((happened - share) ** 2).sum()) / spread**2 + _FOR_ONE / spread
    reach = 1.6449 / (information**0.5 * spread)  # on the log-odds
    odds = np.log(share / (1 - share))
    low, high = expit(odds - reach), expit(odds + reach)
    return Reliability(float(np.clip(share, LEAST, MOST)), float(low), float(high), rest.size)


def opening(share: float, base: float) -> float:
    """The weight of an allegation, nats, that brings the log-odds from `base` to those of a share."""
    return float(np.log(share / (1 - share)) - base)
