"""`trucewatch init`: a new mission folder."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from trucewatch.cli.options import Instant, folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("init")
@folder_argument
@click.option("--agreement", "agreements", multiple=True, help="Agreement file, or a bundled id; repeat.")
@click.option("--history", is_flag=True, help="History that is loaded later: pages are cut by known time.")
@click.option("--rotate-key", is_flag=True, help="Of a mission: let a new key take over from the ledger's.")
@click.option("--revoked", type=Instant(), help="With --rotate-key: since when the old key is void.")
@click.option("--new-log", is_flag=True, help="Of a mission whose newest copy is lost: go on as a new log.")
@click.option("--by", metavar="PERSON", help="Who orders that: an id of mission.yaml.")
@click.option("--second", metavar="PERSON", help="The second person, who agrees.")
@click.option("--reason", metavar="TEXT", help="Why.")
@json_option
def command(
    folder: Path,
    agreements: tuple[str, ...],
    history: bool,
    rotate_key: bool,
    revoked: int | None,
    new_log: bool,
    by: str | None,
    second: str | None,
    reason: str | None,
    as_json: bool,
) -> int:
    """Make DIR a mission: mission.yaml, copies of the agreements, a template of each table in DIR/in, and a key for its
    ledger, which lies outside DIR.

    Of a mission that is there already: --rotate-key or --new-log, ordered by two people.
    """
    if rotate_key or new_log:
        if agreements or history or (rotate_key and new_log) or not (by and second and reason):
            raise click.UsageError("--rotate-key or --new-log stands alone, with --by, --second and --reason")
        return _rekey(folder, new_log, revoked, (by, second, reason), as_json)
    if not agreements:
        raise click.UsageError("Missing option '--agreement'")
    from trucewatch.mission.templates import init

    mission, templates = init(folder, agreements, history=history)
    key = mission.ledger.begin(passphrase(as_json))
    words = [
        f"{folder}: a mission under {', '.join(a.id for a in mission.agreements)}",
        f"{folder / 'mission.yaml'}: look it over (languages, time zone, people, publication)",
        f"{folder / 'in'}: {len(templates)} templates, two example rows each",
        f"next: trucewatch ingest {folder} FILE...",
    ]
    counts = {"agreements": len(mission.agreements), "templates": len(templates)}
    return finish(Outcome(counts=counts, warnings=[] if key is None else [key.note]), as_json, words)


def _rekey(folder: Path, new_log: bool, revoked: int | None, order: tuple[str, str, str], as_json: bool) -> int:
    from trucewatch.mission.folder import Mission
    from trucewatch.mission.rekeying import Order, begin_anew, rotate

    mission = Mission.open(folder)
    ordered = Order(*order, time.time_ns() // 1000)
    secret = passphrase(as_json)
    if new_log:
        made = begin_anew(mission, ordered, secret)
        words = [f"a new log goes on: {made.verifier.name}; the old one's files lie aside in {folder}"]
    else:
        made = rotate(mission, ordered, None if revoked is None else revoked // 1_000_000, secret)
        words = [f"a new key signs: {made.verifier}; the old one signed for it"]
    mission.store.close()
    more = {"key": str(made.verifier)}
    return finish(Outcome({"records": 1}, [made.note, *mission.ledger.told()], more=more), as_json, words)


def passphrase(as_json: bool) -> str | None:
    """A passphrase for a new key, asked for at a terminal alone; empty is none."""
    from trucewatch.mission.signing import PASSPHRASE

    if as_json or PASSPHRASE in os.environ or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    asked = "Passphrase for the key of the ledger (empty: none)"
    return (
        click.prompt(asked, default="", show_default=False, hide_input=True, err=True, confirmation_prompt=True) or None
    )
