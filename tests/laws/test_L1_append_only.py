"""L1: a stored record is never edited or deleted, by the program or behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.missions import crowd, make, write_csv
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest


@pytest.fixture
def mission(tmp_path: Path) -> Mission:
    return make(tmp_path, crowd(1, 4))


@pytest.fixture
def database(mission: Mission) -> Iterator[sqlite3.Connection]:
    mission.store.close()
    found = sqlite3.connect(mission.database)
    yield found
    found.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET known_at = 0 WHERE seq = 3",
        "UPDATE record SET id = 'other' WHERE seq = 3",
        "DELETE FROM record WHERE seq = 3",
        "DELETE FROM record",
        "UPDATE payload SET bytes = x'7b7d' WHERE seq = 3",
        "DELETE FROM payload WHERE seq = 3",
        "INSERT OR REPLACE INTO payload SELECT * FROM payload WHERE seq = 3",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 3",
        "REPLACE INTO record SELECT seq, 'x', kind, 0, 0, actor, schema, salt, commitment FROM record WHERE seq = 3",
        "UPDATE OR REPLACE record SET seq = 4 WHERE seq = 3",
    ],
)  # fmt: skip
def test_L1_append_only_the_database_itself_refuses(database: sqlite3.Connection, statement: str) -> None:
    before = database.execute("SELECT * FROM record JOIN payload USING (seq) ORDER BY seq").fetchall()
    with pytest.raises(sqlite3.DatabaseError):
        database.execute(statement)
    assert database.execute("SELECT * FROM record JOIN payload USING (seq) ORDER BY seq").fetchall() == before


def test_L1_append_only_a_new_version_stands_beside_the_old_one(tmp_path: Path, mission: Mission) -> None:
    before = {r.seq: (r.id, r.known_at, r.payload) for r in mission.store.read("claim")}
    again = [{**r, "weapon": "mortar.82mm"} for r in crowd(1, 4).tables["claims"]]
    ingest(mission, [write_csv(tmp_path / "claims.csv", again)])
    after = {r.seq: (r.id, r.known_at, r.payload) for r in mission.store.read("claim")}
    assert len(after) > len(before)
    assert {seq: after[seq] for seq in before} == before


def test_L1_append_only_a_redaction_alone_erases_a_payload_and_leaves_its_commitment(
    database: sqlite3.Connection,
) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        database.execute("DELETE FROM payload WHERE seq = 3")
    commitment = database.execute("SELECT commitment FROM record WHERE seq = 3").fetchone()
    database.execute(
        "INSERT INTO record SELECT (SELECT MAX(seq) + 1 FROM record), 'r', 'redaction', 0, 0, 'p1', schema, salt, "
        "commitment FROM record WHERE seq = 3"
    )
    database.execute("INSERT INTO redacted VALUES (3, (SELECT MAX(seq) FROM record))")
    database.execute("DELETE FROM payload WHERE seq = 3")
    assert database.execute("SELECT commitment FROM record WHERE seq = 3").fetchone() == commitment
