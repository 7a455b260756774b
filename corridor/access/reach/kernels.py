"""What every cell reaches of one batch of destination cells: one row loop for counts and gravity.

A cell takes the least of the way off the network and of reaching a point and going on from there:
``min over p of access[i, p] + left[p, j]``. Destinations are worked on 128 at a time (lanes), so that the processor adds
and compares them together. Times count in whole seconds.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import Cells, neighbours_together
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES
from corridor.access.surroundings.base import BaseLayer
from corridor.core.arrays import BOOL, I16, I32
from corridor.core.jit import kernel_part, njit

FAR = np.int16(16_000)  # seconds; beyond every cut-off, and FAR plus an access still fits 16 bits
SHARES = 2.0**30
"""Parts of a person or job in which discounted ones are added up: finer than single precision shows, and 8 billion fit 64 bits."""


class Direct(NamedTuple):
    """Ways between cells off the network.

    Attributes
    ----------
    bus_row
        The row of each cell in `bus_s`, -1 where no bus serves it.
    bus_s
        (to, from) whole seconds by local bus alone.
    """

    walks: Rows
    bus_row: I32
    bus_s: I16


class Left(NamedTuple):
    """Whole seconds left from every point to one batch of destinations, for each step of access time.

    From most points they are the same at many steps, which then share a row: a quarter of the memory to fill and to pass over.

    Attributes
    ----------
    which
        (step, point) row of `rows`.
    rows
        (row, lane) seconds; FAR where there is no way.
    soonest
        The least of a point over steps and lanes.
    """

    which: I32
    rows: I16
    soonest: I16

    @classmethod
    def of(cls, which: I32, rows: I16) -> Left:
        """From what each step and point has."""
        return cls(which, rows, _soonest(which, rows))

    def shared(self) -> Left:
        """The same with one row where a step has what the step before has, and one for all from which no way leads: to be kept."""
        return self._replace(**dict(zip(("which", "rows"), _shared(self.which, self.rows), strict=True)))


class Ways(NamedTuple):
    """How every cell comes to one batch of destinations.

    Attributes
    ----------
    left
        Seconds left from a point.
    access
        For each cell, the points it reaches.
    off_network
        (cell, lane) seconds on foot or by bus alone: workspace, FAR all over between two batches.
    near
        Cells with any way off the network: workspace, False all over between two batches.
    """

    left: Left
    access: Rows
    step_s: np.float32
    off_network: I16
    near: BOOL


class Tally:
    """Sums by origin cell, added up by each thread for itself, with the workspace of its rows.

    Batches of destinations add to the same origins, so threads that shared one array would have to wait for each other.
    """

    def __init__(self, base: BaseLayer, clock_s: float, shape: tuple[int, ...], dtype: type[np.generic]):
        self.direct = Direct(base.cell_walks(), *base.cells_by_bus(clock_s))
        self._shape, self._dtype = shape, dtype
        self._local = threading.local()
        self._parts: list[NDArray[Any]] = []

    @property
    def sums(self) -> NDArray[Any]:
        """Those of this thread."""
        self._prepare()
        sums: NDArray[Any] = self._local.sums
        return sums

    def ways(self, left: Left, access: Rows, step_s: float) -> Ways:
        """The ways to one batch, on the workspace of this thread."""
        self._prepare()
        return Ways(left, access, np.float32(step_s), self._local.off_network, self._local.near)

    def _prepare(self) -> None:
        if not hasattr(self._local, "sums"):
            cells = self.direct.bus_row.size
            self._local.sums = np.zeros(self._shape, dtype=self._dtype)
            self._local.off_network = np.full((cells, LANES), FAR, dtype=np.int16)
            self._local.near = np.zeros(cells, dtype=np.bool_)
            self._parts.append(self._local.sums)

    def total(self) -> NDArray[Any]:
        """Over all threads."""
        return np.asarray(sum(self._parts, np.zeros(self._shape, dtype=self._dtype)))


def held(cells: Cells, batch: I32, dtype: type[np.generic]) -> NDArray[Any]:
    """Residents and jobs of a batch, (kind, lane); 0 in the lanes that it leaves empty."""
    found = np.zeros((cells.weights.shape[1], LANES), dtype=dtype)
    found[:, : batch.size] = cells.weights[batch].T
    return found


def batches(cells: Cells) -> list[I32]:
    """Destination cells in groups that the kernels work on together.

    Neighbours are in one batch: what cannot reach one of them mostly reaches none, and is passed over in one look.

    Returns
    -------
    list of ndarray
        Up to 128 cells of one side each.
    """
    found: list[I32] = []
    for side in range(len(cells.sides)):
        rows = np.flatnonzero(cells.side == side)
        ordered: I32 = rows[neighbours_together(cells.x_m[rows], cells.y_m[rows])].astype(np.int32)
        found += [ordered[k : k + LANES] for k in range(0, ordered.size, LANES)]
    return found


@njit(cache=True, nogil=True)
def _soonest(which, rows):  # type: ignore[no-untyped-def]
    """The least of each point over steps and lanes."""
    least = np.empty(rows.shape[0], dtype=np.int16)
    for n in range(rows.shape[0]):
        row, low = rows[n], rows[n, 0]
        for o in range(row.size):
            low = min(low, row[o])
        least[n] = low
    found = least[which[0]]
    for k in range(1, which.shape[0]):
        for p in range(which.shape[1]):
            found[p] = min(found[p], least[which[k, p]])
    return found


@njit(cache=True, nogil=True)
def _shared(which, rows):  # type: ignore[no-untyped-def]
    steps, points = which.shape
    number = np.zeros((steps, points), dtype=np.int32)
    source = np.zeros(steps * points + 1, dtype=np.int32)
    count = 1
    for p in range(points):
        for k in range(steps):
            row = rows[which[k, p]]
            if k > 0 and (which[k, p] == which[k - 1, p] or np.array_equal(row, rows[which[k - 1, p]])):
                number[k, p] = number[k - 1, p]
            elif row.min() < FAR:
                number[k, p] = count
                source[count] = which[k, p]
                count += 1
    found = np.full((count, rows.shape[1]), FAR, dtype=np.int16)
    for n in range(1, count):
        found[n] = rows[source[n]]
    return number, found


@njit(cache=True, nogil=True)
def add_counts(counts, ways, batch, direct, here, side, cutoffs, limit):  # type: ignore[no-untyped-def]
    """Add to `counts` what every cell reaches of one batch of destination cells.

    Counting is two nested loops over lanes of 128 destinations. Cut-offs at which all destinations or none are within, which
    are most of them as the lanes are neighbours, skip the inner one.

    Parameters
    ----------
    counts
        Sums, shape (cells, sides, cut-offs, kinds), int32; changed in place.
    ways
        How every cell comes to the batch; see :class:`Ways`.
    batch
        Destination cells, at most 128 of one side.
    direct
        Ways off the network; see :class:`Direct`.
    here
        Residents and jobs of the batch: see :func:`held`.
    side
        Side of the batch.
    cutoffs
        Seconds, rising, int16.
    limit
        Seconds beyond which no way is looked at; int16.
    """
    kinds, lanes = here.shape
    everybody = np.zeros(kinds, dtype=np.int32)
    for w in range(kinds):
        for o in range(lanes):
            everybody[w] += here[w, o]
    best = np.empty(lanes, dtype=np.int16)
    within = np.empty(lanes, dtype=np.int32)
    _begin(ways, batch, direct)
    for i in range(counts.shape[0]):
        if not _least(best, i, ways, limit):
            continue
        low = FAR
        high = np.int16(0)
        for o in range(lanes):
            low = min(low, best[o])
            high = max(high, best[o])
        for c in range(cutoffs.size):
            cutoff = cutoffs[c]
            if low > cutoff:
                continue
            if high <= cutoff:  # neighbours are mostly reached together
                for w in range(kinds):
                    counts[i, side, c, w] += everybody[w]
                continue
            for o in range(lanes):
                within[o] = -np.int32(
                    best[o] <= cutoff
                )  # all bits or none: & below instead of a branch in each lane
            for w in range(kinds):
                total = np.int32(0)
                for o in range(lanes):
                    total += here[w, o] & within[o]
                counts[i, side, c, w] += total
    _end(ways)


@njit(cache=True, nogil=True)
def add_gravity(sums, ways, batch, direct, here, side, decay, limit):  # type: ignore[no-untyped-def]
    """Add to `sums` what every cell reaches of one batch, each destination times `decay` of its seconds.

    Parameters
    ----------
    sums
        Shape (cells, sides, kinds), int64, in :data:`SHARES`; changed in place.
    ways, batch, direct, here, side
        As for :func:`add_counts`.
    decay
        The weight of each whole second from 0 to FAR.
    limit
        Seconds beyond which nothing counts.
    """
    kinds, lanes = here.shape
    best = np.empty(lanes, dtype=np.int16)
    discounts = np.empty(lanes, dtype=np.float32)
    folded = np.empty(lanes // 2, dtype=np.float32)
    _begin(ways, batch, direct)
    for i in range(sums.shape[0]):
        if not _least(best, i, ways, limit):
            continue
        for o in range(lanes):
            discounts[o] = decay[min(best[o], FAR)]
        for w in range(kinds):
            sums[i, side, w] += discounted(folded, here[w], discounts)
    _end(ways)


@njit(cache=True, nogil=True, inline="always")
def discounted(folded, here, discounts):  # type: ignore[no-untyped-def]
    """What a batch counts of one kind, in :data:`SHARES` of a person or job; `folded` is workspace.

    Halves are added to halves: lanes side by side, in one order on every processor. Whole numbers add up to the same in any order
    of batches, and what is added can be taken off again.
    """
    half = folded.size
    for o in range(half):
        folded[o] = here[o] * discounts[o] + here[o + half] * discounts[o + half]
    while half > 1:
        half //= 2
        for o in range(half):
            folded[o] += folded[o + half]
    return np.int64(np.rint(np.float64(folded[0]) * SHARES))


@kernel_part
def _begin(ways, batch, direct):  # type: ignore[no-untyped-def]
    """Fill the workspace with the seconds off the network to a batch of cells."""
    (start, column, seconds), bus_row, bus_s = direct
    off_network, near = ways.off_network, ways.near
    for o in range(batch.size):
        j = batch[o]
        for k in range(start[j], start[j + 1]):
            if seconds[k] < FAR:
                off_network[column[k], o] = np.int16(np.rint(seconds[k]))
                near[column[k]] = True
        off_network[j, o] = 0
        near[j] = True
    served = np.flatnonzero(bus_row[batch] >= 0)
    if served.size == 0:
        return
    to = bus_row[batch[served]]
    # cell by cell: its row of the workspace stays in the processor's cache, and so do the 128 rows that are read side by side
    for i in range(bus_row.size):
        if bus_row[i] >= 0:
            for k in range(served.size):
                t = bus_s[to[k], bus_row[i]]
                if t < off_network[i, served[k]]:
                    off_network[i, served[k]] = t
                    near[i] = True


@njit(cache=True, nogil=True, inline="always")
def _least(best, i, ways, limit):  # type: ignore[no-untyped-def]
    """Fill `best` (lane) with the least seconds from cell i; False where nothing is reached. Uses up its workspace."""
    (which, rows, soonest), (start, column, seconds), step_s, off_network, near = ways
    lanes = best.size
    any_way = near[i]
    # Most cells are out of reach of most batches: one look at the least seconds of each point spares all lanes.
    for k in range(start[i], start[i + 1]):
        any_way = any_way or soonest[column[k]] + seconds[k] <= limit
    if not any_way:
        return False
    for o in range(lanes):
        best[o] = off_network[i, o]
    if near[i]:
        off_network[i, :] = FAR
        near[i] = False
    for k in range(start[i], start[i + 1]):
        p = column[k]
        if soonest[p] + seconds[k] > limit:
            continue
        lower(best, which, rows, p, seconds[k], step_s)
    return True


@njit(cache=True, nogil=True, inline="always")
def lower(best, which, rows, p, seconds, step_s):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds by way of point p, which is reached in `seconds`; see :class:`Left`."""
    a = np.int16(np.rint(seconds))
    row = rows[which[min(int(seconds / step_s), which.shape[0] - 1), p]]
    for o in range(best.size):
        best[o] = min(best[o], np.int16(row[o] + a))


@kernel_part
def _end(ways):  # type: ignore[no-untyped-def]
    """Clear the rows of the workspace that were not used up."""
    for i in range(ways.near.size):
        if ways.near[i]:
            ways.off_network[i, :] = FAR
            ways.near[i] = False
