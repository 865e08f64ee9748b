"""Bands of probability and the gates that no probability replaces (law L4, design 7)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array
from trucewatch.model.vocabulary import STATUSES

_UNLIKELY, _UNCONFIRMED, _MORE_LIKELY, _PROBABLE, _CORROBORATED, _VERIFIED = range(6)


def statuses(p: Floats, gate: Array, verified: Array, bands: Mapping[str, float]) -> Array:
    """Position in STATUSES of each incident.

    `p`: published probability; `gate`: a non-party source perceived the act or examined its traces (L4);
    `verified`: a person decided so after a visit or a forensic examination. Both gates hold besides p >= .95.
    """
    p4 = np.rint(p * 10_000)
    names = ("unconfirmed", "more_likely_than_not", "probable")
    out = sum((p4 >= round(bands[name] * 10_000)).astype(np.int64) for name in names)
    established = gate & (p4 >= round(bands["corroborated"] * 10_000))
    out = np.where(established, _CORROBORATED, out)
    return np.where(established & verified, _VERIFIED, out)


def overridden(status: Array, wanted: Mapping[int, str]) -> Array:
    """Statuses after people's overrides: never to `corroborated` or `verified`, which need evidence and not a word."""
    out = status.copy()
    for incident, name in wanted.items():
        if name in STATUSES[:_CORROBORATED]:
            out[incident] = STATUSES.index(name)
    return out
