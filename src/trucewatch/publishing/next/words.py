"""Tasks, refusals and effort as rows of plain values, each task with its reason in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trucewatch.model.table import Table
from trucewatch.model.times import HOUR, MINUTE, format_instant
from trucewatch.planning.plan import Plan, Task
from trucewatch.planning.safety import Reason
from trucewatch.planning.tasks import Fall
from trucewatch.publishing.locale import Catalogue, titles

MICRO_BRIER = 1_000_000


@dataclass(frozen=True)
class Told:
    """A plan with what its words need: the incidents and P(happened) along them, names of the parties in the order of
    the agreement."""

    plan: Plan
    incidents: Table
    p: Sequence[float]
    names: Mapping[str, str]
    teams: int | None = None


def task_rows(told: Told, t: Catalogue) -> list[dict[str, Any]]:
    """A row a task, by rank; falls in points of the Brier score with six decimals."""
    return [_task(told, task, t) for task in told.plan.tasks]


def _task(told: Told, task: Task, t: Catalogue) -> dict[str, Any]:
    incidents = told.incidents
    lat, lon = float(incidents["lat"][task.incident]), float(incidents["lon"][task.incident])
    span = None if task.window is None else task.window.span
    title = titles(t.lang)
    acts = dict.fromkeys(title(str(incidents["act"][i])) for i, _ in task.serves)
    return {
        "rank": task.rank, "task": task.kind, "chosen": task.chosen if told.teams is not None else None,
        "incidents": [f"I{incidents['number'][i]}" for i, _ in task.serves],
        "lat": None if lat != lat else round(lat, 5), "lon": None if lon != lon else round(lon, 5),
        "from": None if span is None else format_instant(span[0] // MINUTE * MINUTE),
        "until": None if span is None else format_instant(span[1] // MINUTE * MINUTE),
        "fall": fall_dict(task.fall), "found": round(task.found, 4), "awaited": round(task.awaited, 4),
        "days_since": round(task.days, 1), "look_for": "; ".join(acts) if task.kind == "visit" else None,
        "reason": reason(told, task, t),
        "notes": [] if task.window is None else [reason_words(n, t) for n in task.window.notes],
        "asked_of": list(told.names) if task.kind == "question" else [],
        "coverage_mode": "tasked" if task.kind == "visit" else None, "signed_by": None,
    }  # fmt: skip


def fall_dict(fall: Fall) -> dict[str, float]:
    """Expected fall of the Brier score, of both and of each."""
    parts = {"total": fall.total, "happened": fall.happened, "author": fall.author}
    return {name: value / MICRO_BRIER for name, value in parts.items()}


def reason(told: Told, task: Task, t: Catalogue) -> str:
    """Why, in one sentence."""
    at, incidents = task.incident, told.incidents
    start = int(incidents["start"][at])
    words = t.plain(
        f"next.reason.{task.kind}", act=titles(t.lang)(str(incidents["act"][at])), day=t.day(start),
        p=t.percent(told.p[at]), days=_days(task.days, t), found=t.percent(task.found),
        hours=hours(start, int(incidents["end"][at]), t),
    )  # fmt: skip
    words = words[:1].upper() + words[1:]
    if len(task.serves) > 1:
        words += t.plain("next.more", n=len(task.serves))
    if task.awaited >= 0.005:
        words += t.plain("next.awaited", share=t.percent(task.awaited))
    return words + t.plain("next.stop")


def _days(days: float, t: Catalogue) -> str:
    return t.plain("next.days_less") if days < 1 else t.plain("next.days", n=round(days))


def hours(start: int, end: int, t: Catalogue) -> str:
    """The full hours that hold an interval (microseconds), in local time: logs are kept, and asked for, by the hour."""
    offset = start - int(t.local(start).replace(minute=0, second=0, microsecond=0).timestamp()) * 1_000_000
    first = start - offset
    last = first + max(-(-(end - first) // HOUR), 1) * HOUR
    if t.day(first) == t.day(last - 1):
        return t.plain("next.hours", day=t.day(first, "short_day"), start=t.clock(first), end=t.clock(last))
    return t.plain("next.span", start=_short(first, t), end=_short(last, t))


def _short(us: int, t: Catalogue) -> str:
    return f"{t.day(us, 'short_day')} {t.clock(us)}"


def reason_words(found: Reason, t: Catalogue) -> str:
    """Why a visit is refused, or what is not known of it."""
    values: dict[str, Any] = dict(found.values)
    if "at" in values:
        values["at"] = t.moment(int(values["at"]) // MINUTE * MINUTE)
    return t.plain(f"next.safety.{found.word}", **values)


def refused_rows(told: Told, t: Catalogue) -> list[dict[str, Any]]:
    """A row a visit that safety forbids, with every reason."""
    incidents = told.incidents
    return [
        {
            "incident": f"I{incidents['number'][r.incident]}", "lat": round(float(incidents["lat"][r.incident]), 5),
            "lon": round(float(incidents["lon"][r.incident]), 5),
            "reasons": [reason_words(one, t) for one in r.reasons], "fall": fall_dict(r.fall),
        }
        for r in told.plan.refused
    ]  # fmt: skip


def effort_rows(told: Told) -> list[dict[str, Any]]:
    """A row a party, in the order of the agreement: visits on what it alleges and on what it is accused of, and the
    shares of each among all parties (None where there are no visits)."""
    effort = told.plan.effort
    alleged, accused = (sum(getattr(e, k) for e in effort) for k in ("alleged_by", "accused"))
    return [
        {
            "party": e.party, "name": told.names.get(e.party, e.party),
            "visits_on_its_allegations": e.alleged_by / 1000,
            "share_of_allegations": round(e.alleged_by / alleged, 4) if alleged else None,
            "visits_on_allegations_against_it": e.accused / 1000,
            "share_of_accusations": round(e.accused / accused, 4) if accused else None,
        }
        for e in effort
    ]  # fmt: skip


def plan_dict(told: Told, t: Catalogue) -> dict[str, Any]:
    """The plan for --json."""
    return {
        "date": told.plan.day.isoformat(), "teams": told.teams, "open_incidents": told.plan.open_incidents,
        "looked_at": told.plan.looked_at,
        "tasks": task_rows(told, t), "refused": refused_rows(told, t), "effort": effort_rows(told),
        "signed_by": None,
    }  # fmt: skip


__all__ = ["Told", "effort_rows", "fall_dict", "hours", "plan_dict", "reason", "refused_rows", "task_rows"]
