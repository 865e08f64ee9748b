"""What the two sides say: allegations, denials, counter-accusations, admissions; and their outlets, which repeat them.

Both sides are treated by the same function with their own numbers. A side tells of what was done to it, and invents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, Stories, invented
from trucewatch.exercise.land import Floats, Ints, Land
from trucewatch.exercise.noise import DAY, HOUR, Speech, not_ahead
from trucewatch.exercise.pile import Pile, Rows, repeated, take
from trucewatch.exercise.settings import Settings, habit


@dataclass(frozen=True)
class Office:
    """When a side's ministry speaks: the hour of its evening bulletin."""

    side: int
    evening: float

    def bulletin(self, t: Floats) -> Floats:
        """The first bulletin that can hold something of time t: half an hour is needed to write it down."""
        day = np.floor((t + 1800.0 - self.evening) / DAY) + 1
        return np.asarray(day * DAY + self.evening)


def offices(settings: Settings) -> tuple[Office, Office]:
    """The two offices; their hours are drawn alike."""
    evenings = settings.rng(9).choice(np.arange(17.5, 21.01, 0.25), 2) * HOUR
    return Office(0, float(evenings[0])), Office(1, float(evenings[1]))


def speak(pile: Pile, stories: Stories, settings: Settings, land: Land, speech: Speech) -> list[Rows]:
    """Everything that both sides say of themselves; returns the allegations of both ministries, by side."""
    told = []
    desk = offices(settings)
    for office in desk:
        r = settings.rng(20 + office.side)
        accused = 1 - office.side
        happened = _known(r, stories, settings, accused)
        made_up = _made_up(r, stories, settings, land, office, happened.size)
        alleged = _allege(pile, r, stories, settings, speech, office, np.concatenate([happened, made_up]))
        _local(pile, r, stories, settings, speech, office, np.concatenate([happened, made_up[::4]]))
        told.append(alleged)
    for office in desk:
        r = settings.rng(30 + office.side)
        heard = told[1 - office.side]  # what the other side alleges against this one
        _answer(pile, r, stories, settings, speech, office, heard)
    for side in (0, 1):
        _echo(pile, settings.rng(40 + side), settings, told[side], side)
    return told


def _known(r: np.random.Generator, stories: Stories, settings: Settings, accused: int) -> Ints:
    """True stories that the other side will tell: what hurt is told more often, what fell on empty ground less."""
    kinds = [KIND[k] for k in ("firing", "uav flight", "exercise", "accident")]
    rows = np.flatnonzero(np.isin(stories["kind"], kinds) & (stories["side"] == accused))
    harm = np.nan_to_num(stories["killed"][rows]) + np.nan_to_num(stories["injured"][rows])
    p = np.full(rows.size, settings.number("alleged"))
    p = np.where(stories["act"][rows] == c.SMALL_ARMS, p * 0.75, p)
    p = np.where(stories["act"][rows] == c.UAV_FLIGHT, p * 0.6, p)
    p = np.where(np.isin(stories["kind"][rows], [KIND["exercise"], KIND["accident"]]), 0.3, p)
    p = np.where(harm > 0, np.maximum(p, 0.95), p)
    chosen: Ints = rows[r.random(rows.size) < p]
    return chosen


def _made_up(
    r: np.random.Generator, stories: Stories, settings: Settings, land: Land, office: Office, true: int
) -> Ints:
    share = settings.pairs["fabricated"][office.side]
    n = int(r.poisson(true * share / (1 - share)))
    more = settings.pairs["invented_a_day"][office.side] * settings.length_km / settings.number("line_km")
    n += int(r.poisson(more * settings.days))
    campaign = r.gamma(0.7, 1.0, settings.days) + 0.05
    return invented(stories, r, settings, land, n, 1 - office.side, campaign)


def told_act(r: np.random.Generator, act: Ints, wrong: float, vague: float) -> Ints:
    """The act as named: a neighbouring kind for some, plain fire or an explosion for others."""
    firing = act < c.EXPLOSION_UNKNOWN
    slipped = np.clip(act + r.choice([-1, 1, 1, 2], act.size), 0, c.EXPLOSION_UNKNOWN - 1)
    out = np.where(firing & (r.random(act.size) < wrong), slipped, act)
    loud = act >= 2
    blurred = np.where(loud & (r.random(act.size) < 0.6), c.EXPLOSION_UNKNOWN, c.FIRE)
    return np.where(firing & (r.random(act.size) < vague), blurred, out)


