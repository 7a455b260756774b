"""Focal species on the common grid: how connected their habitat is, without the works and with them.

Two questions for each species. *Patches*: how much habitat can it reach, given its dispersal distance
(probability of connectivity, Saura and Pascual-Hortal 2007; :mod:`corridor.ecology.connectivity.probability`)? *Resistance*: how
hard is it to move from one core area to another over all paths together (effective resistance, McRae et al. 2008;
:mod:`corridor.ecology.circuits.resistance`)? Waterbirds fly and are excluded.

What is known before any works is kept in a :class:`TaxaLand` and serves every scenario.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage
from scipy.ndimage import distance_transform_edt

from corridor.core.errors import Problems
from corridor.core.stopping import next_step, steps
from corridor.ecology.circuits.resistance import CircuitGrid
from corridor.ecology.connectivity.taxon_ground import (
    HomePatches,
    Stage,
    WorksCover,
    core_labels,
    home_patches,
    resistance_after,
    resistance_before,
    works_cover,
)
from corridor.ecology.connectivity.taxon_tables import Taxon
from corridor.ecology.impact.assess import stacked
from corridor.ecology.land.land import Land
from corridor.ecology.quality.grid import ChangeMaps, HabitatGrid
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work
from corridor.schema.rows import NAMES, in_columns, row_name
from corridor.schema.tables import Case

MARGIN_M = 5_000.0
"""Land around the core areas that paths may use. On the study grid more of it lowers resistances by up to 12 per cent, and
moves their change, up to 14 per cent, by 0.12 percentage points at most (central line, central case)."""

NEAR_M = 2_000.0
"""Patches so far from the works are listed by what they are worth."""

_CORE_LAYERS = {
    "green_corridors": ("corridors", "part_id", "part"),
    "designations": ("designations", "designation_id", "name"),
}
PATCH_COLUMNS = [
    "patch", "x_m", "y_m", "area_ha", "distance_m", "dpc_percent", "intra_percent", "flux_percent",
    "connector_percent",
]  # fmt: skip
RESISTANCE_COLUMNS = [
    "taxon_id", "case", "from_core", "to_core", "state", "ohm_before", "ohm_after", "change_ohm",
    "change_percent",
]  # fmt: skip


def core_areas(land: Land, cores: pd.DataFrame) -> gpd.GeoDataFrame:
    """The named cores that the layers of a land hold: core_id, name_en, name_zh_hant, name_zh_hans, geometry.

    ``cores`` names a feature for each: core_id, layer (green_corridors or designations), feature_id.
    """
    rows = []
    for core_id, layer, feature in cores[["core_id", "layer", "feature_id"]].itertuples(index=False):
        attribute, key, prefix = _CORE_LAYERS[layer]
        frame = getattr(land, attribute)
        for row in frame[frame[key] == feature].to_dict("records") if key in frame.columns else ():
            rows.append(
                {"core_id": core_id, **in_columns(row_name(row, prefix)), "geometry": row["geometry"]}
            )
    columns = ["core_id", *NAMES, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=land.corridors.crs)


class TaxonLand:
    """The land as one species finds it before any works; whatever is computed is kept for all scenarios."""

    def __init__(self, taxon: Taxon, grid: HabitatGrid, part: HabitatGrid, cores: gpd.GeoDataFrame):
        self.taxon, self._grid, self._part, self._cores = taxon, grid, part, cores
        self._circuits: dict[Case, CircuitGrid | None] = {}
        self._currents: dict[Case, NDArray[np.float64]] = {}

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The core of each cell of the window, by number."""
        return core_labels(self._part, self.taxon, self._cores)

    @cached_property
    def homes(self) -> HomePatches:
        """The patches on the whole grid."""
        return home_patches(self._grid, self.taxon)

    def resistance(self, case: Case) -> NDArray[np.float64]:
        """Resistance of each cell of the window (ohm, 1 in the best habitat)."""
        return resistance_before(self._part, self.taxon, case)

    def circuit(self, case: Case) -> CircuitGrid | None:
        """The circuit of the window's cells in one case, its cores as terminals.

        Returns
        -------
        CircuitGrid or None
            None where fewer than two cores have core habitat of the species: there is then no pair to join.
        """
        if case not in self._circuits:
            several = np.count_nonzero(np.unique(self.labels)) > 1
            self._circuits[case] = CircuitGrid(self.resistance(case), self.labels) if several else None
        return self._circuits[case]

    def with_works(self, case: Case, circuit: CircuitGrid, cover: WorksCover) -> CircuitGrid:
        """The circuit with works on it; the very same object where they change no cell, so that its results are exactly equal.

        Parameters
        ----------
        case
            Which resistances: low, central or high.
        circuit
            The circuit without works, of this case.
        cover
            The works on the cells of the window.
        """
        before = self.resistance(case)
        after = resistance_after(before, cover, self.taxon, case)
        return circuit if np.array_equal(after, before, equal_nan=True) else circuit.with_changes(after)

    def current(self, case: Case, circuit: CircuitGrid) -> NDArray[np.float64]:
        """Cumulative current of each cell of the window (A, 1 A for each pair of cores), NaN where nothing passes.

        The map of the land without works is kept for all scenarios; with works it is solved on each call.
        """
        known = self._currents if circuit is self._circuits[case] else {}
        if case not in known:
            known[case] = np.asarray(circuit.circuit(maps=True).cumulative)
        return known[case]


