"""Work in a second process beside this one, for a command that a person waits for.

The second process is a copy of this one (fork): it has all that is in memory, and hands back its result alone. It must
not touch what only one process may hold, above all no open database.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def aside(work: Callable[[], Result]) -> Callable[[], Result]:
    """Begin `work` in a second process; what is returned waits for its result.

    Where no second process can be made, or it fails, the work is done here when it is waited for: errors are this
    process's own.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":  # a copy of a process with system libraries may hang there
        return work
    read, write = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        return work
    if child == 0:
        _work(work, read, write)
    os.close(write)

    def wait() -> Result:
        with os.fdopen(read, "rb") as file:
            data = file.read()
        _, status = os.waitpid(child, 0)
        if status != 0:
            return work()
        found: Result = pickle.loads(data)
        return found

    return wait


def _work(work: Callable[[], object], read: int, write: int) -> None:
    """What the second process does; it ends here, without any of the clearing up that is the first one's."""
    code = 1
    with suppress(BaseException):
        os.close(read)
        with os.fdopen(write, "wb") as file:
            file.write(pickle.dumps(work(), pickle.HIGHEST_PROTOCOL))
        code = 0
    os._exit(code)
