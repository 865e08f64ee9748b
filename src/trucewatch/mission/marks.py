"""Marks of what was erased, so that the next export of the same source does not bring it back.

A mark is an HMAC-SHA256 of kind and id under a random key of the store: it tells nothing by itself, and whoever has the
database can only try whether a certain id was erased. Records without an id of their own have none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.store import Store, Transaction

_NOTE = "erased"


@dataclass(frozen=True)
class Marks:
    """The marks of a store under their key."""

    key: bytes
    marks: frozenset[str]

    @classmethod
    def of(cls, store: Store | None) -> Marks:
        """Those of a store; none where there is no store yet."""
        told = None if store is None else store.meta(_NOTE)
        if told is None:
            return cls(os.urandom(32), frozenset())
        said = json.loads(told)
        return cls(bytes.fromhex(said["key"]), frozenset(said["marks"]))

    def holds(self, kind: str, id_: str) -> bool:
        """Whether a record of a kind under an id was erased."""
        return bool(self.marks) and self._mark(kind, id_) in self.marks

    def add(self, tx: Transaction, kind: str, ids: Sequence[str]) -> None:
        """Keep marks for these ids too."""
        marks = sorted(self.marks | {self._mark(kind, id_) for id_ in ids})
        tx.set_meta(_NOTE, json.dumps({"key": self.key.hex(), "marks": marks}))

    def _mark(self, kind: str, id_: str) -> str:
        return digest(self.key, f"{kind}\n{id_}".encode(), "sha256").hex()
