"""Judging against integrals and findings worked out apart: no code of `trucewatch.judging` is used for the truth.

Withdrawals: joint draws of place, time, weapon and line; the line runs along a meridian, so that a distance to it is a
place's way east. Readings: guns that fall under one reading and not under the other, so that each finding must say that
it depends on the reading.
"""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Geod

from trucewatch.agreement import Agreement, parse
from trucewatch.judging import judge
from trucewatch.model.table import Table, objects
from trucewatch.model.times import SECOND, parse_instant

LIMITS = {"violation": 0.95, "no_violation": 0.05}
_DUE = parse_instant("2021-03-15T00:00:00Z") / SECOND
_EARTH = Geod(ellps="WGS84")
_LON, _LAT = 46.0, 40.0
_ARMS = ("mortar.82mm", "mortar.120mm", "artillery.100mm", "artillery.122mm", "artillery.152mm", "mlrs.bm21")
_HEAD = """id: truth
title: {en: Invented}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
events: {in_force: {at: 2021-03-01T00:00:00Z}}
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """One weapon seen: where, how surely, when, which weapons with which shares; how sure the line is."""

    east_km: float
    sigma_km: tuple[float, float]
    slope: float
    t_s: float
    t_sd_s: float
    weapons: tuple[tuple[str, float], ...]
    line_km: float


def scenes(n: int, seed: int = 3) -> list[Scene]:
    """Weapons near the distances that rules ask for, at times near the deadline."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(n):
        told = rng.choice(_ARMS, rng.integers(1, 4), replace=False).tolist()
        shares = rng.dirichlet(np.ones(len(told))).tolist()
        out.append(
            Scene(
                float(rng.uniform(0, 45)), (float(rng.uniform(0.1, 5)), float(rng.uniform(0.1, 5))),
                float(rng.uniform(-0.8, 0.8)), _DUE + float(rng.normal(0, 5400)), float(rng.uniform(60, 7200)),
                tuple(zip(told, shares, strict=True)), float(rng.choice([0.0, 1.0, 4.0])),
            )
        )  # fmt: skip
    return out


def drawn(scene: Scene, n: int, rng: np.random.Generator) -> float:
    """P(in scope) by plain draws: a gun of 100 mm and more, or a rocket launcher, nearer than it may be after the day
    when it had to be gone."""
    x = scene.east_km + scene.sigma_km[0] * rng.normal(0, 1, n)
    line = rng.normal(0, scene.line_km / 1.96, n)  # it runs south to north: what lies along it changes no distance
    away = np.abs(x - line)
    late = scene.t_s + scene.t_sd_s * rng.normal(0, 1, n) >= _DUE
    which = rng.choice(len(scene.weapons), n, p=[p for _, p in scene.weapons])
    keep = np.array([_must_keep(code) for code, _ in scene.weapons])[which]
    return float(((away < keep) & late).mean())


def _must_keep(code: str) -> float:
    """Km to keep, by hand: guns of 100 mm and more 25 km (half of 50), mortars over 82 mm 15 km, launchers 35 km."""
    cls, mm = code.split(".")
    if cls == "mlrs":
        return 35.0
    calibre = float(mm.removesuffix("mm"))
    return 25.0 if cls == "artillery" and calibre >= 100 else 15.0 if cls == "mortar" and calibre > 82 else 0.0


