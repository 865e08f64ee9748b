"""`export`: tables of a mission as files, for an audience, under a cut. Everything passes the one gate (law L10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from trucewatch.mission import export_files as files
from trucewatch.mission.collecting import uncollected
from trucewatch.mission.export_files import ALL
from trucewatch.mission.present import present
from trucewatch.model.columns import KINDS
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.outputs import OUTPUTS, SUMMARIES
from trucewatch.model.times import from_us, zone
from trucewatch.publishing import tables
from trucewatch.publishing.policy import Policy, Why, check_audience, release
from trucewatch.publishing.preview import asking
from trucewatch.publishing.view import Cut, View

if TYPE_CHECKING:
    from trucewatch.mission.cuts import State
    from trucewatch.mission.folder import Mission

WHOLE = (*KINDS, *OUTPUTS)  # what `all` writes; summaries tell of an instant, and leave when they are asked for
TABLES = (*WHOLE, *SUMMARIES)
Row = dict[str, Any]


@dataclass
class ExportReport:
    """What left: rows by table, rows held back by table, notes, and the files written."""

    counts: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Rows of every table of a mission under one cut, as one audience may see them."""

    inputs: Mapping[str, Sequence[Row]]
    derived: Mapping[str, Sequence[Row]]
    audience: str
    policy: Policy | None
    made: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # SUMMARIES, which have passed the gate

    def rows(self, table: str) -> tuple[list[Row], Counter[Why]]:
        """Released rows of a table in the order in which they leave, and how many were held back by which rule."""
        if table in SUMMARIES:
            return list(self.made[table]), Counter()
        rows: Sequence[Row] = self.derived.get(table, ()) if table in OUTPUTS else self.inputs.get(table, ())
        if self.policy is None:
            out, withheld = list(rows), Counter[Why]()
        else:
            released = release(table, rows, self.audience, self.policy)
            out, withheld = list(released), released.why
        return (tables.in_content_order(table, out) if table in KINDS else out), withheld


def source(
    mission: Mission, wanted: Sequence[str], audience: str, as_of: int | None = None, known_by: int | None = None
) -> Source:
    """What an export draws from. Nothing is derived where only input tables are wanted by the mission itself, and what
    is kept is not derived again."""
    from trucewatch.mission.snapshot import snapshot

    check_audience(audience, mission.actors)
    uncut = as_of is None and known_by is None
    if audience != "internal":
        derived: Any = present(mission) if uncut else _under(mission, as_of, known_by)
        policy = Policy.of(mission.config, mission.agreements, derived, as_of if known_by is None else known_by)
        return Source(_inputs(derived), derived.tables, audience, policy)
    snap = snapshot(mission.store, as_of, known_by) if any(t in KINDS for t in wanted) else None
    held = {} if snap is None else {"claims": snap.claims, **snap.tables}
    rows: Mapping[str, Sequence[Row]] = {}
    if any(t in OUTPUTS for t in wanted):
        from trucewatch.mission.derive import derive
        from trucewatch.mission.update import current_tables

        rows = current_tables(mission) if uncut else derive(mission, as_of, known_by).tables
    return Source({name: [v.payload for v in versions] for name, versions in held.items()}, rows, audience, None)


def _under(mission: Mission, as_of: int | None, known_by: int | None) -> State:
    from trucewatch.mission.cuts import state_under

    return state_under(mission, as_of, known_by)


