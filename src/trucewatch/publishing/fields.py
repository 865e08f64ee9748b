"""Which columns of each table may leave, and how places, directions and free words are made coarse before they do.

Data of the publication policy; the decision which row passes is in `policy`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS, SUMMARIES
from trucewatch.procedure.register import COLUMNS as REGISTER
from trucewatch.procedure.register import COUNTED
from trucewatch.publishing.coarse import coarse, widened

Row = dict[str, Any]
Rows = TypeVar("Rows", bound=list[Row])

# Least coarseness, km, of a place that a restricted or confidential claim helped to fix, whatever the mission chose.
PROTECTED_PLACE_KM = 5.0
DISTANCE_CLASSES_KM = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
DIRECTIONS = 8

GROUPS = {
    "observer_place": ("obs_lat", "obs_lon"),
    "origin_place": ("origin_lat", "origin_lon", "origin_radius_km"),
}
ATTRIBUTION = ("actor", "answers_for", "outcome", "p_violation", "signed_by")
SMALL_COUNTS = ("incidents", "alleged")
SMALL_CELL = ("observed", "rate", "rate_low", "rate_high", "ratio", "ratio_low", "ratio_high")
# What is left of a restricted claim where the mission lets such rows leave: no words, url, id, source, observer.
RESTRICTED_CLAIM = frozenset(
    {
        *("stance", "act", "start", "end", "when", "lat", "lon", "radius_km", "r_lat", "r_lon", "r_radius_km"),
        *("place_of", "means", "accused", "victim", "count_low", "count_high", "unit", "killed_low", "killed_high"),
        *("injured_low", "injured_high", "who", "cumulative", "handling", "known_at"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a table leaves: its gate (a name in `policy`), its columns, and which of them need a second look."""

    gate: str
    columns: frozenset[str]
    references: tuple[str, ...] = ()  # to claims: dropped where protected
    sources: tuple[str, ...] = ()  # to sources: emptied where protected
    words: tuple[str, ...] = ()  # free words that may hold a protected name
    moments: tuple[str, ...] = ()  # the newest of them is what delay looks at
    clock: tuple[str, ...] = ()  # the interval or moment that `time_min` makes coarse
    places: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    @property
    def names_others(self) -> bool:
        """Whether a column names claims or sources."""
        return bool(self.references or self.sources)

    @property
    def looked_at(self) -> bool:
        """Whether any column needs a second look."""
        return self.names_others or bool(self.words)


_PLACE = (("lat", "lon", ("radius_km",)),)
_SPAN = ("start", "end")


def _inputs(table: str, gate: str, *more: str, **rest: Any) -> Rule:
    return Rule(gate, frozenset([*KINDS[table].names, "known_at", *more]), **rest)


def _outputs(table: str, gate: str, **rest: Any) -> Rule:
    return Rule(gate, frozenset(OUTPUTS[table]), **rest)


_CLAIM_PLACES = (
    *_PLACE,
    ("origin_lat", "origin_lon", ("origin_radius_km",)),
    ("r_lat", "r_lon", ("r_radius_km",)),
    ("obs_lat", "obs_lon", ()),
)

RULES: dict[str, Rule] = {
    "claims": _inputs(
        "claims", "claim", "id", "versions", "retracted_by", "r_lat", "r_lon", "r_radius_km", "r_place_note",
        references=("responds_to", "retracts"), sources=("origin",), moments=("start", "end"), clock=_SPAN,
        places=_CLAIM_PLACES,
    ),
    "sources": _inputs("sources", "source", sources=("parent",)),
    "coverage": _inputs("coverage", "observed", moments=_SPAN, clock=_SPAN, places=_PLACE),
    "tallies": _inputs("tallies", "observed", references=("includes",), moments=_SPAN, clock=_SPAN),
    "restrictions": _inputs("restrictions", "observed", moments=_SPAN, clock=_SPAN, places=_PLACE),
    "notices": _inputs("notices", "plain"),  # announced to all, and meant to be known beforehand
    "control": _inputs("control", "observed", moments=_SPAN),
    "inspections": _inputs(
        "inspections", "observed", moments=("time",), clock=("time",), places=(("lat", "lon", ()),),
    ),
    "complaints": _inputs("complaints", "complaint", references=("claims",), moments=("received",)),
    "tasks": _inputs("tasks", "task"),  # where a team will go is nobody else's to know
    "replies": _inputs("replies", "reply"),
    "register": Rule("register", frozenset(REGISTER)),
    "register_counts": Rule("register_counts", frozenset(COUNTED)),
    "decisions": _inputs("decisions", "nothing"),
    "places": _inputs("places", "plain"),
    "incidents": _outputs(
        "incidents", "incident", clock=_SPAN, places=(("lat", "lon", ("semi_major_km", "semi_minor_km")),),
    ),
    "links": _outputs("links", "link"),
    "assessments": _outputs("assessments", "assessment"),
    "authors": _outputs("authors", "author"),
    "contributions": _outputs("contributions", "contribution", words=("reason",)),
    "findings": _outputs("findings", "finding"),
    "trends": _outputs("trends", "trend", moments=("end",)),
    "gaps": _outputs("gaps", "gap", moments=("end",)),
    "board": Rule("board", frozenset(SUMMARIES["board"])),
    "calendar": Rule("calendar", frozenset(SUMMARIES["calendar"]), moments=("end",)),
}  # fmt: skip


