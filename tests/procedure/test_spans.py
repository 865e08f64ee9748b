"""When a time limit ends: days on the calendar of the place, hours as lengths, across a change of the clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.agreement.clocks import parse_span
from trucewatch.model.times import DAY, HOUR, format_instant, parse_instant
from trucewatch.procedure.spans import due, without

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("begun", "within", "ends"),
    [
        ("2021-03-27T12:00:00+01:00", "P1D", "2021-03-28T12:00:00+02:00"),  # a day of 23 hours
        ("2021-03-27T12:00:00+01:00", "PT24H", "2021-03-28T13:00:00+02:00"),
        ("2021-10-30T12:00:00+02:00", "P1D", "2021-10-31T12:00:00+01:00"),  # a day of 25 hours
        ("2021-10-30T12:00:00+02:00", "PT24H", "2021-10-31T11:00:00+01:00"),
        ("2021-03-27T02:30:00+01:00", "P1D", "2021-03-28T03:30:00+02:00"),  # an hour that is left out
        ("2021-10-30T02:30:00+02:00", "P1D", "2021-10-31T02:30:00+01:00"),  # an hour that comes twice: the second
        ("2021-01-31T12:00:00+01:00", "P1M", "2021-02-28T12:00:00+01:00"),
        ("2021-03-26T12:00:00+01:00", "P1W", "2021-04-02T12:00:00+02:00"),
        ("2021-03-27T12:00:00+01:00", "P1DT2H", "2021-03-28T14:00:00+02:00"),
    ],
)
def test_a_limit_across_a_change_of_the_clocks(begun: str, within: str, ends: str) -> None:
    found = due(parse_instant(begun), parse_span(within), BERLIN)
    assert format_instant(found) == format_instant(parse_instant(ends))


@given(st.integers(0, 2_000_000_000), st.integers(1, 400))
def test_where_clocks_never_change_days_are_lengths(second: int, days: int) -> None:
    at = second * 1_000_000
    assert due(at, parse_span(f"P{days}D"), "Asia/Dubai" if second > 10**8 else "UTC") == at + days * DAY


@given(st.integers(1_000_000_000, 2_000_000_000), st.integers(1, 60), st.integers(1, 60))
def test_a_longer_limit_never_ends_earlier(second: int, a: int, b: int) -> None:
    at, (short, long) = second * 1_000_000, sorted((a, b))
    assert due(at, parse_span(f"P{short}D"), BERLIN) <= due(at, parse_span(f"P{long}D"), BERLIN)


def test_what_was_suspended_is_not_counted() -> None:
    assert without(0, 10 * HOUR, [(2 * HOUR, 5 * HOUR)]) == 13 * HOUR
    assert without(0, 10 * HOUR, [(2 * HOUR, 5 * HOUR), (12 * HOUR, 20 * HOUR)]) == 21 * HOUR  # falls into what is left
    assert without(4 * HOUR, 10 * HOUR, [(2 * HOUR, 5 * HOUR)]) == 11 * HOUR
    assert without(0, 10 * HOUR, [(10 * HOUR, 12 * HOUR)]) == 10 * HOUR
    assert without(0, 10 * HOUR, [(2 * HOUR, None)]) is None
