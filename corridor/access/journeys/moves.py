"""What a traveller does at each point of a strategy, or of the way of the clock search, ready to be simulated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np

from corridor.access.journeys.soonest import Way
from corridor.access.search.clock import ClockedWays
from corridor.access.search.strategic import Strategy
from corridor.core.arrays import F32
from corridor.network.compiled import CompiledNetwork


@dataclass(frozen=True)
class Walk:
    """A way on foot to another point, in seconds, and the control point passed at its end (-1: none)."""

    to: int
    time_s: float
    checkpoint: int


@dataclass(frozen=True)
class Boarding:
    """One line of an attractive set: clearance and way to the platform, wait, ride and way out, clearance.

    Attributes
    ----------
    ride_s
        In the vehicle, and out to the street.
    headway_s
        By period; 0 where it does not run.
    """

    to: int
    door_s: float
    ride_s: float
    headway_s: F32
    first_s: float
    last_s: float
    board_checkpoint: int
    alight_checkpoint: int


Move = Walk | tuple[Boarding, ...]
"""What one does at a point: walks, or boards the first of some lines to come."""


@dataclass(frozen=True)
class Policy:
    """What to do from one place to another; nodes are in the order in which anyone can pass them.

    At a node one walks, boards the first line of a set that comes, or goes on to the destination in `egress_s`.

    Attributes
    ----------
    expected_s
        The expected time that the search gave, access and egress included.
    """

    expected_s: float
    access_s: float
    start: int
    order: tuple[int, ...]
    moves: Mapping[int, Move]
    egress_s: Mapping[int, float]


def policy_of(way: Way, network: CompiledNetwork) -> Policy:
    """What a way asks to do at each point.

    Parameters
    ----------
    way
        The soonest way between two places.
    network
        The network that it was found on.

    Returns
    -------
    Policy
        By the strategy of the way, its nodes are points of the network; by the clock search, they count from 0 along the
        way. A way off the network is one node.
    """
    if isinstance(way.by, Strategy):
        return _strategy_policy(way, way.by, network)
    if isinstance(way.by, ClockedWays):
        return _clock_policy(way, way.by)
    return Policy(way.time_s, 0.0, 0, (0,), {}, {0: way.time_s})


def _strategy_policy(way: Way, strategy: Strategy, network: CompiledNetwork) -> Policy:
    moves: dict[int, Move] = {}
    egress: dict[int, float] = {}
    open_nodes = [way.point]
    while open_nodes:
        p = open_nodes.pop()
        if p in moves or p in egress:
            continue
        if strategy.at_end(p):
            egress[p] = float(strategy.egress_s[p])
            continue
        moves[p] = _strategy_move(strategy, network, p)
        open_nodes += _targets(moves[p])
    order = _in_order(moves, [way.point, *egress])
    return Policy(way.time_s, way.access_s, way.point, order, moves, egress)


def _clock_policy(way: Way, ways: ClockedWays) -> Policy:
    """Nodes are counted from 0 along the way."""
    chain = ways.chain(way.point)
    moves = {i: _clock_move(ways, a, b, i + 1) for i, (a, b) in enumerate(itertools.pairwise(chain))}
    return Policy(
        way.time_s, way.access_s, 0, tuple(range(len(chain))), moves, {len(chain) - 1: way.egress_s}
    )


def _targets(move: Move) -> list[int]:
    return [move.to] if isinstance(move, Walk) else [b.to for b in move]


def _in_order(moves: Mapping[int, Move], others: Sequence[int]) -> tuple[int, ...]:
    sorter: TopologicalSorter[int] = TopologicalSorter({p: [] for p in others})
    for p, move in moves.items():
        for q in _targets(move):
            sorter.add(q, p)
    return tuple(sorter.static_order())


def _walk(network: CompiledNetwork, k: int, to: int) -> Walk:
    return Walk(to, float(network.link_s[k]), int(network.link_cp[k]))


def _strategy_move(strategy: Strategy, network: CompiledNetwork, p: int) -> Move:
    """The walk that the expected time rests on, else the attractive set.

    A boarding has the one headway that the strategy counts with, in every period in which the line runs.
    """
    if (k := strategy.link(p)) is not None:
        return _walk(network, k, int(network.link_to[k]))
    boardings = []
    for b in strategy.attractive(p):
        leave = strategy.exit(b)
        ride_s = leave.ride_s + float(network.stop_alight_s[leave.stop])
        headway = np.where(network.board_headway_s[b] > 0, 1 / strategy.passing.board_frequency[b], 0.0)
        cps = int(network.board_cp[b]), int(network.stop_alight_cp[leave.stop])
        boardings.append(_boarding(network, b, leave.point, ride_s, headway.astype(np.float32), cps))
    return tuple(boardings)


def _clock_move(ways: ClockedWays, a: int, b: int, to: int) -> Move:
    network, way = ways.network, int(ways.via[b])
    if way < 0:
        return _walk(network, -1 - way, to)
    cps = int(network.section_board_cp[way]), int(network.section_alight_cp[way])
    boardings = []
    for r in ways.attractive(way, a)[0]:
        board = int(network.service_board[r])
        headway = network.board_headway_s[board]
        boardings.append(_boarding(network, board, to, float(network.service_ride_s[r]), headway, cps))
    return tuple(boardings)


def _boarding(
    network: CompiledNetwork, b: int, to: int, ride_s: float, headway_s: F32, checkpoints: tuple[int, int]
) -> Boarding:
    hours = float(network.board_first_s[b]), float(network.board_last_s[b])
    return Boarding(to, float(network.board_s[b]), ride_s, headway_s, *hours, *checkpoints)
