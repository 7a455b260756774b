"""Which patches works cut: pieces, mesh and core area of each habitat group, before and after.

Indices as of :mod:`corridor.ecology.fragmentation.metrics`; works are permanent rows of a footprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage

from corridor.core.crs import WORKING
from corridor.core.errors import Problems
from corridor.ecology import M2_PER_HA
from corridor.ecology.fragmentation.metrics import ALL, mesh
from corridor.ecology.fragmentation.patches import (
    BORDERS,
    Border,
    Mask,
    Patches,
    core_cells,
    label_patches,
    structure,
)
from corridor.ecology.land.checks import Neighbours, check_choice, check_frame, check_neighbours
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.parameters import ON_THE_BED

Floats = NDArray[np.float64]
BUILT = "built"
BARRIERS = frozenset({"at_grade", "embankment"})
"""Structures whose permanent strip parts every cell that it touches, however narrow it is."""

CHANGE_MEASURES = [
    "area_ha", "patches", "largest_patch_percent", "core_ha", "mesh_ha", "division", "split",
]  # fmt: skip
CUT_COLUMNS = [
    "group", "patch", "area_ha", "pieces", "largest_piece_ha", "severed_ha", "taken_ha", "lines", "parts",
    "geometry",
]  # fmt: skip
CUT_COUNTS = ("patches_cut", "patches_lost", "severed_ha")
PRINT_COLUMNS = ("line_id", "part_id", "site_id", "structure", "permanence")


@dataclass(frozen=True, eq=False)
class FragmentationChange:
    """What works change, before against after on the same cells; without works every change is exactly zero.

    ``groups``: a row for each habitat group and one for ``all``, with ``_before``, ``_after`` and ``_change`` of
    :data:`CHANGE_MEASURES`, and ``patches_cut``, ``patches_lost``, ``severed_ha`` (pieces cut off, the largest aside).
    ``cut``: each patch that falls into two pieces or more, the most severed first, with its outline before (EPSG:4547)
    and the lines and parts that do it. ``not_assessed_ha``: permanent footprint on ground whose habitat is not known.
    ``neighbours`` and ``edge_depth_m`` are the rules it was worked out by.
    """

    groups: pd.DataFrame
    cut: gpd.GeoDataFrame
    neighbours: Neighbours
    edge_depth_m: float
    not_assessed_ha: float


class _Group:
    """The patches of one group of habitats before any works, kept for all scenarios."""

    def __init__(self, land: FragmentedLand, habitats: Sequence[str]):
        self._land, self._habitats = land, habitats

    @cached_property
    def patches(self) -> Patches:
        return label_patches(self._land.grid.of(self._habitats), self._land.neighbours)

    @cached_property
    def boxes(self) -> list[Any]:
        """Rows and columns of each patch, as slices."""
        return ndimage.find_objects(self.patches.labels)

    @cached_property
    def core_ha(self) -> float:
        return float(self._land.cores(self.patches.labels > 0).sum()) * self._land.grid.cell_ha


class FragmentedLand:
    """The patches of each habitat group, built-up land aside, before any works; kept for all scenarios.

    Cores are deeper than one cell.

    Parameters
    ----------
    grid
        Habitat on square cells (EPSG:4547).
    neighbours
        4 or 8: which cells are one patch. The rule moves every figure.
    border
        Whether the border of the data is an ``edge`` to cores, as in FRAGSTATS, or ``interior``.

    Raises
    ------
    LayerError
        For another rule, and land on which all classes are built-up.
    """

    def __init__(self, grid: HabitatGrid, neighbours: Neighbours = 8, border: Border = "edge"):
        rows = grid.classes[(grid.classes["group"] != BUILT) & (grid.classes["code"] != grid.nodata)]
        with Problems() as found:
            check_neighbours(found, neighbours)
            check_choice(found, "border", border, BORDERS)
            if rows.empty:
                what, expected = "none but built-up land", "a class of habitat or more"
                found.add("habitat classes", what, expected, "add its row")
        self.grid, self.neighbours, self.border = grid, neighbours, border
        self.edge_depth_m = grid.cell_m
        self._groups = {
            str(name): _Group(self, mine["habitat_id"].tolist())
            for name, mine in rows.groupby("group", sort=True)
        }

    @cached_property
    def landscape_ha(self) -> float:
        """The area of all cells whose habitat is known."""
        return float(self.grid.known.sum()) * self.grid.cell_ha

    def patches(self, group: str) -> Patches:
        """The patches of a group before the works."""
        return self._groups[group].patches

    def cores(self, mask: Mask, box: Any = np.s_[:, :]) -> Mask:
        """Core cells of a mask by the land's edge depth and border rule.

        Parameters
        ----------
        mask
            Cells of one group, of the shape of the box.
        box
            Rows and columns of the grid that the mask is of; the whole grid where not given.
        """
        return core_cells(mask, self.grid.cell_m, self.edge_depth_m, self.border, self.grid.known[box])

    def change(self, prints: gpd.GeoDataFrame) -> FragmentationChange:
        """Patches and indices of each habitat group, before and after works, and the patches that are cut.

        ``prints``: rows as of :func:`corridor.ecology.works.footprint.footprint`; only permanent ones act. Their exact area
        is taken off the patches. A cell is parted where a line at grade or on an embankment touches it, by ever so little
        (all touched), and where other permanent works take more than half of it; what is left of a parted cell counts with
        the nearest piece. Shade and piers cut nothing, a tunnel neither, on the sea bed or below.
        """
        with Problems() as found:
            check_frame(found, "footprints", prints, PRINT_COLUMNS)
        ground = _ground(self.grid, prints)
        rows: list[dict[str, Any]] = []
        cut: list[dict[str, Any]] = []
        areas: list[tuple[Floats, Floats]] = []
        for name, group in self._groups.items():
            before = group.patches.area_ha(self.grid.cell_m).to_numpy()
            pieces = _pieces(self, group, ground)
            areas.append((before, _areas_after(before, pieces)))
            cores = group.core_ha, group.core_ha - _core_lost_ha(self, group, ground)
            rows.append({"group": name, **self._row(*areas[-1], *cores), **_cut_counts(pieces)})
            cut += [{"group": name, **row} for row in _cut_rows(self.grid, group, pieces, ground)]
        # all groups together: each patch remains a patch of its own group
        before, after = (np.concatenate(sides) for sides in zip(*areas, strict=True))
        sums = {c: sum(r[c] for r in rows) for c in ("core_ha_before", "core_ha_after", *CUT_COUNTS)}
        whole = self._row(before, after, sums["core_ha_before"], sums["core_ha_after"])
        rows.append({"group": ALL, **sums, **whole})
        frame = gpd.GeoDataFrame(cut, columns=CUT_COLUMNS, geometry="geometry", crs=WORKING)
        order = ["severed_ha", "group", "patch"]
        return FragmentationChange(
            pd.DataFrame(rows),
            frame.sort_values(order, ascending=[False, True, True], ignore_index=True),
            self.neighbours,
            self.edge_depth_m,
            ground.not_assessed_ha,
        )

    def _row(self, before: Floats, after: Floats, core: float, core_after: float) -> dict[str, float]:
        was, now = (
            vars(mesh(area, self.landscape_ha)) | {"core_ha": core_ha}
            for area, core_ha in ((before, core), (after, core_after))
        )
        row: dict[str, float] = {}
        for m in CHANGE_MEASURES:
            change = 0.0 if was[m] == now[m] else now[m] - was[m]
            row |= {f"{m}_before": was[m], f"{m}_after": now[m], f"{m}_change": change}
        return row


@dataclass(frozen=True, eq=False)
class _Ground:
    """Works on the cells of the grid: the share taken of each, and those parted; all within a ``window`` of rows and columns.

    ``by``: line, part or site, and the cells of the window that it touches, for each row of the footprint.
    """

    window: tuple[slice, slice]
    taken: Floats
    parted: Mask
    by: list[tuple[str, str, Mask]]
    not_assessed_ha: float


@dataclass(frozen=True, eq=False)
class _Pieces:
    """What becomes of one patch: the areas of its pieces, largest first (none where it is lost)."""

    patch: int
    before_ha: float
    area_ha: Floats

    @property
    def severed_ha(self) -> float:
        return float(self.area_ha[1:].sum())


def _ground(grid: HabitatGrid, prints: gpd.GeoDataFrame) -> _Ground:
    rows = prints[prints["permanence"] == "permanent"]
    total_ha = float(shapely.union_all(rows.geometry.to_numpy()).area) / M2_PER_HA if len(rows) else 0.0
    rows = rows[rows.intersects(shapely.box(*grid.bounds))]
    window = (slice(0, 0), slice(0, 0)) if rows.empty else grid.cells(tuple(rows.total_bounds), grid.cell_m)
    part, by = grid.part(*window), []
    taken, solid = (np.zeros(grid.codes.shape) for _ in range(2))
    parted = np.zeros(grid.codes.shape, dtype=np.bool_)
    for row in rows.to_dict("records"):
        share, site = part.covered(row["geometry"]).astype(np.float64), row["site_id"]
        taken[window] += share
        # works on the sea bed take ground but part no patch: animals pass above them
        if row["structure"] not in ON_THE_BED or site:
            solid[window] += share
            by.append((row["line_id"], site or row["part_id"], share > 0))
        if row["structure"] in BARRIERS and not site:
            parted[window] |= share > 0
    np.minimum(taken, 1.0, out=taken)
    missing_ha = max(total_ha - float(taken[window][part.known].sum()) * grid.cell_ha, 0.0)
    unknown_ha = missing_ha if missing_ha > 1e-6 * total_ha else 0.0  # less is rounding
    return _Ground(window, taken, parted | (solid > 0.5), by, unknown_ha)


def _pieces(land: FragmentedLand, group: _Group, ground: _Ground) -> list[_Pieces]:
    """The pieces of every patch that works touch."""
    labels, at = group.patches.labels, ground.window
    hit = np.unique(labels[at][(ground.taken[at] > 0) | ground.parted[at]])
    found = []
    for patch in hit[hit > 0].tolist():
        box = group.boxes[patch - 1]
        own = labels[box] == patch
        area_ha = (
            _piece_cells(own, ground.parted[box], ground.taken[box], land.neighbours) * land.grid.cell_ha
        )
        found.append(_Pieces(patch, float(own.sum()) * land.grid.cell_ha, area_ha))
    return found


def _piece_cells(own: Mask, parted: Mask, taken: Floats, neighbours: Neighbours) -> Floats:
    """Cells of the pieces of a patch, largest first; rests of parted cells count with the nearest piece."""
    pieces = np.asarray(ndimage.label(own & ~parted, structure=structure(neighbours))[0])
    rests = own & parted & (taken < 1)
    if rests.any() and pieces.any():
        rows, columns = np.nonzero(own & parted)
        near = np.s_[max(rows.min() - 1, 0) : rows.max() + 2, max(columns.min() - 1, 0) : columns.max() + 2]
        part = pieces[near]
        if part.any():
            at = ndimage.distance_transform_edt(part == 0, return_distances=False, return_indices=True)
            pieces[near] = np.where(rests[near], part[tuple(cast(Any, at))], part)
    elif rests.any():
        pieces = rests.astype(np.int32)  # nothing but rests: one thin patch
    weight = np.where(own, 1 - taken, 0.0)
    cells = np.asarray(np.bincount(pieces.ravel(), weights=weight.ravel())[1:], dtype=np.float64)
    return np.sort(cells[cells > 0])[::-1]


def _areas_after(before: Floats, pieces: list[_Pieces]) -> Floats:
    kept = np.ones(before.size, dtype=np.bool_)
    kept[[p.patch - 1 for p in pieces]] = False
    return np.concatenate([before[kept], *(p.area_ha for p in pieces)]) if pieces else before


def _cut_counts(pieces: list[_Pieces]) -> dict[str, float]:
    return {
        "patches_cut": sum(p.area_ha.size > 1 for p in pieces),
        "patches_lost": sum(p.area_ha.size == 0 for p in pieces),
        "severed_ha": sum((p.severed_ha for p in pieces), start=0.0),
    }


def _core_lost_ha(land: FragmentedLand, group: _Group, ground: _Ground) -> float:
    """Core that is no core any more: worked out around the works alone."""
    # once the depth for the cores that the works can end, once more for the ground by which those cores are judged
    margin = 2 * int(np.ceil(land.edge_depth_m / land.grid.cell_m)) + 2
    box = tuple(slice(max(s.start - margin, 0), s.stop + margin) for s in ground.window)
    mask, parted = group.patches.labels[box] > 0, ground.parted[box]
    was, now = land.cores(mask, box), land.cores(mask & ~parted, box)
    return float((was & ~now).sum()) * land.grid.cell_ha


def _cut_rows(
    grid: HabitatGrid, group: _Group, pieces: list[_Pieces], ground: _Ground
) -> Iterator[dict[str, Any]]:
    labels = group.patches.labels
    inside, parted = labels[ground.window], ground.parted[ground.window]
    for piece in (p for p in pieces if p.area_ha.size > 1):
        at = (inside == piece.patch) & parted
        by = [(line_id, part) for line_id, part, touched in ground.by if (touched & at).any()]
        yield {
            "patch": piece.patch,
            "area_ha": piece.before_ha,
            "pieces": piece.area_ha.size,
            "largest_piece_ha": float(piece.area_ha[0]),
            "severed_ha": piece.severed_ha,
            "taken_ha": max(piece.before_ha - float(piece.area_ha.sum()), 0.0),
            "lines": " ".join(dict.fromkeys(line_id for line_id, _ in by)),
            "parts": " ".join(dict.fromkeys(map(":".join, by))),
            "geometry": _outline(grid, labels, group.boxes[piece.patch - 1], piece.patch),
        }


def _outline(
    grid: HabitatGrid, labels: NDArray[np.int32], box: tuple[slice, slice], patch: int
) -> shapely.Geometry:
    own = (labels[box] == patch).astype(np.uint8)
    corner = grid.transform * Affine.translation(box[1].start, box[0].start)
    return shapely.union_all(
        [shapely.geometry.shape(g) for g, _ in shapes(own, mask=own > 0, transform=corner)]
    )
