"""Compressed sparse rows: entries of row i are ``start[i]:start[i+1]`` of parallel arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def row_starts(counts: ArrayLike) -> NDArray[np.int32]:
    """The first entry of each row from the number of entries in it; one more at the end, the number of all.

    Parameters
    ----------
    counts
        (rows,) entries of each row.

    Returns
    -------
    numpy.ndarray
        (rows + 1,) int32.

    Examples
    --------
    >>> row_starts([2, 0, 1]).tolist()
    [0, 2, 2, 3]
    """
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def least_of_pairs(row: NDArray[Any], column: NDArray[Any], value: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Row, column and value of entries in order of row and column; of several with the same two the least value.

    Parameters
    ----------
    row
        (entries,) integers.
    column
        (entries,) integers.
    value
        (entries,) numbers.

    Returns
    -------
    tuple of numpy.ndarray
        Row, column and value, (pairs,) each.

    Examples
    --------
    >>> [v.tolist() for v in least_of_pairs(np.array([0, 0]), np.array([1, 1]), np.array([5.0, 3.0]))]
    [[0], [1], [3.0]]
    """
    order = np.lexsort((value, column, row))
    row, column, value = row[order], column[order], value[order]
    first = np.ones(row.size, dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    return row[first], column[first], value[first]
