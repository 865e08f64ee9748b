"""Bare dates: a day in the zone of its source, an interval and never a guessed hour; and when a record became known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.records import records
from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.model.times import parse_instant

CLAIM = {
    "claim_id": "c", "source": "mon", "published": "2021-03-03T18:00:00Z", "stance": "observes", "act": "fire",
    "start": "2021-03-02T10:00:00Z",
}  # fmt: skip


def kept(mission: Mission, folder: Path, table: str, row: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Payload and known time of the one record that a row makes."""
    path = folder / f"{table}.jsonl"
    path.write_text(json.dumps(row), "utf-8")
    assert ingest(mission, [path], as_kind=table, recorded_at=2).errors == ()
    _, _, _, known, data = records(mission.database)[-1]
    return json.loads(data), known


def us(text: str) -> int:
    return parse_instant(text)


@pytest.mark.parametrize(
    ("cells", "start", "end"),
    [
        ({"start": "2021-03-02"}, "2021-03-02T00:00:00+04:00", "2021-03-03T00:00:00+04:00"),
        ({"start": "2021-03-02", "end": "2021-03-04"}, "2021-03-02T00:00:00+04:00", "2021-03-05T00:00:00+04:00"),
        ({"start": "2021-03-02", "end": "2021-03-02T09:00:00Z"}, "2021-03-02T00:00:00+04:00", "2021-03-02T09:00:00Z"),
        ({"end": "2021-03-02"}, "2021-03-02T10:00:00Z", "2021-03-03T00:00:00+04:00"),
        ({"end": "2021-03-02T10:00:00Z"}, "2021-03-02T10:00:00Z", "2021-03-02T10:00:00Z"),
        ({}, "2021-03-02T10:00:00Z", None),
    ],
)
def test_a_bare_day_is_the_whole_local_day(
    cells: dict[str, str], start: str, end: str | None, mission: Mission, tmp_path: Path
) -> None:
    claim, _ = kept(mission, tmp_path, "claims", CLAIM | cells)
    assert claim["start"] == us(start)
    assert claim.get("end") == (None if end is None else us(end))


def test_a_day_is_as_long_as_the_clocks_of_its_zone_make_it(mission: Mission, tmp_path: Path) -> None:
    source = {"source": "kyiv", "name": "Paper", "role": "independent_media", "tz": "Europe/Kyiv"}
    kept(mission, tmp_path, "sources", source)
    claim, _ = kept(mission, tmp_path, "claims", CLAIM | {"source": "kyiv", "start": "2021-03-28"})
    assert claim["end"] - claim["start"] == 23 * 3_600_000_000


def test_what_has_no_source_takes_the_zone_of_the_mission(mission: Mission, tmp_path: Path) -> None:
    notice, _ = kept(mission, tmp_path, "notices", {"by": "norland", "start": "2021-03-04", "kind": "exercise"})
    assert (notice["start"], notice["end"]) == (us("2021-03-04T00:00:00+04:00"), us("2021-03-05T00:00:00+04:00"))


def test_ground_that_is_still_held_has_no_end(mission: Mission, tmp_path: Path) -> None:
    row = {"source": "mon", "actor": "norland", "zone": "town", "start": "2021-03-01"}
    control, known = kept(mission, tmp_path, "control", row)
    assert "end" not in control
    assert known == control["start"] == us("2021-03-01T00:00:00+04:00")


@pytest.mark.parametrize(
    ("table", "row", "known"),
    [
        ("claims", CLAIM, "2021-03-03T18:00:00Z"),
        ("claims", CLAIM | {"published": "2021-03-03"}, "2021-03-04T00:00:00+04:00"),
        ("claims", CLAIM | {"obtained": "2021-04-01T00:00:00Z"}, "2021-04-01T00:00:00Z"),
        ("claims", CLAIM | {"obtained": "2021-03-01T00:00:00Z"}, "2021-03-03T18:00:00Z"),
        ("coverage", {"source": "mon", "start": "2021-03-02", "end": "2021-03-05"}, "2021-03-06T00:00:00+04:00"),
        ("tallies", {"source": "mon", "start": "2021-03-02", "area": "north", "act": "fire"},
         "2021-03-03T00:00:00+04:00"),
        ("notices", {"by": "norland", "start": "2021-03-04T09:00:00Z", "end": "2021-03-05T09:00:00Z", "kind": "x"},
         "2021-03-04T09:00:00Z"),
        ("notices", {"by": "norland", "start": "2021-03-04", "kind": "x", "published": "2021-03-01T00:00:00Z"},
         "2021-03-01T00:00:00Z"),
        ("inspections", {"source": "mon", "time": "2021-03-06", "site": "4"}, "2021-03-07T00:00:00+04:00"),
        ("complaints", {"complaint_id": "1", "received": "2021-03-06T10:00:00Z", "complainant": "norland"},
         "2021-03-06T10:00:00Z"),
        ("tasks", {"task_id": "1", "ordered": "2021-03-06T10:00:00Z", "due": "2021-03-09"}, "2021-03-06T10:00:00Z"),
        ("tasks", {"task_id": "1", "ordered": "2021-03-06T10:00:00Z", "closed": "2021-03-08T10:00:00Z"},
         "2021-03-08T10:00:00Z"),
        ("decisions", {"at": "2021-03-06T10:00:00Z", "person": "p", "verb": "merge", "reason": "x"},
         "2021-03-06T10:00:00Z"),
        ("sources", {"source": "new", "name": "New", "role": "witness"}, "0001-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_a_record_is_known_when_it_was_said_or_reached_us_or_else_when_its_interval_ended(
    table: str, row: dict[str, str], known: str, mission: Mission, tmp_path: Path
) -> None:
    assert kept(mission, tmp_path, table, row)[1] == us(known)
