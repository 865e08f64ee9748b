"""One fixed set of quasi-random points, the same for every incident: no stream, no seed, no order (law L11).

The points are the additive recurrence on powers of 1/g, g the root of x^4 = x + 1 (Roberts 2018), shifted by one half.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from trucewatch.model.micronats import Floats

DRAWS = 256
_G = 1.2207440846057596


def _uniform() -> Floats:
    k = np.arange(1, DRAWS + 1, dtype=np.float64)[:, None]
    u: Floats = np.mod(0.5 + k * np.array([1 / _G, 1 / _G**2, 1 / _G**3]), 1.0)
    return u


_U = _uniform()
EAST: Floats = ndtri(_U[:, 0])
NORTH: Floats = ndtri(_U[:, 1])
TIME: Floats = _U[:, 2]  # a quantile of the time of the incident
FARTHEST = float(np.hypot(EAST, NORTH).max())
# The same points in another order, for a second place of one incident: of 127 orders k -> (m k + 31) mod 256 the one
# whose products with the first, over half planes and spans of time, come nearest to those of independent draws.
OTHER = np.mod(np.arange(DRAWS) * 167 + 31, DRAWS)
