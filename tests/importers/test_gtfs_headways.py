"""How often and from when to when a line runs, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from corridor.importers.gtfs.headways import Service, Window, service_of
from corridor.importers.gtfs.lines import clock_text
from corridor.network.service import PERIODS
from tests.gtfs_factory import SMALL, Files, more
from tests.importers.feed_lines import (
    CALLS,
    HOUR,
    SOUTH_IS_OUTSIDE,
    clock,
    csv,
    headways,
    hours,
    lines,
    lines_on,
    often,
    one_trip,
    runs,
    told,
)


def test_frequencies_take_the_place_of_clock_times(tmp_path: Path) -> None:
    rows = "trip_id,start_time,end_time,headway_secs\no1,06:00:00,07:30:00,600\no1,07:30:00,09:30:00,300\n"
    found = lines(more("frequencies.txt", rows), tmp_path)
    # o1 itself (08:00) is no departure; o2, o3 and o4 at 08:10, 08:20, 10:00 stand beside the windows
    assert headways(found, "t-l-1")["early"] == 600
    # 07:30 to 09:30: 7200 / 300 = 24, and 1 + 70/100 of the three trips: 7200 / 25.7 = 280.2
    assert headways(found, "t-l-1")["am_peak"] == 280
    assert found.tables["hours"].iloc[0]["first"] == "06:00"


@pytest.mark.parametrize(
    ("departures", "windows", "expected"),
    [
        # every 10 min from 07:00 to 08:30: 600 s in both periods that it touches
        (range(7 * HOUR, int(8.5 * HOUR) + 1, 600), [], (7.0, 8.5, {"early": 600, "am_peak": 600})),
        # a night bus at 23:00, 00:00 and 01:00 is one stretch
        ([23 * HOUR, 0, HOUR], [], (23.0, 25.0, {"late": 3600})),
        # the same with clocks past 24:00
        ([23 * HOUR, 24 * HOUR, 25 * HOUR], [], (23.0, 25.0, {"late": 3600})),
        # hourly day and night
        (range(0, 24 * HOUR, HOUR), [], (5.0, 29.0, {name: 3600 for name, _, _ in PERIODS})),
        # a window shorter than its headway keeps it
        ([], [(22 * HOUR, 22 * HOUR + 300, 900)], (22.0, 22 + 1 / 12, {"late": 900})),
        # No service between two windows, no headway at midday. 08:00 to 09:30 are 5400 s with 12 departures, 17:00 to
        # 19:00 are 7200 s with 6: what is served counts from first to last departure.
        (
            [],
            [(8 * HOUR, 9 * HOUR, 300), (18 * HOUR, 19 * HOUR, 600)],
            (8.0, 19.0, {"am_peak": 450, "pm_peak": 1200}),
        ),
    ],
)
def test_headways_by_hand(
    departures: range,
    windows: list[tuple[float, float, float]],
    expected: tuple[float, float, dict[str, float]],
) -> None:
    service = service_of(departures, [Window(*w) for w in windows])
    first, last, by_period = expected
    assert service.first_s == pytest.approx(first * HOUR) and service.last_s == pytest.approx(last * HOUR)
    assert service.headway_s == by_period
    assert isinstance(service, Service) and not service.assumed


def test_minutes_of_clock_texts() -> None:
    assert [clock_text(s) for s in (0, 29_999, 108_000)] == ["00:00", "08:19", "30:00"]


FROM_AFAR = csv(
    CALLS, "o1,00:00:00,00:00:00,A1,1", "o1,01:28:00,01:30:00,B,2", "o1,01:40:00,01:40:00,C,3"
)  # 90 min from A to the departure at B


def as_single_trips(last_s: int) -> Files:
    starts = range(6 * 3600, last_s + 1, 600)
    stops = (("A1", 0, 0), ("B", 5280, 5400), ("C", 6000, 6000))
    rows = [
        f"x{s},{clock(s + a)},{clock(s + d)},{stop},{n}"
        for s in starts
        for n, (stop, a, d) in enumerate(stops, 1)
    ]
    trips = csv("route_id,service_id,trip_id", *(f"L,wd,x{s}" for s in starts))
    return {**SMALL, "trips.txt": trips, "stop_times.txt": csv(CALLS, *rows)}


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


def test_departures_past_midnight_are_of_the_evening_before(tmp_path: Path) -> None:
    # 23:30, 24:30 and 25:10 leave in one night; the day of the line ends at 01:10
    rows = [
        f"n{n},{h}:{m}:00,{h}:{m}:00,{s},{i}"
        for n, (h, m) in enumerate(((23, 30), (24, 30), (25, 10)))
        for i, (s, m) in enumerate((("A1", m), ("C", m + 9)), 1)
    ]
    trips = csv("route_id,service_id,trip_id", "L,wd,n0", "L,wd,n1", "L,wd,n2")
    found = lines({**SMALL, "trips.txt": trips, "stop_times.txt": csv(CALLS, *rows)}, tmp_path)
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
    trips = csv("route_id,service_id,trip_id", *(f"L,wd,x{m}" for m in range(0, 60, 10)))
    found = lines({**SMALL, "trips.txt": trips, "stop_times.txt": csv(CALLS, *rows)}, tmp_path)
    # at B after 22:00 two departures in 20 min
    assert headways(found, "t-l-1") == {"evening": 600, "late": 600}
    assert hours(found) == [("21:00", "21:50")]
