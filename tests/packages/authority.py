"""A time-stamp authority for tests: `openssl ts` behind a small server (RFC 3161, section 3.4)."""

from __future__ import annotations

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
{certs}signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class Authority:
    """Its root certificate is the file `root`; its address `url` while it is open. `embeds`: it sends its certificates
    along out of DER order, as some real ones do."""

    def __init__(self, folder: Path, name: str, *, embeds: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.root, self.asked = folder, folder / "root.pem", 0
        certs = f"certs = {folder}/root.pem\n" if embeds else ""
        self.config = folder / "tsa.cnf"
        self.config.write_text(CONFIG.format(folder=folder, certs=certs))
        (folder / "serial").write_text("01\n")
        self._run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "root.key")
        self._run(
            "req", "-x509", "-new", "-key", "root.key", "-subj", f"/CN={name} root", "-days", "3650", "-config",
            "tsa.cnf", "-extensions", "root", "-out", "root.pem",
        )  # fmt: skip
        self._run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "tsa.key")
        self._run("req", "-new", "-key", "tsa.key", "-subj", f"/CN={name}", "-config", "tsa.cnf", "-out", "tsa.csr")
        self._run(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
            "3650", "-extfile", "tsa.cnf", "-extensions", "stamping", "-out", "tsa.pem",
        )  # fmt: skip

    def _run(self, *command: str) -> None:
        subprocess.run(["openssl", *command], cwd=self.folder, check=True, capture_output=True)

    def reply(self, request: bytes) -> bytes:
        self.asked += 1
        (self.folder / "query").write_bytes(request)
        self._run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def __enter__(self) -> Authority:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = authority.reply(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
