"""Vectors of one's own: every format, every system, what is mended and said, what is refused and how."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml
from pyproj import CRS

from corridor.core import paths
from corridor.core.containment import inside
from corridor.core.errors import (
    CatalogError,
    CorridorError,
    CrsError,
    GeometryError,
    LayerError,
    MissingColumnError,
)
from corridor.importers.entry import enter as entries
from corridor.importers.entry.datum import to_gcj02
from corridor.importers.entry.enter import NewLayer, choose_id, enter, with_entry
from corridor.importers.entry.files import Limits, check_zip
from corridor.importers.entry.options import Options, Origin, parse_pairs
from corridor.importers.vectors.layer import cleaned, shifted_layers, to_wgs84, vector_layer
from corridor.importers.vectors.read import Found, read_vector
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import CatalogEntry
from corridor.schema.text import Text
from corridor.study.folder import init
from tests.conftest import Cli, contents

# The known point of the Hong Kong 1980 Grid: 836694.05 E, 819069.8 N is 114.18101 E, 22.31060 N.
POINT_2326, POINT = (836694.05, 819069.8), (114.18101, 22.31060)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.bundled()


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    init(tmp_path / "mine")
    return tmp_path / "mine"


def points(crs: int | None = 4326) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name_en": ["North", "South"], "name_zh": ["北區診所", "南區診所"]},
        geometry=[shapely.Point(114.1, 22.5), shapely.Point(114.17, 22.28)],
        crs=crs,
    )


def shapefile(folder: Path, encoding: str = "gbk", cpg: bool = False) -> Path:
    path = folder / "clinics.shp"
    points().to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def packed(folder: Path) -> Path:
    shapefile(folder)
    path = folder / "clinics.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.glob("clinics.*")):
            if part != path:
                archive.write(part, f"data/{part.name}")
    return path


def saved(name: str, driver: str, **more: str) -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        points().to_file(folder / name, driver=driver, **more)
        return folder / name

    return save


def csv(text: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def save(folder: Path) -> Path:
        (folder / "clinics.csv").write_bytes(text.encode(encoding))
        return folder / "clinics.csv"

    return save


FORMATS = {
    "gpkg": saved("clinics.gpkg", "GPKG"),
    "geojson": saved("clinics.geojson", "GeoJSON"),
    "flatgeobuf": saved("clinics.fgb", "FlatGeobuf", SPATIAL_INDEX="NO"),
    "shapefile with GBK": shapefile,
    "shapefile with UTF-8": lambda folder: shapefile(folder, "utf-8"),
    "shapefile that says GBK": lambda folder: shapefile(folder, "gbk", cpg=True),
    "zipped shapefile": packed,
    "csv": csv("name_en,name_zh,lon,lat\nNorth,北區診所,114.1,22.5\nSouth,南區診所,114.17,22.28\n"),
    "csv in GB18030": csv(
        "name_en,name_zh,经度,纬度\nNorth,北區診所,114.1,22.5\nSouth,南區診所,114.17,22.28\n", "gb18030"
    ),
    "csv with WKT": csv(
        "name_en,name_zh,WKT\nNorth,北區診所,POINT (114.1 22.5)\nSouth,南區診所,POINT (114.17 22.28)\n"
    ),
}


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


def test_geoparquet(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "clinics.parquet"
    points().to_parquet(path)
    assert list(read_vector(path).frame["name_en"]) == ["North", "South"]


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


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("name,a\nx,1\n", GeometryError,
         "- clinics.csv: has no position (columns name, a); expected columns lon and lat, x and y, or wkt; "
         "name them so, or with --map theirs=lon --map theirs=lat"),
        ("lon,lat\n114.1,north\n114.1,22\n", GeometryError,
         "- clinics.csv row 2: lat is 'north'; expected a number; correct it"),
        ("wkt\nPOINT (114.1 22.4)\nPOINT (1\n", GeometryError,
         "- clinics.csv row 3: wkt is 'POINT (1'; expected WKT, e.g. POINT (114.1 22.5); correct it"),
        ("lon,lat\n1,2,3\n", LayerError, "- clinics.csv: cannot be read as CSV"),
    ],
)  # fmt: skip
def test_a_csv_says_which_row(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error) as caught:
        read_vector(csv(text)(tmp_path))
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.kmz", b"x", "- a.kmz: has the ending '.kmz'; expected one of .gpkg, .shp"),
        ("a.gpkg", b"not a database", "- a.gpkg: does not begin as a .gpkg file does"),
        ("a.geojson", b'<OGRVRTDataSource><SrcDataSource>/etc/passwd', "- a.geojson: does not begin as a .geojson file does"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "- a.geojson: cannot be read"),
        ("a.geojson", b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
         "- a.geojson: is nested 5,001 levels deep; expected at most 64"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 200, "- a.gpkg: cannot be read"),
        ("a.csv", b"", "- a.csv: is empty"),
        ("a.zip", b"PK\x03\x04 broken", "- a.zip: cannot be opened"),
    ],
)  # fmt: skip
def test_what_is_no_map_file(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LayerError) as caught:
        read_vector(tmp_path / name)
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://127.0.0.1:9/a.gpkg", "http://127.0.0.1:9/a.geojson", "none.gpkg"]
)
def test_only_files_of_this_computer_are_opened(name: str) -> None:
    with pytest.raises(LayerError, match="is no file; expected a file of this computer"):
        read_vector(Path(name))


def test_sizes_have_limits_and_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    path = saved("clinics.geojson", "GeoJSON")(tmp_path)

    def limit(**most: int) -> None:
        monkeypatch.setattr("corridor.importers.entry.files.LIMITS", Limits(**most))

    limit(text_bytes=10)
    with pytest.raises(LayerError, match="clinics.geojson: is 0 MB; expected at most 0 MB; cut it"):
        read_vector(path)
    limit(features=1)
    with pytest.raises(LayerError, match="has more than 1 features"):
        read_vector(path)
    limit(vertices=1)
    with pytest.raises(LayerError, match="has 2 corners; expected at most 1"):
        to_wgs84(read_vector(path), "", None)
    limit(told_bytes=10)
    read_vector(path)
    assert said == ["reading clinics.geojson (0 MB), about 0.0 GB of memory"]


def test_an_archive_is_looked_at_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 3_000_000)
        archive.writestr("../b.shp", b"")
        link = zipfile.ZipInfo("c.shp")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(LayerError) as caught:
        check_zip(path)
    text = str(caught.value)
    assert "times when unpacked; expected at most 200; pack the map files alone" in text
    assert "holds '../b.shp'; expected names inside the archive" in text
    assert "holds a link 'c.shp'; expected plain files" in text
    monkeypatch.setattr("corridor.importers.entry.files.LIMITS", Limits(unzipped_bytes=1_000_000))
    with pytest.raises(LayerError, match="unpacks to 3 MB; expected at most 1 MB"):
        check_zip(path)
    monkeypatch.undo()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(LayerError, match=r"holds 0 map files; expected one .shp with its parts"):
        read_vector(path)


def test_one_layer_of_several_is_named(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for layer in ("a", "b"):
        points().to_file(path, layer=layer, driver="GPKG")
    with pytest.raises(LayerError, match="has 2 layers; expected one; say which with --layer: a, b"):
        read_vector(path)
    assert len(read_vector(path, "b").frame) == 2
    with pytest.raises(LayerError, match="has no layer 'c'; expected one of a, b"):
        read_vector(path, "c")


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


def test_a_layer_in_a_study_is_checked_whole_and_entered_once(cli: Cli, mine: Path, tmp_path: Path) -> None:
    path = csv("facility_id,name_en,lon,lat,kind\n1,A,114.1,22.4,\n1,B,99,22.4,clinic\n")(tmp_path)
    add = ("--study", mine, "layers", "add", "vector", path, "--role", "facilities")
    with contents(mine):
        wrong = cli(*add)
    assert wrong.exit_code == 1
    assert "clinics.csv (converted) line 2: kind is empty" in wrong.output
    assert "facility_id '1' stands twice" in wrong.output and "(converted) line 3" in wrong.output
    path = csv("name_en,lon,lat,kind\nA,114.1,22.4,clinic\n")(tmp_path)
    done = cli(*add, "--title", "Clinics", "--licence", "CC0", "--attribution", "Me", "--id", "clinics")
    assert done.exit_code == 0, done.output
    catalog = Catalog.open(mine / "catalog.yaml")
    entry = next(e for e in catalog.entries if e.id == "clinics")
    assert (entry.title.en, entry.licence, entry.attribution, entry.kind) == ("Clinics", "CC0", "Me", "table")
    assert len(catalog.table("facilities")) == len(Catalog.bundled().table("facilities")) + 1
    with contents(mine):
        assert "a layer of this id is there" in cli(*add, "--id", "clinics").output
    text = (mine / "catalog.yaml").read_text(encoding="utf-8")
    assert text.startswith("# The layers of this study.")  # comments stay


def test_a_map_takes_the_place_of_the_shipped_one(cli: Cli, mine: Path, tmp_path: Path) -> None:
    path = tmp_path / "reserves.gpkg"
    areas = gpd.GeoDataFrame(
        {"NAME": ["Own reserve"]}, geometry=[shapely.box(114.0, 22.4, 114.05, 22.45)], crs=4326
    ).to_crs(2326)
    areas.to_file(path, driver="GPKG")
    said = cli(
        "--study", mine, "layers", "replace", "designations", path, "--map", "NAME=name_en",
        "--set", "designation=nature_reserve",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "takes the place of 'designations' of the shipped study" in said.output
    frame = Catalog.open(mine / "catalog.yaml").vector("designations")
    assert list(frame["designation_id"]) == ["designations-1"] and list(frame["region"]) == ["hk"]
    assert frame.geometry.iloc[0].equals_exact(shapely.box(114.0, 22.4, 114.05, 22.45).normalize(), 1e-6) or (
        frame.geometry.iloc[0].symmetric_difference(shapely.box(114.0, 22.4, 114.05, 22.45)).area < 1e-9
    )
    assert len(list((mine / "layers").iterdir())) == 1


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
    assert problem.what.startswith("looks like GCJ-02: it lies 60")
    assert problem.remedy == "convert it: 'corridor layers replace stations FILE --datum ...'"


# ---- the catalogue ----

LAYER = NewLayer("facilities", "table", ".csv", b"", Origin(), (), "mine")


ENTRY = CatalogEntry(
    id="mine", role="facilities", title=Text(en="Mine"), kind="table", path="layers/a.csv", date="2026",
    source="s", licence="l", attribution="",
)  # fmt: skip


def facilities(name: str = "A") -> NewLayer:
    data = f"facility_id,kind,name_en,lon,lat,region\nown-{name},clinic,{name},114.1,22.4,hk\n".encode()
    return replace(LAYER, data=data)


@pytest.mark.parametrize(
    "text",
    [
        "extends: shipped\nlayers: []\n",
        "extends: shipped\n",
        "extends: shipped\nlayers:\n",
        "layers: []  # none yet\nextends: shipped\n",
        "layers:\nextends: shipped\n",
    ],
)
def test_an_entry_finds_its_place_however_the_list_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(text, encoding="utf-8")
    for note in ("first", "second"):
        path.write_text(
            with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"notes": note})),
            encoding="utf-8",
        )
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert loaded["extends"] == "shipped"
    assert [(e["id"], e["notes"]) for e in loaded["layers"]] == [("mine", "second")]


def test_a_layer_of_ones_own_is_replaced_and_its_file_goes(mine: Path) -> None:
    enter(mine, facilities(), replacing=False)
    enter(mine, facilities("B"), replacing=True)
    assert len(list((mine / "layers").iterdir())) == 1
    assert "B" in set(Catalog.open(mine / "catalog.yaml").table("facilities")["name_en"])


def test_other_entries_and_comments_stay(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text("extends: shipped\nlayers: []\n", encoding="utf-8")
    path.write_text(
        with_entry(path.read_text(encoding="utf-8"), ENTRY) + "# a word at the end\n", encoding="utf-8"
    )
    path.write_text(
        with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"id": "second"})),
        encoding="utf-8",
    )
    three = with_entry(path.read_text(encoding="utf-8"), ENTRY.model_copy(update={"notes": "changed"}))
    loaded = yaml.safe_load(three)["layers"]
    assert [e["id"] for e in loaded] == ["mine", "second"] and loaded[0]["notes"] == "changed"
    assert three.rstrip().endswith("# a word at the end")


def test_a_list_written_in_one_line_is_refused(mine: Path) -> None:
    enter(mine, facilities(), replacing=False)
    path = mine / "catalog.yaml"
    flow = yaml.safe_dump(
        yaml.safe_load(path.read_text(encoding="utf-8")), default_flow_style=True, allow_unicode=True
    )
    path.write_text(flow, encoding="utf-8")
    with contents(mine), pytest.raises(CatalogError) as caught:
        enter(mine, replace(facilities("C"), entry_id="other_one"), replacing=False)
    assert "its layers are not written as a plain list" in str(caught.value)


def test_ids_and_roles_are_told_apart(mine: Path) -> None:
    catalog = Catalog.open(mine / "catalog.yaml")
    assert choose_id(catalog, "facilities", "", replacing=False) == "my_facilities"
    assert choose_id(catalog, "designations", "", replacing=False) == "designations"
    with pytest.raises(CatalogError, match="5 layers have this role; expected one; say which with --id"):
        choose_id(catalog, "stations", "", replacing=True)
    with pytest.raises(
        CatalogError, match="no layer 'stations_hkk' with role 'stations'.*did you mean 'stations_hk'"
    ):
        choose_id(catalog, "stations", "stations_hkk", replacing=True)
    with pytest.raises(CatalogError, match="--id: 'A b'; expected small letters"):
        choose_id(catalog, "stations", "A b", replacing=False)


def test_a_full_disk_leaves_the_study_as_it_was(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("corridor.importers.entry.enter.write_whole", full)
    with contents(mine), pytest.raises(CorridorError) as caught:
        enter(mine, facilities(), replacing=False)
    assert str(caught.value) == (
        f"- {mine}: could not be written (No space left on device); the study is as it was; "
        "expected room and permission to write; free some space"
    )


def test_a_run_killed_before_the_last_step_changes_nothing(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = entries.write_whole

    def killed(path: Path, data: bytes) -> None:
        if path.name == "catalog.yaml":
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(entries, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        enter(mine, facilities(), replacing=False)
    monkeypatch.undo()
    assert "mine" not in {e.id for e in Catalog.open(mine / "catalog.yaml").entries}
    enter(mine, facilities(), replacing=False)  # and the next run is right, over what was left
    assert len(list((mine / "layers").iterdir())) == 1


def test_two_layers_at_once_both_count(mine: Path) -> None:
    # each thread opens the folder anew, so that its lock keeps the other out as it would another process
    layers = [replace(facilities(name), entry_id=f"clinics_{name}") for name in ("one", "two")]
    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(enter, mine, layer, False) for layer in layers]:
            done.result(timeout=60)
    ids = {e.id for e in Catalog.open(mine / "catalog.yaml").entries}
    assert {"clinics_one", "clinics_two"} <= ids


def test_a_folder_that_leads_out_of_the_study_is_refused(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (mine / "layers").rmdir()
    (mine / "layers").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        CorridorError, match=r"leaves the folder by a link; expected a path inside this folder"
    ):
        enter(mine, facilities(), replacing=False)
    with pytest.raises(CorridorError, match="leaves the folder"):
        inside(mine, "../x")


def test_a_linked_file_out_of_the_study_is_refused_when_it_is_opened(mine: Path, tmp_path: Path) -> None:
    enter(mine, facilities(), replacing=False)
    (path,) = (mine / "layers").iterdir()
    path.rename(tmp_path / "away.csv")
    path.symlink_to(tmp_path / "away.csv")
    with pytest.raises(CatalogError, match="leaves the folder"):
        Catalog.open(mine / "catalog.yaml")


def test_the_shipped_study_is_not_written_to(cli: Cli) -> None:
    said = cli("layers", "replace", "designations", "x.gpkg")
    assert said.exit_code == 1 and "no study is named" in said.output


def test_a_role_that_is_not_there_is_told(cli: Cli, mine: Path) -> None:
    said = cli("--study", mine, "layers", "add", "vector", "x.gpkg", "--role", "facilitys")
    assert said.exit_code == 1 and "did you mean 'facilities'" in said.output
    said = cli("--study", mine, "layers", "add", "raster", "x.tif", "--role", "people")
    assert said.exit_code == 1 and "expected one of population, land_cover, habitat, land_use" in said.output
