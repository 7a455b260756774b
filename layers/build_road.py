"""Bus, minibus, coach and shuttle lines that serve the road control points, from the Hong Kong side.

    python layers/build_road.py --sources DIR

Inputs (DIR): hk_bus_headways/{KMB,CTB,NLB,GMB}_{Route,Stop}.json and td_gtfs_part/{frequencies,stops}.txt, all from the
Transport Department and operators via DATA.GOV.HK (2026-08; attribution). layers/network/stations_hk.csv for the rail
stations that a route passes.

Method. Departures are those of a Wednesday. A route keeps its ends, the stop nearest each rail
station within 250 m, and a stop about every 1.5 km; stops of different routes within 150 m are one. The run time is the
published end-to-end time, shared out by distance between the stops kept; dwell is inside it. A period's
headway is the time served in it over its departures. Coaches to Huanggang end at the Hong Kong hall of the control point:
clearance by `separate_bus` takes their passengers across. Known faults: minibus 618 has no departures back after 12:05
(the outward table serves both ways) and 59S shows 3 minutes (10 is assumed).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

WEDNESDAY = 4  # service ids are bit masks: 1 Monday, 2 Tuesday, 4 Wednesday, ...
NEAR_RAIL_M, SPACING_M, SAME_STOP_M = 250.0, 1500.0, 150.0
PERIODS = {
    "early": (300, 450), "am_peak": (450, 570), "midday": (570, 1020), "pm_peak": (1020, 1170),
    "evening": (1170, 1320), "late": (1320, 1530), "night": (1530, 1740),
}  # fmt: skip
SOURCE = "Transport Department and operators via DATA.GOV.HK, 2026-08"
OPERATOR = {
    "KMB": "Kowloon Motor Bus",
    "CTB": "Citybus",
    "NLB": "New Lantao Bus",
    "GMB": "Green minibus",
    "XB": "Cross-boundary coaches",
}
# Stops inside a control point: reached by bus only, and joined to its hall.
TERMINI = {
    "bus-shenzhen-bay-port": ("Shenzhen Bay Port", "深圳灣口岸", "深圳湾口岸", 113.9455, 22.5035, "shenzhen-bay@hk", 180),
    "bus-heung-yuen-wai-port": ("Heung Yuen Wai Port", "香園圍口岸", "香园围口岸", 114.1539, 22.5528, "heung-yuen-wai@hk", 180),
    "bus-lok-ma-chau-spur": ("Lok Ma Chau Station (bus)", "落馬洲站（巴士）", "落马洲站（巴士）", 114.0656, 22.5150, "lok-ma-chau-spur@hk", 180),
    "bus-huanggang-hk": ("Lok Ma Chau Control Point (coach)", "落馬洲管制站（過境巴士）", "落马洲管制站（过境巴士）", 114.07405, 22.50938, "huanggang@hk", 60),
    "bus-man-kam-to": ("Man Kam To (San Uk Ling)", "文錦渡（新屋嶺）", "文锦渡（新屋岭）", 114.1262, 22.5346, "man-kam-to@hk", 470),
}  # fmt: skip
# operator, route, terminus inside a control point (None: a feeder that only passes San Tin)
ROUTES = [
    ("KMB", "B1", "bus-lok-ma-chau-spur"), ("GMB", "75", "bus-lok-ma-chau-spur"), ("KMB", "276B", None), ("KMB", "76K", None),
    ("KMB", "N73", None), ("KMB", "73K", "bus-man-kam-to"), ("KMB", "79K", "bus-heung-yuen-wai-port"), ("KMB", "B9", "bus-heung-yuen-wai-port"),
    ("CTB", "B7", "bus-heung-yuen-wai-port"), ("CTB", "B8", "bus-heung-yuen-wai-port"), ("GMB", "59S", "bus-heung-yuen-wai-port"),
    ("CTB", "B3", "bus-shenzhen-bay-port"), ("CTB", "B3A", "bus-shenzhen-bay-port"), ("CTB", "B3X", "bus-shenzhen-bay-port"),
    ("NLB", "B2", "bus-shenzhen-bay-port"), ("NLB", "B2P", "bus-shenzhen-bay-port"), ("GMB", "618", "bus-shenzhen-bay-port"),
]  # fmt: skip
GMB_IDS = {"75": 2007398, "59S": 2009180, "618": 2007438}
# id, name, day and night route of the timetable, minutes, stop of the timetable, its name
COACHES = [
    ("yellow-bus", ("Yellow Bus, San Tin - Huanggang", "皇巴士 新田－皇崗", "皇巴士 新田－皇岗"), ("1997", "1998"), 6, "6690", ("San Tin Public Transport Interchange", "新田公共運輸交匯處", "新田公共运输交汇处")),
    ("coach-kwun-tong-huanggang", ("Coach Kwun Tong - Huanggang", "過境巴士 觀塘－皇崗", "过境巴士 观塘－皇岗"), ("1970", "1971"), 61, "1326", ("Lam Tin Station (coach)", "藍田站（過境巴士）", "蓝田站（过境巴士）")),
    ("coach-mong-kok-huanggang", ("Coach Mong Kok - Huanggang", "過境巴士 旺角－皇崗", "过境巴士 旺角－皇岗"), ("1991", "8250"), 55, "12767", ("Arran Street, Mong Kok (coach)", "旺角鴉蘭街（過境巴士）", "旺角鸦兰街（过境巴士）")),
    ("coach-wan-chai-huanggang", ("Coach Wan Chai - Huanggang", "過境巴士 灣仔－皇崗", "过境巴士 湾仔－皇岗"), ("1993", "1994"), 60, "10000110", ("Exhibition Centre Station (coach)", "會展站（過境巴士）", "会展站（过境巴士）")),
    ("coach-tsuen-wan-huanggang", ("Coach Tsuen Wan - Huanggang", "過境巴士 荃灣－皇崗", "过境巴士 荃湾－皇岗"), ("1972", "1973"), 41, "9639", ("Discovery Park, Tsuen Wan (coach)", "荃灣愉景新城（過境巴士）", "荃湾愉景新城（过境巴士）")),
    ("coach-yau-tsim-huanggang", ("Coach Yau Tsim - Huanggang", "過境巴士 油尖－皇崗", "过境巴士 油尖－皇岗"), ("8239", "1992"), 43, "12726", ("Austin Road (coach)", "柯士甸道（過境巴士）", "柯士甸道（过境巴士）")),
]  # fmt: skip


@dataclass
class Stop:
    """A road stop shared by routes."""

    stop_id: str
    names: tuple[str, str, str]
    lon: float
    lat: float
    street: bool = True


@dataclass
class Tables:
    """The rows of the road slice."""

    stops: dict[str, Stop] = field(default_factory=dict)
    lines: list[tuple] = field(default_factory=list)
    patterns: list[tuple] = field(default_factory=list)
    calls: list[tuple] = field(default_factory=list)
    headways: list[tuple] = field(default_factory=list)
    hours: list[tuple] = field(default_factory=list)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Distance of two near places (lon, lat), good to 0.1 % here."""
    return math.hypot((a[0] - b[0]) * 102_880, (a[1] - b[1]) * 110_740)


