"""Times of an agreement: on the clock of the text, relative to events, pending while nobody has set them."""

from __future__ import annotations

from datetime import datetime

from tests.agreement.texts import BASE, agreement, changed
from trucewatch.model.times import HOUR


def us(text: str) -> int:
    """Microseconds since 1970 of an instant."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_a_term_begins_with_its_event() -> None:
    one = agreement()
    assert one.terms[0].window(one.event_times()) == (us("2020-10-10T12:00:00+04:00"), None)


def test_events_may_stand_on_each_other_in_any_order() -> None:
    one = agreement(
        changed(
            "{in_force: {at: 2020-10-10T12:00:00+04:00}}",
            "{late: {at: {event: middle, plus: P1D}}, middle: {at: {event: first, plus: PT12H}}, "
            "first: {at: 2020-10-10T12:00:00+04:00}, in_force: {at: {event: late, plus: -PT6H}}}",
        )
    )
    assert one.event_times()["in_force"] == us("2020-10-11T18:00:00+04:00")


def test_an_event_without_a_time_keeps_its_terms_pending() -> None:
    one = agreement(changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null, set_by: norland}"))
    assert one.in_force is None
    assert one.terms[0].window(one.event_times())[0] is None


def test_a_time_that_people_decide_sets_what_stands_on_the_event() -> None:
    text = changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null}")
    one = agreement(changed("from: {event: in_force}", "from: {event: in_force, plus: P1D}", text))
    decided = us("2020-10-10T12:00:00Z")
    assert one.terms[0].window(one.event_times({"in_force": decided}))[0] == us("2020-10-11T12:00:00Z")


def test_a_bare_day_begins_with_its_local_midnight_and_ends_with_the_next() -> None:
    one = agreement(changed("from: {event: in_force}", "from: 2020-10-12\n    until: 2020-10-12"))
    assert one.terms[0].window({}) == (us("2020-10-12T00:00:00+04:00"), us("2020-10-13T00:00:00+04:00"))


def test_the_day_of_a_change_of_clocks_has_25_hours() -> None:
    text = changed("Asia/Baku", "Europe/Kyiv")
    one = agreement(changed("from: {event: in_force}", "from: 2015-10-25\n    until: 2015-10-25", text))
    start, end = one.terms[0].window({})
    assert start == us("2015-10-25T00:00:00+03:00")
    assert end is not None
    assert end - start == 25 * HOUR


def test_a_duration_runs_in_hours_across_a_change_of_clocks() -> None:
    text = changed("Asia/Baku", "Europe/Kyiv")
    text = changed("2020-10-10T12:00:00+04:00", "2015-03-28T12:00:00+02:00", text)
    one = agreement(changed("from: {event: in_force}", "from: {event: in_force, plus: P1D}", text))
    assert one.terms[0].window(one.event_times())[0] == us("2015-03-29T13:00:00+03:00")


def test_a_withdrawal_is_due_at_the_end_of_a_bare_day() -> None:
    one = agreement(BASE + '  - {id: "2", kind: withdrawal, binds: [norland], by: 2020-11-20, distance_km: 5}\n')
    assert one.terms[1].due(one.event_times()) == us("2020-11-21T00:00:00+04:00")


def test_a_duration_of_the_whole_text_ends_its_terms() -> None:
    one = agreement(BASE + "duration: {until: {event: in_force, plus: P60D}}\n")
    assert one.duration_until is not None
    assert one.duration_until.resolve(one.event_times()) == us("2020-12-09T12:00:00+04:00")
