"""Build the Hong Kong rail tables (layers/network/*_hk.csv) from the reference data folder.

    python layers/build/hk_rail.py --sources DIR

Inputs (below DIR):
    hk_mtr_opendata/                order and names of lines, stations, Light Rail routes and stops (MTR open data)
    hk_mtr_exits/                   positions of station exits (open data)
    hk_rail_ferry_waypoints/        official geometry of the lines (CSDI)
    hk_mtr_runtimes_harrywang/      seconds of run and dwell of every link (computed), weekday ranges of headways
    hk_journey_times/               observed seconds between stations: for checking, and for long links that no published
                                    run holds
    hk_light_rail_stops/            positions of Light Rail stops
    hk_lightrail_schedule/          first and last trams at each stop
    xrl_gtfs_qgmzmy/gtfs/           timetable of the Hong Kong operator's express trains
    shenzhen_metro/                 express rail stations (OpenStreetMap), daily trains of both operators (12306)
    nodes_approx.csv                approximate positions, to check and to split runs at future stations
Facts that the folder lacks (opening dates, patterns, first and last trains, walking times, published runs) are records:
records/{hk_rail_lines,hk_station_openings,hk_future_stops,mtr_patterns,hk_interchanges,rail_runs,express_rail_*}.csv.
Assumptions are written by hand in layers/network/service_assumptions_hk.csv; their values are read from there.

Method, each part in its file
    hk_rail_stations.py   positions, and their check against a second source
    rail_track.py         lengths along the official line
    hk_rail_runs.py       run times. The source computes them from length, one top speed a line and one acceleration: right on
                          short links, slow on long ones. Two corrections, both rows of the assumptions table:
        East Rail dwell. The source has a constant 30 s, not a measurement: Admiralty-Lo Wu then is 41.6 min. The Transport
        Department says about 45, the press 17 min Tai Wai-Admiralty (14.6 with 30 s). 40 s give 43.6 min (46.3 to Lok Ma
        Chau, about 50 published): the middle between the source and publication.
        Links of 4 km and more, by the rule of rail_evidence.py. The source of a row says which.
    hk_mtr.py             patterns, future stops, headways; early, evening and late headways and first and last trains of
                          the MTR are assumptions
    hk_light_rail.py      Light Rail
    hk_express_rail.py    express rail

Checks printed: counts, distances to the second source and to the official line, run times against observed ones,
totals, trunk headways.

Licence: own compilation, CC BY 4.0; contains data of DATA.GOV.HK (attribution: MTR Corporation, CSDI, Transport
Department) and OpenStreetMap, ODbL 1.0 (© OpenStreetMap contributors).
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import hk_express_rail
import hk_light_rail
import hk_mtr
from hk_rail_runs import fit_long_links, source_runs, station_codes
from hk_rail_stations import Stations, express_stations, light_rail_stations, load_json, mtr_stations
from network_tables import NetworkTables
from positions import LonLat, metres
from rail_track import Track
from tables import Row, assumptions, read, record_rows, records, sources_argument

OUTLIERS = {("SHS", "LMC"), ("HFC", "CHW"), ("SUN", "TUC")}
"""Observed links that the notes of their source name as wrong."""


def interchanges(tables: NetworkTables, stations: Stations, other: dict[str, LonLat]) -> None:
    """Add the walks: as published or assumed in the record, else by the straight line between station points."""
    assumed = assumptions("hk")
    detour, speed_m_s, levels_s = (assumed[k]["value"] for k in ("hk-detour", "hk-walk", "hk-levels"))
    text = f"straight line between station points x {detour} at {speed_m_s} m/s and {levels_s} s for levels (assumption)"
    for r in record_rows("hk_interchanges"):
        a, b, walk_s, length, note = r["from_station"], r["to_station"], r["walk_s"], "", r["note"] or ""
        if walk_s is None:
            near, far = (other.get(s) or stations.middle.get(s) or stations.lonlat(s) for s in (a, b))
            length_m = detour * metres(near, far)
            walk_s, length = 5 * round((length_m / speed_m_s + levels_s) / 5), str(round(length_m))
            note = f"{note}; {text}" if note else text
        tables.interchange(a, b, walk_s, length, r["kind"], r["assumed"], r["confidence"], r["source"], note)


def today(rows: list[Row]) -> list[tuple[str, float, float]]:
    """Station, run, dwell of the stops of today: closed ones give their run to the one before and drop their dwell."""
    served: list[tuple[str, float, float]] = []
    for row in rows:
        run_s = float(row["run_s"] or 0)
        if row["status"] == "existing":
            served.append((row["station_id"], run_s, float(row["dwell_s"])))
        else:
            station, before_s, dwell_s = served[-1]
            served[-1] = (station, before_s + run_s, dwell_s)
    return served


def check_times(src: Path, tables: NetworkTables) -> None:
    """Print run times against observed ones, and the total of each pattern (validate_times.py has the published ones)."""
    code = station_codes(src)
    observed = load_json(src / "hk_journey_times/times_all.json")
    by_pattern: dict[str, list[Row]] = defaultdict(list)
    for row in tables.pattern_stops:
        by_pattern[row["pattern_id"]].append(row)
    line_of = {p["pattern_id"]: p["line_id"] for p in tables.patterns}
    metro = {i for i, r in records("hk_rail_lines").items() if r["mode"] == "metro"}
    ours = {
        (line_of[pattern], a, b): run_s + dwell_s
        for pattern, rows in reversed(by_pattern.items())
        if line_of[pattern] in metro
        for (a, run_s, _), (b, _, dwell_s) in pairwise(today(rows))
    }
    differences = []
    for (line_id, a, b), seconds in ours.items():
        pairs = [(code[a], code[b]), (code[b], code[a])]
        seen = [observed.get(p, {}).get(q) for p, q in pairs if (p, q) not in OUTLIERS]
        if any(seen):
            differences.append((abs(seconds - statistics.mean(s for s in seen if s)), line_id, a, b))
    off_s = [d[0] for d in differences]
    print(
        f"Run + dwell against observed times, {len(off_s)} links: mean absolute difference {statistics.mean(off_s):.0f} s, median"
        f" {statistics.median(off_s):.0f} s; largest {[(round(d[0]), *d[1:]) for d in sorted(differences, reverse=True)[:5]]}"
    )
    for pattern in (p for p, line_id in line_of.items() if line_id in {*metro, "xrl"}):
        stops = today(by_pattern[pattern])
        minutes = (sum(run for _, run, _ in stops[:-1]) + sum(dwell for _, _, dwell in stops[1:-1])) / 60
        length_km = sum(int(r["length_m"] or 0) for r in by_pattern[pattern]) / 1000
        print(f"  {pattern}: {minutes:.1f} min, {length_km:.1f} km, {len(stops)} stops")  # fmt: skip


def main() -> None:
    """Build all tables."""
    src = sources_argument(__doc__ or "")
    ways = src / "hk_rail_ferry_waypoints"
    lines = records("hk_rail_lines")
    codes = {i: r["code"] for i, r in lines.items() if r["mode"] == "metro"}
    tracks = {code: Track.read(ways / "mtr" / f"{code.lower()}.json") for code in codes.values()}
    tram_tracks = {p.stem: Track.read(p) for p in sorted((ways / "lrt").glob("*.json"))}
    tram_routes = {str(r["code"]) for r in lines.values() if r["mode"] == "light_rail"}
    stations, tables = Stations(), NetworkTables()
    orders = mtr_stations(src, stations, tracks)
    routes = light_rail_stations(src, stations, tram_tracks, tram_routes)
    express_stations(src, stations)
    runs = source_runs(src)
    fit_long_links(src, stations, orders, tracks, runs)
    hk_mtr.lines(tables)
    hk_mtr.patterns(tables, hk_mtr.Ways(stations, runs, {i: tracks[c] for i, c in codes.items()}), orders)
    hk_light_rail.build(src, tables, stations, routes, tram_tracks)
    hk_mtr.headways(src, tables)
    hk_express_rail.build(src, tables, stations)
    at = {
        r["name_zh_hans"]: (float(r["lon"]), float(r["lat"]))
        for r in read(src / "shenzhen_metro/stations_compiled_wgs84.csv")
        if r["lon"]
    }
    short = station_codes(src) | {i: r["code"] for i, r in records("express_rail_stations").items()}
    for station_id, row in stations.rows.items():
        row["code"] = short.get(station_id, "") if row["system"] in {"metro", "hsr"} else ""
    interchanges(tables, stations, {"sz-shopping-park": at["购物公园"]})
    check_times(src, tables)
    tables.stations = list(stations.rows.values())
    tables.write("hk")
    print(
        f"{len(tables.stations)} stations, {len(tables.lines)} lines, {len(tables.patterns)} patterns, {len(tables.pattern_stops)} stops,"
        f" {len(tables.headways)} headways, {len(tables.hours)} hours, {len(tables.interchanges)} interchanges"
    )


if __name__ == "__main__":
    main()
