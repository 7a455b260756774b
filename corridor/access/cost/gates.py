"""Generalised cost between every cell and the gate of each control point, so that a pair of cells by each is a sum.

Who crosses at a control point passes one place, its gate: the hall on the north side, or the station at which a line
clears. With only that control point open, the cheapest way from cell i to cell j therefore costs

    c_ijk = to_gate_ik + from_gate_kj

and two searches per control point, towards its gate and away from it, give the cost of every pair in both directions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from corridor.access.cost.cost import FareGroup
from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.search import CheapestWays
from corridor.access.search.departure import Departure
from corridor.access.search.rows import Rows
from corridor.core.arrays import F32, F64, I32
from corridor.core.jit import njit
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import Network, hall


class Gate(NamedTuple):
    """A control point and the point of the network that everybody passes who crosses there."""

    checkpoint_id: str
    point: str


class GateCosts(NamedTuple):
    """Of the cheapest ways between cells and gates, (gate, cell) each; infinite where there is no way.

    `cost_s` is in generalised seconds, clearance included on the side where it is passed. The others add up what is met
    on the network, local buses and feeders apart, NaN where there is no way: fares, vehicles boarded, and by mode
    (mode, gate, cell) the metres from ride to ride as the crow flies.
    """

    cost_s: F32
    fare_hkd: F32
    boardings: F32
    ride_m: F32


class Crossings(NamedTuple):
    """What every cell pays to each gate, and from it.

    Attributes
    ----------
    gates, modes
        The order of gates and modes in all arrays.
    to_gate, from_gate
        Towards the gate from every cell, and onwards from it to every cell.
    """

    gates: tuple[Gate, ...]
    modes: tuple[str, ...]
    to_gate: GateCosts
    from_gate: GateCosts


def gates_of(network: Network, compiled: CompiledNetwork) -> tuple[Gate, ...]:
    """The gates of the open control points.

    Parameters
    ----------
    network
        Says which hall is that of the north.
    compiled
        The same network compiled.

    Returns
    -------
    tuple of Gate
        In the order of `compiled.cp_ids`. A control point without halls has a gate at each station where its lines clear.
    """
    found = []
    for k, checkpoint_id in enumerate(compiled.cp_ids):
        north_hall = hall(checkpoint_id, network.sides[1])
        if north_hall in compiled.index:
            found.append(Gate(checkpoint_id, north_hall))
            continue
        clearing = np.union1d(
            compiled.board_point[compiled.board_cp == k], compiled.stop_point[compiled.stop_alight_cp == k]
        )
        found += [Gate(checkpoint_id, compiled.points[p]) for p in clearing]
    return tuple(found)


def crossings(leaving: CostDeparture, network: Network) -> Crossings:
    """Costs between all cells and gates for those who leave at one clock time.

    What runs, and is open, throughout the first half hour counts: a way of least cost has no clock, so who leaves shortly before
    a last train is taken to catch it wherever it is boarded.
    """
    compiled, costing = leaving.network, leaving.costing
    gates, window = gates_of(network, compiled), leaving.windows[0]
    departure = Departure(compiled, leaving.departure.start_clock_s, leaving.departure.limit_s)
    access, egress = costing.base.access(departure), costing.base.egress(departure)
    rides = _Rides.of(network, compiled, costing.groups)
    towards, away = [], []
    for gate in gates:
        edges = leaving.edges(window, compiled.cp_ids.index(gate.checkpoint_id))
        begin = np.full(len(compiled.points), np.inf)
        begin[compiled.index[gate.point]] = 0.0
        towards.append(rides.along(CheapestWays.search(edges.reversed(), begin), towards=True))
        away.append(rides.along(CheapestWays.search(edges, begin), towards=False))
    return Crossings(gates, rides.modes, _for_cells(towards, access), _for_cells(away, egress))


class _Rides(NamedTuple):
    """What a ride of each fare group is and costs."""

    compiled: CompiledNetwork
    groups: Sequence[FareGroup]
    board_fare_hkd: list[F64]
    """(point,) of each group: HKD paid at boarding."""
    mode: list[int]
    """Of each group, in :attr:`modes`."""
    modes: tuple[str, ...]

    @classmethod
    def of(cls, network: Network, compiled: CompiledNetwork, groups: Sequence[FareGroup]) -> _Rides:
        mode_of = _main_modes(network, compiled, groups)
        modes = tuple(sorted(set(mode_of)))
        fares = [_mean_board_fare(group, compiled) for group in groups]
        return cls(compiled, groups, fares, [modes.index(m) for m in mode_of], modes)

    def along(self, ways: CheapestWays, towards: bool) -> F64:
        """(cost and what is met, point) of ways; `towards` where they were searched from their end.

        What is met is the fare in HKD, boardings, and metres by each mode.
        """
        x_m, y_m = self.compiled.x_m, self.compiled.y_m
        met = np.zeros((ways.edge.size, 3 + max(self.mode, default=0)))  # on the last edge to each point
        reached = np.flatnonzero(ways.previous >= 0)
        via = ways.edges.via[ways.edge[reached]]
        for g, group in enumerate(self.groups):
            ends = reached[via == -1 - g]
            a, b = ways.previous[ends], ends
            if towards:
                a, b = b, a
            i, j = np.searchsorted(group.points, a), np.searchsorted(group.points, b)
            met[ends, 0] = group.fare_hkd[i, j] + self.board_fare_hkd[g][a]
            met[ends, 1] = 1.0
            met[ends, 2 + self.mode[g]] = np.hypot(x_m[a] - x_m[b], y_m[a] - y_m[b])
        return np.vstack([ways.cost_s, _summed(ways.previous, met).T])


def _summed(previous: I32, met: F64) -> F64:
    """(point, what) on the whole way to each point, from what is on its last edge.

    Edge by edge from the first points on, since a link that costs nothing leaves no order by cost.
    """
    found, summed = np.zeros_like(met), previous < 0
    while (following := ~summed & summed[previous]).any():
        found[following] = found[previous[following]] + met[following]
        summed |= following
    return found


def _main_modes(network: Network, compiled: CompiledNetwork, groups: Sequence[FareGroup]) -> list[str]:
    """The mode of most boardings of each fare group."""
    found = []
    for group in groups:
        boards = compiled.stop_board[group.stops(compiled)]
        modes = Counter(network.lines[compiled.board_line[b]].mode for b in boards[boards >= 0])
        found.append(modes.most_common(1)[0][0] if modes else "none")
    return found


def _mean_board_fare(group: FareGroup, compiled: CompiledNetwork) -> F64:
    """HKD paid at boarding at each point: the mean of the group's lines there."""
    boards = compiled.stop_board[group.stops(compiled)]
    boards = boards[boards >= 0]
    where, points = compiled.board_point[boards], len(compiled.points)
    total = np.bincount(where, weights=group.board_fare_hkd[boards], minlength=points)
    return np.asarray(total / np.maximum(np.bincount(where, minlength=points), 1))


