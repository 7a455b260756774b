"""Feeds as agencies write them: each kind of rule of GTFS that changes who rides, when, and how one changes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from corridor.importers.gtfs.findings import Findings
from corridor.importers.gtfs.lines import Lines, lines_of
from corridor.importers.gtfs.patterns import FeedOptions
from corridor.importers.gtfs.read import read_feed
from corridor.schema.region import shipped_region
from corridor.study.folder import init
from tests.conftest import Cli
from tests.gtfs_factory import SMALL, Files, zipped
from tests.importers.test_gtfs_in import headways, lines, runs, told

CALLS = "trip_id,arrival_time,departure_time,stop_id,stop_sequence"


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def one_trip(stop_times: str, **files: str) -> Files:
    """Line L with trip o1 alone, A1 to C."""
    trips = table("route_id,service_id,trip_id", "L,wd,o1")
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


# --- who may board and alight


def with_types(*types: str) -> Files:
    """A 08:00, B 08:05 to 08:05:30, C 08:09:30, D 08:15, with pickup_type,drop_off_type of each."""
    clocks = (("08:00:00", "08:00:00", "A1"), ("08:05:00", "08:05:30", "B"), ("08:09:30", "08:09:30", "C"),
              ("08:15:00", "08:15:00", "D"))  # fmt: skip
    rows = [f"o1,{a},{d},{s},{n},{t}" for n, ((a, d, s), t) in enumerate(zip(clocks, types, strict=True), 1)]
    stops = SMALL["stops.txt"] + "D,Delta,22.340,114.170,0,\n"
    return one_trip(table(f"{CALLS},pickup_type,drop_off_type", *rows), stops=stops)


def test_a_stop_without_pickup_and_drop_off_is_passed(tmp_path: Path) -> None:
    found = lines(with_types("0,0", "1,1", "0,0", "0,0"), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-c", ""), ("t-d", "")]
    # 300 s, 30 s at B and 240 s are one run
    assert runs(found, "t-l-1") == [570, 330]


def test_stops_for_boarding_or_alighting_alone_say_so(tmp_path: Path) -> None:
    found = lines(with_types(",", "0,1", "1,0", ","), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", "board"), ("t-c", "alight"), ("t-d", "")]


def test_what_cannot_be_at_the_ends_is_cut_off(tmp_path: Path) -> None:
    # nobody boards at A and nobody alights at D: the line is B to C, from 08:05:30
    found = lines(with_types("1,0", "0,0", "0,0", "0,1"), tmp_path)
    assert calls(found) == [("t-b", ""), ("t-c", "")] and hours(found) == [("08:05", "08:05")]
    # the usual 0,1 at the first and 1,0 at the last stop say nothing new
    assert calls(lines(with_types("0,1", "0,0", "0,0", "1,0"), tmp_path))[0] == ("t-a", "")


def test_by_arrangement_is_taken_as_served_and_said(tmp_path: Path) -> None:
    found = lines(with_types("0,0", "2,3", "3,1", "0,0"), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", ""), ("t-c", "board"), ("t-d", "")]
    assert "2 x call by arrangement with agency or driver (types 2, 3) (e.g. B, C)" in told(found)


def test_stopping_anywhere_is_said(tmp_path: Path) -> None:
    routes = (
        SMALL["routes.txt"]
        .replace("route_color", "route_color,continuous_pickup")
        .replace("FF0000", "FF0000,0")
    )
    found = lines({**SMALL, "routes.txt": routes}, tmp_path)
    assert "route that stops anywhere (continuous_pickup) (e.g. L): served at its listed stops only" in told(
        found
    )
    assert calls(found) == calls(lines(SMALL, tmp_path))


def test_two_platforms_of_one_station_for_out_and_in_are_one_call(tmp_path: Path) -> None:
    rows = (
        "o1,08:00:00,08:00:00,B,1,0,0",
        "o1,08:05:00,08:05:00,A1,2,1,0",  # sets down at one platform,
        "o1,08:07:00,08:07:00,A2,3,0,1",  # and takes up at another
        "o1,08:12:00,08:12:00,C,4,0,0",
    )
    found = lines(one_trip(table(f"{CALLS},pickup_type,drop_off_type", *rows)), tmp_path)
    assert calls(found) == [("t-b", ""), ("t-a", ""), ("t-c", "")]
    assert list(found.tables["pattern_stops"]["dwell_s"]) == [0, 120, 0]


def test_trips_with_the_same_stops_and_other_rules_are_patterns_of_their_own(tmp_path: Path) -> None:
    rows = SMALL["stop_times.txt"].splitlines()
    typed = [f"{rows[0]},pickup_type", *(f"{r},{int(r.startswith('o2') and ',B,' in r)}" for r in rows[1:])]
    found = lines({**SMALL, "stop_times.txt": "\n".join(typed) + "\n"}, tmp_path)
    assert list(found.tables["patterns"]["trips"]) == [3, 1, 1]  # o1 o3 o4; o2, where nobody boards at B; b1
    assert calls(found, "t-l-2") == [("t-a", ""), ("t-b", "alight"), ("t-c", "")]


def test_a_trip_that_nobody_can_ride_is_left_out(tmp_path: Path) -> None:
    rows = SMALL["stop_times.txt"].splitlines()
    typed = [f"{rows[0]},pickup_type", *(f"{r},{int(r.startswith('b1'))}" for r in rows[1:])]
    found = lines({**SMALL, "stop_times.txt": "\n".join(typed) + "\n"}, tmp_path)
    assert len(found.tables["patterns"]) == 1
    assert "trip that nobody can board and leave again (e.g. b1): left out" in told(found)


# --- frequencies of trips that begin outside the study


def often(exact: int, *rows: str) -> str:
    header = "trip_id,start_time,end_time,headway_secs,exact_times"
    return table(header, *(f"{r},{exact}" for r in rows or ("o1,06:00:00,22:00:00,600",)))


FROM_AFAR = table(
    CALLS, "o1,00:00:00,00:00:00,A1,1", "o1,01:28:00,01:30:00,B,2", "o1,01:40:00,01:40:00,C,3"
)  # 90 min from A to the departure at B


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:00"


def as_single_trips(last_s: int) -> Files:
    starts = range(6 * 3600, last_s + 1, 600)
    stops = (("A1", 0, 0), ("B", 5280, 5400), ("C", 6000, 6000))
    rows = [
        f"x{s},{clock(s + a)},{clock(s + d)},{stop},{n}"
        for s in starts
        for n, (stop, a, d) in enumerate(stops, 1)
    ]
    trips = table("route_id,service_id,trip_id", *(f"L,wd,x{s}" for s in starts))
    return {**SMALL, "trips.txt": trips, "stop_times.txt": table(CALLS, *rows)}


SOUTH_IS_OUTSIDE = land_without(south_of=2_465_500)  # A at 22.28 N is off the study's land


@pytest.mark.parametrize(
    ("exact", "last", "single_until"),
    # without exact times departures go on until 22:00; with them the last is 21:50, ten minutes before the end
    [(0, "23:30", 22 * 3600), (1, "23:20", 22 * 3600 - 600)],
)
def test_windows_are_those_of_the_first_stop_inside(
    exact: int, last: str, single_until: int, tmp_path: Path
) -> None:
    found = lines_on(one_trip(FROM_AFAR, frequencies=often(exact)), tmp_path, SOUTH_IS_OUTSIDE)
    # 06:00 to 22:00 at A is 07:30 to 23:30 at B
    assert hours(found) == [("07:30", last)]
    assert set(headways(found, "t-l-1").values()) == {600}
    written_out = lines_on(as_single_trips(single_until), tmp_path, SOUTH_IS_OUTSIDE)
    assert hours(written_out) == hours(found) and runs(written_out, "t-l-1") == runs(found, "t-l-1")
    assert headways(written_out, "t-l-1") == headways(found, "t-l-1")


def test_windows_of_several_headways_move_together(tmp_path: Path) -> None:
    windows = often(0, "o1,06:00:00,08:00:00,1200", "o1,08:00:00,18:00:00,300")
    found = lines_on(one_trip(FROM_AFAR, frequencies=windows), tmp_path, SOUTH_IS_OUTSIDE)
    # at B 07:30 to 09:30 every 20 min, which is the morning peak; then every 5 min until 19:30, the end of the evening's
    assert headways(found, "t-l-1") == {"am_peak": 1200, "midday": 300, "pm_peak": 300}
    assert hours(found) == [("07:30", "19:30")]


@pytest.mark.parametrize("lost", ["A1 without a position", "A1 is not in stops.txt", "nobody boards at A1"])
def test_whatever_takes_the_first_stop_away_the_window_moves(lost: str, tmp_path: Path) -> None:
    files = one_trip(FROM_AFAR, frequencies=often(0))
    if lost == "A1 without a position":
        stops = files["stops.txt"].replace("22.280,114.160", ",")
        files = {**files, "stops.txt": stops}
    elif lost == "A1 is not in stops.txt":
        files = {**files, "stop_times.txt": FROM_AFAR.replace(",A1,", ",Z,")}
    else:
        rows = FROM_AFAR.splitlines()
        typed = [f"{rows[0]},pickup_type", f"{rows[1]},1", f"{rows[2]},0", f"{rows[3]},0"]
        files = {**files, "stop_times.txt": "\n".join(typed) + "\n"}
    assert hours(lines(files, tmp_path)) == [("07:30", "23:30")]


def test_a_window_past_midnight_at_the_first_stop_inside(tmp_path: Path) -> None:
    night = often(0, "o1,20:00:00,24:00:00,1800")
    assert hours(lines_on(one_trip(FROM_AFAR, frequencies=night), tmp_path, SOUTH_IS_OUTSIDE)) == [
        ("21:30", "25:30")
    ]


def test_overlapping_windows_are_cut_not_lost(tmp_path: Path) -> None:
    """A peak beside the whole day, in either order: the shorter headway while it lasts, then the other."""
    day, peak = "o1,07:30:00,22:00:00,600", "o1,07:30:00,09:30:00,300"
    for rows in ((day, peak), (peak, day)):
        found = lines(one_trip(SMALL["stop_times.txt"], frequencies=often(0, *rows)), tmp_path)
        assert hours(found) == [("07:30", "22:00")] and "begins when that one ends" in told(found)
        by_period = headways(found, "t-l-1")
        assert (by_period["am_peak"], by_period["midday"]) == (300, 600)


def test_a_call_on_demand_is_no_call_of_a_timetable(tmp_path: Path) -> None:
    rows = ("o1,08:00:00,08:00:00,A1,1,", "o1,,,B,2,07:00:00", "o1,08:09:30,08:09:30,C,3,")
    found = lines(one_trip(table(f"{CALLS},start_pickup_drop_off_window", *rows)), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-c", "")]
    assert "on demand within a window of time" in told(found)


# --- services and days


def test_calendar_dates_alone(tmp_path: Path) -> None:
    # Mondays to Wednesdays of a week as single dates, Wednesday with a second service beside the first
    dates = table("service_id,date,exception_type", *(f"wd,2026010{d},1" for d in (5, 6, 7)), "sa,20260107,1")
    files = {n: t for n, t in SMALL.items() if n != "calendar.txt"} | {"calendar_dates.txt": dates}
    found = lines(files, tmp_path)
    # one of three working days has 6 trips, which is more than a tenth of them: the fullest usual day
    assert found.date == dt.date(2026, 1, 7) and found.tables["patterns"]["trips"].sum() == 6
    assert lines(files, tmp_path, date=dt.date(2026, 1, 6)).tables["patterns"]["trips"].sum() == 5


def test_services_of_one_day_run_together(tmp_path: Path) -> None:
    """A day's line is all services that run then, from calendar and exceptions alike."""
    trips = SMALL["trips.txt"].replace("L,wd,o2", "L,extra,o2").replace("L,wd,o3", "L,dated,o3")
    calendar = SMALL["calendar.txt"] + "extra,1,0,0,0,0,0,0,20260105,20260118\n"
    dates = table("service_id,date,exception_type", "dated,20260105,1", "dated,20260112,1")
    found = lines(
        {**SMALL, "trips.txt": trips, "calendar.txt": calendar, "calendar_dates.txt": dates}, tmp_path
    )
    # Mondays, a fifth of the working days, have all of o1 to o4 and b1
    assert found.date == dt.date(2026, 1, 5) and list(found.tables["patterns"]["trips"]) == [4, 1]


