"""The reviewer's report: the command, what it writes, and what its page says in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from corridor.drawing.i18n import t
from corridor.ecology.impact.conflicts import conflicts
from corridor.ecology.impact.corridors import STREAM_COLUMNS
from corridor.study.review import Review, review
from corridor.study.study import Study
from corridor.web.write import write_review
from tests.conftest import Cli


@pytest.fixture(scope="module")
def pair(study: Study) -> Review:
    return review(study, "western-2035", "western-viaduct")


@pytest.fixture(scope="module")
def folder(study: Study, pair: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("review") / "pair"
    write_review(study, pair, out)
    return out


def test_the_difference_is_the_subject_less_the_other(pair: Review) -> None:
    assert pair.difference is not None and pair.against is not None
    row = pair.difference.headline.set_index("measure").loc["permanent_marine_ha"]
    mine, other = (side.headlines["central"].permanent_marine_ha for side in (pair.subject, pair.against))
    assert row["difference"] == pytest.approx(mine - other)
    assert mine < other  # the tunnel takes less sea bed than the viaduct


def test_each_conflict_carries_its_layer_date_licence_and_confidence(pair: Review) -> None:
    frame = pair.subject.conflicts
    assert len(frame) and frame.crs.to_epsg() == 4326
    for column in ("layer", "layer_date", "layer_licence", "layer_attribution"):
        assert (frame[column].str.len() > 0).all(), column
    assert (frame.loc[frame["kind"] == "habitat_take", "confidence"].str.len() == 1).all()


def test_a_scenario_that_builds_nothing_has_no_conflict(study: Study) -> None:
    alone = review(study, "baseline-2024")
    assert alone.subject.conflicts.empty and alone.against is None
    assert alone.subject.streams is not None and alone.subject.streams.empty
    assert list(alone.subject.streams.sort_values("surface")) == ["scenario_id", *STREAM_COLUMNS]


def test_the_geopackage_holds_every_conflict(folder: Path, pair: Review) -> None:
    layers = {str(name) for name, _ in pyogrio.list_layers(folder / "review.gpkg")}
    assert {"conflicts_polygons", "conflicts_linestrings", "footprint", "parts", "designations"} <= layers
    read = pd.concat(
        [gpd.read_file(folder / "review.gpkg", layer=n) for n in layers if n.startswith("conflicts")]
    )
    both = [side for side in (pair.subject, pair.against) if side is not None]
    assert len(read) == sum(len(side.conflicts) for side in both)
    assert read.loc[read["scenario_id"] == "western-viaduct", "counterfactual"].all()


def test_the_tables_name_scenario_and_units(folder: Path, pair: Review) -> None:
    conflicts = pd.read_csv(folder / "conflicts.csv")
    assert {"scenario_id", "counterfactual", "area_ha", "length_m", "lon", "lat"} <= set(conflicts.columns)
    assert conflicts["lon"].between(113, 115).all() and conflicts["lat"].between(22, 23).all()
    crossings = pd.read_csv(folder / "corridor_crossings.csv")
    assert set(crossings["scenario_id"]) == {"western-2035", "western-viaduct"}
    assert not crossings["crossed"].all()  # what is not crossed has its row as well


def test_streams_are_listed_and_among_the_conflicts(study: Study, folder: Path, pair: Review) -> None:
    table = pd.read_csv(folder / "streams.csv", comment="#")
    assert set(table["scenario_id"]) == {"western-2035", "western-viaduct"}
    page = (folder / "review.html").read_text(encoding="utf-8")
    assert 'id="review-streams"' in page and t("review_streams_season").zh_hans in page
    for side in pair.sides:
        met = side.conflicts[side.conflicts["layer"] == "streams"]
        at_surface = side.streams[side.streams["surface"].astype(bool)]
        assert set(met["subject_id"]) == set(at_surface["stream_id"])
        taken = met.loc[met["kind"] == "stream_take"].groupby("permanence")["area_ha"].sum()
        assert taken["temporary"] >= at_surface["temporary_ha"].sum() * 0.99  # pieces of one work may overlap
    dry = replace(study.land, streams=None)
    assert not (conflicts(pair.subject.ecology, pair.subject.works, dry)["layer"] == "streams").any()


def test_the_page_says_what_it_is(folder: Path) -> None:
    page = (folder / "review.html").read_text(encoding="utf-8")
    assert "not an environmental impact assessment" in page
    assert "counterfactual" in page and "虛擬對照" in page and "虚拟对照" in page
    assert re.search(r"Content-Security-Policy[^>]+default-src (&#x27;|'|&#39;)none", page)
    assert not re.search(r"""\ssrc\s*=\s*["']?(?:https?:)?//""", page)
    assert (folder / "review.html").stat().st_size < 2_500_000


def test_the_same_review_has_the_same_bytes(study: Study, pair: Review, folder: Path, tmp_path: Path) -> None:
    write_review(study, pair, tmp_path / "again")
    rasters = [f"rasters/{p.name}" for p in (folder / "rasters").iterdir()]
    assert "rasters/habitat_quality_western-2035.tif" in rasters
    for name in ("review.html", "conflicts.csv", "review.gpkg", "run.json", *rasters):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_the_command_prints_figures_and_where_they_are(
    cli: Cli, shared: Study, pair: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "corridor.study.review.review", lambda *_: pair
    )  # the report itself and its files are tested above
    monkeypatch.setattr("corridor.web.write.write_review", lambda *_: None)
    result = cli("review", "western-2035", "--against", "western-viaduct", "--out", str(tmp_path / "r"))
    assert result.exit_code == 0
    assert "western-viaduct (counterfactual)" in result.output
    assert "not an environmental impact assessment" in result.output
    figures = json.loads(cli("review", "western-2035", "--out", tmp_path / "r", "--quiet", "--json").output)
    assert figures["values"]["western-2035"]["permanent_ha"] > 0


def test_wrong_scenarios_are_named(cli: Cli, shared: Study, tmp_path: Path) -> None:
    same = cli("review", "both-2035", "--against", "both-2035", "--out", str(tmp_path / "r"))
    assert same.exit_code == 1 and "set against itself" in same.output
    unknown = cli("review", "bothh-2035", "--out", str(tmp_path / "r"))
    assert unknown.exit_code == 1 and "both-2035" in unknown.output
    assert not (tmp_path / "r").exists()


def test_a_folder_that_is_no_review_is_left_alone(cli: Cli, shared: Study, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    result = cli("review", "western-2035", "--out", str(tmp_path / "mine"))
    assert result.exit_code == 1 and "not the output of a run" in result.output
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_page_opens_in_a_browser(browser: Any, folder: Path, lang: str, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    errors, asked = [], []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.goto((folder / "review.html").as_uri() + f"#lang={lang}")
    assert page.evaluate("document.documentElement.lang") == lang
    assert page.locator("section:visible").count() >= 8
    assert page.locator("table:visible").count() >= 5
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0] + 1  # tables scroll inside themselves, the page does not
    page.close()
    assert errors == [] and all(url.startswith("file:") for url in asked)