def minute(text: str) -> float:
    """Minutes after midnight of HH:MM:SS."""
    h, m, s = (int(x) for x in (text if ":" in text else f"{text[:2]}:{text[2:]}:00").split(":"))
    return 60 * h + m + s / 60


Window = tuple[float, float, float]  # start, end, headway, all in minutes


def departures(windows: list[Window]) -> list[float]:
    """Departure minutes of headway windows [start, end)."""
    found: set[float] = set()
    for start, end, headway in windows:
        t = start
        while t < end - 1e-6 or t == start:
            found.add(round(t, 2))
            t += max(headway, 1)
    return sorted(found)


def service(windows: list[Window], all_day: bool) -> tuple[dict[str, float], float, float]:
    """Headway in seconds by period, first and last departure in minutes."""
    times = departures(windows)
    wrapped = [t + d for t in times for d in (-1440, 0, 1440)] if all_day else times
    headway = {}
    for name, (start, end) in PERIODS.items():
        inside = [t for t in wrapped if start <= t < end]
        served = min(end, max(wrapped) + 30) - max(start, min(wrapped))
        if inside:
            headway[name] = round(60 * max(served, 10) / len(inside))
    return headway, times[0], times[-1]


def clock(minutes: float) -> str:
    """HH:MM."""
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


