"""A scenario laid over the bundled tables: what is open on its date, what it adds, moves, changes, removes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from corridor.core.crs import project, project_xy
from corridor.core.errors import Problem, Problems, ScenarioError, nearest, unknown
from corridor.network.checkpoints import checkpoints_of
from corridor.network.fares import Fares
from corridor.network.line_changes import changed_patterns
from corridor.network.loads import Loads
from corridor.network.patterns import Route, clears_one_side, open_by, route_of_rows, routes_of
from corridor.network.service import Checkpoint, Line, Link, Network
from corridor.network.stations import Names, Station
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role
from corridor.schema.changes import AddedStation
from corridor.schema.line import OTHER_AXIS, LonLat
from corridor.schema.region import Region, Sides, shipped_region
from corridor.schema.rows import flag_of, number_of, text_of
from corridor.schema.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry import LineString

ROLES: tuple[Role, ...] = (
    "stations", "lines", "patterns", "pattern_stops", "headways", "hours", "checkpoints",
)  # fmt: skip


@dataclass(frozen=True)
class NetworkTables:
    """The bundled tables of the network, as loaded from the catalogue.

    Attributes
    ----------
    courses
        Drawn alignments by line id, EPSG:4547; only the shares of a published run time are read off them.
    loads
        Who crosses where, and what is assumed about groups and queues; empty without these layers.
    fares
        None where the catalogue has no tariffs: rides then cost nothing.
    """

    stations: pd.DataFrame
    lines: pd.DataFrame
    patterns: pd.DataFrame
    pattern_stops: pd.DataFrame
    headways: pd.DataFrame
    hours: pd.DataFrame
    interchanges: pd.DataFrame
    checkpoints: pd.DataFrame
    courses: Mapping[str, LineString]
    loads: Loads = field(default_factory=Loads)
    region: Region = field(default_factory=shipped_region)
    fares: Fares | None = None

    @classmethod
    def load(cls, catalog: Catalog) -> NetworkTables:
        """All tables, as the catalogue checks them against one another."""
        return cls(
            **{role: catalog.table(role) for role in ROLES},
            interchanges=catalog.table_if_any("interchanges"),
            courses=_courses(catalog),
            loads=Loads.load(catalog),
            region=catalog.region,
            fares=Fares.load(catalog),
        )

    @cached_property
    def placed(self) -> Mapping[str, Station]:
        """Every station of the layer by id, where the layer has it."""
        table = self.stations
        x, y = project_xy(table["lon"].to_numpy(float), table["lat"].to_numpy(float))
        return {
            row.station_id: Station(
                row.station_id,
                Names.of_row(row),
                float(x[i]),
                float(y[i]),
                row.region,
                row.system,
                row.status,
                flag_of(row.street_access),
                math.nan if (accuracy := number_of(getattr(row, "accuracy_m", None))) is None else accuracy,
            )
            for i, row in enumerate(table.itertuples())
        }

    @cached_property
    def own_lines(self) -> Mapping[str, Line]:
        """Every line of the layer by id."""
        return {
            row.line_id: Line(
                row.line_id,
                Names.of_row(row),
                row.mode,
                row.status,
                text_of(getattr(row, "colour", "")),
                "",
                added=False,
            )
            for row in self.lines.itertuples()
        }

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        """Every pattern that has stops and headways, serving every stop."""
        stops, headways, hours = (
            _by_pattern(frame)
            for frame in (self.pattern_stops.sort_values(["pattern_id", "seq"]), self.headways, self.hours)
        )
        rows = [r for r in self.patterns.itertuples() if r.pattern_id in stops and r.pattern_id in headways]
        return tuple(
            route_of_rows(r, stops[r.pattern_id], headways[r.pattern_id], hours.get(r.pattern_id, []))
            for r in rows
        )


def _by_pattern(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """The rows of each pattern, in their order."""
    found: dict[str, list[Any]] = {}
    for row in frame.itertuples():
        found.setdefault(row.pattern_id, []).append(row)
    return found


def _courses(catalog: Catalog) -> dict[str, LineString]:
    if not catalog.having("alignments"):
        return {}
    drawn = catalog.vector("alignments")
    return dict(zip(drawn["line_id"], project(drawn.geometry.to_numpy()), strict=True))


def build_network(tables: NetworkTables, scenario: Scenario) -> Network:
    """The network of one scenario.

    A stop is served if it had opened by the scenario's date, or if the scenario adds a line that opens it.

    Parameters
    ----------
    tables
        Those of the catalogue.
    scenario
        Its date, the works it adds, and what it changes, moves and removes.

    Raises
    ------
    ScenarioError
        With everything that the scenario changes and the tables do not know, and lines that would cross the boundary
        without clearance.
    """
    stations = _stations(tables, scenario)
    problems = Problems(ScenarioError)
    problems.extend(_unknown_lines(scenario, tables.lines))
    problems.extend(_unknown_stops(scenario, stations))
    problems.extend(_unknown_axes(scenario, tables.region))
    problems.raise_all()
    # looks up the side of every stop, so unknown stops are raised before
    problems.extend(_open_boundaries(scenario, stations))
    problems.extend(_taken_ids(scenario, tables))
    problems.raise_all()
    routes = [*_existing_routes(tables, scenario), *routes_of(scenario.works, stations, tables.courses)]
    patterns = changed_patterns(routes, scenario, tables.lines, stations)
    served = {stop.station_id for p in patterns for stop in p.stops}
    stations = {k: v for k, v in stations.items() if k in served}
    checkpoints = checkpoints_of(tables.checkpoints, scenario, tables.loads)
    links, transfers = _links(tables.interchanges, stations, checkpoints, tables.region.sides)
    network = Network(
        scenario_id=scenario.id,
        stations=stations,
        lines=_lines(tables.own_lines, scenario),
        patterns=patterns,
        links=links,
        checkpoints=checkpoints,
        transfer_s=transfers,
        clearance=tables.loads.assumptions,
        region=tables.region,
    )
    if tables.fares is None:
        return network
    return replace(network, fares=tables.fares.on(network.line_kinds, scenario.works))


def _existing_routes(tables: NetworkTables, scenario: Scenario) -> Iterator[Route]:
    """The patterns of the tables that run on the scenario's date, as they are then."""
    date = scenario.date.isoformat()
    opened = {s for work in scenario.works for s in (*work.opens, *work.stops)}
    running = {
        r.line_id
        for r in tables.lines.itertuples()
        if r.status == "existing" and open_by(getattr(r, "opened", None), date)
    } - set(scenario.removed_lines)
    routes = (route.on(date, opened) for route in tables.routes if route.line_id in running)
    return (route for route in routes if len(route.stops) > 1)


