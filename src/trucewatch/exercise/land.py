"""The invented land: a line between two sides, towns, villages, districts, places of one name, places of two names.

It lies in the open ocean,
where nobody can take it for a country. Inside the generator places are km in a plane: x along
the line, y across it, side 0 above the line. A degree of latitude is 111.2 km; the plane is flat,
since it is small across.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from trucewatch.exercise.settings import Settings

Floats = npt.NDArray[Any]  # of numbers
Ints = npt.NDArray[Any]  # of positions and codes

LAT0, LON0 = -29.0, 70.0
_KM_LAT = 111.2
_KM_LON = _KM_LAT * math.cos(math.radians(LAT0))
_DISTRICT_KM = 26.0
VILLAGE, TOWN, DISTRICT = 0, 1, 2
_ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gl",
    "h",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u", "ae", "oe", "ei")
_CODAS = ("", "l", "m", "n", "nd", "r", "rn", "s", "sk", "th", "v")
_ENDINGS = (("ova", "ene", "isk", "arn", "olt", "eva"), ("ath", "ume", "ard", "inga", "ost", "ell"))  # by side


def to_degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude of places in the plane."""
    return LAT0 + y / _KM_LAT, LON0 + x / _KM_LON


@dataclass(frozen=True)
class Land:
    """Places as parallel arrays; `names[s][k]` is what side s calls place k; radius_km holds the place."""

    length_km: float
    waves: tuple[tuple[float, float, float], ...]
    shift_km: float
    x: Floats
    y: Floats
    side: Ints
    kind: Ints
    radius_km: Floats
    population: Ints
    names: tuple[tuple[str, ...], tuple[str, ...]]

    def line(self, x: Floats) -> Floats:
        """y of the actual line at x."""
        out: Floats = np.zeros_like(np.asarray(x, dtype=float))
        for amplitude, wavelength, phase in self.waves:
            out += amplitude * np.sin(2 * np.pi * x / wavelength + phase)
        return out

    def drawn(self, agreed: bool = False) -> Floats:
        """The line as points (n, 2) in km: the actual one, or the agreed one, which runs a little to one side."""
        x = np.linspace(-20.0, self.length_km + 120.0, max(60, int(self.length_km / 2)))
        y = self.line(x) + (self.shift_km * np.cos(x / 37.0) if agreed else 0.0)
        return np.column_stack([x, y])

    @cached_property
    def ranges(self) -> Floats:
        """The agreed training range of each side: x, y, radius in km."""
        x = np.array([0.93, 0.93]) * self.length_km
        return np.column_stack([x, self.line(x) + np.array([18.0, -18.0]), np.full(2, 3.0)])

    @cached_property
    def shapes(self) -> tuple[shapely.LineString, shapely.LineString]:
        """The actual and the agreed line, in km."""
        return shapely.LineString(self.drawn()), shapely.LineString(self.drawn(agreed=True))

    @cached_property
    def settled(self) -> Ints:
        """Positions of towns and villages."""
        return np.flatnonzero(self.kind != DISTRICT)

    @cached_property
    def _trees(self) -> list[Any]:
        out = [cKDTree(np.column_stack([self.x[self.settled], self.y[self.settled]]))]
        for rows in (np.flatnonzero(self.kind == DISTRICT), *(self._of_side(s) for s in (0, 1))):
            out.append(cKDTree(np.column_stack([self.x[rows], self.y[rows]])))
        return out

    def _of_side(self, side: int) -> Ints:
        rows: Ints = self.settled[self.side[self.settled] == side]
        return rows

    def village(self, x: Floats, y: Floats) -> Ints:
        """The town or village nearest to each point."""
        return self.settled[self._trees[0].query(np.column_stack([x, y]))[1]] if len(x) else np.zeros(0, np.int64)

    def district(self, x: Floats, y: Floats) -> Ints:
        """The district nearest to each point."""
        rows = np.flatnonzero(self.kind == DISTRICT)
        return rows[self._trees[1].query(np.column_stack([x, y]))[1]] if len(x) else np.zeros(0, np.int64)

    def village_of(self, side: Ints, x: Floats, y: Floats) -> Ints:
        """The nearest town or village of the given sides."""
        out = np.zeros(len(x), dtype=np.int64)
        for s in (0, 1):
            mine = np.flatnonzero(side == s)
            if mine.size:
                out[mine] = self._of_side(s)[self._trees[2 + s].query(np.column_stack([x[mine], y[mine]]))[1]]
        return out


