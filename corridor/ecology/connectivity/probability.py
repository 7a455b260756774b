"""Connectivity of patches: PC, IIC, ECA, and what each patch or link is worth to the whole.

Patches have an attribute (area), links a length. An animal passes a link of d metres with probability exp(-k d), and
a way of several links with the product of theirs; p*_ij is that of the best way, which is the way of the least sum of
metres, whatever k is. Formulas: Pascual-Hortal and Saura 2006 (IIC); Saura and Pascual-Hortal 2007 (PC); Saura and
Rubio 2010 (shares of dPC); Saura et al. 2011 (ECA).

The worth of a patch needs every best way anew without it. Here only the ways that led over it are sought again: in the
tree of best ways from i, losing k changes those of the branch behind k alone (repair as of Ramalingam and Reps 1996).
The way round k is measured as a detour, what it costs beyond the best way: links dearer than the longest detour that can
occur are left out, and few stay.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.ecology.fragmentation.patches import LINK_COLUMNS
from corridor.ecology.land.checks import ColumnProblem, LayerProblem, raise_all

DISTANCES_M = (1_000.0, 5_000.0, 10_000.0)
"""Median dispersal distances at which patches are judged where no animal is named."""

SOURCES_AT_ONCE = 64
"""Sums are taken over blocks of so many patches, in order: the same figures on one core and on many."""

SHOWN = 3
"""So many patches or links of a fault are named; the rest is counted."""

Area: TypeAlias = pd.Series | Mapping[int, float] | ArrayLike


@dataclass(frozen=True, eq=False)
class Connectivity:
    """An index of one graph of patches.

    ``numerator``: the sum of a_i a_j p*_ij over all i and j (area squared). ``index``: it over the landscape's area
    squared, PC or IIC, 0 to 1. ``equivalent_area``: its root, the area of one patch of the same index (ECA).
    """

    numerator: float
    landscape_area: float
    patches: int
    habitat_area: float

    @property
    def index(self) -> float:
        """PC or IIC: the chance that two random points of the landscape lie in habitat that is connected."""
        return self.numerator / self.landscape_area**2 if self.landscape_area > 0 else 0.0

    @property
    def pc(self) -> float:
        """The index, named as in the papers where links are probabilities."""
        return self.index

    @property
    def equivalent_area(self) -> float:
        """The area of one patch alone of the same index, in the unit of the areas."""
        return float(np.sqrt(self.numerator))

    @property
    def eca(self) -> float:
        """The equivalent connected area, in the unit of the areas."""
        return self.equivalent_area


@dataclass(frozen=True, eq=False)
class LinkLoss:
    """What cut or lengthened links cost: the index before and after, with the same patches."""

    before: Connectivity
    after: Connectivity

    @property
    def loss_percent(self) -> float:
        """dPC (or dIIC) of the links together: the part of the index that is lost, in per cent."""
        was = self.before.numerator
        return 100 * (was - self.after.numerator) / was if was else 0.0

    @property
    def eca_loss(self) -> float:
        """The equivalent connected area lost, in the unit of the areas."""
        return self.before.eca - self.after.eca


def decay_per_m(distance_m: float, probability: float = 0.5) -> float:
    """The k of p = exp(-k d) that gives a probability at a distance: k = -ln(p) / d; 0.5 at the median."""
    problems = []
    if not (np.isfinite(distance_m) and distance_m > 0):
        problems.append(LayerProblem("dispersal distance", f"{distance_m!r}", "metres above 0", "correct it"))
    if not 0 < probability < 1:
        problems.append(
            LayerProblem("dispersal probability", f"{probability!r}", "between 0 and 1", "0.5 is the median")
        )
    raise_all(problems)
    return float(-np.log(probability) / distance_m)


def probability_of_connectivity(
    area: Area,
    links: pd.DataFrame,
    median_dispersal_m: float,
    *,
    probability: float = 0.5,
    landscape_area: float | None = None,
) -> Connectivity:
    """PC and ECA of patches and links.

    ``area`` gives the attribute of each patch (any unit) by its number: a Series or mapping, or an array for patches
    1, 2, ... as labelled. ``links``: columns a, b, distance_m, both ways; of several links of two patches the shortest
    counts. ``probability`` is that of a link of ``median_dispersal_m``. ``landscape_area`` is A_L of PC, the area of
    all patches where none is given. Raises :class:`LayerError` with every fault of the patches and links.
    """
    k = decay_per_m(median_dispersal_m, probability)
    graph = _graph(area, links, landscape_area)
    return _result(graph, _sums(graph, np.array([k]))[0], landscape_area)


def integral_index(
    area: Area, links: pd.DataFrame, limit_m: float, *, landscape_area: float | None = None
) -> Connectivity:
    """IIC: a_i a_j / (1 + nl_ij) summed over all pairs, nl the fewest links no longer than ``limit_m`` between them."""
    graph = _within(_graph(area, links, landscape_area), limit_m)
    return _result(graph, _sums(graph, np.array([HOPS]))[0], landscape_area)


def patch_importance(
    area: Area,
    links: pd.DataFrame,
    distances_m: Sequence[float] = DISTANCES_M,
    *,
    probability: float = 0.5,
) -> pd.DataFrame:
    """dPC of every patch at several dispersal distances, exact: what per cent of PC is lost without it.

    Columns: patch, distance_m, d_percent and its shares intra_percent (a_k^2), flux_percent (2 a_k a_j p*_kj over all
    other j) and connector_percent (what the others lose among themselves), whose sum it is (Saura and Rubio 2010).
    """
    decay = np.array([decay_per_m(d, probability) for d in distances_m])
    graph = _graph(area, links, None)
    shares = _importance(graph, decay)
    return pd.concat(
        [_importance_frame(graph, s).assign(distance_m=d) for s, d in zip(shares, distances_m, strict=True)],
        ignore_index=True,
    )[IMPORTANCE_COLUMNS]


def patch_importance_iic(area: Area, links: pd.DataFrame, limit_m: float) -> pd.DataFrame:
    """dIIC of every patch with its shares: columns as of :func:`patch_importance`, distance_m being the limit."""
    graph = _within(_graph(area, links, None), limit_m)
    frame = _importance_frame(graph, _importance(graph, np.array([HOPS]))[0])
    return frame.assign(distance_m=limit_m)[IMPORTANCE_COLUMNS]


def link_loss(
    area: Area,
    links: pd.DataFrame,
    changed: pd.DataFrame,
    median_dispersal_m: float,
    *,
    probability: float = 0.5,
    landscape_area: float | None = None,
) -> LinkLoss:
    """What it costs that works cut or lengthen links: PC and ECA before and after.

    ``changed``: columns a, b, distance_m, the new length of links that stand in ``links``, infinite where a link is cut.
    """
    k = np.array([decay_per_m(median_dispersal_m, probability)])
    graph = _graph(area, links, landscape_area)
    after = _graph(area, _with_changes(links, changed), landscape_area)
    return LinkLoss(*(_result(g, _sums(g, k)[0], landscape_area) for g in (graph, after)))


# ---- the graph -------------------------------------------------------------------------------------------------------

HOPS = -1.0
"""In place of a decay: the weight of a way is 1 / (1 + length), for IIC."""

IMPORTANCE_COLUMNS = [
    "patch", "distance_m", "d_percent", "intra_percent", "flux_percent", "connector_percent",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Graph:
    """Patches in the order of ``patch``; the arcs of node i are start[i] to start[i + 1], lengths ascending."""

    patch: NDArray[np.int64]
    area: NDArray[np.float64]
    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    length: NDArray[np.float64]


def _graph(area: Area, links: pd.DataFrame, landscape_area: float | None) -> _Graph:
    series = _as_series(area)
    raise_all([*_area_problems(series, landscape_area), *_link_problems("links", links, series)])
    patch = series.index.to_numpy(dtype=np.int64)
    place = pd.Series(np.arange(patch.size), index=patch)
    ends = [place.reindex(links[c]).to_numpy(dtype=np.int64) for c in ("a", "b")]
    kept = np.isfinite(links["distance_m"].to_numpy(dtype=np.float64))
    both = [np.concatenate([ends[0][kept], ends[1][kept]]), np.concatenate([ends[1][kept], ends[0][kept]])]
    length = np.tile(links["distance_m"].to_numpy(dtype=np.float64)[kept], 2)
    return _compiled(patch, series.to_numpy(dtype=np.float64), both[0], both[1], length)


def _compiled(
    patch: NDArray[np.int64],
    area: NDArray[np.float64],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    length: NDArray[np.float64],
) -> _Graph:
    """Arcs sorted by tail and length; of several between the same two patches the shortest stays."""
    order = np.lexsort((length, head, tail))
    tail, head, length = tail[order], head[order], length[order]
    once = np.ones(tail.size, dtype=np.bool_)
    once[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    tail, head, length = tail[once], head[once], length[once]
    order = np.lexsort((head, length, tail))
    start = np.searchsorted(tail, np.arange(patch.size + 1))
    return _Graph(patch, area, start.astype(np.int64), head[order].astype(np.int32), length[order])


def _within(graph: _Graph, limit_m: float) -> _Graph:
    """The links no longer than a limit, each of length 1."""
    if not (np.isfinite(limit_m) and limit_m >= 0):
        raise_all([LayerProblem("limit_m", f"{limit_m!r}", "metres, 0 or more", "correct it")])
    kept = graph.length <= limit_m
    start = np.concatenate([[0], np.cumsum(kept)])[graph.start]
    return _Graph(graph.patch, graph.area, start, graph.neighbour[kept], np.ones(int(kept.sum())))


def _with_changes(links: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Links with new lengths, by their two patches in either order."""
    raise_all(_column_problems("changed", changed))
    known, new = (_keys(f) for f in (links, changed))
    lengths = changed["distance_m"].to_numpy(dtype=np.float64)
    problems = []
    unknown = [f"{a}-{b}" for a, b in sorted(set(new) - set(known))]
    if unknown:
        problems.append(
            LayerProblem(
                "changed", f"links {_named(unknown)} are not in links", "known links", "add or drop them"
            )
        )
    twice = [f"{a}-{b}" for a, b in sorted({k for k in new if new.count(k) > 1})]
    if twice:
        problems.append(
            LayerProblem("changed", f"links {_named(twice)} stand twice", "a link once", "drop one")
        )
    wrong = ~(lengths >= 0)
    if wrong.any():
        problems.append(_length_problem("changed", changed, wrong))
    raise_all(problems)
    by_key = dict(zip(new, lengths, strict=True))
    old = links["distance_m"].to_numpy(dtype=np.float64)
    return links.assign(distance_m=[by_key.get(k, d) for k, d in zip(known, old, strict=True)])


