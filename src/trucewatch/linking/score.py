"""The one scoring function of linking: do two claims speak of one incident?

Fellegi and Sunter (1969) with densities instead of classes: each term is log P(difference | same) - log P(difference |
different). Under "same" the difference of two places or times is scaled by the claims' declared precisions and has the
heavy tails of Student's t (people overstate how exactly they know). Under "different" it is spread as claims lie just
there and then: thickly along lines, roads and villages, so within r of a claim their number grows as r^D, D about 1
(correlation dimension; Grassberger and Procaccia 1983).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trucewatch.linking.parameters import ActWeights, LinkParameters
from trucewatch.model.micronats import Floats, Ints, array_from_nats, from_nats
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import PLACE_OF
from trucewatch.taxonomy import taxonomy

TERMS = ("prior", "space", "time", "act", "accused", "source", "harm")
MANNER = TERMS[3:]
_ORIGIN, _IMPACT = PLACE_OF.index("origin"), PLACE_OF.index("impact")


@dataclass(frozen=True, slots=True)
class Points:
    """What the score compares, as parallel arrays: claims, or incidents seen as one claim each.

    `act` are positions among the codes of the taxonomy; `accused` and `side` as in the claim table; `source` and
    `published` are -1 for incidents, which have neither; `killed` and `injured` are NaN where not told.
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
    killed: Floats
    injured: Floats
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
        self._act = _act_weights(parameters.acts, tuple(sorted(parameters.act_share.items())))

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
            claims["killed_low"], claims["injured_low"], p.log_density(claims["lat"], claims["lon"]),
        )  # fmt: skip

    def score(self, a: Points, b: Points) -> Ints:
        """Log-odds in micro-nats that a[k] and b[k] speak of one incident: the sum of `terms`."""
        total: Ints = self.terms(a, b).sum(axis=0)
        return total

    def terms(self, a: Points, b: Points) -> Ints:
        """The terms in the order of TERMS, shape (7, pairs): those of `field`, then those of `manner`."""
        return np.concatenate([self.field(a, b, 0.5 * (a.log_density + b.log_density)), self.manner(a, b)])

    def field(self, a: Points, b: Points, log_density: Floats) -> Ints:
        """Prior, space and time, shape (3, pairs).

        prior  log kappa - log lambda           kappa further claims an incident, lambda claims per km2 and s
        space  log t(d; f s) - (1 - D/2) log(reach2 / s2)   s2 = sa2 + sb2 + floor2, t the density of Student's t of
               one degree in the plane; the rest only where s < reach: claims are that much thicker near a claim
        time   log of the density of a common instant: each claim's stated interval is uniform, its edges (the
               instant, where one was stated) blurred by a Student t of two degrees; see `_log_common_instant`
        Both places are known; what has no place is not compared.
        """
        p = self.parameters
        d2 = (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2
        one, two = a.place_of, b.place_of
        mixed = ((one == _ORIGIN) & (two == _IMPACT)) | ((one == _IMPACT) & (two == _ORIGIN))
        s2 = a.sigma_km**2 + b.sigma_km**2 + p.floor_km**2 + np.where(mixed, p.origin_impact_km**2, 0.0)
        space = _log_place(d2, s2, p)
        slop = p.time_spread * np.sqrt(a.t_slop**2 + b.t_slop**2 + p.floor_s**2)
        time = _log_common_instant(np.abs(a.t - b.t), a.t_length, b.t_length, slop)
        prior = np.log(p.further_claims) - log_density
        return np.stack([
            array_from_nats(prior),
            array_from_nats(np.maximum(space, -60.0)),
            array_from_nats(time),
        ])  # fmt: skip

    def manner(self, a: Points, b: Points) -> Ints:
        """The terms of MANNER, shape (4, pairs): fixed weights by how the two relate."""
        return np.stack([self._act[a.act, b.act], self._accused(a, b), self._source(a, b), self._harm(a, b)])

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
        """A side tells an event once; an observer has several eyes, and some see the same."""
        p = self.parameters
        same = (a.source == b.source) & (a.source >= 0)
        once, side = same & (a.published == b.published), a.side >= 0
        return np.select(
            [once & side, same & side, once, same],
            [p.same_bulletin, p.same_source, p.observer_bulletin, p.observer_source],
            0,
        ).astype(np.int64)

    def _harm(self, a: Points, b: Points) -> Ints:
        return self._toll(a.killed, b.killed) + self._toll(a.injured, b.injured)

    def _toll(self, a: Floats, b: Floats) -> Ints:
        """How two counts of killed or injured relate; 0 where neither tells one."""
        p = self.parameters
        told = np.isfinite(a) | np.isfinite(b)
        out = np.zeros(a.size, dtype=np.int64)
        gap = np.abs(a[told] - b[told])
        out[told] = np.select([gap == 0, gap <= 1, gap > 1], [p.harm_same, p.harm_near, p.harm_other], p.harm_one)
        return out


_LEAST_DENSITY = 1e-14  # per second: below it differences of roots are rounding
_TYPE_RIGHT = 0.8  # share of reports that name the kind of act rightly (15 % wrong in the trials of methods.md a)


def _log_place(d2: Floats, s2: Floats, p: LinkParameters) -> Floats:
    """Log of the density of a difference of places under "same", and how much thicker claims lie at that scale."""
    wide = p.space_spread**2 * s2
    same = -1.5 * np.log1p(d2 / wide) - np.log(2 * np.pi * wide)
    return np.asarray(same - (1 - p.dimension / 2) * np.maximum(np.log(p.reach_km**2 / s2), 0.0))


def _log_common_instant(d: Floats, length_a: Floats, length_b: Floats, s: Floats) -> Floats:
    """Log of the integral of f_a f_b over time (1/s): uniform intervals, middles d apart, blurred with scale s.

    The blur is Student's t of two degrees of freedom, s2 / (2 (x2 + s2)^1.5); its second integral is
    G(x) = (x + sqrt(x2 + s2)) / 2. So the density is (G(d+h) - G(d+k) - G(d-k) + G(d-h)) / (A B) with h = (A+B)/2,
    k = (A-B)/2. Two days that do not touch have little, where a Gaussian in place of the uniform would still join
    them; a clock that is off by an hour keeps something. Instants stand as intervals of half a blur.
    """
    a, b = np.maximum(length_a, 0.5 * s), np.maximum(length_b, 0.5 * s)
    h, k, s2 = (a + b) / 2, (a - b) / 2, s * s

    def g(x: Floats) -> Floats:
        out: Floats = np.sqrt(x * x + s2)
        return out

    density = (g(d + h) - g(d + k) - g(d - k) + g(d - h)) / (2 * a * b)
    return np.asarray(np.log(np.maximum(density, _LEAST_DENSITY)))


@lru_cache(maxsize=16)
def _act_weights(weights: ActWeights, shares: tuple[tuple[str, float], ...]) -> Ints:
    """Weights of every two acts of the taxonomy, micro-nats; `shares`: of voices by act, where a fit knows them."""
    acts, known = list(taxonomy().acts), dict(shares)
    out = np.empty((len(acts), len(acts)), dtype=np.int64)
    for i, a in enumerate(acts):
        for j, b in enumerate(acts):
            out[i, j] = _act_weight(a, b, weights, known)
    return out


def _act_weight(a: str, b: str, w: ActWeights, shares: Mapping[str, float]) -> int:
    tax = taxonomy()
    if a == b:
        return w.vague if a == w.unknown or a in _wider() else _same_act(shares.get(a), w.same)
    if tax.covers(a, b) or tax.covers(b, a):
        return w.kin
    if _together(a, b):
        return w.accompanies
    if a.split(".")[0] != b.split(".")[0]:
        return w.other
    if w.unknown in (a, b):
        return w.silent if {a, b} & set(w.silent_acts) else w.explosion
    return w.sibling


@lru_cache(maxsize=1)
def _wider() -> frozenset[str]:
    """Codes that contain others."""
    return frozenset(code.rsplit(".", 1)[0] for code in taxonomy().acts if "." in code)


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
