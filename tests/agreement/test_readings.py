"""Ways to read a text: each is the whole term, read so; words alone are printed and change nothing."""

from __future__ import annotations

from tests.agreement.texts import BASE, agreement, changed
from trucewatch.agreement import Agreement, Term

TERM = (
    BASE
    + """  - id: "2"
    kind: withdrawal
    binds: [norland, sudland]
    from: {event: in_force}
    by: {event: in_force, plus: P14D}
    weapons:
      - {models: [MT-12], distance_km: 9}
      - {calibre_mm: ">100", distance_km: 15}
    readings:
      calibre_mm: [">100", ">=100"]
      days:
        from_start: {by: {event: in_force, plus: P16D}, words: from the start}
        as_written: {words: from the ceasefire}
      place: the text names none
"""
)


def read(text: str = TERM) -> dict[str | None, Term]:
    """The second term under each reading."""
    return dict(agreement(text).terms[1].alternatives)


def test_every_combination_is_a_term_of_its_own() -> None:
    assert list(read()) == [
        "calibre_mm=>100;days=from_start", "calibre_mm=>100;days=as_written",
        "calibre_mm=>=100;days=from_start", "calibre_mm=>=100;days=as_written",
    ]  # fmt: skip


def test_a_reading_of_a_calibre_changes_the_rules_that_have_one_and_no_other() -> None:
    rules = read()["calibre_mm=>=100;days=as_written"].weapons
    assert rules[0].calibre is None
    assert rules[1].calibre is not None
    assert rules[1].calibre[:2] == (100.0, False)


def test_a_reading_of_a_deadline_changes_nothing_else() -> None:
    one, other = read()["calibre_mm=>100;days=from_start"], read()["calibre_mm=>100;days=as_written"]
    assert one.weapons == other.weapons
    assert one.by is not None
    assert other.by is not None
    assert one.by.plus - other.by.plus == 2 * 86_400_000_000


def test_words_alone_are_printed_and_give_no_reading() -> None:
    words = changed("    from: {event: in_force}\n", "    from: {event: in_force}\n    readings: {line: not named}\n")
    term = agreement(words).terms[0]
    assert [label for label, _ in term.alternatives] == [None]
    assert term.readings == {"line": "not named"}


ANSWERS = """readings:
  militia:
    by_norland: {answers_for: {militia: norland}, words: it pays them}
    by_nobody: {answers_for: {militia: null}}
"""


def test_who_answers_for_others_is_a_reading_of_the_whole_text() -> None:
    militia = "  - {id: militia, role: not_covered, names: {en: Militia}}\ntimezone"
    one = agreement(changed("timezone", militia) + ANSWERS)
    assert one.answer_readings == (
        ("militia=by_norland", {"militia": "norland"}), ("militia=by_nobody", {}),
    )  # fmt: skip


def test_an_alternative_that_gives_no_valid_term_is_a_fault() -> None:
    from tests.agreement.texts import faults

    found = faults(changed("{words: from the ceasefire}", "{distance_km: -3}", TERM))
    assert found
    assert "as_written" in found[0].message


# ruff: noqa: E501 (terms on one line)

WHOLE = """id: small
title: {en: A small ceasefire}
actors: [{id: norland, role: party}, {id: sudland, role: party}]
events: {in_force: {at: 2020-10-10T12:00:00Z}, later: {at: {event: in_force, plus: P2D}}}
zones:
  - {id: line, line: [{lat: 40, lon: 46}, {lat: 40, lon: 47}]}
  - {id: dmz, of: line, buffer_km: 15}
  - {id: inner, of: dmz, minus: []}
definitions: {heavy: {weapons: [{class: tank}]}}
terms:
  - {id: "1", kind: prohibition, acts: [fire], binds: [norland], where: {zone: inner, of: origin}, from: later}
  - {id: "2", kind: exclusion_zone, binds: [norland], excludes: ["definition:heavy"], where: {zone: line}, from: 2020-11-01}
  - {id: "3", kind: withdrawal, what: forces, binds: [norland], done_when: "absent(forces, dmz)", by: {event: later, plus: P1D}}
  - {id: "4", kind: statement, from: 2020-11-01}
"""


def whole(readings: str) -> Agreement:
    return agreement(WHOLE + "readings: " + readings)


def area_km2(one: Agreement, zone: str) -> float:
    return float(one.zones[zone].local.shape.area)


def test_a_reading_of_a_zone_is_a_reading_of_each_term_that_uses_it_or_what_is_built_from_it() -> None:
    one = whole("{zones.dmz.buffer_km: [15, 20]}\n")
    labels = [[label for label, _ in t.alternatives] for t in one.terms]
    both = ["zones.dmz.buffer_km=15", "zones.dmz.buffer_km=20"]
    assert labels == [both, [None], both, [None]]
    narrow, wide = (dict(one.terms[0].alternatives)[label] for label in both)
    assert area_km2(one, narrow.where.zone or "") < area_km2(one, wide.where.zone or "")
    assert [read.done[0].zone for _, read in one.terms[2].alternatives] == ["dmz@15", "dmz@20"]
    assert one.answer_readings == ((None, {}),)


def test_a_reading_of_an_event_moves_what_stands_on_it_and_a_decision_moves_all() -> None:
    one = whole("{hour: {noon: {words: local noon}, midnight: {events.in_force.at: 2020-10-10T00:00:00Z}}}\n")
    times = one.event_times()
    starts = {label: read.window(times)[0] for label, read in one.terms[0].alternatives}
    assert (starts["hour=noon"] or 0) - (starts["hour=midnight"] or 0) == 12 * 3600 * 1_000_000
    assert [len(t.alternatives) for t in one.terms] == [2, 1, 2, 1]
    decided = one.event_times({"in_force": 0})
    assert len({read.window(decided)[0] for _, read in one.terms[0].alternatives}) == 1


def test_a_reading_of_a_definition_reaches_the_terms_that_use_the_word() -> None:
    one = whole("{guns: {tanks: {}, mortars: {definitions.heavy.weapons: [{class: mortar}]}}}\n")
    classes = {label: read.excluded[0].classes for label, read in one.terms[1].alternatives}
    assert classes == {"guns=tanks": ("tank",), "guns=mortars": ("mortar",)}
    assert [len(t.alternatives) for t in one.terms] == [1, 2, 1, 1]


def test_readings_of_the_whole_that_change_nothing_that_is_there_are_faults() -> None:
    from tests.agreement.texts import faults

    for text, words in (
        ("{zones.dnz.buffer_km: [15, 20]}", "'dnz' is no zone"),
        ("{a: {b: {events.start.at: 2020-10-10}, c: {}}}", "'start' is no event"),
        ("{zones.dmz.buffer_km: [15, -3]}", "found '-3'"),
        ("{zones.dmz.bufer_km: [15, 20]}", "unknown key 'bufer_km'"),
        ("{a: {b: {answers_for: {norland: sudland}}, c: {zones.dmz.buffer_km: 2}}}", "changes something else too"),
        ("{timezone: [UTC, Asia/Baku]}", "cannot be a list"),
    ):
        found = faults(WHOLE + "readings: " + text + "\n")
        assert [f for f in found if words in f.message], (text, found)
        assert all(f.row and f.row >= 15 for f in found if words in f.message)
