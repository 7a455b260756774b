"""Texts meant for an interpreter, in every file that the program writes and on the terminal: shown, never obeyed."""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import rasterio
import yaml
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from corridor.cli.terminal import shown
from corridor.core.csv_tables import as_read, as_text, for_people, for_programs, wide_for_people
from corridor.core.errors import CatalogError, CorridorError, LayerError, ScenarioError
from corridor.schema.catalog import Catalog
from corridor.schema.region import read_region
from corridor.schema.scenario import read_scenario
from corridor.study.study import Study
from corridor.web.story import read_story
from tests.conftest import Cli
from tests.gtfs_factory import SMALL, zipped
from tests.hostile import CONTROL, HOSTILE
from tests.paths import ROOT
from tests.zhuhai_macao import REGION, make_study

BREAKS = {"line feed": CONTROL["line feed"], "tab": CONTROL["tab"]}
TEXTS = [*HOSTILE.values(), *BREAKS.values(), "＝1+1"]
"""30 texts: ten rows with a name in three scripts hold them all."""
NAMES = ("name_en", "name_zh_hant", "name_zh_hans")
SIGNS = {name: text for name, text in CONTROL.items() if name not in BREAKS} | {"c1": "a\x9bb"}
"""Texts that no file may hold."""
HEADING = "=cmd|' /C calc'!A0"
LAYERS = (
    "stations",
    "lines",
    "checkpoints",
    "isochrones",
    "designations",
    "green_corridors",
    "wildlife_sites",
)


def names(row: int) -> dict[str, str]:
    """A name in three scripts; those of rows 0 to 9 are all texts."""
    return dict(zip(NAMES, TEXTS[3 * (row % 10) : 3 * (row % 10) + 3], strict=True))


def texts(row: int) -> dict[str, str]:
    """The same, as YAML says it."""
    return dict(zip(("en", "zh-Hant", "zh-Hans"), names(row).values(), strict=True))


