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
    Stops: those of all operators that stand within 40 m of each other (every pair of a group) are one, at the place of
    the one most routes use, but only where buses go the same way: the directions of travel, from the stop before to the
    stop after, differ by at most 90 degrees. So the two sides of a road stay two stops. Ends of routes have no
    direction and join any. Stops at control points join their own kind only.
    Order of departures: the service day is cut at the longest break that touches 01:30 to 06:30; without a break of more
    than 2 h it is cut at 05:00. First and last departure are read off.
    Headway of a period: the time of it between first and last departure, divided by the departures in that time, where
    each interval between two departures counts by the share of it that lies in the period. Where fewer than seven depart
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

import argparse
import csv
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from road_feeders import (
    PERIODS,
    ROUTES,
    WEDNESDAY,
    Window,
    anchor_of,
    cleaned,
    clock,
    mended,
    read_json,
    variants,
)
from scipy.spatial import cKDTree

from corridor.core.crs import project_xy

OPERATORS = ("KMB", "CTB", "NLB", "GMB", "MTR_BUS")
PUBLISHER = {
    "KMB": "KMB",
    "CTB": "Citybus",
    "NLB": "New Lantao Bus",
    "GMB": "Transport Department",
    "MTR_BUS": "MTR",
}
SAME_STOP_M, SAME_WAY_COS, CLEAR_WAY = 40.0, 0.0, 0.5
SLOWEST_KMH, FASTEST_KMH = 4.0, 60.0
FEW_DEPARTURES, NO_BREAK_MIN, SHORT_WORKING = 7, 120.0, 0.6
DAY, BREAK_FROM, BREAK_TO, DAY_START = 1440.0, 90.0, 390.0, 300.0  # minutes after midnight
SAME_END_M, LENGTH_CLASSES_M, BETWEEN_ONCE_AND_TWICE = 300.0, (4000.0, 8000.0, 16000.0), 2**0.5
MENDED_ROUTES = {2009180, 2007438}  # 59S and 618
OTHER_DAYS = ((1, "Monday"), (2, "Tuesday"), (8, "Thursday"), (16, "Friday"))

Timetable = tuple[str, ...]


# --- departures ------------------------------------------------------------------------------


def in_order(times: Iterable[float]) -> list[float]:
    """Departures of one service day in order, in minutes; see "Order of departures" above."""
    clocks = sorted({t % DAY for t in times})
    if len(clocks) < 2:
        return [t + DAY if t < DAY_START - 120 else t for t in clocks]
    gaps = [(b - a, b) for a, b in pairwise([*clocks, clocks[0] + DAY])]
    night = [(gap, end % DAY) for gap, end in gaps if touches_night(end - gap, end)]
    gap, start = max(night, default=(0.0, 0.0))
    if gap <= NO_BREAK_MIN:
        start = DAY_START
    ordered = sorted(t if t >= start else t + DAY for t in clocks)
    inside = sum(DAY_START <= t < DAY_START + DAY for t in ordered)
    later = sum(DAY_START <= t + DAY < DAY_START + DAY for t in ordered)
    return [t + DAY for t in ordered] if later > inside else ordered


def touches_night(start: float, end: float) -> bool:
    return any(start < BREAK_TO + k * DAY and end > BREAK_FROM + k * DAY for k in (0, 1))


def shared(a: float, b: float, start: float, end: float) -> float:
    """Minutes of the interval a to b in a period, whichever day it falls on."""
    return sum(max(0.0, min(b, end + k * DAY) - max(a, start + k * DAY)) for k in (-1, 0, 1))


