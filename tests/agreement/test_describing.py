"""An agreement told to a reader: nothing that it says is missing, and it is plain what is judged and what is not."""

from __future__ import annotations

import json

import pytest

from tests.agreement.texts import BASE, agreement, changed
from trucewatch.agreement import load
from trucewatch.agreement.describing import describe, lines, local
from trucewatch.agreement.noticing import notices
from trucewatch.mission.folder import bundled_agreements


@pytest.mark.parametrize("name", sorted(bundled_agreements()))
def test_every_actor_clock_zone_term_and_link_is_told(name: str) -> None:
    one = load(bundled_agreements()[name])
    told = "\n".join(lines(describe(one)))
    parts = [a.name() for a in one.actors] + list(one.events) + list(one.zones) + list(one.links)
    parts += [str(t.texts["en"].summary) for t in one.terms] + [str(t.texts["en"].source) for t in one.terms]
    assert [p for p in parts if p not in told] == []
    json.dumps(describe(one))


def test_a_clock_is_told_in_local_time_and_in_utc() -> None:
    (clock,) = describe(agreement())["clocks"]
    assert (clock["local"], clock["utc"]) == ("2020-10-10 12:00 +04:00", "2020-10-10T08:00:00Z")
    assert local(None, "UTC") is None


def test_what_is_judged_names_act_actors_and_place() -> None:
    (term,) = describe(agreement())["terms"]
    assert term["judged"] == ["fire by norland and sudland, everywhere"]
    assert term["not_judged_yet"] == []


MORE = (
    BASE
    + """  - {id: "2", kind: freeze, binds: [norland]}
  - {id: "3", kind: prohibition, binds: [norland], open_ended: true}
  - {id: "4", kind: withdrawal, binds: [norland], what: forces}
  - {id: "5", kind: withdrawal, binds: [norland], weapons: [{class: artillery, zone_width_km: 50}],
     done_when: by_decision}
  - {id: "6", kind: statement}
zones: [{id: z, status: undefined}]
"""
)


def test_each_kind_says_whether_it_is_judged() -> None:
    told = {t["id"]: t["status"] for t in describe(agreement(MORE))["terms"]}
    not_yet = "not judged yet"
    assert told == {
        "1": "judged", "2": not_yet, "3": not_yet, "4": not_yet, "5": "judged", "6": "shown, not for judgement",
    }  # fmt: skip


def test_a_withdrawal_tells_the_width_and_each_sides_half_and_what_is_missing() -> None:
    term = describe(agreement(MORE))["terms"][4]
    assert term["judged"] == ["artillery: at least 25 km away, half of the 50 km between the sides"]
    assert "done_when: by_decision" in term["not_judged_yet"]
    assert "no line is named from which the distance of norland runs" in term["not_judged_yet"]


def test_what_stays_open_is_told_to_whoever_writes_the_file() -> None:
    text = changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null}", MORE)
    text = changed(
        "    acts: [fire]\n", "    acts: [fire]\n    where: {zone: z}\n    weapons: [{models: [Zorgon]}]\n", text
    )
    words = " ".join(str(n) for n in notices(agreement(text)))
    for part in (
        "'in_force' has no time",
        "'z' is undefined",
        "'Zorgon'",
        "'2' (freeze) is not judged yet",
        "says nothing",
    ):
        assert part in words
