"""Rates of overdispersed counts with exposure as offset, and their ratio between two periods.

Negative-binomial log-linear regression (variance mu + phi mu^2; Hilbe 2011) with an intercept for each stratum (day and
night, people and instruments) and one effect of the second period. The score carries half the leverages (Firth 1993),
so that a period without a single event has a finite ratio. The variance is the greater of the model's and of one that
is robust to days that resemble their neighbours (Newey and West 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array

_STEPS = 50
_CLOSE = 1e-7
_MOST_PHI = 20.0
_LAG_DAYS = 7
_LIMIT = 30.0  # nats; beyond it a rate is nothing or everything


@dataclass(frozen=True, slots=True)
class Days:
    """Counts of a series of days, days x strata; `exposure` in days of full coverage, 0 = the day is missing in that
    stratum, and never a day without events."""

    count: Floats
    exposure: Floats

    def take(self, rows: Array) -> Days:
        """Some of the days."""
        return Days(self.count[rows], self.exposure[rows])

    @property
    def seen(self) -> int:
        """How many days have some exposure."""
        return int((self.exposure.sum(axis=1) > 0).sum())

    @property
    def total(self) -> float:
        """Exposure of all days and strata."""
        return float(self.exposure.sum())


@dataclass(frozen=True, slots=True)
class Effect:
    """A rate or a ratio of rates on the log scale, with its standard error."""

    log: float
    se: float


def rate(days: Days) -> Effect | None:
    """Events a day of full coverage, of days of one stratum; None without exposure."""
    return _effect(days, np.zeros(len(days.count), dtype=bool), 0) if days.total > 0 else None


def ratio(before: Days, after: Days) -> Effect | None:
    """The rate `after` over the rate `before`; None where no stratum has exposure in both."""
    both = (before.exposure.sum(axis=0) > 0) & (after.exposure.sum(axis=0) > 0)
    if not both.any():
        return None
    joined = Days(
        np.vstack([before.count, after.count])[:, both], np.vstack([before.exposure, after.exposure])[:, both]
    )
    return _effect(joined, np.arange(len(joined.count)) >= len(before.count), -1)


def _effect(days: Days, late: Array, column: int) -> Effect:
    """Coefficient `column` of the regression on strata and, where some days are `late`, on that."""
    day, stratum = np.nonzero(days.exposure > 0)
    y, e = days.count[day, stratum], days.exposure[day, stratum]
    x = (stratum[:, None] == np.unique(stratum)).astype(float)
    if late.any():
        x = np.column_stack([x, late[day].astype(float)])
    beta, phi = _fitted(x, y, e)
    cov = _covariance(x, y, e, beta, phi, day)
    return Effect(float(beta[column]), float(np.sqrt(cov[column, column])))


def _fitted(x: Floats, y: Floats, e: Floats) -> tuple[Floats, float]:
    """Coefficients and overdispersion, each given the other until both stand still."""
    phi = 0.0
    beta = _coefficients(x, y, e, phi)
    for _ in range(8):
        mu = _means(x, e, beta)
        new = _overdispersion(y, mu, max(1, y.size - x.shape[1]))
        still = abs(new - phi) < 1e-3 * (1 + phi)
        phi = new
        beta = _coefficients(x, y, e, phi, beta)
        if still:
            break
    return beta, phi


def _means(x: Floats, e: Floats, beta: Floats) -> Floats:
    return np.asarray(e * np.exp(np.clip(x @ beta, -_LIMIT, _LIMIT)))


def _coefficients(x: Floats, y: Floats, e: Floats, phi: float, start: Floats | None = None) -> Floats:
    """Firth's estimate by Fisher scoring, steps halved to at most one nat."""
    beta = np.zeros(x.shape[1]) if start is None else start
    for _ in range(_STEPS):
        mu = _means(x, e, beta)
        w = mu / (1 + phi * mu)
        inverse = _inverse(x, w)
        leverage = w * np.einsum("ij,jk,ik->i", x, inverse, x)
        score = x.T @ ((y - mu) / (1 + phi * mu) + leverage / 2)
        step = inverse @ score
        beta = beta + step * min(1.0, 1.0 / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < _CLOSE:
            break
    return beta


def _inverse(x: Floats, w: Floats) -> Floats:
    information = x.T @ (w[:, None] * x)
    return np.asarray(np.linalg.inv(information + 1e-12 * np.eye(len(information))))


def _overdispersion(y: Floats, mu: Floats, freedom: int) -> float:
    """phi at which Pearson's statistic equals its degrees of freedom; 0 where they vary no more than Poisson's."""

    def excess(phi: float) -> float:
        return float(((y - mu) ** 2 / (mu + phi * mu**2 + 1e-300)).sum()) - freedom

    if excess(0.0) <= 0:
        return 0.0
    return _MOST_PHI if excess(_MOST_PHI) > 0 else float(brentq(excess, 0.0, _MOST_PHI, xtol=1e-6))


def _covariance(x: Floats, y: Floats, e: Floats, beta: Floats, phi: float, day: Array) -> Floats:
    """The greater, by coefficient, of the model's covariance and of the robust one."""
    mu = _means(x, e, beta)
    bread = _inverse(x, mu / (1 + phi * mu))
    scores = np.zeros((int(day.max()) + 1, x.shape[1]))
    np.add.at(scores, day, x * ((y - mu) / (1 + phi * mu))[:, None])
    meat = scores.T @ scores
    for lag in range(1, min(_LAG_DAYS, len(scores) - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (_LAG_DAYS + 1)) * (cross + cross.T)
    robust = bread @ meat @ bread
    scale = np.sqrt(np.maximum(1.0, np.diag(robust) / np.diag(bread)))
    return np.asarray(bread * np.outer(scale, scale))
