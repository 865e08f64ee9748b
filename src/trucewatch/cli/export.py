"""`trucewatch export`: tables as files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trucewatch.cli.options import audience_option, cut_options, folder_argument, one_cut
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting

# As mission.export_files has them, which is not loaded for --help.
_FORMATS = ("csv", "jsonl", "geojson", "xlsx", "parquet", "geoparquet", "hxl", "qgis")


@click.command("export")
@folder_argument
@click.argument("what")
@click.option("--format", "how", type=click.Choice(_FORMATS), default="csv", show_default=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="A folder for `all` and for qgis, else a file.",
)
@cut_options
@audience_option("internal")
@json_option
def command(
    folder: Path,
    what: str,
    how: str,
    out: Path | None,
    as_of: int | None,
    known_by: int | None,
    audience: str,
    as_json: bool,
) -> int:
    """Write table WHAT (claims, incidents, findings, ...) or `all`; to standard output without -o."""
    from trucewatch.mission.exporting import export
    from trucewatch.mission.folder import Mission

    one_cut(as_of, known_by)
    if as_json and out is None:
        raise click.UsageError("--json prints JSON alone: name a file with -o")
    with waiting("deriving what is new", as_json or out is None):
        report = export(Mission.open(folder), what, how, out, sys.stdout, audience, as_of, known_by)
    outcome = Outcome(
        counts=report.counts, warnings=report.warnings, more={"files": [str(f) for f in report.files]} if out else {}
    )
    words = [f"{out}: {len(report.files)} files, {sum(report.counts.values())} rows"] if out else []
    return finish(outcome, as_json, words)
