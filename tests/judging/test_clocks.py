"""When a term binds: conditions, zones of their day, texts of their day, local windows of silence, terms that wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.judging.scene import KM_LON, NOON, agreement, decided, findings, incident, of
from trucewatch.judging.rulings import several_conditions

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]MORE}'
ZONES = """zones:
  - {id: old, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}
  - {id: new, circle: {lat: 40.0, lon: 46.0, radius_km: 20}, valid_from: 2021-03-01T12:30:00Z, replaces: old}
  - {id: later, circle: {lat: 40.0, lon: 46.0, radius_km: 20}, valid_from: {event: drawn}}
"""
EVENTS = "in_force: {at: 2021-03-01T00:00:00Z}, verified: {at: null}, drawn: {at: null}"


def fire(more: str = "", others: str = "") -> Any:
    return agreement(FIRE.replace("MORE", more) + others, ZONES, EVENTS)


def outcome(text: Any, *, at: float = 0.0, decisions: Any = (), **told: Any) -> str | None:
    rows = [r for r in findings(text, incident(at=at, **told), decisions=decisions) if r["actor"] == "norland"]
    assert len({r["outcome"] for r in rows}) <= 1
    return rows[0]["outcome"] if rows else None


def event(name: str, at: str) -> Any:
    return decided("set_event", 5, object_=name, params={"at": at})


def test_what_comes_after_an_event_waits_until_somebody_sets_it_and_is_not_due_before_it() -> None:
    text = fire(", after: [{event: verified}]")
    assert outcome(text) is None
    told = [event("verified", "2021-03-01T12:30:00Z")]
    assert outcome(text, decisions=told) == "not due"
    assert outcome(text, at=1, decisions=told) == "indicated"
    assert outcome(fire(", after: [{event: verified, plus: PT2H}]"), at=1, decisions=told) == "not due"


def test_the_state_of_another_term_is_told_by_decision_and_not_known_before() -> None:
    text = fire(', after: [{term: "2", status: complete}]', '\n  - {id: "2", kind: procedure, binds: [norland]}')
    assert outcome(text) == "undetermined"
    told = [event("2.complete", "2021-03-01T12:30:00Z")]
    assert (outcome(text, decisions=told), outcome(text, at=1, decisions=told)) == ("not due", "indicated")


def test_in_step_and_meanwhile_wait_for_people_and_end_when_they_say_so() -> None:
    others = '\n  - {id: "2", kind: procedure, binds: [sudland]}'
    step = fire(', with: ["2"]', others)
    assert outcome(step) == "undetermined"
    assert outcome(step, decisions=[event("2.begun", "2021-03-01T06:00:00Z")]) == "indicated"
    kept = fire(', while: [{term: "2", status: complied_with}]', others)
    assert outcome(kept) == "undetermined"
    told = [event("2.complied_with", "2021-03-01T00:00:00Z")]
    assert outcome(kept, decisions=told) == "indicated"
    ended = [*told, event("2.broken", "2021-03-01T11:00:00Z")]
    assert outcome(kept, decisions=ended) is None  # what ended binds nobody, and is no breach by the other side


def test_the_breach_of_one_side_never_makes_a_finding_of_the_other() -> None:
    kept = fire(', while: [{term: "2", status: complied_with}]', '\n  - {id: "2", kind: procedure, binds: [sudland]}')
    told = [event("2.broken", "2021-03-01T11:00:00Z")]
    rows = findings(kept, incident(), decisions=told)
    assert {r["outcome"] for r in rows} <= {"no violation", "undetermined"}


def test_a_condition_in_words_is_for_people_and_counts_from_when_they_say_it_is_met() -> None:
    text = fire(", after: [{text: when the monitors are there}]")
    assert outcome(text) == "undetermined"
    assert outcome(text, decisions=[event("1.after", "2021-03-01T11:00:00Z")]) == "indicated"
    assert outcome(text, decisions=[event("1.after", "2021-03-01T13:00:00Z")]) == "not due"


def test_a_zone_is_that_of_the_day_of_the_act() -> None:
    text = fire(", where: {zone: old}")
    assert outcome(text, east=10) == "no violation"
    assert outcome(text, at=1, east=10) == "indicated"
    on_the_edge = findings(text, incident(at=0.5, sd_min=10, east=10))
    assert of(on_the_edge)["p_in_scope"] == pytest.approx(0.5, abs=0.01)


def test_a_term_whose_zone_is_not_valid_yet_waits() -> None:
    text = fire(", where: {zone: later}")
    assert outcome(text) is None
    assert outcome(text, decisions=[event("drawn", "2021-03-01T06:00:00Z")]) == "indicated"
    assert outcome(text, decisions=[event("drawn", "2021-03-01T13:00:00Z")]) is None


def test_a_term_whose_event_is_unset_yields_no_finding_and_all_once_it_is_set() -> None:
    text = fire(", from: {event: verified}")
    many = [incident(n, at=n / 4) for n in range(1, 9)]
    assert findings(text, *many) == []
    told = [event("verified", "2021-03-01T12:00:00Z")]
    plain = findings(fire(), *many)
    assert findings(text, *many, decisions=told) == plain
    assert {r["incident_id"] for r in plain} == {f"I{n}" for n in range(1, 9)}


# Texts of their day


AMENDS = FIRE.replace("[fire]", "[fire.artillery]").replace(
    "MORE", ', refers: [{agreement: first, term: "1", how: HOW}], from: 2021-03-01T12:30:00Z'
)


def chain(how: str) -> list[Any]:
    first = agreement(FIRE.replace("MORE", "") + '\n  - {id: "2", kind: prohibition, acts: [mines], binds: [norland]}',
                      id_="first")  # fmt: skip
    second = agreement(AMENDS.replace("HOW", how), "refers: [{agreement: first, how: interprets}]", id_="second")
    return [first, second]


@pytest.mark.parametrize("how", ["amends", "replaces"])
def test_an_amended_term_judges_each_act_by_the_version_of_its_day(how: str) -> None:
    texts = chain(how)
    small = {"acts": (("fire.small_arms", 1.0),)}
    before, after = findings(texts, incident(**small)), findings(texts, incident(at=1, **small))
    assert [(r["agreement"], r["outcome"]) for r in before if r["actor"] == "norland"] == [("first", "indicated")]
    assert [r for r in after if r["actor"] == "norland"] == []
    gun = findings(texts, incident(at=1, acts=(("fire.artillery", 1.0),)))
    assert [(r["agreement"], r["outcome"]) for r in gun if r["actor"] == "norland"] == [("second", "indicated")]
    mine = findings(texts, incident(at=1, acts=(("mines", 1.0),)))
    assert [(r["agreement"], r["term"]) for r in mine] == [("first", "2")]  # what is not amended stays


def test_a_local_window_of_silence_stands_beside_the_truce_of_the_whole_land() -> None:
    whole = agreement(FIRE.replace("MORE", ""), id_="whole")
    local = agreement(
        FIRE.replace("MORE", ", where: {zone: town}"),
        "zones: [{id: town, circle: {lat: 40.0, lon: 46.0, radius_km: 5}}]\nduration: {until: 2021-03-01T18:00:00Z}",
        "in_force: {at: 2021-03-01T11:00:00Z}", id_="window",
    )  # fmt: skip
    there = findings([whole, local], incident(acts=(("fire.small_arms", 1.0),)))
    assert [(r["agreement"], r["p_in_scope"]) for r in there if r["actor"] == "norland"] == [
        ("whole", 1),
        ("window", 1),
    ]
    far = findings([whole, local], incident(lon=46.0 + 40 / KM_LON))
    assert [(r["agreement"], r["p_in_scope"]) for r in far if r["actor"] == "norland"] == [("whole", 1), ("window", 0)]
    later = findings([whole, local], incident(at=8))
    assert {r["agreement"] for r in later} == {"whole"}


def test_a_truce_is_extended_and_ended_by_decision() -> None:
    text = agreement(FIRE.replace("MORE", ""), "duration: P1D")
    assert outcome(text, at=11) == "indicated"
    assert outcome(text, at=13) is None
    longer = decided("extend", 1, object_="truce", params={"until": "2021-03-03T00:00:00Z"})
    assert outcome(text, at=13, decisions=[longer]) == "indicated"
    stopped = decided("end", 1, object_="truce", params={"at": "2021-03-01T10:00:00Z"})
    assert outcome(text, decisions=[stopped]) is None


def test_a_side_that_accepts_later_is_bound_from_then_on(tmp_path: Path) -> None:
    actors = "actors:\n  - {id: norland, role: party, names: {en: N}, accepted: 2021-03-01T12:30:00Z}\n"
    actors += "  - {id: sudland, role: party, names: {en: S}}"
    from trucewatch.agreement import parse

    text = parse(
        f"id: t\ntitle: {{en: T}}\n{actors}\nevents: {{{EVENTS}}}\nterms:\n{FIRE.replace('MORE', '')}", folder=tmp_path
    )
    assert {r["actor"] for r in findings(text, incident())} == {"sudland"}
    assert {r["actor"] for r in findings(text, incident(at=1))} == {"norland", "sudland"}


def test_a_condition_that_is_not_named_of_several_is_asked_for() -> None:
    """`1.after` of two conditions sets none; people are told what to write. `1.while`, of one alone, is clear."""
    terms = (
        '  - {id: "0", kind: prohibition, acts: [fire], binds: [norland]}\n'
        '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland], after: [{text: a}, {text: b}], '
        "while: [{text: c}]}"
    )
    text = agreement(terms)
    for event, which in (("1.after", ["1.after.1", "1.after.2"]), ("1.after.2", []), ("1.while", []), ("0.after", [])):
        told = {"verb": "set_event", "object": event, "params": {"event": event, "at": NOON}}
        assert several_conditions(told, [text]) == which
