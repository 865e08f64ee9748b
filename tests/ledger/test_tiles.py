"""Tiles lie where tlog-tiles says, hold what it says, and give the same nodes as the tree in memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.ledger.vectors import VECTORS
from trucewatch.ledger.errors import LedgerError, Malformed
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.proofs import consistency_proof, inclusion_proof
from trucewatch.ledger.tiles import ENTRIES, Tile, bundle, entries_in, parse_path, tile_bytes, tiles_of
from trucewatch.ledger.tree import Tree, leaf_hash, root_of


def tree_of(size: int) -> Tree:
    return Tree(leaf_hash(b"%d" % k) for k in range(size))


def entries(start: int, end: int) -> list[bytes]:
    return [b"%d" % k for k in range(start, end)]


@pytest.mark.parametrize(("index", "where"), VECTORS["tiles"]["paths"])
def test_a_tile_lies_where_the_format_says(index: int, where: str) -> None:
    assert Tile(0, index).path == f"tile/0/{where}"
    assert Tile(63, index, 7).path == f"tile/63/{where}.p/7"
    assert Tile(ENTRIES, index).path == f"tile/entries/{where}"
    for tile in (Tile(0, index), Tile(63, index, 255), Tile(ENTRIES, index, 1)):
        assert parse_path(tile.path) == tile


ODD = ["tile/0/x000/123", "tile/64/000", "tile/00/000", "tile/0/1000", "tile/0/000.p/01", "tile/0/000/", "tile/0/٣٣٣"]
ODD += ["tile/0/x001/x23/456", "/tile/0/000", "tile/8/0/000", "tile/entries/000.p/256", "tile/0/000\n", ""]


@pytest.mark.parametrize("path", [*VECTORS["tiles"]["bad_paths"], *ODD])
def test_no_tile_has_a_path_of_another_form(path: str) -> None:
    with pytest.raises(Malformed):
        parse_path(path)


@pytest.mark.parametrize("size", ["256", "70000"])
def test_a_tree_has_the_tiles_that_the_format_counts(size: str) -> None:
    known = VECTORS["tiles"]["tiles_of_size"][size]
    tiles = list(tiles_of(int(size)))
    assert Counter(t.level for t in tiles if t.full) == {int(k): n for k, n in known["full"].items()}
    assert {t.level: t.width for t in tiles if not t.full} == {int(k): n for k, n in known["partial"].items()}


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 300, 65_535, 65_536, 65_537, 70_001])
def test_proofs_from_tiles_are_those_from_memory(size: int, tmp_path: Path) -> None:
    tree, files = tree_of(size), LedgerFiles(tmp_path)
    assert files.write_tiles(tree, 0, entries) == len(list(tiles_of(size, entries=True)))
    nodes = files.nodes(size)
    assert root_of(nodes, size) == tree.root()
    assert list(files.leaves(size)) == [tree.node(0, k) for k in range(size)]
    for k in {0, size // 3, size // 2, size - 1} if size else ():
        assert inclusion_proof(nodes, k, size) == inclusion_proof(tree, k, size)
        assert consistency_proof(nodes, k + 1, size) == consistency_proof(tree, k + 1, size)


def test_step_by_step_the_same_files_come_about_as_at_once(tmp_path: Path) -> None:
    step, once = LedgerFiles(tmp_path / "step"), LedgerFiles(tmp_path / "once")
    tree, since = Tree(), 0
    for size in (1, 2, 255, 256, 257, 300, 512, 513, 66_000):
        tree.extend(leaf_hash(b"%d" % k) for k in range(tree.size, size))
        step.write_tiles(tree, since, entries)
        step.prune(size, since)
        since = size
    once.write_tiles(tree, 0, entries)
    first = {p.relative_to(once.root): p.read_bytes() for p in once.root.rglob("*") if p.is_file()}
    second = {p.relative_to(step.root): p.read_bytes() for p in step.root.rglob("*") if p.is_file()}
    assert {p: second[p] for p in first} == first
    assert not [p for p in step.root.rglob("*.p") if (p.parent / p.name.removesuffix(".p")).exists()]


def test_only_what_is_new_is_written() -> None:
    assert [t.path for t in tiles_of(300, 256)] == ["tile/0/001.p/44"]
    assert [t.path for t in tiles_of(512, 511)] == ["tile/0/001", "tile/1/000.p/2"]
    assert list(tiles_of(300, 300, entries=True)) == []
    with pytest.raises(LedgerError):
        list(tiles_of(3, 4))


def test_where_a_partial_tile_was_removed_the_full_one_serves(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path)
    files.write_tiles(tree_of(300), 0, entries)
    small = files.nodes(200)
    assert root_of(small, 200) == tree_of(200).root()
    assert entries_in(files.read_tile(Tile(ENTRIES, 0, 3)), Tile(ENTRIES, 0, 3)) == entries(0, 3)


def test_nodes_that_the_tiles_do_not_have_are_not_given_out(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path)
    files.write_tiles(tree_of(300))
    nodes = files.nodes(300)
    for level, index in ((0, 300), (8, 1), (2, 75), (-1, 0), (0, -1), (60, 0)):
        with pytest.raises(LedgerError):
            nodes.node(level, index)
    with pytest.raises(LedgerError, match="missing"):
        files.nodes(1_000).node(0, 999)


def test_a_cut_tile_is_told_and_never_read_past(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path)
    files.write_tiles(tree_of(300))
    path = tmp_path / "tile/0/000"
    for data in (b"", path.read_bytes()[:-1], path.read_bytes() + b"x"):
        path.write_bytes(data)
        with pytest.raises(Malformed, match="tile/0/000"):
            files.nodes(300).node(0, 0)


def test_a_bundle_holds_each_entry_with_its_length() -> None:
    some = [b"", b"a", bytes(65_535)]
    data = bundle(some)
    assert data[:5] == b"\x00\x00\x00\x01a"
    assert entries_in(data, Tile(ENTRIES, 0, 3)) == some
    for wrong in (data[:-1], data + b"\x00", data + b"\x00\x00", b"\x00", b""):
        with pytest.raises(Malformed):
            entries_in(wrong, Tile(ENTRIES, 0, 3))
    with pytest.raises(Malformed):
        bundle([bytes(65_536)])


def test_the_longest_entries_are_written_and_read_back(tmp_path: Path) -> None:
    long = [bytes([k]) * 65_535 for k in range(3)]
    files, tree = LedgerFiles(tmp_path), Tree(map(leaf_hash, long))
    files.write_tiles(tree, 0, lambda a, b: long[a:b])
    assert entries_in(files.read_tile(Tile(ENTRIES, 0, 3)), Tile(ENTRIES, 0, 3)) == long
    assert list(files.wrong(tree)) == []


def test_a_tile_that_cannot_be_full_yet_is_not_made() -> None:
    with pytest.raises(LedgerError):
        tile_bytes(tree_of(300), Tile(0, 1))
    for level, index, width in ((-2, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(Malformed):
            Tile(level, index, width)
