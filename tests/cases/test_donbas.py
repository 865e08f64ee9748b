"""The bundled case of Donbas, 2014 to 2018: what must come out of lethal events that name no author and no weapon."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from trucewatch.mission import bundled
from trucewatch.mission.derive import derive
from trucewatch.mission.folder import bundled as data_folder
from trucewatch.mission.ingest import ingest

CASE = data_folder("cases") / "donbas"
RECORDED_AT = 1_790_000_000_000_000
MEMORANDUM, PACKAGE = "donbas-2014-09-19", "donbas-2015-02-12"
FIRE_TERMS = {(MEMORANDUM, "1"), (MEMORANDUM, "3"), (PACKAGE, "1")}
WITHDRAWALS = {(MEMORANDUM, "4"), (PACKAGE, "2")}


def us(text: str) -> int:
    """Microseconds since 1970 of an instant."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def made(folder: Path, **files: str) -> Any:
    """The case in `folder` with further input files by name (without .csv)."""
    case = next(c for c in bundled.cases() if c.name == "donbas")
    mission, inputs = bundled.unpack(case, folder)
    for name, text in files.items():
        path = folder / "in" / f"{name}.csv"
        path.write_text(text, "utf-8")
        inputs.append(path)
    report = ingest(mission, inputs, recorded_at=RECORDED_AT)
    assert not report.errors
    return mission


