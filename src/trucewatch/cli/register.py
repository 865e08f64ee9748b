"""`trucewatch register`: complaints and rulings with their clocks."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trucewatch.cli.options import audience_option, cut_options, folder_argument, one_cut
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting

if TYPE_CHECKING:
    from trucewatch.procedure.road import Road


@click.command("register")
@folder_argument
@click.option("--complaint", metavar="NUMBER", help="The road of this complaint alone, for the mission itself.")
@click.option(
    "--format", "how", type=click.Choice(("page", "csv", "pdf")), default="page", show_default=True, help="As what."
)
@click.option("--lang", help="Language of the page; the mission's first one where left out.")
@cut_options
@audience_option("internal")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Another file; CSV goes to the terminal without it.")
@json_option
def command(
    folder: Path,
    complaint: str | None,
    how: str,
    lang: str | None,
    as_of: int | None,
    known_by: int | None,
    audience: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Show every complaint with its state, its ruling and its clocks, pending ones included.

    A ruling says what could be established of one complaint: their number is not that of violations.
    """
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.registering import register
    from trucewatch.model.aside import processors
    from trucewatch.publishing.register.view import register_summary

    one_cut(as_of, known_by)
    mission, now = Mission.open(folder), time.time_ns() // 1000
    if complaint is not None:
        return _one(mission, complaint, audience, as_of, known_by, now, as_json)
    with waiting("gathering complaints", as_json):
        made = register(
            mission, how, lang, out, audience=audience, as_of=as_of, known_by=known_by, now=now, hands=processors()
        )
    summary = register_summary(made.view)
    rows = summary.pop("rows")
    counts = {"listed": len(rows), "withheld": made.view.withheld, "uncounted": made.view.uncounted}
    words = [made.text.rstrip("\n")] if how == "csv" and made.path is None else [str(made.path)]
    if made.path is not None:
        low, high = summary["received"]
        words.append(f"{low if low == high else f'{low} to {high}'} complaints, {len(rows)} listed for {audience}")
    more = {**summary, "files": [str(made.path)] if made.path is not None else []}
    return finish(Outcome(counts=counts, warnings=made.notes, more=more), as_json, words)


def _one(
    mission: Any, number: str, audience: str, as_of: int | None, known_by: int | None, now: int, as_json: bool
) -> int:
    """The road of one complaint."""
    from trucewatch.mission.registering import one_road

    if audience != "internal":
        raise click.UsageError("the road of one complaint is for the mission itself; take the page for others")
    with waiting("gathering what is recorded of it", as_json):
        found, row = one_road(mission, number, as_of, known_by, now)
    told = _told(found)
    if not as_json:
        _show(row, told)
    return finish(Outcome(counts={"steps": len(told["steps"])}, more={"complaint": _plain(row), **told}), as_json)


def _told(found: Road) -> dict[str, Any]:
    from trucewatch.model.times import format_instant

    def when(us: int | None) -> str | None:
        return None if us is None else format_instant(us)

    steps = [
        {"step": t.step, "at": when(t.at), "person": t.person, "office": t.office, "by": t.by} for t in found.taken
    ]
    clocks = [
        {
            "step": c.step, "state": c.state, "within": c.limit.within.text, "since": when(c.since), "due": when(c.due),
            "done": when(c.done), "late_is": "void" if c.void else "flagged", "agreement": c.limit.agreement,
            "term": c.limit.term,
        }
        for c in found.clocks
    ]  # fmt: skip
    return {"steps": steps, "clocks": clocks}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    from trucewatch.model.times import format_instant

    times = {"received", "next_due", "published"}
    return {k: format_instant(v) if k in times and v is not None else v for k, v in row.items()}


def _show(row: dict[str, Any], told: dict[str, Any]) -> None:
    """Print the road as text and tables, as wide as the terminal, or 160 columns where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(Text(f"Complaint {row['complaint_id']}: {row['ruling'] or row['state']}", style="bold"))
    for name, value in _plain(row).items():
        if value not in (None, [], False) and name not in {"complaint_id", "clocks", "told_by", "pending"}:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            console.print(Text(f"  {name}: {shown}"))
    for heading, rows in (("Steps", told["steps"]), ("Clocks", told["clocks"])):
        if not rows:
            continue
        table = Table(title=Text(heading), title_justify="left", box=box.SIMPLE_HEAD)
        for name in rows[0]:
            table.add_column(Text(name))
        for one in rows:
            table.add_row(*(Text("" if v is None else str(v)) for v in one.values()))
        console.print(table)
