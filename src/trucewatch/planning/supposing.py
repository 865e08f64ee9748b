"""What the mission would think if something more were known: hypothetical claims, weighed and judged by the real code.

Nothing here has weights of its own. A case is one incident with the claims that it has and some that somebody might
bring; it is described, weighed and judged like any incident, beside the others and without touching them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch import weighing
from trucewatch.agreement import Agreement
from trucewatch.judging import Facts, judge
from trucewatch.linking import LinkParameters
from trucewatch.linking.incidents import describe
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import MICRO, Floats
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.vocabulary import STANCES

_LINKED = 20 * MICRO  # log-odds of the link of a supposed claim: it is brought for this incident
_ANSWERS = [STANCES.index(s) for s in ("denies", "admits")]
Claim = Mapping[str, Any]  # payload of a claim record, as intake stores it


@dataclass(frozen=True)
class Ground:
    """A mission's state as the stages take it. Arrays run along the rows of `claims`; `own` = does place its incident.

    `tabled`: payloads of claims -> their claim table, sources and actors coded as in `claims`. `authors`: actor ids, in
    the order of the agreements, with `author_codes` beside them. `judged`: incidents, status and p_occurred -> the
    table that `judge` takes. `alleged`: what an allegation of a side weighs by the fit, by actor code.
    """

    claims: Table
    incident: Array
    voice: Array
    own: Array
    odds: Array
    incidents: Table
    coverage: Table
    authors: tuple[str, ...]
    author_codes: tuple[int, ...]
    n_actors: int
    bands: Mapping[str, float]
    base_rate: float
    parameters: LinkParameters
    tabled: Callable[[Sequence[Claim]], Table]
    judged: Callable[[Table, Array, Sequence[str]], Table]
    judgement: weighing.Judgement
    agreements: Sequence[Agreement]
    notices: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    thresholds: Mapping[str, float]
    facts: Facts
    alleged: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """An incident (position in `Ground.incidents`), claims that are supposed besides, and rows of claims that are taken
    as if they were not there."""

    incident: int
    claims: tuple[Claim, ...] = ()
    without: tuple[int, ...] = ()


@dataclass(frozen=True)
class Supposed:
    """What follows for each case. `p`: P(happened); `authors`: P(happened and the author is a) for each of
    `Ground.authors`, `other`, and `none`; `status`: position in vocabulary.STATUSES; `incidents`: as described anew."""

    p: Floats
    authors: Floats
    status: Array
    incidents: Table


def suppose(ground: Ground, cases: Sequence[Case]) -> Supposed:
    """Describe and weigh every case. Pure; the mission's own claims count as they are linked now."""
    n = len(cases)
    members = _members(ground)
    payloads = [claim for case in cases for claim in case.claims]
    more = ground.tabled(payloads) if payloads else None
    table = ground.claims if more is None else ground.claims.extended(more)
    rows, group, first = [], [], ground.claims.n
    for k, case in enumerate(cases):
        mine = members[case.incident]
        if case.without:
            mine = mine[~np.isin(mine, case.without)]
        rows += [mine, np.arange(first, first + len(case.claims))]
        group += [np.full(mine.size + len(case.claims), k)]
        first += len(case.claims)
    row, of = np.concatenate([np.zeros(0, np.int64), *rows]), np.concatenate([np.zeros(0, np.int64), *group])
    claims = table.take(row)
    order = canonical_order(claims)
    order = order[np.argsort(of[order], kind="stable")]
    claims, row, of = claims.take(order), row[order], of[order]
    old = row < ground.claims.n
    voice = _voices(ground, row, of, old)
    places = ~np.isin(claims["stance"], _ANSWERS)  # answers do not move where and when it was
    own = np.where(old, ground.own[np.where(old, row, 0)], places)
    odds = np.where(old, ground.odds[np.where(old, row, 0)], _LINKED)
    incidents = describe(claims, of, voice, own, n, ground.parameters)
    number = np.array([ground.incidents["number"][case.incident] for case in cases], dtype=np.int64)
    incidents = incidents.with_columns(number=number)
    weighed = weighing.weigh(
        claims, of, voice, odds, incidents, ground.coverage, ground.author_codes, ground.n_actors, ground.bands,
        ground.base_rate, _judgement(ground, cases), ground.alleged,
    )  # fmt: skip
    found = weighed.assessments
    return Supposed(found["p_occurred"], weighed.authors, found["status"], incidents)


def outcomes(ground: Ground, supposed: Supposed, decisions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings of the cases, each judged as the only incident there is; `case` tells which. `decisions`: those of
    people that still stand."""
    status = [weighing.STATUSES[s] for s in supposed.status.tolist()]
    n = supposed.incidents.n
    number = np.arange(1, n + 1)
    incidents = ground.judged(supposed.incidents, supposed.p, status).with_columns(number=number)
    labels = [*ground.authors, "other", "none"]
    authors = Table({
        "number": np.repeat(number, len(labels)), "actor": objects(labels * n), "p": supposed.authors.ravel(),
    }, n * len(labels))  # fmt: skip
    given = (ground.agreements, ground.notices, decisions, ground.thresholds, ground.facts)
    found = judge(incidents, authors, *given)
    return [
        {**row, "case": int(str(row["incident_id"]).removeprefix("I")) - 1}
        for row in found.rows() if row["incident_id"] is not None
    ]  # fmt: skip


def _members(ground: Ground) -> list[Array]:
    """Rows of each incident."""
    order = np.argsort(ground.incident, kind="stable")
    order = order[ground.incident[order] >= 0]
    cuts = np.searchsorted(ground.incident[order], np.arange(1, ground.incidents.n))
    return np.split(order, cuts) if ground.incidents.n else []


def _voices(ground: Ground, row: Array, of: Array, old: Array) -> Array:
    """Where in the cases the voice of each row stands; -1 where a decision took it elsewhere."""
    width = ground.claims.n + 1
    keys = of * width + np.where(old, row, -1)
    order = np.argsort(keys, kind="stable")
    wanted = of * width + np.where(old, ground.voice[np.where(old, row, 0)], -1)
    at = order[np.minimum(np.searchsorted(keys[order], wanted), order.size - 1)] if order.size else order
    return np.where(old, np.where(keys[at] == wanted, at, -1), np.arange(row.size))


def _judgement(ground: Ground, cases: Sequence[Case]) -> weighing.Judgement:
    """People's words on the incidents, by case."""
    verified = set(ground.judgement.verified)
    overridden = ground.judgement.overridden
    return weighing.Judgement(
        [k for k, case in enumerate(cases) if case.incident in verified],
        {k: overridden[case.incident] for k, case in enumerate(cases) if case.incident in overridden},
    )


__all__ = ["Case", "Claim", "Ground", "Supposed", "outcomes", "suppose"]
