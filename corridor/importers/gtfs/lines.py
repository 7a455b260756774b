"""A feed as lines of the network tables: one service day, patterns by order of stops, headways by period."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from corridor.core.errors import LayerError, Problem
from corridor.importers.gtfs.calls import day_calls, frequencies_of
from corridor.importers.gtfs.day import later_by_route, running
from corridor.importers.gtfs.patterns import (
    FeedOptions,
    Pattern,
    one_way_routes,
    patterns_of,
    routes_of,
    trips_of,
    with_clearance,
)
from corridor.importers.gtfs.read import Feed, Findings
from corridor.importers.gtfs.stops import Side, by_station, names_of, stations_of
from corridor.importers.gtfs.transfers import DETOUR, WALK_M_S, changes_of
from corridor.network.compiled import STREET_CHANGE_M
from corridor.schema.catalog_entry import Role
from corridor.schema.gtfs import slugs

PATTERN_COLUMNS: Mapping[Role, tuple[str, ...]] = {
    "patterns": ("pattern_id", "line_id", "direction", "clearance", "trips"),
    "pattern_stops": ("pattern_id", "seq", "station_id", "run_s", "dwell_s", "only"),
    "headways": ("pattern_id", "period", "headway_s", "assumed"),
    "hours": ("pattern_id", "direction", "first", "last", "assumed"),
}
ROLES: tuple[Role, ...] = ("stations", "lines", *PATTERN_COLUMNS, "interchanges")
SYSTEMS = {
    "high_speed": "hsr", "metro": "metro", "light_rail": "light_rail", "coach": "road", "bus": "road", "shuttle": "road",
    "ferry": "ferry",
}  # fmt: skip
"""The system of a station by mode; where several modes call, the first of these counts."""


@dataclass(frozen=True)
class Lines:
    """The lines of a feed as network tables.

    Attributes
    ----------
    tables
        By role, as the catalogue keeps them; no ``interchanges`` where there are none.
    date
        The service day; None where the feed has no calendar.
    findings
        What was broken and what was done.
    """

    tables: Mapping[Role, pd.DataFrame]
    date: dt.date | None
    findings: Findings

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.tables[r])} {r.replace('_', ' ')}" for r in ROLES if r in self.tables)
        return f"service day {self.date or 'not stated'}: {counts}"


@dataclass(frozen=True)
class Hall:
    """A control point's hall that is reached from the street.

    Attributes
    ----------
    hall_id
        Its id in the study's network.
    side
        Id of the side of the boundary.
    x_m, y_m
        Position in EPSG:4547 metres.
    """

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
    places = stations_of(feed, side, options.sides, findings, options.region)
    stops = places[places["side"].notna()]
    home = stops.drop_duplicates("station").set_index("station")
    routes = routes_of(feed, options, findings)
    trips = trips_of(feed, routes, findings).set_index("trip_id")
    frequencies = frequencies_of(feed, trips, findings)
    departures = pd.Series([frequencies.departures(t) for t in trips.index], trips.index, dtype=float)
    date, active = running(feed, options.date, departures.groupby(trips["service_id"]).sum(), findings)
    every, trips = set(trips["route_id"]), trips[trips["service_id"].isin(active)]
    findings.add("line without a trip on the service day", sorted(every - set(trips["route_id"])))
    later_s = later_by_route(feed, routes, options.region.time_zone, date, findings)
    calls = day_calls(feed, trips, places, frequencies, findings)
    cleared = by_station(stops, options.clearance, "--clearance")
    patterns = patterns_of(calls, trips, frequencies, home, later_s, findings)
    patterns = with_clearance(patterns, home, cleared, findings)
    if not patterns:
        raise LayerError(_nothing_left(feed, findings))
    findings.add("line that runs one way only", one_way_routes(patterns, home))
    made = _Tables(feed, home, routes, patterns, cleared, options.feed_id, findings)
    said = {"confidence": options.confidence, "source": options.source}
    stations = made.stations().assign(**said)
    tables: dict[Role, pd.DataFrame] = {"stations": stations, "lines": made.lines().assign(**said)}
    for role, table in made.pattern_tables().items():
        tables[role] = table if role == "patterns" else table.assign(**said)
    systems = dict(zip(stations["station_id"], stations["system"], strict=True))
    transfers = changes_of(feed, stops["station"], made.home, made.station_ids, systems, findings)
    walks = pd.DataFrame(made.hall_walks(halls))
    findings.add("station near a control point", len(walks))
    if joined := [t for t in (transfers.assign(**said), walks) if len(t)]:
        tables["interchanges"] = pd.concat(joined, ignore_index=True)
    return Lines(tables, date, findings)


def _nothing_left(feed: Feed, findings: Findings) -> Iterator[Problem]:
    usable = "trips of two stops or more with times, on the land of the study"
    yield Problem(feed.path.name, "no line is left", usable, "see what was dropped:")
    for f in findings.found:
        yield Problem(f.file, f"{f.count} x {f.what} ({f.done})", "none", "mend it")


def clock_text(clock_s: float) -> str:
    """HH:MM of seconds after midnight, cut to whole minutes; hours past 24 stay (25:30)."""
    minutes = int(clock_s // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class _Tables:
    """Patterns of a feed and what they use, as the tables of a network under new ids."""

    def __init__(
        self,
        feed: Feed,
        home: pd.DataFrame,
        routes: pd.DataFrame,
        patterns: list[Pattern],
        cleared: Mapping[str, str],
        prefix: str,
        findings: Findings,
    ):
        used = sorted({s for p in patterns for s in p.stations})
        self.feed = feed
        self.home, self.routes, self.patterns = home.loc[used], routes, patterns
        self.cleared, self.findings = cleared, findings
        self.station_ids = slugs(used, prefix)
        self.line_ids = slugs(sorted({p.route_id for p in patterns}), prefix)

    def pattern_tables(self) -> dict[Role, pd.DataFrame]:
        """Patterns with their stops, headways and hours, numbered within their line."""
        rows: dict[Role, list[tuple[object, ...]]] = {role: [] for role in PATTERN_COLUMNS}
        counts, single = Counter[str](), []
        for p in self.patterns:
            counts[p.route_id] += 1
            line, served = self.line_ids[p.route_id], p.service
            name = f"{line}-{counts[p.route_id]}"
            single += [name] * bool(served.assumed)
            rows["patterns"].append((name, line, "forward", self._clearance(p), p.trips))
            calls = zip(p.stations, [*p.run_s, np.nan], p.dwell_s, p.only, strict=True)
            rows["pattern_stops"] += [
                (name, n, self.station_ids[s], *call) for n, (s, *call) in enumerate(calls, 1)
            ]
            headways = served.headway_s.items()
            rows["headways"] += [(name, period, s, int(period in served.assumed)) for period, s in headways]
            ends = clock_text(served.first_s), clock_text(served.last_s)
            rows["hours"].append((name, "forward", *ends, 0))
        self.findings.add("pattern with one departure a day", single)
        columns = PATTERN_COLUMNS.items()
        return {role: pd.DataFrame(rows[role], columns=list(names)) for role, names in columns}

    def _clearance(self, pattern: Pattern) -> str:
        """Where passengers of a pattern clear, as stop:control point; nowhere where it stays on one side."""
        side, stations = self.home["side"], dict.fromkeys(pattern.stations)
        if len({side[s] for s in stations}) < 2:
            return ""
        return " ".join(f"{self.station_ids[s]}:{self.cleared[s]}" for s in stations if s in self.cleared)

    def hall_walks(self, halls: Sequence[Hall]) -> Iterator[dict[str, object]]:
        """Walks from stations to halls of their side no farther than stations are joined over the street."""
        for row in self.home.itertuples():
            for hall in halls:
                far_m = float(np.hypot(row.x - hall.x_m, row.y - hall.y_m))
                if row.side == hall.side and far_m <= STREET_CHANGE_M:
                    yield {
                        "from_station": self.station_ids[row.Index],
                        "to_station": hall.hall_id,
                        "walk_s": round(far_m * DETOUR / WALK_M_S),
                        "confidence": "M",
                        "source": f"assumption: straight line x {DETOUR} at {WALK_M_S} m/s",
                    }

    def stations(self) -> pd.DataFrame:
        """Stations with their names, place, side and system."""
        modes = defaultdict[str, set[str]](set)
        for p in self.patterns:
            for s in p.stations:
                modes[s].add(str(self.routes.loc[p.route_id, "mode"]))
        table, ids = self.feed["stops"], self.station_ids
        stated = dict(zip(table["stop_id"], table["stop_name"], strict=True))
        names = names_of(self.feed, "stops", ids, stated, "stop_name")
        nameless = [s for s in ids if not stated.get(s)]
        self.findings.add("stop without a name", nameless)
        return pd.DataFrame(
            {
                "station_id": list(ids.values()),
                **{c: names[c].to_numpy() for c in names},
                "lon": self.home["lon"].round(6).to_numpy(),
                "lat": self.home["lat"].round(6).to_numpy(),
                "region": self.home["side"].to_numpy(),
                "system": [next(SYSTEMS[m] for m in SYSTEMS if m in modes[s]) for s in ids],
                "status": "existing",
                "street_access": 1,
                "gtfs_stop_id": list(ids),
            }
        )

    def lines(self) -> pd.DataFrame:
        """Lines with their names, mode, operator and colour."""
        ids, agency = self.line_ids, self.feed["agency"]
        part = self.routes.loc[list(ids)]
        long, short = part["route_long_name"].to_dict(), part["route_short_name"].to_dict()
        field_name = "route_long_name" if any(long.values()) else "route_short_name"
        names = names_of(self.feed, "routes", ids, {r: long[r] or short[r] for r in ids}, field_name)
        agencies = dict(zip(agency["agency_id"], agency["agency_name"], strict=True))
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
