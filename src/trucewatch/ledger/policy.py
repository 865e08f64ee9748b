"""When a checkpoint is believed: signed by its log, and seen by enough witnesses, among them one of no party.

A quorum is what makes a log honest to all: a log that shows each side another tree finds no witnesses for both. It is
also what makes every changed bit be noticed, since a line whose key became unknown must be ignored (signed-note).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import Malformed, NotVerified
from trucewatch.ledger.keys import KeyType, VerifierKey
from trucewatch.ledger.notes import Note, parse


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key of the log. After `revoked_s` (seconds since 1970) it proves only what witnesses had seen before."""

    key: VerifierKey
    revoked_s: int | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's key; `neutral` where it belongs to no party."""

    key: VerifierKey
    neutral: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness's word: at this time (seconds since 1970) it had seen no larger tree and none that contradicts it."""

    witness: Witness
    time_s: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint that was believed, why, and which named witnesses are not under it."""

    checkpoint: Checkpoint
    log_key: VerifierKey
    seen: tuple[Seen, ...]
    missing: tuple[Witness, ...]


@dataclass(frozen=True)
class Policy:
    """Whose signatures count: any of the log's keys, and `quorum` of the witnesses with at least `neutral` of no party.

    Malformed where that can never be met, or where one public key would count twice. A quorum of 0 asks for no witness:
    then only the log's own word is checked.
    """

    origin: str
    log_keys: tuple[LogKey, ...]
    witnesses: tuple[Witness, ...] = ()
    quorum: int = 0
    neutral: int = 1

    def __post_init__(self) -> None:
        keys = [k.key for k in self.log_keys] + [w.key for w in self.witnesses]
        if len({k.public for k in keys}) != len(keys):
            raise _bad("names one public key twice")
        if not self.log_keys or any(k.key.type is not KeyType.NOTE for k in self.log_keys):
            raise _bad("names no key of the log, or one that is not of that kind")
        if any(w.key.type is not KeyType.COSIGNATURE for w in self.witnesses):
            raise _bad("names a witness with a key that is not of that kind")
        if not 0 <= self.quorum <= len(self.witnesses) or self.neutral < 0:
            raise _bad(f"asks for {self.quorum} of {len(self.witnesses)} witnesses")
        if self.quorum and not self.neutral <= min(self.quorum, sum(w.neutral for w in self.witnesses)):
            raise _bad(f"asks for {self.neutral} witnesses of no party, which it cannot get")

    def open(self, note: Note | str | bytes) -> Opened:
        """Believe a checkpoint, or say which check failed.

        Unknown keys are ignored; one bad signature of a known key refuses the whole note. Malformed, NotVerified.
        """
        note = note if isinstance(note, Note) else parse(note)
        checkpoint = parse_checkpoint(note.text)
        if checkpoint.origin != self.origin:
            raise NotVerified(
                f"the checkpoint is of another log: {checkpoint.origin[:80]!r} instead of {self.origin!r}",
                check="origin",
            )
        signed = self._log_key(note)
        seen = tuple(self._seen(note))
        self._count([s for s in seen if signed.revoked_s is None or s.time_s <= signed.revoked_s], signed)
        there = {s.witness for s in seen}
        return Opened(checkpoint, signed.key, seen, tuple(w for w in self.witnesses if w not in there))

    def _log_key(self, note: Note) -> LogKey:
        found = [k for k in self.log_keys if _times(note, k.key)]
        if not found:
            raise NotVerified(
                f"the checkpoint is not signed by {self.origin}: nobody vouches for it", check="log signature"
            )
        return next((k for k in found if k.revoked_s is None), found[0])

    def _seen(self, note: Note) -> Iterable[Seen]:
        for witness in self.witnesses:
            times = [t for t in _times(note, witness.key) if t is not None]
            if times:
                yield Seen(witness, min(times))

    def _count(self, seen: list[Seen], signed: LogKey) -> None:
        if signed.revoked_s is not None and (self.quorum == 0 or len(seen) < self.quorum):
            day = datetime.fromtimestamp(signed.revoked_s, UTC).date()
            raise NotVerified(
                f"the log's key was revoked on {day}, and too few witnesses saw this checkpoint before",
                check="revocation",
            )
        if len(seen) < self.quorum:
            raise NotVerified(
                f"only {len(seen)} of the {self.quorum} witnesses that are needed have seen this checkpoint: "
                "the log may have shown others another one",
                check="quorum",
            )
        if self.quorum and sum(s.witness.neutral for s in seen) < self.neutral:
            raise NotVerified("no witness that belongs to no party has seen this checkpoint", check="neutral witness")


def _times(note: Note, key: VerifierKey) -> list[int | None]:
    return [key.verify(note.text, s) for s in note.signatures if key.made(s)]


def _bad(what: str) -> Malformed:
    return Malformed(f"the policy {what}", check="policy")
