"""An agreement for a reader: who, when in local time, where; of each term what is judged and what is not yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trucewatch.agreement.coded import CODED
from trucewatch.agreement.model import Agreement, Term, WeaponRule
from trucewatch.agreement.readings import choices
from trucewatch.agreement.zones import Zone
from trucewatch.model.times import format_instant, from_us, zone

JUDGED, SHOWN, NOT_YET = "judged", "shown, not for judgement", "not judged yet"
_PLACES = {
    None: "any place told",
    "impact": "where fire fell",
    "origin": "where fire came from",
    "presence": "presence",
}
# Keys of a term that are kept and printed; nothing computes them yet.
_PRINTED = (
    "what", "to", "excludes", "limits", "baseline", "sides", "route", "for", "done_when", "quantity", "schedule",
    "duration", "then", "protects", "after", "while", "with", "begins_by",
)  # fmt: skip


def describe(agreement: Agreement, lang: str = "en") -> dict[str, Any]:
    """Everything that the agreement says, as plain values for people and for JSON; times with their local clock."""
    times = agreement.event_times()
    keys = agreement.keys
    return {
        "id": agreement.id,
        "title": agreement.name(lang),
        "version": agreement.version,
        "date": keys.get("date"),
        "timezone": agreement.timezone,
        "summary": agreement.summary.get(lang) or agreement.summary.get("en"),
        "actors": [_actor(a, agreement, lang) for a in agreement.actors],
        "clocks": [_clock(e.id, e.at, e.set_by, agreement, lang) for e in agreement.events.values()],
        "zones": [_zone(z, lang) for z in agreement.zones.values()],
        "terms": [_term(t, agreement, times, lang) for t in agreement.terms],
        "readings": list(_readings(agreement.readings)),
        "stands_beside": sorted(agreement.beside),
        "refers": [f"{how} {other}" for other, how in agreement.refers],
        "mechanism": None if agreement.mechanism is None else dict(agreement.mechanism.keys),
        "procedures": keys.get("procedures") or [],
        "notes": list(agreement.notes),
        "links": list(agreement.links),
    }


def local(us: int | None, timezone: str) -> str | None:
    """An instant on the clock of the text, with its offset: 2020-10-10 12:00 +04:00."""
    if us is None:
        return None
    moment = from_us(us).astimezone(zone(timezone))
    offset = moment.strftime("%z")
    seconds = ":%S" if moment.second else ""
    return moment.strftime(f"%Y-%m-%d %H:%M{seconds} ") + f"{offset[:3]}:{offset[3:5]}"


def _actor(actor: Any, agreement: Agreement, lang: str) -> dict[str, Any]:
    accepted = None if actor.accepted is None else actor.accepted.resolve(agreement.event_times())
    return {
        "id": actor.id, "name": actor.name(lang), "role": actor.role, "answered_for_by": actor.answers_for,
        "accepted": local(accepted, agreement.timezone), "aliases": list(actor.aliases), "note": actor.note,
    }  # fmt: skip


def _clock(name: str, at: int | None, set_by: str | None, agreement: Agreement, lang: str) -> dict[str, Any]:
    raw = agreement.keys.get("events")
    text = ((raw or {}).get(name) or {}).get("text") or {}
    return {
        "event": name, "local": local(at, agreement.timezone), "utc": None if at is None else format_instant(at),
        "set_by": set_by, "note": text.get(lang) or text.get("en"),
    }  # fmt: skip


def _zone(z: Zone, lang: str) -> dict[str, Any]:
    size = None
    if z.geometry is not None:
        shape = z.local.shape
        size = f"area of {shape.area:,.0f} km2" if shape.area > 0 else f"line of {shape.length:,.0f} km"
    return {
        "id": z.id, "name": z.names.get(lang) or z.names.get("en") or z.id, "status": z.status, "shape": size,
        "uncertainty_km": z.uncertainty_km if z.geometry is not None else None, "note": z.note,
    }  # fmt: skip


def _term(term: Term, agreement: Agreement, times: Mapping[str, int | None], lang: str) -> dict[str, Any]:
    text = term.texts.get(lang) or term.texts.get("en") or next(iter(term.texts.values()), None)
    start, end = term.window(times) if term.kind != CODED else (None, None)
    return {
        "id": term.id,
        "kind": term.kind,
        "summary": None if text is None else text.summary,
        "words": None if text is None else text.words,
        "source": None if text is None else text.source,
        "authentic": "unknown" if text is None else text.authentic,
        "status": _status(term),
        "binds": list(term.binds),
        "acts": list(term.acts),
        "from": local(start, agreement.timezone),
        "until": local(end, agreement.timezone),
        "due": local(term.due(times), agreement.timezone) if term.by is not None else None,
        "judged": list(_judged(term, agreement, times)),
        "not_judged_yet": list(_open(term, agreement)),
        "exceptions": [_exception(e) for e in term.excepts],
        "readings": list(_readings(term.readings)),
        "note": term.keys.get("note") if isinstance(term.keys, Mapping) else None,
    }


def _status(term: Term) -> str:
    if term.kind == "statement":
        return SHOWN
    return JUDGED if term.judged else NOT_YET


def _judged(term: Term, agreement: Agreement, times: Mapping[str, int | None]) -> Iterator[str]:
    """What is computed of a term, in words."""
    if _status(term) != JUDGED:
        return
    where = term.where.zone
    if term.kind == "prohibition":
        place = "everywhere" if where is None else f"in {where} ({_PLACES[term.where.of]})"
        yield f"{', '.join(term.acts)} by {_all(term.binds)}, {place}"
    for rule, raw in zip(term.weapons, _raw_rules(term), strict=False):
        yield f"{_rule(rule)}: {_distance(rule, raw)}" if term.kind == "withdrawal" else f"only with {_rule(rule)}"
    for actor, line in term.from_zone.items() if term.kind == "withdrawal" else ():
        yield f"measured for {actor} from {line}"
    for name in dict.fromkeys([where, *term.from_zone.values()]):
        z = agreement.zones.get(name or "")
        if z is not None and z.geometry is None:
            yield f"{z.id} is undefined: what depends on it stays undetermined"
        elif z is not None and z.uncertainty_km:
            yield f"{z.id} is {z.status}, good to {z.uncertainty_km:g} km: nearer than that nothing is decided by it"
    if term.window(times)[0] is None:
        yield "its clock is not set: pending, no findings"


def _open(term: Term, agreement: Agreement) -> Iterator[str]:
    """What a term says beyond what is computed."""
    if term.kind == CODED:
        yield "a coded point: nobody has said yet what binds whom, from when and where"
        return
    if _status(term) == NOT_YET:
        reason = {
            "prohibition": "its wording is open: only a decision of people applies it",
            "withdrawal": "it gives no distance for weapons",
        }
        yield reason.get(term.kind, f"terms of the kind {term.kind} are shown, with what is claimed of them")
    for key in _PRINTED:
        if term.keys.get(key) not in (None, [], {}):
            yield f"{key}: {plain(term.keys[key])}"
    if term.kind == "withdrawal" and term.weapons:
        for actor in term.binds:
            if actor not in term.from_zone:
                yield f"no line is named from which the distance of {actor} runs"


def plain(value: Any) -> str:
    """A nested value in one line, without quotes and braces where they tell nothing."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{k} ({plain(v)})" if isinstance(v, Mapping) else f"{k}: {plain(v)}" for k, v in value.items()
        )
    if isinstance(value, list | tuple):
        return "; ".join(plain(v) for v in value)
    return "" if value is None else str(value)


