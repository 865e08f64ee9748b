"""An agreement for a reader: who must do what, where, from when to when, unless what; and what is judged of it.

`describe` gives plain values for JSON, `lines` the same as text. Names and summaries stand in the language asked for
where the file has them, labels where `phrases` has them, the rest in English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from trucewatch.agreement.bodies import Mechanism, Power, Procedure
from trucewatch.agreement.coded import CODED
from trucewatch.agreement.duties import Definition
from trucewatch.agreement.model import Actor, Agreement, Event, Term
from trucewatch.agreement.phrases import phrase
from trucewatch.agreement.readings import choices, of_actors
from trucewatch.agreement.telling import Clock, Teller, Titles, english_title, local
from trucewatch.agreement.zones import Zone
from trucewatch.model.times import format_instant

JUDGED, SHOWN, NOT_YET = "judged", "shown, not for judgement", "not judged yet"
OWED = "by its state or by people, not by incidents"
Say = Callable[..., str]  # the words of a key in the language, with values put in
_STATUS = {JUDGED: "status.judged", SHOWN: "status.shown", NOT_YET: "status.not_yet", OWED: "status.owed"}


def describe(
    agreement: Agreement, lang: str = "en", title: Titles = english_title, clock: Clock = local
) -> dict[str, Any]:
    """Everything that the agreement says, as plain values for people and for JSON; times with their local clock.
    `title`: the words of an act's code in the language; `clock`: how a time is written."""
    teller = Teller(agreement, agreement.event_times(), lang, title, clock)
    return {
        "id": agreement.id,
        "title": agreement.name(lang),
        "version": agreement.version,
        "lang": lang,
        "date": agreement.keys.get("date"),
        "timezone": agreement.timezone,
        "summary": agreement.summary.get(lang) or agreement.summary.get("en"),
        "actors": [_actor(a, teller) for a in agreement.actors],
        "clocks": [_clock(e, teller) for e in agreement.events.values()],
        "duration": _duration(teller),
        "zones": [_zone(z, teller) for z in agreement.zones.values()],
        "terms": [_term(t, teller) for t in agreement.terms],
        "definitions": [_definition(d, teller) for d in agreement.definitions.values()],
        "readings": list(_readings(agreement.readings, teller)),
        "stands_beside": sorted(agreement.beside),
        "refers": [f"{r.how} {r.agreement}" + (f" {r.term}" if r.term else "") for r in agreement.references],
        "mechanisms": [_body(m, teller) for m in agreement.mechanisms],
        "procedures": [_procedure(p, teller) for p in agreement.procedures],
        "notes": list(agreement.notes),
        "links": list(agreement.links),
    }


def said(words: Mapping[str, str], lang: str) -> str | None:
    """Words in a language, else in English, else in the first one given."""
    return words.get(lang) or words.get("en") or next(iter(words.values()), None)


def _actor(actor: Actor, teller: Teller) -> dict[str, Any]:
    return {
        "id": actor.id, "name": actor.name(teller.lang), "role": actor.role, "answered_for_by": actor.answers_for,
        "accepted": None if actor.accepted is None else teller.when(actor.accepted), "aliases": list(actor.aliases),
        "note": actor.note,
    }  # fmt: skip


def _duration(teller: Teller) -> dict[str, str] | None:
    """How long the whole text holds, with the heading of that; None where it does not say."""
    end = teller.whole_end()
    if end is None:
        return None
    return {"label": end[0], "heading": teller.say("time.whole", label=teller.say(f"label.{end[0]}")), "words": end[1]}


def _clock(event: Event, teller: Teller) -> dict[str, Any]:
    raw = teller.agreement.keys.get("events")
    text = ((raw or {}).get(event.id) or {}).get("text") or {}
    stands = event.when is not None and event.when.event is not None
    return {
        "event": event.id, "local": teller.at(event.at),
        "utc": None if event.at is None else format_instant(event.at),
        "stands_on": teller.when(event.when) if stands and event.when is not None else None,
        "set_by": event.set_by, "note": said(text, teller.lang),
    }  # fmt: skip


def _zone(z: Zone, teller: Teller) -> dict[str, Any]:
    size = None
    if z.geometry is not None:
        shape = z.local.shape
        key, n = ("area", shape.area) if shape.area > 0 else ("line", shape.length)
        size = teller.say(f"show.{key}", n=teller.number(round(n), grouped=True))
    return {
        "id": z.id, "name": said(z.names, teller.lang) or z.id, "status": z.status, "shape": size,
        "uncertainty_km": z.uncertainty_km if z.geometry is not None else None, "sides": dict(z.sides),
        "replaces": z.replaces, "note": z.note,
    }  # fmt: skip


