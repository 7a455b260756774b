"""How broken up the land is, and which patches works cut: mesh, division, splitting, cores, pieces.

With patch areas A_i in a landscape of area A (Jaeger 2000): effective mesh m = sum A_i^2 / A, division = 1 - sum (A_i / A)^2,
splitting S = A^2 / sum A_i^2. The edge of the data cuts patches (cutting-out procedure); :func:`cross_boundary_mesh` is the
procedure that does not (Moser et al. 2007). Definitions of the others as in FRAGSTATS 4 (McGarigal et al.).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from rasterio.features import shapes
from scipy import ndimage

from corridor.core.crs import WORKING
from corridor.ecology.fragmentation.patches import (
    M2_PER_HA,
    Border,
    Neighbours,
    Patches,
    border_problems,
    core_cells,
    label_patches,
    neighbour_problems,
    structure,
)
from corridor.ecology.land.checks import LayerProblem, frame_problems, raise_all
from corridor.ecology.quality.grid import HabitatGrid

ALL = "all"
BUILT = "built"
BARRIERS = frozenset({"at_grade", "embankment"})
"""Structures whose permanent strip parts every cell that it touches, however narrow it is."""
ON_THE_BED = frozenset({"immersed_tunnel"})
"""Structures whose permanent ground is taken and yet parts nothing: the water above goes on."""

METRIC_COLUMNS = [
    "group", "area_ha", "share_percent", "patches", "patches_per_100_ha", "largest_patch_percent", "edge_m",
    "edge_m_per_ha", "core_ha", "core_areas", "mesh_ha", "division", "split",
]  # fmt: skip
CHANGE_MEASURES = [
    "area_ha", "patches", "largest_patch_percent", "core_ha", "mesh_ha", "division", "split",
]  # fmt: skip
CUT_COLUMNS = [
    "group", "patch", "area_ha", "pieces", "largest_piece_ha", "severed_ha", "taken_ha", "lines", "parts",
    "geometry",
]  # fmt: skip
PRINT_COLUMNS = ("line_id", "part_id", "site_id", "structure", "permanence")


@dataclass(frozen=True)
class Mesh:
    """Indices of patch areas within a landscape; areas in hectares, division 0 to 1, split 1 or more."""

    patches: int
    area_ha: float
    largest_patch_percent: float
    mesh_ha: float
    division: float
    split: float


def mesh(area_ha: ArrayLike, landscape_ha: float) -> Mesh:
    """Number, largest patch index, effective mesh size, division and splitting index of patches (Jaeger 2000).

    ``split`` is infinite where there is no patch. Raises :class:`LayerError` for areas below 0 or above the landscape.
    """
    area = np.asarray(area_ha, dtype=np.float64)
    raise_all(_area_problems(area, landscape_ha))
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
    """Effective mesh of a reporting unit whose edge is no barrier, in hectares: sum A_inside A_complete / A_unit.

    ``inside_ha`` is the part of each patch in the unit, ``complete_ha`` the whole of it (Moser et al. 2007, CBC).
    """
    inside, complete = np.asarray(inside_ha, dtype=np.float64), np.asarray(complete_ha, dtype=np.float64)
    problems = _area_problems(inside, unit_ha)
    if inside.shape != complete.shape or (inside > complete * (1 + 1e-9)).any():
        what = "a part larger than its patch, or another number of patches"
        problems.append(LayerProblem("complete_ha", what, "the whole of each patch", "correct it"))
    raise_all(problems)
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
    """Indices of each class of a raster and of ``all`` together: columns :data:`METRIC_COLUMNS`.

    ``nodata`` cells are outside the landscape; None says that every code is a class. Cores lie deeper than
    ``edge_depth_m`` (one cell where not given) in their class; ``border`` says whether the border of the data is an edge
    to them, as in FRAGSTATS, or "interior" (:func:`corridor.ecology.fragmentation.patches.core_cells`). ``edge_m`` counts sides between two classes, not the border of the data.
    ``mesh``, ``division``, ``split`` and ``largest_patch_percent`` refer to the landscape, also for a class.
    """
    raise_all(_raster_problems(codes, cell_m, neighbours, nodata))
    known = np.ones(codes.shape, dtype=np.bool_) if nodata is None else np.asarray(codes != nodata)
    landscape_ha = float(known.sum()) * cell_m**2 / M2_PER_HA
    depth_m = cell_m if edge_depth_m is None else edge_depth_m
    rows, areas = [], []
    for code in np.unique(codes[known]).tolist():
        mask = np.asarray(codes == code)
        patches = label_patches(mask, neighbours)
        area = patches.area_ha(cell_m).to_numpy()
        core = core_cells(mask, cell_m, depth_m, border, known)
        edge_m = _edge_m(codes, known, cell_m, mask)
        name = names.get(code, str(code)) if names else str(code)
        rows.append(_row(name, mesh(area, landscape_ha), landscape_ha, edge_m, core, cell_m, neighbours))
        areas.append(area)
    whole = mesh(np.concatenate(areas), landscape_ha)
    last = _row(ALL, whole, landscape_ha, _edge_m(codes, known, cell_m), None, cell_m, neighbours)
    last |= {c: sum(r[c] for r in rows) for c in ("core_ha", "core_areas")}
    return pd.DataFrame([*rows, last], columns=METRIC_COLUMNS)


def _row(
    name: str,
    found: Mesh,
    landscape_ha: float,
    edge_m: float,
    core: NDArray[np.bool_] | None,
    cell_m: float,
    neighbours: Neighbours,
) -> dict[str, Any]:
    cores = {} if core is None else {
        "core_ha": float(core.sum()) * cell_m**2 / M2_PER_HA,
        "core_areas": label_patches(core, neighbours).count,
    }  # fmt: skip
    return {
        "group": name,
        "share_percent": 100 * found.area_ha / landscape_ha,
        "patches_per_100_ha": 100 * found.patches / landscape_ha,
        "edge_m": edge_m,
        "edge_m_per_ha": edge_m / landscape_ha,
        **vars(found),
        **cores,
    }


def _edge_m(
    codes: NDArray[Any], known: NDArray[np.bool_], cell_m: float, mask: NDArray[np.bool_] | None = None
) -> float:
    """Metres of sides between two known classes, or between the class of a mask and others."""
    sides = 0
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = (codes[a] != codes[b]) & known[a] & known[b]
        sides += int((differs if mask is None else differs & (mask[a] | mask[b])).sum())
    return sides * cell_m


# ---- works -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class FragmentationChange:
    """What works change, before against after on the same cells; without works every change is exactly zero.

    ``groups``: a row for each habitat group and one for ``all``, with ``_before``, ``_after`` and ``_change`` of
    :data:`CHANGE_MEASURES`, and ``patches_cut``, ``patches_lost``, ``severed_ha`` (pieces cut off, the largest aside).
    ``cut``: each patch that falls into two pieces or more, the most severed first, with its outline before (EPSG:4547)
    and the lines and parts that do it. ``not_assessed_ha``: permanent footprint on ground whose habitat is not known.
    ``neighbours``, ``edge_depth_m`` and ``border`` are the rules it was worked out by.
    """

    groups: pd.DataFrame
    cut: gpd.GeoDataFrame
    neighbours: Neighbours
    edge_depth_m: float
    not_assessed_ha: float
    border: Border


class FragmentedLand:
    """The patches of each habitat group before any works; what is found is kept for all scenarios.

    ``groups`` names the habitats of each group; by default those of the classes but built-up land. ``edge_depth_m`` is
    that of cores, one cell by default; ``border`` says whether the border of the data is an edge to them (as in
    FRAGSTATS) or "interior".
    """

    def __init__(
        self,
        grid: HabitatGrid,
        neighbours: Neighbours = 8,
        groups: Mapping[str, Sequence[str]] | None = None,
        edge_depth_m: float | None = None,
        border: Border = "edge",
    ):
        named = _default_groups(grid) if groups is None else {g: tuple(h) for g, h in groups.items()}
        raise_all([*neighbour_problems(neighbours), *_group_problems(grid, named), *border_problems(border)])
        self.grid, self.neighbours, self.groups, self.border = grid, neighbours, named, border
        self.edge_depth_m = grid.cell_m if edge_depth_m is None else edge_depth_m
        self._patches: dict[str, Patches] = {}
        self._boxes: dict[str, list[Any]] = {}
        self._core_ha: dict[str, float] = {}

    @cached_property
    def landscape_ha(self) -> float:
        """The area of all cells whose habitat is known."""
        return float(self.grid.known.sum()) * self.grid.cell_ha

    def patches(self, group: str) -> Patches:
        """The patches of a group before the works."""
        if group not in self._patches:
            self._patches[group] = label_patches(self.grid.of(self.groups[group]), self.neighbours)
        return self._patches[group]

    def boxes(self, group: str) -> list[Any]:
        """Rows and columns of each patch, as slices."""
        if group not in self._boxes:
            self._boxes[group] = ndimage.find_objects(self.patches(group).labels)
        return self._boxes[group]

    def core_ha(self, group: str) -> float:
        """Hectares of core of a group before the works."""
        if group not in self._core_ha:
            mask = self.patches(group).labels > 0
            core = core_cells(mask, self.grid.cell_m, self.edge_depth_m, self.border, self.grid.known)
            self._core_ha[group] = float(core.sum()) * self.grid.cell_ha
        return self._core_ha[group]

    def change(self, prints: gpd.GeoDataFrame) -> FragmentationChange:
        """What works of a footprint change: see :func:`fragmentation_change`."""
        raise_all(frame_problems("footprints", prints, PRINT_COLUMNS))
        ground = _ground(self.grid, prints)
        rows: list[dict[str, Any]] = []
        cut: list[dict[str, Any]] = []
        areas: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        for group in self.groups:
            before = self.patches(group).area_ha(self.grid.cell_m).to_numpy()
            pieces = _pieces(self, group, ground)
            after = _areas_after(before, pieces)
            core = self.core_ha(group)
            row: dict[str, Any] = {
                "group": group,
                **self._row(before, after, core, core - _core_lost_ha(self, group, ground)),
            }
            rows.append(row | _cut_counts(pieces))
            areas.append((before, after))
            cut.extend(_cut_rows(self, group, pieces, ground))
        rows.append(self._all(rows, areas))
        frame = gpd.GeoDataFrame(cut, columns=CUT_COLUMNS, geometry="geometry", crs=WORKING)
        frame = frame.sort_values(["severed_ha", "group", "patch"], ascending=[False, True, True])
        return FragmentationChange(
            pd.DataFrame(rows),
            frame.reset_index(drop=True),
            self.neighbours,
            self.edge_depth_m,
            ground.not_assessed_ha,
            self.border,
        )

    def _row(
        self, before: NDArray[np.float64], after: NDArray[np.float64], core: float, core_after: float
    ) -> dict[str, float]:
        sides = [
            vars(mesh(a, self.landscape_ha)) | {"core_ha": c}
            for a, c in ((before, core), (after, core_after))
        ]
        row: dict[str, float] = {}
        for m in CHANGE_MEASURES:
            was, now = sides[0][m], sides[1][m]
            row |= {f"{m}_before": was, f"{m}_after": now, f"{m}_change": 0.0 if was == now else now - was}
        return row

    def _all(
        self, rows: list[dict[str, Any]], areas: list[tuple[NDArray[np.float64], NDArray[np.float64]]]
    ) -> dict[str, Any]:
        """All groups together: each patch stays a patch of its own group."""
        before, after = (np.concatenate([a[i] for a in areas]) for i in (0, 1))
        core, core_after = (sum(r[f"core_ha_{s}"] for r in rows) for s in ("before", "after"))
        counts = {c: sum(r[c] for r in rows) for c in ("patches_cut", "patches_lost", "severed_ha")}
        return {"group": ALL} | self._row(before, after, core, core_after) | counts


def fragmentation_change(
    grid: HabitatGrid,
    prints: gpd.GeoDataFrame,
    groups: Mapping[str, Sequence[str]] | None = None,
    neighbours: Neighbours = 8,
    edge_depth_m: float | None = None,
    border: Border = "edge",
) -> FragmentationChange:
    """Patches and indices of each habitat group, before and after works, and the patches that are cut.

    ``prints``: rows as of :func:`corridor.ecology.works.footprint.footprint`; only permanent ones act. Their exact area is taken
    off the patches. A cell is parted where a line at grade or on an embankment touches it, by ever so little (all
    touched), and where other permanent works take more than half of it; what is left of a parted cell counts with the
    nearest piece. Shade and piers cut nothing, a tunnel neither, on the sea bed or below. For several scenarios
    make one :class:`FragmentedLand` and ask it.
    """
    return FragmentedLand(grid, neighbours, groups, edge_depth_m, border).change(prints)


@dataclass(frozen=True, eq=False)
class _Row:
    """Cells that one row of the footprint touches, by their index in the window of the works."""

    line_id: str
    part: str
    touched: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Ground:
    """Works on a window (top, left) of the grid: the share taken of each cell, and the cells parted."""

    top: int
    left: int
    taken: NDArray[np.float64]
    parted: NDArray[np.bool_]
    rows: tuple[_Row, ...]
    not_assessed_ha: float

    def cells(self, margin: int = 0, shape: tuple[int, int] = (0, 0)) -> tuple[slice, slice]:
        """The window as slices of the grid, with a margin that stays on the grid."""
        down, across = self.taken.shape
        return (
            slice(max(self.top - margin, 0), min(self.top + down + margin, shape[0] or self.top + down)),
            slice(
                max(self.left - margin, 0), min(self.left + across + margin, shape[1] or self.left + across)
            ),
        )

    def on(self, values: NDArray[Any], box: tuple[slice, slice]) -> NDArray[Any]:
        """Values of the window laid on a box of the grid, 0 elsewhere."""
        out = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), dtype=values.dtype)
        top, bottom = max(box[0].start, self.top), min(box[0].stop, self.top + values.shape[0])
        left, right = max(box[1].start, self.left), min(box[1].stop, self.left + values.shape[1])
        if top < bottom and left < right:
            part = values[top - self.top : bottom - self.top, left - self.left : right - self.left]
            out[top - box[0].start : bottom - box[0].start, left - box[1].start : right - box[1].start] = part
        return out


@dataclass(frozen=True, eq=False)
class _Pieces:
    """What becomes of one patch: the areas of its pieces, largest first (none where it is lost)."""

    patch: int
    before_ha: float
    area_ha: NDArray[np.float64]

    @property
    def severed_ha(self) -> float:
        return float(self.area_ha[1:].sum())


def _ground(grid: HabitatGrid, prints: gpd.GeoDataFrame) -> _Ground:
    rows = prints[prints["permanence"] == "permanent"]
    total_ha = float(shapely.union_all(rows.geometry.to_numpy()).area) / M2_PER_HA if len(rows) else 0.0
    rows = rows[rows.intersects(shapely.box(*grid.bounds))]
    part, top, left = _window(grid, rows)
    taken, solid = (np.zeros(part.codes.shape) for _ in range(2))
    parted, named = np.zeros(part.codes.shape, dtype=np.bool_), []
    for row in rows.to_dict("records"):
        share = part.covered(row["geometry"]).astype(np.float64)
        taken += share
        if row["structure"] not in ON_THE_BED or row["site_id"]:
            solid += share
            named.append(_Row(row["line_id"], row["site_id"] or row["part_id"], share > 0))
        if row["structure"] in BARRIERS and not row["site_id"]:
            parted |= share > 0
    taken = np.minimum(taken, 1.0)
    known_ha = float(taken[part.known].sum()) * grid.cell_ha
    missing = max(total_ha - known_ha, 0.0)
    return _Ground(
        top, left, taken, parted | (solid > 0.5), tuple(named), missing if missing > 1e-6 * total_ha else 0.0
    )


def _window(grid: HabitatGrid, rows: gpd.GeoDataFrame) -> tuple[HabitatGrid, int, int]:
    """The cells of a grid around shapes, with the first row and column."""
    if rows.empty:
        return HabitatGrid(grid.codes[:0, :0], grid.transform, grid.classes, grid.nodata), 0, 0
    west, south, east, north = rows.total_bounds
    down, across = grid.codes.shape
    # at least one cell, also for what only touches the border of the data
    top = int(np.clip((grid.transform.f - north) // grid.cell_m, 0, down - 1))
    bottom = int(np.clip(np.ceil((grid.transform.f - south) / grid.cell_m), top + 1, down))
    left = int(np.clip((west - grid.transform.c) // grid.cell_m, 0, across - 1))
    right = int(np.clip(np.ceil((east - grid.transform.c) / grid.cell_m), left + 1, across))
    x, y = grid.transform.c + left * grid.cell_m, grid.transform.f - top * grid.cell_m
    transform = type(grid.transform)(grid.cell_m, 0, x, 0, -grid.cell_m, y)
    return HabitatGrid(grid.codes[top:bottom, left:right], transform, grid.classes, grid.nodata), top, left


def _pieces(land: FragmentedLand, group: str, ground: _Ground) -> list[_Pieces]:
    """The pieces of every patch that works touch."""
    labels = land.patches(group).labels
    hit = np.unique(labels[ground.cells()][(ground.taken > 0) | ground.parted])
    found = []
    for patch in hit[hit > 0].tolist():
        box = land.boxes(group)[patch - 1]
        own = labels[box] == patch
        area = _piece_areas(
            own,
            ground.on(ground.parted, box),
            ground.on(ground.taken, box),
            land.neighbours,
            land.grid.cell_ha,
        )
        found.append(_Pieces(patch, float(own.sum()) * land.grid.cell_ha, area))
    return found


def _piece_areas(
    own: NDArray[np.bool_],
    parted: NDArray[np.bool_],
    taken: NDArray[np.float64],
    neighbours: Neighbours,
    cell_ha: float,
) -> NDArray[np.float64]:
    """Hectares of the pieces of a patch, largest first; rests of parted cells count with the nearest piece."""
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
    area = np.bincount(pieces.ravel(), weights=weight.ravel())[1:] * cell_ha
    return np.sort(area[area > 0])[::-1]


def _areas_after(before: NDArray[np.float64], pieces: list[_Pieces]) -> NDArray[np.float64]:
    kept = np.ones(before.size, dtype=np.bool_)
    kept[[p.patch - 1 for p in pieces]] = False
    return np.concatenate([before[kept], *(p.area_ha for p in pieces)]) if pieces else before


def _cut_counts(pieces: list[_Pieces]) -> dict[str, float]:
    return {
        "patches_cut": sum(p.area_ha.size > 1 for p in pieces),
        "patches_lost": sum(p.area_ha.size == 0 for p in pieces),
        "severed_ha": sum((p.severed_ha for p in pieces), start=0.0),
    }


def _core_lost_ha(land: FragmentedLand, group: str, ground: _Ground) -> float:
    """Core that is no core any more: worked out around the works alone."""
    if not ground.parted.any():
        return 0.0
    margin = 2 * int(np.ceil(land.edge_depth_m / land.grid.cell_m)) + 2
    labels = land.patches(group).labels
    box = ground.cells(margin, labels.shape)
    mask = labels[box] > 0
    args = land.grid.cell_m, land.edge_depth_m, land.border, land.grid.known[box]
    was, now = core_cells(mask, *args), core_cells(mask & ~ground.on(ground.parted, box), *args)
    return float((was & ~now).sum()) * land.grid.cell_ha


def _cut_rows(
    land: FragmentedLand, group: str, pieces: list[_Pieces], ground: _Ground
) -> Iterator[dict[str, Any]]:
    labels = land.patches(group).labels
    inside = labels[ground.cells()]
    for piece in (p for p in pieces if p.area_ha.size > 1):
        at = (inside == piece.patch) & ground.parted
        by = [r for r in ground.rows if (r.touched & at).any()]
        yield {
            "group": group,
            "patch": piece.patch,
            "area_ha": piece.before_ha,
            "pieces": piece.area_ha.size,
            "largest_piece_ha": float(piece.area_ha[0]),
            "severed_ha": piece.severed_ha,
            "taken_ha": max(piece.before_ha - float(piece.area_ha.sum()), 0.0),
            "lines": " ".join(dict.fromkeys(r.line_id for r in by)),
            "parts": " ".join(dict.fromkeys(f"{r.line_id}:{r.part}" for r in by)),
            "geometry": _outline(land.grid, labels, land.boxes(group)[piece.patch - 1], piece.patch),
        }


def _outline(
    grid: HabitatGrid, labels: NDArray[np.int32], box: tuple[slice, slice], patch: int
) -> shapely.Geometry:
    own = (labels[box] == patch).astype(np.uint8)
    x = grid.transform.c + box[1].start * grid.cell_m
    y = grid.transform.f - box[0].start * grid.cell_m
    transform = type(grid.transform)(grid.cell_m, 0, x, 0, -grid.cell_m, y)
    parts = [shapely.geometry.shape(g) for g, _ in shapes(own, mask=own > 0, transform=transform)]
    return shapely.union_all(parts)


def _default_groups(grid: HabitatGrid) -> dict[str, tuple[str, ...]]:
    rows = grid.classes[(grid.classes["group"] != BUILT) & (grid.classes["code"] != grid.nodata)]
    return {str(g): tuple(r["habitat_id"]) for g, r in rows.groupby("group", sort=True)}


# ---- checks ----------------------------------------------------------------------------------------------------------


def _area_problems(area: NDArray[np.float64], landscape_ha: float) -> list[LayerProblem]:
    problems = []
    wrong = int((~(np.isfinite(area) & (area >= 0))).sum())
    if wrong:
        what = f"{wrong} of {area.size} patches with an area below 0 or NaN"
        problems.append(LayerProblem("area_ha", what, "hectares, 0 or more", "correct them"))
    if not (np.isfinite(landscape_ha) and landscape_ha > 0):
        problems.append(LayerProblem("landscape_ha", f"{landscape_ha!r}", "hectares above 0", "correct it"))
    elif not wrong and area.sum() > landscape_ha * (1 + 1e-9):
        what = f"{landscape_ha:.6g} ha, less than the patches ({area.sum():.6g} ha)"
        problems.append(LayerProblem("landscape_ha", what, "the whole landscape", "use one unit for both"))
    return problems


def _raster_problems(
    codes: NDArray[Any], cell_m: float, neighbours: int, nodata: int | None
) -> Iterator[LayerProblem]:
    yield from neighbour_problems(neighbours)
    if not (np.isfinite(cell_m) and cell_m > 0):
        yield LayerProblem("cell_m", f"{cell_m!r}", "metres above 0", "correct it")
    if codes.ndim != 2 or codes.size == 0:
        yield LayerProblem("codes", f"shape {codes.shape}", "rows and columns with cells", "give a raster")
    elif not np.issubdtype(codes.dtype, np.integer):
        what = f"values of type {codes.dtype}"
        yield LayerProblem("codes", what, "class codes, whole numbers", "give nodata a code of its own")
    elif nodata is not None and (codes == nodata).all():
        yield LayerProblem(
            "codes", f"nothing but nodata ({nodata})", "a class", "see whether nodata is right"
        )


def _group_problems(grid: HabitatGrid, groups: Mapping[str, Sequence[str]]) -> Iterator[LayerProblem]:
    if not groups:
        yield LayerProblem("groups", "none", "a group of habitats or more", "name one")
    for group, habitats in groups.items():
        unknown = sorted(set(habitats) - set(grid.code_of))
        if unknown:
            expected = "one of " + ", ".join(sorted(grid.code_of))
            yield LayerProblem(
                f"groups, {group}", f"habitat {', '.join(unknown)}", expected, "correct the name"
            )
    twice = sorted({h for g in groups for h in groups[g] for o in groups if o != g and h in groups[o]})
    if twice:
        yield LayerProblem(
            "groups",
            f"habitat {', '.join(twice)} in two groups",
            "a habitat in one group",
            "ask once for each",
        )
