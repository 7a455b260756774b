"""Build the Shenzhen metro tables (layers/network/*_sz.csv) from the reference data folder.

    python layers/build/sz_metro.py --sources DIR

Inputs (DIR/shenzhen_metro/):
    official_line_order_2026-01-14_transcribed.json   order of stations and colour of the 16 routes
    stations_compiled_wgs84.csv                       positions, source A checked against B, distance given
    line13_and_missing_positions_wgs84.csv            OpenStreetMap positions of the missing ones
    shenzhen_run_minutes_by_segment.csv               minutes between stops, stops included, and track metres
Facts that the folder lacks are records: records/sz_{lines,phases,stations,line_16_links,changes,walks}.csv. Assumptions (all
headways, walking, dwell) are written by hand in layers/network/service_assumptions_sz.csv; their values are read from there.

Method: positions in sz_metro_stations.py, run times in sz_metro_runs.py. A stop carries the date from which its line serves
it, so that a scenario of 2024 does not run a line of 2026. Each row of a headway names its assumption.

Checks printed: number of stations and stops, A-B distances, straight against track length, line lengths against the published
ones, line totals against published totals. validate_times.py compares Line 11 with its published run times (Z01).

Licence: own compilation, CC BY 4.0; positions derived from OpenStreetMap, ODbL 1.0 (© OpenStreetMap contributors).
Two spellings of the transcribed list are slips and are corrected: 学城 is 大学城, 人民 is 人民南; 深圳北 and 深圳北站 are one
station. The list is dated 2026-01-14 but contains the northern extension of Line 13 (opened 2026-06-28).
"""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import sz_metro_runs
from network_tables import PERIODS, NetworkTables
from positions import LonLat, metres
from sz_metro_stations import Order, load_order, phases, stations
from tables import Row, assumptions, names, record_rows, records, sources_argument

XILI_STATION, XILI_AFTER, XILI_SHARE = "xili-hub", "高新北", 0.55
"""Line 13 passes the Xili high speed hub without calling (Z03): station, stop before, share of the way from there."""
LINE_11_SHORT, LINE_11_SHORT_END = "sz-l11-airport-north", "机场北"
NEAR_M = 450  # stations without a common line so near are joined by a walk in the street
NO_PASSAGE, NO_PASSAGE_S = "红岭南", 420
LINKS_SOURCE = "minutes and track length between stops 2026, smoothed; dwell szm-dwell"


def assumed(key: str) -> Row:
    """An assumption about the Shenzhen metro."""
    return assumptions("sz")[f"szm-{key}"]


def add_line(tables: NetworkTables, line: Row, colour: str) -> None:
    """Add a line; its status is that of today."""
    tables.line(line["line_id"], names(line), mode="metro", colour=colour, **{c: line[c] for c in ("operator", "opened", "confidence", "source")})  # fmt: skip


def add_pattern(tables: NetworkTables, line: Row, pattern_id: str, note: str, rows: list[Row], station_ids: dict[str, str], opened: dict[tuple[str, str], Row]) -> None:  # fmt: skip
    """Add a pattern of a line with its stops."""
    tables.pattern(pattern_id, line["line_id"], "both", note)
    source = f"{line['run_source']}; {LINKS_SOURCE}" if line["run_source"] else LINKS_SOURCE
    seq = 0
    for row in rows:
        phase = opened[str(line["route"]), row["name"]]
        run_s, length_m = row["run_s"], row["length_m"]
        date = "" if phase["opened"] == line["opened"] else phase["opened"]
        cut = str(line["route"]) == "13" and row["name"] == XILI_AFTER
        here = (round(XILI_SHARE * run_s), round(XILI_SHARE * length_m)) if cut else (run_s, length_m)
        seq += 1
        tables.stop(pattern_id, seq, station_ids[row["name"]], here[0], row["dwell_s"], here[1], phase["confidence"], source, date)  # fmt: skip
        if cut:
            seq += 1
            text = "Z03; szm-xili-stop: passed without calling, position approximate"
            tables.stop(pattern_id, seq, XILI_STATION, run_s - here[0], assumed("xili-stop")["value"], length_m - here[1], "M", text, "", "construction")  # fmt: skip


