"""The way of least expected time between two places: off the network, by the clock search, or by a strategy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.access.search.cells import Place
from corridor.access.search.clock import ClockedWays
from corridor.access.search.departure import Departure
from corridor.access.search.journey import Leg, checkpoints_of
from corridor.access.search.strategic import Strategy
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import BaseLayer, PlaceLinks
from corridor.core.arrays import F64
from corridor.network.compiled import CompiledNetwork

LEAST_GAIN_S = (
    1.0  # a strategy must gain so much on the clock search: one that gains less is not worth explaining
)
Windows = Iterable[tuple[float, Strategy]]
"""The strategy of each window of a departure with its horizon in seconds, the nearest horizon first."""


@dataclass(frozen=True)
class Way:
    """A way between two places, expected over all ways of its strategy; seconds.

    Attributes
    ----------
    by
        The search that it was found by; None where it is on foot or by local bus all the way.
    point
        Where the way of a strategy begins, or that of the clock search ends.
    """

    time_s: float
    access_s: float = 0.0
    egress_s: float = 0.0
    by: ClockedWays | Strategy | None = None
    point: int = -1

    def legs(
        self, network: CompiledNetwork, names: Sequence[str], clock_s: float
    ) -> tuple[list[Leg], tuple[int, int], float]:
        """Its likeliest legs on the network, the points at which it enters and leaves, and the seconds out from there.

        `clock_s` is when one sets out.
        """
        if isinstance(self.by, Strategy):
            legs, end = self.by.legs(network, names, self.point, clock_s + self.access_s)
            return legs, (self.point, end), float(self.by.egress_s[end])
        assert self.by is not None
        chain = self.by.chain(self.point)
        return self.by.legs(names, self.point), (chain[0], self.point), self.egress_s

    def checkpoints(self, network: CompiledNetwork) -> tuple[str, ...]:
        """Control points passed, in order."""
        return checkpoints_of(self.legs(network, network.points, 0.0)[0]) if self.by else ()


def strategies_to(departure: Departure, links: PlaceLinks) -> Iterator[tuple[float, Strategy]]:
    """The strategies of a departure towards a place.

    Parameters
    ----------
    departure
        A network at one clock time.
    links
        Points that reach the place, with seconds.

    Yields
    ------
    tuple
        For each window its horizon in seconds, the nearest first, and the strategy.
    """
    points, seconds = links
    egress = np.full(len(departure.network.points), NEVER_S, dtype=np.float32)
    egress[points] = seconds
    for horizon, net in departure.windows:
        yield horizon, Strategy.search(net, egress, min(horizon, departure.limit_s), departure.fixed_wait)


def clocked_from(departure: Departure, links: PlaceLinks) -> ClockedWays:
    """The clock search of a departure from a place.

    Parameters
    ----------
    departure
        A network at one clock time.
    links
        Points that the place reaches, with seconds.
    """
    points, seconds = links
    first = np.full(len(departure.network.points), np.inf)
    first[points] = departure.start_clock_s + seconds
    limit = departure.start_clock_s + departure.limit_s
    return ClockedWays.search(departure.network, first, limit, departure.fixed_wait)


def by_clock(ways: ClockedWays, destination: PlaceLinks, start_clock_s: float) -> Way | None:
    """The way of the clock search to a place; None where there is none.

    Parameters
    ----------
    ways
        The clock search from the origin.
    destination
        Points that reach the destination, with seconds.
    start_clock_s
        When one sets out, in seconds after midnight.
    """
    ends, out = destination
    arrival = ways.settled_s[ends] + out
    if not np.isfinite(arrival.min(initial=np.inf)):
        return None
    k = int(arrival.argmin())
    end = int(ends[k])
    access = float(ways.first_s[ways.chain(end)[0]]) - start_clock_s
    return Way(float(arrival[k]) - start_clock_s, access, float(out[k]), ways, end)


def by_strategy(strategy: Strategy, origin: PlaceLinks) -> Way | None:
    """The way of a strategy from a place.

    Parameters
    ----------
    strategy
        Towards the destination.
    origin
        Points that the place reaches, with seconds.

    Returns
    -------
    Way or None
        None where the strategy leads nowhere from there.
    """
    points, seconds = origin
    total = seconds + strategy.left_s[points]
    if total.min(initial=np.inf) >= NEVER_S:
        return None
    k = int(total.argmin())
    return Way(float(total[k]), float(seconds[k]), by=strategy, point=int(points[k]))


def soonest_way(
    direct_s: float,
    clocked: ClockedWays,
    strategies: Windows,
    origin: PlaceLinks,
    destination: PlaceLinks,
    start_clock_s: float,
    least_gain_s: float = LEAST_GAIN_S,
) -> Way | None:
    """The soonest of the way off the network, the clock search and the strategies; None where there is no way.

    Parameters
    ----------
    direct_s
        Seconds on foot or by local bus all the way, infinite where there is no such way (:func:`direct_s`).
    clocked, strategies
        The clock search from the origin and the strategies to the destination, by window. A strategy holds where it
        ends within its window.
    origin, destination
        Points that the origin reaches and points that reach the destination, with seconds.
    start_clock_s
        When one sets out, in seconds after midnight.
    least_gain_s
        What a strategy must gain on the others to be taken.
    """
    found = [Way(direct_s) if np.isfinite(direct_s) else None, by_clock(clocked, destination, start_clock_s)]
    best = min((way for way in found if way), key=lambda way: way.time_s, default=None)
    below_s = best.time_s - least_gain_s if best else np.inf
    for horizon, strategy in strategies:
        way = by_strategy(strategy, origin)
        if way is not None and way.time_s <= min(horizon, below_s):
            return way
    return best


def direct_s(
    network: CompiledNetwork, base: BaseLayer, origin: Place, destinations: Sequence[Place], clock_s: float
) -> F64:
    """Seconds on foot or by local bus all the way.

    Parameters
    ----------
    network
        Says which stations and halls open to the street.
    base
        Ways off the network.
    origin, destinations
        Places.
    clock_s
        Departure in seconds after midnight.

    Returns
    -------
    ndarray of float, shape (destinations,)
        Infinite where no such way leads there, and from or to a station in the closed area.
    """
    if not origin.on_street(network):
        return np.full(len(destinations), np.inf)
    best = base.direct_s(origin, destinations, clock_s).astype(np.float64)
    best[[not d.on_street(network) for d in destinations]] = np.inf
    return best
