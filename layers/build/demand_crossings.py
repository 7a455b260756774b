"""Observed crossings by period, control point, direction, group and type of day. Called by demand.py.

The daily table counts passengers, drivers left out. Its first day with every control point open is 6 February 2023,
when Lo Wu, Huanggang and, for passengers for the first time, Heung Yuen Wai opened: the year 2023 begins there, and
its counts rise until the end of the year (the second half is a period of its own). 28 to 31 December 2024 have
Metro Line 13 to Shenzhen Bay and remain in 2024: 4 of 366 days.

Types of day go by Hong Kong's calendar: a general holiday is a holiday on whatever day it falls, else Friday,
weekend (Saturday, Sunday) or weekday. Mainland holidays fall into any of them; the record of holidays has both.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from checkpoints import DIRECTIONS, GROUPS, daily_table
from tables import record_rows

PERIODS = {
    "2023": ("2023-02-06", "2023-12-31"),
    "2023_h2": ("2023-07-01", "2023-12-31"),
    "2024": ("2024-01-01", "2024-12-31"),
    "2024_q4": ("2024-10-01", "2024-12-31"),
    "2025": ("2025-01-01", "2025-12-31"),
    "2025_q1": ("2025-01-01", "2025-03-31"),
}
ALL = "all"
NAMES = {
    row["name_in_daily_table"]: row["checkpoint_id"]
    for row in record_rows("checkpoints")
    if row["name_in_daily_table"]
}
"""Control point of each name of the daily table."""
SOURCE = "Immigration Department, daily table (DATA.GOV.HK)"
KEY = ["period_id", "checkpoint_id", "direction", "group", "day_type"]
COLUMNS = [*KEY, "days", "passengers_per_day", "confidence", "source"]


def day_type(days: pd.Series, holidays: frozenset[str]) -> pd.Series:
    """weekday, friday, weekend or holiday of each date."""
    number = days.dt.day_of_week
    kind = pd.Series("weekday", index=days.index).mask(number == 4, "friday").mask(number > 4, "weekend")
    return kind.mask(days.dt.strftime("%Y-%m-%d").isin(holidays), "holiday")


def daily_crossings(sources: Path, holidays: frozenset[str]) -> pd.DataFrame:
    """Mean passengers a day of every period of the daily table, by type of day and over all days."""
    table = daily_table(sources).rename(columns=GROUPS)
    table = table.assign(
        checkpoint_id=table["Control Point"].map(NAMES),
        direction=table["Arrival / Departure"].map(DIRECTIONS),
        day_type=day_type(table["day"], holidays),
    ).dropna(subset=["checkpoint_id"])
    long = table.melt(
        ["day", "day_type", "checkpoint_id", "direction"],
        list(GROUPS.values()),
        var_name="group",
        value_name="passengers",
    )
    means = []
    for period, (first, last) in PERIODS.items():
        rows = long[long["day"].between(first, last)].assign(period_id=period)
        both = pd.concat([rows, rows.assign(day_type=ALL)])
        mean = both.groupby(KEY)["passengers"].agg(["count", "mean"]).reset_index()
        means.append(mean.rename(columns={"count": "days", "mean": "passengers_per_day"}))
    # three decimals, so that days times mean is the count to the passenger
    found = pd.concat(means).assign(confidence="A", source=SOURCE).round({"passengers_per_day": 3})
    return found[COLUMNS]


def annual_crossings(record: pd.DataFrame) -> pd.DataFrame:
    """Annual totals of the Immigration Department's reports over 365 days; directions and groups together."""
    years = []
    for year in ("2017", "2019"):
        rows = record.assign(
            period_id=year,
            direction="both",
            group=ALL,
            day_type=ALL,
            days=365,
            passengers_per_day=(record[f"passengers_{year}"] / 365).round(3),
            confidence="A",
            source=f"Immigration Department, annual report {year}, appendix 7",
        )
        years.append(rows[COLUMNS])
    return pd.concat(years)


def mean_day(crossings: pd.DataFrame, period: str) -> pd.DataFrame:
    """The rows of one period over all its days."""
    return crossings[(crossings["period_id"] == period) & (crossings["day_type"] == ALL)]
