"""What an animal walks over: resistance by cell, and the works laid on it.

Works are narrower than a cell and still act. A strip (formation, deck, haul road) of width w on cells of side c
counts with the share w / c in every cell that it touches: crossing such a cell means the width of the strip at
its own resistance and the rest at that of the habitat, one after the other. Sites, piers and other blocks count
with the share of the cell that they cover. Works never lower a resistance. A bored or immersed tunnel and a
covered trench are no barrier once built; their sites at the surface are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray

from corridor.ecology.grid import HabitatGrid
from corridor.ecology.parameters import SHIPPED, ParameterTable, Strip
from corridor.ecology.profile import Work
from corridor.ecology.taxon_tables import (
    WORKS,
    WORKS_SURFACE,
    WORKS_TEMPORARY,
    WORKS_VIADUCT,
    Case,
    Taxon,
)

Stage = Literal["operation", "building"]
Shares = NDArray[np.float32]
ON_THE_BED = frozenset({"immersed_tunnel"})
"""Structures whose permanent footprint lies on the sea bed: swimmers pass above."""


@dataclass(frozen=True, eq=False)
class WorksCover:
    """Works on a grid: the share across each cell by kind of works, and the share taken for good.

    ``across`` has an array for each of works_surface, works_viaduct and works_temporary (0 to 1); ``taken`` is
    exact area; ``cut`` marks cells that a railway on the ground runs through.
    """

    across: dict[str, Shares]
    taken: Shares
    cut: NDArray[np.bool_]

    @property
    def anywhere(self) -> NDArray[np.bool_]:
        """Cells with works of any kind."""
        return np.asarray((self.taken > 0) | np.any([a > 0 for a in self.across.values()], axis=0))

    def within(self, grid: HabitatGrid, part: HabitatGrid) -> WorksCover:
        """The cover on a window of the grid (as of :func:`window`)."""
        left = round((part.transform.c - grid.transform.c) / grid.cell_m)
        top = round((grid.transform.f - part.transform.f) / grid.cell_m)
        cells = np.s_[top : top + part.codes.shape[0], left : left + part.codes.shape[1]]
        across = {kind: share[cells] for kind, share in self.across.items()}
        return WorksCover(across, self.taken[cells], self.cut[cells])


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
    across = {kind: np.zeros(grid.codes.shape, dtype=np.float32) for kind in WORKS}
    taken = np.zeros(grid.codes.shape, dtype=np.float32)
    cut = np.zeros(grid.codes.shape, dtype=np.bool_)
    on_grid = footprints[footprints.intersects(shapely.box(*grid.bounds))] if len(footprints) else footprints
    for row in on_grid.to_dict("records"):
        kind = _kind(row, stage)
        if kind is None:
            continue
        share = grid.covered(row["geometry"])
        width_m = _strip_width_m(row, lines, table)
        touched = share > 0
        across[kind] += np.where(touched, min(1.0, width_m / grid.cell_m), 0) if width_m else share
        if row["permanence"] == "permanent":
            taken += share
            if width_m:
                cut |= touched
    room = np.ones(grid.codes.shape, dtype=np.float32)
    for kind in WORKS:
        across[kind] = np.minimum(across[kind], room)
        room = room - across[kind]
    return WorksCover(across, np.minimum(taken, 1.0), cut)


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
    kinds = {c.component: c for c in table.structure(row["structure"]).components}
    if not isinstance(kinds.get(row["component"]), Strip):
        return 0.0
    length_m = shapely.intersection(lines[row["line_id"]], row["geometry"]).length
    return float(row["geometry"].area / length_m) if length_m > 0 else 0.0


def resistance_before(grid: HabitatGrid, taxon: Taxon, case: Case) -> NDArray[np.float64]:
    """Resistance of each cell by its habitat; NaN where nothing passes and where no habitat is known."""
    lookup = np.full(256, np.nan)
    for habitat, code in grid.code_of.items():
        lookup[code] = taxon.resistance(habitat, case)
    lookup[grid.nodata] = np.nan
    return np.asarray(lookup[grid.codes])


def resistance_after(
    before: NDArray[np.float64], cover: WorksCover, taxon: Taxon, case: Case
) -> NDArray[np.float64]:
    """Resistance with the works: r + sum over kinds of share x max(0, resistance of the works - r).

    Works that let nothing pass (NaN) close the cells that they cover to more than half.
    """
    out = before.copy()
    for kind in WORKS:
        value, share = taxon.resistance(kind, case), cover.across[kind]
        if np.isnan(value):
            out[share > 0.5] = np.nan
        else:
            out += share * np.maximum(value - before, 0.0)
    return out


def window(grid: HabitatGrid, bounds: tuple[float, float, float, float], margin_m: float) -> HabitatGrid:
    """The cells of a grid within bounds (west, south, east, north) and a margin."""
    west, south, east, north = bounds
    rows, columns = grid.codes.shape
    left = int(np.clip((west - margin_m - grid.transform.c) // grid.cell_m, 0, columns))
    right = int(np.clip(np.ceil((east + margin_m - grid.transform.c) / grid.cell_m), 0, columns))
    top = int(np.clip((grid.transform.f - north - margin_m) // grid.cell_m, 0, rows))
    bottom = int(np.clip(np.ceil((grid.transform.f - south + margin_m) / grid.cell_m), 0, rows))
    transform = grid.transform * Affine.translation(left, top)
    return HabitatGrid(grid.codes[top:bottom, left:right], transform, grid.classes, grid.nodata)


def core_labels(grid: HabitatGrid, taxon: Taxon, cores: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """The number of the core (1 for the first row) of each cell of core habitat mostly inside it; 0 for none.

    Where cores lie over one another the earlier has the cell.
    """
    home = grid.of([h for h in taxon.core_habitats if h in grid.code_of])
    labels = np.zeros(grid.codes.shape, dtype=np.int64)
    for number, shape in enumerate(cores.geometry, start=1):
        labels[(labels == 0) & home & (grid.covered(shape) >= 0.5)] = number
    return labels


def core_table(cores: gpd.GeoDataFrame, labels: NDArray[np.int64], cell_ha: float) -> pd.DataFrame:
    """core_id, core (its number), area_ha of core habitat, state: used, or why it is left out."""
    cells = np.bincount(labels.ravel(), minlength=len(cores) + 1)[1:]
    state = np.where(cells > 0, "used", "left out: no core habitat of this animal is known there")
    return pd.DataFrame(
        {
            "core_id": cores["core_id"].to_numpy(),
            "core": np.arange(1, len(cores) + 1),
            "area_ha": cells * cell_ha,
            "state": state,
        }
    )
