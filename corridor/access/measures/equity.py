"""How evenly access is spread over people: Gini, Palma, Theil T, concentration index, whole and by group.

`values` is what each place has (access, or minutes), `population` its people: everyone in a place has the same. All
measures have no unit and do not change when values or population are all multiplied by one number. Places without people do not
count. A missing or infinite value where people live is an error, since leaving it out would flatter the result. Where
the mean is 0 there is nothing to spread and the result is NaN. Two Series are matched by their index.

Some measures rank people by `values` themselves and show how unequal access is; others rank them by `rank_by`, the living
standard of their place (its income, say), and show whom inequality favours. Places of equal rank are treated as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from corridor.access.measures.matrix import F64, Inputs
from corridor.access.measures.population import collect, read, read_groups, read_ranked

RICHEST, POOREST = 0.1, 0.4


@dataclass(frozen=True, eq=False)
class TheilParts:
    """Theil T and its parts: ``total = between + within``."""

    total: float
    between: float
    """What is left if everyone had the mean of the group."""
    within: float
    groups: pd.DataFrame
    """By group: population, mean, share (of all access), theil_t (inside the group), contribution (to `within`)."""


def gini(values: ArrayLike, population: ArrayLike) -> float:
    """Gini coefficient, 0 (all the same) to just below 1 (one person has all).

    ``G = sum_i sum_j p_i p_j |x_i - x_j| / (2 mean P^2)``, worked out as 1 less twice the area under the Lorenz curve.
    Gini 1912; for public transport Delbosc and Currie 2011.
    """
    return _gini(*read(values, population))


def palma(values: ArrayLike, population: ArrayLike) -> float:
    """Share of all access that the tenth of people with most hold, over that of the 40 % with least.

    0.25 where all have the same; infinite where the 40 % have nothing. A place across a limit counts in
    part. People are ranked by `values` themselves, not by income (:func:`palma_by_income`). Palma 2011; Cobham and
    Sumner 2013.
    """
    return _palma(*read(values, population))


def palma_by_income(values: ArrayLike, population: ArrayLike, rank_by: ArrayLike) -> float:
    """Mean access of the 10 % of people in the richest places, over the mean of the 40 % in the poorest.

    1 where all have the same, above 1 where the rich have more; NaN where neither have any, infinite where only the poor
    have none. `rank_by` is the income of each place per person or per household, never the total of a place. Places of
    equal income count alike; those that span a limit count in part. Pritchard, Tomasiello, Giannotti and Geurs 2019, after
    Palma 2011.
    """
    return _tails(*read_ranked(values, population, rank_by)) * POOREST / RICHEST


def theil(values: ArrayLike, population: ArrayLike) -> float:
    """Theil's T: ``sum_i (p_i / P) (x_i / mean) ln(x_i / mean)``, 0 (all the same) to ln P; ``0 ln 0 = 0``. Theil 1967."""
    return _theil(*read(values, population))


def theil_by_group(values: ArrayLike, population: ArrayLike, groups: ArrayLike) -> TheilParts:
    """Theil's T between and within groups (districts, sides, incomes).

    ``T = sum_g s_g ln(m_g / m) + sum_g s_g T_g``, with s_g the group's share of all access and m_g its mean.
    Theil 1967; Shorrocks 1980.
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
    """Concentration index, -1 to 1: below 0 those who rank low (the poor) have more access, above 0 the high.

    ``C = 2 / mean * cov(x, r)``, r the share of people who rank lower, plus half of those who rank the same; worked out
    as 1 less twice the area under the concentration curve. `rank_by` is the living standard of each place (income).
    Ranked by `values` itself it is the Gini coefficient. Kakwani, Wagstaff and van Doorslaer 1997.
    """
    return _concentration(*read_ranked(values, population, rank_by))


def corrected_concentration(
    values: ArrayLike, population: ArrayLike, rank_by: ArrayLike, lower: float, upper: float
) -> float:
    """Concentration index of a bounded value, -1 to 1: ``E = 4 mean C / (upper - lower)``, C as :func:`concentration`.

    `lower` and `upper` are the least and the most a place could have (0 and all jobs of the region, say), in the unit of
    the values. Unlike C it gives the same answer for what people reach and for what they do not: ``lower + upper - x``
    gives -E. Erreygers 2009.
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
    """The group of each place when people are divided into `count` equal groups by living standard; 1 is the lowest.

    For :func:`theil_by_group`, :func:`spread` and :func:`corridor.access.measures.poverty.poverty_by_group`. Places of equal
    standing are never split: they belong to the group of the person in their middle, so groups are only as equal as places
    allow. 0 where nobody lives.
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
    """Equity inside each group (a district, say) and over all: population, mean, gini, palma, theil_t.

    A row for each group in order of name, then the row "all". `mean` is in the unit of the values, weighted by people.
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
