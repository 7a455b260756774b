"""The spread of a journey: cases with a known distribution, and what must hold on any network.

Road stops cost 30 s to board and nothing to alight; stations stand 10 km apart, so nobody walks between them. N draws
give a percentile q with a standard error of sqrt(q (1 - q) / N) / density; each case states N and what that leaves.
"""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.access.journeys.moves import Policy, policy_of
from corridor.access.journeys.router import Router
from corridor.access.journeys.soonest import by_clock, clocked_from, soonest_way, strategies_to
from corridor.access.journeys.spread import (
    SEED,
    ClearanceTimes,
    Spread,
    policy_spread,
    simulated_s,
    summary,
)
from corridor.access.search.departure import Departure
from corridor.cli.journey_text import plain_data, spread_text
from corridor.core.errors import ScenarioError, UnreachableError
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import PERIODS, Link, Network
from corridor.study.study import Study
from tests.conftest import Cli
from tests.network_factory import checkpoint, compiled, network, pattern, station

EIGHT = 8 * 3600.0
LIMIT = 6 * 3600.0
MANY = 200_000
BASELINE = "baseline-2024"
BOARD = 0.5  # minutes from the street to a bus


def stations(names):
    return [station(s, 10_000 * i) for i, s in enumerate(names)]


def at(c: CompiledNetwork, point: str):
    return np.array([c.index[point]], dtype=np.int32), np.zeros(1, dtype=np.float32)


def clearance_of(net: Network, c: CompiledNetwork, constant: bool = False) -> ClearanceTimes:
    mean = c.cp_clear_s.astype(float)
    high = np.array([net.checkpoints[k].clearance_high_s for k in c.cp_ids])
    return ClearanceTimes.of(mean, mean if constant else high)


def soonest(c: CompiledNetwork, origin: str, destination: str, clock_s=EIGHT, fixed_wait=False) -> Policy:
    departure = Departure(c, clock_s, LIMIT, fixed_wait)
    o, d = at(c, origin), at(c, destination)
    way = soonest_way(np.inf, clocked_from(departure, o), strategies_to(departure, d), o, d, clock_s)
    assert way is not None
    return policy_of(way, c)


def simulate(net, origin, destination, clock_s=EIGHT, draws=MANY, seed=1, constant=False, fixed_wait=False):
    """Minutes of each draw, and the minutes that the search expects."""
    c = compiled(net)
    policy = soonest(c, origin, destination, clock_s, fixed_wait)
    rng = np.random.default_rng(seed)
    seconds = simulated_s(policy, c, clearance_of(net, c, constant), clock_s, draws, rng)
    return seconds / 60, policy.expected_s / 60


# --- waits with a known distribution -----------------------------------------------------------


def test_one_leg_is_uniform():
    # every 20 min, 10 min of riding: uniform from 10.5 to 30.5. N = 200,000: standard error of a tenth 20 * 0.3 / 447 = 0.013
    minutes, expected = simulate(network(stations("ab"), [pattern("x", "ab", [600], 1200)]), "a", "b")
    levels = np.arange(0.1, 1.0, 0.1)
    assert np.quantile(minutes, levels) == pytest.approx(BOARD + 10 + 20 * levels, abs=0.08)
    assert minutes.min() >= BOARD + 10
    assert minutes.max() <= BOARD + 30
    assert expected == pytest.approx(BOARD + 20, abs=0.01)
    assert minutes.mean() == pytest.approx(expected, abs=0.05)


def test_two_legs_of_twenty_minutes():
    # 22 min in all besides two waits W of 0 to 20: W1 + W2 is triangular on 0 to 40. P(W1 + W2 < x) = x^2 / 800 up to 20:
    # a tenth at sqrt(80) = 8.94, so 30.94; half at 42; nine tenths at 40 - 8.94, so 53.06.
    # N = 200,000: the density at the tenth is 8.94 / 400, so its standard error 0.3 / 447 / 0.0224 = 0.03.
    lines = [pattern("x", "ab", [600], 1200), pattern("y", "bc", [660], 1200)]
    minutes, expected = simulate(network(stations("abc"), lines), "a", "c")
    assert np.percentile(minutes, [10, 50, 90]) == pytest.approx([30.94, 42, 53.06], abs=0.15)
    assert 22 <= minutes.min() < 22.5
    assert 61.5 < minutes.max() <= 62
    assert expected == pytest.approx(42, abs=0.01)


