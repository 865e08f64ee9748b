"""What a person waits for: a day's report with a thousand incidents, the demo, `--help`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Measured, python, trucewatch

DAY, INCIDENTS = "2024-05-07", 1_000


@dataclass(frozen=True)
class Page:
    """A report: what the command took, and how much is told on the page."""

    took: Measured
    incidents: int
    kilobytes: int


def report(folder: Path, incidents: int = INCIDENTS) -> Page:
    """The report of the second of two days on which about so many incidents are told; the mission is up to date."""
    python("benchmarks.commands", folder, str(incidents))
    trucewatch("update", folder)
    took = trucewatch("report", folder, "--date", DAY, "--json", "-o", folder / "out")
    counts = json.loads(took.out)["counts"]
    page = folder / "out" / f"{DAY}.en.html"
    return Page(took, counts["incidents"], page.stat().st_size // 1024)


def demo(folder: Path) -> Measured:
    """`trucewatch demo` into an empty folder: what `make demo` does once everything is installed."""
    return trucewatch("demo", folder)


def help_seconds(times: int = 7) -> float:
    """Median wall time of `trucewatch --help`."""
    return statistics.median(trucewatch("--help").wall_s for _ in range(times))


def make(folder: Path, incidents: int) -> None:
    """A mission of two days with about so many incidents a day, ingested."""
    from trucewatch.mission import exercising

    _, found, _ = exercising.make(folder, 1, 2, "balanced", "dense", int(incidents * 2 * 4.2), time.time_ns() // 1000)
    if found.errors:
        raise SystemExit(str(found.errors[0]))


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
