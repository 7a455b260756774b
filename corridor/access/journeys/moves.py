"""What a traveller does at each point of a strategy, or of the way of the clock search, ready to be simulated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.clock import WAIT_ALPHA
from corridor.access.search.clocked import ClockedWays, attractive_set
from corridor.access.search.departure import Departure
from corridor.access.search.strategic import StrategicWays
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import PlaceLinks
from corridor.network.compiled import CompiledNetwork

F32 = NDArray[np.float32]
LEAST_GAIN_S = 1.0  # a strategy must gain so much on the clock search, as for a journey
_TOLERANCE_S = 0.1


@dataclass(frozen=True)
class Walk:
    """A way on foot to another point, in seconds, and the control point passed at its end (-1: none)."""

    to: int
    time_s: float
    checkpoint: int


@dataclass(frozen=True)
class Boarding:
    """One line of an attractive set: clearance and way to the platform, wait, ride and way out, clearance."""

    to: int
    door_s: float
    ride_s: float
    """In the vehicle, and out to the street."""
    headway_s: F32
    """By period; 0 where it does not run."""
    first_s: float
    last_s: float
    board_checkpoint: int
    alight_checkpoint: int


@dataclass(frozen=True)
class Policy:
    """What to do from one place to another; nodes are in the order in which anyone can pass them.

    At a node one walks, boards the first line of a set that comes, or goes on to the destination in `egress_s`.
    """

    expected_s: float
    """The expected time that the search gave, access and egress included."""
    access_s: float
    start: int
    order: tuple[int, ...]
    moves: Mapping[int, Walk | tuple[Boarding, ...]]
    egress_s: Mapping[int, float]


def on_foot(time_s: float) -> Policy:
    """Walking all the way."""
    return Policy(time_s, 0.0, 0, (0,), {}, {0: time_s})


def strategies_to(departure: Departure, links: PlaceLinks) -> list[tuple[float, StrategicWays]]:
    """For each window of a departure, its horizon and the strategy to the place with these links."""
    network = departure.network
    points, seconds = links
    egress = np.full(len(network.points), NEVER_S, dtype=np.float32)
    egress[points] = seconds
    return [
        (
            horizon,
            StrategicWays.search(
                network, net, network.points, egress, min(horizon, departure.limit_s), departure.fixed_wait
            ),
        )
        for horizon, net in departure.windows
    ]


def clocked_from(departure: Departure, links: PlaceLinks) -> ClockedWays:
    """The clock search from the place with these links."""
    network = departure.network
    points, seconds = links
    first = np.full(len(network.points), np.inf)
    first[points] = departure.start_clock_s + seconds
    limit = departure.start_clock_s + departure.limit_s
    return ClockedWays.search(network, network.points, first, limit, departure.fixed_wait)


def best_policy(
    walk_s: float,
    clocked: ClockedWays,
    strategies: Sequence[tuple[float, StrategicWays]],
    origin: PlaceLinks,
    destination: PlaceLinks,
    start_clock_s: float,
) -> Policy | None:
    """The soonest of walking, the clock search and the strategies, as a journey takes it; None where there is no way."""
    found = [on_foot(walk_s)] if np.isfinite(walk_s) else []
    if (by_clock := clock_policy(clocked, destination, start_clock_s)) is not None:
        found.append(by_clock)
    best = min(found, key=lambda policy: policy.expected_s, default=None)
    below_s = best.expected_s - LEAST_GAIN_S if best else np.inf
    for horizon, ways in strategies:
        policy = strategy_policy(ways, origin)
        if policy is not None and policy.expected_s <= min(horizon, below_s):
            return policy
    return best


def strategy_policy(ways: StrategicWays, origin: PlaceLinks) -> Policy | None:
    """The strategy from the place with these links on; None where it leads nowhere."""
    points, seconds = origin
    total = seconds + ways.left_s[points]
    if not total.size or total.min() >= NEVER_S:
        return None
    k = int(total.argmin())
    start = int(points[k])
    moves: dict[int, Walk | tuple[Boarding, ...]] = {}
    egress: dict[int, float] = {}
    open_nodes = [start]
    while open_nodes:
        p = open_nodes.pop()
        if p in moves or p in egress:
            continue
        if ways.left_s[p] >= ways.egress_s[p] - LEAST_GAIN_S:
            egress[p] = float(ways.egress_s[p])
            continue
        moves[p] = _move(ways, p)
        open_nodes += _targets(moves[p])
    order = _in_order(moves, [start, *egress])
    return Policy(float(total[k]), float(seconds[k]), start, order, moves, egress)


def clock_policy(ways: ClockedWays, destination: PlaceLinks, start_clock_s: float) -> Policy | None:
    """The way of the clock search to the place with these links; its nodes are counted from 0."""
    ends, out = destination
    arrival = ways.settled_s[ends] + out
    if not np.isfinite(arrival.min(initial=np.inf)):
        return None
    k = int(arrival.argmin())
    chain = ways.chain(int(ends[k]))
    moves = {i: _clock_move(ways, a, b, i + 1) for i, (a, b) in enumerate(itertools.pairwise(chain))}
    access = float(ways.first_s[chain[0]]) - start_clock_s
    last = len(chain) - 1
    return Policy(
        float(arrival[k]) - start_clock_s, access, 0, tuple(range(len(chain))), moves, {last: float(out[k])}
    )


def _targets(move: Walk | tuple[Boarding, ...]) -> list[int]:
    return [move.to] if isinstance(move, Walk) else [b.to for b in move]


def _in_order(moves: Mapping[int, Walk | tuple[Boarding, ...]], others: Sequence[int]) -> tuple[int, ...]:
    sorter: TopologicalSorter[int] = TopologicalSorter({p: [] for p in others})
    for p, move in moves.items():
        for q in _targets(move):
            sorter.add(q, p)
    return tuple(sorter.static_order())


def _move(ways: StrategicWays, p: int) -> Walk | tuple[Boarding, ...]:
    """The walk that the expected time rests on, else the attractive set.

    A link of no length comes last: it joins points with the same time left, and would lead back as well as on.
    """
    net = ways.network
    walks = []
    for k in range(net.link_start[p], net.link_start[p + 1]):
        total = float(net.link_s[k] + ways.left_s[net.link_to[k]])
        if total <= ways.left_s[p] + _TOLERANCE_S:
            walks.append((bool(net.link_s[k] <= 0), total, k))
    walks.sort()
    if walks and not walks[0][0]:
        return _walk(ways, walks[0][2])
    boards = np.array([b for b, _ in ways.chosen(p)], dtype=np.int32)
    frequency = net.board_frequency[boards]
    expected = (WAIT_ALPHA + float((frequency * ways.onward_s[boards]).sum())) / max(
        float(frequency.sum()), 1e-9
    )
    if walks and expected > ways.left_s[p] + _TOLERANCE_S:
        return _walk(ways, walks[0][2])
    return tuple(_strategy_boarding(ways, int(b)) for b in boards)


def _walk(ways: StrategicWays, k: int) -> Walk:
    compiled = ways.compiled
    return Walk(int(compiled.link_to[k]), float(compiled.link_s[k]), int(compiled.link_cp[k]))


def _strategy_boarding(ways: StrategicWays, b: int) -> Boarding:
    """A boarding with the one headway that the strategy counts with, in every period in which the line runs."""
    compiled = ways.compiled
    stop, ride = ways._exit(b)
    headway = np.where(compiled.board_headway_s[b] > 0, 1 / ways.passing.board_frequency[b], 0.0)
    return Boarding(
        int(compiled.stop_point[stop]),
        float(compiled.board_s[b]),
        ride + float(compiled.stop_alight_s[stop]),
        headway.astype(np.float32),
        float(compiled.board_first_s[b]),
        float(compiled.board_last_s[b]),
        int(compiled.board_cp[b]),
        int(compiled.stop_alight_cp[stop]),
    )


def _clock_move(ways: ClockedWays, a: int, b: int, to: int) -> Walk | tuple[Boarding, ...]:
    network, way = ways.network, int(ways.via[b])
    if way < 0:
        k = -1 - way
        return Walk(to, float(network.link_s[k]), int(network.link_cp[k]))
    clock = float(ways.settled_s[a])
    board_cp = int(network.section_board_cp[way])
    if board_cp >= 0:
        clock += float(network.cp_clear_s[board_cp])
    rows = range(network.service_start[way], network.service_start[way + 1])
    return tuple(
        _clock_boarding(network, way, r, to) for r, _ in attractive_set(network, rows, clock, ways.fixed_wait)
    )


def _clock_boarding(network: CompiledNetwork, section: int, r: int, to: int) -> Boarding:
    b = int(network.service_board[r])
    return Boarding(
        to,
        float(network.board_s[b]),
        float(network.service_ride_s[r]),
        network.board_headway_s[b],
        float(network.board_first_s[b]),
        float(network.board_last_s[b]),
        int(network.section_board_cp[section]),
        int(network.section_alight_cp[section]),
    )