def test_two_lines_of_ten_minutes_wait_a_third_of_a_headway_not_a_quarter():
    # the lesser of two independent uniforms on 0 to 10: mean 10/3, P(W > w) = (1 - w/10)^2, half at 10 (1 - sqrt 0.5) = 2.93;
    # the strategy counts evenly interleaved departures, 2.5. Standard deviation 2.36: error of the mean 0.005.
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600), pattern("y", "ab", [1200], 600)])
    minutes, expected = simulate(net, "a", "b")
    assert minutes.mean() - BOARD - 20 == pytest.approx(10 / 3, abs=0.03)
    assert np.median(minutes) - BOARD - 20 == pytest.approx(2.929, abs=0.05)
    assert expected - BOARD - 20 == pytest.approx(2.5, abs=0.01)


def test_the_fast_rare_line_is_taken_only_if_it_comes_first():
    # fast every 60 min in 10 min, slow every 6 in 30: the first of F on 0 to 60 and S on 0 to 6 is fast with probability
    # E[S] / 60 = 0.05. Its rides are those under 10.5 + 6 = 16.5 min; the others take 30.5 at least.
    net = network(stations("ab"), [pattern("fast", "ab", [600], 3600), pattern("slow", "ab", [1800], 360)])
    minutes, _ = simulate(net, "a", "b")
    assert (minutes < 17).mean() == pytest.approx(0.05, abs=0.002)
    assert not ((minutes > 16.5) & (minutes < 30.5)).any()


def test_lines_that_lead_to_different_changes_are_followed_to_the_end():
    # x to b and y to c, every 10 min each; on from b in 10 min, on from c in 11, every 2 min: half go each way
    lines = [
        pattern("x", "ab", [600], 600),
        pattern("y", "ac", [600], 600),
        pattern("u", "bd", [600], 120),
        pattern("v", "cd", [660], 120),
    ]
    minutes, _ = simulate(network(stations("abcd"), lines), "a", "d")
    # mean: boarding twice, 10 + 10.5 of riding, 10/3 for the first wait and 1 for the second
    assert minutes.mean() == pytest.approx(2 * BOARD + 20.5 + 10 / 3 + 1, abs=0.03)


def test_a_fixed_wait_keeps_to_one_line():
    net = network(stations("ab"), [pattern("x", "ab", [1200], 600), pattern("y", "ab", [1260], 600)])
    minutes, expected = simulate(net, "a", "b", fixed_wait=True)
    assert minutes.mean() == pytest.approx(BOARD + 5 + 20, abs=0.03)
    assert minutes.mean() == pytest.approx(expected, abs=0.03)


def test_a_walk_has_no_spread():
    net = network(stations("ab"), [pattern("x", "ab", [600], 3600)], links=[Link("a", "b", 1500)])
    minutes, expected = simulate(net, "a", "b", draws=100)
    assert (minutes == 25).all()
    assert expected == 25
    found = summary(np.full(10, 600.0), 600.0, 1)
    assert (found.least_s, found.p10_s, found.p90_s, found.most_s) == (600, 600, 600, 600)


# --- clearance ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "high"), [(20, 35), (30, 45), (15, 25), (5, 10)])
def test_clearance_keeps_its_mean_and_90th_percentile(mean, high):
    # the pairs of all four regimes; N = 400,000: with sigma up to 0.8 the mean is good to 0.15 %, the percentile to 0.3 %
    times = ClearanceTimes.of(np.array([60.0 * mean]), np.array([60.0 * high]))
    drawn = times.draw(0, 400_000, np.random.default_rng(5)) / 60
    assert drawn.mean() == pytest.approx(mean, rel=0.008)
    assert np.percentile(drawn, 90) == pytest.approx(high, rel=0.012)
    assert drawn.min() > 0


def test_clearance_at_the_edges():
    # no high above the mean: constant; a high beyond what a lognormal of this mean allows: the mean is still right
    times = ClearanceTimes.of(np.array([600.0, 600.0, 600.0, 0.0]), np.array([600.0, 500.0, 2400.0, 0.0]))
    rng = np.random.default_rng(5)
    assert (times.draw(0, 10, rng) == 600).all()
    assert (times.draw(1, 10, rng) == 600).all()
    assert (times.draw(3, 10, rng) == 0).all()
    # exp(z^2 / 2) = 2.273 times the mean is the most a 90th percentile can be
    drawn = times.draw(2, 2_000_000, rng)
    assert drawn.mean() == pytest.approx(600, rel=0.02)
    assert np.percentile(drawn, 90) == pytest.approx(600 * 2.273, rel=0.01)