@lru_cache(maxsize=16)
def hidden(never: tuple[str, ...]) -> frozenset[str]:
    """Column names behind the names of columns and groups in `publication.never`."""
    return frozenset(column for name in never for column in GROUPS.get(name, (name,)))


@lru_cache(maxsize=64)
def listed(table: str, never: tuple[str, ...]) -> frozenset[str]:
    """The columns of a table that may leave: those of its rule but for those behind `never`."""
    return RULES[table].columns - hidden(never)


def coarsened(table: str, row: Row, step_km: float, *, own: bool = False) -> Row:
    """The row with each place on a grid of `step_km`, and its radius or axes widened by what that may have moved it;
    0 changes nothing. `own`: the row is the caller's to change."""
    out = row if own else dict(row)
    if step_km <= 0:
        return out
    for lat, lon, spans in RULES[table].places:
        if out.get(lat) is None or out.get(lon) is None:
            continue
        out[lat], out[lon] = coarse(out[lat], out[lon], step_km)
        for span in spans:
            if out.get(span) is not None:
                out[span] = widened(out[span], step_km)
    return out


def placeless(table: str, row: Row) -> Row:
    """The row without its places."""
    names = [name for lat, lon, spans in RULES[table].places for name in (lat, lon, *spans) if name in row]
    return {**row, **dict.fromkeys(names)}


def observer_as_class(row: Row) -> Row:
    """Direction as one of eight and distance as a class: with exact ones the observer's place could be worked out.

    The row itself where it tells neither.
    """
    if row.get("bearing_deg") is None and row.get("range_km_low") is None and row.get("range_km_high") is None:
        return row
    out = dict(row)
    if out.get("bearing_deg") is not None:
        sector = 360.0 / DIRECTIONS
        out["bearing_deg"] = round(out["bearing_deg"] / sector) * sector % 360.0
        out["bearing_sd_deg"] = None
    if out.get("range_km_low") is not None:
        out["range_km_low"] = max(c for c in DISTANCE_CLASSES_KM if c <= out["range_km_low"])
    if out.get("range_km_high") is not None:
        out["range_km_high"] = min((c for c in DISTANCE_CLASSES_KM if c >= out["range_km_high"]), default=None)
    return out


_CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*\Z")


def weapon_as_code(row: Row) -> Row:
    """The row without a weapon in free words: those are somebody's words."""
    from trucewatch.taxonomy import taxonomy

    words = row.get("weapon")
    if words is None or (_CODE.match(words) and taxonomy().weapon(words) is not None):
        return row
    return {**row, "weapon": None}


def without_words(row: Row, *columns: str) -> Row:
    """`other:WORDS` as `other` in those columns: the words are somebody's."""
    words = [k for k in columns if str(row.get(k)).startswith("other:")]
    return {**row, **dict.fromkeys(words, "other")} if words else row


def merged(rows: Rows) -> Rows:
    """Rows of authors that became alike as one, with the sum of their probabilities."""
    others = [row["incident_id"] for row in rows if row["actor"] == "other"]
    if len(set(others)) == len(others):  # no other can become alike
        return rows
    first: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = (row["incident_id"], row["actor"])
        held = first.setdefault(key, row)
        if held is not row:
            first[key] = {**held, "p": round(held["p"] + row["p"], 4)}
    if len(first) < len(rows):
        rows[:] = first.values()
    return rows
