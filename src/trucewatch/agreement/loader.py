"""From an agreement file to an `Agreement`, or to all of its faults at once, each with line, field and remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trucewatch.agreement import fields as f
from trucewatch.agreement import keys as k
from trucewatch.agreement.checks import cross_faults
from trucewatch.agreement.faults import key_faults
from trucewatch.agreement.model import (
    Actor,
    Agreement,
    Event,
    Exemption,
    Mandate,
    Mechanism,
    Term,
    Text,
    WeaponRule,
    When,
    Where,
    event_times,
)
from trucewatch.agreement.readings import answer_readings, variants
from trucewatch.agreement.shapes import build_zones
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import day_bounds, is_bare_date, parse_duration, parse_instant
from trucewatch.model.yaml_lines import Lines, line_of, walk

MOST_BYTES = 2_000_000
DIRECT_FIRE_KM = 4.0  # "out of direct fire range": the reach of a tank gun, longest of the direct-fire weapons listed


def load(path: str | Path) -> Agreement:
    """Read and check the agreement file at `path`; `Refusal` with every fault, each with its line."""
    file = Path(path)
    return parse(read_text(file), file.name, file.parent, file)


def read_text(file: Path) -> str:
    """The text of an agreement file; `Refusal` where it cannot be opened (no row), is no text or far too large."""
    try:
        with file.open("rb") as f:
            data = f.read(MOST_BYTES + 1)
    except (OSError, ValueError) as e:
        reason = (getattr(e, "strerror", None) or str(e)).lower()
        raise Refusal(Fault(f"the agreement cannot be read: {reason}", "Name a readable file", str(file))) from None
    if len(data) > MOST_BYTES:
        words = f"the file is larger than {MOST_BYTES // 1_000_000} MB: that is no agreement"
        raise Refusal(Fault(words, "Draw zones in GeoJSON files beside it", file.name, 1))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise Refusal(Fault("the file is not UTF-8 text", "Save it as UTF-8", file.name, line)) from None


def parse(text: str, file: str = "agreement.yaml", folder: Path | None = None, path: Path | None = None) -> Agreement:
    """The agreement of a YAML text; zone files are looked for in `folder`. `Refusal` with every fault."""
    value, lines = walk(text, file)
    keys, faults = validated(value, lines, file)
    faults += cross_faults(value, lines, file)
    if keys is None or faults:
        raise Refusal(*sorted(faults, key=lambda x: (x.row or 0, x.field or "", x.message)))
    zones, zone_faults = build_zones(keys.zones, folder, lines, file)
    agreement, more = _build(keys, zones, value, lines, file, path)
    if zone_faults or more:
        raise Refusal(*zone_faults, *more)
    return agreement


def validated(value: Any, lines: Lines, file: str) -> tuple[k.AgreementKeys | None, list[Fault]]:
    """The typed keys of a file, or None with a fault for each that does not fit."""
    if not isinstance(value, dict):
        return None, [Fault("the file holds no keys", "Write id:, title:, actors:, terms:", file, 1)]
    try:
        return k.AgreementKeys.model_validate(value), []
    except ValidationError as e:
        return None, key_faults(e, lines, file)


def _build(
    keys: k.AgreementKeys, zones: Any, value: Any, lines: Lines, file: str, path: Path | None
) -> tuple[Agreement, list[Fault]]:
    tz = keys.timezone
    definitions = {name: tuple(d.acts) for name, d in keys.definitions.items()}
    faults: list[Fault] = []
    terms = []
    for i, term in enumerate(keys.terms):
        raw = value["terms"][i]
        read = variants(raw, lambda r: build_term(k.TermKeys.model_validate(r), tz, definitions))
        for reading, problem in read.problems:
            words = f"the reading {reading!r} does not give a valid term: {problem}"
            line = line_of(("terms", i, "readings"), lines)
            faults.append(Fault(words, "Mend the values of this reading", file, line, f"terms.{i + 1}.readings"))
        built = build_term(term, tz, definitions)
        line = line_of(("terms", i), lines)
        terms.append(replace(built, alternatives=read.terms or ((None, built),), keys=raw, line=line))
    events = [Event(name, _when(e.at, tz), e.set_by) for name, e in keys.events.items()]
    told = event_times(events, {})
    faults += [x for i, t in enumerate(terms) for x in _backwards(t, told, ("terms", i), lines, file)]
    links = (*([keys.source] if keys.source else []), *keys.links)
    agreement = Agreement(
        keys.id, dict(keys.title), keys.version, tuple(_actor(a, tz) for a in keys.actors), tz,
        {e.id: replace(e, at=told[e.id]) for e in events}, zones, tuple(terms), _mechanism(keys, value),
        None if keys.duration is None else _when(keys.duration.until, tz, end=True),
        tuple((r.agreement, r.how) for r in keys.refers), dict(keys.readings),
        answer_readings(keys.readings, {a.id: a.answers_for for a in keys.actors}),
        links, dict(keys.summary), tuple(keys.notes), value, path,
    )  # fmt: skip
    return agreement, faults


def _backwards(
    term: Term, times: Mapping[str, int | None], path: tuple[str | int, ...], lines: Lines, file: str
) -> list[Fault]:
    """A fault where a term ends before it begins, under any reading."""
    for reading, read in term.alternatives:
        start, end = read.window(times)
        if start is not None and end is not None and end <= start:
            under = f" under the reading {reading}" if reading else ""
            words = f"the term {term.id!r} ends before it begins{under}"
            return [Fault(words, "Check from and until", file, line_of((*path, "until"), lines), f"terms.{term.id}")]
    return []


def _actor(a: k.ActorKeys, tz: str) -> Actor:
    accepted = _when(a.accepted, tz)
    return Actor(a.id, a.role, dict(a.names), tuple(a.aliases), a.answers_for, accepted, a.note)


def _mechanism(keys: k.AgreementKeys, raw: Mapping[str, Any]) -> Mechanism | None:
    if keys.mechanism is None:
        return None
    m = keys.mechanism.mandate or k.MandateKeys()
    return Mechanism(Mandate(m.attribute, m.rule, m.publish), tuple(keys.mechanism.members), raw["mechanism"])


def _when(when: f.WhenKeys | None, tz: str, end: bool = False) -> When | None:
    """A bare date is the start of that local day, or its end where something ends."""
    if when is None:
        return None
    if when.event is not None:
        return When(None, when.event, parse_duration(when.plus) if when.plus else 0)
    assert when.at is not None
    if is_bare_date(when.at):
        return When(day_bounds(when.at, tz)[1 if end else 0])
    return When(parse_instant(when.at))


def build_term(t: k.TermKeys, tz: str, definitions: Mapping[str, tuple[str, ...]]) -> Term:
    """The term that typed keys say, under no other reading."""
    zone = t.from_zone
    baseline = dict.fromkeys(t.binds, zone) if isinstance(zone, str) else dict(zone or {})
    conditions = [f"after {c.term}" for c in t.after] + (["while"] if t.while_ else []) + [f"with {w}" for w in t.with_]
    return Term(
        t.id, t.kind, {k: Text(x.summary, x.words, x.source, x.authentic or "unknown") for k, x in t.text.items()},
        _acts(t.acts, definitions), tuple(t.binds), _when(t.from_, tz), _until(t, tz),
        _when(t.begins_by, tz), _when(t.by, tz, end=True), Where(t.where.zone, t.where.of), _rules(t), baseline,
        tuple(_exemption(e, i, definitions) for i, e in enumerate(t.except_, 1)), tuple(t.protects), t.open_ended,
        tuple(conditions), dict(t.readings),
    )  # fmt: skip


def _until(t: k.TermKeys, tz: str) -> When | None:
    if t.until is not None or t.duration is None or t.duration.renews is not None:
        return _when(t.until, tz, end=True)
    return _when(t.duration.until, tz, end=True)


def _acts(codes: Sequence[str], definitions: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    out: list[str] = []
    for code in codes:
        out.extend(definitions.get(code.removeprefix("definition:"), ()) if code.startswith("definition:") else [code])
    return tuple(dict.fromkeys(out))


def _rules(t: k.TermKeys) -> tuple[WeaponRule, ...]:
    whole = k.WeaponKeys.model_construct(distance_km=t.distance_km, zone_width_km=t.zone_width_km, distance=t.distance)
    told = [w for w in (t.distance_km, t.zone_width_km, t.distance) if w is not None]
    if not t.weapons:
        return (_rule(whole, whole),) if told else ()
    return tuple(_rule(w, whole) for w in t.weapons)


def _rule(w: k.WeaponKeys, whole: k.WeaponKeys) -> WeaponRule:
    """A width between the sides is halved: an equal distance for each. The rule's own comes before the term's."""
    own = w if any(x is not None for x in (w.distance_km, w.zone_width_km, w.distance)) else whole
    km, reach = own.distance_km, own.distance
    if own.zone_width_km is not None:
        km = own.zone_width_km / 2
    if reach == "direct_fire_range":
        km, reach = DIRECT_FIRE_KM, None
    calibre = None if w.calibre_mm is None else f.calibre_bounds(w.calibre_mm)
    return WeaponRule(tuple(w.class_ or ()), calibre, tuple(w.models or ()), km, reach)


def _exemption(e: k.ExceptionKeys, position: int, definitions: Mapping[str, tuple[str, ...]]) -> Exemption:
    where = None if e.where is None else Where(e.where.zone, e.where.of)
    acts = _acts(e.acts, definitions)
    return Exemption(e.id or str(position), acts, tuple(e.actors), where, tuple(e.requires), e.in_response_to, e.text)
