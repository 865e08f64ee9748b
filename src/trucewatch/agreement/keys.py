"""The keys of an agreement file (design 4): names, types and meanings. Reference and JSON Schema are made from here.

Keys of terms that nothing computes yet are read, checked for their shape, kept and shown.
"""

# ruff: noqa: RUF012 (these are keys of a model, which copies its defaults)

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trucewatch.agreement.fields import (
    Beside,
    ByLanguage,
    Calibre,
    Done,
    Duration,
    Id,
    Ids,
    Keys,
    Km,
    TimeZone,
    When,
    Words,
)
from trucewatch.model import vocabulary as v


class TextKeys(Keys):
    """What a term says in one language: our summary; the words themselves only where they may be quoted."""

    summary: str | None = None
    """What it says, in our own words."""
    words: str | None = None
    """The words of the text, only where they may be quoted."""
    source: str | None = None
    """The page on which the text was read."""
    authentic: Literal["yes", "no", "unknown"] | None = None
    """Whether that page has the authentic text."""


class ActorKeys(Keys):
    """Somebody of the agreement."""

    id: Id
    """Short word that claims, terms and decisions use."""
    role: Literal["party", "guarantor", "mechanism", "mediator", "third_party", "not_covered"]
    """What it is here; `not_covered`: it fights and signed nothing."""
    names: ByLanguage = {}
    """Its name by language."""
    aliases: list[str] = []
    """Other names that sources and data sets use."""
    answers_for: Id | None = None
    """The party that answers for what this actor does; where the text leaves it open, write a reading instead."""
    accepted: When = None
    """Since when it is bound, where later than the rest."""
    note: str | None = None
    """What a reader should know."""


class EventKeys(Keys):
    """Something that times refer to."""

    at: When = None
    """When it happened; null keeps what stands on it pending."""
    set_by: Id | None = None
    """Who sets it."""
    text: ByLanguage = {}
    """How the time was found, by language."""


class CircleKeys(Keys):
    """A circle on the ground."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    """Degrees north, WGS 84."""
    lon: Annotated[float, Field(ge=-180, le=180)]
    """Degrees east, WGS 84."""
    radius_km: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)]
    """Radius on the ellipsoid, km."""


class ZoneKeys(Keys):
    """A named line or area: from a file, a circle, or built from zones above it."""

    id: Id
    """Short word that terms use."""
    file: Beside | None = None
    """GeoJSON file beside the agreement or below it."""
    feature: Words | None = None
    """Property `name` of the feature, or of several (their union); all of the file where left out."""
    circle: CircleKeys | None = None
    """A circle instead of a file."""
    of: Id | None = None
    """The zone above that this one is made from."""
    buffer_km: Km | None = None
    """All within this distance of it."""
    width_km: Km | None = None
    """A corridor of this width along it: half to each side."""
    side: Literal["both", "left", "right"] = "both"
    """On which side of a line, looking along it."""
    between: Annotated[list[Id], Field(min_length=2, max_length=2)] | None = None
    """The area between two lines above."""
    minus: Ids = []
    """Zones above that are taken out."""
    uncertainty_km: Km = 0.0
    """How far its edge may be off, with 95 %."""
    status: Literal["agreed", "provisional", "undefined"] = "agreed"
    """`undefined`: no shape; what depends on it stays undetermined."""
    valid_from: When = None
    """Since when it runs so."""
    names: ByLanguage = {}
    """Its name by language."""
    note: str | None = None
    """Where the shape comes from, or why there is none."""


class WhereKeys(Keys):
    """Where a term holds."""

    zone: Id | None = None
    """A zone; null = everywhere."""
    of: Literal["origin", "impact", "presence"] | None = None
    """Where fire came from, where it fell, where somebody was; null = any place told."""


class WeaponKeys(Keys):
    """Which weapons, and how far away. The most specific rule wins: models, one calibre, calibres, class."""

    class_: Words | None = Field(default=None, alias="class")
    """Classes of the list of weapons."""
    calibre_mm: Calibre | None = None
    """`">=100"`, `">100"`, `"60..120"` or `120`."""
    models: Words | None = None
    """Names or codes of the list of weapons."""
    max: int | None = None
    """How many are allowed; shown."""
    distance_km: Km | None = None
    """How far each side must stand from its line."""
    zone_width_km: Km | None = None
    """How wide the zone between the sides must be: half of it for each."""
    distance: Literal["max_range", "direct_fire_range"] | None = None
    """The weapon's greatest range, or out of direct fire."""

    @model_validator(mode="after")
    def _one_distance(self) -> WeaponKeys:
        told = [k for k in ("distance_km", "zone_width_km", "distance") if getattr(self, k) is not None]
        if len(told) > 1:
            both = " and ".join(told)
            raise ValueError(f"{both} stand together | Keep one: the distance of each side, or the width between them")
        return self


