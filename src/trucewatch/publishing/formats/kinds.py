"""What a column of a table that leaves holds, for files that have types: the contract says it, not the day's rows."""

from __future__ import annotations

from functools import cache
from typing import Literal

from trucewatch.model.columns import KINDS
from trucewatch.publishing.tables import Shape

Type = Literal["text", "time", "integer", "number", "flag", "list"]

_INTEGERS = frozenset(
    {
        *("n_claims", "n_voices", "killed_low", "killed_high", "injured_low", "injured_high", "log_odds", "version"),
        *("observed", "incidents", "alleged"),
    }
)
_NUMBERS = frozenset(
    {
        *("lat", "lon", "semi_major_km", "semi_minor_km", "azimuth_deg", "p_act", "p_link", "p_occurred", "p_low"),
        *("p_high", "p_drop_min", "p_drop_max", "prior_share", "p", "p_violation", "p_in_scope", "exposure", "rate"),
        *("rate_low", "rate_high", "ratio", "ratio_low", "ratio_high", "days_needed", "share_covered"),
    }
)
_FLAGS = frozenset({"one_sided"})
_LISTS = frozenset({"conditions", "readings"})
_OF_INPUT: dict[str, Type] = {"number": "number", "integer": "integer", "flag": "flag", "list": "list", "time": "time"}


@cache
def types(what: Shape) -> tuple[Type, ...]:
    """The type of each column of a shape, in its order; what no contract types is text."""
    return tuple(_type(what, name) for name in what.columns)


def _type(what: Shape, name: str) -> Type:
    if name in what.times:
        return "time"
    if what.table in KINDS:
        kind = KINDS[what.table]
        return _OF_INPUT.get(kind.column(name).type, "text") if name in kind.names else "text"
    if name in _INTEGERS:
        return "integer"
    if name in _NUMBERS:
        return "number"
    return "flag" if name in _FLAGS else "list" if name in _LISTS else "text"
