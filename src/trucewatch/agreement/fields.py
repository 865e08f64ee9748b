"""The keys of an agreement file (design 4): names, types and meanings. The published JSON Schema is made from here.

Keys of terms that nothing computes yet are read, checked for their shape, kept and shown.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from trucewatch.model import vocabulary as v
from trucewatch.model.times import DAY, TimeFault, day_bounds, is_bare_date, parse_duration, parse_instant, zone

_ID = re.compile(r"[^\s;,=/\\]{1,80}\Z")
_DONE = re.compile(r"(?:(?:controls|absent|present|released|count|document)\(.*\).*|by_decision)\Z")
_CALIBRE = re.compile(
    r"(?:(>=|<=|>|<|=)?\s*(\d{1,4}(?:\.\d{1,3})?)|(\d{1,4}(?:\.\d{1,3})?)\s*\.\.\s*(\d{1,4}(?:\.\d{1,3})?))\Z"
)
_LONGEST = 100 * 366 * DAY  # a duration of a century and more is a slip of the pen
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
        length = parse_duration(value)
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    if abs(length) > _LONGEST:
        raise ValueError(f"{value!r} is longer than a century | Check the number of days")
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


def _time_zone(value: str) -> str:
    try:
        zone(value)
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    return value


def _done(value: str) -> str:
    if not _DONE.match(value):
        closed = "controls(...), absent(...), present(...), released(...), count(...), document(...) or by_decision"
        raise ValueError(f"{value!r} cannot be tested | Write one of {closed}")
    return value


def calibre_bounds(value: str) -> tuple[float, bool, float, bool]:
    """Least calibre, whether itself excluded, greatest, whether excluded, of ">=100", ">100", "60..120", "120"; mm.

    ValueError for other words.
    """
    m = _CALIBRE.match(value.strip())
    if not m:
        raise ValueError(f'{value!r} is no rule for a calibre | Write ">=100", ">100", "60..120" or 120 (mm)')
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


Id = Annotated[str, BeforeValidator(_id)]
Ids = Annotated[list[Id], BeforeValidator(_one_or_many)]
Words = Annotated[list[str], BeforeValidator(_one_or_many)]
ByLanguage = dict[str, str]
Duration = Annotated[str, AfterValidator(_duration)]
Instant = Annotated[str | None, AfterValidator(_instant)]
Calibre = Annotated[str, AfterValidator(_calibre)]
Km = Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)]  # half way round the earth


class Keys(BaseModel):
    """Base of all parts: an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


class WhenKeys(Keys):
    """A time, or an event with a duration after it. `at` may be a bare date: that local day."""

    at: Instant = None
    event: Id | None = None
    plus: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"at": value}
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
                {"type": "string", "description": "RFC 3339 time or bare date"},
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


class TextKeys(Keys):
    """What a term says: our summary; the words themselves only where they may be quoted."""

    summary: str | None = None
    words: str | None = None
    source: str | None = None
    authentic: Literal["yes", "no", "unknown"] | None = None


class ActorKeys(Keys):
    """Somebody of the agreement. `answers_for`: whose acts are its own to answer for is told on the doer's row."""

    id: Id
    role: Literal["party", "guarantor", "mechanism", "mediator", "third_party", "not_covered"]
    names: ByLanguage = {}
    aliases: list[str] = []
    answers_for: Id | None = None
    accepted: When = None
    note: str | None = None


class EventKeys(Keys):
    """Something that times refer to; `at` null keeps what depends on it pending."""

    at: When = None
    set_by: Id | None = None
    text: ByLanguage = {}


