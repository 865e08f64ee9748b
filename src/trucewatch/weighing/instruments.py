"""What a record of an instrument is worth where its coverage says how often it records and how often it is wrong."""

from __future__ import annotations

import numpy as np

from trucewatch.model.micronats import MICRO, Ints
from trucewatch.model.table import Array, Table
from trucewatch.weighing.coverage import perceives, shares_held

_Q90 = 1.6448536269514722  # an incident's time is looked at as its 90 % interval
_DAY_S = 86_400.0


def record_weights(incidents: Table, coverage: Table, incident: Array, source: Array, weight: Ints) -> Ints:
    """log(detection / P(a false record in the incident's time)) for each record, from 0 to the table's `weight`.

    P(false) = 1 - exp(-false_alarm x length of the incident's 90 % interval in days), anywhere in the coverage: that it
    would fall just there is not counted. Where no row with both numbers holds the incident the table's weight stays; of
    several rows the one that says least for the record counts.
    """
    out = weight.copy()
    if "false_alarm" not in coverage:
        return out
    row, k = _holding(incidents, coverage, incident, source)
    i = incident[k]
    false = -np.expm1(-coverage["false_alarm"][row] * 2 * _Q90 * incidents["t_sd_s"][i] / _DAY_S)
    with np.errstate(divide="ignore"):
        nats = np.log(np.where(false <= 0, np.inf, coverage["detection"][row] / np.where(false <= 0, 1.0, false)))
    sure = np.isposinf(nats)  # never wrong: the table's weight stays
    np.minimum.at(out, k[~sure], np.rint(np.maximum(nats[~sure], 0.0) * MICRO).astype(np.int64))
    return out


def _holding(incidents: Table, coverage: Table, incident: Array, source: Array) -> tuple[Array, Array]:
    """Pairs of a coverage row and a record of its source whose incident it holds more likely than not."""
    told = np.isfinite(coverage["false_alarm"])
    rows, records = [], []
    for s in np.unique(source).tolist():
        mine, theirs = np.flatnonzero(source == s), np.flatnonzero(told & (coverage["source"] == s))
        t = incidents["t_mean_s"][incident[mine]][:, None]
        a, b = np.nonzero((coverage["start"][theirs] <= t) & (t < coverage["end"][theirs]))
        rows.append(theirs[b])
        records.append(mine[a])
    row, k = (np.concatenate([np.empty(0, dtype=np.int64), *x]) for x in (rows, records))
    acts = incidents["act"][incident[k]].tolist()
    known = {pair: perceives(coverage, *pair) for pair in set(zip(row.tolist(), acts, strict=True))}
    fits = np.array([known[pair] for pair in zip(row.tolist(), acts, strict=True)], dtype=bool)
    fits &= np.isfinite(incidents["lat"][incident[k]])
    row, k = row[fits], k[fits]
    half = shares_held(incidents, coverage, row, incident[k]) >= 0.5
    return row[half], k[half]
