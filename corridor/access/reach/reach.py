"""What every cell reaches at one clock time, and its minutes to named places.

Destinations are worked on 128 at a time, so that the processor adds and compares them together. For a batch the times
left from every point are settled (:mod:`corridor.access.search.departure`); then a cell takes the least of walking and of
reaching a point and going on from there: ``min over p of access[i, p] + left[p, j]``. Times count in whole seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corridor.access.search.cells import KINDS, LAND_STATES, OPPORTUNITIES, Cells, Place, neighbours_together
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES, NEVER_S
from corridor.access.search.threads import THREADS
from corridor.access.surroundings.base import BaseLayer
from corridor.access.surroundings.bus_hour import gate_lines
from corridor.core.errors import CorridorError, Problem
from corridor.core.jit import njit
from corridor.network.changes import changed_points
from corridor.network.compiled import CompiledNetwork
from corridor.schema.region import Sides, shipped_sides

F32 = NDArray[np.float32]
I16 = NDArray[np.int16]
I32 = NDArray[np.int32]
PointKey = tuple[str, float, float, bool]
FAR = np.int16(16_000)  # seconds; beyond every cut-off, and FAR plus an access still fits 16 bits


@dataclass(frozen=True)
class Reach:
    """What every cell reaches at one hour: (cell, cut-off, land state x opportunity x side)."""

    hour: str
    cutoffs_min: tuple[int, ...]
    counts: F32
    sides: Sides = field(default_factory=shipped_sides)

    def of(self, cutoff_min: int, what: str, state: str = "census", side: str | None = None) -> F32:
        """Opportunities within a cut-off, on both sides or on one."""
        base = (LAND_STATES.index(state) * len(OPPORTUNITIES) + OPPORTUNITIES.index(what)) * len(self.sides)
        picked = [base + self.sides.index(s) for s in ([side] if side else self.sides)]
        return np.asarray(self.counts[:, self.cutoffs_min.index(cutoff_min), picked].sum(axis=1))


@dataclass(frozen=True)
class Batch:
    """Time left to one batch of destination cells, at the points from which any is reached: (step, point, lane)."""

    points: I32
    table: I16

    @classmethod
    def of(cls, table: I16) -> Batch:
        """Without the points from which nothing is reached."""
        points = np.flatnonzero((table < FAR).any(axis=(0, 2))).astype(np.int32)
        return cls(points, np.ascontiguousarray(table[:, points]))

    def whole(self, points: int) -> I16:
        """The table over all points."""
        full = np.full((self.table.shape[0], points, self.table.shape[2]), FAR, dtype=np.int16)
        full[:, self.points] = self.table
        return full


@dataclass(frozen=True)
class Reached:
    """What every cell reaches, and from what it was worked out, so that another network starts from it."""

    points: tuple[PointKey, ...]
    access: Rows
    batches: tuple[Batch, ...]
    counts: I32
    """(cell, side, cut-off, land state x opportunity)."""
    departure: Departure
    renewed_batches: int
    """Batches of destinations whose times were worked out anew, not taken from what was known."""
    renewed_cells: int
    """Cells whose counts were added up anew for one of these batches at least."""
    sides: Sides = field(default_factory=shipped_sides)

    def reach(self, hour: str, cutoffs_min: Sequence[int]) -> Reach:
        """As a table by cut-off."""
        cells, sides, cutoffs, kinds = self.counts.shape
        counts = self.counts.transpose(0, 2, 3, 1).reshape(cells, cutoffs, kinds * sides)
        return Reach(hour, tuple(cutoffs_min), counts.astype(np.float32), self.sides)


def point_keys(network: CompiledNetwork) -> tuple[PointKey, ...]:
    """What makes a point the same one in two networks: its name, where it stands, and whether it opens to the street.

    A station that a scenario moves is another point, since other cells lie around it.
    """
    x, y = network.x_m.round().tolist(), network.y_m.round().tolist()
    return tuple(
        (p, a, b, bool(street)) for p, a, b, street in zip(network.points, x, y, network.street, strict=True)
    )


def reach_from_cells(
    departure: Departure,
    base: BaseLayer,
    cutoffs_min: Sequence[int],
    known: Reached | None = None,
    keep: bool = True,
) -> Reached:
    """Opportunities within each cut-off, for every cell.

    With what is `known` of another network at the same hour, only origins that a changed point can serve are renewed.
    The result is the same, to the last person, as without.
    Nothing starts from a result that does not `keep` its batches (some 100 MB).
    """
    limit_s = 60 * max(cutoffs_min)
    if limit_s >= FAR:
        raise CorridorError(
            Problem("cutoffs_min", str(max(cutoffs_min)), f"at most {int(FAR) // 60 - 1} minutes", "ask less")
        )
    left = TimeLeft.of(departure, base)
    access = base.access(departure)
    keys = point_keys(departure.network)
    counter = _Counter(base, departure.start_clock_s, 60 * np.asarray(cutoffs_min, dtype=np.int16))
    if known and known.batches[0].table.shape[0] != left.steps:
        known = None
    change = _Change.between(known, departure, keys, access) if known else None
    everywhere = np.arange(len(base.cells.region), dtype=np.int32)
    origins: list[I32] = []

    def work(item: tuple[int, I32]) -> Batch | None:
        k, batch = item
        if known and change and change.leaves(known.batches[k]):
            return known.batches[k]
        table = left.table(batch, counter.memory(departure))
        touched = everywhere
        if known and change:
            before = known.batches[k].whole(len(known.points))
            touched = change.origins(before, table)
            if touched.size:
                counter.add(batch, before, known.access, touched, -1)
                counter.add(batch, table, access, touched, 1)
        else:
            counter.add(batch, table, access, touched, 1)
        origins.append(touched)
        return Batch.of(table) if keep else None

    with ThreadPoolExecutor(THREADS) as pool:
        found = tuple(b for b in pool.map(work, enumerate(batches(base.cells))) if b)
    counts = counter.total()
    cells = np.unique(np.concatenate(origins)).size if origins else 0
    total = counts + known.counts if known else counts
    return Reached(keys, access, found, total, departure, len(origins), cells, base.cells.sides)


@dataclass(frozen=True)
class _Change:
    """Two networks' points set against each other."""

    old: I32
    new: I32
    """Indices of the points that both have, in the one and in the other."""
    old_cells: Rows
    new_cells: Rows
    """The cells around each point."""
    moved: I32
    """Cells that reach a point both have in another time, or in one of the networks only."""
    concerned: NDArray[np.bool_] | None
    """Points that the change concerns; None where it may concern any."""

    @classmethod
    def between(
        cls, known: Reached, departure: Departure, keys: tuple[PointKey, ...], access: Rows
    ) -> _Change:
        index = {key: p for p, key in enumerate(keys)}
        pairs = [(o, index[key]) for o, key in enumerate(known.points) if key in index]
        old, new = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        return cls(
            old,
            new,
            known.access.transposed(len(known.points)),
            access.transposed(len(keys)),
            _moved(known.access, access, old, new),
            _concerned(known, departure, keys),
        )

    def leaves(self, batch: Batch) -> bool:
        """Whether times to a batch stay as they are: it is reached from no point that the change concerns.

        A way that the change opens or shuts would pass such a point, and go on from there as before.
        """
        return self.concerned is not None and not self.concerned[batch.points].any()

    def origins(self, before: I16, after: I16) -> I32:
        """Cells around a point from which the time left is another."""
        same = (before[:, self.old] == after[:, self.new]).all(axis=(0, 2))
        changed_old, changed_new = (np.asarray((t < FAR).any(axis=(0, 2))) for t in (before, after))
        changed_old[self.old], changed_new[self.new] = ~same, ~same
        around = [self.old_cells.columns_of(changed_old), self.new_cells.columns_of(changed_new), self.moved]
        return np.unique(np.concatenate(around)).astype(np.int32)