def withdrawal(line_km: float, folder: Path) -> Agreement:
    """The rules of `_must_keep` as a term."""
    shape = {"type": "LineString", "coordinates": [[_LON, lat] for lat in np.linspace(37.5, 42.5, 26).tolist()]}
    row = {"type": "Feature", "properties": {"name": "line"}, "geometry": shape}
    (folder / "line.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), "utf-8")
    return parse(
        _HEAD + f"zones: [{{id: line, file: line.geojson, feature: line, uncertainty_km: {line_km}}}]\n"
        'terms:\n  - {id: "1", kind: withdrawal, binds: [norland, sudland], from_zone: line, by: 2021-03-15T00:00:00Z, '
        "weapons: [{class: artillery, calibre_mm: '>=100', zone_width_km: 50}, "
        "{class: mortar, calibre_mm: '>82', distance_km: 15}, {class: mlrs, zone_width_km: 70}]}\n",
        folder=folder,
    )


def judged(scene: Scene, agreement: Agreement) -> float:
    """What judging says of the same."""
    lon, lat, _ = _EARTH.fwd(_LON, _LAT, 90.0, scene.east_km * 1000)
    a, b = scene.sigma_km
    row = _row(
        lat=lat, lon=lon, cov_ee=a * a, cov_en=a * b * scene.slope, cov_nn=b * b, t_mean_s=scene.t_s,
        t_sd_s=scene.t_sd_s, acts=(("movement.weapons_in_zone", 1.0),), weapons=scene.weapons, place_of="presence",
    )  # fmt: skip
    found = judge(*_tables([row]), [agreement], [], [], LIMITS)
    return float(found["p_in_scope"][0])


def greatest_error(n: int = 200, draws: int = 200_000) -> float:
    """The greatest difference from the draws over so many scenes."""
    rng = np.random.default_rng(11)
    with tempfile.TemporaryDirectory(prefix="trucewatch-bench-") as name:
        texts = {km: withdrawal(km, Path(name)) for km in (0.0, 1.0, 4.0)}
    return max(abs(judged(s, texts[s.line_km]) - drawn(s, draws, rng)) for s in scenes(n))


def untold_readings(n: int = 10_000, seed: int = 5) -> tuple[int, int]:
    """(findings whose readings differ as worked out by hand, those of them that judging does not tell).

    A gun within its distance: of which calibre, and whether "over" or "and more" is meant, decides.
    """
    rng = np.random.default_rng(seed)
    limit = rng.integers(60, 160, n)
    rows = [(k, int(limit[k]) if rng.random() < 0.9 else int(rng.integers(50, 170))) for k in range(n)]
    differ = untold = 0
    for mm in np.unique(limit).tolist():
        mine = [(k, c) for k, c in rows if limit[k] == mm]
        text = parse(
            _HEAD + "zones: [{id: line, line: [{lat: 38, lon: 46}, {lat: 42, lon: 46}]}]\n"
            'terms:\n  - {id: "1", kind: withdrawal, binds: [norland], from_zone: line, '
            f"weapons: [{{class: artillery, calibre_mm: '>={mm}', distance_km: 25}}], "
            f"readings: {{calibre_mm: ['>{mm}', '>={mm}']}}}}\n"
        )
        incidents = [
            _row(number=k + 1, acts=(("movement.weapons_in_zone", 1.0),), weapons=((f"artillery.{c}mm", 1.0),),
                 place_of="presence", t_mean_s=_DUE, t_sd_s=60.0)
            for k, c in mine
        ]  # fmt: skip
        found = judge(*_tables(incidents), [text], [], [], LIMITS)
        outcome = dict(zip(found["incident_id"].tolist(), found["outcome"].tolist(), strict=True))
        for k, c in mine:
            if c == mm:  # "over" lets it stand, "and more" does not
                differ += 1
                untold += outcome[f"I{k + 1}"] != "depends on reading"
            elif outcome[f"I{k + 1}"] == "depends on reading":
                untold += 1
    return differ, untold


def _row(**told: Any) -> dict[str, Any]:
    nan = math.nan
    at = int(told.get("t_mean_s", _DUE) * SECOND)
    return {
        "number": 1, "t_mean_s": _DUE, "t_sd_s": 60.0, "start": at, "end": at + SECOND, "throughout": False,
        "lat": _LAT, "lon": _LON, "cov_ee": 0.01, "cov_en": 0.0, "cov_nn": 0.01, "place_of": None, "origin_lat": nan,
        "origin_lon": nan, "origin_sigma_km": nan, "acts": (), "weapons": (), "p_occurred": 0.99,
        "status": "corroborated", **told,
    }  # fmt: skip


def _tables(rows: list[dict[str, Any]]) -> tuple[Table, Table]:
    loose = {"place_of", "acts", "weapons", "status"}
    incidents = Table(
        {k: objects([r[k] for r in rows]) if k in loose else np.array([r[k] for r in rows]) for k in rows[0]}
    )
    n = len(rows)
    authors = Table({"number": incidents["number"], "actor": objects(["norland"] * n), "p": np.full(n, 0.98)})
    return incidents, authors
