"""`trucewatch check`: what is wrong, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("check")
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Look over configuration, agreements and data of DIR. Exit 1 when something must be mended."""
    from trucewatch.mission.checking import check

    report = check(folder)
    looked = ", ".join(f"{n} {name}" for name, n in report.counts.items()) or "no records"
    verdict = f"{len(report.errors)} to mend, {len(report.warnings)} to consider ({looked})"
    return finish(Outcome(report.counts, report.warnings, report.errors), as_json, [verdict])
