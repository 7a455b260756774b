"""A scenario's network as a GTFS feed that others can route on.

What GTFS cannot say is modelled so (docs/gtfs.md):

- Headways are windows of frequencies.txt with exact_times=0; first and last departures are their ends.
- A control point is two stops, its halls, and a transfer between them of its mean clearance. A change from a station
  on one side through the halls to one on the other is a transfer of its own too, since programs do not chain transfers.
- Clearance at a line's own station is the time of a pathway between the street and that line's platform.
- Opening hours of control points, spreads and queues are not in the feed.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import corridor
from corridor.core.crs import WGS84, WORKING, project_xy
from corridor.core.csv_tables import for_programs
from corridor.core.errors import CorridorError
from corridor.core.output import write_whole
from corridor.network.graph import BOARD_ALIGHT_S
from corridor.network.service import DAY_S, PERIODS, Checkpoint, Line, Network, Pattern, hall
from corridor.network.stations import Station
from corridor.schema.catalog import Catalog
from corridor.schema.gtfs import WRITTEN, slug
from corridor.schema.region import Sides
from corridor.schema.scenario import Scenario
from corridor.study.study import Study

SERVICE = "every-day"
NO_URL = "https://example.org/"  # the format asks for an address; this reserved name stands for none
ROUTE_TYPE = {"metro": 1, "light_rail": 0, "high_speed": 2, "bus": 3, "coach": 3, "shuttle": 3, "ferry": 4}
FOLDED_SYSTEMS = {"metro", "hsr"}  # stations with platforms; a tram or bus stop is its own platform
VALID_DAYS = 365
NETWORK_ROLES = (
    "stations",
    "lines",
    "patterns",
    "pattern_stops",
    "headways",
    "hours",
    "interchanges",
    "checkpoints",
)
Row = tuple[object, ...]


@dataclass(frozen=True)
class WrittenFeed:
    """What was written: the file, and the number of rows of each table."""

    path: Path
    rows: Mapping[str, int]

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {name}" for name, n in self.rows.items())
        return f"{self.path}: {counts}"


def write_feed(study: Study, scenario_id: str, path: Path) -> WrittenFeed:
    """Write the network of one scenario as a zip; the same inputs give the same bytes.

    Parameters
    ----------
    study
        The study.
    scenario_id
        The scenario, with levers or without.
    path
        The zip.

    Raises
    ------
    CorridorError
        Where it cannot be written, or there is no such scenario.
    """
    tables = feed_tables(
        study.network(scenario_id).network, study.scenario(scenario_id), study.catalog, study.tables.lines
    )
    try:
        write_whole(path, zip_bytes(tables))
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise CorridorError.at(str(path), what, "a file in a folder that exists", "choose --out") from None
    return WrittenFeed(path, {name: len(table) for name, table in tables.items()})


def zip_bytes(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as a zip whose bytes depend on nothing but the tables."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, table in tables.items():
            info = zipfile.ZipInfo(f"{name}.txt", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, for_programs(table))
    return buffer.getvalue()


def feed_tables(
    network: Network, scenario: Scenario, catalog: Catalog, lines: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables of a feed by name.

    Parameters
    ----------
    network
        What runs in the scenario.
    scenario
        The scenario, for its id and date.
    catalog
        The layers, for attributions and the time zone.
    lines
        The layer of lines, for the operators.

    Returns
    -------
    dict of pandas.DataFrame
        Tables of GTFS Schedule by the name of their file without ``.txt``. Times in seconds or HH:MM:SS, positions
        in WGS84 degrees.
    """
    patterns = [p for p in network.patterns if list(_windows(p))]
    served = dict.fromkeys(s.station_id for p in patterns for s in p.stops)
    rows: dict[str, list[Row]] = {name: [] for name in WRITTEN}
    operators = _operators(network, lines)
    platforms = _platforms(network, patterns)
    routes = [network.lines[i] for i in dict.fromkeys(p.line_id for p in patterns)]
    agencies = _agency_ids(operators[line.line_id] for line in routes)
    for name, agency_id in agencies.items():
        rows["agency"].append((agency_id, name, NO_URL, catalog.region.time_zone, "en"))
    halls = [c for c in network.checkpoints.values() if c.is_open and c.kind == "hall"]
    rows["stops"] += itertools.chain(
        _station_rows(network, served, platforms), _hall_rows(halls, network.sides)
    )
    for line in routes:
        rows["routes"].append(_route_row(line, agencies[operators[line.line_id]], scenario))
    for pattern in patterns:
        _add_trip(rows, pattern, network, platforms)
    start = scenario.date
    end = start + dt.timedelta(days=VALID_DAYS)
    rows["calendar"].append((SERVICE, *[1] * 7, f"{start:%Y%m%d}", f"{end:%Y%m%d}"))
    _add_ways(rows, network, patterns, platforms, halls)
    rows["translations"] += _translations(network, served, platforms, routes, halls)
    version = f"{scenario.id}, corridor {corridor.__version__}"
    rows["feed_info"].append(("corridor", NO_URL, "en", f"{start:%Y%m%d}", f"{end:%Y%m%d}", version))
    rows["attributions"] += _attributions(catalog)
    return {
        name: pd.DataFrame([tuple(map(_one_line, row)) for row in rows[name]], columns=list(columns))
        for name, columns in WRITTEN.items()
        if rows[name]
    }


