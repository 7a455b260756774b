"""Times between named hubs, exact at the clock time of each, and the control points each journey passes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

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
from corridor.access.surroundings.base import BaseLayer, Surroundings


def hub_table(
    departure: Departure,
    base: BaseLayer,
    hubs: Sequence[tuple[str, Place]],
    around: Mapping[str, Surroundings],
) -> pd.DataFrame:
    """Columns from_place, to_place, minutes, checkpoint_id; NaN minutes where there is no way within the limit.

    `around`: the points around each hub (:meth:`corridor.access.surroundings.base.BaseLayer.surroundings`).
    """
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
    """The soonest way of every pair of hubs, both ways, as (from, to, way); one search from and one to each."""
    network, clock_s = departure.network, departure.start_clock_s
    clocked = {hub: clocked_from(departure, around[hub].to_points) for hub, _ in hubs}
    strategies = {hub: list(strategies_to(departure, around[hub].from_points)) for hub, _ in hubs}
    direct = {hub: direct_s(network, base, place, [p for _, p in hubs], clock_s) for hub, place in hubs}
    position = {hub: k for k, (hub, _) in enumerate(hubs)}
    for (a, _), (b, _) in itertools.permutations(hubs, 2):
        links = around[a].to_points, around[b].from_points
        straight = float(direct[a][position[b]])
        yield a, b, soonest_way(straight, clocked[a], strategies[b], *links, clock_s, least_gain_s)
