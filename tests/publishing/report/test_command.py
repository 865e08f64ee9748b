"""`trucewatch report` from the command line: files, counts, cuts, and what is refused with a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.publishing.report.invented import AGREEMENT, build
from tests.publishing.report.reading import part, words
from trucewatch import cli

DAY = "2021-03-03"


def ask(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, object]]:
    code = cli.run(["report", *args, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_files_are_named_by_day_and_language(tarn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = ask(capsys, str(tarn), "--date", DAY, "--lang", "hy", "--lang", "en", "--mirror", "-o", str(tmp_path))
    assert code == 0
    assert {p.name for p in tmp_path.iterdir()} == {
        f"{DAY}.hy.html", f"{DAY}.en.html", f"{DAY}.hy.mirror.html", f"{DAY}.en.mirror.html", "index.html",
    }  # fmt: skip
    assert told["counts"] == {"incidents": 4, "claims": 12, "withheld": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        ["--date", "2021-02-30"],
        ["--date", "yesterday"],
        ["--date", DAY, "--lang", "../../en"],
        ["--date", DAY, "--audience", "party:westland"],
        ["--date", DAY, "--as-of", "2021-03-03T00:00:00Z", "--known-by", "2021-03-03T00:00:00Z"],
        ["--date", DAY, "--known-by", "2021-03-03T00:00:00"],
    ],
)
def test_wrong_use_is_refused_with_a_remedy_and_writes_nothing(
    tarn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    code, told = ask(capsys, str(tarn), *wrong, "-o", str(tmp_path / "out"))
    errors = told["errors"]
    assert isinstance(errors, list)
    assert (code, told["ok"]) == (2, False)
    assert all(e["message"] and e["remedy"] for e in errors)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(
    tarn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("mine", "utf-8")
    assert ask(capsys, str(tarn), "--date", DAY, "-o", str(tmp_path / "out"))[0] == 2
    assert (tmp_path / "out").read_text("utf-8") == "mine"


def test_an_earlier_cut_knows_less(tarn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    early = ["--known-by", "2021-03-03T14:30:00+04:00"]
    _, told = ask(capsys, str(tarn), "--date", DAY, "-o", str(tmp_path), *early)
    page = (tmp_path / f"{DAY}.en.html").read_text("utf-8")
    assert told["counts"] != {"incidents": 4, "claims": 12, "withheld": 2}
    assert "denies mortar fire, Astra / Tarn" not in words(page)
    assert "obtained by 3 March 2021, 14:30" in words(page)


def test_what_is_under_delay_leaves_when_the_delay_is_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mission = build(tmp_path / "late")
    config = mission / "mission.yaml"
    config.write_text(config.read_text("utf-8").replace("delay_h: 0", "delay_h: 36"), "utf-8")
    capsys.readouterr()
    _, at_once = ask(capsys, str(mission), "--date", DAY)
    _, later = ask(capsys, str(mission), "--date", DAY, "--known-by", "2021-03-06T00:00:00Z")
    assert at_once["counts"] == {"incidents": 0, "claims": 12, "withheld": 12}
    assert later["counts"] == {"incidents": 4, "claims": 12, "withheld": 2}


def test_a_mandate_that_does_not_attribute_keeps_author_and_outcome_inside(tmp_path: Path) -> None:
    mission = build(tmp_path / "modest")
    text = AGREEMENT.replace("mechanism: null", "mechanism: {mandate: {attribute: false, rule: false, publish: true}}")
    (mission / "agreements" / "agreement.yaml").write_text(text, "utf-8")
    assert cli.run(["report", str(mission), "--date", DAY]) == 0
    page = (mission / "reports" / f"{DAY}.en.html").read_text("utf-8")
    assert "The mandate of this mission does not attribute." in words(part(page, "why"))
    assert "Done by Norland" not in words(part(page, "annex"))
    assert "The mandate does not attribute or publish findings" in words(part(page, "terms"))
    for outcome in ("undetermined", "violation indicated"):
        assert outcome not in words(part(page, "why"))


def test_the_recorded_clock_cuts_by_what_was_recorded(tmp_path: Path) -> None:
    mission = build(tmp_path / "recorded")
    config = mission / "mission.yaml"
    config.write_text(config.read_text("utf-8").replace("clock: known", "clock: recorded"), "utf-8")
    assert cli.run(["report", str(mission), "--date", DAY]) == 0
    page = (mission / "reports" / f"{DAY}.en.html").read_text("utf-8")
    assert "What this mission had recorded by 3 March 2021, 19:30" in words(page)
    assert "No incident was reported" in words(page)  # all of it was recorded today


def test_a_page_for_other_readers_under_the_same_name_is_told(
    tarn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["report", str(tarn), "--date", "2026-10-18", "-o", str(tmp_path)]
    assert cli.run(args) == 0
    capsys.readouterr()
    assert cli.run([*args, "--audience", "internal"]) == 0
    assert "was the page for public readers and is now that for internal" in capsys.readouterr().err
