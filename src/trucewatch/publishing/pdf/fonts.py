"""The fonts of the PDF reports: shipped, so that a report has the same bytes on every machine."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

FAMILIES = ("Noto Sans", "Noto Sans Armenian", "Noto Sans Arabic", "Noto Sans Symbols 2")
UNKNOWN = "\ufffd"  # REPLACEMENT CHARACTER


def folder() -> Path:
    """Where the fonts lie."""
    return Path(str(files("trucewatch.data") / "fonts"))


@lru_cache(maxsize=1)
def _unshown() -> re.Pattern[str]:
    """Matches every letter that no font has."""
    ranges = {tuple(r) for font in json.loads((folder() / "fonts.json").read_text("utf-8")) for r in font["covers"]}
    return re.compile("[^" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in sorted(ranges)) + "]")


def shown(text: str) -> str:
    """The text with a replacement character for each letter that no font has."""
    return _unshown().sub(UNKNOWN, text)
