"""From probabilities under every reading to one outcome of a finding (design 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trucewatch.judging.rulings import Ruling
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

SURE = ("corroborated", "verified")
YES, NO, OPEN, NOT_DUE, EXCEPTED = 2, 1, 0, 3, 4
_PLAIN = {YES: "indicated", NO: "no violation", OPEN: "undetermined", NOT_DUE: "not due", EXCEPTED: "excepted"}
WORDS = np.array([*(_PLAIN[k] for k in sorted(_PLAIN)), "depends on reading"], dtype=object)
_UNIT = 10_000  # published probabilities have four decimals, and are compared as integers


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities, in ten thousandths, from which a violation is indicated, and up to which there is none."""

    violation: int
    no_violation: int

    @classmethod
    def of(cls, given: Mapping[str, float]) -> Thresholds:
        """From the `outcomes` of mission.yaml."""
        return cls(round(given["violation"] * _UNIT), round(given["no_violation"] * _UNIT))


def published(values: Floats) -> Array:
    """Probabilities in ten thousandths."""
    return np.rint(np.clip(values, 0.0, 1.0) * _UNIT).astype(np.int64)


def classify(low: Array, high: Array, unexcepted: Array, not_due: Array, sure: Array, limits: Thresholds) -> Array:
    """The class of each row under its own reading; probabilities in ten thousandths.

    `low`, `high`: least and greatest that P(violation) can be; what is not known between them decides nothing, but
    where both lie on one side of a threshold it makes no difference; `unexcepted`: the greatest that it could be if no
    exception held by itself; `not_due`: the deadline was not over; `sure`: the incident's status allows a finding.
    """
    out = np.full(low.shape, OPEN, dtype=np.int8)
    out[(low >= limits.violation) & sure] = YES
    none = high <= limits.no_violation
    out[none] = NO
    out[none & (unexcepted > limits.no_violation)] = EXCEPTED
    out[not_due] = NOT_DUE
    return out


def outcome_codes(classes: Array, finding: Array) -> Array:
    """The outcome of each row, as a position in `WORDS`, from the classes of all its finding's rows; `finding` counts
    findings from 0, in order."""
    first = np.flatnonzero(np.diff(finding, prepend=-1))
    least, most = np.minimum.reduceat(classes, first), np.maximum.reduceat(classes, first)
    out = np.where(least != most, len(_PLAIN), least).astype(np.int8)
    return np.asarray(out[finding])


def ruled(outcome: str, ruling: Ruling, may_rule: bool) -> str:
    """The outcome after what people decided. A ruling makes a violation only of what is indicated; an exception that is
    claimed and neither granted nor refuted caps it."""
    if ruling.granted:
        return "excepted"
    said = ruling.outcome if may_rule else None
    if said == "violation" and outcome == "indicated":
        outcome = "violation"
    elif said is not None and said != "violation":
        return said
    if ruling.claimed and not ruling.refuted and outcome in {"violation", "indicated"}:
        return "undetermined (exception claimed)"
    return outcome