@pytest.mark.parametrize("clears", ["a", "b"])
def test_clearance_alone_spreads_a_journey(clears):
    # a line every second or so, clearance at either end: what is left of the spread is clearance, mean 10, p90 20
    lines = [pattern("x", "ab", [600], 1, clearance={clears: "k"})]
    net = network(stations("ab"), lines, checkpoints=[checkpoint("k", 600.0, kind="line")])
    minutes, expected = simulate(net, "a", "b", draws=400_000)
    assert minutes.mean() == pytest.approx(BOARD + 20, abs=0.1)
    assert np.percentile(minutes, 90) == pytest.approx(BOARD + 30, abs=0.2)
    assert expected == pytest.approx(BOARD + 20, abs=0.05)
    constant, _ = simulate(net, "a", "b", draws=100, constant=True)
    assert np.ptp(constant) <= 1 / 60


def hall_to_hall(clearance_s: float, close_s: float = 86_400.0, last_s: float = 86_400.0) -> Network:
    """a - k's halls - b: a bus to the one hall, a bus on from the other."""
    ends = [station("a", 0.0), station("h", 10_000.0), station("s", 20_000.0), station("b", 30_000.0)]
    lines = [
        pattern("x", ["a", "h"], [600], 600, last=last_s),
        pattern("y", ["s", "b"], [600], 600),
    ]
    links = [Link("h", "k@hk", 60), Link("k@sz", "s", 60)]
    return network(ends, lines, links=links, checkpoints=[checkpoint("k", clearance_s, close_s=close_s)])


@pytest.mark.parametrize("clearance_s", [0.0, 600.0])
def test_halls_are_crossed_also_where_clearance_takes_no_time(clearance_s):
    # two waits of 5, two rides of 10, two boardings, two walks of 1, clearance
    minutes, expected = simulate(hall_to_hall(clearance_s), "a", "b", draws=MANY)
    assert expected == pytest.approx(2 * (BOARD + 5 + 10 + 1) + clearance_s / 60, abs=0.02)
    assert minutes.mean() == pytest.approx(expected, abs=0.06)


# --- clocks ------------------------------------------------------------------------------------


def minutes_by_clock(net, origin, destination, clock_s, draws=MANY):
    """Minutes of each draw of the clock search's way."""
    c = compiled(net)
    departure = Departure(c, clock_s, LIMIT)
    way = by_clock(clocked_from(departure, at(c, origin)), at(c, destination), clock_s)
    assert way is not None
    policy = policy_of(way, c)
    clear = clearance_of(net, c, constant=True)
    seconds = simulated_s(policy, c, clear, clock_s, draws, np.random.default_rng(3))
    return seconds / 60, policy.expected_s / 60


def test_the_clock_search_and_the_strategy_spread_one_line_alike():
    lines = [pattern("x", "ab", [600], 1200), pattern("y", "bc", [660], 1200)]
    minutes, expected = minutes_by_clock(network(stations("abc"), lines), "a", "c", EIGHT)
    assert np.percentile(minutes, [10, 50, 90]) == pytest.approx([30.94, 42, 53.06], abs=0.15)
    assert expected == pytest.approx(42, abs=0.01)


def test_whoever_comes_too_late_for_the_last_departure_is_counted_as_missed():
    # y runs from 06:00; its last bus at b leaves at 23:00. Leaving at 22:29:00 by x (every 20 min, 10 min): on the platform at b after
    # 0.5 + W + 10 + 0.5 = 11 + W min, that is 22:40 + W: W of 0 to 20 always in time. At 22:34: W <= 15, a quarter miss it.
    lines = [pattern("x", "ab", [600], 1200), pattern("y", "bc", [660], 1200, first=21_600.0, last=82_800.0)]
    net = network(stations("abc"), lines)
    early, _ = minutes_by_clock(net, "a", "c", 22 * 3600.0 + 29 * 60)
    assert np.isfinite(early).all()
    late, _ = minutes_by_clock(net, "a", "c", 22 * 3600.0 + 34 * 60)
    assert np.isnan(late).mean() == pytest.approx(0.25, abs=0.005)
    # the last bus leaves 26 min after the start: nobody arrives later than 26 + 11
    assert np.nanmax(late) <= 26 + 11 + 1e-6
    found = summary(late * 60, 0.0, 3)
    assert found.missed_share == pytest.approx(0.25, abs=0.005)
    assert found.p90_s <= found.most_s <= 37 * 60 + 1e-3


