"""Threat 39: power fails at any moment. What was signed can be proved, what was answered is remembered."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from tests.ledger.power import Event, Recorder, after_power_loss
from tests.ledger.test_log import sound
from tests.ledger.test_witness import GOOD, cosigner, request
from tests.ledger.worlds import LOG, ORIGIN, Kept, entry, leaves, log_in
from trucewatch.ledger.checkpoints import parse_checkpoint
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.log import Log
from trucewatch.ledger.notes import parse
from trucewatch.ledger.tree import Tree

STEPS = (1, 3, 250, 256, 257, 600)
LAST = STEPS[-1]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The power of the real disk does not fail here: its syncs are left out."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


def entries(start: int, end: int) -> list[bytes]:
    return [entry(k) for k in range(start, end)]


def record_log(folder: Path, forget: str = "") -> list[Event]:
    """A log that publishes six sizes; each note is marked when the database has it."""
    folder.mkdir()
    recorder = Recorder(folder, forget)
    log, tree = Log(ORIGIN, LedgerFiles(folder / "ledger"), [LOG], recorder.mark), Tree()
    with recorder.on():
        for size in STEPS:
            tree.extend(leaves(tree.size, size))
            log.publish(tree, entries)
    return recorder.events


def check_log(events: list[Event], runs: int, seed: int, scratch: Path) -> None:
    draw = random.Random(seed)
    for _ in range(runs):
        at = draw.randint(0, len(events))
        shutil.rmtree(scratch, ignore_errors=True)
        after_power_loss(events[:at], scratch, draw)
        kept = Kept([note for kind, note in events[:at] if kind == "mark"])
        folder = scratch / "ledger"
        if kept.notes:
            signed = parse_checkpoint(parse(kept.notes[-1]).text)
            there = Tree(leaves(0, signed.size))
            assert list(LedgerFiles(folder).wrong(there, entries)) == []  # safe before the size was signed
        if (folder / "checkpoint").exists():
            assert (folder / "checkpoint").read_text("utf-8") in kept.notes
        tree = Tree(leaves(0, LAST))
        log_in(folder, kept).mend(tree, entries)
        log_in(folder, kept).publish(tree, entries)
        assert sound(folder) == LAST
        assert not list(folder.rglob("*.tmp"))


def record_witness(folder: Path, forget: str = "") -> list[Event]:
    """A witness that signs six sizes; each answer is marked when it is given."""
    folder.mkdir()
    recorder = Recorder(folder, forget)
    with recorder.on():
        witness = cosigner(folder)
        recorder.mark(-1)
        for old, size in ((0, 1), (1, 7), (7, 16), (16, 40), (40, 60)):
            assert witness.add_checkpoint(request(GOOD, old, size)).status == 200
            recorder.mark(size)
    return recorder.events


def check_witness(events: list[Event], runs: int, seed: int, scratch: Path) -> None:
    draw = random.Random(seed)
    for _ in range(runs):
        at = draw.randint(0, len(events))
        shutil.rmtree(scratch, ignore_errors=True)
        after_power_loss(events[:at], scratch, draw)
        answered = [size for kind, size in events[:at] if kind == "mark"]
        if not answered:
            continue
        assert (scratch / "north.json").exists()
        witness = cosigner(scratch)
        size = max(answered[-1], 0)
        asked = witness.add_checkpoint(request(GOOD, size, 60))
        assert asked.status == 200 or int(asked.body) > size


def test_a_log_survives_power_loss_at_any_moment(tmp_path: Path) -> None:
    check_log(record_log(tmp_path / "real"), 60, 1, tmp_path / "after")


def test_a_witness_remembers_what_it_answered(tmp_path: Path) -> None:
    check_witness(record_witness(tmp_path / "real"), 300, 1, tmp_path / "after")


@pytest.mark.soak
def test_a_log_and_a_witness_survive_power_loss_tens_of_thousands_of_times(tmp_path: Path) -> None:
    check_log(record_log(tmp_path / "log"), 10_000, 2, tmp_path / "after")
    check_witness(record_witness(tmp_path / "witness"), 50_000, 2, tmp_path / "after")


@pytest.mark.parametrize("forget", ["files", "folders"])
def test_the_harness_catches_a_disk_that_is_not_synced(forget: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, LedgerError)):
        check_log(record_log(tmp_path / "log", forget), 200, 3, tmp_path / "after")
    with pytest.raises((AssertionError, LedgerError)):
        check_witness(record_witness(tmp_path / "witness", forget), 200, 3, tmp_path / "after")


def test_the_harness_catches_a_log_that_signs_before_its_tiles_are_safe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = LedgerFiles.write_tiles

    def later(self: LedgerFiles, *args: object) -> int:
        waiting.append((self, args))
        return 0

    def checkpoint(self: LedgerFiles, note: str) -> None:
        for files, args in waiting:
            write(files, *args)  # type: ignore[arg-type]
        waiting.clear()

    waiting: list[tuple[LedgerFiles, tuple[object, ...]]] = []
    with monkeypatch.context() as patch:
        patch.setattr(LedgerFiles, "write_tiles", later)
        patch.setattr(LedgerFiles, "write_checkpoint", checkpoint)
        events = record_log(tmp_path / "log")
    with pytest.raises((AssertionError, LedgerError)):
        check_log(events, 200, 4, tmp_path / "after")
