"""Whether what lies in the store is what its leaves say: for each record, one sentence on what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.sealing import unseal
from trucewatch.ledger.tree import leaf_hash
from trucewatch.store.leaves import Head, commit, entry

ROWS = (
    "SELECT r.seq, r.id, r.kind, r.recorded_at, r.known_at, r.actor, r.schema, r.salt, r.commitment, "
    "p.bytes, p.digest, k.key, l.hash, l.fields, d.by_seq FROM record r LEFT JOIN payload p ON p.seq = r.seq "
    "LEFT JOIN payload_key k ON k.seq = r.seq LEFT JOIN leaf l ON l.seq = r.seq "
    "LEFT JOIN redacted d ON d.seq = r.seq ORDER BY r.seq"
)


class Row(NamedTuple):
    """A record with its sealed payload, key and leaf, as they lie there; `by_seq` the redaction that erased it."""

    seq: int
    id: str
    kind: str
    recorded_at: int
    known_at: int
    actor: str
    schema: int
    salt: bytes
    commitment: bytes
    sealed: bytes | None
    digest: bytes | None
    key: bytes | None
    hash: bytes | None
    fields: bytes | None
    by_seq: int | None


def faults(rows: Iterable[Row]) -> Iterator[tuple[int, str]]:
    """Number and fault of each record that is not what its leaf says, or is missing, from rows by number."""
    expected = 1
    for row in rows:
        for seq in range(expected, row.seq):
            yield seq, "it is missing"
        expected = row.seq + 1
        what = fault(row)
        if what is not None:
            yield row.seq, what


def fault(row: Row) -> str | None:
    """What is wrong with a record, in words; None where nothing is."""
    try:
        return _fault(row)
    except (TypeError, ValueError, AttributeError, OverflowError):  # a column of another kind than was ever written
        return "a column holds what was never written there"


def _fault(row: Row) -> str | None:
    if row.hash is None or row.fields is None:
        return "its leaf is missing"
    if leaf_hash(entry(row.kind, row.seq, row.commitment, row.fields)) != row.hash:
        return "kind, commitment or fields are not those of its leaf"
    if row.by_seq is not None:
        return None if row.sealed is None and not row.salt else "it was erased, and something of it is there"
    if row.sealed is None or row.key is None:
        return "its payload is missing, and no redaction erased it"
    try:
        data = unseal(row.key, row.sealed, b"%d" % row.seq)
    except LedgerError:
        return "its payload does not open: payload or key were changed"
    if hashlib.sha256(data).digest() != row.digest:
        return "the digest of its payload was changed"
    head = Head(row.seq, row.id, row.kind, row.recorded_at, row.known_at, row.actor, row.schema)
    if commit(head, row.salt, data) != row.commitment:
        return "it is not what was committed to: payload, id, a time, the actor or the salt were changed"
    return None
