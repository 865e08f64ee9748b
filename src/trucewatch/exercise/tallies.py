"""Counts without single events, and who holds which ground, as the mission and both sides state them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.land import Land
from trucewatch.exercise.noise import DAY
from trucewatch.exercise.pile import Rows
from trucewatch.exercise.settings import Settings
from trucewatch.exercise.tables import Cells, stamp
from trucewatch.exercise.zones import SECTORS

_LISTED = 40  # claims that one tally names at most


def tally_cells(rows: Rows, names: dict[int, str], land: Land, settings: Settings) -> Cells:
    """The mission's count of explosions a day and sector, of which it tells a part singly; each ministry's count of the
    other side's breaches a day on the whole line, which is higher than what it tells singly."""
    out: list[tuple[str, float, str, str, int, str, str]] = []
    edges = np.linspace(0, settings.length_km, len(SECTORS))
    mission = (rows["source"] == c.MISSION) & (rows["act"] <= c.FIRE) & (rows["stance"] == c.OBSERVES)
    x = np.where(np.isfinite(rows["x"]), rows["x"], rows["obs_x"])
    r = settings.rng(64)
    for day in range(settings.days):
        today = mission & (np.floor(rows["start"] / DAY) == day)
        for k, sector in enumerate(SECTORS[:-1]):
            here = np.flatnonzero(today & (x >= edges[k]) & (x < edges[k + 1]))
            count = int(np.nansum(rows["count_low"][here])) + int(r.poisson(2 * here.size + 0.5))
            told = ";".join(names[u] for u in rows["uid"][here[:_LISTED]].tolist())
            out.append(("mission", day * DAY, sector, "fire", count, "explosion", told))
    for side in (0, 1):
        mine = (rows["source"] == c.MINISTRY[side]) & (rows["stance"] == c.ALLEGES)
        for day in range(settings.days):
            n = int((mine & (np.floor(rows["published"] / DAY) == day)).sum())
            more = int(np.ceil(n * 1.3)) + int(r.poisson(1.0))
            out.append((c.SOURCES[c.MINISTRY[side]].id, day * DAY, "the whole line", "fire", more, "incident", ""))
    columns: list[Sequence[str]] = [
        [t[0] for t in out], stamp(np.array([t[1] for t in out])), stamp(np.array([t[1] + DAY for t in out])),
        [t[2] for t in out], [t[3] for t in out], [str(t[4]) for t in out], [str(t[4]) for t in out],
        [t[5] for t in out], [t[6] for t in out],
    ]  # fmt: skip
    heads = ("source", "start", "end", "area", "act", "count_low", "count_high", "unit", "includes")
    return dict(zip(heads, columns, strict=True))


def control_cells() -> Cells:
    """Each side holds its ground from the first day on, as the mission states."""
    begin = stamp(np.zeros(2))
    return {
        "source": ["mission"] * 2, "actor": list(c.PARTIES), "zone": ["ground-talvenia", "ground-corrand"],
        "start": begin, "contested": ["false"] * 2,
    }  # fmt: skip
