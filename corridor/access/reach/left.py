"""Whole seconds left from every point to a batch of destinations, for each step of access time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from corridor.access.reach.kernels import FAR, Left
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES, NEVER_S, workspace
from corridor.core.arrays import F32, I16, I32
from corridor.core.jit import kernel_part, njit


@dataclass(frozen=True)
class TimeLeft:
    """Times from every point to destinations: of strategies by window, and of the clock search where something closes.

    Attributes
    ----------
    clocked
        (step, point to, point from) by the clock search, where something closes.
    """

    departure: Departure
    steps: int
    clocked: I16 | None
    _memory: threading.local = field(default_factory=threading.local)

    @classmethod
    def of(cls, departure: Departure, access: Rows, limit_s: float) -> TimeLeft:
        """Prepared for cells that reach points as in `access`, and for journeys of at most `limit_s`.

        A shorter limit spares the clock search most of its work and changes no time within it. Strategies are searched to
        the limit of the departure all the same: theirs differ by hundredths of a second with the limit.
        """
        steps = departure.steps(float(access.seconds.max(initial=0.0)))
        if not departure.closes:
            return cls(departure, steps, None)
        first = np.zeros((steps, len(departure.network.points)), dtype=np.bool_)
        within = access.seconds <= limit_s
        access_s, points = access.seconds[within], access.column[within]
        # kernels divide in single or in double precision, and may come to either side of a step
        for quotient in (access_s / np.float32(STEP_S), access_s.astype(np.float64) / STEP_S):
            first[np.minimum(quotient.astype(np.int64), steps - 1), points] = True
        seconds = departure.clocked_s(first, limit_s)
        whole = np.ascontiguousarray(np.minimum(np.rint(seconds), FAR), dtype=np.int16)
        return cls(departure, steps, whole)

    def to_cells(self, batch: I32, egress: Rows) -> Left:
        """Time left to a batch of cells.

        Parameters
        ----------
        batch
            At most 128 cells.
        egress
            For each cell, the points it is reached from, with seconds.

        Returns
        -------
        Left
            From every point, for each step of five minutes that reaching it may take.
        """
        block = self.nowhere()
        _fill_egress(block, batch, egress)
        return self.settled(block)

    def nowhere(self) -> F32:
        """Egress (point, lane) to no destination yet."""
        return np.full((len(self.departure.network.points), LANES), NEVER_S, dtype=np.float32)

    def settled(self, egress_s: F32) -> Left:
        """Time left to destinations.

        Parameters
        ----------
        egress_s
            Seconds from each point without a ride, shape (points, lanes); NEVER_S where there is no such way.

        Returns
        -------
        Left
            As :meth:`to_cells` gives it: the soonest of the strategies that end within their window, and of the clock search.
        """
        if not hasattr(self._memory, "onward"):
            self._memory.onward = workspace(self.departure.windows[0][1])
        blocks = np.stack(self.departure.settle(egress_s, self._memory.onward))
        horizons = np.array([h for h, _ in self.departure.windows], dtype=np.float32)
        horizons[-1] = np.inf  # what takes longer than the limit is not counted anyway
        which, rows = _by_step(blocks, self.steps, horizons, np.float32(STEP_S))
        if self.clocked is not None:
            which, rows = _joined(which, rows, self.clocked, egress_s)
        return Left.of(which, rows)


@njit(cache=True, nogil=True)
def _fill_egress(block, batch, egress):  # type: ignore[no-untyped-def]
    for o in range(batch.size):
        for k in range(egress.start[batch[o]], egress.start[batch[o] + 1]):
            block[egress.column[k], o] = egress.seconds[k]


@njit(cache=True, nogil=True)
def _by_step(blocks, steps, horizons, step_s):  # type: ignore[no-untyped-def]
    """Rows from (window, point, lane): the soonest window in which the journey ends, to five minutes.

    Who reaches the point k steps later has so much less of a window left. A row serves the steps between which no lane drops out
    of a window.
    """
    which = np.zeros((steps, blocks.shape[1]), dtype=np.int32)
    count = 1
    for p in range(blocks.shape[1]):
        count = _number_rows(which[:, p], blocks[:, p], horizons, step_s, count)
    rows = np.full((count, blocks.shape[2]), FAR, dtype=np.int16)
    for p in range(blocks.shape[1]):
        for k in range(steps):
            if which[k, p] > 0 and (k == 0 or which[k, p] != which[k - 1, p]):
                for h in range(horizons.size):
                    _take_within(rows[which[k, p]], blocks[h, p], horizons[h] - k * step_s)
    return which, rows


@kernel_part
def _number_rows(which, seconds, horizons, step_s, count):  # type: ignore[no-untyped-def]
    """Number the rows of one point, from `count` on; 0 at all steps where no way leads. Returns the number after the last."""
    first = np.empty(horizons.size, dtype=np.float32)
    last = np.empty(horizons.size, dtype=np.float32)
    any_way = False
    for h in range(horizons.size):
        low, high = np.float32(FAR), np.float32(0.0)
        for o in range(seconds.shape[1]):
            t = seconds[h, o]
            low = min(low, t)
            high = max(high, t if t < FAR else np.float32(0.0))
        first[h] = low
        last[h] = high
        any_way = any_way or bool(low < FAR)
    if not any_way:
        return count
    which[0] = count
    for k in range(1, which.size):
        drops = False
        for h in range(horizons.size):
            drops |= first[h] <= horizons[h] - (k - 1) * step_s and last[h] > horizons[h] - k * step_s
        count += drops
        which[k] = count
    return count + 1


@kernel_part
def _take_within(row, seconds, most):  # type: ignore[no-untyped-def]
    for o in range(row.size):
        t = seconds[o]
        whole = np.int16(np.rint(min(t, np.float32(FAR))))
        row[o] = min(row[o], whole if t <= most else FAR)


@njit(cache=True, nogil=True)
def _joined(which, rows, clocked, egress):  # type: ignore[no-untyped-def]
    """Take the clock search's time to a point and the egress from there where that is sooner: a row to each step and point.

    Row by row: one stays in the processor's cache while all points of egress pass over it.
    """
    steps, points = which.shape
    lanes = rows.shape[1]
    each = np.empty((steps, points), dtype=np.int32)
    table = np.empty((steps * points, lanes), dtype=np.int16)
    ends = np.array([e for e in range(points) if egress[e].min() < FAR])
    extra = np.empty((ends.size, lanes), dtype=np.int16)
    for n in range(ends.size):
        for o in range(lanes):
            extra[n, o] = np.int16(np.rint(min(egress[ends[n], o], np.float32(FAR))))
    for k in range(steps):
        for p in range(points):
            each[k, p] = k * points + p
            row = table[each[k, p]]
            for o in range(lanes):  # one by one: see corridor.core.jit
                row[o] = rows[which[k, p], o]
            for n in range(ends.size):
                if clocked[k, ends[n], p] < FAR:
                    _lower(row, extra[n], clocked[k, ends[n], p])
    return each, table


@kernel_part
def _lower(row, other, more):  # type: ignore[no-untyped-def]
    for o in range(row.size):
        row[o] = min(row[o], np.int16(other[o] + more))
