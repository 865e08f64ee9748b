"""A small agreement as text, and ways to change it: what a test changes stands in the test."""

from __future__ import annotations

from pathlib import Path

from trucewatch.agreement import Agreement, parse
from trucewatch.model.errors import Fault, Refusal

BASE = """id: small
title: {en: A small ceasefire}
actors:
  - {id: norland, role: party, names: {en: Norland}}
  - {id: sudland, role: party, names: {en: Sudland}}
timezone: Asia/Baku
events: {in_force: {at: 2020-10-10T12:00:00+04:00}}
terms:
  - id: "1"
    kind: prohibition
    acts: [fire]
    binds: [norland, sudland]
    from: {event: in_force}
"""


def changed(old: str, new: str, text: str = BASE) -> str:
    """The text with one part replaced; the part must stand in it once."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def agreement(text: str = BASE, folder: Path | None = None) -> Agreement:
    """The agreement of a text."""
    return parse(text, "small.yaml", folder)


def faults(text: str, folder: Path | None = None) -> list[Fault]:
    """The faults of a text, none where it is accepted."""
    try:
        parse(text, "small.yaml", folder)
    except Refusal as e:
        return list(e.faults)
    return []
