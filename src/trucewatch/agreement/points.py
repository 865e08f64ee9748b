"""How much of collected texts the bundled files express: each coded point, what it needs, and what is missing.

A point was coded by a reader of the text with its kinds and with what it needs beyond a plain format (X1 to X14). It is
expressed `without loss` when a file has terms for it, a construct for each kind and each need, and no note of a loss;
`in part` when something of that is missing; `not` when no term stands for it. Constructs are looked for in the file as
it is written: in the terms called by the point's number (`2`, or its parts `2-clear`), and in exceptions, procedures,
bodies and definitions that name these terms. That a construct is there says nothing about its being right: readers do.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from trucewatch.agreement.loader import load, read_text
from trucewatch.model.errors import Fault, Refusal

WITHOUT_LOSS, IN_PART, NOT = "without loss", "in part", "not"
LOSS = "Not expressed:"  # a note that begins so says what the file loses of its point
DEFINITION = "definition:"
_NEW_ACTS = (
    "offensive_operation", "reconnaissance", "sabotage", "movement.massing", "movement.reinforcement", "recruitment",
    "resupply", "fortification", "mines", "weapons.moved_from_storage", "movement.checkpoint", "display_of_force",
    "harbouring", "detention", "property_destruction", "looting", "reprisal", "protected_object", "humanitarian_access",
    "propaganda", "obligation_unmet", "access_denied.route_closed", "movement.uav_flight", "movement.overflight",
    "movement.patrol", "movement.incursion", "movement.vessel",
)  # fmt: skip
"""Acts that a plain list of fire and movement lacks."""
_RULED = ("weapons", "limits", "excludes")
_TIMES = ("from", "until", "begins_by", "by", "duration", "baseline", "accepted", "valid_from")
_ZONED = {"where", "from_zone", "to", "baseline", "route", "zone", "done_when"}


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a text as its reader coded it."""

    agreement: str
    point: str
    kinds: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expressed:
    """What became of a point: `status`, and for what is not expressed without loss the reasons, in words. `judged`:
    some term of it is judged by the machine, be it that a zone must be drawn or an event be set first. `decided`:
    the point needs a test of its state, and the file leaves that to people (`by_decision`) and nothing else."""

    point: Point
    status: str
    why: tuple[str, ...] = ()
    judged: bool = False
    decided: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        p = self.point
        return {
            "agreement": p.agreement, "point": p.point, "kinds": list(p.kinds), "needs": list(p.needs),
            "status": self.status, "why": list(self.why), "judged": self.judged,
            "decided": self.decided,
        }  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """All that a file says for one point, as written."""

    whole: Mapping[str, Any]
    terms: list[Mapping[str, Any]]
    excepts: list[Mapping[str, Any]] = field(default_factory=list)
    procedures: list[Mapping[str, Any]] = field(default_factory=list)
    bodies: list[Mapping[str, Any]] = field(default_factory=list)
    definitions: list[dict[str, Any]] = field(default_factory=list)

    def of(self, *keys: str) -> bool:
        """Whether some term of the point has one of these keys."""
        return any(t.get(k) not in (None, [], {}, "", False) for t in self.terms for k in keys)

    def kind(self, *kinds: str) -> bool:
        """Whether some term of the point is of one of these kinds."""
        return any(t["kind"] in kinds for t in self.terms)

    def everything(self) -> list[Mapping[str, Any]]:
        """Terms, exceptions, procedures, bodies and definitions."""
        return [*self.terms, *self.excepts, *self.procedures, *self.bodies, *self.definitions]

    def acts(self) -> set[str]:
        """Act codes of its terms, exceptions and definitions."""
        places = (*self.terms, *self.excepts, *self.definitions, *self.procedures)
        return {a for x in places for a in _listed(x.get("acts"))}

    def does(self, *families: str) -> bool:
        """Whether one of its acts belongs to one of these."""
        return any(a == f or a.startswith(f + ".") for a in self.acts() for f in families)

    def done(self) -> list[str]:
        """States by which it is tested; `by_decision` is one of them, where the text gives no test."""
        return [d for t in self.terms for d in _listed(t.get("done_when"))]


