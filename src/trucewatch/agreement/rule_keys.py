"""Keys of rules in an agreement file: weapons, limits, exceptions, quantities, hours, durations, conditions."""

# ruff: noqa: RUF012 (these are keys of a model, which copies its defaults)

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trucewatch.agreement.clocks import DAYS
from trucewatch.agreement.fields import (
    ONE,
    PLAIN_WORD,
    Calibre,
    Done,
    Duration,
    Hours,
    Id,
    Ids,
    Keys,
    Km,
    Plainer,
    When,
    Words,
    listed,
    named,
)
from trucewatch.agreement.place_keys import Place


class TextKeys(Keys):
    """What is said in one language: our summary; the words themselves only where they may be quoted."""

    summary: str | None = None
    """What it says, in our own words."""
    words: str | None = None
    """The words of the text, only where they may be quoted."""
    source: str | None = None
    """The page on which the text was read."""
    authentic: Literal["yes", "no", "unknown"] | None = None
    """Whether that page has the authentic text."""


Texts = dict[str, Annotated[TextKeys, named("summary"), Plainer(PLAIN_WORD)]]
"""By language: keys, or a plain summary."""


class _ClassedKeys(Keys):
    """Which weapons."""

    class_: Words | None = Field(default=None, alias="class")
    """Classes of the list of weapons."""
    calibre_mm: Calibre | None = None
    """`">=100"`, `">100"`, `"60..120"` or `120`; a number is mm."""
    models: Words | None = None
    """Names or codes of the list of weapons."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """`calibre` is the same as `calibre_mm`."""
        if isinstance(value, dict) and "calibre" in value and "calibre_mm" not in value:
            return {("calibre_mm" if k == "calibre" else k): v for k, v in value.items()}
        return value


class WeaponKeys(_ClassedKeys):
    """Which weapons, and how far away. The most specific rule wins: models, one calibre, calibres, class."""

    max: Annotated[int, Field(ge=0)] | None = None
    """How many are allowed."""
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


class LimitKeys(_ClassedKeys):
    """How many of some weapons, or of something else, are allowed."""

    what: str | None = None
    """What else is counted: servicemen, battalions, vehicles."""
    max: Annotated[int, Field(ge=0)]
    """How many at most."""

    @model_validator(mode="after")
    def _of_something(self) -> LimitKeys:
        if not (self.what or self.class_ or self.models or self.calibre_mm):
            raise ValueError("a limit of nothing | Write class:, calibre_mm:, models: or what: beside max")
        return self


class ExceptionKeys(Keys):
    """What a term does not forbid. Without `requires` and `in_response_to` it holds by itself; else people decide."""

    id: Id | None = None
    """Short word; else its position."""
    acts: Words = []
    """Only these acts; all of the term where left out."""
    actors: Ids = []
    """Only for these actors."""
    weapons: list[WeaponKeys] = []
    """Only with these weapons (personal arms of police)."""
    what: Words = []
    """Only these things, in words (food, clothing, medicine)."""
    where: Place | None = None
    """Only there."""
    from_: When = Field(default=None, alias="from")
    """Only since then."""
    until: When = None
    """Only until then."""
    requires: Words = []
    """What must have been done, in free words; shown and decided, never computed."""
    in_response_to: str | None = None
    """An act or `definition:NAME` that it answers, or words."""
    terms: Ids = []
    """Of an exception to the whole text: the terms that it is one to; all where left out."""
    term: Id | None = None
    """The point of the text that says so, where it is another one."""
    text: Texts = {}
    """Its words, by language."""
    note: str | None = None
    """What a reader should know."""


class BaselineKeys(Keys):
    """The state that a freeze keeps."""

    at: When = None
    """As it was then."""
    zone: Id | None = None
    """Along this line (whose `sides` tell whose ground is where), or in this area."""


class QuantityKeys(Keys):
    """How many."""

    min: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """At least."""
    max: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """At most."""
    per: Duration | None = None
    """Within each; in all where left out."""
    of: str | None = None
    """Of what, in words (ships, flights)."""

    @model_validator(mode="after")
    def _bounded(self) -> QuantityKeys:
        if self.min is None and self.max is None:
            raise ValueError("a quantity without a number | Write min: or max:")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("the least is more than the most | Check min and max")
        return self


class WindowKeys(Keys):
    """Hours of the day."""

    hours: Hours
    """`"06:00-16:00"` on the clock of the agreement; an end before the start lies on the next day."""
    days: list[Literal[DAYS]] = []  # type: ignore[valid-type]
    """On which days of the week; every day where left out."""


class ScheduleKeys(Keys):
    """Recurring hours."""

    per_day: Duration | None = None
    """How long each day, where the hours are not told."""
    per: Duration | None = None
    """How often."""
    windows: Annotated[list[Annotated[WindowKeys, named("hours"), Plainer(PLAIN_WORD)]], listed(), Plainer(ONE)] = []
    """Hours of the day."""
    when: str | None = None
    """On which days, in words; people check."""


class RenewKeys(Keys):
    """How a duration is renewed."""

    every: str
    """For how long each time: P5Y, or words."""
    unless_notice: str | None = None
    """What ends it: P6M before the end, or words. With it the duration renews itself; without it somebody has to renew
    it (`extend`), and what happens after the first period is undetermined until people tell."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How often at most."""


