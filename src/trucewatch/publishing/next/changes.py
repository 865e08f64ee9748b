"""What would change our mind, in words: for each finding the smallest new evidence, and what only people can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from trucewatch.planning.changing import Change, Wanted

HOUR = timedelta(hours=1)
_EVIDENCE = {
    "told": "people on the spot who tell a monitor of it",
    "recorded": "the record of an instrument for {hours}",
    "picture": "a satellite picture of the place that shows it",
    "picture none": "a clear satellite picture of the place that does not show it",
    "visit": "a visit that finds its traces",
    "visit none": "a visit that finds no traces and says so",
    "examined": "its traces seen by a second independent body",
    "examined none": "a second independent body that finds no traces and says so",
    "place": "a visit that measures the place, off where it is thought to be",
    "bearing": "one bearing from a crater or remains, within 20 degrees, that points to {party}",
    "second bearing": "one bearing from a second independent body that points to {party}",
    "log": "the log of patrols and of firing of {party} for {hours}, or its word, that says so",
}
_NEEDS = {
    "ruling": "a ruling by a person: no evidence makes a violation of it",
    "exception": "a person's decision on the exception that is claimed: grant or refute",
    "reading": "one reading of the text: it is a breach under one and none under another",
    "not known": "what judging does not know (a line, a clock, a calibre): the notes of explain name it",
    "scope": "a place, time, act or weapon known better: whether it falls under the term is open",
    "more": "more than what was tried: none of it, alone or two together, would make it a violation",
    "settled": "nothing: the outcome does not hang on evidence",
}


def change_rows(wanted: Wanted, start: datetime, end: datetime, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row each change and need: `direction`, `evidence` in words, `outcome` then, `asked_of`. Times in the zone of
    the mission; `names`: parties in the order of the agreement."""
    start = start.replace(minute=0, second=0, microsecond=0)  # logs are kept, and asked for, by the hour
    end = start + max(-(-(end - start) // HOUR), 1) * HOUR
    clock = "%H:%M" if (end - HOUR).date() == start.date() else "%d %b %H:%M"
    hours = f"{start:{clock}}-{end:{clock}}"
    rows = [
        {
            "direction": direction, "evidence": _words(change, hours, names), "outcome": change.outcome,
            "micro_nats": change.size, "asked_of": _asked(change, names),
        }
        for direction, changes in (("towards a violation", wanted.toward), ("away from one", wanted.away))
        for change in changes
    ]  # fmt: skip
    needs: list[dict[str, Any]] = [
        {"direction": "needed", "evidence": _NEEDS[n], "outcome": None, "micro_nats": None, "asked_of": []}
        for n in wanted.needs
    ]
    return rows + needs


def _words(change: Change, hours: str, names: Mapping[str, str]) -> str:
    told = [_EVIDENCE[kind].format(hours=hours, party=names.get(party or "", party)) for kind, party in change.evidence]
    return " and ".join(told)


def _asked(change: Change, names: Mapping[str, str]) -> list[str]:
    """Whom it is asked of: what a party can give is asked of all parties alike."""
    return list(names) if any(kind == "log" for kind, _ in change.evidence) else []


def wanted_dict(wanted: Sequence[tuple[Wanted, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """For --json: a row a finding."""
    return [{"finding_id": w.finding_id, "outcome": w.outcome, "changes": rows} for w, rows in wanted]


__all__ = ["change_rows", "wanted_dict"]
