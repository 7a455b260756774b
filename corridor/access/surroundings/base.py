"""The base layer: how cells and places reach points and each other without the network; no scenario changes it.

On foot everywhere; by local buses on the side whose bus tables are given, by a stated feeder elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import BusRide
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.rows import Rows
from corridor.access.search.threads import THREADS, chunks
from corridor.access.surroundings.bus_hour import HourOfBuses, PointKey, keys_of
from corridor.access.surroundings.bus_ways import NO_BUS, BusWay
from corridor.access.surroundings.buses import BusHour, BusStops
from corridor.network.bus import BusNetwork
from corridor.network.compiled import FEEDER_LINK, CompiledNetwork
from corridor.network.service import is_hall
from corridor.network.walk import Ground, Points

P = ParamSpec("P")
T = TypeVar("T")
F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
PlaceLinks = tuple[I32, F32]  # points around a place, and seconds to or from them
HOURS_KEPT = 2
NETWORKS_KEPT = 4


@dataclass(frozen=True)
class Surroundings:
    """What lies around a place: points that it reaches, and points from which it is reached."""

    to_points: PlaceLinks
    from_points: PlaceLinks


def _points(places: Cells | CompiledNetwork, rows: NDArray[Any] | None = None) -> Points:
    """The positions of cells or of points of a network; of some rows, or of all."""
    if rows is None:
        return Points(places.x_m, places.y_m, places.region)
    return Points(places.x_m[rows], places.y_m[rows], [places.region[row] for row in rows])


def _one_at_a_time(method: Callable[Concatenate[BaseLayer, P], T]) -> Callable[Concatenate[BaseLayer, P], T]:
    """Scenarios are worked on side by side, and share what the base layer keeps."""

    @wraps(method)
    def locked(self: BaseLayer, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._lock:
            return method(self, *args, **kwargs)

    return locked  # type: ignore[return-value]


@dataclass
class BaseLayer:
    """Ways between cells, places and points that need no train; worked out once for each position and hour."""

    cells: Cells
    ground: Ground
    buses: BusNetwork | None = None
    weights: CostWeights = TIME_ALONE
    _plain: BaseLayer | None = None
    """The same in seconds as they pass, where these are weighted."""
    _around: dict[PointKey, tuple[I32, F32]] = field(default_factory=dict)
    _walks: Rows | None = None
    _stops: BusStops | None = None
    _hours: dict[float, HourOfBuses] = field(default_factory=dict)
    _feeders: dict[int, tuple[CompiledNetwork, CompiledNetwork]] = field(default_factory=dict)
    """By identity: a network and the same with the feeder to halls."""
    _lock: RLock = field(default_factory=RLock)

    def costed(self, weights: CostWeights, feeder_fare_hkd: float) -> BaseLayer:
        """The same ways in generalised seconds: walks, waits and boardings weighted, fares paid."""
        plain = self.ground.parameters
        wait_s = plain.feeder_wait_s * weights.wait + weights.boarding_s
        ground = replace(
            self.ground,
            parameters=replace(
                plain,
                walk_speed_m_s=plain.walk_speed_m_s / weights.walk,
                feeder_wait_s=wait_s + feeder_fare_hkd * weights.s_per_hkd,
            ),
        )
        stops = self._bus_stops()
        return BaseLayer(
            self.cells,
            ground,
            self.buses,
            weights,
            self,
            _stops=stops.weighted(ground, weights.walk) if stops else None,
        )

    # --- cells and points ---

    @_one_at_a_time
    def access(self, departure: Departure) -> Rows:
        """For each cell, the points it reaches."""
        return self._cells_and_points(departure.network, departure.start_clock_s, to_point=True)

    @_one_at_a_time
    def egress(self, departure: Departure) -> Rows:
        """For each cell, the points it is reached from."""
        return self._cells_and_points(departure.network, departure.start_clock_s, to_point=False)

    def _cells_and_points(self, network: CompiledNetwork, clock_s: float, to_point: bool) -> Rows:
        keys = keys_of(network)
        self._fill([k for k, street in zip(keys, network.street, strict=True) if street])
        none = (np.empty(0, np.int32), np.empty(0, np.float32))
        rows = [self._around[k] if street else none for k, street in zip(keys, network.street, strict=True)]
        start = np.concatenate([[0], np.cumsum([len(r[0]) for r in rows])]).astype(np.int32)
        around = Rows(start, np.concatenate([r[0] for r in rows]), np.concatenate([r[1] for r in rows]))
        by_cell = around.transposed(len(self.cells.region))
        hour = self._hour(clock_s)
        return hour.with_buses(by_cell, network, keys, to_point) if hour else by_cell

    def _fill(self, keys: Sequence[PointKey]) -> None:
        """Ways on foot around points that buses serve, on foot or by feeder around the others."""
        for on_foot in (True, False):
            new = dict.fromkeys(k for k in keys if k not in self._around and self._by_bus(k) == on_foot)
            if not new:
                continue
            regions, x_m, y_m = zip(*(k[:3] for k in new), strict=True)
            where = Points(np.array(x_m, float), np.array(y_m, float), regions), _points(self.cells)
            parameters = self.ground.parameters
            if on_foot:
                start, cell, metres = self.ground.distances(*where, parameters.walk_limit_m)
                seconds = parameters.walk_s(metres)
            else:
                start, cell, seconds = self.ground.reach(*where, parameters.feeder_limit_m)
            for i, key in enumerate(new):
                part = slice(start[i], start[i + 1])
                order = np.argsort(seconds[part], kind="stable")
                self._around[key] = (cell[part][order], seconds[part][order])

    # --- places ---

    @_one_at_a_time
    def surroundings(self, departure: Departure, place: Place) -> Surroundings:
        """The points around a place, and seconds to and from them."""
        network, clock_s = departure.network, departure.start_clock_s
        return Surroundings(
            self._place_links(network, place, clock_s, to_point=True),
            self._place_links(network, place, clock_s, to_point=False),
        )

    def _place_links(
        self, network: CompiledNetwork, place: Place, clock_s: float, to_point: bool
    ) -> PlaceLinks:
        own = network.index.get(place.point) if place.point else None
        best = np.full(len(network.points), np.inf, dtype=np.float32)
        if place.on_street(network):
            self._lower_by_street(best, network, place, clock_s, to_point)
        if own is not None:
            best[own] = 0.0
        points = np.flatnonzero(np.isfinite(best)).astype(np.int32)
        return points, best[points]

    def _lower_by_street(
        self, best: F32, network: CompiledNetwork, place: Place, clock_s: float, to_point: bool
    ) -> None:
        """Lower the seconds between a place and every point to those on foot, by feeder or by local bus."""
        usable = np.flatnonzero(network.street)
        where = Points.one(place.x_m, place.y_m, place.region), _points(network, usable)
        parameters = self.ground.parameters
        hour = self._hour(clock_s)
        _, target, seconds = self.ground.reach(*where, parameters.feeder_limit_m)
        if hour is None or place.region != hour.side:
            best[usable[target]] = seconds
            return
        fed = network.planned[usable[target]]
        best[usable[target[fed]]] = seconds[fed]
        _, target, metres = self.ground.distances(*where, parameters.walk_limit_m)
        best[usable[target]] = np.minimum(best[usable[target]], parameters.walk_s(metres))
        hour.lower_place(best, network, keys_of(network), place, to_point)

    def walks_s(self, origin: Place, destinations: Sequence[Place]) -> F32:
        """Seconds on foot from a place to others; infinite where nobody walks so far."""
        parameters = self.ground.parameters
        ends = Points(
            np.array([d.x_m for d in destinations]),
            np.array([d.y_m for d in destinations]),
            [d.region for d in destinations],
        )
        start = Points.one(origin.x_m, origin.y_m, origin.region)
        _, near, metres = self.ground.distances(start, ends, parameters.walk_limit_m)
        best = np.full(len(destinations), np.inf, dtype=np.float32)
        best[near] = parameters.walk_s(metres)
        return best

    @_one_at_a_time
    def direct_s(self, origin: Place, destinations: Sequence[Place], clock_s: float) -> F32:
        """Seconds from a place to others on foot or by local bus; infinite where neither leads there."""
        best = self.walks_s(origin, destinations)
        hour = self._hour(clock_s)
        if hour and origin.region == hour.side:
            served = [k for k, d in enumerate(destinations) if d.region == hour.side]
            if served:
                best[served] = np.minimum(
                    best[served], hour.between(origin, [destinations[k] for k in served])
                )
        return best

    @_one_at_a_time
    def from_cells_s(self, place: Place, clock_s: float) -> F32:
        """Seconds from every cell to a place on foot or by local bus; infinite where neither leads there."""
        c, parameters = self.cells, self.ground.parameters
        start = Points.one(place.x_m, place.y_m, place.region)
        _, cell, metres = self.ground.distances(start, _points(c), parameters.walk_limit_m)
        best = np.full(len(c.region), np.inf, dtype=np.float32)
        best[cell] = parameters.walk_s(metres)
        hour = self._hour(clock_s)
        if hour and place.region == hour.side:
            hour.lower_from_cells(best, place)
        return best

    # --- cells and cells ---

    @_one_at_a_time
    def cell_walks(self) -> Rows:
        """For each cell, the cells it reaches on foot within the walking limit."""
        if self._walks is None and self._plain:
            walks = self._plain.cell_walks()
            self._walks = replace(walks, seconds=walks.seconds * np.float32(self.weights.walk))
        if self._walks is None:
            c, parameters = self.cells, self.ground.parameters
            every, limit_m = _points(c), parameters.walk_limit_m
            parts = [Points(c.x_m[p], c.y_m[p], c.region[p]) for p in chunks(len(c.region), THREADS * 2)]
            with ThreadPoolExecutor(THREADS) as pool:
                found = list(
                    pool.map(lambda part: self.ground.distances(part, every, limit_m, coarsen=2), parts)
                )
            counts = np.concatenate([np.diff(s) for s, _, _ in found])
            start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
            seconds = parameters.walk_s(np.concatenate([d for _, _, d in found]))
            self._walks = _both_ways(Rows(start, np.concatenate([t for _, t, _ in found]), seconds))
        return self._walks

    @_one_at_a_time
    def cells_by_bus(self, clock_s: float) -> tuple[I32, NDArray[np.int16]]:
        """Which row each cell has (-1: none), and whole seconds by bus alone between those cells (to, from)."""
        row = np.full(len(self.cells.region), -1, dtype=np.int32)
        hour = self._hour(clock_s)
        if hour is None:
            return row, np.empty((0, 0), dtype=np.int16)
        row[hour.buses.stops.cells] = np.arange(hour.buses.stops.cells.size)
        return row, hour.buses.cell_to_cell_s

    # --- one way, bus by bus ---

    @_one_at_a_time
    def bus_way(
        self, side: str, origin: tuple[float, float], destination: tuple[float, float], clock_s: float
    ) -> BusWay:
        """The best way by local bus between two places of one side (EPSG:4547)."""
        hour = self._hour(clock_s)
        return hour.way(origin, destination) if hour and side == hour.side else NO_BUS

    def buses_of(
        self,
        side: str,
        origin: tuple[float, float],
        destination: tuple[float, float],
        time_s: float,
        clock_s: float,
    ) -> tuple[BusRide, ...]:
        """The likeliest buses of a way that takes `time_s` on one side; none where that is a walk or a feeder."""
        way = self.bus_way(side, origin, destination, clock_s)
        return way.rides if abs(way.cost_s - time_s) <= 1.0 else ()

    # --- points and points ---

    @_one_at_a_time
    def departure(
        self, network: CompiledNetwork, clock_s: float, limit_s: float, fixed_wait: bool = False
    ) -> Departure:
        """A network at one clock time, with the local buses between its stations as links."""
        hour, network = self._hour(clock_s), self._fed(network)
        return Departure(hour.linked(network) if hour else network, clock_s, limit_s, fixed_wait)

    def _fed(self, network: CompiledNetwork) -> CompiledNetwork:
        """The network with the feeder between stations and halls that no bus of the tables serves."""
        if id(network) not in self._feeders:
            while len(self._feeders) >= NETWORKS_KEPT:
                del self._feeders[next(iter(self._feeders))]
            self._feeders[id(network)] = (network, network.with_links(self._feeds(network), FEEDER_LINK))
        return self._feeders[id(network)][1]

    def _feeds(self, network: CompiledNetwork) -> Mapping[int, tuple[I32, F32]]:
        usable = [p for p, k in enumerate(keys_of(network)) if network.street[p] and not self._by_bus(k)]
        halls, stations = (
            np.array([p for p in usable if is_hall(network.points[p]) == which], np.int32)
            for which in (True, False)
        )
        if not halls.size or not stations.size:
            return {}
        start, target, seconds = self.ground.reach(
            _points(network, halls), _points(network, stations), self.ground.parameters.feeder_limit_m
        )
        links: dict[int, tuple[I32, F32]] = {}
        from_hall = Rows(start, target, seconds)
        for rows, ends, others in (
            (from_hall, halls, stations),
            (from_hall.transposed(stations.size), stations, halls),
        ):
            for i, p in enumerate(ends):
                part = slice(rows.start[i], rows.start[i + 1])
                to = others[rows.column[part]]
                listed = network.link_to[network.link_start[p] : network.link_start[p + 1]]
                new = ~np.isin(to, listed)
                links[int(p)] = (to[new], rows.seconds[part][new])
        return links

    # --- the hour ---

    def _by_bus(self, key: PointKey) -> bool:
        """Whether today's buses stand for the feeder: not on a side without tables, nor at a planned station."""
        stops = self._bus_stops()
        return stops is not None and stops.region == key[0] and not key[3]

    def _bus_stops(self) -> BusStops | None:
        if self.buses is not None and self._stops is None:
            c = self.cells
            self._stops = BusStops.of(self.buses, self.ground, c.x_m, c.y_m, c.region)
        return self._stops

    def _hour(self, clock_s: float) -> HourOfBuses | None:
        stops = self._bus_stops()
        if stops is None:
            return None
        if clock_s not in self._hours:
            while len(self._hours) >= HOURS_KEPT:
                del self._hours[next(iter(self._hours))]
            self._hours[clock_s] = HourOfBuses(BusHour(stops, clock_s, self.weights), len(self.cells.region))
        return self._hours[clock_s]


def _both_ways(rows: Rows) -> Rows:
    """The lesser of both directions: a cell whose centre lies in water starts a walk but would not end one."""
    n = rows.start.size - 1
    most = np.float32(rows.seconds.max(initial=0.0) + 1.0)
    gain = csr_array((most - rows.seconds, rows.column, rows.start), shape=(n, n))
    least = csr_array(gain.maximum(gain.T))
    least.sort_indices()
    seconds = (most - least.data).astype(np.float32)
    return Rows(least.indptr.astype(np.int32), least.indices.astype(np.int32), seconds)
