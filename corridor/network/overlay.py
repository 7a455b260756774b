"""A scenario laid over the bundled tables: what is open on its date, what it adds, moves, changes, removes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from shapely.geometry import LineString

from corridor.core.crs import project, project_xy
from corridor.core.errors import NetworkError, Problem, ScenarioError
from corridor.network.clearance import REGIME_CLEARANCE_MIN, ClearanceAssumptions
from corridor.network.fares import Fares
from corridor.network.line_changes import changed_patterns
from corridor.network.loads import Loads, with_capacity, with_groups
from corridor.network.patterns import PatternRecord, Route, open_by, record_of, routes_of
from corridor.network.service import DAY_S, PERIODS, Checkpoint, Line, Link, Names, Network, Station
from corridor.schema.catalog import Catalog
from corridor.schema.changes import CheckpointEdit
from corridor.schema.line import LineSpec, clock_s
from corridor.schema.region import Region, Sides, shipped_region
from corridor.schema.scenario import Scenario, nearest


@dataclass(frozen=True)
class NetworkTables:
    """The bundled tables of the network, as loaded from the catalogue."""

    stations: pd.DataFrame
    lines: pd.DataFrame
    patterns: pd.DataFrame
    pattern_stops: pd.DataFrame
    headways: pd.DataFrame
    hours: pd.DataFrame
    interchanges: pd.DataFrame
    checkpoints: pd.DataFrame
    courses: Mapping[str, LineString]
    """Drawn alignments by line id, EPSG:4547; only the shares of a published run time are read off them."""
    loads: Loads = field(default_factory=Loads)
    """Who crosses where, and what is assumed about groups and queues; empty without these layers."""
    region: Region = field(default_factory=shipped_region)
    fares: Fares | None = None
    """None where the catalogue has no tariffs: rides then cost nothing."""

    @classmethod
    def load(cls, catalog: Catalog) -> NetworkTables:
        """All tables, checked against one another; a :class:`NetworkError` lists every dangling reference."""
        tables = cls(
            stations=catalog.table("stations"),
            lines=catalog.table("lines"),
            patterns=catalog.table("patterns"),
            pattern_stops=catalog.table("pattern_stops"),
            headways=catalog.table("headways"),
            hours=catalog.table("hours"),
            interchanges=catalog.table_if_any("interchanges"),
            checkpoints=catalog.table("checkpoints"),
            courses=_courses(catalog),
            loads=Loads.load(catalog),
            region=catalog.region,
            fares=Fares.load(catalog),
        )
        problems = list(tables._dangling())
        if problems:
            raise NetworkError(problems)
        return tables

    @cached_property
    def records(self) -> tuple[PatternRecord, ...]:
        """Every pattern that has stops and headways."""
        stops, headways, hours = (
            dict(tuple(frame.groupby("pattern_id")))
            for frame in (self.pattern_stops.sort_values(["pattern_id", "seq"]), self.headways, self.hours)
        )
        rows = [r for r in self.patterns.itertuples() if r.pattern_id in stops and r.pattern_id in headways]
        missing = [r.pattern_id for r in rows if r.pattern_id not in hours]
        if missing:
            raise NetworkError(
                [
                    Problem("hours", f"pattern {p!r} has none", "first and last departures", "add rows")
                    for p in missing
                ]
            )
        return tuple(
            record_of(r, stops[r.pattern_id], headways[r.pattern_id], hours[r.pattern_id]) for r in rows
        )

    def _dangling(self) -> Iterator[Problem]:
        stations = set(self.stations["station_id"])
        halls = {f"{c}@{side}" for c in self.checkpoints["checkpoint_id"] for side in self.region.sides}
        patterns = set(self.patterns["pattern_id"])
        for table, column, frame, known in (
            ("pattern_stops", "station_id", self.pattern_stops, stations),
            ("pattern_stops", "pattern_id", self.pattern_stops, patterns),
            ("patterns", "line_id", self.patterns, set(self.lines["line_id"])),
            ("headways", "pattern_id", self.headways, patterns),
            ("hours", "pattern_id", self.hours, patterns),
            ("interchanges", "from_station", self.interchanges, stations | halls),
            ("interchanges", "to_station", self.interchanges, stations | halls),
        ):
            for value in sorted(set(frame[column].astype(str)) - known):
                yield Problem(
                    table, f"{column} {value!r} is not known", "an id of its table", nearest(value, known)
                )
        for row in self.headways[~(self.headways["headway_s"] > 0)].itertuples():
            yield Problem(
                "headways",
                f"{row.pattern_id} {row.period}: headway {row.headway_s} s",
                "more than 0 s",
                "leave the row out where there is no service",
            )
        names = {p for p, _, _ in PERIODS}
        for value in sorted(set(self.headways["period"]) - names):
            yield Problem(
                "headways", f"period {value!r}", "one of " + ", ".join(sorted(names)), nearest(value, names)
            )


def _courses(catalog: Catalog) -> dict[str, LineString]:
    if not catalog.having("alignments"):
        return {}
    drawn = catalog.vector("alignments")
    return dict(zip(drawn["line_id"], project(drawn.geometry.to_numpy()), strict=True))


def build_network(tables: NetworkTables, scenario: Scenario) -> Network:
    """The network of one scenario.

    A stop is served when it had opened by the scenario's date, or when the scenario adds a work that opens it.
    Raises :class:`ScenarioError` for what the scenario changes and the tables do not know.
    """
    stations = _stations(tables.stations, scenario)
    problems = [*_unknown_lines(scenario, tables.lines), *_unknown_stops(scenario, stations)] or [
        *_open_boundaries(scenario, stations),
        *_taken_ids(scenario, tables),
    ]
    if problems:
        raise ScenarioError(problems)
    routes = [*_existing_routes(tables, scenario), *routes_of(scenario.works, stations, tables.courses)]
    patterns = changed_patterns(routes, scenario, tables.lines, stations)
    served = {stop.station_id for p in patterns for stop in p.stops}
    stations = {k: v for k, v in stations.items() if k in served}
    checkpoints = _checkpoints(tables.checkpoints, scenario, tables.loads)
    links, transfers = _links(tables.interchanges, stations, checkpoints, tables.region.sides)
    network = Network(
        scenario_id=scenario.id,
        stations=stations,
        lines=_lines(tables.lines, scenario),
        patterns=patterns,
        links=links,
        checkpoints=checkpoints,
        transfer_s=transfers,
        clearance=tables.loads.assumptions,
        region=tables.region,
    )
    return replace(network, fares=tables.fares.on(network, scenario.works)) if tables.fares else network


def _existing_routes(tables: NetworkTables, scenario: Scenario) -> Iterator[Route]:
    """The patterns of the tables that run on the scenario's date, as they are then."""
    date = scenario.date.isoformat()
    opened = {s for work in scenario.works for s in (*work.opens, *work.stops)}
    running = {
        r.line_id
        for r in tables.lines.itertuples()
        if r.status == "existing" and open_by(getattr(r, "opened", None), date)
    } - set(scenario.removed_lines)
    routes = (record.on(date, opened) for record in tables.records if record.line_id in running)
    return (route for route in routes if len(route.stops) > 1)


