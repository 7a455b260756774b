"""The demand of the shipped study: counts kept, a closure, levers in the right direction, own counts, written files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import h5py
import numpy as np
import pandas as pd
import pytest

from corridor.core.csv_tables import for_people
from corridor.core.errors import CorridorError
from corridor.formats.demand import summary, tables, trips_by_district, write_omx
from corridor.study import demand_ranges
from corridor.study.demand_backtest import errors, run_backtests
from corridor.study.demand_edit import TravellersBefore, travellers_after
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_report import ALL, DemandReport
from corridor.study.study import Study
from corridor.web.write import write_demand
from tests.conftest import Cli

DO_MINIMUM = "committed-2030"
OBSERVED_2025 = {  # FACTS section 18
    "lo-wu": 192_879, "lok-ma-chau-spur": 161_755, "shenzhen-bay": 121_669, "west-kowloon": 84_741,
    "heung-yuen-wai": 80_135, "huanggang": 38_347, "man-kam-to": 5_799,
}  # fmt: skip
CLOSED = """
id: lo-wu-closed
title: {en: Lo Wu closed}
question: {en: "Where do the passengers of Lo Wu go?"}
extends: baseline-2024
year: 2025
checkpoints:
  change:
  - {id: lo-wu, status: closed, source: [assumption]}
"""


@pytest.fixture(scope="module")
def study(travelled: Study) -> Study:
    return travelled


@pytest.fixture(scope="module")
def both(study: Study) -> DemandReport:
    return study.demand("both-2035", DO_MINIMUM)


@pytest.fixture(scope="module")
def closed(study: Study, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The network of 2025 without Lo Wu."""
    path = tmp_path_factory.mktemp("closed") / "lo-wu-closed.yaml"
    path.write_text(CLOSED)
    study.library.add_file(path)
    return "lo-wu-closed"


def test_the_network_of_2025_carries_its_counts(study: Study) -> None:
    found = study.demand("baseline-2024", "baseline-2024")
    by_gate = found.crossings[found.crossings["group"] == ALL].groupby("checkpoint_id")["trips_per_day"].sum()
    assert {k: round(v) for k, v in by_gate.items()} == pytest.approx(OBSERVED_2025, abs=2)
    assert found.travellers.relief.abs().max() == 0 and found.benefit["saved_h"].abs().max() == 0


def test_closing_lo_wu_sends_its_passengers_elsewhere_or_reports_them_lost(study: Study, closed: str) -> None:
    found = study.demand(closed, "baseline-2024")
    change = found.crossings[found.crossings["group"] == ALL].groupby("checkpoint_id")["change_per_day"].sum()
    assert change["lo-wu"] == pytest.approx(-OBSERVED_2025["lo-wu"], abs=2)
    elsewhere, lost = change.drop("lo-wu"), -found.benefit["trips_new"].sum()
    assert (elsewhere > 0).all() and lost > 0
    assert elsewhere.sum() + lost == pytest.approx(-change["lo-wu"], abs=1)  # to a passenger
    assert found.benefit["saved_h"].sum() < 0
    assert "lo-wu" not in found.demand.gates


def with_hours(study: Study, folder: Path, scenario_id: str, *changes: str) -> DemandReport:
    """The network of 2025 with other hours of control points, against itself."""
    path = folder / f"{scenario_id}.yaml"
    head = (
        CLOSED.replace("lo-wu-closed", scenario_id)
        .replace("year: 2025", "year: 2024\ndate: 2024-12-31")
        .split("  - ")[0]
    )
    path.write_text(head + "".join(f"  - {{{change}, source: [assumption]}}\n" for change in changes))
    study.library.add_file(path)
    return study.demand(scenario_id, "baseline-2024")


@pytest.mark.parametrize("hours", ['close: "24:00"', 'open: "06:00"', "open_24_hours: true"])
def test_longer_hours_draw_travellers_of_those_hours(study: Study, tmp_path: Path, hours: str) -> None:
    name = "longer-" + "".join(c for c in hours if c.isalnum())
    found = with_hours(study, tmp_path, name, f"id: heung-yuen-wai, {hours}")
    gained, others = (
        -found.travellers.relief["heung-yuen-wai"],
        found.travellers.relief.drop("heung-yuen-wai"),
    )
    # its longer queue, the same in all spells, sends a few elsewhere by day
    assert gained > 100 and others.sum() > 0 and (others > -0.05 * gained).all()
    assert found.benefit["saved_h"].sum() > 0 and found.benefit["trips_new"].sum() > 0


