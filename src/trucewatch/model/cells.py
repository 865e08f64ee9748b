"""Cells that a spreadsheet would run as formulas, made inert on the way out and restored on the way in.

A quote is put before a text that begins with = + - @ tab or return, however many quotes stand before that already, so
that `restored(inert(text)) == text` for every text.
"""

from __future__ import annotations

import re

_LIVE = re.compile(r"'*[=+\-@\t\r]")


def inert(text: str) -> str:
    """The text as it may stand in a cell of a file that leaves."""
    return "'" + text if _LIVE.match(text) else text


def restored(text: str) -> str:
    """The text behind a cell: exactly one quote goes where it stands before a formula's first character."""
    return text[1:] if text.startswith("'") and _LIVE.match(text) else text
