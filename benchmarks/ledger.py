"""The ledger as a library, beside a plain SHA-256 pass over the same leaves and a plain SQLite insert of them.

Each line runs in a process of its own, so that its memory is its own: `python -m benchmarks.ledger WHAT FOLDER LEAVES`.
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import Measured, python

LEAVES = 1_000_000
PROOFS = 2_000
ORIGIN = "bench.example/log"


@dataclass(frozen=True)
class Line:
    """What was done, how much of it a second or how long, and the process."""

    what: str
    measured: str
    target: str
    took: Measured


def measure(folder: Path, leaves: int = LEAVES) -> Iterator[Line]:
    """All lines, one after the other; the folder is filled by the one that writes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (what, target, _) in JOBS.items():
        took = python("benchmarks.ledger", name, folder, str(leaves))
        yield Line(what.format(n=leaves), took.out.strip(), target, took)


def entry(k: int) -> bytes:
    """A leaf as intake would make it, without field commitments: 150 bytes."""
    return b'{"commitment":"%064x","kind":"claim","recorded_at":%d,"seq":%d,"v":1}' % (
        k,
        1_600_000_000_000_000 + k,
        k + 1,
    )


def rate(count: int, work: Callable[[], object]) -> str:
    """How many a second."""
    began = time.perf_counter()
    work()
    return f"{count / (time.perf_counter() - began):,.0f}/s"


def seconds(work: Callable[[], object]) -> str:
    """How long."""
    began = time.perf_counter()
    work()
    return f"{time.perf_counter() - began:.1f} s"


def middle(work: Callable[[int], object], items: Sequence[int]) -> str:
    """Milliseconds of one call: the median, and what 99 of 100 stay below."""
    times = []
    for item in items:
        began = time.perf_counter()
        work(item)
        times.append((time.perf_counter() - began) * 1000)
    return f"{statistics.median(times):.3f} ms (99 %: {statistics.quantiles(times, n=100)[-1]:.3f})"


def plain_hash(_: Path, leaves: int) -> str:
    """SHA-256 of each leaf."""
    entries = list(map(entry, range(leaves)))
    return rate(leaves, lambda: [hashlib.sha256(e).digest() for e in entries])


def plain_insert(folder: Path, leaves: int) -> str:
    """SQLite: one table, one transaction."""
    entries = list(map(entry, range(leaves)))
    database = sqlite3.connect(folder / "plain.db")
    database.execute("CREATE TABLE leaf (seq INTEGER PRIMARY KEY, entry BLOB)")

    def work() -> None:
        with database:
            database.executemany("INSERT INTO leaf VALUES (?, ?)", enumerate(entries))

    said = rate(leaves, work)
    database.close()
    (folder / "plain.db").unlink()
    return said


def append(_: Path, leaves: int) -> str:
    """Leaf hashes into the tree, one by one, with all inner nodes."""
    from trucewatch.ledger.tree import Tree, leaf_hash

    hashes, tree = [leaf_hash(entry(k)) for k in range(leaves)], Tree()

    def work() -> None:
        for leaf in hashes:
            tree.append(leaf)

    return rate(leaves, work)


def bulk(_: Path, leaves: int) -> str:
    """Entries hashed and appended in bulk."""
    from trucewatch.ledger.tree import Tree, leaf_hash

    entries = list(map(entry, range(leaves)))
    return rate(leaves, lambda: Tree(map(leaf_hash, entries)))


def write(folder: Path, leaves: int) -> str:
    """Every file of the ledger anew from the leaves: tiles, bundles of entries, checkpoint, all synced."""
    from trucewatch.ledger.files import LedgerFiles
    from trucewatch.ledger.keys import KeyType, signer_of
    from trucewatch.ledger.log import Log
    from trucewatch.ledger.tree import Tree, leaf_hash

    def work() -> None:
        tree = Tree(leaf_hash(entry(k)) for k in range(leaves))
        log = Log(
            ORIGIN, LedgerFiles(folder / "ledger"), [signer_of(ORIGIN, KeyType.NOTE, bytes(32))], lambda note: None
        )
        log.publish(tree, lambda start, end: list(map(entry, range(start, end))))

    return seconds(work)


def verify(folder: Path, leaves: int) -> str:
    """The whole ledger read from its files: signature, every entry, every tile, the root."""
    from trucewatch.ledger.audit import audit
    from trucewatch.ledger.files import LedgerFiles
    from trucewatch.ledger.keys import KeyType, signer_of
    from trucewatch.ledger.policy import LogKey, Policy

    policy = Policy(ORIGIN, (LogKey(signer_of(ORIGIN, KeyType.NOTE, bytes(32)).verifier),))
    found = []
    said = seconds(lambda: found.append(audit(LedgerFiles(folder / "ledger"), policy)))
    assert found[0].entries == leaves
    return said


