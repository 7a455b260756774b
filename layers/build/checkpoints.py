"""Control points between Hong Kong and the Mainland, their daily passengers of 2025, and the hubs.

    python layers/build/checkpoints.py --sources DIR

Inputs (DIR): bcp_immd/statistics_on_daily_passenger_traffic.csv (Immigration Department via DATA.GOV.HK),
hk_facilities_2022/Control_Points.geojson (geodata.gov.hk; positions of the Hong Kong halls; the one of Shenzhen Bay lies
on the bridge, 1 km off, and is not taken). Regime, hours, clearance and design capacity are facts with their ids
(B01..B10, K01..K06, T21..T28). Positions of hubs are those of the stations of the bundle (layers/network/stations_*.csv).

Halls on the Shenzhen side: the coach stop of Huanggang (Transport Department), a published position of Luohu, else
drawn between the Hong Kong hall and the metro station; accuracy_m says how well. Both halls of Shenzhen Bay stand in the
port, a third and two thirds of the way from the bus terminus to the metro station.

Clearance times are assumptions by regime (section 5c of the facts, confidence C): door to door over both sides, mean
and range. An effective hourly capacity stands where a queue can be judged (not where K02 and T27 leave it unknown: B03,
B07, B08, B09): a tenth of the highest day of the daily table, both directions together, as its busiest hour (the tenth is
an assumption). It is never below what was borne: design capacities are (B06: 30,000 a day on paper, 80,135 in 2025 on
average, waits mostly under 15 min). On it the mean day of 2025 asks for 58 to 74 % in its busiest hour.
The highest day by direction and traveller group, 2023-01-01 to the table's end, is a fact of its own table; by direction
the capacity is shared out after it. What is assumed about traveller groups and the queue stands in one table with its
reason; the wait is calibrated on T27 (more than 15 minutes on four occasions at Heung Yuen Wai in 2024).

Checks printed: daily passengers of 2025 against the published means, and the distance between the halls.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from pathlib import Path

import pandas as pd

from corridor.core.crs import project_xy

CLEARANCE_MIN = {
    "separate_walk": (20, 12, 35),
    "separate_bus": (30, 20, 45),
    "co_location": (15, 8, 25),
    "joint_clearance": (5, 3, 10),
}
DIRECTIONS = {"Arrival": "southbound", "Departure": "northbound"}
GROUPS = {
    "Hong Kong Residents": "south_residents",
    "Mainland Visitors": "mainland_visitors",
    "Other Visitors": "other_visitors",
}
HIGHEST_SINCE = "2023-01-01"
PEAK_HOUR_SHARE = 0.1
ASSUMED_COLUMNS = "assumption_id,value,unit,confidence,source,reason"
# all that is assumed about traveller groups and the queue, but for the load of the calibration, which is computed
ASSUMED = [
    ("e_channel_share_of_residents", 0.85, "share of Hong Kong residents", "C", "assumption", "most adult residents hold a smart card that opens the gates; young children and those who are not enrolled do not; no count seen"),
    ("factor_e_channel_resident", 0.9, "of the mean before scaling", "C", "assumption; K03; K04", "20 to 30 s at a gate (K03), but the walk between the halls, the same for all, is most of the time; 98 % within 15 min (K04)"),
    ("factor_resident", 1.2, "of the mean before scaling", "C", "assumption; K04", "counters instead of gates, on both sides"),
    ("factor_mainland_visitor", 1.15, "of the mean before scaling", "C", "assumption; K04", "92 % of visitors within 15 min against 98 % of residents (K04); many pass gates on their own side"),
    ("factor_visitor", 1.6, "of the mean before scaling", "C", "assumption; K04", "counters and an arrival card or visa on the Mainland side; visitors are slower than residents (K04)"),
    ("peak_hour_share", PEAK_HOUR_SHARE, "of a day's passengers", "C", "assumption", "15 to 17.5 opening hours give 6 % on average; arrivals gather in the morning and evening; no hourly count seen"),
    ("overload_period_h", 3, "hours", "C", "assumption", "how long a busy spell lasts; the wait above capacity grows with half of it"),
    ("calibration_wait_min", 15, "minutes", "B", "T27; K02", "waits passed 15 min on four occasions only in 2024, and stayed below 30 (K02)"),
]  # fmt: skip
COLUMNS = (
    "checkpoint_id,fact_id,name_en,name_zh_hant,name_zh_hans,kind,south_lon,south_lat,north_lon,north_lat,south_street_access,north_street_access,"
    "accuracy_m,regime,open,close,status,opened,clearance_mean_min,clearance_low_min,clearance_high_min,clearance_assumed,"
    "design_capacity_pax_day,effective_capacity_pax_hour,capacity_note,daily_2025,rail_hk,rail_sz,planned_change,confidence,source"
)
TABLE_NAME = {  # in the daily table
    "lo-wu": "Lo Wu", "lok-ma-chau-spur": "Lok Ma Chau Spur Line", "huanggang": "Lok Ma Chau", "shenzhen-bay": "Shenzhen Bay",
    "west-kowloon": "Express Rail Link West Kowloon", "heung-yuen-wai": "Heung Yuen Wai", "man-kam-to": "Man Kam To",
    "sha-tau-kok": "Sha Tau Kok", "hzmb": "Hong Kong-Zhuhai-Macao Bridge",
}  # fmt: skip
GEOJSON_NAME = {
    "lo-wu": "Lo Wu Control Point", "lok-ma-chau-spur": "Lok Ma Chau Spur Line Control Point", "huanggang": "Lok Ma Chau Control Point",
    "west-kowloon": "Express Rail Link West Kowloon Control Point", "man-kam-to": "Man Kam To Control Point",
    "sha-tau-kok": "Sha Tau Kok Control Point", "hzmb": "Hong Kong-Zhuhai-Macao Bridge Control Point",
    "heung-yuen-wai": "Heung Yuen Wai Control Point(temporarily opened for goods vehicle clearance only)",
}  # fmt: skip
# Hong Kong halls open to the street. The others stand in the closed area or, Shenzhen Bay, behind its bridge; that of
# Heung Yuen Wai is reached from the stop outside, which is. Fu Lin is to serve The Loop on foot (assumption).
OPEN_SOUTH = {"fu-lin"}
# id, fact, names, kind, Shenzhen hall, Hong Kong hall if not in the source (a position, or a station of the bundle),
# accuracy, regime, hours, status, opened, design capacity, whether a queue can be judged, rail at each side, planned
# change, confidence
POINTS = [
    ("lo-wu", "B01", ("Lo Wu / Luohu", "羅湖／羅湖口岸", "罗湖／罗湖口岸"), "hall", (114.11337, 22.53108), None, 50, "separate_walk", "06:30", "24:00", "existing", "1950", 400000, True, "East Rail", "Metro L1, Shenzhen station", "hard to retrofit for joint clearance (K05)", "B"),
    ("lok-ma-chau-spur", "B02", ("Lok Ma Chau Spur Line / Futian", "落馬洲支線／福田口岸", "落马洲支线／福田口岸"), "hall", (114.0640, 22.5165), None, 150, "separate_walk", "06:30", "22:30", "existing", "2007-08", 300000, True, "East Rail", "Metro L4, L10", "none seen; longer hours case by case", "B"),
    ("huanggang", "B03", ("Lok Ma Chau / Huanggang", "落馬洲／皇崗口岸", "落马洲／皇岗口岸"), "hall", (114.06865, 22.52240), None, 150, "separate_bus", "00:00", "24:00", "existing", "1989-12-29", "", False, "none", "Metro L7", "new building for 200,000 a day, 300,000 with the Northern Link spur, joint clearance; opening in 2026 intended, not confirmed (C07)", "B"),
    ("shenzhen-bay", "B04", ("Shenzhen Bay", "深圳灣口岸", "深圳湾口岸"), "hall", (113.94530, 22.50457), (113.94524, 22.50312), 200, "co_location", "06:30", "24:00", "existing", "2007-07-01", 60300, True, "none", "Metro L13 since 2024-12-28", "station of the Western Rail Link (W02)", "B"),
    ("west-kowloon", "B05", ("West Kowloon Station", "西九龍站口岸", "西九龙站口岸"), "line", (114.16474, 22.30468), None, 100, "co_location", "06:30", "23:30", "existing", "2018-09-23", 109200, True, "Express Rail Link", "Express Rail Link", "", "B"),
    ("heung-yuen-wai", "B06", ("Heung Yuen Wai / Liantang", "香園圍／蓮塘口岸", "香园围／莲塘口岸"), "hall", (114.1535, 22.5545), None, 200, "separate_walk", "07:00", "22:00", "existing", "2023-02-06", 30000, True, "none", "Metro L2/8", "joint clearance under discussion", "B"),
    ("man-kam-to", "B07", ("Man Kam To / Wenjindu", "文錦渡／文錦渡口岸", "文锦渡／文锦渡口岸"), "hall", (114.1285, 22.5395), None, 250, "separate_walk", "07:00", "22:00", "existing", "1980-07-01", "", False, "none", "none", "rebuild of Wenjindu", "B"),
    ("sha-tau-kok", "B08", ("Sha Tau Kok", "沙頭角", "沙头角"), "hall", (114.2240, 22.5510), None, 300, "separate_walk", "07:00", "20:00", "closed", "1985-03-01", 1500, False, "none", "Metro L8 (1.4 km)", "rebuild for passengers only, co-location then joint clearance; closed in 2025", "B"),
    ("hzmb", "B09", ("Hong Kong-Zhuhai-Macao Bridge", "港珠澳大橋香港口岸", "港珠澳大桥香港口岸"), "external", (113.9513, 22.3181), None, 200, "separate_bus", "00:00", "24:00", "existing", "2018-10-24", "", False, "none", "none", "Airport - Tung Chung link (W23); leads to Zhuhai and Macao, not to Shenzhen", "B"),
    ("fu-lin", "B10", ("Fu Lin crossing at The Loop", "福鄰小口岸（河套）", "福邻小口岸（河套）"), "hall", (114.0790, 22.5180), (114.0815, 22.5160), 500, "co_location", "07:00", "22:00", "planned_official", "", "", False, "The Loop (planned)", "", "two river bridges; the western one begun 2025-12-22", "B"),
    ("hswrl-shenzhen-bay", "W08", ("Western Rail Link, Shenzhen Bay Port station", "港深西部鐵路深圳灣口岸站", "港深西部铁路深圳湾口岸站"), "line", "shenzhen-bay-port", "shenzhen-bay-port", 300, "co_location", "06:00", "24:30", "planned_official", "2035", "", False, "Western Rail Link", "Metro L13", "which station clears was open on 2025-03-31", "B"),
    ("hswrl-qianhai", "W08", ("Western Rail Link, Qianhai station", "港深西部鐵路前海站", "港深西部铁路前海站"), "line", "qianhai", "qianhai", 400, "co_location", "06:00", "24:30", "planned_official", "2035", "", False, "Western Rail Link", "Metro L1, L5, L11", "which station clears was open on 2025-03-31", "B"),
    ("nol-spur-huanggang", "C07", ("Northern Link spur, Huanggang Port station", "北環綫支綫皇崗口岸站", "北环线支线皇岗口岸站"), "line", "huanggang-port", "huanggang-port", 300, "co_location", "00:00", "24:00", "planned_official", "2034", 300000, False, "Northern Link spur", "Metro L7", "joint clearance is the lever clearance-joint", "B"),
]  # fmt: skip
# id, names, station of the bundle whose position it takes or (lon, lat), region, one of the ten hubs
PLACES = [
    ("central", ("Central", "中環", "中环"), "central", "hk", 1),
    ("futian-cbd", ("Futian CBD", "福田中心區", "福田中心区"), "sz-convention-and-exhibition-center", "sz", 1),
    ("qianhai", ("Qianhai", "前海", "前海"), "sz-qianhaiwan", "sz", 1),
    ("hung-shui-kiu", ("Hung Shui Kiu", "洪水橋", "洪水桥"), "hung-shui-kiu", "hk", 1),
    ("loop", ("The Loop (Hetao)", "河套", "河套"), "the-loop", "hk", 1),
    ("hk-airport", ("Hong Kong airport", "香港國際機場", "香港国际机场"), "airport", "hk", 1),
    ("sz-airport", ("Shenzhen airport", "深圳寶安國際機場", "深圳宝安国际机场"), "sz-airport", "sz", 1),
    ("xili", ("Xili", "西麗", "西丽"), "sz-xili", "sz", 1),
    ("lo-wu", ("Lo Wu control point", "羅湖管制站", "罗湖管制站"), "lo-wu", "hk", 1),
    ("shenzhen-bay", ("Shenzhen Bay", "深圳灣口岸", "深圳湾口岸"), "sz-shenzhen-bay-checkpoint", "sz", 1),
    ("admiralty", ("Admiralty", "金鐘", "金钟"), "admiralty", "hk", 0),
    ("kowloon", ("West Kowloon", "西九龍", "西九龙"), "west-kowloon", "hk", 0),
    ("sha-tin", ("Sha Tin", "沙田", "沙田"), "sha-tin", "hk", 0),
    ("sheung-shui", ("Sheung Shui", "上水", "上水"), "sheung-shui", "hk", 0),
    ("tuen-mun", ("Tuen Mun", "屯門", "屯门"), "tuen-mun", "hk", 0),
    ("yuen-long", ("Yuen Long", "元朗", "元朗"), "yuen-long", "hk", 0),
    ("houhai", ("Houhai", "后海", "后海"), "sz-houhai", "sz", 0),
    ("luohu", ("Luohu", "羅湖（深圳）", "罗湖（深圳）"), "sz-luohu", "sz", 0),
    ("shenzhen-north", ("Shenzhen North", "深圳北站", "深圳北站"), "sz-shenzhen-north", "sz", 0),
]  # fmt: skip
CLOSED_AREA = {"lo-wu": "lo-wu"}  # hubs that are reached by their own station only
SOURCE = "Immigration Department and geodata.gov.hk via DATA.GOV.HK"
# id: mean passengers a day of 2025 as published from the same table, to check against
PUBLISHED_2025 = {
    "lo-wu": 192879, "lok-ma-chau-spur": 161755, "shenzhen-bay": 121669, "west-kowloon": 84741,
    "heung-yuen-wai": 80135, "huanggang": 38347, "man-kam-to": 5799, "sha-tau-kok": 0,
}  # fmt: skip


def daily_table(sources: Path) -> pd.DataFrame:
    """The daily table with a column `day`; the byte order mark and the empty last column are gone."""
    path = sources / "bcp_immd" / "statistics_on_daily_passenger_traffic.csv"
    table = pd.read_csv(path, encoding="utf-8-sig").dropna(axis="columns", how="all")
    table["Control Point"] = table["Control Point"].replace("Macau Ferry Terminal", "Macao Ferry Terminal")
    return table.assign(day=pd.to_datetime(table["Date"], format="%d-%m-%Y"))


def highest_days(table: pd.DataFrame) -> dict[str, tuple[str, int]]:
    """The day with most passengers, both directions together, of each control point: date and number."""
    days = table.groupby(["Control Point", "day"])["Total"].sum().reset_index()
    names = {v: k for k, v in TABLE_NAME.items()}
    top = days.loc[days.groupby("Control Point")["Total"].idxmax()]
    return {
        names[r["Control Point"]]: (r["day"].date().isoformat(), int(r["Total"]))
        for _, r in top.iterrows()
        if r["Control Point"] in names
    }


def highest_by_group(table: pd.DataFrame) -> pd.DataFrame:
    """The highest day since 2023: checkpoint, direction (or both), group (or all), passengers, day."""
    since = table[table["day"] >= HIGHEST_SINCE].rename(columns=GROUPS)
    since = since.assign(
        checkpoint_id=since["Control Point"].map({v: k for k, v in TABLE_NAME.items()}),
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
    return top[[*keys, "highest_pax_day", "highest_day"]]


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
    names = {v: k for k, v in TABLE_NAME.items()}
    long["checkpoint_id"] = long["Control Point"].map(names)
    long["direction"] = long["Arrival / Departure"].map(DIRECTIONS)
    long["group"] = long["group"].map(GROUPS)
    days = year["Date"].nunique()
    summed = (
        long.dropna(subset=["checkpoint_id"])
        .groupby(["checkpoint_id", "direction", "group"])["passengers"]
        .sum()
        / days
    )
    return summed.round(1).rename("passengers_per_day").reset_index()


def hall_positions(sources: Path) -> dict[str, tuple[float, float]]:
    """Hong Kong halls by checkpoint id."""
    data = json.loads((sources / "hk_facilities_2022" / "Control_Points.geojson").read_text(encoding="utf-8"))
    by_name = {v: k for k, v in GEOJSON_NAME.items()}
    found = {}
    for feature in data["features"]:
        for value in feature["properties"].values():
            if value in by_name:
                lon, lat = feature["geometry"]["coordinates"][:2]
                found[by_name[value]] = (round(lon, 5), round(lat, 5))
    return found


def station_positions(network: Path) -> dict[str, tuple[str, str]]:
    """Positions of all stations of the bundle."""
    found = {}
    for path in [*sorted(network.glob("stations_*.csv")), network / "proposed_stations.csv"]:
        with path.open(encoding="utf-8") as stream:
            found |= {r["station_id"]: (r["lon"], r["lat"]) for r in csv.DictReader(stream)}
    return found


def position(place: tuple[float, float] | str, stations: dict[str, tuple[str, str]]) -> tuple[float, float]:
    """A position as given, or that of a station."""
    if isinstance(place, str):
        lon, lat = stations[place]
        return float(lon), float(lat)
    return place


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two positions, measured in EPSG:4547."""
    x, y = project_xy([a[0], b[0]], [a[1], b[1]])
    return math.hypot(float(x[0] - x[1]), float(y[0] - y[1]))


