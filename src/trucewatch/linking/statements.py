"""Which statements can be one and the same told twice: those that agree in side, kind of act, accused, time and place.

`mismatch` says how far two are apart; `could_be_one` finds the pairs among many claims, by a join in space and time, so
that only the words of claims that could be copies are ever compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trucewatch.linking.blocking import Levels, pairs_across
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import STANCES

_DENIES = STANCES.index("denies")
LOOSE = 3.0  # standard deviations within which places and times of a copy and its origin agree
_UNKNOWN_KM, _SLACK_KM2, _SLACK_S2 = 30.0, 0.25, 60.0**2  # sigma of an unknown place; what rounding alone moves
_BLOCK = 8_192  # claims that are compared with those near them at once, so that memory stays bounded
_FEW = 100_000  # pairs that are sooner compared than sorted out
_FINER: tuple[tuple[float, float], ...] = ((1.0, 2_400.0), (2.5, 4_000.0), (6.5, 9_500.0), (10.0, 26_000.0))


def mismatch(claims: Table, a: Array, b: Array) -> Floats:
    """How far apart two statements are (sum of squared standardised differences); infinite where they cannot be one.

    They cannot be one where one denies and the other does not, where the acts differ in kind, where both name an
    accused and not the same, or where the stated times or places do not overlap.
    """
    st2 = claims["t_sd"][a] ** 2 + claims["t_sd"][b] ** 2 + _SLACK_S2
    dt2 = (claims["t"][a] - claims["t"][b]) ** 2 / st2
    d2 = sum((claims[k][a] - claims[k][b]) ** 2 for k in ("x", "y", "z"))
    sa, sb = (np.nan_to_num(claims["sigma_km"][k], nan=_UNKNOWN_KM) for k in (a, b))
    dd2 = np.where(np.isfinite(d2), d2 / (sa**2 + sb**2 + _SLACK_KM2), 0.0)
    overlap = (claims["start"][a] <= claims["end"][b]) & (claims["start"][b] <= claims["end"][a])
    acc_a, acc_b = claims["accused"][a], claims["accused"][b]
    fits = (
        ((claims["stance"][a] == _DENIES) == (claims["stance"][b] == _DENIES))
        & (claims["act_kind"][a] == claims["act_kind"][b])
        & ((acc_a == acc_b) | (acc_a == -1) | (acc_b == -1))
        & (overlap | (dt2 <= LOOSE**2))
        & (dd2 <= LOOSE**2)
    )
    return np.where(fits, dt2 + dd2, np.inf)


def could_be_one(claims: Table, rows: Array, among: Array) -> Iterator[tuple[Array, Array, Floats]]:
    """Pairs (row, other) of claims of one side that could be one statement, with their mismatch, in pieces; the
    whole of a row's pairs is in one piece. A claim without a place fits any place."""
    kind = (claims["side"] * (int(claims["act_kind"].max(initial=0)) + 2) + claims["act_kind"] + 1) * 2
    kind += claims["stance"] == _DENIES
    if not rows.size or not among.size:
        return
    levels = _levels(claims, np.concatenate([rows, among]))
    placed = np.isfinite(claims["lat"])
    for k in np.unique(kind[rows]).tolist():
        mine, others = rows[kind[rows] == k], among[kind[among] == k]
        mine = mine[np.argsort(claims["t"][mine], kind="stable")]
        for first in range(0, mine.size, _BLOCK):
            block = mine[first : first + _BLOCK]
            near = others[_near(claims, others, block, levels)]
            found = [
                _joined(claims, block[placed[block] == one], near[placed[near] == two], levels, one and two)
                for one in (True, False)
                for two in (True, False)
            ]
            a, b = (np.concatenate(x) for x in zip(*found, strict=True))
            apart = mismatch(claims, a, b)
            keep = np.isfinite(apart) & (a != b)
            yield a[keep], b[keep], apart[keep]


@dataclass(frozen=True, slots=True)
class _Spots:
    """Claims as what the join compares; see `blocking.Placed`."""

    x: Floats
    y: Floats
    z: Floats
    sigma_km: Floats
    t: Floats
    t_sd: Floats

    def take(self, rows: Array) -> _Spots:
        return _Spots(*(getattr(self, name)[rows] for name in self.__slots__))


def _joined(claims: Table, rows: Array, others: Array, levels: Levels, by_place: bool) -> tuple[Array, Array]:
    if rows.size * others.size <= _FEW:
        return np.repeat(rows, others.size), np.tile(others, rows.size)
    a, b = pairs_across(_spots(claims, rows, by_place), _spots(claims, others, by_place), levels)
    return rows[a], others[b]


def _spots(claims: Table, rows: Array, by_place: bool) -> _Spots:
    t, sd = claims["t"][rows], _reach_sd(claims, rows)
    if not by_place:
        nowhere = np.zeros(rows.size)
        return _Spots(nowhere, nowhere, nowhere, nowhere, t, sd)
    sigma = np.nan_to_num(claims["sigma_km"][rows], nan=_UNKNOWN_KM)
    return _Spots(claims["x"][rows], claims["y"][rows], claims["z"][rows], sigma, t, sd)


def _reach_sd(claims: Table, rows: Array) -> Floats:
    """Standard deviation of a claim's time in seconds, or what of its interval reaches as far as LOOSE of it would."""
    half = np.maximum(claims["end"][rows] / 1e6 - claims["t"][rows], claims["t"][rows] - claims["start"][rows] / 1e6)
    return np.asarray(np.maximum(claims["t_sd"][rows], half * np.sqrt(2) / LOOSE))


def _levels(claims: Table, rows: Array) -> Levels:
    """Grids on which neighbour cells hold every pair that can be one: edges are the reach of two claims of a level."""
    sigma = np.nan_to_num(claims["sigma_km"][rows], nan=_UNKNOWN_KM)
    sd = _reach_sd(claims, rows)
    most = float(sigma.max(initial=_FINER[-1][0])), float(sd.max(initial=_FINER[-1][1]))
    return tuple(
        (s, d, LOOSE * np.sqrt(2 * s**2 + _SLACK_KM2) + 1e-6, LOOSE * np.sqrt(2 * d**2 + _SLACK_S2) + 1e-6)
        for s, d in (*_FINER, most)
    )


def _near(claims: Table, others: Array, block: Array, levels: Levels) -> Array:
    """Flag of the others that some claim of the block could reach in time."""
    t = claims["t"][block]
    reach = levels[-1][3]
    return np.asarray((claims["t"][others] >= t.min() - reach) & (claims["t"][others] <= t.max() + reach))