def _one_line(value: object) -> object:
    """A cell without line breaks and tabs, which the reference of GTFS forbids; names in tables may have them."""
    return re.sub(r"\s*[\t\r\n]+\s*", " ", value).strip() if isinstance(value, str) else value


def _agency_ids(names: Iterable[str]) -> dict[str, str]:
    """An id for each operator; names that have the same letters, or none that an id may hold, are numbered."""
    ids = dict[str, str]()
    for name in sorted(set(names)):
        stem = slug(name) or "agency"
        numbered = (f"{stem}-{n}" for n in itertools.count(2))
        ids[name] = next(i for i in itertools.chain([stem], numbered) if i not in ids.values())
    return ids


def _operators(network: Network, lines: pd.DataFrame) -> dict[str, str]:
    known = dict(zip(lines["line_id"], lines["operator"], strict=True)) if "operator" in lines else {}
    return {
        i: "Proposed line, no operator" if line.added else str(known.get(i) or "Operator not stated")
        for i, line in network.lines.items()
    }


def _platforms(network: Network, patterns: Iterable[Pattern]) -> dict[str, dict[str, str]]:
    """Stop ids by station and line: a platform a line in a station, one stop for all lines at a tram or bus stop."""
    found: dict[str, dict[str, str]] = {}
    for pattern in patterns:
        for stop in pattern.stops:
            folded = network.stations[stop.station_id].system in FOLDED_SYSTEMS
            name = f"{stop.station_id}/{pattern.line_id}" if folded else stop.station_id
            found.setdefault(stop.station_id, {})[pattern.line_id] = name
    return found


def _lonlat(x_m: float, y_m: float) -> tuple[str, str]:
    lon, lat = project_xy(x_m, y_m, WORKING, WGS84)
    return f"{float(lat):.6f}", f"{float(lon):.6f}"


def _station_rows(
    network: Network, served: Iterable[str], platforms: Mapping[str, Mapping[str, str]]
) -> Iterator[Row]:
    for station_id in served:
        station = network.stations[station_id]
        place = _lonlat(station.x_m, station.y_m)
        status = "" if station.status == "existing" else f"Not in service at present: {station.status}"
        if station.system not in FOLDED_SYSTEMS:
            yield (station_id, station.names.en, status, *place, 0, "")
            continue
        yield (station_id, station.names.en, status, *place, 1, "")
        for line_id, stop_id in platforms[station_id].items():
            yield (
                stop_id,
                station.names.en,
                f"Platform of {network.lines[line_id].names.en}",
                *place,
                0,
                station_id,
            )


