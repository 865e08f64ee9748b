"""A log with its witnesses and its database, as a mission would have them, small enough for tests."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from trucewatch.ledger.files import LedgerFiles
from trucewatch.ledger.keys import KeyType, Signer, signer_of
from trucewatch.ledger.log import Log
from trucewatch.ledger.policy import LogKey, Policy, Witness
from trucewatch.ledger.tree import Tree, leaf_hash

ORIGIN = "mission.example/log"


def signer(name: str, type_: KeyType = KeyType.NOTE, seed: str = "") -> Signer:
    return signer_of(name, type_, sha256((seed or name).encode()).digest())


LOG = signer(ORIGIN)
NORTH, SOUTH, NEUTRAL = (signer(f"{who}.example/w", KeyType.COSIGNATURE) for who in ("north", "south", "third"))


def policy(quorum: int = 2, neutral: int = 1, log_keys: tuple[LogKey, ...] = ()) -> Policy:
    witnesses = (Witness(NORTH.verifier), Witness(SOUTH.verifier), Witness(NEUTRAL.verifier, neutral=True))
    return Policy(ORIGIN, log_keys or (LogKey(LOG.verifier),), witnesses, quorum, neutral)


def entry(k: int) -> bytes:
    return b"%d" % k


def leaves(start: int, end: int) -> list[bytes]:
    return [leaf_hash(entry(k)) for k in range(start, end)]


@dataclass
class Kept:
    """What a database would keep: the checkpoints in the order in which they were signed."""

    notes: list[str] = field(default_factory=list)

    def __call__(self, note: str) -> None:
        self.notes.append(note)


def log_in(folder: Path, kept: Kept | None = None) -> Log:
    kept = Kept() if kept is None else kept
    return Log(ORIGIN, LedgerFiles(folder), [LOG], kept, kept.notes[-1] if kept.notes else None)


class Database:
    """Leaves and checkpoints in SQLite: the truth, of which the files are a cache."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute("CREATE TABLE IF NOT EXISTS leaf (seq INTEGER PRIMARY KEY, entry BLOB, hash BLOB)")
        self.connection.execute("CREATE TABLE IF NOT EXISTS checkpoint (n INTEGER PRIMARY KEY, note TEXT)")

    def append(self, entries: list[bytes]) -> None:
        start = self.tree_size()
        self.connection.execute("BEGIN IMMEDIATE")
        rows = [(start + k, e, leaf_hash(e)) for k, e in enumerate(entries)]
        self.connection.executemany("INSERT INTO leaf VALUES (?,?,?)", rows)
        self.connection.execute("COMMIT")

    def tree_size(self) -> int:
        return int(self.connection.execute("SELECT COUNT(*) FROM leaf").fetchone()[0])

    def tree(self) -> Tree:
        return Tree(h for (h,) in self.connection.execute("SELECT hash FROM leaf ORDER BY seq"))

    def entries(self, start: int, end: int) -> list[bytes]:
        query = "SELECT entry FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq"
        return [e for (e,) in self.connection.execute(query, (start, end))]

    def keep(self, note: str) -> None:
        self.connection.execute("INSERT INTO checkpoint (note) VALUES (?)", (note,))

    def last(self) -> str | None:
        row = self.connection.execute("SELECT note FROM checkpoint ORDER BY n DESC LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def log(self, folder: Path) -> Log:
        return Log(ORIGIN, LedgerFiles(folder), [LOG], self.keep, self.last())
