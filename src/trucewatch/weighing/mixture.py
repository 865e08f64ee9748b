"""What follows from uncertain links: averages over which voices speak of the incident at all.

Every combination of uncertain voices is added up with its probability; beyond ten of them one fixed set of
points (fractions of multiples of the roots of primes, Richtmyer 1951), indexed by the voices in canonical order, stands
for the combinations. Never a stream, a sequence
number or a name: so rebuilt, mirrored and shuffled input give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.normal import expit, ndtr
from trucewatch.model.table import Array

_POINTS = 1024
_CHUNK = 1_000_000  # numbers held at once in one array
_Q90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Terms:
    """Weights that bear on incidents, one row a voice; in canonical order within an incident.

    `incident`: 0 .. n-1; `weight`: micro-nats; `sd`: nats; `group`: class whose sum has a limit; `odds`: log-odds of
    the link, micro-nats; `author`: actor that the voice attributes it to (-1 none) with `author_weight`.
    """

    incident: Array
    weight: Ints
    sd: Floats
    group: Array
    odds: Ints
    author: Array
    author_weight: Ints

    def take(self, rows: Array) -> Terms:
        """The given rows."""
        return Terms(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Mixed:
    """Per incident: P(happened), its 90 % interval, and P(happened and author is a), shape (n, actors + 1)."""

    p: Floats
    low: Floats
    high: Floats
    authors: Floats


@dataclass(frozen=True, slots=True)
class LeftOut:
    """P(happened) without one speaker's words, a row for each speaker of an incident, by incident."""

    incident: Array
    speaker: Array
    p: Floats


