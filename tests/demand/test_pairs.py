"""Trips given between zones, ends beyond the region and clearance by group, on the small boundary of the model's tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.demand.benefit import benefits
from corridor.demand.calibration import calibrate
from corridor.demand.model import Calibrated, Counts, Key, Model
from corridor.demand.pairs import PairModel, fitted
from corridor.demand.predict import predict
from corridor.demand.segments import ends_of
from tests.demand.test_model import (
    COUNTS,
    LAND,
    NORTH,
    SIDES,
    SOUTH,
    VISITORS,
    base,
    costs,
    model,
    no_queue,
    with_a_new_gate,
)  # fmt: skip

PAIRS = np.array([[30.0, 5.0], [400.0, 65.0]])
"""(home zone, away zone) trips a day: far from what gravity would make."""
SHUT = 1e4
"""Minutes that close a gate in all but name."""


def given_trips(known: Model) -> dict[Key, np.ndarray]:
    return {(s, d): PAIRS * s.share * (1 + d) for s, d in known.keys}


def with_pairs(known: Model | None = None) -> Calibrated:
    known = known or model()
    found = fitted(known, given_trips(known), costs(), COUNTS)
    return calibrate(found.model, costs(), LAND, found.counts)


def home_by_away(key: Key, trips: np.ndarray) -> np.ndarray:
    return trips if key[1] == key[0].home else trips.T


def test_given_trips_are_those_of_the_base_and_pass_the_gates_in_the_counted_shares() -> None:
    found = with_pairs()
    for key, flow in predict(found, costs(), LAND, no_queue).flows.items():
        np.testing.assert_allclose(home_by_away(key, flow.trips), given_trips(found.model)[key])
    for group, counted in COUNTS.by_group.items():
        for d in (0, 1):
            through = sum(
                f.by_gate for (s, at), f in found.flows.items() if s.counted_as == group and at == d
            )
            np.testing.assert_allclose(through / through.sum(), counted[d] / counted[d].sum(), atol=1e-5)
    assert predict(found, costs(), LAND, no_queue).total == pytest.approx(found.model.given.total)


def test_no_given_trip_goes_to_another_destination_and_a_pair_without_change_keeps_its_trips() -> None:
    found = with_pairs()
    before, after = (
        predict(found, costs(), LAND, no_queue),
        predict(found, with_a_new_gate("new"), LAND, no_queue),
    )
    for key, flow in after.flows.items():
        old, new = (home_by_away(key, f.trips) for f in (before.flows[key], flow))
        if key[0].home == 0:  # the new gate cannot be reached from the second zone of the south
            np.testing.assert_allclose(new[1], old[1], rtol=1e-12)
            assert (new[0] > old[0]).all()
    fixed = predict(found, with_a_new_gate("new"), LAND, no_queue, elastic=False)
    for key, flow in fixed.flows.items():
        np.testing.assert_allclose(flow.trips, before.flows[key].trips, rtol=1e-9)


@settings(max_examples=10)
@given(st.floats(-10, 10).filter(lambda m: abs(m) > 0.1))
def test_given_trips_answer_to_a_dearer_or_cheaper_gate_and_both_benefits_agree(minutes: float) -> None:
    found = with_pairs()
    before, after = (
        predict(found, costs(), LAND, no_queue),
        predict(found, costs(minutes=minutes), LAND, no_queue),
    )
    assert np.sign(after.loads()[:, 2].sum() - before.loads()[:, 2].sum()) == -np.sign(minutes)
    assert np.sign(after.total - before.total) == -np.sign(minutes)
    for benefit in benefits(after, before):
        assert benefit.half_min == pytest.approx(benefit.logsum_min, rel=0.15)
        assert benefit.home_min.sum() == pytest.approx(benefit.half_min)


def test_a_closed_gate_keeps_the_sum_of_given_trips_to_a_passenger() -> None:
    found = with_pairs()
    before, after = (
        predict(found, costs(), LAND, no_queue),
        predict(found, costs(minutes=SHUT), LAND, no_queue),
    )
    lost = -sum(b.trips_new for b in benefits(after, before))
    assert after.loads()[:, 2].sum() < 1e-6 and lost > 0
    assert (after.loads() - before.loads())[:, :2].sum() + lost == pytest.approx(before.loads()[:, 2].sum())


def test_segments_in_another_order_give_the_same_with_given_trips() -> None:
    turned = Model((VISITORS, NORTH, SOUTH), SIDES, model().zone_class, model().assumptions)
    loads = [predict(with_pairs(m), costs(minutes=3), LAND, no_queue).loads() for m in (model(), turned)]
    np.testing.assert_allclose(*loads)


def test_given_trips_between_zones_that_nothing_joins_are_left_out_and_counted_as_lost() -> None:
    known, cut = model(), costs()
    for to in (cut.to_gate_min, cut.from_gate_min):
        to[:, 0] = np.inf  # no gate leads to or from the first zone of the south
    found = fitted(known, given_trips(known), cut, COUNTS)
    calibrated = calibrate(found.model, cut, LAND, found.counts)
    assert found.model.given.lost > 0
    kept = sum(f.total for f in calibrated.flows.values())
    assert kept + found.model.given.lost == pytest.approx(found.model.given.total)
    assert predict(calibrated, cut, LAND, no_queue).loads().sum() == pytest.approx(kept)


def test_a_group_without_given_trips_travels_nowhere() -> None:
    known = model()
    trips = given_trips(known) | {(VISITORS, d): np.zeros((2, 2)) for d in (0, 1)}
    found = fitted(known, trips, costs(), COUNTS)
    demand = predict(calibrate(found.model, costs(), LAND, found.counts), costs(minutes=3), LAND, no_queue)
    assert demand.loads("visitors").sum() == 0 and np.isfinite(demand.loads()).all()


def outside(found: Calibrated, key: Key) -> float:
    """Share of a segment's trips with the north end at a gateway, whichever end is home."""
    segment, sides = key[0], SIDES
    beyond = found.model.outside[key]
    inside, gateway = (ends_of(segment, LAND, sides, b) for b in (0.0, 1.0))
    near = found.model.toward_home(
        found.model.choice(found.costs, found.constant_min[segment.counted_as][key[1]], key), key
    )
    parts = [w * (e.home @ near @ e.away) for w, e in ((1 - beyond, inside), (beyond, gateway))]
    return float(parts[1] / sum(parts))


