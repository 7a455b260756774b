"""Texts meant for an interpreter in every file that the program writes: kept as they are, never obeyed."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import rasterio

from corridor.study.study import Study
from tests.hostile_study import HEADING, LAYERS, NAMES, TEXTS, names


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


def test_styles_of_qgis_hold_nothing_of_the_data(written: Path, hostile: Study) -> None:
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


def test_json_holds_the_texts_themselves(written: Path, hostile: Study) -> None:
    scores, run = (
        json.loads((written / "compare" / f"{n}.json").read_text(encoding="utf-8")) for n in ("scores", "run")
    )
    for scenario_id, row in scores["scenarios"].items():
        scenario = hostile.scenario(scenario_id)
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


def test_the_name_of_an_animal_leads_to_no_other_folder(tmp_path: Path, hostile: Study) -> None:
    import dataclasses

    import numpy as np
    from rasterio.transform import Affine

    from corridor.formats.rasters import write_nature_rasters
    from corridor.study.conflict_report import Grid, views_of_review
    from corridor.study.review import review

    (view,) = views_of_review(hostile, review(hostile, "with-link"))
    ground = np.ones((4, 4))
    names = hostile.region.names["mo"]
    odd = Grid("current", "a/../../x", names, ground, ground, Affine(100, 0, 8e5, 0, -100, 25e5))
    (tmp_path / "out").mkdir()
    write_nature_rasters(dataclasses.replace(view, grids=(odd,)), tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["current_a%2F..%2F..%2Fx_with-link.tif"]


# --- GTFS -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def feed(hostile: Study, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    from corridor.formats.gtfs import write_feed

    path = write_feed(hostile, "with-link", tmp_path_factory.mktemp("feed") / "feed.zip").path
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
