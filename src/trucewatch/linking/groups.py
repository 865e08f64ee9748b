"""What linking keeps of clusters and of the estimated places and times of incidents, and small work on labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from trucewatch.linking.blocking import Levels
from trucewatch.linking.components import CERTAIN
from trucewatch.linking.score import Points
from trucewatch.model.claims import earth_xyz
from trucewatch.model.micronats import Ints
from trucewatch.model.table import Array

CENTRE = ("lat", "lon", "cov_ee", "cov_nn", "t", "t_sd")


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """A person's link, split or merge, already resolved to rows of the claim table; in the order of `at`."""

    verb: str
    rows: tuple[int, ...]


@dataclass(slots=True)
class Groups:
    """A clustering of some rows: component and cluster of each (named by one of its rows; -1 = not of this kind)."""

    levels: Levels
    component: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    label: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    odds: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    warnings: dict[int, list[str]] = field(default_factory=dict)

    def grow(self, n: int) -> None:
        """Room for n rows."""
        self.component, self.label = grown(self.component, n, -1), grown(self.label, n, -1)
        self.odds = grown(self.odds, n, CERTAIN)


@dataclass(slots=True)
class Centres:
    """Estimated place and time of incidents, at the position of the row that names each; NaN where there is none."""

    values: dict[str, Array] = field(default_factory=lambda: {k: np.empty(0) for k in CENTRE})

    def grow(self, n: int) -> None:
        """Room for n rows."""
        self.values = {k: grown(v, n, np.nan) for k, v in self.values.items()}

    def points(self, labels: Array, lead: Points, unknown_km: float) -> Points:
        """Those incidents as points; `lead`: the points of the rows that name them; `unknown_km`: an unknown sigma."""
        v = {k: a[labels] for k, a in self.values.items()}
        x, y, z = earth_xyz(v["lat"], v["lon"])
        sigma = np.sqrt((v["cov_ee"] + v["cov_nn"]) / 2)
        sigma = np.where(np.isfinite(sigma), sigma, unknown_km)
        absent, none = np.full(labels.size, -1), np.full(labels.size, np.nan)
        return Points(
            x, y, z, sigma, v["t"], v["t_sd"], np.zeros(labels.size), v["t_sd"], absent, absent, absent, lead.place_of,
            absent, absent, none, none, lead.log_density,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed: rows whose link is new or other, labels of incidents that changed, and those of the
    incidents that the rows were in before."""

    rows: Array
    changed: Array
    before: Array


def within(t: Array, of: Array, levels: Levels) -> Array:
    """Flag of times that lie within two slots of the widest level of some time of `of`; NaN does not."""
    reach = 2 * levels[-1][3]
    with np.errstate(invalid="ignore"):
        return np.asarray((t >= of.min() - reach) & (t <= of.max() + reach))


def grown(array: Array, n: int, fill: float) -> Array:
    """A copy of the array with room for n rows."""
    out = np.full(n, fill, dtype=array.dtype)
    out[: array.size] = array
    return out


def ends(pointer: Array) -> Array:
    """Where each row's chain of pointers ends; somewhere on it where the chain goes round."""
    for _ in range(max(1, int(pointer.size).bit_length())):
        following = pointer[pointer]
        if np.array_equal(following, pointer):
            break
        pointer = following
    return pointer


def by_least_row(label: Array) -> Array:
    """The same groups, each named by its least row; -1 stays."""
    rows = np.flatnonzero(label >= 0)
    least = np.full(int(label.max(initial=-1)) + 1, label.size)
    np.minimum.at(least, label[rows], rows)
    out = np.full(label.size, -1, dtype=np.int64)
    out[rows] = least[label[rows]]
    return out
