"""What a row may refer to: sources, actors, acts, zones, sectors. An unknown id is a rejected row, not a new record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from trucewatch.intake.parsing import CellFault, shown, suggestion
from trucewatch.model.columns import Column

# Columns whose actor must be one of the agreement: others take `other:WORDS` as well.
_OWN_ACTOR = frozenset({"party", "actor"})
_OTHER = "other:"


@dataclass(slots=True)
class Known:
    """Ids that exist. `sources`: id -> its time zone or None; `actors`: id -> its names and aliases."""

    sources: dict[str, str | None]
    actors: Mapping[str, Collection[str]]
    acts: Collection[str]
    zones: Collection[str] = ()
    sectors: Collection[str] = ()
    timezone: str = "UTC"
    agreement_file: str = "the agreement"
    by_name: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for actor, names in self.actors.items():
            for name in (actor, *names):
                self.by_name.setdefault(name.casefold(), actor)


def checker(column: Column, known: Known) -> Callable[[Any], CellFault | None] | None:
    """What tells whether a value refers to something known; None for columns that refer to nothing or may wait."""
    makers: dict[str, Callable[[], Callable[[Any], CellFault | None]]] = {
        "source": lambda: lambda v: _source(v, known),
        "actor": lambda: lambda v: _actor(v, known, column.name not in _OWN_ACTOR),
        "act": lambda: lambda v: _act(v, known),
        "acts": lambda: lambda v: next((f for f in (_act(a, known) for a in v) if f), None),
        "zone": lambda: lambda v: _area(v, known.zones, "zone", "the agreement"),
        "sector": lambda: lambda v: _area(v, known.sectors, "sector", "the sectors of mission.yaml"),
    }
    make = makers.get(column.refers or "")
    return None if make is None else make()


def _source(word: str, known: Known) -> CellFault | None:
    if word in known.sources:
        return None
    return CellFault(
        f"the source {shown(word)} is unknown",
        suggestion(word, known.sources) + "Declare it in sources.csv and ingest that first, or correct the id",
    )


def _actor(word: str, known: Known, others: bool) -> CellFault | None:
    if word in known.actors:
        return None
    if others and word.startswith(_OTHER) and word[len(_OTHER) :].strip():
        return None
    meant = known.by_name.get(word.casefold())
    hint = f"Did you mean {meant}? " if meant else suggestion(word, known.actors)
    more = ", or other:WORDS for somebody else" if others else ""
    listed = ", ".join(known.actors)
    return CellFault(f"the actor {shown(word)} is unknown", f"{hint}Write an actor of the agreement ({listed}){more}")


def _act(word: str, known: Known) -> CellFault | None:
    if word in known.acts:
        return None
    hint = suggestion(word, known.acts)
    return CellFault(f"the act {shown(word)} is unknown", f"{hint}Write a code of the act taxonomy (acts.yaml)")


def _area(word: str, known: Collection[str], what: str, where: str) -> CellFault | None:
    if word in known:
        return None
    listed = f" ({', '.join(sorted(known)[:8])})" if known else ", which has none yet"
    return CellFault(
        f"the {what} {shown(word)} is unknown", f"{suggestion(word, known)}Write a {what} of {where}{listed}"
    )
