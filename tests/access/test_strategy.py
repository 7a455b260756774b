"""Optimal strategies: cases worked out by hand, and a plain form of Spiess and Florian's algorithm on random networks.

Road stops cost 30 s to board and nothing to alight; stations stand 10 km apart, so nobody walks between them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.search.departure import Departure
from corridor.access.search.strategy import (
    NEVER_S,
    longest_headway_s,
    network_of,
    open_throughout,
    strategy_times,
)
from corridor.network.compiled import doors_s, stop_ids
from corridor.network.service import PERIODS, Link
from tests.network_factory import checkpoint, compiled, network, pattern, station

EIGHT = 8 * 3600.0
LIMIT = 1e5


def all_times(net, fixed_wait=False, clock_s=EIGHT, horizon_s=60.0):
    c = compiled(net)
    n = len(c.points)
    egress = np.full((n, n), NEVER_S, dtype=np.float32)
    np.fill_diagonal(egress, 0)
    return c, strategy_times(network_of(c, clock_s, horizon_s), egress, LIMIT, fixed_wait)


def minutes(net, origin, destination, **how):
    c, seconds = all_times(net, **how)
    s = float(seconds[c.index[origin], c.index[destination]])
    return s / 60 if s < NEVER_S else np.inf


def stations(names, spacing_m=10_000):
    return [station(s, spacing_m * i) for i, s in enumerate(names)]


# --- by hand -----------------------------------------------------------------------------------


def test_two_lines_of_equal_headway_wait_a_quarter_of_it():
    # h = 600 s: h/4 = 2.5 min, 20 min of riding, 0.5 min to board
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600), pattern("y", "ab", [1200], 600)])
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 2.5 + 20, abs=0.01)
    assert minutes(net, "a", "b", fixed_wait=True) == pytest.approx(0.5 + 5 + 20, abs=0.01)


def test_who_stays_aboard_sits_through_the_stop_and_who_boards_there_does_not():
    # a - b in 10 min, 2 min at b, b - c in 10 min; half of 10 min to wait, 0.5 to board
    line = pattern("x", "abc", [600, 720], 600)
    a, b, c = line.stops
    net = network(stations("abc"), [replace(line, stops=(a, replace(b, departure_s=720.0), c))])
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 5 + 10, abs=0.01)
    assert minutes(net, "b", "c") == pytest.approx(0.5 + 5 + 10, abs=0.01)
    assert minutes(net, "a", "c") == pytest.approx(0.5 + 5 + 22, abs=0.01)


def test_a_fast_rare_line_beside_a_slow_frequent_one():
    # fast: every 60 min, 10 min; slow: every 6 min, 30 min. Both: (0.5 + 10/60 + 30/6) / (1/60 + 1/6) = 30.909
    net = network(stations("ab"), [pattern("fast", "ab", [600], 3600), pattern("slow", "ab", [1800], 360)])
    assert minutes(net, "a", "b") == pytest.approx(0.5 + 30.909, abs=0.01)


def test_three_services_on_a_shared_trunk():
    # a - b in 10 min by x, y and z, every 10 min each; only x goes on to c, in 10 min more.
    # From b: x alone, 0.5 + 5 + 10 = 15.5 min. In the vehicle at a: x has 20 min to go, y and z 10 + 15.5 = 25.5.
    # x alone: 5 + 20 = 25; with y and z: (0.5 + 2.0 + 2 * 2.55) / 0.3 = 25.33, so they are left alone.
    lines = [
        pattern("x", "abc", [600, 600], 600),
        pattern("y", "ab", [600], 600),
        pattern("z", "ab", [600], 600),
    ]
    assert minutes(network(stations("abc"), lines), "a", "c") == pytest.approx(0.5 + 25, abs=0.01)
    # with x every 20 min the branch from b waits 10: y and z have 10 + 0.5 + 10 + 10 = 30.5, x alone costs 10 + 20 = 30;
    # all three: (0.5 + 20/20 + 2 * 30.5/10) / (1/20 + 2/10) = 30.4, so x alone again
    lines[0] = pattern("x", "abc", [600, 600], 1200)
    assert minutes(network(stations("abc"), lines), "a", "c") == pytest.approx(0.5 + 30, abs=0.01)
    # and with a line w from b to c (every 2 min, 10 min), x shares the wait at b: 0.5 + 0.5/(1/20 + 1/2) + 10 = 11.409,
    # so all three are taken at a: (0.5 + 20/20 + 2 * (10 + 11.409)/10) / 0.25 = 23.127
    lines.append(pattern("w", "bc", [600], 120))
    assert minutes(network(stations("abc"), lines), "a", "c") == pytest.approx(0.5 + 23.127, abs=0.01)


def test_lines_to_different_changes_share_the_wait():
    # x leads to b, y to c; from either a line every 2 min takes 10 min to d. Each way rides 10 + 0.5 + 1 + 10 = 21.5
    # after a wait; taking whichever comes first waits 2.5 instead of 5.
    lines = [
        pattern("x", "ab", [600], 600),
        pattern("y", "ac", [600], 600),
        pattern("u", "bd", [600], 120),
        pattern("v", "cd", [600], 120),
    ]
    net = network(stations("abcd"), lines)
    assert minutes(net, "a", "d") == pytest.approx(0.5 + 2.5 + 21.5, abs=0.02)
    assert minutes(net, "a", "d", fixed_wait=True) == pytest.approx(0.5 + 5 + 21.5, abs=0.02)


def test_a_walk_is_taken_where_it_is_sooner_than_any_wait():
    lines = [pattern("x", "ab", [600], 3600)]
    net = network(stations("ab"), lines, links=[Link("a", "b", 1500)])
    assert minutes(net, "a", "b") == pytest.approx(25)  # by x 0.5 + 30 + 10


def test_there_is_no_bound_on_the_number_of_changes():
    names = [f"s{i:02d}" for i in range(21)]
    lines = [pattern(f"l{i:02d}", names[i : i + 2], [60], 120) for i in range(20)]
    assert minutes(network(stations(names), lines), "s00", "s20") == pytest.approx(20 * 2.5, abs=0.02)


def test_clearance_counts_and_a_closed_control_point_is_no_way():
    lines = [pattern("x", "ab", [600], 600, clearance={"b": "k"})]
    for close, expected in ((86_400.0, 0.5 + 5 + 10 + 10), (EIGHT - 60, np.inf)):
        points = [checkpoint("k", 600.0, 0.0, close, kind="line")]
        net = network(stations("ab"), lines, checkpoints=points)
        assert minutes(net, "a", "b") == pytest.approx(expected, abs=0.01)


def test_who_may_only_board_or_only_alight():
    # every 10 min a - b - c - d, 10 min each; at b one only boards, at c one only alights
    lines = [pattern("x", "abcd", [600, 600, 600], 600, only={"b": "board", "c": "alight"})]
    net = network(stations("abcd"), lines)
    way = {(a, b): minutes(net, a, b) for a, b in ("ab", "ac", "ad", "bc", "bd", "cd")}
    assert way["a", "c"] == way["b", "d"] == pytest.approx(0.5 + 5 + 20, abs=0.01)
    assert way["a", "d"] == pytest.approx(0.5 + 5 + 30, abs=0.01)
    assert way["b", "c"] == pytest.approx(0.5 + 5 + 10, abs=0.01)
    assert way["a", "b"] == way["c", "d"] == np.inf
    # at the ends of a line it says nothing new
    ends = network(stations("ab"), [pattern("x", "ab", [600], 600, only={"a": "board", "b": "alight"})])
    assert minutes(ends, "a", "b") == pytest.approx(0.5 + 5 + 10, abs=0.01)


# --- the textbook algorithm --------------------------------------------------------------------


def links_of(net):
    """(from, to, seconds, frequency) of every boarding, ride, alighting and walk; a frequency is infinite but for boardings."""
    for p in net.patterns:
        nodes = stop_ids(p)
        for i, (node, stop) in enumerate(zip(nodes, p.stops, strict=True)):
            board_s, alight_s = doors_s(net, stop.station_id)
            if i > 0 and stop.only != "board":
                yield node, stop.station_id, alight_s, np.inf
            if i < len(nodes) - 1:
                yield node, nodes[i + 1], p.stops[i + 1].arrival_s - stop.departure_s, np.inf
                if stop.only != "alight":
                    yield stop.station_id, node, board_s, 1 / p.headway_s["am_peak"]
    for link in net.links:
        yield link.a, link.b, link.walk_s, np.inf
        yield link.b, link.a, link.walk_s, np.inf


def spiess_florian(links, destination):
    """The algorithm of the paper, links in order of u + c: expected time from every node."""
    u = dict.fromkeys((node for link in links for node in link[:2]), np.inf) | {destination: 0.0}
    f = dict.fromkeys(u, 0.0)
    left = set(range(len(links)))
    while left:
        a = min(left, key=lambda k: u[links[k][1]] + links[k][2])
        left.remove(a)
        i, j, cost, frequency = links[a]
        v = u[j] + cost
        if not np.isfinite(v) or u[i] < v:
            continue
        if frequency == np.inf:
            u[i], f[i] = v, np.inf
        elif f[i] == 0.0:
            u[i], f[i] = 0.5 / frequency + v, frequency
        elif f[i] < np.inf:
            u[i] = (f[i] * u[i] + frequency * v) / (f[i] + frequency)
            f[i] += frequency
    return u


STOPS = "abcdefg"


@st.composite
def random_networks(draw):
    lines = []
    for i in range(draw(st.integers(1, 9))):
        order = draw(st.permutations(STOPS))[: draw(st.integers(2, 6))]
        runs = draw(st.lists(st.integers(30, 2400), min_size=len(order) - 1, max_size=len(order) - 1))
        headway = draw(st.sampled_from([60, 120, 300, 600, 1200, 3600]))
        uses = draw(
            st.lists(st.sampled_from(["", "", "board", "alight"]), min_size=len(STOPS), max_size=len(STOPS))
        )
        lines.append(pattern(f"p{i}", order, runs, headway, only=dict(zip(STOPS, uses, strict=True))))
    links = [
        Link(*draw(st.permutations(STOPS))[:2], draw(st.integers(30, 3000)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return network(stations(STOPS), lines, links=links)


@settings(max_examples=60)
@given(random_networks())
def test_the_kernel_equals_the_textbook(net):
    c, seconds = all_times(net)
    links = list(links_of(net))
    for destination in STOPS:
        u = spiess_florian(links, destination)
        expected = np.array([min(u.get(p, np.inf), float(NEVER_S)) for p in c.points])
        np.testing.assert_allclose(seconds[:, c.index[destination]], expected, rtol=1e-5, atol=0.3)


@settings(max_examples=40)
@given(random_networks(), random_networks())
def test_a_new_service_makes_no_time_longer(net, more):
    extra = [
        pattern(
            f"new-{p.pattern_id}",
            [s.station_id for s in p.stops],
            np.diff([s.arrival_s for s in p.stops]),
            p.headway_s,
        )
        for p in more.patterns
    ]
    _, before = all_times(net)
    both = network(list(net.stations.values()), [*net.patterns, *extra], links=net.links)
    _, after = all_times(both)
    assert (after <= before + 0.5).all()


@settings(max_examples=30)
@given(random_networks())
def test_a_strategy_is_no_slower_than_any_fixed_plan(net):
    _, strategic = all_times(net)
    _, fixed = all_times(net, fixed_wait=True)
    assert (strategic <= fixed + 0.5).all()


# --- strategies and the clock ------------------------------------------------------------------


def test_the_longest_headway_of_the_periods_touched_counts():
    names = [name for name, _, _ in PERIODS]
    headway = np.zeros((2, len(PERIODS)), dtype=np.float32)
    headway[0, names.index("am_peak")], headway[0, names.index("midday")] = 120, 300
    headway[1, names.index("am_peak")] = 120  # no service at midday
    nine = 9 * 3600.0
    assert longest_headway_s(headway, nine, 1700).tolist() == [120, 120]
    assert longest_headway_s(headway, nine, 1900).tolist() == [300, 0]
    # a window that ends, or begins, as a period does touches the one beside it only
    assert longest_headway_s(headway, nine, 1800).tolist() == [120, 120]
    headway[0, names.index("am_peak")] = 600
    assert longest_headway_s(headway, nine + 1800, 60).tolist() == [300, 0]


def test_only_what_runs_throughout_the_window_counts():
    first = np.array([0.0, EIGHT + 60, 0.0, 0.0, 6 * 3600.0], dtype=np.float32)
    last = np.array([86_400.0, 86_400.0, EIGHT + 60, EIGHT + 7200, 25 * 3600.0], dtype=np.float32)
    assert open_throughout(first, last, EIGHT, 3600).tolist() == [True, False, False, True, True]
    # half past midnight: what runs from midnight does, and what runs from 06:00 to 01:00
    assert open_throughout(first, last, 24.5 * 3600, 1200).tolist() == [True, False, True, True, True]
    # from 23:50 to 00:10: what runs round the clock does, though its day ends at midnight, and what runs until 01:00
    assert open_throughout(first, last, 23 * 3600 + 3000, 1200).tolist() == [True, False, False, False, True]


def test_windows_follow_what_changes():
    quiet = network(stations("ab"), [pattern("x", "ab", [600], 600)])
    assert not Departure(compiled(quiet), 12 * 3600.0, 3600).changes
    assert [h for h, _ in Departure(compiled(quiet), 12 * 3600.0, 3600).windows] == [3600]
    # the last train leaves in 40 minutes: counted on for journeys of half an hour, not of an hour
    ends = network(stations("ab"), [pattern("x", "ab", [600], 600, last=12 * 3600 + 2400.0)])
    departure = Departure(compiled(ends), 12 * 3600.0, 5400)
    assert departure.closes
    assert [(h, bool(net.board_frequency[0])) for h, net in departure.windows] == [
        (1800, True),
        (5400, False),
    ]


# --- points at one place -----------------------------------------------------------------------


def test_the_way_through_several_points_at_one_place_is_told_and_ends():
    # Ten stations at one point, each with a line of its own to z: whoever is at one walks 0 s to any other.
    from corridor.access.search.strategic import Strategy

    names = "abcdefghij"
    lines = [pattern(f"to-z-{s}", f"{s}z", [1200], 600) for s in names]
    same = [station(s, 0.0) for s in names]
    links = [Link(a, b, 0.0) for a in names for b in names if a < b]
    c = compiled(network([*same, station("z", 20_000.0)], lines, links))
    net = network_of(c, EIGHT, 60.0)
    egress = np.full(len(c.points), NEVER_S, dtype=np.float32)
    egress[c.index["z"]] = 0.0
    legs, end = Strategy.search(net, egress, LIMIT).legs(c, c.points, c.index["a"], EIGHT)
    assert end == c.index["z"]
    assert [leg.kind for leg in legs][-1] == "ride"
