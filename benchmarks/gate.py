"""What the gate costs: the export of all tables to the public beside the same for the mission itself."""

from __future__ import annotations

import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import trucewatch
from trucewatch.mission import exercising
from trucewatch.mission.folder import Mission

CLAIMS, TIMES = 100_000, 3


@dataclass(frozen=True)
class Export:
    """How long an export took (median of several, processor seconds) without the gate and with it, and of how much."""

    claims: int
    open_s: float
    gated_s: float

    @property
    def ratio(self) -> float:
        """With the gate, in terms of without."""
        return self.gated_s / self.open_s


def make(folder: Path, claims: int = CLAIMS) -> int:
    """A mission of the exercise that is up to date, with every publication key at work; its claims."""
    mission, _, _ = exercising.make(folder, 1, 14, "balanced", "dense", claims, time.time_ns() // 1000)
    mission.store.close()
    path = folder / "mission.yaml"
    text = path.read_text("utf-8").splitlines()
    policy = (
        "publication: {delay_h: 1, place_km: 5, time_min: 15, handling_max: restricted, min_cell: 3, never: [text]}"
    )
    path.write_text("\n".join(policy if line.startswith("publication:") else line for line in text) + "\n", "utf-8")
    trucewatch("update", folder)
    found = Mission.open(folder)
    n = len({r.id for r in found.store.read("claim")})
    found.store.close()
    return n


def measure(folder: Path, claims: int = CLAIMS) -> Export:
    """Both exports in turn, so that a slow minute of the machine falls on both."""
    return of(folder, make(folder, claims))


def of(folder: Path, claims: int) -> Export:
    """The same of a mission that is there."""
    took: dict[str, list[float]] = {"internal": [], "public": []}
    out = folder.parent / f"{folder.name}-out"
    for _ in range(TIMES):
        for audience, seconds in took.items():
            shutil.rmtree(out, ignore_errors=True)
            seconds.append(trucewatch("export", folder, "all", "--audience", audience, "-o", out).cpu_s)
    shutil.rmtree(out, ignore_errors=True)
    return Export(claims, *(statistics.median(seconds) for seconds in took.values()))