def add_service(tables: NetworkTables, line: Row, pattern_id: str) -> None:
    """Add headways and hours of a pattern; Line 11's short working runs in the peaks only."""
    short = pattern_id == LINE_11_SHORT
    for period in PERIODS:
        peak = period.endswith("peak")
        if period == "night" or (short and not peak):
            continue
        key, confidence, source = headway_assumption(line, period)
        tables.headway(pattern_id, period, assumed(key)["value"], f"szm-{key}", confidence, source)
    for way in ("backward", "forward"):
        if short:
            first, last = assumed("l11-short-hours")["value"].split("-")
            tables.hour(pattern_id, way, first, last, "szm-l11-short-hours", "M", "assumption")
        else:
            tables.hour(pattern_id, way, line[f"{way}_first"], line[f"{way}_last"], "", "B", line["hours_source"])  # fmt: skip


def headway_assumption(line: Row, period: str) -> tuple[str, str, str]:
    """The assumption that a headway takes its value from, with confidence and source of the row."""
    route, group = line["route"], line["headway_group"]
    if route == 11 and period in {"am_peak", "pm_peak"}:
        key = f"l11-{period[:2]}"
        return key, assumed(key)["confidence"], "operator's notice; share of the two patterns assumed"
    if route == 11 and period == "midday":
        return "l11-midday", "C", "operator's notice for rest days"
    if period.endswith("peak"):
        own = f"peak-l{route}"
        if f"szm-{own}" in assumptions("sz"):
            return own, "M", "Z09"
        return f"peak-{group}", "M", "assumption"
    return f"{period}-{group}", "M", "assumption"


def interchanges(tables: NetworkTables, rows: dict[str, Row], order: Order) -> None:
    """Add walks: to the halls of control points, to high speed rail, between lines, and between near stations."""
    at: dict[str, LonLat] = {name: (float(r["lon"]), float(r["lat"])) for name, r in rows.items()}
    lines = {name: {route for route, listed in order.items() if name in listed} for name in rows}
    ids = {name: r["station_id"] for name, r in rows.items()}
    speed_m_s, detour, exits_s, platform_s = (assumed(k)["value"] for k in ("walk", "detour", "exits", "platform"))  # fmt: skip

    def add(start: str, end: str, seconds: float, *rest: object) -> None:
        length_m, kind, confidence, source, note = rest
        tables.interchange(start, end, 5 * round(seconds / 5), length_m, kind, 1, confidence, source, note)  # type: ignore[arg-type]

    for place, r in records("sz_walks").items():
        length_m = detour * metres(at[r["name_zh_hans"]], (r["lon"], r["lat"]))
        text = f"straight line x {detour} at {speed_m_s} m/s (assumption)"
        note = f"metro to high speed concourse, {text}"
        if r["accuracy_m"]:
            to_hall = text.replace("line x", "line to the hall x")
            note = f"{to_hall}; hall within {r['accuracy_m']} m: {r['source']}"
        add(ids[r["name_zh_hans"]], place, length_m / speed_m_s, round(length_m), r["kind"], "C", "szm-walk; szm-detour", note)  # fmt: skip
    for name, r in records("sz_changes").items():
        if len(lines[name]) < 2:
            raise SystemExit(f"{name} is no interchange")
        note = f"mean over its pairs of lines {r['minutes']:g} min from the best door, and {platform_s} s along the platform (assumption)"
        add(ids[name], ids[name], 60 * r["minutes"] + platform_s, "", "in_station", r["confidence"], f"{r['source']}; szm-platform", note)  # fmt: skip
    add(ids[NO_PASSAGE], ids[NO_PASSAGE], NO_PASSAGE_S, "", "street", "M", "press 2025-12; time is an assumption", "Lines 9 and 11 have no passage: out through the gates and in again")  # fmt: skip
    for first, second in combinations(rows, 2):
        straight_m = metres(at[first], at[second]) if not lines[first] & lines[second] else NEAR_M + 1
        if straight_m <= NEAR_M:
            length_m = detour * straight_m
            note = f"no common line, {straight_m:.0f} m apart; walk in the street and {exits_s} s through exits (assumption)"
            add(ids[first], ids[second], length_m / speed_m_s + exits_s, round(length_m), "street", "M", "szm-walk; szm-detour; szm-exits", note)  # fmt: skip


