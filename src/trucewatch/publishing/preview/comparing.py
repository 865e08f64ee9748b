"""Rows before and after the gate, and for each column that differs the rule by which it does.

The gate itself decides (`policy.release`); this only asks it row by row and names what it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS
from trucewatch.publishing import fields
from trucewatch.publishing.policy import Policy, Why, claim_level, release
from trucewatch.publishing.standing import PUBLIC

Row = dict[str, Any]
# Tables whose rows of one incident are summed: compared incident by incident.
SUMMED = ("authors", "contributions")
LEAVES, GONE = "leaves", "gone"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of one row: what the mission holds, what leaves, and by which rule they differ (`leaves`: by none).

    Rules: never, unlisted, place, time, class, mandate, min_cell, voices, reference, identity, consent, handling.
    """

    column: str
    held: Any
    leaves: Any
    rule: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, or the rows of one incident in a table that is summed. `why`: the rule that holds it back whole."""

    key: str
    why: Why | None
    cells: tuple[Cell, ...] = ()
    held: tuple[Row, ...] = ()
    leaving: tuple[Row, ...] = ()


@dataclass
class Compared:
    """A table before and after the gate: its rows, how many leave, and how many each rule holds back or changes."""

    table: str
    entries: list[Entry] = field(default_factory=list)
    why: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    @property
    def held(self) -> int:
        """Rows (or incidents) that the mission holds."""
        return len(self.entries)

    @property
    def leave(self) -> int:
        """Those of them that leave, whole or in part."""
        return self.held - self.why.total()


def compared(table: str, rows: Sequence[Row], audience: str, policy: Policy) -> Compared:
    """The rows of a table beside what of each may leave for an audience."""
    out = Compared(table)
    for entry in _summed(table, rows, audience, policy) if table in SUMMED else _single(table, rows, audience, policy):
        out.entries.append(entry)
        if entry.why is not None:
            out.why[entry.why] += 1
        out.changed.update({c.rule for c in entry.cells if c.rule != LEAVES})
    return out


def _single(table: str, rows: Iterable[Row], audience: str, policy: Policy) -> Iterable[Entry]:
    for row in rows:
        passed = release(table, [row], audience, policy)
        why = next(iter(passed.why), None)
        leaving = passed[0] if passed else {}
        yield Entry(_key(table, row), why, tuple(_cells(table, row, leaving, why, policy)))


def _summed(table: str, rows: Iterable[Row], audience: str, policy: Policy) -> Iterable[Entry]:
    by_incident: dict[str, list[Row]] = {}
    for row in rows:
        by_incident.setdefault(str(row["incident_id"]), []).append(row)
    for incident, mine in by_incident.items():
        passed = release(table, mine, audience, policy)
        why = None if passed else next(iter(passed.why), None)
        yield Entry(incident, why, (), tuple(mine), tuple(passed))


def _key(table: str, row: Row) -> str:
    names = ("id", "incident_id", "finding_id", "complaint_id", "task_id", "source", "by", "sector", "term")
    found = next((str(row[n]) for n in names if row.get(n)), "")
    reading = row.get("reading")
    return f"{found} ({reading})" if reading else found


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table that a preview shows."""
    return KINDS[table].names if table in KINDS else OUTPUTS[table]


def _cells(table: str, row: Row, leaving: Row, why: Why | None, policy: Policy) -> Iterable[Cell]:
    for name in (*columns(table), *sorted(set(row) - set(columns(table)) - _OF_PAGES)):
        held, left = row.get(name), leaving.get(name)
        if held is None and left is None:
            continue
        rule = LEAVES if why is None and held == left else GONE if why is not None else _rule(table, name, row, policy)
        yield Cell(name, held, left, rule)


# What is put to a claim on its way to a page; it says the same once more.
_OF_PAGES = frozenset(
    {"id", "number", "known_at", "versions", "retracted_by", "r_lat", "r_lon", "r_radius_km", "r_place_note"}
)
_CLASSES = frozenset({"bearing_deg", "bearing_sd_deg", "range_km_low", "range_km_high"})
_COUNTS = frozenset({"n_claims", "n_voices", *fields.SMALL_CELL, *fields.SMALL_COUNTS})
_VOICES = frozenset({"p_drop_min", "p_drop_max"})


def _rule(table: str, name: str, row: Row, policy: Policy) -> str:
    """The rule by which a column of a row that leaves is another or missing."""
    rule = fields.RULES[table]
    if name in fields.hidden(tuple(policy.rules.never)):
        return "never"
    if name not in rule.columns:
        return "unlisted"
    if table == "claims" and claim_level(row, policy.source_level) > PUBLIC and name not in fields.RESTRICTED_CLAIM:
        return "handling"
    if name in {c for lat, lon, spans in rule.places for c in (lat, lon, *spans)} | {"azimuth_deg"}:
        return "place"
    if name in {*rule.moments, *rule.clock, "time_sd_min", "when"}:
        return "time"
    if name in rule.references:
        return "reference"
    if name in rule.sources:
        return "identity"
    named = {
        "class": _CLASSES, "min_cell": _COUNTS, "voices": _VOICES, "identity": {"approved_by"},
        "consent": {"text", "url"} if table == "claims" else (),
        "mandate": fields.ATTRIBUTION if table == "findings" else (),
    }  # fmt: skip
    return next((k for k, names in named.items() if name in names), "handling")
