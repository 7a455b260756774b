"""Where walks end: targets moved to land of their side, and sorted by grid cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corridor.core.csr import row_starts

U8 = NDArray[np.uint8]
I32 = NDArray[np.int32]

_RING = sorted(((r, c) for r in range(-2, 3) for c in range(-2, 3)), key=lambda rc: (np.hypot(*rc), rc))


def ashore(land: U8, row: I32, col: I32, code: U8) -> tuple[I32, I32]:
    """Move targets in the water or across the boundary to the nearest grid cell of their side, two cells at most.

    A walk may start from such a cell, so it may end there too: halls are on the very boundary.

    Parameters
    ----------
    land
        Side of each grid cell, 0 for water.
    row, col, code
        Grid cell and side of each target.

    Returns
    -------
    tuple of numpy.ndarray
        Row and column of each target.
    """
    row, col = row.copy(), col.copy()
    off = np.flatnonzero(land[row, col] != code)
    at_row, at_col = row[off], col[off]
    for r, c in _RING[:0:-1]:  # the nearest last
        there_row = np.clip(at_row + r, 0, land.shape[0] - 1)
        there_col = np.clip(at_col + c, 0, land.shape[1] - 1)
        found = land[there_row, there_col] == code[off]
        row[off[found]], col[off[found]] = there_row[found], there_col[found]
    return row, col


def by_cell(shape: tuple[int, ...], row: I32, col: I32) -> tuple[I32, I32]:
    """Sort targets by grid cell.

    Returns
    -------
    tuple of numpy.ndarray
        CSR over the flattened grid: where the targets of each cell start, and their indices.
    """
    flat = row.astype(np.int64) * shape[1] + col
    order = np.argsort(flat, kind="stable").astype(np.int32)
    counts = np.bincount(flat, minlength=shape[0] * shape[1])
    return row_starts(counts), order
