"""What travellers save over the years against what the works cost, as ranges at several discount rates.

The benefit is the equivalent hours of cross-boundary travellers alone, at values of time from low to high. Left out are trips
within one side, operation and renewal, trains, fares (which move money between travellers and operators), land, port halls,
wider economic effects, accidents, noise, emissions and nature, and growth of demand and of wages after the year of the land
state. So a ratio here is not the benefit-cost ratio of a line: it says how much of its cost these travellers would repay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.schema.rows import row_name, rows_of
from corridor.schema.tables import CASES
from corridor.schema.text import Text

BN = 1e9
COLUMNS = (
    "scenario_id", "land_state", "rate_id",
    *(f"{name}_{case}" for name in ("benefit", "cost") for case in CASES),
    "ratio_low", "ratio_high", "break_even_h_low", "break_even_h_high",
)  # fmt: skip


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


def yearly_benefit(saved: pd.DataFrame, worth: pd.DataFrame, days: float) -> pd.Series:
    """The worth of a year's savings.

    Parameters
    ----------
    saved
        group, saved_h (equivalent hours a day), saved_hkd (a day, at the values of time of the demand model).
    worth
        Index group; low and high value of time, HKD an hour.
    days
        Days of a year.

    Returns
    -------
    pandas.Series
        low, central, high in HKD bn a year, in rising order: what is lost at a high value of time is the low end.

    Examples
    --------
    >>> saved = pd.DataFrame({"group": ["visitors"], "saved_h": [1000.0], "saved_hkd": [60_000.0]})
    >>> worth = pd.DataFrame({"low": [40.0], "high": [132.0]}, index=["visitors"])
    >>> yearly_benefit(saved, worth, 365).round(4).tolist()
    [0.0146, 0.0219, 0.0482]
    """
    hours, own = saved["saved_h"].to_numpy(float), worth.loc[saved["group"]]
    ends = [float((hours * own[end].to_numpy(float)).sum()) for end in ("low", "high")]
    daily = sorted([*ends, float(saved["saved_hkd"].sum())])
    return pd.Series(daily, index=list(CASES)) * days / BN


def benefit_cost(
    cost: pd.DataFrame,
    benefits: Mapping[tuple[str, str], pd.Series],
    rates: Sequence[DiscountRate],
    horizon: Horizon,
    value_of_time: tuple[float, float],
    days: float,
) -> pd.DataFrame:
    """Present values of costs and of benefits by scenario, land state and discount rate.

    Parameters
    ----------
    cost
        Index scenario_id: low (before overrun), central and high (with it) of the works beyond the reference, HKD bn.
    benefits
        :func:`yearly_benefit` by land state and scenario_id.
    rates, horizon
        Discount rates, and years of works and of operation. Year 0 is that of the first cost.
    value_of_time
        Lowest and highest mean value of time, HKD an hour, for the hours at which benefit and cost are equal.
    days
        Days of a year.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`. `ratio_low` is the low benefit over the high cost, `ratio_high` the high one over the low cost; NaN
        where a scenario has no works beyond the reference. `break_even_h` are equivalent hours a day.
    """
    rows = []
    for (state, scenario_id), yearly in benefits.items():
        whole = cost.loc[scenario_id, list(CASES)].astype(float)
        for rate in rates:
            benefit = yearly * horizon.benefit_factor(rate)
            spent = whole * horizon.cost_factor(rate)
            needed = spent / horizon.benefit_factor(rate) * BN / days
            works = spent["low"] > 0
            rows.append((
                scenario_id, state, rate.rate_id, *benefit, *spent,
                _over(benefit["low"], spent) if works else np.nan, _over(benefit["high"], spent, best=True) if works else np.nan,
                needed["low"] / value_of_time[1] if works else np.nan, needed["high"] / value_of_time[0] if works else np.nan,
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _over(benefit: float, cost: pd.Series, best: bool = False) -> float:
    """The worst or the best ratio: a loss is worst over the low cost."""
    ratios = [benefit / float(cost[end]) for end in ("low", "high")]
    return max(ratios) if best else min(ratios)
