"""Bundled texts from Karabakh 1993 to Idlib 2018: which acts fall under which point, and what is left open.

Zones that the texts do not draw get an invented shape here: what is tested is how the text is read, not where it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from trucewatch.agreement import load
from trucewatch.mission.folder import bundled_agreements
from trucewatch.mission.trying import Tried, try_claims
from trucewatch.model.times import parse_instant

FILES = bundled_agreements()
COLUMNS = "claim_id,source,published,stance,act,start,lat,lon,radius_km,place_of,accused,weapon"


def tried(
    name: str, tmp_path: Path, claim: str, shapes: Mapping[str, str] | None = None, **events: str
) -> tuple[Tried, set[str], set[str]]:
    """One claim (act,start,lat,lon,radius_km,place_of,accused,weapon) held against a bundled text whose undefined zones
    have got shapes: the trial, and the terms under which it falls and may fall."""
    text = FILES[name].read_text("utf-8")
    for zone, shape in (shapes or {}).items():
        short, long = rf"\{{id: {zone}, status: undefined.*\n", rf"id: {zone}\n    status: undefined\n(?:    .*\n)+"
        text, n = re.subn(rf"  - (?:{short}|{long})", f"  - {{id: {zone}, {shape}}}\n", text)
        assert n == 1, zone
    file = tmp_path / f"{name}.yaml"
    file.write_text(text, "utf-8")
    claims = tmp_path / "claims.csv"
    start = claim.split(",")[1]
    claims.write_text(f"{COLUMNS}\nc,m,{start[:4]}-12-31T23:59:00Z,observes,{claim}\n", "utf-8")
    trial = try_claims(load(file), claims, events={k: parse_instant(v) for k, v in events.items()})
    assert not trial.faults
    (one,) = trial.claims
    return one, {f.term for f in one.falls}, {f.term for f in one.may}


def line(lon: float) -> str:
    """A line from south to north."""
    return f"line: [{{lat: 42.3, lon: {lon}}}, {{lat: 42.9, lon: {lon}}}]"


LINES = {"line-a": line(41.5), "line-b": line(41.7), "line-d": line(42.0), "line-e": line(42.2)}
MIDDLE, BESIDE = "42.6,41.85,0.5,presence", "42.6,41.6,0.5,presence"
SEEN = "movement.weapons_in_zone,1994-07-01T12:00:00+04:00"


@pytest.mark.parametrize("name", ["abkhazia-1994-05-14", "abkhazia-1994-05-14-b"])
def test_a_mortar_between_the_two_calibres_depends_on_the_edition_and_a_larger_one_does_not(
    name: str, tmp_path: Path
) -> None:
    restricted = "2(a)-restricted" if name == "abkhazia-1994-05-14" else "2(1)-restricted"
    _, falls, may = tried(name, tmp_path, f"{SEEN},{BESIDE},georgia,mortar.60mm", LINES)
    assert (falls, may) == (set(), {restricted})
    _, falls, may = tried(name, tmp_path, f"{SEEN},{BESIDE},abkhazia,mortar.120mm", LINES)
    assert (falls, may) == ({restricted}, set())


def test_rifles_may_not_be_in_the_security_zone_but_in_the_zone_of_restricted_weapons(tmp_path: Path) -> None:
    _, falls, _ = tried("abkhazia-1994-05-14-b", tmp_path, f"{SEEN},{MIDDLE},abkhazia,small_arms", LINES)
    assert falls == {"2(1)"}
    _, falls, may = tried("abkhazia-1994-05-14-b", tmp_path, f"{SEEN},{BESIDE},abkhazia,small_arms", LINES)
    assert not falls | may


HODEIDAH = {
    "city": "circle: {lat: 14.8, lon: 42.95, radius_km: 6}", "ports": "circle: {lat: 14.84, lon: 42.93, radius_km: 2}",
    "governorate": "circle: {lat: 14.8, lon: 43.1, radius_km: 60}",
}  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "falls", "may"),
    [
        ("fire.mortar,2019-01-02T12:00:00+03:00,14.8,42.95,0.5,impact,ansar_allah,", {"1"}, set()),
        ("fire.mortar,2018-12-15T12:00:00+03:00,14.8,42.95,0.5,impact,ansar_allah,", set(), {"1"}),
        ("movement.reinforcement,2019-01-02T12:00:00+03:00,14.8,42.95,0.5,presence,government_yemen,", {"3"}, set()),
        ("movement.position,2019-02-02T12:00:00+03:00,14.8,42.95,0.5,presence,government_yemen,", {"2"}, set()),
        ("display_of_force,2019-02-02T12:00:00+03:00,14.8,42.95,0.5,presence,ansar_allah,", {"4"}, set()),
        ("display_of_force,2019-02-02T12:00:00+03:00,14.8,43.2,0.5,presence,ansar_allah,", set(), set()),
        ("obstruction_of_monitors,2019-02-02T12:00:00+03:00,14.8,42.95,0.5,presence,ansar_allah,", {"10"}, set()),
    ],
)  # fmt: skip
def test_hodeidah_each_act_falls_under_its_paragraph_and_fire_before_18_december_depends_on_the_start(
    claim: str, falls: set[str], may: set[str], tmp_path: Path
) -> None:
    _, found, perhaps = tried("hodeidah-2018-12-13", tmp_path, claim, HODEIDAH)
    assert (found, perhaps) == (falls, may)


def test_the_ceasefire_of_sri_lanka_holds_from_the_day_that_the_minister_notified(tmp_path: Path) -> None:
    place = "9.6,80.0,1,impact"
    _, falls, may = tried("srilanka-2002-02-22", tmp_path, f"fire.mortar,2002-02-22T15:00:00+06:00,{place},gosl,")
    assert not falls | may
    _, falls, _ = tried("srilanka-2002-02-22", tmp_path, f"fire.mortar,2002-02-24T15:00:00+06:00,{place},ltte,")
    assert falls == {"1.2"}


@pytest.mark.parametrize(
    ("act", "falls"),
    [("fire", {"3"}), ("recruitment", {"3-recruits"}), ("reconnaissance.spying", {"3-spying"}), ("mines.lay", {"3"}),
     ("display_of_force", set()), ("propaganda.provocation", set())],
)  # fmt: skip
def test_nepal_2006_what_spreads_terror_or_provokes_is_for_people_and_the_rest_for_the_machine(
    act: str, falls: set[str], tmp_path: Path
) -> None:
    claim = f"{act},2006-06-01T12:00:00+05:45,28.0,84.0,1,presence,cpn_maoist,"
    _, found, may = tried("nepal-2006-05-25", tmp_path, claim)
    assert (found, may) == (falls, set())


def test_an_air_strike_of_the_coalition_is_answered_for_under_one_reading_only(tmp_path: Path) -> None:
    claim = "fire.air_strike,2022-04-10T12:00:00+03:00,15.4,44.2,1,impact,coalition,"
    one, falls, _ = tried("yemen-2022-04-01", tmp_path, claim)
    assert falls == {"1"}
    assert {(f.actor, f.answers_for) for f in one.falls} == {("government_yemen", "coalition")}
    assert {f.outcome for f in one.falls} == {"depends on reading"}


def test_rifle_fire_in_yemen_depends_on_whether_all_fire_is_offensive(tmp_path: Path) -> None:
    claim = "fire.small_arms,2022-04-10T12:00:00+03:00,15.4,44.2,1,impact,ansar_allah,"
    _, falls, may = tried("yemen-2022-04-01", tmp_path, claim)
    assert (falls, may) == (set(), {"1"})


def test_karabakh_1993_waits_for_the_mediator_and_ends_with_26_december(tmp_path: Path) -> None:
    claim = "movement.advance,1993-12-{}T12:00:00+04:00,39.8,46.7,1,presence,azerbaijan,{}"
    _, falls, _ = tried("nk-1993-12-16", tmp_path, claim.format(20, "tank"))
    assert falls == set()
    in_force = {"in_force": "1993-12-18T12:00:00+04:00"}
    for day, weapon, under in ((20, "tank", {"2-armour"}), (20, "small_arms", set()), (27, "tank", set())):
        _, falls, _ = tried("nk-1993-12-16", tmp_path, claim.format(day, weapon), None, **in_force)
        assert falls == under, (day, weapon)


def test_syria_2016_binds_a_party_only_once_its_acceptance_has_a_time(tmp_path: Path) -> None:
    claim = "fire.mortar,2016-03-01T12:00:00+02:00,36.2,37.1,1,impact,opposition_groups,"
    _, falls, _ = tried("syria-2016-02-22", tmp_path, claim)
    assert falls == set()
    accepted = {"opposition_groups_accept": "2016-02-26T10:00:00+02:00"}
    _, falls, may = tried("syria-2016-02-22", tmp_path, claim, None, **accepted)
    assert "T1" in falls | may


def test_idlib_a_tank_in_the_zone_falls_under_the_withdrawal_and_a_rifle_does_not(tmp_path: Path) -> None:
    shapes = {"area-edge": line(36.7).replace("42.3", "35.5").replace("42.9", "36.5")}
    claim = "movement.weapons_in_zone,2018-11-01T12:00:00+02:00,36.0,36.6,0.1,presence,opposition_groups,{}"
    agreed = {"lines_agreed": "2018-10-01T00:00:00+03:00"}
    _, falls, may = tried("syria-idlib-2018-09-17", tmp_path, claim.format("tank"), shapes, **agreed)
    assert {"3", "6"} <= falls | may
    _, falls, may = tried("syria-idlib-2018-09-17", tmp_path, claim.format("small_arms"), shapes, **agreed)
    assert not falls | may
