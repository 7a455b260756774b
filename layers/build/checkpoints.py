"""Control points between Hong Kong and the Mainland, their daily passengers of 2025, and the hubs.

    python layers/build/checkpoints.py --sources DIR

Inputs (DIR): bcp_immd/statistics_on_daily_passenger_traffic.csv (Immigration Department via DATA.GOV.HK),
hk_facilities_2022/Control_Points.geojson (geodata.gov.hk; positions of the Hong Kong halls; the one of Shenzhen Bay is
on the bridge, 1 km off, and is not taken). Names, regime, hours and design capacity are records with their ids (B01..B10,
K01..K06, T21..T28): records/{checkpoints,clearance_times,places}.csv. Positions of hubs are those of the stations of the
bundle (layers/network/stations_*.csv).

Halls on the Shenzhen side: the coach stop of Huanggang (Transport Department), a published position of Luohu, else
drawn between the Hong Kong hall and the metro station; accuracy_m says how well. Both halls of Shenzhen Bay are inside the
port, a third and two thirds of the way from the bus terminus to the metro station.

Clearance times are assumptions by regime (section 5c of the facts, confidence C): door to door over both sides, mean
and range. An effective hourly capacity is given where a queue can be judged (not where K02 and T27 leave it unknown: B03,
B07, B08, B09): a tenth of the highest day of the daily table, both directions together, as its busiest hour (the tenth is
an assumption). It is never below what was borne: design capacities are (B06: 30,000 a day on paper, 80,135 in 2025 on
average, waits mostly under 15 min). On it the mean day of 2025 asks for 58 to 74 % in its busiest hour.
The highest day by direction and traveller group, 2023-01-01 to the table's end, is a fact of its own table; by direction
the capacity is shared out after it. What is assumed about traveller groups and the queue is written by hand in
layers/network/clearance_assumptions.csv, with its reason; the wait is calibrated on T27 (more than 15 minutes on four occasions
at Heung Yuen Wai in 2024), and this script checks the load that follows from it.

Checks printed: daily passengers of 2025 against the published means, and the distance between the halls.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
from positions import LonLat, metres
from tables import NETWORK, Row, names, read, record_rows, records, sources_argument, write

CHECKPOINTS = (
    "checkpoint_id,fact_id,name_en,name_zh_hant,name_zh_hans,kind,south_lon,south_lat,north_lon,north_lat,south_street_access,"
    "north_street_access,accuracy_m,regime,open,close,status,opened,clearance_mean_min,clearance_low_min,clearance_high_min,"
    "clearance_assumed,design_capacity_pax_day,effective_capacity_pax_hour,capacity_note,daily_2025,rail_hk,rail_sz,"
    "planned_change,confidence,source"
)
PLACES = "place_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,hub,centre,station_id,accuracy_m,confidence,source"
SOURCE = "Immigration Department and geodata.gov.hk via DATA.GOV.HK"
DIRECTIONS = {"Arrival": "southbound", "Departure": "northbound"}
GROUPS = {
    "Hong Kong Residents": "south_residents",
    "Mainland Visitors": "mainland_visitors",
    "Other Visitors": "other_visitors",
}
HIGHEST_SINCE = "2023-01-01"
PLACE_ACCURACY_M = 150


def checkpoint_ids() -> dict[str, str]:
    """Id of a control point by its name in the daily table."""
    return {
        r["name_in_daily_table"]: i for i, r in records("checkpoints").items() if r["name_in_daily_table"]
    }


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by control point, direction and group: all travellers, then the groups as the source lists them."""
    rank = {group: n for n, group in enumerate(["all", *GROUPS.values()])}
    by = ["checkpoint_id", "direction", "group"]
    return table.sort_values(by, key=lambda c: c.map(rank) if c.name == "group" else c)


def daily_table(sources: Path) -> pd.DataFrame:
    """The daily table with a column `day`; the byte order mark and the empty last column are gone."""
    path = sources / "bcp_immd" / "statistics_on_daily_passenger_traffic.csv"
    table = pd.read_csv(path, encoding="utf-8-sig").dropna(axis="columns", how="all")
    table["Control Point"] = table["Control Point"].replace("Macau Ferry Terminal", "Macao Ferry Terminal")
    return table.assign(day=pd.to_datetime(table["Date"], format="%d-%m-%Y"))


