"""Tables and triggers of the store (design 3): `record` says that something was said, `payload` holds the words, `leaf`
what the ledger was told of it.

A record is never edited or deleted (law L1), and the database itself refuses it. The one way a payload may go is a
redaction: its bytes, its key and the record's salt and id are erased where a record of kind `redaction` names the row;
the commitment and the leaf stay.
"""

from __future__ import annotations

from sqlalchemy import BLOB, Column, Integer, MetaData, String, Table

SCHEMA_VERSION = 2
metadata = MetaData()
record = Table(
    "record",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, index=True),
    Column("kind", String, nullable=False, index=True),
    Column("recorded_at", Integer, nullable=False),
    Column("known_at", Integer, nullable=False),
    Column("actor", String, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("salt", BLOB, nullable=False),
    Column("commitment", BLOB, nullable=False),
    sqlite_autoincrement=True,
)
payload = Table(
    "payload",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # Sealed under the record's own key.
    Column("bytes", BLOB, nullable=False),
    # SHA-256 of the open payload, to tell what is new without reading everything; it goes with the payload.
    Column("digest", BLOB, nullable=False),
)
payload_key = Table(
    "payload_key",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("key", BLOB, nullable=False),
)
# The hash of a record's leaf, and the digests of its fields, joined, where it has such: they stay after an erasure.
leaf = Table(
    "leaf",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("hash", BLOB, nullable=False),
    Column("fields", BLOB, nullable=False),
)
# Every checkpoint that was signed, as a note; the same size again where witnesses have signed it since.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("note", String, nullable=False),
)
redacted = Table(
    "redacted",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("by_seq", Integer, nullable=False),
)
# What linking keeps between updates; it may be dropped at any time, like every derived table.
blob = Table("blob", metadata, Column("key", String, primary_key=True), Column("bytes", BLOB, nullable=False))
meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

_ERASED = (
    "EXISTS (SELECT 1 FROM redacted JOIN record AS r ON r.seq = redacted.by_seq "
    "WHERE redacted.seq = OLD.seq AND r.kind = 'redaction')"
)
_ONLY_SALT_AND_ID = " AND ".join(
    ["NEW.salt = x''", *(f"NEW.{c} = OLD.{c}" for c in ("seq", "kind", "recorded_at", "known_at", "actor"))]
    + [f'NEW."{c}" = OLD."{c}"' for c in ("schema", "commitment")]
)


def _never(table: str, act: str, done: str, when: str = "", unless: str = "") -> str:
    clause = f"WHEN {when} " if when else ""
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_{done} BEFORE {act} ON {table} {clause}BEGIN "
        f"SELECT RAISE(ABORT, 'a stored {table.replace('_', ' ')} is never {act.lower()}d{unless}'); END"
    ).replace("insertd", "replaced")


# REPLACE deletes without firing the triggers of DELETE: hence the ones on INSERT.
TRIGGERS = (
    _never("record", "UPDATE", "is_never_edited", f"NOT ({_ONLY_SALT_AND_ID} AND {_ERASED})"),
    _never("record", "DELETE", "is_never_deleted"),
    *(
        _never(t, "INSERT", "is_never_replaced", f"EXISTS (SELECT 1 FROM {t} WHERE seq = NEW.seq)")
        for t in ("record", "payload", "payload_key", "leaf")
    ),
    *(_never(t, "UPDATE", "is_never_edited") for t in ("payload", "payload_key", "leaf", "checkpoint")),
    *(_never(t, "DELETE", "is_never_deleted") for t in ("leaf", "checkpoint")),
    _never("payload", "DELETE", "goes_by_redaction_alone", f"NOT {_ERASED}", " but by a redaction"),
    _never("payload_key", "DELETE", "goes_by_redaction_alone", f"NOT {_ERASED}", " but by a redaction"),
)
TRIGGER_NAMES = tuple(trigger.split()[5] for trigger in TRIGGERS)
