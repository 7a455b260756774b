"""Damaged layers: a message that says where, what, what was expected and what to do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rasterio
from rasterio.transform import Affine

from corridor.core import paths
from corridor.core.errors import CorridorError, LayerError
from corridor.schema.catalog import Catalog
from tests.conftest import Cli
from tests.layer_changes import Change, cell, geojson, header, moved, raster, renamed, swapped, table, whole

Damage = Callable[..., CorridorError]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the layers whose catalogue holds no hashes, so that the files themselves are looked at."""
    copy = tmp_path_factory.mktemp("bundle") / "layers"
    shutil.copytree(paths.layers_dir(), copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    catalog = copy / "catalog.yaml"
    catalog.write_text(re.sub(r"\n +sha256: \w+", "", catalog.read_text(encoding="utf-8")), encoding="utf-8")
    return copy


ROOMS = {
    "network/": ("network/", "region.yaml"),
    "people/": ("people/", "land/districts", "region.yaml"),
    "land/": ("land/", "region.yaml"),
}
"""Where the layers are that a damaged one refers to, or that refer to it: a check of all takes four times as long."""
APART = ("network/fares/", "network/hk_bus/")
"""Layers of a room that no damaged one refers to; `layers check` below reads all."""


def beside(catalog: Catalog, name: str) -> Catalog:
    """The part of a catalogue that a check of one file needs."""
    room = ROOMS[name[: name.index("/") + 1]]
    entries = (e for e in catalog.entries if e.path.startswith(room) and not e.path.startswith(APART))
    return replace(catalog, entries=tuple(entries))


@pytest.fixture
def damaged(bundle: Path) -> Iterator[Damage]:
    """Change one file of the copy, check the layers as the command does, get the error; the file is mended after."""
    kept: dict[Path, bytes] = {}

    def change(name: str, how: Change) -> CorridorError:
        path = bundle / name
        kept[path] = path.read_bytes()
        path.write_bytes(how(kept[path]))
        with pytest.raises(CorridorError) as caught:
            _check(beside(Catalog.open(bundle / "catalog.yaml"), name))
        whole(caught.value)
        return caught.value

    yield change
    for path, data in kept.items():
        path.write_bytes(data)


def _check(catalog: Catalog) -> None:
    from corridor.network.overlay import NetworkTables

    problems = catalog.check()
    if problems:
        raise LayerError(problems)
    NetworkTables.load(catalog)


def test_the_command_tells_every_problem_and_ends_with_1(
    bundle: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "layers_dir", lambda: bundle)
    assert cli("layers", "check").exit_code == 0  # the copy itself is in order
    path = bundle / "network/places.csv"
    good = path.read_bytes()
    try:
        path.write_bytes(swapped("lon", "lat")(good))
        result = cli("layers", "check")
    finally:
        path.write_bytes(good)
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if line.startswith("- network/places.csv line ")]
    assert len(told) == len(good.splitlines()) - 1


def test_a_missing_column(damaged: Damage) -> None:
    text = whole(damaged("network/headways_hk.csv", renamed("headway_s")))
    assert "network/headways_hk.csv: column 'headway_s' is missing" in text
    assert "pattern_id, period, headway_s" in text


def test_missing_columns_of_two_files_come_at_once(damaged: Damage, bundle: Path) -> None:
    (bundle / "keep.csv").write_bytes((bundle / "network/lines_hk.csv").read_bytes())
    try:
        (bundle / "network/lines_hk.csv").write_bytes(renamed("mode")((bundle / "keep.csv").read_bytes()))
        text = whole(damaged("network/headways_hk.csv", renamed("headway_s")))
    finally:
        (bundle / "keep.csv").rename(bundle / "network/lines_hk.csv")
    assert "headways_hk.csv" in text and "lines_hk.csv" in text


def test_a_missing_property(damaged: Damage) -> None:
    def strip(content: dict[str, Any]) -> None:
        for feature in content["features"]:
            del feature["properties"]["designation"]

    assert "column 'designation' is missing" in whole(damaged("land/designations.geojson", geojson(strip)))


