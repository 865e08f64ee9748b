"""A mission folder: opened, mirrored, exported; from the records alone, without any stage."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import AGREEMENT
from trucewatch.mission.exporting import export
from trucewatch.mission.folder import Mission
from trucewatch.mission.mirroring import mirrored
from trucewatch.mission.templates import init
from trucewatch.model.errors import Refusal
from trucewatch.model.times import DAY, parse_instant

AT = parse_instant("2021-03-02T14:10:00+04:00")
SQUARE = '{"type":"Polygon","coordinates":[[[46,40],[47,40],[47,41],[46,41],[46,40]]]}'


def claim(number: int, **more: Any) -> dict[str, Any]:
    base = {"claim_id": f"c{number}", "source": "mod_n", "published": AT, "stance": "alleges", "act": "fire"}
    return {**base, "start": AT, "accused": "sudland", "lat": 40.0 + number / 10, "lon": 46.5, **more}


@pytest.fixture
def mission(tmp_path: Path) -> Mission:
    (tmp_path / "small.yaml").write_text(AGREEMENT, "utf-8")
    made, _ = init(tmp_path / "m", [str(tmp_path / "small.yaml")])
    source = {"source": "mod_n", "name": "Ministry of Norland", "role": "party", "party": "norland"}
    with made.store.writing() as tx:
        tx.append("source", [("mod_n", source, 0)], recorded_at=1)
        tx.append("claim", [(f"mod_n/c{i}", claim(i), AT + i * DAY) for i in range(4)], recorded_at=2)
        tx.append("claim", [("mod_n/c1", claim(1, text="corrected"), AT + 9 * DAY)], recorded_at=3)
    return made


def exported(mission: Mission, what: str, **cut: int) -> list[str]:
    out = io.StringIO()
    export(mission, what, "csv", stream=out, **cut)
    return out.getvalue().splitlines()[1:]


def test_the_newest_version_known_by_then_leaves(mission: Mission) -> None:
    assert len(exported(mission, "claims")) == 4
    assert sum("corrected" in line for line in exported(mission, "claims")) == 1
    assert len(exported(mission, "claims", known_by=AT + 2 * DAY)) == 3
    assert not any("corrected" in line for line in exported(mission, "claims", known_by=AT + 8 * DAY))
    assert exported(mission, "claims", as_of=1) == []
    assert not any("corrected" in line for line in exported(mission, "claims", as_of=2))


def test_a_file_appears_whole_or_not_at_all(mission: Mission, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="no table is called"):
        export(mission, "claim", "csv", tmp_path / "x.csv")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Refusal, match="is a folder"):
        export(mission, "claims", "csv", tmp_path / "folder")
    with pytest.raises(Refusal, match="is a file"):
        export(mission, "all", "csv", tmp_path / "small.yaml")
    with pytest.raises(Refusal, match="need a folder"):
        export(mission, "all", "csv")
    export(mission, "claims", "csv", tmp_path / "deep" / "x.csv")
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["x.csv"]


def test_the_mirror_of_a_mission_has_the_parties_exchanged_and_the_clocks_kept(
    mission: Mission, tmp_path: Path
) -> None:
    mirror = mirrored(mission, tmp_path / "mirror")
    before, after = (list(m.store.read("claim")) for m in (mission, mirror))
    assert [(r.seq, r.id, r.recorded_at, r.known_at) for r in before] == [
        (r.seq, r.id, r.recorded_at, r.known_at) for r in after
    ]
    assert {r.payload["accused"] for r in after} == {"norland"}
    (source,) = mirror.store.read("source")
    assert (source.payload["party"], source.payload["name"]) == ("sudland", "Ministry of Sudland")
    assert [a.id for a in mirror.agreements[0].actors] == ["norland", "sudland"]
    again = mirrored(mirror, tmp_path / "again")
    assert [r.payload for r in again.store.read("claim")] == [r.payload for r in before]


def test_a_mirror_needs_two_parties_that_there_are(mission: Mission) -> None:
    with pytest.raises(Refusal, match="Name two of: norland, sudland"):
        mirrored(mission, a="westland")


def test_sectors_are_named_areas(mission: Mission) -> None:
    features = [f'{{"type":"Feature","properties":{{"name":"{n}"}},"geometry":{SQUARE}}}' for n in ("north", "south")]
    path = mission.dir / "sectors.geojson"
    text = (mission.dir / "mission.yaml").read_text("utf-8").replace("sectors: null", "sectors: sectors.geojson")
    (mission.dir / "mission.yaml").write_text(text, "utf-8")
    path.write_text(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}', "utf-8")
    assert list(Mission.open(mission.dir).sectors) == ["north", "south"]
    path.write_text(f'{{"type":"FeatureCollection","features":[{features[0]},{features[0]}]}}', "utf-8")
    with pytest.raises(Refusal, match="no name of its own"):
        _ = Mission.open(mission.dir).sectors
    path.write_text("not JSON", "utf-8")
    with pytest.raises(Refusal, match="cannot be read"):
        _ = Mission.open(mission.dir).sectors


def test_an_agreement_that_is_not_there_is_named(mission: Mission) -> None:
    path = mission.dir / "mission.yaml"
    path.write_text("id: x\nagreements: [nowhere.yaml]\n", "utf-8")
    with pytest.raises(Refusal, match=r"nowhere\.yaml"):
        _ = Mission.open(mission.dir).agreements
