"""Wide claims ("overnight, in the district"): each attaches to the incident that it most likely speaks of, or to none.

A claim w comes from one incident: from a known one k with density f(w | k), or from one that nobody told sharply, of
which there are lambda per km2 and second. P(k | w) = f(w|k) / (lambda + sum f(w|j)) (Bayes over a Poisson field).
It is weighed against the incident's estimated place and time, not against its members' mean score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.linking.blocking import WIDE, pairs_between, ranges
from trucewatch.linking.components import CERTAIN
from trucewatch.linking.parameters import LinkParameters
from trucewatch.linking.score import MANNER, Points, Scorer
from trucewatch.model.micronats import MICRO, Floats, Ints, array_from_nats
from trucewatch.model.table import Array

_CHUNK = 2_000_000
_SOURCE = MANNER.index("source")
NEGLIGIBLE = -6 * MICRO  # a candidate 400 times less likely than a new incident is none


@dataclass(frozen=True, slots=True)
class Incidents:
    """Incidents as attachment sees them: one point each, and their members for act, accused and source."""

    points: Points
    member_begin: Array  # first position in `members`
    member_count: Array
    members: Points


def attach(claims: Points, incidents: Incidents, scorer: Scorer) -> tuple[Array, Ints]:
    """For each claim the incident that it most likely speaks of (-1: none), and the log-odds of that in micro-nats.

    A claim attaches when all incidents together are likelier than a new one (log-odds of the sum at least `attach`).
    A tie for the best attaches it to none: no order decides (L11).
    """
    n = claims.t.size
    best = np.full(n, -1, dtype=np.int64)
    odds = np.full(n, -CERTAIN, dtype=np.int64)
    left, right = pairs_between(claims, incidents.points, WIDE)
    left, right, score = _scored(claims, incidents, scorer, left, right)
    if not left.size:
        return best, odds
    # Sums run from the greatest score down: in whatever order incidents stand, the last digit is the same (L11).
    order = np.lexsort([-score, left])
    left, right, score = left[order], right[order], score[order]
    heads = np.flatnonzero(np.diff(left, prepend=-1))
    who = left[heads]
    peak = np.maximum.reduceat(score, heads)
    # Sums of exponentials relative to the peak; bincount adds one by one, in the order of pairs.
    slot = np.repeat(np.arange(heads.size), np.diff(np.append(heads, left.size)))
    relative = np.exp((score - peak[slot]) / MICRO)
    total = np.bincount(slot, weights=relative)
    at_peak = score == peak[slot]
    first = np.flatnonzero(at_peak)
    first = first[np.flatnonzero(np.diff(slot[first], prepend=-1))]
    untied = np.bincount(slot, weights=at_peak) == 1
    nats = peak / MICRO
    attaches = untied & (array_from_nats(nats + np.log(total)) >= scorer.parameters.attach)
    rest = np.logaddexp(0.0, nats + np.log(np.maximum(total - 1.0, 1e-300)))
    best[who[attaches]] = right[first[attaches]]
    odds[who] = np.clip(array_from_nats(nats - rest), -CERTAIN, CERTAIN)
    return best, odds


def manner(scorer: Scorer, claims: Points, members: Points, incident: Array, n: int) -> Ints:
    """The terms of MANNER of claims against n incidents, shape (4, n), from each one's members (`incident`: whose).

    The mean over its sources, of each the member that agrees best: who speaks often neither adds nor thins out. Of the
    source term the worst, since who told of it already has told of it.
    """
    terms = scorer.manner(claims, members)
    out = np.zeros((len(terms), n), dtype=np.int64)
    np.minimum.at(out[_SOURCE], incident, terms[_SOURCE])
    terms[_SOURCE] = 0
    agree = terms.sum(axis=0)
    order = np.lexsort([*terms, -agree, members.source, incident])
    at, who = incident[order], members.source[order]
    best = order[(np.diff(at, prepend=-1) != 0) | (np.diff(who, prepend=-2) != 0)]
    at = incident[best]
    count = np.maximum(np.bincount(at, minlength=n), 1)
    for k, term in enumerate(terms):
        if k != _SOURCE:
            out[k] = np.rint(np.bincount(at, weights=term[best], minlength=n) / count).astype(np.int64)
    return out


def unseen_density(claims: Points, parameters: LinkParameters) -> Floats:
    """Log of the rate of incidents that nobody told sharply (per km2 and s) around each claim, times kappa: the terms
    add log kappa, which is for pairs of claims. They are thick where voices are thick."""
    share = parameters.unseen_share * parameters.incident_density / parameters.claim_density
    return np.asarray(claims.log_density + np.log(share * parameters.further_claims))


def _scored(
    claims: Points, incidents: Incidents, scorer: Scorer, left: Array, right: Array
) -> tuple[Array, Array, Ints]:
    """The pairs that count, with micro-nats of their density against a new incident."""
    parts = []
    for k in range(0, left.size, _CHUNK):
        i, j = left[k : k + _CHUNK], right[k : k + _CHUNK]
        mine = claims.take(i)
        field = scorer.field(mine, incidents.points.take(j), unseen_density(mine, scorer.parameters)).sum(axis=0)
        near = field >= NEGLIGIBLE
        i, j, field = i[near], j[near], field[near]
        count = incidents.member_count[j]
        pair = np.repeat(np.arange(i.size), count)
        member = ranges(incidents.member_begin[j], count)
        told = manner(scorer, claims.take(i[pair]), incidents.members.take(member), pair, i.size).sum(axis=0)
        parts.append((i, j, field + told))
    if not parts:
        return left, right, np.empty(0, dtype=np.int64)
    i, j, score = (np.concatenate(x) for x in zip(*parts, strict=True))
    return i, j, score
