"""Travellers in a comparison: hand-made tables, sums kept over the shipped scenarios, studies without demand tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corridor.core.packing import pack, unpack
from corridor.formats.tables import traveller_tables
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.study.compare import Comparison
from corridor.study.criteria import MEASURED, Basis
from corridor.study.travellers import ALL, Travellers

NEW = {"hswrl-qianhai", "hswrl-shenzhen-bay", "nol-spur-huanggang"}


def crossings(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
    columns = ["checkpoint_id", "direction", "group", "trips_per_day", "reference_per_day"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(change_per_day=frame["trips_per_day"] - frame["reference_per_day"])


@pytest.fixture
def made() -> Travellers:
    """Two control points: the new one in the west takes 30 of 100 trips; one trip in ten is lost."""
    return Travellers(
        scenario_id="with-line",
        reference_id="without",
        state=TODAY,
        crossings=crossings(
            ("old", "northbound", ALL, 30.0, 50.0),
            ("old", "southbound", ALL, 30.0, 50.0),
            ("new", "northbound", ALL, 15.0, 0.0),
            ("new", "southbound", ALL, 15.0, 0.0),
            ("old", "northbound", "visitors", 30.0, 50.0),
        ),
        loads=pd.DataFrame(
            {
                "checkpoint_id": ["old", "old", "new", "new"],
                "direction": ["northbound", "southbound"] * 2,
                "load_of_capacity": [0.4, 0.6, np.nan, np.nan],
                "queue_min": [0.0, 1.5, np.nan, np.nan],
            }
        ),
        ends=pd.DataFrame(
            [
                ("west", "west", "new", 20.0, 0.0),
                ("west", "west", "old", 20.0, 50.0),
                ("east", "west", "old", 40.0, 50.0),
                ("west", "east", "new", 10.0, 0.0),
            ],
            columns=["south_third", "north_third", "checkpoint_id", "trips_per_day", "reference_per_day"],
        ),
        third_of_gate={"old": "east", "new": "west"},
        ends_xy_m={},
        benefit=pd.DataFrame({"group": ["a", "b"], "saved_h": [3.0, -1.0]}),
        benefit_by_district=pd.DataFrame(),
        co2=pd.DataFrame(),
        new_crossings=(20.0, 30.0, 45.0),
    )


def test_relief_load_and_thirds_of_a_hand_made_case(made: Travellers) -> None:
    assert made.relief.to_dict() == {"new": -30.0, "old": 40.0}  # groups are not counted twice
    assert made.fullest == 0.6 and made.by_control_point.loc["old", "queue_min"] == 1.5
    # 40 trips have both ends in the west; 20 of them cross there, and none of the 50 before
    assert made.same_third_share == (0.5, 0.0)
    assert made.saved_h == 2.0


@pytest.mark.parametrize(
    ("criterion_id", "case", "expected"),
    [
        ("traveller_hours_saved_day", "central", 2.0),
        ("crossings_new_points_day", "low", 20.0),
        ("crossings_new_points_day", "central", 30.0),
        ("crossings_new_points_day", "high", 45.0),
        ("fullest_point_load", "central", 60.0),
        ("crossings_same_third", "high", 50.0),
    ],
)
def test_criteria_take_their_figures_from_the_tables(
    made: Travellers, comparison: Comparison, criterion_id: str, case: str, expected: float
) -> None:
    result = comparison.results[comparison.reference_id]
    basis = Basis(None, result, np.array([]), case, TODAY, np.array([]), made)  # type: ignore[arg-type]
    assert MEASURED[criterion_id](basis) == expected
    assert np.isnan(MEASURED[criterion_id](replace(basis, travellers=None)))


def test_a_record_is_kept_whole(made: Travellers) -> None:
    again = unpack(pack(made, Travellers), Travellers)
    pd.testing.assert_frame_equal(again.crossings, made.crossings)
    assert again.new_crossings == made.new_crossings and again.third_of_gate == made.third_of_gate


@pytest.mark.parametrize("state", [TODAY, BUILDOUT])
def test_every_shipped_scenario_keeps_its_sums(comparison: Comparison, state: str) -> None:
    assert set(comparison.travellers[state]) == set(comparison.results)
    for scenario_id, found in comparison.travellers[state].items():
        rows = found.crossings
        whole = rows[rows["group"] == ALL]["change_per_day"].sum()
        assert whole == pytest.approx(found.benefit["trips_new"].sum(), abs=1)  # to a passenger
        by_group = rows[rows["group"] != ALL].groupby(["checkpoint_id", "direction"])["trips_per_day"].sum()
        total = rows[rows["group"] == ALL].set_index(["checkpoint_id", "direction"])["trips_per_day"]
        pd.testing.assert_series_equal(by_group.sort_index(), total.sort_index(), check_names=False)
        assert found.ends["trips_per_day"].sum() == pytest.approx(total.sum())
        assert (found.new_crossings is not None) == bool(NEW & set(found.relief.index)), scenario_id


def test_the_reference_saves_nothing_and_the_earlier_network_loses(comparison: Comparison) -> None:
    hours = comparison.headline["traveller_hours_saved_day"]
    assert hours[comparison.reference_id] == 0 and hours["baseline-2024"] < 0
    assert hours["both-2035"] > hours["western-2035"] > hours["central-2035"] > 0


def test_criteria_of_travellers_are_shown_and_not_scored(comparison: Comparison) -> None:
    ours = comparison.criteria.index[comparison.criteria["group"] == "travellers"]
    assert len(ours) == 8 and not set(ours) & set(comparison.value_points.columns)


def test_written_tables_name_scenario_and_land_state(comparison: Comparison, folder: Path) -> None:
    made = traveller_tables(comparison)
    for name, frame in made.items():
        written = pd.read_csv(folder / "travellers" / f"{name}.csv", comment="#")
        assert list(written.columns[:3]) == ["scenario_id", "counterfactual", "land_state"]
        assert len(written) == len(frame)
    flagged = made["crossings"].groupby("scenario_id")["counterfactual"].first()
    assert flagged["western-viaduct"] and not flagged["western-2035"]