def _summaries(mission: Mission, audience: str, as_of: int | None, known_by: int | None) -> dict[str, list[Row]]:
    """How each term of every text of the chain stands at the end of the last report day that anything is recorded of
    (no cut and no clock of ours says when: law L8), and its days by outcome."""
    from trucewatch.mission.cuts import state_under
    from trucewatch.publishing.report import board, calendar
    from trucewatch.publishing.report.day import Day

    state = state_under(mission, as_of, known_by)
    days = _report_days(mission, state)
    if not days:
        return {name: [] for name in SUMMARIES}
    (start, end), told = days[-1], as_of if known_by is None else known_by
    # Without a cut delay counts back from the newest known time of a claim, as everywhere in an export.
    at = max((c.get("known_at") or 0 for c in state.claims), default=end) if told is None else told
    kind = "as_of" if known_by is None else "known_by"
    date = from_us(end - 1).astimezone(zone(mission.config.timezone)).date()
    view = View(
        mission.config, mission.agreements, state, None, date, start, end, Cut(kind, at, False, 0), audience,
        state.clocks,
    )  # fmt: skip
    day = Day(view)
    return {
        "board": board.rows(day, mission.agreements, end),
        "calendar": calendar.rows(day, mission.agreements, days),
    }


def _report_days(mission: Mission, state: State) -> list[tuple[int, int]]:
    """Report days [start, end) from the first text in force, or the first thing recorded, to the last one recorded."""
    from trucewatch.mission.gaps import report_days

    starts = [r["start"] for r in state.tables["gaps"]]
    if not starts:
        return []
    began = (a.began(a.event_times(state.clocks.events.get(a.id, {}))) for a in mission.agreements)
    first = min([*starts, *(b for b in began if b is not None)])
    config = mission.config
    return [(start, end) for _, start, end in report_days(first, max(starts), config.report_cutoff, config.timezone)]


def _inputs(derived: Any) -> dict[str, list[Row]]:
    return {"claims": derived.claims, **{t: derived.newest(t) for t in KINDS if t != "claims"}}


def export(
    mission: Mission,
    what: str,
    how: str,
    out: Path | None = None,
    stream: TextIO | None = None,
    audience: str = "internal",
    as_of: int | None = None,
    known_by: int | None = None,
) -> ExportReport:
    """Write the table `what` (or `all`) to `out`, or one table to `stream`.

    `out` is a folder for `all` and for a QGIS project, else a file; a workbook of `all` may be a file too. `Refusal`
    for an unknown table, one without places on a map, or a format that needs a file without one; nothing is written.
    """
    how = files.format_of(how)
    wanted = _wanted(what, how)
    files.check_target(what, how, out)
    drawn = [*wanted, "assessments"] if how == files.QGIS and "incidents" in wanted else wanted
    with uncollected():
        ground = source(mission, drawn, audience, as_of, known_by)
    if any(t in SUMMARIES for t in wanted):
        ground = replace(ground, made=_summaries(mission, audience, as_of, known_by))
    report = ExportReport()
    why: dict[str, Counter[Why]] = {}

    def found() -> Iterator[tuple[tables.Shape, list[Row]]]:
        for table in drawn:
            rows, why[table] = ground.rows(table)
            # Columns that the contract does not know stay with the mission: nobody has said what they hold.
            unknown = {k for row in rows for k in row} if table in KINDS and audience == "internal" else ()
            if why[table]:
                report.withheld[table] = why[table].total()
            yield tables.shape(table, unknown), rows

    with uncollected():
        report.counts, report.files = files.write(found(), what, how, out, stream, mission.config.title())
    if what == ALL and files.needs_places(how):
        left = sorted(set(WHOLE) - set(wanted))
        report.warnings.append("without places, and so not written: " + ", ".join(left))
    report.warnings.extend(f"{n} {table} withheld from {audience}" for table, n in report.withheld.items())
    report.warnings.extend(asking.nothing_leaves(why, report.counts, audience))
    if ground.policy is not None:
        report.warnings.extend(asking.places(ground.policy, wanted))
    return report


def _wanted(what: str, how: str) -> list[str]:
    if what == ALL:
        return [t for t in WHOLE if not files.needs_places(how) or tables.shape(t).place is not None]
    if what not in TABLES:
        raise Refusal(Fault(f"no table is called {what!r}", "Take all, or one of: " + ", ".join(TABLES), field="what"))
    if files.needs_places(how) and tables.shape(what).place is None:
        raise Refusal(Fault(f"{what} have no place", "Export them as csv, jsonl, xlsx or parquet", field="format"))
    return [what]
