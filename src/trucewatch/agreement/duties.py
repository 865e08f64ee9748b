"""What a term asks beyond a ban: states that can be tested, quantities, baselines, conditions and consequences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from trucewatch.agreement.clocks import Span, When, parse_span
from trucewatch.agreement.weapon_rules import WeaponRule
from trucewatch.model.times import TimeFault

PREDICATES = {
    "controls": "controls(ACTOR, ZONE)", "absent": "absent(WHAT, ZONE)", "present": "present(ACTOR, ZONE)",
    "released": "released(LIST)", "count": "count(ACT) >= N per P7D", "document": "document(KIND)",
    "by_decision": "by_decision",
}  # fmt: skip
GROUND = ("controls", "present", "absent")  # those that ground tells
STATES = ("begun", "complete", "verified", "complied_with", "broken")
_CALL = re.compile(r"(?P<name>[a-z_]+)(?:\((?P<args>[^()]*)\))?(?P<rest>.*)\Z", re.DOTALL)
_COUNT = re.compile(r"\s*(?P<sign>>=|<=|=)\s*(?P<n>\d{1,9})(?:\s+per\s+(?P<per>\S+))?\s*\Z")


@dataclass(frozen=True, slots=True)
class Done:
    """A state by which a duty is tested.

    `test`: controls, absent, present, released, count, document or by_decision. `actor`: who controls or is present;
    `what`: what must be absent, the list of those released, the kind of document, the act counted; `zone`: where;
    count: `sign` (>=, <=, =) `n`, within each `per`.
    """

    test: str
    text: str
    actor: str | None = None
    what: str | None = None
    zone: str | None = None
    sign: str | None = None
    n: int | None = None
    per: Span | None = None


def parse_done(text: str) -> Done:
    """The predicate of its words; ValueError (`what was found | what to write`) for other words."""
    m = _CALL.match(text.strip())
    name = m["name"] if m else ""
    if m is None or name not in PREDICATES:
        raise ValueError(f"{text[:60]!r} cannot be tested | Write one of {', '.join(PREDICATES.values())}")
    args = [a.strip() for a in (m["args"] or "").split(",")] if m["args"] is not None else []
    wanted = {"controls": 2, "absent": 2, "present": 2, "released": 1, "document": 1, "by_decision": 0}
    if name == "count":
        return _count(text, args, m["rest"])
    if len(args) != wanted[name] or not all(args) or m["rest"].strip():
        raise ValueError(f"{text[:60]!r} is not complete | Write {PREDICATES[name]}")
    if name in ("controls", "present"):
        return Done(name, text, actor=args[0], zone=args[1])
    if name == "absent":
        return Done(name, text, what=args[0], zone=args[1])
    return Done(name, text, what=args[0] if args else None)


def _count(text: str, args: list[str], rest: str) -> Done:
    found = _COUNT.match(rest)
    if not found or not 1 <= len(args) <= 2 or not all(args):
        raise ValueError(f"{text[:60]!r} is not complete | Write {PREDICATES['count']}, or count(ACT, ZONE) >= N")
    try:
        per = parse_span(found["per"]) if found["per"] else None
    except TimeFault as e:
        raise ValueError(f"{e} | {e.remedy}") from None
    zone = args[1] if len(args) == 2 else None
    return Done("count", text, what=args[0], zone=zone, sign=found["sign"], n=int(found["n"]), per=per)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state that a freeze keeps: positions as they were at `at`, along or in `zone`."""

    at: When | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """How many of what (`of`, words) at least and at most, within each `per` (None: in all)."""

    min: float | None = None
    max: float | None = None
    per: Span | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of some weapons (`rule`) or of something else (`what`: servicemen, battalions) are allowed at most."""

    max: int
    rule: WeaponRule | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where somebody or something goes: a zone, or a place in words; `agreed_by`: who settles it."""

    zone: str | None = None
    place: str | None = None
    agreed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold first, or meanwhile: a term in a `status`, an event, a state (`done`), every other term
    (`whole`), or only words (`text`), which people decide. `by`: who says so; `plus`: that long after it."""

    term: str | None = None
    status: str = "complete"
    event: str | None = None
    done: Done | None = None
    whole: bool = False
    text: str | None = None
    by: str | None = None
    plus: Span | None = None

    @property
    def words(self) -> str:
        """In one line, for a reader."""
        later = f", {self.plus.text} later" if self.plus is not None else ""
        by = f", as {self.by} says" if self.by else ""
        if self.whole:
            return f"all terms are complied with{by}"
        if self.term is not None:
            return f"term {self.term} is {self.status.replace('_', ' ')}{by}{later}"
        return (self.text or (self.done.text if self.done else None) or f"the event {self.event}") + by + later


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows when the term reaches a state (state -> words), and what must last for it (`while_`)."""

    follows: Mapping[str, str] = field(default_factory=dict)
    while_: tuple[Condition, ...] = ()
    within: Span | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A word that the text defines: acts, weapons, actors and things (`what`) that it covers; `test`: how to tell."""

    id: str
    acts: tuple[str, ...] = ()
    weapons: tuple[WeaponRule, ...] = ()
    actors: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    zone: str | None = None
    test: str | None = None
    open_ended: bool = False
    summary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reference:
    """What another text has to do with this one; `how`: incorporates, amends, replaces, interprets,
    recalls, or edition (the same text)."""

    agreement: str
    how: str
    term: str | None = None
    outside: bool = False
    words: str | None = None
