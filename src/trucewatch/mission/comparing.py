"""`verify --compare A B`: whether two copies of a ledger are of one history; where not, the proof of misconduct.

A and B: a package, a mission's folder, a ledger's folder, or a single checkpoint or proof file. Each party brings the
one that it was shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint
from trucewatch.ledger.disk import write_whole
from trucewatch.ledger.errors import LedgerError, Malformed
from trucewatch.ledger.files import CHECKPOINT, LedgerFiles
from trucewatch.ledger.forks import SUFFIX, Fork, compare
from trucewatch.ledger.keys import KeyType, VerifierKey
from trucewatch.ledger.notes import MAX_NOTE_BYTES, parse
from trucewatch.ledger.policy_file import read_policy
from trucewatch.ledger.tlog_proof import parse_proof
from trucewatch.ledger.tree import Nodes, Tree
from trucewatch.mission.sealed import BagLedger, note_of
from trucewatch.model.errors import Fault, Refusal
from trucewatch.publishing.package.names import POLICY, TILES
from trucewatch.publishing.package.reading import NotAPackage, open_bag

_PROOF = "c2sp.org/tlog-proof"


@dataclass(frozen=True)
class Head:
    """A signed head of a ledger, where it came from, the files of its tree and the keys that came with it, if any."""

    name: str
    note: str
    files: LedgerFiles | None
    keys: tuple[VerifierKey, ...]

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says."""
        return parse_checkpoint(parse(self.note).text)


@dataclass(frozen=True)
class Compared:
    """Two heads, the smaller first; the fork between them with its file, or None."""

    first: Head
    second: Head
    fork: Fork | None
    path: Path | None
    keys: tuple[VerifierKey, ...]

    @property
    def words(self) -> str:
        """What was found."""
        a, b = self.first.checkpoint, self.second.checkpoint
        if self.fork is None and a.size == b.size:
            return f"both are the same ledger of {a.size:,} records"
        if self.fork is None:
            return f"one history: the ledger of {b.size:,} records continues that of {a.size:,}"
        return (
            f"{a.origin} signed two histories: its ledger of {a.size:,} records and that of {b.size:,} cannot both be "
            "true. One of the two was shown something that the other was not"
        )


def compare_heads(one: Path, other: Path, keys: Sequence[VerifierKey] | None, out: Path | None = None) -> Compared:
    """Compare, and write the proof of misconduct where there is one to `out`, by default into the present folder.

    `keys`: of the log; those that came with the two where none are given. `Refusal` where a side cannot be read, or the
    larger one has no tree; LedgerError where it is not what the log signed.
    """
    heads = sorted((_head(one), _head(other)), key=lambda h: h.checkpoint.size)
    known = tuple(keys) if keys is not None else _brought(heads)
    first, second = heads
    fork = compare(first.note, second.note, known, _nodes(first, second))
    path = None if fork is None else _written(fork, second.checkpoint.origin, out)
    return Compared(first, second, fork, path, known)


def _brought(heads: Sequence[Head]) -> tuple[VerifierKey, ...]:
    found = dict.fromkeys(k for head in heads for k in head.keys if k.type is KeyType.NOTE)
    if not found:
        raise Refusal(Fault("neither of the two brings the log's key", "Name a file of keys or a policy with --keys"))
    return tuple(found)


def _nodes(first: Head, second: Head) -> Nodes:
    """The nodes of the larger's tree."""
    size = second.checkpoint.size
    if size == first.checkpoint.size:
        return Tree()  # two roots tell it
    files = second.files or None
    if files is None:
        raise Refusal(
            Fault(
                f"{second.name} is the larger of the two and has no tree to look into",
                "Bring the mission's folder, its ledger folder, or an auditor's package of that day",
            )
        )
    return files.nodes(size)


def _head(path: Path) -> Head:
    try:
        if path.is_dir() and (path / "ledger" / CHECKPOINT).is_file() and not (path / "bagit.txt").is_file():
            return _of_folder(path.name, LedgerFiles(path / "ledger"))
        if path.is_dir() and (path / CHECKPOINT).is_file():
            return _of_folder(path.name, LedgerFiles(path))
        if path.is_file() and not _is_zip(path):
            return _of_file(path)
        bag = open_bag(path)
        policy = read_policy(bag.read(POLICY))
        files = BagLedger(bag) if bag.names(TILES) else None
        return Head(path.name, _text(path, note_of(bag)), files, tuple(k.key for k in policy.log_keys))
    except NotAPackage as e:
        raise Refusal(Fault(e.what, "Name a package, a mission's folder, a ledger's folder or a checkpoint")) from e
    except OSError as e:
        raise Refusal(Fault(f"{path.name} cannot be read: {e.strerror}", "Check the path and its permissions")) from e


def _of_folder(name: str, files: LedgerFiles) -> Head:
    note = files.checkpoint()
    if note is None:
        raise LedgerError(f"{name} holds no checkpoint", check="checkpoint")
    return Head(name, note, files, files.keys())


def _of_file(path: Path) -> Head:
    text = _text(path, path.read_bytes()[: 2 * MAX_NOTE_BYTES])
    note = parse_proof(text).checkpoint if text.startswith(_PROOF) else text
    parse_checkpoint(parse(note).text)
    return Head(path.name, note, None, ())


def _text(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Malformed(f"the checkpoint of {path.name} is not UTF-8", check="checkpoint") from e


def _is_zip(path: Path) -> bool:
    with path.open("rb") as f:
        return f.read(2) == b"PK"


def _written(fork: Fork, origin: str, out: Path | None) -> Path:
    path = out or Path(re.sub(r"[^A-Za-z0-9]+", "-", origin).strip("-") + SUFFIX)
    write_whole(path.parent, [(path.name, fork.text.encode())])
    return path
