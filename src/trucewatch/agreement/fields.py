"""Kinds of values in an agreement file, each checked where it stands: ids, times, durations, calibres, kilometres."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from trucewatch.agreement.clocks import DAYS, Window, parse_span
from trucewatch.agreement.duties import parse_done
from trucewatch.model.times import TimeFault, day_bounds, is_bare_date, parse_instant, zone

_ID = re.compile(r"[^\s;,=/\\]{1,80}\Z")
_CALIBRE = re.compile(
    r"(?:(>=|<=|>|<|=)?\s*(\d{1,4}(?:\.\d{1,3})?)|(\d{1,4}(?:\.\d{1,3})?)\s*\.\.\s*(\d{1,4}(?:\.\d{1,3})?))\Z"
)
_HOURS = re.compile(r"(\d\d):(\d\d)\s*[-/]\s*(\d\d):(\d\d)\Z")
_MONTH = re.compile(r"\d{4}(-(0[1-9]|1[0-2]))?\Z")  # a year, or a month
_FIRST, _LAST = parse_instant("1800-01-01T00:00:00Z"), parse_instant("2300-01-01T00:00:00Z")


def _id(value: Any) -> Any:
    if isinstance(value, str) and not (_ID.match(value) and value.isprintable()):
        shown = ascii(value[:40])
        raise ValueError(
            f"{shown} cannot be an id | Use letters, digits and . - _ ( ), without blanks, ; , = or slashes"
        )
    return value


def _beside(value: str) -> str:
    parts = value.replace("\\", "/").split("/")
    if not value.isprintable() or value.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise ValueError(f"{value[:60]!a} leads out of the folder | Put the file beside the agreement or below it")
    return value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _duration(value: str) -> str:
    try:
        parse_span(value)
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    return value


def _instant(value: str | None) -> str | None:
    if value is None:
        return value
    try:
        at = day_bounds(value, "UTC")[0] if is_bare_date(value) else parse_instant(value)
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    if not _FIRST <= at < _LAST:
        raise ValueError(f"{value!r} lies outside the years 1800 to 2299 | Check the year")
    return value


def _text_date(value: str | None) -> str | None:
    """The day of a text, or its month or year where no more is known."""
    if value is None or _MONTH.match(value):
        return value
    day = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", value.strip())
    try:
        if not is_bare_date(value):
            raise TimeFault("", "")
        day_bounds(value, "UTC")
    except TimeFault:
        # 29/08/2025 can be one day only; 03/04/2025 may be two, and nobody should guess.
        turned = f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day and 12 < int(day[1]) <= 31 and int(day[2]) <= 12 else ""
        raise ValueError(f"{value[:60]!r} is no date | Write {turned or 'YYYY-MM-DD, as in 2025-08-29'}") from None
    return value


def _time_zone(value: str) -> str:
    try:
        zone(value)
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    return value


def _done(value: str) -> str:
    parse_done(value)
    return value


def hours(text: str, days: tuple[str, ...] = ()) -> Window:
    """The window of hours like "06:00-16:00", on some days; ValueError for other words."""
    m = _HOURS.match(text.strip())
    if not m or int(m[1]) > 24 or int(m[3]) > 24 or int(m[2]) > 59 or int(m[4]) > 59:
        raise ValueError(f'{text[:60]!r} are no hours of the day | Write "06:00-16:00"')
    start, end = int(m[1]) * 60 + int(m[2]), int(m[3]) * 60 + int(m[4])
    if start == end:
        raise ValueError(f'{text[:60]!r} last no time | Write "00:00-24:00" for a whole day')
    return Window(start, end if end > start else end + 1440, tuple(DAYS.index(d) for d in days))


def _hours(value: str) -> str:
    hours(value)
    return value


def calibre_bounds(value: str) -> tuple[float, bool, float, bool]:
    """Least calibre, whether itself excluded, greatest, whether excluded, of ">=100", ">100", "60..120", "120"; mm.

    ValueError for other words.
    """
    m = _CALIBRE.match(value.strip())
    if not m:
        digits = re.search(r"\d{1,4}(?:\.\d{1,3})?", value)
        bare = f"Write {digits[0]} (mm is understood)" if digits and re.search(r"mm\s*\Z", value) else "Write 120 (mm)"
        raise ValueError(f'{value[:40]!r} is no rule for a calibre | {bare}, ">=100", ">100" or "60..120"')
    if m[3]:
        if float(m[3]) > float(m[4]):
            raise ValueError(f"{value!r} begins above its end | Write the smaller calibre first")
        return float(m[3]), False, float(m[4]), False
    number, inf = float(m[2]), float("inf")
    rule = {">=": (number, False, inf, True), ">": (number, True, inf, True),
            "<=": (0.0, False, number, False), "<": (0.0, False, number, True)}  # fmt: skip
    return rule.get(m[1] or "=", (number, False, number, False))


def _calibre(value: str) -> str:
    calibre_bounds(value)
    return value


class Plainer:
    """In the JSON Schema: the value itself, or a plainer form of it (a single word for a list or for keys)."""

    def __init__(self, *plainer: dict[str, Any]) -> None:
        self.plainer = plainer

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        whole = handler(core)
        return {"anyOf": [whole, *(whole["items"] if p is ONE else p for p in self.plainer)]}


ONE: dict[str, Any] = {}  # stands for one thing of the list itself
PLAIN_WORD = {"type": "string"}


def named(key: str) -> BeforeValidator:
    """A plain word is read as keys with that one key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def listed(key: str | None = None) -> BeforeValidator:
    """One thing is read as a list of it; plain words in it as keys with that one key."""

    def read(value: Any) -> Any:
        rows = [value] if isinstance(value, str | dict) else value
        if key is None or not isinstance(rows, list):
            return rows
        return [{key: row} if isinstance(row, str) else row for row in rows]

    return BeforeValidator(read)


