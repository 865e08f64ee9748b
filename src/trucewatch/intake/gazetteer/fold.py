"""Place names compared without case, diacritics, apostrophes and hyphens, in whatever script they are written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that no decomposition turns into a plain one.
_LETTERS = str.maketrans({
    "ə": "e", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ё": "е", "ґ": "г",
})  # fmt: skip
_DROPPED = re.compile(r"[\u02b0-\u02ff\u2018-\u201f'`´\"ʻʼ]+")
_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """The form in which two spellings of one name are equal; empty where nothing but signs remains."""
    text = unicodedata.normalize("NFKD", _DROPPED.sub("", name).replace("İ", "i")).casefold().translate(_LETTERS)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return _BETWEEN.sub(" ", text).strip()