def _term(term: Term, teller: Teller) -> dict[str, Any]:
    agreement, times = teller.agreement, teller.times
    text = term.texts.get(teller.lang) or term.texts.get("en") or next(iter(term.texts.values()), None)
    start, end = term.window(times) if term.kind != CODED else (None, None)
    rows = [(label, words) for label, words in teller.rows(term) if words]
    rows += [("procedure", words) for p in agreement.procedures if p.term == term.id and (words := _course(p, teller))]
    rows += [
        ("power", _power(p, teller)) for m in agreement.mechanisms for p in m.powers if p.term == term.id
    ]  # fmt: skip
    return {
        "id": term.id,
        "kind": term.kind,
        "summary": None if text is None else text.summary,
        "words": None if text is None else text.words,
        "source": None if text is None else text.source,
        "authentic": "unknown" if text is None else text.authentic,
        "status": status(term),
        "binds": list(term.binds),
        "acts": list(term.acts),
        "texts": [
            {"lang": lang, "words": x.words, "source": x.source, "authentic": x.authentic}
            for lang, x in term.texts.items()
            if x.words
        ],
        "from": teller.at(start),
        "until": teller.at(end),
        "due": teller.at(term.due(times)) if term.by is not None else None,
        "one_sided": agreement.one_sided(term),
        "rows": [{"label": label, "heading": teller.say(f"label.{label}"), "words": words} for label, words in rows],
        "remarks": list(_remarks(term, teller)),
        "readings": list(_readings(term.readings, teller)),
        "note": term.note,
    }


def status(term: Term) -> str:
    """Whether incidents are judged against a term: `JUDGED`, `SHOWN` or `NOT_YET`; what is owed has a finding without
    any: `OWED`."""
    if term.kind == "statement":
        return SHOWN
    if term.kind == "obligation" and not term.judged:
        return OWED
    return JUDGED if term.judged else NOT_YET


def _remarks(term: Term, teller: Teller) -> Iterator[str]:
    """What a reader must know besides: why nothing is judged, what stays undetermined, whom alone it binds."""
    agreement = teller.agreement
    if term.kind == CODED:
        yield teller.say("note.coded")
        return
    if term.open_ended:
        yield teller.say("note.open_ended")
    if agreement.one_sided(term):
        yield teller.say("note.one_sided", words=teller.names(term.binds))
    if status(term) == NOT_YET and not term.open_ended and term.kind == "withdrawal":
        yield teller.say(f"note.{_not_judged_leaving(term)}")
    used = [p.zone for p in term.places] + list(term.from_zone.values())
    for name in dict.fromkeys(used):
        z = agreement.zones.get(name or "")
        if z is not None and z.geometry is not None and z.uncertainty_km:
            status_words = teller.say(f"zone.{z.status}")
            yield teller.say("note.good_to", zone=z.id, status=status_words, km=teller.number(z.uncertainty_km))
    if status(term) != SHOWN and term.window(teller.times)[0] is None:
        yield teller.say("note.pending")
    if term.kind == "withdrawal" and term.weapons:
        for actor in (a for a in term.binds if a not in term.from_zone):
            yield teller.say("note.no_line", actor=teller.name(actor))


def _not_judged_leaving(term: Term) -> str:
    """Why no incident is held against a withdrawal: the key of its words."""
    if not term.what or "weapons" in term.what:
        return "no_distance"
    if not term.of_forces:
        return "not_shown"
    return "no_place"


def _definition(d: Definition, teller: Teller) -> dict[str, Any]:
    covers = [*map(teller.title, d.acts), *map(teller.which, d.weapons), *map(teller.name, d.actors), *d.what]
    return {
        "id": d.id, "summary": said(d.summary, teller.lang), "covers": covers,
        "zone": None if d.zone is None else teller.zone(d.zone), "test": d.test, "open_ended": d.open_ended,
    }  # fmt: skip


def _course(p: Procedure, teller: Teller) -> str:
    """The course of a procedure in one line: who towards whom, on what, in what time."""
    from_, to = teller.names(p.from_), teller.names(p.to)
    words = [said(p.summary, teller.lang) or ""]
    words += [teller.say("procedure.to", **{"from": from_ or "-", "to": to})] if to else [from_]
    words += [teller.say("procedure.on", words=p.on.replace("_", " "))] if p.on else []
    words += [teller.say("procedure.within", span=teller.length(p.within.text))] if p.within is not None else []
    words += [teller.say("procedure.every", span=teller.length(p.every.text))] if p.every is not None else []
    words += [f"{teller.say('label.by')}: {teller.when(p.by)}"] if p.by is not None else []
    words += [p.form] if p.form else []
    words += [teller.say("procedure.late")] if p.late == "void" else []
    return "; ".join(w for w in words if w)


