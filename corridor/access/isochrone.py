"""Isochrones as polygons: the squares reached within each cut-off, joined, no smoother than what is known.

The edge of an isochrone runs along the edges of cells, so its area is that of the cells inside and none of it is drawn
where no time was worked out (water, or land where nobody lives or works).
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon

from corridor.access.matrix import F64, Checks
from corridor.crs import WORKING

HECTARE_M2 = 10_000.0
ON_GRID = 1e-3  # of a cell


def isochrones(
    x_m: ArrayLike, y_m: ArrayLike, minutes: ArrayLike, cutoffs_min: Sequence[float], cell_m: float = 250.0
) -> gpd.GeoDataFrame:
    """The area reached within each cut-off, from times at the centres of square cells.

    `x_m`, `y_m`: centres on one regular grid of `cell_m` metres, EPSG:4547; `minutes`: time of each cell, NaN or
    infinite where not reached. A row for each cut-off, smallest first: cutoff_min, cells, area_ha, and geometry (a
    valid MultiPolygon, empty where no cell is reached) in EPSG:4547. Each contains those of the smaller cut-offs.
    """
    checks = Checks()
    x, y = (checks.coordinates(v, where) for v, where in ((x_m, "x_m"), (y_m, "y_m")))
    times = checks.times(minutes)
    cutoffs = np.sort(checks.rising(cutoffs_min, "cutoffs_min"))
    checks.positive(cell_m, "cell_m")
    if not checks.problems and not x.size == y.size == times.size:
        checks.add(
            "minutes", f"{x.size} x_m, {y.size} y_m and {times.size} minutes", "one each for every cell"
        )
    checks.done()
    column, row = _grid(checks, x, y, cell_m)
    checks.done()
    west, south = x[0] - cell_m / 2, y[0] - cell_m / 2
    shapes, counts = [], []
    for cutoff in cutoffs:
        inside = times <= cutoff
        counts.append(int(inside.sum()))
        shapes.append(_joined(column[inside], row[inside], west, south, cell_m))
    return gpd.GeoDataFrame(
        {
            "cutoff_min": cutoffs,
            "cells": counts,
            "area_ha": [shape.area / HECTARE_M2 for shape in shapes],
        },
        geometry=shapes,
        crs=WORKING,
    )


def _grid(checks: Checks, x: F64, y: F64, cell_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Column and row of each cell, counted from the first."""
    exact = np.stack([(x - x[0]) / cell_m, (y - y[0]) / cell_m])
    whole = np.rint(exact)
    off = (np.abs(exact - whole) > ON_GRID).any(axis=0)
    if off.any():
        checks.add(
            "x_m, y_m",
            f"{int(off.sum())} cells are off the grid of {cell_m:g} m, the first at position {int(off.argmax())}",
            "centres of one regular grid",
            "give the cell_m of your cells",
        )
    elif np.unique(whole, axis=1).shape[1] < x.size:
        twice = x.size - np.unique(whole, axis=1).shape[1]
        checks.add(
            "x_m, y_m", f"{twice} cells stand on another", "one row for each cell", "keep its least time"
        )
    column, row = whole.astype(np.int64)
    return column, row


def _joined(
    column: NDArray[np.int64], row: NDArray[np.int64], west: float, south: float, cell_m: float
) -> MultiPolygon:
    """The union of cells; edges are worked out from whole numbers, so that neighbours share theirs exactly."""
    if not column.size:
        return MultiPolygon()
    x, y = (
        (west + column * cell_m, west + (column + 1) * cell_m),
        (south + row * cell_m, south + (row + 1) * cell_m),
    )
    union = shapely.coverage_union_all(shapely.box(x[0], y[0], x[1], y[1]))
    return MultiPolygon([p for p in shapely.get_parts(union) if isinstance(p, Polygon)])
