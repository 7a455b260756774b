"""Local buses at one hour between the cells, points and places of the side they serve; kept for each by its position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from corridor.access.search.cells import Place
from corridor.access.search.rows import Rows
from corridor.access.surroundings.buses import FAR, BusHour, BusWay, likeliest_buses
from corridor.access.surroundings.nearest import columns_of, gate_lines, in_order, nearest_kept
from corridor.access.surroundings.points import PointKey, Position, keys_of
from corridor.core.arrays import F32, F64, I16, I32
from corridor.core.cache import Known, key_of, made
from corridor.core.csr import row_starts
from corridor.core.in_memory import Kept, kept
from corridor.network.compiled import BUS_LINK, CompiledNetwork

POINTS_BY_BUS = 24  # stations kept for each cell, besides the soonest of each gate line
LEAST_BUS_M = 800.0  # between stations nearer than this the listed change or the walk counts
LINKS_BY_BUS = 16  # stations kept for each station, likewise
PLACES_KEPT = 200
WAYS_KEPT = 2_000
NETWORKS_KEPT = 4
LINKS_KEPT = 50  # some 200 kB each
SOONEST_KEPT = 2  # one for each direction, some 2.5 MB each


class _Around(NamedTuple):
    """Stops around some points, with seconds on foot, and seconds from every stop to each of them (point, stop)."""

    near: Rows
    to_s: F32


class _Links(NamedTuple):
    """From point to point, in seconds."""

    origin: I32
    to: I32
    seconds: F32


@dataclass(frozen=True)
class _Ways:
    """The best ways by bus between the ends of each."""

    ends: tuple[tuple[Position, Position], ...]
    ways: tuple[BusWay, ...]


@dataclass
class BusTimes:
    """Local buses at one hour, with what was computed of them.

    Attributes
    ----------
    known
        Gives what takes long to work out for the stations of a network.
    """

    buses: BusHour
    known: Known = made
    # Stops around a point, and seconds on foot.
    _near: dict[PointKey, tuple[I32, F32]] = field(default_factory=dict)
    # Seconds from every stop to a point.
    _to: dict[PointKey, F32] = field(default_factory=dict)
    # Seconds from a point to every served cell.
    _from: dict[PointKey, F32] = field(default_factory=dict)
    # Seconds from every stop to a place.
    _to_places: Kept[Place, F32] = field(default_factory=lambda: Kept(PLACES_KEPT))
    _between_cells: I16 | None = None
    _soonest_known: Kept[str, Rows] = field(default_factory=lambda: Kept(SOONEST_KEPT))
    _links_known: Kept[str, _Links] = field(default_factory=lambda: Kept(LINKS_KEPT))
    _ways_kept: frozenset[tuple[Position, Position]] = frozenset()

    @property
    def side(self) -> str:
        """The side that the buses serve."""
        return self.buses.stops.region

    def served(self, network: CompiledNetwork, keys: Sequence[PointKey]) -> list[int]:
        """Points of the side that buses serve, with what is needed of each computed once.

        Parameters
        ----------
        network
            Points count that open to the street and are built.
        keys
            Of its points: what makes a point the same one in another network.
        """
        points = [p for p, k in enumerate(keys) if k[0] == self.side and network.street[p] and not k[3]]
        new = list(dict.fromkeys(keys[p] for p in points if keys[p] not in self._near))
        if new:
            around = self.known(
                _Around, "buses around points", self._depends_on(repr(new)), partial(self._around_points, new)
            )
            for i, key in enumerate(new):
                self._near[key] = around.near.row(i)
                self._to[key] = around.to_s[i]
        return points

    def _depends_on(self, of: str) -> list[str]:
        hour = self.buses
        return [f"{hour.clock_s!r} {hour.weights!r} {hour.stops.ground.parameters!r}", of]

    def _around_points(self, keys: Sequence[PointKey]) -> _Around:
        near = self.buses.stops.near(np.array([k[1] for k in keys]), np.array([k[2] for k in keys]))
        return _Around(near, np.ascontiguousarray(self.buses.to_places(near, self.buses.reach_s).T))

    def with_buses(
        self, walks: Rows, network: CompiledNetwork, keys: Sequence[PointKey], to_point: bool
    ) -> Rows:
        """Ways between cells and points with the sooner of walk and bus.

        Parameters
        ----------
        walks
            For each cell the points it reaches on foot or by feeder.
        network, keys
            The points.
        to_point
            From cell to point, or from point to cell.

        Returns
        -------
        Rows
            On the served side the soonest points of each cell only (:func:`nearest_kept`); the other side as in `walks`.
        """
        points = self.served(network, keys)
        if not points:
            return walks
        stops, served = self.buses.stops, np.array(points, dtype=np.int32)
        row = np.full(walks.start.size - 1, -1, dtype=np.int32)
        row[stops.cells] = np.arange(stops.cells.size)
        place = np.full(max(int(walks.column.max(initial=0)), *points) + 1, -1, dtype=np.int32)
        place[points] = np.arange(len(points))
        own, lines = [keys[p] for p in points], columns_of(gate_lines(network), served)

        def nearest() -> Rows:
            cell = walks.row_of_entry
            ours = (row[cell] >= 0) & (place[walks.column] >= 0)
            walked = row[cell[ours]], place[walks.column[ours]], walks.seconds[ours]
            return self._nearest(walked, own, to_point, lines)

        # a scenario that leaves these points and gate lines as they are finds what another kept
        of = repr((to_point, own, [line.tolist() for line in lines]))

        def found() -> Rows:
            return self.known(Rows, "soonest points of cells", self._depends_on(of), nearest)

        return Rows(*in_order(walks, row, place, self._soonest_known.known(of, found), served))

    def _nearest(
        self, walked: tuple[I32, I32, F32], own: Sequence[PointKey], to_point: bool, lines: Sequence[I32]
    ) -> Rows:
        """For each served cell the soonest of some points, on foot or by bus; `walked` are cell, point and seconds."""
        dense = np.full((self.buses.stops.cells.size, len(own)), np.inf, dtype=np.float32)
        dense[walked[:2]] = walked[2]
        dense = np.minimum(dense, self._by_bus(own, to_point).T)
        kept = nearest_kept(dense, POINTS_BY_BUS, lines) & (dense <= self.buses.reach_s)
        cell, point = np.nonzero(kept)
        start = row_starts(np.bincount(cell, minlength=len(dense)))
        return Rows(start, point.astype(np.int32), dense[cell, point])

    def _by_bus(self, own: Sequence[PointKey], to_point: bool) -> F32:
        """(point, served cell) seconds by bus, to some points or from them."""
        if to_point:
            return np.stack([self._to_point(key) for key in own])
        new = [key for key in dict.fromkeys(own) if key not in self._from]
        if new:
            # from a few stops to all cells takes as long as from all stops, so it is kept by point
            columns = self.known(
                np.ndarray, "cells from points", self._depends_on(repr(new)), partial(self._from_points, new)
            )
            self._from |= dict(zip(new, columns, strict=True))
        return np.stack([self._from[key] for key in own])

    @kept()
    def _to_point(self, key: PointKey) -> F32:
        """Seconds by bus from every served cell to a point."""
        return _least_over(self.buses.stops.cell_stops, self._to[key])

    def _from_points(self, keys: Sequence[PointKey]) -> F32:
        """(point, served cell) seconds by bus from points."""
        found = np.full((len(keys), self.buses.stops.cells.size), np.inf, dtype=np.float32)
        for row, key in zip(found, keys, strict=True):
            stops, seconds = self._near[key]
            if stops.size:
                table = self.buses.stop_to_cell_s[:, stops].astype(np.float32)
                table[table >= FAR] = np.inf
                row[:] = (table + seconds).min(axis=1)
        return found

    @property
    def cell_to_cell_s(self) -> I16:
        """Whole seconds by bus alone (to, from) between the cells served, as :class:`BusHour` has them."""
        if self._between_cells is None:
            depends_on, work = self._depends_on(""), lambda: self.buses.cell_to_cell_s
            self._between_cells = self.known(np.ndarray, "cells by bus", depends_on, work)
        return self._between_cells

    def release(self) -> None:
        """Free the tables between stops and cells; they are found or computed again where they are needed."""
        self._between_cells = None
        self.buses.release()
        self._keep_ways()

    @kept(NETWORKS_KEPT)
    def linked(self, network: CompiledNetwork) -> CompiledNetwork:
        """The network with links by local bus between stations.

        From each station the soonest few (:func:`nearest_kept`), each by its best bus; none to stations nearer than
        LEAST_BUS_M. Headways and clearance change none of them.
        """
        keys = keys_of(network)
        points = np.array(self.served(network, keys), dtype=np.int32)
        if not points.size:
            return network
        own, gates = [keys[p] for p in points], columns_of(gate_lines(network), points)
        xy_m = np.stack([network.x_m[points], network.y_m[points]])
        # where served points are and which lead to control points: other points, and what runs, change no link
        places = [xy_m.tobytes(), *(columns.tobytes() for columns in gates)]
        depends_on = self._depends_on(key_of([repr(own), *places]))

        def made() -> _Links:
            return self.known(_Links, "links by bus", depends_on, partial(self._links, own, xy_m, gates))

        origin, to, seconds = self._links_known.known(depends_on[-1], made)
        return network.with_links(BUS_LINK, points[origin], points[to], seconds)

    def _links(self, keys: Sequence[PointKey], xy_m: F64, gates: Sequence[I32]) -> _Links:
        """Links between points by their numbers among `keys`."""
        best = self._between_points(tuple(keys)).copy()
        east_m, north_m = (of - of[:, np.newaxis] for of in xy_m)
        best[np.hypot(east_m, north_m) < LEAST_BUS_M] = np.inf
        origin, to = np.nonzero(nearest_kept(best, LINKS_BY_BUS, gates) & (best <= self.buses.reach_s))
        return _Links(origin.astype(np.int32), to.astype(np.int32), best[origin, to])

    @kept(1)
    def _between_points(self, keys: tuple[PointKey, ...]) -> F32:
        """Seconds by bus from row to column."""
        times = np.stack([self._to[key] for key in keys], axis=1)  # (stop, point)
        best = np.empty((len(keys), len(keys)), dtype=np.float32)
        for row, key in zip(best, keys, strict=True):
            stops, walk = self._near[key]
            row[:] = (times[stops] + walk[:, np.newaxis]).min(axis=0, initial=np.inf)
        return best

    # --- places ---

    def way(self, origin: Position, destination: Position) -> BusWay:
        """The best way by bus from place to place."""
        ends = (origin, destination)
        return self._ways.known(ends, lambda: likeliest_buses(self.buses, origin, destination))

    @cached_property
    def _ways(self) -> Kept[tuple[Position, Position], BusWay]:
        """Ways from place to place: no scenario changes them, so an earlier run may have found them."""
        ways: Kept[tuple[Position, Position], BusWay] = Kept(WAYS_KEPT)
        if found := self.known.last(_Ways, "ways by bus", self._depends_on("")):
            ways.update(zip(found.ends, found.ways, strict=True))
        self._ways_kept = frozenset(ways)
        return ways

    def _keep_ways(self) -> None:
        ways = vars(self).get("_ways")
        if ways and not ways.keys() <= self._ways_kept:
            self.known.put_last(_Ways(tuple(ways), tuple(ways.values())), "ways by bus", self._depends_on(""))
            self._ways_kept = frozenset(ways)

    def settle(self, places: Sequence[Place]) -> None:
        """Work out together the seconds to places on the served side: that takes little longer than for one of them."""
        new = [place for place in dict.fromkeys(places) if place not in self._to_places]
        if new:
            seconds = np.ascontiguousarray(self.buses.to_places(self._around(new)).T)
            for place, row in zip(new, seconds, strict=True):
                self._to_places.known(place, row.copy)

    def _to_place(self, place: Place) -> F32:
        """Seconds from every stop to a place."""
        self.settle([place])
        return self._to_places[place]

    def _around(self, places: Sequence[Place]) -> Rows:
        return self.buses.stops.near(np.array([p.x_m for p in places]), np.array([p.y_m for p in places]))

    def lower_place(
        self, best: F32, network: CompiledNetwork, keys: Sequence[PointKey], place: Place, to_point: bool
    ) -> None:
        """Lower the seconds between a place and every point to those by bus, in place.

        Parameters
        ----------
        best
            Seconds so far, shape (points,).
        network, keys
            The points.
        place
            On the served side.
        to_point
            From the place to the points, or back.
        """
        points = self.served(network, keys)
        own = [keys[p] for p in points]
        if to_point:
            near = self._around([place])
            onward = np.array([self._to[key][near.column] for key in own]).reshape(len(own), near.column.size)
            by_bus = (onward + near.seconds).min(axis=1, initial=np.inf)
        else:
            by_bus = _least_over(Rows.joined([self._near[key] for key in own]), self._to_place(place))
        within = by_bus <= np.float64(self.buses.reach_s)  # as doubles, like the limit
        reached = np.array(points, dtype=np.int32)[within]
        best[reached] = np.minimum(best[reached], by_bus[within])

    def between(self, origin: Place, destinations: Sequence[Place]) -> F32:
        """Seconds from a place to others by bus.

        Parameters
        ----------
        origin, destinations
            Places on the served side.

        Returns
        -------
        ndarray of float32, shape (destinations,)
            Infinite where no bus leads.
        """
        near = self._around([origin])
        if not near.column.size:
            return np.full(len(destinations), np.inf, dtype=np.float32)
        # many at once are quicker 128 together, and would push one another out of what is kept
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
