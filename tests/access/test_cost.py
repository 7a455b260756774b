"""Generalised cost: cases worked out by hand, a plain search over whole ways, and what always holds.

Road stops cost 30 s to board (on foot, so twice) and nothing to alight; stations stand 10 km apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.cost.cost import FareGroup, Window, cost_weights, fare_groups, group_network, ride_costs
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.price import CostParts
from corridor.access.cost.router import CostRouter
from corridor.access.cost.search import CheapestWays, CostEdges, all_costs
from corridor.access.journeys.router import Router
from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import BusRide, Leg
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import BaseLayer
from corridor.network.compiled import BUS_LINK, FEEDER_LINK, ON_FOOT
from corridor.network.fares import CostParameters
from corridor.network.service import PERIODS, Link, Network
from tests.network_factory import checkpoint, compiled, ground, network, pattern, station

EIGHT = 8 * 3600.0
LIMIT_S = 3 * 3600.0
WEIGHTS = CostWeights(wait=2.0, walk=2.0, clearance=1.0, boarding_s=0.0, s_per_hkd=60.0)  # HK$60 an hour


@dataclass(frozen=True)
class PlainFares:
    """Fares by pair of stations and tariff, or flat; what `Fares` answers, without tables."""

    tariffs: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], float] = field(default_factory=dict)
    flat: Mapping[str, float] = field(default_factory=dict)
    ticketing_s: Mapping[str, float] = field(default_factory=dict)

    def matrix_of(self, line_id: str) -> str | None:
        return self.tariffs.get(line_id)

    def flat_hkd(self, line_id: str) -> float:
        return self.flat.get(line_id, 0.0)

    def matrix_hkd(self, tariff_id: str, stations: Sequence) -> np.ndarray:
        ids = [s.station_id for s in stations]
        return np.array([[self.pairs.get((a, b), 99.0) for b in ids] for a in ids], dtype=np.float32)


def stations(names: str, regions: str = ""):
    return [
        station(s, 10_000 * i, region)
        for i, (s, region) in enumerate(zip(names, _sides(names, regions), strict=True))
    ]


def _sides(names: str, regions: str) -> list[str]:
    return ["hk" if r == "h" else "sz" for r in regions] if regions else ["hk"] * len(names)


def leaving(net: Network, weights: CostWeights = WEIGHTS, clock_s: float = EIGHT) -> CostDeparture:
    c = compiled(net)
    base = BaseLayer(_no_cells(), ground())
    costing = Costing(fare_groups(net, c), weights, base.costed(weights, 0.0), 0.0)
    return CostDeparture(Departure(c, clock_s, LIMIT_S), costing)


def _no_cells() -> Cells:
    none = np.empty(0)
    return Cells(None, none, none, (), none.astype(np.int8), np.empty((0, 4), np.int32))  # type: ignore[arg-type]


def cost_min(net: Network, a: str, b: str, weights: CostWeights = WEIGHTS) -> float:
    departure = leaving(net, weights)
    index = departure.network.index
    seconds = all_costs(departure.edges(departure.windows[-1]))[index[b], index[a]]
    return float(seconds) / 60 if seconds < NEVER_S else np.inf


def journey(net: Network, a: str, b: str, clock_s: float = EIGHT, weights: CostWeights = WEIGHTS):
    c = compiled(net)
    base = BaseLayer(_no_cells(), ground())
    costing = Costing(fare_groups(net, c), weights, base.costed(weights, 0.0), 0.0)
    places = [Place(p, p, net.stations[p].x_m, net.stations[p].y_m, net.stations[p].region) for p in (a, b)]
    router = Router(net, base.departure(c, clock_s, LIMIT_S), base, *places)
    return CostRouter(router, CostDeparture(Departure(c, clock_s, LIMIT_S), costing)).find()


# --- by hand -----------------------------------------------------------------------------------


def test_one_ride():
    # On foot to the platform 0.5 min, twice: 1. Wait 5 min, twice: 10. Ride 20. HK$10 at HK$60 an hour: 10.
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600)])
    net = replace(net, fares=PlainFares(flat={"x": 10.0}))
    assert cost_min(net, "a", "b") == pytest.approx(1 + 10 + 20 + 10, abs=0.01)
    assert cost_min(net, "a", "b", replace(WEIGHTS, boarding_s=180)) == pytest.approx(44, abs=0.01)
    assert cost_min(net, "a", "b", replace(WEIGHTS, s_per_hkd=0)) == pytest.approx(31, abs=0.01)


def test_seconds_as_they_pass_are_the_expected_time():
    net = network(stations("abc"), [pattern("x", "ab", [1200], 600), pattern("y", "bc", [600], 300)])
    c = compiled(net)
    window = Window(EIGHT, LIMIT_S)
    (group,) = fare_groups(net, c)
    ride = ride_costs(group_network(c, group, window, TIME_ALONE), group, TIME_ALONE)
    # 0.5 + 5 + 20, then 0.5 + 2.5 + 10
    assert ride[0, 2] / 60 == pytest.approx(38.5, abs=0.01)


def test_dear_and_fast_beside_cheap_and_slow():
    # express: 10 min and HK$40, slow: 30 min and HK$5; both every 10 min. 1 + 10 + 10 + 40 = 61 against 46.
    lines = [pattern("express", "ab", [600], 600), pattern("slow", "ab", [1800], 600)]
    fares = PlainFares({"express": "e", "slow": "s"}, {("a", "b"): 40.0})
    net = replace(network(stations("ab"), lines), fares=fares)

    class ByTariff(PlainFares):
        def matrix_hkd(self, tariff_id, stations):
            return PlainFares(pairs={("a", "b"): 40.0 if tariff_id == "e" else 5.0}).matrix_hkd("", stations)

    net = replace(net, fares=ByTariff({"express": "e", "slow": "s"}))
    assert cost_min(net, "a", "b") == pytest.approx(1 + 10 + 30 + 5, abs=0.01)
    # At HK$600 an hour a dollar is 6 s: 1 + 10 + 10 + 4 = 25 against 41.5.
    assert cost_min(net, "a", "b", replace(WEIGHTS, s_per_hkd=6.0)) == pytest.approx(25, abs=0.01)


def test_a_fare_covers_the_change_inside_the_gates():
    # a - b by x and b - c by y under one tariff: one fare of HK$12 from a to c, not 10 + 10.
    lines = [pattern("x", "ab", [600], 600), pattern("y", "bc", [600], 600)]
    pairs = {("a", "b"): 10.0, ("b", "c"): 10.0, ("a", "c"): 12.0}
    inside = replace(network(stations("abc"), lines), fares=PlainFares({"x": "t", "y": "t"}, pairs))
    rides = 2 * (1 + 10 + 10)
    assert cost_min(inside, "a", "c") == pytest.approx(rides + 12, abs=0.01)
    apart = replace(inside, fares=PlainFares({"x": "t", "y": "u"}, pairs))
    assert cost_min(apart, "a", "c") == pytest.approx(rides + 20, abs=0.01)


def test_leaving_the_gates_on_the_way_where_two_fares_cost_less_than_one():
    # Through: 1 + 10 + 20 and HK$50. Out and in again at b: one more boarding, 1 + 10, and HK$10 + 10.
    line = pattern("x", "abc", [600, 600], 600)
    pairs = {("a", "b"): 10.0, ("b", "c"): 10.0, ("a", "c"): 50.0}
    net = replace(network(stations("abc"), [line]), fares=PlainFares({"x": "t"}, pairs))
    assert cost_min(net, "a", "c") == pytest.approx(2 * (1 + 10 + 10) + 20, abs=0.01)


def test_a_walk_inside_the_gates_keeps_the_fare_and_one_outside_does_not():
    # x to b, 2 min on foot to c (counted 4), y to d.
    lines = [pattern("x", "ab", [600], 600), pattern("y", "cd", [600], 600)]
    pairs = {("a", "d"): 12.0, ("a", "b"): 10.0, ("c", "d"): 10.0}
    ways = 2 * (1 + 10 + 10) + 4
    for inside, fare in ((True, 12), (False, 20)):
        net = network(stations("abcd"), lines, [Link("b", "c", 120.0, inside)])
        net = replace(net, fares=PlainFares({"x": "t", "y": "t"}, pairs))
        assert cost_min(net, "a", "d") == pytest.approx(ways + fare, abs=0.01)


def test_flat_fares_are_paid_at_each_boarding_and_share_the_wait():
    # Two lines of 10 min: 2.5 min of waiting, counted 5. x costs HK$10 and y HK$14: (0.5 * 2 + sum f v) / sum f.
    lines = [pattern("x", "ab", [1200], 600), pattern("y", "ab", [1200], 600)]
    net = replace(network(stations("ab"), lines), fares=PlainFares(flat={"x": 10.0, "y": 14.0}))
    # v = 1 + 20 + 10 and 1 + 20 + 14: mean 33, wait 5
    assert cost_min(net, "a", "b") == pytest.approx(5 + 33, abs=0.01)


def test_ticketing_is_time_and_counts_as_clearance_does():
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600)])
    net = replace(net, fares=PlainFares(ticketing_s={"x": 900.0}))
    assert cost_min(net, "a", "b") == pytest.approx(1 + 15 + 10 + 20, abs=0.01)
    assert journey(net, "a", "b").time_s / 60 == pytest.approx(0.5 + 15 + 5 + 20, abs=0.01)


def test_clearance_counts_where_a_line_clears():
    halls = [checkpoint("k", 900.0, kind="line")]
    line = pattern("x", "ab", [1200], 600, clearance={"b": "k"})
    net = network(stations("ab", "hs"), [line], checkpoints=halls)
    assert cost_min(net, "a", "b") == pytest.approx(1 + 10 + 20 + 15, abs=0.01)
    doubled = replace(WEIGHTS, clearance=2.0)
    assert cost_min(net, "a", "b", doubled) == pytest.approx(1 + 10 + 20 + 30, abs=0.01)


# --- journeys ----------------------------------------------------------------------------------


def test_a_journey_tells_minutes_fare_and_cost():
    lines = [pattern("x", "ab", [600], 600), pattern("y", "bc", [600], 600)]
    pairs = {("a", "c"): 12.0}
    net = replace(network(stations("abc"), lines), fares=PlainFares({"x": "t", "y": "t"}, pairs))
    found = journey(net, "a", "c")
    assert found.objective == "cost"
    assert found.cost_s / 60 == pytest.approx(2 * (1 + 10 + 10) + 12, abs=0.01)
    assert found.time_s / 60 == pytest.approx(2 * (0.5 + 5 + 10), abs=0.01)
    assert found.fare_hkd == pytest.approx(12)
    assert [leg.fare_hkd for leg in found.legs] == [pytest.approx(12), 0.0]
    assert sum(leg.time_s for leg in found.legs) == pytest.approx(found.time_s, abs=0.1)


def test_each_ride_bears_the_fare_that_it_begins():
    # x to b, 2 min on foot to c, y to d: HK$12 through, HK$10 apart
    lines = [pattern("x", "ab", [600], 600), pattern("y", "cd", [600], 600)]
    pairs = {("a", "d"): 12.0, ("a", "b"): 10.0, ("c", "d"): 10.0}
    for inside, paid in ((True, [12, 0, 0]), (False, [10, 0, 10])):
        net = network(stations("abcd"), lines, [Link("b", "c", 120.0, inside)])
        found = journey(replace(net, fares=PlainFares({"x": "t", "y": "t"}, pairs)), "a", "d")
        assert [leg.fare_hkd for leg in found.legs] == pytest.approx(paid)


def test_a_change_to_another_tariff_begins_another_fare():
    lines = [pattern("x", "ab", [600], 600), pattern("y", "bc", [600], 600)]
    pairs = {("a", "b"): 10.0, ("b", "c"): 7.0, ("a", "c"): 12.0}
    found = journey(
        replace(network(stations("abc"), lines), fares=PlainFares({"x": "t", "y": "u"}, pairs)), "a", "c"
    )
    assert [leg.fare_hkd for leg in found.legs] == pytest.approx([10, 7])


def test_the_parts_of_a_way_count_a_local_bus_as_a_boarding():
    bus = BusRide(("1",), "p", "q", walk_s=60, wait_s=120, in_vehicle_s=300, share=1.0, fare_hkd=5.0)
    legs = [
        Leg("walk", "home", "a", 0, 480, buses=(bus,), fare_hkd=5.0),  # 60 s on foot, the bus: 120 and 300
        Leg(
            "ride",
            "a",
            "b",
            480,
            900,
            wait_s=200,
            in_vehicle_s=600,
            clearance_s=70,
            ticketing_s=10,
            fare_hkd=7.0,
        ),
    ]
    # riding 300 + 600; waiting 120 + 200; clearance and ticketing 80; the rest on foot: 1380 - 900 - 320 - 80
    assert CostParts.of(legs) == CostParts(900, 320, 80, 80, 2, 12.0)


# --- what minutes and dollars count ---------------------------------------------------------------


def test_all_weights_are_against_a_minute_in_the_vehicle():
    # a minute in the vehicle counts 2: everything else counts half of what it is given as; HK$60 an hour is 60 s a dollar
    stated = CostParameters(
        in_vehicle_weight=2.0,
        wait_weight=5.0,
        walk_weight=4.0,
        clearance_weight=3.0,
        boarding_penalty_s=240.0,
    )
    assert cost_weights(stated, 60.0) == CostWeights(2.5, 2.0, 1.5, 120.0, 30.0)
    assert cost_weights(stated, np.inf).s_per_hkd == 0


def test_time_counts_with_the_longest_headway_and_the_choice_with_that_at_departure():
    # from 09:00 for an hour: every 5 min until 09:30, every 10 min after
    line = pattern("x", "ab", [1200], {name: 300.0 if name == "am_peak" else 600.0 for name, _, _ in PERIODS})
    net = network(stations("ab"), [line])
    c, window = compiled(net), Window(9 * 3600.0, 3600.0)
    (group,) = fare_groups(net, c)
    taken = ride_costs(group_network(c, group, window, TIME_ALONE), group, TIME_ALONE)
    assert taken[0, 1] / 60 == pytest.approx(0.5 + 5 + 20, abs=0.01)
    chosen = ride_costs(group_network(c, group, window, WEIGHTS), group, WEIGHTS)
    assert chosen[0, 1] / 60 == pytest.approx(1 + 5 + 20, abs=0.01)  # on foot 0.5, wait 2.5, each twice


@pytest.mark.parametrize(("kind", "counted"), [(ON_FOOT, 2), (BUS_LINK, 1), (FEEDER_LINK, 1)])
def test_ways_by_bus_and_feeder_are_costs_already(kind: int, counted: float):
    # 10 min from a to b on foot count twice; a bus or feeder whose cost is 10 min counts once
    ends = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32), np.array([600.0], dtype=np.float32)
    c = compiled(network(stations("ab"), [])).with_links(kind, *ends)
    edges = CostEdges.of(c, (), (), Window(EIGHT, LIMIT_S), WEIGHTS)
    assert CheapestWays.search(edges, np.array([0.0, np.inf])).cost_s[1] / 60 == pytest.approx(10 * counted)


def test_the_cheapest_journey_may_take_longer_than_the_soonest():
    class ByTariff(PlainFares):
        def matrix_hkd(self, tariff_id, stations):
            return PlainFares(pairs={("a", "b"): 80.0 if tariff_id == "e" else 5.0}).matrix_hkd("", stations)

    lines = [pattern("express", "ab", [600], 600), pattern("slow", "ab", [1800], 600)]
    net = replace(network(stations("ab"), lines), fares=ByTariff({"express": "e", "slow": "s"}))
    found = journey(net, "a", "b")
    assert found.legs[0].lines == ("slow",)
    assert found.time_s / 60 == pytest.approx(0.5 + 5 + 30, abs=0.01)
    c = compiled(net)
    base = BaseLayer(_no_cells(), ground())
    soonest = Router(net, base.departure(c, EIGHT, LIMIT_S), base, *_ends(net, "a", "b"))
    best = soonest.solve()
    assert best is not None and best.time_s / 60 == pytest.approx(0.5 + 5 + 10, abs=0.01)


def _ends(net: Network, a: str, b: str) -> list[Place]:
    return [Place(p, p, net.stations[p].x_m, net.stations[p].y_m, net.stations[p].region) for p in (a, b)]


def test_a_control_point_that_closes_on_the_way_is_not_promised():
    # Cheap by k, which closes at 08:20; dear by m. Leaving at 08:00 k is reached after 5 + 0.5 + 20 min.
    halls = [checkpoint("k", 60.0, close_s=EIGHT + 1200.0, kind="line"), checkpoint("m", 60.0, kind="line")]
    lines = [
        pattern("cheap", "ab", [1200], 600, clearance={"b": "k"}),
        pattern("dear", "ab", [1200], 600, clearance={"b": "m"}),
    ]
    fares = PlainFares(flat={"cheap": 1.0, "dear": 50.0})
    net = replace(network(stations("ab", "hs"), lines, checkpoints=halls), fares=fares)
    assert journey(net, "a", "b").checkpoints == ("m",)
    early = [replace(halls[0], close_s=86_400.0), halls[1]]
    assert journey(replace(net, checkpoints={h.checkpoint_id: h for h in early}), "a", "b").checkpoints == (
        "k",
    )


def test_where_only_the_clock_search_finds_a_way_it_is_priced():
    # The last train leaves the first stop at 08:05; one is on the platform at 08:00:30 and rides, though it does not run
    # throughout half an hour. The fare stands on the way found by the clock.
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600, last=EIGHT + 300.0)])
    net = replace(net, fares=PlainFares({"x": "t"}, {("a", "b"): 7.0}))
    found = journey(net, "a", "b")
    assert found.fare_hkd == pytest.approx(7)
    assert found.time_s / 60 == pytest.approx(25.5, abs=0.1)
    assert found.cost_s / 60 == pytest.approx(1 + 10 + 20 + 7, abs=0.1)


def test_alternatives_name_what_each_control_point_costs():
    halls = [checkpoint("k", 600.0, kind="line"), checkpoint("m", 60.0, kind="line")]
    lines = [
        pattern("one", "ab", [1200], 600, clearance={"b": "k"}),
        pattern("two", "ab", [1200], 600, clearance={"b": "m"}),
    ]
    fares = PlainFares(flat={"one": 1.0, "two": 5.0})
    found = journey(replace(network(stations("ab", "hs"), lines, checkpoints=halls), fares=fares), "a", "b")
    costs = {a.checkpoint_id: (round((a.cost_s or 0) / 60), round(a.fare_hkd)) for a in found.alternatives}
    assert costs == {"k": (1 + 10 + 20 + 10 + 1, 1), "m": (1 + 10 + 20 + 1 + 5, 5)}


# --- against a plain search, and what always holds ---------------------------------------------


@st.composite
def networks(draw):
    names = "abcdef"
    lines = []
    for k in range(draw(st.integers(1, 5))):
        stops = draw(st.lists(st.sampled_from(names), min_size=2, max_size=4, unique=True))
        runs = [draw(st.integers(2, 30)) * 60.0 for _ in stops[1:]]
        lines.append(pattern(f"l{k}", "".join(stops), runs, draw(st.sampled_from([180.0, 600.0, 1200.0]))))
    tariffs = {p.line_id: draw(st.sampled_from(["t", "u"])) for p in lines if draw(st.booleans())}
    pairs = {(a, b): float(draw(st.integers(0, 60))) for a, b in itertools.permutations(names, 2)}
    flat = {p.line_id: float(draw(st.integers(0, 30))) for p in lines}
    return network(stations(names), lines), PlainFares(tariffs, pairs, flat)


def plain_costs(net: Network, weights: CostWeights) -> np.ndarray:
    """Bellman and Ford over rides written out: every group's rides by its own settled strategy, plus the fare."""
    c = compiled(net)
    window = Window(EIGHT, LIMIT_S)
    n = len(c.points)
    best = np.full((n, n), np.inf)
    np.fill_diagonal(best, 0.0)
    edges = []
    for group in fare_groups(net, c):
        ride = ride_costs(group_network(c, group, window, weights), group, weights)
        edges += [
            (int(p), int(q), float(ride[i, j]))
            for i, p in enumerate(group.points)
            for j, q in enumerate(group.points)
            if i != j and ride[i, j] < NEVER_S
        ]
    for _ in range(n):
        for p, q, cost in edges:
            best[:, q] = np.minimum(best[:, q], best[:, p] + cost)
    return best


