"""The express rail link between West Kowloon, Futian and Shenzhen North. Called by hk_rail.py.

In (below DIR): xrl_gtfs_qgmzmy/gtfs (timetable of the Hong Kong operator), shenzhen_metro/xrl_run_minutes_12306.csv (trains a
day of both operators), records/express_rail_*.csv. Out: rows of the tables.

Run times are medians of the timetable. Trains of the Mainland operator are spread evenly over the day (assumption xrl-spread).
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from hk_light_rail import clock, hhmm
from hk_rail_stations import Stations
from network_tables import PERIODS, NetworkTables
from rail_track import Track, link_length
from shapely.geometry import LineString
from tables import Row, names, read, record_rows, records

from corridor.core.crs import project

MAP_NAMES = {"WEK": "香港西九龙", "FUT": "福田", "SZB": "深圳北"}
TRACK_SHAPE = "WEK2SZB"
LEAST_OVERLAP_H = 0.75  # a period that first or last train cuts shorter takes the headway of its neighbour
NEIGHBOUR = {"early": "am_peak", "late": "evening"}
WAYS = ("forward", "backward")


@dataclass
class Timetable:
    """Weekday trains of the Hong Kong operator between our stations (codes WEK, FUT, SZB)."""

    departures: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """Minutes after midnight at the first of our stations, by stations called at ("WEK FUT") and direction."""
    run_min: dict[frozenset[str], float] = field(default_factory=dict)
    dwell_min: float = 0.0


def timetable(folder: Path) -> Timetable:
    """The weekday timetable; run times are medians over both directions."""
    weekday = {t["trip_id"] for t in read(folder / "trips.txt") if t["service_id"] == "normal"}
    calls = defaultdict(list)
    for s in read(folder / "stop_times.txt"):
        if s["trip_id"] in weekday:
            calls[s["trip_id"]].append((int(s["stop_sequence"]), s["stop_id"][:3], clock(s["arrival_time"]), clock(s["departure_time"])))  # fmt: skip
    found, runs, dwells = Timetable(), defaultdict(list), []
    for trip in calls.values():
        here = [(s, a, d) for _, s, a, d in sorted(trip) if s in MAP_NAMES]
        codes = [s for s, _, _ in here]
        way = "forward" if codes[0] == "WEK" else "backward"
        found.departures[" ".join(c for c in MAP_NAMES if c in codes), way].append(here[0][2])
        for (a, _, left), (b, arrived, _) in pairwise(here):
            runs[frozenset((a, b))].append(arrived - left)
        dwells += [d - a for _, a, d in here[1:-1]]
    found.run_min = {pair: statistics.median(minutes) for pair, minutes in runs.items()}
    found.dwell_min = statistics.median(dwells)
    return found


def trains_a_day(src: Path, own: Timetable) -> dict[tuple[str, str], int]:
    """Trains of both operators by stations called at and direction (assumption xrl-futian-stop)."""
    listed = {(r["from"], r["to"]): int(r["n"]) for r in read(src / "shenzhen_metro/xrl_run_minutes_12306.csv")}  # fmt: skip
    found: dict[tuple[str, str], int] = {}
    for way in WAYS:
        to_futian, to_north = (
            listed[(MAP_NAMES["WEK"], there) if way == "forward" else (there, MAP_NAMES["WEK"])]
            for there in (MAP_NAMES["FUT"], MAP_NAMES["SZB"])
        )
        ends = len(own.departures["WEK FUT", way])
        through = to_futian - ends
        found |= {("WEK FUT", way): ends, ("WEK FUT SZB", way): through, ("WEK SZB", way): to_north - through}
    return found


def track(folder: Path) -> Track:
    """The line as the timetable draws it."""
    points = sorted(
        (int(r["shape_pt_sequence"]), float(r["shape_pt_lon"]), float(r["shape_pt_lat"]))
        for r in read(folder / "shapes.txt")
        if r["shape_id"] == TRACK_SHAPE
    )
    return Track([project(LineString([p[1:] for p in points]))])


def build(src: Path, tables: NetworkTables, stations: Stations) -> None:
    """Add everything of the express rail link to the tables."""
    folder = src / "xrl_gtfs_qgmzmy/gtfs"
    own, line = timetable(folder), track(folder)
    total = trains_a_day(src, own)
    print(f"Express rail: trains a day {total}; run minutes { ({'-'.join(sorted(k)): v for k, v in own.run_min.items()}) }, dwell at Futian {own.dwell_min} min")  # fmt: skip
    r = records("hk_rail_lines")["xrl"]
    tables.line("xrl", names(r), **{c: r[c] for c in ("mode", "operator", "colour", "opened", "confidence", "source")})  # fmt: skip
    for pattern in record_rows("express_rail_patterns"):
        add_pattern(tables, stations, own, line, pattern, total)


def add_pattern(tables: NetworkTables, stations: Stations, own: Timetable, line: Track, pattern: Row, total: dict[tuple[str, str], int]) -> None:  # fmt: skip
    """Add one pattern with stops, hours and headways."""
    code = {i: r["code"] for i, r in records("express_rail_stations").items()}
    pattern_id, order = pattern["pattern_id"], pattern["stations"].split()
    tables.pattern(pattern_id, "xrl", "both", pattern["note"], "west-kowloon:west-kowloon")
    for seq, (sid, following) in enumerate(zip(order, [*order[1:], None], strict=True), 1):
        source, run_s, length = "X01 X07; timetable of 2026-01-26, median", "", ""
        if following:
            run_s = str(round(60 * own.run_min[frozenset((code[sid], code[following]))]))
            length_m, official = link_length(line, stations.lonlat(sid), stations.lonlat(following))
            length = str(round(length_m))
            source += "" if official else "; length straight x 1.1"
        tables.stop(pattern_id, seq, sid, run_s, round(60 * own.dwell_min), length, "B", source)
    stops = " ".join(code[s] for s in order)
    windows = {}
    for way in WAYS:
        known = sorted(own.departures[stops, way])
        windows[way] = (known[0], known[-1])
        if pattern["forward_first"]:
            windows[way] = (clock(pattern[f"{way}_first"]), clock(pattern[f"{way}_last"]))
        first, last = (hhmm(t) for t in windows[way])
        tables.hour(pattern_id, way, first, last, "xrl-hours" if pattern["forward_first"] else "", pattern["confidence"], pattern["source"])  # fmt: skip
    mainland = {way: total[stops, way] - len(own.departures[stops, way]) for way in WAYS}
    by_period, borrowed = headways_s(own, stops, windows, mainland)
    spread = any(mainland.values())
    text = "12306 2026 and timetable of 2026-01-26: mean of both directions" if spread else "timetable of 2026-01-26, weekdays: departures in the period, mean of both directions"  # fmt: skip
    for period, seconds in by_period.items():
        assumed = spread or period in borrowed
        tables.headway(pattern_id, period, seconds, "xrl-spread" if assumed else "", "C" if assumed else "B", text)  # fmt: skip


def headways_s(own: Timetable, stops: str, windows: dict[str, tuple[float, float]], mainland: dict[str, int]) -> tuple[dict[str, float], set[str]]:  # fmt: skip
    """Seconds between trains by period, mean of both directions; and the periods that take those of a neighbour."""
    found: dict[str, float] = {}
    for period, (start, end) in PERIODS.items():
        if period == "night":
            continue
        per_hour, runs_at_all = [], False
        for way, (first, last) in windows.items():
            overlap_h = (min(end, last) - max(start, first)) / 60
            runs_at_all |= overlap_h > 0
            if overlap_h < LEAST_OVERLAP_H:
                continue
            count = sum(start <= t < end for t in own.departures[stops, way])
            spread = mainland[way] * overlap_h / ((last - first) / 60)
            per_hour.append((count + spread) / overlap_h)
        if per_hour:
            found[period] = 3600 / statistics.mean(per_hour)
        elif runs_at_all:
            found[period] = math.nan
    borrowed = {period for period, seconds in found.items() if math.isnan(seconds)}
    return found | {period: found[NEIGHBOUR[period]] for period in borrowed}, borrowed
