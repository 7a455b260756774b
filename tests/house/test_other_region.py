"""A study of another region, from its own catalogue to its pages: Zhuhai and Macao."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

from corridor.core.crs import LARGEST_SCALE_ERROR, scale_error
from corridor.core.errors import CatalogError, CrsError, LayerError
from corridor.network.service import is_hall
from corridor.schema.region import read_region
from corridor.study.study import Study
from tests.conftest import Cli
from tests.house.test_no_city_named import NAMED
from tests.zhuhai_macao import REGION, make_study

OTHERS = re.compile(r"hong.?kong|shenzhen|deep.?bay|香港|深圳|后海湾|後海灣|后海灣|\bMTR\b", re.IGNORECASE)
HOURS = ("08:30", "23:00")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("region") / "zhuhai-macao")


@pytest.fixture(scope="module")
def study(home: Path) -> Study:
    return Study.open(home)


def test_every_layer_fits(cli: Cli, home: Path) -> None:
    assert "layers in order" in cli("--study", home, "layers", "check").output


def test_the_sides_are_those_of_the_region(study: Study) -> None:
    assert study.region.sides == ("mo", "zh") == study.cells.sides == study.ground.sides
    network = study.network("today")
    halls = {point for point in network.compiled.points if is_hall(point)}
    assert halls == {"gongbei@mo", "gongbei@zh", "hengqin-port@mo", "hengqin-port@zh"}
    assert study.place("113.54,22.195", "today").region == "mo"
    assert study.place("113.55,22.25", "today").region == "zh"


def test_a_journey_goes_by_the_gate_and_later_by_the_link(cli: Cli, home: Path) -> None:
    asked = ("--study", home, "journey", "Senado Square", "Xiangzhou", "--at", "08:30", "--scenario")
    text = cli(*asked, "with-link").output
    assert "Barra" in text and "link-gongbei" in text and not OTHERS.search(text)
    walked = cli(
        "--study", home, "journey", "Senado Square", "Gongbei", "--at", "08:30", "--scenario", "today"
    )
    assert "Gongbei / Portas do Cerco (Macao hall)" in walked.output
    for plain in (text, walked.output):  # a region without fares
        assert "HK$" not in plain and "fare " not in plain and "generalised cost" in plain


def test_without_fares_minutes_alone_decide(cli: Cli, home: Path) -> None:
    asked = ("--study", home, "journey", "Senado Square", "Xiangzhou", "--scenario", "with-link")
    assert "No fares in this region" in cli(*asked, "--choices").output
    data = json.loads(cli(*asked, "--choices", "--json").output)
    assert data["fare_hkd"] is None and data["fare_cny"] is None
    assert data["rates"]["value_of_time_hkd_h"] is None


def test_northbound_is_from_the_south(study: Study) -> None:
    there = study.journey("Senado Square", "Gongbei", "today", "08:30")
    back = study.journey("Gongbei", "Senado Square", "today", "08:30")
    assert (there.direction, back.direction) == ("northbound", "southbound")


@pytest.fixture(scope="module")
def written(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison and a review, by their commands."""
    from click.testing import CliRunner

    from corridor.cli import main

    out = tmp_path_factory.mktemp("written")
    for args in (("compare", "--out", out / "compare"), ("review", "with-link", "--out", out / "review")):
        done = CliRunner().invoke(main, ["--study", str(home), *map(str, args)])
        assert done.exit_code == 0, done.output
        assert not OTHERS.search(done.output)
    return out


@pytest.fixture(scope="module")
def pages(written: Path) -> dict[str, str]:
    """What was written, by name."""
    out = written
    return {
        f"{p.parent.name}/{p.name}": p.read_text(encoding="utf-8")
        for p in sorted(out.rglob("*"))
        if p.suffix in {".html", ".csv", ".json"}
    }


def test_pages_name_the_sides_in_three_scripts(pages: dict[str, str]) -> None:
    for name in (
        "compare/access.html",
        "compare/compare.html",
        "compare/ecology.html",
        "review/ecology.html",
    ):
        for word in ("Macao", "Zhuhai", "澳門", "澳门", "珠海"):
            assert word in pages[name], (name, word)
    for word in ("Zhuhai–Macao corridors", "珠澳走廊", "澳門", "澳门"):
        assert word in pages["compare/index.html"], word
    assert "baseline data differ between Macao and Zhuhai" in pages["review/review.html"]
    assert "Macao–Zhuhai boundary" in pages["compare/compare.html"]


def test_nothing_names_the_shipped_region(pages: dict[str, str]) -> None:
    """Attributions, tables and provenance too; font names in style sheets are no places."""
    for name, text in pages.items():
        plain = re.sub(r"font-family:[^;}]*", "", text)
        found = [plain[max(0, m.start() - 60) : m.end() + 30] for m in OTHERS.finditer(plain)]
        assert not found, (name, found[:3])
    assert "Test of Zhuhai and Macao" in pages["compare/compare.html"]


