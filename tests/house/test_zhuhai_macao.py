"""The shipped study of Zhuhai and Macao: its layers, its times against published ones, and what pages say is not given."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridor.access.search.cells import Cells
from corridor.core import paths
from corridor.core.errors import LayerError
from corridor.schema.measure import Measure
from corridor.study.criteria import MEASURED
from corridor.study.study import Study
from tests.build_scripts import BUILD
from tests.conftest import Cli

pytestmark = pytest.mark.usefixtures("remembering")
FOLDER = paths.layers_dir() / "zhuhai-macao"
ASKED = ("--study", "zhuhai-macao")
MACAO, ZHUHAI = 681_293, 2_439_585
NOT_GIVEN = "Not provided in this study: Jobs by place; Habitats; Wetlands and protected areas"


@pytest.fixture(scope="module")
def study() -> Study:
    return Study.open(FOLDER)


def test_every_layer_fits(cli: Cli) -> None:
    assert "layers in order" in cli(*ASKED, "layers", "check").output


def test_scenarios_are_found_by_the_name_of_the_study(cli: Cli) -> None:
    listed = cli(*ASKED, "scenarios", "list").output
    for scenario_id in ("before-hengqin-line", "today", "without-qingmao", "east-line-2029"):
        assert re.search(rf"^{scenario_id}\b", listed, re.MULTILINE)


def test_residents_sum_to_the_censuses(study: Study) -> None:
    people = study.cells.table.groupby(["region", "district_id"])["residents_census"].sum()
    assert people.groupby("region").sum().to_dict() == {"mo": MACAO, "zh": ZHUHAI}
    known = pd.read_csv(BUILD / "records" / "zhuhai_macao_districts.csv", index_col="district_id")[
        "residents"
    ]
    of_district = people.droplevel("region").reindex(known.index, fill_value=0)
    assert (of_district == known).all()


def test_everybody_lives_on_the_land_of_the_district(study: Study) -> None:
    import geopandas as gpd

    table = study.cells.table
    points = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=4326).to_crs(4547)
    shapes = study.districts.to_crs(4547).set_index("district_id").geometry
    away = points.distance(gpd.GeoSeries(shapes.loc[table["district_id"]].to_numpy(), crs=4547))
    assert away.max() < 150  # a cell's middle; coasts are rounded by 30 m


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("Barra", "Taipa Ferry Terminal", 27),  # published
        ("Lotus", "Hengqin (LRT)", 2),
        ("Union Hospital", "Seac Pai Van", 2),
    ],
)
def test_light_rail_takes_the_published_minutes(cli: Cli, start: str, end: str, minutes: float) -> None:
    said = cli(*ASKED, "journey", start, end, "--at", "12:00").output
    ride = re.search(r"in vehicle (\d+\.\d)", said)
    assert ride and float(ride[1]) == pytest.approx(minutes, abs=0.5), said


def test_trains_of_the_airport_line_take_the_published_minutes(study: Study) -> None:
    stops = study.catalog.table("pattern_stops")
    published = {"zhuji-stopping": (19, 27, 41, 49), "zhuji-express": (12, 19, 38)}
    for pattern, minutes in published.items():
        mine = stops[stops["pattern_id"] == pattern].sort_values("seq")
        arrived = (mine["run_s"].cumsum() + mine["dwell_s"].cumsum() - 60).shift() / 60
        found = arrived.iloc[-len(minutes) :] if pattern == "zhuji-express" else arrived.iloc[3:]
        assert np.abs(found.to_numpy() - minutes).max() <= 2.5, (pattern, found)  # a minute's stop each


def test_from_macao_to_hengqin_the_line_is_quicker(cli: Cli) -> None:
    asked = (*ASKED, "journey", "Cotai", "Hengqin", "--at", "08:30", "--scenario")
    minutes = {}
    for scenario_id in ("before-hengqin-line", "today"):
        said = cli(*asked, scenario_id).output
        minutes[scenario_id] = int(re.search(r"leaving 08:30: (\d+) min", said)[1])  # type: ignore[index]
    assert minutes["today"] + 10 < minutes["before-hengqin-line"]


def test_hours_nodes_and_reviews_say_what_is_missing(cli: Cli) -> None:
    hours = json.loads(cli(*ASKED, "hours", "today", "--hours", "08:30", "--quiet", "--json").stdout)
    assert hours[0]["jobs_60"] is None and hours[0]["residents_60"] > 100_000
    assert "jobs" not in cli(*ASKED, "hours", "today", "--hours", "08:30", "--quiet").output
    assert "not given" in cli(*ASKED, "place", "Macao centre").output
    assert "no layer of role habitat" in cli(*ASKED, "review", "east-line-2029").output
    assert "no layer of role nodes" in cli(*ASKED, "nodes", "east-line-2029").output


def test_a_comparison_counts_residents_and_says_what_is_not_given(cli: Cli, tmp_path: Path) -> None:
    done = cli(*ASKED, "compare", "--out", tmp_path / "out")
    assert done.exit_code == 0 and "Residents who can be reached" in " ".join(done.output.split())
    for name in ("index", "access", "nature", "ecology"):
        page = (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8")
        assert NOT_GIVEN in page, name
    for name in ("index", "access"):
        page = (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8")
        assert "Jobs within" not in page and "Jobs across" not in page, name
    figures = ("map", tmp_path / "out", "--only", "district", "--png", "--out", tmp_path / "pictures")
    assert cli(*ASKED, *figures).exit_code == 0
    assert list((tmp_path / "pictures").glob("district-*-residents_60_0830.en.png"))
    chart = cli(*ASKED, *figures[:2], "--only", "pareto", "--out", tmp_path / "pictures").output
    assert "has no criterion jobs_gravity_0830" in chart and "draw another chart" in chart
    every = (*figures[:2], "--only", "all", "--svg", "--out", tmp_path / "every")
    assert cli(*ASKED, *every).exit_code == 0 and not list((tmp_path / "every").glob("pareto*"))
    method = (tmp_path / "out" / "method.html").read_text(encoding="utf-8")
    assert "is dominated" not in method, "nothing is scored, so nothing is weighed"
    assert (
        "name that study with --study" in cli(*figures).output
    )  # else the districts of the shipped one are looked for
    results = pd.read_csv(tmp_path / "out" / "results.csv")
    assert results["value"].notna().all() and not results["criterion"].str.contains("jobs").any()
    across = results[results["criterion"] == "other_side_residents_60_0830"].set_index("scenario")["value"]
    assert (
        across["without-qingmao"] < across["before-hengqin-line"] < across["today"] < across["east-line-2029"]
    )


def test_jobs_are_given_in_both_land_states_or_in_none(study: Study) -> None:
    table = study.cells.table
    cells = Cells.from_table(table, study.cells.sides)
    assert not cells.jobs_given and cells.leading == "residents" and np.isnan(cells.people(what="jobs")).all()
    with pytest.raises(LayerError, match="no jobs_buildout_2035"):
        Cells.from_table(table.assign(jobs_modelled=1), cells.sides)
    whole = Cells.from_table(table.assign(jobs_modelled=1, jobs_buildout_2035=2), cells.sides)
    assert whole.jobs_given and whole.not_given == [] and whole.weights[:, 1].sum() == len(table)


def test_measures_of_residents_are_criteria_and_read_back() -> None:
    for measure_id in (
        "other_side_residents_gravity_0830",
        "other_side_residents_60_0830",
        "residents_60_2300",
    ):
        found = Measure.parse(measure_id)
        assert found and found.measure_id == measure_id and measure_id in MEASURED
        assert found.title.en and found.title.zh_hant != found.title.en
