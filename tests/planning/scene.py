"""A small mission for planning: two parties, monitors, a satellite; claims in words of the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.laws.missions import AGREEMENT, PLACES, SOURCES, Inputs, Row, make
from trucewatch.mission.folder import Mission
from trucewatch.mission.planning import as_dict, next_tasks

DAY = "2021-03-10"
_HERE = {"lat": "40.0", "lon": "46.0", "radius_km": "1"}


def alleged(claim_id: str, on: str, **more: str) -> Row:
    """The ministry of Norland alleges mortar fire of Sudland at a place and time, on the evening of that day."""
    return {
        "claim_id": claim_id, "source": "mod_n", "published": f"{on[:10]}T18:00:00Z", "stance": "alleges",
        "act": "fire.mortar", "start": on, "accused": "sudland", "place_of": "impact", **_HERE, **more,
    }  # fmt: skip


def mission(folder: Path, claims: list[Row], config: dict[str, Any] | None = None, **tables: list[Row]) -> Mission:
    """A mission of those claims; `config`: keys of mission.yaml."""
    every = {"sources": SOURCES, "places": PLACES, "claims": claims, **tables}
    return make(folder, Inputs(every, AGREEMENT, config or {}))


def plan(found: Mission, day: str = DAY, teams: int | None = None) -> dict[str, Any]:
    """The plan of a day as `next --json` prints it."""
    return as_dict(next_tasks(found, day, teams), teams)


def visits(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The visits of a plan."""
    return [t for t in found["tasks"] if t["task"] == "visit"]
