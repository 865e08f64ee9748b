"""The work of `judge`: cases one after the other over columns of incidents, then one sort, then people's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.judging.cases import Case, by_finding
from trucewatch.judging.inside import can_fall, exempted, in_scope
from trucewatch.judging.lawful import Notice, of_actor, read_notices
from trucewatch.judging.outcome import SURE, Thresholds, classify, plain_outcomes, published, ruled
from trucewatch.judging.rulings import Ruling, clocks, rulings
from trucewatch.judging.scope import Incidents
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Table, objects

_SHOWN = 0.00005  # a probability below it is published as 0: such a time cannot fall under a term
_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One case over the incidents that can fall under it; probabilities as (low, high) in ten thousandths."""

    case: Case
    rows: Array
    scope: tuple[Array, Array]
    violation: tuple[Array, Array]
    classes: Array


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every case is judged on. `authors`: P(occurred and this actor did it) by actor, in ten thousandths."""

    incidents: Incidents
    authors: Mapping[str, Array]
    notices: Sequence[Notice]
    sure: Array
    limits: Thresholds


def judge_all(
    incidents: Table,
    authors: Table,
    agreements: Sequence[Agreement],
    notices: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    thresholds: Mapping[str, float],
) -> Table:
    """See `trucewatch.judging.judge`."""
    ground = _Ground(
        Incidents.of(incidents), _authors(incidents, authors), read_notices(notices),
        np.isin(incidents["status"].astype(str), SURE), Thresholds.of(thresholds),
    )  # fmt: skip
    judged = []
    for readings in by_finding(agreements, clocks(decisions, agreements)):
        rows = _that_can_fall(ground.incidents, readings)
        if rows.size:
            judged += [_judge_case(case, ground, rows) for case in readings]
    return _table(incidents, agreements, judged, rulings(decisions))


def _authors(incidents: Table, authors: Table) -> dict[str, Array]:
    """P(occurred and this actor did it) of each incident, by actor, in ten thousandths."""
    order = np.argsort(incidents["number"], kind="stable")
    at = order[np.searchsorted(incidents["number"][order], authors["number"])] if authors.n else np.zeros(0, int)
    names = authors["actor"].astype(str)
    out = {}
    for name in np.unique(names).tolist():
        mine = names == name
        p = np.zeros(incidents.n, dtype=np.int64)
        p[at[mine]] = published(authors["p"][mine])
        out[name] = p
    return out


def _that_can_fall(incidents: Incidents, readings: Sequence[Case]) -> Array:
    """The incidents whose act and time can fall under a term for an actor, under any reading."""
    out = np.zeros(incidents.n, dtype=bool)
    for case in readings:
        if case.spans and case.binds:
            out |= (incidents.during(case.spans) >= _SHOWN) & can_fall(incidents, case)
    return np.flatnonzero(out)


def _judge_case(case: Case, ground: _Ground, rows: Array) -> Judged:
    """P(in scope) and P(violation) of a case: the actor's own acts, and those that it answers for."""
    authors = _authors_by_exception(case, ground, rows)
    if case.due is None:  # the clock of this reading is not set: nothing is known of it
        unknown = np.zeros(rows.size, dtype=np.int64)
        most = np.minimum(np.sum(list(authors.values()), axis=0), _WHOLE)
        scope, violation = (unknown, np.full_like(unknown, _WHOLE)), (unknown, most)
        unexcepted, not_due = unknown, np.zeros(rows.size, dtype=bool)
    else:
        notices = of_actor(ground.notices, case)
        found = {k: in_scope(ground.incidents, case, k, notices, rows) for k in authors}
        own = found[exempted(case, case.actor)].scope
        scope = published(own[0]), published(own[1])
        low, high, unbound = (
            published(np.round(np.sum([authors[k] / _WHOLE * part for k, part in parts], axis=0), 12))
            for parts in (
                [(k, f.unlawful[0]) for k, f in found.items()], [(k, f.unlawful[1]) for k, f in found.items()],
                [(k, f.unexcepted) for k, f in found.items()],
            )
        )  # fmt: skip
        violation, unexcepted, not_due = (low, high), unbound, _not_due(case, ground, rows)
    if case.term.conditions:  # whether a condition is met is for people to say
        violation = np.zeros_like(violation[0]), violation[1]
    classes = classify(*violation, unexcepted, not_due, ground.sure[rows], ground.limits)
    return Judged(case, rows, scope, violation, classes)


def _authors_by_exception(case: Case, ground: _Ground, rows: Array) -> dict[tuple[int, ...], Array]:
    """P(occurred and the actor, or one that it answers for, did it), summed over those whom the same exceptions
    except; in ten thousandths, in an order of the text's exceptions."""
    out: dict[tuple[int, ...], Array] = {}
    for doer in (case.actor, *case.answers):
        key = exempted(case, doer)
        author = ground.authors.get(doer)
        told = np.zeros(rows.size, dtype=np.int64) if author is None else author[rows]
        out[key] = out[key] + told if key in out else told
    return {key: out[key] for key in sorted(out)}


def _not_due(case: Case, ground: _Ground, rows: Array) -> Array:
    """Which incidents happened while the term bound the actor, before its deadline."""
    inside = ground.incidents.during(case.spans, rows)
    after = ground.incidents.during(
        [(max(s, case.due or s), e) for s, e in case.spans if e is None or e > (case.due or s)], rows
    )
    return np.asarray((inside >= _SHOWN) & (published(after) <= ground.limits.no_violation * inside) & (after < inside))


