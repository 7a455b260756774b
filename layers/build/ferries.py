"""Build the ferry tables (layers/network/*_ferry.csv): ferries from Hong Kong Island to the islands where people live.

    python layers/build/ferries.py --sources DIR        (after hk_rail.py)

Inputs (below DIR):
    hk_bus_headways/td_gtfs_part/{trips,frequencies}.txt    sailings (Transport Department, DATA.GOV.HK, 2026-08)
    hk_rail_ferry_waypoints/ferry/*.json                    courses of ferries (CSDI, 2024-04): lengths, and piers at their ends
and layers/network/stations_hk.csv for the railway stations at the piers. Piers, and routes with minutes and fares, each with its
source, are records: records/ferry_{piers,lines}.csv. Assumptions are written by hand in
layers/network/service_assumptions_ferry.csv.

Method
    Which routes: those of at least seven sailings a working day each way between a pier of Hong Kong Island or Peng Chau and a
    pier of an island or of Lantau where people live. Left out: the inter-island ferry and Ma Wan - Tsuen Wan (6 and 3
    sailings), Hei Ling Chau (a prison island), kaitos of fewer sailings (Tap Mun, Po Toi, Tai O), Aberdeen - Ap Lei Chau
    (there is a bridge), ferries across the harbour, and all sailings from 01:30 to
    05:00. No ferry here crosses the boundary.
    Sailings are those of a Wednesday; headways and hours are read off them as for buses. Calls between the ends are left out.
    Minutes of sailing are published in no data set. They are those that operators, press and guides print, each with its
    source; three kaito routes take their length at an assumed speed. Fast and ordinary ferries to Cheung Chau
    share one timetable that does not tell them apart: half of each is assumed, in minutes and in fare.
    Length along the official course, else straight x 1.1.
    Walks from the piers of Central to railway stations: straight line x 1.3 at 1.2 m/s, an assumption. No other pier has one
    within 700 m over land.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: Transport Department, CSDI).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from network_tables import NetworkTables
from positions import LonLat, metres
from road_departures import WEDNESDAY, Window, clock, departures, headways_s, minute
from shapely.geometry import shape
from tables import NETWORK, Row, assumptions, names, read, records, sources_argument

from corridor.core.crs import project

SOURCE = "Transport Department via DATA.GOV.HK, 2026-08"
MIN_SAILINGS, WALK_TO_RAIL_M = 7, 700.0
WALK_DETOUR, WALK_M_S = 1.3, 1.2  # assumption ferry-walk
DAY_MIN = (300, 1530)  # 05:00 to 01:30
COURSE_FACTOR = 1.1  # of the straight line, where no course is drawn


def sailings(folder: Path, routes: set[str]) -> dict[str, list[float]]:
    """Minutes after midnight of the sailings of a Wednesday, by route and way ("7005-1"); 05:00 to 01:30."""
    frequent: dict[str, list[Window]] = {}
    for row in read(folder / "frequencies.txt"):
        every = Window(minute(row["start_time"]), minute(row["end_time"]), float(row["headway_secs"]) / 60)
        frequent.setdefault(row["trip_id"], []).append(every)
    windows: dict[str, list[Window]] = {}
    for row in read(folder / "trips.txt"):
        if row["route_id"] in routes and int(row["service_id"]) & WEDNESDAY:
            route, way, _, start = row["trip_id"].split("-")
            found = frequent.get(row["trip_id"], [Window.alone(minute(start))])
            windows.setdefault(f"{route}-{way}", []).extend(found)
    return {k: [t for t in departures(w, False) if DAY_MIN[0] <= t <= DAY_MIN[1]] for k, w in windows.items()}


def length_m(folder: Path, ferry: Row, piers: dict[str, LonLat]) -> float:
    """Metres of the course; straight x 1.1 where none is drawn."""
    if not ferry["course"]:
        return COURSE_FACTOR * metres(piers[ferry["from_pier"]], piers[ferry["to_pier"]])
    text = (folder / f"{ferry['course']}.json").read_text(encoding="utf-8")
    return sum(float(project(shape(f["geometry"])).length) for f in json.loads(text)["features"])


def run_s(ferry: Row, course_m: float) -> tuple[int, str]:
    """Seconds of sailing and where they are from: published, else the course at an assumed speed."""
    if ferry["run_min"] is not None:
        mix = "ferry-cheung-chau-mix"
        return round(60 * ferry["run_min"]), ferry["run_source"] + f" ({mix})" * (ferry["assumption_id"] == mix)  # fmt: skip
    speed_km_h, berth_min = map(float, assumptions("ferry")["ferry-kaito-speed"]["value"].split(" and "))
    minutes = round(60 * course_m / 1000 / speed_km_h + berth_min)
    return 60 * minutes, f"{course_m / 1000:.1f} km at {speed_km_h:g} km/h (ferry-kaito-speed)"


def add_ferry(tables: NetworkTables, line_id: str, ferry: Row, course_m: float, times: dict[str, list[float]]) -> None:  # fmt: skip
    """Add a line with a pattern each way."""
    seconds, source = run_s(ferry, course_m)
    tables.line(line_id, names(ferry), mode="ferry", operator=ferry["operator"], confidence="A", source=SOURCE)  # fmt: skip
    ends = (ferry["from_pier"], ferry["to_pier"])
    for way, (start, end) in ((1, ends), (2, ends[::-1])):
        sailed = times[f"{ferry['route']}-{way}"]
        if len(sailed) < MIN_SAILINGS:
            raise SystemExit(f"{line_id}: {len(sailed)} sailings")
        pattern_id = f"{line_id}-{way}"
        tables.pattern(pattern_id, line_id, "forward", "working days; calls between the ends left out")
        tables.stop(pattern_id, 1, start, seconds, 0, round(course_m), ferry["run_confidence"], source)
        tables.stop(pattern_id, 2, end, "", 0, "", ferry["run_confidence"], source)
        add_service(tables, pattern_id, sailed)
        gap_min = max(b - a for a, b in pairwise(sailed))
        print(f"{pattern_id}: {seconds / 60:g} min, {course_m / 1000:.1f} km, {3.6 * course_m / seconds:.0f} km/h, {len(sailed)} sailings {clock(sailed[0])}-{clock(sailed[-1])}, longest gap {gap_min:.0f} min")  # fmt: skip


def add_service(tables: NetworkTables, pattern_id: str, times: Sequence[float]) -> None:
    """Add headways and hours of one direction, read off its sailings."""
    for period, seconds in headways_s(times).items():
        tables.headway(pattern_id, period, seconds, "", "A", SOURCE)
    tables.hour(pattern_id, "forward", clock(times[0]), clock(times[-1]), "", "A", SOURCE)


def add_walks(tables: NetworkTables, piers: dict[str, LonLat]) -> None:
    """Add walks from the piers of Central to railway stations."""
    rail = [r for r in read(NETWORK / "stations_hk.csv") if r["street_access"] == "1" and r["status"] == "existing"]  # fmt: skip
    for pier, at in piers.items():
        for station in rail if pier.startswith("pier-central") else ():
            far_m = metres(at, (float(station["lon"]), float(station["lat"])))
            if far_m <= WALK_TO_RAIL_M:
                walked_m = far_m * WALK_DETOUR
                tables.interchange(pier, station["station_id"], round(walked_m / WALK_M_S), round(walked_m), "street", 1, "M", "ferry-walk", "footbridge or street")  # fmt: skip


def pier_row(pier_id: str, r: Row) -> Row:
    """The row of a pier in the stations table."""
    return {
        "station_id": pier_id, **{c: r[c] for c in ("name_en", "name_zh_hant", "name_zh_hans", "accuracy_m", "confidence")},
        "lon": f"{r['lon']:.5f}", "lat": f"{r['lat']:.5f}", "region": "hk", "system": "ferry", "status": "existing", "opened": "",
        "street_access": 1, "position_source": r["source"], "checked_against": "", "check_distance_m": "",
        "source": SOURCE if r["confidence"] == "A" else r["source"],
    }  # fmt: skip


def main() -> None:
    """Build all tables."""
    sources = sources_argument(__doc__ or "")
    ferries, listed, tables = records("ferry_lines"), records("ferry_piers"), NetworkTables()
    piers = {i: (r["lon"], r["lat"]) for i, r in listed.items()}
    times = sailings(sources / "hk_bus_headways" / "td_gtfs_part", {str(r["route"]) for r in ferries.values()})  # fmt: skip
    for line_id, ferry in ferries.items():
        course_m = length_m(sources / "hk_rail_ferry_waypoints" / "ferry", ferry, piers)
        add_ferry(tables, line_id, ferry, course_m, times)
    add_walks(tables, piers)
    tables.stations = [pier_row(i, r) for i, r in listed.items()]
    tables.write("ferry")


if __name__ == "__main__":
    main()
