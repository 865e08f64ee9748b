"""What is owed and tested by a state: who holds ground at the deadline, what inspections found, what people said.

A finding of this sort speaks of no incident: its number is 0, and it has no probability. What sources of no party state
of the ground decides as far as the closed set of tests allows; all else is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trucewatch.agreement import Agreement, Done, Term
from trucewatch.agreement.duties import GROUND
from trucewatch.judging.cases import Case, by_finding, duties
from trucewatch.judging.outcome import ruled
from trucewatch.judging.rulings import Clocks, Ruling
from trucewatch.judging.scope import covered
from trucewatch.judging.states import Facts, Inspection, States

STORED = "weapons.moved_from_storage"
BY_PEOPLE = "not for judgement"
# Of two findings on one term the first of these is told: what is broken in one way is broken.
_GRAVEST = ("indicated", BY_PEOPLE, "undetermined", "not due", "no violation")


def duty_rows(
    agreements: Sequence[Agreement], clocks: Clocks, facts: Facts, decided: Mapping[Any, Ruling]
) -> list[dict[str, Any]]:
    """One row for each duty, actor and reading, and for each ban on moving stored weapons of which somebody inspected
    the stores; a term that is both has one."""
    found: dict[Any, tuple[Sequence[Case], list[str]]] = {}
    for readings in duties(agreements, clocks, facts):
        found[_key(readings)] = readings, [_by_state(case, facts) for case in readings]
    for readings in by_finding(agreements, clocks, facts) if facts.inspections else ():
        seen = [_by_stores(case, facts) for case in readings]
        if any(seen):
            stored = [s or "undetermined" for s in seen]
            _, owed = found.get(_key(readings), (readings, stored))
            found[_key(readings)] = readings, [min(o, key=_GRAVEST.index) for o in zip(owed, stored, strict=True)]
    return [row for readings, outcomes in found.values() for row in _rows(readings, outcomes, decided)]


def _key(readings: Sequence[Case]) -> tuple[int, int, int]:
    first = readings[0]
    return first.agreement_at, first.term_at, first.actor_at


def _by_state(case: Case, facts: Facts) -> str:
    """The outcome of a duty under one reading."""
    term = case.term
    if case.due is None or not case.binds:
        return "undetermined"
    due = None if term.by is None else case.due
    if due is None and not case.spans:
        return "not due"
    if case.gate.open_:
        return "undetermined"
    states = States(case.agreement, case.times, facts)
    done = states.since(term.id, "complete")
    if done is not None and (due is None or done <= due):
        return "no violation"
    computed = bool(term.done) and all(d.test in GROUND for d in term.done)
    if due is None:
        return "undetermined" if computed else BY_PEOPLE
    if _lapsed(case, due) or (facts.latest is not None and due > facts.latest):
        return "not due"
    if case.sure_until is not None and due > case.sure_until:
        return "undetermined"  # nobody told that it was renewed
    held = [_held(d, case, states, due) for d in term.done if _answers(d, case, states, due)]
    if any(h is False for h in held) or _late(done, case, states):
        return "indicated"
    if held and all(h is True for h in held):
        return "no violation"
    return "undetermined" if computed else BY_PEOPLE


def _lapsed(case: Case, due: int) -> bool:
    """Whether a duty had ended, or another text stood in its stead, before its deadline."""
    return not any(start <= due and (end is None or due <= end) for start, end in case.spans)


def _late(done: int | None, case: Case, states: States) -> bool:
    """Whether people told, of a duty that one actor alone has, that it was done too late. Of several nobody knows which
    of them was late."""
    told = states.told(case.term.id, "complete")
    return done is not None and told == done and len(case.term.binds) == 1


def _answers(done: Done, case: Case, states: States, due: int) -> bool:
    """Whether a state that a duty is tested by is for this actor to bring about: of several who are bound, who stands
    on ground answers for leaving it, and who must be there for coming."""
    others = set(case.term.binds) - {case.actor}
    if done.test == "absent" or not others:
        return True
    if done.test == "present":
        return done.actor == case.actor or done.actor not in case.term.binds
    holders = states.facts.holders(done.zone or "", due)
    return done.actor not in _mine(case) and not holders & others - {done.actor}


def _held(done: Done, case: Case, states: States, due: int) -> bool | None:
    """Whether a state held at the deadline; None = not known, or not through this actor that it did not."""
    mine, zone = _mine(case), done.zone or ""
    held = states.holds(done, due, tuple(mine))
    if held is None and _charged(done, case) == {case.actor} and not states.facts.spoken(zone, due):
        since = states.holds_since(done)  # told only of a later time: it began too late
        return False if since is not None and since > due else None
    if held is False and done.test == "controls" and done.actor not in mine:
        return False if states.facts.holders(zone, due) & mine else None
    return held


def _mine(case: Case) -> set[str]:
    return {case.actor, *case.answers}


def _charged(done: Done, case: Case) -> set[str]:
    """Who of those bound can be the one through whom a state does not come about."""
    bound = set(case.term.binds)
    if done.test == "present":
        return bound & {done.actor} or bound
    return bound - {done.actor} or bound


def stores(term: Term, case: Case, facts: Facts) -> Iterator[Inspection]:
    """What others than parties found in the stores of an actor while it was bound not to move what lies there."""
    if not any(covered(code, term.acts)[0] for code in (STORED,)):
        return
    for one in facts.inspections:
        bound = any(start <= one.time and (end is None or one.time < end) for start, end in case.spans)
        if one.party == case.actor and not one.own and bound and None not in (one.declared, one.seen):
            yield one


def missing(one: Inspection) -> float:
    """How many of what was declared were not seen."""
    return max(0.0, (one.declared or 0.0) - (one.seen or 0.0))


def _by_stores(case: Case, facts: Facts) -> str | None:
    """The outcome of a ban on moving stored weapons: weapons that are gone may have been moved by leave, so people say;
    None where nobody inspected."""
    found = list(stores(case.term, case, facts))
    if not found:
        return None
    return "undetermined" if case.term.open_ended or any(missing(one) for one in found) else "no violation"


def _rows(readings: Sequence[Case], outcomes: Sequence[str], decided: Mapping[Any, Ruling]) -> list[dict[str, Any]]:
    outcome = outcomes[0] if len(set(outcomes)) == 1 else "depends on reading"
    first = readings[0]
    ruling = decided.get((0, first.agreement_at, first.term_at, first.actor_at), Ruling())
    if not first.term.excepts:
        ruling = replace(ruling, claimed=False, granted=False)
    may = first.agreement.mandate.rule
    if outcome == BY_PEOPLE and may and ruling.outcome is not None:
        outcome = ruling.outcome  # the text leaves it to people
    else:
        outcome = ruled(outcome, ruling, may)
    return [
        {
            "finding_id": f"F0.{c.agreement_at}.{c.term_at}.{c.actor_at}", "agreement": c.agreement.id,
            "version": c.agreement.version, "term": c.term.id, "reading": c.reading, "incident_id": None,
            "actor": c.actor, "answers_for": ";".join(c.answers) or None, "outcome": outcome,
            "p_violation": float("nan"), "p_in_scope": float("nan"), "state": ruling.state,
            "signed_by": ruling.signed_by, "_order": (c.agreement_at, c.term_at, c.actor_at, c.reading_at),
        }
        for c in readings
    ]  # fmt: skip
