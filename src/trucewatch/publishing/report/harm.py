"""Persons harmed, as intervals of what was told: nothing is guessed, and nothing is added up that nobody told (L7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trucewatch.model.vocabulary import WHO
from trucewatch.publishing.report.cards import Card

Row = Mapping[str, Any]
FIELDS = ("killed", "injured")
ESTABLISHED = ("verified", "corroborated", "probable")


@dataclass(frozen=True, slots=True)
class Toll:
    """Least and greatest number told of one kind of person; None = not told (the greatest: open upwards)."""

    killed: tuple[int | None, int | None]
    injured: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Harmed:
    """Harm of one incident to one kind of person (civilian, combatant, unknown), and who tells of it."""

    card: Card
    who: str
    toll: Toll
    sources: tuple[str | None, ...]


def harmed(cards: Sequence[Card]) -> list[Harmed]:
    """Harm told of in the incidents, civilians first within each; copies and running totals tell nothing."""
    out = []
    for card in cards:
        claims = [c for c in card.incident.claims if _tells(c)]
        for who in WHO:
            mine = [c for c in claims if (c.get("who") or "unknown") == who]
            if mine:
                sources = tuple(dict.fromkeys(c.get("source") for c in mine))
                out.append(Harmed(card, who, Toll(*(_range(mine, f) for f in FIELDS)), sources))
    return out


def _tells(claim: Row) -> bool:
    if claim["relation"] in {"repeats", "denies"} or claim["stance"] == "denies" or claim.get("cumulative"):
        return False
    return any(claim.get(f"{f}_{end}") is not None for f in FIELDS for end in ("low", "high"))


def _range(claims: Iterable[Row], what: str) -> tuple[int | None, int | None]:
    """Least of what was told as least, greatest of what was told as greatest."""
    rows = list(claims)
    lows = [c[f"{what}_low"] for c in rows if c.get(f"{what}_low") is not None]
    highs = [c[f"{what}_high"] for c in rows if c.get(f"{what}_high") is not None]
    return (min(lows) if lows else None, max(highs) if highs else None)


@dataclass(frozen=True, slots=True)
class Sum:
    """Civilians harmed over incidents; `open_above`: somebody told a least number and no greatest."""

    incidents: int
    killed: tuple[int, int]
    injured: tuple[int, int]
    open_above: bool


def civilians(rows: Sequence[Harmed], established: bool) -> Sum:
    """Civilians in incidents that are probable or better established, or in the others: sums of least and greatest."""
    mine = [h for h in rows if h.who == "civilian" and (h.card.incident.status in ESTABLISHED) == established]
    sums = {f: [0, 0] for f in FIELDS}
    open_above = False
    for h in mine:
        for f in FIELDS:
            low, high = getattr(h.toll, f)
            sums[f][0] += low or 0
            sums[f][1] += high if high is not None else low or 0
            open_above |= low is not None and high is None
    killed, injured = ((low, high) for low, high in sums.values())
    return Sum(len({h.card.id for h in mine}), killed, injured, open_above)
