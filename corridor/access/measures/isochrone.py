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
from scipy import ndimage
from shapely import MultiPolygon

from corridor.access.measures.matrix import F64, Checks
from corridor.core.crs import WORKING

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
    elif twice := x.size - np.unique(whole[0] * (np.ptp(whole[1]) + 1) + whole[1]).size:
        checks.add(
            "x_m, y_m", f"{twice} cells stand on another", "one row for each cell", "keep its least time"
        )
    column, row = whole.astype(np.int64)
    return column, row


def _joined(
    column: NDArray[np.int64], row: NDArray[np.int64], west: float, south: float, cell_m: float
) -> MultiPolygon:
    """The union of cells: a polygon for each group that hangs together by edges, its corners on whole numbers."""
    if not column.size:
        return MultiPolygon()
    left, low = column.min(), row.min()
    inside = np.zeros((row.max() - low + 1, column.max() - left + 1), dtype=bool)
    inside[row - low, column - left] = True
    corners, ring_of, group = _rings(inside)
    places = np.column_stack([west + (left + corners[:, 0]) * cell_m, south + (low + corners[:, 1]) * cell_m])
    rings = np.asarray(shapely.linearrings(places, indices=ring_of))
    order = np.lexsort((~shapely.is_ccw(rings), group))  # of each group the shell, then its holes
    whole = shapely.polygons(rings[order], indices=np.unique(group[order], return_inverse=True)[1])
    return MultiPolygon(list(np.asarray(whole)))


def _rings(
    inside: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Edges of a grid of cells as rings: corners as (column, row), the ring of each, and the group of cells of each ring.

    Every edge is walked with its cell on the left: shells go against the clock, holes with it. Where two cells meet in a
    corner only, the walk goes on to the other cell if both are of one group, and stays with its own if not, so that no
    ring touches itself.
    """
    groups = np.pad(ndimage.label(inside)[0].astype(np.int64), 1)  # by edges: groups may touch in corners
    cell = groups[1:-1, 1:-1]
    high, wide = inside.shape[0] + 1, inside.shape[1] + 1
    out = np.zeros(
        (4, high, wide), dtype=np.int64
    )  # group of the edge that leaves a corner: east, north, west, south
    out[0, :-1, :-1] = np.where(groups[:-2, 1:-1] == 0, cell, 0)
    out[1, :-1, 1:] = np.where(groups[1:-1, 2:] == 0, cell, 0)
    out[2, 1:, 1:] = np.where(groups[2:, 1:-1] == 0, cell, 0)
    out[3, 1:, :-1] = np.where(groups[1:-1, :-2] == 0, cell, 0)
    flat = out.reshape(4, -1)
    heading, start = np.nonzero(flat)
    group = flat[heading, start]
    end = start + np.array([1, wide, -1, -wide])[heading]
    right = (heading + 3) % 4
    turn = np.where(
        flat[right, end] == group, right, np.where(flat[heading, end] == group, heading, (heading + 1) % 4)
    )
    number = np.zeros(flat.shape, dtype=np.int64)
    number[heading, start] = np.arange(len(start))
    following, ring = number[turn, end].tolist(), [-1] * len(start)
    order = []
    for first in range(len(ring)):
        edge = first
        while ring[edge] < 0:
            ring[edge] = first
            order.append(edge)
            edge = following[edge]
    walk = np.array(order)
    walk = walk[turn[walk] != heading[walk]]  # corners alone
    firsts, ring_of = np.unique(np.array(ring)[walk], return_inverse=True)
    return np.column_stack([end[walk] % wide, end[walk] // wide]), ring_of, group[firsts]
