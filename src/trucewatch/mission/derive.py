"""The pipeline: records to incidents, assessments, findings and gaps, in the one order of design 3.

`derive` is pure in (records under a cut, agreements, fit, configuration): a rebuild gives the same bytes (law L2).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trucewatch import linking
from trucewatch.mission import gaps, tables
from trucewatch.mission.assess import Assessed
from trucewatch.mission.claim_table import ClaimTable, Names
from trucewatch.mission.context import Context
from trucewatch.mission.decisions import Decided
from trucewatch.mission.live import Live
from trucewatch.mission.sectors import sectors_of
from trucewatch.mission.seen import ASSESSED, FOUND, seen_hash
from trucewatch.mission.snapshot import Payload, Snapshot, Versions, snapshot
from trucewatch.mission.trending import trend_rows
from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS
from trucewatch.model.table import Rows, Table
from trucewatch.model.times import DAY

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

DERIVED = ("incidents", "links", "assessments", "authors", "contributions", "findings", "trends", "gaps")


@dataclass(frozen=True)
class Stages:
    """What the stages said, kept for explanations."""

    names: Names
    table: ClaimTable
    linked: linking.Linked
    linker: linking.Linker
    decided: Decided


@dataclass(frozen=True)
class Derived:
    """What follows from the records under a cut. `tables`: every name of OUTPUTS as rows; the rest as pages need it."""

    tables: Mapping[str, Rows]
    context: Context
    table: ClaimTable
    decided: Decided
    link: Callable[[], tuple[linking.Linker, linking.Linked]]
    warnings: tuple[str, ...]

    @property
    def snapshot(self) -> Snapshot:
        """The records behind it."""
        return self.context.snapshot

    @property
    def agreements(self) -> tuple[Any, ...]:
        """The chain of agreements."""
        return self.context.mission.agreements

    @property
    def fit(self) -> Payload:
        """The fit that counted."""
        return self.context.fit

    @cached_property
    def claims(self) -> list[dict[str, Any]]:
        """Newest versions of claims as pages need them."""
        return tables.claim_rows(self.snapshot.claims, self.table)

    @cached_property
    def stages(self) -> Stages:
        """What the stages said."""
        linker, linked = self.link()
        return Stages(self.context.names, self.table, linked, linker, self.decided)

    def gaps_without(self, sources: Collection[str]) -> Rows:
        """The table `gaps` as it were without the coverage of these sources; the same sectors and days."""
        return gaps_without(self.context, self.table.table, sources)

    def newest(self, table: str) -> list[dict[str, Any]]:
        """Newest payloads of an input table with `known_at`."""
        return [{**v.payload, "known_at": v.known_at} for v in self.snapshot.tables[table]]

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Newest source rows."""
        return self.newest("sources")

    @property
    def coverage(self) -> list[dict[str, Any]]:
        """Coverage rows."""
        return self.newest("coverage")

    @property
    def restrictions(self) -> list[dict[str, Any]]:
        """Restriction rows."""
        return self.newest("restrictions")

    @property
    def notices(self) -> list[dict[str, Any]]:
        """Notice rows."""
        return self.newest("notices")


def derive(mission: Mission, as_of: int | None = None, known_by: int | None = None) -> Derived:
    """Everything that follows from the records recorded by `as_of` and known by `known_by` (microseconds)."""
    return derive_snapshot(mission, snapshot(mission.store, as_of, known_by))


def derive_snapshot(mission: Mission, snap: Snapshot) -> Derived:
    """The same for records already read."""
    live = Live(Context(mission, snap))
    return derived_of(live, live.start())


def derived_of(live: Live, assessed: Assessed) -> Derived:
    """All derived tables, from what the stages said of every incident."""
    linker, linked = live.linker, assessed.linked
    rows = {**assessed.rows, **whole_tables(live.context, live.table.table)}
    rows["trends"] = trend_rows(live.context, rows, live.claims, live.decided.clocks())
    return Derived(rows, live.context, live.table, live.decided, lambda: (linker, linked), live.warnings)