def harm_told(r: np.random.Generator, stories: Stories, ids: Ints, inflates: float) -> Rows:
    """Killed and injured as told: sometimes more than there were, sometimes a range, only where there were any."""
    out: Rows = {}
    for name in ("killed", "injured"):
        true = np.nan_to_num(stories[name][ids])
        more = np.where(r.random(ids.size) < inflates, r.poisson(1.0, ids.size), 0)
        told = np.where(true > 0, true + more, np.nan)
        out[f"{name}_low"] = told
        out[f"{name}_high"] = np.where(r.random(ids.size) < 0.15, told + 2, told)
    out["who"] = np.where(
        np.isfinite(out["killed_low"]) | np.isfinite(out["injured_low"]), r.integers(3, size=ids.size), -1
    )
    return out


def _allege(
    pile: Pile, r: np.random.Generator, stories: Stories, settings: Settings, speech: Speech, office: Office, ids: Ints
) -> Rows:
    n, side = ids.size, office.side
    how = habit("ministry")
    source = np.where(r.random(n) < 0.08, c.FOREIGN[side], c.MINISTRY[side])
    t = stories["t"][ids]
    at_once = r.random(n) < 0.22
    published = np.where(at_once, np.rint((t + 600 + r.exponential(1.5 * HOUR, n)) / 60) * 60, office.bulletin(t))
    published += np.where(~at_once & (r.random(n) < 0.05), DAY, 0.0)  # forgotten, and told a day later
    act = told_act(r, stories["act"][ids], how.wrong_act, how.vague_act)
    counted = r.random(n) < 0.4
    rounds = np.ceil(stories["rounds"][ids] * np.exp(r.normal(0.1, 0.4, n)))
    flying = stories["act"][ids] == c.UAV_FLIGHT
    rows = speech.tell(r, source, t, stories["x"][ids], stories["y"][ids], np.full(n, side), "ministry")
    names_weapon = (r.random(n) < 0.35) & (act == stories["act"][ids]) & (stories["weapon"][ids] >= 0)
    blames = r.random(n) < 0.95
    # An exercise or an accident is told as what it looks like: an attack by the other side.
    return pile.add(
        n, story=ids, source=source, stance=c.ALLEGES, act=act, published=published,
        accused=np.where(blames, 1 - side, -1), weapon=np.where(names_weapon, stories["weapon"][ids], -1),
        place_of=np.where(flying, c.PRESENCE, np.where(r.random(n) < 0.85, c.IMPACT, -1)),
        count_low=np.where(counted & ~flying, rounds, np.nan), count_high=np.where(counted & ~flying, rounds, np.nan),
        unit=np.where(counted & ~flying, c.ROUND, -1), form=0, **not_ahead(rows, published),
        **harm_told(r, stories, ids, settings.number("inflates")),
    )  # fmt: skip


def _local(
    pile: Pile, r: np.random.Generator, stories: Stories, settings: Settings, speech: Speech, office: Office, ids: Ints
) -> None:
    """District administrations tell by themselves what fell near people, soon and by village."""
    ids = ids[r.random(ids.size) < settings.number("local")]
    ids = ids[stories["act"][ids] != c.UAV_FLIGHT]
    n = ids.size
    source = np.full(n, c.LOCAL[office.side])
    how = habit("local")
    rows = speech.tell(
        r, source, stories["t"][ids], stories["x"][ids], stories["y"][ids], np.full(n, office.side), "local"
    )
    published = np.rint((stories["t"][ids] + 900 + r.exponential(2 * HOUR, n)) / 60) * 60
    pile.add(
        n, story=ids, source=source, stance=c.ALLEGES, act=told_act(r, stories["act"][ids], how.wrong_act,
            how.vague_act),
        published=published, accused=np.where(r.random(n) < 0.8, 1 - office.side, -1),
        place_of=c.IMPACT, form=1, **not_ahead(rows, published),
        **harm_told(r, stories, ids, settings.number("inflates") / 2),
    )  # fmt: skip


def _answer(
    pile: Pile,
    r: np.random.Generator,
    stories: Stories,
    settings: Settings,
    speech: Speech,
    office: Office,
    heard: Rows,
) -> None:
    """What the accused says: denies (late and in bundles), tells it as done by the other side, or admits."""
    side, n = office.side, len(heard["uid"])
    true = stories["occurred"][heard["story"]] & (stories["author"][heard["story"]] % 2 == side)
    p = np.where(true, settings.pairs["deny_true"][side], settings.pairs["deny_false"][side])
    denied = np.flatnonzero((r.random(n) < p) & (heard["accused"] == side))
    _deny(pile, r, office, take(heard, denied))
    admitted = np.flatnonzero(true & (r.random(n) < settings.pairs["admits"][side]))
    rows = take(heard, admitted)
    m = len(rows["uid"])
    pile.add(m, **repeated(
        rows, source=c.MINISTRY[side], stance=c.ADMITS, accused=-1,
        responds_to=np.where(r.random(m) < 0.6, rows["uid"], -1),
        published=office.bulletin(rows["published"] + r.exponential(1.5 * DAY, m)), form=3, text_of=-1, origin=-1,
        killed_low=np.nan, killed_high=np.nan, injured_low=np.nan, injured_high=np.nan, who=-1,
    ))  # fmt: skip
    fired = true & (stories["kind"][heard["story"]] == KIND["firing"])
    turned = np.flatnonzero(fired & (r.random(n) < settings.pairs["counter"][side]))
    ids = heard["story"][turned]
    m = ids.size
    source = np.full(m, c.MINISTRY[side])
    t = stories["t"][ids]
    told = speech.tell(r, source, t, stories["x"][ids], stories["y"][ids], np.full(m, side), "ministry")
    pile.add(
        m, story=ids, source=source, stance=c.ALLEGES, act=told_act(r, stories["act"][ids], 0.1, 0.1),
        published=office.bulletin(t), accused=1 - side,
        place_of=np.where(r.random(m) < 0.8, c.IMPACT, -1), form=0, **not_ahead(told, office.bulletin(t)),
    )  # fmt: skip


