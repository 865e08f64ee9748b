"""The keys of an agreement file (design 4): names, types and meanings. Reference and JSON Schema are made from here.

Keys of terms that nothing computes yet are read, checked, kept in the model and shown.
"""

# ruff: noqa: RUF012 (these are keys of a model, which copies its defaults)

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from trucewatch.agreement.body_keys import (
    Bodies,
    MandateKeys,
    MechanismKeys,
    MemberKeys,
    PowerKeys,
    ProcedureKeys,
    ReportsKeys,
)
from trucewatch.agreement.fields import (
    PLAIN_WORD,
    ByLanguage,
    Dones,
    Id,
    Ids,
    Keys,
    Km,
    Plainer,
    TextDate,
    TimeZone,
    When,
    Words,
    named,
)
from trucewatch.agreement.place_keys import CircleKeys, Places, PointKeys, WhereKeys, ZoneKeys
from trucewatch.agreement.rule_keys import (
    BaselineKeys,
    ConditionKeys,
    Conditions,
    DurationKeys,
    ExceptionKeys,
    LimitKeys,
    QuantityKeys,
    ReferKeys,
    RenewKeys,
    ScheduleKeys,
    TextKeys,
    Texts,
    ThenKeys,
    ToKeys,
    WeaponKeys,
    WindowKeys,
)
from trucewatch.model import vocabulary as v

MOST_TERMS = 2_000  # of one file: the longest texts at hand have fewer than two hundred


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
    """Since when it is bound, where later than the rest; an event without a time: not yet."""
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


class TermKeys(Keys):
    """One term: what is forbidden or owed, by whom, from when to when, where, except what."""

    id: Id
    """The text's own number where it has one."""
    kind: Literal[v.TERM_KINDS]  # type: ignore[valid-type]
    """prohibition: acts that nobody may do; withdrawal: out of a zone or away from a line; exclusion_zone: what may not
    be in a zone; freeze: nobody beyond where he stood; obligation: a state to be reached; access: somebody is let
    through; procedure: who tells whom when; statement: shown, never judged."""
    text: Texts = {}
    """What it says, by language: keys, or a plain summary."""
    acts: Words = []
    """Codes of the act taxonomy, each with those below it, or `definition:NAME`."""
    binds: Ids = []
    """Actors that owe it: any actor, not parties alone."""
    against: Ids = []
    """Actors towards whom it is owed, where not everybody."""
    from_: When = Field(default=None, alias="from")
    """Since when; the event `in_force` where left out."""
    until: When = None
    """Until when."""
    begins_by: When = None
    """By when it must have begun."""
    by: When = None
    """By when it must be complete."""
    where: Places | None = None
    """Where it holds: one place, or several that must all hold."""
    from_zone: Id | dict[str, Id] | None = None
    """The line or area from which distances run: one, or one for each actor."""
    weapons: list[WeaponKeys] = []
    """Which weapons, and how far."""
    distance_km: Km | None = None
    """For all weapons whose rule has none."""
    zone_width_km: Km | None = None
    """The same as the width between the sides."""
    distance: Literal["max_range", "direct_fire_range"] | None = None
    """The same as a range."""
    what: Words = []
    """What is withdrawn, stored or deployed if not weapons: forces, units, foreign_fighters, or `definition:NAME`."""
    to: Annotated[ToKeys, named("place"), Plainer(PLAIN_WORD)] | None = None
    """Where to: keys, or a plain place in words."""
    excludes: Words = []
    """What an exclusion zone keeps out: weapon classes, heavy_weapons, forces, or `definition:NAME`."""
    limits: list[LimitKeys] = []
    """What it allows, and how many."""
    baseline: BaselineKeys | None = None
    """The state that a freeze keeps."""
    sides: dict[str, Literal["left", "right"]] = {}
    """Which side of its line is whose, looking along it; the zone's own `sides` where left out."""
    route: str | None = None
    """The road or corridor of an access: a zone, or words."""
    for_: Words = Field(default=[], alias="for")
    """For whom or what it is: civilians, goods, aid, medical, icrc, mechanism, or an actor."""
    done_when: Dones = []
    """What it is tested by, all of them: controls(ACTOR, ZONE), absent(WHAT, ZONE), present(ACTOR, ZONE),
    released(LIST), count(ACT) >= N per P7D, document(KIND) or by_decision."""
    quantity: QuantityKeys | None = None
    """How many."""
    schedule: ScheduleKeys | None = None
    """At which hours."""
    duration: Annotated[DurationKeys, named("for"), Plainer(PLAIN_WORD)] | None = None
    """How long: keys, or a plain length from the start (P60D, P2M)."""
    after: Conditions = []
    """What must come first: not met = not due."""
    while_: Conditions = Field(default=[], alias="while")
    """What must last: not met = not due. `all`: every other term is complied with."""
    with_: Ids = Field(default=[], alias="with")
    """Terms that go in step with it."""
    then: ThenKeys | None = None
    """What follows."""
    except_: list[ExceptionKeys] = Field(default=[], alias="except")
    """What it does not forbid."""
    protects: Words = []
    """Whom and what: civilians, medical, schools, monitors."""
    supervised_by: Ids = []
    """Who watches over it or confirms it."""
    open_ended: bool = False
    """Its wording is open: never judged by machine."""
    refers: list[ReferKeys] = []
    """Other texts that it names."""
    readings: dict[str, Any] = {}
    """Ways to read it: words (printed), a list of values for a key (`by`, `calibre_mm`, `where.zone`,
    `except.6.acts`), or named alternatives with keys they replace."""
    note: str | None = None
    """What a reader should know."""


