"""Writes a bag (BagIt 1.0, RFC 8493) as a zip: the same content gives the same bytes.

Two spaces stand between checksum and path in both manifests, so that `sha256sum -c` reads them too. Times of the
archive's entries are those of no clock.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

Content = bytes | Path  # a file's bytes, or where they lie

DECLARATION, INFO = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PAYLOAD = "data/"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_CHUNK = 1 << 20


def manifest(files: Mapping[str, Content]) -> bytes:
    """Lines `<sha256>  <path>` of files by path; paths as RFC 8493, 2.1.3 has them (CR, LF and % encoded)."""
    return "".join(f"{sha256_of(files[name])}  {_encoded(name)}\n" for name in sorted(files)).encode()


def sha256_of(content: Content) -> str:
    """SHA-256 in hex."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def size_of(content: Content) -> int:
    """Bytes."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def info_text(payload: Mapping[str, Content], info: Mapping[str, str]) -> bytes:
    """The bytes of bag-info.txt, for this payload (by path below data/)."""
    said = {**info, "Payload-Oxum": f"{sum(map(size_of, payload.values()))}.{len(payload)}"}
    return "".join(f"{name}: {_one_line(value)}\n" for name, value in said.items()).encode()


def write_bag(out: Path, payload: Mapping[str, Content], tags: Mapping[str, Content], info: bytes) -> None:
    """Write the bag; it is there whole or not at all. `payload`: by path below data/; `tags`: by path from the top.

    The top folder is called as the file without its ending. OSError where the disk will not.
    """
    held = {PAYLOAD + name: content for name, content in payload.items()}
    top = {**tags, DECLARATION: DECLARED, INFO: info, MANIFEST: manifest(held)}
    top[TAG_MANIFEST] = manifest(top)
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, content in _in_order({**held, **top}):
                _add(archive, f"{out.stem}/{name}", content)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _in_order(files: Mapping[str, Content]) -> Iterator[tuple[str, Content]]:
    """The declaration first, then by path."""
    for name in sorted(files, key=lambda n: (n != DECLARATION, n)):
        yield name, files[name]


def _add(archive: zipfile.ZipFile, name: str, content: Content) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o100644 << 16
    with archive.open(entry, "w", force_zip64=size_of(content) > zipfile.ZIP64_LIMIT // 2) as to:
        if isinstance(content, bytes):
            to.write(content)
        else:
            with content.open("rb") as f:
                _copied(f, to)


def _copied(f: IO[bytes], to: IO[bytes]) -> None:
    shutil.copyfileobj(f, to, _CHUNK)


def _encoded(name: str) -> str:
    return name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _one_line(value: str) -> str:
    return " ".join(value.split())