def _unknown_lines(scenario: Scenario, lines: pd.DataFrame) -> Iterator[Problem]:
    known = set(lines["line_id"])
    for line_id in sorted(set(scenario.removed_lines) - known):
        what = f"removes {line_id!r}, which does not run in this scenario"
        yield Problem(scenario.place(f"line {line_id}"), what, "a line id", nearest(line_id, known))


def _stations(tables: NetworkTables, scenario: Scenario) -> dict[str, Station]:
    """The stations of the layer and those that the scenario adds, at the places to which it moves them."""
    moved = {edit.id: edit.lonlat for edit in scenario.moved_stations}
    placed = tables.placed
    known = {*placed, *(station.id for station in scenario.added_stations)}
    problems = Problems(ScenarioError)
    for s in (s for s in moved if s not in known):
        problems.extend([unknown(scenario.place(f"station {s}"), "station", s, "a station id", known)])
    problems.extend(_wrong_stations(scenario, placed.keys(), tables.region))
    problems.raise_all()
    stations = {k: _moved(station, moved[k]) if k in moved else station for k, station in placed.items()}
    return stations | {one.id: _added(one, moved.get(one.id, one.lonlat)) for one in scenario.added_stations}


def _moved(station: Station, lonlat: LonLat) -> Station:
    x, y = project_xy(*lonlat)
    return replace(station, x_m=float(x), y_m=float(y))


