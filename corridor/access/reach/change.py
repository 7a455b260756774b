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

from corridor.access.reach.kernels import FAR, Left, Tally, lower
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import Rows
from corridor.access.surroundings.nearest import gate_lines
from corridor.core.arrays import BOOL, F32, I16, I32
from corridor.core.jit import kernel_part, njit
from corridor.network.changes import changed_points
from corridor.network.compiled import CompiledNetwork

if TYPE_CHECKING:
    from corridor.access.reach.reach import Reached

PointKey = tuple[str, float, float, bool]
Counting = tuple[I32, np.int8, I16, np.int16]
"""Residents and jobs of a batch (kind, lane), its side, cut-offs in seconds, rising, and what no way exceeds."""


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
    new_same
        By entry of the new access: whether the old has the same cell, point and seconds.
    old_other, new_other
        The entries of each access (cells, points) that the other does not have.
    """

    old_of: I32
    new_of: I32
    new_same: BOOL
    old_other: Rows
    new_other: Rows

    @classmethod
    def of(cls, old: Sequence[Hashable], new: Sequence[Hashable], before: Rows, after: Rows) -> Points:
        """From what makes the points the same, and the access (cells, points) of each."""
        at = {key: p for p, key in enumerate(old)}
        old_of = np.array([at.get(key, -1) for key in new], dtype=np.int32)
        new_of = np.full(len(old), -1, dtype=np.int32)
        new_of[old_of[old_of >= 0]] = np.flatnonzero(old_of >= 0)
        old_same, new_same = (np.ones(rows.column.size, dtype=np.bool_) for rows in (before, after))
        if after is not before or old != new:
            _compare(before, after, new_of, len(new), old_same, new_same)
        return cls(old_of, new_of, new_same, before.where(~old_same), after.where(~new_same))


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
        renewed = np.zeros(self.access.start.size - 1, dtype=np.bool_)
        look = concerning(before, after, self.known.around, self.points, counting[-1])
        both = before, after, self.access, self.points, look
        _add_changes(tally.sums, renewed, both, batch, tally.direct, *counting)
        return renewed


class Look(NamedTuple):
    """Ways from cells that both networks have, and from where the time left to a batch differs; chained cell by cell.

    Attributes
    ----------
    new_points
        Points of the new network from which the time left differs, of those that both have.
    first
        The first way of each cell, -1 where it has none.
    following
        By way, the next one of its cell; -1 after the last.
    point, seconds
        By way, the old point and the seconds to it.
    """

    new_points: BOOL
    first: I32
    following: I32
    point: I32
    seconds: F32


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
def _compare(before, after, new_of, points, old_same, new_same):  # type: ignore[no-untyped-def]
    """Mark entries of two accesses that differ: a new station can crowd another out."""
    entry = np.full(points, -1, dtype=np.int64)
    for i in range(after.start.size - 1):
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
        for k in range(a, b):
            entry[after.column[k]] = -1


@njit(cache=True, nogil=True)
def concerning(before, after, around, points, limit):  # type: ignore[no-untyped-def]
    """Ways in time by a point from where time left is another, found around these points."""
    old_of, new_of, _, old_other, _ = points
    new_points = np.zeros(old_of.size, np.bool_)
    most = 0
    for p in range(old_of.size):
        q = old_of[p]
        new_points[p] = q >= 0 and not _same(before, after, q, p)
        most += around.start[q + 1] - around.start[q] if new_points[p] else 0
    first, following = np.full(old_other.start.size - 1, -1, np.int32), np.empty(most, np.int32)
    point, seconds = np.empty(most, np.int32), np.empty(most, np.float32)
    n = 0
    for q in old_of[new_points]:
        soonest = min(before.soonest[q], after.soonest[new_of[q]])
        if soonest > limit:
            continue
        for k in range(around.start[q], around.start[q + 1]):
            i = around.column[k]
            if soonest + around.seconds[k] <= limit and not _has(old_other, i, q):
                point[n], seconds[n], following[n] = q, around.seconds[k], first[i]
                first[i] = n
                n += 1
    return Look(new_points, first, following[:n], point[:n], seconds[:n])


@njit(cache=True, nogil=True, inline="always")
def _has(rows, i, column):  # type: ignore[no-untyped-def]
    """Whether row i has an entry in a column."""
    found = False
    for k in range(rows.start[i], rows.start[i + 1]):
        found |= rows.column[k] == column
    return found


@kernel_part
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
def _add_changes(counts, renewed, both, batch, direct, here, side, cutoffs, limit):  # type: ignore[no-untyped-def]
    """Count destinations that come within a cut-off or fall out of it, cell by cell; `both` is what the two networks have."""
    old_left, new_left, access, points, look = both
    step_s = np.float32(STEP_S)
    lanes = here.shape[1]
    before, after, same = (np.empty(lanes, np.int16), np.empty(lanes, np.int16), np.empty(lanes, np.int16))
    foot = on_foot(batch, direct, renewed.size)
    spans = spans_of(old_left, new_left, points, look)
    for i in range(renewed.size):
        if not (may_cross(i, look, spans, cutoffs) or _any(points.old_other, i) or _any(points.new_other, i)):
            continue
        lower_by_others(before, after, i, old_left, new_left, points, look, step_s, limit)
        if not cross(before, after, cutoffs):
            continue
        lower_by_same(before, after, same, i, new_left, access, points, look, foot, direct, step_s, limit)
        if cross(before, after, cutoffs):
            lower_by_bus(before, after, i, batch, direct, False)
            renewed[i] |= add_crossed(counts[i, side], before, after, here, cutoffs)


@kernel_part
def on_foot(batch, direct, cells):  # type: ignore[no-untyped-def]
    """The lane of each cell of a batch, -1 for others; and the cells from which one of the batch is reached on foot."""
    lane_of, walks = np.full(cells, -1, dtype=np.int16), np.zeros(cells, dtype=np.bool_)
    for o in range(batch.size):
        lane_of[batch[o]] = o
        walks[batch[o]] = True
        walks[direct.walks.column[direct.walks.start[batch[o]] : direct.walks.start[batch[o] + 1]]] = True
    return lane_of, walks


@njit(cache=True, nogil=True, inline="always")
def may_differ(i, points, look):  # type: ignore[no-untyped-def]
    """Whether cell i has a way that one network alone has, or from where time left differs."""
    return look.first[i] >= 0 or _any(points.old_other, i) or _any(points.new_other, i)


@njit(cache=True, nogil=True, inline="always")
def _any(rows, i):  # type: ignore[no-untyped-def]
    """Whether row i has an entry."""
    return rows.start[i] < rows.start[i + 1]


@kernel_part
def lower_by_others(  # type: ignore[no-untyped-def]
    before, after, i, old_left, new_left, points, look, step_s, limit
):
    """Set `before` and `after` (lane) to the seconds from cell i over its ways that are not the same on both networks."""
    before[:] = FAR
    after[:] = FAR
    _lower_by_look(before, after, i, old_left, new_left, points.new_of, look, step_s, limit)
    _lower_by_row(before, i, old_left, points.old_other, step_s, limit)
    _lower_by_row(after, i, new_left, points.new_other, step_s, limit)


@kernel_part
def lower_by_same(  # type: ignore[no-untyped-def]
    before, after, both, i, new_left, access, points, look, foot, direct, step_s, limit
):
    """Lower `before` and `after` (lane) to the seconds from cell i over ways that are the same on both networks, or on foot."""
    lane_of, walks = foot
    both[:] = FAR
    _lower_by_both(both, i, new_left, access, points.new_same, look.new_points, step_s, limit)
    if walks[i]:
        _lower_on_foot(both, i, lane_of, direct)
    _lower_two(before, after, both)


@kernel_part
def _lower_by_row(best, i, left, ways, step_s, limit):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds over some ways of cell i."""
    for k in range(ways.start[i], ways.start[i + 1]):
        p = ways.column[k]
        if left.soonest[p] + ways.seconds[k] <= limit:
            lower(best, left.which, left.rows, p, ways.seconds[k], step_s)


