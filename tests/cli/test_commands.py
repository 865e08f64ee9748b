"""The command line as a stranger meets it: help, exit codes, JSON alone, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from trucewatch import cli
from trucewatch.cli.outcome import LOG, guarded
from trucewatch.model.errors import Fault, Rejected, Stopped

HEAVY = ("numpy", "scipy", "pydantic", "sqlalchemy", "shapely", "pyproj", "rich", "jinja2", "yaml", "babel")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom trucewatch.cli import run\ncode = run(['--help'])\n"
        f"print(code, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"
    assert "ingest" in done.stdout


def test_every_command_in_help_is_built_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    context = click.Context(cli.commands)
    names = cli.commands.list_commands(context)
    assert {"init", "export", "explain", "check", "update", "rebuild"} <= set(names)
    for name in names:
        assert cli.run([name, "--help"]) == 0, name
        assert "--json" in capsys.readouterr().out or name == "agreement"


def test_a_command_that_is_not_built_is_absent(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["serve"]) == 2
    assert "No such command" in capsys.readouterr().err
    cli.run(["--help"])
    assert "serve" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["export"],
        ["export", "nowhere", "claims", "--format", "pdf"],
        ["export", "nowhere", "claims", "--known-by", "yesterday"],
        ["export", "nowhere", "claims", "--known-by", "2021-03-01T12:00:00"],
        ["export", "nowhere", "claims", "--audience", "everyone"],
        ["explain", "nowhere", "I1"],
        ["check", "nowhere"],
        ["update", "nowhere"],
        ["init", "somewhere", "--agreement", "nothing.yaml"],
    ],
)
def test_wrong_use_ends_with_2_and_one_remedy(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*args, "--json"]) == 2
    told = capsys.readouterr()
    assert told.err == ""
    answer = json.loads(told.out)
    assert set(answer) >= {"ok", "counts", "warnings", "errors"}
    assert answer["ok"] is False
    assert all(set(e) == {"file", "row", "field", "message", "remedy"} and e["remedy"] for e in answer["errors"])
    assert cli.run(args) == 2
    told = capsys.readouterr()
    assert "error:" in told.err
    assert "Traceback" not in told.err + told.out


def failing(error: BaseException) -> Any:
    def call() -> None:
        raise error

    return call


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 3),
        (Stopped(Fault("the disk is full", "Make room")), 3),
        (OSError(28, "No space left on device"), 3),
        (Rejected(Fault("a row", "Mend it")), 1),
        (FileNotFoundError(2, "No such file", "x.csv"), 2),
        (ZeroDivisionError("unforeseen"), 2),
    ],
)
def test_each_way_of_failing_has_its_exit_code_and_no_traceback(
    error: BaseException, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(["export", str(tmp_path), "--json"], failing(error)) == code
    told = capsys.readouterr()
    assert told.err == ""
    assert json.loads(told.out)["ok"] is False


def test_the_unforeseen_is_one_line_and_its_traceback_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(["export", str(tmp_path)], failing(ZeroDivisionError("unforeseen"))) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert LOG in told
    assert "ZeroDivisionError: unforeseen" in (tmp_path / LOG).read_text("utf-8")


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 2
    assert "Commands:" in capsys.readouterr().out
