"""What must hold of any demand: dearer never gains, better never loses, sums are kept, no order counts; small random studies."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corridor.core.errors import CorridorError
from corridor.demand.benefit import benefits
from corridor.demand.calibration import calibrate
from corridor.demand.logit import Scales
from corridor.demand.model import Assumptions, Calibrated, Counts, Model, NetworkCosts
from corridor.demand.predict import Demand, predict
from corridor.demand.segments import Attraction, LandUse, Segment, Spell, by_spell

GATES = ("east", "middle", "west", "twin")
SITES = ("east", "middle", "west", "west")
SIDES = (np.array([0, 1]), np.array([2, 3]))
SPELLS = (Spell("day", 10.0, 0.9, 0.7), Spell("late", 22.5, 0.1, 0.3))
GROUPS = (
    Segment("residents", "residents", "other", 0.8, 0, 0.0, 50.0, Attraction(0.0, 0.5, 0.5)),
    Segment("residents", "residents", "business", 0.2, 0, 0.0, 130.0, Attraction(0.0, 1.0, 0.0)),
    Segment("visitors", "visitors", "other", 1.0, 1, 0.4, 40.0, Attraction(1.0, 0.0, 0.0)),
)
MEAN_VALUE_HKD_H = 48.0
LAND = LandUse(
    *(np.array(v) for v in ([10.0, 30, 50, 20], [5.0, 20, 30, 10], [1.0, 4, 3, 1], [0.0, 0, 1, 0]))
)
GATE = st.integers(0, len(GATES) - 1)
EITHER_SPELL = st.sampled_from([0, 1])
SLACK = 1e-6
"""Of all passengers: constants reproduce counts no closer."""


@st.composite
def networks(draw: st.DrawFn) -> NetworkCosts:
    """Ways of 10 to 90 min to and from four gates in two spells of the day."""
    shape = (len(GATES), 4)
    minutes, fares = (
        arrays(float, shape, elements=st.floats(10, 90)),
        arrays(float, shape, elements=st.floats(0, 40)),
    )
    km = np.ones((1, *shape))
    sites = SITES, np.array([True, True, True, False])

    def spell() -> NetworkCosts:
        times, hkd = (draw(minutes), draw(minutes)), (draw(fares), draw(fares))
        return NetworkCosts(GATES, *sites, *times, *hkd, ("metro",), km, km)

    return spell().with_spells([spell()])


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    """Passengers of two groups, some at every gate."""
    some = arrays(float, (2, len(GATES)), elements=st.floats(100, 900))
    return Counts({"residents": draw(some), "visitors": draw(some)})


def model(groups: tuple[Segment, ...] = GROUPS, spells: tuple[Spell, ...] = SPELLS) -> Model:
    assumed = Assumptions(Scales(0.08, 0.6, 0.03), -0.5, MEAN_VALUE_HKD_H)
    return Model(by_spell(groups, spells), SIDES, np.zeros(4, dtype=np.int64), assumed)


def no_queue(loads: np.ndarray) -> np.ndarray:
    return np.zeros_like(loads)


def queue(loads: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(0.0, loads - 300.0) / 60)


STUDIES = st.tuples(networks(), counts()).map(lambda drawn: calibrate(model(), drawn[0], LAND, drawn[1]))


def changed(costs: NetworkCosts, spell: int, gate: int, minutes: float, hkd: float = 0.0) -> NetworkCosts:
    """All ways to one gate in one spell dearer; minutes at the mean value of time contain the fare."""
    own = costs.at(spell)
    to_min, to_hkd = own.to_gate_min.copy(), own.to_gate_hkd.copy()
    to_min[gate] += minutes + hkd * 60 / MEAN_VALUE_HKD_H
    to_hkd[gate] += hkd
    dearer = replace(own, to_gate_min=to_min, to_gate_hkd=to_hkd)
    return dearer if spell == 0 else costs.with_spells([dearer])


def closed(costs: NetworkCosts, spell: int, gate: int) -> NetworkCosts:
    return changed(costs, spell, gate, np.inf)


def both(base: Calibrated, costs: NetworkCosts, other: NetworkCosts) -> tuple[Demand, Demand]:
    return predict(base, costs, LAND, no_queue), predict(base, other, LAND, no_queue)


def never_worse(better: Demand, worse: Demand, gate: int) -> None:
    """The better gate has no fewer trips, the others no more, and nobody loses."""
    slack = SLACK * worse.total
    more = (better.loads() - worse.loads()).sum(axis=0)
    others = np.arange(len(GATES)) != gate
    assert more[gate] >= -slack and (more[others] <= slack).all()
    assert better.total >= worse.total - slack
    for benefit in benefits(better, worse):
        assert benefit.logsum_min >= -1e-9 and benefit.half_min >= -1e-9


@settings(max_examples=15, deadline=None)
@given(STUDIES, EITHER_SPELL, GATE, st.floats(0.1, 60))
def test_a_dearer_way_never_gains_and_an_improved_control_point_never_loses(
    base: Calibrated, spell: int, gate: int, minutes: float
) -> None:
    now = base.costs
    never_worse(*both(base, now, changed(now, spell, gate, minutes)), gate)
    never_worse(*both(base, changed(now, spell, gate, -minutes), now), gate)


@settings(max_examples=15, deadline=None)
@given(STUDIES, EITHER_SPELL, GATE, st.floats(0.1, 20))
def test_a_lower_fare_never_loses(base: Calibrated, spell: int, gate: int, hkd: float) -> None:
    never_worse(*both(base, changed(base.costs, spell, gate, 0.0, -hkd), base.costs), gate)


@settings(max_examples=15, deadline=None)
@given(STUDIES, GATE, st.sets(GATE, max_size=2))
def test_longer_opening_hours_never_lose(base: Calibrated, gate: int, shut: set[int]) -> None:
    """A gate that is closed late, in a network where others may be too, opens late."""
    longer = base.costs
    for other in shut - {gate}:
        longer = closed(longer, 1, other)
    never_worse(*both(base, longer, closed(longer, 1, gate)), gate)


@settings(max_examples=15, deadline=None)
@given(networks(), GATE)
def test_a_gate_that_was_counted_with_short_hours_gains_by_longer_ones(
    costs: NetworkCosts, gate: int
) -> None:
    short = closed(costs, 1, gate)
    never_worse(*both(calibrate(model(), short, LAND, even()[1]), costs, short), gate)


@settings(max_examples=15, deadline=None)
@given(STUDIES, EITHER_SPELL, GATE, st.floats(5, 60))
def test_a_queue_does_not_turn_the_signs(base: Calibrated, spell: int, gate: int, minutes: float) -> None:
    """Choice and queue meet to 0.05 min, which moves the trips of a gate by less than half a per cent of all."""
    now, dearer = (
        predict(base, c, LAND, queue) for c in (base.costs, changed(base.costs, spell, gate, minutes))
    )
    more = (dearer.loads() - now.loads()).sum(axis=0)
    slack = 0.005 * now.total
    assert more[gate] <= slack and (np.delete(more, gate) >= -slack).all()


@settings(max_examples=15, deadline=None)
@given(STUDIES, EITHER_SPELL, GATE, st.floats(-30, 60), st.booleans())
def test_sums_are_kept(base: Calibrated, spell: int, gate: int, minutes: float, elastic: bool) -> None:
    assert sum(f.total for f in base.flows.values()) == pytest.approx(base.counts.passengers.sum())
    found = predict(base, changed(base.costs, spell, gate, minutes), LAND, no_queue, elastic=elastic)
    for key, flow in found.flows.items():
        for parts in (flow.by_origin, flow.by_destination, flow.by_class):
            assert parts.sum() == pytest.approx(flow.total)
        assert elastic or flow.total == pytest.approx(base.passengers(key), rel=1e-6)
    assert found.loads().sum() == pytest.approx(sum(f.total for f in found.flows.values()))
    by_group = [found.loads(group) for group in ("residents", "visitors")]
    np.testing.assert_allclose(np.sum(by_group, axis=0), found.loads(), rtol=1e-9)


@settings(max_examples=15, deadline=None)
@given(networks(), counts(), st.permutations(range(3)), GATE, st.floats(-20, 20))
def test_the_order_of_groups_and_of_spells_does_not_count(
    costs: NetworkCosts, n: Counts, order: list[int], gate: int, minutes: float
) -> None:
    turned = model(tuple(GROUPS[i] for i in order), SPELLS[::-1])
    backward = costs.at(1).with_spells([replace(costs, other_spells=())])
    found = predict(calibrate(model(), costs, LAND, n), changed(costs, 0, gate, minutes), LAND, no_queue)
    same = changed(backward, 1, gate, minutes)
    other = predict(calibrate(turned, backward, LAND, n), same, LAND, no_queue)
    np.testing.assert_allclose(other.loads(), found.loads(), rtol=1e-5)


# --- hand cases ----------------------------------------------------------------------------------------


@cache
def even() -> tuple[NetworkCosts, Counts]:
    """All ways alike, all gates counted alike: 900 passengers by day and 100 late, or 700 and 300 on the way home."""
    shape = (len(GATES), 4)
    minutes, hkd, km = np.full(shape, 30.0), np.full(shape, 10.0), np.ones((1, *shape))
    halls = np.array([True, True, True, False])
    one = NetworkCosts(GATES, GATES, halls, minutes, minutes, hkd, hkd, ("metro",), km, km)
    alike = np.full((2, len(GATES)), 250.0)
    return one.with_spells([one]), Counts({"residents": alike, "visitors": alike})


def test_a_spell_has_its_share_of_the_way_out_and_of_the_way_home() -> None:
    costs, n = even()
    found = calibrate(model(), costs, LAND, n)
    late = {key: flow.total for key, flow in found.flows.items() if key[0].spell == 1}
    for (segment, d), trips in late.items():
        assert trips == pytest.approx(1000 * segment.share * (0.1 if d == segment.home else 0.3))


def test_who_crosses_when_a_gate_is_closed_uses_another_and_the_constant_makes_up_for_it() -> None:
    """The east gate is counted as full as others though it is closed late, so by day it must be liked better."""
    costs, n = even()
    found = calibrate(model(), closed(costs, 1, 0), LAND, n)
    np.testing.assert_allclose(predict(found, found.costs, LAND, no_queue).loads(), n.passengers, rtol=1e-4)
    for d, share in ((0, 0.9), (1, 0.7)):
        constant = found.constant_min["residents"][d]
        # by day 250 of the gates' share use it, of whom there are 1000 share: (1000 share - 250) / 3 use each other
        expected = np.log((1000 * share - 250) / 3 / 250) / 0.08
        assert constant[0] - constant[1] == pytest.approx(expected, abs=0.01)
    late = [f.by_gate[0] for (s, _), f in found.flows.items() if s.spell == 1]
    assert sum(late) == 0


def test_travellers_of_a_spell_without_any_gate_are_lost_and_no_others() -> None:
    costs, n = even()
    base = calibrate(model(), costs, LAND, n)
    shut = costs
    for gate in range(len(GATES)):
        shut = closed(shut, 1, gate)
    found = predict(base, shut, LAND, no_queue)
    by_spell_ = [sum(f.total for (s, _), f in found.flows.items() if s.spell == spell) for spell in (0, 1)]
    assert by_spell_ == pytest.approx([2 * (900 + 700), 0.0], rel=1e-6)


def test_where_nothing_was_open_nobody_was_counted() -> None:
    costs, n = even()
    shut = costs
    for gate in range(len(GATES)):
        shut = closed(shut, 1, gate)
    base = calibrate(model(), shut, LAND, n)
    assert all(f.total == 0 for (s, _), f in base.flows.items() if s.spell == 1)
    assert sum(f.total for f in base.flows.values()) == pytest.approx(n.passengers.sum())
    # who did not cross before does not begin to when hours get longer
    assert predict(base, costs, LAND, no_queue).total == pytest.approx(n.passengers.sum(), rel=1e-6)


def test_counts_below_those_of_the_only_gate_open_late_are_named() -> None:
    costs, n = even()
    shut = closed(closed(closed(costs, 1, 1), 1, 2), 1, 3)
    few = {g: np.hstack([np.full((2, 1), 20.0), v[:, 1:]]) for g, v in n.by_group.items()}
    with pytest.raises(CorridorError, match="shares of spells"):
        calibrate(model(), shut, LAND, Counts(few))
