"""`trucewatch decide`: a person's decision becomes a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from trucewatch.cli.options import Instant, folder_argument
from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.cli.waiting import waiting
from trucewatch.model.times import format_instant
from trucewatch.model.vocabulary import PEOPLE_ROLES, VERBS

_LISTS = frozenset({"claims", "missing", "complaints"})


@click.command("decide")
@folder_argument
@click.argument("verb", type=click.Choice(VERBS), metavar="VERB")
@click.argument("object_id", metavar="OBJECT")
@click.option("--by", "person", required=True, metavar="PERSON", help="Who decides: an id of mission.yaml.")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@click.option("--at", type=Instant(), help="When it was decided; now where left out.")
@click.option("--role", type=click.Choice(PEOPLE_ROLES), help="In which office; one that allows it where left out.")
@click.option("--step", metavar="STEP", help="Of a complaint: which step of its road this is.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A particular, as outcome='no violation'.")
@click.option("--params", "document", metavar="JSON", help="Particulars as one JSON object.")
@click.option("--hash", "object_hash", help="Hash of what was seen (explain --json); what stands now where left out.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded and write nothing.")
@json_option
def command(
    folder: Path,
    verb: str,
    object_id: str,
    person: str,
    reason: str,
    at: int | None,
    role: str | None,
    step: str | None,
    pairs: tuple[str, ...],
    document: str | None,
    object_hash: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Record a person's decision.

    VERB: link split merge override verify rule grant refute draft review notify reply sign publish reopen set_event
    extend end. OBJECT: an incident (I7), a finding (F7.1.1.2), a claim (SOURCE/ID), a complaint by its number, an event
    or an agreement.
    """
    from trucewatch.mission.deciding import Wish, decide, digest
    from trucewatch.mission.folder import Mission

    params = particulars(pairs, document)
    if step is not None:
        params["step"] = step
    wish = Wish(verb, object_id, person, reason, at, role, object_hash, params)
    with waiting("looking at what stands", as_json):
        made = decide(Mission.open(folder), wish, dry_run=dry_run)
    payload = {**made.payload, "at": format_instant(made.payload["at"])}
    receipt = {"number": made.number, "leaf": made.leaf, "sha256": digest(made.payload)}
    words = [f"{'would be recorded' if dry_run else 'recorded'}: {verb} {made.target.id} by {person}"]
    words += [f"{made.target.id} is now {made.state}"] if made.state else []
    words += [f"receipt: record {made.number}, leaf {made.leaf}"] if made.leaf else []
    more: dict[str, Any] = {"decision": payload, "object": made.target.id, "state": made.state, "receipt": receipt}
    done = Outcome(counts={"decisions": 0 if dry_run else 1}, warnings=made.notes, more=more)
    return finish(done, as_json, words)


def particulars(pairs: tuple[str, ...], document: str | None) -> dict[str, Any]:
    """Params from --params and --set; the pairs win. Usage error for what is no pair or no JSON object."""
    out: dict[str, Any] = {}
    if document is not None:
        try:
            out = json.loads(document)
        except ValueError as e:
            raise click.UsageError(f"--params is no JSON: {e}") from None
        if not isinstance(out, dict):
            raise click.UsageError("--params is no JSON object")
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f"--set {pair!r} is no KEY=VALUE")
        out[key.strip()] = _value(key.strip(), value.strip())
    return out


def _value(key: str, text: str) -> Any:
    """A list where the key takes one or the text is one in JSON, true and false as such, else words."""
    if key in _LISTS and not text.startswith("["):
        return [part.strip() for part in text.split(";") if part.strip()]
    if text[:1] in {"[", "{"} or text in {"true", "false"}:
        try:
            return json.loads(text)
        except ValueError as e:
            raise click.UsageError(f"--set {key}: no JSON: {e}") from None
    return text