def coded_points(file: Path) -> tuple[Point, ...]:
    """The coded points of a CSV file (agreement, point, kinds, needs); `Refusal` where a column is missing."""
    rows = csv.DictReader(read_text(file).splitlines())
    missing = {"agreement", "point", "kinds", "needs"} - set(rows.fieldnames or ())
    if missing:
        columns = ", ".join(sorted(missing))
        raise Refusal(Fault(f"the columns {columns} are missing", "Write agreement,point,kinds,needs", file.name, 1))
    return tuple(Point(r["agreement"], r["point"], tuple(r["kinds"].split()), tuple(r["needs"].split())) for r in rows)


def expressed(points: Iterable[Point], files: Mapping[str, Path]) -> tuple[Expressed, ...]:
    """What became of each point in the files of these agreements (id -> file); the order is kept."""
    read: dict[str, tuple[Mapping[str, Any], set[str]] | str] = {}
    for name in dict.fromkeys(p.agreement for p in points):
        read[name] = _read(files[name]) if name in files else "no file of this agreement"
    return tuple(_told(p, read[p.agreement]) for p in points)


def _read(file: Path) -> tuple[Mapping[str, Any], set[str]] | str:
    """The file as written, with the ids of the terms that the machine judges; words why not, as a file with faults
    expresses nothing."""
    try:
        judged = {t.id for t in load(file).terms if t.judged and t.kind != "statement" and not t.open_ended}
    except Refusal as e:
        return f"its file has faults: {e.faults[0].message}"
    return yaml.load(read_text(file), Loader=_Plain), judged


class _Plain(yaml.SafeLoader):
    """YAML as written: bare days stay words."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _told(point: Point, read: tuple[Mapping[str, Any], set[str]] | str) -> Expressed:
    if isinstance(read, str):
        return Expressed(point, NOT, (read,))
    whole, judged = read
    part = _part(whole, point.point)
    if not part.terms:
        return Expressed(point, NOT, (f"no term {point.point}",))
    why = [f"the kind {k} has no {_KINDS[k][0]}" for k in point.kinds if not _KINDS[k][1](part)]
    why += [f"{n}: no {_NEEDS[n][0]}" for n in point.needs if not _NEEDS[n][1](part)]
    why += [str(t["note"]).removeprefix(LOSS).strip() for t in part.terms if str(t.get("note", "")).startswith(LOSS)]
    decided = "X8" in point.needs and set(part.done()) == {"by_decision"} and not part.of("quantity", "limits")
    told = any(t["id"] in judged for t in part.terms)
    return Expressed(point, IN_PART if why else WITHOUT_LOSS, tuple(why), told, decided)


def _part(whole: Mapping[str, Any], name: str) -> _Part:
    """What a file says for the point of that number."""
    ids = {t["id"] for t in whole["terms"] if t["id"] == name or t["id"].startswith(name + "-")}
    terms = [t for t in whole["terms"] if t["id"] in ids]
    above = list(whole.get("except") or ())
    everywhere = [*above, *(e for t in whole["terms"] for e in t.get("except") or ())]
    excepts = [e for t in terms for e in t.get("except") or ()]
    excepts += [e for e in everywhere if e.get("term") in ids or e.get("id") in ids]
    excepts += [e for e in above if ids & set(e.get("terms") or ())]
    procedures = [p for p in whole.get("procedures") or () if p.get("term") in ids]
    bodies = [b for b in _listed(whole.get("mechanism")) if ids & set(b.get("terms") or ())]
    for body in _listed(whole.get("mechanism")):
        powers = [p for p in _listed(body.get("powers")) if isinstance(p, Mapping) and p.get("term") in ids]
        bodies += [{"members": body.get("members"), "powers": powers}] if powers and body not in bodies else []
    defined = dict(whole.get("definitions") or {})
    words = {w.removeprefix(DEFINITION) for x in (*terms, *excepts) for w in _words(x) if w.startswith(DEFINITION)}
    definitions = [dict(v or {}) for k, v in defined.items() if k in words]
    return _Part(whole, terms, excepts, procedures, bodies, definitions)


def _listed(value: Any) -> list[Any]:
    """A list of it: nothing, one, or several."""
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _words(value: Any) -> Iterator[str]:
    """Every plain word in it."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
    elif isinstance(value, str):
        yield value


