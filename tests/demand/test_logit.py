"""The nested logit over gates and the gravity on its log-sum, against sums worked out pair by pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.core.errors import CorridorError
from corridor.demand.logit import Choice, Classes, Costs, Flows, Scales

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


def by_hand(costs: Costs, extra: np.ndarray, s: Scales) -> tuple[np.ndarray, np.ndarray]:
    """(gate, origin, destination) shares and (origin, destination) log-sums, one pair at a time."""
    gates, origins = costs.to_gate_min.shape
    share = np.zeros((gates, origins, costs.from_gate_min.shape[1]))
    logsum = np.zeros(share.shape[1:])
    for i, j in np.ndindex(logsum.shape):
        c = costs.to_gate_min[:, i] + costs.from_gate_min[:, j] + extra
        e = np.exp(-s.site_per_min / s.within_site * c)
        of_site = np.bincount(costs.site, weights=e)
        z = (of_site**s.within_site).sum()
        share[:, i, j] = (of_site**s.within_site / z)[costs.site] * e / of_site[costs.site]
        logsum[i, j] = -math.log(z) / s.site_per_min
    return share, logsum


def all_trips(ends: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return ends[0][:, None] * ends[1][None, :]


@given(networks())
def test_shares_and_log_sums_are_those_of_the_formulas(network) -> None:  # type: ignore[no-untyped-def]
    costs, extra, ends = network
    share, logsum = by_hand(costs, extra, SCALES)
    trips = all_trips(ends)
    choice = Choice.of(costs, extra, SCALES)
    each = Classes(np.arange(trips.shape[0]), np.arange(trips.shape[1]))
    found, expected = choice.flows(trips, each), share * trips
    np.testing.assert_allclose(found.logsum_min, logsum, rtol=1e-9)
    np.testing.assert_allclose(choice.deterrence, np.exp(-SCALES.destination_per_min * logsum), rtol=1e-9)
    np.testing.assert_allclose(found.by_origin, expected.sum(axis=2), rtol=1e-9)
    np.testing.assert_allclose(found.by_destination, expected.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.by_class, np.moveaxis(expected, 0, 2), rtol=1e-9)
    assert found.total == pytest.approx(trips.sum()) and found.by_gate.sum() == pytest.approx(trips.sum())


@given(networks(), st.booleans())
def test_what_homes_reach_by_gate_without_pairs_is_what_pairs_add_up_to(network, home_at_origin) -> None:  # type: ignore[no-untyped-def]
    costs, extra, ends = network
    share, logsum = by_hand(costs, extra, SCALES)
    away = np.stack([ends[home_at_origin], ends[home_at_origin] ** 2])
    drawn = np.exp(-SCALES.destination_per_min * logsum) * (
        away[:, None, :] if home_at_origin else away[:, :, None]
    )
    found, other = Choice.of(costs, extra, SCALES).through(away, home_at_origin), 2 if home_at_origin else 1
    np.testing.assert_allclose(found.accessibility, drawn.sum(axis=other), rtol=1e-9)
    np.testing.assert_allclose(found.by_gate, (drawn[:, None] * share).sum(axis=other + 1), rtol=1e-9)


@given(networks(), st.integers(0, 2), st.floats(0.5, 60))
def test_a_dearer_gate_gains_nobody_and_no_other_loses(network, gate, minutes) -> None:  # type: ignore[no-untyped-def]
    costs, extra, ends = network
    dearer = extra.copy()
    dearer[gate] += minutes
    before, after = (Choice.of(costs, e, SCALES).flows(all_trips(ends)) for e in (extra, dearer))
    others = np.arange(3) != gate
    assert after.by_gate[gate] < before.by_gate[gate]
    assert (after.by_gate[others] >= before.by_gate[others] * (1 - 1e-9)).all()
    assert (after.logsum_min >= before.logsum_min - 1e-9).all()


def one_pair(costs: Costs, extra: np.ndarray) -> Flows:
    return Choice.of(costs, extra, SCALES).flows(np.ones((1, 1)))


def test_two_equal_gates_at_two_sites_share_and_a_twin_at_one_site_adds_less() -> None:
    ten = np.full((2, 1), 10.0)
    apart, together = (one_pair(Costs(ten, ten, np.array(site)), np.zeros(2)) for site in ([0, 1], [0, 0]))
    np.testing.assert_allclose(apart.by_gate, [0.5, 0.5])
    np.testing.assert_allclose(together.by_gate, [0.5, 0.5])
    # L = 20 - ln(2) / 0.08 = 11.34 with two sites; nested 20 - 0.6 ln(2) / 0.08 = 14.80
    assert apart.logsum_min[0, 0] == pytest.approx(20 - math.log(2) / 0.08)
    assert together.logsum_min[0, 0] == pytest.approx(20 - 0.6 * math.log(2) / 0.08)


def test_a_closed_gate_has_nobody_and_a_boundary_without_a_gate_no_trips() -> None:
    ten = np.full((2, 1), 10.0)
    found = one_pair(Costs(ten, ten, np.array([0, 1])), np.array([np.inf, 0.0]))
    assert found.by_gate.tolist() == [0.0, pytest.approx(1.0)]
    closed = one_pair(Costs(ten, ten, np.array([0, 1])), np.full(2, np.inf))
    assert closed.by_gate.sum() == 0.0 and np.isinf(closed.logsum_min).all()
    none = Choice.of(Costs(np.empty((0, 1)), np.empty((0, 1)), np.empty(0, np.int64)), np.empty(0), SCALES)
    assert none.deterrence.sum() == none.through(np.ones((1, 1)), True).accessibility.sum() == 0.0


@pytest.mark.parametrize(
    "scales", [(0.0, 0.6, 0.03), (0.08, 0.0, 0.03), (0.08, 1.1, 0.03), (0.08, 0.6, 0.09)]
)
def test_scales_out_of_range_are_named(scales: tuple[float, float, float]) -> None:
    with pytest.raises(CorridorError, match="demand parameter"):
        Scales(*scales)
