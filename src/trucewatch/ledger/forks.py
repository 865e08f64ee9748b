"""Proof of misconduct: two checkpoints that one log signed and that cannot both be of one history.

For equal sizes two roots are enough. For unequal ones the larger tree itself tells which root it had at the smaller
size (a consistency proof leads from that root to the one that was signed): another root than the log signed for that
size is the proof. Whoever has the log's key can check it, with no word of either party.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from trucewatch.ledger import base64
from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.keys import VerifierKey
from trucewatch.ledger.notes import MAX_NOTE_BYTES, Note, parse
from trucewatch.ledger.proofs import MOST_HASHES, consistency_proof, verify_consistency
from trucewatch.ledger.tree import Nodes, root_of

KIND = "ledger-fork/v1"
SUFFIX = ".fork.json"


@dataclass(frozen=True, slots=True)
class Fork:
    """The notes, the smaller tree's first, and how the larger tree looked at the smaller size."""

    first: str
    second: str
    root: bytes  # of the second's tree at the first's size
    proof: tuple[bytes, ...] = ()  # that it did

    @property
    def text(self) -> str:
        """The file that a party hands on."""
        said = {
            "kind": KIND,
            "first": self.first,
            "second": self.second,
            "root_of_second_at_size_of_first": base64.encode(self.root),
            "proof": [base64.encode(h) for h in self.proof],
        }
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"

    def check(self, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Checkpoint]:
        """Check that this convicts the log with these keys; its two heads. NotVerified, Malformed where it does not."""
        first, second = (_signed(note, keys) for note in (self.first, self.second))
        if first.origin != second.origin:
            raise NotVerified("the two checkpoints are of two logs", check="origin")
        if first.size == 0:
            raise NotVerified("every tree continues the empty one: this proves nothing", check="fork")
        verify_consistency(first.size, second.size, self.root, second.root, self.proof)
        if self.root == first.root:
            raise NotVerified("the two checkpoints agree: this proves nothing", check="fork")
        return first, second


def parse_fork(data: str | bytes) -> Fork:
    """Read a proof of misconduct. Malformed where it is none; that it holds is for `Fork.check`."""
    try:
        if len(data) > 3 * MAX_NOTE_BYTES:
            raise ValueError("too large")
        said = json.loads(data)
        first, second, proof = said["first"], said["second"], said["proof"]
        if said["kind"] != KIND or not all(isinstance(t, str) for t in (first, second, *proof)):
            raise ValueError("another kind")
        if len(proof) > MOST_HASHES:
            raise ValueError("too long")
        root = base64.decode(said["root_of_second_at_size_of_first"])
        return Fork(first, second, root, tuple(map(base64.decode, proof)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed) as e:
        raise Malformed("this is no proof of a fork, or it was changed", check="fork") from e


def compare(one: str, other: str, keys: Sequence[VerifierKey], nodes: Nodes) -> Fork | None:
    """The fork between two checkpoints of a log, None where one continues the other. `nodes`: of the larger's tree.

    LedgerError where that cannot be told: a note that the log did not sign, tiles that are not the larger's.
    """
    small, large = sorted(((_signed(note, keys), note) for note in (one, other)), key=lambda pair: pair[0].size)
    (first, first_note), (second, second_note) = small, large
    if first.origin != second.origin:
        raise NotVerified("the two checkpoints are of two logs", check="origin")
    if first.size == second.size:
        return None if first.root == second.root else Fork(first_note, second_note, second.root)
    if root_of(nodes, second.size) != second.root:
        raise NotVerified("the tiles are not those of the larger checkpoint: rebuild or fetch them", check="tiles")
    root = root_of(nodes, first.size)
    if root == first.root:
        return None
    return Fork(first_note, second_note, root, tuple(consistency_proof(nodes, first.size, second.size)))


def compare_folders(one: LedgerFiles, other: LedgerFiles, keys: Sequence[VerifierKey]) -> Fork | None:
    """The fork between two copies of a ledger, None where one continues the other.

    LedgerError where it cannot be told.
    """
    found = []
    for files in (one, other):
        note = files.checkpoint()
        if note is None:
            raise LedgerError(f"{files.root.name} holds no checkpoint", check="checkpoint")
        found.append((_signed(note, keys).size, note, files))
    size, _, larger = max(found, key=lambda f: f[0])
    return compare(found[0][1], found[1][1], keys, larger.nodes(size))


def _signed(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    parsed: Note = parse(note)
    made = [(key, s) for s in parsed.signatures for key in keys if key.made(s)]
    if not made:
        raise NotVerified("a checkpoint is not signed by the log: it convicts nobody", check="log signature")
    for key, signature in made:
        key.verify(parsed.text, signature)
    return parse_checkpoint(parsed.text)
