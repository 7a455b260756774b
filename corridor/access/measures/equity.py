"""How evenly access is spread over people: Gini, Palma, Theil T, concentration index, whole and by group.

`values` is what each place has (access, or minutes) and `population` its people; everyone in a place has the same. All
measures are without unit and do not change when all values or all populations are multiplied by one number. Places
without people do not count. A missing or infinite value where people live is an error, since leaving it out would
flatter the result. The result is NaN where the mean is 0. Two Series are matched by their index.

Some measures rank people by `values` themselves and show how unequal access is. Others rank them by `rank_by`, the living
standard of their place (its income, say), and show whom the inequality favours. Places of equal rank count as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.matrix import Inputs
from corridor.access.measures.population import collect, read, read_groups, read_ranked
from corridor.core.arrays import F64

RICHEST, POOREST = 0.1, 0.4


@dataclass(frozen=True, eq=False)
class TheilParts:
    """Theil's T and its parts: ``total = between + within``."""

    total: float
    """Theil's T over all people, without unit."""
    between: float
    """What would remain if everyone had the mean of the group."""
    within: float
    """What arises inside the groups."""
    groups: pd.DataFrame
    """By group: population, mean, share (of all access), theil_t (inside the group), contribution (to `within`)."""


def gini(values: ArrayLike, population: ArrayLike) -> float:
    """Gini coefficient of access over people.

    ``G = sum_i sum_j p_i p_j |x_i - x_j| / (2 mean P^2)``, computed as 1 less twice the area under the Lorenz curve.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place, finite and 0 or more; a Series is matched to `values` by index.

    Returns
    -------
    float
        From 0 (all have the same) to just below 1 (one person has all), without unit; NaN where the mean is 0.

    Raises
    ------
    CorridorError
        With every problem found: shapes that differ, missing, negative or infinite values, nobody anywhere.

    References
    ----------
    Gini 1912, Variabilità e mutabilità. For public transport: Delbosc and Currie 2011, Using Lorenz curves to assess public
    transport equity, Journal of Transport Geography 19(6).

    Examples
    --------
    >>> gini([0, 100], [1, 1])
    0.5
    >>> gini([100, 100], [5, 20])
    0.0
    """
    return _gini(*read(values, population))


def palma(values: ArrayLike, population: ArrayLike) -> float:
    """Palma ratio: the share of all access held by the 10 % of people with most, over that of the 40 % with least.

    People are ranked by `values` themselves, not by income: see :func:`palma_by_income`. A place across the limit of a group
    counts in part.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.

    Returns
    -------
    float
        0.25 where all have the same, infinite where the 40 % have nothing, NaN where nobody has anything; without unit.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`.

    References
    ----------
    Palma 2011, Homogeneous middles vs. heterogeneous tails, Development and Change 42(1). Cobham and Sumner 2013, Is it all
    about the tails? The Palma measure of income inequality, CGD Working Paper 343.

    Examples
    --------
    >>> round(palma([10, 10], [40, 60]), 2)
    0.25
    """
    return _palma(*read(values, population))


def palma_by_income(values: ArrayLike, population: ArrayLike, rank_by: ArrayLike) -> float:
    """Mean access of the 10 % of people in the richest places, over the mean of the 40 % in the poorest.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    rank_by : array_like, shape (places,)
        Income of each place per person or per household, never the total of a place. Places of equal income count alike;
        those across the limit of a group count in part.

    Returns
    -------
    float
        1 where all have the same, above 1 where the rich have more; infinite where only the poor have none, NaN where
        neither have any; without unit.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`.

    References
    ----------
    Pritchard, Tomasiello, Giannotti and Geurs 2019, Potential impacts of bike-and-ride on job accessibility and spatial equity
    in São Paulo, Brazil, Transportation Research Part A 121; after Palma 2011.
    """
    return _tails(*read_ranked(values, population, rank_by)) * POOREST / RICHEST


def theil(values: ArrayLike, population: ArrayLike) -> float:
    """Theil's T of access over people: ``sum_i (p_i / P) (x_i / mean) ln(x_i / mean)``, with ``0 ln 0 = 0``.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.

    Returns
    -------
    float
        From 0 (all have the same) to ln P, without unit; NaN where the mean is 0.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`.

    References
    ----------
    Theil 1967, Economics and Information Theory.
    """
    return _theil(*read(values, population))


