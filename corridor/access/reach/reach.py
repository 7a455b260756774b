"""What every cell reaches at one clock time, computed anew or from what is known of another network.

For a batch of destinations the times left from every point are settled (:mod:`.left`); then every cell takes its least
way (:mod:`.kernels`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridor.access.reach.kernels import FAR, I16, Tally, add_counts, batches
from corridor.access.reach.left import TimeLeft
from corridor.access.search.cells import KINDS, columns_of
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import F32, I32, Rows
from corridor.access.search.threads import map_in_threads
from corridor.access.surroundings.base import BaseLayer
from corridor.access.surroundings.bus_times import gate_lines
from corridor.core.errors import CorridorError, Problem
from corridor.core.jit import njit
from corridor.network.changes import changed_points
from corridor.network.compiled import CompiledNetwork
from corridor.schema.region import Sides, shipped_sides

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PointKey = tuple[str, float, float, bool]


@dataclass(frozen=True)
class Reach:
    """What every cell reaches at one hour: (cell, cut-off, land state x opportunity x side)."""

    hour: str
    cutoffs_min: tuple[int, ...]
    counts: F32
    sides: Sides = field(default_factory=shipped_sides)

    def of(self, cutoff_min: int, what: str, state: str = "census", side: str | None = None) -> F32:
        """Opportunities of every cell within a cut-off.

        Parameters
        ----------
        cutoff_min
            One of `cutoffs_min`.
        what, state, side
            As for :func:`corridor.access.search.cells.columns_of`; both sides together without a side.
        """
        picked = columns_of(self.sides, what, state, side)
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
    """What every cell reaches, and from what it was computed, so that another network starts from it.

    Attributes
    ----------
    counts
        (cell, side, cut-off, land state x opportunity).
    renewed_batches
        Batches of destinations whose times were computed anew, not taken from what was known.
    renewed_cells
        Cells whose counts were added up anew for one of these batches at least.
    not_given
        Columns of what the study does not say where it is, such as jobs.
    """

    points: tuple[PointKey, ...]
    access: Rows
    batches: tuple[Batch, ...]
    counts: I32
    departure: Departure
    renewed_batches: int
    renewed_cells: int
    sides: Sides = field(default_factory=shipped_sides)
    not_given: Sequence[int] = ()

    def reach(self, hour: str, cutoffs_min: Sequence[int]) -> Reach:
        """As a table by cut-off; NaN where it is not known how many there are."""
        cells, sides, cutoffs, kinds = self.counts.shape
        counts = self.counts.transpose(0, 2, 3, 1).reshape(cells, cutoffs, kinds * sides)
        known = counts.astype(np.float32)
        known[..., self.not_given] = np.nan
        return Reach(hour, tuple(cutoffs_min), known, self.sides)


def point_keys(network: CompiledNetwork) -> tuple[PointKey, ...]:
    """What makes a point the same one in two networks: its name, where it is, and whether it opens to the street.

    A station that a scenario moves is another point, since other cells are around it.
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
    """Cumulative opportunities of every cell: ``A_i(c) = sum_j O_j [t_ij <= c]``, with t in whole seconds.

    Parameters
    ----------
    departure
        The network at one clock time; its limit is at least the longest cut-off.
    base
        Ways off the network, and the cells with their residents and jobs.
    cutoffs_min
        Cut-offs in minutes, in rising order, 265 at most; the cut-off itself counts as within.
    known
        What was computed for another network at the same hour: only origins that a changed point can serve are
        renewed. The result is the same, to the last person, as without.
    keep
        Whether another network can start from the result; the batches take some 100 MB.

    Raises
    ------
    CorridorError
        Where a cut-off does not fit 16 bits of seconds.
    """
    limit_s = 60 * max(cutoffs_min)
    if limit_s >= FAR:
        raise CorridorError(
            Problem(
                "cutoffs_min",
                str(max(cutoffs_min)),
                f"at most {int(FAR) // 60 - 1} minutes",
                "choose a shorter cut-off",
            )
        )
    cells, cutoffs_s = base.cells, 60 * np.asarray(cutoffs_min, dtype=np.int16)
    access, egress = base.access(departure), base.egress(departure)
    left, keys = TimeLeft.of(departure, access), point_keys(departure.network)
    tally = Tally(
        base,
        departure.start_clock_s,
        (len(cells.region), len(cells.sides), len(cutoffs_min), KINDS),
        np.int32,
    )
    if known and known.batches[0].table.shape[0] != left.steps:
        known = None
    change = _Change.between(known, departure, keys, access) if known else None
    everywhere = np.arange(len(cells.region), dtype=np.int32)
    renewed: list[I32] = []

    def add(sign: int, batch: I32, table: I16, reached: Rows, origins: I32) -> None:
        ways, side = tally.ways(table, reached, STEP_S), cells.side[batch[0]]
        add_counts(
            tally.sums, np.int32(sign), origins, ways, batch, tally.direct, cells.weights, side, cutoffs_s
        )

    def work(item: tuple[int, I32]) -> Batch | None:
        k, batch = item
        if known and change and change.leaves(known.batches[k]):
            return known.batches[k]
        table = left.to_cells(batch, egress)
        touched = everywhere
        if known and change:
            before = known.batches[k].whole(len(known.points))
            touched = change.origins(before, table)
            if touched.size:
                # counts are sums over batches: what this one gave before goes, what it gives now comes
                add(-1, batch, before, known.access, touched)
        if touched.size:
            add(1, batch, table, access, touched)
        renewed.append(touched)
        return Batch.of(table) if keep else None

    found = tuple(b for b in map_in_threads(work, enumerate(batches(cells))) if b)
    counts = np.asarray(tally.total() + (known.counts if known else 0), dtype=np.int32)
    origins = np.unique(np.concatenate(renewed)).size if renewed else 0
    return Reached(
        keys, access, found, counts, departure, len(renewed), origins, cells.sides, cells.not_given
    )