@settings(max_examples=60)
@given(networks())
def test_the_search_equals_a_plain_one(case):
    net, fares = case
    net = replace(net, fares=fares)
    departure = leaving(net)
    found = all_costs(departure.edges(departure.windows[-1])).T.astype(float)
    found[found >= NEVER_S] = np.inf
    np.testing.assert_allclose(found, plain_costs(net, WEIGHTS), rtol=1e-5, atol=0.1)


@settings(max_examples=60)
@given(networks(), st.integers(0, 60), st.sampled_from([300.0, 900.0]))
def test_a_service_added_raises_no_cost(case, fare, headway_s):
    net, fares = case
    added = pattern("new", "af", [900.0], headway_s)
    more = network(list(net.stations.values()), [*net.patterns, added])
    fares = replace(fares, flat={**fares.flat, "new": float(fare)})
    before, after = (
        all_costs(d.edges(d.windows[-1])) for d in (leaving(replace(n, fares=fares)) for n in (net, more))
    )
    names = [compiled(n).index for n in (net, more)]
    for a, b in itertools.permutations(names[0], 2):
        was, now = before[names[0][b], names[0][a]], after[names[1][b], names[1][a]]
        assert now <= was + 0.1


@settings(max_examples=40)
@given(networks(), st.floats(0.0, 300.0))
def test_a_dearer_minute_of_money_never_lowers_a_cost(case, more_s):
    net, fares = case
    net = replace(net, fares=fares)
    cheap, dear = (
        all_costs(d.edges(d.windows[-1]))
        for d in (leaving(net), leaving(net, replace(WEIGHTS, s_per_hkd=WEIGHTS.s_per_hkd + more_s)))
    )
    assert (dear >= cheap - 0.1).all()


