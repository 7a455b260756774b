"""Measures of access on matrices small enough to work out by hand, and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from corridor.access.measures import (
    Exponential,
    Gaussian,
    Impedance,
    Linear,
    Logistic,
    Power,
    Steps,
    Within,
    balanced,
    balancing_cost,
    cumulative,
    dual,
    enhanced_two_step,
    gravity,
    logsum,
    person_minutes_saved,
    spatial_availability,
    spread_trips,
    two_step,
)

INF = np.inf
# Three places; jobs 100, 50, 20. Place 2 reaches nothing but itself.
MINUTES = np.array([[0.0, 30.0, 60.0], [30.0, 0.0, 31.0], [INF, INF, 0.0]])
JOBS = np.array([100.0, 50.0, 20.0])
IMPEDANCES: list[Impedance] = [
    Exponential(0.05),
    Power(1.5, 2.0),
    Logistic(30, 8),
    Gaussian(20),
    Within(30),
    Linear(30),
    Steps((10, 20, 30), (1, 0.68, 0.22)),
]

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6))
minutes_of = st.one_of(st.integers(0, 120).map(float), st.just(INF))


@st.composite
def systems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Minutes, what stands at destinations, people at origins; whole numbers, so that sums are exact."""
    n, m = draw(shapes)
    minutes = draw(hnp.arrays(np.float64, (n, m), elements=minutes_of))
    held = draw(hnp.arrays(np.int64, m, elements=st.integers(0, 1000)))
    people = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 1000)))
    return minutes, held.astype(float), people.astype(float)


def test_cumulative_counts_the_cut_off_itself() -> None:
    # 30 min: place 0 has its own 100 and 50 at exactly 30; place 1 has 50 and 100, not the 20 at 31; place 2 its 20.
    # 60 min: places 0 and 1 reach all 170.
    found = cumulative(MINUTES, JOBS, [30, 60])
    assert found[30].tolist() == [150, 150, 20]
    assert found[60].tolist() == [170, 170, 20]


def test_gravity_by_hand() -> None:
    # rate ln2/30: half for every 30 min. Place 0: 100 + 50/2 + 20/4 = 130. Place 2: its own 20.
    halves = Exponential(math.log(2) / 30)
    assert gravity(MINUTES, JOBS, halves).to_numpy()[[0, 2]] == pytest.approx([130, 20])
    # exponent 1 with least 15: 1 at 0, 15/30 = 1/2, 15/60 = 1/4: the same three weights.
    assert gravity(MINUTES, JOBS, Power(1, 15))[0] == pytest.approx(130)


@pytest.mark.parametrize(
    ("impedance", "minutes", "weight"),
    [
        (Exponential(0.1), 10, math.exp(-1)),
        (Power(2), 5, 1 / 25),  # Hansen's t^-2
        (Power(2), 0.5, 1),  # below the least minute
        (Gaussian(20), 20, math.exp(-0.5)),
        # at the median the logistic is half of what it is far before it: (1 + e^-mk) / 2
        (Logistic(30, 10), 30, (1 + math.exp(-30 * math.pi / (10 * math.sqrt(3)))) / 2),
        (Within(30), 30, 1),
        (Within(30), 30.001, 0),
        (Linear(40), 10, 0.75),
        (Linear(40), 50, 0),
        (Steps((10, 20, 30), (1, 0.68, 0.22)), 10, 1),
        (Steps((10, 20, 30), (1, 0.68, 0.22)), 20, 0.68),
        (Steps((10, 20, 30), (1, 0.68, 0.22)), 20.5, 0.22),
        (Steps((10, 20, 30), (1, 0.68, 0.22)), 31, 0),
    ],
)
def test_weights_by_hand(impedance: Impedance, minutes: float, weight: float) -> None:
    assert impedance(np.array([[minutes]]))[0, 0] == pytest.approx(weight)


@pytest.mark.parametrize("impedance", IMPEDANCES, ids=repr)
def test_weights_start_at_one_fall_and_end_at_nothing(impedance: Impedance) -> None:
    weights = impedance(np.append(np.linspace(0, 300, 301), INF)[None])[0]
    assert weights[0] == pytest.approx(1)
    assert (np.diff(weights) <= 0).all()
    assert weights[-1] == 0