def theil_by_group(values: ArrayLike, population: ArrayLike, groups: ArrayLike) -> TheilParts:
    """Theil's T between and within groups (districts, sides of the boundary, income groups).

    ``T = sum_g s_g ln(m_g / m) + sum_g s_g T_g``, with s_g the group's share of all access and m_g its mean.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    groups : array_like, shape (places,)
        The group of each place, by any label; see :func:`quantile_groups` for groups by income.

    Returns
    -------
    TheilParts
        Total, between, within, and a table by group.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`, or a place without a group.

    References
    ----------
    Theil 1967, Economics and Information Theory. Shorrocks 1980, The class of additively decomposable inequality measures,
    Econometrica 48(3).

    Examples
    --------
    >>> parts = theil_by_group([10, 10, 30, 30], [1, 1, 1, 1], ["a", "a", "b", "b"])
    >>> round(parts.between, 3), parts.within
    (0.131, 0.0)
    """
    x, p, code, found = read_groups(values, population, groups)
    people, total = np.bincount(code, p), np.bincount(code, p * x)
    mean = total / people
    share = total / total.sum() if total.sum() > 0 else np.full(len(found), np.nan)
    inside = np.array([_theil(x[code == g], p[code == g]) for g in range(len(found))])
    contribution = np.where(share == 0, 0.0, share * inside)
    ratio = np.divide(mean, total.sum() / people.sum(), out=np.ones_like(mean), where=mean > 0)
    table = pd.DataFrame(
        {"population": people, "mean": mean, "share": share, "theil_t": inside, "contribution": contribution},
        index=pd.Index(found, name="group"),
    )
    return TheilParts(
        total=_theil(x, p),
        between=float((share * np.log(ratio)).sum()),
        within=float(contribution.sum()),
        groups=table,
    )


def concentration(values: ArrayLike, population: ArrayLike, rank_by: ArrayLike) -> float:
    """Concentration index: whether those who rank low or those who rank high have more access.

    ``C = 2 / mean * cov(x, r)``, r the share of people who rank lower plus half of those who rank the same; computed as 1
    less twice the area under the concentration curve. Ranked by `values` itself it is the Gini coefficient.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    rank_by : array_like, shape (places,)
        Living standard of each place (income).

    Returns
    -------
    float
        From -1 to 1, without unit: below 0 the poor have more, above 0 the rich. NaN where the mean is 0.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`.

    References
    ----------
    Kakwani, Wagstaff and van Doorslaer 1997, Socioeconomic inequalities in health: measurement, computation, and statistical
    inference, Journal of Econometrics 77(1).

    Examples
    --------
    >>> concentration([100, 0], [1, 1], rank_by=[1, 2])
    -0.5
    """
    return _concentration(*read_ranked(values, population, rank_by))


def corrected_concentration(
    values: ArrayLike, population: ArrayLike, rank_by: ArrayLike, lower: float, upper: float
) -> float:
    """Concentration index of a bounded value: ``E = 4 mean C / (upper - lower)``, C as :func:`concentration`.

    Unlike C it gives the same answer for what people reach and for what they do not: ``lower + upper - x`` gives -E.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, from `lower` to `upper`.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    rank_by : array_like, shape (places,)
        Living standard of each place (income).
    lower, upper : float
        The least and the most a place could have (0 and all jobs of the region, say), in the unit of the values.

    Returns
    -------
    float
        From -1 to 1, without unit; 0 where all places are at 0.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`, values out of bounds, or bounds that are not finite and rising.

    References
    ----------
    Erreygers 2009, Correcting the concentration index, Journal of Health Economics 28(2).
    """
    x, p, standing = read_ranked(values, population, rank_by)
    inputs = Inputs()
    if not (np.isfinite([lower, upper]).all() and lower < upper):
        inputs.add("lower, upper", f"are {lower:g} and {upper:g}", "two finite numbers, lower below upper")
    elif x.min() < lower or x.max() > upper:
        inputs.add("values", f"are from {x.min():g} to {x.max():g}", f"values from {lower:g} to {upper:g}")
    inputs.raise_all()
    if x.max() == 0:
        return 0.0  # all at the lower bound
    return 4 * float(np.average(x, weights=p)) / (upper - lower) * _concentration(x, p, standing)


