"""What the mission's own visits so far say of its probabilities: whether more, or less, of what is alleged happened.

Each visit with a told result is held against what was expected of it: P(found) = p f + (1 - p) e, with p from everybody
but the visitors, moved by one shift b on the log-odds scale, the same for all parties; f and e from seeing.yaml. The b
of the greatest posterior (prior N(0, sd)) moves what `next` expects, and never what is published.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trucewatch.model.micronats import MICRO, Floats
from trucewatch.model.normal import expit
from trucewatch.model.table import Array
from trucewatch.model.times import SECOND
from trucewatch.model.vocabulary import MEANS, ROLES, STANCES
from trucewatch.planning.seeing import Seeing
from trucewatch.planning.supposing import Case, Ground, suppose

_TRACES = [MEANS.index(m) for m in ("aftermath", "forensic")]
_TEAMS = [ROLES.index(r) for r in ("monitor", "peacekeeper")]
_OBSERVES, _DENIES = (STANCES.index(s) for s in ("observes", "denies"))
_GRID = np.arange(-300, 301, 5) / 100.0  # shifts that are tried, nats


def learned(ground: Ground, seeing: Seeing) -> int:
    """The shift, micro-nats; 0 where nobody was anywhere."""
    results = _results(ground)
    if not results:
        return 0
    cases = [Case(i, (), without=rows) for i, (_, rows, _) in results.items()]
    p = np.clip(suppose(ground, cases).p, 1e-4, 1 - 1e-4)
    score = np.rint(-0.5 * (_GRID / seeing.numbers["visit.shift_sd"]) ** 2 * MICRO)
    n = seeing.numbers
    for k, (i, (found, _, known)) in enumerate(results.items()):
        days = max(0.0, known / 86_400 - float(ground.incidents["t_mean_s"][i]) / 86_400)
        chance = seeing.found(ground.incidents["acts"][i], days)
        happened: Floats = expit(np.log(p[k] / (1 - p[k])) + _GRID)
        seen = happened * chance + (1 - happened) * n["visit.false_traces"]
        none = n["visit.told_none"] * (1 - seen)
        score = score + np.rint(np.log(seen if found else none) * MICRO)  # whole numbers: no order moves the sum
    best = np.flatnonzero(score == score.max())
    return round(float(_GRID[best].mean()) * MICRO)


def _results(ground: Ground) -> Mapping[int, tuple[bool, tuple[int, ...], float]]:
    """Incidents whose place a team went to see: whether it found traces, the rows that say so, when that was known (s).
    Found where any says so."""
    t = ground.claims
    went = np.isin(t["means"], _TRACES) & np.isin(t["role"], _TEAMS) & t["approved"] & (t["side"] < 0)
    went &= np.isin(t["stance"], [_OBSERVES, _DENIES]) & (ground.incident >= 0)
    out: dict[int, tuple[bool, tuple[int, ...], float]] = {}
    for row in np.flatnonzero(went).tolist():
        i = int(ground.incident[row])
        found, rows, known = out.get(i, (False, (), np.inf))
        told = float(t["known"][row]) / SECOND
        out[i] = found or int(t["stance"][row]) == _OBSERVES, (*rows, row), min(known, told)
    return {i: told for i, told in out.items() if _others(ground, i, told[1])}


def _others(ground: Ground, i: int, rows: tuple[int, ...]) -> bool:
    """Whether anybody but the visitors tells of the incident."""
    members: Array = np.flatnonzero((ground.incident == i) & ground.own)
    return bool(np.setdiff1d(members, np.array(rows)).size)


__all__ = ["learned"]
