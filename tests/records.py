"""What is stored of a mission, opened: payloads lie sealed in the database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from trucewatch.store.transaction import open_payload

Row = tuple[int, str, str, int, bytes]


def records(database: Path) -> list[Row]:
    """Number, kind, id, known time and canonical payload of every record, in order."""
    tables = "record r JOIN payload USING (seq) JOIN payload_key USING (seq)"
    with sqlite3.connect(database) as c:
        rows = c.execute(f"SELECT r.seq, kind, id, known_at, key, bytes FROM {tables} ORDER BY r.seq").fetchall()
    return [(seq, kind, id_, known, open_payload(seq, key, data)) for seq, kind, id_, known, key, data in rows]
