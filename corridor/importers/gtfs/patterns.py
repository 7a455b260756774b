"""Patterns of a feed: trips of one route with the same stations, on the service day, with their run times and service."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from corridor.core.errors import Problems
from corridor.importers.entry.files import shipped_rows
from corridor.importers.gtfs.calls import Frequencies
from corridor.importers.gtfs.headways import Service, service_of
from corridor.importers.gtfs.read import Feed, Findings
from corridor.importers.gtfs.stops import once
from corridor.importers.gtfs.times import DAY_S
from corridor.network.compiled import STREET_CHANGE_M
from corridor.schema.region import Region, shipped_region
from corridor.schema.tables import MODES

MAX_SPEED_KMH = 450.0
"""The fastest train in service runs 431 km/h; minutes are rounded, so a minute is allowed on top."""


@dataclass(frozen=True)
class FeedOptions:
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
class Pattern:
    """Trips of one route in one direction with the same stations.

    Attributes
    ----------
    route_id
        Id of the route in the feed.
    stations
        Stations in order of call, ids of the feed.
    only
        (stations,) ``board`` or ``alight`` where passengers do nothing else, empty where both.
    run_s
        (stations - 1,) median seconds from departure to next arrival.
    dwell_s
        (stations,) median seconds at each station.
    service
        First and last departure, and headways.
    trips
        Number of trips on the service day.
    """

    route_id: str
    stations: tuple[str, ...]
    only: tuple[str, ...]
    run_s: NDArray[np.float64]
    dwell_s: NDArray[np.float64]
    service: Service
    trips: int


def named(route_id: str, stations: tuple[str, ...]) -> str:
    """A pattern in a message: its route and its first and last station."""
    return f"{route_id}: {stations[0]} - {stations[-1]}"


def routes_of(feed: Feed, options: FeedOptions, findings: Findings) -> pd.DataFrame:
    """Routes with their mode; those that carry no line are left out.

    The mode is that stated for the route, for its route_type, or the one of :func:`mode_of`, in this order.

    Parameters
    ----------
    feed
        The feed.
    options
        What the user says: which routes, and modes.
    findings
        Takes what was broken.

    Returns
    -------
    pandas.DataFrame
        By route_id, with the columns of routes.txt and ``mode``.

    Raises
    ------
    CorridorError
        For a route that the feed lacks, or a mode that is none.
    """
    routes = once(feed["routes"], "route_id", "routes.txt", findings)
    with Problems() as faults:
        for lost in sorted(set(options.routes) - set(routes["route_id"])):
            faults.add("routes.txt", f"route {lost!r} is not there", "a route_id", "see routes.txt")
        for wrong in sorted(set(options.modes.values()) - set(MODES)):
            faults.add("--mode", repr(wrong), "one of " + ", ".join(MODES), "correct it")
    if options.routes:
        routes = routes[routes["route_id"].isin(options.routes)]
    kinds, modes = zip(routes["route_id"], routes["route_type"], strict=True), options.modes
    mode = [modes.get(route) or modes.get(kind) or mode_of(kind) for route, kind in kinds]
    routes = routes.assign(mode=pd.Series(mode, index=routes.index, dtype=object))
    modeless, what = routes["mode"] == "", "route_type that carries no line here"
    routes = findings.without(routes, modeless, what, "route_type")
    rope = routes["route_type"].str.fullmatch(r"[567]|1[34]\d\d").astype(bool)
    findings.add("cable car or funicular", routes["route_id"][rope])
    return routes.set_index("route_id")


@cache
def mode_of(route_type: str) -> str:
    """The mode of a route type, basic or extended (100 to 1499); empty for one that is unknown or no line.

    Examples
    --------
    >>> mode_of("1"), mode_of("715"), mode_of("x")
    ('metro', 'bus', '')
    """
    if not route_type.isascii() or not route_type.isdigit() or len(route_type) > 4:
        return ""
    kind, rows = int(route_type), shipped_rows("gtfs_modes.csv")
    return next((row["mode"] for row in rows if int(row["first"]) <= kind <= int(row["last"])), "")


def trips_of(feed: Feed, routes: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Trips of these routes; doubled ids and trips of routes or services that the feed lacks are noted.

    Parameters
    ----------
    feed
        The feed.
    routes
        By route_id; see :func:`routes_of`.
    findings
        Takes what was broken.

    Returns
    -------
    pandas.DataFrame
        Rows of trips.txt. Trips of an unknown service are still among them: no day runs it.
    """
    trips = once(feed["trips"], "trip_id", "trips.txt", findings)
    stranger = ~trips["route_id"].isin(set(feed["routes"]["route_id"]))
    findings.add("trip of an unknown route", trips["route_id"][stranger])
    trips = trips[trips["route_id"].isin(routes.index)]
    services = {*feed["calendar"]["service_id"], *feed["calendar_dates"]["service_id"]}
    if services:
        lost = trips["service_id"][~trips["service_id"].isin(services)]
        findings.add("trip of an unknown service", lost)
    return trips


