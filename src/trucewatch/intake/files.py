"""Files opened by what is in them, whatever their names say: text in some encoding, gzip, workbooks; nothing else.

The bytes are hashed as they pass, so that a quarantine file can be named after the content it came from.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from trucewatch.intake.rows import SAVE_AGAIN, unreadable
from trucewatch.model.errors import Fault, Refusal

_HEAD = 1 << 16
_BLOCK = 1 << 20
_MAGIC = (
    (b"PK\x03\x04", "a zip archive", "Unpack it, and ingest what is inside"),
    (b"PK\x05\x06", "an empty zip archive", "Ingest the files themselves"),
    (b"\x89PNG", "a picture (PNG)", "Ingest a table"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "Ingest a table"),
    (b"GIF8", "a picture (GIF)", "Ingest a table"),
    (b"%PDF", "a PDF", "Ingest the table that it was made from"),
    (b"SQLite format 3\x00", "a database (SQLite)", "Export its table as CSV and ingest that"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)", "Save it as .xlsx or CSV and ingest that"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it, and ingest what is inside"),
    (b"Rar!", "a RAR archive", "Unpack it, and ingest what is inside"),
    (b"BZh", "compressed (bzip2)", "Unpack it, and ingest what is inside"),
    (b"\xfd7zXZ", "compressed (xz)", "Unpack it, and ingest what is inside"),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", "Unpack it, and ingest what is inside"),
    (b"PAR1", "a Parquet file", "Export it as CSV or JSON lines and ingest that"),
    (b"\x7fELF", "a program", "Ingest a table"),
    (b"MZ\x90", "a program", "Ingest a table"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIST = re.compile(r"[\ufeff\s]*\[\s*[{\]]")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def check_path(path: Path) -> Fault | None:
    """What stops a path from being tried at all: not there, a folder, not readable."""
    if not path.exists():
        return Fault("the file is not there", "Check its name", str(path))
    if path.is_dir():
        return Fault("this is a folder, not a file", "Name the files in it", str(path))
    if not path.is_file():
        return Fault("this is no ordinary file", "Save what it gives to a file first", str(path))
    try:
        with path.open("rb"):
            return None
    except OSError as e:
        return Fault(
            f"the file cannot be read ({os.strerror(e.errno or 0).lower()})", "Check its permissions", str(path)
        )


class Passing(io.RawIOBase):
    """Bytes of a file, hashed and counted as they pass."""

    def __init__(self, raw: BinaryIO, seen: Callable[[int], None]) -> None:
        self._raw, self._seen = raw, seen
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer; how many bytes."""
        data = self._raw.read(len(buffer))
        self._hash.update(data)
        self._seen(len(data))
        buffer[: len(data)] = data
        return len(data)

    def finish(self) -> str:
        """Read what is left; the first eight digits of the SHA-256 of everything."""
        while data := self._raw.read(_BLOCK):
            self._hash.update(data)
        return self._hash.hexdigest()[:8]

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
        super().close()


@dataclass(slots=True)
class Opened:
    """A file open for reading: `form` is csv, jsonl or xlsx; text is None for a workbook; `passing` knows the hash."""

    path: Path
    form: str
    text: io.TextIOWrapper | None
    passing: Passing

    @property
    def file(self) -> str:
        """Its name as told."""
        return self.path.name

    def close(self) -> None:
        """Let go of it."""
        if self.text is not None:
            self.text.close()
        self.passing.close()


def open_file(path: Path, seen: Callable[[int], None] = lambda _: None) -> Opened:
    """Open a file by its content. `seen` is told the number of bytes as they are read.

    `Rejected` for an archive, a binary or an empty file; `Refusal` where it cannot be read at all.
    """
    try:
        raw = path.open("rb")
    except OSError as e:
        fault = check_path(path) or Fault(f"the file cannot be read ({e.strerror})", "Try again", str(path))
        raise Refusal(fault) from None
    try:
        head = raw.read(_HEAD)
        raw.seek(0)
        passing = Passing(raw, seen)
        if not head.strip(b"\x00 \r\n\t\xef\xbb\xbf\xff\xfe"):
            raise unreadable(path.name, "the file is empty", "Ingest a file with a header and rows")
        if head.startswith(b"PK\x03\x04") and _is_workbook(path):
            return Opened(path, "xlsx", None, passing)
        stream: BinaryIO = io.BufferedReader(passing, _BLOCK)
        if head.startswith(b"\x1f\x8b"):
            stream, head = _unzipped(path, stream)
        _refuse_binary(path.name, head)
        if _LIST.match(head.decode(encoding_of(head), "replace")):
            raise unreadable(path.name, "the file is a JSON list, not one object a line", "Write JSON lines, or CSV")
        text = io.TextIOWrapper(stream, encoding_of(head), errors=_errors(encoding_of(head)), newline="")
        return Opened(path, "jsonl" if _is_json(head) else "csv", text, passing)
    except BaseException:
        raw.close()
        raise


def _unzipped(path: Path, stream: BinaryIO) -> tuple[BinaryIO, bytes]:
    inner = io.BufferedReader(gzip.GzipFile(fileobj=stream), _BLOCK)
    try:
        head = inner.peek(_HEAD)[:_HEAD]
    except (OSError, EOFError, ValueError, zlib.error) as e:
        raise damaged(path.name, e) from None
    return inner, head


def damaged(file: str, e: Exception) -> Exception:
    """The refusal of a file that breaks off or cannot be unpacked."""
    return unreadable(file, f"the file is damaged ({str(e).lower().rstrip('.')})", "Get it again from where it came")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as z:
            return "xl/workbook.xml" in z.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its first bytes: a mark, else zero bytes at every other place, else UTF-8."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    sample = head[: len(head) // 2 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if half and even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def _errors(encoding: str) -> str:
    # What is no text stays visible, so that only its row is refused and the quarantine gives the same bytes back.
    return "surrogateescape" if encoding.startswith("utf-8") else "surrogatepass"


def _is_json(head: bytes) -> bool:
    return head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n").startswith("{")


def _refuse_binary(file: str, head: bytes) -> None:
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            raise unreadable(file, f"the file is {what}, not a table of text", remedy)
    if encoding_of(head) != "utf-8":
        return
    first = head.splitlines()[0] if head.strip() else b""
    strange = len(_CONTROLS.findall(head))
    if b"\x00" in first or strange > max(32, 0.05 * len(head)) or head.count(0) > 0.2 * len(head):
        raise unreadable(file, "the file is binary, not a table of text", SAVE_AGAIN)
