"""A slice of the fuzzer's cases, and what it found: each fault that was mended has a small test of its own.

The whole: python tests/benchmarks/fuzz.py --cases 12000.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rasterio.transform import from_origin

from corridor.access.search.parameters import AccessParameters
from corridor.cli.rerun import RunFile
from corridor.core.containment import map_source
from corridor.core.csv_tables import MOST_COLUMNS, check_header, read_csv
from corridor.core.errors import (
    LONGEST,
    CorridorError,
    LayerError,
    ParameterError,
    Problem,
    ScenarioError,
    printable,
)
from corridor.importers.entry.datum import Known, find_shift
from corridor.importers.gtfs.read import Findings, read_feed
from corridor.importers.rasters.head import opened
from corridor.importers.rasters.land_cover import read_mapping
from corridor.importers.rasters.population import RASTER_CELLS
from corridor.importers.vectors.read import read_vector
from corridor.schema import layer_checks
from corridor.schema.catalog import Catalog
from corridor.schema.line import Headway
from corridor.schema.seal import seal
from corridor.schema.table_checks import RowChecks, plain_cells
from corridor.schema.tables import TABLES, Table
from corridor.schema.yaml_source import read_yaml
from corridor.study.compare import MOST_HOURS, check_parameters
from corridor.web.story import read_story
from tests.fuzzing.damage import packed
from tests.fuzzing.kinds import KINDS
from tests.fuzzing.one_case import FAULTS, Bench
from tests.gtfs_factory import SMALL, changed, zipped

COUNT = {"scenarios": 4, "proposals": 4, "GTFS feeds": 4, "rasters": 6, "run.json": 4, "tables (CSV)": 8}
OTHERS = 12
HERE = (113.74, 22.13, 114.65, 22.87)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield Bench(tmp_path_factory.mktemp("fuzz") / "bench")


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("kind", [k.name for k in KINDS])
def test_damage_by_chance_is_refused_whole_and_in_words(bench: Bench, kind: str) -> None:
    results = [bench.run(kind, 7, number) for number in range(COUNT.get(kind, OTHERS))]
    assert [(r.number, r.outcome, r.detail) for r in results if r.outcome in FAULTS] == []
    assert "refused" in {r.outcome for r in results}


# --- messages


@given(st.text())
def test_a_message_is_one_line_that_can_be_printed(text: str) -> None:
    assert printable(text).isprintable()
    assert str(Problem(text, text, text, text)).isprintable()


def test_what_a_terminal_would_obey_is_written_out() -> None:
    assert (
        str(Problem("a.csv", "id \x1b[2J", "an id", "mend it"))
        == "a.csv: id \\x1b[2J; expected an id; mend it"
    )
    assert printable("lo\u200bwu \u202etxt \ud800") == "lo\\u200bwu \\u202etxt \\ud800"
    assert printable("two\nlines\n") == "two lines"


def test_a_long_value_is_cut_and_its_length_said() -> None:
    assert printable("x" * LONGEST) == "x" * LONGEST
    assert printable("x" * 70_000) == "x" * (LONGEST - 20) + " ... (70,000 letters)"


# --- YAML


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("!!int ''", "a.yaml:2: the value ''"),
        ('"\\ud800"', "a.yaml:2: the sign '\\ud800'; expected letters that can be printed; remove it"),
        ('"\\e[2J"', "a.yaml:2: the sign '\\x1b'; expected letters that can be printed; remove it"),
        ("!!python/object/apply:os.system [touch x]", "a.yaml:2: the tag"),
    ],
)
def test_odd_values_of_yaml(tmp_path: Path, value: str, says: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"a: 1\nb: {value}\n", encoding="utf-8")
    if "python" in value:  # a list with a tag is read as a list; nothing is called
        assert read_yaml(path, ScenarioError).data == {"a": 1, "b": ["touch x"]}
        return
    with pytest.raises(ScenarioError) as caught:
        read_yaml(path, ScenarioError)
    assert str(caught.value).startswith(f"- {says}")


@pytest.mark.parametrize("text", ["a: " + "[" * 3_000, "{a: " * 100_000, "- " * 3_000 + "1", "a: [{" * 33])
def test_yaml_nested_deep_is_refused_before_it_is_parsed(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_yaml(tmp_path / "a.yaml", ScenarioError)
    assert str(caught.value) == (
        "- a.yaml: broken YAML: nested too deeply; expected valid YAML; check indents, quotes and colons"
    )


def test_what_was_expected_reads_as_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(
        "title: {en: S}\nviews:\n- {scenario: a, caption: {en: 3}, strange: 1}\n", encoding="utf-8"
    )
    with pytest.raises(ScenarioError) as caught:
        read_story(path)
    assert str(caught.value).splitlines() == [
        '- story.yaml:3: views.0.caption.en (found 3); expected a text; put it in quotes: "3"',
        "- story.yaml:3: views.0.strange is not a known key; expected one of the keys of the story: title and views, "
        "each with scenario and caption; correct this value",
    ]


# --- tables


def test_a_first_line_that_is_no_header(tmp_path: Path) -> None:
    check_header(b"a" + b",a" * (MOST_COLUMNS - 1))
    wide = b"9," * 100_000 + b"\n1\n"
    for head in (wide, b"x" * 2_000_000):
        with pytest.raises(ValueError, match="more than 1,000 columns"):
            check_header(head)
    (tmp_path / "a.csv").write_bytes(wide)
    with pytest.raises(ValueError, match="more than 1,000 columns"):
        read_csv(tmp_path / "a.csv", {})
    with pytest.raises(LayerError, match="more than 1,000 columns"):
        read_vector(tmp_path / "a.csv")
    feed = zipped({**{n: t.encode() for n, t in SMALL.items()}, "agency.txt": wide}, tmp_path / "f.zip")
    with pytest.raises(LayerError) as caught:
        read_feed(feed, Findings())
    assert (
        str(caught.value)
        == "- agency.txt: has more than 1,000 columns; expected a table of GTFS; fetch it again"
    )


def test_a_number_that_nothing_measured_has(tmp_path: Path) -> None:
    column = next(c for c in TABLES["headways"].columns if c.name == "headway_s")
    frame = pd.DataFrame({"headway_s": ["600", "1e308", "inf"]})
    rows = RowChecks(frame, lambda row: f"row {row}")
    rows.check_cells(Table((column,)))
    faults = rows.faults
    assert [str(p) for _, p in faults.found] == [
        "row 1: headway_s 1e308; expected a number (seconds) above 0, 1,000,000,000 at most; correct it",
        "row 2: headway_s inf; expected a number (seconds) above 0, 1,000,000,000 at most; correct it",
    ]
    with pytest.raises(ValidationError, match="less than or equal to 1000000000"):
        Headway(peak=1e308, off_peak=5)


def test_signs_that_cannot_be_printed(tmp_path: Path) -> None:
    """Refused in a table of the study; left out of a feed, and said."""
    column = next(c for c in TABLES["threats"].columns if c.name == "name_en")
    frame = pd.DataFrame({"name_en": ["Light", "a\x1b[2Jb"]})
    rows = RowChecks(frame, lambda row: f"row {row}")
    rows.check_cells(Table((column,)))
    faults = rows.faults
    assert [str(p) for _, p in faults.found] == [
        "row 1: name_en holds the sign '\\x1b'; expected letters that can be printed; remove it"
    ]
    findings = Findings()
    feed = read_feed(zipped(changed("stops.txt", "Beta", "Be\x1bta"), tmp_path / "f.zip"), findings)
    assert "Beta" in set(feed["stops"]["stop_name"])
    assert "stops.txt: 1 x sign that cannot be printed: left out" in str(findings)


def test_a_list_in_a_cell_is_its_text() -> None:
    frame = pd.DataFrame({"a": [np.array([1, 2]), "x", {"b": 1}, None], "b": [1, 2, 3, 4]})
    assert plain_cells(frame)["a"].tolist() == ["[1, 2]", "x", "{'b': 1}", None]
    assert plain_cells(frame)["b"].tolist() == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="a column occurs twice"):
        plain_cells(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_code_of_thirty_digits_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"code,to\n{'9' * 30},1\n²,1\n", encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_mapping(str(path), pd.DataFrame({"code": [1], "habitat_id": ["wood"]}), "habitat")
    assert str(caught.value).splitlines() == [
        f"- m.csv line 2: code is '{'9' * 30}'; expected a whole number; correct it",
        "- m.csv line 3: code is '²'; expected a whole number; correct it",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name_en,wkt\n", "- a.csv: has no rows; expected at least one; export it again"),
        (
            "lon, lon,lat\n114,114,22\n",
            "- a.csv: has the column 'lon' twice; expected each column once; rename one of them",
        ),
    ],
)
def test_a_list_without_rows_or_with_a_column_twice(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_vector(tmp_path / "a.csv")
    assert str(caught.value) == says


# --- maps and rasters


def test_an_archive_with_a_broken_part_says_which(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": ["x"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    frame.to_file(tmp_path / "a.shp")
    data = bytearray(packed({p.name: p.read_bytes() for p in sorted(tmp_path.glob("a.*"))}))
    data[data.index(b"a.dbf") + 8] ^= 0xFF  # in its packed bytes
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(
        LayerError, match=r"a.zip: a.dbf: cannot be unpacked \(.+\); expected a whole archive; pack it again"
    ):
        read_vector(tmp_path / "a.zip")


def test_a_map_that_names_other_files_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    with pytest.raises(LayerError) as caught:
        map_source(path, "layers/a.geojson")
    assert str(caught.value) == (
        "- layers/a.geojson: cannot be read (it begins as no .geojson file does); expected GeoJSON (.geojson), GeoPackage (.gpkg), FlatGeobuf (.fgb) or Shapefile (.shp); export it again"
    )


def test_a_raster_of_the_catalogue_has_a_size_it_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {
        "driver": "GTiff",
        "width": 40,
        "height": 50,
        "count": 1,
        "dtype": "uint8",
        "crs": "EPSG:4326",
        "nodata": 0,
    }
    with rasterio.open(
        tmp_path / "habitat.tif", "w", transform=from_origin(114, 22.5, 0.001, 0.001), **data
    ) as raster:
        raster.write(np.ones((1, 50, 40), dtype="uint8"))
    (tmp_path / "catalog.yaml").write_text(
        "- {id: habitat, role: habitat, title: {en: H}, kind: raster, path: habitat.tif, date: '2026', source: s, licence: l, attribution: a}\n"
    )
    catalog = Catalog.open(tmp_path / "catalog.yaml")
    assert catalog.raster_path("habitat") == tmp_path / "habitat.tif"
    monkeypatch.setattr(layer_checks, "RASTER_BYTES", 1_999)
    with pytest.raises(LayerError, match=r"habitat.tif: holds 40 x 50 cells \(0 MB\); expected at most 0 MB"):
        catalog.raster_path("habitat")


def test_a_raster_without_a_place_is_told_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(
            path, "w", driver="GTiff", width=4, height=4, count=1, dtype="uint8", crs="EPSG:4326", nodata=0
        ),
    ):
        pass
    with pytest.raises(LayerError, match="has no place on the earth"), opened(path, HERE):
        pass


def test_people_in_more_cells_than_memory_bears_are_refused() -> None:
    assert RASTER_CELLS * 18 < 1_000_000_000  # bytes: two copies as numbers, two masks


def test_points_off_the_earth_are_told_elsewhere() -> None:
    known = Known((), np.array([114.1, 114.2]), np.array([22.5, 22.4]), ())
    lon, lat = np.array([114.0] * 3 + [1e30] * 30), np.array([22.5] * 3 + [91.0] * 30)
    assert find_shift(lon, lat, None, known) is None


# --- run.json and the catalogue


def test_a_run_json_that_says_nothing_of_its_parts(tmp_path: Path) -> None:
    layer = {"sha256": "", "path": "", "date": ""}
    good = {"program": {}, "scenarios": {"a": {}}, "layers": {"x": layer}, "access_parameters": {}}
    RunFile.model_validate(good)
    bad = {"scenarios": {"a": 1}, "layers": {"x": [], "y": {**layer, "sha256": 3}}, "walk_parameters": 3}
    with pytest.raises(ValidationError) as caught:
        RunFile.model_validate(good | bad)
    wrong = [".".join(map(str, error["loc"])) for error in caught.value.errors()]
    assert wrong == ["scenarios.a", "layers.x", "layers.y.sha256", "walk_parameters"]
    with pytest.raises(ValidationError, match="scenarios"):
        RunFile.model_validate(good | {"scenarios": {}})


@pytest.mark.parametrize(
    "said",
    [
        {"cutoffs_min": (60, -1)},
        {"cutoffs_min": (60, 10**30)},
        {"hub_limit_min": 0},
        {"hours": ("08:30", "23:00") * MOST_HOURS},
    ],
)
def test_parameters_that_no_day_has(said: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        check_parameters(AccessParameters(**said))  # type: ignore[arg-type]


def test_sealing_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    path = tmp_path / "catalog.yaml"
    path.write_text(
        "- id: a\n  role: other\n  title: {en: A}\n  kind: table\n  path: a.csv\n  date: '2026'\n  source: s\n  licence: l\n  attribution: a\n"
    )
    before = path.read_bytes()

    def full(_: Path, data: bytes) -> None:
        raise OSError(28, f"no room for {len(data)}")

    with monkeypatch.context() as patch:
        patch.setattr("corridor.schema.seal.write_whole", full)
        with pytest.raises(CorridorError, match="no room"):
            seal(path)
    assert path.read_bytes() == before
    assert seal(path) == 1 and b"sha256: " in path.read_bytes()
    assert seal(path) == 0


def test_lists_in_geojson_are_refused_as_a_value(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"kind": ["clinic"]}, geometry=[shapely.Point(114.1, 22.5)], crs=4326)
    data = json.loads(frame.to_json())
    data["features"][0]["properties"]["kind"] = [[1, 2]]
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    assert isinstance(read_vector(tmp_path / "a.geojson").frame["kind"].iloc[0], str)


@pytest.mark.xdist_group("fuzz")
def test_every_case_is_the_same_for_the_same_seed(bench: Bench) -> None:
    one, two = (bench.run("story.yaml", 3, 5) for _ in range(2))
    assert (one.outcome, one.detail) == (two.outcome, two.detail)
    with pytest.raises(StopIteration):
        bench.kind("no such kind")


def test_an_error_is_raised_with_its_problems() -> None:
    error = CorridorError([Problem("a", "b", "c", "d"), Problem("e", "f")])
    assert str(error) == "- a: b; expected c; d\n- e: f"