def headway_s(times: Sequence[float], start: float, end: float) -> int | None:
    """Seconds between departures in a period (minutes after midnight); None where nothing departs."""
    count = sum(any(start <= t + k * DAY < end for k in (-1, 0, 1)) for t in times)
    if not count:
        return None
    length = end - start
    parts = [(shared(a, b, start, end), b - a) for a, b in pairwise(times)]
    parts = [(inside, gap) for inside, gap in parts if inside > 0]
    if len(times) < FEW_DEPARTURES or not parts or max(gap for _, gap in parts) > length:
        return round(60 * length / count)
    return round(60 * sum(p for p, _ in parts) / sum(p / gap for p, gap in parts))


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One official timetable of a record: its name, minutes end to end, departures by day of the week, fares."""

    timetable: Timetable
    minutes: float
    windows: dict[int, list[Window]]
    fare_hkd: float
    sections: tuple[tuple[int, int, float], ...]  # first and last place (from 1), fare in HKD

    def departures(self, day: int = WEDNESDAY) -> list[float]:
        """Minutes after midnight."""
        return sorted({round(t, 2) for w in self.windows.get(day, []) for t in w.departures()})


@dataclass
class Record:
    """One route, direction and service type as an operator writes it."""

    operator: str
    route: str
    way: str
    service: str
    stops: list[str]
    parts: list[Part]
    codes: set[str] = field(default_factory=set)
    raw: dict = field(default_factory=dict, repr=False)

    @property
    def pattern_id(self) -> str:
        """Operator, route (or its number), way, service type."""
        op = "mtr" if self.operator == "MTR_BUS" else self.operator.lower()
        number = self.raw.get("routeId") if self.operator in {"GMB", "NLB"} else self.route
        pieces = (op, *((self.route,) if self.operator == "NLB" else ()), number, self.way, self.service)
        return "-".join(str(p).lower() for p in pieces if p)

    def departures(self, day: int = WEDNESDAY) -> list[float]:
        """Minutes after midnight, of all its timetables."""
        return sorted({t for p in self.parts for t in p.departures(day)})

    @property
    def minutes(self) -> float:
        """End to end, of the timetable with most departures."""
        return self.most_run.minutes

    @property
    def most_run(self) -> Part:
        """The timetable with most departures."""
        return max(self.parts, key=lambda p: (len(p.departures()), p.minutes))


def windows_by_day(listed: dict) -> dict[int, list[Window]]:
    """Departure windows of each day of the week from lists by bit mask."""
    found: dict[int, list[Window]] = defaultdict(list)
    for mask, texts in listed.items():
        for bit in range(7):
            if int(mask) & (1 << bit):
                found[1 << bit] += [Window.read(t) for t in sorted(set(texts))]
    return dict(found)


def parts_of(operator: str, raw: dict) -> list[Part]:
    lists = [part or {} for part in raw.get("freq") or []]
    minutes = str(raw.get("journeyTime") or "0").split("|")
    if operator == "GMB":
        names: list[Timetable] = [("GMB", str(raw["routeId"]), str(raw["routeSeq"]))]
    else:
        names = [tuple(map(str, key)) for key in raw.get("gtfsRouteKey") or []]
    fares = [fares_of(raw, i) for i in range(max(len(lists), 1))]
    if raw.get("routeId") in MENDED_ROUTES and operator == "GMB":
        windows, _, _, _ = mended(raw, 13 * 60)
        return [Part(names[0], float(minutes[0]), {WEDNESDAY: windows}, *fares[0])]
    return [
        Part(names[i] if i < len(names) else (operator, raw["route"], str(i)), float(minutes[min(i, len(minutes) - 1)]), windows_by_day(listed), *fares[i])
        for i, listed in enumerate(lists)
    ]  # fmt: skip


def fares_of(raw: dict, part: int) -> tuple[float, tuple[tuple[int, int, float], ...]]:
    """Full fare in HKD (NaN where none is stated) and the sections of one timetable of a record."""
    full = [float(f) for f in str(raw.get("fullFare") or "nan").split("|")]
    listed = raw.get("sectionFare") or []
    cells = (listed[part] if part < len(listed) else None) or []
    sections = tuple((*map(int, cell["range"]), float(cell["price"])) for cell in cells)
    whole = [price for first, last, price in sections if first == 1 and last == max(s[1] for s in sections)]
    return max(whole) if whole else full[min(part, len(full) - 1)], sections


def mtr_bus_fares(sources: Path) -> dict[str, float]:
    """Adult Octopus fare in HKD by route."""
    with (sources / "hk_mtr_opendata" / "mtr_bus_fares.csv").open(encoding="utf-8-sig") as stream:
        return {row["ROUTE_ID"]: float(row["FARE_OCTO_ADULT"]) for row in csv.DictReader(stream)}


def read_records(folder: Path) -> list[Record]:
    records = []
    for operator in OPERATORS:
        for raw in read_json(folder, f"{operator}_Route"):
            way = str(raw.get("bound") or raw.get("routeSeq") or "")
            service = str(raw.get("service_type") or "")
            record = Record(
                operator,
                str(raw["route"]),
                way,
                service,
                [str(s) for s in raw["stops"]],
                parts_of(operator, raw),
                raw=raw,
            )
            if operator == "GMB" and raw.get("routeId") in MENDED_ROUTES:
                _, assumption, _, _ = mended(raw, 13 * 60)
                record.codes |= (
                    {{"road-59s": "headway", "road-618": "hours"}[assumption]} if assumption else set()
                )
            records.append(record)
    return records


# --- which records run -----------------------------------------------------------------------


def join_circles(records: list[Record]) -> int:
    """Make one record of a Citybus route out and back on one timetable; returns how many."""
    holders: dict[Timetable, list[Record]] = defaultdict(list)
    for record in records:
        for part in record.parts:
            if part.departures():
                holders[part.timetable].append(record)
    pairs: dict[tuple[str, str], tuple[Record, Record, set[Timetable]]] = {}
    for timetable, found in holders.items():
        if [r.operator for r in found] == ["CTB", "CTB"] and {r.way for r in found} == {"O", "I"}:
            out, back = sorted(found, key=lambda r: r.way, reverse=True)
            pairs.setdefault((out.pattern_id, back.pattern_id), (out, back, set()))[2].add(timetable)
    for out, back, shared_by in pairs.values():
        parts = [p for p in out.parts if p.timetable in shared_by]
        records.append(
            Record("CTB", out.route, "OI", out.service, chained(out.stops, back.stops), parts, raw=out.raw)
        )
        for record in (out, back):
            record.parts = [p for p in record.parts if p.timetable not in shared_by]
    return len(pairs)


def chained(out: list[str], back: list[str]) -> list[str]:
    """Two lists as one, without the stops that end the first and start the second."""
    n = next((n for n in range(min(len(out), len(back)) - 1, 0, -1) if out[-n:] == back[:n]), 0)
    return out + back[n:]


def one_timetable_each(records: Sequence[Record]) -> int:
    """Leave each timetable to one record; returns how many records lose some or all of theirs."""
    holder: dict[Timetable, int] = {}
    order = sorted(
        range(len(records)),
        key=lambda i: (len(records[i].parts), -len(records[i].departures()), -len(records[i].stops), i),
    )
    for i in order:
        for part in records[i].parts:
            if part.departures():
                holder.setdefault(part.timetable, i)
    touched = 0
    for i, record in enumerate(records):
        mine = [p for p in record.parts if holder.get(p.timetable, i) == i]
        touched += len(mine) < len(record.parts)
        record.parts = mine
    return touched


def drop_short_workings(record: Record) -> None:
    running = [p for p in record.parts if p.departures()]
    if running:
        least = SHORT_WORKING * record.minutes
        if any(p.minutes < least for p in running):
            record.codes.add("short")
        record.parts = [p for p in running if p.minutes >= least]


# --- stops -----------------------------------------------------------------------------------


@dataclass
class Stop:
    """A stop of one operator: names, place in degrees and metres, control point stop, calls, direction of travel."""

    key: tuple[str, str]
    names: tuple[str, str, str]
    lon: float
    lat: float
    xy: np.ndarray
    anchor: str
    street: bool
    calls: int = 0
    heading: np.ndarray = field(default_factory=lambda: np.zeros(2))
    turns: int = 0

    @property
    def way(self) -> np.ndarray | None:
        """Unit vector of travel; None for ends of routes and where buses go several ways."""
        size = float(np.hypot(*self.heading))
        return self.heading / size if self.turns and size / self.turns >= CLEAR_WAY else None


def read_stops(folder: Path) -> dict[tuple[str, str], Stop]:
    found: dict[tuple[str, str], Stop] = {}
    for operator in OPERATORS:
        for raw in read_json(folder, f"{operator}_Stop"):
            key = (operator, str(raw["stop"]))
            if key in found:
                continue
            lon, lat = float(raw["long"]), float(raw["lat"])
            names = cleaned((raw["name_en"], raw["name_tc"], raw.get("name_sc") or ""))
            anchor = anchor_of(names, (lon, lat))
            x, y = project_xy([lon], [lat])
            found[key] = Stop(
                key, names, lon, lat, np.array([float(x[0]), float(y[0])]),
                anchor.stop_id if anchor else "", anchor.street if anchor else True,
            )  # fmt: skip
    return found


def count_calls(records: Iterable[Record], stops: dict[tuple[str, str], Stop]) -> None:
    """Calls and directions of travel of each stop."""
    for record in records:
        listed = [stops[record.operator, s] for s in record.stops]
        for stop in listed:
            stop.calls += 1
        for before, stop, after in zip(listed, listed[1:], listed[2:], strict=False):
            step = after.xy - before.xy
            size = float(np.hypot(*step))
            if size > 1:
                stop.heading = stop.heading + step / size
                stop.turns += 1


def may_join(a: Stop, b: Stop) -> bool:
    if a.anchor != b.anchor or float(np.hypot(*(a.xy - b.xy))) > SAME_STOP_M:
        return False
    return a.way is None or b.way is None or float(a.way @ b.way) >= SAME_WAY_COS


def joined(stops: Sequence[Stop]) -> list[list[Stop]]:
    """Groups of stops in which every pair may join; the nearest pairs first."""
    pairs = cKDTree(np.array([s.xy for s in stops])).query_pairs(SAME_STOP_M)
    by_distance = sorted((round(float(np.hypot(*(stops[i].xy - stops[j].xy))), 3), i, j) for i, j in pairs)
    members = [[i] for i in range(len(stops))]
    for _, i, j in by_distance:
        a, b = members[i], members[j]
        if a is not b and all(may_join(stops[m], stops[n]) for m in a for n in b):
            a += b
            for n in b:
                members[n] = a
    groups = {id(g): g for g in members}
    return [[stops[m] for m in sorted(g)] for g in groups.values()]


@dataclass(frozen=True)
class Place:
    """One row of the stop table."""

    lon: float
    lat: float
    names: tuple[str, str, str]
    street: bool
    anchor: str
    operators: str

    @classmethod
    def of(cls, group: Sequence[Stop]) -> Place:
        """At the stop that most routes use."""
        best = max(group, key=lambda s: (s.calls, s.key))
        hans = best.names[2] or next((s.names[2] for s in group if s.names[2]), "")
        operators = " ".join(sorted({"MTR" if s.key[0] == "MTR_BUS" else s.key[0] for s in group}))
        return cls(
            round(best.lon, 5),
            round(best.lat, 5),
            (*best.names[:2], hans),
            best.street,
            best.anchor,
            operators,
        )


def numbered(stops: dict[tuple[str, str], Stop]) -> tuple[list[Place], dict[tuple[str, str], int]]:
    """Places, west to east, and the number (from 1) of each operator's stop."""
    used = [s for _, s in sorted(stops.items()) if s.calls]
    groups = sorted(
        ((Place.of(g), g) for g in joined(used)), key=lambda item: (item[0].lon, item[0].lat, item[1][0].key)
    )
    return [p for p, _ in groups], {s.key: n for n, (_, g) in enumerate(groups, 1) for s in g}