class ExceptionKeys(Keys):
    """What a term does not forbid. Without `requires` and `in_response_to` it holds by itself; else people decide."""

    id: Id | None = None
    """Short word; else its position."""
    acts: Words = []
    """Only these acts; all of the term where left out."""
    actors: Ids = []
    """Only for these actors."""
    where: WhereKeys | None = None
    """Only there."""
    requires: Words = []
    """What must have been done, in free words; shown and decided, never computed."""
    in_response_to: str | None = None
    """An act or `definition:NAME` that it answers."""
    text: Any = None
    """Its words, by language."""


class BaselineKeys(Keys):
    """The state that a freeze keeps."""

    at: When = None
    """As it was then."""
    zone: Id | None = None
    """Along this zone."""


class QuantityKeys(Keys):
    """How many."""

    min: float | None = None
    """At least."""
    max: float | None = None
    """At most."""
    per: Duration | None = None
    """Within each."""


class ScheduleKeys(Keys):
    """Recurring hours."""

    per_day: Duration | None = None
    """How long each day."""
    per: Duration | None = None
    """How often."""
    windows: list[Any] = []
    """Hours of the day."""
    when: str | None = None
    """On which days."""


class RenewKeys(Keys):
    """How a duration renews itself."""

    every: str
    """For how long each time."""
    unless_notice: str | None = None
    """What ends it."""


class DurationKeys(Keys):
    """How long it holds."""

    until: When = None
    """Its end."""
    renews: RenewKeys | None = None
    """With it the end is not computed."""


class ConditionKeys(Keys):
    """A term that must have a status first."""

    term: Id
    """Which."""
    status: str | None = None
    """Which status."""
    by: Id | None = None
    """Who says so."""


class ReferKeys(Keys):
    """What another text has to do with this one."""

    agreement: Id
    """Its id."""
    term: Id | None = None
    """One term of it."""
    how: Literal["incorporates", "amends", "replaces", "interprets", "recalls"]
    """With the first two and `interprets` it stays in force beside this one; else this one ends it."""


class TermKeys(Keys):
    """One term: what is forbidden or owed, by whom, from when to when, where, except what."""

    id: Id
    """The text's own number where it has one."""
    kind: Literal[v.TERM_KINDS]  # type: ignore[valid-type]
    """Judged are prohibitions that name acts, and withdrawals by distance; the others are shown."""
    text: dict[str, TextKeys] = {}
    """What it says, by language."""
    acts: Words = []
    """Codes of the act taxonomy, each with those below it, or `definition:NAME`."""
    binds: Ids = []
    """Actors that owe it."""
    from_: When = Field(default=None, alias="from")
    """Since when; the event `in_force` where left out."""
    until: When = None
    """Until when."""
    begins_by: When = None
    """By when it must have begun; shown."""
    by: When = None
    """By when it must be complete."""
    where: WhereKeys = WhereKeys()
    """Where it holds."""
    from_zone: Id | dict[str, Id] | None = None
    """The line from which distances run: one, or one for each actor."""
    weapons: list[WeaponKeys] = []
    """Which weapons, and how far."""
    distance_km: Km | None = None
    """For all weapons whose rule has none."""
    zone_width_km: Km | None = None
    """The same as the width between the sides."""
    distance: Literal["max_range", "direct_fire_range"] | None = None
    """The same as a range."""
    what: str | None = None
    """What is withdrawn if not weapons: forces, foreign_fighters, units."""
    to: Any = None
    """Where to."""
    excludes: Words = []
    """What an exclusion zone keeps out."""
    limits: list[WeaponKeys] = []
    """What it allows, and how many."""
    baseline: BaselineKeys | None = None
    """The state that a freeze keeps."""
    sides: dict[str, Literal["left", "right"]] = {}
    """Which side of a line is whose."""
    route: str | None = None
    """The road of an access."""
    for_: Words = Field(default=[], alias="for")
    """For whom it is."""
    done_when: Done | None = None
    """What it is tested by: controls(ACTOR, ZONE), absent(WHAT, ZONE), present(ACTOR, ZONE), released(LIST),
    count(ACT) >= N per P, document(KIND) or by_decision."""
    quantity: QuantityKeys | None = None
    """How many."""
    schedule: ScheduleKeys | None = None
    """At which hours."""
    duration: DurationKeys | None = None
    """How long."""
    after: list[ConditionKeys] = []
    """Terms that come first; people check."""
    while_: Any = Field(default=None, alias="while")
    """What must last; people check."""
    with_: Ids = Field(default=[], alias="with")
    """Terms that go in step with it; people check."""
    then: dict[str, Any] | None = None
    """What follows."""
    except_: list[ExceptionKeys] = Field(default=[], alias="except")
    """What it does not forbid."""
    protects: Words = []
    """Whom and what."""
    open_ended: bool = False
    """Its wording is open: never judged by machine."""
    refers: list[ReferKeys] = []
    """Other texts that it names."""
    readings: dict[str, Any] = {}
    """Ways to read it: words (printed), a list of values for a key, or named alternatives with keys they replace."""
    note: str | None = None
    """What a reader should know."""


