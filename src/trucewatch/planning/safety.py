"""Hard filters before a visit is even ranked: fire near by, mines, what bars the way, daylight, curfew, the road there.

A visit that fails one is refused with every reason shown, and never silently dropped. Passing them is no clearance: a
person who knows the ground signs, or does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.table import Array, Table
from trucewatch.model.times import HOUR, to_us, zone
from trucewatch.planning.daylight import daylight

_KM = float(np.radians(1.0) * EARTH_KM)
_BARS = ("denied", "fire", "weather", "jamming")  # restrictions that bar a place as long as they last
_95 = 2.4477468306808166  # radius that holds a round Gaussian with 95 %, in standard deviations


@dataclass(frozen=True)
class Rules:
    """`safety` of mission.yaml, as numbers; hours and km. `curfew`: from, until (minutes of the local day) or None.
    `base`: latitude and longitude of where teams start, or None."""

    fire_hours: float
    fire_km: float
    fire_p: float
    mines_km: float
    mines_p: float
    denied_hours: float
    visit_hours: float
    daylight: bool
    curfew: tuple[int, int] | None
    base: tuple[float, float] | None
    road_factor: float
    speed_kmh: float


@dataclass(frozen=True)
class Dangers:
    """What is known of the ground: circles (lat, lon, km) with what each is, by kind. Times in microseconds."""

    fires: Table
    mines: Table
    restrictions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Reason:
    """A reason by word, with its numbers: hours, km, or a time in microseconds (`at`)."""

    word: str
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """When a team can be at a place: [start, end) microseconds; None = not on that day, for the reasons told."""

    span: tuple[int, int] | None
    refused: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def dangers(incidents: Table, p: Array, acts: Mapping[str, bool], restrictions: Sequence[Mapping[str, Any]]) -> Dangers:
    """Places of fire and of mines among the incidents, with P(happened) of each; `acts`: act -> whether it is mines."""
    sigma = np.sqrt((incidents["cov_ee"] + incidents["cov_nn"]) / 2)
    placed = np.isfinite(incidents["lat"])
    mined = np.array([acts.get(str(a), False) for a in incidents["act"]], dtype=bool)
    fire = np.array([str(a).split(".")[0] == "fire" for a in incidents["act"]], dtype=bool)

    def those(which: Array) -> Table:
        rows = np.flatnonzero(which & placed)
        return Table({
            "lat": incidents["lat"][rows], "lon": incidents["lon"][rows], "p": p[rows],
            "end": incidents["end"][rows], "blur_km": np.nan_to_num(_95 * sigma[rows]),
        }, rows.size)  # fmt: skip

    return Dangers(those(fire), those(mined), restrictions)


def window(rules: Rules, known: Dangers, day: date, tz: str, lat: float, lon: float) -> Window:
    """Whether and when a team may be at a place on a local day."""
    start, end, refused, notes = _hours(rules, day, tz, lat, lon)
    refused += _fire(rules, known.fires, start, lat, lon)
    refused += _mines(rules, known, lat, lon)
    refused += _barred(rules, known.restrictions, (start, end), lat, lon)
    return Window(None if refused else (start, end), tuple(refused), tuple(notes))


def _hours(rules: Rules, day: date, tz: str, lat: float, lon: float) -> tuple[int, int, list[Reason], list[Reason]]:
    """From when until when a team can be at the place, what stands against it, and what is not known."""
    midnight = _clock(day, 0, tz)
    start, end = midnight, midnight + 24 * HOUR
    refused: list[Reason] = []
    if rules.daylight:
        sun = daylight(day, lat, lon)
        if sun is None:
            refused.append(Reason("dark"))
        else:
            start, end = max(start, sun[0]), min(end, sun[1])
    if rules.curfew is not None:
        begins, ends = (_clock(day, minute, tz) for minute in rules.curfew)
        if begins > ends:  # over midnight
            start, end = max(start, ends), min(end, begins)
        elif begins <= start < ends or start >= ends:
            start = max(start, ends)
        else:
            end = min(end, begins)
    notes: list[Reason] = []
    if rules.base is None:
        notes.append(Reason("route_unknown"))
    else:
        away = distance_km(lat, lon, np.array([rules.base[0]]), np.array([rules.base[1]]))[0] * rules.road_factor
        travel = int(away / rules.speed_kmh * HOUR)
        start, end = start + travel, end - travel
        notes.append(Reason("route", {"km": round(float(away))}))
    if end - start < rules.visit_hours * HOUR and not refused:
        left = round(max(end - start, 0) / HOUR, 1)
        refused.append(Reason("hours", {"hours": left, "needed": rules.visit_hours}))
    return start, end, refused, notes


def _clock(day: date, minute: int, tz: str) -> int:
    return to_us(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone(tz)))


def _fire(rules: Rules, fires: Table, start: int, lat: float, lon: float) -> list[Reason]:
    """Fire near by in the hours before."""
    since = start - int(rules.fire_hours * HOUR)
    away = distance_km(lat, lon, fires["lat"], fires["lon"])
    near = (fires["p"] >= rules.fire_p) & (fires["end"] >= since) & (away <= rules.fire_km + fires["blur_km"])
    if not near.any():
        return []
    last = int(fires["end"][near].max())
    return [Reason("fire", {"at": last, "km": rules.fire_km, "hours": rules.fire_hours})]


def _mines(rules: Rules, known: Dangers, lat: float, lon: float) -> list[Reason]:
    """Mines or unexploded ordnance told of near by: they do not go by themselves, so that no time is asked."""
    mines = known.mines
    away = distance_km(lat, lon, mines["lat"], mines["lon"])
    told = bool(((mines["p"] >= rules.mines_p) & (away <= rules.mines_km + mines["blur_km"])).any())
    told = told or any(
        r["kind"] == "mines" and _reach(r, lat, lon) <= rules.mines_km for r in known.restrictions if "lat" in r
    )
    return [Reason("mines", {"km": rules.mines_km})] if told else []


def _barred(
    rules: Rules, restrictions: Sequence[Mapping[str, Any]], span: tuple[int, int], lat: float, lon: float
) -> list[Reason]:
    """Restrictions that still hold on that day, or were met so shortly before that nobody has lifted them."""
    out = []
    for kind in _BARS:
        lasts = int(rules.denied_hours * HOUR) if kind == "denied" else 0
        met = [
            r for r in restrictions
            if r["kind"] == kind and "lat" in r and _reach(r, lat, lon) <= 0
            and r["start"] < span[1] and r.get("end", r["start"]) + lasts > span[0]
        ]  # fmt: skip
        if met:
            out.append(Reason(f"barred_{kind}"))
    return out


def _reach(r: Mapping[str, Any], lat: float, lon: float) -> float:
    """Km from a place to the edge of a restriction's circle; below 0 inside."""
    away = distance_km(lat, lon, np.array([r["lat"]]), np.array([r["lon"]]))[0]
    return float(away) - float(r.get("radius_km") or 0.0)


def distance_km(lat: float, lon: float, lats: Array, lons: Array) -> Array:
    """Distance of places from one, in the plane at it."""
    north = (lats - lat) * _KM
    east = ((lons - lon + 180) % 360 - 180) * (_KM * np.cos(np.radians(lat)))
    return np.asarray(np.hypot(east, north))


__all__ = ["Dangers", "Reason", "Rules", "Window", "dangers", "distance_km", "window"]
