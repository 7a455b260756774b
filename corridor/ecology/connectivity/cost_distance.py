"""Least-cost distance over a raster of resistances (Adriaensen et al. 2003): the one cheapest way, 4 or 8 neighbours.

A circuit counts all ways, cost distance the best alone; the two are told side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from corridor.core.heap import pop, push
from corridor.core.jit import njit
from corridor.ecology.circuits.graph import Neighbours
from corridor.ecology.land.checks import LayerProblem, raise_all


def cost_distance(
    resistance: ArrayLike, sources: ArrayLike, *, neighbours: Neighbours = 8, cell_m: float = 1.0
) -> NDArray[np.float64]:
    """The least cost from the nearest source to each cell: resistance times metres, infinite where no way leads.

    A step between cells of resistance a and b costs (a + b) / 2 times its length: ``cell_m``, or the root of 2
    times as much across a corner. ``resistance``: 0 or more, NaN or infinite carries nothing. ``sources``: cells that
    are true (or above 0) start at cost 0; those without data start nothing. Raises :class:`LayerError`.
    """
    cost, start = np.asarray(resistance, dtype=np.float64), np.asarray(sources)
    raise_all(_problems(cost, start, neighbours, cell_m))
    cost = np.where(np.isinf(cost), np.nan, cost)
    return np.asarray(_spread(cost, (start > 0) & ~np.isnan(cost), neighbours == 8)) * cell_m


def _problems(
    cost: NDArray[np.float64], sources: NDArray[Any], neighbours: int, cell_m: float
) -> list[LayerProblem]:
    found = []
    if cost.ndim != 2 or sources.shape != cost.shape:
        what = f"shapes {cost.shape} and {sources.shape}"
        found.append(
            LayerProblem("cost distance", what, "rows and columns, the same for both", "resample one")
        )
    if (cost < 0).any():
        what = f"{int((cost < 0).sum())} negative cells, {np.nanmin(cost):g} the lowest"
        found.append(
            LayerProblem("resistance", what, "0 or more, or NaN", "write NaN where there is no data")
        )
    if not (sources > 0).any():
        found.append(LayerProblem("sources", "no cell", "one cell above 0 or more", "mark the sources"))
    if neighbours not in (4, 8):
        found.append(LayerProblem("neighbours", str(neighbours), "4 or 8", "8 steps across corners too"))
    if not cell_m > 0:
        found.append(LayerProblem("cell_m", f"{cell_m:g}", "metres above 0", "give the side of a cell"))
    return found


@njit(cache=True, nogil=True)
def _spread(cost: Any, sources: Any, diagonal: bool) -> Any:
    """Dijkstra with a binary heap; a cell may stand in it more than once, the first out counts."""
    rows, columns = cost.shape
    distance = np.full((rows, columns), np.inf)
    keys = np.empty(max(16, cost.size // 4))
    cells = np.empty(keys.size, dtype=np.int64)
    held = 0
    for cell in range(cost.size):
        if sources.ravel()[cell]:
            distance[cell // columns, cell % columns] = 0.0
            if held == keys.size:
                keys = np.concatenate((keys, np.empty_like(keys)))
                cells = np.concatenate((cells, np.empty_like(cells)))
            held = push(keys, cells, held, 0.0, cell)
    while held:
        key, cell = keys[0], cells[0]
        held = pop(keys, cells, held)
        i, j = cell // columns, cell % columns
        if key > distance[i, j]:
            continue
        for k in range(max(i - 1, 0), min(i + 2, rows)):
            for m in range(max(j - 1, 0), min(j + 2, columns)):
                corner = k != i and m != j
                if np.isnan(cost[k, m]) or (corner and not diagonal):
                    continue
                length = np.sqrt(2.0) if corner else 1.0
                there = key + 0.5 * (cost[i, j] + cost[k, m]) * length
                if there < distance[k, m]:
                    distance[k, m] = there
                    if held == keys.size:
                        keys = np.concatenate((keys, np.empty_like(keys)))
                        cells = np.concatenate((cells, np.empty_like(cells)))
                    held = push(keys, cells, held, there, k * columns + m)
    return distance