def _keys(links: pd.DataFrame) -> list[tuple[int, int]]:
    return [(min(a, b), max(a, b)) for a, b in zip(links["a"].tolist(), links["b"].tolist(), strict=True)]


# ---- checks ----------------------------------------------------------------------------------------------------------


def _as_series(area: Area) -> pd.Series:
    if isinstance(area, pd.Series):
        return area.astype(np.float64)
    if isinstance(area, Mapping):
        return pd.Series(dict(area), dtype=np.float64)
    values = np.asarray(area, dtype=np.float64)
    if values.ndim != 1:
        raise_all([LayerProblem("area", f"shape {values.shape}", "one value a patch", "give a flat array")])
    return pd.Series(values, index=np.arange(1, values.size + 1))


def _area_problems(area: pd.Series, landscape_area: float | None) -> Iterator[LayerProblem]:
    if area.empty:
        yield LayerProblem("area", "no patch", "one patch or more", "see whether the habitat occurs at all")
        return
    twice = area.index[area.index.duplicated()].unique().tolist()
    if twice:
        yield LayerProblem("area", f"patches {_named(twice)} stand twice", "a patch once", "add them up")
    wrong = area.index[~((area >= 0) & np.isfinite(area))].tolist()
    if wrong:
        values = ", ".join(f"{area.loc[p]}" if p not in twice else "?" for p in wrong[:SHOWN])
        yield LayerProblem(
            "area", f"patches {_named(wrong)} have {values}", "areas of 0 or more", "correct them"
        )
    elif landscape_area is not None and not (
        np.isfinite(landscape_area) and landscape_area >= area.sum() * (1 - 1e-9)
    ):
        yield LayerProblem(
            "landscape_area",
            f"{landscape_area!r}",
            f"the area of all patches ({area.sum():.6g}) or more",
            "use the unit of the areas",
        )


