"""Asks witnesses to sign a checkpoint. One that does not answer is told by name and never waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from trucewatch.ledger.checkpoints import parse_checkpoint, parse_number
from trucewatch.ledger.errors import LedgerError, Malformed, Refused
from trucewatch.ledger.keys import VerifierKey
from trucewatch.ledger.notes import MAX_NOTE_BYTES, Signature, parse, parse_lines
from trucewatch.ledger.witness import SIZE_TYPE, Request

Bridge = Callable[[int, int], Sequence[bytes]]  # the consistency proof from an old size to a new one
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A witness and what came of it: its cosignature, or in words why there is none.

    `fork`: it says that history differs.
    """

    key: VerifierKey
    signature: Signature | None
    why: str = ""
    fork: bool = False


def ask(url: str, key: VerifierKey, note: str, bridge: Bridge, timeout_s: float = 5.0) -> Asked:
    """Ask the witness with this key at this address (the submission prefix).

    Never raises for what the other side does.
    """
    try:
        return Asked(key, _signature(url, key, note, bridge, timeout_s))
    except Refused as e:
        return Asked(key, None, e.what, fork=True)
    except LedgerError as e:
        return Asked(key, None, e.what)
    except (OSError, HTTPException, ValueError) as e:
        return Asked(key, None, f"{key.name} did not answer: {e or type(e).__name__}")


def ask_all(
    witnesses: Sequence[tuple[str, VerifierKey]], note: str, bridge: Bridge, timeout_s: float = 5.0
) -> list[Asked]:
    """Ask all at once, in their order."""
    if not witnesses:
        return []
    with ThreadPoolExecutor(len(witnesses)) as pool:
        return list(pool.map(lambda w: ask(w[0], w[1], note, bridge, timeout_s), witnesses))


def _signature(url: str, key: VerifierKey, note: str, bridge: Bridge, timeout_s: float) -> Signature:
    parsed = parse(note)
    size, old = parse_checkpoint(parsed.text).size, 0
    for _ in range(_TRIES):
        proof = tuple(bridge(old, size)) if 0 < old < size else ()
        status, kind, body = _post(url, Request(old, proof, note).body, timeout_s)
        if status == 200:
            mine = [s for s in parse_lines(body) if key.made(s)]
            if not mine:
                raise Malformed(f"{key.name} answered without its own signature")
            key.verify(parsed.text, mine[0])
            return mine[0]
        if status == 409 and kind == SIZE_TYPE:
            old = parse_number(body.decode("ascii", "replace").removesuffix("\n"), f"the size that {key.name} knows")
            if old > size:
                raise Refused(
                    f"{key.name} has signed {old:,} records, this ledger has {size:,}: an old copy was restored"
                )
            continue
        said = body.decode("utf-8", "replace").strip()[:200]
        if status == 422:
            raise Refused(f"{key.name} says that this is not the history that it signed: {said}")
        raise LedgerError(f"{key.name} answered {status}: {said}")
    raise LedgerError(f"{key.name} signs other checkpoints of this log at this moment; try again")


def _post(url: str, body: bytes, timeout_s: float) -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url[:80]!r} is no address of a witness")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_s)
    try:
        connection.request("POST", parts.path.rstrip("/") + "/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read(MAX_NOTE_BYTES)
    finally:
        connection.close()
