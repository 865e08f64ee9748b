"""Receipts: the log's signed promise to who submitted something that it is a certain leaf: nothing is dropped unseen.

A receipt is a signed note of four lines: `ledger-receipt/v1`, the log, the index, the leaf hash. No reader takes it
for a checkpoint: its second line is no number. Receipt and checkpoint together convict a log that broke its promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trucewatch.ledger import base64
from trucewatch.ledger.checkpoints import Checkpoint, parse_number
from trucewatch.ledger.errors import Malformed, NotVerified
from trucewatch.ledger.keys import Signer, VerifierKey
from trucewatch.ledger.notes import Note, parse
from trucewatch.ledger.proofs import verify_inclusion
from trucewatch.ledger.tree import HASH_BYTES

_HEAD, _HEAD_OF_MANY = "ledger-receipt/v1", "ledger-receipts/v1"
MOST_LEAVES = 20_000  # in one note of many, so that it stays below the size of a note


@dataclass(frozen=True, slots=True)
class Receipt:
    """Leaf `index` of the log of this origin has (or will have) this hash."""

    origin: str
    index: int
    leaf: bytes

    @property
    def text(self) -> str:
        """What the log signs."""
        return f"{_HEAD}\n{self.origin}\n{self.index}\n{base64.encode(self.leaf)}\n"

    def signed(self, log: Signer) -> str:
        """The note to hand out, once the leaf is committed."""
        return str(Note(self.text).signed(log.sign(self.text)))

    def check(self, checkpoint: Checkpoint, leaf: bytes, proof: Sequence[bytes]) -> bool:
        """Check against a believed checkpoint and the proof of what stands at the index now. False: not yet so far.

        NotVerified where the checkpoint is of another log or the proof does not hold; with `check` = `receipt` where
        the promise was broken.
        """
        if checkpoint.origin != self.origin:
            raise NotVerified("receipt and checkpoint are of two logs", check="origin")
        if checkpoint.size <= self.index:
            return False
        verify_inclusion(self.index, checkpoint.size, leaf, proof, checkpoint.root)
        if leaf != self.leaf:
            raise NotVerified(
                f"record {self.index} of {self.origin} is not the one that the receipt promised: it was dropped or "
                "changed. Receipt and checkpoint together prove it",
                check="receipt",
            )
        return True


@dataclass(frozen=True, slots=True)
class Receipts:
    """Leaves from index `first` on have (or will have) these hashes: one note for all that came in together.

    Its lines: `ledger-receipts/v1`, the log, the first index, one leaf hash a line.
    """

    origin: str
    first: int
    leaves: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """What the log signs."""
        lines = [_HEAD_OF_MANY, self.origin, str(self.first), *map(base64.encode, self.leaves), ""]
        return "\n".join(lines)

    def signed(self, log: Signer) -> str:
        """The note to hand out, once the leaves are committed."""
        return str(Note(self.text).signed(log.sign(self.text)))

    def each(self) -> list[Receipt]:
        """The single promises."""
        return [Receipt(self.origin, self.first + k, leaf) for k, leaf in enumerate(self.leaves)]


def open_receipts(note: str | bytes, keys: Sequence[VerifierKey]) -> list[Receipt]:
    """The promises in a note of one or of many that one of the log's keys signed. Malformed, NotVerified as there."""
    parsed = _signed(note, keys)
    if not parsed.text.startswith(_HEAD_OF_MANY):
        return [open_receipt(note, keys)]
    lines = parsed.text.split("\n")
    if len(lines) < 5 or lines[0] != _HEAD_OF_MANY or not lines[1] or lines[-1]:
        raise Malformed("these are no receipts", check="receipt")
    leaves = tuple(base64.decode(line, "a leaf hash") for line in lines[3:-1])
    if any(len(leaf) != HASH_BYTES for leaf in leaves):
        raise Malformed("these are no receipts: a leaf hash has another length", check="receipt")
    return Receipts(lines[1], parse_number(lines[2], "the first index"), leaves).each()


def _signed(note: str | bytes, keys: Sequence[VerifierKey]) -> Note:
    parsed = parse(note)
    made = [(key, s) for s in parsed.signatures for key in keys if key.made(s)]
    if not made:
        raise NotVerified("the receipt is not signed by the log", check="log signature")
    for key, signature in made:
        key.verify(parsed.text, signature)
    return parsed


def open_receipt(note: str | bytes, keys: Sequence[VerifierKey]) -> Receipt:
    """The receipt in a note that one of the log's keys signed. Malformed, NotVerified where it is none."""
    lines = _signed(note, keys).text.split("\n")
    if len(lines) != 5 or lines[0] != _HEAD or not lines[1]:
        raise Malformed("this is no receipt", check="receipt")
    leaf = base64.decode(lines[3], "the leaf hash")
    if len(leaf) != HASH_BYTES:
        raise Malformed("this is no receipt: its leaf hash has another length", check="receipt")
    return Receipt(lines[1], parse_number(lines[2], "the index"), leaf)