def test_a_day_is_as_full_as_its_departures_not_as_its_trips(tmp_path: Path) -> None:
    """One trip every 10 min from 06:00 to 22:00 is 96 departures; the three single trips of a strike are fewer."""
    trips = table("route_id,service_id,trip_id", "L,wd,o1", "L,strike,o2", "L,strike,o3", "L,strike,o4")
    days = [f"wd,202601{d:02d},2" for d in (5, 6)] + [f"strike,202601{d:02d},1" for d in (5, 6)]
    dates = table("service_id,date,exception_type", *days)
    files = {**SMALL, "trips.txt": trips, "calendar_dates.txt": dates, "frequencies.txt": often(0)}
    assert lines(files, tmp_path).date == dt.date(2026, 1, 7)


def test_a_holiday_that_swaps_services(tmp_path: Path) -> None:
    dates = table("service_id,date,exception_type", "wd,20260105,2", "sa,20260105,1")
    found = lines({**SMALL, "calendar_dates.txt": dates}, tmp_path)
    assert found.date == dt.date(2026, 1, 6)
    on_it = lines({**SMALL, "calendar_dates.txt": dates}, tmp_path, date=dt.date(2026, 1, 5))
    assert list(on_it.tables["hours"]["first"]) == ["11:00"]  # Monday the 5th runs as a Saturday


