"""What works take from the quality of habitat: quality-weighted hectares before and after, by threat and side.

The land without the works is the reference (:func:`reference_from_layers`), worked out once; every scenario is
held against it on the same cells and with the same k (:func:`assess_quality`). Works do two things. What they
take permanently is lost: a cell of which the share s is taken keeps (1 - s) of its quality. And they are new
sources of threats, as the column ``works`` of the threat table says: pieces that disturb in operation are
sources in every cell that they touch, cells taken to more than half are built up. The formulas are those of
:mod:`corridor.ecology.quality.model`.

The loss of a cell is shared out by Shapley's rule: the mean, over all orders in which the causes could come, of
what each adds when it comes. Shares add up to the loss, and the order of the threat table changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from rasterio.enums import Resampling
from rasterio.features import rasterize

from corridor.core.containment import raster_at
from corridor.core.crs import WORKING, project
from corridor.core.errors import Problems
from corridor.core.jit import njit
from corridor.ecology import M2_PER_HA
from corridor.ecology.land.checks import check_frame
from corridor.ecology.land.nearest import nearest_squared, squared_cells
from corridor.ecology.quality.grid import ChangeMaps, HabitatGrid, resampled
from corridor.ecology.quality.model import CODES, QualityMaps, QualityModel, Z, blocks, habitat_quality
from corridor.schema.tables import Case

DIRECT_TAKE = "direct_take"
ELSEWHERE = "elsewhere"
"""The side of cells in no region: the sea, and land of other cities."""
TOUCHED = 1e-6
"""A smaller share of a cell is rounding."""
PRINT_COLUMNS = ("line_id", "permanence", "operation", "geometry")


@dataclass(frozen=True, eq=False)
class QualityReference:
    """The land without the works: its grid, its maps, the model, and which side each cell is on.

    ``side``: index into ``sides`` by cell. ``access``: beta by cell, None for 1 everywhere.
    """

    grid: HabitatGrid
    model: QualityModel
    maps: QualityMaps
    side: NDArray[np.uint8]
    sides: tuple[str, ...]
    access: NDArray[np.float64] | None = None

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Columns side, habitat_id, area_ha, quality_ha (hectares times quality), over the cells whose habitat is known."""
        area = self._sums(np.ones(self.grid.codes.shape))
        return self._frame({"area_ha": area, "quality_ha": self._sums(self.maps.quality)}, area > 0)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """What each threat of today costs: side, habitat_id, threat_id, lost_ha (quality-weighted).

        The loss of a cell, H - Q, is shared out in proportion to the degradation by each threat.
        """
        g, m = self.grid, self.maps
        # what one unit of degradation costs in a cell; 0 / 0 where no threat reaches it
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = (self.model.suitability[g.codes] - m.quality) / m.degradation
        unit = np.where(m.degradation > 0, unit, 0.0)
        if self.access is not None:
            unit *= self.access
        parts = []
        for threat, factor, near in zip(self.model.threats, self.model.factors, m.squared, strict=True):
            lost = self._sums(unit * factor[g.codes] * threat.table(g.cell_m)[near])
            rows = self._frame({"lost_ha": lost}, lost > 0)
            rows.insert(2, "threat_id", threat.threat_id)
            parts.append(rows)
        return pd.concat(parts, ignore_index=True)

    def hectares(self, share: NDArray[np.floating]) -> pd.DataFrame:
        """Hectares of a share of each cell (0 to 1): side, habitat_id, ha, over cells whose habitat is known, without zeros."""
        ha = self._sums(np.asarray(share, dtype=np.float64))
        return self._frame({"ha": ha}, ha > 0)

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hectares weighted by values, by side and code, over the cells whose habitat is known."""
        codes = self.grid.codes
        sums = np.zeros(len(self.sides) * CODES)
        for block in blocks(codes):
            at = self.side[block].astype(np.int64) * CODES + codes[block]
            sums += np.bincount(at.reshape(-1), values[block].reshape(-1), sums.size)
        sums = sums.reshape(len(self.sides), CODES) * self.grid.cell_ha
        sums[:, self.grid.nodata] = 0.0
        return np.asarray(sums)

    def _frame(self, columns: Mapping[str, NDArray[Any]], kept: NDArray[np.bool_]) -> pd.DataFrame:
        side, code = np.nonzero(kept)
        named = self.grid.habitat_of
        keys = {"side": [self.sides[s] for s in side], "habitat_id": [named[int(c)] for c in code]}
        return pd.DataFrame({**keys, **{name: values[kept] for name, values in columns.items()}})


@dataclass(frozen=True, eq=False)
class QualityChange:
    """What works change. Quality-weighted hectares: hectares times quality, between 0 and the area.

    ``losses``: side, habitat_id, cause (a threat_id or ``direct_take``), loss_ha: adds up to the whole loss.
    ``totals``: by side and habitat of the whole grid: area_ha, before_ha, after_ha, loss_ha.
    ``not_assessed_take_ha``: taken where no habitat is known, or off the grid.
    """

    losses: pd.DataFrame
    totals: pd.DataFrame
    not_assessed_take_ha: float
    maps: ChangeMaps | None = None

    @property
    def loss_ha(self) -> float:
        """The whole loss in quality-weighted hectares."""
        return float(self.losses["loss_ha"].sum())

    def by_cause(self) -> pd.Series:
        """Loss in quality-weighted hectares, by threat_id and ``direct_take``; it adds up to :attr:`loss_ha`."""
        return self.losses.groupby("cause")["loss_ha"].sum()


def reference_from_layers(
    grid: HabitatGrid,
    threats: pd.DataFrame,
    sensitivity: pd.DataFrame,
    land_use: Path | str | None = None,
    regions: gpd.GeoDataFrame | None = None,
    access: ArrayLike | None = None,
    case: Case | Mapping[str, Case] = "central",
    half_saturation: float | None = None,
) -> QualityReference:
    """The land without the works, from a habitat grid and the two tables.

    Parameters
    ----------
    grid
        Habitat on square cells (EPSG:4547).
    threats, sensitivity
        The tables of :meth:`corridor.ecology.quality.model.QualityModel.from_tables`.
    land_use
        A raster file of land use codes in any system, for threats with ``land_use_codes``.
    regions
        Polygons with a column ``region``, in any system; losses are reported by them.
    access
        Accessibility beta by cell of the grid, 0 to 1.
    case, half_saturation
        As in :meth:`~corridor.ecology.quality.model.QualityModel.from_tables`.

    Raises
    ------
    LayerError
        With all faults of the tables and rasters.
    """
    model = QualityModel.from_tables(threats, sensitivity, grid.classes, case, half_saturation)
    side, sides = sides_of(grid, regions)
    return quality_reference(grid, model, threat_sources(grid, model, land_use), side, sides, access)


def quality_reference(
    grid: HabitatGrid,
    model: QualityModel,
    sources: Mapping[str, ArrayLike],
    side: NDArray[np.uint8] | None = None,
    sides: tuple[str, ...] = (ELSEWHERE,),
    access: ArrayLike | None = None,
) -> QualityReference:
    """The land without the works, with source cells of your own.

    Parameters
    ----------
    grid
        Habitat on square cells (EPSG:4547).
    model
        The parameters of the run.
    sources
        For each threat_id of the model its source cells, boolean, of the shape of the grid.
    side, sides
        The index into ``sides`` of each cell, and the names; one side for all cells where not given.
    access
        Accessibility beta by cell, 0 to 1.

    Raises
    ------
    LayerError
        As :func:`corridor.ecology.quality.model.habitat_quality`.
    """
    with Problems() as found:
        model.check_codes(found, grid.codes, grid.nodata, grid.habitat_of)
    maps = habitat_quality(grid.codes, sources, grid.cell_m, model, access, grid.nodata)
    where = np.zeros(grid.codes.shape, dtype=np.uint8) if side is None else side
    beta = None if access is None else np.asarray(access, dtype=float)
    return QualityReference(grid, model, maps, where, sides, beta)


def threat_sources(
    grid: HabitatGrid, model: QualityModel, land_use: Path | str | None = None
) -> dict[str, NDArray[np.bool_]]:
    """The source cells of each threat: its habitats, and its codes on a land use map (a raster file).

    On cells coarser than the map every cell that a code touches is a source, as with works: a road does not
    break up into dots. Where they are about as fine (up to 1.5 cells of the map) the code at the middle counts.
    """
    with Problems() as found:
        for threat in model.threats:
            where = f"threats, {threat.threat_id}"
            for name in sorted(set(threat.habitats) - set(grid.code_of)):
                found.add(where, f"habitat {name!r}", "a class of the grid", "correct it")
            if threat.land_use and land_use is None:
                what = f"land use codes {' '.join(map(str, threat.land_use))}, but no land use map is given"
                remedy = "give land_use, or drop the codes: a threat without its sources would look harmless"
                found.add(where, what, "a map to find its sources on", remedy)
    sources = {t.threat_id: grid.of(t.habitats) for t in model.threats}
    if land_use is not None:
        with raster_at(Path(land_use)) as raster:
            codes, at = raster.read(1), (raster.transform, raster.crs, grid.codes.shape, grid.transform)
        for threat in (t for t in model.threats if t.land_use):
            sources[threat.threat_id] |= resampled(np.isin(codes, threat.land_use), *at, Resampling.max) > 0
    return sources


def sides_of(
    grid: HabitatGrid, regions: gpd.GeoDataFrame | None
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """The region of each cell, by its middle.

    Returns
    -------
    numpy.ndarray
        Index into the names by cell.
    tuple of str
        The regions in alphabetical order, then ``elsewhere`` for cells in none; ``elsewhere`` alone without regions.
    """
    if regions is None or regions.empty:
        return np.zeros(grid.codes.shape, dtype=np.uint8), (ELSEWHERE,)
    names = tuple(sorted(regions["region"].unique()))
    shapes = project(regions.geometry.to_numpy(), regions.crs.to_epsg(), WORKING)
    values = [names.index(name) for name in regions["region"]]
    drawn = list(zip(shapes, values, strict=True))
    side = rasterize(drawn, grid.codes.shape, len(names), transform=grid.transform, dtype="uint8")
    return np.asarray(side), (*names, ELSEWHERE)


def assess_quality(
    reference: QualityReference, prints: gpd.GeoDataFrame, maps: bool = False, whole: bool = False
) -> QualityChange:
    """Habitat quality lost to works, by side, habitat and cause.

    A cell of which the share s is taken keeps (1 - s) of its quality; threats brought by works lower the rest by the
    formulas of :mod:`corridor.ecology.quality.model`. The loss of a cell is shared among its causes by Shapley's rule.

    Parameters
    ----------
    reference
        The land without the works.
    prints
        Footprints (EPSG:4547) of one line or many: line_id, permanence, operation. Ground that two lines take counts once.
    maps
        Whether to keep the maps of the window around the works.
    whole
        Whether to look at the whole grid and not only within the largest reach of the works; the figures are the same.

    Returns
    -------
    QualityChange
        Losses in quality-weighted hectares.

    References
    ----------
    Shapley 1953, A value for n-person games; Sharp et al., InVEST user's guide, Habitat Quality.
    """
    with Problems() as found:
        check_frame(found, "footprint", prints, PRINT_COLUMNS)
    works = _works_on(reference, prints, whole)
    before = reference.maps.quality[works.view]
    loss, after = _losses(
        works.part.codes,
        reference.side[works.view],
        reference.maps.degradation[works.view],
        before,
        _added(reference, works),
        np.where(works.part.known, works.share, 0.0),
        reference.model.suitability,
        reference.maps.half_saturation,
        _order_weights(len(works.near) + 1),
        len(reference.sides),
    )
    causes = [*(reference.model.threats[r].threat_id for r in works.near), DIRECT_TAKE]
    losses, totals = _tables(reference, loss * works.part.cell_ha, causes)
    drawn = ChangeMaps(before, after, works.part.transform) if maps else None
    return QualityChange(losses, totals, works.not_assessed_ha, drawn)


@dataclass(frozen=True, eq=False)
class _Works:
    """Works on the cells of a window: the share taken of each, and squared cells to new sources by threat."""

    part: HabitatGrid
    view: tuple[slice, slice]
    share: NDArray[np.float64]
    near: dict[int, NDArray[np.int32]]
    not_assessed_ha: float


def _works_on(reference: QualityReference, prints: gpd.GeoDataFrame, whole: bool) -> _Works:
    grid, threats = reference.grid, reference.model.threats
    brought = {r: t for r, t in enumerate(threats) if t.works}
    taken = shapely.union_all(prints.geometry[prints["permanence"] == "permanent"].to_numpy())
    running = shapely.union_all(prints.geometry[prints["operation"].astype(bool)].to_numpy())
    reach_m = max((t.max_distance_m for t in brought.values()), default=0.0)
    works = shapely.union_all([taken, running])
    view = slice(0, 0), slice(0, 0)
    if whole:
        view = slice(0, grid.codes.shape[0]), slice(0, grid.codes.shape[1])
    elif not works.is_empty:
        # a cell more on each side: a source reaches from the middle of a cell that it only touches
        view = grid.cells(works.bounds, reach_m + grid.cell_m)
    part = grid.part(*view)
    share = part.covered(taken).astype(np.float64)
    marks = {"take": share > 0.5, "operation": part.covered(running) > TOUCHED}
    near = {
        r: nearest_squared(marks[t.works], squared_cells(t.max_distance_m, grid.cell_m))
        for r, t in brought.items()
    }
    taken_ha = taken.area / M2_PER_HA
    unknown_ha = taken_ha - float(share[part.known].sum()) * grid.cell_ha
    # shares of cells are exact to a millionth: less of the whole is rounding
    return _Works(part, view, share, near, unknown_ha if unknown_ha > TOUCHED * taken_ha else 0.0)


def _added(reference: QualityReference, works: _Works) -> NDArray[np.float64]:
    """What the works add to the degradation of each cell, by threat."""
    codes = works.part.codes
    added = np.zeros((len(works.near), *codes.shape))
    for n, (r, new) in enumerate(works.near.items()):
        table = reference.model.threats[r].table(works.part.cell_m)
        today = reference.maps.squared[r][works.view]
        # only the nearest source of a threat counts: works add to it where they are nearer than what is there today
        nearer = new < today
        rise = table[new[nearer]] - table[today[nearer]]
        added[n][nearer] = rise * reference.model.factors[r][codes[nearer]]
    if reference.access is not None:
        added *= reference.access[works.view]
    return added


@njit(cache=True, nogil=True)
def _losses(
    codes: Any, side: Any, degradation: Any, quality: Any, added: Any, share: Any, suitability: Any, k: float,
    weights: Any, sides: int,
) -> Any:  # fmt: skip
    """Quality lost by side, code and cause (the added threats, then the take), and quality after, by cell."""
    threats, rows, columns = added.shape
    causes = threats + 1
    loss = np.zeros((sides, 256, causes))
    after = quality.copy()
    left = np.empty(1 << causes)
    raised_k = k**Z
    for i in range(rows):
        for j in range(columns):
            changed = share[i, j] > 0
            for r in range(threats):
                changed = changed or added[r, i, j] > 0
            best = suitability[codes[i, j]]
            if not changed or np.isnan(degradation[i, j]) or best == 0:
                continue
            # every set of causes, as bits: with the few threats that works bring, 2^n sets cost less than n! orders
            for some in range(1 << causes):
                d = degradation[i, j]
                for r in range(threats):
                    if some >> r & 1:
                        d += added[r, i, j]
                raised = d * d * np.sqrt(d)  # d**2.5, several times as fast as a power
                left[some] = best * (1 - raised / (raised + raised_k))
                if some >> threats & 1:
                    left[some] *= 1 - share[i, j]
            after[i, j] = left[-1]
            for c in range(causes):
                for some in range(1 << causes):
                    if not some >> c & 1:
                        size = 0
                        for r in range(causes):
                            size += some >> r & 1
                        loss[side[i, j], codes[i, j], c] += weights[size] * (left[some] - left[some | 1 << c])
    return loss, after


def _order_weights(causes: int) -> NDArray[np.float64]:
    """The share of all orders in which exactly n others come before one cause (Shapley 1953)."""
    f = math.factorial
    return np.array([f(n) * f(causes - n - 1) / f(causes) for n in range(causes)])


def _tables(
    reference: QualityReference, loss_ha: NDArray[np.float64], causes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    side, code, cause = np.nonzero(loss_ha)
    named = reference.grid.habitat_of
    losses = pd.DataFrame(
        {
            "side": [reference.sides[s] for s in side],
            "habitat_id": [named[int(c)] for c in code],
            "cause": [causes[c] for c in cause],
            "loss_ha": loss_ha[side, code, cause],
        }
    )
    lost = losses.groupby(["side", "habitat_id"], as_index=False)["loss_ha"].sum()
    totals = reference.totals.rename(columns={"quality_ha": "before_ha"})
    totals = totals.merge(lost, on=["side", "habitat_id"], how="left")
    totals["loss_ha"] = totals["loss_ha"].astype(float).fillna(0.0)
    totals.insert(4, "after_ha", totals["before_ha"] - totals["loss_ha"])
    return losses, totals