def test_longer_hours_without_a_train_draw_nobody(study: Study, tmp_path: Path) -> None:
    found = with_hours(study, tmp_path, "spur-till-midnight", 'id: lok-ma-chau-spur, close: "24:00"')
    assert found.travellers.relief.abs().max() < 1


def test_shorter_hours_send_travellers_elsewhere_or_lose_them(study: Study, tmp_path: Path) -> None:
    found = with_hours(
        study,
        tmp_path,
        "no-night",
        'id: lo-wu, close: "22:00"',
        'id: huanggang, open: "06:00", close: "24:00"',
    )
    lost = -found.benefit["trips_new"].sum()
    assert (
        found.travellers.relief["lo-wu"] > 1_000 and lost > 0.009 * found.reference.total
    )  # those of the night have no other
    assert found.travellers.relief.sum() == pytest.approx(lost, abs=1)


def test_both_lines_relieve_every_control_point_and_save_time_for_every_group(both: DemandReport) -> None:
    new = {"hswrl-qianhai", "hswrl-shenzhen-bay", "nol-spur-huanggang"}
    relief = both.travellers.relief
    assert (relief[sorted(new)] < 0).all() and (relief.drop(sorted(new)) > 0).all()
    assert (both.benefit[["saved_h", "saved_hkd", "trips_new", "trips_moved"]] > 0).all().all()
    np.testing.assert_allclose(both.benefit["saved_half_h"], both.benefit["saved_h"], rtol=0.02)
    assert both.benefit_by_district["saved_half_h"].sum() == pytest.approx(both.benefit["saved_half_h"].sum())
    assert both.demand.gap_min < 0.05


def test_shipped_figures_are_as_they_were(both: DemandReport) -> None:
    """A golden table: a change of any of these is explained where it is made."""
    golden = {
        "heung-yuen-wai": 2_200, "hswrl-qianhai": -32_800, "hswrl-shenzhen-bay": -23_600, "huanggang": 8_800,
        "lo-wu": 7_000, "lok-ma-chau-spur": 9_000, "man-kam-to": 200, "nol-spur-huanggang": -8_800,
        "shenzhen-bay": 30_600, "west-kowloon": 4_300,
    }  # fmt: skip
    assert both.travellers.relief.to_dict() == pytest.approx(golden, abs=150)
    assert both.benefit["saved_h"].sum() == pytest.approx(20_410, rel=0.01)
    assert both.travellers.same_third_share == pytest.approx((0.914, 0.918), abs=0.002)
    assert both.new_crossings == pytest.approx((37_200, 65_200, 108_300), rel=0.01)


