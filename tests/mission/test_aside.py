"""Work in a second process: its result comes back, and what goes wrong there is done here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trucewatch.model.aside import aside, processors


def test_the_result_of_another_process_comes_back() -> None:
    here = os.getpid()
    found = aside(lambda: (os.getpid(), ["a" * 1_000_000, 0.1]))()
    assert found[1] == ["a" * 1_000_000, 0.1]
    assert (found[0] != here) == (hasattr(os, "fork") and os.uname().sysname != "Darwin")


def test_where_the_other_process_dies_the_work_is_done_here() -> None:
    here = os.getpid()

    def work() -> int:
        if os.getpid() != here:
            os._exit(9)
        return 7

    assert aside(work)() == 7


def test_an_error_there_is_an_error_here() -> None:
    def work() -> int:
        raise ValueError("no such day")

    wait = aside(work)
    with pytest.raises(ValueError, match="no such day"):
        wait()


def test_nothing_is_left_of_the_other_process(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    def work() -> None:
        with seen.open("a") as file:
            file.write("x")

    try:
        aside(work)()
    finally:
        assert seen.read_text() == "x"
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert processors() >= 1
