"""Keys of logs and witnesses: Ed25519 (RFC 8032) as signed-note type 0x01 and tlog-cosignature type 0x04.

A verifier key is public and one line of text. What signs is any function from bytes to 64 bytes, so that a private
key may lie in a file, behind a passphrase, in an agent or in a device, and never has to be read by this program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trucewatch.ledger import base64
from trucewatch.ledger.errors import Malformed, NotVerified
from trucewatch.ledger.notes import KEY_ID_BYTES, Signature, valid_name

MAX_TIME_S = 2**63 - 1
_KEY_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 32, 64, 8
_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_PRIVATE = "PRIVATE+KEY+"


class KeyType(IntEnum):
    """What a key signs: the text of a note (a log), or a text with the time at which it was seen (a witness)."""

    NOTE = 0x01
    COSIGNATURE = 0x04


def key_id(name: str, material: bytes) -> bytes:
    """The first 4 bytes of SHA-256(name || newline || type || public key); `material` begins with the type."""
    return sha256(name.encode() + b"\n" + material).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name. The same public key under another name or type is another key."""

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        if not valid_name(self.name):
            raise Malformed(
                f"a key cannot have the name {self.name[:60]!r}: no spaces, no plus, not empty", check="key"
            )
        if len(self.public) != _KEY_BYTES:
            raise Malformed(f"the public key of {self.name} has {len(self.public)} bytes instead of 32", check="key")

    @property
    def id(self) -> bytes:
        """The 4 bytes by which a signature line names it."""
        return key_id(self.name, bytes([self.type]) + self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.encode(bytes([self.type]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """Whether the line claims to be of this key: same name and id. That it holds is for `verify`."""
        return signature.name == self.name and signature.key_id == self.id

    def verify(self, text: str, signature: Signature) -> int | None:
        """Check a signature over the text of a note. NotVerified where it does not hold.

        Returns the time of a cosignature in seconds since 1970, None for a log's signature.
        """
        if not self.made(signature):
            raise NotVerified(f"the signature is not of {self.name}", check="signature")
        time_s, blob = None, signature.blob
        if self.type is KeyType.COSIGNATURE:
            time_s, blob = int.from_bytes(blob[:_TIME_BYTES], "big"), blob[_TIME_BYTES:]
        if len(blob) != _SIGNATURE_BYTES or (time_s or 0) > MAX_TIME_S:
            raise NotVerified(f"the signature of {self.name} has not the form of its kind", check="signature")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(blob, signed_bytes(text, time_s))
        except InvalidSignature as e:
            raise NotVerified(
                f"the signature of {self.name} does not hold: the text or the signature was changed", check="signature"
            ) from e
        return time_s


def signed_bytes(text: str, time_s: int | None) -> bytes:
    """What is signed: the text itself, or with a time the message of cosignature/v1."""
    return (text if time_s is None else f"cosignature/v1\ntime {time_s}\n{text}").encode()


def parse_key(line: str) -> VerifierKey:
    """A verifier key from its line (signed-note, Verifier keys). Malformed where it is none, or of a kind not known."""
    name, plus, rest = line.partition("+")
    identity, plus2, text = rest.partition("+")
    if not (plus and plus2 and _ID.fullmatch(identity)):
        raise Malformed(f"this is no verifier key: {line[:80]!r} (name+8 hex digits+base64)", check="key")
    material = base64.decode(text, f"the verifier key of {name[:60]}")
    if not material or material[0] not in set(KeyType):
        raise Malformed(
            f"the verifier key of {name[:60]} is of a kind that is not known here (Ed25519 is)", check="key"
        )
    key = VerifierKey(name, KeyType(material[0]), material[1:])
    if key.id.hex() != identity:
        raise Malformed(f"the verifier key of {name[:60]} was changed: its id does not fit", check="key")
    return key


def parse_keys(text: str) -> tuple[VerifierKey, ...]:
    """Verifier keys one a line, in their order.

    Malformed at a line that is none, at an empty one, and where one is twice.
    """
    if not text.endswith("\n"):
        raise Malformed("the file of keys does not end in a line end: it was cut", check="key")
    keys = tuple(map(parse_key, text[:-1].split("\n")))
    if len({k.public for k in keys}) != len(keys):
        raise Malformed("the file of keys names one public key twice", check="key")
    return keys


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with a key whose public part is `verifier`; `sign_bytes` makes 64 bytes (RFC 8032) from a message."""

    verifier: VerifierKey
    sign_bytes: Callable[[bytes], bytes]

    def sign(self, text: str, time_s: int | None = None) -> Signature:
        """Sign the text of a note; a witness gives the time in whole seconds since 1970.

        ValueError where that is wrong.
        """
        if (time_s is not None) != (self.verifier.type is KeyType.COSIGNATURE) or not 0 <= (time_s or 0) <= MAX_TIME_S:
            raise ValueError("a cosignature has a time from 0 to 2^63 - 1, the signature of a log has none")
        time = b"" if time_s is None else time_s.to_bytes(_TIME_BYTES, "big")
        blob = time + self.sign_bytes(signed_bytes(text, time_s))
        return Signature(self.verifier.name, self.verifier.id, blob)


def signer_of(name: str, type_: KeyType, seed: bytes) -> Signer:
    """The signer with this Ed25519 seed of 32 bytes."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(VerifierKey(name, type_, private.public_key().public_bytes_raw()), private.sign)


def new_private_key(name: str, type_: KeyType) -> str:
    """A new private key as one line, from the system's random source: to be kept secret. `parse_private` reads it."""
    seed = os.urandom(_KEY_BYTES)
    key = signer_of(name, type_, seed).verifier
    return f"{_PRIVATE}{name}+{key.id.hex()}+{base64.encode(bytes([type_]) + seed)}"


def parse_private(line: str) -> Signer:
    """The signer of a private key's line. Malformed where it is none; the error never repeats what was read."""
    name, _, rest = line.removeprefix(_PRIVATE).partition("+")
    identity, _, text = rest.partition("+")
    try:
        material = base64.decode(text)
        signer = signer_of(name, KeyType(material[0]), material[1:])
    except (Malformed, ValueError, IndexError):
        raise Malformed("this is no private key of a log or witness", check="key") from None
    if not line.startswith(_PRIVATE) or signer.verifier.id.hex() != identity:
        raise Malformed("this is no private key of a log or witness, or it was changed", check="key")
    return signer
