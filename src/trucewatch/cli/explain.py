"""`trucewatch explain`: why, down to each number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trucewatch.cli.options import audience_option, cut_options, folder_argument, one_cut
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting

if TYPE_CHECKING:
    from trucewatch.publishing.explain import Explanation


@click.command("explain")
@folder_argument
@click.argument("object_id", metavar="ID")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write the picture into this file.")
@cut_options
@audience_option("internal")
@json_option
def command(
    folder: Path,
    object_id: str,
    svg: Path | None,
    as_of: int | None,
    known_by: int | None,
    audience: str,
    as_json: bool,
) -> int:
    """Say why: ID is an incident (I7), a finding (F7.1.1.2) or a claim (SOURCE/ID)."""
    from trucewatch.mission.explaining import explain
    from trucewatch.mission.folder import Mission
    from trucewatch.publishing.explain import waterfall_svg

    one_cut(as_of, known_by)
    with waiting("deriving what is new", as_json):
        found = explain(Mission.open(folder), object_id, audience, as_of, known_by)
    if svg is not None:
        svg.write_text(waterfall_svg(found.title, found.bars), "utf-8")
    if not as_json:
        show(found)
    return finish(Outcome(counts={p.heading: len(p.rows) for p in found.parts}, more=found.as_dict()), as_json)


def show(found: Explanation) -> None:
    """Print an explanation as text and tables, as wide as the terminal, or 160 columns where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(Text(found.title, style="bold"))
    for name, words in found.facts:
        console.print(Text(f"  {name}: {words}"))
    for note in found.notes:
        console.print(Text(f"  {note}"))
    for part in found.parts:
        table = Table(title=Text(part.heading), title_justify="left", box=box.SIMPLE_HEAD)
        for name in part.columns:
            table.add_column(Text(name))
        for row in part.rows:
            table.add_row(*(Text("" if v is None else str(v)) for v in row))
        console.print(table)
    if found.object_hash:
        console.print(Text(f"hash of what is shown: {found.object_hash}"))
