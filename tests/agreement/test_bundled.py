"""The agreements that came with the program: they load, say when and who, quote only where they may, and mirror."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from trucewatch.agreement import Agreement, load
from trucewatch.mission.folder import bundled_agreements
from trucewatch.model.times import format_instant

BUNDLED = bundled_agreements()
KARABAKH = ("nk-2020-10-10", "nk-2020-10-17", "nk-2020-10-25", "nk-2020-11-10")
DONBAS = ("donbas-2014-09-19", "donbas-2015-02-12", "donbas-2020-07-22")
# Pages of a party, a mediator or a body of the UN: words may be quoted from them (data/agreements/PROVENANCE.md).
OFFICIAL = {"www.primeminister.am", "franceintheus.org", "osesgy.unmissions.org", "reliefweb.int", "www.nato.int"}


def one(name: str) -> Agreement:
    """A bundled agreement."""
    return load(BUNDLED[name])


def test_every_text_of_the_bundled_cases_is_there() -> None:
    assert {*KARABAKH, *DONBAS, "georgia-2008-08-12"} <= set(BUNDLED)


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_it_loads_under_its_own_name_and_tells_its_page(name: str) -> None:
    agreement = one(name)
    assert agreement.id == name
    assert agreement.links
    assert all(urlsplit(link).scheme in {"http", "https"} for link in agreement.links)


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_every_term_has_a_summary_of_ours_and_words_only_from_official_pages(name: str) -> None:
    for term in one(name).terms:
        assert term.texts["en"].summary, term.id
        for text in term.texts.values():
            if text.words is not None:
                assert urlsplit(str(text.source)).hostname in OFFICIAL, (term.id, text.source)


IN_FORCE = {
    "nk-2020-10-10": "2020-10-10T08:00:00Z",  # 12:00 in Yerevan and Baku
    "nk-2020-10-17": "2020-10-17T20:00:00Z",  # 00:00 there, the next day
    "nk-2020-10-25": "2020-10-26T04:00:00Z",  # 08:00 there, 00:00 in Washington
    "nk-2020-11-10": "2020-11-09T21:00:00Z",  # 00:00 in Moscow
    "donbas-2015-02-12": "2015-02-14T22:00:00Z",  # 00:00 in Kyiv, winter
    "donbas-2020-07-22": "2020-07-26T21:01:00Z",  # 00:01 in Kyiv, summer
}


@pytest.mark.parametrize("name", IN_FORCE)
def test_it_is_in_force_from_the_hour_of_its_text(name: str) -> None:
    at = one(name).in_force
    assert at is not None
    assert format_instant(at) == IN_FORCE[name]


@pytest.mark.parametrize("chain", [KARABAKH, DONBAS])
def test_a_chain_has_its_parties_in_one_order(chain: tuple[str, ...]) -> None:
    assert len({tuple(p.id for p in one(name).parties) for name in chain}) == 1


@pytest.mark.parametrize("name", KARABAKH)
def test_forces_that_signed_nothing_are_an_actor_of_their_own_and_who_answers_is_a_reading(name: str) -> None:
    agreement = one(name)
    forces = agreement.actor("nk_forces")
    assert forces is not None
    assert (forces.role, forces.answers_for) == ("not_covered", None)
    assert not [t.id for t in agreement.terms if "nk_forces" in t.binds]
    assert [answers.get("nk_forces") for _, answers in agreement.answer_readings] == ["armenia", None]


def test_the_statement_of_10_october_names_no_line_and_no_movement() -> None:
    agreement = one("nk-2020-10-10")
    assert not agreement.zones
    acts = {a for t in agreement.terms for a in t.acts}
    assert acts == {"fire", "detention.not_released"}
    assert {t.where.zone for t in agreement.terms} == {None}


def test_each_truce_of_the_chain_ends_the_one_before() -> None:
    assert all(not one(name).beside for name in KARABAKH)


def test_the_package_of_2015_stands_beside_the_memorandum_that_it_carries_out() -> None:
    assert one("donbas-2015-02-12").beside == {"donbas-2014-09-19"}


def test_the_memorandum_sets_a_distance_and_the_package_a_width() -> None:
    memorandum, package = one("donbas-2014-09-19").term("4"), one("donbas-2015-02-12").term("2")
    assert memorandum is not None
    assert package is not None
    assert memorandum.weapons[-1].distance_km == 15.0
    assert [rule.distance_km for rule in package.weapons] == [70.0, 35.0, 25.0]


def test_each_side_has_its_own_line_and_what_is_known_of_it_is_said() -> None:
    package = one("donbas-2015-02-12")
    term = package.term("2")
    assert term is not None
    assert term.from_zone == {"ukraine": "line-actual", "cadlr": "line-2014-09-19"}
    actual, of_2014 = package.zones["line-actual"], package.zones["line-2014-09-19"]
    assert (actual.status, actual.uncertainty_km) == ("provisional", 5.0)
    assert (of_2014.status, of_2014.geometry) == ("undefined", None)


def test_fire_back_in_2020_is_for_people_to_grant() -> None:
    term = one("donbas-2020-07-22").term("2")
    assert term is not None
    (exception,) = term.excepts
    assert not exception.by_itself
    assert len(exception.requires) == 3


@pytest.mark.parametrize("name", sorted(BUNDLED))
def test_with_the_parties_exchanged_it_is_the_same_text_about_the_other(name: str, tmp_path: Path) -> None:
    import yaml

    from trucewatch.mission.mirroring import Exchange

    agreement = one(name)
    if len(agreement.parties) < 2:
        pytest.skip("one party alone limits itself towards a mission: nobody to exchange it with")
    a, b = (p.id for p in agreement.parties[:2])
    exchange = Exchange(a, b, [agreement])
    raw = yaml.load(BUNDLED[name].read_text("utf-8"), Loader=yaml.BaseLoader)
    twice = exchange.document(exchange.document(raw))
    assert twice == raw
    if (zones := BUNDLED[name].parent / "zones").is_dir():
        (tmp_path / "zones").symlink_to(zones)
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump(_nulls(exchange.document(raw)), allow_unicode=True, sort_keys=False), "utf-8")
    mirror = load(path)
    assert [x.id for x in mirror.actors] == [x.id for x in agreement.actors]
    for one_term, other in zip(agreement.terms, mirror.terms, strict=True):
        assert [exchange.actor(x) for x in one_term.binds] == list(other.binds)
        assert {exchange.actor(k): v for k, v in one_term.from_zone.items()} == dict(other.from_zone)
        assert one_term.weapons == other.weapons
        assert [label for label, _ in one_term.alternatives] == [label for label, _ in other.alternatives]
    assert [{k: exchange.actor(v) for k, v in answers.items()} for _, answers in agreement.answer_readings] == [
        dict(answers) for _, answers in mirror.answer_readings
    ]


def test_what_a_duty_is_tested_by_names_the_other_side_in_the_mirror() -> None:
    from trucewatch.mission.mirroring import Exchange

    exchange = Exchange("armenia", "azerbaijan", [one("nk-2020-11-10")])
    assert exchange.tested("controls(azerbaijan, aghdam)") == "controls(armenia, aghdam)"
    assert exchange.tested("present(armenia, line)") == "present(azerbaijan, line)"
    assert exchange.tested("by_decision") == "by_decision"


def _nulls(value: object) -> object:
    if isinstance(value, dict):
        return {k: _nulls(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_nulls(v) for v in value]
    return None if value == "null" else value
