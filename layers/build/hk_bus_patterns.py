"""Rows of the pattern table of Hong Kong's buses: run times, fares, headways. Called by hk_bus.py; the method is there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from hk_bus_records import FEW_DEPARTURES, Record, Timetable, headway_s, in_order, parts_of
from hk_bus_stops import Place
from network_tables import PERIODS
from road_departures import clock
from road_routes import routes, variants
from tables import NETWORK, read

from corridor.core.crs import project_xy

PUBLISHER = {
    "KMB": "KMB",
    "CTB": "Citybus",
    "NLB": "New Lantao Bus",
    "GMB": "Transport Department",
    "MTR_BUS": "MTR",
}
SAME_END_M, LENGTH_CLASSES_M, BETWEEN_ONCE_AND_TWICE = 300.0, (4000.0, 8000.0, 16000.0), 2**0.5


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
    """Below 4, 8, 16 km and above: 0 to 3."""
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
    """The patterns of the records that run; `number` is the place of each operator's stop, `mtr_fares` HKD by route."""
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


def road_patterns(folder: Path) -> dict[Timetable, str]:
    """Patterns of the road tables by official timetable."""
    known = {row["pattern_id"] for row in read(NETWORK / "patterns_road.csv")}
    found: dict[Timetable, str] = {}
    for road in routes():
        for suffix, raw in variants(folder, road):
            if f"{road.line_id}-{suffix}" in known:
                for part in parts_of(road.operator, raw):
                    found.setdefault(part.timetable, f"{road.line_id}-{suffix}")
    return found


def row_of(pattern: Pattern, road: dict[Timetable, str]) -> tuple[object, ...]:
    """The row of a pattern; `road` are the patterns of the road tables by timetable."""
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
