"""The nested logit over gates and the gravity on its log-sum, against sums worked out pair by pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.demand.logit import Classes, Costs, Flows, Scales, flows

SCALES = Scales(0.08, 0.6, 0.03)
SITE = np.array([0, 1, 1])
MINUTES = st.floats(5, 200)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Costs, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Three gates at two sites, up to three zones on each side."""
    i, j = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    costs = Costs(
        draw(arrays(float, (3, i), elements=MINUTES)), draw(arrays(float, (3, j), elements=MINUTES)), SITE
    )
    extra = draw(arrays(float, 3, elements=st.floats(-10, 30)))
    people = st.floats(1, 1e5)
    return costs, extra, (draw(arrays(float, i, elements=people)), draw(arrays(float, j, elements=people)))


def by_hand(costs: Costs, extra: np.ndarray, ends: tuple[np.ndarray, np.ndarray], s: Scales) -> np.ndarray:
    """(gate, origin, destination) trips by the formulas of the module, one pair at a time."""
    gates, origins = costs.to_gate_min.shape
    found = np.zeros((gates, origins, costs.from_gate_min.shape[1]))
    for i, j in np.ndindex(found.shape[1:]):
        c = costs.to_gate_min[:, i] + costs.from_gate_min[:, j] + extra
        e = np.exp(-s.site_per_min / s.within_site * c)
        sites = np.bincount(costs.site, weights=e) ** s.within_site
        z = sites.sum()
        share = (sites / z)[costs.site] * e / np.bincount(costs.site, weights=e)[costs.site]
        found[:, i, j] = ends[0][i] * ends[1][j] * z ** (s.destination_per_min / s.site_per_min) * share
    return found


@given(networks())
def test_trips_are_those_of_the_formulas(network) -> None:  # type: ignore[no-untyped-def]
    costs, extra, ends = network
    expected, found = by_hand(costs, extra, ends, SCALES), flows(costs, extra, ends, SCALES)
    assert found.weight == pytest.approx(expected.sum(), rel=1e-9)
    np.testing.assert_allclose(found.trips, expected.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.by_origin, expected.sum(axis=2), rtol=1e-9)
    np.testing.assert_allclose(found.by_destination, expected.sum(axis=1), rtol=1e-9)
    each = Classes(np.arange(expected.shape[1]), np.arange(expected.shape[2]))
    np.testing.assert_allclose(
        flows(costs, extra, ends, SCALES, each).by_class, np.moveaxis(expected, 0, 2), rtol=1e-9
    )


@given(networks(), st.integers(0, 2), st.floats(0.5, 60))
def test_a_dearer_gate_gains_nobody_and_no_other_loses(network, gate, minutes) -> None:  # type: ignore[no-untyped-def]
    costs, extra, ends = network

    def share(flow: Flows) -> np.ndarray:
        return flow.by_gate / flow.weight

    before = flows(costs, extra, ends, SCALES)
    dearer = extra.copy()
    dearer[gate] += minutes
    after = flows(costs, dearer, ends, SCALES)
    assert after.by_gate[gate] < before.by_gate[gate]
    assert (after.logsum_min >= before.logsum_min - 1e-9).all()
    if (
        costs.to_gate_min.shape[1] == costs.from_gate_min.shape[1] == 1
    ):  # one pair: no destination to change to
        others = np.arange(3) != gate
        assert (share(after)[others] >= share(before)[others] - 1e-12).all()


def test_two_equal_gates_at_two_sites_share_and_a_twin_at_one_site_adds_less() -> None:
    ends = (np.array([1.0]), np.array([1.0]))
    ten = np.full((2, 1), 10.0)
    apart = flows(Costs(ten, ten, np.array([0, 1])), np.zeros(2), ends, SCALES)
    together = flows(Costs(ten, ten, np.array([0, 0])), np.zeros(2), ends, SCALES)
    np.testing.assert_allclose(apart.by_gate / apart.weight, [0.5, 0.5])
    np.testing.assert_allclose(together.by_gate / together.weight, [0.5, 0.5])
    # L = 20 - ln(2) / 0.08 = 11.34 with two sites; nested 20 - 0.6 ln(2) / 0.08 = 14.80
    assert apart.logsum_min[0, 0] == pytest.approx(20 - math.log(2) / 0.08)
    assert together.logsum_min[0, 0] == pytest.approx(20 - 0.6 * math.log(2) / 0.08)


def test_a_closed_gate_has_nobody_and_a_boundary_without_a_gate_no_trips() -> None:
    ends = (np.array([5.0]), np.array([1.0]))
    ten = np.full((2, 1), 10.0)
    found = flows(Costs(ten, ten, np.array([0, 1])), np.array([np.inf, 0.0]), ends, SCALES)
    assert found.by_gate[0] == 0.0 and found.by_gate[1] == pytest.approx(found.weight)
    closed = flows(Costs(ten, ten, np.array([0, 1])), np.full(2, np.inf), ends, SCALES)
    assert closed.weight == 0.0 and np.isinf(closed.logsum_min).all()
    none = flows(Costs(np.empty((0, 1)), np.empty((0, 1)), np.empty(0, np.int64)), np.empty(0), ends, SCALES)
    assert none.weight == 0.0
