"""Modes of circuits: wrong sources, grounds, strengths and points are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from corridor.core.errors import LayerError, ParameterError
from corridor.ecology.circuits import memory as circuit_memory
from corridor.ecology.circuits.flow import Grounds, Sources, solve_advanced
from corridor.ecology.circuits.modes import all_to_one, one_to_all
from corridor.ecology.circuits.points import focal_of_points, values_of_points
from corridor.ecology.circuits.resistance import CircuitGrid
from tests.circuits import ROW, THREE, X, flow

# --- bad input ---------------------------------------------------------------------------------


def test_all_faults_of_sources_and_grounds_are_told_at_once() -> None:
    with pytest.raises(LayerError) as error:
        flow([[1, X, 1, 1]], [[np.inf, 2, 0, 0]], [[-1, 0, np.inf, X]], remove="nothing")
    text = str(error.value)
    assert "sources: 1 cells of infinite current, the first at row 0, column 0" in text
    assert "sources: 1 cells without data, the first at row 0, column 1" in text
    assert "grounds: 1 cells below 0 ohm, the first at row 0, column 0" in text
    assert "grounds: 1 cells of infinite ohm, the first at row 0, column 2" in text
    assert "grounds: 1 cells without data" in text
    assert "remove: 'nothing'; expected 'none', 'source', 'ground' or 'both'" in text


@pytest.mark.parametrize(
    ("amps", "ohm", "remove", "said"),
    [
        ([[0, X]], [[0, X]], "none", "sources: no source"),
        ([[1, 0]], [[X, X]], "none", "grounds: no ground"),
        ([[1]], [[0, X]], "none", r"sources: shape \(1, 1\), but the raster has \(1, 2\)"),
        (
            [[1, 0]],
            [[0, X]],
            "none",
            "1 of 1 from which no path leads to a ground, the first at row 0, column 0",
        ),
        ([[1, 0]], [[1, X]], "source", "no source is left"),
        ([[1, 0]], [[1, X]], "ground", "no path leads to a ground"),
    ],
)
def test_one_fault_of_sources_and_grounds(amps: Any, ohm: Any, remove: Any, said: str) -> None:
    with pytest.raises(LayerError, match=said):
        flow(np.ones((1, 2)), amps, ohm, remove=remove)


def test_a_source_apart_from_every_ground_is_named() -> None:
    with pytest.raises(
        LayerError, match="1 of 2 from which no path leads to a ground, the first at row 0, column 3"
    ):
        flow([[1, 1, X, 1]], [[1, 0, 0, 1]], [[X, 0, X, X]])


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(LayerError, match="sources: values of .*; expected numbers"):
        solve_advanced(np.ones((1, 2)), Sources(np.array([["a", "b"]])), Grounds.direct([[False, True]]))  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="grounds: values of object"):
        Grounds.of_conductances([[None, 1.0]])  # type: ignore[list-item]


@pytest.mark.parametrize("strength", [-1.0, np.inf, X, "much"])
def test_strengths_that_cannot_be(strength: Any) -> None:
    with pytest.raises(ParameterError, match="strength_a: .* for focal id 2; expected amperes, 0 or more"):
        all_to_one(CircuitGrid(ROW, THREE), strength_a={2: strength})


def test_unknown_ids_are_named() -> None:
    grid = CircuitGrid(ROW, THREE)
    with pytest.raises(ParameterError, match="strength_a: no focal id 7"):
        one_to_all(grid, strength_a={7: 1.0})
    with pytest.raises(ParameterError, match="include: no focal id 7"):
        one_to_all(grid, include=[(1, 7)])
    with pytest.raises(ParameterError, match="include: no focal id a") as error:
        one_to_all(grid, include=[("a", 7)])  # type: ignore[list-item]
    assert len(error.value.problems) == 2
    with pytest.raises(ParameterError, match="focal: no focal id 9"):
        one_to_all(grid).flow(9)


def test_too_large_an_advanced_request_is_refused_before_it_is_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(circuit_memory, "available_bytes", lambda: 1e4)
    with pytest.raises(
        ParameterError, match=r"900 cells with sources and grounds take about .* coarser cells"
    ):
        flow(np.ones((30, 30)), np.pad([[1]], ((0, 29), (0, 29))), np.zeros((30, 30)))


# --- points ------------------------------------------------------------------------------------

HUNDRED = Affine(100, 0, 1000, 0, -100, 5000)  # 2 rows of 3 cells of 100 m, from (1000, 5000) to (1300, 4800)


def table(rows: list[tuple[float, float, float]], value: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[value, "x_m", "y_m"])


def test_points_fall_on_cells() -> None:
    points = table([(4, 1000, 5000), (4, 1050, 4990), (7, 1299, 4801)], "focal")
    assert focal_of_points(points, HUNDRED, (2, 3)).tolist() == [[4, 0, 0], [0, 0, 7]]
    values = values_of_points(table([(0.5, 1250, 4850)], "value"), HUNDRED, (2, 3))
    assert values.tolist() == [pytest.approx([X, X, X], nan_ok=True), pytest.approx([X, X, 0.5], nan_ok=True)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, 1010, 4990), (2, 1090, 4910)], r"2 with another id in the same cell \(row 1, 2\)"),
        ([(1, 1010, 4990), (2, 1300, 4990)], r"1 outside the raster \(row 2\)"),
        ([(1, X, 4990), (2, 1010, 4990)], r"1 outside the raster \(row 1\)"),
        ([(0, 1010, 4990), (1.5, 1210, 4990)], r"2 ids that are not whole numbers above 0 \(row 1, 2\)"),
        ([], "no point"),
    ],
)
def test_focal_points_that_would_be_lost_are_named(rows: list[tuple[float, float, float]], said: str) -> None:
    points = table(rows, "focal").astype(float)
    with pytest.raises(LayerError, match=said):
        focal_of_points(points, HUNDRED, (2, 3))


def test_focal_ids_on_no_data_alone_are_named() -> None:
    # id 1 is on the cell without data, id 2 there and on the cell beside it: as in Circuitscape that one is a region
    raster = np.array([[np.nan, 1.0, 1.0]])
    points = pd.DataFrame({"focal": [1, 2, 3], "x_m": [50.0, 150.0, 250.0], "y_m": [50.0] * 3})
    place = Affine(100, 0, 0, 0, -100, 100)
    assert focal_of_points(points, place, (1, 3)).tolist() == [[1, 2, 3]]
    with pytest.raises(LayerError) as caught:
        focal_of_points(points, place, (1, 3), raster)
    assert str(caught.value) == (
        "- points: 1 with an id on cells without data alone (row 1); expected a cell with data; move one onto data, or give "
        "the cell a resistance"
    )
    beside = points.assign(focal=[1, 1, 3])
    assert focal_of_points(beside, place, (1, 3), raster).tolist() == [[1, 1, 3]]


def test_source_points_that_would_be_lost_are_named() -> None:
    with pytest.raises(LayerError, match="2 with another point in the same cell") as error:
        values_of_points(table([(1, 1010, 4990), (1, 1020, 4980), (X, 900, 4990)], "value"), HUNDRED, (2, 3))
    assert "1 without a value (row 3)" in str(error.value) and "1 outside the raster (row 3)" in str(
        error.value
    )
    with pytest.raises(LayerError, match="no column y_m"):
        values_of_points(pd.DataFrame({"value": [1], "x_m": [2]}), HUNDRED, (2, 3))
