"""Coordinates: known points, round trips, lengths in metres."""

from __future__ import annotations

from math import cos, radians, sin, sqrt, tan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely.geometry import LineString, Point

from corridor.core.crs import HK80, WGS84, WORKING, known_system, project, project_xy, way_to_wgs84
from corridor.core.errors import CrsError

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


def own_mercator(lon: float, lat: float, middle: float, scale: float) -> tuple[float, float]:
    """Easting and northing of a transverse Mercator on WGS84 by the series of Snyder (USGS PP 1395, 8-9 to 8-15), to a cm here."""
    a, f = 6_378_137.0, 1 / 298.257223563
    e2 = f * (2 - f)
    e4, e6, phi = e2**2, e2**3, radians(lat)
    ep2 = e2 / (1 - e2)
    n, t, c = a / sqrt(1 - e2 * sin(phi) ** 2), tan(phi) ** 2, ep2 * cos(phi) ** 2
    b = radians(lon - middle) * cos(phi)
    arc = a * (
        (1 - e2 / 4 - 3 * e4 / 64 - 5 * e6 / 256) * phi
        - (3 * e2 / 8 + 3 * e4 / 32 + 45 * e6 / 1024) * sin(2 * phi)
        + (15 * e4 / 256 + 45 * e6 / 1024) * sin(4 * phi)
        - 35 * e6 / 3072 * sin(6 * phi)
    )
    x = n * (b + (1 - t + c) * b**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * ep2) * b**5 / 120)
    y = arc + n * tan(phi) * (
        b**2 / 2
        + (5 - t + 9 * c + 4 * c**2) * b**4 / 24
        + (61 - 58 * t + t**2 + 600 * c - 330 * ep2) * b**6 / 720
    )
    return 500_000 + scale * x, scale * y


OWN = (
    'PROJCS["{name}",GEOGCS["{base}",DATUM["{datum}",SPHEROID["{datum}",{axis},{flattening}]],PRIMEM["Greenwich",0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000],'
    'PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",113.5624115],PARAMETER["Scale_Factor",0.9996],'
    'PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1]]'
)
WGS84_SHAPE, GRS80, KRASSOWSKY = (6378137.0, 298.257223563), (6378137.0, 298.257222101), (6378245.0, 298.3)


@pytest.mark.parametrize("name", ["WGS_1984_Transverse_Mercator", "WGS_1984_UTM_Zone_49N", "unnamed"])
@pytest.mark.parametrize(
    ("base", "datum", "shape"),
    [
        ("GCS_WGS_1984", "D_WGS_1984", WGS84_SHAPE),
        ("GCS_unnamed", "D_unknown", WGS84_SHAPE),
        ("GCS_User_Defined", "D_User_Defined", GRS80),
        ("GCS_China_Geodetic_Coordinate_System_2000", "D_China_2000", GRS80),
    ],
)
def test_a_system_of_its_own_is_taken_by_its_parameters(
    name: str, base: str, datum: str, shape: tuple[float, float]
) -> None:
    # such a file was placed at 89 E, 23 N: its meridian was taken for that of a registered system of a like name
    crs = CRS(OWN.format(name=name, base=base, datum=datum, axis=shape[0], flattening=shape[1]))
    lon, lat = way_to_wgs84(crs, "own.shp").transform(*own_mercator(114.17, 22.32, 113.5624115, 0.9996))
    assert (lon, lat) == pytest.approx((114.17, 22.32), abs=2e-7)


def test_a_datum_unknown_on_another_ellipsoid_is_refused() -> None:
    axis, flattening = KRASSOWSKY
    crs = CRS(OWN.format(name="own", base="GCS_own", datum="D_unknown", axis=axis, flattening=flattening))
    with pytest.raises(CrsError, match="is in own, from which no exact way leads to WGS84"):
        way_to_wgs84(crs, "own.shp")


@pytest.mark.parametrize("epsg", [2326, 4526, 4547, 4490, 32649, 32650, 3414])
@pytest.mark.parametrize("form", ["WKT1_ESRI", "WKT1_GDAL"])
def test_a_registered_system_is_known_without_its_code(epsg: int, form: str) -> None:
    text = CRS.from_epsg(epsg).to_wkt(form).replace(f',AUTHORITY["EPSG","{epsg}"]', "")
    assert known_system(CRS(text)).to_epsg() == epsg
