"""How late reports come: the share that has come by so many days after the event, for each source.

Only what has come already is seen, so that young events seem quick: the product-limit estimate in reverse time
(Lagakos, Barraj and De Gruttola 1988) allows for that.
"""

from __future__ import annotations

import numpy as np

from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

MOST_DAYS = 30
_LEAST = 20  # reports below which a source has no curve of its own


def completeness(delay: Array, age: Array) -> Floats:
    """Share of the reports on an event that have come by k = 0, 1, ... MOST_DAYS days after it.

    `delay`, `age`: whole days from the event to each report, and to the cut; delay <= age. Few reports say nothing: 1.
    """
    if delay.size < _LEAST:
        return np.ones(MOST_DAYS + 1)
    late, old = np.minimum(delay, MOST_DAYS), np.minimum(age, MOST_DAYS)
    share = np.ones(MOST_DAYS + 1)
    for k in range(MOST_DAYS, 0, -1):
        at_risk = int(((late <= k) & (old >= k)).sum())
        came = int(((late == k) & (old >= k)).sum())
        share[k - 1] = share[k] * (1 - came / at_risk) if at_risk else share[k]
    return share