# --- patterns --------------------------------------------------------------------------------


@dataclass
class Pattern:
    """One row of the pattern table, its length in metres beside it."""

    record: Record
    stops: list[int]
    run_s: float
    length_m: float

    circular: bool
    fare_hkd: float
    fare_steps: str

    @property
    def speed_kmh(self) -> float:
        """End to end, straight from stop to stop."""
        return self.length_m / self.run_s * 3.6


def length_class(pattern: Pattern) -> int:
    return int(np.searchsorted(LENGTH_CLASSES_M, pattern.length_m))


def double_circles(patterns: Sequence[Pattern]) -> Iterator[str]:
    """Double the run time of circular bus routes that the others show to be published one way; yields a report."""
    buses = [p for p in patterns if p.record.operator != "GMB"]
    usual = {
        k: float(np.median([p.speed_kmh for p in buses if not p.circular and length_class(p) == k]))
        for k in range(len(LENGTH_CLASSES_M) + 1)
    }
    circles = [p for p in buses if p.circular]
    for k, median in usual.items():
        v = [p.speed_kmh for p in circles if length_class(p) == k]
        yield f"circular buses of length class {k}: {len(v)}, median {np.median(v):.1f} km/h as published; others {median:.1f}"
    for p in circles:
        if p.speed_kmh > BETWEEN_ONCE_AND_TWICE * usual[length_class(p)]:
            p.run_s *= 2
            p.record.codes.add("circle")
    yield f"circular buses doubled: {sum('circle' in p.record.codes for p in circles)} of {len(circles)}"


