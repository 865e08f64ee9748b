"""Missions to take files into."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from trucewatch.mission.folder import Mission
from trucewatch.mission.ingest import ingest
from trucewatch.mission.templates import init

AGREEMENT = """id: truce
title: {en: A truce}
actors:
  - {id: norland, role: party, names: {en: Norland, de: Nordland}, aliases: [Government of Norland]}
  - {id: sudland, role: party, names: {en: Sudland}}
timezone: Asia/Baku
events: {in_force: {at: 2021-03-01T12:00:00+04:00}}
zones: [{id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 6}, uncertainty_km: 1}]
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}]
mechanism: null
"""
SOURCES = """source,name,role,party,parent,tz,handling,approved_by
mod_n,Ministry of Norland,party,norland,,Asia/Baku,public,mission
mod_s,Ministry of Sudland,party,sudland,,Asia/Baku,public,mission
news_n,News of Norland,party_media,norland,mod_n,Asia/Baku,public,mission
mon,Monitors,monitor,,,Asia/Baku,restricted,mission
"""


def _sector(name: str, south: float) -> dict[str, object]:
    ring = [[45, south], [47, south], [47, south + 1], [45, south + 1], [45, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a mission that knows its sources and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "agreement.yaml").write_text(AGREEMENT, "utf-8")
    mission, _ = init(folder / "m", [str(folder / "agreement.yaml")], history=True)
    features = [_sector("north", 40.0), _sector("south", 39.0)]
    collection = {"type": "FeatureCollection", "features": features}
    (mission.dir / "sectors.geojson").write_text(json.dumps(collection), "utf-8")
    settings = mission.dir / "mission.yaml"
    settings.write_text(settings.read_text("utf-8").replace("sectors: null", "sectors: sectors.geojson"), "utf-8")
    (folder / "sources.csv").write_text(SOURCES, "utf-8")
    assert not ingest(Mission.open(mission.dir), [folder / "sources.csv"], recorded_at=1).errors
    return mission.dir


@pytest.fixture(scope="session")
def fresh(bare: Path) -> Callable[[Path], Mission]:
    """Makes such a mission in a folder."""

    def make(folder: Path) -> Mission:
        return Mission.open(shutil.copytree(bare, folder))

    return make


@pytest.fixture
def mission(fresh: Callable[[Path], Mission], tmp_path: Path) -> Mission:
    return fresh(tmp_path / "mission")
