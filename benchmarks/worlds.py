"""Worlds made by others: invented truces whose noise is not the linker's model, with their truth.

The linker takes stated precision at its word, Gaussian places and uniform intervals. Here places are told by the
centres of villages and districts, errors have heavy tails, radii are rules of thumb that are often too small, clocks
are off by a whole hour now and then, bulletins of the evening hold a whole day, copies do not say that they are copies.
Nothing of `trucewatch.linking` is imported, and nothing of this module is read by it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

MINUTE_US, HOUR_US, DAY_US = 60_000_000, 3_600_000_000, 86_400_000_000
T0_US = int(datetime(2021, 2, 28, 20, tzinfo=UTC).timestamp()) * 1_000_000  # midnight of 1 March at UTC+4
LAT0, LON0, KM_LAT, KM_LON = 40.0, 46.0, 111.2, 85.0
WIDTH_KM, HEIGHT_KM, VILLAGES, DISTRICTS = 120.0, 80.0, 150, 8
ACTS = ("fire.small_arms", "fire.heavy_mg", "fire.mortar", "fire.artillery", "fire.mlrs", "fire.uav_strike")
ACT_SHARE = (0.3, 0.15, 0.25, 0.2, 0.04, 0.06)
SIDES = ("norland", "sudland")
AGREEMENT = """id: small
title: {en: A small ceasefire}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T00:00:00+04:00}}
zones: []
terms:
  - {id: "1", kind: prohibition, text: {en: {summary: All fire ceases}}, acts: [fire], binds: [norland, sudland],
     from: {event: in_force}, where: {of: impact}}
