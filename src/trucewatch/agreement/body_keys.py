"""Keys of joint bodies in an agreement file: members, decision rule, powers, reports, mandate; and procedures."""

# ruff: noqa: RUF012 (these are keys of a model, which copies its defaults)

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from trucewatch.agreement.fields import (
    ONE,
    PLAIN_WORD,
    ByLanguage,
    Duration,
    Id,
    Ids,
    Keys,
    Plainer,
    When,
    Words,
    listed,
)
from trucewatch.agreement.rule_keys import Texts


class ProcedureKeys(Keys):
    """Who does what within which time, as shown and reminded of."""

    id: Id
    """Short word."""
    on: str | None = None
    """What sets it off: an event, an act, `complaint`, or words."""
    from_: Words = Field(default=[], alias="from")
    """Who acts: actors, `party` (each of them), or words."""
    to: Words = []
    """Towards whom."""
    within: Duration | None = None
    """Within what time after `on`."""
    every: Duration | None = None
    """How often."""
    by: When = None
    """By when, where the text gives a time."""
    form: str | None = None
    """In which form."""
    acts: Words = []
    """What its neglect is filed under; `obligation_unmet.notification_missed` where left out."""
    late: Literal["flagged", "void"] = "flagged"
    """What comes late counts and is marked so; `void` only where the text says it does not count."""
    term: Id | None = None
    """The term that says so."""
    text: Texts = {}
    """What it says."""
    note: str | None = None
    """What a reader should know."""


class MemberKeys(Keys):
    """A seat of a body."""

    actor: Id | None = None
    """Who sits there."""
    role: Literal["member", "chair", "deputy", "observer"] = "member"
    """As what."""
    seats: Annotated[int, Field(ge=1)] | None = None
    """How many persons."""
    text: str | None = None
    """More of it in words, or all of it where it is no actor."""

    @model_validator(mode="after")
    def _somebody(self) -> MemberKeys:
        if self.actor is None and self.text is None:
            raise ValueError("a seat of nobody | Write actor: or text:")
        return self


class PowerKeys(Keys):
    """What a body may do."""

    id: Id
    """Short word: monitor, verify, inspect, patrol, investigate, decide, recommend."""
    acts: Words = []
    """Acts that hinder it; `obstruction_of_monitors` where left out."""
    where: Id | None = None
    """In which zone; everywhere where left out."""
    means: Words = []
    """With what: satellites, drones, radar."""
    notice: Duration | None = None
    """How long before it is announced; PT0S: not at all."""
    every: Duration | None = None
    """How often at least."""
    on_request: bool = False
    """Also whenever somebody asks for it."""
    term: Id | None = None
    """The term that says so."""
    text: str | None = None
    """In words."""


class ReportsKeys(Keys):
    """To whom a body reports."""

    to: Words = []
    """To whom: actors and bodies of this file, or somebody else in several words (the Security Council)."""
    every: Duration | None = None
    """How often."""
    on: str | None = None
    """After what."""
    within: Duration | None = None
    """Within what time after it."""
    text: str | None = None
    """In words."""


class MandateKeys(Keys):
    """What the mission may do."""

    attribute: bool = True
    """Name authors. false: authors and outcomes do not leave."""
    rule: bool = True
    """Rule on violations."""
    publish: bool = True
    """Publish."""
    passes: Words = []
    """Bodies (ids of this file) and offices that a finding passes before it is published, in this order."""


class MechanismKeys(Keys):
    """The joint body or mission."""

    id: Id | None = None
    """Short word."""
    names: ByLanguage = {}
    """Its name by language."""
    members: Annotated[
        list[Annotated[MemberKeys, Plainer(PLAIN_WORD)]], listed("actor"), Plainer(ONE), Field(max_length=200)
    ] = []
    """Who sits in it: actors, or seats with what more is said of them."""
    chair: Id | None = None
    """Who presides."""
    decides: Literal["consensus", "unanimity", "majority", "chair"] | None = None
    """How it decides."""
    tasks: Words = []
    """What it is for."""
    powers: Annotated[list[Annotated[PowerKeys, Plainer(PLAIN_WORD)]], listed("id"), Plainer(ONE)] = []
    """What it may do: short words, or keys."""
    reports: Annotated[list[ReportsKeys], listed(), Plainer(ONE)] = []
    """To whom it reports."""
    above: Id | None = None
    """The body of this file that it answers to."""
    clocks: dict[str, Duration] = {}
    """Its deadlines: short word -> duration."""
    by: When = None
    """By when it is set up."""
    mandate: MandateKeys | None = None
    """What the mission may do; everything where left out."""
    terms: Ids = []
    """The terms that speak of it."""
    text: Texts = {}
    """What the text says of it."""
    note: str | None = None
    """What a reader should know."""


Bodies = Annotated[list[MechanismKeys], listed(), Plainer(ONE), Field(max_length=20)]

__all__ = [
    "Bodies", "MandateKeys", "MechanismKeys", "MemberKeys", "PowerKeys", "ProcedureKeys", "ReportsKeys",
]  # fmt: skip
