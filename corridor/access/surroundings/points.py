"""Positions with their sides, the seconds between them off the network, and what makes a point the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import Place
from corridor.access.search.rows import Rows
from corridor.network.compiled import CompiledNetwork
from corridor.network.walk import Ground

F64 = NDArray[np.float64]
Position = tuple[float, float]  # EPSG:4547
PointKey = tuple[str, int, int, bool]
"""Side, position in whole metres, whether planned: what the surroundings of a point depend on."""


class Points(NamedTuple):
    """Positions (EPSG:4547 metres), each with its side."""

    x_m: F64
    y_m: F64
    region: Sequence[str]

    @classmethod
    def of(cls, where: Iterable[tuple[float, float, str]]) -> Points:
        """From x, y and side of each."""
        listed = list(where)
        x, y = (np.array([w[k] for w in listed], dtype=np.float64) for k in (0, 1))
        return cls(x, y, [w[2] for w in listed])

    @classmethod
    def of_places(cls, places: Sequence[Place]) -> Points:
        """Where places are."""
        return cls.of((p.x_m, p.y_m, p.region) for p in places)

    @classmethod
    def of_network(cls, network: CompiledNetwork, points: NDArray[np.integer]) -> Points:
        """Where some points of a network are."""
        return cls(network.x_m[points], network.y_m[points], [network.region[p] for p in points])

    def part(self, which: slice) -> Points:
        """Some of them."""
        return Points(self.x_m[which], self.y_m[which], self.region[which])


def on_foot(
    ground: Ground, start: Points, end: Points, limit_m: float | None = None, coarsen: int = 1
) -> Rows:
    """Seconds on foot from points to others of their side, within a straight distance (default: the walking limit)."""
    limit_m = ground.parameters.walk_limit_m if limit_m is None else limit_m
    first, column, metres = ground.distances(*start, *end, limit_m, coarsen=coarsen)
    return Rows(first, column, ground.parameters.walk_s(metres))


def on_foot_or_fed(ground: Ground, start: Points, end: Points) -> Rows:
    """Seconds on foot or by feeder, whichever is sooner, from points to others of their side."""
    return Rows(*ground.reach(*start, *end, ground.parameters.feeder_limit_m))


def point_key(network: CompiledNetwork, p: int) -> PointKey:
    """Side, whole metres and whether planned, of a point of a network."""
    return network.region[p], round(network.x_m[p]), round(network.y_m[p]), bool(network.planned[p])


def keys_of(network: CompiledNetwork) -> list[PointKey]:
    """The keys of all points of a network."""
    return [point_key(network, p) for p in range(len(network.points))]
