"""A private key in a file: plain, or sealed under a passphrase (Argon2id, RFC 9106, second recommended choice; then
AES-256-GCM, bound to the public key that stands beside it).

The file holds one line. Reading it tells whose key it is without the passphrase.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from trucewatch.ledger import base64
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.keys import Signer, VerifierKey, parse_key, parse_private
from trucewatch.ledger.sealing import seal, unseal

SEALED = "SEALED+KEY/v1"
_SALT_BYTES, _PASSES, _LANES, _KIBIBYTES = 16, 3, 4, 64 * 1024
_MOST_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a file holds: `verifier` whose key it is, and the signer, or None while it is sealed."""

    path: Path
    verifier: VerifierKey
    signer: Signer | None
    sealed: bytes = b""

    def open(self, passphrase: str) -> Signer:
        """The signer. NotVerified where the passphrase is another."""
        if self.signer is not None:
            return self.signer
        salt, rest = self.sealed[:_SALT_BYTES], self.sealed[_SALT_BYTES:]
        try:
            line = unseal(_derived(passphrase, salt), rest, str(self.verifier).encode())
        except NotVerified as e:
            raise NotVerified(
                f"the passphrase does not open the key in {self.path}",
                check="passphrase",
                remedy="Give the passphrase that was set when the key was made",
            ) from e
        return parse_private(line.decode())


def read_key_file(path: Path) -> KeyFile:
    """The key in a file. LedgerError where it cannot be read, Malformed where it holds none."""
    try:
        with path.open("rb") as f:
            data = f.read(_MOST_BYTES)
    except OSError as e:
        raise LedgerError(f"the key file {path} cannot be read: {e.strerror}", check="key file") from e
    try:
        line = data.decode("ascii").removesuffix("\n")
        if not line.startswith(SEALED + " "):
            signer = parse_private(line)
            return KeyFile(path, signer.verifier, signer)
        _, verifier, sealed = line.split(" ")
        return KeyFile(path, parse_key(verifier), None, base64.decode(sealed))
    except (UnicodeDecodeError, ValueError, Malformed) as e:
        raise Malformed(f"{path} holds no private key of a ledger, or was changed", check="key file") from e


def write_key_file(path: Path, private: str, passphrase: str | None) -> None:
    """Write a private key's line, sealed where there is a passphrase, readable by its owner alone.

    FileExistsError where the file is there already: a key is never overwritten.
    """
    line = private
    if passphrase:
        verifier, salt = str(parse_private(private).verifier), os.urandom(_SALT_BYTES)
        sealed = salt + seal(_derived(passphrase, salt), private.encode(), verifier.encode())
        line = f"{SEALED} {verifier} {base64.encode(sealed)}"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _derived(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_KIBIBYTES)
    return kdf.derive(passphrase.encode())