def _more(path: Path, key: str, stem: str, **changes: object) -> None:
    """A table with ten rows and more, all of them with hostile names; new rows are like the first."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    first = table.iloc[[0] * 10].assign(**{key: [f"{stem}{n}" for n in range(10)]}, **changes)
    table = pd.concat([table, first], ignore_index=True)
    table[list(NAMES)] = [list(names(n).values()) for n in range(len(table))]
    table[HEADING] = [TEXTS[n % len(TEXTS)] for n in range(len(table))]
    table.to_csv(path, index=False)


def hostile_study(folder: Path) -> Path:
    """The study of Zhuhai and Macao with hostile texts in every field that a text may stand in."""
    layers = make_study(folder) / "layers"
    _more(layers / "stations.csv", "station_id", "extra")
    _more(layers / "lines.csv", "line_id", "extra", operator=TEXTS[:10])
    _more(layers / "checkpoints.csv", "checkpoint_id", "extra", kind="external")
    _more(layers / "places.csv", "place_id", "extra")
    for name, rows in (("patterns", 1), ("pattern_stops", 3), ("headways", 6), ("hours", 2)):
        table = pd.read_csv(layers / f"{name}.csv")
        first = [
            table.iloc[:rows].replace("taipa-line", f"extra{n}").assign(pattern_id=f"extra{n}")
            for n in range(10)
        ]
        pd.concat([table, *first]).to_csv(layers / f"{name}.csv", index=False)
    for name, key, file in (
        ("districts", "district_id", "districts.geojson"),
        ("", "habitat_id", "habitat_classes.csv"),
    ):
        frame = gpd.read_file(layers / file) if name else pd.read_csv(layers / file)
        frame[list(NAMES)] = [list(names(n).values()) for n in range(len(frame))]
        assert key in frame
        frame.to_file(layers / file) if name else frame.to_csv(layers / file, index=False)
    cells = pd.read_csv(layers / "cells.csv")
    cells[HEADING] = [TEXTS[n % len(TEXTS)] for n in range(len(cells))]
    cells.to_csv(layers / "cells.csv", index=False)
    squares = [box(113.54 + n / 1000, 22.215, 113.57, 22.24) for n in range(10)]
    _map(layers / "designations.geojson", "designation_id", squares, designation="wetland_park", region="zh")
    _map(layers / "green_corridors.geojson", "corridor_id", squares)
    points = [Point(113.545 + n / 1000, 22.22) for n in range(10)]
    _map(layers / "wildlife_sites.geojson", "site_id", points, kind="egretry")
    _documents(folder)
    return folder


def _map(path: Path, key: str, shapes: list[Any], **columns: str) -> None:
    rows = [{key: f"=1-{n}", **names(n), **columns, HEADING: TEXTS[n], "source": TEXTS[n]} for n in range(10)]
    # columns that a GeoPackage would mix up with its own, or with others that differ in capitals alone
    odd = {"fid": "x", "geom": "x", "NAME_EN": "x", "": "x", '"; DROP TABLE cells; --': "x"}
    gpd.GeoDataFrame([row | odd for row in rows], geometry=shapes, crs=4326).to_file(path, driver="GeoJSON")


def _documents(folder: Path) -> None:
    """Catalogue, region, proposals and scenarios, with hostile texts."""
    catalog = []
    for n, path in enumerate(sorted((folder / "layers").iterdir())):
        kind = {".csv": "table", ".geojson": "vector", ".tif": "raster", ".yaml": "document"}[path.suffix]
        said = {
            key: TEXTS[(n + k) % len(TEXTS)]
            for k, key in enumerate(("source", "licence", "attribution", "notes"))
        }
        catalog.append(
            {"id": path.stem, "role": path.stem, "title": texts(n), "kind": kind, "path": f"layers/{path.name}"}
            | {"date": TEXTS[n % len(TEXTS)]} | said
        )  # fmt: skip
    _yaml(folder / "catalog.yaml", catalog)
    region = yaml.safe_load(REGION)
    region["title"], region["south"]["name"] = texts(0), texts(1)
    _yaml(folder / "layers/region.yaml", region)
    (proposal,) = yaml.safe_load((folder / "layers/proposals.yaml").read_text(encoding="utf-8"))
    proposal |= {"name": texts(2), "assumptions": [texts(n) for n in range(10)], "note": texts(3)}
    proposal["source"], proposal["profile"][0]["source"], proposal["sites"][0]["source"] = TEXTS, TEXTS, TEXTS
    _yaml(folder / "layers/proposals.yaml", [proposal])
    for n, path in enumerate(sorted((folder / "scenarios").iterdir())):
        scenario = yaml.safe_load(path.read_text(encoding="utf-8"))
        scenario |= {"title": texts(n), "question": texts(n + 4), "source": TEXTS, "note": texts(n + 5)}
        scenario |= {key: [texts(k) for k in range(10)] for key in ("assumptions", "not_modelled")}
        _yaml(path, scenario)


def _yaml(path: Path, data: object) -> None:
    data = json.loads(json.dumps(data, default=str))  # no aliases, which are not read
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_study(tmp_path_factory.mktemp("hostile") / "study")


@pytest.fixture(scope="module")
def study(home: Path) -> Study:
    return Study.open(home)


@pytest.fixture(scope="module")
def written(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file of a comparison and of a review but their pages, and the tables of `times` and `hours`."""
    return _written(study, tmp_path_factory.mktemp("hostile"))


def _written(study: Study, out: Path) -> Path:
    from corridor.formats.export import write_data, write_review_data
    from corridor.study.compare import compare
    from corridor.study.conflict_report import views_of_comparison, views_of_review
    from corridor.study.review import review

    for name in ("compare", "review"):
        (out / name).mkdir()
    comparison, reviewed = compare(study, ["today", "with-link"]), review(study, "with-link")
    write_data(study, comparison, views_of_comparison(study, comparison), out / "compare", csv=True)
    write_review_data(study, reviewed, views_of_review(study, reviewed), out / "review")
    return out


# --- GeoPackage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_a_geopackage_holds_the_texts_themselves(written: Path, layer: str) -> None:
    path = written / "compare" / "results.gpkg"
    read = gpd.read_file(path, layer=layer)
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute(f'SELECT {", ".join(NAMES)} FROM "{layer}"').fetchall()
    held = (
        TEXTS[: 3 * 9] if layer == "stations" else TEXTS
    )  # stations without trains are not written: nine are
    assert {v for row in rows for v in row} >= set(held)
    assert rows == list(read[list(NAMES)].itertuples(index=False, name=None))


