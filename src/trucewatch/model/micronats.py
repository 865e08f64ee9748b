"""Integer log-odds. Law L11 needs sums that do not depend on their order, and floats do not have them.

A weight is made from natural log-odds (nats) once, rounded half-even to millionths, and then only added.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

MICRO = 1_000_000
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def from_nats(nats: float) -> int:
    """Micro-nats of `nats` (dimensionless log-odds), rounded half-even. Infinite or NaN input raises ValueError."""
    if not math.isfinite(nats):
        raise ValueError(f"log-odds must be finite, found {nats}")
    return round(nats * MICRO)


def array_from_nats(nats: Floats) -> Ints:
    """The same for an array; numpy's rint rounds half-even too."""
    return np.rint(nats * MICRO).astype(np.int64)


def probability(micronats: int) -> float:
    """The logistic function of integer log-odds, without overflow."""
    x = micronats / MICRO
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def log_odds(p: float) -> int:
    """Micro-nats of a probability; 0 and 1 have none and raise ValueError."""
    if not 0.0 < p < 1.0:
        raise ValueError(f"a probability with log-odds lies strictly between 0 and 1, found {p}")
    return from_nats(math.log(p) - math.log1p(-p))


def published(p: float) -> float:
    """A probability as it is published: four decimals."""
    return round(p, 4)