"""
MISSION = """id: bench
agreements: [small.yaml]
timezone: Asia/Baku
approve_sources: false
clock: known
report_cutoff: "19:30"
"""


@dataclass(frozen=True)
class Regime:
    """How much happens and how well it is told. Shares of (coordinates, village, district) and of (minute, quarter,
    hour, part of the day, whole day); incidents a day over 9,600 km2."""

    name: str
    incidents_a_day: float
    place: tuple[float, float, float] = (0.15, 0.6, 0.25)
    time: tuple[float, float, float, float, float] = (0.25, 0.3, 0.25, 0.12, 0.08)
    voices: float = 1.0
    retaliation: float = 0.35


REGIMES = {
    r.name: r
    for r in (
        Regime("quiet line", 6),
        Regime("uneasy truce", 40),
        Regime("open war", 200),
        Regime("vague reports", 40, place=(0.05, 0.45, 0.5), time=(0.1, 0.15, 0.2, 0.3, 0.25)),
        Regime("exact reports", 40, place=(0.5, 0.45, 0.05), time=(0.5, 0.3, 0.15, 0.03, 0.02), voices=1.3),
    )
}
OUTLETS = tuple(f"outlet_{side}{k}" for side in "ns" for k in (1, 2))


@dataclass
class World:
    """Claims as payloads in the order of publication, beside each the number of its true event and whether it only
    repeats another."""

    claims: list[dict[str, Any]] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)
    echo: list[bool] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)

    def add(self, event: int, echo: bool = False, **payload: Any) -> dict[str, Any]:
        """One claim of that event."""
        payload = {k: v for k, v in payload.items() if v is not None}
        payload["claim_id"] = f"c{len(self.claims)}"
        self.claims.append(payload)
        self.truth.append(event)
        self.echo.append(echo)
        return payload


def sources() -> list[dict[str, Any]]:
    """The voices of every world."""

    def row(source: str, role: str, **more: str) -> dict[str, Any]:
        return {"source": source, "name": source, "role": role, "tz": "Asia/Baku", "handling": "public",
                "approved_by": "mission", **more}  # fmt: skip

    return [
        row("mod_n", "party", party="norland"),
        row("mod_s", "party", party="sudland"),
        *(row(o, "party_media", party="norland" if o[7] == "n" else "sudland", parent=f"mod_{o[7]}") for o in OUTLETS),
        *(row(f"patrol_{k}", "monitor") for k in range(1, 6)),
        row("paper", "independent_media"),
        row("agency", "independent_media"),
        row("ngo", "ngo"),
    ]


class _Maker:
    def __init__(self, regime: Regime, seed: int) -> None:
        self.r = np.random.default_rng([seed, *regime.name.encode()])
        self.regime = regime
        self.world = World()
        bend = self.r.normal(size=4) * 8
        hubs = np.stack([self.r.random(30) * WIDTH_KM, np.empty(30)], axis=1)
        hubs[:, 1] = HEIGHT_KM / 2 + self._front(hubs[:, 0], bend) + self.r.normal(size=30) * 9
        self.villages = hubs[self.r.integers(30, size=VILLAGES)] + self.r.laplace(size=(VILLAGES, 2)) * 4
        self.weight = (1.0 + np.arange(VILLAGES)) ** -0.7
        self.weight /= self.weight.sum()
        self.mood = np.zeros(DISTRICTS)

    def _front(self, x: np.ndarray, bend: np.ndarray) -> np.ndarray:
        return sum(b * np.sin((k + 1) * x / WIDTH_KM * np.pi) for k, b in enumerate(bend))

    def make(self, incidents: int) -> World:
        events: list[tuple[float, np.ndarray, int, int]] = []
        day = 0
        while len(events) < incidents:
            events += self._day(day)
            day += 1
        for number, event in enumerate(events[:incidents]):
            self._told(number, *event)
        self._patrols(day)
        w = self.world
        order = sorted(range(len(w.claims)), key=lambda k: (w.claims[k]["published"], k))
        return World([w.claims[k] for k in order], [w.truth[k] for k in order], [w.echo[k] for k in order], w.coverage)

    def _day(self, day: int) -> list[tuple[float, np.ndarray, int, int]]:
        """Events of a day as (minute since the start, place, side of the author, act): districts have their moods, and
        one fire is often answered by another."""
        r = self.r
        self.mood = 0.7 * self.mood + r.normal(size=DISTRICTS) * 0.6
        district = (self.villages[:, 0] / WIDTH_KM * DISTRICTS).astype(int) % DISTRICTS
        weight = self.weight * np.exp(self.mood[district])
        out = []
        for _ in range(r.poisson(self.regime.incidents_a_day / (1 + self.regime.retaliation))):
            hour = r.choice([r.normal(22, 3), r.uniform(0, 24), r.normal(6, 2)]) % 24
            t, place = day * 1440 + hour * 60, self._near(int(r.choice(VILLAGES, p=weight / weight.sum())))
            side, act = int(r.integers(2)), int(r.choice(len(ACTS), p=ACT_SHARE))
            out.append((t, place, side, act))
            while r.random() < self.regime.retaliation:
                t, side = t + r.gamma(2, 25), 1 - side
                place = place + r.laplace(size=2) * 3
                out.append((t, place, side, int(r.choice(len(ACTS), p=ACT_SHARE))))
        return out

    def _near(self, village: int) -> np.ndarray:
        angle = self.r.uniform(0, 2 * np.pi)
        return self.villages[village] + self.r.exponential(1.1) * np.array([np.cos(angle), np.sin(angle)])

    def _told(self, n: int, t: float, place: np.ndarray, author: int, act: int) -> None:
        """All that is said of one event."""
        r, voices, victim = self.r, self.regime.voices, 1 - author
        hoax = r.random() < 0.06
        first = None
        if hoax or r.random() < 0.7 * voices:
            first = self._ministry(n, victim, t, place, act)
            for _ in range(min(int(r.poisson(0.7)), 3)):
                self._copy(n, first, victim)
            if r.random() < 0.3:
                self._denial(n, first, author)
        if hoax:
            return
        if r.random() < 0.2 * voices:
            other = self._ministry(n, author, t, place, act)
            if r.random() < 0.5:
                self._copy(n, other, author)
        if r.random() < 0.33 * voices:
            self._monitor(n, t, place, act)
            if r.random() < 0.25:
                self._monitor(n, t, place, act)
        for source in ("paper", "agency"):
            if r.random() < 0.13 * voices:
                self._tell(n, source, "observes" if r.random() < 0.4 else "reports", t, place, act,
                           means="aftermath" if r.random() < 0.5 else "told")  # fmt: skip
        if r.random() < 0.08 * voices:
            self._tell(n, "ngo", "observes", t, place, act, means="aftermath", late=3)

    def _ministry(self, n: int, side: int, t: float, place: np.ndarray, act: int) -> dict[str, Any]:
        accused = SIDES[1 - side] if self.r.random() < 0.95 else None
        bulletin = self.r.random() < 0.6
        return self._tell(n, f"mod_{'ns'[side]}", "alleges", t, place, act, accused=accused, bulletin=bulletin)

    def _tell(
        self, n: int, source: str, stance: str, t: float, place: np.ndarray, act: int, bulletin: bool = False,
        late: float = 0.2, **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """One statement: when and where as its speaker puts it, not as it was."""
        start, end = self._when(t)
        lat, lon, radius = self._where(place)
        after = T0_US + int((t + self.r.exponential(late * 1440)) * MINUTE_US)
        evening = (max(start, end or 0) - T0_US) // DAY_US * DAY_US + T0_US + 19 * HOUR_US
        published = evening if bulletin and evening > start else max(after, (end or start) + 5 * MINUTE_US)
        return self.world.add(
            n, source=source, stance=stance, act=self._named(act, more.get("means")),
            start=start, end=end, published=published, lat=lat, lon=lon, radius_km=radius, place_of="impact", **more,
        )  # fmt: skip

    def _when(self, t: float) -> tuple[int, int | None]:
        r = self.r
        kind = int(r.choice(5, p=self.regime.time))
        if kind >= 3:
            length = 360 if kind == 3 else 1440
            said = t + (r.laplace() * 20 if kind == 3 else 0)
            begin = int(said // length) * length
            return T0_US + begin * MINUTE_US, T0_US + (begin + length) * MINUTE_US
        said = t + r.laplace() * 5 + (r.exponential(50) if r.random() < 0.1 else 0.0)
        if r.random() < 0.015:
            said += 60.0 * r.choice([-1, 1])
        step = (1, 15, 60)[kind]
        return T0_US + round(said / step) * step * MINUTE_US, None

    def _where(self, place: np.ndarray) -> tuple[float, float, float | None]:
        r = self.r
        kind = int(r.choice(3, p=self.regime.place))
        if kind == 0:
            told = place + r.standard_t(3, size=2) * 0.4
            radius = float(r.choice([0.3, 0.5, 1.0, 2.0]))
        elif kind == 1:
            near = np.argsort(((self.villages - place) ** 2).sum(axis=1))[:3]
            told = self.villages[near[r.choice(3, p=[0.85, 0.1, 0.05])]]
            radius = float(r.choice([1.0, 2.0, 3.0, 5.0]))
        else:
            k = int(np.clip(place[0] / WIDTH_KM * DISTRICTS, 0, DISTRICTS - 1))
            told = np.array([(k + 0.5) * WIDTH_KM / DISTRICTS, HEIGHT_KM / 2])
            radius = float(r.choice([10.0, 15.0, 20.0]))
        lat, lon = LAT0 + told[1] / KM_LAT, LON0 + told[0] / KM_LON
        blank = kind == 1 and r.random() < 0.08
        return round(float(lat), 4), round(float(lon), 4), None if blank else radius

    def _named(self, act: int, means: str | None) -> str:
        r = self.r
        if means == "heard":
            return str(r.choice(["fire.explosion_undetermined", "fire", ACTS[act]], p=[0.5, 0.2, 0.3]))
        if r.random() < 0.12:
            return ACTS[int(np.clip(act + r.choice([-1, 1]), 0, len(ACTS) - 1))]
        return "fire" if r.random() < 0.15 else ACTS[act]

    def _monitor(self, n: int, t: float, place: np.ndarray, act: int) -> None:
        r = self.r
        patrol = f"patrol_{min(int(max(place[0], 0) / WIDTH_KM * 5), 4) + 1}"
        kind = r.random()
        if kind < 0.4:
            stood = place + r.normal(size=2) * 3
            gap = place - stood
            distance = float(np.hypot(*gap))
            told = distance * float(np.exp(r.normal() * 0.25))
            start, end = self._when(t)
            self.world.add(
                n, source=patrol, stance="observes", means="heard", act=self._named(act, "heard"),
                start=start, end=end, published=(end or start) + int(r.exponential(600)) * MINUTE_US,
                obs_lat=round(LAT0 + stood[1] / KM_LAT, 4), obs_lon=round(LON0 + stood[0] / KM_LON, 4),
                bearing_deg=round(float(np.degrees(np.arctan2(*gap))) % 360 + r.standard_t(3) * 9, 0) % 360,
                bearing_sd_deg=10.0, range_km_low=round(told * 0.7, 1), range_km_high=round(told * 1.4, 1),
            )  # fmt: skip
            return
        means = "saw" if kind < 0.65 else ("camera" if kind < 0.8 else "aftermath")
        self._tell(n, patrol, "observes", t, place, act, means=means)

    def _copy(self, n: int, first: dict[str, Any], side: int) -> None:
        """An outlet tells it again: word for word with its origin, or anew, rounder and without one."""
        r = self.r
        outlet = OUTLETS[2 * side + int(r.integers(2))]
        keep = {k: first.get(k) for k in ("act", "start", "end", "lat", "lon", "radius_km", "place_of", "accused")}
        if r.random() < 0.5:
            keep["origin"] = first["source"]
        elif r.random() < 0.4 and keep["end"] is None:
            keep["start"] = round((keep["start"] - T0_US) / HOUR_US) * HOUR_US + T0_US
        published = first["published"] + int(r.exponential(120)) * MINUTE_US
        self.world.add(n, True, source=outlet, stance="reports", published=published, **keep)

    def _denial(self, n: int, first: dict[str, Any], side: int) -> None:
        target = f"{first['source']}/{first['claim_id']}" if self.r.random() < 0.7 else None
        keep = {k: first.get(k) for k in ("act", "start", "end", "lat", "lon", "radius_km")}
        self.world.add(n, source=f"mod_{'ns'[side]}", stance="denies", responds_to=target,
                       published=first["published"] + int(self.r.exponential(300)) * MINUTE_US, **keep)  # fmt: skip

    def _patrols(self, days: int) -> None:
        for day in range(days):
            for k in range(5):
                if self.r.random() < 0.6:
                    start = T0_US + day * DAY_US + 8 * HOUR_US
                    self.world.coverage.append({
                        "source": f"patrol_{k + 1}", "start": start, "end": start + 10 * HOUR_US,
                        "lat": round(LAT0 + HEIGHT_KM / 2 / KM_LAT, 4),
                        "lon": round(LON0 + (k + 0.5) * WIDTH_KM / 5 / KM_LON, 4), "radius_km": 15.0,
                        "means": "heard", "detection": 0.6, "mode": "routine",
                    })  # fmt: skip


def world(regime: str, seed: int, incidents: int) -> World:
    """A world of that regime with that many incidents (about 2.6 claims each)."""
    made = _Maker(REGIMES[regime], seed).make(incidents)
    # Ids follow the order of publication, so references are renamed with them.
    renamed = {p["claim_id"]: f"c{k}" for k, p in enumerate(made.claims, 1)}
    for p in made.claims:
        if "responds_to" in p:
            source, _, old = p["responds_to"].partition("/")
            p["responds_to"] = f"{source}/{renamed[old]}"
        p["claim_id"] = renamed[p["claim_id"]]
    return made


def write_mission(folder: Path, made: World) -> list[Path]:
    """A mission folder with that world's files; gives the files to ingest."""
    folder.mkdir(parents=True)
    (folder / "mission.yaml").write_text(MISSION, "utf-8")
    (folder / "small.yaml").write_text(AGREEMENT, "utf-8")
    tables = {"sources": sources(), "claims": made.claims, "coverage": made.coverage}
    return [_write(folder / f"{name}.csv", rows) for name, rows in tables.items()]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    columns = list(dict.fromkeys(k for row in rows for k in row))
    with path.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(columns)
        out.writerows([_cell(k, row.get(k)) for k in columns] for row in rows)
    return path


def _cell(column: str, value: Any) -> Any:
    if column in {"start", "end", "published"} and value is not None:
        return datetime.fromtimestamp(value / 1e6, UTC).isoformat().replace("+00:00", "Z")
    return value
