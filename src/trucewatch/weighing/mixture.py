"""What follows from uncertain links: averages over which voices speak of the incident at all.

Every combination of uncertain voices is added up with its probability; beyond ten of them one fixed set of Halton
points (Halton 1960), indexed by the voices in canonical order, stands for the combinations. Never a stream, a sequence
number or a name: so rebuilt, mirrored and shuffled input give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import expit, ndtr

from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.table import Array

_POINTS = 1024
_CHUNK = 400_000
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


def mix(
    terms: Terms,
    n: int,
    base: Ints,
    base_sd: Floats,
    limits: Ints,
    prior_author: Ints,
    certain: int,
    exact: int,
    interval: bool = True,
) -> Mixed:
    """P = sum over combinations k of pi_k logistic(mu_k), mu_k = base + sum over classes of the sum of
    weights, kept within +- the limit of the class.

    The interval takes the weights as independent Gaussians around their table values: quantiles .05 and .95 of the
    mixture of N(mu_k, s_k2). P(author a and happened) = sum pi_k logistic(mu_k) softmax_a(attributions).
    `base` may differ by incident (micro-nats); `limits` by class; `prior_author` by actor, the last is `other`. Without
    `interval` its bounds stay NaN.
    """
    out = Mixed(np.empty(n), np.full(n, np.nan), np.full(n, np.nan), np.empty((n, prior_author.size)))
    doubtful = (terms.odds < certain) & ((terms.weight != 0) | (terms.author >= 0))
    m = np.bincount(terms.incident[doubtful], minlength=n)
    sums = _Sums(terms, ~doubtful, n, limits.size, prior_author.size)
    order = np.flatnonzero(doubtful)
    order = order[np.argsort(terms.incident[order], kind="stable")]
    begin = np.concatenate([[0], np.cumsum(m)])
    for size in np.unique(m).tolist():
        rows = np.flatnonzero(m == size)
        masks = _combinations(size, exact)
        step = max(1, _CHUNK // masks.shape[0])
        for k in range(0, rows.size, step):
            part = rows[k : k + step]
            picked = terms.take(order[begin[part][:, None] + np.arange(size)].ravel())
            _mix_part(
                out, part, picked, size, masks, size <= exact, sums, base, base_sd, limits, prior_author, interval
            )
    return out


class _Sums:
    """What is certain, summed per incident: weights by class, variance, attributions by actor."""

    def __init__(self, terms: Terms, sure: Array, n: int, classes: int, actors: int) -> None:
        inc = terms.incident[sure]
        self.by_class = _sum2(inc, terms.group[sure], terms.weight[sure], n, classes)
        self.var = np.bincount(inc, weights=terms.sd[sure] ** 2, minlength=n)
        told = sure & (terms.author >= 0)
        self.by_author = _sum2(terms.incident[told], terms.author[told], terms.author_weight[told], n, actors)


def _sum2(row: Array, column: Array, values: Ints, n: int, width: int) -> Ints:
    flat = np.bincount(row * width + column, weights=values, minlength=n * width)
    return np.rint(flat).astype(np.int64).reshape(n, width)


def _mix_part(
    out: Mixed, part: Array, t: Terms, m: int, masks: Array, exact: bool, sums: _Sums, base: Ints, base_sd: Floats,
    limits: Ints, prior_author: Ints, interval: bool,
) -> None:  # fmt: skip
    k = part.size
    shape = (k, m)
    weight, group, odds = t.weight.reshape(shape), t.group.reshape(shape), t.odds.reshape(shape)
    p_link = expit(odds / MICRO)
    if exact:
        mask = np.broadcast_to(masks[None], (k, *masks.shape))
        prob = np.where(mask, p_link[:, None, :], 1.0 - p_link[:, None, :]).prod(axis=2)
    else:
        mask = masks[None] < p_link[:, None, :]
        prob = np.full(mask.shape[:2], 1.0 / masks.shape[0])
    chosen = mask.astype(np.int64)
    mu = np.repeat(base[part][:, None], mask.shape[1], axis=1)
    for c in range(limits.size):
        total = sums.by_class[part, c][:, None] + (chosen * np.where(group == c, weight, 0)[:, None, :]).sum(axis=2)
        mu = mu + np.clip(total, -limits[c], limits[c])
    var = (
        base_sd[part][:, None] ** 2
        + sums.var[part][:, None]
        + (chosen * (t.sd.reshape(shape) ** 2)[:, None, :]).sum(axis=2)
    )
    happened = prob * expit(mu / MICRO)
    out.p[part] = happened.sum(axis=1)
    if interval:
        out.low[part], out.high[part] = _interval(prob, mu / MICRO, np.sqrt(var))
    a, aw = t.author.reshape(shape), t.author_weight.reshape(shape)
    score = np.stack([
        prior_author[j] + sums.by_author[part, j][:, None] + (chosen * np.where(a == j, aw, 0)[:, None, :]).sum(axis=2)
        for j in range(prior_author.size)
    ], axis=2)  # fmt: skip
    ceiling = limits[-1] + prior_author[None, None, :]
    e = np.exp((np.minimum(score, ceiling) - np.minimum(score, ceiling).max(axis=2, keepdims=True)) / MICRO)
    # Sorted before it is summed: which actor comes first in the file must not move the last digit (L3).
    share = e / np.sort(e, axis=2).sum(axis=2, keepdims=True)
    out.authors[part] = (happened[:, :, None] * share).sum(axis=1)


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
    """All 2**m combinations as booleans, or Halton points to be compared with the link probabilities."""
    if m <= exact:
        return np.asarray((np.arange(2**m)[:, None] >> np.arange(m)[None]) & 1 == 1)
    return np.stack([_van_der_corput(_POINTS, p) for p in _primes(m)], axis=1)


def _van_der_corput(n: int, base: int) -> Floats:
    k, out, scale = np.arange(1, n + 1), np.zeros(n), 1.0
    while k.any():
        scale /= base
        out += scale * (k % base)
        k = k // base
    return out


def _primes(n: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < n:
        if all(candidate % p for p in found):
            found.append(candidate)
        candidate += 1
    return found
