"""The Pareto rule: who is no worse in anything and better in something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIGITS = 9
"""Values that agree to so many decimal places are equal: what is left is rounding."""


def dominates(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the alternative of the row dominates that of the column.

    Parameters
    ----------
    values
        (n, criteria); more is better. Differences below 1e-9 are rounding.

    Returns
    -------
    numpy.ndarray
        (n, n) booleans. True where it is no worse on every criterion and better on one; equal alternatives do not
        dominate each other.

    Examples
    --------
    >>> dominates(np.array([[2.0, 2.0], [1.0, 2.0], [3.0, 0.0]])).astype(int).tolist()
    [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    """
    level = np.asarray(values, dtype=float).round(DIGITS)
    no_worse = (level[:, None, :] >= level[None, :, :]).all(axis=2)
    better = (level[:, None, :] > level[None, :, :]).any(axis=2)
    return np.asarray(no_worse & better)