def _relative(p: _Part) -> bool:
    """A time of it stands on an event that has no time of its own, or is counted from one."""
    events: Mapping[str, Any] = p.whole.get("events") or {}

    def counted(value: Any) -> bool:
        event = value.get("event") if isinstance(value, Mapping) else value
        if isinstance(value, Mapping) and event is None:
            return any(counted(v) for v in value.values())
        if not isinstance(event, str) or event[:1].isdigit():
            return False
        if isinstance(value, Mapping) and value.get("plus"):
            return True
        told = events.get(event) or {}
        return event != "in_force" or told.get("set_by") is not None or not isinstance(told.get("at"), str)

    times = [x[k] for x in (*p.terms, *p.excepts, *p.procedures, *p.bodies) for k in _TIMES if x.get(k)]
    ways = [w for t in p.terms for r in (t.get("readings") or {}).values() for w in _listed(r)]
    times += [w[k] for w in _ways(ways) for k in _TIMES if isinstance(w, Mapping) and w.get(k)]
    after = [c for t in p.terms for c in _listed(t.get("after")) if isinstance(c, Mapping) and c.get("event")]
    return bool(after) or any(counted(t) for t in times)


def _ways(values: list[Any]) -> list[Any]:
    """Named alternatives of readings, laid open."""
    return [w for v in values for w in (v.values() if isinstance(v, Mapping) else [v])]


def _weapons(p: _Part) -> bool:
    ruled = any(p.of(k) for k in _RULED) or any(d.get("weapons") for d in p.definitions)
    return ruled or any(e.get("weapons") for e in p.excepts)


def _placed(p: _Part) -> bool:
    """Some zone of the file, with a shape or with the reason why there is none; or a place that the text only names."""
    known = {z["id"]: z for z in p.whole.get("zones") or ()}
    told = {z for z, how in known.items() if how.get("status") != "undefined" or how.get("note")}
    places: list[Any] = [x[k] for x in p.everything() for k in _ZONED if x.get(k)]
    places += [
        pw["where"] for b in p.bodies for pw in _listed(b.get("powers")) if isinstance(pw, Mapping) and pw.get("where")
    ]
    places += [p.whole["where"]] if p.whole.get("where") else []
    words = {w for x in places for one in _words(x) for w in _arguments(one)}
    return bool(words & told) or any(isinstance(t.get("to"), str | dict) for t in p.terms)


def _arguments(word: str) -> list[str]:
    """A word, and what stands inside its brackets."""
    inside = word.partition("(")[2].partition(")")[0]
    return [word, *(a.strip() for a in inside.split(","))]


def _others(p: _Part) -> bool:
    """An actor that is no party, one that others answer for, or one that is bound since a time of its own."""
    ids = {
        a["id"] for a in p.whole["actors"]
        if a["role"] != "party" or a.get("accepted") or a.get("answers_for")
    }  # fmt: skip
    ids |= {a for r in (p.whole.get("readings") or {}).values() for w in _ways([r]) if isinstance(w, Mapping)
            for a in w.get("answers_for") or ()}  # fmt: skip
    events: Mapping[str, Any] = p.whole.get("events") or {}
    named = {a for x in p.everything() for one in _words(x) for a in _arguments(one)}
    named |= {str((events.get(w) or {}).get("set_by")) for w in named if w in events}
    return bool(ids & named)


def _tested(p: _Part) -> bool:
    return bool(p.done()) or p.of("quantity", "limits")


def _lasts(p: _Part) -> bool:
    every = any(x.get("every") for x in p.procedures)
    every = every or any(r.get("every") for b in p.bodies for r in _listed(b.get("reports")))
    per = any(" per " in d for d in p.done()) or any((t.get("quantity") or {}).get("per") for t in p.terms)
    return p.of("duration", "schedule", "until") or every or per or _whole_lasts(p)


def _whole_lasts(p: _Part) -> bool:
    """The whole text has its length, and this point is the one of its scope."""
    return bool(p.whole.get("duration")) and p.kind("statement")


def _variants(p: _Part) -> bool:
    above = p.whole.get("readings") or {}
    words = {w.removeprefix(DEFINITION) for x in p.everything() for w in _words(x)}
    whole = any(
        k.startswith(("zones.", "events.", "definitions.")) and k.split(".")[1] in words for k in _read_keys(above)
    )
    return p.of("refers", "readings") or whole


