"""Patterns, stops, headways and hours of the MTR's ten lines. Called by hk_rail.py.

In: the order of stations and the run times (hk_rail_stations.py, hk_rail_runs.py), weekday ranges of headways below
hk_mtr_runtimes_harrywang/, records/{hk_rail_lines,mtr_patterns,hk_station_openings,hk_future_stops}.csv and the assumptions of
layers/network/service_assumptions_hk.csv. Out: rows of the tables.

Headways are the middle of the weekday range. Where patterns share a trunk, the branches take their middles and the trunk is
their sum of frequencies; if that leaves the published range of the trunk, both are scaled to its bound. Where a range is of the
trunk and of the branch, the short working is the difference of frequencies. Future stops are in their patterns; today's run is
split by distance.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from hk_rail_runs import DWELL_S, RUN_SOURCE, Runs
from hk_rail_stations import Stations
from network_tables import NetworkTables
from positions import metres
from rail_track import Track, link_length, split
from tables import Row, assumptions, names, record_rows, records

FREQUENCY_FILE = "hk_mtr_runtimes_harrywang/MTR Frequencies - Sheet1.csv"
FREQ_SOURCE = "MTR train frequencies, weekdays (collected 2026)"
EXTENSION_ASSUMPTION = "hk-extension-run"
OTHER_PERIODS = ("early", "evening", "late")
Ranges = dict[str, dict[str, tuple[float, float]]]
"""Name in the table of frequencies, period: least and most minutes."""


def frequencies(src: Path) -> Ranges:
    """Weekday ranges of headways for am_peak, pm_peak and midday."""
    table: Ranges = {}
    with (src / FREQUENCY_FILE).open(encoding="utf-8-sig", newline="") as stream:
        for row in list(csv.reader(stream))[1:]:
            cells = {}
            for period, text in zip(("am_peak", "pm_peak", "midday"), row[1:4], strict=True):
                numbers = [float(x) for x in re.findall(r"[\d.]+", text)]
                if numbers:
                    cells[period] = (numbers[0], numbers[-1])
            if cells:
                table[row[0].strip("#~ ")] = cells
    return table


def order_of(pattern: Row, orders: dict[str, list[str]]) -> list[str]:
    """The stations of a pattern: a listing, or two that meet at the first station of the second, cut to its ends."""
    first, *others = (orders[key] for key in pattern["listing"].split())
    order = first[: first.index(others[0][0])] + others[0] if others else first
    start = order.index(pattern["from_station"]) if pattern["from_station"] else 0
    end = order.index(pattern["to_station"]) + 1 if pattern["to_station"] else len(order)
    return order[start:end]


def lines(tables: NetworkTables) -> None:
    """Add the ten lines."""
    for line_id, r in records("hk_rail_lines").items():
        if r["mode"] == "metro":
            tables.line(line_id, names(r), **{c: r[c] for c in ("mode", "operator", "colour", "opened", "confidence", "source")})  # fmt: skip


@dataclass
class Ways:
    """What a pattern's stops are made from."""

    stations: Stations
    runs: Runs
    tracks: dict[str, Track]
    served_from: dict[tuple[str, str], str] = field(
        default_factory=lambda: {(r["line_id"], r["station_id"]): r["opened"] for r in record_rows("hk_station_openings")}
    )  # fmt: skip
    future: list[Row] = field(default_factory=lambda: record_rows("hk_future_stops"))

    def between(self, line_id: str, after: str, before: str | None) -> list[Row]:
        """Future stops between two stations of a line; beyond its end where `before` is None."""
        return [r for r in self.future if (r["line_id"], r["after"], r["before"]) == (line_id, after, before)]


def patterns(tables: NetworkTables, ways: Ways, orders: dict[str, list[str]]) -> None:
    """Add all patterns with their stops."""
    for pattern_id, r in records("mtr_patterns").items():
        tables.pattern(pattern_id, r["line_id"], r["direction"], r["note"])
        stops = pattern_stops(ways, r["line_id"], order_of(r, orders))
        for seq, stop in enumerate(stops, 1):
            tables.stop(pattern_id, seq, **stop)


def pattern_stops(ways: Ways, line_id: str, order: list[str]) -> list[Row]:
    """Stops of a pattern in order, those of the future among them."""
    stops = []
    for i, sid in enumerate(order):
        stop = {
            "station_id": sid, "run_s": "", "dwell_s": round(ways.runs.dwell_s.get((line_id, sid), DWELL_S)), "length_m": "",
            "opened": ways.served_from.get((line_id, sid), ""), "confidence": "C",
            "source": RUN_SOURCE + ("; dwell mtr-dwell-east-rail" if line_id == "east-rail" else ""),
        }  # fmt: skip
        stops.append(stop)
        if i < len(order) - 1:
            stops += link(ways, line_id, stop, order[i + 1])
        else:
            stops += extension(ways, line_id, stop)
    return stops


