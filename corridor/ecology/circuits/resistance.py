"""Effective resistance, current and voltage between core areas, over all paths together (McRae et al. 2008; Circuitscape).

A raster is a circuit (:mod:`corridor.ecology.circuits.graph`). Between two focal regions flows 1 ampere; the voltage
that it takes is their effective resistance in ohm (the unit of the raster's resistances times cells of length).
The current of a cell is the current that enters or leaves it, whichever is more: the net passages of a random
walker from one core to the other. One elimination serves all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, Literal, Unpack, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import ParameterError, Problems, nearest
from corridor.core.jit import njit
from corridor.ecology.circuits.graph import (
    CircuitGraph,
    RasterOptions,
    checked,
    circuit_graph,
    rewired,
)
from corridor.ecology.circuits.memory import refuse_too_large
from corridor.ecology.circuits.solver import Elimination, side_by_side
from corridor.ecology.land.checks import check_choice

Joined = Literal["all", "pair"]
Pairs = Collection[tuple[int, int]]
"""Pairs of focal ids, in either order."""
PAIRS_AT_ONCE = 16
NODES_AT_ONCE = 50_000
CONNECTED, SHORTED, APART, NO_DATA = "connected", "shorted", "apart", "no data"


@dataclass(frozen=True, eq=False)
class PairMaps:
    """Voltage (V) and current (A) of each cell while 1 A flows from ``to_id`` to ``from_id``, which is at 0 V.

    Voltage is NaN where no path leads, current is 0 there; both are NaN without data.
    """

    from_id: int
    to_id: int
    voltage: NDArray[np.float64]
    current: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Circuit:
    """Effective resistances between pairs of focal ids, and their currents.

    Attributes
    ----------
    pairs
        Columns from, to, resistance (ohm), state: ``connected``; ``shorted`` (one conductor, 0 ohm); ``apart`` (no path
        between them, infinite); ``no data`` (a focal id without any cell with data, infinite).
    focal
        Columns focal, cells, cells_nodata, node, component.
    cumulative, maximum
        Sum and largest of the current (A) of each cell over all of ``pairs``, rows and columns of the raster, NaN
        without data; None without ``maps``.
    """

    pairs: pd.DataFrame
    focal: pd.DataFrame
    cumulative: NDArray[np.float64] | None
    maximum: NDArray[np.float64] | None
    _pair_maps: Callable[[int, int], PairMaps] = field(repr=False)

    def matrix(self) -> pd.DataFrame:
        """Resistances (ohm) as a square table, focal ids as index and columns.

        0 on the diagonal, infinite where no path joins two ids, NaN for pairs that were left out.
        """
        ids = self.focal["focal"].to_numpy()
        square = pd.DataFrame(np.where(np.eye(ids.size), 0.0, np.nan), index=ids, columns=ids)
        for a, b, r in zip(self.pairs["from"], self.pairs["to"], self.pairs["resistance"], strict=True):
            square.loc[a, b] = square.loc[b, a] = r
        return square

    def pair_maps(self, a: int, b: int) -> PairMaps:
        """Voltage and current of one pair of focal ids, solved on demand: 1 A from ``b`` to ``a``, which is at 0 V.

        The current is 0 everywhere where the two are one conductor or no path joins them. Raises ParameterError for unknown ids.
        """
        return self._pair_maps(a, b)


def effective_resistance(
    resistance: ArrayLike,
    focal: ArrayLike,
    *,
    maps: bool = False,
    joined: Joined = "pair",
    include: Pairs | None = None,
    **options: Unpack[RasterOptions],
) -> Circuit:
    """Effective resistance between every two focal ids of a raster, and their currents.

    R(i, j) = G(i,i) + G(j,j) - 2 G(i,j), G the inverse of the Laplacian of the raster with one node grounded.

    Parameters
    ----------
    resistance
        Resistance of each cell, rows and columns, 0 or more. NaN and infinite are no data and carry nothing;
        neighbouring cells joined by no resistance are one node.
    focal
        Ids of core areas on the same cells, whole numbers above 0; all else is none. Cells of one id are one conductor,
        whether they touch or not, and so are its cells without data where it has some with.
    maps
        Whether to work out cumulative and maximum current.
    joined
        What the other focal regions are while current flows between two: plain habitat (``pair``, as in Circuitscape;
        one factorisation a pair) or conductors (``all``; one for all pairs, as in :class:`CircuitGrid`). Without regions
        of several cells it is the same.
    include
        Pairs of ids to solve; all where not given. Ids of no pair are plain habitat.
    **options
        ``neighbours``: 8 (default), or 4 without corners. ``average``: ``resistance`` (default) or ``conductance``, what
        of two neighbouring cells is averaged. ``short_circuits``: ids on the same cells, each one conductor.
        ``conductances``: True where the values are conductances (siemens), of which 0 carries nothing.

    Returns
    -------
    Circuit
        Resistances in ohm: the unit of the raster, a cell's side being length 1.

    Raises
    ------
    LayerError
        With all problems of the rasters.
    ParameterError
        For pairs of unknown ids, and where the memory does not suffice.

    References
    ----------
    McRae et al. 2008, Ecology 89:2712-2724; Klein and Randic 1993, Journal of Mathematical Chemistry 12:81-95.

    Examples
    --------
    >>> effective_resistance([[1.0, 1.0, 1.0]], [[1, 0, 2]]).pairs["resistance"].round(6).tolist()
    [2.0]
    """
    with Problems(ParameterError) as found:
        check_choice(found, "joined", joined, get_args(Joined))
    grid = CircuitGrid(resistance, focal, **options)
    if joined == "pair" and grid.graph.focal["cells"].gt(1).any():
        return _pair_by_pair(grid, included(grid, include), maps)
    return grid.circuit(maps=maps, include=include)


def included(grid: CircuitGrid, include: Pairs | None) -> list[tuple[int, int]]:
    """The pairs of focal ids to solve, the lower id first, in order; all of them for None.

    Raises :class:`ParameterError` for ids that the raster does not hold, an id with itself, and no pair at all.
    """
    if include is None:
        return list(combinations(grid.graph.focal["focal"].tolist(), 2))
    grid.refuse_unknown("include", {x for pair in include for x in pair})
    with Problems(ParameterError) as found:
        for a in (a for a, b in include if a == b):
            found.add("include", f"focal id {a} with itself", "two different ids", "take the pair out")
        if not include:
            found.add("include", "no pair", "one pair of focal ids or more", "leave it out for all")
    return sorted({(min(pair), max(pair)) for pair in include})


def _pair_by_pair(grid: CircuitGrid, pairs: list[tuple[int, int]], maps: bool) -> Circuit:
    """Each pair by itself, the other focal regions left as habitat."""
    rows, cumulative, maximum = [], None, None
    for a, b in pairs:
        one = grid.only(a, b).circuit(maps=maps)
        rows.append(one.pairs)
        if one.cumulative is not None and one.maximum is not None:
            cumulative = one.cumulative if cumulative is None else add_maps(cumulative, one.cumulative)
            maximum = one.maximum if maximum is None else np.fmax(maximum, one.maximum)
    table = grid.graph.focal
    ids = {x for pair in pairs for x in pair}
    return Circuit(
        pd.concat(rows, ignore_index=True),
        table[table["focal"].isin(ids)].reset_index(drop=True),
        cumulative,
        maximum,
        lambda a, b: grid.only(a, b).pair_maps(a, b),
    )


def add_maps(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of two maps of one shape; where one of them has no data (NaN), the value of the other.

    A cell without data of a focal region is part of a circuit only where that region is one of the pair.
    """
    return np.asarray(np.where(np.isnan(one), other, one + np.nan_to_num(other)))


