"""Rows of every input table as hypothesis draws them: valid, and as awkward as the contract allows."""

from __future__ import annotations

import math
import re
from typing import Any

from hypothesis import strategies as st

from trucewatch.model.columns import KINDS, MOST, Column, Kind
from trucewatch.model.times import format_instant, parse_instant
from trucewatch.taxonomy import taxonomy

Row = dict[str, Any]
SOURCES = ("mod_n", "mod_s", "news_n", "mon")
ACTORS = ("norland", "sudland")
ZONES = ("town",)
SECTORS = ("north", "south")
LIVE = ("=1+1", "+1", "-x", "@SUM", "'=1", "''=1", "\t=1", "'", "''", "-5", "'-5", "+4,5")
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=12)
texts = st.one_of(
    words,
    st.sampled_from(LIVE),
    st.sampled_from(('a "b" c', "a\r\nb", "a\rb", "a\nb", "a;b", "a,b", "[1]", "{}", "null")),
).filter(lambda t: t.strip() != "")
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
seen = texts.map(str.strip).filter(lambda t: bool(t) and not UNSEEN.search(t))
ids = seen
times = st.integers(min_value=-2_000_000_000, max_value=4_000_000_000).map(lambda s: s * 1_000_000) | st.integers(
    min_value=parse_instant("1900-01-02T00:00:00Z"), max_value=parse_instant("2199-12-30T00:00:00Z")
)
objects = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def _reference(column: Column) -> st.SearchStrategy[Any] | None:
    acts = st.sampled_from(sorted(taxonomy().acts))
    others = seen.map("other:".__add__)
    found: dict[str, st.SearchStrategy[Any]] = {
        "source": st.sampled_from(SOURCES),
        "actor": st.sampled_from(ACTORS) if column.name in {"party", "actor"} else st.sampled_from(ACTORS) | others,
        "act": acts,
        "acts": st.lists(acts, min_size=1, max_size=3),
        "zone": st.sampled_from(ZONES),
        "sector": st.sampled_from(SECTORS),
    }
    return found.get(column.refers or "")


def _number(column: Column) -> st.SearchStrategy[float]:
    low = -1e9 if column.low is None else column.low
    return st.floats(low, 1e9 if column.high is None else column.high, exclude_min=column.open_low).map(
        lambda x: x + 0.0
    )


def cell(column: Column) -> st.SearchStrategy[Any]:
    """Values of a column as JSON has them."""
    refers = _reference(column)
    if refers is not None:
        return refers
    if column.name == "tz":
        return st.sampled_from(("Asia/Baku", "UTC", "Europe/Kyiv"))
    makers: dict[str, st.SearchStrategy[Any]] = {
        "word": ids,
        "text": texts,
        "time": times.map(format_instant),
        "number": _number(column),
        "integer": st.integers(0, MOST),
        "flag": st.booleans(),
        "enum": st.sampled_from(column.choices) if column.choices else st.nothing(),
        "list": st.lists(texts, min_size=1, max_size=3),
        "json": st.dictionaries(words, objects, min_size=1, max_size=3),
    }
    return makers[column.type]


@st.composite
def rows(draw: st.DrawFn, kind: Kind) -> Row:
    """A valid row of a table: what must be there, some of what may, some columns that nobody knows."""
    row: Row = {}
    for column in kind.columns:
        if column.required or draw(st.integers(0, 3)) == 0:
            row[column.name] = draw(cell(column))
    for name in draw(st.lists(st.sampled_from(("note", "Größe", "=x", "a,b", "'q")), max_size=2)):
        row[name] = draw(texts)
    return _together(row)


def _together(row: Row) -> Row:
    """Make cells agree that must: intervals, ranges, points."""
    from trucewatch.model.times import parse_instant

    if "end" in row and parse_instant(row["end"]) < parse_instant(row["start"]):
        row["start"], row["end"] = row["end"], row["start"]
    for low in [name for name in row if name.endswith("_low")]:
        high = low[:-4] + "_high"
        if high in row and row[low] > row[high]:
            row[low], row[high] = row[high], row[low]
    for lat, lon in (("lat", "lon"), ("origin_lat", "origin_lon"), ("obs_lat", "obs_lon")):
        if (lat in row) != (lon in row):
            row.pop(lat, None)
            row.pop(lon, None)
    return row


def tables() -> st.SearchStrategy[dict[str, list[Row]]]:
    """A few rows of every table but the sources, which are told by the mission."""
    return st.fixed_dictionaries(
        {name: st.lists(rows(kind), max_size=4) for name, kind in KINDS.items() if name != "sources"}
    )


def finite(value: float) -> bool:
    """Whether a number is one."""
    return math.isfinite(value)
