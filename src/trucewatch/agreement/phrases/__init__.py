"""Words with which an agreement is told to a reader: LANG/LC_MESSAGES/agreement.po; what a language lacks is told in
English."""

from __future__ import annotations

from typing import Any

from trucewatch.model.messages import Shelf

FALLBACK = "en"
SHELF = Shelf(__name__, "agreement", FALLBACK)


def phrase(lang: str, key: str, **values: Any) -> str:
    """The words of a key (`done.controls`) in a language, with values put in; KeyError for an unknown key."""
    return SHELF.phrase(lang, key).format(**values)


def languages() -> tuple[str, ...]:
    """Languages that have words of their own, English first."""
    return SHELF.languages()
