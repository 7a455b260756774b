"""Patches of a raster: labels, areas, cores, and how far it is from one patch to another.

Which cells are one patch depends on a rule that moves every figure built on it: with 4 neighbours two cells that
touch at a corner alone are two patches, with 8 neighbours they are one. The rule is always stated, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from corridor.core.errors import Problems
from corridor.core.jit import njit
from corridor.ecology import M2_PER_HA
from corridor.ecology.land.checks import Neighbours, check_choice, check_length, check_neighbours

Between = Literal["edges", "centres"]
Border = Literal["edge", "interior"]
"""What the border of the data is to a core: an edge like any other, as in FRAGSTATS, or no edge."""
BORDERS: tuple[str, ...] = get_args(Border)
Labels = NDArray[np.int32]
Mask = NDArray[np.bool_]

LINK_COLUMNS = ["a", "b", "distance_m"]
TILE = 16
"""Outlines are searched by tiles of so many cells: a tile that is too far away is passed over as a whole."""


@dataclass(frozen=True, eq=False)
class Patches:
    """Cells grouped to patches: ``labels`` is 0 outside and 1 to ``count`` inside, in reading order.

    ``neighbours`` is the rule they were found by (4: sides, 8: sides and corners); ``cells`` the size of each.
    """

    labels: Labels
    neighbours: Neighbours
    cells: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many patches."""
        return int(self.cells.size)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The label of each patch, from 1."""
        return np.arange(1, self.count + 1)

    def area_ha(self, cell_m: float) -> pd.Series:
        """Hectares of each patch: a Series by label, from cells of ``cell_m`` metres. LayerError for a side not above 0."""
        with Problems() as found:
            check_length(found, "cell_m", cell_m)
        index = pd.Index(self.numbers, name="patch")
        return pd.Series(self.cells * cell_m**2 / M2_PER_HA, index=index, name="area_ha")


def label_patches(mask: NDArray[Any], neighbours: Neighbours) -> Patches:
    """The patches of the cells where ``mask`` (rows, columns; boolean) holds.

    Raises :class:`LayerError` for an empty or non-boolean raster and for any rule but 4 or 8.
    """
    with Problems() as found:
        if mask.ndim != 2 or mask.size == 0:
            what = f"shape {mask.shape}, no cell" if mask.size == 0 else f"shape {mask.shape}"
            found.add("mask", what, "rows and columns with cells", "give a raster of two dimensions")
        if mask.dtype != np.bool_:
            remedy = "compare it first (codes == 7), so that nodata is no habitat"
            found.add("mask", f"values of type {mask.dtype}", "true for habitat, false for the rest", remedy)
        check_neighbours(found, neighbours)
    labels = np.zeros(mask.shape, dtype=np.int32)
    count = ndimage.label(mask, structure=structure(neighbours), output=labels)
    cells = np.bincount(labels.ravel(), minlength=int(count) + 1)[1:]
    return Patches(labels, neighbours, cells.astype(np.int64))


def structure(neighbours: Neighbours) -> NDArray[np.int_]:
    """The 3 by 3 cells that count as touching the middle one, as ``scipy.ndimage.label`` takes them."""
    return ndimage.generate_binary_structure(2, 1 if neighbours == 4 else 2).astype(np.int_)


def core_cells(
    mask: Mask, cell_m: float, edge_depth_m: float, border: Border = "edge", known: Mask | None = None
) -> Mask:
    """Cells of a mask whose middle is further than ``edge_depth_m`` from the middle of every cell outside it.

    With ``border`` "edge" all ground beyond the data, outside the raster and where ``known`` is false, counts as outside:
    FRAGSTATS counts so (the published values of its CORE, TCA and NDCA, tests/ecology/test_fragmentation.py). With "interior" it does
    not, and a patch that the border cuts keeps the core that it may have beyond. Without ``known`` all cells of the raster are
    data. A depth of one cell takes the cells off that have a side in common with the outside; larger depths are circles.
    Raises :class:`LayerError` for lengths that are none, another border, and ``known`` of another shape.
    """
    with Problems() as found:
        check_length(found, "cell_m", cell_m)
        check_length(found, "edge_depth_m", edge_depth_m, zero=True)
        check_choice(found, "border", border, BORDERS)
        if known is not None and known.shape != mask.shape:
            found.add("known", f"shape {known.shape}", f"{mask.shape}, as the mask", "use the same grid")
    # a cell at exactly the depth is no core: rounding must not make it one
    depth = edge_depth_m / cell_m * (1 + 1e-9)
    if depth < 1:
        return mask.copy()
    interior = border == "interior"
    inside = mask | ~known if interior and known is not None else mask
    framed = np.pad(inside, 1, constant_values=interior)
    if depth < np.sqrt(2):
        near = framed[:-2, 1:-1] & framed[2:, 1:-1] & framed[1:-1, :-2] & framed[1:-1, 2:]
        return np.asarray(mask & near)
    # without any cell outside there is no distance to it
    if framed.all():
        return mask.copy()
    return np.asarray(mask & (ndimage.distance_transform_edt(framed) > depth)[1:-1, 1:-1])


def patch_links(patches: Patches, cell_m: float, limit_m: float, between: Between = "edges") -> pd.DataFrame:
    """Every two patches no further apart than a limit, with the straight distance between them.

    Parameters
    ----------
    patches
        Labelled patches.
    cell_m
        Side of a cell (m).
    limit_m
        The largest distance (m), 0 or more.
    between
        ``edges``: the shortest way from outline to outline, 0 where they touch at a corner. ``centres``: the shortest way
        between middles of cells, which FRAGSTATS uses (ENN) and which is up to 1.4 cells longer.

    Returns
    -------
    pandas.DataFrame
        Columns a, b (labels, a below b), distance_m; sorted by a and b.

    Raises
    ------
    LayerError
        For a length that is not finite or too small, and another rule of distance.
    """
    with Problems() as problems:
        check_length(problems, "cell_m", cell_m)
        check_length(problems, "limit_m", limit_m, zero=True)
        check_choice(problems, "between", between, get_args(Between))
    rows, columns, tiles, tile_start = _outlines(patches)
    top, bottom, left, right, *_ = tiles.T
    box = _boxes(top, bottom, left, right, tile_start[:-1])
    edge = 1 if between == "edges" else 0
    found = _links(rows, columns, box, tiles, tile_start, limit_m / cell_m, edge)
    a, b, cells = (np.asarray(f) for f in found)
    frame = pd.DataFrame({"a": a + 1, "b": b + 1, "distance_m": cells * cell_m}, columns=LINK_COLUMNS)
    return frame.sort_values(["a", "b"], ignore_index=True)


def _outlines(patches: Patches) -> tuple[NDArray[np.int64], ...]:
    """Cells of each patch with a side towards the outside, sorted by patch and tile.

    Row and column of each cell; box (top, bottom, left, right) of each tile of a patch with its first cell and the one
    after its last; first tile of each patch.
    """
    labels = patches.labels
    framed = np.pad(labels, 1)
    inner = (
        (framed[:-2, 1:-1] == labels)
        & (framed[2:, 1:-1] == labels)
        & (framed[1:-1, :-2] == labels)
        & (framed[1:-1, 2:] == labels)
    )
    rows, columns = np.nonzero((labels > 0) & ~inner)
    of = labels[rows, columns] - 1
    order = np.lexsort((columns // TILE, rows // TILE, of))
    rows, columns, of = rows[order], columns[order], of[order].astype(np.int64)
    new = np.ones(rows.size, dtype=np.bool_)
    new[1:] = (np.diff(of) != 0) | (np.diff(rows // TILE) != 0) | (np.diff(columns // TILE) != 0)
    first = np.flatnonzero(new)
    last = np.append(first, rows.size)[1:]
    tiles = np.column_stack([_boxes(rows, rows, columns, columns, first), first, last])
    return rows, columns, tiles, np.searchsorted(of[first], np.arange(patches.count + 1))


def _boxes(top: Any, bottom: Any, left: Any, right: Any, first: Any) -> NDArray[np.int64]:
    """The box around stretches of boxes that begin at ``first``: top, bottom, left, right."""
    least, most = np.minimum.reduceat, np.maximum.reduceat
    sides = least(top, first), most(bottom, first), least(left, first), most(right, first)
    return np.column_stack(sides)


@njit(cache=True, nogil=True)
def _gap2(top: Any, bottom: Any, left: Any, right: Any, box: Any, edge: Any) -> Any:
    """Squared cells between two boxes of cells; ``edge`` 1 from side to side, 0 from middle to middle."""
    down = max(top - box[1] - edge, box[0] - bottom - edge, 0)
    across = max(left - box[3] - edge, box[2] - right - edge, 0)
    return down * down + across * across


@njit(cache=True, nogil=True)
def _nearest2(rows: Any, columns: Any, tiles: Any, from_a: Any, to_a: Any, from_b: Any, to_b: Any,
              edge: Any, limit2: Any) -> Any:  # fmt: skip
    """The least squared distance between two patches below a limit (else above it), tile by tile."""
    best = limit2 + 1
    for s in range(from_a, to_a):
        one = tiles[s]
        for t in range(from_b, to_b):
            two = tiles[t]
            if _gap2(one[0], one[1], one[2], one[3], two, edge) >= best:
                continue  # no cell of this tile can be nearer than what is found
            for i in range(one[4], one[5]):
                if _gap2(rows[i], rows[i], columns[i], columns[i], two, edge) >= best:
                    continue
                for j in range(two[4], two[5]):
                    down = max(abs(rows[i] - rows[j]) - edge, 0)
                    across = max(abs(columns[i] - columns[j]) - edge, 0)
                    best = min(best, down * down + across * across)
    return best


@njit(cache=True, nogil=True)
def _links(rows: Any, columns: Any, box: Any, tiles: Any, tile_start: Any, limit: float, edge: int) -> Any:
    """Pairs of patches within a limit (cells), patches in order of their top row so that far ones end a search."""
    n = len(box)
    limit2 = np.int64(np.floor(limit * limit * (1 + 1e-12)))
    order = np.argsort(box[:, 0], kind="mergesort")
    size = np.int64(max(16, 4 * n))
    a, b, away = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.float64)
    found = 0
    for first in range(n):
        p = order[first]
        for second in range(first + 1, n):
            q = order[second]
            if box[q, 0] - box[p, 1] - edge > limit:
                break  # all later ones begin further down still
            if _gap2(box[p, 0], box[p, 1], box[p, 2], box[p, 3], box[q], edge) > limit2:
                continue
            best = _nearest2(rows, columns, tiles, tile_start[p], tile_start[p + 1], tile_start[q],
                             tile_start[q + 1], edge, limit2)  # fmt: skip
            if best > limit2:
                continue
            if found == a.size:
                a = np.concatenate((a, np.empty_like(a)))
                b = np.concatenate((b, np.empty_like(b)))
                away = np.concatenate((away, np.empty_like(away)))
            a[found], b[found], away[found] = min(p, q), max(p, q), np.sqrt(best)
            found += 1
    return a[:found], b[:found], away[:found]