def test_dual_by_hand() -> None:
    # Place 0 holds 100, has 150 at 30 min and 170 at 60. Place 2 never has more than 20.
    found = dual(MINUTES, JOBS, [0, 100, 101, 170, 171])
    assert found.loc[0].tolist() == [0, 0, 30, 60, INF]
    assert found.loc[2].tolist() == [0, INF, INF, INF, INF]


def test_logsum_by_hand() -> None:
    # s = ln2/30: half for every 30 min. Place 0: 100 + 50/2 + 20/4 = 130, so ln 130 / s; place 2 has its own 20.
    scale = math.log(2) / 30
    found = logsum(MINUTES, JOBS, scale)
    assert found.to_numpy()[[0, 2]] == pytest.approx([math.log(130) / scale, math.log(20) / scale])
    # two opportunities as far as each other are worth ln 2 / s = 30 min more than one
    assert logsum([[50, 50]], [1, 1], scale)[0] == pytest.approx(-50 + 30)
    # who reaches nothing, or only places with nothing, has no level at all
    assert logsum([[INF, INF], [INF, 5]], [1, 0], scale).tolist() == [-INF, -INF]
    # exp(-10 * 900) is no float; the level is -900 all the same
    assert logsum([[900, 950]], [1, 1], 10)[0] == pytest.approx(-900)


def test_minimum_cost_is_dual_access_to_one() -> None:
    # Schools at 12, 7 and 30 minutes, the one at 7 closed: 12
    assert dual([[12, 7, 30]], [1, 0, 1], [1])[1].tolist() == [12]


def test_balancing_cost_by_hand() -> None:
    # Place 0 has 100 jobs at once, 150 at 30 min, 170 at 60: for 120 people 30 min, for 170 just 60.
    # Place 1 has 50 at once, 150 at 30, 170 at 31: for 160 people 31. Place 2 never has more than 20.
    assert balancing_cost(MINUTES, JOBS, [120, 160, 21]).tolist() == [30, 31, INF]
    assert balancing_cost(MINUTES, JOBS, [170, 50, 20]).tolist() == [60, 0, 0]
    # nobody lives at place 2: 0, although it reaches nothing
    assert balancing_cost(MINUTES, [0, 0, 0], [1, 1, 0]).tolist() == [INF, INF, 0]


def test_spatial_availability_by_hand() -> None:
    # 90 jobs at a, 10 at b, weights 1. a is reached by 20 and 40 people, b by the 40 alone.
    # a is divided 20 : 40 into 30 and 60, b goes whole to the second place: 30 and 70, of 100.
    minutes = [[5, 99], [5, 5], [99, 99]]
    found = spatial_availability(minutes, [90, 10], [20, 40, 7], Within(30))
    assert found.available.tolist() == pytest.approx([30, 70, 0])
    assert found.per_person.tolist() == pytest.approx([1.5, 1.75, 0])
    assert (found.demand_left_out, found.opportunities_left_out) == (7, 0)
    # alpha 2: a is divided 400 : 1600, a fifth and four fifths
    squared = spatial_availability(minutes, [90, 10], [20, 40, 7], Within(30), alpha=2)
    assert squared.available.tolist() == pytest.approx([18, 82, 0])


def test_spatial_availability_as_published() -> None:
    # The example of Soukhov and others 2023 as the R package `accessibility` tests it: 66,833, 133,203 and 9,963.
    minutes = [[15, 30, 100], [30, 15, 100], [100, 100, 15]]
    found = spatial_availability(
        minutes, [100_000, 100_000, 10_000], [50_000, 150_000, 10_000], Exponential(0.1)
    )
    assert found.available.round().tolist() == [66_833, 133_203, 9_963]


def test_spatial_availability_says_what_it_leaves_out() -> None:
    # Nobody lives where b is reached, and c is reached by nobody: 5 + 2 left out.
    found = spatial_availability([[5, INF, INF], [INF, 5, INF]], [3, 5, 2], [4, 0], Within(30))
    assert (found.available.tolist(), found.opportunities_left_out) == ([3, 0], 7)
    assert math.isnan(found.per_person[1])


def test_two_step_by_hand() -> None:
    # Two doctors a and b. a is reached by places 0 and 1 (4 + 4 people), b by 1 and 2 (4 + 0 people).
    # R_a = 1/8, R_b = 1/4. Place 0: 1/8. Place 1: 1/8 + 1/4 = 3/8. Place 2: 1/4.
    minutes = np.array([[10, 90], [10, 20], [90, 20]])
    found = two_step(minutes, [1, 1], [4, 4, 0], 30)
    assert found.service_level.tolist() == [1 / 8, 1 / 4]
    assert found.access.tolist() == [1 / 8, 3 / 8, 1 / 4]
    assert found.demand_left_out == found.supply_left_out == 0