def slug(text: str) -> str:
    """A station id from an English name."""
    plain = re.sub(r"\(.*?\)|,.*$", "", text).replace("'", "")
    return "bus-" + re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def station_points(folder: Path) -> list[tuple[float, float]]:
    """Rail stations of Hong Kong."""
    with (folder / "network" / "stations_hk.csv").open(encoding="utf-8") as stream:
        return [
            (float(r["lon"]), float(r["lat"]))
            for r in csv.DictReader(stream)
            if r["street_access"] == "1" and r["region"] == "hk"
        ]


def thinned(points: list[tuple[float, float]], rail: list[tuple[float, float]]) -> list[int]:
    """Which stops of a route to keep: both ends, the nearest to each rail station, and one about every 1.5 km."""
    keep = {0, len(points) - 1}
    for station in rail:
        gap, i = min((metres(p, station), i) for i, p in enumerate(points))
        if gap <= NEAR_RAIL_M:
            keep.add(i)
    last = 0
    for i in range(1, len(points) - 1):
        if i in keep:
            last = i
        elif metres(points[last], points[i]) >= SPACING_M:
            keep.add(i)
            last = i
    return sorted(keep)


def shared_stop(tables: Tables, names: tuple[str, str, str], lon: float, lat: float) -> str:
    """An existing stop within 150 m, or a new one."""
    for stop in tables.stops.values():
        if stop.street and metres((stop.lon, stop.lat), (lon, lat)) <= SAME_STOP_M:
            return stop.stop_id
    stop_id, n = slug(names[0]), 2
    while stop_id in tables.stops:
        stop_id, n = f"{slug(names[0])}-{n}", n + 1
    tables.stops[stop_id] = Stop(stop_id, names, lon, lat)
    return stop_id


def terminus(tables: Tables, stop_id: str) -> str:
    """A stop inside a control point."""
    en, hant, hans, lon, lat, _, _ = TERMINI[stop_id]
    tables.stops.setdefault(
        stop_id, Stop(stop_id, (en, hant, hans), lon, lat, street=stop_id == "bus-man-kam-to")
    )
    return stop_id


def variants(sources: Path, operator: str, route: str) -> Iterator[tuple[dict, list[dict]]]:
    """Both directions of a route with their stops: the variant with most departures each way."""
    folder = sources / "hk_bus_headways"
    stops = {s["stop"]: s for s in json.loads((folder / f"{operator}_Stop.json").read_text(encoding="utf-8"))}
    found = [
        r for r in json.loads((folder / f"{operator}_Route.json").read_text(encoding="utf-8"))
        if r["route"] == route and r.get("journeyTime") and (operator != "GMB" or r["routeId"] == GMB_IDS[route])
    ]  # fmt: skip
    by_way: dict[str, dict] = {}
    for r in found:
        way = str(r.get("bound") or r.get("routeSeq") or r["dest_en"])
        if way not in by_way or len(departures(windows_of(r))) > len(departures(windows_of(by_way[way]))):
            by_way[way] = r
    for r in by_way.values():
        yield r, [stops[s] for s in r["stops"] if s in stops]


def windows_of(route: dict) -> list[Window]:
    """Working-day headway windows of a route."""
    freq = route.get("freq")
    parts = [part for part in (freq if isinstance(freq, list) else [freq]) if part]
    listed = {w for part in parts for day, ws in part.items() if int(day) & WEDNESDAY for w in ws}
    parsed = [w.split("|") for w in sorted(listed)]
    return [
        (minute(w[0]), minute(w[1]), float(w[2]) / 60)
        if len(w) == 3
        else (minute(w[0]), minute(w[0]) + 1, 60.0)
        for w in parsed
    ]


def add_route(
    tables: Tables, sources: Path, operator: str, route: str, end: str | None, rail: list[tuple[float, float]]
) -> str:
    """Add both directions of a bus route; returns a line of the report."""
    line_id = f"{'minibus' if operator == 'GMB' else 'bus'}-{route.lower()}"
    both = list(variants(sources, operator, route))
    outward = next((w for r, _ in both if (w := windows_of(r))), [])
    added = []
    for r, stops in both:
        windows, assumed, note = windows_of(r), 0, SOURCE
        if route == "59S":
            windows, assumed, note = [(windows[0][0], windows[-1][1], 10.0)], 1, "road-59s"
        if route == "618" and windows and windows[-1][1] < 800:
            windows, assumed, note = outward, 1, "road-618"
        if not windows or len(stops) < 2:
            continue
        added.append(
            add_direction(
                tables, line_id, f"{line_id}-{len(added) + 1}", r, stops, windows, end, rail, assumed, note
            )
        )
    name = [
        f"Route {route}",
        f"{route}號{'小巴' if operator == 'GMB' else '巴士'}",
        f"{route}路{'小巴' if operator == 'GMB' else '巴士'}",
    ]
    tables.lines.append((line_id, *name, "bus", OPERATOR[operator], "existing", "", "", "A", SOURCE))
    return f"{line_id}: " + "; ".join(added)