def test_a_line_that_does_not_run_on_the_day_is_named(tmp_path: Path) -> None:
    files = {
        **SMALL,
        "routes.txt": SMALL["routes.txt"] + "S,op,S,Seasonal,3,\n",
        "trips.txt": SMALL["trips.txt"] + "S,sa,s1\n",
        "stop_times.txt": SMALL["stop_times.txt"] + "s1,09:00:00,09:00:00,A1,1\ns1,09:20:00,09:20:00,C,2\n",
    }
    found = lines(files, tmp_path)
    assert list(found.tables["lines"]["gtfs_route_id"]) == ["L"]
    assert "line without a trip on the service day (e.g. S): left out" in told(found)


def test_departures_past_midnight_are_of_the_evening_before(tmp_path: Path) -> None:
    # 23:30, 24:30 and 25:10 leave in one night; the day of the line ends at 01:10
    rows = [
        f"n{n},{h}:{m}:00,{h}:{m}:00,{s},{i}"
        for n, (h, m) in enumerate(((23, 30), (24, 30), (25, 10)))
        for i, (s, m) in enumerate((("A1", m), ("C", m + 9)), 1)
    ]
    trips = table("route_id,service_id,trip_id", "L,wd,n0", "L,wd,n1", "L,wd,n2")
    found = lines({**SMALL, "trips.txt": trips, "stop_times.txt": table(CALLS, *rows)}, tmp_path)
    assert hours(found) == [("23:30", "25:10")]
    # two gaps in 6000 s: 3000 s
    assert headways(found, "t-l-1") == {"late": 3000}


