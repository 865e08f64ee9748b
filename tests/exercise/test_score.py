"""The score: small cases that can be reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.exercise import score


def test_the_true_partition_scores_one() -> None:
    story = np.array([0, 0, 1, 1, 1, 2])
    found = score.linking(story, np.array([5, 5, 3, 3, 3, 9]))
    assert (found["pair_f1"], found["b3_f1"], found["count_ratio"]) == (1.0, 1.0, 1.0)


def test_one_split_and_one_merge_by_hand() -> None:
    # Stories {0: abc, 1: de}; found {ab, cd, e}: pairs found ab, cd; true ab, ac, bc, de; one of two found is true.
    found = score.linking(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 2]))
    assert found["pair_precision"] == pytest.approx(1 / 2)
    assert found["pair_recall"] == pytest.approx(1 / 4)
    assert found["pair_f1"] == pytest.approx(1 / 3)
    assert found["count_ratio"] == pytest.approx(3 / 2)
    precision, recall = (1 + 1 + 1 / 2 + 1 / 2 + 1) / 5, (2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5
    assert found["b3_f1"] == pytest.approx(2 * precision * recall / (precision + recall))


def test_claims_of_no_incident_stand_alone() -> None:
    found = score.linking(np.array([0, 0, 1]), np.array([-1, -1, 0]))
    assert found["count_ratio"] == pytest.approx(3 / 2)
    assert found["pair_recall"] == 0.0


def test_the_window_joins_what_is_near_in_all_and_chains() -> None:
    km = 1 / 111.195
    lat = np.array([0.0, 4 * km, 8 * km, 0.0, 0.0, np.nan])
    t = np.array([0.0, 3600.0, 7200.0, 3 * 3600.0 * 3, 0.0, 0.0])
    label = score.window(lat, np.zeros(6), t, ["fire"] * 4 + ["burning", "fire"])
    assert label[0] == label[1] == label[2]
    assert len(set(label.tolist())) == 4


def test_weights_by_hand() -> None:
    found = score.weighing(np.array([0.9, 0.6, 0.96, 0.96]), np.array([True, False, True, False]))
    assert found["base_rate"] == 0.5
    assert found["brier"] == pytest.approx((0.01 + 0.36 + 0.0016 + 0.9216) / 4)
    assert found["surest_false"] == 0.5
    assert found["auc"] == pytest.approx(2.5 / 4)  # of 4 pairs two are right, one wrong, one tied
    assert found["ece"] == pytest.approx((abs(0.6 - 0) + abs(0.9 + 0.96 + 0.96 - 2)) / 4)


def test_calibrated_numbers_have_no_calibration_error() -> None:
    p = np.repeat([0.25, 0.75], 4)
    happened = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)
    assert score.weighing(p, happened)["ece"] == pytest.approx(0.0)
    bins = {b["from"]: b for b in score.reliability(p, happened)}
    assert (bins[0.2]["incidents"], bins[0.2]["happened"]) == (4, 0.25)


def test_who_did_it_counts_the_wrong_one_and_nobody() -> None:
    p = np.array([[0.8, 0.1, 0.0, 0.1], [0.1, 0.7, 0.0, 0.2]])
    found = score.authorship(p, np.array([0, 3]))
    assert found["brier"] == pytest.approx((0.04 + 0.01 + 0.01 + 0.01 + 0.49 + 0.64) / 2)
    assert (found["named"], found["named_right"]) == (1.0, 0.5)


def test_an_incident_is_about_what_most_of_its_claims_speak_of_the_first_told_among_equals() -> None:
    incident = np.array([0, 0, 0, 1, 1, -1])
    story = np.array([4, 4, 7, 8, 9, 9])
    of = score.majority(incident, story, 3, np.array([5, 6, 1, 9, 2, 0]))
    assert of.tolist() == [4, 9, -1]


def test_findings_are_held_against_breaches_and_readings() -> None:
    broken = {(1, "1", "a"): "", (2, "1", "a"): "who=both"}
    found = [
        {"event": 1, "term": "1", "actor": "a", "outcome": "indicated"},
        {"event": 1, "term": "1", "actor": "b", "outcome": "violation"},
        {"event": 2, "term": "1", "actor": "a", "outcome": "depends on reading"},
        {"event": 1, "term": "1", "actor": "a", "outcome": "no violation"},
    ]
    verdicts = score.findings(found, broken)
    assert verdicts.rows["depends on reading"]["by reading"] == 1
    assert (verdicts.wrong, verdicts.missed) == (1, 1)
