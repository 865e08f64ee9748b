"""What a record of an instrument weighs does not hang on what is weighed beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trucewatch.model.table import Table, objects
from trucewatch.weighing.coverage import held, shares_held
from trucewatch.weighing.instruments import record_weights

ACTS = ("fire.artillery", "fire.explosion_undetermined", "burning", "movement.overflight")


def south(lon: Any, lat: Any) -> Any:
    return np.asarray(lat) > -29.15


def crowd(seed: int) -> tuple[Table, Table, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Incidents and coverage across the date line; some without a place, some areas no circle, some never wrong."""
    r = np.random.default_rng(seed)
    n, c, v = 60, 40, 120
    incidents = Table({
        "t_mean_s": r.uniform(0, 1e5, n), "t_sd_s": np.where(r.random(n) < 0.1, 0, r.uniform(1, 4000, n)),
        "lat": np.where(r.random(n) < 0.1, np.nan, r.uniform(-29.3, -29, n)), "lon": r.uniform(179.9, 180.1, n),
        "cov_ee": r.uniform(0, 9, n), "cov_nn": r.uniform(0, 9, n), "act": objects([str(a) for a in r.choice(ACTS, n)]),
    })  # fmt: skip
    start = r.uniform(-1e4, 1e5, c)
    coverage = Table({
        "source": r.integers(0, 4, c), "start": start, "end": start + r.uniform(0, 5e4, c),
        "lat": r.uniform(-29.3, -29, c), "lon": r.uniform(-180.1, -179.9, c), "radius_km": r.uniform(1, 40, c),
        "inside": objects([south if x < 0.2 else None for x in r.random(c)]),
        "acts": objects([("fire",) if x < 0.3 else () for x in r.random(c)]),
        "means": objects([None if x < 0.5 else "sensor" for x in r.random(c)]),
        "detection": np.where(r.random(c) < 0.1, 0, r.uniform(0, 1, c)),
        "false_alarm": np.where(r.random(c) < 0.2, np.nan, np.where(r.random(c) < 0.2, 0, r.uniform(0, 20, c))),
    })  # fmt: skip
    return incidents, coverage, r.integers(0, n, v), r.integers(0, 5, v)


@pytest.mark.parametrize("seed", range(6))
def test_a_record_weighs_the_same_alone_and_among_others(seed: int) -> None:
    incidents, coverage, at, source = crowd(seed)
    weight = np.full(at.size, 2_300_000)
    together = record_weights(incidents, coverage, at, source, weight)
    alone = [
        int(record_weights(incidents, coverage, at[k : k + 1], source[k : k + 1], weight[k : k + 1])[0])
        for k in range(at.size)
    ]
    assert together.tolist() == alone
    assert (together < weight).any()


def test_shares_of_many_pairs_are_those_of_each_pair() -> None:
    incidents, coverage, at, _ = crowd(7)
    at = at[np.isfinite(incidents["lat"][at])]
    rows = np.arange(at.size) % coverage.n
    each = [float(held(incidents, coverage, int(k), int(i)).mean()) for k, i in zip(rows, at, strict=True)]
    assert shares_held(incidents, coverage, rows, at).tolist() == each
    assert 0 < np.mean(each) < 1
