"""A feed as lines of the network tables: one service day, patterns by order of stops, headways by period."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.errors import LayerError, Problem
from corridor.importers.gtfs.day import running
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.headways import Service, Window, service_of
from corridor.importers.gtfs.read import Feed
from corridor.importers.gtfs.stops import Side, _once, names_of, slugs, stations_of
from corridor.importers.gtfs.times import calls_of, parse_clock
from corridor.network.graph import BOARD_ALIGHT_S, STREET_CHANGE_M
from corridor.schema.region import Region, shipped_region
from corridor.schema.tables import MODES

ROLES = ("stations", "lines", "patterns", "pattern_stops", "headways", "hours", "interchanges")
MAX_SPEED_KMH = (
    450.0  # the fastest train in service runs 431 km/h; minutes are rounded, so a minute is allowed on top
)
MAX_TRANSFER_S = 2 * 3600
DETOUR, WALK_M_S = 1.3, 1.2  # as everywhere on foot where no way is known (assumption)
SYSTEM_OF = {
    "high_speed": "hsr",
    "light_rail": "light_rail",
    "bus": "road",
    "coach": "road",
    "shuttle": "road",
    "ferry": "ferry",
}
_BASIC = {
    0: "light_rail",
    1: "metro",
    2: "metro",
    3: "bus",
    4: "ferry",
    5: "light_rail",
    6: "shuttle",
    7: "shuttle",
    11: "bus",
    12: "metro",
}
_EXTENDED = {2: "coach", 4: "metro", 5: "metro", 6: "metro", 7: "bus", 8: "bus", 9: "light_rail", 10: "ferry"}
_HIGH_SPEED = {101, 102}
_MORE = {12: "ferry", 13: "shuttle", 14: "shuttle"}


@dataclass(frozen=True)
class Wishes:
    """What the user states about a feed.

    `date`: the service day; None for a typical working day. `modes`: mode by route_type or route_id. `clearance`:
    control point by station (stop_id of the stop or its parent). `sides`: side by station, where the coastline would
    say another (a port on the other side's land). `routes`: only these route ids; empty for all.
    """

    feed_id: str
    date: dt.date | None = None
    modes: Mapping[str, str] = field(default_factory=dict)
    clearance: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    source: str = ""
    confidence: str = "C"
    region: Region = field(default_factory=shipped_region)


@dataclass(frozen=True)
class Lines:
    """The tables by role, the service day (None where the feed has no calendar) and what was mended."""

    tables: Mapping[str, pd.DataFrame]
    date: dt.date | None
    findings: Findings

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.tables[r])} {r.replace('_', ' ')}" for r in ROLES if r in self.tables)
        return f"service day {self.date or 'not stated'}: {counts}"


@dataclass(frozen=True)
class _Pattern:
    """Trips of one route in one direction with the same stations: median run and dwell in seconds, and service."""

    pattern_id: str
    route_id: str
    stations: tuple[str, ...]
    run_s: NDArray[np.float64]
    dwell_s: NDArray[np.float64]
    service: Service
    trips: int


@dataclass(frozen=True)
class Hall:
    """A control point's hall that is reached from the street: id, side, position in EPSG:4547 metres."""

    hall_id: str
    side: str
    x_m: float
    y_m: float


def lines_of(feed: Feed, wishes: Wishes, side: Side, findings: Findings, halls: Sequence[Hall] = ()) -> Lines:
    """The lines of a feed; raises a :class:`LayerError` where nothing usable is left.

    `side` says on whose land a position (EPSG:4547) lies; stations near one of `halls` get a walk to it.
    """
    stops = stations_of(feed, side, wishes.sides, findings, wishes.region)
    routes = _routes(feed, wishes, findings)
    trips = _trips(feed, routes, findings)
    date, active = running(feed, wishes.date, trips.groupby("service_id").size(), findings)
    trips = trips[trips["service_id"].isin(active)].set_index("trip_id")
    calls = _calls(feed, trips, stops, findings)
    windows = _windows(feed, trips, findings)
    patterns = _patterns(calls, trips, windows, stops, findings)
    patterns = _cleared(patterns, stops, wishes, findings)
    if not patterns:
        raise LayerError(
            [
                Problem(
                    feed.path.name,
                    "no line is left",
                    "trips of two stops or more with times, on the land of the study",
                    "see what was dropped:",
                ),
                *(
                    Problem(f.file, f"{f.count} x {f.what} ({f.done})", "none", "mend it")
                    for f in findings.found
                ),
            ]
        )
    return Lines(_tables(feed, wishes, stops, routes, patterns, findings, halls), date, findings)


def _routes(feed: Feed, wishes: Wishes, findings: Findings) -> pd.DataFrame:
    routes = _once(feed["routes"], "route_id", "routes.txt", findings)
    if wishes.routes:
        lost = sorted(set(wishes.routes) - set(routes["route_id"]))
        if lost:
            raise LayerError(
                [
                    Problem("routes.txt", f"route {r!r} is not there", "a route_id", "see routes.txt")
                    for r in lost
                ]
            )
        routes = routes[routes["route_id"].isin(wishes.routes)]
    wrong = sorted(set(wishes.modes.values()) - set(MODES))
    if wrong:
        raise LayerError(
            [Problem("--mode", repr(m), "one of " + ", ".join(MODES), "correct it") for m in wrong]
        )
    mode = [
        wishes.modes.get(r.route_id) or wishes.modes.get(r.route_type) or mode_of(r.route_type)
        for r in routes.itertuples()
    ]
    routes = routes.assign(mode=mode)
    bad = routes["mode"] == ""
    findings.add(
        "routes.txt", "route_type that carries no line here", "route left out", routes["route_type"][bad]
    )
    rope = routes["route_type"].isin(["5", "6", "7"]) | routes["route_type"].str.fullmatch(r"1[34]\d\d")
    findings.add(
        "routes.txt",
        "cable car or funicular",
        "taken as a shuttle or light rail",
        routes["route_id"][rope & ~bad],
    )
    return routes[~bad].set_index("route_id")


def mode_of(route_type: str) -> str:
    """The mode of a route type, basic or extended (100 to 1499); empty for one that is unknown or no line."""
    if not route_type.isascii() or not route_type.isdigit() or len(route_type) > 4:
        return ""
    code = int(route_type)
    if code in _HIGH_SPEED:
        return "high_speed"
    if 100 <= code < 200:
        return "metro"
    return _BASIC.get(code) or {**_EXTENDED, **_MORE}.get(code // 100, "") if code != 1100 else ""


def _trips(feed: Feed, routes: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    trips = _once(feed["trips"], "trip_id", "trips.txt", findings)
    known = trips["route_id"].isin(routes.index)
    stranger = ~trips["route_id"].isin(set(feed["routes"]["route_id"]))
    findings.add("trips.txt", "trip of a route that is not known", "left out", trips["route_id"][stranger])
    trips = trips[known]
    services = {*feed["calendar"]["service_id"], *feed["calendar_dates"]["service_id"]}
    lost = ~trips["service_id"].isin(services)
    if services:
        findings.add(
            "trips.txt", "trip of a service that is not known", "left out", trips["service_id"][lost]
        )
    return trips


def _calls(feed: Feed, trips: pd.DataFrame, stops: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Calls of the day's trips with station, arrival_s and departure_s; a station twice running is one call."""
    raw = feed["stop_times"]
    stranger = ~raw["trip_id"].isin(set(feed["trips"]["trip_id"]))
    findings.add("stop_times.txt", "row of a trip that is not known", "left out", raw["trip_id"][stranger])
    raw = raw[raw["trip_id"].isin(trips.index)]
    lost = ~raw["stop_id"].isin(set(feed["stops"]["stop_id"]))
    findings.add(
        "stop_times.txt", "row of a stop that is not known", "left out; trains pass", raw["stop_id"][lost]
    )
    positions = stops[["x", "y"]]
    calls = calls_of(raw[raw["stop_id"].isin(stops.index)], positions, findings)
    station = calls["stop_id"].map(stops["station"]).to_numpy()
    calls = calls.assign(station=station)
    trip = calls["trip_id"].to_numpy()
    again = (
        np.r_[False, (trip[1:] == trip[:-1]) & (station[1:] == station[:-1])]
        if len(calls)
        else np.zeros(0, bool)
    )
    findings.add(
        "stop_times.txt", "two calls running at one station", "taken as one", calls["trip_id"][again]
    )
    group = np.cumsum(~again)
    merged = calls.groupby(group).agg(
        trip_id=("trip_id", "first"),
        station=("station", "first"),
        arrival_s=("arrival_s", "first"),
        departure_s=("departure_s", "last"),
    )
    return merged[merged.groupby("trip_id")["station"].transform("size") > 1].reset_index(drop=True)


def _windows(feed: Feed, trips: pd.DataFrame, findings: Findings) -> dict[str, list[Window]]:
    """Windows of frequencies.txt by trip; they replace the clock times of their trip."""
    raw = feed["frequencies"]
    stranger = ~raw["trip_id"].isin(set(feed["trips"]["trip_id"]))
    findings.add("frequencies.txt", "row of a trip that is not known", "left out", raw["trip_id"][stranger])
    raw = raw[raw["trip_id"].isin(trips.index)]
    frame = pd.DataFrame(
        {
            "trip_id": raw["trip_id"],
            "start": parse_clock(raw["start_time"]),
            "end": parse_clock(raw["end_time"]),
            "headway": pd.to_numeric(raw["headway_secs"], errors="coerce"),
            "exact": raw["exact_times"] == "1",
        }
    )
    bad = ~((frame["end"] >= frame["start"]) & (frame["headway"] >= 1) & np.isfinite(frame["headway"]))
    findings.add(
        "frequencies.txt",
        "row without a window or a headway of 1 s or more",
        "left out",
        frame["trip_id"][bad],
    )
    frame = frame[~bad].sort_values(["trip_id", "start"], kind="stable")
    reach = frame.groupby("trip_id")["end"].cummax().groupby(frame["trip_id"]).shift()
    over = frame["start"] < reach
    findings.add(
        "frequencies.txt", "window that overlaps the one before it", "left out", frame["trip_id"][over]
    )
    windows: dict[str, list[Window]] = {}
    for r in frame[~over].itertuples():
        last = r.start + (np.ceil((r.end - r.start) / r.headway) - 1) * r.headway if r.exact else r.end
        windows.setdefault(r.trip_id, []).append(Window(r.start, max(last, r.start), r.headway))
    return windows


def _patterns(
    calls: pd.DataFrame,
    trips: pd.DataFrame,
    windows: Mapping[str, list[Window]],
    stops: pd.DataFrame,
    findings: Findings,
) -> list[_Pattern]:
    bounds = (
        np.flatnonzero(np.r_[True, calls["trip_id"].to_numpy()[1:] != calls["trip_id"].to_numpy()[:-1], True])
        if len(calls)
        else np.zeros(1, int)
    )
    station, trip = calls["station"].to_numpy(), calls["trip_id"].to_numpy()
    arrival, departure = calls["arrival_s"].to_numpy(dtype=float), calls["departure_s"].to_numpy(dtype=float)
    route = trips["route_id"].to_dict()
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[int, int]]] = {}
    for a, b in itertools.pairwise(bounds):
        groups.setdefault((route[trip[a]], tuple(station[a:b])), []).append((int(a), int(b)))
    x, y = (stops.drop_duplicates("station").set_index("station")[c] for c in ("x", "y"))
    made, doubled, still, fast = list[_Pattern](), list[str](), list[str](), list[str]()
    for (route_id, order), spans in sorted(groups.items()):
        rows = np.array([np.arange(a, b) for a, b in spans])
        run = np.median(arrival[rows][:, 1:] - departure[rows][:, :-1], axis=0)
        dwell = np.median(departure[rows] - arrival[rows], axis=0)
        leg_m = np.hypot(np.diff([x[s] for s in order]), np.diff([y[s] for s in order]))
        name = f"{route_id}: {order[0]} - {order[-1]}"
        if run.sum() <= 0:
            still.append(name)
            continue
        run = shared_run_s(run, leg_m)
        if (leg_m / (run + 60.0) * 3.6 > MAX_SPEED_KMH).any():
            fast.append(name)
            continue
        at = [departure[a] for a, _ in spans if trip[a] not in windows]
        doubled += [name] * (len(at) - len({d % 86_400 for d in at}))
        service = service_of(at, [w for a, _ in spans for w in windows.get(trip[a], [])])
        made.append(_Pattern("", route_id, order, np.round(run, 1), np.round(dwell), service, len(spans)))
    findings.add(
        "stop_times.txt", "trip that leaves when another of its pattern does", "counted once", doubled
    )
    findings.add("stop_times.txt", "pattern in which no time passes", "left out", still)
    findings.add(
        "stop_times.txt", f"pattern faster than {MAX_SPEED_KMH:g} km/h in a straight line", "left out", fast
    )
    return made


def shared_run_s(run_s: NDArray[np.float64], leg_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Run times of whole minutes in which some are 0: each such run shares the next one's time by straight length.

    Zeros at the end share the time of the last run that has any. The sum stays; no run is 0 where the sum is not.
    """
    run = run_s.astype(float).copy()
    timed = np.flatnonzero(run > 0).tolist()
    start = 0
    for i, end in enumerate(timed):
        stop = len(run) if i == len(timed) - 1 else end + 1
        weight = np.maximum(leg_m[start:stop], 1.0)
        if stop - start > 1:
            run[start:stop] = run[end] * weight / weight.sum()
        start = stop
    return run


def _cleared(
    patterns: list[_Pattern], stops: pd.DataFrame, wishes: Wishes, findings: Findings
) -> list[_Pattern]:
    """Patterns that stay on one side, or clear at every stop of one side."""
    side = stops.drop_duplicates("station").set_index("station")["side"]
    cleared = _cleared_stations(stops, wishes)
    kept, crossing = [], []
    for pattern in patterns:
        sides: dict[str, set[str]] = {}
        for station in pattern.stations:
            sides.setdefault(side[station], set()).add(station)
        if len(sides) > 1 and not any(named <= set(cleared) for named in sides.values()):
            crossing.append(f"{pattern.route_id}: {pattern.stations[0]} - {pattern.stations[-1]}")
        else:
            kept.append(pattern)
    findings.add(
        "stop_times.txt",
        "pattern that crosses the boundary without clearance",
        "left out; say where passengers clear, at every stop of one side (--clearance STOP=CHECKPOINT), or "
        "on which side a stop is (--side STOP=SIDE)",
        crossing,
    )
    return kept


def _cleared_stations(stops: pd.DataFrame, wishes: Wishes) -> dict[str, str]:
    """Control point by station; a stop may be named by its own id or its station's."""
    station = {**{s: s for s in stops["station"]}, **stops["station"].to_dict()}
    lost = sorted(set(wishes.clearance) - set(station))
    if lost:
        raise LayerError(
            [
                Problem("--clearance", f"stop {s!r} is not in the feed", "a stop_id", "see stops.txt")
                for s in lost
            ]
        )
    return {station[stop]: point for stop, point in wishes.clearance.items()}


def _tables(
    feed: Feed,
    wishes: Wishes,
    stops: pd.DataFrame,
    routes: pd.DataFrame,
    patterns: list[_Pattern],
    findings: Findings,
    halls: Sequence[Hall],
) -> dict[str, pd.DataFrame]:
    used = sorted({s for p in patterns for s in p.stations})
    lines = sorted({p.route_id for p in patterns})
    station_id, line_id = slugs(used, wishes.feed_id), slugs(lines, wishes.feed_id)
    said = {"confidence": wishes.confidence, "source": wishes.source}
    counts: dict[str, int] = {}
    ids = []
    for p in patterns:
        counts[p.route_id] = counts.get(p.route_id, 0) + 1
        ids.append(f"{line_id[p.route_id]}-{counts[p.route_id]}")
    cleared = {s: c for s, c in _cleared_stations(stops, wishes).items() if s in station_id}
    side = stops.drop_duplicates("station").set_index("station")["side"]
    tables = {
        "stations": _station_table(feed, stops, routes, patterns, station_id, findings).assign(**said),
        "lines": _line_table(feed, routes, lines, line_id).assign(**said),
        "patterns": pd.DataFrame(
            [
                {
                    "pattern_id": i,
                    "line_id": line_id[p.route_id],
                    "direction": "forward",
                    "clearance": _pairs(p, cleared, side, station_id),
                    "trips": p.trips,
                }
                for i, p in zip(ids, patterns, strict=True)
            ]
        ),
        "pattern_stops": pd.DataFrame(
            [
                {
                    "pattern_id": i,
                    "seq": n + 1,
                    "station_id": station_id[s],
                    "run_s": p.run_s[n] if n < len(p.run_s) else np.nan,
                    "dwell_s": p.dwell_s[n],
                }
                for i, p in zip(ids, patterns, strict=True)
                for n, s in enumerate(p.stations)
            ]
        ).assign(**said),
        "headways": pd.DataFrame(
            [
                {
                    "pattern_id": i,
                    "period": period,
                    "headway_s": headway,
                    "assumed": int(period in p.service.assumed),
                }
                for i, p in zip(ids, patterns, strict=True)
                for period, headway in p.service.headway_s.items()
            ]
        ).assign(**said),
        "hours": pd.DataFrame(
            [
                {
                    "pattern_id": i,
                    "direction": "forward",
                    "first": clock_text(p.service.first_s),
                    "last": clock_text(p.service.last_s),
                    "assumed": 0,
                }
                for i, p in zip(ids, patterns, strict=True)
            ]
        ).assign(**said),
    }
    single = [ids[i] for i, p in enumerate(patterns) if p.service.assumed]
    findings.add(
        "stop_times.txt",
        "pattern with one departure a day",
        "headway set to the length of its period (assumption)",
        single,
    )
    systems = dict(zip(station_id, tables["stations"]["system"], strict=True))
    transfers = _transfers(feed, stops, station_id, systems, findings)
    if len(transfers):
        transfers = transfers.assign(**said)
    walks = pd.DataFrame(_hall_walks(stops, station_id, halls))
    findings.add(
        "stops.txt", "station near a control point", "a walk to its hall is added (assumption)", len(walks)
    )
    joined = [t for t in (transfers, walks) if len(t)]
    if joined:
        tables["interchanges"] = pd.concat(joined, ignore_index=True)
    return tables


def _hall_walks(
    stops: pd.DataFrame, ids: Mapping[str, str], halls: Sequence[Hall]
) -> Iterator[dict[str, object]]:
    """Walks from stations to halls of their side no farther than stations are joined over the street."""
    home = stops.drop_duplicates("station").set_index("station").loc[list(ids)]
    for row in home.itertuples():
        for hall in halls:
            far_m = float(np.hypot(row.x - hall.x_m, row.y - hall.y_m))
            if row.side == hall.side and far_m <= STREET_CHANGE_M:
                yield {
                    "from_station": ids[row.Index],
                    "to_station": hall.hall_id,
                    "walk_s": round(far_m * DETOUR / WALK_M_S),
                    "confidence": "M",
                    "source": f"assumption: straight line x {DETOUR} at {WALK_M_S} m/s",
                }


def clock_text(clock_s: float) -> str:
    """HH:MM of seconds after midnight, whole minutes."""
    minutes = int(clock_s // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _pairs(pattern: _Pattern, cleared: Mapping[str, str], side: pd.Series, ids: Mapping[str, str]) -> str:
    """Where a pattern clears, `stop:checkpoint`; nothing for one that stays on one side."""
    if len({side[s] for s in pattern.stations}) < 2:
        return ""
    return " ".join(f"{ids[s]}:{cleared[s]}" for s in dict.fromkeys(pattern.stations) if s in cleared)


def _station_table(
    feed: Feed,
    stops: pd.DataFrame,
    routes: pd.DataFrame,
    patterns: list[_Pattern],
    ids: Mapping[str, str],
    findings: Findings,
) -> pd.DataFrame:
    modes: dict[str, set[str]] = {}
    for p in patterns:
        for s in p.stations:
            modes.setdefault(s, set()).add(str(routes.loc[p.route_id, "mode"]))
    home = stops.drop_duplicates("station").set_index("station").loc[list(ids)]
    stated = dict(zip(feed["stops"]["stop_id"], feed["stops"]["stop_name"], strict=True))
    names = names_of(feed, "stops", ids, stated, "stop_name")
    findings.add("stops.txt", "stop without a name", "its id is shown", [s for s in ids if not stated.get(s)])
    order = ("high_speed", "metro", "light_rail", "coach", "bus", "shuttle", "ferry")
    first = [next(m for m in order if m in modes[s]) for s in ids]
    return pd.DataFrame(
        {
            "station_id": list(ids.values()),
            **{c: names[c].to_numpy() for c in names},
            "lon": home["lon"].round(6).to_numpy(),
            "lat": home["lat"].round(6).to_numpy(),
            "region": home["side"].to_numpy(),
            "system": [SYSTEM_OF.get(m, "metro") for m in first],
            "status": "existing",
            "street_access": 1,
            "gtfs_stop_id": list(ids),
        }
    )


def _line_table(feed: Feed, routes: pd.DataFrame, lines: list[str], ids: Mapping[str, str]) -> pd.DataFrame:
    part = routes.loc[lines]
    long, short = part["route_long_name"].to_dict(), part["route_short_name"].to_dict()
    field_name = "route_long_name" if any(long.values()) else "route_short_name"
    stated = {r: long[r] or short[r] for r in lines}
    names = names_of(feed, "routes", lines, stated, field_name)
    agencies = dict(zip(feed["agency"]["agency_id"], feed["agency"]["agency_name"], strict=True))
    only = next(iter(agencies.values()), "") if len(agencies) == 1 else ""
    colour = part["route_color"].where(part["route_color"].str.fullmatch(r"[0-9A-Fa-f]{6}"), "")
    return pd.DataFrame(
        {
            "line_id": [ids[r] for r in lines],
            **{c: names[c].to_numpy() for c in names},
            "mode": part["mode"].to_numpy(),
            "operator": [agencies.get(a, only) for a in part["agency_id"]],
            "status": "existing",
            "colour": [f"#{c.lower()}" if c else "" for c in colour],
            "gtfs_route_id": lines,
        }
    )


def _transfers(
    feed: Feed, stops: pd.DataFrame, ids: Mapping[str, str], systems: Mapping[str, str], findings: Findings
) -> pd.DataFrame:
    """Interchanges between stations, both ways: the time stated, else a straight line on foot.

    A feed's time leads from platform to platform; the ways to and from platforms, which this program counts itself,
    are taken off. Inside one station the time stays whole.
    """
    raw = feed["transfers"]
    file = "transfers.txt"
    known = raw["from_stop_id"].isin(stops.index) & raw["to_stop_id"].isin(stops.index)
    findings.add(file, "row of a stop that is not known or not used", "left out", raw["from_stop_id"][~known])
    raw = raw[known]
    shut = raw["transfer_type"].isin(["3", "4", "5"])
    findings.add(
        file, "change that is not possible, or one seat throughout", "left out", raw["from_stop_id"][shut]
    )
    raw = raw[~shut]
    a, b = raw["from_stop_id"].map(stops["station"]), raw["to_stop_id"].map(stops["station"])
    served = a.isin(set(ids)) & b.isin(set(ids))
    a, b, raw = a[served], b[served], raw[served]
    home = stops.drop_duplicates("station").set_index("station")
    apart = (a.map(home["side"]) != b.map(home["side"])).to_numpy()
    findings.add(
        file, "change on foot across the boundary", "left out: one crosses at control points", a[apart]
    )
    a, b, raw = a[~apart], b[~apart], raw[~apart]
    stated = pd.to_numeric(raw["min_transfer_time"], errors="coerce").astype(float)
    wrong = (raw["min_transfer_time"] != "") & ~stated.between(0, MAX_TRANSFER_S)
    findings.add(
        file, f"min_transfer_time that is none of 0 to {MAX_TRANSFER_S} s", "taken as not given", a[wrong]
    )
    far_m = np.hypot(*(_numbers(a, home[c]) - _numbers(b, home[c]) for c in ("x", "y")))
    walked = stated.isna() | wrong
    findings.add(
        file, "change without a time", f"straight line x {DETOUR} at {WALK_M_S} m/s", a[walked & (a != b)]
    )
    board_s, alight_s = ({k: BOARD_ALIGHT_S[m][i] for k, m in systems.items()} for i in (0, 1))
    platforms_s = _numbers(a, alight_s) + _numbers(b, board_s)
    between = (stated - platforms_s).clip(lower=0).where(a != b, stated)
    seconds = between.where(~walked, far_m * DETOUR / WALK_M_S)
    low, high = np.minimum(a.map(ids), b.map(ids)), np.maximum(a.map(ids), b.map(ids))
    frame = pd.DataFrame({"from_station": low, "to_station": high, "walk_s": seconds.astype(float)})
    frame = frame[~(walked & (a == b))]  # a change inside a station has the study's default time
    if frame.empty:
        return frame
    frame = frame.groupby(["from_station", "to_station"], as_index=False)["walk_s"].mean()
    return frame.assign(walk_s=frame["walk_s"].round())


def _numbers(keys: pd.Series, by_key: pd.Series | Mapping[str, float]) -> pd.Series:
    """Numbers by key. A feed may have no keys at all, and pandas takes a map of no texts for texts."""
    return keys.map(by_key).astype(float)
