"""Groupings add up to the cities; what is around a node, by hand and on the shipped study; the page of both."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from corridor.access.search.cells import Cells, Place
from corridor.core.crs import WORKING
from corridor.demand.zones import Zones
from corridor.drawing.i18n import t
from corridor.drawing.numbers import figure
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.schema.region import BuildOut
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.around import CATCHMENTS, URBAN, land_use_mix, people_in
from corridor.study.compare import Comparison
from corridor.study.groups import ELSEWHERE, group_table, groupings, outlines
from corridor.study.node_layer import Node, trips_between
from corridor.study.nodes import at_nodes, nodes_compared
from corridor.study.run import assess_scenario
from corridor.study.study import Study
from corridor.web.nodes import write_nodes

IDS = ["committed-2030", "western-2035"]


@pytest.fixture(scope="module")
def groups(study: Study, comparison: Comparison) -> pd.DataFrame:
    shown = comparison.travellers[TODAY]
    return group_table(study, IDS, {i: shown[i].by_zone["trips_per_day"].to_numpy() for i in IDS})


def test_every_district_is_in_one_circle_at_most_and_the_three_are_named(study: Study) -> None:
    table = study.catalog.table("groups")
    assert table["district_id"].is_unique and set(table["district_id"]) <= set(study.districts["district_id"])
    circles, thirds = groupings(study)
    assert circles.group_ids == ("shenzhen-bay", "close-interaction", "mirs-bay", ELSEWHERE)
    assert thirds.group_ids == ("west", "middle", "east")
    assert set(table["confidence"]) == {"M"}  # drawn by us


def test_outlines_part_the_land_of_all_districts(study: Study) -> None:
    found = outlines(study, groupings(study))
    districts = study.districts.to_crs(WORKING)
    for grouping_id, rows in found.to_crs(WORKING).groupby("grouping_id"):
        assert rows.area.sum() == pytest.approx(districts.area.sum(), rel=1e-6), grouping_id
        assert shapely.union_all(rows.geometry.to_numpy()).area == pytest.approx(rows.area.sum(), rel=1e-6)
    bay = found[found["group_id"] == "shenzhen-bay"].geometry.iloc[0]
    own = study.districts[study.districts["district_id"] == "sz-nanshan"].geometry.iloc[0]
    assert bay.contains(own.representative_point())


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


@pytest.mark.parametrize("scenario_id", IDS)
def test_travellers_of_groups_add_up_to_all_crossings(
    comparison: Comparison, groups: pd.DataFrame, scenario_id: str
) -> None:
    whole = comparison.travellers[TODAY][scenario_id].by_control_point["trips_per_day"].sum()
    for _, rows in groups[groups["scenario_id"] == scenario_id].groupby("grouping_id"):
        assert rows["trips_per_day"].sum() == pytest.approx(whole)


def node(node_id: str, side: str, x_m: float) -> Node:
    nothing = float("nan")
    return Node(
        node_id, Text(en=node_id), Place(node_id, None, x_m, 0.0, side), "a", nothing, nothing, False, "M"
    )


def test_trips_between_nodes_by_hand() -> None:
    # zones of 1 km: two in the south near 'a', one too far from it; one in the north near 'b'
    x = np.array([0.0, 1_600.0, 9_000.0, 700.0])
    zones = Zones.of(x, np.zeros(4), [0, 0, 0, 1], size_m=1_000.0)
    north_bound, south_bound = np.array([[10.0], [5.0], [100.0]]), np.array([[1.0, 2.0, 200.0]])
    flows = {("all", 0): SimpleNamespace(trips=north_bound), ("all", 1): SimpleNamespace(trips=south_bound)}
    sides = (np.flatnonzero(zones.side == 0), np.flatnonzero(zones.side == 1))
    demand: Any = SimpleNamespace(flows=flows, base=SimpleNamespace(model=SimpleNamespace(sides=sides)))
    before: Any = SimpleNamespace(flows={}, base=demand.base)
    found = trips_between([node("a", "s", 0.0), node("b", "n", 0.0)], ("s", "n"), zones, (demand, before))
    assert found.to_dict("records") == [
        {"from": "a", "to": "b", "trips_per_day": 10 + 5 + 1 + 2, "reference_per_day": 0}
    ]
    assert not len(trips_between([], ("s", "n"), zones, (demand, before)))


def test_trips_between_shipped_nodes_are_some_of_all(study: Study, comparison: Comparison) -> None:
    shown = comparison.travellers[TODAY]
    trips = at_nodes(study, IDS).trips({IDS[1]: shown[IDS[1]].node_trips})
    assert list(dict.fromkeys(trips["scenario_id"])) == IDS
    table = trips.pivot_table("trips_per_day", ["from", "to"], "scenario_id")
    south = {n.node_id for n in at_nodes(study, IDS).nodes if n.place.region == "hk"}
    assert set(table.index.get_level_values("from")) == south
    for scenario_id in IDS:
        whole = shown[scenario_id].by_control_point["trips_per_day"].sum()
        assert 0.01 * whole < table[scenario_id].sum() < 0.5 * whole
    own = shown[IDS[0]].node_trips.set_index(["from", "to"])["trips_per_day"]
    pd.testing.assert_series_equal(table[IDS[0]].sort_index(), own.sort_index(), check_names=False)
    more = table[IDS[1]] - table[IDS[0]]
    # trips of a zone belong to its nearest node, so those of Tin Shui Wai are of Lau Fau Shan
    assert more["hung-shui-kiu", "qianhai"] > 0 and more.max() > 100
    assert more.idxmax()[0] in {"hung-shui-kiu", "lau-fau-shan", "yuen-long", "tuen-mun"}
    assert more.idxmax()[1] in {"qianhai", "baoan", "xili"}


def test_how_mixed_land_use_is_by_hand() -> None:
    even = pd.DataFrame({"group": [*URBAN, "natural"], "ha": [2.0] * 5 + [500.0]})
    assert land_use_mix(even) == pytest.approx(1)
    assert land_use_mix(even.iloc[:1]) == 0
    # a half and two quarters: 1.5 ln 2 / ln 5
    thirds = pd.DataFrame({"group": URBAN[:3], "ha": [2.0, 1.0, 1.0]})
    assert land_use_mix(thirds) == pytest.approx(1.5 * np.log(2) / np.log(5))
    assert np.isnan(land_use_mix(even.iloc[5:])) and np.isnan(land_use_mix(even.iloc[:0]))


def test_land_use_around_nodes_is_known_on_one_side(study: Study) -> None:
    found = at_nodes(study, IDS)
    land, around = found.land_use, found.around.set_index(["node_id", "catchment"])["land_use_mix"]
    south = {n.node_id for n in found.nodes if n.place.region == "hk"}
    assert set(land["node_id"]) == south and set(land["catchment"]) == set(CATCHMENTS)
    sums = land.groupby(["node_id", "catchment"])[["ha", "share"]].sum()
    np.testing.assert_allclose(sums["share"], 1)
    ha = land.pivot_table("ha", "node_id", "catchment", aggfunc="sum")
    # 25 and 100 pi hectares, less of it by the sea; the circle of the small one is in cells of some 0.3 ha
    assert (ha["500m"] < 25 * np.pi * 1.02).all() and (ha["1000m"] <= 100 * np.pi * 1.001).all()
    assert (ha["walk_15min"] <= 100 * np.pi * 1.3).all() and ha.loc["yuen-long", "1000m"] > 310
    known = around.index.get_level_values("node_id").isin(list(south))
    assert around[known].between(0, 1).all() and around[~known].isna().all()


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
    assert "not assessed" in page and t("nodes_no_trips").en in page
    assert t("nodes_trips_note").en not in page
    assert not re.search(r'(?:src|href)="https?:', page)
    assert len(page) < 600_000


def test_the_page_of_a_comparison_has_the_trips_it_worked_out(
    comparison: Comparison, study: Study, folder: Path
) -> None:
    page = (folder / "nodes.html").read_text(encoding="utf-8")
    assert t("nodes_no_trips").en not in page and t("nodes_group_trips").en in page
    nodes = nodes_compared(study, comparison)
    assert nodes is not None
    last = comparison.travellers[TODAY][nodes.scenario_ids[-1]].node_trips
    most = last.loc[last["trips_per_day"].idxmax()]
    assert f">{figure(most['trips_per_day'], 'crossings/day')}<" in page
    axes = len({n.axis for n in nodes.nodes})
    assert page.count('<figure class="state') == (axes + 1) * len(nodes.scenario_ids)
    written = pd.read_csv(folder / "travellers" / "node_trips.csv", comment="#")
    assert set(written["scenario_id"]) == set(comparison.results)


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
