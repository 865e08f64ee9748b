"""What a complaint must tell before anybody can look into it: what, where, when, who, how known (design 2).

A mission that could not inquire into what it was told lost most of its complaints there (the monitors of Sri Lanka's
ceasefire, report of June 2006: too vague); so it is asked for at intake, and what is missing is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WANTED = ("what", "where", "when", "who", "how")
# What tells it: columns of the complaint (unknown ones are kept), and columns of the claims that it rests on.
_OF_COMPLAINT = {
    "what": ("term", "act"), "where": ("lat", "place", "zone"), "when": ("start", "when"), "who": ("against",),
    "how": ("means",),
}  # fmt: skip
_OF_CLAIM = {
    "what": ("act",), "where": ("lat", "place", "origin_lat"), "when": ("start",), "who": ("accused",),
    "how": ("means",),
}  # fmt: skip


def missing(
    complaint: Mapping[str, Any], claims: Iterable[Mapping[str, Any]], answers: Iterable[Mapping[str, Any]] = ()
) -> tuple[str, ...]:
    """Which of WANTED neither the complaint, nor its claims, nor an answer to a question tells. Nothing is guessed from
    free words."""
    claims, answers = list(claims), list(answers)

    def told(what: str) -> bool:
        own = any(_there(complaint.get(name)) for name in _OF_COMPLAINT[what])
        return (
            own
            or any(_there(c.get(name)) for c in claims for name in _OF_CLAIM[what])
            or any(_there(a.get(what)) for a in answers)
        )

    return tuple(what for what in WANTED if not told(what))


def _there(value: Any) -> bool:
    return value is not None and value != ""


__all__ = ["WANTED", "missing"]
