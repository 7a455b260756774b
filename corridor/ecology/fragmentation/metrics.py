"""How broken up a landscape is: mesh, division, splitting, edges and cores of each class.

With patch areas A_i in a landscape of area A (Jaeger 2000): effective mesh m = sum A_i^2 / A, division = 1 - sum (A_i / A)^2,
splitting S = A^2 / sum A_i^2. The edge of the data cuts patches (cutting-out procedure); :func:`cross_boundary_mesh` is the
procedure that does not (Moser et al. 2007). Definitions of the others as in FRAGSTATS 4 (McGarigal et al.).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from corridor.core.errors import Problems
from corridor.ecology import M2_PER_HA
from corridor.ecology.fragmentation.patches import (
    Border,
    Mask,
    core_cells,
    label_patches,
)
from corridor.ecology.land.checks import Neighbours, check_length, check_neighbours

ALL = "all"
METRIC_COLUMNS = [
    "group", "area_ha", "share_percent", "patches", "patches_per_100_ha", "largest_patch_percent", "edge_m",
    "edge_m_per_ha", "core_ha", "core_areas", "mesh_ha", "division", "split",
]  # fmt: skip


@dataclass(frozen=True)
class Mesh:
    """Indices of patch areas A_i within a landscape of area A.

    Attributes
    ----------
    patches
        How many patches have an area above 0.
    area_ha
        Their area (ha).
    largest_patch_percent
        The largest patch in per cent of the landscape.
    mesh_ha
        Effective mesh size, sum A_i^2 / A (ha): 0 to A.
    division
        1 - sum (A_i / A)^2, 0 to 1: the chance that two random points of the landscape are not in one patch.
    split
        A^2 / sum A_i^2, 1 or more: so many patches of equal size give the same division; infinite without patches.
    """

    patches: int
    area_ha: float
    largest_patch_percent: float
    mesh_ha: float
    division: float
    split: float


def mesh(area_ha: ArrayLike, landscape_ha: float) -> Mesh:
    """Number, largest patch index, effective mesh size, division and splitting index of patches.

    m_eff = sum A_i^2 / A, division = 1 - sum (A_i / A)^2, split = A^2 / sum A_i^2.

    Parameters
    ----------
    area_ha
        Areas A_i of the patches (ha), 0 or more.
    landscape_ha
        A, the area of the landscape (ha), not less than their sum.

    Raises
    ------
    LayerError
        For areas below 0 or above the landscape.

    References
    ----------
    Jaeger 2000, Landscape Ecology 15:115-130.

    Examples
    --------
    >>> mesh([3.0, 1.0], 4.0).mesh_ha
    2.5
    """
    area = np.asarray(area_ha, dtype=np.float64)
    with Problems() as found:
        _check_area(found, area, landscape_ha)
    squares = float((area**2).sum())
    largest = float(area.max()) if area.size else 0.0
    return Mesh(
        patches=int((area > 0).sum()),
        area_ha=float(area.sum()),
        largest_patch_percent=100 * largest / landscape_ha,
        mesh_ha=squares / landscape_ha,
        division=1 - squares / landscape_ha**2,
        split=landscape_ha**2 / squares if squares else float("inf"),
    )


def cross_boundary_mesh(inside_ha: ArrayLike, complete_ha: ArrayLike, unit_ha: float) -> float:
    """Effective mesh of a reporting unit whose edge is no barrier: sum A_inside A_complete / A_unit.

    Parameters
    ----------
    inside_ha
        The part of each patch inside the unit (ha).
    complete_ha
        The whole of each patch (ha), in the same order.
    unit_ha
        The area of the unit (ha), not less than the parts together.

    Returns
    -------
    float
        Hectares; more than the unit's own area where patches reach far beyond it.

    Raises
    ------
    LayerError
        For areas below 0, a part larger than its patch, and parts larger than the unit.

    References
    ----------
    Moser et al. 2007, Landscape Ecology 22:447-459 (the cross-boundary connections procedure, CBC).
    """
    inside, complete = np.asarray(inside_ha, dtype=np.float64), np.asarray(complete_ha, dtype=np.float64)
    with Problems() as found:
        _check_area(found, inside, unit_ha)
        if inside.shape != complete.shape or (inside > complete * (1 + 1e-9)).any():
            what = "a part larger than its patch, or another number of patches"
            found.add("complete_ha", what, "the whole of each patch", "correct it")
    return float((inside * complete).sum() / unit_ha)


def landscape_metrics(
    codes: NDArray[Any],
    cell_m: float,
    neighbours: Neighbours,
    *,
    nodata: int | None,
    edge_depth_m: float | None = None,
    names: Mapping[int, str] | None = None,
    border: Border = "edge",
) -> pd.DataFrame:
    """Indices of each class of a raster and of ``all`` together, as in FRAGSTATS 4.

    Parameters
    ----------
    codes
        Class codes (whole numbers), rows and columns of square cells.
    cell_m
        Side of a cell (m).
    neighbours
        4 or 8: which cells are one patch.
    nodata
        The code of cells outside the landscape; None where every code is a class.
    edge_depth_m
        Cores are deeper than this (m) in their class; one cell where not given.
    names
        Names of classes by code.
    border
        Whether the border of the data is an ``edge`` to cores, as in FRAGSTATS, or ``interior``: see
        :func:`corridor.ecology.fragmentation.patches.core_cells`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`METRIC_COLUMNS`. ``edge_m`` counts sides between two classes, not the border of the data. ``mesh_ha``,
        ``division``, ``split`` and ``largest_patch_percent`` refer to the landscape, also for a class.
    """
    with Problems() as found:
        _check_raster(found, codes, cell_m, neighbours, nodata)
    known = np.ones(codes.shape, dtype=np.bool_) if nodata is None else np.asarray(codes != nodata)
    landscape_ha = float(known.sum()) * cell_m**2 / M2_PER_HA
    depth_m = cell_m if edge_depth_m is None else edge_depth_m
    cell_ha = cell_m**2 / M2_PER_HA
    rows, areas = [], []
    for code in np.unique(codes[known]).tolist():
        mask = np.asarray(codes == code)
        area = label_patches(mask, neighbours).area_ha(cell_m).to_numpy()
        core = core_cells(mask, cell_m, depth_m, border, known)
        name = names.get(code, str(code)) if names else str(code)
        row = _row(name, mesh(area, landscape_ha), landscape_ha, _edge_m(codes, known, cell_m, mask))
        row |= {"core_ha": core.sum() * cell_ha, "core_areas": label_patches(core, neighbours).count}
        rows.append(row)
        areas.append(area)
    whole = mesh(np.concatenate(areas), landscape_ha)
    last = _row(ALL, whole, landscape_ha, _edge_m(codes, known, cell_m))
    last |= {c: sum(r[c] for r in rows) for c in ("core_ha", "core_areas")}
    return pd.DataFrame([*rows, last], columns=METRIC_COLUMNS)


def _row(name: str, found: Mesh, landscape_ha: float, edge_m: float) -> dict[str, Any]:
    return {
        "group": name,
        "share_percent": 100 * found.area_ha / landscape_ha,
        "patches_per_100_ha": 100 * found.patches / landscape_ha,
        "edge_m": edge_m,
        "edge_m_per_ha": edge_m / landscape_ha,
        **vars(found),
    }


def _edge_m(codes: NDArray[Any], known: Mask, cell_m: float, mask: Mask | None = None) -> float:
    """Metres of sides between two known classes, or between the class of a mask and others."""
    sides = 0
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = (codes[a] != codes[b]) & known[a] & known[b]
        sides += int((differs if mask is None else differs & (mask[a] | mask[b])).sum())
    return sides * cell_m


def _check_area(found: Problems, area: NDArray[np.float64], landscape_ha: float) -> None:
    wrong = int((~(np.isfinite(area) & (area >= 0))).sum())
    if wrong:
        what = f"{wrong} of {area.size} patches with an area below 0 or NaN"
        found.add("area_ha", what, "hectares, 0 or more", "correct them")
    if not (np.isfinite(landscape_ha) and landscape_ha > 0):
        found.add("landscape_ha", f"{landscape_ha!r}", "hectares above 0", "correct it")
    elif not wrong and area.sum() > landscape_ha * (1 + 1e-9):
        what = f"{landscape_ha:.6g} ha, less than the patches ({area.sum():.6g} ha)"
        found.add("landscape_ha", what, "the whole landscape", "use one unit for both")


def _check_raster(
    found: Problems, codes: NDArray[Any], cell_m: float, neighbours: int, nodata: int | None
) -> None:
    check_neighbours(found, neighbours)
    check_length(found, "cell_m", cell_m)
    if codes.ndim != 2 or codes.size == 0:
        found.add("codes", f"shape {codes.shape}", "rows and columns with cells", "give a raster")
    elif not np.issubdtype(codes.dtype, np.integer):
        what = f"values of type {codes.dtype}"
        found.add("codes", what, "class codes, whole numbers", "give nodata a code of its own")
    elif nodata is not None and (codes == nodata).all():
        found.add("codes", f"nothing but nodata ({nodata})", "a class", "see whether nodata is right")
