"""What a task is expected to tell, against sums worked out by hand; and what visits so far say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.laws.missions import Row
from tests.planning.scene import DAY, alleged, mission, plan, visits
from trucewatch.mission.planning import ground_of
from trucewatch.mission.update import current
from trucewatch.planning.learned import learned
from trucewatch.planning.seeing import seeing
from trucewatch.planning.tasks import Beliefs, Branch, Prospect, Weighed

NOW = Beliefs(4000, np.array([2000, 2000, 0, 6000]))
THEN = Beliefs(9000, np.array([4500, 4500, 0, 1000]))
FOUND = Branch("traces", (), 0.5, 0.1)
TASK = Weighed(Prospect("visit", 0, (FOUND,), 0.5, 1.0), NOW, (THEN,), ("a", "b"))


def test_the_expected_fall_is_the_sum_worked_out_by_hand() -> None:
    # happened: .4 x .5 x (.36 - .01) + .6 x .1 x (.16 - .81) = .031
    # who: 2 x .2 x .5 x (1.04 - .515) + .6 x .1 x (.24 - 1.215) = .0465
    assert TASK.fall().happened == 31_000
    assert TASK.fall().author == 46_500


def test_a_team_that_does_not_reach_the_place_finds_what_it_would_find_where_nothing_happened() -> None:
    # happened: .4 x .1 x .35 + .06 x (-.65) = -.025
    assert TASK.fall(0.0).happened == -25_000
    assert TASK.fall(0.5).happened == 3_000


def test_what_is_reported_anyway_is_no_merit_of_the_task() -> None:
    waiting = replace(TASK, prospect=replace(TASK.prospect, awaited=0.5))
    assert waiting.fall().happened == 15_500


def test_a_mandate_that_does_not_attribute_asks_for_no_author() -> None:
    assert replace(TASK, attributes=False).fall().author == 0


def test_a_bearing_that_tells_the_author_is_worth_more_of_whom_it_fits() -> None:
    told = Branch("bearing", (), {"a": 0.5, "": 0.0}, 0.0)
    task = Weighed(
        Prospect("visit", 0, (told,), 0.5, 1.0), NOW, (Beliefs(9000, np.array([8500, 500, 0, 1000])),), ("a", "b")
    )
    # .2 x .5 x (1.04 - (.0225 + .0025 + .01)) = .1005
    assert task.fall().author == 100_500


def test_every_chance_of_the_table_is_one_and_has_a_source() -> None:
    import yaml

    text = Path(seeing.__wrapped__.__code__.co_filename).with_name("seeing.yaml").read_text("utf-8")
    for group, rows in yaml.safe_load(text).items():
        for name, row in rows.items():
            if name == "acts":
                continue
            assert row["source"], (group, name)
    assert all(0 <= t.chance <= 1 and t.half_life_days > 0 for t in seeing().traces.values())


# ---- learning from visits


def went(k: int, found: bool) -> list[Row]:
    """An allegation at a place of its own, and what monitors say who went there."""
    place = {"lat": f"{40 + k * 0.3:.1f}"}
    told = alleged(f"a{k}", "2021-03-04T10:00:00Z", **place)
    stance = {"stance": "observes"} if found else {"stance": "denies", "responds_to": f"mod_n/a{k}"}
    return [told, {**told, **stance, "claim_id": f"v{k}", "source": "mon", "means": "aftermath", "accused": "",
                   "published": "2021-03-06T18:00:00Z"}]  # fmt: skip


def shift(folder: Path, claims: list[Row]) -> float:
    return learned(ground_of(current(mission(folder, claims)))[0], seeing()) / 1e6


def test_where_nobody_went_nothing_is_learned(tmp_path: Path) -> None:
    assert shift(tmp_path, [alleged("a", "2021-03-04T10:00:00Z")]) == 0


def test_visits_that_find_more_than_expected_raise_what_is_expected_and_the_others_lower_it(tmp_path: Path) -> None:
    up = shift(tmp_path / "up", [row for k in range(8) for row in went(k, True)])
    down = shift(tmp_path / "down", [row for k in range(8) for row in went(k, False)])
    assert up > 0.3
    assert down < -0.3


def test_what_is_learned_moves_no_published_probability(tmp_path: Path) -> None:
    alone = mission(tmp_path / "alone", [alleged("x", "2021-03-08T10:00:00Z", lat="44.0")])
    many = [row for k in range(8) for row in went(k, False)]
    beside = mission(tmp_path / "beside", [*many, alleged("x", "2021-03-08T10:00:00Z", lat="44.0")])
    p = [
        [r["p_occurred"] for r in current(m).tables["assessments"]][-1] for m in (alone, beside)
    ]  # fmt: skip
    assert p[0] == p[1]
    first, second = (next(t for t in visits(plan(m, DAY)) if t["lat"] == 44.0) for m in (alone, beside))
    assert first["fall"]["total"] != second["fall"]["total"]


# ---- what comes by itself


def reports(n: int) -> list[Row]:
    """Monitors who tell on the evening of the next day what they saw, far from everything else."""
    return [
        alleged(f"r{k}", f"2021-03-0{k + 1}T10:00:00Z", source="mon", stance="observes", means="saw", accused="",
                lat="43.0", lon=f"{46 + k * 0.2:.1f}", published=f"2021-03-0{k + 2}T18:00:00Z")
        for k in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize(("watched", "least"), [(True, 0.5), (False, 0.0)])
def test_an_observer_who_watched_and_reports_tomorrow_makes_a_visit_less_urgent(
    tmp_path: Path, watched: bool, least: float
) -> None:
    watch = {"source": "mon", "start": "2021-03-09T04:00:00Z", "end": "2021-03-09T14:00:00Z", "lat": "40.0",
             "lon": "46.0", "radius_km": "8", "acts": "fire", "means": "saw", "detection": "0.9"}  # fmt: skip
    claims = [*reports(6), alleged("a", "2021-03-09T10:00:00Z", published="2021-03-09T13:00:00Z")]
    config = {"report_cutoff": "19:30", "timezone": "UTC", "safety": {"fire_p": 1}}
    found = plan(mission(tmp_path, claims, config, coverage=[watch] if watched else []))
    told = [t for t in found["tasks"] if t["lat"] == 40.0]
    assert told
    assert all((t["awaited"] > least) is watched for t in told)
    assert all(("still reports it" in t["reason"]) is watched for t in told)
