"""Duties that no incident shows: whose they are, until when, what is known of the ground, and one finding for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import NOON, agreement, decided, findings, of
from tests.judging.test_kinds import BOTH, ZONES
from trucewatch.judging.states import Facts
from trucewatch.model.times import DAY, parse_instant

OWED = 'kind: obligation, binds: [norland], by: 2021-03-10T00:00:00Z, done_when: ["controls(sudland, town)"]'
LATER = NOON + 30 * DAY


def held(actor: str, zone: str, start: float, end: float | None = None, **more: Any) -> dict[str, Any]:
    """Ground held from so many days after noon of 1 March on."""
    first, last = NOON + round(start * DAY), None if end is None else NOON + round(end * DAY)
    return {"actor": actor, "zone": zone, "start": first, "end": last, **more}


def outcomes(
    tmp_path: Path, term: str, control: Sequence[Mapping[str, Any]], latest: int | None = LATER, decisions: Any = (),
) -> dict[str, str]:  # fmt: skip
    events = "in_force: {at: 2021-03-01T00:00:00Z}, over: {at: null}"
    text = agreement(f'  - {{id: "1", {term}}}', ZONES, events, folder=tmp_path)
    return {r["actor"]: r["outcome"] for r in findings(text, facts=Facts.of(control, [], latest), decisions=decisions)}


# Until when


def test_a_duty_that_ended_before_its_deadline_is_not_broken_at_it(tmp_path: Path) -> None:
    kept = [held("norland", "town", -30)]
    assert outcomes(tmp_path, OWED, kept) == {"norland": "indicated"}
    for day, outcome in (("05", "not due"), ("10", "indicated"), ("20", "indicated")):
        over = decided("set_event", 1, object_="over", params={"at": f"2021-03-{day}T00:00:00Z"})
        assert outcomes(tmp_path, f"{OWED}, until: {{event: over}}", kept, decisions=[over]) == {"norland": outcome}


def test_a_duty_of_a_text_that_was_replaced_before_its_deadline_is_not_broken(tmp_path: Path) -> None:
    first = agreement(f'  - {{id: "1", {OWED}}}', ZONES, folder=tmp_path)
    for when, outcome in (("2021-03-05", "not due"), ("2021-03-15", "indicated")):
        second = agreement(
            '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland]}',
            "refers: [{agreement: truce, how: replaces}]", f"in_force: {{at: {when}T00:00:00Z}}", id_="second",
        )  # fmt: skip
        facts = Facts.of([held("norland", "town", -30)], [], LATER)
        assert of(findings([first, second], facts=facts))["outcome"] == outcome


def test_an_agreement_that_people_ended_owes_nothing_later(tmp_path: Path) -> None:
    ended = decided("end", 48, object_="truce", params={"agreement": "truce"}, finding_id=None)
    assert outcomes(tmp_path, OWED, [held("norland", "town", -30)], decisions=[ended]) == {"norland": "not due"}


# Whose


HANDOVER = (
    f"kind: obligation, {BOTH}, by: 2021-03-10T00:00:00Z, "
    'done_when: ["controls(sudland, town)", "controls(norland, strip)"]'
)


def test_of_two_handovers_each_side_answers_for_its_own(tmp_path: Path) -> None:
    given = [held("sudland", "town", -30), held("sudland", "strip", -30)]
    assert outcomes(tmp_path, HANDOVER, given) == {"norland": "no violation", "sudland": "indicated"}
    mirrored = [held("norland", "strip", -30), held("norland", "town", -30)]
    assert outcomes(tmp_path, HANDOVER, mirrored) == {"norland": "indicated", "sudland": "no violation"}
    neither = [held("norland", "town", -30), held("sudland", "strip", -30)]
    assert outcomes(tmp_path, HANDOVER, neither) == {"norland": "indicated", "sudland": "indicated"}
    both = [held("sudland", "town", 1), held("norland", "strip", 2)]
    assert outcomes(tmp_path, HANDOVER, both) == {"norland": "no violation", "sudland": "no violation"}
    one_told = [held("sudland", "strip", -30)]
    assert outcomes(tmp_path, HANDOVER, one_told) == {"norland": "undetermined", "sudland": "indicated"}


def test_who_is_to_receive_ground_is_not_charged_with_another_who_keeps_it(tmp_path: Path) -> None:
    term = f'kind: obligation, {BOTH}, by: 2021-03-10T00:00:00Z, done_when: ["controls(sudland, town)"]'
    kept = [held("norland", "town", -30)]
    assert outcomes(tmp_path, term, kept) == {"norland": "indicated", "sudland": "undetermined"}
    late = [held("sudland", "town", 15)]
    assert outcomes(tmp_path, term, late) == {"norland": "indicated", "sudland": "undetermined"}


def test_ground_that_a_third_force_holds_charges_nobody_who_does_not_answer_for_it(tmp_path: Path) -> None:
    by_bands = [held("bands", "town", -30)]
    assert outcomes(tmp_path, OWED, by_bands) == {"norland": "undetermined"}


def test_forces_that_must_be_gone_are_those_of_the_side_that_holds_the_ground(tmp_path: Path) -> None:
    term = f'kind: obligation, {BOTH}, by: 2021-03-10T00:00:00Z, done_when: ["absent(forces, town)"]'
    assert outcomes(tmp_path, term, [held("sudland", "town", -30)]) == {
        "norland": "undetermined", "sudland": "indicated",
    }  # fmt: skip


def test_of_several_who_owe_one_thing_that_came_late_nobody_is_singled_out(tmp_path: Path) -> None:
    done = decided("set_event", 1, object_="1.complete", params={"at": "2021-03-12T00:00:00Z"})
    alone = "kind: obligation, binds: [norland], by: 2021-03-10T00:00:00Z, done_when: released(prisoners)"
    assert outcomes(tmp_path, alone, [], decisions=[done]) == {"norland": "indicated"}
    both = alone.replace("binds: [norland]", BOTH)
    assert set(outcomes(tmp_path, both, [], decisions=[done]).values()) == {"not for judgement"}


# What is known of the ground


def test_ground_held_once_and_lost_is_not_handed_over(tmp_path: Path) -> None:
    lost = [held("sudland", "town", -60, -30), held("norland", "town", -30)]
    assert outcomes(tmp_path, OWED, lost) == {"norland": "indicated"}
    for_a_day = [held("sudland", "town", 0, 1)]
    assert outcomes(tmp_path, OWED, for_a_day) == {"norland": "undetermined"}
    contested = [held("sudland", "town", 0), held("norland", "town", 1, contested=True)]
    assert outcomes(tmp_path, OWED, contested) == {"norland": "undetermined"}


def test_without_a_deadline_what_lasts_is_done_and_what_was_lost_is_not(tmp_path: Path) -> None:
    duty = OWED.replace("by: 2021-03-10T00:00:00Z, ", "")
    assert outcomes(tmp_path, duty, [held("sudland", "town", 2)]) == {"norland": "no violation"}
    assert outcomes(tmp_path, duty, [held("sudland", "town", -60)]) == {"norland": "no violation"}
    assert outcomes(tmp_path, duty, [held("sudland", "town", 2, 5)]) == {"norland": "undetermined"}
    before_the_truce = [held("sudland", "town", -60, -30)]
    assert outcomes(tmp_path, duty, before_the_truce, latest=None) == {"norland": "undetermined"}


def test_a_condition_of_ground_is_not_met_by_what_was_held_before_the_truce_and_lost(tmp_path: Path) -> None:
    first = '  - {id: "0", kind: obligation, binds: [norland], done_when: ["controls(sudland, town)"]}\n'
    second = '  - {id: "1", kind: obligation, binds: [sudland], after: {term: "0"}, done_when: released(prisoners)}'
    text = agreement(first + second, ZONES, folder=tmp_path)
    lost = [held("sudland", "town", -60, -50), held("norland", "town", -50)]
    assert of(findings(text, facts=Facts.of(lost, [], LATER)), "sudland")["outcome"] == "undetermined"
    kept = [held("sudland", "town", 1)]
    assert of(findings(text, facts=Facts.of(kept, [], LATER)), "sudland")["outcome"] == "not for judgement"


def test_two_sources_that_name_different_holders_decide_nothing(tmp_path: Path) -> None:
    two = [held("norland", "town", -30), held("sudland", "town", -30)]
    assert outcomes(tmp_path, OWED, two) == {"norland": "undetermined"}


def test_ground_held_still_is_known_until_the_last_record_and_not_for_ever(tmp_path: Path) -> None:
    kept, given = [held("norland", "town", -30)], [held("sudland", "town", 1)]
    before = parse_instant("2021-03-08T00:00:00Z")
    assert outcomes(tmp_path, OWED, kept, latest=before) == {"norland": "not due"}
    assert Facts.of(given, [], before).holders("town", before + DAY) == set()
    assert Facts.of(given, [], before).holders("town", before) == {"sudland"}


# One finding


@pytest.mark.parametrize(("seen", "duty", "outcome"), [
    (5, '"by_decision"', "not for judgement"), (3, '"by_decision"', "not for judgement"),
    (5, '"controls(sudland, town)"', "indicated"), (3, '"controls(sudland, town)"', "indicated"),
    (5, '"controls(norland, town)"', "no violation"), (3, '"controls(norland, town)"', "undetermined"),
])  # fmt: skip
def test_a_duty_whose_stores_were_inspected_too_has_one_row(tmp_path: Path, seen: int, duty: str, outcome: str) -> None:
    term = (
        "kind: obligation, acts: [weapons.moved_from_storage], binds: [norland], by: 2021-03-10T00:00:00Z, "
        f"done_when: [{duty}]"
    )
    looked = {"time": NOON, "site": "s", "party": "norland", "declared": 5, "seen": seen}
    text = agreement(f'  - {{id: "1", {term}}}', ZONES, folder=tmp_path)
    (row,) = findings(text, facts=Facts.of([held("norland", "town", -30)], [looked], LATER))
    assert (row["finding_id"], row["outcome"]) == ("F0.1.1.1", outcome)
