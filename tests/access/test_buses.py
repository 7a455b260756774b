"""Local buses: cases worked out by hand, a plain form of the same rules on random networks, and the real study.

On the ground of these tests walks are straight: 1.3 times the distance at 1.2 m/s, 13/12 s for a metre. A bus costs
30 s to board; alone it waits half its headway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.reach.minutes import seconds_between_cells
from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.search.parameters import AccessParameters
from corridor.access.search.strategy import LANES, workspace
from corridor.access.surroundings.base import BaseLayer
from corridor.access.surroundings.bus_times import gate_lines, nearest_kept
from corridor.access.surroundings.bus_ways import likeliest_buses
from corridor.access.surroundings.buses import BUS_REACH_S, FAR, RIDE_LIMIT_S, BusHour, BusStops
from corridor.access.surroundings.points import Points
from corridor.cli import terminal
from corridor.cli.journey_text import journey_parts
from corridor.core.crs import project_xy
from corridor.network.bus import BusNetwork
from corridor.network.compiled import BUS_LINK, compile_network
from corridor.network.service import PERIODS, Link, hall
from corridor.network.walk import Ground, WalkParameters
from corridor.study.clock import read_clock
from corridor.study.study import Study
from tests.network_factory import checkpoint, ground, network, pattern, station

EIGHT = 8 * 3600.0
WALK = 1.3 / 1.2
BOARD = 30.0


@dataclass(frozen=True)
class Route:
    """Stops by number, seconds from each to the next."""

    stops: tuple[int, ...]
    ride_s: tuple[float, ...]
    headway_s: float
    first_s: float = 0.0
    last_s: float = 86_400.0
    name: str = "T 1"
    fare_hkd: float = 0.0


def buses(xy: list[tuple[float, float]], routes: list[Route]) -> BusNetwork:
    elapsed = [np.concatenate([[0.0], np.cumsum(r.ride_s)]) for r in routes]
    return BusNetwork(
        np.array([x for x, _ in xy], dtype=float),
        np.array([y for _, y in xy], dtype=float),
        np.concatenate([[0], np.cumsum([len(r.stops) for r in routes])]).astype(np.int32),
        np.concatenate([r.stops for r in routes]).astype(np.int32),
        np.concatenate([[*r.ride_s, 0.0] for r in routes]).astype(np.float32),
        np.concatenate(elapsed).astype(np.float32),
        np.array([[r.headway_s] * len(PERIODS) for r in routes], dtype=np.float32),
        np.array([r.first_s for r in routes], dtype=np.float32),
        np.array([r.last_s for r in routes], dtype=np.float32),
        tuple(r.name for r in routes),
        tuple(f"stop {i}" for i in range(len(xy))),
        np.concatenate([np.full(len(r.stops), r.fare_hkd) for r in routes]).astype(np.float32),
    )


def hour_of(net: BusNetwork, clock_s: float = EIGHT, land: Ground | None = None) -> BusHour:
    none = np.empty(0)
    return BusHour(BusStops.of(net, land or ground(), Points(none, none, ())), clock_s)


def seconds(net: BusNetwork, a: tuple[float, float], b: tuple[float, float], clock_s: float = EIGHT) -> float:
    """From place to place by bus, infinite where there is no way."""
    hour = hour_of(net, clock_s)
    start, end = (hour.stops.near(np.array([p[0]]), np.array([p[1]])) for p in (a, b))
    to_end = hour.to_places(end)[:, 0]
    found = float(np.min(to_end[start.column] + start.seconds, initial=np.inf))
    return found if found < FAR else np.inf


A, B = (1000.0, 5000.0), (4000.0, 5000.0)
TWO_STOPS = [A, B]
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


# --- the base layer ----------------------------------------------------------------------------


def two_sides() -> Ground:
    """Hong Kong west of 25 km, Shenzhen east of it."""
    land = np.full((80, 400), 1, dtype=np.uint8)
    land[:, 200:] = 2
    return Ground(land, 0.0, 0.0, 125.0, WalkParameters())


def cells_at(xy: list[tuple[float, float]], land: Ground) -> Cells:
    table = pd.DataFrame(xy, columns=["x_m", "y_m"])
    for column in ("residents_census", "jobs_modelled", "residents_buildout_2035", "jobs_buildout_2035"):
        table[column] = 1.0
    return Cells.from_table(table.assign(region=[land.region_at(*p) for p in xy]))


def layer(net: BusNetwork | None, xy: list[tuple[float, float]], land: Ground | None = None) -> BaseLayer:
    land = land or ground()
    return BaseLayer(cells_at(xy, land), land, net)


def departure_of(base: BaseLayer, stations, patterns=(), clock_s: float = EIGHT) -> Departure:
    net = network(stations, patterns)
    return base.departure(compile_network(net, base.ground), clock_s, 7200.0)


def entries(rows, cell: int) -> dict[int, float]:
    part = slice(rows.start[cell], rows.start[cell + 1])
    return dict(zip(rows.column[part].tolist(), rows.seconds[part].tolist(), strict=True))


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
    link = [Link("c", hall("gate", "hk"), 60.0, "test")]
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


# --- the real study ----------------------------------------------------------------------------

BASELINE = "baseline-2024"


@pytest.fixture(scope="module")
def homes(study: Study) -> np.ndarray:
    """Twelve lived-in cells of Hong Kong."""
    cells = study.cells
    lived_in = np.flatnonzero((np.array(cells.region) == "hk") & (cells.people() > 300))
    return np.random.default_rng(1).choice(lived_in, 12, replace=False).astype(np.int32)


def positions(study: Study, cells: np.ndarray) -> pd.DataFrame:
    rows = study.cells.table.iloc[cells]
    return pd.DataFrame({"id": rows["cell_id"].astype(str), "lon": rows["lon"], "lat": rows["lat"]})


@pytest.mark.parametrize("at", ["08:30", "23:00"])
def test_cells_times_and_journeys_agree(study: Study, homes: np.ndarray, at: str) -> None:
    frame = positions(study, homes)
    table = study.times(frame, frame, BASELINE, at)["minutes"].to_numpy().reshape(12, 12) * 60
    departure = study.base.departure(study.network(BASELINE).compiled, read_clock(at), 5400.0)
    cells = seconds_between_cells(departure, study.base, homes)[:, homes]
    both = np.isfinite(cells) & ~np.eye(12, dtype=bool) & (table < 3300)  # 08:30: before the peak ends
    assert both.sum() > 20
    gap = (cells - table)[both]
    # three whole seconds are rounded: access, time left, or the way by bus alone
    assert np.median(np.abs(gap)) < 1.5
    # the rest: a cell knows the soonest 24 stations only, its walks cross narrow water on a coarser grid, and at 23:00
    # five minutes are rounded down, which may grant it a last train
    assert np.mean(np.abs(gap) < 3) > 0.8
    where = [f"{lon},{lat}" for lon, lat in zip(frame["lon"], frame["lat"], strict=True)]
    for i, j in ((0, 1), (2, 3), (4, 5), (6, 7), (8, 11)):
        if np.isfinite(table[i, j]):
            journey = study.journey(where[i], where[j], BASELINE, at, least="time")
            assert journey.time_s == pytest.approx(table[i, j], abs=0.1)


def test_stops_and_bus_links_lie_in_hong_kong(study: Study) -> None:
    linked = study.base.departure(study.network(BASELINE).compiled, EIGHT, 3600.0).network
    by_bus = np.flatnonzero(linked.link_cp == BUS_LINK)
    start = np.searchsorted(linked.link_start, by_bus, side="right") - 1
    assert by_bus.size > 1000
    assert {linked.region[p] for p in start} == {"hk"}
    assert {linked.region[p] for p in linked.link_to[by_bus]} == {"hk"}
    row, _ = study.base.cells_by_bus(EIGHT)
    assert {study.cells.region[i] for i in np.flatnonzero(row >= 0)} == {"hk"}


def test_planned_stations_are_no_further_than_by_feeder(study: Study) -> None:
    net = study.network("western-2035").compiled
    planned = [
        p for p in range(len(net.points)) if net.planned[p] and net.street[p] and net.region[p] == "hk"
    ]
    assert planned
    with_buses, without = (
        base.access(base.departure(net, read_clock("08:30"), 3600.0)).transposed(len(net.points))
        for base in (study.base, BaseLayer(study.cells, study.ground))
    )
    for p in planned:
        a, b = (entries(rows, p) for rows in (with_buses, without))
        # the cells that keep it among their 24 soonest; today's buses may be sooner still
        assert set(a) & set(b)
        assert all(a[cell] <= b[cell] + 0.01 for cell in set(a) & set(b))


def test_a_journey_names_its_buses(study: Study) -> None:
    journey = study.journey(
        "114.2700,22.3800", "Central", BASELINE, "08:30", least="time"
    )  # Sai Kung has no railway
    leg = journey.legs[0]
    assert (leg.kind, leg.to_point) == ("access", "hang-hau")
    assert leg.buses[0].routes == ("GMB 101M",)
    assert sum(r.walk_s + r.wait_s + r.in_vehicle_s for r in leg.buses) < leg.time_s
    assert "GMB 101M: Po Tung Road, Sai Kung Town Hall to Hang Hau Station" in terminal.plain(
        *journey_parts(journey)
    )
    rail = study.journey("admiralty", "lo-wu", BASELINE, "08:30")
    assert not any(leg.buses for leg in rail.legs)


def test_without_local_buses_the_feeder_is_everywhere(study: Study) -> None:
    plain_study = Study.bundled()
    plain_study.parameters = AccessParameters(local_buses=False)
    assert plain_study.base.buses is None
    net = plain_study.network(BASELINE).compiled
    departure = plain_study.base.departure(net, EIGHT, 3600.0)
    assert not (departure.network.link_cp == BUS_LINK).any()
    place = plain_study.position("p", 114.2700, 22.3800)
    points, around = plain_study.base.surroundings(departure, place).to_points
    x, y = project_xy(114.2700, 22.3800)
    straight = np.hypot(net.x_m[points] - x, net.y_m[points] - y)
    # nothing is faster than the feeder in a straight line
    assert (around >= plain_study.ground.parameters.reach_s(straight.astype(np.float32)) - 1).all()
