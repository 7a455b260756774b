"""The base layer: how cells and places reach points and each other without the network; no scenario changes it.

On foot everywhere; by local buses on the side whose bus tables are given, by a stated feeder elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import RLock

import numpy as np

from corridor.access.search.cells import Cells, Place
from corridor.access.search.departure import Departure
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.rows import Rows, both_ways
from corridor.access.search.threads import THREADS, chunks, map_in_threads, one_at_a_time
from corridor.access.surroundings.bus_times import BusTimes
from corridor.access.surroundings.buses import NO_BUS, BusHour, BusStops, BusWay
from corridor.access.surroundings.nearest import gate_lines
from corridor.access.surroundings.points import (
    PointKey,
    Position,
    keys_of,
    on_foot,
    on_foot_or_fed,
    points_of_network,
    points_of_places,
    with_feeder_links,
)
from corridor.core.arrays import F32, I16, I32
from corridor.core.cache import Known, made
from corridor.core.csr import row_starts
from corridor.core.in_memory import Kept, kept
from corridor.network.bus import BusNetwork
from corridor.network.compiled import CompiledNetwork
from corridor.network.walk import Ground, Points

PlaceLinks = tuple[I32, F32]  # points around a place, and seconds to or from them
HOURS_KEPT = 6
TABLES_KEPT = 2  # hours with their tables between stops and cells, some 250 MB each
NETWORKS_KEPT = 4
ROWS_KEPT = 8  # two ways for each, at some hours
PLACES_KEPT = 500
TILE_M = 10_000
FEW_POINTS = 2


@dataclass(frozen=True)
class Surroundings:
    """What is around a place: points that it reaches, and points from which it is reached."""

    to_points: PlaceLinks
    from_points: PlaceLinks


@dataclass
class BaseLayer:
    """Ways between cells, places and points that need no train; computed once for each position and hour.

    Attributes
    ----------
    cells
        The populated cells.
    ground
        What a walker may cross, and how fast walks and feeders are.
    buses
        Local buses of one side; without them the stated feeder serves both sides.
    weights
        What a second of each kind counts.
    known
        Gives what takes long to work out for all places.
    """

    cells: Cells
    ground: Ground
    buses: BusNetwork | None = None
    weights: CostWeights = TIME_ALONE
    known: Known = made
    # The same in unweighted seconds, where these are weighted.
    _plain: BaseLayer | None = None
    _around: dict[PointKey, tuple[I32, F32]] = field(default_factory=dict)
    _around_places: Kept[tuple[object, ...], tuple[Rows, Rows]] = field(
        default_factory=lambda: Kept(PLACES_KEPT)
    )
    _walked: Kept[Place, dict[Place, np.float32]] = field(default_factory=lambda: Kept(PLACES_KEPT))
    _walks: Rows | None = None
    _stops: BusStops | None = None
    _hours: Kept[float, BusTimes] = field(default_factory=lambda: Kept(HOURS_KEPT))
    _rows: Kept[tuple[float, bool, bytes, tuple[PointKey, ...]], Rows] = field(
        default_factory=lambda: Kept(ROWS_KEPT)
    )
    _in_use: list[float] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    def costed(self, weights: CostWeights, feeder_fare_hkd: float) -> BaseLayer:
        """The same ways in generalised seconds.

        Parameters
        ----------
        weights
            What a second of each kind, a boarding and a dollar count.
        feeder_fare_hkd
            Paid for each ride with the stated feeder.
        """
        plain = self.ground.parameters
        # all that a feeder costs once for each ride joins its wait, so that the feeder's formula serves as it is
        wait_s = plain.feeder_wait_s * weights.wait + weights.boarding_s
        walk_speed_m_s = plain.walk_speed_m_s / weights.walk
        wait_s += feeder_fare_hkd * weights.s_per_hkd
        parameters = replace(plain, walk_speed_m_s=walk_speed_m_s, feeder_wait_s=wait_s)
        ground, stops = replace(self.ground, parameters=parameters), self._bus_stops()
        stops = stops.weighted(ground, weights.walk) if stops else None
        return BaseLayer(self.cells, ground, self.buses, weights, self.known, self, _stops=stops)

    def with_feeder(self, speed_km_h: float, wait_s: float) -> BaseLayer:
        """The same, in unweighted seconds, with another feeder; walks and local buses, which it leaves as they are, are shared.

        Parameters
        ----------
        speed_km_h, wait_s
            Of the feeder.
        """
        parameters = replace(self.ground.parameters, feeder_speed_km_h=speed_km_h, feeder_wait_s=wait_s)
        return BaseLayer(
            self.cells, replace(self.ground, parameters=parameters), self.buses, known=self.known,
            _walks=self.cell_walks(), _stops=self._bus_stops(), _hours=self._hours, _in_use=self._in_use, _lock=self._lock,
        )  # fmt: skip

    # --- cells and points ---

    @one_at_a_time
    def access(self, departure: Departure) -> Rows:
        """For each cell, the points it reaches, with seconds: shape (cells, points), sparse."""
        return self._cells_and_points(departure.network, departure.start_clock_s, to_point=True)

    @one_at_a_time
    def egress(self, departure: Departure) -> Rows:
        """For each cell, the points it is reached from, with seconds: shape (cells, points), sparse."""
        return self._cells_and_points(departure.network, departure.start_clock_s, to_point=False)

    def _cells_and_points(self, network: CompiledNetwork, clock_s: float, to_point: bool) -> Rows:
        keys, street = keys_of(network), network.street.tobytes()
        if (hour := self._hour(clock_s)) is None:
            return self._by_street(keys, street)
        ways = b"|".join((street, *(line.tobytes() for line in gate_lines(network))))
        which = (clock_s, to_point, ways, keys)
        return self._rows.known(
            which, lambda: hour.with_buses(self._by_street(keys, street), network, keys, to_point)
        )

    @kept(1)
    def _by_street(self, keys: tuple[PointKey, ...], street: bytes) -> Rows:
        """For each cell the points around it on foot or by feeder; the same at every hour and both ways."""
        none, opens = (np.empty(0, np.int32), np.empty(0, np.float32)), np.frombuffer(street, dtype=bool)
        self._fill([k for k, s in zip(keys, opens, strict=True) if s])
        rows = [self._around[k] if s else none for k, s in zip(keys, opens, strict=True)]
        return Rows.joined(rows).transposed(len(self.cells.region))

    @property
    def _centres(self) -> Points:
        return Points(self.cells.x_m, self.cells.y_m, self.cells.region)

    def _fill(self, keys: Sequence[PointKey]) -> None:
        """Ways on foot around points that buses serve, on foot or by feeder around the others."""
        tiles: dict[tuple[int, int, bool], list[PointKey]] = {}
        for key in dict.fromkeys(keys):
            tiles.setdefault((int(key[1] // TILE_M), int(key[2] // TILE_M), self.by_bus(key)), []).append(key)
        for (*_, served), tile in tiles.items():
            new = sorted(key for key in tile if key not in self._around)
            if not new:
                continue
            # a tile is kept as a whole, so that a network that differs in a few points finds all others; a point added to
            # one that is there comes alone, and a few points are made as soon as they are found
            known = self.known if len(new) == len(tile) > FEW_POINTS else made
            way: Callable[[Ground, Points, Points], Rows] = on_foot if served else on_foot_or_fed
            points = Points.of((x, y, side) for side, x, y, _ in new)
            depends_on = [repr((new, way.__name__, self.ground.parameters))]
            around = known(Rows, "cells", depends_on, partial(way, self.ground, points, self._centres))
            for i, key in enumerate(new):
                cell, seconds = around.row(i)
                order = np.argsort(seconds, kind="stable")
                self._around[key] = (cell[order], seconds[order])

    # --- places ---

    @one_at_a_time
    def surroundings(self, departure: Departure, place: Place) -> Surroundings:
        """The points around a place.

        Parameters
        ----------
        departure
            The network and the clock time, at which local buses are those of its hour.
        place
            A place on either side. One at a station reaches it in no time, and from a closed area nothing else.

        Returns
        -------
        Surroundings
            Points with seconds to and from them.
        """
        network, clock_s = departure.network, departure.start_clock_s
        return Surroundings(
            self._place_links(network, place, clock_s, to_point=True),
            self._place_links(network, place, clock_s, to_point=False),
        )

    @one_at_a_time
    def links_to(self, departure: Departure, places: Sequence[Place]) -> list[PlaceLinks]:
        """The points from which each of many places is reached: those of :meth:`surroundings`, worked out together.

        Parameters
        ----------
        departure, places
            As there.
        """
        network, clock_s = departure.network, departure.start_clock_s
        if hour := self._hour(clock_s):
            hour.settle([p for p in places if p.region == hour.side and p.on_street(network)])
        return [self._place_links(network, place, clock_s, to_point=False) for place in places]

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
        reached, walked = self._street_links(place, points_of_network(network, usable))
        hour = self._hour(clock_s)
        if hour is None or place.region != hour.side:
            best[usable[reached.column]] = reached.seconds
            return
        fed = network.planned[usable[reached.column]]
        best[usable[reached.column[fed]]] = reached.seconds[fed]
        there = usable[walked.column]
        best[there] = np.minimum(best[there], walked.seconds)
        hour.lower_place(best, network, keys_of(network), place, to_point)

    def _street_links(self, place: Place, points: Points) -> tuple[Rows, Rows]:
        """From a place to points on foot or by feeder, and on foot alone; the same at every hour and both ways."""
        key = (place, points.x_m.tobytes(), points.y_m.tobytes(), tuple(points.region))
        where = points_of_places([place]), points
        return self._around_places.known(
            key, lambda: (on_foot_or_fed(self.ground, *where), on_foot(self.ground, *where))
        )

    def _walked_between_s(self, place: Place, others: Sequence[Place]) -> F32:
        """The same at every hour and on every network, so asked again for each; together they take little longer than one."""
        known = self._walked.known(place, dict)
        if new := [other for other in others if other not in known]:
            known.update(zip(new, self._walked_s(place, points_of_places(new)), strict=True))
        return np.array([known[other] for other in others], dtype=np.float32)

    def _walked_s(self, place: Place, others: Points) -> F32:
        """Seconds on foot from a place to others; infinite where nobody walks so far."""
        walked = on_foot(self.ground, points_of_places([place]), others)
        best = np.full(len(others.region), np.inf, dtype=np.float32)
        best[walked.column] = walked.seconds
        return best

    @one_at_a_time
    def direct_s(self, origin: Place, destinations: Sequence[Place], clock_s: float) -> F32:
        """Seconds from a place to others on foot or by local bus.

        Parameters
        ----------
        origin, destinations
            Places; buses count on the side that they serve.
        clock_s
            Departure in seconds after midnight.

        Returns
        -------
        ndarray of float32, shape (destinations,)
            Infinite where neither leads there.
        """
        best = self._walked_between_s(origin, destinations)
        hour = self._hour(clock_s)
        served = [k for k, d in enumerate(destinations) if hour and d.region == hour.side]
        if hour and served and origin.region == hour.side:
            by_bus = hour.between(origin, [destinations[k] for k in served])
            best[served] = np.minimum(best[served], by_bus)
        return best

    @one_at_a_time
    def from_cells_s(self, place: Place, clock_s: float) -> F32:
        """Seconds from every cell to a place on foot or by local bus.

        Parameters
        ----------
        place
            The destination.
        clock_s
            Departure in seconds after midnight.

        Returns
        -------
        ndarray of float32, shape (cells,)
            Infinite where neither leads there.
        """
        best = self._walked_s(place, self._centres)
        hour = self._hour(clock_s)
        if hour and place.region == hour.side:
            hour.lower_from_cells(best, place)
        return best

    # --- cells and cells ---

    @one_at_a_time
    def cell_walks(self) -> Rows:
        """For each cell, the cells it reaches on foot within the walking limit, the same both ways.

        Grid cells are merged two by two, to save time.
        """
        if self._walks is None and self._plain:
            self._walks = self._plain.cell_walks().weighted(self.weights.walk)
        if self._walks is None:
            depends_on = [repr(self.ground.parameters)]
            self._walks = self.known(Rows, "cell walks", depends_on, self._walks_between_cells)
        return self._walks

    def _walks_between_cells(self) -> Rows:
        centres = self._centres
        walk = partial(on_foot, self.ground, end=centres, coarsen=2)
        parts = [centres.part(part) for part in chunks(len(centres.region), THREADS * 2)]
        found = map_in_threads(walk, parts)
        counts, column, seconds = (
            np.concatenate(arrays)
            for arrays in zip(*((np.diff(r.start), r.column, r.seconds) for r in found), strict=True)
        )
        return both_ways(Rows(row_starts(counts), column, seconds))

    @one_at_a_time
    def cells_by_bus(self, clock_s: float) -> tuple[I32, I16]:
        """Times between cells by local bus alone.

        Parameters
        ----------
        clock_s
            Departure in seconds after midnight.

        Returns
        -------
        row, seconds
            The row of each cell in the table, -1 where no bus serves its side; and whole seconds, shape (to, from).
        """
        row = np.full(len(self.cells.region), -1, dtype=np.int32)
        hour = self._hour(clock_s)
        if hour is None:
            return row, np.empty((0, 0), dtype=np.int16)
        row[hour.buses.stops.cells] = np.arange(hour.buses.stops.cells.size)
        return row, hour.cell_to_cell_s

    # --- one way, bus by bus ---

    @one_at_a_time
    def bus_way(self, side: str, origin: Position, destination: Position, clock_s: float) -> BusWay:
        """The best way by local bus between two places of one side (EPSG:4547)."""
        hour = self._hour(clock_s)
        return hour.way(origin, destination) if hour and side == hour.side else NO_BUS

    # --- points and points ---

    @one_at_a_time
    def departure(
        self, network: CompiledNetwork, clock_s: float, limit_s: float, fixed_wait: bool = False
    ) -> Departure:
        """A network at one clock time, with local buses and the feeder between its stations as links.

        Parameters
        ----------
        network
            The compiled network of a scenario.
        clock_s
            Departure in seconds after midnight of the service day.
        limit_s
            Longest journey in seconds.
        fixed_wait
            Half a headway for each line alone in place of shared waits.
        """
        hour, network = self._hour(clock_s), self._fed(network)
        return Departure(hour.linked(network) if hour else network, clock_s, limit_s, fixed_wait)

    @kept(NETWORKS_KEPT)
    def _fed(self, network: CompiledNetwork) -> CompiledNetwork:
        """The network with the feeder between stations and halls that no bus of the tables serves nor any link joins."""
        usable = [p for p, k in enumerate(keys_of(network)) if network.street[p] and not self.by_bus(k)]
        return with_feeder_links(self.ground, network, usable)

    # --- the hour ---

    def by_bus(self, key: PointKey) -> bool:
        """Whether today's buses take the place of the feeder: not on a side without tables, nor at a planned station."""
        stops = self._bus_stops()
        return stops is not None and stops.region == key[0] and not key[3]

    @one_at_a_time
    def release(self) -> None:
        """Free the tables of local buses, some 250 MB an hour; what was taken from them stays."""
        for hour in self._hours.values():
            hour.release()

    def _bus_stops(self) -> BusStops | None:
        if (buses := self.buses) is not None and self._stops is None:
            self._stops = self.known(
                BusStops, "bus stops", [], lambda: BusStops.of(buses, self.ground, self._centres)
            )
        return self._stops

    def _hour(self, clock_s: float) -> BusTimes | None:
        """Local buses at an hour; hours not used lately keep what was taken from their tables, and not these."""
        stops = self._bus_stops()
        if stops is None:
            return None
        found = self._hours.known(
            clock_s, lambda: BusTimes(BusHour(stops, clock_s, self.weights), self.known)
        )
        self._in_use[:] = [clock_s, *(c for c in self._in_use if c != clock_s)][:TABLES_KEPT]
        for clock, hour in self._hours.items():
            if clock not in self._in_use:
                hour.release()
        return found
