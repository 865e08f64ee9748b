"""Joint bodies of a text: who sits in them, how they decide, what they may do; and procedures with their clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trucewatch.agreement.clocks import Span, When


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the mission may do. `passes`: bodies and offices that a finding passes before it is published, in order."""

    attribute: bool = True
    rule: bool = True
    publish: bool = True
    passes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A seat of a body. `actor` None: somebody told in `words` alone. `role`: member, chair, deputy or observer."""

    actor: str | None
    role: str = "member"
    seats: int | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """What a body may do. `acts`: what hinders it (obstruction acts); `notice`: how long before (PT0S: unannounced);
    `every`: how often at least; `on_request`; `means`: with what; `where`: in which zone."""

    id: str
    acts: tuple[str, ...] = ("obstruction_of_monitors",)
    where: str | None = None
    means: tuple[str, ...] = ()
    notice: Span | None = None
    every: Span | None = None
    on_request: bool = False
    term: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """To whom a body reports, how often, in what time after what."""

    to: tuple[str, ...] = ()
    every: Span | None = None
    within: Span | None = None
    on: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """Who tells or does what, towards whom, within which time after what (`on`), how often, in which form.

    `acts`: what a finding about its neglect is filed under; `late`: whether what comes late counts (`flagged`) or not
    (`void`); `by`: a date instead of a span; `term`: the term of the text that says so.
    """

    id: str
    on: str | None = None
    from_: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    within: Span | None = None
    every: Span | None = None
    by: When | None = None
    form: str | None = None
    acts: tuple[str, ...] = ()
    late: str = "flagged"
    term: str | None = None
    summary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The joint body or mission of an agreement; `keys` holds all that the file says of it.

    `members` are actor ids; `seats` says more of each. `decides`: consensus, majority, unanimity or chair; `above`: the
    body that it answers to; `tasks`: what it is for, in words; `by`: until when it is set up.
    """

    mandate: Mandate = Mandate()
    members: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    seats: tuple[Member, ...] = ()
    chair: str | None = None
    decides: str | None = None
    powers: tuple[Power, ...] = ()
    reports: tuple[Report, ...] = ()
    clocks: Mapping[str, Span] = field(default_factory=dict)
    above: str | None = None
    tasks: tuple[str, ...] = ()
    by: When | None = None
    terms: tuple[str, ...] = ()