class CircuitGrid:
    """A raster with its focal regions, factorised once for all pairs and for scenarios that change some cells.

    Every focal region is a conductor, also while current flows between two others (``joined`` "all"). Arguments and
    errors are those of :func:`effective_resistance`.

    Examples
    --------
    >>> grid = CircuitGrid([[1.0, 1.0, 1.0]], [[1, 0, 2]])
    >>> grid.with_changes([[1.0, 3.0, 1.0]]).circuit().pairs["resistance"].tolist()
    [4.0]
    """

    def __init__(self, resistance: ArrayLike, focal: ArrayLike, **options: Unpack[RasterOptions]):
        self.options = RasterOptions(neighbours=8, average="resistance", conductances=False) | options
        self._base: CircuitGrid | None = None
        self._resistance, self._focal, self._short = checked(resistance, focal, self.options)
        self._refuse_too_large(maps=False)
        self.graph: CircuitGraph = circuit_graph(
            self._resistance, self._focal, self._short, self.options["neighbours"], self.options["average"]
        )

    def _refuse_too_large(self, maps: bool) -> None:
        terminals = np.unique(self._focal[self._focal > 0]).size
        nodes = int(np.count_nonzero(~np.isnan(self._resistance)))
        refuse_too_large(self._resistance.size, nodes, self.options["neighbours"], terminals, maps)

    def only(self, *ids: int) -> CircuitGrid:
        """The same raster with two or more of its focal regions; the others are plain habitat.

        It is factorised afresh. Raises ParameterError for ids that the raster does not hold.
        """
        self.refuse_unknown("focal", ids)
        focal = np.where(np.isin(self._focal, ids), self._focal, 0)
        # the raster held here is in resistances already, whatever was given
        return CircuitGrid(self._resistance, focal, **(self.options | {"conductances": False}))

    def refuse_unknown(self, where: str, ids: Iterable[int]) -> None:
        """Raises :class:`ParameterError` for every focal id that the raster does not hold."""
        known = self.graph.focal["focal"].tolist()
        with Problems(ParameterError) as found:
            for x in sorted(set(ids) - set(known), key=str):
                found.add(where, f"no focal id {x}", "one of the raster's", nearest(str(x), map(str, known)))

    def with_changes(self, resistance_after: ArrayLike) -> CircuitGrid:
        """The same focal regions and options on a raster that differs in some cells.

        What was worked out away from the changed cells is used again, also where cells lose their data; where cells
        get data, or resistances of 0 come or go, all is worked out afresh. The results are the same either way.
        """
        after, *_ = checked(resistance_after, self._focal, self.options)
        graph = rewired(self.graph, self._resistance, after, self.options["average"])
        if graph is None:
            return CircuitGrid(resistance_after, self._focal, **self.options)
        grid = copy(self)
        for name in ("terminals", "elimination", "_transfer"):
            vars(grid).pop(name, None)  # worked out afresh, from those of this circuit
        grid._base, grid._resistance, grid.graph = self, after, graph
        return grid

    def circuit(self, *, maps: bool = False, include: Pairs | None = None) -> Circuit:
        """Effective resistances of all pairs, or of those to ``include``.

        Parameters
        ----------
        maps
            Whether to work out cumulative and maximum current (A) too; takes much more memory.
        include
            Pairs of focal ids. Regions of no pair are plain habitat; the raster is then factorised anew.

        Raises
        ------
        ParameterError
            For pairs of unknown ids, and where the memory does not suffice for maps.
        """
        if include is not None:
            include = included(self, include)
            ids = {x for pair in include for x in pair}
            if len(ids) < len(self.graph.focal):
                return self.only(*ids).circuit(maps=maps, include=include)
        pairs = self._pairs()
        if include is not None:
            pairs = pairs.merge(pd.DataFrame(include, columns=["from", "to"]))
        cumulative, maximum = self._sums(pairs) if maps else (None, None)
        return Circuit(pairs, self.graph.focal.copy(), cumulative, maximum, self.pair_maps)

    @cached_property
    def terminals(self) -> NDArray[np.int64]:
        """Nodes of focal ids that can reach another one, here or in the circuit that this one came from."""
        if self._base is not None:
            # also those that a change cuts off: the order of elimination holds only for the same terminals
            return self._base.terminals
        table = self.graph.focal
        placed = table[table["node"] >= 0].drop_duplicates("node")
        meets = placed.groupby("component")["node"].transform("size") > 1
        return np.asarray(np.sort(placed.loc[meets, "node"].to_numpy()), dtype=np.int64)

    @cached_property
    def elimination(self) -> Elimination:
        """All nodes but the terminals eliminated."""
        if self._base is not None:
            return self._base.elimination.again(self.graph)
        return Elimination.of(self.graph, self.terminals)

    @cached_property
    def _transfer(self) -> NDArray[np.float64]:
        """Voltage at each terminal for 1 A put in at another, each component against its first terminal."""
        # a Laplacian is singular; with one terminal of each component grounded the rest can be inverted
        schur, component = self.elimination.schur, self.graph.component[self.terminals]
        out = np.zeros_like(schur)
        for c in np.unique(component):
            rest = np.flatnonzero(component == c)[1:]
            out[np.ix_(rest, rest)] = np.linalg.inv(schur[np.ix_(rest, rest)])
        return out

    def _pairs(self) -> pd.DataFrame:
        table = self.graph.focal
        ids, node = table["focal"].to_numpy(), table["node"].to_numpy()
        i, j = np.triu_indices(ids.size, 1)
        nodata = (node[i] < 0) | (node[j] < 0)
        part = table["component"].to_numpy()
        state = np.select(
            [nodata, node[i] == node[j], part[i] != part[j]], [NO_DATA, SHORTED, APART], CONNECTED
        )
        ohm = np.where(state == SHORTED, 0.0, np.inf)
        linked = state == CONNECTED
        if linked.any():
            g = self._transfer
            a = np.searchsorted(self.terminals, node[i[linked]])
            b = np.searchsorted(self.terminals, node[j[linked]])
            ohm[linked] = g[a, a] + g[b, b] - 2 * g[a, b]
        return pd.DataFrame({"from": ids[i], "to": ids[j], "resistance": ohm, "state": state})

    def _weights(self, a: int, b: int) -> NDArray[np.float64]:
        """Voltage of each terminal for 1 A from the b-th terminal to the a-th, which is at 0 V; 0 elsewhere."""
        terminal = self._transfer[:, b] - self._transfer[:, a]
        component = self.graph.component[self.terminals]
        return np.where(component == component[a], terminal - terminal[a], 0.0)

    def pair_maps(self, a: int, b: int) -> PairMaps:
        """Voltage and current of one pair of focal ids: see :meth:`Circuit.pair_maps`."""
        self.refuse_unknown("focal", (a, b))
        table = self.graph.focal.set_index("focal")["node"]
        node_a, node_b = int(table[a]), int(table[b])
        component = self.graph.component
        voltage, current = np.zeros(self.graph.nodes), np.zeros(self.graph.nodes)
        together = min(node_a, node_b) >= 0 and component[node_a] == component[node_b]
        if together and node_a != node_b:
            weights = self._weights(*np.searchsorted(self.terminals, [node_a, node_b]))
            voltage = self.elimination.potentials @ weights
            add_currents(self.graph, voltage[:, None], np.ones(1), current, np.zeros_like(current))
        voltage[component != component[node_a] if together else slice(None)] = np.nan
        return PairMaps(a, b, self.graph.on_cells(voltage), self.graph.on_cells(current))

    def _sums(self, pairs: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The sum and the largest of the currents over pairs of focal ids."""
        node = self.graph.focal.set_index("focal")["node"]
        linked = pairs[pairs["state"] == CONNECTED]
        ends = np.sort(
            np.column_stack([linked[side].map(node).to_numpy() for side in ("from", "to")]), axis=1
        )
        unique, times = np.unique(np.searchsorted(self.terminals, ends), axis=0, return_counts=True)
        weights = np.zeros((self.terminals.size, len(unique)))
        for pair, (a, b) in enumerate(unique.tolist()):
            weights[:, pair] = self._weights(a, b)
        return self.currents(weights, times.astype(np.float64))

    def currents(
        self, voltage: NDArray[np.float64], times: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The sum and the largest of the current (A) of each cell over solutions, NaN without data.

        ``voltage``: that of each terminal (rows) in each solution (columns), counted ``times``.
        """
        self._refuse_too_large(maps=True)
        total, largest = np.zeros(self.graph.nodes), np.zeros(self.graph.nodes)
        for at in range(0, times.size, PAIRS_AT_ONCE):
            block = slice(at, at + PAIRS_AT_ONCE)
            of_node = self.elimination.potentials @ voltage[:, block]
            add_currents(self.graph, of_node, times[block], total, largest)
        return self.graph.on_cells(total), self.graph.on_cells(largest)


def add_currents(
    graph: CircuitGraph,
    voltage: NDArray[np.float64],
    times: NDArray[np.float64],
    total: NDArray[np.float64],
    largest: NDArray[np.float64],
) -> None:
    """Add the current of each node in some solutions to a total and a largest current, both changed in place.

    The current of a node is what enters or what leaves it through its resistors, whichever is more.

    Parameters
    ----------
    graph
        The circuit, of n nodes.
    voltage
        Voltages (V), shape (n, solutions).
    times
        How often each solution counts in the total; the largest does not depend on it.
    total, largest
        Currents (A) by node, shape (n,).
    """

    resistors = graph.start, graph.neighbour, graph.conductance

    def some(i: int) -> None:
        begin, end = i * NODES_AT_ONCE, min((i + 1) * NODES_AT_ONCE, graph.nodes)
        _node_currents(begin, end, resistors, voltage, times, total, largest)

    # each call writes to nodes of its own, so that they may run at the same time
    side_by_side(some, np.arange(-(-graph.nodes // NODES_AT_ONCE)))


@njit(cache=True, nogil=True)
def _node_currents(
    begin: int, end: int, resistors: Any, voltage: Any, times: Any, total: Any, largest: Any
) -> None:
    """The larger of the current into and out of each node begin to end - 1, over pairs."""
    start, neighbour, conductance = resistors
    pairs = times.size
    enters, leaves = np.zeros(pairs), np.zeros(pairs)
    for node in range(begin, end):
        enters[:], leaves[:] = 0.0, 0.0
        for k in range(start[node], start[node + 1]):
            other, g = neighbour[k], conductance[k]
            for p in range(pairs):
                flow = g * (voltage[node, p] - voltage[other, p])
                leaves[p] += max(flow, 0.0)
                enters[p] -= min(flow, 0.0)
        for p in range(pairs):
            current = max(enters[p], leaves[p])
            total[node] += times[p] * current
            largest[node] = max(largest[node], current)
