"""How people tell time and place: rounded, blurred, slipped by a day, with a precision that is not the true one.

The errors are Student t with heavy tails and a constant bias of each source,
and the stated radius is a habit of speech:
so the noise is not the model that any linker assumes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.exercise.codes import SOURCES
from trucewatch.exercise.land import Floats, Ints, Land
from trucewatch.exercise.pile import Rows
from trucewatch.exercise.settings import Habit, Settings, habit

HOUR, DAY = 3600.0, 86400.0
MINUTE_FORM, QUARTER, FULL_HOUR, SPAN, PART, WHOLE_DAY = range(6)
POINT, NAME, DISTRICT_FORM, DIRECTION, NOWHERE = range(5)


@dataclass(frozen=True)
class Speech:
    """What every source does: its own bias in km, drawn once."""

    land: Land
    bias: Floats

    @classmethod
    def of(cls, settings: Settings, land: Land) -> Speech:
        """Biases of a seed."""
        spread = np.array([habit(s.habit).bias_km for s in SOURCES])
        return cls(land, settings.rng(2).normal(size=(len(SOURCES), 2)) * spread[:, None])

    def tell(
        self, r: np.random.Generator, source: Ints, t: Floats, x: Floats, y: Floats, namer: Ints, name: str
    ) -> Rows:
        """Columns of time and place as the sources tell them. `namer`: whose names of places; `name`: the habit."""
        how = habit(name)
        return {**tell_time(r, how, t), **self.tell_place(r, how, source, x, y, namer)}

    def tell_place(self, r: np.random.Generator, how: Habit, source: Ints, x: Floats, y: Floats, namer: Ints) -> Rows:
        """Place as told: a point with a radius, a village by name, a district by name, a direction, or nothing."""
        n = len(x)
        error = r.standard_t(3, (n, 2)) * how.place_err_km
        error *= np.where(r.random(n) < how.place_tail, 6.0, 1.0)[:, None]
        px, py = x + error[:, 0] + self.bias[source, 0], y + error[:, 1] + self.bias[source, 1]
        form = _pick(r, how.places, n)
        radius = r.choice(np.array(how.radii), n)
        out = {k: np.full(n, np.nan) for k in ("x", "y", "radius_km")}
        place = np.full(n, -1)
        point = form == POINT
        out["x"][point], out["y"][point], out["radius_km"][point] = px[point], py[point], radius[point]
        out["radius_km"][point & (r.random(n) < 0.05)] = np.nan  # a point whose precision nobody said
        by_name = np.flatnonzero(form == NAME)
        place[by_name] = self.land.village(px[by_name], py[by_name])
        placed = by_name[r.random(by_name.size) < 0.35]  # some give the village's coordinates too
        out["x"][placed], out["y"][placed] = self.land.x[place[placed]], self.land.y[place[placed]]
        out["radius_km"][placed] = r.choice([2.0, 3.0, 5.0], placed.size)
        district = np.flatnonzero(form == DISTRICT_FORM)
        place[district] = self.land.district(px[district], py[district])
        away = np.flatnonzero(form == DIRECTION)
        near = self.land.village(px[away], py[away])
        for k, at in (("x", self.land.x), ("y", self.land.y)):
            out[k][away] = at[near] + r.normal(size=away.size) * 3.0
        out["radius_km"][away] = r.choice([10.0, 15.0, 20.0], away.size)
        return {**out, "place": place, "namer": namer}


def tell_time(r: np.random.Generator, how: Habit, t: Floats) -> Rows:
    """Start and end as told (end NaN = an instant), and a stated standard deviation for a few."""
    n = len(t)
    error = r.standard_t(3, n) * how.time_err_min * 60.0 * np.where(r.random(n) < how.time_tail, 8.0, 1.0)
    slip = np.where(r.random(n) < how.day_slip, np.where(r.random(n) < 0.5, DAY, -DAY), 0.0)
    said = t + error + slip
    form = _pick(r, how.times, n)
    step = np.choose(np.minimum(form, FULL_HOUR), [60.0, 900.0, HOUR])
    start = np.rint(said / step) * step
    end = np.full(n, np.nan)
    span = form == SPAN
    width = r.choice([1.0, 2.0, 3.0, 4.0], n) * HOUR
    begin = np.floor((said - r.random(n) * width) / HOUR) * HOUR
    start[span], end[span] = begin[span], (begin + width)[span]
    part = form == PART
    quarter = np.floor(said / (6 * HOUR)) * 6 * HOUR
    night = part & (np.mod(said + 2 * HOUR, DAY) < 8 * HOUR)  # "overnight": 22:00 to 06:00
    first = np.floor((said + 2 * HOUR) / DAY) * DAY - 2 * HOUR
    start[part], end[part] = quarter[part], (quarter + 6 * HOUR)[part]
    start[night], end[night] = first[night], (first + 8 * HOUR)[night]
    day = form == WHOLE_DAY
    start[day] = np.floor(said[day] / DAY) * DAY
    end[day] = start[day] + DAY
    told = np.isnan(end) & (r.random(n) < 0.08)
    return {"start": start, "end": end, "time_sd_min": np.where(told, r.choice([5.0, 10.0, 15.0], n), np.nan)}


def not_ahead(rows: Rows, published: Floats) -> Rows:
    """The same with no time told before it came: a day ahead slips back by a day, less is told as just now."""
    ahead = rows["start"] - published
    back = np.where(
        ahead > 2 * HOUR, np.ceil(ahead / DAY) * DAY, np.where(ahead > 0, ahead + np.mod(published, 60.0), 0.0)
    )
    return {**rows, "start": rows["start"] - back, "end": rows["end"] - back}


def _pick(r: np.random.Generator, shares: tuple[float, ...], n: int) -> Ints:
    edges = np.cumsum(np.array(shares) / sum(shares))
    form: Ints = np.searchsorted(edges, r.random(n) * edges[-1], side="right").clip(0, len(shares) - 1)
    return form
