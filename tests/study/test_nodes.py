"""Groupings add up to the cities; what is around a node, by hand and on the shipped study; the page of both."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridor.access.search.cells import Cells
from corridor.drawing.i18n import t
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.schema.region import BuildOut
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.catchment import people_in
from corridor.study.compare import Comparison
from corridor.study.groups import ELSEWHERE, group_table, groupings
from corridor.study.nodes import at_nodes
from corridor.study.run import assess_scenario
from corridor.study.study import Study
from corridor.web.nodes import write_nodes

IDS = ["committed-2030", "western-2035"]


@pytest.fixture(scope="module")
def groups(study: Study, comparison: Comparison) -> pd.DataFrame:
    return group_table(study, IDS)


def test_every_district_is_in_one_circle_at_most_and_the_three_are_named(study: Study) -> None:
    table = study.catalog.table("groups")
    assert table["district_id"].is_unique and set(table["district_id"]) <= set(study.districts["district_id"])
    circles, thirds = groupings(study)
    assert circles.group_ids == ("shenzhen-bay", "close-interaction", "mirs-bay", ELSEWHERE)
    assert thirds.group_ids == ("west", "middle", "east")
    assert set(table["confidence"]) == {"M"}  # drawn by us


@pytest.mark.parametrize("scenario_id", IDS)
def test_groups_add_up_to_the_two_cities(study: Study, groups: pd.DataFrame, scenario_id: str) -> None:
    cells, prints = study.cells, assess_scenario(study, scenario_id).result.footprint
    for _, rows in groups[groups["scenario_id"] == scenario_id].groupby("grouping_id"):
        for state, suffix in ((TODAY, ""), (BUILDOUT, "_planned")):
            for what in ("residents", "jobs"):
                assert rows[what + suffix].sum() == pytest.approx(cells.people(state, what).sum())
        for name in ("permanent", "temporary"):
            whole = prints.loc[prints["permanence"] == name, "area_ha"].sum()
            assert rows[f"{name}_ha"].sum() == pytest.approx(whole)
        # the mean of the cities is that of the groups, weighted by residents
        reach, _ = study.stages.of(stages.REACH, scenario_id, hour="08:30")
        mean = np.average(reach.of(60, "jobs"), weights=cells.people())
        assert np.average(rows["jobs_60"], weights=rows["residents"]) == pytest.approx(mean, rel=1e-6)


def test_works_of_the_western_line_are_in_the_western_groups(groups: pd.DataFrame) -> None:
    table = groups.pivot_table("permanent_ha", "group_id", "scenario_id")
    more = table["western-2035"] - table["committed-2030"]
    assert more["shenzhen-bay"] > 10 and more["west"] > 10
    assert more["mirs-bay"] == more["east"] == 0


def test_what_is_around_a_node_by_hand(study: Study) -> None:
    chosen = np.zeros(len(study.cells.region), dtype=bool)
    chosen[:4] = True  # four cells are 25 ha
    said = people_in(study, chosen)
    residents, jobs = study.cells.people()[:4].sum(), study.cells.people(what="jobs")[:4].sum()
    assert said["area_ha"] == 25 and said["per_ha"] == pytest.approx((residents + jobs) / 25)
    assert said["mix"] == pytest.approx(1 - abs(residents - jobs) / (residents + jobs))
    nobody = people_in(study, np.zeros_like(chosen))
    assert nobody["residents"] == 0 and np.isnan(nobody["mix"]) and np.isnan(nobody["per_ha"])


def test_nodes_of_the_shipped_study(study: Study, comparison: Comparison) -> None:
    found = at_nodes(study, IDS)
    table = found.table.set_index("node_id")
    western = [
        "tung-chung",
        "tuen-mun",
        "hung-shui-kiu",
        "yuen-long",
        "lau-fau-shan",
        "qianhai",
        "baoan",
        "xili",
    ]
    assert set(western) <= set(table.index) and (table.loc[western, "axis"] == "western").all()
    assert (table["residents_500m"] <= table["residents_1000m"]).all()
    assert (table["residents_walk_15min"] <= table["residents_1000m"]).all()  # 15 min are some 830 m straight
    assert table.loc["hung-shui-kiu", "planned_residents"] == 176_000  # N02
    assert table.loc["tung-chung", "planned_residents"] == 144_400  # N10
    assert table.loc["qianhai", "planned_in_buildout"] == 0
    south = table["region"] == "hk"
    assert (
        table.loc[south, ["hospital_walk_15min", "library_walk_15min"]].notna().all(axis=None)
        and table.loc[~south, "hospital_walk_15min"].isna().all()
    )
    minutes = found.times.set_index(["scenario_id", "from", "to"])["minutes"]
    assert (
        minutes["western-2035", "hung-shui-kiu", "qianhai"]
        < minutes["committed-2030", "hung-shui-kiu", "qianhai"] - 30
    )
    assert minutes["western-2035", "tuen-mun", "yuen-long"] == pytest.approx(
        minutes["committed-2030", "tuen-mun", "yuen-long"], abs=1
    )
    # nobody walks over Deep Bay: 3 km of water part them, and the journey takes a train or a bus and clearance
    assert minutes["committed-2030", "lau-fau-shan", "houhai"] > 60
    rail = table["jobs_60_across western-2035"] - table["jobs_60_across committed-2030"]
    assert rail["lau-fau-shan"] == rail.max() > 100_000


def test_the_page_says_it_in_three_scripts(study: Study, groups: pd.DataFrame, tmp_path: Path) -> None:
    write_nodes(at_nodes(study, IDS), groups, None, tmp_path / "nodes.html")
    page = (tmp_path / "nodes.html").read_text(encoding="utf-8")
    for key in (
        "nodes_title",
        "nodes_thirds",
        "nodes_access",
        "nodes_circles_note",
        "facility_primary_school",
    ):
        assert all(words in page for words in (t(key).en.split("’")[0], t(key).zh_hant, t(key).zh_hans))
    for name in ("流浮山", "前海", "洪水橋", "雙城三圈", "Twin Cities, Three Circles"):
        assert name in page
    assert "not assessed" in page and t("nodes_trips").en not in page
    assert not re.search(r'(?:src|href)="https?:', page)
    assert len(page) < 600_000


def test_a_part_of_the_build_out_is_between_today_and_all_of_it(study: Study) -> None:
    half = BuildOut(id="half", residents=0.5, jobs=0.25, title=Text(en="Half"))
    cells = Cells.from_table(study.cells.table, study.cells.sides, half)
    for what, share in (("residents", 0.5), ("jobs", 0.25)):
        today, planned = (study.cells.people(state, what) for state in (TODAY, BUILDOUT))
        assert np.abs(cells.people(BUILDOUT, what) - (today + share * (planned - today))).max() <= 0.5
        assert (cells.people(TODAY, what) == today).all()
    assert study.region.built_out("jobs-late").jobs < 1 == study.region.built_out("jobs-late").residents
    with pytest.raises(Exception, match="Unknown build-out 'hafl'. Did you mean 'half'"):
        study.region.built_out("hafl")
