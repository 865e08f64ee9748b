"""Rows of findings from what was judged: sorted, each with the outcome over its readings, and people's decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.judging.cases import Case
from trucewatch.judging.outcome import WORDS, outcome_codes, ruled
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


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of a block of incidents, as small as they can be: numbers instead of words.

    `finding`: counts the findings of the block; `changed`: what people decided, by row: outcome, state, signature.
    """

    cases: Sequence[Case]
    numbers: Array
    case_at: Array
    finding: Array
    outcome: Array
    violation: tuple[Array, Array]
    scope: tuple[Array, Array]
    changed: Mapping[int, tuple[str, str, str | None]]


def block_rows(
    incidents: Table, agreements: Sequence[Agreement], judged: Sequence[Judged], decided: Mapping[Any, Ruling]
) -> Block:
    """The rows of a block of incidents, sorted by incident, agreement, term, actor, reading."""
    numbers = np.concatenate([incidents["number"][j.rows] for j in judged])
    case_at = np.repeat(np.arange(len(judged), dtype=np.int32), [j.rows.size for j in judged])
    marks = np.array([[j.case.agreement_at, j.case.term_at, j.case.actor_at, j.case.reading_at] for j in judged])
    rank = np.empty(len(judged), dtype=np.int64)
    rank[np.lexsort(marks.T[::-1])] = np.arange(len(judged))
    order = np.lexsort([rank[case_at], numbers])
    numbers, case_at = numbers[order], case_at[order]
    key = np.column_stack([numbers, marks[case_at][:, :3]])
    finding = np.concatenate([[0], np.cumsum(np.any(key[1:] != key[:-1], axis=1))])
    codes = outcome_codes(np.concatenate([j.classes for j in judged])[order], finding)

    def bounds(name: str) -> tuple[Array, Array]:
        low, high = (np.concatenate([getattr(j, name)[b] for j in judged])[order] for b in (0, 1))
        return low, high

    changed = _decide(key, codes, decided, agreements)
    return Block(
        [j.case for j in judged],
        numbers,
        case_at,
        finding.astype(np.int32),
        codes,
        bounds("violation"),
        bounds("scope"),
        changed,
    )


def joined(first: Sequence[Mapping[str, Any]], blocks: Sequence[Block]) -> Table:
    """The rows of no incident, then those of all blocks in their order, as one table: column by column, so that no row
    is held twice."""
    return Table({name: _column(name, first, blocks) for name in OUTPUTS["findings"]})


def _column(name: str, first: Sequence[Mapping[str, Any]], blocks: Sequence[Block]) -> Array:
    number = name.startswith("p_")
    n = len(first) + sum(b.numbers.size for b in blocks)
    out = np.empty(n, dtype=np.float64 if number else object)
    for k, row in enumerate(first):
        out[k] = row[name]
    at = len(first)
    for block in blocks:
        end = at + block.numbers.size
        out[at:end] = _values(name, block)
        if name in _DECIDED:
            for changed, decision in block.changed.items():
                out[at + changed] = decision[_DECIDED.index(name)]
        at = end
    return out


_DECIDED = ("outcome", "state", "signed_by")
_OF_CASE: Mapping[str, Callable[[Case], Any]] = {
    "agreement": lambda c: c.agreement.id,
    "version": lambda c: c.agreement.version,
    "term": lambda c: c.term.id,
    "reading": lambda c: c.reading,
    "actor": lambda c: c.actor,
    "answers_for": lambda c: ";".join(c.answers) or None,
}


def _values(name: str, block: Block) -> Any:
    """One column of a block, people's decisions apart."""
    if name in _OF_CASE:
        return objects([_OF_CASE[name](c) for c in block.cases])[block.case_at]
    if name in ("p_violation", "p_in_scope"):
        low, high = block.violation if name == "p_violation" else block.scope
        return np.where(low == high, low / WHOLE, np.nan)
    if name == "outcome":
        return WORDS[block.outcome]
    if name == "finding_id":
        return _finding_ids(block)[block.finding]
    if name == "incident_id":
        known, at = np.unique(block.numbers, return_inverse=True)
        return _words([f"I{n}" for n in known.tolist()])[at]
    return "draft" if name == "state" else None


def _finding_ids(block: Block) -> Array:
    tails = [f".{c.agreement_at}.{c.term_at}.{c.actor_at}" for c in block.cases]
    first = np.flatnonzero(np.diff(block.finding, prepend=-1))
    pairs = zip(block.numbers[first].tolist(), block.case_at[first].tolist(), strict=True)
    return _words([f"F{n}{tails[c]}" for n, c in pairs])


def _words(values: Sequence[str]) -> Array:
    """An object column of plain words."""
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _decide(
    key: Array, codes: Array, decided: Mapping[Any, Ruling], agreements: Sequence[Agreement]
) -> dict[int, tuple[str, str, str | None]]:
    """What rulings make of the rows of the findings that people touched: outcome, state and signature by row.

    `key`: number, agreement, term and actor of each row, sorted.
    """
    size = key.max(axis=0) + 1
    known = [name for name in decided if all(n < limit for n, limit in zip(name, size.tolist(), strict=True))]
    ranks, wanted = (_ranks(k, size) for k in (key, np.array(known, dtype=np.int64).reshape(-1, key.shape[1])))
    first, last = (np.searchsorted(ranks, wanted, side) for side in ("left", "right"))
    out = {}
    for name, begin, end in zip(known, first.tolist(), last.tolist(), strict=True):
        ruling, agreement = decided[name], agreements[name[1] - 1]
        may, term = agreement.mandate.rule, agreement.terms[name[2] - 1]
        if not term.excepts:  # what the text does not except, nobody can grant
            ruling = replace(ruling, claimed=False, granted=False)
        for k in range(begin, end):
            out[k] = ruled(str(WORDS[codes[k]]), ruling, may), ruling.state, ruling.signed_by
    return out


def _ranks(key: Array, size: Array) -> Array:
    """One number for each row of numbers below `size`, in the order of the rows."""
    out = key[:, 0].copy()
    for column, limit in zip(key.T[1:], size[1:].tolist(), strict=True):
        out = out * limit + column
    return out


def statements(agreements: Sequence[Agreement], decided: Mapping[Any, Ruling]) -> list[dict[str, Any]]:
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
                "signed_by": ruling.signed_by, "_order": (a, t, 0, 0),
            })  # fmt: skip
    return rows
