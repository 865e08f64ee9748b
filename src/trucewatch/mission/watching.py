"""What observers of no party could see, and what they saw, by sector and report day: the series behind `trends`.

Routine coverage alone counts: where a visit was ordered because of an allegation, finding something says nothing of the
rate. An incident counts where an observer tells in its own voice what it saw inside its own coverage. What parties
allege counts nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from trucewatch.mission import gaps
from trucewatch.mission.context import Context
from trucewatch.model.micronats import Floats
from trucewatch.model.table import Array, Rows, objects
from trucewatch.model.times import DAY, HOUR, from_us, zone
from trucewatch.model.vocabulary import PARTY_ROLES
from trucewatch.taxonomy import taxonomy
from trucewatch.trends import Days
from trucewatch.trends.delays import MOST_DAYS, completeness

_SLOTS = 24
_DAYLIGHT = range(6, 18)  # local hours
_INSTRUMENTS = frozenset({"sensor", "satellite"})
_UNKNOWN_DETECTION = 0.5  # the same before and after, so that it leaves no trace in a ratio
_INCOMPLETE = 0.5  # days of which less than that share of the reports can have come yet are left out
_HAPPENED = 0.5
STRATA = 4  # day and night, by people and by instruments
ReportDay = tuple[date, int, int]


@dataclass(frozen=True, slots=True)
class Watch:
    """One observer's routine coverage: [start, end) in microseconds; `inside` tests points; `group` 0 = people, 1 =
    instruments; `acts` empty = all; `seen`: chance that one such act is recorded."""

    source: str
    start: int
    end: int
    inside: gaps.Inside
    acts: tuple[str, ...]
    means: str | None
    seen: float
    group: int

    def perceives(self, act: str) -> bool:
        """Whether such an act would be recorded."""
        tax = taxonomy()
        told = not self.acts or any(tax.covers(a, act) or tax.covers(act, a) for a in self.acts)
        return told and (self.means is None or self.means in tax.acts[act].means)


@dataclass(frozen=True, slots=True)
class Seen:
    """Incidents that observers saw inside their coverage, each once by group. `number` of the incident; `time` its
    middle, microseconds."""

    number: Array
    time: Array
    lat: Floats
    lon: Floats
    act: Array
    group: Array

    def take(self, rows: Array) -> Seen:
        """Some of them."""
        return Seen(*(getattr(self, name)[rows] for name in ("number", "time", "lat", "lon", "act", "group")))


@dataclass(frozen=True)
class Watching:
    """All that a mission's observers could see and saw under a cut, for the days `days`; `known`: the latest time
    known, microseconds."""

    watches: tuple[Watch, ...]
    seen: Seen
    tallies: tuple[Mapping[str, Any], ...]
    days: tuple[ReportDay, ...]
    known: int
    curves: Mapping[str, Floats]
    timezone: str

    def series(self, sector: str, area: Any, act: str) -> tuple[Days, Days]:
        """Counts by stratum, and the same of one stratum, of an act in an area (shapely, lon lat) named `sector`."""
        used = [w for w in self.watches if w.perceives(act)]
        strata, whole = self._exposure(area, used)
        found = self._inside(area, act)
        by_stratum, once = self._counts(found)
        tallied = self._tallied(sector, act)
        if tallied.any():  # a sum of a day tells no hours: one stratum, and the greater of the two
            once = np.maximum(once, tallied)
            return (Days(once[:, None] * (whole > 0)[:, None], whole[:, None]),) * 2
        by_stratum = np.where(strata > 0, by_stratum, 0.0)
        return Days(by_stratum, strata), Days((once * (whole > 0))[:, None], whole[:, None])

    @cached_property
    def _light(self) -> Array:
        """Whether the middle of each slot of each day is in daylight hours: days x slots."""
        tz = zone(self.timezone)
        hours = [
            [from_us(round(s + (k + 0.5) * (e - s) / _SLOTS)).astimezone(tz).hour in _DAYLIGHT for k in range(_SLOTS)]
            for _, s, e in self.days
        ]
        return np.array(hours, dtype=bool).reshape(-1, _SLOTS)

    def _exposure(self, area: Any, used: Sequence[Watch]) -> tuple[Floats, Floats]:
        """Days of full coverage by stratum (days x strata), and by anybody."""
        strata, whole = np.zeros((len(self.days), STRATA)), np.zeros(len(self.days))
        if not used:
            return strata, whole
        lon, lat = gaps.grid(area)
        held = np.array([w.inside(lon, lat) for w in used], dtype=bool)
        start, end = (np.array([getattr(w, k) for w in used], dtype=np.int64) for k in ("start", "end"))
        group = np.array([w.group for w in used])
        some = held.any(axis=1)
        for d, (_, begin, until) in enumerate(self.days):
            now = np.flatnonzero(some & (start < until) & (end > begin))
            if not now.size or until > self.known:
                continue
            chance = np.array([used[k].seen * self._come(used[k].source, until) for k in now.tolist()])
            middle = begin + (np.arange(_SLOTS) + 0.5) * (until - begin) / _SLOTS
            there = ((middle[:, None] >= start[now]) & (middle[:, None] < end[now])).astype(float)
            missed = np.log1p(-np.minimum(chance, 1 - 1e-9))[:, None] * held[now]
            length = (until - begin) / DAY / _SLOTS
            for g in (0, 1):
                one = group[now] == g
                by_slot = (1 - np.exp(there[:, one] @ missed[one])).mean(axis=1) * length
                strata[d, g] = by_slot[self._light[d]].sum()
                strata[d, g + 2] = by_slot[~self._light[d]].sum()
            whole[d] = (1 - np.exp(there @ missed)).mean(axis=1).sum() * length
        return np.round(strata, 6), np.round(whole, 6)

    def _come(self, source: str, until: int) -> float:
        """Share of a source's reports on a day that can have come by now; 0 where most are still out."""
        curve = self.curves.get(source)
        share = 1.0 if curve is None else float(curve[min(MOST_DAYS, (self.known - until) // DAY)])
        return share if share >= _INCOMPLETE else 0.0

    def _inside(self, area: Any, act: str) -> Seen:
        tax = taxonomy()
        here = np.array([tax.covers(act, a) for a in self.seen.act.tolist()], dtype=bool)
        found = self.seen.take(np.flatnonzero(here))
        return found.take(np.flatnonzero(shapely.contains_xy(area, found.lon, found.lat)))

    def _counts(self, seen: Seen) -> tuple[Floats, Floats]:
        """Incidents by day and stratum, and by day, each once."""
        by_stratum, once = np.zeros((len(self.days), STRATA)), np.zeros(len(self.days))
        ends = np.array([u for _, _, u in self.days], dtype=np.int64)
        day = np.searchsorted(ends, seen.time, side="right")
        inside = (day < ends.size) & (seen.time >= (self.days[0][1] if self.days else 0))
        known = set()
        for k in np.flatnonzero(inside).tolist():
            d = int(day[k])
            _, begin, until = self.days[d]
            slot = min(_SLOTS - 1, int((int(seen.time[k]) - begin) * _SLOTS // (until - begin)))
            by_stratum[d, int(seen.group[k]) + (0 if self._light[d, slot] else 2)] += 1
            if int(seen.number[k]) not in known:
                known.add(int(seen.number[k]))
                once[d] += 1
        return by_stratum, once

    def _tallied(self, sector: str, act: str) -> Floats:
        """The greatest count that one observer gave of each day."""
        tax = taxonomy()
        out = np.zeros(len(self.days))
        for t in self.tallies:
            if t.get("area") != sector or not tax.covers(act, str(t["act"])) or t["end"] - t["start"] > DAY + HOUR * 12:
                continue
            if t.get("unit") not in (None, "", "incident"):
                continue  # a sum of explosions or rounds is no number of incidents
            middle = (t["start"] + t["end"]) // 2
            count = [float(t[k]) for k in ("count_low", "count_high") if t.get(k) is not None]
            for d, (_, begin, until) in enumerate(self.days):
                if begin <= middle < until and count:
                    out[d] = max(out[d], sum(count) / len(count))
        return out


def watching(context: Context, tables: Mapping[str, Rows], claims: Sequence[Any]) -> Watching:
    """What the observers of a mission could see and saw. `tables`: incidents, links, assessments; `claims`: newest
    versions with payload and known time."""
    sources = {str(s["source"]): s for s in context.names.source_rows}
    free = {
        name for name, s in sources.items()
        if s.get("role") not in PARTY_ROLES and not s.get("party")
        and (context.names.approve_all or s.get("approved_by"))
    }  # fmt: skip
    watches = tuple(sorted(
        (_watch(c, sources) for c in context.coverage if c["source"] in free and c.get("mode") != "tasked"),
        key=lambda w: (w.start, w.end, w.group, w.seen, w.acts, w.means or ""),
    ))  # fmt: skip
    observers = {w.source for w in watches}
    told = {c.id: c for c in claims if c.payload["source"] in observers}
    known = max((c.known_at for c in claims), default=0)
    tallies = tuple(
        t.payload for t in context.snapshot.tables["tallies"] if t.payload["source"] in free
    )  # fmt: skip
    config = context.mission.config
    span = [(w.start, min(w.end, known)) for w in watches] + [(t["start"], t["end"]) for t in tallies]
    days = gaps.report_days(
        min((s for s, _ in span), default=0), max((e for _, e in span), default=0), config.report_cutoff,
        config.timezone,
    ) if span else []  # fmt: skip
    return Watching(
        watches, _seen(tables, told, watches), tallies, tuple(days), known, _curves(told.values(), known),
        config.timezone,
    )  # fmt: skip


def _watch(row: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> Watch:
    group = int(sources[row["source"]].get("role") in _INSTRUMENTS)
    seen = row.get("detection")
    return Watch(
        row["source"], row["start"], row["end"], row["inside"], tuple(row.get("acts", ())), row.get("means"),
        _UNKNOWN_DETECTION if seen is None else float(seen), group,
    )  # fmt: skip


def _curves(claims: Iterable[Any], known: int) -> dict[str, Floats]:
    """By source, how much of what it reports on a day has come so many days after."""
    by_source: dict[str, list[tuple[int, int]]] = {}
    for c in claims:
        p = c.payload
        happened = p.get("end", p["start"])
        first = min([c.known_at, *(t for t, _ in c.older)])
        by_source.setdefault(p["source"], []).append((max(0, first - happened) // DAY, max(0, known - happened) // DAY))
    out = {}
    for source, pairs in by_source.items():
        delay, age = np.array(pairs, dtype=np.int64).T
        out[source] = completeness(delay, age)
    return out


def _seen(tables: Mapping[str, Rows], told: Mapping[str, Any], watches: Sequence[Watch]) -> Seen:
    """Incidents that an observer tells of in its own voice, inside its own coverage."""
    rows = tables["incidents"]
    at = {id_: k for k, id_ in enumerate(rows.column("incident_id"))}
    likely = (tables["assessments"].column(k) for k in ("incident_id", "p_occurred"))
    happened = {id_ for id_, p in zip(*likely, strict=True) if p is not None and p >= _HAPPENED}
    start, end, lat, lon, act = (rows.column(k) for k in ("start", "end", "lat", "lon", "act"))
    numbers = [int(id_[1:]) for id_ in rows.column("incident_id")]
    by_source: dict[str, list[Watch]] = {}
    for w in watches:
        by_source.setdefault(w.source, []).append(w)
    links = tables["links"]
    voices: dict[str, set[int]] = {}
    for source, claim, incident, relation in zip(
        *(links.column(k) for k in ("source", "claim_id", "incident_id", "relation")), strict=True
    ):
        if incident not in happened or relation not in ("supports", "repeats") or source not in by_source:
            continue
        c = told.get(f"{source}/{claim}")
        k = at[incident]
        if c is not None and c.payload["stance"] == "observes" and lat[k] is not None:
            voices.setdefault(source, set()).add(k)
    found: set[tuple[int, int]] = set()
    for source, incidents in voices.items():
        found |= _in_coverage(sorted(incidents), by_source[source], start, end, lat, lon, act)
    order = sorted(found, key=lambda pair: (numbers[pair[0]], pair[1]))
    rows_of = [i for i, _ in order]
    return Seen(
        np.array([numbers[i] for i in rows_of], dtype=np.int64),
        np.array([(start[i] + end[i]) // 2 for i in rows_of], dtype=np.int64),
        np.array([lat[i] for i in rows_of], dtype=float), np.array([lon[i] for i in rows_of], dtype=float),
        objects([act[i] for i in rows_of]), np.array([g for _, g in order], dtype=np.int64),
    )  # fmt: skip


def _in_coverage(
    incidents: Sequence[int], watches: Sequence[Watch], start: Any, end: Any, lat: Any, lon: Any, act: Any
) -> set[tuple[int, int]]:
    """(position, group) of the incidents that lie in one of an observer's watches, by their middle."""
    t = np.array([(start[i] + end[i]) // 2 for i in incidents], dtype=np.int64)
    order = np.argsort(t, kind="stable")
    t, rows = t[order], np.array(incidents, dtype=np.int64)[order]
    x, y = (np.array([column[i] for i in rows.tolist()], dtype=float) for column in (lon, lat))
    found = set()
    for w in watches:
        a, b = np.searchsorted(t, (w.start, w.end), side="left").tolist()
        if a == b:
            continue
        inside = w.inside(x[a:b], y[a:b])
        found |= {(int(i), w.group) for i in rows[a:b][inside] if w.perceives(str(act[i]))}
    return found
