"""Control points between Hong Kong and the Mainland, their daily passengers of 2025, and the hubs.

    python layers/build_checkpoints.py --sources DIR

Inputs (DIR): bcp_immd/statistics_on_daily_passenger_traffic.csv (Immigration Department via DATA.GOV.HK),
hk_facilities_2022/Control_Points.geojson (geodata.gov.hk; positions of the Hong Kong halls). Regime, hours, clearance and
capacity are facts with their ids (B01..B10, K01..K06, T21..T28). Positions of hubs are those of the stations of the bundle.

Clearance times are assumptions by regime (section 5c of the fact base, confidence C): door to door over both sides, mean
and range. An effective hourly capacity is given where a highest day is known: a tenth of that day in the busiest hour
(assumption), since design capacities are not what the halls bear (K02, T27); elsewhere none, so no queue is modelled.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import pandas as pd

CLEARANCE_MIN = {
    "separate_walk": (20, 12, 35),
    "separate_bus": (30, 20, 45),
    "co_location": (15, 8, 25),
    "joint_clearance": (5, 3, 10),
}
COLUMNS = (
    "checkpoint_id,fact_id,name_en,name_zh_hant,name_zh_hans,kind,hk_lon,hk_lat,sz_lon,sz_lat,hk_street_access,sz_street_access,"
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
HALL_NOTE = "a tenth of the highest day seen in the busiest hour (assumption)"
# id, fact, names, kind, Shenzhen hall, Hong Kong hall if not in the source, accuracy, regime, hours, status, opened,
# design capacity, highest day and its fact, rail at each side, planned change, confidence
POINTS = [
    ("lo-wu", "B01", ("Lo Wu / Luohu", "羅湖／羅湖口岸", "罗湖／罗湖口岸"), "hall", (114.1131, 22.5316), None, 100, "separate_walk", "06:30", "24:00", "existing", "1950", 400000, (261000, "T22"), "East Rail", "Metro L1, Shenzhen station", "hard to retrofit for joint clearance (K05)", "B"),
    ("lok-ma-chau-spur", "B02", ("Lok Ma Chau Spur Line / Futian", "落馬洲支線／福田口岸", "落马洲支线／福田口岸"), "hall", (114.0640, 22.5172), None, 150, "separate_walk", "06:30", "22:30", "existing", "2007-08", 300000, (237000, "T22"), "East Rail", "Metro L4, L10", "none seen; longer hours case by case", "B"),
    ("huanggang", "B03", ("Lok Ma Chau / Huanggang", "落馬洲／皇崗口岸", "落马洲／皇岗口岸"), "hall", (114.0687, 22.5224), None, 300, "separate_bus", "00:00", "24:00", "existing", "1989-12-29", "", None, "none", "Metro L7", "new building for 200,000 a day, 300,000 with the Northern Link spur, joint clearance; opening in 2026 intended, not confirmed (C07)", "B"),
    ("shenzhen-bay", "B04", ("Shenzhen Bay", "深圳灣口岸", "深圳湾口岸"), "hall", (113.9455, 22.5050), (113.9455, 22.5035), 250, "co_location", "06:30", "24:00", "existing", "2007-07-01", 60300, (157000, "T22"), "none", "Metro L13 since 2024-12-28", "station of the Western Rail Link (W02)", "B"),
    ("west-kowloon", "B05", ("West Kowloon Station", "西九龍站口岸", "西九龙站口岸"), "line", (114.1647, 22.3036), None, 100, "co_location", "06:30", "23:30", "existing", "2018-09-23", 109200, (96000, "T28"), "Express Rail Link", "Express Rail Link", "", "B"),
    ("heung-yuen-wai", "B06", ("Heung Yuen Wai / Liantang", "香園圍／蓮塘口岸", "香园围／莲塘口岸"), "hall", (114.1545, 22.5562), None, 200, "separate_walk", "07:00", "22:00", "existing", "2023-02", 30000, (102000, "T22"), "none", "Metro L2/8", "joint clearance under discussion", "B"),
    ("man-kam-to", "B07", ("Man Kam To / Wenjindu", "文錦渡／文錦渡口岸", "文锦渡／文锦渡口岸"), "hall", (114.1290, 22.5400), None, 250, "separate_walk", "07:00", "22:00", "existing", "1980-07-01", "", None, "none", "none", "rebuild of Wenjindu", "B"),
    ("sha-tau-kok", "B08", ("Sha Tau Kok", "沙頭角", "沙头角"), "hall", (114.2240, 22.5510), None, 300, "separate_walk", "07:00", "20:00", "closed", "1985-03-01", 1500, None, "none", "Metro L8 (1.4 km)", "rebuild for passengers only, co-location then joint clearance; closed in 2025", "B"),
    ("hzmb", "B09", ("Hong Kong-Zhuhai-Macao Bridge", "港珠澳大橋香港口岸", "港珠澳大桥香港口岸"), "external", (113.9513, 22.3181), None, 200, "separate_bus", "00:00", "24:00", "existing", "2018-10-24", "", None, "none", "none", "Airport - Tung Chung link (W23); leads to Zhuhai and Macao, not to Shenzhen", "B"),
    ("fu-lin", "B10", ("Fu Lin crossing at The Loop", "福鄰小口岸（河套）", "福邻小口岸（河套）"), "hall", (114.0790, 22.5180), (114.0815, 22.5160), 500, "co_location", "07:00", "22:00", "planned_official", "", "", None, "The Loop (planned)", "", "two river bridges; the western one begun 2025-12-22", "B"),
    ("hswrl-shenzhen-bay", "W08", ("Western Rail Link, Shenzhen Bay Port station", "港深西部鐵路深圳灣口岸站", "港深西部铁路深圳湾口岸站"), "line", (113.9455, 22.5050), (113.9455, 22.5050), 300, "co_location", "06:00", "24:30", "planned_official", "2035", "", None, "Western Rail Link", "Metro L13", "which station clears was open on 2025-03-31", "B"),
    ("hswrl-qianhai", "W08", ("Western Rail Link, Qianhai station", "港深西部鐵路前海站", "港深西部铁路前海站"), "line", (113.8980, 22.5375), (113.8980, 22.5375), 400, "co_location", "06:00", "24:30", "planned_official", "2035", "", None, "Western Rail Link", "Metro L1, L5, L11", "which station clears was open on 2025-03-31", "B"),
    ("nol-spur-huanggang", "C07", ("Northern Link spur, Huanggang Port station", "北環綫支綫皇崗口岸站", "北环线支线皇岗口岸站"), "line", (114.0700, 22.5215), (114.0700, 22.5215), 300, "co_location", "00:00", "24:00", "planned_official", "2034", 300000, None, "Northern Link spur", "Metro L7", "joint clearance is the lever clearance-joint", "B"),
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
    ("lo-wu", ("Lo Wu", "羅湖", "罗湖"), "lo-wu", "hk", 1),
    ("shenzhen-bay", ("Shenzhen Bay", "深圳灣口岸", "深圳湾口岸"), "sz-shenzhen-bay-checkpoint", "sz", 1),
    ("tuen-mun-centre", ("Tuen Mun centre", "屯門市中心", "屯门市中心"), "tuen-mun", "hk", 0),
    ("yuen-long-centre", ("Yuen Long centre", "元朗市中心", "元朗市中心"), "yuen-long", "hk", 0),
    ("shenzhen-north", ("Shenzhen North", "深圳北站", "深圳北站"), "sz-shenzhen-north", "sz", 0),
    ("houhai", ("Houhai", "后海", "后海"), "sz-houhai", "sz", 0),
]  # fmt: skip
SOURCE = "Immigration Department and geodata.gov.hk via DATA.GOV.HK; fact base"


def daily_2025(sources: Path) -> pd.DataFrame:
    """Mean passengers a day in 2025: checkpoint, direction, traveller group, passengers."""
    path = sources / "bcp_immd" / "statistics_on_daily_passenger_traffic.csv"
    table = pd.read_csv(path, encoding="utf-8-sig").dropna(axis="columns", how="all")
    dates = pd.to_datetime(table["Date"], format="%d-%m-%Y")
    year = table[dates.dt.year == 2025]
    groups = {
        "Hong Kong Residents": "hk_residents",
        "Mainland Visitors": "mainland_visitors",
        "Other Visitors": "other_visitors",
    }
    long = year.melt(
        ["Date", "Control Point", "Arrival / Departure"],
        list(groups),
        var_name="group",
        value_name="passengers",
    )
    names = {v: k for k, v in TABLE_NAME.items()}
    long["checkpoint_id"] = long["Control Point"].map(names)
    long["direction"] = long["Arrival / Departure"].map({"Arrival": "southbound", "Departure": "northbound"})
    long["group"] = long["group"].map(groups)
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
    network = Path(__file__).resolve().parent / "network"
    crossings, halls = daily_2025(sources), hall_positions(sources)
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
        highest,
        rail_hk,
        rail_sz,
        change,
        confidence,
    ) in POINTS:
        hk = own or halls[point_id]
        effective = round(highest[0] / 10) if highest else ""
        note = f"{HALL_NOTE}, {highest[1]}" if highest else "no queue modelled: capacity unknown"
        daily = round(float(total.get(point_id, 0.0))) if point_id in TABLE_NAME else ""
        rows.append(
            (
                point_id,
                fact,
                *names,
                kind,
                *hk,
                *sz,
                0,
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
                f"{fact}; {SOURCE}",
            )
        )
        print(f"{point_id}: {daily} a day in 2025, halls at {hk} and {sz}")
    write(network / "checkpoints.csv", COLUMNS, rows)
    crossings.to_csv(network / "daily_crossings_2025.csv", index=False, lineterminator="\n")
    stations = station_positions(network)
    places = [
        (place_id, *names, *stations[station], region, hub, 150, "B", f"position of station {station}")
        for place_id, names, station, region, hub in PLACES
    ]
    write(
        network / "places.csv",
        "place_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,hub,accuracy_m,confidence,source",
        places,
    )


if __name__ == "__main__":
    main()
