"""A circuit reduced to its terminals, every other node eliminated: nested dissection and multifrontal Cholesky.

A line of cells parts the raster in two; the halves are parted again, down to a few cells (George 1973). Cells of
a part are eliminated before those of the lines around it, so that a part is felt through the lines alone: a small
dense matrix, its *front* (Duff and Reid 1983). Conductances that change touch the fronts of their own part and those
above; all other parts are kept. No linear algebra library is called: its threads get in each other's way on a machine
that is shared, and the loops here are as fast on one core.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import njit
from corridor.ecology.circuits.graph import CircuitGraph

LEAF_CELLS = 20
"""Parts of so many cells are not parted further: measured, smaller ones cost calls, larger ones arithmetic."""
SMALL_FRONT = 200
"""A part whose fronts are all up to this size is worked on in one go; each larger front by itself."""
STRIP = 512
"""Columns of a front worked on together: eight rows of them stay in the fastest memory."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Dissection:
    """The order of elimination, a tree of fronts in postorder; a front stands after all those below it.

    ``position`` of each node (-1: not in the circuit), terminals last; front f owns the positions
    ``own[f]:own[f + 1]`` and touches the later positions ``border[reach[f]:reach[f + 1]]``. ``parts`` are ranges of
    fronts (first, last + 1): trees of small fronts, of ``height`` 0, and single large ones above what they need.
    """

    terminals: NDArray[np.int64]
    position: Ints
    node_at: Ints
    own: NDArray[np.int64]
    reach: NDArray[np.int64]
    border: Ints
    parent: Ints
    first_child: Ints
    next_child: Ints
    parts: NDArray[np.int64]
    height: NDArray[np.int64]

    @cached_property
    def factor_start(self) -> NDArray[np.int64]:
        """Where the factor of each front begins, in numbers; the last is the size of all."""
        own, border = np.diff(self.own), np.diff(self.reach)
        return np.concatenate([[0], np.cumsum((own + border) * own)])

    def touched(self, front: int) -> Ints:
        """The later positions that a front touches."""
        return self.border[self.reach[front] : self.reach[front + 1]]

    def children(self, front: int) -> Iterable[int]:
        """The fronts right below one."""
        child = int(self.first_child[front])
        while child >= 0:
            yield child
            child = int(self.next_child[child])


def dissection(graph: CircuitGraph, terminals: NDArray[np.int64]) -> Dissection:
    """The order of elimination of all nodes that a terminal can be reached from, the terminals last."""
    of_node = reached(graph, terminals)
    cells = np.append(of_node, False)[graph.node_of]
    front_of_cell, parent, depth = _parted(cells, LEAF_CELLS)
    front = _front_of_node(graph.node_of.ravel(), front_of_cell.ravel(), parent, depth, graph.nodes)
    fronts = parent.size
    front[terminals] = fronts
    front[~of_node] = fronts + 1
    node_at = np.argsort(front, kind="stable")[: int(of_node.sum())].astype(np.int32)
    position = np.full(graph.nodes, -1, dtype=np.int32)
    position[node_at] = np.arange(node_at.size)
    position[terminals] = node_at.size - terminals.size + np.arange(terminals.size)
    node_at[node_at.size - terminals.size :] = terminals
    own = np.concatenate([[0], np.cumsum(np.bincount(front, minlength=fronts + 2)[:fronts])]).astype(np.int64)
    first_child, next_child = _children(parent)
    reach, border = _borders(own, node_at, position, graph.start, graph.neighbour, first_child, next_child)
    parts, height = _parts(np.diff(own) + np.diff(reach), parent, SMALL_FRONT)
    return Dissection(
        terminals, position, node_at, own, reach, border, parent, first_child, next_child, parts, height
    )


