"""Who is near an entrance of a green corridor, and how urban nature is shared; by hand, by laws and on the shipped study."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.measures.nature_access import urban_nature_access
from corridor.study.recreation import MINUTES, Recreation, recreation
from corridor.study.study import Study

IDS = ["committed-2030", "western-2035"]


@pytest.fixture(scope="module")
def found(study: Study) -> Recreation:
    made = recreation(study, IDS)
    assert made is not None
    return made


def test_nature_is_shared_by_hand() -> None:
    # 600 m2 beside 200 people, 250 m from 100 more; d0 500 m: f(250) = (e^-1/8 - e^-1/2) / (1 - e^-1/2)
    far = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    got = urban_nature_access(np.array([[600.0, 0.0]]), np.array([[200.0, 100.0]]), 250.0, 500.0)
    share = 600 / (200 + 100 * far)
    assert got.per_person_m2 == pytest.approx(np.array([[share, share * far]]))
    assert got.balance_m2(2.0)[0, 0] == pytest.approx(share - 2)


@given(st.integers(0, 2**32 - 1), st.floats(250, 2_000))
def test_people_get_what_somebody_is_near(seed: int, radius_m: float) -> None:
    chance = np.random.default_rng(seed)
    people = chance.poisson(0.2, (12, 15)) * 100.0
    nature = chance.random((12, 15)) * 1_000
    got = urban_nature_access(nature, people, 250.0, radius_m)
    assert (got.per_person_m2 >= 0).all()
    assert (people * got.per_person_m2).sum() + got.left_out_m2 == pytest.approx(nature.sum())


def test_residents_near_entrances_grow_with_time_and_with_a_line(study: Study, found: Recreation) -> None:
    near = found.near.pivot_table("residents", ["scenario_id", "district_id"], "minutes")
    assert (near[15] <= near[30]).all() and (near[30] <= near[45]).all()
    assert found.near["share"].between(0, 1).all() and set(found.near["minutes"]) == set(MINUTES)
    gain = near.loc["western-2035", 30] - near.loc["committed-2030", 30]
    assert gain["hk-tuen-mun"] > 100_000  # Lau Fau Shan comes near
    assert (
        found.near.groupby("scenario_id")["district_residents"].sum().eq(3 * study.cells.people().sum()).all()
    )


def test_urban_nature_is_that_of_the_land_and_not_assessed_without_it(
    study: Study, found: Recreation
) -> None:
    nature = found.nature.set_index("district_id")
    north = nature.index.str.startswith("sz-")
    assert (
        nature.loc[north].drop(columns="residents").isna().all(axis=None)
    )  # no land use, no parks in the layers
    south = nature[~north]
    held_ha = (south["residents"] * south["open_space_m2"]).sum() / 1e4
    assert 2_300 < held_ha < 2_830  # 2,814 ha of open space in the land use, some with nobody within 1 km
    assert (south["below"] <= south["residents"]).all()
    assert south["balance_m2"].to_numpy() == pytest.approx(
        south["open_space_m2"] - found.standard["open_space_m2"]
    )
    assert south["green_m2"].idxmax() == "hk-islands" and south["green_m2"].idxmin() == "hk-yau-tsim-mong"


def test_every_entrance_opens_a_known_area(study: Study, found: Recreation) -> None:
    known = {*study.land.designations["designation_id"], *study.land.corridors["corridor_id"]}
    assert {i for opens in found.entrances["opens"] for i in opens.split()} <= known
    assert len(study.gazetteer.entrances) == len(found.entrances) == 14