def link(ways: Ways, line_id: str, stop: Row, following: str) -> list[Row]:
    """Fill run and length of a stop to the next one; returns the future stops between, with today's run split by distance."""
    sid, at = stop["station_id"], ways.stations.lonlat
    key = (line_id, sid, following)
    length_m, official = link_length(ways.tracks[line_id], at(sid), at(following))
    if not official:
        stop["source"] += "; length straight x 1.1"
    stop["source"] = stop["source"].replace(RUN_SOURCE, ways.runs.corrected.get(key, RUN_SOURCE))
    between = ways.between(*key)
    chain = [sid, *(r["station_id"] for r in between), following]
    legs = [metres(at(a), at(b)) for a, b in pairwise(chain)]
    run_parts, length_parts = split(ways.runs.run_s[key], legs), split(round(length_m), legs)
    stop["run_s"], stop["length_m"] = run_parts[0], length_parts[0]
    if between:
        stop["source"] += "; split by distance at future stops"
    text = f"run of today split by distance, dwell {DWELL_S} s (assumption)"
    return [
        future_stop(r, run_s, part_m, text)
        for r, run_s, part_m in zip(between, run_parts[1:], length_parts[1:], strict=True)
    ]


def future_stop(r: Row, run_s: float | str, length_m: float | str, text: str) -> Row:
    """A stop that is not served yet."""
    return {
        "station_id": r["station_id"], "run_s": run_s, "dwell_s": DWELL_S, "length_m": length_m, "opened": r["opened"],
        "status": r["status"], "confidence": r["confidence"], "source": f"{r['source']}; {text}",
    }  # fmt: skip


def extension(ways: Ways, line_id: str, last: Row) -> list[Row]:
    """The future stops beyond today's terminus; the runs to them come from the record of each."""
    beyond = ways.between(line_id, last["station_id"], None)
    if beyond:
        last["source"] += f"; run to the extension {EXTENSION_ASSUMPTION}"
    stops, before = [], last
    for r in beyond:
        before["run_s"], before["length_m"] = r["run_s"], r["length_m"]
        before = future_stop(r, "", "", EXTENSION_ASSUMPTION)
        stops.append(before)
    return stops


def headways(src: Path, tables: NetworkTables) -> None:
    """Add headways of all periods, and first and last trains."""
    ranges, rows = frequencies(src), records("mtr_patterns")
    published = peak_headways(ranges, rows)
    for pattern_id, by_period in published.items():
        for period, (seconds, text) in by_period.items():
            tables.headway(pattern_id, period, seconds, "", "B", f"{FREQ_SOURCE}: {text}")
        if "midday" in by_period and not rows[pattern_id]["less_pattern"]:
            assumed_headways(tables, pattern_id, by_period["midday"][0])
    late = assumptions("hk")["mtr-late-sheung-shui"]
    tables.headway("east-rail-sheung-shui", "late", late["value"], late["assumption_id"], "M", "assumption")
    for pattern_id, r in rows.items():
        for way in ("forward", "backward"):
            if r[f"{way}_first"]:
                tables.hour(pattern_id, way, r[f"{way}_first"], r[f"{way}_last"], r["hours_assumption"], r["confidence"], r["source"])  # fmt: skip


def peak_headways(ranges: Ranges, rows: dict[str, Row]) -> dict[str, dict[str, tuple[float, str]]]:
    """Published headways in seconds and what they are, by pattern and period (peaks and midday)."""
    found: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
    for pattern_id, r in rows.items():
        if r["line_id"] == "east-rail" or r["less_pattern"]:
            continue
        for period, (low, high) in ranges[r["frequency"]].items():
            text = f"middle of {low:g}-{high:g} min" if low != high else f"{low:g} min"
            found[pattern_id][period] = (30 * (low + high), text)
    for pattern_id, r in rows.items():
        for period, (low, high) in ranges[r["frequency"]].items() if r["less_pattern"] else ():
            rest = 1 / (30 * (low + high)) - 1 / found[r["less_pattern"]][period][0]
            if rest > 1e-6:
                text = f"trunk {low:g}-{high:g} min less the trains to the end of the line"
                found[pattern_id][period] = (1 / rest, text)
    branches = ("east-rail-lo-wu", "east-rail-lok-ma-chau")
    own = [ranges[rows[b]["frequency"]] for b in branches]
    trunk = ranges["Admiralty-Sheung Shui"]
    for period, (low, high) in trunk.items():
        middles = [30 * sum(r[period]) for r in own]
        together = 1 / sum(1 / m for m in middles)
        within = min(max(together, 60 * low), 60 * high)
        scaled = f", scaled by {within / together:.2f} to the trunk" if within != together else ""
        for branch, r, middle in zip(branches, own, middles, strict=True):
            text = f"middle of {r[period][0]:g}-{r[period][1]:g} min, trunk {low:g}-{high:g} min{scaled}"
            found[branch][period] = (middle * within / together, text)
        print(f"East Rail {period}: " + ", ".join(f"{found[b][period][0] / 60:.2f}" for b in branches) + f", together {within / 60:.2f} min (published trunk {low:g}-{high:g})")  # fmt: skip
    return found


def assumed_headways(tables: NetworkTables, pattern_id: str, midday_s: float) -> None:
    """Add the headways of the periods for which none is published."""
    assumed = assumptions("hk")
    for period in OTHER_PERIODS:
        ratio = f"mtr-{period}"
        if pattern_id == "east-rail-lok-ma-chau":
            own = assumed["mtr-lok-ma-chau-evening"]
        elif pattern_id == "airport-express" and period == "late":
            own = assumed["mtr-late-airport-express"]
        else:
            tables.headway(pattern_id, period, midday_s * assumed[ratio]["value"], ratio, "M", "assumption")
            continue
        source = "assumption" if own["confidence"] == "M" else own["source"]
        tables.headway(pattern_id, period, own["value"], own["assumption_id"], own["confidence"], source)
