"""What each voice weighs, where some voices are withheld: no row may be a withheld voice's weight, nor give it by
subtraction from the probability that is told.

Fewer than `min_cell` withheld voices of an incident are summed with the lightest of the others until so many voices
stand behind the one row, or with all of them. The total is still that of all rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
WITHHELD = "withheld contribution"
KIND = "withheld"


def merged(rows: Iterable[Row], hidden: Mapping[str, int], least: int) -> list[Row]:
    """Released contributions with the withheld ones of each incident in one row at its end: its place would tell its
    kind. `hidden`: how many voices of an incident are withheld; `least`: how many must stand behind such a row."""
    by_incident: dict[str, list[Row]] = {}
    for row in rows:
        by_incident.setdefault(row["incident_id"], []).append(row)
    out: list[Row] = []
    for incident, mine in by_incident.items():
        if incident in hidden:
            out += _merged(mine, hidden[incident], least)
        else:
            out += mine
    return out


def _merged(mine: list[Row], hidden: int, least: int) -> list[Row]:
    shown = [r for r in mine if r["kind"] != KIND]
    veiled = [r for r in mine if r["kind"] == KIND]
    if not veiled:
        return mine
    if 0 < hidden < least:
        joined = _lightest(shown, least - hidden)
        veiled += [r for r in shown if _weight(r) in joined] if joined is not None else shown
        shown = [r for r in shown if _weight(r) not in joined] if joined is not None else []
    one = {**veiled[0], "kind": KIND, "source": None, "reason": WITHHELD}
    return [*shown, {**one, "log_odds": sum(r["log_odds"] for r in veiled)}]


def _weight(row: Row) -> tuple[int, int, str] | None:
    """What orders voices, and holds no name: voices that are tied are treated alike. None of what no voice said."""
    if row.get("source") is None:
        return None
    return abs(row["log_odds"]), row["log_odds"], str(row["kind"])


def _lightest(shown: list[Row], wanted: int) -> set[tuple[int, int, str] | None] | None:
    """The weights of the lightest rows that so many voices said; None where there are not so many voices."""
    voices: set[Any] = set()
    out: set[tuple[int, int, str] | None] = set()
    for row in sorted((r for r in shown if _weight(r) is not None), key=lambda r: _weight(r) or ()):
        voices.add(row["source"])
        out.add(_weight(row))
        if len(voices) >= wanted:
            return out
    return None
