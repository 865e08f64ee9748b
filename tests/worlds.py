"""Small invented worlds of claims for tests: parties, their outlets, monitors, reporters; seeded, with their truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trucewatch.mission.claim_table import ClaimTable, claim_table, names_of
from trucewatch.mission.snapshot import Versions, shipped_fit
from trucewatch.model.times import DAY, HOUR, MINUTE, parse_instant

T0 = parse_instant("2021-03-01T00:00:00Z")
ACTS = ("fire.mortar", "fire.artillery", "fire.mlrs", "fire.small_arms", "movement.uav_flight")
KM_LAT, KM_LON = 111.2, 85.0


def sources() -> list[dict[str, Any]]:
    def row(source: str, role: str, **more: str) -> dict[str, Any]:
        return {"source": source, "name": source, "role": role, "tz": "Asia/Baku", "handling": "public", **more}

    return [
        row("mod_n", "party", party="norland", approved_by="mission"),
        row("mod_s", "party", party="sudland", approved_by="mission"),
        row("news_n", "party_media", party="norland", parent="mod_n", approved_by="mission"),
        row("news_s", "party_media", party="sudland", parent="mod_s", approved_by="mission"),
        row("mon", "monitor", approved_by="mission"),
        row("paper", "independent_media", approved_by="mission"),
        row("hearsay", "independent_media"),
    ]


@dataclass
class World:
    """Claims as payloads in the order of intake, and the true event of each (-1: none)."""

    sources: list[dict[str, Any]]
    claims: list[dict[str, Any]] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)

    def add(self, event: int, **payload: Any) -> dict[str, Any]:
        payload.setdefault("claim_id", f"c{len(self.claims)}")
        self.claims.append(payload)
        self.truth.append(event)
        return payload

    def table(self, order: list[int] | None = None) -> ClaimTable:
        rows = [self.claims[k] for k in (order or range(len(self.claims)))]
        versions = [Versions(f"{p['source']}/{p['claim_id']}", k, p, p["published"]) for k, p in enumerate(rows, 1)]
        actors = [("norland", ["Norland", "Norlandsk"]), ("sudland", ["Sudland"])]
        names = names_of(self.sources, actors, False, "Asia/Baku")
        return claim_table(versions, names, NoGazetteer(), shipped_fit()["time_sd_min"])


class NoGazetteer:
    """A mission without places."""

    def resolve(self, name: str) -> Any:
        raise AssertionError(f"no claim of these worlds needs a gazetteer, asked for {name}")


def world(seed: int, events: int = 60, days: float = 6.0) -> World:
    """Events with allegations, denials, copies, patrols, reporters; sharp and wide, minutes and whole days."""
    r = np.random.default_rng(seed)
    w = World(sources())
    spots = r.random((12, 2)) * (60, 40)
    for event in range(events):
        xy = spots[r.integers(12)] + r.normal(size=2) * 2
        t = T0 + int(r.uniform(0, days) * DAY)
        side = int(r.integers(2))
        act = ACTS[r.choice(5, p=[0.35, 0.25, 0.1, 0.25, 0.05])]
        alleged = None
        if r.random() < 0.85:
            alleged = _tell(w, r, event, ("mod_n", "mod_s")[side], xy, t, act, accused=("sudland", "norland")[side])
            for _ in range(int(r.integers(0, 3))):
                outlet = ("news_n", "news_s")[side]
                copy = {k: v for k, v in alleged.items() if k not in {"claim_id", "source", "stance"}}
                copy["published"] += int(r.integers(1, 90)) * MINUTE
                w.add(event, **{**copy, "source": outlet, "stance": "reports", "origin": alleged["source"]})
            if r.random() < 0.3:
                w.add(
                    event, source=("mod_s", "mod_n")[side], stance="denies", act=act, start=t,
                    published=alleged["published"] + 2 * HOUR, responds_to=f"{alleged['source']}/{alleged['claim_id']}",
                )  # fmt: skip
        if r.random() < 0.15:
            _tell(w, r, event, ("mod_s", "mod_n")[side], xy, t, act, accused=("norland", "sudland")[side])
        if r.random() < 0.4:
            _tell(w, r, event, "mon", xy, t, act, means=("saw", "heard", "aftermath", "forensic")[r.integers(4)])
        if r.random() < 0.35:
            _tell(w, r, event, "paper", xy, t, act, means="saw")
    return w


def _tell(w: World, r: np.random.Generator, event: int, source: str, xy: Any, t: int, act: str, **more: Any) -> Any:
    sigma = (0.7, 2.5, 12.0)[r.choice(3, p=[0.5, 0.35, 0.15])]
    place = xy + r.normal(size=2) * sigma
    payload: dict[str, Any] = {
        "source": source, "stance": "observes" if "means" in more else "alleges",
        "act": act if r.random() > 0.15 else "fire.explosion_undetermined",
        "lat": round(40 + place[1] / KM_LAT, 5), "lon": round(46 + place[0] / KM_LON, 5),
        "radius_km": round(sigma * 2.448, 2),
        "place_of": "impact", "published": (t // DAY + 1) * DAY + int(r.integers(-300, 300)) * MINUTE, **more,
    }  # fmt: skip
    if r.random() < 0.15:
        payload.update(start=t // DAY * DAY, end=t // DAY * DAY + DAY)
    else:
        said = t + int(r.normal() * 10) * MINUTE
        payload["start"] = said // (15 * MINUTE) * 15 * MINUTE if r.random() < 0.5 else said // MINUTE * MINUTE
    return w.add(event, **payload)