def _moved(before: Rows, after: Rows, old: I32, new: I32) -> I32:
    """Cells whose entries for the points of both networks differ: a new station can crowd another out."""
    entries = []
    for rows, points in ((before, old), (after, new)):
        common = np.full(max(int(rows.column.max(initial=0)), int(points.max(initial=0))) + 1, -1)
        common[points] = np.arange(points.size)
        cell = np.repeat(np.arange(rows.start.size - 1), np.diff(rows.start))
        both = common[rows.column] >= 0
        entries.append((cell[both] * np.int64(old.size) + common[rows.column[both]], rows.seconds[both]))
    order = [np.argsort(code, kind="stable") for code, _ in entries]
    (a, a_s), (b, b_s) = ((code[o], seconds[o]) for (code, seconds), o in zip(entries, order, strict=True))
    if np.array_equal(a, b) and np.array_equal(a_s, b_s):
        return np.empty(0, dtype=np.int32)
    other = np.setxor1d(a, b, assume_unique=True)
    _, in_a, in_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    slower = a[in_a[a_s[in_a] != b_s[in_b]]]
    return np.unique(np.concatenate([other, slower]) // old.size).astype(np.int32)


def _concerned(known: Reached, departure: Departure, keys: tuple[PointKey, ...]) -> NDArray[np.bool_] | None:
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


class _Counter:
    """Counts of opportunities, added up by each thread for itself."""

    def __init__(self, base: BaseLayer, clock_s: float, cutoffs_s: I16):
        self._base, self._cutoffs_s, self._walks = base, cutoffs_s, base.cell_walks()
        self._by_bus = base.cells_by_bus(clock_s)
        self._local = threading.local()
        self._counts: list[I32] = []

    def memory(self, departure: Departure) -> F32:
        """Workspace of this thread."""
        if not hasattr(self._local, "memory"):
            cells = len(self._base.cells.region)
            self._local.memory = departure.workspace()
            self._local.walk = np.full((cells, LANES), FAR, dtype=np.int16)
            shape = (cells, len(self._base.cells.sides), self._cutoffs_s.size, KINDS)
            self._local.counts = np.zeros(shape, dtype=np.int32)
            self._counts.append(self._local.counts)
        memory: F32 = self._local.memory
        return memory

    def add(self, batch: I32, table: I16, access: Rows, origins: I32, sign: int) -> None:
        """Add what some cells reach of a batch of cells, or take it away."""
        cells, walks = self._base.cells, self._walks
        _add_reach(
            self._local.counts,
            np.int32(sign),
            origins,
            table,
            table.min(axis=(0, 2)),
            batch,
            access.start,
            access.column,
            access.seconds,
            np.float32(STEP_S),
            self._local.walk,
            walks.start,
            walks.column,
            walks.seconds,
            *self._by_bus,
            cells.weights,
            cells.side[batch[0]],
            self._cutoffs_s,
        )

    def total(self) -> I32:
        """(cell, side, cut-off, kind)."""
        cells = self._base.cells
        shape = (len(cells.region), len(cells.sides), self._cutoffs_s.size, KINDS)
        return sum(self._counts, np.zeros(shape, dtype=np.int32))


def seconds_between_cells(departure: Departure, base: BaseLayer, origins: I32) -> F32:
    """Whole seconds from some cells to every cell (origin, cell); infinite beyond the departure's limit."""
    cells = base.cells
    left = TimeLeft.of(departure, base)
    access, walks = base.access(departure), base.cell_walks()
    by_bus = base.cells_by_bus(departure.start_clock_s)
    times = np.full((origins.size, len(cells.region)), FAR, dtype=np.int16)
    walk = np.full((len(cells.region), LANES), FAR, dtype=np.int16)
    memory = departure.workspace()
    for batch in batches(cells):
        table = left.table(batch, memory)
        _add_times(
            times,
            origins,
            table,
            table.min(axis=(0, 2)),
            batch,
            access.start,
            access.column,
            access.seconds,
            np.float32(STEP_S),
            walk,
            walks.start,
            walks.column,
            walks.seconds,
            *by_bus,
            np.float32(departure.limit_s),
        )
    return np.where(times <= departure.limit_s, times.astype(np.float32), np.float32(np.inf))


def minutes_to_places(departure: Departure, base: BaseLayer, places: Sequence[Place]) -> F32:
    """Minutes from every cell to each place (place, cell); NaN where not reached within the limit."""
    access = base.access(departure)
    egress = [base.surroundings(departure, place).from_points for place in places]
    n = len(base.cells.region)
    best = np.full((len(places), n), np.inf, dtype=np.float32)
    for first in range(0, len(places), LANES):
        block = np.full((len(departure.network.points), LANES), NEVER_S, dtype=np.float32)
        part = egress[first : first + LANES]
        for o, (points, seconds) in enumerate(part):
            block[points, o] = seconds
        left = TimeLeft(departure, _steps(departure, access), _clocked(departure, access))
        table = left.settled(block, departure.workspace())
        _least(best[first : first + len(part)], table, access.start, access.column, access.seconds, STEP_S)
    for k, place in enumerate(places):
        if place.on_street(departure.network):
            best[k] = np.minimum(best[k], base.from_cells_s(place, departure.start_clock_s))
    best[best > departure.limit_s] = np.nan
    return best / np.float32(60.0)


def batches(cells: Cells) -> list[I32]:
    """Cells in groups of up to 128 of one side, neighbours together, so that they share what they cannot be reached from."""
    found: list[I32] = []
    for side in range(len(cells.sides)):
        rows = np.flatnonzero(cells.side == side)
        ordered: I32 = rows[neighbours_together(cells.x_m[rows], cells.y_m[rows])].astype(np.int32)
        found += [ordered[k : k + LANES] for k in range(0, ordered.size, LANES)]
    return found


@dataclass(frozen=True)
class TimeLeft:
    """Whole seconds from every point to destinations, for each step of access time."""

    departure: Departure
    steps: int
    clocked: I16 | None
    """(step, point to, point from) by the clock search, where something closes."""
    egress: Rows | None = None
    """For each cell, the points it is reached from."""

    @classmethod
    def of(cls, departure: Departure, base: BaseLayer) -> TimeLeft:
        """Prepared for batches of cells."""
        access, egress = base.access(departure), base.egress(departure)
        return cls(departure, _steps(departure, access), _clocked(departure, access), egress)

    def table(self, batch: I32, memory: F32) -> I16:
        """(step, point, lane) for a batch of cells."""
        assert self.egress is not None
        block = np.full((len(self.departure.network.points), LANES), NEVER_S, dtype=np.float32)
        _fill_egress(block, batch, self.egress.start, self.egress.column, self.egress.seconds)
        return self.settled(block, memory)

    def settled(self, egress_s: F32, memory: F32) -> I16:
        """(step, point, lane) for destinations whose egress is given (point, lane)."""
        blocks = self.departure.settle(egress_s, memory)
        horizons = np.array([h for h, _ in self.departure.windows], dtype=np.float32)
        horizons[-1] = np.inf  # what takes longer than the limit is not counted anyway
        lanes_first = np.ascontiguousarray(np.stack(blocks).transpose(0, 2, 1))
        table = _by_step(lanes_first, self.steps, horizons, np.float32(STEP_S))
        if self.clocked is not None:
            _join_clocked(table, self.clocked, np.ascontiguousarray(egress_s.T))
        return np.ascontiguousarray(table.transpose(0, 2, 1))


def _steps(departure: Departure, access: Rows) -> int:
    return departure.steps(float(access.seconds.max(initial=0.0)))


def _clocked(departure: Departure, access: Rows) -> I16 | None:
    seconds = departure.clocked_s(_steps(departure, access))
    if seconds is None:
        return None
    return np.ascontiguousarray(np.minimum(np.rint(seconds), FAR), dtype=np.int16)


@njit(cache=True, nogil=True)
def _fill_egress(block, batch, start, point, seconds):  # type: ignore[no-untyped-def]
    for o in range(batch.size):
        for k in range(start[batch[o]], start[batch[o] + 1]):
            block[point[k], o] = seconds[k]


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


@njit(cache=True, nogil=True)
def _least(best, table, start, point, seconds, step_s):  # type: ignore[no-untyped-def]
    for i in range(best.shape[1]):
        for k in range(start[i], start[i + 1]):
            step = min(int(seconds[k] / step_s), table.shape[0] - 1)
            row = table[step, point[k]]
            for o in range(best.shape[0]):
                if row[o] < FAR:
                    best[o, i] = min(best[o, i], np.float32(row[o]) + seconds[k])


@njit(cache=True, nogil=True)
def _add_reach(  # type: ignore[no-untyped-def]
    counts,
    sign,
    origins,
    table,
    soonest,
    batch,
    start,
    point,
    seconds,
    step_s,
    walk,
    walk_start,
    walk_cell,
    walk_s,
    bus_row,
    bus_s,
    weights,
    side,
    cutoffs,
):
    """Add to `counts` (cell, side, cut-off, kind) `sign` times what some cells reach of one batch of cells.

    `soonest` has the least time left from each point over steps and lanes; `walk` is workspace, FAR all over.
    """
    lanes = table.shape[2]
    limit = cutoffs[-1]
    kinds = weights.shape[1]
    here = np.zeros((kinds, lanes), dtype=np.int32)
    everybody = np.zeros(kinds, dtype=np.int32)
    on_foot = np.zeros(start.size - 1, dtype=np.bool_)
    ways_in(walk, on_foot, batch, walk_start, walk_cell, walk_s, bus_row, bus_s)
    for o in range(batch.size):
        for w in range(kinds):
            here[w, o] = sign * weights[batch[o], w]
            everybody[w] += here[w, o]
    best = np.empty(lanes, dtype=np.int16)
    within = np.empty(lanes, dtype=np.int32)
    for i in origins:
        if not soonest_ways(best, i, table, soonest, limit, start, point, seconds, step_s, walk, on_foot):
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
                within[o] = -np.int32(best[o] <= cutoff)
            for w in range(kinds):
                total = np.int32(0)
                for o in range(lanes):
                    total += here[w, o] & within[o]
                counts[i, side, c, w] += total
    forget(walk, on_foot)


@njit(cache=True, nogil=True)
def forget(walk, on_foot):  # type: ignore[no-untyped-def]
    """Make the rows of `walk` that are still in use FAR again."""
    for i in range(on_foot.size):
        if on_foot[i]:
            walk[i, :] = FAR


@njit(cache=True, nogil=True)
def _add_times(  # type: ignore[no-untyped-def]
    times,
    origins,
    table,
    soonest,
    batch,
    start,
    point,
    seconds,
    step_s,
    walk,
    walk_start,
    walk_cell,
    walk_s,
    bus_row,
    bus_s,
    limit,
):
    """Write whole seconds from some cells to one batch of cells into `times` (origin, cell)."""
    on_foot = np.zeros(start.size - 1, dtype=np.bool_)
    ways_in(walk, on_foot, batch, walk_start, walk_cell, walk_s, bus_row, bus_s)
    best = np.empty(table.shape[2], dtype=np.int16)
    for r in range(origins.size):
        i = origins[r]
        if soonest_ways(best, i, table, soonest, limit, start, point, seconds, step_s, walk, on_foot):
            for o in range(batch.size):
                times[r, batch[o]] = best[o]
    forget(walk, on_foot)


@njit(cache=True, nogil=True)
def ways_in(walk, on_foot, batch, walk_start, walk_cell, walk_s, bus_row, bus_s):  # type: ignore[no-untyped-def]
    """Seconds on foot or by local bus to a batch of cells (cell, lane), and from where any is reached."""
    for o in range(batch.size):
        j = batch[o]
        for k in range(walk_start[j], walk_start[j + 1]):
            if walk_s[k] < FAR:
                walk[walk_cell[k], o] = np.int16(np.rint(walk_s[k]))
                on_foot[walk_cell[k]] = True
        walk[j, o] = 0
        on_foot[j] = True
        if bus_row[j] >= 0:
            for i in range(bus_row.size):
                if bus_row[i] >= 0:
                    t = bus_s[bus_row[j], bus_row[i]]
                    if t < walk[i, o]:
                        walk[i, o] = t
                        on_foot[i] = True


@njit(cache=True, nogil=True, inline="always")
def soonest_ways(  # type: ignore[no-untyped-def]
    best, i, table, soonest, limit, start, point, seconds, step_s, walk, on_foot
):
    """Fill `best` (lane) with the least seconds from cell i; False where nothing is reached. Uses up the row of `walk`."""
    lanes = best.size
    near = on_foot[i]
    for k in range(start[i], start[i + 1]):
        near = near or soonest[point[k]] + seconds[k] <= limit
    if not near:
        return False
    for o in range(lanes):
        best[o] = walk[i, o]
    if on_foot[i]:
        walk[i, :] = FAR
        on_foot[i] = False
    for k in range(start[i], start[i + 1]):
        p = point[k]
        if soonest[p] + seconds[k] > limit:
            continue
        a = np.int16(np.rint(seconds[k]))
        row = table[min(int(seconds[k] / step_s), table.shape[0] - 1), p]
        for o in range(lanes):
            best[o] = min(best[o], np.int16(row[o] + a))
    return True
