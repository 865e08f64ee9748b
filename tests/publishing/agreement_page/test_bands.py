"""Distances for weapons: how far, for whom, from where, and what lies within."""

from __future__ import annotations

import pytest
from pyproj import Geod
from shapely.geometry import Point

from tests.publishing.agreement_page.texts import term, valley
from trucewatch.agreement import load
from trucewatch.mission.folder import bundled_agreements
from trucewatch.publishing.agreement_page.bands import bands, used_by

_EARTH = Geod(ellps="WGS84")


def east_of(lon: float, lat: float, km: float) -> Point:
    """The point so many km to the east (negative: west)."""
    x, y, _ = _EARTH.fwd(lon, lat, 90.0, 1000 * km)
    return Point(x, y)


def test_minsk_asks_15_km_of_each_side_under_each_reading() -> None:
    agreement = load(bundled_agreements()["donbas-2014-09-19"])
    found = [b for b in bands(agreement, term(agreement, "4")) if b.km == 15 and not b.rule.models]
    assert {b.actor for b in found} == {"ukraine", "cadlr"}
    assert {b.rule.zone_width_km for b in found} == {None}


def test_the_width_of_50_km_is_25_km_for_each_side_from_a_line_of_its_own() -> None:
    agreement = load(bundled_agreements()["donbas-2015-02-12"])
    found = bands(agreement, term(agreement, "2"))
    guns = {(b.actor, b.line.id if b.line else None, b.km) for b in found if b.rule.zone_width_km == 50}
    assert guns == {("ukraine", "line-actual", 25.0), ("cadlr", "line-2014-09-19", 25.0)}
    assert [b.actor for b in found if b.drawable] == ["ukraine"] * 4  # the other line has no shape


@pytest.mark.parametrize(("km", "inside"), [(14.9, True), (15.1, False), (-14.9, True), (-15.1, False)])
def test_what_lies_within_15_km_of_the_line_lies_in_its_band_on_either_side(km: float, inside: bool) -> None:
    agreement = valley()
    gun = next(b for b in bands(agreement, term(agreement, "2")) if b.km == 15)
    assert gun.area().contains(east_of(21.0, 39.5, km)) is inside


def test_an_own_side_is_left_or_right_of_the_direction_of_the_line() -> None:
    agreement = valley()  # the line runs north, so that its left is the west
    own = {b.actor: b.own() for b in bands(agreement, term(agreement, "2")) if b.km == 15}
    assert own["arden"].contains(east_of(21.0, 39.5, -5))
    assert not own["arden"].contains(east_of(21.0, 39.5, 5))
    assert own["brevia"].contains(east_of(21.0, 39.5, 5))


def test_a_rule_that_every_reading_has_stands_once_and_the_others_name_their_reading() -> None:
    agreement = valley()
    mine = [b for b in bands(agreement, term(agreement, "2")) if b.actor == "arden"]
    assert [(b.km, b.readings) for b in mine] == [
        (35.0, ()), (15.0, ("calibre_mm=>100",)), (15.0, ("calibre_mm=>=100",)),
    ]  # fmt: skip


def test_a_term_uses_the_zones_from_which_its_own_is_built() -> None:
    used = used_by(valley())
    assert used["line"] == ["1", "2", "5"]
    assert used["town"] == ["1"]
    assert used["road"] == ["4"]
    assert used["port"] == ["3"]
