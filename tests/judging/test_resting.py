"""Texts of their day: what a later text takes over and for whom, what it leaves, and what has not begun yet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import KM_LON, NOON, agreement, decided, findings, incident
from tests.judging.test_kinds import ADVANCE, BOTH, POSITION, ZONES
from trucewatch.judging.states import Facts
from trucewatch.model.times import DAY

FIRE = f"kind: prohibition, acts: [fire], {BOTH}"
BY_SUDLAND = {"by": {"norland": 0.005, "sudland": 0.98}}


def text(id_: str, *terms: str, begins: str = "2021-03-01T00:30:00Z", more: str = "", events: str = "") -> Any:
    rows = "\n".join(f'  - {{id: "{k}", {term}}}' for k, term in enumerate(terms, 1))
    return agreement(rows, more, f"in_force: {{at: {begins}}}{events}", id_=id_)


FIRST = text("first", FIRE, begins="2021-03-01T00:00:00Z")


def judged(chain: Sequence[Any], decisions: Any = (), **told: Any) -> dict[tuple[str, str, str], str]:
    """Outcome by text, term and actor."""
    rows = findings(chain, incident(**told), decisions=decisions)
    return {(r["agreement"], r["term"], r["actor"]): r["outcome"] for r in rows if r["incident_id"]}


def refers(how: str, term: str = "") -> str:
    return f"refers: [{{agreement: first, how: {how}{', term: ' + repr(term) if term else ''}}}]"


# What a later text leaves in force


@pytest.mark.parametrize("later", [
    "kind: obligation, binds: [norland], acts: [detention]",
    f"kind: obligation, {BOTH}, done_when: released(prisoners)",
    f"kind: procedure, {BOTH}",
    f"kind: statement, {BOTH}",
    f"kind: withdrawal, {BOTH}, weapons: [{{class: tank, distance_km: 5}}]",
    f"kind: prohibition, acts: [propaganda], {BOTH}, open_ended: true",
    "kind: prohibition, acts: [fire], binds: [bands]",
    f"kind: prohibition, acts: [fire], {BOTH}, from: {{event: agreed}}",
])  # fmt: skip
@pytest.mark.parametrize("more", ["", refers("recalls")])
def test_a_text_that_forbids_nothing_of_it_anew_leaves_a_truce_in_force(later: str, more: str) -> None:
    found = judged([FIRST, text("second", later, more=more, events=", agreed: {}")])
    assert found["first", "1", "norland"] == "indicated"


def test_a_text_that_forbids_it_anew_is_the_truce_from_then_on_and_takes_all_of_the_former() -> None:
    levy = f"kind: obligation, {BOTH}, acts: [looting.levy]"
    first = text("first", FIRE, levy, begins="2021-03-01T00:00:00Z")
    second = text("second", FIRE, more=refers("recalls"))
    assert set(judged([first, second])) == {("second", "1", "norland"), ("second", "1", "sudland")}
    assert judged([first, second], acts=(("looting.levy", 1.0),)) == {}
    assert set(judged([first, second], at=-11.8)) == {("first", "1", "norland"), ("first", "1", "sudland")}


def test_of_several_bans_those_that_a_later_text_repeats_rest_and_the_others_stay() -> None:
    advance = f"kind: prohibition, acts: [movement.advance], {BOTH}"
    chain = [text("first", FIRE, advance, begins="2021-03-01T00:00:00Z"), text("second", FIRE)]
    assert {key[:2] for key in judged(chain)} == {("second", "1")}
    assert {key[:2] for key in judged(chain, **ADVANCE)} == {("first", "2")}


def test_who_is_not_bound_by_the_later_text_stays_bound_by_the_former() -> None:
    bands = FIRE.replace("sudland]", "sudland, bands]")
    chain = [text("first", bands, begins="2021-03-01T00:00:00Z"), text("second", FIRE)]
    found = judged(chain, by={"bands": 0.98})
    assert found["first", "1", "bands"] == "indicated"
    assert {key[0] for key in found if key[2] != "bands"} == {"second"}


def test_when_the_later_ban_is_over_the_former_text_is_in_force_again() -> None:
    for_a_while = f"{FIRE}, until: 2021-03-01T06:00:00Z"
    rest = "kind: obligation, binds: [norland], acts: [detention]"
    chain = [FIRST, text("second", for_a_while, rest)]
    assert {key[0] for key in judged(chain, at=-8)} == {"second"}
    assert {key[0] for key in judged(chain)} == {"first"}


# What a later text amends


def test_a_term_that_is_amended_for_one_side_stays_for_the_other() -> None:
    amending = 'kind: prohibition, acts: [fire], binds: [norland], refers: [{agreement: first, term: "1", how: amends}]'
    chain = [FIRST, text("second", amending, more=refers("amends"))]
    found = judged(chain, **BY_SUDLAND)
    assert found == {
        ("first", "1", "sudland"): "indicated", ("second", "1", "norland"): "no violation",
    }  # fmt: skip
    assert judged(chain)["second", "1", "norland"] == "indicated"
    mirrored = text("second", amending.replace("norland", "sudland"), more=refers("amends"))
    assert judged([FIRST, mirrored]) == {
        ("first", "1", "norland"): "indicated", ("second", "1", "sudland"): "no violation",
    }  # fmt: skip


def test_a_term_that_is_replaced_is_gone_for_everybody() -> None:
    replacing = (
        'kind: prohibition, acts: [fire], binds: [norland], refers: [{agreement: first, term: "1", how: replaces}]'
    )
    found = judged([FIRST, text("second", replacing, more=refers("amends"))])
    assert set(found) == {("second", "1", "norland")}


def test_an_amendment_that_has_not_begun_leaves_the_term_as_it_was() -> None:
    amending = f'{FIRE}, after: {{event: agreed}}, refers: [{{agreement: first, term: "1", how: amends}}]'
    chain = [FIRST, text("second", amending, more=refers("amends"), events=", agreed: {}")]
    assert set(judged(chain)) == {("first", "1", "norland"), ("first", "1", "sudland")}
    agreed = decided("set_event", 1, object_="agreed", params={"at": "2021-03-01T06:00:00Z"})
    assert {key[0] for key in judged(chain, [agreed])} == {"second"}
    before = judged(chain, [agreed], at=-8)
    assert (before["first", "1", "norland"], before["second", "1", "norland"]) == ("indicated", "not due")


def test_a_procedure_that_amends_a_ban_does_not_end_it() -> None:
    how = f'kind: procedure, {BOTH}, refers: [{{agreement: first, term: "1", how: amends}}]'
    found = judged([FIRST, text("second", how, more=refers("amends"))])
    assert found["first", "1", "norland"] == "indicated"


def test_a_text_that_says_only_of_the_whole_that_it_amends_a_term_stands_for_it_by_its_own_of_that_kind() -> None:
    chain = [FIRST, text("second", FIRE.replace(", sudland", ""), more=refers("amends", "1"))]
    assert set(judged(chain)) == {("first", "1", "sudland"), ("second", "1", "norland")}


# Two editions


def test_another_edition_is_the_same_text_and_judged_once() -> None:
    other = text("other", FIRE, begins="2021-03-01T00:00:00Z", more=refers("edition"))
    assert {key[0] for key in judged([FIRST, other])} == {"other"}
    assert {key[0] for key in judged([FIRST, other], at=-11.8)} == {"other"}


# What has not begun


def test_a_freeze_whose_baseline_has_no_day_is_not_judged(tmp_path: Path) -> None:
    events = "in_force: {at: 2021-03-01T00:00:00Z}, verified: {}"
    frozen = agreement(
        f'  - {{id: "1", kind: freeze, {BOTH}, baseline: {{at: verified}}}}', ZONES, events, folder=tmp_path
    )
    ground = [{"actor": "sudland", "zone": "town", "start": NOON - 20 * DAY, "end": None}]
    for facts in (Facts(), Facts.of(ground, [])):
        assert findings(frozen, incident(**ADVANCE), facts=facts) == []
    told = decided("set_event", 1, object_="verified", params={"at": "2021-03-01T06:00:00Z"})
    assert len(findings(frozen, incident(**ADVANCE), decisions=[told])) == 2


def test_a_freeze_of_which_one_reading_has_no_baseline_depends_on_it() -> None:
    events = "in_force: {at: 2021-03-01T00:00:00Z}, verified: {}"
    reading = "readings: {day: {signed: {}, checked: {baseline.at: verified}}}"
    frozen = agreement(f'  - {{id: "1", kind: freeze, {BOTH}, baseline: {{at: in_force}}, {reading}}}', events=events)
    rows = [r for r in findings(frozen, incident(**ADVANCE)) if r["actor"] == "norland"]
    assert [(r["reading"], r["p_in_scope"]) for r in rows] == [("day=signed", 1.0), ("day=checked", None)]
    assert {r["outcome"] for r in rows} == {"depends on reading"}


def test_a_term_after_an_event_that_has_no_time_has_no_row() -> None:
    waiting = agreement(
        f'  - {{id: "1", {FIRE}, after: {{event: agreed}}}}', events="in_force: {at: 2021-03-01T00:00:00Z}, agreed: {}"
    )
    assert findings(waiting, incident()) == []


# Conditions, one by one


TWO = f'  - {{id: "1", {FIRE}, after: [{{text: roads are cleared}}, {{text: posts are manned}}]}}'


def told(name: str, hour: int) -> Any:
    return decided("set_event", 1, object_=name, params={"at": f"2021-03-01T{hour:02d}:00:00Z"})


def test_of_several_conditions_each_is_told_by_its_number() -> None:
    def outcome(*decisions: Any) -> set[str]:
        return {
            r["outcome"] for r in findings(agreement(TWO), incident(), decisions=decisions) if r["actor"] == "norland"
        }

    assert outcome() == {"undetermined"}
    assert outcome(told("1.after", 6)) == {"undetermined"}  # it does not say which
    assert outcome(told("1.after.1", 6)) == {"undetermined"}
    assert outcome(told("1.after.1", 6), told("1.after.2", 8)) == {"indicated"}
    assert outcome(told("1.after.1", 6), told("1.after.2", 14)) == {"not due"}
    assert outcome(told("1.after.1", 6), told("1.after.3", 8)) == {"undetermined"}  # there is no third


def test_words_that_are_met_do_not_stand_for_an_event_that_has_no_time() -> None:
    term = f'  - {{id: "1", {FIRE}, after: [{{event: agreed}}, {{text: roads are cleared}}]}}'
    waiting = agreement(term, events="in_force: {at: 2021-03-01T00:00:00Z}, agreed: {}")
    assert findings(waiting, incident(), decisions=[told("1.after", 6)]) == []
    assert findings(waiting, incident(), decisions=[told("1.after.2", 6)]) == []
    both = [told("agreed", 6), told("1.after.2", 6)]
    assert {r["outcome"] for r in findings(waiting, incident(), decisions=both)} == {"indicated", "no violation"}


def test_of_several_things_that_must_last_each_is_told_by_its_number() -> None:
    term = f'  - {{id: "1", {FIRE}, while: [{{text: roads are open}}, {{text: posts are manned}}]}}'

    def outcome(*decisions: Any) -> set[str]:
        rows = findings(agreement(term), incident(), decisions=decisions)
        return {r["outcome"] for r in rows if r["actor"] == "norland"}

    assert outcome(told("1.while", 6)) == {"undetermined"}
    assert outcome(told("1.while.1", 6), told("1.while.2", 6)) == {"indicated"}


# Zones of their day


CHAINED = ZONES.replace("definitions:", (
    "  - {id: town2, circle: {lat: 40.0, lon: 46.5, radius_km: 5}, valid_from: 2021-03-01T02:00:00Z, replaces: town}\n"
    "  - {id: town3, circle: {lat: 40.0, lon: 47.0, radius_km: 5}, valid_from: 2021-03-01T13:00:00Z, replaces: town2}\n"
    "definitions:"
))  # fmt: skip


@pytest.mark.parametrize(("hour", "east", "scope"), [
    (-11.0, 0.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.5, 1.0), (0.0, 1.0, 0.0), (2.0, 0.5, 0.0), (2.0, 1.0, 1.0),
])  # fmt: skip
def test_of_zones_that_replace_each_other_that_of_the_day_counts(
    tmp_path: Path, hour: float, east: float, scope: float
) -> None:
    term = f'  - {{id: "1", kind: exclusion_zone, {BOTH}, where: {{zone: town, of: presence}}, excludes: [forces]}}'
    rows = findings(agreement(term, CHAINED, folder=tmp_path), incident(at=hour, east=east * KM_LON, **POSITION))
    assert {r["p_in_scope"] for r in rows} == {scope}


# A later term that binds somebody under one reading alone


@pytest.mark.parametrize(("how", "term"), [("amends", "1"), ("", "")])
def test_a_term_amended_under_one_reading_hangs_on_that_reading_too(how: str, term: str) -> None:
    """Under the reading `two` the later text binds Sudland and stands in the stead of the first, under `one` it does
    not: never are both broken, and never neither, and no finding is sure of its text. Norland it binds in any case."""
    who = "binds: [norland], readings: {who: {one: {binds: [norland]}, two: {binds: [norland, sudland]}}}"
    more = refers(how, term) if how else ""
    chain = [FIRST, text("second", f"kind: prohibition, acts: [fire], {who}", more=more)]
    rows = [r for r in findings(chain, incident(**BY_SUDLAND)) if r["actor"] == "sudland"]
    assert {r["outcome"] for r in rows} == {"depends on reading"}
    told = {(r["agreement"], r["reading"]): r["p_violation"] for r in rows}
    assert told == {
        ("first", "second.1.who=one"): 0.98, ("first", "second.1.who=two"): 0.0,
        ("second", "who=one"): 0.0, ("second", "who=two"): 0.98,
    }  # fmt: skip
    norland = [r for r in findings(chain, incident()) if r["actor"] == "norland"]
    assert {(r["agreement"], r["outcome"]) for r in norland} == {("second", "indicated")}
