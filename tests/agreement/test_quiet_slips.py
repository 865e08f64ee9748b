"""Slips of a newcomer that change what is judged: each is refused or told, with what to do; what is right is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.texts import BASE, agreement, changed, faults
from trucewatch.agreement import Agreement, load
from trucewatch.agreement.describing import describe, lines
from trucewatch.agreement.noticing import notices

BUNDLED = Path(__file__).parents[2] / "src" / "trucewatch" / "data" / "agreements"
ACTS = "    acts: [fire]\n"
TZ = "timezone: Asia/Baku\n"


def noted(text: str) -> str:
    """The notes of a text, in one line."""
    return " ".join(str(n) for n in notices(agreement(text)))


def shown(text: str, lang: str = "en") -> str:
    """What `agreement show` prints of a text."""
    return "\n".join(lines(describe(agreement(text), lang)))


def excepting(keys: str, text: str = BASE) -> str:
    """The small agreement with one exception of its term."""
    return changed(ACTS, f"{ACTS}    except: [{{id: self, {keys}}}]\n", text)


def test_an_exception_of_words_alone_holds_for_nothing_by_itself() -> None:
    text = excepting("text: {en: answers to attacks}")
    assert "'self' of the term '1' has words alone, so it holds for nothing by itself: people decide by grant" in (
        noted(text)
    )
    assert "answers to attacks (people decide)" in shown(text)
    assert "holds by itself" not in shown(text)


def test_an_exception_to_the_whole_text_is_noted_once() -> None:
    text = BASE + '  - {id: "2", kind: prohibition, acts: [movement], binds: [norland]}\n'
    text = changed(TZ, TZ + "except: [{id: self, text: {en: answers}}]\n", text)
    assert noted(text).count("has words alone") == 1
    assert "of the term '1' and of 1 more has words alone" in noted(text)


@pytest.mark.parametrize("key", ["acts: [fire.small_arms]", "actors: [norland]", "until: 2020-11-01"])
def test_an_exception_that_says_what_it_lets_pass_holds_by_itself(key: str) -> None:
    text = excepting(f"text: {{en: guards}}, {key}")
    assert "by itself: people" not in noted(text)
    assert "(holds by itself)" in shown(text)


def test_a_number_of_weapons_in_an_exception_is_told_and_left_to_people() -> None:
    text = excepting("weapons: [{class: small_arms, max: 5}, {class: mortar}]")
    assert "with rifles, pistols and light machine guns: at most 5; mortars" in shown(text)
    assert "allows at most 5: numbers are for people to count" in noted(text)


BARE = changed("2020-10-10T12:00:00+04:00", "2020-10-10")
HOURS = changed("{event: in_force}", "{event: in_force, plus: PT72H}", BARE)
DAY_NOTE = "'in_force', from which hours are counted, is known by its day only: taken at 00:00 of it"


def test_a_day_from_which_hours_are_counted_is_noted() -> None:
    assert DAY_NOTE in noted(HOURS)
    assert DAY_NOTE not in noted(changed("2020-10-10}", "2020-10-10T00:00:00+04:00}", HOURS))
    assert DAY_NOTE not in noted(changed("PT72H", "P3D", HOURS))
    assert DAY_NOTE not in noted(BARE)
    read = "readings: {events.in_force.at: [2020-10-10, 2020-10-10T18:00:00+04:00]}\n"
    assert DAY_NOTE not in noted(changed(TZ, TZ + read, HOURS))


def test_an_event_that_hours_later_follows_a_day_is_noted_too() -> None:
    events = "events: {signed: 2020-10-10, in_force: {at: {event: signed, plus: PT24H}}}"
    text = changed("events: {in_force: {at: 2020-10-10T12:00:00+04:00}}", events)
    assert DAY_NOTE.replace("in_force", "signed") in noted(text)


ZONE = TZ + "zones: [{id: strip, status: undefined}]\n"
KEPT_OUT = changed(TZ, ZONE, changed("kind: prohibition\n", "kind: exclusion_zone\n    excludes: [forces]\n"))


def test_an_exclusion_zone_needs_a_zone() -> None:
    assert faults(changed(ACTS, ACTS + "    where: {zone: strip, of: presence}\n", KEPT_OUT)) == []
    for where, row in (("    where: {zone: null, of: presence}\n", 14), ("", 10)):
        (fault,) = faults(changed(ACTS, ACTS + where, KEPT_OUT))
        assert "the exclusion zone '1' names no zone" in fault.message
        assert "status: undefined" in fault.remedy
        assert fault.row == row
    read = "    where: {zone: strip}\n    readings: {where.zone: [strip, null]}\n"
    (fault,) = faults(changed(ACTS, ACTS + read, KEPT_OUT))
    assert "under the reading" in fault.message


def test_a_zone_of_the_whole_text_is_one() -> None:
    assert faults(changed("terms:\n", "where: {zone: strip}\nterms:\n", KEPT_OUT)) == []


LASTING = changed(TZ, TZ + "duration: {until: 2020-12-31}\n")


def test_the_end_of_the_whole_text_is_told_and_is_that_of_its_terms() -> None:
    words = shown(LASTING)
    assert "Until (the whole text): 2021-01-01 00:00 +04:00" in words
    assert "      Until: 2021-01-01 00:00 +04:00" in words
    assert "another takes its place" not in words
    assert "another takes its place" in shown(BASE)
    assert "весь текст" in shown(LASTING, "ru")


def test_a_text_that_renews_itself_says_so() -> None:
    text = changed(TZ, TZ + "duration: {for: P6M, renews: {every: P3M, unless_notice: P1M}}\n")
    assert "Lasts (the whole text): 6 mo; renews itself for 3 mo each time; unless notice: 1 mo" in shown(text)
    assert "another takes its place" not in shown(text)
    own = changed("    acts: [fire]\n", "    acts: [fire]\n    until: 2020-11-01\n", text)
    assert "      Until: 2020-11-02 00:00 +04:00" in shown(own)


SIDES = TZ + "zones: [{id: line, line: [{lat: 40, lon: 46}, {lat: 41, lon: 46}], sides: SIDES}]\n"


def test_two_parties_on_the_same_side_are_noted() -> None:
    same = changed(TZ, SIDES.replace("SIDES", "{norland: left, sudland: left}"))
    apart = changed(TZ, SIDES.replace("SIDES", "{norland: left, sudland: right}"))
    assert "norland and sudland stand on the same side (left) of the zone 'line'" in noted(same)
    assert "same side" not in noted(apart)


def test_zones_half_the_earth_apart_are_noted() -> None:
    circle = "{id: ID, circle: {lat: LAT, lon: LON, radius_km: 5}}"
    near = circle.replace("ID", "a").replace("LAT", "40").replace("LON", "46")
    turned = circle.replace("ID", "b").replace("LAT", "10").replace("LON", "40")
    beside = circle.replace("ID", "b").replace("LAT", "40").replace("LON", "47")
    assert "'a' and 'b' lie 3,3" in noted(changed(TZ, f"{TZ}zones: [{near}, {turned}]\n"))
    assert "exchanged" not in noted(changed(TZ, f"{TZ}zones: [{near}, {beside}]\n"))


@pytest.mark.parametrize(
    "keys", ["except: [{id: a, acts: [fire], where: {zone: strip}}]", "baseline: {zone: strip}", "to: {zone: strip}"]
)
def test_an_undefined_zone_is_noted_wherever_a_term_uses_it(keys: str) -> None:
    unused = changed(TZ, ZONE)
    assert "'strip' is undefined" not in noted(unused)
    assert "'strip' is undefined" in noted(changed(ACTS, f"{ACTS}    {keys}\n", unused))


def test_nobody_answers_for_himself() -> None:
    (fault,) = faults(changed("{id: norland, role: party", "{id: norland, answers_for: norland, role: party"))
    assert (fault.row, "'norland' answers for itself" in fault.message) == (4, True)


@pytest.mark.parametrize(
    ("written", "instead"),
    [("29/08/2025", "2025-08-29"), ("29.8.2025", "2025-08-29"), ("03/04/2025", "YYYY-MM-DD"),
     ("2025-02-30", "YYYY-MM-DD"), ("August", "YYYY-MM-DD")],
)  # fmt: skip
def test_a_date_of_the_text_is_a_day_of_the_calendar(written: str, instead: str) -> None:
    (fault,) = faults(f"date: {written}\n{BASE}")
    assert (fault.row, f"Write {instead}" in fault.remedy) == (1, True)


@pytest.mark.parametrize("written", ["2025-08-29", "2025-08", "2025"])
def test_a_text_known_by_its_month_or_year_alone_is_read(written: str) -> None:
    assert faults(f"date: {written}\n{BASE}") == []


def test_a_body_reports_to_somebody_of_the_file() -> None:
    def reporting(to: str) -> str:
        return f"{BASE}mechanism: {{id: jc, members: [norland], reports: {{to: [{to}]}}}}\n"

    (fault,) = faults(reporting("norlnad"))
    assert (fault.row, fault.remedy) == (14, "Did you mean 'norland'?")
    for to in ("norland", "jc", "the Security Council"):
        assert faults(reporting(to)) == []


@pytest.mark.parametrize(
    ("text", "row", "words", "remedy"),
    [
        ("id: a\nterms:\n\t- x\n", 3, "a tab is no indentation", "Use spaces"),
        ("id: a\n\tb: 1\n", 2, "a tab is no indentation", "Use spaces"),
        ("title: {en: Truce: part one}\n", 1, "a value holds a colon", "Quote the value"),
        ("title: Truce: part one\n", 1, "a value holds a colon", "Quote the value"),
        ("title: Truce\n  part: one\n", 2, "a key stands where none can stand", "indented"),
    ],
)
def test_slips_of_yaml_are_told_without_the_words_of_its_parser(text: str, row: int, words: str, remedy: str) -> None:
    (fault,) = faults(text)
    assert fault.row == row
    assert words in fault.message
    assert remedy in fault.remedy


def test_many_aliases_are_told_once() -> None:
    (fault,) = faults("a: &a [x, x]\nb: [*a, *a]\nc: [*a]\n")
    assert fault.row == 2
    assert "nor 2 more of them" in fault.message


def test_times_the_wrong_way_round_are_told_with_both() -> None:
    (fault,) = faults(changed("    from: {event: in_force}\n", "    from: 2020-11-10\n    by: 2020-11-01\n"))
    assert fault.message.endswith("is due before it begins: by 2020-11-02 00:00 +04:00, from 2020-11-10 00:00 +04:00")
    text = changed("{at: 2020-10-10T12:00:00+04:00}", "{at: null}")
    (fault,) = faults(changed("plus: P2D}\n", "plus: P2D}\n    by: {event: in_force, plus: P1D}\n", changed(
        "{event: in_force}", "{event: in_force, plus: P2D}", text)))  # fmt: skip
    assert fault.message.endswith("by in_force + P1D, from in_force + P2D")


@pytest.fixture(scope="module", params=sorted(BUNDLED.glob("*.yaml"), key=str), ids=lambda p: p.stem)
def bundled(request: pytest.FixtureRequest) -> Agreement:
    """Each bundled agreement."""
    return load(request.param)


def test_no_bundled_text_has_such_a_slip(bundled: Agreement) -> None:
    told = " ".join(str(n) for n in notices(bundled))
    for slip in ("words alone, so", "same side", "exchanged"):
        assert slip not in told
