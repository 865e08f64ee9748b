"""Base64 (RFC 4648, section 4), strict: one text for each value, so that no changed bit reads as the same."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from trucewatch.ledger.errors import Malformed


def encode(data: bytes) -> str:
    """Bytes as text."""
    return b64encode(data).decode("ascii")


def decode(text: str, what: str = "base64") -> bytes:
    """Text as bytes. Malformed unless it is exactly what `encode` gives: no spaces, full padding, unused bits zero."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as e:
        raise Malformed(f"{what} is not base64", check="base64") from e
    if encode(data) != text:
        raise Malformed(f"{what} is base64 with unused bits that are not zero: it was changed", check="base64")
    return data