@kernel_part
def _lower_by_both(best, i, left, access, same, differs, step_s, limit):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds over the ways of cell i that are the same on both networks."""
    start, column, seconds = access
    for k in range(start[i], start[i + 1]):
        p = column[k]
        if left.soonest[p] + seconds[k] <= limit and same[k] and not differs[p]:
            lower(best, left.which, left.rows, p, seconds[k], step_s)


@kernel_part
def _lower_by_look(before, after, i, old_left, new_left, new_of, look, step_s, limit):  # type: ignore[no-untyped-def]
    """Lower `before` and `after` (lane) to the seconds over the ways of cell i from where time left differs."""
    k = look.first[i]
    while k >= 0:
        q, p, seconds = look.point[k], new_of[look.point[k]], look.seconds[k]
        if old_left.soonest[q] + seconds <= limit:
            lower(before, old_left.which, old_left.rows, q, seconds, step_s)
        if new_left.soonest[p] + seconds <= limit:
            lower(after, new_left.which, new_left.rows, p, seconds, step_s)
        k = look.following[k]


@kernel_part
def _lower_two(before, after, both):  # type: ignore[no-untyped-def]
    """Lower two rows (lane) to a third."""
    for o in range(both.size):
        before[o] = min(before[o], both[o])
        after[o] = min(after[o], both[o])


@kernel_part
def _lower_on_foot(best, i, lane_of, direct):  # type: ignore[no-untyped-def]
    """Lower `best` (lane) to the seconds on foot from cell i; walks take as long both ways."""
    start, column, seconds = direct.walks
    for k in range(start[i], start[i + 1]):
        o = lane_of[column[k]]
        if o >= 0 and seconds[k] < FAR:
            best[o] = min(best[o], np.int16(np.rint(seconds[k])))
    if lane_of[i] >= 0:
        best[lane_of[i]] = 0


@kernel_part
def lower_by_bus(before, after, i, batch, direct, alike):  # type: ignore[no-untyped-def]
    """Lower two rows (lane) to the seconds by local bus alone from cell i; where they are alike, only if `alike`."""
    start = direct.bus_row[i]
    if start < 0:
        return
    for o in range(batch.size):
        end = direct.bus_row[batch[o]]
        if end >= 0 and (alike or before[o] != after[o]):
            by = direct.bus_s[end, start]
            before[o] = min(before[o], by)
            after[o] = min(after[o], by)


@kernel_part
def spans_of(old_left, new_left, points, look):  # type: ignore[no-untyped-def]
    """By old point, the least and the most time left to destinations to which it differs."""
    least, most = np.full(points.new_of.size, FAR, np.int16), np.zeros(points.new_of.size, np.int16)
    for p in range(look.new_points.size):
        if not look.new_points[p]:
            continue
        q, low, high = points.old_of[p], FAR, np.int16(0)
        for s in range(old_left.which.shape[0]):
            a, b = old_left.which[s, q], new_left.which[s, p]
            if s > 0 and a == old_left.which[s - 1, q] and b == new_left.which[s - 1, p]:
                continue
            for o in range(old_left.rows.shape[1]):
                old, new = old_left.rows[a, o], new_left.rows[b, o]
                low = min(low, min(old, new) if old != new else FAR)
                high = max(high, max(old, new) if old != new else np.int16(0))
        least[q], most[q] = low, high
    return least, most


@kernel_part
def may_cross(i, look, spans, cutoffs):  # type: ignore[no-untyped-def]
    """Whether a way of cell i can be within a cut-off by one network and not by the other: else none of its counts changes."""
    least, most = spans
    k = look.first[i]
    while k >= 0:
        q, seconds = look.point[k], np.int16(np.rint(look.seconds[k]))
        for cutoff in cutoffs:
            if least[q] + seconds <= cutoff < most[q] + seconds:
                return True
        k = look.following[k]
    return False


@kernel_part
def cross(before, after, cutoffs):  # type: ignore[no-untyped-def]
    """Whether any destination (lane) is within a cut-off by one and not by the other."""
    for c in range(cutoffs.size):
        cutoff = cutoffs[c]
        differ = np.int16(0)
        for o in range(before.size):
            differ |= np.int16(before[o] <= cutoff) ^ np.int16(after[o] <= cutoff)
        if differ:
            return True
    return False


@kernel_part
def add_crossed(counts, before, after, here, cutoffs):  # type: ignore[no-untyped-def]
    """Add to the counts (cut-off, kind) of a cell what comes within a cut-off, less what falls out of it."""
    crossed = np.empty(before.size, dtype=np.int32)
    any_lane = False
    for c in range(cutoffs.size):
        cutoff = cutoffs[c]
        more = np.int32(0)
        for o in range(before.size):
            crossed[o] = np.int32(after[o] <= cutoff) - np.int32(before[o] <= cutoff)
            more |= crossed[o]
        if more == 0:
            continue
        any_lane = True
        for w in range(here.shape[0]):
            total = np.int32(0)
            for o in range(before.size):
                total += crossed[o] * here[w, o]
            counts[c, w] += total
    return any_lane