def _all(ids: tuple[str, ...]) -> str:
    return " and ".join(ids) if len(ids) < 3 else ", ".join(ids[:-1]) + f" and {ids[-1]}"


def _raw_rules(term: Term) -> list[Mapping[str, Any]]:
    raw = term.keys.get("weapons")
    return raw if isinstance(raw, list) and raw else [term.keys]


def _rule(rule: WeaponRule) -> str:
    words = list(rule.models) or list(rule.classes) or ["weapons"]
    named = ", ".join(words)
    if rule.calibre is None:
        return named
    low, low_open, high, high_open = rule.calibre
    if low == high:
        return f"{named} of {low:g} mm"
    bounds = [f"over {low:g} mm" if low_open else f"{low:g} mm and more"] if low > 0 else []
    if high != float("inf"):
        bounds.append(f"under {high:g} mm" if high_open else f"up to {high:g} mm")
    return f"{named} of {' and '.join(bounds)}"


def _distance(rule: WeaponRule, raw: Mapping[str, Any]) -> str:
    if rule.reach is not None:
        return "at least its greatest range away"
    width = raw.get("zone_width_km")
    half = f", half of the {width} km between the sides" if width is not None else ""
    return f"at least {rule.distance_km:g} km away{half}" if rule.distance_km is not None else "no distance told"


