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
from trucewatch.linking.score import Points, Scorer
from trucewatch.model.micronats import MICRO, Ints, array_from_nats
from trucewatch.model.table import Array

_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Incidents:
    """Incidents as attachment sees them: one point each, and their members for what has no mean (act, accused, source)."""

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
    if not left.size:
        return best, odds
    score = np.concatenate(
        [
            _score(claims, incidents, scorer, left[k : k + _CHUNK], right[k : k + _CHUNK])
            for k in range(0, left.size, _CHUNK)
        ]
    )
    heads = np.flatnonzero(np.diff(left, prepend=-1))
    who = left[heads]
    peak = np.maximum.reduceat(score, heads)
    # Sums of exponentials relative to the peak, in the order of pairs; bincount adds one by one.
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


def _score(claims: Points, incidents: Incidents, scorer: Scorer, left: Array, right: Array) -> Ints:
    """Micro-nats of density against a new incident, for pairs (claim, incident)."""
    a, b = claims.take(left), incidents.points.take(right)
    unseen = np.full(left.size, np.log(scorer.parameters.incident_density * scorer.parameters.further_claims))
    prior, space, time, *_ = scorer.terms(a, b, log_density=unseen)
    count = incidents.member_count[right]
    pair = np.repeat(np.arange(left.size), count)
    member = ranges(incidents.member_begin[right], count)
    told = scorer.terms(claims.take(left[pair]), incidents.members.take(member))[3:].sum(axis=0)
    mean = np.rint(np.bincount(pair, weights=told, minlength=left.size) / count).astype(np.int64)
    return np.asarray(prior + space + time + mean)
