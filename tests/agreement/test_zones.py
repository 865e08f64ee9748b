"""Distances on the ground: against geodesics of an independent library, for lines, areas and circles."""

from __future__ import annotations

import json
import time
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


def _file(folder: Path, geometry: dict[str, object]) -> None:
    feature = {"type": "Feature", "properties": {"name": "a"}, "geometry": geometry}
    (folder / "z.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")


def with_zones(*rows: str) -> str:
    """The small agreement with these zones, one a line from line 8 on."""
    return changed("timezone: Asia/Baku", "timezone: Asia/Baku\nzones:\n" + "\n".join(f"  - {{{r}}}" for r in rows))


def points(*places: tuple[float, float]) -> str:
    """Points of (lat, lon) as the file writes them."""
    return "[" + ", ".join(f"{{lat: {lat}, lon: {lon}}}" for lat, lon in places) + "]"


BOW_TIE = [(40.0, 46.0), (41.0, 47.0), (41.0, 46.0), (40.0, 47.0)]


def test_an_area_that_crosses_itself_is_refused_where_it_does() -> None:
    (fault,) = faults(with_zones("id: z, area: " + points(*BOW_TIE)))
    assert "'z'" in fault.message
    assert "crosses or touches itself at latitude 40.5000, longitude 46.5000" in fault.message
    assert "in turn" in fault.remedy
    assert (fault.row, fault.field) == (8, "zones.1.area")


def test_an_area_of_a_file_that_crosses_itself_is_not_mended_in_silence(tmp_path: Path) -> None:
    ring = [[lon, lat] for lat, lon in [*BOW_TIE, BOW_TIE[0]]]
    _file(tmp_path, {"type": "Polygon", "coordinates": [ring]})
    (fault,) = faults(with_zones("id: z, file: z.geojson"), tmp_path)
    assert "crosses or touches itself" in fault.message


@pytest.mark.parametrize("shape", ["line", "area"])
def test_a_shape_that_steps_across_the_180th_meridian_is_refused_with_what_to_do(shape: str) -> None:
    corners = points((-17.0, 179.5), (-17.0, -179.5), (-16.0, -179.5), (-16.0, 179.5))
    (fault,) = faults(with_zones(f"id: z, {shape}: {corners}"))
    assert "across the 180th meridian, from longitude 179.5 to -179.5 near latitude -17" in fault.message
    assert "RFC 7946" in fault.remedy
    assert fault.row == 8


def test_an_area_cut_at_the_180th_meridian_is_one_area() -> None:
    west = points((-17.0, 179.0), (-17.0, 180.0), (-16.0, 180.0), (-16.0, 179.0))
    east = points((-17.0, -180.0), (-17.0, -179.0), (-16.0, -179.0), (-16.0, -180.0))
    z = agreement(with_zones(f"id: w, area: {west}", f"id: e, area: {east}", "id: z, of: [w, e]")).zones["z"]
    inside = z.depth_km(np.array([179.999, -179.999, 180.0]), np.array([-16.5, -16.5, -16.5]))
    assert inside == pytest.approx([55.3, 55.3, 55.3], abs=0.3)  # to the southern and northern edge, half a degree
    outside = float(z.depth_km(np.array([-178.0]), np.array([-16.5]))[0])
    assert outside == pytest.approx(-EARTH.Inverse(-16.5, -178.0, -16.5, -179.0)["s12"] / 1000, rel=2e-3)


def test_a_circle_across_the_180th_meridian_reaches_as_far_on_both_sides() -> None:
    z = agreement(with_zones("id: z, circle: {lat: -17, lon: 179.9, radius_km: 50}")).zones["z"]
    for bearing in range(0, 360, 30):
        for km, sign in ((49.5, 1), (50.5, -1)):
            there = EARTH.Direct(-17, 179.9, bearing, km * 1000)
            assert np.sign(z.depth_km(np.array([there["lon2"]]), np.array([there["lat2"]]))[0]) == sign


def test_two_kilometres_on_either_side_are_two_all_along_a_line_of_2000_km() -> None:
    ends = points((21.0, -17.0), (27.5, -8.7), (28.0, -8.7), (35.0, -1.0))
    z = agreement(with_zones(f"id: l, line: {ends}", "id: z, of: l, buffer_km: 5")).zones["z"]
    for lat, lon in ((21.0 + 6.5 * f, -17.0 + 8.3 * f) for f in (0.1, 0.5, 0.9)):
        for km, sign in ((4.9, 1), (5.1, -1)):
            slope = EARTH.Inverse(lat - 0.0065, lon - 0.0083, lat + 0.0065, lon + 0.0083)["azi1"]
            for side in (90, -90):
                there = EARTH.Direct(lat, lon, slope + side, km * 1000)
                where = shapely.Point(there["lon2"], there["lat2"])
                assert (1 if z.geometry.contains(where) else -1) == sign, (lat, lon, km, side)


