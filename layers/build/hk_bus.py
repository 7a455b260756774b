"""Build the tables of all Hong Kong buses and minibuses: layers/network/hk_bus/{stops,patterns}.csv.

    python layers/build/hk_bus.py --sources DIR              (after hk_rail.py and road_feeders.py)

Inputs (below DIR), all by way of DATA.GOV.HK (attribution):
    hk_bus_headways/{KMB,CTB,NLB,GMB,MTR_BUS}_{Route,Stop}.json   stops in order, positions, end-to-end minutes, departures
        of the Transport Department and the operators, 2026-08; KMB includes Long Win
    hk_bus_headways/bus_headways_summary.csv                      a second reading of the same tables, for checking
    hk_mtr_opendata/mtr_bus_fares.csv                             adult Octopus fares of the MTR's buses, 2025-09
    hk_bus_kmb_ctb_db/bus.db                                      KMB and Citybus stops of 2024-03, for checking
and layers/network/stations_hk.csv, patterns_road.csv for checks and for the column `also_in`.

Method
    A pattern is one route, direction and service type of an operator that departs on a working day (a Wednesday, as in
    the road tables). Left out: no timetable at all; other days only; fewer than two places; slower end to end than
    4 km/h, which is walking.
    One timetable, one pattern: the operators' records name the official timetables they follow. Where several records
    name one (the two operators of a joint route, a service type written twice) the record that names fewest has it, then
    that with most departures, then most stops; so nothing runs twice.
    Citybus writes a circular route as two lists, out and back, both of one timetable. They become one pattern, the second
    list behind the first without the stops both have where they meet.
    A record of several timetables keeps the minutes of the one with most departures; timetables of less than 0.6 of
    these minutes are short workings, which do not run along all stops: left out.
    Stops: those of all operators within 40 m of each other (every pair of a group) are one, at the place of
    the one most routes use, but only where buses go the same way: the directions of travel, from the stop before to the
    stop after, differ by at most 90 degrees. So the two sides of a road stay two stops. Ends of routes have no
    direction and join any. Stops at control points join their own kind only.
    Order of departures: the service day is cut at the longest break that touches 01:30 to 06:30; without a break of more
    than 2 h it is cut at 05:00. First and last departure are read off.
    Headway of a period: the time of it between first and last departure, divided by the departures in that time, where
    each interval between two departures counts by its share within the period. Where fewer than seven depart
    in a day, or a break longer than the period reaches into it, it is the length of the period divided by its departures
    (so a single departure in the two hours of the morning peak is a headway of two hours). No departure, no headway.
    A pattern faster than 60 km/h, straight from stop to stop, stops the program: once circles are doubled there is none.
    Times at stops are not stored: the end-to-end minutes are shared out by distance, straight from stop to stop in
    EPSG:4547, when the tables are loaded. Dwell is inside.

Fares (HKD, adult)
    fare_hkd is the fare over the whole route of the timetable with most departures: that of its section from the first
    stop to the last, else the record's full fare (which at New Lantao Bus is that of Sundays, and at some short
    variants that of the longer route). MTR buses take the MTR's own table where it names them. Empty where the source
    says 0.
    fare_steps are the places in `stops` (from 1) from which on it is cheaper to board, each with its fare: sections that
    run to the last stop. Sections that end before it need the alighting stop too and are left out, so a short ride on
    some minibus may cost less. Where stops are listed otherwise than the sections count them there are no steps.

Circular routes (both ends within 300 m, or two lists joined)
    Their published minutes are short for buses: half of the KMB routes of 8 to 16 km run at 19 to 28 km/h, half of the
    others of that length at 13 to 17. So they mean one way. Minibuses show no such gap. The run time of a circular bus
    route is doubled where its speed is more than 1.41 times (the middle between once and twice) the median of the other
    bus patterns of like length (below 4, 8, 16 km and above): an assumption, code `circle`, confidence M.

Known faults of the sources, and what is done (column `mended`)
    headway  59S every 3 min: taken as every 10 (assumption road-59s)
    hours    618 back ends at 12:05: from then on its own table of Sundays (assumption road-618)
    stop     a stop without a position is left out of the pattern (89B back, which has no timetable: no row bears it)
    circle   run time of a circular bus route doubled (above)
    short    short workings left out (above)
    special  fewer than seven departures a day: headways by the length of the period

Checks printed: patterns in and kept; speeds by operator; minutes and departures against the summary; positions
against the stops of 2024; the stop nearest to each MTR station.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import hk_bus_checks
import numpy as np
from hk_bus_patterns import Pattern, double_circles, patterns_of, road_patterns, row_of
from hk_bus_records import (
    MENDED_ROUTES,
    OPERATORS,
    Record,
    drop_short_workings,
    join_circles,
    one_timetable_each,
    read_records,
)
from hk_bus_stops import Stop, count_calls, numbered, read_stops
from network_tables import PERIODS
from tables import NETWORK, read, sources_argument, write

SLOWEST_KMH, FASTEST_KMH = 4.0, 60.0
OTHER_DAYS = ((1, "Monday"), (2, "Tuesday"), (8, "Thursday"), (16, "Friday"))
STOPS = "stop_id,lon,lat,name_en,name_zh_hant,name_zh_hans,street_access,road_station,operators"
PATTERNS = (
    f"pattern_id,operator,route,way,service,stops,run_s,first,last,departures,{','.join(f'headway_{p}_s' for p in PERIODS)},"
    "also_in,mended,confidence,source,fare_hkd,fare_steps"
)
Left = Counter[tuple[str, str]]
"""How many records of an operator were left out for a reason."""


def without_unplaced(record: Record, stops: dict[tuple[str, str], Stop]) -> None:
    """Leave out the stops of a record that have no position."""
    kept = [s for s in record.stops if (record.operator, s) in stops]
    if len(kept) < len(record.stops):
        record.codes.add("stop")
        record.stops = kept


def running(records: list[Record], stops: dict[tuple[str, str], Stop]) -> tuple[list[Record], Left]:
    """Records that depart on a working day, each timetable once; what was left out, by operator and reason."""
    out: Left = Counter()
    kept = []
    empty = {id(r): not any(p.windows for p in r.parts) for r in records}
    weekday = {id(r): bool(r.departures()) for r in records}
    out["CTB", "joined, out and back"] = join_circles(records)
    one_timetable_each(records)
    for record in records:
        without_unplaced(record, stops)
        drop_short_workings(record)
        if empty.get(id(record), False):
            out[record.operator, "no timetable"] += 1
        elif not weekday.get(id(record), True):
            out[record.operator, "other days only"] += 1
        elif not record.departures():
            out[record.operator, "timetable of another record"] += 1
        else:
            kept.append(record)
    return kept, out


def believable(patterns: Sequence[Pattern], out: Left) -> list[Pattern]:
    """Patterns of two places and more that are no slower than walking; stops where one is impossibly fast."""
    kept = []
    for p in patterns:
        if len(set(p.stops)) > 1 and p.speed_kmh >= SLOWEST_KMH:
            kept.append(p)
            continue
        out[p.record.operator, "one place, or slower than walking"] += 1
        print(f"left out: {p.record.pattern_id}, {p.length_m:.0f} m in {p.run_s / 60:g} min")
    if wild := [p.record.pattern_id for p in kept if p.speed_kmh > FASTEST_KMH]:
        raise SystemExit(f"faster than {FASTEST_KMH:g} km/h: {wild}: mend them first")
    return kept


def report_days(records: Sequence[Record]) -> None:
    """Print how the other working days differ from Wednesday."""
    for bit, name in OTHER_DAYS:
        odd = {
            r.route
            for r in records
            if r.raw.get("routeId") not in MENDED_ROUTES and bool(r.departures(bit)) != bool(r.departures())
        }
        print(f"{name}: {len(odd)} routes run then and not on Wednesday or the reverse: {' '.join(sorted(odd))[:100]}")  # fmt: skip


def report_kept(patterns: Sequence[Pattern], rows: Sequence[tuple[object, ...]], read_in: Counter[str], out: Left, road: set[str]) -> None:  # fmt: skip
    """Print what was kept and left out, and counts of the rows."""
    for operator in OPERATORS:
        n = sum(p.record.operator == operator for p in patterns)
        lost = ", ".join(f"{c} {why}" for (op, why), c in sorted(out.items()) if op == operator)
        print(f"{operator}: {n} of {read_in[operator]} kept; left out: {lost}")
    for i, name in enumerate(PERIODS):
        print(f"{name}: {sum(r[10 + i] != '' for r in rows)} patterns run")
    fares = [p.fare_hkd for p in patterns if p.fare_hkd > 0]
    print(f"fares: HK${min(fares):g} to {max(fares):g}, median {np.median(fares):g}; {sum(bool(p.fare_steps) for p in patterns)} patterns step down")  # fmt: skip
    print(f"codes: {dict(Counter(c for p in patterns for c in sorted(p.record.codes)))}")
    used = {r[17] for r in rows if r[17]}
    print(f"in the road tables too: {sum(bool(r[17]) for r in rows)} patterns; {len(used)} road patterns; without one: {sorted(road - used)}")  # fmt: skip


def main() -> None:
    """Build both tables."""
    sources = sources_argument(__doc__ or "")
    folder = sources / "hk_bus_headways"
    records, stops = read_records(folder), read_stops(folder)
    read_in = Counter(r.operator for r in records)
    report_days(records)
    kept, out = running(records, stops)
    count_calls(kept, stops)
    places, number = numbered(stops)
    mtr = read(sources / "hk_mtr_opendata" / "mtr_bus_fares.csv")
    fares = {r["ROUTE_ID"]: float(r["FARE_OCTO_ADULT"]) for r in mtr}
    patterns = patterns_of(kept, number, places, fares)
    for text in double_circles(patterns):
        print(text)
    patterns = believable(patterns, out)
    new = {n: k for k, n in enumerate(sorted(set(chain.from_iterable(p.stops for p in patterns))), 1)}
    for p in patterns:
        p.stops = [new[n] for n in p.stops]
    places = [places[n - 1] for n in new]
    number = {k: new[n] for k, n in number.items() if n in new}
    road = road_patterns(folder)
    rows = sorted(row_of(p, road) for p in patterns)
    stop_rows = [
        (n, f"{p.lon:.5f}", f"{p.lat:.5f}", *p.names, int(p.street), p.anchor, p.operators)
        for n, p in enumerate(places, 1)
    ]
    write(NETWORK / "hk_bus" / "stops.csv", STOPS, stop_rows)
    write(NETWORK / "hk_bus" / "patterns.csv", PATTERNS, rows)
    print(f"{len(patterns)} patterns of {sum(read_in.values())} records; {len(number)} operators' stops are {len(places)}; {sum(len(p.stops) for p in patterns)} calls")  # fmt: skip
    report_kept(patterns, rows, read_in, out, set(road.values()))
    for text in (
        *hk_bus_checks.report_speeds(patterns),
        *hk_bus_checks.report_summary(patterns, folder),
        *hk_bus_checks.report_positions(places, stops, number, sources),
    ):
        print(text)


if __name__ == "__main__":
    main()
