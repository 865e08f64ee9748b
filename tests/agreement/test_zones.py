"""Distances on the ground: against geodesics of an independent library, for lines, areas and circles."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agreement.texts import agreement, changed, faults
from trucewatch.agreement import Zone
from trucewatch.agreement.zones import between, buffered

EARTH = Geodesic.WGS84


def zone(geometry: shapely.Geometry) -> Zone:
    """A zone of that shape, exactly known."""
    return Zone("z", geometry, 0.0, "agreed", {})


def away_km(z: Zone, lon: float, lat: float) -> float:
    """Distance of a point outside from a zone, km."""
    return -float(z.depth_km(np.array([lon]), np.array([lat]))[0])


def geodesic_km(line: shapely.Geometry, lon: float, lat: float) -> float:
    """The least geodesic distance from a point to a line whose points lie 0.001 degrees apart, km: brute force."""
    points = shapely.get_coordinates(shapely.segmentize(line, 0.01))
    near = min(points.tolist(), key=lambda p: EARTH.Inverse(lat, lon, p[1], p[0])["s12"])
    around = shapely.intersection(shapely.segmentize(line, 0.0005), shapely.Point(near).buffer(0.03))
    fine = shapely.get_coordinates(around)
    return min(EARTH.Inverse(lat, lon, y, x)["s12"] for x, y in fine.tolist()) / 1000


@pytest.mark.parametrize("latitude", [-35.0, 0.0, 15.0, 40.0, 48.5, 60.0])
def test_distances_between_points_agree_with_geodesics_within_a_thousandth(latitude: float) -> None:
    z = zone(shapely.Point(40.0, latitude))
    for bearing in range(0, 360, 30):
        for km in (0.1, 5.0, 25.0, 70.0, 150.0):
            there = EARTH.Direct(latitude, 40.0, bearing, km * 1000)
            assert away_km(z, there["lon2"], there["lat2"]) == pytest.approx(km, rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.floats(-50, 65), st.floats(-1.5, 1.5), st.floats(-1.0, 1.0), st.floats(-1.2, 1.2), st.floats(-0.6, 0.6))
def test_distances_to_a_line_300_km_long_agree_with_geodesics_within_a_thousandth(
    latitude: float, dx: float, bend: float, x: float, y: float
) -> None:
    line = shapely.LineString([(20 - 1.6, latitude), (20 + dx / 3, latitude + bend), (20 + 1.6, latitude + 0.3)])
    true = geodesic_km(line, 20 + x, latitude + y)
    if true > 1.0:
        assert away_km(zone(line), 20 + x, latitude + y) == pytest.approx(true, rel=1e-3)


def test_inside_an_area_depth_is_positive_outside_negative() -> None:
    z = zone(shapely.box(46.0, 40.0, 47.0, 41.0))
    inside, outside = z.depth_km(np.array([46.5, 45.5]), np.array([40.5, 40.5]))
    assert inside > 40
    assert outside == pytest.approx(-EARTH.Inverse(40.5, 45.5, 40.5, 46.0)["s12"] / 1000, rel=2e-3)


def test_a_circle_has_its_radius_everywhere() -> None:
    text = changed(
        "timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, circle: {lat: 48, lon: 38, radius_km: 15}}]"
    )
    z = agreement(text).zones["z"]
    for bearing in range(0, 360, 15):
        for km, sign in ((14.9, 1), (15.1, -1)):
            there = EARTH.Direct(48, 38, bearing, km * 1000)
            depth = float(z.depth_km(np.array([there["lon2"]]), np.array([there["lat2"]]))[0])
            assert np.sign(depth) == sign


def test_a_corridor_5_km_wide_reaches_two_and_a_half_to_each_side(tmp_path: Path) -> None:
    text = changed(
        "timezone: Asia/Baku",
        "timezone: Asia/Baku\nzones:\n  - {id: road, file: z.geojson}\n  - {id: corridor, of: road, width_km: 5}",
    )
    _draw_road(tmp_path)
    z = agreement(text, tmp_path).zones["corridor"]
    for km, sign in ((2.4, 1), (2.6, -1)):
        there = EARTH.Direct(40, 46.5, 0, km * 1000)
        assert np.sign(z.depth_km(np.array([there["lon2"]]), np.array([there["lat2"]]))[0]) == sign


def _draw_road(folder: Path) -> None:
    feature = {
        "type": "Feature", "properties": {"name": "road"},
        "geometry": {"type": "LineString", "coordinates": [[46, 40], [47, 40]]},
    }  # fmt: skip
    (folder / "z.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")


def test_one_side_of_a_line_is_not_the_other() -> None:
    line = shapely.LineString([(46, 40), (47, 40)])  # eastwards: left is north
    left, right = buffered(line, 10, "left"), buffered(line, 10, "right")
    assert left.contains(shapely.Point(46.5, 40.05))
    assert not left.contains(shapely.Point(46.5, 39.95))
    assert right.contains(shapely.Point(46.5, 39.95))


def test_an_area_between_two_lines_does_not_depend_on_how_they_run() -> None:
    a, b = shapely.LineString([(46, 40), (47, 40)]), shapely.LineString([(46, 41), (47, 41)])
    assert between(a, b).equals(between(a, b.reverse()))
    assert between(a, b).equals(between(b, a))


def test_a_zone_without_another_is_smaller_and_one_without_all_of_itself_is_a_fault() -> None:
    def zones(radius_km: int) -> str:
        small = "{id: small, circle: {lat: 48, lon: 38, radius_km: 5}}"
        big = f"{{id: big, circle: {{lat: 48, lon: 38, radius_km: {radius_km}}}, minus: small}}"
        return changed("timezone: Asia/Baku", f"timezone: Asia/Baku\nzones: [{small}, {big}]")

    ring = agreement(zones(10)).zones["big"]
    assert float(ring.depth_km(np.array([38.0]), np.array([48.0]))[0]) < 0
    assert "nothing is left" in faults(zones(4))[0].message


def test_an_undefined_zone_has_no_shape_and_says_so() -> None:
    text = changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones: [{id: z, status: undefined}]")
    z = agreement(text).zones["z"]
    assert z.geometry is None
    with pytest.raises(ValueError, match="has no shape"):
        z.depth_km(np.array([38.0]), np.array([48.0]))
