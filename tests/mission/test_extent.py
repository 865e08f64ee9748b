"""How far a store reaches under a cut: what comes and what is erased shows in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from trucewatch.store import Store


def test_the_extent_tells_what_counts_under_a_cut(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s.db", create=True)
    assert store.extent() == (0, 0, 0)
    with store.writing() as tx:
        tx.append("claim", [("a/1", {"x": 1}, 10), ("a/2", {"x": 2}, 30)], recorded_at=5)
    with store.writing() as tx:
        tx.append("claim", [("a/3", {"x": 3}, 20)], recorded_at=9)
    assert store.extent() == (3, 0, 3)
    assert store.extent(known_by=20) == (2, 0, 3)
    assert store.extent(as_of=5) == (2, 0, 2)
    assert store.extent(as_of=5, known_by=10) == (1, 0, 1)
    with store.writing() as tx:
        tx.append("redaction", [("r/1", {"seq": 1}, 40)], recorded_at=11)
    with sqlite3.connect(tmp_path / "s.db") as other:
        other.execute("INSERT INTO redacted VALUES (1, 4)")
        other.execute("DELETE FROM payload WHERE seq = 1")
    other.close()
    assert store.extent(known_by=20) == (2, 1, 3)
    assert store.extent(as_of=9, known_by=30) == (3, 1, 3)
    store.close()
