"""From an agreement file to an `Agreement`; every fault at once, with its line, what was found and what to write."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from trucewatch.agreement.format import AgreementFile, Moment, Relative, TermEntry
from trucewatch.agreement.model import Actor, Agreement, Event, Term
from trucewatch.agreement.zones import Zone, ZoneFault, build
from trucewatch.model import times
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.yaml_lines import Lines, line_of, walk
from trucewatch.taxonomy import taxonomy

_Path = tuple[str | int, ...]
_KEPT = (
    "what", "to", "done_when", "then", "after", "while_", "with_", "quantity", "schedule", "duration", "excludes",
    "limits", "for_", "route", "baseline", "sides", "refers", "on", "within", "every", "form", "begins_by", "protects",
)  # fmt: skip


def load(path: str | Path) -> Agreement:
    """The agreement in a file; `Refusal` with all its faults."""
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except IsADirectoryError:
        raise Refusal(Fault(f"{path.name} is a folder", "Name an agreement file (.yaml)")) from None
    except FileNotFoundError:
        raise Refusal(Fault(f"the agreement file {path.name} is not there", "Check the path")) from None
    except (OSError, UnicodeDecodeError) as e:
        raise Refusal(Fault(f"{path.name} cannot be read ({e.__class__.__name__})", "Save it as UTF-8")) from None
    return parse(text, path.name, path.parent)


def parse(text: str, file: str, folder: Path) -> Agreement:
    """The agreement of a YAML text; zone files are looked for in `folder`."""
    value, lines = walk(text, file)
    if not isinstance(value, dict):
        raise Refusal(Fault("the file holds no keys", "Write id, title, actors and terms", file, 1))
    value = {k: x for k, x in value.items() if x is not None}
    for term in value.get("terms") or []:
        if isinstance(term, dict):
            for key in [k for k, x in term.items() if x is None]:
                del term[key]
    try:
        entry = AgreementFile.model_validate(value)
    except ValidationError as e:
        raise Refusal(*(_fault(dict(x), lines, file) for x in e.errors())) from None
    faults: list[Fault] = []
    zones = _zones(entry, folder, lines, file, faults)
    events = _events(entry, lines, file, faults)
    faults += _references(entry, zones, lines, file)
    if faults:
        raise Refusal(*faults)
    return _agreement(entry, zones, events)


def _agreement(entry: AgreementFile, zones: Mapping[str, Zone], events: Mapping[str, Event]) -> Agreement:
    return Agreement(
        id=entry.id,
        title=entry.title,
        actors=tuple(Actor(a.id, a.role, a.names, a.aliases, a.answers_for) for a in entry.actors),
        events=events,
        zones=zones,
        terms=tuple(_term(t, k, entry.timezone) for k, t in enumerate(entry.terms, 1)),
        timezone=entry.timezone,
        mechanism=entry.mechanism,
        source=entry.source,
        summary=entry.summary,
        notes=entry.notes,
        readings=entry.readings,
        refers=entry.refers,
        definitions=entry.definitions,
        procedures=entry.procedures,
    )


def _term(t: TermEntry, position: int, tz: str) -> Term:
    where = t.where
    return Term(
        id=t.id,
        position=position,
        kind=t.kind,
        texts=t.text,
        acts=t.acts,
        binds=t.binds,
        starts=t.from_,
        until=t.until,
        by=t.by,
        zone=where.zone if where else None,
        place_of=where.of if where else None,
        excepts=t.except_,
        weapons=t.weapons,
        from_zone=t.from_zone,
        readings=t.readings,
        open_ended=t.open_ended,
        timezone=tz,
        extra={k.rstrip("_"): getattr(t, k) for k in _KEPT if getattr(t, k) not in (None, (), {})},
    )


def _zones(entry: AgreementFile, folder: Path, lines: Lines, file: str, faults: list[Fault]) -> dict[str, Zone]:
    made: dict[str, Zone] = {}
    for k, z in enumerate(entry.zones):
        line = line_of(("zones", k), lines)
        if z.id in made:
            faults.append(Fault(f"the zone {z.id!r} stands twice", "Give each zone an id of its own", file, line, z.id))
            continue
        try:
            made[z.id] = build(z, folder, made)
        except ZoneFault as e:
            remedy = "Put the file beside the agreement, or mend the zone"
            faults.append(Fault(f"zone {z.id!r}: {e}", remedy, file, line, f"zones.{k}"))
            made[z.id] = Zone(z.id, z.names, None, z.uncertainty_km, "undefined", z.sides)
    return made


def _events(entry: AgreementFile, lines: Lines, file: str, faults: list[Fault]) -> dict[str, Event]:
    out = {}
    for name, e in entry.events.items():
        at = None
        if e.at is not None:
            at = _time(e.at, entry.timezone, ("events", name, "at"), lines, file, faults)
        out[name] = Event(name, at, e.set_by)
    return out


def _time(text: str, tz: str, path: _Path, lines: Lines, file: str, faults: list[Fault]) -> int | None:
    try:
        return times.day_bounds(text, tz)[0] if times.is_bare_date(text) else times.parse_instant(text)
    except times.TimeFault as e:
        faults.append(Fault(str(e), e.remedy, file, line_of(path, lines), ".".join(map(str, path))))
        return None


def _references(entry: AgreementFile, zones: Mapping[str, Zone], lines: Lines, file: str) -> list[Fault]:
    """Names that the file uses and does not declare: actors, zones, acts, times; ids that stand twice."""
    faults: list[Fault] = []
    actors = [a.id for a in entry.actors]

    def check(found: str, known: list[str], what: str, path: _Path) -> None:
        if found not in known:
            near = difflib.get_close_matches(found, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            said = ", ".join(known[:12]) or "none"
            faults.append(
                Fault(
                    f"no {what} is called {found!r}",
                    f"{hint}Declared: {said}",
                    file,
                    line_of(path, lines),
                    ".".join(map(str, path)),
                )
            )

    for k, a in enumerate(entry.actors):
        if actors.count(a.id) > 1 and actors.index(a.id) != k:
            faults.append(
                Fault(f"the actor {a.id!r} stands twice", "Keep one", file, line_of(("actors", k), lines), "id")
            )
        for other in a.answers_for:
            check(other, actors, "actor", ("actors", k, "answers_for"))
    ids = [t.id for t in entry.terms]
    acts = list(taxonomy().acts)
    for k, t in enumerate(entry.terms):
        here: _Path = ("terms", k)
        if ids.index(t.id) != k:
            faults.append(
                Fault(f"the term {t.id!r} stands twice", "Give it an id of its own", file, line_of(here, lines), "id")
            )
        for actor in t.binds:
            check(actor, actors, "actor", (*here, "binds"))
        for act in (*t.acts, *(a for e in t.except_ for a in e.acts)):
            if not act.startswith("definition:") and act not in entry.definitions:
                check(act, acts, "act", (*here, "acts"))
        for zone in _zone_names(t):
            check(zone, list(zones), "zone", here)
        for path, moment in _moments(t, here):
            if isinstance(moment, str):
                _time(moment, entry.timezone, path, lines, file, faults)
        if t.kind == "withdrawal" and any(w.distance_km or w.zone_width_km for w in t.weapons) and t.from_zone is None:
            faults.append(
                Fault("this withdrawal has distances and no line that they run from", "Write from_zone: ZONE, or one for each party", file, line_of(here, lines), "from_zone")
            )  # fmt: skip
    return faults


def _zone_names(t: TermEntry) -> Iterator[str]:
    if t.where and t.where.zone:
        yield t.where.zone
    if isinstance(t.from_zone, str):
        yield t.from_zone
    elif t.from_zone:
        yield from t.from_zone.values()
    for e in t.except_:
        if e.where and e.where.zone:
            yield e.where.zone


def _moments(t: TermEntry, here: _Path) -> Iterator[tuple[_Path, Moment]]:
    for name, key in (("from_", "from"), ("until", "until"), ("by", "by"), ("begins_by", "begins_by")):
        value = getattr(t, name)
        if value is not None:
            yield (*here, key), value


def _fault(error: dict[str, Any], lines: Lines, file: str) -> Fault:
    """A pydantic error in words, with its line."""
    path = tuple(p for p in error["loc"] if p not in _UNION_TAGS)
    line, field = line_of(path, lines), ".".join(map(str, path)) or None
    kind, name = error["type"], str(path[-1]) if path else ""
    if kind == "missing":
        return Fault(f"the key {name!r} is missing", "Write it", file, line, field)
    if kind == "extra_forbidden":
        known = _keys(AgreementFile, path[:-1])
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return Fault(f"there is no key {name!r} here", f"{hint}Known keys: {', '.join(known)}", file, line, field)
    found = error.get("input")
    shown = f"; found {found!r}" if isinstance(found, (str, int, float)) else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    return Fault(
        message + shown, "Write what the reference page of agreement.yaml names for this key", file, line, field
    )


_UNION_TAGS = {"str", "Relative", "dict[str,str]"}


def _keys(model: type[BaseModel], path: _Path) -> list[str]:
    """Keys that may stand at a path."""
    for part in path:
        if isinstance(part, int):
            continue
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        inner = _model_in(field.annotation) if field is not None else None
        if inner is None:
            continue
        model = inner
    return [f.alias or n for n, f in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for arg in getattr(annotation, "__args__", ()):
        found = _model_in(arg)
        if found is not None and found is not Relative:
            return found
    return None


def json_schema() -> str:
    """The JSON Schema of agreement files, as text; editors take it by a `yaml-language-server` line."""
    schema = AgreementFile.model_json_schema(by_alias=True)
    schema["title"] = "Trucewatch agreement"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
