"""The service day, the services of it, and clocks of another zone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from corridor.core.errors import LayerError
from corridor.importers.gtfs.day import running
from corridor.importers.gtfs.read import Findings, read_feed
from corridor.schema.region import shipped_region
from tests.gtfs_factory import SMALL, Files, changed, more, without, zipped
from tests.importers.feed_lines import csv, hours, lines, often, one_trip, told


def test_a_holiday_timetable_is_not_typical(tmp_path: Path) -> None:
    # On Wednesday 2026-01-07 alone a festival doubles the service: one of ten working days is just a tenth, which counts;
    # over four weeks it is one of twenty, which does not.
    extra = changed("trips.txt", "L,sa,o5\n", "L,fest,o5\n")
    extra["calendar_dates.txt"] = "service_id,date,exception_type\nfest,20260107,1\n"
    assert lines(extra, tmp_path).date == dt.date(2026, 1, 7)
    long = {**extra, "calendar.txt": extra["calendar.txt"].replace("20260118", "20260201")}
    assert lines(long, tmp_path).date == dt.date(2026, 1, 5)


def test_exceptions_take_a_service_off(tmp_path: Path) -> None:
    files = more("calendar_dates.txt", "service_id,date,exception_type\nwd,20260105,2\n")
    assert lines(files, tmp_path).date == dt.date(2026, 1, 6)
    with pytest.raises(
        LayerError, match=r"no trip runs on 2026-01-05; expected a day from 2026-01-05 to 2026-01-18"
    ):
        lines(files, tmp_path, date=dt.date(2026, 1, 5))


def test_a_stated_day(tmp_path: Path) -> None:
    found = lines(SMALL, tmp_path, date=dt.date(2026, 1, 10))  # Saturday: one trip at 11:00
    assert found.date == dt.date(2026, 1, 10)
    assert list(found.tables["hours"]["first"]) == ["11:00"]


def test_without_calendars_all_run(tmp_path: Path) -> None:
    found = lines(without("calendar.txt"), tmp_path)
    assert found.date is None and found.tables["patterns"]["trips"].sum() == 6
    assert "no day is given" in told(found)


def test_eighty_years_are_not_walked_through(tmp_path: Path) -> None:
    files = changed("calendar.txt", "20260118", "20991231")
    feed = read_feed(zipped(files, tmp_path / "f.zip"), Findings())
    day, active = running(feed, None, pd.Series({"wd": 5, "sa": 1}), Findings())
    assert day == dt.date(2026, 1, 5) and active == {"wd"}


def test_calendar_dates_alone(tmp_path: Path) -> None:
    # Mondays to Wednesdays of a week as single dates, Wednesday with a second service beside the first
    dates = csv("service_id,date,exception_type", *(f"wd,2026010{d},1" for d in (5, 6, 7)), "sa,20260107,1")
    files = {n: t for n, t in SMALL.items() if n != "calendar.txt"} | {"calendar_dates.txt": dates}
    found = lines(files, tmp_path)
    # one of three working days has 6 trips, which is more than a tenth of them: the fullest usual day
    assert found.date == dt.date(2026, 1, 7) and found.tables["patterns"]["trips"].sum() == 6
    assert lines(files, tmp_path, date=dt.date(2026, 1, 6)).tables["patterns"]["trips"].sum() == 5


def test_services_of_one_day_run_together(tmp_path: Path) -> None:
    """A day's line is all services that run then, from calendar and exceptions alike."""
    trips = SMALL["trips.txt"].replace("L,wd,o2", "L,extra,o2").replace("L,wd,o3", "L,dated,o3")
    calendar = SMALL["calendar.txt"] + "extra,1,0,0,0,0,0,0,20260105,20260118\n"
    dates = csv("service_id,date,exception_type", "dated,20260105,1", "dated,20260112,1")
    found = lines(
        {**SMALL, "trips.txt": trips, "calendar.txt": calendar, "calendar_dates.txt": dates}, tmp_path
    )
    # Mondays, a fifth of the working days, have all of o1 to o4 and b1
    assert found.date == dt.date(2026, 1, 5) and list(found.tables["patterns"]["trips"]) == [4, 1]


def test_a_day_is_as_full_as_its_departures_not_as_its_trips(tmp_path: Path) -> None:
    """One trip every 10 min from 06:00 to 22:00 is 96 departures; the three single trips of a strike are fewer."""
    trips = csv("route_id,service_id,trip_id", "L,wd,o1", "L,strike,o2", "L,strike,o3", "L,strike,o4")
    days = [f"wd,202601{d:02d},2" for d in (5, 6)] + [f"strike,202601{d:02d},1" for d in (5, 6)]
    dates = csv("service_id,date,exception_type", *days)
    files = {**SMALL, "trips.txt": trips, "calendar_dates.txt": dates, "frequencies.txt": often(0)}
    assert lines(files, tmp_path).date == dt.date(2026, 1, 7)


def test_a_holiday_that_swaps_services(tmp_path: Path) -> None:
    dates = csv("service_id,date,exception_type", "wd,20260105,2", "sa,20260105,1")
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
    assert ("unknown time zone" in told(found)) == bool(zone)


def test_a_study_elsewhere_has_its_own_clock(tmp_path: Path) -> None:
    region = replace_zone("Europe/London")
    found = lines(SMALL, tmp_path, region=region)
    assert hours(found)[0] == ("24:00", "26:00")  # 08:00 in Hong Kong is midnight in London


def replace_zone(zone: str) -> object:
    return shipped_region().model_copy(update={"time_zone": zone})