def _procedure(p: Procedure, teller: Teller) -> dict[str, Any]:
    return {
        "id": p.id, "term": p.term, "from": list(p.from_), "to": list(p.to), "on": p.on,
        "within": None if p.within is None else p.within.text, "every": None if p.every is None else p.every.text,
        "form": p.form, "late": p.late, "words": _course(p, teller),
    }  # fmt: skip


def _power(p: Power, teller: Teller) -> str:
    name = p.words or p.id.replace("_", " ")
    words = [teller.say("power.in", power=name, zone=teller.zone(p.where)) if p.where else name]
    if p.notice is not None:
        span = teller.length(p.notice.text)
        words.append(teller.say("power.notice", span=span) if p.notice.about_us else teller.say("power.unannounced"))
    words += [teller.say("power.every", span=teller.length(p.every.text))] if p.every is not None else []
    words += [teller.say("power.request")] if p.on_request else []
    words += [teller.say("power.means", words=", ".join(p.means))] if p.means else []
    return ", ".join(words)


def _body(m: Mechanism, teller: Teller) -> dict[str, Any]:
    seats = [
        (teller.name(s.actor) if s.actor else s.words or "")
        + (f" x {s.seats}" if s.seats else "") + (f" ({s.role})" if s.role != "member" else "")
        for s in m.seats
    ]  # fmt: skip
    reports = [
        "; ".join(
            [teller.names(r.to)]
            + ([teller.say("procedure.every", span=teller.length(r.every.text))] if r.every is not None else [])
            + ([teller.say("procedure.on", words=r.on)] if r.on else [])
            + ([teller.say("procedure.within", span=teller.length(r.within.text))] if r.within is not None else [])
            + ([r.words] if r.words else [])
        )
        for r in m.reports
    ]
    mandate = [k for k in ("attribute", "rule", "publish") if getattr(m.mandate, k)]
    mandate += [f"passes {', '.join(m.mandate.passes)}"] if m.mandate.passes else []
    return {
        "id": m.id, "name": said(m.names, teller.lang) or m.id, "members": seats, "decides": m.decides,
        "chair": None if m.chair is None else teller.name(m.chair), "above": m.above, "tasks": list(m.tasks),
        "powers": [_power(p, teller) for p in m.powers], "reports": reports,
        "clocks": {name: teller.length(span.text) for name, span in m.clocks.items()},
        "by": None if m.by is None else teller.when(m.by), "mandate": mandate, "note": m.keys.get("note"),
    }  # fmt: skip


