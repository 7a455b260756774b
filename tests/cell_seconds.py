"""Seconds from some cells to every cell, by the kernels that count what is reached: what counts are held against."""

from __future__ import annotations

import numpy as np

from corridor.access.reach.kernels import FAR, Tally, _begin, _end, _least, batches
from corridor.access.reach.left import TimeLeft
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.surroundings.base import BaseLayer
from corridor.core.arrays import F32, I32
from corridor.core.jit import njit


def seconds_between_cells(departure: Departure, base: BaseLayer, origins: I32) -> F32:
    """(origin, cell) whole seconds, infinite beyond the departure's limit."""
    # first, as in reach_from_cells
    tally = Tally(base, departure.start_clock_s, (origins.size, len(base.cells.region)), np.int16)
    access, egress = base.access(departure), base.egress(departure)
    left = TimeLeft.of(departure, access, departure.limit_s)
    times, limit = tally.sums, np.float32(departure.limit_s)
    times[:] = FAR
    for batch in batches(base.cells):
        ways = tally.ways(left.to_cells(batch, egress), access, STEP_S)
        write_seconds(times, origins, ways, batch, tally.direct, limit)
    return np.where(times <= limit, times.astype(np.float32), np.float32(np.inf))


@njit(cache=True, nogil=True)
def write_seconds(times, origins, ways, batch, direct, limit):  # type: ignore[no-untyped-def]
    """Write whole seconds from some cells to one batch of cells."""
    best = np.empty(ways.left.rows.shape[1], dtype=np.int16)
    _begin(ways, batch, direct)
    for r in range(origins.size):
        if _least(best, origins[r], ways, limit):
            for o in range(batch.size):
                times[r, batch[o]] = best[o]
    _end(ways)
