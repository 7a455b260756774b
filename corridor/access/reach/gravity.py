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
from corridor.access.reach.change import (
    Points,
    concerning,
    lower_by_bus,
    lower_by_others,
    lower_by_same,
    may_differ,
    on_foot,
    point_keys,
)
from corridor.access.reach.kernels import FAR, SHARES, Left, Tally, add_gravity, batches, discounted, held
from corridor.access.search.cells import KINDS, columns_of
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES, NEVER_S
from corridor.access.search.threads import map_in_threads
from corridor.access.surroundings.base import BaseLayer
from corridor.core.arrays import F32, I32, I64
from corridor.core.jit import kernel_part, njit
from corridor.schema.region import Sides, shipped_sides

LEAST_SHARE = 0.002  # what counts less than this is left out
MOST_OTHER = 0.08
"""Of the costs between points: where more are others, starting from another network takes longer than from nothing."""
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


@dataclass(frozen=True)
class Sums:
    """What gravity was added up from on one network, so that another with the same points starts from it.

    Attributes
    ----------
    access, egress
        For each cell, the points it reaches, and those it is reached from.
    costs_s
        Generalised seconds, (point to, point from).
    total
        (cells, sides, kinds) in :data:`~corridor.access.reach.kernels.SHARES` of a person or job.
    """

    access: Rows
    egress: Rows
    costs_s: F32
    total: I64


def gravity_from_cells(leaving: CostDeparture, decay_per_min: float) -> Gravity:
    """Gravity of every cell, ``sum_j O_j exp(-b c_ij)`` (Hansen 1959), on generalised cost.

    Where the base layer keeps what a network with the same points came to, only cells and destinations between which a cost is
    another are worked out; the result is the same, to the last digit.

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
    # first, as in reach_from_cells
    tally = Tally(base, clock_s, (len(base.cells.region), len(base.cells.sides), KINDS), np.int64)
    access, egress = base.access(departure), base.egress(departure)
    keys, costs = point_keys(departure.network), all_costs(leaving.edges(leaving.windows[-1]))
    depends_on = [repr((clock_s, base.weights, base.ground.parameters, decay_per_min, keys))]
    last = base.known.last(Sums, "gravity", depends_on)
    if last and np.mean(last.costs_s != costs) > MOST_OTHER:
        last = None
    total = _total(access, egress, costs, last, base, tally, decay_per_min)
    base.known.put_last(Sums(access, egress, costs, total), "gravity", depends_on)
    sums = (total.transpose(0, 2, 1).reshape(len(total), -1) / SHARES).astype(np.float32)
    sums[:, base.cells.not_given] = np.nan
    return Gravity(decay_per_min, sums, base.cells.sides)


def _total(
    access: Rows, egress: Rows, costs_s: F32, last: Sums | None, base: BaseLayer, tally: Tally, decay_per_min: float
) -> I64:  # fmt: skip
    """The sums of a network, from nothing or from the last of another."""
    cells = base.cells
    decay = np.exp(-decay_per_min / 60.0 * np.arange(int(FAR) + 1, dtype=np.float64)).astype(np.float32)
    limit = np.int16(min(int(FAR) - 1, int(-np.log(LEAST_SHARE) / decay_per_min * 60.0)))
    decay[limit + 1 :] = 0.0
    if last:
        points = Points.of(range(len(costs_s)), range(len(costs_s)), last.access, access)
        around = last.access.transposed(len(costs_s))

    def work(batch: I32) -> None:
        left = _left(costs_s, batch, egress)
        counting = (held(cells, batch, np.float32), cells.side[batch[0]], decay, limit)
        if not last:
            ways = tally.ways(left, access, ONE_STEP_S)
            add_gravity(tally.sums, ways, batch, tally.direct, *counting)
            return
        before = _left(last.costs_s, batch, last.egress)
        look = concerning(before, left, around, points, limit)
        _add_changes(tally.sums, before, left, access, points, look, batch, tally.direct, *counting)

    map_in_threads(work, batches(cells))
    return np.asarray(tally.total() + (last.total if last else 0))


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


@njit(cache=True, nogil=True)
def _add_changes(  # type: ignore[no-untyped-def]
    sums, old_left, new_left, access, points, look, batch, direct, here, side, decay, limit
):
    """Add what each cell reaches of a batch on the new network, and take off what it reached on the old, where they differ."""
    (kinds, lanes), step_s = here.shape, np.float32(ONE_STEP_S)
    before, after, both = (np.empty(lanes, np.int16), np.empty(lanes, np.int16), np.empty(lanes, np.int16))
    was, now = np.empty(lanes, np.float32), np.empty(lanes, np.float32)
    folded = np.empty(lanes // 2, np.float32)
    foot = on_foot(batch, direct, sums.shape[0])
    for i in range(sums.shape[0]):
        if not may_differ(i, points, look):
            continue
        lower_by_others(before, after, i, old_left, new_left, points, look, step_s, limit)
        if not _any_other(before, after, limit):
            continue
        lower_by_same(before, after, both, i, new_left, access, points, look, foot, direct, step_s, limit)
        if not _any_other(before, after, limit):
            continue
        # also where both are alike: what a batch counts is rounded as a whole
        lower_by_bus(before, after, i, batch, direct, True)
        for o in range(lanes):
            was[o] = decay[before[o]]
            now[o] = decay[after[o]]
        for w in range(kinds):
            sums[i, side, w] += discounted(folded, here[w], now) - discounted(folded, here[w], was)


@kernel_part
def _any_other(before, after, limit):  # type: ignore[no-untyped-def]
    """Whether a lane has other seconds within the limit."""
    other = False
    for o in range(before.size):
        other |= before[o] != after[o] and min(before[o], after[o]) <= limit
    return other
