"""Build the ferry tables (layers/network/*_ferry.csv): ferries from Hong Kong Island to the islands where people live.

    python layers/build/ferries.py --sources DIR        (after hk_rail.py; fares.py takes its fares from here)

Inputs (below DIR):
    hk_bus_headways/td_gtfs_part/{trips,frequencies}.txt    sailings (Transport Department, DATA.GOV.HK, 2026-08)
    hk_rail_ferry_waypoints/ferry/*.json                    courses of ferries (CSDI, 2024-04): lengths, and piers at their ends
and layers/network/stations_hk.csv for the railway stations at the piers.

Method
    Which routes: those of at least seven sailings a working day each way between a pier of Hong Kong Island or Peng Chau and a
    pier of an island or of Lantau where people live. Left out: the inter-island ferry and Ma Wan - Tsuen Wan (6 and 3
    sailings), Hei Ling Chau (a prison island), kaitos of fewer sailings (Tap Mun, Po Toi, Tai O), Aberdeen - Ap Lei Chau
    (there is a bridge), ferries across the harbour, and all sailings from 01:30 to
    05:00. No ferry here crosses the boundary.
    Sailings are those of a Wednesday; headways and hours are read off them as for buses. Calls between the ends are left out.
    Minutes of sailing are published in no data set. They are those that operators, press and guides print, each with its
    source in the row; three kaito routes take their length at an assumed speed. Fast and ordinary ferries to Cheung Chau
    share one timetable that does not tell them apart: half of each is assumed, in minutes and in fare.
    Length along the official course, else straight x 1.1.
    Walks from the piers of Central to railway stations: straight line x 1.3 at 1.2 m/s, an assumption. No other pier has one
    within 700 m over land.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: Transport Department, CSDI).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from road_feeders import (
    PERIODS,
    WALK_DETOUR,
    WALK_M_S,
    WEDNESDAY,
    Window,
    clock,
    departures,
    headways,
    metres,
    minute,
    write,
)
from shapely.geometry import shape

from corridor.core.crs import project

NETWORK = Path(__file__).resolve().parents[1] / "network"
SOURCE = "Transport Department via DATA.GOV.HK, 2026-08"
MIN_SAILINGS, WALK_TO_RAIL_M = 7, 700.0
DAY_MIN = (300, 1530)  # 05:00 to 01:30
KAITO_KM_H, BERTH_MIN = 18.0, 3.0  # assumption ferry-kaito-speed
PRICE = "press 2026-03: fares from 2026-04-01 by the Transport Department's paper"


@dataclass(frozen=True)
class Pier:
    """A pier: names in English, traditional and simplified Chinese, position, how far off it may be, where it is from."""

    pier_id: str
    names: tuple[str, str, str]
    lon: float
    lat: float
    accuracy_m: int
    source: str
    confidence: str


COURSE = "end of the ferry's course (CSDI, 2024-04)"
BUS_STOP = "bus stop at the pier (Transport Department, 2026-08)"
PIERS = (
    Pier("pier-central-2-3", ("Central Piers 2 and 3", "中環2號及3號碼頭", "中环2号及3号码头"), 114.15696, 22.28765, 150, BUS_STOP, "A"),
    Pier("pier-central-4", ("Central Pier 4", "中環4號碼頭", "中环4号码头"), 114.15856, 22.28790, 50, COURSE, "A"),
    Pier("pier-central-5", ("Central Pier 5", "中環5號碼頭", "中环5号码头"), 114.15925, 22.28773, 50, COURSE, "A"),
    Pier("pier-central-6", ("Central Pier 6", "中環6號碼頭", "中环6号码头"), 114.16040, 22.28731, 50, COURSE, "A"),
    Pier("pier-aberdeen", ("Aberdeen Pier", "香港仔碼頭", "香港仔码头"), 114.15552, 22.24707, 300, "bus stop at the promenade (Transport Department, 2026-08)", "B"),
    Pier("pier-cheung-chau", ("Cheung Chau Pier", "長洲碼頭", "长洲码头"), 114.02836, 22.20870, 50, COURSE, "A"),
    Pier("pier-mui-wo", ("Mui Wo Pier", "梅窩碼頭", "梅窝码头"), 114.00240, 22.26522, 50, COURSE, "A"),
    Pier("pier-peng-chau", ("Peng Chau Pier", "坪洲碼頭", "坪洲码头"), 114.03714, 22.28448, 50, COURSE, "A"),
    Pier("pier-yung-shue-wan", ("Yung Shue Wan Pier", "榕樹灣碼頭", "榕树湾码头"), 114.10841, 22.22610, 50, COURSE, "A"),
    Pier("pier-sok-kwu-wan", ("Sok Kwu Wan Pier", "索罟灣碼頭", "索罟湾码头"), 114.13109, 22.20642, 50, COURSE, "A"),
    Pier("pier-discovery-bay", ("Discovery Bay Pier", "愉景灣碼頭", "愉景湾码头"), 114.01630, 22.29530, 300, "from memory; 350 m from the nearest bus stop of the data", "M"),
    Pier("pier-ma-wan", ("Ma Wan Pier", "馬灣碼頭", "马湾码头"), 114.06440, 22.35290, 100, "encyclopaedia", "B"),
)  # fmt: skip


@dataclass(frozen=True)
class Ferry:
    """A route: its number in the timetable, ends from the way 1 of the timetable, operator, minutes and fare with sources."""

    line_id: str
    route: str
    ends: tuple[str, str]
    operator: str
    opened: str
    course: str
    run_min: float | None
    run_source: str
    run_confidence: str
    fare_hkd: float
    fare_source: str
    fare_confidence: str
    assumption_id: str = ""

    @property
    def fare_is_assumed(self) -> bool:
        """Whether the fare is ours, not a published one."""
        return self.fare_confidence == "M"


SUN, HKKF = "Sun Ferry", "Hong Kong & Kowloon Ferry"
FERRIES = (
    Ferry("ferry-cheung-chau", "7005", ("pier-central-5", "pier-cheung-chau"), SUN, "", "CECC", 46, "fast 35 to 40 min, ordinary 55 (guides), half of each", "C", 24.8, f"{PRICE}: 16.7 ordinary, 32.9 fast; their mean", "M", "ferry-cheung-chau-mix"),
    Ferry("ferry-mui-wo", "7006", ("pier-central-6", "pier-mui-wo"), SUN, "", "CEMW", 37, "fast ferry 35 to 40 min (guides, logs of trips); all fast since 2026-04", "C", 33.5, PRICE, "B"),
    Ferry("ferry-peng-chau", "7007", ("pier-central-6", "pier-peng-chau"), HKKF, "", "KF3", 28, "fast ferry 25 to 30 min (guide); all fast since 2026-04", "C", 31.9, PRICE, "B"),
    Ferry("ferry-sok-kwu-wan", "7008", ("pier-central-4", "pier-sok-kwu-wan"), HKKF, "", "KF1", 30, "30 min (guides)", "C", 30.9, PRICE, "B"),
    Ferry("ferry-yung-shue-wan", "7009", ("pier-central-4", "pier-yung-shue-wan"), HKKF, "", "KF2", 27, "27 min (guide)", "C", 24.9, PRICE, "B"),
    Ferry("ferry-discovery-bay", "7010", ("pier-central-2-3", "pier-discovery-bay"), "Discovery Bay Transportation Services", "", "", 25, "25 min (press 2024-08)", "B", 38.2, "press 2024-08: residents' fare from 2024-08-11; visitors 55.8", "B"),
    Ferry("ferry-ma-wan", "7017", ("pier-ma-wan", "pier-central-2-3"), "Park Island Transport", "", "", 25, "about 25 min (encyclopaedia)", "C", 24.1, "guide: residents' fare; visitors 36", "C"),
    Ferry("ferry-aberdeen-sok-kwu-wan", "7003", ("pier-aberdeen", "pier-sok-kwu-wan"), "Kaito operators", "", "", None, "", "M", 17.1, "HK$11 (guide, about 2013) x the rise of Central - Yung Shue Wan since, 16 to 24.9", "M", "ferry-kaito-fare"),
    Ferry("ferry-aberdeen-yung-shue-wan", "7004", ("pier-aberdeen", "pier-yung-shue-wan"), "Kaito operators", "", "", None, "", "M", 17.1, "HK$11 (guide, about 2013) x the rise of Central - Yung Shue Wan since, 16 to 24.9", "M", "ferry-kaito-fare"),
    Ferry("ferry-peng-chau-discovery-bay", "7000013", ("pier-peng-chau", "pier-discovery-bay"), "Peng Chau Kaito", "", "", None, "", "M", 10, "assumption", "M", "ferry-kaito-fare"),
)  # fmt: skip
ASSUMPTIONS = (
    ("ferry-2024", "all", "ferry", "all", "timetable and fares", "", "", "sailings of 2026-08 and fares of 2026-04 stand for 2024 too: no earlier table is at hand; until 2026 part of the sailings to Mui Wo and Peng Chau were ordinary ferries, 10 to 15 min slower and cheaper", "M", "assumption"),
    ("ferry-cheung-chau-mix", "Sun Ferry", "ferry", "all", "share of fast ferries", "0.5", "", "one timetable holds both and does not tell them apart; notices of 2026-07 have them alternate by day and mostly fast ones in the peak", "M", "assumption"),
    ("ferry-kaito-speed", "Kaito operators", "ferry", "all", "speed and time at berths", f"{KAITO_KM_H:g} and {BERTH_MIN:g}", "km/h and min", "10 knots, as ordinary ferries make by their published minutes (19 km in 55 min), on the straight line x 1.1", "M", "assumption"),
    ("ferry-kaito-fare", "Kaito operators", "ferry", "all", "fare", "", "HKD", "no fare of today is at hand", "M", "assumption"),
    ("ferry-night", "all", "ferry", "night", "sailings from 01:30 to 05:00", "none", "", "one or two a night to Cheung Chau, Mui Wo and Peng Chau, two to four hours apart, are left out", "M", "assumption"),
    ("ferry-walk", "all", "ferry", "all", "walking", "1.3 / 1.2", "s/m", "straight line x 1.3 at 1.2 m/s from pier to station concourse", "M", "assumption; F06"),
)  # fmt: skip
NAMES = {
    "ferry-cheung-chau": ("Ferry Central - Cheung Chau", "渡輪 中環－長洲", "渡轮 中环－长洲"),
    "ferry-mui-wo": ("Ferry Central - Mui Wo", "渡輪 中環－梅窩", "渡轮 中环－梅窝"),
    "ferry-peng-chau": ("Ferry Central - Peng Chau", "渡輪 中環－坪洲", "渡轮 中环－坪洲"),
    "ferry-sok-kwu-wan": ("Ferry Central - Sok Kwu Wan", "渡輪 中環－索罟灣", "渡轮 中环－索罟湾"),
    "ferry-yung-shue-wan": ("Ferry Central - Yung Shue Wan", "渡輪 中環－榕樹灣", "渡轮 中环－榕树湾"),
    "ferry-discovery-bay": ("Ferry Central - Discovery Bay", "渡輪 中環－愉景灣", "渡轮 中环－愉景湾"),
    "ferry-ma-wan": ("Ferry Central - Ma Wan", "渡輪 中環－馬灣", "渡轮 中环－马湾"),
    "ferry-aberdeen-sok-kwu-wan": ("Ferry Aberdeen - Sok Kwu Wan", "街渡 香港仔－索罟灣", "街渡 香港仔－索罟湾"),
    "ferry-aberdeen-yung-shue-wan": ("Ferry Aberdeen - Yung Shue Wan", "街渡 香港仔－榕樹灣", "街渡 香港仔－榕树湾"),
    "ferry-peng-chau-discovery-bay": ("Ferry Peng Chau - Discovery Bay", "街渡 坪洲－愉景灣", "街渡 坪洲－愉景湾"),
}  # fmt: skip
AT = {p.pier_id: (p.lon, p.lat) for p in PIERS}


def sailings(folder: Path) -> dict[str, list[float]]:
    """Minutes after midnight of the sailings of a Wednesday, by route and way; 05:00 to 01:30."""
    frequent: dict[str, list[Window]] = {}
    with (folder / "frequencies.txt").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            frequent.setdefault(row["trip_id"], []).append(
                Window(minute(row["start_time"]), minute(row["end_time"]), float(row["headway_secs"]) / 60)
            )
    wanted = {f.route for f in FERRIES}
    windows: dict[str, list[Window]] = {}
    with (folder / "trips.txt").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            if row["route_id"] not in wanted or not int(row["service_id"]) & WEDNESDAY:
                continue
            route, way, _, start = row["trip_id"].split("-")
            alone = [Window(minute(start), minute(start), 60)]
            windows.setdefault(f"{route}-{way}", []).extend(frequent.get(row["trip_id"], alone))
    return {k: [t for t in departures(w, False) if DAY_MIN[0] <= t <= DAY_MIN[1]] for k, w in windows.items()}


def length_m(folder: Path, ferry: Ferry) -> float:
    """Metres of the course; straight x 1.1 where none is drawn."""
    if not ferry.course:
        return 1.1 * metres(AT[ferry.ends[0]], AT[ferry.ends[1]])
    text = (folder / f"{ferry.course}.json").read_text(encoding="utf-8")
    return sum(float(project(shape(f["geometry"])).length) for f in json.loads(text)["features"])


def run_s(ferry: Ferry, length: float) -> tuple[int, str]:
    """Seconds of sailing and where they are from."""
    if ferry.run_min is not None:
        named = f" ({ferry.assumption_id})" if ferry.assumption_id == "ferry-cheung-chau-mix" else ""
        return round(60 * ferry.run_min), ferry.run_source + named
    minutes = round(60 * length / 1000 / KAITO_KM_H + BERTH_MIN)
    return 60 * minutes, f"{length / 1000:.1f} km at {KAITO_KM_H:g} km/h (ferry-kaito-speed)"


def service(ferry: Ferry, way: int, times: Sequence[float]) -> tuple[list[tuple], tuple]:
    """Headway rows and the hours row of one direction."""
    pattern_id = f"{ferry.line_id}-{way}"
    rows = [(pattern_id, p, s, 0, "", "A", SOURCE) for p, s in headways(times).items()]
    return rows, (pattern_id, "forward", clock(times[0]), clock(times[-1]), 0, "", "A", SOURCE)


def walks() -> Iterable[tuple]:
    """Walks from piers to railway stations."""
    with (NETWORK / "stations_hk.csv").open(encoding="utf-8") as stream:
        rail = [r for r in csv.DictReader(stream) if r["street_access"] == "1" and r["status"] == "existing"]
    for pier in (p for p in PIERS if p.pier_id.startswith("pier-central")):
        for station in rail:
            far = metres((pier.lon, pier.lat), (float(station["lon"]), float(station["lat"])))
            if far <= WALK_TO_RAIL_M:
                walked = far * WALK_DETOUR
                yield (
                    pier.pier_id, station["station_id"], round(walked / WALK_M_S), round(walked), "street", 1, "M", "ferry-walk",
                    "footbridge or street",
                )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    sources = parser.parse_args().sources
    times = sailings(sources / "hk_bus_headways" / "td_gtfs_part")
    lines, patterns, calls, every, hours = [], [], [], [], []
    for ferry in FERRIES:
        length = length_m(sources / "hk_rail_ferry_waypoints" / "ferry", ferry)
        seconds, told = run_s(ferry, length)
        lines.append((ferry.line_id, *NAMES[ferry.line_id], "ferry", ferry.operator, "existing", "", ferry.opened, "A", SOURCE))  # fmt: skip
        for way, ends in ((1, ferry.ends), (2, ferry.ends[::-1])):
            sailed = times[f"{ferry.route}-{way}"]
            if len(sailed) < MIN_SAILINGS:
                raise SystemExit(f"{ferry.line_id}: {len(sailed)} sailings")
            pattern_id = f"{ferry.line_id}-{way}"
            patterns.append((pattern_id, ferry.line_id, "forward", "", "working days; calls between the ends left out"))  # fmt: skip
            for seq, (pier, run, m) in enumerate(((ends[0], seconds, round(length)), (ends[1], "", "")), 1):
                calls.append((pattern_id, seq, pier, run, 0, m, "", "existing", ferry.run_confidence, told))
            rows, hour = service(ferry, way, sailed)
            every += rows
            hours.append(hour)
            gaps = [b - a for a, b in pairwise(sailed)]
            print(f"{pattern_id}: {seconds / 60:g} min, {length / 1000:.1f} km, {3.6 * length / seconds:.0f} km/h, {len(sailed)} sailings {clock(sailed[0])}-{clock(sailed[-1])}, longest gap {max(gaps):.0f} min")  # fmt: skip
    stations = [
        (p.pier_id, *p.names, f"{p.lon:.5f}", f"{p.lat:.5f}", "hk", "ferry", "existing", "", 1, p.accuracy_m, p.source, "", "", p.confidence, SOURCE if p.confidence == "A" else p.source)
        for p in PIERS
    ]  # fmt: skip
    tables = {
        "stations": ("station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,position_source,checked_against,check_distance_m,confidence,source", sorted(stations)),
        "lines": ("line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source", sorted(lines)),
        "patterns": ("pattern_id,line_id,direction,clearance,note", sorted(patterns)),
        "pattern_stops": ("pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source", sorted(calls, key=lambda c: c[:2])),
        "headways": ("pattern_id,period,headway_s,assumed,assumption_id,confidence,source", sorted(every, key=lambda h: (h[0], list(PERIODS).index(h[1])))),
        "hours": ("pattern_id,direction,first,last,assumed,assumption_id,confidence,source", sorted(hours)),
        "interchanges": ("from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note", sorted(walks())),
        "service_assumptions": ("assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source", ASSUMPTIONS),
    }  # fmt: skip
    for name, (header, rows) in tables.items():
        write(NETWORK / f"{name}_ferry.csv", header, rows)


if __name__ == "__main__":
    main()
