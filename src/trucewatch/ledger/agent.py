"""Signs with an Ed25519 key that an ssh-agent holds (draft-ietf-sshm-ssh-agent): the private part never leaves it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from trucewatch.ledger.errors import LedgerError
from trucewatch.ledger.keys import Signer, VerifierKey

SOCKET = "SSH_AUTH_SOCK"
_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_KIND = b"ssh-ed25519"
_MOST_BYTES = 1 << 20
_WAIT_S = 30.0  # an agent may ask its owner


def identities(path: Path) -> list[tuple[bytes, str]]:
    """Public keys (32 bytes) and comments of the Ed25519 keys that the agent at a socket holds.

    LedgerError, OSError.
    """
    answer = _ask(path, bytes([_LIST]))
    if answer[:1] != bytes([_LISTED]):
        raise LedgerError("the ssh-agent did not list its keys", check="agent")
    parts = _strings(answer[5:])
    out = []
    for blob, comment in zip(parts, parts, strict=False):
        inner = list(_strings(blob))
        if len(inner) == 2 and inner[0] == _KIND:
            out.append((inner[1], comment.decode("utf-8", "replace")))
    return out


def agent_socket() -> Path | None:
    """Where the agent listens; None where there is none."""
    path = os.environ.get(SOCKET)
    return Path(path) if path and Path(path).exists() else None


def agent_signer(path: Path, verifier: VerifierKey) -> Signer:
    """The signer with this public key, which the agent at that socket holds."""
    blob = _string(_KIND) + _string(verifier.public)

    def sign(message: bytes) -> bytes:
        answer = _ask(path, bytes([_SIGN]) + _string(blob) + _string(message) + struct.pack(">I", 0))
        if answer[:1] != bytes([_SIGNED]):
            raise LedgerError("the ssh-agent refused to sign", check="agent", remedy="Unlock it, or add the key again")
        _, signature = _strings(next(_strings(answer[1:])))
        return signature

    return Signer(verifier, sign)


def _ask(path: Path, message: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(_WAIT_S)
        s.connect(str(path))
        s.sendall(_string(message))
        (length,) = struct.unpack(">I", _exactly(s, 4))
        if length > _MOST_BYTES:
            raise LedgerError("the ssh-agent answered more than it may", check="agent")
        return _exactly(s, length)


def _exactly(s: socket.socket, count: int) -> bytes:
    out = b""
    while len(out) < count:
        more = s.recv(count - len(out))
        if not more:
            raise LedgerError("the ssh-agent broke off", check="agent")
        out += more
    return out


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if at + 4 + length > len(data):
            raise LedgerError("the ssh-agent's answer is cut", check="agent")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length
