"""What the ledger is told of a record: a commitment to all of it, for some kinds one to each field, never its words.

What is committed to is the record with its two clocks, its id and its actor, so that none of them can be changed
unseen: the canonical JSON of `actor`, `id`, `kind`, `known_at`, `payload`, `recorded_at`, `schema`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from trucewatch.ledger.commitments import field_digests
from trucewatch.ledger.errors import Malformed
from trucewatch.ledger.tiles import MAX_ENTRY_BYTES

Payload = dict[str, Any]
# Kinds whose fields can be shown one by one (issue: claims, items, coverage).
FIELDED = frozenset({"claim", "item", "coverage"})
RECORDED_AT = "_recorded_at"  # as a field: columns of input never begin with _
_HASH_BYTES = 32

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(payload: Payload) -> bytes:
    """The one byte form of a payload: sorted keys, no spaces, UTF-8. NaN or infinite floats raise ValueError."""
    return _encode(payload).encode()


class Head(NamedTuple):
    """A record without its payload: times in microseconds, `schema` the version of the store that wrote it."""

    seq: int
    id: str
    kind: str
    recorded_at: int
    known_at: int
    actor: str
    schema: int


def envelope(head: Head, payload: bytes) -> bytes:
    """What a record's commitment is of; `payload` are its canonical bytes."""
    return b'{"actor":%b,"id":%b,"kind":%b,"known_at":%d,"payload":%b,"recorded_at":%d,"schema":%d}' % (
        encode_basestring(head.actor).encode(),
        encode_basestring(head.id).encode(),
        encode_basestring(head.kind).encode(),
        head.known_at,
        payload,
        head.recorded_at,
        head.schema,
    )


def committed_fields(head: Head, payload: Payload, coarse: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a record that can be shown one by one; `coarse` are those made coarse, by names that begin with
    _."""
    return {**payload, RECORDED_AT: head.recorded_at, **coarse}


def commit(head: Head, salt: bytes, payload: bytes) -> bytes:
    """The commitment to a record, under its salt of 32 bytes."""
    return hashlib.sha256(salt + envelope(head, payload)).digest()


def digests_of(head: Head, salt: bytes, payload: Payload, coarse: Mapping[str, Any]) -> bytes:
    """Digests of the fields of a record, sorted and joined; none where its kind has none."""
    if head.kind not in FIELDED:
        return b""
    return b"".join(field_digests(salt, committed_fields(head, payload, coarse)))


def entry(kind: str, seq: int, commitment: bytes, digests: bytes) -> bytes:
    """The bytes of a record's leaf. Times and persons are no part of it: who has a mirror must not learn when a patrol
    reported."""
    # As `Leaf.entry` says it, written out for bulk intake.
    fields = f'"fields":["{digests.hex("|", _HASH_BYTES)}"],'.replace("|", '","') if digests else ""
    out = f'{{"commitment":"{commitment.hex()}",{fields}"kind":{encode_basestring(kind)},"seq":{seq},"v":1}}'.encode()
    if len(out) > MAX_ENTRY_BYTES:
        raise Malformed(
            f"a {kind} with {len(digests) // _HASH_BYTES} fields is more than a leaf can hold", check="leaf"
        )
    return out