def test_enhanced_two_step_by_hand() -> None:
    # One clinic of 10. 20 people at 5 min (weight 1), 50 at 15 min (0.68): they weigh 20 + 34 = 54.
    # Access 10/54 and 0.68 * 10/54; 20 * 10/54 + 50 * 6.8/54 = 540/54 = 10, all of the supply.
    found = enhanced_two_step([[5], [15]], [10], [20, 50], Steps((10, 20, 30), (1, 0.68, 0.22)))
    assert found.access.tolist() == pytest.approx([10 / 54, 6.8 / 54])
    assert found.served_demand.tolist() == [54]


def test_balanced_by_hand() -> None:
    # Weights 1: place 0 reaches a alone, place 1 a and b, place 2 b alone; people 10, 20, 30, supply 2 and 4.
    # Place 1 divides in halves: D_a = 10 + 10, D_b = 10 + 30, 60 people in all. L_a = 2/20, L_b = 4/40, both 0.1.
    # a serves two places, half each: A = 0.05, 0.05 + 0.05, 0.05; their sum is 0.2, that of L.
    minutes = [[5, 99], [5, 5], [99, 5]]
    found = balanced(minutes, [2, 4], [10, 20, 30], Within(30))
    assert found.served_demand.tolist() == [20, 40]
    assert found.access.tolist() == pytest.approx([0.05, 0.1, 0.05])
    # 2SFCA counts place 1 at both: a has 30 people, b 50, 80 where 60 live
    assert two_step(minutes, [2, 4], [10, 20, 30], 30).served_demand.sum() == 80


def test_catchments_say_what_they_leave_out() -> None:
    # Place 1 (7 people) reaches nothing; nobody reaches supply b (5); c has nothing to give, so 3 people have none.
    minutes = [[5, INF, INF], [INF, INF, INF], [INF, INF, 5]]
    for found in (
        two_step(minutes, [1, 5, 0], [2, 7, 3], 30),
        balanced(minutes, [1, 5, 0], [2, 7, 3], Within(30)),
    ):
        assert (found.demand_left_out, found.supply_left_out) == (10, 5)
        assert found.access.tolist() == [0.5, 0, 0]
        assert math.isnan(found.service_level[1])


def test_saved_counts_what_is_newly_reached_apart() -> None:
    # Pairs (0,0) 30 -> 20 with 2 trips: 20 saved. (0,1) new, 3 trips. (1,0) 10 -> 15 with 4 trips: 20 lost.
    # (1,1) no longer reached, 5 trips. (2,0) neither, 6. (2,1) 8 -> 8, 7 trips: nothing, and compared.
    before = [[30, np.nan], [10, 40], [INF, 8]]
    after = [[20, 50], [15, INF], [INF, 8]]
    found = person_minutes_saved(before, after, [[2, 3], [4, 5], [6, 7]])
    assert (found.person_minutes, found.faster, found.slower) == (0, 20, 20)
    assert found.by_origin.tolist() == [20, -20, 0]
    trips = (
        found.trips_compared,
        found.trips_newly_reached,
        found.trips_no_longer_reached,
        found.trips_never_reached,
    )
    assert trips == (13, 3, 5, 6)
    assert (found.pairs_newly_reached, found.pairs_no_longer_reached, found.pairs_never_reached) == (1, 1, 1)
    assert found.mean_minutes == 0


def test_spread_trips_are_one_for_each_person() -> None:
    # 10 and 20 people, opportunities 1 to 3: a quarter and three quarters of each
    assert spread_trips([10, 20], [1, 3]).tolist() == [[2.5, 7.5], [5, 15]]


@given(systems(), st.integers(0, 60), st.integers(0, 60))
def test_cumulative_grows_with_the_cut_off(system: tuple[np.ndarray, ...], a: int, more: int) -> None:
    minutes, held, _ = system
    assume(more)
    found = cumulative(minutes, held, [a, a + more])
    assert (found[a] <= found[a + more]).all()


