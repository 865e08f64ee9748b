"""What the standard codes promise to linking, weighing and judging."""

from __future__ import annotations

import pytest

from trucewatch.model.vocabulary import MEANS
from trucewatch.taxonomy import taxonomy

DESIGN_ACTS = [
    "fire",
    "fire.small_arms",
    "fire.heavy_mg",
    "fire.grenade_launcher",
    "fire.mortar",
    "fire.artillery",
    "fire.mlrs",
    "fire.tank",
    "fire.atgm",
    "fire.missile",
    "fire.air_strike",
    "fire.uav_strike",
    "fire.explosion_undetermined",
    "burning",
    "movement",
    "movement.advance",
    "movement.position",
    "movement.weapons_in_zone",
    "movement.overflight",
    "movement.uav_flight",
    "mines",
    "detention",
    "harm_to_civilians",
    "protected_object",
    "access_denied",
    "obstruction_of_monitors",
    "humanitarian_access",
    "obligation_unmet",
]


@pytest.mark.parametrize("code", DESIGN_ACTS)
def test_every_code_of_the_contract_is_there(code: str) -> None:
    assert taxonomy().is_act(code)


TEXTS_NEED = [
    "offensive_operation", "reconnaissance", "reconnaissance.spying", "sabotage", "movement.massing",
    "movement.reinforcement", "recruitment", "recruitment.children", "resupply", "resupply.arms_production",
    "resupply.arms_import", "fortification", "fortification.obstacle", "mines.lay", "mines.not_cleared",
    "weapons.moved_from_storage", "movement.checkpoint", "display_of_force", "harbouring", "detention.hostage",
    "detention.kidnapping", "detention.execution", "detention.torture", "property_destruction", "looting",
    "looting.levy", "reprisal", "protected_object.launching", "protected_object.military_use",
    "humanitarian_access.aid_misuse", "propaganda", "propaganda.provocation", "obligation_unmet.order_contrary",
    "obligation_unmet.notification_missed", "detention.not_released", "access_denied.route_closed",
]  # fmt: skip


@pytest.mark.parametrize("code", TEXTS_NEED)
def test_every_act_that_real_texts_name_has_a_code_with_a_definition_and_a_source(code: str) -> None:
    act = taxonomy().acts[code]
    assert len(act.definition) > 20
    assert act.source
    assert act.means


def test_an_invented_code_is_no_act() -> None:
    assert not taxonomy().is_act("fire.laser")


def test_a_code_covers_itself_and_what_is_below_it_only() -> None:
    covers = taxonomy().covers
    assert covers("fire", "fire.mortar")
    assert covers("fire", "fire")
    assert not covers("fire.mortar", "fire")
    assert not covers("fire", "firefly")


def test_a_fire_satellite_perceives_burning_and_never_fire() -> None:
    acts = taxonomy().acts
    assert "satellite" in acts["burning"].means
    assert not any("satellite" in a.means for c, a in acts.items() if c.split(".")[0] == "fire")


def test_an_explosion_of_unknown_kind_can_be_heard() -> None:
    assert "heard" in taxonomy().acts["fire.explosion_undetermined"].means


def test_nobody_perceives_an_act_by_being_told_or_by_its_traces() -> None:
    for act in taxonomy().acts.values():
        assert act.means <= set(MEANS) - {"told", "aftermath", "forensic"}, act.code


def test_what_accompanies_an_act_is_accompanied_by_it_in_one_direction_at_least() -> None:
    acts = taxonomy().acts
    assert "fire" in acts["harm_to_civilians"].accompanies
    assert "fire" in acts["burning"].accompanies
    assert "fire" in acts["protected_object"].accompanies


def test_a_model_has_its_class_and_calibre() -> None:
    smerch = taxonomy().weapon("bm-30")
    assert smerch is not None
    assert (smerch.code, smerch.weapon_class, smerch.calibre_mm) == ("mlrs.smerch", "mlrs", 300)


def test_any_calibre_of_a_known_class_is_a_code() -> None:
    gun = taxonomy().weapon("artillery.130mm")
    assert gun is not None
    assert (gun.weapon_class, gun.calibre_mm, gun.max_range_km) == ("artillery", 130, None)


@pytest.mark.parametrize("words", ["", None, "heavy weapons", "laser.30mm", "artillery.0mm", "something big"])
def test_free_words_are_an_unknown_weapon(words: str | None) -> None:
    assert taxonomy().weapon(words) is None


def test_every_weapon_says_where_it_is_from() -> None:
    assert all(w.source for w in taxonomy().weapons.values())
