"""`trucewatch verify`: check a package or a mission's ledger, offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting

if TYPE_CHECKING:
    from trucewatch.mission.verifying import Verdict

_TITLES = {
    "files": "Files", "signature": "Signed", "witnesses": "Witnesses", "stamps": "Time stamps",
    "publication": "Publication", "records": "Records", "sums": "Sums", "recomputed": "Recomputed",
}  # fmt: skip


@click.command("verify")
@click.argument("path", metavar="PACKAGE|DIR", type=click.Path(path_type=Path))
@click.option(
    "--keys", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Keys, or a policy, that you had from elsewhere: whose signatures count. Else those that came with it.",
)  # fmt: skip
@click.option(
    "--no-recompute", "plain", is_flag=True, help="Check files, signatures and records, and recompute nothing."
)
@json_option
def command(path: Path, keys: Path | None, plain: bool, as_json: bool) -> int:
    """Check a published package, or the ledger of the mission in DIR, and say what holds and by whose keys.

    Exit 1: a check failed, and the sentence says which and what that means. Exit 2: nothing could be tried.
    """
    from trucewatch.mission.verifying import as_dict, verify

    with waiting(f"checking {path.name}", as_json):
        found = verify(path, keys, recomputing=not plain)
    return finish(Outcome(found.counts, found.notes, found.errors, more=as_dict(found)), as_json, _words(found))


def _words(found: Verdict) -> list[str]:
    lines = [f"{_TITLES.get(name, name)}: {words}." for name, words in found.checked.items()]
    if found.trust:
        lines.append("Believed because of: " + "; ".join(found.trust) + ".")
    verdict = "holds" if found.ok else "DOES NOT HOLD"
    return [*lines, f"{found.what[0].upper()}{found.what[1:]} {verdict}."]
