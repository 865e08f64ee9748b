"""What a writer may do in one transaction, and how a record becomes rows: commitment, sealed payload, leaf."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, text

from trucewatch.ledger.commitments import SALT_BYTES
from trucewatch.ledger.sealing import seal, unseal
from trucewatch.ledger.tree import leaf_hash
from trucewatch.model.aside import aside, processors
from trucewatch.store import schema
from trucewatch.store.checks import Row
from trucewatch.store.leaves import FIELDED, Head, Payload, canonical, commit, digests_of, entry
from trucewatch.store.schema import SCHEMA_VERSION

# id, payload (or its canonical bytes), known_at (microseconds); the payload again where only bytes stand before
NewRecord = tuple[str, Payload | bytes, int] | tuple[str, bytes, int, Payload]
_Draft = tuple[Head, bytes, bytes, bytes, Payload | None]  # with salt, key, canonical bytes, and the payload if at hand
Coarse = Callable[[str, Payload], Mapping[str, Any]]
BATCH = 5_000
_ASIDE, _MOST_WAITING = 1_000, 2  # fewer records are not worth a second process; batches on their way there
ERASING = "erasing"  # note of the store: something was erased, and its files are not scoured yet


def _nothing() -> None:
    """Nothing to do."""


@dataclass
class Hooks:
    """What only the mission knows.

    `coarse`: the fields of a record of a kind that are committed to besides its own, made coarse. `before`: called once
    before a transaction appends, and raises where nothing may be. `after`: called when what was appended is on the
    disk.
    """

    coarse: Coarse = lambda kind, payload: {}
    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing


@dataclass
class Made:
    """Rows to insert."""

    records: list[tuple[Any, ...]] = field(default_factory=list)
    payloads: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[tuple[int, bytes]] = field(default_factory=list)
    leaves: list[tuple[int, bytes, bytes]] = field(default_factory=list)

    def add(self, head: Head, salt: bytes, key: bytes, data: bytes, payload: Payload | None, coarse: Coarse) -> None:
        """A record with its canonical bytes; `payload` is parsed from them where it is not given and needed."""
        seq, kind = head.seq, head.kind
        commitment, digests = commit(head, salt, data), b""
        if kind in FIELDED:
            payload = json.loads(data) if payload is None else payload
            digests = digests_of(head, salt, payload, coarse(kind, payload))
        self.records.append((*head, salt, commitment))
        self.payloads.append((seq, seal(key, data, about(seq)), hashlib.sha256(data).digest()))
        self.keys.append((seq, key))
        self.leaves.append((seq, leaf_hash(entry(kind, seq, commitment, digests)), digests))

    def add_erased(self, head: Head, salt: bytes, commitment: bytes) -> None:
        """A record whose payload was erased before it had a leaf."""
        self.records.append((*head, salt, commitment))
        self.leaves.append((head.seq, leaf_hash(entry(head.kind, head.seq, commitment, b"")), b""))

    def insert(self, driver: sqlite3.Connection) -> None:
        """Into the tables."""
        driver.executemany("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?)", self.records)
        driver.executemany("INSERT INTO payload VALUES (?,?,?)", self.payloads)
        driver.executemany("INSERT INTO payload_key VALUES (?,?)", self.keys)
        driver.executemany("INSERT INTO leaf VALUES (?,?,?)", self.leaves)


def about(seq: int) -> bytes:
    """What a sealed payload is bound to: the record's number."""
    return b"%d" % seq


def open_payload(seq: int, key: bytes, sealed: bytes) -> bytes:
    """The canonical bytes of a payload. NotVerified where row or key were changed."""
    return unseal(key, sealed, about(seq))


def made_of(rows: Sequence[_Draft], coarse: Coarse) -> Made:
    """The rows of some records."""
    made = Made()
    for head, salt, key, data, payload in rows:
        made.add(head, salt, key, data, payload, coarse)
    return made


