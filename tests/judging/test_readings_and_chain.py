"""Texts that can be read in two ways, who answers for whom, and chains of agreements."""

from __future__ import annotations

from tests.judging.scene import agreement, decided, findings, incident

FIRE = '  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland]}'
BY_BANDS = {"by": {"bands": 0.98, "norland": 0.005}}


def test_every_reading_has_its_row_and_all_rows_the_same_outcome() -> None:
    """Under one reading the truce had begun, under the other not: both are shown."""
    term = FIRE.replace(
        "sudland]", "sudland], readings: {begins: {at_noon: {from: 2021-03-01T12:00:00Z}, at_once: {}}}"
    )
    rows = [r for r in findings(agreement(term), incident(at=-2)) if r["actor"] == "norland"]
    assert [(r["reading"], r["p_in_scope"]) for r in rows] == [("begins=at_noon", 0.0), ("begins=at_once", 1.0)]
    assert {r["outcome"] for r in rows} == {"depends on reading"}
    later = [r for r in findings(agreement(term), incident(at=2)) if r["actor"] == "norland"]
    assert [(r["p_in_scope"], r["outcome"]) for r in later] == [(1.0, "indicated")] * 2


def test_a_reading_may_forbid_more_acts() -> None:
    term = FIRE.replace("sudland]", "sudland], readings: {acts: [[fire], [fire, mines]]}")
    rows = findings(agreement(term), incident(acts=(("mines", 1.0),)))
    assert [r["p_in_scope"] for r in rows if r["actor"] == "norland"] == [0.0, 1.0]
    assert {r["outcome"] for r in rows if r["actor"] == "norland"} == {"depends on reading"}


def test_a_reading_may_bind_more_actors() -> None:
    term = ('  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], '
            "readings: {scope: {parties: {}, all: {binds: [norland, sudland, bands]}}}}")  # fmt: skip
    rows = [r for r in findings(agreement(term), incident(**BY_BANDS)) if r["actor"] == "bands"]
    assert [(r["reading"], r["p_violation"]) for r in rows] == [("scope=parties", 0.0), ("scope=all", 0.98)]
    assert {r["outcome"] for r in rows} == {"depends on reading"}


def test_words_that_only_explain_make_no_second_row() -> None:
    term = FIRE.replace("sudland]", "sudland], readings: {parameters: never agreed}")
    assert len(findings(agreement(term), incident())) == 2


ANSWERS = "readings: {bands: {norland: {answers_for: {bands: norland}}, nobody: {answers_for: {bands: null}}}}"


def test_who_answers_for_a_third_force_is_a_reading() -> None:
    rows = findings(agreement(FIRE, ANSWERS), incident(**BY_BANDS))
    mine = [r for r in rows if r["actor"] == "norland"]
    assert [(r["reading"], r["answers_for"], r["p_violation"]) for r in mine] == [
        ("bands=norland", "bands", 0.985), ("bands=nobody", None, 0.005),
    ]  # fmt: skip
    assert {r["outcome"] for r in mine} == {"depends on reading"}
    assert {r["answers_for"] for r in rows if r["actor"] == "sudland"} == {None}


def test_readings_of_the_whole_text_and_of_a_term_are_combined() -> None:
    term = FIRE.replace("sudland]", "sudland], readings: {acts: [[fire], [fire, mines]]}")
    rows = [r for r in findings(agreement(term, ANSWERS), incident()) if r["actor"] == "norland"]
    assert len(rows) == 4
    assert len({r["reading"] for r in rows}) == 4
    assert {r["finding_id"] for r in rows} == {"F1.1.1.1"}


# Chains


def truce(id_: str, begins: str, more: str = "") -> object:
    return agreement(FIRE, more, f"in_force: {{at: {begins}}}", id_=id_)


FIRST = truce("first", "2021-03-01T00:00:00Z")


def named(*chain: object, at: float, decisions: object = ()) -> list[str]:
    rows = findings(chain, incident(at=at), decisions=decisions)  # type: ignore[arg-type]
    return [r["agreement"] for r in rows if r["actor"] == "norland"]


def test_findings_name_the_agreement_in_force_that_day() -> None:
    second = truce("second", "2021-03-01T12:00:00Z")
    assert named(FIRST, second, at=-1) == ["first"]
    assert named(FIRST, second, at=1) == ["second"]
    assert {r["finding_id"] for r in findings([FIRST, second], incident(at=1))} == {"F1.2.1.1", "F1.2.1.2"}  # type: ignore[list-item]


def test_an_agreement_that_interprets_another_stands_beside_it() -> None:
    second = truce("second", "2021-03-01T12:00:00Z", "refers: [{agreement: first, how: interprets}]")
    assert named(FIRST, second, at=1) == ["first", "second"]
    third = truce("second", "2021-03-01T12:00:00Z", "refers: [{agreement: first, how: replaces}]")
    assert named(FIRST, third, at=1) == ["second"]


def test_after_a_window_of_silence_the_agreement_before_it_is_in_force_again() -> None:
    window = truce("window", "2021-03-01T12:00:00Z", "duration: {until: 2021-03-01T18:00:00Z}")
    assert named(FIRST, window, at=1) == ["window"]
    assert named(FIRST, window, at=7) == ["first"]


def test_an_agreement_whose_beginning_nobody_has_set_takes_nobodys_place() -> None:
    second = agreement(FIRE, events="in_force: {at: null, set_by: norland}", id_="second")
    assert named(FIRST, second, at=1) == ["first"]
    begun = decided("set_event", 2, object_="in_force", params={"at": "2021-03-01T12:00:00Z", "agreement": "second"})
    assert named(FIRST, second, at=1, decisions=[begun]) == ["second"]
