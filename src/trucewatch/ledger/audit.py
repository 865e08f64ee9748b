"""Reads a ledger from its files as a stranger would, believes nothing, and says what was checked.

Memory stays at the hashes of the leaves: entries are read bundle by bundle, tiles one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trucewatch.ledger.errors import LedgerError, NotVerified
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.policy import Opened, Policy
from trucewatch.ledger.tiles import ENTRIES, WIDTH, Tile, entries_in, tile_bytes, tiles_of
from trucewatch.ledger.tree import HASH_BYTES, Tree, leaf_hash


@dataclass(frozen=True, slots=True)
class Audit:
    """What holds: the checkpoint and its signatures; how many tiles and entries are as it says."""

    opened: Opened
    tiles: int
    entries: int
    tree: Tree


def audit(files: LedgerFiles, policy: Policy) -> Audit:
    """Check the checkpoint by the policy, every tile against the leaves, the leaves against the root, every entry.

    Entries that are not there are not missed: a public mirror may hold hashes alone. Malformed, NotVerified or
    LedgerError at the first file that is wrong, with its name where that can be told.
    """
    note = files.checkpoint()
    if note is None:
        raise LedgerError("there is no checkpoint: this is no ledger, or its head was removed", check="checkpoint")
    opened = policy.open(note)
    size = opened.checkpoint.size
    tree = Tree(files.leaves(size))
    tiles = 0
    for tile in tiles_of(size):
        if tile.level and files.read_tile(tile) != tile_bytes(tree, tile):
            raise NotVerified(f"{tile.path} is not what the leaves below it give: it was changed", check="tiles")
        tiles += 1
    if tree.root() != opened.checkpoint.root:
        raise NotVerified(
            "the leaves do not have the root that was signed: a record was changed, dropped, added or moved",
            check="root",
        )
    return Audit(opened, tiles, sum(_entries(files, tree)), tree)


def _entries(files: LedgerFiles, tree: Tree) -> Iterator[int]:
    for tile in _bundles(tree.size):
        if not (files.root / tile.path).exists() and not (files.root / tile.whole.path).exists():
            continue
        data = files.read_tile(tile)
        found = b"".join(map(leaf_hash, entries_in(data, tile)))
        right = tree.row(0, tile.index * WIDTH, tile.width)
        if found != right:
            k = next(
                k for k in range(0, len(found), HASH_BYTES) if found[k : k + HASH_BYTES] != right[k : k + HASH_BYTES]
            )
            number = tile.index * WIDTH + k // HASH_BYTES
            raise NotVerified(
                f"entry {number} in {tile.path} is not the one committed to: it was changed", check="entries"
            )
        yield tile.width


def _bundles(size: int) -> Iterator[Tile]:
    for tile in tiles_of(size, entries=True):
        if tile.level != ENTRIES:
            return
        yield tile
