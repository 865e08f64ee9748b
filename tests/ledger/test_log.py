"""Nothing that was acknowledged is lost and no history is signed twice, whatever fails on the way."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.worlds import LOG, NORTH, ORIGIN, Database, Kept, entry, leaves, log_in, signer
from trucewatch.ledger import disk
from trucewatch.ledger.checkpoints import parse_checkpoint
from trucewatch.ledger.errors import LedgerError, NotVerified, Refused
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.keys import KeyType
from trucewatch.ledger.log import Log
from trucewatch.ledger.notes import parse
from trucewatch.ledger.tree import Tree


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def sound(folder: Path) -> int:
    """The size of the checkpoint, after every tile was compared with the root that it signs."""
    files = LedgerFiles(folder)
    note = files.checkpoint()
    assert note is not None
    checkpoint = parse_checkpoint(parse(note).text)
    tree = Tree(files.leaves(checkpoint.size))
    assert tree.root() == checkpoint.root
    assert list(files.wrong(tree)) == []
    return checkpoint.size


def test_a_checkpoint_is_signed_kept_and_written(tmp_path: Path) -> None:
    kept = Kept()
    log = log_in(tmp_path, kept)
    note = log.publish(Tree(leaves(0, 300)))
    assert kept.notes == [note] == [log.files.checkpoint()]
    LOG.verifier.verify(parse(note).text, parse(note).signatures[0])
    assert parse(note).text.startswith(f"{ORIGIN}\n300\n")
    assert sound(tmp_path) == 300
    assert log.publish(Tree(leaves(0, 300))) == note
    assert kept.notes == [note]


def test_an_empty_log_can_be_signed_and_continued(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.publish(Tree())
    assert sound(tmp_path) == 0
    log.publish(Tree(leaves(0, 1)))
    assert sound(tmp_path) == 1


def test_a_changed_dropped_inserted_or_moved_leaf_is_never_signed(tmp_path: Path) -> None:
    """Threats 1 and 2: 300 mutations, each refused and named."""
    log = log_in(tmp_path)
    good = leaves(0, 200)
    log.publish(Tree(good))
    draw = random.Random(2)
    for _ in range(300):
        bad, k = list(good), draw.randrange(200)
        kind = draw.choice(["change", "drop", "insert", "move"])
        if kind == "change":
            bad[k] = bytes([bad[k][0] ^ 1]) + bad[k][1:]
        elif kind == "drop":
            del bad[k]
        elif kind == "insert":
            bad.insert(k, bytes(32))
        else:
            other = (k + draw.randrange(1, 200)) % 200
            bad[k], bad[other] = bad[other], bad[k]
        with pytest.raises(Refused) as told:
            log.publish(Tree(bad))
        assert told.value.check == ("old copy" if kind == "drop" else "continuity")
        assert told.value.remedy
    assert sound(tmp_path) == 200


def test_an_old_copy_is_refused_at_start_with_a_remedy(tmp_path: Path) -> None:
    """Threat 5: a database from a hundred leaves ago beside the files of today."""
    kept, old = Kept(), Kept()
    log_in(tmp_path, old).publish(Tree(leaves(0, 200)))
    kept.notes = list(old.notes)
    log_in(tmp_path, kept).publish(Tree(leaves(0, 300)))
    restored = log_in(tmp_path, old)
    with pytest.raises(Refused, match="300") as told:
        restored.mend(Tree(leaves(0, 200)))
    assert "newest copy" in told.value.remedy
    with pytest.raises(Refused, match="older copy"):
        log_in(tmp_path, kept).mend(Tree(leaves(0, 200)))


def test_a_copy_that_went_on_by_itself_is_refused_at_start(tmp_path: Path) -> None:
    kept, fork = Kept(), Kept()
    log_in(tmp_path / "a", kept).publish(Tree(leaves(0, 200)))
    log_in(tmp_path / "b", fork).publish(Tree([*leaves(0, 199), bytes(32)]))
    shutil.copy(tmp_path / "b/checkpoint", tmp_path / "a/checkpoint")
    with pytest.raises(Refused, match="not those that were signed"):
        log_in(tmp_path / "a", kept).mend(Tree(leaves(0, 250)))


@pytest.mark.parametrize("broken", ["", "no note\n", "\xff"])
def test_a_broken_or_foreign_checkpoint_file_is_only_a_broken_cache(broken: str, tmp_path: Path) -> None:
    kept = Kept()
    note = log_in(tmp_path, kept).publish(Tree(leaves(0, 5)))
    (tmp_path / "checkpoint").write_bytes(broken.encode("latin-1"))
    assert log_in(tmp_path, kept).mend(Tree(leaves(0, 5))) == ["checkpoint"]
    assert log_in(tmp_path, kept).files.checkpoint() == note


def test_a_checkpoint_that_a_crash_kept_from_its_file_is_shown_at_the_next_try(tmp_path: Path) -> None:
    kept = Kept()
    note = log_in(tmp_path, kept).publish(Tree(leaves(0, 5)))
    (tmp_path / "checkpoint").unlink()
    log = log_in(tmp_path, kept)
    assert log.publish(log.resume()) == note == log.files.checkpoint()
    assert kept.notes == [note]


def test_a_log_does_not_go_on_from_what_others_signed(tmp_path: Path) -> None:
    thief = signer(ORIGIN, seed="a thief")
    kept = Kept()
    Log(ORIGIN, LedgerFiles(tmp_path), [thief], kept).publish(Tree(leaves(0, 5)))
    with pytest.raises(NotVerified):
        Log(ORIGIN, LedgerFiles(tmp_path), [LOG], Kept(), kept.notes[-1])
    Log(ORIGIN, LedgerFiles(tmp_path), [LOG], Kept(), kept.notes[-1], known=[thief.verifier])


def test_a_new_log_has_nothing_to_mend_and_one_beside_a_signed_file_is_refused(tmp_path: Path) -> None:
    assert log_in(tmp_path).mend(Tree(leaves(0, 5))) == []
    log_in(tmp_path).publish(Tree(leaves(0, 5)))
    with pytest.raises(Refused, match="knows of 0"):
        log_in(tmp_path).mend(Tree(leaves(0, 5)))


def test_leaves_that_were_committed_and_not_yet_signed_are_no_fault(tmp_path: Path) -> None:
    kept = Kept()
    log_in(tmp_path, kept).publish(Tree(leaves(0, 5)))
    log = log_in(tmp_path, kept)
    assert log.mend(Tree(leaves(0, 900))) == []
    log.publish(Tree(leaves(0, 900)))
    assert sound(tmp_path) == 900


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_001])
def test_a_log_goes_on_from_its_tiles_without_reading_its_leaves(size: int, tmp_path: Path) -> None:
    kept, more = Kept(), [1, 2, 254, 256, 700]
    log_in(tmp_path, kept).publish(Tree(leaves(0, size)))
    for step in more:
        log = log_in(tmp_path, kept)
        tree = log.resume()
        assert tree.size == size
        for leaf in leaves(size, size + step // 2):
            tree.append(leaf)
        tree.extend(leaves(size + step // 2, size + step))
        size += step
        log.publish(tree, lambda a, b: [entry(k) for k in range(a, b)])
        assert sound(tmp_path) == size
    assert Tree(leaves(0, size)).root() == log.resume().root()


def test_a_log_does_not_go_on_from_tiles_or_files_that_are_not_those_it_signed(tmp_path: Path) -> None:
    kept, old = Kept(), Kept()
    assert log_in(tmp_path / "new").resume().size == 0
    log_in(tmp_path, old).publish(Tree(leaves(0, 200)))
    kept.notes = list(old.notes)
    log_in(tmp_path, kept).publish(Tree(leaves(0, 300)))
    with pytest.raises(Refused, match="older copy"):
        log_in(tmp_path, old).resume()
    edge = tmp_path / "tile/0/001.p/44"
    edge.write_bytes(bytes(32) + edge.read_bytes()[32:])
    with pytest.raises(NotVerified, match="tiles"):
        log_in(tmp_path, kept).resume()
    edge.unlink()
    with pytest.raises(LedgerError, match="missing"):
        log_in(tmp_path, kept).resume()
    assert log_in(tmp_path, kept).mend(Tree(leaves(0, 300))) == ["tile/0/001.p/44"]
    log_in(tmp_path / "fork").publish(Tree([*leaves(0, 299), bytes(32)]))
    shutil.copy(tmp_path / "fork/checkpoint", tmp_path / "checkpoint")
    with pytest.raises(Refused, match="another copy"):
        log_in(tmp_path, kept).resume()


def test_a_folder_without_keys_names_none(tmp_path: Path) -> None:
    files = LedgerFiles(tmp_path)
    assert (files.keys(), files.checkpoint()) == ((), None)
    files.write_keys([LOG.verifier, NORTH.verifier])
    assert files.keys() == (LOG.verifier, NORTH.verifier)


def test_files_are_a_cache_and_are_made_anew_byte_for_byte(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.append([entry(k) for k in range(70_001)])
    log, folder = database.log(tmp_path / "ledger"), tmp_path / "ledger"
    log.publish(database.tree(), database.entries)
    before = files_of(folder)
    draw = random.Random(5)
    gone = draw.sample(sorted(before), 40)
    for name in gone[:20]:
        (folder / name).unlink()
    for name in gone[20:]:
        data = bytearray((folder / name).read_bytes())
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        (folder / name).write_bytes(data)
    assert sorted(log.mend(database.tree(), database.entries)) == sorted(gone)
    assert files_of(folder) == before
    shutil.rmtree(folder)
    log.mend(database.tree(), database.entries)
    assert files_of(folder) == before
    assert log.mend(database.tree(), database.entries) == []


def test_one_changed_byte_in_any_file_is_found_and_the_file_named(tmp_path: Path) -> None:
    """Threat 44: bit rot, in each kind of file."""
    log = log_in(tmp_path)
    for size in (300, 700):  # tiles of the older checkpoint stay and are looked at too
        tree = Tree(leaves(0, size))
        log.publish(tree, lambda a, b: [entry(k) for k in range(a, b)])
    draw = random.Random(7)
    for name, data in files_of(tmp_path).items():
        if not name.startswith("tile/"):
            continue
        for _ in range(10):
            changed = bytearray(data)
            changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            (tmp_path / name).write_bytes(changed)
            assert list(log.files.wrong(tree)) == [name]
        assert log.files.rebuild(tree, lambda a, b: [entry(k) for k in range(a, b)]) == [name]
        assert (tmp_path / name).read_bytes() == data
    assert list(log.files.wrong(tree)) == []


def test_a_bundle_that_cannot_be_made_anew_is_removed_and_named(tmp_path: Path) -> None:
    log, tree = log_in(tmp_path), Tree(leaves(0, 5))
    log.publish(tree, lambda a, b: [entry(k) for k in range(a, b)])
    path = tmp_path / "tile/entries/000.p/5"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert log.mend(tree) == ["tile/entries/000.p/5"]
    assert not path.exists()
    assert log.mend(tree) == []


def test_entries_that_are_not_those_of_the_tree_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not those of the tree"):
        log_in(tmp_path).publish(Tree(leaves(0, 5)), lambda a, b: [b"other"] * (b - a))
    assert not (tmp_path / "checkpoint").exists()


def test_cosignatures_are_put_under_the_checkpoint_where_they_hold(tmp_path: Path) -> None:
    kept = Kept()
    log = log_in(tmp_path, kept)
    with pytest.raises(LedgerError):
        log.add([], [NORTH.verifier])
    text = parse(log.publish(Tree(leaves(0, 5)))).text
    stranger = signer("stranger", KeyType.COSIGNATURE)
    note = log.add([NORTH.sign(text, 9), stranger.sign(text, 9)], [NORTH.verifier])
    assert [s.name for s in parse(note).signatures] == [ORIGIN, NORTH.verifier.name]
    assert kept.notes[-1] == note == log.files.checkpoint()
    assert log.add([NORTH.sign(text, 9)], [NORTH.verifier]) == note
    with pytest.raises(NotVerified):
        log.add([NORTH.sign(text + "x", 9)], [NORTH.verifier])
    assert log.files.checkpoint() == note
    assert log_in(tmp_path, kept).mend(Tree(leaves(0, 5))) == []


CALLS = ("open", "write", "fsync", "replace", "mkdir", "rename")


@contextmanager
def failing(n: int, error: int) -> Iterator[list[str]]:
    """The n-th call that writes to the disk fails; a call of `write` before it writes only half."""
    seen: list[str] = []
    real = {name: getattr(os, name) for name in CALLS}

    def counting(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not args[1] & (os.O_WRONLY | os.O_RDWR):
                return real[name](*args, **kwargs)
            seen.append(name)
            if len(seen) == n:
                raise OSError(error, os.strerror(error))
            return real[name](*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counting(name))
        yield seen


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["input or output error", "disk full"])
def test_an_error_at_any_call_leaves_old_or_new_and_the_next_try_goes_through(error: int, tmp_path: Path) -> None:
    """Threats 40 and 42: the n-th call fails, for n = 1, 2, 3 ... until none does."""
    n = 0
    while True:
        n += 1
        folder, kept = tmp_path / str(n), Kept()
        log = log_in(folder, kept)
        log.publish(Tree(leaves(0, 250)))
        tree = Tree(leaves(0, 520))
        failed = None
        with failing(n, error) as seen:
            try:
                log.publish(tree)
            except OSError as e:
                failed = e.errno
        assert failed in (None, error)
        assert sound(folder) in (250, 520)
        again = log_in(folder, kept)
        again.mend(tree)
        again.publish(tree)
        assert sound(folder) == 520
        assert not list(folder.rglob("*.tmp"))
        if failed is None:
            assert {"open", "write", "fsync", "mkdir"} <= set(seen)
            break
        shutil.rmtree(folder)
    assert n > 15


def test_the_fault_harness_catches_a_ledger_that_writes_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(batch: list[tuple[Path, bytes]]) -> None:
        for path, data in batch:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.write(handle, data)
            os.close(handle)

    monkeypatch.setattr(disk, "_write", in_place)
    with pytest.raises((AssertionError, LedgerError)):
        test_an_error_at_any_call_leaves_old_or_new_and_the_next_try_goes_through(errno.EIO, tmp_path)


def test_tiles_are_on_the_disk_before_the_size_is_signed_and_kept_before_it_is_shown(tmp_path: Path) -> None:
    order: list[str] = []
    files = LedgerFiles(tmp_path)

    def keep(note: str) -> None:
        order.append("kept")
        assert (tmp_path / "tile/0/000.p/5").exists()
        assert not (tmp_path / "checkpoint").exists()

    with pytest.MonkeyPatch.context() as patch:
        real = os.fsync
        patch.setattr(os, "fsync", lambda handle: (order.append("synced"), real(handle))[1])
        Log(ORIGIN, files, [LOG], keep).publish(Tree(leaves(0, 5)))
    at = order.index("kept")
    assert at >= 3  # the tile's bytes, and its folders
    assert "synced" in order[at:]


def kill_campaign(folder: Path, kills: int, seed: int = 1, *broken: str) -> int:
    """Kill the process at random moments; after each, everything acknowledged is there and the files come right."""
    folder.mkdir(exist_ok=True)
    draw = random.Random(seed)
    acked = 0
    for _ in range(kills):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.crashing", str(folder), *broken], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(draw.random() * 0.05)
        child.kill()
        told = [first, *child.stdout.readlines()]
        child.wait()
        acked = max([acked, *(int(line) for line in told if line.endswith("\n"))])
        database = Database(folder / "db")
        assert database.tree_size() >= acked
        log = database.log(folder / "ledger")
        signed = log.signed()
        log.mend(database.tree(), database.entries)
        if signed is not None:
            assert sound(folder / "ledger") == signed.size
        log.publish(database.tree(), database.entries)
        assert sound(folder / "ledger") == database.tree_size()
        notes = [parse_checkpoint(parse(n).text) for (n,) in database.connection.execute("SELECT note FROM checkpoint")]
        tree = database.tree()
        assert all(tree.root(c.size) == c.root for c in notes)
        database.connection.close()
    return acked


def test_what_was_acknowledged_survives_kills_at_any_moment(tmp_path: Path) -> None:
    """Threat 38, the short one."""
    assert kill_campaign(tmp_path / "m", kills=8) > 100


def test_the_kill_harness_catches_a_ledger_that_acknowledges_before_it_commits(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        kill_campaign(tmp_path / "m", 20, 1, "early")


@pytest.mark.soak
def test_what_was_acknowledged_survives_two_thousand_kills(tmp_path: Path) -> None:
    for k in range(20):
        kill_campaign(tmp_path / str(k), kills=100, seed=k)


def test_a_second_process_is_told_who_owns_the_ledger(tmp_path: Path) -> None:
    """Threat 43."""
    lock = tmp_path / "ledger/lock"
    code = (
        "import sys; from pathlib import Path; from trucewatch.ledger.disk import owner\n"
        f"with owner(Path({str(lock)!r})):\n    print('mine', flush=True); sys.stdin.read()"
    )
    with disk.owner(lock):
        pass
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "mine\n"
    with pytest.raises(Refused, match=str(child.pid)), disk.owner(lock):
        pass
    child.communicate()
    with disk.owner(lock):
        pass


def test_a_link_in_place_of_a_temporary_file_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "checkpoint.tmp").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic"):
        LedgerFiles(folder).write_checkpoint("x\n")
    assert outside.read_text() == "untouched"
