"""What an agreement is for the rest of the program: actors, events, zones, terms and the ways to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trucewatch.agreement.bodies import Mandate, Mechanism, Member, Power, Procedure, Report
from trucewatch.agreement.clocks import Event, Lasting, Renewal, Schedule, Span, When, Window, event_times
from trucewatch.agreement.duties import (
    Baseline,
    Condition,
    Consequence,
    Definition,
    Destination,
    Done,
    Limit,
    Quantity,
    Reference,
)
from trucewatch.agreement.weapon_rules import WeaponRule
from trucewatch.agreement.zones import Zone

FORCES = frozenset({"forces", "armed forces", "troops", "units", "personnel"})  # words for all forces of an actor


@dataclass(frozen=True, slots=True)
class Actor:
    """A party or other actor. `answers_for`: the party that answers for its acts, or None; `accepted`: bound since."""

    id: str
    role: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    answers_for: str | None = None
    accepted: When | None = None
    note: str | None = None

    def name(self, lang: str = "en") -> str:
        """Its name in a language, else in the first one given, else its id."""
        return self.names.get(lang) or self.names.get("en") or next(iter(self.names.values()), self.id)


@dataclass(frozen=True, slots=True)
class Text:
    """What a term says in one language."""

    summary: str | None = None
    words: str | None = None
    source: str | None = None
    authentic: str = "unknown"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a term holds: zone id or None (everywhere); `of`: impact, origin, presence, or None (any place); `outside`:
    outside of the zone instead; `side`: on the doer's `own` side of a line, or on the `other` one."""

    zone: str | None = None
    of: str | None = None
    outside: bool = False
    side: str | None = None


@dataclass(frozen=True, slots=True)
class Exemption:
    """What a term does not forbid. With `requires` or `in_response_to`, or where what it covers is told in words alone
    (`what`, a number of weapons, or nothing but `text`), it holds only when people grant it.

    `acts`, `actors`, `weapons` empty: any; `limits`: how many of its weapons, for people to count; `starts`, `until`:
    only then; `answered`: the acts that it may answer, from `in_response_to`; `term`: the point of the text that says
    so; `text`: language -> words.
    """

    id: str
    acts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    where: Where | None = None
    requires: tuple[str, ...] = ()
    in_response_to: str | None = None
    text: Any = None
    weapons: tuple[WeaponRule, ...] = ()
    what: tuple[str, ...] = ()
    starts: When | None = None
    until: When | None = None
    answered: tuple[str, ...] = ()
    term: str | None = None
    note: str | None = None
    limits: tuple[Limit, ...] = ()

    @property
    def says_nothing_else(self) -> bool:
        """Whether words alone tell what it lets pass: no act, actor, weapon, thing, place, time or condition."""
        told = (self.acts, self.actors, self.weapons, self.what, self.where, self.starts, self.until, self.requires)
        return self.in_response_to is None and not any(told)

    @property
    def by_itself(self) -> bool:
        """Whether it holds without a decision."""
        named = self.acts or self.actors or self.where or self.weapons or self.starts or self.until
        return bool(named) and not self.limits and not self.requires and not self.what and self.in_response_to is None


