"""The likeliest local buses of one way, bus by bus; for journeys, not for matrices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.clock import WAIT_ALPHA
from corridor.access.search.journey import BusRide
from corridor.access.search.strategy import NEVER_S, settle_lanes, workspace
from corridor.access.surroundings.buses import BOARD_S, BUSES_IN_A_ROW, BusHour

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


@dataclass(frozen=True)
class BusWay:
    """A way by local bus from place to place, walks and waits included: expected over all buses that help."""

    cost_s: float
    """As the hour weights seconds, fares included; infinite where no bus leads there."""
    time_s: float
    fare_hkd: float
    rides: tuple[BusRide, ...]
    """The likeliest buses, in seconds as they pass."""


NO_BUS = BusWay(np.inf, np.inf, 0.0, ())


def likeliest_buses(hour: BusHour, origin: tuple[float, float], destination: tuple[float, float]) -> BusWay:
    """The best way by bus from place to place (EPSG:4547)."""
    near = hour.stops.near(np.array([origin[0], destination[0]]), np.array([origin[1], destination[1]]))
    first, last = (slice(near.start[i], near.start[i + 1]) for i in (0, 1))
    egress = np.full(hour.stops.buses.x_m.size, NEVER_S, dtype=np.float32)
    egress[near.column[last]] = near.seconds[last]
    ways = BusWays.search(hour, egress)
    total = near.seconds[first] + ways.left_s[-1][near.column[first]]
    if total.min(initial=np.inf) >= NEVER_S:
        return NO_BUS
    k = int(total.argmin())
    stop, walk_s = int(near.column[first][k]), float(near.seconds[first][k]) / hour.weights.walk
    time_s, fare_hkd = ways.expected(stop, BUSES_IN_A_ROW)
    return BusWay(float(total[k]), walk_s + time_s, fare_hkd, ways.rides(stop, walk_s))


@dataclass(frozen=True)
class BusWays:
    """Expected seconds from every stop to one destination, by how many buses are still allowed."""

    hour: BusHour
    egress_s: F32
    left_s: tuple[F32, ...]
    onward_s: tuple[F32, ...]
    """From each boarding on."""
    _known: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def search(cls, hour: BusHour, egress_s: F32) -> BusWays:
        """To the destination reached from each stop in `egress_s` (NEVER_S where it is not)."""
        left, onward = [], []
        for buses in range(BUSES_IN_A_ROW + 1):
            left.append(egress_s.reshape(-1, 1).copy())
            onward.append(workspace(hour.network, 1))
            settle_lanes(left[-1], np.float32(hour.limit_s), False, buses, onward[-1], *hour.network.kernel)
        return cls(hour, egress_s, tuple(u[:, 0] for u in left), tuple(v[:, 0] for v in onward))

    def rides(self, stop: int, walk_s: float) -> tuple[BusRide, ...]:
        """The likeliest buses from a stop, reached in `walk_s`; seconds as they pass."""
        found: list[BusRide] = []
        buses = BUSES_IN_A_ROW
        while self.left_s[buses][stop] < self.egress_s[stop] - 1.0:
            if link := self._walk(stop, buses):
                stop, walk_s = link[0], walk_s + link[1]
                continue
            if not buses:
                break  # a rounding apart
            ride, stop = self._ride(stop, buses, walk_s)
            found.append(ride)
            buses, walk_s = buses - 1, 0.0
        return tuple(found)

    def _walk(self, stop: int, buses: int) -> tuple[int, float] | None:
        """The stop one walks to and seconds as they pass, where the time left from a stop rests on a walk."""
        if found := self._shorter(stop, buses):
            return found
        if self._boards(stop, buses).size:
            return None
        net, left = self.hour.network, self.left_s[buses]
        part = slice(net.link_start[stop], net.link_start[stop + 1])
        for here in net.link_to[part][
            net.link_s[part] <= 0
        ]:  # another stop at the same place, the same time left
            at = int(here)
            if left[at] <= left[stop] and (self._boards(at, buses).size or self._shorter(at, buses)):
                return at, 0.0
        return None

    def _shorter(self, stop: int, buses: int) -> tuple[int, float] | None:
        net, left = self.hour.network, self.left_s[buses]
        part = slice(net.link_start[stop], net.link_start[stop + 1])
        to = net.link_to[part]
        total = np.where(left[to] < left[stop], net.link_s[part] + left[to], np.inf)
        k = int(total.argmin()) if total.size else -1
        if k < 0 or total[k] > left[stop] + 0.1:
            return None
        return int(to[k]), float(net.link_s[part][k]) / self.hour.weights.walk

    def expected(self, stop: int, buses: int) -> tuple[float, float]:
        """Seconds as they pass and HKD from a stop to the destination, over all buses that help."""
        key = (stop, buses)
        if key not in self._known:
            self._known[key] = self._expected(stop, buses)
        return self._known[key]

    def _expected(self, stop: int, buses: int) -> tuple[float, float]:
        if not buses or self.left_s[buses][stop] >= self.egress_s[stop] - 1.0:
            return float(self.egress_s[stop]) / self.hour.weights.walk, 0.0
        if link := self._walk(stop, buses):
            time_s, fare = self.expected(link[0], buses)
            return time_s + link[1], fare
        taken, frequency, exits = self._taken(stop, buses)
        onward = [self.expected(q, buses - 1) for q, _ in exits]
        times = [ride + t for (_, ride), (t, _) in zip(exits, onward, strict=True)]
        fares = self._fare_hkd(taken) + [f for _, f in onward]
        wait_s = WAIT_ALPHA / frequency.sum() / self.hour.weights.wait + BOARD_S
        mean_s, mean_hkd = (float(np.average(values, weights=frequency)) for values in (times, fares))
        return wait_s + mean_s, mean_hkd

    def _taken(self, stop: int, buses: int) -> tuple[I32, F32, list[tuple[int, float]]]:
        """Boardings of the attractive set at a stop, their weighted frequencies, and where each is left."""
        taken = self._boards(stop, buses)
        exits = [self._exit(self._row_of_board[b], buses - 1) for b in taken]
        return taken, self.hour.network.board_frequency[taken].astype(float), exits

    def _boards(self, stop: int, buses: int) -> I32:
        net = self.hour.network
        boards = net.point_board[net.point_board_start[stop] : net.point_board_start[stop + 1]]
        attracts = self.onward_s[buses][boards] < self.left_s[buses][stop]
        return np.asarray(boards[(net.board_frequency[boards] > 0) & attracts])

    def _patterns(self, boards: I32) -> I32:
        rows = self._row_of_board[boards]
        return (np.searchsorted(self.hour.network.pattern_start, rows, side="right") - 1).astype(np.int32)

    def _fare_hkd(self, boards: I32) -> F32:
        return self.hour.stops.buses.fare_hkd[self._row_of_board[boards]]

    def _ride(self, stop: int, buses: int, walk_s: float) -> tuple[BusRide, int]:
        stops = self.hour.stops.buses
        taken, frequency, exits = self._taken(stop, buses)
        by_stop: dict[int, float] = {}
        for (q, _), f in zip(exits, frequency, strict=True):
            by_stop[q] = by_stop.get(q, 0.0) + f
        q = max(by_stop, key=lambda s: (by_stop[s], -s))
        used = np.array([i for i, (s, _) in enumerate(exits) if s == q])
        used = used[np.argsort(-frequency[used], kind="stable")]
        ride = BusRide(
            tuple(dict.fromkeys(stops.label[i] for i in self._patterns(taken[used]))),
            stops.stop_name[stop],
            stops.stop_name[q],
            walk_s,
            WAIT_ALPHA / frequency.sum() / self.hour.weights.wait + BOARD_S,
            float(np.average([exits[i][1] for i in used], weights=frequency[used])),
            float(by_stop[q] / frequency.sum()),
            float(np.average(self._fare_hkd(taken[used]), weights=frequency[used])),
        )
        return ride, q

    def _exit(self, row: int, buses: int) -> tuple[int, float]:
        """The stop at which to leave a bus, with the seconds of riding to it."""
        net = self.hour.network
        end = net.pattern_start[np.searchsorted(net.pattern_start, row, side="right")]
        ride = np.cumsum(net.stop_ride_s[row : end - 1])
        ahead = net.stop_point[row + 1 : end]
        k = int((ride + self.left_s[buses][ahead]).argmin())
        return int(ahead[k]), float(ride[k])

    @cached_property
    def _row_of_board(self) -> I32:
        return np.flatnonzero(self.hour.network.stop_board >= 0).astype(np.int32)