Id = Annotated[str, BeforeValidator(_id)]
_ONE_OR_MANY = WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]})
Ids = Annotated[list[Id], BeforeValidator(_one_or_many), _ONE_OR_MANY]
Words = Annotated[list[str], BeforeValidator(_one_or_many), _ONE_OR_MANY]
ByLanguage = dict[str, str]
Done = Annotated[str, AfterValidator(_done)]
Dones = Annotated[list[Done], BeforeValidator(_one_or_many), _ONE_OR_MANY]
Hours = Annotated[str, AfterValidator(_hours)]
Beside = Annotated[str, AfterValidator(_beside)]
TextDate = Annotated[str | None, AfterValidator(_text_date)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Duration = Annotated[str, AfterValidator(_duration)]
Instant = Annotated[str | None, AfterValidator(_instant)]
Calibre = Annotated[str, AfterValidator(_calibre), WithJsonSchema({"type": ["string", "number"]})]
Km = Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)]  # half way round the earth


class Keys(BaseModel):
    """Base of all parts: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = {name for key, field in cls.model_fields.items() for name in (key, field.alias or key)}
        return {k: v for k, v in value.items() if v is not None or k not in known}


def names_event(value: str) -> bool:
    """Whether words that stand for a time are the name of an event: times begin with a digit."""
    return bool(_ID.match(value)) and not value[0].isdigit()


class WhenKeys(Keys):
    """A time, or an event with a duration after it. `at` may be a bare date: that local day."""

    at: Instant = None
    event: Id | None = None
    plus: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """A plain time, or the plain name of an event."""
        if isinstance(value, str):
            return {"event": value} if names_event(value) else {"at": value}
        return value

    @model_validator(mode="after")
    def _one(self) -> WhenKeys:
        if (self.at is None) == (self.event is None):
            raise ValueError("neither a time nor an event, or both | Write a time, or {event: ..., plus: P14D}")
        if self.plus is not None and self.event is None:
            raise ValueError("a duration without an event | Write {event: ..., plus: P14D}")
        return self


When = Annotated[
    WhenKeys | None,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "description": "RFC 3339 time, bare date or name of an event"},
                {"type": "null"},
                {
                    "type": "object",
                    "properties": {"event": {"type": "string"}, "plus": {"type": "string", "format": "duration"}},
                    "required": ["event"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