def add_direction(
    tables: Tables, line_id: str, pattern_id: str, r: dict, stops: list[dict], windows: list[Window], end: str | None,
    rail: list[tuple[float, float]], assumed: int, note: str,
) -> str:  # fmt: skip
    points = [(float(s["long"]), float(s["lat"])) for s in stops]
    ids = []
    for i in thinned(points, rail):
        hall = end is not None and i in (0, len(points) - 1) and metres(points[i], TERMINI[end][3:5]) < 1000
        s = stops[i]
        hans = s.get("name_sc") or s["name_tc"]
        names = tuple(
            re.sub(r"\s*\([A-Z]{2}\d+\)", "", n).strip() for n in (s["name_en"], s["name_tc"], hans)
        )
        ids.append((terminus(tables, end) if hall else shared_stop(tables, names, *points[i]), i))
    calls = [ids[0]]
    for stop in ids[1:]:
        if stop[0] != calls[-1][0]:
            calls.append(stop)
    along = [0.0]
    for a, b in zip(points[:-1], points[1:], strict=True):
        along.append(along[-1] + metres(a, b))
    minutes = float(str(r["journeyTime"]).split("|")[0])
    for k, (stop_id, i) in enumerate(calls):
        gap = along[calls[k + 1][1]] - along[i] if k + 1 < len(calls) else None
        run = round(60 * minutes * gap / along[-1]) if gap is not None else ""
        tables.calls.append(
            (
                pattern_id,
                k + 1,
                stop_id,
                run,
                0,
                round(1.3 * gap) if gap is not None else "",
                "",
                "existing",
                "C",
                f"{SOURCE}; {minutes:.0f} min end to end shared out by distance",
            )
        )
    tables.patterns.append(
        (pattern_id, line_id, "forward", "", f"{r['orig_en']} to {r['dest_en']}, working days")
    )
    headway, first, last = service(windows, all_day=False)
    add_service(tables, pattern_id, "forward", headway, first, last, assumed, note)
    return f"{len(calls)} of {len(stops)} stops, {minutes:.0f} min, {clock(first)}-{clock(last)}"


def add_service(
    tables: Tables,
    pattern_id: str,
    way: str,
    headway: dict[str, float],
    first: float,
    last: float,
    assumed: int,
    note: str,
) -> None:
    """Headway and hour rows of one direction."""
    confidence, assumption, source = ("M", note, "assumption") if assumed else ("A", "", SOURCE)
    tables.headways += [
        (pattern_id, name, seconds, assumed, assumption, confidence, source)
        for name, seconds in headway.items()
    ]
    tables.hours.append((pattern_id, way, clock(first), clock(last), assumed, assumption, confidence, source))


def add_coaches(tables: Tables, sources: Path) -> list[str]:
    """Cross-boundary coaches and the Yellow Bus, day and night routes as one line."""
    folder = sources / "hk_bus_headways" / "td_gtfs_part"
    windows: dict[tuple[str, str], list[Window]] = {}
    with (folder / "frequencies.txt").open(encoding="utf-8-sig") as stream:
        for row in csv.DictReader(stream):
            route, way, day, _ = row["trip_id"].split("-")
            if int(day) & WEDNESDAY:
                windows.setdefault((route, way), []).append(
                    (minute(row["start_time"]), minute(row["end_time"]), float(row["headway_secs"]) / 60)
                )
    with (folder / "stops.txt").open(encoding="utf-8-sig") as stream:
        position = {
            r["stop_id"]: (float(r["stop_lon"]), float(r["stop_lat"])) for r in csv.DictReader(stream)
        }
    report = []
    for line_id, names, (day, night), minutes, stop, stop_names in COACHES:
        town = shared_stop(tables, stop_names, *position[stop])
        port = terminus(tables, "bus-huanggang-hk")
        tables.lines.append(
            (
                line_id,
                *names,
                "shuttle" if line_id == "yellow-bus" else "coach",
                OPERATOR["XB"],
                "existing",
                "",
                "",
                "A",
                SOURCE,
            )
        )
        for n, (way, a, b) in enumerate((("1", town, port), ("2", port, town)), start=1):
            pattern_id = f"{line_id}-{n}"
            tables.patterns.append(
                (
                    pattern_id,
                    line_id,
                    "forward",
                    "",
                    f"routes {day} and {night}, working days; intermediate stops left out",
                )
            )
            tables.calls += [
                (
                    pattern_id,
                    1,
                    a,
                    60 * minutes,
                    0,
                    "",
                    "",
                    "existing",
                    "A",
                    f"{SOURCE}; published end to end",
                ),
                (pattern_id, 2, b, "", 0, "", "", "existing", "A", SOURCE),
            ]
            served = sorted(windows.get((day, way), []) + windows.get((night, way), []))
            headway, first, last = service(served, all_day=True)
            add_service(tables, pattern_id, "forward", headway, 0, 1440, 0, "")
            report.append(
                f"{pattern_id}: {minutes} min, {len(departures(served))} departures, {clock(first)}-{clock(last)}, {headway}"
            )
    return report


