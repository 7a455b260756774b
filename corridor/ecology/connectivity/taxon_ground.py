"""Resistance of each cell to a focal species, and the works laid on it.

Works are narrower than a cell and still act. A *strip* (formation, deck, haul road) of width w on cells of side c is
crossed by all who cross a cell that it touches: the share w / c of the way has the resistance of the works, the rest that
of the habitat, one after the other. A *block* (site, pier) that covers the share s of a cell can be walked around:
resistance r (1 + s b) / (1 - s b) with b = (w - r) / (w + r), Maxwell's mixture for a round inclusion in the plane
(1873). Works never lower a resistance. A bored or immersed tunnel and a covered trench are no barrier once built;
their sites at the surface are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from corridor.ecology.connectivity.taxon_tables import (
    WORKS,
    WORKS_SURFACE,
    WORKS_TEMPORARY,
    WORKS_VIADUCT,
    Taxon,
)
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.parameters import ON_THE_BED, SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.tables import Case

Stage = Literal["operation", "building"]
Shares = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class WorksCover:
    """Works on a grid: shares by kind of works, and the share of permanent land take.

    ``strips`` and ``blocks`` have an array for each of works_surface, works_viaduct and works_temporary (0 to 1):
    the share of the way across, and of the area. ``taken`` is exact area; ``cut`` marks cells that a railway on the
    ground runs through.
    """

    strips: dict[str, Shares]
    blocks: dict[str, Shares]
    taken: Shares
    cut: NDArray[np.bool_]

    @property
    def anywhere(self) -> NDArray[np.bool_]:
        """Cells with works of any kind."""
        return np.asarray(
            np.any([a > 0 for part in (self.strips, self.blocks) for a in part.values()], axis=0)
        )

    def within(self, cells: tuple[slice, slice]) -> WorksCover:
        """The cover on a window of the grid."""
        strips = {kind: share[cells] for kind, share in self.strips.items()}
        blocks = {kind: share[cells] for kind, share in self.blocks.items()}
        return WorksCover(strips, blocks, self.taken[cells], self.cut[cells])


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
    strips, blocks = (
        {kind: np.zeros(grid.codes.shape, dtype=np.float32) for kind in WORKS} for _ in range(2)
    )
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
            strips[kind] += np.where(share > 0, np.float32(width_m / grid.cell_m), np.float32(0))
        else:
            blocks[kind] += share
        if row["permanence"] == "permanent":
            taken += share
            cut |= (share > 0) & (width_m > 0)
    return WorksCover(_no_more_than_all(strips), _no_more_than_all(blocks), np.minimum(taken, 1.0), cut)


def _no_more_than_all(shares: dict[str, Shares]) -> dict[str, Shares]:
    """Shares that add up to 1 at most; works at the surface come first."""
    out: dict[str, Shares] = {}
    for kind in WORKS:
        room = 1 - sum(out.values(), start=np.zeros_like(shares[kind]))
        out[kind] = np.minimum(shares[kind], room)
    return out


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
    for kind in WORKS:
        value, share = taxon.resistance(kind, case), cover.strips[kind].astype(np.float64)
        if np.isnan(value):
            out[(share > 0) | (cover.blocks[kind] > 0.5)] = np.nan
        else:
            out += share * np.maximum(value - before, 0.0)
    for kind in WORKS:
        value, share = taxon.resistance(kind, case), cover.blocks[kind].astype(np.float64)
        if not np.isnan(value):
            # strips are laid first: the ground around a block has the resistance that they left
            b = share * np.maximum(value - out, 0.0) / (value + out)
            out = out * (1 + b) / (1 - b)
    return out


def core_labels(grid: HabitatGrid, taxon: Taxon, cores: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """The number of the core (1 for the first row) of each cell of core habitat mostly inside it; 0 for none.

    Where cores overlap the earlier has the cell.
    """
    home = grid.of([h for h in taxon.core_habitats if h in grid.code_of])
    labels = np.zeros(grid.codes.shape, dtype=np.int64)
    for number, shape in enumerate(cores.geometry, start=1):
        labels[(labels == 0) & home & (grid.covered(shape) >= 0.5)] = number
    return labels
