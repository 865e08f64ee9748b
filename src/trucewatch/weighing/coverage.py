"""Silence as evidence, only where recorded coverage says that the incident would have been seen (law L6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.normal import ndtri
from trucewatch.model.table import Array, Table
from trucewatch.taxonomy import taxonomy
from trucewatch.weighing.ratios import Ratios

_POINTS = 64
_NEGLIGIBLE = 0.005
_CHUNK = 8_192  # pairs that are looked at at once
_FEW = 64  # incidents up to which each is compared with every row of coverage at once
_PAIRS = 500_000  # pairs of incident and coverage that are sifted at once
_REACHES_S = (7_200.0, 28_800.0, 86_400.0, np.inf)  # incidents are looked up with others that are as well timed
_KM = float(np.radians(1.0) * EARTH_KM)  # length of a degree of latitude


@dataclass(frozen=True, slots=True)
class Silence:
    """Weights of silent observers: incident, source index, micro-nats (negative)."""

    incident: Array
    source: Array
    weight: Ints


def silence(incidents: Table, coverage: Table, spoke: set[tuple[int, int]], ratios: Ratios) -> Silence:
    """log(1 - trust x detection x P(inside coverage)) for each observer that did not speak of the incident.

    `coverage` columns: source, start, end (unix s), lat, lon, radius_km (NaN: no circle), inside (object: a test of
    points; None for a circle), acts (object: tuple), means (object), detection; rows of unknown detection say nothing
    and are not given.
    `spoke`: (incident, source) pairs that have a voice in it. Where rows of one observer overlap the better one counts,
    so that two shifts at one place are not two silences.
    """
    seen: dict[tuple[int, int], Floats] = {}
    trust = ratios.factors["silence_trust"]
    for k, near in _near(incidents, coverage):
        source, detection = int(coverage["source"][k]), trust * float(coverage["detection"][k])
        for i in near.tolist():
            if (i, source) in spoke or not perceives(coverage, k, str(incidents["act"][i])):
                continue
            chance = detection * held(incidents, coverage, k, i)
            seen[i, source] = np.maximum(seen[i, source], chance) if (i, source) in seen else chance
    floor = ratios["silence.covered"].weight
    out = []
    for (i, source), chance in seen.items():
        weight = max(floor, round(float(np.log1p(-min(float(chance.mean()), 1.0 - 1e-9))) * MICRO))
        if weight <= -_NEGLIGIBLE * MICRO:
            out.append((i, source, weight))
    out.sort()
    table = np.array(out, dtype=np.int64).reshape(-1, 3)
    return Silence(table[:, 0], table[:, 1], table[:, 2])


def _near(incidents: Table, coverage: Table) -> Iterator[tuple[int, Array]]:
    """Rows of coverage, each with the incidents that may lie inside it."""
    every = np.arange(incidents.n)
    if every.size <= _FEW:
        hit = _possible(incidents, coverage, np.arange(coverage.n)[:, None], every[None])
        yield from ((k, np.flatnonzero(hit[k])) for k in np.flatnonzero(hit.any(axis=1)).tolist())
        return
    rows, found = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    reach, least = 3 * incidents["t_sd_s"], -1.0
    for most in _REACHES_S:
        some = every[(reach > least) & (reach <= most) & np.isfinite(incidents["lat"])]
        some, least = some[np.argsort(incidents["t_mean_s"][some], kind="stable")], most
        t = incidents["t_mean_s"][some]
        begin = np.searchsorted(t, coverage["start"] - most, side="left")
        count = np.searchsorted(t, coverage["end"] + most, side="right") - begin
        for part in _parts(count):
            k = np.repeat(part, count[part])
            i = some[np.arange(k.size) + np.repeat(begin[part] - np.cumsum(count[part]) + count[part], count[part])]
            hit = _possible(incidents, coverage, k, i)
            rows.append(k[hit])
            found.append(i[hit])
    row, i = np.concatenate(rows), np.concatenate(found)
    order = np.argsort(row, kind="stable")
    row, i = row[order], i[order]
    heads = np.flatnonzero(np.diff(row, prepend=-1))
    yield from zip(row[heads].tolist(), np.split(i, heads[1:]) if heads.size else [], strict=True)


def _parts(count: Array) -> list[Array]:
    """Rows in runs that have about _PAIRS pairs each, or one row alone that has more."""
    cuts = np.searchsorted(np.cumsum(count), np.arange(_PAIRS, int(count.sum()) + _PAIRS, _PAIRS))
    return np.split(np.arange(count.size), np.unique(np.minimum(cuts + 1, count.size)))


def perceives(coverage: Table, k: int, act: str) -> bool:
    """Whether the observer of coverage row k would have recorded such an act."""
    tax = taxonomy()
    acts, means = coverage["acts"][k], coverage["means"][k]
    if acts and not any(tax.covers(a, act) for a in acts):
        return False
    return means is None or means in tax.acts[act].means


def _possible(incidents: Table, coverage: Table, k: Array, i: Array) -> Array:
    """Flag of incidents i whose place is known and that may lie inside coverage rows k; the two are broadcast."""
    lat, lon, t = incidents["lat"][i], incidents["lon"][i], incidents["t_mean_s"][i]
    # No draw of a time lies farther than three standard deviations from its mean.
    reach = 3 * incidents["t_sd_s"][i]
    sigma = np.sqrt((incidents["cov_ee"][i] + incidents["cov_nn"][i]) / 2)
    dn = (coverage["lat"][k] - lat) * _KM
    de = ((coverage["lon"][k] - lon + 180) % 360 - 180) * _KM * np.cos(np.radians(lat))
    radius = coverage["radius_km"][k]
    return np.asarray(
        np.isfinite(lat)
        & (t + reach >= coverage["start"][k])
        & (t - reach <= coverage["end"][k])
        & (np.isnan(radius) | (np.hypot(dn, de) - radius <= 3.5 * sigma))
    )


def held(incidents: Table, coverage: Table, k: int, i: int) -> Floats:
    """1.0 for each joint draw of the incident's place and time that lies inside coverage row k, else 0.0."""
    sigma = float(np.sqrt((incidents["cov_ee"][i] + incidents["cov_nn"][i]) / 2))
    lat, lon = float(incidents["lat"][i]), float(incidents["lon"][i])
    draws = _draws()
    east, north = sigma * draws[:, 0], sigma * draws[:, 1]
    t = incidents["t_mean_s"][i] + incidents["t_sd_s"][i] * draws[:, 2]
    inside = coverage["inside"][k]
    if inside is None:
        dn = (coverage["lat"][k] - lat) * _KM
        de = ((coverage["lon"][k] - lon + 180) % 360 - 180) * km_per_degree(lat)
        held = np.hypot(de - east, dn - north) <= coverage["radius_km"][k]
    else:
        held = inside(lon + east / km_per_degree(lat), lat + north / _KM)
    now = (t >= coverage["start"][k]) & (t < coverage["end"][k])
    return np.asarray(held & now, dtype=float)


