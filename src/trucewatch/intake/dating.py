"""When a record became known (design 1, two clocks), from its payload alone, and under which id it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from trucewatch.model.columns import Kind
from trucewatch.model.times import parse_instant

Payload = dict[str, Any]
# What has no time of its own (sources, places) is known from the beginning: no cut may take it from under its claims.
ALWAYS = parse_instant("0001-01-01T00:00:00Z")


def _at(p: Payload, *names: str) -> int:
    """The latest of the times that are told."""
    return max(int(p[name]) for name in names if name in p)


def _claim(p: Payload) -> int:
    return _at(p, "published", "obtained")


def _interval(p: Payload) -> int:
    return _at(p, "start", "end")


_KNOWN_AT: dict[str, Callable[[Payload], int]] = {
    "claim": _claim,
    "source": lambda p: ALWAYS,
    "place": lambda p: ALWAYS,
    "coverage": _interval,
    "tally": _interval,
    "restriction": _interval,
    # Who holds which ground is stated from its start on; its end, where one is told, is known when it comes.
    "control": _interval,
    "notice": lambda p: int(p["published"] if "published" in p else p["start"]),
    "inspection": lambda p: int(p["time"]),
    "complaint": lambda p: int(p["received"]),
    "task": lambda p: _at(p, "ordered", "closed"),
    "reply": lambda p: int(p["received"]),
    "decision": lambda p: int(p["at"]),
}


def known_at(kind: Kind, payload: Payload) -> int:
    """Known time of a record, microseconds."""
    return _KNOWN_AT[kind.name](payload)


def record_id(kind: Kind, payload: Payload, data: bytes) -> str:
    """Id of a record: what identifies it in its table, else a digest of its content (`data`: its canonical bytes)."""
    if kind.identity:
        return "/".join(str(payload[k]) for k in kind.identity)
    return hashlib.sha256(data).hexdigest()[:32]
