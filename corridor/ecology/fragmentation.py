"""How cut up habitat is: patches, mesh, division, largest patch, core area; and the patches that works cut.

Numbers of patches depend on which cells are neighbours: 8 (corners count, the rule of FRAGSTATS and of the shipped
assessment) or 4. Mesh, division and splitting index after Jaeger (2000), by cutting out: a patch ends at the edge of the
area. For patches of area a in an area A:

    mesh = sum a^2 / A      division = 1 - sum (a / A)^2      splitting index = A^2 / sum a^2

A class is measured against the whole area, as FRAGSTATS does. Cells without data belong to no patch and not to A.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes as raster_shapes
from scipy import ndimage
from shapely.geometry import shape

from corridor.crs import WORKING
from corridor.ecology.checks import LayerProblem, raise_all
from corridor.ecology.footprint import M2_PER_HA
from corridor.ecology.grid import HabitatGrid
from corridor.ecology.profile import Work
from corridor.ecology.taxon_ground import WorksCover

NEIGHBOURS: Mapping[int, NDArray[np.int8]] = {
    4: np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=np.int8),
    8: np.ones((3, 3), dtype=np.int8),
}
"""Cells that touch, by the number of them."""

GROUPS = ("wetland", "marine", "freshwater", "woodland", "farmland", "open")
"""Habitat groups that are judged; each is one class here, whatever habitats it holds."""

METRICS = (
    "area_ha", "patches", "mesh_ha", "division", "splitting_index", "largest_patch_percent", "core_area_ha",
    "core_areas", "edge_m",
)  # fmt: skip
CUT_COLUMNS = ["group", "area_ha", "pieces", "largest_piece_ha", "cut_off_ha", "line_ids", "geometry"]


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of one class: the label of each cell (0: none), and the area of each patch in hectares."""

    labels: NDArray[np.int32]
    area_ha: NDArray[np.float64]


def label_patches(
    mask: NDArray[np.bool_], cell_m: float, neighbours: int = 8, share: NDArray[Any] | None = None
) -> Patches:
    """Patches of a class. ``share`` is how much of each cell counts (1 everywhere by default)."""
    raise_all(_ask(mask, neighbours))
    labels, count = ndimage.label(mask, NEIGHBOURS[neighbours])
    weight = None if share is None else np.where(mask, share, 0.0).ravel()
    cells = np.bincount(labels.ravel(), weights=weight, minlength=count + 1)[1:]
    area_ha = np.asarray(cells * cell_m**2 / M2_PER_HA, dtype=np.float64)
    return Patches(np.asarray(labels, dtype=np.int32), area_ha)


def landscape_metrics(
    codes: NDArray[Any], cell_m: float, nodata: int | None = None, neighbours: int = 8, edge_cells: int = 1
) -> pd.DataFrame:
    """Metrics of a raster of classes: a row for each code and one for the whole (``all``), columns of METRICS.

    ``core_area_ha`` is what lies more than ``edge_cells`` from any other class, no data or the edge of the raster (steps
    between cells that share a side, as FRAGSTATS counts depth); ``core_areas`` its separate pieces; ``edge_m`` the sides
    between different classes, those to no data and to the edge left out.
    """
    codes = np.asarray(codes)
    raise_all(_ask(codes, neighbours))
    known = np.ones(codes.shape, bool) if nodata is None else codes != nodata
    whole_ha = float(known.sum()) * cell_m**2 / M2_PER_HA
    rows: dict[Any, dict[str, float]] = {}
    sums: list[NDArray[np.float64]] = []
    for code in np.unique(codes[known]):
        mask = codes == code
        area_ha = label_patches(mask, cell_m, neighbours).area_ha
        sums.append(area_ha)
        rows[int(code)] = {
            **_of_patches(area_ha, whole_ha),
            **_core(mask, cell_m, neighbours, edge_cells),
            "edge_m": _sides(codes, known, mask) * cell_m,
        }
    frame = pd.DataFrame(rows).T.reindex(columns=list(METRICS))
    if sums:
        together = _of_patches(np.concatenate(sums), whole_ha)
        added = frame[["core_area_ha", "core_areas"]].sum()
        frame.loc["all"] = {**together, **added, "edge_m": frame["edge_m"].sum() / 2}
    return frame.rename_axis("code")


def _of_patches(area_ha: NDArray[np.float64], whole_ha: float) -> dict[str, float]:
    squares = float((area_ha**2).sum())
    none = squares == 0 or whole_ha == 0
    return {
        "area_ha": float(area_ha.sum()),
        "patches": float((area_ha > 0).sum()),
        "mesh_ha": 0.0 if none else squares / whole_ha,
        "division": 1.0 if none else 1.0 - squares / whole_ha**2,
        "splitting_index": np.nan if none else whole_ha**2 / squares,
        "largest_patch_percent": 0.0 if none else 100 * float(area_ha.max()) / whole_ha,
    }


def _core(mask: NDArray[np.bool_], cell_m: float, neighbours: int, edge_cells: int) -> dict[str, float]:
    core = mask
    if edge_cells:
        core = ndimage.binary_erosion(mask, NEIGHBOURS[4], iterations=edge_cells, border_value=0)
    count = ndimage.label(core, NEIGHBOURS[neighbours])[1]
    return {"core_area_ha": float(core.sum()) * cell_m**2 / M2_PER_HA, "core_areas": float(count)}


