"""Faults of single terms: names in them, what a kind needs, readings that replace keys; and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from trucewatch.agreement.duties import parse_done
from trucewatch.agreement.naming import Names, each, get, listed, short
from trucewatch.agreement.readings import MOST, choices, replaced
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Path
from trucewatch.taxonomy import taxonomy

_TIMES = ("from", "until", "by", "begins_by")
_FIXED = ("id", "kind", "readings", "text")  # keys of a term that no reading may replace


def term_faults(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Every fault of one term, its readings included."""
    plain = list(_named(names, term, path))
    yield from plain
    yield from _needs(names, term, path)
    readings = term.get("readings")
    if not isinstance(readings, Mapping):
        return
    yield from label_faults(names, readings, (*path, "readings"))
    told = {f.message for f in plain}
    for name, found in readings.items():
        for i, (_, keys) in enumerate(next(iter(choices({name: found})), ())):
            at: Path = (*path, "readings", name, i if isinstance(found, list) else list(found)[i])
            fixed = [k for k in keys if k.split(".")[0] in _FIXED]
            if fixed:
                yield names.fault(f"a reading cannot replace {fixed[0]!r}", "Write two terms instead", at)
                continue
            try:
                read = replaced(term, keys)
            except LookupError as e:
                yield names.fault(str(e.args[0]), "Name keys that the term has, as in where.zone or except.6.acts", at)
                continue
            for fault in _named(names, read, at):
                if fault.message not in told:
                    yield names.fault(fault.message, fault.remedy, at)


