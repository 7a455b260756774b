"""The likeliest local buses of one way, bus by bus; for journeys, not for matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corridor.access.buses import BUSES_IN_A_ROW, RIDE_LIMIT_S, BusHour
from corridor.access.clock import WAIT_ALPHA
from corridor.access.journey import BusRide
from corridor.access.strategy import NEVER_S, settle_lanes, workspace

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


def likeliest_buses(
    hour: BusHour, origin: tuple[float, float], destination: tuple[float, float]
) -> tuple[float, tuple[BusRide, ...]]:
    """Expected seconds from place to place (EPSG:4547) by bus, and the likeliest buses; infinite and none without one."""
    near = hour.stops.near(np.array([origin[0], destination[0]]), np.array([origin[1], destination[1]]))
    first, last = (slice(near.start[i], near.start[i + 1]) for i in (0, 1))
    egress = np.full(hour.stops.buses.x_m.size, NEVER_S, dtype=np.float32)
    egress[near.column[last]] = near.seconds[last]
    ways = BusWays.search(hour, egress)
    total = near.seconds[first] + ways.left_s[-1][near.column[first]]
    if total.min(initial=np.inf) >= NEVER_S:
        return np.inf, ()
    k = int(total.argmin())
    return float(total[k]), ways.rides(int(near.column[first][k]), float(near.seconds[first][k]))


@dataclass(frozen=True)
class BusWays:
    """Expected seconds from every stop to one destination, by how many buses are still allowed."""

    hour: BusHour
    egress_s: F32
    left_s: tuple[F32, ...]
    onward_s: tuple[F32, ...]
    """From each boarding on."""

    @classmethod
    def search(cls, hour: BusHour, egress_s: F32) -> BusWays:
        """To the destination reached from each stop in `egress_s` (NEVER_S where it is not)."""
        left, onward = [], []
        for buses in range(BUSES_IN_A_ROW + 1):
            left.append(egress_s.reshape(-1, 1).copy())
            onward.append(workspace(hour.network, 1))
            settle_lanes(left[-1], np.float32(RIDE_LIMIT_S), False, buses, onward[-1], *hour.network.kernel)
        return cls(hour, egress_s, tuple(u[:, 0] for u in left), tuple(v[:, 0] for v in onward))

    def rides(self, stop: int, walk_s: float) -> tuple[BusRide, ...]:
        """The likeliest buses from a stop, reached in `walk_s`."""
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
        net, left = self.hour.network, self.left_s[buses]
        part = slice(net.link_start[stop], net.link_start[stop + 1])
        to = net.link_to[part]
        total = np.where(left[to] < left[stop], net.link_s[part] + left[to], np.inf)
        k = int(total.argmin()) if total.size else -1
        if k < 0 or total[k] > left[stop] + 0.1:
            return None
        return int(to[k]), float(net.link_s[part][k])

    def _ride(self, stop: int, buses: int, walk_s: float) -> tuple[BusRide, int]:
        net, stops = self.hour.network, self.hour.stops.buses
        boards = net.point_board[net.point_board_start[stop] : net.point_board_start[stop + 1]]
        taken = boards[
            (net.board_frequency[boards] > 0) & (self.onward_s[buses][boards] < self.left_s[buses][stop])
        ]
        frequency = net.board_frequency[taken].astype(float)
        exits = [self._exit(self._row_of_board[b], buses - 1) for b in taken]
        by_stop: dict[int, float] = {}
        for (q, _), f in zip(exits, frequency, strict=True):
            by_stop[q] = by_stop.get(q, 0.0) + f
        q = max(by_stop, key=lambda s: (by_stop[s], -s))
        used = np.array([i for i, (s, _) in enumerate(exits) if s == q])
        used = used[np.argsort(-frequency[used], kind="stable")]
        pattern = np.searchsorted(net.pattern_start, self._row_of_board[taken[used]], side="right") - 1
        ride = BusRide(
            tuple(dict.fromkeys(stops.label[i] for i in pattern)),
            stops.stop_name[stop],
            stops.stop_name[q],
            walk_s,
            WAIT_ALPHA / frequency.sum() + float(net.board_s[taken[used[0]]]),
            float(np.average([exits[i][1] for i in used], weights=frequency[used])),
            float(by_stop[q] / frequency.sum()),
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