@given(systems(), st.randoms(use_true_random=False))
def test_order_of_places_does_not_matter(system: tuple[np.ndarray, ...], random: object) -> None:
    minutes, held, people = system
    i, j = (list(range(n)) for n in minutes.shape)
    random.shuffle(i), random.shuffle(j)  # type: ignore[attr-defined]
    for measure in (
        lambda t, o, _: cumulative(t, o, [30])[30],
        lambda t, o, _: gravity(t, o, Gaussian(20)),
        lambda t, o, _: dual(t, o, [50])[50],
        lambda t, o, _: logsum(t, o, 0.05),
        lambda t, o, p: balancing_cost(t, o, p),
        lambda t, o, p: spatial_availability(t, o, p, Exponential(0.1)).available,
        lambda t, o, p: enhanced_two_step(t, o, p, Exponential(0.1)).access,
        lambda t, o, p: balanced(t, o, p, Exponential(0.1)).access,
    ):
        there = measure(minutes, held, people).to_numpy()[i]
        here = measure(minutes[np.ix_(i, j)], held[j], people[i]).to_numpy()
        np.testing.assert_allclose(here, there, rtol=1e-9)


@given(systems(), st.sampled_from(IMPEDANCES), st.integers(1, 30))
def test_gravity_rises_when_times_fall(
    system: tuple[np.ndarray, ...], impedance: Impedance, less: int
) -> None:
    minutes, held, _ = system
    slow, fast = (gravity(t, held, impedance) for t in (minutes, np.maximum(minutes - less, 0)))
    assert (fast >= slow * (1 - 1e-12)).all()


@given(systems())
def test_gravity_within_a_cut_off_is_cumulative(system: tuple[np.ndarray, ...]) -> None:
    minutes, held, _ = system
    assert gravity(minutes, held, Within(45)).tolist() == cumulative(minutes, held, [45])[45].tolist()


@given(systems(), st.integers(0, 2000), st.integers(0, 120))
def test_dual_and_cumulative_tell_the_same(system: tuple[np.ndarray, ...], n: int, cutoff: int) -> None:
    minutes, held, _ = system
    enough = cumulative(minutes, held, [cutoff])[cutoff] >= n
    assert (enough == (dual(minutes, held, [n])[n] <= cutoff)).all()


@given(systems(), st.floats(0.01, 1), st.integers(0, 60))
def test_logsum_is_in_minutes(system: tuple[np.ndarray, ...], scale: float, later: int) -> None:
    minutes, held, _ = system
    found = logsum(minutes, held, scale)
    np.testing.assert_allclose(logsum(minutes + later, held, scale), found - later, rtol=1e-9, atol=1e-7)
    weighted = gravity(minutes, held, Exponential(scale)).to_numpy()
    some = weighted > 0
    np.testing.assert_allclose(found[some], np.log(weighted[some]) / scale, rtol=1e-9, atol=1e-7)
    nearest = np.where(held > 0, minutes, INF).min(axis=1)
    assert (found[np.isfinite(nearest)] >= -nearest[np.isfinite(nearest)] - 1e-9).all()
    assert np.isneginf(found[np.isinf(nearest)]).all()


@given(systems(), st.integers(0, 30), st.integers(0, 500))
def test_balancing_cost_is_monotone(system: tuple[np.ndarray, ...], less: int, more: int) -> None:
    minutes, held, people = system
    base = balancing_cost(minutes, held, people)
    assert (balancing_cost(np.maximum(minutes - less, 0), held, people) <= base).all()
    assert (balancing_cost(minutes, held + more, people) <= base).all()
    assert (balancing_cost(minutes, held, people + more) >= base).all()
    # it is dual access with each place's own target
    own = [dual(minutes, held, [p]).iloc[i, 0] for i, p in enumerate(people)]
    assert base.tolist() == own


@given(systems(), st.sampled_from(IMPEDANCES), st.sampled_from([0.5, 1, 1.5]), st.integers(2, 9))
def test_spatial_availability_gives_every_opportunity_once(
    system: tuple[np.ndarray, ...], impedance: Impedance, alpha: float, k: int
) -> None:
    minutes, held, people = system
    found = spatial_availability(minutes, held, people, impedance, alpha)
    assert found.available.sum() == pytest.approx(held.sum() - found.opportunities_left_out)
    assert (found.available >= 0).all()
    more_people = spatial_availability(minutes, held, k * people, impedance, alpha).available
    np.testing.assert_allclose(more_people, found.available, rtol=1e-9)
    more_jobs = spatial_availability(minutes, k * held, people, impedance, alpha).available
    np.testing.assert_allclose(more_jobs, k * found.available, rtol=1e-9)
    if alpha == 1:
        shared = people * enhanced_two_step(minutes, held, people, impedance).access
        np.testing.assert_allclose(found.available, shared, rtol=1e-9)


