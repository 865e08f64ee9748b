"""Weapon rules of a withdrawal: width between the sides against each side's distance, and which rule wins."""

from __future__ import annotations

import math

import pytest

from tests.agreement.texts import BASE, agreement
from trucewatch.agreement import Term
from trucewatch.agreement.fields import calibre_bounds
from trucewatch.judging.scope import required_km
from trucewatch.taxonomy import taxonomy


def withdrawal(rules: str, more: str = "") -> Term:
    """A withdrawal with those weapon rules."""
    text = BASE + f'  - {{id: "2", kind: withdrawal, binds: [norland], weapons: {rules}{more}}}\n'
    return agreement(text).terms[1]


def required(term: Term, word: str) -> tuple[float, float]:
    """Least and greatest distance that a weapon may have to keep, km."""
    weapon = taxonomy().weapon(word)
    assert weapon is not None
    return required_km(term, weapon.weapon_class, weapon)


def test_a_width_between_the_sides_is_half_of_it_for_each() -> None:
    assert required(withdrawal("[{class: artillery, zone_width_km: 50}]"), "D-30") == (25, 25)


def test_a_distance_is_each_sides_own() -> None:
    assert required(withdrawal("[{class: artillery, distance_km: 15}]"), "D-30") == (15, 15)


def test_the_width_of_the_whole_term_holds_where_a_rule_has_none() -> None:
    assert required(withdrawal("[{class: artillery}]", ", zone_width_km: 30"), "D-30") == (15, 15)


def test_a_model_wins_over_its_class_wherever_it_stands() -> None:
    for rules in ("[{class: mlrs, distance_km: 35}, {models: Smerch, distance_km: 70}]",
                  "[{models: Smerch, distance_km: 70}, {class: mlrs, distance_km: 35}]"):  # fmt: skip
        assert required(withdrawal(rules), "Smerch") == (70, 70)
        assert required(withdrawal(rules), "BM-21") == (35, 35)


def test_a_launcher_of_unknown_model_may_be_the_one_that_must_stand_farther() -> None:
    rules = "[{models: Smerch, distance_km: 70}, {class: mlrs, distance_km: 35}]"
    assert required(withdrawal(rules), "mlrs") == (35, 70)


@pytest.mark.parametrize(("rule", "hundred"), [(">100", 0.0), (">=100", 15.0)])
def test_over_100_mm_and_100_mm_and_more_differ_for_a_gun_of_100_mm(rule: str, hundred: float) -> None:
    term = withdrawal(f'[{{calibre_mm: "{rule}", distance_km: 15}}]')
    assert required(term, "MT-12") == (hundred, hundred)
    assert required(term, "D-30") == (15, 15)
    assert required(term, "mortar.82mm") == (0, 0)


def test_a_gun_of_unknown_calibre_may_or_may_not_fall_under_a_rule() -> None:
    assert required(withdrawal('[{calibre_mm: ">100", distance_km: 15}]'), "artillery") == (0, 15)


def test_greatest_range_is_that_of_the_weapon_and_unknown_where_it_is() -> None:
    term = withdrawal("[{class: artillery, distance: max_range}]")
    assert required(term, "D-30")[0] == pytest.approx(15.4)
    assert required(term, "artillery") == (0.0, math.inf)


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [("100", [100], [99.9, 100.1]), (">100", [100.1, 300], [100]), (">=100", [100, 152], [99]), ("<60", [59], [60]),
     ("60..120", [60, 82, 120], [59.9, 120.1]), ("<=30", [30], [31])],
)  # fmt: skip
def test_a_rule_for_calibres_means_what_it_says(rule: str, inside: list[float], outside: list[float]) -> None:
    term = withdrawal(f'[{{calibre_mm: "{rule}", distance_km: 1}}]')
    (weapons,) = term.weapons
    assert weapons.calibre == calibre_bounds(rule)
    assert all(weapons.matches("artillery", mm, None) is True for mm in inside)
    assert all(weapons.matches("artillery", mm, None) is False for mm in outside)


def test_a_howitzer_of_122_mm_may_be_a_model_of_that_calibre_and_no_other() -> None:
    term = withdrawal("[{models: [D-30, Smerch], distance_km: 16}]")
    assert required(term, "artillery.122mm") == (0, 16)
    assert required(term, "artillery.152mm") == (0, 0)
    assert required(term, "mortar.82mm") == (0, 0)
    assert required(term, "mlrs") == (0, 16)
