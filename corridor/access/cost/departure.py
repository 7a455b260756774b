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
from corridor.access.search.kept import Kept
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.rows import F32
from corridor.access.search.strategic import Strategy
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import BaseLayer, Surroundings
from corridor.network.compiled import CompiledNetwork


@dataclass(frozen=True)
class Costing:
    """What generalised costs of one scenario's network are worked out from.

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
        found: dict[str, int] = {}
        for g, group in enumerate(self.groups):
            boards = compiled.stop_board[group.stops(compiled)]
            found |= {compiled.board_line[b]: g for b in boards[boards >= 0]}
        return found


@dataclass(frozen=True)
class CostDeparture:
    """One network from one clock time on; the departure's network has no ways by local bus."""

    departure: Departure
    costing: Costing
    _rides: Kept[tuple[int, bytes], F32] = field(default_factory=Kept, repr=False)
    _edges: Kept[tuple[float, int | None], CostEdges] = field(default_factory=Kept, repr=False)
    _ways: Kept[tuple[Place, float, int | None], CheapestWays] = field(default_factory=Kept, repr=False)
    _around: Kept[Place, Surroundings] = field(default_factory=Kept, repr=False)
    _inside: Kept[tuple[int, int, Window, Window, int | None], Strategy] = field(
        default_factory=Kept, repr=False
    )

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The longest horizon for each set of services and control points that run up to it."""
        by_running = {}
        for horizon, net in self.departure.windows:
            open_ways = [net.board_frequency > 0, net.link_s < NEVER_S, net.stop_alight_s < NEVER_S]
            by_running[b"".join(ways.tobytes() for ways in open_ways)] = horizon
        return tuple(Window(self.departure.start_clock_s, horizon) for horizon in by_running.values())

    def passing(self, window: Window) -> list[Window]:
        """Windows in which a way may end, soonest first: its waits are as long as the headways up to then."""
        return [window._replace(horizon_s=h) for h, _ in self.departure.windows if h <= window.horizon_s]

    @cached_property
    def network(self) -> CompiledNetwork:
        """The network with ways by local bus in generalised seconds."""
        d = self.departure
        return self.costing.base.departure(d.network, d.start_clock_s, d.limit_s).network

    def network_through(self, only: int | None) -> CompiledNetwork:
        """The network with one control point in use, or all."""
        return self.network if only is None else only_through(self.network, only)

    def edges(self, window: Window, only: int | None = None) -> CostEdges:
        """What every ride, walk and clearance costs."""
        return self._edges.known((window.horizon_s, only), lambda: self._edges_of(window, only))

    def _edges_of(self, window: Window, only: int | None) -> CostEdges:
        network, costing = self.network_through(only), self.costing
        rides = [self._ride(network, g, window) for g in range(len(costing.groups))]
        return CostEdges.of(network, costing.groups, rides, window, costing.weights)

    def _ride(self, network: CompiledNetwork, g: int, window: Window) -> F32:
        """Rides of a group, worked out once for each set of services that run and times that clearance takes."""
        fixed_wait, weights, group = self.departure.fixed_wait, self.costing.weights, self.costing.groups[g]
        running = group_network(network, group, window, weights)
        arrays = running.board_frequency, running.board_s, running.stop_alight_s
        key = (g, b"".join(array.tobytes() for array in arrays))
        return self._rides.known(key, lambda: ride_costs(running, group, weights, fixed_wait))

    def around(self, place: Place) -> Surroundings:
        """The points around a place, in generalised seconds."""
        departure = replace(self.departure, network=self.network)
        return self._around.known(place, lambda: self.costing.base.surroundings(departure, place))

    def ways_from(self, place: Place, window: Window, only: int | None = None) -> CheapestWays:
        """The cheapest ways from a place to every point."""
        return self._ways.known(
            (place, window.horizon_s, only), lambda: self._ways_from(place, self.edges(window, only))
        )

    def _ways_from(self, place: Place, edges: CostEdges) -> CheapestWays:
        points, seconds = self.around(place).to_points
        first = np.full(len(self.network.points), np.inf)
        first[points] = seconds
        return CheapestWays.search(edges, first)

    def inside(self, g: int, end: int, window: Window, passing: Window, only: int | None) -> Strategy:
        """The strategy of a group towards the point where one leaves, with the seconds that pass."""
        key = (g, end, window, passing, only)
        return self._inside.known(key, lambda: self._inside_of(g, end, (window, passing), only))

    def _inside_of(self, g: int, end: int, windows: tuple[Window, Window], only: int | None) -> Strategy:
        network, group = self.network_through(only), self.costing.groups[g]
        egress = np.full(len(network.points), NEVER_S, dtype=np.float32)
        egress[end] = 0.0
        weighted = group_network(network, group, windows[0], self.costing.weights)
        timed = group_network(network, group, windows[1], TIME_ALONE)
        return Strategy.search(weighted, egress, MOST_COST_S, self.departure.fixed_wait, timed=timed)

    def with_clearance(self, clearance_s: F32) -> CostDeparture:
        """The same with other clearance times (by control point)."""
        departure = with_clearance(self.departure, clearance_s)
        other = replace(self, departure=departure, _edges=Kept(), _ways=Kept(), _inside=Kept())
        other.__dict__["network"] = replace(self.network, cp_clear_s=clearance_s)
        return other