class DurationKeys(Keys):
    """How long it holds: `until`, or `for` so long from its start."""

    until: When = None
    """Its end."""
    for_: Duration | None = Field(default=None, alias="for")
    """Its length from its start."""
    renews: RenewKeys | None = None
    """How it may last longer."""

    @model_validator(mode="after")
    def _one_end(self) -> DurationKeys:
        if self.until is not None and self.for_ is not None:
            raise ValueError("until and for stand together | Keep one: an end, or a length from the start")
        return self


State = Literal["begun", "complete", "verified", "complied_with", "broken"]


class ConditionKeys(Keys):
    """What must hold: a term in a status, an event, a state, or words that people decide. One of them."""

    term: Id | None = None
    """A term of this file."""
    status: State | None = None
    """In which status; `complete` where left out."""
    event: Id | None = None
    """An event of this file has happened."""
    done: Done | None = None
    """A state, as in `done_when`."""
    all: bool | None = None
    """true: every other term is complied with. Plain `all` is the same."""
    text: str | None = None
    """Words, where nothing above says it."""
    by: Id | None = None
    """Who says so."""
    plus: Duration | None = None
    """That long after it."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """Plain `all`, or the plain id of a term."""
        if isinstance(value, str):
            return {"all": True} if value == "all" else {"term": value}
        return value

    @model_validator(mode="after")
    def _one(self) -> ConditionKeys:
        told = [k for k in ("term", "event", "done", "all", "text") if getattr(self, k)]
        if len(told) != 1:
            found = " and ".join(told) or "nothing"
            raise ValueError(f"a condition on {found} | Write one of term:, event:, done:, text:, or all")
        if self.status and not self.term:
            raise ValueError("a status without a term | Write {term: ..., status: ...}")
        return self


Conditions = Annotated[
    list[Annotated[ConditionKeys, Plainer(PLAIN_WORD)]], listed(), Plainer(ONE), Field(max_length=100)
]


class ThenKeys(Keys):
    """What follows when the term is in a state, in words."""

    begun: str | None = None
    """When it has begun."""
    complete: str | None = None
    """When it is complete."""
    verified: str | None = None
    """When somebody has verified it."""
    complied_with: str | None = None
    """As long as it is complied with."""
    broken: str | None = None
    """When it is broken."""
    within: Duration | None = None
    """Within what time."""
    while_: Conditions = Field(default=[], alias="while")
    """What must last for it."""


class ToKeys(Keys):
    """Where to."""

    zone: Id | None = None
    """A zone."""
    place: str | None = None
    """A place in words (usual bases)."""
    agreed_by: Id | None = None
    """Who settles it."""


class ReferKeys(Keys):
    """What another text has to do with this one."""

    agreement: Id
    """Its id."""
    term: Id | None = None
    """One term of it."""
    how: Literal["incorporates", "amends", "replaces", "interprets", "recalls", "edition"]
    """With `incorporates`, `amends` and `interprets` it stays in force beside this one; `replaces` ends it; `recalls`
    says nothing of that; an `edition` is the same text in another publication, not another text."""
    outside: bool = False
    """true: there is no file of it and none is missed (a resolution, a treaty)."""
    text: Texts = {}
    """What is said of it."""
