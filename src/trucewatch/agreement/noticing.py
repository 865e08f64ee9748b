"""What somebody who writes an agreement file should consider: nothing is wrong, and something stays undetermined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import shapely

from trucewatch.agreement.chain import chain_faults, chain_notices
from trucewatch.agreement.clocks import When, units
from trucewatch.agreement.duties import GROUND
from trucewatch.agreement.loader import load
from trucewatch.agreement.model import Agreement, Exemption, Term
from trucewatch.agreement.naming import get
from trucewatch.agreement.readings import choices
from trucewatch.agreement.zones import Zone
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import is_bare_date
from trucewatch.taxonomy import taxonomy

_FAR_KM = 2_000  # no truce has reached so far; a point with lat and lon exchanged mostly lies farther off
_LOOKED = 500  # parts of zones that are compared
_EARTH_KM = 6_371.0


def notices(agreement: Agreement) -> list[Fault]:
    """Each with the line of its term where it has one: pending clocks, zones without a shape, models nobody knows,
    what people must count or grant."""
    file = agreement.path.name if agreement.path is not None else None
    times = agreement.event_times()
    out = [
        Fault(f"the event {name!r} has no time: terms that stand on it are pending", "Set it when it is known", file)
        for name, at in times.items()
        if at is None
    ]
    used = {z for t in agreement.terms for _, read in t.alternatives for z in _zones(read)}
    for z in agreement.zones.values():
        if z.geometry is None and z.id in used:
            words = f"the zone {z.id!r} is undefined: what depends on it stays undetermined"
            out.append(Fault(words, "Draw it in a GeoJSON file when its course is known", file))
    out += [Fault(words, remedy, file) for words, remedy in (*_of_places(agreement), *_of_days(agreement))]
    out += _of_others(agreement)
    for words, remedy, term in _of_exceptions(agreement):
        out.append(Fault(words, remedy, file, term.line, f"terms.{term.id}"))
    for words, remedy, term in _of_sides(agreement):
        out.append(Fault(words, remedy, file, term.line, f"terms.{term.id}"))
    for words, remedy in _of_readings(agreement):
        out.append(Fault(words, remedy, file))
    for one in agreement.actors:
        above = agreement.actor(one.answers_for or "")
        if above is not None and above.answers_for is not None:
            words = f"{above.id!r} answers for {one.id!r}, and {above.answers_for!r} for {above.id!r}"
            remedy = (
                f"Write answers_for: {above.answers_for} where it answers for that too: it is not taken for granted"
            )
            out.append(Fault(words, remedy, file, None, f"actors.{one.id}"))
    outside = {a.id for a in agreement.actors if a.role == "not_covered"}
    for term in agreement.terms:
        for actor in (b for b in term.binds if b in outside):
            words = f"the term {term.id!r} binds {actor!r}, whom the text does not cover"
            out.append(
                Fault(words, "Bind who answers for it, or give it another role", file, term.line, f"terms.{term.id}")
            )
        out += [Fault(words, remedy, file, term.line, f"terms.{term.id}") for words, remedy in _of_term(term)]
    return out


def _zones(term: Term) -> Iterator[str | None]:
    """Every zone that a term names."""
    yield from (place.zone for place in term.places)
    yield from term.from_zone.values()
    yield from (part.zone for part in (term.baseline, term.to) if part is not None)
    yield from (one.where.zone for one in term.excepts if one.where is not None)
    yield from (done.zone for done in term.done)
    yield term.route


def _of_exceptions(agreement: Agreement) -> Iterator[tuple[str, str, Term]]:
    """Notes on exceptions, each with its first term: one to the whole text is told once."""
    of: dict[str, list[tuple[Term, Exemption]]] = {}
    for term in agreement.terms:
        for one in term.excepts:
            of.setdefault(repr(one), []).append((term, one))
    for found in of.values():
        term, one = found[0]
        more = f" and of {len(found) - 1} more" if len(found) > 1 else ""
        name = f"the exception {one.id!r} of the term {term.id!r}{more}"
        if one.says_nothing_else:
            words = f"{name} has words alone, so it holds for nothing by itself: people decide by grant or refute"
            yield words, "Write the acts, actors, weapons, places or times that it lets pass, where it tells them", term
        for x in one.limits:
            words = f"{name} allows at most {x.max}: numbers are for people to count, nothing is computed of them"
            yield words, "Nothing is to be done", term


def _of_readings(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Ways to read that are called as a party is: findings name them, and in a mirror report the names of the parties
    are exchanged, so that the name would no longer tell which way it is."""
    parties = {a.id for a in agreement.parties}
    for readings in (agreement.readings, *(t.readings for t in agreement.terms)):
        for name, ways in readings.items():
            called = dict.fromkeys((name, *(ways if isinstance(ways, Mapping) else ())))
            for one in (n for n in called if n in parties):
                yield f"a way to read is called {one!r}, as a party is", "Call it by how the text is read, not for whom"


