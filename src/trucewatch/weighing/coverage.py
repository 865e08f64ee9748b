"""Silence as evidence, only where recorded coverage says that the incident would have been seen (law L6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from trucewatch.model.claims import EARTH_KM
from trucewatch.model.micronats import MICRO, Floats, Ints
from trucewatch.model.table import Array, Table
from trucewatch.taxonomy import taxonomy
from trucewatch.weighing.ratios import Ratios

_POINTS = 64
_NEGLIGIBLE = 0.005


@dataclass(frozen=True, slots=True)
class Silence:
    """Weights of silent observers: incident, source index, micro-nats (negative)."""

    incident: Array
    source: Array
    weight: Ints


def silence(incidents: Table, coverage: Table, spoke: set[tuple[int, int]], ratios: Ratios) -> Silence:
    """log(1 - sum of detection x P(inside coverage)) for each observer that did not speak of the incident.

    `coverage` columns: source, start, end (unix s), lat, lon, radius_km, inside (object: a test of points or None),
    acts (object: tuple), means (object), detection; rows of unknown detection say nothing and are not given.
    `spoke`: (incident, source) pairs that have a voice in it. One observer's rows together never pass their greatest
    detection, so that overlapping shifts are not counted twice.
    """
    total: dict[tuple[int, int], float] = {}
    cap: dict[tuple[int, int], float] = {}
    order = np.argsort(incidents["t_mean_s"], kind="stable")
    t = incidents["t_mean_s"][order]
    slack = float(np.nanmax(incidents["t_sd_s"], initial=0.0)) * 3 if incidents.n else 0.0
    rows = _canonical(coverage)
    for k in rows:
        lo = np.searchsorted(t, coverage["start"][k] - slack)
        hi = np.searchsorted(t, coverage["end"][k] + slack)
        near = order[lo:hi]
        p = _share_inside(incidents, coverage, int(k), near)
        source = int(coverage["source"][k])
        detection = float(coverage["detection"][k])
        for i, share in zip(near[p > 0].tolist(), p[p > 0].tolist(), strict=True):
            if (i, source) in spoke or not perceives(coverage, int(k), str(incidents["act"][i])):
                continue
            total[i, source] = total.get((i, source), 0.0) + detection * share
            cap[i, source] = max(cap.get((i, source), 0.0), detection)
    floor = ratios["silence.covered"].weight
    out = []
    for (i, source), seen in total.items():
        missed = 1.0 - min(seen, cap[i, source], 1.0 - 1e-9)
        weight = max(floor, round(float(np.log(missed)) * MICRO))
        if weight <= -_NEGLIGIBLE * MICRO:
            out.append((i, source, weight))
    out.sort()
    table = np.array(out, dtype=np.int64).reshape(-1, 3)
    return Silence(table[:, 0], table[:, 1], table[:, 2])


def perceives(coverage: Table, k: int, act: str) -> bool:
    """Whether the observer of coverage row k would have recorded such an act."""
    tax = taxonomy()
    acts, means = coverage["acts"][k], coverage["means"][k]
    if acts and not any(tax.covers(a, act) for a in acts):
        return False
    return means is None or means in tax.acts[act].means


def _canonical(coverage: Table) -> Array:
    """Rows in an order of content, so that sums of shares do not depend on the order of the file."""
    if not coverage.n:
        return np.empty(0, dtype=np.int64)
    keys = [
        np.nan_to_num(coverage[k].astype(float), nan=-1e9)
        for k in ("detection", "radius_km", "lon", "lat", "end", "start")
    ]
    return np.lexsort(keys)


def _share_inside(incidents: Table, coverage: Table, k: int, near: Array) -> Floats:
    """P(place and time of each incident lie inside coverage row k); 0 where the place is unknown."""
    if not near.size:
        return np.empty(0)
    start, end = coverage["start"][k], coverage["end"][k]
    sd = np.maximum(incidents["t_sd_s"][near], 1.0)
    mean = incidents["t_mean_s"][near]
    in_time = ndtr((end - mean) / sd) - ndtr((start - mean) / sd)
    inside = coverage["inside"][k]
    lat, lon = incidents["lat"][near], incidents["lon"][near]
    known = np.isfinite(lat)
    sigma = np.sqrt((incidents["cov_ee"][near] + incidents["cov_nn"][near]) / 2)
    if inside is None:
        km = np.radians(1.0) * EARTH_KM
        dn = (coverage["lat"][k] - lat) * km
        de = ((coverage["lon"][k] - lon + 180) % 360 - 180) * km * np.cos(np.radians(lat))
        radius = coverage["radius_km"][k]
        possible = known & (in_time > 1e-4) & (np.hypot(dn, de) - radius <= 3.5 * sigma)
    else:
        possible = known & (in_time > 1e-4)
    out = np.zeros(near.size)
    for i in np.flatnonzero(possible):
        px, py = sigma[i] * _DRAWS[:, 0], sigma[i] * _DRAWS[:, 1]
        if inside is None:
            held = np.hypot(de[i] - px, dn[i] - py) <= radius
        else:
            held = inside(lon[i] + px / (km_per_degree(lat[i])), lat[i] + py / (np.radians(1.0) * EARTH_KM))
        out[i] = float(np.mean(held)) * in_time[i]
    return out


def km_per_degree(lat: float) -> float:
    """Length of a degree of longitude at a latitude, km."""
    return float(np.radians(1.0) * EARTH_KM * np.cos(np.radians(lat)))


def _draws(n: int) -> Floats:
    """A fixed set of n points of a round unit Gaussian: equal-probability rings on the golden angle."""
    k = np.arange(n) + 0.5
    radius = np.sqrt(-2 * np.log1p(-k / n))
    angle = k * np.pi * (3 - np.sqrt(5.0))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


_DRAWS = _draws(_POINTS)
