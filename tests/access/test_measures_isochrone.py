"""Isochrones: the squares themselves, nested, with their exact area."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridor.access.measures.isochrone import isochrones
from corridor.core.errors import CorridorError

OX, OY = 490_875.0, 2_452_125.0


def test_a_ring_and_a_far_square_by_hand() -> None:
    # 3 x 3 squares of 250 m; the middle takes 50 min, the eight around it 10. One more square stands apart.
    x, y = (v.ravel() * 250.0 for v in np.meshgrid(np.arange(3), np.arange(3)))
    x, y, minutes = np.append(x, 2_500) + OX, np.append(y, 0) + OY, np.full(10, 10.0)
    minutes[4], minutes[9] = 50, np.nan
    found = isochrones(x, y, minutes, [60, 5, 30])
    assert found.crs.to_epsg() == 4547
    assert found["cutoff_min"].tolist() == [5, 30, 60]
    assert found["cells"].tolist() == [0, 8, 9]
    assert found["area_ha"].tolist() == [0, 50, 56.25]  # 6.25 ha each
    assert found.geometry.iloc[0].is_empty
    ring = found.geometry.iloc[1].geoms[0]
    assert len(ring.interiors) == 1
    assert found.geometry.iloc[2].bounds == (OX - 125, OY - 125, OX + 625, OY + 625)


def test_corners_that_touch_stay_valid() -> None:
    found = isochrones([0, 250, 500, 0], [0, 250, 0, 500], [1, 1, 1, 1], [5])
    assert found.is_valid.all()
    assert len(found.geometry[0].geoms) == 4


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=60, unique=True),
    st.integers(0, 2**32 - 1),
    st.sampled_from([100.0, 250.0, 333.3]),
)
def test_valid_nested_and_of_the_area_of_their_cells(
    squares: list[tuple[int, int]], seed: int, cell_m: float
) -> None:
    grid = np.array(squares) * cell_m + [OX, OY]
    minutes = np.random.default_rng(seed).choice([5.0, 20.0, 40.0, np.inf], len(squares))
    found = isochrones(grid[:, 0], grid[:, 1], minutes, [10, 30, 60], cell_m)
    assert found.is_valid.all()
    assert (found.geom_type == "MultiPolygon").all()
    for cutoff, row in zip([10, 30, 60], found.itertuples(), strict=True):
        assert row.cells == (minutes <= cutoff).sum()
        assert row.area_ha == pytest.approx(row.cells * cell_m**2 / 10_000)
    small, middle, large = found.geometry
    assert small.difference(middle).area == pytest.approx(0, abs=1e-3)
    assert middle.difference(large).area == pytest.approx(0, abs=1e-3)


def test_what_is_off_the_grid_or_twice_is_an_error() -> None:
    with pytest.raises(CorridorError, match="1 cells are off the grid of 250 m, the first at position 1"):
        isochrones([0, 100], [0, 0], [1, 1], [5])
    with pytest.raises(CorridorError, match="1 cells repeat the place of another"):
        isochrones([0, 0], [0, 0], [1, 2], [5])
    with pytest.raises(CorridorError) as caught:
        isochrones([0, np.nan], [0, 250], [1, -1], [], cell_m=0)
    assert [p.where for p in caught.value.problems] == ["x_m", "minutes", "cutoffs_min", "cell_m"]