def _deny(pile: Pile, r: np.random.Generator, office: Office, rows: Rows) -> None:
    n = len(rows["uid"])
    late = r.choice([0.0, 1.0, 2.0, 4.0], n, p=[0.5, 0.3, 0.12, 0.08])
    published = office.bulletin(rows["published"]) + late * DAY  # so denials of a day come in one bundle
    named = r.random(n) < 0.7
    vague = ~named & (r.random(n) < 0.5)  # "all reports of that day are untrue": no single event
    start = np.where(vague, np.floor(rows["start"] / DAY) * DAY, rows["start"])
    end = np.where(vague, start + DAY, rows["end"])
    blank = {k: np.where(vague, np.nan, rows[k]) for k in ("x", "y", "radius_km")}
    pile.add(n, **repeated(
        rows, source=c.MINISTRY[office.side], stance=c.DENIES, published=published,
        responds_to=np.where(named, rows["uid"], -1),
        story=np.where(vague, -1, rows["story"]), start=start, end=end, place=np.where(vague, -1, rows["place"]),
        accused=-1,
        act=np.where(vague, c.FIRE, rows["act"]), weapon=-1, form=2, text_of=-1, origin=-1, unit=-1, who=-1,
        count_low=np.nan, count_high=np.nan, killed_low=np.nan, killed_high=np.nan, injured_low=np.nan,
        injured_high=np.nan,
        time_sd_min=np.where(vague, np.nan, rows["time_sd_min"]), **blank,
    ))  # fmt: skip


def _echo(pile: Pile, r: np.random.Generator, settings: Settings, told: Rows, side: int) -> None:
    """Outlets repeat: word for word or in their own words, saying whose words they are or not; some a week later."""
    n = len(told["uid"])
    many = np.minimum(r.poisson(settings.number("echoes"), n), len(c.OUTLETS[side]))
    which = np.repeat(np.arange(n), many)
    turn = np.concatenate([np.arange(m) for m in many]) if n else np.zeros(0, np.int64)
    first = r.integers(4, size=n)
    outlet = np.array(c.OUTLETS[side])[(first[which] + turn) % 4]
    _repeat(pile, r, take(told, which), outlet, r.exponential(1.2 * HOUR, which.size) + 300.0)
    again = np.flatnonzero(r.random(n) < settings.number("old_told_again"))
    outlet = np.array(c.OUTLETS[side])[r.integers(4, size=again.size)]
    _repeat(pile, r, take(told, again), outlet, r.uniform(2, 9, again.size) * DAY)
    wired = np.flatnonzero(r.random(n) < 0.18)
    _repeat(
        pile,
        r,
        take(told, wired),
        np.array(c.REPORTERS)[r.integers(2, size=wired.size)],
        r.exponential(2 * HOUR, wired.size) + 600,
        says=True,
    )


def _repeat(pile: Pile, r: np.random.Generator, rows: Rows, outlet: Ints, delay: Floats, says: bool = False) -> None:
    """Copies of claims by outlets. `says`: they always say whose words they pass on."""
    n = outlet.size
    named = (r.random(n) < 0.5) | says
    reworded = r.random(n) < 0.4
    coarser = reworded & (r.random(n) < 0.25)  # a rewriter drops the minute
    start = np.where(coarser & np.isnan(rows["end"]), np.floor(rows["start"] / HOUR) * HOUR, rows["start"])
    pile.add(n, **repeated(
        rows, source=outlet, stance=c.REPORTS, published=np.rint((rows["published"] + delay) / 60) * 60, start=start,
        origin=np.where(named, rows["source"], -1), copy_of=rows["uid"], form=np.where(reworded, 4, 0),
        text_of=np.where(reworded, -1, rows["text_of"]), time_sd_min=np.where(coarser, np.nan, rows["time_sd_min"]),
    ))  # fmt: skip