def shares_held(incidents: Table, coverage: Table, rows: Array, at: Array) -> Floats:
    """The mean of `held` for each pair of a coverage row (`rows`) and an incident (`at`); circles all at once."""
    out = np.empty(rows.size)
    circle = np.array([inside is None for inside in coverage["inside"].tolist()], dtype=bool)[rows]
    for j in np.flatnonzero(~circle).tolist():
        out[j] = held(incidents, coverage, int(rows[j]), int(at[j])).mean()
    draws, circles = _draws(), np.flatnonzero(circle)
    for some in (circles[j : j + _CHUNK] for j in range(0, circles.size, _CHUNK)):
        k, i = rows[some], at[some]
        lat, lon = incidents["lat"][i], incidents["lon"][i]
        sigma = np.sqrt((incidents["cov_ee"][i] + incidents["cov_nn"][i]) / 2)[:, None]
        dn = (coverage["lat"][k] - lat) * _KM
        de = ((coverage["lon"][k] - lon + 180) % 360 - 180) * (_KM * np.cos(np.radians(lat)))
        near = np.hypot(de[:, None] - sigma * draws[:, 0], dn[:, None] - sigma * draws[:, 1])
        t = incidents["t_mean_s"][i][:, None] + incidents["t_sd_s"][i][:, None] * draws[:, 2]
        now = (t >= coverage["start"][k][:, None]) & (t < coverage["end"][k][:, None])
        out[some] = ((near <= coverage["radius_km"][k][:, None]) & now).mean(axis=1)
    return out


def km_per_degree(lat: float) -> float:
    """Length of a degree of longitude at a latitude, km."""
    return float(_KM * np.cos(np.radians(lat)))


@lru_cache(maxsize=1)
def _draws(n: int = _POINTS) -> Floats:
    """A fixed set of n points of a unit Gaussian in east, north and time: equal-probability rings on the golden angle,
    and the van der Corput sequence through the normal quantile."""
    k = np.arange(n) + 0.5
    radius = np.sqrt(-2 * np.log1p(-k / n))
    angle = k * np.pi * (3 - np.sqrt(5.0))
    bits = int(np.log2(n))
    reversed_ = np.array([int(format(i, f"0{bits}b")[::-1], 2) for i in range(n)])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), ndtri((reversed_ + 0.5) / n)], axis=1)
