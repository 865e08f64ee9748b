"""What must hold of judging whatever the text: more is never less, a grant never accuses, names decide nothing."""

from __future__ import annotations

import math
from typing import Any

import pytest
from benchmarks.judging_truth import greatest_error, untold_readings
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judging.scene import ACTORS, decided, findings, incident
from trucewatch.agreement import parse
from trucewatch.judging.states import Facts
from trucewatch.model.times import HOUR, parse_instant

NOON = parse_instant("2021-03-01T12:00:00Z")
KM = st.floats(0.5, 12)
PLACES: dict[str, Any] = {
    "east": st.floats(-15, 15), "sigma_km": st.floats(0.05, 6), "at": st.floats(-6, 6), "sd_min": st.floats(1, 200),
    "place_of": st.sampled_from(["impact", "origin", None]), "status": st.sampled_from(["corroborated", "unconfirmed"]),
}  # fmt: skip
ACTS = st.sampled_from([
    (("fire.mortar", 1.0),), (("fire", 1.0),), (("fire.artillery", 0.7), ("fire.tank", 0.3)),
    (("movement.weapons_in_zone", 1.0),), (("movement.position", 1.0),), (("movement.advance", 1.0),),
])  # fmt: skip
WEAPONS = st.sampled_from(
    [(), (("mortar.120mm", 1.0),), (("artillery.122mm", 0.6), ("tank", 0.4)), (("artillery", 1.0),)]
)
SCENES = st.fixed_dictionaries({**PLACES, "acts": ACTS, "weapons": WEAPONS})


def low_high(row: dict[str, Any], key: str = "p_in_scope") -> tuple[float, float]:
    return (0.0, 1.0) if row[key] is None else (row[key], row[key])


def text(terms: str, zones: str = "", more: str = "") -> Any:
    head = f"id: truce\ntitle: {{en: A truce}}\n{ACTORS}\nevents: {{in_force: {{at: 2021-03-01T00:00:00Z}}}}\n"
    return parse(f"{head}zones: [{zones}]\n{more}\nterms:\n{terms}")


@given(SCENES, KM, KM, st.sampled_from(["impact", "presence", "origin", None]))
@settings(max_examples=60, deadline=None)
def test_a_wider_zone_never_lowers_what_lies_in_scope(scene: Any, radius: float, more: float, of: Any) -> None:
    def scope(km: float) -> list[tuple[float, float]]:
        where = f"{{zone: z, of: {of or 'null'}}}"
        term = f'  - {{id: "1", kind: prohibition, acts: [fire, movement], binds: [norland], where: {where}}}'
        rows = findings(text(term, f"{{id: z, circle: {{lat: 40, lon: 46, radius_km: {km}}}}}"), incident(**scene))
        return [low_high(r) for r in rows]

    for narrow, wide in zip(scope(radius), scope(radius + more), strict=True):
        assert wide[0] >= narrow[0] - 1e-9
        assert wide[1] >= narrow[1] - 1e-9


