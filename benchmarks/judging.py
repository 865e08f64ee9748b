"""Judging at scale: a million invented incidents against twenty terms, in a process of its own.

The incidents lie over 240 x 240 km, from 100 m to 6 km uncertain, most of them fire; the terms ban fire, drones, mines
and weapons in zones, move weapons back from two lines by calibre, and except, so that each incident may fall under
some and hardly any under all.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import child
from trucewatch.agreement import Agreement, parse
from trucewatch.judging import judge
from trucewatch.model.table import Table, objects
from trucewatch.model.times import SECOND, parse_instant

INCIDENTS = 1_000_000
LIMITS = {"violation": 0.95, "no_violation": 0.05}
_BEGINS = parse_instant("2021-03-01T00:00:00Z")
_DAYS = 200
_FIRE = ("fire.small_arms", "fire.mortar", "fire.artillery", "fire.mlrs", "fire.tank", "fire", "fire.heavy_mg")
_OTHER = ("movement.uav_flight", "movement.weapons_in_zone", "movement.position", "mines.lay", "movement.advance")
_WEAPONS = ("mortar.82mm", "mortar.120mm", "artillery.122mm", "artillery.152mm", "mlrs.bm21", "tank", "artillery")


@dataclass(frozen=True, slots=True)
class Run:
    """What judging took, wall and processor seconds, and how many rows of findings it made."""

    incidents: int
    rows: int
    seconds: float
    processor: float
    took: child.Measured


def measure(incidents: int = INCIDENTS) -> Run:
    """Judge so many incidents in a process of its own; the time is that of judging alone."""
    took = child.python("benchmarks.judging", str(incidents))
    told = json.loads(took.out.strip().splitlines()[-1])
    return Run(incidents, told["rows"], told["seconds"], told["processor"], took)


def invented(n: int, seed: int = 1) -> tuple[Table, Table]:
    """Incidents and authors of so many invented acts."""
    rng = np.random.default_rng(seed)
    sigma = np.exp(rng.uniform(np.log(0.1), np.log(6.0), n))
    acts = np.where(rng.random(n) < 0.8, rng.choice(_FIRE, n), rng.choice(_OTHER, n))
    weapons = rng.choice(_WEAPONS, n)
    told = rng.random(n) < 0.5
    kinds = {a: ((a, 1.0),) for a in (*_FIRE, *_OTHER)}
    arms = {w: ((w, 1.0),) for w in _WEAPONS}
    t_sd = np.exp(rng.uniform(np.log(60), np.log(7200), n))
    mean = _BEGINS / SECOND + rng.uniform(0, _DAYS * 86400.0, n)
    occurred = np.round(rng.beta(0.5, 0.5, n), 4)
    unknown = np.full(n, np.nan)
    incidents = Table({
        "number": np.arange(1, n + 1), "t_mean_s": mean, "t_sd_s": t_sd,
        "start": np.rint((mean - 1.645 * t_sd) * SECOND).astype(np.int64),
        "end": np.rint((mean + 1.645 * t_sd) * SECOND).astype(np.int64), "throughout": np.zeros(n, dtype=bool),
        "lat": rng.uniform(38.9, 41.1, n), "lon": rng.uniform(44.6, 47.4, n), "cov_ee": sigma**2,
        "cov_en": np.zeros(n), "cov_nn": sigma**2,
        "place_of": objects([("impact", "origin", None)[k] for k in rng.integers(0, 3, n).tolist()]),
        "origin_lat": unknown, "origin_lon": unknown, "origin_sigma_km": unknown,
        "acts": objects([kinds[a] for a in acts.tolist()]),
        "weapons": objects([arms[w] if t else () for w, t in zip(weapons.tolist(), told.tolist(), strict=True)]),
        "p_occurred": occurred,
        "status": objects([("unconfirmed", "corroborated")[int(p > 0.95)] for p in occurred.tolist()]),
    })  # fmt: skip
    split = rng.random(n)
    authors = Table({
        "number": np.repeat(np.arange(1, n + 1), 2), "actor": objects(["norland", "sudland"] * n),
        "p": np.column_stack([occurred * split, occurred * (1 - split)]).ravel(),
    })  # fmt: skip
    return incidents, authors


def _line(rng: np.random.Generator, lon: float) -> list[list[float]]:
    """A winding line from south to north, a corner every 3 km or so."""
    lat = np.arange(38.5, 41.5, 0.03)
    east = lon + np.cumsum(rng.normal(0, 0.008, lat.size))
    return [[float(x), float(y)] for x, y in zip(east, lat, strict=True)]


def truce(folder: Path) -> Agreement:
    """An agreement of twenty terms over a winding line."""
    rng = np.random.default_rng(7)
    lines = [
        {"type": "Feature", "properties": {"name": name},
         "geometry": {"type": "LineString", "coordinates": _line(rng, lon)}}
        for name, lon in (("line", 46.0), ("memorandum", 46.15))
    ]  # fmt: skip
    (folder / "lines.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": lines}), "utf-8")
    return parse("\n".join(_words()), folder=folder)


def _words() -> Iterator[str]:
    yield from (
        "id: bench", "title: {en: Invented}", "events: {in_force: {at: 2021-03-01T00:00:00Z}}", "actors:",
        "  - {id: norland, role: party, names: {en: Norland}}", "  - {id: sudland, role: party, names: {en: Sudland}}",
        "zones:",
        "  - {id: line, file: lines.geojson, feature: line, uncertainty_km: 0.3}",
        "  - {id: memorandum, file: lines.geojson, feature: memorandum, uncertainty_km: 1}",
        "  - {id: belt, of: line, buffer_km: 5}", "  - {id: corridor, of: memorandum, buffer_km: 2}",
    )  # fmt: skip
    for k, (lat, lon) in enumerate(((39.5, 45.5), (40.2, 45.8), (40.6, 46.7), (39.2, 46.9))):
        yield f"  - {{id: town{k}, circle: {{lat: {lat}, lon: {lon}, radius_km: 12}}}}"
    yield "terms:"
    both = "binds: [norland, sudland]"
    yield f'  - {{id: "1", kind: prohibition, acts: [fire], {both}, except: [{{id: a, acts: [fire.small_arms]}}]}}'
    for k in range(4):
        yield f'  - {{id: "2.{k}", kind: prohibition, acts: [fire.artillery, fire.mlrs], {both}, where: {{zone: town{k}, of: impact}}}}'  # noqa: E501
    for k in range(4):
        yield f'  - {{id: "3.{k}", kind: prohibition, acts: [mines, movement.position], {both}, where: {{zone: town{k}, of: presence}}}}'  # noqa: E501
    yield f'  - {{id: "4", kind: prohibition, acts: [movement.uav_flight], {both}, where: {{zone: belt}}}}'
    yield f'  - {{id: "5", kind: prohibition, acts: [fire.tank], {both}, where: {{zone: belt, of: origin}}}}'
    yield f'  - {{id: "6", kind: prohibition, acts: [fire.mortar], {both}, where: {{zone: corridor, of: impact}}}}'
    for k, (cls, km) in enumerate((("mortar", 15), ("artillery", 25), ("mlrs", 35), ("tank", 15))):
        for name, line in (("a", "line"), ("b", "{norland: line, sudland: memorandum}")):
            rule = (
                f"{{class: [{cls}], calibre_mm: '>=100', distance_km: {km}}}"
                if cls != "tank"
                else f"{{class: [tank], distance_km: {km}}}"
            )
            yield (
                f'  - {{id: "7.{k}{name}", kind: withdrawal, {both}, from_zone: {line}, by: 2021-03-15, '
                f"weapons: [{rule}]}}"
            )


def main() -> None:
    """Judge, and print rows and seconds."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else INCIDENTS
    with tempfile.TemporaryDirectory(prefix="trucewatch-bench-") as name:
        agreement = truce(Path(name))
    incidents, authors = invented(n)
    began, worked = time.perf_counter(), time.process_time()
    found: Any = judge(incidents, authors, [agreement], [], [], LIMITS)
    took = {"seconds": time.perf_counter() - began, "processor": time.process_time() - worked}
    print(json.dumps({"rows": found.n, **took}))


if __name__ == "__main__":
    main()
