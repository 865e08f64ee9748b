"""What a record of an instrument is worth where its coverage says how often it records and how often it is wrong."""

from __future__ import annotations

import numpy as np

from trucewatch.model.micronats import MICRO, Ints
from trucewatch.model.table import Array, Table
from trucewatch.weighing.coverage import held, perceives

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
    told = np.isfinite(coverage["false_alarm"])
    for k, (i, s) in enumerate(zip(incident.tolist(), source.tolist(), strict=True)):
        t, sd = float(incidents["t_mean_s"][i]), float(incidents["t_sd_s"][i])
        rows = told & (coverage["source"] == s) & (coverage["start"] <= t) & (t < coverage["end"])
        for row in np.flatnonzero(rows).tolist():
            if not np.isfinite(incidents["lat"][i]) or not perceives(coverage, row, str(incidents["act"][i])):
                continue
            if held(incidents, coverage, row, i).mean() < 0.5:
                continue
            false = -np.expm1(-float(coverage["false_alarm"][row]) * 2 * _Q90 * sd / _DAY_S)
            detection = float(coverage["detection"][row])
            ratio = np.inf if false <= 0 else detection / false
            nats = float(np.log(ratio)) if ratio > 0 else 0.0
            out[k] = min(out[k], round(max(nats, 0.0) * MICRO)) if np.isfinite(nats) else out[k]
    return out
