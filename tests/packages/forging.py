"""Takes packages apart and puts them together again, as somebody would who forges one: manifests are made anew."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

Files = dict[str, bytes]
MANIFEST, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"


def files_of(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}


def write(path: Path, files: Mapping[str, bytes], top: str = "forged") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(f"{top}/{name}", data)
    return path


def manifests_anew(files: Files) -> Files:
    """What bagit accepts: every checksum fits again."""

    def lines(names: list[str]) -> bytes:
        return "".join(f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in sorted(names)).encode()

    files = dict(files)
    files[MANIFEST] = lines([n for n in files if n.startswith("data/")])
    files[TAGS] = lines([n for n in files if not n.startswith("data/") and n != TAGS])
    return files


def forged(path: Path, to: Path, change: Callable[[Files], None], *, anew: bool = True) -> Path:
    files = files_of(path)
    change(files)
    return write(to, manifests_anew(files) if anew else files)
