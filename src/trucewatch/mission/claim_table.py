"""From claim records to the claim table of the stages: names become codes, places and times become quantities."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from trucewatch.mission.references import References
from trucewatch.mission.snapshot import Payload, Versions
from trucewatch.model import vocabulary as v
from trucewatch.model.claims import EARTH_KM, SIGMA_PER_RADIUS, earth_xyz
from trucewatch.model.table import Array, Table, objects
from trucewatch.model.times import DAY, HOUR, MINUTE, SECOND, from_us, zone
from trucewatch.taxonomy import taxonomy

_SQRT12 = math.sqrt(12.0)
_DAY_S = 86_400
_EDGE_S, _EDGE_SHARE = 300.0, 0.04  # "until the evening": an hour in a day, five minutes in any interval
_TIME_ROLE = {
    "party": "party",
    "party_media": "party",
    "monitor": "monitor",
    "peacekeeper": "monitor",
    "sensor": "sensor",
    "satellite": "sensor",
}
Place = tuple[float | None, float | None, float | None, str | None]  # latitude, longitude, 95 % radius, note
TOKEN = "¤"  # stands for every name of a party and of its sources before wording is compared (design 1)


class Resolution(Protocol):
    """A gazetteer's answer."""

    @property
    def lat(self) -> float | None: ...  # noqa: D102
    @property
    def lon(self) -> float | None: ...  # noqa: D102
    @property
    def radius_km(self) -> float | None: ...  # noqa: D102
    @property
    def note(self) -> str | None: ...  # noqa: D102


class Resolver(Protocol):
    """What finds a place by its name."""

    def resolve(self, name: str) -> Resolution:
        """Place of a name, or none with a note."""
        ...


@dataclass(frozen=True, slots=True)
class Names:
    """Codes of names: sources by id with their payloads, actors in the order of the agreements."""

    sources: Mapping[str, int]
    source_rows: Sequence[Payload]
    actors: Mapping[str, int]
    approve_all: bool
    timezone: str
    words: re.Pattern[str] | None = None


@dataclass
class ClaimTable:
    """The claim table as claims come in. `refs`: row by "SOURCE/ID"; `places` as resolved; `retracted_by`: by row."""

    names: Names
    resolver: Resolver
    time_sd: Mapping[str, Any]
    table: Table = field(default_factory=lambda: Table({}, 0))
    places: list[Place] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    references: References = field(default_factory=References)

    @property
    def refs(self) -> dict[str, int]:
        """Row by "SOURCE/ID"."""
        return self.references.row

    @property
    def retracted_by(self) -> dict[int, str]:
        """Withdrawing claim by row."""
        return self.references.retracted_by

    @property
    def withdrawals(self) -> dict[int, list[str]]:
        """All withdrawing claims by row."""
        return self.references.withdrawals

    def extend(self, claims: Sequence[Versions]) -> Array:
        """Add claims that are not in the table yet, in their order. Rows that are new or whose references changed."""
        first, payloads = self.table.n, [c.payload for c in claims]
        moved = sorted(self.references.add(first, ((c.id, c.payload) for c in claims)))
        places = [_place(p, self.resolver) for p in payloads]
        self.places += places
        grown = _columns(claims, payloads, places, self.names, self.time_sd)
        rows = np.concatenate([np.array(moved, dtype=np.int64), np.arange(first, first + len(claims))])
        self.table = self.table.extended(grown) if first else grown
        self.table = self.table.with_columns(**self._references(rows))
        return rows

    def _references(self, rows: Array) -> dict[str, Array]:
        """The columns that depend on other claims, with the given rows looked up anew."""
        target = self.table["responds_to"].copy()
        target[rows] = [self.references.responds_to(k) for k in rows.tolist()]
        retracted = self.table["withdraws"].copy()
        retracted[list(self.withdrawals)] = True
        return {"responds_to": target, "retracted": retracted}


