"""One focal region against all others at once: one-to-all and all-to-one (Circuitscape's modes; McRae et al. 2008).

*One to all*: current enters one region and leaves through all the others, tied to the ground together. *All to one*:
current enters every other region and leaves through the one. Both say how well each region is joined to the rest and
where the movement to or from it concentrates, with one solution a region instead of one a pair. One elimination of
the raster (:class:`corridor.ecology.circuits.resistance.CircuitGrid`) serves all regions and both modes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.errors import ParameterError, Problems
from corridor.ecology.circuits.flow import Flow
from corridor.ecology.circuits.resistance import (
    APART,
    CONNECTED,
    NO_DATA,
    SHORTED,
    CircuitGrid,
    Pairs,
    add_currents,
    add_maps,
    included,
)

Mode = Literal["one to all", "all to one"]


@dataclass(frozen=True, eq=False)
class FocalFlows:
    """One solution for each focal region.

    Attributes
    ----------
    table
        Columns focal; state (``connected``, ``shorted``: one conductor with every partner it can reach, ``apart``: no path to
        a partner, ``no data``); amps that flow; resistance (ohm; one to all only) between the region and all its
        partners together, infinite where none is reached.
    cumulative, maximum
        Sum and largest of the current (A) of each cell over all regions, NaN without data; None without ``maps``.
    """

    table: pd.DataFrame
    cumulative: NDArray[np.float64] | None
    maximum: NDArray[np.float64] | None
    _flow: Callable[[int], Flow] = field(repr=False)

    def flow(self, focal_id: int) -> Flow:
        """Voltage (V) and current (A) of each cell while one region is the one.

        One to all: its partners are at 0 V. All to one: the region itself is. Raises ParameterError for an unknown focal id.
        """
        return self._flow(focal_id)


@dataclass(frozen=True, eq=False)
class _Solved:
    """What happens while one region is the one: voltages of the terminals of the grid that it was solved on."""

    grid: CircuitGrid
    state: str
    amps: float
    resistance: float
    voltage: NDArray[np.float64]
    component: int

    def flow(self) -> Flow:
        graph = self.grid.graph
        voltage, current = np.full(graph.nodes, np.nan), np.zeros(graph.nodes)
        if self.state in (CONNECTED, SHORTED):
            here = graph.component == self.component
            voltage[here] = 0.0
        if self.state == CONNECTED:
            solved = self.grid.elimination.potentials @ self.voltage
            add_currents(graph, solved[:, None], np.ones(1), current, np.zeros_like(current))
            voltage[here] = solved[here]
        return Flow(graph.on_cells(voltage), graph.on_cells(current))


def one_to_all(
    grid: CircuitGrid,
    *,
    include: Pairs | None = None,
    strength_a: Mapping[int, float] | None = None,
    maps: bool = False,
) -> FocalFlows:
    """Current from each focal region to all the others, which are tied to the ground.

    The resistance of a region is its voltage over its current: at most the least of its pairwise resistances, because
    more paths out never raise it (Rayleigh's monotonicity law).

    Parameters
    ----------
    grid
        The raster with its focal regions.
    include
        Only these pairs of ids; for each region those that are not its partners are plain habitat.
    strength_a
        Amperes of a region by its id, 1 where it has none; they scale maps, not resistances.
    maps
        Whether to work out cumulative and maximum current.

    Raises
    ------
    ParameterError
        For unknown ids, and strengths below 0 or not finite.

    References
    ----------
    McRae et al. 2008, Ecology 89:2712-2724.

    Examples
    --------
    >>> grid = CircuitGrid([[1.0, 1.0, 1.0, 1.0, 1.0]], [[1, 0, 2, 0, 3]])
    >>> one_to_all(grid).table["resistance"].tolist()
    [2.0, 1.0, 2.0]
    """
    return _each(grid, "one to all", include, strength_a, maps)


def all_to_one(
    grid: CircuitGrid,
    *,
    include: Pairs | None = None,
    strength_a: Mapping[int, float] | None = None,
    maps: bool = False,
) -> FocalFlows:
    """Current from all other focal regions to each region, which is tied to the ground.

    Each of the others puts in its own strength, once however many cells it has. Arguments and errors are those of
    :func:`one_to_all`.
    """
    return _each(grid, "all to one", include, strength_a, maps)


def _each(
    grid: CircuitGrid, mode: Mode, include: Pairs | None, strength_a: Mapping[int, float] | None, maps: bool
) -> FocalFlows:
    strengths = _strengths(grid, strength_a)
    pairs = included(grid, include)
    partners: dict[int, list[int]] = {x: [] for x in sorted({x for pair in pairs for x in pair})}
    for a, b in pairs:
        partners[a].append(b)
        partners[b].append(a)
    base = grid if len(partners) == len(grid.graph.focal) else grid.only(*partners)
    solved = {one: _solved(_with(base, [one, *others]), mode, one, others, strengths)
              for one, others in partners.items()}  # fmt: skip
    columns = ["state", "amps", "resistance"] if mode == "one to all" else ["state", "amps"]
    table = pd.DataFrame({"focal": list(solved)})
    table = table.assign(**{c: [getattr(s, c) for s in solved.values()] for c in columns})
    cumulative, maximum = _summed(base, list(solved.values())) if maps else (None, None)

    def flow(focal_id: int) -> Flow:
        base.refuse_unknown("focal", [focal_id])
        return solved[focal_id].flow()

    return FocalFlows(table, cumulative, maximum, flow)


def _strengths(grid: CircuitGrid, strength_a: Mapping[int, float] | None) -> dict[int, float]:
    """The strength of each focal id (A)."""
    given = dict(strength_a or {})
    grid.refuse_unknown("strength_a", given)
    with Problems(ParameterError) as found:
        for x, v in sorted(given.items()):
            if not (isinstance(v, Real) and np.isfinite(v) and v >= 0):
                found.add("strength_a", f"{v!r} for focal id {x}", "amperes, 0 or more", "correct it")
    return {x: given.get(x, 1.0) for x in grid.graph.focal["focal"].tolist()}


def _with(grid: CircuitGrid, ids: list[int]) -> CircuitGrid:
    """A grid on which the regions of all other ids are plain habitat; the same where they are single cells anyway."""
    table = grid.graph.focal
    left_out = table[~table["focal"].isin(ids)]
    return grid.only(*ids) if left_out["cells"].gt(1).any() else grid


def _solved(
    grid: CircuitGrid, mode: Mode, one: int, others: list[int], strengths: Mapping[int, float]
) -> _Solved:
    """Voltages of all terminals of a grid: S v = i on those not tied to the ground (S: siemens among terminals)."""
    graph, terminals = grid.graph, grid.terminals
    node_of = graph.focal.set_index("focal")["node"]
    node = int(node_of[one])
    component = int(graph.component[node]) if node >= 0 else -1
    volts, amps = np.zeros(terminals.size), np.zeros(terminals.size)
    partner_nodes = {x: int(node_of[x]) for x in others if node_of[x] >= 0}
    reached = {x: n for x, n in partner_nodes.items() if graph.component[n] == component}
    apart = {x: n for x, n in reached.items() if n != node}
    if node < 0 or not apart:
        state = NO_DATA if node < 0 else SHORTED if reached else APART
        return _Solved(grid, state, 0.0, 0.0 if state == SHORTED else np.inf, volts, component)
    here = int(np.searchsorted(terminals, node))
    there = {x: int(np.searchsorted(terminals, n)) for x, n in apart.items()}
    grounded = np.zeros(terminals.size, dtype=np.bool_)
    if mode == "one to all":
        grounded[list(there.values())] = True
        amps[here] = 1.0  # the strength scales what comes out
    else:
        grounded[here] = True
        for x, i in there.items():
            amps[i] += strengths[x]
    free = np.flatnonzero((graph.component[terminals] == component) & ~grounded)
    volts[free] = np.linalg.solve(grid.elimination.schur[np.ix_(free, free)], amps[free])
    resistance = float(volts[here])
    if mode == "one to all":
        volts, amps = volts * strengths[one], amps * strengths[one]
    return _Solved(grid, CONNECTED, float(amps.sum()), resistance, volts, component)


def _summed(base: CircuitGrid, solved: list[_Solved]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sum and the largest of the currents of all solutions."""
    total, largest = base.currents(np.zeros((base.terminals.size, 0)), np.zeros(0))
    for grid in {id(s.grid): s.grid for s in solved}.values():
        volts = [s.voltage for s in solved if s.grid is grid]
        more, most = grid.currents(np.column_stack(volts), np.ones(len(volts)))
        total, largest = add_maps(total, more), np.fmax(largest, most)
    return total, largest
