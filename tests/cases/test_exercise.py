"""The bundled invented case: every status and every outcome occurs, by evidence and by what people decide."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from trucewatch import cli
from trucewatch.exercise.scenes import script
from trucewatch.mission.derive import Derived, derive
from trucewatch.mission.exercising import CASE_DAYS, make_case, score_mission
from trucewatch.mission.folder import Mission
from trucewatch.model.times import parse_instant
from trucewatch.model.vocabulary import OUTCOMES, STATUSES

RECORDED = parse_instant("2026-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("case") / "exercise"
    _, report = make_case(target, RECORDED)
    assert not report.errors
    return target


@pytest.fixture(scope="module")
def case(folder: Path) -> Derived:
    return derive(Mission.open(folder))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def of_scene(folder: Path, derived: Derived, scene: str) -> dict[str, Any]:
    """The incident of a scene's first claim: its assessment, claims, and outcomes by term and actor."""
    position = [s["id"] for s in script()["scenes"]].index(scene)
    told = script()["scenes"][position]
    events = [e for e in rows(folder / "truth" / "events.csv") if e["kind"] == "scene"]
    start = f"2024-05-{6 + int(told['at'][1]):02d}T{told['at'].split()[1]}:00+05:00"
    event = next(e for e in events if e["start"] == start and e["act"] == told["act"])
    claims = [
        (r["source"], r["claim_id"])
        for r in rows(folder / "truth" / "claim_event.csv")
        if r["event_id"] == event["event_id"]
    ]
    incident = {(r["source"], r["claim_id"]): r["incident_id"] for r in derived.tables["links"]}
    found = incident[claims[0]]
    assessed = next(r for r in derived.tables["assessments"] if r["incident_id"] == found)
    outcomes = {
        (f["term"], f["actor"]): (f["outcome"], f["state"])
        for f in derived.tables["findings"]
        if f["incident_id"] == found
    }
    return {**assessed, "outcomes": outcomes, "claims": claims, "incident": incident}


def test_every_status_occurs(case: Derived) -> None:
    assert {r["status"] for r in case.tables["assessments"]} == set(STATUSES)


def test_every_outcome_occurs(case: Derived) -> None:
    assert {r["outcome"] for r in case.tables["findings"]} == set(OUTCOMES)


def test_every_decision_does_something(case: Derived) -> None:
    assert case.warnings == ()
    assert len(case.decided.every) >= 15


@pytest.mark.parametrize(
    ("scene", "status", "term", "actor", "outcome"),
    [
        ("seen-examined-admitted", "verified", "1", "corrand", "violation"),
        ("seen-and-examined", "corroborated", "1", "talvenia", "indicated"),
        ("nothing-found-1", "unlikely", "1", "corrand", "no violation"),
        ("nothing-found-2", "unlikely", "1", "talvenia", "no violation"),
        ("one-side-alone-1", "unconfirmed", "1", "corrand", "undetermined"),
        ("one-side-alone-2", "unconfirmed", "1", "talvenia", "undetermined"),
        ("each-blames-the-other", "more likely than not", "1", "corrand", "undetermined"),
        ("heard", "probable", "1", "talvenia", "undetermined"),
        ("announced-exercise", "corroborated", "1", "corrand", "no violation"),
        ("on-the-range", "corroborated", "1", "talvenia", "excepted"),
        ("gun-before-its-day", "corroborated", "3", "talvenia", "not due"),
        ("gun-after-its-day", "corroborated", "3", "corrand", "violation"),
        ("launcher-inside-the-width", "corroborated", "3", "talvenia", "indicated"),
        ("launcher-outside-the-width", "corroborated", "3", "corrand", "no violation"),
        ("mortar-of-82", "corroborated", "3", "talvenia", "depends on reading"),
        ("volunteers", "corroborated", "1", "corrand", "depends on reading"),
        ("answer-claimed", "corroborated", "1", "corrand", "undetermined (exception claimed)"),
        ("answer-granted", "corroborated", "1", "talvenia", "excepted"),
        ("answer-refuted", "corroborated", "1", "corrand", "violation"),
        ("set-lower", "unconfirmed", "1", "talvenia", "undetermined"),
    ],
)
def test_a_scene_comes_out(
    folder: Path, case: Derived, scene: str, status: str, term: str, actor: str, outcome: str
) -> None:
    found = of_scene(folder, case, scene)
    assert found["status"] == status
    assert found["outcomes"][term, actor][0] == outcome


def test_a_ruling_with_its_reader_and_signature_is_final(folder: Path, case: Derived) -> None:
    assert of_scene(folder, case, "seen-examined-admitted")["outcomes"]["1", "corrand"] == ("violation", "final")


