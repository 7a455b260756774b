"""One ecological account for all sides of a boundary: hectares and condition before and after, and three published values.

Extent is hectares of habitat; condition is the mean habitat quality of a hectare, 0 to 1 (docs/habitat_quality.md); both before
and after the works of a scenario. The value of ecosystems is extent times a unit value a year by published calibrations side by
side. They differ eightfold for wetland, so hectares come first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from corridor.ecology.appraisal.account import AREAS
from corridor.ecology.quality.quality import ELSEWHERE as ELSEWHERE


def summed(account: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sum the account and give its condition.

    Parameters
    ----------
    account
        The columns of :func:`corridor.ecology.appraisal.account.ecological_account`, and scenario_id.
    by
        Columns to keep, such as side, or scenario_id and habitat_id.

    Returns
    -------
    pandas.DataFrame
        `by`, then area_ha, taken_ha, left_ha, condition_before, condition_after, quality_lost_ha. NaN conditions where quality is
        not worked out.
    """
    sums = account.groupby(by, sort=False)[AREAS].sum(min_count=1).reset_index()
    left = sums["area_ha"] - sums["taken_ha"]
    return sums[by].assign(
        area_ha=sums["area_ha"], taken_ha=sums["taken_ha"], left_ha=left,
        condition_before=_mean(sums["quality_before_ha"], sums["area_ha"]),
        condition_after=_mean(sums["quality_after_ha"], left),
        quality_lost_ha=sums["quality_before_ha"] - sums["quality_after_ha"],
    )  # fmt: skip


def _mean(total: pd.Series, area_ha: pd.Series) -> pd.Series:
    return (total / area_ha.where(area_ha > 0)).astype(float)


def valued(account: pd.DataFrame, values: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The value of the ecosystems of an account, by each calibration.

    Parameters
    ----------
    account
        As for :func:`summed`.
    values
        calibration, habitat_id, cny_per_ha_year.
    by
        Columns to keep beside the calibration.

    Returns
    -------
    pandas.DataFrame
        calibration, `by`, before_cny_m, after_cny_m, change_cny_m (millions a year), assessed_ha and not_assessed_ha: hectares of
        habitats that have a value in that calibration, and of those that have none.
    """
    found = []
    for calibration, own in values.groupby("calibration", sort=False):
        rate = account["habitat_id"].map(own.set_index("habitat_id")["cny_per_ha_year"]).to_numpy(float)
        known, area = np.isfinite(rate), account["area_ha"].to_numpy(float)
        left, worth = area - account["taken_ha"].to_numpy(float), np.where(known, rate, 0.0) / 1e6
        columns = {
            "before_cny_m": area * worth, "after_cny_m": left * worth, "change_cny_m": (left - area) * worth,
            "assessed_ha": np.where(known, area, 0.0), "not_assessed_ha": np.where(known, 0.0, area),
        }  # fmt: skip
        sums = account[by].assign(**columns).groupby(by, sort=False)[list(columns)].sum().reset_index()
        sums.insert(0, "calibration", calibration)
        found.append(sums)
    return pd.concat(found, ignore_index=True)
