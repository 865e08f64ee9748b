"""`trucewatch publish`: a report with all that it rests on, as a package that either party can check."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from trucewatch.cli.options import Audience, folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting
from trucewatch.model.errors import Fault


class _Readers(Audience):
    """public, party:ID or auditor."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The audience as written; usage error for anything else."""
        return "auditor" if value == "auditor" else super().convert(value, param, ctx)


@click.command("publish")
@folder_argument
@click.option("--date", "day", required=True, metavar="D", help="The report's day, as 2020-10-12.")
@click.option(
    "--audience", type=_Readers(), default="public", show_default=True,
    help="Who will read it: public, party:ID, or auditor, who gets every record.",
)  # fmt: skip
@click.option("--lang", "langs", multiple=True, help="A language of the report; the mission's by default; repeat.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="A .zip, or another folder than DIR/published.")
@json_option
def command(folder: Path, day: str, audience: str, langs: tuple[str, ...], out: Path | None, as_json: bool) -> int:
    """Write the report of a day with tables, records and proofs as one package, and record its publication.

    Whoever holds it checks it with `trucewatch verify`, offline. Each run is a publication of its own.
    """
    from trucewatch.ledger import base64
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.packing import publish
    from trucewatch.model.aside import processors

    with waiting(f"writing the package of {day}", as_json):
        made = publish(
            Mission.open(folder), day, audience, time.time_ns() // 1000, out, langs or None, hands=processors()
        )
    root = base64.encode(made.root)
    c = made.counts
    words = [
        str(made.path),
        f"publication is record {made.record:,}; the ledger has {made.size:,} records and the root {root}",
        f"{c['records']:,} records shown with their proofs, {c['attested']:,} on the mission's word, "
        f"{c['withheld']:,} withheld",
    ]
    if made.opened is not None:
        seen = ", ".join(s.witness.key.name for s in made.opened.seen) or "no witness"
        words.append(f"co-signed by {seen}")
    notes: list[Fault | str] = list(made.notes)
    if made.opened is None:
        notes.append(f"nobody will believe this package yet: {made.why}")
    more = {"file": str(made.path), "record": made.record, "size": made.size, "root": root}
    return finish(Outcome(counts=c, warnings=notes, more=more), as_json, words)