def test_a_control_point_that_closes_is_missed():
    # at the hall after 0.5 + W + 10 + 1 = 11.5 + W min, W of 0 to 10; it closes 18.5 min after the start: W <= 7
    start = 20 * 3600.0
    minutes, _ = minutes_by_clock(hall_to_hall(0.0, close_s=start + 18.5 * 60), "a", "b", start)
    assert np.isnan(minutes).mean() == pytest.approx(0.3, abs=0.005)


def test_before_the_first_departure_everybody_waits_for_it():
    net = network(stations("ab"), [pattern("x", "ab", [600], 600, first=6 * 3600.0, last=20 * 3600.0)])
    minutes, expected = minutes_by_clock(net, "a", "b", 5.75 * 3600.0, draws=100)
    assert minutes == pytest.approx(np.full(100, 15 + 10), abs=0.01)
    assert expected == pytest.approx(25, abs=0.01)


def test_a_headway_is_that_of_the_hour_of_the_draw():
    # peak every 4 min up to 09:30, then every 20: at 09:29 plus 30 s to board the platform is reached at 09:29:30
    headway = {name: 240.0 if name == "am_peak" else 1200.0 for name, _, _ in PERIODS}
    net = network(stations("ab"), [pattern("x", "ab", [600], headway)])
    before, _ = minutes_by_clock(net, "a", "b", 9 * 3600.0 + 29 * 60)
    after, _ = minutes_by_clock(net, "a", "b", 9 * 3600.0 + 30 * 60)
    assert before.max() == pytest.approx(BOARD + 4 + 10, abs=0.01)
    assert after.max() == pytest.approx(BOARD + 20 + 10, abs=0.01)


def test_nobody_arrives():
    found = summary(np.full(10, np.nan), 60.0, 1)
    assert found.missed_share == 1
    assert np.isnan(found.p50_s)
    assert spread_text(found).startswith("Nobody arrives")
    assert plain_data(asdict(found))["p50_s"] is None


# --- what always holds -------------------------------------------------------------------------

STOPS = "abcdefg"


@st.composite
def random_networks(draw, single=False):
    """Lines over seven stops; with `single` a chain, so that no two lines ever share a wait."""
    lines = []
    for i in range(len(STOPS) - 1 if single else draw(st.integers(1, 9))):
        order = STOPS[i : i + 2] if single else draw(st.permutations(STOPS))[: draw(st.integers(2, 6))]
        runs = draw(st.lists(st.integers(30, 2400), min_size=len(order) - 1, max_size=len(order) - 1))
        lines.append(pattern(f"p{i}", order, runs, draw(st.sampled_from([60, 120, 300, 600, 1200]))))
    links = [
        Link(*draw(st.permutations(STOPS))[:2], draw(st.integers(30, 3000)))
        for _ in range(0 if single else draw(st.integers(0, 3)))
    ]
    return network(stations(STOPS), lines, links=links)


@settings(max_examples=60)
@given(random_networks(), st.integers(0, 2**32))
def test_percentiles_are_in_order_and_the_mean_is_no_shorter_than_the_strategy_s(net, seed):
    c = compiled(net)
    departure = Departure(c, EIGHT, LIMIT)
    for destination in "bg":
        d = at(c, destination)
        clocked, strategies = clocked_from(departure, at(c, "a")), strategies_to(departure, d)
        way = soonest_way(np.inf, clocked, strategies, at(c, "a"), d, EIGHT)
        if way is None:
            continue
        policy = policy_of(way, c)
        rng = np.random.default_rng(seed)
        seconds = simulated_s(policy, c, clearance_of(net, c), EIGHT, 300, rng)
        found = summary(seconds, policy.expected_s, seed)
        assert found.missed_share == 0
        assert found.least_s <= found.p10_s <= found.p50_s <= found.p90_s <= found.most_s
        assert found.least_s <= found.mean_s <= found.most_s
        # independent phases never gain on interleaved departures; six standard errors, 0.1 s a stop for the search
        assert found.mean_s >= found.expected_s - 6 * float(np.std(seconds)) / 300**0.5 - 2


@settings(max_examples=30)
@given(random_networks(single=True), st.integers(0, 2**32))
def test_where_no_lines_share_a_wait_the_mean_is_the_strategy_s(net, seed):
    minutes, expected = simulate(net, "a", "g", draws=5_000, seed=seed)
    # six waits of at most 20 min: within five standard errors, and the tenth of a second the search leaves
    assert abs(minutes.mean() - expected) <= 5 * minutes.std() / 5_000**0.5 + 0.02


