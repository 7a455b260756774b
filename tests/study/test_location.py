"""A place described: who is around it, what it reaches in two scenarios, what is near; what has no data says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corridor.core.errors import UnknownStationError
from corridor.study.around import CATCHMENTS
from corridor.study.location import Location, locate
from corridor.study.study import Study

SCENARIOS = ["committed-2030", "western-2035"]


@pytest.fixture(scope="module")
def shan(study: Study) -> Location:
    return locate(study, "Lau Fau Shan", SCENARIOS)


def test_people_around_are_those_of_the_cells_whose_centres_are_near(study: Study, shan: Location) -> None:
    cells, place = study.cells, study.place("Lau Fau Shan", "western-2035")
    near = (np.hypot(cells.x_m - place.x_m, cells.y_m - place.y_m) <= 1000) & [
        r == "hk" for r in cells.region
    ]
    row = shan.around.set_index("catchment").loc["1000m"]
    assert shan.around["catchment"].tolist() == list(CATCHMENTS)
    assert row["residents"] == pytest.approx(cells.people("census")[near].sum())
    assert row["area_ha"] == pytest.approx(6.25 * near.sum()) and 0 <= row["mix"] <= 1
    walked, whole = (shan.around.set_index("catchment").loc[c, "residents"] for c in ("walk_15min", "1000m"))
    assert walked <= whole  # nobody walks faster than as the crow flies: 15 min are some 1,000 m


def test_a_line_brings_near_what_it_serves_and_takes_nothing_away(shan: Location) -> None:
    jobs = shan.reach.pivot_table("jobs", ["hour", "cutoff_min"], "scenario_id")
    assert (jobs["western-2035"] >= jobs["committed-2030"]).all()
    hubs = shan.hubs.pivot_table("minutes", "hub", "scenario_id")
    assert hubs.loc["qianhai", "western-2035"] < 40 < 90 < hubs.loc["qianhai", "committed-2030"]
    nearest = shan.control_points.groupby("scenario_id", sort=False).first()
    assert set(nearest["checkpoint_id"]) == {"shenzhen-bay"}


def test_land_around_adds_up_and_the_mudflat_is_near(shan: Location) -> None:
    assert shan.land_use["share"].sum() == pytest.approx(1)
    assert shan.land_use["ha"].sum() <= np.pi * 100 * 1.01
    assert shan.protected["distance_m"].is_monotonic_increasing
    first = shan.protected.iloc[0]
    assert first["designation"] == "mudflat" and 600 < first["distance_m"] < 800


def test_facilities_are_shared_among_those_who_reach_them(shan: Location) -> None:
    shared = shan.shared.set_index(["kind", "scenario_id"])
    means = shared["mean_per_100000"]
    assert means.loc["clinic"].between(0.5, 2).all()  # some 73 general clinics, 7.4 million residents
    assert (
        shared.loc["clinic", "per_100000"] < means.loc["clinic"]
    ).all()  # a village at the edge of the city
    # what is handed out to everybody is what somebody reaches: at most 599, 512, 113, 70 and 43 facilities
    for kind, count in (
        ("primary_school", 599),
        ("secondary_school", 512),
        ("park", 113),
        ("library", 70),
        ("hospital", 43),
    ):
        assert (0.9 * count < means.loc[kind] * 74.12).all() and (
            means.loc[kind] * 74.12 < 1.001 * count
        ).all()
    assert shared.loc["park"].index.tolist() == [""]  # people walk to parks, whatever is built
    assert shan.hospital["minutes"].is_monotonic_decreasing


def test_a_side_without_data_is_not_assessed(study: Study) -> None:
    found = locate(study, "Qianhai", SCENARIOS[:1])
    assert found.around["land_use_mix"].isna().all() and not len(found.land_use)


def test_facilities_of_a_side_without_data_are_not_assessed_but_a_place_is_reached_from_both(
    study: Study,
) -> None:
    found = locate(study, "University of Hong Kong-Shenzhen Hospital", SCENARIOS)
    assert found.side == "sz" and found.facilities["within_15_min_on_foot"].isna().all()
    assert found.hospital["minutes"].isna().all() and found.shared.empty
    minutes = found.from_districts.pivot_table("minutes", "district_id", "scenario_id")
    assert set(minutes.index) == set(study.cells.table["district_id"])
    assert minutes["committed-2030"].idxmin() == "sz-futian"
    assert minutes.loc["hk-yuen-long", "western-2035"] < minutes.loc["hk-yuen-long", "committed-2030"] - 5
    assert found.from_districts["share_reaching"].between(0, 1).all()


def test_the_command_prints_text_and_data(cli, shared: Study) -> None:
    text = cli("place", "114.01,22.47", "--scenario", "western-2035").output
    assert "Facilities within 15 min on foot" in text and "Screening aid" in text
    assert "an assumption" in text and "from each district" in text
    data = json.loads(cli("place", "114.01,22.47", "--json").output)
    assert data["side"] == "hk" and {r["scenario_id"] for r in data["reach"]} == {"committed-2030"}


def test_a_place_that_nothing_has_is_named(study: Study, cli, shared: Study, tmp_path: Path) -> None:
    with pytest.raises(UnknownStationError):
        locate(study, "Lau Fau Shang", SCENARIOS)
    assert cli("place", "Lau Fau Shang").exit_code == 1
