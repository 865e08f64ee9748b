"""How each term stands, and its days by outcome: on the page and as tables that leave."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.report.invented import AGREEMENT, build
from tests.publishing.report.reading import part, words
from trucewatch import cli
from trucewatch.mission.folder import Mission
from trucewatch.mission.reporting import report
from trucewatch.publishing.report.calendar import strongest

DAY = "2021-03-03"
Row = dict[str, str]
# Beside the five terms of the truce: a deadline by two readings, one party alone, a condition, an end, no judging.
MORE = """
  - {id: "6", kind: withdrawal, binds: [norland], from: {event: in_force}, from_zone: {norland: line},
     by: 2021-03-20, readings: {by: [2021-03-20, 2021-03-22]}, weapons: [{class: mortar, distance_km: 5}],
     text: {en: {summary: Norland alone takes its mortars back}}}
  - {id: "7", kind: prohibition, binds: [norland, sudland], acts: [fire.mortar], after: [{term: "6", status: complete}],
     from: {event: in_force}, text: {en: {summary: No mortars once the sixth is done}}}
  - {id: "8", kind: prohibition, binds: [norland, sudland], acts: [fire], until: 2021-03-02T00:00:00+04:00,
     from: {event: in_force}, text: {en: {summary: A first silence}}}
  - {id: "9", kind: prohibition, binds: [norland, sudland], open_ended: true, from: {event: in_force},
     text: {en: {summary: Nothing that endangers the truce}}}
  - {id: "10", kind: procedure, binds: [norland, sudland], text: {en: {summary: Complaints are answered in a day}}}
  - {id: "11", kind: prohibition, binds: [norland, sudland], acts: [fire], from: {event: later, plus: P2D},
     text: {en: {summary: Two days after what follows the exchange}}}
  - {id: "12", kind: prohibition, binds: [norland, sudland], acts: [fire], from: 2021-03-10T00:00:00+04:00,
     text: {en: {summary: From the tenth on}}}
"""
EVENTS = "exchange: {at: null, set_by: guard}}"
LONGER = AGREEMENT.replace(EVENTS, "exchange: {at: null, set_by: guard}, later: {at: {event: exchange, plus: P1D}}}")
LONGER = LONGER.replace("mechanism: null", MORE.strip("\n") + "\nmechanism: null")


def made(folder: Path, agreement: str = LONGER, settings: str = "") -> Path:
    mission = build(folder, settings=settings)
    (mission / "agreements" / "agreement.yaml").write_text(agreement, "utf-8")
    return mission


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented mission under the longer text."""
    return made(tmp_path_factory.mktemp("board") / "longer")


@pytest.fixture(scope="module")
def terms(longer: Path) -> str:
    """The section of terms of its page."""
    files = report(Mission.open(longer), DAY)
    return part(files[0].read_text("utf-8"), "terms")


