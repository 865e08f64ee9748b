"""Checkpoints (C2SP tlog-checkpoint v1.0.0): how many leaves a log has and which root, in three lines that it signs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trucewatch.ledger import base64
from trucewatch.ledger.errors import Malformed
from trucewatch.ledger.tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log's tree. `extensions` are lines that no witness vouches for: read, never written by us."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise _bad("names no log in its first line")
        if not 0 <= self.size <= MAX_SIZE:
            raise _bad("has a size beyond 63 bits")
        if len(self.root) != HASH_BYTES:
            raise _bad(f"has a root of {len(self.root)} bytes instead of {HASH_BYTES}")

    @property
    def text(self) -> str:
        """The text of the note."""
        return "\n".join([self.origin, str(self.size), base64.encode(self.root), *self.extensions, ""])


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Malformed where it is not of the form, or an empty tree has leaves."""
    checkpoint = read_checkpoint(text)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise _bad("has size 0 and not the root of the empty tree")
    return checkpoint


def read_checkpoint(text: str) -> Checkpoint:
    """The same, without a look at the root of an empty tree: a witness must see who signed that."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise _bad("does not have three full lines: log, size, root")
    return Checkpoint(
        lines[0], parse_number(lines[1], "the size"), base64.decode(lines[2], "the root"), (*lines[3:-1],)
    )


def parse_number(text: str, what: str) -> int:
    """A number of a tree from ASCII digits without leading zeros, below 2^63. Malformed else."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise Malformed(f"{what} is no number of 0 to 2^63 - 1 without leading zeros: {text[:30]!r}", check="number")
    return int(text)


def _bad(what: str) -> Malformed:
    return Malformed(f"the checkpoint {what}", check="checkpoint")
