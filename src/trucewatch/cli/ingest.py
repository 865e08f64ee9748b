"""`trucewatch ingest`: take files in."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("ingest")
@folder_argument
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--as", "as_kind", metavar="KIND", help="Read as: claims, sources, coverage, ..., ged, firms.")
@click.option("--dry-run", is_flag=True, help="Check only: nothing is stored, and no quarantine written.")
@json_option
def command(folder: Path, files: tuple[Path, ...], as_kind: str | None, dry_run: bool, as_json: bool) -> int:
    """Take FILEs into DIR. Good rows are stored; bad ones land in DIR/quarantine, to be mended and ingested again."""
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.ingest import ingest

    mission = Mission.open(folder)
    with progress(files, shown=not as_json and sys.stderr.isatty()) as tell:
        report = ingest(mission, list(files), as_kind=as_kind, dry_run=dry_run, tell=tell)
    more = {"receipts": [str(path) for path in report.receipts]}
    outcome = Outcome(report.counts, report.warnings, report.errors, report.exit_code, more)
    told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in report.counts.items() if n)
    words = [("would be: " if dry_run else "") + (told or "nothing new")]
    words += [f"rows to be mended: {path}" for path in report.quarantined]
    words += [f"receipt: {path}" for path in report.receipts]
    return finish(outcome, as_json, words)


@contextlib.contextmanager
def progress(files: tuple[Path, ...], shown: bool) -> Iterator[Callable[[str, int], None]]:
    """A bar of the bytes read, on standard error; what it gives is told the name of a file and how many bytes."""
    if not shown:
        yield lambda file, size: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        total = sum(path.stat().st_size for path in files if path.is_file())
        task = bar.add_task("", total=total)
        yield lambda file, size: bar.update(task, advance=size, description=file)