def exported(mission: Path, table: str, *more: str) -> list[Row]:
    out = mission.parent / f"{table}.csv"
    assert cli.run(["export", str(mission), table, "--format", "csv", "-o", str(out), *more]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def board(longer: Path) -> dict[tuple[str, str], Row]:
    """The board at the close of the report's day, by term and actor."""
    return {(r["term"], r["actor"]): r for r in exported(longer, "board", "--known-by", "2021-03-03T15:30:00Z")}


@pytest.mark.parametrize(
    ("term", "state"),
    [
        ("1", "in force"), ("3", "waiting for an event"), ("4", "in force"), ("6", "not due"),
        ("7", "waiting for a condition"), ("8", "ended"), ("9", "not judged"), ("10", "not judged"),
        ("11", "waiting for an event"), ("12", "not begun"),
    ],
)  # fmt: skip
def test_a_term_is_in_one_state(board: dict[tuple[str, str], Row], term: str, state: str) -> None:
    assert board[term, "norland"]["state"] == state


def test_what_waits_names_the_event_at_the_root_and_who_sets_it(board: dict[tuple[str, str], Row]) -> None:
    for term in ("3", "11"):
        assert (board[term, "sudland"]["event"], board[term, "sudland"]["set_by"]) == ("exchange", "guard")


def test_a_deadline_that_depends_on_the_reading_has_its_first_and_its_last_day(
    board: dict[tuple[str, str], Row], terms: str
) -> None:
    row = board["6", "norland"]
    assert (row["due"], row["due_last"]) == ("2021-03-20T20:00:00Z", "2021-03-22T20:00:00Z")
    assert "deadline: 20 March 2021 or 22 March 2021, by how the text is read" in words(terms)


def test_what_is_not_judged_says_why(board: dict[tuple[str, str], Row]) -> None:
    assert {t: board[t, a]["why"] for t, a in (("5", ""), ("9", "norland"), ("10", "norland"), ("1", "norland"))} == {
        "5": "statement", "9": "open wording", "10": "procedure", "1": "",
    }  # fmt: skip


@pytest.mark.parametrize("waits", [
    "kind: prohibition, acts: [fire], after: {event: exchange}", "kind: freeze, baseline: {at: exchange}",
])  # fmt: skip
def test_a_term_that_comes_after_an_event_or_freezes_what_was_then_waits_for_it(tmp_path: Path, waits: str) -> None:
    one = f'  - {{id: "6", {waits}, binds: [norland, sudland], from: {{event: in_force}}}}\nmechanism: null'
    mission = made(tmp_path / "waits", AGREEMENT.replace("mechanism: null", one))
    found = [r for r in exported(mission, "board") if r["term"] == "6"]
    assert [(r["state"], r["event"], r["set_by"]) for r in found] == [("waiting for an event", "exchange", "guard")] * 2


def test_a_term_that_an_event_brings_into_force_waits_no_longer_once_it_is_set(tmp_path: Path) -> None:
    mission = made(tmp_path / "set")
    assert {r["state"] for r in exported(mission, "board") if r["term"] == "3"} == {"waiting for an event"}
    text = (mission / "agreements" / "agreement.yaml").read_text("utf-8")
    text = text.replace(
        "exchange: {at: null, set_by: guard}", "exchange: {at: 2021-03-02T00:00:00+04:00, set_by: guard}"
    )
    (mission / "agreements" / "agreement.yaml").write_text(text, "utf-8")
    found = {r["term"]: r for r in exported(mission, "board")}
    assert (found["3"]["state"], found["3"]["start"]) == ("in force", "2021-03-01T20:00:00Z")


def test_a_one_sided_duty_is_marked_wherever_it_stands(board: dict[tuple[str, str], Row], terms: str) -> None:
    assert {t for t, a in board if board[t, a]["one_sided"] == "true"} == {"6"}
    assert words(terms).count("Binds one side only: counts are not compared.") == 2  # on the board and on the calendar


def test_the_calendar_is_blank_outside_the_life_of_a_term(longer: Path) -> None:
    days = {t: [r["start"][:10] for r in exported(longer, "calendar") if r["term"] == t] for t in ("1", "8", "12")}
    assert sorted(set(days["1"]))[:3] == [
        "2021-02-28",
        "2021-03-01",
        "2021-03-02",
    ]  # a report day begins the evening before
    assert set(days["8"]) == {"2021-02-28", "2021-03-01"}
    assert days["12"] == []


def test_days_without_recorded_coverage_are_hatched_also_where_something_is_told(terms: str) -> None:
    # By the close of that day nobody had told yet what could be seen.
    assert 'class="o o-undetermined hatched"' in terms
    assert "no observation of the area is recorded" in words(terms)


def test_a_day_that_was_covered_is_not_hatched(tmp_path: Path) -> None:
    mission = build(tmp_path / "seen")
    files = report(Mission.open(mission), DAY, known_by=1_615_200_000_000_000)
    found = part(files[0].read_text("utf-8"), "terms")
    assert len(re.findall(r"o-\w+ hatched", found)) == 4  # 1 March, before anybody watched, in each of four rows
    assert "no incident reported, the area partly observed" in words(found)
    assert "undetermined; no observation" not in words(found)


def test_the_calendar_stands_in_words_too(terms: str) -> None:
    spoken = terms[terms.index("<details") :]
    assert "undetermined; no observation of the area is recorded: 2 Mar – 3 Mar" in words(spoken)


def test_the_worst_that_can_be_said_of_a_day_stands_in_its_cell(longer: Path) -> None:
    found = {(r["actor"], r["start"][:10]): r["outcome"] for r in exported(longer, "calendar") if r["term"] == "1"}
    assert found["sudland", "2021-03-02"] == "undetermined"
    assert found["sudland", "2021-03-03"] == ""


@pytest.mark.parametrize(
    ("outcomes", "shown"),
    [
        (["no violation", "undetermined"], "undetermined"), (["undetermined", "indicated"], "indicated"),
        (["indicated", "violation"], "violation"), (["undetermined", "depends on reading"], "depends on reading"),
        (["excepted", "no violation"], "excepted"), ([], None),
    ],
)  # fmt: skip
def test_a_cell_shows_what_most_asks_for_attention(outcomes: list[str], shown: str | None) -> None:
    assert strongest(outcomes) == shown
    assert strongest(reversed(outcomes)) == shown


def test_numbers_below_the_least_cell_stay_inside(longer: Path) -> None:
    inside = {(r["actor"], r["start"]): r for r in exported(longer, "calendar") if r["term"] == "1"}
    public = {
        (r["actor"], r["start"]): r for r in exported(longer, "calendar", "--audience", "public") if r["term"] == "1"
    }
    few = [k for k, r in inside.items() if r["alleged"] in ("1", "2")]
    assert few
    assert [public[k]["alleged"] for k in few] == [""] * len(few)
    assert {k: r["outcome"] for k, r in public.items()} == {k: r["outcome"] for k, r in inside.items()}


MODEST = "mechanism: {mandate: {attribute: false, rule: false, publish: true}}"


def test_a_mandate_that_does_not_attribute_lets_no_outcome_leave(tmp_path: Path) -> None:
    mission = made(tmp_path / "modest", LONGER.replace("mechanism: null", MODEST))
    public = exported(mission, "calendar", "--audience", "public")
    assert {r["outcome"] + r["incidents"] + r["alleged"] for r in public} == {""}
    assert {r["outcome"] for r in exported(mission, "board", "--audience", "public")} == {""}
    assert "undetermined" in {r["outcome"] for r in exported(mission, "calendar")}


def test_an_outcome_that_is_never_published_is_no_quiet_day(tmp_path: Path) -> None:
    mission = build(tmp_path / "never")
    config = mission / "mission.yaml"
    config.write_text(config.read_text("utf-8").replace("never: [", "never: [outcome, "), "utf-8")
    found = part(report(Mission.open(mission), DAY)[0].read_text("utf-8"), "terms")
    assert "not published: 2 Mar – 3 Mar" in words(found)
    assert "o-undetermined" not in found


def test_a_day_under_delay_is_told_to_be_so(tmp_path: Path) -> None:
    mission = made(tmp_path / "late")
    config = mission / "mission.yaml"
    config.write_text(config.read_text("utf-8").replace("delay_h: 0", "delay_h: 36"), "utf-8")
    found = part(report(Mission.open(mission), DAY)[0].read_text("utf-8"), "terms")
    assert "not published" in words(found)
    late = exported(mission, "calendar", "--audience", "public", "--known-by", "2021-03-03T15:30:00Z")
    assert {r["incidents"] for r in late if r["start"] == "2021-03-02T15:30:00Z"} == {""}


TOWN = """
  - {id: "13", kind: obligation, binds: [norland], by: 2021-03-02, done_when: "controls(sudland, town)",
     from: {event: in_force}, text: {en: {summary: Norland hands the town over}}}
"""
ZONES = """
  - {id: town, area: [{lat: 40.0, lon: 46.0}, {lat: 40.0, lon: 46.2}, {lat: 40.2, lon: 46.2}, {lat: 40.2, lon: 46.0}]}
terms:"""


@pytest.mark.parametrize(("holder", "outcome"), [("sudland", "no violation"), ("norland", "indicated")])
def test_a_duty_tested_by_the_ground_shows_who_held_it(tmp_path: Path, holder: str, outcome: str) -> None:
    text = AGREEMENT.replace("\nterms:", ZONES).replace("mechanism: null", TOWN.strip("\n") + "\nmechanism: null")
    mission = made(tmp_path / "town", text)
    held = tmp_path / "control.csv"
    held.write_text(
        f"source,start,end,zone,actor\npaper,2021-03-01T12:00:00+04:00,2021-03-04T00:00:00+04:00,town,{holder}\n",
        "utf-8",
    )
    assert cli.run(["ingest", str(mission), str(held)]) == 0
    row = next(r for r in exported(mission, "board") if r["term"] == "13")
    assert (row["tested"], row["outcome"]) == ("ground", outcome)


WINDOW = """id: window
title: {en: Window of silence}
actors: [{id: norland, role: party, names: {en: Norland}}, {id: sudland, role: party, names: {en: Sudland}}]
timezone: Asia/Baku
events: {in_force: {at: 2021-03-03T08:00:00+04:00}}
zones:
  - {id: well, circle: {lat: 40.4, lon: 46.9, radius_km: 3}}
DURATION
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], WHERE
     text: {en: {summary: Silence while the well is mended}}}
"""


@pytest.mark.parametrize(
    ("duration", "where", "titles"),
    [
        ("", "where: {zone: well, of: impact},", ["Window of silence", "Truce of Tarn"]),
        ("", "", ["Window of silence", "Truce of Tarn"]),
        ("refers: [{agreement: tarn, how: replaces}]", "", ["Window of silence"]),
        ("duration: {until: 2021-03-03T16:00:00+04:00}", "", ["Truce of Tarn"]),
    ],
    ids=[
        "a window in one place",
        "a text that repeats one ban of several",
        "a text that replaces it",
        "a text that is over",
    ],
)
def test_a_text_is_on_the_board_while_a_term_of_it_binds(
    tmp_path: Path, duration: str, where: str, titles: list[str]
) -> None:
    mission = build(tmp_path / "two")
    window = WINDOW.replace("DURATION\n", duration + "\n" if duration else "").replace("WHERE", where)
    (mission / "agreements" / "window.yaml").write_text(window, "utf-8")
    config = mission / "mission.yaml"
    first = '  - "agreements/agreement.yaml"\n'
    text = config.read_text("utf-8").replace(first, first + '  - "agreements/window.yaml"\n')
    config.write_text(text, "utf-8")
    found = part(report(Mission.open(mission), DAY)[0].read_text("utf-8"), "terms")
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", found) == titles


def swapped(row: Row) -> tuple[Any, ...]:
    names = {"norland": "sudland", "sudland": "norland"}
    return tuple(sorted((k, names.get(v, v)) for k, v in row.items()))


def test_exchanging_the_parties_exchanges_board_and_calendar(tmp_path: Path, longer: Path) -> None:
    from trucewatch.mission.mirroring import mirrored

    mission = Mission.open(longer)
    scratch = tmp_path / "mirror"
    scratch.mkdir()
    other = mirrored(mission, scratch, "norland", "sudland")
    folder = other.dir
    other.store.close()
    for table in ("board", "calendar"):
        here, there = exported(longer, table), exported(folder, table)
        assert sorted(map(swapped, there)) == sorted(tuple(sorted(r.items())) for r in here)