def patterns_of(
    calls: pd.DataFrame,
    trips: pd.DataFrame,
    frequencies: Frequencies,
    home: pd.DataFrame,
    later_s: Mapping[str, float],
    findings: Findings,
) -> list[Pattern]:
    """Patterns of the day's calls; `home` has the position of each station.

    Parameters
    ----------
    calls
        Columns trip_id, station, arrival_s, departure_s, only, sorted.
    trips
        By trip_id, with route_id.
    frequencies
        Windows of frequencies by trip.
    home
        By station, with x and y in metres (EPSG:4547).
    later_s
        By route_id, what its clocks are behind those of the study.
    findings
        Takes what was broken.

    Returns
    -------
    list of Pattern
        In the order of route, stations and what calls are for; run and dwell times are medians over trips, in seconds.
    """
    station, trip, only = (calls[c].to_numpy() for c in ("station", "trip_id", "only"))
    arrival, departure = (calls[c].to_numpy(dtype=float) for c in ("arrival_s", "departure_s"))
    bounds = np.flatnonzero(np.r_[True, trip[1:] != trip[:-1], True]) if len(calls) else np.zeros(1, int)
    route = trips["route_id"].to_dict()
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[tuple[int, int]]] = {}
    for a, b in itertools.pairwise(bounds):
        key = route[trip[a]], tuple(station[a:b]), tuple(only[a:b])
        groups.setdefault(key, []).append((int(a), int(b)))
    made, doubled, still, fast = list[Pattern](), list[str](), list[str](), list[str]()
    for (route_id, order, use), spans in sorted(groups.items()):
        rows = np.array([np.arange(a, b) for a, b in spans])
        run = np.median(arrival[rows][:, 1:] - departure[rows][:, :-1], axis=0)
        dwell = np.median(departure[rows] - arrival[rows], axis=0)
        leg_m = np.hypot(*(np.diff(home.loc[list(order), c]) for c in ("x", "y")))
        name = named(route_id, order)
        if run.sum() <= 0:
            still.append(name)
            continue
        run = shared_run_s(run, leg_m)
        # such a speed means wrong times or positions; one leg of it would make the whole region near
        if (leg_m / (run + 60.0) * 3.6 > MAX_SPEED_KMH).any():
            fast.append(name)
            continue
        later = later_s[route_id]
        at = [departure[a] + later for a, _ in spans if trip[a] not in frequencies]
        doubled += [name] * (len(at) - len({d % DAY_S for d in at}))
        windows = [w for a, _ in spans for w in frequencies.at(trip[a], departure[a], later)]
        along = float(np.median(departure[rows][:, -2] - departure[rows][:, 0]))
        there = service_of([d + along for d in at], [w.later(along) for w in windows])
        service = service_of(at, windows).reaching(there)
        made.append(Pattern(route_id, order, use, np.round(run, 1), np.round(dwell), service, len(spans)))
    findings.add("trip that leaves when another of its pattern does", doubled)
    findings.add("pattern in which no time passes", still)
    what = "pattern faster than {speed_kmh:g} km/h in a straight line"
    findings.add(what, fast, speed_kmh=MAX_SPEED_KMH)
    return made


def shared_run_s(run_s: NDArray[np.float64], leg_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Run times of whole minutes in which some are 0: each such run shares the next one's time by straight length.

    Zeros at the end share the time of the last run that has any. The sum stays; no run is 0 where the sum is not.

    Parameters
    ----------
    run_s
        (legs,) seconds.
    leg_m
        (legs,) metres.

    Examples
    --------
    >>> shared_run_s(np.array([0.0, 120.0]), np.array([500.0, 1500.0])).tolist()
    [30.0, 90.0]
    """
    run = run_s.astype(float)
    timed = np.flatnonzero(run > 0).tolist()
    start = 0
    for end in timed:
        stop = len(run) if end == timed[-1] else end + 1
        weight = np.maximum(leg_m[start:stop], 1.0)
        if stop - start > 1:
            run[start:stop] = run[end] * weight / weight.sum()
        start = stop
    return run


def with_clearance(
    patterns: list[Pattern], home: pd.DataFrame, cleared: Mapping[str, str], findings: Findings
) -> list[Pattern]:
    """Patterns that stay on one side, or clear at every stop of one side.

    Any other would let passengers cross the boundary without immigration clearance.

    Parameters
    ----------
    patterns
        The patterns of the day.
    home
        By station, with side.
    cleared
        Control point by station.
    findings
        Takes the patterns that are left out.
    """
    side, kept, crossing = home["side"], list[Pattern](), list[str]()
    for pattern in patterns:
        sides: dict[str, set[str]] = {}
        for station in pattern.stations:
            sides.setdefault(side[station], set()).add(station)
        if len(sides) > 1 and not any(at <= set(cleared) for at in sides.values()):
            crossing.append(named(pattern.route_id, pattern.stations))
        else:
            kept.append(pattern)
    findings.add("pattern that crosses the boundary without immigration clearance", crossing)
    return kept


def one_way_routes(patterns: Sequence[Pattern], home: pd.DataFrame) -> list[str]:
    """Routes that no pattern leads back on: none goes from near their last station to near their first one.

    Near is :data:`corridor.network.compiled.STREET_CHANGE_M` (500 m), since the two directions of a road have stops of their
    own.

    Parameters
    ----------
    patterns
        All that run.
    home
        By station, with x and y in metres (EPSG:4547).

    Returns
    -------
    list of str
        Ids of routes of which no pattern has a way back, whatever its line.
    """
    used = list(dict.fromkeys(s for p in patterns for s in p.stations))
    xy = home.loc[used, ["x", "y"]].to_numpy(dtype=float)
    around = dict(zip(used, cKDTree(xy).query_ball_point(xy, STREET_CHANGE_M), strict=True))
    calls: dict[str, list[tuple[int, int]]] = {}
    for i, pattern in enumerate(patterns):
        for n, station in enumerate(pattern.stations):
            calls.setdefault(station, []).append((i, n))

    def near(station: str) -> list[tuple[int, int]]:
        return [call for k in around[station] for call in calls[used[k]]]

    returned = set[str]()
    for pattern in patterns:
        if pattern.route_id not in returned:
            begin: dict[int, int] = {}
            for i, n in near(pattern.stations[-1]):
                begin[i] = min(n, begin.get(i, n))
            if any(i in begin and begin[i] < n for i, n in near(pattern.stations[0])):
                returned.add(pattern.route_id)
    return sorted({p.route_id for p in patterns} - returned)
