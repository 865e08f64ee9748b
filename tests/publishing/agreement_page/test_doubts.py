"""What a lawyer is asked to look at: each slip of encoding is told once, and a clean text gives nothing of it."""

from __future__ import annotations

import pytest

from tests.publishing.agreement_page.texts import doubted, valley

CLEAN = {
    "one_sided": ["3"],
    "undefined": ["3"],
}  # a duty of one side at a port that nobody drew


def test_a_clean_text_is_asked_nothing_but_what_the_text_itself_has() -> None:
    assert doubted(valley()) == CLEAN


@pytest.mark.parametrize(
    ("old", "new", "key", "terms"),
    [
        ("from_zone: line", "from_zone: {arden: line}", "no_line", ["2"]),
        ("from_zone: line", "from_zone: {arden: line, brevia: port}", "line_undefined", ["2"]),
        ("from_zone: line", "from_zone: {arden: line, brevia: road}", "two_lines", ["2"]),
        ("distance_km: 15", "distance_km: 0.8", "blurred", ["2"]),
        ("where: {zone: rest, of: impact}", "where: {zone: port, of: impact}", "undefined", ["1", "3"]),
        ("set_by: brevia", "text: {en: Some day}", "waits", ["3"]),
        ("where: {zone: strip, of: presence}", "except: [{id: x}]", "excepted", ["5"]),
        ("where: {zone: strip, of: presence}", "where: {zone: belt}", "unused", [None]),
        ("{lat: 39.5, lon: 21.02, radius_km: 1}", "{lat: 21.02, lon: 39.5, radius_km: 1}", "far", [None]),
    ],
)
def test_a_slip_of_encoding_is_told(old: str, new: str, key: str, terms: list[str | None]) -> None:
    assert doubted(valley((old, new)))[key] == terms


def test_a_distance_from_the_wrong_line_touches_no_area_of_the_text() -> None:
    elsewhere = "  - {id: other, line: [{lat: 39.0, lon: 24.0}, {lat: 40.0, lon: 24.0}]}\n"
    found = valley(("zones:\n", "zones:\n" + elsewhere), ("from_zone: line", "from_zone: other"))
    assert doubted(found)["band_outside"] == ["2", "2"]


def test_a_distance_that_lies_outside_of_where_its_term_holds_is_told() -> None:
    far = "  - {id: bay, circle: {lat: 39.5, lon: 24.0, radius_km: 5}}\n"
    found = valley(("zones:\n", "zones:\n" + far), ("from_zone: line", "from_zone: line\n    where: {zone: bay}"))
    assert doubted(found)["band_elsewhere"] == ["2", "2"]


def test_a_freeze_that_does_not_know_whose_side_is_which_is_told() -> None:
    frozen = ("where: {zone: strip, of: presence}", "baseline: {at: in_force, zone: road}")
    agreement = valley(('"5", kind: prohibition', '"5", kind: freeze'), frozen)
    assert doubted(agreement)["sides"] == ["5"]


def test_a_term_that_begins_when_the_agreement_has_ended_is_never_in_force() -> None:
    ends = ("timezone: Europe/Athens", "timezone: Europe/Athens\nduration: {until: 2024-07-01}")
    late = ("where: {zone: strip, of: presence}", "where: {zone: strip}, from: 2024-08-01")
    assert doubted(valley(ends, late))["after_the_end"] == ["5"]
    assert "after_the_end" not in doubted(valley(ends))


def test_a_deadline_before_an_actor_is_bound_is_told() -> None:
    accepted = (
        "{id: brevia, role: party, names: {en: Brevia}}",
        "{id: brevia, role: party, names: {en: Brevia}, accepted: 2024-06-20}",
    )
    assert doubted(valley(accepted))["bound_late"] == ["2", "2"]


def test_a_term_that_waits_for_another_one_that_is_due_too_late_is_told() -> None:
    short = (
        "where: {zone: strip, of: presence}",
        'where: {zone: strip}, until: 2024-06-10, after: [{term: "2", status: complete}]',
    )
    assert doubted(valley(short))["after_due"] == ["5"]
