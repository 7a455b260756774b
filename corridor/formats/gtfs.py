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
from corridor.core.output import CHOOSE_FILE, write_whole, writing
from corridor.network.compiled import BOARD_ALIGHT_S
from corridor.network.service import DAY_S, PERIODS, Line, Network, Pattern, hall
from corridor.network.stations import Names
from corridor.schema.catalog import Catalog
from corridor.schema.gtfs import WRITTEN, slugs
from corridor.schema.scenario import Scenario
from corridor.study.study import Study

SERVICE = "every-day"
NO_URL = "https://example.org/"  # the format requires an address; this reserved name means none
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
    with writing(path, CHOOSE_FILE):
        write_whole(path, zip_bytes(tables))
    return WrittenFeed(path, {name: len(table) for name, table in tables.items()})


def zip_bytes(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as a zip whose bytes depend on nothing but the tables.

    Dates, the system and permissions in the archive are fixed: the same feed has the same hash anywhere.

    Parameters
    ----------
    tables
        By the name of their file without ``.txt``.
    """
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
    feed = _Feed(network, scenario, lines)
    start, end = (f"{day:%Y%m%d}" for day in (scenario.date, scenario.date + dt.timedelta(days=VALID_DAYS)))
    version = f"{scenario.id}, corridor {corridor.__version__}"
    agencies = feed.agency_ids.items()
    rows: dict[str, Iterable[Row]] = {
        "agency": [(i, name, NO_URL, catalog.region.time_zone, "en") for name, i in agencies],
        "stops": itertools.chain(feed.stations(), feed.hall_stops(), feed.entrances()),
        "routes": map(feed.route, feed.routes),
        "trips": map(feed.trip, feed.patterns),
        "stop_times": itertools.chain.from_iterable(map(feed.stop_times, feed.patterns)),
        "frequencies": itertools.chain.from_iterable(map(_frequencies, feed.patterns)),
        "calendar": [(SERVICE, *[1] * 7, start, end)],
        "transfers": feed.transfers(),
        "pathways": feed.pathways(),
        "translations": feed.translations(),
        "feed_info": [("corridor", NO_URL, "en", start, end, version)],
        "attributions": _attributions(catalog),
    }
    tables = {name: [tuple(map(_one_line, row)) for row in found] for name, found in rows.items()}
    return {
        name: pd.DataFrame(tables[name], columns=list(columns))
        for name, columns in WRITTEN.items()
        if tables[name]
    }


def _one_line(value: object) -> object:
    """A cell without line breaks and tabs, which the reference of GTFS forbids; names in tables may have them."""
    return re.sub(r"\s*[\t\r\n]+\s*", " ", value).strip() if isinstance(value, str) else value


class _Feed:
    """What runs, as the rows of a feed: stops, trips, and the ways between them."""

    def __init__(self, network: Network, scenario: Scenario, lines: pd.DataFrame):
        self.network, self.scenario = network, scenario
        self.patterns = [p for p in network.patterns if list(_windows(p))]
        self.routes = [network.lines[i] for i in dict.fromkeys(p.line_id for p in self.patterns)]
        self.halls = [c for c in network.checkpoints.values() if c.is_open and c.kind == "hall"]
        known = dict(zip(lines["line_id"], lines["operator"], strict=True)) if "operator" in lines else {}
        self.operators = {
            i: "Proposed line, no operator" if line.added else str(known.get(i) or "Operator not stated")
            for i, line in network.lines.items()
        }
        names = sorted({self.operators[line.line_id] for line in self.routes})
        self.agency_ids = slugs(names, nameless="agency")
        self.platforms = self._platforms()
        calls = [(p, s) for p in self.patterns for s in p.stops if s.clearance]
        self.clear_s = {
            (s.station_id, p.line_id): network.checkpoints[str(s.clearance)].clearance_s for p, s in calls
        }
        """Seconds of clearance by station and line, where a line's own station clears."""

    def _platforms(self) -> dict[str, dict[str, str]]:
        """Stop ids by station and line: a platform a line in a station, one stop for all lines at a tram or bus stop."""
        found: dict[str, dict[str, str]] = {}
        for pattern in self.patterns:
            for stop in pattern.stops:
                folded = self.network.stations[stop.station_id].system in FOLDED_SYSTEMS
                name = f"{stop.station_id}/{pattern.line_id}" if folded else stop.station_id
                found.setdefault(stop.station_id, {})[pattern.line_id] = name
        return found

    def stations(self) -> Iterator[Row]:
        """Each station, followed by its platforms."""
        for station_id, by_line in self.platforms.items():
            station = self.network.stations[station_id]
            name, place = station.names.en, _lonlat(station.x_m, station.y_m)
            status = "" if station.status == "existing" else f"Not in service at present: {station.status}"
            folded = station.system in FOLDED_SYSTEMS
            yield (station_id, name, status, *place, int(folded), "")
            for line_id, stop_id in by_line.items() if folded else ():
                about = f"Platform of {self.network.lines[line_id].names.en}"
                yield (stop_id, name, about, *place, 0, station_id)

    def hall_stops(self) -> Iterator[Row]:
        """The two halls of each control point."""
        for point in self.halls:
            hours = f"{_clock(point.open_s)[:5]}-{_clock(point.close_s)[:5]}"
            about = f"Hall of a control point, open {hours}; a transfer between its two halls represents mean clearance"
            ends = zip(self.network.sides, (point.south_xy_m, point.north_xy_m), strict=True)
            for side, (x, y) in ends:
                yield (hall(point.checkpoint_id, side), point.names.en, about, *_lonlat(x, y), 0, "")

    def entrances(self) -> Iterator[Row]:
        """A street entrance of each station at which a line clears."""
        for station_id in self._cleared():
            station = self.network.stations[station_id]
            place = _lonlat(station.x_m, station.y_m)
            yield (f"{station_id}/street", station.names.en, "Way in and out", *place, 2, station_id)

    def _cleared(self) -> list[str]:
        return sorted({station_id for station_id, _ in self.clear_s})

    def route(self, line: Line) -> Row:
        """A line; one that does not run today says so."""
        colour, said = line.colour.removeprefix("#").upper(), []
        if line.added or line.status != "existing":
            said.append(f"Proposed line ({line.status}), not in service: a scenario, not a timetable")
        if line.added and self.scenario.counterfactual:
            said.append("counterfactual")
        agency, text = self.agency_ids[self.operators[line.line_id]], _text_colour(colour) if colour else ""
        return (line.line_id, agency, line.names.en, "; ".join(said), ROUTE_TYPE[line.mode], colour, text)

    def trip(self, pattern: Pattern) -> Row:
        """The one trip of a pattern, which its frequencies repeat."""
        headsign = self.network.stations[pattern.stops[-1].station_id].names.en
        return (pattern.line_id, SERVICE, _trip_id(pattern), headsign, int(pattern.pattern_id.endswith("<")))

    def stop_times(self, pattern: Pattern) -> Iterator[Row]:
        """Calls of the trip that leaves when the pattern's service begins."""
        start_s = next(_windows(pattern))[0]
        for n, stop in enumerate(pattern.stops, 1):
            arrival, departure = (_clock(start_s + t) for t in (stop.arrival_s, stop.departure_s))
            stop_id = self.platforms[stop.station_id][pattern.line_id]
            no_pickup, no_drop_off = int(stop.only == "alight"), int(stop.only == "board")
            yield (_trip_id(pattern), arrival, departure, stop_id, n, 0, no_pickup, no_drop_off)

    def transfers(self) -> list[Row]:
        """Transfers inside stations, between them, and through control points; of several between two stops the fastest."""
        seconds: dict[tuple[str, str], float] = {}
        for a, b, time_s in itertools.chain(self._inside(), self._between()):
            if a != b:
                seconds[a, b] = min(time_s, seconds.get((a, b), time_s))
        return [(a, b, 2, round(s)) for (a, b), s in sorted(seconds.items())]

    def _inside(self) -> Iterator[tuple[str, str, float]]:
        for station_id in self.platforms:
            listed = self.network.transfer_s.get(station_id)
            for a, b in itertools.permutations(self._doors(station_id), 2):
                inside = listed if listed is not None else a.alight_s + b.board_s
                yield a.stop_id, b.stop_id, inside + a.clear_s + b.clear_s

    def _between(self) -> Iterator[tuple[str, str, float]]:
        walks: dict[str, list[tuple[_Door, float]]] = {}
        for link in self.network.links:
            near, far = self._doors(link.a), self._doors(link.b)
            for a, b in itertools.product(near, far):
                yield a.stop_id, b.stop_id, a.out_s + link.walk_s + b.in_s
                yield b.stop_id, a.stop_id, b.out_s + link.walk_s + a.in_s
            for end, others in ((link.a, far), (link.b, near)):
                if "@" in end:
                    walks.setdefault(end, []).extend((door, link.walk_s) for door in others)
        for point in self.halls:
            ends = [hall(point.checkpoint_id, side) for side in self.network.sides]
            for here, there in itertools.permutations(ends):
                yield here, there, point.clearance_s
                for (a, to), (b, onward) in itertools.product(walks.get(here, []), walks.get(there, [])):
                    yield a.stop_id, b.stop_id, a.out_s + to + point.clearance_s + onward + b.in_s

    def _doors(self, place_id: str) -> list[_Door]:
        """The platforms of a station, or a hall itself."""
        if place_id not in self.platforms:
            return [_Door(place_id)] if "@" in place_id else []
        board_s, alight_s = BOARD_ALIGHT_S[self.network.stations[place_id].system]
        doors = {
            stop_id: _Door(stop_id, board_s, alight_s, self.clear_s.get((place_id, line_id), 0.0))
            for line_id, stop_id in self.platforms[place_id].items()
        }
        return list(doors.values())

    def pathways(self) -> Iterator[Row]:
        """From the street to each platform of a station at which a line clears; its clearance is in the time."""
        for station_id in self._cleared():
            board_s = BOARD_ALIGHT_S[self.network.stations[station_id].system][0]
            for line_id, stop_id in self.platforms[station_id].items():
                time_s = round(board_s + self.clear_s.get((station_id, line_id), 0.0))
                yield (f"{stop_id}/way", f"{station_id}/street", stop_id, 1, 1, time_s)

    def translations(self) -> Iterator[Row]:
        """Names of stops and lines in both Chinese scripts, where they differ from the English."""
        for station_id, by_line in self.platforms.items():
            for stop_id in dict.fromkeys([station_id, *by_line.values()]):
                yield from _translated("stops", "stop_name", stop_id, self.network.stations[station_id].names)
        for point in self.halls:
            for side in self.network.sides:
                yield from _translated("stops", "stop_name", hall(point.checkpoint_id, side), point.names)
        for line in self.routes:
            yield from _translated("routes", "route_long_name", line.line_id, line.names)


def _translated(table: str, field: str, record: str, names: Names) -> Iterator[Row]:
    for language, text in (("zh-Hant", names.zh_hant), ("zh-Hans", names.zh_hans)):
        if text and text != names.en:
            yield (table, field, language, text, record)


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


def _frequencies(pattern: Pattern) -> Iterator[Row]:
    for start, end, headway in _windows(pattern):
        yield (_trip_id(pattern), _clock(start), _clock(end), round(headway), 0)


def _lonlat(x_m: float, y_m: float) -> tuple[str, str]:
    lon, lat = project_xy(x_m, y_m, WORKING, WGS84)
    return f"{float(lat):.6f}", f"{float(lon):.6f}"


def _text_colour(colour: str) -> str:
    """White or black, whichever contrasts more (relative luminance, WCAG 2.1)."""
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


def _attributions(catalog: Catalog) -> Iterator[Row]:
    """Whose data is in the feed and under which terms, each pair once."""
    pairs = dict.fromkeys(
        f"{e.attribution or e.source} ({e.licence})" for e in catalog.entries if e.role in NETWORK_ROLES
    )
    for n, text in enumerate(pairs):
        yield (f"source-{n + 1}", text, 1)
