"""Where to look next: what a plan proposes, what it refuses, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.missions import Row
from tests.planning.scene import alleged, mission, plan, visits

OLD, FRESH = "2021-03-04T10:00:00Z", "2021-03-08T10:00:00Z"
ELSEWHERE = {"lat": "40.5", "lon": "46.5"}


def test_fresh_traces_come_before_old_ones(tmp_path: Path) -> None:
    found = plan(mission(tmp_path, [alleged("old", OLD), alleged("fresh", FRESH, **ELSEWHERE)]))
    first, second = visits(found)
    assert (first["lat"], second["lat"]) == (40.5, 40.0)
    assert first["found"] > second["found"]
    assert first["fall"]["total"] > second["fall"]["total"] > 0


def test_what_leaves_no_traces_is_asked_about_and_not_visited(tmp_path: Path) -> None:
    claim = alleged("a", FRESH, act="movement.uav_flight")
    found = plan(mission(tmp_path, [{**claim, "act": "fire"}, alleged("b", FRESH, act="propaganda", **ELSEWHERE)]))
    assert [t["lat"] for t in visits(found)] == [40.0]


def test_one_stop_serves_what_lies_near_by_and_says_so(tmp_path: Path) -> None:
    near = {"lat": "40.015"}  # under two km to the north
    found = plan(mission(tmp_path, [alleged("a", OLD), alleged("b", FRESH, **near), alleged("c", FRESH, **ELSEWHERE)]))
    first, second = visits(found)
    assert len(first["incidents"]) == 2
    assert "2 incidents within reach" in first["reason"]
    assert len(second["incidents"]) == 1
    assert len({i for t in visits(found) for i in t["incidents"]}) == 3


def test_a_visit_to_what_monitors_have_examined_tells_nothing_more(tmp_path: Path) -> None:
    examined = alleged("m", FRESH, source="mon", stance="observes", means="aftermath", accused="",
                       published="2021-03-09T10:00:00Z")  # fmt: skip
    before = visits(plan(mission(tmp_path / "before", [alleged("a", FRESH)])))
    after = visits(plan(mission(tmp_path / "after", [alleged("a", FRESH), examined])))
    assert before
    assert not after or after[0]["fall"]["happened"] < before[0]["fall"]["happened"] / 5


def test_where_a_team_is_ordered_already_no_visit_is_proposed_again(tmp_path: Path) -> None:
    task = {"task_id": "T-1", "ordered": "2021-03-09T08:00:00Z", "lat": "40.01", "lon": "46.0"}
    earlier = {**task, "ordered": "2021-03-07T08:00:00Z"}
    assert not visits(plan(mission(tmp_path / "after", [alleged("a", FRESH)], tasks=[task])))
    assert visits(plan(mission(tmp_path / "before", [alleged("a", FRESH)], tasks=[earlier])))


def test_two_places_that_tell_the_same_have_one_rank(tmp_path: Path) -> None:
    found = plan(mission(tmp_path, [alleged("a", FRESH), alleged("b", FRESH, **ELSEWHERE)]), teams=1)
    assert [t["rank"] for t in visits(found)] == [1, 1]
    assert all(t["chosen"] for t in visits(found))  # a person chooses among equals


def test_effort_stands_by_party_in_the_order_of_the_agreement(tmp_path: Path) -> None:
    other = alleged("s", FRESH, source="mod_s", accused="norland", **ELSEWHERE)
    found = plan(mission(tmp_path, [alleged("a", FRESH), other, alleged("b", OLD, lat="39.5")]))
    assert [e["party"] for e in found["effort"]] == ["norland", "sudland"]
    assert [e["visits_on_its_allegations"] for e in found["effort"]] == [2, 1]
    assert [e["share_of_accusations"] for e in found["effort"]] == [
        pytest.approx(1 / 3, abs=1e-3),
        pytest.approx(2 / 3, abs=1e-3),
    ]


def test_a_question_goes_to_every_party_alike(tmp_path: Path) -> None:
    found = plan(mission(tmp_path, [alleged("a", FRESH)]))
    (question,) = [t for t in found["tasks"] if t["task"] == "question"]
    assert question["asked_of"] == ["norland", "sudland"]


def test_nobody_has_signed_what_is_proposed_and_its_coverage_would_be_tasked(tmp_path: Path) -> None:
    (visit,) = visits(plan(mission(tmp_path, [alleged("a", FRESH)])))
    assert visit["signed_by"] is None
    assert visit["coverage_mode"] == "tasked"


# ---- safety


def refusals(found: dict, lat: float = 40.0) -> str:  # type: ignore[type-arg]
    assert not [t for t in visits(found) if t["lat"] == lat]
    (row,) = [r for r in found["refused"] if r["lat"] == lat]
    assert row["fall"]["total"] > 0
    return "; ".join(row["reasons"])


def seen_fire(at: str, **more: str) -> Row:
    return alleged("m", at, source="mon", stance="observes", means="saw", accused="", published="2021-03-09T22:00:00Z",
                   **more)  # fmt: skip


def test_a_place_under_fire_the_night_before_is_refused_and_not_dropped(tmp_path: Path) -> None:
    fired = seen_fire("2021-03-09T21:00:00Z", lat="40.02")
    config = {"report_cutoff": "23:59", "timezone": "UTC"}
    assert "fire within" in refusals(plan(mission(tmp_path, [alleged("a", OLD), fired], config)))


def test_fire_of_days_ago_or_far_away_bars_nobody(tmp_path: Path) -> None:
    fired = seen_fire("2021-03-09T21:00:00Z", lat="40.3")
    config = {"report_cutoff": "23:59", "timezone": "UTC"}
    assert [t for t in visits(plan(mission(tmp_path, [alleged("a", OLD), fired], config))) if t["lat"] == 40.0]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("mines", "mines or unexploded"), ("denied", "access denied"), ("fire", "stopped by fire there")],
)
def test_a_restriction_that_holds_refuses_the_visit(tmp_path: Path, kind: str, words: str) -> None:
    met = {"source": "mon", "start": "2021-03-09T10:00:00Z", "end": "2021-03-10T12:00:00Z", "lat": "40.0",
           "lon": "46.0", "radius_km": "2", "kind": kind}  # fmt: skip
    assert words in refusals(plan(mission(tmp_path, [alleged("a", OLD)], restrictions=[met])))


def test_mines_told_of_long_ago_still_bar_the_place(tmp_path: Path) -> None:
    laid = alleged("mines", "2021-03-01T10:00:00Z", act="mines.lay")
    assert "mines" in refusals(plan(mission(tmp_path, [alleged("a", OLD), laid])))


def test_a_curfew_that_leaves_no_time_refuses_and_tells_the_hours(tmp_path: Path) -> None:
    safety = {"curfew": {"from": "09:00", "until": "08:00"}, "visit_hours": 2}
    told = refusals(plan(mission(tmp_path, [alleged("a", OLD)], {"safety": safety})))
    assert "leave 1 h" in told
    assert "needs 2 h" in told


def test_a_road_too_long_for_the_day_refuses(tmp_path: Path) -> None:
    safety = {"base": {"lat": 43.0, "lon": 46.0}, "speed_kmh": 30}
    assert "road leave 0 h" in refusals(plan(mission(tmp_path, [alleged("a", OLD)], {"safety": safety})))


def test_a_road_that_nobody_reckons_is_told(tmp_path: Path) -> None:
    (visit,) = visits(plan(mission(tmp_path, [alleged("a", OLD)])))
    assert visit["notes"] == ["road not known"]
