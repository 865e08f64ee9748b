"""Tables and triggers of the store (design 3): `record` says that something was said, `payload` holds the words.

A record is never edited or deleted (law L1), and the database itself refuses it. The one way a payload may go is a
redaction: its bytes are erased where a record of kind `redaction` names the row; the commitment stays.
"""

from __future__ import annotations

from sqlalchemy import BLOB, Column, Integer, MetaData, String, Table

SCHEMA_VERSION = 1
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
    Column("bytes", BLOB, nullable=False),
    # SHA-256 of the open payload, to tell what is new without reading everything; it goes with the payload.
    Column("digest", BLOB, nullable=False),
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

TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS record_is_never_edited BEFORE UPDATE ON record BEGIN "
    "SELECT RAISE(ABORT, 'a stored record is never edited'); END",
    "CREATE TRIGGER IF NOT EXISTS record_is_never_deleted BEFORE DELETE ON record BEGIN "
    "SELECT RAISE(ABORT, 'a stored record is never deleted'); END",
    # REPLACE deletes without firing the triggers of DELETE.
    "CREATE TRIGGER IF NOT EXISTS record_is_never_replaced BEFORE INSERT ON record "
    "WHEN EXISTS (SELECT 1 FROM record WHERE seq = NEW.seq) BEGIN "
    "SELECT RAISE(ABORT, 'a stored record is never replaced'); END",
    "CREATE TRIGGER IF NOT EXISTS payload_is_never_replaced BEFORE INSERT ON payload "
    "WHEN EXISTS (SELECT 1 FROM payload WHERE seq = NEW.seq) BEGIN "
    "SELECT RAISE(ABORT, 'a stored payload is never replaced'); END",
    "CREATE TRIGGER IF NOT EXISTS payload_is_never_edited BEFORE UPDATE ON payload BEGIN "
    "SELECT RAISE(ABORT, 'a stored payload is never edited'); END",
    "CREATE TRIGGER IF NOT EXISTS payload_goes_by_redaction_alone BEFORE DELETE ON payload "
    "WHEN NOT EXISTS (SELECT 1 FROM redacted JOIN record ON record.seq = redacted.by_seq "
    "WHERE redacted.seq = OLD.seq AND record.kind = 'redaction') BEGIN "
    "SELECT RAISE(ABORT, 'a stored payload is never deleted but by a redaction'); END",
)
