"""What a terminal shows while a command works: a spinner with words, on standard error, gone when it has ended."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def waiting(words: str, as_json: bool) -> Iterator[Callable[[str], None]]:
    """Show `words`, and what is told later instead; nothing where standard error is no terminal, or JSON is wanted."""
    if as_json or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(words) as status:
        yield status.update
