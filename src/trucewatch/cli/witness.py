"""`trucewatch witness`: a party or anybody watches that a mission shows one history to all."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trucewatch.cli.outcome import Outcome, finish, json_option
from trucewatch.model.errors import Fault, Refusal

if TYPE_CHECKING:
    from trucewatch.ledger.keys import Signer, VerifierKey

KEY, LOGS, STATE = "witness.key", "logs", "state.json"


@click.command("witness")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", metavar="NAME", help="Of a new witness: its name, as example.org/witness.")
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Keys of a log to watch (a mission's ledger/keys); remembered; repeat.",
)
@click.option("--listen", default="127.0.0.1:7380", show_default=True, metavar="HOST:PORT", help="Where to answer.")
@click.option("--no-serve", is_flag=True, help="Make what is missing, print the key, and end.")
@json_option
def command(folder: Path, name: str | None, logs: tuple[Path, ...], listen: str, no_serve: bool, as_json: bool) -> int:
    """Run a witness with its key and its memory in DIR: it co-signs what continues what it signed before.

    Run it on a machine that the mission does not hold. The line that it prints goes into the mission's mission.yaml
    under ledger: witnesses, with the address under which the mission reaches it.
    """
    from trucewatch.ledger.witness import Cosigner
    from trucewatch.mission.ledgering import told_of_ledger

    with told_of_ledger():
        if not (folder / KEY).exists():
            _begin(folder, name)
            Cosigner.create(folder / STATE)
        signer, watched = _signer(folder), _watched(folder, logs)
        words = [f"key: {signer.verifier}", *(f"watches: {origin}" for origin in watched)]
        more = {"key": str(signer.verifier), "logs": list(watched)}
        if no_serve:
            return finish(Outcome({"logs": len(watched)}, more=more), as_json, words)
        if not watched:
            raise Refusal(Fault("this witness watches no log", "Give the file ledger/keys of a mission: --log"))
        return _serve(folder, listen, signer, watched, words, as_json, more)


def _serve(
    folder: Path,
    listen: str,
    signer: Signer,
    watched: Mapping[str, Sequence[VerifierKey]],
    words: Sequence[str],
    as_json: bool,
    more: Mapping[str, object],
) -> int:
    from trucewatch.ledger.witness_server import opened

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise Refusal(Fault(f"{listen!r} is no address", "Write HOST:PORT, as 127.0.0.1:7380"))
    try:
        with opened((host, int(port)), folder / STATE, signer, watched, lambda: int(time.time())) as server:
            where = f"http://{host}:{server.server_address[1]}"
            told = Outcome({"logs": len(watched)}, more={**more, "url": where})
            finish(told, as_json, [*words, f"answers at: {where}"])
            sys.stdout.flush()
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
    except OSError as e:
        raise Refusal(Fault(f"it cannot answer at {listen} ({e.strerror})", "Name another address: --listen")) from e
    return 0


def _begin(folder: Path, name: str | None) -> None:
    """Make the key of a new witness. `Refusal` where it has no name, or there was one before."""
    from trucewatch.ledger.keyfile import write_key_file
    from trucewatch.ledger.keys import KeyType, new_private_key
    from trucewatch.ledger.notes import valid_name
    from trucewatch.mission.signing import PASSPHRASE, secret

    if (folder / STATE).exists():
        raise Refusal(Fault(f"the key of this witness is gone from {str(folder / KEY)!r}", "Restore it"))
    if name is None or not valid_name(name):
        raise Refusal(Fault(f"{str(folder)!r} holds no witness yet", "Give the new one a name without spaces: --name"))
    write_key_file(folder / KEY, new_private_key(name, KeyType.COSIGNATURE), secret(PASSPHRASE))


def _signer(folder: Path) -> Signer:
    """The witness's signer. LedgerError where its key does not open."""
    from trucewatch.ledger.keyfile import read_key_file
    from trucewatch.mission.signing import passphrase_of

    found = read_key_file(folder / KEY)
    return found.open(passphrase_of(found))


def _watched(folder: Path, files: Sequence[Path]) -> dict[str, list[VerifierKey]]:
    """Keys by log, those of earlier starts and of these files; witnesses' own keys in them are of no account."""
    from trucewatch.ledger.disk import write_whole
    from trucewatch.ledger.keys import KeyType, parse_keys

    kept = folder / LOGS
    texts = [p.read_text("utf-8") for p in ([kept] if kept.exists() else []) + list(files)]
    keys = dict.fromkeys(k for text in texts for k in parse_keys(text) if k.type is KeyType.NOTE)
    if files:
        write_whole(folder, [(LOGS, "".join(f"{k}\n" for k in keys).encode())])
    out: dict[str, list[VerifierKey]] = {}
    for key in keys:
        out.setdefault(key.name, []).append(key)
    return out
