"""Tiles and entry bundles (C2SP tlog-tiles v0.1.0): which there are, where each lies, and what is in it.

A tile of level L holds up to 256 neighbouring hashes of the tree's level 8 L. Only complete nodes are in tiles: what a
partial tile holds is never hashed upward. Reading and writing files is for `files`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trucewatch.ledger.errors import LedgerError, Malformed
from trucewatch.ledger.tree import HASH_BYTES, Tree

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_ENTRY_BYTES = 65_535
_MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """One file: `level` -1 is a bundle of entries, `width` the number of hashes or entries in it, 256 if it is full."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= _MAX_LEVEL and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise Malformed(f"there is no tile of level {self.level}, index {self.index}, width {self.width}")

    @property
    def path(self) -> str:
        """Where it lies below the ledger's folder, with `/`."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[k : k + 3] for k in range(0, len(digits), 3)]
        where = "/".join([f"x{g}" for g in groups[:-1]] + groups[-1:])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{where}" + ("" if self.full else f".p/{self.width}")

    @property
    def full(self) -> bool:
        """Whether it holds all that will ever be in it."""
        return self.width == WIDTH

    @property
    def most_bytes(self) -> int:
        """More than this no such file has."""
        return self.width * (2 + MAX_ENTRY_BYTES if self.level == ENTRIES else HASH_BYTES)

    @property
    def whole(self) -> Tile:
        """The full tile that this one will become."""
        return Tile(self.level, self.index)


ENTRIES = -1


def parse_path(path: str) -> Tile:
    """The tile at a path. Malformed where no tile is written that way."""
    match = _PATH.fullmatch(path)
    if match:
        level, where, width = match.groups()
        index = int(where.replace("x", "").replace("/", ""))
        number = ENTRIES if level == "entries" else int(level)
        if number <= _MAX_LEVEL and int(width or 1) < WIDTH:
            tile = Tile(number, index, int(width or WIDTH))
            if tile.path == path:  # neither padded nor short
                return tile
    raise Malformed(f"no tile has the path {path[:100]!r}", check="tile path")


def tiles_of(size: int, since: int = 0, *, entries: bool = False) -> Iterator[Tile]:
    """The tiles of a tree of `size` leaves, from the leaves up, without those that the tree of `since` leaves had.

    With `entries` the bundles come first.
    """
    if not 0 <= since <= size:
        raise LedgerError(f"a tree of {size} leaves does not continue one of {since}")
    if entries and size > since:
        yield from _row(ENTRIES, since, size)
    level = 0
    while size > since:
        yield from _row(level, since, size)
        level, size, since = level + 1, size >> HEIGHT, since >> HEIGHT


def _row(level: int, since: int, size: int) -> Iterator[Tile]:
    for index in range(since // WIDTH, -(-size // WIDTH)):
        yield Tile(level, index, min(WIDTH, size - index * WIDTH))


def tile_bytes(tree: Tree, tile: Tile) -> bytes:
    """The hashes of a tile. LedgerError where the tree has not all of them yet."""
    return tree.row(tile.level * HEIGHT, tile.index * WIDTH, tile.width)


class TileNodes:
    """The nodes of a tree of `size` leaves, read from its tiles: only files that a proof needs, the last ones kept.

    `read` gives the bytes of a tile. What is read is checked for its length here and for its truth by whoever compares
    a root or a proof with a signed checkpoint.
    """

    def __init__(self, read: Callable[[Tile], bytes], size: int, keep: int = 256) -> None:
        self.size = size
        self._read = read
        self._tree = lru_cache(keep)(self._load)

    def node(self, level: int, index: int) -> bytes:
        """A complete node. LedgerError where the tree has none there."""
        if min(level, index) < 0 or (index + 1) << level > self.size:
            raise LedgerError(f"a tree of {self.size:,} leaves has no node {index} at {level}")
        high, inner = divmod(level, HEIGHT)
        at, offset = divmod(index << inner, WIDTH)
        return self._tree(high, at).node(inner, offset >> inner)

    def _load(self, level: int, index: int) -> Tree:
        tile = Tile(level, index, min(WIDTH, (self.size >> HEIGHT * level) - index * WIDTH))
        return Tree(hashes_in(self._read(tile), tile))


def hashes_in(data: bytes, tile: Tile) -> list[bytes]:
    """The hashes of a tile's bytes. Malformed unless there are exactly `width`."""
    if len(data) != tile.width * HASH_BYTES:
        raise Malformed(
            f"{tile.path} has {len(data)} bytes instead of {tile.width * HASH_BYTES}: it was cut or changed",
            check="tile",
            remedy="Rebuild the tiles from the records",
        )
    return [data[k : k + HASH_BYTES] for k in range(0, len(data), HASH_BYTES)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as a bundle: each as its length in two bytes, big-endian, and its bytes.

    Malformed where one is too long.
    """
    out: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise Malformed(f"an entry has {len(entry):,} bytes; at most {MAX_ENTRY_BYTES:,} go into a leaf")
        out += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(out)


def entries_in(data: bytes, tile: Tile) -> Sequence[bytes]:
    """The entries of a bundle. Malformed unless there are exactly `width` and nothing else."""
    out: list[bytes] = []
    at = 0
    while at < len(data) and len(out) < tile.width:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        out.append(data[start:at])
    if at != len(data) or len(out) != tile.width:
        raise Malformed(
            f"{tile.path} does not hold exactly {tile.width} entries: it was cut or changed", check="entries"
        )
    return out
