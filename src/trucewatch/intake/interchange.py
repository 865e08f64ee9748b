"""The tables of the contract (design 4) as adapters: their rows are read as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

from trucewatch.intake.adapter import Adapter, AdapterContext, Draft, Head
from trucewatch.model.columns import KINDS, Kind

ENOUGH = 0.6


def _detect(kind: Kind) -> Callable[[Head], float]:
    """How well a header fits a table: all required columns there, most columns known, most of the file's understood.

    The file's name only adds weight, so that `claims.csv` without a required column is told as such.
    """

    def detect(head: Head) -> float:
        names = [n for n in head.header if n and not n.startswith("_")]
        known = sum(n in kind.names for n in names)
        if known < 2:
            return 0.0
        share = known / len(names)
        complete = set(kind.required) <= set(names)
        score = 0.2 * known / (known + 10) + 0.005 * complete
        if complete and share >= ENOUGH:
            score += 0.4
        elif share >= 0.8:
            score += 0.15
        stem = PurePath(head.file).name.split(".")[0].replace("-", "_").split("_")[0].lower()
        return score + (0.3 if stem == kind.table and share >= ENOUGH else 0.0)

    return detect


def _convert(kind: Kind) -> Callable[[Mapping[str, str], AdapterContext], Iterable[Draft]]:
    def convert(row: Mapping[str, str], _: AdapterContext) -> Iterable[Draft]:
        return (Draft(kind.table, row),)

    return convert


ADAPTERS = tuple(
    Adapter(kind.table, kind.meaning, _detect(kind), _convert(kind), table=kind.table) for kind in KINDS.values()
)
