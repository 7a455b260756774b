"""Tables of expected times between places and between named hubs, exact at the clock time of each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from corridor.access.journeys.soonest import (
    LEAST_GAIN_S,
    Way,
    clocked_from,
    direct_s,
    soonest_way,
    strategies_to,
)
from corridor.access.search.cells import Place
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S
from corridor.access.search.strategy import NEVER_S, strategy_times
from corridor.access.surroundings.base import BaseLayer, PlaceLinks, Surroundings
from corridor.core.arrays import F32, F64
from corridor.core.progress import Progress, silent
from corridor.core.stopping import next_step
from corridor.network.compiled import CompiledNetwork

if TYPE_CHECKING:
    import pandas as pd


def travel_table(
    compiled: CompiledNetwork,
    base: BaseLayer,
    origins: Sequence[Place],
    destinations: Sequence[Place],
    clock_s: float,
    fixed_wait: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Expected door-to-door minutes between places.

    Parameters
    ----------
    compiled
        The network of a scenario.
    base
        Ways off the network.
    origins, destinations
        Places.
    clock_s
        Departure in seconds of the service day.
    fixed_wait
        Half a headway for each line alone in place of shared waits.
    progress
        Called before each origin.

    Returns
    -------
    DataFrame
        Columns from, to, minutes; NaN where there is no service within six hours. ``frame.attrs["without_train"]`` counts the
        pairs that are reached on foot or by local bus alone.
    """
    import pandas as pd

    departure = base.departure(compiled, clock_s, LIMIT_S, fixed_wait)
    egress = base.links_to(departure, destinations)
    windows = _times_left(departure, egress)
    rows, without_train = [], 0
    for done, origin in enumerate(origins):
        progress(origin.name, done, len(origins))
        direct = direct_s(departure.network, base, origin, destinations, departure.start_clock_s)
        access = base.surroundings(departure, origin).to_points
        seconds = np.minimum(direct, _by_train_s(departure, access, egress, windows))
        without_train += int(np.count_nonzero(np.isfinite(direct) & (direct <= seconds)))
        rows += [
            (origin.name, destination.name, s / 60 if np.isfinite(s) else np.nan)
            for destination, s in zip(destinations, seconds, strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["from", "to", "minutes"])
    frame.attrs["without_train"] = without_train
    return frame


def _times_left(departure: Departure, egress: Sequence[PlaceLinks]) -> list[tuple[float, F32]]:
    """For each window, its horizon and the seconds left from every point to every destination by strategies."""
    block = np.full((len(departure.network.points), len(egress)), NEVER_S, dtype=np.float32)
    for j, (points, seconds) in enumerate(egress):
        block[points, j] = seconds
    return [
        (horizon, strategy_times(net, block, min(horizon, departure.limit_s), departure.fixed_wait))
        for horizon, net in departure.windows
    ]


def _by_train_s(
    departure: Departure, access: PlaceLinks, egress: Sequence[PlaceLinks], windows: list[tuple[float, F32]]
) -> F64:
    """Expected seconds from a place to every destination by way of a station; infinite where none leads there."""
    points, seconds = access
    best = np.full(len(egress), np.inf)
    if not points.size:
        return best
    for horizon, left in windows:
        total = (seconds[:, np.newaxis] + left[points]).min(axis=0)
        best = np.where(total <= min(horizon, departure.limit_s), np.minimum(best, total), best)
    settled = clocked_from(departure, access).settled_s
    by_clock = [float(np.min(settled[ends] + out, initial=np.inf)) for ends, out in egress]
    return np.asarray(np.minimum(best, np.array(by_clock) - departure.start_clock_s))


def hub_table(
    departure: Departure,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    around: Mapping[str, Surroundings],
) -> pd.DataFrame:
    """Expected minutes between hubs and the control point passed.

    Parameters
    ----------
    departure
        The network at one clock time, with ways by local bus.
    base
        Ways off the network.
    hubs
        Id and place of each.
    around
        The points around each hub (:meth:`corridor.access.surroundings.base.BaseLayer.surroundings`).

    Returns
    -------
    DataFrame
        from_place, to_place, minutes, checkpoint_id; NaN minutes where there is no service within the limit.
    """
    import pandas as pd

    rows = [
        (a, b, way.time_s / 60, "+".join(way.checkpoints(departure.network))) if way else (a, b, np.nan, "")
        for a, b, way in soonest_between(departure, base, hubs, around, least_gain_s=0.0)
    ]
    return pd.DataFrame(rows, columns=["from_place", "to_place", "minutes", "checkpoint_id"])


def soonest_between(
    departure: Departure,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    around: Mapping[str, Surroundings],
    least_gain_s: float = LEAST_GAIN_S,
) -> Iterator[tuple[str, str, Way | None]]:
    """The soonest way of every pair of hubs, both ways; one search from and one to each hub serve all its pairs.

    Parameters
    ----------
    departure, base, hubs, around
        As for :func:`hub_table`.
    least_gain_s
        What a strategy must gain on the other ways to be taken.

    Yields
    ------
    tuple
        Hub from, hub to, and the way; None where there is no service within the limit.
    """
    network, clock_s = departure.network, departure.start_clock_s
    clocked = {hub: clocked_from(departure, around[hub].to_points) for hub, _ in hubs}
    strategies = {hub: list(strategies_to(departure, around[hub].from_points)) for hub, _ in hubs}
    direct = {hub: direct_s(network, base, place, [p for _, p in hubs], clock_s) for hub, place in hubs}
    position = {hub: k for k, (hub, _) in enumerate(hubs)}
    for (a, _), (b, _) in itertools.permutations(hubs, 2):
        next_step()
        links = around[a].to_points, around[b].from_points
        straight = float(direct[a][position[b]])
        yield a, b, soonest_way(straight, clocked[a], strategies[b], *links, clock_s, least_gain_s)
