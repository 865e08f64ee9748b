"""Reads a bag strictly: what is not listed, not inside or not plain is refused before anything in it is looked at.

A zip or an unpacked folder. Nothing is written, and no more is read than was declared (trust: archive bombs, paths).
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from trucewatch.ledger.errors import LedgerError, Malformed, NotVerified
from trucewatch.publishing.package.bag import DECLARATION, DECLARED, MANIFEST, PAYLOAD, TAG_MANIFEST

MOST_FILES = 1_000_000
MOST_BYTES = 16 * 1024**3
MOST_RATIO = 100  # of all files to the archive that holds them: tables and records pack to a fifth to a thirtieth
MOST_OF_ONE = 64 * 1024**2  # bytes of a file that is read as a whole
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)", re.ASCII)
_CHUNK = 1 << 20
_FOREIGN = frozenset('\\:*?"<>|')


class NotAPackage(LedgerError):
    """There is nothing here that could be checked."""


class _Files(Protocol):
    """Files by their path in the bag."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of every file by its path."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """A file's bytes as a stream."""
        ...


@dataclass
class Bag:
    """A bag whose files are exactly those of its manifests; that their bytes are, `check` finds out."""

    name: str
    files: _Files
    listed: Mapping[str, str] = field(default_factory=dict)  # path -> SHA-256, both manifests

    def names(self, below: str = "") -> list[str]:
        """Paths that begin so, sorted."""
        return sorted(n for n in self.files.sizes if n.startswith(below))

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self.files.sizes[name]

    def read(self, name: str, most: int = MOST_OF_ONE) -> bytes:
        """A whole file. NotVerified where it is not there, Malformed where it is larger than `most`."""
        if name not in self.files.sizes:
            raise NotVerified(f"the package has no {name}: it was left out", check="files")
        if self.files.sizes[name] > most:
            raise Malformed(f"{name} has more than {most:,} bytes: no such file is so large", check="size")
        with self.stream(name) as chunks:
            return b"".join(chunks)

    @contextmanager
    def stream(self, name: str) -> Iterator[Iterator[bytes]]:
        """A file in pieces, never more than it declared."""
        with self.files.open(name) as f:
            yield _pieces(f, name, self.files.sizes[name])

    def lines(self, name: str, most: int = MOST_OF_ONE) -> Iterator[bytes]:
        """Lines of a file without their ends. Malformed where one is longer than `most`, or the last does not end."""
        rest = b""
        with self.stream(name) as chunks:
            for chunk in chunks:
                *whole, rest = (rest + chunk).split(b"\n")
                yield from whole
                if len(rest) > most:
                    raise Malformed(f"{name} has a line of more than {most:,} bytes", check="size")
        if rest:
            raise Malformed(f"{name} does not end in a line end: it was cut", check="records")

    def check(self) -> tuple[int, int]:
        """Check every file against its manifest; how many files and bytes. NotVerified at the first that is wrong."""
        total = 0
        for name, digest in self.listed.items():
            found = hashlib.sha256()
            with self.stream(name) as chunks:
                for chunk in chunks:
                    found.update(chunk)
                    total += len(chunk)
            if found.hexdigest() != digest:
                raise NotVerified(f"{name} is not the file that the manifest lists: it was changed", check="manifest")
        return len(self.listed), total


def open_bag(path: Path) -> Bag:
    """The bag at `path`, its list of files checked. NotAPackage, Malformed, NotVerified."""
    if path.is_symlink():
        raise NotAPackage(f"{path.name} is a link, not a package", check="package", remedy="Name the file itself")
    if path.is_dir():
        files: _Files = _Folder(path)
    elif path.is_file():
        files = _zipped(path)
    else:
        raise NotAPackage(f"{str(path)!r} is not there", check="package", remedy="Name a package or a mission folder")
    if DECLARATION not in files.sizes:
        raise NotAPackage(
            f"{path.name} is no package: it has no {DECLARATION}", check="package", remedy="Name a published package"
        )
    bag = Bag(path.name, files)
    _declared(bag.read(DECLARATION, 1_000))
    bag.listed = _listed(bag)
    return bag


def _declared(data: bytes) -> None:
    if data != DECLARED:
        raise Malformed(f"{DECLARATION} does not declare a bag of version 1.0 in UTF-8", check="bag")


