"""How often we are wrong: the scores, their bands, and plain ways to weigh the same voices."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.cli import run
from trucewatch.exercise import calibration as cal


def test_what_is_stated_as_it_happens_has_no_fault_of_reliability() -> None:
    p = np.repeat([0.25, 0.75], 400)
    happened = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    found = cal.quality(p, happened)
    assert found.reliability == pytest.approx(0)
    assert found.resolution == pytest.approx(0.0625)
    assert found.brier == pytest.approx(0.25 - 0.0625)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60))
def test_the_parts_sum_to_the_score_where_each_bin_states_one_number(told: list[tuple[int, bool]]) -> None:
    p, happened = np.array([k / 10 + 0.05 for k, _ in told]), np.array([h for _, h in told])
    q = cal.quality(p, happened)
    assert q.reliability is not None
    assert q.resolution is not None
    assert q.uncertainty is not None
    assert q.brier == pytest.approx(q.reliability - q.resolution + q.uncertainty)


@given(st.integers(0, 30), st.integers(1, 30))
def test_the_interval_of_a_share_holds_it_and_narrows_with_more(hits: int, more: int) -> None:
    n = hits + more
    low, high = cal.share_interval(hits, n)
    assert low <= hits / n <= high
    wide = cal.share_interval(hits * 10, n * 10)
    assert wide[1] - wide[0] < high - low


def test_none_false_of_a_hundred_is_no_proof_of_none() -> None:
    found = cal.surest(np.ones(100, dtype=bool), np.ones(100, dtype=bool))
    assert found.false == 0
    assert found.false_at_most == pytest.approx(1 - 0.05 ** (1 / 100))


def voices(told: list[tuple[int, int, bool]], incidents: int, sources: int) -> cal.Voices:
    i, s, yes = (np.array(column) for column in zip(*told, strict=True))
    return cal.Voices(incidents, sources, i, s, yes.astype(bool))


def test_dawid_skene_finds_sources_that_err_where_they_err_apart() -> None:
    """Three sources, two of them right nine times in ten, one that tosses a coin, all apart from each other."""
    rng = np.random.default_rng(1)
    truth = rng.random(400) < 0.5
    told = [(i, s, bool(truth[i] if rng.random() < good else not truth[i]))
            for i in range(400) for s, good in enumerate((0.9, 0.9, 0.5))]  # fmt: skip
    v = voices(told, 400, 3)
    learned, counted = (cal.quality(p, truth).brier for p in (cal.dawid_skene(v), cal.vote(v)))
    assert learned is not None
    assert counted is not None
    assert learned < counted


def test_two_sources_that_deny_are_not_two_that_say_so() -> None:
    v = voices([(0, 0, True), (0, 1, False), (1, 0, True), (1, 1, True)], 2, 2)
    assert cal.two_say_so(v).tolist() == [False, True]


def test_an_exercise_says_how_often_it_was_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exercise", str(tmp_path / "x"), "--seed", "2", "--days", "5", "--regime", "propaganda"]) == 0
    assert run(["fit", str(tmp_path / "x")]) == 0
    capsys.readouterr()
    page = tmp_path / "page.md"
    assert run(["calibration", str(tmp_path / "x"), "-o", str(page), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mirror"] is True
    methods = told["calibration"]["propaganda"]["methods"]
    assert methods["trucewatch"]["brier"] < min(m["brier"] for name, m in methods.items() if name != "trucewatch")
    assert "two sources say so" in page.read_text(encoding="utf-8")


def test_a_mission_without_truth_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from trucewatch.mission.folder import bundled

    agreement = sorted(bundled("agreements").glob("*.yaml"))[0]
    assert run(["init", str(tmp_path / "m"), "--agreement", str(agreement)]) == 0
    capsys.readouterr()
    assert run(["calibration", str(tmp_path / "m")]) == 2
    assert "no truth" in capsys.readouterr().err
