"""Positions with their sides, the seconds between them off the network, and what makes a point the same one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.access.search.rows import Rows
from corridor.core.in_memory import kept
from corridor.network.compiled import FEEDER_LINK, CompiledNetwork
from corridor.network.service import is_hall
from corridor.network.walk import Ground, Points

Position = tuple[float, float]  # EPSG:4547
PointKey = tuple[str, int, int, bool]
"""Side, position in whole metres, whether planned: what the surroundings of a point depend on."""


def points_of_places(places: Sequence[Place]) -> Points:
    """Where places are."""
    return Points.of((p.x_m, p.y_m, p.region) for p in places)


def points_of_network(network: CompiledNetwork, points: NDArray[np.integer]) -> Points:
    """Where some points of a network are."""
    return Points(network.x_m[points], network.y_m[points], [network.region[p] for p in points])


def on_foot(
    ground: Ground, start: Points, end: Points, limit_m: float | None = None, coarsen: int = 1
) -> Rows:
    """Seconds on foot from points to others of their side.

    Parameters
    ----------
    ground
        What a walker may cross.
    start, end
        Positions in EPSG:4547 metres with their sides.
    limit_m
        Longest walk, straight; by default the walking limit.
    coarsen
        Merges so many grid cells each way, to save time.
    """
    limit_m = ground.parameters.walk_limit_m if limit_m is None else limit_m
    first, column, metres = ground.distances(start, end, limit_m, coarsen=coarsen)
    return Rows(first, column, ground.parameters.walk_s(metres))


def on_foot_or_fed(ground: Ground, start: Points, end: Points) -> Rows:
    """Seconds on foot or by feeder, whichever is sooner, from points to others of their side."""
    return Rows(*ground.reach(start, end, ground.parameters.feeder_limit_m))


def point_key(network: CompiledNetwork, p: int) -> PointKey:
    """Side, whole metres and whether planned, of a point of a network."""
    return network.region[p], round(network.x_m[p]), round(network.y_m[p]), bool(network.planned[p])


@kept()
def keys_of(network: CompiledNetwork) -> tuple[PointKey, ...]:
    """The keys of all points of a network; they are asked for of each place."""
    return tuple(point_key(network, p) for p in range(len(network.points)))


def with_feeder_links(ground: Ground, network: CompiledNetwork, usable: Sequence[int]) -> CompiledNetwork:
    """The network with the feeder both ways between those of some points that are halls and those that are not."""
    halls, stations = (
        np.array([p for p in usable if is_hall(network.points[p]) == which], np.int32)
        for which in (True, False)
    )
    if not halls.size or not stations.size:
        return network
    fed = on_foot_or_fed(ground, points_of_network(network, halls), points_of_network(network, stations))
    hall, station = halls[fed.row_of_entry], stations[fed.column]
    origin, to = np.concatenate([hall, station]), np.concatenate([station, hall])
    n = len(network.points)
    new = ~np.isin(origin * n + to, network.link_origin * n + network.link_to)
    return network.with_links(FEEDER_LINK, origin[new], to[new], np.tile(fed.seconds, 2)[new])
