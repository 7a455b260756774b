"""Slopes: how many metres of level ground take as long on foot as a way that climbs or falls.

Tobler's hiking function (1993): a walker on a slope S (rise over length, negative downhill) goes
``6 exp(-3.5 |S + 0.05|)`` km/h. Against level ground one metre takes ``exp(3.5 (|S + 0.05| - 0.05))`` times as long.
Walks are the same both ways here, so the mean of up and down counts; it is never below one. A path is `walk_detour` times
as long as the straight line, and so much less steep.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corridor.core.arrays import F32, F64, I16
from corridor.core.containment import raster_at
from corridor.core.crs import WGS84, WORKING, project_xy

NO_HEIGHT = -32_768
MOST_RISE_M = 1_000  # from one grid cell to the next


def steepness(slope: F64) -> F64:
    """How many times as long as on level ground a metre takes, mean of up and down.

    ``exp(3.5 (|S + 0.05| - 0.05))`` after Tobler 1993, Three presentations on geographical analysis and modeling.

    Parameters
    ----------
    slope
        Rise over length, of any sign.
    """
    up, down = (np.exp(3.5 * (np.abs(s + 0.05) - 0.05)) for s in (np.abs(slope), -np.abs(slope)))
    return np.asarray((up + down) / 2.0)


def climb_costs(cell_m: float, detour: float) -> F32:
    """Cost of a step to a neighbouring cell, in metres of level ground that take as long.

    The slope is the rise over `detour` times the straight step, as a path winds; see :func:`steepness`.

    Parameters
    ----------
    cell_m
        Side of a grid cell in metres.
    detour
        Length of a path over the straight line.

    Returns
    -------
    ndarray of float32, shape (3, MOST_RISE_M + 1)
        Row: a step along an axis, a diagonal, a knight's move. Column: whole metres of rise or fall.
    """
    length = np.sqrt([[1.0], [2.0], [5.0]]) * cell_m
    rise = np.arange(MOST_RISE_M + 1)
    level = np.sqrt([[1.0], [2.0], [5.0]]).astype(np.float32) * np.float32(cell_m)
    return np.asarray(level * steepness(rise / (detour * length)).astype(np.float32))


def heights_at(path: Path, x_m: F64, y_m: F64) -> I16:
    """Heights of a raster at positions.

    Parameters
    ----------
    path
        A raster in WGS84 of metres.
    x_m, y_m
        EPSG:4547 metres, of equal shape.

    Returns
    -------
    ndarray of int16
        Whole metres in the shape of `x_m`, NO_HEIGHT where the raster has none.
    """
    with raster_at(path) as raster:
        height, to_cell, nodata = raster.read(1), ~raster.transform, raster.nodata
    lon, lat = project_xy(x_m.ravel(), y_m.ravel(), WORKING, WGS84)
    col, row = (np.floor(v).astype(int) for v in to_cell * (lon, lat))
    inside = (row >= 0) & (col >= 0) & (row < height.shape[0]) & (col < height.shape[1])
    found = np.full(lon.size, NO_HEIGHT, dtype=np.int16)
    values = height[row[inside], col[inside]]
    known = np.isfinite(values) & (values != nodata)
    found[inside] = np.where(known, np.rint(np.where(known, values, 0)), NO_HEIGHT).astype(np.int16)
    return found.reshape(x_m.shape)


def coarse_heights(height: I16, factor: int) -> I16:
    """Mean of the known heights of each block of cells, for a coarser grid.

    Parameters
    ----------
    height
        Whole metres, NO_HEIGHT where unknown.
    factor
        Cells of a block each way; rows and columns that fill no block are cut off.

    Returns
    -------
    ndarray of int16
        Whole metres; NO_HEIGHT where no height of the block is known.
    """
    rows, cols = (n // factor * factor for n in height.shape)
    blocks = height[:rows, :cols].reshape(rows // factor, factor, cols // factor, factor).astype(np.float64)
    known = blocks != NO_HEIGHT
    count = known.sum(axis=(1, 3))
    total = np.where(known, blocks, 0.0).sum(axis=(1, 3))
    return np.where(count > 0, np.rint(total / np.maximum(count, 1)), NO_HEIGHT).astype(np.int16)
