"""What an exercise is made from: seed, length, regime, tempo, and the numbers of regimes.yaml."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

TEMPOS = ("quiet", "normal", "dense")
_SHORTEST_KM, _LONGEST_KM = 20.0, 3000.0


@lru_cache(maxsize=1)
def numbers() -> Mapping[str, Any]:
    """regimes.yaml."""
    found: dict[str, Any] = yaml.safe_load(files("trucewatch.exercise").joinpath("regimes.yaml").read_text("utf-8"))
    return found


def regimes() -> tuple[str, ...]:
    """Names of the regimes, in the order of the file."""
    return tuple(numbers()["regimes"])


@dataclass(frozen=True)
class Settings:
    """One exercise. `pair` values are by side; `length_km` is the length of the line."""

    seed: int
    days: int
    regime: str
    tempo: str
    events_a_day: float
    length_km: float
    values: Mapping[str, Any]
    pairs: Mapping[str, tuple[float, float]]

    @classmethod
    def of(
        cls, seed: int, days: int, regime: str | None = None, tempo: str = "normal", stretch: float = 1.0
    ) -> Settings:
        """Settings of a seed; regime None = drawn from it. `stretch`: how much longer than usual the line is; beyond
        3,000 km it stays as long and becomes denser.

        ValueError for an unknown regime or tempo, or less than one day.
        """
        known = regimes()
        if regime is not None and regime not in known:
            raise ValueError(f"no regime is called {regime!r}; known: {', '.join(known)}")
        if tempo not in TEMPOS:
            raise ValueError(f"no tempo is called {tempo!r}; known: {', '.join(TEMPOS)}")
        if days < 1:
            raise ValueError(f"an exercise has at least one day, found {days}")
        draw = np.random.default_rng([seed, 0])
        swap = draw.random(8) < 0.5
        regime = regime or known[int(draw.integers(len(known)))]
        values = {**numbers()["base"], **numbers()["regimes"][regime]}
        # Who lies and who bars patrols are drawn apart, so that the liar is not always the one who hides.
        liar, bars = bool(swap[0]), bool(swap[1])
        pairs = {
            name: (float(v[1]), float(v[0])) if (bars if name == "denied" else liar) else (float(v[0]), float(v[1]))
            for name, v in values.items()
            if isinstance(v, list)
        }
        rate = float(values["events_a_day"][tempo]) * stretch
        length = min(_LONGEST_KM, max(_SHORTEST_KM, float(values["line_km"]) * stretch))
        return cls(seed, days, regime, tempo, rate, length, values, pairs)

    def rng(self, stream: int) -> np.random.Generator:
        """The random numbers of one part of the generator: parts do not shift each other."""
        return np.random.default_rng([self.seed, stream])

    def number(self, name: str) -> float:
        """A plain number of the regime."""
        return float(self.values[name])

    def per_day(self, name: str) -> float:
        """A rate on the whole line, a day."""
        return float(self.values[name]) * self.length_km / float(self.values["line_km"])

    def along(self, name: str) -> int:
        """How many of something that stands every so many km of line, at least one."""
        return max(1, math.ceil(self.length_km / float(self.values[name])))


@dataclass(frozen=True)
class Habit:
    """How one kind of speaker tells time and place; see regimes.yaml."""

    times: tuple[float, ...]
    time_err_min: float
    time_tail: float
    day_slip: float
    places: tuple[float, ...]
    place_err_km: float
    place_tail: float
    bias_km: float
    radii: tuple[float, ...]
    wrong_act: float
    vague_act: float


@lru_cache(maxsize=16)
def habit(name: str) -> Habit:
    """The habit of that name."""
    row: dict[str, Any] = numbers()["habits"][name]
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else float(v) for k, v in row.items()}
    return Habit(**values)