def _unknown_lines(scenario: Scenario, lines: pd.DataFrame) -> Iterator[Problem]:
    known = set(lines["line_id"])
    for line_id in sorted(set(scenario.removed_lines) - known):
        yield Problem(
            scenario.place(f"line {line_id}"),
            f"removes {line_id!r}, which does not run in this scenario",
            "a line id",
            nearest(line_id, known),
        )


def _names(row: object) -> Names:
    def text(column: str) -> str:
        value = getattr(row, column, "")
        return value if isinstance(value, str) else ""

    en = text("name_en")
    return Names(en, text("name_zh_hant") or en, text("name_zh_hans") or en)


def _stations(table: pd.DataFrame, scenario: Scenario) -> dict[str, Station]:
    moved = {edit.id: edit.lonlat for edit in scenario.moved_stations}
    known = set(table["station_id"])
    wrong = [
        Problem(
            scenario.place(f"station {s}"),
            f"moves {s!r}, which is not known",
            "a station id",
            nearest(s, known),
        )
        for s in moved
        if s not in known
    ]
    if wrong:
        raise ScenarioError(wrong)
    lon = np.array([moved.get(r.station_id, (r.lon, r.lat))[0] for r in table.itertuples()], dtype=float)
    lat = np.array([moved.get(r.station_id, (r.lon, r.lat))[1] for r in table.itertuples()], dtype=float)
    x, y = project_xy(lon, lat)
    accuracy = pd.to_numeric(table.get("accuracy_m", pd.Series(np.nan, index=table.index)))
    return {
        row.station_id: Station(
            row.station_id,
            _names(row),
            float(x[i]),
            float(y[i]),
            row.region,
            row.system,
            row.status,
            str(row.street_access) in {"1", "1.0", "True", "true"},
            float(accuracy.iloc[i]),
        )
        for i, row in enumerate(table.itertuples())
    }


