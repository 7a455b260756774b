"""The order in which a circuit is eliminated: nested dissection, the symbolic half of the solver.

A line of cells parts the raster in two; the halves are parted again, down to a few cells (George 1973). Cells of
a part are eliminated before those of the lines around it, so that a part is felt through the lines alone: a small
dense matrix, its *front* (Duff and Reid 1983).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.core.jit import njit
from corridor.ecology.circuits.graph import CircuitGraph

LEAF_CELLS = 20
"""Parts of so many cells are not parted further: measured, smaller ones cost calls, larger ones arithmetic."""
SMALL_FRONT = 200
"""A part whose fronts are all up to this size is worked on in one go; each larger front by itself."""

Ints = NDArray[np.int32]


class Tree(NamedTuple):
    """Fronts in postorder, a front after all those below it, as compiled loops read them.

    ``position`` of each node (-1: not in the circuit), terminals last, and ``node_at`` each position; front f owns the
    positions ``own[f]:own[f + 1]`` and touches the later positions ``border[reach[f]:reach[f + 1]]``.
    """

    own: NDArray[np.int64]
    reach: NDArray[np.int64]
    border: Ints
    node_at: Ints
    position: Ints
    first_child: Ints
    next_child: Ints


@dataclass(frozen=True, eq=False)
class Dissection:
    """The order of elimination. ``parent`` of each front of the ``tree`` (-1: none).

    ``parts`` are ranges of fronts (first, last + 1): trees of small fronts, of ``height`` 0, and single large ones above
    what they need. ``factor_start``: where the factor of each front begins, in numbers; the last is the size of all.
    """

    terminals: NDArray[np.int64]
    tree: Tree
    parent: Ints
    parts: NDArray[np.int64]
    height: NDArray[np.int64]
    factor_start: NDArray[np.int64]

    def touched(self, front: int) -> Ints:
        """The later positions that a front touches."""
        return self.tree.border[self.tree.reach[front] : self.tree.reach[front + 1]]

    def children(self, front: int) -> Iterable[int]:
        """The fronts right below one."""
        child = int(self.tree.first_child[front])
        while child >= 0:
            yield child
            child = int(self.tree.next_child[child])


def dissection(graph: CircuitGraph, terminals: NDArray[np.int64]) -> Dissection:
    """The order of elimination of all nodes that a terminal can be reached from, the terminals last.

    Parameters
    ----------
    graph
        The circuit of a raster; its cells are what is parted.
    terminals
        Nodes that are not eliminated.

    References
    ----------
    George 1973, Nested dissection of a regular finite element mesh; Duff and Reid 1983, The multifrontal solution of
    indefinite sparse symmetric linear equations.
    """
    of_node = reached(graph, terminals)
    cells = np.append(of_node, False)[graph.node_of]
    front_of_cell, parent, depth = _parted(cells, LEAF_CELLS)
    front = _front_of_node(graph.node_of.ravel(), front_of_cell.ravel(), parent, depth, graph.nodes)
    fronts = parent.size
    # two numbers after the last front: terminals are sorted behind all that is eliminated, and unreached nodes behind those
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
    size = np.diff(own) + np.diff(reach)
    parts, height = _parts(size, parent, SMALL_FRONT)
    factor_start = np.concatenate([[0], np.cumsum(size * np.diff(own))])
    tree = Tree(own, reach, border, node_at, position, first_child, next_child)
    return Dissection(terminals, tree, parent, parts, height, factor_start)


def reached(graph: CircuitGraph, terminals: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Nodes that any terminal can be reached from: boolean by node."""
    parts = np.zeros(int(graph.component.max(initial=-1)) + 1, dtype=np.bool_)
    parts[graph.component[terminals]] = True
    return np.asarray(parts[graph.component])


@njit(cache=True, nogil=True)
def _parted(live: Any, leaf: int) -> Any:
    """The front of each cell, the parent (-1: none) and the depth of each front; fronts in postorder.

    A part is cut across its longer side, along the line of its middle third that holds the fewest live cells.
    """
    rows, columns = live.shape
    # sums from the corner: the live cells of any rectangle are then four look-ups
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
            # few cells on the line make small fronts; up to half a cell more decides for the middle among equals
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
    # marked with the number of the front that saw it, so that nothing is cleared between fronts
    seen = np.full(node_at.size, -1, dtype=np.int32)
    for f in range(fronts):
        at, last = reach[f], own[f + 1]
        if at + node_at.size - last > border.size:  # more than it can touch does not fit
            border = np.concatenate((border, np.zeros_like(border)))
        for p in range(own[f], last):
            node = node_at[p]
            for k in range(start[node], start[node + 1]):
                q = position[neighbour[k]]
                if q >= last and seen[q] != f:
                    seen[q] = f
                    border[at] = q
                    at += 1
        # eliminating a front joins all that it touches: its parent touches them too
        child = first_child[f]
        while child >= 0:
            for k in range(reach[child], reach[child + 1]):
                q = border[k]
                if q >= last and seen[q] != f:
                    seen[q] = f
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