def make_land(settings: Settings) -> Land:
    """The land of a seed; both sides have as much of everything."""
    r = settings.rng(1)
    length = settings.length_km
    waves = tuple((float(a), float(w), float(p)) for a, w, p in zip(
        r.uniform(1.0, 4.0, 3), r.uniform(50, 150, 3), r.uniform(0, 2 * np.pi, 3), strict=True
    ))  # fmt: skip
    shift = float(r.uniform(1.0, 2.5)) * (1 if r.random() < 0.5 else -1)
    rough = Land(length, waves, shift, *(np.zeros(0),) * 2, *(np.zeros(0, np.int64),) * 2, np.zeros(0),
        np.zeros(0, np.int64), ((), ()))  # fmt: skip
    parts: list[tuple[Any, ...]] = []
    for side in (0, 1):
        sign = 1 - 2 * side
        for kind, n, near, far, radius in (
            (TOWN, max(2, round(length / 25)), 3.0, 22.0, 3.0),
            (VILLAGE, max(8, round(length / 3.2)), 0.8, 26.0, 1.6),
        ):
            x = r.uniform(0, length, n)
            depth = near + (far - near) * r.beta(1.1, 1.6, n)
            people = (r.pareto(1.3, n) * (9000 if kind == TOWN else 350) + (8000 if kind == TOWN else 120)).astype(int)
            parts.append((x, rough.line(x) + sign * depth, side, kind, radius * r.uniform(0.8, 1.5, n), people))
        n = max(2, round(length / _DISTRICT_KM))
        x = (np.arange(n) + 0.5) * length / n
        parts.append((x, rough.line(x) + sign * 11.0, side, DISTRICT, np.full(n, 15.0), np.zeros(n, dtype=int)))
    columns = [np.concatenate([p[k] for p in parts]) for k in (0, 1, 4, 5)]
    sides = np.concatenate([np.full(len(p[0]), p[2]) for p in parts])
    kinds = np.concatenate([np.full(len(p[0]), p[3]) for p in parts])
    names = _names(r, sides, kinds)
    return Land(
        length, waves, shift, columns[0], columns[1], sides, kinds, columns[2], columns[3].astype(np.int64), names
    )


def _names(r: np.random.Generator, side: Ints, kind: Ints) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What each side calls each place: mostly two names; one village in twelve bears the name of another."""
    used: set[str] = set()
    own = [_word(r, int(s), used) for s in side]
    other = [name if r.random() < 0.35 else _word(r, 1 - int(s), used) for name, s in zip(own, side, strict=True)]
    for k in np.flatnonzero(kind == VILLAGE).tolist():
        if r.random() < 1 / 12:
            twin = int(r.choice(np.flatnonzero(kind == VILLAGE)))
            own[k] = own[twin]
    own = [f"{n} district" if k == DISTRICT else n for n, k in zip(own, kind, strict=True)]
    other = [f"{n} district" if k == DISTRICT else n for n, k in zip(other, kind, strict=True)]
    pairs = zip(own, other, side.tolist(), strict=True)
    by_side = [((o, t) if s == 0 else (t, o)) for o, t, s in pairs]
    return tuple(a for a, _ in by_side), tuple(b for _, b in by_side)


def _word(r: np.random.Generator, side: int, used: set[str]) -> str:
    while True:
        parts = [_pick(r, _ONSETS) + _pick(r, _VOWELS) + _pick(r, _CODAS) for _ in range(int(r.integers(1, 3)))]
        word = ("".join(parts) + _pick(r, _ENDINGS[side])).capitalize()
        if word not in used and 4 < len(word) < 13:
            used.add(word)
            return word


def _pick(r: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(r.integers(len(options)))]
