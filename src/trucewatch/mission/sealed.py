"""What a package proves by itself, step by step: files, signatures, publication, records. Nothing is recomputed here.

Each step believes only what the one before has shown, and says in words what holds. LedgerError where one does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from trucewatch.ledger import base64
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.notes import MAX_NOTE_BYTES
from trucewatch.ledger.policy import Opened, Policy
from trucewatch.ledger.proofs import verify_inclusion
from trucewatch.ledger.tiles import Tile, tile_bytes, tiles_of
from trucewatch.ledger.tlog_proof import SUFFIX, parse_proof
from trucewatch.ledger.tree import Tree
from trucewatch.publishing.package import records
from trucewatch.publishing.package.bag import DECLARATION, INFO, MANIFEST, PAYLOAD, TAG_MANIFEST
from trucewatch.publishing.package.names import (
    AUDITOR,
    CHECKPOINT,
    KEYS,
    LEDGER,
    POLICY,
    PROOFS,
    PUBLICATION,
    RECORDS,
    STAMPS,
    TILES,
)
from trucewatch.publishing.package.reading import Bag
from trucewatch.publishing.package.records import Shown

_TOP = {DECLARATION, INFO, MANIFEST, TAG_MANIFEST, CHECKPOINT, POLICY, KEYS, PUBLICATION}


class BagLedger(LedgerFiles):
    """The ledger's files as they lie in a package."""

    def __init__(self, bag: Bag) -> None:
        object.__setattr__(self, "root", bag.name)
        object.__setattr__(self, "bag", bag)

    def _read(self, name: str, most: int) -> bytes | None:
        bag: Bag = self.bag  # type: ignore[attr-defined]
        path = f"{LEDGER}/{name}"
        return bag.read(path, most) if path in bag.files.sizes else None


@dataclass
class Sealed:
    """A package whose signatures, publication and records hold. `body`: what the publication says."""

    bag: Bag
    opened: Opened
    number: int
    recorded_at: int
    body: dict[str, Any]
    shown: int = 0
    stamps: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether it holds every record: an auditor's."""
        return str(self.body["audience"]) == AUDITOR

    def records(self) -> Iterator[Shown]:
        """The records shown, in their order, each checked against its own leaf."""
        return map(records.parse, self.bag.lines(PAYLOAD + RECORDS))


def note_of(bag: Bag) -> bytes:
    """The bytes of the package's checkpoint."""
    return bag.read(CHECKPOINT, MAX_NOTE_BYTES)


def unseal(bag: Bag, policy: Policy, note: bytes) -> Sealed:
    """Believe the checkpoint, then the publication under it, then that this is what was published."""
    opened = policy.open(note)
    shown = records.parse(_only_line(bag, PUBLICATION))
    if shown.kind != "publication" or not shown.whole or shown.payload is None:
        raise NotVerified("the record that should say what was published is another one", check="publication")
    _proved(bag, shown.seq, shown.leaf, opened, note)
    body = shown.payload
    _as_published(bag, body)
    assert shown.recorded_at is not None
    return Sealed(bag, opened, shown.seq, shown.recorded_at, body)


def _as_published(bag: Bag, body: dict[str, Any]) -> None:
    """Check that the files are those of the publication, and that no others are there than packages have."""
    listed = {name.removeprefix(PAYLOAD): h for name, h in bag.listed.items() if name.startswith(PAYLOAD)}
    try:
        files, manifest, info = dict(body["files"]), str(body["manifest"]), str(body["info"])
        _ = str(body["audience"]), int(body["cut"]["at"]), str(body["cut"]["kind"]), str(body["day"])
    except (KeyError, TypeError, ValueError) as e:
        raise Malformed("the publication does not say what was published", check="publication") from e
    for name in sorted(set(files) | set(listed)):
        if files.get(name) != listed.get(name):
            what = "is not what was published" if name in files and name in listed else (
                "was published and is missing" if name in files else "was not published: somebody added it"
            )  # fmt: skip
            raise NotVerified(f"{PAYLOAD}{name} {what}", check="publication")
    if sha256(bag.read(MANIFEST)).hexdigest() != manifest or sha256(bag.read(INFO)).hexdigest() != info:
        raise NotVerified("the manifest is not the one that was published", check="publication")