def patterns_of(
    records: Sequence[Record],
    number: dict[tuple[str, str], int],
    places: Sequence[Place],
    mtr_fares: dict[str, float],
) -> list[Pattern]:
    x, y = project_xy([p.lon for p in places], [p.lat for p in places])
    patterns = []
    for record in records:
        listed = [number[record.operator, s] for s in record.stops]
        calls = [n for i, n in enumerate(listed) if i == 0 or n != listed[i - 1]]
        at = np.array(calls) - 1
        length = float(np.hypot(np.diff(x[at]), np.diff(y[at])).sum())
        ends = float(np.hypot(x[at[-1]] - x[at[0]], y[at[-1]] - y[at[0]]))
        circular = record.way == "OI" or ends <= SAME_END_M
        fare = record.most_run.fare_hkd
        if record.operator == "MTR_BUS":
            fare = mtr_fares.get(record.route, fare)
        if not fare > 0:
            print(f"{record.pattern_id}: no fare")
            fare = math.nan
        patterns.append(
            Pattern(
                record, calls, 60 * record.minutes, length, circular, fare, fare_steps(record, listed, fare)
            )
        )
    return patterns


def fare_steps(record: Record, listed: Sequence[int], fare: float) -> str:
    """Places (from 1, as the row lists its stops) from which on the fare is lower, each with it: "17:5.8 21:4.3"."""
    sections = record.most_run.sections
    if "stop" in record.codes or max((last for _, last, _ in sections), default=0) != len(listed):
        return ""
    place = np.cumsum([1, *(a != b for a, b in pairwise(listed))])
    steps, lowest = [], fare
    for first, last, price in sorted(sections):
        if last == len(listed) and price < lowest:
            steps.append(f"{place[first - 1]}:{price:g}")
            lowest = price
    return " ".join(steps)


