"""Words with which an agreement is told to a reader, one file a language; what a language lacks is told in English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

FALLBACK = "en"


@lru_cache(maxsize=16)
def _catalogue(lang: str) -> Mapping[str, str]:
    path = files(__package__).joinpath(f"{lang}.yaml")
    if not lang.isalpha() or not path.is_file():
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, Mapping[str, str]] = yaml.load(path.read_text("utf-8"), Loader=loader)
    return {f"{part}.{key}": str(words) for part, rows in found.items() for key, words in rows.items()}


def phrase(lang: str, key: str, **values: Any) -> str:
    """The words of a key (`done.controls`) in a language, with values put in; KeyError for an unknown key."""
    words = _catalogue(lang).get(key)
    return (words if words is not None else _catalogue(FALLBACK)[key]).format(**values)


def languages() -> tuple[str, ...]:
    """Languages that have words of their own, English first."""
    names = sorted(p.name[:-5] for p in files(__package__).iterdir() if p.name.endswith(".yaml"))
    return (FALLBACK, *(n for n in names if n != FALLBACK))
