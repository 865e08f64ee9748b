"""What truly happens, and what is only told: the stories of the exercise.

Firing is a self-exciting process (Hawkes 1971, simulated by generations): every incident sets off others nearby,
mostly by
the other side, with a heavy-tailed delay (Omori-Utsu). Hours of the day and tension of the days modulate it.
A story that did not occur has no author; its claims still belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.land import Floats, Ints, Land
from trucewatch.exercise.noise import DAY, HOUR
from trucewatch.exercise.settings import Settings

KINDS = (
    "firing", "uav flight", "weapons", "fire", "background fire", "accident", "exercise", "demining", "invented",
    "rumour",
    "false alarm", "scene",
)  # fmt: skip
KIND = {k: i for i, k in enumerate(KINDS)}
# When fire is opened: dusk and the first hours of the night, less at dawn, least at noon. By local hour; any scale.
_RHYTHM = np.array([6, 4, 3, 2, 3, 6, 7, 5, 3, 2, 2, 2, 2, 2, 3, 3, 4, 6, 8, 10, 11, 10, 9, 8], dtype=float)
COLUMNS = (
    "t", "length", "author", "side", "act", "x", "y", "origin_x", "origin_y", "weapon", "killed", "injured", "kind",
    "lawful",
    "notice", "occurred", "cause", "rounds",
)  # fmt: skip
_WHOLE = {"author", "side", "act", "weapon", "kind", "notice", "cause"}


@dataclass
class Stories:
    """Parallel arrays by COLUMNS. Times in s, places in km; `side`: who is or would be blamed (-1 nobody)."""

    columns: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    @property
    def n(self) -> int:
        """How many."""
        return len(self.columns["t"]) if self.columns else 0

    def add(self, n: int, **columns: Any) -> Ints:
        """Append n stories; what is not given is unknown (NaN, -1, False). Returns their numbers."""
        first = self.n
        for name in COLUMNS:
            default: Any = -1 if name in _WHOLE else False if name in {"lawful", "occurred"} else np.nan
            dtype: Any = np.int64 if name in _WHOLE else bool if name in {"lawful", "occurred"} else np.float64
            new = np.broadcast_to(np.asarray(columns.get(name, default), dtype=dtype), (n,))
            self.columns[name] = np.concatenate([self.columns[name], new]) if first else new.copy()
        return np.arange(first, first + n)


def make_stories(settings: Settings, land: Land) -> Stories:
    """Everything that happens by itself; what parties invent is added by `parties`, notices' acts by `lawful`."""
    stories = Stories()
    firing(stories, settings, land)
    flights(stories, settings, land)
    weapons(stories, settings, land)
    accidents(stories, settings, land)
    fires(stories, settings, land)
    return stories


def moments(r: np.random.Generator, settings: Settings, n: int, rhythm: bool = True) -> Floats:
    """n times within the exercise, by the rhythm of the day and the tension of the days."""
    if not rhythm:
        return r.uniform(0, settings.days * DAY, n)
    tension = np.exp(np.cumsum(settings.rng(3).normal(0, 0.35, settings.days)))
    day = r.choice(settings.days, n, p=tension / tension.sum())
    hour = r.choice(24, n, p=_RHYTHM / _RHYTHM.sum())
    return np.asarray(day * DAY + (hour + r.random(n)) * HOUR)


def firing(stories: Stories, settings: Settings, land: Land) -> Ints:
    """Incidents of fire with what they set off."""
    r = settings.rng(4)
    spots = r.uniform(0, settings.length_km, max(4, int(settings.length_km / 4)))
    heat = r.pareto(1.8, spots.size) + 0.5
    lean = r.beta(3, 3, spots.size)
    branching = settings.number("branching")
    n = r.poisson(settings.events_a_day * settings.days * (1 - branching))
    spot = r.choice(spots.size, n, p=heat / heat.sum())
    t, x = moments(r, settings, n), spots[spot] + r.normal(0, 1.3, n)
    side = (r.random(n) < lean[spot]).astype(np.int64)
    cause = np.full(n, -1)
    generations = [(t, x, side, cause)]
    first = 0
    while n:
        many = r.poisson(branching, n)
        parent = np.repeat(np.arange(n), many)
        delay = 2400.0 * (r.random(parent.size) ** (-1 / 1.3) - 1.0) + 60.0  # median 28 minutes
        t, x = t[parent] + delay, x[parent] + r.normal(0, 1.6, parent.size)
        side = np.where(r.random(parent.size) < settings.number("retaliation"), 1 - side[parent], side[parent])
        cause = first + parent
        # What falls after the end is not part of the exercise; its children are none either.
        kept = t < settings.days * DAY
        first += n
        t, x, side, cause = t[kept], x[kept], side[kept], cause[kept]
        n = t.size
        generations.append((t, x, side, cause))
    t, x, side, cause = (np.concatenate([g[k] for g in generations]) for k in range(4))
    return _fire(stories, r, settings, land, t, x, side, cause, "firing")


