"""Ways to read a text: each is the whole term, read so; words alone are printed and change nothing."""

from __future__ import annotations

from tests.agreement.texts import BASE, agreement, changed
from trucewatch.agreement import Term

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