class DefinitionKeys(Keys):
    """A word that the text defines itself; usable as `definition:NAME` in acts, excludes, what, in_response_to."""

    text: Texts = {}
    """What it says."""
    acts: Words = []
    """Codes that it covers."""
    weapons: list[WeaponKeys] = []
    """Weapons that it covers."""
    actors: Ids = []
    """Actors that it covers."""
    what: Words = []
    """Things that it covers, in words."""
    zone: Id | None = None
    """The area that it means."""
    test: str | None = None
    """How to tell it."""
    open_ended: bool = False
    """Its wording is open: only people apply it."""


class AgreementKeys(Keys):
    """One agreement file."""

    id: Id
    """Short name; findings carry it."""
    title: Annotated[ByLanguage, Field(min_length=1)]
    """Its title by language."""
    version: Annotated[int, Field(ge=1)] = 1
    """Number of this form of the file."""
    actors: Annotated[list[ActorKeys], Field(min_length=1, max_length=500)]
    """Parties and others; their order is that of every report."""
    timezone: TimeZone = "UTC"
    """IANA zone of bare days and of the clock shown."""
    date: TextDate = None
    """Day of the text (2025-08-29), or its month or year."""
    source: str | None = None
    """Page of the text."""
    summary: ByLanguage = {}
    """What it is about, by language."""
    notes: Words = []
    """What a reader should know."""
    events: dict[str, Annotated[EventKeys, named("at"), Plainer(PLAIN_WORD)]] = {}
    """What times refer to: keys, or a plain time; `in_force` is where terms begin. KIND_begun and KIND_complete of the
    kinds of its terms (withdrawal_begun) need no entry: they wait for a decision."""
    zones: Annotated[list[ZoneKeys], Field(max_length=500)] = []
    """Lines and areas."""
    where: Places | None = None
    """Where all terms hold that name no place of their own."""
    terms: Annotated[list[TermKeys], Field(min_length=1, max_length=MOST_TERMS)]
    """What is agreed, in the order of the text; positions stand in the ids of findings."""
    except_: list[ExceptionKeys] = Field(default=[], alias="except")
    """Exceptions to the whole text, or to the `terms` that they name."""
    definitions: dict[str, DefinitionKeys] = {}
    """Words that the text defines."""
    procedures: list[ProcedureKeys] = []
    """Who does what when; shown, and reminded of."""
    mechanism: Bodies | None = None
    """The joint body or mission, or several; the first one's mandate counts."""
    duration: Annotated[DurationKeys, named("for"), Plainer(PLAIN_WORD)] | None = None
    """How long the whole holds."""
    refers: list[ReferKeys] = []
    """Other texts, and whether they stay in force beside it."""
    readings: dict[str, Any] = {}
    """Ways to read who answers for whom: named alternatives with `answers_for` and `words`; or ways to read a zone, an
    event or a definition: `zones.ID.KEY`, `events.NAME.at`, `definitions.NAME.KEY`, a list or named alternatives."""
    links: Words = []
    """Further pages."""


__all__ = [
    "MOST_TERMS",
    "ActorKeys",
    "AgreementKeys",
    "BaselineKeys",
    "CircleKeys",
    "ConditionKeys",
    "DefinitionKeys",
    "DurationKeys",
    "EventKeys",
    "ExceptionKeys",
    "LimitKeys",
    "MandateKeys",
    "MechanismKeys",
    "MemberKeys",
    "PointKeys",
    "PowerKeys",
    "ProcedureKeys",
    "QuantityKeys",
    "ReferKeys",
    "RenewKeys",
    "ReportsKeys",
    "ScheduleKeys",
    "TermKeys",
    "TextKeys",
    "ThenKeys",
    "ToKeys",
    "WeaponKeys",
    "WhereKeys",
    "WindowKeys",
    "ZoneKeys",
]  # fmt: skip
