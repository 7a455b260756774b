"""Vectors of one's own as a layer: every system, what is mended and reported, what is refused and how."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from corridor.core import paths
from corridor.core.errors import CorridorError, CrsError, GeometryError, LayerError, MissingColumnError
from corridor.importers.entry.datum import to_gcj02
from corridor.importers.entry.enter import NewLayer, enter
from corridor.importers.entry.options import Options, Origin, parse_pairs
from corridor.importers.vectors.layer import cleaned, to_wgs84, vector_layer
from corridor.importers.vectors.read import Found, read_vector
from corridor.importers.vectors.shifted import shifted_layers
from corridor.schema.catalog import Catalog
from corridor.schema.tables import FACILITY_KINDS
from tests.conftest import Cli
from tests.core.test_crs import OWN
from tests.importers.vector_files import FORMATS, POINT, POINT_2326, csv


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_says_the_same(kind: str, tmp_path: Path, catalog: Catalog) -> None:
    path = FORMATS[kind](tmp_path)
    wishes = Options(
        crs="EPSG:4326" if "WKT" in kind else "",
        columns={"name_zh": "name_zh_hant"},
        constants={"kind": "clinic"},
    )
    layer = vector_layer(path, "facilities", catalog, wishes)
    assert layer.data.decode() == (
        "facility_id,name_en,name_zh_hant,kind,region,lon,lat\n"
        "facilities-1,North,北區診所,clinic,hk,114.1,22.5\n"
        "facilities-2,South,南區診所,clinic,hk,114.17,22.28\n"
    )
    assert layer.notes[-2:] == (
        "ids facilities-1 to facilities-2 made, since there is no column 'facility_id'",
        "column 'region' made from the nearest coast (2 hk)",
    )
    guessed = [n for n in layer.notes if "GB18030" in n]
    assert bool(guessed) == (kind in ("shapefile with GBK", "zipped shapefile", "csv in GB18030"))


@pytest.mark.parametrize("epsg", [2326, 4490, 4547, 32649, 32650])
def test_every_system_leads_to_the_same_place(epsg: int) -> None:
    # 32650 (UTM zone 50) is the zone east of 114 E, 32649 that west of it; both reach over
    there = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(POINT_2326)], crs=2326)
    if epsg != 2326:
        lon_lat = to_wgs84(Found("p", there), "", None)
        there = lon_lat.frame.to_crs(epsg)
    found = to_wgs84(Found("p", there), "", None)
    place = found.frame.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx(POINT, abs=1e-5)
    assert found.notes[0].startswith("converted from ")
    bare = Found("p", there.set_crs(None, allow_override=True))
    stated = to_wgs84(bare, f"EPSG:{epsg}", None)
    assert stated.frame.geometry.iloc[0].equals_exact(place, 1e-9)


def test_a_prj_of_other_software_is_the_exact_system_too(tmp_path: Path) -> None:
    path = tmp_path / "grid.shp"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(POINT_2326)], crs=2326).to_file(path)
    path.with_suffix(".prj").write_text(CRS.from_epsg(2326).to_wkt("WKT1_ESRI"), encoding="ascii")
    found = to_wgs84(read_vector(path), "", None)
    place = found.frame.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx(POINT, abs=1e-5)  # a ballpark would be 300 m off


def test_a_prj_of_an_own_projection_is_where_it_says(tmp_path: Path) -> None:
    # 114.17 E, 22.32 N by the series of Snyder (tests/core/test_crs.py): 562,574.96 E, 2,468,373.17 N
    path = tmp_path / "own.shp"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(562_574.96, 2_468_373.17)], crs=4547).to_file(path)
    text = OWN.format(
        name="Own", base="GCS_WGS_1984", datum="D_WGS_1984", axis=6378137, flattening=298.257223563
    )
    path.with_suffix(".prj").write_text(text, encoding="ascii")
    place = to_wgs84(read_vector(path), "", None).frame.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((114.17, 22.32), abs=2e-7)


def test_a_file_without_a_system_must_be_told_one(tmp_path: Path, catalog: Catalog) -> None:
    path = csv("facility_id,name_en,x,y\n1,A,836694.05,819069.8\n")(tmp_path)
    with pytest.raises(CrsError) as caught:
        vector_layer(path, "facilities", catalog, Options())
    assert str(caught.value) == (
        "- clinics.csv: states no coordinate system; expected one; give it: --crs EPSG:2326 (Hong Kong 1980 Grid), "
        "EPSG:4490 or EPSG:4547 (CGCS2000), EPSG:32649 or EPSG:32650 (UTM), EPSG:4326 (WGS84 degrees)"
    )
    layer = vector_layer(path, "facilities", catalog, Options(crs="EPSG:2326"))
    assert b"1,A,hk,114.18" in layer.data
    with pytest.raises(CrsError, match=r"--crs: 'EPSG:99'; expected a system PROJ knows"):
        vector_layer(path, "facilities", catalog, Options(crs="EPSG:99"))


def test_the_number_of_a_zone_in_eastings_is_named(tmp_path: Path, catalog: Catalog) -> None:
    # 114.1 E, 22.5 N is 510,289.6 E on the 3-degree zone 38, whose middle is 114 E; with its number 38,510,289.6
    rows = "facility_id,name_en,kind,x,y\n1,A,clinic,{},2489170.8\n"
    path = csv(rows.format(38_510_289.6))(tmp_path)
    with pytest.raises(CrsError) as caught:
        vector_layer(path, "facilities", catalog, Options())
    assert str(caught.value) == (
        "- clinics.csv: states no coordinate system; its eastings begin with the zone 38 of China's grid; expected one; "
        "give it: --crs EPSG:4526 (CGCS2000)"
    )
    with pytest.raises(CrsError) as caught:
        vector_layer(path, "facilities", catalog, Options(crs="EPSG:4547"))
    assert str(caught.value) == (
        "- clinics.csv: has eastings such as 38,510,290, which begin with the zone 38 of China's grid; expected eastings of "
        "CGCS2000 / 3-degree Gauss-Kruger CM 114E, which has no number before them; give --crs EPSG:4526 if they are in "
        "CGCS2000, or take 38,000,000 off"
    )
    right = vector_layer(path, "facilities", catalog, Options(crs="EPSG:4526"))
    bare = csv(rows.format(510_289.6))(tmp_path)
    with pytest.raises(
        CrsError, match="without the number of the zone; .* give --crs EPSG:4547 if they are in CGCS2000"
    ):
        vector_layer(bare, "facilities", catalog, Options(crs="EPSG:4526"))
    assert vector_layer(bare, "facilities", catalog, Options(crs="EPSG:4547")).data == right.data
    assert b",hk,114.0999997,22.5000005" in right.data


def test_an_empty_region_is_that_of_the_place(tmp_path: Path, catalog: Catalog) -> None:
    text = "facility_id,name_en,kind,region,lon,lat\n1,A,clinic,hk,114.1,22.4\n2,B,clinic,,114.05,22.55\n3,C,clinic,,114.17,22.3\n"
    layer = vector_layer(csv(text)(tmp_path), "facilities", catalog, Options())
    rows = [line.split(",")[3] for line in layer.data.decode().splitlines()[1:]]
    assert (
        rows == ["hk", "sz", "hk"]
        and "column 'region' made from the nearest coast (1 hk, 1 sz)" in layer.notes
    )


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("Clinic", "clinic"),
        ("hopsital", "hospital"),
        ("HOSPITALS", "hospital"),
        ("blood service", "blood_service"),
        ("Primary schools", "primary_school"),
    ],
)
def test_a_slip_in_a_kind_names_the_known_one(
    cli: Cli, mine: Path, tmp_path: Path, kind: str, meant: str
) -> None:
    path = csv(f"name_en,lon,lat,kind\nA,114.1,22.4,{kind}\nB,114.1,22.41,school\n")(tmp_path)
    said = cli("--study", mine, "layers", "add", "vector", path, "--role", "facilities")
    assert said.exit_code == 1
    told = f"line 2: kind {kind!r} is none that is known; expected a known kind ({', '.join(FACILITY_KINDS)}), or another one"
    assert f"{told}; did you mean {meant!r}?" in said.output and "line 3" not in said.output


def test_spaces_around_a_kind_are_taken_off(tmp_path: Path, catalog: Catalog) -> None:
    layer = vector_layer(
        csv("name_en,lon,lat,kind\nA,114.1,22.4,clinic \n")(tmp_path), "facilities", catalog, Options()
    )
    assert b",clinic,hk," in layer.data and "spaces around 1 values of column 'kind' taken off" in layer.notes


def test_a_table_with_semicolons_is_named(cli: Cli, mine: Path, tmp_path: Path) -> None:
    (tmp_path / "hours.csv").write_text("pattern_id;period\na;am_peak\n", encoding="utf-8")
    said = cli("--study", mine, "layers", "replace", "headways", tmp_path / "hours.csv")
    assert (
        "its cells are separated by semicolons, not by commas; save it as 'CSV UTF-8 (comma delimited)'"
        in said.output
    )


def test_what_is_invalid_is_mended_and_what_is_empty_dropped_and_both_said() -> None:
    bow = shapely.Polygon([(114.1, 22.4), (114.2, 22.5), (114.2, 22.4), (114.1, 22.5)])
    frame = gpd.GeoDataFrame(
        {"a": range(4)},
        geometry=[bow, None, shapely.Polygon(), shapely.box(114, 22.3, 114.1, 22.4)],
        crs=4326,
    )
    found = cleaned(Found("areas.gpkg", frame), "designations")
    assert list(found.frame["a"]) == [0, 3] and found.frame.is_valid.all()
    # the bow tie is two triangles, each half of 0.1 x 0.05 degrees
    assert found.frame.geometry.iloc[0].area == pytest.approx(2 * 0.5 * 0.1 * 0.05, rel=1e-6)
    assert found.notes == (
        "2 of 4 features without geometry left out",
        "1 invalid geometries mended (self-intersection)",
    )


def test_shapes_of_the_wrong_kind_are_named() -> None:
    frame = gpd.GeoDataFrame(
        {"a": [1, 2]}, geometry=[shapely.Point(114, 22.5), shapely.box(114, 22.3, 114.1, 22.4)], crs=4326
    )
    with pytest.raises(GeometryError) as caught:
        cleaned(Found("x.gpkg", frame), "designations")
    assert str(caught.value) == (
        "- x.gpkg feature 1: is a point; expected polygons for role 'designations'; remove it, or choose another role"
    )


def test_nothing_left_is_an_error() -> None:
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[None], crs=4326)
    with pytest.raises(GeometryError, match="has no feature with a geometry"):
        cleaned(Found("x.gpkg", frame), "other")


def test_coordinates_that_are_no_numbers_are_left_out() -> None:
    frame = gpd.GeoDataFrame(
        {"a": [1, 2]}, geometry=[shapely.Point(np.inf, 0), shapely.Point(114, 22.5)], crs=4326
    )
    found = cleaned(Found("x.gpkg", frame), "other")
    assert len(found.frame) == 1 and found.notes == (
        "1 of 2 features with coordinates that are no numbers left out",
    )


def test_columns_are_mapped_or_named(tmp_path: Path, catalog: Catalog) -> None:
    path = FORMATS["csv"](tmp_path)
    with pytest.raises(MissingColumnError) as caught:
        vector_layer(path, "facilities", catalog, Options(columns={"nam_en": "name_en"}))
    assert str(caught.value) == (
        "- clinics.csv: column 'nam_en' of --map is missing; expected a column of the file; did you mean 'name_en' or 'name_zh'?"
    )
    with pytest.raises(LayerError, match="has 'name_en' already"):
        vector_layer(path, "facilities", catalog, Options(columns={"name_zh": "name_en"}))
    with pytest.raises(CorridorError, match="--map: 'a'; expected two names with '=' between"):
        parse_pairs(["a"], "--map")


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_columns_that_a_shapefile_cut_are_read_as_meant(tmp_path: Path, catalog: Catalog) -> None:
    area = {"name_en": ["Own reserve"], "designation": ["nature_reserve"]}
    path = tmp_path / "reserves.shp"
    gpd.GeoDataFrame(area, geometry=[shapely.box(114.0, 22.4, 114.05, 22.45)], crs=4326).to_file(path)
    layer = vector_layer(path, "designations", catalog, Options())
    assert layer.notes[0] == "columns cut to ten letters are read as meant: 'designatio' as 'designation'"
    assert b'"designation": "nature_reserve"' in layer.data


def test_shifted_coordinates_are_converted_when_asked(tmp_path: Path, catalog: Catalog) -> None:
    # Shenzhen's published pair: 113.912316 E, 22.543847 N is 113.9171764808363 E, 22.540796131694766 N in GCJ-02
    path = csv("name_en,lon,lat,kind\nA,113.9171764808363,22.540796131694766,clinic\n")(tmp_path)
    layer = vector_layer(path, "facilities", catalog, Options(datum="gcj02"))
    assert b"113.912316,22.543847" in layer.data and "converted from GCJ-02 to WGS84" in layer.notes
    grid = Found("g", gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(POINT_2326)], crs=2326))
    with pytest.raises(CrsError, match="expected degrees, for --datum bd09; leave --datum out"):
        to_wgs84(grid, "", "bd09")


def test_a_shifted_layer_entered_by_hand_is_told_by_the_check(mine: Path) -> None:
    stations = pd.read_csv(paths.layers_dir() / "network" / "stations_sz.csv", dtype=str).head(20)
    lon, lat = to_gcj02(stations["lon"].astype(float), stations["lat"].astype(float))
    data = (
        stations.assign(lon=lon, lat=lat, station_id="own-" + stations["station_id"])
        .to_csv(index=False)
        .encode()
    )
    enter(mine, NewLayer("stations", "table", ".csv", data, Origin(), (), "stops"), replacing=False)
    (problem,) = shifted_layers(Catalog.open(mine / "catalog.yaml"))
    assert problem.what.startswith("looks like GCJ-02: it is 60")
    assert problem.remedy == "convert it: 'corridor layers replace stations FILE --datum ...'"