def _of_places(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Parties on the same side of a line, and shapes so far apart that a point may lie the wrong way round."""
    lines = [(f"the zone {z.id!r}", z.sides) for z in agreement.zones.values()]
    parties = [a.id for a in agreement.actors if a.role == "party"]
    for name, sides in [*lines, *((f"the term {t.id!r}", t.sides) for t in agreement.terms)]:
        for side in ("left", "right"):
            same = [p for p in parties if sides.get(p) == side]
            if len(same) > 1:
                words = f"{' and '.join(same)} stand on the same side ({side}) of {name}"
                yield words, "Give one of them the other side, unless they stand together"
    away = _farthest(agreement.zones.values())
    if away is not None and away[0] > _FAR_KM:
        km, one, other = away
        words = f"parts of the zone {one!r}" if one == other else f"the zones {one!r} and {other!r}"
        yield (
            f"{words} lie {km:,.0f} km apart: are lat and lon exchanged?",
            "Check their points: lon before lat in GeoJSON",
        )


def _of_sides(agreement: Agreement) -> Iterator[tuple[str, str, Term]]:
    """Terms whose place can never be told: inside of a line, on a side of an area, or for somebody whose side of the
    line the file does not tell."""
    told: set[tuple[str, str]] = set()
    for term in agreement.terms:
        for _, read in term.alternatives:
            for words, remedy in _untold_sides(agreement, term, read):
                if (term.id, words) not in told:
                    told.add((term.id, words))
                    yield words, remedy, term


def _untold_sides(agreement: Agreement, term: Term, read: Term) -> Iterator[tuple[str, str]]:
    if not term.judged or term.kind == "statement":
        return
    name = f"the term {term.id!r}"
    for place in (*read.places, *(one.where for one in read.excepts if one.where is not None)):
        zone = agreement.zones.get(place.zone or "")
        if zone is None or zone.geometry is None:
            continue
        line = zone.geometry.geom_type.endswith("LineString")
        if line and place.side is None:
            words = f"{name} asks what lies in {zone.id!r}: that is a line and has no inside, so it stays undetermined"
            yield words, "Name a zone built from it (of: LINE, buffer_km or width_km), or a side: own or other"
        elif not line and place.side is not None:
            words = f"{name} asks for a side of {zone.id!r}: that is an area and has none, so it stays undetermined"
            yield words, "Name the line, or write outside: true"
        elif place.side is not None:
            for actor in (a for a in read.binds if a not in read.sides and a not in zone.sides):
                words = f"{name} asks for the side of {actor!r}, and nobody says on which side of {zone.id!r} it stands"
                yield words, "Add it to the sides of the zone; until then it stays undetermined"


def _farthest(zones: Iterable[Zone]) -> tuple[float, str, str] | None:
    """The two parts of zones that lie farthest apart, as km and the ids of their zones; None with fewer than two."""
    parts = [(z.id, p.centroid) for z in zones if z.geometry is not None for p in shapely.get_parts(z.geometry)]
    parts = parts[:_LOOKED]
    if len(parts) < 2:
        return None
    lon, lat = np.radians([[p.x, p.y] for _, p in parts]).T
    at = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    apart = np.arccos(np.clip(at @ at.T, -1, 1)) * _EARTH_KM
    i, k = divmod(int(apart.argmax()), len(parts))
    return float(apart[i, k]), parts[min(i, k)][0], parts[max(i, k)][0]


def _of_days(agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Events known by their day from which a clock runs by hours: half a day more or less changes what is due."""
    read = {key for alternatives in choices(agreement.readings) for _, keys in alternatives for key in keys}
    clocks = [w for t in agreement.terms for _, r in t.alternatives for w in _clocks(r)]
    clocks += [e.when for e in agreement.events.values() if e.when is not None]
    for name, event in agreement.events.items():
        written = get(agreement.keys, "events", name, "at")
        if not (isinstance(written, str) and is_bare_date(written)) or "@" in name or f"events.{name}.at" in read:
            continue
        if event.at is not None and any(w.event == name and _by_hours(w) for w in clocks):
            yield (
                f"the event {name!r}, from which hours are counted, is known by its day only: taken at 00:00 of it",
                "Give the hour, or a reading: {events." + name + ".at: [...]}",
            )


def _clocks(term: Term) -> Iterator[When]:
    times = [term.starts, term.until, term.begins_by, term.by, term.baseline.at if term.baseline else None]
    times += [at for one in term.excepts for at in (one.starts, one.until)]
    yield from (at for at in times if at is not None)


def _by_hours(when: When) -> bool:
    return any(unit in ("hour", "minute", "second") for word in when.text.split() for unit, _ in units(word))


def _of_others(agreement: Agreement) -> list[Fault]:
    """What stands against the texts that it refers to, where their files lie beside it, and which do not."""
    if agreement.path is None:
        return []
    beside = []
    for name in dict.fromkeys(r.agreement for r in agreement.references if r.how != "edition"):
        path = agreement.path.with_name(f"{name}.yaml")
        try:
            beside.append(load(path))
        except Refusal:
            continue  # not there, or told when that file itself is checked
    chain = [*beside, agreement]
    return [*chain_faults(chain), *chain_notices(chain)]


def _of_term(term: Term) -> Iterator[tuple[str, str]]:
    if term.kind != "statement" and not term.judged:
        yield f"the term {term.id!r} ({term.kind}) {instead(term)}", "Nothing is to be done"
    if term.kind == "freeze" and term.baseline is None:
        yield f"the freeze {term.id!r} names no state that it keeps", "Add baseline: {at: TIME, zone: LINE}"
    if term.kind == "withdrawal" and term.weapons:
        for actor in term.binds:
            if actor not in term.from_zone:
                yield f"no line is named from which the distance of {actor!r} runs", "Add it to from_zone"
    models = {m for _, read in term.alternatives for rule in read.weapons for m in rule.models}
    for model in sorted(models):
        if taxonomy().weapon(model) is None:
            yield f"no weapon of the list is called {model!r}: it matches that word alone", "Check the spelling"
    if not any(text.summary or text.words for text in term.texts.values()):
        yield f"the term {term.id!r} says nothing to a reader", "Add text: {en: {summary: ...}}"


def instead(term: Term) -> str:
    """What becomes of a term against which no incident is judged."""
    done = [d for _, read in term.alternatives for d in read.done]
    if term.kind == "obligation" and done and all(d.test in GROUND for d in done):
        return "is broken by no incident: who holds the ground at its deadline decides"
    if term.kind == "obligation" or done:
        return "is broken by no incident: people say whether it was done"
    return "is not judged yet: it is shown"