def highest_days(table: pd.DataFrame) -> dict[str, tuple[str, int]]:
    """The day with most passengers, both directions together, of each control point: date and number."""
    days = table.groupby(["Control Point", "day"])["Total"].sum().reset_index()
    top = days.loc[days.groupby("Control Point")["Total"].idxmax()]
    ids = checkpoint_ids()
    return {
        ids[r["Control Point"]]: (r["day"].date().isoformat(), int(r["Total"]))
        for _, r in top.iterrows()
        if r["Control Point"] in ids
    }


def highest_by_group(table: pd.DataFrame) -> pd.DataFrame:
    """The highest day since 2023: checkpoint, direction (or both), group (or all), passengers, day."""
    since = table[table["day"] >= HIGHEST_SINCE].rename(columns=GROUPS)
    since = since.assign(
        checkpoint_id=since["Control Point"].map(checkpoint_ids()),
        direction=since["Arrival / Departure"].map(DIRECTIONS),
        all=since["Total"],
    ).dropna(subset=["checkpoint_id"])
    keys = ["checkpoint_id", "direction", "group"]
    days = (
        pd.concat([since, since.assign(direction="both")])
        .melt([*keys[:2], "day"], ["all", *GROUPS.values()], var_name="group", value_name="passengers")
        .groupby([*keys, "day"], as_index=False)["passengers"]
        .sum()
    )
    top = days.loc[days.groupby(keys)["passengers"].idxmax()].rename(
        columns={"passengers": "highest_pax_day"}
    )
    top["highest_day"] = top["day"].dt.strftime("%Y-%m-%d").where(top["highest_pax_day"] > 0, "")
    return in_order(top[[*keys, "highest_pax_day", "highest_day"]])


def calibration_load(table: pd.DataFrame, highest: int) -> float:
    """Load at which the wait is 15 minutes (T27): the fourth highest day of 2024 at Heung Yuen Wai, of the highest."""
    rows = table[(table["Control Point"] == "Heung Yuen Wai") & (table["day"].dt.year == 2024)]
    days = rows.groupby("day")["Total"].sum().sort_values(ascending=False)
    return round(float(days.iloc[3]) / highest, 4)


def daily_2025(table: pd.DataFrame) -> pd.DataFrame:
    """Mean passengers a day in 2025: checkpoint, direction, traveller group, passengers."""
    year = table[table["day"].dt.year == 2025]
    long = year.melt(
        ["Date", "Control Point", "Arrival / Departure"],
        list(GROUPS),
        var_name="group",
        value_name="passengers",
    )
    long["checkpoint_id"] = long["Control Point"].map(checkpoint_ids())
    long["direction"] = long["Arrival / Departure"].map(DIRECTIONS)
    long["group"] = long["group"].map(GROUPS)
    days = year["Date"].nunique()
    summed = (
        long.dropna(subset=["checkpoint_id"])
        .groupby(["checkpoint_id", "direction", "group"])["passengers"]
        .sum()
        / days
    )
    return in_order(summed.round(1).rename("passengers_per_day").reset_index())


def hall_positions(sources: Path) -> dict[str, LonLat]:
    """Hong Kong halls by name in the source."""
    data = json.loads((sources / "hk_facilities_2022" / "Control_Points.geojson").read_text(encoding="utf-8"))
    return {
        str(value): (round(f["geometry"]["coordinates"][0], 5), round(f["geometry"]["coordinates"][1], 5))
        for f in data["features"]
        for value in f["properties"].values()
    }


def station_positions() -> dict[str, tuple[str, str]]:
    """Longitude and latitude, as written, of all stations of the bundle."""
    files = [*sorted(NETWORK.glob("stations_*.csv")), NETWORK / "proposed_stations.csv"]
    return {r["station_id"]: (r["lon"], r["lat"]) for path in files for r in read(path)}


