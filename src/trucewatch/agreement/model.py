"""What an agreement is for the rest of the program: actors, events, zones, terms and the ways to read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trucewatch.agreement.zones import Zone
from trucewatch.taxonomy import Weapon, taxonomy

JUDGED = ("prohibition", "withdrawal", "statement")


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
class When:
    """A time in microseconds, or an event and microseconds after it."""

    at: int | None = None
    event: str | None = None
    plus: int = 0

    def resolve(self, events: Mapping[str, int | None]) -> int | None:
        """The instant, in microseconds; None while its event has no time."""
        if self.event is None:
            return self.at
        base = events.get(self.event)
        return None if base is None else base + self.plus


@dataclass(frozen=True, slots=True)
class Event:
    """Something that times refer to: `when` is None while nobody has set it; `at` is what the file makes of it, us."""

    id: str
    when: When | None
    set_by: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What a term says in one language."""

    summary: str | None = None
    words: str | None = None
    source: str | None = None
    authentic: str = "unknown"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a term holds: zone id or None (everywhere); `of`: impact, origin, presence, or None (any place)."""

    zone: str | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class WeaponRule:
    """Weapons and their distance. `distance_km` is each side's own, half of a width between the sides; None = told by
    `reach` (max_range or direct_fire_range) or not at all."""

    classes: tuple[str, ...] = ()
    calibre: tuple[float, bool, float, bool] | None = None
    models: tuple[str, ...] = ()
    distance_km: float | None = None
    reach: str | None = None

    @property
    def specificity(self) -> int:
        """The most specific rule wins: models before one calibre, before a range of calibres, before a class."""
        exact = self.calibre is not None and self.calibre[0] == self.calibre[2]
        return 8 * bool(self.models) + 4 * exact + 2 * (self.calibre is not None and not exact) + bool(self.classes)

    def matches(self, weapon_class: str, calibre_mm: float | None, code: str | None) -> bool | None:
        """Whether a weapon falls under the rule; None where its calibre or model is not known well enough to say."""
        if self.classes and weapon_class not in self.classes:
            return False
        unknown = False
        if self.models:
            known = None if code is None else _among(code, self.models)
            if known is False:
                return False
            unknown |= known is None
        if self.calibre is not None:
            if calibre_mm is None:
                unknown = True
            elif not _inside(calibre_mm, self.calibre):
                return False
        return None if unknown else True

    def required_km(self, weapon: Weapon | None) -> float | None:
        """How far from its baseline the weapon must be, km; None where that is not known."""
        if self.reach is None:
            return self.distance_km
        return weapon.max_range_km if weapon is not None and self.reach == "max_range" else None


def _inside(calibre: float, bounds: tuple[float, bool, float, bool]) -> bool:
    low, low_open, high, high_open = bounds
    above = calibre > low if low_open else calibre >= low
    return above and (calibre < high if high_open else calibre <= high)


def _among(code: str, models: Sequence[str]) -> bool | None:
    """Whether a weapon code is one of the models; None where the code is wider than a model of the list: its class, or
    its class and calibre alone."""
    tax = taxonomy()
    weapon = tax.weapon(code)
    listed = [tax.weapon(m) for m in models]
    if code in models or any(w is not None and (code == w.code or code.startswith(w.code + ".")) for w in listed):
        return True
    by_calibre = (weapon.weapon_class, weapon.calibre_mm) if weapon is not None and code.endswith("mm") else None
    for one in listed:
        if one is None:
            continue
        if (one.weapon_class, one.calibre_mm) == by_calibre or one.code.startswith(code + "."):
            return None
    return False


@dataclass(frozen=True, slots=True)
class Exemption:
    """What a term does not forbid. With `requires` or `in_response_to` it holds only when people grant it."""

    id: str
    acts: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    where: Where | None = None
    requires: tuple[str, ...] = ()
    in_response_to: str | None = None
    text: Any = None

    @property
    def by_itself(self) -> bool:
        """Whether it holds without a decision."""
        return not self.requires and self.in_response_to is None


@dataclass(frozen=True, slots=True)
class Term:
    """One term under one way to read it. `alternatives`: (words of the reading or None, the term so read)."""

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

    @property
    def judged(self) -> bool:
        """Whether incidents are judged against it yet: a prohibition that names acts, a withdrawal by distance, and
        statements, which are shown only."""
        read = (self, *(t for _, t in self.alternatives))
        if self.kind == "prohibition":
            return any(t.acts for t in read)
        if self.kind == "withdrawal":
            return any(t.weapons for t in read)
        return self.kind in JUDGED

    def window(self, events: Mapping[str, int | None]) -> tuple[int | None, int | None]:
        """Start and end in microseconds. Start None = its event is not set: the term is pending. End None = open."""
        starts = self.starts or When(event="in_force")
        return starts.resolve(events), None if self.until is None else self.until.resolve(events)

    def due(self, events: Mapping[str, int | None]) -> int | None:
        """From when a withdrawal or duty must be complete, microseconds; None while that is not set."""
        return self.window(events)[0] if self.by is None else self.by.resolve(events)

    def text(self, lang: str = "en") -> str:
        """Its summary in a language, else in English, else in the first one given; its kind where there is none."""
        text = self.texts.get(lang) or self.texts.get("en") or next(iter(self.texts.values()), None)
        return self.kind if text is None else text.summary or text.words or self.kind


@dataclass(frozen=True, slots=True)
class Mandate:
    """What the mission may do."""

    attribute: bool = True
    rule: bool = True
    publish: bool = True


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The joint body or mission of an agreement; `keys` holds all that the file says of it."""

    mandate: Mandate = Mandate()
    members: tuple[str, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement file, read and checked. Positions in `actors` and `terms` (from 1) stand in the ids of findings.

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

    @property
    def beside(self) -> frozenset[str]:
        """Ids of agreements that stay in force beside it, because it amends, incorporates or interprets them."""
        return frozenset(other for other, how in self.refers if how not in {"replaces", "recalls"})


def event_times(events: Iterable[Event], decided: Mapping[str, int]) -> dict[str, int | None]:
    """Event id -> microseconds or None; one may stand on another; times that people decided win over the file's."""
    every = list(events)
    times: dict[str, int | None] = {**{e.id: None for e in every}, **decided}
    for _ in every:  # as many rounds as there are events settle every chain of references
        for event in every:
            if times[event.id] is None and event.when is not None:
                times[event.id] = event.when.resolve(times)
    return times
