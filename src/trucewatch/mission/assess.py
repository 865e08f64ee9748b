"""The stages in their order, for all incidents or for those that changed: describe, weigh, judge, and their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trucewatch import linking, weighing
from trucewatch.judging import judge
from trucewatch.mission import tables
from trucewatch.mission.claim_table import ClaimTable
from trucewatch.mission.context import Context
from trucewatch.mission.decisions import Decided
from trucewatch.mission.seen import mark_outdated
from trucewatch.mission.snapshot import Versions
from trucewatch.model.claims import canonical_order
from trucewatch.model.micronats import from_nats
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Array, Rows, Table, objects

BY_INCIDENT = ("incidents", "assessments", "authors", "contributions", "findings")


@dataclass(frozen=True, slots=True)
class Assessed:
    """What the stages said of some incidents, and the rows of the derived tables that follow."""

    linked: linking.Linked
    weighed: weighing.Weighed
    rows: Mapping[str, Rows]


def assess(
    context: Context,
    claims: Sequence[Versions],
    table: ClaimTable,
    linked: linking.Linked,
    decided: Decided,
    links: Array | None = None,
) -> Assessed:
    """Weigh and judge the incidents of `linked`; `links`: claim rows whose links are wanted (None = all)."""
    weighed = _weigh(context, table, linked, decided)
    findings = _judge(context, claims, linked, weighed, decided)
    wanted = np.arange(table.table.n) if links is None else links
    rows = {
        "incidents": tables.incidents_rows(linked.incidents),
        "links": tables.links_rows(claims, linked, wanted),
        **tables.weighing_rows(linked.incidents, weighed, context.authors, context.names),
        "findings": findings,
    }
    return Assessed(linked, weighed, rows)


def _weigh(context: Context, table: ClaimTable, linked: linking.Linked, decided: Decided) -> weighing.Weighed:
    rows = np.flatnonzero(linked.incident >= 0)
    rows = rows[canonical_order(table.table, rows)]
    place = np.full(table.table.n, -1)
    place[rows] = np.arange(rows.size)
    names, config = context.names, context.mission.config
    return weighing.weigh(
        table.table.take(rows), linked.incident[rows], place[linked.voice[rows]], linked.log_odds[rows],
        linked.incidents, context.telling_coverage, [names.actors[a] for a in context.authors], len(names.actors),
        config.bands.model_dump(), float(context.fit["base_rate_unreported"]), decided.judgement(linked),
        {names.actors[a]: from_nats(w) for a, w in context.fit.get("alleged", {}).items() if a in names.actors},
    )  # fmt: skip


def _judge(
    context: Context,
    claims: Sequence[Versions],
    linked: linking.Linked,
    weighed: weighing.Weighed,
    decided: Decided,
) -> Rows:
    incidents = linked.incidents
    status = [weighing.STATUSES[s] for s in weighed.assessments["status"].tolist()]
    judged = judged_table(incidents, weighed.assessments["p_occurred"], status)
    labels = [*context.authors, "other", "none"]
    authors = Table({
        "number": np.repeat(incidents["number"], len(labels)),
        "actor": objects(labels * incidents.n),
        "p": weighed.authors.ravel(),
    }, incidents.n * len(labels))  # fmt: skip
    mission = context.mission
    thresholds = mission.config.outcomes.model_dump()
    decisions = decided.for_judging(linked, incidents["number"].tolist())
    given = mission.agreements, context.notices, decisions, thresholds, context.facts
    found = judge(judged, authors, *given)
    if mark_outdated(decisions, claims, linked, weighed.assessments, found):
        found = judge(judged, authors, *given)
    return Rows(OUTPUTS["findings"], [_python(found[k]) for k in OUTPUTS["findings"]])


def judged_table(incidents: Table, p_occurred: Array, status: Sequence[str]) -> Table:
    """Incidents as `judge` takes them: what linking says of them, how likely they happened, and their status."""
    return Table({
        **{k: incidents[k] for k in (
            "number", "t_mean_s", "t_sd_s", "start", "end", "throughout", "lat", "lon", "cov_ee", "cov_en", "cov_nn",
            "place_of", "origin_lat", "origin_lon", "origin_sigma_km", "acts", "weapons",
        )},
        "p_occurred": p_occurred, "status": objects(status),
    }, incidents.n)  # fmt: skip


def _python(column: Any) -> list[Any]:
    return [None if isinstance(v, float) and np.isnan(v) else v for v in column.tolist()]