def whole_tables(context: Context, table: Table) -> dict[str, Rows]:
    """The derived tables that speak of no single incident, but for `trends`, which is made from the others."""
    return {"gaps": _gaps(context, table)}


def gaps_without(context: Context, table: Table, sources: Collection[str]) -> Rows:
    """The table `gaps` as it were without the coverage of these sources; the same sectors and days."""
    return _gaps(context, table, [c for c in context.coverage if c["source"] not in sources])


def _gaps(context: Context, t: Table, counted: Sequence[Mapping[str, Any]] | None = None) -> Rows:
    """Shares by the coverage `counted` (all of it where none is told), for the sectors and days of all of it."""
    coverage, config = context.coverage, context.mission.config
    single = ~t["cumulative"] & ~t["retracted"]
    times = [*t["start"][single].tolist(), *(c["start"] for c in coverage)]
    ends = [*t["end"][single].tolist(), *(c["end"] for c in coverage)]
    if not times:
        return Rows(OUTPUTS["gaps"], [[] for _ in OUTPUTS["gaps"]])
    first = max(min(times), max(ends) - 4000 * DAY)  # a mistyped year does not make a table of a million days
    days = gaps.report_days(first, max(ends), config.report_cutoff, config.timezone)
    sectors = sectors_of(context, t["lon"], t["lat"])
    return gaps.gaps_rows(sectors, coverage if counted is None else counted, days)


def explain_link(derived: Derived, ref: str) -> list[tuple[str, str, int, str]]:
    """Why a claim is linked: (claims it was compared with, term, micro-nats, words); the weights sum to log_odds."""
    stages = derived.stages
    names = {row: name for name, row in stages.table.refs.items()}
    out = []
    for weight in linking.why(stages.linker, stages.table.refs[ref]):
        against = ", ".join(sorted(names[r] for r in weight.rows)[:_NAMED])
        more = len(weight.rows) - _NAMED
        out.append(
            (against + (f" and {more} more" if more > 0 else ""), weight.term, weight.log_odds, TERM_WORDS[weight.term])
        )
    return out


_NAMED = 4  # claims that a term names; it is a mean over all of them
TERM_WORDS = {
    "prior": "how many claims speak of one incident, against how many there are in this region",
    "space": "distance of the places, by the precision of both",
    "time": "difference of the times, by the precision of both",
    "act": "kind of act",
    "accused": "who is accused, among claims of one side",
    "source": "one source that speaks twice mostly means two events",
    "harm": "how many were killed or injured, where told",
    "others": "other incidents that it could mean, and the limit of what one comparison tells",
    "first": "told first, or alone: it is what the incident is about",
    "told": "names the claim that it answers",
    "decided": "a person decided so",
}


def object_hash(derived: Derived, object_id: str) -> str:
    """Hash of what a person sees of an incident (`I7`) or finding (`F7.1.1.2`); see `seen_hash`."""
    incident = "I" + object_id.removeprefix("I").removeprefix("F").split(".")[0]
    tables = derived.tables
    links = [(r["source"], r["claim_id"], r["relation"]) for r in tables["links"] if r["incident_id"] == incident]
    assessment = [r[name] for r in tables["assessments"] if r["incident_id"] == incident for name in ASSESSED]
    finding = [[r[name] for name in FOUND] for r in tables["findings"] if r["finding_id"] == object_id]
    return seen_hash(links, assessment, finding)


def resolve_object(derived: Derived, text: str) -> str | None:
    """The incident that an id means: `I` and the number of any of its claims; None when there is none."""
    if not text.startswith("I") or not text[1:].isdigit():
        return None
    number = int(text[1:])
    table, linked = derived.stages.table.table, derived.stages.linked
    rows = np.flatnonzero(table["number"] == number)
    if not rows.size or linked.incident[rows[0]] < 0:
        return None
    return tables.incident_id(int(linked.incidents["number"][linked.incident[rows[0]]]))


__all__ = [
    "DERIVED", "KINDS", "Derived", "Versions", "derive", "derive_snapshot", "explain_link", "object_hash",
    "resolve_object",
]  # fmt: skip
