"""From typed keys to the model: one function for each part of an agreement file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.agreement import fields as f
from trucewatch.agreement import keys as k
from trucewatch.agreement.clocks import Lasting, Renewal, Schedule, Span, When, parse_span
from trucewatch.agreement.duties import (
    Baseline,
    Condition,
    Consequence,
    Definition,
    Destination,
    Limit,
    Quantity,
    Reference,
    parse_done,
)
from trucewatch.agreement.model import (
    Actor,
    Exemption,
    Mandate,
    Mechanism,
    Member,
    Power,
    Procedure,
    Report,
    Term,
    WeaponRule,
    Where,
)
from trucewatch.agreement.model import Text as Said
from trucewatch.model.times import TimeFault, day_bounds, is_bare_date, parse_instant
from trucewatch.taxonomy import taxonomy

DIRECT_FIRE_KM = 4.0  # "out of direct fire range": the reach of a tank gun, longest of the direct-fire weapons listed
DEFINITION = "definition:"
Definitions = Mapping[str, Definition]


def when(keys: f.WhenKeys | None, tz: str, end: bool = False) -> When | None:
    """A time; a bare date is the start of that local day, or its end where something ends."""
    if keys is None:
        return None
    if keys.event is not None:
        plus = span(keys.plus) or Span("")
        return When(None, keys.event, plus.us, plus.months, tz, plus.text)
    assert keys.at is not None
    if is_bare_date(keys.at):
        return When(day_bounds(keys.at, tz)[1 if end else 0])
    return When(parse_instant(keys.at))


def span(text: str | None) -> Span | None:
    """A duration, or None."""
    return None if text is None else parse_span(text)


def _span_or_words(text: str) -> Span | None:
    try:
        return parse_span(text)
    except TimeFault:
        return None


def summaries(texts: Mapping[str, k.TextKeys]) -> dict[str, str]:
    """Language -> summary, else the words."""
    return {lang: said for lang, t in texts.items() if (said := t.summary or t.words)}


def actor(a: k.ActorKeys, tz: str) -> Actor:
    """One actor."""
    return Actor(a.id, a.role, dict(a.names), tuple(a.aliases), a.answers_for, when(a.accepted, tz), a.note)


def term(t: k.TermKeys, tz: str, definitions: Definitions, whole: Sequence[k.ExceptionKeys] = ()) -> Term:
    """The term that typed keys say, under no other reading; `whole`: exceptions to the whole text."""
    places = [where(w) for w in t.where or []] or [Where()]
    binds, zone = tuple(t.binds), t.from_zone
    starts, lasting = when(t.from_, tz), lasts(t.duration, tz)
    until = when(t.until, tz, end=True)
    after, while_ = conditions(t.after), conditions(t.while_)
    excepts = [*t.except_, *(e for e in whole if not e.terms or t.id in e.terms)]
    return Term(
        id=t.id,
        kind=t.kind,
        texts={lang: Said(x.summary, x.words, x.source, x.authentic or "unknown") for lang, x in t.text.items()},
        acts=acts(t.acts, definitions),
        binds=binds,
        starts=starts,
        until=lasting.end(starts) if until is None and lasting is not None else until,
        begins_by=when(t.begins_by, tz, end=True),
        by=when(t.by, tz, end=True),
        where=places[0],
        weapons=rules(t),
        from_zone=dict.fromkeys(binds, zone) if isinstance(zone, str) else dict(zone or {}),
        excepts=tuple(exemption(e, i, tz, definitions) for i, e in enumerate(excepts, 1)),
        protects=tuple(t.protects),
        open_ended=t.open_ended,
        conditions=tuple(
            [f"after {c.words}" for c in after] + [f"while {c.words}" for c in while_] + [f"with {w}" for w in t.with_]
        ),
        readings=dict(t.readings),
        also_where=tuple(places[1:]),
        against=tuple(t.against),
        what=tuple(t.what),
        to=None if t.to is None else Destination(t.to.zone, t.to.place, t.to.agreed_by),
        excludes=tuple(t.excludes),
        excluded=excluded(t.excludes, definitions),
        limits=(*(limit(x) for x in t.limits), *(Limit(w.max, _rule(w, w)) for w in t.weapons if w.max is not None)),
        baseline=None if t.baseline is None else Baseline(when(t.baseline.at, tz), t.baseline.zone),
        sides=dict(t.sides),
        route=t.route,
        for_=tuple(t.for_),
        done=tuple(parse_done(d) for d in t.done_when),
        quantity=quantity(t.quantity),
        schedule=schedule(t.schedule),
        lasting=lasting,
        after=after,
        while_=while_,
        with_=tuple(t.with_),
        then=consequence(t.then),
        supervised_by=tuple(t.supervised_by),
        refers=tuple(reference(r) for r in t.refers),
        note=t.note,
    )


def where(w: k.WhereKeys) -> Where:
    """One place."""
    return Where(w.zone, w.of, w.outside, w.side)


def lasts(d: k.DurationKeys | None, tz: str) -> Lasting | None:
    """How long something holds."""
    if d is None:
        return None
    r = d.renews
    renews = None if r is None else Renewal(_span_or_words(r.every), r.every, r.unless_notice, r.times)
    return Lasting(when(d.until, tz, end=True), span(d.for_), renews)


def schedule(s: k.ScheduleKeys | None) -> Schedule | None:
    """Recurring hours."""
    if s is None:
        return None
    return Schedule(span(s.per_day), span(s.per), tuple(f.hours(w.hours, tuple(w.days)) for w in s.windows), s.when)


def quantity(q: k.QuantityKeys | None) -> Quantity | None:
    """How many."""
    return None if q is None else Quantity(q.min, q.max, span(q.per), q.of)


def conditions(rows: Sequence[k.ConditionKeys]) -> tuple[Condition, ...]:
    """What must hold first, or meanwhile."""
    return tuple(
        Condition(
            c.term, c.status or "complete", c.event, None if c.done is None else parse_done(c.done), bool(c.all),
            c.text, c.by, span(c.plus),
        )
        for c in rows
    )  # fmt: skip


def consequence(t: k.ThenKeys | None) -> Consequence | None:
    """What follows when the term reaches a state."""
    if t is None:
        return None
    states = ("begun", "complete", "verified", "complied_with", "broken")
    follows = {s: words for s in states if (words := getattr(t, s)) is not None}
    return Consequence(follows, conditions(t.while_), span(t.within))


def reference(r: k.ReferKeys) -> Reference:
    """What another text has to do with this one."""
    words = summaries(r.text)
    return Reference(r.agreement, r.how, r.term, r.outside, words.get("en") or next(iter(words.values()), None))


def definition(name: str, d: k.DefinitionKeys) -> Definition:
    """A word that the text defines."""
    return Definition(
        name, tuple(d.acts), tuple(_rule(w, w) for w in d.weapons), tuple(d.actors), tuple(d.what), d.zone, d.test,
        d.open_ended, summaries(d.text),
    )  # fmt: skip


def acts(codes: Sequence[str], definitions: Definitions) -> tuple[str, ...]:
    """Codes of acts, with those of definitions in their place. A definition that the file does not give is the
    taxonomy's own of that name."""
    out: list[str] = []
    for code in codes:
        out.extend(_defined(code.removeprefix(DEFINITION), definitions) if code.startswith(DEFINITION) else [code])
    return tuple(dict.fromkeys(out))