class Transaction:
    """What a writer may do: append. There is no verb for editing.

    Commitments of many records are made in a second process while the next ones are read; `settle` waits for them, and
    nothing is committed without.
    """

    def __init__(self, connection: Connection, hooks: Hooks) -> None:
        self._c = connection
        self._hooks = hooks
        self.appended = 0
        self._waiting: deque[tuple[Callable[[], Made], dict[tuple[str, str], set[bytes]]]] = deque()
        self._last_seq, self._last_recorded = self._found_last()

    def append(self, kind: str, rows: Iterable[NewRecord], *, recorded_at: int, actor: str = "") -> int:
        """Append records (id, payload, known_at), in order, each with its leaf; returns how many.

        `recorded_at` (microseconds) never runs backwards: where the clock was set back, the last record's counts.
        """
        count, todo = 0, iter(rows)
        while batch := list(islice(todo, BATCH)):
            if not self.appended:
                self._hooks.before()
            self._last_recorded = max(recorded_at, self._last_recorded)
            drafts = self._drafts(kind, batch, actor)
            if len(batch) < _ASIDE or processors() < 2:
                self.settle()
                made_of(drafts, self._hooks.coarse).insert(driver_of(self._c))
            else:
                self._begin_aside(kind, drafts)
            count += len(batch)
            self.appended += len(batch)
        return count

    def _drafts(self, kind: str, batch: Sequence[NewRecord], actor: str) -> list[_Draft]:
        secrets, out = os.urandom(2 * SALT_BYTES * len(batch)), []
        for k, (id_, content, known_at, *parsed) in enumerate(batch):
            self._last_seq += 1
            salt, key = secrets[64 * k : 64 * k + 32], secrets[64 * k + 32 : 64 * k + 64]
            head = Head(self._last_seq, id_, kind, self._last_recorded, known_at, actor, SCHEMA_VERSION)
            data = content if isinstance(content, bytes) else canonical(content)
            payload = content if isinstance(content, dict) else parsed[0] if parsed else None
            out.append((head, salt, key, data, payload))
        return out

    def _begin_aside(self, kind: str, drafts: list[_Draft]) -> None:
        while len(self._waiting) >= _MOST_WAITING:
            self._take_one()
        told: dict[tuple[str, str], set[bytes]] = {}
        for head, _, _, data, _ in drafts:
            told.setdefault((kind, head.id), set()).add(hashlib.sha256(data).digest())
        coarse = self._hooks.coarse
        self._waiting.append((aside(lambda: made_of(drafts, coarse)), told))

    def _take_one(self) -> None:
        wait, _ = self._waiting.popleft()
        wait().insert(driver_of(self._c))

    def settle(self) -> None:
        """Wait until all that was appended stands in the tables."""
        while self._waiting:
            self._take_one()

    def abandon(self) -> None:
        """Let second processes end whose work nobody wants."""
        while self._waiting:
            with suppress(Exception):
                self._waiting.popleft()[0]()

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every version, stored or appended, of those records of a kind."""
        found = digests_held(driver_of(self._c), kind, ids)
        for _, told in self._waiting:
            for id_ in ids:
                if (kind, id_) in told:
                    found.setdefault(id_, set()).update(told[kind, id_])
        return found

    def last_seq(self) -> int:
        """Number of the last record, stored or appended."""
        return self._last_seq

    def last_recorded(self) -> int:
        """When the last record was recorded, microseconds; 0 where there is none."""
        return self._last_recorded

    def _found_last(self) -> tuple[int, int]:
        found = driver_of(self._c).execute("SELECT seq, recorded_at FROM record ORDER BY seq DESC LIMIT 1").fetchone()
        return (0, 0) if found is None else (int(found[0]), int(found[1]))

    def erase(self, seqs: Sequence[int], by_seq: int) -> None:
        """Erase payload, key, salt and id of records, by a redaction that was appended; commitment and leaf stay.

        All versions under one id are erased together, and bear one token in its place, so that numbers of others stay.
        """
        self.settle()
        driver = driver_of(self._c)
        driver.execute("PRAGMA secure_delete = ON").fetchall()
        driver.executemany("INSERT INTO redacted VALUES (?, ?)", [(seq, by_seq) for seq in seqs])
        token = f"erased/{min(seqs)}"
        driver.executemany("UPDATE record SET salt = x'', id = ? WHERE seq = ?", [(token, seq) for seq in seqs])
        driver.executemany("DELETE FROM payload WHERE seq = ?", [(seq,) for seq in seqs])
        driver.executemany("DELETE FROM payload_key WHERE seq = ?", [(seq,) for seq in seqs])
        self.set_meta(ERASING, "1")

    def drop_all_derived(self) -> None:
        """Drop every derived table and what is kept beside them."""
        driver = driver_of(self._c)
        driver.execute("PRAGMA secure_delete = ON").fetchall()
        for (name,) in driver.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'derived\\_%' ESCAPE '\\'"
        ).fetchall():
            driver.execute(f'DROP TABLE "{name}"')
        driver.execute("DELETE FROM blob")
        driver.execute("DELETE FROM meta WHERE key IN ('derived', 'context', 'parameters', 'warnings', 'cuts')")

    def restore(self, row: Row) -> None:
        """Put a record back as a copy has it; that it is what was signed for is the caller's to check."""
        driver, seq = driver_of(self._c), row.seq
        for name in schema.TRIGGER_NAMES:
            driver.execute(f"DROP TRIGGER IF EXISTS {name}")
        for table in ("record", "payload", "payload_key", "leaf"):
            driver.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        driver.execute("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?)", row[:9])
        driver.execute("INSERT INTO leaf VALUES (?,?,?)", (seq, row.hash, row.fields))
        if row.sealed is not None:
            driver.execute("INSERT INTO payload VALUES (?,?,?)", (seq, row.sealed, row.digest))
            driver.execute("INSERT INTO payload_key VALUES (?,?)", (seq, row.key))
        for trigger in schema.TRIGGERS:
            driver.execute(trigger)

    def keep_checkpoint(self, note: str) -> None:
        """Keep a signed checkpoint."""
        driver_of(self._c).execute("INSERT INTO checkpoint (note) VALUES (?)", (note,))

    def set_meta(self, key: str, value: str) -> None:
        """Write a note of the store about itself."""
        self._c.execute(text("DELETE FROM meta WHERE key = :k"), {"k": key})
        self._c.execute(insert(schema.meta).values(key=key, value=value))

    def write_derived(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Drop a derived table and write it anew; rows are found by incident_id, or by source and claim_id."""
        driver = driver_of(self._c)
        driver.execute(f"DROP TABLE IF EXISTS derived_{name}")
        quoted = ", ".join(f'"{c}"' for c in columns)
        driver.execute(f"CREATE TABLE derived_{name} ({quoted})")
        self.add_derived(name, columns, rows)
        key = "source, claim_id" if "claim_id" in columns else "incident_id" if "incident_id" in columns else None
        if key is not None:
            driver.execute(f"CREATE INDEX derived_{name}_by_key ON derived_{name} ({key})")

    def add_derived(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        driver, todo = driver_of(self._c), iter(rows)
        while batch := list(islice(todo, BATCH)):
            driver.executemany(f"INSERT INTO derived_{name} VALUES ({','.join('?' * len(columns))})", batch)

    def drop_derived(self, name: str, columns: Sequence[str], keys: Iterable[Sequence[Any]]) -> None:
        """Take out the rows of a derived table that have one of the keys in those columns."""
        where = " AND ".join(f'"{c}" = ?' for c in columns)
        driver_of(self._c).executemany(f"DELETE FROM derived_{name} WHERE {where}", keys)

    def set_blob(self, key: str, data: bytes) -> None:
        """Keep a blob that belongs to the derived tables."""
        self._c.execute(text("DELETE FROM blob WHERE key = :k"), {"k": key})
        self._c.execute(insert(schema.blob).values(key=key, bytes=data))


def digests_held(c: sqlite3.Connection, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
    """SHA-256 of every stored version of those records of a kind."""
    out: dict[str, set[bytes]] = {}
    for k in range(0, len(ids), BATCH):
        some = ids[k : k + BATCH]
        # The plus keeps the database from walking through all records of the kind.
        rows = c.execute(
            "SELECT r.id, p.digest FROM record r JOIN payload p ON p.seq = r.seq "
            f"WHERE r.id IN ({','.join('?' * len(some))}) AND +r.kind = ?",
            (*some, kind),
        )
        for id_, digest in rows:
            out.setdefault(id_, set()).add(digest)
    return out


def driver_of(c: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    connection = c.connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection
