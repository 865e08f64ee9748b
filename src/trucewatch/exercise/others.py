"""Visits after the fact, independent reporters, investigators, callers of the hotline; claims taken back or mended."""

from __future__ import annotations

import numpy as np

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, Stories, rumours
from trucewatch.exercise.land import Ints, Land
from trucewatch.exercise.noise import DAY, HOUR, Speech, not_ahead
from trucewatch.exercise.observers import daily_report
from trucewatch.exercise.parties import harm_told, told_act
from trucewatch.exercise.pile import Array, Pile, Rows, repeated, take
from trucewatch.exercise.settings import Settings, habit


def visit(pile: Pile, stories: Stories, settings: Settings, speech: Speech, told: list[Rows]) -> None:
    """The mission goes to see what was alleged: traces, no traces, or nothing said; some craters are measured."""
    r = settings.rng(60)
    rows = {k: np.concatenate([t[k] for t in told]) for k in told[0]}
    ground = rows["act"] <= c.FIRE
    chosen = np.flatnonzero(ground & (r.random(ground.size) < settings.number("visits")))
    chosen = chosen[np.sort(np.unique(rows["story"][chosen], return_index=True)[1])]
    story = rows["story"][chosen]
    n = story.size
    days = r.integers(1, 4, n)
    went = np.floor(rows["published"][chosen] / DAY) * DAY + days * DAY
    fades = np.where(stories["act"][story] < 2, 0.45, 0.85) * 0.92**days
    found = stories["occurred"][story] & (r.random(n) < fades)
    measured = found & (r.random(n) < settings.number("forensic")) & (stories["act"][story] >= 2)
    silent = ~found & (r.random(n) < 0.4)
    how = habit("mission")
    source = np.full(n, c.MISSION)
    where = speech.tell_place(r, how, source, stories["x"][story], stories["y"][story], r.integers(2, size=n))
    # The time is what people on the spot told: rounded to the hour, or the day.
    t = stories["t"][story] + r.standard_t(3, n) * 900
    day = r.random(n) < 0.3
    start = np.where(day, np.floor(t / DAY) * DAY, np.rint(t / HOUR) * HOUR)
    end = np.where(day, start + DAY, np.nan)
    kept = ~silent
    bearing = measured & (r.random(n) < 0.8)
    names = _origin_named(r, stories, story)
    columns = {
        "story": story, "stance": np.where(found, c.OBSERVES, c.DENIES), "start": start, "end": end,
        "act": np.where(found, told_act(r, stories["act"][story], how.wrong_act, 0.3), rows["act"][chosen]),
        "published": went + DAY + 16 * HOUR, "means": np.where(measured, c.FORENSIC, c.AFTERMATH),
        "place_of": np.full(n, c.IMPACT),
        "responds_to": np.where(found, -1, rows["uid"][chosen]), "form": np.where(found, np.where(measured, 8, 7), 9),
        "accused": np.where(bearing, names, -1),
        "weapon": np.where(measured & (r.random(n) < 0.7), stories["weapon"][story], -1),
        "origin_x": np.where(bearing, stories["origin_x"][story] + r.normal(0, 0.8, n), np.nan),
        "origin_y": np.where(bearing, stories["origin_y"][story] + r.normal(0, 0.8, n), np.nan),
        "origin_radius_km": np.where(bearing, 2.5, np.nan), **where, **_crater(r, stories, story, bearing),
    }  # fmt: skip
    gone = {"origin_radius_km": np.where(np.isfinite(columns["origin_x"]), columns["origin_radius_km"], np.nan)}
    pile.add(int(kept.sum()), source=c.MISSION, **{k: np.asarray(v)[kept] for k, v in {**columns, **gone}.items()})


def _crater(r: np.random.Generator, stories: Stories, story: Ints, measured: Array) -> Rows:
    """The direction from which it came, read off the crater: where the team stood, the bearing, its error."""
    x, y = stories["x"][story], stories["y"][story]
    true = np.degrees(np.arctan2(stories["origin_x"][story] - x, stories["origin_y"][story] - y))
    told = np.mod(np.rint((true + r.normal(0, 12, story.size)) / 5) * 5, 360)
    known = measured & np.isfinite(told)
    return {
        "obs_x": np.where(known, x, np.nan), "obs_y": np.where(known, y, np.nan),
        "bearing_deg": np.where(known, told, np.nan), "bearing_sd_deg": np.where(known, 10.0, np.nan),
    }  # fmt: skip


def _origin_named(r: np.random.Generator, stories: Stories, story: Ints) -> Array:
    """Whose ground a crater points to: the side, never the militia; four in a hundred are read the wrong way."""
    side = np.where(stories["author"][story] >= 0, stories["author"][story] % 2, -1)
    return np.where((side >= 0) & (r.random(story.size) < 0.04), 1 - side, side)


