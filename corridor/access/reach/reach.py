"""What every cell reaches at one clock time, computed anew or from what is known of another network; and how long to places.

For a batch of destinations the times left from every point are settled (:mod:`.left`); then every cell takes its least
way (:mod:`.kernels`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from corridor.access.reach.change import Change, PointKey, point_keys
from corridor.access.reach.kernels import FAR, Left, Tally, add_counts, batches, held
from corridor.access.reach.left import TimeLeft
from corridor.access.search.cells import KINDS, Cells, Place, columns_of
from corridor.access.search.departure import STEP_S, Departure
from corridor.access.search.rows import Rows
from corridor.access.search.strategy import LANES
from corridor.access.search.threads import map_in_threads
from corridor.access.surroundings.base import BaseLayer
from corridor.core.arrays import BOOL, F32, I32
from corridor.core.errors import CorridorError, Problem
from corridor.core.jit import njit
from corridor.schema.region import Sides, shipped_sides


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


class Start(NamedTuple):
    """The part of :class:`Reached` that takes long to work out: counts, and time left to each batch of destinations."""

    counts: I32
    batches: tuple[Left, ...]


@dataclass(frozen=True)
class Reached:
    """What every cell reaches, and from what it was computed, so that another network starts from it.

    Attributes
    ----------
    counts
        (cell, side, cut-off, land state x opportunity).
    batches
        Time left to each batch of destinations; empty where nothing is to start from it.
    renewed_batches
        Batches of destinations whose times were computed anew, not taken from what was known.
    renewed_cells
        Cells for which a destination came within a cut-off or fell out of it.
    """

    points: tuple[PointKey, ...]
    access: Rows
    batches: tuple[Left, ...]
    counts: I32
    departure: Departure
    renewed_batches: int
    renewed_cells: int
    cells: Cells

    @classmethod
    def again(cls, start: Start, departure: Departure, base: BaseLayer) -> Reached:
        """What was kept of a network reached from nothing, at the same departure."""
        return cls(
            point_keys(departure.network), base.access(departure), start.batches, start.counts, departure,
            len(start.batches), len(base.cells.region), base.cells,
        )  # fmt: skip

    @cached_property
    def around(self) -> Rows:
        """The cells around each point."""
        return self.access.transposed(len(self.points))

    def reach(self, hour: str, cutoffs_min: Sequence[int]) -> Reach:
        """As a table by cut-off; NaN where it is not known how many there are."""
        cells, sides, cutoffs, kinds = self.counts.shape
        counts = self.counts.transpose(0, 2, 3, 1).reshape(cells, cutoffs, kinds * sides)
        known = counts.astype(np.float32)
        known[..., self.cells.not_given] = np.nan
        return Reach(hour, tuple(cutoffs_min), known, self.cells.sides)


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
        The network at one clock time; its limit is at least the longest cut-off. Counts of one departure are the same
        whichever other cut-offs are asked for, but for what comes within half a second of its limit.
    base
        Ways off the network, and the cells with their residents and jobs.
    cutoffs_min
        Cut-offs in minutes, in rising order, 265 at most; the cut-off itself counts as within.
    known
        What was computed for another network at the same hour: only origins that a changed point can serve are
        renewed. The result is the same, to the last person, as without.
    keep
        Whether another network can start from the result; the batches take some 70 to 80 MB.

    Raises
    ------
    CorridorError
        Where a cut-off does not fit 16 bits of seconds.
    """
    if 60 * max(cutoffs_min) >= FAR:
        raise CorridorError(
            Problem(
                "cutoffs_min",
                str(max(cutoffs_min)),
                f"at most {int(FAR) // 60 - 1} minutes",
                "choose a shorter cut-off",
            )
        )
    cells, cutoffs_s = base.cells, 60 * np.asarray(cutoffs_min, dtype=np.int16)
    # seconds are rounded after they are added up, so what is a second over may still count as within
    limit_s = np.int16(min(departure.limit_s, cutoffs_s[-1] + 1))
    # before the ways to points, which need a part of the tables of local buses that it makes
    tally = Tally(
        base,
        departure.start_clock_s,
        (len(cells.region), len(cells.sides), len(cutoffs_min), KINDS),
        np.int32,
    )
    access, egress = base.access(departure), base.egress(departure)
    left, keys = TimeLeft.of(departure, access, float(limit_s)), point_keys(departure.network)
    if known and known.batches[0].which.shape[0] != left.steps:
        known = None
    change = Change.between(known, departure, keys, access) if known else None
    renewed: list[BOOL] = []

    def work(item: tuple[int, I32]) -> Left | None:
        k, batch = item
        if known and change and change.leaves(known.batches[k]):
            return known.batches[k] if keep else None
        now, here = left.to_cells(batch, egress), held(cells, batch, np.int32)
        counting = here, cells.side[batch[0]], cutoffs_s, limit_s
        if known and change:
            renewed.append(change.count(tally, known.batches[k], now, batch, counting))
        else:
            add_counts(tally.sums, tally.ways(now, access, STEP_S), batch, tally.direct, *counting)
        return now.shared() if keep else None

    found = tuple(b for b in map_in_threads(work, enumerate(batches(cells))) if b)
    counts = np.asarray(tally.total() + (known.counts if known else 0), dtype=np.int32)
    origins = int(np.logical_or.reduce(renewed).sum()) if change else len(cells.region)
    batches_renewed = len(renewed) if change else len(batches(cells))
    return Reached(keys, access, found, counts, departure, batches_renewed, origins, cells)


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
