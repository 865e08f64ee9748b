"""`trucewatch redact`: a payload is erased, its commitment stays."""

from __future__ import annotations

import time
from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting
from trucewatch.model.errors import REJECTED, Fault


@click.command("redact")
@folder_argument
@click.argument("record", metavar="ID")
@click.option("--by", "by", required=True, metavar="PERSON", help="Who erases: an id of mission.yaml.")
@click.option("--second", required=True, metavar="PERSON", help="The second person, who agrees.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, and by which rule.")
@json_option
def command(folder: Path, record: str, by: str, second: str, reason: str, as_json: bool) -> int:
    """Erase all versions of a record: ID is SOURCE/ID, or the number on its receipt. This cannot be undone.

    Its commitment and its place in the ledger stay, so that every proof of everything else holds. All that is derived
    is derived anew, and what that changed is told. Exit 1 where other files of DIR still hold it: they are named.
    """
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.redacting import redact

    mission = Mission.open(folder)
    with waiting("erasing, and deriving anew", as_json):
        done = redact(mission, record, by, second, reason, time.time_ns() // 1000)
    count = len(done.seqs)
    numbers = ", ".join(map(str, done.seqs))
    versions = "1 version" if count == 1 else f"{count} versions"
    words = [f"{versions} of a {done.kind} erased (record {numbers}) by record {done.by_seq}"]
    words += [f"changed: {table}: {', '.join(ids)}" for table, ids in done.touched.items()]
    words += [] if done.touched else ["nothing that is derived has changed"]
    errors = [
        Fault("this file still holds what was erased", _remedy(path, folder), str(path.relative_to(folder)))
        for path in done.files
    ]
    counts = {"erased": count, "touched": sum(map(len, done.touched.values())), "files": len(errors)}
    more = {"record": done.by_seq, "touched": done.touched}
    told = [
        *mission.ledger.told(),
        "copies of DIR made before, backups and published pages are out of reach: see to them",
    ]
    outcome = Outcome(counts, told, errors, REJECTED if errors else None, more)
    return finish(outcome, as_json, words)


def _remedy(path: Path, folder: Path) -> str:
    inner = path.relative_to(folder).parts[0]
    if inner == "reports":
        return "Write the report anew, and take back the one that was published"
    return "Take the row out of it, or remove the file"
