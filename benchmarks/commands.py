"""What a person waits for: a day's report with a thousand incidents, the demo, `--help`."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Measured, python, trucewatch

DAY_BEFORE, DAY, INCIDENTS = "2024-05-06", "2024-05-07", 1_000


@dataclass(frozen=True)
class Page:
    """A report: what the command took, how much is told on the page, and how long it may take."""

    what: str
    took: Measured
    incidents: int
    kilobytes: int
    target: str = "2 s"


def reports(folder: Path, incidents: int = INCIDENTS) -> list[Page]:
    """The report of the second of two days on which about so many incidents are told, in a mission that is up to date.

    On its evening: all records were known by then, and the day before had its report. And looked back at from later,
    when a third of the records that there are had not been known: the first time, and again.
    """
    python("benchmarks.commands", folder, str(incidents))
    evening, later = folder / "evening", folder / "later"
    out = []
    for day in (DAY_BEFORE, DAY):
        python("benchmarks.commands", folder, day)
        trucewatch("update", evening)
        page = _report("on its evening", evening, day)
    out += [page, _report("page and PDF, on its evening", evening, DAY, "--pdf")]
    trucewatch("update", later)
    return [*out, *(_report(what, later, DAY) for what in ("looked back at, first", "looked back at, again"))]


def _report(what: str, folder: Path, day: str, *more: str) -> Page:
    took = trucewatch("report", folder, "--date", day, "--json", "-o", folder / "out", *more)
    made = folder / "out" / f"{day}.en.{'pdf' if more else 'html'}"
    target = "10 s" if more else Page.target
    return Page(what, took, json.loads(took.out)["counts"]["incidents"], made.stat().st_size // 1024, target)


def demo(folder: Path) -> Measured:
    """`trucewatch demo` into an empty folder: what `make demo` does once everything is installed."""
    return trucewatch("demo", folder)


def help_seconds(times: int = 7) -> float:
    """Median wall time of `trucewatch --help`."""
    return statistics.median(trucewatch("--help").wall_s for _ in range(times))


def make(folder: Path, incidents: int) -> None:
    """A mission `later` of two days with about so many incidents a day, ingested, and a mission `evening` without
    records."""
    from trucewatch.mission import exercising

    later, evening = folder / "later", folder / "evening"
    claims = round(incidents * _CLAIMS_PER_INCIDENT)
    _, found, _ = exercising.make(later, 1, 2, "balanced", "dense", claims, time.time_ns() // 1000)
    if found.errors:
        raise SystemExit(str(found.errors[0]))
    shutil.copytree(later, evening, ignore=shutil.ignore_patterns("trucewatch.db*", "in", "truth", "ledger"))


def until(folder: Path, day: str) -> None:
    """Put into `evening` what was known when the report of the day closed."""
    from datetime import date

    from trucewatch.mission.folder import Mission
    from trucewatch.model.columns import BY_RECORD_KIND
    from trucewatch.model.times import report_day

    later, evening = (Mission.open(folder / name) for name in ("later", "evening"))
    _, cut = report_day(date.fromisoformat(day), later.config.report_cutoff, later.config.timezone)
    for kind in BY_RECORD_KIND:
        held = {(r.id, r.known_at) for r in evening.store.read(kind)}
        fresh = [r for r in later.store.read(kind, known_by=cut) if (r.id, r.known_at) not in held]
        with evening.store.writing() as tx:
            tx.append(kind, [(r.id, r.payload, r.known_at) for r in fresh], recorded_at=cut)


_CLAIMS_PER_INCIDENT = 10.4  # of both days, for one incident of the second, at this tempo


if __name__ == "__main__":
    if sys.argv[2].isdigit():
        make(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        until(Path(sys.argv[1]), sys.argv[2])
