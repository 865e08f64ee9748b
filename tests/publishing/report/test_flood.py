"""A bulletin that tells of many events is one statement: the summary says so, by one rule for every source."""

from __future__ import annotations

from typing import Any

import pytest

from trucewatch.publishing.locale import Catalogue
from trucewatch.publishing.report.day import Incident
from trucewatch.publishing.report.summary import statements, told_alone


def _incident(number: int, *told: tuple[str, int], withheld: int = 0) -> Incident:
    claims: list[dict[str, Any]] = [
        {"source": source, "published": at, "stance": "alleges", "relation": "supports"} for source, at in told
    ]
    return Incident(f"I{number}", number, {}, {}, claims=claims, withheld=withheld)


def test_many_incidents_of_one_bulletin_are_one_statement() -> None:
    day = [_incident(k, ("ministry", 7)) for k in range(200)] + [_incident(200, ("ministry", 9), ("monitors", 8))]
    assert len(statements(day)) == 3
    assert told_alone(day) == [("ministry", 200)]


def test_what_a_second_or_withheld_voice_tells_too_is_not_told_by_one_alone() -> None:
    assert (
        told_alone([_incident(1, ("a", 7)), _incident(2, ("a", 7), ("b", 7)), _incident(3, ("a", 7), withheld=1)]) == []
    )


def test_each_source_is_named_by_the_same_rule() -> None:
    day = [_incident(k, ("a" if k % 2 else "b", 7 + k % 2)) for k in range(8)]
    assert told_alone(day) == [("b", 4), ("a", 4)]


ACCUSED = {"ru": "обвин", "uk": "звинувач", "az": "ittiham", "hy": "մեղադր", "ar": "متهم"}


@pytest.mark.parametrize("lang", ACCUSED)
def test_the_heading_between_two_names_charges_nobody(lang: str) -> None:
    for key in ("summary.against", "summary.chart", "column.accused"):
        assert ACCUSED[lang] not in Catalogue(lang).plain(key).lower()


def test_fire_of_artillery_is_called_fire_in_arabic() -> None:
    assert "نيران" in Catalogue("ar").plain("act.fire.artillery")
