"""A verifier that shares no code with ours, on Go's own sumdb packages, takes sound ledgers and refuses broken ones.

It is built here where Go and golang.org/x/mod are found (Debian: golang-go, golang-golang-x-mod-dev), else skipped by
name.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.ledger.worlds import LOG, NEUTRAL, NORTH, SOUTH, Kept, entry, leaves, log_in, policy
from trucewatch.ledger import base64, forks
from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.files import KEYS, LedgerFiles
from trucewatch.ledger.notes import parse
from trucewatch.ledger.proofs import inclusion_proof
from trucewatch.ledger.tiles import tiles_of
from trucewatch.ledger.tlog_proof import TlogProof, parse_proof
from trucewatch.ledger.tree import Tree

pytestmark = pytest.mark.judge
SOURCE = Path(__file__).parent / "tlogverify"
LIBRARY = Path(os.environ.get("TRUCEWATCH_GOPATH", "/usr/share/gocode"))
WITNESSES = (NORTH, SOUTH, NEUTRAL)
SIZES = (1, 2, 255, 256, 257, 300, 65_536, 70_000, 70_001)


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None or not (LIBRARY / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Go with golang.org/x/mod is not installed: the independent verifier was not run")
    folder = tmp_path_factory.mktemp("go")
    program = folder / "tlogverify"
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": str(LIBRARY), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    subprocess.run([go, "build", "-o", program, "."], cwd=SOURCE, env=env, check=True, timeout=300)
    return program


@dataclass(frozen=True)
class History:
    """A ledger that grew through many published sizes, and the notes of them all."""

    folder: Path
    tree: Tree
    notes: list[Path]

    @property
    def files(self) -> LedgerFiles:
        return LedgerFiles(self.folder)


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return grown(tmp_path_factory.mktemp("history"), SIZES)


def grown(folder: Path, sizes: tuple[int, ...]) -> History:
    log = log_in(folder / "ledger", Kept())
    tree, notes = Tree(), []
    for size in sizes:
        tree.extend(leaves(tree.size, size))
        text = parse(log.publish(tree, lambda a, b: [entry(k) for k in range(a, b)])).text
        note = log.add([w.sign(text, 1_700_000_000) for w in WITNESSES], [w.verifier for w in WITNESSES])
        notes.append(folder / f"{size}.note")
        notes[-1].write_text(note, "utf-8")
    log.files.write_keys([LOG.verifier, *(w.verifier for w in WITNESSES)])
    return History(folder / "ledger", tree, notes)


def run(verifier: Path, *args: str | Path) -> tuple[bool, str]:
    done = subprocess.run([verifier, *args], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0, done.stdout


def ledger(verifier: Path, folder: Path, quorum: int = 3, *notes: Path) -> tuple[bool, str]:
    return run(verifier, "ledger", folder, folder / KEYS, str(quorum), *notes)


def test_a_ledger_of_70001_records_and_its_whole_history_are_verified(verifier: Path, history: History) -> None:
    ok, said = ledger(verifier, history.folder, 3, *history.notes)
    assert ok, said
    assert "size 70001 entries 70001 inclusion" in said
    assert "consistency 9" in said


def test_a_quorum_that_is_not_there_is_missed_by_both(verifier: Path, history: History, tmp_path: Path) -> None:
    shutil.copytree(history.folder, tmp_path / "ledger")
    note = parse(history.files.checkpoint() or "")
    (tmp_path / "ledger/checkpoint").write_text(str(type(note)(note.text, note.signatures[:-1])), "utf-8")
    assert ledger(verifier, tmp_path / "ledger", 2)[0]
    ok, said = ledger(verifier, tmp_path / "ledger", 3)
    assert not ok
    assert "2 witnesses" in said


def test_every_changed_bit_of_tiles_and_entries_is_found(verifier: Path, tmp_path: Path) -> None:
    """Threat 2 and 44: 20 random bits in each file of a ledger of 700 records, both verifiers."""
    small = grown(tmp_path, (300, 700))
    draw = random.Random(4)
    caught = 0
    for tile in tiles_of(700, entries=True):
        path = small.folder / tile.path
        data = path.read_bytes()
        for _ in range(20):
            changed = bytearray(data)
            changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            path.write_bytes(changed)
            ok, said = ledger(verifier, small.folder)
            assert not ok, f"{path} was changed: {said}"
            assert list(small.files.wrong(small.tree)) == [tile.path]
            caught += 1
        path.write_bytes(data)
    assert caught >= 120
    assert ledger(verifier, small.folder)[0]


def test_a_changed_dropped_or_moved_record_is_found(verifier: Path, tmp_path: Path) -> None:
    """Threat 2: an insider rewrites the tiles as well; the signed root does not follow."""
    good = grown(tmp_path / "good", (300,))
    for name, bad in (
        ("changed", [*leaves(0, 99), bytes(32), *leaves(100, 300)]),
        ("moved", [*leaves(0, 99), *leaves(100, 101), *leaves(99, 100), *leaves(101, 300)]),
        ("dropped", [*leaves(0, 99), *leaves(100, 301)]),
    ):
        folder = tmp_path / name
        shutil.copytree(good.folder, folder)
        shutil.rmtree(folder / "tile/entries")
        LedgerFiles(folder).write_tiles(Tree(bad))
        ok, said = ledger(verifier, folder)
        assert not ok, name
        assert "root" in said


def test_proofs_that_stand_alone_are_verified_and_every_changed_bit_refused_by_both(
    verifier: Path, history: History, tmp_path: Path
) -> None:
    note = history.files.checkpoint() or ""
    keys = history.folder / KEYS
    path = tmp_path / "a.tlog-proof"
    for k in (0, 1, 255, 256, 65_535, 65_536, 70_000):
        proof = TlogProof(k, tuple(inclusion_proof(history.files.nodes(70_001), k, 70_001)), note, b"extra")
        leaf = base64.encode(history.tree.node(0, k))
        path.write_text(str(proof), "utf-8")
        assert run(verifier, "proof", path, leaf, keys, "3")[0]
        assert not run(verifier, "proof", path, base64.encode(bytes(32)), keys, "3")[0]
    draw, data = random.Random(6), path.read_bytes()
    head = data.index(b"index")  # the extra line before it is vouched for by nobody
    for _ in range(150):
        changed = bytearray(data)
        changed[draw.randrange(head, len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        assert not run(verifier, "proof", path, leaf, keys, "3")[0]
        with pytest.raises(LedgerError):
            parse_proof(bytes(changed)).verify(history.tree.node(0, 70_000), policy(3))


@pytest.mark.parametrize("size", [1, 40, 300, 400])
def test_a_proof_that_the_log_forked_convinces_others(
    size: int, verifier: Path, history: History, tmp_path: Path
) -> None:
    """Threat 4: the proof of misconduct is checked by Go."""
    other = Tree([bytes(32), *leaves(1, 300)])
    log_in(tmp_path / "a").publish(other)
    log_in(tmp_path / "b").publish(Tree(leaves(0, size)))
    fork = forks.compare_folders(LedgerFiles(tmp_path / "a"), LedgerFiles(tmp_path / "b"), [LOG.verifier])
    assert fork is not None
    path = tmp_path / ("x" + forks.SUFFIX)
    path.write_text(fork.text, "utf-8")
    ok, said = run(verifier, "fork", path, history.folder / KEYS)
    assert ok, said
    assert f"at size {min(size, 300)}" in said
    path.write_text(replace(fork, root=b"x" * 32).text, "utf-8")
    assert not run(verifier, "fork", path, history.folder / KEYS)[0]
