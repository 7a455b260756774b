"""Purposes of the demand model by type of day, from survey shares of the week. Called by demand.py.

Shares come from the Planning Department's Cross-boundary Travel Surveys of 2017 (D01 to D03 and the press release of
2019-02-28), 2013/14 (D04) and 2011 (``records/demand_purposes.csv``). Nothing newer is published. What no survey gives is an
assumption, and says so.
"""

from __future__ import annotations

import pandas as pd
from tables import LAYERS, read, record_rows

WORK = ("business", "commute_school")
WORKING_DAYS = ("weekday", "friday")


def weekend_rate_of_work() -> float:
    """Journeys to work, school and business on a day off, over those of a working day (assumption)."""
    rows = read(LAYERS / "demand" / "parameters.csv")
    return next(float(r["value"]) for r in rows if r["parameter"] == "weekend_rate_of_work")


def purposes(crossings: pd.DataFrame) -> pd.DataFrame:
    """Share of each purpose over the week, and on working days and days off.

    The surveys give the week. Journeys to work, school and business are made on a day off at a rate of a working day's
    (assumption); the days' totals are those counted in 2025, and the other purposes fill the rest in their proportion.
    """
    table = pd.DataFrame(record_rows("demand_purposes"))
    counted_as = {row["group_id"]: row["counted_as"] for row in read(LAYERS / "demand" / "groups.csv")}
    columns = list(table.columns)
    parts = [
        with_days(rows, *days_of(crossings, counted_as[str(group)]))
        for group, rows in table.groupby("group_id", sort=False)
    ]
    order = [*columns[:5], "share_weekday", "share_weekend", *columns[5:]]
    return pd.concat(parts)[order]


def days_of(crossings: pd.DataFrame, counted_as: str) -> tuple[float, float]:
    """Share of 2025's passengers on working days, and a working day's passengers over those of a day off."""
    rows = crossings[(crossings["period_id"] == "2025") & (crossings["group"] == counted_as)]
    rows = rows[rows["day_type"] != "all"].assign(off=~rows["day_type"].isin(WORKING_DAYS))
    sums = (rows["passengers_per_day"] * rows["days"]).groupby(rows["off"]).sum()
    days = rows.drop_duplicates("day_type").groupby("off")["days"].sum()
    return float(sums[False] / sums.sum()), float(sums[False] / days[False] * days[True] / sums[True])


def with_days(rows: pd.DataFrame, working: float, ratio: float) -> pd.DataFrame:
    """The shares of one group with those of working days and days off, which together give the week's."""
    rate = weekend_rate_of_work() * ratio
    for_work = rows["purpose"].isin(WORK)
    weekday = rows["share"] / (working + (1 - working) * rate)
    weekend = weekday * rate
    free = rows["share"] / rows["share"][~for_work].sum()
    weekday = weekday.where(for_work, free * (1 - weekday[for_work].sum()))
    weekend = weekend.where(for_work, free * (1 - weekend[for_work].sum()))
    return rows.assign(share_weekday=weekday.round(4), share_weekend=weekend.round(4))