def test_the_same_seed_gives_the_same_draws_and_another_one_others():
    lines = [pattern("x", "ab", [600], 1200), pattern("y", "bc", [660], 1200)]
    net = network(stations("abc"), lines)
    first, again, other = (simulate(net, "a", "c", draws=50, seed=s)[0] for s in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).any()


# --- the shipped network -----------------------------------------------------------------------


def test_admiralty_to_lo_wu_spreads_by_one_wait(study: Study):
    # one line, one wait: from least to most no more than its headway, half of it on average
    found = study.spread("admiralty", "lo-wu", BASELINE, "08:30")
    journey = study.journey("admiralty", "lo-wu", BASELINE, "08:30")
    assert found.expected_s == pytest.approx(journey.time_s, abs=1)
    assert found.mean_s == pytest.approx(journey.time_s, abs=15)
    assert found.draws == 2_000
    assert found.missed_share == 0
    wait = sum(leg.wait_s for leg in journey.legs)
    assert found.most_s - found.least_s <= 2 * wait + 1
    assert found.p90_s - found.p10_s == pytest.approx(0.8 * 2 * wait, rel=0.05)


def test_late_at_night_some_miss_the_last_train(study: Study):
    # those who are in time all take the last train, which leaves at its time: most of them arrive together
    asked = ("central", "futian-cbd", BASELINE, "22:00")
    found = study.spread(*asked, draws=1_000, seed=4)
    assert found == study.spread(*asked, draws=1_000, seed=4)
    assert found == study.spread(
        *asked, draws=1_000, seed=4, least="time"
    )  # the clock search alone finds a way
    assert 0.1 < found.missed_share < 0.9
    assert found.p10_s < found.p50_s == found.p90_s == found.most_s
    text = spread_text(found)
    assert f"; {found.missed_share:.1%} miss a last departure or a closing and are left out" in text


def test_a_group_clears_at_its_own_pace(study: Study):
    quick = study.spread("central", "futian-cbd", BASELINE, "08:30", group="e-channel-resident")
    slow = study.spread("central", "futian-cbd", BASELINE, "08:30", group="visitor")
    assert quick.p50_s < slow.p50_s
    assert quick.p90_s - quick.p10_s < slow.p90_s - slow.p10_s


def test_where_there_is_no_way_it_is_said(study: Study):
    with pytest.raises(UnreachableError, match="no service"):
        study.spread("admiralty", "113.9105,22.1660", BASELINE, "03:00")
    with pytest.raises(ScenarioError, match="draws"):
        study.spread("admiralty", "lo-wu", BASELINE, "08:30", draws=0)


def test_hubs_spread_both_ways(study: Study):
    table = study.hub_spread(BASELINE, "08:30", draws=200)
    n = len(study.hubs)
    assert len(table) == n * (n - 1)
    known = table.dropna()
    assert len(known) > 80
    assert (known["least_min"] <= known["p10_min"]).all()
    assert (known["p10_min"] <= known["p50_min"]).all()
    assert (known["p50_min"] <= known["p90_min"]).all()
    assert (known["p90_min"] <= known["most_min"]).all()
    # the same pair asked alone, by the place of the hub
    hubs = dict(study.hubs)
    a, b = (hubs[h] for h in ("futian-cbd", "qianhai"))
    net = study.network(BASELINE)
    clear = ClearanceTimes.of(net.compiled.cp_clear_s.astype(float), net.compiled.cp_clear_s.astype(float))
    departure = Departure(net.compiled, 8.5 * 3600, LIMIT)
    policy = Router(net.network, departure, study.base, a, b).policy()
    assert policy is not None
    one = policy_spread(policy, departure, clear, 200, SEED)
    row = table[(table["from_place"] == "futian-cbd") & (table["to_place"] == "qianhai")].iloc[0]
    assert row["p50_min"] == pytest.approx(one.p50_s / 60)


def test_the_command_prints_the_spread(cli: Cli, shared: Study):
    run = cli("journey", "admiralty", "lo-wu", "--scenario", BASELINE, "--at", "08:30", "--spread")
    assert "10 % arrive within 48 min, half within 50, 90 % within 52" in run.output
    assert "2,000 draws, uniform phases and drawn clearance" in run.output
    run = cli("journey", "admiralty", "lo-wu", "--scenario", BASELINE, "--at", "08:30", "--spread", "--json")
    data = json.loads(run.output)["spread"]
    assert data["p10_s"] < data["p50_s"] < data["p90_s"]
    assert set(data) == set(Spread.__dataclass_fields__)
