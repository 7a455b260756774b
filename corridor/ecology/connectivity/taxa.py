"""Named animals on the common grid: how connected their habitat is, before the works and after.

Two questions are asked for each animal. *Patches*: how much habitat can it reach, given how far it spreads
(probability of connectivity, Saura and Pascual-Hortal 2007; :mod:`corridor.ecology.connectivity.probability`)? *Ways*: how hard
is it to come from one named core to another, all ways at once (effective resistance, McRae et al. 2008;
:mod:`corridor.ecology.circuits.resistance`)? Waterbirds fly and are not asked here.

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
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage
from scipy.ndimage import distance_transform_edt

from corridor.ecology.circuits.resistance import CircuitGrid
from corridor.ecology.connectivity.taxon_ground import (
    Stage,
    WorksCover,
    core_labels,
    core_table,
    resistance_after,
    resistance_before,
    window,
    works_cover,
)
from corridor.ecology.connectivity.taxon_patches import home_patches
from corridor.ecology.connectivity.taxon_reach import PATCH_COLUMNS, Reach, reach_row, worthiest_near
from corridor.ecology.connectivity.taxon_tables import Case, Taxon
from corridor.ecology.land.checks import LayerProblem, raise_all
from corridor.ecology.land.land import Land
from corridor.ecology.quality.grid import HabitatGrid
from corridor.ecology.works.parameters import SHIPPED, ParameterTable
from corridor.ecology.works.profile import Work

MARGIN_M = 5_000.0
"""Land around the cores that ways may use. On the study grid more of it lowers resistances by up to 12 per cent, and
moves their change, up to 14 per cent, by 0.12 percentage points at most (central line, central case)."""

DISTANCES_M = (1_000.0, 5_000.0, 10_000.0)
"""Median dispersal distances at which every animal is looked at, beside its own."""

NEAR_M = 2_000.0
"""Patches so far from the works are listed by what they are worth."""

_CORE_LAYERS = {
    "green_corridors": ("corridors", "part_id"),
    "designations": ("designations", "designation_id"),
}
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
        attribute, key = _CORE_LAYERS[layer]
        frame = getattr(land, attribute)
        found = frame[frame[key] == feature] if key in frame.columns else frame.iloc[:0]
        for row in found.to_dict("records"):
            prefix = "part" if attribute == "corridors" else "name"
            names = {f"name_{s}": row.get(f"{prefix}_{s}", "") for s in ("en", "zh_hant", "zh_hans")}
            rows.append({"core_id": core_id, **names, "geometry": row["geometry"]})
    columns = ["core_id", "name_en", "name_zh_hant", "name_zh_hans", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=land.corridors.crs)


@dataclass(frozen=True, eq=False)
class CurrentMap:
    """Cumulative current over all pairs of cores (A a pair summed), before the works and after; NaN: no way.

    ``transform`` places the arrays in EPSG:4547.
    """

    taxon_id: str
    case: Case
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    transform: Affine

    @property
    def change(self) -> NDArray[np.float64]:
        """After less before: positive where animals are pushed to."""
        return self.after - self.before


class TaxaLand:
    """The land as each animal finds it before any works; what is computed is kept for all scenarios.

    ``cores``: polygons with ``core_id`` in EPSG:4547. Ways are looked for within ``margin_m`` of the cores, patches
    on the whole grid.
    """

    def __init__(
        self,
        grid: HabitatGrid,
        taxa: Sequence[Taxon],
        cores: gpd.GeoDataFrame,
        margin_m: float = MARGIN_M,
    ):
        raise_all(_core_problems(cores))
        self.grid, self.taxa, self.cores = grid, tuple(taxa), cores
        self.window = window(grid, tuple(cores.total_bounds), margin_m)
        self._labels: dict[str, NDArray[np.int64]] = {}
        self._circuits: dict[tuple[str, Case], tuple[NDArray[np.float64], CircuitGrid | None]] = {}
        self._reach: dict[str, Reach] = {}
        self._currents: dict[tuple[str, Case], NDArray[np.float64]] = {}

    def taxon(self, taxon_id: str) -> Taxon:
        """One of the animals."""
        return next(t for t in self.taxa if t.taxon_id == taxon_id)

    def labels(self, taxon: Taxon) -> NDArray[np.int64]:
        """The core of each cell of the window, by number."""
        if taxon.taxon_id not in self._labels:
            self._labels[taxon.taxon_id] = core_labels(self.window, taxon, self.cores)
        return self._labels[taxon.taxon_id]

    def circuit(self, taxon: Taxon, case: Case) -> tuple[NDArray[np.float64], CircuitGrid | None]:
        """Resistances of the window and the circuit of its cores before the works; None below two cores."""
        key = taxon.taxon_id, case
        if key not in self._circuits:
            before = resistance_before(self.window, taxon, case)
            labels = self.labels(taxon)
            found = np.unique(labels[labels > 0]).size
            self._circuits[key] = before, CircuitGrid(before, labels) if found > 1 else None
        return self._circuits[key]

    def reach(self, taxon: Taxon) -> Reach:
        """The patches of an animal on the whole grid, before the works."""
        if taxon.taxon_id not in self._reach:
            self._reach[taxon.taxon_id] = Reach.of(home_patches(self.grid, taxon), self.grid.cell_m)
        return self._reach[taxon.taxon_id]

    @cached_property
    def known_ha(self) -> float:
        """The area of the land and sea assessed, that PC and IIC refer to."""
        return float(self.grid.known.sum()) * self.grid.cell_ha

    @cached_property
    def core_tables(self) -> pd.DataFrame:
        """Each core for each animal: taxon_id, core_id, core, area_ha of core habitat, state (used or why not)."""
        frames = [
            core_table(self.cores, self.labels(t), self.grid.cell_ha).assign(taxon_id=t.taxon_id)
            for t in self.taxa
        ]
        table = pd.concat(frames, ignore_index=True)
        return table[["taxon_id", "core_id", "core", "area_ha", "state"]]


def _core_problems(cores: gpd.GeoDataFrame) -> list[LayerProblem]:
    if "core_id" not in cores.columns or len(cores) < 2:
        what = f"{len(cores)} with columns {', '.join(map(str, cores.columns))}"
        return [LayerProblem("cores", what, "two polygons or more with core_id", "name the core areas")]
    return []


@dataclass(frozen=True, eq=False)
class TaxaResult:
    """What works change for each animal. Before against before is zero, exactly.

    ``patches``: a row for each animal and distance (the median dispersal distance, ``own`` marks the animal's): pc, iic
    and eca_ha before and after, their change in per cent (of ECA in ha too), patches and habitat_ha before and after.
    It does not depend on resistances. ``cores``: taxon_id, core_id, core, area_ha, state (used, or why left out).
    ``resistance``: taxon_id, case, from_core, to_core, state (connected, shorted, apart, no data), ohm_before,
    ohm_after, change_ohm, change_percent; ohm is resistance times cells, 1 ohm a cell of the animal's own habitat.
    """

    patches: pd.DataFrame
    cores: pd.DataFrame
    resistance: pd.DataFrame
    stage: Stage
    _land: TaxaLand = field(repr=False)
    _cover: WorksCover = field(repr=False)

    def current(self, taxon_id: str, case: Case = "central") -> CurrentMap:
        """The cumulative current map of one animal, computed when asked for."""
        land, taxon = self._land, self._land.taxon(taxon_id)
        resistance, circuit = land.circuit(taxon, case)
        if circuit is None:
            nothing = np.where(np.isnan(resistance), np.nan, 0.0)
            return CurrentMap(taxon_id, case, nothing, nothing, land.window.transform)
        if (taxon_id, case) not in land._currents:
            land._currents[taxon_id, case] = _cumulative(circuit)
        before = land._currents[taxon_id, case]
        near = self._cover.within(land.grid, land.window)
        changed = resistance_after(resistance, near, taxon, case)
        same = np.array_equal(changed, resistance, equal_nan=True)
        after = before if same else _cumulative(circuit.with_changes(changed))
        return CurrentMap(taxon_id, case, before, after, land.window.transform)

    def worthiest(self, taxon_id: str, near_m: float = NEAR_M, most: int = 10) -> pd.DataFrame:
        """The patches within ``near_m`` of the works whose loss would cost most, before the works; when asked for.

        Columns: patch, x_m, y_m (middle, EPSG:4547), area_ha, distance_m to the works, dpc_percent at the animal's own
        distance and its shares intra (its area), flux (what it exchanges), connector (as a stepping stone).
        """
        land, taxon = self._land, self._land.taxon(taxon_id)
        works = self._cover.anywhere
        if not works.any():
            return pd.DataFrame(columns=PATCH_COLUMNS)
        reach = land.reach(taxon)
        labels, numbers = reach.homes.labels, np.arange(1, reach.homes.count + 1)
        away_m = distance_transform_edt(~works) * land.grid.cell_m
        distance_m = np.asarray(ndimage.minimum(away_m, labels, numbers), dtype=np.float64)
        table = worthiest_near(reach, taxon.median_dispersal_m, distance_m, near_m, most)
        middle = np.array(ndimage.center_of_mass(labels > 0, labels, table["patch"])).reshape(-1, 2)
        t, cell = land.grid.transform, land.grid.cell_m
        return table.assign(x_m=t.c + (middle[:, 1] + 0.5) * cell, y_m=t.f - (middle[:, 0] + 0.5) * cell)

    def headline(self) -> pd.DataFrame:
        """One row an animal: ECA lost at its own distance, and the pair of cores whose way gets hardest, central case."""
        rows = []
        for taxon in self._land.taxa:
            own = self.patches[(self.patches["taxon_id"] == taxon.taxon_id) & self.patches["own"]].iloc[0]
            row = {"taxon_id": taxon.taxon_id}
            row |= {c: own[c] for c in ("eca_ha_before", "eca_change_ha", "eca_change_percent")}
            ways = self.resistance[self.resistance["taxon_id"] == taxon.taxon_id]
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
    """What works change for each animal of a land.

    ``footprints``: rows as of :func:`corridor.ecology.works.footprint.footprint` for all ``works`` in one frame.
    ``cases`` are those of the resistances; ``stage`` is ``operation`` or ``building`` (with temporary works).
    """
    cover = works_cover(land.grid, works, footprints, stage, table)
    near = cover.within(land.grid, land.window)

    def one(taxon: Taxon) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
        return _patches(land, taxon, cover), [_ways(land, taxon, case, near) for case in cases]

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the loops below let go of the interpreter
        found = list(pool.map(one, land.taxa))
    patches = pd.concat([f[0] for f in found], ignore_index=True)
    filled = [w for f in found for w in f[1] if len(w)]
    resistance = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=RESISTANCE_COLUMNS)
    return TaxaResult(patches, land.core_tables, resistance, stage, land, cover)


def _patches(land: TaxaLand, taxon: Taxon, cover: WorksCover) -> pd.DataFrame:
    """PC, IIC and ECA of one animal at all distances, before and after."""
    before = land.reach(taxon)
    changed = home_patches(land.grid, taxon, cover)
    same = np.array_equal(changed.labels, before.homes.labels) and np.array_equal(
        changed.area_ha, before.homes.area_ha
    )
    after = before if same else Reach.of(changed, land.grid.cell_m, before)
    rows = [
        {
            "taxon_id": taxon.taxon_id,
            **reach_row(before, after, distance_m, land.known_ha),
            "own": distance_m == taxon.median_dispersal_m,
            "patches_before": before.homes.count,
            "patches_after": after.homes.count,
            "habitat_ha_before": before.homes.area_ha.sum(),
            "habitat_ha_after": after.homes.area_ha.sum(),
        }
        for distance_m in sorted({*DISTANCES_M, taxon.median_dispersal_m})
    ]
    return pd.DataFrame(rows)


def _ways(land: TaxaLand, taxon: Taxon, case: Case, cover: WorksCover) -> pd.DataFrame:
    """Effective resistance between all cores of one animal, before and after."""
    resistance, circuit = land.circuit(taxon, case)
    if circuit is None:
        return pd.DataFrame(columns=RESISTANCE_COLUMNS)
    before = circuit.circuit().pairs
    changed = resistance_after(resistance, cover, taxon, case)
    same = np.array_equal(changed, resistance, equal_nan=True)
    after = before if same else circuit.with_changes(changed).circuit().pairs
    ohm_before, ohm_after = before["resistance"].to_numpy(), after["resistance"].to_numpy()
    known = np.isfinite(ohm_before)
    change = np.zeros(len(before))
    change[known] = ohm_after[known] - ohm_before[known]
    share = np.divide(100 * change, ohm_before, out=np.zeros_like(change), where=known & (ohm_before > 0))
    names = land.cores["core_id"].to_numpy()
    return pd.DataFrame({
        "taxon_id": taxon.taxon_id, "case": case,
        "from_core": names[before["from"] - 1], "to_core": names[before["to"] - 1],
        "state": after["state"].to_numpy(), "ohm_before": ohm_before, "ohm_after": ohm_after,
        "change_ohm": change, "change_percent": share,
    })[RESISTANCE_COLUMNS]  # fmt: skip


def _cumulative(circuit: CircuitGrid) -> NDArray[np.float64]:
    total: Any = circuit.circuit(maps=True).cumulative
    return np.asarray(total)
