"""Who watches: patrols, forward posts, acoustic stations, a fire satellite; what they could see, and what they say.

Coverage is what an observer states; what it truly perceives differs: the stated chance of detection is off, wind takes
hearing from all stations at once, patrols are turned back and posts hear small arms only nearby.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, Stories
from trucewatch.exercise.land import Floats, Ints, Land
from trucewatch.exercise.noise import DAY, HOUR, Speech, not_ahead
from trucewatch.exercise.parties import told_act
from trucewatch.exercise.pile import Pile, Rows
from trucewatch.exercise.settings import Settings, habit, numbers

PATROL, POST_NEAR, POST_FAR, STATION, PASS, CAMERA = range(6)
_WATCH_NAMES = ("patrol", "post_near", "post_far", "station", "satellite", "camera")


@dataclass(frozen=True)
class Kind:
    """One kind of watch as it states itself: what it would record, by what means, with what chance, how far."""

    acts: str
    means: str
    detection: float
    radius_km: float
    false_alarm: float


def _kinds() -> tuple[Kind, ...]:
    return tuple(Kind(**numbers()["watches"][name]) for name in _WATCH_NAMES)


WATCHES = _kinds()
_Rows = tuple[Ints, ...]  # kind, start, end, x, y, radius
_LOUD = np.array([2, 3, 4, 5, 6, 7, c.EXPLOSION_UNKNOWN])
_ABLE = np.zeros((len(WATCHES), len(c.ACTS)), dtype=bool)  # which kind of watch can perceive which act
_ABLE[PATROL] = True
_ABLE[POST_NEAR, :3] = True
_ABLE[POST_FAR, np.setdiff1d(_LOUD, [c.ACT["fire.grenade_launcher"], c.ACT["fire.uav_strike"]])] = True
_ABLE[STATION] = _ABLE[POST_FAR]
_ABLE[PASS, c.BURNING] = True
_ABLE[CAMERA, : c.EXPLOSION_UNKNOWN + 1] = True
_HEARD_KM = np.array([m.heard_km for m in c.MANNERS] + [9.0])
_EXPLODES = np.array([m.explodes for m in c.MANNERS] + [True])


@dataclass(frozen=True)
class Watch:
    """Coverage rows as parallel arrays: times in s, places in km; and the restrictions met."""

    kind: Ints
    source: Ints
    start: Floats
    end: Floats
    x: Floats
    y: Floats
    radius_km: Floats
    tasked: Ints
    restrictions: Rows


def keep_watch(settings: Settings, land: Land) -> Watch:
    """Where the mission watched, and where it was turned back."""
    r = settings.rng(50)
    rows: list[_Rows] = []
    patrols, restrictions = _patrols(r, settings, land)
    rows.append(patrols)
    rows += [_posts(r, settings, land, kind) for kind in (POST_NEAR, POST_FAR, CAMERA)]
    rows += [_stations(r, settings, land), _passes(r, settings, land)]
    kind, start, end, x, y, radius = (np.concatenate([p[k] for p in rows]) for k in range(6))
    source = np.array([c.MISSION, c.MISSION, c.MISSION, c.EARS, c.FIRES, c.CAMERAS])[kind]
    order = np.lexsort([x, kind, start])
    kind, source, start, end, x, y, radius = (v[order] for v in (kind, source, start, end, x, y, radius))
    return Watch(kind, source, start, end, x, y, radius, np.zeros(kind.size, np.int64), restrictions)


def _patrols(r: np.random.Generator, settings: Settings, land: Land) -> tuple[_Rows, Rows]:
    """Day patrols on both sides; some never leave, some are turned back after hours."""
    n = int(r.poisson(settings.per_day("patrols_a_day") * settings.days))
    day, side = r.integers(settings.days, size=n), r.integers(2, size=n)
    start = day * DAY + np.rint((8.5 + r.normal(0, 0.5, n)) * 12) / 12 * HOUR
    end = start + np.rint(r.uniform(5, 8.5, n) * 4) / 4 * HOUR
    x = r.uniform(0, settings.length_km, n)
    y = land.line(x) + (1 - 2 * side) * r.uniform(0.5, 6.0, n)
    barred = r.random(n) < np.array(settings.pairs["denied"])[side]
    weather = ~barred & (r.random(n) < 0.05)
    stopped = np.flatnonzero(barred | weather)
    turned = np.where(r.random(n) < 0.4, start + np.rint(r.uniform(1, 3, n) * 4) / 4 * HOUR, start)
    restrictions: Rows = {
        "start": turned[stopped], "end": end[stopped], "x": x[stopped], "y": y[stopped],
        "radius_km": np.full(stopped.size, WATCHES[PATROL].radius_km), "by": np.where(barred, side, -1)[stopped],
        "kind": np.where(weather, 2, r.choice([0, 0, 0, 1], n))[stopped],
    }  # fmt: skip
    end = np.where(barred | weather, turned, end)
    went = end > start
    radius = np.rint(r.uniform(4.5, 7.5, n) * 2) / 2
    row = (np.full(n, PATROL), start, end, x, y, radius)
    return tuple(v[went] for v in row), restrictions


def _posts(r: np.random.Generator, settings: Settings, land: Land, kind: int) -> _Rows:
    """Forward posts listen day and night; each is left empty on some days."""
    n = settings.along("post_every_km")
    x = (np.arange(n) + 0.5) * settings.length_km / n
    y = land.line(x) + np.where(np.arange(n) % 2 == 0, 1.5, -1.5)
    empty = settings.rng(51).random((settings.days, n)) < 0.06
    day, post = np.nonzero(~empty & ((kind != CAMERA) | (np.arange(n) % 2 == 0)))  # a mast at every second post
    start = day * DAY
    radius = np.full(day.size, WATCHES[kind].radius_km)
    return np.full(day.size, kind), start.astype(float), start + DAY, x[post], y[post], radius


def _stations(r: np.random.Generator, settings: Settings, land: Land) -> _Rows:
    n = settings.along("station_every_km")
    x = (np.arange(n) + 0.5) * settings.length_km / n + r.normal(0, 2, n)
    y = land.line(x) + r.normal(0, 1.5, n)
    day, at = np.nonzero(r.random((settings.days, n)) >= 0.1)
    return (
        np.full(day.size, STATION),
        day * DAY,
        (day + 1) * DAY,
        x[at],
        y[at],
        np.full(day.size, WATCHES[STATION].radius_km),
    )


def _passes(r: np.random.Generator, settings: Settings, land: Land) -> _Rows:
    """Two passes a day, at about 01:30 and 13:30; clouds take some of them stretch by stretch."""
    n = max(1, round(settings.length_km / 80))
    moment = np.repeat(np.arange(settings.days * 2) * DAY / 2 + 1.5 * HOUR, n)
    moment = moment + np.repeat(np.rint(r.normal(0, 20, settings.days * 2)) * 60.0, n)
    x = np.tile((np.arange(n) + 0.5) * settings.length_km / n, settings.days * 2)
    clear = r.random(moment.size) >= settings.number("cloud")
    moment, x = moment[clear], x[clear]
    return (
        np.full(x.size, PASS),
        moment - 300.0,
        moment + 300.0,
        x,
        land.line(x),
        np.full(x.size, WATCHES[PASS].radius_km),
    )


def met(stories: Stories, watch: Watch, reach: Floats | None = None) -> tuple[Ints, Ints]:
    """Pairs (coverage row, story) where the story was inside the row while it lasted. `reach`: km a story carries."""
    order = np.argsort(stories["t"], kind="stable")
    t = stories["t"][order]
    end = t + stories["length"][order]
    longest = float((end - t).max(initial=0.0))
    rows, found = [], []
    for k in range(watch.kind.size):
        lo, hi = np.searchsorted(t, watch.start[k] - longest), np.searchsorted(t, watch.end[k])
        near = order[lo:hi]
        near = near[stories["t"][near] + stories["length"][near] >= watch.start[k]]
        d = np.hypot(stories["x"][near] - watch.x[k], stories["y"][near] - watch.y[k])
        inside = near[(d <= watch.radius_km[k]) & (True if reach is None else d <= reach[near])]
        rows.append(np.full(inside.size, k))
        found.append(inside)
    return (np.concatenate(rows), np.concatenate(found)) if rows else (np.zeros(0, np.int64), np.zeros(0, np.int64))


def observe(pile: Pile, stories: Stories, settings: Settings, land: Land, speech: Speech, watch: Watch) -> None:
    """What the mission and its instruments say of what they perceived."""
    happened = stories["occurred"]
    reach = np.where(np.isin(stories["act"], np.arange(9)), _HEARD_KM[np.clip(stories["act"], 0, 8)], 1e9)
    row, story = met(stories, watch, reach)
    known = happened[story] & (stories["kind"][story] != KIND["scene"])
    row, story = row[known], story[known]
    r = settings.rng(52)
    sharp = r.uniform(0.75, 1.15, len(WATCHES))  # stated chances of detection are off, those of each kind by its own
    wind = np.clip(1.15 - settings.rng(53).gamma(2.0, 0.12, settings.days * 4), 0.15, 1.0)
    calm = wind[np.clip((stories["t"][story] // (6 * HOUR)).astype(int), 0, wind.size - 1)]
    kind, act = watch.kind[row], stories["act"][story]
    stated = np.array([k.detection for k in WATCHES])[kind]
    listens = np.isin(kind, [POST_NEAR, POST_FAR, STATION])
    chance = stated * sharp[kind] * np.where(listens, calm, 1.0)
    seen = _ABLE[kind, act] & (r.random(row.size) < chance)
    _patrol_claims(pile, r, stories, speech, watch, row[seen & (kind == PATROL)], story[seen & (kind == PATROL)])
    posts = seen & ((kind == POST_NEAR) | (kind == POST_FAR))
    _post_claims(pile, r, stories, speech, watch, row[posts], story[posts])
    _station_claims(pile, r, stories, story[seen & (kind == STATION)])
    _pass_claims(pile, r, stories, watch, row[seen & (kind == PASS)], story[seen & (kind == PASS)])
    _camera_claims(pile, r, stories, row[seen & (kind == CAMERA)], story[seen & (kind == CAMERA)], watch)
    _false_alarms(pile, r, stories, settings, watch)


def daily_report(r: np.random.Generator, t: Floats) -> Floats:
    """When the mission says it: its report of the next day at 16:00; some at once."""
    published = np.floor(t / DAY) * DAY + DAY + 16 * HOUR
    return np.where(r.random(t.size) < 0.12, np.rint((t + 1200 + r.exponential(HOUR, t.size)) / 60) * 60, published)


def _first(story: Ints) -> Ints:
    """Positions of the first mention of each story: two eyes of one mission write one line."""
    return np.sort(np.unique(story, return_index=True)[1])


def _attributed(r: np.random.Generator, stories: Stories, story: Ints, share: float, wrong: float) -> Ints:
    """The author as an observer names him: the side, seldom the militia, seldom the wrong one, often nobody."""
    author = stories["author"][story]
    named = np.where((author >= 2) & (r.random(story.size) < 0.6), author - 2, author)
    named = np.where((named >= 0) & (named < 2) & (r.random(story.size) < wrong), 1 - named, named)
    return np.where(r.random(story.size) < share, named, -1)


def _patrol_claims(
    pile: Pile, r: np.random.Generator, stories: Stories, speech: Speech, watch: Watch, row: Ints, story: Ints
) -> None:
    one = _first(story)
    row, story = row[one], story[one]
    n = story.size
    how = habit("mission")
    begin = np.maximum(stories["t"][story], watch.start[row])
    t = begin + r.random(n) * np.minimum(stories["length"][story], 900)
    standing = np.isin(stories["act"][story], [c.WEAPONS_SEEN, c.BURNING])
    t = np.where(standing, watch.start[row] + r.random(n) * (watch.end[row] - watch.start[row]), t)
    source = np.full(n, c.MISSION)
    rows = speech.tell(r, source, t, stories["x"][story], stories["y"][story], r.integers(2, size=n), "mission")
    published = daily_report(r, t)
    act = told_act(r, stories["act"][story], how.wrong_act, how.vague_act)
    saw = r.random(n) < 0.75
    firing = stories["act"][story] <= c.EXPLOSION_UNKNOWN
    means = np.where(saw | ~firing, c.SAW, c.HEARD)
    counted = firing | (stories["act"][story] == c.WEAPONS_SEEN)
    rounds = np.where(counted, stories["rounds"][story], np.nan)
    presence = np.isin(stories["act"][story], [c.WEAPONS_SEEN, c.UAV_FLIGHT])
    pile.add(
        n, story=story, source=source, stance=c.OBSERVES, act=act, published=published, means=means,
        accused=np.where(means == c.SAW, _attributed(r, stories, story, 0.6, 0.03), -1),
        weapon=np.where((act == stories["act"][story]) & (r.random(n) < 0.7), stories["weapon"][story], -1),
        place_of=np.where(presence, c.PRESENCE, np.where(r.random(n) < 0.9, c.IMPACT, -1)), form=5, count_low=rounds,
        count_high=rounds,
        unit=np.where(presence, c.WEAPON, np.where(firing, c.ROUND, -1)), **not_ahead(rows, published),
    )  # fmt: skip


def _post_claims(
    pile: Pile, r: np.random.Generator, stories: Stories, speech: Speech, watch: Watch, row: Ints, story: Ints
) -> None:
    """Heard by a post, with direction and distance; of what goes out as well as of what comes in."""
    one = _first(story)
    row, story = row[one], story[one]
    n = story.size
    how = habit("mission")
    outgoing = (r.random(n) < 0.3) & np.isfinite(stories["origin_x"][story])
    x = np.where(outgoing, stories["origin_x"][story], stories["x"][story])
    y = np.where(outgoing, stories["origin_y"][story], stories["y"][story])
    ox, oy = watch.x[row], watch.y[row]
    true = np.degrees(np.arctan2(x - ox, y - oy))
    bearing = np.mod(np.rint((true + r.normal(0, 7, n)) / 5) * 5, 360)
    d = np.hypot(x - ox, y - oy) * np.exp(r.normal(0, 0.2, n))
    low, high = np.maximum(0.1, np.floor(d * 0.8 * 2) / 2), np.ceil(d * 1.25 * 2) / 2
    t = stories["t"][story] + r.standard_t(3, n) * 60
    start = np.rint(t / 60) * 60
    explodes = _EXPLODES[np.clip(stories["act"][story], 0, 8)]
    act = np.where(
        explodes & (r.random(n) < 0.5), c.EXPLOSION_UNKNOWN, told_act(r, stories["act"][story], how.wrong_act, 0.1)
    )
    pointed = r.random(n) < 0.75  # the rest is told as a place, as the daily report rounds it
    published = daily_report(r, t)
    rounds = np.where(r.random(n) < 0.7, stories["rounds"][story], np.nan)
    nan = np.where(pointed, np.nan, 1.0)
    pile.add(
        n, story=story, source=c.MISSION, stance=c.OBSERVES, act=act, published=np.maximum(published, start + 60),
        start=start,
        means=c.HEARD, obs_x=np.where(pointed, ox, np.nan), obs_y=np.where(pointed, oy, np.nan),
        bearing_deg=np.where(pointed, bearing, np.nan), bearing_sd_deg=np.where(pointed & (r.random(n) < 0.6), 10.0,
            np.nan),
        range_km_low=np.where(pointed, low, np.nan), range_km_high=np.where(pointed, high, np.nan),
        x=(ox + d * np.sin(np.radians(bearing))) * nan, y=(oy + d * np.cos(np.radians(bearing))) * nan,
        radius_km=r.choice([2.0, 3.0, 4.0], n) * nan, place_of=np.where(outgoing, c.ORIGIN,
            np.where(r.random(n) < 0.6, c.IMPACT, -1)),
        count_low=rounds, count_high=rounds, unit=np.where(explodes, c.EXPLOSION, c.BURST), form=6,
        namer=r.integers(2, size=n),
    )  # fmt: skip


def _station_claims(pile: Pile, r: np.random.Generator, stories: Stories, story: Ints) -> None:
    """Located by several stations together: a minute, a place good to a few km, nothing of who and what."""
    story = story[_first(story)]
    n = story.size
    error = r.standard_t(3, (n, 2)) * 0.8 * np.where(r.random(n) < 0.05, 5.0, 1.0)[:, None]
    start = np.rint(stories["t"][story] + r.normal(0, 15, n))
    pile.add(
        n, story=story, source=c.EARS, stance=c.OBSERVES, act=c.EXPLOSION_UNKNOWN, start=start, published=start + 300,
        means=c.SENSOR, x=stories["x"][story] + error[:, 0], y=stories["y"][story] + error[:, 1],
        radius_km=r.choice([1.5, 2.0, 3.0], n), place_of=c.IMPACT, time_sd_min=0.5, form=-1,
    )  # fmt: skip


def _pass_claims(pile: Pile, r: np.random.Generator, stories: Stories, watch: Watch, row: Ints, story: Ints) -> None:
    n = story.size
    start = (watch.start[row] + watch.end[row]) / 2
    pile.add(
        n, story=story, source=c.FIRES, stance=c.OBSERVES, act=c.BURNING, start=start, published=start + 3 * HOUR,
        means=c.SATELLITE, x=stories["x"][story] + r.normal(0, 0.3, n), y=stories["y"][story] + r.normal(0, 0.3, n),
        radius_km=1.0, place_of=c.IMPACT, time_sd_min=1.0, form=-1,
    )  # fmt: skip


def _camera_claims(pile: Pile, r: np.random.Generator, stories: Stories, row: Ints, story: Ints, watch: Watch) -> None:
    """Seen by a camera on a mast, day and night: flashes and hits with a direction; a reader writes them down."""
    one = _first(story)
    row, story = row[one], story[one]
    n = story.size
    x, y, ox, oy = stories["x"][story], stories["y"][story], watch.x[row], watch.y[row]
    bearing = np.mod(np.rint(np.degrees(np.arctan2(x - ox, y - oy)) + r.normal(0, 2, n)), 360)
    d = np.hypot(x - ox, y - oy) * np.exp(r.normal(0, 0.25, n))
    start = np.rint(stories["t"][story] + r.normal(0, 20, n))
    act = np.where(_EXPLODES[stories["act"][story]] & (r.random(n) < 0.6), c.EXPLOSION_UNKNOWN, stories["act"][story])
    pile.add(
        n, story=story, source=c.CAMERAS, stance=c.OBSERVES, act=act, start=start, published=start + 6 * HOUR,
        means=c.CAMERA, obs_x=ox, obs_y=oy, bearing_deg=bearing, bearing_sd_deg=3.0, place_of=c.IMPACT, form=-1,
        range_km_low=np.maximum(0.1, np.floor(d * 0.7 * 2) / 2), range_km_high=np.ceil(d * 1.4 * 2) / 2,
        time_sd_min=0.5,
    )  # fmt: skip


def _false_alarms(pile: Pile, r: np.random.Generator, stories: Stories, settings: Settings, watch: Watch) -> None:
    """Thunder and quarries at stations, slammed doors at posts: records of nothing, more of them on loud days."""
    loud = settings.rng(54).gamma(1.0, 1.0, settings.days)
    day = np.clip((watch.start // DAY).astype(int), 0, settings.days - 1)
    rate = np.select([watch.kind == STATION, watch.kind == POST_FAR], [0.1, 0.04], 0.0) * loud[day]
    row = np.repeat(np.arange(rate.size), r.poisson(rate))
    n = row.size
    angle, away = r.uniform(0, 2 * np.pi, n), watch.radius_km[row] * np.sqrt(r.random(n))
    t = watch.start[row] + r.random(n) * DAY
    x, y = watch.x[row] + away * np.sin(angle), watch.y[row] + away * np.cos(angle)
    ids = stories.add(
        n, t=t, length=60.0, act=c.EXPLOSION_UNKNOWN, x=x, y=y, kind=KIND["false alarm"], rounds=1.0, side=-1
    )
    station = watch.kind[row] == STATION
    start = np.where(station, np.rint(t), np.rint(t / 60) * 60)
    published = np.where(station, start + 300, np.floor(t / DAY) * DAY + DAY + 16 * HOUR)
    pile.add(
        n, story=ids, source=watch.source[row], stance=c.OBSERVES, act=c.EXPLOSION_UNKNOWN, start=start,
        published=published,
        means=np.where(station, c.SENSOR, c.HEARD), x=x, y=y, radius_km=3.0, place_of=np.where(station, c.IMPACT, -1),
        form=np.where(station, -1, 6), namer=0, time_sd_min=np.where(station, 0.5, np.nan),
    )  # fmt: skip
