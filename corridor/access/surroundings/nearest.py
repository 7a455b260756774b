"""The soonest few points around each cell, and of each line that leads to a control point the soonest."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from corridor.core.arrays import BOOL, F32, I32
from corridor.core.csr import row_starts
from corridor.core.in_memory import kept
from corridor.core.jit import njit
from corridor.network.compiled import ON_FOOT, CompiledNetwork
from corridor.network.service import is_hall

NONE = np.empty(0, dtype=np.int32)


@kept()
def gate_lines(network: CompiledNetwork) -> tuple[I32, ...]:
    """The points of every line direction that leads to or from a control point, and each such end alone.

    It does where it calls at a station at which the boundary is cleared or at a point linked to a hall.
    """
    halls = np.array([is_hall(p) for p in network.points])
    gate = halls.copy()
    gate[network.link_origin[halls[network.link_to] & (network.link_cp == ON_FOOT)]] = True
    row_gate = gate[network.stop_point] | (network.stop_alight_cp >= 0)
    boards = network.stop_board >= 0
    row_gate[boards] |= network.board_cp[network.stop_board[boards]] >= 0
    sets = {
        np.unique(network.stop_point[a:b]).tobytes(): None
        for a, b in itertools.pairwise(network.pattern_start.tolist())
        if row_gate[a:b].any()
    }
    lines = tuple(np.frombuffer(s, dtype=np.int32) for s in sets)
    return lines + tuple(np.array([p], dtype=np.int32) for p in np.flatnonzero(gate & network.street))


def columns_of(lines: Sequence[I32], points: I32) -> list[I32]:
    """Where the points of each line are among some points; lines without any left out."""
    place = np.full(max((int(of.max(initial=-1)) for of in (points, *lines)), default=-1) + 1, -1, np.int32)
    place[points] = np.arange(points.size)
    found = [columns[columns >= 0] for columns in (place[line] for line in lines)]
    return [columns for columns in found if columns.size]


def nearest_kept(seconds: F32, most: int, lines: Sequence[I32]) -> BOOL:
    """Of each row the soonest columns, and of each line's columns the soonest.

    Kept by line as well, so that many stations of one line near a cell cannot crowd out the only one that leads to a control
    point.

    Parameters
    ----------
    seconds
        Shape (rows, columns).
    most
        How many columns to keep in each row, besides those of the lines.
    lines
        Columns of each line.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
    """
    rows = np.arange(seconds.shape[0])
    kept = np.zeros(seconds.shape, dtype=bool)
    count = min(most, seconds.shape[1])
    kept[rows[:, np.newaxis], np.argpartition(seconds, count - 1, axis=1)[:, :count]] = True
    _keep_soonest(kept, seconds, row_starts([line.size for line in lines]), np.concatenate([NONE, *lines]))
    return kept


@njit(cache=True, nogil=True)
def _keep_soonest(kept, seconds, start, columns):  # type: ignore[no-untyped-def]
    """Mark the soonest column of each line in each row; of equal ones the first."""
    for i in range(seconds.shape[0]):
        for line in range(start.size - 1):
            best = columns[start[line]]
            for k in range(start[line] + 1, start[line + 1]):
                if seconds[i, columns[k]] < seconds[i, best]:
                    best = columns[k]
            kept[i, best] = True


@njit(cache=True, nogil=True)
def in_order(walks, row, place, found, points):  # type: ignore[no-untyped-def]
    """For each cell what `found` has in its row and the walks to all other points, soonest first; of equal ones walks first."""
    cells, most = walks.start.size - 1, walks.column.size + found.column.size
    start = np.zeros(cells + 1, dtype=np.int32)
    column, seconds = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.float32)
    size = 0
    for i in range(cells):
        own = row[i]
        walked = walks.start[i + 1] - walks.start[i]
        ridden = found.start[own + 1] - found.start[own] if own >= 0 else 0
        for e in range(walked + ridden):
            if e < walked:
                p, s = walks.column[walks.start[i] + e], walks.seconds[walks.start[i] + e]
                if own >= 0 and place[p] >= 0:
                    continue
            else:
                k = found.start[own] + e - walked
                p, s = points[found.column[k]], found.seconds[k]
            at = size
            while at > start[i] and seconds[at - 1] > s:
                column[at], seconds[at] = column[at - 1], seconds[at - 1]
                at -= 1
            column[at], seconds[at] = p, s
            size += 1
        start[i + 1] = size
    return start, column[:size].copy(), seconds[:size].copy()
