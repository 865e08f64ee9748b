"""Several texts at once: references that lead nowhere, texts that end each other, texts that contradict each other.

Nothing is resolved here: where two texts in force side by side ask for different things, both are judged, each under
its own name, and whoever writes the files is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from trucewatch.agreement.model import Agreement, Exemption, Reference, Term, WeaponRule
from trucewatch.agreement.term_checks import cycles
from trucewatch.model.errors import Fault
from trucewatch.taxonomy import taxonomy


def chain_faults(agreements: Sequence[Agreement]) -> list[Fault]:
    """What cannot be true of these texts together: a term referred to that the other text has not, texts that replace
    or amend each other in a circle, an actor who is bound in one and outside of the other though both hold."""
    by_id = {a.id: a for a in agreements}
    return [*_missing_terms(agreements, by_id), *_circles(agreements, by_id), *_opposed(agreements)]


def chain_notices(agreements: Sequence[Agreement], known: Callable[[str], bool] = lambda _: False) -> list[Fault]:
    """What somebody should consider: texts that are referred to and not here (`known` tells of others that can be had),
    and texts side by side that ask for different things."""
    by_id = {a.id: a for a in agreements}
    out: list[Fault] = []
    for a in agreements:
        for reference in _references(a):
            if reference.how == "edition":  # one of the two is enough
                out += _same_text(a, reference, by_id)
                continue
            if reference.agreement in by_id or reference.outside:
                continue
            words = f"{a.id} {reference.how} {reference.agreement!r}, and that text is not among these"
            more = "Add it to the chain" if known(reference.agreement) else "Add its file, or write outside: true"
            out.append(Fault(words, more, _file(a), _line(a), "refers"))
    for first, second in _beside(agreements):
        out += _differences(first, second)
    return list(dict.fromkeys(out))


def _same_text(a: Agreement, reference: Reference, by_id: Mapping[str, Agreement]) -> Iterator[Fault]:
    if reference.agreement in by_id:
        words = (
            f"{a.id} is another edition of {reference.agreement}, and both are here: the later in the chain is judged"
        )
        yield Fault(words, "Keep the one by which you judge", _file(a), _line(a), "refers")


def _references(a: Agreement) -> Iterator[Reference]:
    """References of the whole and of single terms, each once."""
    yield from dict.fromkeys([*a.references, *(r for t in a.terms for r in t.refers)])


def _file(a: Agreement) -> str:
    return a.path.name if a.path is not None else a.id


def _line(a: Agreement) -> int:
    """Where to look in a file of which only the parts are at hand."""
    return min((t.line for t in a.terms if t.line is not None), default=1)


def _missing_terms(agreements: Sequence[Agreement], by_id: Mapping[str, Agreement]) -> Iterator[Fault]:
    for a in agreements:
        for r in _references(a):
            other = by_id.get(r.agreement)
            if other is not None and r.term is not None and other.term(r.term) is None:
                known = ", ".join(t.id for t in other.terms[:20])
                words = f"{a.id} {r.how} the term {r.term!r} of {r.agreement}, which has none of that id"
                yield Fault(words, f"Write one of: {known}", _file(a), _line(a), "refers")


def _circles(agreements: Sequence[Agreement], by_id: Mapping[str, Agreement]) -> Iterator[Fault]:
    later = ("replaces", "amends", "interprets")
    stands = {a.id: [r.agreement for r in a.references if r.how in later] for a in agreements}
    for name in cycles(stands):
        words = f"{name} replaces, amends or interprets a text that does the same to it"
        yield Fault(words, "Let the later text refer to the earlier one only", _file(by_id[name]), 1, "refers")


def _beside(agreements: Sequence[Agreement]) -> Iterator[tuple[Agreement, Agreement]]:
    """Pairs of texts that stay in force side by side, the earlier in the chain first."""
    for k, first in enumerate(agreements):
        for second in agreements[k + 1 :]:
            if first.id in second.beside or second.id in first.beside:
                yield first, second


def _opposed(agreements: Sequence[Agreement]) -> Iterator[Fault]:
    for first, second in _beside(agreements):
        for one, other in ((first, second), (second, first)):
            out = {a.id for a in one.actors if a.role == "not_covered"}
            for actor in (a for a in other.actors if a.role == "party" and a.id in out):
                words = f"{actor.id!r} is a party in {other.id} and not covered in {one.id}, and both are in force"
                yield Fault(
                    words, "Give the role that it has, or let one text replace the other", _file(other), 1, "actors"
                )


def _differences(first: Agreement, second: Agreement) -> Iterator[Fault]:
    """What two texts side by side ask differently of the same actor."""
    for term in second.terms:
        for other in first.terms:
            both = [b for b in term.binds if b in other.binds]
            if not both or not _together(term, other, first, second):
                continue
            if term.kind == other.kind == "withdrawal":
                for here in term.weapons:
                    for there in other.weapons:
                        if _same(here, there) and _far(here) != _far(there):
                            words = f"{second.id} {term.id} asks {_words(here)}, {first.id} {other.id} {_words(there)}"
                            yield _contradicts(words, second, term)
            for granting, forbidding, owner, origin in ((term, other, second, first), (other, term, first, second)):
                for exception in granting.excepts:
                    if forbidding.kind == "prohibition" and _lets(exception, forbidding, granting):
                        forbidden = f"{origin.id} {forbidding.id} forbids without exception"
                        words = f"{owner.id} {granting.id} excepts what {forbidden}"
                        yield _contradicts(words, second, term)


def _contradicts(words: str, agreement: Agreement, term: Term) -> Fault:
    remedy = "Both are judged, each under its own name; write amends or replaces where the later text ends the earlier"
    return Fault(words, remedy, _file(agreement), term.line, f"terms.{term.id}")


def _together(term: Term, other: Term, first: Agreement, second: Agreement) -> bool:
    """Whether two terms can bind at the same time, as far as their files tell."""
    start, end = term.window(second.event_times())
    begin, stop = other.window(first.event_times())
    return not (
        (end is not None and begin is not None and end <= begin)
        or (stop is not None and start is not None and stop <= start)
    )


def _same(one: WeaponRule, other: WeaponRule) -> bool:
    return (set(one.classes), one.calibre, set(one.models)) == (set(other.classes), other.calibre, set(other.models))


def _far(rule: WeaponRule) -> tuple[float | None, str | None]:
    return rule.distance_km, rule.reach


def _words(rule: WeaponRule) -> str:
    which = ", ".join([*rule.models, *rule.classes]) or "weapons"
    far = (
        "its greatest range"
        if rule.reach
        else f"{rule.distance_km:g} km"
        if rule.distance_km is not None
        else "no distance"
    )
    return f"{far} of {which}"


def _lets(exception: Exemption, forbidding: Term, granting: Term) -> bool:
    """Whether an exception lets pass what another term forbids, everywhere and without an exception of its own."""
    if forbidding.excepts or exception.where is not None or forbidding.where != granting.where:
        return False
    allowed = exception.acts or granting.acts
    covers = taxonomy().covers
    return any(covers(act, a) or covers(a, act) for act in forbidding.acts for a in allowed)
