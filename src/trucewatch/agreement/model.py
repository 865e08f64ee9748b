"""An agreement as the mission works with it: actors, events, zones, terms with their clocks and readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from trucewatch.agreement.format import ExceptEntry, MechanismEntry, Moment, Relative, TextEntry, WeaponRule
from trucewatch.agreement.zones import Zone
from trucewatch.model import times

JUDGED = ("prohibition", "withdrawal", "statement")


@dataclass(frozen=True, slots=True)
class Actor:
    """A party or other actor; `answers_for`: ids for whom it answers by the text."""

    id: str
    role: str
    names: Mapping[str, str]
    aliases: tuple[str, ...]
    answers_for: tuple[str, ...]

    def name(self, language: str = "en") -> str:
        """Its name in that language, else in English, else its id."""
        return self.names.get(language) or self.names.get("en") or self.id


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the text; `at` in microseconds, None while it is not set."""

    name: str
    at: int | None
    set_by: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """One term. Times may hang on events: ask `window`. `position`: its number in the file, from 1."""

    id: str
    position: int
    kind: str
    texts: Mapping[str, TextEntry]
    acts: tuple[str, ...]
    binds: tuple[str, ...]
    starts: Moment | None
    until: Moment | None
    by: Moment | None
    zone: str | None
    place_of: str | None
    excepts: tuple[ExceptEntry, ...]
    weapons: tuple[WeaponRule, ...]
    from_zone: str | Mapping[str, str] | None
    readings: Mapping[str, Any]
    open_ended: bool
    timezone: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """Our summary in that language, else in English, else in any; the kind where there is none."""
        entry = self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()), None)
        return (entry.summary or entry.words or self.kind) if entry else self.kind

    @property
    def judged(self) -> bool:
        """Whether this version judges terms of this kind; the others are shown as not judged yet."""
        return self.kind in JUDGED and not self.open_ended

    def window(self, events: Mapping[str, Event]) -> tuple[int | None, int | None] | None:
        """Start and end of its time in microseconds (None = open); None as a whole while its event is unset.

        A withdrawal is due from its deadline `by` where it has one.
        """
        start = self.by if self.kind == "withdrawal" and self.by is not None else self.starts
        resolved = [moment(m, events, self.timezone) for m in (start, self.until)]
        if any(m is UNSET for m in resolved):
            return None
        return resolved[0], resolved[1]

    def baseline(self, actor: str) -> str | None:
        """Id of the zone or line from which this actor's distance runs."""
        if isinstance(self.from_zone, Mapping):
            return self.from_zone.get(actor)
        return self.from_zone or self.zone

    def alternatives(self) -> Iterator[tuple[str, Term]]:
        """Every reading of the term as (`name=value;...`, term); one with an empty name where the text is plain."""
        names = [n for n, values in self.readings.items() if isinstance(values, list) and len(values) > 1]
        names = [n for n in names if n in _READABLE]
        if not names:
            yield "", self
            return
        for values in product(*(self.readings[n] for n in names)):
            term = self
            for name, value in zip(names, values, strict=True):
                term = _under(term, name, value)
            yield ";".join(f"{n}={_plain(val)}" for n, val in zip(names, values, strict=True)), term


_READABLE = ("calibre_mm", "distance_km", "zone_width_km", "until", "from", "by", "acts", "binds", "of", "zone")
UNSET = object()


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):
        return "+".join(str(x) for x in value.values())
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def _under(term: Term, name: str, value: Any) -> Term:
    if name in {"calibre_mm", "distance_km", "zone_width_km"}:
        changed: Any = str(value) if name == "calibre_mm" else float(value)
        cleared: dict[str, Any] = {}
        if name != "calibre_mm":
            cleared = {"distance_km": None, "zone_width_km": None}
        rules = tuple(w.model_copy(update={**cleared, name: changed}) for w in term.weapons)
        return replace(term, weapons=rules)
    if name in {"acts", "binds"}:
        return _changed(term, name, tuple(value) if isinstance(value, list) else (str(value),))
    if name in {"until", "from", "by"}:
        moment_ = Relative.model_validate(value) if isinstance(value, dict) else value
        return _changed(term, {"from": "starts"}.get(name, name), moment_)
    return _changed(term, {"of": "place_of"}.get(name, name), value)


def _changed(term: Term, name: str, value: Any) -> Term:
    return replace(term, **{name: value})


def moment(value: Moment | None, events: Mapping[str, Event], tz: str) -> Any:
    """Microseconds of a moment; None for none; `UNSET` while its event has no time."""
    if value is None:
        return None
    if isinstance(value, str):
        if times.is_bare_date(value):
            return times.day_bounds(value, tz)[0]
        return times.parse_instant(value)
    event = events.get(value.event)
    if event is None or event.at is None:
        return UNSET
    return event.at + (times.parse_duration(value.plus) if value.plus else 0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A version of an agreement, checked."""

    id: str
    title: Mapping[str, str]
    actors: tuple[Actor, ...]
    events: Mapping[str, Event]
    zones: Mapping[str, Zone]
    terms: tuple[Term, ...]
    timezone: str
    mechanism: MechanismEntry | None
    source: str | None
    summary: Mapping[str, str]
    notes: tuple[str, ...]
    readings: Mapping[str, Any]
    refers: tuple[Mapping[str, Any], ...]
    definitions: Mapping[str, Any]
    procedures: tuple[Mapping[str, Any], ...]
    version: int = 1

    @property
    def parties(self) -> tuple[Actor, ...]:
        """Its parties, in the order of the file."""
        return tuple(a for a in self.actors if a.role == "party")

    def actor(self, id_: str) -> Actor | None:
        """The actor of that id."""
        return next((a for a in self.actors if a.id == id_), None)

    def position(self, actor: str) -> int:
        """Number of an actor in the file, from 1; 0 for none."""
        return next((k for k, a in enumerate(self.actors, 1) if a.id == actor), 0)

    def name(self, language: str = "en") -> str:
        """Its title in that language, else in English, else its id."""
        return self.title.get(language) or self.title.get("en") or self.id

    @property
    def in_force(self) -> int | None:
        """When it came into force: the event of that name, else the earliest start of a term; None while unset."""
        event = self.events.get("in_force")
        if event is not None:
            return event.at
        starts = [w[0] for w in (t.window(self.events) for t in self.terms) if w is not None and w[0] is not None]
        return min(starts, default=None)

    @property
    def amends(self) -> frozenset[str]:
        """Ids of agreements that it leaves in force beside itself."""
        how = {"amends", "incorporates", "interprets"}
        return frozenset(str(r.get("agreement")) for r in self.refers if r.get("how") in how)

    def answering(self) -> list[tuple[str, Mapping[str, tuple[str, ...]]]]:
        """Readings of who answers for whom: (`name=value`, party -> ids it answers for)."""
        plain = {a.id: a.answers_for for a in self.actors if a.answers_for}
        out: list[tuple[str, dict[str, tuple[str, ...]]]] = [("", dict(plain))]
        for name, values in self.readings.items():
            if not name.startswith("answers_for.") or not isinstance(values, list):
                continue
            forces = name.removeprefix("answers_for.")
            grown = []
            for label, map_ in out:
                for value in values:
                    answers = dict(map_)
                    if value not in {None, "none"}:
                        answers[str(value)] = (*answers.get(str(value), ()), forces)
                    part = f"{name}={'none' if value is None else value}"
                    grown.append((f"{label};{part}" if label else part, answers))
            out = grown
        return out
