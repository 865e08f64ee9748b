"""What somebody who writes an agreement file should consider: nothing is wrong, and something stays undetermined."""

from __future__ import annotations

from collections.abc import Iterator

from trucewatch.agreement.chain import chain_faults, chain_notices
from trucewatch.agreement.loader import load
from trucewatch.agreement.model import Agreement, Term
from trucewatch.model.errors import Fault, Refusal
from trucewatch.taxonomy import taxonomy


def notices(agreement: Agreement) -> list[Fault]:
    """Each with the line of its term where it has one: pending clocks, zones without a shape, models nobody knows."""
    file = agreement.path.name if agreement.path is not None else None
    times = agreement.event_times()
    out = [
        Fault(f"the event {name!r} has no time: terms that stand on it are pending", "Set it when it is known", file)
        for name, at in times.items()
        if at is None
    ]
    used = {z for t in agreement.terms for _, r in t.alternatives for z in (r.where.zone, *r.from_zone.values())}
    for z in agreement.zones.values():
        if z.geometry is None and z.id in used:
            words = f"the zone {z.id!r} is undefined: what depends on it stays undetermined"
            out.append(Fault(words, "Draw it in a GeoJSON file when its course is known", file))
    out += _of_others(agreement)
    outside = {a.id for a in agreement.actors if a.role == "not_covered"}
    for term in agreement.terms:
        for actor in (b for b in term.binds if b in outside):
            words = f"the term {term.id!r} binds {actor!r}, whom the text does not cover"
            out.append(
                Fault(words, "Bind who answers for it, or give it another role", file, term.line, f"terms.{term.id}")
            )
        out += [Fault(words, remedy, file, term.line, f"terms.{term.id}") for words, remedy in _of_term(term)]
    return out


def _of_others(agreement: Agreement) -> list[Fault]:
    """What stands against the texts that it refers to, where their files lie beside it, and which do not."""
    if agreement.path is None:
        return []
    beside = []
    for name in dict.fromkeys(r.agreement for r in agreement.references):
        path = agreement.path.with_name(f"{name}.yaml")
        try:
            beside.append(load(path))
        except Refusal:
            continue  # not there, or told when that file itself is checked
    chain = [*beside, agreement]
    return [*chain_faults(chain), *chain_notices(chain)]


def _of_term(term: Term) -> Iterator[tuple[str, str]]:
    if term.kind != "statement" and not term.judged:
        yield f"the term {term.id!r} ({term.kind}) is not judged yet: it is shown", "Nothing is to be done"
    if term.kind == "freeze" and term.baseline is None:
        yield f"the freeze {term.id!r} names no state that it keeps", "Add baseline: {at: TIME, zone: LINE}"
    if term.kind == "exclusion_zone" and term.where.zone is None:
        yield f"the exclusion zone {term.id!r} names no zone", "Add where: {zone: ..., of: presence}"
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
