"""Faults of an agreement file that need more than one key: names that nothing carries, ids that stand twice, cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trucewatch.agreement.model import Agreement
from trucewatch.agreement.naming import Names, course_events, each, get, listed, short
from trucewatch.agreement.term_checks import (
    comes_after,
    cycles,
    exception_faults,
    label_faults,
    place_faults,
    term_faults,
    twice,
    weapon_faults,
)
from trucewatch.agreement.whole_readings import changes
from trucewatch.model.errors import Fault
from trucewatch.model.yaml_lines import Lines, Path, line_of


def cross_faults(value: Any, lines: Lines, file: str) -> list[Fault]:
    """Every such fault of the file, with line and remedy."""
    if not isinstance(value, dict):
        return []
    names = Names(value, lines, file)
    found: list[Fault] = []
    for part in (_twice, _actors, _events, _zones, _terms, _whole, _bodies, _definitions, _rest):
        found += part(names)
    return found


def _twice(names: Names) -> Iterator[Fault]:
    for part in ("actors", "zones", "terms", "procedures", "mechanism"):
        yield from twice(names, names.value.get(part), (part,))


def _actors(names: Names) -> Iterator[Fault]:
    for i, row in enumerate(listed(names.value.get("actors"))):
        if not isinstance(row, dict):
            continue
        path: Path = ("actors", i)
        if str(row.get("id")) in {"other", "none"} or str(row.get("id")).startswith("other:"):
            yield names.fault("this id has a meaning of its own in the tables", "Choose another", (*path, "id"))
        yield from names.actor(row.get("answers_for"), (*path, "answers_for"))
        if row.get("answers_for") is not None and row.get("answers_for") == row.get("id"):
            remedy = "Take answers_for out: everybody answers for what he does himself"
            yield names.fault(f"{short(row['id'])} answers for itself", remedy, (*path, "answers_for"))
        yield from names.when(row.get("accepted"), (*path, "accepted"))
    rows = {str(get(a, "id")): (i, a) for i, a in enumerate(listed(names.value.get("actors"))) if isinstance(a, dict)}
    answers = {id_: [str(on)] for id_, (_, a) in rows.items() if (on := a.get("answers_for")) not in (None, id_)}
    for name in cycles(answers):
        words = f"{name!r} is answered for in a circle: {' for '.join((name, *_round(name, answers)))}"
        remedy = "answers_for names the one who answers for this actor: take it out where it is the other way round"
        yield names.fault(words, remedy, ("actors", rows[name][0], "answers_for"))


def _round(name: str, answers: Mapping[str, list[str]]) -> Iterator[str]:
    """Who answers, one after the other, until it is the first again."""
    at = answers[name][0]
    while at != name:
        yield at
        at = answers[at][0]
    yield name


def _events(names: Names) -> Iterator[Fault]:
    for name in names.declared:
        event = get(names.value, "events", name)
        path: Path = ("events", name)
        yield from names.when(get(event, "at"), (*path, "at"))
        yield from names.actor(get(event, "set_by"), (*path, "set_by"))
    stands = {name: [str(on)] for name in names.declared if (on := _stands_on(names, name)) is not None}
    for name in cycles(stands):
        yield names.fault(
            f"the event {name!r} stands on itself", "Give one of the events a time", ("events", name, "at")
        )


def _stands_on(names: Names, event: str) -> Any:
    at = get(names.value, "events", event, "at")
    return at if isinstance(at, str) and at in names.declared else get(at, "event")


def _zones(names: Names) -> Iterator[Fault]:
    above: dict[str, None] = {}
    for i, zone in enumerate(listed(names.value.get("zones"))):
        if not isinstance(zone, dict):
            continue
        path: Path = ("zones", i)
        for key in ("of", "between", "minus", "within", "replaces"):
            yield from names.known(zone.get(key), above, "zone", (*path, key), "above this one")
        if isinstance(zone.get("sides"), Mapping):
            yield from names.actor(list(zone["sides"]), (*path, "sides"))
        yield from names.when(zone.get("valid_from"), (*path, "valid_from"))
        if isinstance(zone.get("id"), str) and zone["id"] in names.actors:
            remedy = f"Give the zone another id, as in territory-of-{zone['id']}"
            yield names.fault(f"{short(zone['id'])} is the id of an actor too", remedy, (*path, "id"))
        if zone.get("replaces") is not None and zone.get("valid_from") is None:
            remedy = "Write valid_from: since when it stands for the other"
            yield names.fault("a zone that replaces another from no time on", remedy, (*path, "replaces"))
        shaped = [k for k in ("file", "line", "area", "circle", "of", "between") if zone.get(k) is not None]
        if len(shaped) > 1:
            yield names.fault(f"{' and '.join(shaped)} stand together", "Keep one way to make the shape", path)
        if not shaped and zone.get("status") != "undefined":
            remedy = "Name a file and feature, points, a circle or another zone, or write status: undefined"
            yield names.fault("the zone has no shape", remedy, path)
        above[str(zone.get("id"))] = None


def _terms(names: Names) -> Iterator[Fault]:
    after: dict[str, list[str]] = {}
    at: dict[str, int] = {}
    for i, term in enumerate(listed(names.value.get("terms"))):
        if isinstance(term, dict):
            yield from term_faults(names, term, ("terms", i))
            after[str(term.get("id"))] = comes_after(term)
            at[str(term.get("id"))] = i
    for name in cycles(after):
        words = f"the term {name!r} comes after itself, by way of the terms that it waits for"
        yield names.fault(words, "Take one of the conditions out", ("terms", at[name], "after"))


def _whole(names: Names) -> Iterator[Fault]:
    """Readings of the whole text: they say who answers for whom, or change zones, events or definitions."""
    readings = names.value.get("readings")
    if not isinstance(readings, Mapping):
        return
    yield from label_faults(names, readings, ("readings",))
    for name, alternatives in readings.items():
        path: Path = ("readings", name)
        if isinstance(alternatives, list):
            if changes({name: None}):
                yield from _changed(names, {name: None}, path)
            else:
                remedy = "Write named alternatives: {NAME: {answers_for: {DOER: PARTY}}}, or zones.ID.KEY: [...]"
                yield names.fault("a reading of the whole text cannot be a list", remedy, path)
        for alternative, keys in alternatives.items() if isinstance(alternatives, Mapping) else ():
            yield from _answer(names, keys, (*path, alternative))
        told = [
            k for k in (alternatives.values() if isinstance(alternatives, Mapping) else ()) if isinstance(k, Mapping)
        ]
        if any("answers_for" in k for k in told) and any(changes(k) for k in told):
            words = "a reading that says who answers for whom changes something else too"
            yield names.fault(words, "Write two readings", path)


def _changed(names: Names, keys: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    """Faults of keys that change a zone, an event or a definition of the whole text."""
    known = {"zones": names.zones, "events": names.events, "definitions": [d[11:] for d in names.definitions]}
    for key in changes(keys):
        part, name, _ = key.split(".", 2)
        yield from names.known(name, known[part], part.removesuffix("s"), path)


def _answer(names: Names, keys: Any, path: Path) -> Iterator[Fault]:
    if keys is not None and not isinstance(keys, Mapping):
        yield names.fault(f"found {short(keys)}", "Write answers_for and words here", path)
        return
    yield from _changed(names, keys or {}, path)
    extra = set(keys or ()) - {"answers_for", "words", *changes(keys or {})}
    if extra:
        remedy = (
            "Write answers_for, zones.ID.KEY, events.NAME.at and words here, other keys under the readings of a term"
        )
        yield names.fault(f"a reading of the whole text cannot replace {', '.join(sorted(extra))}", remedy, path)
    answers = get(keys, "answers_for")
    if isinstance(answers, Mapping):
        for doer, party in answers.items():
            at: Path = (*path, "answers_for", doer)
            yield from names.actor(doer, at)
            if party is not None and not isinstance(party, str):
                yield names.fault(f"found {short(party)}", "Write the id of one actor, or null", at)
            else:
                yield from names.actor(party, at)
    elif answers is not None:
        yield names.fault(f"found {short(answers)}", "Write answers_for: {DOER: PARTY}, or {DOER: null}", path)


def _bodies(names: Names) -> Iterator[Fault]:
    raw = names.value.get("mechanism")
    for path, body in each(raw, ("mechanism",)):
        if not isinstance(body, Mapping):
            continue
        for at, member in each(body.get("members"), (*path, "members")):
            yield from names.actor(member if isinstance(member, str) else get(member, "actor"), at)
        yield from names.actor(body.get("chair"), (*path, "chair"))
        yield from names.known(body.get("above"), names.bodies, "body", (*path, "above"))
        yield from names.term(body.get("terms"), (*path, "terms"))
        yield from names.when(body.get("by"), (*path, "by"))
        for at, report in each(body.get("reports"), (*path, "reports")):
            yield from _addressed(names, get(report, "to"), (*at, "to"))
        for at, power in each(body.get("powers"), (*path, "powers")):
            yield from names.acts(get(power, "acts"), (*at, "acts"), defined=False)
            yield from names.zone(get(power, "where"), (*at, "where"))
            yield from names.term(get(power, "term"), (*at, "term"))


def _addressed(names: Names, value: Any, path: Path) -> Iterator[Fault]:
    """To whom a body reports: an actor or a body; words of more than one word (the Security Council) pass."""
    for at, one in each(value, path):
        if isinstance(one, str) and not one.strip().count(" "):
            yield from names.known(one, [*names.actors, *names.bodies], "actor or body", at)


def _definitions(names: Names) -> Iterator[Fault]:
    definitions = names.value.get("definitions")
    for name, row in definitions.items() if isinstance(definitions, Mapping) else ():
        path: Path = ("definitions", name)
        yield from names.acts(get(row, "acts"), (*path, "acts"), defined=False)
        yield from names.actor(get(row, "actors"), (*path, "actors"))
        yield from names.zone(get(row, "zone"), (*path, "zone"))
        yield from weapon_faults(names, get(row, "weapons"), (*path, "weapons"))


def _rest(names: Names) -> Iterator[Fault]:
    """What holds for the whole text: its duration, its place, its exceptions, its procedures."""
    yield from names.when(get(names.value, "duration", "until"), ("duration", "until"))
    yield from place_faults(names, names.value.get("where"), ("where",))
    for at, one in each(names.value.get("except"), ("except",)):
        yield from exception_faults(names, one, at)
    for at, one in each(names.value.get("procedures"), ("procedures",)):
        yield from names.when(get(one, "by"), (*at, "by"))
        yield from names.term(get(one, "term"), (*at, "term"))
        yield from names.acts(get(one, "acts"), (*at, "acts"), defined=False)
    yield from twice(names, names.value.get("except"), ("except",))


def zone_faults(agreement: Agreement, lines: Lines, file: str) -> Iterator[Fault]:
    """A fault for each exclusion zone that names no zone under one of its readings: it would hold everywhere."""
    for i, term in enumerate(agreement.terms):
        for reading, read in term.alternatives:
            if term.kind == "exclusion_zone" and not any(place.zone for place in read.places):
                under = f" under the reading {reading}" if reading else ""
                yield Fault(
                    f"the exclusion zone {term.id!r} names no zone{under}",
                    "Write where: {zone: ID, of: presence}; where no map is known, of a zone with status: undefined",
                    file, line_of(("terms", i, "where"), lines), f"terms.{i + 1}.where",
                )  # fmt: skip
                break


__all__ = ["course_events", "cross_faults", "get", "short", "zone_faults"]
