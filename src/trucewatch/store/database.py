"""SQLite behind the store: one writer at a time, readers beside it (WAL), whole transactions or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from trucewatch.ledger.errors import LedgerError
from trucewatch.model.errors import Fault, Refusal, Stopped
from trucewatch.store import schema
from trucewatch.store.checks import ROWS, Row
from trucewatch.store.leaves import Payload, canonical, entry
from trucewatch.store.schema import SCHEMA_VERSION
from trucewatch.store.transaction import (
    BATCH,
    ERASING,
    Hooks,
    NewRecord,
    Transaction,
    digests_held,
    driver_of,
    open_payload,
)
from trucewatch.store.upgrades import upgrade

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


class Store:
    """A mission's records, each with its leaf, each payload sealed under a key of its own.

    `hooks` tell it what only the mission knows: fields made coarse, whether anything may be appended, and what to do
    once something was. Whoever appends goes through them.
    """

    def __init__(self, engine: Engine, hooks: Hooks) -> None:
        self._engine = engine
        self.hooks = hooks

    @classmethod
    def open(cls, path: str | Path, create: bool = False, hooks: Hooks | None = None) -> Store:
        """The store in a file. `Refusal` where it is missing (unless `create`), no store, or of a newer version."""
        path = Path(path)
        if not path.exists() and not create:
            raise Refusal(Fault(f"there is no database at {path.name}", "Make a mission first: trucewatch init"))
        engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _WAIT_S}, isolation_level="AUTOCOMMIT")
        event.listen(engine, "connect", _pragmas)
        store = cls(engine, hooks or Hooks())
        with told(path):
            store._prepare(path)
            if store.meta(ERASING) is not None:  # a crash came between an erasure and its last step
                store.scour()
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
            version = int(c.execute(text("PRAGMA user_version")).scalar_one())  # another may have done it meanwhile
            try:
                upgrade(c, version, self.hooks)
                if version == 1:  # what was open before lies in free pages still
                    driver_of(c).execute("INSERT OR REPLACE INTO meta VALUES (?, '1')", (ERASING,))
                c.execute(text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
                c.execute(text("COMMIT"))
            except BaseException:
                if driver_of(c).in_transaction:
                    c.execute(text("ROLLBACK"))
                raise

    def scour(self) -> None:
        """Leave no trace of what was erased in the database's files: free pages and the write-ahead log included."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver = driver_of(c)
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            driver.execute("VACUUM")
            driver.execute("DELETE FROM meta WHERE key = ?", (ERASING,))
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def numbers_of(self, id_: str) -> list[tuple[int, str]]:
        """Numbers and kinds of all records under an id whose payload is there."""
        query = "SELECT r.seq, r.kind FROM record r JOIN payload p ON p.seq = r.seq WHERE r.id = ? ORDER BY r.seq"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            return [(int(seq), str(kind)) for seq, kind in driver_of(c).execute(query, (id_,))]

    def versions_of(self, seq: int) -> list[tuple[int, str]]:
        """Numbers and kinds of the record of a number and of its other versions, as far as their payload is there."""
        query = "SELECT id, kind FROM record WHERE seq = ?"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            found = driver_of(c).execute(query, (seq,)).fetchone()
        return [] if found is None else [v for v in self.numbers_of(str(found[0])) if v[1] == found[1]]

    def payloads(self, seqs: Sequence[int]) -> Iterator[Payload]:
        """Payloads of records, in the order of the numbers; those that are not there are left out."""
        query = "SELECT k.key, p.bytes FROM payload p JOIN payload_key k ON k.seq = p.seq WHERE p.seq = ?"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            for seq in seqs:
                for key, data in driver_of(c).execute(query, (seq,)):
                    yield json.loads(open_payload(seq, key, data))

    def rows(self) -> Iterator[Row]:
        """Every record with all that belongs to it, as it lies there, by number: for those who check."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            cursor = driver_of(c).execute(ROWS)
            while found := cursor.fetchmany(BATCH):
                yield from map(Row._make, found)

    def damage(self) -> list[str]:
        """What the database says is wrong with its own file; empty where nothing is."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            found = [str(line) for (line,) in driver_of(c).execute("PRAGMA integrity_check(10)")]
            return [] if found == ["ok"] else found

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[Transaction]:
        """One transaction: all of it or nothing. Waits up to 10 s for another writer (unless told not to `wait`), then
        `Refusal`."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            _begin(c, wait)
            tx = Transaction(c, self.hooks)
            try:
                yield tx
                tx.settle()
                c.execute(text("COMMIT"))
            except BaseException:
                tx.abandon()
                if driver_of(c).in_transaction:  # a full disk has undone it already
                    c.execute(text("ROLLBACK"))
                raise
        if tx.appended:
            self.hooks.after()

    def read(self, kind: str, as_of: int | None = None, known_by: int | None = None) -> Iterator[Record]:
        """Records of a kind by seq, all versions: those recorded by `as_of` and known by `known_by` (microseconds)."""
        r, p, k = schema.record.c, schema.payload.c, schema.payload_key.c
        query = (
            select(r.seq, r.id, r.recorded_at, r.known_at, p.bytes, k.key)
            .join_from(schema.record, schema.payload, r.seq == p.seq)
            .join(schema.payload_key, r.seq == k.seq)
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
            cursor = driver_of(c).execute(compiled)
            while rows := cursor.fetchmany(BATCH):
                for seq, id_, recorded, known, data, key in rows:
                    yield Record(seq, id_, kind, recorded, known, json.loads(open_payload(seq, key, data)))

    def ids(self, kind: str) -> Iterator[str]:
        """Ids of all records of a kind by seq, all versions."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            for (id_,) in driver_of(c).execute("SELECT id FROM record WHERE kind = ? ORDER BY seq", (kind,)):
                yield id_

    def digests(self, kind: str, ids: Sequence[str]) -> dict[str, set[bytes]]:
        """SHA-256 of every stored version of those records of a kind; ids that nothing is stored of are left out."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            return digests_held(driver_of(c), kind, ids)

    def extent(self, as_of: int | None = None, known_by: int | None = None) -> tuple[int, int, int]:
        """How many records count under a cut, how many of them were erased, and the number of the last.

        Records are only ever appended and payloads only ever erased, so that under one cut of one store these three
        tell which records count.
        """
        where = " WHERE (?1 IS NULL OR r.recorded_at <= ?1) AND (?2 IS NULL OR r.known_at <= ?2)"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver, cut = driver_of(c), (as_of, known_by)
            query = "SELECT COUNT(*), COALESCE(MAX(r.seq), 0) FROM record r" + where
            count, last = driver.execute(query, cut).fetchone()
            query = "SELECT COUNT(*) FROM redacted d JOIN record r ON r.seq = d.seq" + where
            return int(count), int(driver.execute(query, cut).fetchone()[0]), int(last)

    def leaf_hashes(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Hashes of the leaves of the records after that number, in order, up to one by default all."""
        query = "SELECT hash FROM leaf WHERE seq > ? AND (?2 IS NULL OR seq <= ?2) ORDER BY seq"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            cursor = driver_of(c).execute(query.replace("> ?", "> ?1"), (after, upto))
            while rows := cursor.fetchmany(BATCH):
                for (hash_,) in rows:
                    yield bytes(hash_)

    def entries(self, start: int, end: int) -> list[bytes]:
        """The entries of the leaves [start, end): leaf k is of record k + 1."""
        query = (
            "SELECT r.kind, r.seq, r.commitment, l.fields FROM record r JOIN leaf l ON l.seq = r.seq "
            "WHERE r.seq > ? AND r.seq <= ? ORDER BY r.seq"
        )
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            return [entry(*row) for row in driver_of(c).execute(query, (start, end))]

    def checkpoint(self, origin: str) -> str | None:
        """The note of the last checkpoint that was signed in the log of that name."""
        query = "SELECT note FROM checkpoint WHERE substr(note, 1, ?2) = ?1 ORDER BY n DESC LIMIT 1"
        head = f"{origin}\n"
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            found = driver_of(c).execute(query, (head, len(head))).fetchone()
            return None if found is None else str(found[0])

    def checkpoints(self) -> list[str]:
        """All notes of checkpoints in the order in which they were kept."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            return [str(note) for (note,) in driver_of(c).execute("SELECT note FROM checkpoint ORDER BY n")]

    def keep_checkpoint(self, note: str) -> None:
        """Keep a signed checkpoint; it is on the disk when this returns."""
        with self.writing() as tx:
            tx.keep_checkpoint(note)

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
            driver = driver_of(c)
            names = [row[1] for row in driver.execute(f"PRAGMA table_info(derived_{name})")]
            shown = [n for n in names if not n.startswith("_")]
            if not shown:
                return [], []
            quoted = ", ".join(f'"{n}"' for n in shown)
            return shown, driver.execute(f"SELECT {quoted} FROM derived_{name} ORDER BY {order}").fetchall()

    def count_derived(self, name: str) -> int:
        """Rows of a derived table; 0 where it was dropped."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            driver = driver_of(c)
            if not driver.execute(f"PRAGMA table_info(derived_{name})").fetchall():
                return 0
            return int(driver.execute(f"SELECT COUNT(*) FROM derived_{name}").fetchone()[0])

    def blob(self, key: str) -> bytes | None:
        """A blob that belongs to the derived tables."""
        with told(Path(str(self._engine.url.database))), self._engine.connect() as c:
            found = c.execute(select(schema.blob.c.bytes).where(schema.blob.c.key == key)).scalar_one_or_none()
            return None if found is None else bytes(found)


def _begin(c: Connection, wait: bool) -> None:
    """Begin to write; without `wait` an error at once where another program writes."""
    if wait:
        c.execute(text("BEGIN IMMEDIATE"))
        return
    driver = driver_of(c)
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        c.execute(text("BEGIN IMMEDIATE"))
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(_WAIT_S * 1000)}")


def _pragmas(connection: sqlite3.Connection, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(_WAIT_S * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """The database's own errors in words: locked, full, no database."""
    try:
        yield
    except LedgerError as e:
        raise Refusal(Fault(e.what, e.remedy or "Find out what was changed: trucewatch check --deep")) from e
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


__all__ = ["NewRecord", "Payload", "Record", "Store", "Transaction", "canonical", "told"]
