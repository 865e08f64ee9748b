"""The witness behind HTTP (C2SP tlog-witness): POST /add-checkpoint, GET /<hash of origin>/checkpoint. Nothing else."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from trucewatch.ledger.disk import owner
from trucewatch.ledger.keys import Signer, VerifierKey
from trucewatch.ledger.notes import MAX_NOTE_BYTES
from trucewatch.ledger.witness import Answer, Cosigner

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint", re.ASCII)
_IDLE_S = 30
_log = logging.getLogger(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness. `serve_forever` runs it, `server_address` tells where."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], cosigner: Cosigner) -> None:
        super().__init__(address, _Handler)
        self.cosigner = cosigner


@contextmanager
def opened(
    address: tuple[str, int],
    state: Path,
    signer: Signer,
    logs: Mapping[str, Sequence[VerifierKey]],
    clock: Callable[[], int],
) -> Iterator[WitnessServer]:
    """A server that is the only owner of this state. Refused, OSError where not; parameters as of `Cosigner`."""
    with owner(state.with_name(state.name + ".lock")):
        server = WitnessServer(address, Cosigner(state, signer, logs, clock))
        try:
            yield server
        finally:
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "witness"
    sys_version = ""
    timeout = _IDLE_S

    def do_POST(self) -> None:
        """Sign or refuse."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            return self._refuse(Answer(411, b"the length of the request must be told\n"))
        if len(length) > 9 or int(length) > MAX_NOTE_BYTES:
            return self._refuse(Answer(413, b"the request is too large\n"))
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            return self._refuse(Answer(400, b"the request was cut\n"))
        if self.path != "/add-checkpoint":
            return self._answer(Answer(404, b"there is only /add-checkpoint\n"))
        try:
            answer = self.server.cosigner.add_checkpoint(body)
        except OSError as e:
            _log.error("the witness cannot keep its memory: %s", e)
            answer = Answer(503, b"the witness cannot keep its memory; nothing was signed\n")
        return self._answer(answer)

    def do_GET(self) -> None:
        """The last checkpoint signed of a log."""
        match = _CHECKPOINT.fullmatch(self.path)
        self._answer(self.server.cosigner.checkpoint(match[1]) if match else Answer(404, b"there is no such page\n"))

    def _refuse(self, answer: Answer) -> None:
        self.close_connection = True
        self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """To the program's log, not to the terminal."""
        _log.info(format, *args)
