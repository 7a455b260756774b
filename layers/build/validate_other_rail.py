"""Light Rail, express rail and the Shenzhen metro against timetables.

In (below DIR): hk_lightrail_schedule/, hk_journey_times/, xrl_gtfs_qgmzmy/gtfs, shenzhen_metro/. Out: tables of
docs/validation.md; the method is in validate_times.py.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from hk_light_rail import Times, clock
from hk_rail_stations import load_json
from rail_evidence import LONG_LINK_M
from sz_metro_stations import ALIAS
from tables import NETWORK, kebab, read, record_rows
from validate_rail import observed_times
from validation_figures import (
    NOW,
    SHENZHEN_NOW,
    Pair,
    published,
    published_rows,
    ride_s,
    summary,
    table,
    track_m,
    worst,
)

from corridor import Study
from corridor.network.service import Network, Pattern

LIGHT_RAIL_DEFAULTS_S = (120, 132)


def tram_stop(name: str) -> str:
    """Id of a Light Rail stop by its name in the schedule."""
    return "lr-" + kebab(name.replace("\xa0", " ").split(" (Platform")[0])


def tram_pairs(study: Study, src: Path) -> tuple[list[Pair], list[Pair]]:
    """(last listed stops, which the layers were scaled to; stops between, which they were not)."""
    schedule = load_json(src / "hk_lightrail_schedule/lightrailschedule.json")
    network = study.network(NOW).network
    ends: list[Pair] = []
    inner: list[Pair] = []
    for route, ways in schedule.items():
        for way, listed in ways.items():
            times = {tram_stop(r["stop"]): (clock(r["first_train"]), clock(r["last_train"])) for r in listed}
            pattern = tram_pattern(network, f"lr-{route.lower()}", times)
            if pattern is None:
                continue
            order = [(s.station_id, s.arrival_s) for s in pattern.stops if s.station_id in times]
            if order[0][0] == order[-1][0]:
                order = order[:-1]
            start = times[order[0][0]]
            for i, (stop, at) in enumerate(order[1:], 1):
                spans = [t - s for s, t in zip(start, times[stop], strict=True)]
                where = f"{route} {way.strip()}, to {network.stations[stop].names.en}"
                pair = Pair(where, at - order[0][1], 60 * statistics.mean(spans))
                (ends if i == len(order) - 1 else inner).append(pair)
    return ends, inner


def tram_pattern(network: Network, line_id: str, times: Times) -> Pattern | None:
    """The direction whose stops come in the order of the schedule."""
    best: tuple[int, Pattern] | None = None
    for p in network.patterns:
        if p.line_id == line_id:
            firsts = [times[s.station_id][0] for s in p.stops if s.station_id in times]
            rising = sum(a < b for a, b in pairwise(firsts)) - sum(a > b for a, b in pairwise(firsts))
            if best is None or rising > best[0]:
                best = (rising, p)
    return best[1] if best else None


def light_rail_tables(study: Study, src: Path) -> str:
    """Light Rail against first and last trams."""
    ends, inner = tram_pairs(study, src)
    times = [round(s) for a, to in observed_times(src).items() if a.startswith("LR") for s in to.values()]
    default = sum(s in LIGHT_RAIL_DEFAULTS_S for s in times)
    rows = [
        (p.where, f"{p.ours_s / 60:.1f}", f"{p.other_s / 60:.1f}", f"{p.error_s / 60:+.1f}")
        for p in worst(inner)
    ]
    return (
        summary([("last listed stop of each direction (input)", ends), ("stops between", inner)], "min")
        + "\n\n"
        + table(("route, way, stop", "ours, min", "schedule, min", "error"), rows)
        + f"\n\nObserved averages: {default} of {len(times)} are a default of {' or '.join(map(str, LIGHT_RAIL_DEFAULTS_S))} s; {len(times) - default} is left, too few to say anything."
    )


def express_tables(study: Study, src: Path) -> str:
    """Express rail against timetables of both operators and published times."""
    folder = src / "xrl_gtfs_qgmzmy/gtfs"
    calls: dict[str, list[tuple[int, str, float, float]]] = defaultdict(list)
    for r in read(folder / "stop_times.txt"):
        calls[r["trip_id"]].append((int(r["stop_sequence"]), r["stop_id"][:3], clock(r["arrival_time"]), clock(r["departure_time"])))  # fmt: skip
    network = study.network(NOW).network
    ids = {"WEK": "west-kowloon", "FUT": "hsr-futian", "SZB": "hsr-shenzhen-north"}
    trips: dict[str, list[Pair]] = defaultdict(list)
    for trip in calls.values():
        here = [c for c in sorted(trip) if c[1] in ids]
        stations = [ids[c[1]] for c in here]
        pattern = next(
            p for p in network.patterns if p.line_id == "xrl" and [s.station_id for s in p.stops] == stations
        )
        kind = f"timetable, {'by way of Futian' if len(here) == 3 else 'to or from ' + ('Futian' if 'hsr-futian' in stations else 'Shenzhen North, direct')} (input)"
        trips[kind].append(Pair("", pattern.stops[-1].arrival_s, 60 * (here[-1][2] - here[0][3])))
    rows = []
    direct, slow = (ride_of(network, p) for p in ("xrl-shenzhen-north", "xrl-futian-shenzhen-north"))
    for r in read(src / "shenzhen_metro/xrl_run_minutes_12306.csv"):
        ends = {r["from"], r["to"]}
        if ends == {"福田", "香港西九龙"}:
            ours = f"{ride_s(network, 'xrl', 'west-kowloon', 'hsr-futian') / 60:.0f}"
        elif ends == {"深圳北", "香港西九龙"}:
            ours = f"{direct:.0f} and {slow:.0f}"
        elif ends == {"深圳北", "福田"}:
            ours = f"{ride_s(network, 'xrl', 'hsr-futian', 'hsr-shenzhen-north') / 60:.0f}"
        else:
            continue
        names = {"福田": "Futian", "香港西九龙": "West Kowloon", "深圳北": "Shenzhen North"}
        rows.append(
            (f"{names[r['from']]} - {names[r['to']]}", r["n"], ours, r["median_min"], r["fastest_min"])
        )
    return (
        summary(sorted(trips.items()), "min")
        + "\n\n"
        + table(("from - to (12306, 2026)", "trains a day", "ours, min", "median, min", "fastest, min"), rows)
        + "\n\n"
        + published_rows(study, published("express-rail"))
    )


def ride_of(network: Network, pattern: str) -> float:
    """Minutes end to end of a pattern, by the start of its id."""
    return next(p for p in network.patterns if p.pattern_id.rstrip("<>") == pattern).stops[-1].arrival_s / 60


def shenzhen_tables(study: Study, src: Path) -> str:
    """Shenzhen lines against the last trains, and links against the minutes they were made from."""
    network = study.network(SHENZHEN_NOW).network
    sums: dict[str, float] = defaultdict(float)
    for r in read(src / "shenzhen_metro/shenzhen_run_minutes_by_segment.csv"):
        sums["2-8" if r["line"] in {"2", "8"} else r["line"]] += float(r["min_incl_stop"])
    rows, last = [], []
    for line in record_rows("sz_lines"):
        route, number, minutes = str(line["route"]), str(line["number"]), line["last_train_min"]
        ours = ride_of(network, line["line_id"])
        taken = route in {"3", "12"}
        last.append(Pair(number, 60 * ours, 60 * minutes, "input" if taken else "second reading"))
        rows.append((number, f"{ours:.1f}", f"{sums[route]:.1f}" if sums[route] else "-", f"{minutes:g}", f"{ours - minutes:+.1f}"))  # fmt: skip
    groups = [
        ("sum of minutes between stops (input, but Lines 3 and 12)", [Pair(n, 60 * float(o), 60 * float(s)) for n, o, s, *_ in rows if s != "-" and n not in {"3", "12"}]),
        ("last trains 2026-10 (second reading), but Lines 3 and 12", [p for p in last if p.use == "second reading"]),
    ]  # fmt: skip
    head = ("line", "ours, min", "sum of minutes between stops", "last trains 2026-10", "error to these")
    return summary(groups, "min") + "\n\n" + table(head, rows) + "\n\n" + smoothing(study, src)


def smoothing(study: Study, src: Path) -> str:
    """Links of Shenzhen against the minutes they were made from."""
    stations = {str(r["name_zh_hans"]): r for r in read(NETWORK / "stations_sz.csv")}
    network = study.network(SHENZHEN_NOW).network
    times = {}
    for p in network.patterns:
        for a, b in pairwise(p.stops):
            dwell = (a.departure_s - a.arrival_s + b.departure_s - b.arrival_s) / 2
            times[p.line_id, frozenset((a.station_id, b.station_id))] = b.arrival_s - a.departure_s + dwell
    pairs, long = [], []
    metres = track_m(study)
    lines = {str(r["route"]): r for r in record_rows("sz_lines")}
    for r in read(src / "shenzhen_metro/shenzhen_run_minutes_by_segment.csv"):
        route = "2-8" if r["line"] in {"2", "8"} else r["line"]
        ends = [ALIAS.get(r[e], r[e]) for e in ("from", "to")]
        key = (lines[route]["line_id"], frozenset(stations[e]["station_id"] for e in ends))
        if key in times:
            where = " - ".join(stations[e]["name_en"] for e in ends) + f" (Line {lines[route]['number']})"
            pairs.append(Pair(where, times[key], 60 * float(r["min_incl_stop"])))
            if metres[key] >= LONG_LINK_M:
                long.append(pairs[-1])
    rows = [(p.where, f"{p.ours_s:.0f}", f"{p.other_s:.0f}", f"{p.error_s:+.0f}") for p in worst(pairs)]
    return (
        summary(
            [("links against the minutes they were made from (input)", pairs), ("- of 4 km and more", long)],
            "s",
        )
        + "\n\n"
        + table(("link", "ours, s", "source, s", "error"), rows)
    )
