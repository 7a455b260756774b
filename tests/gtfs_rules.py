"""The rules of the GTFS Schedule reference that a network feed must keep, as a list of what breaks them.

Held: files and fields that must be there, unique and known ids, positions, colours, addresses, times that rise,
windows of frequencies that do not overlap, calendars, transfers and pathways. Not held: shapes, fares, and what the
reference only recommends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from corridor.core.errors import CorridorError
from corridor.importers.gtfs.day import parse_dates
from corridor.importers.gtfs.read import Feed, Finding, Findings, read_feed
from corridor.importers.gtfs.times import parse_clock
from corridor.schema.gtfs import WEEKDAYS

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "agency": ("agency_name", "agency_url", "agency_timezone"),
    "stops": ("stop_id",),
    "routes": ("route_id", "route_type"),
    "trips": ("route_id", "service_id", "trip_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence"),
    "calendar": ("service_id", *WEEKDAYS, "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
    "transfers": ("from_stop_id", "to_stop_id", "transfer_type"),
    "pathways": ("pathway_id", "from_stop_id", "to_stop_id", "pathway_mode", "is_bidirectional"),
    "translations": ("table_name", "field_name", "language", "translation"),
    "feed_info": ("feed_publisher_name", "feed_publisher_url", "feed_lang"),
    "attributions": ("organization_name",),
}
"""Fields that may not be empty, of files that must be there (the first five) or may."""
ALWAYS = ("agency", "stops", "routes", "trips", "stop_times")
KEYS: Mapping[str, tuple[str, ...]] = {
    "stops": ("stop_id",),
    "routes": ("route_id",),
    "trips": ("trip_id",),
    "stop_times": ("trip_id", "stop_sequence"),
    "calendar": ("service_id",),
    "calendar_dates": ("service_id", "date"),
    "frequencies": ("trip_id", "start_time"),
    "transfers": ("from_stop_id", "to_stop_id", "from_trip_id", "to_trip_id", "from_route_id", "to_route_id"),
    "pathways": ("pathway_id",),
}
REFERENCES: tuple[tuple[str, str, str, str], ...] = (
    ("stops", "parent_station", "stops", "stop_id"),
    ("trips", "route_id", "routes", "route_id"),
    ("stop_times", "trip_id", "trips", "trip_id"),
    ("stop_times", "stop_id", "stops", "stop_id"),
    ("frequencies", "trip_id", "trips", "trip_id"),
    ("transfers", "from_stop_id", "stops", "stop_id"),
    ("transfers", "to_stop_id", "stops", "stop_id"),
    *(("transfers", f"{end}_trip_id", "trips", "trip_id") for end in ("from", "to")),
    *(("transfers", f"{end}_route_id", "routes", "route_id") for end in ("from", "to")),
    ("pathways", "from_stop_id", "stops", "stop_id"),
    ("pathways", "to_stop_id", "stops", "stop_id"),
)
ALLOWED: tuple[tuple[str, str, str], ...] = (
    ("stops", "location_type", r"[0-4]?"),
    ("routes", "route_type", r"[0-7]|1[12]|1\d\d|[2-9]\d\d|1[0-7]\d\d"),
    ("routes", "route_color", r"([0-9A-Fa-f]{6})?"),
    ("routes", "route_text_color", r"([0-9A-Fa-f]{6})?"),
    ("trips", "direction_id", r"[01]?"),
    ("stop_times", "stop_sequence", r"\d+"),
    *(("stop_times", column, r"[0-3]?") for column in ("pickup_type", "drop_off_type")),
    *(("calendar", day, r"[01]") for day in WEEKDAYS),
    ("calendar_dates", "exception_type", r"[12]"),
    ("frequencies", "headway_secs", r"0*[1-9]\d*"),
    ("frequencies", "exact_times", r"[01]?"),
    ("transfers", "transfer_type", r"[0-5]?"),
    ("transfers", "min_transfer_time", r"\d*"),
    ("pathways", "pathway_mode", r"[1-7]"),
    ("pathways", "is_bidirectional", r"[01]"),
    ("pathways", "traversal_time", r"(0*[1-9]\d*)?"),
    ("agency", "agency_url", r"https?://\S+"),
    ("feed_info", "feed_publisher_url", r"https?://\S+"),
)
_BROKEN = "breaks the reference"


@dataclass
class Check:
    """A feed being checked, and what was found; empty where it keeps the rules."""

    feed: Feed
    findings: Findings = field(default_factory=Findings)

    def tell(self, table: str, what: str, items: Iterable[object] | int = 1) -> None:
        """Note what breaks a rule."""
        self.findings.note(f"{table}.txt", what, _BROKEN, items)

    @property
    def found(self) -> tuple[Finding, ...]:
        """What breaks the rules."""
        return tuple(self.findings.found)


def check_feed(path: Path) -> Findings:
    """Everything in a feed that breaks the rules; a feed that cannot be read at all is one finding."""
    findings = Findings()
    try:
        feed = read_feed(path, findings, needed={})
    except CorridorError as error:
        for problem in error.problems:
            findings.note(path.name, str(problem), _BROKEN)
        return findings
    check = Check(feed, findings)
    for rule in (
        _presence,
        _keys,
        _references,
        _cells,
        _agencies,
        _stops,
        _routes,
        _calls,
        _calendars,
        _frequencies,
    ):
        rule(check)
    _ways(check)
    return findings


def _presence(check: Check) -> None:
    for name in ALWAYS:
        if check.feed[name].empty:
            check.tell(name, "file missing or empty")
    if check.feed["calendar"].empty and check.feed["calendar_dates"].empty:
        check.tell("calendar", "neither calendar.txt nor calendar_dates.txt has rows")
    for name, columns in REQUIRED.items():
        table = check.feed[name]
        for column in columns:
            check.tell(name, f"{column} missing", int((table[column] == "").sum()))


def _keys(check: Check) -> None:
    for name, key in KEYS.items():
        table = check.feed[name]
        again = table.duplicated(list(key))
        check.tell(name, f"{', '.join(key)} twice", table[key[0]][again])


def _references(check: Check) -> None:
    for name, column, other, key in REFERENCES:
        values = check.feed[name][column]
        lost = (values != "") & ~values.isin(set(check.feed[other][key]))
        check.tell(name, f"{column} that is not known", values[lost])
    services = {*check.feed["calendar"]["service_id"], *check.feed["calendar_dates"]["service_id"]}
    values = check.feed["trips"]["service_id"]
    check.tell("trips", "service_id that is not known", values[~values.isin(services)])


def _cells(check: Check) -> None:
    for name, column, pattern in ALLOWED:
        values = check.feed[name][column]
        wrong = ~values.str.fullmatch(pattern).astype(bool) & (values != "")
        check.tell(name, f"{column} that is not allowed", values[wrong])


def _agencies(check: Check) -> None:
    agencies = check.feed["agency"]
    check.tell(
        "agency", "several time zones", len(set(agencies["agency_timezone"])) - 1 if len(agencies) else 0
    )
    zones = agencies["agency_timezone"]
    check.tell(
        "agency", "agency_timezone that is none", zones[~zones.map(_is_zone).astype(bool) & (zones != "")]
    )
    if len(agencies) > 1:
        check.tell(
            "agency", "agency_id missing where there are several", int((agencies["agency_id"] == "").sum())
        )
        known = set(agencies["agency_id"])
        named = check.feed["routes"]["agency_id"]
        check.tell("routes", "agency_id that is not known", named[~named.isin(known)])


def _is_zone(name: str) -> bool:
    from zoneinfo import available_timezones

    return name in available_timezones()


def _stops(check: Check) -> None:
    stops = check.feed["stops"]
    kind = stops["location_type"].replace("", "0")
    placed = kind.isin(["0", "1", "2"])
    lat, lon = (pd.to_numeric(stops[c], errors="coerce") for c in ("stop_lat", "stop_lon"))
    good = lat.abs().le(90) & lon.abs().le(180)
    check.tell("stops", "position missing or outside the earth", stops["stop_id"][placed & ~good])
    nowhere = good & (lat.abs() < 1) & (lon.abs() < 1)
    check.tell("stops", "position near 0,0", stops["stop_id"][placed & nowhere])
    check.tell("stops", "stop_name missing", stops["stop_id"][placed & (stops["stop_name"] == "")])
    check.tell(
        "stops", "station with a parent", stops["stop_id"][(kind == "1") & (stops["parent_station"] != "")]
    )
    orphan = kind.isin(["2", "3", "4"]) & (stops["parent_station"] == "")
    check.tell("stops", "entrance, node or boarding area without a parent", stops["stop_id"][orphan])
    wrong = kind.isin(["0", "2", "3"]) & (stops["parent_station"] != "")
    wrong &= stops["parent_station"].isin(stops["stop_id"][kind != "1"])
    check.tell("stops", "parent_station that is no station", stops["stop_id"][wrong])
    called = check.feed["stop_times"]["stop_id"]
    apart = called.isin(stops["stop_id"][kind != "0"])
    check.tell("stop_times", "call at a place that is no platform", called[apart])


def _routes(check: Check) -> None:
    routes = check.feed["routes"]
    unnamed = (routes["route_short_name"] == "") & (routes["route_long_name"] == "")
    check.tell("routes", "route without a name", routes["route_id"][unnamed])


def _calls(check: Check) -> None:
    raw = check.feed["stop_times"]
    calls = pd.DataFrame(
        {"trip_id": raw["trip_id"], "seq": pd.to_numeric(raw["stop_sequence"], errors="coerce")}
    )
    for name in ("arrival_time", "departure_time"):
        calls[name] = parse_clock(raw[name])
        bad = calls[name].isna() & (raw[name] != "")
        check.tell("stop_times", f"{name} that is not a clock time", raw[name][bad])
        check.tell(
            "stop_times",
            f"{name} without seconds",
            raw[name][raw[name].str.fullmatch(r"\d+:\d+").astype(bool)],
        )
    calls = calls.sort_values(["trip_id", "seq"], kind="stable")
    sizes = calls.groupby("trip_id").size()
    check.tell(
        "trips",
        "trip of fewer than two stops",
        [t for t in check.feed["trips"]["trip_id"] if sizes.get(t, 0) < 2],
    )
    first, last = ~calls["trip_id"].duplicated(), ~calls["trip_id"].duplicated(keep="last")
    untimed = (first | last) & (calls["arrival_time"].isna() | calls["departure_time"].isna())
    check.tell("stop_times", "first or last stop of a trip without a time", calls["trip_id"][untimed])
    check.tell(
        "stop_times",
        "departure before arrival",
        calls["trip_id"][calls["departure_time"] < calls["arrival_time"]],
    )
    before = calls["departure_time"].fillna(calls["arrival_time"]).groupby(calls["trip_id"]).ffill()
    falls = calls["arrival_time"] < before.groupby(calls["trip_id"]).shift()
    check.tell("stop_times", "arrival before the departure of the stop before", calls["trip_id"][falls])


def _calendars(check: Check) -> None:
    calendar = check.feed["calendar"]
    start, end = parse_dates(calendar["start_date"]), parse_dates(calendar["end_date"])
    check.tell(
        "calendar",
        "start_date or end_date that is no date",
        calendar["service_id"][start.isna() | end.isna()],
    )
    check.tell("calendar", "end_date before start_date", calendar["service_id"][end < start])
    dates = check.feed["calendar_dates"]
    check.tell("calendar_dates", "date that is none", dates["date"][parse_dates(dates["date"]).isna()])


def _frequencies(check: Check) -> None:
    raw = check.feed["frequencies"]
    frame = pd.DataFrame(
        {
            "trip_id": raw["trip_id"],
            "start": parse_clock(raw["start_time"]),
            "end": parse_clock(raw["end_time"]),
        }
    ).sort_values(["trip_id", "start"], kind="stable")
    check.tell(
        "frequencies",
        "window without a start, or that ends before it",
        frame["trip_id"][~(frame["end"] > frame["start"])],
    )
    reach = frame["end"].groupby(frame["trip_id"]).cummax().groupby(frame["trip_id"]).shift()
    check.tell("frequencies", "windows that overlap", frame["trip_id"][frame["start"] < reach])


def _ways(check: Check) -> None:
    transfers = check.feed["transfers"]
    timeless = (transfers["transfer_type"] == "2") & (transfers["min_transfer_time"] == "")
    check.tell("transfers", "type 2 without min_transfer_time", transfers["from_stop_id"][timeless])
    stops = check.feed["stops"]
    parent = dict(
        zip(
            stops["stop_id"],
            stops["parent_station"].where(stops["parent_station"] != "", stops["stop_id"]),
            strict=True,
        )
    )
    ways = check.feed["pathways"]
    apart = ways["from_stop_id"].map(parent) != ways["to_stop_id"].map(parent)
    check.tell(
        "pathways",
        "pathway between two stations",
        ways["pathway_id"][apart & ways["from_stop_id"].isin(parent)],
    )
    joined = {*ways["from_stop_id"], *ways["to_stop_id"]}
    with_ways = {parent[s] for s in joined if s in parent}
    left = stops["parent_station"].isin(with_ways) & ~stops["stop_id"].isin(joined)
    check.tell("pathways", "stop of a station with pathways that none reaches", stops["stop_id"][left])
