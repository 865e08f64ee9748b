"""An update after new records gives what a rebuild from all records gives, byte for byte (law L2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import claims, write_csv
from trucewatch import cli
from trucewatch.mission.context import Context
from trucewatch.mission.folder import Mission
from trucewatch.mission.live import Live
from trucewatch.mission.snapshot import snapshot
from trucewatch.mission.update import update
from trucewatch.model.outputs import OUTPUTS


def exported(mission: Path, out: Path) -> dict[str, bytes]:
    assert cli.run(["export", str(mission), "all", "-o", str(out)]) == 0
    return {name: (out / f"{name}.csv").read_bytes() for name in OUTPUTS}


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """The claims of 48 accusations in seven files; denials may come before what they deny."""
    rows = claims(48)[::-1]
    return [write_csv(tmp_path / f"part{k}.csv", rows[k::7]) for k in range(7)]


@pytest.fixture
def empty(inputs: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml"), "--history"]) == 0
    assert cli.run(["ingest", str(folder), str(inputs / "sources.csv")]) == 0
    return folder


def test_updates_in_parts_give_the_bytes_of_a_rebuild(
    empty: Path, parts: list[Path], inputs: Path, tmp_path: Path
) -> None:
    local = []
    for k, part in enumerate(parts):
        assert cli.run(["ingest", str(empty), str(part)]) == 0
        if k == 4:
            assert cli.run(["ingest", str(empty), str(inputs / "coverage.csv")]) == 0
        local.append(update(Mission.open(empty)).local)
    assert local.count(True) >= 2
    kept = exported(empty, tmp_path / "kept")
    assert cli.run(["rebuild", str(empty)]) == 0
    assert exported(empty, tmp_path / "anew") == kept


def test_a_corrected_claim_and_a_withdrawal_give_the_bytes_of_a_rebuild(
    make_mission: Callable[[Path], Path], tmp_path: Path
) -> None:
    mission = make_mission(tmp_path / "m")
    update(Mission.open(mission))
    first = claims()[0]
    later = {**first, "published": "2021-03-04T10:00:00+04:00", "lat": "40.9000"}
    gone = {
        **claims()[4],
        "claim_id": "gone",
        "published": "2021-03-06T10:00:00+04:00",
        "retracts": claims()[4]["claim_id"],
    }
    assert cli.run(["ingest", str(mission), str(write_csv(tmp_path / "later.csv", [later, gone]))]) == 0
    assert update(Mission.open(mission)).local
    kept = exported(mission, tmp_path / "kept")
    assert cli.run(["rebuild", str(mission)]) == 0
    assert exported(mission, tmp_path / "anew") == kept


def test_claims_let_in_one_by_one_change_what_a_rebuild_would_change(
    make_mission: Callable[[Path], Path], tmp_path: Path
) -> None:
    mission = Mission.open(make_mission(tmp_path / "m"))
    everything = Context(mission, snapshot(mission.store))
    records = [(v.id, v.payload, v.known_at) for v in everything.snapshot.claims]
    everything.snapshot.claims.clear()
    live = Live(everything)
    live.start()
    held: dict[str, dict[object, list[object]]] = {name: {} for name in OUTPUTS}
    for record in records:
        changes = live.take([record])
        for name, rows in changes.rows.items():
            if name == "links":
                held[name].update({(r["source"], r["claim_id"]): [r] for r in rows})
                continue
            for incident in (*changes.incidents, *changes.gone):
                held[name].pop(incident, None)
            for row in rows:
                if row["incident_id"] is not None:
                    held[name].setdefault(row["incident_id"], []).append(row)
    whole = live.whole()
    for name, rows in whole.rows.items():
        told = [r for r in rows if name == "links" or r["incident_id"] is not None]
        mine = [r for kept in held[name].values() for r in kept]
        assert sorted(map(str, mine)) == sorted(map(str, told)), name


def test_two_updates_at_once_leave_the_tables_of_a_rebuild(
    make_mission: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_mission(tmp_path / "m")
    update(Mission.open(folder))
    more = [{**c, "claim_id": f"x{c['claim_id']}"} for c in claims(24)[12:]]
    assert cli.run(["ingest", str(folder), str(write_csv(tmp_path / "one.csv", more[::2]))]) == 0
    from trucewatch.mission import update as module

    plain, met = module.Live.refresh, []

    def refresh(self: Live, dirty: Any) -> Any:
        found = plain(self, dirty)
        if not met:  # while the first one works, another takes in more and has finished first
            met.append(True)
            assert cli.run(["ingest", str(folder), str(write_csv(tmp_path / "two.csv", more[1::2]))]) == 0
            update(Mission.open(folder))
        return found

    monkeypatch.setattr(module.Live, "refresh", refresh)
    update(Mission.open(folder))
    monkeypatch.undo()
    kept = exported(folder, tmp_path / "kept")
    assert cli.run(["rebuild", str(folder)]) == 0
    assert exported(folder, tmp_path / "anew") == kept