def test_what_is_not_given_is_said(pages: dict[str, str]) -> None:
    review = pages["review/review.html"]
    assert "this study provides no layers for it (roles threats, sensitivity, land_use)" in review
    assert "this study provides no layers for it (roles taxa, taxon_resistance, taxon_cores)" in review
    assert "Mangrove" in review and "No land take in designated areas" not in review
    for text in (review, pages["compare/index.html"]):
        assert "Not provided in this study: Wetlands and protected areas; Green corridors; Egretries" in text
    assert "the least that will be done" not in pages["compare/index.html"]


def test_figures_are_drawn_of_it(home: Path, pages: dict[str, str], written: Path) -> None:
    from corridor.drawing.write import Wanted, draw_figures
    from corridor.schema.catalog import Catalog

    wanted = Wanted(kinds=("compare", "district"), langs=("zh-Hant",))
    paths = draw_figures(
        written / "compare", written / "figures", wanted, Catalog.open(home / "catalog.yaml")
    )
    alt = "".join(p.read_text(encoding="utf-8") for p in paths if p.suffix == ".txt")
    assert "珠海與澳門地圖" in alt and not OTHERS.search(alt)


def test_a_comparison_and_a_review_are_done_again(cli: Cli, home: Path, written: Path) -> None:
    for name in ("compare", "review"):
        assert (
            cli("--study", home, "rerun", written / name / "run.json", "--quiet").output
            == "the same numbers\n"
        )


def test_other_figures_of_a_review_are_listed(cli: Cli, home: Path, written: Path, tmp_path: Path) -> None:
    for path in (written / "review").iterdir():
        if path.suffix in {".csv", ".json"}:
            shutil.copy(path, tmp_path)
    take = pd.read_csv(tmp_path / "habitat_take.csv")
    take.loc[0, "area_ha"] += 1.0
    take.to_csv(tmp_path / "habitat_take.csv", index=False)
    (tmp_path / "conflicts.csv").write_text("scenario_id\n", encoding="utf-8")
    again = cli("--study", home, "rerun", tmp_path / "run.json", "--quiet")
    assert again.exit_code == 1
    listed = [line.split()[0] for line in again.output.splitlines()[1:]]
    assert listed == ["conflicts", "habitat_take"] and f"{take.loc[0, 'area_ha']:.6g}" in again.output


def test_the_feed_keeps_the_regions_time(study: Study, tmp_path: Path) -> None:
    from corridor.formats.gtfs import write_feed

    path = write_feed(study, "with-link", tmp_path / "feed.zip").path
    with zipfile.ZipFile(path) as feed:
        agency, stops = (feed.read(f"{name}.txt").decode() for name in ("agency", "stops"))
    assert "Asia/Macau" in agency and "Hong" not in agency
    assert "gongbei@mo" in stops and "hengqin-port@zh" in stops


def test_a_side_that_is_none_of_the_two_is_told(home: Path, tmp_path: Path) -> None:
    copy = make_study(tmp_path / "wrong")
    path = copy / "layers" / "stations.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",mo,", ",hk,", 1), encoding="utf-8")
    with pytest.raises(LayerError, match=r"stations\.csv line 2: region hk; expected one of mo, zh"):
        Study.open(copy).catalog.table("stations")


def test_positions_are_held_against_the_extent_of_the_region(tmp_path: Path) -> None:
    copy = make_study(tmp_path / "wrong")
    path = copy / "layers" / "places.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("113.540,22.193", "114.158,22.281"), encoding="utf-8"
    )
    with pytest.raises(
        CrsError, match=r"outside the region; expected WGS84 degrees, lon 113 to 114, lat 21\.7 to 22\.7"
    ):
        Study.open(copy).catalog.table("places")


def _region(tmp_path: Path, **changes: object) -> Path:
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(REGION) | changes, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"extent_deg": [103.0, 1.0, 104.5, 2.0]}, r"region\.yaml:\d+: extent_deg \(found \[103\.0, 1\.0, 104\.5, 2\.0\]\); expected an extent in which lengths in EPSG:4547 are true to 0\.2%; at its far corner they are 1\.88% off"),
        ({"extent_deg": [114.0, 22.0, 113.0, 23.0]}, "west < east, south < north"),
        ({"time_zone": "Asia/Zhuhai"}, "a time zone of the IANA database"),
        ({"north": {"id": "mo", "name": {"en": "Zhuhai"}}}, "two sides of different ids"),
        ({"east": {}}, "east is not a known key; expected one of the keys of the region"),
    ],
)  # fmt: skip
def test_a_region_that_cannot_be_is_refused(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        read_region(_region(tmp_path, **changes))


def test_the_scale_error_is_that_of_the_projection() -> None:
    """x^2 / (2 R^2) with x = 3 degrees of longitude at 22 N: 309.6 km, R = 6,367 km about there: 0.118 per cent."""
    assert scale_error(114.0, 22.0) == pytest.approx(0.0, abs=1e-9)
    assert scale_error(111.0, 22.0) == pytest.approx(0.00118, abs=2e-5)
    assert scale_error(111.0, 21.0) < LARGEST_SCALE_ERROR < scale_error(110.0, 21.0)


def test_the_pattern_of_names_finds_what_it_should() -> None:
    assert NAMED.search("Hong Kong") and not NAMED.search("Macao")