def hall(record: Row, side: str, halls: dict[str, LonLat], stations: dict[str, tuple[str, str]]) -> LonLat:
    """Position of the south or north hall: as recorded, that of the source, or that of its station."""
    if record[f"{side}_lon"] is not None:
        return record[f"{side}_lon"], record[f"{side}_lat"]
    if record["station_id"]:
        lon, lat = stations[record["station_id"]]
        return float(lon), float(lat)
    return halls[record["name_in_geodata"]]


def capacity(record: Row, highest: tuple[str, int] | None, peak_hour_share: float) -> tuple[int | str, str]:
    """Effective passengers an hour, and where they are from."""
    if not record["queue_known"] or highest is None:
        return "", "no queue modelled: capacity unknown"
    day, passengers = highest
    note = f"a tenth (assumption) of the highest day, {passengers} on {day}, both directions together"
    return math.ceil(passengers * peak_hour_share), note


def checkpoint_row(record: Row, south: LonLat, north: LonLat, effective: int | str, note: str, daily: int | str) -> Row:  # fmt: skip
    """The row of a control point."""
    known = record["name_in_daily_table"]
    return record | records("clearance_times")[record["regime"]] | {
        "south_lon": south[0], "south_lat": south[1], "north_lon": north[0], "north_lat": north[1],
        "north_street_access": int(record["kind"] == "hall"), "clearance_assumed": 1,
        "effective_capacity_pax_hour": effective, "capacity_note": note, "daily_2025": daily,
        "confidence": record["confidence"], "source": f"{record['fact_id']}; {SOURCE}" if known else record["fact_id"],
    }  # fmt: skip


def place_position(record: Row, stations: dict[str, tuple[str, str]]) -> tuple[float | str, float | str]:
    """Longitude and latitude of a named place: those of its station, or its own."""
    return stations[record["position_of"]] if record["position_of"] else (record["lon"], record["lat"])


def check_calibration(assumed: dict[str, float], load: float) -> None:
    """Stop if the load at which the wait is that of the calibration is another than the one written down."""
    if assumed["calibration_load"] != load:
        raise SystemExit(f"clearance_assumptions.csv: calibration_load {assumed['calibration_load']}, by the daily table {load}")  # fmt: skip


def main() -> None:
    """Build control points, daily crossings, highest days and places."""
    sources = sources_argument(__doc__ or "")
    table, halls, stations = daily_table(sources), hall_positions(sources), station_positions()
    crossings, highest = daily_2025(table), highest_days(table)
    total = crossings.groupby("checkpoint_id")["passengers_per_day"].sum()
    assumed = {r["assumption_id"]: float(r["value"]) for r in read(NETWORK / "clearance_assumptions.csv")}
    check_calibration(assumed, calibration_load(table, highest["heung-yuen-wai"][1]))
    rows = []
    for point_id, record in records("checkpoints").items():
        south, north = (hall(record, side, halls, stations) for side in ("south", "north"))
        effective, note = capacity(record, highest.get(point_id), assumed["peak_hour_share"])
        daily = round(float(total.get(point_id, 0.0))) if record["name_in_daily_table"] else ""
        rows.append(checkpoint_row(record, south, north, effective, note, daily))
        print(f"{point_id}: {daily} a day in 2025, halls {round(metres(south, north))} m apart, capacity {effective or 'unknown'}")  # fmt: skip
        published = record["published_daily_2025"]
        if published is not None and daily != published:
            raise SystemExit(f"{point_id}: {daily} a day, {published} published")
    write(NETWORK / "checkpoints.csv", CHECKPOINTS, rows)
    crossings.to_csv(NETWORK / "daily_crossings_2025.csv", index=False, lineterminator="\n")
    highest_by_group(table).to_csv(NETWORK / "checkpoint_highest_days.csv", index=False, lineterminator="\n")
    places = [
        (r["place_id"], *names(r), *place_position(r, stations), r["region"], r["hub"], r["centre"], r["station_id"], PLACE_ACCURACY_M,
         r["confidence"], f"position of station {r['position_of']}" if r["position_of"] else r["source"])
        for r in record_rows("places")
    ]  # fmt: skip
    write(NETWORK / "places.csv", PLACES, places)


if __name__ == "__main__":
    main()
