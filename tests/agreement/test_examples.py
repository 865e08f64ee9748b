"""The three examples of the extended form load as terms of a file with id, title, actors and zones, as they stand."""

from __future__ import annotations

from tests.agreement.texts import agreement
from trucewatch.agreement import Agreement
from trucewatch.model.times import DAY

HEAD = """id: example
title: {en: Example}
actors:
  - {id: ukraine, role: party}
  - {id: cadlr, role: party}
  - {id: fry, role: party}
  - {id: kfor, role: mechanism}
zones:
  - {id: line-actual, status: undefined}
  - {id: line-2014-09-19, status: undefined}
  - {id: zone-3, status: undefined}
events: {in_force: {at: 2015-02-15T00:00:00+02:00}, eif: {at: null, set_by: kfor}}
terms:
"""
WITHDRAWAL = """- {id: "2", kind: withdrawal, binds: [ukraine, cadlr], begins_by: {event: in_force, plus: P2D},
   by: {event: withdrawal_begun, plus: P14D}, from_zone: {ukraine: line-actual, cadlr: line-2014-09-19},
   weapons: [{class: [artillery], calibre_mm: ">=100", zone_width_km: 50}, {class: [mlrs], zone_width_km: 70},
             {models: [Tornado-S, Uragan, Smerch, Tochka, Tochka-U], zone_width_km: 140}]}
"""
FIRE = """- {id: "2", kind: prohibition, acts: [fire], binds: [ukraine, cadlr],
   except: [{id: "6", acts: [fire], in_response_to: definition:offensive_operation,
             requires: [ordered_by_leadership, mechanism_tried_without_success, notified_tcg]}]}
"""
FORCES = """- {id: "II.2(a)", kind: withdrawal, binds: [fry], what: forces, from_zone: zone-3,
   by: {event: eif, plus: P1D}, done_when: "absent(forces, zone-3)", then: {verified: suspend_air_strikes, while: all}}
"""


def read(term: str) -> Agreement:
    return agreement(HEAD + term)


def test_a_width_is_between_the_sides_and_its_deadline_waits_for_the_start_of_the_withdrawal() -> None:
    one = read(WITHDRAWAL)
    (term,) = one.terms
    assert [(r.zone_width_km, r.distance_km) for r in term.weapons] == [(50, 25), (70, 35), (140, 70)]
    assert term.from_zone == {"ukraine": "line-actual", "cadlr": "line-2014-09-19"}
    assert one.event_times()["withdrawal_begun"] is None
    assert term.due(one.event_times()) is None
    begun = 1_424_000_000_000_000
    assert term.due(one.event_times({"withdrawal_begun": begun})) == begun + 14 * DAY


def test_fire_in_answer_to_an_offensive_operation_is_excepted_only_by_decision() -> None:
    (exception,) = read(FIRE).terms[0].excepts
    assert not exception.by_itself
    assert exception.answered == ("offensive_operation",)
    assert exception.requires == ("ordered_by_leadership", "mechanism_tried_without_success", "notified_tcg")


def test_forces_leave_a_zone_within_a_day_of_an_event_that_others_set() -> None:
    one = read(FORCES)
    (term,) = one.terms
    assert (term.what, term.done[0].test, term.done[0].what, term.done[0].zone) == (
        ("forces",),
        "absent",
        "forces",
        "zone-3",
    )
    assert term.then is not None
    assert term.then.follows == {"verified": "suspend_air_strikes"}
    assert [c.whole for c in term.then.while_] == [True]
    assert term.due(one.event_times()) is None


def test_the_examples_of_different_points_stand_in_one_file() -> None:
    other = FIRE.replace('id: "2"', 'id: "2020-2"')
    assert [t.id for t in read(WITHDRAWAL + other + FORCES).terms] == ["2", "2020-2", "II.2(a)"]
