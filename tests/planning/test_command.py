"""`trucewatch next` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.planning.scene import DAY, alleged, mission
from trucewatch.cli import run

FRESH = "2021-03-08T10:00:00Z"


def called(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = run(["next", *args])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_it_prints_a_list_and_that_it_is_internal_and_unsigned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    code, out, err = called(capsys, str(found.dir), "--date", DAY, "--teams", "1")
    assert code == 0
    assert err == ""
    assert "INTERNAL" in out
    assert "1*" in out
    assert "a person signs" in out


def test_json_stands_alone_and_tells_what_would_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    code, out, err = called(capsys, str(found.dir), "--date", DAY, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["ok"] is True
    assert {t["task"] for t in told["tasks"]} >= {"visit", "call"}
    assert {w["finding_id"] for w in told["would_change"]} >= {"F1.1.1.1", "F1.1.1.2"}


def test_no_audience_can_be_named_it_is_for_the_mission_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    assert called(capsys, str(found.dir), "--audience", "public")[0] == 2


def test_the_page_says_that_it_is_internal_in_its_head_and_on_its_face(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    page = tmp_path / "p" / "next.html"
    code, out, _ = called(capsys, str(found.dir), "--date", DAY, "-o", str(page))
    assert (code, out.strip()) == (0, str(page))
    html = page.read_text("utf-8")
    assert '<meta name="audience" content="internal">' in html
    assert "does not leave" in html
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize("day", ["2021-13-40", "tomorrow", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_told_and_tried_in_vain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    code, _, err = called(capsys, str(found.dir), "--date", day)
    assert code == 2
    assert "error:" in err
    assert "Traceback" not in err


def test_a_mission_of_which_nothing_is_known_has_no_next_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = mission(tmp_path, [])
    code, _, err = called(capsys, str(found.dir))
    assert code == 2
    assert "give --date" in err
    assert called(capsys, str(found.dir), "--date", DAY)[0] == 0


def test_it_writes_nothing_into_the_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = mission(tmp_path, [alleged("a", FRESH)])
    before = found.store.last_seq()
    assert called(capsys, str(found.dir))[0] == 0
    assert found.store.last_seq() == before