@dataclass(frozen=True)
class _Change:
    """Two networks' points set against each other.

    Attributes
    ----------
    new
        Indices of the points that both have, in the one and in the other.
    new_cells
        The cells around each point.
    moved
        Cells that reach a point both have in another time, or in one of the networks only.
    concerned
        Points that the change concerns; None where it may concern any.
    """

    old: I32
    new: I32
    old_cells: Rows
    new_cells: Rows
    moved: I32
    concerned: NDArray[np.bool_] | None

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
        changed_old, changed_new = (np.ones(t.shape[1], dtype=np.bool_) for t in (before, after))
        _changed(before, after, self.old, self.new, changed_old, changed_new)
        around = [self.old_cells.columns_of(changed_old), self.new_cells.columns_of(changed_new), self.moved]
        return np.unique(np.concatenate(around)).astype(np.int32)


@njit(cache=True, nogil=True)
def _changed(before, after, old, new, changed_old, changed_new):  # type: ignore[no-untyped-def]
    """Of points that both tables have, those with other times; of the rest, those from which anything is reached."""
    for k in range(old.size):
        same = True
        for s in range(before.shape[0]):
            for o in range(before.shape[2]):
                same &= before[s, old[k], o] == after[s, new[k], o]
        changed_old[old[k]] = changed_new[new[k]] = not same
    for table, changed, both in ((before, changed_old, old), (after, changed_new, new)):
        alone = np.ones(changed.size, dtype=np.bool_)
        alone[both] = False
        for p in np.flatnonzero(alone):
            changed[p] = (table[:, p] < FAR).any()


def _moved(before: Rows, after: Rows, old: I32, new: I32) -> I32:
    """Cells whose entries for the points of both networks differ: a new station can crowd another out."""
    from scipy.sparse import csr_array

    cells = before.start.size - 1

    def entries(rows: Rows, points: I32) -> csr_array:
        """Seconds and one more by cell and common point, so that 0 is no entry."""
        common = np.full(max(int(rows.column.max(initial=0)), int(points.max(initial=0))) + 1, -1)
        common[points] = np.arange(points.size)
        both = common[rows.column] >= 0
        where = rows.row_of_entry[both], common[rows.column[both]]
        return csr_array((rows.seconds[both].astype(np.float64) + 1.0, where), shape=(cells, points.size))

    differ = entries(before, old) - entries(after, new)
    return np.unique(differ.nonzero()[0]).astype(np.int32)


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
