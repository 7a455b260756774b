"""The likeliest local buses of one way, bus by bus; for journeys, not for matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridor.access.search.journey import BusRide
from corridor.access.search.strategic import Strategy
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.buses import BOARD_S, BUSES_IN_A_ROW, BusHour
from corridor.access.surroundings.points import Position


@dataclass(frozen=True)
class BusWay:
    """A way by local bus from place to place, walks and waits included: expected over all buses that help.

    Attributes
    ----------
    cost_s
        As the hour weights seconds, fares included; infinite where no bus leads there.
    rides
        The likeliest buses, in seconds as they pass.
    """

    cost_s: float
    time_s: float
    fare_hkd: float
    rides: tuple[BusRide, ...]


NO_BUS = BusWay(np.inf, np.inf, 0.0, ())


def likeliest_buses(hour: BusHour, origin: Position, destination: Position) -> BusWay:
    """The best way by bus from place to place (EPSG:4547), :data:`BUSES_IN_A_ROW` of them at most."""
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
    """The likeliest buses from a stop, reached in `walk_s`; seconds as they pass."""
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