def report(pile: Pile, stories: Stories, settings: Settings, land: Land, speech: Speech) -> None:
    """Independent reporters who were near, investigators weeks later, callers; and rumours that only callers tell."""
    r = settings.rng(61)
    firing = np.flatnonzero(stories["occurred"] & (stories["kind"] == KIND["firing"]))
    harm = np.nan_to_num(stories["killed"][firing]) + np.nan_to_num(stories["injured"][firing])
    loud = (stories["act"][firing] >= 2) * (1 + 2 * (harm > 0))
    seen = firing[r.random(firing.size) < settings.number("media") * loud]
    source = np.where(r.random(seen.size) < 0.75, np.array(c.REPORTERS)[r.integers(2, size=seen.size)], c.CHAT)
    means = r.choice([c.SAW, c.HEARD, c.AFTERMATH, c.TOLD], seen.size, p=[0.25, 0.2, 0.4, 0.15])
    _own_words(pile, r, stories, speech, seen, source, means, "media", 3.0 * HOUR, 10)
    examined = firing[r.random(firing.size) < settings.number("investigators") * loud]
    body = np.array([c.RIGHTS, c.RELIEF])[r.integers(2, size=examined.size)]
    means = r.choice([c.AFTERMATH, c.FORENSIC, c.TOLD], examined.size, p=[0.5, 0.25, 0.25])
    _own_words(pile, r, stories, speech, examined, body, means, "investigator", 8.0 * DAY, 11)
    called = firing[r.random(firing.size) < settings.number("witnesses")]
    means = r.choice([c.SAW, c.HEARD, c.TOLD], called.size, p=[0.3, 0.4, 0.3])
    _own_words(pile, r, stories, speech, called, np.full(called.size, c.HOTLINE), means, "witness", 2.0 * HOUR, 12)
    nothing = rumours(stories, r, settings, land)
    _own_words(
        pile,
        r,
        stories,
        speech,
        nothing,
        np.full(nothing.size, c.HOTLINE),
        np.full(nothing.size, c.HEARD),
        "witness",
        2 * HOUR,
        12,
    )
    spread = nothing[r.random(nothing.size) < 0.6]
    _own_words(
        pile,
        r,
        stories,
        speech,
        spread,
        np.full(spread.size, c.CHAT),
        np.full(spread.size, c.TOLD),
        "media",
        3 * HOUR,
        10,
    )


def _own_words(
    pile: Pile, r: np.random.Generator, stories: Stories, speech: Speech, ids: Ints, source: Array, means: Array,
    name: str,
    delay_s: float, form: int,
) -> None:  # fmt: skip
    n = ids.size
    how = habit(name)
    rows = speech.tell(r, source, stories["t"][ids], stories["x"][ids], stories["y"][ids], r.integers(2, size=n), name)
    published = np.rint((stories["t"][ids] + 900 + r.exponential(delay_s, n)) / 60) * 60
    author = stories["author"][ids]
    attributes = np.isin(means, [c.SAW, c.FORENSIC]) & (author >= 0) & (r.random(n) < 0.5)
    blamed = np.where((means == c.TOLD) & (r.random(n) < 0.6), stories["side"][ids], -1)
    pile.add(
        n, story=ids, source=source, stance=np.where(means == c.TOLD, c.REPORTS, c.OBSERVES), means=means,
        published=published,
        act=told_act(r, stories["act"][ids], how.wrong_act, how.vague_act), place_of=c.IMPACT, form=form,
        accused=np.where(attributes, np.where(r.random(n) < 0.95, author % 2, 1 - author % 2), blamed),
        **not_ahead(rows, published), **harm_told(r, stories, ids, settings_inflation(name)),
    )  # fmt: skip


def settings_inflation(name: str) -> float:
    """Share of casualties that such a speaker tells too high."""
    return {"media": 0.15, "investigator": 0.03}.get(name, 0.4)


def mend(pile: Pile, settings: Settings) -> None:
    """Sources take some claims back, and tell others anew with a better time, place or toll."""
    r = settings.rng(62)
    rows = pile.joined()
    spoken = np.flatnonzero(np.isin(rows["stance"], [c.ALLEGES, c.OBSERVES]) & (rows["form"] >= 0))
    back = spoken[r.random(spoken.size) < settings.number("retracted")]
    taken = take(rows, back)
    pile.add(back.size, **repeated(
        taken, story=-1, retracts=taken["uid"], published=taken["published"] + r.uniform(0.5, 3,
            back.size) * DAY // 60 * 60,
        form=13, text_of=-1,
    ))  # fmt: skip
    left = np.setdiff1d(spoken, back)
    again = take(rows, left[r.random(left.size) < settings.number("corrected")])
    n = len(again["uid"])
    minute = np.isnan(again["end"])
    pile.add(n, **repeated(
        again, version_of=again["uid"], published=again["published"] + r.uniform(0.2, 2, n) * DAY // 60 * 60,
        text_of=-1,
        start=np.where(minute, again["start"] - r.choice([0, 300, 600, 900], n), again["start"]),
        radius_km=np.where(np.isfinite(again["radius_km"]), again["radius_km"] + 0.5, np.nan),
        killed_low=again["killed_low"] + r.integers(2, size=n), killed_high=again["killed_high"] + 1,
    ))  # fmt: skip


def totals(pile: Pile, settings: Settings) -> None:
    """Running totals of casualties, told each week by each side; they speak of no single event."""
    r = settings.rng(63)
    rows = pile.joined()
    for side in (0, 1):
        source = c.MINISTRY[side]
        mine = (rows["source"] == source) & (rows["stance"] == c.ALLEGES)
        for day in range(6, settings.days, 7):
            moment = day * DAY + 20 * HOUR
            dead = float(np.nansum(rows["killed_low"][mine & (rows["published"] < moment)]))
            dead += float(r.integers(2))
            pile.add(
                1, story=-1, source=source, stance=c.ALLEGES, act=c.ACT["harm_to_civilians"], published=moment,
                start=0.0, end=moment,
                killed_low=dead, killed_high=dead, cumulative=1, form=14, accused=1 - side, who=2,
            )  # fmt: skip


__all__ = ["daily_report", "mend", "report", "totals", "visit"]
