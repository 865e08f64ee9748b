"""A hundred thousand claims: ingest and update as commands, beside the same bare work on the same file; then one more.

Bare work: read the CSV, hash each row with SHA-256, insert it into SQLite in one transaction.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import sqlite3
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Measured, python, trucewatch

CLAIMS, DAYS = 100_000, 60


@dataclass(frozen=True)
class Bulk:
    """What was measured; `one_ms`: of each single claim that was let in afterwards, in one process."""

    claims: int
    incidents: int
    bare: Measured
    ingest: Measured
    update: Measured
    one_ms: list[float]


def measure(folder: Path, claims: int = CLAIMS) -> Bulk:
    """Make a mission of that many claims in `folder` and measure."""
    python("benchmarks.bulk", "make", folder, str(claims))
    files = sorted((folder / "in").glob("*.csv"))
    bare = python("benchmarks.bulk", "bare", folder / "in" / "claims.csv")
    ingest = trucewatch("ingest", folder, *files)
    update = trucewatch("update", folder, "--json")
    counts = json.loads(update.out)["counts"]
    one = json.loads(python("benchmarks.bulk", "one", folder).out)
    return Bulk(counts["links"], counts["incidents"], bare, ingest, update, one)


def make(folder: Path, claims: int) -> None:
    """The files of an exercise with about so many claims, none of them ingested."""
    from trucewatch.exercise import make_world
    from trucewatch.mission import exercising

    exercising.write(make_world(1, DAYS, "balanced", "normal", claims), folder)


def bare(path: Path) -> None:
    """Read, hash, insert."""
    database = sqlite3.connect(path.parent / "bare.db")
    database.execute("create table row (hash blob, cells text)")
    with path.open(newline="", encoding="utf-8") as f, database:
        lines = ("\x1f".join(cells) for cells in csv.reader(f))
        database.executemany(
            "insert into row values (?, ?)", ((hashlib.sha256(line.encode()).digest(), line) for line in lines)
        )
    database.close()
    (path.parent / "bare.db").unlink()


def one(folder: Path, times: int = 25) -> list[float]:
    """Milliseconds for letting in one new claim: linked, weighed, judged. The claims repeat stored ones under new ids,
    as a second reporter would, from all over the theatre."""
    from trucewatch.mission.context import Context
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.live import Live
    from trucewatch.mission.snapshot import snapshot

    mission = Mission.open(folder)
    live = Live(Context(mission, snapshot(mission.store)))
    live.start()
    told = [c for c in live.claims if "lat" in c.payload and c.payload["stance"] in {"alleges", "observes"}]
    out = []
    for k, old in enumerate(random.Random(1).sample(told, times)):
        payload = {key: v for key, v in old.payload.items() if key not in {"text", "responds_to", "retracts"}}
        payload["claim_id"] = f"bench-{k}"
        began = time.perf_counter()
        live.take([(f"{payload['source']}/{payload['claim_id']}", payload, old.known_at)])
        out.append((time.perf_counter() - began) * 1000)
    return out


def middle(values: list[float]) -> str:
    """Median and greatest of some milliseconds."""
    return f"{statistics.median(values):.0f} ms (greatest of {len(values)}: {max(values):.0f})"


if __name__ == "__main__":
    what, path, *more = sys.argv[1:]
    if what == "make":
        make(Path(path), int(more[0]))
    elif what == "bare":
        bare(Path(path))
    else:
        print(json.dumps(one(Path(path))))
