"""Every construct of the format reaches the model: tests/agreement/full.yaml holds each of them once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.agreement.texts import agreement, changed
from trucewatch.agreement import Agreement, Term, When, load
from trucewatch.model.times import DAY, HOUR, day_bounds, parse_instant

FULL = Path(__file__).with_name("full.yaml")
FIRST_OF_MAY = day_bounds("2024-05-01", "Europe/Athens")[0]
TRANSFER = parse_instant("2024-08-31T10:00:00+03:00")


@cache
def full() -> Agreement:
    return load(FULL)


def term(id_: str) -> Term:
    found = full().term(id_)
    assert found is not None
    return found


def test_a_plain_name_of_an_event_is_a_time() -> None:
    assert term("1").starts == When(event="signed", tz="Europe/Athens")
    assert term("11").window(full().event_times()) == (FIRST_OF_MAY, FIRST_OF_MAY + 72 * HOUR)


def test_a_deadline_of_months_runs_to_the_same_day_or_the_last_of_a_shorter_month() -> None:
    due = term("3").due(full().event_times({"transfer": TRANSFER}))
    assert due == parse_instant("2024-11-30T10:00:00+02:00")  # three months after 31 August, clocks set back meanwhile


def test_an_actor_who_has_not_accepted_is_not_bound_yet() -> None:
    hill = full().actor("hill")
    assert hill is not None
    assert hill.accepted is not None
    assert hill.accepted.resolve(full().event_times()) is None


def test_a_duration_ends_a_term_unless_it_renews_itself() -> None:
    start = parse_instant("2024-05-04T00:00:00+03:00")
    assert term("12").window(full().event_times()) == (start, parse_instant("2024-07-04T00:00:00+03:00"))
    renewed = term("7").lasting
    assert renewed is not None
    assert renewed.renews is not None
    assert (renewed.renews.every is not None and renewed.renews.every.months, renewed.renews.times) == (6, 2)
    assert term("7").window(full().event_times()) == (start, parse_instant("2025-11-04T00:00:00+03:00"))


def test_places_that_must_all_hold_tell_origin_and_impact_apart() -> None:
    assert [(p.zone, p.of, p.outside) for p in term("1b").places] == [
        ("north-belt", "origin", False), ("province", "impact", True),
    ]  # fmt: skip


def test_the_place_of_the_whole_text_holds_for_terms_without_one() -> None:
    assert term("1").where.zone == "province"
    assert term("4").where.zone == "security"


def test_beyond_the_own_side_of_a_line_is_a_place() -> None:
    assert (term("1c").where.zone, term("1c").where.side) == ("line", "other")
    assert full().zones["line"].sides == {"norland": "left", "sudland": "right"}


def test_a_definition_stands_for_its_acts_and_weapons() -> None:
    assert term("1").acts == ("fire", "movement.advance", "sabotage")
    classes = [r.classes for r in term("4").excluded]
    assert classes == [("artillery", "mortar"), ("tank",), ("mlrs",)]
    assert term("4").excluded[0].matches("mortar", 82, "mortar.82mm") is True
    assert term("4").excluded[0].matches("mortar", 80, "mortar.80mm") is False


def test_limits_count_weapons_and_other_things() -> None:
    weapons, battalions = term("4").limits
    assert (weapons.max, weapons.rule is not None and weapons.rule.calibre) == (5, (60, False, 120, False))
    assert (battalions.max, battalions.rule, battalions.what) == (1, None, "battalions")


def test_an_exception_may_be_limited_to_actors_weapons_and_times() -> None:
    (police,) = term("4").excepts
    assert (police.actors, police.weapons[0].classes, police.until) == (
        ("militia",), ("small_arms",), When(event="transfer", tz="Europe/Athens"),
    )  # fmt: skip
    assert police.by_itself


def test_an_exception_to_the_whole_text_reaches_the_terms_that_it_names_and_no_other() -> None:
    assert [e.id for e in term("1").excepts] == ["self-defence"]
    assert term("1").excepts[0].answered == ("fire", "movement.advance")
    assert [e.id for e in term("11").excepts] == ["self-defence"]
    assert term("1b").excepts == ()


def test_a_freeze_keeps_positions_as_they_were_along_a_line() -> None:
    baseline = term("5").baseline
    assert baseline is not None
    assert (baseline.zone, baseline.at) == ("line", When(event="in_force", tz="Europe/Athens"))


def test_states_are_read_apart() -> None:
    controls, document = term("6").done
    assert (controls.test, controls.actor, controls.zone) == ("controls", "sudland", "town")
    assert (document.test, document.what) == ("document", "mine maps")
    (count,) = term("7").done
    assert (count.what, count.zone, count.sign, count.n) == ("humanitarian_access", "town", ">=", 18)
    assert count.per is not None
    assert count.per.months == 2


def test_quantities_have_bounds_and_a_period() -> None:
    quantity = term("7").quantity
    assert quantity is not None
    assert (quantity.min, quantity.max, quantity.of, quantity.per and quantity.per.months) == (18, None, "ships", 2)


def test_conditions_name_a_term_an_event_or_words() -> None:
    first, begun, event, words = term("6").after
    assert (first.term, first.status) == ("3", "complete")
    assert (begun.term, begun.status, begun.by, begun.plus and begun.plus.us) == ("2", "begun", "ifor", DAY)
    assert event.event == "transfer"
    assert words.text == "seven are released"
    assert term("6").with_ == ("3",)
    (while_,) = term("7").while_
    assert while_.done is not None
    assert while_.done.test == "present"


def test_what_follows_names_the_state_and_what_must_last() -> None:
    then = term("3").then
    assert then is not None
    assert then.follows == {"verified": "strikes are suspended"}
    assert then.within is not None
    assert then.within.us == DAY
    assert then.while_[0].whole


def test_hours_of_a_schedule_are_those_of_the_local_clock() -> None:
    schedule = term("8").schedule
    assert schedule is not None
    friday = day_bounds("2024-05-03", "Europe/Athens")
    spans = list(schedule.spans(*friday, "Europe/Athens"))
    assert [((a - friday[0]) // HOUR, (b - friday[0]) // HOUR) for a, b in spans] == [(6, 16), (20, 24)]
    following = [(a - friday[1], b - friday[1]) for a, b in schedule.spans(friday[1], friday[1] + DAY, "Europe/Athens")]
    assert following == [(0, 2 * HOUR), (6 * HOUR, 16 * HOUR)]


def test_procedures_have_clocks_and_say_what_late_means() -> None:
    complaint, weekly = full().procedures
    assert (complaint.on, complaint.from_, complaint.to, complaint.late) == (
        "complaint",
        ("party",),
        ("ifor",),
        "flagged",
    )
    assert complaint.within is not None
    assert complaint.within.us == 24 * HOUR
    assert (weekly.every and weekly.every.us, weekly.late) == (7 * DAY, "void")


def test_bodies_have_seats_powers_reports_and_a_rank() -> None:
    commission, monitors = full().mechanisms
    assert full().mechanism is commission
    assert commission.members == ("norland", "sudland", "union")
    assert (commission.chair, commission.decides, commission.mandate.publish) == ("union", "consensus", False)
    assert [s.role for s in commission.seats] == ["member", "member", "chair", "observer"]
    plain, inspect = monitors.powers
    assert (plain.id, plain.acts) == ("monitor", ("obstruction_of_monitors",))
    assert (inspect.notice and inspect.notice.us, inspect.every and inspect.every.us, inspect.on_request) == (
        0,
        15 * DAY,
        True,
    )
    assert monitors.above == "commission"
    assert monitors.reports[0].within is not None


def test_references_say_how_and_whether_a_file_is_missed() -> None:
    older, resolution = full().references
    assert (older.agreement, older.term, older.how, older.outside) == ("older", "3", "amends", False)
    assert resolution.outside
    assert full().beside == {"older"}


def test_a_duty_of_one_side_alone_is_told() -> None:
    assert full().one_sided(term("3"))
    assert not full().one_sided(term("1"))


def test_a_reading_reaches_into_a_key() -> None:
    zones = {label: read.where.zone for label, read in term("11").alternatives}
    assert zones == {"where.zone=town": "town", "where.zone=province": "province"}


@pytest.mark.parametrize(("day", "zone"), [("2024-05-10", "line"), ("2024-10-01", "line-moved")])
def test_a_line_that_was_moved_holds_from_its_day(day: str, zone: str) -> None:
    times = full().event_times({"transfer": TRANSFER})
    found = full().zone_at("line", day_bounds(day, "UTC")[0], times)
    assert found is not None
    assert found.id == zone


def test_a_line_moved_at_an_event_without_a_time_is_not_moved_yet() -> None:
    found = full().zone_at("line", TRANSFER + 400 * DAY)
    assert found is not None
    assert found.id == "line"


# Zone, point (lon, lat), whether it lies inside. One degree of latitude is 111 km here.
PLACES = [
    ("separation", 20.2, 40.017, True), ("separation", 20.2, 40.019, False), ("separation", 20.2, 39.983, True),
    ("north-belt", 20.2, 40.05, True), ("north-belt", 20.2, 39.95, False),
    ("corridor", 20.52, 40.3, True), ("corridor", 20.54, 40.3, False),
    ("open-country", 20.5, 40.0, False), ("open-country", 20.3, 40.0, True),
    ("belt-in-province", 20.2, 40.01, True), ("belt-in-province", 19.99, 40.0, False),
    ("security", 20.5, 40.05, True), ("security", 20.5, 40.15, False),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "lon", "lat", "inside"), PLACES)
def test_zones_built_from_others_hold_what_they_should(zone: str, lon: float, lat: float, inside: bool) -> None:
    depth = full().zones[zone].depth_km(np.array([lon]), np.array([lat]))[0]
    assert (depth > 0) == inside


def test_plainer_forms_mean_the_same_as_the_full_ones() -> None:
    full_form = changed("acts: [fire]", "acts: [fire]\n    where: {zone: z}\n    except: [{where: {zone: z}}]")
    full_form = changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, status: undefined}]", full_form)
    plain = full_form.replace("{zone: z}", "z").replace("{at: 2020-10-10T12:00:00+04:00}", "2020-10-10T12:00:00+04:00")
    one, other = agreement(full_form), agreement(plain)
    assert plain.count("zone: z}") == 0
    assert one.terms[0].alternatives == other.terms[0].alternatives
    assert one.event_times() == other.event_times()
    assert agreement(changed("{at: 2020-10-10T12:00:00+04:00}", "null")).event_times() == {"in_force": None}
