"""The distance from every cell to the nearest source cell: exact, and cheap where only a reach matters.

Squared distances in cells are whole numbers, so nothing is rounded: down the columns first, then the lower envelope of
parabolas along each row (Meijster, Roerdink and Hesselink 2000). Time grows with the number of cells alone.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import njit


def squared_cells(reach_m: float, cell_m: float) -> int:
    """The largest squared distance in cells (of ``cell_m``) that is not farther than ``reach_m``, rounded down."""
    return int((reach_m / cell_m) ** 2)


def nearest_squared(sources: NDArray[np.bool_], reach2: int) -> NDArray[np.int32]:
    """The exact squared distance from each cell to the nearest source, middle to middle.

    Parameters
    ----------
    sources
        Boolean, rows and columns of square cells.
    reach2
        The largest squared distance in cells that matters (:func:`squared_cells`).

    Returns
    -------
    numpy.ndarray
        int32, whole squared cells, 0 in a source; ``reach2`` + 1 for all that is farther.

    References
    ----------
    Meijster, Roerdink and Hesselink 2000, A general algorithm for computing distance transforms in linear time.
    """
    gap = _down_columns(sources, math.isqrt(reach2))
    return np.asarray(_along_rows(gap, reach2))


def _down_columns(sources: NDArray[np.bool_], reach: int) -> NDArray[np.int32]:
    """Rows to the nearest source of the same column; ``reach`` + 1 for farther."""
    out = np.where(sources, np.int32(0), np.int32(reach + 1))
    for rows in (out, out[::-1]):
        for i in range(1, len(rows)):
            np.minimum(rows[i], rows[i - 1] + np.int32(1), out=rows[i])
    return out


@njit(cache=True, nogil=True)
def _along_rows(gap: Any, reach2: int) -> Any:
    """The least of (j - v)^2 + gap[v]^2 over all columns v of a row; ``reach2`` + 1 for farther."""
    rows, columns = gap.shape
    far = reach2 + 1
    out = np.empty((rows, columns), dtype=np.int32)
    for i in range(rows):
        at = np.empty(columns, dtype=np.int64)  # columns whose parabola is lowest somewhere
        begins = np.empty(columns, dtype=np.int64)  # and the first column where it is
        count = 0
        for v in range(columns):
            height = np.int64(gap[i, v]) ** 2
            if height > reach2:
                continue
            start = np.int64(0)
            # a parabola that is overtaken before the column where it begins is lowest nowhere, and goes
            while count > 0:
                u = at[count - 1]
                # the first column where v is lower than u
                start = (v * v - u * u + height - np.int64(gap[i, u]) ** 2) // (2 * (v - u)) + 1
                if start > begins[count - 1]:
                    break
                count -= 1
            if count == 0:
                start = np.int64(0)
            if start < columns:
                at[count], begins[count] = v, start
                count += 1
        for n in range(count):
            v = at[n]
            height = np.int64(gap[i, v]) ** 2
            end = begins[n + 1] if n + 1 < count else columns
            for j in range(begins[n], end):
                out[i, j] = min((j - v) * (j - v) + height, far)
        if count == 0:
            out[i, :] = far
    return out