def plain(value: Any) -> str:
    """A nested value in one line, without quotes and braces where they tell nothing."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{k} ({plain(v)})" if isinstance(v, Mapping) else f"{k}: {plain(v)}" for k, v in value.items()
        )
    if isinstance(value, list | tuple):
        return "; ".join(plain(v) for v in value)
    return "" if value is None else str(value)


def _readings(readings: Mapping[str, Any], teller: Teller) -> Iterator[str]:
    """Each reading: words alone, or its alternatives with what they change."""
    for name, value in readings.items():
        found = choices({name: value})
        if not found:
            yield f"{name}: {plain(value)}"
        for label, keys in found[0] if found else ():
            alternative = value.get(label.partition("=")[2]) if isinstance(value, Mapping) else None
            words = alternative.get("words") if isinstance(alternative, Mapping) else None
            words = plain(keys[name]) if of_actors(name) and isinstance(value, list) else words
            changed = ", ".join(keys)
            told = f": {words}" if words else ""
            yield f"{label}{told} [{teller.say('show.computed', words=changed or teller.say('show.as_written'))}]"


def lines(shown: Mapping[str, Any]) -> Iterator[str]:
    """A description as text for the terminal, in the language in which it was made."""
    lang = shown["lang"]
    say = partial(phrase, lang)

    def part(name: str) -> str:
        return say(f"part.{name}")

    yield shown["title"]
    dated = [say("show.dated", date=shown["date"])] if shown["date"] else []
    yield ", ".join([say("show.file", id=shown["id"], version=shown["version"]), *dated])
    if shown["summary"]:
        yield shown["summary"]
    yield from _part(part("actors"), (_actor_line(a, say) for a in shown["actors"]))
    clocks = [_clock_line(c, say) for c in shown["clocks"]]
    clocks += [f"{end['heading']}: {end['words']}"] if (end := shown["duration"]) else []
    yield from _part(f"{part('clocks')} ({shown['timezone']})", clocks)
    yield from _part(part("zones"), (_zone_line(z, say) for z in shown["zones"]))
    yield from _part(part("definitions"), (_definition_line(d) for d in shown["definitions"]))
    yield ""
    yield part("terms")
    for term in shown["terms"]:
        yield from _term_lines(term, lang, say)
    yield from _part(part("readings"), shown["readings"])
    yield from _part(part("refers"), shown["refers"])
    yield from _part(part("mechanism"), (line for m in shown["mechanisms"] for line in _body_lines(m, say)))
    yield from _part(part("procedures"), (f"{p['id']}: {p['words']}" for p in shown["procedures"]))
    yield from _part(part("notes"), shown["notes"])
    yield from _part(part("links"), shown["links"])


def _part(heading: str, rows: Any) -> Iterator[str]:
    found = list(rows)
    if found:
        yield ""
        yield heading
        yield from (f"  {row}" for row in found)


def _actor_line(a: Mapping[str, Any], say: Say) -> str:
    more = [say("show.answered_by", actor=a["answered_for_by"])] if a["answered_for_by"] else []
    more += [say("show.bound_since", when=a["accepted"])] if a["accepted"] else []
    role = say(f"role.{a['role']}")
    return f"{a['id']}: {a['name']} ({', '.join([role, *more])})" + (f". {a['note']}" if a["note"] else "")


def _clock_line(c: Mapping[str, Any], say: Say) -> str:
    when = f"{c['local']} = {c['utc']}" if c["local"] else say("show.not_set")
    on = f"; {c['stands_on']}" if c["stands_on"] else ""
    by = f"; {say('show.set_by', who=c['set_by'])}" if c["set_by"] else ""
    return f"{c['event']}: {when}{on}{by}" + (f". {c['note']}" if c["note"] else "")


def _zone_line(z: Mapping[str, Any], say: Say) -> str:
    parts = [say(f"zone.{z['status']}"), z["shape"] or say("show.no_shape")]
    parts += [say("show.uncertainty", km=f"{z['uncertainty_km']:g}")] if z["shape"] else []
    parts += [say(f"show.{side}", actor=actor) for actor, side in z["sides"].items()]
    parts += [say("show.instead", zone=z["replaces"])] if z["replaces"] else []
    return f"{z['id']}: {z['name']} ({', '.join(parts)})" + (f". {z['note']}" if z["note"] else "")


def _definition_line(d: Mapping[str, Any]) -> str:
    parts = [d["summary"], "; ".join(d["covers"]), d["zone"], d["test"]]
    return f"{d['id']}: " + ". ".join(str(p).rstrip(".") for p in parts if p)


_OF_BODY = ("members", "chair", "decides", "above", "tasks", "powers", "reports", "clocks", "by", "mandate", "note")


def _body_lines(m: Mapping[str, Any], say: Say) -> Iterator[str]:
    yield f"{m['id'] or m['name'] or '-'}: {m['name'] or ''}".rstrip(": ")
    yield from (f"    {say(f'body.{key}')}: {plain(m[key])}" for key in _OF_BODY if m[key])


def _term_lines(t: Mapping[str, Any], lang: str, say: Say) -> Iterator[str]:
    yield f"  {t['id']}  {say('kind.' + t['kind'])}: {say(_STATUS[t['status']])}"
    yield f"      {t['summary'] or t['words'] or say('show.no_summary')}"
    shown = t["texts"] if t["summary"] else [x for x in t["texts"] if x["words"] != t["words"]]
    for x in shown:
        where = ", ".join(([] if x["lang"] == lang else [x["lang"]]) + [str(x["source"])])
        yield f'      {say("show.words", source=where)}: "{x["words"]}"'
    if t["source"] and not (t["words"] and t["summary"]):
        doubt = "" if t["authentic"] == "yes" else f" ({say('show.authentic_' + t['authentic'])})"
        yield f"      {say('show.read_at', source=t['source'])}{doubt}"
    yield from (f"      {row['heading']}: {row['words']}" for row in t["rows"])
    yield from (f"      {remark}" for remark in t["remarks"])
    yield from (f"      {say('show.reading')}: {row}" for row in t["readings"])
    if t["note"]:
        yield f"      {say('body.note')}: {t['note']}"
