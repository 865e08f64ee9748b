"""Files that are either there whole or not at all, whatever happens on the way; and one owner for a folder.

Temporary file, fsync, rename, fsync of the folder: after a return the bytes survive a loss of power; after a crash a
name holds its old bytes or its new ones. POSIX; elsewhere folders are not synced.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from trucewatch.ledger.errors import Refused

try:
    import fcntl
except ImportError:  # no POSIX
    fcntl = None  # type: ignore[assignment]

TEMPORARY = ".tmp"
_AT_ONCE, _FEW, _THREADS = 256, 8, 32
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_whole(root: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files below `root` (path with `/`, bytes), each whole; returns how many. OSError where the disk will not.

    When it returns all of them are on the disk. When it raises, each is there as it was or as it should be.
    """
    folders: set[Path] = set()
    todo, count = iter(files), 0
    try:
        while batch := [(root / name, data) for name, data in islice(todo, _AT_ONCE)]:
            for path, _ in batch:
                _make(path.parent, folders)
            _write(batch)
            folders.update(path.parent for path, _ in batch)
            count += len(batch)
    finally:
        for folder in folders:
            _sync(folder)
    return count


def _write(batch: Sequence[tuple[Path, bytes]]) -> None:
    """Every file beside its place, then all synced, then each put in its place."""
    staged: dict[Path, int] = {}
    try:
        for path, data in batch:
            temporary = path.with_name(path.name + TEMPORARY)
            staged[temporary] = handle = os.open(temporary, _FLAGS, 0o644)
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
        if len(staged) < _FEW:
            for handle in staged.values():
                os.fsync(handle)
        else:  # a disk that takes milliseconds for one takes hardly longer for many at once
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(os.fsync, staged.values()))
        while staged:
            temporary, handle = next(iter(staged.items()))
            del staged[temporary]
            os.close(handle)
            temporary.replace(temporary.with_name(temporary.name.removesuffix(TEMPORARY)))
    finally:
        for temporary, handle in staged.items():
            os.close(handle)
            temporary.unlink(missing_ok=True)


def _make(folder: Path, made: set[Path]) -> None:
    if folder.is_dir():
        return
    _make(folder.parent, made)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    made.update((folder, folder.parent))


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def owner(path: Path) -> Iterator[None]:
    """Be the one process that may write beside the lock file `path`.

    Refused, with the owner's number, where there is one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as e:
                who = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
                raise Refused(
                    f"{path.parent.name} is in use by another process (number {who}); two would fork the ledger",
                    check="owner",
                    remedy="Stop the other process first",
                ) from e
        os.ftruncate(handle, 0)
        os.write(handle, b"%d\n" % os.getpid())
        yield
    finally:
        os.close(handle)
