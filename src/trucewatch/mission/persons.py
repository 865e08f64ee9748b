"""Whose a decision is: what bars a person from it, and how a decision is called in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.mission.config import Person
from trucewatch.mission.snapshot import Payload
from trucewatch.model.times import format_instant
from trucewatch.procedure.offices import office_for, told_offices


def person_bars(payload: Payload, people: Sequence[Person], step: str | None = None) -> str | None:
    """Why a decision is not that person's to take, in words; None where it is. `step`: of a complaint's road."""
    if not people:
        return None
    held = [p.roles for p in people if p.id == payload["person"]]
    verb = payload["verb"]
    if not held:
        return f"{said(payload)} has no effect: mission.yaml names no such person"
    if office_for(verb, [role for roles in held for role in roles], step) is None:
        told = told_offices(verb, step)
        return f"{said(payload)} has no effect: it takes {told}, and mission.yaml gives no such role"
    return None


def said(payload: Mapping[str, Any]) -> str:
    """A decision in words: what, by whom, when, on what."""
    at = format_instant(payload["at"])
    return f"the decision {payload['verb']!r} of {payload['person']} at {at} on {_object(payload)}"


def _object(payload: Mapping[str, Any]) -> str:
    named = [str(payload.get("object") or ""), *map(str, (payload.get("params") or {}).get("claims") or ())]
    return ", ".join(n for n in named if n) or "the agreement"
