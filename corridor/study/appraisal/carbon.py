"""Carbon of construction beside the carbon of travel: what is built, what a year of travel saves, and when that makes good for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from corridor.schema.tables import CASES

COLUMNS = (
    "scenario_id", *(f"construction_{case}" for case in CASES), "not_assessed_km", "not_assessed_stations",
    "travel_saved_t_year", "repaid_years_low", "repaid_years_high",
)  # fmt: skip
NOT_REPAID = np.inf
"""Years where travel emits as much as in the reference, or more."""


def carbon(
    items: pd.DataFrame, scenario_ids: Sequence[str], travel_saved_t_year: Mapping[str, float]
) -> pd.DataFrame:
    """Carbon of the works beyond the reference and of travel, by scenario.

    Parameters
    ----------
    items
        scenario_id, unit, quantity, and low, central, high in t CO2e (:func:`corridor.study.appraisal.cost.priced`), NaN where no
        factor is published.
    scenario_ids
        All scenarios; one without items builds nothing.
    travel_saved_t_year
        By scenario, what the trips of the demand model emit less than in the reference; empty where demand is not modelled.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`: tonnes of the structures that have a factor (low to high), kilometres and stations that have none,
        tonnes a year that travel saves, and the years after which it has saved what was built: ``inf`` where it saves
        nothing, NaN where something is unknown, as with a structure that has no factor.
    """
    rows = []
    for scenario_id in scenario_ids:
        own = items[items["scenario_id"] == scenario_id]
        known = own["central"].notna()
        built = own.loc[known, list(CASES)].sum()
        unknown = own[~known].groupby("unit")["quantity"].sum()
        # factors of whole lines hold their stations
        whole = known.any() and not unknown.get("km", 0.0)
        saved = travel_saved_t_year.get(scenario_id, np.nan)
        years = [_years(built[case], saved) if whole else np.nan for case in ("low", "high")]
        ends = built if known.any() or own.empty else built * np.nan
        rows.append((scenario_id, *ends, unknown.get("km", 0.0), unknown.get("station", 0.0), saved, *years))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _years(built_t: float, saved_t_year: float) -> float:
    if np.isnan(saved_t_year) or built_t == 0:
        return float("nan")
    return built_t / saved_t_year if saved_t_year > 0 else NOT_REPAID
