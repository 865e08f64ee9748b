"""What a lawyer should look at: nothing here is a fault of the file, and much of it comes from a slip in encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from trucewatch.agreement import Agreement, Term, When, Where, Zone
from trucewatch.agreement.telling import Teller
from trucewatch.agreement.zones import Local
from trucewatch.publishing.agreement_page.bands import Band, bands, used_by

_FAR_KM = (
    1000.0  # no zone of a ceasefire lies so far from all others, if latitude and longitude are the right way round
)


@dataclass(frozen=True)
class Doubt:
    """Something to look at: `key` of its text in the catalogue (section `doubt`), what is put in, the term it is on."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)
    term: str | None = None


def doubts(agreement: Agreement, teller: Teller) -> list[Doubt]:
    """All of an agreement, zones first, then by term in its order."""
    out = list(_of_zones(agreement, teller))
    for term in agreement.terms:
        of_term = [
            *_sides(agreement, teller, term), *_places(agreement, teller, term), *_distances(agreement, teller, term),
            *_clocks(agreement, teller, term), *_exceptions(term),
        ]  # fmt: skip
        out += [Doubt(d.key, {"term": term.id, **d.values}, term.id) for d in of_term]
    return _together(out)


def _together(found: list[Doubt]) -> list[Doubt]:
    """Each once; what is the same for several actors in one line."""
    alike: dict[tuple[Any, ...], list[Doubt]] = {}
    for d in found:
        rest = tuple((k, v) for k, v in d.values.items() if k != "actor")
        alike.setdefault((d.key, rest), []).append(d)
    out = []
    for same in alike.values():
        actors = dict.fromkeys(d.values["actor"] for d in same if "actor" in d.values)
        out.append(
            Doubt(same[0].key, {**same[0].values, **({"actor": "; ".join(actors)} if actors else {})}, same[0].term)
        )
    return out


def _of_zones(agreement: Agreement, teller: Teller) -> Iterator[Doubt]:
    used = used_by(agreement)
    for zone in agreement.zones.values():
        if not used[zone.id] and "@" not in zone.id and zone.replaces is None:
            yield Doubt("unused", {"zone": teller.name(zone.id)})
    drawn = [z for z in agreement.zones.values() if z.geometry is not None]
    for zone in drawn:
        others = [z.geometry for z in drawn if z is not zone]
        if others and (km := _apart_km(zone.geometry, shapely.union_all(others))) > _FAR_KM:
            yield Doubt("far", {"zone": teller.name(zone.id), "km": round(km)})


def _apart_km(first: Any, second: Any) -> float:
    """Distance of two lon/lat shapes, km, in a projection around the first: good enough to tell far from near."""
    local = Local.around(first)

    def project(points: Any) -> Any:
        return np.column_stack(local.project(points[:, 0], points[:, 1]))

    other = shapely.transform(second, project)
    return float(shapely.distance(local.shape, other))


def _sides(agreement: Agreement, teller: Teller, term: Term) -> Iterator[Doubt]:
    if agreement.one_sided(term):
        yield Doubt("one_sided", {"words": teller.names(term.binds)})
    if term.kind == "freeze":
        name = (term.baseline.zone if term.baseline is not None else None) or term.where.zone
        zone = agreement.zones.get(name or "")
        told = {**(zone.sides if zone is not None else {}), **term.sides}
        missing = [a for a in term.binds if a not in told]
        line = zone is not None and zone.geometry is not None and zone.geometry.area == 0
        if zone is not None and line and missing:
            yield Doubt("sides", {"words": teller.names(missing), "zone": teller.name(zone.id)})


def _places(agreement: Agreement, teller: Teller, term: Term) -> Iterator[Doubt]:
    """Zones that a term stands on and that have no shape; lines for weapons are told with their distances."""
    named: list[str | None] = []
    for _, read in term.alternatives:
        named += [w.zone for w in read.places] + [d.zone for d in read.done]
        named += [] if read.weapons else list(read.from_zone.values())
        named += [read.baseline.zone] if read.baseline is not None else []
    for name in dict.fromkeys(n for n in named if n):
        zone = agreement.zones.get(name)
        if zone is not None and zone.geometry is None:
            yield Doubt("undefined", {"zone": teller.name(name)})


