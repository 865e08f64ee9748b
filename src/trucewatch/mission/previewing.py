"""`report --preview`: what of a report's day leaves for an audience beside what is withheld. For the mission alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trucewatch.mission.cuts import State, state_under
from trucewatch.model.errors import Fault, Refusal
from trucewatch.model.times import report_day
from trucewatch.publishing.policy import Policy, check_audience
from trucewatch.publishing.preview import Compared, Preview, asking, compared, render

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

Row = dict[str, Any]
FOLDER = "previews"  # beside reports: nobody copies a preview away with them
_OF_INCIDENTS = ("incidents", "assessments", "contributions", "authors", "findings")
_OF_DAYS = ("coverage", "restrictions", "tallies", "inspections", "complaints", "tasks", "replies", "decisions")
_MOMENTS = ("start", "time", "received", "ordered", "at")


@dataclass(frozen=True, slots=True)
class Previewed:
    """The page, rows held and leaving by table, and what the mission is told or asked."""

    path: Path
    held: Mapping[str, int]
    leaving: Mapping[str, int]
    warnings: tuple[str, ...]


def preview(
    mission: Mission,
    day: str,
    audience: str,
    lang: str | None = None,
    *,
    as_of: int | None = None,
    known_by: int | None = None,
    out: Path | None = None,
) -> Previewed:
    """Write OUT/D.AUDIENCE.preview.html (OUT: the mission's folder `previews`); `Refusal` for the mission itself, to
    whom everything leaves, an unknown audience, or what is no day."""
    check_audience(audience, mission.actors)
    if audience == "internal":
        raise Refusal(Fault("nothing is withheld from the mission itself", "Name public or party:ID with --audience"))
    config = mission.config
    try:
        told = date.fromisoformat(day)
    except ValueError:
        raise Refusal(Fault(f"{day!r} is no day of the calendar", "Write it as 2020-10-12", field="date")) from None
    start, end = report_day(told, config.report_cutoff, config.timezone)
    if as_of is None and known_by is None:
        as_of, known_by = (None, end) if config.clock == "known" else (end, None)
    cut = known_by if known_by is not None else as_of
    assert cut is not None
    state = state_under(mission, as_of, known_by)
    policy = Policy.of(config, mission.agreements, state, cut)
    tables = [compared(name, rows, audience, policy) for name, rows in _rows(state, start, end).items()]
    warnings = asked(tables, audience, policy)
    page = render(
        Preview(config, mission.agreements, told, cut, audience, tables, warnings), lang or config.languages[0]
    )
    path = (out or mission.dir / FOLDER) / f"{told}.{audience.replace(':', '-')}.preview.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, "utf-8", newline="\n")
    held, leaving = ({t.table: getattr(t, what) for t in tables} for what in ("held", "leave"))
    return Previewed(path, held, leaving, tuple(warnings))


def asked(tables: Sequence[Compared], audience: str, policy: Policy) -> list[str]:
    """What the mission is told or asked of these tables."""
    of_incidents = [t for t in tables if t.table in {"incidents", "claims"}]
    why: dict[str, Any] = {t.table: t.why for t in of_incidents}
    told = asking.nothing_leaves(why, {t.table: t.leave for t in of_incidents}, audience)
    return [*told, *asking.places(policy, [t.table for t in tables])]


def _rows(state: State, start: int, end: int) -> dict[str, list[Row]]:
    """Rows that matter to a report's day [start, end): of its incidents, published or lasting in it."""
    incidents = [r for r in state.tables["incidents"] if start <= _middle(r) < end]
    ids = {r["incident_id"] for r in incidents}
    links = {f"{r['source']}/{r['claim_id']}": r["incident_id"] for r in state.tables["links"]}
    claims = [c for c in state.claims if start <= c["published"] < end or links.get(c["id"]) in ids]
    named = {c["source"] for c in claims}
    out: dict[str, list[Row]] = {
        "claims": claims,
        "sources": [s for s in state.sources if s["source"] in named],
        **{t: [r for r in state.tables[t] if r["incident_id"] in ids] for t in _OF_INCIDENTS},
        "gaps": [r for r in state.tables["gaps"] if r["start"] < end and r["end"] > start],
    }
    for table in _OF_DAYS:
        out[table] = [r for r in state.newest(table) if _touches(r, start, end)]
    return out


def _middle(row: Row) -> int:
    return int(row["start"] if row["end"] is None else (row["start"] + row["end"]) // 2)


def _touches(row: Row, start: int, end: int) -> bool:
    begin = next((row[k] for k in _MOMENTS if isinstance(row.get(k), int)), None)
    return begin is not None and begin < end and (row.get("end") or begin + 1) > start
