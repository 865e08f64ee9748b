"""The plan of a day: every task ranked by what it is expected to tell, what was refused for safety, effort by side.

Only proposals: nothing here orders anything. Who signs a task is a person, and coverage that comes of it is `tasked`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from trucewatch.model.table import Array, Table
from trucewatch.model.vocabulary import STANCES
from trucewatch.planning.safety import Dangers, Reason, Rules, Window, window
from trucewatch.planning.tasks import Fall, Outlook, Weighed, weighed
from trucewatch.planning.visits import Stop, stops

_ASSERTS = [STANCES.index(s) for s in ("alleges", "observes", "admits", "reports")]


@dataclass(frozen=True)
class Task:
    """One proposal. `serves`: incidents (positions) with the fall expected of each; `rank`: equal for equal falls;
    `chosen`: within the teams of the day (visits alone); `found`: chance that there is still something to see;
    `awaited`: that somebody who watched reports it in any case."""

    kind: str
    incident: int
    serves: tuple[tuple[int, Fall], ...]
    found: float
    days: float
    awaited: float = 0.0
    rank: int = 0
    chosen: bool = False
    window: Window | None = None

    @property
    def fall(self) -> Fall:
        """Expected fall of the Brier score by all that it serves."""
        return Fall(sum(f.happened for _, f in self.serves), sum(f.author for _, f in self.serves))


@dataclass(frozen=True)
class Refused:
    """A visit that safety forbids, with every reason, and what it would have been expected to tell (millionths)."""

    incident: int
    reasons: tuple[Reason, ...]
    fall: Fall


@dataclass(frozen=True)
class Effort:
    """Of the visits listed: how many examine what a party alleges, and how many what it is accused of (halves where
    both do), in thousandths of a visit."""

    party: str
    alleged_by: int
    accused: int


@dataclass(frozen=True)
class Plan:
    """Tasks by rank, visits refused, and effort by party in the order of the agreement; how many incidents are open,
    and how many of them were looked at."""

    day: date
    tasks: tuple[Task, ...]
    refused: tuple[Refused, ...]
    effort: tuple[Effort, ...]
    open_incidents: int
    looked_at: int


def plan(
    outlook: Outlook, day: date, tz: str, rules: Rules, known: Dangers, teams: int | None, most: int, *,
    party_codes: Mapping[str, int],
) -> Plan:  # fmt: skip
    """At most `most` tasks of each kind for a local day; the first `teams` visits are chosen (None = all)."""
    ground = outlook.ground
    every = weighed(outlook)
    order = content_order(ground.incidents)
    visits = {w.prospect.incident: w for w in every if w.prospect.kind == "visit"}
    windows = {i: window(rules, known, day, tz, *_place(ground.incidents, i)) for i in visits}
    safe = [i for i in visits if windows[i].span is not None]
    numbers = outlook.seeing.numbers
    found = stops(ground.incidents, visits, safe, numbers["visit.reach_km"], order, most, int(numbers["visit.most"]))
    tasks = [_visit(s, visits[s.incident], windows[s.incident]) for s in found]
    for kind in ("image", "call", "question"):
        mine = [_alone(w) for w in every if w.prospect.kind == kind]
        mine = sorted((t for t in mine if t.fall.total > 0), key=lambda t: (-t.fall.total, order[t.incident]))
        tasks += mine[:most]
    tasks = _chosen(_ranked(tasks, order), teams)
    refused = [Refused(i, windows[i].refused, visits[i].fall()) for i in visits if windows[i].span is None]
    refused = sorted((r for r in refused if r.fall.total > 0), key=lambda r: (-r.fall.total, order[r.incident]))
    effort = _effort(ground.claims, ground.incident, [t for t in tasks if t.kind == "visit" and t.chosen], party_codes)
    return Plan(day, tuple(tasks), tuple(refused), effort, len(outlook.about), len(outlook.about))


def content_order(incidents: Table) -> dict[int, int]:
    """Position of each incident by content that holds no names: when, where, what; the number among claims at last."""
    keys = [incidents["number"], np.unique(incidents["act"].astype(str), return_inverse=True)[1]]
    keys += [np.nan_to_num(incidents[k], nan=-1e9) for k in ("lon", "lat")] + [incidents["end"], incidents["start"]]
    return {int(i): k for k, i in enumerate(np.lexsort(keys).tolist())}


def _place(incidents: Table, i: int) -> tuple[float, float]:
    return float(incidents["lat"][i]), float(incidents["lon"][i])


def _visit(stop: Stop, first: Weighed, when: Window) -> Task:
    return Task(
        "visit",
        stop.incident,
        stop.serves,
        first.prospect.found,
        first.prospect.days,
        first.prospect.awaited,
        window=when,
    )


def _alone(w: Weighed) -> Task:
    p = w.prospect
    return Task(p.kind, p.incident, ((p.incident, w.fall()),), p.found, p.days, p.awaited)


def _ranked(tasks: Sequence[Task], order: Mapping[int, int]) -> list[Task]:
    """By what they are expected to tell; equal ones have one rank, and stand by kind and content."""
    kinds = ("visit", "image", "call", "question")
    ranked = sorted(tasks, key=lambda t: (-t.fall.total, kinds.index(t.kind), order[t.incident]))
    out: list[Task] = []
    for k, task in enumerate(ranked, 1):
        same = out and out[-1].fall.total == task.fall.total
        out.append(replace(task, rank=out[-1].rank if same else k))
    return out


def _chosen(tasks: Sequence[Task], teams: int | None) -> list[Task]:
    """The first visits for so many teams, and all that equal the last of them: a person chooses among those."""
    visits = [t for t in tasks if t.kind == "visit"]
    least = visits[min(teams, len(visits)) - 1].fall.total if visits and teams else 0
    picked = (lambda t: t.kind == "visit" and t.fall.total >= least) if teams != 0 else (lambda t: False)
    return [replace(t, chosen=picked(t)) for t in tasks]


def _effort(claims: Table, incident: Array, visits: Sequence[Task], parties: Mapping[str, int]) -> tuple[Effort, ...]:
    told, accused = dict.fromkeys(parties, 0), dict.fromkeys(parties, 0)
    asserts = np.isin(claims["stance"], _ASSERTS)
    for task in visits:
        rows = np.flatnonzero(np.isin(incident, [i for i, _ in task.serves]) & asserts)
        sides, blamed = set(claims["side"][rows].tolist()), set(claims["accused"][rows].tolist())
        for out, named in ((told, sides), (accused, blamed)):
            mine = [p for p, code in parties.items() if code in named]
            for p in mine:
                out[p] += 1000 // len(mine)
    return tuple(Effort(p, told[p], accused[p]) for p in parties)


__all__ = ["Effort", "Plan", "Refused", "Task", "content_order", "plan"]