def _distances(agreement: Agreement, teller: Teller, term: Term) -> Iterator[Doubt]:
    found = bands(agreement, term)
    areas = [z for z in agreement.zones.values() if z.geometry is not None and z.geometry.area > 0]
    for band in found:
        actor = teller.name(band.actor)
        if band.line is None:
            yield Doubt("no_line", {"actor": actor})
            continue
        zone = teller.name(band.line.id)
        if band.line.geometry is None:
            yield Doubt("line_undefined", {"actor": actor, "zone": zone})
        elif band.km:
            told = {"actor": actor, "zone": zone, "km": band.km}
            if band.km <= band.line.uncertainty_km:
                yield Doubt("blurred", {**told, "uncertainty": band.line.uncertainty_km})
            yield from _elsewhere(agreement, teller, band, told, [z for z in areas if z is not band.line])
    halves = {b.line.id for b in found if b.line is not None and b.rule.zone_width_km is not None}
    if len(halves) > 1:
        yield Doubt("two_lines", {})


def _elsewhere(
    agreement: Agreement, teller: Teller, band: Band, told: dict[str, Any], areas: list[Zone]
) -> Iterator[Doubt]:
    """A distance whose area touches none of the areas, or not the one in which the term holds."""
    shape = band.area()
    for where in dict.fromkeys(w for _, read in band.term.alternatives for w in read.places):
        held = _shape(agreement, where)
        if held is not None and not shape.intersects(held):
            yield Doubt("band_elsewhere", {**told, "place": teller.name(where.zone or "")})
            return
    if areas and not any(shape.intersects(z.geometry) for z in areas):
        yield Doubt("band_outside", told)


def _shape(agreement: Agreement, where: Where) -> Any:
    zone = agreement.zones.get(where.zone or "")
    return None if zone is None or where.outside or where.side else zone.geometry


def _clocks(agreement: Agreement, teller: Teller, term: Term) -> Iterator[Doubt]:
    """Times that let a term never hold, or be due before an actor is bound by it."""
    if term.kind == "statement":
        return
    times = teller.times
    ends = agreement.duration_until.resolve(times) if agreement.duration_until is not None else None
    for _, read in term.alternatives:
        start, until = read.window(times)
        if start is not None and ends is not None and start >= ends:
            yield Doubt("after_the_end", {"start": _local(teller, start), "end": _local(teller, ends)})
        for limit in (read.begins_by, read.by, read.until):
            yield from _accepted(agreement, teller, read, limit)
        yield from _after(agreement, teller, read, until)
        for unset in _unset(agreement, teller, read):
            yield Doubt("waits", {"event": unset})


def _accepted(agreement: Agreement, teller: Teller, read: Term, limit: When | None) -> Iterator[Doubt]:
    """A limit that is over before an actor is bound."""
    at = None if limit is None else limit.resolve(teller.times)
    for name in read.binds if at is not None else ():
        actor = agreement.actor(name)
        since = None if actor is None or actor.accepted is None else actor.accepted.resolve(teller.times)
        if at is not None and since is not None and at <= since:
            yield Doubt(
                "bound_late", {"actor": teller.name(name), "start": _local(teller, since), "by": _local(teller, at)}
            )


def _after(agreement: Agreement, teller: Teller, read: Term, until: int | None) -> Iterator[Doubt]:
    """A term that holds only after another one is complete, which is due only when this one has ended."""
    for condition in read.after if until is not None else ():
        other = agreement.term(condition.term or "")
        due = None if other is None or condition.status != "complete" else other.due(teller.times)
        if other is not None and due is not None and until is not None and due >= until:
            yield Doubt("after_due", {"other": other.id, "by": _local(teller, due), "end": _local(teller, until)})


def _unset(agreement: Agreement, teller: Teller, read: Term) -> Iterator[str]:
    """Events without a time that the start of a term hangs on and that nobody is named to set."""
    name = read.starts.event if read.starts is not None else "in_force"
    seen = set[str]()
    while name is not None and name not in seen:
        seen.add(name)
        event = agreement.events.get(name)
        if event is None or (event.when is None and event.set_by is None and teller.times.get(name) is None):
            if teller.times.get(name) is None:
                yield name
            return
        name = event.when.event if event.when is not None else None


def _exceptions(term: Term) -> Iterator[Doubt]:
    """Exceptions of words alone: they let nothing pass by themselves."""
    for _, read in term.alternatives:
        for one in read.excepts:
            if one.says_nothing_else:
                yield Doubt("excepted", {"id": one.id})


def _local(teller: Teller, us: int) -> str:
    from trucewatch.agreement.telling import local

    return local(us, teller.agreement.timezone) or ""