@dataclass(frozen=True, eq=False)
class Elimination:
    """All nodes but the terminals eliminated, on an order of elimination that may serve several circuits.

    ``factors`` of each part, ``updates`` what each part of height 0 leaves, ``schur`` the Laplacian (siemens) of
    a network of the terminals alone that acts as the whole circuit does.
    """

    graph: CircuitGraph
    order: Dissection
    factors: list[Floats]
    updates: dict[int, Floats]
    schur: Floats

    @classmethod
    def of(cls, graph: CircuitGraph, terminals: NDArray[np.int64]) -> Elimination:
        """The elimination of a circuit from scratch."""
        order = dissection(graph, terminals)
        return cls._of(
            graph, order, [np.zeros(0)] * len(order.parts), {}, np.ones(len(order.parts), np.bool_)
        )

    def again(self, graph: CircuitGraph) -> Elimination:
        """The elimination of a circuit of the same nodes and resistors, some of other conductance or of none."""
        order = self.order
        stale = order.height > 0
        at = order.position[_touched(self.graph, graph, order.terminals)]
        front = np.searchsorted(order.own, at[at >= 0], side="right") - 1
        front = front[front < order.own.size - 1]  # the rest are terminals
        stale[np.searchsorted(order.parts[:, 1], front, side="right")] = True
        return self._of(graph, order, list(self.factors), dict(self.updates), stale)

    @classmethod
    def _of(
        cls,
        graph: CircuitGraph,
        order: Dissection,
        factors: list[Floats],
        updates: dict[int, Floats],
        stale: NDArray[np.bool_],
    ) -> Elimination:
        diagonal, weight = _matrix(graph, order.terminals)
        tree = (order.own, order.reach, order.border, order.node_at, order.position)
        circuit = (graph.start, graph.neighbour, weight, diagonal)
        left = dict(updates)

        def part(i: int) -> None:
            begin, end = (int(f) for f in order.parts[i])
            factors[i], updates[end - 1] = _eliminate_part(
                begin, end, order.factor_start, *tree, *circuit, order.first_child, order.next_child
            )
            left[end - 1] = updates[end - 1]

        def large(i: int) -> None:
            front = int(order.parts[i, 0])
            n, m = order.own[front + 1] - order.own[front], order.touched(front).size
            whole, local = np.zeros((n + m, n + m)), np.zeros(order.position.size, dtype=np.int32)
            _assemble(front, whole, local, *tree, *circuit)
            for child in order.children(front):
                _extend(whole, left.pop(child), local, order.touched(child))
            _eliminate(whole, n, np.empty(8 * STRIP))
            factors[i], left[front] = whole[:, :n].ravel(), whole[n:, n:].copy()

        side_by_side(part, np.flatnonzero(stale & (order.height == 0)))
        for height in range(1, int(order.height.max(initial=0)) + 1):
            side_by_side(large, np.flatnonzero(order.height == height))
        return cls(graph, order, factors, updates, _reduced(order, *circuit, left))

    @cached_property
    def potentials(self) -> Floats:
        """Voltage of each node (rows) when one terminal (columns) is at 1 V and the others at 0 V.

        0 for nodes that no terminal can be reached from.
        """
        order = self.order
        k = order.terminals.size
        x = np.zeros((order.node_at.size, k))
        x[order.node_at.size - k :] = np.eye(k)

        def back(i: int) -> None:
            begin, end = (int(f) for f in order.parts[i])
            _substitute_part(
                begin, end, order.factor_start, order.own, order.reach, order.border, self.factors[i], x
            )

        for height in range(int(order.height.max(initial=0)), -1, -1):
            side_by_side(back, np.flatnonzero(order.height == height))
        out = np.zeros((self.graph.nodes, k))
        out[order.node_at] = x
        return out


def side_by_side(work: Callable[[int], None], parts: NDArray[np.intp]) -> None:
    """Work on parts side by side."""
    if parts.size < 2:
        for i in parts.tolist():
            work(i)
        return
    with ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1))) as pool:
        list(pool.map(work, parts.tolist()))


