"""An agreement file to terms, zones, clocks and readings: `load(path)` gives an `Agreement` or tells every fault."""

from __future__ import annotations

from typing import Any

from trucewatch.agreement.keys import AgreementKeys
from trucewatch.agreement.loader import load, parse
from trucewatch.agreement.model import (
    Actor,
    Agreement,
    Baseline,
    Condition,
    Consequence,
    Definition,
    Destination,
    Done,
    Event,
    Exemption,
    Lasting,
    Limit,
    Mandate,
    Mechanism,
    Member,
    Power,
    Procedure,
    Quantity,
    Reference,
    Renewal,
    Report,
    Schedule,
    Span,
    Term,
    Text,
    WeaponRule,
    When,
    Where,
    Window,
)
from trucewatch.agreement.zones import Zone


def json_schema(nulls: bool = False) -> dict[str, Any]:
    """The JSON Schema of an agreement file. `nulls`: with every key that may be left out allowed to be null, as the
    loader reads it; without, shorter to read."""
    schema = AgreementKeys.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()) if nulls else ():
        needed = part.get("required", ())
        for name, shape in part.get("properties", {}).items():
            if name not in needed and {"type": "null"} not in shape.get("anyOf", ()):
                about = {k: shape.pop(k) for k in ("title", "description", "default") if k in shape}
                part["properties"][name] = {
                    **about,
                    "anyOf": [*shape.pop("anyOf", [shape] if shape else [{}]), {"type": "null"}],
                }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


__all__ = [
    "Actor",
    "Agreement",
    "Baseline",
    "Condition",
    "Consequence",
    "Definition",
    "Destination",
    "Done",
    "Event",
    "Exemption",
    "Lasting",
    "Limit",
    "Mandate",
    "Mechanism",
    "Member",
    "Power",
    "Procedure",
    "Quantity",
    "Reference",
    "Renewal",
    "Report",
    "Schedule",
    "Span",
    "Term",
    "Text",
    "WeaponRule",
    "When",
    "Where",
    "Window",
    "Zone",
    "json_schema",
    "load",
    "parse",
]
