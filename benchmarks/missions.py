"""Mission folders for the benchmarks: of the exercise, and of worlds made by others; with the truth of their claims."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from benchmarks import worlds
from trucewatch import linking
from trucewatch.mission import exercising
from trucewatch.mission.context import Context
from trucewatch.mission.fitting import fitted
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.snapshot import snapshot
from trucewatch.model.table import Table
from trucewatch.model.vocabulary import ROLES


@dataclass(frozen=True)
class Sample:
    """A mission's claims, of which `rows` are scored: assertions of single events that repeat or answer nobody, since
    those are the question. `shipped`, `fitted`: incidents of `rows` as linking finds them, and its seconds."""

    name: str
    claims: Table
    rows: np.ndarray
    truth: np.ndarray
    shipped: tuple[np.ndarray, float]
    fitted: tuple[np.ndarray, float]


def of_exercise(folder: Path, regime: str, tempo: str, claims: int, days: int = 14, seed: int = 1) -> Sample:
    """A sample of the exercise with about so many claims."""
    mission, _, _ = exercising.make(folder, seed, days, regime, tempo, claims, _now())
    truth = exercising.Truth.read(folder / "truth")
    known = {
        ref: event
        for ref, (event, relation) in truth.claims.items()
        if event >= 0 and relation not in {"repeats", "denies"} and truth.events[event]["kind"] != "scene"
    }
    return _sample(f"exercise: {regime}, {tempo}", mission, known)


def of_others(folder: Path, regime: str, incidents: int, seed: int = 1) -> Sample:
    """A sample of a world made by others with so many incidents."""
    world = worlds.world(regime, seed, incidents)
    files = worlds.write_mission(folder, world)
    mission = taken_in(folder, files)
    known = {
        f"{p['source']}/{p['claim_id']}": event
        for p, event, echo in zip(world.claims, world.truth, world.echo, strict=True)
        if p["stance"] != "denies" and not echo
    }
    return _sample(f"others: {regime}", mission, known)


def taken_in(folder: Path, files: list[Path]) -> Mission:
    """The mission of a folder with those files ingested; SystemExit with the first fault."""
    mission = Mission.open(folder)
    report = ingest(mission, files, recorded_at=_now())
    if report.errors:
        raise SystemExit(str(report.errors[0]))
    return mission


def _now() -> int:
    return time.time_ns() // 1000


def _sample(name: str, mission: Mission, known: Mapping[str, int]) -> Sample:
    context = Context(mission, snapshot(mission.store))
    table = context.table(context.snapshot.claims)
    began = time.perf_counter()
    found = linking.link(table.table, (), context.parameters)
    middle = time.perf_counter()
    own_fit, _ = fitted(SimpleNamespace(stages=SimpleNamespace(table=table, linked=found)))
    again = linking.link(table.table, (), linking.parameters(own_fit))
    ended = time.perf_counter()
    mission.store.close()
    asked = [(row, known[ref]) for ref, row in table.refs.items() if ref in known]
    rows = np.array([row for row, _ in asked])
    return Sample(
        name, table.table, rows, np.array([event for _, event in asked]),
        (found.incident[rows], middle - began), (again.incident[rows], ended - middle),
    )  # fmt: skip


def manners(sample: Sample) -> list[str]:
    """How each scored claim was told: by whom, how exactly where, how exactly when."""
    role, sigma, sd = (sample.claims[k][sample.rows] for k in ("role", "sigma_km", "t_sd"))
    place = np.select([~np.isfinite(sigma), sigma <= 1, sigma <= 6], ["no radius", "to 1 km", "to 6 km"], "wider")
    when = np.select([sd <= 1200, sd <= 3600], ["to 20 min", "to 1 h"], "vaguer")
    return [f"{ROLES[r]}, {p}, {w}" for r, p, w in zip(role.tolist(), place.tolist(), when.tolist(), strict=True)]
