"""A raster as a circuit: cells are nodes, neighbouring cells are joined by resistors (McRae et al. 2008).

Cells without data carry nothing. Cells of one focal region, of one short-circuit region, or joined by a resistor
of no resistance are one node, however far apart. A cell without data of a region that has data elsewhere is
part of its node, as in Circuitscape: its own resistance counts as infinite, so that it conducts to its neighbours by
average conductance (half their own) and not by average resistance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypedDict, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from corridor.core.errors import Problems
from corridor.core.jit import njit
from corridor.ecology.land.checks import Neighbours, check_choice, check_neighbours

Average = Literal["resistance", "conductance"]
Raster = NDArray[np.float64]


class RasterOptions(TypedDict, total=False):
    """How a raster becomes a circuit.

    Attributes
    ----------
    neighbours
        8 (default), or 4 without corners.
    average
        ``resistance`` (default) or ``conductance``: what of two neighbouring cells is averaged.
    short_circuits
        Ids on the cells of the raster, whole numbers above 0; the cells of each are one conductor.
    conductances
        True where the values are conductances (siemens); False by default, resistances (ohm).
    """

    neighbours: Neighbours
    average: Average
    short_circuits: ArrayLike | None
    conductances: bool


WIDEST_SPAN = 1e9
"""The largest resistance to the smallest above 0: numbers have 16 digits, results keep about 6 of them."""


@dataclass(frozen=True, eq=False)
class CircuitGraph:
    """The nodes and resistors of a raster.

    ``node_of`` holds the node of each cell (-1: none). The resistors of node i are ``neighbour`` and
    ``conductance`` from ``start[i]`` to ``start[i + 1]``; each is listed at both of its ends.
    ``focal`` has a row for each focal id: focal, cells, cells_nodata, node (-1: none), component (-1: none); ``focal_cells``
    are the ids on the raster; ``diagonal``: cells are joined across corners too.
    """

    node_of: NDArray[np.int32]
    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    conductance: NDArray[np.float64]
    component: NDArray[np.int32]
    focal: pd.DataFrame
    focal_cells: NDArray[np.int64]
    diagonal: bool

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.start.size - 1)

    @cached_property
    def matrix(self) -> csr_array:
        """Conductances between nodes (siemens), as a sparse square."""
        return csr_array((self.conductance, self.neighbour, self.start), shape=(self.nodes, self.nodes))

    def on_cells(self, of_node: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of nodes on the cells of the raster; NaN without data."""
        return np.asarray(np.append(of_node, np.nan)[self.node_of])  # the last is for -1, no data


def circuit_graph(
    resistance: Raster,
    focal: NDArray[np.int64],
    short_circuits: NDArray[np.int64] | None,
    neighbours: Neighbours,
    average: Average,
) -> CircuitGraph:
    """The circuit of checked rasters (as :func:`checked` gives them); 0 in ``focal`` and ``short_circuits`` is none.

    Infinite resistance marks the cells without data that belong to a region.

    A resistor between cells of resistance a and b at distance d (1, or the root of 2 on the diagonal) has
    conductance 2 / ((a + b) d) by average resistance, and (1/a + 1/b) / (2 d) by average conductance.
    """
    diagonal, by_conductance = neighbours == 8, average == "conductance"
    node_of, nodes = _numbered(
        resistance, [r for r in (focal, short_circuits) if r is not None], diagonal, by_conductance
    )
    start, neighbour, conductance = _resistors(resistance, node_of, nodes, diagonal, by_conductance)
    component = _components(start, neighbour, conductance)
    table = _focal_table(focal, resistance, node_of, component)
    return CircuitGraph(node_of, start, neighbour, conductance, component, table, focal, diagonal)


def rewired(graph: CircuitGraph, before: Raster, after: Raster, average: Average) -> CircuitGraph | None:
    """The same nodes and resistors with the conductances of another raster, 0 where it has no data.

    None where the nodes would differ: a cell gets data, or cells of no resistance come, go or meet others.
    """
    gone, came = np.isnan(after) & ~np.isnan(before), np.isnan(before) & ~np.isnan(after)
    zero = before == 0
    if came.any() or (zero != (after == 0)).any() or (zero.any() and gone.any()):
        return None
    diagonal = graph.diagonal
    _, _, conductance = _resistors(after, graph.node_of, graph.nodes, diagonal, average == "conductance")
    node_of = np.where(np.isnan(after), -1, graph.node_of).astype(np.int32)
    component = _components(graph.start, graph.neighbour, conductance)
    focal = _focal_table(graph.focal_cells, after, node_of, component)
    return replace(graph, node_of=node_of, conductance=conductance, component=component, focal=focal)


