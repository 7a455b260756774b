"""Tables of the demand model that are computed: observed crossings, purposes by type of day, commercial land.

    python layers/build/demand.py --sources DIR

Inputs (DIR): bcp_immd/statistics_on_daily_passenger_traffic.csv (Immigration Department via DATA.GOV.HK) and
land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif; records of the annual totals of 2017 and 2019, of holidays and of survey
shares; the cells and the land use of the bundle. Groups, parameters, gateways, sites and periods are written by hand in
``layers/demand``.

Checks printed: mean crossings of 2025 against the published ones, days by type, how far the proxy of commercial
land follows the mapped land where both are known.
"""

from __future__ import annotations

import pandas as pd
from demand_commercial import commercial
from demand_crossings import PERIODS, annual_crossings, daily_crossings, mean_day
from demand_purposes import purposes
from tables import LAYERS, record_rows, sources_argument

PUBLISHED_2025 = {
    "lo-wu": 192879, "lok-ma-chau-spur": 161755, "shenzhen-bay": 121669, "west-kowloon": 84741,
    "heung-yuen-wai": 80135, "huanggang": 38347, "man-kam-to": 5799, "sha-tau-kok": 0,
}  # fmt: skip


def check_published(crossings: pd.DataFrame) -> None:
    """Stop unless the means of 2025 are the published ones to the passenger."""
    mean = mean_day(crossings, "2025").groupby("checkpoint_id")["passengers_per_day"].sum()
    for checkpoint, passengers in PUBLISHED_2025.items():
        print(f"{checkpoint}: {mean[checkpoint]:,.1f} a day in 2025")
        if round(mean[checkpoint]) != passengers:
            raise SystemExit(f"{checkpoint}: {passengers} published")


def main() -> None:
    sources = sources_argument(str(__doc__))
    days = pd.DataFrame(record_rows("holidays"))
    general = days.loc[days["hong_kong_general_holiday"].notna(), "date"]
    crossings = pd.concat(
        [
            annual_crossings(pd.DataFrame(record_rows("crossings_2017_2019"))),
            daily_crossings(sources, frozenset(general)),
        ]
    )
    check_published(crossings)
    for period in PERIODS:
        rows = crossings[crossings["period_id"] == period]
        print(period, dict(rows.drop_duplicates("day_type").set_index("day_type")["days"]))
    cells = pd.read_csv(LAYERS / "people" / "cells.csv")
    tables = {
        "crossings": crossings,
        "purposes": purposes(crossings),
        "commercial": commercial(sources, LAYERS / "land" / "land_use.tif", cells),
    }
    folder = LAYERS / "demand"
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(table):,} rows")


if __name__ == "__main__":
    main()
