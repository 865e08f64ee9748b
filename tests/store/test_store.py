"""The store: records with leaves in one transaction, whatever process makes them; an older version is brought up."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from trucewatch.ledger.commitments import check_disclosures, disclose, parse_leaf
from trucewatch.ledger.tree import Tree, leaf_hash
from trucewatch.model.errors import Refusal
from trucewatch.store import Store
from trucewatch.store.checks import faults
from trucewatch.store.leaves import Head, committed_fields, entry
from trucewatch.store.transaction import Hooks

CLAIM = {"source": "mon", "claim_id": "1", "lat": 40.5, "lon": 46.25, "cumulative": True, "text": "“quoted” \\ words",
         "acts": ["fire", "burning"], "killed_low": 3}  # fmt: skip


def rows(count: int, start: int = 0) -> list[tuple[str, dict[str, object], int]]:
    return [(f"mon/{k}", {**CLAIM, "claim_id": str(k)}, k) for k in range(start, start + count)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "s.db", create=True)


@pytest.mark.parametrize("sizes", [(1,), (999, 1), (1_000, 7, 2_500), (6_000,)])
def test_every_record_has_its_leaf_and_reads_as_it_was_written(store: Store, sizes: tuple[int, ...]) -> None:
    start = 0
    for size in sizes:
        with store.writing() as tx:
            assert tx.append("claim", rows(size, start), recorded_at=5) == size
            assert tx.last_seq() == start + size
        start += size
    assert [(r.seq, r.id, r.payload["claim_id"]) for r in store.read("claim")] == [
        (k + 1, f"mon/{k}", str(k)) for k in range(start)
    ]
    hashes = list(store.leaf_hashes())
    assert hashes == [leaf_hash(e) for e in store.entries(0, start)]
    assert list(faults(store.rows())) == []


def test_what_was_appended_is_known_before_it_stands_in_the_tables(store: Store) -> None:
    with store.writing() as tx:
        tx.append("claim", rows(3_000), recorded_at=5)
        digest = hashlib.sha256(json.dumps(rows(1, 2_999)[0][1], sort_keys=True, separators=(",", ":"),
                                           ensure_ascii=False).encode()).digest()  # fmt: skip
        assert tx.digests("claim", ["mon/2999", "mon/3000"]) == {"mon/2999": {digest}}


def children() -> set[str]:
    """Processes of this one that run or have not been waited for; none where the system does not tell."""
    told = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {child for file in told for child in file.read_text().split()}


def test_a_transaction_that_fails_leaves_nothing_and_no_process(store: Store) -> None:
    def breaks_off() -> None:
        with store.writing() as tx:
            tx.append("claim", rows(4_000), recorded_at=5)
            raise RuntimeError

    before = children()
    with pytest.raises(RuntimeError):
        breaks_off()
    assert store.last_seq() == 0
    assert list(store.leaf_hashes()) == []
    assert children() <= before


def test_what_no_process_can_encode_is_an_error_of_this_one(store: Store) -> None:
    bad = [*rows(1_500), ("mon/x", {"a": float("nan")}, 1)]
    with pytest.raises(ValueError, match="JSON"), store.writing() as tx:
        tx.append("claim", bad, recorded_at=5)
    assert store.last_seq() == 0


def test_fields_of_claims_are_disclosed_one_by_one(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.db", create=True, hooks=Hooks(coarse=lambda kind, p: {"_day": "2021-03-01"}))
    with store.writing() as tx:
        tx.append("claim", rows(1), recorded_at=5)
        tx.append("fit", [("f", {"a": 1}, 1)], recorded_at=5)
    row, fit = store.rows()
    head = Head(*row[:7])
    (payload,) = store.payloads([1])
    fields = committed_fields(head, payload, {"_day": "2021-03-01"})
    leaf, other = map(parse_leaf, store.entries(0, 2))
    names = ["lat", "acts", "cumulative", "text", "_day", "_recorded_at"]
    assert check_disclosures(disclose(row.salt, fields, names), leaf.fields) == {n: fields[n] for n in names}
    assert len(leaf.fields) % 8 == 0
    assert other.fields == ()
    assert other.entry == entry("fit", 2, fit.commitment, b"")
    assert b"recorded" not in leaf.entry + other.entry


def test_a_record_with_more_fields_than_a_leaf_holds_is_refused(store: Store) -> None:
    wide = {f"column{k}": k for k in range(1_200)}
    with pytest.raises(Refusal, match="more than a leaf can hold"), store.writing() as tx:
        tx.append("claim", [("mon/1", wide, 1)], recorded_at=5)
    assert store.last_seq() == 0


def first_version(path: Path) -> dict[int, bytes]:
    """A database as version 1 wrote it; payloads by number."""
    c = sqlite3.connect(path)
    c.executescript(
        "CREATE TABLE record (seq INTEGER PRIMARY KEY AUTOINCREMENT, id VARCHAR NOT NULL, kind VARCHAR NOT NULL, "
        "recorded_at INTEGER NOT NULL, known_at INTEGER NOT NULL, actor VARCHAR NOT NULL, schema INTEGER NOT NULL, "
        "salt BLOB NOT NULL, commitment BLOB NOT NULL);"
        "CREATE INDEX ix_record_id ON record (id); CREATE INDEX ix_record_kind ON record (kind);"
        "CREATE TABLE payload (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL, digest BLOB NOT NULL);"
        "CREATE TABLE redacted (seq INTEGER PRIMARY KEY, by_seq INTEGER NOT NULL);"
        "CREATE TABLE blob (key VARCHAR PRIMARY KEY, bytes BLOB NOT NULL);"
        "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);"
        "CREATE TRIGGER record_is_never_edited BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'never'); END;"
        "CREATE TRIGGER record_is_never_deleted BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'never'); END;"
        "PRAGMA user_version = 1;"
    )
    out = {}
    for seq in range(1, 8):
        data = json.dumps({**CLAIM, "claim_id": str(seq)}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        out[seq] = data.encode()
        salt = os.urandom(16)
        row = (seq, f"mon/{seq}", "claim", 100 + seq, 200 + seq, "", 1, salt, hashlib.sha256(salt + out[seq]).digest())
        c.execute("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?)", row)
        c.execute("INSERT INTO payload VALUES (?,?,?)", (seq, out[seq], hashlib.sha256(out[seq]).digest()))
    c.commit()
    c.close()
    return out


def test_a_store_of_the_first_version_is_brought_up_and_says_the_same(tmp_path: Path) -> None:
    payloads = first_version(tmp_path / "s.db")
    store = Store.open(tmp_path / "s.db")
    assert [(r.seq, r.id, r.recorded_at, r.known_at) for r in store.read("claim")] == [
        (k, f"mon/{k}", 100 + k, 200 + k) for k in payloads
    ]
    assert {r.seq: r.payload for r in store.read("claim")} == {k: json.loads(v) for k, v in payloads.items()}
    assert list(faults(store.rows())) == []
    root = Tree(store.leaf_hashes()).root()
    store.close()
    data = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert b"quoted" not in data  # nothing lies open any more
    again = Store.open(tmp_path / "s.db")
    assert Tree(again.leaf_hashes()).root() == root
    with again.writing() as tx:
        tx.append("claim", rows(1, 50), recorded_at=5)
    assert Tree(again.leaf_hashes(upto=7)).root() == root


def test_an_upgrade_that_is_killed_is_begun_anew(tmp_path: Path) -> None:
    payloads = first_version(tmp_path / "s.db")
    program = (
        "import os, sys\nfrom trucewatch.store import upgrades, Store\n"
        "class Dies(upgrades.Made):\n    def insert(self, driver):\n        super().insert(driver); os._exit(9)\n"
        "upgrades.Made = Dies\nStore.open(sys.argv[1])"
    )
    died = subprocess.run([sys.executable, "-c", program, str(tmp_path / "s.db")], timeout=60)
    assert died.returncode == 9
    store = Store.open(tmp_path / "s.db")
    assert [r.seq for r in store.read("claim")] == list(payloads)
    assert list(faults(store.rows())) == []
