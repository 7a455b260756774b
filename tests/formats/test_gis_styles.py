"""Styles inside the GeoPackage: what QGIS reads when it opens the layer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely.geometry import LineString, Point

from corridor.core.csv_tables import wide_for_people
from corridor.formats.geopackage import _zones
from corridor.formats.qgis import Style, Symbol, comparison_styles, qml, review_styles, write_styles
from corridor.study.compare import Comparison
from corridor.study.study import Study


def options(text: str) -> list[dict[str, str]]:
    root = ET.fromstring(text.split("\n", 1)[1])
    return [
        {str(o.get("name")): str(o.get("value")) for o in layer.iter("Option") if o.get("name")}
        for layer in root.iter("layer")
    ]


def test_a_line_keeps_colour_width_and_dash() -> None:
    style = Style(
        "line", "status", [("concept", "concept <1>", Symbol("#00609c", width_mm=0.8, dash=(2, 1.5)))]
    )
    [found] = options(qml(style))
    assert found["line_color"] == "0,96,156,255"
    assert found["line_width"] == "0.8"
    assert (found["use_custom_dash"], found["customdash"]) == ("1", "2;1.5")
    assert "concept &lt;1&gt;" in qml(style)  # names are data


def test_a_graduated_style_has_its_ranges() -> None:
    style = Style(
        "fill", "jobs", [((0, 10), "few", Symbol("#ffffff")), ((10, 20), "more", Symbol("#000000"))]
    )
    root = ET.fromstring(qml(style).split("\n", 1)[1])
    assert [(r.get("lower"), r.get("upper")) for r in root.iter("range")] == [("0", "10"), ("10", "20")]


def test_a_fill_without_colour_is_an_outline() -> None:
    [found] = options(qml(Style("fill", "", [("", "", Symbol("", "#2d7d32"))])))
    assert found["style"] == "no" and found["outline_color"] == "45,125,50,255"


def test_styles_stand_in_the_file_for_the_layers_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame(
        {"status": ["existing"]}, geometry=[LineString([(114, 22), (114, 23)])], crs=4326
    ).to_file(path, layer="lines", driver="GPKG")
    write_styles(path, comparison_styles("x", [10.0, 100.0]))
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute(
            "SELECT f_table_name, useAsDefault, f_geometry_column FROM layer_styles"
        ).fetchall()
        assert base.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name='layer_styles'"
        ).fetchone() == ("attributes",)
    assert rows == [("lines", 1, "geom")]
    assert len(gpd.read_file(path, layer="lines")) == 1


@pytest.mark.parametrize("styles", [comparison_styles("zone", [1.0, 5.0]), review_styles()])
def test_shipped_styles_are_well_formed_and_read_without_colour(styles: dict[str, Style]) -> None:
    for name, style in styles.items():
        root = ET.fromstring(qml(style).split("\n", 1)[1])
        assert len(list(root.iter("symbol"))) == len(style.symbols), name
    lines = styles.get("lines") or styles["parts"]
    looks = {(s.dash, round(s.width_mm, 2)) for _, _, s in lines.symbols}
    assert len(looks) >= 4  # dash and weight tell classes apart, not colour alone


def test_every_layer_of_the_shipped_comparison_has_its_style(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "results.gpkg")) as base:
        layers = {r[0] for r in base.execute("SELECT table_name FROM gpkg_geometry_columns")}
        styled = {r[0] for r in base.execute("SELECT f_table_name FROM layer_styles")}
    assert layers == styled
    assert {"zones", "lines", "checkpoints", "wildlife_sites_points"} <= styled
    assert Point(
        gpd.read_file(folder / "results.gpkg", layer="wildlife_sites_points").geometry.iloc[0]
    ).is_valid


def test_a_comparison_brings_what_a_planner_maps(folder: Path, study: Study, comparison: Comparison) -> None:
    found = pyogrio.read_dataframe(folder / "results.gpkg", layer="isochrones")
    assert set(found["scenario_id"]) == set(comparison.results)
    assert set(found["place_id"]) == {place for place, _ in study.hubs}
    one = found[(found["scenario_id"] == "both-2035") & (found["place_id"] == "qianhai")].set_index(
        "cutoff_min"
    )
    minutes = comparison.results["both-2035"].cell_hub_minutes["08:30"][
        [p for p, _ in study.hubs].index("qianhai")
    ]
    assert one["area_ha"].to_dict() == {
        m: 6.25 * np.sum(minutes <= m) for m in (30, 45, 60, 75, 90)
    }  # 250 m cells
    assert one.geometry.is_valid.all()
    zones = pyogrio.read_info(folder / "results.gpkg", layer="zones")["fields"]
    assert {"both-2035:to_qianhai_0830", "both-2035:jobs_60_0830"} <= set(zones)
    conflicts = pyogrio.read_dataframe(
        folder / "results.gpkg", layer="conflicts_polygons", read_geometry=False
    )
    assert {"western-viaduct", "western-2035"} <= set(conflicts["scenario_id"])


def test_many_scenarios_do_not_overflow_a_table(comparison: Comparison) -> None:
    values = comparison.zone_values["western-2035"]
    many = {f"s{n}": values for n in range(100)}  # 100 scenarios of 32 measures; SQLite takes 2,000 columns
    results = dict.fromkeys(many, comparison.results["western-2035"])
    zones = _zones(replace(comparison, zone_values=many, results=results))
    assert len(zones.columns) <= 1_910
    assert "s99:jobs_60_0830" in zones and "s99:to_qianhai_2300" not in zones


def test_whole_numbers_are_written_as_a_library_would(tmp_path: Path) -> None:
    table = pd.DataFrame({"id": ['a,"b"', "c\nd"], "x": [1.5, 2.0], "n": [1, -20_000], "m": [0, 3]})
    (tmp_path / "a.csv").write_text(wide_for_people(table, 2), encoding="utf-8", newline="")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), table)
