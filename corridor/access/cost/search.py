"""Least generalised cost between the points of a network, by Dijkstra's method over rides, walks and clearances.

A ride of a fare group is one edge from where one enters to where one leaves, so the search is exact for any table of
fares: the cost of a way is the sum over its edges, and no edge is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corridor.access.cost.cost import FareGroup, Window
from corridor.access.search.parameters import CostWeights
from corridor.access.search.strategy import NEVER_S, clearance_s
from corridor.access.search.threads import in_threads
from corridor.core.arrays import F32, F64, I32
from corridor.core.csr import row_starts
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.network.compiled import BUS_LINK, FEEDER_LINK, CompiledNetwork


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
        clear = clearance_s(compiled, *window, weights.clearance)
        walk = np.where(np.isin(compiled.link_cp, (BUS_LINK, FEEDER_LINK)), 1.0, weights.walk)
        link_s = compiled.link_s * walk + clear[np.maximum(compiled.link_cp, -1)]
        members = row_starts([group.points.size for group in groups])
        points = np.concatenate([np.empty(0, np.int32), *(group.points for group in groups)])
        ride_s = np.concatenate([np.empty(0, np.float32), *(ride.ravel() for ride in rides)])
        return cls(*_edges(members, points, ride_s, compiled.link_start, compiled.link_to, link_s))

    def reversed(self) -> CostEdges:
        """The same edges the other way round, so that a search from a point finds the ways towards it."""
        return CostEdges(*_turned(*self))


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
def _edges(members, points, ride_s, link_start, link_to, link_s):  # type: ignore[no-untyped-def]
    """From each point the rides of every group, then the links; `ride_s` has the tables of the groups one after another."""
    n, groups = link_start.size - 1, members.size - 1
    row = np.full((n, groups), -1, dtype=np.int64)  # where the rides of a group from a point begin
    entry = 0
    for g in range(groups):
        for i in range(members[g], members[g + 1]):
            row[points[i], g] = entry
            entry += members[g + 1] - members[g]
    start = np.zeros(n + 1, dtype=np.int32)
    most = ride_s.size + link_s.size
    to, via = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    cost_s = np.empty(most, dtype=np.float32)
    size = 0
    for p in range(n):
        for g in range(groups):
            if row[p, g] < 0:
                continue
            for j in range(members[g], members[g + 1]):
                seconds = ride_s[row[p, g] + j - members[g]]
                if seconds < NEVER_S and points[j] != p:
                    to[size], cost_s[size], via[size] = points[j], seconds, -1 - g
                    size += 1
        for k in range(link_start[p], link_start[p + 1]):
            if link_s[k] < NEVER_S:
                to[size], cost_s[size], via[size] = link_to[k], link_s[k], k
                size += 1
        start[p + 1] = size
    return start, to[:size], cost_s[:size], via[:size]


@njit(cache=True, nogil=True)
def _turned(start, to, cost_s, via):  # type: ignore[no-untyped-def]
    """Edges by the point that they lead to, in their order."""
    n = start.size - 1
    first = np.zeros(n + 1, dtype=np.int32)
    for k in range(to.size):
        first[to[k] + 1] += 1
    for p in range(n):
        first[p + 1] += first[p]
    place = first[:-1].copy()
    origin, cost, which = np.empty_like(to), np.empty_like(cost_s), np.empty_like(via)
    for p in range(n):
        for k in range(start[p], start[p + 1]):
            at = place[to[k]]
            place[to[k]] += 1
            origin[at], cost[at], which[at] = p, cost_s[k], via[k]
    return first, origin, cost, which


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
        size = push(keys, items, np.int64(0), 0.0, np.int32(origin))
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
