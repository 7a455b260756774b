"""Values and the people who have them, read and checked together: what measures of equity and poverty start from.

Everyone in a place has the same. Places without people do not count and may have no value. Two Series are matched by
their index. Each function raises :class:`corridor.core.errors.CorridorError` with every problem found, those already in
`inputs` among them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.access.measures.matrix import Inputs
from corridor.core.arrays import F64, I64


def read(values: ArrayLike, population: ArrayLike, inputs: Inputs | None = None) -> tuple[F64, F64]:
    """Value and people of each place where people live.

    Parameters
    ----------
    values
        One finite value of 0 or more for each place.
    population
        People of each place.
    inputs
        Problems found before, to be raised with those found here.

    Returns
    -------
    values, people
        Shape (places with people,) each.
    """
    inputs = Inputs() if inputs is None else inputs
    x, p, _ = collect(inputs, values, population)
    inputs.raise_all()
    return x[p > 0], p[p > 0]


def read_ranked(values: ArrayLike, population: ArrayLike, rank_by: ArrayLike) -> tuple[F64, F64, F64]:
    """Value, people and living standard of each place where people live.

    Parameters
    ----------
    values, population
        As for :func:`read`.
    rank_by
        The living standard of each place, such as mean income; 0 or more.

    Returns
    -------
    values, people, standing
        Shape (places with people,) each.
    """
    inputs = Inputs()
    x, p, index = collect(inputs, values, population)
    standing = inputs.quantities(rank_by, "rank_by", index, x.size, p > 0) if x.size else x
    inputs.raise_all()
    return x[p > 0], p[p > 0], standing[p > 0]


def read_groups(
    values: ArrayLike, population: ArrayLike, groups: ArrayLike, inputs: Inputs | None = None
) -> tuple[F64, F64, I64, NDArray[np.object_]]:
    """Value, people and group of each place where people live.

    Parameters
    ----------
    values, population, inputs
        As for :func:`read`.
    groups
        The name of each place's group.

    Returns
    -------
    values, people, code, names
        Shape (places with people,) each but for the names, which are sorted; `code` is a position among them.
    """
    inputs = Inputs() if inputs is None else inputs
    x, p, index = collect(inputs, values, population)
    labels = inputs.labels(groups, "groups", index, x.size)
    inputs.raise_all()
    code, names = pd.factorize(labels[p > 0], sort=True)
    return x[p > 0], p[p > 0], code, names


def collect(
    inputs: Inputs, values: ArrayLike, population: ArrayLike, where: str = "values"
) -> tuple[F64, F64, pd.Index | None]:
    """Values and population of all places; problems go to `inputs`, and nothing is raised.

    Parameters
    ----------
    inputs
        Collects what is wrong.
    values, population
        As for :func:`read`; a population in a Series is put in the order of `values`, if that is one too.
    where
        What `values` are called in messages.

    Returns
    -------
    values, people, names
        Of all places, in the order of `values`; names are None where they have none.
    """
    index = values.index if isinstance(values, pd.Series) else None
    if index is not None and index.has_duplicates:
        inputs.add(where, "names repeat", "one value for each place")
        return np.zeros(0), np.zeros(0), None
    length = np.shape(values)[0] if np.ndim(values) == 1 else None
    p = inputs.quantities(population, "population", index, length)
    x = inputs.quantities(values, where, needed=None if inputs else p > 0)
    if p.size and not inputs and p.sum() == 0:
        inputs.add("population", "is 0 everywhere", "people somewhere")
    return x, p, index
