"""The base layer: how cells and places reach points and each other without the network; no scenario changes it.

On foot everywhere; by local buses on the side whose bus tables are given, by a stated feeder elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import wraps
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from corridor.access.bus_ways import NO_BUS, BusWay, likeliest_buses
from corridor.access.buses import FAR, BusHour, BusStops
from corridor.access.cells import Cells, Place
from corridor.access.departure import Departure
from corridor.access.journey import BusRide
from corridor.access.parameters import TIME_ALONE, CostWeights
from corridor.access.rows import Rows
from corridor.access.threads import THREADS, chunks
from corridor.network.bus import BusNetwork
from corridor.network.compiled import BUS_LINK, CompiledNetwork
from corridor.network.walk import Ground

P = ParamSpec("P")
T = TypeVar("T")
F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
PlaceLinks = tuple[I32, F32]  # points around a place, and seconds to or from them
Position = tuple[float, float]  # EPSG:4547
PointKey = tuple[
    str, int, int, bool
]  # side, position, whether planned: what the surroundings of a point depend on
POINTS_BY_BUS = 24  # stations kept for each cell, soonest first
LEAST_BUS_M = 800.0  # between stations nearer than this the listed change or the walk counts
LINKS_BY_BUS = 16  # stations kept for each station
HOURS_KEPT = 2
PLACES_KEPT = 200
NETWORKS_KEPT = 4


@dataclass(frozen=True)
class Surroundings:
    """What lies around a place: points that it reaches, and points from which it is reached."""

    to_points: PlaceLinks
    from_points: PlaceLinks


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
    _hours: dict[float, _HourOfBuses] = field(default_factory=dict)
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
        keys = _keys(network)
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
            where = (
                np.array([float(k[1]) for k in new]),
                np.array([float(k[2]) for k in new]),
                [k[0] for k in new],
                self.cells.x_m,
                self.cells.y_m,
                self.cells.region,
            )
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
        if place.point is not None:
            known = [network.index[place.point]] if place.point in network.index else []
            return np.array(known, dtype=np.int32), np.zeros(len(known), dtype=np.float32)
        usable = np.flatnonzero(network.street)
        where = (
            np.array([place.x_m]),
            np.array([place.y_m]),
            [place.region],
            network.x_m[usable],
            network.y_m[usable],
            [network.region[p] for p in usable],
        )
        parameters = self.ground.parameters
        hour = self._hour(clock_s)
        _, target, seconds = self.ground.reach(*where, parameters.feeder_limit_m)
        if hour is None or place.region != hour.side:
            return usable[target].astype(np.int32), seconds
        fed = network.planned[usable[target]]
        best = np.full(len(network.points), np.inf, dtype=np.float32)
        best[usable[target[fed]]] = seconds[fed]
        _, target, metres = self.ground.distances(*where, parameters.walk_limit_m)
        best[usable[target]] = np.minimum(best[usable[target]], parameters.walk_s(metres))
        hour.lower_place(best, network, _keys(network), place, to_point)
        points = np.flatnonzero(np.isfinite(best)).astype(np.int32)
        return points, best[points]

    def walks_s(self, origin: Place, destinations: Sequence[Place]) -> F32:
        """Seconds on foot from a place to others; infinite where nobody walks so far."""
        parameters = self.ground.parameters
        _, near, metres = self.ground.distances(
            np.array([origin.x_m]),
            np.array([origin.y_m]),
            [origin.region],
            np.array([d.x_m for d in destinations]),
            np.array([d.y_m for d in destinations]),
            [d.region for d in destinations],
            parameters.walk_limit_m,
        )
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
        _, cell, metres = self.ground.distances(
            np.array([place.x_m]),
            np.array([place.y_m]),
            [place.region],
            c.x_m,
            c.y_m,
            c.region,
            parameters.walk_limit_m,
        )
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
            parts = chunks(len(c.region), THREADS * 2)
            with ThreadPoolExecutor(THREADS) as pool:
                found = list(
                    pool.map(
                        lambda part: self.ground.distances(
                            c.x_m[part],
                            c.y_m[part],
                            c.region[part],
                            c.x_m,
                            c.y_m,
                            c.region,
                            parameters.walk_limit_m,
                            coarsen=2,
                        ),
                        parts,
                    )
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
        hour = self._hour(clock_s)
        return Departure(hour.linked(network) if hour else network, clock_s, limit_s, fixed_wait)

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

    def _hour(self, clock_s: float) -> _HourOfBuses | None:
        stops = self._bus_stops()
        if stops is None:
            return None
        if clock_s not in self._hours:
            while len(self._hours) >= HOURS_KEPT:
                del self._hours[next(iter(self._hours))]
            self._hours[clock_s] = _HourOfBuses(BusHour(stops, clock_s, self.weights), len(self.cells.region))
        return self._hours[clock_s]


def point_key(network: CompiledNetwork, p: int) -> PointKey:
    """Side, whole metres and whether planned, of a point of a network."""
    return network.region[p], round(network.x_m[p]), round(network.y_m[p]), bool(network.planned[p])


def _keys(network: CompiledNetwork) -> list[PointKey]:
    return [point_key(network, p) for p in range(len(network.points))]


def _both_ways(rows: Rows) -> Rows:
    """The lesser of both directions: a cell whose centre lies in water starts a walk but would not end one."""
    n = rows.start.size - 1
    most = np.float32(rows.seconds.max(initial=0.0) + 1.0)
    gain = csr_array((most - rows.seconds, rows.column, rows.start), shape=(n, n))
    least = csr_array(gain.maximum(gain.T))
    least.sort_indices()
    seconds = (most - least.data).astype(np.float32)
    return Rows(least.indptr.astype(np.int32), least.indices.astype(np.int32), seconds)


@dataclass
class _HourOfBuses:
    """Local buses at one hour, kept for each point by its position."""

    buses: BusHour
    cells: int
    _near: dict[PointKey, tuple[I32, F32]] = field(default_factory=dict)
    """Stops around a point, and seconds on foot."""
    _to: dict[PointKey, F32] = field(default_factory=dict)
    """Seconds from every stop to a point."""
    _linked: dict[int, tuple[CompiledNetwork, CompiledNetwork]] = field(default_factory=dict)
    """By identity: a network and the same with the buses between its stations."""
    _places: dict[tuple[float, float], F32] = field(default_factory=dict)
    _ways: dict[tuple[Position, Position], BusWay] = field(default_factory=dict)
    _columns: dict[tuple[bool, PointKey], F32] = field(default_factory=dict)
    """Seconds between every served cell and a point, by bus."""
    _rows: dict[tuple[bool, bytes, tuple[PointKey, ...]], Rows] = field(default_factory=dict)

    @property
    def side(self) -> str:
        """The side that the buses serve."""
        return self.buses.stops.region

    def served(self, network: CompiledNetwork, keys: Sequence[PointKey]) -> list[int]:
        """Points of the side with a way to the street, prepared."""
        points = [p for p, k in enumerate(keys) if k[0] == self.side and network.street[p] and not k[3]]
        new = list(dict.fromkeys(keys[p] for p in points if keys[p] not in self._near))
        if new:
            near = self.buses.stops.near(np.array([k[1] for k in new]), np.array([k[2] for k in new]))
            to = self.buses.to_places(near, self.buses.reach_s)
            for i, key in enumerate(new):
                part = slice(near.start[i], near.start[i + 1])
                self._near[key] = (near.column[part], near.seconds[part])
                self._to[key] = np.ascontiguousarray(to[:, i])
        return points

    def with_buses(
        self, walks: Rows, network: CompiledNetwork, keys: Sequence[PointKey], to_point: bool
    ) -> Rows:
        """Rows of cell and point with the sooner of walk and bus, for the served side the soonest points only."""
        points = self.served(network, keys)
        which = (to_point, network.street.tobytes(), tuple(keys))  # rows name points of both sides
        if which not in self._rows:
            while len(self._rows) >= 4:
                del self._rows[next(iter(self._rows))]
            self._rows[which] = self._soonest(walks, keys, points, to_point)
        return self._rows[which]

    def _soonest(self, walks: Rows, keys: Sequence[PointKey], points: list[int], to_point: bool) -> Rows:
        stops = self.buses.stops
        by_bus = np.stack([self._column(keys[p], to_point) for p in points])
        dense = np.full((stops.cells.size, len(points)), np.inf, dtype=np.float32)
        column = np.full(max(int(walks.column.max(initial=0)), *points) + 1, -1, dtype=np.int32)
        column[points] = np.arange(len(points))
        row = np.full(self.cells, -1, dtype=np.int32)
        row[stops.cells] = np.arange(stops.cells.size)
        cell = np.repeat(np.arange(self.cells), np.diff(walks.start))
        ours = (row[cell] >= 0) & (column[walks.column] >= 0)
        dense[row[cell[ours]], column[walks.column[ours]]] = walks.seconds[ours]
        dense = np.minimum(dense, by_bus.T)
        kept = min(POINTS_BY_BUS, len(points))
        best = np.argpartition(dense, kept - 1, axis=1)[:, :kept]
        value = np.take_along_axis(dense, best, axis=1)
        ok = value <= self.buses.reach_s
        r, k = np.nonzero(ok)
        entry_cell = np.concatenate([cell[~ours], stops.cells[r]])
        entry_point = np.concatenate([walks.column[~ours], np.array(points, dtype=np.int32)[best[r, k]]])
        entry_s = np.concatenate([walks.seconds[~ours], value[r, k]]).astype(np.float32)
        order = np.lexsort((entry_s, entry_cell))
        start = np.concatenate([[0], np.cumsum(np.bincount(entry_cell, minlength=self.cells))])
        return Rows(start.astype(np.int32), entry_point[order].astype(np.int32), entry_s[order])

    def _column(self, key: PointKey, to_point: bool) -> F32:
        if (to_point, key) not in self._columns:
            self._columns[to_point, key] = self._cells_to(key) if to_point else self._cells_from(key)
        return self._columns[to_point, key]

    def _cells_to(self, key: PointKey) -> F32:
        """Seconds from each served cell to a point, by bus."""
        return _least_over(self.buses.stops.cell_stops, self._to[key])

    def _cells_from(self, key: PointKey) -> F32:
        """Seconds from a point to each served cell, by bus."""
        stops, seconds = self._near[key]
        if not stops.size:
            return np.full(self.buses.stops.cells.size, np.inf, dtype=np.float32)
        table = self.buses.stop_to_cell_s[:, stops].astype(np.float32)
        table[table >= FAR] = np.inf
        return np.asarray((table + seconds).min(axis=1))

    def linked(self, network: CompiledNetwork) -> CompiledNetwork:
        """The network with a link for the best bus between stations, the soonest few from each."""
        if id(network) not in self._linked:
            while len(self._linked) >= NETWORKS_KEPT:
                del self._linked[next(iter(self._linked))]
            self._linked[id(network)] = (network, self._link(network, _keys(network)))
        return self._linked[id(network)][1]

    def _link(self, network: CompiledNetwork, keys: Sequence[PointKey]) -> CompiledNetwork:
        points = self.served(network, keys)
        start, to, seconds, cp = [network.link_start[0]], [], [], []
        target = np.array(points, dtype=np.int32)
        times = np.stack([self._to[keys[q]] for q in points], axis=1)  # (stop, point)
        served = set(points)
        for p in range(len(network.points)):
            part = slice(network.link_start[p], network.link_start[p + 1])
            to.append(network.link_to[part])
            seconds.append(network.link_s[part])
            cp.append(network.link_cp[part])
            extra = 0
            stops, walk = (
                self._near[keys[p]] if p in served else (np.empty(0, np.int32), np.empty(0, np.float32))
            )
            if stops.size:
                best = (times[stops] + walk[:, np.newaxis]).min(axis=0)
                metres = np.hypot(network.x_m[target] - network.x_m[p], network.y_m[target] - network.y_m[p])
                best[metres < LEAST_BUS_M] = np.inf
                soonest = np.argsort(best, kind="stable")[:LINKS_BY_BUS]
                soonest = soonest[best[soonest] <= self.buses.reach_s]
                extra = soonest.size
                to.append(target[soonest])
                seconds.append(best[soonest])
                cp.append(np.full(extra, BUS_LINK, dtype=np.int32))
            start.append(start[-1] + (part.stop - part.start) + extra)
        return replace(
            network,
            link_start=np.array(start, dtype=np.int32),
            link_to=np.concatenate(to).astype(np.int32),
            link_s=np.concatenate(seconds).astype(np.float32),
            link_cp=np.concatenate(cp).astype(np.int32),
        )

    # --- places ---

    def way(self, origin: Position, destination: Position) -> BusWay:
        """The best way by bus from place to place."""
        if (origin, destination) not in self._ways:
            while len(self._ways) >= PLACES_KEPT * 10:
                del self._ways[next(iter(self._ways))]
            self._ways[origin, destination] = likeliest_buses(self.buses, origin, destination)
        return self._ways[origin, destination]

    def _to_place(self, place: Place) -> F32:
        """Seconds from every stop to a place."""
        where = (place.x_m, place.y_m)
        if where not in self._places:
            while len(self._places) >= PLACES_KEPT:
                del self._places[next(iter(self._places))]
            self._places[where] = self.buses.to_places(self._around([place]))[:, 0]
        return self._places[where]

    def _around(self, places: Sequence[Place]) -> Rows:
        return self.buses.stops.near(np.array([p.x_m for p in places]), np.array([p.y_m for p in places]))

    def lower_place(
        self, best: F32, network: CompiledNetwork, keys: Sequence[PointKey], place: Place, to_point: bool
    ) -> None:
        """Lower the seconds between a place and every point to those by bus."""
        near = self._around([place])
        to_place = None if to_point else self._to_place(place)
        for p in self.served(network, keys):
            stops, walk = (near.column, near.seconds) if to_point else self._near[keys[p]]
            onward = self._to[keys[p]] if to_place is None else to_place
            if stops.size and (s := float((onward[stops] + walk).min())) <= self.buses.reach_s:
                best[p] = min(best[p], s)

    def between(self, origin: Place, destinations: Sequence[Place]) -> F32:
        """Seconds from a place to others by bus, infinite where none leads."""
        near = self._around([origin])
        if not near.column.size:
            return np.full(len(destinations), np.inf, dtype=np.float32)
        if len(destinations) <= PLACES_KEPT // 4:
            times = np.stack([self._to_place(d) for d in destinations], axis=1)
        else:
            times = self.buses.to_places(self._around(destinations))
        best = (times[near.column] + near.seconds[:, np.newaxis]).min(axis=0)
        return np.where(best < FAR, best, np.float32(np.inf))

    def lower_from_cells(self, best: F32, place: Place) -> None:
        """Lower the seconds from every cell to a place to those by bus."""
        to_place = self._to_place(place)
        cells = self.buses.stops.cells
        by_bus = _least_over(self.buses.stops.cell_stops, to_place)
        best[cells] = np.minimum(best[cells], np.where(by_bus < FAR, by_bus, np.inf))


def _least_over(near: Rows, onward_s: F32) -> F32:
    """For each row, the least of walking to a stop and going on from it; infinite without a stop."""
    best = np.full(near.start.size - 1, np.inf, dtype=np.float32)
    some = np.flatnonzero(np.diff(near.start))
    if some.size:
        total = onward_s[near.column] + near.seconds
        best[some] = np.minimum.reduceat(total, near.start[some])
    return best