def _defined(name: str, definitions: Definitions) -> tuple[str, ...]:
    if name in definitions:
        return definitions[name].acts
    return (name,) if taxonomy().is_act(name) else ()


def rules(t: k.TermKeys) -> tuple[WeaponRule, ...]:
    """The weapon rules of a term; a distance of the term's own counts for every rule that has none."""
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
    return WeaponRule(tuple(w.class_ or ()), calibre, tuple(w.models or ()), km, reach, own.zone_width_km)


def excluded(words: Sequence[str], definitions: Definitions) -> tuple[WeaponRule, ...]:
    """The weapons that words of `excludes` name: a class of the list, or the weapons of a definition."""
    out: list[WeaponRule] = []
    for word in words:
        if word in taxonomy().classes:
            out.append(WeaponRule((word,)))
        elif word.startswith(DEFINITION) and (known := definitions.get(word.removeprefix(DEFINITION))) is not None:
            out.extend(known.weapons)
    return tuple(out)


def limit(x: k.LimitKeys) -> Limit:
    """How many are allowed."""
    calibre = None if x.calibre_mm is None else f.calibre_bounds(x.calibre_mm)
    told = x.class_ or x.models or calibre
    rule = WeaponRule(tuple(x.class_ or ()), calibre, tuple(x.models or ())) if told else None
    return Limit(x.max, rule, x.what)


def exemption(e: k.ExceptionKeys, position: int, tz: str, definitions: Definitions) -> Exemption:
    """One exception; `position` is its id where it has none."""
    answered = acts([e.in_response_to], definitions) if e.in_response_to else ()
    return Exemption(
        e.id or str(position), acts(e.acts, definitions), tuple(e.actors), None if e.where is None else where(e.where),
        tuple(e.requires), e.in_response_to, summaries(e.text), tuple(_rule(w, w) for w in e.weapons), tuple(e.what),
        when(e.from_, tz), when(e.until, tz, end=True), tuple(a for a in answered if taxonomy().is_act(a)), e.term,
        e.note, tuple(Limit(w.max, _rule(w, w)) for w in e.weapons if w.max is not None),
    )  # fmt: skip


def procedure(p: k.ProcedureKeys, tz: str) -> Procedure:
    """One procedure with its clock."""
    neglected = tuple(p.acts) or ("obligation_unmet.notification_missed",)
    return Procedure(
        p.id, p.on, tuple(p.from_), tuple(p.to), span(p.within), span(p.every), when(p.by, tz, end=True), p.form,
        neglected, p.late, p.term, summaries(p.text),
    )  # fmt: skip


def mechanism(m: k.MechanismKeys, raw: Any, tz: str) -> Mechanism:
    """One joint body; `raw`: its keys as written."""
    mandate = m.mandate or k.MandateKeys()
    return Mechanism(
        mandate=Mandate(mandate.attribute, mandate.rule, mandate.publish, tuple(mandate.passes)),
        members=tuple(s.actor for s in m.members if s.actor is not None and s.role != "observer"),
        keys=raw if isinstance(raw, Mapping) else {},
        id=m.id,
        names=dict(m.names),
        seats=tuple(Member(s.actor, s.role, s.seats, s.text) for s in m.members),
        chair=m.chair or next((s.actor for s in m.members if s.role == "chair" and s.actor), None),
        decides=m.decides,
        powers=tuple(power(p) for p in m.powers),
        reports=tuple(Report(tuple(r.to), span(r.every), span(r.within), r.on, r.text) for r in m.reports),
        clocks={name: parse_span(text) for name, text in m.clocks.items()},
        above=m.above,
        tasks=tuple(m.tasks),
        by=when(m.by, tz, end=True),
        terms=tuple(m.terms),
    )


def power(p: k.PowerKeys) -> Power:
    """One power of a body."""
    hindered = tuple(p.acts) or ("obstruction_of_monitors",)
    return Power(
        p.id, hindered, p.where, tuple(p.means), span(p.notice), span(p.every), p.on_request, p.term, p.text
    )  # fmt: skip