def _column_problems(where: str, links: pd.DataFrame) -> list[LayerProblem]:
    missing = [c for c in LINK_COLUMNS if c not in links.columns]
    if not missing:
        return []
    expected = ", ".join(LINK_COLUMNS)
    return [ColumnProblem(where, "no column " + ", ".join(missing), expected, "add or rename it")]


def _link_problems(where: str, links: pd.DataFrame, area: pd.Series) -> Iterator[LayerProblem]:
    missing = _column_problems(where, links)
    if missing:
        yield from missing
        return
    unknown = sorted({str(p) for c in ("a", "b") for p in links[c][~links[c].isin(area.index)]})
    if unknown:
        yield LayerProblem(
            where, f"patches {_named(unknown)} have no area", "patches that are known", "add or drop them"
        )
    loops = links["a"][links["a"] == links["b"]].unique().tolist()
    if loops:
        yield LayerProblem(where, f"patches {_named(loops)} linked to themselves", "two patches", "drop them")
    wrong = ~(links["distance_m"].to_numpy(dtype=np.float64) >= 0)
    if wrong.any():
        yield _length_problem(where, links, wrong)


def _length_problem(where: str, links: pd.DataFrame, wrong: NDArray[np.bool_]) -> LayerProblem:
    named = [f"{r.a}-{r.b} ({r.distance_m})" for r in links[wrong].itertuples()]
    what = f"links {_named(named)}"
    return LayerProblem(where, what, "a distance of 0 m or more, infinite for a cut link", "correct them")


