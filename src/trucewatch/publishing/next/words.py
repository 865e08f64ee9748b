"""Tasks, refusals and effort as rows of plain values, each task with its reason in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trucewatch.model.table import Table
from trucewatch.model.times import MINUTE, format_instant, from_us, zone
from trucewatch.planning.plan import Plan, Task
from trucewatch.planning.tasks import Fall
from trucewatch.taxonomy import taxonomy

COLUMNS = ("rank", "task", "incidents", "place", "when", "expected fall", "reason")
MICRO_BRIER = 1_000_000
_WORDS = {
    "visit": "{act} of {day} ({p}): after {days} a team still finds traces with {found}, and traces or none tell most",
    "image": "{act} of {day} ({p}): after {days} a picture still shows it with {found}",
    "call": "{act} of {day} ({p}): people there can be asked at once, though words tell less than traces",
    "question": "{act} of {day} ({p}): the same question to each party, for its logs of patrols and of firing {hours}",
}
_MORE = "; {n} incidents within reach of one stop"


def task_rows(plan: Plan, incidents: Table, p: Sequence[float], tz: str) -> list[dict[str, Any]]:
    """A row a task, by rank. `p`: P(happened) along the incidents; falls in Brier points with six decimals."""
    parties = [e.party for e in plan.effort]
    return [_task(task, incidents, p, tz, parties) for task in plan.tasks]


def _task(task: Task, incidents: Table, p: Sequence[float], tz: str, parties: Sequence[str]) -> dict[str, Any]:
    lat, lon = float(incidents["lat"][task.incident]), float(incidents["lon"][task.incident])
    span = None if task.window is None else task.window.span
    return {
        "rank": task.rank, "task": task.kind, "chosen": task.chosen,
        "incidents": [f"I{incidents['number'][i]}" for i, _ in task.serves],
        "lat": None if lat != lat else round(lat, 5), "lon": None if lon != lon else round(lon, 5),
        "from": None if span is None else format_instant(span[0] // MINUTE * MINUTE),
        "until": None if span is None else format_instant(span[1] // MINUTE * MINUTE),
        "fall": fall_dict(task.fall), "found": round(task.found, 4), "days_since": round(task.days, 1),
        "look_for": _look_for(task, incidents), "reason": reason(task, incidents, p, tz),
        "asked_of": list(parties) if task.kind == "question" else [],
        "notes": [] if task.window is None else list(task.window.notes),
        "coverage_mode": "tasked" if task.kind == "visit" else None, "signed_by": None,
    }  # fmt: skip


def fall_dict(fall: Fall) -> dict[str, float]:
    """Expected fall of the Brier score, of both and of each."""
    parts = {"total": fall.total, "happened": fall.happened, "author": fall.author}
    return {name: value / MICRO_BRIER for name, value in parts.items()}


def reason(task: Task, incidents: Table, p: Sequence[float], tz: str) -> str:
    """Why, in one sentence."""
    at = task.incident
    start, end = (from_us(int(incidents[k][at])).astimezone(zone(tz)) for k in ("start", "end"))
    days = "less than a day" if task.days < 1 else f"{task.days:.0f} day{'s' if round(task.days) != 1 else ''}"
    clock = "%H:%M" if start.date() == end.date() else "%d %b %H:%M"
    words = _WORDS[task.kind].format(
        act=taxonomy().acts[str(incidents["act"][at])].title, day=f"{start.day} {start:%B %Y}",
        p=f"happened with {p[at]:.0%}", days=days, found=f"{task.found:.0%}",
        hours=f"of {start:{clock}}-{end:{clock}}",
    )  # fmt: skip
    more = _MORE.format(n=len(task.serves)) if len(task.serves) > 1 else ""
    return words + more + "."


def _look_for(task: Task, incidents: Table) -> str:
    acts = [taxonomy().acts[str(incidents["act"][i])].title for i, _ in task.serves]
    return "; ".join(dict.fromkeys(acts))


def refused_rows(plan: Plan, incidents: Table) -> list[dict[str, Any]]:
    """A row a visit that safety forbids, with every reason."""
    return [
        {
            "incident": f"I{incidents['number'][r.incident]}", "lat": round(float(incidents["lat"][r.incident]), 5),
            "lon": round(float(incidents["lon"][r.incident]), 5), "reasons": list(r.reasons), "fall": fall_dict(r.fall),
        }
        for r in plan.refused
    ]  # fmt: skip


def effort_rows(plan: Plan, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a party, in the order of the agreement: visits on what it alleges and on what it is accused of, and the
    shares of each among all parties (None where there are no visits)."""
    alleged, accused = (sum(getattr(e, k) for e in plan.effort) for k in ("alleged_by", "accused"))
    return [
        {
            "party": e.party, "name": names.get(e.party, e.party), "visits_on_its_allegations": e.alleged_by / 1000,
            "share_of_allegations": round(e.alleged_by / alleged, 4) if alleged else None,
            "visits_on_allegations_against_it": e.accused / 1000,
            "share_of_accusations": round(e.accused / accused, 4) if accused else None,
        }
        for e in plan.effort
    ]  # fmt: skip


def plan_dict(
    plan: Plan, incidents: Table, p: Sequence[float], tz: str, names: Mapping[str, str], teams: int | None
) -> dict[str, Any]:
    """The plan for --json."""
    return {
        "date": plan.day.isoformat(), "teams": teams, "open_incidents": plan.open_incidents,
        "tasks": task_rows(plan, incidents, p, tz), "refused": refused_rows(plan, incidents),
        "effort": effort_rows(plan, names),
        "signed_by": None,
    }  # fmt: skip


__all__ = ["COLUMNS", "effort_rows", "fall_dict", "plan_dict", "reason", "refused_rows", "task_rows"]
