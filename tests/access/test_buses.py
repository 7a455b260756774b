"""Local buses by hand and from tables: walk, wait, ride, change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from corridor.network.bus import BusNetwork
from corridor.network.service import PERIODS
from tests.bus_factory import EIGHT, TWO_STOPS, WALK, A, B, Route, buses, seconds

HOME, WORK = (900.0, 5000.0), (4120.0, 5000.0)  # 100 m before the one stop, 120 m after the other


# --- by hand -----------------------------------------------------------------------------------


def test_walk_board_wait_ride_walk():
    # 100 m on foot, 30 s, half of 600 s, 600 s of riding, 120 m on foot: 108.33 + 30 + 300 + 600 + 130 = 1168.33
    net = buses(TWO_STOPS, [Route((0, 1), (600,), 600)])
    assert seconds(net, HOME, WORK) == pytest.approx(1168.33, abs=0.01)


def test_a_one_way_route_leads_one_way():
    net = buses(TWO_STOPS, [Route((0, 1), (600,), 600)])
    assert seconds(net, WORK, HOME) == np.inf


def test_common_lines_share_the_wait():
    # two of 600 s: a quarter of it, 150 s, in place of 300
    two = [Route((0, 1), (600,), 600), Route((0, 1), (600,), 600)]
    assert seconds(buses(TWO_STOPS, two), A, B) == pytest.approx(30 + 150 + 600, abs=0.05)
    # a fast bus every 60 min that takes 10, a slow one every 6 min that takes 30: (0.5 + 10/60 + 30/6) / (1/60 + 1/6)
    # = 30.909 min
    mixed = [Route((0, 1), (600,), 3600), Route((0, 1), (1800,), 360)]
    assert seconds(buses(TWO_STOPS, mixed), A, B) == pytest.approx(30 + 60 * 30.909, abs=0.1)


@pytest.mark.parametrize(("apart_m", "leads"), [(200.0, True), (300.0, False)])
def test_a_change_between_stops_up_to_250_m_apart(apart_m, leads):
    # 30 + 300 + 600, 200 m on foot = 216.67, 30 + 150 + 900: 2226.67
    far = (4000.0 + apart_m + 5000, 5000.0)
    xy = [A, B, (4000.0 + apart_m, 5000.0), far]
    net = buses(xy, [Route((0, 1), (600,), 600), Route((2, 3), (900,), 300)])
    expected = 930 + 200 * WALK + 1080 if leads else np.inf
    assert seconds(net, A, far) == pytest.approx(expected, abs=0.05)


def test_three_buses_in_a_row_and_no_more():
    # each 30 + 60 + 60 = 150 s
    xy = [(5000.0 * i + 1000, 5000.0) for i in range(5)]
    net = buses(xy, [Route((i, i + 1), (60,), 120) for i in range(4)])
    assert seconds(net, xy[0], xy[3]) == pytest.approx(450, abs=0.05)
    assert seconds(net, xy[0], xy[4]) == np.inf


@pytest.mark.parametrize(("headway_s", "expected"), [(3600, 30 + 1800 + 600), (3601, np.inf)])
def test_a_bus_less_than_once_an_hour_is_not_waited_for(headway_s, expected):
    assert seconds(buses(TWO_STOPS, [Route((0, 1), (600,), headway_s)]), A, B) == pytest.approx(expected)


@pytest.mark.parametrize(("before_m", "leads"), [(1000.0, True), (1200.0, False)])
def test_people_walk_twenty_minutes_to_a_stop(before_m, leads):
    # 1000 m on foot = 1083.33, then 30 + 300 + 600
    far = (4000.0 + 2000.0, 5000.0)
    net = buses([(4000.0, 5000.0), far], [Route((0, 1), (600,), 600)])
    expected = 1083.33 + 930 if leads else np.inf
    assert seconds(net, (4000.0 - before_m, 5000.0), far) == pytest.approx(expected, abs=0.05)


def test_ninety_minutes_by_bus_are_the_longest():
    # 30 + 60 + ride: the limit of 5400 s counts from the stop on
    for ride_s, expected in ((5300, 5390.0), (5320, np.inf)):
        assert seconds(buses(TWO_STOPS, [Route((0, 1), (ride_s,), 120)]), A, B) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("first_s", "last_s", "runs"),
    [
        (EIGHT, EIGHT + 1800, True),
        (EIGHT + 1, 86_400.0, False),
        (0.0, EIGHT + 1799, False),
        (6 * 3600.0, 25 * 3600.0, True),
    ],
)
def test_a_bus_must_run_for_half_an_hour_from_the_start(first_s, last_s, runs):
    found = seconds(buses(TWO_STOPS, [Route((0, 1), (600,), 600, first_s, last_s)]), A, B)
    assert found == (pytest.approx(930) if runs else np.inf)


def test_hours_count_at_the_stop_not_at_the_terminus():
    # the last bus leaves the terminus at 08:20 and the next stop, 15 min on, at 08:35: at 08:00 only there it counts
    xy = [A, B, (8000.0, 5000.0)]
    net = buses(xy, [Route((0, 1, 2), (900, 600), 600, 0.0, EIGHT + 1200)])
    assert seconds(net, xy[0], xy[2]) == np.inf
    assert seconds(net, xy[1], xy[2]) == pytest.approx(930)
    # the first leaves at 07:50: it has not come to that stop at 08:00
    net = buses(xy, [Route((0, 1, 2), (900, 600), 600, EIGHT - 600)])
    assert seconds(net, xy[0], xy[2]) == pytest.approx(30 + 300 + 1500)
    assert seconds(net, xy[1], xy[2]) == np.inf


# --- from tables -------------------------------------------------------------------------------


def tables(street_access: tuple[int, ...] = (1, 1, 1, 1)) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stops a, b, c on one meridian, c twice as far from b as b from a, and z where c is."""
    stops = pd.DataFrame(
        {
            "stop_id": ["a", "b", "c", "z"],
            "name_en": ["Alpha", "Beta", "Gamma", "Omega"],
            "lon": [114.1, 114.1, 114.1, 114.1],
            "lat": [22.30, 22.31, 22.33, 22.33],
            "street_access": street_access,
        }
    )
    patterns = pd.DataFrame(
        {
            "pattern_id": ["p", "q"],
            "operator": ["KMB", "GMB"],
            "route": ["68X", "1A"],
            "stops": ["a b c", "c z"],
            "run_s": [900, 120],
            "first": ["06:00", "06:00"],
            "last": ["23:30", "25:00"],
        }
        | {f"headway_{name}_s": ["600", ""] for name, _, _ in PERIODS}
    )
    return stops, patterns


