"""Buses against observed times, and the road tables against the minutes and headways that are published.

In (below DIR): hk_bus_headways/, hk_journey_times/; records/published_{bus_minutes,headways}.csv. Out: tables of
docs/validation.md; the method is in validate_times.py.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from hk_bus_records import Record, join_circles, read_records
from hk_bus_stops import read_stops
from numpy.typing import NDArray
from tables import NETWORK, read, record_rows, records
from validate_rail import observed_times
from validation_figures import NOW, Pair, summary, table, worst

from corridor import Study
from corridor.network.service import Network

BUS_TOP_KMH, OBSERVED_SHARE, OTHER_POWER = 100.0, 0.8, 0.6


@dataclass(frozen=True)
class BusRoute:
    """A route-direction: ours and observed over the links that were observed, and each of these links."""

    pattern_id: str
    operator: str
    whole: Pair
    links: tuple[Pair, ...]
    metres: tuple[float, ...]
    shared_otherwise: tuple[Pair, ...]
    """The links if the minutes were shared out by distance to the power OTHER_POWER."""
    circle: bool
    road: str


def bus_routes(src: Path) -> tuple[list[BusRoute], int]:
    """Routes with enough observed, and how many of our patterns were looked at."""
    folder = src / "hk_bus_headways"
    ours = {r["pattern_id"]: r for r in read(NETWORK / "hk_bus/patterns.csv")}
    records = read_records(folder)
    join_circles(records)
    stops, times = read_stops(folder), observed_times(src)
    found, looked = [], 0
    for record in records:
        row = ours.get(record.pattern_id)
        if row is None or not record.parts:
            continue
        looked += 1
        route = bus_route(record, row, {s: stops[record.operator, s].xy for s in record.stops}, times)
        if route:
            found.append(route)
    return found, looked


def bus_route(
    record: Record,
    row: dict[str, str],
    at: dict[str, NDArray[np.float64]],
    times: dict[str, dict[str, float]],
) -> BusRoute | None:
    """A record against observed times; None where too little of it was observed."""
    steps = [(a, b, float(np.hypot(*(at[b] - at[a])))) for a, b in pairwise(record.stops)]
    length = sum(m for *_, m in steps)
    powers = sum(m**OTHER_POWER for *_, m in steps)
    links, spans, otherwise = [], [], []
    for a, b, metres in steps:
        seconds = times.get(a, {}).get(b)
        if seconds and metres > 0 and 3.6 * metres / seconds <= BUS_TOP_KMH:
            links.append(Pair(f"{record.route} {a}-{b}", float(row["run_s"]) * metres / length, seconds))
            otherwise.append(Pair("", float(row["run_s"]) * metres**OTHER_POWER / powers, seconds))
            spans.append(metres)
    if sum(spans) < OBSERVED_SHARE * length:
        return None
    name = f"{row['operator']} {record.route}, {record.raw['orig_en']} to {record.raw['dest_en']}"
    whole = Pair(name, sum(p.ours_s for p in links), sum(p.other_s for p in links))
    return BusRoute(
        record.pattern_id,
        row["operator"],
        whole,
        tuple(links),
        tuple(spans),
        tuple(otherwise),
        "circle" in row["mended"].split(),
        row["also_in"],
    )


def bus_tables(study: Study, src: Path) -> str:
    """Routes and links against observed times."""
    routes, looked = bus_routes(src)
    plain = [r for r in routes if not r.circle]
    operators = sorted({r.operator for r in routes})
    groups = [("whole routes", [r.whole for r in plain])]
    groups += [(f"- {o}", [r.whole for r in plain if r.operator == o]) for o in operators]
    groups += [
        ("circular routes whose minutes we doubled", [r.whole for r in routes if r.circle]),
        ("- had we not", [Pair("", r.whole.ours_s / 2, r.whole.other_s) for r in routes if r.circle]),
        ("routes of control points", [r.whole for r in plain if r.road]),
    ]
    links = [pair for r in plain for pair in zip(r.links, r.metres, strict=True)]
    bounds = (0.0, 250.0, 500.0, 1000.0, 4000.0, 1e9)
    names = (
        "- below 250 m, straight",
        "- 250 to 500 m",
        "- 500 to 1,000 m",
        "- 1 to 4 km",
        "- 4 km and more",
    )
    by_length = [
        (name, [p for p, m in links if low <= m < high])
        for name, (low, high) in zip(names, pairwise(bounds), strict=True)
    ]
    otherwise = [pair for r in plain for pair in zip(r.shared_otherwise, r.metres, strict=True)]
    far = [(p, m) for p, m in links if m >= bounds[-2]]
    speeds = [
        statistics.median(3.6 * m / s for s, m in found)
        for found in ([(p.ours_s, m) for p, m in far], [(p.other_s, m) for p, m in far])
    ]
    by_length += [
        (f"shared by distance to the power {OTHER_POWER:g} instead (not done)", [p for p, _ in otherwise]),
        ("- 4 km and more", [p for p, m in otherwise if m >= bounds[-2]]),
    ]
    rows = [
        (p.where, f"{p.ours_s / 60:.0f}", f"{p.other_s / 60:.0f}", f"{p.error_s / 60:+.0f}")
        for p in worst([r.whole for r in plain])
    ]
    ratio = np.percentile([r.whole.ours_s / r.whole.other_s for r in plain], [10, 50, 90])
    head = ("route", "ours, min", "observed, min", "error")
    return (
        f"{len(routes)} of {looked} route-directions have at least {100 * OBSERVED_SHARE:.0f} % of their length observed.\n\n"
        + summary(groups, "min")
        + f"\n\nOurs over observed: median {ratio[1]:.2f}, 80 in 100 from {ratio[0]:.2f} to {ratio[2]:.2f}.\n\n"
        + summary([("from stop to stop", [p for p, _ in links]), *by_length], "s")
        + "\n\n"
        + f"Links of 4 km and more, median straight speed: ours {speeds[0]:.0f} km/h, observed {speeds[1]:.0f}.\n\n"
        + table(head, rows)
    )


def control_point_table(study: Study, src: Path) -> str:
    """Routes of control points against observed times and published minutes."""
    routes = {r.road: r for r in bus_routes(src)[0] if r.road}
    network = study.network(NOW).network
    rows = []
    for p in sorted(network.patterns, key=lambda p: p.pattern_id):
        name = p.pattern_id.rstrip("<>")
        seen = next((r for road, r in routes.items() if name in road.split()), None)
        if seen:
            error = seen.whole.error_s / 60
            rows.append((seen.whole.where, f"{p.stops[-1].arrival_s / 60:.0f}", f"{seen.whole.ours_s / 60:.1f}", f"{seen.whole.other_s / 60:.1f}", f"{error:+.1f}"))  # fmt: skip
    head = ("route", "ours, min (published)", "over the observed links, min", "observed, min", "error")
    return table(head, rows) + "\n\n" + road_inputs(network)


def road_inputs(network: Network) -> str:
    """The feeder tables against the minutes they were made from, by route."""
    ends: dict[str, set[int]] = defaultdict(set)
    for p in network.patterns:
        if p.pattern_id.startswith(("bus-", "minibus-", "coach-", "yellow-")):
            ends[p.line_id].add(round(p.stops[-1].arrival_s / 60))
    published = {line_id: r["minutes"] for line_id, r in records("published_bus_minutes").items()}
    same = [i for i, m in published.items() if m in ends[i]]
    other = "; ".join(f"{i} {sorted(ends[i])} for {m}" for i, m in published.items() if i not in same)
    return f"Published minutes that one of our patterns of the line has to the minute (input): {len(same)} of {len(published)}. {'The others: ' + other + '.' if other else ''}".strip()


def headway_table(study: Study) -> str:
    """Headways against published ones."""
    by_id = {p.pattern_id: p for p in study.network(NOW).network.patterns}
    rows = []
    for r in record_rows("published_headways"):
        a_second = sum(1 / by_id[f"{p}>"].headway_s[r["period"]] for p in r["patterns"].split())
        rows.append((r["service"], f"{1 / a_second / 60:.1f}", r["published_min"], r["source"]))
    return table(("service", "ours, min between trains or buses", "published, min", "source"), rows)
