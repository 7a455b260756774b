"""Constants, totals, queues and benefits on a boundary with three gates and four zones, answers by reasoning."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.core.errors import CorridorError
from corridor.core.packing import pack
from corridor.demand.benefit import benefits
from corridor.demand.calibration import calibrate
from corridor.demand.logit import Scales
from corridor.demand.model import Assumptions, Calibrated, Counts, Model, NetworkCosts
from corridor.demand.predict import Demand, predict
from corridor.demand.segments import Attraction, LandUse, Segment
from corridor.demand.zones import Zones

SIDES = (np.array([0, 1]), np.array([2, 3]))
THIRDS = np.array([0, 1, 0, 2])
SOUTH = Segment("hk_residents", "south_residents", "other", 0.7, 0, 0.0, 50.0, Attraction(0.0, 0.5, 0.5))
NORTH = Segment(
    "residents_in_north", "south_residents", "other", 0.3, 1, 0.0, 50.0, Attraction(1.0, 0.0, 0.0)
)
VISITORS = Segment("visitors", "visitors", "business", 1.0, 1, 0.4, 100.0, Attraction(0.0, 1.0, 0.0))
LAND = LandUse(
    np.array([100.0, 300.0, 500.0, 200.0]),
    np.array([50.0, 200.0, 300.0, 100.0]),
    np.array([1.0, 4.0, 3.0, 1.0]),
    np.array([0.0, 0.0, 1.0, 0.0]),
)
COUNTS = Counts(
    {
        "south_residents": np.array([[600.0, 300.0, 100.0], [500.0, 350.0, 150.0]]),
        "visitors": np.array([[50.0, 100.0, 50.0], [60.0, 90.0, 50.0]]),
    }
)


def costs(gates: tuple[str, ...] = ("east", "middle", "west"), minutes: float = 0.0) -> NetworkCosts:
    """Costs to and from the gates, those of the last gate higher by `minutes`."""
    to = np.array(
        [
            [30.0, 20.0, 40.0, 50.0],
            [35.0, 25.0, 30.0, 40.0],
            [20.0, 45.0, 50.0, 25.0],
            [25.0, 40.0, 45.0, 20.0],
        ]
    )
    to = to[: len(gates)]
    to[-1] += minutes
    hkd, km = np.full_like(to, 10.0), np.ones((1, *to.shape))
    halls = np.array([gate != "west" for gate in gates])
    return NetworkCosts(gates, gates, halls, to, to + 2.0, hkd, hkd, ("metro",), km, km)


def model(**changes: float) -> Model:
    assumed = Assumptions(Scales(0.08, 0.6, 0.03), changes.get("elasticity", -0.5), 48.0)
    return Model((SOUTH, NORTH, VISITORS), SIDES, THIRDS, assumed)


def base(**changes: float) -> Calibrated:
    return calibrate(model(**changes), costs(), LAND, COUNTS)


def no_queue(loads: np.ndarray) -> np.ndarray:
    return np.zeros_like(loads)


def test_constants_reproduce_the_counts_of_each_group_direction_and_gate() -> None:
    found = base()
    for group, counted in COUNTS.by_group.items():
        for d in (0, 1):
            through = sum(
                f.by_gate
                for (s, direction), f in found.flows.items()
                if s.counted_as == group and direction == d
            )
            np.testing.assert_allclose(through, counted[d], rtol=1e-4)
            assert np.average(found.constant_min[group][d], weights=counted[d]) == pytest.approx(0, abs=1e-9)
    assert sum(f.total for f in found.flows.values()) == pytest.approx(2400)


def test_the_base_network_again_carries_the_counts_to_a_passenger() -> None:
    demand = predict(base(), costs(), LAND, no_queue)
    np.testing.assert_allclose(demand.loads(), sum(COUNTS.by_group.values()), rtol=1e-4)
    assert all(b.logsum_min == pytest.approx(0, abs=1e-6) for b in benefits(demand, demand))


@pytest.mark.parametrize("elastic", [True, False])
def test_a_closed_gate_sends_its_passengers_elsewhere_or_loses_them(elastic: bool) -> None:
    known = base()
    shut = replace(
        costs(), gates=("east", "middle"), site_ids=("east", "middle"), is_hall=np.array([True, True])
    )
    shut = replace(
        shut,
        **{
            name: getattr(shut, name)[..., :2, :]
            for name in (
                "to_gate_min",
                "from_gate_min",
                "to_gate_hkd",
                "from_gate_hkd",
                "to_gate_km",
                "from_gate_km",
            )
        },
    )
    demand = predict(known, shut, LAND, no_queue, elastic=elastic)
    assert (demand.loads() > sum(COUNTS.by_group.values())[:, :2] - 1e-6).all()
    total = sum(n.sum() for n in COUNTS.by_group.values())
    assert (demand.total < total - 1) if elastic else demand.total == pytest.approx(total)


@settings(max_examples=20)
@given(st.floats(-15, 15).filter(lambda m: abs(m) > 0.1))
def test_a_dearer_gate_loses_a_cheaper_one_gains_and_benefit_has_the_sign(minutes: float) -> None:
    known = base()
    before, after = (
        predict(known, costs(), LAND, no_queue),
        predict(known, costs(minutes=minutes), LAND, no_queue),
    )
    assert np.sign(after.loads()[:, 2].sum() - before.loads()[:, 2].sum()) == -np.sign(minutes)
    assert np.sign(after.total - before.total) == -np.sign(minutes)
    for benefit in benefits(after, before):
        assert np.sign(benefit.logsum_min) == -np.sign(minutes)
        assert benefit.home_min.sum() == pytest.approx(benefit.half_min)


def test_log_sum_and_rule_of_a_half_agree_on_a_small_change() -> None:
    known = base()
    before, after = predict(known, costs(), LAND, no_queue), predict(known, costs(minutes=-1), LAND, no_queue)
    for benefit in benefits(after, before):
        assert benefit.half_min == pytest.approx(benefit.logsum_min, rel=0.02)


def test_twice_the_people_are_twice_the_trips() -> None:
    double = replace(LAND, residents=LAND.residents * 2)
    demand = predict(base(), costs(), double, no_queue)
    np.testing.assert_allclose(demand.loads(), 2 * sum(COUNTS.by_group.values()), rtol=1e-4)


def test_queue_and_choice_meet_and_the_queue_sends_some_elsewhere() -> None:
    known = base()

    def queue(loads: np.ndarray) -> np.ndarray:
        wait = np.zeros_like(loads)
        wait[:, 0] = np.maximum(0, loads[:, 0] - 400) / 20
        return wait

    demand: Demand = predict(known, costs(), LAND, queue)
    assert demand.gap_min < 0.05
    np.testing.assert_allclose(demand.queue_min, queue(demand.loads()), atol=0.05)
    assert (demand.loads()[:, 0] < sum(COUNTS.by_group.values())[:, 0]).all()


def test_a_search_from_where_it_ended_finds_the_same_to_the_last_digit() -> None:
    def queue(loads: np.ndarray) -> np.ndarray:
        return np.maximum(0, loads - 400) / 20

    known = base()
    again = calibrate(model(), costs(), LAND, COUNTS, start=known.settled)
    assert known.rounds > 2 and pack(again, Calibrated) == pack(known, Calibrated)
    demand = predict(known, costs(minutes=5), LAND, queue)
    found = predict(again, costs(minutes=5), LAND, queue, start=demand.settled)
    assert demand.rounds > 2 and pack(found, Demand) == pack(demand, Demand)


def test_no_elasticity_keeps_the_total() -> None:
    known = base(elasticity=0.0)
    assert predict(known, costs(minutes=10), LAND, no_queue).total == pytest.approx(2400)


def test_segments_in_another_order_give_the_same() -> None:
    turned = Model((VISITORS, NORTH, SOUTH), SIDES, THIRDS, model().assumptions)
    other = calibrate(turned, costs(), LAND, COUNTS)
    np.testing.assert_allclose(
        predict(other, costs(minutes=3), LAND, no_queue).loads(),
        predict(base(), costs(minutes=3), LAND, no_queue).loads(),
    )


def with_a_new_gate(site: str, far_min: float = 30.0) -> NetworkCosts:
    """The three gates and a fourth that the second zone of the south cannot reach."""
    now = costs()
    to, back = ([[30.0, np.inf, far_min, far_min]], [[30.0, np.inf, far_min, far_min]])
    return replace(
        now,
        gates=(*now.gates, "new"),
        site_ids=(*now.site_ids, site),
        is_hall=np.append(now.is_hall, False),
        to_gate_min=np.vstack([now.to_gate_min, to]),
        from_gate_min=np.vstack([now.from_gate_min, back]),
        **{n: np.concatenate([getattr(now, n), getattr(now, n)[..., :1, :]], axis=-2) for n in HKD_KM},
    )


HKD_KM = ("to_gate_hkd", "from_gate_hkd", "to_gate_km", "from_gate_km")


def test_a_home_zone_whose_costs_do_not_change_keeps_its_trips_exactly() -> None:
    known = base()
    before, after = (
        predict(known, costs(), LAND, no_queue),
        predict(known, with_a_new_gate("new"), LAND, no_queue),
    )
    for key, flow in after.flows.items():
        if key[0].home == 0:
            axis = 0 if key[1] == 0 else 1
            old, new = (f.trips.sum(axis=1 - axis) for f in (before.flows[key], flow))
            assert new[1] == pytest.approx(old[1], rel=1e-12) and new[0] > old[0]
    assert after.total > before.total


def test_a_new_gate_has_the_constant_of_its_site_else_of_the_mean_hall() -> None:
    known = base()
    at_site, alone = (known.constants("visitors", with_a_new_gate(site)) for site in ("west", "elsewhere"))
    np.testing.assert_allclose(at_site[:, 3], at_site[:, 2])
    counted = COUNTS.by_group["visitors"]
    halls = [np.average(known.constant_min["visitors"][d, :2], weights=counted[d, :2]) for d in (0, 1)]
    np.testing.assert_allclose(alone[:, 3], halls)


def test_two_counted_gates_at_one_site_are_calibrated_too() -> None:
    shared = replace(costs(), site_ids=("east", "west", "west"))
    low = Assumptions(Scales(0.08, 0.4, 0.03), -0.5, 48.0)
    found = calibrate(Model((SOUTH, NORTH, VISITORS), SIDES, THIRDS, low), shared, LAND, COUNTS)
    np.testing.assert_allclose(predict(found, shared, LAND, no_queue).loads(), COUNTS.passengers, rtol=1e-4)


def test_elasticity_above_zero_is_refused() -> None:
    with pytest.raises(CorridorError, match="total_elasticity"):
        model(elasticity=0.2)


def test_a_zone_has_the_composite_cost_of_its_cells() -> None:
    """Two cells of a zone, a third of another; -ln((3 exp(-1) + 1 exp(-2)) / 4) = 1.172..., worked out by hand."""
    zones = Zones.of(np.array([10.0, 20.0, 5_000.0]), np.zeros(3), np.zeros(3, dtype=int))
    weights = np.array([3.0, 1.0, 0.0])
    by_hand = -math.log((3 * math.exp(-1) + math.exp(-2)) / 4)
    found = zones.composites(np.array([[10.0, 20.0, 7.0], [10.0, np.inf, np.inf]]), weights, 0.1)
    np.testing.assert_allclose(found[0], [10 * by_hand, 7.0], rtol=1e-5)
    # without a way from its second cell the zone is dearer, by the share of those who are left out
    np.testing.assert_allclose(found[1], [10.0 - 10 * math.log(3 / 4), np.inf], rtol=1e-5)
    assert found[1, 0] > 10.0


def test_the_composite_over_pairs_of_cells_is_the_sum_of_both_parts() -> None:
    rng = np.random.default_rng(3)
    to_gate, from_gate, a, b = rng.uniform(5, 60, 4), rng.uniform(5, 60, 3), rng.random(4), rng.random(3)
    zones_a, zones_b = (Zones.of(np.zeros(n), np.zeros(n), np.zeros(n, dtype=int)) for n in (4, 3))
    parts = zones_a.composites(to_gate[None], a, 0.08) + zones_b.composites(from_gate[None], b, 0.08)
    pairs = np.exp(-0.08 * (to_gate[:, None] + from_gate[None, :]))
    whole = -np.log((a[:, None] * b[None, :] * pairs).sum() / (a.sum() * b.sum())) / 0.08
    assert parts[0, 0] == pytest.approx(whole, rel=1e-5)