def _components(start: Any, neighbour: Any, conductance: Any) -> NDArray[np.int32]:
    """The part of the circuit that each node belongs to, parts numbered from 0."""
    nodes = start.size - 1
    matrix = csr_array((conductance, neighbour, start), shape=(nodes, nodes))
    if not conductance.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    return np.asarray(connected_components(matrix, directed=True, connection="weak")[1], dtype=np.int32)


def _focal_table(
    focal: NDArray[np.int64], resistance: Raster, node_of: NDArray[np.int32], component: NDArray[np.int32]
) -> pd.DataFrame:
    on = focal != 0
    frame = pd.DataFrame({"focal": focal[on], "node": node_of[on], "nodata": ~np.isfinite(resistance[on])})
    table = frame.groupby("focal").agg(
        cells=("node", "size"), cells_nodata=("nodata", "sum"), node=("node", "max")
    )
    node = table["node"].to_numpy()
    table["component"] = np.where(node >= 0, component[node], -1)
    return table.reset_index()


def _numbered(
    resistance: Raster, regions: list[NDArray[np.int64]], diagonal: bool, by_conductance: bool
) -> tuple[NDArray[np.int32], int]:
    """The node of each cell (-1 without data), numbered by its first cell in reading order, and how many there are."""
    alive, cell = ~np.isnan(resistance), np.arange(resistance.size).reshape(resistance.shape)
    node_of = np.full(resistance.shape, -1, dtype=np.int32)
    ends = _touching(resistance, cell, diagonal, by_conductance) if (resistance == 0).any() else []
    for labels in regions:  # each cell of a region is tied to its first
        mine, ids = cell[alive & (labels != 0)], labels[alive & (labels != 0)]
        _, first, of = np.unique(ids, return_index=True, return_inverse=True)
        ends.append((mine[first[of]], mine))
    if not any((a != b).any() for a, b in ends):
        node_of[alive] = np.arange(np.count_nonzero(alive))
        return node_of, int(np.count_nonzero(alive))
    a, b = (np.concatenate(side) for side in zip(*ends, strict=True))
    ties = csr_array((np.ones(a.size), (a, b)), shape=(cell.size, cell.size))
    group = connected_components(ties, directed=False)[1][alive.ravel()]
    _, first, of = np.unique(group, return_index=True, return_inverse=True)
    node_of[alive] = np.argsort(np.argsort(first))[of]
    return node_of, int(first.size)