@pytest.fixture(scope="module")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The case as `trucewatch demo` builds it."""
    return made(tmp_path_factory.mktemp("donbas") / "donbas")


@pytest.fixture(scope="module")
def tables(mission: Any) -> Callable[[str | None], dict[str, list[dict[str, Any]]]]:
    """The derived tables known by a time (None: everything); each cut is derived once."""
    cuts: dict[str | None, dict[str, list[dict[str, Any]]]] = {}

    def at(by: str | None) -> dict[str, list[dict[str, Any]]]:
        if by not in cuts:
            derived = derive(mission, known_by=None if by is None else us(by))
            cuts[by] = {name: list(rows) for name, rows in derived.tables.items()}
        return cuts[by]

    return at


def test_every_event_is_taken_in(mission: Any) -> None:
    with (CASE / "ged_ukraine_2014_2018.csv").open(encoding="utf-8", newline="") as f:
        events = {row["id"] for row in csv.DictReader(f)}
    assert {r.payload["claim_id"] for r in mission.store.read("claim")} == events
    assert len(events) == 995


def test_sides_of_the_events_are_known_by_their_names_in_the_agreements(mission: Any) -> None:
    victims = Counter(r.payload["victim"] for r in mission.store.read("claim") if "victim" in r.payload)
    assert victims["ukraine"] > 100
    assert victims["cadlr"] > 50
    assert {v for v in victims if v.startswith("other:")} <= {"other:Maidan"}


def test_nobody_is_accused(mission: Any) -> None:
    assert not [r for r in mission.store.read("claim") if r.payload.get("accused")]


def test_no_finding_names_an_author(tables: Callable[..., Any]) -> None:
    findings = tables(None)["findings"]
    assert {f["outcome"] for f in findings} == {"undetermined", "no violation", "not for judgement"}
    assert max(f["p_violation"] for f in findings if f["p_violation"] is not None) < 0.5


def test_authors_are_the_two_sides_alike_and_no_signatory_who_owes_nothing_judged(tables: Callable[..., Any]) -> None:
    shares: dict[str, dict[str, float]] = {}
    for row in tables(None)["authors"]:
        shares.setdefault(row["incident_id"], {})[row["actor"]] = row["p"]
    assert shares
    for share in shares.values():
        assert set(share) <= {"ukraine", "cadlr", "other", "none"}
        assert share["ukraine"] == share["cadlr"]


def test_fire_is_held_against_the_fire_terms_of_both_texts_and_nothing_else(tables: Callable[..., Any]) -> None:
    held = {(f["agreement"], f["term"]) for f in tables(None)["findings"] if f["incident_id"]}
    assert held == FIRE_TERMS


def test_both_sides_stand_alike_in_every_finding(tables: Callable[..., Any]) -> None:
    by_side: dict[str, dict[Any, Any]] = {"ukraine": {}, "cadlr": {}}
    for f in tables(None)["findings"]:
        if f["incident_id"]:
            key = f["incident_id"], f["agreement"], f["term"], f["reading"]
            by_side[f["actor"]][key] = f["outcome"], f["p_violation"], f["p_in_scope"]
    assert by_side["ukraine"] == by_side["cadlr"]


def test_events_before_the_memorandum_have_no_finding(tables: Callable[..., Any]) -> None:
    t = tables(None)
    before = {i["incident_id"] for i in t["incidents"] if us_of(i["end"]) <= us("2014-09-20T00:00:00+03:00")}
    assert len(before) > 100
    assert not before & {f["incident_id"] for f in t["findings"]}


def us_of(value: Any) -> int:
    """Microseconds of a time of a table."""
    return int(value) if isinstance(value, int) else us(str(value).replace("Z", "+00:00"))


def test_no_weapon_is_told_so_no_withdrawal_is_judged(mission: Any, tables: Callable[..., Any]) -> None:
    assert not [r for r in mission.store.read("claim") if r.payload.get("weapon")]
    judged = {(a.id, t.id) for a in mission.agreements for t in a.terms if t.kind == "withdrawal" and t.judged}
    assert judged == WITHDRAWALS
    assert not [f for f in tables(None)["findings"] if (f["agreement"], f["term"]) in WITHDRAWALS]


def test_one_voice_that_passes_on_establishes_nothing(tables: Callable[..., Any]) -> None:
    assert {a["status"] for a in tables(None)["assessments"]} == {"unconfirmed"}


def test_a_page_knows_what_the_reports_of_its_day_told_and_no_more(tables: Callable[..., Any]) -> None:
    mariupol = "198904"
    claims = {by: {r["claim_id"] for r in tables(by)["links"]} for by in ("2015-01-25T00:00:00+02:00", None)}
    assert mariupol not in claims["2015-01-25T00:00:00+02:00"]
    assert mariupol in claims[None]


def test_days_without_coverage_are_blind_not_quiet(tables: Callable[..., Any]) -> None:
    gaps = tables(None)["gaps"]
    assert gaps
    assert {g["share_covered"] for g in gaps} == {0.0}


def test_every_day_reported_has_an_incident_of_that_day(tables: Callable[..., Any]) -> None:
    case = next(c for c in bundled.cases() if c.name == "donbas")
    for day in case.report_days:
        zone = "+03:00" if "-10-" in day else "+02:00"
        end = us(f"{day}T00:00:00{zone}")
        rows = tables(f"{day}T00:00:00{zone}")["incidents"]
        assert [i for i in rows if us_of(i["start"]) < end and us_of(i["end"]) > end - 86_400_000_000], day


# Invented sightings: none of this happened. Places 5, 27, 41 and 30 km west of the line, and 17 km east of it.
SOURCES = """source,name,role,tz,approved_by
invented,Invented monitors,monitor,UTC,mission
"""
HEAD = "claim_id,source,published,stance,act,start,lat,lon,radius_km,place_of,means,accused,weapon\n"


def sighting(name: str, lat: float, lon: float, accused: str, weapon: str, day: str) -> str:
    """One weapon that monitors saw at a place, stated to 0.1 km."""
    return (
        f"{name},invented,{day}T12:00:00Z,observes,movement.weapons_in_zone,{day}T10:00:00Z,{lat},{lon},0.1,presence,saw,"
        f"{accused},{weapon}\n"
    )


@pytest.fixture(scope="module")
def sightings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The case with invented sightings, and the distance of each from the actual line, km."""
    rows = [
        sighting("near", 48.20, 37.70, "ukraine", "D-30", "2016-05-10"),
        sighting("edge", 48.20, 37.35, "ukraine", "D-30", "2016-05-20"),
        sighting("far", 48.20, 37.10, "ukraine", "D-30", "2016-05-30"),
        sighting("far-grad", 48.20, 37.30, "ukraine", "BM-21", "2016-06-10"),
        sighting("light", 48.20, 37.70, "ukraine", "2B14", "2016-06-20"),
        sighting("other-side", 48.05, 37.95, "cadlr", "D-30", "2016-06-30"),
        sighting("between-dates", 48.20, 37.70, "ukraine", "D-30", "2015-03-02"),
    ]
    mission = made(tmp_path_factory.mktemp("sightings") / "donbas", sources=SOURCES, claims=HEAD + "".join(rows))
    derived = derive(mission)
    links = {r["claim_id"]: r["incident_id"] for r in derived.tables["links"] if r["source"] == "invented"}
    findings: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for f in derived.tables["findings"]:
        for claim, incident in links.items():
            if f["incident_id"] == incident:
                findings.setdefault((claim, f["agreement"], f["term"], f["actor"]), []).append(f)
    return mission, findings


