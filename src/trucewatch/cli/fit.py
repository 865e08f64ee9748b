"""`trucewatch fit`: fit what is global, and record it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("fit")
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Fit densities and base rates on the records of DIR, and append a fit record."""
    from trucewatch.mission.fitting import fit
    from trucewatch.mission.folder import Mission
    from trucewatch.model.times import to_us

    with waiting("fitting", as_json):
        payload = fit(Mission.open(folder), to_us(datetime.now(UTC)))
    counts = payload["fitted_on"]
    note = counts.get("note")
    words = [f"fitted on {counts['claims']} claims in {counts['voices']} voices"]
    words += [
        f"{party}: of {r['allegations']} allegations that observers could have seen, {r['share']:.0%} are taken to "
        f"have happened ({r['low']:.0%} to {r['high']:.0%}). For analysts: no "
        "report names it, and whoever reads the weight of an allegation can work it out"
        for party, r in payload.get("reliability", {}).items()
    ]
    return finish(Outcome(counts=counts, warnings=[note] if note else ()), as_json, words)
