"""Least-cost distance over a raster of resistances (Adriaensen et al. 2003): the one cheapest path, 4 or 8 neighbours.

A circuit counts all paths, cost distance the best alone; read the two side by side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from corridor.core.errors import Problems
from corridor.ecology.circuits.graph import Neighbours, circuit_graph


def cost_distance(
    resistance: ArrayLike, sources: ArrayLike, *, neighbours: Neighbours = 8, cell_m: float = 1.0
) -> NDArray[np.float64]:
    """The least cost from the nearest source to each cell: resistance times metres, infinite where no path leads.

    A step between cells of resistance a and b costs (a + b) / 2 times its length: ``cell_m``, or the root of 2
    times as much across a corner. ``resistance``: 0 or more, NaN or infinite carries nothing. ``sources``: cells that
    are true (or above 0) start at cost 0; those without data start nothing. Raises :class:`LayerError`.
    """
    cost, start = np.asarray(resistance, dtype=np.float64), np.asarray(sources)
    with Problems() as found:
        if cost.ndim != 2 or start.shape != cost.shape:
            what = f"shapes {cost.shape} and {start.shape}"
            found.add("cost distance", what, "rows and columns, the same for both", "resample one")
        if (cost < 0).any():
            what = f"{int((cost < 0).sum())} negative cells, {np.nanmin(cost):g} the lowest"
            found.add("resistance", what, "0 or more, or NaN", "write NaN where there is no data")
        if not (start > 0).any():
            found.add("sources", "no cell", "one cell above 0 or more", "mark the sources")
        if neighbours not in (4, 8):
            found.add("neighbours", str(neighbours), "4 or 8", "8 steps across corners too")
        if not cell_m > 0:
            found.add("cell_m", f"{cell_m:g}", "metres above 0", "give the side of a cell")
    cost = np.where(np.isinf(cost), np.nan, cost)
    graph = circuit_graph(cost, np.zeros(cost.shape, dtype=np.int64), None, neighbours, "resistance")
    steps = csr_array(
        (1.0 / graph.conductance, graph.neighbour, graph.start), shape=(graph.nodes, graph.nodes)
    )
    first = np.unique(graph.node_of[(start > 0) & ~np.isnan(cost)])
    away = dijkstra(steps, indices=first, min_only=True) if first.size else np.full(graph.nodes, np.inf)
    return np.asarray(np.append(away, np.inf)[graph.node_of]) * cell_m
