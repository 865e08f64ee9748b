"""Reader of ratios.yaml: the fixed table of weights, in micro-nats, with the words that explain each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from trucewatch.model.micronats import from_nats


@dataclass(frozen=True, slots=True)
class Ratio:
    """One row: `weight` in micro-nats, `sd` in nats, the words of the report, and the source of the number."""

    name: str
    weight: int
    sd: float
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Ratios:
    """The table. `rows` by dotted name (`voice.party.alleges`), `limits` in micro-nats, `factors` as plain numbers."""

    rows: dict[str, Ratio]
    limits: dict[str, int]
    factors: dict[str, float]

    def __getitem__(self, name: str) -> Ratio:
        return self.rows[name]


@lru_cache(maxsize=1)
def ratios() -> Ratios:
    """The shipped table."""
    raw: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
        files("trucewatch.weighing").joinpath("ratios.yaml").read_text(encoding="utf-8")
    )
    rows = {
        f"{group}.{name}": Ratio(
            f"{group}.{name}", from_nats(r["nats"]), float(r.get("sd", 0.5)), r["words"], r["source"]
        )
        for group in ("base", "voice", "answer", "silence", "author")
        for name, r in raw[group].items()
    }
    limits = {name: from_nats(r["nats"]) for name, r in raw["limits"].items()}
    return Ratios(rows, limits, {name: float(r["value"]) for name, r in raw["factors"].items()})
