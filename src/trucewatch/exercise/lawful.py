"""Announced lawful acts: live-fire exercises behind the line and controlled blasts, with their notices."""

from __future__ import annotations

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, Stories
from trucewatch.exercise.land import Land
from trucewatch.exercise.noise import DAY, HOUR
from trucewatch.exercise.pile import Rows
from trucewatch.exercise.settings import Settings


def announce(stories: Stories, settings: Settings, land: Land) -> Rows:
    """Notices as arrays (by, kind 0 exercise 1 demining, start, end, x, y, radius_km, published), with their acts.

    Some announced acts do not take place, and one in ten blasts goes off outside its hours.
    """
    r = settings.rng(10)
    columns: list[Rows] = []
    for kind, name in enumerate(("exercises", "demining")):
        for side in (0, 1):
            n = int(r.poisson(settings.per_day(name) * settings.days))
            day = r.integers(settings.days, size=n)
            start = day * DAY + r.integers(8, 14, n) * HOUR
            x = r.uniform(0, settings.length_km, n)
            away = r.uniform(14, 24, n) if kind == 0 else r.uniform(1, 12, n)
            columns.append({
                "by": np.full(n, side), "kind": np.full(n, kind), "start": start,
                "end": start + r.integers(2, 6, n) * HOUR,
                "x": x, "y": land.line(x) + (1 - 2 * side) * away, "radius_km": np.full(n, 4.0 if kind == 0 else 2.0),
                "published": start - r.integers(6, 60, n) * HOUR,
            })  # fmt: skip
    notices = {k: np.concatenate([p[k] for p in columns]) for k in columns[0]}
    held = np.flatnonzero(r.random(notices["by"].size) < 0.8)
    many = np.where(notices["kind"][held] == 0, 2, 1) + r.poisson(0.5, held.size)
    at = np.repeat(held, many)
    n = at.size
    blast = notices["kind"][at] == 1
    length = notices["end"][at] - notices["start"][at]
    late = blast & (r.random(n) < 0.1)
    t = notices["start"][at] + r.random(n) * (length - 900) + np.where(late, length + 1800, 0)
    artillery = [c.ACT["fire.mortar"], c.ACT["fire.artillery"], c.ACT["fire.tank"]]
    act = np.where(blast, c.EXPLOSION_UNKNOWN, r.choice(artillery, n))
    stories.add(
        n, t=t, length=np.where(blast, 30.0, 900.0), author=notices["by"][at], side=notices["by"][at], act=act,
        x=notices["x"][at] + r.normal(0, 0.5, n), y=notices["y"][at] + r.normal(0, 0.5, n),
        rounds=np.where(blast, 1, 8),
        kind=np.where(blast, KIND["demining"], KIND["exercise"]), lawful=~late, notice=at, occurred=True, killed=0.0,
        injured=0.0,
    )  # fmt: skip
    return notices
