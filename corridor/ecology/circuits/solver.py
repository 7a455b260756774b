"""A circuit reduced to its terminals, every other node eliminated: multifrontal Cholesky, the numeric half of the solver.

The order is that of :mod:`corridor.ecology.circuits.dissection`. Conductances that change touch the fronts of their own
part and those above; all other parts are kept. No linear algebra library is called: its threads get in each other's way on
a machine that is shared, and the loops here are as fast on one core.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import njit
from corridor.core.stopping import next_step, steps
from corridor.ecology.circuits.dissection import Dissection, dissection, reached
from corridor.ecology.circuits.graph import CircuitGraph

STRIP = 512
"""Columns of a front worked on together: eight rows of them stay in the fastest memory."""

Floats = NDArray[np.float64]


class Resistors(NamedTuple):
    """The matrix of a circuit for compiled loops.

    The resistors of node i are ``neighbour`` and ``weight`` (siemens) from ``start[i]`` to ``start[i + 1]``; ``diagonal`` is
    the sum of its weights, 1 for a node that no terminal can be reached from.
    """

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    weight: Floats
    diagonal: Floats


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
        """The elimination of a circuit from scratch.

        Parameters
        ----------
        graph
            The circuit.
        terminals
            The nodes that stay, in the order of the rows of ``schur``. Nodes that none of them can be reached from are left out.
        """
        order = dissection(graph, terminals)
        return cls._of(
            graph, order, [np.zeros(0)] * len(order.parts), {}, np.ones(len(order.parts), np.bool_)
        )

    def again(self, graph: CircuitGraph) -> Elimination:
        """The elimination of a circuit that differs in some conductances.

        ``graph`` has the same nodes and resistors; a conductance may be 0, so that cells can lose their data. The factors of
        small parts that no change touches are used again; large fronts are worked out anew.
        """
        order = self.order
        stale = order.height > 0
        at = order.tree.position[_touched(self.graph, graph, order.terminals)]
        front = np.searchsorted(order.tree.own, at[at >= 0], side="right") - 1
        front = front[front < order.tree.own.size - 1]  # the rest are terminals
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
        matrix = _matrix(graph, order.terminals)
        # what small parts leave is kept for circuits to come; what large fronts leave is taken up once, then dropped
        left = dict(updates)

        def part(i: int) -> None:
            begin, end = (int(f) for f in order.parts[i])
            found = _eliminate_part(begin, end, order.factor_start, order.tree, matrix)
            factors[i], updates[end - 1] = found
            left[end - 1] = updates[end - 1]

        def large(i: int) -> None:
            front = int(order.parts[i, 0])
            n, m = order.tree.own[front + 1] - order.tree.own[front], order.touched(front).size
            whole, local = np.zeros((n + m, n + m)), np.zeros(order.tree.position.size, dtype=np.int32)
            _assemble(front, whole, local, order.tree, matrix)
            for child in order.children(front):
                _extend(whole, left.pop(child), local, order.touched(child))
            _eliminate(whole, n, np.empty(8 * STRIP))
            factors[i], left[front] = whole[:, :n].ravel(), whole[n:, n:].copy()

        side_by_side(part, np.flatnonzero(stale & (order.height == 0)))
        for height in range(1, int(order.height.max(initial=0)) + 1):
            side_by_side(large, np.flatnonzero(order.height == height))
        return cls(graph, order, factors, updates, _reduced(order, matrix, left))

    @cached_property
    def potentials(self) -> Floats:
        """Voltage of each node (rows) when one terminal (columns) is at 1 V and the others at 0 V.

        0 for nodes that no terminal can be reached from.
        """
        order = self.order
        k = order.terminals.size
        x = np.zeros((order.tree.node_at.size, k))
        x[order.tree.node_at.size - k :] = np.eye(k)

        def back(i: int) -> None:
            begin, end = (int(f) for f in order.parts[i])
            _substitute_part(begin, end, order.factor_start, order.tree, self.factors[i], x)

        for height in range(int(order.height.max(initial=0)), -1, -1):
            side_by_side(back, np.flatnonzero(order.height == height))
        out = np.zeros((self.graph.nodes, k))
        out[order.tree.node_at] = x
        return out


def side_by_side(work: Callable[[int], None], parts: NDArray[np.intp]) -> None:
    """Call ``work`` with each of some numbers, on up to eight threads; an error in any call is raised.

    Compiled loops let go of the interpreter, so that threads help. The calls must not depend on each other.
    """
    if parts.size < 2:
        for i in parts.tolist():
            next_step()
            work(i)
        return
    with ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1))) as pool:
        list(pool.map(steps(work), parts.tolist()))


def _matrix(graph: CircuitGraph, terminals: NDArray[np.int64]) -> Resistors:
    """Weights and diagonal; nodes that no terminal can be reached from stand alone with 1 on the diagonal."""
    dead = ~reached(graph, terminals)
    edges = np.diff(graph.start)
    weight = graph.conductance
    if dead.any() and weight[np.repeat(dead, edges)].any():
        weight = np.where(np.repeat(dead, edges), 0.0, weight)
    diagonal = np.add.reduceat(np.append(weight, 0.0), graph.start[:-1])
    # for a node without resistors reduceat returns the weight that comes next, which is another node's
    diagonal[edges == 0] = 0.0
    diagonal[dead] = 1.0
    return Resistors(graph.start, graph.neighbour, weight, diagonal)


def _touched(before: CircuitGraph, after: CircuitGraph, terminals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nodes with a resistor of another conductance, or that terminals can be reached from in one circuit alone."""
    edges = np.flatnonzero(before.conductance != after.conductance)
    near = np.searchsorted(before.start, edges, side="right") - 1
    cut = np.flatnonzero(reached(before, terminals) != reached(after, terminals))
    return np.unique(np.concatenate([near, cut]))


