"""What cells reach of a batch of destinations on another network: only what can come within a cut-off, or fall out of it.

A cell's way to a destination is the least over the points it reaches. Where neither the seconds to a point nor the time left
from there differ between two networks, that way is the same on both; so a count changes only where the least over the *other* ways
crosses a cut-off, and only there are the ways that both have looked at.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.access.reach.kernels import FAR, I16, Left, Tally, lower
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import I32, Rows
from corridor.access.surroundings.bus_times import gate_lines
from corridor.core.jit import njit
from corridor.network.changes import changed_points
from corridor.network.compiled import CompiledNetwork

if TYPE_CHECKING:
    from corridor.access.reach.reach import Reached

BOOL = NDArray[np.bool_]
PointKey = tuple[str, float, float, bool]
Counting = tuple[I32, np.int8, I16]
"""Residents and jobs of each cell (cells, kinds), side of the batch, and cut-offs in seconds, rising."""


def point_keys(network: CompiledNetwork) -> tuple[PointKey, ...]:
    """What makes a point the same one in two networks: its name, where it is, and whether it opens to the street.

    A station that a scenario moves is another point, since other cells are around it.
    """
    x, y = network.x_m.round().tolist(), network.y_m.round().tolist()
    return tuple(
        (p, a, b, bool(street)) for p, a, b, street in zip(network.points, x, y, network.street, strict=True)
    )


class Points(NamedTuple):
    """The points of two networks set against each other, and which ways from cells to them both have.

    Attributes
    ----------
    old_of
        Of each new point, the old; -1 where only the new network has it.
    new_of
        Of each old point, the new; -1 where only the old network has it.
    old_same, new_same
        By entry of the access of each: whether the other has the same cell, point and seconds.
    moved
        Cells of which an entry is not the same.
    """

    old_of: I32
    new_of: I32
    old_same: BOOL
    new_same: BOOL
    moved: BOOL

    @classmethod
    def of(cls, old: Sequence[Hashable], new: Sequence[Hashable], before: Rows, after: Rows) -> Points:
        """From what makes the points the same, and the access (cells, points) of each."""
        at = {key: p for p, key in enumerate(old)}
        old_of = np.array([at.get(key, -1) for key in new], dtype=np.int32)
        new_of = np.full(len(old), -1, dtype=np.int32)
        new_of[old_of[old_of >= 0]] = np.flatnonzero(old_of >= 0)
        old_same, new_same = (np.ones(rows.column.size, dtype=np.bool_) for rows in (before, after))
        moved = np.zeros(after.start.size - 1, dtype=np.bool_)
        if after is not before or old != new:
            _compare(before, after, new_of, len(new), old_same, new_same, moved)
        return cls(old_of, new_of, old_same, new_same, moved)


@dataclass(frozen=True)
class Change:
    """One network's reach set against what is known of another at the same hour.

    Attributes
    ----------
    known
        What the other reached.
    access
        For each cell, the points it reaches on the network.
    concerned
        Points that the change concerns; None where it may concern any.
    """

    known: Reached
    access: Rows
    points: Points
    concerned: BOOL | None

    @classmethod
    def between(
        cls, known: Reached, departure: Departure, keys: tuple[PointKey, ...], access: Rows
    ) -> Change:
        """From what is known to a departure on another network, whose points have these keys."""
        points = Points.of(known.points, keys, known.access, access)
        return cls(known, access, points, _concerned(known, departure, keys))

    def leaves(self, left: Left) -> bool:
        """Whether times to a batch stay as they are: it is reached from no point that the change concerns.

        A way that the change opens or shuts would pass such a point, and go on from there as before.
        """
        return self.concerned is not None and not (self.concerned & (left.soonest < FAR)).any()

    def count(self, tally: Tally, before: Left, after: Left, batch: I32, counting: Counting) -> BOOL:
        """Add to a tally what each cell reaches more of a batch, and take off what it reaches less.

        Parameters
        ----------
        tally
            Sums (cell, side, cut-off, kind).
        before, after
            Time left to the batch on each network.
        batch
            At most 128 cells of one side.
        counting
            What is counted.

        Returns
        -------
        ndarray of bool, shape (cells,)
            Cells whose sums were changed.
        """
        known, step_s = self.known, np.float32(STEP_S)
        renewed = np.zeros(self.points.moved.size, dtype=np.bool_)
        look = concerning(before, after, known.around, self.points, counting[2][-1])
        if look.cells.any():
            old, new = (before, known.access), (after, self.access)
            _add_changes(
                tally.sums, renewed, old, new, self.points, look, step_s, batch, tally.direct, *counting
            )
        return renewed


class Look(NamedTuple):
    """Points of each network from which the time left to a batch differs, and cells that may reach one in time."""

    old_points: BOOL
    new_points: BOOL
    cells: BOOL


def _concerned(known: Reached, departure: Departure, keys: tuple[PointKey, ...]) -> BOOL | None:
    """The changed points, where times to go do not depend on the clock: no window and no closing tells them apart."""
    before = known.departure
    lines = [[line.tobytes() for line in gate_lines(d.network)] for d in (before, departure)]
    windows = [[h for h, _ in d.windows] for d in (before, departure)]
    if (
        before.closes
        or departure.closes
        or known.points != keys
        or windows[0] != windows[1]
        or lines[0] != lines[1]
    ):
        return None
    return changed_points(before.network, departure.network)


@njit(cache=True, nogil=True)
def _compare(before, after, new_of, points, old_same, new_same, moved):  # type: ignore[no-untyped-def]
    """Mark entries of two accesses that differ, and their cells: a new station can crowd another out."""
    entry = np.full(points, -1, dtype=np.int64)
    for i in range(moved.size):
        a, b = after.start[i], after.start[i + 1]
        for k in range(a, b):
            entry[after.column[k]] = k
            new_same[k] = False
        for k in range(before.start[i], before.start[i + 1]):
            p = new_of[before.column[k]]
            e = entry[p] if p >= 0 else -1
            old_same[k] = e >= 0 and after.seconds[e] == before.seconds[k]
            if old_same[k]:
                new_same[e] = True
            else:
                moved[i] = True
        for k in range(a, b):
            entry[after.column[k]] = -1
            moved[i] |= not new_same[k]


@njit(cache=True, nogil=True)
def concerning(before, after, around, points, limit):  # type: ignore[no-untyped-def]
    """What may differ for a batch. Cells of which no entry is another are found around the points from where time left is."""
    old_of, new_of, _, _, moved = points
    old_points, new_points = np.zeros(new_of.size, np.bool_), np.zeros(old_of.size, np.bool_)
    cells = moved.copy()
    start, cell, seconds = around
    for p in range(old_of.size):
        q = old_of[p]
        if q < 0 or _same(before, after, q, p):
            continue
        old_points[q] = new_points[p] = True
        soonest = min(before.soonest[q], after.soonest[p])
        if soonest <= limit:
            for k in range(start[q], start[q + 1]):
                if soonest + seconds[k] <= limit:
                    cells[cell[k]] = True
    return Look(old_points, new_points, cells)


@njit(cache=True, nogil=True)
def _same(before, after, q, p):  # type: ignore[no-untyped-def]
    """Whether the time left from a point is the same at every step."""
    if before.soonest[q] != after.soonest[p]:
        return False
    for s in range(before.which.shape[0]):
        a, b = before.which[s, q], after.which[s, p]
        if s > 0 and a == before.which[s - 1, q] and b == after.which[s - 1, p]:
            continue
        differ = False
        for o in range(before.rows.shape[1]):
            differ |= before.rows[a, o] != after.rows[b, o]
        if differ:
            return False
    return True


@njit(cache=True, nogil=True)
def _add_changes(  # type: ignore[no-untyped-def]
    counts, renewed, old, new, points, look, step_s, batch, direct, weights, side, cutoffs
):
    """Count destinations that come within a cut-off or fall out of it, cell by cell."""
    lanes, limit = old[0].rows.shape[1], cutoffs[-1]
    before, after, both = (np.empty(lanes, np.int16), np.empty(lanes, np.int16), np.empty(lanes, np.int16))
    crosses = np.empty(lanes, dtype=np.bool_)
    lane_of = np.full(renewed.size, -1, dtype=np.int16)
    for o in range(batch.size):
        lane_of[batch[o]] = o
    for i in range(renewed.size):
        if not look.cells[i]:
            continue
        before[:] = FAR
        after[:] = FAR
        least_over(before, i, old, False, points.old_same, look.old_points, step_s, limit)
        least_over(after, i, new, False, points.new_same, look.new_points, step_s, limit)
        if not _cross(crosses, before, after, cutoffs):
            continue
        both[:] = FAR
        least_over(both, i, new, True, points.new_same, look.new_points, step_s, limit)
        lower_off_network(both, i, lane_of, direct)
        for o in range(batch.size):
            if not crosses[o]:
                continue
            by = min(both[o], by_bus(i, batch[o], direct))
            was, now = min(before[o], by), min(after[o], by)
            for c in range(cutoffs.size):
                more = np.int32(now <= cutoffs[c]) - np.int32(was <= cutoffs[c])
                if more != 0:
                    renewed[i] = True
                    for w in range(weights.shape[1]):
                        counts[i, side, c, w] += more * weights[batch[o], w]


@njit(cache=True, nogil=True)
def least_over(best, i, network, wanted, same, differs, step_s, limit):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds over the ways of cell i that are the same on both networks, or over those that are not.

    `wanted` says which; `differs` is by point of this network.
    """
    left, (start, column, seconds) = network
    for k in range(start[i], start[i + 1]):
        p = column[k]
        if (same[k] and not differs[p]) == wanted and left.soonest[p] + seconds[k] <= limit:
            lower(best, left.which, left.rows, p, seconds[k], step_s)


