"""From an agreement file to an `Agreement`, or to all of its faults at once, each with line, field and remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trucewatch.agreement import building as build
from trucewatch.agreement import keys as k
from trucewatch.agreement.checks import course_events, cross_faults, zone_faults
from trucewatch.agreement.clock_checks import clock_faults
from trucewatch.agreement.faults import key_faults
from trucewatch.agreement.model import Agreement, Event, Mechanism, Term, event_times
from trucewatch.agreement.naming import listed
from trucewatch.agreement.plain_forms import in_full
from trucewatch.agreement.readings import answer_readings, readings_of, variants
from trucewatch.agreement.shapes import build_zones
from trucewatch.agreement.whole_readings import changing, written_out
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.yaml_lines import Lines, line_of, walk

MOST_BYTES = 2_000_000
MOST_FAULTS = 200
MOST_READ = 20_000  # terms times readings of one file, all of which are built


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
    value = written_out(in_full(value), lines)
    keys, faults = validated(value, lines, file)
    faults += cross_faults(value, lines, file)
    if keys is None or faults:
        raise Refusal(*told(faults, file))
    zones, zone_faults = build_zones(keys.zones, folder, lines, file, keys.timezone)
    agreement, more = _build(keys, zones, value, lines, file, path)
    if zone_faults or more:
        raise Refusal(*told([*zone_faults, *more], file))
    return agreement


def told(faults: Sequence[Fault], file: str) -> list[Fault]:
    """Faults in the order of their lines, the first `MOST_FAULTS` of them: who mends these sees the rest next time."""
    ordered = sorted(dict.fromkeys(faults), key=lambda x: (x.row or 0, x.field or "", x.message))
    left = len(ordered) - MOST_FAULTS
    if left <= 0:
        return ordered
    more = Fault(f"{left} more faults are not told", "Mend those above and check again", file, ordered[MOST_FAULTS].row)
    return [*ordered[:MOST_FAULTS], more]


def validated(value: Any, lines: Lines, file: str) -> tuple[k.AgreementKeys | None, list[Fault]]:
    """The typed keys of a file, or None with a fault for each that does not fit."""
    if not isinstance(value, dict):
        return None, [Fault("the file holds no keys", "Write id:, title:, actors:, terms:", file, 1)]
    if isinstance(terms := value.get("terms"), list) and len(terms) > k.MOST_TERMS:
        words = f"{len(terms)} terms, where at most {k.MOST_TERMS} are read"
        raise Refusal(Fault(words, "Write a file for each text", file, line_of(("terms",), lines), "terms"))
    try:
        return k.AgreementKeys.model_validate(value), []
    except ValidationError as e:
        return None, key_faults(e, lines, file)


def _build(
    keys: k.AgreementKeys, zones: Any, value: Any, lines: Lines, file: str, path: Path | None
) -> tuple[Agreement, list[Fault]]:
    tz = keys.timezone
    definitions = {name: build.definition(name, d) for name, d in keys.definitions.items()}
    terms, faults = _terms(keys, value, definitions, lines, file)
    events = _events(keys, value, tz)
    times = event_times(events, {})
    links = (*([keys.source] if keys.source else []), *keys.links)
    lasting = build.lasts(keys.duration, tz)
    bodies = _bodies(keys, value, tz)
    references = tuple(build.reference(r) for r in keys.refers)
    agreement = Agreement(
        keys.id, dict(keys.title), keys.version, tuple(build.actor(a, tz) for a in keys.actors), tz,
        {e.id: replace(e, at=times[e.id]) for e in events}, zones, tuple(terms), bodies[0] if bodies else None,
        None if lasting is None else lasting.end(None), tuple((r.agreement, r.how) for r in references),
        dict(keys.readings),
        answer_readings(_of_answers(keys.readings), {a.id: a.answers_for for a in keys.actors}),
        links, dict(keys.summary), tuple(keys.notes), value, path, definitions,
        tuple(build.procedure(p, tz) for p in keys.procedures), bodies, lasting, references,
    )  # fmt: skip
    return agreement, [*faults, *clock_faults(agreement, lines, file), *zone_faults(agreement, lines, file)]


def _terms(
    keys: k.AgreementKeys, value: Any, definitions: build.Definitions, lines: Lines, file: str
) -> tuple[list[Term], list[Fault]]:
    """Each term under each of its readings, and a fault for each reading that gives no valid term."""
    tz, whole = keys.timezone, keys.except_
    bodies = {a.id for a in keys.actors if a.role == "mechanism"}

    def made(t: k.TermKeys) -> Term:
        built = build.term(t, tz, definitions, whole)
        return replace(built, monitors=tuple(w for w in built.for_ if w in bodies))

    terms: list[Term] = []
    faults: list[Fault] = []
    many = sum(readings_of(t.readings) for t in keys.terms)
    if many > MOST_READ:
        words = f"{many} terms with their readings, where at most {MOST_READ} are computed"
        return [], [Fault(words, "Leave out readings that change nothing", file, line_of(("terms",), lines), "terms")]
    for i, term in enumerate(keys.terms):
        raw = value["terms"][i]
        if keys.where is not None and raw.get("where") is None:
            raw = {**raw, "where": value["where"]}
            term = k.TermKeys.model_validate(raw)
        read = variants(raw, lambda r: made(k.TermKeys.model_validate(r)))
        for reading, problem in read.problems:
            line = line_of(("terms", i, "readings"), lines)
            if isinstance(problem, ValidationError):
                found = key_faults(problem, {}, file)
            else:
                found = [Fault(str(problem.args[0]), "Name keys that the term has")]
            for x in found:
                words = f"the reading {reading!r} gives no valid term: {x.field or 'it'}: {x.message}"
                faults.append(Fault(words, x.remedy, file, line, f"terms.{i + 1}.readings"))
        built = made(term)
        line = line_of(("terms", i), lines)
        terms.append(replace(built, alternatives=read.terms or ((None, built),), keys=raw, line=line))
    return terms, faults


def _events(keys: k.AgreementKeys, value: Any, tz: str) -> list[Event]:
    """The events of the file, and those of the course of its terms that it names and has not declared."""
    events = [Event(name, build.when(e.at, tz), e.set_by) for name, e in keys.events.items()]
    courses = course_events(t.kind for t in keys.terms)
    used = set(_words(value))
    return events + [Event(name, None) for name in courses if name in used and name not in keys.events]


def _words(value: Any) -> Iterator[str]:
    """Every scalar of plain values."""
    if isinstance(value, str):
        yield value
    else:
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _words(part)


def _of_answers(readings: Mapping[str, Any]) -> dict[str, Any]:
    """The readings of the whole text that say who answers for whom; the others stand in the terms that they change."""
    return {name: value for name, value in readings.items() if name not in changing(readings)}


def _bodies(keys: k.AgreementKeys, value: Any, tz: str) -> tuple[Mechanism, ...]:
    rows = listed(value.get("mechanism"))
    return tuple(build.mechanism(m, row, tz) for m, row in zip(keys.mechanism or [], rows, strict=True))