@pytest.mark.parametrize("name", ["network/stations_sz.csv", "people/cells.csv", "network/places.csv"])
def test_swapped_coordinates_in_a_table(damaged: Damage, name: str) -> None:
    text = whole(damaged(name, swapped("lon", "lat")))
    assert f"{name} line 2: lon 22." in text
    assert "lon and lat look swapped" in text and "swap" in text


def test_swapped_coordinates_of_control_points(damaged: Damage) -> None:
    text = whole(damaged("network/checkpoints.csv", swapped("south_lon", "south_lat")))
    assert "network/checkpoints.csv line 2" in text
    assert "swap" in text


def test_swapped_coordinates_in_a_vector_layer(damaged: Damage) -> None:
    text = whole(damaged("land/wildlife_sites.geojson", moved(lambda lon, lat: [lat, lon])))
    assert "land/wildlife_sites.geojson feature 1: is at (22." in text
    assert "swap lon and lat" in text


def test_metres_where_degrees_should_stand(damaged: Damage) -> None:
    text = whole(damaged("network/places.csv", cell("lon", "836694.05")))
    assert "network/places.csv line 2: lon 836694.05" in text
    assert "WGS84 degrees" in text


def test_another_crs_in_a_vector_layer(damaged: Damage) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2326"}}
    text = whole(damaged("land/districts.geojson", geojson(lambda c: c.update(crs=crs))))
    assert "land/districts.geojson: is in EPSG:2326; expected EPSG:4326; convert it" in text


def test_another_crs_in_a_raster(damaged: Damage) -> None:
    grid = raster(crs="EPSG:2326", transform=Affine(1000, 0, 800000, 0, -1000, 840000))
    text = whole(damaged("land/habitat.tif", grid))
    assert "land/habitat.tif" in text and "EPSG:2326" in text


@pytest.mark.parametrize(
    ("profile", "words"), [({"crs": None}, "has no CRS"), ({"nodata": None}, "has no nodata")]
)
def test_a_raster_that_does_not_say(damaged: Damage, profile: dict[str, object], words: str) -> None:
    assert f"land/habitat.tif: {words}" in whole(damaged("land/habitat.tif", raster(**profile)))


def test_a_layer_that_lies_elsewhere_on_earth(damaged: Damage) -> None:
    text = whole(damaged("land/designations.geojson", moved(lambda lon, lat: [lon + 20, lat])))
    assert "land/designations.geojson" in text


@pytest.mark.parametrize("name", ["people/cells.csv", "network/stations_hk.csv", "network/places.csv"])
def test_a_table_of_places_without_rows(damaged: Damage, name: str) -> None:
    assert f"{name}: has no rows" in whole(damaged(name, header))


@pytest.mark.parametrize("name", ["network/headways_hk.csv", "network/hours_hk.csv", "network/interchanges_hk.csv", "network/pattern_stops_hk.csv", "network/checkpoints.csv"])  # fmt: skip
def test_a_table_of_services_without_rows(damaged: Damage, name: str) -> None:
    assert name in whole(damaged(name, header))


def test_a_vector_layer_without_features(damaged: Damage) -> None:
    text = whole(damaged("land/designations.geojson", geojson(lambda c: c.update(features=[]))))
    assert "land/designations.geojson: has no features; expected at least one" in text


def test_a_file_without_a_byte(damaged: Damage) -> None:
    assert "people/cells.csv: cannot be read as CSV" in whole(damaged("people/cells.csv", lambda _: b""))


