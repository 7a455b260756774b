"""Walking on a street graph where one is given, on open ground elsewhere; drop-in for :class:`Ground`.

A place is on the graph if a node of its own side is within SNAP_M of it. Two places on the graph walk by street: to
the nearest node, along the shortest way, and from the last node. All other pairs walk as :class:`Ground` says.
Streets that lead from one side to the other are cut, so nobody walks across the boundary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from corridor.core.arrays import BOOL, F32, F64, I32, U8
from corridor.core.csr import least_of_pairs, row_starts
from corridor.core.errors import LayerError
from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.network.streets import StreetGraph
from corridor.network.walk import Ground, Points

SNAP_M = 250.0
PIECE_M = 1_000.0  # a piece with less street than this is an enclosed yard or a slip of the map: nobody starts there

Entries = tuple[I32, I32, F32]  # row, target and value of each


@dataclass(frozen=True, eq=False)
class Streets:
    """The compiled graph as one ground uses it: streets within one side, and the nodes a place may start from.

    Attributes
    ----------
    pieces
        Separate pieces in use; nobody walks by street from one to another.
    cut
        Streets cut at the boundary.
    """

    graph: StreetGraph
    length_m: F64  # of each street, infinite where it leads to the other side
    code: U8  # side of each node, 0 where nobody starts
    usable: Mapping[int, tuple[I32, Any]]  # by side: nodes and their KD-tree
    pieces: int
    cut: int

    def snap(self, points: Points, code: U8) -> Snapped:
        """The nearest node of each place's own side within SNAP_M, as the crow flies.

        Parameters
        ----------
        points
            Places in EPSG:4547 metres.
        code
            Shape (place,): 1 or 2, the number of its side on the ground.
        """
        node = np.full(code.size, -1, dtype=np.int32)
        away_m = np.full(code.size, np.inf)
        for side, (nodes, tree) in self.usable.items():
            mine = np.flatnonzero(code == side)
            if mine.size:
                xy = np.column_stack([points.x_m[mine], points.y_m[mine]])
                metres, at = tree.query(xy, distance_upper_bound=SNAP_M)
                near = np.isfinite(metres)
                node[mine[near]] = nodes[at[near]]
                away_m[mine[near]] = metres[near]
        return Snapped(node, away_m)


class Snapped(NamedTuple):
    """Places on the graph: the node of each (-1: not on it) and the metres to it."""

    node: I32
    away_m: F64


@dataclass(frozen=True)
class StreetGround(Ground):
    """Ground with streets on a part of it."""

    streets: Streets

    @classmethod
    def of(cls, ground: Ground, graph: StreetGraph) -> StreetGround:
        """Lay a street graph over the ground.

        Raises
        ------
        LayerError
            Where no node of the graph is on land of the ground.
        """
        code = sides_of_nodes(ground, graph)
        if not code.any():
            raise LayerError.at(
                "street graph",
                "no node is on land of the study area",
                "streets of the study area, longitude and latitude",
                "choose another area, or swap x and y",
            )
        own = {f.name: getattr(ground, f.name) for f in fields(Ground)}
        return cls(**own, streets=_laid(graph, code))

    def distances(
        self, origins: Points, targets: Points, limit_m: float, coarsen: int = 1
    ) -> tuple[I32, I32, F32]:
        """As :meth:`Ground.distances`, by street where both ends are on the graph.

        Distances are those of open ground: `walk_detour` metres by street count as one, so that both give the same
        seconds for the same walk, and `limit_m` means the same time.
        """
        start, target, metres = super().distances(origins, targets, limit_m, coarsen)
        by_street = self._by_street(origins, targets, start, target, limit_m)
        if by_street is None:
            return start, target, metres
        row, on, street = by_street
        return _rows(len(origins.region), (row[~on], target[~on], metres[~on]), street)

    def reach(self, origins: Points, targets: Points, limit_m: float) -> tuple[I32, I32, F32]:
        """Seconds on foot or by feeder, whichever is sooner; CSR rows within `limit_m` of open ground.

        The streets are for walkers: a feeder takes as long as without them.
        """
        start, target, metres = super().distances(origins, targets, limit_m)
        seconds = self.parameters.reach_s(metres)
        walk_m = min(limit_m, self.parameters.walk_limit_m)
        by_street = self._by_street(origins, targets, start, target, walk_m)
        if by_street is None:
            return start, target, seconds
        row, on, (by_row, by_target, by_metres) = by_street
        seconds[on] = self.parameters.feeder_s(metres[on])
        street = by_row, by_target, self.parameters.walk_s(by_metres)
        return _rows(len(origins.region), (row, target, seconds), street)

    def _by_street(
        self, origins: Points, targets: Points, start: I32, target: I32, limit_m: float
    ) -> tuple[I32, BOOL, Entries] | None:
        """What streets change of CSR rows over open ground; None where no pair is on the graph.

        The row of each entry, whether both of its ends are on the graph; and the entries by street, in metres of open
        ground.
        """
        a = self.streets.snap(origins, self.codes(origins.region))
        b = self.streets.snap(targets, self.codes(targets.region))
        if not ((a.node >= 0).any() and (b.node >= 0).any()):
            return None
        detour = self.parameters.walk_detour
        by_start, by_target, metres = street_distances(self.streets, a, b, limit_m * detour)
        each = np.arange(a.node.size, dtype=np.int32)
        row = np.repeat(each, np.diff(start))
        on = (a.node[row] >= 0) & (b.node[target] >= 0)
        return row, on, (np.repeat(each, np.diff(by_start)), by_target, (metres / detour).astype(np.float32))


def _rows(n: int, *entries: Entries) -> tuple[I32, I32, F32]:
    """CSR rows in order of target; of several values of one pair the least."""
    row, target, value = least_of_pairs(*(np.concatenate(part) for part in zip(*entries, strict=True)))
    return row_starts(np.bincount(row, minlength=n)), target, value


def street_distances(
    streets: Streets, origins: Snapped, targets: Snapped, limit_m: float
) -> tuple[I32, I32, F64]:
    """Metres by street from each origin to each target.

    Parameters
    ----------
    streets
        The compiled streets of a ground.
    origins, targets
        The node of each place and the metres to it.
    limit_m
        The longest walk by street, ways to and from the nodes included.

    Returns
    -------
    start, target, metres
        CSR rows: the targets of origin i are ``target[start[i]:start[i + 1]]``.
    """
    graph, on = streets.graph, np.flatnonzero(targets.node >= 0)
    at = on[np.argsort(targets.node[on], kind="stable")].astype(np.int32)
    place_start = row_starts(np.bincount(targets.node[on], minlength=graph.nodes))
    start, target, metres = _street_rows(
        graph.start,
        graph.neighbour,
        streets.length_m,
        *origins,
        place_start,
        at,
        targets.away_m,
        float(limit_m),
    )
    return start, target, metres


def sides_of_nodes(ground: Ground, graph: StreetGraph) -> U8:
    """The side of each node: that of the land below it; on bridges and in tunnels that of the nearest land by street.

    0 where no street leads to land.
    """
    col = np.floor((graph.x_m - ground.x0_m) / ground.cell_m)
    row = np.floor((graph.y_m - ground.y0_m) / ground.cell_m)
    inside = (row >= 0) & (col >= 0) & (row < ground.land.shape[0]) & (col < ground.land.shape[1])
    code = np.zeros(graph.nodes, dtype=np.uint8)
    code[inside] = ground.land[row[inside].astype(int), col[inside].astype(int)]
    for i in np.flatnonzero(inside & (code == 0)):
        region = ground.region_at(float(graph.x_m[i]), float(graph.y_m[i]))
        code[i] = ground.code(region)
    known = np.flatnonzero(code)
    if not known.size or known.size == code.size:
        return code
    _, _, source = dijkstra(
        _matrix(graph, graph.length_m), indices=known, min_only=True, return_predecessors=True
    )
    code[source >= 0] = code[source[source >= 0]]
    return code


def _laid(graph: StreetGraph, code: U8) -> Streets:
    row = np.repeat(np.arange(graph.nodes), np.diff(graph.start))
    crossing = code[row] != code[graph.neighbour]
    length = np.where(crossing, np.inf, graph.length_m)
    _, piece = connected_components(_matrix(graph, length), directed=False)
    street_m = np.bincount(piece[row], weights=np.where(crossing, 0.0, length)) / 2.0
    # the last pieces may be single nodes without a street, which bincount leaves out
    street_m = np.pad(street_m, (0, int(piece.max()) + 1 - street_m.size))
    # a graph shorter than PIECE_M altogether still has its largest piece to start from
    starts = np.where(street_m[piece] >= min(PIECE_M, float(street_m.max())), code, 0).astype(np.uint8)
    usable: dict[int, tuple[I32, Any]] = {}
    for side in (1, 2):  # as on the ground
        nodes = np.flatnonzero(starts == side).astype(np.int32)
        if nodes.size:
            usable[side] = (nodes, cKDTree(np.column_stack([graph.x_m[nodes], graph.y_m[nodes]])))
    return Streets(
        graph, length, starts, usable, int(np.unique(piece[starts > 0]).size), int(crossing.sum()) // 2
    )


def _matrix(graph: StreetGraph, length_m: F64) -> csr_array:
    """The streets of finite length as a sparse matrix; a length of 0 counts as a millimetre, which scipy can see."""
    finite = np.isfinite(length_m)
    # 32 bits as the neighbours have: with others, SciPy before 1.13 finds no ways
    row = np.repeat(np.arange(graph.nodes, dtype=np.int32), np.diff(graph.start))[finite]
    return csr_array(
        (np.maximum(length_m[finite], 1e-3), (row, graph.neighbour[finite])), shape=(graph.nodes, graph.nodes)
    )


@njit(cache=True, nogil=True)
def _street_rows(start, neighbour, length, node, away, place_start, place, place_away, limit_m):  # type: ignore[no-untyped-def]
    """For each source a search limited to `limit_m`; a binary heap with lazy deletion."""
    n_nodes = start.size - 1
    dist = np.full(n_nodes, np.inf)
    reached = np.empty(n_nodes, dtype=np.int32)
    # each node is settled once and looks at each of its streets once, so no heap grows beyond this
    key = np.empty(neighbour.size + 1, dtype=np.float64)
    item = np.empty(neighbour.size + 1, dtype=np.int32)
    rows = np.zeros(node.size + 1, dtype=np.int32)
    target = np.empty(1024, dtype=np.int32)
    metres = np.empty(1024, dtype=np.float64)
    count = 0
    for i in range(node.size):
        if node[i] >= 0 and away[i] <= limit_m:
            settled = _search(start, neighbour, length, node[i], limit_m - away[i], dist, reached, key, item)
            for k in range(settled):
                at = reached[k]
                for b in range(place_start[at], place_start[at + 1]):
                    total = away[i] + dist[at] + place_away[place[b]]
                    if total > limit_m:
                        continue
                    if count == target.size:
                        target = np.concatenate((target, np.empty_like(target)))
                        metres = np.concatenate((metres, np.empty_like(metres)))
                    target[count] = place[b]
                    metres[count] = total
                    count += 1
            for k in range(
                settled
            ):  # to clear the whole array for each source would take longer than the search
                dist[reached[k]] = np.inf
        rows[i + 1] = count
    return rows, target[:count].copy(), metres[:count].copy()


@njit(cache=True, nogil=True)
def _search(start, neighbour, length, source, limit, dist, reached, key, item):  # type: ignore[no-untyped-def]
    """Dijkstra's search from one node up to a limit; returns how many nodes of `reached` it filled.

    `dist` is infinite everywhere on entry; every node it sets is listed in `reached`.
    """
    dist[source] = 0.0
    reached[0] = source
    found = 1
    key[0] = 0.0
    item[0] = source
    size = 1
    while size > 0:
        least = key[0]
        at = item[0]
        size = pop(key, item, size)
        if least > dist[at]:
            continue
        for e in range(start[at], start[at + 1]):
            there = neighbour[e]
            new = least + length[e]
            if new <= limit and new < dist[there]:
                if dist[there] == np.inf:
                    reached[found] = there
                    found += 1
                dist[there] = new
                size = push(key, item, size, new, there)
    return found
