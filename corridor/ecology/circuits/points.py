"""Points on the cells of a raster: focal ids, sources and grounds that come as lists of coordinates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from corridor.ecology.land.checks import ColumnProblem, LayerProblem, raise_all

COORDINATES = ("x_m", "y_m")


def focal_of_points(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Focal ids on the cells of a raster, 0 elsewhere, from points with columns ``focal``, ``x_m`` and ``y_m``.

    An id may have several points, in one cell or many: they are one region. ``transform`` takes columns and rows to the
    coordinates. Raises :class:`LayerError` for points outside, ids that are no whole numbers above 0, and two ids in
    one cell, of which one would be lost.
    """
    raise_all(_table_problems(points, "focal"))
    cell = _cells(points, transform, shape)
    ids = points["focal"].to_numpy(dtype=np.float64)
    whole = (ids > 0) & (ids == np.floor(ids))
    different = pd.Series(ids).groupby(cell).transform("nunique").to_numpy() > 1
    raise_all(
        [
            *_outside_problems(points, cell),
            *_row_problem(
                "ids that are no whole numbers above 0", ~whole, "1, 2, ...", "number the regions from 1"
            ),
            *_row_problem(
                "with another id in the same cell", different & (cell >= 0), "one id a cell", SHARED
            ),
        ]
    )
    out = np.zeros(shape, dtype=np.int64)
    out.flat[cell] = ids.astype(np.int64)
    return out


def values_of_points(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Values on the cells of a raster, NaN elsewhere, from points with columns ``value``, ``x_m`` and ``y_m``.

    For :class:`corridor.ecology.circuits.flow.Sources` and ``Grounds``. Raises :class:`LayerError` for points outside, values
    that are missing, and two points in one cell, of which one would be lost.
    """
    raise_all(_table_problems(points, "value"))
    cell = _cells(points, transform, shape)
    values = points["value"].to_numpy(dtype=np.float64)
    shared = pd.Series(cell).duplicated(keep=False).to_numpy()
    raise_all(
        [
            *_outside_problems(points, cell),
            *_row_problem(
                "without a value", np.isnan(values), "a number", "fill it in or take the point out"
            ),
            *_row_problem(
                "with another point in the same cell", shared & (cell >= 0), "one point a cell", SHARED
            ),
        ]
    )
    out = np.full(shape, np.nan)
    out.flat[cell] = values
    return out


SHARED = "use finer cells, move one, or put them together"


def _cells(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.int64]:
    """The cell of each point in reading order, -1 outside the raster."""
    x, y = (points[c].to_numpy(dtype=np.float64) for c in COORDINATES)
    back = ~transform
    with np.errstate(invalid="ignore"):  # a missing coordinate is outside
        column, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
    inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    at = np.where(inside, np.floor(row) * shape[1] + np.floor(column), -1)
    return np.asarray(at, dtype=np.int64)


def _table_problems(points: pd.DataFrame, value: str) -> Iterator[LayerProblem]:
    for column in (value, *COORDINATES):
        if column not in points.columns:
            expected = ", ".join((value, *COORDINATES))
            yield ColumnProblem("points", f"no column {column}", f"columns {expected}", "add it")
        elif not pd.api.types.is_numeric_dtype(points[column]):
            yield ColumnProblem(
                "points", f"column {column} of {points[column].dtype}", "numbers", "correct it"
            )
    if not len(points):
        yield LayerProblem("points", "no point", "one point or more", "fill the table")


def _outside_problems(points: pd.DataFrame, cell: NDArray[np.int64]) -> Iterator[LayerProblem]:
    remedy = "check the coordinate system, or use a larger window"
    yield from _row_problem("outside the raster", cell < 0, "points on its cells", remedy)


def _row_problem(what: str, wrong: NDArray[np.bool_], expected: str, remedy: str) -> Iterator[LayerProblem]:
    if wrong.any():
        rows = ", ".join(str(i + 1) for i in np.flatnonzero(wrong)[:5])
        more = ", ..." if wrong.sum() > 5 else ""
        yield LayerProblem("points", f"{int(wrong.sum())} {what} (row {rows}{more})", expected, remedy)
