"""Values and the people who have them, read and checked together: what measures of equity and poverty start from.

Everyone in a place has the same. Places without people do not count and may have no value. Two Series are matched by
their index. Each function raises :class:`corridor.core.errors.CorridorError` with every problem found, those already in `checks`
among them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.access.measures.matrix import F64, Checks


def read(values: ArrayLike, population: ArrayLike, checks: Checks | None = None) -> tuple[F64, F64]:
    """Value and people of each place where people live."""
    checks = checks or Checks()
    x, p, _ = collect(checks, values, population)
    checks.done()
    return x[p > 0], p[p > 0]


def read_ranked(values: ArrayLike, population: ArrayLike, rank_by: ArrayLike) -> tuple[F64, F64, F64]:
    """Value, people and living standard of each place where people live."""
    checks = Checks()
    x, p, index = collect(checks, values, population)
    standing = checks.quantities(rank_by, "rank_by", index, x.size, p > 0) if x.size else x
    checks.done()
    return x[p > 0], p[p > 0], standing[p > 0]


def read_groups(
    values: ArrayLike, population: ArrayLike, groups: ArrayLike, checks: Checks | None = None
) -> tuple[F64, F64, NDArray[np.object_]]:
    """Value, people and group of each place where people live."""
    checks = checks or Checks()
    x, p, index = collect(checks, values, population)
    names = checks.labels(groups, "groups", index, x.size)
    checks.done()
    return x[p > 0], p[p > 0], names[p > 0]


def collect(
    checks: Checks, values: ArrayLike, population: ArrayLike, where: str = "values"
) -> tuple[F64, F64, pd.Index | None]:
    """Values and population of all places in the order of `values`, with the names of the places where they have any."""
    index = values.index if isinstance(values, pd.Series) else None
    if index is not None and index.has_duplicates:
        checks.add(where, "names repeat", "one value for each place")
        return np.zeros(0), np.zeros(0), None
    length = np.shape(values)[0] if np.ndim(values) == 1 else None
    p = checks.quantities(population, "population", index, length)
    x = checks.quantities(values, where, needed=None if checks.problems else p > 0)
    if p.size and not checks.problems and p.sum() == 0:
        checks.add("population", "is 0 everywhere", "people somewhere")
    return x, p, index
