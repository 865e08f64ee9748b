"""L2 for states under a cut: what is kept, what update keeps, and what is derived anew give the same bytes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import T0, Inputs, crowd, make, new_mission, taken, write_csv
from tests.laws.seeds import below, few, many, scratch
from trucewatch import cli
from trucewatch.judging.rulings import Clocks, clocks
from trucewatch.mission import keys
from trucewatch.mission import update as updating
from trucewatch.mission.cuts import State, forget, state_under
from trucewatch.mission.derive import DERIVED, Derived, derive
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.reporting import write
from trucewatch.model.times import DAY, HOUR

EVENING = T0 + 3 * DAY + 18 * HOUR


def clocks_of(derived: Derived) -> Clocks:
    stages = derived.stages
    numbers = stages.linked.incidents["number"].tolist()
    return clocks(stages.decided.for_judging(stages.linked, numbers), derived.agreements)


def same(found: State, anew: Derived) -> None:
    for table in DERIVED:
        assert list(found.tables[table]) == list(anew.tables[table]), table
    assert found.claims == anew.claims
    assert found.sources == anew.sources
    assert found.warnings == anew.warnings
    assert found.clocks == clocks_of(anew)
    assert found.gaps_without({"mon"}).columns == anew.gaps_without({"mon"}).columns


def slots(mission: Mission) -> int:
    return (mission.store.meta("cuts") or "[]").count("cut.")


def check(seed: int) -> None:
    with scratch() as folder:
        mission = make(below(folder, "m"), crowd(seed))
        for hours in (20, 44, 44, 999_999):
            at = T0 + hours * HOUR
            anew = derive(mission, known_by=at)
            for _ in range(2):
                same(state_under(mission, known_by=at), anew)
        assert slots(mission) == 3
        updating.update(mission)
        assert updating.state_key(mission) == keys.state_key(mission)
        forget(mission)
        same(state_under(mission, known_by=T0 + 999_999 * HOUR), derive(mission))
        assert slots(mission) == 1
        same(state_under(mission, known_by=T0 + 999_999 * HOUR), derive(mission))


test_L2_cuts = few(2)(check)
test_L2_cuts_soak = many(100)(check)


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return crowd(5)


@pytest.fixture
def mission(tmp_path: Path, inputs: Inputs) -> Iterator[Mission]:
    made = make(tmp_path / "m", inputs)
    yield made
    made.store.close()


def pages(mission: Mission, out: Path, **how: Any) -> list[bytes]:
    made = write(mission, "2021-03-04", known_by=EVENING, out=out, **how)
    return [path.read_bytes() for path in made.files]


def test_L2_cuts_pages_are_the_same_with_and_without_what_is_kept(mission: Mission, tmp_path: Path) -> None:
    first = pages(mission, tmp_path / "first")
    assert slots(mission) == 2
    assert pages(mission, tmp_path / "kept") == first
    forget(mission)
    assert pages(mission, tmp_path / "anew") == first
    assert cli.run(["update", str(mission.dir)]) == 0
    forget(mission)
    assert pages(mission, tmp_path / "updated") == first


def test_L2_cuts_the_tables_of_an_update_serve_a_cut_that_drops_nothing(mission: Mission) -> None:
    updating.update(mission)
    with sqlite3.connect(mission.database) as other:
        other.execute("UPDATE derived_incidents SET act = 'a mark'")
    other.close()
    late, early = T0 + 999_999 * HOUR, T0 + 40 * HOUR
    assert {r["act"] for r in state_under(mission, known_by=late).tables["incidents"]} == {"a mark"}
    same(state_under(mission, known_by=early), derive(mission, known_by=early))


def test_L2_cuts_two_processes_write_the_same_pages(mission: Mission, tmp_path: Path) -> None:
    for how in ({}, {"audience": "internal", "langs": ["ru", "de"]}):
        forget(mission)
        alone = pages(mission, tmp_path / "alone", **how)
        forget(mission)
        assert pages(mission, tmp_path / "together", hands=2, **how) == alone
        assert slots(mission) == 2
        assert pages(mission, tmp_path / "kept", hands=2, **how) == alone


def test_L2_cuts_records_that_come_later_and_were_known_earlier_count(tmp_path: Path, inputs: Inputs) -> None:
    claims = inputs.tables["claims"]
    mission = new_mission(tmp_path / "m", inputs.with_(claims=[]))
    rest = {name: rows for name, rows in inputs.tables.items() if name != "claims"}
    taken(ingest(mission, [write_csv(tmp_path / f"{name}.csv", rows) for name, rows in rest.items()]))
    for k, part in enumerate((claims[::2], claims[1::2])):
        taken(ingest(mission, [write_csv(tmp_path / f"claims{k}.csv", part)]))
        same(state_under(mission, known_by=EVENING), derive(mission, known_by=EVENING))
        same(state_under(mission, known_by=EVENING), derive(mission, known_by=EVENING))


def test_L2_cuts_another_configuration_is_another_state(mission: Mission) -> None:
    state_under(mission, known_by=EVENING)
    file = mission.dir / "mission.yaml"
    text = file.read_text("utf-8")
    assert "approve_sources: false" in text
    file.write_text(text.replace("approve_sources: false", "approve_sources: true"), "utf-8")
    changed = Mission.open(mission.dir)
    same(state_under(changed, known_by=EVENING), derive(changed, known_by=EVENING))
    assert slots(changed) == 2


def test_L2_cuts_the_oldest_gives_way(mission: Mission) -> None:
    for hours in range(30, 60, 4):
        state_under(mission, known_by=T0 + hours * HOUR)
    assert slots(mission) == 4
    same(state_under(mission, known_by=T0 + 58 * HOUR), derive(mission, known_by=T0 + 58 * HOUR))


def test_L2_cuts_a_report_does_not_wait_for_who_writes(mission: Mission, tmp_path: Path) -> None:
    alone = pages(mission, tmp_path / "alone")
    forget(mission)
    other = sqlite3.connect(mission.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    assert pages(mission, tmp_path / "beside") == alone
    assert time.monotonic() - begin < 8
    assert slots(mission) == 0
    other.execute("ROLLBACK")
    other.close()
    assert pages(mission, tmp_path / "after") == alone
    assert slots(mission) == 2


def test_L2_cuts_rebuild_drops_what_is_kept(mission: Mission) -> None:
    state_under(mission, known_by=EVENING)
    assert mission.store.blob("cut.0")
    assert cli.run(["rebuild", str(mission.dir)]) == 0
    assert slots(mission) == 0
    assert not mission.store.blob("cut.0")
