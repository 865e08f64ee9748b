"""How far weapons must stay away: each rule of a term for each actor and reading, with its area on the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trucewatch.agreement import Agreement, Term, WeaponRule, Zone
from trucewatch.agreement.zones import buffered


@dataclass(frozen=True)
class Band:
    """One rule for one actor: `km` its own distance (None = by the weapon's reach, or not told), `line` the zone from
    which it runs (None = none named). `readings`: under which it holds, empty = under all of them."""

    term: Term
    actor: str
    rule: WeaponRule
    line: Zone | None
    readings: tuple[str, ...] = ()

    @property
    def km(self) -> float | None:
        """The distance, km; None where it hangs on the weapon or is not told."""
        return self.rule.distance_km

    @property
    def side(self) -> str | None:
        """The actor's own side of the line, left or right, where the text tells it."""
        if self.line is None:
            return None
        return self.term.sides.get(self.actor) or self.line.sides.get(self.actor)

    @property
    def drawable(self) -> bool:
        """Whether it can stand on a map."""
        return bool(self.km) and self.line is not None and self.line.geometry is not None

    def area(self) -> Any:
        """All that is nearer than the distance, lon/lat, on either side of the line: so it is judged."""
        assert self.line is not None
        assert self.km is not None
        return buffered(self.line.geometry, self.km)

    def own(self) -> Any:
        """The part of it on the actor's own side, where that is told; else all of it."""
        assert self.line is not None
        assert self.km is not None
        geometry = self.line.geometry
        if self.side is None or geometry.area > 0:
            return self.area()
        return buffered(geometry, self.km, self.side)


def bands(agreement: Agreement, term: Term) -> list[Band]:
    """The rules of a withdrawal, by actor in the order of the text; alike under several readings: once."""
    if term.kind != "withdrawal":
        return []
    found: dict[tuple[str, str | None, WeaponRule], list[str]] = {}
    reads = term.alternatives or ((None, term),)
    for reading, read in reads:
        for actor in read.binds:
            for rule in read.weapons:
                found.setdefault((actor, read.from_zone.get(actor), rule), []).append(reading or "")
    out = []
    for (actor, line, rule), readings in found.items():
        told = () if len(readings) == len(reads) else tuple(r for r in readings if r)
        out.append(Band(term, actor, rule, agreement.zones.get(line or ""), told))
    return sorted(out, key=lambda b: term.binds.index(b.actor) if b.actor in term.binds else len(term.binds))


def used_by(agreement: Agreement) -> Mapping[str, list[str]]:
    """Zone id -> ids of the terms, definitions and bodies that name it, or a zone built from it."""
    out: dict[str, list[str]] = {z: [] for z in agreement.zones}
    parts = built_from(agreement)
    users: list[tuple[str, list[str]]] = [(term.id, list(_named(term))) for term in agreement.terms]
    users += [(d.id, [str(d.zone)]) for d in agreement.definitions.values() if d.zone]
    users += [(m.id or "", [str(p.where) for p in m.powers if p.where]) for m in agreement.mechanisms]
    for user, names in users:
        for name in dict.fromkeys(names):
            for zone in _with_parts(name, parts):
                if zone in out and user not in out[zone]:
                    out[zone].append(user)
    return out


def built_from(agreement: Agreement) -> Mapping[str, list[str]]:
    """Zone id -> ids of the zones from which it is built."""
    out = {}
    for raw in agreement.keys.get("zones") or ():
        found: list[str] = []
        for key in ("of", "between", "minus", "within", "replaces"):
            value = raw.get(key)
            found += [str(v) for v in value] if isinstance(value, list) else [str(value)] if value else []
        out[str(raw.get("id"))] = [z for z in found if z in agreement.zones]
    return out


def _with_parts(name: str, parts: Mapping[str, list[str]]) -> Iterator[str]:
    todo, seen = [name], set[str]()
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += parts.get(one, [])
            yield one


def _named(term: Term) -> Iterator[str]:
    """Every zone that a term names, under any reading."""
    for read in (term, *(t for _, t in term.alternatives)):
        places = [*read.places, *(e.where for e in read.excepts if e.where is not None)]
        named = [*(w.zone for w in places), *read.from_zone.values(), *(d.zone for d in read.done), read.route]
        named += [read.to.zone if read.to else None, read.baseline.zone if read.baseline else None]
        named += [c.done.zone for c in (*read.after, *read.while_) if c.done is not None]
        yield from (z for z in named if z)
