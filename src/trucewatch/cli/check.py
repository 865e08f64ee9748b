"""`trucewatch check`: what is wrong, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.model.errors import Fault


@click.command("check")
@folder_argument
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of its agreements.")
@click.option("--lang", "langs", multiple=True, help="A language of the page; the mission's by default.")
@click.option("--deep", is_flag=True, help="Every record and file against the ledger; files are made anew.")
@click.option(
    "--from",
    "copy",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="With --deep: a copy of the mission's folder, to put damaged records back from.",
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Check this receipt against the ledger, and nothing else; repeat.",
)
@json_option
def command(
    folder: Path,
    out: Path | None,
    langs: tuple[str, ...],
    deep: bool,
    copy: Path | None,
    receipts: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Look over configuration, agreements and data of DIR. Exit 1 when something must be mended.

    With -o OUT.html also write a page that shows what its agreements bind: map, time line, each term in one sentence.
    """
    from trucewatch.mission.checking import check

    if copy is not None and not deep:
        raise click.UsageError("--from goes with --deep")
    if receipts:
        return _receipts(folder, receipts, as_json)
    report = check(folder, deep, copy)
    looked = ", ".join(f"{n} {name}" for name, n in report.counts.items()) or "no records"
    verdict = f"{len(report.errors)} to mend, {len(report.warnings)} to consider ({looked})"
    pages = [] if out is None else _pages(folder, out, langs)
    if out is not None and not pages:
        report.warnings.append(Fault("no page is written: mend the faults of the agreements first", "Then check again"))
    return finish(
        Outcome(report.counts, report.warnings, report.errors, more={"files": pages}), as_json, [verdict, *pages]
    )


def _receipts(folder: Path, receipts: tuple[Path, ...], as_json: bool) -> int:
    """Check receipts that were handed out: whether each promise was kept."""
    from trucewatch.ledger.errors import LedgerError
    from trucewatch.mission.folder import Mission

    ledger, words, errors = Mission.open(folder).ledger, [], []
    for path in receipts:
        try:
            first, last, size = ledger.check_receipts(path.read_bytes())
        except LedgerError as e:
            errors.append(Fault(e.what, e.remedy or "Keep receipt and ledger: together they are the proof", path.name))
            continue
        held = "kept" if last <= size else f"not signed for yet ({size:,} records are)"
        words.append(f"{path.name}: records {first:,} to {last:,}: {held}")
    return finish(Outcome({"receipts": len(receipts), "kept": len(words)}, (), errors), as_json, words)


def _pages(folder: Path, out: Path, langs: tuple[str, ...]) -> list[str]:
    """Write the page of the mission's agreements in each of its languages; none where they cannot be read."""
    from trucewatch.cli.agreement import write_pages
    from trucewatch.mission.folder import Mission
    from trucewatch.model.errors import Refusal

    try:
        mission = Mission.open(folder)
        config, agreements = mission.config, mission.agreements
    except Refusal:
        return []  # the check has told the faults
    return write_pages(agreements, out, langs or config.languages, config.title(config.languages[0]))
