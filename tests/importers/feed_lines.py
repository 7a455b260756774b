"""The lines that come out of a small feed, and what tests ask of them."""

from __future__ import annotations

from pathlib import Path

from corridor.importers.gtfs.lines import Lines, lines_of
from corridor.importers.gtfs.patterns import FeedOptions
from corridor.importers.gtfs.read import Findings, read_feed
from tests.gtfs_factory import SMALL, Files, zipped

HOUR = 3600


def lines(files: Files, tmp_path: Path, **wishes: object) -> Lines:
    """The lines of a feed in which every place is in Hong Kong."""
    findings = Findings()
    feed = read_feed(zipped(files, tmp_path / "feed.zip"), findings)
    return lines_of(feed, FeedOptions("t", **wishes), lambda x, y: "hk", findings)  # type: ignore[arg-type]


def runs(found: Lines, pattern: str) -> list[float]:
    stops = found.tables["pattern_stops"]
    return list(stops[stops["pattern_id"] == pattern]["run_s"].dropna())


def headways(found: Lines, pattern: str) -> dict[str, float]:
    rows = found.tables["headways"]
    return dict(zip(*(rows[rows["pattern_id"] == pattern][c] for c in ("period", "headway_s")), strict=True))


def told(found: Lines) -> str:
    return str(found.findings)


CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"


def csv(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def one_trip(stop_times: str, **files: str) -> Files:
    """Line L with trip o1 alone, A1 to C."""
    trips = csv("route_id,service_id,trip_id", "L,wd,o1")
    return {**SMALL, "trips.txt": trips, "stop_times.txt": stop_times} | {
        f"{n}.txt": t for n, t in files.items()
    }


def hours(found: Lines) -> list[tuple[str, str]]:
    rows = found.tables["hours"]
    return list(zip(rows["first"], rows["last"], strict=True))


def calls(found: Lines, pattern: str = "t-l-1") -> list[tuple[str, str]]:
    rows = found.tables["pattern_stops"]
    rows = rows[rows["pattern_id"] == pattern]
    return list(zip(rows["station_id"], rows["only"], strict=True))


def land_without(south_of: float | None = None, north_of: float | None = None) -> object:
    """Sides of a study whose land ends at a northing."""

    def side(x: float, y: float) -> str | None:
        off = (south_of is not None and y < south_of) or (north_of is not None and y > north_of)
        return None if off else "hk"

    return side


def lines_on(files: Files, tmp_path: Path, side: object) -> Lines:
    findings = Findings()
    feed = read_feed(zipped(files, tmp_path / "feed.zip"), findings)
    return lines_of(feed, FeedOptions("t"), side, findings)  # type: ignore[arg-type]


def often(exact: int, *rows: str) -> str:
    header = "trip_id,start_time,end_time,headway_secs,exact_times"
    return csv(header, *(f"{r},{exact}" for r in rows or ("o1,06:00:00,22:00:00,600",)))


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:00"


SOUTH_IS_OUTSIDE = land_without(south_of=2_465_500)  # A at 22.28 N is off the study's land
