"""L10: what only protected claims tell of an incident does not leave with it: minute, deaths, weapon, weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import Inputs, Row, exported, make, tables
from trucewatch.mission.explaining import explain
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report
from trucewatch.model.errors import Refusal

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


def _watch(source: str, **more: str) -> Row:
    return {"source": source, "start": "2021-03-02T09:00:00Z", "end": "2021-03-02T09:20:00Z", "lat": "40.01",
            "lon": "46.02", "radius_km": "3", **more}  # fmt: skip


def test_where_and_when_a_restricted_patrol_stood_leaves_by_the_day_and_without_its_manner(tmp_path: Path) -> None:
    coverage = [_watch("patrol", means="heard", mode="tasked"), _watch("open", means="heard", mode="tasked")]
    kept = [_watch("patrol", by="nor", kind="denied")]
    found = _public(_mission(tmp_path, SEEN, coverage=coverage, restrictions=kept))
    day = ("2021-03-01T20:00:00Z", "2021-03-02T20:00:00Z")  # a day in Yerevan
    veiled, open_ = sorted(found["coverage"], key=lambda r: r["source"])
    assert (veiled["start"], veiled["end"], veiled["mode"]) == (*day, "")
    assert (open_["start"], open_["mode"]) == ("2021-03-02T09:00:00Z", "tasked")
    assert [(r["source"], r["start"], r["end"]) for r in found["restrictions"]] == [("", *day)]


def test_one_open_claim_of_a_patrol_does_not_open_where_it_stood(tmp_path: Path) -> None:
    spoken = _told("mixed", "x1", "2021-03-02T20:07:00Z", handling="public")
    found = _public(_mission(tmp_path, spoken, coverage=[_watch("mixed", means="heard")]))
    assert [r["source"] for r in found["coverage"]] == [""]
    assert "mixed" in {r["source"] for r in found["sources"]}


def test_what_a_confidential_observer_covered_is_no_part_of_the_public_gaps(tmp_path: Path) -> None:
    coverage = [
        _watch(s, means="heard") | {"end": "2021-03-02T15:00:00Z", "radius_km": "30"} for s in ("witness", "open")
    ]
    coverage[1] |= {"end": "2021-03-02T11:00:00Z"}
    later = _told("open", "o9", "2021-03-04T09:00:00Z") | {"published": "2021-03-06T09:00:00Z"}
    mission = _mission(tmp_path, ALLEGED, later, coverage=coverage)
    shares = [
        [float(r["share_covered"]) for r in found["gaps"]] for found in (tables(exported(mission)), _public(mission))
    ]
    assert len(shares[0]) == len(shares[1])
    assert max(shares[0]) == pytest.approx(6 / 24, abs=0.05)
    assert max(shares[1]) == pytest.approx(2 / 24, abs=0.05)


def test_a_free_name_of_an_area_in_a_restricted_count_does_not_leave_and_a_zone_does(tmp_path: Path) -> None:
    rows = [{"source": "patrol", "start": "2021-03-02", "end": "2021-03-03", "area": area, "act": "fire",
             "count_low": "4"} for area in ("the culvert", "town")]  # fmt: skip
    assert sorted(r["area"] for r in _public(_mission(tmp_path, tallies=rows))["tallies"]) == ["", "town"]


def test_the_number_of_a_hidden_claim_does_not_tell_the_public_where_it_belongs(tmp_path: Path) -> None:
    mission = _mission(tmp_path, ALLEGED, SECRET, _told("open", "o1", "2021-03-02T10:08:00Z"))
    assert explain(mission, "I2").incident_id == "I1"
    assert explain(mission, "I3", audience="public").incident_id == "I1"
    for unknown in ("I2", "w1", "I9"):
        with pytest.raises(Refusal, match=f"nothing here is called '{unknown}'"):
            explain(mission, unknown, audience="public")
