"""From an older version of the store to the present one: numbers, times and payloads stay byte for byte.

Version 1 had no ledger: nothing was signed over its commitments, so that its records are committed to anew. From
version 2 on a leaf is never written again, and every upgrade must keep every root.
"""

from __future__ import annotations

import os

from sqlalchemy import Connection, text

from trucewatch.ledger.commitments import SALT_BYTES
from trucewatch.store import schema
from trucewatch.store.leaves import Head
from trucewatch.store.transaction import BATCH, Hooks, Made, driver_of


def upgrade(c: Connection, version: int, hooks: Hooks) -> None:
    """Bring the tables up to the present version, within the transaction that the caller began; 0 is a new file."""
    if version == 1:
        _set_aside(c)
    schema.metadata.create_all(c, checkfirst=True)
    if version == 1:
        _take_back(c, hooks)
    for trigger in schema.TRIGGERS:
        c.execute(text(trigger))


def _set_aside(c: Connection) -> None:
    driver = driver_of(c)
    found = driver.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in found:
        driver.execute(f"DROP TRIGGER {name}")
    for name in ("record", "payload"):
        driver.execute(f"ALTER TABLE {name} RENAME TO {name}_1")
    for (name,) in driver.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'record_1' AND sql IS NOT NULL"
    ).fetchall():
        driver.execute(f"DROP INDEX {name}")


def _take_back(c: Connection, hooks: Hooks) -> None:
    driver, last = driver_of(c), 0
    query = (
        "SELECT r.seq, r.id, r.kind, r.recorded_at, r.known_at, r.actor, r.salt, r.commitment, p.bytes "
        "FROM record_1 r LEFT JOIN payload_1 p ON p.seq = r.seq WHERE r.seq > ? ORDER BY r.seq LIMIT ?"
    )
    while rows := driver.execute(query, (last, BATCH)).fetchall():
        made = Made()
        for seq, id_, kind, recorded, known, actor, salt, commitment, data in rows:
            if data is None:  # erased already: what stands there is a number and a commitment
                made.add_erased(Head(seq, id_, kind, recorded, known, actor, 1), salt, commitment)
                continue
            head = Head(seq, id_, kind, recorded, known, actor, schema.SCHEMA_VERSION)
            secret = os.urandom(2 * SALT_BYTES)
            made.add(head, secret[:SALT_BYTES], secret[SALT_BYTES:], data, None, hooks.coarse)
        made.insert(driver)
        last = int(rows[-1][0])
    driver.execute("DROP TABLE record_1")
    driver.execute("DROP TABLE payload_1")
