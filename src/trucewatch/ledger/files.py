"""The folder of a ledger, as C2SP tlog-tiles has it: `checkpoint`, `keys`, `tile/...`.

The leaves and the signed checkpoints are kept elsewhere (a database); all that is here can be made anew from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from trucewatch.ledger.disk import TEMPORARY, write_whole
from trucewatch.ledger.errors import LedgerError, Malformed
from trucewatch.ledger.keys import VerifierKey, parse_keys
from trucewatch.ledger.notes import MAX_NOTE_BYTES
from trucewatch.ledger.tiles import ENTRIES, WIDTH, Tile, TileNodes, bundle, entries_in, hashes_in, tile_bytes, tiles_of
from trucewatch.ledger.tree import Tree, leaf_hash

CHECKPOINT, KEYS = "checkpoint", "keys"
Entries = Callable[[int, int], Sequence[bytes]]  # the entries [start, end)


@dataclass(frozen=True)
class LedgerFiles:
    """Reads and writes the files below `root`."""

    root: Path

    def write_tiles(self, tree: Tree, since: int = 0, entries: Entries | None = None) -> int:
        """Write the tiles of a tree that the tree of `since` leaves had not, and bundles where entries are given.

        Returns how many. They are on the disk when it returns: only then may the size be signed.
        """
        wanted = tiles_of(tree.size, since, entries=entries is not None)
        return write_whole(self.root, ((tile.path, _bytes(tree, tile, entries)) for tile in wanted))

    def write_checkpoint(self, note: str) -> None:
        """Let the file `checkpoint` hold this note, at once and whole."""
        write_whole(self.root, [(CHECKPOINT, note.encode())])

    def write_keys(self, keys: Sequence[VerifierKey]) -> None:
        """Let the file `keys` hold these, one a line, the log's own first."""
        write_whole(self.root, [(KEYS, "".join(f"{key}\n" for key in keys).encode())])

    def checkpoint(self) -> str | None:
        """The note in `checkpoint`, not yet verified; None where there is none. Malformed where it is no text."""
        data = self._read(CHECKPOINT, MAX_NOTE_BYTES)
        return None if data is None else _text(CHECKPOINT, data)

    def keys(self) -> tuple[VerifierKey, ...]:
        """The keys of the file `keys`, none where there is no such file. Malformed at a line that is none."""
        data = self._read(KEYS, MAX_NOTE_BYTES)
        return () if data is None else parse_keys(_text(KEYS, data))

    def read_tile(self, tile: Tile) -> bytes:
        """The bytes of a tile; where a partial one is gone, the beginning of the full one.

        LedgerError where neither is.
        """
        for candidate in (tile, tile.whole):
            data = self._read(candidate.path, candidate.most_bytes)
            if data is not None:
                return data if candidate == tile else _beginning(data, tile)
        raise LedgerError(f"{tile.path} is missing", check="tile", remedy="Rebuild the tiles from the records")

    def nodes(self, size: int) -> TileNodes:
        """The nodes of the tree of `size` leaves."""
        return TileNodes(self.read_tile, size)

    def leaves(self, size: int) -> Iterator[bytes]:
        """All leaf hashes in order."""
        for tile in tiles_of(size):
            if tile.level:
                return
            yield from hashes_in(self.read_tile(tile), tile)

    def wrong(self, tree: Tree, entries: Entries | None = None) -> Iterator[str]:
        """Paths of tiles and bundles that are missing or not what the tree says, for as many leaves as it has.

        Bundles that are there are compared with the leaves even where no entries are given. So are partial tiles that
        stay for an older checkpoint.
        """
        return (self._found_at(tile).path for tile in self._wrong(tree, entries))

    def rebuild(self, tree: Tree, entries: Entries | None = None) -> list[str]:
        """Make tiles and bundles anew from the leaves where they are missing or wrong; returns their paths.

        A wrong bundle is removed where no entries are given to make it from.
        """
        tiles = list(self._wrong(tree, entries))
        bad = [self._found_at(tile).path for tile in tiles]
        for path in bad:
            (self.root / path).unlink(missing_ok=True)
        mend = (t for t in tiles if t.level != ENTRIES or entries is not None)
        write_whole(self.root, ((tile.path, _bytes(tree, tile, entries)) for tile in mend))
        return sorted(bad)

    def _wrong(self, tree: Tree, entries: Entries | None) -> Iterator[Tile]:
        for tile in tiles_of(tree.size, entries=True):
            for each in (tile, *self._older(tile)):
                if not self._right(each, tree, entries):
                    yield each

    def _right(self, tile: Tile, tree: Tree, entries: Entries | None) -> bool:
        try:
            data = self.read_tile(tile)
            if tile.level != ENTRIES or entries is not None:
                return data == _bytes(tree, tile, entries)
            return b"".join(map(leaf_hash, entries_in(data, tile))) == tree.row(0, tile.index * WIDTH, tile.width)
        except Malformed:
            return False
        except LedgerError:  # missing
            return tile.level == ENTRIES and entries is None

    def _older(self, tile: Tile) -> Iterator[Tile]:
        if not (self.root / f"{tile.whole.path}.p").is_dir():
            return
        for width in range(1, tile.width):
            older = Tile(tile.level, tile.index, width)
            if (self.root / older.path).exists():
                yield older

    def _found_at(self, tile: Tile) -> Tile:
        there = (self.root / tile.path).exists() or not (self.root / tile.whole.path).exists()
        return tile if there else tile.whole

    def prune(self, size: int, since: int = 0) -> None:
        """Remove partial tiles whose full one has come between `since` and `size` leaves."""
        for tile in tiles_of(size, since, entries=True):
            beside = self.root / (tile.whole.path + ".p")
            if tile.full and beside.is_dir() and (self.root / tile.path).exists():
                for old in beside.iterdir():
                    old.unlink()
                beside.rmdir()

    def sweep(self) -> None:
        """Remove temporary files that a crash left behind. Only their owner may."""
        for left in self.root.rglob(f"*{TEMPORARY}"):
            left.unlink(missing_ok=True)

    def _read(self, name: str, most: int) -> bytes | None:
        try:
            with (self.root / name).open("rb") as f:
                data = f.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as e:
            raise LedgerError(f"{name} cannot be read: {e.strerror}", check=name) from e
        if len(data) > most:
            raise Malformed(f"{name} is larger than {most:,} bytes: it was changed", check=name)
        return data


def _bytes(tree: Tree, tile: Tile, entries: Entries | None) -> bytes:
    if tile.level != ENTRIES:
        return tile_bytes(tree, tile)
    if entries is None:
        raise LedgerError("bundles are written from entries, and none were given")
    start = tile.index * WIDTH
    found = entries(start, start + tile.width)
    if b"".join(map(leaf_hash, found)) != tree.row(0, start, tile.width):
        raise LedgerError(f"entries {start} to {start + tile.width - 1} are not those of the tree", check="entries")
    return bundle(found)


def _beginning(data: bytes, tile: Tile) -> bytes:
    if tile.level == ENTRIES:
        return bundle(entries_in(data, tile.whole)[: tile.width])
    return b"".join(hashes_in(data, tile.whole)[: tile.width])


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Malformed(f"{name} is not UTF-8 text", check=name) from e
