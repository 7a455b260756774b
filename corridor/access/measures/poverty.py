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

from corridor.access.measures.matrix import F64, Inputs
from corridor.access.measures.population import read, read_groups


@dataclass(frozen=True)
class Poverty:
    """Access poverty of some people."""

    population: float
    poor: float
    """People below the line."""
    fgt0: float
    """Head count: the share of people below the line."""
    fgt1: float
    """Poverty gap: mean shortfall as a share of the line, 0 for people who are not poor."""
    fgt2: float
    """Severity: mean squared shortfall, so that the worst off count most."""


def poverty(values: ArrayLike, population: ArrayLike, line: float) -> Poverty:
    """Head count, gap and severity of access poverty; `line` in the unit of the values, above 0."""
    return _poverty(*read(values, population, _stated(line)), line)


def poverty_by_group(
    values: ArrayLike, population: ArrayLike, groups: ArrayLike, line: float
) -> pd.DataFrame:
    """Access poverty of each group (districts, incomes) and of all: population, poor, fgt0, fgt1, fgt2.

    A row for each group in order of name, then the row "all"; one `line` for all of them.
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