def _listed(bag: Bag) -> dict[str, str]:
    """Both manifests as one; NotVerified where files are missing, or are there and not listed."""
    payload = _manifest(bag, MANIFEST)
    tags = _manifest(bag, TAG_MANIFEST)
    for name in payload:
        if not name.startswith(PAYLOAD):
            raise Malformed(f"{MANIFEST} lists {name!r}, which is no payload", check="manifest")
    for name in tags:
        if name.startswith(PAYLOAD) or name == TAG_MANIFEST:
            raise Malformed(f"{TAG_MANIFEST} lists {name!r}, which is no tag file", check="manifest")
    listed, there = {**payload, **tags}, set(bag.files.sizes) - {TAG_MANIFEST}
    extra = sorted(there - set(listed))
    if extra:
        raise NotVerified(
            f"the package holds {extra[0]!r}, which no manifest lists: somebody added it", check="unlisted file"
        )
    missing = sorted(set(listed) - there)
    if missing:
        raise NotVerified(
            f"{missing[0]!r} is listed and not in the package: somebody took it out", check="missing file"
        )
    return listed


def _manifest(bag: Bag, name: str) -> dict[str, str]:
    try:
        text = bag.read(name).decode("utf-8")
    except UnicodeDecodeError as e:
        raise Malformed(f"{name} is not UTF-8", check="manifest") from e
    out: dict[str, str] = {}
    if not text.endswith("\n") or "\r" in text:
        raise Malformed(f"{name} was cut, or its line ends were changed", check="manifest")
    for line in text[:-1].split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Malformed(f"{name} has a line that is no checksum and path: {line[:80]!r}", check="manifest")
        path = match[2].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        check_path(path)
        if path in out:
            raise Malformed(f"{name} lists {path!r} twice", check="manifest")
        out[path] = match[1]
    return out


def check_path(name: str) -> None:
    """Malformed where a path could lead out of the package or means other files on other systems."""
    parts = name.split("/")
    if (
        not name
        or len(name) > 500
        or any(p in {"", ".", ".."} or p != p.strip() or p.endswith(".") for p in parts)
        or any(c < " " or c == "\x7f" or c in _FOREIGN or "\u202a" <= c <= "\u202e" for c in name)
    ):
        raise Malformed(f"the package names a file {name[:80]!r}, which may lie outside of it", check="path")


# ---- where the files lie


class _Folder:
    """Files below a folder; links and anything else that is no plain file are refused."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.sizes: dict[str, int] = {}
        for path in root.rglob("*"):
            name = path.relative_to(root).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode):
                raise Malformed(f"{name!r} is a link or no plain file: nothing of a package is", check="link")
            check_path(name)
            self.sizes[name] = path.lstat().st_size
        _limits(self.sizes)

    def open(self, name: str) -> IO[bytes]:
        """A file's bytes as a stream."""
        return (self._root / name).open("rb")


class _Zip:
    """Files of a zip below its one top folder."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._members = members
        self.sizes: Mapping[str, int] = {name: info.file_size for name, info in members.items()}

    def open(self, name: str) -> IO[bytes]:
        """A file's bytes as a stream."""
        try:
            return self._archive.open(self._members[name])
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as e:
            raise Malformed(f"{name} cannot be unpacked: the archive was cut or changed", check="archive") from e


def _zipped(path: Path) -> _Zip:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as e:
        raise NotAPackage(
            f"{path.name} is no zip, or it was cut: nothing in it could be checked", check="archive",
            remedy="Fetch the package again",
        ) from e  # fmt: skip
    members: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    tops: set[str] = set()
    for info in archive.infolist():
        name = info.orig_filename
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Malformed(f"{name[:80]!r} is a link: nothing of a package is", check="link")
        check_path(name.removesuffix("/"))
        top, slash, inner = name.partition("/")
        tops.add(top)
        if name.endswith("/"):
            continue
        if not slash:
            raise NotAPackage(f"{path.name} is no package: its files lie in no folder of their own", check="package")
        if info.flag_bits & 1:
            raise Malformed(f"{inner[:80]!r} is encrypted: nothing of a package is", check="archive")
        if inner.casefold() in folded:
            raise Malformed(f"the package holds {inner[:80]!r} twice", check="archive")
        folded.add(inner.casefold())
        members[inner] = info
    if len(tops) > 1:
        raise Malformed("the archive holds more than one package", check="archive")
    files = _Zip(archive, members)
    _limits(files.sizes, path.stat().st_size)
    return files


def _limits(sizes: Mapping[str, int], packed: int | None = None) -> None:
    total = sum(sizes.values())
    if len(sizes) > MOST_FILES or total > MOST_BYTES:
        raise Malformed(f"the package has {len(sizes):,} files of {total:,} bytes: more than any has", check="size")
    if packed is not None and total > MOST_RATIO * max(packed, 100_000):
        raise Malformed(
            f"the package would unpack to {total // max(packed, 1):,} times its size: an archive bomb", check="size"
        )


def _pieces(f: IO[bytes], name: str, declared: int) -> Iterator[bytes]:
    left = declared
    try:
        while chunk := f.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as e:
        raise Malformed(f"{name} cannot be unpacked: the archive was cut or changed", check="archive") from e
    if left:
        raise Malformed(f"{name} is not as long as the archive says", check="archive")
