"""GCJ-02 and BD-09: published pairs, there and back, and layers that lie off found out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from corridor.core import paths
from corridor.core.crs import project, project_xy
from corridor.core.errors import CrsError
from corridor.importers.entry.datum import (
    Datum,
    Known,
    _gcj02_to_bd09,
    find_line_shift,
    find_shift,
    from_wgs84,
    geometry_to_wgs84,
    to_gcj02,
    to_wgs84,
)
from corridor.importers.vectors.read import Found
from corridor.importers.vectors.shifted import check_datum, known_places, shift_of
from corridor.schema.catalog import Catalog

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # test values of eviltransform (github.com/googollee/eviltransform), lat, lon
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
    ],
)
def test_published_pairs_of_gcj02(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    lon, lat = to_gcj02(wgs[1], wgs[0])
    assert (float(lat), float(lon)) == pytest.approx(gcj, abs=1e-12)
    lon, lat = to_wgs84(gcj[1], gcj[0], "gcj02")
    assert (float(lat), float(lon)) == pytest.approx(wgs, abs=1e-10)


def test_published_pairs_of_coordtransform() -> None:
    # github.com/wandergis/coordtransform, README, lon, lat
    assert to_gcj02(116.404, 39.915) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)
    bd = _gcj02_to_bd09(np.array(116.404), np.array(39.915))
    assert tuple(map(float, bd)) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)
    # as printed by ports of coordtransform: WGS84 116.404, 39.915 is this in BD-09
    both = from_wgs84(116.404, 39.915, "bd09")
    assert tuple(map(float, both)) == pytest.approx((116.41662724378733, 39.922699552216216), abs=1e-12)


@given(st.floats(111, 117), st.floats(21, 25), st.sampled_from(SHIFTED))
def test_there_and_back_is_below_a_millimetre(lon: float, lat: float, datum: Datum) -> None:
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    x, y = project_xy([lon, back[0]], [lat, back[1]])
    assert float(np.hypot(*np.diff([x, y])[:, 0])) < 0.001


def test_the_shift_is_what_maps_here_have() -> None:
    # at Futian the two published offsets: some 0.6 km for GCJ-02, some 1.2 km for BD-09
    for datum, low, high in (("gcj02", 550, 650), ("bd09", 900, 1300)):
        lon, lat = from_wgs84(114.055, 22.54, datum)  # type: ignore[arg-type]
        x, y = project_xy([114.055, float(lon)], [22.54, float(lat)])
        assert low < float(np.hypot(np.diff(x), np.diff(y))[0]) < high


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.fixture(scope="module")
def stations() -> pd.DataFrame:
    return pd.read_csv(paths.layers_dir() / "network" / "stations_sz.csv").head(60)


Moved = Callable[[Datum], gpd.GeoDataFrame]


@pytest.fixture
def moved(stations: pd.DataFrame) -> Moved:
    def move(datum: Datum) -> gpd.GeoDataFrame:
        lon, lat = from_wgs84(stations["lon"], stations["lat"], datum)
        return gpd.GeoDataFrame(stations[["name_en"]], geometry=gpd.points_from_xy(lon, lat), crs=4326)

    return move


@pytest.mark.parametrize("datum", SHIFTED)
@pytest.mark.parametrize("named", [True, False])
def test_a_station_layer_off_is_found_out(catalog: Catalog, moved: Moved, datum: Datum, named: bool) -> None:
    frame = moved(datum) if named else moved(datum)[["geometry"]]
    shift = shift_of(frame, known_places(catalog, outline=False))
    assert shift is not None and shift.datum == datum
    assert shift.left_m < 1 and shift.offset_m > 400 and shift.east_m > 300
    assert ("same name" in shift.against) == named


@pytest.mark.parametrize("named", [True, False])
def test_a_station_layer_that_is_right_is_left_alone(catalog: Catalog, moved: Moved, named: bool) -> None:
    frame = moved("wgs84") if named else moved("wgs84")[["geometry"]]
    assert shift_of(frame, known_places(catalog, outline=False)) is None


def test_points_that_are_no_stations_say_nothing(catalog: Catalog) -> None:
    draw = np.random.default_rng(1)
    lon, lat = draw.uniform(113.9, 114.3, 200), draw.uniform(22.3, 22.7, 200)
    assert find_shift(lon, lat, None, known_places(catalog, outline=False)) is None


def test_a_rough_map_is_not_taken_for_a_shifted_one(catalog: Catalog, stations: pd.DataFrame) -> None:
    # 300 m of scatter to all sides is inexact, not GCJ-02
    draw = np.random.default_rng(2)
    lon = stations["lon"].to_numpy() + draw.normal(0, 0.003, len(stations))
    lat = stations["lat"].to_numpy() + draw.normal(0, 0.003, len(stations))
    names = [(n,) for n in stations["name_en"]]
    assert find_shift(lon, lat, names, known_places(catalog, outline=False)) is None


def test_an_outline_off_is_found_out(catalog: Catalog) -> None:
    coast = catalog.vector("coastline")
    known = known_places(catalog, outline=True)
    assert shift_of(coast, known) is None

    def away(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to_gcj02(xy[:, 0], xy[:, 1]))

    off = coast.set_geometry(gpd.GeoSeries(list(shapely.transform(coast.geometry.array, away)), crs=4326))
    shift = shift_of(off, known)
    assert shift is not None and shift.datum == "gcj02" and 550 < shift.offset_m < 650
    back = project(geometry_to_wgs84(np.asarray(off.geometry.array), "gcj02"))
    assert shapely.equals_exact(back, project(np.asarray(coast.geometry.array)), tolerance=0.01).all()


def test_the_message_says_offset_and_remedy(catalog: Catalog, moved: Moved) -> None:
    found = Found("stops.geojson", moved("gcj02"))
    with pytest.raises(CrsError) as caught:
        check_datum(found, catalog)
    assert str(caught.value) == (
        "- stops.geojson: looks like GCJ-02: it is 604 m off (512 m east, 313 m south) from 60 stations of the "
        "same name; read as GCJ-02 it is 0 m off; expected WGS84; give --datum gcj02 to convert it, or --datum "
        "wgs84 to take it as it is"
    )


def test_no_known_places_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("[]\n", encoding="utf-8")
    empty = known_places(Catalog.open(tmp_path / "catalog.yaml"), outline=False)
    assert find_shift(np.array([114.0] * 5), np.array([22.5] * 5), None, empty) is None


def test_a_hand_drawn_alignment_is_left_alone(catalog: Catalog) -> None:
    # eight bends, each put so that read as GCJ-02 it is on the coast: far fewer than a finding needs
    known = known_places(catalog, outline=True)
    corners = shapely.get_coordinates(known.lines)[::900][:8]
    lon, lat = to_gcj02(*project_xy(corners[:, 0], corners[:, 1], 4547, 4326))
    drawn = gpd.GeoDataFrame(geometry=[shapely.LineString(np.column_stack([lon, lat]))], crs=4326)
    assert shift_of(drawn, known) is None


def test_a_line_beside_a_straight_coast_is_left_alone() -> None:
    # forty corners of a line parallel to a straight coast, the shift of GCJ-02 away: moved straight across it is as near
    along = np.linspace(-20_000, 20_000, 40)
    coast = np.column_stack([500_000 + along * 0, 2_490_000 + along])
    lon, lat = to_gcj02(*project_xy(coast[:, 0], coast[:, 1], 4547, 4326))
    none = np.array([])
    known = Known(
        (), none, none, np.array([shapely.LineString(pair) for pair in zip(coast, coast[1:], strict=False)])
    )
    assert find_line_shift([shapely.LineString(np.column_stack([lon, lat]))], known) is None


@pytest.mark.parametrize(("count", "found"), [(4, False), (5, True)])
def test_how_many_names_a_finding_needs(catalog: Catalog, moved: Moved, count: int, found: bool) -> None:
    shift = shift_of(moved("gcj02").head(count), known_places(catalog, outline=False))
    assert (shift is not None) == found


@pytest.mark.parametrize(("count", "found"), [(9, False), (10, True)])
def test_how_many_points_a_finding_needs(catalog: Catalog, moved: Moved, count: int, found: bool) -> None:
    shift = shift_of(moved("gcj02")[["geometry"]].head(count), known_places(catalog, outline=False))
    assert (shift is not None) == found