def _table(
    incidents: Table, agreements: Sequence[Agreement], judged: Sequence[Judged], decided: Mapping[Any, Ruling]
) -> Table:
    """Sort all rows, find the outcome of each finding over its readings, apply decisions, add statements."""
    statements = _statements(agreements, decided)
    columns: dict[str, list[Any]] = {name: [s[name] for s in statements] for name in OUTPUTS["findings"]}
    if judged:
        numbers = np.concatenate([incidents["number"][j.rows] for j in judged])
        case_at = np.repeat(np.arange(len(judged)), [j.rows.size for j in judged])
        marks = np.array([[j.case.agreement_at, j.case.term_at, j.case.actor_at, j.case.reading_at] for j in judged])
        order = np.lexsort([*marks[case_at].T[::-1], numbers])
        numbers, case_at = numbers[order], case_at[order]
        key = np.column_stack([numbers, marks[case_at][:, :3]])
        finding = np.concatenate([[0], np.cumsum(np.any(key[1:] != key[:-1], axis=1))])
        classes = np.concatenate([j.classes for j in judged])[order]
        outcome = plain_outcomes(classes, finding)
        state, signed = _decide(key, outcome, decided, agreements)
        _fill(columns, judged, case_at, numbers, outcome, state, signed, order)
    return Table({
        name: np.array(values, dtype=np.float64) if name.startswith("p_") else objects(values)
        for name, values in columns.items()
    }, len(columns["finding_id"]))  # fmt: skip


def _decide(
    key: Array, outcome: Array, decided: Mapping[Any, Ruling], agreements: Sequence[Agreement]
) -> tuple[Array, Array]:
    """Apply rulings to the rows of the findings that people touched; state and signature of every row.

    `key`: number, agreement, term and actor of each row, sorted.
    """
    state, signed = np.full(len(key), "draft", dtype=object), np.full(len(key), None, dtype=object)
    size = key.max(axis=0) + 1
    known = [name for name in decided if all(n < limit for n, limit in zip(name, size.tolist(), strict=True))]
    codes, wanted = (_codes(k, size) for k in (key, np.array(known, dtype=np.int64).reshape(-1, key.shape[1])))
    first, last = (np.searchsorted(codes, wanted, side) for side in ("left", "right"))
    for name, begin, end in zip(known, first.tolist(), last.tolist(), strict=True):
        ruling, agreement = decided[name], agreements[name[1] - 1]
        may, term = agreement.mandate.rule, agreement.terms[name[2] - 1]
        if not term.excepts:  # what the text does not except, nobody can grant
            ruling = replace(ruling, claimed=False, granted=False)
        for k in range(begin, end):
            outcome[k] = ruled(str(outcome[k]), ruling, may)
            state[k], signed[k] = ruling.state, ruling.signed_by
    return state, signed


def _codes(key: Array, size: Array) -> Array:
    """One number for each row of numbers below `size`, in the order of the rows."""
    out = key[:, 0].copy()
    for column, limit in zip(key.T[1:], size[1:].tolist(), strict=True):
        out = out * limit + column
    return out


def _fill(
    columns: dict[str, list[Any]], judged: Sequence[Judged], case_at: Array, numbers: Array, outcome: Array,
    state: Array, signed: Array, order: Array,
) -> None:  # fmt: skip
    def of_case(values: Sequence[Any]) -> list[Any]:
        return objects(values)[case_at].tolist()  # type: ignore[no-any-return]

    def shown(name: str) -> list[float]:
        low, high = (np.concatenate([getattr(j, name)[b] for j in judged])[order] for b in (0, 1))
        return np.where(low == high, low / _WHOLE, np.nan).tolist()  # type: ignore[no-any-return]

    tails = [f".{j.case.agreement_at}.{j.case.term_at}.{j.case.actor_at}" for j in judged]
    names = [str(n) for n in numbers.tolist()]
    incident = {n: "I" + n for n in dict.fromkeys(names)}
    columns["finding_id"] += [f"F{n}{tails[c]}" for n, c in zip(names, case_at.tolist(), strict=True)]
    columns["agreement"] += of_case([j.case.agreement.id for j in judged])
    columns["version"] += of_case([j.case.agreement.version for j in judged])
    columns["term"] += of_case([j.case.term.id for j in judged])
    columns["reading"] += of_case([j.case.reading for j in judged])
    columns["incident_id"] += [incident[n] for n in names]
    columns["actor"] += of_case([j.case.actor for j in judged])
    columns["answers_for"] += of_case([";".join(j.case.answers) or None for j in judged])
    columns["outcome"] += outcome.tolist()
    columns["p_violation"] += shown("violation")
    columns["p_in_scope"] += shown("scope")
    columns["state"] += state.tolist()
    columns["signed_by"] += signed.tolist()


def _statements(agreements: Sequence[Agreement], decided: Mapping[Any, Ruling]) -> list[dict[str, Any]]:
    """One row for each statement: shown, never judged."""
    out = []
    for a, agreement in enumerate(agreements, 1):
        for t, term in enumerate(agreement.terms, 1):
            if term.kind != "statement":
                continue
            ruling = decided.get((0, a, t, 0), Ruling())
            out.append({
                "finding_id": f"F0.{a}.{t}.0", "agreement": agreement.id, "version": agreement.version,
                "term": term.id, "reading": None, "incident_id": None, "actor": None, "answers_for": None,
                "outcome": "not for judgement", "p_violation": np.nan, "p_in_scope": np.nan, "state": ruling.state,
                "signed_by": ruling.signed_by,
            })  # fmt: skip
    return out
