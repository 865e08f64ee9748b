"""Places by name: every side's names, any spelling, and no silent pick between two places."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from trucewatch.intake.gazetteer.resolve import NEAR_KM, Resolver


def place(name: str, lat: float, lon: float, others: str = "", **more: Any) -> dict[str, Any]:
    return {"geonameid": name, "name": name, "latitude": lat, "longitude": lon, "alternatenames": others, **more}


PLACES = [
    place("Aghdara / Martakert", 40.21, 46.81, "Aghdara|Martakert|Ağdərə|Мартакерт|Մարտակերտ", radius_km=3.0),
    place("Khankendi", 39.82, 46.76, "Stepanakert|Xankəndi|Степанакерт|Ստեփանակերտ", population=55_000),
    place("Martuni", 39.79, 47.11, "Khojavend|Xocavənd", population=5_700),
    place("Martuni", 40.14, 45.31, "Մարտունի", population=12_000),
    place("Yuxarı Əskipara", 41.07, 45.02, "Verin Voskepar", radius_km=1.0),
    place("Aşağı Əskipara", 41.06, 45.06, "Voskepar|Askipara", radius_km=1.0),
    place("Verin Askipara", 41.07, 45.02, "Askipara", radius_km=1.0),
    place("Hill", 39.0, 46.0),
]
RESOLVER = Resolver(PLACES)
SPELLINGS = (
    "Martakert", "MARTAKERT", "Aghdara", "Ağdərə", "Agdere", "ağdərə ", "Мартакерт", "Մարտակերտ",
    "Martakert / Aghdara", "Aghdara (Martakert)", "Aghdara or Martakert", "the town of Martakert", "Martakert town",
    "город Мартакерт",
)  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_place_is_found_by_any_of_its_names_in_any_spelling(name: str) -> None:
    found = RESOLVER.resolve(name)
    assert (found.lat, found.lon, found.radius_km) == (40.21, 46.81, 3.0)


def test_a_name_is_read_in_another_script_where_no_row_has_it() -> None:
    resolver = Resolver([place("Talish", 40.38, 46.75)])
    assert resolver.resolve("Талиш").lat == 40.38
    assert resolver.resolve("Թալիշ").lat == 40.38


def test_an_exact_name_goes_before_one_read_in_another_script() -> None:
    resolver = Resolver([place("Talis", 40.0, 46.0), place("Талис", 41.0, 47.0)])
    assert resolver.resolve("Талис").lat == 41.0
    assert resolver.resolve("Talis").lat == 40.0


def test_one_name_of_two_places_far_apart_is_no_place_and_says_so() -> None:
    found = RESOLVER.resolve("Martuni")
    assert (found.lat, found.lon, found.radius_km) == (None, None, None)
    assert "2 places are called 'Martuni'" in str(found.note)


@pytest.mark.parametrize("name", ["Martuni / Khojavend", "Khojavend (Martuni)"])
def test_two_names_together_tell_which_place_is_meant(name: str) -> None:
    assert RESOLVER.resolve(name).lon == 47.11


def test_one_name_of_two_places_near_each_other_is_a_circle_that_holds_both() -> None:
    found = RESOLVER.resolve("Askipara")
    assert found.radius_km is not None
    assert 2.0 < found.radius_km < 4.0
    assert "2 places near each other" in str(found.note)
    for row in PLACES[5:7]:
        assert _km(found.lat, found.lon, row["latitude"], row["longitude"]) + row["radius_km"] <= found.radius_km + 0.01


def _km(lat: Any, lon: Any, lat2: float, lon2: float) -> float:
    x = math.radians(lon2 - lon) * math.cos(math.radians((lat + lat2) / 2))
    return 6371.0088 * math.hypot(x, math.radians(lat2 - lat))


def test_unknown_names_are_no_place_and_say_so() -> None:
    for name in ("Nowhere", "", "???", "district", "south-eastern direction"):
        found = RESOLVER.resolve(name)
        assert found.lat is None
        assert found.note


@pytest.mark.parametrize(
    ("name", "least"), [("near Martakert", 8.0), ("Martakert district", 25.0), ("Мартакертский район", None)]
)
def test_words_beside_a_name_widen_the_circle(name: str, least: float | None) -> None:
    found = RESOLVER.resolve(name)
    assert found.radius_km == least


def test_a_town_is_as_wide_as_its_people_make_it_and_an_unknown_one_three_kilometres() -> None:
    assert RESOLVER.resolve("Stepanakert").radius_km == pytest.approx(3.92, abs=0.01)
    assert RESOLVER.resolve("Hill").radius_km == 3.0


def test_the_order_of_rows_changes_no_answer() -> None:
    names = ("Martuni", "Askipara", "Stepanakert", "Martakert")
    expected = [(f.lat, f.lon, f.radius_km) for f in map(RESOLVER.resolve, names)]
    for seed in range(20):
        other = Resolver(random.Random(seed).sample(PLACES, len(PLACES)))
        assert [(f.lat, f.lon, f.radius_km) for f in map(other.resolve, names)] == expected


def test_candidates_are_near_up_to_a_limit() -> None:
    for km, there in ((NEAR_KM - 4, True), (NEAR_KM + 4, False)):
        apart = 2 * (km - 1) / 111.2
        resolver = Resolver(
            [place("Twin", 40.0, 46.0, radius_km=1.0), place("Twin", 40.0 + apart, 46.0, radius_km=1.0)]
        )
        assert (resolver.resolve("Twin").lat is not None) is there