def check_records(sealed: Sealed, note: bytes) -> None:
    """Check that every record shown stands in the ledger as it is shown, and that no other tag files are there."""
    bag, opened = sealed.bag, sealed.opened
    size, root = opened.checkpoint.size, opened.checkpoint.root
    tree, numbers = Tree(), []
    before = sealed.shown = 0
    prove = _all_there(sealed, tree) if sealed.whole else None
    for shown in sealed.records():
        if shown.seq <= before:
            raise NotVerified(f"record {shown.seq} is shown twice, or out of order", check="records")
        before = shown.seq
        sealed.shown += 1
        if prove is not None:
            prove(shown)
        else:
            numbers.append(shown.seq)
            _proved(bag, shown.seq, shown.leaf, opened, note)
    if sealed.whole:
        publication = records.parse(_only_line(bag, PUBLICATION))
        tree.extend([publication.leaf])
        if tree.size != size or tree.root() != root:
            raise NotVerified(
                "the records do not have the root that was signed: one was changed, dropped, added or moved",
                check="root",
            )
        _root_told(sealed.body, tree)
    _only(bag, size, {sealed.number, *numbers})
    _tiles(bag, size, root)


def _root_told(body: dict[str, Any], tree: Tree) -> None:
    """Check the root that the publication names of the ledger as it stood when the files were made."""
    size = body.get("records")
    if type(size) is not int or not 0 < size < tree.size or base64.encode(tree.root(size)) != body.get("root"):
        raise NotVerified("the root that the publication names is not that of the ledger then", check="root")


def _all_there(sealed: Sealed, tree: Tree) -> Callable[[Shown], None]:
    def add(shown: Shown) -> None:
        if shown.seq != tree.size + 1:
            raise NotVerified(f"record {tree.size + 1} is missing", check="records")
        tree.extend([shown.leaf])

    return add


def _proved(bag: Bag, seq: int, leaf: bytes, opened: Opened, note: bytes) -> None:
    proof = parse_proof(bag.read(f"{PROOFS}{seq}{SUFFIX}", 2 * MAX_NOTE_BYTES))
    if proof.checkpoint.encode() != note:
        raise NotVerified(f"the proof of record {seq} is under another checkpoint than the package", check="proof")
    if proof.index != seq - 1:
        raise NotVerified(f"the proof of record {seq} is that of another record", check="proof")
    try:
        verify_inclusion(proof.index, opened.checkpoint.size, leaf, proof.hashes, opened.checkpoint.root)
    except LedgerError as e:
        raise NotVerified(f"record {seq} is not what stands in the ledger under its number: it was changed, or is "
                          "not in it", check="inclusion") from e  # fmt: skip


def _only(bag: Bag, size: int, proved: set[int]) -> None:
    """No tag file but those of a package: manifests can be made anew by anybody, so what they list proves nothing."""
    tiles = {f"{LEDGER}/{tile.path}" for tile in tiles_of(size)}
    proofs = {f"{PROOFS}{seq}{SUFFIX}" for seq in proved}
    for name in bag.names():
        known = name in _TOP or name in proofs or name in tiles or name.startswith((PAYLOAD, STAMPS))
        if not known:
            raise NotVerified(
                f"the package holds {name!r}, which no package has: somebody added it", check="unlisted file"
            )


def _tiles(bag: Bag, size: int, root: bytes) -> None:
    if not bag.names(TILES):
        return
    files = BagLedger(bag)
    tree = Tree(files.leaves(size))
    if tree.root() != root:
        raise NotVerified("the tiles do not have the root that was signed: they were changed", check="tiles")
    for tile in tiles_of(size):
        _same(files, tree, tile)


def _same(files: LedgerFiles, tree: Tree, tile: Tile) -> None:
    if tile.level and files.read_tile(tile) != tile_bytes(tree, tile):
        raise NotVerified(f"{tile.path} is not what the leaves below it give: it was changed", check="tiles")


def _only_line(bag: Bag, name: str) -> bytes:
    lines = list(bag.lines(name))
    if len(lines) != 1:
        raise Malformed(f"{name} does not hold one record", check="publication")
    return lines[0]
