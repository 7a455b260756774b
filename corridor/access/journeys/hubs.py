"""Times between named hubs, exact at the clock time of each, and the control points each journey passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.access.search.clocked import ClockedWays
from corridor.access.search.departure import Departure
from corridor.access.search.journey import Leg
from corridor.access.search.strategic import StrategicWays
from corridor.access.search.strategy import NEVER_S
from corridor.access.surroundings.base import BaseLayer, PlaceLinks, Surroundings


def hub_table(
    departure: Departure,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    around: Mapping[str, Surroundings],
) -> pd.DataFrame:
    """Columns from_place, to_place, minutes, checkpoint_id; NaN minutes where there is no way within the limit.

    `around`: the points around each hub (:meth:`corridor.access.surroundings.base.BaseLayer.surroundings`).
    """
    to_hub = {b: _strategies(departure, around[b].from_points) for b, _ in hubs}
    rows = []
    for a, origin in hubs:
        direct = direct_s(departure, base, origin, [hub for _, hub in hubs])
        clocked = _clocked(departure, around[a].to_points)
        for (b, _), on_foot in zip(hubs, direct.tolist(), strict=True):
            if a == b:
                continue
            best_s, checkpoint = min(
                (on_foot, ""),
                _by_clock(departure, clocked, around[b].from_points),
                _by_strategy(to_hub[b], around[a].to_points),
            )
            rows.append((a, b, best_s / 60 if np.isfinite(best_s) else np.nan, checkpoint))
    return pd.DataFrame(rows, columns=["from_place", "to_place", "minutes", "checkpoint_id"])


def _strategies(departure: Departure, links: PlaceLinks) -> list[tuple[float, StrategicWays]]:
    network = departure.network
    points, seconds = links
    egress = np.full(len(network.points), NEVER_S, dtype=np.float32)
    egress[points] = seconds
    return [
        (
            horizon,
            StrategicWays.search(
                network, net, network.points, egress, min(horizon, departure.limit_s), departure.fixed_wait
            ),
        )
        for horizon, net in departure.windows
    ]


def _clocked(departure: Departure, links: PlaceLinks) -> ClockedWays:
    network = departure.network
    points, seconds = links
    first = np.full(len(network.points), np.inf)
    first[points] = departure.start_clock_s + seconds
    limit = departure.start_clock_s + departure.limit_s
    return ClockedWays.search(network, network.points, first, limit, departure.fixed_wait)


def _by_clock(departure: Departure, ways: ClockedWays, links: PlaceLinks) -> tuple[float, str]:
    points, seconds = links
    arrival = ways.settled_s[points] + seconds
    if not np.isfinite(arrival.min(initial=np.inf)):
        return np.inf, ""
    k = int(arrival.argmin())
    return float(arrival[k]) - departure.start_clock_s, _checkpoints(ways.legs(int(points[k])))


def _by_strategy(windows: list[tuple[float, StrategicWays]], links: PlaceLinks) -> tuple[float, str]:
    points, seconds = links
    for horizon, ways in windows:
        total = seconds + ways.left_s[points]
        if total.size and total.min() <= min(horizon, NEVER_S - 1):
            k = int(total.argmin())
            legs, _ = ways.legs(int(points[k]), 0.0)
            return float(total[k]), _checkpoints(legs)
    return np.inf, ""


def _checkpoints(legs: list[Leg]) -> str:
    return "+".join(leg.checkpoint_id for leg in legs if leg.checkpoint_id)


def direct_s(
    departure: Departure, base: BaseLayer, origin: Place, destinations: Sequence[Place]
) -> NDArray[np.float32]:
    """Seconds on foot or by local bus all the way; infinite from or to a station in the closed area."""
    network = departure.network
    if not origin.on_street(network):
        return np.full(len(destinations), np.inf, dtype=np.float32)
    best = base.direct_s(origin, destinations, departure.start_clock_s)
    best[[not d.on_street(network) for d in destinations]] = np.inf
    return best