def _hall_rows(halls: Iterable[Checkpoint], sides: Sides) -> Iterator[Row]:
    for point in halls:
        hours = f"{_clock(point.open_s)[:5]}-{_clock(point.close_s)[:5]}"
        about = f"Hall of a control point, open {hours}; a transfer between its two halls stands for mean clearance"
        for side, (x, y) in zip(sides, (point.south_xy_m, point.north_xy_m), strict=True):
            yield (hall(point.checkpoint_id, side), point.names.en, about, *_lonlat(x, y), 0, "")


def _route_row(line: Line, agency_id: str, scenario: Scenario) -> Row:
    colour = line.colour.removeprefix("#").upper()
    said = []
    if line.added or line.status != "existing":
        said.append(f"Proposed line ({line.status}), not in service: a scenario, not a timetable")
    if line.added and scenario.counterfactual:
        said.append("counterfactual")
    text = _text_colour(colour) if colour else ""
    return (line.line_id, agency_id, line.names.en, "; ".join(said), ROUTE_TYPE[line.mode], colour, text)


def _text_colour(colour: str) -> str:
    """White or black, whichever stands out more (relative luminance, WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "FFFFFF" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "000000"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _windows(pattern: Pattern) -> Iterator[tuple[float, float, float]]:
    """Start, end and headway (seconds) of each stretch of a day in which the pattern has a headway."""
    for day in (-DAY_S, 0, DAY_S):
        for name, begin, end in PERIODS:
            start, stop = max(begin + day, pattern.first_s), min(end + day, pattern.last_s)
            if name in pattern.headway_s and start < stop:
                yield start, stop, pattern.headway_s[name]


def _trip_id(pattern: Pattern) -> str:
    return pattern.pattern_id.replace(">", "-out").replace("<", "-back")


def _add_trip(
    rows: dict[str, list[Row]], pattern: Pattern, network: Network, platforms: Mapping[str, Mapping[str, str]]
) -> None:
    trip_id = _trip_id(pattern)
    windows = list(_windows(pattern))
    last = network.stations[pattern.stops[-1].station_id]
    backward = int(pattern.pattern_id.endswith("<"))
    rows["trips"].append((pattern.line_id, SERVICE, trip_id, last.names.en, backward))
    for n, stop in enumerate(pattern.stops):
        arrival, departure = (windows[0][0] + t for t in (stop.arrival_s, stop.departure_s))
        stop_id = platforms[stop.station_id][pattern.line_id]
        rows["stop_times"].append((trip_id, _clock(arrival), _clock(departure), stop_id, n + 1, 0))
    for start, end, headway in windows:
        rows["frequencies"].append((trip_id, _clock(start), _clock(end), round(headway), 0))


def _add_ways(
    rows: dict[str, list[Row]],
    network: Network,
    patterns: Iterable[Pattern],
    platforms: Mapping[str, Mapping[str, str]],
    halls: Iterable[Checkpoint],
) -> None:
    """Transfers: inside stations, between them, and through control points; pathways where a line clears."""
    seconds: dict[tuple[str, str], float] = {}
    cleared = {(s.station_id, p.line_id): s.clearance for p in patterns for s in p.stops if s.clearance}

    def offer(a: str, b: str, time_s: float) -> None:
        if a != b:
            seconds[a, b] = min(time_s, seconds.get((a, b), time_s))

    doors = {k: _doors(network, k, by_line, cleared) for k, by_line in platforms.items()}
    for station_id, by_stop in doors.items():
        listed = network.transfer_s.get(station_id)
        for a, b in itertools.permutations(by_stop.values(), 2):
            inside = listed if listed is not None else a.alight_s + b.board_s
            offer(a.stop_id, b.stop_id, inside + a.clear_s + b.clear_s)
    walks: dict[str, list[tuple[_Door, float]]] = {}
    for link in network.links:
        near, far = (
            list(doors[x].values()) if x in doors else [_Door(x)] * ("@" in x) for x in (link.a, link.b)
        )
        for a, b in itertools.product(near, far):
            offer(a.stop_id, b.stop_id, a.out_s + link.walk_s + b.in_s)
            offer(b.stop_id, a.stop_id, b.out_s + link.walk_s + a.in_s)
        for end, others in ((link.a, far), (link.b, near)):
            if "@" in end:
                walks.setdefault(end, []).extend((door, link.walk_s) for door in others)
    for point in halls:
        south, north = (hall(point.checkpoint_id, side) for side in network.sides)
        for here, there in ((south, north), (north, south)):
            offer(here, there, point.clearance_s)
            for (a, to), (b, onward) in itertools.product(walks.get(here, []), walks.get(there, [])):
                offer(a.stop_id, b.stop_id, a.out_s + to + point.clearance_s + onward + b.in_s)
    rows["transfers"] += [(a, b, 2, round(s)) for (a, b), s in sorted(seconds.items())]
    for station_id in sorted({s for s, _ in cleared}):
        _add_pathways(rows, network.stations[station_id], platforms[station_id], cleared, network)


@dataclass(frozen=True)
class _Door:
    """A stop as a transfer meets it: seconds to and from its platform, and of clearance there; a hall has none."""

    stop_id: str
    board_s: float = 0.0
    alight_s: float = 0.0
    clear_s: float = 0.0

    @property
    def in_s(self) -> float:
        return self.board_s + self.clear_s

    @property
    def out_s(self) -> float:
        return self.alight_s + self.clear_s


def _doors(
    network: Network,
    station_id: str,
    by_line: Mapping[str, str],
    cleared: Mapping[tuple[str, str], str | None],
) -> dict[str, _Door]:
    board_s, alight_s = BOARD_ALIGHT_S[network.stations[station_id].system]
    doors = {}
    for line_id, stop_id in by_line.items():
        point = cleared.get((station_id, line_id))
        clear_s = network.checkpoints[point].clearance_s if point else 0.0
        doors[stop_id] = _Door(stop_id, board_s, alight_s, clear_s)
    return doors


def _add_pathways(
    rows: dict[str, list[Row]],
    station: Station,
    by_line: Mapping[str, str],
    cleared: Mapping[tuple[str, str], str | None],
    network: Network,
) -> None:
    """A street entrance, and a way to each platform that takes the clearance of the platform's line."""
    entrance = f"{station.station_id}/street"
    rows["stops"].append(
        (
            entrance,
            station.names.en,
            "Way in and out",
            *_lonlat(station.x_m, station.y_m),
            2,
            station.station_id,
        )
    )
    board = BOARD_ALIGHT_S[station.system][0]
    for line_id, stop_id in by_line.items():
        point = cleared.get((station.station_id, line_id))
        time_s = board + (network.checkpoints[point].clearance_s if point else 0.0)
        rows["pathways"].append((f"{stop_id}/way", entrance, stop_id, 1, 1, round(time_s)))


def _translations(
    network: Network,
    served: Iterable[str],
    platforms: Mapping[str, Mapping[str, str]],
    routes: Iterable[Line],
    halls: Iterable[Checkpoint],
) -> Iterator[Row]:
    named = [
        *(
            ("stops", "stop_name", stop_id, network.stations[i].names)
            for i in served
            for stop_id in dict.fromkeys([i, *platforms[i].values()])
        ),
        *(("stops", "stop_name", hall(c.checkpoint_id, s), c.names) for c in halls for s in network.sides),
        *(("routes", "route_long_name", line.line_id, line.names) for line in routes),
    ]
    for table, field, record, names in named:
        for language, text in (("zh-Hant", names.zh_hant), ("zh-Hans", names.zh_hans)):
            if text and text != names.en:
                yield (table, field, language, text, record)


def _attributions(catalog: Catalog) -> Iterator[Row]:
    """Whose data is in the feed and under which terms, each pair once."""
    pairs = dict.fromkeys(
        f"{e.attribution or e.source} ({e.licence})" for e in catalog.entries if e.role in NETWORK_ROLES
    )
    for n, text in enumerate(pairs):
        yield (f"source-{n + 1}", text, 1)
