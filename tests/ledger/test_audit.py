"""Whoever holds the files can check them alone, and is told which file or record is wrong."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.ledger.worlds import LOG, NEUTRAL, NORTH, ORIGIN, entry, leaves, log_in, policy, signer
from trucewatch.ledger.audit import audit
from trucewatch.ledger.checkpoints import Checkpoint
from trucewatch.ledger.errors import LedgerError, NotVerified
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.notes import Note, parse
from trucewatch.ledger.policy import LogKey, Policy
from trucewatch.ledger.tiles import ENTRIES, Tile, bundle
from trucewatch.ledger.tree import Tree, leaf_hash

SIZE = 300


def entries(start: int, end: int) -> list[bytes]:
    return [entry(k) for k in range(start, end)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    log = log_in(folder)
    text = parse(log.publish(Tree(leaves(0, SIZE)), entries)).text
    log.add([w.sign(text, 1_700_000_000) for w in (NORTH, NEUTRAL)], [NORTH.verifier, NEUTRAL.verifier])
    return folder


@pytest.fixture
def files(made: Path, tmp_path: Path) -> LedgerFiles:
    shutil.copytree(made, tmp_path / "copy")
    return LedgerFiles(tmp_path / "copy")


def test_a_sound_ledger_is_told_with_what_was_checked(files: LedgerFiles) -> None:
    found = audit(files, policy())
    assert (found.opened.checkpoint.size, found.entries, found.tiles) == (SIZE, SIZE, 3)
    assert [w.key.name for w in found.opened.missing] == ["south.example/w"]
    shutil.rmtree(files.root / "tile/entries")
    assert audit(files, policy()).entries == 0


def test_each_record_that_an_insider_changed_is_named_by_its_number(files: LedgerFiles) -> None:
    """Threat 1: 1,000 of 1,000."""
    draw = random.Random(8)
    named = 0
    for k in draw.choices(range(SIZE), k=1_000):
        tile = Tile(ENTRIES, k // 256, min(256, SIZE - k // 256 * 256))
        path = files.root / tile.path
        data = path.read_bytes()
        some = entries(tile.index * 256, tile.index * 256 + tile.width)
        some[k % 256] = draw.choice([b"", b"x", some[k % 256] + b"0", draw.randbytes(40)])
        path.write_bytes(bundle(some))
        with pytest.raises(NotVerified, match=rf"entry {k} in tile/entries/"):
            audit(files, policy())
        path.write_bytes(data)
        named += 1
    assert named == 1_000
    audit(files, policy())


def test_an_insider_who_rewrites_all_tiles_is_caught_by_the_root(files: LedgerFiles) -> None:
    bad = [*leaves(0, 99), leaf_hash(b"forged"), *leaves(100, SIZE)]
    files.write_tiles(Tree(bad))
    with pytest.raises(NotVerified, match="root that was signed"):
        audit(files, policy())


def test_an_upper_tile_that_does_not_fit_is_named(files: LedgerFiles) -> None:
    path = files.root / "tile/1/000.p/1"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])
    with pytest.raises(NotVerified, match=r"tile/1/000\.p/1"):
        audit(files, policy())


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
def test_a_missing_empty_cut_or_swapped_file_is_told_in_one_sentence(name: str, files: LedgerFiles) -> None:
    path = files.root / name
    good = path.read_bytes()
    for bad in (
        b"",
        good[:-1],
        good[: len(good) // 2],
        good + b"x",
        good.replace(b"\n", b"\r\n") + b"\r",
        b"\xff" * 40,
    ):
        path.write_bytes(bad)
        with pytest.raises(LedgerError) as told:
            audit(files, policy())
        assert "\n" not in told.value.what
    path.unlink()
    with pytest.raises(LedgerError, match=r"missing|no checkpoint"):
        audit(files, policy())


def test_an_oversized_checkpoint_is_not_read_to_its_end(files: LedgerFiles) -> None:
    with (files.root / "checkpoint").open("ab") as f:
        f.truncate(50_000_000)
    with pytest.raises(LedgerError, match="larger"):
        audit(files, policy())


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/entries/000"])
def test_a_folder_in_place_of_a_file_is_told(name: str, files: LedgerFiles) -> None:
    (files.root / name).unlink()
    (files.root / name).mkdir()
    with pytest.raises(LedgerError, match="cannot be read"):
        audit(files, policy())


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/000"])
def test_a_tile_without_end_is_not_read_to_its_end(name: str, files: LedgerFiles) -> None:
    with (files.root / name).open("ab") as f:
        f.truncate(10_000_000_000)
    with pytest.raises(LedgerError, match="larger"):
        audit(files, policy())


def test_a_signed_size_without_tiles_behind_it_is_told_at_once(files: LedgerFiles) -> None:
    text = Checkpoint(ORIGIN, 2**62, bytes(32)).text
    (files.root / "checkpoint").write_text(str(Note(text).signed(LOG.sign(text))), "utf-8")
    with pytest.raises(LedgerError, match="missing"):
        audit(files, Policy(ORIGIN, (LogKey(LOG.verifier),)))


def test_the_ledger_of_another_mission_and_the_key_of_another_log_are_told_as_such(files: LedgerFiles) -> None:
    other = signer("other.example/log")
    with pytest.raises(NotVerified, match="another log"):
        audit(files, Policy("other.example/log", (LogKey(other.verifier),)))
    with pytest.raises(NotVerified, match="not signed by"):
        audit(files, Policy(ORIGIN, (LogKey(signer(ORIGIN, seed="another").verifier),)))
    assert audit(files, Policy(ORIGIN, (LogKey(LOG.verifier),))).entries == SIZE