def test_trips_from_beyond_the_region_have_their_surveyed_share_whatever_they_cost() -> None:
    south = replace(SOUTH, outside_share=0.3)
    segments = (south, NORTH, VISITORS)
    dear = costs()
    for minutes in (dear.to_gate_min, dear.from_gate_min):
        minutes[:, 2] += 40.0  # the gateway's zone
    for network in (costs(), dear):
        found = calibrate(replace(model(), segments=segments), network, LAND, COUNTS)
        for key in found.model.keys:
            assert outside(found, key) == pytest.approx(key[0].outside_share, abs=1e-5)
        np.testing.assert_allclose(
            predict(found, network, LAND, no_queue).loads(), COUNTS.passengers, rtol=1e-4
        )


def test_who_lives_in_the_region_makes_what_those_from_beyond_do_not() -> None:
    found = base()
    shares = found.model.living_inside((VISITORS, 0), LAND)
    assert 0 < shares[0] < 1 and shares[1] == 1  # the gateway is in the first zone of the north
    assert (found.model.living_inside((SOUTH, 0), LAND) == 1).all()


def slow_visitors(minutes: float, gate: int = 2) -> dict[str, np.ndarray]:
    differs = np.zeros((2, 3))
    differs[:, gate] = minutes
    return {"visitor": differs}


def with_groups() -> Model:
    return replace(model(), segments=(SOUTH, NORTH, replace(VISITORS, clearance_group="visitor")))


def test_no_difference_in_clearance_gives_the_very_same() -> None:
    plain = predict(base(), costs(minutes=3), LAND, no_queue)
    none = replace(costs(minutes=3), group_clearance_min=slow_visitors(0.0))
    known = calibrate(with_groups(), replace(costs(), group_clearance_min=slow_visitors(0.0)), LAND, COUNTS)
    np.testing.assert_array_equal(predict(known, none, LAND, no_queue).loads(), plain.loads())


def test_a_constant_holds_the_difference_in_clearance_of_a_counted_group() -> None:
    known = calibrate(with_groups(), replace(costs(), group_clearance_min=slow_visitors(5.0)), LAND, COUNTS)
    np.testing.assert_allclose(
        predict(known, known.costs, LAND, no_queue).loads(), COUNTS.passengers, rtol=1e-4
    )
    moved = known.constant_min["visitors"] - base().constant_min["visitors"]
    np.testing.assert_allclose(moved[:, 2] - moved[:, 0], -5.0, atol=1e-3)


def test_a_group_whose_clearance_is_cut_gains_and_the_others_do_not() -> None:
    known = calibrate(with_groups(), replace(costs(), group_clearance_min=slow_visitors(5.0)), LAND, COUNTS)
    before = predict(known, known.costs, LAND, no_queue)
    after = predict(known, replace(known.costs, group_clearance_min=slow_visitors(1.0)), LAND, no_queue)
    assert (after.loads("visitors")[:, 2] > before.loads("visitors")[:, 2]).all()
    for group in ("hk_residents", "residents_in_north"):
        np.testing.assert_array_equal(after.loads(group), before.loads(group))
    for b in benefits(after, before):
        assert (b.logsum_min > 0) == (b.key[0].group == "visitors")


def test_a_pair_model_is_a_model() -> None:
    found = fitted(model(), given_trips(model()), costs(), Counts(COUNTS.by_group))
    assert isinstance(found.model, PairModel) and found.model.segments == model().segments
