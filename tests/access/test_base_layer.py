"""Cells, stations and places joined by walks, local buses and feeders: the rules written out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.strategy import LANES, workspace
from corridor.access.surroundings.base import BaseLayer
from corridor.access.surroundings.buses import BUS_REACH_S, RIDE_LIMIT_S, likeliest_buses
from corridor.access.surroundings.nearest import gate_lines, nearest_kept
from corridor.core.cache import Kept, Known
from corridor.network.bus import BusNetwork
from corridor.network.compiled import BUS_LINK, compile_network
from corridor.network.service import Link, hall
from corridor.network.walk import Ground, WalkParameters
from tests.bus_factory import (
    BOARD,
    EIGHT,
    TWO_STOPS,
    WALK,
    A,
    Route,
    buses,
    cells_at,
    entries,
    hour_of,
    seconds,
)
from tests.cell_seconds import seconds_between_cells
from tests.network_factory import checkpoint, ground, network, pattern, station


def two_sides() -> Ground:
    """Hong Kong west of 25 km, Shenzhen east of it."""
    land = np.full((80, 400), 1, dtype=np.uint8)
    land[:, 200:] = 2
    return Ground(land, 0.0, 0.0, 125.0, WalkParameters())


def layer(net: BusNetwork | None, xy: list[tuple[float, float]], land: Ground | None = None) -> BaseLayer:
    land = land or ground()
    return BaseLayer(cells_at(xy, land), land, net)


def departure_of(base: BaseLayer, stations, patterns=(), clock_s: float = EIGHT) -> Departure:
    net = network(stations, patterns)
    return base.departure(compile_network(net, base.ground), clock_s, 7200.0)


def plain_times(xy, routes: list[Route], ends: dict[int, float]) -> np.ndarray:
    """Seconds from every stop to a place, the rules written out: up to three buses, lines taken in order of v."""
    n = len(xy)
    u = np.array([ends.get(i, np.inf) for i in range(n)])
    apart = np.array([[np.hypot(a[0] - b[0], a[1] - b[1]) for b in xy] for a in xy])
    walks = np.where(apart <= 250, apart * WALK, np.inf)

    def on_foot(u):
        for _ in range(n):
            u = np.minimum(u, (walks + u).min(axis=1))
        return u

    u = on_foot(u)
    for _ in range(3):
        waiting: dict[int, list[tuple[float, float]]] = {}
        for r in routes:
            for k, stop in enumerate(r.stops[:-1]):
                ahead = [sum(r.ride_s[k:m]) + u[r.stops[m]] for m in range(k + 1, len(r.stops))]
                waiting.setdefault(stop, []).append((BOARD + min(ahead), 1 / r.headway_s))
        at_stop = np.full(n, np.inf)
        for stop, lines in waiting.items():
            weight, total = 0.5, 0.0
            for v, f in sorted(lines):
                if v < at_stop[stop]:
                    weight, total = weight + f * v, total + f
                    at_stop[stop] = weight / total
        u = on_foot(np.minimum(u, at_stop))
    return u


STOPS_XY = [(1500.0 * i + 1000, 5000.0 + 300 * (i % 2)) for i in range(6)] + [
    (1200.0, 5100.0),
    (4100.0, 5150.0),
]
CELLS_XY = [(x, y) for x in (1100.0, 2600.0, 5700.0, 8600.0) for y in (4800.0, 5400.0)]
STATIONS_X = (1400.0, 4300.0, 8800.0)


@st.composite
def random_routes(draw):
    routes = []
    for _ in range(draw(st.integers(1, 6))):
        order = tuple(draw(st.permutations(range(len(STOPS_XY))))[: draw(st.integers(2, 5))])
        rides = tuple(float(draw(st.integers(30, 900))) for _ in order[1:])
        routes.append(Route(order, rides, draw(st.sampled_from([120.0, 300.0, 600.0, 1200.0, 3600.0]))))
    return routes


def near(place, limit_m=1100.0) -> dict[int, float]:
    apart = [np.hypot(place[0] - x, place[1] - y) for x, y in STOPS_XY]
    return {i: d * WALK for i, d in enumerate(apart) if d <= limit_m}


def plain(routes, a, b, bus_limit_s: float) -> float:
    """Seconds between two places by bus within a limit, infinite beyond."""
    onward = plain_times(STOPS_XY, routes, near(b))
    found = min((s + onward[i] for i, s in near(a).items() if onward[i] <= bus_limit_s), default=np.inf)
    return found if found <= bus_limit_s else np.inf


@settings(max_examples=25)
@given(random_routes())
def test_cells_and_stations_equal_the_rules_written_out(routes):
    base = layer(buses(STOPS_XY, routes), CELLS_XY)
    departure = departure_of(base, [replace(station(f"s{x:.0f}", x), y_m=5000.0) for x in STATIONS_X])
    points = [(float(x), float(y)) for x, y in zip(departure.network.x_m, departure.network.y_m, strict=True)]
    access, egress = base.access(departure), base.egress(departure)
    _, by_bus = base.cells_by_bus(EIGHT)
    for i, cell in enumerate(CELLS_XY):
        out, back = entries(access, i), entries(egress, i)
        for p, point in enumerate(points):
            apart = np.hypot(cell[0] - point[0], cell[1] - point[1])
            walk = apart * WALK if apart <= 3400 and apart * WALK <= BUS_REACH_S else np.inf
            for found, a, b in ((out, cell, point), (back, point, cell)):
                expected = min(walk, plain(routes, a, b, BUS_REACH_S))
                # the way out of a station counts in whole seconds; a time at the very limit may fall either side
                if abs(expected - BUS_REACH_S) > 1:
                    assert found.get(p, np.inf) == pytest.approx(expected, abs=0.6)
        for j, other in enumerate(CELLS_XY):
            expected = plain(routes, cell, other, np.inf)
            if expected < RIDE_LIMIT_S - 700:  # the limit counts from the stop on
                assert by_bus[j, i] == pytest.approx(expected, abs=0.6)


@settings(max_examples=25)
@given(random_routes(), random_routes())
def test_a_further_route_makes_no_way_longer(routes, more):
    before = layer(buses(STOPS_XY, routes), CELLS_XY).cells_by_bus(EIGHT)[1]
    after = layer(buses(STOPS_XY, [*routes, *more]), CELLS_XY).cells_by_bus(EIGHT)[1]
    assert (after <= before + 1).all()


@settings(max_examples=15)
@given(random_routes())
def test_routes_run_backwards_turn_the_table_round_with_one_bus_and_one_line(routes):
    # with one line a way is the same sum in both directions: walk, 30 s, half a headway, ride, walk
    one = routes[0]
    back = Route(one.stops[::-1], one.ride_s[::-1], one.headway_s)
    there = layer(buses(STOPS_XY, [one]), CELLS_XY).cells_by_bus(EIGHT)[1].astype(int)
    again = layer(buses(STOPS_XY, [back]), CELLS_XY).cells_by_bus(EIGHT)[1].astype(int)
    direct = (there < 3000) & (again.T < 3000)
    assert (np.abs(there - again.T)[direct] <= 1).all()


@settings(max_examples=25)
@given(random_routes())
def test_the_buses_named_add_up_where_nobody_goes_another_way(routes):
    hour = hour_of(buses(STOPS_XY, routes))
    for a, b in pairwise(CELLS_XY):
        way = likeliest_buses(hour, a, b)
        total, rides = way.cost_s, way.rides
        assert total == pytest.approx(seconds(hour.stops.buses, a, b), abs=0.05)
        assert len(rides) <= 3
        if rides and all(r.share == 1 for r in rides):
            spent = sum(r.walk_s + r.wait_s + r.in_vehicle_s for r in rides)
            last = near(b).values()
            # what is left is the walk from the last stop, by another stop perhaps
            assert -1.0 <= total - spent <= max(last) + 3 * 250 * WALK


def test_a_route_one_way_asks_another_time_back():
    # one way by bus: from the cell to the station; back on foot, 2900 m: 3141.67 s
    base = layer(buses(TWO_STOPS, [Route((0, 1), (600,), 600)]), [A])
    departure = departure_of(base, [replace(station("s", 3900.0), y_m=5000.0)])
    assert entries(base.access(departure), 0)[0] == pytest.approx(930 + 100 * WALK, abs=0.05)
    assert entries(base.egress(departure), 0)[0] == pytest.approx(2900 * WALK, abs=0.05)


def test_lines_that_lead_to_a_control_point_are_not_crowded_out():
    # a line a-b-c to a hall linked with c on foot, one d-e elsewhere, and a station f where the boundary is cleared
    stations = [station(s, 2000.0 + 1000 * i) for i, s in enumerate("abcdef")] + [station("g", 60.0, "sz")]
    patterns = [
        pattern("to-hall", "abc", [60, 60], 600),
        pattern("elsewhere", "de", [60], 600),
        pattern("through", "fg", [60], 600, clearance={"f": "line"}),
    ]
    halls = [checkpoint("gate"), checkpoint("line", kind="line")]
    link = [Link("c", hall("gate", "hk"), 60.0)]
    net = network(stations, patterns, link, halls)
    compiled = compile_network(net, ground())
    lines = [{compiled.points[p] for p in line} for line in gate_lines(compiled)]
    assert sorted(map(sorted, lines)) == [["a", "b", "c"], ["c"], ["f", "g"]]
    # of seconds to five points the soonest two are kept, and of each line its soonest
    seconds = np.array([[1, 2, 3, 5, 4], [5, 4, 3, 2, 1]], dtype=np.float32)
    kept = nearest_kept(seconds, 2, [np.array([2, 3], dtype=np.int32)])
    assert kept.tolist() == [[True, True, True, False, False], [False, False, False, True, True]]


def test_planned_stations_and_sides_without_buses_keep_the_feeder():
    # feeder over 2 km: 300 + 2000 * 1.4 / (15/3.6) = 972 s; on foot 2166.67 s
    land = two_sides()
    here, there = (20_000.0, 5000.0), (30_000.0, 5000.0)
    net = buses([(1000.0, 5000.0), (4000.0, 5000.0)], [Route((0, 1), (600,), 600)])
    base = layer(net, [here, there], land)
    stations = [
        replace(station("a", 22_000.0), y_m=5000.0),
        replace(station("b", 22_000.0), y_m=5000.0, status="planned"),
        replace(station("c", 32_000.0, region="sz"), y_m=5000.0),
    ]
    departure = departure_of(base, stations)
    assert entries(base.access(departure), 0) == pytest.approx({0: 2000 * WALK, 1: 972.0}, abs=0.1)
    assert entries(base.access(departure), 1) == pytest.approx({2: 972.0}, abs=0.1)
    fed = layer(None, [here, there], land)
    departure = departure_of(fed, stations)
    assert entries(fed.access(departure), 0) == pytest.approx({0: 972.0, 1: 972.0}, abs=0.1)
    around = base.surroundings(departure, Place("here", None, *here, "hk"))
    assert around.to_points[1].tolist() == pytest.approx([2000 * WALK, 972.0], abs=0.1)


def test_stations_are_linked_by_bus_and_never_across_the_boundary():
    # stops stand at the stations a, b; c is on the other side, 400 m from b
    land = two_sides()
    net = buses([(20_000.0, 1000.0), (24_800.0, 1000.0)], [Route((0, 1), (600,), 600)])
    base = layer(net, [(20_000.0, 1000.0)], land)
    stations = [station("a", 20_000.0), station("b", 24_800.0), station("c", 25_200.0, region="sz")]
    linked = departure_of(base, stations).network
    by_bus = np.flatnonzero(linked.link_cp == BUS_LINK)
    start = np.searchsorted(linked.link_start, by_bus, side="right") - 1
    assert [
        (linked.points[p], linked.points[q]) for p, q in zip(start, linked.link_to[by_bus], strict=True)
    ] == [("a", "b")]
    assert linked.link_s[by_bus].tolist() == pytest.approx([930.0], abs=0.05)


def test_a_route_that_is_a_line_too_is_not_waited_for_half_as_long():
    # the line and the bus both take 30 + 300 + 600 from a to b; told apart, they do not share the wait
    net = buses([(2000.0, 1000.0), (9000.0, 1000.0)], [Route((0, 1), (600,), 600)])
    base = layer(net, [(2000.0, 1000.0)])
    stations = [station("a", 2000.0), station("b", 9000.0)]
    departure = departure_of(base, stations, [pattern("x", "ab", [600], 600)])
    found = seconds_between_cells(departure, base, np.array([0], dtype=np.int32))
    assert found[0, 0] == 0
    egress_s = np.array([[1e6], [0.0]], dtype=np.float32).repeat(LANES, axis=1)
    left = departure.settle(egress_s, workspace(departure.windows[0][1]))
    assert float(left[0][0, 0]) == pytest.approx(930, abs=0.1)


def test_a_way_by_bus_that_a_run_found_is_there_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> BaseLayer:
        routes = [Route((0, 1), (300.0,), 600.0)]
        return replace(layer(buses(TWO_STOPS, routes), [A]), known=Known(lambda: Kept(tmp_path)))

    ends = ("hk", TWO_STOPS[0], TWO_STOPS[1], EIGHT)
    first = opened()
    way = first.bus_way(*ends)
    assert way.rides
    first.release()
    monkeypatch.setattr("corridor.access.surroundings.bus_times.likeliest_buses", pytest.fail)
    assert opened().bus_way(*ends) == way
