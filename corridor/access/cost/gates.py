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
from numpy.typing import NDArray

from corridor.access.cost.cost import FareGroup
from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.search import CheapestWays, CostEdges
from corridor.access.search.departure import Departure
from corridor.access.search.rows import F32, Rows
from corridor.core.csr import row_starts
from corridor.core.jit import njit
from corridor.network.compiled import CompiledNetwork
from corridor.network.service import Network, hall

F64 = NDArray[np.float64]


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
    mode_of = _main_modes(network, compiled, costing.groups)
    modes = tuple(sorted(set(mode_of)))
    mode = [modes.index(m) for m in mode_of]
    towards, away = [], []
    for gate in gates:
        edges = leaving.edges(window, compiled.cp_ids.index(gate.checkpoint_id))
        passing = _Passing.of(edges, compiled, costing.groups, mode)
        begin = np.full(len(compiled.points), np.inf)
        begin[compiled.index[gate.point]] = 0.0
        towards.append(passing.reversed().along(begin))
        away.append(passing.along(begin))
    return Crossings(gates, modes, _for_cells(towards, access), _for_cells(away, egress))


class _Passing(NamedTuple):
    """Edges and what is met on each: (edge, what), being fare in HKD, boardings, and metres by each mode."""

    edges: CostEdges
    met: F64

    @classmethod
    def of(
        cls,
        edges: CostEdges,
        compiled: CompiledNetwork,
        groups: Sequence[FareGroup],
        mode: Sequence[int],
    ) -> _Passing:
        origin = np.repeat(np.arange(edges.start.size - 1), np.diff(edges.start))
        met = np.zeros((edges.to.size, 3 + max(mode, default=0)))
        for g, group in enumerate(groups):
            rides = np.flatnonzero(edges.via == -1 - g)
            a, b = origin[rides], edges.to[rides]
            i, j = np.searchsorted(group.points, a), np.searchsorted(group.points, b)
            length_m = np.hypot(compiled.x_m[a] - compiled.x_m[b], compiled.y_m[a] - compiled.y_m[b])
            met[rides, 0] = group.fare_hkd[i, j] + _mean_board_fare(group, compiled)[a]
            met[rides, 1] = 1.0
            met[rides, 2 + mode[g]] = length_m
        return cls(edges, met)

    def reversed(self) -> _Passing:
        """The same edges the other way round, so that a search from a point finds the ways towards it."""
        edges = self.edges
        origin = np.repeat(np.arange(edges.start.size - 1, dtype=np.int32), np.diff(edges.start))
        order = np.argsort(edges.to, kind="stable")
        counts = np.bincount(edges.to, minlength=edges.start.size - 1)
        turned = CostEdges(row_starts(counts), origin[order], edges.cost_s[order], edges.via[order])
        return _Passing(turned, self.met[order])

    def along(self, begin: F64) -> F64:
        """(cost and what is met, point) of the cheapest ways from where `begin` is finite."""
        ways = CheapestWays.search(self.edges, begin)
        met, summed = np.zeros((self.met.shape[1], begin.size)), ways.previous < 0
        for p in range(begin.size):
            chain = []
            while not summed[p]:  # by predecessors, since a link that costs nothing leaves no order by cost
                chain.append(p)
                p = int(ways.previous[p])
            for q in reversed(chain):
                met[:, q] = met[:, ways.previous[q]] + self.met[ways.edge[q]]
                summed[q] = True
        return np.vstack([ways.cost_s, met])


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
    cost_s = np.stack([found[0] for found in by_gate])
    least, point = _least_over_points(*around, cost_s)
    met = np.stack([found[1:] for found in by_gate], axis=1)  # (what, gate, point)
    gate = np.arange(len(by_gate))[:, None]
    of_cells = np.where(np.isfinite(least), met[:, gate, point], np.nan).astype(np.float32)
    return GateCosts(least, of_cells[0], of_cells[1], of_cells[2:])


@njit(cache=True, nogil=True)
def _least_over_points(start, column, seconds, cost_s):  # type: ignore[no-untyped-def]
    """(gate, cell) least sum of a way to a point and the cost from there, and that point."""
    gates, cells = cost_s.shape[0], start.size - 1
    least = np.full((gates, cells), np.inf, dtype=np.float32)
    point = np.zeros((gates, cells), dtype=np.int32)
    for i in range(cells):
        for e in range(start[i], start[i + 1]):
            p = column[e]
            for g in range(gates):
                total = seconds[e] + cost_s[g, p]
                if total < least[g, i]:
                    least[g, i] = total
                    point[g, i] = p
    return least, point