@given(systems(), st.sampled_from(IMPEDANCES))
def test_two_step_hands_out_what_is_reached(system: tuple[np.ndarray, ...], impedance: Impedance) -> None:
    minutes, held, people = system
    found = enhanced_two_step(minutes, held, people, impedance)
    assert (found.access * people).sum() == pytest.approx(held.sum() - found.supply_left_out)


@given(systems(), st.sampled_from(IMPEDANCES))
def test_balanced_keeps_people_and_service(system: tuple[np.ndarray, ...], impedance: Impedance) -> None:
    minutes, held, people = system
    found = balanced(minutes, held, people, impedance)
    assert found.served_demand.sum() == pytest.approx(people.sum() - found.demand_left_out)
    assert found.access.sum() == pytest.approx(found.service_level.sum())


@given(systems(), st.integers(2, 9))
def test_supply_and_people_scale_as_a_ratio(system: tuple[np.ndarray, ...], k: int) -> None:
    minutes, held, people = system
    for measure in (enhanced_two_step, balanced):
        base = measure(minutes, held, people, Gaussian(30)).access
        np.testing.assert_allclose(
            measure(minutes, k * held, people, Gaussian(30)).access, k * base, rtol=1e-9
        )
        np.testing.assert_allclose(
            k * measure(minutes, held, k * people, Gaussian(30)).access, base, rtol=1e-9
        )


@given(systems(), systems())
def test_saved_reverses_and_loses_no_trip(a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...]) -> None:
    n, m = np.minimum(a[0].shape, b[0].shape)
    before, after, trips = a[0][:n, :m], b[0][:n, :m], np.outer(a[2][:n] + 1, b[1][:m])
    there, back = person_minutes_saved(before, after, trips), person_minutes_saved(after, before, trips)
    assert there.person_minutes == -back.person_minutes
    assert there.trips_newly_reached == back.trips_no_longer_reached
    parts = (
        there.trips_compared,
        there.trips_newly_reached,
        there.trips_no_longer_reached,
        there.trips_never_reached,
    )
    assert sum(parts) == trips.sum()
    assert there.by_origin.sum() == there.person_minutes


def test_many_blocks_give_what_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    minutes, held, people = (
        random.integers(0, 90, (50, 7)),
        random.integers(0, 9, 7),
        random.integers(0, 9, 50),
    )

    def measured() -> list[np.ndarray]:
        return [
            cumulative(minutes, held, [30, 60]).to_numpy(),
            dual(minutes, held, [10]).to_numpy(),
            logsum(minutes, held, 0.1).to_numpy(),
            balancing_cost(minutes, held, people).to_numpy(),
            spatial_availability(minutes, held, people, Gaussian(20)).available.to_numpy(),
            balanced(minutes, held, people, Within(40)).access.to_numpy(),
            enhanced_two_step(minutes, held, people, Within(40)).access.to_numpy(),
            person_minutes_saved(minutes, minutes[::-1], spread_trips(people, held)).by_origin.to_numpy(),
        ]

    whole = measured()
    monkeypatch.setattr("corridor.access.measures.matrix.BLOCK", 20)
    for one, many in zip(whole, measured(), strict=True):
        np.testing.assert_allclose(many, one, rtol=1e-12)


def test_named_places_are_matched_by_name() -> None:
    table = pd.DataFrame(
        {"from": ["a", "a", "b", "b"], "to": ["x", "y", "x", "y"], "minutes": [5, 50, 40, 10]}
    )
    jobs, people = pd.Series({"y": 7.0, "x": 3.0}), pd.Series({"b": 2.0, "a": 1.0})
    assert cumulative(table, jobs, [30])[30].to_dict() == {"a": 3, "b": 7}
    assert two_step(table, jobs, people, 30).access.to_dict() == {"a": 3, "b": 3.5}
    shuffled = table.iloc[[3, 1, 0, 2]].assign(minutes=lambda t: t["minutes"] - 1)
    # a minute less on every pair, one trip each: 4
    assert person_minutes_saved(table, shuffled, np.ones((2, 2))).person_minutes == 4
