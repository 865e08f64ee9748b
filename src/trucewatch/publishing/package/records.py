"""Records as a package shows them, one JSON object a line: whole, by single fields, or closed; each with its leaf.

Every form gives the leaf's bytes, so that each can be shown to stand in the ledger; what is not shown stays behind a
salted commitment. A line: `seq`, `kind`, `fields` (digests, where the leaf has such), and
whole: `salt`, `record` (the text that was committed to); by fields: `commitment`, `disclosed` (the texts that open
fields); closed: `commitment`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from trucewatch.ledger.commitments import check_disclosures, commit, parse_leaf
from trucewatch.ledger.errors import Malformed
from trucewatch.ledger.tree import leaf_hash
from trucewatch.store.checks import Row
from trucewatch.store.leaves import Head, entry, envelope

Payload = dict[str, Any]
_HASH_HEX = 64
_WHOLE = {"actor", "id", "kind", "known_at", "payload", "recorded_at", "schema"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Shown:
    """A record of a package, checked against its own leaf. `payload` None: closed; `whole`: nothing of it is held back.

    Times in microseconds, None where they are not shown.
    """

    seq: int
    kind: str
    leaf: bytes
    payload: Payload | None
    whole: bool
    id: str = ""
    recorded_at: int | None = None
    known_at: int | None = None
    actor: str = ""


def whole(row: Row, payload: bytes) -> str:
    """The line of a record that is shown whole; `payload` are its canonical bytes."""
    head = Head(row.seq, row.id, row.kind, row.recorded_at, row.known_at, row.actor, row.schema)
    said = {**_leaf(row), "salt": row.salt.hex(), "record": envelope(head, payload).decode()}
    return _encode(said) + "\n"


def by_fields(row: Row, disclosed: Sequence[str]) -> str:
    """The line of a record of which some fields are shown."""
    return _encode({**_leaf(row), "commitment": row.commitment.hex(), "disclosed": list(disclosed)}) + "\n"


def closed(row: Row) -> str:
    """The line of a record of which nothing is shown: that it stands there."""
    return _encode({**_leaf(row), "commitment": row.commitment.hex()}) + "\n"


def digests(row: Row) -> list[bytes]:
    """Digests of the fields in the record's leaf."""
    fields = row.fields or b""
    return [fields[k : k + 32] for k in range(0, len(fields), 32)]


def _leaf(row: Row) -> dict[str, Any]:
    said: dict[str, Any] = {"seq": row.seq, "kind": row.kind}
    fields = digests(row)
    return {**said, "fields": [d.hex() for d in fields]} if fields else said


def parse(line: bytes) -> Shown:
    """A record from its line, what is shown of it checked against its commitments. Malformed, NotVerified."""
    try:
        said = json.loads(line)
        seq, kind = said["seq"], said["kind"]
        fields = b"".join(bytes.fromhex(_hex(d)) for d in said.get("fields", ()))
        if type(seq) is not int or type(kind) is not str or seq < 1:
            raise ValueError("no number")
        text = said.get("record")
        opened = commit(bytes.fromhex(_hex(said["salt"])), text.encode()) if text is not None else None
        commitment = bytes.fromhex(_hex(said["commitment"])) if opened is None else opened
        disclosed = said.get("disclosed")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise Malformed("a line of the records is no record: it was cut or changed", check="records") from e
    data = entry(kind, seq, commitment, fields)
    if parse_leaf(data).seq != seq:
        raise Malformed(f"record {seq} has no leaf that could stand in a ledger", check="records")
    leaf = leaf_hash(data)
    if text is not None:
        return _whole(seq, kind, leaf, text)
    if disclosed is None:
        return Shown(seq, kind, leaf, None, False)
    return Shown(seq, kind, leaf, _opened(seq, disclosed, fields), False)


def _opened(seq: int, disclosed: Iterable[str], fields: bytes) -> Payload:
    if not isinstance(disclosed, list) or not all(isinstance(t, str) for t in disclosed):
        raise Malformed(f"record {seq} opens no fields: its line was changed", check="records")
    return check_disclosures(disclosed, [fields[k : k + 32] for k in range(0, len(fields), 32)])


def _whole(seq: int, kind: str, leaf: bytes, text: str) -> Shown:
    try:
        said = json.loads(text)
        if set(said) != _WHOLE or said["kind"] != kind:
            raise ValueError("another record")
        return Shown(
            seq, kind, leaf, said["payload"], True, said["id"], said["recorded_at"], said["known_at"], said["actor"]
        )
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise Malformed(f"record {seq} is not of the form that records have", check="records") from e


def _hex(text: object) -> str:
    if not isinstance(text, str) or len(text) != _HASH_HEX or text.lower() != text:
        raise ValueError("no hash")
    return text
