"""Faults of an agreement file that need more than one key: names that nothing carries, ids that stand twice, acts.

They are looked for in the plain values, so that they are told together with the faults of single keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from math import prod
from typing import Any

from trucewatch.agreement.readings import MOST, choices
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of
from trucewatch.taxonomy import taxonomy

_TIMES = ("from", "until", "by", "begins_by")
_FIXED = ("id", "kind", "readings", "text")  # keys of a term that no reading may replace
_ZONED = re.compile(r"(controls|present|absent)\((?:([^(),]*),)?\s*([^(),]*)\)\Z")


def short(value: Any) -> str:
    """A value as faults show it: what was found, cut where nobody would read on."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


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
        rows = _list(self.value.get(part))
        return [str(row["id"]) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]

    def _fault(self, message: str, remedy: str, path: Path) -> Fault:
        name = ".".join(str(p + 1 if isinstance(p, int) else p) for p in path)
        return Fault(message, remedy, self.file, line_of(path, self.lines), name)

    def _known(
        self, value: Any, known: Iterable[str], what: str, path: Path, owner: str = "of this file"
    ) -> Iterator[Fault]:
        names = list(known)
        for i, one in enumerate(_list(value)):
            if isinstance(one, str | int) and str(one) not in names:
                near = get_close_matches(str(one)[:80], names, 1, 0.6)
                listed = f"Write one of: {', '.join(names[:20])}" if names else f"There is no {what} {owner}: add it"
                remedy = f"Did you mean {near[0]!r}?" if near else listed
                at = (*path, i) if isinstance(value, list) else path
                yield self._fault(f"{short(one)} is no {what} {owner}", remedy, at)

    def run(self) -> Iterator[Fault]:
        yield from self._twice()
        yield from self._actors()
        yield from self._times()
        yield from self._zones()
        for i, term in enumerate(_list(self.value.get("terms"))):
            if isinstance(term, dict):
                yield from self._term(term, ("terms", i))
        yield from self._answers()
        for key in ("members", "chair"):
            yield from self._known(get(self.value, "mechanism", key), self.actors, "actor", ("mechanism", key))
        yield from self._when(get(self.value, "duration", "until"), ("duration", "until"))
        for name, row in (self.value.get("definitions") or {}).items() if self.definitions else ():
            yield from self._acts(get(row, "acts"), ("definitions", name, "acts"), defined=False)

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

    def _answers(self) -> Iterator[Fault]:
        """Readings of the whole text: they say who answers for whom, and nothing else."""
        readings = self.value.get("readings")
        if not isinstance(readings, Mapping):
            return
        yield from self._labels(readings, ("readings",))
        for name, alternatives in readings.items():
            for alternative, keys in alternatives.items() if isinstance(alternatives, Mapping) else ():
                path: Path = ("readings", name, alternative)
                if keys is not None and not isinstance(keys, Mapping):
                    yield self._fault(f"found {short(keys)}", "Write answers_for and words here", path)
                if isinstance(keys, Mapping) and set(keys) - {"answers_for", "words"}:
                    extra = ", ".join(sorted(set(keys) - {"answers_for", "words"}))
                    remedy = "Write answers_for and words here, other keys under the readings of a term"
                    yield self._fault(f"a reading of the whole text cannot replace {extra}", remedy, path)
                answers = get(keys, "answers_for")
                if isinstance(answers, Mapping):
                    for doer, party in answers.items():
                        at: Path = (*path, "answers_for", doer)
                        yield from self._known(doer, self.actors, "actor", at)
                        if party is not None and not isinstance(party, str):
                            yield self._fault(f"found {short(party)}", "Write the id of one actor, or null", at)
                        yield from self._known(party, self.actors, "actor", at)
                elif answers is not None:
                    yield self._fault(
                        f"found {short(answers)}", "Write answers_for: {DOER: PARTY}, or {DOER: null}", path
                    )
            if isinstance(alternatives, list):
                remedy = "Write named alternatives: {NAME: {answers_for: {DOER: PARTY}}}"
                yield self._fault("a reading of the whole text cannot be a list", remedy, ("readings", name))

    def _labels(self, readings: Mapping[str, Any], path: Path) -> Iterator[Fault]:
        """Names of readings stand in tables as name=value;name=value; and there must not be too many."""
        many = prod(len(found) for found in choices(readings))
        if many > MOST:
            yield self._fault(f"{many} combinations of readings", f"Keep at most {MOST}", path)
        for name, alternatives in readings.items():
            for one in (name, *(alternatives if isinstance(alternatives, Mapping) else ())):
                if set(str(one)) & set(";="):
                    yield self._fault(f"the name {short(one)} holds ; or =", "Choose another", (*path, name))

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
                yield from self._known(zone.get(key), self.zones[:i], "zone", (*path, key), "above this one")
            yield from self._when(zone.get("valid_from"), (*path, "valid_from"))
            shaped = [k for k in ("file", "circle", "of", "between") if zone.get(k) is not None]
            if len(shaped) > 1:
                yield self._fault(f"{' and '.join(shaped)} stand together", "Keep one way to make the shape", path)
            if not shaped and zone.get("status") != "undefined":
                remedy = "Name a file and feature, a circle or another zone, or write status: undefined"
                yield self._fault("the zone has no shape", remedy, path)

    def _term(self, term: dict[str, Any], path: Path) -> Iterator[Fault]:
        yield from self._named(term, path)
        yield from self._needs(term, path)
        readings = term.get("readings")
        if not isinstance(readings, Mapping):
            return
        yield from self._labels(readings, (*path, "readings"))
        for name, found in readings.items():
            for i, (_, keys) in enumerate(next(iter(choices({name: found})), ())):
                at: Path = (*path, "readings", name, i if isinstance(found, list) else list(found)[i])
                fixed = [k for k in keys if k in _FIXED]
                if fixed:
                    yield self._fault(f"a reading cannot replace {fixed[0]!r}", "Write two terms instead", at)
                yield from self._named(keys, at)

    def _named(self, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
        """Names in the keys of a term, or in those that a reading replaces."""
        for key in _TIMES:
            yield from self._when(term.get(key), (*path, key))
        for key in ("duration", "baseline"):
            inner = "until" if key == "duration" else "at"
            yield from self._when(get(term, key, inner), (*path, key, inner))
        yield from self._known(term.get("binds"), self.actors, "actor", (*path, "binds"))
        for key in ("where", "baseline"):
            yield from self._known(get(term, key, "zone"), self.zones, "zone", (*path, key, "zone"))
        yield from self._acts(term.get("acts"), (*path, "acts"))
        yield from self._baselines(term, path)
        yield from self._others(term, path)
        for key in ("weapons", "limits"):
            for i, rule in enumerate(_list(term.get(key))):
                at: Path = (*path, key, i, "class")
                yield from self._known(
                    get(rule, "class"), taxonomy().classes, "weapon class", at, "of the list of weapons"
                )
        for i, one in enumerate(_list(term.get("except"))):
            at = (*path, "except", i)
            yield from self._acts(get(one, "acts"), (*at, "acts"))
            yield from self._known(get(one, "actors"), self.actors, "actor", (*at, "actors"))
            yield from self._known(get(one, "where", "zone"), self.zones, "zone", (*at, "where", "zone"))
            named = get(one, "in_response_to")
            if isinstance(named, str) and named.startswith("definition:"):
                yield from self._known(named, self.definitions, "definition", (*at, "in_response_to"))

    def _others(self, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
        """Other terms that one stands on, sides of a line, and what a state is tested by."""
        for i, one in enumerate(_list(term.get("after"))):
            yield from self._known(get(one, "term"), self.terms, "term", (*path, "after", i, "term"))
            yield from self._known(get(one, "by"), self.actors, "actor", (*path, "after", i, "by"))
        yield from self._known(term.get("with"), self.terms, "term", (*path, "with"))
        sides = term.get("sides")
        if isinstance(sides, Mapping):
            yield from self._known(list(sides), self.actors, "actor", (*path, "sides"))
        tested = _ZONED.match(done) if isinstance(done := term.get("done_when"), str) else None
        if tested:
            yield from self._known(tested[3].strip(), self.zones, "zone", (*path, "done_when"))
            if tested[1] != "absent":
                yield from self._known((tested[2] or "").strip(), self.actors, "actor", (*path, "done_when"))

    def _baselines(self, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
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
        if kind in ("prohibition", "withdrawal") and not term.get("binds"):
            yield self._fault("the term binds nobody", "Name the actors: binds: [...]", path)

    def _acts(self, value: Any, path: Path, defined: bool = True) -> Iterator[Fault]:
        """Codes of the taxonomy; definitions too, except in a definition itself."""
        tax = taxonomy()
        definitions = self.definitions if defined else []
        for i, code in enumerate(_list(value)):
            if not isinstance(code, str) or tax.is_act(code) or code in definitions:
                continue
            near = get_close_matches(code[:80], [*tax.acts, *definitions], 1, 0.5)
            hint = f"Did you mean {near[0]!r}?" if near else "See the list of acts in the reference"
            at = (*path, i) if isinstance(value, list) else path
            yield self._fault(f"{short(code)} is no act of the taxonomy", hint, at)
