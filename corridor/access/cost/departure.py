"""A network for those who leave at one clock time and weigh time and money: what runs, and what every edge costs.

A way of least cost has no clock, as a strategy has none. It is searched on what runs from the start to a horizon, and
holds where it ends before that horizon. Where nothing opens or closes before the limit there is one horizon, the
search is exact, and a service added raises no cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from corridor.access.cost.cost import MOST_COST_S, FareGroup, Window, group_network, ride_costs
from corridor.access.cost.search import CheapestWays, CostEdges
from corridor.access.journeys.router import only_through
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure, with_clearance
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.strategic import Strategy
from corridor.access.search.strategy import NEVER_S, clearance_s
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.core.arrays import F32, I32
from corridor.core.in_memory import Kept, kept
from corridor.network.compiled import CompiledNetwork


@dataclass(frozen=True)
class Costing:
    """What generalised costs of one scenario's network are computed from.

    Attributes
    ----------
    base
        The base layer in generalised seconds.
    """

    groups: tuple[FareGroup, ...]
    weights: CostWeights
    base: BaseLayer
    feeder_fare_hkd: float

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the weights and fares."""
        digest = hashlib.sha256(repr((self.weights, self.feeder_fare_hkd)).encode())
        for group in self.groups:
            for array in (group.patterns, group.points, group.fare_hkd, group.board_fare_hkd):
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def group_of_line(self, compiled: CompiledNetwork) -> Mapping[str, int]:
        """The fare group of each line."""
        return {compiled.pattern_line[i]: g for g, group in enumerate(self.groups) for i in group.patterns}


@dataclass(frozen=True)
class CostDeparture:
    """One network for those who leave at one clock time and weigh time and money.

    Attributes
    ----------
    departure
        The network without ways by local bus: those are costed by `costing`.
    costing
        Fares, weights and the base layer in generalised seconds.
    """

    departure: Departure
    costing: Costing
    _rides: Kept[tuple[int, Window, bytes], F32] = field(default_factory=Kept, repr=False)
    _around: Kept[Place, Surroundings] = field(default_factory=Kept, repr=False)

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The horizons up to which ways are searched.

        Between two horizons of the departure with the same services and control points open, headways alone differ, and
        the choice of a way counts with those of the hour of departure. So of each such set only the longest horizon is
        kept.
        """
        by_running = {}
        for horizon, net in self.departure.windows:
            open_ways = [net.board_frequency > 0, net.link_s < NEVER_S, net.stop_alight_s < NEVER_S]
            by_running[b"".join(ways.tobytes() for ways in open_ways)] = horizon
        return tuple(Window(self.departure.start_clock_s, horizon) for horizon in by_running.values())

    def passing(self, window: Window) -> list[Window]:
        """Windows in which a way may end, soonest first.

        The time of a way counts the longest headway up to where it ends, so a way that ends early may be shorter than
        the search window says.
        """
        return [window._replace(horizon_s=h) for h, _ in self.departure.windows if h <= window.horizon_s]

    @cached_property
    def network(self) -> CompiledNetwork:
        """The network with ways by local bus in generalised seconds."""
        d = self.departure
        return self.costing.base.departure(d.network, d.start_clock_s, d.limit_s).network

    def network_through(self, only: int | None) -> CompiledNetwork:
        """The network with one control point in use, or all."""
        return self.network if only is None else only_through(self.departure.on(self.network), only).network

    @kept()
    def edges(self, window: Window, only: int | None = None) -> CostEdges:
        """What every ride, walk and clearance costs.

        Parameters
        ----------
        window
            One of :attr:`windows`.
        only
            Index of the one control point in use; None for all.
        """
        network, costing = self.network_through(only), self.costing
        clear_s = clearance_s(network, *window, costing.weights.clearance)
        rides = [self._ride(network, g, window, clear_s) for g in range(len(costing.groups))]
        return CostEdges.of(network, costing.groups, rides, window, costing.weights)

    def _ride(self, network: CompiledNetwork, g: int, window: Window, clear_s: F32) -> F32:
        """Rides of a group, computed once for each window and set of times that its own clearances take."""
        fixed_wait, weights, group = self.departure.fixed_wait, self.costing.weights, self.costing.groups[g]
        key = (g, window, clear_s[self._cleared_at(g)].tobytes())

        def work() -> F32:
            return ride_costs(group_network(network, group, window, weights), group, weights, fixed_wait)

        return self._rides.known(key, work)

    @kept()
    def _cleared_at(self, g: int) -> I32:
        """Control points at which passengers of a group clear as they board or alight."""
        net = self.network
        stops = self.costing.groups[g].stops(net)
        boards = net.stop_board[stops]
        found: I32 = np.union1d(net.board_cp[boards[boards >= 0]], net.stop_alight_cp[stops])
        return found

    def around(self, place: Place) -> Surroundings:
        """The points around a place, in generalised seconds."""
        departure = self.departure.on(self.network)
        return self._around.known(place, lambda: self.costing.base.surroundings(departure, place))

    @kept()
    def ways_from(self, place: Place, window: Window, only: int | None = None) -> CheapestWays:
        """The cheapest ways from a place to every point.

        Parameters
        ----------
        place
            The origin.
        window
            One of :attr:`windows`.
        only
            Index of the one control point in use; None for all.
        """
        points, seconds = self.around(place).to_points
        first = np.full(len(self.network.points), np.inf)
        first[points] = seconds
        return CheapestWays.search(self.edges(window, only), first)

    @kept()
    def inside(self, g: int, end: int, window: Window, passing: Window, only: int | None) -> Strategy:
        """The strategy of a group towards the point where one leaves, with the seconds that pass.

        Parameters
        ----------
        g, end
            Indices of the group and of the point.
        window, passing
            The window that chooses the way, and the one in which it ends, whose headways count for its time.
        only
            Index of the one control point in use; None for all.
        """
        network, group = self.network_through(only), self.costing.groups[g]
        egress = np.full(len(network.points), NEVER_S, dtype=np.float32)
        egress[end] = 0.0
        weighted = group_network(network, group, window, self.costing.weights)
        timed = group_network(network, group, passing, TIME_ALONE)
        return Strategy.search(weighted, egress, MOST_COST_S, self.departure.fixed_wait, timed=timed)

    def with_clearance(self, clearance_s: F32) -> CostDeparture:
        """The same with other clearance times (by control point)."""
        other = replace(self, departure=with_clearance(self.departure, clearance_s))
        other.__dict__["network"] = replace(self.network, cp_clear_s=clearance_s)
        return other
