"""The patches in which an animal is at home, and how far it is from one to another.

Area is exact: what works take for good of a cell is taken off its patch. A railway on the ground parts a patch: cells
that it runs through belong to no piece when pieces are told apart, and their rest counts with the nearest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

from corridor.core.jit import njit
from corridor.ecology.connectivity.taxon_ground import WorksCover
from corridor.ecology.connectivity.taxon_tables import Taxon
from corridor.ecology.quality.grid import HabitatGrid

EIGHT = np.ones((3, 3), dtype=np.int8)
NEXT = 1.5
"""A rest of a cell belongs to a piece that touches it (distance in cells)."""


@dataclass(frozen=True, eq=False)
class Homes:
    """Patches of core habitat of the smallest size or more, 8 neighbours: label of each cell (0: none), hectares."""

    labels: NDArray[np.int32]
    area_ha: NDArray[np.float64]

    @property
    def count(self) -> int:
        """How many patches."""
        return self.area_ha.size


def home_patches(grid: HabitatGrid, taxon: Taxon, cover: WorksCover | None = None) -> Homes:
    """The homes of an animal, with works where a cover is given."""
    home = grid.of([h for h in taxon.core_habitats if h in grid.code_of])
    whole = home if cover is None else home & ~cover.cut & (cover.taken <= 0.5)
    labels = np.asarray(label(whole, EIGHT)[0], dtype=np.int32)
    weight = np.full(labels.shape, grid.cell_ha)
    owner = labels
    if cover is not None:
        weight *= 1.0 - cover.taken
        owner = _with_rests(labels, home & ~whole)
    area_ha = np.asarray(np.bincount(owner.ravel(), weights=weight.ravel()), dtype=np.float64)
    area_ha[0] = 0.0
    kept = area_ha >= taxon.minimum_patch_ha
    number = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return Homes(number[labels], area_ha[kept])


def _with_rests(labels: NDArray[np.int32], rests: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Labels in which the rest of each parted cell has the label of the nearest piece that touches it."""
    if not rests.any() or not labels.any():
        return labels
    away, (rows, columns) = distance_transform_edt(labels == 0, return_indices=True)
    return np.where(rests & (away <= NEXT), labels[rows, columns], labels)


def same_patches(before: Homes, after: Homes) -> NDArray[np.int64]:
    """For each patch after, the patch before of exactly the same cells; -1 where there is none."""
    if np.array_equal(before.labels, after.labels):
        return np.arange(after.count)
    wide = before.count + 1
    pairs = np.unique(after.labels.ravel().astype(np.int64) * wide + before.labels.ravel())
    new, old = pairs // wide, pairs % wide
    new, old = new[pairs > 0], old[pairs > 0]
    once_new = np.bincount(new, minlength=after.count + 1) == 1
    once_old = np.bincount(old, minlength=wide) == 1
    whole = (new > 0) & (old > 0) & once_new[new] & once_old[old]
    out = np.full(after.count, -1, dtype=np.int64)
    out[new[whole] - 1] = old[whole] - 1
    return out


def gaps(homes: Homes, cell_m: float, known: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """Metres from the edge of each patch to that of each other, straight, between the nearest cells.

    ``known``: distances that hold already, NaN where they are to be found.
    """
    n = homes.count
    out = np.full((n, n), np.nan, dtype=np.float32) if known is None else known.copy()
    np.fill_diagonal(out, 0.0)
    fresh = np.isnan(out).any(axis=1)
    inner = _inner(homes.labels)
    rows, columns = np.nonzero((homes.labels > 0) & ~inner)
    of = homes.labels[rows, columns] - 1
    _fill_gaps(rows, columns, of, fresh, np.float32(cell_m), out)
    return out


def _inner(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Cells whose four neighbours are of the same patch: none of them is nearest to another patch."""
    inner = np.zeros(labels.shape, dtype=np.bool_)
    middle = labels[1:-1, 1:-1]
    inner[1:-1, 1:-1] = (
        (middle == labels[:-2, 1:-1])
        & (middle == labels[2:, 1:-1])
        & (middle == labels[1:-1, :-2])
        & (middle == labels[1:-1, 2:])
    )
    return inner


@njit(cache=True, nogil=True)
def _fill_gaps(rows: Any, columns: Any, of: Any, fresh: Any, cell_m: Any, out: Any) -> None:
    """Each cell of the larger patch against the cells of the smaller, unless its outline is too far already."""
    n = out.shape[0]
    order = np.argsort(of, kind="mergesort")
    row, column = rows[order], columns[order]
    start = np.searchsorted(of[order], np.arange(n + 1))
    for a in range(n):
        for b in range(a):
            if not (fresh[a] or fresh[b]):
                continue
            large, small = (a, b) if start[a + 1] - start[a] > start[b + 1] - start[b] else (b, a)
            first, last = start[small], start[small + 1]
            top, bottom = row[first], row[last - 1]
            left, right = column[first:last].min(), column[first:last].max()
            best = np.int64(1) << 60
            for s in range(start[large], start[large + 1]):
                down = max(top - row[s] - 1, row[s] - bottom - 1, 0)
                across = max(left - column[s] - 1, column[s] - right - 1, 0)
                if down * down + across * across >= best:
                    continue
                for t in range(first, last):
                    down = max(abs(row[t] - row[s]) - 1, 0)
                    across = max(abs(column[t] - column[s]) - 1, 0)
                    best = min(best, down * down + across * across)
            out[a, b] = out[b, a] = np.sqrt(best) * cell_m


@njit(cache=True, nogil=True, fastmath=True)
def shortest(gap: Any) -> Any:
    """Metres outside patches on the best way from each patch to each other, by stepping stones (Floyd 1962).

    With p = exp(-k d) on each step the most probable way is the shortest one, whatever the distance k stands for.
    """
    out = gap.copy()
    for k in range(out.shape[0]):
        through = out[k].copy()
        for i in range(out.shape[0]):
            via = out[i, k]
            for j in range(out.shape[0]):
                there = via + through[j]
                if there < out[i, j]:
                    out[i, j] = there
    return out


@njit(cache=True, nogil=True)
def steps(gap: Any, limit_m: float) -> Any:
    """The fewest links no longer than a limit from each patch to each other; -1 where there is no way."""
    n = gap.shape[0]
    words = (n + 63) // 64
    near = np.zeros((n, words), dtype=np.uint64)
    one = np.uint64(1)
    for i in range(n):
        for j in range(n):
            if gap[i, j] <= limit_m:
                near[i, j >> 6] |= one << np.uint64(j & 63)
    out = np.full((n, n), -1, dtype=np.int16)
    queue = np.empty(n, dtype=np.int64)
    for source in range(n):
        seen = np.zeros(words, dtype=np.uint64)
        seen[source >> 6] |= one << np.uint64(source & 63)
        out[source, source] = 0
        queue[0], head, tail = source, 0, 1
        while head < tail:
            at = queue[head]
            head += 1
            for w in range(words):
                fresh = near[at, w] & ~seen[w]
                seen[w] |= fresh
                bit = 0
                while fresh:
                    if fresh & one:
                        found = w * 64 + bit
                        out[source, found] = out[source, at] + 1
                        queue[tail] = found
                        tail += 1
                    fresh >>= one
                    bit += 1
    return out