def test_new_evidence_reopens_what_was_ruled_before_it(folder: Path, case: Derived) -> None:
    assert of_scene(folder, case, "decided-too-soon")["outcomes"]["1", "talvenia"][1] == "reopened"
    noon = derive(Mission.open(folder), known_by=parse_instant("2024-05-14T08:00:00Z"))
    assert of_scene(folder, noon, "decided-too-soon")["outcomes"]["1", "talvenia"][1] == "draft"


def test_nobody_lit_the_forest_for_sure(folder: Path, case: Derived) -> None:
    found = of_scene(folder, case, "fire-between-the-lines")
    shares = {a["actor"]: a["p"] for a in case.tables["authors"] if a["incident_id"] == found["incident_id"]}
    assert found["p_occurred"] > 0.8
    assert shares["talvenia"] == shares["corrand"]


def test_an_analyst_parts_and_joins(folder: Path, case: Derived) -> None:
    parted = of_scene(folder, case, "two-in-one")
    joined = of_scene(folder, case, "one-in-two")
    assert len({joined["incident"][c] for c in joined["claims"]}) == 1
    decided = {(r["source"], r["claim_id"]) for r in case.tables["links"] if r["by"] == "decision"}
    assert set(joined["claims"]) <= decided
    assert len(parted["claims"]) == 1
    without = derive_without(folder, {"split", "merge", "link"})
    assert len({without[c] for c in joined["claims"]}) == 3
    beside = next(iter(decided - set(joined["claims"])))
    first = parted["claims"][0]
    assert without[beside] == without[first]
    assert parted["incident"][beside] != parted["incident"][first]


def derive_without(folder: Path, verbs: set[str]) -> dict[tuple[str, str], str]:
    """Incident of each claim when decisions of some verbs had never been taken."""
    target = folder.parent / ("without-" + "-".join(sorted(verbs)))
    make_case(target, RECORDED)
    (target / "trucewatch.db").unlink()
    shutil.rmtree(target / "ledger")  # else it would be an older copy of a log that goes on
    for rest in target.glob("trucewatch.db-*"):
        rest.unlink()
    path = target / "in" / "decisions.csv"
    kept = [r for r in rows(path) if r["verb"] not in verbs]
    with path.open("w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, kept[0])
        writer.writeheader()
        writer.writerows(kept)
    assert cli.run(["ingest", str(target), *map(str, sorted((target / "in").glob("*.csv")))]) == 0
    derived = derive(Mission.open(target))
    return {(r["source"], r["claim_id"]): r["incident_id"] for r in derived.tables["links"]}


def test_what_has_not_begun_is_pending_before_the_decision(folder: Path) -> None:
    before = derive(Mission.open(folder), known_by=parse_instant("2024-05-07T12:00:00Z"))
    assert not [f for f in before.tables["findings"] if f["term"] == "3"]


def test_nothing_but_the_score_reads_the_truth(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / "truth")
    ours, theirs = derive(Mission.open(folder)), derive(Mission.open(copy))
    assert all(list(ours.tables[t].tuples()) == list(theirs.tables[t].tuples()) for t in ours.tables)
    assert cli.run(["exercise", str(copy), "--score"]) == 2


def test_making_it_a_second_time_changes_nothing(folder: Path, case: Derived) -> None:
    _, report = make_case(folder, RECORDED + 1)
    assert not report.errors
    assert report.counts.get("claims", 0) == 0
    again = derive(Mission.open(folder))
    assert list(again.tables["links"].tuples()) == list(case.tables["links"].tuples())


def test_everything_says_exercise(folder: Path) -> None:
    mission = Mission.open(folder)
    assert mission.config.exercise
    assert "EXERCISE" in mission.config.title()
    assert "EXERCISE" in mission.agreements[0].name()
    assert all("EXERCISE" in r["name"] for r in rows(folder / "in" / "sources.csv"))
    assert all("EXERCISE" in r["text"] for r in rows(folder / "in" / "claims.csv") if r["text"])


def test_the_score_finds_no_false_violation(folder: Path) -> None:
    found = score_mission(Mission.open(folder))
    assert found.findings_wrong == 0
    assert found.linking["trucewatch"]["claims"]
    assert found.weighing["all"]["incidents"]


def test_the_command_makes_a_mission_and_scores_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "truce"
    assert cli.run(["exercise", str(target), "--seed", "4", "--days", "3", "--tempo", "quiet", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert told["counts"]["claims"] > 10
    assert cli.run(["exercise", str(target), "--score", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["score"]) >= {"linking", "weighing", "authors", "blind", "findings"}
    assert cli.run(["exercise", str(target)]) == 2
    assert cli.run(["exercise", str(tmp_path / "x"), "--regime", "chaos"]) == 2
    assert not (tmp_path / "x").exists()


def test_pages_of_the_case_say_that_it_is_invented(folder: Path, tmp_path: Path) -> None:
    from trucewatch.mission.reporting import report

    for day in CASE_DAYS[:1]:
        page = report(Mission.open(folder), day, out=tmp_path)[0].read_text("utf-8")
        assert page.count("EXERCISE") > 3