def _unknown_stops(scenario: Scenario, stations: Mapping[str, Station]) -> Iterator[Problem]:
    for work in scenario.works:
        for stop in (*work.stops, *work.opens):
            if stop not in stations:
                yield Problem(
                    f"{scenario.id}: line {work.id}",
                    f"stop {stop!r} is not known",
                    "a station id",
                    nearest(stop, stations),
                )


def _open_boundaries(scenario: Scenario, stations: Mapping[str, Station]) -> Iterator[Problem]:
    """Lines that run from one side to the other without clearance, and clearance at stops they do not have."""
    for work in scenario.works:
        where = f"{scenario.id}: line {work.id}"
        cleared = set(work.clearance.checkpoint) if work.clearance else set()
        for stop in sorted(cleared - set(work.stops)):
            yield Problem(where, f"clearance at {stop!r}", "one of its stops", nearest(stop, work.stops))
        sides: dict[str, set[str]] = {}
        for stop in work.stops:
            sides.setdefault(stations[stop].region, set()).add(stop)
        if work.runs and len(sides) > 1 and not any(stops <= cleared for stops in sides.values()):
            yield Problem(
                where,
                "crosses the boundary without clearance at every stop of one side",
                "clearance: {checkpoint: {stop: checkpoint id, ...}}",
                "name each stop of the side where passengers clear",
            )


def _taken_ids(scenario: Scenario, tables: NetworkTables) -> Iterator[Problem]:
    taken = {*tables.lines["line_id"], *tables.patterns["pattern_id"]} - set(scenario.removed_lines)
    for work in scenario.works:
        if work.id in taken:
            yield Problem(
                f"{scenario.id}: line {work.id}",
                "has the id of a line that runs already",
                "a new id",
                "rename it, or remove the other",
            )


def _lines(table: pd.DataFrame, scenario: Scenario) -> dict[str, Line]:
    removed = set(scenario.removed_lines)
    lines = {
        row.line_id: Line(
            row.line_id,
            _names(row),
            row.mode,
            row.status,
            row.colour if isinstance(getattr(row, "colour", None), str) else "",
            "",
            added=False,
        )
        for row in table.itertuples()
        if row.line_id not in removed
    }
    for work in scenario.works:
        names = Names(work.name.en, work.name.in_script("zh-Hant"), work.name.in_script("zh-Hans"))
        lines[work.id] = Line(work.id, names, work.mode, work.status, "", work.axis, added=True)
    return lines


def _checkpoints(table: pd.DataFrame, scenario: Scenario, loads: Loads) -> dict[str, Checkpoint]:
    found = {
        row.checkpoint_id: replace(
            _checkpoint(row), loads=loads.by_checkpoint.get(str(row.checkpoint_id), {})
        )
        for row in table.itertuples()
    }
    for work in scenario.works:
        if work.clearance:
            for checkpoint_id in work.clearance.checkpoint.values():
                found[checkpoint_id] = _line_checkpoint(found.get(checkpoint_id), checkpoint_id, work)
    problems = [
        Problem(
            scenario.place(e.subject),
            f"changes control point {e.id!r}, which is not known",
            "a checkpoint id",
            nearest(e.id, found),
        )
        for e in scenario.checkpoint_edits
        if e.id not in found
    ]
    if problems:
        raise ScenarioError(problems)
    edits = {edit.id: edit for edit in scenario.checkpoint_edits}
    for edit in edits.values():
        found[edit.id] = edit_checkpoint(found[edit.id], edit, loads.assumptions)
    return {k: with_groups(point, loads, _stated_groups(edits.get(k))) for k, point in found.items()}


def _stated_groups(edit: CheckpointEdit | None) -> dict[str, float]:
    return dict(edit.clearance_by_group_min or {}) if edit else {}  # type: ignore[arg-type]