@njit(cache=True, nogil=True)
def _cross(crosses, before, after, cutoffs):  # type: ignore[no-untyped-def]
    """Mark the destinations (lane) that are within a cut-off by one and not by the other; False where none is."""
    crosses[:] = False
    any_lane = False
    for c in range(cutoffs.size):
        cutoff = cutoffs[c]
        for o in range(before.size):
            one = (before[o] <= cutoff) != (after[o] <= cutoff)
            crosses[o] |= one
            any_lane |= one
    return any_lane


@njit(cache=True, nogil=True)
def lower_off_network(best, i, lane_of, direct):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds on foot from cell i; walks take as long both ways."""
    start, column, seconds = direct.walks
    for k in range(start[i], start[i + 1]):
        o = lane_of[column[k]]
        if o >= 0 and seconds[k] < FAR:
            best[o] = min(best[o], np.int16(np.rint(seconds[k])))
    if lane_of[i] >= 0:
        best[lane_of[i]] = 0


@njit(cache=True, nogil=True, inline="always")
def by_bus(i, j, direct):  # type: ignore[no-untyped-def]
    """Seconds by local bus alone from cell i to cell j."""
    if direct.bus_row[i] < 0 or direct.bus_row[j] < 0:
        return FAR
    return direct.bus_s[direct.bus_row[j], direct.bus_row[i]]