def prove(folder: Path, leaves: int) -> str:
    """Proofs of inclusion out of tiles on disk, at random leaves, none read before."""
    from trucewatch.ledger.files import LedgerFiles
    from trucewatch.ledger.proofs import inclusion_proof

    nodes = LedgerFiles(folder / "ledger").nodes(leaves)
    draw = random.Random(1)
    return middle(lambda k: inclusion_proof(nodes, k, leaves), [draw.randrange(leaves) for _ in range(PROOFS)])


def prove_in_memory(_: Path, leaves: int) -> str:
    """Proofs of inclusion out of the tree in memory, made and verified."""
    from trucewatch.ledger.proofs import inclusion_proof, verify_inclusion
    from trucewatch.ledger.tree import Tree, leaf_hash

    tree = Tree(leaf_hash(entry(k)) for k in range(leaves))
    root, draw = tree.root(), random.Random(1)

    def work(k: int) -> None:
        verify_inclusion(k, leaves, tree.node(0, k), inclusion_proof(tree, k, leaves), root)

    return middle(work, [draw.randrange(leaves) for _ in range(PROOFS)])


def resume(folder: Path, leaves: int) -> str:
    """Start again on a ledger of so many leaves: the edge of the tree from its tiles, compared with what was signed."""
    from trucewatch.ledger.files import LedgerFiles
    from trucewatch.ledger.keys import KeyType, signer_of
    from trucewatch.ledger.log import Log

    files = LedgerFiles(folder / "ledger")
    log = Log(ORIGIN, files, [signer_of(ORIGIN, KeyType.NOTE, bytes(32))], lambda note: None, files.checkpoint())
    assert log.resume().size == leaves
    return middle(lambda _: log.resume(), range(100))


def sync(folder: Path, _: int) -> str:
    """What the disk takes for one fsync: the measure for all that is durable."""
    handle = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT)

    def work(_: int) -> None:
        os.write(handle, b"x")
        os.fsync(handle)

    return middle(work, range(300))


def publish(folder: Path, _: int) -> str:
    """One leaf more, its tiles and its checkpoint on the disk."""
    from trucewatch.ledger.files import LedgerFiles
    from trucewatch.ledger.keys import KeyType, signer_of
    from trucewatch.ledger.log import Log
    from trucewatch.ledger.tree import Tree

    signer = signer_of(ORIGIN, KeyType.NOTE, bytes(32))
    log, tree = Log(ORIGIN, LedgerFiles(folder / "single"), [signer], lambda note: None), Tree()

    def work(k: int) -> None:
        tree.append(hashlib.sha256(b"%d" % k).digest())
        log.publish(tree)

    return middle(work, range(500))


def commit(_: Path, leaves: int) -> str:
    """Salted commitments to whole records of 500 bytes, as leaves."""
    from trucewatch.ledger.commitments import Leaf, new_salts
    from trucewatch.ledger.commitments import commit as committed

    count, payload = leaves // 10, b"x" * 500
    salts = new_salts(count)
    return rate(count, lambda: [Leaf("claim", k, committed(s, payload), k).entry for k, s in enumerate(salts)])


def fields(_: Path, leaves: int) -> str:
    """The same with commitments to 16 fields each."""
    from trucewatch.ledger.commitments import Leaf, field_digests, new_salts

    count = leaves // 50
    said = {f"field_{k}": k / 7 if k % 2 else f"words of field {k}" for k in range(16)}
    salts = new_salts(count)
    return rate(
        count, lambda: [Leaf("claim", k, s, k, None, tuple(field_digests(s, said))).entry for k, s in enumerate(salts)]
    )


JOBS: dict[str, tuple[str, str, Callable[[Path, int], str]]] = {
    "plain_hash": ("plain SHA-256 of {n:,} leaves", "-", plain_hash),
    "plain_insert": ("plain SQLite insert of {n:,} leaves", "-", plain_insert),
    "append": ("append to the tree, one by one", "300,000/s", append),
    "bulk": ("hash and append in bulk", "300,000/s", bulk),
    "commit": ("leaves with a commitment to the record", "-", commit),
    "fields": ("leaves with commitments to 16 fields", "-", fields),
    "write": ("all files of {n:,} leaves anew, synced", "30 s", write),
    "verify": ("verify {n:,} leaves from files", "60 s, 300 MB", verify),
    "prove": ("proof of inclusion from tiles, cold", "1 ms", prove),
    "prove_in_memory": ("proof of inclusion in memory, verified", "1 ms", prove_in_memory),
    "resume": ("start again on {n:,} leaves", "-", resume),
    "sync": ("the disk's own sync", "-", sync),
    "publish": ("one leaf published, synced", "50 ms at 99 %", publish),
}


if __name__ == "__main__":
    print(JOBS[sys.argv[1]][2](Path(sys.argv[2]), int(sys.argv[3])))
