"""Isochrones as polygons: the squares reached within each cut-off, joined, no smoother than what is known.

The edge of an isochrone runs along the edges of cells, so its area is that of the cells inside and none of it is drawn
where no time was computed (water, or land where nobody lives or works).
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from rasterio import features
from rasterio.transform import Affine
from shapely import MultiPolygon

from corridor.access.measures.matrix import Inputs
from corridor.core.arrays import F64, I64
from corridor.core.crs import WORKING

HECTARE_M2 = 10_000.0
ON_GRID = 1e-3  # of a cell


def isochrones(
    x_m: ArrayLike,
    y_m: ArrayLike,
    minutes: ArrayLike,
    cutoffs_min: Sequence[float],
    cell_m: float = 250.0,
    known: MutableMapping[bytes, MultiPolygon] | None = None,
) -> gpd.GeoDataFrame:
    """Isochrones: the area reached within each cut-off, from times at the centres of square cells.

    Parameters
    ----------
    x_m, y_m : array_like, shape (cells,)
        Centres on one regular grid, in metres of EPSG:4547.
    minutes : array_like, shape (cells,)
        Time of each cell; NaN or infinite where not reached.
    cutoffs_min : sequence of float
        Cut-offs in minutes; the cut-off itself counts as within.
    cell_m : float
        Size of the cells in metres.
    known : mutable mapping, optional
        Areas by the cells in them (one bit a cell), filled here: calls on the same cells that share it join each set of
        cells once.

    Returns
    -------
    GeoDataFrame
        EPSG:4547, a row for each cut-off, smallest first: cutoff_min, cells, area_ha (hectares) and geometry, a valid
        MultiPolygon, empty where no cell is reached. Each contains those of the smaller cut-offs.

    Raises
    ------
    CorridorError
        With every problem found: lists of different length, cells off one grid or twice in one place, wrong cut-offs.

    Examples
    --------
    >>> isochrones([0, 250], [0, 0], [10, 40], cutoffs_min=[30, 60])["area_ha"].tolist()
    [6.25, 12.5]
    """
    inputs = Inputs()
    x, y = (inputs.coordinates(v, where) for v, where in ((x_m, "x_m"), (y_m, "y_m")))
    times = inputs.times(minutes)
    cutoffs = np.sort(inputs.rising(cutoffs_min, "cutoffs_min"))
    inputs.positive(cell_m=cell_m)
    if not inputs and not x.size == y.size == times.size:
        what = f"{x.size} x_m, {y.size} y_m and {times.size} minutes"
        inputs.add("minutes", what, "one each for every cell")
    inputs.raise_all()
    column, row = _grid(inputs, x, y, cell_m)
    inputs.raise_all()
    west, south = x[0] - cell_m / 2, y[0] - cell_m / 2
    known = {} if known is None else known
    shapes, counts = [], []
    for cutoff in cutoffs:
        inside = times <= cutoff
        which = np.packbits(inside).tobytes()
        if which not in known:
            known[which] = _joined(column[inside], row[inside], west, south, cell_m)
        counts.append(int(inside.sum()))
        shapes.append(known[which])
    return gpd.GeoDataFrame(
        {
            "cutoff_min": cutoffs,
            "cells": counts,
            "area_ha": [shape.area / HECTARE_M2 for shape in shapes],
        },
        geometry=shapes,
        crs=WORKING,
    )


def _grid(inputs: Inputs, x: F64, y: F64, cell_m: float) -> tuple[I64, I64]:
    """Column and row of each cell, counted from the first."""
    exact = np.stack([(x - x[0]) / cell_m, (y - y[0]) / cell_m])
    whole = np.rint(exact)
    off = (np.abs(exact - whole) > ON_GRID).any(axis=0)
    twice = x.size - np.unique(whole[0] * (np.ptp(whole[1]) + 1) + whole[1]).size
    if off.any():
        inputs.add(
            "x_m, y_m",
            f"{int(off.sum())} cells are off the grid of {cell_m:g} m, the first at position {int(off.argmax())}",
            "centres of one regular grid",
            "give the cell_m of your cells",
        )
    elif twice:
        what = f"{twice} cells repeat the place of another"
        inputs.add("x_m, y_m", what, "one row for each cell", "keep its least time")
    column, row = whole.astype(np.int64)
    return column, row


def _joined(column: I64, row: I64, west: float, south: float, cell_m: float) -> MultiPolygon:
    """The union of cells: a polygon for each group that hangs together by edges (GDAL's polygonize)."""
    if not column.size:
        return MultiPolygon()
    left, low = column.min(), row.min()
    inside = np.zeros((row.max() - low + 1, column.max() - left + 1), dtype=np.uint8)
    inside[row - low, column - left] = 1
    corner = Affine(cell_m, 0.0, west + left * cell_m, 0.0, cell_m, south + low * cell_m)
    shapes = features.shapes(inside, mask=inside > 0, connectivity=4, transform=corner)
    polygons = [shape["coordinates"] for shape, _ in shapes]
    rings = list(chain.from_iterable(polygons))
    # all corners at once: a polygon made by itself takes longer than GDAL takes to find it
    corners = np.fromiter(chain.from_iterable(chain.from_iterable(rings)), dtype=np.float64).reshape(-1, 2)
    made: Any = shapely.linearrings(corners, indices=_repeated(rings))
    areas: Any = shapely.polygons(made, indices=_repeated(polygons))
    return MultiPolygon(list(areas))


def _repeated(groups: Sequence[Sequence[object]]) -> NDArray[np.intp]:
    """The position of its group for each member."""
    return np.repeat(np.arange(len(groups)), [len(group) for group in groups])
