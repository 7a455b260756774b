"""Wrong input: a message that says where, what, what was expected and what to do; exit code 1; earlier output whole."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from corridor.access.search.parameters import AccessParameters
from corridor.core import output, paths
from corridor.core.errors import (
    CatalogError,
    CorridorError,
    CrsError,
    GeometryError,
    LayerError,
    MissingColumnError,
    ParameterError,
    UnknownName,
    UnknownStationError,
)
from corridor.schema.catalog import Catalog
from corridor.study.compare import Comparison, compare
from corridor.study.study import Study
from corridor.web.write import write_comparison
from tests.conftest import Cli, contents

Change = Callable[[bytes], bytes]
Damage = Callable[..., CorridorError]


def whole(error: CorridorError) -> str:
    """The text of an error of which every problem says where, what, what was expected and what to do."""
    assert error.problems
    for problem in error.problems:
        told = problem.remedy or isinstance(problem, UnknownName)  # which says what to use
        assert problem.where and problem.what and problem.expected and told, problem
    return str(error)


# --- damaged layers --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the layers whose catalogue holds no hashes, so that the files themselves are looked at."""
    copy = tmp_path_factory.mktemp("bundle") / "layers"
    shutil.copytree(paths.layers_dir(), copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    catalog = copy / "catalog.yaml"
    catalog.write_text(re.sub(r"\n +sha256: \w+", "", catalog.read_text(encoding="utf-8")), encoding="utf-8")
    return copy


APART = ("fares_", "tariffs", "hk_bus_", "taxa", "taxon_")
"""Layers that no damaged one refers to, and half of the time that a check takes; `layers check` below reads them too."""


@pytest.fixture
def damaged(bundle: Path) -> Iterator[Damage]:
    """Change one file of the copy, check the layers as the command does, get the error; the file is mended after."""
    kept: dict[Path, bytes] = {}

    def change(name: str, how: Change) -> CorridorError:
        path = bundle / name
        kept[path] = path.read_bytes()
        path.write_bytes(how(kept[path]))
        with pytest.raises(CorridorError) as caught:
            catalog = Catalog.open(bundle / "catalog.yaml")
            _check(replace(catalog, entries=tuple(e for e in catalog.entries if not e.id.startswith(APART))))
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


def table(how: Callable[[list[list[str]]], object]) -> Change:
    """Change the rows of a CSV; row 0 is the header."""

    def change(data: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        how(rows)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()

    return change


def swapped(a: str, b: str) -> Change:
    def swap(rows: list[list[str]]) -> None:
        i, j = rows[0].index(a), rows[0].index(b)
        for row in rows[1:]:
            row[i], row[j] = row[j], row[i]

    return table(swap)


def cell(column: str, value: str, row: int = 1) -> Change:
    def put(rows: list[list[str]]) -> None:
        rows[row][rows[0].index(column)] = value

    return table(put)


def renamed(column: str) -> Change:
    def rename(rows: list[list[str]]) -> None:
        rows[0][rows[0].index(column)] = "other"

    return table(rename)


def geojson(how: Callable[[dict[str, Any]], object]) -> Change:
    def change(data: bytes) -> bytes:
        content = json.loads(data)
        how(content)
        return json.dumps(content).encode()

    return change


def moved(change: Callable[[float, float], list[float]]) -> Change:
    def walk(coordinates: list[Any]) -> list[Any]:
        if isinstance(coordinates[0], int | float):
            return change(*coordinates[:2])
        return [walk(part) for part in coordinates]

    def move(content: dict[str, Any]) -> None:
        for feature in content["features"]:
            feature["geometry"]["coordinates"] = walk(feature["geometry"]["coordinates"])

    return geojson(move)


def raster(**profile: object) -> Change:
    def change(_: bytes) -> bytes:
        given = {
            "driver": "GTiff", "width": 4, "height": 4, "count": 1, "dtype": "uint8", "crs": "EPSG:4326",
            "transform": Affine(0.1, 0, 113.8, 0, -0.1, 22.6), "nodata": 0,
        } | profile  # fmt: skip
        with MemoryFile() as memory:
            with memory.open(**given) as dataset:
                dataset.write(np.ones((1, 4, 4), dtype="uint8"))
            return bytes(memory.read())

    return change


def header(data: bytes) -> bytes:
    return data.splitlines(keepends=True)[0]


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
    assert "land/wildlife_sites.geojson feature 1: lies at (22." in text
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

    assert "stands twice" in whole(damaged("network/places.csv", table(double)))


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
    assert "stations_sz.csv line 3: station_id 'admiralty' stands twice" in text
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


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A copy of one table, its catalogue with the hash."""
    from corridor.schema.catalog import sha256

    (tmp_path / "places.csv").write_bytes((paths.layers_dir() / "network/places.csv").read_bytes())
    (tmp_path / "catalog.yaml").write_text(
        "- id: places\n  role: places\n  title: {en: Places}\n  kind: table\n  path: places.csv\n"
        f"  sha256: {sha256(tmp_path / 'places.csv')}\n"
        "  date: '2026'\n  source: test\n  licence: test\n  attribution: test\n",
        encoding="utf-8",
    )
    return tmp_path / "catalog.yaml"


def test_a_changed_hash(sealed: Path) -> None:
    catalog = Catalog.open(sealed)
    assert catalog.check() == []
    path = sealed.parent / "places.csv"
    path.write_bytes(path.read_bytes()[:-100])  # cut short, or edited: the hash tells
    with pytest.raises(LayerError) as caught:
        catalog.table("places")
    text = whole(caught.value)
    assert "places.csv: checksum does not match the catalogue entry" in text and "--seal" in text


def test_a_missing_file(sealed: Path) -> None:
    (sealed.parent / "places.csv").unlink()
    (problem,) = Catalog.open(sealed).check()
    assert "places.csv is missing" in str(problem) and problem.remedy


def test_sealing_takes_the_file_as_it_is(sealed: Path) -> None:
    from corridor.schema.seal import seal

    path = sealed.parent / "places.csv"
    path.write_bytes(path.read_bytes() + b"x,X,X,X,114,22.4,hk,0,0,,1,B,test\n")
    assert seal(sealed) == 1
    assert Catalog.open(sealed).check() == []


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("kind: table", "kind: [table", 5, "broken YAML"),
        ("kind: table", "kind: tabel", 4, "tabel"),
        ("role: places", "role: plaices", 2, "plaices"),
        ("path: places.csv", "path: ../places.csv", 5, "leaves the folder"),
        ("source: test", "sauce: test", None, "source"),
        ("date: '2026'", "date: '2026'\n  date: '2027'", 8, "a second time"),
    ],
)
def test_a_wrong_catalogue(sealed: Path, before: str, after: str, line: int | None, words: str) -> None:
    sealed.write_text(sealed.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        Catalog.open(sealed)
    text = whole(caught.value)
    assert words in text
    assert (f"catalog.yaml:{line}:" if line else "catalog.yaml:") in text


def test_kinds_of_errors(sealed: Path) -> None:
    path = sealed.parent / "places.csv"
    sealed.write_text(re.sub(r"  sha256: \w+\n", "", sealed.read_text(encoding="utf-8")), encoding="utf-8")
    good = path.read_bytes()
    for change, kind in (
        (renamed("lon"), MissingColumnError),
        (swapped("lon", "lat"), CrsError),
        (header, LayerError),
    ):
        path.write_bytes(change(good))
        with pytest.raises(kind):
            Catalog.open(sealed).table("places")
    assert issubclass(GeometryError, LayerError)


# --- scenario files --------------------------------------------------------------------------------

HEAD = "id: mine\ntitle: {en: Mine}\nquestion: {en: What then}\nextends: western-2035\n"


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("lines: {add: [", 5, "broken YAML"),
        ("lines:\n\tadd: [hswrl]\n", 6, "broken YAML"),
        ("year: soon\n", 5, "soon"),
        ("yaer: 2035\n", 5, "yaer"),
        ("lines: {add: [hswlr]}\n", 5, "Did you mean 'hswrl'"),
        ("lines: {change: [{id: hswrl, headway_min: {peak: 0, off_peak: 5}}]}\n", 5, "headway_min"),
        (
            "checkpoints: {change: [{id: huangang, regime: joint_clearance}]}\n",
            None,
            "Did you mean 'huanggang'",
        ),
        ("checkpoints: {change: [{id: huanggang, regime: quick}]}\n", 5, "quick"),
        ("checkpoints: {change: [{id: huanggang, open: '25:99'}]}\n", 5, "25:99"),
        ("stations: {change: [{id: qianhai, lonlat: [22.5397, 113.8936]}]}\n", 5, "113.8936"),
        (
            "lines: {change: [{id: hswrl, stops: [hung-shui-kiu, qianhay], run_time_min: 15}]}\n",
            None,
            "Did you mean 'qianhai'",
        ),
        ("lines: {change: [{id: hswrl, alignment: hswlr}]}\n", None, "Did you mean 'hswrl'"),
    ],
)
def test_a_wrong_scenario_file(cli: Cli, tmp_path: Path, body: str, line: int | None, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    result = cli("scenarios", "validate", path)
    assert result.exit_code == 1, result.output
    assert words in result.output
    assert (f"mine.yaml:{line}:" if line else "mine") in result.output
    for problem in result.output.splitlines()[1:]:
        assert problem.count("; ") >= 2 or " Use " in problem, problem  # what; expected; remedy


def test_a_scenario_file_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    result = cli("scenarios", "validate", tmp_path / "none.yaml")
    assert result.exit_code == 1
    assert "none.yaml" in result.output


@pytest.mark.parametrize("command", [("scenarios", "validate"), ("scenarios", "show"), ("compare",)])
def test_a_file_with_the_id_of_a_shipped_scenario(cli: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    """It would be shown under the name of the shipped one."""
    path = tmp_path / "western-2035.yaml"
    path.write_text(
        HEAD.replace("extends: western", "extends: both").replace("mine", path.stem), encoding="utf-8"
    )
    out = ("--out", tmp_path / "out") if command == ("compare",) else ()
    result = cli(*command, path, *out)
    assert result.exit_code == 1
    assert f"{path}: has the id 'western-2035'" in result.output
    assert "rename the file and its id" in result.output
    assert not (tmp_path / "out").exists()


def test_all_wrong_files_are_told_at_once(cli: Cli, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(HEAD.replace("mine", name) + "year: soon\n", encoding="utf-8")
    result = cli("scenarios", "validate", tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert result.exit_code == 1
    assert "one.yaml:5" in result.output and "two.yaml:5" in result.output


# --- journeys and times -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Kowlon Tong", "lo-wu"], "Did you mean 'Kowloon Tong'"),
        (["admiralty", "lo-woo"], "or 'lo-wu' or"),
        (["admiralty", ""], "Use a station, control point or hub"),
        (["admiralty", "lo-wu", "--scenario", "western2035"], "Did you mean 'western-2035'"),
        (["admiralty", "lo-wu", "--scenario", "clearance-joint"], "ask for SCENARIO+clearance-joint"),
        (["admiralty", "lo-wu", "--scenario", "committed-2030+western-2035"], "only levers stack"),
        (["admiralty", "lo-wu", "--at", "25:99"], "'25:99'"),
        (["admiralty", "lo-wu", "--at", "noon"], "HH:MM"),
        (["113.90,22.20", "lo-wu"], "is not on land"),
        (["22.2790,114.1652", "lo-wu"], "swap lon and lat"),
        (["2.35,48.85", "lo-wu"], "is not on land of the study area"),
        (["nan,22.3", "lo-wu"], "nan,22.3"),
        (["1e400,22.3", "lo-wu"], "1e400"),
        (["lo-wu", "sz-luohu", "--at", "03:00"], "choose another hour"),
    ],
)
def test_a_journey_that_cannot_be(cli: Cli, shared: Study, arguments: list[str], words: str) -> None:
    result = cli("journey", *arguments)
    assert result.exit_code == 1
    assert words in result.output
    whole = "; expected " in result.output and result.output.count("; ") >= 2
    assert whole or " Use " in result.output


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text("id,lon,lat\na,114.1652,22.2790\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,lon\na,114.1\n", ["bad.csv:1", "column 'lat' is missing", "id, lon"]),
        ("name,x,y\na,1,2\n", ["column 'id'", "column 'lon'", "column 'lat'"]),
        ("id,lon,lat\na,22.2790,114.1652\n", ["bad.csv:2", "lon 22.279", "lat 114.1652", "swap lon and lat"]),
        ("id,lon,lat\na,114.1,22.3\nb,east,22.3\n", ["bad.csv:3", "east", "degrees"]),
        ("id,lon,lat\na,114.1,22.3\nb,114.1,\n", ["bad.csv:3", "lat nan"]),
        ("id,lon,lat\na,836694,819069\n", ["bad.csv:2", "836694", "degrees"]),
        ("id,lon,lat\n", ["bad.csv", "has no rows", "at least one"]),
        ("", ["bad.csv", "cannot be read", "columns id, lon, lat"]),
        ("id,lon,lat\nsea,113.90,22.20\n", ["sea", "is not on land"]),
        ("id,lon,lat\na,114.1652,22.2790\nsea,113.90,22.20\n", ["bad.csv:3", "is not on land"]),
        ("id,lon,lat\nsea,113.90,22.20\ndeep,113.80,22.20\n", ["bad.csv:2", "sea", "bad.csv:3", "deep"]),
        ('id,lon,lat\n"a,114.1,22.3\n', ["bad.csv", "cannot be read"]),
    ],
)
def test_a_wrong_list_of_places(
    cli: Cli, shared: Study, good: Path, tmp_path: Path, text: str, words: list[str]
) -> None:
    bad, out = tmp_path / "bad.csv", tmp_path / "minutes.csv"
    bad.write_text(text, encoding="utf-8")
    out.write_text("of an earlier run", encoding="utf-8")
    for pair in ((bad, good), (good, bad)):
        result = cli("times", "--origins", pair[0], "--destinations", pair[1], "--out", out, "--quiet")
        assert result.exit_code == 1
        for word in words:
            assert word in result.output
        assert "expected " in result.output
    assert out.read_text(encoding="utf-8") == "of an earlier run"
    assert {p.name for p in tmp_path.iterdir()} == {"good.csv", "bad.csv", "minutes.csv"}


def test_both_lists_are_told_at_once(cli: Cli, tmp_path: Path) -> None:
    places = {"from": "id,lon,lat\n,114.1,22.3\n", "to": "id,lon,lat\na,114.1,22.3\n\nb,22.3,114.1\n"}
    for name, text in places.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    lists = "--origins", tmp_path / "from.csv", "--destinations", tmp_path / "to.csv"
    result = cli("times", *lists, "--out", tmp_path / "x.csv")
    assert result.exit_code == 1
    assert "from.csv:2: id is empty" in result.output
    assert "to.csv:4: lon 22.3, lat 114.1" in result.output  # line 3 is blank


def test_places_of_a_frame_are_told_by_their_row(study: Study) -> None:
    """The same through the Python API; two of three lie in the sea."""
    sea = {"id": ["a", "b", "c"], "lon": [113.90, 114.1652, 113.80], "lat": [22.20, 22.2790, 22.20]}
    frame = pd.DataFrame(sea)
    with pytest.raises(UnknownStationError) as caught:
        study.times(frame, frame, "baseline-2024", "08:30")
    assert [p.where for p in caught.value.problems] == ["row 0", "row 2"]
    whole(caught.value)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (AccessParameters(hours=("08:30",)), "parameters: hours: 08:30: 23:00 is missing"),
        (AccessParameters(hours=("08:30", "23:00", "25:99")), "'25:99'"),
        (AccessParameters(cutoffs_min=(30, 45)), "parameters: cutoffs_min: 30, 45: 60 is missing"),
    ],
)
def test_hours_and_cutoffs_that_the_criteria_lack(
    parameters: AccessParameters, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("computing, for nothing")

    monkeypatch.setattr("corridor.study.compare.run_all", never)
    with pytest.raises(ParameterError) as caught:
        compare(Study(Catalog.bundled(), (paths.scenarios_dir(),), parameters))
    assert words in whole(caught.value)


@pytest.mark.parametrize("arguments", [["--at", "25:99"], ["--scenario", "western2035"]])
def test_times_with_a_wrong_hour_or_scenario(
    cli: Cli, shared: Study, good: Path, tmp_path: Path, arguments: list[str]
) -> None:
    result = cli("times", "--origins", good, "--destinations", good, "--out", tmp_path / "x.csv", *arguments)
    assert result.exit_code == 1
    assert not (tmp_path / "x.csv").exists()


def test_a_list_that_is_not_there(cli: Cli, good: Path, tmp_path: Path) -> None:
    for missing in (tmp_path / "none.csv", tmp_path):
        result = cli("times", "--origins", missing, "--destinations", good, "--out", tmp_path / "x.csv")
        assert result.exit_code == 1
        assert "cannot be read" in result.output


def test_times_to_where_nothing_can_be_written(cli: Cli, shared: Study, good: Path, tmp_path: Path) -> None:
    for out in (tmp_path / "none" / "x.csv", tmp_path, good / "x.csv"):
        result = cli("times", "--origins", good, "--destinations", good, "--out", out, "--quiet")
        assert result.exit_code == 1
        assert str(out) in result.output and "choose another --out" in result.output
    assert good.read_text(encoding="utf-8").startswith("id,lon,lat")


# --- output folders ----------------------------------------------------------------------------------


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch, small: Comparison, shared: Study) -> None:
    """The computing is done; what these tests look at is the writing."""
    monkeypatch.setattr("corridor.study.compare.compare", lambda *_, **__: small)
    monkeypatch.setattr("corridor.web.write.write_index", lambda _c, _l, path, **_: path.write_text("index"))
    monkeypatch.setattr("corridor.web.write.write_compare", lambda _c, _l, path: path.write_text("compare"))
    monkeypatch.setattr(
        "corridor.web.write.write_ecology", lambda _v, _n, _l, path, **_: path.write_text("ecology")
    )
    monkeypatch.setattr("corridor.web.write.write_data", _data)


def _data(_study: object, _comparison: object, _views: object, folder: Path) -> None:
    (folder / "run.json").write_text("{}", encoding="utf-8")


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The output of an earlier run."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.html").write_text("earlier", encoding="utf-8")
    (out / "run.json").write_text("{}", encoding="utf-8")
    return out


def test_a_second_run_replaces_the_first(cli: Cli, ready: None, earlier: Path) -> None:
    (earlier / "stale.txt").write_text("of an earlier run", encoding="utf-8")
    assert cli("compare", "--out", earlier, "--quiet").exit_code == 0
    assert {p.name for p in earlier.iterdir()} == {"index.html", "compare.html", "ecology.html", "run.json"}
    assert (earlier / "index.html").read_text(encoding="utf-8") == "index"
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]  # nothing left beside it


def test_out_that_is_a_file(cli: Cli, ready: None, tmp_path: Path) -> None:
    out = tmp_path / "notes.txt"
    out.write_text("mine", encoding="utf-8")
    result = cli("compare", "--out", out, "--quiet")
    assert result.exit_code == 1
    assert "notes.txt: exists and is not the output of a run" in result.output
    assert "choose another --out" in result.output
    assert out.read_text(encoding="utf-8") == "mine"


def test_out_below_a_file(cli: Cli, ready: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    result = cli("compare", "--out", tmp_path / "notes.txt" / "out", "--quiet")
    assert result.exit_code == 1
    assert "cannot be written" in result.output and "choose another --out" in result.output


def test_out_that_is_somebody_elses_folder(cli: Cli, ready: None, tmp_path: Path) -> None:
    out = tmp_path / "photographs"
    out.mkdir()
    (out / "one.jpg").write_bytes(b"one")
    with contents(tmp_path):
        result = cli("compare", "--out", out, "--quiet")
    assert result.exit_code == 1
    assert "is not the output of a run" in result.output


def test_a_bad_target_is_told_before_any_work(
    cli: Cli, ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a minute of computing, for nothing")

    monkeypatch.setattr("corridor.study.compare.compare", never)
    out = tmp_path / "notes.txt"
    out.write_text("mine", encoding="utf-8")
    assert cli("compare", "--out", out, "--quiet").exit_code == 1


def test_out_that_is_read_only(cli: Cli, ready: None, earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # root may write everywhere
        refused = PermissionError(errno.EACCES, "Permission denied")
        monkeypatch.setattr(tempfile, "mkdtemp", lambda **_: (_ for _ in ()).throw(refused))
    else:
        earlier.parent.chmod(0o555)
    try:
        with contents(earlier):
            result = cli("compare", "--out", earlier, "--quiet")
    finally:
        earlier.parent.chmod(0o755)
    assert result.exit_code == 1
    assert "cannot be written (Permission denied)" in result.output


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        LayerError("a layer turned out to be wrong"),
    ],
)
@pytest.mark.parametrize("step", ["write_index", "write_data"])
def test_a_run_that_fails_midway_leaves_what_was_there(
    cli: Cli, ready: None, earlier: Path, monkeypatch: pytest.MonkeyPatch, step: str, fault: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(f"corridor.web.write.{step}", fail)
    with contents(earlier.parent):
        result = cli("compare", "--out", earlier, "--quiet")
    assert result.exit_code == 1
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]  # no temporary folder is left
    if isinstance(fault, OSError):
        assert "No space left on device" in result.output and "earlier output is as it was" in result.output


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), ValueError("a fault of the program")])
def test_a_killed_run_leaves_what_was_there(
    ready: None, study: Study, small: Comparison, earlier: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:  # fmt: skip
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("corridor.web.write.write_compare", fail)
    with contents(earlier.parent), pytest.raises(type(fault)):
        write_comparison(study, small, earlier)
    assert [p.name for p in earlier.parent.iterdir()] == ["out"]


def test_a_failed_swap_puts_the_earlier_output_back(
    ready: None, study: Study, small: Comparison, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def only_away(self: Path, target: Path) -> Path:
        if Path(target) == earlier and "old" not in self.name:
            raise OSError(errno.EBUSY, "Device or resource busy")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", only_away)
    with contents(earlier.parent), pytest.raises(CorridorError, match="earlier output is as it was"):
        write_comparison(study, small, earlier)


def test_one_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "minutes.csv"
    path.write_text("earlier", encoding="utf-8")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", fail)
    with contents(tmp_path), pytest.raises(OSError, match="busy"):
        output.write_whole(path, b"new")


def test_the_raster_of_the_bundle_can_be_read() -> None:
    with rasterio.open(paths.layers_dir() / "land" / "habitat.tif") as grid:
        assert grid.crs.to_epsg() == 4326
        assert grid.read(1).max() <= 13
