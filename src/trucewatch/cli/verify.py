"""`trucewatch verify`: check a package or a mission's ledger, offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting
from trucewatch.model.errors import Fault

if TYPE_CHECKING:
    from trucewatch.mission.verifying import Verdict

_TITLES = {
    "files": "Files", "signature": "Signed", "witnesses": "Witnesses", "stamps": "Time stamps",
    "publication": "Publication", "records": "Records", "sums": "Sums", "recomputed": "Recomputed",
}  # fmt: skip


@click.command("verify")
@click.argument("path", metavar="[PACKAGE|DIR]", type=click.Path(path_type=Path), required=False)
@click.option(
    "--compare", "pair", nargs=2, metavar="A B", type=click.Path(path_type=Path),
    help="Whether two copies (packages, folders, checkpoints) are of one ledger; else write the proof that not.",
)  # fmt: skip
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="With --compare: the proof's file.")
@click.option(
    "--keys", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Keys, or a policy, that you had from elsewhere: whose signatures count. Else those that came with it.",
)  # fmt: skip
@click.option(
    "--ca", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
    help="Root certificates (PEM) of time-stamp authorities that you trust. Else those that came with the package.",
)  # fmt: skip
@click.option(
    "--no-recompute", "plain", is_flag=True, help="Check files, signatures and records, and recompute nothing."
)
@json_option
def command(
    path: Path | None,
    pair: tuple[Path, Path] | None,
    out: Path | None,
    keys: Path | None,
    ca: Path | None,
    plain: bool,
    as_json: bool,
) -> int:
    """Check a published package, or the ledger of the mission in DIR, and say what holds and by whose keys.

    Exit 1: a check failed, and the sentence says which and what that means. Exit 2: nothing could be tried.
    """
    from trucewatch.mission.verifying import as_dict, verify

    if (path is None) == (pair is None):
        raise click.UsageError("name a package or a mission's folder, or two copies with --compare")
    if pair is not None:
        return _compare(pair, keys, out, as_json)
    assert path is not None
    with waiting(f"checking {path.name}", as_json):
        found = verify(path, keys, ca, recomputing=not plain)
    return finish(Outcome(found.counts, found.notes, found.errors, more=as_dict(found)), as_json, _words(found))


def _compare(pair: tuple[Path, Path], keys: Path | None, out: Path | None, as_json: bool) -> int:
    from trucewatch.ledger.errors import LedgerError
    from trucewatch.mission.comparing import compare_heads
    from trucewatch.mission.verifying import policy_of

    known = None if keys is None else [k.key for k in policy_of(keys).log_keys]
    try:
        found = compare_heads(*pair, known, out)
    except LedgerError as e:
        return finish(Outcome(errors=[Fault(e.what, e.remedy or "Compare what both were given anew")]), as_json)
    errors = []
    if found.path is not None:
        remedy = f"The proof is in {found.path}: whoever has the log's key can check it. Show it to both parties"
        errors.append(Fault(found.words, remedy, field="fork"))
    notes = [] if keys else ["the log's key came with what was compared; give the one that you had before with --keys"]
    sizes = {"first": found.first.checkpoint.size, "second": found.second.checkpoint.size}
    more = {"file": None if found.path is None else str(found.path), "trust": [str(k) for k in found.keys]}
    return finish(Outcome(sizes, notes, errors, more=more), as_json, [] if errors else [found.words])


def _words(found: Verdict) -> list[str]:
    lines = [f"{_TITLES.get(name, name)}: {words}." for name, words in found.checked.items()]
    if found.trust:
        lines.append("Believed because of: " + "; ".join(found.trust) + ".")
    verdict = "holds" if found.ok else "DOES NOT HOLD"
    return [*lines, f"{found.what[0].upper()}{found.what[1:]} {verdict}."]
