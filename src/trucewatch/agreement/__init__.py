"""An agreement file to terms, zones, clocks and readings: `load(path)` gives an `Agreement` or tells every fault."""

from __future__ import annotations

from typing import Any

from trucewatch.agreement.fields import AgreementKeys
from trucewatch.agreement.loader import load, parse
from trucewatch.agreement.model import (
    Actor,
    Agreement,
    Event,
    Exemption,
    Mandate,
    Mechanism,
    Term,
    Text,
    WeaponRule,
    When,
    Where,
)
from trucewatch.agreement.zones import Zone


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an agreement file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **AgreementKeys.model_json_schema(by_alias=True)}


__all__ = [
    "Actor",
    "Agreement",
    "Event",
    "Exemption",
    "Mandate",
    "Mechanism",
    "Term",
    "Text",
    "WeaponRule",
    "When",
    "Where",
    "Zone",
    "json_schema",
    "load",
    "parse",
]
