"""Discounting: present values of costs before opening and of equal benefits after it, at rates that may fall with time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.schema.rows import row_name, rows_of
from corridor.schema.text import Text


@dataclass(frozen=True)
class DiscountRate:
    """Real rates a year by the year from which they hold, counted from the first cost.

    Examples
    --------
    >>> rate = DiscountRate("flat", Text(en="flat"), ((0, 0.10),))
    >>> rate.factors(3).round(4).tolist()
    [1.0, 0.9091, 0.8264]
    """

    rate_id: str
    name: Text
    steps: tuple[tuple[int, float], ...]

    def factors(self, years: int) -> NDArray[np.float64]:
        """What one unit of money in each year from 0 is worth in year 0; a rate of year t carries from t - 1 to t.

        Parameters
        ----------
        years
            How many.

        Returns
        -------
        numpy.ndarray
            (years,), 1 in year 0.
        """
        starts = [start for start, _ in self.steps]
        rates = [self.steps[np.searchsorted(starts, year, side="right") - 1][1] for year in range(1, years)]
        return np.concatenate([[1.0], 1 / np.cumprod([1 + r for r in rates])])[:years]


@dataclass(frozen=True)
class Horizon:
    """Years of works, in which costs come in equal parts, and years of benefits after them."""

    works: int
    benefits: int

    def cost_factor(self, rate: DiscountRate) -> float:
        """The present value of one unit of cost, spread evenly over the years of works."""
        return float(rate.factors(self.works).mean())

    def benefit_factor(self, rate: DiscountRate) -> float:
        """The present value of one unit of benefit in each year of operation."""
        return float(rate.factors(self.works + self.benefits)[self.works :].sum())


def discount_rates(table: pd.DataFrame) -> Sequence[DiscountRate]:
    """The rates of a layer of role ``discount_rates``, in its order, each named with its source."""
    found = []
    for rate_id, rows in table.groupby("rate_id", sort=False):
        steps = sorted((int(row["from_year"]), float(row["rate"])) for row in rows_of(rows))
        first = next(rows_of(rows))
        name, source = row_name(first), f" [{first['source']}]"
        named = Text(
            en=name.en + source,
            zh_hant=(name.zh_hant or name.en) + source,
            zh_hans=(name.zh_hans or name.en) + source,
        )
        found.append(DiscountRate(str(rate_id), named, tuple(steps)))
    return found
