"""The tables of money, carbon and ecosystems of a comparison, as one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from corridor.schema.text import Text
from corridor.study.appraisal.benefit import Horizon


@dataclass(frozen=True)
class Appraisal:
    """Screening ranges of all scenarios of a comparison against its reference. Costs in HKD bn of `price_year`."""

    items: pd.DataFrame
    """scenario_id, line_id, added (beyond the reference), item, unit, quantity, low, central, high (before overrun)."""
    cost: pd.DataFrame
    """scenario_id, scope (``added`` beyond the reference, ``all`` works), overrun (whether it is in), low, central, high."""
    price_year: int
    overrun: tuple[float, float, float]
    """Share added to the low, central and high cost."""
    benefit_cost: pd.DataFrame
    """:data:`corridor.study.appraisal.benefit.COLUMNS`; no rows where demand is not modelled."""
    rates: Mapping[str, Text]
    """Names of discount rates, with their sources, by rate_id."""
    horizon: Horizon
    """Years of works and of operation."""
    funding: pd.DataFrame
    """:data:`corridor.study.appraisal.funding.COLUMNS`, for the lines that some scenario builds."""
    carbon: pd.DataFrame
    """:data:`corridor.study.appraisal.carbon.COLUMNS`."""
    account: pd.DataFrame
    """scenario_id, side, habitat_id and the columns of :func:`corridor.ecology.appraisal.account.ecological_account`."""
    ecosystem_values: pd.DataFrame
    """scenario_id and the columns of :func:`corridor.study.appraisal.account.valued`."""
    calibrations: Mapping[str, Text]
    """Names of the calibrations of `ecosystem_values` by id."""
    checks: pd.DataFrame
    """project_id, names, low, central, high (before overrun), published_hkd_bn, price_year, comparable, source, notes."""

    def cost_of(self, scenario_id: str, scope: str = "added", overrun: bool = True) -> pd.Series:
        """The cost of a scenario.

        Parameters
        ----------
        scenario_id
            A scenario of the comparison.
        scope
            ``added`` beyond the reference, or ``all`` its works.
        overrun
            Whether it is in.

        Returns
        -------
        pandas.Series
            low, central, high, HKD bn.
        """
        of = self.cost
        rows = of[(of["scenario_id"] == scenario_id) & (of["scope"] == scope) & (of["overrun"] == overrun)]
        return rows.iloc[0][["low", "central", "high"]].astype(float)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by the names of their files."""
        return {
            "cost_items": self.items,
            "cost": self.cost,
            "benefit_cost": self.benefit_cost,
            "funding": self.funding,
            "carbon": self.carbon,
            "ecological_account": self.account,
            "ecosystem_value": self.ecosystem_values,
            "cost_checks": self.checks,
        }