@given(SCENES, st.integers(-5, 5), st.integers(0, 6), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_a_longer_interval_never_lowers_what_lies_in_scope(scene: Any, start: int, length: int, more: int) -> None:
    def scope(hours: int) -> float:
        first, last = (f"2021-03-01T{12 + h:02d}:00:00Z" for h in (start, min(start + 1 + hours, 11)))
        ban = '  - {id: "1", kind: prohibition, acts: [fire, movement], binds: [norland]'
        term = f"{ban}, from: {first}, until: {last}}}"
        return sum(r["p_in_scope"] for r in findings(text(term), incident(**scene)))

    assert scope(length + more) >= scope(length) - 1e-9


@given(SCENES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_granted_exception_never_raises_the_violation(scene: Any, by_itself: bool) -> None:
    needs = "" if by_itself else ", requires: [ordered]"
    ban = '  - {id: "1", kind: prohibition, acts: [fire, movement], binds: [norland, sudland]'
    plain = text(ban + "}")
    except_ = text(ban + f", except: [{{id: e, acts: [fire.mortar, fire.tank]{needs}}}]}}")
    granted = [decided("grant", 1, object_=f"F1.1.1.{k}") for k in (1, 2)]
    for before, after in zip(
        findings(plain, incident(**scene)), findings(except_, incident(**scene), decisions=granted), strict=True
    ):
        assert low_high(after, "p_violation")[0] <= low_high(before, "p_violation")[0] + 1e-9
        assert after["outcome"] not in {"violation", "indicated"}


TEXT = """  - {id: "1", kind: prohibition, acts: [fire], binds: [norland, sudland], where: {zone: line, side: other},
     except: [{id: e, actors: [sudland], acts: [fire.mortar]}]}
  - {id: "2", kind: withdrawal, binds: [norland, sudland], from_zone: {norland: line, sudland: behind},
     by: 2021-03-01T10:00:00Z,
     weapons: [{class: artillery, calibre_mm: ">=100", zone_width_km: 20}, {class: tank, distance_km: 4}]}
  - {id: "3", kind: freeze, binds: [norland, sudland], baseline: {at: in_force, zone: line}}
  - {id: "4", kind: exclusion_zone, binds: [sudland], excludes: [forces], where: {zone: belt}}
  - {id: "5", kind: obligation, binds: [norland], by: 2021-03-02, done_when: "controls(sudland, belt)"}
"""
ZONES = """{id: line, line: [{lat: 39, lon: 46}, {lat: 41, lon: 46}], sides: {norland: left, sudland: right},
  uncertainty_km: 1},
 {id: behind, line: [{lat: 39, lon: 46.05}, {lat: 41, lon: 46.05}]}, {id: belt, of: line, buffer_km: 6}"""
ANSWERS = "readings: {bands: {norland: {answers_for: {bands: norland}}, nobody: {answers_for: {bands: null}}}}"


def exchanged(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("norland", "\0").replace("sudland", "norland").replace("\0", "sudland")
    if isinstance(value, dict):
        return {exchanged(k): exchanged(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(exchanged(v) for v in value)
    return value


@given(st.lists(SCENES, min_size=1, max_size=4), st.floats(0, 0.95), st.booleans())
@settings(max_examples=40, deadline=None)
def test_exchanging_parties_exchanges_everything(scenes: list[Any], share: float, contested: bool) -> None:
    """Baselines, sides, exceptions, those who are answered for, ground held and notices included (law L3). The order of
    actors in the file stays, so that a finding's id tells the place of a party, not its name."""
    by = {"norland": 0.97 * share, "sudland": 0.97 * (1 - share), "bands": 0.01}
    rows = [incident(number=k + 1, by=by, **s) for k, s in enumerate(scenes)]
    held = [{"actor": "norland", "zone": "belt", "start": NOON, "end": None, "contested": contested}]
    notice = [{"by": "norland", "start": NOON - HOUR, "end": NOON + HOUR, "published": NOON - 9 * HOUR,
               "kind": "exercise", "lat": 40.0, "lon": 46.0, "radius_km": 4.0}]  # fmt: skip
    latest = NOON + 90 * HOUR

    def found(swap: bool) -> list[dict[str, Any]]:
        name = exchanged if swap else lambda v: v
        truce = text(name(TEXT), name(ZONES), name(ANSWERS))
        out = findings(truce, *(name(r) for r in rows), notices=name(notice), facts=Facts.of(name(held), [], latest))
        return [{k: v for k, v in r.items() if k != "finding_id"} for r in out]

    def order(r: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(r[k]) for k in ("incident_id", "term", "actor", "reading"))

    assert sorted(found(True), key=order) == sorted((exchanged(r) for r in found(False)), key=order)


@given(st.lists(SCENES, min_size=2, max_size=6), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_and_the_company_of_incidents_decide_nothing(scenes: list[Any], random: Any) -> None:
    rows = [incident(number=k + 1, **s) for k, s in enumerate(scenes)]
    truce = text(TEXT, ZONES, ANSWERS)
    whole = findings(truce, *rows)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert findings(truce, *shuffled) == whole
    alone = findings(truce, rows[0])
    assert [r for r in alone if r["incident_id"]] == [r for r in whole if r["incident_id"] == "I1"]


def test_withdrawals_agree_with_draws_worked_out_apart() -> None:
    assert greatest_error(40, 100_000) <= 0.01


def test_every_finding_whose_readings_differ_says_so() -> None:
    differ, untold = untold_readings(1_000)
    assert differ > 500
    assert untold == 0


@pytest.mark.parametrize("name", ["p_violation", "p_in_scope"])
def test_no_probability_is_above_one_or_below_nought(name: str) -> None:
    for east in range(-12, 13, 3):
        for row in findings(text(TEXT, ZONES, ANSWERS), incident(east=float(east), sigma_km=3.0)):
            assert row[name] is None or (0 <= row[name] <= 1 and math.isfinite(row[name]))
