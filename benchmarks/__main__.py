"""Print every number that the README promises: `python -m benchmarks [PART]`; see `--help`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import bulk, commands, judging_truth
from benchmarks import judging as judgings
from benchmarks import ledger as ledgers
from benchmarks.child import Measured, machine


def speed(folder: Path, claims: int) -> None:
    """The table of speed and memory."""
    b = bulk.measure(folder / "bulk", claims)
    both = Measured(
        b.ingest.wall_s + b.update.wall_s, b.ingest.cpu_s + b.update.cpu_s, max(b.ingest.peak_mb, b.update.peak_mb), ""
    )
    pages = commands.reports(folder / "report")
    n = f"{b.claims:,} claims"
    table(
        ("what", "measured", "to reach"),
        [
            (f"{n}: bare read, hash, insert", took(b.bare), "-"),
            (f"{n}: ingest", took(b.ingest), "-"),
            (f"{n}: update, {b.incidents:,} incidents", took(b.update), "-"),
            (f"{n}: ingest + update", f"{took(both)}; {both.wall_s / b.bare.wall_s:.0f} x bare", "25 s, 1,500 MB"),
            (f"one new claim on {n}, in process", bulk.middle(b.one_ms), "100 ms"),
            *(
                (
                    f"report of a day, {p.incidents:,} incidents: {p.what}",
                    f"{took(p.took)}, {p.kilobytes:,} kB",
                    p.target,
                )
                for p in pages
            ),
            ("trucewatch demo", took(commands.demo(folder / "demo")), "30 s"),
            ("trucewatch --help", f"{commands.help_seconds():.2f} s", "0.4 s"),
        ],
    )


def gate(folder: Path, claims: int) -> None:
    """The table of what the gate costs."""
    from benchmarks import gate as gates  # only here: see `links`

    run = gates.measure(folder, claims)
    table(
        ("gate", "measured", "to reach"),
        [
            (f"export of all tables, {run.claims:,} claims, for the mission itself", f"{run.open_s:.1f} s", "-"),
            ("the same for the public, with the gate", f"{run.gated_s:.1f} s; {run.ratio:.2f} x", "1.3 x"),
        ],
    )


def ledger(folder: Path, leaves: int) -> None:
    """The table of the ledger."""
    rows = [
        (line.what, f"{line.measured}, {line.took.peak_mb:,.0f} MB", line.target)
        for line in ledgers.measure(folder, leaves)
    ]
    table(("ledger", "measured", "to reach"), rows)


def packages(folder: Path, records: int) -> None:
    """The table of what was published."""
    from benchmarks import packages as published  # only here: see `links`

    rows = [(line.what, took(line.took), line.target) for line in published.measure(folder, records)]
    table(("packages", "measured", "to reach"), rows)


def register(folder: Path) -> None:
    """The table of the register."""
    from benchmarks import register as registers  # only here: see `links`

    lines = registers.measure(folder)
    table(
        (f"register of {registers.COMPLAINTS:,} complaints, {registers.PENDING:,} pending", "measured", "to reach"),
        [(one.what, f"{took(one.took)}, {one.kilobytes:,} kB", "2 s") for one in lines],
    )


def texts() -> None:
    """The table of what the bundled agreement files express of the coded points of their texts."""
    from trucewatch.agreement.points import WITHOUT_LOSS, coded_points, expressed  # only here: see `links`
    from trucewatch.mission.folder import bundled, bundled_agreements

    coded = expressed(coded_points(bundled("agreements") / "points.csv"), bundled_agreements())
    plain = sum(not t.point.needs for t in coded)
    whole = sum(t.status == WITHOUT_LOSS for t in coded)
    table(
        ("coded points of agreements", "measured", "to reach"),
        [
            ("expressed without loss by a plain format", f"{plain} of {len(coded)}", "-"),
            ("expressed without loss", f"{whole} of {len(coded)}", "190 of 200"),
            ("of which a term is judged by the machine", f"{sum(t.judged for t in coded)} of {len(coded)}", "-"),
        ],
    )


def judging(incidents: int) -> None:
    """The table of judging."""
    run = judgings.measure(incidents)
    error = judging_truth.greatest_error()
    differ, untold = judging_truth.untold_readings()
    table(
        ("judging", "measured", "to reach"),
        [
            (
                f"{run.incidents:,} incidents x 20 terms, {run.rows:,} rows of findings",
                f"{run.seconds:.1f} s ({run.processor:.1f} s of processor), {run.took.peak_mb:,.0f} MB",
                "60 s, 3,000 MB",
            ),
            ("withdrawals against plain draws: greatest difference of 200", f"{error:.4f}", ".01"),
            ("findings of 10,000 whose readings differ, and how many are not told so", f"{differ:,}, {untold}", "0"),
        ],
    )  # fmt: skip


def holding(truces: int) -> None:
    """The table of the verdict on truces."""
    from benchmarks import trends  # only here: see `links`

    same, less = trends.measure(1.0, truces), trends.measure(0.6, truces)
    table(
        (f"truces of 120 days, {truces} of each kind", "a change told where there is none", "told at .6 of the rate"),
        [
            ("ours, daily looks, all sectors", f"{same.any_look:.3f} (aim .03)", f"{less.any_look:.3f}"),
            ("ours, all sectors as one, by the end", f"{same.by_the_end:.3f}", f"{less.by_the_end:.3f} (aim .68)"),
            ("Poisson with coverage, one look", f"{same.poisson:.3f}", f"{less.poisson:.3f}"),
            ("the same regression without coverage, one look", f"{same.uncovered:.3f}", f"{less.uncovered:.3f}"),
        ],
    )


def looking(only: str, seeds: int) -> None:
    """The table of what visits chosen by `next` tell."""
    from benchmarks import next as looks  # only here: see `links`

    rows = []
    for row in looks.measure(only, tuple(range(1, seeds + 1))):
        for policy in looks.POLICIES:
            happened, author = row.falls[policy]
            rows.append((
                row.regime, policy, str(row.visits[policy]), f"{happened + author:.3f}", f"{happened:.3f}",
                f"{author:.3f}", f"{row.expected[policy]:.3f}",
            ))  # fmt: skip
    table(("regime", "visits chosen", "visits", "fall of Brier a visit", "happened", "who", "without luck"), rows)


def links(folder: Path, claims: int, only: str, faults: bool) -> None:
    """The table of linking scores, and means over its worlds."""
    from benchmarks import linking  # only here: what a process holds when it starts others counts as their memory too

    rows = []
    for row in linking.compare(folder, claims, only, faults=faults):
        print(f"{row.world}, {row.method}: {row.scores['pair_f1'] or 0.0:.3f}", file=sys.stderr)
        rows.append(row)
    table(
        ("world", "method", "pair F1", "precision", "recall", "B3 F1", "count ratio", "s"),
        [(r.world, r.method, *scores(r.scores), f"{r.seconds:.1f}") for r in rows],
    )
    for kind in ("exercise", "others"):
        mine = [r for r in rows if r.world.startswith(kind)]
        if mine:
            means(kind, [(m, [r.scores for r in mine if r.method == m]) for m in linking.METHODS])


def means(kind: str, by_method: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]) -> None:
    """Means over the worlds of a kind; `count error`: mean distance of the count ratio from 1."""
    rows = []
    for method, found in by_method:
        error = statistics.mean(abs((s["count_ratio"] or 0.0) - 1) for s in found)
        rows.append(
            (method, *(f"{statistics.mean(s[k] or 0.0 for s in found):.3f}" for k in _SHOWN[:-1]), f"{error:.1%}")
        )
    worlds = len(by_method[0][1])
    table((f"mean over {worlds} worlds: {kind}", "pair F1", "precision", "recall", "B3 F1", "count error"), rows)


_SHOWN = ("pair_f1", "pair_precision", "pair_recall", "b3_f1", "count_ratio")


def scores(numbers: Mapping[str, Any]) -> list[str]:
    """Scores as cells."""
    return [f"{numbers[k] or 0.0:.3f}" for k in _SHOWN]


def took(m: Measured) -> str:
    """Wall time, processor time (what it would be on an idle machine) and memory in words."""
    return f"{m.wall_s:.1f} s ({m.cpu_s:.1f} s of processor), {m.peak_mb:,.0f} MB"


def told(page: commands.Page) -> str:
    """What a page took, and how large it is."""
    return f"{took(page.took)}, page {page.kilobytes:,} kB"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table with even columns."""
    rows = [tuple(r) for r in rows]
    width = [max(len(r[k]) for r in [head, *rows]) for k in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(r, width, strict=True)) + " |" for r in [head, *rows]]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in width) + "|")
    print("\n".join(lines), end="\n\n", flush=True)


