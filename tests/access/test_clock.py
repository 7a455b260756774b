"""Waiting, hours and clearance on networks small enough to work out by hand.

Road stops cost 30 s to board and nothing to alight; stations stand 10 km apart, so nobody walks between them.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.search.clock import ClockedWays, period_index, point_times, until_open
from corridor.network.service import Link
from tests.network_factory import checkpoint, compiled, network, pattern, station

BOARD_S = 30.0
EIGHT = 8 * 3600.0


def minutes(net, origin, destination, clock_s=EIGHT, fixed_wait=False):
    c = compiled(net)
    sources = np.array([c.index[origin]], dtype=np.int32)
    times = point_times(c, sources, clock_s, 6 * 3600, fixed_wait)
    return times[0, c.index[destination]] / 60


def two(*patterns, **kwargs):
    return network([station("a", 0), station("b", 10_000)], patterns, **kwargs)


def test_one_line_waits_half_its_headway():
    # 30 s to board, 5 of 10 min wait, 20 min ride
    assert minutes(two(pattern("x", "ab", [1200], 600)), "a", "b") == pytest.approx(0.5 + 5 + 20)


def test_two_equal_lines_on_one_stretch_wait_a_quarter_of_the_headway():
    net = two(pattern("x", "ab", [1200], 600), pattern("y", "ab", [1200], 600))
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 2.5 + 20)
    assert minutes(net, "a", "b", fixed_wait=True) == pytest.approx(0.5 + 5 + 20)


def test_three_services_share_a_trunk():
    # one every 10 min each: 18 an hour together, wait 60/18/2 = 1.667 min
    net = two(*(pattern(p, "ab", [600], 600) for p in "xyz"))
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 10 / 6 + 10)


def test_a_fast_rare_line_beside_a_slow_frequent_one():
    # fast: every 60 min, 10 min; slow: every 6 min, 30 min. Taking both:
    # (0.5 + 10/60 + 30/6) / (1/60 + 1/6) = 5.6667 / 0.18333 = 30.909 min; slow alone 33, fast alone 40.
    net = two(pattern("fast", "ab", [600], 3600), pattern("slow", "ab", [1800], 360))
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 30.909, abs=0.01)


def test_a_line_slower_than_the_wait_and_ride_of_another_is_left_alone():
    # fast: every 4 min, 10 min: 12 min; a second of 13 min every minute would not help
    net = two(pattern("fast", "ab", [600], 240), pattern("slow", "ab", [780], 60))
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 12)


def test_the_last_train_is_the_last_at_each_stop():
    # last departure from a at 22:00; c is 30 min later on the line: its last is 22:30
    net = network(
        [station("a", 0), station("c", 10_000), station("b", 20_000)],
        [pattern("x", "acb", [1800, 600], 600, last=22 * 3600)],
    )
    assert np.isfinite(minutes(net, "a", "b", 22 * 3600 - BOARD_S))
    assert not np.isfinite(minutes(net, "a", "b", 22 * 3600))
    assert np.isfinite(minutes(net, "c", "b", 22.5 * 3600 - BOARD_S))
    assert not np.isfinite(minutes(net, "c", "b", 22.5 * 3600))


def test_before_the_first_train_one_waits_for_it_but_not_for_hours():
    net = two(pattern("x", "ab", [1200], 600, first=6 * 3600))
    assert minutes(net, "a", "b", 5.5 * 3600) == pytest.approx(30 + 20)
    assert not np.isfinite(minutes(net, "a", "b", 4 * 3600 + 86_400))


def test_a_24_hour_line_runs_past_midnight():
    net = two(pattern("x", "ab", [1200], 600))
    assert minutes(net, "a", "b", 25 * 3600) == pytest.approx(25.5)


def crossing(**hours):
    """a - hall - checkpoint - hall - b, with 10 minutes of clearance."""
    stations = [
        station("a", 0),
        station("s", 20_000),
        station("t", 20_050, region="sz"),
        station("b", 40_000, region="sz"),
    ]
    return network(
        stations,
        [pattern("north", "as", [1800], 600), pattern("onward", "tb", [600], 600)],
        [Link("s", "gate@hk", 60), Link("gate@sz", "t", 120)],
        [checkpoint("gate", **hours)],
    )


def test_clearance_is_tested_at_the_clock_time_of_reaching_it():
    # reached after 0.5 + 5 + 30 + 1 = 36.5 min: leaving at 21:30 it is 22:06:30
    net = crossing(close_s=22 * 3600 + 7 * 60)
    assert minutes(net, "a", "b", 21.5 * 3600) == pytest.approx(36.5 + 10 + 2 + 0.5 + 5 + 10)
    assert not np.isfinite(minutes(net, "a", "b", 21.5 * 3600 + 60))


def test_an_opening_soon_is_waited_for():
    net = crossing(open_s=7 * 3600)
    assert minutes(net, "a", "gate@sz", 6 * 3600) == pytest.approx(60 + 10)


def test_nothing_crosses_but_through_a_control_point():
    net = crossing()
    without = network(net.stations.values(), net.patterns, [])
    assert np.isfinite(minutes(net, "a", "b"))
    assert not np.isfinite(minutes(without, "a", "b"))


def test_a_line_with_clearance_at_its_station_clears_there():
    stations = [station("a", 0), station("b", 30_000, region="sz"), station("c", 60_000, region="sz")]
    line = pattern("x", "abc", [600, 600], 600, clearance={"a": "gate"})
    net = network(
        stations, [line], checkpoints=[checkpoint("gate", open_s=6 * 3600, close_s=23 * 3600, kind="line")]
    )
    assert minutes(net, "a", "b") == pytest.approx(10 + 0.5 + 5 + 10)
    assert minutes(net, "b", "c") == pytest.approx(0.5 + 5 + 10)  # inside the cleared side
    assert np.isfinite(minutes(net, "a", "b", 23 * 3600))
    assert not np.isfinite(minutes(net, "a", "b", 23 * 3600 + 60))


def test_periods_and_windows():
    assert period_index(8.5 * 3600) == 1
    assert period_index(23 * 3600) == period_index(24.5 * 3600) == period_index(0.5 * 3600) == 5
    assert until_open(0.5 * 3600, 23 * 3600, 25 * 3600) == 0
    assert until_open(6 * 3600, 6.5 * 3600, 24 * 3600) == 1800
    assert until_open(2 * 3600, 6.5 * 3600, 24 * 3600) == np.inf


def test_who_may_only_board_or_only_alight():
    net = network(
        [station(s, 10_000 * i) for i, s in enumerate("abc")],
        [pattern("x", "abc", [600, 600], 600, only={"b": "board"})],
    )
    # nobody alights at b; from there as from any stop
    assert minutes(net, "a", "b") == np.inf
    assert minutes(net, "a", "c") == pytest.approx(0.5 + 5 + 20)
    assert minutes(net, "b", "c") == pytest.approx(0.5 + 5 + 10)


# -- random networks: the kernel against a plain search, and what always holds --

STOPS = "abcdef"


@st.composite
def services(draw, most=6):
    found = []
    for i in range(draw(st.integers(1, most))):
        order = draw(st.permutations(STOPS))[: draw(st.integers(2, 5))]
        runs = draw(st.lists(st.integers(60, 2400), min_size=len(order) - 1, max_size=len(order) - 1))
        found.append(
            pattern(
                f"p{i}",
                order,
                runs,
                draw(st.sampled_from([120, 300, 600, 1200, 3600])),
                last=draw(st.sampled_from([9 * 3600.0, 86_400.0])),
            )
        )
    return found


def random_network(patterns):
    return network([station(s, 10_000 * i) for i, s in enumerate(STOPS)], patterns)


def attractive_set(c, rows, clock_s):
    """The services of a section worth taking, with their frequencies (1/s), as the method is told."""
    best, frequency, weighted, used = np.inf, 0.0, 0.0, []
    for r in rows:
        b = c.service_board[r]
        at, ride = clock_s + float(c.board_s[b]), float(c.board_s[b] + c.service_ride_s[r])
        headway = float(c.board_headway_s[b, period_index(at)])
        until = until_open(at, float(c.board_first_s[b]), float(c.board_last_s[b]))
        if ride >= best:
            continue
        if until > 0:
            if until + ride < best and frequency == 0:
                best, used = until + ride, [(r, 1.0)]
            continue
        if headway <= 0:
            continue
        used = [*used, (r, 1 / headway)] if frequency > 0 else [(r, 1 / headway)]
        frequency += 1 / headway
        weighted += ride / headway
        best = min(best, (0.5 + weighted) / frequency)
    return used


def plain_search(c, source, clock_s):
    """Dijkstra as in a textbook, on the plain form of the waiting rule."""
    clock = dict.fromkeys(range(len(c.points)), np.inf) | {source: clock_s}
    left = set(clock)
    while left:
        p = min(left, key=clock.__getitem__)
        left.remove(p)
        if not np.isfinite(clock[p]):
            break
        for s in range(c.section_start[p], c.section_start[p + 1]):
            used = attractive_set(c, range(c.service_start[s], c.service_start[s + 1]), clock[p])
            if not used:
                continue
            frequency = sum(f for _, f in used)
            ride = sum(f * float(c.board_s[c.service_board[r]] + c.service_ride_s[r]) for r, f in used)
            arrival = clock[p] + (0.5 + ride) / frequency
            clock[c.section_to[s]] = min(clock[c.section_to[s]], arrival)
    return clock


@settings(max_examples=40)
@given(services())
def test_the_kernel_equals_a_plain_search(patterns):
    c = compiled(random_network(patterns))
    for source in range(len(c.points)):
        start = np.full(len(c.points), np.inf)
        start[source] = EIGHT
        settled = ClockedWays.search(c, start, EIGHT + 1e6, False).settled_s
        expected = plain_search(c, source, EIGHT)
        np.testing.assert_allclose(settled, [expected[p] for p in range(len(c.points))], atol=0.1)


@settings(max_examples=40)
@given(services(), services(most=1))
def test_a_new_service_makes_no_journey_longer(patterns, extra):
    before, after = (
        compiled(random_network(p)) for p in (patterns, [*patterns, *(new_name(e) for e in extra)])
    )
    n = len(before.points)
    times = [point_times(c, np.arange(n, dtype=np.int32), EIGHT, 1e6) for c in (before, after)]
    assert (times[1] <= times[0] + 0.5).all()


def new_name(p):
    return pattern(
        f"new-{p.pattern_id}",
        [s.station_id for s in p.stops],
        np.diff([s.arrival_s for s in p.stops]),
        p.headway_s,
        last=p.last_s,
    )


@settings(max_examples=20)
@given(services(), st.randoms())
def test_the_order_of_services_changes_nothing(patterns, random):
    shuffled = patterns.copy()
    random.shuffle(shuffled)
    n = len(STOPS)
    one, other = (
        point_times(compiled(random_network(p)), np.arange(n, dtype=np.int32), EIGHT, 1e6)
        for p in (patterns, shuffled)
    )
    np.testing.assert_allclose(one, other)


def test_fixed_wait_is_a_plain_shortest_path():
    lines = [pattern("x", "abc", [600, 600], 600), pattern("y", "bc", [300], 240)]
    net = network([station(s, 10_000 * i) for i, s in enumerate("abc")], lines)
    ways = {("x",): 0.5 + 5 + 20, ("x", "y"): 0.5 + 5 + 10 + 0.5 + 2 + 5}
    assert minutes(net, "a", "c", fixed_wait=True) == pytest.approx(min(ways.values()))