def report(rows: dict[str, Row], order: Order, known: sz_metro_runs.Links, lines: dict[str, Row], stops: dict[str, list[Row]]) -> None:  # fmt: skip
    """Print the checks."""
    gaps = [r["check_distance_m"] for r in rows.values() if r["check_distance_m"] != ""]
    print(f"second position for {len(gaps)}: median {np.median(gaps):.0f} m, 95 % {np.percentile(gaps, 95):.0f}, largest {max(gaps):.0f}; none for {len(rows) - len(gaps)}")  # fmt: skip
    ratios = []
    for route, listed in order.items():
        for pair in pairwise(listed):
            a, b = ((float(rows[n]["lon"]), float(rows[n]["lat"])) for n in pair)
            ratios.append((metres(a, b) / known[route, frozenset(pair)][0], route, *pair))
    ratios.sort()
    print("straight / track length:", *(f"{r[0]:.2f} {r[1]} {r[2]}-{r[3]};" for r in ratios[:4] + ratios[-4:]))  # fmt: skip
    print("line stops km published minutes last-train elsewhere")
    for route, rows_of in stops.items():
        line = lines[route]
        minutes = sum(r["run_s"] or 0 for r in rows_of) / 60 + sum(r["dwell_s"] for r in rows_of) / 60
        km = sum(r["length_m"] or 0 for r in rows_of) / 1000
        print(f"{route:>4} {len(rows_of):5d} {km:6.2f} {line['length_km']:7.2f} {minutes:8.1f} {line['last_train_min']:8.1f} {line['other_total_min'] or '-'}")  # fmt: skip


def main() -> None:
    """Build all tables."""
    folder = sources_argument(__doc__ or "") / "shenzhen_metro"
    order, colours = load_order(folder)
    opened = phases(order)
    rows, known = stations(folder, order, opened), sz_metro_runs.links(folder)
    served = [name for listed in order.values() for name in listed]
    interchange = {name for name in rows if served.count(name) > 1}
    ids = {name: r["station_id"] for name, r in rows.items()}
    lines = {str(r["route"]): r for r in record_rows("sz_lines")}
    tables, stops = NetworkTables(), {}
    for route, listed in order.items():
        line = lines[route]
        add_line(tables, line, colours[route])
        stops[route] = sz_metro_runs.stops(line, listed, known, interchange)
        ways = [(line["line_id"], "all stops; trains that turn on the way are not modelled", stops[route])]
        if route == "11":
            cut = [dict(row) for row in stops[route][: listed.index(LINE_11_SHORT_END) + 1]]
            cut[-1].update(run_s="", length_m="", dwell_s=0)
            ways = [
                (line["line_id"], f"half of the trains of the peaks turn at Airport North: see {LINE_11_SHORT}", stops[route]),
                (LINE_11_SHORT, "peaks only; with sz-l11 every 2:45 in the morning and 4:23 in the evening", cut),
            ]  # fmt: skip
        for pattern_id, note, way_stops in ways:
            add_pattern(tables, line, pattern_id, note, way_stops, ids, opened)
            add_service(tables, line, pattern_id)
    interchanges(tables, rows, order)
    tables.stations = list(rows.values())
    tables.write("sz")
    print(f"{len(rows)} stations, {len(served)} stops on {len(lines)} lines, {len(tables.interchanges)} interchanges")  # fmt: skip
    report(rows, order, known, lines, stops)


if __name__ == "__main__":
    main()
