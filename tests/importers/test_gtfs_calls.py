"""Where and when a trip calls, and who may board or alight there."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.importers.gtfs.patterns import shared_run_s
from tests.gtfs_factory import SMALL, Files
from tests.importers.feed_lines import (
    CALLS,
    SOUTH_IS_OUTSIDE,
    calls,
    csv,
    hours,
    lines,
    lines_on,
    one_trip,
    runs,
    told,
)


@pytest.mark.parametrize(
    ("run", "leg", "expected"),
    [
        ([60, 0, 60], [1, 500, 500], [60, 30, 30]),  # the zero shares the next minute
        ([120, 0], [100, 300], [30, 90]),  # at the end, the one before
        ([0, 0, 90], [100, 200, 600], [10, 20, 60]),
    ],
)
def test_minutes_that_are_nought_are_shared(
    run: list[float], leg: list[float], expected: list[float]
) -> None:
    import numpy as np

    assert list(shared_run_s(np.array(run, float), np.array(leg, float))) == pytest.approx(expected)


def with_types(*types: str) -> Files:
    """A 08:00, B 08:05 to 08:05:30, C 08:09:30, D 08:15, with pickup_type,drop_off_type of each."""
    clocks = (("08:00:00", "08:00:00", "A1"), ("08:05:00", "08:05:30", "B"), ("08:09:30", "08:09:30", "C"),
              ("08:15:00", "08:15:00", "D"))  # fmt: skip
    rows = [f"o1,{a},{d},{s},{n},{t}" for n, ((a, d, s), t) in enumerate(zip(clocks, types, strict=True), 1)]
    stops = SMALL["stops.txt"] + "D,Delta,22.340,114.170,0,\n"
    return one_trip(csv(f"{CALLS},pickup_type,drop_off_type", *rows), stops=stops)


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
    found = lines(one_trip(csv(f"{CALLS},pickup_type,drop_off_type", *rows)), tmp_path)
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


def test_a_call_on_demand_is_no_call_of_a_timetable(tmp_path: Path) -> None:
    rows = ("o1,08:00:00,08:00:00,A1,1,", "o1,,,B,2,07:00:00", "o1,08:09:30,08:09:30,C,3,")
    found = lines(one_trip(csv(f"{CALLS},start_pickup_drop_off_window", *rows)), tmp_path)
    assert calls(found) == [("t-a", ""), ("t-c", "")]
    assert "on demand within a window of time" in told(found)


def test_a_timed_stop_outside_counts_for_those_inside(tmp_path: Path) -> None:
    """A is off the land, timed; B inside has no time: it is interpolated between A and C, not cut off."""
    rows = csv(CALLS, "o1,08:00:00,08:00:00,A1,1", "o1,,,B,2", "o1,08:09:20,08:09:20,C,3")
    stops = (
        SMALL["stops.txt"]
        .replace("22.300,114.170", "22.300,114.160")
        .replace("22.320,114.170", "22.320,114.160")
    )
    found = lines_on(one_trip(rows, stops=stops), tmp_path, SOUTH_IS_OUTSIDE)
    # halfway: 08:04:40
    assert calls(found) == [("t-b", ""), ("t-c", "")] and hours(found) == [("08:04", "08:04")]
    assert runs(found, "t-l-1") == [pytest.approx(280, abs=1)]


@pytest.mark.parametrize(("kind", "stop"), [("2", "A1"), ("", "A")])
def test_a_call_at_an_entrance_or_a_station_is_the_stations(kind: str, stop: str, tmp_path: Path) -> None:
    stops = SMALL["stops.txt"].replace("114.160,0,A\n", f"114.160,{kind or 0},A\n")
    calling = SMALL["stop_times.txt"].replace(",A1,", f",{stop},").replace(",A2,", f",{stop},")
    found = lines({**SMALL, "stops.txt": stops, "stop_times.txt": calling}, tmp_path)
    assert calls(found) == [("t-a", ""), ("t-b", ""), ("t-c", "")]