ASSUMPTIONS = [
    ("road-59s", "Green minibus", "bus", "all", "headway", 10, "min", "the open table says 3 min, which looks wrong", "M", "assumption"),
    ("road-618", "Green minibus", "bus", "all", "headway and hours", "", "", "the table back ends at 12:05; the outward table serves both ways", "M", "assumption"),
    ("road-walk", "all", "bus", "all", "walk from stop to hall", 180, "s", "60 s for coaches that stop at the hall; Man Kam To 431 m on foot", "M", "assumption"),
]  # fmt: skip


def write(path: Path, header: str, rows: list[tuple]) -> None:
    """A sorted CSV."""
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
    layers = Path(__file__).resolve().parent
    tables, rail = Tables(), station_points(layers)
    for text in add_coaches(tables, sources):
        print(text)
    for operator, route, end in ROUTES:
        print(add_route(tables, sources, operator, route, end, rail))
    network = layers / "network"
    stations = [
        (s.stop_id, *s.names, f"{s.lon:.5f}", f"{s.lat:.5f}", "hk", "road", "existing", "", int(s.street), 50, "operator's stop", "", "", "A", SOURCE)
        for s in sorted(tables.stops.values(), key=lambda s: s.stop_id)
    ]  # fmt: skip
    write(
        network / "stations_road.csv",
        "station_id,name_en,name_zh_hant,name_zh_hans,lon,lat,region,system,status,opened,street_access,accuracy_m,position_source,checked_against,check_distance_m,confidence,source",
        stations,
    )
    write(
        network / "lines_road.csv",
        "line_id,name_en,name_zh_hant,name_zh_hans,mode,operator,status,colour,opened,confidence,source",
        sorted(tables.lines),
    )
    write(
        network / "patterns_road.csv", "pattern_id,line_id,direction,clearance,note", sorted(tables.patterns)
    )
    write(
        network / "pattern_stops_road.csv",
        "pattern_id,seq,station_id,run_s,dwell_s,length_m,opened,status,confidence,source",
        sorted(tables.calls, key=lambda c: (c[0], c[1])),
    )
    write(
        network / "headways_road.csv",
        "pattern_id,period,headway_s,assumed,assumption_id,confidence,source",
        sorted(tables.headways),
    )
    write(
        network / "hours_road.csv",
        "pattern_id,direction,first,last,assumed,assumption_id,confidence,source",
        sorted(tables.hours),
    )
    halls = [
        (stop_id, TERMINI[stop_id][5], TERMINI[stop_id][6], "", "covered", 1, "M", "road-walk", "")
        for stop_id in sorted(TERMINI)
    ]
    halls.append(
        (
            "bus-lok-ma-chau-spur",
            "lok-ma-chau",
            150,
            "",
            "covered",
            1,
            "M",
            "road-walk",
            "bus terminus below the station",
        )
    )
    write(
        network / "interchanges_road.csv",
        "from_station,to_station,walk_s,length_m,kind,assumed,confidence,source,note",
        halls,
    )
    write(
        network / "service_assumptions_road.csv",
        "assumption_id,operator,mode,period,quantity,value,unit,reason,confidence,source",
        ASSUMPTIONS,
    )
    print(f"{len(tables.stops)} stops, {len(tables.lines)} lines, {len(tables.patterns)} patterns")


if __name__ == "__main__":
    main()
