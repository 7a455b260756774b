"""Access poverty: how many people have too little access, and how far they fall short (Foster, Greer, Thorbecke).

`values` is what each place has, where more is better (access, not minutes), `population` its people: everyone in a place
has the same. The poverty line is absolute and for the user to state, in the unit of the values: people below it are
poor, people exactly on it are not. Places without people do not count; a missing or infinite value where people live
is an error. Two Series are matched by their index.

``FGT_a = sum_i (p_i / P) ((z - x_i) / z)^a`` over places with ``x_i < z``, z the line. All are from 0 to 1, and that of
all people is the mean of the groups', weighted by their people. Foster, Greer and Thorbecke 1984.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.matrix import Inputs
from corridor.access.measures.population import read, read_groups
from corridor.core.arrays import F64


@dataclass(frozen=True)
class Poverty:
    """Access poverty of some people."""

    population: float
    """People."""
    poor: float
    """People below the line."""
    fgt0: float
    """Head count: the share of people below the line."""
    fgt1: float
    """Poverty gap: mean shortfall as a share of the line, 0 for people who are not poor."""
    fgt2: float
    """Severity: mean squared shortfall, so that the worst off count most."""


def poverty(values: ArrayLike, population: ArrayLike, line: float) -> Poverty:
    """Head count, gap and severity of access poverty (Foster-Greer-Thorbecke).

    ``FGT_a = sum_i (p_i / P) ((z - x_i) / z)^a`` over places with ``x_i < z``, z the line.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, where more is better (not minutes); finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    line : float
        The poverty line in the unit of the values, above 0. People exactly on it are not poor.

    Returns
    -------
    Poverty

    Raises
    ------
    CorridorError
        With every problem found: wrong shapes, missing, negative or infinite values, a line that is not above 0.

    References
    ----------
    Foster, Greer and Thorbecke 1984, A class of decomposable poverty measures, Econometrica 52(3).

    Examples
    --------
    >>> found = poverty([50, 100], [1, 3], line=100)
    >>> found.poor, found.fgt0, found.fgt1
    (1.0, 0.25, 0.125)
    """
    return _poverty(*read(values, population, _stated(line)), line)


def poverty_by_group(
    values: ArrayLike, population: ArrayLike, groups: ArrayLike, line: float
) -> pd.DataFrame:
    """Access poverty of each group (districts, income groups) and of all.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, where more is better; finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    groups : array_like, shape (places,)
        The group of each place.
    line : float
        One poverty line for all groups, in the unit of the values, above 0.

    Returns
    -------
    DataFrame
        A row for each group in order of name, then the row "all": population, poor, fgt0, fgt1, fgt2. The values of all are
        the mean of the groups', weighted by their people.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`poverty`, or a place without a group.
    """
    x, p, code, names = read_groups(values, population, groups, _stated(line))
    rows = [*(_poverty(x[code == k], p[code == k], line) for k in range(len(names))), _poverty(x, p, line)]
    return pd.DataFrame(rows, index=pd.Index([*names, "all"], name="group"))


def _stated(line: float) -> Inputs:
    inputs = Inputs()
    inputs.positive(line=line)
    return inputs


def _poverty(x: F64, p: F64, line: float) -> Poverty:
    below = x < line
    short, people = 1 - x[below] / line, p[below]
    total = float(p.sum())
    fgt0, fgt1, fgt2 = (float((people * short**a).sum() / total) for a in range(3))
    return Poverty(total, float(people.sum()), fgt0, fgt1, fgt2)
