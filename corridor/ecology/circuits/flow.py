"""Current from given sources to given grounds (Circuitscape's advanced mode; McRae et al. 2008).

Any cell may put current in (a source, in ampere; below 0 it draws current out) and any cell may let it out through
a resistor to the ground (in ohm; 0 ties the cell to it). Voltages follow from L v + G v = i: L the Laplacian of the raster,
G the conductances to the ground, i the sources; nodes tied to the ground are at 0 V.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Unpack, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import splu

from corridor.core.errors import LayerError, Problem, Problems
from corridor.ecology.circuits.graph import CircuitGraph, RasterOptions, checked, circuit_graph
from corridor.ecology.circuits.memory import refuse_too_large_to_factorise
from corridor.ecology.circuits.resistance import add_currents
from corridor.ecology.land.checks import check_choice

Remove = Literal["none", "source", "ground", "both"]


@dataclass(frozen=True, eq=False)
class Flow:
    """Voltage (V) and current (A) of each cell; voltage is NaN where no ground is reached, both without data.

    The current of a cell is what enters or what leaves it, through its neighbours and its resistor to the ground, whichever
    is more.
    """

    voltage: NDArray[np.float64]
    current: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sources:
    """Current that cells put in.

    Attributes
    ----------
    amps
        Amperes on the cells of the raster; 0 or NaN is none, below 0 draws current out.
    """

    amps: NDArray[np.float64]

    @classmethod
    def unit(cls, where: ArrayLike) -> Sources:
        """1 A from each cell that is true (Circuitscape's unit currents)."""
        return cls(np.asarray(where, dtype=np.bool_).astype(np.float64))


@dataclass(frozen=True, eq=False)
class Grounds:
    """Resistors from cells to the ground.

    Attributes
    ----------
    ohm
        Their resistance on the cells of the raster; NaN is none, 0 ties the cell to the ground (0 V).
    """

    ohm: NDArray[np.float64]

    @classmethod
    def of_conductances(cls, siemens: ArrayLike) -> Grounds:
        """Grounds from conductances (siemens) on the cells of the raster.

        0 or NaN is no resistor, infinite ties the cell to the ground. Raises LayerError for anything but numbers.
        """
        values = _numbers("grounds", siemens)
        with np.errstate(divide="ignore"):
            return cls(np.where(values == 0, np.nan, 1.0 / values))

    @classmethod
    def direct(cls, where: ArrayLike) -> Grounds:
        """Each cell that is true, tied to the ground (Circuitscape's direct grounds)."""
        return cls(np.where(np.asarray(where, dtype=np.bool_), 0.0, np.nan))


def solve_advanced(
    resistance: ArrayLike,
    sources: Sources,
    grounds: Grounds,
    *,
    remove: Remove = "none",
    **options: Unpack[RasterOptions],
) -> Flow:
    """Voltage and current of each cell of a raster between sources and grounds.

    Solves L v + G v = i, L the Laplacian of the raster, G the conductances to the ground, i the sources.

    Parameters
    ----------
    resistance
        As in :func:`corridor.ecology.circuits.resistance.effective_resistance`, and so the ``options``.
    sources, grounds
        On the same cells. Sources on cells of one conductor add up, and so do the conductances of its grounds.
    remove
        What to take away where a conductor has both: nothing, the ``source``, the ``ground``, or ``both``. With ``none``
        a direct ground goes, otherwise the current would never enter the raster (as in Circuitscape).

    Raises
    ------
    LayerError
        With every problem: rasters of different shapes, sources or grounds without data, amperes not finite, ohm below
        0, sources from which no path leads to a ground.
    ParameterError
        Where the memory does not suffice.

    Examples
    --------
    >>> source, ground = np.array([[1.0, 0.0, 0.0]]), np.array([[np.nan, np.nan, 0.0]])
    >>> solve_advanced([[1.0, 1.0, 1.0]], Sources(source), Grounds(ground)).voltage.tolist()
    [[2.0, 1.0, 0.0]]
    """
    neighbours, average = options.get("neighbours", 8), options.get("average", "resistance")
    raster, focal, short = checked(resistance, None, options)
    amps, ohm = _numbers("sources", sources.amps), _numbers("grounds", grounds.ohm)
    with Problems() as found:
        _check_given(found, "sources", amps, raster, np.nan_to_num(amps) == 0, "current")
        _check_given(found, "grounds", ohm, raster, np.isnan(ohm), "ohm")
        check_choice(found, "remove", remove, get_args(Remove))
    refuse_too_large_to_factorise(raster.size, int(np.count_nonzero(~np.isnan(raster))), neighbours)
    graph = circuit_graph(raster, focal, short, neighbours, average)
    current, siemens = _resolved(*_on_nodes(graph, amps, ohm), remove)
    alive = _alive(graph, current, siemens)
    voltage = _voltages(graph, current, siemens, alive)
    return Flow(
        graph.on_cells(np.where(alive, voltage, np.nan)),
        graph.on_cells(_node_currents(graph, voltage, np.where(np.isinf(siemens), 0.0, siemens))),
    )


def _on_nodes(
    graph: CircuitGraph, amps: NDArray[np.float64], ohm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Amperes put into each node and siemens from it to the ground (infinite: tied to it)."""
    node, given = graph.node_of.ravel(), np.nan_to_num(amps.ravel())
    source, ground = np.flatnonzero(given), np.flatnonzero(~np.isnan(ohm.ravel()))
    with np.errstate(divide="ignore", over="ignore"):  # next to no resistance is none
        conductance = 1.0 / ohm.ravel()[ground]
    current = np.bincount(node[source], weights=given[source], minlength=graph.nodes)
    siemens = np.bincount(node[ground], weights=conductance, minlength=graph.nodes)
    return current.astype(np.float64), siemens.astype(np.float64)


def _resolved(
    amps: NDArray[np.float64], siemens: NDArray[np.float64], remove: Remove
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sources and grounds after what is to be removed where a node has both."""
    both = (amps != 0) & (siemens > 0)
    kept_amps = np.where(both & (remove in ("source", "both")), 0.0, amps)
    gone = both & (np.isinf(siemens) if remove == "none" else remove in ("ground", "both"))
    return kept_amps, np.where(gone, 0.0, siemens)


def _alive(graph: CircuitGraph, amps: NDArray[np.float64], siemens: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Nodes that a ground can be reached from. Raises :class:`LayerError` where a source is elsewhere, or nothing is left."""
    grounded = np.zeros(int(graph.component.max(initial=-1)) + 1, dtype=np.bool_)
    grounded[graph.component[siemens > 0]] = True
    alive = grounded[graph.component]
    with Problems() as found:
        if not (amps != 0).any():
            remedy = "give some cell amperes, or do not remove sources"
            found.add("sources", "no source is left", "one source or more", remedy)
        lost = (amps != 0) & ~alive
        if lost.any():
            first = _first(np.isin(graph.node_of, np.flatnonzero(lost)))
            what = f"{lost.sum()} of {(amps != 0).sum()} from which no path leads to a ground, the first at {first}"
            expected, remedy = (
                "a ground in each part with a source",
                "add a ground there or take the source out",
            )
            found.add("sources", what, expected, remedy)
    return np.asarray(alive)


def _voltages(
    graph: CircuitGraph, amps: NDArray[np.float64], siemens: NDArray[np.float64], alive: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Voltage of each node, 0 where it is tied to the ground or reaches none."""
    voltage = np.zeros(graph.nodes)
    free = np.flatnonzero(alive & ~np.isinf(siemens))
    if free.size:
        diagonal = np.asarray(graph.matrix.sum(axis=1)).ravel()[free] + siemens[free]
        laplacian = csc_array(diags_array(diagonal) - graph.matrix[free][:, free])
        factor = splu(
            laplacian, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
        )
        voltage[free] = factor.solve(amps[free])
    return voltage


def _node_currents(
    graph: CircuitGraph, voltage: NDArray[np.float64], siemens: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What enters or leaves each node through its neighbours and its resistor to the ground, whichever is more."""
    most = np.zeros(graph.nodes)
    add_currents(graph, voltage[:, None], np.ones(1), most, np.zeros_like(most))
    matrix = graph.matrix
    net = voltage * np.asarray(matrix.sum(axis=1)).ravel() - matrix @ voltage  # what leaves less what enters
    leaves, enters = np.where(net > 0, most, most + net), np.where(net > 0, most - net, most)
    drained = siemens * voltage
    return np.asarray(np.maximum(leaves + np.maximum(drained, 0.0), enters + np.maximum(-drained, 0.0)))


def _numbers(name: str, given: ArrayLike) -> NDArray[np.float64]:
    """An array of numbers. Raises :class:`LayerError` for anything else."""
    array = np.asarray(given)
    if array.dtype.kind not in "fiub":
        raise LayerError(Problem(name, f"values of {array.dtype}", "numbers, NaN for none", "correct them"))
    return array.astype(np.float64)


def _first(wrong: NDArray[np.bool_]) -> str:
    """Where the first of some cells is."""
    row, column = np.unravel_index(int(np.flatnonzero(wrong)[0]), wrong.shape)
    return f"row {int(row)}, column {int(column)}"


def _check_given(
    found: Problems,
    name: str,
    given: NDArray[np.float64],
    raster: NDArray[np.float64],
    none: NDArray[np.bool_],
    finite: str,
) -> None:
    """Note sources or grounds of another shape, infinite, on cells without data, or none at all."""
    if given.shape != raster.shape:
        what = f"shape {given.shape}, but the raster has {raster.shape}"
        found.add(name, what, "one shape", "resample it to the same cells")
        return
    blank = "0" if name == "sources" else "NaN"
    wrongs = [(f"of infinite {finite}", np.isinf(given), f"finite {finite}", "correct them")]
    if name == "grounds":
        wrongs.append(("below 0 ohm", given < 0, "0 ohm or more", "write NaN where there is no ground"))
    wrongs.append(
        ("without data", ~none & np.isnan(raster), "cells with data", f"move them, or write {blank} there")
    )
    for what, wrong, expected, remedy in wrongs:
        if wrong.any():
            found.add(
                name, f"{int(wrong.sum())} cells {what}, the first at {_first(wrong)}", expected, remedy
            )
    if none.all():
        one = name[:-1]
        found.add(name, f"no {one}", f"one {one} or more", f"give at least one cell a {one}")
