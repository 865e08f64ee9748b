"""SQLite behind the store: one writer at a time, readers beside it (WAL), whole transactions or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, insert, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from trucewatch.model.errors import Fault, Refusal, Stopped
from trucewatch.store import schema
from trucewatch.store.schema import SCHEMA_VERSION

Payload = dict[str, Any]
NewRecord = tuple[str, Payload | bytes, int]  # id, payload (or its canonical bytes), known_at (microseconds)
_BATCH = 5_000
_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: times in microseconds; `payload` parsed."""

    seq: int
    id: str
    kind: str
    recorded_at: int
    known_at: int
    payload: Payload


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(payload: Payload) -> bytes:
    """The one byte form of a payload: sorted keys, no spaces, UTF-8. NaN or infinite floats raise ValueError."""
    return _encode(payload).encode()


class Store:
    """A mission's records. `seal` and `open_payload` are where encryption will sit: bytes in, bytes out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seal: Callable[[bytes], bytes] = bytes
        self.open_payload: Callable[[bytes], bytes] = bytes

    @classmethod
    def open(cls, path: str | Path, create: bool = False) -> Store:
        """The store in a file. `Refusal` where it is missing (unless `create`), no store, or of a newer version."""
        path = Path(path)
        if not path.exists() and not create:
            raise Refusal(Fault(f"there is no database at {path.name}", "Make a mission first: trucewatch init"))
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _WAIT_S}, isolation_level="AUTOCOMMIT")
        event.listen(engine, "connect", _pragmas)
        store = cls(engine)
        with told(path):
            store._prepare(path)
        return store

    def _prepare(self, path: Path) -> None:
        with self._engine.connect() as c:
            version = int(c.execute(text("PRAGMA user_version")).scalar_one())
            if version > SCHEMA_VERSION:
                raise Refusal(
                    Fault(
                        f"{path.name} is of a newer Trucewatch (version {version}; this one knows {SCHEMA_VERSION})",
                        "Install the newer program; nothing was changed",
                    )
                )
            if version == SCHEMA_VERSION:
                return
            c.execute(text("BEGIN IMMEDIATE"))
            schema.metadata.create_all(c, checkfirst=True)
            for trigger in schema.TRIGGERS:
                c.execute(text(trigger))
            c.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
            c.execute(text("COMMIT"))

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[Transaction]:
        """One transaction: all of it or nothing. Waits up to 10 s for another writer (unless told not to `wait`), then
        `Refusal`."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            _begin(c, wait)
            try:
                yield Transaction(c, self.seal)
                c.execute(text("COMMIT"))
            except BaseException:
                if _driver(c).in_transaction:  # a full disk has undone it already
                    c.execute(text("ROLLBACK"))
                raise

    def read(self, kind: str, as_of: int | None = None, known_by: int | None = None) -> Iterator[Record]:
        """Records of a kind by seq, all versions: those recorded by `as_of` and known by `known_by` (microseconds)."""
        r, p = schema.record.c, schema.payload.c
        query = (
            select(r.seq, r.id, r.recorded_at, r.known_at, p.bytes)
            .join_from(schema.record, schema.payload, r.seq == p.seq)
            .where(r.kind == kind)
            .order_by(r.seq)
        )
        if as_of is not None:
            query = query.where(r.recorded_at <= as_of)
        if known_by is not None:
            query = query.where(r.known_at <= known_by)
        compiled = str(query.compile(self._engine, compile_kwargs={"literal_binds": True}))
        # The driver's own cursor: a row object for each of a million records costs more than the records.
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            cursor = _driver(c).execute(compiled)
            while rows := cursor.fetchmany(_BATCH):
                for seq, id_, recorded, known, data in rows:
                    yield Record(seq, id_, kind, recorded, known, json.loads(self.open_payload(data).decode()))

    def ids(self, kind: str) -> Iterator[str]:
        """Ids of all records of a kind by seq, all versions."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            for (id_,) in _driver(c).execute("SELECT id FROM record WHERE kind = ? ORDER BY seq", (kind,)):
                yield id_

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every stored version of those records of a kind; ids that nothing is stored of are left out."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            return _digests(_driver(c), kind, ids)

    def extent(self, as_of: int | None = None, known_by: int | None = None) -> tuple[int, int, int]:
        """How many records count under a cut, how many of them were erased, and the number of the last.

        Records are only ever appended and payloads only ever erased, so that under one cut of one store these three
        tell which records count.
        """
        where = " WHERE (?1 IS NULL OR r.recorded_at <= ?1) AND (?2 IS NULL OR r.known_at <= ?2)"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver, cut = _driver(c), (as_of, known_by)
            query = "SELECT COUNT(*), COALESCE(MAX(r.seq), 0) FROM record r" + where
            count, last = driver.execute(query, cut).fetchone()
            query = "SELECT COUNT(*) FROM redacted d JOIN record r ON r.seq = d.seq" + where
            return int(count), int(driver.execute(query, cut).fetchone()[0]), int(last)

    def last_seq(self) -> int:
        """Number of the last record; 0 where there is none."""
        with self._engine.connect() as c:
            return int(c.execute(text("SELECT COALESCE(MAX(seq), 0) FROM record")).scalar_one())

    def meta(self, key: str) -> str | None:
        """A note of the store about itself."""
        with self._engine.connect() as c:
            found = c.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar_one_or_none()
            return None if found is None else str(found)

    def set_meta(self, key: str, value: str) -> None:
        """Write such a note."""
        with self.writing() as tx:
            tx.set_meta(key, value)

    def read_derived(self, name: str, order: str = "rowid") -> tuple[list[str], list[tuple[Any, ...]]]:
        """Columns and rows of a derived table in an order of columns; none of either where it was dropped.

        Columns that begin with _ only serve the order.
        """
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver = _driver(c)
            names = [row[1] for row in driver.execute(f"PRAGMA table_info(derived_{name})")]
            shown = [n for n in names if not n.startswith("_")]
            if not shown:
                return [], []
            quoted = ", ".join(f'"{n}"' for n in shown)
            return shown, driver.execute(f"SELECT {quoted} FROM derived_{name} ORDER BY {order}").fetchall()

    def count_derived(self, name: str) -> int:
        """Rows of a derived table; 0 where it was dropped."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver = _driver(c)
            if not driver.execute(f"PRAGMA table_info(derived_{name})").fetchall():
                return 0
            return int(driver.execute(f"SELECT COUNT(*) FROM derived_{name}").fetchone()[0])

    def blob(self, key: str) -> bytes | None:
        """A blob that belongs to the derived tables."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            found = c.execute(select(schema.blob.c.bytes).where(schema.blob.c.key == key)).scalar_one_or_none()
            return None if found is None else bytes(found)


class Transaction:
    """What a writer may do: append. There is no verb for editing."""

    def __init__(self, connection: Connection, seal: Callable[[bytes], bytes]) -> None:
        self._c = connection
        self._seal = seal

    def append(self, kind: str, rows: Iterable[NewRecord], *, recorded_at: int, actor: str = "") -> int:
        """Append records (id, payload, known_at), in order; returns how many."""
        driver = _driver(self._c)
        seq = self.last_seq()
        count = 0
        todo = iter(rows)
        while batch := list(islice(todo, _BATCH)):
            records, payloads = [], []
            salts = os.urandom(16 * len(batch))
            for k, (id_, content, known_at) in enumerate(batch):
                seq += 1
                salt = salts[16 * k : 16 * k + 16]
                data = content if isinstance(content, bytes) else canonical(content)
                commitment = hashlib.sha256(salt + data).digest()
                records.append((seq, id_, kind, recorded_at, known_at, actor, SCHEMA_VERSION, salt, commitment))
                payloads.append((seq, self._seal(data), hashlib.sha256(data).digest()))
            driver.executemany("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?)", records)
            driver.executemany("INSERT INTO payload VALUES (?,?,?)", payloads)
            count += len(batch)
        return count

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every version, stored or appended, of those records of a kind."""
        return _digests(_driver(self._c), kind, ids)

    def last_seq(self) -> int:
        """Number of the last record, stored or appended."""
        return int(_driver(self._c).execute("SELECT COALESCE(MAX(seq), 0) FROM record").fetchone()[0])

    def set_meta(self, key: str, value: str) -> None:
        """Write a note of the store about itself."""
        self._c.execute(text("DELETE FROM meta WHERE key = :k"), {"k": key})
        self._c.execute(insert(schema.meta).values(key=key, value=value))

    def write_derived(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Drop a derived table and write it anew; rows are found by incident_id, or by source and claim_id."""
        driver = _driver(self._c)
        driver.execute(f"DROP TABLE IF EXISTS derived_{name}")
        quoted = ", ".join(f'"{c}"' for c in columns)
        driver.execute(f"CREATE TABLE derived_{name} ({quoted})")
        self.add_derived(name, columns, rows)
        key = "source, claim_id" if "claim_id" in columns else "incident_id" if "incident_id" in columns else None
        if key is not None:
            driver.execute(f"CREATE INDEX derived_{name}_by_key ON derived_{name} ({key})")

    def add_derived(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        driver, todo = _driver(self._c), iter(rows)
        while batch := list(islice(todo, _BATCH)):
            driver.executemany(f"INSERT INTO derived_{name} VALUES ({','.join('?' * len(columns))})", batch)

    def drop_derived(self, name: str, columns: Sequence[str], keys: Iterable[Sequence[Any]]) -> None:
        """Take out the rows of a derived table that have one of the keys in those columns."""
        where = " AND ".join(f'"{c}" = ?' for c in columns)
        _driver(self._c).executemany(f"DELETE FROM derived_{name} WHERE {where}", keys)

    def set_blob(self, key: str, data: bytes) -> None:
        """Keep a blob that belongs to the derived tables."""
        self._c.execute(text("DELETE FROM blob WHERE key = :k"), {"k": key})
        self._c.execute(insert(schema.blob).values(key=key, bytes=data))


def _digests(c: sqlite3.Connection, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
    out: dict[str, set[bytes]] = {}
    for k in range(0, len(ids), _BATCH):
        some = ids[k : k + _BATCH]
        # The plus keeps the database from walking through all records of the kind.
        rows = c.execute(
            "SELECT r.id, p.digest FROM record r JOIN payload p ON p.seq = r.seq "
            f"WHERE r.id IN ({','.join('?' * len(some))}) AND +r.kind = ?",
            (*some, kind),
        )
        for id_, digest in rows:
            out.setdefault(id_, set()).add(digest)
    return out


def _begin(c: Connection, wait: bool) -> None:
    """Begin to write; without `wait` an error at once where another program writes."""
    if wait:
        c.execute(text("BEGIN IMMEDIATE"))
        return
    driver = _driver(c)
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        c.execute(text("BEGIN IMMEDIATE"))
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(_WAIT_S * 1000)}")


def _driver(c: Connection) -> sqlite3.Connection:
    connection = c.connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def _pragmas(connection: sqlite3.Connection, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(_WAIT_S * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """The database's own errors in words: locked, full, no database."""
    try:
        yield
    except (OperationalError, DatabaseError, sqlite3.Error) as e:
        words = str(getattr(e, "orig", None) or e)
        if "locked" in words or "busy" in words:
            raise Refusal(
                Fault(
                    f"the mission is locked: another program has been writing to {path.name} for {_WAIT_S:.0f} s",
                    "Wait until it has finished, then try again; nothing was stored",
                )
            ) from e
        if "full" in words or "disk I/O" in words:
            raise Stopped(
                Fault("the disk is full: nothing of the present file was stored", "Make room, then ingest it again")
            ) from e
        if "not a database" in words or "malformed" in words:
            raise Refusal(Fault(f"{path.name} is not a Trucewatch database", "Restore it from a copy")) from e
        if "readonly" in words or "unable to open" in words:
            raise Refusal(Fault(f"{path.name} cannot be written: {words}", "Check the folder's permissions")) from e
        raise
