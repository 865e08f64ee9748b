"""Whether a truce holds: what the verdict may say of a series of days, and what it must not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trucewatch.trends import Days, Trend, trend
from trucewatch.trends.delays import MOST_DAYS, completeness
from trucewatch.trends.looks import half_width
from trucewatch.trends.rates import rate, ratio

BASELINE, GAP = 60, 14
SINCE = BASELINE + GAP


def days(counts: list[float], exposure: float | list[float] = 1.0) -> Days:
    count = np.array(counts, dtype=float)[:, None]
    return Days(count, np.broadcast_to(np.asarray(exposure, dtype=float).reshape(-1, 1), count.shape).copy())


def told(counts: list[float], exposure: float | list[float] = 1.0) -> Trend:
    series = days(counts, exposure)
    return trend(series, series, BASELINE, SINCE, 1.0)


def level(of: float, n: int, seed: int = 1) -> list[float]:
    return np.random.default_rng(seed).poisson(of, n).astype(float).tolist()


def test_a_truce_after_which_little_is_seen_holds() -> None:
    found = told(level(6, SINCE) + level(1, 60))
    assert found.verdict == "holding"
    assert found.ratio is not None
    assert found.ratio[1] < 1 / 6 < found.ratio[2] < 1


def test_a_truce_under_which_more_is_seen_than_before_has_collapsed() -> None:
    assert told(level(2, SINCE) + level(8, 60)).verdict == "collapsed"


def test_a_truce_that_held_and_then_returns_to_what_was_before_has_collapsed() -> None:
    found = told(level(6, SINCE) + level(0.5, 60) + level(6, 30))
    assert found.verdict == "collapsed"
    assert found.first == SINCE + 60 + 2  # it speaks of the last four weeks


def test_a_truce_that_is_broken_more_often_and_still_less_than_before_is_eroding() -> None:
    assert told(level(20, SINCE) + level(0.5, 60) + level(5, 40)).verdict == "eroding"


def test_lost_access_is_no_peace() -> None:
    """Half as much is seen because observers could see half as much."""
    exposure = [1.0] * SINCE + [0.3] * 60
    found = told([float(round(6 * e)) for e in exposure], exposure)
    assert found.verdict == "cannot tell yet"
    without = told([float(round(6 * e)) for e in exposure])
    assert without.verdict == "holding"  # what a tool says that does not know of coverage


def test_a_day_without_coverage_is_missing_and_not_zero() -> None:
    counts, exposure = level(4, SINCE + 60), [1.0] * (SINCE + 60)
    gone = [k for k in range(SINCE + 60) if k % 3 == 0]
    blind = [0.0 if k in gone else c for k, c in enumerate(counts)]
    seen = [0.0 if k in gone else e for k, e in enumerate(exposure)]
    found, kept = told(blind, seen), [c for k, c in enumerate(counts) if k not in gone]
    assert found.rate is not None
    assert found.rate[0] == pytest.approx(np.mean(kept[len([k for k in range(SINCE) if k not in gone]) :]), rel=0.05)


def test_without_any_coverage_nothing_can_be_told() -> None:
    found = told([0.0] * 100, 0.0)
    assert (found.verdict, found.rate, found.ratio, found.days_needed) == ("cannot tell yet", None, None, None)


def test_a_truce_of_a_few_days_cannot_be_told_and_says_how_many_more_days_it_takes() -> None:
    found = told(level(6, SINCE) + level(3.4, 16, 4))
    assert found.verdict == "cannot tell yet"
    assert found.days_needed is not None
    assert found.days_needed > 0
    longer = told(level(6, SINCE) + level(3.4, 16 + 2 * found.days_needed))
    assert longer.verdict == "holding"


def test_without_a_baseline_the_first_weeks_are_the_measure() -> None:
    series = days(level(6, 40) + level(1, 40))
    found = trend(series, series, 0, 0, 1.0)
    assert found.verdict == "holding"
    assert trend(days(level(1, 40) + level(8, 40)), series, 0, 0, 1.0).verdict == "eroding"


def test_silence_has_a_finite_ratio() -> None:
    found = ratio(days(level(3, 60)), days([0.0] * 60))
    assert found is not None
    assert -8 < found.log < -3
    assert np.isfinite(found.se)


def test_days_that_differ_widely_give_a_wider_interval_than_counts_alone() -> None:
    rng = np.random.default_rng(2)
    wide = days(rng.poisson(5 * rng.gamma(0.5, 2, 200)).astype(float).tolist())
    even = days(level(5, 200))
    assert rate(wide).se > 2 * rate(even).se  # type: ignore[union-attr]


@given(st.integers(1, 40), st.floats(0.2, 5))
@settings(deadline=None, max_examples=25)
def test_the_unit_of_exposure_moves_no_ratio(seed: int, unit: float) -> None:
    one = ratio(days(level(4, 40, seed)), days(level(2, 40, seed + 1)))
    two = ratio(days(level(4, 40, seed), unit), days(level(2, 40, seed + 1), unit))
    assert one is not None
    assert two is not None
    assert two.log == pytest.approx(one.log, abs=1e-6)


def test_before_and_after_exchanged_give_the_inverse() -> None:
    a, b = days(level(4, 50)), days(level(2, 50, 3))
    forth, back = ratio(a, b), ratio(b, a)
    assert forth is not None
    assert back is not None
    assert forth.log == pytest.approx(-back.log, abs=1e-5)


@given(st.floats(1, 1000), st.floats(0.001, 0.2))
def test_more_information_or_a_greater_chance_of_error_never_widens_an_interval(v: float, level_: float) -> None:
    assert half_width(v * 1.1, level_) < half_width(v, level_)
    assert half_width(v, level_ * 1.1) < half_width(v, level_)


def test_young_events_do_not_make_a_slow_source_seem_quick() -> None:
    """Half of the reports come the same day, half five days later; of the last days only the quick half is here."""
    delay, age = [], []
    for old in range(60):
        for late in [0] * 10 + [5] * 10:
            if late <= old:
                delay.append(late)
                age.append(old)
    curve = completeness(np.array(delay), np.array(age))
    assert curve[0] == pytest.approx(0.5, abs=0.02)
    assert curve[4] == pytest.approx(0.5, abs=0.02)
    assert curve[5] == curve[MOST_DAYS] == 1.0
    assert (completeness(np.array(delay[:3]), np.array(age[:3])) == 1).all()  # too few to tell


@pytest.mark.soak
def test_daily_looks_at_truces_that_change_nothing_raise_few_alarms() -> None:
    from benchmarks.trends import measure

    found = measure(1.0, 300)
    assert found.any_look <= 0.03 + 2 * (0.03 * 0.97 / 300) ** 0.5
    assert measure(0.6, 60).by_the_end >= 0.68