def test_a_howitzer_5_km_from_the_line_is_nearer_than_half_of_50_km(sightings: Any) -> None:
    rows = sightings[1]["near", PACKAGE, "2", "ukraine"]
    assert len(rows) == 4  # two readings of the days, two of the mortars
    assert {r["p_in_scope"] for r in rows} == {1.0}


def test_a_howitzer_41_km_from_the_line_is_far_enough(sightings: Any) -> None:
    rows = sightings[1]["far", PACKAGE, "2", "ukraine"]
    assert {r["p_in_scope"] for r in rows} == {0.0}
    assert {r["outcome"] for r in rows} == {"no violation"}


def test_at_the_edge_an_uncertain_line_decides_nothing(sightings: Any) -> None:
    rows = sightings[1]["edge", PACKAGE, "2", "ukraine"]
    assert all(0.05 < r["p_in_scope"] < 0.95 for r in rows)
    assert {r["outcome"] for r in rows} == {"undetermined"}


def test_a_rocket_launcher_must_stand_35_km_away_where_a_howitzer_needs_25(sightings: Any) -> None:
    assert min(r["p_in_scope"] for r in sightings[1]["far-grad", PACKAGE, "2", "ukraine"]) > 0.95


def test_a_mortar_of_82_mm_is_no_heavy_weapon(sightings: Any) -> None:
    for key in ((PACKAGE, "2"), (MEMORANDUM, "4")):  # no distance is asked, so no line is needed either
        rows = sightings[1]["light", *key, "ukraine"]
        assert {r["p_in_scope"] for r in rows} == {0.0}
        assert {r["outcome"] for r in rows} == {"no violation"}


def test_the_other_side_is_measured_from_a_line_that_nobody_can_draw(sightings: Any) -> None:
    for row in sightings[1]["other-side", PACKAGE, "2", "cadlr"]:
        assert row["p_in_scope"] is None
        assert row["outcome"] == "undetermined"


def test_under_the_memorandum_both_sides_are_measured_from_it(sightings: Any) -> None:
    for claim, side in (("near", "ukraine"), ("far", "ukraine"), ("other-side", "cadlr")):
        rows = sightings[1][claim, MEMORANDUM, "4", side]
        assert {r["p_in_scope"] for r in rows} == {None}
        assert {r["outcome"] for r in rows} == {"undetermined"}


def test_fourteen_days_from_when_makes_a_difference_in_the_days_between(sightings: Any) -> None:
    """From the ceasefire they are over; from the start not, and nobody told whether it had begun in time."""
    rows = sightings[1]["between-dates", PACKAGE, "2", "ukraine"]
    assert {(str(r["reading"]).partition(";")[0], r["p_in_scope"]) for r in rows} == {
        ("fourteen_days=from_the_ceasefire", 1.0), ("fourteen_days=from_the_start", None),
    }  # fmt: skip
    assert {r["outcome"] for r in rows} == {"undetermined"}


def test_explain_says_why_a_withdrawal_is_undetermined(sightings: Any) -> None:
    from trucewatch.judging import explain_finding

    mission, findings = sightings
    row = findings["other-side", PACKAGE, "2", "cadlr"][0]
    words = " ".join(explain_finding(row, mission.agreements, {"lat": 48.05, "weapon": "D-30"}))
    assert "line-2014-09-19" in words
    assert "undefined" in words


def test_the_page_says_from_where_withdrawals_are_measured_and_why_they_stay_undetermined(
    mission: Any, tmp_path: Path
) -> None:
    from trucewatch.mission.reporting import report

    page = report(mission, "2015-02-16", out=tmp_path)[0].read_text("utf-8")
    assert "Line of contact of 19 September 2014" in page
    assert "every finding on it stays undetermined" in page
    assert "good to 5 km" in page
