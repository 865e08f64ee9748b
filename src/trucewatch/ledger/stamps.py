"""Time stamps of checkpoints by outside authorities (RFC 3161): that a ledger was so no later than a certain time.

What is stamped is the text of the checkpoint's note, without signatures. A token is verified by `rfc3161-client`, and
where that cannot read it (a set of certificates out of DER order, which authorities do send) by `openssl ts`; which of
the two accepted it is told. A token's bytes prove nothing of themselves: some can be changed without notice, so the
ledger keeps the hash of each.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.ledger.notes import parse

SUFFIX, CERTIFICATES = ".tsr", ".pem"
MOST_BYTES = 100_000  # of a token; real ones have 1 to 8 kB
CLIENT, OPENSSL = "rfc3161-client", "openssl ts"
_CHECK = "time stamp"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token proves: that the checkpoint was there at `at`; `by` which program it was verified."""

    at: datetime
    by: str


def stamped_text(note: str) -> bytes:
    """What is stamped of a checkpoint."""
    return parse(note).text.encode()


def ask(url: str, note: str, timeout_s: float = 10.0) -> bytes:
    """A token for a checkpoint from the authority at that address. LedgerError where none came."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(stamped_text(note)).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.cert_request(cert_request=True).build().as_bytes()
    try:
        status, body = _post(url, request, timeout_s)
    except (OSError, HTTPException, ValueError) as e:
        raise LedgerError(f"the time-stamp authority did not answer: {e or type(e).__name__}", check=_CHECK) from e
    if status != 200:
        raise LedgerError(f"the time-stamp authority answered with status {status}", check=_CHECK)
    if len(body) > MOST_BYTES:
        raise Malformed(f"the time-stamp authority answered with more than {MOST_BYTES:,} bytes", check=_CHECK)
    return body


def verify(token: bytes, note: str, certificates: bytes) -> Stamp:
    """Check a token over a checkpoint against an authority's root certificates (PEM). NotVerified, Malformed."""
    if len(token) > MOST_BYTES:
        raise Malformed(f"the time stamp has more than {MOST_BYTES:,} bytes", check=_CHECK)
    try:
        roots = x509.load_pem_x509_certificates(certificates)
    except ValueError as e:
        raise Malformed("the time-stamp authority's certificates are not PEM", check=_CHECK) from e
    data = stamped_text(note)
    try:
        return _by_client(token, data, roots)
    except _Unreadable as e:
        return _by_openssl(token, data, certificates, e)


class _Unreadable(Exception):
    """The client cannot read the token; that says nothing of whether it holds."""


def _by_client(token: bytes, data: bytes, roots: list[x509.Certificate]) -> Stamp:
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        response: Any = decode_timestamp_response(token)
        if response.status not in (0, 1):
            raise NotVerified("the time-stamp authority refused to stamp", check=_CHECK)
        at = response.tst_info.gen_time
    except ValueError as e:
        raise _Unreadable(str(e)) from e
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, data)
    except VerificationError as e:
        raise NotVerified(
            f"the time stamp does not hold: it is of another checkpoint or another authority, or was changed ({e})",
            check=_CHECK,
        ) from e
    except ValueError as e:
        raise _Unreadable(str(e)) from e
    return Stamp(at if at.tzinfo else at.replace(tzinfo=UTC), CLIENT)


def _by_openssl(token: bytes, data: bytes, certificates: bytes, why: Exception) -> Stamp:
    program = shutil.which("openssl")
    if program is None:
        raise Malformed(f"the time stamp cannot be read ({why}), and there is no openssl to try", check=_CHECK) from why
    with tempfile.TemporaryDirectory(prefix="trucewatch-stamp-") as scratch:
        paths = {name: Path(scratch) / name for name in ("token", "data", "roots")}
        for name, content in zip(paths, (token, data, certificates), strict=True):
            paths[name].write_bytes(content)
        text = _run(program, "ts", "-reply", "-in", str(paths["token"]), "-text")
        at = _time_in(text) if text is not None else None
        if at is None:
            raise Malformed("this is no time stamp, or it was cut", check=_CHECK) from why
        # As of the stamp's own time: a certificate that ran out later does not undo it.
        held = _run(
            program, "ts", "-verify", "-data", str(paths["data"]), "-in", str(paths["token"]),
            "-CAfile", str(paths["roots"]), "-attime", str(int(at.timestamp())),
        )  # fmt: skip
    if held is None:
        raise NotVerified(
            "the time stamp does not hold: it is of another checkpoint or another authority, or was changed",
            check=_CHECK,
        ) from why
    return Stamp(at, OPENSSL)


def _run(*command: str) -> str | None:
    """What a program printed; None where it failed."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise LedgerError(f"openssl cannot be run: {e}", check=_CHECK) from e
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _time_in(text: str) -> datetime | None:
    """The time of `openssl ts -reply -text`: `Time stamp: Nov 24 16:30:00 2026 GMT`, in no locale's words."""
    line = next((li for li in text.splitlines() if li.startswith("Time stamp: ")), "")
    parts = line.removeprefix("Time stamp: ").split()
    try:
        month, day, clock, year, zone = parts
        hour, minute, second = clock.split(":")
        if zone != "GMT":
            return None
        moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC)
        return moment.replace(second=int(float(second)))
    except ValueError:
        return None


def _post(url: str, body: bytes, timeout_s: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is no web address")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_s)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_BYTES + 1)
    finally:
        connection.close()