def _reduced(order: Dissection, matrix: Resistors, left: dict[int, Floats]) -> Floats:
    """The Laplacian among terminals: their own resistors and what the eliminated nodes leave."""
    k, first = order.terminals.size, order.tree.node_at.size - order.terminals.size
    out = np.zeros((k, k))
    for i, node in enumerate(order.terminals.tolist()):
        out[i, i] = matrix.diagonal[node]
        row = slice(matrix.start[node], matrix.start[node + 1])
        at = order.tree.position[matrix.neighbour[row]] - first
        np.subtract.at(out[i], at[at >= 0], matrix.weight[row][at >= 0])
    for front, update in left.items():
        if order.parent[front] < 0:
            # the upper half of an update has no meaning: the lower one is mirrored
            at = order.touched(front) - first
            out[np.ix_(at, at)] += np.tril(update) + np.tril(update, -1).T
    return out


@njit(cache=True, nogil=True)
def _assemble(f: int, whole: Any, local: Any, tree: Any, matrix: Any) -> None:
    """Put the resistors of a front's own nodes into its lower half, and note where each position is in it."""
    first, n, reach = tree.own[f], tree.own[f + 1] - tree.own[f], tree.reach
    for i in range(n):
        local[first + i] = i
    for k in range(reach[f], reach[f + 1]):
        local[tree.border[k]] = n + k - reach[f]
    for i in range(n):
        node = tree.node_at[first + i]
        whole[i, i] += matrix.diagonal[node]
        for k in range(matrix.start[node], matrix.start[node + 1]):
            q = tree.position[matrix.neighbour[k]]
            if q > first + i:
                whole[local[q], i] -= matrix.weight[k]


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

    ``t`` is room for 8 * STRIP numbers. What is above the diagonal has no meaning.
    """
    size = whole.shape[0]
    a, b, spare = np.zeros(8), np.zeros(8), np.zeros(STRIP)
    # Eight columns at a time: what is left of the front is then read and written once for eight of them, and not once for
    # each, which is what takes the time.
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
        # strips of columns, so that the eight rows of multiples stay in the fastest memory while all rows pass by
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
def _eliminate_part(begin: int, end: int, factor_start: Any, tree: Any, matrix: Any) -> Any:
    """Eliminate the fronts begin to end - 1: their factors one after the other, and what the last one leaves."""
    own, reach, border = tree.own, tree.reach, tree.border
    # In postorder what fronts leave is taken up last in, first out: one stack holds it, and its greatest height is known
    # before anything is worked out.
    widest, peak, held = 0, 0, 0
    for f in range(begin, end):
        m = reach[f + 1] - reach[f]
        widest = max(widest, own[f + 1] - own[f] + m)
        child = tree.first_child[f]
        while child >= 0:
            held -= (reach[child + 1] - reach[child]) ** 2
            child = tree.next_child[child]
        held += m * m
        peak = max(peak, held)
    factor = np.empty(factor_start[end] - factor_start[begin])
    stack = np.empty(peak)
    work = np.empty(widest * widest)
    strip = np.empty(8 * STRIP)
    local = np.zeros(tree.position.size, dtype=np.int32)
    used = 0
    for f in range(begin, end):
        n, m = own[f + 1] - own[f], reach[f + 1] - reach[f]
        size = n + m
        whole = work[: size * size].reshape((size, size))
        whole[:] = 0.0
        _assemble(f, whole, local, tree, matrix)
        child = tree.first_child[f]
        while child >= 0:  # the last child worked on is on top
            c = reach[child + 1] - reach[child]
            used -= c * c
            update = stack[used : used + c * c].reshape((c, c))
            _extend(whole, update, local, border[reach[child] : reach[child + 1]])
            child = tree.next_child[child]
        _eliminate(whole, n, strip)
        at = factor_start[f] - factor_start[begin]
        factor[at : at + size * n].reshape((size, n))[:] = whole[:, :n]
        stack[used : used + m * m].reshape((m, m))[:] = whole[n:, n:]
        used += m * m
    left = reach[end] - reach[end - 1]
    return factor, stack[: left * left].copy().reshape((left, left))


@njit(cache=True, nogil=True)
def _substitute_part(begin: int, end: int, factor_start: Any, tree: Any, factor: Any, x: Any) -> None:
    """Voltages of the own nodes of fronts end - 1 down to begin from those of their borders."""
    own, reach, border = tree.own, tree.reach, tree.border
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
