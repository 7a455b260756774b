"""Opportunities that every cell reaches, each counted less the dearer the way to it: gravity on generalised cost.

The measure of cell i is ``sum over j of O_j exp(-b c_ij)`` with c the generalised cost in minutes (Hansen 1959; Geurs
and van Wee 2004). It has no cut-off, so that no cliff decides it, and it never falls when a cost does: a service added
lowers no cell's measure.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.search import all_costs
from corridor.access.reach.reach import FAR, batches, forget, soonest_ways, ways_in
from corridor.access.search.cells import KINDS, LAND_STATES, OPPORTUNITIES
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES, NEVER_S
from corridor.access.search.threads import THREADS
from corridor.core.jit import njit
from corridor.schema.region import Sides, shipped_sides

F32 = NDArray[np.float32]
I16 = NDArray[np.int16]
LEAST_SHARE = 0.002  # what counts less than this is left out


@dataclass(frozen=True)
class Gravity:
    """Opportunities of every cell, discounted by cost: (cell, land state x opportunity x side)."""

    decay_per_min: float
    sums: F32
    sides: Sides = field(default_factory=shipped_sides)

    def of(self, what: str, state: str = "census", side: str | None = None) -> F32:
        """Discounted opportunities on both sides or on one."""
        base = (LAND_STATES.index(state) * len(OPPORTUNITIES) + OPPORTUNITIES.index(what)) * len(self.sides)
        picked = [base + self.sides.index(s) for s in ([side] if side else self.sides)]
        return np.asarray(self.sums[:, picked].sum(axis=1))


def gravity_from_cells(leaving: CostDeparture, decay_per_min: float) -> Gravity:
    """Of every cell, on services and control points that run up to the limit of the departure."""
    base, clock_s = leaving.costing.base, leaving.departure.start_clock_s
    departure = replace(leaving.departure, network=leaving.network)
    access, egress = base.access(departure), base.egress(departure)
    costs = all_costs(leaving.edges(leaving.windows[-1]))
    cells, walks, by_bus = base.cells, base.cell_walks(), base.cells_by_bus(clock_s)
    decay = np.exp(-decay_per_min / 60.0 * np.arange(int(FAR) + 1, dtype=np.float64))
    limit = np.int16(min(int(FAR) - 1, int(-np.log(LEAST_SHARE) / decay_per_min * 60.0)))
    decay[limit + 1 :] = 0.0
    local = threading.local()
    parts: list[NDArray[np.float64]] = []

    def work(batch: NDArray[np.int32]) -> None:
        if not hasattr(local, "sums"):
            local.walk = np.full((len(cells.region), LANES), FAR, dtype=np.int16)
            local.sums = np.zeros((len(cells.region), len(cells.sides), KINDS))
            parts.append(local.sums)
        table = _left(costs, batch, egress)
        _add_gravity(
            local.sums,
            table,
            table.min(axis=(0, 2)),
            limit,
            batch,
            access.start,
            access.column,
            access.seconds,
            local.walk,
            walks.start,
            walks.column,
            walks.seconds,
            *by_bus,
            cells.weights,
            cells.side[batch[0]],
            decay.astype(np.float32),
        )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, batches(cells)))
    total = np.sum(parts, axis=0).transpose(0, 2, 1).reshape(len(cells.region), -1)
    return Gravity(decay_per_min, total.astype(np.float32), cells.sides)


def _left(costs: F32, batch: NDArray[np.int32], egress: Rows) -> I16:
    """(1, point, lane) whole generalised seconds from every point to a batch of cells."""
    block = np.full((LANES, costs.shape[0]), NEVER_S, dtype=np.float32)
    _least_left(block, costs, batch, egress.start, egress.column, egress.seconds)
    return np.ascontiguousarray(np.minimum(np.rint(block), FAR).astype(np.int16).T)[np.newaxis]


@njit(cache=True, nogil=True)
def _least_left(block, costs, batch, start, point, seconds):  # type: ignore[no-untyped-def]
    for o in range(batch.size):
        row = block[o]
        for k in range(start[batch[o]], start[batch[o] + 1]):
            to = costs[point[k]]
            s = seconds[k]
            for p in range(row.size):
                row[p] = min(row[p], to[p] + s)


@njit(cache=True, nogil=True)
def _add_gravity(  # type: ignore[no-untyped-def]
    sums,
    table,
    soonest,
    limit,
    batch,
    start,
    point,
    seconds,
    walk,
    walk_start,
    walk_cell,
    walk_s,
    bus_row,
    bus_s,
    weights,
    side,
    decay,
):
    """Add to `sums` (cell, side, kind) what every cell reaches of one batch of cells."""
    lanes = table.shape[2]
    kinds = weights.shape[1]
    here = np.zeros((kinds, lanes), dtype=np.float32)
    on_foot = np.zeros(start.size - 1, dtype=np.bool_)
    ways_in(walk, on_foot, batch, walk_start, walk_cell, walk_s, bus_row, bus_s)
    for o in range(batch.size):
        for w in range(kinds):
            here[w, o] = weights[batch[o], w]
    best = np.empty(lanes, dtype=np.int16)
    counts = np.empty(lanes, dtype=np.float32)
    one_step = np.float32(1e9)
    for i in range(start.size - 1):
        if not soonest_ways(best, i, table, soonest, limit, start, point, seconds, one_step, walk, on_foot):
            continue
        for o in range(lanes):
            counts[o] = decay[min(best[o], FAR)]
        for w in range(kinds):
            total = np.float32(0.0)
            for o in range(lanes):
                total += here[w, o] * counts[o]
            sums[i, side, w] += total
    forget(walk, on_foot)