@dataclass(frozen=True, slots=True)
class Term:
    """One term under one way to read it. `alternatives`: (words of the reading or None, the term so read).

    Times are `When`s, to be resolved with `Agreement.event_times`. `where`, with `also_where`: places that must all
    hold. `from_zone`: actor -> zone from which its distances run. `excluded`: weapons that `excludes` names through a
    definition or a class. `sides`: actor -> left or right of the line (`baseline.zone`, else `where.zone`). `done`:
    states that must all hold. `after`, `while_`: conditions; `with_`: terms in step. `monitors`: who
    of `for_` is a mechanism, so that its monitors must pass. `conditions`: the same in words.
    """

    id: str
    kind: str
    texts: Mapping[str, Text]
    acts: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    starts: When | None = None
    until: When | None = None
    begins_by: When | None = None
    by: When | None = None
    where: Where = Where()
    weapons: tuple[WeaponRule, ...] = ()
    from_zone: Mapping[str, str] = field(default_factory=dict)
    excepts: tuple[Exemption, ...] = ()
    protects: tuple[str, ...] = ()
    open_ended: bool = False
    conditions: tuple[str, ...] = ()
    readings: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[tuple[str | None, Term], ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    also_where: tuple[Where, ...] = ()
    against: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    to: Destination | None = None
    excludes: tuple[str, ...] = ()
    excluded: tuple[WeaponRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    baseline: Baseline | None = None
    sides: Mapping[str, str] = field(default_factory=dict)
    route: str | None = None
    for_: tuple[str, ...] = ()
    monitors: tuple[str, ...] = ()
    done: tuple[Done, ...] = ()
    quantity: Quantity | None = None
    schedule: Schedule | None = None
    lasting: Lasting | None = None
    after: tuple[Condition, ...] = ()
    while_: tuple[Condition, ...] = ()
    with_: tuple[str, ...] = ()
    then: Consequence | None = None
    supervised_by: tuple[str, ...] = ()
    refers: tuple[Reference, ...] = ()
    note: str | None = None

    @property
    def places(self) -> tuple[Where, ...]:
        """Every place that must hold."""
        return (self.where, *self.also_where)

    @property
    def judged(self) -> bool:
        """Whether incidents are judged against it, or it is shown as a statement. Never: procedures, open wording,
        duties and bans that name no act, and a withdrawal that names neither weapons nor a place."""
        read = (self, *(t for _, t in self.alternatives))
        if self.kind in ("prohibition", "obligation"):
            return any(t.acts and not t.open_ended for t in read)
        if self.kind == "withdrawal":
            return any(t.weapons or (t.of_forces and t.names_a_place) for t in read)
        if self.kind == "exclusion_zone":
            return any((t.where.zone or t.acts) and not t.open_ended for t in read)
        return self.kind not in ("procedure", "coded")

    @property
    def of_forces(self) -> bool:
        """Whether a withdrawal or zone speaks of the forces of those whom it binds, all of them: a position shows them.
        What is said of some of them alone (foreign fighters, heavy units) a position does not show."""
        return not self.what or any(w.removeprefix("definition:") in FORCES for w in self.what)

    @property
    def names_a_place(self) -> bool:
        """Whether a withdrawal says from where, or to which zone."""
        return bool(self.from_zone or self.where.zone or (self.to is not None and self.to.zone))

    def window(self, events: Mapping[str, int | None]) -> tuple[int | None, int | None]:
        """Start and end in microseconds. Start None = its event is not set: the term is pending. End None = open."""
        starts = self.starts or When(event="in_force")
        return starts.resolve(events), None if self.until is None else self.until.resolve(events)

    def due(self, events: Mapping[str, int | None]) -> int | None:
        """From when a withdrawal or duty must be complete, microseconds; None while that is not set."""
        return self.window(events)[0] if self.by is None else self.by.resolve(events)

    def text(self, lang: str = "en") -> str:
        """Its summary in a language, else in English, else in the first one given; its kind where there is none."""
        text = self.texts.get(self.language(lang))
        return self.kind if text is None else text.summary or text.words or self.kind

    def language(self, lang: str = "en") -> str:
        """The language in which `text` tells it to readers of a language."""
        return next((x for x in (lang, "en", *self.texts) if x in self.texts), "en")


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement file, read and checked. Positions in `actors` and `terms` (from 1) stand in the ids of findings.

    `mechanism`: the first of `mechanisms`; `refers`: (agreement, how) of each of `references`; `duration_until`: its
    end where `lasting` gives one.
    `answer_readings`: (words of the reading or None, doer -> party that answers for it).
    """

    id: str
    title: Mapping[str, str]
    version: int
    actors: tuple[Actor, ...]
    timezone: str
    events: Mapping[str, Event]
    zones: Mapping[str, Zone]
    terms: tuple[Term, ...]
    mechanism: Mechanism | None = None
    duration_until: When | None = None
    refers: tuple[tuple[str, str], ...] = ()
    readings: Mapping[str, Any] = field(default_factory=dict)
    answer_readings: tuple[tuple[str | None, Mapping[str, str]], ...] = ()
    links: tuple[str, ...] = ()
    summary: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    procedures: tuple[Procedure, ...] = ()
    mechanisms: tuple[Mechanism, ...] = ()
    lasting: Lasting | None = None
    references: tuple[Reference, ...] = ()

    @property
    def parties(self) -> tuple[Actor, ...]:
        """The actors whose role is party, in the order of the file."""
        return tuple(a for a in self.actors if a.role == "party")

    @property
    def mandate(self) -> Mandate:
        """What the mission may do under this agreement; everything where the file does not say."""
        return Mandate() if self.mechanism is None else self.mechanism.mandate

    def actor(self, id_: str) -> Actor | None:
        """The actor of that id, or None."""
        return next((a for a in self.actors if a.id == id_), None)

    def term(self, id_: str) -> Term | None:
        """The term of that id, or None."""
        return next((t for t in self.terms if t.id == id_), None)

    def event_times(self, decided: Mapping[str, int] | None = None) -> dict[str, int | None]:
        """Event id -> microseconds or None; events may stand on each other; `decided` times win over the file's."""
        return event_times(self.events.values(), decided or {})

    def name(self, lang: str = "en") -> str:
        """Its title in a language, else in English, else in the first one given."""
        return self.title.get(lang) or self.title.get("en") or next(iter(self.title.values()), self.id)

    @property
    def in_force(self) -> int | None:
        """When it came into force by its file, microseconds: the event of that name, else its earliest term."""
        return self.began(self.event_times())

    def began(self, events: Mapping[str, int | None]) -> int | None:
        """The same under given times of its events."""
        if "in_force" in events:
            return events["in_force"]
        return min((s for t in self.terms if (s := t.window(events)[0]) is not None), default=None)

    def one_sided(self, term: Term) -> bool:
        """Whether a term binds some parties and not others under some reading, themselves or those for whom they
        answer, so that counts must not be compared. A text with one party binds one side alone."""
        parties = {a.id for a in self.parties}
        read = [one.binds for _, one in term.alternatives] or [term.binds]
        answers: list[Mapping[str, str]] = [told for _, told in self.answer_readings] or [{}]
        bound = [parties & {*binds, *(told[b] for b in binds if b in told)} for binds in read for told in answers]
        return any(b and (b != parties or len(parties) == 1) for b in bound)

    def zone_at(self, id_: str, at: int, events: Mapping[str, int | None] | None = None) -> Zone | None:
        """The zone that stands for an id at an instant: itself, or the last one by then of those that replace it, one
        after the other; None where it is not valid yet, or not known since when. Microseconds; `events` as from
        `event_times`."""
        times = self.event_times() if events is None else events
        steps = {zone.id: steps for zone in self.zones.values() if (steps := self._steps_to(zone, id_)) is not None}
        stands = []
        for name, away in steps.items():
            zone = self.zones[name]
            since = None if zone.valid_from is None else zone.valid_from.resolve(times)
            if zone.valid_from is None or (since is not None and since <= at):
                stands.append(((since is not None, since or 0, away), zone))
        return sorted(stands, key=lambda one: one[0])[-1][1] if stands else None

    def _steps_to(self, zone: Zone, id_: str) -> int | None:
        """How many zones lie between one and another that it replaces, or that what it replaces does; None = it does
        not."""
        passed: list[str] = []
        name: str | None = zone.id
        while name is not None and name not in passed:
            if name == id_:
                return len(passed)
            passed.append(name)
            found = self.zones.get(name)
            name = None if found is None else found.replaces
        return None

    @property
    def beside(self) -> frozenset[str]:
        """Ids of agreements that stay in force beside it, because it amends, incorporates or interprets them."""
        return frozenset(other for other, how in self.refers if how in {"amends", "incorporates", "interprets"})


__all__ = [
    "Actor", "Agreement", "Baseline", "Condition", "Consequence", "Definition", "Destination", "Done", "Event",
    "Exemption", "Lasting", "Limit", "Mandate", "Mechanism", "Member", "Power", "Procedure", "Quantity", "Reference",
    "Renewal", "Report", "Schedule", "Span", "Term", "Text", "WeaponRule", "When", "Where", "Window", "Zone",
    "event_times",
]  # fmt: skip
