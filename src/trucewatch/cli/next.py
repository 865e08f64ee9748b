"""`trucewatch next`: where a visit, a call, a picture or a question is expected to tell most."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from trucewatch.cli.options import cut_options, folder_argument, one_cut
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("next")
@folder_argument
@click.option(
    "--date", "day", metavar="D", help="Plan for this local day (YYYY-MM-DD), from what the evening before knew."
)
@click.option(
    "--teams", type=click.IntRange(0, 1000), help="How many visits can be made; the first of them are marked."
)
@click.option("--most", type=click.IntRange(1, 1000), default=25, show_default=True, help="So many tasks of a kind.")
@click.option("--lang", help="Language of the page; the mission's first one where left out.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan as a page into this file."
)
@cut_options
@json_option
def command(
    folder: Path,
    day: str | None,
    teams: int | None,
    most: int,
    lang: str | None,
    out: Path | None,
    as_of: int | None,
    known_by: int | None,
    as_json: bool,
) -> int:
    """Rank where a visit, a call, a picture or a question to both parties is expected to tell most.

    Internal: it says where a patrol may be. It orders nothing: a person signs each task.
    """
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.planning import as_dict, next_tasks, write_page

    one_cut(as_of, known_by)
    mission = Mission.open(folder)
    with waiting("weighing what each task would tell", as_json):
        planned = next_tasks(mission, day, teams, most, as_of, known_by)
        found = as_dict(planned, teams)
        page = None if out is None else str(write_page(planned, out, teams, lang))
    if not as_json and page is None:
        show(found)
    kinds = ("visit", "image", "call", "question")
    counts = {k: sum(t["task"] == k for t in found["tasks"]) for k in kinds} | {"refused": len(found["refused"])}
    more = {**found, "page": page}
    return finish(Outcome(counts=counts, more=more), as_json, [] if page is None else [page])


def show(found: dict[str, Any]) -> None:
    """Print the plan as tables, as wide as the terminal, or 160 columns where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)

    def table(title: str, columns: list[str], rows: list[list[str]]) -> None:
        if not rows:
            return
        made = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD)
        for name in columns:
            made.add_column(Text(name))
        for row in rows:
            made.add_row(*map(Text, row))
        console.print(made)

    console.print(Text(f"Next, for {found['date']}: {found['open_incidents']} incidents are open", style="bold"))
    if found["looked_at"] < found["open_incidents"]:
        console.print(Text(f"  the {found['looked_at']} most uncertain of them were looked at"))
    console.print(
        Text("INTERNAL: where a patrol may be does not leave the mission. Nothing is ordered: a person signs.")
    )
    teams = found["teams"] is not None
    rows = [
        [
            str(t["rank"]) + ("*" if teams and t["chosen"] else ""), t["task"], " ".join(t["incidents"]),
            "" if t["lat"] is None else f"{t['lat']:.3f}, {t['lon']:.3f}", f"{t['fall']['total']:.4f}",
            " ".join([t["reason"], *(f"({n})" for n in t["notes"])]),
        ]
        for t in found["tasks"]
    ]  # fmt: skip
    table(
        "Tasks" + (" (* = within the teams)" if teams else ""),
        ["rank", "task", "incidents", "place", "fall", "reason"],
        rows,
    )
    refused = [
        [r["incident"], f"{r['lat']:.3f}, {r['lon']:.3f}", f"{r['fall']['total']:.4f}", "; ".join(r["reasons"])]
        for r in found["refused"]
    ]
    table("Refused for safety", ["incident", "place", "fall", "why"], refused)
    effort = [
        [e["name"], f"{e['visits_on_its_allegations']:.1f}", _share(e["share_of_allegations"]),
         f"{e['visits_on_allegations_against_it']:.1f}", _share(e["share_of_accusations"])]
        for e in found["effort"]
    ]  # fmt: skip
    table(
        "Effort by side",
        ["party", "visits on what it alleges", "share", "visits on what it is accused of", "share"],
        effort,
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
