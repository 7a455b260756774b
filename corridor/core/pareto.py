"""The Pareto rule: who is no worse in anything and better in something."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIGITS = 9
"""Values that agree to so many decimal places are equal: what is left is rounding."""


def dominates(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n, n): whether the row's alternative dominates the column's. `values` (n, criterion): more is better.

    It does where it is no worse on every criterion and better on one. Equal alternatives do not dominate each other.
    """
    level = np.asarray(values, dtype=float).round(DIGITS)
    no_worse = (level[:, None, :] >= level[None, :, :]).all(axis=2)
    better = (level[:, None, :] > level[None, :, :]).any(axis=2)
    return np.asarray(no_worse & better)
