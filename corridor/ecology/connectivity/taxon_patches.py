"""The habitat patches of a focal species, and how much of it the species reaches.

Area is exact: what works take permanently of a cell is taken off its patch. A railway on the ground parts a patch: cells
that it runs through belong to no piece when pieces are labelled, and their rest counts with the nearest one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from corridor.ecology.connectivity.probability import DISTANCES_M, PatchGraph, decay_per_m
from corridor.ecology.connectivity.taxon_ground import WorksCover
from corridor.ecology.connectivity.taxon_tables import Taxon
from corridor.ecology.fragmentation.patches import Patches, label_patches, patch_links
from corridor.ecology.quality.grid import HabitatGrid

NEXT = 1.5
"""A rest of a cell belongs to a piece that touches it (distance in cells)."""


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
        return (
            replace(self.like.graph, area=self.area_ha)
            if self.like
            else PatchGraph.of(self.area_ha, self.links)
        )

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
    home = grid.of([h for h in taxon.core_habitats if h in grid.code_of])
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
