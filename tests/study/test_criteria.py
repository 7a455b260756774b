"""What criteria measure, on a region of three cells and two hubs: each figure worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corridor.study.criteria import MEASURED, Basis, least_served

# two cells with 1 and 2 residents in the south, one with 3 in the north; a hub on each side
PEOPLE = np.array([1.0, 2.0, 3.0])
SOUTH, NORTH = SimpleNamespace(region="s"), SimpleNamespace(region="n")
STUDY = SimpleNamespace(
    parameters=SimpleNamespace(hub_limit_min=120),
    cells=SimpleNamespace(side=np.array([0, 0, 1]), sides=("s", "n"), people=lambda: PEOPLE),
    gazetteer=SimpleNamespace(
        hubs=(("a", SOUTH), ("b", NORTH)), centres=np.array([True, True]), hospitals=(SOUTH,)
    ),
)


def measured(criterion: str, case: str = "central", travellers: Any = None, **result: Any) -> float:
    everybody = np.ones(3, dtype=bool)
    given: Any = SimpleNamespace(**result)
    study: Any = STUDY
    return MEASURED[criterion](Basis(study, given, everybody, case, "census", PEOPLE, travellers))  # type: ignore[arg-type]


def pairs(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["from_place", "to_place", "hour", "minutes"])
    return table.assign(
        minutes_low=table["minutes"] - 10, minutes_high=table["minutes"] + 10, cost_min=table["minutes"]
    )


def test_between_hubs_counts_opposite_sides_in_the_morning_up_to_the_limit() -> None:
    there_and_back = pairs(
        ("a", "b", "08:30", 60), ("b", "a", "08:30", 90), ("a", "a", "08:30", 5), ("a", "b", "23:00", 7)
    )
    assert measured("hub_minutes_0830", hub_minutes=there_and_back) == 75
    assert measured("hub_minutes_0830", "low", hub_minutes=there_and_back) == 65
    assert measured("hub_minutes_0830", "high", hub_minutes=there_and_back) == 85
    # without a way, and beyond the limit of 120 min: the limit, of cost twice that
    lost = pairs(("a", "b", "08:30", math.nan), ("b", "a", "08:30", 200))
    assert measured("hub_minutes_0830", hub_minutes=lost) == 120
    assert measured("hub_cost_0830", hub_minutes=lost) == (240 + 200) / 2


def test_the_commuting_circle_is_around_the_other_sides_nearest_centre() -> None:
    # minutes of each cell to the hub of the south, then of the north; the near hub of one's own side does not count
    to_hubs = np.array([[1, 1, 60], [50, 70, 1]], dtype=np.float32)
    circle = {
        m: measured(f"commuting_circle_{m}_0830", cell_hub_minutes={"08:30": to_hubs}) for m in (45, 60, 75)
    }
    assert circle == pytest.approx({45: 0, 60: 100 * (1 + 3) / 6, 75: 100})
    unreached = np.array([[1, 1, np.nan], [np.nan, 70, 1]], dtype=np.float32)
    assert measured("commuting_circle_75_0830", cell_hub_minutes={"08:30": unreached}) == pytest.approx(
        100 * 2 / 6
    )


def test_hospitals_count_for_the_side_on_which_they_are_known() -> None:
    # 10 min for one resident, none reached for two: the limit
    minutes = np.array([10, np.inf, 5], dtype=np.float32)
    assert measured("hospital_minutes_0830", hospital_minutes=minutes) == pytest.approx((10 + 2 * 120) / 3)


def test_the_least_served_are_the_first_two_fifths_of_residents_by_reach() -> None:
    reference: Any = SimpleNamespace(
        gravity={"08:30": SimpleNamespace(of=lambda _: np.array([5.0, 1.0, 9.0]))}
    )
    cells: Any = SimpleNamespace(leading="jobs", people=lambda: np.array([1.0, 1.0, 3.0]))
    # by reach: the second cell (a fifth), the first (two fifths), then the third, which would pass two fifths
    assert least_served(cells, reference).tolist() == [True, True, False]


def test_what_demand_would_say_is_not_assessed_without_it() -> None:
    assert math.isnan(measured("crossings_new_points_day"))
    assert math.isnan(measured("fullest_point_load"))
    known = SimpleNamespace(new_crossings=(1.0, 2.0, 4.0), fullest=0.8, same_third_share=(0.25, 0.1))
    assert [measured("crossings_new_points_day", c, known) for c in ("low", "central", "high")] == [1, 2, 4]
    assert measured("fullest_point_load", travellers=known) == pytest.approx(80)  # per cent
    assert measured("crossings_same_third", travellers=known) == pytest.approx(25)
    nothing_new = SimpleNamespace(new_crossings=None)
    assert measured("crossings_new_points_day", travellers=nothing_new) == 0


def test_a_headline_figure_is_that_of_its_own_case() -> None:
    figures = {
        c: SimpleNamespace(permanent_wetland_ha=v) for c, v in (("low", 1.0), ("central", 2.0), ("high", 3.0))
    }
    assert [measured("permanent_wetland_ha", c, headlines=figures) for c in figures] == [1, 2, 3]
