"""A mission from init to export and explanation, through the command line alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trucewatch import cli
from trucewatch.model.columns import KINDS
from trucewatch.model.outputs import OUTPUTS

Capture = pytest.CaptureFixture[str]


def table(capsys: Capture, mission: Path, what: str, *more: str) -> list[dict[str, str]]:
    capsys.readouterr()
    assert cli.run(["export", str(mission), what, *more]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def answer(capsys: Capture, *args: str) -> dict[str, Any]:
    capsys.readouterr()
    cli.run([*args, "--json"])
    told = capsys.readouterr()
    assert told.err == ""
    result: dict[str, Any] = json.loads(told.out)
    return result


def test_all_writes_every_table_with_its_header(mission: Path, tmp_path: Path) -> None:
    assert cli.run(["export", str(mission), "all", "-o", str(tmp_path / "out")]) == 0
    for name in (*KINDS, *OUTPUTS):
        header = (tmp_path / "out" / f"{name}.csv").read_text("utf-8").splitlines()[0].split(",")
        expected = KINDS[name].names if name in KINDS else OUTPUTS[name]
        assert tuple(header) == tuple(expected), name


def test_an_export_ingested_into_an_empty_mission_exports_the_same_again(
    mission: Path, inputs: Path, tmp_path: Path
) -> None:
    first, second, other = tmp_path / "first", tmp_path / "second", tmp_path / "other"
    for how in ("csv", "jsonl"):
        assert cli.run(["export", str(mission), "all", "--format", how, "-o", str(first / how)]) == 0
        again = other / how
        assert cli.run(["init", str(again), "--agreement", str(inputs / "agreement.yaml"), "--history"]) == 0
        files = [str(first / how / f"{name}.{how}") for name in ("claims", "sources", "coverage")]
        assert cli.run(["ingest", str(again), *files]) == 0
        assert cli.run(["export", str(again), "all", "--format", how, "-o", str(second / how)]) == 0
        for name in KINDS:
            file = f"{name}.{how}"
            assert (first / how / file).read_bytes() == (second / how / file).read_bytes(), file


def test_a_formula_leaves_inert(mission: Path, capsys: Capture) -> None:
    texts = {row["text"] for row in table(capsys, mission, "claims") if row["text"]}
    assert texts
    assert all(text.startswith("'=") for text in texts)


def test_nothing_of_the_monitors_leaves_to_the_public(mission: Path, tmp_path: Path, capsys: Capture) -> None:
    out = answer(capsys, "export", str(mission), "all", "--audience", "public", "-o", str(tmp_path / "p"))
    assert any("withheld" in w["message"] for w in out["warnings"])
    for path in (tmp_path / "p").glob("*.csv"):
        text = path.read_text("utf-8")
        assert "secret" not in text, path.name
        assert "mon," not in text, path.name
        assert ",m0" not in text, path.name


def test_a_place_that_monitors_fixed_leaves_coarse(mission: Path, capsys: Capture) -> None:
    exact = {r["incident_id"]: r for r in table(capsys, mission, "incidents")}
    public = table(capsys, mission, "incidents", "--audience", "public")
    assert public
    assert all(r["lat"] != exact[r["incident_id"]]["lat"] for r in public)


def test_geojson_has_points_as_longitude_and_latitude(mission: Path, tmp_path: Path) -> None:
    out = tmp_path / "i.geojson"
    assert cli.run(["export", str(mission), "incidents", "--format", "geojson", "-o", str(out)]) == 0
    features = json.loads(out.read_text("utf-8"))["features"]
    assert features
    for feature in features:
        lon, lat = feature["geometry"]["coordinates"]
        assert 46 < lon < 48
        assert 39 < lat < 42
        assert feature["properties"]["start"].endswith("Z")


def test_a_table_without_places_is_not_geojson(mission: Path, capsys: Capture) -> None:
    out = answer(capsys, "export", str(mission), "links", "--format", "geojson", "-o", "x.geojson")
    assert "have no place" in out["errors"][0]["message"]
    assert not Path("x.geojson").exists()


def test_what_was_not_yet_known_is_not_there(mission: Path, capsys: Capture) -> None:
    early = table(capsys, mission, "claims", "--known-by", "2021-03-03T00:00:00+04:00")
    late = table(capsys, mission, "claims")
    assert 0 < len(early) < len(late)
    assert all(row["published"] <= "2021-03-02T20:00:00Z" for row in early)


def test_rebuilding_gives_the_same_bytes(mission: Path, tmp_path: Path) -> None:
    assert cli.run(["update", str(mission)]) == 0
    assert cli.run(["export", str(mission), "all", "-o", str(tmp_path / "a")]) == 0
    assert cli.run(["rebuild", str(mission)]) == 0
    assert cli.run(["export", str(mission), "all", "-o", str(tmp_path / "b")]) == 0
    for name in (*KINDS, *OUTPUTS):
        assert (tmp_path / "a" / f"{name}.csv").read_bytes() == (tmp_path / "b" / f"{name}.csv").read_bytes()


def test_an_incident_is_explained_down_to_each_number(mission: Path, tmp_path: Path, capsys: Capture) -> None:
    incident = table(capsys, mission, "incidents")[0]["incident_id"]
    contributions = [c for c in table(capsys, mission, "contributions") if c["incident_id"] == incident]
    out = answer(capsys, "explain", str(mission), incident, "--svg", str(tmp_path / "w.svg"))
    assert out["ok"]
    assert len(out["object_hash"]) == 64
    shown = out["tables"]["Contributions"]
    assert [c["micro_nats"] for c in shown] == [int(c["log_odds"]) for c in contributions]
    picture = (tmp_path / "w.svg").read_text("utf-8")
    assert picture.count("<rect") == len(shown) + 2
    assert cli.run(["explain", str(mission), incident]) == 0
    assert "Contributions" in capsys.readouterr().out


def test_the_number_of_any_claim_names_its_incident(mission: Path, capsys: Capture) -> None:
    one = answer(capsys, "explain", str(mission), "mod_n/a0")
    assert one["incident_id"] is not None
    assert answer(capsys, "explain", str(mission), one["incident_id"])["object"] == one["incident_id"]
    assert answer(capsys, "explain", str(mission), "a0")["object"] == "mod_n/a0"


def test_a_finding_is_explained_with_its_term(mission: Path, capsys: Capture) -> None:
    finding = next(f for f in table(capsys, mission, "findings") if f["incident_id"])
    out = answer(capsys, "explain", str(mission), finding["finding_id"])
    assert out["facts"]["outcome"] == finding["outcome"]
    assert "All fire ceases" in out["facts"]["term"]


def test_what_the_public_may_not_see_is_not_explained_to_it(mission: Path, capsys: Capture) -> None:
    out = answer(capsys, "explain", str(mission), "mon/m0", "--audience", "public")
    assert out["ok"] is False
    internal = answer(capsys, "explain", str(mission), "mon/m0")
    assert "secret" in json.dumps(internal)
    seen = answer(capsys, "explain", str(mission), internal["incident_id"], "--audience", "public")
    assert "secret" not in json.dumps(seen)
    assert "mon" not in {c["source"] for c in seen["tables"]["Contributions"]}


def test_check_tells_what_to_mend_and_what_to_consider(
    make_mission: Callable[[Path], Path], tmp_path: Path, capsys: Capture
) -> None:
    folder = make_mission(tmp_path / "m")
    assert answer(capsys, "check", str(folder))["ok"] is True
    bad = tmp_path / "bad.csv"
    bad.write_text("claim_id,source,published,stance,act,start\nx1,mod_n,2021-03-03,alleges,fire.laser,2021-03-02\n")
    assert cli.run(["ingest", str(folder), str(bad)]) == 1
    out = answer(capsys, "check", str(folder))
    assert out["ok"] is False
    assert any(str(e["file"]).startswith("quarantine/") for e in out["errors"])
    (folder / "mission.yaml").write_text("id: x\nagreement: [small]\n", "utf-8")
    out = answer(capsys, "check", str(folder))
    assert {e["field"] for e in out["errors"]} == {"agreements", "agreement"}


def test_templates_fit_their_agreement_and_can_be_ingested(inputs: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "m"
    assert cli.run(["init", str(folder), "--agreement", str(inputs / "agreement.yaml")]) == 0
    assert {p.stem for p in (folder / "in").glob("*.csv")} == set(KINDS)
    assert "norland" in (folder / "in" / "sources.csv").read_text("utf-8")
    # A control row needs a zone, and this agreement has none.
    files = [str(p) for p in sorted((folder / "in").glob("*.csv")) if p.stem != "control"]
    out = answer(capsys, "ingest", str(folder), *files)
    assert out["errors"] == []


def test_a_mission_is_not_made_over_another(mission: Path, inputs: Path, capsys: Capture) -> None:
    assert cli.run(["init", str(mission), "--agreement", str(inputs / "agreement.yaml")]) == 2
    assert "is a mission already" in capsys.readouterr().err


def test_a_faulty_agreement_makes_no_mission(tmp_path: Path, inputs: Path, capsys: Capture) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text((inputs / "agreement.yaml").read_text("utf-8") + "surprise: 1\n", "utf-8")
    assert cli.run(["init", str(tmp_path / "m"), "--agreement", str(wrong)]) == 2
    assert "surprise" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()
