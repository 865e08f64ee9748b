"""`trucewatch update`: derive what is new."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("update")
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Derive incidents, assessments and findings from what is new in DIR."""
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.update import update

    with waiting("reading the records", as_json) as tell:
        report = update(Mission.open(folder), tell)
    words = [", ".join(f"{n} {name}" for name, n in report.counts.items())]
    return finish(Outcome(counts=report.counts, warnings=report.warnings), as_json, words)