def quantile_groups(rank_by: ArrayLike, population: ArrayLike, count: int) -> pd.Series:
    """The group of each place when people are divided into equal groups by living standard.

    Places of equal standing are never split: they belong to the group of the person in their middle, so groups are only as
    equal as places allow. For :func:`theil_by_group`, :func:`spread` and
    :func:`corridor.access.measures.poverty.poverty_by_group`.

    Parameters
    ----------
    rank_by : array_like, shape (places,)
        Living standard of each place (income).
    population : array_like, shape (places,)
        People of each place; a Series is matched to `rank_by` by index.
    count : int
        How many groups, 1 or more.

    Returns
    -------
    Series
        From 1 (lowest) to `count` for each place; 0 where nobody lives.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`, or a count that is no whole number of 1 or more.

    Examples
    --------
    >>> quantile_groups([10, 20, 30, 40], [5, 5, 5, 5], count=2).tolist()
    [1, 1, 2, 2]
    """
    inputs = Inputs()
    standing, p, index = collect(inputs, rank_by, population, "rank_by")
    if count < 1 or count != int(count):
        inputs.add("count", f"is {count}", "a whole number of 1 or more")
    inputs.raise_all()
    _, code = np.unique(standing, return_inverse=True)
    people = np.bincount(code, p)
    middle = (np.cumsum(people) - people / 2) / people.sum()
    group = np.minimum(np.floor(middle * count), count - 1).astype(np.int64)[code] + 1
    return pd.Series(np.where(p > 0, group, 0), index=index, name="group")


def spread(values: ArrayLike, population: ArrayLike, groups: ArrayLike) -> pd.DataFrame:
    """Equity inside each group (a district, say) and over all.

    Parameters
    ----------
    values : array_like, shape (places,)
        Access of each place, finite and 0 or more.
    population : array_like, shape (places,)
        People of each place; a Series is matched to `values` by index.
    groups : array_like, shape (places,)
        The group of each place.

    Returns
    -------
    DataFrame
        A row for each group in order of name, then the row "all": population (people), mean (unit of the values, weighted by
        people), gini, palma and theil_t.

    Raises
    ------
    CorridorError
        With every problem found, as :func:`gini`, or a place without a group.
    """
    x, p, code, found = read_groups(values, population, groups)
    parts = [*((name, code == k) for k, name in enumerate(found)), ("all", np.ones(x.size, dtype=bool))]
    measures: dict[str, Callable[[F64, F64], float]] = {"gini": _gini, "palma": _palma, "theil_t": _theil}
    rows = [
        {"population": p[k].sum(), "mean": np.average(x[k], weights=p[k])}
        | {name: measure(x[k], p[k]) for name, measure in measures.items()}
        for _, k in parts
    ]
    return pd.DataFrame(rows, index=pd.Index([name for name, _ in parts], name="group"))


def _lorenz(x: F64, p: F64, standing: F64) -> tuple[F64, F64]:
    """Shares of people, lowest standing first, and of what they hold, both from 0 to 1; equal standings are one step."""
    _, code = np.unique(standing, return_inverse=True)
    people, held = np.cumsum(np.bincount(code, p)), np.cumsum(np.bincount(code, p * x))
    return np.concatenate([[0.0], people / people[-1]]), np.concatenate([[0.0], held / held[-1]])


def _concentration(x: F64, p: F64, standing: F64) -> float:
    if x.max() == 0:
        return float("nan")
    people, held = _lorenz(x, p, standing)
    return float(1.0 - (np.diff(people) * (held[1:] + held[:-1])).sum())


def _gini(x: F64, p: F64) -> float:
    return max(0.0, _concentration(x, p, x)) if x.max() > 0 else float("nan")


def _tails(x: F64, p: F64, standing: F64) -> float:
    """Share held by the tenth of people of the highest standing, over that of the 40 % of the lowest."""
    if x.max() == 0:
        return float("nan")
    people, held = _lorenz(x, p, standing)
    least, rest = np.interp([POOREST, 1 - RICHEST], people, held)
    if least > 0:
        return float((1 - rest) / least)
    return float("inf") if rest < 1 else float("nan")


def _palma(x: F64, p: F64) -> float:
    return _tails(x, p, x)


def _theil(x: F64, p: F64) -> float:
    if x.max() == 0:
        return float("nan")
    ratio = x / np.average(x, weights=p)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    return float(max(0.0, np.average(ratio * logs, weights=p)))
