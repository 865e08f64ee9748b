"""What a side's allegations are worth, learnt from those that observers could have seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.weighing.reliability import LEAST, MOST, opening, reliability

SHIPPED = 0.43
SEEN, NOT_SEEN = 3.5, -1.2  # nats: an observer perceived it; one who would have by 70 % did not


def alleged(true: float, n: int, seed: int = 1, detection: float = 0.7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    seen = (rng.random(n) < true) & (rng.random(n) < detection)
    return np.where(seen, SEEN, NOT_SEEN)


def test_a_side_that_is_borne_out_opens_higher_than_one_that_is_not() -> None:
    honest, liar = reliability([alleged(0.7, 300), alleged(0.2, 300, 2)], SHIPPED)
    assert honest.share == pytest.approx(0.7, abs=0.08)
    assert liar.share == pytest.approx(0.2, abs=0.08)
    assert liar.low < liar.share < liar.high < honest.low


def test_what_nobody_could_see_teaches_nothing() -> None:
    (one,) = reliability([np.zeros(500)], SHIPPED)
    assert one.share == pytest.approx(SHIPPED, abs=1e-6)
    (none,) = reliability([np.empty(0)], SHIPPED)
    assert none.share == pytest.approx(SHIPPED, abs=1e-6)
    assert none.n == 0


def test_a_few_allegations_leave_a_side_near_all_the_others() -> None:
    many, few = reliability([alleged(0.7, 400), alleged(0.0, 3)], SHIPPED)
    assert abs(few.share - many.share) < 0.25
    assert few.high - few.low > many.high - many.low


@given(st.floats(0, 1), st.integers(0, 200), st.integers(0, 5))
def test_words_alone_are_never_probable_and_never_nothing(true: float, n: int, seed: int) -> None:
    (one,) = reliability([alleged(true, n, seed)], SHIPPED)
    assert LEAST <= one.share <= MOST < 0.8


@given(st.integers(0, 5), st.integers(1, 60), st.integers(1, 60))
def test_sides_exchanged_are_worth_the_same_exchanged_and_order_is_nothing(seed: int, n: int, m: int) -> None:
    a, b = alleged(0.6, n, seed), alleged(0.3, m, seed + 1)
    assert reliability([a, b], SHIPPED) == reliability([b, a], SHIPPED)[::-1]
    assert reliability([a[::-1], b], SHIPPED) == reliability([a, b], SHIPPED)


def test_the_opening_brings_the_log_odds_to_the_share() -> None:
    base = -0.55
    assert 1 / (1 + np.exp(-(base + opening(0.3, base)))) == pytest.approx(0.3)
