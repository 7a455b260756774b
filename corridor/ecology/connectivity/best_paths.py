"""Best paths over links between patches, and how much longer they get without each patch: compiled searches.

The worth of a patch needs every best path anew without it. Here only the paths that led over it are sought again: in the
tree of best paths from i, losing k changes those of the branch behind k alone (repair as of Ramalingam and Reps 1996).
The path round k is measured as a detour, what it costs beyond the best path: links dearer than the longest detour that can
occur are left out, and few remain.

Compiled searches take the arrays of :class:`Links`. A decay below 0 marks the integral index: a pair counts
1 / (1 + length) instead of exp(-decay length).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.heap import pop, push
from corridor.core.jit import njit

Floats = NDArray[np.float64]
HOPS = -1.0
"""In place of a decay: the weight of a path is 1 / (1 + length), for IIC."""
NEAREST = 32
"""So many links of a patch, the shortest, are tried as the first step of a path round another link."""


@dataclass(frozen=True, eq=False)
class Links:
    """Links as arcs: those of the i-th patch are ``start[i]`` to ``start[i + 1]`` of ``neighbour`` and ``length`` (m, ascending)."""

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    length: Floats

    @classmethod
    def of(cls, nodes: int, a: NDArray[np.int64], b: NDArray[np.int64], length: Floats) -> Links:
        """Links of patches by position, each at both of its ends; the shortest of several, none for an infinite one.

        Parameters
        ----------
        nodes
            How many patches there are.
        a, b
            The two patches of each link, positions from 0, in either order.
        length
            Its length (m); infinite for a cut link.
        """
        key = np.minimum(a, b) * nodes + np.maximum(a, b)
        order = np.lexsort((length, key))
        kept = np.isfinite(length[order]) & np.insert(np.diff(key[order]) != 0, 0, True)[: key.size]
        low, high = np.divmod(key[order][kept], nodes)
        length = np.tile(length[order][kept], 2)
        tail, head = np.concatenate([low, high]), np.concatenate([high, low])
        order = np.lexsort((length, tail))
        start = np.searchsorted(tail[order], np.arange(nodes + 1)).astype(np.int64)
        return cls(start, head[order].astype(np.int32), length[order])

    def within(self, limit_m: float) -> Links:
        """The links no longer than a limit (m), each of length 1: path lengths are then numbers of links, as IIC needs."""
        return self._only(self.length <= limit_m, np.ones(self.length.size))

    @cached_property
    def for_paths(self) -> Links:
        """Without the links that no best path needs.

        A link is left out where a path of two links, each shorter, is no longer than it. These two may be left out in turn, where
        links shorter still replace them: by induction over length every best path keeps its length.
        """
        return self._only(self._rounds < 1, self.length)

    @cached_property
    def for_losses(self) -> Links:
        """Without the links that no best path needs, whichever single patch is lost.

        As :attr:`for_paths`, but with two paths round, over different patches: the loss of one leaves the other.
        """
        return self._only(self._rounds < 2, self.length)

    @cached_property
    def _rounds(self) -> NDArray[np.int32]:
        """How many paths of two links, each shorter and together no longer, lead round each link."""
        nodes = self.start.size - 1
        tail = np.repeat(np.arange(nodes), np.diff(self.start))
        key, back = tail * nodes + self.neighbour, self.neighbour * np.int64(nodes) + tail
        order = np.argsort(key)
        found = np.asarray(paths_round(self.start, self.neighbour, self.length))
        # each end of a link counts for itself, and both are lower bounds: the larger one holds for both arcs
        return np.asarray(np.maximum(found, found[order[np.searchsorted(key[order], back)]]))

    def _only(self, kept: NDArray[np.bool_], length: Floats) -> Links:
        start = np.concatenate([[0], np.cumsum(kept)])[self.start]
        return Links(start, self.neighbour[kept], length[kept])


@njit(cache=True, nogil=True)
def paths_round(start: Any, neighbour: Any, length: Any) -> Any:
    """For each arc, how many patches lead round it: two links, each shorter, together no longer (at least so many).

    Parameters
    ----------
    start, neighbour, length
        The arcs, as of :class:`Links`.

    Returns
    -------
    numpy.ndarray
        int32, one count an arc. A lower bound: only the :data:`NEAREST` shortest links of a patch are tried as a first step.
        The two arcs of one link can have different counts, because the search begins at different ends.
    """
    nodes = start.size - 1
    out = np.empty(length.size, np.int32)
    for a in range(nodes):
        direct, found = np.full(nodes, np.inf), np.zeros(nodes, np.int32)
        direct[a] = 0.0
        mine = slice(start[a], start[a + 1])
        for e in range(start[a], start[a + 1]):
            direct[neighbour[e]] = length[e]
        for e in range(start[a], min(start[a + 1], start[a] + NEAREST)):
            for f in range(start[neighbour[e]], start[neighbour[e] + 1]):
                whole = direct[neighbour[f]]
                if length[e] < whole and length[f] < whole and length[e] + length[f] <= whole:
                    found[neighbour[f]] += 1
        out[mine] = found[neighbour[mine]]
    return out


@njit(cache=True, nogil=True)
def _weight(length: float, decay: float) -> float:
    """What a pair counts with at a length of its way: exp(-k d), or 1 / (1 + links)."""
    return 1.0 / (1.0 + length) if decay < 0 else np.exp(-decay * length)


@njit(cache=True, nogil=True)
def _paths(start: Any, neighbour: Any, length: Any, source: int, best: Any, parent: Any, order: Any,
          heap_key: Any, heap_node: Any) -> int:  # fmt: skip
    """Best paths from a source (Dijkstra 1959): lengths, the tree, nodes as they were reached; how many."""
    best[:] = np.inf
    best[source], parent[source] = 0.0, -1
    size, reached = push(heap_key, heap_node, 0, 0.0, source), 0
    while size > 0:
        key, at = heap_key[0], heap_node[0]
        size = pop(heap_key, heap_node, size)
        # entries are never lowered in the heap: a node reached by a shorter path leaves its old entry behind
        if key > best[at]:
            continue
        order[reached] = at
        reached += 1
        for e in range(start[at], start[at + 1]):
            there = key + length[e]
            to = neighbour[e]
            if there < best[to]:
                best[to], parent[to] = there, at
                size = push(heap_key, heap_node, size, there, to)
    return reached


@njit(cache=True, nogil=True)
def block_sums(start: Any, neighbour: Any, length: Any, area: Any, decay: Any, first: int, last: int) -> Any:
    """The terms of the numerator of PC or IIC whose first patch is in a block: sum_i sum_j a_i a_j p*_ij.

    Parameters
    ----------
    start, neighbour, length
        The arcs, as of :class:`Links` (m, or links for the integral index).
    area
        a by patch.
    decay
        Each k (1/m) to sum for, or :data:`HOPS`. One search serves all: the best path is the same whatever k is.
    first, last
        Sources ``first`` to ``last - 1``.

    Returns
    -------
    numpy.ndarray
        One sum a decay, area squared; i = j counts with p* = 1.
    """
    n = area.size
    best, parent, order = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32)
    heap_key, heap_node = np.empty(length.size + 2), np.empty(length.size + 2, np.int32)
    out = np.zeros(decay.size)
    for source in range(first, last):
        reached = _paths(start, neighbour, length, source, best, parent, order, heap_key, heap_node)
        for d in range(decay.size):
            total = 0.0
            for r in range(reached):
                total += area[order[r]] * _weight(best[order[r]], decay[d])
            out[d] += area[source] * total
    return out


ABOVE, DEPTH, SIZE = 0, 1, 2
"""Rows of a tree: place of the node above, links from the source, nodes of the branch with the node itself."""


@njit(cache=True, nogil=True)
def _branches(order: Any, parent: Any, tree: Any, place: Any, walk: Any) -> Any:
    """Nodes in an order in which each branch is one stretch: their places, the tree by place.

    The result is where each node's row of detours starts, one entry for each depth above it, and where the last ends.
    """
    n = order.size
    size, used = np.ones(parent.size, np.int32), np.ones(parent.size, np.int32)
    for r in range(n - 1, 0, -1):
        size[parent[order[r]]] += size[order[r]]
    place[order[0]], walk[0] = 0, order[0]
    tree[ABOVE, 0], tree[DEPTH, 0], tree[SIZE, 0] = -1, 0, n
    for r in range(1, n):
        node, above = order[r], parent[order[r]]
        p = place[above] + used[above]
        used[above] += size[node]
        place[node], walk[p] = p, node
        tree[ABOVE, p], tree[DEPTH, p], tree[SIZE, p] = (
            place[above],
            tree[DEPTH, place[above]] + 1,
            size[node],
        )
    offset = np.zeros(n + 1, np.int64)
    for p in range(n):
        offset[p + 1] = offset[p] + tree[DEPTH, p]
    return offset


@njit(cache=True, nogil=True)
def _entries(start: Any, neighbour: Any, length: Any, tree: Any, walk: Any, place: Any, dist: Any, offset: Any,
             detour: Any) -> None:  # fmt: skip
    """The least detour by which each node is entered from outside each branch that it is in.

    Nodes are named by their place. The last link (u, j) of a way past an ancestor k of j comes from outside the branch
    of k where the lowest common ancestor of u and j is above k: detour[offset[j] + depth of k] is the least of
    dist u + link - dist j over all such u.
    """
    low, high = np.empty(walk.size, np.int32), np.empty(walk.size, np.int32)
    for p in range(walk.size):
        depth = tree[DEPTH, p]
        low[depth], high[depth] = p, p + tree[SIZE, p]
        row = detour[offset[p] : offset[p] + depth]
        row[:] = np.inf
        if depth < 2:
            continue
        for e in range(start[walk[p]], start[walk[p] + 1]):
            q = place[neighbour[e]]
            extra = dist[q] + length[e] - dist[p]
            # what enters from outside the outermost branch enters every branch inside it: a longer detour helps nowhere
            if extra >= row[1] or low[depth] <= q < high[depth]:
                continue
            # ancestors are nested stretches of places: halving finds the lowest one that holds the other end
            above, below = 0, depth
            while below - above > 1:
                middle = (above + below) >> 1
                if low[middle] <= q < high[middle]:
                    above = middle
                else:
                    below = middle
            if above + 1 < depth:
                row[above + 1] = min(row[above + 1], extra)
        for d in range(2, depth):
            row[d] = min(row[d], row[d - 1])


@njit(cache=True, nogil=True)
def _worst(tree: Any, offset: Any, detour: Any, worst: Any, bound: Any) -> None:
    """The longest detour behind each node when it is gone (no link that costs more can help), and behind any above."""
    n = tree.shape[1]
    worst[:n], bound[:n] = 0.0, 0.0
    for p in range(1, n):
        k = tree[ABOVE, p]
        if k > 0:
            worst[k] = max(worst[k], detour[offset[p] + tree[DEPTH, k]])
    for p in range(1, n):
        k = tree[ABOVE, p]
        if k > 0:
            bound[p] = max(bound[k], worst[k])


@njit(cache=True, nogil=True)
def _useful(start: Any, neighbour: Any, length: Any, tree: Any, walk: Any, place: Any, dist: Any, bound: Any,
            arc: Any, head: Any, extra: Any) -> None:  # fmt: skip
    """Links on which a detour can be carried on to another node: those that cost less than the longest detour."""
    used = 0
    for p in range(walk.size):
        arc[p] = used
        if bound[p] == 0:
            continue
        for e in range(start[walk[p]], start[walk[p] + 1]):
            q = place[neighbour[e]]
            more = dist[p] + length[e] - dist[q]
            if more < bound[p] and tree[DEPTH, q] > 1:
                head[used], extra[used] = q, more
                used += 1
    arc[walk.size] = used


@njit(cache=True, nogil=True)
def _without(k: int, tree: Any, offset: Any, detour: Any, arc: Any, head: Any, extra: Any, delta: Any, queue: Any,
             waiting: Any) -> None:  # fmt: skip
    """How much longer the way to each node behind ``k`` is when ``k`` is gone, into ``delta``."""
    first, last, depth = k + 1, k + tree[SIZE, k], tree[DEPTH, k]
    room, length, head_at = queue.size, 0, 0  # a ring: each node waits in it at most once
    for p in range(first, last):
        above = tree[ABOVE, p]
        entry = detour[offset[p] + depth]
        delta[p] = entry if above == k else min(entry, delta[above])
    # one sweep in the order of places settles nearly all; only detours that lead back up are queued
    for p in range(first, last):
        if delta[p] < np.inf:
            for e in range(arc[p], arc[p + 1]):
                q = head[e]
                if delta[p] + extra[e] < delta[q] and first <= q < last:
                    delta[q] = delta[p] + extra[e]
                    if q < p and not waiting[q]:
                        queue[(head_at + length) % room], waiting[q] = q, True
                        length += 1
    while length > 0:
        p = queue[head_at]
        head_at, length, waiting[p] = (head_at + 1) % room, length - 1, False
        for e in range(arc[p], arc[p + 1]):
            q = head[e]
            if delta[p] + extra[e] < delta[q] and first <= q < last:
                delta[q] = delta[p] + extra[e]
                if not waiting[q]:
                    queue[(head_at + length) % room], waiting[q] = q, True
                    length += 1


@njit(cache=True, nogil=True)
def _loss(length: float, weight: float, more: float, decay: float) -> float:
    """What a pair of some weight loses when its way gets longer."""
    return weight - 1.0 / (1.0 + length + more) if decay < 0 else -weight * np.expm1(-decay * more)


@njit(cache=True, nogil=True)
def _add_connectors(source_area: float, tree: Any, offset: Any, detour: Any, arc: Any, head: Any, extra: Any,
                    worst: Any, dist: Any, area: Any, weight: Any, decay: Any, walk: Any, out: Any) -> None:  # fmt: skip
    """Add to each node what the pairs of one source lose without it."""
    n = walk.size
    delta, queue, waiting = np.empty(n), np.empty(n, np.int32), np.zeros(n, np.bool_)
    for k in range(1, n):
        if worst[k] == 0:
            continue
        _without(k, tree, offset, detour, arc, head, extra, delta, queue, waiting)
        for d in range(decay.size):
            lost = 0.0
            for p in range(k + 1, k + tree[SIZE, k]):
                if delta[p] > 0:
                    lost += area[p] * _loss(dist[p], weight[d, p], delta[p], decay[d])
            out[d, walk[k]] += source_area * lost


@njit(cache=True, nogil=True)
def block_importance(
    start: Any, neighbour: Any, length: Any, area: Any, decay: Any, first: int, last: int
) -> Any:
    """Intra, flux, connector and numerator by patch, over a block of sources.

    Parameters
    ----------
    start, neighbour, length, area, decay, first, last
        As in :func:`block_sums`.

    Returns
    -------
    numpy.ndarray
        Shape (decay, 4, patch), area squared. By patch k: intra a_k^2; flux 2 a_k a_j p*_kj over all other j; connector,
        what pairs of the other patches lose without k; and the terms of the numerator with k as first patch, whose sum
        over all patches is the whole numerator. Blocks add up.

    References
    ----------
    Saura and Rubio 2010, Ecography 33:523-537 (the three shares).
    """
    n = area.size
    best, parent, order = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32)
    heap_key, heap_node = np.empty(length.size + 2), np.empty(length.size + 2, np.int32)
    place, walk, tree = np.empty(n, np.int32), np.empty(n, np.int32), np.empty((3, n), np.int32)
    worst, bound, detour = np.empty(n), np.empty(n), np.empty(0)
    arc, head, extra = np.empty(n + 1, np.int64), np.empty(length.size, np.int32), np.empty(length.size)
    out = np.zeros((decay.size, 4, n))
    for source in range(first, last):
        if area[source] == 0:
            continue
        reached = _paths(start, neighbour, length, source, best, parent, order, heap_key, heap_node)
        # by place a branch is one stretch of memory: what the loss of a patch changes is then a slice, not a search
        offset = _branches(order[:reached], parent, tree[:, :reached], place, walk)
        if offset[reached] > detour.size:
            detour = np.empty(offset[reached])
        nodes, part = walk[:reached], tree[:, :reached]
        dist, share = best[nodes], area[nodes]
        weight = np.empty((decay.size, reached))
        for d in range(decay.size):
            for p in range(reached):
                weight[d, p] = _weight(dist[p], decay[d])
            flux = area[source] * (share[1:] * weight[d, 1:]).sum()
            out[d, 0, source] = area[source] ** 2
            out[d, 1, source] = 2 * flux
            out[d, 3, source] = area[source] ** 2 + flux
        _entries(start, neighbour, length, part, nodes, place, dist, offset, detour)
        _worst(part, offset, detour, worst, bound)
        _useful(start, neighbour, length, part, nodes, place, dist, bound, arc, head, extra)
        _add_connectors(area[source], part, offset, detour, arc, head, extra, worst, dist, share, weight,
                        decay, nodes, out[:, 2])  # fmt: skip
    return out
