"""`trucewatch agreement try`: test claims held against a text, as a lawyer who has just encoded it does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trucewatch import cli

TEXT = """
id: valley
title: {en: Ceasefire of the valley}
timezone: Europe/Athens
actors:
  - {id: arden, role: party, names: {en: Arden}}
  - {id: brevia, role: party, names: {en: Brevia}}
  - {id: militia, role: not_covered, names: {en: Militia}, answers_for: brevia}
events: {in_force: {at: 2024-06-01T06:00:00+03:00}, transfer: {at: null}}
zones:
  - {id: line, line: [{lat: 39.0, lon: 21.0}, {lat: 40.0, lon: 21.0}], uncertainty_km: 0.1, status: agreed}
  - {id: town, circle: {lat: 39.5, lon: 22.0, radius_km: 5}}
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [arden, brevia], text: {en: {summary: No fire.}}}
  - id: "2"
    kind: withdrawal
    text: {en: {summary: Guns over 100 mm go back 15 km within two weeks.}}
    acts: [movement.weapons_in_zone]
    binds: [arden, brevia]
    by: {event: in_force, plus: P14D}
    from_zone: {arden: line, brevia: line}
    weapons: [{class: [artillery], calibre_mm: ">100", distance_km: 15}]
    readings: {calibre_mm: [">100", ">=100"]}
  - id: "3"
    kind: prohibition
    text: {en: {summary: None in town.}}
    acts: [fire]
    binds: [arden]
    where: {zone: town, of: impact}
    from: {event: transfer}
  - {id: "4", kind: statement, text: {en: {summary: The parties are content.}}}
"""
HEAD = "claim_id,source,published,stance,act,start,lat,lon,radius_km,place_of,accused,weapon"
JULY = "2024-07-01T10:00:00+03:00"


Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Tries claims, each written as its cells from `act` on; exit code and what --json prints."""
    (tmp_path / "valley.yaml").write_text(TEXT, "utf-8")

    def run(*rows: str, more: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
        lines = [f"c{n},post,2024-07-02,observes,{row}" for n, row in enumerate(rows, 1)]
        (tmp_path / "claims.csv").write_text("\n".join([HEAD, *lines, ""]), "utf-8")
        files = [str(tmp_path / "valley.yaml"), "--claims", str(tmp_path / "claims.csv")]
        code = cli.run(["agreement", "try", *files, *more, "--json"])
        out = capsys.readouterr()
        assert not out.err
        return code, json.loads(out.out)

    return run


def gun(lon: str = "21.1", weapon: str = "artillery.122mm", start: str = JULY, accused: str = "arden") -> str:
    """A gun seen east of the line; a tenth of a degree is 8.6 km."""
    return f"movement.weapons_in_zone,{start},39.5,{lon},0.1,presence,{accused},{weapon}"


def test_a_gun_nearer_than_15_km_falls_under_the_withdrawal_alone(tried: Run) -> None:
    code, told = tried(gun())
    (claim,) = told["claims"]
    assert code == 0
    assert {(f["term"], f["actor"], f["p_in_scope"]) for f in claim["falls"]} == {("2", "arden", 1.0)}
    assert claim["outside"] == [{"term": "1", "why": ["act"]}]
    assert all(f["words"] for f in claim["falls"])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (gun(lon="21.3"), ["place"]),
        (gun(weapon="artillery.85mm"), ["weapon"]),
        (gun(start="2024-06-05T10:00:00+03:00"), ["not_due"]),
        (gun(start="2024-05-05T10:00:00+03:00"), ["time"]),
        (gun(accused="militia").replace("movement.weapons_in_zone", "looting"), ["act"]),
        (gun(lon="21.3", start="2024-05-05T10:00:00+03:00"), ["time", "place"]),
        (gun(accused="other:somebody"), ["actor"]),
    ],
)
def test_what_keeps_a_claim_out_of_the_withdrawal_is_told(tried: Run, row: str, why: list[str]) -> None:
    (claim,) = tried(row)[1]["claims"]
    assert (claim["falls"], claim["may_fall"]) == ([], [])
    assert [o["why"] for o in claim["outside"] if o["term"] == "2"] == [why]


def test_a_gun_of_100_mm_falls_under_one_reading_and_not_the_other(tried: Run) -> None:
    (claim,) = tried(gun(weapon="artillery.100mm"))[1]["claims"]
    assert {f["reading"]: f["p_in_scope"] for f in claim["may_fall"]} == {
        "calibre_mm=>100": 0.0,
        "calibre_mm=>=100": 1.0,
    }


def test_who_answers_for_another_is_told_beside_the_term(tried: Run) -> None:
    (claim,) = tried(f"fire.mortar,{JULY},39.5,21.1,1,impact,militia,")[1]["claims"]
    assert [(f["term"], f["actor"], f["answers_for"]) for f in claim["falls"]] == [("1", "brevia", "militia")]


