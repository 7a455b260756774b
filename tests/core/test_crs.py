"""Coordinates: known points, round trips, lengths in metres."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, Point

from corridor.core.crs import HK80, WGS84, WORKING, project, project_xy

# The corridor and a margin.
LON = st.floats(113.6, 114.6, allow_nan=False)
LAT = st.floats(22.1, 22.9, allow_nan=False)


def test_the_known_point_of_the_hong_kong_grid() -> None:
    # Hong Kong 1980 Grid 836694.05 E, 819069.80 N is 114.18101 E, 22.31060 N with its datum shift
    lon, lat = project_xy(836694.05, 819069.80, HK80, WGS84)
    assert float(lon) == pytest.approx(114.18101, abs=5e-6)
    assert float(lat) == pytest.approx(22.31060, abs=5e-6)


def test_the_hong_kong_grid_reaches_the_working_system_by_way_of_wgs84() -> None:
    direct = project_xy(836694.05, 819069.80, HK80, WORKING)
    by_hand = project_xy(*project_xy(836694.05, 819069.80, HK80, WGS84), WGS84, WORKING)
    assert np.hypot(direct[0] - by_hand[0], direct[1] - by_hand[1]) < 1e-3
    # without the datum shift it would lie some 300 m away
    lon, lat = project_xy(*direct, WORKING, WGS84)
    assert Geod(ellps="WGS84").inv(float(lon), float(lat), 114.18101, 22.31060)[2] < 1.0


def test_the_central_meridian_has_a_false_easting_of_500_km() -> None:
    x, y = project_xy(114.0, 22.5)
    assert float(x) == pytest.approx(500_000, abs=0.01)
    assert 2_480_000 < float(y) < 2_500_000


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (0,), (2, 3)])
def test_the_shape_stays(shape: tuple[int, ...]) -> None:
    x, y = project_xy(np.full(shape, 114.0), np.full(shape, 22.5), WGS84, HK80)
    assert x.shape == y.shape == shape


@given(LON, LAT)
def test_there_and_back(lon: float, lat: float) -> None:
    back = project_xy(*project_xy(lon, lat), WORKING, WGS84)
    assert np.abs(np.array(back) - (lon, lat)).max() < 1e-8


@given(LON, LAT, st.floats(0, 360), st.floats(10, 5_000))
def test_lengths_are_those_on_the_ellipsoid(lon: float, lat: float, azimuth: float, metres: float) -> None:
    to_lon, to_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, azimuth, metres)
    x, y = project_xy([lon, to_lon], [lat, to_lat])
    # the scale is 1 on the meridian and grows with the square of the distance: 3e-5 at 50 km
    assert np.hypot(*np.diff([x, y])[:, 0]) == pytest.approx(metres, rel=6e-5, abs=1e-3)


def test_shapes_go_the_way_their_points_go() -> None:
    line = LineString([(113.95, 22.45), (113.94, 22.50)])
    moved = project(line)
    assert np.allclose(np.array(moved.coords).T, project_xy(*np.array(line.coords).T))
    assert project(moved, WORKING, WGS84).distance(line) < 1e-9
    many = project(np.array([Point(114, 22.5), line], dtype=object))
    assert [g.geom_type for g in many] == ["Point", "LineString"]


def test_the_form_of_the_input_is_kept() -> None:
    x, y = project_xy([[114.0, 114.1]], [[22.3, 22.4]])
    assert x.shape == y.shape == (1, 2)
    x, y = project_xy([], [])
    assert x.size == y.size == 0
