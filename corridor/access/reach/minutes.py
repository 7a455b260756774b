"""Times from every cell to named places, and from some cells to every cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corridor.access.reach.kernels import FAR, Tally, batches, write_seconds
from corridor.access.reach.left import TimeLeft
from corridor.access.search.cells import Place
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import F32, I32
from corridor.access.search.strategy import LANES
from corridor.access.surroundings.base import BaseLayer
from corridor.core.jit import njit


def minutes_to_places(departure: Departure, base: BaseLayer, places: Sequence[Place]) -> F32:
    """Expected minutes from every cell to each place, leaving every cell at the clock time of the departure.

    Where something closes, the time to the first station is rounded down to :data:`STEP_S` to look up how long it takes from
    there.

    Parameters
    ----------
    departure
        The network at one clock time.
    base
        Ways off the network, and the cells.
    places
        Destinations.

    Returns
    -------
    ndarray of float32, shape (places, cells)
        Minutes, NaN where not reached within the departure's limit.
    """
    access = base.access(departure)
    left = TimeLeft.of(departure, access, departure.limit_s)
    best = np.full((len(places), len(base.cells.region)), np.inf, dtype=np.float32)
    for first in range(0, len(places), LANES):
        part, rows = places[first : first + LANES], best[first : first + LANES]
        block = left.nowhere()
        for o, (points, seconds) in enumerate(base.links_to(departure, part)):
            block[points, o] = seconds
        _least(rows, left.settled(block), access, STEP_S)
        for k, place in enumerate(part):
            if place.on_street(departure.network):
                rows[k] = np.minimum(rows[k], base.from_cells_s(place, departure.start_clock_s))
    best[best > departure.limit_s] = np.nan
    return best / np.float32(60.0)


def seconds_between_cells(departure: Departure, base: BaseLayer, origins: I32) -> F32:
    """Whole seconds from some cells to every cell.

    Parameters
    ----------
    departure
        The network at one clock time.
    base
        Ways off the network, and the cells.
    origins
        Cells, shape (origins,).

    Returns
    -------
    ndarray of float32, shape (origins, cells)
        Seconds, infinite beyond the departure's limit.
    """
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
def _least(best, left, access, step_s):  # type: ignore[no-untyped-def]
    """Lower `best` (place, cell) to the seconds by way of a point."""
    which, rows, _ = left
    start, column, access_s = access
    for i in range(best.shape[1]):
        for k in range(start[i], start[i + 1]):
            row = rows[which[min(int(access_s[k] / step_s), which.shape[0] - 1), column[k]]]
            for o in range(best.shape[0]):
                if row[o] < FAR:
                    best[o, i] = min(best[o, i], np.float32(row[o]) + access_s[k])
