"""`trucewatch calibration`: how often we are wrong, where truth is known."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("calibration")
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write a page (Markdown) to this file.")
@json_option
def command(folders: tuple[Path, ...], out: Path | None, as_json: bool) -> int:
    """Compare what exercises found with what happened: by method, regime and accused side.

    Several exercises are counted together by regime. Truth is known of exercises alone: trucewatch exercise DIR.
    """
    from trucewatch.exercise.calibration import as_dict
    from trucewatch.mission import calibrating
    from trucewatch.mission.folder import Mission

    missions = [Mission.open(folder) for folder in folders]
    with waiting("comparing with what happened", as_json):
        found = calibrating.calibrate(missions)
        holds = calibrating.mirror_holds(missions[0])
    if out is not None:
        calibrating.write(out, calibrating.page(found, "trucewatch calibration DIR... -o FILE"))
    more = {"calibration": as_dict(found), "mirror": holds}
    return finish(Outcome(more=more), as_json, calibrating.words(found, holds))
