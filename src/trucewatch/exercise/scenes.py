"""Scenes put into an exercise (scenes.yaml): known events, what is said of them, and what people decide.

Decisions are written beforehand, so they cannot name incidents or findings by number. They name claims by SOURCE/ID,
and a finding besides by its term and actor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from trucewatch.exercise import codes as c
from trucewatch.exercise.events import KIND, Stories
from trucewatch.exercise.land import Land
from trucewatch.exercise.noise import DAY, HOUR
from trucewatch.exercise.observers import PATROL, Watch
from trucewatch.exercise.pile import Pile, Rows, repeated, take
from trucewatch.exercise.settings import Settings
from trucewatch.exercise.tables import Cells, stamp

EAST_KM = 30.0  # how far beyond the last town the first scene lies
_TIME = re.compile(r"d(\d+) (\d\d):(\d\d)\Z")
_PARAMS = ("term", "actor", "outcome", "status", "exception")


@lru_cache(maxsize=1)
def script() -> Mapping[str, Any]:
    """scenes.yaml."""
    found: dict[str, Any] = yaml.safe_load(files("trucewatch.exercise").joinpath("scenes.yaml").read_text("utf-8"))
    return found


def moment(text: str) -> float:
    """Seconds since the first midnight of `dN HH:MM`; ValueError for other words."""
    found = _TIME.match(text)
    if not found:
        raise ValueError(f"{text!r} is no time of a scene: write d3 14:20")
    return int(found[1]) * DAY + int(found[2]) * HOUR + int(found[3]) * 60.0


@dataclass
class Played:
    """What scenes add: decisions with the uids of the claims that they name, coverage and notices as rows."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[tuple[float, ...]] = field(default_factory=list)
    notices: list[tuple[float, ...]] = field(default_factory=list)

    def decision_cells(self, names: Mapping[int, str]) -> Cells:
        """The decisions as a table; `names`: SOURCE/ID by uid."""
        rows = sorted(self.decisions, key=lambda d: (moment(d["at"]), d["verb"]))
        params = []
        for d in rows:
            told = dict(d.get("params") or {}) | {k: d[k] for k in _PARAMS if k in d}
            if d["uids"]:
                told = {"claims": [names[u] for u in d["uids"]], **told}
            params.append(json.dumps(told, ensure_ascii=False))
        return {
            "at": stamp(np.array([moment(d["at"]) for d in rows], dtype=float)), "person": [d["by"] for d in rows],
            "role": [d["role"] for d in rows], "verb": [d["verb"] for d in rows],
            "object": [d.get("object", "") for d in rows], "reason": [f"EXERCISE. {d['reason']}" for d in rows],
            "params": params,
        }  # fmt: skip

    def watched(self, watch: Watch) -> Watch:
        """The coverage of the exercise with that of its scenes."""
        if not self.coverage:
            return watch
        more = np.array(self.coverage)
        flat = np.zeros(len(more), np.int64)
        return Watch(
            np.append(watch.kind, flat + PATROL), np.append(watch.source, flat + c.MISSION),
            np.append(watch.start, more[:, 0]), np.append(watch.end, more[:, 1]), np.append(watch.x, more[:, 2]),
            np.append(watch.y, more[:, 3]), np.append(watch.radius_km, more[:, 4]), np.append(watch.tasked, flat),
            watch.restrictions,
        )  # fmt: skip

    def announced(self, notices: Rows) -> Rows:
        """The notices of the exercise with those of its scenes."""
        if not self.notices:
            return notices
        more = np.array(self.notices)
        names = ("by", "kind", "start", "end", "x", "y", "radius_km", "published")
        out = {n: np.concatenate([notices[n], more[:, k]]) for k, n in enumerate(names)}
        return {**out, "by": out["by"].astype(np.int64), "kind": out["kind"].astype(np.int64)}


def play(pile: Pile, stories: Stories, land: Land, settings: Settings, scenes: bool) -> Played:
    """Put the scenes that begin within the exercise into it; without `scenes` only what people decide on the text."""
    out = Played([{**d, "uids": []} for d in script()["decisions"] if moment(d["at"]) < settings.days * DAY])
    for scene in script()["scenes"] if scenes else ():
        if moment(scene["at"]) < settings.days * DAY:
            _Scene(scene, pile, stories, land, settings, out).play()
    return out


