"""Points on the cells of a raster: focal ids, sources and grounds that come as lists of coordinates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray

from corridor.core.errors import MissingColumnError, Problems

COORDINATES = ("x_m", "y_m")


def focal_of_points(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Focal ids on the cells of a raster, 0 elsewhere, from points with columns ``focal``, ``x_m`` and ``y_m``.

    An id may have several points, in one cell or many: they are one region. ``transform`` takes columns and rows to the
    coordinates. Raises :class:`LayerError` for points outside, ids that are no whole numbers above 0, and two ids in
    one cell, of which one would be lost.
    """
    cell = _cells(points, "focal", transform, shape)
    ids = points["focal"].to_numpy(dtype=np.float64)
    whole = (ids > 0) & (ids == np.floor(ids))
    different = pd.Series(ids).groupby(cell).transform("nunique").to_numpy() > 1
    with Problems() as found:
        _check_rows(found, "outside the raster", cell < 0, *INSIDE)
        what = "ids that are no whole numbers above 0"
        _check_rows(found, what, ~whole, "1, 2, ...", "number the regions from 1")
        _check_rows(
            found, "with another id in the same cell", different & (cell >= 0), "one id a cell", SHARED
        )
    out = np.zeros(shape, dtype=np.int64)
    out.flat[cell] = ids.astype(np.int64)
    return out


def values_of_points(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Values on the cells of a raster, NaN elsewhere, from points with columns ``value``, ``x_m`` and ``y_m``.

    For :class:`corridor.ecology.circuits.flow.Sources` and ``Grounds``. Raises :class:`LayerError` for points outside, values
    that are missing, and two points in one cell, of which one would be lost.
    """
    cell = _cells(points, "value", transform, shape)
    values = points["value"].to_numpy(dtype=np.float64)
    shared = pd.Series(cell).duplicated(keep=False).to_numpy() & (cell >= 0)
    with Problems() as found:
        _check_rows(found, "outside the raster", cell < 0, *INSIDE)
        missing, remedy = np.isnan(values), "fill it in or take the point out"
        _check_rows(found, "without a value", missing, "a number", remedy)
        _check_rows(found, "with another point in the same cell", shared, "one point a cell", SHARED)
    out = np.full(shape, np.nan)
    out.flat[cell] = values
    return out


SHARED = "use finer cells, move one, or put them together"
INSIDE = "points on its cells", "check the coordinate system, or use a larger window"


def _cells(points: pd.DataFrame, value: str, transform: Affine, shape: tuple[int, int]) -> NDArray[np.int64]:
    """The cell of each point in reading order, -1 outside the raster; refuses a table without its columns."""
    with Problems() as found:
        for column in (value, *COORDINATES):
            if column not in points.columns:
                expected = "columns " + ", ".join((value, *COORDINATES))
                found.add("points", f"no column {column}", expected, "add it", MissingColumnError)
            elif not pd.api.types.is_numeric_dtype(points[column]):
                what = f"column {column} of {points[column].dtype}"
                found.add("points", what, "numbers", "correct it", MissingColumnError)
        if not len(points):
            found.add("points", "no point", "one point or more", "fill the table")
    x, y = (points[c].to_numpy(dtype=np.float64) for c in COORDINATES)
    with np.errstate(invalid="ignore"):  # a missing coordinate is outside
        column, row = ~transform * (x, y)
    inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    at = np.where(inside, np.floor(row) * shape[1] + np.floor(column), -1)
    return np.asarray(at, dtype=np.int64)


def _check_rows(found: Problems, what: str, wrong: NDArray[np.bool_], expected: str, remedy: str) -> None:
    if wrong.any():
        rows = ", ".join(str(i + 1) for i in np.flatnonzero(wrong)[:5])
        more = ", ..." if wrong.sum() > 5 else ""
        found.add("points", f"{int(wrong.sum())} {what} (row {rows}{more})", expected, remedy)
