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
_Weight = tuple[int, int, str]


def merged(rows: Iterable[Row], hidden: Mapping[str, int], least: int) -> list[Row]:
    """Released contributions with the withheld ones of each incident in one row at its end: its place would tell its
    kind. `hidden`: how many voices of an incident are withheld; `least`: how many must stand behind such a row."""
    by_incident: dict[str, list[Row]] = {}
    out: list[Row | str] = []  # of an incident with withheld voices its id, where its rows begin
    for row in rows:
        incident = row["incident_id"]
        if incident not in hidden:
            out.append(row)
        elif incident in by_incident:
            by_incident[incident].append(row)
        else:
            by_incident[incident] = [row]
            out.append(incident)
    told = {incident: _merged(mine, hidden[incident], least) for incident, mine in by_incident.items()}
    return [r for x in out for r in (told[x] if isinstance(x, str) else (x,))]


def _merged(mine: list[Row], hidden: int, least: int) -> list[Row]:
    shown = [r for r in mine if r["kind"] != KIND]
    veiled = [r for r in mine if r["kind"] == KIND]
    if not veiled:
        return mine
    if 0 < hidden < least:
        weighed = [(_weight(r), r) for r in shown]
        heaviest = _lightest(weighed, least - hidden)
        if heaviest is None:
            veiled, shown = veiled + shown, []
        else:
            veiled += [r for w, r in weighed if w is not None and w <= heaviest]
            shown = [r for w, r in weighed if w is None or w > heaviest]
    one = {**veiled[0], "kind": KIND, "source": None, "reason": WITHHELD}
    return [*shown, {**one, "log_odds": sum(r["log_odds"] for r in veiled)}]


def _weight(row: Row) -> _Weight | None:
    """What orders voices, and holds no name: voices that are tied are treated alike. None of what no voice said."""
    if row.get("source") is None:
        return None
    return abs(row["log_odds"]), row["log_odds"], str(row["kind"])


def _lightest(weighed: list[tuple[_Weight | None, Row]], wanted: int) -> _Weight | None:
    """Up to which weight rows are of so many voices, the lightest first; None where there are not so many voices."""
    said = [(w, r["source"]) for w, r in weighed if w is not None]
    if len(said) < wanted:
        return None
    voices: set[Any] = set()
    for weight, source in sorted(said, key=lambda pair: pair[0]):
        voices.add(source)
        if len(voices) >= wanted:
            return weight
    return None
