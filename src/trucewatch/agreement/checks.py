"""Faults of an agreement file that need more than one key: names that nothing carries, ids that stand twice, acts.

They are looked for in the plain values, so that they are told together with the faults of single keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of
from trucewatch.taxonomy import taxonomy

_TIMES = ("from", "until", "by", "begins_by")


def cross_faults(value: Any, lines: Lines, file: str) -> list[Fault]:
    """Every such fault of the file, with line and remedy."""
    return list(_Checker(value, lines, file).run()) if isinstance(value, dict) else []


def get(value: Any, *path: str | int) -> Any:
    """The value at `path` of plain YAML values, None where the way is not there."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def _list(value: Any) -> list[Any]:
    if isinstance(value, str | int):
        return [value]
    return value if isinstance(value, list) else []


class _Checker:
    def __init__(self, value: dict[str, Any], lines: Lines, file: str) -> None:
        self.lines, self.file, self.value = lines, file, value
        self.actors = self._ids("actors")
        self.zones = self._ids("zones")
        self.terms = self._ids("terms")
        events = self.value.get("events")
        self.events = [str(e) for e in events] if isinstance(events, Mapping) else []
        definitions = self.value.get("definitions")
        self.definitions = [f"definition:{d}" for d in definitions] if isinstance(definitions, Mapping) else []

    def _ids(self, part: str) -> list[str]:
        return [str(row["id"]) for row in _list(self.value.get(part)) if isinstance(row, dict) and "id" in row]

    def _fault(self, message: str, remedy: str, path: Path) -> Fault:
        name = ".".join(str(p + 1 if isinstance(p, int) else p) for p in path)
        return Fault(message, remedy, self.file, line_of(path, self.lines), name)

    def _known(self, value: Any, known: Iterable[str], what: str, path: Path) -> Iterator[Fault]:
        names = list(known)
        for i, one in enumerate(_list(value)):
            if isinstance(one, str | int) and str(one) not in names:
                near = get_close_matches(str(one), names, 1, 0.6)
                remedy = (
                    f"Did you mean {near[0]!r}?" if near else f"Declare it, or write one of: {', '.join(names[:20])}"
                )
                yield self._fault(f"{one!r} is no {what} of this file", remedy, (*path, i))

    def run(self) -> Iterator[Fault]:
        yield from self._twice()
        yield from self._actors()
        yield from self._times()
        yield from self._zones()
        for i, term in enumerate(_list(self.value.get("terms"))):
            if isinstance(term, dict):
                yield from self._term(term, ("terms", i))
        yield from self._known(get(self.value, "mechanism", "members"), self.actors, "actor", ("mechanism", "members"))
        for name, row in (self.value.get("definitions") or {}).items() if self.definitions else ():
            yield from self._acts(get(row, "acts"), ("definitions", name, "acts"))

    def _twice(self) -> Iterator[Fault]:
        for part, ids in (("actors", self.actors), ("zones", self.zones), ("terms", self.terms)):
            for i, one in enumerate(ids):
                if one in ids[:i]:
                    yield self._fault(f"the id {one!r} stands twice", "Give each its own id", (part, i, "id"))

    def _actors(self) -> Iterator[Fault]:
        for i, row in enumerate(_list(self.value.get("actors"))):
            if not isinstance(row, dict):
                continue
            if str(row.get("id")) in {"other", "none"} or str(row.get("id")).startswith("other:"):
                yield self._fault(
                    "this id has a meaning of its own in the tables", "Choose another", ("actors", i, "id")
                )
            yield from self._known(row.get("answers_for"), self.actors, "actor", ("actors", i, "answers_for"))
            yield from self._when(row.get("accepted"), ("actors", i, "accepted"))
        readings = self.value.get("readings")
        for name, alternatives in readings.items() if isinstance(readings, Mapping) else ():
            for alternative, keys in alternatives.items() if isinstance(alternatives, Mapping) else ():
                answers = get(keys, "answers_for")
                path: Path = ("readings", name, alternative, "answers_for")
                if isinstance(answers, Mapping):
                    yield from self._known([*answers, *(p for p in answers.values() if p)], self.actors, "actor", path)

    def _times(self) -> Iterator[Fault]:
        for name in self.events:
            event = get(self.value, "events", name)
            yield from self._when(get(event, "at"), ("events", name, "at"))
            yield from self._known(get(event, "set_by"), self.actors, "actor", ("events", name, "set_by"))
            seen = [name]
            while (following := get(self.value, "events", seen[-1], "at", "event")) is not None:
                if str(following) in seen:
                    words = f"the event {name!r} stands on itself"
                    yield self._fault(words, "Give one of the events a time", ("events", name, "at"))
                    break
                seen.append(str(following))

    def _when(self, value: Any, path: Path) -> Iterator[Fault]:
        if isinstance(value, dict) and "event" in value:
            yield from self._known(value["event"], self.events, "event", (*path, "event"))

    def _zones(self) -> Iterator[Fault]:
        for i, zone in enumerate(_list(self.value.get("zones"))):
            if not isinstance(zone, dict):
                continue
            path: Path = ("zones", i)
            for key in ("of", "between", "minus"):
                yield from self._known(zone.get(key), self.zones[:i], "zone above this one", (*path, key))
            shaped = [k for k in ("file", "circle", "of", "between") if zone.get(k) is not None]
            if len(shaped) > 1:
                yield self._fault(f"{' and '.join(shaped)} stand together", "Keep one way to make the shape", path)
            if not shaped and zone.get("status") != "undefined":
                remedy = "Name a file and feature, a circle or another zone, or write status: undefined"
                yield self._fault("the zone has no shape", remedy, path)

    def _term(self, term: dict[str, Any], path: Path) -> Iterator[Fault]:
        for key in _TIMES:
            yield from self._when(term.get(key), (*path, key))
        yield from self._known(term.get("binds"), self.actors, "actor", (*path, "binds"))
        yield from self._known(get(term, "where", "zone"), self.zones, "zone", (*path, "where", "zone"))
        yield from self._acts(term.get("acts"), (*path, "acts"))
        yield from self._baselines(term, path)
        for i, rule in enumerate(_list(term.get("weapons"))):
            classes = taxonomy().classes
            yield from self._known(get(rule, "class"), classes, "weapon class", (*path, "weapons", i, "class"))
        for i, one in enumerate(_list(term.get("except"))):
            at: Path = (*path, "except", i)
            yield from self._acts(get(one, "acts"), (*at, "acts"))
            yield from self._known(get(one, "actors"), self.actors, "actor", (*at, "actors"))
            yield from self._known(get(one, "where", "zone"), self.zones, "zone", (*at, "where", "zone"))
            if str(get(one, "in_response_to") or "").startswith("definition:"):
                named = get(one, "in_response_to")
                yield from self._known(named, self.definitions, "definition", (*at, "in_response_to"))
        yield from self._needs(term, path)

    def _baselines(self, term: dict[str, Any], path: Path) -> Iterator[Fault]:
        baseline = term.get("from_zone")
        if isinstance(baseline, dict):
            yield from self._known(list(baseline), self.actors, "actor", (*path, "from_zone"))
            for actor, zone in baseline.items():
                yield from self._known(zone, self.zones, "zone", (*path, "from_zone", actor))
        else:
            yield from self._known(baseline, self.zones, "zone", (*path, "from_zone"))

    def _needs(self, term: dict[str, Any], path: Path) -> Iterator[Fault]:
        kind = term.get("kind")
        if kind == "prohibition" and not term.get("acts") and not term.get("open_ended"):
            yield self._fault("a prohibition without acts", "Name acts, or write open_ended: true", path)
        if kind in {"prohibition", "withdrawal"} and not term.get("binds"):
            yield self._fault("the term binds nobody", "Name the actors: binds: [...]", path)

    def _acts(self, value: Any, path: Path) -> Iterator[Fault]:
        tax = taxonomy()
        for i, code in enumerate(_list(value)):
            if not isinstance(code, str) or tax.is_act(code) or code in self.definitions:
                continue
            near = get_close_matches(code, [*tax.acts, *self.definitions], 1, 0.5)
            hint = f"Did you mean {near[0]!r}?" if near else "See the list of acts in the reference"
            yield self._fault(f"{code!r} is no act of the taxonomy", hint, (*path, i))