@settings(max_examples=40)
@given(networks())
def test_the_chosen_way_takes_no_less_than_the_least_time(case):
    net, fares = case
    net = replace(net, fares=fares)
    c = compiled(net)
    base = BaseLayer(_no_cells(), ground())
    departure = leaving(net)
    for a, b in (("a", "f"), ("b", "e")):
        if a not in c.index or b not in c.index:
            continue
        soonest = Router(net, base.departure(c, EIGHT, LIMIT_S), base, *_ends(net, a, b))
        best, way = soonest.solve(), CostRouter(soonest, departure).solve()
        assert (best is None) == (way is None)
        if best and way:
            assert way.time_s >= best.time_s - 1.0
            assert way.fare_hkd >= 0


def test_the_way_told_leads_from_end_to_end():
    net = network(stations("abcd"), [pattern("x", "abc", [600, 600], 600), pattern("y", "cd", [600], 600)])
    departure = leaving(net)
    edges = departure.edges(departure.windows[-1])
    first = np.full(4, np.inf)
    first[departure.network.index["a"]] = 0.0
    ways = CheapestWays.search(edges, first)
    chain = ways.chain(departure.network.index["d"])
    assert chain[0][0] == departure.network.index["a"]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(chain))
    assert isinstance(edges, CostEdges)
    assert isinstance(departure.costing.groups[0], FareGroup)