def _fire(
    stories: Stories, r: np.random.Generator, settings: Settings, land: Land, t: Floats, x: Floats, side: Ints,
    cause: Ints,
    kind: str,
) -> Ints:  # fmt: skip
    """Weapons, places, harm of incidents whose time, place along the line and side are known."""
    n = t.size
    manner = r.choice(len(c.MANNERS), n, p=np.array([m.share for m in c.MANNERS]) / sum(m.share for m in c.MANNERS))
    weapon = np.zeros(n, dtype=np.int64)
    origin, depth, burns, harms = (np.zeros(n) for _ in range(4))
    for k, m in enumerate(c.MANNERS):
        rows = np.flatnonzero(manner == k)
        weapon[rows] = np.array([c.WEAPON_AT[w] for w in m.weapons])[r.integers(len(m.weapons), size=rows.size)]
        origin[rows], depth[rows] = r.uniform(*m.origin_km, rows.size), r.uniform(*m.impact_km, rows.size)
        burns[rows], harms[rows] = m.burns, m.harms
    sign = 1.0 - 2.0 * side
    aside = r.normal(0, 0.4, n) + np.where(depth > 2, r.normal(0, 1.5, n), 0.0)
    ox, ix = np.clip(x + aside, 0, settings.length_km), np.clip(x, 0, settings.length_km)
    oy, iy = land.line(ox) + sign * origin, land.line(ix) - sign * depth
    # Towns and villages draw fire: a third of what carries far enough falls on or beside the nearest one.
    drawn = (depth > 0.6) & (r.random(n) < 0.35)
    target = land.village_of(1 - side, ix, iy)
    near = drawn & (np.hypot(land.x[target] - ix, land.y[target] - iy) < 4.0)
    ix = np.where(near, land.x[target] + r.normal(0, 0.5, n), ix)
    iy = np.where(near, land.y[target] + r.normal(0, 0.5, n), iy)
    hurt = r.random(n) < harms * np.where(near, 2.0, 1.0)
    killed = np.where(hurt & (r.random(n) < 0.3), 1.0 + r.poisson(0.5, n), 0.0)
    militia = r.random(n) < settings.number("militia")
    ids = stories.add(
        n, t=t, length=np.exp(r.normal(np.log(480), 0.9, n)).clip(20, 4 * HOUR),
        author=np.where(militia, side + 2, side),
        side=side, act=np.array([m.act for m in c.MANNERS])[manner], x=ix, y=iy, origin_x=ox, origin_y=oy,
        weapon=weapon,
        killed=killed, injured=np.where(hurt, r.poisson(1.5, n), 0.0), kind=KIND[kind], occurred=True,
        rounds=np.ceil(r.lognormal(1.6, 0.9, n)), cause=np.where(cause >= 0, stories.n + cause, -1),
    )  # fmt: skip
    _burning(stories, r, ids[r.random(n) < burns])
    return ids


def _burning(stories: Stories, r: np.random.Generator, causes: Ints) -> None:
    """Fires that shelling lights: stories of their own, which burn for hours."""
    n = causes.size
    stories.add(
        n, t=stories["t"][causes] + stories["length"][causes], length=r.exponential(4 * HOUR, n) + 900.0,
        author=stories["author"][causes], side=stories["side"][causes], act=c.BURNING, kind=KIND["fire"], occurred=True,
        x=stories["x"][causes] + r.normal(0, 0.3, n), y=stories["y"][causes] + r.normal(0, 0.3, n), cause=causes,
    )  # fmt: skip


def flights(stories: Stories, settings: Settings, land: Land) -> None:
    """Drones over the line."""
    r = settings.rng(5)
    n = r.poisson(settings.per_day("uav_flights_a_day") * settings.days)
    side = r.integers(2, size=n)
    x = r.uniform(0, settings.length_km, n)
    stories.add(
        n, t=moments(r, settings, n, rhythm=False), length=r.exponential(1500, n) + 120, author=side, side=side,
        act=c.UAV_FLIGHT, x=x, y=land.line(x) - (1 - 2 * side) * r.normal(1.0, 3.0, n), weapon=c.WEAPON_AT["uav"],
        kind=KIND["uav flight"], occurred=True,
    )  # fmt: skip


