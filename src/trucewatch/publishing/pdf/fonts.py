"""The font of the PDF reports, made by `scripts/fonts.py` and shipped: a report has the same bytes on every machine.

One font for all scripts: where words from right to left change fonts, their order in the file is that of sight.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

FAMILY = "Trucewatch Sans"
UNKNOWN = "\ufffd"  # REPLACEMENT CHARACTER
# Arabic vowel signs: usual writing leaves them out, and a PDF says a letter that bears one twice.
_VOWEL_SIGNS = re.compile("[\u064b-\u0652\u0670]")

LONGEST = 32  # letters: a longer word may break after every half of that
_LONG = re.compile(rf"[^\s\u200b]{{{LONGEST + 1},}}")


def folder() -> Path:
    """Where the fonts lie."""
    return Path(str(files("trucewatch.data") / "fonts"))


def _breakable(word: re.Match[str]) -> str:
    letters, step = word[0], LONGEST // 2
    return "\u200b".join(letters[k : k + step] for k in range(0, len(letters), step))


@lru_cache(maxsize=1)
def _unshown() -> re.Pattern[str]:
    """Matches every letter that the font has not."""
    (ranges,) = {json.dumps(font["covers"]) for font in json.loads((folder() / "fonts.json").read_text("utf-8"))}
    return re.compile("[^" + "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in json.loads(ranges)) + "]")


def shown(text: str) -> str:
    """The text as the font shows it: composed letters, no Arabic vowel signs, and a replacement character for each
    letter that it has not; a word too long for a column may break (an address, a word without blanks)."""
    text = _LONG.sub(_breakable, text)
    if text.isascii():
        return text
    return _unshown().sub(UNKNOWN, _VOWEL_SIGNS.sub("", unicodedata.normalize("NFC", text)))