def road_patterns(folder: Path, network: Path) -> dict[Timetable, str]:
    """Patterns of the road tables by official timetable."""
    with (network / "patterns_road.csv").open(encoding="utf-8") as stream:
        known = {row["pattern_id"] for row in csv.DictReader(stream)}
    found: dict[Timetable, str] = {}
    for operator, route, ids, _ in ROUTES:
        line = f"{'minibus' if operator == 'GMB' else 'bus'}-{route.lower()}"
        for suffix, raw in variants(folder, operator, route, ids):
            if f"{line}-{suffix}" in known:
                for part in parts_of(operator, raw):
                    found.setdefault(part.timetable, f"{line}-{suffix}")
    return found


def row_of(pattern: Pattern, road: dict[Timetable, str]) -> tuple:
    record = pattern.record
    times = in_order(record.departures())
    headways = [headway_s(times, start, end) for start, end in PERIODS.values()]
    if len(times) < FEW_DEPARTURES:
        record.codes.add("special")
    confidence = (
        "M" if record.codes & {"headway", "hours", "circle"} else "B" if "special" in record.codes else "A"
    )
    also = sorted({road[p.timetable] for p in record.parts if p.timetable in road})
    return (
        record.pattern_id, record.operator.replace("MTR_BUS", "MTR"), record.route, record.way, record.service,
        " ".join(map(str, pattern.stops)), round(pattern.run_s), clock(times[0]), clock(times[-1]), len(times),
        *("" if h is None else h for h in headways),
        also[0] if also else "", " ".join(sorted(record.codes)), confidence,
        f"{PUBLISHER[record.operator]} via DATA.GOV.HK, 2026-08",
        "" if math.isnan(pattern.fare_hkd) else f"{pattern.fare_hkd:g}", pattern.fare_steps,
    )  # fmt: skip


def without_unplaced(record: Record, stops: dict[tuple[str, str], Stop]) -> None:
    kept = [s for s in record.stops if (record.operator, s) in stops]
    if len(kept) < len(record.stops):
        record.codes.add("stop")
        record.stops = kept