def _added(station: AddedStation, lonlat: LonLat) -> Station:
    x, y = project_xy(*lonlat)
    names, xy_m = Names.of_text(station.name), (float(x), float(y))
    return Station(
        station.id, names, *xy_m, station.region, station.system, "concept", station.street_access, math.nan
    )


def _wrong_stations(scenario: Scenario, taken: Collection[str], region: Region) -> Iterator[Problem]:
    """Added stations with the id of another, or on no side of the boundary."""
    for station in scenario.added_stations:
        where = scenario.place(f"station {station.id}")
        if station.id in taken:
            yield Problem(
                where, "has the id of a station of the layer", "a new id", "rename it, or leave it out"
            )
        if station.region not in region.sides:
            expected = f"one of the two sides ({', '.join(region.sides)})"
            yield unknown(where, "region", station.region, expected, region.sides)


def _unknown_stops(scenario: Scenario, stations: Mapping[str, Station]) -> Iterator[Problem]:
    for work in scenario.works:
        for stop in (*work.stops, *work.opens):
            if stop not in stations:
                yield unknown(f"{scenario.id}: line {work.id}", "stop", stop, "a station id", stations)


def _unknown_axes(scenario: Scenario, region: Region) -> Iterator[Problem]:
    known = [axis.id for axis in region.axes]
    for work in scenario.works:
        if known and work.axis not in {*known, OTHER_AXIS}:
            expected = f"one of the region's axes ({', '.join(known)}), or {OTHER_AXIS}"
            yield unknown(scenario.place(f"line {work.id}", "axis"), "axis", work.axis, expected, known)


def _open_boundaries(scenario: Scenario, stations: Mapping[str, Station]) -> Iterator[Problem]:
    """Lines that run from one side to the other without clearance, and clearance at stops they do not have."""
    for work in scenario.works:
        where = f"{scenario.id}: line {work.id}"
        cleared = set(work.clearance.checkpoint) if work.clearance else set()
        for stop in sorted(cleared - set(work.stops)):
            yield Problem(where, f"clearance at {stop!r}", "one of its stops", nearest(stop, work.stops))
        if work.runs and not clears_one_side(work.stops, cleared, stations):
            yield Problem(
                where,
                "would allow crossing the boundary without immigration clearance",
                "clearance: {checkpoint: {stop: checkpoint id, ...}}",
                "name each stop of the side where passengers clear",
            )


def _taken_ids(scenario: Scenario, tables: NetworkTables) -> Iterator[Problem]:
    taken = {*tables.lines["line_id"], *tables.patterns["pattern_id"]} - set(scenario.removed_lines)
    for work in scenario.works:
        if work.id in taken:
            where, what = f"{scenario.id}: line {work.id}", "has the id of a line that runs already"
            yield Problem(where, what, "a new id", "rename it, or remove the other")


def _lines(own: Mapping[str, Line], scenario: Scenario) -> dict[str, Line]:
    """Lines by id: those of the layer that the scenario leaves, and those that it adds."""
    lines = {k: line for k, line in own.items() if k not in scenario.removed_lines}
    for work in scenario.works:
        names = Names.of_text(work.name)
        lines[work.id] = Line(work.id, names, work.mode, work.status, "", work.axis, added=True)
    return lines


def _links(
    table: pd.DataFrame,
    stations: Mapping[str, Station],
    checkpoints: Mapping[str, Checkpoint],
    sides: Sides,
) -> tuple[tuple[Link, ...], dict[str, float]]:
    """Walks between stations and open halls, and seconds between two lines inside one station."""
    known = {*stations, *(at.point for point in checkpoints.values() for at in point.halls(sides))}
    links: list[Link] = []
    transfers: dict[str, float] = {}
    for row in table.itertuples():
        a, b, walk_s = row.from_station, row.to_station, float(row.walk_s)
        if a in known and a == b:
            transfers[a] = walk_s
        elif a in known and b in known:
            inside = getattr(row, "kind", "") == "in_station"
            links.append(Link(a, b, walk_s, inside))
    return tuple(links), transfers
