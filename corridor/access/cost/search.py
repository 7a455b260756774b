"""Least generalised cost between the points of a network, by Dijkstra's method over rides, walks and clearances.

A ride of a fare group is one edge from where one enters to where one leaves, so the search is exact for any table of
fares: the cost of a way is the sum over its edges, and no edge is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.access.cost.cost import FareGroup, Window
from corridor.access.search.parameters import CostWeights
from corridor.access.search.rows import F32, I32
from corridor.access.search.strategy import NEVER_S, clearance_s
from corridor.access.search.threads import in_threads
from corridor.core.csr import row_starts
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.network.compiled import BUS_LINK, FEEDER_LINK, CompiledNetwork

F64 = NDArray[np.float64]


class CostEdges(NamedTuple):
    """Edges of point p are rows ``start[p]:start[p+1]``; `via` is a link (0 or more) or a ride (-1 - group)."""

    start: I32
    to: I32
    cost_s: F32
    via: I32

    @classmethod
    def of(
        cls,
        compiled: CompiledNetwork,
        groups: Sequence[FareGroup],
        rides: Sequence[F32],
        window: Window,
        weights: CostWeights,
    ) -> CostEdges:
        """Edges of a network at one clock time.

        Parameters
        ----------
        compiled
            The network; its ways by bus and feeder are costs already.
        groups, rides
            Fare groups, and the generalised seconds of the rides of each: see :func:`corridor.access.cost.cost.ride_costs`.
        window
            Departure and horizon; control points open throughout count.
        weights
            What a second of walking and of clearance counts.
        """
        edges: list[tuple[NDArray[Any], ...]] = []
        for g, (group, ride) in enumerate(zip(groups, rides, strict=True)):
            a, b = np.nonzero((ride < NEVER_S) & ~np.eye(group.points.size, dtype=bool))
            edges.append((group.points[a], group.points[b], ride[a, b], np.full(a.size, -1 - g)))
        clear = clearance_s(compiled, *window, weights.clearance)
        walk = np.where(np.isin(compiled.link_cp, (BUS_LINK, FEEDER_LINK)), 1.0, weights.walk)
        link = compiled.link_s * walk + clear[np.maximum(compiled.link_cp, -1)]
        k = np.flatnonzero(link < NEVER_S)
        edges.append((compiled.link_origin[k], compiled.link_to[k], link[k], k))
        origin, to, cost, via = (np.concatenate(arrays) for arrays in zip(*edges, strict=True))
        order = np.argsort(origin, kind="stable")
        return cls(
            row_starts(np.bincount(origin, minlength=len(compiled.points))),
            to[order].astype(np.int32),
            cost[order].astype(np.float32),
            via[order].astype(np.int32),
        )


@dataclass(frozen=True)
class CheapestWays:
    """The cheapest ways from one origin to every point.

    Attributes
    ----------
    cost_s
        Generalised seconds, shape (points,); infinite where no way leads.
    previous
        The point before each on its way, -1 at the first.
    edge
        The edge by which each is reached, -1 at the first.
    """

    edges: CostEdges
    cost_s: F64
    previous: I32
    edge: I32

    @classmethod
    def search(cls, edges: CostEdges, first_s: F64) -> CheapestWays:
        """From the cost at which the first points are reached (infinite elsewhere)."""
        return cls(edges, *_settle(first_s, edges))

    def chain(self, end: int) -> list[tuple[int, int, int]]:
        """(from, to, via) of each edge on the way to a point, first to last."""
        found = []
        while self.previous[end] >= 0:
            start = int(self.previous[end])
            found.append((start, end, int(self.edges.via[self.edge[end]])))
            end = start
        return found[::-1]


def all_costs(edges: CostEdges) -> F32:
    """Generalised seconds between all points of a network.

    Returns
    -------
    ndarray of float32, shape (points, points)
        To the row from the column; NEVER_S where there is no way.
    """
    n = edges.start.size - 1
    out = np.empty((n, n), dtype=np.float32)
    in_threads(_settle_many, n, out, edges)
    return np.ascontiguousarray(np.minimum(out, NEVER_S).T)


@njit(cache=True, nogil=True)
def _settle_many(first, last, out, edges):  # type: ignore[no-untyped-def]
    """Costs alone, from each of some points. No way is asked for, so it does not matter which of two equal ones is found first."""
    start, to, cost, _ = edges
    n = out.shape[1]
    keys, items = np.empty(to.size + 1, dtype=np.float64), np.empty(to.size + 1, dtype=np.int32)
    best = np.empty(n, dtype=np.float64)
    for origin in range(first, last):
        best[:] = np.inf
        best[origin] = 0.0
        size = push(keys, items, 0, 0.0, origin)
        while size > 0:
            least, p = keys[0], items[0]
            size = pop(keys, items, size)
            if least > best[p]:
                continue
            for k in range(start[p], start[p + 1]):
                total = least + cost[k]
                if total < best[to[k]]:
                    best[to[k]] = total
                    size = push(keys, items, size, total, to[k])
        out[origin] = best


@njit(cache=True, nogil=True)
def _settle(first, edges):  # type: ignore[no-untyped-def]
    """Dijkstra's method, scanning all points for the next one.

    Every point of a fare group has an edge to every other, so there are nearly as many edges as pairs of points. Scanning
    takes one pass over the points for each point settled, which is no more than looking at its edges; a heap would add a
    push for each of them.
    """
    start, to, cost, _ = edges
    n = start.size - 1
    best = first.copy()
    previous = np.full(n, -1, dtype=np.int32)
    edge = np.full(n, -1, dtype=np.int32)
    done = np.zeros(n, dtype=np.bool_)
    for _ in range(n):
        p = -1
        least = np.inf
        for q in range(n):
            if not done[q] and best[q] < least:
                least = best[q]
                p = q
        if p < 0:
            break
        done[p] = True
        for k in range(start[p], start[p + 1]):
            q = to[k]
            total = least + cost[k]
            if total < best[q]:
                best[q] = total
                previous[q] = p
                edge[q] = k
    return best, previous, edge
