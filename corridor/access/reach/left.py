"""Whole seconds left from every point to a batch of destinations, for each step of access time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np

from corridor.access.reach.kernels import FAR, I16
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import F32, I32, Rows
from corridor.access.search.strategy import LANES, NEVER_S, workspace
from corridor.core.jit import njit


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
    def of(cls, departure: Departure, access: Rows) -> TimeLeft:
        """Prepared for cells that reach points as in `access`, who reach none of them later than the longest access."""
        steps = departure.steps(float(access.seconds.max(initial=0.0)))
        if not departure.closes:
            return cls(departure, steps, None)
        first = np.zeros((steps, len(departure.network.points)), dtype=np.bool_)
        within = access.seconds <= departure.limit_s
        access_s, points = access.seconds[within], access.column[within]
        # kernels divide in single or in double precision, and may come to either side of a step
        for quotient in (access_s / np.float32(STEP_S), access_s.astype(np.float64) / STEP_S):
            first[np.minimum(quotient.astype(np.int64), steps - 1), points] = True
        seconds = departure.clocked_s(first)
        whole = np.ascontiguousarray(np.minimum(np.rint(seconds), FAR), dtype=np.int16)
        return cls(departure, steps, whole)

    def to_cells(self, batch: I32, egress: Rows) -> I16:
        """Time left to a batch of cells.

        Parameters
        ----------
        batch
            At most 128 cells.
        egress
            For each cell, the points it is reached from, with seconds.

        Returns
        -------
        ndarray of int16, shape (steps, points, lanes)
            Whole seconds from every point, for each step of five minutes that reaching it may take; FAR where no way leads.
        """
        block = self.nowhere()
        _fill_egress(block, batch, egress)
        return self.settled(block)

    def nowhere(self) -> F32:
        """Egress (point, lane) to no destination yet."""
        return np.full((len(self.departure.network.points), LANES), NEVER_S, dtype=np.float32)

    def settled(self, egress_s: F32) -> I16:
        """Time left to destinations.

        Parameters
        ----------
        egress_s
            Seconds from each point without a ride, shape (points, lanes); NEVER_S where there is no such way.

        Returns
        -------
        ndarray of int16, shape (steps, points, lanes)
            As :meth:`to_cells` gives them: the soonest of the strategies that end within their window, and of the clock
            search.
        """
        if not hasattr(self._memory, "onward"):
            self._memory.onward = workspace(self.departure.windows[0][1])
        blocks = self.departure.settle(egress_s, self._memory.onward)
        horizons = np.array([h for h, _ in self.departure.windows], dtype=np.float32)
        horizons[-1] = np.inf  # what takes longer than the limit is not counted anyway
        lanes_first = np.ascontiguousarray(np.stack(blocks).transpose(0, 2, 1))
        table = _by_step(lanes_first, self.steps, horizons, np.float32(STEP_S))
        if self.clocked is not None:
            _join_clocked(table, self.clocked, np.ascontiguousarray(egress_s.T))
        return np.ascontiguousarray(table.transpose(0, 2, 1))


@njit(cache=True, nogil=True)
def _fill_egress(block, batch, egress):  # type: ignore[no-untyped-def]
    for o in range(batch.size):
        for k in range(egress.start[batch[o]], egress.start[batch[o] + 1]):
            block[egress.column[k], o] = egress.seconds[k]


@njit(cache=True, nogil=True)
def _by_step(blocks, steps, horizons, step_s):  # type: ignore[no-untyped-def]
    """(step, lane, point) from (window, lane, point): the soonest window in which the journey ends, to five minutes."""
    windows, lanes, points = blocks.shape
    table = np.empty((steps, lanes, points), dtype=np.int16)
    for k in range(steps):
        for o in range(lanes):
            row = table[k, o]
            row[:] = FAR
            for h in range(windows):
                # who reaches the point k steps later has so much less of the window left
                _take_within(row, blocks[h, o], horizons[h] - k * step_s)
    return table


@njit(cache=True, nogil=True)
def _take_within(row, seconds, most):  # type: ignore[no-untyped-def]
    for p in range(row.size):
        t = seconds[p]
        whole = np.int16(np.rint(min(t, np.float32(FAR))))
        row[p] = min(row[p], whole if t <= most else FAR)


@njit(cache=True, nogil=True)
def _join_clocked(table, clocked, egress):  # type: ignore[no-untyped-def]
    """Take the clock search's time to a point and the egress from there where that is sooner."""
    steps, lanes, _ = table.shape
    for o in range(lanes):
        for e in np.flatnonzero(egress[o] < FAR):
            extra = np.int16(np.rint(egress[o, e]))
            for k in range(steps):
                _lower(table[k, o], clocked[k, e], extra)


@njit(cache=True, nogil=True)
def _lower(row, other, extra):  # type: ignore[no-untyped-def]
    for p in range(row.size):
        row[p] = min(row[p], np.int16(other[p] + extra))