def _checkpoint(row: object) -> Checkpoint:
    def number(column: str, default: float = float("nan")) -> float:
        value = pd.to_numeric(getattr(row, column, None))
        return default if value is None or pd.isna(value) else float(value)

    def clock(column: str, default: int) -> float:
        value = getattr(row, column)
        return float(clock_s(value)) if isinstance(value, str) else float(default)

    def flag(column: str) -> bool:
        return number(column, 0.0) == 1.0

    south = project_xy(number("south_lon"), number("south_lat"))
    north = project_xy(number("north_lon"), number("north_lat"))
    return Checkpoint(
        checkpoint_id=str(row.checkpoint_id),  # type: ignore[attr-defined]
        names=_names(row),
        kind=str(row.kind),  # type: ignore[attr-defined]
        south_xy_m=(float(south[0]), float(south[1])),
        north_xy_m=(float(north[0]), float(north[1])),
        street_access=(flag("south_street_access"), flag("north_street_access")),
        regime=str(row.regime),  # type: ignore[attr-defined]
        open_s=clock("open", 0),
        close_s=clock("close", 24 * 3600),
        status=str(row.status),  # type: ignore[attr-defined]
        clearance_s=60 * number("clearance_mean_min"),
        clearance_low_s=60 * number("clearance_low_min"),
        clearance_high_s=60 * number("clearance_high_min"),
        clearance_assumed=number("clearance_assumed", 1.0) == 1.0,
        daily_2025=number("daily_2025"),
        design_capacity_pax_day=number("design_capacity_pax_day"),
        effective_capacity_pax_hour=number("effective_capacity_pax_hour"),
    )


def _line_checkpoint(known: Checkpoint | None, checkpoint_id: str, work: LineSpec) -> Checkpoint:
    clearance = work.clearance
    assert clearance
    if known is None:
        raise ScenarioError.at(
            f"line {work.id}",
            f"clearance at {checkpoint_id!r}, which is not known",
            "a checkpoint of kind line",
            "add it to the checkpoints layer",
        )
    return replace(
        known,
        regime=clearance.regime,
        status="existing",
        changed=True,
        clearance_s=60 * clearance.mean_min,
        clearance_low_s=60 * clearance.low_min,
        clearance_high_s=60 * clearance.high_min,
        clearance_assumed=clearance.assumed,
    )


def edit_checkpoint(
    point: Checkpoint, edit: CheckpointEdit, assumptions: ClearanceAssumptions | None = None
) -> Checkpoint:
    """A control point with one scenario's change; a new regime brings the clearance times of that regime.

    A new capacity moves the mean by what it changes of the mean day's wait, unless the change states the mean itself.
    """
    mean, low, high = point.clearance_s, point.clearance_low_s, point.clearance_high_s
    regime = edit.regime or point.regime
    if edit.regime and edit.regime != point.regime:
        mean, low, high = (60 * m for m in REGIME_CLEARANCE_MIN[edit.regime])
    mean, low, high = (
        60 * given if given is not None else current
        for given, current in (
            (edit.clearance_mean_min, mean),
            (edit.clearance_low_min, low),
            (edit.clearance_high_min, high),
        )
    )
    opens, closes = point.open_s, point.close_s
    if edit.open_24_hours:
        opens, closes = 0.0, float(DAY_S)
    opens = clock_s(edit.open) if edit.open else opens
    closes = clock_s(edit.close) if edit.close else closes
    if closes <= opens:
        closes += DAY_S  # closing after midnight
    if not low <= mean <= high:
        raise ScenarioError.at(
            f"control point {edit.id}",
            f"clearance low {low / 60:g}, mean {mean / 60:g}, high {high / 60:g} min",
            "low <= mean <= high",
            "state all three",
        )
    edited = replace(
        point,
        regime=regime,
        changed=True,
        open_s=opens,
        close_s=closes,
        status=edit.status or point.status,
        design_capacity_pax_day=edit.design_capacity_pax_day or point.design_capacity_pax_day,
        clearance_s=mean,
        clearance_low_s=low,
        clearance_high_s=high,
    )
    if edit.effective_capacity_pax_hour is None:
        return edited
    return with_capacity(
        edited, edit.effective_capacity_pax_hour, None if edit.clearance_mean_min is not None else assumptions
    )


def _links(
    table: pd.DataFrame,
    stations: Mapping[str, Station],
    checkpoints: Mapping[str, Checkpoint],
    sides: Sides,
) -> tuple[tuple[Link, ...], dict[str, float]]:
    halls = {
        f"{c.checkpoint_id}@{side}"
        for c in checkpoints.values()
        if c.is_open and c.kind == "hall"
        for side in sides
    }
    known = set(stations) | halls
    links: list[Link] = []
    transfers: dict[str, float] = {}
    for row in table.itertuples():
        if row.from_station not in known or row.to_station not in known:
            continue
        if row.from_station == row.to_station:
            transfers[row.from_station] = float(row.walk_s)
        else:
            source = row.source if isinstance(getattr(row, "source", None), str) else ""
            inside = getattr(row, "kind", "") == "in_station"
            links.append(Link(row.from_station, row.to_station, float(row.walk_s), source, inside))
    return tuple(links), transfers