def _touching(
    resistance: Raster, cell: NDArray[np.int64], diagonal: bool, by_conductance: bool
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of neighbouring cells joined by a resistor of no resistance."""
    sides: list[tuple[Any, Any]] = [(np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])]
    corners = [(np.s_[:-1, :-1], np.s_[1:, 1:]), (np.s_[:-1, 1:], np.s_[1:, :-1])] if diagonal else []
    found = []
    for here, there in (*sides, *corners):
        a, b = resistance[here] == 0, resistance[there] == 0
        # by average conductance one cell of no resistance is enough; by average resistance it takes two
        joined = (a | b) & ~np.isnan(resistance[here] + resistance[there]) if by_conductance else a & b
        found.append((cell[here][joined], cell[there][joined]))
    return found


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _between(a: float, b: float, distance: float, by_conductance: bool) -> float:
    """The conductance of the resistor between two cells; infinite where it has no resistance."""
    if by_conductance:
        return (1.0 / a + 1.0 / b) / (2.0 * distance)
    return 2.0 / ((a + b) * distance)


@njit(cache=True, nogil=True, error_model="numpy")
def _resistors(r: Any, node: Any, nodes: int, diagonal: bool, by_conductance: bool) -> Any:
    """Resistors by node: where each begins, the other end, the conductance. Those inside a node are left out."""
    rows, columns = r.shape
    start = np.zeros(nodes + 1, dtype=np.int64)
    neighbour = np.zeros(0, dtype=np.int32)
    conductance = np.zeros(0, dtype=np.float64)
    # once to count and once to fill: the arrays are as large as they need to be and no larger
    for filling in range(2):
        for i in range(rows):
            for j in range(columns):
                a = node[i, j]
                if a < 0:
                    continue
                for k in range(max(i - 1, 0), min(i + 2, rows)):
                    for m in range(max(j - 1, 0), min(j + 2, columns)):
                        b = node[k, m]
                        if b < 0 or b == a or (k != i and m != j and not diagonal):
                            continue
                        if filling:
                            distance = np.sqrt(2.0) if k != i and m != j else 1.0
                            neighbour[start[a]] = b
                            g = _between(r[i, j], r[k, m], distance, by_conductance)
                            conductance[start[a]] = 0.0 if np.isnan(g) else g
                            start[a] += 1
                        else:
                            start[a + 1] += 1
        if filling:
            start[1:] = start[:-1].copy()
            start[0] = 0
        else:
            start = np.cumsum(start)
            neighbour = np.zeros(start[-1], dtype=np.int32)
            conductance = np.zeros(start[-1], dtype=np.float64)
    return start, neighbour, conductance


def checked(
    values: ArrayLike, focal: ArrayLike | None, options: RasterOptions
) -> tuple[Raster, NDArray[np.int64], NDArray[np.int64] | None]:
    """Resistances (NaN: no data; infinite: no data, but in a region that has some), focal and short-circuit ids (0: none).

    Without ``focal`` no cell has an id. Raises :class:`LayerError` with every problem: rasters that are not two-dimensional or differ in shape,
    negative values, no cell with data, ids that are no whole numbers, fewer than two focal ids.
    """
    conductances = options.get("conductances", False)
    raster = np.asarray(values)
    given = {"focal": focal, "short circuits": options.get("short_circuits")}
    layers = {name: np.asarray(array) for name, array in given.items() if array is not None}
    name = "conductance" if conductances else "resistance"
    with Problems() as found:
        check_neighbours(found, options.get("neighbours", 8))
        check_choice(found, "average", options.get("average", "resistance"), get_args(Average))
        _check_values(found, name, raster)
        for layer, array in layers.items():
            _check_labels(found, layer, array, name, raster.shape)
    flat = raster.astype(np.float64)
    if conductances:
        with np.errstate(divide="ignore"):
            flat = 1.0 / flat
    flat[np.isinf(flat)] = np.nan
    labels = {layer: _labels(array) for layer, array in layers.items()}
    flat = _with_regions(flat, list(labels.values()))
    return flat, labels.get("focal", np.zeros(flat.shape, dtype=np.int64)), labels.get("short circuits")


def _with_regions(resistance: Raster, regions: list[NDArray[np.int64]]) -> Raster:
    """Infinite resistance on the cells without data of every region that has, or meets a region that has, data."""
    found = -1
    while found != (blank := int(np.isnan(resistance).sum())):
        found = blank
        for labels in regions:
            empty = np.isnan(resistance) & (labels > 0)
            if empty.any():
                alive = np.unique(labels[~np.isnan(resistance)])
                resistance = np.where(empty & np.isin(labels, alive), np.inf, resistance)
    return resistance


def _labels(array: NDArray[Any]) -> NDArray[np.int64]:
    """Ids above 0; all else is none."""
    with np.errstate(invalid="ignore"):
        return np.where(array > 0, array, 0).astype(np.int64)


def _check_values(found: Problems, name: str, raster: NDArray[Any]) -> None:
    if raster.ndim != 2 or raster.dtype.kind not in "fiu":
        what = f"{raster.ndim} dimensions of {raster.dtype}"
        found.add(name, what, "rows and columns of numbers", "pass a numpy array")
        return
    negative = raster[raster < 0]
    if negative.size:
        values, counts = np.unique(negative, return_counts=True)
        worst = values[counts.argmax()]
        what = f"{negative.size} negative cells, {worst:g} most often"
        remedy = f"if {worst:g} means no data, write NaN there (as floats)"
        found.add(name, what, f"a {name} of 0 or more, or NaN", remedy)
    positive = raster[(raster > 0) & np.isfinite(raster)]
    if positive.size and positive.max() > WIDEST_SPAN * positive.min():
        what = f"values from {positive.min():g} to {positive.max():g}"
        expected = f"the largest at most {WIDEST_SPAN:g} times the smallest, or rounding would hide the small"
        found.add(name, what, expected, f"write NaN for a barrier, and a {name} of 0 where it is meant")
    barrier = np.isnan(raster) | ((raster == 0) if name == "conductance" else np.isinf(raster))
    if (barrier | (raster < 0)).all():
        found.add(name, "no cell that conducts", "some cells with data", "check the no-data value")


def _check_labels(
    found: Problems, layer: str, array: NDArray[Any], name: str, shape: tuple[int, ...]
) -> None:
    if array.shape != shape:
        what = f"shape {array.shape}, but the {name} has {shape}"
        found.add(layer, what, "one shape", "resample it to the same cells")
    if array.dtype.kind not in "fiub":
        found.add(layer, f"values of {array.dtype}", "whole numbers", "number the regions from 1")
        return
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    if array.dtype.kind == "f" and (finite != np.floor(finite)).any():
        found.add(layer, "ids with fractions", "whole numbers", "number the regions from 1")
    ids = np.unique(finite[finite > 0])
    if layer == "focal" and ids.size < 2:
        what = "no focal cell" if not ids.size else f"one focal id, {ids[0]:g}"
        found.add(layer, what, "two focal ids or more", "give each core its own number above 0")
