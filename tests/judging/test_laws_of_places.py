"""What must hold of places and of what lasts, whatever the scene: names, order and company decide nothing, an exception
that lasts longer never accuses, and an act that outlasts a change of zones breaks no more than the zones allow."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judging.scene import ACTORS, KM_LON, findings, incident
from tests.judging.test_laws_of_judging import exchanged, low_high
from trucewatch.agreement import parse

KM = st.floats(-20, 20)
SCENES = st.fixed_dictionaries({
    "east": KM, "sigma_km": st.floats(0.05, 6), "throughout": st.booleans(),
    "interval": st.tuples(st.integers(-10, 0), st.integers(1, 8)),
    "place_of": st.sampled_from(["impact", "origin", "presence", None]),
    "origin": st.one_of(st.none(), st.tuples(KM, st.floats(0.1, 5))),
    "acts": st.sampled_from([
        (("fire.artillery", 1.0),), (("fire", 0.6), ("movement.advance", 0.4)), (("movement.position", 1.0),),
        (("movement.weapons_in_zone", 1.0),), (("harm_to_civilians", 0.5), ("fire.tank", 0.5)),
    ]),
    "weapons": st.sampled_from([(), (("artillery.122mm", 0.6), ("tank", 0.4)), (("artillery", 1.0),)]),
})  # fmt: skip
ZONES = """{id: line, line: [{lat: 39, lon: 46}, {lat: 41, lon: 46}], sides: {norland: left, sudland: right},
  uncertainty_km: 1}, {id: town, circle: {lat: 40, lon: 46.02, radius_km: 6}},
 {id: later, circle: {lat: 40, lon: 46.09, radius_km: 6}, valid_from: 2021-03-01T10:00:00Z, replaces: town}"""
BOTH = "binds: [norland, sudland]"
TEXT = f"""  - {{id: "1", kind: withdrawal, {BOTH}, from_zone: line, begins_by: 2021-03-01T07:00:00Z,
     by: 2021-03-01T09:00:00Z, weapons: [{{class: artillery, distance_km: 8}}, {{class: tank, max: 3}}],
     except: [{{id: e, where: {{zone: town}}}}]}}
  - {{id: "2", kind: withdrawal, {BOTH}, what: forces, from_zone: {{norland: line}}, where: {{zone: town}}}}
  - {{id: "3", kind: exclusion_zone, {BOTH}, excludes: [forces], where: {{zone: town}},
     except: [{{id: e, actors: [sudland], until: 2021-03-01T11:00:00Z}}]}}
  - {{id: "4", kind: prohibition, {BOTH}, acts: [fire, harm_to_civilians], protects: [civilians],
     where: [{{zone: town, of: origin}}, {{zone: town, of: presence, outside: true}}]}}
  - {{id: "5", kind: withdrawal, {BOTH}, from_zone: line, distance_km: 4, to: {{zone: later}}}}
"""


def text(terms: str, zones: str = ZONES) -> Any:
    head = f"id: truce\ntitle: {{en: A truce}}\n{ACTORS}\nevents: {{in_force: {{at: 2021-03-01T00:00:00Z}}}}\n"
    return parse(f"{head}zones: [{zones}]\nterms:\n{terms}")


def scene(told: dict[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    told = dict(told)
    origin = told.pop("origin")
    if origin is not None:
        told |= {"origin_lat": 40.0, "origin_lon": 46.0 + origin[0] / KM_LON, "origin_sigma_km": origin[1]}
    return incident(number=number, **told, **more)


@given(st.lists(SCENES, min_size=1, max_size=3), st.floats(0, 0.95))
@settings(max_examples=40, deadline=None)
def test_exchanging_parties_exchanges_places_and_times_too(scenes: list[Any], share: float) -> None:
    rows = [scene(s, k + 1, by={"norland": share, "sudland": 0.97 - share}) for k, s in enumerate(scenes)]

    def found(swap: bool) -> list[dict[str, Any]]:
        name = exchanged if swap else lambda v: v
        rows_ = findings(text(name(TEXT), name(ZONES)), *(name(r) for r in rows))
        return [{k: v for k, v in r.items() if k != "finding_id"} for r in rows_]

    def order(r: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(r[k]) for k in ("incident_id", "term", "actor"))

    assert sorted(found(True), key=order) == sorted((exchanged(r) for r in found(False)), key=order)


@given(st.lists(SCENES, min_size=2, max_size=5), st.randoms())
@settings(max_examples=40, deadline=None)
def test_order_and_company_decide_nothing_of_what_lasts_or_has_two_places(scenes: list[Any], random: Any) -> None:
    rows = [scene(s, k + 1) for k, s in enumerate(scenes)]
    whole = findings(text(TEXT), *rows)
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert findings(text(TEXT), *shuffled) == whole
    assert findings(text(TEXT), rows[0]) == [r for r in whole if r["incident_id"] == "I1"]


@given(SCENES, st.integers(3, 18), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_an_exception_that_ends_later_never_accuses(told: Any, hour: int, more: int) -> None:
    def violation(until: int) -> list[tuple[float, float]]:
        ban = f'  - {{id: "1", kind: prohibition, {BOTH}, acts: [fire, movement, harm_to_civilians]'
        out = f"except: [{{id: e, where: {{zone: town}}, until: 2021-03-01T{until:02d}:00:00Z}}]"
        return [low_high(r, "p_violation") for r in findings(text(f"{ban}, {out}}}"), scene(told))]

    for sooner, later in zip(violation(hour), violation(hour + more), strict=True):
        assert later[0] <= sooner[0] + 1e-9
        assert later[1] <= sooner[1] + 1e-9


@given(SCENES)
@settings(max_examples=60, deadline=None)
def test_what_lasts_over_a_change_of_zones_breaks_at_least_one_and_no_more_than_both(told: Any) -> None:
    told = {**told, "throughout": True, "interval": (-6, 4)}
    forces = f'  - {{id: "1", kind: exclusion_zone, {BOTH}, excludes: [forces], where: {{zone: town}}}}'

    def scope(zones: str) -> list[tuple[float, float]]:
        return [low_high(r) for r in findings(text(forces, zones), scene(told))]

    alone = "{id: town, circle: {lat: 40, lon: %s, radius_km: 6}}"
    for both, first, second in zip(scope(ZONES), scope(alone % "46.02"), scope(alone % "46.09"), strict=True):
        for k in (0, 1):
            assert both[k] >= max(first[k], second[k]) - 0.001
            assert both[k] <= min(1.0, first[k] + second[k]) + 0.001


@given(SCENES, st.floats(1, 20), st.floats(0, 10))
@settings(max_examples=60, deadline=None)
def test_a_greater_distance_never_lowers_what_stands_too_near(told: Any, km: float, more: float) -> None:
    def scope(far: float) -> list[tuple[float, float]]:
        rule = f'  - {{id: "1", kind: withdrawal, {BOTH}, from_zone: line, what: forces, distance_km: {far}}}'
        return [low_high(r) for r in findings(text(rule), scene(told))]

    for narrow, wide in zip(scope(km), scope(km + more), strict=True):
        assert wide[0] >= narrow[0] - 1e-9
        assert wide[1] >= narrow[1] - 1e-9
