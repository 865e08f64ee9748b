"""Announced lawful acts: how much of an incident a notice by its author explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from trucewatch.agreement import Zone
from trucewatch.agreement.zones import circle
from trucewatch.judging.cases import Case
from trucewatch.judging.scope import Bounds, Incidents, Places, acts_inside, depth_share
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array
from trucewatch.model.times import SECOND

_SOFT_KM = 0.02
_TIME_SDS = 5.0


@lru_cache(maxsize=1)
def explained_acts() -> Mapping[str, tuple[str, ...]]:
    """Kind of notice -> acts that it can explain."""
    rows = yaml.safe_load(files("trucewatch.judging").joinpath("notices.yaml").read_text(encoding="utf-8"))
    return {kind: tuple(row["acts"]) for kind, row in rows.items()}


@dataclass(frozen=True, slots=True)
class Notice:
    """One announced act: by whom, from when to when (microseconds), where (None = not told), which acts."""

    by: str
    start: int
    end: int
    zone: Zone | None
    acts: tuple[str, ...]


def read_notices(rows: Iterable[Mapping[str, Any]]) -> list[Notice]:
    """Notices that can explain something; one that came late counts from when it was published."""
    out: dict[Any, Notice] = {}
    for row in rows:
        acts = explained_acts().get(str(row.get("kind", "")).strip().casefold(), ())
        start = max(row["start"], row.get("published", row["start"]))
        end = row.get("end", row["start"])
        if not acts or end <= start:
            continue
        place: tuple[Any, ...] = tuple(row.get(k) for k in ("lat", "lon", "radius_km"))
        zone = None
        if None not in place:
            zone = Zone("notice", circle(place[1], place[0], place[2]), 0.0, "agreed", {})
        out[row["by"], start, end, place, acts] = Notice(row["by"], start, end, zone, acts)
    return list(out.values())


def lawful_share(incidents: Incidents, case: Case, notices: Sequence[Notice], rows: Array) -> Bounds:
    """Share of each incident, given that the actor did it, that the notices of the actor or of those it answers for
    explain: (surely, at most). Joint over the fixed draws of place and time."""
    sure, most = np.zeros(rows.size), np.zeros(rows.size)
    mine = [n for n in notices if n.by == case.actor or n.by in case.answers]
    if not mine or not rows.size:
        return sure, most
    t = incidents.table
    margin = np.maximum(_TIME_SDS * t["t_sd_s"][rows], 60.0)
    places = Places.of(t)
    free: dict[int, Floats] = {}
    for notice in mine:
        shares = incidents.per_signature(acts_inside(incidents.signatures, notice.acts))
        overlap = (t["t_mean_s"][rows] + margin >= notice.start / SECOND) & (
            t["t_mean_s"][rows] - margin < notice.end / SECOND
        )
        at = np.flatnonzero(overlap & (shares[1][rows] > 0))
        if not at.size:
            continue
        moments = incidents.moments(rows[at])
        during = (moments >= notice.start / SECOND) & (moments < notice.end / SECOND)
        known = places.known[rows[at]]
        if notice.zone is None:
            most[at] = np.maximum(most[at], during.mean(axis=1) * shares[1][rows[at]])
            continue
        unplaced = at[~known]
        most[unplaced] = np.maximum(most[unplaced], during[~known].mean(axis=1) * shares[1][rows[unplaced]])
        at, during = at[known], during[known]
        if at.size:
            inside = depth_share(places, notice.zone, np.zeros(at.size), rows[at], _SOFT_KM) * during
            for k, i in enumerate(at.tolist()):
                left = 1.0 - inside[k] * shares[0][rows[i]]
                free[i] = free[i] * left if i in free else left
    for i, left in free.items():
        sure[i] = 1.0 - left.mean()
    return sure, np.maximum(sure, most)
