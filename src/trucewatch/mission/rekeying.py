"""Two acts on the ledger's key, each by two people: another key takes over, or a new log goes on where an old one was
lost.

A rotation is a record signed by the old key and by the new one. A key that was stolen is revoked from a moment on:
what it signed counts only as far as a quorum of witnesses had seen it by then.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trucewatch.ledger.checkpoints import parse_checkpoint
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.keys import VerifierKey
from trucewatch.ledger.notes import Note, parse
from trucewatch.mission.ledgering import FOLDER
from trucewatch.mission.signing import NewKey, new_key, open_signer
from trucewatch.model.errors import Fault, Refusal

if TYPE_CHECKING:
    from trucewatch.mission.folder import Mission

_HEAD = "ledger-key/v1"


@dataclass(frozen=True, slots=True)
class Order:
    """Who orders it, who agrees, why, when (microseconds)."""

    by: str
    second: str
    reason: str
    at: int


def statement(old: VerifierKey, new: VerifierKey, revoked_s: int | None) -> str:
    """What both keys sign: the log, the old key, the new one, since when (seconds since 1970, or -) the old is void."""
    return f"{_HEAD}\n{old.name}\n{old}\n{new}\n{'-' if revoked_s is None else revoked_s}\n"


def rotate(mission: Mission, order: Order, revoked_s: int | None, passphrase: str | None = None) -> NewKey:
    """Let a new key take over from the present one, which must be at hand to sign for it."""
    check_order(mission, order)
    ledger = mission.ledger
    old = ledger.signer
    beside = mission.config.exercise
    made = new_key(mission.dir, old.verifier.name, passphrase, beside=beside, configured=False)
    new = open_signer(mission.dir, made.verifier)
    text = statement(old.verifier, made.verifier, revoked_s)
    note = str(Note(text).signed(old.sign(text), new.sign(text)))
    body = {"at": order.at, "by": order.by, "note": note, "reason": order.reason, "second": order.second}
    with ledger.together(), mission.store.writing() as tx:
        number = tx.last_seq() + 1
        tx.append("key", [(f"key/{number}", body, order.at)], recorded_at=order.at, actor=order.by)
        ledger.hand_over(tx, new, old, revoked_s)
    return made


def begin_anew(mission: Mission, order: Order, passphrase: str | None = None) -> NewKey:
    """Open a new log over the records that are here, whose next record names the head of the lost one.

    For a mission whose newest copy is lost: the old log is not gone on with, since that would be a fork. Its files are
    kept aside. `Refusal` where nothing was ever signed.
    """
    check_order(mission, order)
    ledger = mission.ledger
    old = ledger.keys
    kept = mission.store.checkpoint(old[0].name) if old else None
    heads = list(dict.fromkeys(note for note in (_shown(ledger.files), kept) if note is not None))
    if not heads:
        raise Refusal(Fault("nothing was signed yet: there is no old log", "Go on: the next ingest signs"))
    made = ledger.fresh_key(passphrase)
    body = {
        "at": order.at, "by": order.by, "heads": heads, "keys": list(map(str, old)), "reason": order.reason,
        "second": order.second,
    }  # fmt: skip
    if ledger.files.root.is_dir():
        shutil.copytree(ledger.files.root, _aside(mission.dir))
    with ledger.together():
        with mission.store.writing() as tx:
            ledger.start_over(tx, made.verifier)
            number = tx.last_seq() + 1
            tx.append("recovery", [(f"recovery/{number}", body, order.at)], recorded_at=order.at, actor=order.by)
        shutil.rmtree(ledger.files.root, ignore_errors=True)  # of the old log, whose copy was put aside
    return made


def check_order(mission: Mission, order: Order) -> None:
    """`Refusal` unless two people of the mission order it, with a reason."""
    known = {p.id for p in mission.config.people}
    faults = []
    if order.by == order.second:
        faults.append(Fault("one person alone cannot order this", "Name another person with --second"))
    faults += [
        Fault(f"mission.yaml names no person {p!r}", "Name one of: " + ", ".join(sorted(known)), "mission.yaml")
        for p in dict.fromkeys((order.by, order.second))
        if known and p not in known
    ]
    if not order.reason.strip():
        faults.append(Fault("no reason is given", "Say why: --reason"))
    if faults:
        raise Refusal(*faults)


def _shown(files: LedgerFiles) -> str | None:
    try:
        note = files.checkpoint()
        return note if note is not None and parse_checkpoint(parse(note).text) else None
    except LedgerError:
        return None


def _aside(folder: Path) -> Path:
    k = 1
    while (folder / f"{FOLDER}.old{k}").exists():
        k += 1
    return folder / f"{FOLDER}.old{k}"


__all__ = ["Order", "begin_anew", "check_order", "rotate", "statement"]
