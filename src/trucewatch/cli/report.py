"""`trucewatch report`: the pages of a day, a week, an incident or a term."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.options import audience_option, cut_options, folder_argument, one_cut
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting


@click.command("report")
@folder_argument
@click.option("--date", "day", required=True, metavar="D", help="The report's day, as 2020-10-12.")
@click.option("--lang", "langs", multiple=True, help="A language of the report; may be given several times.")
@click.option(
    "--kind",
    type=click.Choice(["daily", "weekly", "spot", "term"]),
    default="daily",
    show_default=True,
    help="Of the day, of the seven report days that end with it, of one incident, or of one term over its life.",
)
@click.option("--of", metavar="ID", help="What a spot report (I7 or F7.1.1.2) or a term report (AGREEMENT/TERM) is of.")
@click.option("--pdf", "paper", is_flag=True, help="Also the same report as a tagged PDF (PDF/UA), D.LANG.pdf.")
@click.option("--mirror", is_flag=True, help="Also the same report from input with the two parties exchanged.")
@click.option(
    "--preview", "ahead", is_flag=True, help="Instead: what of the day leaves for the audience, and what is withheld."
)
@cut_options
@audience_option("public")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Another folder than DIR/reports.")
@json_option
def command(
    folder: Path,
    day: str,
    langs: tuple[str, ...],
    kind: str,
    of: str | None,
    paper: bool,
    mirror: bool,
    ahead: bool,
    as_of: int | None,
    known_by: int | None,
    audience: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Write the report of a day, a week, an incident or a term, and the index of all.

    Open the file in a browser; it needs no network.
    """
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.reporting import write
    from trucewatch.model.aside import processors

    one_cut(as_of, known_by)
    if ahead:
        return _preview(folder, day, langs, as_of, known_by, audience, out, as_json)
    with waiting(f"deriving the state of {day}", as_json):
        made = write(
            Mission.open(folder), day, langs or None, mirror=mirror, as_of=as_of, known_by=known_by, audience=audience,
            out=out, hands=processors(), paper=paper, kind=kind, of=of, rooted=True,
        )  # fmt: skip
    counts = {"incidents": made.incidents, "claims": made.claims, "withheld": made.withheld}
    words = [str(path) for path in made.files]
    words.append(f"{made.incidents} incidents, {made.claims} claims, {made.withheld} of them withheld from {audience}")
    more = {"files": [str(path) for path in made.files]}
    return finish(Outcome(counts=counts, warnings=made.notes, more=more), as_json, words)


def _preview(
    folder: Path,
    day: str,
    langs: tuple[str, ...],
    as_of: int | None,
    known_by: int | None,
    audience: str,
    out: Path | None,
    as_json: bool,
) -> int:
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.previewing import preview

    with waiting(f"deriving the state of {day}", as_json):
        made = preview(
            Mission.open(folder), day, audience, next(iter(langs), None), as_of=as_of, known_by=known_by, out=out
        )
    words = [str(made.path), *(f"{t}: {made.leaving[t]} of {n} leave to {audience}" for t, n in made.held.items() if n)]
    counts = {"held": made.held, "leaving": made.leaving}
    return finish(Outcome(counts=counts, warnings=made.warnings, more={"files": [str(made.path)]}), as_json, words)
