"""Rows of findings from what was judged: sorted, each with the outcome over its readings, and people's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.judging.cases import Case
from trucewatch.judging.outcome import plain_outcomes, ruled
from trucewatch.judging.rulings import Ruling
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Table, objects

WHOLE = 10_000  # probabilities are whole numbers of ten thousandths


@dataclass(frozen=True, slots=True)
class Judged:
    """One case over the incidents that can fall under it; probabilities as (low, high) in ten thousandths."""

    case: Case
    rows: Array
    scope: tuple[Array, Array]
    violation: tuple[Array, Array]
    classes: Array


Columns = dict[str, Array]


def joined(blocks: Sequence[Columns]) -> Table:
    """The rows of all blocks, in their order, as one table; the blocks are used up, so that no row is held twice."""
    return Table({name: np.concatenate([b.pop(name) for b in blocks]) for name in OUTPUTS["findings"]})


def block_rows(
    incidents: Table, agreements: Sequence[Agreement], judged: Sequence[Judged], decided: Mapping[Any, Ruling]
) -> Columns:
    """The rows of a block of incidents, sorted by incident, agreement, term, actor, reading."""
    numbers = np.concatenate([incidents["number"][j.rows] for j in judged])
    case_at = np.repeat(np.arange(len(judged)), [j.rows.size for j in judged])
    marks = np.array([[j.case.agreement_at, j.case.term_at, j.case.actor_at, j.case.reading_at] for j in judged])
    rank = np.empty(len(judged), dtype=np.int64)
    rank[np.lexsort(marks.T[::-1])] = np.arange(len(judged))
    order = np.lexsort([rank[case_at], numbers])
    numbers, case_at = numbers[order], case_at[order]
    key = np.column_stack([numbers, marks[case_at][:, :3]])
    finding = np.concatenate([[0], np.cumsum(np.any(key[1:] != key[:-1], axis=1))])
    outcome = plain_outcomes(np.concatenate([j.classes for j in judged])[order], finding)
    state, signed = _decide(key, outcome, decided, agreements)

    def of_case(values: Sequence[Any]) -> Array:
        return np.asarray(objects(values)[case_at])

    def shown(name: str) -> Array:
        low, high = (np.concatenate([getattr(j, name)[b] for j in judged])[order] for b in (0, 1))
        return np.where(low == high, low / WHOLE, np.nan)

    first = np.flatnonzero(np.diff(finding, prepend=-1))
    tails = [f".{a}.{t}.{actor}" for a, t, actor, _ in marks.tolist()]
    names = [f"F{n}{tails[c]}" for n, c in zip(numbers[first].tolist(), case_at[first].tolist(), strict=True)]
    known, at = np.unique(numbers, return_inverse=True)
    return {
        "finding_id": _words(names)[finding],
        "agreement": of_case([j.case.agreement.id for j in judged]),
        "version": of_case([j.case.agreement.version for j in judged]),
        "term": of_case([j.case.term.id for j in judged]),
        "reading": of_case([j.case.reading for j in judged]),
        "incident_id": _words([f"I{n}" for n in known.tolist()])[at],
        "actor": of_case([j.case.actor for j in judged]),
        "answers_for": of_case([";".join(j.case.answers) or None for j in judged]),
        "outcome": outcome,
        "p_violation": shown("violation"),
        "p_in_scope": shown("scope"),
        "state": state,
        "signed_by": signed,
    }


def _words(values: Sequence[str]) -> Array:
    """An object column of plain words."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


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


def statements(agreements: Sequence[Agreement], decided: Mapping[Any, Ruling]) -> Columns:
    """One row for each statement: shown, never judged."""
    rows = []
    for a, agreement in enumerate(agreements, 1):
        for t, term in enumerate(agreement.terms, 1):
            if term.kind != "statement":
                continue
            ruling = decided.get((0, a, t, 0), Ruling())
            rows.append({
                "finding_id": f"F0.{a}.{t}.0", "agreement": agreement.id, "version": agreement.version,
                "term": term.id, "reading": None, "incident_id": None, "actor": None, "answers_for": None,
                "outcome": "not for judgement", "p_violation": np.nan, "p_in_scope": np.nan, "state": ruling.state,
                "signed_by": ruling.signed_by,
            })  # fmt: skip
    return {
        name: np.array([r[name] for r in rows], dtype=float if name.startswith("p_") else object)
        for name in OUTPUTS["findings"]
    }