def label_faults(names: Names, readings: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Names of readings stand in tables as name=value;name=value; and there must not be too many."""
    many = prod(len(found) for found in choices(readings))
    if many > MOST:
        yield names.fault(f"{many} combinations of readings", f"Keep at most {MOST}", path)
    for name, alternatives in readings.items():
        for one in (name, *(alternatives if isinstance(alternatives, Mapping) else ())):
            if set(str(one)) & set(";="):
                yield names.fault(f"the name {short(one)} holds ; or =", "Choose another", (*path, name))


def _named(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Names in the keys of a term, or in those that a reading replaces."""
    for key in _TIMES:
        yield from names.when(term.get(key), (*path, key))
    for key, inner in (("duration", "until"), ("baseline", "at")):
        yield from names.when(get(term, key, inner), (*path, key, inner))
    for key in ("binds", "against", "supervised_by"):
        yield from names.actor(term.get(key), (*path, key))
    yield from place_faults(names, term.get("where"), (*path, "where"), term.get("sides"))
    for key in ("baseline", "to"):
        yield from names.zone(get(term, key, "zone"), (*path, key, "zone"))
    yield from names.actor(get(term, "to", "agreed_by"), (*path, "to", "agreed_by"))
    yield from names.acts(term.get("acts"), (*path, "acts"))
    for key in ("what", "excludes"):
        yield from names.definition(term.get(key), (*path, key))
    yield from _baselines(names, term, path)
    yield from _conditions(names, term, path)
    yield from _done(names, term, path)
    for key in ("weapons", "limits"):
        yield from weapon_faults(names, term.get(key), (*path, key))
    yield from _same_weapons(names, term.get("weapons"), (*path, "weapons"))
    for at, one in each(term.get("except"), (*path, "except")):
        yield from exception_faults(names, one, at)
    yield from twice(names, term.get("except"), (*path, "except"))


def twice(names: Names, rows: Any, path: Path) -> Iterator[Fault]:
    """A fault for each id that another thing of the same list has."""
    seen: set[str] = set()
    for at, row in each(rows, path):
        one = get(row, "id")
        if isinstance(one, str):
            if one in seen:
                yield names.fault(f"the id {one!r} stands twice", "Give each its own id", (*at, "id"))
            seen.add(one)


def comes_after(term: Mapping[str, Any]) -> list[str]:
    """The terms that one waits for."""
    rows = listed(term.get("after"))
    return [str(on) for row in rows if (on := row if isinstance(row, str) else get(row, "term")) is not None]


def place_faults(names: Names, value: Any, path: Path, sides: Any = None) -> Iterator[Fault]:
    """Faults of where something holds: one place or several; `sides`: those that a term gives itself."""
    for at, place in each(value, path):
        yield from names.zone(get(place, "zone"), (*at, "zone"))
        told = [key for key in ("outside", "side") if get(place, key) is not None]
        if told and get(place, "zone") is None:
            yield names.fault(f"{told[0]} of no zone", "Name the zone beside it", at)
        elif get(place, "side") is not None and not sides and not names.sided(get(place, "zone")):
            remedy = "Write sides: {ACTOR: left, ACTOR: right} at the zone, looking along the line"
            yield names.fault(f"the zone {short(get(place, 'zone'))} has no sides", remedy, (*at, "side"))


def weapon_faults(names: Names, value: Any, path: Path) -> Iterator[Fault]:
    """Faults of weapon classes in rules."""
    for at, rule in each(value, path):
        classes = taxonomy().classes
        yield from names.known(get(rule, "class"), classes, "weapon class", (*at, "class"), "of the list of weapons")


_WHICH = ("class", "calibre_mm", "calibre", "models")
_HOW_FAR = ("distance_km", "zone_width_km", "distance", "max")


def _same_weapons(names: Names, rules: Any, path: Path) -> Iterator[Fault]:
    """Rules for the very same weapons that ask for different distances: which one holds would have to be guessed."""
    seen: dict[str, Mapping[str, Any]] = {}
    for at, rule in each(rules, path):
        if not isinstance(rule, Mapping):
            continue
        which = repr([sorted(map(str, listed(rule.get(k)))) for k in _WHICH])
        other = seen.setdefault(which, rule)
        if any(other.get(k) != rule.get(k) for k in _HOW_FAR):
            found = ", ".join(f"{k} {other.get(k)} and {rule.get(k)}" for k in _HOW_FAR if other.get(k) != rule.get(k))
            words = f"two rules for the same weapons contradict each other: {found}"
            yield names.fault(words, "Keep one, or write a reading with both", at)


def exception_faults(names: Names, one: Any, path: Path) -> Iterator[Fault]:
    """Faults of one exception."""
    yield from names.acts(get(one, "acts"), (*path, "acts"))
    yield from names.actor(get(one, "actors"), (*path, "actors"))
    yield from place_faults(names, get(one, "where"), (*path, "where"))
    yield from weapon_faults(names, get(one, "weapons"), (*path, "weapons"))
    for key in ("from", "until"):
        yield from names.when(get(one, key), (*path, key))
    for key in ("terms", "term"):
        yield from names.term(get(one, key), (*path, key))
    yield from names.definition(get(one, "in_response_to"), (*path, "in_response_to"))


def _baselines(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    baseline = term.get("from_zone")
    if isinstance(baseline, dict):
        yield from names.actor(list(baseline), (*path, "from_zone"))
        for actor, zone in baseline.items():
            yield from names.zone(zone, (*path, "from_zone", actor))
    else:
        yield from names.zone(baseline, (*path, "from_zone"))
    sides = term.get("sides")
    if isinstance(sides, Mapping):
        yield from names.actor(list(sides), (*path, "sides"))


def _conditions(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Terms, events and actors that a condition names."""
    yield from names.term(term.get("with"), (*path, "with"))
    for key, value in (
        ("after", term.get("after")),
        ("while", term.get("while")),
        ("then", get(term, "then", "while")),
    ):
        start: Path = (*path, "then", "while") if key == "then" else (*path, key)
        for at, one in each(value, start):
            if isinstance(one, str):
                yield from names.term(None if one == "all" else one, at)
            else:
                yield from names.term(get(one, "term"), (*at, "term"))
                yield from names.known(get(one, "event"), names.events, "event", (*at, "event"))
                yield from names.actor(get(one, "by"), (*at, "by"))
                yield from _state(names, get(one, "done"), (*at, "done"))


def _done(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    for at, text in each(term.get("done_when"), (*path, "done_when")):
        yield from _state(names, text, at)


def _state(names: Names, text: Any, path: Path) -> Iterator[Fault]:
    """Actors, zones and acts in a state that can be tested. What cannot be read is told elsewhere."""
    try:
        done = parse_done(text) if isinstance(text, str) else None
    except ValueError:
        return
    if done is not None:
        yield from names.actor(done.actor, path)
        yield from names.zone(done.zone, path)
        if done.test == "count":
            yield from names.acts(done.what, path)


def _needs(names: Names, term: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """What a kind cannot do without."""
    kind = term.get("kind")
    if kind == "prohibition" and not term.get("acts") and not term.get("open_ended"):
        yield names.fault("a prohibition without acts", "Name acts, or write open_ended: true", path)
    if kind in ("prohibition", "withdrawal") and not term.get("binds"):
        yield names.fault("the term binds nobody", "Name the actors: binds: [...]", path)


def cycles(stands: Mapping[str, list[str]]) -> list[str]:
    """The names that stand on themselves, through others or at once, in the order given."""
    left = {name: {on for on in those if on in stands} for name, those in stands.items()}
    while free := [name for name, those in left.items() if not those]:
        gone = set(free)
        left = {name: those - gone for name, those in left.items() if name not in gone}
    return [name for name in left if _reaches(name, left)]


def _reaches(start: str, stands: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    open_ = list(stands[start])
    while open_:
        name = open_.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            open_ += stands.get(name, ())
    return False


__all__ = [
    "comes_after", "cycles", "exception_faults", "label_faults", "place_faults", "term_faults", "twice",
    "weapon_faults",
]  # fmt: skip