class DefinitionKeys(Keys):
    """A word that the text defines itself; usable in `acts` as `definition:NAME`."""

    text: dict[str, TextKeys] = {}
    """What it says."""
    acts: Words = []
    """Codes that it covers."""
    test: str | None = None
    """How to tell it."""


class ProcedureKeys(Keys):
    """Who does what within which time, as shown and reminded of."""

    id: Id
    """Short word."""
    on: str | None = None
    """What sets it off."""
    from_: str | None = Field(default=None, alias="from")
    """Who acts."""
    to: Words = []
    """Towards whom."""
    within: Duration | None = None
    """Within what time."""
    every: Duration | None = None
    """How often."""
    form: str | None = None
    """In which form."""
    text: dict[str, TextKeys] = {}
    """What it says."""
    note: str | None = None
    """What a reader should know."""


class ReportsKeys(Keys):
    """To whom a mechanism reports."""

    to: Words = []
    """To whom."""
    every: Duration | None = None
    """How often."""


class MandateKeys(Keys):
    """What the mission may do."""

    attribute: bool = True
    """Name authors. false: authors and outcomes do not leave."""
    rule: bool = True
    """Rule on violations."""
    publish: bool = True
    """Publish."""


class MechanismKeys(Keys):
    """The joint body or mission."""

    id: Id | None = None
    """Short word."""
    names: ByLanguage = {}
    """Its name by language."""
    members: Ids = []
    """Actors in it."""
    chair: Id | None = None
    """Who presides."""
    decides: Literal["consensus", "majority"] | None = None
    """How it decides."""
    powers: Words = []
    """What it may do."""
    reports: ReportsKeys | None = None
    """To whom it reports."""
    clocks: dict[str, Duration] = {}
    """Its deadlines."""
    mandate: MandateKeys | None = None
    """What the mission may do; everything where left out."""
    text: dict[str, TextKeys] = {}
    """What the text says of it."""
    note: str | None = None
    """What a reader should know."""


class AgreementKeys(Keys):
    """One agreement file."""

    id: Id
    """Short name; findings carry it."""
    title: Annotated[ByLanguage, Field(min_length=1)]
    """Its title by language."""
    version: Annotated[int, Field(ge=1)] = 1
    """Number of this form of the file."""
    actors: Annotated[list[ActorKeys], Field(min_length=1)]
    """Parties and others; their order is that of every report."""
    timezone: TimeZone = "UTC"
    """IANA zone of bare days and of the clock shown."""
    date: str | None = None
    """Day of the text."""
    source: str | None = None
    """Page of the text."""
    summary: ByLanguage = {}
    """What it is about, by language."""
    notes: Words = []
    """What a reader should know."""
    events: dict[str, EventKeys] = {}
    """What times refer to; `in_force` is where terms begin."""
    zones: list[ZoneKeys] = []
    """Lines and areas."""
    terms: Annotated[list[TermKeys], Field(min_length=1)]
    """What is agreed, in the order of the text; positions stand in the ids of findings."""
    definitions: dict[str, DefinitionKeys] = {}
    """Words that the text defines."""
    procedures: list[ProcedureKeys] = []
    """Who does what when; shown."""
    mechanism: MechanismKeys | None = None
    """The joint body or mission."""
    duration: DurationKeys | None = None
    """How long the whole holds."""
    refers: list[ReferKeys] = []
    """Other texts, and whether they stay in force beside it."""
    readings: dict[str, Any] = {}
    """Ways to read who answers for whom: named alternatives with `answers_for` and `words`."""
    links: Words = []
    """Further pages."""