class CircleKeys(Keys):
    """A circle on the ground."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    radius_km: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]


class ZoneKeys(Keys):
    """A named line or area: from a file, a circle, or built from other zones; `undefined` zones have no shape."""

    id: Id
    file: Annotated[str, AfterValidator(_beside)] | None = None
    feature: Words | None = None
    circle: CircleKeys | None = None
    of: Id | None = None
    buffer_km: Km | None = None
    width_km: Km | None = None
    side: Literal["both", "left", "right"] = "both"
    between: Annotated[list[Id], Field(min_length=2, max_length=2)] | None = None
    minus: Ids = []
    uncertainty_km: Km = 0.0
    status: Literal["agreed", "provisional", "undefined"] = "agreed"
    valid_from: When = None
    names: ByLanguage = {}
    note: str | None = None


class WhereKeys(Keys):
    """Where a term holds: a zone (null = everywhere), and of what the place is meant (null = any)."""

    zone: Id | None = None
    of: Literal["origin", "impact", "presence"] | None = None


class WeaponKeys(Keys):
    """Which weapons, and how far away: `distance_km` from the line, or `zone_width_km` between the sides."""

    class_: Words | None = Field(default=None, alias="class")
    calibre_mm: Calibre | None = None
    models: Words | None = None
    max: int | None = None
    distance_km: Km | None = None
    zone_width_km: Km | None = None
    distance: Literal["max_range", "direct_fire_range"] | None = None

    @model_validator(mode="after")
    def _one_distance(self) -> WeaponKeys:
        told = [k for k in ("distance_km", "zone_width_km", "distance") if getattr(self, k) is not None]
        if len(told) > 1:
            both = " and ".join(told)
            raise ValueError(f"{both} stand together | Keep one: the distance of each side, or the width between them")
        return self


class ExceptionKeys(Keys):
    """What a term does not forbid. Without `requires` it holds by itself; with it, people decide."""

    id: Id | None = None
    acts: Words = []
    actors: Ids = []
    where: WhereKeys | None = None
    requires: Words = []
    in_response_to: str | None = None
    text: Any = None


class BaselineKeys(Keys):
    """The state that a freeze keeps: at a time, along a zone."""

    at: When = None
    zone: Id | None = None


class QuantityKeys(Keys):
    """How many, per duration."""

    min: float | None = None
    max: float | None = None
    per: Duration | None = None


class ScheduleKeys(Keys):
    """Recurring hours."""

    per_day: Duration | None = None
    per: Duration | None = None
    windows: list[Any] = []
    when: str | None = None


class RenewKeys(Keys):
    """How a duration renews itself."""

    every: str
    unless_notice: str | None = None


class DurationKeys(Keys):
    """How long it holds, and whether it renews."""

    until: When = None
    renews: RenewKeys | None = None


class ConditionKeys(Keys):
    """A term that must have a status first."""

    term: Id
    status: str | None = None
    by: Id | None = None


class ReferKeys(Keys):
    """What another text has to do with this one; a text that is only recalled does not stay in force beside it."""

    agreement: Id
    term: Id | None = None
    how: Literal["incorporates", "amends", "replaces", "interprets", "recalls"]


class TermKeys(Keys):
    """One term: what is forbidden or owed, by whom, from when to when, where, except what."""

    id: Id
    kind: Literal[v.TERM_KINDS]  # type: ignore[valid-type]
    text: dict[str, TextKeys] = {}
    acts: Words = []
    binds: Ids = []
    from_: When = Field(default=None, alias="from")
    until: When = None
    begins_by: When = None
    by: When = None
    where: WhereKeys = WhereKeys()
    from_zone: Id | dict[str, Id] | None = None
    weapons: list[WeaponKeys] = []
    distance_km: Km | None = None
    zone_width_km: Km | None = None
    distance: Literal["max_range", "direct_fire_range"] | None = None
    what: str | None = None
    to: Any = None
    excludes: Words = []
    limits: list[WeaponKeys] = []
    baseline: BaselineKeys | None = None
    sides: dict[str, Literal["left", "right"]] = {}
    route: str | None = None
    for_: Words = Field(default=[], alias="for")
    done_when: Annotated[str, AfterValidator(_done)] | None = None
    quantity: QuantityKeys | None = None
    schedule: ScheduleKeys | None = None
    duration: DurationKeys | None = None
    after: list[ConditionKeys] = []
    while_: Any = Field(default=None, alias="while")
    with_: Ids = Field(default=[], alias="with")
    then: dict[str, Any] | None = None
    except_: list[ExceptionKeys] = Field(default=[], alias="except")
    protects: Words = []
    open_ended: bool = False
    refers: list[ReferKeys] = []
    readings: dict[str, Any] = {}
    note: str | None = None


class DefinitionKeys(Keys):
    """A word that the text defines itself; usable in `acts` as `definition:NAME`."""

    text: dict[str, TextKeys] = {}
    acts: Words = []
    test: str | None = None


class ProcedureKeys(Keys):
    """Who does what within which time, as shown and reminded of."""

    id: Id
    on: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: Words = []
    within: Duration | None = None
    every: Duration | None = None
    form: str | None = None
    text: dict[str, TextKeys] = {}
    note: str | None = None


class ReportsKeys(Keys):
    """To whom a mechanism reports, and how often."""

    to: Words = []
    every: Duration | None = None


class MandateKeys(Keys):
    """What the mission may do: attribute acts to authors, rule on violations, publish."""

    attribute: bool = True
    rule: bool = True
    publish: bool = True


class MechanismKeys(Keys):
    """The joint body or mission: members, how it decides, what it may do."""

    id: Id | None = None
    names: ByLanguage = {}
    members: Ids = []
    chair: Id | None = None
    decides: Literal["consensus", "majority"] | None = None
    powers: Words = []
    reports: ReportsKeys | None = None
    clocks: dict[str, Duration] = {}
    mandate: MandateKeys | None = None
    text: dict[str, TextKeys] = {}
    note: str | None = None


class AgreementKeys(Keys):
    """One agreement file."""

    id: Id
    title: Annotated[ByLanguage, Field(min_length=1)]
    version: Annotated[int, Field(ge=1)] = 1
    actors: Annotated[list[ActorKeys], Field(min_length=1)]
    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    date: str | None = None
    source: str | None = None
    summary: ByLanguage = {}
    notes: Words = []
    events: dict[str, EventKeys] = {}
    zones: list[ZoneKeys] = []
    terms: Annotated[list[TermKeys], Field(min_length=1)]
    definitions: dict[str, DefinitionKeys] = {}
    procedures: list[ProcedureKeys] = []
    mechanism: MechanismKeys | None = None
    duration: DurationKeys | None = None
    refers: list[ReferKeys] = []
    readings: dict[str, Any] = {}
    links: Words = []
