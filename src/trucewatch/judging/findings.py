"""The work of `judge`: cases one after the other over columns of incidents, then one sort, then people's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement, Exemption
from trucewatch.judging.cases import Case, cases
from trucewatch.judging.lawful import Notice, lawful_share, read_notices
from trucewatch.judging.outcome import SURE, Thresholds, classify, plain_outcomes, ruled
from trucewatch.judging.placing import place_bounds, withdrawal_bounds
from trucewatch.judging.rulings import Ruling, clocks, rulings
from trucewatch.judging.scope import Bounds, Incidents, acts_inside, weapons_inside
from trucewatch.model.micronats import Floats
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Table, objects

_SHOWN = 0.00005  # a probability below it is published as 0: such a time cannot fall under a term


@dataclass(frozen=True, slots=True)
class Judged:
    """One case over the incidents that can fall under it."""

    case: Case
    rows: Array
    scope: Bounds
    violation: Bounds
    classes: Array


def judge_all(
    incidents: Table,
    authors: Table,
    agreements: Sequence[Agreement],
    notices: Sequence[Mapping[str, Any]],
    decisions: Sequence[Mapping[str, Any]],
    thresholds: Mapping[str, float],
) -> Table:
    """See `trucewatch.judging.judge`."""
    world = Incidents.of(incidents)
    by_actor = _authors(incidents, authors)
    lawful = read_notices(notices)
    limits = Thresholds.of(thresholds)
    sure = np.isin(incidents["status"].astype(str), SURE)
    judged = [
        _judge_case(case, world, by_actor, lawful, sure, limits)
        for case in cases(agreements, clocks(decisions, agreements))
    ]
    return _table(incidents, agreements, [j for j in judged if j.rows.size], rulings(decisions))


def _authors(incidents: Table, authors: Table) -> dict[str, Floats]:
    """P(occurred and this actor did it) for each incident, by actor."""
    order = np.argsort(incidents["number"], kind="stable")
    at = order[np.searchsorted(incidents["number"][order], authors["number"])] if authors.n else np.zeros(0, int)
    names = authors["actor"].astype(str)
    out = {}
    for name in np.unique(names).tolist():
        mine = names == name
        p = np.zeros(incidents.n)
        p[at[mine]] = authors["p"][mine]
        out[name] = p
    return out


def _judge_case(
    case: Case, world: Incidents, by_actor: Mapping[str, Floats], notices: Sequence[Notice], sure: Array,
    limits: Thresholds,
) -> Judged:  # fmt: skip
    time = world.during(case.start, case.end)
    rows = np.flatnonzero(time >= _SHOWN)
    after = np.minimum(world.during(case.due, case.end, rows), time[rows]) if case.due > case.start else time[rows]
    due = np.divide(after, time[rows], out=np.ones_like(after), where=time[rows] > 0)
    if case.term.kind == "withdrawal":
        placed = withdrawal_bounds(world, case, rows)
        keep = np.isin(rows, placed.rows)
        rows, after, due, low, high = placed.rows, after[keep], due[keep], placed.low, placed.high
    else:
        acts = world.per_signature(acts_inside(world.signatures, case.term.acts))
        keep = acts[1][rows] > 0
        rows, after, due = rows[keep], after[keep], due[keep]
        low, high = _prohibited(world, case, acts, rows)
    unexcepted = low * after
    free_low, free_high = _exempted(world, case, rows)
    scope = (low * after * (1 - free_high), high * after * (1 - free_low))
    author = np.zeros(rows.size)
    for doer in (case.actor, *case.answers):
        if doer in by_actor:
            author = author + by_actor[doer][rows]
    lawful, at_most = lawful_share(world, case, notices, rows)
    violation = (author * scope[0] * (1 - at_most), author * scope[1] * (1 - lawful))
    scope, violation = _published(scope), _published(violation)
    classes = classify(*violation, author * unexcepted, due, sure[rows], limits)
    if case.term.conditions:
        classes = np.zeros_like(classes)  # whether a condition is met is for people to say
    return Judged(case, rows, scope, violation, classes)


def _published(bounds: Bounds) -> Bounds:
    low, high = (np.round(np.clip(b, 0.0, 1.0), 4).astype(np.float64) for b in bounds)
    return low, high


def _prohibited(world: Incidents, case: Case, acts: Bounds, rows: Array) -> Bounds:
    low, high = acts[0][rows], acts[1][rows]
    if case.term.weapons:
        weapons = world.per_signature(weapons_inside(world.signatures, case.term.weapons))
        low, high = low * weapons[0][rows], high * weapons[1][rows]
    place = place_bounds(world, case, case.term.where, rows)
    return low * place[0], high * place[1]


def _exempted(world: Incidents, case: Case, rows: Array) -> Bounds:
    """Share that exceptions which hold by themselves take out: (surely, at most)."""
    low, high = np.zeros(rows.size), np.zeros(rows.size)
    for one in case.term.excepts:
        if one.by_itself and (not one.actors or case.actor in one.actors):
            taken = _taken(world, case, one, rows)
            low, high = np.maximum(low, taken[0]), np.maximum(high, taken[1])
    return low, high


def _taken(world: Incidents, case: Case, one: Exemption, rows: Array) -> Bounds:
    low, high = np.ones(rows.size), np.ones(rows.size)
    if one.acts:
        acts = world.per_signature(acts_inside(world.signatures, one.acts))
        low, high = acts[0][rows], acts[1][rows]
    if one.where is not None:
        place = place_bounds(world, case, one.where, rows)
        low, high = low * place[0], high * place[1]
    return low, high


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
        state, signed = _decide(key, finding, outcome, decided, agreements)
        _fill(columns, judged, case_at, numbers, outcome, state, signed, order)
    return Table({
        name: np.array(values, dtype=np.float64) if name.startswith("p_") else objects(values)
        for name, values in columns.items()
    }, len(columns["finding_id"]))  # fmt: skip


def _decide(
    key: Array, finding: Array, outcome: Array, decided: Mapping[Any, Ruling], agreements: Sequence[Agreement]
) -> tuple[Array, Array]:
    """Apply rulings to the rows of the findings that people touched; state and signature of every row."""
    state, signed = np.full(len(key), "draft", dtype=object), np.full(len(key), None, dtype=object)
    for name, ruling in decided.items():
        rows = np.flatnonzero((key == np.array(name)).all(axis=1))
        for k in rows.tolist():
            may = agreements[name[1] - 1].mandate.rule
            outcome[k] = ruled(str(outcome[k]), ruling, may)
            state[k], signed[k] = ruling.state, ruling.signed_by
    return state, signed


def _fill(
    columns: dict[str, list[Any]], judged: Sequence[Judged], case_at: Array, numbers: Array, outcome: Array,
    state: Array, signed: Array, order: Array,
) -> None:  # fmt: skip
    def of_case(values: Sequence[Any]) -> list[Any]:
        return objects(values)[case_at].tolist()  # type: ignore[no-any-return]

    def shown(name: str) -> list[float]:
        low, high = (np.concatenate([getattr(j, name)[b] for j in judged])[order] for b in (0, 1))
        return np.where(low == high, low, np.nan).tolist()  # type: ignore[no-any-return]

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