class TaxaLand:
    """The land as each species finds it before any works; kept for all scenarios.

    ``cores``: polygons with ``core_id`` in EPSG:4547. Paths are sought within ``margin_m`` of the cores, patches
    on the whole grid.
    """

    def __init__(
        self, grid: HabitatGrid, taxa: Sequence[Taxon], cores: gpd.GeoDataFrame, margin_m: float = MARGIN_M
    ):
        with Problems() as found:
            if "core_id" not in cores.columns or len(cores) < 2:
                what = f"{len(cores)} with columns {', '.join(map(str, cores.columns))}"
                found.add("cores", what, "two polygons or more with core_id", "name the core areas")
        self.grid, self.cores = grid, cores
        self.cells = grid.cells(tuple(cores.total_bounds), margin_m)
        self.window = grid.part(*self.cells)
        self.each = {t.taxon_id: TaxonLand(t, grid, self.window, cores) for t in taxa}

    @cached_property
    def known_ha(self) -> float:
        """The area of the land and sea assessed, that PC and IIC refer to."""
        return float(self.grid.known.sum()) * self.grid.cell_ha

    @cached_property
    def core_tables(self) -> pd.DataFrame:
        """Each core for each species: taxon_id, core_id, core, area_ha of core habitat, state (used or why not)."""
        number, frames = len(self.cores), []
        for name, mine in self.each.items():
            cells = np.bincount(mine.labels.ravel(), minlength=number + 1)[1:]
            state = np.where(cells > 0, "used", "left out: no core habitat of this animal is known there")
            columns = {"core_id": self.cores["core_id"].to_numpy(), "core": np.arange(1, number + 1)}
            area_ha = cells * self.grid.cell_ha
            frames.append(pd.DataFrame({"taxon_id": name, **columns, "area_ha": area_ha, "state": state}))
        return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True, eq=False)
