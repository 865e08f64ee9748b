"""Plainer forms of keys that people write, put into their full form: a zone for a place, a time for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def in_full(value: Any) -> Any:
    """Plain values of a file with `where: ZONE` and `events: {NAME: TIME}` written out; everything else as it is."""
    if not isinstance(value, Mapping):
        return value
    out = dict(value)
    if isinstance(events := value.get("events"), Mapping):
        out["events"] = {name: _event(event) for name, event in events.items()}
    if "where" in value:
        out["where"] = _places(value["where"])
    for key in ("terms", "except"):
        if isinstance(rows := value.get(key), list):
            out[key] = [_placed(row) for row in rows]
    return out


def _event(event: Any) -> Any:
    return {"at": event} if isinstance(event, str) else {} if event is None else event


def _places(where: Any) -> Any:
    if isinstance(where, str):
        return {"zone": where}
    return [_places(w) for w in where] if isinstance(where, list) else where


def _placed(row: Any) -> Any:
    """A term or exception with its places, and those of its own exceptions, written out."""
    if not isinstance(row, Mapping):
        return row
    out = dict(row)
    if "where" in row:
        out["where"] = _places(row["where"])
    if isinstance(excepts := row.get("except"), list):
        out["except"] = [_placed(e) for e in excepts]
    return out