class _Scene:
    """One scene: its place, event, claims in the order of the file, decisions, coverage and notice."""

    def __init__(
        self, told: Mapping[str, Any], pile: Pile, stories: Stories, land: Land, settings: Settings, out: Played
    ) -> None:
        self.told, self.pile, self.stories, self.out = told, pile, stories, out
        self.t = moment(told["at"])
        self.author = c.ACTORS.index(told["author"]) if told["author"] else -1
        self.blamed = c.PARTIES.index(told["blamed"]) if "blamed" in told else self.author % 2
        sign = 1.0 - 2.0 * self.blamed  # the ground of who did it, or is said to have done it, lies on this side
        if "range" in told:
            self.x, self.y = land.ranges[c.PARTIES.index(told["range"]), :2].tolist()
        else:
            self.x = settings.length_km + EAST_KM + float(told["along_km"])
            away = float(told["stands_km"]) if "stands_km" in told else -float(told["impact_km"])
            self.y = float(land.line(np.array([self.x]))[0]) + sign * away
        self.origin = float(land.line(np.array([self.x]))[0]) + sign * float(told.get("origin_km", np.nan))
        self.claims: dict[str, Rows] = {}

    def play(self) -> None:
        """All of it."""
        events = {1: self._event()}
        for name, claim in self.told["claims"].items():
            number = claim.get("event", 1)
            if number not in events:
                events[number] = self._event()
            self.claims[name] = self._claim(claim, events[number])
        for d in self.told.get("decisions", ()):
            uids = [int(self.claims[name]["uid"][0]) for name in d.get("claims", ())]
            self.out.decisions.append({**d, "uids": uids})
        for row in self.told.get("coverage", ()):
            self.out.coverage.append((moment(row["from"]), moment(row["to"]), self.x, self.y, float(row["radius"])))
        notice = self.told.get("notice")
        if notice:
            by, kind = c.PARTIES.index(notice["by"]), ("exercise", "demining").index(notice["kind"])
            times = moment(notice["from"]), moment(notice["to"])
            said = moment(notice["said"])
            self.out.notices.append((by, kind, *times, self.x, self.y, float(notice["radius"]), said))

    def _event(self) -> int:
        told = self.told
        weapon = c.WEAPON_AT[told["weapon"]] if "weapon" in told else -1
        return int(self.stories.add(
            1, t=self.t, length=300.0, author=self.author, side=self.blamed, act=c.ACT[told["act"]], x=self.x, y=self.y,
            origin_x=self.x if self.origin == self.origin else np.nan, origin_y=self.origin, weapon=weapon,
            killed=float(told.get("killed", 0)), injured=float(told.get("injured", 0)), kind=KIND["scene"],
            lawful=bool(told.get("lawful", False)), occurred=bool(told.get("occurred", self.author >= 0)), rounds=1.0,
        )[0])  # fmt: skip

    def _claim(self, claim: Mapping[str, Any], event: int) -> Rows:
        source, stance = c.SOURCE[claim["by"]], c.STANCES.index(claim["stance"])
        said = moment(claim["said"])
        if "repeats" in claim:
            row = take(self.claims[claim["repeats"]], np.array([0]))
            return self.pile.add(1, **repeated(row, source=source, stance=stance, published=said, copy_of=row["uid"]))
        answers = self.claims.get(claim.get("answers", ""))
        act = c.ACT[claim.get("act", self.told["act"])]
        east, north = claim.get("off", (0.0, 0.0))
        harm = c.SOURCES[source].side >= 0 and stance == c.ALLEGES
        hurt = {
            f"{k}_{end}": float(self.told[k])
            for k in ("killed", "injured")
            if harm and k in self.told
            for end in ("low", "high")
        }
        presence = act == c.WEAPONS_SEEN
        return self.pile.add(
            1, story=event, source=source, stance=stance, act=act, published=said,
            start=self.t - 60.0 * float(claim.get("early", 0)), x=self.x + east, y=self.y + north,
            radius_km=float(claim.get("radius", 1.0)), place_of=c.PRESENCE if presence else c.IMPACT,
            means=c.MEANS.index(claim["means"]) if "means" in claim else -1,
            accused=c.ACTORS.index(claim["accused"]) if "accused" in claim else -1,
            weapon=c.WEAPON_AT[claim["weapon"]] if "weapon" in claim else -1,
            responds_to=answers["uid"] if answers is not None else -1, form=_form(source, stance, claim.get("means")),
            **hurt,
        )  # fmt: skip


def _form(source: int, stance: int, means: str | None) -> int:
    """The sentence that fits who speaks and how; see `wording`."""
    if stance == c.DENIES:
        return 2 if means is None else 9
    if stance == c.ADMITS:
        return 3
    role = c.SOURCES[source].role
    if role == "monitor":
        return {"heard": 6, "aftermath": 7, "forensic": 8}.get(means or "", 5)
    by_role = {"sensor": -1, "satellite": -1, "independent_media": 10, "ngo": 11, "witness": 12}
    return by_role.get(role, 1 if source in c.LOCAL else 0)


def titles() -> Sequence[tuple[str, str]]:
    """(id, title) of every scene, in the order of the file."""
    return [(s["id"], s["title"]) for s in script()["scenes"]]