def test_the_last_departures_have_a_headway_where_they_come_later(tmp_path: Path) -> None:
    """From A every 10 min from 21:00 to 21:50, half an hour later from B: 21:30 to 22:20, into the next period."""
    rows = [
        f"x{m},{h},{h},{s},{n}"
        for m in range(0, 60, 10)
        for n, (s, after) in enumerate((("A1", 0), ("B", 1800), ("C", 3000)), 1)
        for h in [clock(21 * 3600 + 60 * m + after)]
    ]
    trips = table("route_id,service_id,trip_id", *(f"L,wd,x{m}" for m in range(0, 60, 10)))
    found = lines({**SMALL, "trips.txt": trips, "stop_times.txt": table(CALLS, *rows)}, tmp_path)
    # at B after 22:00 two departures in 20 min
    assert headways(found, "t-l-1") == {"evening": 600, "late": 600}
    assert hours(found) == [("21:00", "21:50")]


# --- clocks of another zone


def in_zone(zone: str, calendar: str = "20260105,20260118") -> Files:
    agency = SMALL["agency.txt"].replace("Asia/Hong_Kong", zone)
    days = SMALL["calendar.txt"].replace("20260105,20260118", calendar).replace("0,0,2026032", "1,1,2026032")
    day_long = often(0)
    return one_trip(SMALL["stop_times.txt"], agency=agency, calendar=days, frequencies=day_long)


