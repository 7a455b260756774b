"""Tables of the demand model: observed crossings, groups, purposes, parameters, gateways, commercial land.

    python layers/build/demand.py --sources DIR

Inputs (DIR): bcp_immd/statistics_on_daily_passenger_traffic.csv (Immigration Department via DATA.GOV.HK) and
land_cover_lcz/lcz_2018_2019_study_area_epsg4326.tif; from records/ the annual totals of 2017 and 2019 and the
holidays of 2023 to 2025; the cells and the land use of the bundle. Crossings are observed, everything else in
these tables is a survey's share or an assumption, and says which (``demand_assumptions``).

Checks printed: mean crossings of 2025 against the published ones, days by type, how far the proxy of commercial
land follows the mapped land where both are known.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from demand_assumptions import gateways, groups, parameters, purposes
from demand_commercial import commercial
from demand_crossings import PERIODS, annual_crossings, daily_crossings, mean_day

LAYERS = Path(__file__).resolve().parents[1]
RECORDS = Path(__file__).resolve().parent / "records"
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    sources = parser.parse_args().sources
    days = pd.read_csv(RECORDS / "holidays.csv")
    general = days.loc[days["hong_kong_general_holiday"].notna(), "date"]
    crossings = pd.concat(
        [
            annual_crossings(pd.read_csv(RECORDS / "crossings_2017_2019.csv")),
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
        "groups": groups(),
        "purposes": purposes(crossings),
        "parameters": parameters(),
        "gateways": gateways(),
        "commercial": commercial(sources, LAYERS / "land" / "land_use.tif", cells),
    }
    folder = LAYERS / "demand"
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(table):,} rows")


if __name__ == "__main__":
    main()
