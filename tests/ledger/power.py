"""A disk whose power may fail: it records what a program does below a folder, and tells how that may look after.

The model is harsher than most disks. What was written and not synced may be there, in part, as zeros or as noise, by
sectors of 512 bytes. A name that was made, renamed or removed and whose folder was not synced may or may not be as it
was, each change by itself. A rename is either done or not.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECTOR = 512


@dataclass(eq=False)
class Inode:
    """A file's bytes as the program sees them and as they are safe; `names` where it is a folder."""

    now: bytes = b""
    safe: bytes | None = None
    names: dict[str, Inode] | None = None
    waiting: list[tuple[str, Inode | None]] = field(default_factory=list)  # name and what it became, not yet synced
    seen: dict[str, Inode] = field(default_factory=dict)  # the names as the program sees them


Event = tuple[str, Any]


class Recorder:
    """Everything that was done below `root`, in order; `mark` adds words of the test's own.

    With `forget` it is a broken disk, that takes a sync of `files` or `folders` and does nothing.
    """

    def __init__(self, root: Path, forget: str = "") -> None:
        self.root, self.forget = root, forget
        self.events: list[Event] = []

    def mark(self, what: Any) -> None:
        self.events.append(("mark", what))

    @contextmanager
    def on(self) -> Iterator[None]:
        handles: dict[int, str] = {}
        real = {n: getattr(os, n) for n in ("open", "write", "fsync", "close", "replace", "mkdir", "unlink", "rmdir")}

        def below(path: Any) -> str | None:
            text = os.path.relpath(os.fspath(path), self.root)
            return None if text.startswith("..") else text

        def open_(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            handle = real["open"](path, flags, *args, **kwargs)
            name = below(path)
            if name is not None:
                handles[handle] = name
                if flags & os.O_TRUNC:
                    self.events.append(("create", name))
            return int(handle)

        def write(handle: int, data: bytes) -> int:
            count = real["write"](handle, data)
            if handle in handles:
                self.events.append(("write", (handles[handle], bytes(data[:count]))))
            return int(count)

        def fsync(handle: int) -> None:
            if handle in handles and self.forget != ("folders" if (self.root / handles[handle]).is_dir() else "files"):
                self.events.append(("sync", handles[handle]))

        def close(handle: int) -> None:
            handles.pop(handle, None)
            real["close"](handle)

        def named(kind: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                out = real[kind](*args, **kwargs)
                names = [below(a) for a in args[: 2 if kind == "replace" else 1]]
                if None not in names:
                    self.events.append((kind, names))
                return out

            return call

        with pytest.MonkeyPatch.context() as patch:
            for name, call in (("open", open_), ("write", write), ("fsync", fsync), ("close", close)):
                patch.setattr(os, name, call)
            for name in ("replace", "mkdir", "unlink", "rmdir"):
                patch.setattr(os, name, named(name))
            yield


def after_power_loss(events: list[Event], target: Path, draw: random.Random) -> None:
    """Lay out below `target` one of the ways in which the disk may look when power fails after these events."""
    top = Inode(names={})
    for kind, what in events:
        if kind == "create":
            _set(top, what, Inode())
        elif kind == "write":
            file = _find(top, what[0])
            file.now += what[1]
        elif kind == "sync":
            node = _find(top, what)
            if node.names is None:
                node.safe = node.now
            else:
                _settle(node, node.waiting)
        elif kind == "mkdir":
            _set(top, what[0], Inode(names={}))
        elif kind == "replace":
            moved = _find(top, what[0])
            folder = _find(top, _folder(what[0]))
            assert _folder(what[0]) == _folder(what[1])
            folder.seen.pop(Path(what[0]).name)
            folder.seen[Path(what[1]).name] = moved
            folder.waiting.append((f"{Path(what[0]).name}\0{Path(what[1]).name}", moved))
        elif kind in ("unlink", "rmdir"):
            folder, name = _find(top, _folder(what[0])), Path(what[0]).name
            folder.seen.pop(name)
            folder.waiting.append((name, None))
    _lay(top, target, draw)


def _set(top: Inode, path: str, node: Inode) -> None:
    folder, name = _find(top, _folder(path)), Path(path).name
    folder.seen[name] = node
    folder.waiting.append((name, node))


def _folder(path: str) -> str:
    return str(Path(path).parent)


def _find(top: Inode, path: str) -> Inode:
    node = top
    for part in Path(path).parts:
        node = node.seen[part]
    return node


def _settle(folder: Inode, changes: list[tuple[str, Inode | None]]) -> None:
    assert folder.names is not None
    for name, node in changes:
        old, _, new = name.partition("\0")
        if new:
            folder.names.pop(old, None)
        if node is None:
            folder.names.pop(name, None)
        else:
            folder.names[new or old] = node
    folder.waiting = []


def _lay(node: Inode, target: Path, draw: random.Random) -> None:
    assert node.names is not None
    target.mkdir()
    _settle(node, [change for change in node.waiting if draw.random() < 0.5])
    for name, inner in node.names.items():
        if inner.names is not None:
            _lay(inner, target / name, draw)
        else:
            (target / name).write_bytes(_bytes(inner, draw))


def _bytes(file: Inode, draw: random.Random) -> bytes:
    if file.safe == file.now:
        return file.now
    out = bytearray(file.now[: draw.choice([0, draw.randint(0, len(file.now)), len(file.now)])])
    for at in range(0, len(out), SECTOR):
        piece = len(out[at : at + SECTOR])
        kind = draw.random()
        if kind < 0.3:
            out[at : at + SECTOR] = bytes(piece)
        elif kind < 0.4:
            out[at : at + SECTOR] = draw.randbytes(piece)
    return bytes(out)