@pytest.mark.parametrize(
    ("zone", "calendar", "expected"),
    [
        # 06:00 to 22:00 in London is 14:00 to 06:00 here in January, and 13:00 to 05:00 under summer time in July
        ("Europe/London", "20260105,20260118", ("14:00", "30:00")),
        ("Europe/London", "20260706,20260719", ("13:00", "29:00")),
        # clocks go forward at 01:00 on this Sunday; times count from noon less 12 hours, so 06:00 is already summer time
        ("Europe/London", "20260329,20260329", ("13:00", "29:00")),
        # Tokyo is an hour ahead: 05:00 to 21:00
        ("Asia/Tokyo", "20260105,20260118", ("05:00", "21:00")),
        # other names of the same clock change nothing
        ("Asia/Shanghai", "20260105,20260118", ("06:00", "22:00")),
        ("Hongkong", "20260105,20260118", ("06:00", "22:00")),
    ],
)
def test_another_time_zone_is_turned(
    zone: str, calendar: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    found = lines(in_zone(zone, calendar), tmp_path)
    assert hours(found) == [expected]
    moved = expected != ("06:00", "22:00")
    assert (f"times of {zone}" in told(found)) == moved
    if zone == "Europe/London" and expected[0] == "14:00":
        assert (
            "times of Europe/London, -8 h from Asia/Hong_Kong on 2026-01-05: turned into the study's"
            in told(found)
        )


def test_single_trips_turn_too(tmp_path: Path) -> None:
    agency = SMALL["agency.txt"].replace("Asia/Hong_Kong", "Europe/London")
    found = lines({**SMALL, "agency.txt": agency}, tmp_path)
    # 08:00 to 10:00 and 24:30 in London in January
    assert hours(found) == [("16:00", "18:00"), ("08:30", "08:30")]


def test_the_zone_of_a_stop_does_not_count(tmp_path: Path) -> None:
    stops = SMALL["stops.txt"].replace("parent_station\n", "parent_station,stop_timezone\n")
    stops = "\n".join(r if n == 0 else f"{r},Europe/London" for n, r in enumerate(stops.splitlines())) + "\n"
    assert hours(lines({**SMALL, "stops.txt": stops}, tmp_path)) == hours(lines(SMALL, tmp_path))


def test_each_agency_has_its_zone(tmp_path: Path) -> None:
    """One feed, two agencies: against the reference, and met in merged feeds."""
    files = {
        **SMALL,
        "agency.txt": SMALL["agency.txt"] + "jp,Other,https://example.org/,Asia/Tokyo\n",
        "routes.txt": SMALL["routes.txt"] + "S,jp,S,Second,1,\n",
        "trips.txt": SMALL["trips.txt"].replace("L,wd,b1", "S,wd,b1"),
    }
    assert hours(lines(files, tmp_path)) == [("08:00", "10:00"), ("23:30", "23:30")]


@pytest.mark.parametrize("zone", ["", "Asia/Hongkong City"])
def test_a_zone_that_is_none_is_taken_as_the_studys(zone: str, tmp_path: Path) -> None:
    found = lines({**SMALL, "agency.txt": SMALL["agency.txt"].replace("Asia/Hong_Kong", zone)}, tmp_path)
    assert hours(found)[0] == ("08:00", "10:00")
    assert ("time zone that is none" in told(found)) == bool(zone)


def test_a_study_elsewhere_has_its_own_clock(tmp_path: Path) -> None:
    region = replace_zone("Europe/London")
    found = lines(SMALL, tmp_path, region=region)
    assert hours(found)[0] == ("24:00", "26:00")  # 08:00 in Hong Kong is midnight in London


def replace_zone(zone: str) -> object:
    return shipped_region().model_copy(update={"time_zone": zone})


# --- one direction


def test_a_feed_of_one_direction_says_that_there_is_no_way_back(tmp_path: Path) -> None:
    found = lines(one_trip(SMALL["stop_times.txt"]), tmp_path)
    assert (
        "line that runs one way only (e.g. L): kept; there is no way back by any line of this feed"
        in told(found)
    )
    assert list(found.tables["patterns"]["direction"]) == ["forward"]


def test_a_way_back_by_the_other_side_of_the_road_or_another_line_counts(tmp_path: Path) -> None:
    assert "one way only" not in told(lines(SMALL, tmp_path))
    stops = (
        SMALL["stops.txt"] + "Cx,Gamma opposite,22.3205,114.1705,0,\nAx,Alpha opposite,22.2805,114.1605,0,\n"
    )
    files = {
        **SMALL,
        "stops.txt": stops,
        "routes.txt": SMALL["routes.txt"] + "R,op,R,Return,3,\n",
        "trips.txt": table("route_id,service_id,trip_id", "L,wd,o1", "R,wd,r1"),
        "stop_times.txt": SMALL["stop_times.txt"] + "r1,09:00:00,09:00:00,Cx,1\nr1,09:20:00,09:20:00,Ax,2\n",
    }
    assert "one way only" not in told(lines(files, tmp_path))


def test_a_ring_leads_back(tmp_path: Path) -> None:
    ring = table(
        CALLS,
        *(f"o1,08:{m:02d}:00,08:{m:02d}:00,{s},{m}" for m, s in ((0, "A1"), (5, "B"), (10, "C"), (20, "A1"))),
    )
    assert "one way only" not in told(lines(one_trip(ring), tmp_path))


# --- changes

CHANGES = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id,to_route_id,from_trip_id,to_trip_id"


def changes(tmp_path: Path, *rows: str) -> tuple[dict[tuple[str, str], float], str]:
    found = lines({**SMALL, "transfers.txt": table(CHANGES, *rows)}, tmp_path)
    if "interchanges" not in found.tables:
        return {}, told(found)
    walks = found.tables["interchanges"].set_index(["from_station", "to_station"])["walk_s"]
    return dict(walks), told(found)


def test_rules_of_single_routes_and_trips_do_not_speak_for_all(tmp_path: Path) -> None:
    special = ("A1,B,2,1200,L,,,", "A1,B,2,900,,,o1,b1", "A1,B,3,,L,L,,")
    found, said = changes(tmp_path, *special, "A1,B,2,480,,,,")
    # 480 s less 60 s and 120 s on the platforms, whatever the others say
    assert found == {("t-a", "t-b"): 300}
    assert "3 x rule for single routes or trips (e.g. A1): left out" in said
    assert changes(tmp_path, *special)[0] == {}


def test_a_rule_for_the_station_counts_before_those_of_platforms(tmp_path: Path) -> None:
    found, _ = changes(tmp_path, "A,A,2,300,,,,", "A1,A2,2,60,,,,", "A,B,2,480,,,,", "A2,B,2,1200,,,,")
    assert found == {("t-a", "t-a"): 300, ("t-a", "t-b"): 300}


def test_a_rule_without_a_time_leaves_those_that_have_one(tmp_path: Path) -> None:
    assert changes(tmp_path, "A,B,0,,,,,", "A2,B,2,480,,,,")[0] == {("t-a", "t-b"): 300}


def test_one_pair_of_platforms_does_not_speak_for_the_station(tmp_path: Path) -> None:
    stops = SMALL["stops.txt"] + "A3,Alpha platform 3,22.280,114.160,0,A\n"
    files = {**SMALL, "stops.txt": stops, "transfers.txt": table(CHANGES, "A1,A2,2,600,,,,")}
    walks = lines(files, tmp_path).tables["interchanges"]
    # three pairs of platforms: one at 600 s, two at the metro's usual 120 + 60 s
    assert list(walks["walk_s"]) == [320]


def test_a_stop_of_its_own_states_its_change(tmp_path: Path) -> None:
    assert changes(tmp_path, "B,B,2,200,,,,")[0] == {("t-b", "t-b"): 200}


def test_timed_and_impossible_changes(tmp_path: Path) -> None:
    found, said = changes(tmp_path, "B,C,1,,,,,", "A1,C,3,,,,,")
    # B to C is 2215 m: 2215 x 1.3 / 1.2 = 2400 s on foot, since a vehicle that waits states no walk
    assert found == {("t-b", "t-c"): pytest.approx(2400, rel=0.002)}
    assert "change that is not possible" in said


# --- keeping one's seat


def seated(change: str = "4", second_route: str = "L", third_day: str = "sa") -> Files:
    """p1 from A to B, p2 on from B to C two minutes later; on Saturdays p3 in its place, or on the same day."""
    rows = (
        "p1,08:00:00,08:00:00,A1,1",
        "p1,08:05:00,08:05:00,B,2",
        "p2,08:07:00,08:07:00,B,1",
        "p2,08:11:00,08:11:00,C,2",
        "p3,08:07:00,08:07:00,B,1",
        "p3,08:13:00,08:13:00,C,2",
    )
    return {
        **SMALL,
        "routes.txt": SMALL["routes.txt"] + "M,op,M,Other,1,\n",
        "trips.txt": table(
            "route_id,service_id,trip_id,block_id",
            "L,wd,p1,k",
            f"{second_route},wd,p2,k",
            f"M,{third_day},p3,",
        ),
        "stop_times.txt": table(CALLS, *rows),
        "transfers.txt": table(CHANGES, f"B,B,{change},,,,p1,p2", "B,B,4,,,,p1,p3"),
    }


def test_who_stays_seated_rides_through(tmp_path: Path) -> None:
    found = lines(seated(), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", ""), ("t-c", "")]
    assert runs(found, "t-l-1") == [300, 240] and list(found.tables["pattern_stops"]["dwell_s"]) == [
        0,
        120,
        0,
    ]
    assert "interchanges" not in found.tables  # a rule of two trips is none of the station's


@pytest.mark.parametrize(
    ("files", "patterns"),
    [(seated("5"), 2), (seated(""), 2), (seated("4", "M"), 2), (seated("4", third_day="wd"), 3)],
)
def test_others_change(files: Files, patterns: int, tmp_path: Path) -> None:
    """Not to be kept (5), not said (a block alone), another line, or a vehicle that goes on as two."""
    assert len(lines(files, tmp_path).tables["patterns"]) == patterns


def test_what_cannot_be_joined_is_said(tmp_path: Path) -> None:
    said = told(lines(seated("4", "M"), tmp_path))
    assert "stay-seated change" in said and "too long rather than too short" in said


# --- stops outside, and times between


def test_a_timed_stop_outside_counts_for_those_inside(tmp_path: Path) -> None:
    """A is off the land, timed; B inside has no time: it is interpolated between A and C, not cut off."""
    rows = table(CALLS, "o1,08:00:00,08:00:00,A1,1", "o1,,,B,2", "o1,08:09:20,08:09:20,C,3")
    stops = (
        SMALL["stops.txt"]
        .replace("22.300,114.170", "22.300,114.160")
        .replace("22.320,114.170", "22.320,114.160")
    )
    found = lines_on(one_trip(rows, stops=stops), tmp_path, SOUTH_IS_OUTSIDE)
    # halfway: 08:04:40
    assert calls(found) == [("t-b", ""), ("t-c", "")] and hours(found) == [("08:04", "08:04")]
    assert runs(found, "t-l-1") == [pytest.approx(280, abs=1)]


# --- files as they are written


def recast(separator: str, header: bool = True) -> Files:
    return {n: t.replace(",", separator) for n, t in SMALL.items()}


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_read_and_said(mark: str, tmp_path: Path) -> None:
    found = lines(recast(mark), tmp_path)
    assert list(found.tables["patterns"]["trips"]) == [4, 1]
    assert f"columns separated by {mark!r}" in told(found)


def test_decimal_commas(tmp_path: Path) -> None:
    files = recast(";")
    stops = files["stops.txt"].replace("22.", "22,").replace("114.", "114,")
    found = lines({**files, "stops.txt": stops}, tmp_path)
    assert found.tables["stations"]["lat"].tolist() == [22.28, 22.3, 22.32]
    assert "decimal comma" in told(found)


def test_a_mark_in_a_comma_file_is_a_letter(tmp_path: Path) -> None:
    found = lines(
        {**SMALL, "stops.txt": SMALL["stops.txt"].replace("B,Beta", "B,Beta; north|side")}, tmp_path
    )
    assert "Beta; north|side" in set(found.tables["stations"]["name_en"])


def test_spaces_around_headers_and_cells(tmp_path: Path) -> None:
    """As some railways write: a space after every comma, quotes after it too."""
    spaced = {n: t.replace(",", " ,  ") for n, t in SMALL.items()}
    spaced["stops.txt"] = spaced["stops.txt"].replace("Beta", '"Beta, the north"')
    found = lines({n: "\ufeff" + t for n, t in spaced.items()}, tmp_path)
    assert list(found.tables["patterns"]["trips"]) == [4, 1]
    assert "Beta, the north" in set(found.tables["stations"]["name_en"])
    assert "more cells than the header" not in told(found)


def test_blank_lines_anywhere(tmp_path: Path) -> None:
    gaps = {n: t.replace("\n", "\n\n   \n") for n, t in SMALL.items()}
    assert list(lines(gaps, tmp_path).tables["patterns"]["trips"]) == [4, 1]


@pytest.mark.parametrize(("kind", "stop"), [("2", "A1"), ("", "A")])
def test_a_call_at_an_entrance_or_a_station_is_the_stations(kind: str, stop: str, tmp_path: Path) -> None:
    stops = SMALL["stops.txt"].replace("114.160,0,A\n", f"114.160,{kind or 0},A\n")
    calling = SMALL["stop_times.txt"].replace(",A1,", f",{stop},").replace(",A2,", f",{stop},")
    found = lines({**SMALL, "stops.txt": stops, "stop_times.txt": calling}, tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", ""), ("t-c", "")]


# --- into a study


def test_a_study_rides_as_the_feed_says(cli: Cli, tmp_path: Path) -> None:
    """Nobody leaves at B: to B one goes on to C and walks back, or goes another way, never by the line itself."""
    mine = tmp_path / "mine"
    init(mine)
    rows = ("o1,08:00:00,08:00:00,A1,1,0", "o1,08:05:00,08:05:30,B,2,1", "o1,08:09:30,08:09:30,C,3,0")
    often_enough = often(0, "o1,06:00:00,22:00:00,60")
    feed = one_trip(table(f"{CALLS},drop_off_type", *rows), frequencies=often_enough)
    added = cli("--study", mine, "layers", "add", "gtfs", zipped(feed, tmp_path / "f.zip"))
    assert added.exit_code == 0, added.output
    written = pd.read_csv(mine / "layers" / "gtfs-f" / "pattern_stops.csv")
    assert list(written["only"].fillna("")) == ["", "board", ""]
    legs = {
        to: json.loads(cli("--study", mine, "journey", "f-a", to, "--at", "08:00", "--json").output)["legs"]
        for to in ("f-b", "f-c")
    }
    rode = {to: [leg["to_name"] for leg in found if "f-l" in leg["lines"]] for to, found in legs.items()}
    assert rode["f-c"] == ["Gamma"] and "Beta" not in rode["f-b"]
