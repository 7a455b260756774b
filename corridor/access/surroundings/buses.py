"""Local buses at one hour, from stop to stop, to cells and to points, by optimal strategies; and one way, bus by bus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from threading import local

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import neighbours_together
from corridor.access.search.journey import BusRide
from corridor.access.search.parameters import TIME_ALONE, CostWeights
from corridor.access.search.rows import Rows
from corridor.access.search.strategic import Strategy
from corridor.access.search.strategy import (
    LANES,
    NEVER_S,
    StrategyNetwork,
    boards_by_point,
    longest_headway_s,
    open_throughout,
    settle_lanes,
    workspace,
)
from corridor.access.search.threads import map_in_threads
from corridor.access.surroundings.points import Position, on_foot
from corridor.core.arrays import F32, F64, I16, I32
from corridor.core.jit import njit
from corridor.network.bus import BusNetwork
from corridor.network.walk import Ground, Points

BOARD_S = 30.0  # as at the stops of the road control points (assumption)
TRANSFER_M = 250.0  # straight, between stops (assumption)
STOP_M = 1_100.0  # straight, from a place to a stop: 20 minutes on foot (assumption)
WINDOW_S = 1_800.0  # a bus counts if it runs throughout half an hour from the start
BUSES_IN_A_ROW = 3
BUS_REACH_S = 5_400.0  # longest way by bus between a place and a station, or between stations
RIDE_LIMIT_S = 5_400.0  # by bus alone; longer ways change to a train
RARE_S = 3_600.0  # a bus that comes less than once an hour is not waited for (assumption)
FAR = np.int16(16_000)


@dataclass(frozen=True)
class BusStops:
    """Stops, the walks between them, and the walks from cells to stops; the same at every hour.

    Attributes
    ----------
    cells
        Indices of the cells on the side that the buses serve, neighbours together: a batch of them concerns few
        buses.
    """

    buses: BusNetwork
    ground: Ground
    region: str
    cells: I32
    cell_stops: Rows
    transfers: Rows

    @classmethod
    def of(cls, buses: BusNetwork, ground: Ground, centres: Points) -> BusStops:
        """Around the stops; they serve the side on whose land most of them are.

        Parameters
        ----------
        buses
            Those of one side.
        ground
            What a walker may cross.
        centres
            Cells of both sides, EPSG:4547 metres.
        """
        sides = [ground.region_at(x, y) for x, y in zip(buses.x_m[::50], buses.y_m[::50], strict=True)]
        known = [side for side in sides if side]
        side = max(set(known), key=known.count)
        cells = np.flatnonzero(np.array(centres.region) == side).astype(np.int32)
        cells = cells[neighbours_together(centres.x_m[cells], centres.y_m[cells])]
        stops = cls(buses, ground, side, cells, Rows.joined([]), Rows.joined([]))
        return replace(
            stops,
            cell_stops=stops.near(centres.x_m[cells], centres.y_m[cells]),
            transfers=stops.near(buses.x_m, buses.y_m, TRANSFER_M),
        )

    def near(self, x_m: F64, y_m: F64, limit_m: float = STOP_M) -> Rows:
        """Walks from places of the served side to the stops within a straight distance."""
        places = Points(np.asarray(x_m, float), np.asarray(y_m, float), [self.region] * len(x_m))
        every = Points(self.buses.x_m, self.buses.y_m, [self.region] * self.buses.x_m.size)
        return on_foot(self.ground, places, every, limit_m)

    def weighted(self, ground: Ground, walk: float) -> BusStops:
        """The same on a ground whose walks count `walk` times."""
        cells, transfers = self.cell_stops.weighted(walk), self.transfers.weighted(walk)
        return replace(self, ground=ground, cell_stops=cells, transfers=transfers)


@dataclass(frozen=True)
class BusHour:
    """The buses that run from one clock time on; seconds are weighted (by default they are not)."""

    stops: BusStops
    clock_s: float
    weights: CostWeights = TIME_ALONE

    @property
    def reach_s(self) -> float:
        """Longest way by bus between a place and a station, or between stations."""
        return BUS_REACH_S * self.weights.limit_factor

    @property
    def limit_s(self) -> float:
        """Longest way by bus alone."""
        return RIDE_LIMIT_S * self.weights.limit_factor

    @cached_property
    def network(self) -> StrategyNetwork:
        """Stops as points, walks between them as links."""
        buses, transfers = self.stops.buses, self.stops.transfers
        rows = np.repeat(np.arange(buses.pattern_start.size - 1), np.diff(buses.pattern_start))
        last = np.zeros(buses.stop.size, dtype=bool)
        last[buses.pattern_start[1:] - 1] = True
        runs = open_throughout(
            (buses.first_s[rows] + buses.elapsed_s),
            (buses.last_s[rows] + buses.elapsed_s),
            self.clock_s,
            WINDOW_S,
        )
        headway = longest_headway_s(buses.headway_s, self.clock_s, WINDOW_S)[rows]
        with np.errstate(divide="ignore"):
            frequency = np.where(runs & ~last & (headway > 0) & (headway <= RARE_S), 1 / headway, 0.0)
        weights = self.weights
        door = BOARD_S + weights.boarding_s + buses.fare_hkd * weights.s_per_hkd
        taken = frequency > 0
        board = np.where(taken, np.cumsum(taken) - 1, -1).astype(np.int32)
        start, boards = boards_by_point(buses.stop[taken], buses.x_m.size)
        none = np.zeros(buses.stop.size, dtype=np.float32)
        return StrategyNetwork(
            buses.pattern_start,
            buses.stop,
            board,
            buses.ride_s,
            none,
            none,
            door[taken].astype(np.float32),
            # a weight on waiting is the same as a rarer service: see corridor.access.cost.cost.group_network
            (frequency[taken] / weights.wait).astype(np.float32),
            start,
            boards,
            *transfers,
        )

    @cached_property
    def timed(self) -> StrategyNetwork:
        """The same in unweighted seconds."""
        net, weights = self.network, self.weights
        return net._replace(
            board_s=np.full_like(net.board_s, BOARD_S),
            board_frequency=net.board_frequency * np.float32(weights.wait),
            link_s=net.link_s / np.float32(weights.walk),
        )

    @cached_property
    def board_fare_hkd(self) -> F32:
        """By boarding."""
        return np.asarray(self.stops.buses.fare_hkd[self.network.stop_board >= 0])

    def to_places(self, near: Rows, limit_s: float | None = None) -> F32:
        """Seconds from every stop to each place, by bus and on foot from the stops near it.

        Parameters
        ----------
        near
            For each place, the stops near it, with seconds on foot.
        limit_s
            Longest way; by default that of buses alone.

        Returns
        -------
        ndarray of float32, shape (stops, places)
            NEVER_S beyond the limit.
        """
        limit_s = self.limit_s if limit_s is None else limit_s
        places = near.start.size - 1
        out = np.empty((self.stops.buses.x_m.size, places), dtype=np.float32)
        memory = local()

        def work(first: int) -> None:
            lanes = min(LANES, places - first)
            out[:, first : first + lanes] = self._settled(
                near, np.arange(first, first + lanes), memory, limit_s
            )

        map_in_threads(work, range(0, places, LANES))
        return out

    def _settled(self, near: Rows, places: NDArray[np.int_], memory: local, limit_s: float) -> F32:
        # a few places get a block as wide as they are: most lanes of a full one would work for nothing
        lanes = LANES if places.size > LANES // 4 else int(places.size)
        if getattr(memory, "lanes", 0) != lanes:
            memory.lanes, memory.onward = lanes, workspace(self.network, lanes)
        block = np.full((self.stops.buses.x_m.size, lanes), NEVER_S, dtype=np.float32)
        for o, j in enumerate(places):
            stops, seconds = near.row(int(j))
            block[stops, o] = seconds
        settle_lanes(block, np.float32(limit_s), False, BUSES_IN_A_ROW, memory.onward, self.network)
        return block[:, : places.size]

    def _to_cells(self, from_cell: I16 | None = None) -> I16:
        """Seconds from a stop to a cell (cell, stop); `from_cell` (to, from) gets those between cells, where they are wanted."""
        near = self.stops.cell_stops
        n, stops = self.stops.cells.size, self.stops.buses.x_m.size
        from_stop = np.empty((n, stops), dtype=np.int16)
        memory = local()

        def work(first: int) -> None:
            places = np.arange(first, min(first + LANES, n))
            block = self._settled(near, places, memory, self.limit_s)
            part = slice(first, first + places.size)
            from_stop[part] = np.minimum(np.rint(block), FAR).astype(np.int16).T
            if from_cell is not None:
                _from_cells(from_cell[part], np.ascontiguousarray(block), near)

        map_in_threads(work, range(0, n, LANES))
        return from_stop

    def release(self) -> None:
        """Free the tables between stops and cells; they are computed again where they are needed."""
        for table in ("stop_to_cell_s", "cell_to_cell_s"):
            vars(self).pop(table, None)

    @cached_property
    def stop_to_cell_s(self) -> I16:
        """Whole seconds from a stop to a cell (cell, stop), FAR beyond the limit."""
        return self._to_cells()

    @cached_property
    def cell_to_cell_s(self) -> I16:
        """Whole seconds by bus alone (to, from) between the cells served, FAR beyond the limit.

        It makes :attr:`stop_to_cell_s` on the way: where both are wanted, ask for this one first.
        """
        between = np.empty((self.stops.cells.size, self.stops.cells.size), dtype=np.int16)
        vars(self)["stop_to_cell_s"] = self._to_cells(between)
        return between


@njit(cache=True, nogil=True)
def _from_cells(out, block, near):  # type: ignore[no-untyped-def]
    """Least of walking to a stop and going on from there, for a batch of destinations (to, from)."""
    start, stop, seconds = near
    lanes = out.shape[0]
    best = np.empty(block.shape[1], dtype=np.float32)
    for i in range(out.shape[1]):
        best[:] = FAR
        for k in range(start[i], start[i + 1]):
            row = block[stop[k]]
            s = seconds[k]
            for o in range(best.size):
                best[o] = min(best[o], row[o] + s)
        for o in range(lanes):
            out[o, i] = np.int16(np.rint(best[o]))


@dataclass(frozen=True)
class BusWay:
    """A way by local bus from place to place, walks and waits included: expected over all buses that help.

    Attributes
    ----------
    cost_s
        As the hour weights seconds, fares included; infinite where no bus leads there.
    rides
        The likeliest buses, in unweighted seconds.
    """

    cost_s: float
    time_s: float
    fare_hkd: float
    rides: tuple[BusRide, ...]


NO_BUS = BusWay(np.inf, np.inf, 0.0, ())


def likeliest_buses(hour: BusHour, origin: Position, destination: Position) -> BusWay:
    """The best way by bus from place to place, and its likeliest buses.

    Parameters
    ----------
    hour
        The buses that run.
    origin, destination
        EPSG:4547 metres, on the side that the buses serve.

    Returns
    -------
    BusWay
        With :data:`BUSES_IN_A_ROW` buses at most; :data:`NO_BUS` where none leads there.
    """
    near = hour.stops.near(np.array([origin[0], destination[0]]), np.array([origin[1], destination[1]]))
    (first, access_s), (last, out_s) = near.row(0), near.row(1)
    egress = np.full(hour.stops.buses.x_m.size, NEVER_S, dtype=np.float32)
    egress[last] = out_s
    ways: Strategy | None = None
    for buses in range(BUSES_IN_A_ROW + 1):
        found = Strategy.search(
            hour.network, egress, hour.limit_s, timed=hour.timed, fare_hkd=hour.board_fare_hkd, rounds=buses
        )
        ways = replace(found, riding=ways, _expected={}) if ways else found
    assert ways is not None
    total = access_s + ways.left_s[first]
    if total.min(initial=np.inf) >= NEVER_S:
        return NO_BUS
    k = int(total.argmin())
    stop, walk_s = int(first[k]), float(access_s[k]) / hour.weights.walk
    riding_s, on_foot_s, fare_hkd = (float(value) for value in ways.expected(stop))
    time_s = walk_s + riding_s + on_foot_s / hour.weights.walk
    return BusWay(float(total[k]), time_s, fare_hkd, _rides(hour, ways, stop, walk_s))


def _rides(hour: BusHour, ways: Strategy, stop: int, walk_s: float) -> tuple[BusRide, ...]:
    """The likeliest buses from a stop, reached in `walk_s`; unweighted seconds."""
    stops, found = hour.stops.buses, []
    pattern = (
        np.searchsorted(stops.pattern_start, np.flatnonzero(hour.network.stop_board >= 0), side="right") - 1
    )
    while not ways.at_end(stop):
        if (k := ways.link(stop)) is not None:
            stop, walk_s = int(hour.network.link_to[k]), walk_s + float(hour.timed.link_s[k])
            continue
        if ways.riding is None:
            break  # a rounding apart
        ride = ways.ride(stop)
        boards = [leave.board for leave in ride.exits]
        found.append(
            BusRide(
                tuple(dict.fromkeys(stops.label[i] for i in pattern[boards])),
                stops.stop_name[stop],
                stops.stop_name[ride.to],
                walk_s,
                ride.wait_s + BOARD_S,
                ride.mean([leave.ride_s for leave in ride.exits]),
                ride.share,
                ride.mean(hour.board_fare_hkd[boards]),
            )
        )
        stop, ways, walk_s = ride.to, ways.riding, 0.0
    return tuple(found)
