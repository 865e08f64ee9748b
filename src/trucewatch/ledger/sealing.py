"""Payloads under a key of their own (AES-256-GCM), so that one can be erased by destroying 32 bytes.

What is sealed is bound to what it belongs to (`about`: the record's number, say): put beside another record it does not
open. A key seals one payload and is never used again.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trucewatch.ledger.errors import NotVerified

KEY_BYTES = 32
_NONCE_BYTES = 12


def new_keys(count: int) -> list[bytes]:
    """Keys for so many records, from the system's random source."""
    data = os.urandom(KEY_BYTES * count)
    return [data[k : k + KEY_BYTES] for k in range(0, len(data), KEY_BYTES)]


def seal(key: bytes, payload: bytes, about: bytes) -> bytes:
    """A payload that opens with this key and for this `about` alone: 28 bytes longer."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, payload, about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """The payload. NotVerified where the key is another, or the bytes or what they belong to were changed."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as e:
        raise NotVerified(
            "the payload does not open: it was changed, moved, or its key is another", check="payload"
        ) from e
