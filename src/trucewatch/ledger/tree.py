"""The Merkle tree of RFC 6962, section 2.1: SHA-256, leaves and nodes hashed apart, append only.

`Tree` keeps every node (64 bytes a leaf), `Frontier` only what the next leaf needs (at most 63 hashes). Whatever gives
out complete nodes by level and index is `Nodes`; roots and proofs are made from that alone, so that memory and tiles
agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Protocol

from trucewatch.ledger.errors import LedgerError, Malformed

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"
_PAIR = 2 * HASH_BYTES
_CHUNK = 65_536


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry as a leaf: SHA-256(0x00 || entry)."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(_NODE + left + right).digest()


class Nodes(Protocol):
    """Gives out complete nodes: the root of the 2^level leaves from index * 2^level on. LedgerError where none."""

    def node(self, level: int, index: int) -> bytes:
        """The 32 bytes of a node."""
        ...


def peaks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Level and index of the complete subtrees that make up the leaves [start, end), from the left.

    `start` must be a multiple of the largest power of two that is not above end - start.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees of falling height, given from the left; the empty tree's where there are none."""
    if not hashes:
        return EMPTY_ROOT
    out = hashes[-1]
    for left in reversed(hashes[:-1]):
        out = node_hash(left, out)
    return out


def range_root(nodes: Nodes, start: int, end: int) -> bytes:
    """The root over the leaves [start, end), `start` as for `peaks`."""
    return fold([nodes.node(level, index) for level, index in peaks(start, end)])


def root_of(nodes: Nodes, size: int) -> bytes:
    """The root over the first `size` leaves. LedgerError where a node is missing or `size` is no size."""
    _check_size(size)
    return range_root(nodes, 0, size)


class Tree:
    """All nodes in memory. A leaf that was appended is never changed or removed."""

    __slots__ = ("_firsts", "_rows")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._rows: list[bytearray] = [bytearray()]
        self._firsts = [0]  # index of the first node held of each row: even
        self.extend(leaves)

    @classmethod
    def resume(cls, nodes: Nodes, size: int, height: int = 8) -> Tree:
        """Go on from the first `size` leaves without reading them: a tree that holds no node that nobody will ask for.

        It can be appended to, tells the root of every size from `size` on, and holds what the tiles of `height` levels
        need that are not full yet. LedgerError where `nodes` has not all of them. That they are the right ones is for
        the caller, who compares `root()` with what was signed.
        """
        _check_size(size)
        tree = cls()
        tree._rows, tree._firsts = [], []
        for level in range(max(1, size.bit_length())):
            count = size >> level
            tree._firsts.append(count >> height << height if level % height == 0 else count & ~1)
            tree._rows.append(bytearray(b"".join(nodes.node(level, k) for k in range(tree._firsts[level], count))))
        return tree

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._firsts[0] + len(self._rows[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> int:
        """Append a leaf hash and return its index. Malformed unless it has 32 bytes."""
        if len(leaf) != HASH_BYTES:
            raise Malformed(f"a leaf hash has {HASH_BYTES} bytes, this one {len(leaf)}", check="leaf hash")
        rows, level, index = self._rows, 0, self.size
        while True:
            row = rows[level]
            row += leaf
            if len(row) % _PAIR:
                return index
            leaf = sha256(_NODE + row[-_PAIR:]).digest()
            level += 1
            if level == len(rows):
                self._grow()

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append many leaf hashes. Malformed at one that has not 32 bytes; those before its chunk are in."""
        todo = iter(leaves)
        while chunk := list(islice(todo, _CHUNK)):
            if set(map(len, chunk)) != {HASH_BYTES}:
                raise Malformed(f"a leaf hash has {HASH_BYTES} bytes, one of these has not", check="leaf hash")
            self._add(b"".join(chunk))

    def _add(self, added: bytes) -> None:
        level = 0
        while added:
            if level == len(self._rows):
                self._grow()
            row = self._rows[level]
            first = len(row) // _PAIR * _PAIR
            row += added
            pairs = bytes(row[first : len(row) // _PAIR * _PAIR])
            added = b"".join([sha256(_NODE + pairs[i : i + _PAIR]).digest() for i in range(0, len(pairs), _PAIR)])
            level += 1

    def _grow(self) -> None:
        self._rows.append(bytearray())
        self._firsts.append(0)

    def node(self, level: int, index: int) -> bytes:
        """A complete node. LedgerError where the tree has none there."""
        return self.row(level, index, 1)

    def row(self, level: int, index: int, count: int) -> bytes:
        """`count` neighbouring complete nodes of a level, joined. LedgerError where the tree has not all of them."""
        if 0 <= level < len(self._rows) and count >= 0:
            start = (index - self._firsts[level]) * HASH_BYTES
            end = start + count * HASH_BYTES
            if start >= 0 and end <= len(self._rows[level]):
                return bytes(self._rows[level][start:end])
        raise LedgerError(f"this tree of {self.size:,} leaves holds no nodes {index} to {index + count - 1} at {level}")

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves, over all by default."""
        return root_of(self, self.size if size is None else size)


class Frontier:
    """The right edge of a tree: enough to append and to tell the root, in at most 63 hashes."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes`: roots of the complete subtrees from the left. Malformed where they do not fit `size`."""
        _check_size(size)
        if len(hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in hashes):
            raise Malformed(f"the edge of a tree of {size} leaves has {size.bit_count()} hashes of {HASH_BYTES} bytes")
        self._size = size
        self._peaks = list(hashes)

    @classmethod
    def of(cls, nodes: Nodes, size: int) -> Frontier:
        """The edge of the first `size` leaves."""
        _check_size(size)
        return cls(size, [nodes.node(level, index) for level, index in peaks(0, size)])

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, from the left."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Append a leaf hash. Malformed unless it has 32 bytes."""
        if len(leaf) != HASH_BYTES:
            raise Malformed(f"a leaf hash has {HASH_BYTES} bytes, this one {len(leaf)}", check="leaf hash")
        left, waiting = self._size, self._peaks
        while left & 1:
            leaf = sha256(_NODE + waiting.pop() + leaf).digest()
            left >>= 1
        waiting.append(leaf)
        self._size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append many leaf hashes."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves."""
        return fold(self._peaks)


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise Malformed(f"{size} is no size of a tree: 0 to 2^63 - 1", check="tree size")
