"""A page that knows nothing says why, where the mission does have claims."""

from __future__ import annotations

from pathlib import Path

from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.reporting import write
from trucewatch.mission.templates import init
from trucewatch.model.times import parse_instant

LATER = parse_instant("2026-01-01T00:00:00Z")


def notes(folder: Path, history: bool, day: str) -> str:
    init(folder, ["nk-2020-10-10"], history=history)
    mission = Mission.open(folder)
    ingest(mission, [folder / "in" / "sources.csv", folder / "in" / "claims.csv"], recorded_at=LATER)
    return " ".join(write(mission, day).notes)


def test_history_in_a_mission_of_the_day_is_told_how_to_be_read(tmp_path: Path) -> None:
    assert "clock: known" in notes(tmp_path / "m", history=False, day="2020-10-12")


def test_a_day_before_anything_was_known_is_told(tmp_path: Path) -> None:
    assert "published or obtained later" in notes(tmp_path / "m", history=True, day="2020-09-01")


def test_a_mission_without_claims_and_a_page_that_knows_some_say_nothing_of_it(tmp_path: Path) -> None:
    init(tmp_path / "empty", ["nk-2020-10-10"])
    assert not write(Mission.open(tmp_path / "empty"), "2020-10-12").notes
    assert "later" not in notes(tmp_path / "m", history=True, day="2020-10-30")