def weapons(stories: Stories, settings: Settings, land: Land) -> None:
    """Heavy weapons that stand somewhere on a day: some nearer to the line than a withdrawal allows."""
    r = settings.rng(6)
    n = r.poisson(settings.per_day("weapons_a_day") * settings.days)
    side = r.integers(2, size=n)
    x = r.uniform(0, settings.length_km, n)
    names = ("mortar.82mm", "mortar.120mm", "artillery.122mm", "artillery.152mm", "mlrs.bm21", "tank.t72")
    weapon = np.array([c.WEAPON_AT[w] for w in names])[r.integers(len(names), size=n)]
    away = r.gamma(2.2, 8.0, n).clip(0.4, 60)
    stories.add(
        n, t=r.integers(settings.days, size=n) * DAY + 6 * HOUR, length=12 * HOUR, author=side, side=side,
        act=c.WEAPONS_SEEN, x=x, y=land.line(x) + (1 - 2 * side) * away, weapon=weapon, kind=KIND["weapons"],
        occurred=True, rounds=r.integers(1, 4, n),
    )  # fmt: skip


def accidents(stories: Stories, settings: Settings, land: Land) -> None:
    """Own ammunition goes off behind the own line: it happened, and nobody fired."""
    r = settings.rng(7)
    n = r.poisson(settings.per_day("accidents_a_day") * settings.days)
    side = r.integers(2, size=n)
    x = r.uniform(0, settings.length_km, n)
    stories.add(
        n, t=moments(r, settings, n, rhythm=False), length=600.0, author=side, side=1 - side, act=c.EXPLOSION_UNKNOWN,
        x=x, y=land.line(x) + (1 - 2 * side) * r.uniform(1, 15, n), injured=r.poisson(0.5, n), killed=0.0,
        kind=KIND["accident"], occurred=True, lawful=True, rounds=1,
    )  # fmt: skip


def fires(stories: Stories, settings: Settings, land: Land) -> None:
    """Fires of the season that nobody lit for the fight: fields, rubbish, lightning; more of them by day."""
    r = settings.rng(8)
    n = r.poisson(settings.per_day("background_fires_a_day") * settings.days)
    x = r.uniform(0, settings.length_km, n)
    stories.add(
        n, t=r.integers(settings.days, size=n) * DAY + r.normal(14, 3, n).clip(0, 23.9) * HOUR,
        length=r.exponential(5 * HOUR, n) + 1200, act=c.BURNING, x=x, y=land.line(x) + r.normal(0, 12, n), author=-1,
        kind=KIND["background fire"], occurred=True, lawful=True,
    )  # fmt: skip


def invented(
    stories: Stories, r: np.random.Generator, settings: Settings, land: Land, n: int, accused: int, campaign: Floats
) -> Ints:
    """Allegations on nothing against `accused`: as the accuser likes them, near villages, and with heavier weapons.

    `campaign`: weights of the days, since who makes things up does so in waves.
    """
    day = r.choice(settings.days, n, p=campaign / campaign.sum())
    hour = r.choice(24, n, p=_RHYTHM / _RHYTHM.sum())
    share = np.array([m.share for m in c.MANNERS]) ** 0.7
    manner = r.choice(len(c.MANNERS), n, p=share / share.sum())
    village = land.village_of(np.full(n, 1 - accused), r.uniform(0, settings.length_km, n), np.zeros(n))
    weapon = np.array([c.WEAPON_AT[c.MANNERS[m].weapons[0]] for m in manner], dtype=np.int64)
    hurt = r.random(n) < 0.15
    return stories.add(
        n, t=day * DAY + (hour + r.random(n)) * HOUR, length=600.0, side=accused, kind=KIND["invented"],
        act=np.array([m.act for m in c.MANNERS])[manner], x=land.x[village] + r.normal(0, 1.0, n),
        y=land.y[village] + r.normal(0, 1.0, n), weapon=weapon, killed=np.where(hurt, r.poisson(0.6, n), 0.0),
        injured=np.where(hurt, 1 + r.poisson(1.0, n), 0.0), rounds=np.ceil(r.lognormal(1.8, 0.8, n)),
    )  # fmt: skip


def rumours(stories: Stories, r: np.random.Generator, settings: Settings, land: Land) -> Ints:
    """Nothing happened, and callers and a channel tell of it."""
    n = int(r.poisson(settings.per_day("hoaxes_a_day") * settings.days))
    village = land.settled[r.integers(land.settled.size, size=n)] if n else np.zeros(0, np.int64)
    return stories.add(
        n, t=moments(r, settings, n), length=600.0, side=1 - land.side[village], act=c.EXPLOSION_UNKNOWN,
        x=land.x[village], y=land.y[village], kind=KIND["rumour"], killed=0.0, injured=0.0, rounds=1.0,
    )  # fmt: skip