def test_run_times_are_shared_out_by_straight_distance():
    net = BusNetwork.from_tables(*tables())
    # 0.01 and 0.02 degrees of latitude: 900 s as 1 to 2; stops in one place share alike
    assert net.ride_s.tolist() == pytest.approx([300, 600, 0, 120, 0], abs=0.05)
    assert net.elapsed_s.tolist() == pytest.approx([0, 300, 900, 0, 120], abs=0.05)
    assert net.stop.tolist() == [0, 1, 2, 2, 3]
    assert net.last_s.tolist() == [23.5 * 3600, 25 * 3600]
    assert (net.headway_s[0] == 600).all()
    assert (net.headway_s[1] == 0).all()
    assert net.label == ("KMB 68X", "GMB 1A")


def test_a_stop_inside_a_closed_area_is_passed_by():
    net = BusNetwork.from_tables(*tables((1, 0, 1, 1)))
    assert net.stop.tolist() == [0, 2, 2, 3]
    assert net.ride_s.tolist() == pytest.approx([900, 0, 120, 0], abs=0.05)
    # the first stop closed: the bus comes to the second 300 s after its first departure
    net = BusNetwork.from_tables(*tables((0, 1, 1, 1)))
    assert net.elapsed_s.tolist()[:2] == pytest.approx([300, 900], abs=0.05)
    # one stop left is no way, and labels stay with their patterns
    net = BusNetwork.from_tables(*tables((0, 0, 1, 1)))
    assert net.label == ("GMB 1A",)
    assert net.pattern_start.tolist() == [0, 2]
