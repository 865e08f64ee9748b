"""How the laws are tried: a few fixed seeds with every test run, many fresh ones in a soak."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

SEEDS = st.integers(0, 10**9)
_ALWAYS = {
    "deadline": None, "database": None, "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}  # fmt: skip


def few(n: int) -> Callable[[Any], Any]:
    """The test for `n` seeds, the same in every run."""
    return lambda check: settings(max_examples=n, derandomize=True, **_ALWAYS)(given(SEEDS)(check))


def many(n: int) -> Callable[[Any], Any]:
    """The test for `n` fresh seeds, in a soak."""
    return lambda check: pytest.mark.soak(settings(max_examples=n, **_ALWAYS)(given(SEEDS)(check)))


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for one mission."""
    return tempfile.TemporaryDirectory(prefix="law-", ignore_cleanup_errors=True)


def below(folder: str, name: str) -> Path:
    """A folder in it."""
    return Path(folder) / name
