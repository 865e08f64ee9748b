"""Proofs that stand alone (C2SP tlog-proof): one leaf, its way to the root, and the checkpoint with all its signatures.

A file `NAME.tlog-proof` can be checked offline by whoever has the keys, here or with a program by others.
"""

from __future__ import annotations

from dataclasses import dataclass

from trucewatch.ledger import base64
from trucewatch.ledger.checkpoints import parse_number
from trucewatch.ledger.errors import Malformed
from trucewatch.ledger.notes import MAX_NOTE_BYTES
from trucewatch.ledger.policy import Opened, Policy
from trucewatch.ledger.proofs import MOST_HASHES, verify_inclusion
from trucewatch.ledger.tree import HASH_BYTES

SUFFIX = ".tlog-proof"
_HEAD, _EXTRA, _INDEX = "c2sp.org/tlog-proof@v1", "extra ", "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Index of the leaf, siblings on its way, the checkpoint's note as it was signed;

    `extra` is vouched for by nobody.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = [] if self.extra is None else [_EXTRA + base64.encode(self.extra)]
        lines = [_HEAD, *extra, f"{_INDEX}{self.index}", *map(base64.encode, self.hashes), ""]
        return "\n".join(lines) + "\n" + self.checkpoint

    def verify(self, leaf: bytes, policy: Policy) -> Opened:
        """Check that the leaf hash is in the tree of a checkpoint that the policy believes. NotVerified, Malformed."""
        opened = policy.open(self.checkpoint)
        verify_inclusion(self.index, opened.checkpoint.size, leaf, self.hashes, opened.checkpoint.root)
        return opened


def parse_proof(data: str | bytes) -> TlogProof:
    """Read a proof; its checkpoint is taken as it is and opened by `verify`. Malformed where it is not of the form."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise _bad("is not UTF-8") from e
    if len(text) > MAX_NOTE_BYTES:
        raise _bad("is too large")
    head, blank, checkpoint = text.partition("\n\n")
    first, *lines = head.split("\n")
    if first != _HEAD:
        raise _bad(f"does not begin with {_HEAD}")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = base64.decode(lines.pop(0).removeprefix(_EXTRA), "the extra line")
    if not lines or not lines[0].startswith(_INDEX):
        raise _bad("does not say which leaf it is of")
    index = parse_number(lines.pop(0).removeprefix(_INDEX), "the index")
    hashes = tuple(base64.decode(line, "a hash of the proof") for line in lines)
    if len(hashes) > MOST_HASHES or any(len(h) != HASH_BYTES for h in hashes):
        raise _bad("has too many hashes, or one of another length")
    if not blank or not checkpoint.endswith("\n"):
        raise _bad("has no checkpoint, or was cut")
    return TlogProof(index, hashes, checkpoint, extra)


def _bad(what: str) -> Malformed:
    return Malformed(f"the proof {what}", check="proof")
