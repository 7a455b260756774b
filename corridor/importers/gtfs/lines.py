"""A feed as lines of the network tables: one service day, patterns by order of stops, headways by period."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridor.core.errors import LayerError, Problems
from corridor.importers.gtfs.day import running
from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.patterns import (
    FeedOptions,
    Pattern,
    cleared_stations,
    day_calls,
    patterns_of,
    routes_of,
    trips_of,
    windows_of,
    with_clearance,
)
from corridor.importers.gtfs.read import Feed
from corridor.importers.gtfs.stops import Side, names_of, slugs, stations_of
from corridor.network.graph import BOARD_ALIGHT_S, STREET_CHANGE_M
from corridor.schema.catalog_entry import Role

PATTERN_COLUMNS: Mapping[Role, tuple[str, ...]] = {
    "patterns": ("pattern_id", "line_id", "direction", "clearance", "trips"),
    "pattern_stops": ("pattern_id", "seq", "station_id", "run_s", "dwell_s"),
    "headways": ("pattern_id", "period", "headway_s", "assumed"),
    "hours": ("pattern_id", "direction", "first", "last", "assumed"),
}
ROLES: tuple[Role, ...] = ("stations", "lines", *PATTERN_COLUMNS, "interchanges")
MAX_TRANSFER_S = 2 * 3600
DETOUR, WALK_M_S = 1.3, 1.2  # as everywhere on foot where no way is known (assumption)
SYSTEMS = {
    "high_speed": "hsr", "metro": "metro", "light_rail": "light_rail", "coach": "road", "bus": "road", "shuttle": "road",
    "ferry": "ferry",
}  # fmt: skip
"""The system of a station by mode; where several modes call, the first of these counts."""


@dataclass(frozen=True)
class Lines:
    """The tables by role, the service day (None where the feed has no calendar) and what was mended."""

    tables: Mapping[Role, pd.DataFrame]
    date: dt.date | None
    findings: Findings

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.tables[r])} {r.replace('_', ' ')}" for r in ROLES if r in self.tables)
        return f"service day {self.date or 'not stated'}: {counts}"


@dataclass(frozen=True)
class Hall:
    """A control point's hall that is reached from the street: id, side, position in EPSG:4547 metres."""

    hall_id: str
    side: str
    x_m: float
    y_m: float


def lines_of(
    feed: Feed, options: FeedOptions, side: Side, findings: Findings, halls: Sequence[Hall] = ()
) -> Lines:
    """The lines of a feed as network tables.

    Parameters
    ----------
    feed
        The feed.
    options
        What the user says about it.
    side
        The side of the boundary at a position (EPSG:4547, metres); None off its land.
    findings
        Takes what was broken and what was done.
    halls
        Halls of control points; stations near one get a walk to it.

    Returns
    -------
    Lines
        Tables by role; times in seconds, positions in WGS84 degrees.

    Raises
    ------
    LayerError
        Where nothing usable is left.
    """
    stops = stations_of(feed, side, options.sides, findings, options.region)
    home = stops.drop_duplicates("station").set_index("station")
    routes = routes_of(feed, options, findings)
    trips = trips_of(feed, routes, findings)
    date, active = running(feed, options.date, trips.groupby("service_id").size(), findings)
    trips = trips[trips["service_id"].isin(active)].set_index("trip_id")
    calls = day_calls(feed, trips, stops, findings)
    windows = windows_of(feed, trips, findings)
    cleared = cleared_stations(stops, options)
    patterns = with_clearance(patterns_of(calls, trips, windows, home, findings), home, cleared, findings)
    if not patterns:
        faults, usable = (
            Problems(LayerError),
            "trips of two stops or more with times, on the land of the study",
        )
        faults.add(feed.path.name, "no line is left", usable, "see what was dropped:")
        for f in findings.found:
            faults.add(f.file, f"{f.count} x {f.what} ({f.done})", "none", "mend it")
        faults.raise_all()
    used = sorted({s for p in patterns for s in p.stations})
    station_id = slugs(used, options.feed_id)
    line_id = slugs(sorted({p.route_id for p in patterns}), options.feed_id)
    stations = _station_table(feed, home.loc[used], routes, patterns, station_id, findings)
    tables: dict[Role, pd.DataFrame] = {
        "stations": stations,
        "lines": _line_table(feed, routes, line_id),
        **_pattern_tables(patterns, cleared, home["side"], station_id, line_id, findings),
    }
    systems = dict(zip(station_id, stations["system"], strict=True))
    transfers = _transfers(feed, stops, home, station_id, systems, findings)
    said = {"confidence": options.confidence, "source": options.source}
    tables = {role: table if role == "patterns" else table.assign(**said) for role, table in tables.items()}
    walks = pd.DataFrame(_hall_walks(home.loc[used], station_id, halls))
    done = "a walk to its hall is added (assumption)"
    findings.add("stops.txt", "station near a control point", done, len(walks))
    if joined := [t for t in (transfers.assign(**said), walks) if len(t)]:
        tables["interchanges"] = pd.concat(joined, ignore_index=True)
    return Lines(tables, date, findings)


