"""Public test vectors (sources and licences are named in the file), and the words of this folder's tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))


def named(key: str) -> list[Any]:
    """The cases of a list, as parameters with their names."""
    import pytest

    return [pytest.param(case, id=case["name"]) for case in VECTORS[key]]


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(t) for t in texts]