def _sides(codes: NDArray[Any], known: NDArray[np.bool_], mask: NDArray[np.bool_]) -> float:
    """Sides of cells between a class and another one."""
    across = (codes[:, 1:] != codes[:, :-1]) & known[:, 1:] & known[:, :-1] & (mask[:, 1:] | mask[:, :-1])
    down = (codes[1:] != codes[:-1]) & known[1:] & known[:-1] & (mask[1:] | mask[:-1])
    return float(across.sum() + down.sum())


@dataclass(frozen=True, eq=False)
class FragmentationChange:
    """What works do to the patches of each habitat group.

    ``metrics``: group, and each of METRICS but the edge with ``_before``, ``_after`` and ``_change``. ``cut``: patches
    that fall into two pieces or more (area_ha before; cut_off_ha is all but the largest piece), with their outline before
    the works in EPSG:4547 and the lines that run through them. ``neighbours`` and ``cell_m`` are part of the result.
    """

    metrics: pd.DataFrame
    cut: gpd.GeoDataFrame
    neighbours: int
    cell_m: float


def fragmentation_change(
    grid: HabitatGrid,
    works: Sequence[Work],
    cover: WorksCover,
    groups: Sequence[str] = GROUPS,
    neighbours: int = 8,
) -> FragmentationChange:
    """Fragmentation of habitat groups before and after works (``cover``: :func:`.taxon_ground.works_cover`).

    A railway on the ground (at grade, embankment) cuts every cell it touches, however narrow it is; what is taken for
    good is taken off by area, and a cell taken to more than half is habitat no more. A viaduct takes its piers and cuts
    nothing; a bored tunnel only takes its sites. Core area counts whole cells, one cell deep.
    """
    rows, cuts = [], []
    whole_ha = float(grid.known.sum()) * grid.cell_ha
    named = grid.classes.groupby("group")["habitat_id"].apply(list)
    touched = cover.cut | (cover.taken > 0)
    for group in groups:
        before_mask = grid.of(named.get(group, []))
        before = label_patches(before_mask, grid.cell_m, neighbours)
        after_mask = before_mask & ~cover.cut & (cover.taken <= 0.5)
        if not (touched & before_mask).any():
            after, after_mask = before, before_mask
        else:
            after = label_patches(after_mask, grid.cell_m, neighbours, 1.0 - cover.taken)
            cuts.append(_cut(group, grid, before, after, works))
        row: dict[str, Any] = {"group": group}
        states = {"before": (before, before_mask), "after": (after, after_mask)}
        values = {
            state: _of_patches(p.area_ha, whole_ha) | _core(m, grid.cell_m, neighbours, 1)
            for state, (p, m) in states.items()
        }
        for name in METRICS[:-1]:
            row |= {f"{name}_{state}": v[name] for state, v in values.items()}
            row[f"{name}_change"] = values["after"][name] - values["before"][name]
        rows.append(row)
    found = [c for c in cuts if len(c)]
    cut = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=CUT_COLUMNS)
    return FragmentationChange(
        pd.DataFrame(rows), gpd.GeoDataFrame(cut, geometry="geometry", crs=WORKING), neighbours, grid.cell_m
    )


def _cut(
    group: str, grid: HabitatGrid, before: Patches, after: Patches, works: Sequence[Work]
) -> pd.DataFrame:
    """The patches before that hold two patches after, or more."""
    both = (before.labels > 0) & (after.labels > 0)
    pairs = np.unique(np.column_stack([before.labels[both], after.labels[both]]), axis=0)
    old, number = np.unique(pairs[:, 0], return_counts=True)
    rows = []
    for label in old[number > 1]:
        pieces_ha = after.area_ha[pairs[pairs[:, 0] == label, 1] - 1]
        outline = _outline(before.labels == label, grid)
        through = sorted(w.line_id for w in works if shapely.intersects(outline, w.alignment))
        rows.append(
            {
                "group": group,
                "area_ha": before.area_ha[label - 1],
                "pieces": pieces_ha.size,
                "largest_piece_ha": pieces_ha.max(),
                "cut_off_ha": pieces_ha.sum() - pieces_ha.max(),
                "line_ids": " ".join(through),
                "geometry": outline,
            }
        )
    return pd.DataFrame(rows, columns=CUT_COLUMNS)


def _outline(mask: NDArray[np.bool_], grid: HabitatGrid) -> Any:
    found = raster_shapes(mask.astype(np.uint8), mask, connectivity=8, transform=grid.transform)
    return shapely.make_valid(shapely.union_all([shapely.make_valid(shape(s)) for s, _ in found]))


def _ask(raster: NDArray[Any], neighbours: int) -> list[LayerProblem]:
    problems = []
    if raster.ndim != 2 or raster.size == 0:
        problems.append(LayerProblem("raster", f"shape {raster.shape}", "rows x columns", "read one band"))
    if neighbours not in NEIGHBOURS:
        problems.append(LayerProblem("neighbour rule", f"{neighbours}", "4 or 8", "choose one"))
    return problems
