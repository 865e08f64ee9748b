"""The agreement file as it may be written (design 4, and the needs of real texts): one pydantic model a part.

An unknown key is a fault. What is not judged yet (procedures, definitions, quantities, conditions) is taken, kept and
shown; nothing in it is guessed. The JSON Schema is made from these models.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from trucewatch.model import times
from trucewatch.model import vocabulary as v


class Part(BaseModel):
    """A part of the file: no key that is not listed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
Names = dict[str, str]


class Relative(Part):
    """A time relative to an event: `{event: in_force, plus: P14D}`."""

    event: str
    plus: str | None = None

    @field_validator("plus")
    @classmethod
    def _duration(cls, value: str | None) -> str | None:
        if value is not None:
            times.parse_duration(value)
        return value


Moment = str | Relative


class EventAt(Part):
    """An event of the text; without a time the terms that hang on it wait."""

    at: str | None = None
    set_by: str | None = None


class ActorEntry(Part):
    """A party or other actor."""

    id: str = Field(min_length=1)
    role: Literal[v.ACTOR_ROLES]  # type: ignore[valid-type]
    names: Names = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    answers_for: Words = ()
    accepted: str | None = None


class ZoneEntry(Part):
    """A zone: features of a GeoJSON file, a geometry in place, or built from other zones."""

    id: str = Field(min_length=1)
    names: Names = Field(default_factory=dict)
    file: str | None = None
    feature: Words = ()
    geometry: dict[str, Any] | None = None
    uncertainty_km: float = Field(default=0.0, ge=0.0)
    status: Literal[v.ZONE_STATUSES] = "agreed"  # type: ignore[valid-type]
    buffer_km: float | None = Field(default=None, gt=0.0)
    width_km: float | None = Field(default=None, gt=0.0)
    side: Literal["both", "left", "right"] = "both"
    of: str | None = None
    between: tuple[str, ...] = ()
    minus: Words = ()
    sides: Names = Field(default_factory=dict)
    valid_from: Moment | None = None
    source: str | None = None


class TextEntry(Part):
    """What the text says in one language: our summary; the words only where they may be quoted."""

    summary: str | None = None
    words: str | None = None
    source: str | None = None
    authentic: Literal["yes", "no", "unknown"] = "unknown"


class WeaponRule(Part):
    """Which weapons, and how far: `distance_km` from a line, or `zone_width_km` between the sides (half each)."""

    cls: Words = Field(default=(), alias="class")
    calibre_mm: str | None = None
    models: Words = ()
    max: int | None = Field(default=None, ge=0)
    distance_km: float | None = Field(default=None, gt=0.0)
    zone_width_km: float | None = Field(default=None, gt=0.0)
    distance: Literal["direct_fire_range", "max_range"] | None = None
    excepted: bool = False

    @field_validator("calibre_mm")
    @classmethod
    def _calibre(cls, value: str | None) -> str | None:
        if value is not None:
            calibre(value)
        return value

    @model_validator(mode="after")
    def _one_measure(self) -> WeaponRule:
        if self.distance_km is not None and self.zone_width_km is not None:
            raise ValueError("distance_km (from a line) and zone_width_km (between the sides) exclude each other")
        return self


def calibre(text: str) -> tuple[float, float, bool, bool]:
    """Bounds of a calibre rule in mm: low, high, and whether each belongs to it (`>=100`, `>100`, `60..120`, `122`)."""
    clean = text.replace(" ", "").removesuffix("mm")
    try:
        for sign, low, inclusive in ((">=", True, True), (">", True, False), ("<=", False, True), ("<", False, False)):
            if clean.startswith(sign):
                n = float(clean[len(sign) :])
                return (n, float("inf"), inclusive, True) if low else (0.0, n, True, inclusive)
        if ".." in clean:
            a, b = clean.split("..")
            return float(a), float(b), True, True
        return float(clean), float(clean), True, True
    except ValueError:
        raise ValueError(f"{text!r} is no calibre; write >=100, >100, 60..120 or 122") from None


class WhereEntry(Part):
    """Where a term binds; `of` says whether the place meant is where fire came from, fell, or where something is."""

    zone: str | None = None
    of: Literal[v.PLACE_OF] | None = None  # type: ignore[valid-type]


class ExceptEntry(Part):
    """What a term leaves lawful; `requires` is shown and decided by people, never computed."""

    id: str | None = None
    acts: Words = ()
    actors: Words = ()
    where: WhereEntry | None = None
    requires: Words = ()
    in_response_to: str | None = None
    text: str | None = None
    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None


class TermEntry(Part):
    """One term of the text."""

    id: str = Field(min_length=1)
    text: dict[str, TextEntry] = Field(default_factory=dict)
    kind: Literal[v.TERM_KINDS]  # type: ignore[valid-type]
    acts: Words = ()
    binds: Words = ()
    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    by: Moment | None = None
    begins_by: Moment | None = None
    where: WhereEntry | None = None
    except_: tuple[ExceptEntry, ...] = Field(default=(), alias="except")
    protects: Words = ()
    readings: dict[str, Any] = Field(default_factory=dict)
    weapons: tuple[WeaponRule, ...] = ()
    from_zone: str | Names | None = None
    what: str | None = None
    to: Any = None
    done_when: Any = None
    then: Any = None
    after: Any = None
    while_: Any = Field(default=None, alias="while")
    with_: Words = Field(default=(), alias="with")
    quantity: dict[str, Any] | None = None
    schedule: dict[str, Any] | None = None
    duration: dict[str, Any] | None = None
    excludes: Words = ()
    limits: tuple[WeaponRule, ...] = ()
    for_: Words = Field(default=(), alias="for")
    route: Any = None
    baseline: Any = None
    sides: Names = Field(default_factory=dict)
    open_ended: bool = False
    refers: tuple[dict[str, Any], ...] = ()
    on: Any = None
    within: str | None = None
    every: str | None = None
    form: str | None = None


class Mandate(Part):
    """What the mechanism may do with what it finds."""

    attribute: bool = True
    rule: bool = True
    publish: bool = True


class MechanismEntry(Part):
    """The joint mechanism: members, how it decides, what it may do, its clocks."""

    id: str | None = None
    members: Words = ()
    chair: str | None = None
    decides: str | None = None
    powers: Words = ()
    reports: Any = None
    clocks: dict[str, Any] = Field(default_factory=dict)
    mandate: Mandate = Field(default_factory=Mandate)
    offices: Words = ()
    text: str | None = None


class AgreementFile(Part):
    """The whole file."""

    id: str = Field(min_length=1)
    title: Names
    date: str | None = None
    source: str | None = None
    summary: Names = Field(default_factory=dict)
    notes: Words = ()
    actors: tuple[ActorEntry, ...] = Field(min_length=1)
    timezone: str = "UTC"
    events: dict[str, EventAt] = Field(default_factory=dict)
    zones: tuple[ZoneEntry, ...] = ()
    terms: tuple[TermEntry, ...] = ()
    mechanism: MechanismEntry | None = None
    definitions: dict[str, Any] = Field(default_factory=dict)
    procedures: tuple[dict[str, Any], ...] = ()
    refers: tuple[dict[str, Any], ...] = ()
    readings: dict[str, Any] = Field(default_factory=dict)
    duration: dict[str, Any] | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        times.zone(value)
        return value
