"""Missions with a ledger for the tests: a small crowd of claims under a truce, and ways to tamper with it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.laws.missions import crowd, make, taken, write_inputs
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.scrubbing import Scrub, scrub
from trucewatch.store.schema import TRIGGER_NAMES


def small(folder: Path, seed: int = 1, claims: int = 12) -> Mission:
    """A mission of some claims, closed."""
    mission = make(folder, crowd(seed, claims))
    mission.store.close()
    return mission


def more(mission: Mission, folder: Path, seed: int, claims: int = 8) -> None:
    """Take further claims in."""
    folder.mkdir()
    taken(ingest(mission, write_inputs(folder, crowd(seed, claims))))


@contextmanager
def behind_its_back(mission: Mission) -> Iterator[sqlite3.Connection]:
    """The database as somebody with the file has it, without its guards."""
    c = sqlite3.connect(mission.database)
    for name in TRIGGER_NAMES:
        c.execute(f"DROP TRIGGER IF EXISTS {name}")
    yield c
    c.commit()
    c.close()


def scrubbed(folder: Path, copy: Path | None = None) -> Scrub:
    """What the deep check finds."""
    mission = Mission.open(folder)
    try:
        return scrub(mission, copy)
    finally:
        mission.store.close()


def copied(mission: Mission, to: Path) -> Mission:
    """A copy of a mission's folder, as a backup has it."""
    mission.store.close()
    return Mission.open(shutil.copytree(mission.dir, to))


COLUMNS = {
    "record": ("id", "kind", "recorded_at", "known_at", "actor", "schema", "salt", "commitment"),
    "payload": ("bytes", "digest"),
    "payload_key": ("key",),
    "leaf": ("hash", "fields"),
}


def other(value: object, r: random.Random) -> object:
    """Another value of the same sort."""
    if isinstance(value, int):
        return value + r.choice((-1, 1, 10**6))
    if isinstance(value, str):
        return f"{value}x" if r.random() < 0.5 or not value else value[:-1]
    assert isinstance(value, bytes)
    if not value:
        return b"\x00" * 32
    at = r.randrange(len(value))
    return value[:at] + bytes([value[at] ^ (1 << r.randrange(8))]) + value[at + 1 :]