# --- report ----------------------------------------------------------------------------------


def report_speeds(patterns: Sequence[Pattern]) -> Iterator[str]:
    for operator in OPERATORS:
        v = [p.speed_kmh for p in patterns if p.record.operator == operator]
        low, q1, mid, q3, high = np.percentile(v, [0, 25, 50, 75, 100])
        yield f"{operator}: km/h, straight from stop to stop: {low:.1f} least, quartiles {q1:.1f} {mid:.1f} {q3:.1f}, {high:.1f} most"


def report_summary(patterns: Sequence[Pattern], folder: Path) -> Iterator[str]:
    """Minutes and departures beside the second reading of the same tables."""
    second: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    with (folder / "bus_headways_summary.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            second[row["op"], row["route"], row["first_stop"], row["last_stop"], row["n_stops"]].append(row)
    minutes, departures, seen = [], [], 0
    for p in patterns:
        raw = p.record.raw["stops"]
        rows = second.get((p.record.operator, p.record.route, str(raw[0]), str(raw[-1]), str(len(raw))), [])
        runs = [float(r["run_min"]) for r in rows if r["run_min"]]
        if runs:
            seen += 1
            minutes.append(min(abs(p.run_s / 60 - r) for r in runs))
            departures.append(min(abs(len(p.record.departures()) - int(r["wk_deps"] or 0)) for r in rows))
    same = sum(m == 0 for m in minutes)
    yield f"summary: {seen} of {len(patterns)} patterns found; minutes equal in {same}, mean difference {np.mean(minutes):.2f}, largest {max(minutes):g}"
    yield f"summary: departures equal in {sum(d == 0 for d in departures)}, mean difference {np.mean(departures):.2f}"


def report_positions(
    places: Sequence[Place],
    stops: dict[tuple[str, str], Stop],
    number: dict[tuple[str, str], int],
    sources: Path,
    network: Path,
) -> Iterator[str]:
    x, y = project_xy([p.lon for p in places], [p.lat for p in places])
    with sqlite3.connect(
        f"file:{sources / 'hk_bus_kmb_ctb_db' / 'bus.db'}?mode=ro&immutable=1", uri=True
    ) as db:
        old = {str(k): (lon, lat) for k, lon, lat in db.execute("select stop, long, lat from stops")}
    same = [(k, old[k[1]]) for k in number if k[0] in {"KMB", "CTB"} and k[1] in old]
    ox, oy = project_xy([float(p[0]) for _, p in same], [float(p[1]) for _, p in same])
    at = np.array([number[k] - 1 for k, _ in same])
    own = np.array([stops[k].xy for k, _ in same])
    moved = np.hypot(own[:, 0] - ox, own[:, 1] - oy)
    merged = np.hypot(x[at] - ox, y[at] - oy)
    yield (
        f"stops of 2024 (same operator's id, {len(same)} of KMB and CTB): median {np.median(moved):.1f} m, 95th {np.percentile(moved, 95):.0f}, "
        f"over 100 m {int((moved > 100).sum())}; after joining median {np.median(merged):.1f} m, 95th {np.percentile(merged, 95):.0f}"
    )
    with (network / "stations_hk.csv").open(encoding="utf-8") as stream:
        mtr = [r for r in csv.DictReader(stream) if r["system"] == "metro"]
    mx, my = project_xy([float(r["lon"]) for r in mtr], [float(r["lat"]) for r in mtr])
    gap, _ = cKDTree(np.column_stack([x, y])).query(np.column_stack([mx, my]))
    far = sorted(((round(g), r["name_en"]) for g, r in zip(gap, mtr, strict=True)), reverse=True)[:5]
    yield f"stop nearest to {len(mtr)} MTR stations: median {np.median(gap):.0f} m, farthest {', '.join(f'{n} {g}' for g, n in far)}"


def write(path: Path, header: str, rows: Iterable[tuple]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(header.split(","))
        out.writerows(rows)


# --- all of it -------------------------------------------------------------------------------


def running(records: Sequence[Record], stops: dict[tuple[str, str], Stop]) -> tuple[list[Record], Counter]:
    """Records that depart on a working day, each timetable once; what was left out, by operator and reason."""
    out: Counter = Counter()
    kept = []
    empty = {id(r): not any(p.windows for p in r.parts) for r in records}
    weekday = {id(r): bool(r.departures()) for r in records}
    circles = join_circles(records)
    one_timetable_each(records)
    out["CTB", "joined, out and back"] = circles
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, required=True, help="folder of the reference data")
    sources = parser.parse_args().sources
    folder = sources / "hk_bus_headways"
    network = Path(__file__).resolve().parents[1] / "network"
    records, stops = read_records(folder), read_stops(folder)
    read, total = Counter(r.operator for r in records), len(records)
    for bit, name in OTHER_DAYS:
        odd = [
            r
            for r in records
            if r.raw.get("routeId") not in MENDED_ROUTES and bool(r.departures(bit)) != bool(r.departures())
        ]
        print(
            f"{name}: {len(odd)} records run then and not on Wednesday or the reverse: {' '.join(sorted({r.route for r in odd}))[:100]}"
        )
    kept, out = running(records, stops)
    count_calls(kept, stops)
    places, number = numbered(stops)
    patterns = patterns_of(kept, number, places, mtr_bus_fares(sources))
    for text in double_circles(patterns):
        print(text)
    for p in [p for p in patterns if len(set(p.stops)) < 2 or p.speed_kmh < SLOWEST_KMH]:
        out[p.record.operator, "one place, or slower than walking"] += 1
        print(f"left out: {p.record.pattern_id}, {p.length_m:.0f} m in {p.run_s / 60:g} min")
    patterns = [p for p in patterns if len(set(p.stops)) > 1 and p.speed_kmh >= SLOWEST_KMH]
    called = sorted({n for p in patterns for n in p.stops})
    new = {n: k for k, n in enumerate(called, 1)}
    for p in patterns:
        p.stops = [new[n] for n in p.stops]
    places = [places[n - 1] for n in called]
    number = {k: new[n] for k, n in number.items() if n in new}
    if wild := [p.record.pattern_id for p in patterns if p.speed_kmh > FASTEST_KMH]:
        raise SystemExit(f"faster than {FASTEST_KMH:g} km/h: {wild}: mend them first")
    road = road_patterns(folder, network)
    rows = sorted(row_of(p, road) for p in patterns)
    periods = [f"headway_{name}_s" for name in PERIODS]
    write(
        network / "hk_bus" / "stops.csv",
        "stop_id,lon,lat,name_en,name_zh_hant,name_zh_hans,street_access,road_station,operators",
        (
            (n, f"{p.lon:.5f}", f"{p.lat:.5f}", *p.names, int(p.street), p.anchor, p.operators)
            for n, p in enumerate(places, 1)
        ),
    )
    write(
        network / "hk_bus" / "patterns.csv",
        f"pattern_id,operator,route,way,service,stops,run_s,first,last,departures,{','.join(periods)},also_in,mended,confidence,source,fare_hkd,fare_steps",
        rows,
    )
    for operator in OPERATORS:
        n = sum(p.record.operator == operator for p in patterns)
        lost = ", ".join(f"{c} {why}" for (op, why), c in sorted(out.items()) if op == operator)
        print(f"{operator}: {n} of {read[operator]} kept; left out: {lost}")
    print(
        f"{len(patterns)} patterns of {total} records; {len(number)} operators' stops are {len(places)}; {sum(len(p.stops) for p in patterns)} calls"
    )
    for i, name in enumerate(PERIODS):
        print(f"{name}: {sum(r[10 + i] != '' for r in rows)} patterns run")
    fares = [p.fare_hkd for p in patterns if p.fare_hkd > 0]
    print(
        f"fares: HK${min(fares):g} to {max(fares):g}, median {np.median(fares):g}; {sum(bool(p.fare_steps) for p in patterns)} patterns step down"
    )
    print(f"codes: {dict(Counter(c for p in patterns for c in sorted(p.record.codes)))}")
    used = {r[17] for r in rows if r[17]}
    print(
        f"in the road tables too: {sum(bool(r[17]) for r in rows)} patterns; {len(used)} road patterns; without one: {sorted(set(road.values()) - used)}"
    )
    for text in (
        *report_speeds(patterns),
        *report_summary(patterns, folder),
        *report_positions(places, stops, number, sources, network),
    ):
        print(text)


if __name__ == "__main__":
    main()