def test_the_words_name_the_term_the_actor_and_who_answers(
    tried: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried(f"fire.mortar,{JULY},39.5,21.1,1,impact,militia,", gun(lon="21.3"), gun(), gun(weapon="artillery.100mm"))
    files = [str(tmp_path / "valley.yaml"), "--claims", str(tmp_path / "claims.csv")]
    assert cli.run(["agreement", "try", *files]) == 0
    out = capsys.readouterr().out
    assert "falls under term 1, for brevia, who answers for militia" in out
    assert "not term 2: outside its place" in out
    assert "falls under term 2, for arden\n    under calibre_mm=>100\n" in out
    assert "may fall under term 2, for arden\n    under calibre_mm=>=100\n" in out
    assert "term 4 judges nothing: a statement" in out


def test_where_nobody_is_accused_every_bound_actor_is_tried(tried: Run) -> None:
    (claim,) = tried(f"fire.mortar,{JULY},39.5,21.1,1,impact,,")[1]["claims"]
    assert [f["actor"] for f in claim["falls"]] == ["arden", "brevia"]


def test_a_term_waits_for_its_event_until_the_event_is_set(tried: Run) -> None:
    in_town = f"fire.mortar,{JULY},39.5,22.0,0.5,impact,arden,"
    _, told = tried(in_town)
    assert told["not_judged"][0] == {"term": "3", "why": "waits for transfer"}
    assert [f["term"] for f in told["claims"][0]["falls"]] == ["1"]
    _, told = tried(in_town, more=("--set", "transfer=2024-06-10T00:00:00+03:00"))
    assert [f["term"] for f in told["claims"][0]["falls"]] == ["1", "3"]
    elsewhere = f"fire.mortar,{JULY},39.5,22.5,0.5,impact,arden,"
    _, told = tried(elsewhere, more=("--set", "transfer=2024-06-10T00:00:00+03:00"))
    assert {o["term"]: o["why"] for o in told["claims"][0]["outside"]}["3"] == ["place"]


def test_a_claim_is_judged_as_a_mission_judges_it(tried: Run, tmp_path: Path) -> None:
    """The same claim, the one of its mission, has the same p_in_scope to the last digit."""
    row = gun(lon="21.174", accused="arden").replace(",0.1,", ",3,")
    (claim,) = tried(row)[1]["claims"]
    p = {f["p_in_scope"] for f in [*claim["falls"], *claim["may_fall"]]}
    assert len(p) == 1
    assert 0.2 < next(iter(p)) < 0.8
    folder = tmp_path / "mission"
    assert cli.run(["init", str(folder), "--agreement", str(tmp_path / "valley.yaml")]) == 0
    (tmp_path / "sources.csv").write_text(
        "source,name,role,tz,approved_by\npost,Post,monitor,Europe/Athens,p1\n", "utf-8"
    )
    assert cli.run(["ingest", str(folder), str(tmp_path / "sources.csv"), str(tmp_path / "claims.csv")]) == 0
    assert cli.run(["export", str(folder), "findings", "--format", "jsonl", "-o", str(tmp_path / "f.jsonl")]) == 0
    rows = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text("utf-8").splitlines()]
    assert {r["p_in_scope"] for r in rows if (r["term"], r["actor"]) == ("2", "arden")} == p


def test_a_missing_source_gets_a_stand_in_and_a_bad_row_is_told(tried: Run) -> None:
    code, told = tried(gun(), gun(accused="nobody_known"))
    assert code == 1
    assert [w["message"] for w in told["warnings"]] == [
        "no file declares post: a stand-in, a monitor of no party, stands in"
    ]
    assert [(e["row"], e["field"]) for e in told["errors"]] == [(3, "accused")]
    assert len(told["claims"]) == 1


def test_readings_that_make_no_difference_are_told_as_every_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = "c1,post,2020-10-12T00:00:00Z,observes,fire,2020-10-11T10:00:00+04:00,39.8,46.7,1,impact,azerbaijan,"
    (tmp_path / "claims.csv").write_text(f"{HEAD}\n{row}\n", "utf-8")
    assert cli.run(["agreement", "try", "nk-2020-10-10", "--claims", str(tmp_path / "claims.csv")]) == 0
    assert "falls under term 1, for azerbaijan\n    under every reading\n" in capsys.readouterr().out


def test_more_claims_than_a_trial_takes_are_refused(tried: Run) -> None:
    code, told = tried(*[gun()] * 1001)
    assert code == 2
    assert told["errors"][0]["message"] == "1001 claims are too many to try"


def test_what_alleges_nothing_is_not_tried(tried: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried(gun())
    path = tmp_path / "claims.csv"
    path.write_text(path.read_text("utf-8").replace("observes", "denies"), "utf-8")
    assert cli.run(["agreement", "try", str(tmp_path / "valley.yaml"), "--claims", str(path)]) == 0
    assert "not tried: a denial alleges nothing" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more", [("--claims", "nowhere.csv"), ("--set", "dawn=2024-06-10T00:00:00Z"), ("--set", "transfer=soon")]
)
def test_what_cannot_be_tried_ends_with_2(tried: Run, more: tuple[str, ...]) -> None:
    code, told = tried(gun(), more=more)
    assert code == 2
    assert told["errors"][0]["remedy"]
