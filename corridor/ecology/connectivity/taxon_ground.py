"""The ground as a focal species finds it: works on it, the resistance of each cell, patches of habitat and what is reached.

Works are narrower than a cell and still act. A *strip* (formation, deck, haul road) of width w on cells of side c is
crossed by all who cross a cell that it touches: the share w / c of the way has the resistance of the works, the rest that
of the habitat, one after the other. A *block* (site, pier) that covers the share s of a cell can be walked around:
resistance r (1 + s b) / (1 - s b) with b = (w - r) / (w + r), Maxwell's mixture for a round inclusion in the plane
(1873). Works never lower a resistance. A bored or immersed tunnel and a covered trench are no barrier once built;
their sites at the surface are.

The area of a patch is exact: what works take permanently of a cell is taken off. A railway on the ground parts a patch:
cells that it runs through belong to no piece when pieces are labelled, and their rest counts with the nearest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from corridor.ecology.connectivity.probability import DISTANCES_M, PatchGraph, decay_per_m
from corridor.ecology.connectivity.taxon_tables import (
    WORKS,
    WORKS_SURFACE,
    WORKS_TEMPORARY,
    WORKS_VIADUCT,
    Taxon,
)
from corridor.ecology.fragmentation.patches import Patches, label_patches, patch_links
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.parameters import ON_THE_BED, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.tables import Case

Stage = Literal["operation", "building"]
Shares = NDArray[np.float32]
NEXT = 1.5
"""A rest of a cell belongs to a piece that touches it (distance in cells)."""


@dataclass(frozen=True, eq=False)
class WorksCover:
    """Works on a grid: shares by kind of works, and the share of permanent land take.

    ``strips`` and ``blocks`` have a map for each of :data:`WORKS`, in their order (0 to 1): the share of the way across,
    and of the area. ``taken`` is exact area; ``cut`` marks cells that a railway on the ground runs through.
    """

    strips: Shares
    blocks: Shares
    taken: Shares
    cut: NDArray[np.bool_]

    @property
    def anywhere(self) -> NDArray[np.bool_]:
        """Cells with works of any kind."""
        return np.asarray(((self.strips > 0) | (self.blocks > 0)).any(axis=0))

    def within(self, cells: tuple[slice, slice]) -> WorksCover:
        """The cover on a window of the grid."""
        return WorksCover(self.strips[:, *cells], self.blocks[:, *cells], self.taken[cells], self.cut[cells])


def works_cover(
    grid: HabitatGrid,
    works: Sequence[Work],
    footprints: gpd.GeoDataFrame,
    stage: Stage = "operation",
    table: ParameterTable = SHIPPED,
) -> WorksCover:
    """The cover of works by their footprints (rows as of :func:`footprint`, all works in one frame).

    Stage ``operation`` is after building, with what stays; ``building`` adds the temporary works.
    """
    lines = {w.line_id: w.alignment for w in works}
    strips, blocks = (np.zeros((len(WORKS), *grid.codes.shape), dtype=np.float32) for _ in range(2))
    taken = np.zeros(grid.codes.shape, dtype=np.float32)
    cut = np.zeros(grid.codes.shape, dtype=np.bool_)
    on_grid = footprints[footprints.intersects(shapely.box(*grid.bounds))] if len(footprints) else footprints
    for row in on_grid.to_dict("records"):
        kind = _kind(row, stage)
        if kind is None:
            continue
        share = grid.covered(row["geometry"])
        width_m = _strip_width_m(row, lines, table)
        if width_m:
            strips[WORKS.index(kind), share > 0] += np.float32(width_m / grid.cell_m)
        else:
            blocks[WORKS.index(kind)] += share
        if row["permanence"] == "permanent":
            taken += share
            cut |= (share > 0) & (width_m > 0)
    for shares in (strips, blocks):  # that add up to 1 at most; works at the surface come first
        for n in range(len(WORKS)):
            np.minimum(shares[n], 1 - shares[:n].sum(axis=0), out=shares[n])
    return WorksCover(strips, blocks, np.minimum(taken, 1.0), cut)


def _kind(row: dict[Any, Any], stage: Stage) -> str | None:
    """The kind of works that a row of the footprint is to an animal, if any."""
    if row["permanence"] == "shade":
        return WORKS_VIADUCT
    if row["permanence"] == "temporary":
        return WORKS_TEMPORARY if stage == "building" else None
    bed = row["structure"] in ON_THE_BED and not row["site_id"]
    return None if bed else WORKS_SURFACE


def _strip_width_m(row: dict[Any, Any], lines: dict[str, Any], table: ParameterTable) -> float:
    """The width of a strip along its line; 0 for blocks (sites, piers)."""
    if row["site_id"] or row["line_id"] not in lines:
        return 0.0
    strips = [c.component for c in table.structure(row["structure"]) if c.spacing is None]
    if row["component"] not in strips:
        return 0.0
    length_m = shapely.intersection(lines[row["line_id"]], row["geometry"]).length
    return float(row["geometry"].area / length_m) if length_m > 0 else 0.0


def resistance_before(grid: HabitatGrid, taxon: Taxon, case: Case) -> NDArray[np.float64]:
    """Resistance of each cell by its habitat, without works.

    Parameters
    ----------
    grid
        Habitat on square cells.
    taxon
        The species, with a resistance for each habitat of the grid.
    case
        Which resistances: low, central or high.

    Returns
    -------
    numpy.ndarray
        Rows and columns of the grid; relative to the species' own habitat. NaN where nothing passes and where no habitat
        is known.
    """
    lookup = np.full(256, np.nan)
    for habitat, code in grid.code_of.items():
        lookup[code] = taxon.resistance(habitat, case)
    lookup[grid.nodata] = np.nan
    return np.asarray(lookup[grid.codes])


def resistance_after(
    before: NDArray[np.float64], cover: WorksCover, taxon: Taxon, case: Case
) -> NDArray[np.float64]:
    """Resistance with the works, strips first, then blocks (formulas at the top of this module).

    Works that let nothing pass (NaN) close the cells that a strip touches or a block covers to more than half.
    """
    out = before.copy()
    values = [taxon.resistance(kind, case) for kind in WORKS]
    for value, strip, block in zip(values, cover.strips, cover.blocks, strict=True):
        if np.isnan(value):
            out[(strip > 0) | (block > 0.5)] = np.nan
        else:
            out += strip.astype(np.float64) * np.maximum(value - before, 0.0)
    for value, block in zip(values, cover.blocks, strict=True):
        if not np.isnan(value):
            # strips are laid first: the ground around a block has the resistance that they left
            b = block.astype(np.float64) * np.maximum(value - out, 0.0) / (value + out)
            out = out * (1 + b) / (1 - b)
    return out


def core_labels(grid: HabitatGrid, taxon: Taxon, cores: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """The number of the core (1 for the first row) of each cell of core habitat mostly inside it; 0 for none.

    Where cores overlap the earlier has the cell.
    """
    home = grid.of(taxon.core_habitats)
    labels = np.zeros(grid.codes.shape, dtype=np.int64)
    for number, shape in enumerate(cores.geometry, start=1):
        labels[(labels == 0) & home & (grid.covered(shape) >= 0.5)] = number
    return labels


@dataclass(frozen=True, eq=False)
class HomePatches:
    """Patches of core habitat of the smallest size or more, 8 neighbours, and what of each is left (ha).

    Links are straight, from edge to edge, between all patches.
    """

    taxon: Taxon
    patches: Patches
    area_ha: NDArray[np.float64]
    cell_m: float
    like: HomePatches | None = None
    """Patches of the same cells, whose links hold here too."""

    @cached_property
    def links(self) -> pd.DataFrame:
        """Metres between every two patches, straight from edge to edge: a, b, distance_m.

        No pair is too far apart to be linked: dispersal gives it its weight.
        """
        return patch_links(self.patches, self.cell_m, self.cell_m * np.hypot(*self.patches.labels.shape))

    @cached_property
    def graph(self) -> PatchGraph:
        """Patches and links, for every index."""
        if self.like:
            return replace(self.like.graph, area=self.area_ha)
        return PatchGraph.of(self.area_ha, self.links)

    @cached_property
    def numerators(self) -> pd.DataFrame:
        """Numerators of PC and IIC (ha²) at the usual distances and the species' own.

        Returns
        -------
        pandas.DataFrame
            Columns pc, iic; index the distance (m): the median dispersal distance of PC, the longest link of IIC. 0 without
            patches.
        """
        distances_m = sorted({*DISTANCES_M, self.taxon.median_dispersal_m})
        if not self.patches.count:
            return pd.DataFrame(0.0, index=distances_m, columns=["pc", "iic"])
        pc = self.graph.pc([decay_per_m(d) for d in distances_m])
        return pd.DataFrame({"pc": pc, "iic": [self.graph.iic(d) for d in distances_m]}, index=distances_m)

    def importance(self) -> pd.DataFrame:
        """dPC of every patch and its shares (per cent) at the species' median dispersal distance.

        Columns as of :func:`corridor.ecology.connectivity.probability.patch_importance`; ``patch`` is the label.
        """
        median_m = self.taxon.median_dispersal_m
        return self.graph.importance_frame(self.graph.pc_importance([decay_per_m(median_m)])[0], median_m)


def home_patches(
    grid: HabitatGrid, taxon: Taxon, cover: WorksCover | None = None, before: HomePatches | None = None
) -> HomePatches:
    """The patches of core habitat of a species, without works or with them.

    Parameters
    ----------
    grid
        Habitat on square cells (EPSG:4547).
    taxon
        The species: its core habitats and its smallest patch (ha).
    cover
        Works on the cells of the grid; none where not given. Cells that a railway on the ground runs through, or that are
        taken to more than half, part a patch.
    before
        The patches without works. Returned itself where nothing changes; its links are used again where the same cells are
        habitat and only areas change.

    Returns
    -------
    HomePatches
        Patches whose area left (ha) reaches the smallest; ground of smaller ones no longer counts as habitat.
    """
    home = grid.of(taxon.core_habitats)
    whole = home if cover is None else home & ~cover.cut & (cover.taken <= 0.5)
    labels = label_patches(whole, 8).labels
    # cells say which ground is one patch, exact shares how much of it is left: a narrow line takes little but parts
    weight = np.full(labels.shape, grid.cell_ha)
    owner = labels
    if cover is not None:
        weight *= 1.0 - cover.taken
        owner = _with_rests(labels, home & ~whole)
    area_ha = np.asarray(np.bincount(owner.ravel(), weights=weight.ravel()), dtype=np.float64)
    area_ha[0] = 0.0
    kept = area_ha >= taxon.minimum_patch_ha
    kept[0] = False  # the ground outside is no patch, however small one may be
    # patches that are too small become ground outside, and the others are numbered anew without gaps
    labels = np.where(kept, np.cumsum(kept), 0).astype(np.int32)[labels]
    like = before if before and np.array_equal(labels, before.patches.labels) else None
    if like and np.array_equal(area_ha[kept], like.area_ha):
        return like
    cells = np.bincount(labels.ravel(), minlength=int(kept.sum()) + 1)[1:]
    return HomePatches(taxon, Patches(labels, 8, cells), area_ha[kept], grid.cell_m, like)


def _with_rests(labels: NDArray[np.int32], rests: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Labels in which the rest of each parted cell has the label of the nearest piece that touches it."""
    if not rests.any() or not labels.any():
        return labels
    away, (rows, columns) = distance_transform_edt(labels == 0, return_indices=True)
    return np.where(rests & (away <= NEXT), labels[rows, columns], labels)
