"""Checks of the demand tables beyond single cells: shares that make a whole, counts that add up."""

from __future__ import annotations

import numpy as np

from corridor.schema.table_checks import TOLD, RowChecks

SHARES = {
    "demand_groups": (("counted_as",), ("share_of_counted",)),
    "demand_purposes": (("group_id",), ("share", "share_weekday", "share_weekend")),
    "demand_gateways": ((), ("share",)),
}
"""By role: the columns that name a whole, and the columns of its shares."""
SHARE_TOLERANCE = 0.001
ALL = "all"
"""The value of `group` and `day_type` that takes the others together."""
_COUNT = ["period_id", "checkpoint_id", "direction", "group"]


def check_shares(role: str, checks: RowChecks) -> None:
    """Note shares of one whole that do not add up to 1, at the first row of each whole.

    Parameters
    ----------
    role
        A role of :data:`SHARES`, which says which columns name a whole and which hold its shares.
    checks
        The rows; :data:`SHARE_TOLERANCE` is what a sum may miss.
    """
    import pandas as pd

    frame = checks.frame
    names, columns = SHARES[role]
    position = pd.Series(np.arange(len(frame)), index=frame.index)
    keys = [frame[name] for name in names] or [pd.Series("", index=frame.index)]
    for key, rows in frame.groupby(keys, sort=False, dropna=True):
        named = f" of {', '.join(map(str, key))}" if names else ""
        for column in columns:
            total = float(rows[column].sum())
            if np.isfinite(total) and abs(total - 1) > SHARE_TOLERANCE:
                at = checks.where(int(position.loc[rows.index].iloc[0]))
                checks.faults.add(at, f"{column}{named} adds up to {total:.4g}", "1", "correct the shares")


def check_crossings(checks: RowChecks) -> None:
    """Note counts over all days that are not those of the types of day together.

    Passengers a day times days are compared for each period, control point, direction and group that has both, to a passenger;
    so are the days. A count of all days alone is not questioned.
    """
    frame, where, faults = checks.frame, checks.where, checks.faults
    counted = frame.assign(
        position=np.arange(len(frame)), passengers=frame["passengers_per_day"] * frame["days"]
    )
    every = counted["day_type"] == ALL
    kinds = counted[~every].groupby(_COUNT)[["days", "passengers"]].sum().add_suffix("_of_kinds")
    both = counted[every].join(kinds, on=_COUNT, how="inner")
    off_days = (both["days"] - both["days_of_kinds"]).abs() > 0
    off = off_days | ((both["passengers"] - both["passengers_of_kinds"]).abs() > 1)
    wrong = both[off]
    for row in wrong.head(TOLD).to_dict("records"):
        what = (
            f"{row['passengers']:,.0f} passengers on {row['days']:g} days; the types of day have "
            f"{row['passengers_of_kinds']:,.0f} on {row['days_of_kinds']:g}"
        )
        faults.add(where(int(row["position"])), what, "the same", "correct one of the rows")
    if len(wrong) > TOLD:
        what = f"{len(wrong) - TOLD} other counts do not add up"
        faults.add(where(int(wrong["position"].iloc[-1])), what, "the same", "correct one of the rows")
