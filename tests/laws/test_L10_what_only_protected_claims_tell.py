"""L10: what only protected claims tell of an incident does not leave with it: minute, deaths, weapon, weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.laws.missions import Inputs, Row, exported, make, tables
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report

AGREEMENT = """id: t
title: {en: A truce}
actors:
  - {id: nor, role: party, names: {en: Nor}}
  - {id: norland, role: party, names: {en: Norland}}
timezone: Asia/Yerevan
events: {in_force: {at: 2021-03-01T00:00:00Z}}
zones: [{id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 8}, uncertainty_km: 1}]
terms: [{id: "1", kind: prohibition, acts: [fire], binds: [nor, norland]}]
"""


def _source(name: str, role: str, handling: str, party: str = "") -> Row:
    return {"source": name, "name": name, "role": role, "party": party, "tz": "UTC", "handling": handling,
            "approved_by": "mission"}  # fmt: skip


SOURCES = [
    _source("ministry", "party", "public", "norland"), _source("accused", "party", "public", "nor"),
    _source("witness", "witness", "confidential"), _source("patrol", "monitor", "restricted"),
    _source("mixed", "peacekeeper", "restricted"), _source("open", "monitor", "public"),
]  # fmt: skip


def _told(source: str, number: str, start: str, end: str = "", **more: str) -> Row:
    return {"claim_id": number, "source": source, "published": "2021-03-02T13:00:00Z", "stance": "observes",
            "act": "fire.mortar", "start": start, "end": end, "lat": "40.01", "lon": "46.02", "radius_km": "0.5",
            "means": "saw", **more}  # fmt: skip


ALLEGED = _told("ministry", "a1", "2021-03-02", "2021-03-03", stance="alleges", means="", accused="nor", radius_km="5",
                act="fire")  # fmt: skip
SECRET = _told("witness", "w1", "2021-03-02T10:07:00Z", killed_low="7", killed_high="7", weapon="mortar.120mm",
               place_of="impact")  # fmt: skip
SEEN = _told("patrol", "p1", "2021-03-02T10:13:00Z", killed_low="2")


def _mission(folder: Path, *claims: Row, **more: list[Row]) -> Mission:
    return make(folder / "m", Inputs({"sources": SOURCES, "claims": list(claims), **more}, AGREEMENT))


def _public(mission: Mission) -> dict[str, Any]:
    return tables(exported(mission, audience="public"))


def test_the_minute_deaths_weapon_and_manner_of_a_confidential_claim_stay_behind(tmp_path: Path) -> None:
    mission = _mission(tmp_path, ALLEGED, SECRET)
    (inside,) = tables(exported(mission))["incidents"]
    assert (inside["killed_low"], inside["weapon"], inside["act"]) == ("7", "mortar.120mm", "fire.mortar")
    (row,) = _public(mission)["incidents"]
    assert (row["start"], row["end"]) == ("2021-03-02T00:00:00Z", "2021-03-04T00:00:00Z")
    assert [row[k] for k in ("killed_low", "killed_high", "weapon", "place_of", "p_act")] == [""] * 5
    assert row["act"] == "fire"


def test_deaths_and_weapon_that_an_open_claim_tells_too_do_leave_as_it_tells_them(tmp_path: Path) -> None:
    mission = _mission(tmp_path, {**ALLEGED, "killed_low": "1", "killed_high": "3", "weapon": "mortar.120mm"}, SECRET)
    (row,) = _public(mission)["incidents"]
    assert (row["killed_low"], row["killed_high"], row["weapon"]) == ("1", "3", "mortar.120mm")


def test_the_page_of_the_day_holds_neither_the_minute_nor_the_deaths(tmp_path: Path) -> None:
    mission = _mission(tmp_path, ALLEGED, SECRET)
    for day in ("2021-03-02", "2021-03-03"):
        for page in report(mission, day, ["en"], known_by=1_614_900_000_000_000, out=tmp_path / "out"):
            text = page.read_text("utf-8")
            assert "14:07" not in text
            assert "killed: 7" not in text


def test_a_sole_restricted_patrol_is_not_found_by_its_minute_nor_by_counting(tmp_path: Path) -> None:
    mission = _mission(tmp_path, SEEN)
    (row,) = _public(mission)["incidents"]
    assert (row["start"], row["end"]) == ("2021-03-02T10:00:00Z", "2021-03-02T11:00:00Z")
    assert (row["n_claims"], row["n_voices"]) == ("", "")
    page = report(mission, "2021-03-02", ["en"], known_by=1_614_900_000_000_000, out=tmp_path / "out")[0]
    text = page.read_text("utf-8")
    assert "fewer than 3 withheld" in text
    assert "14:13" not in text


def test_a_moment_that_an_open_claim_tells_stays_as_exact_as_it_tells_it(tmp_path: Path) -> None:
    mission = _mission(tmp_path, SEEN, _told("open", "o1", "2021-03-02T10:11:00Z"))
    (row,) = _public(mission)["incidents"]
    assert (row["start"], row["end"]) == ("2021-03-02T10:11:00Z", "2021-03-02T10:11:00Z")


def test_many_hidden_claims_are_counted(tmp_path: Path) -> None:
    seen = [_told("patrol", f"p{k}", "2021-03-02T10:13:00Z", means=m) for k, m in enumerate(("saw", "heard", "camera"))]
    mission = _mission(tmp_path, *seen)
    rows = _public(mission)["incidents"]
    assert [r["n_claims"] for r in rows] == [r["n_claims"] for r in tables(exported(mission))["incidents"]]


def test_withheld_voices_leave_as_one_weight_without_their_class(tmp_path: Path) -> None:
    mission = _mission(tmp_path, ALLEGED, SECRET, SEEN)
    inside, outside = tables(exported(mission)), _public(mission)
    (row,) = [r for r in outside["contributions"] if r["kind"] == "withheld"]
    assert (row["source"], row["reason"]) == ("", "withheld contribution")
    assert not {"other", "observer"} & {r["kind"] for r in outside["contributions"]}
    total = [sum(int(r["log_odds"]) for r in found["contributions"]) for found in (inside, outside)]
    assert total[0] == total[1]
    (assessment,) = outside["assessments"]
    assert (assessment["p_drop_min"], assessment["p_drop_max"]) == ("", "")
