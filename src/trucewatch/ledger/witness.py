"""A witness: signs each checkpoint that continues the last one of its log, and never another (C2SP tlog-witness).

All that it must remember is the last checkpoint of each log, in one file, on the disk before the answer is given. A
party runs it on its own machine; `witness_server` puts it behind HTTP.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from trucewatch.ledger import base64
from trucewatch.ledger.checkpoints import Checkpoint, parse_checkpoint, parse_number, read_checkpoint
from trucewatch.ledger.disk import write_whole
from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified, Refused
from trucewatch.ledger.keys import KeyType, Signer, VerifierKey
from trucewatch.ledger.notes import MAX_NOTE_BYTES, Note, Signature, parse
from trucewatch.ledger.proofs import MOST_HASHES, verify_consistency
from trucewatch.ledger.tree import EMPTY_ROOT

SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
_OLD = "old "
_MOST_REFUSED = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What the HTTP server says."""

    status: int
    body: bytes
    type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Request:
    """A request to sign: the size that the log believes to be the last one signed, the proof from there, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @property
    def body(self) -> bytes:
        """As it is sent."""
        return "\n".join([f"{_OLD}{self.old}", *map(base64.encode, self.proof), "", self.note]).encode()


def parse_request(body: bytes) -> Request:
    """Read a request. Malformed where it is not of the form."""
    try:
        head, blank, note = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as e:
        raise Malformed("the request is not UTF-8", check="request") from e
    first, *lines = head.split("\n")
    if not blank or not first.startswith(_OLD) or len(lines) > MOST_HASHES or len(body) > MAX_NOTE_BYTES:
        raise Malformed("the request is not `old`, at most 63 hashes, an empty line, a checkpoint", check="request")
    proof = tuple(base64.decode(line, "a hash of the proof") for line in lines)
    return Request(parse_number(first.removeprefix(_OLD), "the old size"), proof, note)


class Cosigner:
    """The witness's one decision, made under a lock. `clock`: seconds since 1970."""

    def __init__(
        self, state: Path, signer: Signer, logs: Mapping[str, Sequence[VerifierKey]], clock: Callable[[], int]
    ) -> None:
        """Go on from the file `state`. Refused where there is none (see `create`) or it cannot be read.

        `logs`: keys by origin. ValueError where the signer is no witness's.
        """
        if signer.verifier.type is not KeyType.COSIGNATURE:
            raise ValueError("a witness signs with a key of its own kind")
        self._path, self._signer, self._logs, self._clock = state, signer, dict(logs), clock
        self._lock = threading.Lock()
        self._state = self._read()

    @staticmethod
    def create(state: Path) -> None:
        """Make the state of a witness that has signed nothing yet. Refused where there is a file already."""
        if state.exists():
            raise Refused(f"{state.name} is there already: a witness that forgot what it signed would help a fork")
        _write(state, {"v": 1, "logs": {}, "refused": []})

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request: 200 with the cosignature, or why not.

        OSError where the state cannot be kept: nothing signed.
        """
        try:
            request = parse_request(body)
            note = parse(request.note)
            checkpoint = read_checkpoint(note.text)
        except Malformed as e:  # a signature that is not strict base64 is one that does not hold
            return _say(403 if e.check == "signature" else 400, e)
        if checkpoint.origin not in self._logs:
            return _say(404, "this witness does not know the log")
        try:
            signed = self._by_log(note, checkpoint.origin)
        except NotVerified as e:
            return _say(403, e)
        if request.old > checkpoint.size:
            return _say(400, "the old size is above the new one")
        with self._lock:
            return self._continue(request, checkpoint, Note(note.text, signed))

    def _continue(self, request: Request, checkpoint: Checkpoint, note: Note) -> Answer:
        last = self._last(checkpoint.origin)
        size = 0 if last is None else last.size
        if request.old != size:
            return Answer(409, b"%d\n" % size, SIZE_TYPE)
        try:
            _check(request, checkpoint, last)
        except NotVerified as e:
            self._remember_refused(str(note))
            return _say(422, e)
        state = self._state["logs"].get(checkpoint.origin, {})
        time_s = max(self._clock(), int(state.get("time", 0)))  # a clock that was set back signs no earlier time
        signature = self._signer.sign(note.text, time_s)
        kept = {"size": checkpoint.size, "time": time_s, "note": str(note.signed(signature))}
        self._keep({**self._state, "logs": {**self._state["logs"], checkpoint.origin: kept}})
        return Answer(200, signature.line.encode())

    def checkpoint(self, origin_hash: str) -> Answer:
        """The last checkpoint signed of the log with this SHA-256 of its origin in hex, with all signatures; or 404."""
        for origin, kept in self._state["logs"].items():
            if sha256(origin.encode()).hexdigest() == origin_hash:
                return Answer(200, kept["note"].encode())
        return _say(404, "nothing signed of such a log")

    def refused(self) -> list[str]:
        """Notes that a log signed and that did not continue what this witness had signed: the last 16. See `forks`."""
        return list(self._state["refused"])

    def _by_log(self, note: Note, origin: str) -> tuple[Signature, ...]:
        made = [(key, s) for s in note.signatures for key in self._logs[origin] if key.made(s)]
        if not made:
            raise NotVerified("the checkpoint is not signed by its log", check="log signature")
        for key, signature in made:
            key.verify(note.text, signature)
        return tuple(s for _, s in made)

    def _last(self, origin: str) -> Checkpoint | None:
        kept = self._state["logs"].get(origin)
        return None if kept is None else parse_checkpoint(parse(kept["note"]).text)

    def _remember_refused(self, note: str) -> None:
        if note not in self._state["refused"]:
            self._keep({**self._state, "refused": [*self._state["refused"], note][-_MOST_REFUSED:]})

    def _keep(self, state: dict[str, Any]) -> None:
        _write(self._path, state)
        self._state = state

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads(self._path.read_bytes())
            if state["v"] != 1 or not isinstance(state["refused"], list):
                raise ValueError("another version")
            for origin, kept in state["logs"].items():
                note = parse(kept["note"])
                (own,) = [s for s in note.signatures if self._signer.verifier.made(s)]
                time_s = self._signer.verifier.verify(note.text, own)
                checkpoint = parse_checkpoint(note.text)
                if (checkpoint.origin, checkpoint.size, time_s) != (origin, kept["size"], kept["time"]):
                    raise ValueError("parts that do not fit")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, LedgerError) as e:
            raise Refused(
                f"the witness's memory {self._path.name} is missing, or not what this key signed: "
                "to go on would help a fork",
                check="state",
                remedy="Restore it; a witness that lost it must start anew with a new key",
            ) from e
        return dict(state)


def _check(request: Request, checkpoint: Checkpoint, last: Checkpoint | None) -> None:
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise NotVerified("size 0 and not the root of the empty tree", check="root")
    if last is None or last.size == 0:
        if request.proof:
            raise NotVerified("a proof from nothing must be empty", check="consistency")
        return
    verify_consistency(last.size, checkpoint.size, last.root, checkpoint.root, request.proof)


def _say(status: int, why: object) -> Answer:
    return Answer(status, f"{why}\n".encode())


def _write(path: Path, state: dict[str, Any]) -> None:
    write_whole(path.parent, [(path.name, json.dumps(state, ensure_ascii=False, indent=1).encode() + b"\n")])
