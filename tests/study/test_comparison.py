"""The shipped comparison: what must hold whatever the data, and what it says today.

The values of today stand in tests/golden/headline.csv. Where they change for a good reason, look at the change and write
them anew:

    CORRIDOR_WRITE_GOLDEN=1 python -m pytest tests/study/test_comparison.py -k golden
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from corridor.access.search.cells import Cells
from corridor.access.search.parameters import AccessParameters
from corridor.core import paths
from corridor.ecology.impact.difference import difference
from corridor.formats.geopackage import plain
from corridor.formats.tables import criteria_table
from corridor.schema.catalog import Catalog
from corridor.study import stages
from corridor.study.compare import Comparison
from corridor.study.question import question, shipped_comparison
from corridor.study.ranking import verdict
from corridor.study.run import run
from corridor.study.stage import Stages
from corridor.study.study import Study
from corridor.study.values import Bounds
from tests.paths import ROOT

GOLDEN = ROOT / "tests" / "golden" / "headline.csv"
FILE = shipped_comparison()
DO_MINIMUM = FILE.do_minimum
TUNNEL, VIADUCT = "western-2035", "western-viaduct"
NATURE = ("wetland", "marine", "protected")

# (before, after): after adds services or shortens clearance and changes nothing else.
ADDITIONS = [
    (DO_MINIMUM, "central-2035"),
    (DO_MINIMUM, TUNNEL),
    (DO_MINIMUM, "both-2035"),
    ("central-2035", "both-2035"),
    (TUNNEL, "both-2035"),
    (DO_MINIMUM, f"{DO_MINIMUM}+clearance-joint"),
    ("both-2035", "both-2035+clearance-joint"),
]


def values(comparison: Comparison, scenario: str) -> pd.Series:
    return comparison.headline.loc[scenario]


# --- access --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), ADDITIONS)
def test_adding_services_or_shortening_clearance_takes_nothing_away(
    comparison: Comparison, before: str, after: str
) -> None:
    """Every cell, cut-off, hour, land state and side, residents and jobs alike."""
    gained = 0
    for hour, reach in comparison.results[before].reach.items():
        change = comparison.results[after].reach[hour].counts - reach.counts
        lost = np.argwhere(change < -0.5)
        assert lost.size == 0, f"{hour}: cells {sorted(set(lost[:, 0]))[:5]} lose up to {-change.min():.0f}"
        gained += int((change > 0.5).sum())
    assert gained > 0


@pytest.mark.parametrize(("before", "after"), ADDITIONS)
def test_adding_services_lengthens_no_time_to_a_hub(comparison: Comparison, before: str, after: str) -> None:
    for hour, minutes in comparison.results[before].cell_hub_minutes.items():
        longer = comparison.results[after].cell_hub_minutes[hour]
        assert (np.nan_to_num(longer, nan=1e6) - np.nan_to_num(minutes, nan=1e6)).max() <= 0.01
    keys = ["hour", "from_place", "to_place"]
    tables = [comparison.results[s].hub_minutes.set_index(keys) for s in (before, after)]
    times, costs = ["minutes", "minutes_low", "minutes_high"], ["cost_min", "cost_low_min", "cost_high_min"]
    # at night, when services end, a way of least cost is one that can be kept: the least time may take its place
    for columns, hours in ((times, ["08:30", "23:00"]), (costs, ["08:30"])):
        was, now = (t.loc[hours, columns].fillna(1e6) for t in tables)
        worse = (now - was).max(axis=1)
        assert worse[worse > 0.01].to_dict() == {}


@pytest.mark.parametrize(("before", "after"), ADDITIONS)
def test_adding_services_discounts_no_job_more(comparison: Comparison, before: str, after: str) -> None:
    for hour, gravity in comparison.results[before].gravity.items():
        sums = comparison.results[after].gravity[hour].sums
        assert (sums >= gravity.sums * (1 - 1e-4) - 0.5).all()  # summed in float32
        assert (sums > gravity.sums + 0.5).any()


def test_the_structure_of_a_line_changes_no_time(comparison: Comparison) -> None:
    for hour, reach in comparison.results[TUNNEL].reach.items():
        assert np.array_equal(reach.counts, comparison.results[VIADUCT].reach[hour].counts)
        tables = [comparison.results[s].hub_minutes for s in (TUNNEL, VIADUCT)]
        pd.testing.assert_frame_equal(*tables)


def test_reach_grows_with_the_cut_off_and_ends_at_everybody(study: Study, comparison: Comparison) -> None:
    everybody = study.cells.weights.sum(axis=0)
    for result in comparison.results.values():
        for reach in result.reach.values():
            assert (np.diff(reach.counts, axis=1) >= 0).all()
            assert (reach.counts >= 0).all()
            for i, (state, what) in enumerate((s, w) for s in ("census", "buildout-2035") for w in ("residents", "jobs")):  # fmt: skip
                assert reach.of(90, what, state).max() <= everybody[i] + 0.5
            sides = reach.of(60, "jobs", "census", "hk") + reach.of(60, "jobs", "census", "sz")
            assert np.allclose(sides, reach.of(60, "jobs"), atol=1)


def test_a_cell_reaches_at_least_itself(study: Study, comparison: Comparison) -> None:
    own = study.cells.weights[:, :2]
    reach = comparison.results["baseline-2024"].reach["23:00"]
    for i, what in enumerate(("residents", "jobs")):
        assert (reach.of(30, what) >= own[:, i] - 0.5).all()


def test_late_in_the_evening_fewer_jobs_are_reached(comparison: Comparison) -> None:
    for scenario in comparison.results:
        assert values(comparison, scenario)["jobs_60_2300"] < values(comparison, scenario)["jobs_60_0830"]


def thinned() -> Study:
    """A study of its own in the morning, with one cell in sixteen, so that a whole run takes seconds."""
    study = Study(Catalog.bundled(), (paths.scenarios_dir(),), AccessParameters(hours=("08:30",)))
    table = study.catalog.table("cells").iloc[::16].reset_index(drop=True)
    some = replace(stages.CELLS, work=lambda: Cells.from_table(table, study.region.sides), layers=())
    study.stages = Stages(study, [some if s is stages.CELLS else s for s in stages.TABLE], "thinned")
    return study


def test_a_scenario_alone_gives_what_it_gives_among_others(comparison: Comparison) -> None:
    """Rows taken over from the scenarios before it are the rows it would have worked out."""
    alone, among = run(thinned(), "both-2035"), comparison.results["both-2035"]
    minutes = among.cell_hub_minutes["08:30"][:, ::16]
    assert np.array_equal(alone.cell_hub_minutes["08:30"], minutes, equal_nan=True)
    at_the_hour = among.hub_minutes[among.hub_minutes["hour"] == "08:30"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.hub_minutes, at_the_hour)
    assert asdict(alone.headlines["central"]) == asdict(among.headlines["central"])
    later = thinned()  # what a cell reaches depends on the cells there are: among others, of the same cells
    for scenario in (DO_MINIMUM, "both-2035"):
        net = later.network(scenario).compiled
        reach, _ = later.access.at(net, "08:30")
        gravity = later.access.gravity(net, later.costing(scenario), "08:30")
    assert np.array_equal(alone.reach["08:30"].counts, reach.counts)
    assert np.array_equal(alone.gravity["08:30"].sums, gravity.sums)


# --- nature: the tunnel against the viaduct ---------------------------------------------------------


@pytest.mark.parametrize("case", ["low", "central", "high"])
def test_the_tunnel_takes_and_disturbs_no_more_than_the_viaduct(comparison: Comparison, case: str) -> None:
    tunnel, viaduct = (asdict(comparison.results[s].headlines[case]) for s in (TUNNEL, VIADUCT))  # type: ignore[index]
    figures = [f"permanent_{n}_ha" for n in NATURE] + [f"operation_{n}_ha" for n in NATURE]
    figures += [f"operation_{n}_equivalent_ha" for n in NATURE[:2]]
    figures += ["shade_wetland_ha", "shade_marine_ha", "corridors_crossed_open_m", "wildlife_sites_operation"]
    more = {f: (tunnel[f], viaduct[f]) for f in figures if tunnel[f] > viaduct[f] + 1e-6}
    assert more == {}
    assert viaduct["permanent_marine_ha"] > 0  # piers stand in the bay
    assert viaduct["corridors_crossed_open_m"] > 0 == tunnel["corridors_crossed_open_m"]


def test_within_each_distance_the_tunnel_disturbs_no_more_in_operation(comparison: Comparison) -> None:
    frames = [comparison.results[s].ecology.together.habitat_disturbance for s in (TUNNEL, VIADUCT)]
    for group in ("wetland", "marine"):
        for within in (100, 300, 500, 1000):
            tunnel, viaduct = (
                f[(f["phase"] == "operation") & (f["group"] == group) & (f["outer_m"] <= within)]["area_ha"].sum()
                for f in frames
            )  # fmt: skip
            assert tunnel <= viaduct + 1e-6, (group, within)


def test_the_tunnel_is_not_free(comparison: Comparison) -> None:
    tunnel = comparison.results[TUNNEL]
    figures = tunnel.headlines["central"]
    assert figures.permanent_ha > 1
    assert figures.temporary_ha > 1
    assert figures.construction_wetland_ha > 0
    mine = tunnel.footprint[tunnel.footprint["line_id"] == "hswrl"]
    assert {"depot", "shaft", "portal", "worksite"} <= set(mine["component"])


def test_both_lie_on_the_same_line_of_the_map(study: Study) -> None:
    tunnel, viaduct = ({w.line_id: w for w in study.works(s)}["hswrl"] for s in (TUNNEL, VIADUCT))
    assert tunnel.alignment.equals(viaduct.alignment)
    assert tunnel.stations == viaduct.stations
    assert {p.structure for p in tunnel.parts} == {"bored_tunnel"}
    assert {p.structure for p in viaduct.parts} & {"viaduct", "bridge"}
    assert study.scenario(VIADUCT).counterfactual and not study.scenario(TUNNEL).counterfactual


def test_the_tunnel_takes_no_more_wetland_and_sea_for_good_than_the_viaduct(comparison: Comparison) -> None:
    tunnel, viaduct = (comparison.results[i].ecology for i in (TUNNEL, VIADUCT))
    row = difference(tunnel, viaduct).headline.set_index("measure")["difference"]
    assert row["permanent_marine_ha"] < 0
    keys = ["permanence", "group", "habitat_id"]
    taken = [r.together.habitat_take.groupby(keys)["area_ha"].sum() for r in (tunnel, viaduct)]
    more = taken[0].sub(taken[1], fill_value=0.0)
    exceeding = more[more > 1e-6].reset_index()
    assert len(exceeding) > 0  # shafts, the cavern at Lau Fau Shan: somewhere the tunnel takes more
    assert not (
        (exceeding["permanence"] == "permanent") & exceeding["group"].isin(["wetland", "marine"])
    ).any()


# --- nature: parts and wholes ------------------------------------------------------------------------


def test_habitat_under_each_part_adds_up_to_its_footprint(comparison: Comparison) -> None:
    key = ["line_id", "part_id", "site_id", "component", "permanence"]
    for scenario, result in comparison.results.items():
        if result.footprint.empty:
            assert result.ecology.habitat_take.empty
            continue
        whole = result.footprint.groupby(key)["area_ha"].sum()
        parts = result.ecology.habitat_take.groupby(key)["area_ha"].sum()
        missing = (whole - parts.reindex(whole.index, fill_value=0.0)).abs()
        assert missing[missing > 1e-3 + 0.005 * whole].to_dict() == {}, scenario


def test_the_whole_is_no_more_than_its_parts(comparison: Comparison) -> None:
    """Overlaps between lines count once, so together may be less than the sum, never more."""
    for result in comparison.results.values():
        together = result.ecology.together.habitat_take.groupby("permanence")["area_ha"].sum()
        apart = result.ecology.habitat_take.groupby("permanence")["area_ha"].sum()
        for permanence, area in together.items():
            assert area <= apart[permanence] + 1e-3
            assert area >= 0.5 * apart[permanence]


def test_permanent_temporary_and_shade_are_all_there_is(comparison: Comparison) -> None:
    found = {p for r in comparison.results.values() for p in r.ecology.habitat_take["permanence"]}
    assert found <= {"permanent", "temporary", "shade"}


def test_the_baseline_builds_nothing(comparison: Comparison) -> None:
    figures = asdict(comparison.results["baseline-2024"].headlines["central"])
    assert set(figures.values()) == {0.0}


def test_ecology_first_spares_wetland_and_protected_areas(comparison: Comparison) -> None:
    both, first = (values(comparison, s) for s in ("both-2035", "ecology-first"))
    for criterion in ("permanent_wetland_ha", "permanent_protected_ha", "temporary_wetland_ha", "operation_wetland_equivalent_ha", "construction_wetland_equivalent_ha"):  # fmt: skip
        assert first[criterion] <= both[criterion] + 1e-9, criterion


# --- one against another ------------------------------------------------------------------------------


def test_the_do_minimum_against_itself_is_zero_everywhere(comparison: Comparison, small: Comparison) -> None:
    assert comparison.reference_id == small.reference_id == DO_MINIMUM
    for whole in (comparison, small):
        gains = whole.district_gains[whole.district_gains["scenario_id"] == DO_MINIMUM]
        assert len(gains) > 100
        assert (gains["gain"] == 0).all()
        table = criteria_table(whole)
        assert (table.loc[table["scenario"] == DO_MINIMUM, "change"] == 0).all()
    assert small.pairs.empty
    pd.testing.assert_series_equal(small.headline.loc[DO_MINIMUM], comparison.headline.loc[DO_MINIMUM])
    nature = comparison.results[DO_MINIMUM].ecology
    assert (difference(nature, nature).headline["difference"] == 0).all()


def test_pairs_are_the_sums_they_say(comparison: Comparison) -> None:
    assert set(comparison.pairs["pair"]) == {p.id for p in FILE.pairs}
    found = comparison.pairs.set_index(["pair", "criterion"])["value"]
    for pair in FILE.pairs:
        for criterion in comparison.headline.columns:
            wanted = sum(sign * comparison.headline.loc[s, criterion] for s, sign in pair.terms.items())
            assert found[pair.id, criterion] == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def test_district_gains_are_means_over_residents(study: Study, comparison: Comparison) -> None:
    gains = comparison.district_gains
    assert gains["region"].value_counts(normalize=True)["hk"] == pytest.approx(18 / 28)
    assert np.allclose(gains["gain"], gains["value"] - gains["reference"])
    people = study.cells.people()
    one = gains[(gains["scenario_id"] == "both-2035") & (gains["measure"] == "jobs_60_0830")]
    mean = np.average(one["value"], weights=one["residents"])
    cells = np.average(comparison.results["both-2035"].reach["08:30"].of(60, "jobs"), weights=people)
    assert mean == pytest.approx(cells, rel=1e-6)
    assert one["residents"].sum() == pytest.approx(people.sum())


def test_all_shipped_scenarios_and_criteria_are_there(comparison: Comparison) -> None:
    assert tuple(sorted(comparison.results)) == tuple(sorted(FILE.scenarios))
    assert not comparison.headline.isna().any(axis=None)
    assert {c.id for c in FILE.shown} == set(comparison.headline.columns)


def test_values_lie_in_their_range(comparison: Comparison) -> None:
    low, high = comparison.headline_low, comparison.headline_high
    floor, ceiling = np.minimum(low, high), np.maximum(low, high)
    slack = 1e-9 + 1e-9 * comparison.headline.abs()
    outside = (comparison.headline < floor - slack) | (comparison.headline > ceiling + slack)
    assert [(s, c) for c in outside for s in outside.index[outside[c]]] == []


def test_clearance_orders_the_times_between_hubs(comparison: Comparison) -> None:
    table = comparison.hub_minutes
    known = table.dropna(subset=["minutes", "minutes_low", "minutes_high"])
    assert (known["minutes_low"] <= known["minutes"] + 0.01).all()
    assert (known["minutes"] <= known["minutes_high"] + 0.01).all()
    assert (known["minutes"] > 0).all()
    costs = table.dropna(subset=["cost_min", "cost_low_min", "cost_high_min"])
    assert (costs["cost_low_min"] <= costs["cost_min"] + 0.01).all()
    assert (costs["cost_min"] <= costs["cost_high_min"] + 0.01).all()


def test_the_way_of_least_cost_is_dearer_in_minutes_alone(comparison: Comparison) -> None:
    known = comparison.hub_minutes.dropna(subset=["minutes", "cost_way_min"])
    assert (known["cost_way_min"] >= known["minutes"] - 0.1).all()  # no way is shorter than the least time
    assert (known["fare_hkd"] >= 0).all() and (known["cost_min"] > 0).all()


def test_hub_times_of_the_morning_are_complete_and_across_by_a_control_point(
    study: Study, comparison: Comparison
) -> None:
    side = {hub: place.region for hub, place in study.hubs}
    table = comparison.hub_minutes[comparison.hub_minutes["hour"] == "08:30"]
    assert len(table) == len(comparison.results) * 90  # ten hubs, both ways
    assert table["minutes"].notna().all()
    across = table["from_place"].map(side) != table["to_place"].map(side)
    assert (table.loc[across, "checkpoint_id"] != "").all()
    assert (table.loc[~across, "checkpoint_id"] == "").all()


# --- ranking -----------------------------------------------------------------------------------------


def test_ranks_are_permutations_within_their_range(comparison: Comparison) -> None:
    assert set(comparison.ranking["profile"]) == {"planner", "reviewer", "equal"}
    for _, table in comparison.ranking.groupby("profile"):
        n = len(table)
        assert sorted(table["rank"]) == list(range(1, n + 1))
        assert (table["rank_low"] >= 1).all() and (table["rank_high"] <= n).all()
        assert (table["rank_low"] <= table["rank_high"]).all()
        assert (table["score_low"] <= table["score_high"]).all()
        shares = table[["first_share", "judges_first"]].to_numpy(float)
        assert (shares >= 0).all() and (shares <= 1).all()
        assert table["first_share"].sum() == pytest.approx(1.0, abs=1e-9)
        assert (table.sort_values("rank")["score"].diff().dropna() <= 1e-12).all()


def test_the_ranking_leaves_out_what_came_before_the_do_minimum(comparison: Comparison) -> None:
    assert "baseline-2024" not in set(comparison.ranking["scenario_id"])
    assert set(comparison.ranking["scenario_id"]) == set(FILE.scenarios) - {"baseline-2024"}


def test_the_draws_are_fixed(study: Study, comparison: Comparison) -> None:
    ids = list(comparison.ranking["scenario_id"].unique())
    bounds = Bounds(comparison.headline, comparison.headline_low, comparison.headline_high).of(ids)
    again = verdict(bounds, FILE.scored, DO_MINIMUM, question(study).panels)
    pd.testing.assert_frame_equal(again.ranking, comparison.ranking)
    pd.testing.assert_frame_equal(again.better, comparison.better)


def test_dropping_a_scenario_changes_no_other_score(study: Study, comparison: Comparison) -> None:
    """What moved a score by 0.172 while criteria were stretched between the worst and best compared."""
    ids = [i for i in comparison.ranking["scenario_id"].unique() if i != VIADUCT]
    bounds = Bounds(comparison.headline, comparison.headline_low, comparison.headline_high).of(ids)
    without = verdict(bounds, FILE.scored, DO_MINIMUM, question(study).panels).ranking
    keys, columns = ["profile", "scenario_id"], ["score", "score_low", "score_high"]
    left = comparison.ranking[comparison.ranking["scenario_id"] != VIADUCT].set_index(keys)
    pd.testing.assert_frame_equal(without.set_index(keys)[columns], left[columns])


def test_the_do_minimum_has_no_value_and_no_score(comparison: Comparison) -> None:
    assert (comparison.value_points.loc[DO_MINIMUM] == 0).all()
    mine = comparison.ranking[comparison.ranking["scenario_id"] == DO_MINIMUM]
    assert (mine[["score", "score_low", "score_high"]] == 0).all(axis=None)


def test_no_proposed_line_ranks_below_the_viaduct_that_nobody_proposes(comparison: Comparison) -> None:
    for _, table in comparison.ranking.groupby("profile"):
        score = table.set_index("scenario_id")["score"]
        assert (score.drop([VIADUCT, comparison.reference_id]) > score[VIADUCT]).all()


def test_dominance_is_said_before_any_weight(comparison: Comparison) -> None:
    found = comparison.dominance.set_index("scenario_id")
    assert TUNNEL in found.loc[VIADUCT, "dominated_by"].split()
    assert not any(VIADUCT in by.split() for by in found["dominated_by"])
    assert list(comparison.dominance_buildout["scenario_id"]) == list(found.index)


def test_classes_of_designation_add_up(comparison: Comparison) -> None:
    classes = ["permanent_ramsar_sssi_ha", "permanent_wetland_area_ha", "permanent_park_ha"]
    whole = comparison.headline["permanent_protected_ha"]
    assert np.allclose(comparison.headline[classes].sum(axis=1), whole, atol=1e-6)
    outside = comparison.headline["permanent_wetland_outside_ha"]
    assert (outside <= comparison.headline["permanent_wetland_ha"] + 1e-9).all()


def test_the_tunnel_ranks_above_the_viaduct_for_everybody(comparison: Comparison) -> None:
    for _, table in comparison.ranking.groupby("profile"):
        by = table.set_index("scenario_id")["rank"]
        assert by[TUNNEL] < by[VIADUCT]


# --- what is written ----------------------------------------------------------------------------------


def test_the_folder_is_whole(folder: Path) -> None:
    assert {p.name for p in folder.iterdir()} == {
        "index.html", "access.html", "nature.html", "method.html", "compare.html", "ecology.html", "story.html", "proposal.html", "nodes.html", "results.csv", "cells.parquet", "results.gpkg", "scores.json", "run.json",
        "rasters", "travellers", "travellers.html", "economy", "value.html", "freight.html", "cities.html", "recreation", "streams.csv",
    }  # fmt: skip


def test_scores_and_criteria_tell_the_same(folder: Path, comparison: Comparison) -> None:
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    table = pd.read_csv(folder / "results.csv")
    assert "no statutory conclusion" in scores["notice"]
    assert scores["reference"] == DO_MINIMUM
    for row in table.itertuples():
        assert scores["values"][row.scenario][row.criterion] == pytest.approx(row.value, rel=1e-5, abs=1e-5)
    assert set(table["unit"]) >= {"jobs", "min", "ha", "m"}
    assert bool(table.loc[table["scenario"] == VIADUCT, "counterfactual"].all())
    assert len(table) == len(comparison.headline) * len(comparison.headline.columns)
    assert {row["scenario_id"] for row in scores["dominance"]} == set(comparison.ranking["scenario_id"])
    assert {row["against"] for row in scores["better"]} == set(comparison.ranking["scenario_id"])
    assert {row["criterion"] for row in scores["weights"]} == {c.id for c in FILE.scored}


def test_provenance_names_every_layer_with_its_hash(folder: Path, study: Study) -> None:
    run_file = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert set(run_file["layers"]) == {e.id for e in study.catalog.entries}
    for entry in study.catalog.entries:
        assert run_file["layers"][entry.id]["sha256"] == entry.sha256
    assert set(run_file["asked"]) == {"comparison.yaml", *FILE.weights}
    assert run_file["access_parameters"]["hours"] == ["08:30", "23:00"]
    assert set(run_file["scenarios"]) == set(FILE.scenarios)


def test_cells_have_their_units_in_the_headings(folder: Path, study: Study, comparison: Comparison) -> None:
    head = pd.read_parquet(folder / "cells.parquet")
    name = "both-2035:jobs_60_0830 [jobs]"
    assert name in head
    wanted = comparison.results["both-2035"].reach["08:30"].of(60, "jobs")[: len(head)]
    assert np.allclose(head[name], wanted, atol=1)
    assert list(head["cell_id"]) == list(study.cells.table["cell_id"][: len(head)])


@pytest.mark.parametrize("layer", ["zones", "cells", "lines", "stations", "checkpoints", "footprint", "designations", "green_corridors", "wildlife_sites_points"])  # fmt: skip
def test_the_geopackage_opens(folder: Path, layer: str) -> None:
    frame = gpd.read_file(folder / "results.gpkg", layer=layer, rows=20)
    assert len(frame) > 0
    assert frame.crs.to_epsg() == 4326
    west, south, east, north = frame.total_bounds
    assert 113 < west < east < 115.1 and 22 < south < north < 23


def test_plain_columns_are_made_without_a_warning(comparison: Comparison) -> None:
    plain(comparison.results["both-2035"].checkpoints)


# --- what it says today -------------------------------------------------------------------------------


def test_the_golden_table(comparison: Comparison) -> None:
    """2 % or 0.05, whichever is more."""
    today = comparison.headline.T.rename_axis("criterion")
    if os.environ.get("CORRIDOR_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(today.to_csv(float_format="%.6g"), encoding="utf-8")
    golden = pd.read_csv(GOLDEN, index_col="criterion")
    assert list(today.index) == list(golden.index)
    assert set(today.columns) == set(golden.columns)
    now = today[golden.columns].astype(float)
    allowed = np.maximum(0.02 * golden.abs(), 0.05)
    off = [
        f"{scenario}, {criterion}: {golden.loc[criterion, scenario]:g} before, {now.loc[criterion, scenario]:g} today"
        for scenario in golden
        for criterion in golden.index[(now - golden).abs()[scenario] > allowed[scenario]]
    ]
    assert off == [], "see the head of this file"
