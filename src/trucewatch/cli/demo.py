"""`trucewatch demo`: the bundled cases, built and reported."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("demo")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("demo"), required=False)
@json_option
def command(folder: Path, as_json: bool) -> int:
    """Build the bundled cases in DIR (demo), write their reports, and say where to look."""
    from trucewatch.mission.bundled import build_all
    from trucewatch.model.times import to_us

    def tell(words: str) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(words, err=True)

    built, page = build_all(folder, to_us(datetime.now(UTC)), tell)
    counts = {b.case.name: len(b.pages) for b in built}
    words = [f"{b.folder}: {b.case.title.get('en') or b.case.name}, {len(b.pages)} pages" for b in built]
    words.append(f"Open {page} in a browser.")
    more = {"index": str(page), "folders": [str(b.folder) for b in built]}
    return finish(Outcome(counts=counts, more=more), as_json, words)
