"""Up to when anything is known: what was recorded of days tells it, and not what is planned (laws L7, L8)."""

from __future__ import annotations

from typing import Any

from trucewatch.mission.context import Context
from trucewatch.mission.snapshot import Snapshot, Versions
from trucewatch.model.times import parse_instant


def known_until(coverage: list[dict[str, Any]], decided: list[str]) -> int | None:
    tables: dict[str, list[Versions]] = {"control": [], "inspections": []}
    tables["coverage"] = [Versions(str(k), k, row, 0) for k, row in enumerate(coverage)]
    tables["decisions"] = [Versions(str(k), k, {"at": parse_instant(at)}, 0) for k, at in enumerate(decided)]
    return Context(None, Snapshot([], tables, {})).facts.latest  # type: ignore[arg-type]


def day(start: str, end: str) -> dict[str, Any]:
    return {"start": parse_instant(f"{start}T00:00:00Z"), "end": parse_instant(f"{end}T00:00:00Z")}


def test_standing_coverage_to_the_end_of_a_year_does_not_tell_how_the_year_ends() -> None:
    standing = [day("2021-03-01", "2021-12-31")]
    assert known_until(standing, []) == parse_instant("2021-03-01T00:00:00Z")
    assert known_until(standing, ["2021-03-09T10:00:00Z"]) == parse_instant("2021-03-09T10:00:00Z")


def test_of_patrols_the_last_one_tells() -> None:
    patrols = [day("2021-03-01", "2021-03-02"), day("2021-03-04", "2021-03-05")]
    assert known_until(patrols, []) == parse_instant("2021-03-04T00:00:00Z")
    assert known_until([], []) is None
