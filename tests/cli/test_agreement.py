"""`trucewatch agreement show` and `check`, as somebody at a terminal uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.texts import BASE, changed
from trucewatch import cli


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = cli.run(["agreement", *args])
    out = capsys.readouterr()
    return code, out.out, out.err


def as_json(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and what --json printed alone."""
    code, out, err = run(capsys, *args, "--json")
    assert not err
    return code, json.loads(out)


def test_a_bundled_agreement_is_shown_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "show", "nk-2020-10-10")
    assert code == 0
    assert "2020-10-10 12:00 +04:00" in out
    assert "judged" in out


def test_the_beginning_of_an_id_is_enough_where_only_one_begins_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "show", "aceh")[0] == 0
    code, _, err = run(capsys, "show", "donbas")
    assert code == 2
    assert "donbas-2014-09-19" in err


def test_names_are_shown_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Azərbaycan" in run(capsys, "show", "nk-2020-10-10", "--lang", "az")[1]


def test_json_holds_what_the_words_say(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = as_json(capsys, "show", "donbas-2015-02-12")
    assert (code, told["ok"]) == (0, True)
    assert [t["status"] for t in told["agreement"]["terms"]][:2] == ["judged", "judged"]
    assert told["counts"] == {"agreements": 1, "terms": 4, "judged": 2}


def test_a_good_file_is_checked_with_exit_0_and_what_to_consider(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null}"), "utf-8")
    code, told = as_json(capsys, "check", str(path))
    assert (code, told["errors"]) == (0, [])
    assert "pending" in told["warnings"][0]["message"]


def test_a_faulty_file_is_checked_with_exit_1_and_every_fault_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(changed("[fire]", "[fyre]", BASE + "foo: bar\n"), "utf-8")
    code, told = as_json(capsys, "check", str(path))
    assert (code, told["ok"]) == (1, False)
    assert [(e["file"], e["row"]) for e in told["errors"]] == [("a.yaml", 11), ("a.yaml", 14)]
    assert all(e["message"] and e["remedy"] for e in told["errors"])


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_path_that_cannot_be_opened_ends_with_2(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert as_json(capsys, "check", str(tmp_path / name))[0] == 2
    assert as_json(capsys, "show", str(tmp_path / name))[0] == 2


@pytest.mark.parametrize("data", [b"", b"\x00\x01\xff", b"PK\x03\x04", b"[" * 300_000])
def test_what_is_no_agreement_ends_with_1_when_checked_and_2_when_shown(
    data: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    assert as_json(capsys, "check", str(path))[0] == 1
    assert as_json(capsys, "show", str(path))[0] == 2


def test_records_are_listed_or_shown_one_by_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    rows = [{"id": i, "title": f"Truce {i}", "points": ["1. Fire ceases."]} for i in ("a", "b")]
    path.write_text("\n".join(map(json.dumps, [*rows, {"id": "c"}])), "utf-8")
    code, out, err = run(capsys, "show", str(path))
    assert code == 1  # the third could not be read
    assert "Truce a" in out
    assert "Truce b" in out
    assert "records.jsonl:3" in err
    assert "Fire ceases." in run(capsys, "show", str(path), "--record", "b")[1]
    assert run(capsys, "show", str(path), "--record", "q")[0] == 2


def test_a_page_is_written_where_it_is_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(BASE, "utf-8")
    code, told = as_json(capsys, "check", str(path), "-o", str(tmp_path / "a.html"), "--lang", "ru", "--lang", "ar")
    assert (code, told["files"]) == (0, [str(tmp_path / "a.html"), str(tmp_path / "a.ar.html")])
    assert '<html lang="ru"' in (tmp_path / "a.html").read_text("utf-8")
    assert 'dir="rtl"' in (tmp_path / "a.ar.html").read_text("utf-8")


def test_no_page_is_written_of_a_file_with_faults(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(changed("[fire]", "[fyre]"), "utf-8")
    code, told = as_json(capsys, "check", str(path), "-o", str(tmp_path / "a.html"))
    assert code == 1
    assert told["warnings"][0]["message"] == "no page is written: mend the faults first"
    assert not (tmp_path / "a.html").exists()


def test_a_page_that_cannot_be_written_ends_with_2(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(BASE, "utf-8")
    assert as_json(capsys, "check", str(path), "-o", str(tmp_path / "nowhere" / "a.html"))[0] == 2
    assert as_json(capsys, "check", str(path), "-o", str(tmp_path))[0] == 2


def test_a_mission_writes_the_page_of_its_chain_in_its_languages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chain = ["--agreement", "nk-2020-10-10", "--agreement", "nk-2020-10-17"]
    assert cli.run(["init", str(tmp_path / "m"), *chain]) == 0
    capsys.readouterr()
    assert cli.run(["check", str(tmp_path / "m"), "-o", str(tmp_path / "m.html"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [Path(f).name for f in files] == ["m.html", "m.hy.html", "m.az.html", "m.ru.html"]
    assert (tmp_path / "m.html").read_text("utf-8").count("<h2 ") == 2
    broken = tmp_path / "m" / "agreements" / "nk-2020-10-17.yaml"
    broken.write_text(broken.read_text("utf-8") + "foo: bar\n", "utf-8")
    assert cli.run(["check", str(tmp_path / "m"), "-o", str(tmp_path / "n.html"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["errors"][0]["file"] == "nk-2020-10-17.yaml"
    assert "no page is written" in told["warnings"][-1]["message"]
    assert not (tmp_path / "n.html").exists()
