"""Sides and distances of clouds of draws against those of single points, looked for the plain way."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from trucewatch.agreement.zones import Zone
from trucewatch.judging.near import cloud_left_km, left_km

LINES = {
    "straight": shapely.LineString([(46.0, 39.0), (46.0, 41.0)]),
    "bent back": shapely.LineString([(46.0, 39.0), (46.0, 40.0), (46.5, 40.2), (46.1, 40.3), (46.2, 41.0)]),
    "two parts that meet": shapely.MultiLineString([[(46.0, 39.0), (46.0, 40.0)], [(46.0, 40.0), (46.3, 41.0)]]),
    "two parts apart": shapely.MultiLineString([[(46.0, 39.0), (46.0, 39.8)], [(46.3, 40.0), (46.3, 41.0)]]),
}


@pytest.mark.parametrize("name", LINES)
def test_the_side_of_a_line_is_that_of_its_nearest_part(name: str) -> None:
    line = Zone("line", LINES[name], 0.0, "agreed", {})
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(45.4, 46.8, 400), rng.uniform(38.8, 41.2, 400)
    x, y = line.local.project(lon, lat)
    assert left_km(line.local, lon, lat) == pytest.approx(line.local.left_km(x, y), abs=1e-3)
    dx, dy = rng.normal(0, 4, (2, 400, 64))
    reach = np.hypot(dx, dy).max(axis=1)
    found = cloud_left_km(line.local, x[:, None] + dx, y[:, None] + dy, (x, y), reach)
    plain = line.local.left_km((x[:, None] + dx).ravel(), (y[:, None] + dy).ravel()).reshape(dx.shape)
    assert found == pytest.approx(plain, abs=1e-3)