def _read_keys(readings: Mapping[str, Any]) -> Iterator[str]:
    """Keys that readings of the whole text change."""
    for name, value in readings.items():
        yield name
        for way in _ways([value]):
            if isinstance(way, Mapping):
                yield from way


def _origin(p: _Part) -> bool:
    return any(w.get("of") in ("origin", "impact") for t in p.terms for w in _listed(t.get("where")))


_Test = tuple[str, Callable[[_Part], bool]]
_NEEDS: dict[str, _Test] = {
    "X1": ("time that stands on an event", _relative),
    "X2": ("duration, renewal or recurrence", _lasts),
    "X3": ("rule of weapons", _weapons),
    "X4": ("place, side or baseline", _placed),
    "X5": ("condition between terms", lambda p: p.of("after", "while", "with", "then")),
    "X6": ("exception", lambda p: bool(p.excepts)),
    "X7": ("actor that is no party", _others),
    "X8": ("state or number by which it is tested", _tested),
    "X9": ("procedure or body", lambda p: bool(p.procedures or p.bodies)),
    "X10": ("act beyond fire and movement", lambda p: p.does(*_NEW_ACTS)),
    "X11": ("definition and no open wording", lambda p: bool(p.definitions) or p.of("open_ended")),
    "X12": ("reading or reference to another text", _variants),
    "X13": ("place of origin or of impact", _origin),
    "X14": ("statement", lambda p: p.kind("statement")),
}
_DUTIES = ("obligation", "access", "withdrawal", "procedure")
_KINDS: dict[str, _Test] = {
    "prohibition": ("prohibition of acts", lambda p: p.kind("prohibition") and (p.of("acts") or p.of("open_ended"))),
    "withdrawal": ("withdrawal of weapons or forces", lambda p: p.kind("withdrawal") and p.of("weapons", "what")),
    "exclusion_zone": ("exclusion zone", lambda p: p.kind("exclusion_zone") and p.of("where", "excludes", "acts")),
    "freeze": ("freeze", lambda p: p.kind("freeze") and p.of("baseline")),
    "disengagement": ("withdrawal out of reach", lambda p: p.kind("withdrawal") and p.of("distance", "distance_km")),
    "obligation": ("duty", lambda p: p.kind(*_DUTIES)),
    "storage": ("storage", lambda p: p.of("to") or p.does("weapons.moved_from_storage")),
    "access": ("access", lambda p: p.kind("access") and p.of("for", "route")),
    "prisoners": ("release", lambda p: p.does("detention") or any(d.startswith("released") for d in p.done())),
    "recruitment": ("ban of recruitment", lambda p: p.does("recruitment")),
    "resupply": ("ban of resupply", lambda p: p.does("resupply")),
    "reinforcement": ("ban of reinforcement", lambda p: p.does("movement.reinforcement")),
    "overflight": ("ban of flights", lambda p: p.does("movement.overflight", "movement.uav_flight")),
    "hours": ("hours", lambda p: p.of("schedule")),
    "propaganda": ("ban of provocation", lambda p: p.does("propaganda") or p.of("open_ended")),
    "open_ended": ("open wording", lambda p: p.of("open_ended")),
    "exception": ("exception", lambda p: bool(p.excepts)),
    "permission": ("exception or statement", lambda p: bool(p.excepts) or p.kind("statement")),
    "condition": ("condition", lambda p: p.of("after", "while", "with", "then")),
    "scope": ("term", lambda p: bool(p.terms)),
    "duration": ("duration", _lasts),
    "definition": ("definition", lambda p: bool(p.definitions) or _variants(p)),
    "reference": ("reference", lambda p: p.of("refers")),
    "notification": ("procedure", lambda p: bool(p.procedures)),
    "commission": ("body", lambda p: bool(p.bodies)),
    "verification": ("body with powers", lambda p: any(b.get("powers") for b in p.bodies)),
    "mechanism": ("body or duty of an actor", lambda p: bool(p.bodies) or bool(p.done())),
    "statement": ("statement", lambda p: p.kind("statement")),
}  # fmt: skip