def names_of(
    sources: Iterable[Payload], actors: Sequence[tuple[str, Sequence[str]]], approve_all: bool, timezone: str
) -> Names:
    """Codes for sources (with a row for each) and actors (id and all its names and aliases)."""
    rows = list(sources)
    index = {str(s["source"]): k for k, s in enumerate(rows)}
    ids = {actor: k for k, (actor, _) in enumerate(actors)}
    said = {n for actor, names in actors for n in (actor, *names)}
    said |= {str(s[k]) for s in rows if s.get("party") for k in ("source", "name") if s.get(k)}
    ordered = sorted((re.escape(n) for n in said if len(n) > 1), key=lambda n: (-len(n), n))
    words = re.compile(r"(?<!\w)(?:" + "|".join(ordered) + r")\w{0,3}(?!\w)", re.IGNORECASE) if ordered else None
    return Names(index, rows, ids, approve_all, timezone, words)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where claims took place and what withdrew them, by row: what pages need of a claim table."""

    places: Sequence[Place]
    retracted_by: Mapping[int, str]


def resolved(claims: Sequence[Versions], resolver: Resolver) -> Resolved:
    """That part of the table of those claims alone."""
    references = References()
    references.add(0, ((c.id, c.payload) for c in claims))
    return Resolved(places_of(claims, resolver), references.retracted_by)


def places_of(claims: Sequence[Versions], resolver: Resolver) -> list[Place]:
    """Where claims took place, by row: latitude, longitude, 95 % radius in km and a note."""
    return [_place(c.payload, resolver) for c in claims]


def claim_table(claims: Sequence[Versions], names: Names, resolver: Resolver, time_sd: Mapping[str, Any]) -> ClaimTable:
    """The table of those claims, rows in their order."""
    out = ClaimTable(names, resolver, time_sd)
    out.extend(claims)
    return out


def _columns(
    claims: Sequence[Versions], payloads: Sequence[Payload], places: Sequence[Place], names: Names,
    time_sd: Mapping[str, Any],
) -> Table:  # fmt: skip
    """Columns of some claims, references among them left open."""
    n = len(claims)
    src = np.array([names.sources[p["source"]] for p in payloads], dtype=np.int64).reshape(n)
    origin = np.array([names.sources.get(str(p.get("origin")), -1) for p in payloads], dtype=np.int64).reshape(n)
    lat, lon, sigma, exact, cov = _places(payloads, places)
    start = np.array([p["start"] for p in payloads], dtype=np.int64).reshape(n)
    end = np.array([p.get("end", p["start"]) for p in payloads], dtype=np.int64).reshape(n)
    end = np.maximum(end, start)
    t = (start + (end - start) / 2) / SECOND
    role = _source_codes(names, lambda s: v.ROLES.index(s["role"]))
    side = _source_codes(names, lambda s: names.actors.get(str(s.get("party")), -1))
    parent = _source_codes(names, lambda s: names.sources.get(str(s.get("parent")), -1))
    speaker = _speakers(src, origin, side)
    approved = _source_codes(names, lambda s: int(names.approve_all or bool(s.get("approved_by")))).astype(bool)
    handling = _source_codes(names, lambda s: v.HANDLING.index(s.get("handling") or "restricted"))
    tz = [str(s.get("tz") or names.timezone) for s in names.source_rows]
    length = (end - start) / SECOND
    slop = _time_slop(payloads, start, length, role[src], [tz[s] for s in src.tolist()], time_sd)
    act = objects([str(p["act"]) for p in payloads])
    x, y, z = earth_xyz(lat, lon)
    return Table({
        "number": np.array([c.number for c in claims], dtype=np.int64).reshape(n),
        "ref": objects([f"{p['claim_id']}/{p['source']}" for p in payloads]),
        "published": np.array([p["published"] for p in payloads], dtype=np.int64).reshape(n),
        "known": np.array([c.known_at for c in claims], dtype=np.int64).reshape(n),
        "stance": _codes(payloads, "stance", v.STANCES), "means": _codes(payloads, "means", v.MEANS),
        "place_of": _codes(payloads, "place_of", v.PLACE_OF), "role": role[speaker],
        "act": act, "act_kind": _act_kinds(act),
        "start": start, "end": end, "t": t,
        "t_sd": np.hypot(length / _SQRT12, slop), "t_length": length, "t_slop": slop,
        "lat": lat, "lon": lon, "x": x, "y": y, "z": z, "sigma_km": sigma, "exact": exact,
        "cov_ee": cov[0], "cov_en": cov[1], "cov_nn": cov[2],
        "origin_lat": _floats(payloads, "origin_lat"), "origin_lon": _floats(payloads, "origin_lon"),
        "origin_sigma_km": _floats(payloads, "origin_radius_km") * SIGMA_PER_RADIUS,
        "source": src, "source_side": side[src], "side": side[speaker], "voice_source": speaker, "origin": origin,
        "parent": parent[src],
        "approved": approved[speaker] & approved[src],
        "accused": _actor_codes(payloads, "accused", names), "victim": _actor_codes(payloads, "victim", names),
        "weapon": objects([p.get("weapon") for p in payloads]),
        **{k: _floats(payloads, k) for k in ("killed_low", "killed_high", "injured_low", "injured_high")},
        "throughout": np.array([p.get("when") == "throughout" for p in payloads], dtype=bool).reshape(n),
        "cumulative": np.array([bool(p.get("cumulative")) for p in payloads], dtype=bool).reshape(n),
        "withdraws": np.array(["retracts" in p for p in payloads], dtype=bool).reshape(n),
        "retracted": np.zeros(n, dtype=bool), "responds_to": np.full(n, -1),
        "text": objects([_neutral(p.get("text"), names) for p in payloads]),
        "handling": np.array([
            v.HANDLING.index(p["handling"]) if "handling" in p else handling[s]
            for p, s in zip(payloads, src.tolist(), strict=True)
        ], dtype=np.int64).reshape(n),
    }, n)  # fmt: skip


def _speakers(src: Array, origin: Array, side: Array) -> Array:
    """Whose voice each claim is: its origin's; but a party's outlet lends no words to anybody but its own side."""
    lends = (origin >= 0) & ((side[src] < 0) | (side[origin] == side[src]))
    return np.where(lends, origin, src)


def _source_codes(names: Names, of: Any) -> Array:
    return np.array([of(s) for s in names.source_rows], dtype=np.int64)


def _codes(payloads: Sequence[Payload], column: str, words: Sequence[str]) -> Array:
    index = {w: k for k, w in enumerate(words)}
    return np.array([index.get(p.get(column, ""), -1) for p in payloads], dtype=np.int64).reshape(len(payloads))


def _floats(payloads: Sequence[Payload], column: str) -> Array:
    return np.array([p.get(column, math.nan) for p in payloads], dtype=np.float64).reshape(len(payloads))


def _act_kinds(acts: Array) -> Array:
    heads = {code: k for k, code in enumerate(a for a in taxonomy().acts if "." not in a)}
    return np.array([heads[a.split(".", 1)[0]] for a in acts.tolist()], dtype=np.int64).reshape(acts.size)


def _actor_codes(payloads: Sequence[Payload], column: str, names: Names) -> Array:
    """Actor index; -1 nobody; `other:WORDS` below -1, one number for each wording."""
    words = (p.get(column) for p in payloads)
    codes = [-1 if w is None else names.actors.get(w, -2 - zlib.crc32(str(w).encode())) for w in words]
    return np.array(codes, dtype=np.int64).reshape(len(payloads))


def _neutral(text: str | None, names: Names) -> str | None:
    if not text:
        return None
    return names.words.sub(TOKEN, text) if names.words else text


def _place(p: Payload, resolver: Resolver) -> Place:
    """Latitude, longitude, 95 % radius and a note: as told, else by bearing and range, else from the gazetteer."""
    if "lat" in p and "lon" in p:
        return p["lat"], p["lon"], p.get("radius_km"), None
    if all(k in p for k in ("obs_lat", "obs_lon", "bearing_deg", "range_km_high")):
        low = p.get("range_km_low", 0.0)
        middle, half = (low + p["range_km_high"]) / 2, (p["range_km_high"] - low) / 2
        across = middle * math.radians(2 * p.get("bearing_sd_deg", 10.0))
        b = math.radians(p["bearing_deg"])
        km = math.radians(1.0) * EARTH_KM
        lat = p["obs_lat"] + middle * math.cos(b) / km
        lon = p["obs_lon"] + middle * math.sin(b) / (km * math.cos(math.radians(p["obs_lat"])))
        return lat, lon, math.hypot(half, across), "from bearing and range"
    if "place" in p:
        found = resolver.resolve(str(p["place"]))
        radius = found.radius_km
        if radius is not None and "radius_km" in p:
            radius = max(radius, p["radius_km"])
        return found.lat, found.lon, radius, found.note
    return None, None, None, None


def _places(
    payloads: Sequence[Payload], places: Sequence[tuple[Any, ...]]
) -> tuple[Array, Array, Array, Array, tuple[Array, Array, Array]]:
    n = len(payloads)
    columns = [
        np.array([math.nan if p[k] is None else p[k] for p in places], dtype=np.float64).reshape(n) for k in range(3)
    ]
    lat, lon, radius = columns
    sigma = radius * SIGMA_PER_RADIUS
    exact = np.isfinite(lat) & np.isfinite(sigma)
    ee, en, nn = sigma**2, np.zeros(n), sigma**2
    for k, (p, place) in enumerate(zip(payloads, places, strict=True)):
        if place[3] == "from bearing and range":
            ee[k], en[k], nn[k] = _cone(p)
    return lat, lon, sigma, exact, (ee, en, nn)


def _cone(p: Payload) -> tuple[float, float, float]:
    """Covariance (km2, east/north) of a place told by bearing and range: range uniform, bearing Gaussian."""
    low = p.get("range_km_low", 0.0)
    along = ((p["range_km_high"] - low) / _SQRT12) ** 2 + 0.01
    across = ((p["range_km_high"] + low) / 2 * math.radians(p.get("bearing_sd_deg", 10.0))) ** 2 + 0.01
    b = math.radians(p["bearing_deg"])
    s, c = math.sin(b), math.cos(b)
    return along * s * s + across * c * c, (along - across) * s * c, along * c * c + across * s * s


def _time_slop(
    payloads: Sequence[Payload],
    start: Array,
    length: Array,
    role: Array,
    zones: Sequence[str],
    table: Mapping[str, Any],
) -> Array:
    """Blur of each stated time, seconds: of an instant as told, else from the fit by the kind of source and how round
    the time is; edges of an interval are as sharp as a share of it, of whole days (a reporting period) sharp."""
    out = np.where(length % _DAY_S == 0, _EDGE_S, np.maximum(_EDGE_S, _EDGE_SHARE * length))
    offsets: dict[tuple[str, int], int] = {}
    for k in np.flatnonzero(length == 0).tolist():
        told = payloads[k].get("time_sd_min")
        if told is not None:
            out[k] = told * 60.0
            continue
        us = int(start[k])
        day = us // DAY
        key = (zones[k], day)
        if key not in offsets:
            offset = from_us(us).astimezone(zone(zones[k])).utcoffset()
            offsets[key] = 0 if offset is None else int(offset.total_seconds()) * SECOND
        group = table[_TIME_ROLE.get(v.ROLES[int(role[k])], "other")]
        out[k] = group[_roundness(us + offsets[key])] * 60.0
    return out


def _roundness(local_us: int) -> str:
    if local_us % (6 * HOUR) == 0:
        return "quarter_day"
    if local_us % HOUR == 0:
        return "hour"
    if local_us % (15 * MINUTE) == 0:
        return "quarter"
    return "minute"
