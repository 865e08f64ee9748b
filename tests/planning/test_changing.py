"""What would change our mind: what is said to change an outcome does change it when it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.laws.missions import Row
from tests.planning.scene import alleged, mission
from trucewatch.mission.explaining import explain
from trucewatch.mission.folder import Mission
from trucewatch.mission.planning import would_change
from trucewatch.mission.update import current

AT = "2021-03-08T10:00:00Z"
LATER = "2021-03-12T10:00:00Z"
TOWARD, AWAY = "towards a violation", "away from one"


def changes(found: Mission, finding: str, direction: str) -> list[dict[str, Any]]:
    """What would change a finding in one direction."""
    told = {w.finding_id: rows for w, rows in would_change(current(found))}
    return [r for r in told[finding] if r["direction"] == direction]


def outcome(found: Mission, finding: str) -> str:
    (told,) = {f["outcome"] for f in current(found).tables["findings"] if f["finding_id"] == finding}
    return str(told)


def bearing(source: str, towards: str) -> Row:
    """A crater of the same place that points to a party."""
    return alleged(f"b-{source}", AT, source=source, published=LATER, stance="observes", means="forensic",
                   accused=towards, radius_km="0.5")  # fmt: skip


def test_two_bearings_make_the_violation_that_they_are_said_to_make(tmp_path: Path) -> None:
    before = mission(tmp_path / "before", [alleged("a", AT)])
    own, _ = changes(before, "F1.1.1.2", TOWARD)
    assert "points to Sudland" in own["evidence"]
    assert "second independent body" in own["evidence"]
    assert own["outcome"] == "indicated"
    after = mission(tmp_path / "after", [alleged("a", AT), bearing("mon", "sudland"), bearing("ngo", "sudland")])
    assert outcome(before, "F1.1.1.2") == "undetermined"
    assert outcome(after, "F1.1.1.2") == "indicated"


def test_one_of_them_alone_is_not_said_to_be_enough_and_is_not(tmp_path: Path) -> None:
    alone = mission(tmp_path, [alleged("a", AT), bearing("mon", "sudland")])
    assert outcome(alone, "F1.1.1.2") == "undetermined"


def test_the_other_partys_bearing_takes_the_finding_away(tmp_path: Path) -> None:
    before = mission(tmp_path / "before", [alleged("a", AT)])
    away = changes(before, "F1.1.1.2", AWAY)
    assert away[0]["outcome"] == "no violation"
    evidence = [bearing("mon", "norland"), bearing("ngo", "norland")]
    assert outcome(mission(tmp_path / "after", [alleged("a", AT), *evidence]), "F1.1.1.2") == "no violation"


def test_what_a_party_can_give_is_asked_of_both(tmp_path: Path) -> None:
    found = mission(tmp_path, [alleged("a", AT)])
    for finding in ("F1.1.1.1", "F1.1.1.2"):
        asked = [r["asked_of"] for d in (TOWARD, AWAY) for r in changes(found, finding, d) if "log" in r["evidence"]]
        assert asked
        assert all(a == ["norland", "sudland"] for a in asked)


def test_the_log_is_asked_for_by_the_hours_of_the_incident(tmp_path: Path) -> None:
    found = mission(tmp_path, [alleged("a", "2021-03-08T10:20:00Z", end="2021-03-08T11:30:00Z")])
    (log,) = [r for r in changes(found, "F1.1.1.2", TOWARD) if "log of" in r["evidence"]]
    assert "8 Mar, 14:00–16:00" in log["evidence"]


def test_what_is_indicated_needs_a_ruling_and_no_evidence(tmp_path: Path) -> None:
    claims = [alleged("a", AT), bearing("mon", "sudland"), bearing("ngo", "sudland")]
    found = mission(tmp_path, claims)
    rows = {w.finding_id: (w, rows) for w, rows in would_change(current(found))}
    told, words = rows["F1.1.1.2"]
    assert told.needs == ("ruling",)
    assert any("a ruling by a person" in r["evidence"] for r in words)


def test_where_nothing_known_is_enough_that_is_said(tmp_path: Path) -> None:
    gun = alleged(
        "w", "2021-03-08T10:00:00Z", act="movement.weapons_in_zone", weapon="a heavy gun", place_of="presence"
    )
    rows = {w.finding_id: w for w, _ in would_change(current(mission(tmp_path, [gun])))}
    assert rows["F1.1.2.2"].toward == ()  # the zone is undefined, and the calibre unknown
    assert rows["F1.1.2.2"].needs == ("not known",)


def test_explain_tells_it_to_the_mission_and_to_nobody_else(tmp_path: Path) -> None:
    found = mission(tmp_path, [alleged("a", AT)])
    inside = {p.heading for p in explain(found, "F1.1.1.2").parts}
    assert "What would change our mind" in inside
    for audience in ("public", "party:norland"):
        outside = {p.heading for p in explain(found, "F1.1.1.2", audience).parts}
        assert "What would change our mind" not in outside


@pytest.mark.parametrize("finding", ["F1.1.1.1", "F1.1.1.2"])
def test_smallest_means_that_nothing_lighter_would_do(tmp_path: Path, finding: str) -> None:
    """Traces, a picture and the words of people are lighter than two bearings, and change nothing alone."""
    found = mission(tmp_path, [alleged("a", AT)])
    own = [r for r in changes(found, finding, TOWARD) if not r["asked_of"]]
    light = [
        alleged("l", AT, source="mon", published=LATER, stance="observes", means="aftermath", accused="",
                radius_km="0.5"),
        alleged("p", AT, source="fires", published=LATER, stance="observes", means="satellite", accused=""),
    ]  # fmt: skip
    with_light = mission(tmp_path / "light", [alleged("a", AT), *light])
    assert own[0]["micro_nats"] > 3_000_000
    assert outcome(with_light, finding) == "undetermined"
