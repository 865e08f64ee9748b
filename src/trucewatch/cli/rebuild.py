"""`trucewatch rebuild`: drop what is derived and derive it anew."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("rebuild")
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Drop all that is derived in DIR and derive it anew from the records alone: the same bytes as update."""
    from trucewatch.mission.cuts import forget
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.update import rebuild

    mission = Mission.open(folder)
    with waiting("reading the records", as_json) as tell:
        forget(mission)
        report = rebuild(mission, tell)
    words = [", ".join(f"{n} {name}" for name, n in report.counts.items())]
    return finish(Outcome(counts=report.counts, warnings=report.warnings), as_json, words)