def _named(things: Sequence[Any]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return ", ".join(str(t) for t in things[:SHOWN]) + more


# ---- the sums --------------------------------------------------------------------------------------------------------


def _result(graph: _Graph, numerator: float, landscape_area: float | None) -> Connectivity:
    habitat = float(graph.area.sum())
    whole = habitat if landscape_area is None else landscape_area
    return Connectivity(float(numerator), whole, graph.patch.size, habitat)


def _blocks(graph: _Graph) -> list[tuple[int, int]]:
    n = graph.patch.size
    return [(i, min(i + SOURCES_AT_ONCE, n)) for i in range(0, n, SOURCES_AT_ONCE)]


def _sums(graph: _Graph, decay: NDArray[np.float64]) -> NDArray[np.float64]:
    """The numerator of the index for each decay."""

    def one(block: tuple[int, int]) -> Any:
        return _block_sums(graph.start, graph.neighbour, graph.length, graph.area, decay, *block)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.asarray(sum(pool.map(one, _blocks(graph)), start=np.zeros(decay.size)))


def _importance(graph: _Graph, decay: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intra, flux and connector of each patch and the numerator, for each decay: (decay, 4, patch)."""
    n = graph.patch.size

    def one(block: tuple[int, int]) -> Any:
        return _block_importance(graph.start, graph.neighbour, graph.length, graph.area, decay, *block)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.asarray(sum(pool.map(one, _blocks(graph)), start=np.zeros((decay.size, 4, n))))


def _importance_frame(graph: _Graph, shares: NDArray[np.float64]) -> pd.DataFrame:
    whole = shares[3].sum()
    percent = 100 * shares[:3] / whole if whole else np.zeros_like(shares[:3])
    return pd.DataFrame(
        {
            "patch": graph.patch,
            "d_percent": percent.sum(axis=0),
            "intra_percent": percent[0],
            "flux_percent": percent[1],
            "connector_percent": percent[2],
        }
    )


@njit(cache=True, nogil=True)
def _weight(length: float, decay: float) -> float:
    """What a pair counts with at a length of its way: exp(-k d), or 1 / (1 + links)."""
    return 1.0 / (1.0 + length) if decay < 0 else np.exp(-decay * length)


@njit(cache=True, nogil=True)
def _ways(start: Any, neighbour: Any, length: Any, source: int, best: Any, parent: Any, order: Any,
          heap_key: Any, heap_node: Any) -> int:  # fmt: skip
    """Best ways from a source (Dijkstra 1959): lengths, the tree, nodes as they were reached; how many."""
    best[:] = np.inf
    best[source], parent[source] = 0.0, -1
    size, reached = push(heap_key, heap_node, 0, 0.0, source), 0
    while size > 0:
        key, at = heap_key[0], heap_node[0]
        size = pop(heap_key, heap_node, size)
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
def _block_sums(start: Any, neighbour: Any, length: Any, area: Any, decay: Any, first: int, last: int) -> Any:
    """The numerator over a block of sources."""
    n = area.size
    best, parent, order = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32)
    heap_key, heap_node = np.empty(length.size + 2), np.empty(length.size + 2, np.int32)
    out = np.zeros(decay.size)
    for source in range(first, last):
        reached = _ways(start, neighbour, length, source, best, parent, order, heap_key, heap_node)
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
            if extra >= row[1] or low[depth] <= q < high[depth]:
                continue
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
    room, length, head_at = queue.size, 0, 0
    for p in range(first, last):
        above = tree[ABOVE, p]
        entry = detour[offset[p] + depth]
        delta[p] = entry if above == k else min(entry, delta[above])
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
def _block_importance(
    start: Any, neighbour: Any, length: Any, area: Any, decay: Any, first: int, last: int
) -> Any:
    """Intra, flux, connector and numerator by patch, over a block of sources."""
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
        reached = _ways(start, neighbour, length, source, best, parent, order, heap_key, heap_node)
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
