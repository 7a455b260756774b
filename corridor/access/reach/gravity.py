"""Opportunities that every cell reaches, each counted less the dearer the way to it: gravity on generalised cost.

The measure of cell i is ``sum over j of O_j exp(-b c_ij)`` with c the generalised cost in minutes (Hansen 1959; Geurs
and van Wee 2004). It has no cut-off, so that no cliff decides it, and it never falls when a cost does: a service added
lowers no cell's measure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from corridor.access.cost.departure import CostDeparture
from corridor.access.cost.search import all_costs
from corridor.access.reach.kernels import FAR, Left, Tally, add_gravity, batches
from corridor.access.search.cells import KINDS, columns_of
from corridor.access.search.rows import F32, I32, Rows
from corridor.access.search.strategy import LANES, NEVER_S
from corridor.access.search.threads import map_in_threads
from corridor.core.jit import njit
from corridor.schema.region import Sides, shipped_sides

LEAST_SHARE = 0.002  # what counts less than this is left out
ONE_STEP_S = 1e9  # costs do not depend on the time of access


@dataclass(frozen=True)
class Gravity:
    """Opportunities of every cell, discounted by generalised cost.

    Attributes
    ----------
    decay_per_min
        b in ``exp(-b c)``, by minute.
    sums
        Shape (cells, land state x opportunity x side); a person or job at no cost counts 1.
    sides
        Ids of the two sides, in the order of the columns.
    """

    decay_per_min: float
    sums: F32
    sides: Sides = field(default_factory=shipped_sides)

    def of(self, what: str, state: str = "census", side: str | None = None) -> F32:
        """Discounted opportunities of every cell.

        Parameters
        ----------
        what, state, side
            As for :func:`corridor.access.search.cells.columns_of`; both sides together without a side.
        """
        return np.asarray(self.sums[:, columns_of(self.sides, what, state, side)].sum(axis=1))


def gravity_from_cells(leaving: CostDeparture, decay_per_min: float) -> Gravity:
    """Gravity of every cell, ``sum_j O_j exp(-b c_ij)`` (Hansen 1959), on generalised cost.

    Parameters
    ----------
    leaving
        The network at one clock time with its costs; services and control points count that run up to its limit.
    decay_per_min
        b, by minute of generalised cost (:attr:`AccessParameters.gravity_per_min`); what counts less than
        :data:`LEAST_SHARE` is left out.
    """
    base, clock_s = leaving.costing.base, leaving.departure.start_clock_s
    departure = leaving.departure.on(leaving.network)
    access, egress = base.access(departure), base.egress(departure)
    costs = all_costs(leaving.edges(leaving.windows[-1]))
    cells, n = base.cells, len(base.cells.region)
    decay = np.exp(-decay_per_min / 60.0 * np.arange(int(FAR) + 1, dtype=np.float64)).astype(np.float32)
    limit = np.int16(min(int(FAR) - 1, int(-np.log(LEAST_SHARE) / decay_per_min * 60.0)))
    decay[limit + 1 :] = 0.0
    tally = Tally(base, clock_s, (n, len(cells.sides), KINDS), np.float64)

    def work(batch: I32) -> None:
        sums, ways = tally.sums, tally.ways(_left(costs, batch, egress), access, ONE_STEP_S)
        add_gravity(sums, ways, batch, tally.direct, cells.weights, cells.side[batch[0]], decay, limit)

    map_in_threads(work, batches(cells))
    total = tally.total().transpose(0, 2, 1).reshape(n, -1)
    sums = total.astype(np.float32)
    sums[:, cells.not_given] = np.nan
    return Gravity(decay_per_min, sums, cells.sides)


def _left(costs: F32, batch: I32, egress: Rows) -> Left:
    """Whole generalised seconds from every point to a batch of cells, the same at every step."""
    block = np.full((LANES, costs.shape[0]), NEVER_S, dtype=np.float32)
    _least_left(block, costs, batch, egress)
    rows = np.ascontiguousarray(np.minimum(np.rint(block), FAR).astype(np.int16).T)
    return Left.of(np.arange(len(rows), dtype=np.int32)[np.newaxis], rows)


@njit(cache=True, nogil=True)
def _least_left(block, costs, batch, egress):  # type: ignore[no-untyped-def]
    for o in range(batch.size):
        row = block[o]
        for k in range(egress.start[batch[o]], egress.start[batch[o] + 1]):
            to = costs[egress.column[k]]
            s = egress.seconds[k]
            for p in range(row.size):
                row[p] = min(row[p], to[p] + s)