def _exception(one: Any) -> str:
    said = one.text.get("en") or next(iter(one.text.values()), "") if isinstance(one.text, Mapping) else one.text
    words = said or ", ".join([*one.acts, *one.actors]) or one.id
    if one.by_itself:
        return f"{one.id}: {words} (holds by itself)"
    needs = "; ".join([*one.requires, *([f"in response to {one.in_response_to}"] if one.in_response_to else [])])
    return f"{one.id}: {words} (people decide; needs: {needs})"


def _readings(readings: Mapping[str, Any]) -> Iterator[str]:
    """Each reading: words alone, or its alternatives with what they change."""
    for name, value in readings.items():
        found = choices({name: value})
        if not found:
            yield f"{name}: {plain(value)}"
        for label, keys in found[0] if found else ():
            alternative = value.get(label.partition("=")[2]) if isinstance(value, Mapping) else None
            words = alternative.get("words") if isinstance(alternative, Mapping) else None
            changed = ", ".join(keys)
            said = f": {words}" if words else ""
            yield f"{label}{said}" + (f" [computed: {changed}]" if changed else " [computed: as written]")


def lines(shown: Mapping[str, Any]) -> Iterator[str]:
    """A description as text for the terminal."""
    yield shown["title"]
    yield f"id {shown['id']}, version {shown['version']}" + (f", dated {shown['date']}" if shown["date"] else "")
    if shown["summary"]:
        yield shown["summary"]
    yield from _part("Actors", (_actor_line(a) for a in shown["actors"]))
    yield from _part(f"Clocks ({shown['timezone']})", (_clock_line(c) for c in shown["clocks"]))
    yield from _part("Zones", (_zone_line(z) for z in shown["zones"]))
    yield ""
    yield "Terms"
    for term in shown["terms"]:
        yield from _term_lines(term)
    yield from _part("Readings of the whole text", shown["readings"])
    yield from _part("Refers to", shown["refers"])
    if shown["mechanism"]:
        yield from _part("Mechanism", (f"{k}: {plain(v)}" for k, v in shown["mechanism"].items() if v))
    yield from _part("Procedures", (plain(p) for p in shown["procedures"]))
    yield from _part("Notes", shown["notes"])
    yield from _part("Links", shown["links"])


def _part(heading: str, rows: Any) -> Iterator[str]:
    found = list(rows)
    if found:
        yield ""
        yield heading
        yield from (f"  {row}" for row in found)


def _actor_line(a: Mapping[str, Any]) -> str:
    more = [f"answered for by {a['answered_for_by']}"] if a["answered_for_by"] else []
    more += [f"bound since {a['accepted']}"] if a["accepted"] else []
    return f"{a['id']}: {a['name']} ({', '.join([a['role'], *more])})" + (f". {a['note']}" if a["note"] else "")


def _clock_line(c: Mapping[str, Any]) -> str:
    when = f"{c['local']} = {c['utc']}" if c["local"] else "not set; terms that stand on it are pending"
    by = f"; set by {c['set_by']}" if c["set_by"] else ""
    return f"{c['event']}: {when}{by}" + (f". {c['note']}" if c["note"] else "")


def _zone_line(z: Mapping[str, Any]) -> str:
    shape = f", {z['shape']}, uncertainty {z['uncertainty_km']:g} km" if z["shape"] else ", no shape"
    return f"{z['id']}: {z['name']} ({z['status']}{shape})" + (f". {z['note']}" if z["note"] else "")


_ROWS = (
    ("judged", "judged"), ("not judged yet", "not_judged_yet"), ("exception", "exceptions"), ("reading", "readings"),
)  # fmt: skip


def _term_lines(t: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {t['id']}  {t['kind']}: {t['status']}"
    yield f"      {t['summary'] or t['words'] or 'no summary'}"
    if t["words"] and t["summary"]:
        yield f'      words ({t["source"]}): "{t["words"]}"'
    elif t["source"]:
        yield f"      read at {t['source']}" + ("" if t["authentic"] == "yes" else f" (authentic: {t['authentic']})")
    if t["from"] and t["status"] != SHOWN:
        due = f"; complete by {t['due']}" if t["due"] else ""
        yield f"      from {t['from']} until {t['until'] or 'another takes its place'}{due}"
    for heading, key in _ROWS:
        yield from (f"      {heading}: {row}" for row in t[key])
    if t["note"]:
        yield f"      note: {t['note']}"
