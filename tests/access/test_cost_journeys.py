"""Journeys by generalised cost: the spread of the way reported, fares told, choices, and the shipped network."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.cost.choices import Choice, undominated
from corridor.access.cost.price import CostParts, with_assumed
from corridor.access.cost.router import CostRouter
from corridor.access.journeys.router import Router
from corridor.access.journeys.spread import ClearanceTimes, simulated_s
from corridor.access.journeys.tables import hub_table
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S, Leg
from corridor.access.search.parameters import CostWeights
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.cli.journey_text import journey_data, journey_parts
from corridor.cli.terminal import rendered
from corridor.core.in_memory import Kept
from corridor.network.service import Link, Network
from corridor.study.study import Study
from tests.access.test_cost import EIGHT, PlainFares, _ends, _no_cells, leaving, networks, stations
from tests.conftest import Cli
from tests.network_factory import checkpoint, compiled, ground, network, pattern

BASELINE = "baseline-2024"
GROUPS = (None, "e-channel-resident", "resident", "mainland-visitor", "visitor")
DRAWS = 20_000


# --- spread -------------------------------------------------------------------------------------


def cost_router(net: Network, a: str, b: str) -> CostRouter:
    base = BaseLayer(_no_cells(), ground())
    departure = base.departure(compiled(net), EIGHT, LIMIT_S)
    return CostRouter(Router(net, departure, base, *_ends(net, a, b)), leaving(net))


def drawn_min(router: CostRouter, draws: int = DRAWS, seed: int = 1) -> np.ndarray:
    """Simulated minutes of the way that the cost search reports."""
    policy, net = router.policy(), router.soonest.compiled
    assert policy is not None
    clear = net.cp_clear_s.astype(float)
    held = ClearanceTimes.of(clear, clear)
    return simulated_s(policy, net, held, EIGHT, draws, np.random.default_rng(seed)) / 60


def test_one_ride_spreads_uniformly_over_its_headway_as_under_time():
    # 0.5 min to board, 20 min of riding, and a wait of 0 to 10 min, whatever a wait counts and a ride costs
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600)])
    router = cost_router(replace(net, fares=PlainFares(flat={"x": 10.0})), "a", "b")
    minutes = drawn_min(router)
    assert minutes.min() == pytest.approx(20.5, abs=0.05)
    assert minutes.max() == pytest.approx(30.5, abs=0.05)
    assert minutes.mean() == pytest.approx(25.5, abs=0.1)
    assert np.percentile(minutes, [10, 50, 90]) == pytest.approx([21.5, 25.5, 29.5], abs=0.15)
    soonest = router.soonest
    policy = soonest.policy()
    assert policy is not None
    none = ClearanceTimes.of(np.empty(0), np.empty(0))
    same = simulated_s(policy, soonest.compiled, none, EIGHT, DRAWS, np.random.default_rng(1)) / 60
    assert minutes == pytest.approx(same, abs=0.01)


def test_leaving_the_gates_and_a_walk_are_followed_edge_by_edge():
    # out and in again at b, as two fares cost less than one; then 2 min on foot and another line
    lines = [pattern("x", "abc", [600, 600], 600), pattern("y", "de", [600], 600)]
    pairs = {("a", "b"): 10.0, ("b", "c"): 10.0, ("a", "c"): 50.0, ("d", "e"): 5.0}
    net = network(stations("abcde"), lines, [Link("c", "d", 120.0)])
    router = cost_router(replace(net, fares=PlainFares({"x": "t", "y": "u"}, pairs)), "a", "e")
    way = router.solve()
    assert way is not None and way.fare_hkd == pytest.approx(25)
    minutes = drawn_min(router)
    # three waits of 0 to 10 min; 3 x (0.5 + 10) and 2 on foot besides
    assert (minutes.min() >= 33.5) and (minutes.max() <= 63.5)
    assert minutes.mean() == pytest.approx(48.5, abs=0.2) == way.time_s / 60
    assert minutes.std() == pytest.approx(10 * np.sqrt(3 / 12), abs=0.1)


def test_the_way_that_is_simulated_is_the_cheap_one_not_the_soon_one():
    class ByTariff(PlainFares):
        def matrix_hkd(self, tariff_id, stations):
            return PlainFares(pairs={("a", "b"): 80.0 if tariff_id == "e" else 5.0}).matrix_hkd("", stations)

    lines = [pattern("express", "ab", [600], 600), pattern("slow", "ab", [1800], 600)]
    net = replace(network(stations("ab"), lines), fares=ByTariff({"express": "e", "slow": "s"}))
    minutes = drawn_min(cost_router(net, "a", "b"))
    assert minutes.min() >= 30.5 and minutes.mean() == pytest.approx(35.5, abs=0.1)


def test_clearance_on_the_way_is_drawn():
    halls = [checkpoint("k", 900.0, kind="line")]
    net = network(stations("ab", "hs"), [pattern("x", "ab", [1200], 600, clearance={"b": "k"})], checkpoints=halls)  # fmt: skip
    assert drawn_min(cost_router(net, "a", "b")).mean() == pytest.approx(0.5 + 5 + 20 + 15, abs=0.1)


@settings(max_examples=40)
@given(networks(), st.integers(0, 2**32))
def test_the_mean_drawn_is_no_shorter_than_the_minutes_reported(case, seed):
    net, fares = case
    router = (
        cost_router(replace(net, fares=fares), "a", "f") if {"a", "f"} <= set(compiled(net).index) else None
    )
    way = router.solve() if router else None
    if router is None or way is None:
        return
    minutes = drawn_min(router, 2_000, seed)
    assert not np.isnan(minutes).any()
    # independent phases wait longer than those that interleave; six standard errors
    assert minutes.mean() >= way.time_s / 60 - 6 * minutes.std() / 2_000**0.5 - 0.05
    rides = [leg for leg in way.legs if leg.kind == "ride"]
    if all(len(leg.lines) == 1 and leg.share > 0.999 for leg in rides):
        assert minutes.mean() == pytest.approx(way.time_s / 60, abs=6 * minutes.std() / 2_000**0.5 + 0.05)


# --- what is told --------------------------------------------------------------------------------


def test_the_parts_of_a_way_by_hand():
    ride = Leg("ride", "a", "b", 0.0, 2700.0, 300.0, 1200.0, ("x",), clearance_s=600.0, ticketing_s=300.0, fare_hkd=7.0)  # fmt: skip
    feeder = Leg("egress", "b", "c", 0.0, 900.0, 300.0, 600.0, fare_hkd=2.0)
    parts = CostParts.of((ride, Leg("walk", "b", "b", 0.0, 120.0), feeder))
    assert parts == CostParts(1800.0, 600.0, 420.0, 900.0, 2, 9.0)
    weights = CostWeights(2.0, 3.0, 1.0, 180.0, 60.0)
    assert parts.weighted_s(weights) == 1800 + 1200 + 1260 + 900 + 360 + 540


@dataclass(frozen=True)
class Assumption:
    assumed: bool
    index: tuple[str, ...] = ()


class SomeAssumed:
    """Line y by assumption; of tariff t, which x and z share, the pair a, c."""

    lines: Mapping[str, Assumption] = {line: Assumption(line == "y") for line in "xyz"}
    tariffs: Mapping[str, Assumption] = {"t": Assumption(False)}

    def matrix_of(self, line_id: str) -> str | None:
        return "t" if line_id in "xz" else None

    def is_assumed(self, tariff_id: str, a: str, b: str) -> bool:
        return (a, b) == ("a", "c")


def test_an_assumed_fare_is_marked_by_line_pair_and_feeder():
    def ride(line: str, a: str, b: str, fare: float) -> Leg:
        return Leg("ride", a, b, 0.0, 60.0, lines=(line,), from_point=a, to_point=b, fare_hkd=fare)

    def marks(*legs: Leg) -> list[bool]:
        return [leg.fare_assumed for leg in with_assumed(legs, SomeAssumed())]  # type: ignore[arg-type]

    assert marks(ride("x", "a", "b", 5)) == [False]
    assert marks(ride("x", "a", "b", 5), ride("z", "b", "c", 0)) == [True, False]  # one fare from a to c
    assert marks(ride("x", "a", "b", 5), ride("z", "b", "c", 4)) == [False, False]  # two fares
    assert marks(ride("y", "a", "b", 5)) == [True]
    assert marks(Leg("egress", "a", "b", 0.0, 600.0, 300.0, 300.0, fare_hkd=2.0)) == [True]
    assert marks(Leg("egress", "a", "b", 0.0, 600.0)) == [False]


def test_choices_are_those_that_nothing_beats():
    def way(minutes: float, fare: float, **what) -> Choice:
        return Choice(60 * minutes, fare, (), **what)

    found = undominated(
        [
            way(40, 90, soonest=True),
            way(60, 50, values_hkd_h=(48.0,)),
            way(60.2, 50, values_hkd_h=(25.0,)),
            way(65, 55, money_apart=True),
        ]
    )
    assert [(c.time_s / 60, c.fare_hkd) for c in found] == [(40, 90), (60, 50)]
    assert found[0].soonest and found[1].values_hkd_h == (48.0, 25.0)
    assert undominated([]) == ()


# --- the shipped network -------------------------------------------------------------------------

COMMUTES = {
    # way, lines in order, and for all travellers minutes and HKD at 08:30
    ("Hung Shui Kiu", "Futian CBD"): ("lok-ma-chau-spur", ("lr-", "bus-b1", "sz-l4"), 86, 21.4),
    ("Yuen Long", "Xili"): ("lok-ma-chau-spur", ("bus-b1", "sz-l7"), 104, 21.5),
    ("Central", "Futian CBD"): ("lok-ma-chau-spur", ("island", "east-rail", "sz-l4"), 97, 54.4),
    ("Sha Tin", "Luohu"): ("lo-wu", ("east-rail",), 57, 33.0),
}


@pytest.mark.parametrize("ends", COMMUTES, ids=" - ".join)
@pytest.mark.parametrize("group", GROUPS)
def test_what_a_commuter_would_take(study: Study, ends: tuple[str, str], group: str | None) -> None:
    point, lines, minutes, fare_hkd = COMMUTES[ends]
    found = study.journey(*ends, BASELINE, "08:30", group=group)
    assert found.checkpoints == (point,)
    rides = [leg for leg in found.legs if leg.kind == "ride"]
    assert len(rides) == len(lines)
    assert all(leg.lines[0].startswith(line) for leg, line in zip(rides, lines, strict=True))
    checkpoint = study.network(BASELINE).network.checkpoints[point]
    slower = checkpoint.clearance_by_group_s["northbound"][group] - checkpoint.clearance_s if group else 0.0
    assert (found.time_s - slower) / 60 == pytest.approx(minutes, abs=2)
    assert found.fare_hkd == pytest.approx(fare_hkd, abs=1)  # the way and its fare are those of all groups
    assert found.fare_hkd == pytest.approx(sum(leg.fare_hkd for leg in found.legs))
    assert found.rates is not None
    assert found.rates.value_of_time_hkd_h == {None: 48, "mainland-visitor": 40}.get(group, 50)
    mark = "*" if any(leg.fare_assumed for leg in found.legs) else ""
    assert f"HK${found.fare_hkd:.1f}{mark} (CNY {0.92 * found.fare_hkd:.1f})" in rendered(
        journey_parts(found)
    )
    assert min(a.cost_s for a in found.alternatives if a.cost_s) == pytest.approx(found.cost_s, abs=1)


def test_the_soonest_way_is_priced_too(study: Study) -> None:
    ends = ("Central", "Futian CBD", BASELINE, "08:30")
    cheapest, soonest = study.journey(*ends), study.journey(*ends, least="time")
    assert soonest.checkpoints == ("west-kowloon",)
    assert soonest.time_s < cheapest.time_s and soonest.cost_s > cheapest.cost_s
    express = next(leg for leg in soonest.legs if "xrl" in leg.lines)
    assert (express.fare_hkd, express.fare_assumed, express.ticketing_s) == (78, True, 900)
    (feeder,) = [leg for leg in soonest.legs if leg.by_feeder]
    assert feeder.fare_assumed and feeder.fare_hkd == pytest.approx(2 / 0.92)
    text = rendered(journey_parts(soonest))
    assert "HK$78.0*" in text and "* assumed fare" in text and "ticketing 15.0" in text
    json.dumps(journey_data(soonest), allow_nan=False)


def test_a_long_walk_to_a_station_with_buses_is_no_feeder(study: Study) -> None:
    # from the hills above Sha Tin: in Hong Kong the feeder serves stations still to come alone
    for least in ("cost", "time"):
        found = study.journey("114.1990,22.3890", "central", BASELINE, "08:30", least=least)  # type: ignore[arg-type]
        assert not any(leg.by_feeder for leg in found.legs)
        spent = sum(leg.time_s for leg in found.legs)
        assert spent * 0.8 < found.time_s < spent * 1.2


def test_choices_of_a_pair(study: Study, shared: Study, cli: Cli) -> None:
    found = study.choices("Central", "Futian CBD", BASELINE, "08:30")
    assert [c.checkpoints for c in found[:2]] == [("west-kowloon",), ("lok-ma-chau-spur",)]
    assert found[0].soonest and {48, 132} <= set(found[1].values_hkd_h)
    run = cli("journey", "Central", "Futian CBD", "--choices")
    assert "west-kowloon: the soonest" in run.output
    assert "lok-ma-chau-spur: the cheapest at HK$48, 132 an hour" in run.output


def test_choices_of_hubs_trade_minutes_for_dollars(study: Study) -> None:
    table = study.hub_choices(BASELINE, "08:30")
    assert len(table.groupby(["from_place", "to_place"])) > 80
    for _, ways in table.groupby(["from_place", "to_place"]):
        assert (np.diff(ways["minutes"]) > 0).all()
        assert (np.diff(ways["fare_hkd"]) < 0).all()


@pytest.mark.parametrize(
    ("ticketing", "by_time", "by_cost"),
    [(True, 12, {25: 0, 48: 0, 132: 1, float("inf"): 13}), (False, 17, {48: 0, 132: 6})],
)
def test_the_express_rail_s_share_of_hub_pairs(
    study: Study, ticketing: bool, by_time: int, by_cost: dict[float, int]
) -> None:
    # the 50 pairs of docs/access.md, "The express rail's share"; 12 % of passengers go by West Kowloon
    hubs, net = study.hubs, study.network(BASELINE)
    leaving = study._leaving(BASELINE, "08:30")
    linked = leaving._linked
    across = {(a, b) for (a, p), (b, q) in itertools.permutations(hubs, 2) if p.region != q.region}
    assert len(across) == 50
    around = {hub: study.base.surroundings(linked, place) for hub, place in hubs}
    soonest = hub_table(without_ticketing(linked, ticketing), study.base, hubs, around)
    found = {(r.from_place, r.to_place): r.checkpoint_id for r in soonest.itertuples()}
    assert sum(found[pair] == "west-kowloon" for pair in across) == by_time
    places, departures = dict(hubs), leaving._by_value()
    shared: Kept[Place, Surroundings] = Kept()
    for value, count in by_cost.items():
        leaving_at = departures[value]
        leaving_at = replace(leaving_at, departure=without_ticketing(leaving_at.departure, ticketing))
        through = []
        for a, b in across:
            ends = places[a], places[b]
            router = Router(net.network, linked, study.base, *ends, shared)
            way = CostRouter(router, leaving_at).solve()
            assert way is not None
            through.append({leg.checkpoint_id for leg in way.legs})
        assert sum("west-kowloon" in points for points in through) == count


def without_ticketing(departure: Departure, kept: bool) -> Departure:
    c = departure.network
    if kept:
        return departure
    plain = replace(
        c, board_s=c.board_s - c.board_ticketing_s, board_ticketing_s=np.zeros_like(c.board_ticketing_s)
    )
    return replace(departure, network=plain, _clocked=[])
