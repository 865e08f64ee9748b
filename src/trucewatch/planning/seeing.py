"""Reader of seeing.yaml: what can still be found, by whom, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from trucewatch.taxonomy import taxonomy

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Traces:
    """Chance to find traces on the day itself, and days in which it halves."""

    chance: float
    half_life_days: float

    def after(self, days: float) -> float:
        """The chance so many days later; those before the act count as none."""
        return float(self.chance * 0.5 ** (max(days, 0.0) / self.half_life_days))


@dataclass(frozen=True)
class Seeing:
    """The shipped table. `numbers`: `visit.reach_km` and the like."""

    traces: Mapping[str, Traces]
    origins: tuple[str, ...]
    numbers: Mapping[str, float]

    def of(self, act: str) -> Traces:
        """What holds for an act: its own row, else that of the nearest act above it; none where it leaves none."""
        if not taxonomy().acts[act].traces:
            return Traces(0.0, 1.0)
        while act and act not in self.traces:
            act = act.rpartition(".")[0]
        return self.traces[act]

    def found(self, acts: Sequence[tuple[str, float]], days: float) -> float:
        """Chance that a team that goes to the told place finds traces, over what the act may have been."""
        left = sum(share * self.of(act).after(days) for act, share in acts)
        return round(self.numbers["visit.place"] * left, 9)

    def pointing(self, acts: Sequence[tuple[str, float]]) -> float:
        """Chance that what is found tells whence it came."""
        share = sum(share for act, share in acts if act in self.origins)
        return round(share * self.numbers["bearing.origins"], 9)

    def pictured(self, acts: Sequence[tuple[str, float]], days: float) -> float:
        """Chance that a clear picture shows it."""
        total = 0.0
        for act, share in acts:
            perceived = "satellite" in taxonomy().acts[act].means
            chance = self.numbers["image.chance" if perceived else "image.traces"]
            kept = self.of(act).after(days) / self.of(act).chance if self.of(act).chance else 0.0
            total += share * chance * kept
        return round(total, 9)


@lru_cache(maxsize=1)
def seeing() -> Seeing:
    """The shipped table."""
    raw: dict[str, Any] = yaml.safe_load(files("trucewatch.planning").joinpath("seeing.yaml").read_text("utf-8"))
    numbers = {
        f"{group}.{name}": float(row["value"])
        for group in ("bearing", "visit", "image", "call", "question")
        for name, row in raw[group].items() if isinstance(row, dict)
    }  # fmt: skip
    traces = {act: Traces(float(r["chance"]), float(r["half_life_days"])) for act, r in raw["traces"].items()}
    return Seeing(traces, tuple(raw["bearing"]["acts"]), numbers)


__all__ = ["Seeing", "Traces", "seeing"]
