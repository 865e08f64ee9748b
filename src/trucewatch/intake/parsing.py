"""One cell to one value, by the type of its column (model.columns). What cannot be read is a `CellFault`, as a value.

Text in; out comes str, float, int, bool, list, dict, or microseconds; `Day` for a date without a clock, whose zone only
the row knows. Faults are returned, not raised, so that they can be kept beside good values and met again cheaply.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from trucewatch.model.columns import FIRST_YEAR, LAST_YEAR, LONGEST_ID, Column
from trucewatch.model.times import TimeFault, is_bare_date, parse_instant

Parse = Callable[[str], Any]
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}(?:\.0*)?\Z", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+\Z", re.ASCII)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")  # controls, directions
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell cannot be read, and what to write instead."""

    message: str
    remedy: str


class Day(str):
    """A bare date, whose first and last instant depend on the zone of its source."""

    __slots__ = ()


def shown(text: str) -> str:
    """A cell as it may stand in a message: short, and without line breaks."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def parser(column: Column) -> Parse:
    """What reads the cells of a column, its bounds and choices included; references are another matter."""
    makers: dict[str, Callable[[Column], Parse]] = {
        "word": lambda _: str.strip,
        "text": lambda _: _text,
        "time": lambda _: _time,
        "number": _bounded_number,
        "integer": _bounded_integer,
        "flag": lambda _: _flag,
        "enum": _choice,
        "list": lambda _: parse_list,
        "json": lambda _: _object,
    }
    return makers[column.type](column)


def _text(text: str) -> Any:
    return text if text.strip() else None


def _time(text: str) -> Any:
    text = text.strip()
    try:
        found = Day(text) if is_bare_date(text) else parse_instant(text)
    except TimeFault as e:
        return CellFault(str(e), e.remedy)
    if not FIRST_YEAR <= int(text[:4]) < LAST_YEAR:
        remedy = f"Write a time between {FIRST_YEAR} and {LAST_YEAR}, or leave it empty where unknown"
        return CellFault(f"{shown(text)} is no time of this mission", remedy)
    return found


def named(text: str) -> Any:
    """An id that can be shown and typed: no signs that change how the rest of a line reads, and not endlessly long."""
    text = text.strip()
    if len(text) > LONGEST_ID:
        return CellFault(f"{shown(text)} has {len(text)} characters", f"Write an id of at most {LONGEST_ID}")
    if _UNSEEN.search(text):
        return CellFault(f"{text!a} holds characters that are not seen", "Write it without control characters")
    return text


def number(text: str) -> float | CellFault:
    """A finite decimal number."""
    text = text.strip()
    if _NUMBER.match(text):
        value = float(text)
        if math.isfinite(value):
            return value + 0.0
        return CellFault(f"{shown(text)} is too large", "Write a finite number")
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return CellFault(f"{shown(text)} is not a finite number", "Leave the cell empty where the value is unknown")
    if _COMMA.match(text):
        return CellFault(f"{shown(text)} is not a number", f"Write a decimal point: {text.replace(',', '.')}")
    return CellFault(f"{shown(text)} is not a number", "Write a decimal number such as 40.12")


def _bounds(column: Column, value: float, text: str) -> CellFault | None:
    low, high = column.low, column.high
    if low is not None and (value < low or (column.open_low and value == low)):
        what = f"more than {low:g}" if column.open_low else f"at least {low:g}"
        empty = "" if column.required else ", or leave it empty where unknown"
        return CellFault(f"{text.strip()} is too small: {column.name} is {what}", f"Write a number of {what}{empty}")
    if high is not None and value > high:
        return CellFault(
            f"{text.strip()} is too large: {column.name} is at most {high:g}", f"Write a number up to {high:g}"
        )
    return None


def _bounded_number(column: Column) -> Parse:
    def parse(text: str) -> Any:
        value = number(text)
        return value if isinstance(value, CellFault) else _bounds(column, value, text) or value

    return parse


def _bounded_integer(column: Column) -> Parse:
    def parse(text: str) -> Any:
        stripped = text.strip()
        if not _WHOLE.match(stripped):
            value = number(stripped)
            if isinstance(value, CellFault):
                return CellFault(f"{shown(stripped)} is not a whole number", "Write digits alone, as in 3")
            return CellFault(
                f"{shown(stripped)} is not a whole number", "Write a whole number, low and high for a range"
            )
        whole = int(stripped.split(".")[0])
        return _bounds(column, whole, stripped) or whole

    return parse


def _flag(text: str) -> Any:
    value = _FLAGS.get(text.strip().lower())
    return CellFault(f"{shown(text)} is neither true nor false", "Write true or false") if value is None else value


def _choice(column: Column) -> Parse:
    def parse(text: str) -> Any:
        word = text.strip()
        if word in column.choices:
            return word
        return CellFault(
            f"{shown(word)} is no {column.name}",
            suggestion(word, column.choices) + "Write one of: " + ", ".join(column.choices),
        )

    return parse


def suggestion(word: str, known: Collection[str]) -> str:
    """`Did you mean ...? ` where something known is near, else nothing."""
    near = get_close_matches(word.strip().lower(), list(known), 1, 0.6)
    return f"Did you mean {near[0]}? " if near else ""


def parse_list(text: str) -> Any:
    """A list: words separated by `;`, or a JSON list of words as exports have it. Empty = unknown (None)."""
    stripped = text.strip()
    if stripped.startswith("["):
        try:
            found = json.loads(stripped)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(w, str) for w in found) or not _storable(found):
            return CellFault(f"{shown(stripped)} is no list", "Separate words by ; or write a JSON list of words")
        return [w for w in found if w.strip()] or None
    return [w for w in (part.strip() for part in stripped.split(";")) if w] or None


def _object(text: str) -> Any:
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as e:
        said = getattr(e, "msg", str(e)).lower()
        return CellFault(f"{shown(text)} is no JSON ({said})", 'Write an object such as {"claims": ["SOURCE/ID"]}')
    if not _storable(found):
        return CellFault(f"{shown(text)} holds a number or character that cannot be kept", "Correct it")
    if not isinstance(found, dict):
        return CellFault(f"{shown(text)} is no JSON object", 'Write an object such as {"claims": ["SOURCE/ID"]}')
    return found or None


def _storable(value: Any) -> bool:
    """Whether a JSON value has no infinite number and no half character in it."""
    try:
        return bool(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        return False


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
