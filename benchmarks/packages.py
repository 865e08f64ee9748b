"""Checking what was published: a daily package start to finish, and a mission and an auditor's package of a million
records. The ledger of each is what `publish` and the store write; its key is one of the exercise.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Measured, trucewatch
from trucewatch.mission import exercising
from trucewatch.mission.folder import Mission
from trucewatch.store.transaction import Hooks

RECORDS = 1_000_000
_BATCH = 50_000
_FIELDS = {"weapon": "artillery.122mm", "place": "Upper Mill", "act": "fire.artillery", "lang": "en", "count": 12}


@dataclass(frozen=True)
class Line:
    """What was done, what of, the number to reach, and the process."""

    what: str
    target: str
    took: Measured


def measure(folder: Path, records: int = RECORDS) -> Iterator[Line]:
    """All lines, one after the other."""
    mission, _, _ = exercising.make(folder / "daily", 1, 14, "balanced", "normal", 400, time.time_ns() // 1000)
    day = _last_day(mission)
    mission.store.close()
    for audience in ("public", "auditor"):
        made = folder / f"{audience}.zip"
        yield Line(f"publish a day for {audience}", "-", _published(mission.dir, day, audience, made))
        took = trucewatch("verify", made, "--json")
        said = json.loads(took.out)
        what = f"verify it: {said['counts']['files']:,} files, {said['counts']['records']:,} records, recomputed"
        yield Line(what, "2 s" if audience == "public" else "-", took)
    fill(mission, records)
    n = f"{records:,} records"
    yield Line(f"verify the ledger of a mission of {n}", "60 s, 300 MB", trucewatch("verify", mission.dir, "--json"))
    made = folder / "all.zip"
    yield Line(f"publish {n} for an auditor", "-", _published(mission.dir, day, "auditor", made))
    yield Line(
        f"verify that package: every file, record and leaf ({made.stat().st_size / 2**20:,.0f} MB)", "60 s, 300 MB",
        trucewatch("verify", made, "--no-recompute", "--json"),
    )  # fmt: skip


def _last_day(mission: Mission) -> str:
    from trucewatch.model.times import from_us

    return from_us(max(r.known_at for r in mission.store.read("claim"))).date().isoformat()


def _published(folder: Path, day: str, audience: str, out: Path) -> Measured:
    return trucewatch("publish", folder, "--date", day, "--audience", audience, "-o", out, "--json")


def fill(mission: Mission, records: int) -> None:
    """Items as the store takes them, with their field commitments, and the ledger's files; no stage reads them."""
    hooks, mission.store.hooks = mission.store.hooks, Hooks()
    now = time.time_ns() // 1000
    for k in range(mission.store.last_seq(), records, _BATCH):
        with mission.store.writing() as tx:
            rows = (
                (f"item/{n}", {**_FIELDS, "text": f"said {n}", "at": n}, now)
                for n in range(k, min(k + _BATCH, records))
            )
            tx.append("item", rows, recorded_at=now)
    mission.store.hooks = hooks
    mission.ledger.publish()
    mission.store.close()
