"""Lines, patterns, headways and hours of Light Rail. Called by hk_rail.py.

In (below DIR): hk_mtr_runtimes_harrywang/ (seconds between stops, headways), hk_lightrail_schedule/ (first and last trams at
each stop), routes and stops (hk_rail_stations.py), records/hk_rail_lines.csv. Out: rows of the tables.

Seconds of each link give the shape; they are scaled, route by route, to the minutes of the first and last trams between first
and last listed stop. Links that the source lacks go by length and mean speed.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hk_mtr import FREQ_SOURCE, OTHER_PERIODS, Ranges, frequencies
from hk_rail_stations import Stations, load_json
from network_tables import NetworkTables
from positions import xy
from rail_track import Track, link_length
from tables import assumptions, kebab, names, records

CIRCULAR = {"705": "anticlockwise", "706": "clockwise"}
SAME_STOP_M = 80.0
Times = dict[str, tuple[float, float]]
"""Stop: minutes after midnight of the first and the last tram of one direction."""


def clock(text: str) -> float:
    """Minutes after midnight; the small hours belong to the day before."""
    hour, minute = map(int, text.split(":")[:2])
    return (hour + 24 if hour < 4 else hour) * 60 + minute


def hhmm(minutes: float) -> str:
    """HH:MM of minutes after midnight."""
    return f"{int(minutes // 60):02d}:{round(minutes % 60):02d}"


@dataclass
class Links:
    """Lengths and run times of the links of Light Rail."""

    stations: Stations
    run_s: dict[frozenset[str], list[float]]
    dwell_s: int
    unmatched: set[str] = field(default_factory=set)
    factors: dict[str, float] = field(default_factory=dict)


def source_seconds(src: Path, stations: Stations, routes: set[str]) -> dict[frozenset[str], list[float]]:
    """Seconds of the source by pair of stops; its stops are matched to ours by position."""
    ids = [s for s, r in stations.rows.items() if r["system"] == "light_rail"]
    points = np.array([xy(stations.lonlat(s)) for s in ids])
    found: dict[frozenset[str], list[float]] = defaultdict(list)
    for line in load_json(src / "hk_mtr_runtimes_harrywang/lightrail_v3.json"):
        for branch in line["branches"] if line["name"] in routes else ():
            near: list[str | None] = []
            for s in branch["stations"]:
                off = np.hypot(*(points - xy((s["lng"], s["lat"]))).T)
                near.append(ids[int(np.argmin(off))] if off.min() < SAME_STOP_M else None)
            for (a, b), s in zip(pairwise(near), branch["stations"], strict=False):
                if a and b and a != b:
                    found[frozenset((a, b))].append(s["run"])
    return found


def trams(listed: list[dict[str, str]], stations: Stations) -> Times:
    """First and last tram of one direction by stop."""
    found = {}
    for row in listed:
        sid = "lr-" + kebab(row["stop"].replace("\xa0", " ").split(" (Platform")[0])
        if sid not in stations.rows:
            raise SystemExit(f"the schedule names a stop that no route has: {row['stop']}")
        found[sid] = (clock(row["first_train"]), clock(row["last_train"]))
    return found


def by_start(times: list[Times], start: str) -> Times:
    """The direction whose first tram of the day leaves from this stop."""
    return next(t for t in times if start in t and t[start][0] == min(v[0] for v in t.values()))


def definitions(route: str, out: list[str], back: list[str]) -> list[tuple[str, list[str], str, str]]:
    """Pattern id, stops, direction and note of the patterns of a route."""
    line_id = f"lr-{route.lower()}"
    if route in CIRCULAR:  # both halves end and begin at Tin Wing; the last stop is the first again
        note = f"circular {CIRCULAR[route]}, from and to Tin Shui Wai"
        return [(line_id, [*out, *back[1:]], "forward", note)]
    if out == back[::-1]:
        return [(line_id, out, "both", "all stops")]
    return [
        (f"{line_id}-out", out, "forward", "other stops than on the way back"),
        (f"{line_id}-back", back, "forward", "other stops than on the way out"),
    ]


def scaled_runs(
    links: Links, track: Track | None, pattern_id: str, order: list[str], own: list[Times]
) -> list[tuple[int, int, bool, bool]]:
    """Seconds, metres, whether from the source, whether along the official line, of each link of a pattern."""
    at = links.stations.lonlat
    lengths = [link_length(track, at(a), at(b)) for a, b in pairwise(order)]
    pairs = [frozenset(pair) for pair in pairwise(order)]
    known = [statistics.mean(links.run_s[p]) if p in links.run_s else None for p in pairs]
    links.unmatched |= {f"{a}/{b}" for (a, b), k in zip(pairwise(order), known, strict=True) if k is None}
    speed = sum(m for (m, _), k in zip(lengths, known, strict=True) if k) / sum(k for k in known if k)
    raw = [m / speed if k is None else k for k, (m, _) in zip(known, lengths, strict=True)]
    factors = []
    for times in own:  # scale to the minutes between first and last listed stop
        listed = [s for s in (order[:-1] if order[0] == order[-1] else order) if s in times]
        spans = [abs(b - a) for a, b in zip(times[listed[0]], times[listed[-1]], strict=True)]
        i, j = order.index(listed[0]), order.index(listed[-1])
        factors.append((60 * statistics.mean(spans) - links.dwell_s * (j - i - 1)) / sum(raw[i:j]))
    factor = links.factors[pattern_id] = statistics.mean(factors)
    return [
        (round(r * factor), round(m), k is not None, official)
        for r, (m, official), k in zip(raw, lengths, known, strict=True)
    ]


def add_stops(tables: NetworkTables, pattern_id: str, order: list[str], runs: list[tuple[int, int, bool, bool]], dwell_s: int) -> None:  # fmt: skip
    """Add the stops of a pattern."""
    for seq, sid in enumerate(order, 1):
        run_s, length_m, known, official = runs[seq - 1] if seq < len(order) else ("", "", True, True)
        how = "seconds of another source" if known else "length at the mean speed (assumption)"
        source = f"{how}, scaled to first and last trams 2026-01; dwell lrt-dwell"
        source += "" if official else "; length straight x 1.1"
        tables.stop(pattern_id, seq, sid, run_s, dwell_s, length_m, "C", source)


def add_service(tables: NetworkTables, pattern_id: str, ends: list[str], times: list[Times], ranges: Ranges, route: str) -> None:  # fmt: skip
    """Add hours and headways of a pattern; `ends` are where its directions begin."""
    for way, start in zip(("forward", "backward"), ends, strict=False):
        first, last = by_start(times, start)[start]
        tables.hour(pattern_id, way, hhmm(first), hhmm(last), "", "B", "first and last trams by stop, 2026-01")  # fmt: skip
    bounds = ranges[f"Route {route}"]
    for period, (low, high) in bounds.items():
        tables.headway(pattern_id, period, 30 * (low + high), "", "B", f"{FREQ_SOURCE}: middle of {low:g}-{high:g} min")  # fmt: skip
    assumed = assumptions("hk")
    for period in OTHER_PERIODS:
        key = f"lrt-{period}"
        tables.headway(pattern_id, period, 30 * sum(bounds["midday"]) * assumed[key]["value"], key, "M", "assumption")  # fmt: skip


def build(src: Path, tables: NetworkTables, stations: Stations, routes: dict[tuple[str, str], list[str]], tracks: dict[str, Track]) -> None:  # fmt: skip
    """Add everything of Light Rail to the tables; `tracks` are the official lines by name of the file."""
    lines = {i: r for i, r in records("hk_rail_lines").items() if r["mode"] == "light_rail"}
    codes = {str(r["code"]) for r in lines.values()}
    links = Links(stations, source_seconds(src, stations, codes), assumptions("hk")["lrt-dwell"]["value"])
    schedule: dict[str, Any] = load_json(src / "hk_lightrail_schedule/lightrailschedule.json")
    ranges = frequencies(src)
    for line_id, r in lines.items():
        route = str(r["code"])
        tables.line(line_id, names(r), **{c: r[c] for c in ("mode", "operator", "colour", "confidence", "source")})  # fmt: skip
        parts = [p for name, t in tracks.items() if name.split("_")[0] == route for p in t.parts]
        track = Track(parts) if parts else None
        times = [trams(listed, stations) for listed in schedule[route].values()]
        for pattern_id, order, way, note in definitions(route, routes[route, "1"], routes[route, "2"]):
            tables.pattern(pattern_id, line_id, way, note)
            own = times if way == "both" else [by_start(times, order[0])]
            add_stops(tables, pattern_id, order, scaled_runs(links, track, pattern_id, order, own), links.dwell_s)  # fmt: skip
            ends = [order[0], order[-1]] if way == "both" else [order[0]]
            add_service(tables, pattern_id, ends, times, ranges, route)
    factors = list(links.factors.values())
    print(
        f"Light Rail: {len(links.unmatched)} links by length: {sorted(links.unmatched)}; factors on the source's seconds"
        f" {min(factors):.2f}-{max(factors):.2f}, mean {statistics.mean(factors):.2f}"
    )
