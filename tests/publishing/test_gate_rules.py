"""The single rules of the gate: coarse times, places that stand alone, what lies ahead, consent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.publishing.test_policy import T0, claim, incident, rules, world
from trucewatch.model.times import HOUR, MINUTE
from trucewatch.publishing import fields
from trucewatch.publishing.coarse import Neighbours, coarse, outward, widened
from trucewatch.publishing.policy import Policy, Why, release


def gazetteer(state: SimpleNamespace, *places: tuple[float, float], coverage: Any = ()) -> SimpleNamespace:
    """The state with named places."""
    rows = {"places": [{"latitude": lat, "longitude": lon} for lat, lon in places], "coverage": list(coverage)}
    state.newest = lambda table: rows.get(table, [])
    return state


@given(st.integers(0, 10**15), st.integers(0, 10**11), st.sampled_from([1, 15, 30, 60, 1440]))
def test_a_coarse_interval_holds_the_exact_one_and_begins_and_ends_on_the_clock(at: int, long: int, step: int) -> None:
    start, end = outward(at, at + long, step)
    assert start <= at <= at + long <= end
    assert start % (step * MINUTE) == end % (step * MINUTE) == 0
    assert outward(start, end, step) == (start, end)
    assert end - start <= long + 2 * step * MINUTE


def test_the_minute_of_an_event_leaves_as_a_step_of_the_clock_and_the_page_lies_in_it() -> None:
    state = world([claim("alpha", 1, "public", time_sd_min=5.0)], {"alpha": "public"})
    policy = Policy.of(rules(time_min=60.0), (), state)
    for table in ("claims", "incidents"):
        rows = state.claims if table == "claims" else state.tables["incidents"]
        (row,) = release(table, rows, "public", policy)
        assert row["start"] % HOUR == 0
        assert row["end"] - row["start"] == HOUR
        assert row["start"] <= T0 < row["end"]
        assert row.get("time_sd_min") is None
    assert policy.when(state.tables["incidents"][0], "public") == (row["start"], row["end"])
    assert policy.when(state.tables["incidents"][0], "internal") == (T0, T0)
    assert state.claims[0]["start"] == T0  # what is held is not touched


def test_a_protected_place_whose_cell_holds_one_hamlet_alone_leaves_in_a_wider_one() -> None:
    state = world([claim("alpha", 1, "restricted")], {"alpha": "restricted"})
    here = (40.12, 46.66)
    grid = [(40.0 + i / 100, 46.5 + j / 100) for i in range(30) for j in range(30)]
    near = next(p for p in grid if coarse(*p, 10.0) == coarse(*here, 10.0) and coarse(*p, 5.0) != coarse(*here, 5.0))
    alone = Policy.of(rules(), (), gazetteer(state, here, near))
    (row,) = release("incidents", state.tables["incidents"], "public", alone)
    assert (row["lat"], row["lon"], row["semi_major_km"]) == (*coarse(40.123456, 46.654321, 10.0), widened(0.3, 10.0))
    several = Policy.of(rules(), (), gazetteer(state, here, (40.121, 46.661)))
    (row,) = release("incidents", state.tables["incidents"], "public", several)
    assert (row["lat"], row["lon"], row["semi_major_km"]) == (*coarse(40.123456, 46.654321, 5.0), widened(0.3, 5.0))


def test_where_no_cell_hides_a_hamlet_the_place_is_withheld_and_told() -> None:
    state = world([claim("alpha", 1, "restricted")], {"alpha": "restricted"})
    policy = Policy.of(rules(), (), gazetteer(state, (40.12, 46.66)))
    (row,) = release("incidents", state.tables["incidents"], "public", policy)
    assert [row[k] for k in ("lat", "lon", "semi_major_km", "semi_minor_km")] == [None] * 4
    assert policy.alone == {("incidents", "I1")}
    open_ = world([claim("alpha", 1, "public")], {"alpha": "public"})
    (row,) = release(
        "incidents", open_.tables["incidents"], "public", Policy.of(rules(), (), gazetteer(open_, (40, 46)))
    )
    assert row["lat"] is not None


def test_one_observer_post_alone_on_a_hill_is_not_found_by_its_cell() -> None:
    post = {"source": "alpha", "start": T0 - HOUR, "end": T0 - MINUTE, "lat": 40.1, "lon": 46.6, "radius_km": 3.0}
    state = gazetteer(world([claim("alpha", 1, "restricted")], {"alpha": "restricted"}), (44.0, 50.0), coverage=[post])
    (row,) = release("coverage", [post], "public", Policy.of(rules(), (), state))
    assert (row["lat"], row["lon"], row["radius_km"]) == (None, None, None)


def test_without_a_gazetteer_nobody_can_tell_and_cells_leave_as_they_are() -> None:
    assert Neighbours().step(40.0, 46.0, 5.0) == 5.0
    assert not Neighbours().known


def test_nothing_tells_where_a_patrol_will_be() -> None:
    state = world([claim("alpha", 1, "public")], {"alpha": "public"})
    policy = Policy.of(rules(), (), state, until=T0)
    watch = {"source": "alpha", "lat": 40.0, "lon": 46.0, "radius_km": 3.0}
    rows = [
        {**watch, "start": T0 - HOUR, "end": T0 - MINUTE}, {**watch, "start": T0 - HOUR, "end": T0 + HOUR},
        {**watch, "start": T0 + MINUTE, "end": T0 + HOUR},
    ]  # fmt: skip
    out = release("coverage", rows, "public", policy)
    assert [(r["start"], r["end"]) for r in out] == [(T0 - HOUR, T0 - MINUTE), (T0 - HOUR, T0)]
    assert out.why == {Why.PATROL: 1}
    gap = {"sector": "all", "start": T0 - HOUR, "end": T0 + HOUR, "share_covered": 0.4}
    assert release("gaps", [gap], "public", policy)[0]["share_covered"] is None
    assert release("tasks", [{"task_id": "T", "closed": T0}], "public", policy).why == {Why.PATROL: 1}


def test_one_who_agreed_to_nothing_enters_numbers_only() -> None:
    state = world([claim("alpha", 1, "public", consent="none")], {"alpha": "public"})
    policy = Policy.of(rules(), (), state)
    assert release("claims", state.claims, "public", policy).why == {Why.CONSENT: 1}
    assert release("incidents", state.tables["incidents"], "public", policy).why == {Why.CONFIDENTIAL: 1}


def test_the_place_that_a_confidential_claim_alone_tells_does_not_leave_as_a_cell() -> None:
    vague = claim("alpha", 1, "public", lat=41.0, lon=47.0, r_lat=41.0, r_lon=47.0, radius_km=20.0, r_radius_km=20.0)
    state = world([vague, claim("beta", 2, "confidential")], {"alpha": "public", "beta": "confidential"})
    state.tables["links"][1]["incident_id"] = "I1"
    state.tables["incidents"] = [incident(1)]
    (row,) = release("incidents", state.tables["incidents"], "public", Policy.of(rules(), (), state))
    assert (row["lat"], row["lon"]) == coarse(41.0, 47.0, fields.PROTECTED_PLACE_KM)
    assert row["semi_major_km"] > 20.0
    for key in ("lat", "lon", "r_lat", "r_lon"):
        del state.claims[0][key]
    (row,) = release("incidents", state.tables["incidents"], "public", Policy.of(rules(), (), state))
    assert (row["lat"], row["lon"], row["semi_major_km"]) == (None, None, None)