def test_layers_have_the_names_of_the_program_alone(written: Path) -> None:
    for path in (written / "compare/results.gpkg", written / "review/review.gpkg"):
        with closing(sqlite3.connect(path)) as base:
            tables = [row[0] for row in base.execute("SELECT name FROM sqlite_master")]
            assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert all(re.fullmatch(r"\w+", name) for name in tables), tables
        assert "designations" in [name for name, _ in pyogrio.list_layers(path)]


def test_columns_of_odd_names_travel_along(written: Path) -> None:
    for path in (written / "compare/results.gpkg", written / "review/review.gpkg"):
        read = gpd.read_file(path, layer="designations")
        assert {HEADING, '"; DROP TABLE cells; --'} <= set(read.columns)
        assert sorted(read["designation_id"]) == sorted(f"=1-{n}" for n in range(10))
        assert (read[["fid_2", "geom_2", "NAME_EN_2", "_2"]] == "x").all(axis=None)


def _styles(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as base:
        return dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles"))


def test_styles_of_qgis_hold_nothing_of_the_data(written: Path, study: Study) -> None:
    """QGIS works out what stands in `[% %]` of labels and map tips, and whatever is no column as an expression.

    All texts of a style are the program's; `attr` names a column of the layer, so that QGIS takes it as one.
    """
    for path in (written / "compare/results.gpkg", written / "review/review.gpkg"):
        for layer, style in _styles(path).items():
            root = ET.fromstring(style)
            kinds = {e.tag for e in root.iter()}
            assert not kinds & {
                "labeling",
                "mapTip",
                "expressionfields",
                "attributeactions",
                "previewExpression",
            }
            attribute = root.find("renderer-v2").get("attr")  # type: ignore[union-attr]
            assert attribute is None or attribute in gpd.read_file(path, layer=layer).columns
            assert not [
                text for text in TEXTS if text in "".join(v for e in root.iter() for v in e.attrib.values())
            ]


def test_a_style_is_well_formed_whatever_stands_in_it() -> None:
    from corridor.formats.qgis import Style, Symbol, qml

    for text in TEXTS:
        root = ET.fromstring(qml(Style("fill", text, [(text, text, Symbol("#ffffff"))])))
        (found,) = root.iter("category")
        wanted = re.sub(r"[\t\n]", " ", text)
        assert [re.sub(r"[\t\n]", " ", str(found.get(k))) for k in ("value", "label")] == [wanted] * 2


# --- CSV --------------------------------------------------------------------------------------------


def begins_a_formula(cell: str) -> bool:
    """Told by hand, not by the program's own pattern: the first sign that is neither a blank nor a quote."""
    if re.fullmatch(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", cell):
        return False
    return cell.lstrip(' "\u00a0\u3000\ufeff')[:1] in set("=+-@＝＋－＠\t\r\n")


def _cells(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield from row


def test_no_cell_of_a_table_for_people_is_a_formula(written: Path) -> None:
    paths = sorted(written.rglob("*.csv"))
    assert {p.name for p in paths} >= {"results.csv", "cells.csv", "conflicts.csv", "habitat_take.csv"}
    for path in paths:
        assert not [cell for cell in _cells(path) if begins_a_formula(cell)], path


def test_tables_hold_the_texts_once_the_apostrophe_is_off(written: Path) -> None:
    cells = set(map(as_read, _cells(written / "compare/cells.csv")))
    assert cells >= {*TEXTS, HEADING}
    table = pd.read_parquet(written / "compare/cells.parquet")
    assert {*table.columns, *table.astype(str).to_numpy().ravel()} >= {*TEXTS, HEADING}
    conflicts = pd.read_csv(written / "review/conflicts.csv", dtype=str, keep_default_na=False)
    assert {as_read(v) for v in conflicts["name_en"]} >= {names(n)["name_en"] for n in range(10)}


def test_negative_numbers_stay_numbers(written: Path) -> None:
    change = pd.read_csv(written / "compare/results.csv")["change"]
    assert change.dtype == float and (change < 0).any()
    frame = pd.DataFrame(
        {"text": ["-1.5", "-", "-x"], "number": [-1.0, -2.5, 3.0], "flag": [True, False, True]}
    )
    assert for_people(frame) == "text,number,flag\n-1.5,-1.0,True\n'-,-2.5,False\n'-x,3.0,True\n"


@pytest.mark.parametrize(
    "text", ["=1", " =1", "\u3000=1", '"=1', "'=1", "\t1", "\r=1", "\n@x", "＝1", "－1", "+1+1", "-1-1", "@a"]
)
def test_a_text_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert as_text(text) == f"'{text}" and as_read(as_text(text)) == text


@pytest.mark.parametrize(
    "text", ["", "a=1", "-1", "+2.5", "-1e-05", "'t Hart", "O'Brien", "x@y", "−1", "'-1"[1:]]
)
def test_other_texts_stay(text: str) -> None:
    assert as_text(text) == text == as_read(text)


@given(st.text(alphabet="='+-@1a \t\"＝", max_size=8))
def test_the_apostrophe_is_taken_off_again(text: str) -> None:
    assert as_read(as_text(text)) == text
    assert not begins_a_formula(as_text(text))


def test_headings_and_texts_beside_whole_numbers() -> None:
    wide = wide_for_people(pd.DataFrame({"=a": ["+b+c", None], "x": [1.5, 2.5], "@n": [-1, 2]}), 2)
    assert wide == "'=a,x,'@n\n'+b+c,1.5,-1\n,2.5,2\n"


def test_every_table_goes_through_one_writer() -> None:
    writers = []
    for path in sorted((ROOT / "corridor").rglob("*.py")):
        if "_bundle" in path.parts or path.name == "csv_tables.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and (
                node.attr == "to_csv" or ast.unparse(node) == "csv.writer"
            ):
                writers.append(f"{path.name}:{node.lineno}")
    assert not writers


def test_what_was_written_is_done_again_as_the_same(cli: Cli, home: Path, tmp_path: Path) -> None:
    """The tables beside run.json are read back: an apostrophe is no change."""
    from corridor.cli.rerun import rerun
    from corridor.formats.export import write_review_data
    from corridor.study.conflict_report import views_of_review
    from corridor.study.review import review

    own = Study.open(home)
    reviewed = review(own, "with-link")
    write_review_data(own, reviewed, views_of_review(own, reviewed), tmp_path)
    assert "'=1-" in (tmp_path / "conflicts.csv").read_text(encoding="utf-8")
    done = rerun(own, tmp_path / "run.json")
    assert done.differences.empty and not done.changed


def test_times_and_hours_are_tables_for_people(cli: Cli, home: Path, tmp_path: Path) -> None:
    ids = [t for t in TEXTS if t]
    pd.DataFrame({"id": ids, "lon": 113.54, "lat": 22.193}).to_csv(tmp_path / "a.csv", index=False)
    pd.DataFrame({"id": ["-1"], "lon": 113.545, "lat": 22.21}).to_csv(tmp_path / "b.csv", index=False)
    asked = ("--scenario", "today", "--out", tmp_path / "times.csv")
    done = cli(
        "--study",
        home,
        "times",
        "--origins",
        tmp_path / "a.csv",
        "--destinations",
        tmp_path / "b.csv",
        *asked,
    )
    assert done.exit_code == 0, done.output
    read = pd.read_csv(tmp_path / "times.csv", dtype=str)
    assert [as_read(v) for v in read["from"]] == ids and set(read["to"]) == {"-1"}
    assert not [c for c in _cells(tmp_path / "times.csv") if begins_a_formula(c)]
    assert (
        cli("--study", home, "hours", "today", "--hours", "08:30", "--out", tmp_path / "hours.csv").exit_code
        == 0
    )
    assert pd.read_csv(tmp_path / "hours.csv", dtype={"hour": str}).drop(columns="hour").dtypes.map(
        pd.api.types.is_numeric_dtype
    ).all()  # fmt: skip


def test_tables_for_programs_hold_texts_as_they_are() -> None:
    frame = pd.DataFrame({"name": TEXTS})
    read = list(csv.reader(io.StringIO(for_programs(frame), newline="")))
    assert read == [["name"], *([t] for t in TEXTS)]


# --- JSON, rasters ----------------------------------------------------------------------------------


def test_json_holds_the_texts_themselves(written: Path, study: Study) -> None:
    scores, run = (
        json.loads((written / "compare" / f"{n}.json").read_text(encoding="utf-8")) for n in ("scores", "run")
    )
    for scenario_id, row in scores["scenarios"].items():
        scenario = study.scenario(scenario_id)
        assert row["title"]["zh-Hant"] == scenario.title.in_script("zh-Hant")
        assert {v for text in row["assumptions"] for v in text.values()} == set(TEXTS)
        assert run["scenarios"][scenario_id]["source"] == TEXTS


def test_rasters_say_what_the_program_says(written: Path) -> None:
    paths = sorted(written.rglob("*.tif"))
    assert paths
    for path in paths:
        assert re.fullmatch(r"[a-z0-9_-]+\.tif", path.name)
        with rasterio.open(path) as raster:
            said = [*raster.descriptions, *raster.units, *raster.tags().values()]
        assert not [text for text in TEXTS for s in said if text in s]


def test_the_name_of_an_animal_leads_to_no_other_folder(tmp_path: Path, study: Study) -> None:
    import dataclasses

    import numpy as np
    from rasterio.transform import Affine

    from corridor.formats.rasters import write_nature_rasters
    from corridor.study.conflict_report import Grid, views_of_review
    from corridor.study.review import review

    (view,) = views_of_review(study, review(study, "with-link"))
    ground = np.ones((4, 4))
    names = study.region.names["mo"]
    odd = Grid("current", "a/../../x", names, ground, ground, Affine(100, 0, 8e5, 0, -100, 25e5))
    (tmp_path / "out").mkdir()
    write_nature_rasters(dataclasses.replace(view, grids=(odd,)), tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["current_a%2F..%2F..%2Fx_with-link.tif"]


# --- GTFS -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def feed(study: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    from corridor.formats.gtfs import write_feed

    path = write_feed(study, "with-link", tmp_path_factory.mktemp("feed") / "feed.zip").path
    with zipfile.ZipFile(path) as archive:
        return {
            name.removesuffix(".txt"): list(csv.reader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
        }


def _column(rows: list[list[str]], name: str) -> list[str]:
    return [row[rows[0].index(name)] for row in rows[1:]]


def test_a_feed_holds_the_texts_themselves(feed: dict[str, list[list[str]]]) -> None:
    """A feed is for programs: no apostrophes. Line breaks and tabs, which the reference forbids, are blanks."""
    lines = {re.sub(r"[\n\t]", " ", n) for n in (names(row)["name_en"] for row in range(10))}
    assert set(_column(feed["routes"], "route_long_name")) >= lines
    operators = [re.sub(r"[\n\t]", " ", t) for t in TEXTS[:10]]
    assert set(_column(feed["agency"], "agency_name")) >= set(operators)
    assert not [
        cell for rows in feed.values() for row in rows for cell in row if re.search(r"[\r\n\t]", cell)
    ]
    assert all(len(row) == len(rows[0]) for rows in feed.values() for row in rows)


def test_operators_whose_letters_are_the_same_have_ids_of_their_own(feed: dict[str, list[list[str]]]) -> None:
    ids = _column(feed["agency"], "agency_id")
    assert len(ids) == len(set(ids)) and set(_column(feed["routes"], "agency_id")) == set(ids)


def test_the_report_on_a_feed_is_a_table_for_people(cli: Cli, tmp_path: Path) -> None:
    """What was wrong in a feed is quoted there; its layers are for the program, and hold the names as they are."""
    assert cli("init", tmp_path / "mine").exit_code == 0
    files = {name: text.replace("Alpha,", "=1+1,") for name, text in SMALL.items()}
    files["stops.txt"] += "=3+3,Delta,0,0,0,\n"
    done = cli("--study", tmp_path / "mine", "layers", "add", "gtfs", zipped(files, tmp_path / "feed.zip"))
    assert done.exit_code == 0, done.output
    (report,) = (tmp_path / "mine").rglob("report.csv")
    cells = list(_cells(report))
    assert any("=3+3" in cell for cell in cells) and not [c for c in cells if begins_a_formula(c)]
    assert "=1+1" in _cells(report.parent / "stations.csv")


# --- what no file may hold --------------------------------------------------------------------------


def _alone(entry: Any, path: Path) -> Catalog:
    """A catalogue of one layer."""
    own = entry.model_copy(update={"path": path.name, "sha256": ""})
    return Catalog(path.parent, (own,))


@pytest.mark.parametrize(
    "entry", [e for e in Catalog.bundled().entries if e.kind == "table"], ids=lambda e: e.id
)
def test_no_column_of_any_table_takes_a_control_sign(entry: Any, tmp_path: Path) -> None:
    """The first rows of each shipped table, with the sign in one text column at a time, and in one that is not declared.

    Of a matrix with hundreds of columns that are alike, the first and the last ones.
    """
    table = pd.read_csv(Catalog.bundled().file_of(entry), dtype=str, keep_default_na=False, nrows=2)
    table["remarks"] = "x"
    path = tmp_path / "layer.csv"
    columns = dict.fromkeys([*table.columns[:25], *table.columns[-15:]])
    for column, sign in zip(columns, itertools.cycle("\x07\x1b"), strict=False):
        table.assign(**{column: f"a{sign}b"}).to_csv(path, index=False)
        problems = [str(p) for p in _alone(entry, path).check()]
        assert [p for p in problems if f"layer.csv line 2: {column} " in p and rf"\x{ord(sign):02x}" in p], (
            column
        )


@pytest.mark.parametrize(
    "entry", [e for e in Catalog.bundled().entries if e.kind == "vector"], ids=lambda e: e.id
)
def test_no_property_of_any_map_takes_a_control_sign(entry: Any, tmp_path: Path) -> None:
    path = tmp_path / "layer.geojson"
    frame = gpd.read_file(Catalog.bundled().file_of(entry), rows=1).assign(remarks="x")
    for column in frame.columns.drop("geometry"):
        if isinstance(frame[column].iloc[0], str):
            frame.assign(**{column: "a\x1bb"}).to_file(path, driver="GeoJSON")
            problems = [str(p) for p in _alone(entry, path).check()]
            assert [p for p in problems if f"layer.geojson feature 1: {column} " in p and r"\x1b" in p], (
                column
            )


def test_no_heading_takes_a_control_sign(home: Path, tmp_path: Path) -> None:
    catalog = Catalog.open(home / "catalog.yaml")
    for role, suffix in (("stations", ".csv"), ("designations", ".geojson")):
        entry = catalog.one(role)  # type: ignore[arg-type]
        path = tmp_path / f"layer{suffix}"
        text = catalog.file_of(entry).read_text(encoding="utf-8")
        path.write_text(
            text.replace("name_zh_hans", "\x1bx" if suffix == ".csv" else "\\u001bx"), encoding="utf-8"
        )
        assert [
            p
            for p in map(str, _alone(entry, path).check())
            if "layer" in p and "heading" in p and r"\x1b" in p
        ]


def test_no_field_of_a_document_takes_a_control_sign(home: Path, tmp_path: Path) -> None:
    """In YAML such signs come as escapes: in each text of a scenario, a story, a region and a catalogue, one at a time."""
    story = {"title": texts(0), "views": [{"scenario": "today", "caption": texts(1), "notes": texts(2)}]}
    _yaml(tmp_path / "own.yaml", story)
    for path, read, error in (
        (home / "scenarios/with-link.yaml", read_scenario, ScenarioError),
        (tmp_path / "own.yaml", read_story, ScenarioError),
        (home / "layers/region.yaml", read_region, CatalogError),
        (home / "catalog.yaml", Catalog.open, CatalogError),
    ):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        copy = tmp_path / "copy" / path.name
        copy.parent.mkdir(exist_ok=True)
        for change in _each_text(data):
            copy.write_text(yaml.safe_dump(change), encoding="utf-8")
            with pytest.raises(error) as told:
                read(copy)
            assert f"{path.name}:" in str(told.value) and "the sign" in str(told.value)


def _each_text(data: Any) -> Iterator[Any]:
    """The data with one of its texts replaced, some fifteen times, by each of the signs in turn."""
    copy = json.loads(json.dumps(data, default=str))
    places = list(_texts_of(copy))
    signs = itertools.cycle(SIGNS.values())
    for (holder, key), sign in zip(places[:: max(1, len(places) // 15)], signs, strict=False):
        kept, holder[key] = holder[key], sign
        yield copy
        holder[key] = kept


def _texts_of(data: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, str):
            yield data, key
        elif isinstance(value, dict | list):
            yield from _texts_of(value)


def test_half_letters_are_refused(tmp_path: Path) -> None:
    """A lone surrogate is no text that a file may hold; YAML says it as an escape."""
    path = tmp_path / "region.yaml"
    path.write_text(REGION.replace("Outer Harbour", r'"\ud800"'), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"region\.yaml:\d+"):
        read_region(path)


@pytest.mark.parametrize("colour", ["red", "#12345", '"><script>', "#1234567"])
def test_a_colour_is_six_digits(home: Path, tmp_path: Path, colour: str) -> None:
    """It goes into pages and feeds as it is."""
    catalog = Catalog.open(home / "catalog.yaml")
    entry = catalog.one("lines")
    table = pd.read_csv(catalog.file_of(entry), dtype=str).assign(colour=colour)
    table.to_csv(tmp_path / "lines.csv", index=False)
    with pytest.raises(LayerError, match=r"lines\.csv line 2: colour .* expected a colour as #rrggbb"):
        _alone(entry, tmp_path / "lines.csv").table("lines")


# --- terminal ---------------------------------------------------------------------------------------

OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _obeyed(text: str) -> list[str]:
    return [c for c in text if c not in "\n" and unicodedata.category(c) in OBEYED]


@pytest.mark.parametrize(
    "asked",
    [
        ("layers", "list"),
        ("layers", "list", "--json"),
        ("layers", "check"),
        ("scenarios", "list"),
        ("scenarios", "list", "--json"),
        ("scenarios", "show", "with-link"),
        ("scenarios", "validate"),
        ("journey", "113.533,22.187", "113.56,22.26", "--scenario", "with-link", "--explain"),
        ("journey", "113.533,22.187", "113.56,22.26", "--scenario", "with-link", "--json"),
        ("journey", "nowhere\x1b[2J\u202e", "113.56,22.26", "--scenario", "with-link"),
        ("run", "no\x07\u202escenario"),
        ("review", "no\x07\u202escenario"),
    ],
    ids=" ".join,
)
def test_the_terminal_is_told_nothing(cli: Cli, home: Path, asked: tuple[str, ...]) -> None:
    done = cli("--study", home, *asked)
    assert not _obeyed(done.output), done.output
    assert done.exit_code in (0, 1)


def test_plain_data_on_the_terminal_is_read_back_as_it_is(cli: Cli, home: Path, study: Study) -> None:
    listed = json.loads(cli("--study", home, "layers", "list", "--json").output)
    assert [e["notes"] for e in listed] == [e.notes for e in study.catalog.entries]
    shown_ = yaml.safe_load(cli("--study", home, "scenarios", "show", "with-link").output)
    assert shown_["source"] == TEXTS


def test_signs_on_the_terminal() -> None:
    assert shown("廣深港　高鐵 – é\n·") == "廣深港　高鐵 – é\n·"
    assert shown("\x1b[2J\x07\r\x7f\x9b") == "\\u001b[2J\\u0007\\r\\u007f\\u009b"
    assert shown("a\u202eb\u2028\ufeff") == "a\\u202eb\\u2028\\ufeff"


def test_errors_are_one_line_each(home: Path) -> None:
    with pytest.raises(CorridorError) as told:
        Study.open(home).journey("a\n- b\x1b\u2028", "Gongbei", "today", "08:30")
    assert len(str(told.value).splitlines()) == 1 and not _obeyed(str(told.value))