@pytest.mark.parametrize(
    "name",
    [
        "land/coastline.geojson",
        "land/habitat.tif",
    ],
)
def test_a_file_cut_short(damaged: Damage, name: str) -> None:
    assert f"{name}: cannot be read" in whole(damaged(name, lambda data: data[: len(data) // 2]))


def test_a_raster_that_is_none(damaged: Damage) -> None:
    assert "land/habitat.tif: cannot be read" in whole(
        damaged("land/habitat.tif", lambda _: b"II*\0 no raster")
    )


def test_text_that_is_not_utf8(damaged: Damage) -> None:
    text = whole(damaged("network/lines_hk.csv", lambda data: data + b"\xff\xfe\n"))
    assert "network/lines_hk.csv: cannot be read as CSV" in text and "UTF-8" in text


def test_a_geometry_that_is_missing_or_crosses_itself(damaged: Damage) -> None:
    bow = [[[114, 22.4], [114.1, 22.5], [114.1, 22.4], [114, 22.5], [114, 22.4]]]

    def spoil(content: dict[str, Any]) -> None:
        content["features"][0]["geometry"] = None
        content["features"][1]["geometry"] = {"type": "Polygon", "coordinates": bow}

    text = whole(damaged("land/designations.geojson", geojson(spoil)))
    assert "feature 1: has no geometry" in text
    assert "feature 2: is invalid" in text


def test_an_id_twice(damaged: Damage) -> None:
    def double(rows: list[list[str]]) -> None:
        rows.append(rows[1])

    assert "occurs twice" in whole(damaged("network/places.csv", table(double)))


def test_a_reference_to_nothing_names_the_nearest(damaged: Damage) -> None:
    text = whole(damaged("network/pattern_stops_hk.csv", cell("station_id", "admirality")))
    assert "Unknown station_id 'admirality'. Did you mean 'admiralty'" in text


@pytest.mark.parametrize(
    ("name", "column", "value", "hint"),
    [
        ("network/pattern_stops_hk.csv", "pattern_id", "airport-expres", "airport-express"),
        ("network/headways_sz.csv", "pattern_id", "sz-l99", "sz-l9"),
        ("network/hours_road.csv", "pattern_id", "bus-276b-11", "bus-276b-1"),
        ("network/interchanges_hk.csv", "to_station", "kowlon", "kowloon"),
        ("network/interchanges_proposed.csv", "to_station", "huangang@sz", "huanggang@sz"),
        ("network/patterns_hk.csv", "line_id", "airport-expres", "airport-express"),
        ("network/patterns_hk.csv", "clearance", "west-kowloon:west-kowlon", "west-kowloon"),
        ("network/headways_hk.csv", "assumption_id", "mtr-erly", "mtr-early"),
        ("network/daily_crossings_2025.csv", "checkpoint_id", "lo-woo", "lo-wu"),
        ("people/cells.csv", "district_id", "hk-island", "hk-islands"),
    ],
)
def test_an_id_of_another_table(damaged: Damage, name: str, column: str, value: str, hint: str) -> None:
    error = damaged(name, cell(column, value))
    (told,) = [p for p in error.problems if p.where == f"{name} line 2"]
    assert type(error) is LayerError
    assert value.split(":")[-1] in told.what and "Unknown" in told.what
    assert "did you mean" in told.remedy and hint in told.remedy


def test_every_lost_id_is_told_at_once(damaged: Damage, bundle: Path) -> None:
    """Two tables, two rows in one of them."""
    other = bundle / "network/interchanges_sz.csv"
    good = other.read_bytes()

    def spoil(rows: list[list[str]]) -> None:
        column = rows[0].index("station_id")
        rows[1][column], rows[3][column] = "hong-kon", "tsing-yii"

    try:
        other.write_bytes(cell("from_station", "sz-nowhere")(good))
        text = whole(damaged("network/pattern_stops_hk.csv", table(spoil)))
    finally:
        other.write_bytes(good)
    for words in ("pattern_stops_hk.csv line 2", "pattern_stops_hk.csv line 4", "interchanges_sz.csv line 2"):
        assert words in text
    assert "Did you mean 'hong-kong'" in text and "tsing-yi" in text


def test_a_pattern_without_headways(damaged: Damage) -> None:
    """It would never run, without a word."""

    def drop(rows: list[list[str]]) -> None:
        rows[1:] = [row for row in rows[1:] if row[0] != "airport-express"]

    text = whole(damaged("network/headways_hk.csv", table(drop)))
    assert "patterns_hk.csv line 2: pattern_id 'airport-express' has no row in headways" in text


def test_a_run_time_that_is_missing_on_the_way(damaged: Damage) -> None:
    """Empty is right at a pattern's last stop alone; anywhere else it would be a ride of no time."""
    text = whole(damaged("network/pattern_stops_hk.csv", cell("run_s", "")))
    assert "pattern_stops_hk.csv line 2: run_s is empty" in text


def test_an_id_twice_says_where(damaged: Damage) -> None:
    """In two files of one role."""

    def take(rows: list[list[str]]) -> None:
        rows[2][0] = "admiralty"

    text = whole(damaged("network/stations_sz.csv", table(take)))
    assert "stations_sz.csv line 3: station_id 'admiralty' occurs twice" in text
    assert "first: network/stations_hk.csv line 2" in text


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("network/headways_hk.csv", "headway_s", "0", "(seconds) above 0"),
        ("network/headways_hk.csv", "period", "am-peak", "did you mean 'am_peak'"),
        ("network/hours_hk.csv", "last", "00:45", "first <= last; past midnight write 24:30"),
        ("network/checkpoints.csv", "clearance_low_min", "90", "clearance_low_min <= clearance_mean_min"),
        ("network/checkpoints.csv", "status", "exisitng", "did you mean 'existing'"),
        ("network/stations_hk.csv", "street_access", "2", "0 or 1"),
        ("network/stations_hk.csv", "lon", "114,16521", "write 114.16521, with a decimal point"),
        ("network/stations_hk.csv", "opened", "2009-13-01", "YYYY-MM-DD"),
        ("network/stations_hk.csv", "station_id", "", "station_id is empty"),
        ("people/cells.csv", "residents_census", "inf", "people"),
        ("people/cells.csv", "residents_census", "nan", "people"),
    ],
)
def test_what_a_cell_must_hold(damaged: Damage, name: str, column: str, value: str, words: str) -> None:
    text = whole(damaged(name, cell(column, value)))
    assert f"{name} line 2: " in text and words in text


def test_lines_are_counted_over_blank_ones(damaged: Damage) -> None:
    def spoil(rows: list[list[str]]) -> None:
        rows[2][rows[0].index("headway_s")] = "often"
        rows.insert(1, [])

    text = whole(damaged("network/headways_hk.csv", table(spoil)))
    assert "network/headways_hk.csv line 4: headway_s often" in text


def test_a_row_longer_than_the_header(damaged: Damage) -> None:
    text = whole(damaged("network/headways_hk.csv", table(lambda rows: [r.append("x") for r in rows[1:]])))
    assert "network/headways_hk.csv: cannot be read as CSV" in text


def test_the_same_fault_in_every_row_is_counted(damaged: Damage) -> None:
    """24,922 rows: twenty told, and one line for the other 24,902, of which it names the last."""
    error = damaged("people/cells.csv", swapped("lon", "lat"))
    assert len(error.problems) == 21
    assert "and 24901 other rows with such a fault" in str(error)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("network/headways_hk.csv", "headway_s", "often"),
        ("network/pattern_stops_hk.csv", "run_s", "long"),
        ("network/pattern_stops_hk.csv", "run_s", "-500"),
        ("network/hours_hk.csv", "first", "5:99"),
        ("network/checkpoints.csv", "open", "late"),
        ("network/checkpoints.csv", "clearance_mean_min", "quick"),
        ("network/stations_hk.csv", "region", "xx"),
        ("people/cells.csv", "jobs_modelled", "many"),
    ],
)
def test_a_value_that_is_none(damaged: Damage, name: str, column: str, value: str) -> None:
    text = whole(damaged(name, cell(column, value)))
    assert value in text and column in text


def test_the_raster_of_the_bundle_can_be_read() -> None:
    with rasterio.open(paths.layers_dir() / "land" / "habitat.tif") as grid:
        assert grid.crs.to_epsg() == 4326
        assert grid.read(1).max() <= 13