def test_a_zone_made_from_a_smaller_one_is_made_from_what_is_left_of_it() -> None:
    zones = agreement(
        with_zones(
            "id: town, circle: {lat: 40, lon: 46, radius_km: 2}",
            "id: belt, circle: {lat: 40, lon: 46, radius_km: 10}, minus: town",
            "id: both, of: [belt]",
        )
    ).zones
    assert zones["both"].depth_km(np.array([46.0]), np.array([40.0]))[0] < 0


def test_what_is_cut_with_an_undefined_zone_is_undefined() -> None:
    zones = agreement(
        with_zones(
            "id: town, status: undefined",
            "id: belt, circle: {lat: 40, lon: 46, radius_km: 10}, minus: town",
            "id: part, circle: {lat: 40, lon: 46, radius_km: 10}, within: town",
            "id: both, of: [town, belt]",
        )
    ).zones
    assert [zones[z].geometry for z in ("belt", "part", "both")] == [None, None, None]


def test_own_side_of_a_line_is_told_by_its_direction_and_its_sides() -> None:
    bent = points((40.0, 46.0), (40.0, 47.0), (41.0, 47.0))  # eastwards, then north: the left is north-west of the bend
    z = agreement(with_zones(f"id: z, line: {bent}, sides: {{norland: left, sudland: right}}")).zones["z"]
    lon, lat = np.array([46.5, 46.5, 46.9, 47.1, 47.1]), np.array([40.1, 39.9, 40.5, 40.5, 39.9])
    own, other = z.own_km("norland", lon, lat), z.own_km("sudland", lon, lat)
    assert own is not None
    assert other is not None
    assert np.sign(own).tolist() == [1, -1, 1, -1, -1]
    assert np.array_equal(own, -other)
    assert np.abs(own) == pytest.approx(-z.depth_km(lon, lat))
    assert z.own_km("nobody", lon, lat) is None


def test_a_winding_line_reaches_as_far_as_its_pieces_on_both_sides_and_on_one() -> None:
    steps = np.arange(300)
    winding = shapely.LineString(np.column_stack([46 + steps * 0.003, 40 + 0.02 * np.sin(steps / 5)]))
    whole, left, right = (buffered(winding, 4, side) for side in ("both", "left", "right"))
    spots = [(46.0 + 0.1 * i, 40.0 + 0.01 * j) for i in range(1, 9) for j in range(-8, 9)]
    z = zone(winding)
    for lon, lat in spots:
        away = away_km(z, lon, lat)
        if abs(away - 4) < 0.02 or away < 0.02:
            continue
        on_left = float(z.local.left_km(*z.local.project(np.array([lon]), np.array([lat])))[0]) > 0
        point = shapely.Point(lon, lat)
        found = whole.contains(point), left.contains(point), right.contains(point)
        near = away < 4
        assert found == (near, near and on_left, near and not on_left), (lon, lat, away)


def test_a_line_that_winds_ten_thousand_times_is_widened_in_bounded_time() -> None:
    zigzag = points(*((40.0 + 0.05 * (i % 2), 46.0 + i * 0.0005) for i in range(3_000)))
    began = time.perf_counter()
    one = agreement(with_zones(f"id: l, line: {zigzag}", "id: z, of: l, buffer_km: 50"))
    assert one.zones["z"].local.shape.area > 10_000
    assert time.perf_counter() - began < 30


def test_a_shape_that_nobody_draws_is_refused() -> None:
    mess = points(*((i * 7919 % 160 - 80.0, i * 104729 % 340 - 170.0) for i in range(1_000)))
    (fault,) = faults(with_zones(f"id: l, line: {mess}"))
    assert "180th meridian" in fault.message or "pieces, where at most" in fault.message
    steps = [f"id: z{i}, of: z{i - 1}, buffer_km: 1" for i in range(1, 30)]
    found = faults(with_zones("id: z0, circle: {lat: 40, lon: 46, radius_km: 1}", *steps))
    assert "more than 20 steps" in found[0].message