def main() -> None:
    """All tables, or the named one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = ("gate", "speed", "register", "ledger", "packages", "texts", "judging", "linking", "trends", "next")
    parser.add_argument("part", nargs="?", choices=parts)
    parser.add_argument("--claims", type=int, default=bulk.CLAIMS, help="of the bulk table (%(default)s)")
    parser.add_argument("--leaves", type=int, default=ledgers.LEAVES, help="of the ledger (%(default)s)")
    parser.add_argument("--incidents", type=int, default=judgings.INCIDENTS, help="to be judged (%(default)s)")
    parser.add_argument("--world-claims", type=int, default=5_000, help="of each world of linking (%(default)s)")
    parser.add_argument("--worlds", default="", help="only worlds whose name has these letters")
    parser.add_argument("--truces", type=int, default=60, help="of each kind, for trends (%(default)s)")
    parser.add_argument("--seeds", type=int, default=4, help="worlds of each regime, for next (%(default)s)")
    parser.add_argument("--faults", action="store_true", help="what is missed and what is wrong, by manner of telling")
    asked = parser.parse_args()
    print(machine(), end="\n\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="trucewatch-bench-") as name:
        if asked.part in (None, "speed"):
            speed(Path(name), asked.claims)
        if asked.part in (None, "register"):
            register(Path(name) / "register")
        if asked.part in (None, "gate"):
            gate(Path(name) / "gate", asked.claims)
        if asked.part in (None, "ledger"):
            ledger(Path(name) / "ledger", asked.leaves)
        if asked.part in (None, "packages"):
            packages(Path(name) / "packages", asked.leaves)
        if asked.part in (None, "texts"):
            texts()
        if asked.part in (None, "judging"):
            judging(asked.incidents)
        if asked.part in (None, "trends"):
            holding(asked.truces)
        if asked.part in (None, "linking"):
            links(Path(name), asked.world_claims, asked.worlds, asked.faults)
        if asked.part in (None, "next"):
            looking(asked.worlds, asked.seeds)


if __name__ == "__main__":
    main()
