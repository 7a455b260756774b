"""How evenly access is spread over people: Gini, Palma, Theil T, concentration index, whole and by group.

`values` is what each place has (access, or minutes), `population` its people: everyone in a place has the same. All
measures have no unit and do not change when values or population are all multiplied by one number. Places without people do not
count. A missing or infinite value where people live is an error, since leaving it out would flatter the result. Where
the mean is 0 there is nothing to spread and the result is NaN. Two Series are matched by their index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.access.matrix import F64, Checks

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
    x, p = _read(values, population)
    return _gini(x, p)


def palma(values: ArrayLike, population: ArrayLike) -> float:
    """Share of all access that the tenth of people with most hold, over that of the 40 % with least.

    0.25 where all have the same; infinite where the 40 % have nothing. A place that stands across a limit counts in
    part. People are ranked by `values` themselves, not by income. Palma 2011; Cobham and Sumner 2013.
    """
    x, p = _read(values, population)
    return _palma(x, p)


def theil(values: ArrayLike, population: ArrayLike) -> float:
    """Theil's T: ``sum_i (p_i / P) (x_i / mean) ln(x_i / mean)``, 0 (all the same) to ln P; ``0 ln 0 = 0``. Theil 1967."""
    x, p = _read(values, population)
    return _theil(x, p)


def theil_by_group(values: ArrayLike, population: ArrayLike, groups: ArrayLike) -> TheilParts:
    """Theil's T between and within groups (districts, sides, incomes).

    ``T = sum_g s_g ln(m_g / m) + sum_g s_g T_g``, with s_g the group's share of all access and m_g its mean.
    Theil 1967; Shorrocks 1980.
    """
    x, p, names = _read_groups(values, population, groups)
    code, found = pd.factorize(names, sort=True)
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
    """Concentration index, -1 to 1: below 0 access lies with those who rank low (the poor), above 0 with the high.

    ``C = 2 / mean * cov(x, r)``, r the share of people who rank lower, plus half of those who rank the same. `rank_by`
    is the living standard of each place (income). Ranked by `values` itself it is the Gini coefficient.
    Kakwani, Wagstaff and van Doorslaer 1997.
    """
    checks = Checks()
    x, p, index = _collect(checks, values, population)
    standing = checks.quantities(rank_by, "rank_by", index, x.size) if x.size else x
    checks.done()
    lives = p > 0
    x, p, standing = x[lives], p[lives], standing[lives]
    mean = float(np.average(x, weights=p))
    if mean == 0:
        return float("nan")
    _, code = np.unique(standing, return_inverse=True)
    people = np.bincount(code, p)
    rank = ((np.cumsum(people) - people / 2) / people.sum())[code]
    return float(2 / mean * np.average((x - mean) * (rank - 0.5), weights=p))


def spread(values: ArrayLike, population: ArrayLike, groups: ArrayLike) -> pd.DataFrame:
    """Equity inside each group (a district, say) and over all: population, mean, gini, palma, theil_t.

    A row for each group in order of name, then the row "all". `mean` is in the unit of the values, weighted by people.
    """
    x, p, names = _read_groups(values, population, groups)
    code, found = pd.factorize(names, sort=True)
    parts = [*((name, code == k) for k, name in enumerate(found)), ("all", np.ones(x.size, dtype=bool))]
    measures: dict[str, Callable[[F64, F64], float]] = {"gini": _gini, "palma": _palma, "theil_t": _theil}
    rows = [
        {"population": p[k].sum(), "mean": np.average(x[k], weights=p[k])}
        | {name: measure(x[k], p[k]) for name, measure in measures.items()}
        for _, k in parts
    ]
    return pd.DataFrame(rows, index=pd.Index([name for name, _ in parts], name="group"))


def _collect(checks: Checks, values: ArrayLike, population: ArrayLike) -> tuple[F64, F64, pd.Index | None]:
    """Values and population in one order; a value where nobody lives may be missing."""
    index = values.index if isinstance(values, pd.Series) else None
    if index is not None and index.has_duplicates:
        checks.add("values", "names repeat", "one value for each place")
        return np.zeros(0), np.zeros(0), None
    length = np.shape(values)[0] if np.ndim(values) == 1 else None
    p = checks.quantities(population, "population", index, length)
    raw = np.asarray(values)
    empty = p == 0 if raw.shape == p.shape and not checks.problems else np.zeros(raw.shape, dtype=bool)
    x = checks.quantities(np.where(empty, 0, raw), "values")
    if p.size and not checks.problems and p.sum() == 0:
        checks.add("population", "is 0 everywhere", "people somewhere")
    return x, p, index


def _read(values: ArrayLike, population: ArrayLike) -> tuple[F64, F64]:
    checks = Checks()
    x, p, _ = _collect(checks, values, population)
    checks.done()
    return x[p > 0], p[p > 0]


def _read_groups(
    values: ArrayLike, population: ArrayLike, groups: ArrayLike
) -> tuple[F64, F64, NDArray[np.object_]]:
    checks = Checks()
    x, p, index = _collect(checks, values, population)
    names = checks.labels(groups, "groups", index, x.size)
    checks.done()
    return x[p > 0], p[p > 0], names[p > 0]


def _lorenz(x: F64, p: F64) -> tuple[F64, F64]:
    """Shares of people, least first, and of what they hold, both from 0 to 1."""
    order = np.argsort(x, kind="stable")
    people, held = np.cumsum(p[order]), np.cumsum((p * x)[order])
    return np.concatenate([[0.0], people / people[-1]]), np.concatenate([[0.0], held / held[-1]])


def _gini(x: F64, p: F64) -> float:
    if x.max() == 0:
        return float("nan")
    people, held = _lorenz(x, p)
    return float(max(0.0, 1.0 - (np.diff(people) * (held[1:] + held[:-1])).sum()))


def _palma(x: F64, p: F64) -> float:
    if x.max() == 0:
        return float("nan")
    people, held = _lorenz(x, p)
    least, rest = np.interp([POOREST, 1 - RICHEST], people, held)
    return float((1 - rest) / least) if least > 0 else float("inf")


def _theil(x: F64, p: F64) -> float:
    if x.max() == 0:
        return float("nan")
    ratio = x / np.average(x, weights=p)
    logs = np.log(ratio, out=np.zeros_like(ratio), where=ratio > 0)
    return float(max(0.0, np.average(ratio * logs, weights=p)))