def _pattern_tables(
    patterns: list[Pattern],
    cleared: Mapping[str, str],
    side: pd.Series,
    station_id: Mapping[str, str],
    line_id: Mapping[str, str],
    findings: Findings,
) -> dict[Role, pd.DataFrame]:
    """Patterns with their stops, headways and hours, numbered within their line."""
    rows: dict[Role, list[tuple[object, ...]]] = {role: [] for role in PATTERN_COLUMNS}
    counts, single = Counter[str](), []
    for p in patterns:
        counts[p.route_id] += 1
        line, served = line_id[p.route_id], p.service
        name = f"{line}-{counts[p.route_id]}"
        single += [name] * bool(served.assumed)
        crosses = len({side[s] for s in p.stations}) > 1
        at = [s for s in dict.fromkeys(p.stations) if s in cleared and crosses]
        clearance = " ".join(f"{station_id[s]}:{cleared[s]}" for s in at)
        rows["patterns"].append((name, line, "forward", clearance, p.trips))
        calls = zip(p.stations, [*p.run_s, np.nan], p.dwell_s, strict=True)
        rows["pattern_stops"] += [
            (name, n, station_id[s], run, dwell) for n, (s, run, dwell) in enumerate(calls, 1)
        ]
        headways = served.headway_s.items()
        rows["headways"] += [(name, period, s, int(period in served.assumed)) for period, s in headways]
        rows["hours"].append((name, "forward", clock_text(served.first_s), clock_text(served.last_s), 0))
    done = "headway set to the length of its period (assumption)"
    findings.add("stop_times.txt", "pattern with one departure a day", done, single)
    return {role: pd.DataFrame(rows[role], columns=list(names)) for role, names in PATTERN_COLUMNS.items()}


def _hall_walks(
    home: pd.DataFrame, ids: Mapping[str, str], halls: Sequence[Hall]
) -> Iterator[dict[str, object]]:
    """Walks from stations to halls of their side no farther than stations are joined over the street."""
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


def _station_table(
    feed: Feed,
    home: pd.DataFrame,
    routes: pd.DataFrame,
    patterns: list[Pattern],
    ids: Mapping[str, str],
    findings: Findings,
) -> pd.DataFrame:
    modes = defaultdict[str, set[str]](set)
    for p in patterns:
        for s in p.stations:
            modes[s].add(str(routes.loc[p.route_id, "mode"]))
    stated = dict(zip(feed["stops"]["stop_id"], feed["stops"]["stop_name"], strict=True))
    names = names_of(feed, "stops", ids, stated, "stop_name")
    findings.add("stops.txt", "stop without a name", "its id is shown", [s for s in ids if not stated.get(s)])
    return pd.DataFrame(
        {
            "station_id": list(ids.values()),
            **{c: names[c].to_numpy() for c in names},
            "lon": home["lon"].round(6).to_numpy(),
            "lat": home["lat"].round(6).to_numpy(),
            "region": home["side"].to_numpy(),
            "system": [next(SYSTEMS[m] for m in SYSTEMS if m in modes[s]) for s in ids],
            "status": "existing",
            "street_access": 1,
            "gtfs_stop_id": list(ids),
        }
    )


def _line_table(feed: Feed, routes: pd.DataFrame, ids: Mapping[str, str]) -> pd.DataFrame:
    part = routes.loc[list(ids)]
    long, short = part["route_long_name"].to_dict(), part["route_short_name"].to_dict()
    field_name = "route_long_name" if any(long.values()) else "route_short_name"
    names = names_of(feed, "routes", ids, {r: long[r] or short[r] for r in ids}, field_name)
    agencies = dict(zip(feed["agency"]["agency_id"], feed["agency"]["agency_name"], strict=True))
    only = next(iter(agencies.values()), "") if len(agencies) == 1 else ""
    colour = part["route_color"].where(part["route_color"].str.fullmatch(r"[0-9A-Fa-f]{6}"), "")
    return pd.DataFrame(
        {
            "line_id": list(ids.values()),
            **{c: names[c].to_numpy() for c in names},
            "mode": part["mode"].to_numpy(),
            "operator": [agencies.get(a, only) for a in part["agency_id"]],
            "status": "existing",
            "colour": [f"#{c.lower()}" if c else "" for c in colour],
            "gtfs_route_id": list(ids),
        }
    )


def _transfers(
    feed: Feed,
    stops: pd.DataFrame,
    home: pd.DataFrame,
    ids: Mapping[str, str],
    systems: Mapping[str, str],
    findings: Findings,
) -> pd.DataFrame:
    """Interchanges between stations, both ways: the time stated, else a straight line on foot.

    A feed's time leads from platform to platform; the ways to and from platforms, which this program counts itself,
    are taken off. Inside one station the time stays whole.
    """
    raw, file = feed["transfers"], "transfers.txt"
    raw = raw.assign(a=raw["from_stop_id"].map(stops["station"]), b=raw["to_stop_id"].map(stops["station"]))
    unknown, what = raw["a"].isna() | raw["b"].isna(), "row of a stop that is not known or not used"
    raw = findings.without(raw, unknown, file, what, named="from_stop_id")
    shut, what = (
        raw["transfer_type"].isin(["3", "4", "5"]),
        "change that is not possible, or one seat throughout",
    )
    raw = findings.without(raw, shut, file, what, named="from_stop_id")
    raw = raw[raw["a"].isin(set(ids)) & raw["b"].isin(set(ids))]
    apart = raw["a"].map(home["side"]).astype(object) != raw["b"].map(home["side"]).astype(object)
    what, done = "change on foot across the boundary", "left out: one crosses at control points"
    raw = findings.without(raw, apart, file, what, done, "a")
    a, b = raw["a"], raw["b"]
    stated = pd.to_numeric(raw["min_transfer_time"], errors="coerce").astype(float)
    wrong = (raw["min_transfer_time"] != "") & ~stated.between(0, MAX_TRANSFER_S)
    what = f"min_transfer_time that is none of 0 to {MAX_TRANSFER_S} s"
    findings.add(file, what, "taken as not given", a[wrong])
    far_m = np.hypot(*(_numbers(a, home[c]) - _numbers(b, home[c]) for c in ("x", "y")))
    walked = stated.isna() | wrong
    done = f"straight line x {DETOUR} at {WALK_M_S} m/s"
    findings.add(file, "change without a time", done, a[walked & (a != b)])
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
