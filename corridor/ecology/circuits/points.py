"""Points on the cells of a raster: focal ids, sources and grounds that come as lists of coordinates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import MissingColumnError, Problems

COORDINATES = ("x_m", "y_m")
Check = Callable[[Problems, pd.Series, NDArray[np.int64]], None]


def focal_of_points(
    points: pd.DataFrame, transform: Affine, shape: tuple[int, int], resistance: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Focal ids on the cells of a raster, 0 elsewhere.

    Parameters
    ----------
    points
        Columns ``focal`` (1, 2, ...), ``x_m`` and ``y_m``. An id may have several points, in one cell or many: they are
        one region.
    transform
        From columns and rows to the coordinates.
    shape
        Rows and columns of the raster.
    resistance
        The raster itself; NaN is no data. Where it is given, ids of which every point is on no data are an error.

    Raises
    ------
    LayerError
        For points outside, ids that are not whole numbers above 0, two ids in one cell, of which one would be lost, and
        ids on no data alone, which would have no resistance to anything.
    """
    empty = None if resistance is None else np.isnan(np.asarray(resistance, dtype=np.float64)).ravel()

    def check(found: Problems, ids: pd.Series, cell: NDArray[np.int64]) -> None:
        fraction = ~((ids > 0) & (ids == np.floor(ids)))
        _check_rows(
            found,
            "ids that are not whole numbers above 0",
            fraction,
            "1, 2, ...",
            "number the regions from 1",
        )
        different = (ids.groupby(cell).transform("nunique") > 1) & (cell >= 0)
        _check_rows(found, "with another id in the same cell", different, "one id a cell", SHARED)
        if empty is not None and empty.size == shape[0] * shape[1]:
            nothing = pd.Series(empty[cell] & (cell >= 0)).groupby(ids.to_numpy()).transform("all")
            _check_rows(found, "with an id on cells without data alone", nothing, "a cell with data", NO_DATA)

    return _on_raster(points, "focal", transform, np.zeros(shape, dtype=np.int64), check)


def values_of_points(points: pd.DataFrame, transform: Affine, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Values on the cells of a raster, NaN elsewhere, for :class:`corridor.ecology.circuits.flow.Sources` and ``Grounds``.

    ``points`` has columns ``value``, ``x_m`` and ``y_m``; the other arguments are those of :func:`focal_of_points`.
    Raises :class:`LayerError` for points outside, missing values, and two points in one cell, of which one would be lost.
    """

    def check(found: Problems, values: pd.Series, cell: NDArray[np.int64]) -> None:
        _check_rows(found, "without a value", values.isna(), "a number", "fill it in or take the point out")
        shared = pd.Series(cell).duplicated(keep=False) & (cell >= 0)
        _check_rows(found, "with another point in the same cell", shared, "one point a cell", SHARED)

    return _on_raster(points, "value", transform, np.full(shape, np.nan), check)


NO_DATA = "move one onto data, or give the cell a resistance"
SHARED = "use finer cells, move one, or put them together"


def _on_raster(
    points: pd.DataFrame, column: str, transform: Affine, out: NDArray[Any], check: Check
) -> NDArray[Any]:
    """The raster ``out`` with the values of a column of points, once they are checked."""
    with Problems() as found:
        for name in (column, *COORDINATES):
            if name not in points.columns:
                expected = "columns " + ", ".join((column, *COORDINATES))
                found.add("points", f"no column {name}", expected, "add it", MissingColumnError)
            elif not pd.api.types.is_numeric_dtype(points[name]):
                what = f"column {name} of {points[name].dtype}"
                found.add("points", what, "numbers", "correct it", MissingColumnError)
        if not len(points):
            found.add("points", "no point", "one point or more", "fill the table")
    values, x, y = (points[c].astype(np.float64).reset_index(drop=True) for c in (column, *COORDINATES))
    with np.errstate(invalid="ignore"):  # a missing coordinate is outside
        across, down = ~transform * (x.to_numpy(), y.to_numpy())
    rows, columns = out.shape
    inside = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
    cell = np.where(inside, np.floor(down) * columns + np.floor(across), -1).astype(np.int64)
    with Problems() as found:
        remedy = "check the coordinate system, or use a larger window"
        _check_rows(found, "outside the raster", cell < 0, "points on its cells", remedy)
        check(found, values, cell)
    out.flat[cell] = values.astype(out.dtype)
    return out


def _check_rows(found: Problems, what: str, wrong: Any, expected: str, remedy: str) -> None:
    rows = np.flatnonzero(wrong) + 1
    if rows.size:
        more = ", ..." if rows.size > 5 else ""
        found.add(
            "points", f"{rows.size} {what} (row {', '.join(map(str, rows[:5]))}{more})", expected, remedy
        )