def test_ranges_hold_the_central_figures_and_name_what_moves_them_most(
    both: DemandReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two assumptions on which no constant depends, as the others take minutes."""
    monkeypatch.setattr(demand_ranges, "PARAMETERS", ("total_elasticity", "new_line_constant_min"))
    ends = demand_ranges._ends
    quick = {"total_elasticity", "new_line_constant_min"}
    monkeypatch.setattr(demand_ranges, "_ends", lambda study: (x for x in ends(study) if x[0] in quick))
    found = demand_ranges.extremes(demand_ranges.ranges(both)).set_index("measure")
    assert found["parameter"][demand_ranges.NEW] == "new_line_constant_min"
    assert (found["low"] <= found["central"]).all() and (found["central"] <= found["high"]).all()
    fewest, central, most = both.new_crossings or (0.0, 0.0, 0.0)
    assert found.loc[demand_ranges.NEW, ["low", "central", "high"]].tolist() == pytest.approx(
        [fewest, central, most]
    )
    assert found["central"][demand_ranges.SAVED] == pytest.approx(both.benefit["saved_h"].sum())
    assert found["checkpoint_id"][demand_ranges.RELIEF] == "shenzhen-bay"


@pytest.fixture(scope="module")
def backtests(study: Study) -> pd.DataFrame:
    return run_backtests(study.demand_study)


def test_errors_on_the_past_are_those_of_the_docs(backtests: pd.DataFrame) -> None:
    found = errors(backtests).set_index("test")
    expected = {
        "line-13-year": 0.69,
        "line-13-quarter": 0.56,
        "express-rail": 2.27,
        "heung-yuen-wai": 2.79,
        "weekend": 0.56,
    }
    assert found["error"].to_dict() == pytest.approx(expected, abs=0.02)
    assert (found["error"] < found["naive"]).all()


def test_every_observed_share_of_a_test_is_of_the_whole(backtests: pd.DataFrame) -> None:
    shares = backtests.groupby("test")[["no_change", "predicted", "observed"]].sum()
    np.testing.assert_allclose(shares, 100.0, atol=0.5)


def test_a_district_keeps_the_benefit_of_its_residents(study: Study, both: DemandReport) -> None:
    """Only those whose home is beyond the region count as outside: a tenth of one group, two fifths of another."""
    outside = both.benefit_by_district.set_index("district_id")["saved_half_h"]["outside"]
    by_group = both.benefit.set_index("group")["saved_half_h"]
    most = by_group["hk_residents_in_mainland"] + by_group["mainland_visitors"]
    assert 0 < outside < 0.3 * most


def test_sums_agree_across_tables(both: DemandReport) -> None:
    whole = both.demand.total
    by_group = both.crossings[both.crossings["group"] != ALL]["trips_per_day"].sum()
    assert by_group == pytest.approx(whole) and both.loads["trips_per_day"].sum() == pytest.approx(whole)
    assert both.travellers.thirds["trips_per_day"].sum() == pytest.approx(whole)
    groups = {s.group for s, _ in both.demand.flows}
    assert sum(both.matrix(g, d).sum() for g in groups for d in (0, 1)) == pytest.approx(whole)
    assert both.trips_by_zone(both.demand).sum() == pytest.approx(2 * whole)


def test_joint_clearance_draws_travellers_to_where_it_is(study: Study) -> None:
    found = study.demand(f"{DO_MINIMUM}+clearance-joint", DO_MINIMUM)
    assert all(found.travellers.relief[k] < 0 for k in ("huanggang", "heung-yuen-wai", "shenzhen-bay"))
    assert all(found.travellers.relief[k] > 0 for k in ("lo-wu", "lok-ma-chau-spur", "west-kowloon"))


def test_a_weekend_and_the_build_out_carry_more(study: Study, both: DemandReport) -> None:
    assert study.demand("both-2035", DO_MINIMUM, day="weekend").demand.total > both.demand.total
    assert study.demand("both-2035", DO_MINIMUM, state="buildout-2035").demand.total > both.demand.total


def test_a_share_of_the_build_out_is_between_today_and_all_of_it(study: Study) -> None:
    late = Study.bundled()
    late.parameters = replace(late.parameters, build_out="jobs-late")
    assert late.region.built_out("jobs-late").residents == 1  # planned homes, and a part of the planned jobs
    share = late.region.built_out("jobs-late").jobs
    today, planned = (study.demand_study.land(state) for state in ("census", "buildout-2035"))
    found = late.demand_study.land("buildout-2035")
    np.testing.assert_allclose(found.residents, planned.residents)
    expected = today.jobs + share * (planned.jobs - today.jobs)
    np.testing.assert_allclose(
        found.jobs, expected, atol=0.5 * 16
    )  # cells have whole jobs; a zone has few cells
    assert today.jobs.sum() < found.jobs.sum() < planned.jobs.sum()


@pytest.mark.parametrize("command", [("demand", "--land", "buildout-2035"), ("nodes",), ("compare",)])
def test_commands_know_the_shares_of_the_region(cli: Cli, command: tuple[str, ...]) -> None:
    name, *rest = command
    said = cli(name, "both-2035", *rest, "--build-out", "hafl")
    assert said.exit_code == 1 and "Did you mean 'half'" in said.output


def test_a_share_of_the_build_out_has_no_sense_on_todays_people(cli: Cli) -> None:
    said = cli("demand", "both-2035", "--build-out", "half")
    assert said.exit_code == 2 and "--build-out needs --land buildout-2035" in said.output


def test_files_are_written_whole_and_read_back(both: DemandReport, tmp_path: Path) -> None:
    write_demand(both, tmp_path / "run")
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert names == {f"{n}.csv" for n in tables(both)} | {
        "demand.html",
        "demand.json",
        "trips_by_district.csv",
        "run.json",
        "demand.gpkg",
        "trips.omx",
    }
    read = json.loads((tmp_path / "run" / "demand.json").read_text())
    assert read["trips_per_day"] == pytest.approx(both.demand.total) and "screening aid" in read["notice"]
    points = gpd.read_file(tmp_path / "run" / "demand.gpkg", layer="control_points")
    assert points.crs.to_epsg() == 4326 and points["trips_per_day"].sum() == pytest.approx(both.demand.total)
    with h5py.File(tmp_path / "run" / "trips.omx") as file:
        assert file.attrs["OMX_VERSION"] == b"0.2" and list(file.attrs["SHAPE"]) == [873, 873]
        assert sum(m[()].sum() for m in file["data"].values()) == pytest.approx(both.demand.total, rel=1e-4)
        assert len(file["lookup"]["zone_id"]) == 873


def test_without_h5py_everything_but_the_matrices_is_written(
    both: DemandReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.formats.demand.find_spec", lambda name: None)
    write_demand(both, tmp_path / "run")
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert "trips.omx" not in names and {"demand.html", "demand.gpkg", "crossings.csv"} <= names


def test_ends_beyond_the_region_have_their_share_of_trips(study: Study) -> None:
    """The share of the table of groups, surveyed or assumed, is of the trips and not of what draws them."""
    found = study.demand_study.calibrated()
    land, zones = found.land, study.demand_study.zones
    for key, flow in found.flows.items():
        beyond, ends = found.model.outside[key], found.model.ends(key, land)
        # northbound trips end in the north, southbound ones begin there
        at_north = (flow.by_origin if key[1] else flow.by_destination).sum(axis=0)
        whole, people = (ends.home, land.residents[zones.north].sum()) if key[0].home else (ends.away, 1.0)
        outside = np.divide(
            beyond * people * land.gateway[zones.north], whole, out=np.zeros_like(whole), where=whole > 0
        )
        assert (at_north * outside).sum() / flow.total == pytest.approx(key[0].outside_share, abs=1e-4)


def test_exported_trips_are_read_back_as_ones_own(study: Study, both: DemandReport, tmp_path: Path) -> None:
    write_omx(both, tmp_path / "trips.omx")
    (tmp_path / "districts.csv").write_text(for_people(trips_by_district(both), "%.9g"))
    groups = {s.group for s, _ in both.demand.flows}
    for name, rel in (("trips.omx", 1e-5), ("districts.csv", 1e-6)):
        read = study.demand_study._own_trips(OwnFiles(trips=tmp_path / name))
        assert read is not None and set(read.by_group) == groups
        for group in groups:
            for d in (0, 1):
                block = np.ix_(both.demand.base.model.sides[d], both.demand.base.model.sides[1 - d])
                written, found = both.matrix(group, d), read.by_group[group]
                assert found[block].sum() == pytest.approx(written.sum(), rel=rel)
                if name == "trips.omx":
                    np.testing.assert_allclose(found[block], written[block], rtol=1e-6)


def test_own_trips_keep_their_destinations_and_their_sum(study: Study, closed: str, tmp_path: Path) -> None:
    """Closing Lo Wu sends given trips elsewhere between the same zones, or reports them lost."""
    today = study.demand("baseline-2024", "baseline-2024")
    write_omx(today, tmp_path / "trips.omx")
    found = study.demand(closed, "baseline-2024", trips=tmp_path / "trips.omx")
    total = today.demand.total
    assert found.reference.total == pytest.approx(total, rel=1e-6)
    assert found.given_trips == pytest.approx((total, 0.0, 685_325), rel=1e-5, abs=1e-6)
    shares = found.travellers.by_control_point["reference_per_day"] / total
    counted = pd.Series(OBSERVED_2025) / sum(OBSERVED_2025.values())
    np.testing.assert_allclose(shares[counted.index], counted, atol=2e-5)
    change, lost = -found.travellers.relief, -found.benefit["trips_new"].sum()
    assert lost > 0 and (change.drop("lo-wu") > 0).all()
    assert change.drop("lo-wu").sum() + lost == pytest.approx(-change["lo-wu"], abs=1)  # to a passenger
    assert found.benefit_by_district["saved_half_h"].sum() == pytest.approx(
        found.benefit["saved_half_h"].sum()
    )
    json.dumps(summary(found), default=float, allow_nan=False)


def test_own_shares_move_trips_from_one_segment_to_another(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "shares.csv"
    rows = "hk_residents,all,all,0.5\nhk_residents_in_mainland,all,all,0.5\nmainland_visitors,beyond_region,all,0.1\n"
    path.write_text("group_id,purpose,day_type,share\n" + rows)
    found = study.demand("baseline-2024", "baseline-2024", shares=path)
    by_group = found.crossings.groupby("group")["trips_per_day"].sum()
    assert by_group["hk_residents"] == pytest.approx(by_group["hk_residents_in_mainland"])
    assert by_group[ALL] == pytest.approx(sum(OBSERVED_2025.values()), abs=5)


def counts_file(folder: Path, rows: str) -> Path:
    path = folder / "counts.csv"
    path.write_text("checkpoint_id,direction,group,passengers_per_day\n" + rows)
    return path


def test_own_counts_take_the_place_of_ours(study: Study, tmp_path: Path) -> None:
    rows = "".join(f"{gate},both,all,{1000 * k}\n" for k, gate in enumerate(OBSERVED_2025, start=1))
    found = study.demand("baseline-2024", "baseline-2024", counts=counts_file(tmp_path, rows))
    assert found.demand.total == pytest.approx(28_000, abs=1)
    assert summary(found)["relief_per_day"]["lo-wu"] == 0


def test_counts_of_some_groups_or_none_at_a_gate_are_no_traceback(study: Study, tmp_path: Path) -> None:
    rows = "".join(f"{gate},both,south_residents,5\n" for gate in OBSERVED_2025)
    with pytest.raises(CorridorError, match="no count of lo-wu, mainland_visitors"):
        study.demand("baseline-2024", "baseline-2024", counts=counts_file(tmp_path, rows))
    rows = "".join(f"{gate},both,all,{0 if gate == 'man-kam-to' else 900}\n" for gate in OBSERVED_2025)
    found = study.demand("baseline-2024", "baseline-2024", counts=counts_file(tmp_path, rows))
    assert found.constants["constant_min"].notna().all() and "man-kam-to" not in set(
        found.constants["checkpoint_id"]
    )
    json.dumps(summary(found), default=float, allow_nan=False)


def test_every_fault_of_own_counts_is_named_with_its_line(study: Study, tmp_path: Path) -> None:
    rows = (
        "lo-wo,both,all,5\nlo-wu,north,all,-3\nhuanggang,both,tourists,x\nhuanggang,both,tourists,4\n"
        "huanggang,northbound,tourists,4\n"
    )
    with pytest.raises(CorridorError) as error:
        study.demand("baseline-2024", "baseline-2024", counts=counts_file(tmp_path, rows))
    text = str(error.value)
    for part in (
        "counts.csv:2: 'lo-wo' is no control point of the network", "lo-wu", "counts.csv:3: 'north' is no direction",
        "counts.csv:3: passengers_per_day is", "counts.csv:4: 'tourists' is no counted group",
        "counts.csv:5: huanggang both tourists is counted twice", "counts.csv:6: huanggang tourists is counted both by direction and in both together",
        "no count of shenzhen-bay, south_residents", "some rows are of group 'all'",
    ):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"period": "2016"}, "'2016' is not known"),
        ({"day": "monday"}, "'monday' is not known"),
        ({"period": "2017", "day": "weekend"}, "has no counts of day type 'weekend'"),
        ({"state": "2050"}, "land state"),
    ],
)
def test_what_is_not_known_is_named(study: Study, asked: dict[str, str], part: str) -> None:
    with pytest.raises(CorridorError, match=part):
        study.demand("baseline-2024", "baseline-2024", **asked)


def by_control_point(study: Study, scenario_id: str) -> dict[str, float]:
    demand = study.demand_study.demand(scenario_id)
    return pd.Series(demand.loads().sum(axis=0), index=list(demand.gates)).groupby(level=0).sum().to_dict()


def test_an_edit_has_the_travellers_of_the_same_scenario(study: Study, tmp_path: Path) -> None:
    """A slower clearance queues, so that the two meet only after the same rounds; gates alone add up in another order than pairs."""
    edit = study.edit(DO_MINIMUM).headway("east-rail-lo-wu", 12).regime("shenzhen-bay", clearance_min=20)
    path = tmp_path / "edited.yaml"
    path.write_text(edit.to_scenario("edited"))
    study.library.add_file(path)
    found = travellers_after(study, edit)
    for column, scenario_id in (("before_per_day", DO_MINIMUM), ("after_per_day", "edited")):
        assert found[column].to_dict() == pytest.approx(by_control_point(study, scenario_id), rel=1e-12)
    assert found.loc["lo-wu", "change_per_day"] < 0


def test_a_line_with_its_own_control_point_has_travellers_that_had_none(study: Study) -> None:
    before = TravellersBefore(study, DO_MINIMUM)
    found = before.after(study.edit(DO_MINIMUM).add_line("hswrl"))
    new = found.loc[found.index.difference(before.trips_per_day.index)]
    assert len(new) and (new["before_per_day"] == 0).all() and (new["after_per_day"] > 0).all()
    assert before.after(study.edit(DO_MINIMUM))["change_per_day"].eq(0).all()


def test_scenarios_that_run_alike_share_their_costs(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """The western line on viaducts runs as the one in tunnels does."""
    tunnelled = study.demand_study.costs("western-2035")
    monkeypatch.setattr("corridor.study.demand_costs.crossings", None)  # whoever searches anew fails
    elevated = study.demand_study.costs("western-viaduct")
    assert elevated.to_gate_min.tolist() == tunnelled.to_gate_min.tolist()
