"""`trucewatch init`: a new mission folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from trucewatch.cli.options import folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option


@click.command("init")
@folder_argument
@click.option(
    "--agreement", "agreements", multiple=True, required=True, help="Agreement file, or a bundled id; repeat."
)
@click.option("--history", is_flag=True, help="History that is loaded later: pages are cut by known time.")
@json_option
def command(folder: Path, agreements: tuple[str, ...], history: bool, as_json: bool) -> int:
    """Make DIR a mission: mission.yaml, copies of the agreements, and a template of each table in DIR/in."""
    from trucewatch.mission.templates import init

    mission, templates = init(folder, agreements, history=history)
    key = mission.ledger.begin(passphrase(as_json))
    mission.store.close()
    words = [
        f"{folder}: a mission under {', '.join(a.id for a in mission.agreements)}",
        f"{folder / 'mission.yaml'}: look it over (languages, time zone, people, publication)",
        f"{folder / 'in'}: {len(templates)} templates, two example rows each",
        f"next: trucewatch ingest {folder} FILE...",
    ]
    counts = {"agreements": len(mission.agreements), "templates": len(templates)}
    return finish(Outcome(counts=counts, warnings=[] if key is None else [key.note]), as_json, words)


def passphrase(as_json: bool) -> str | None:
    """A passphrase for a new key, asked for at a terminal alone; empty is none."""
    from trucewatch.mission.signing import PASSPHRASE

    if as_json or PASSPHRASE in os.environ or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    asked = "Passphrase for the key of the ledger (empty: none)"
    return (
        click.prompt(asked, default="", show_default=False, hide_input=True, err=True, confirmation_prompt=True) or None
    )
