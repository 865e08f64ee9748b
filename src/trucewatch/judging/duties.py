"""What is owed and tested by a state: who holds ground at the deadline, what inspections found, what people said.

A finding of this sort speaks of no incident: its number is 0, and it has no probability. What sources of no party state
of the ground decides as far as the closed set of tests allows; all else is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from trucewatch.agreement import Agreement, Term
from trucewatch.judging.cases import Case, by_finding, duties
from trucewatch.judging.outcome import ruled
from trucewatch.judging.rulings import Clocks, Ruling
from trucewatch.judging.scope import covered
from trucewatch.judging.states import NEVER, Facts, Inspection, States

_GROUND = ("controls", "present", "absent")
STORED = "weapons.moved_from_storage"
BY_PEOPLE = "not for judgement"


def duty_rows(
    agreements: Sequence[Agreement], clocks: Clocks, facts: Facts, decided: Mapping[Any, Ruling]
) -> list[dict[str, Any]]:
    """One row for each duty, actor and reading, and for each ban on moving stored weapons of which somebody inspected
    the stores."""
    rows: list[dict[str, Any]] = []
    for readings in duties(agreements, clocks, facts):
        rows += _rows(readings, [_by_state(case, facts) for case in readings], decided)
    if facts.inspections:
        for readings in by_finding(agreements, clocks, facts):
            found = [_by_stores(case, facts) for case in readings]
            if any(found):
                rows += _rows(readings, [f or "undetermined" for f in found], decided)
    return rows


def _by_state(case: Case, facts: Facts) -> str:
    """The outcome of a duty under one reading."""
    term = case.term
    if case.due is None or not case.binds:
        return "undetermined"
    if case.due >= NEVER:
        return "not due"
    if case.gate.open_:
        return "undetermined"
    states = States(case.agreement, case.times, facts)
    done = states.since(term.id, "complete")
    due = None if term.by is None else case.due
    if done is not None and (due is None or done <= due):
        return "no violation"
    computed = bool(term.done) and all(d.test in _GROUND for d in term.done)
    if due is None:
        return "undetermined" if computed else BY_PEOPLE
    held = [states.holds(d, due, (case.actor, *case.answers)) for d in term.done]
    if held and all(h is True for h in held):
        return "no violation"
    if facts.latest is not None and due > facts.latest:
        return "not due"
    if any(h is False for h in held) or done is not None:
        return "indicated"
    return "undetermined" if computed else BY_PEOPLE


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
    return "undetermined" if any(missing(one) for one in found) else "no violation"


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
