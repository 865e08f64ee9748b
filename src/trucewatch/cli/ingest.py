"""`trucewatch ingest`: take files in."""

from __future__ import annotations

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

    report = ingest(Mission.open(folder), list(files), as_kind=as_kind, dry_run=dry_run)
    outcome = Outcome(report.counts, report.warnings, report.errors, report.exit_code)
    told = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in report.counts.items() if isinstance(n, int) and n)
    return finish(outcome, as_json, [("would be: " if dry_run else "") + (told or "nothing new")])