def mix(
    terms: Terms, speaker: Array, n: int, base: Ints, base_sd: Floats, limits: Ints, prior_author: Ints, certain: int,
    exact: int,
) -> tuple[Mixed, LeftOut]:  # fmt: skip
    """P = sum over combinations k of pi_k logistic(mu_k), mu_k = base + sum over classes of the sum of weights, kept
    within +- the limit of the class.

    The interval takes the weights as independent Gaussians around their table values: quantiles .05 and .95 of the
    mixture of N(mu_k, s_k2). P(author a and happened) = sum pi_k logistic(mu_k) softmax_a(attributions). Without a
    speaker (`speaker`, along the terms) its weights are taken from the sums of each combination.
    `base` may differ by incident (micro-nats); `limits` by class; `prior_author` by actor, the last is `other`.
    """
    out = Mixed(np.empty(n), np.full(n, np.nan), np.full(n, np.nan), np.empty((n, prior_author.size)))
    doubtful = (terms.odds < certain) & ((terms.weight != 0) | (terms.author >= 0))
    m = np.bincount(terms.incident[doubtful], minlength=n)
    sums = _Sums(terms, ~doubtful, n, limits.size, prior_author.size)
    pairs = _Pairs(terms, speaker, ~doubtful, n, limits.size)
    order = np.flatnonzero(doubtful)
    order = order[np.argsort(terms.incident[order], kind="stable")]
    begin = np.concatenate([[0], np.cumsum(m)])
    for size in np.unique(m).tolist():
        rows = np.flatnonzero(m == size)
        masks = _combinations(size, exact)
        step = max(1, _CHUNK // (masks.shape[0] * max(size, limits.size)))
        for k in range(0, rows.size, step):
            incidents = rows[k : k + step]
            at = order[begin[incidents][:, None] + np.arange(size)]
            part = _Part(incidents, terms.take(at.ravel()), masks, size <= exact, sums, base, limits)
            out.p[incidents] = (part.prob * expit(part.mu / MICRO)).sum(axis=1)
            out.low[incidents], out.high[incidents] = part.interval(sums, base_sd)
            out.authors[incidents] = part.authors(sums, prior_author, limits[-1])
            pairs.leave_out(part, at, limits)
    return out, LeftOut(pairs.incident, pairs.speaker, pairs.p)


class _Sums:
    """What is certain, summed per incident: weights by class, variance (millionths), attributions by actor."""

    def __init__(self, terms: Terms, sure: Array, n: int, classes: int, actors: int) -> None:
        inc = terms.incident[sure]
        self.by_class = _sum2(inc, terms.group[sure], terms.weight[sure], n, classes)
        self.var = np.bincount(inc, weights=_millionths(terms.sd[sure]), minlength=n)
        told = sure & (terms.author >= 0)
        self.by_author = _sum2(terms.incident[told], terms.author[told], terms.author_weight[told], n, actors)


def _sum2(row: Array, column: Array, values: Ints, n: int, width: int) -> Ints:
    flat = np.bincount(row * width + column, weights=values, minlength=n * width)
    return np.rint(flat).astype(np.int64).reshape(n, width)


def _millionths(sd: Floats) -> Floats:
    """Variances as whole millionths, so that they add up to the same in any order."""
    return np.asarray(np.rint(sd**2 * 1e6))


class _Part:
    """Some incidents with equally many uncertain voices. `chosen` (incident, combination, voice): 1 where it speaks of
    the incident; `prob`, `mu`: of each combination; `totals`: sums by class. Sums of whole numbers, exact as floats."""

    def __init__(
        self, incidents: Array, terms: Terms, masks: Array, exact: bool, sums: _Sums, base: Ints, limits: Ints
    ) -> None:
        self.incidents, self.terms = incidents, terms
        self.shape = incidents.size, masks.shape[1]
        p_link = expit(terms.odds.reshape(self.shape) / MICRO)
        if exact:
            mask = np.broadcast_to(masks[None], (incidents.size, *masks.shape))
            self.prob = np.where(mask, p_link[:, None, :], 1.0 - p_link[:, None, :]).prod(axis=2)
        else:
            mask = masks[None] < p_link[:, None, :]
            self.prob = np.full(mask.shape[:2], 1.0 / masks.shape[0])
        self.chosen = mask.astype(np.float64)
        self.totals = self._summed(terms.group, terms.weight, limits.size) + sums.by_class[incidents][:, None, :]
        self.mu = base[incidents][:, None] + np.clip(self.totals, -limits, limits).sum(axis=2)

    def _summed(self, column: Array, values: Ints, width: int) -> Floats:
        """Sums of the chosen voices' values by column, shape (incident, combination, width); column -1: none."""
        spread = np.where(column.reshape(self.shape)[:, :, None] == np.arange(width), values.reshape(*self.shape, 1), 0)
        return np.asarray(self.chosen @ spread.astype(np.float64))

    def interval(self, sums: _Sums, base_sd: Floats) -> tuple[Floats, Floats]:
        var = self.chosen @ _millionths(self.terms.sd).reshape(*self.shape, 1)
        known = sums.var[self.incidents] + np.rint(base_sd[self.incidents] ** 2 * 1e6)
        return _interval(self.prob, self.mu / MICRO, np.sqrt((var[:, :, 0] + known[:, None]) / 1e6))

    def authors(self, sums: _Sums, prior: Ints, limit: int) -> Floats:
        score = self._summed(self.terms.author, self.terms.author_weight, prior.size)
        score = np.minimum(score + sums.by_author[self.incidents][:, None, :], limit) + prior
        e = np.exp((score - score.max(axis=2, keepdims=True)) / MICRO)
        # Sorted before it is summed: which actor comes first in the file must not move the last digit (L3).
        share = e / np.sort(e, axis=2).sum(axis=2, keepdims=True)
        happened = self.prob * expit(self.mu / MICRO)
        return np.asarray((happened[:, :, None] * share).sum(axis=1))


class _Pairs:
    """Speakers of incidents, by incident: what each said for certain, by class, and P(happened) without it."""

    def __init__(self, terms: Terms, speaker: Array, sure: Array, n: int, classes: int) -> None:
        both = np.stack([terms.incident, speaker], axis=1).reshape(-1, 2)
        found, of_term = np.unique(both, axis=0, return_inverse=True)
        self.incident, self.speaker = found[:, 0], found[:, 1]
        self.of_term = of_term.reshape(-1)
        self.sure = _sum2(self.of_term[sure], terms.group[sure], terms.weight[sure], self.incident.size, classes)
        self.p = np.empty(self.incident.size)
        self.begin = np.searchsorted(self.incident, np.arange(n + 1))

    def leave_out(self, part: _Part, at: Array, limits: Ints) -> None:
        """Fill in `p` for the speakers of a part; `at`: the rows of its terms among all terms."""
        count = self.begin[part.incidents + 1] - self.begin[part.incidents]
        local = np.repeat(np.arange(part.incidents.size), count)
        first = np.repeat(self.begin[part.incidents] - np.cumsum(count) + count, count)
        pairs = first + np.arange(local.size)
        of_term = self.of_term[at.ravel()]
        step = max(1, _CHUNK // part.mu.shape[1])
        for k in range(0, pairs.size, step):
            some = slice(k, k + step)
            self.p[pairs[some]] = self._without(part, pairs[some], local[some], of_term, limits)

    def _without(self, part: _Part, pairs: Array, local: Array, of_term: Array, limits: Ints) -> Floats:
        mu = part.mu[local]
        place = np.searchsorted(pairs, of_term)
        mine = (place < pairs.size) & (pairs[np.minimum(place, pairs.size - 1)] == of_term)
        for c in range(limits.size):
            said = np.zeros((pairs.size, mu.shape[1]))
            said += self.sure[pairs, c][:, None]
            terms = np.flatnonzero(mine & (part.terms.group == c))
            terms = terms[np.argsort(place[terms], kind="stable")]
            if terms.size:
                weighed = part.chosen[terms // part.shape[1], :, terms % part.shape[1]]
                weighed = weighed * part.terms.weight[terms][:, None]
                heads = np.flatnonzero(np.diff(place[terms], prepend=-1))
                said[place[terms[heads]]] += np.add.reduceat(weighed, heads, axis=0)
            touched = np.flatnonzero(said.any(axis=1))
            total = part.totals[local[touched], :, c]
            rest = np.clip(total - said[touched], -limits[c], limits[c])
            mu[touched] += rest - np.clip(total, -limits[c], limits[c])
        return np.asarray((part.prob[local] * expit(mu / MICRO)).sum(axis=1))


def _interval(prob: Floats, mu: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Quantiles .05 and .95 of mixtures of normals, by bisection on the log-odds scale."""
    if prob.shape[1] == 1:
        return expit(mu[:, 0] - _Q90 * sd[:, 0]), expit(mu[:, 0] + _Q90 * sd[:, 0])
    bounds = []
    for q in (0.05, 0.95):
        lo, hi = (mu - 8 * sd).min(axis=1), (mu + 8 * sd).max(axis=1)
        for _ in range(34):
            mid = 0.5 * (lo + hi)
            below = (prob * ndtr((mid[:, None] - mu) / sd)).sum(axis=1) < q
            lo, hi = np.where(below, mid, lo), np.where(below, hi, mid)
        bounds.append(expit(0.5 * (lo + hi)))
    return bounds[0], bounds[1]


@lru_cache(maxsize=64)
def _combinations(m: int, exact: int) -> Array:
    """All 2**m combinations as booleans, or points of the unit cube to be compared with the link probabilities.

    Roots of primes and no digits reversed: those of large bases run side by side, so that hundreds of voices would be
    taken together or left out together.
    """
    if m <= exact:
        return np.asarray((np.arange(2**m)[:, None] >> np.arange(m)[None]) & 1 == 1)
    return np.asarray(np.outer(np.arange(1, _POINTS + 1), np.sqrt(_primes(m))) % 1.0)


def _primes(n: int) -> Floats:
    """The first n primes."""
    top = int(n * (np.log(n + 2) + np.log(np.log(n + 3)) + 2)) + 10
    prime = np.ones(top, dtype=bool)
    prime[:2] = False
    for k in range(2, int(top**0.5) + 1):
        if prime[k]:
            prime[k * k :: k] = False
    return np.flatnonzero(prime)[:n].astype(np.float64)