def write(path: Path, header: str, rows: list[tuple]) -> None:
    """A CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(header.split(","))
        out.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    sources = parser.parse_args().sources
    network = Path(__file__).resolve().parents[1] / "network"
    table = daily_table(sources)
    crossings, highest_day, halls = daily_2025(table), highest_days(table), hall_positions(sources)
    stations = station_positions(network)
    total = crossings.groupby("checkpoint_id")["passengers_per_day"].sum()
    rows = []
    for (
        point_id,
        fact,
        names,
        kind,
        sz,
        own,
        accuracy,
        regime,
        opens,
        closes,
        status,
        opened,
        design,
        queue,
        rail_hk,
        rail_sz,
        change,
        confidence,
    ) in POINTS:
        hk, sz = (position(place, stations) for place in (own or halls[point_id], sz))
        effective, note = "", "no queue modelled: capacity unknown"
        if queue:
            day, passengers = highest_day[point_id]
            effective = math.ceil(passengers * PEAK_HOUR_SHARE)
            note = f"a tenth (assumption) of the highest day, {passengers} on {day}, both directions together"
        daily = round(float(total.get(point_id, 0.0))) if point_id in TABLE_NAME else ""
        rows.append(
            (
                point_id,
                fact,
                *names,
                kind,
                *hk,
                *sz,
                int(point_id in OPEN_SOUTH),
                int(kind == "hall"),
                accuracy,
                regime,
                opens,
                closes,
                status,
                opened,
                *CLEARANCE_MIN[regime],
                1,
                design,
                effective,
                note,
                daily,
                rail_hk,
                rail_sz,
                change,
                confidence,
                f"{fact}; {SOURCE}" if point_id in TABLE_NAME else fact,
            )
        )
        apart = round(metres(hk, sz))
        print(f"{point_id}: {daily} a day in 2025, halls {apart} m apart, capacity {effective or 'unknown'}")
        if point_id in PUBLISHED_2025 and daily != PUBLISHED_2025[point_id]:
            raise SystemExit(f"{point_id}: {daily} a day, {PUBLISHED_2025[point_id]} published")
    write(network / "checkpoints.csv", COLUMNS, rows)
    crossings.to_csv(network / "daily_crossings_2025.csv", index=False, lineterminator="\n")
    highest_by_group(table).to_csv(network / "checkpoint_highest_days.csv", index=False, lineterminator="\n")
    ratio = calibration_load(table, highest_day["heung-yuen-wai"][1])
    reason = "fourth highest day of 2024 over the highest day observed, Heung Yuen Wai: there the wait is that of the calibration"
    write(
        network / "clearance_assumptions.csv",
        ASSUMED_COLUMNS,
        [*ASSUMED, ("calibration_load", ratio, "of capacity", "A", "Immigration Department; T27", reason)],
    )
    places = [
        (
            place_id,
            *names,
            *stations[station],
            region,
            hub,
            CLOSED_AREA.get(station, ""),
            150,
            "B",
            f"position of station {station}",
        )
        for place_id, names, station, region, hub in PLACES
    ]
    write(
        network / "places.csv",
        "place_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,hub,station_id,accuracy_m,confidence,source",
        places,
    )


if __name__ == "__main__":
    main()
