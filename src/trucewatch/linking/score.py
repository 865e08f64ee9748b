"""The one scoring function of linking: do two claims speak of one incident?

Fellegi and Sunter (1969) with densities instead of classes: each term is log P(difference | same) - log P(difference |
different), where the difference of two places or times is Gaussian with the claims' declared precisions under "same",
and spread like the local density of claims under "different".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtr

from trucewatch.linking.parameters import LinkParameters
from trucewatch.model.micronats import Floats, Ints, array_from_nats, from_nats
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import PLACE_OF
from trucewatch.taxonomy import taxonomy

TERMS = ("prior", "space", "time", "act", "accused", "source")
_ORIGIN, _IMPACT = PLACE_OF.index("origin"), PLACE_OF.index("impact")


@dataclass(frozen=True, slots=True)
class Points:
    """What the score compares, as parallel arrays: claims, or incidents seen as one claim each.

    `act` are positions among the codes of the taxonomy; `accused` and `side` as in the claim table; `source` and
    `published` are -1 for incidents, which have neither.
    """

    x: Floats
    y: Floats
    z: Floats
    sigma_km: Floats
    t: Floats
    t_sd: Floats
    t_length: Floats
    t_slop: Floats
    act: Array
    accused: Array
    side: Array
    place_of: Array
    source: Array
    published: Ints
    log_density: Floats

    def take(self, rows: Array) -> Points:
        """The given rows."""
        return Points(*(getattr(self, name)[rows] for name in self.__slots__))

    def alike(self, rows: Array) -> Array:
        """A number for each of the rows, shared by those that differ in nothing but the source: the first of each
        source of a kind, the second of each, and so on."""
        names = [n for n in self.__slots__ if n not in {"source", "published"}]
        columns = np.stack([np.nan_to_num(getattr(self, n)[rows].astype(np.float64), nan=-1e12) for n in names], axis=1)
        kind = np.unique(columns, axis=0, return_inverse=True)[1].ravel()
        order = np.lexsort([self.source[rows], kind])
        new = np.flatnonzero(
            (np.diff(kind[order], prepend=-1) != 0) | (np.diff(self.source[rows][order], prepend=-1) != 0)
        )
        turn = np.empty(rows.size, dtype=np.int64)
        turn[order] = np.arange(rows.size) - np.repeat(new, np.diff(np.append(new, rows.size)))
        return np.asarray(kind * (rows.size + 1) + turn)

    def put(self, rows: Array, other: Points) -> Points:
        """These points with the given rows replaced by `other`, rows beyond the end added."""
        n = max(self.t.size, int(rows.max(initial=-1)) + 1)
        columns = []
        for name in self.__slots__:
            old, new = getattr(self, name), getattr(other, name)
            column = np.empty(n, dtype=new.dtype)
            column[: old.size] = old
            column[rows] = new
            columns.append(column)
        return Points(*columns)


class Scorer:
    """Scores pairs of points. Holds the relations among the act codes of the taxonomy, and the parameters."""

    def __init__(self, parameters: LinkParameters) -> None:
        self.parameters = parameters
        acts = list(taxonomy().acts)
        self.codes = {code: i for i, code in enumerate(acts)}
        p = parameters
        shares = tuple(sorted(p.act_share.items()))
        self._act = _act_weights(p.act_same, p.act_kin, p.act_accompanies, p.act_sibling, p.act_other, shares)

    def points(self, claims: Table) -> Points:
        """The claims as points; unknown radius stands as `unknown_radius_km`, an unknown place stays NaN."""
        p = self.parameters
        sigma = np.where(claims["exact"], claims["sigma_km"], p.unknown_radius_km)
        sigma = np.where(np.isfinite(claims["lat"]), sigma, np.nan)
        act = np.fromiter((self.codes[a] for a in claims["act"]), dtype=np.int64, count=claims.n)
        return Points(
            claims["x"], claims["y"], claims["z"], sigma, claims["t"], claims["t_sd"], claims["t_length"],
            claims["t_slop"], act, claims["accused"],
            claims["side"], claims["place_of"], claims["voice_source"], claims["published"],
            p.log_density(claims["lat"], claims["lon"]),
        )  # fmt: skip

    def score(self, a: Points, b: Points) -> Ints:
        """Log-odds in micro-nats that a[k] and b[k] speak of one incident: the sum of `terms`."""
        total: Ints = self.terms(a, b).sum(axis=0)
        return total

    def terms(self, a: Points, b: Points) -> Ints:
        """The terms in the order of TERMS, shape (6, pairs): those of `field`, then those of `manner`."""
        return np.concatenate([self.field(a, b, 0.5 * (a.log_density + b.log_density)), self.manner(a, b)])

    def field(self, a: Points, b: Points, log_density: Floats) -> Ints:
        """Prior, space and time, shape (3, pairs).

        prior  log kappa - log lambda           kappa further claims an incident, lambda claims per km2 and s
        space  log((1-e) N2(d; s) + e N2(d; f s))    s2 = sa2 + sb2 + floor2
        time   log of the density of a common instant: each claim's stated interval is uniform, blurred by the
               Gaussian slop of its edges (of the instant, where one was stated); see `_log_common_instant`
        Both places are known; what has no place is not compared.
        """
        p = self.parameters
        d2 = (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2
        one, two = a.place_of, b.place_of
        mixed = ((one == _ORIGIN) & (two == _IMPACT)) | ((one == _IMPACT) & (two == _ORIGIN))
        s2 = a.sigma_km**2 + b.sigma_km**2 + p.floor_km**2 + np.where(mixed, p.origin_impact_km**2, 0.0)
        space = _log_slip(d2, s2, p.slip_share, p.slip_factor)
        slop = np.sqrt(a.t_slop**2 + b.t_slop**2 + p.floor_s**2)
        time = _log_common_instant(np.abs(a.t - b.t), a.t_length, b.t_length, slop)
        prior = np.log(p.further_claims) - log_density
        return np.stack([
            array_from_nats(prior),
            array_from_nats(np.maximum(space, -60.0)),
            array_from_nats(time),
        ])  # fmt: skip

    def manner(self, a: Points, b: Points) -> Ints:
        """Act, accused and source, shape (3, pairs): fixed weights by how the two relate."""
        return np.stack([self._act[a.act, b.act], self._accused(a, b), self._source(a, b)])

    def _accused(self, a: Points, b: Points) -> Ints:
        p = self.parameters
        both = (a.accused != -1) & (b.accused != -1)
        same_side, same_accused = a.side == b.side, a.accused == b.accused
        opposite = both & ~same_side & (a.side >= 0) & (b.side >= 0) & ~same_accused
        return np.select(
            [both & same_side & same_accused, both & same_side & ~same_accused, opposite],
            [p.accused_same, p.accused_other, p.accused_reciprocal],
            0,
        ).astype(np.int64)

    def _source(self, a: Points, b: Points) -> Ints:
        p = self.parameters
        same = (a.source == b.source) & (a.source >= 0)
        return np.select([same & (a.published == b.published), same], [p.same_bulletin, p.same_source], 0).astype(
            np.int64
        )


_SQRT_2PI = math.sqrt(2 * math.pi)
_LEAST_DENSITY = 1e-14  # per second: below it differences of G are rounding
_TYPE_RIGHT = 0.8  # share of reports that name the kind of act rightly (15 % wrong in the trials of methods.md a)


def _log_slip(d2: Floats, s2: Floats, share: float, factor: float) -> Floats:
    """Log of the density of a round 2-D Gaussian in which a `share` of declared precisions is `factor` too sharp."""
    core = -0.5 * d2 / s2 - np.log(2 * np.pi * s2)
    wide = s2 * factor**2
    slip = -0.5 * d2 / wide - np.log(2 * np.pi * wide)
    return np.asarray(np.logaddexp(np.log1p(-share) + core, np.log(share) + slip))


def _log_common_instant(d: Floats, length_a: Floats, length_b: Floats, s: Floats) -> Floats:
    """Log of the integral of f_a f_b over time (1/s): uniform intervals, middles d apart, blurred by a Gaussian of s.

    With G(x) = x Phi(x/s) + s phi(x/s), the second integral of the normal density, it is
    (G(d+h) - G(d+k) - G(d-k) + G(d-h)) / (A B), h = (A+B)/2, k = |A-B|/2. Two days that do not touch have next to none,
    where a Gaussian in place of the uniform would still join them. Instants stand as intervals of half a blur.
    """
    a, b = np.maximum(length_a, 0.5 * s), np.maximum(length_b, 0.5 * s)
    h, k = (a + b) / 2, np.abs(a - b) / 2

    def g(x: Floats) -> Floats:
        u = x / s
        out: Floats = x * ndtr(u) + s * np.exp(-0.5 * u * u) / _SQRT_2PI
        return out

    density = (g(d + h) - g(d + k) - g(d - k) + g(d - h)) / (a * b)
    return np.asarray(np.log(np.maximum(density, _LEAST_DENSITY)))


@lru_cache(maxsize=16)
def _act_weights(
    same: int, kin: int, accompanies: int, sibling: int, other: int, shares: tuple[tuple[str, float], ...]
) -> Ints:
    """Weights of every two acts of the taxonomy, micro-nats; `shares`: of voices by act, where a fit knows them."""
    tax, known = taxonomy(), dict(shares)
    acts = list(tax.acts)
    out = np.empty((len(acts), len(acts)), dtype=np.int64)
    for i, a in enumerate(acts):
        for j, b in enumerate(acts):
            if a == b:
                w = _same_act(known.get(a), same)
            elif tax.covers(a, b) or tax.covers(b, a):
                w = kin
            elif _together(a, b):
                w = accompanies
            elif a.split(".")[0] == b.split(".")[0]:
                w = sibling
            else:
                w = other
            out[i, j] = w
    return out


def _same_act(share: float | None, usual: int) -> int:
    """Agreement on a rare act tells more: log(share right / share of the act), where a fit knows the share."""
    return from_nats(min(max(math.log(_TYPE_RIGHT / share), 0.2), 2.5)) if share else usual


def _together(a: str, b: str) -> bool:
    tax = taxonomy()
    return any(tax.covers(c, b) for c in _accompanies(a)) or any(tax.covers(c, a) for c in _accompanies(b))


def _accompanies(code: str) -> frozenset[str]:
    """What an act shows together with, its own and its parents'."""
    tax, out = taxonomy(), set[str]()
    parts = code.split(".")
    for k in range(1, len(parts) + 1):
        act = tax.acts.get(".".join(parts[:k]))
        if act is not None:
            out |= set(act.accompanies)
    return frozenset(out)