def reached(graph: CircuitGraph, terminals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Nodes that any terminal can be reached from."""
    parts = np.zeros(int(graph.component.max(initial=-1)) + 1, dtype=np.bool_)
    parts[graph.component[terminals]] = True
    return np.asarray(parts[graph.component])


def _matrix(graph: CircuitGraph, terminals: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Diagonal and weights; nodes that no terminal can be reached from stand alone with 1 on the diagonal."""
    dead = ~reached(graph, terminals)
    edges = np.diff(graph.start)
    weight = graph.conductance
    if dead.any() and weight[np.repeat(dead, edges)].any():
        weight = np.where(np.repeat(dead, edges), 0.0, weight)
    diagonal = np.add.reduceat(np.append(weight, 0.0), graph.start[:-1])
    diagonal[edges == 0] = 0.0
    diagonal[dead] = 1.0
    return diagonal, weight


def _touched(before: CircuitGraph, after: CircuitGraph, terminals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nodes with a resistor of another conductance, or that terminals can be reached from in one circuit alone."""
    edges = np.flatnonzero(before.conductance != after.conductance)
    near = np.searchsorted(before.start, edges, side="right") - 1
    cut = np.flatnonzero(reached(before, terminals) != reached(after, terminals))
    return np.unique(np.concatenate([near, cut]))


def _reduced(
    order: Dissection, start: Any, neighbour: Any, weight: Floats, diagonal: Floats, left: dict[int, Floats]
) -> Floats:
    """The Laplacian among terminals: their own resistors and what the eliminated nodes leave."""
    k, first = order.terminals.size, order.node_at.size - order.terminals.size
    out = np.zeros((k, k))
    for i, node in enumerate(order.terminals.tolist()):
        out[i, i] = diagonal[node]
        row = slice(start[node], start[node + 1])
        at = order.position[neighbour[row]] - first
        np.subtract.at(out[i], at[at >= 0], weight[row][at >= 0])
    for front, update in left.items():
        if order.parent[front] < 0:
            at = order.touched(front) - first
            out[np.ix_(at, at)] += np.tril(update) + np.tril(update, -1).T
    return out


@njit(cache=True, nogil=True)
def _parted(live: Any, leaf: int) -> Any:
    """The front of each cell, the parent (-1: none) and the depth of each front; fronts in postorder.

    A part is cut across its longer side, along the line of its middle third that holds the fewest live cells.
    """
    rows, columns = live.shape
    total = np.zeros((rows + 1, columns + 1), dtype=np.int64)
    for i in range(rows):
        for j in range(columns):
            total[i + 1, j + 1] = total[i, j + 1] + total[i + 1, j] - total[i, j] + live[i, j]
    front = np.zeros((rows, columns), dtype=np.int32)
    parent = np.full(2 * rows * columns + 1, -1, dtype=np.int32)
    depth = np.zeros(2 * rows * columns + 1, dtype=np.int32)
    stack = [(0, rows, 0, columns, -1)]
    count = 0
    while len(stack):
        top, bottom, left, right, above = stack.pop()
        me, count = count, count + 1
        parent[me], depth[me] = above, depth[above] + 1 if above >= 0 else 0
        h, w = bottom - top, right - left
        held = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
        if h * w <= leaf or held == 0:
            front[top:bottom, left:right] = me
            continue
        low, high = (top, bottom) if h >= w else (left, right)
        best, line = np.inf, 0
        for i in range(low + (high - low) // 3, high - (high - low) // 3):
            if h >= w:
                on = total[i + 1, right] - total[i, right] - total[i + 1, left] + total[i, left]
            else:
                on = total[bottom, i + 1] - total[top, i + 1] - total[bottom, i] + total[top, i]
            cost = on + 0.5 * abs(2 * i + 1 - low - high) / (high - low)
            if cost < best:
                best, line = cost, i
        if h >= w:
            front[line, left:right] = me
            if line > top:
                stack.append((top, line, left, right, me))
            if line + 1 < bottom:
                stack.append((line + 1, bottom, left, right, me))
        else:
            front[top:bottom, line] = me
            if line > left:
                stack.append((top, bottom, left, line, me))
            if line + 1 < right:
                stack.append((top, bottom, line + 1, right, me))
    # numbered from the root down; turned round, every front comes after those below it
    turned = np.full(count, -1, dtype=np.int32)
    for f in range(count):
        turned[count - 1 - f] = count - 1 - parent[f] if parent[f] >= 0 else -1
    return count - 1 - front, turned, depth[:count][::-1].copy()


@njit(cache=True, nogil=True)
def _front_of_node(node_of: Any, front_of_cell: Any, parent: Any, depth: Any, nodes: int) -> Any:
    """The lowest front at or above those of all cells of a node."""
    front = np.full(nodes, -1, dtype=np.int32)
    for cell in range(node_of.size):
        node = node_of[cell]
        if node < 0:
            continue
        a, b = front[node], front_of_cell[cell]
        while a >= 0 and a != b:
            if depth[a] >= depth[b]:
                a = parent[a]
            else:
                b = parent[b]
        front[node] = b
    return front


@njit(cache=True, nogil=True)
def _children(parent: Any) -> Any:
    first = np.full(parent.size, -1, dtype=np.int32)
    following = np.full(parent.size, -1, dtype=np.int32)
    for f in range(parent.size):
        if parent[f] >= 0:
            following[f] = first[parent[f]]
            first[parent[f]] = f
    return first, following


@njit(cache=True, nogil=True)
def _borders(
    own: Any, node_at: Any, position: Any, start: Any, neighbour: Any, first_child: Any, next_child: Any
) -> Any:
    """The later positions that each front touches, sorted, and where they begin."""
    fronts = own.size - 1
    reach = np.zeros(fronts + 1, dtype=np.int64)
    border = np.zeros(max(4 * node_at.size, 16), dtype=np.int32)
    seen = np.full(node_at.size, -1, dtype=np.int32)
    for f in range(fronts):
        at, last = reach[f], own[f + 1]
        for p in range(own[f], last):
            node = node_at[p]
            for k in range(start[node], start[node + 1]):
                q = position[neighbour[k]]
                if q >= last and seen[q] != f:
                    seen[q] = f
                    if at == border.size:
                        border = np.concatenate((border, np.zeros_like(border)))
                    border[at] = q
                    at += 1
        child = first_child[f]
        while child >= 0:
            for k in range(reach[child], reach[child + 1]):
                q = border[k]
                if q >= last and seen[q] != f:
                    seen[q] = f
                    if at == border.size:
                        border = np.concatenate((border, np.zeros_like(border)))
                    border[at] = q
                    at += 1
            child = next_child[child]
        border[reach[f] : at].sort()
        reach[f + 1] = at
    return reach, border[: reach[fronts]].copy()


@njit(cache=True, nogil=True)
def _parts(size: Any, parent: Any, small: int) -> Any:
    """Ranges of fronts (first, last + 1) and their height: trees of small fronts (0), and each larger front."""
    large = size > small
    below = np.ones(parent.size, dtype=np.int64)
    rank = np.zeros(parent.size, dtype=np.int64)
    for f in range(parent.size):
        if large[f]:
            rank[f] += 1
        if parent[f] >= 0:
            below[parent[f]] += below[f]
            if large[f]:
                large[parent[f]] = True
                rank[parent[f]] = max(rank[parent[f]], rank[f])
    parts = [(0, 0, 0) for _ in range(0)]
    for f in range(parent.size):
        if large[f]:
            parts.append((f, f + 1, rank[f]))
        elif parent[f] < 0 or large[parent[f]]:
            parts.append((f + 1 - below[f], f + 1, 0))
    table = np.array(parts)
    return table[:, :2].copy(), table[:, 2].copy()


@njit(cache=True, nogil=True)
def _assemble(
    f: int,
    whole: Any,
    local: Any,
    own: Any,
    reach: Any,
    border: Any,
    node_at: Any,
    position: Any,
    start: Any,
    neighbour: Any,
    weight: Any,
    diagonal: Any,
) -> None:
    """Put the resistors of a front's own nodes into its lower half, and note where each position stands in it."""
    first, n = own[f], own[f + 1] - own[f]
    for i in range(n):
        local[first + i] = i
    for k in range(reach[f], reach[f + 1]):
        local[border[k]] = n + k - reach[f]
    for i in range(n):
        node = node_at[first + i]
        whole[i, i] += diagonal[node]
        for k in range(start[node], start[node + 1]):
            q = position[neighbour[k]]
            if q > first + i:
                whole[local[q], i] -= weight[k]


@njit(cache=True, nogil=True)
def _extend(whole: Any, update: Any, local: Any, border: Any) -> None:
    """Add what a front below leaves."""
    for a in range(border.size):
        row = whole[local[border[a]]]
        for b in range(a + 1):
            row[local[border[b]]] += update[a, b]


@njit(cache=True, nogil=True, fastmath={"contract"})
def _two_rows(p: Any, q: Any, a: Any, b: Any, t: Any) -> None:
    """Take eight multiples of eight rows of 512 from two rows at once."""
    a0, a1, a2, a3, a4, a5, a6, a7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    b0, b1, b2, b3, b4, b5, b6, b7 = b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]
    for j in range(p.size):  # distances known beforehand let the compiler work on four columns at once
        x0, x1, x2, x3 = t[j], t[j + 512], t[j + 1024], t[j + 1536]
        x4, x5, x6, x7 = t[j + 2048], t[j + 2560], t[j + 3072], t[j + 3584]
        p[j] -= a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3 + a4 * x4 + a5 * x5 + a6 * x6 + a7 * x7
        q[j] -= b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3 + b4 * x4 + b5 * x5 + b6 * x6 + b7 * x7


@njit(cache=True, nogil=True)
def _eliminate(whole: Any, n: int, t: Any) -> None:
    """Cholesky of the first n columns of a front's lower half, and what is left in the rest, eight columns at a time.

    ``t`` is room for 8 * STRIP numbers. What stands above the diagonal is of no meaning.
    """
    size = whole.shape[0]
    a, b, spare = np.zeros(8), np.zeros(8), np.zeros(STRIP)
    for k in range(0, n, 8):
        wide = min(8, n - k)
        end = k + wide
        for j in range(k, end):
            whole[j, j] = np.sqrt(whole[j, j])
            inverse = 1.0 / whole[j, j]
            for i in range(j + 1, size):
                whole[i, j] *= inverse
            for c in range(j + 1, end):
                v = whole[c, j]
                for i in range(c, size):
                    whole[i, c] -= v * whole[i, j]
        a[wide:], b[wide:] = 0.0, 0.0
        for left in range(end, size, STRIP):
            m = min(STRIP, size - left)
            for c in range(8):
                if c < wide:
                    for j in range(m):
                        t[c * STRIP + j] = whole[left + j, k + c]
                else:
                    t[c * STRIP : c * STRIP + m] = 0.0
            for i in range(left, size, 2):
                a[:wide] = whole[i, k:end]
                right = min(left + m, i + 2)
                if i + 1 < size:
                    b[:wide] = whole[i + 1, k:end]
                    _two_rows(whole[i, left:right], whole[i + 1, left:right], a, b, t)
                else:
                    right = min(left + m, i + 1)
                    _two_rows(whole[i, left:right], spare[: right - left], a, b, t)


@njit(cache=True, nogil=True)
def _eliminate_part(
    begin: int,
    end: int,
    factor_start: Any,
    own: Any,
    reach: Any,
    border: Any,
    node_at: Any,
    position: Any,
    start: Any,
    neighbour: Any,
    weight: Any,
    diagonal: Any,
    first_child: Any,
    next_child: Any,
) -> Any:
    """Eliminate the fronts begin to end - 1: their factors one after the other, and what the last one leaves."""
    widest, peak, held = 0, 0, 0
    for f in range(begin, end):
        m = reach[f + 1] - reach[f]
        widest = max(widest, own[f + 1] - own[f] + m)
        child = first_child[f]
        while child >= 0:
            held -= (reach[child + 1] - reach[child]) ** 2
            child = next_child[child]
        held += m * m
        peak = max(peak, held)
    factor = np.empty(factor_start[end] - factor_start[begin])
    stack = np.empty(peak)
    work = np.empty(widest * widest)
    strip = np.empty(8 * STRIP)
    local = np.zeros(position.size, dtype=np.int32)
    used = 0
    for f in range(begin, end):
        n, m = own[f + 1] - own[f], reach[f + 1] - reach[f]
        size = n + m
        whole = work[: size * size].reshape((size, size))
        whole[:] = 0.0
        _assemble(f, whole, local, own, reach, border, node_at, position, start, neighbour, weight, diagonal)
        child = first_child[f]
        while child >= 0:  # the last child worked on lies on top
            c = reach[child + 1] - reach[child]
            used -= c * c
            _extend(
                whole,
                stack[used : used + c * c].reshape((c, c)),
                local,
                border[reach[child] : reach[child + 1]],
            )
            child = next_child[child]
        _eliminate(whole, n, strip)
        at = factor_start[f] - factor_start[begin]
        factor[at : at + size * n].reshape((size, n))[:] = whole[:, :n]
        stack[used : used + m * m].reshape((m, m))[:] = whole[n:, n:]
        used += m * m
    left = reach[end] - reach[end - 1]
    return factor, stack[: left * left].copy().reshape((left, left))


@njit(cache=True, nogil=True)
def _substitute_part(
    begin: int, end: int, factor_start: Any, own: Any, reach: Any, border: Any, factor: Any, x: Any
) -> None:
    """Voltages of the own nodes of fronts end - 1 down to begin from those of their borders."""
    k = x.shape[1]
    for f in range(end - 1, begin - 1, -1):
        n, m = own[f + 1] - own[f], reach[f + 1] - reach[f]
        at = factor_start[f] - factor_start[begin]
        lower = factor[at : at + (n + m) * n].reshape((n + m, n))
        mine = x[own[f] : own[f + 1]]
        for b in range(m):
            known = x[border[reach[f] + b]]
            for j in range(n):
                v = lower[n + b, j]
                for c in range(k):
                    mine[j, c] -= v * known[c]
        for i in range(n - 1, -1, -1):
            for c in range(k):
                mine[i, c] /= lower[i, i]
            for j in range(i):
                v = lower[i, j]
                for c in range(k):
                    mine[j, c] -= v * mine[i, c]