class TaxaResult:
    """What works change for each focal species. Without works every change is zero, exactly.

    ``patches``: a row for each species and distance (the median dispersal distance, ``own`` marks the species' own): pc, iic
    and eca_ha before and after, their change in per cent (of ECA in ha too), patches and habitat_ha before and after.
    It does not depend on resistances. ``cores``: taxon_id, core_id, core, area_ha, state (used, or why left out).
    ``resistance``: taxon_id, case, from_core, to_core, state (connected, shorted, apart, no data), ohm_before,
    ohm_after, change_ohm, change_percent; ohm is resistance times cells, 1 ohm a cell of the species' own habitat.
    """

    patches: pd.DataFrame
    cores: pd.DataFrame
    resistance: pd.DataFrame
    _land: TaxaLand = field(repr=False)
    _cover: WorksCover = field(repr=False)

    def current(self, taxon_id: str, case: Case = "central") -> ChangeMaps:
        """Cumulative current of one species before and after the works, computed on demand.

        Parameters
        ----------
        taxon_id
            A species of the result.
        case
            Which resistances: low, central or high.

        Returns
        -------
        ChangeMaps
            Current (A, 1 A for each pair of cores, summed) of the cells around the cores; NaN where the species cannot move.
            0 on both sides where fewer than two cores have core habitat.
        """
        land, mine = self._land, self._land.each[taxon_id]
        circuit, at = mine.circuit(case), land.window.transform
        if circuit is None:
            nothing = np.where(np.isnan(mine.resistance(case)), np.nan, 0.0)
            return ChangeMaps(nothing, nothing, at)
        after = mine.with_works(case, circuit, self._cover.within(land.cells))
        return ChangeMaps(mine.current(case, circuit), mine.current(case, after), at)

    def worthiest(self, taxon_id: str, near_m: float = NEAR_M, most: int = 10) -> pd.DataFrame:
        """The patches within ``near_m`` of the works whose loss would cost most, before the works; computed on demand.

        Columns: patch, x_m, y_m (middle, EPSG:4547), area_ha, distance_m to the works, dpc_percent at the species' own
        distance and its shares intra (its area), flux (what it exchanges), connector (as a stepping stone).
        """
        grid, homes = self._land.grid, self._land.each[taxon_id].homes
        works = self._cover.anywhere
        if not works.any() or not homes.patches.count:
            return pd.DataFrame(columns=PATCH_COLUMNS)
        labels, numbers = homes.patches.labels, homes.patches.numbers
        away_m = distance_transform_edt(~works) * grid.cell_m
        distance_m = np.asarray(ndimage.minimum(away_m, labels, numbers), dtype=np.float64)
        table = homes.importance().rename(columns={"d_percent": "dpc_percent"})
        table = table.assign(area_ha=homes.area_ha, distance_m=distance_m)
        near = table[table["distance_m"] <= near_m]
        table = near.sort_values(["dpc_percent", "patch"], ascending=[False, True], ignore_index=True)[:most]
        middle = np.array(ndimage.center_of_mass(labels > 0, labels, table["patch"])).reshape(-1, 2)
        x_m = grid.transform.c + (middle[:, 1] + 0.5) * grid.cell_m
        y_m = grid.transform.f - (middle[:, 0] + 0.5) * grid.cell_m
        return table.assign(x_m=x_m, y_m=y_m)[PATCH_COLUMNS]

    def headline(self) -> pd.DataFrame:
        """One row a species: how its ECA changes at its own distance, and the pair of cores whose resistance rises most.

        Returns
        -------
        pandas.DataFrame
            Columns taxon_id, eca_ha_before, eca_change_ha and eca_change_percent (after less before; below 0 is a loss), then
            those of ``resistance`` for the worst pair by change_percent over all cases assessed. A species without a pair of
            cores has no values there.
        """
        rows = []
        for taxon_id in self._land.each:
            own = self.patches[(self.patches["taxon_id"] == taxon_id) & self.patches["own"]].iloc[0]
            row = {"taxon_id": taxon_id}
            row |= {c: own[c] for c in ("eca_ha_before", "eca_change_ha", "eca_change_percent")}
            ways = self.resistance[self.resistance["taxon_id"] == taxon_id]
            if len(ways):
                worst = ways.loc[ways["change_percent"].idxmax()]
                row |= {c: worst[c] for c in RESISTANCE_COLUMNS[1:]}
            rows.append(row)
        return pd.DataFrame(rows)


