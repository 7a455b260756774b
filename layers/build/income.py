"""Household income by 250 m cell, Hong Kong alone (census 2021). Called by people.py.

Input: median monthly domestic household income of 211 small area groups (Census and Statistics Department).
A cell takes the median of the group that most of its people belong to; incomes inside a group are not known.
Shenzhen is not assessed: no income by place was at hand. Method: docs/people_and_jobs.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from people_grid import COLS, Frame, cell_centre
from scipy.spatial import cKDTree

MEDIAN = "median_household_income_hkd_month"


def build(
    sources: Path, frame: Frame, groups: pd.DataFrame, residents: pd.Series
) -> tuple[pd.DataFrame, list[str]]:
    """A row for each cell of Hong Kong where people live: its census group and the median of that group.

    `groups`: people (`v`) by `cell` and `group`; `residents`: by cell, as in cells.csv.
    """
    census = pd.read_csv(sources / "hk_census_2021" / "census_stpug_v3.csv", dtype={"stpug_id": str})
    census = census[census.stpug_id != "9999"].set_index("stpug_id")
    if len(census) != 211 or census.median_hh_income.isna().any():
        raise SystemExit("census_stpug_v3.csv: expected a median household income for each of 211 groups")
    most = groups.sort_values(["cell", "v", "group"], ascending=[True, False, True]).drop_duplicates("cell")
    share = most.v.to_numpy() / groups.groupby("cell").v.sum().reindex(most.cell).to_numpy()
    known = pd.DataFrame({"group": most.group.to_numpy(), "share": share}, index=most.cell)
    cell = residents.index.to_numpy()
    # All people of some cells were moved there from nearly empty ones: theirs is the nearest group of the district.
    own = np.isin(cell, known.index)
    source = cell.copy()
    for i in np.flatnonzero(~own):
        near = known.index[frame.cell_district[known.index] == frame.cell_district[cell[i]]].to_numpy()
        source[i] = near[cKDTree(np.column_stack(cell_centre(near))).query(np.stack(cell_centre(cell[i])))[1]]
    group, share = known.group.loc[source].to_numpy(), known.share.loc[source].to_numpy()
    out = pd.DataFrame(
        {
            "cell_id": [f"c{c}r{r}" for c, r in zip(cell % COLS, cell // COLS, strict=True)],
            "group_id": group,
            MEDIAN: census.median_hh_income.loc[group].astype(int).to_numpy(),
        }
    )
    people = residents.to_numpy()
    counted = pd.Series(people).groupby(group).sum().reindex(census.index, fill_value=0)
    order = np.argsort(out[MEDIAN].to_numpy(), kind="stable")
    middle = out[MEDIAN].to_numpy()[order][np.searchsorted(np.cumsum(people[order]), people.sum() / 2)]
    off = (counted - census.population).abs().sum() / 2
    report = [
        f"Household income: {len(out)} cells in {out.group_id.nunique()} of {len(census)} groups; "
        f"{(share * people).sum() / people.sum():.1%} of people live in the group of their cell "
        f"({off:,.0f} counted in another), {(share < 0.5).sum()} cells have no group with half of their people",
        f"  {(~own).sum()} cells with {people[~own].sum():,} people take the nearest group of their district",
        f"  medians {out[MEDIAN].min():,} to {out[MEDIAN].max():,} HKD a month; half of the people live under {middle:,}",
        f"  groups that are that of no cell: {', '.join(counted.index[counted == 0]) or 'none'}",
    ]
    return out, report
