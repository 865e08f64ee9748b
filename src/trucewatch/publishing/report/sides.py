"""What each side says, face to face: the same rows, columns of the same width, statements by when they were made.

A side is an actor that speaks with a voice of its own. A side that said nothing is shown as such, never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from trucewatch.model.vocabulary import PARTY_ROLES
from trucewatch.publishing.report.cards import Card, statement
from trucewatch.publishing.report.day import Day, said_order
from trucewatch.publishing.report.wording import Wording


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side says of one incident; empty where it says nothing. `copies`: outlets of its own that repeat it."""

    actor: str
    said: tuple[Markup, ...]
    copies: int = 0


@dataclass(frozen=True, slots=True)
class FaceToFace:
    """One incident with a cell for each side, in the order of the sides."""

    card: Card
    cells: tuple[Cell, ...]


def sides(day: Day) -> list[str]:
    """Parties, and other actors with a voice of their own, in the order of the agreements."""
    order = list(dict.fromkeys(a.id for agreement in day.view.agreements for a in agreement.actors))
    parties = {a.id for agreement in day.view.agreements for a in agreement.parties}
    voices = {s.get("party") for s in day.sources.values() if s["role"] in PARTY_ROLES}
    return [a for a in order if a in parties or a in voices]


def speaking(day: Day, named: Sequence[str]) -> list[str]:
    """The sides that get a column: the first two parties always, others where they say something of the day."""
    heard = {day.side(c) for c in day.claims.values()}
    parties = [a.id for agreement in day.view.agreements for a in agreement.parties]
    always = list(dict.fromkeys(parties))[:2]
    return [a for a in named if a in always or a in heard]


def face_to_face(day: Day, cards: Sequence[Card], columns: Sequence[str]) -> list[FaceToFace]:
    """A row for each incident of which any side speaks."""
    out = []
    for card in cards:
        cells = []
        for actor in columns:
            mine = [c for c in card.incident.claims if day.side(c) == actor]
            own = [c for c in mine if c["relation"] != "repeats"]
            said = tuple(card.statements[c["id"]] for c in own)
            cells.append(Cell(actor, said, len(mine) - len(own)))
        if any(c.said or c.copies for c in cells):
            out.append(FaceToFace(card, tuple(cells)))
    return out


def beside(day: Day, columns: Sequence[str], w: Wording, ref: object) -> tuple[Cell, ...]:
    """What each side said that day that speaks of no incident of the day."""
    here = {f"{c['source']}/{c['claim_id']}" for i in day.incidents for c in i.claims}
    out = []
    for actor in columns:
        said = [
            c
            for ref_, c in day.claims.items()
            if ref_ not in here
            and day.side(c) == actor
            and day.view.start_us <= c["published"] < day.view.end_us
            and not c.get("origin")
            and (day.links.get(ref_) or {}).get("relation") != "repeats"
        ]
        said.sort(key=said_order)
        out.append(Cell(actor, tuple(statement(w, c, ref) for c in said)))
    return tuple(out)
