"""Build the road tables (layers/network/*_road.csv): buses, minibuses, coaches and the shuttle to the control points.

    python layers/build/road_feeders.py --sources DIR        (after checkpoints.py and hk_rail.py)

Inputs (below DIR), all of the Transport Department and the operators, by way of DATA.GOV.HK, 2026-08 (attribution):
    hk_bus_headways/{KMB,CTB,NLB,GMB}_{Route,Stop}.json     stops in order, positions, end-to-end minutes, departures
    hk_bus_headways/GeoJSON_BUS.txt                         end-to-end minutes of the cross-boundary coaches
    hk_bus_headways/td_gtfs_part/{frequencies,stops}.txt    departures of the coaches; second positions for checking
and layers/network/checkpoints.csv, stations_hk.csv for halls and rail stations. Which routes, coaches and stops at control
points are records: records/road_{routes,coaches,anchors}.csv. Assumptions are written by hand in
layers/network/service_assumptions_road.csv.

Method
    Which routes: those with at least seven departures on a working day that reach a road control point, Lok Ma
    Chau Spur station, or San Tin, where the Yellow Bus starts. Left out for fewer: 55S, 59K, 76, 976, 976A, A43P, X43;
    for running on other days only: B2X, B3M, B9A, NB3, N276. 618A and 618B (peaks only) and the airport's NA43 are left
    out too; 276 and 276A do not call at San Tin.
    Departures are those of a Wednesday; a night route's day runs past 24:00. A headway is the mean time since the
    departure before, over the departures of the period. First and last departures are read off, never assumed.
    Stops kept: both ends, those inside or at a control point or San Tin, the nearest to each MTR station (300 m) and,
    where none is kept within 600 m, to each Light Rail stop, and one about every 1.5 km. Stops of several routes within
    150 m are one station.
    Run times: the published minutes end to end, shared out over the stops kept by distance along all stops; dwell
    is inside. length_m is that distance, straight from stop to stop, so shorter than the road.
    Coaches and the Yellow Bus: their published minutes go to the Shenzhen side; here they end at the Hong Kong hall
    of Huanggang, and the clearance of `separate_bus` (30 min door to door, shuttle included) takes their passengers
    across. Calls between the ends are left out: the table gives no order for them.
    Walks: straight line x 1.3 at 1.2 m/s, an assumption, from each stop to its hall (at least a minute) and to the
    rail stations within 300 m.

Known faults of the sources, and what is done
    618 back ends at 12:05 on working days: from then on its own table of Sundays takes over (assumption road-618).
    59S every 3 min: taken as every 10 (assumption road-59s; 20 when it began in 2023).
    B2 and B2P end at a stop drawn 0.7 km off Shenzhen Bay Port: put at the port, where the other routes stop.
    N73 "Lok Ma Chau" is San Tin, 1.1 km from the hall: passengers change there to the Yellow Bus.
    73K ends at San Uk Ling, some 430 m short of Man Kam To: the walk is an assumption, see road-man-kam-to.
    The tables of 2026 are used for 2024 as well: no earlier ones are at hand (assumption road-2024).

Checks printed: positions against the Transport Department's stops; headways of 10:00-16:00 against published ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from network_tables import NetworkTables
from positions import metres
from road_departures import Mended, clock, departures, headways_s, mended
from road_routes import SOURCE, RoadRoute, coach_figures, coach_windows, coaches, read_json, routes, variants
from road_stops import (
    NEAR_RAIL_M,
    RailStation,
    RoadStops,
    Stop,
    anchors,
    cleaned,
    rail_stations,
    second_positions,
    thinned,
)
from tables import NETWORK, Row, assumptions, read, sources_argument

OPERATOR = {
    "KMB": "Kowloon Motor Bus",
    "CTB": "Citybus",
    "NLB": "New Lantao Bus",
    "GMB": "Green minibus operators",
}
COACH_OPERATOR = "Cross-boundary coach operators"
WALK_DETOUR, WALK_M_S = 1.3, 1.2  # assumption road-walk
LEAST_WALK_S, LOK_MA_CHAU_WALK_S = 60, 150


def add_service(tables: NetworkTables, pattern_id: str, times: Sequence[float], faults: Mended) -> None:
    """Add headways and hours of one pattern; those that mending touches are assumed."""

    def tail(assumed: bool) -> tuple[str, str, str]:
        return (faults.assumption_id, "M", "assumption") if assumed else ("", "A", SOURCE)

    for period, seconds in headways_s(times).items():
        tables.headway(pattern_id, period, seconds, *tail(period in faults.periods))
    tables.hour(pattern_id, "forward", clock(times[0]), clock(times[-1]), *tail(faults.hours))


def add_route(tables: NetworkTables, stops: RoadStops, rail: Sequence[RailStation], folder: Path, road: RoadRoute) -> Iterator[str]:  # fmt: skip
    """Add a bus or minibus route; yields lines of the report."""
    mini = road.operator == "GMB"
    en, hant, hans = ("Minibus", "專綫小巴", "专线小巴") if mini else ("Bus", "巴士", "巴士")
    name = (f"{en} {road.route}", f"{hant}{road.route}號", f"{hans}{road.route}号")
    tables.line(road.line_id, name, mode="bus", operator=OPERATOR[road.operator], confidence="A", source=SOURCE)  # fmt: skip
    listed = {s["stop"]: s for s in read_json(folder, f"{road.operator}_Stop")}
    for suffix, r in sorted(variants(folder, road), key=lambda item: item[0]):
        pattern_id = f"{road.line_id}-{suffix}"
        faults = mended(r)
        times = departures(faults.windows, road.night)
        along = [listed[s] for s in r["stops"] if s in listed]
        kept, minutes = add_calls(tables, stops, rail, pattern_id, road.operator, r, along)
        note = f"{r['orig_en'].strip()} to {r['dest_en'].strip()}, working days"
        tables.pattern(pattern_id, road.line_id, "forward", note)
        add_service(tables, pattern_id, times, faults)
        share = [t for t in times if 600 <= t < 960]
        mid = f", 10-16h every {360 / len(share):.1f}" if share else ""
        yield (
            f"{pattern_id}: {kept} of {len(along)} stops, {minutes:g} min, {len(times)} departures "
            f"{clock(times[0])}-{clock(times[-1])}{mid}{', ' + faults.assumption_id if faults.assumption_id else ''}"
        )


def add_calls(tables: NetworkTables, stops: RoadStops, rail: Sequence[RailStation], pattern_id: str, operator: str, route: dict[str, Any], listed: Sequence[dict[str, Any]]) -> tuple[int, float]:  # fmt: skip
    """Add the calls of one direction; returns how many and the minutes end to end."""
    points = [(float(s["long"]), float(s["lat"])) for s in listed]
    texts = [cleaned((s["name_en"], s["name_tc"], s.get("name_sc") or s["name_tc"])) for s in listed]
    along = [0.0]
    for a, b in pairwise(points):
        along.append(along[-1] + metres(a, b))
    calls: list[tuple[str, int]] = []
    for i in thinned(texts, points, rail):
        station = stops.of(texts[i], points[i], operator)
        if not calls or calls[-1][0] != station:
            calls.append((station, i))
        elif i == len(points) - 1:
            calls[-1] = (station, i)
    minutes = float(str(route["journeyTime"]).split("|")[0])
    marks = [round(60 * minutes * along[i] / along[-1]) for _, i in calls]
    marks[0], marks[-1] = 0, round(60 * minutes)
    runs = [b - a for a, b in pairwise(marks)]
    lengths = [round(along[j] - along[i]) for (_, i), (_, j) in pairwise(calls)]
    source = f"{SOURCE}: {minutes:g} min end to end, shared out by distance (road-run-share)"
    for seq, ((station, _), run_s, length_m) in enumerate(zip(calls, [*runs, ""], [*lengths, ""], strict=True), 1):  # fmt: skip
        tables.stop(pattern_id, seq, station, run_s, 0, length_m, "C", source)
    return len(calls), minutes


def add_coaches(tables: NetworkTables, stops: RoadStops, folder: Path) -> Iterator[str]:
    """Add cross-boundary coaches and the Yellow Bus; yields lines of the report."""
    windows, minutes = coach_windows(folder), coach_figures(folder, "journeyTime")
    position = {
        r["stop_id"]: (float(r["stop_lon"]), float(r["stop_lat"]))
        for r in read(folder / "td_gtfs_part" / "stops.txt")
    }
    for coach in coaches():
        town = stops.of(coach.stop_names, position[coach.stop], "")
        stops.by_id[town].street = True
        port = stops.anchor(anchors()["bus-huanggang-hk"])
        mode = "shuttle" if coach.line_id == "yellow-bus" else "coach"
        if not coach.suffix:  # by night the same line
            tables.line(coach.line_id, coach.names, mode=mode, operator=COACH_OPERATOR, confidence="A", source=SOURCE)  # fmt: skip
        for way, keys, a, b in ((1, coach.out, town, port), (2, coach.back, port, town)):
            pattern_id = f"{coach.line_id}{coach.suffix}-{way}"
            times = departures([w for k in keys for w in windows[k]], night=bool(coach.suffix))
            run_s = round(60 * minutes[keys[0]])
            source = f"{SOURCE}: {minutes[keys[0]]:g} min to Huanggang (road-coach-hall)"
            tables.stop(pattern_id, 1, a, run_s, 0, round(metres(stops.by_id[a].at, stops.by_id[b].at)), "B", source)  # fmt: skip
            tables.stop(pattern_id, 2, b, "", 0, "", "B", source)
            note = f"routes {', '.join(k.split('-')[0] for k in keys)}, working days; calls between the ends left out"
            tables.pattern(pattern_id, coach.line_id, "forward", note)
            add_service(tables, pattern_id, times, Mended([]))
            yield f"{pattern_id}: {run_s / 60:g} min, {len(times)} departures {clock(times[0])}-{clock(times[-1])}"  # fmt: skip


def add_walks(tables: NetworkTables, stops: RoadStops, rail: Sequence[RailStation]) -> None:
    """Add walks from stops to the halls they serve and to rail stations within 300 m."""
    halls = {
        f"{r['checkpoint_id']}@hk": (float(r["south_lon"]), float(r["south_lat"]))
        for r in read(NETWORK / "checkpoints.csv")
    }
    for anchor in anchors().values():
        if anchor.hall and anchor.stop_id in stops.by_id:
            length_m = metres(anchor.at, halls[anchor.hall])
            walk_s = max(LEAST_WALK_S, round(length_m * WALK_DETOUR / WALK_M_S))
            tables.interchange(anchor.stop_id, anchor.hall, walk_s, round(length_m * WALK_DETOUR), anchor.kind, 1, "M", "road-walk", anchor.note)  # fmt: skip
    tables.interchange("bus-lok-ma-chau-spur", "lok-ma-chau", LOK_MA_CHAU_WALK_S, "", "covered", 1, "M", "road-walk", "bus terminus beside the station")  # fmt: skip
    for stop in stops.by_id.values():
        for station in rail if stop.street else ():
            length_m = metres(stop.at, station.at)
            if length_m <= NEAR_RAIL_M:
                tables.interchange(stop.stop_id, station.station_id, round(length_m * WALK_DETOUR / WALK_M_S), round(length_m * WALK_DETOUR), "street", 1, "M", "road-walk", "street to street")  # fmt: skip


def station_row(stop: Stop) -> Row:
    """The row of a stop in the stations table."""
    anchor = stop.stop_id in anchors()
    return {
        "station_id": stop.stop_id,
        **dict(zip(("name_en", "name_zh_hant", "name_zh_hans"), stop.names, strict=True)),
        "lon": f"{stop.at[0]:.5f}", "lat": f"{stop.at[1]:.5f}", "region": "hk", "system": "road", "status": "existing",
        "opened": "", "street_access": int(stop.street), "accuracy_m": 100 if anchor else max(50, stop.check_m or 0),
        "position_source": "middle of the routes' stops" if anchor else "stop of the first route",
        "checked_against": "" if stop.check_m is None else "Transport Department stop",
        "check_distance_m": "" if stop.check_m is None else stop.check_m,
        "confidence": "B" if anchor else "A", "source": SOURCE,
    }  # fmt: skip


def main() -> None:
    """Build all tables."""
    folder = sources_argument(__doc__ or "") / "hk_bus_headways"
    rail, stops, tables = rail_stations(), RoadStops(second_positions(folder)), NetworkTables()
    for text in add_coaches(tables, stops, folder):
        print(text)
    for road in routes():
        for text in add_route(tables, stops, rail, folder, road):
            print(text)
    add_walks(tables, stops, rail)
    tables.stations = [station_row(s) for s in stops.by_id.values()]
    tables.write("road")
    unknown = {r["assumption_id"] for r in tables.headways + tables.hours} - {"", *assumptions("road")}
    if unknown:
        raise SystemExit(f"service_assumptions_road.csv lacks {sorted(unknown)}")
    checks = sorted(s.check_m for s in stops.by_id.values() if s.check_m is not None)
    print(
        f"{len(tables.stations)} stops, {len(tables.lines)} lines, {len(tables.patterns)} patterns, {len(tables.pattern_stops)} calls, "
        f"{len(tables.interchanges)} walks; second position: median {checks[len(checks) // 2]} m, largest {checks[-1]} m"
    )


if __name__ == "__main__":
    main()