def assess_taxa(
    land: TaxaLand,
    works: Sequence[Work],
    footprints: gpd.GeoDataFrame,
    cases: Sequence[Case] = ("central",),
    stage: Stage = "operation",
    table: ParameterTable = SHIPPED,
) -> TaxaResult:
    """What works change for each focal species of a land.

    Parameters
    ----------
    land
        The land as each species finds it before any works.
    works, footprints
        Lines to be built, and their footprints (:func:`corridor.ecology.works.footprint.footprint`) in one frame.
    cases
        Which resistances: low, central, high.
    stage
        ``operation``, or ``building`` with temporary works.
    table
        Widths and spacings of structures.

    Returns
    -------
    TaxaResult
        Patches (PC, IIC, ECA in ha) and effective resistances (ohm) before and after.
    """
    cover = works_cover(land.grid, works, footprints, stage, table)
    near = cover.within(land.cells)

    def one(mine: TaxonLand) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
        patches = _patches(land, mine, cover)
        next_step()
        return patches, [_paths(land, mine, case, near) for case in cases]

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the loops below let go of the interpreter
        found = list(pool.map(steps(one), land.each.values()))
    patches = pd.concat([f[0] for f in found], ignore_index=True)
    resistance = stacked([frame for _, frames in found for frame in frames])
    return TaxaResult(patches, land.core_tables, resistance, land, cover)


def _patches(land: TaxaLand, mine: TaxonLand, cover: WorksCover) -> pd.DataFrame:
    """PC, IIC and ECA of one species at all distances, before and after."""
    before = mine.homes
    next_step()
    after = home_patches(land.grid, mine.taxon, cover, before)
    was, now = (homes.numerators.assign(eca=lambda found: np.sqrt(found["pc"])) for homes in (before, after))
    percent = (100 * (now - was) / was).where(was != 0, 0.0)
    columns: dict[str, Any] = {"taxon_id": mine.taxon.taxon_id, "distance_m": was.index}
    for name in ("pc", "iic"):
        columns |= {
            f"{name}_{side}": n[name] / land.known_ha**2 for side, n in (("before", was), ("after", now))
        }
        columns[f"{name}_change_percent"] = percent[name]
    columns |= {"eca_ha_before": was["eca"], "eca_ha_after": now["eca"]}
    columns |= {"eca_change_ha": now["eca"] - was["eca"], "eca_change_percent": percent["eca"]}
    columns["own"] = was.index == mine.taxon.median_dispersal_m
    columns |= {"patches_before": before.patches.count, "patches_after": after.patches.count}
    columns |= {"habitat_ha_before": before.area_ha.sum(), "habitat_ha_after": after.area_ha.sum()}
    return pd.DataFrame(columns).reset_index(drop=True)


def _paths(land: TaxaLand, mine: TaxonLand, case: Case, cover: WorksCover) -> pd.DataFrame:
    """Effective resistance between all cores of one species, before and after."""
    circuit = mine.circuit(case)
    if circuit is None:
        return pd.DataFrame(columns=RESISTANCE_COLUMNS)
    before = circuit.circuit().pairs
    after = mine.with_works(case, circuit, cover).circuit().pairs
    ohm_before, ohm_after = before["resistance"].to_numpy(), after["resistance"].to_numpy()
    # pairs that no path joins have no change: infinite less infinite is no number
    known = np.isfinite(ohm_before)
    change = np.zeros(len(before))
    change[known] = ohm_after[known] - ohm_before[known]
    share = np.divide(100 * change, ohm_before, out=np.zeros_like(change), where=known & (ohm_before > 0))
    names = land.cores["core_id"].to_numpy()
    return pd.DataFrame({
        "taxon_id": mine.taxon.taxon_id, "case": case,
        "from_core": names[before["from"] - 1], "to_core": names[before["to"] - 1],
        "state": after["state"].to_numpy(), "ohm_before": ohm_before, "ohm_after": ohm_after,
        "change_ohm": change, "change_percent": share,
    })[RESISTANCE_COLUMNS]  # fmt: skip
