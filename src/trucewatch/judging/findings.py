"""The work of `judge`: blocks of incidents one after the other, and in each every case over columns of incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch.agreement import Agreement
from trucewatch.judging.cases import Case, by_finding
from trucewatch.judging.duties import duty_rows
from trucewatch.judging.inside import can_fall, exempted, in_scope
from trucewatch.judging.lawful import Notice, of_doer, read_notices
from trucewatch.judging.outcome import SURE, Thresholds, classify, published
from trucewatch.judging.phases import open_from
from trucewatch.judging.rows import WHOLE, Judged, block_rows, joined, statements
from trucewatch.judging.rulings import clocks, rulings
from trucewatch.judging.scope import Incidents
from trucewatch.judging.states import Facts
from trucewatch.model.table import Array, Table
from trucewatch.model.times import SECOND

_SHOWN = 0.00005  # a probability below it is published as 0: such a time cannot fall under a term
_BLOCK = 65_536  # incidents that are judged at a time: what is held besides the findings does not grow with them


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
    facts: Facts,
) -> Table:
    """See `trucewatch.judging.judge`."""
    times = clocks(decisions, agreements)
    found = list(by_finding(agreements, times, facts, _horizon(incidents)))
    decided, told = rulings(decisions), read_notices(notices)
    order = np.argsort(incidents["number"], kind="stable")
    doers = _authors(incidents, authors)
    bare = [*statements(agreements, decided), *duty_rows(agreements, times, facts, decided)]
    bare.sort(key=lambda row: row["_order"])
    blocks = []
    for first in range(0, incidents.n, _BLOCK):
        rows = order[first : first + _BLOCK]
        block = incidents.take(rows)
        ground = _Ground(
            Incidents.of(block), {name: p[rows] for name, p in doers.items()}, told,
            np.array([s in SURE for s in block["status"].tolist()], dtype=bool), Thresholds.of(thresholds),
        )  # fmt: skip
        judged = []
        for readings in found:
            able = _that_can_fall(ground.incidents, readings)
            if able.size:
                judged += [_judge_case(case, ground, able) for case in readings]
        if judged:
            blocks.append(block_rows(block, agreements, judged, decided))
    return joined(bare, blocks)


def _horizon(incidents: Table) -> int:
    """A time after all incidents, microseconds."""
    ends = np.maximum(incidents["end"], (incidents["t_mean_s"] + 10 * incidents["t_sd_s"]) * SECOND)
    return int(ends.max(initial=0))


def _authors(incidents: Table, authors: Table) -> dict[str, Array]:
    """P(occurred and this actor did it) of each incident, by actor, in ten thousandths."""
    order = np.argsort(incidents["number"], kind="stable")
    at = order[np.searchsorted(incidents["number"][order], authors["number"])] if authors.n else np.zeros(0, int)
    words = authors["actor"].tolist()
    codes = {name: k for k, name in enumerate(sorted(set(words)))}
    code = np.array([codes[w] for w in words], dtype=np.int64)
    out = {}
    for name, k in codes.items():
        mine = np.flatnonzero(code == k)
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
    authors = _authors_by_leave(case, ground, rows)
    if case.due is None or (case.term.open_ended and case.binds):  # no clock, or wording for people alone: not known
        unknown = np.zeros(rows.size, dtype=np.int64)
        most = np.minimum(np.sum(list(authors.values()), axis=0), WHOLE)
        scope, violation = (unknown, np.full_like(unknown, WHOLE)), (unknown, most)
        unexcepted, not_due = unknown, np.zeros(rows.size, dtype=bool)
    else:
        found = {
            (excepted, told): in_scope(ground.incidents, case, excepted, [ground.notices[k] for k in told], rows)
            for excepted, told in authors
        }
        own = found[_leave(case, ground, case.actor)].scope
        scope = published(own[0]), published(own[1])
        low, high, unbound = (
            published(np.round(np.sum([authors[k] / WHOLE * part for k, part in parts], axis=0), 12))
            for parts in (
                [(k, f.unlawful[0]) for k, f in found.items()], [(k, f.unlawful[1]) for k, f in found.items()],
                [(k, f.unexcepted) for k, f in found.items()],
            )
        )  # fmt: skip
        violation, unexcepted, not_due = (low, high), unbound, _not_due(case, ground, rows)
    if case.gate.open_:  # whether a condition is met is for people to say
        violation = np.zeros_like(violation[0]), violation[1]
    classes = classify(*violation, unexcepted, not_due, ground.sure[rows], ground.limits)
    return Judged(case, rows, _small(scope), _small(violation), classes)


Leave = tuple[tuple[int, ...], tuple[int, ...]]  # positions of exceptions and of notices


def _leave(case: Case, ground: _Ground, doer: str) -> Leave:
    """Which exceptions except a doer by themselves, and which notices are its own."""
    return exempted(case, doer), of_doer(ground.notices, doer)


def _authors_by_leave(case: Case, ground: _Ground, rows: Array) -> dict[Leave, Array]:
    """P(occurred and the actor, or one that it answers for, did it), summed over those whom the same exceptions
    except and the same notices explain; in ten thousandths, in an order of the text's exceptions."""
    out: dict[Leave, Array] = {}
    for doer in (case.actor, *case.answers):
        key = _leave(case, ground, doer)
        author = ground.authors.get(doer)
        told = np.zeros(rows.size, dtype=np.int64) if author is None else author[rows]
        out[key] = out[key] + told if key in out else told
    return {key: out[key] for key in sorted(out)}


def _not_due(case: Case, ground: _Ground, rows: Array) -> Array:
    """Which incidents happened while the term bound the actor, before its deadline."""
    inside = ground.incidents.during(case.spans, rows)
    due = open_from(case) or case.start
    after = ground.incidents.during([(max(s, due), e) for s, e in case.spans if e is None or e > due], rows)
    return np.asarray((inside >= _SHOWN) & (published(after) <= ground.limits.no_violation * inside) & (after < inside))


def _small(bounds: tuple[Array, Array]) -> tuple[Array, Array]:
    """Ten thousandths in two bytes each."""
    return bounds[0].astype(np.int16), bounds[1].astype(np.int16)