def _for_cells(by_gate: list[F64], around: Rows) -> GateCosts:
    """The least of all points around each cell, and what is met on that way."""
    found = np.ascontiguousarray(np.stack(by_gate).transpose(1, 2, 0))  # (cost and what is met, point, gate)
    cost_s, point = _least_over_points(*around, found[0])
    there = found[1:, point, np.arange(len(by_gate))[:, np.newaxis]]
    of_cells = np.where(cost_s < np.inf, there, np.nan).astype(np.float32)
    return GateCosts(cost_s, of_cells[0], of_cells[1], of_cells[2:])


@njit(cache=True, nogil=True)
def _least_over_points(start, column, seconds, cost_s):  # type: ignore[no-untyped-def]
    """(gate, cell) least sum of a way to a point and the (point, gate) cost from there, and that point."""
    gates, cells = cost_s.shape[1], start.size - 1
    least = np.full((gates, cells), np.inf, dtype=np.float32)
    point = np.zeros((gates, cells), dtype=np.int32)
    own, at = np.empty(gates, dtype=np.float32), np.empty(gates, dtype=np.int32)
    for i in range(cells):
        own[:], at[:] = np.inf, 0
        for e in range(start[i], start[i + 1]):
            p = column[e]
            for g in range(gates):
                total = seconds[e] + cost_s[p, g]
                at[g] = p if total < own[g] else at[g]
                own[g] = total if total < own[g] else own[g]
        for g in range(gates):  # one by one: see corridor.core.jit
            least[g, i], point[g, i] = own[g], at[g]
    return least, point
