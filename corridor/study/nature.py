"""The land as the ecology methods need it, read once for all scenarios of a study."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from corridor.ecology.appraisal.ledger import Compensation
from corridor.ecology.appraisal.seasons import SeasonRule, season_rules
from corridor.ecology.appraisal.significance import Significance, Thresholds, significance
from corridor.ecology.connectivity.taxa import TaxaLand, core_areas
from corridor.ecology.connectivity.taxon_tables import read_taxa
from corridor.ecology.fragmentation.fragmentation import FragmentedLand
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.long_section import side_outlines
from corridor.ecology.land.land import Land
from corridor.ecology.quality.grid import HabitatGrid, habitat_grid
from corridor.ecology.quality.quality import QualityReference, reference_from_layers
from corridor.ecology.works.parameters import SHIPPED, ParameterTable, parameter_table
from corridor.schema.catalog import Catalog
from corridor.schema.catalog_entry import Role

QUALITY_CELL_M = 30.0
CONNECTIVITY_CELL_M = 100.0


QUALITY_ROLES: tuple[Role, ...] = ("threats", "sensitivity", "land_use")
TAXA_ROLES: tuple[Role, ...] = ("taxa", "taxon_resistance", "taxon_cores")
SIGNIFICANCE_ROLES: tuple[Role, ...] = ("significance", "compensation")


class NatureLand:
    """The state before any works: habitat on grids, its quality, the land of named animals, tables of rules.

    A method whose layers the catalogue does not have is None: it is not worked out.
    """

    def __init__(self, catalog: Catalog, land: Land):
        self._catalog, self.land = catalog, land

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Habitat classes with names, groups and ecological values."""
        return self._catalog.table_if_any("habitat_classes")

    @cached_property
    def quality(self) -> QualityReference | None:
        """Habitat quality of the land as it is, on cells of 30 m."""
        if not self._has(QUALITY_ROLES):
            return None
        return reference_from_layers(
            habitat_grid(self.land, QUALITY_CELL_M),
            self._catalog.table("threats"),
            self._catalog.table("sensitivity"),
            self._catalog.raster_path("land_use"),
            self._catalog.vector("coastline"),
        )

    @cached_property
    def grid(self) -> HabitatGrid:
        """Habitat on cells of 100 m, for patches and ways."""
        return habitat_grid(self.land, CONNECTIVITY_CELL_M)

    @cached_property
    def fragmented(self) -> FragmentedLand:
        """The patches of each habitat group as they are; cells that share a corner belong together."""
        return FragmentedLand(self.grid)

    @cached_property
    def cores(self) -> gpd.GeoDataFrame:
        """The areas between which ways are looked for."""
        return core_areas(self.land, self._catalog.table_if_any("taxon_cores"))

    @cached_property
    def taxa(self) -> TaxaLand | None:
        """The land as each named animal finds it."""
        if not self._has(TAXA_ROLES):
            return None
        animals = read_taxa(
            self._catalog.table("taxa"),
            self._catalog.table("taxon_resistance"),
            list(self.classes["habitat_id"]),
        )
        return TaxaLand(self.grid, animals, self.cores)

    @cached_property
    def compensation(self) -> Compensation | None:
        """Multipliers of the no-net-loss ledger."""
        has = self._has(("compensation",))
        return Compensation.of(self._catalog.table("compensation"), self.classes) if has else None

    @cached_property
    def thresholds(self) -> Thresholds | None:
        """Steps of the significance matrix."""
        return Thresholds.of(self._catalog.table("significance")) if self._has(SIGNIFICANCE_ROLES) else None

    def significance(self, result: EcologyResult) -> Significance | None:
        """Judge the impacts of a result by the significance matrix (EIAO-TM Annex 8).

        Returns
        -------
        Significance or None
            None where the catalogue lacks the tables of significance or of compensation.
        """
        if self.thresholds is None or self.compensation is None:
            return None
        return significance(result, self.land, self.thresholds, self.classes, self.compensation)

    @cached_property
    def profile(self) -> ParameterTable:
        """How wide structures are and how far things stand apart; the shipped table where none is given."""
        if not self._has(("profile_parameters",)):
            return SHIPPED
        return parameter_table(self._catalog.table("profile_parameters"))

    @cached_property
    def season_rules(self) -> tuple[SeasonRule, ...]:
        """Rules on seasons and distances; none where the catalogue gives none."""
        if not self._has(("seasonal_rules",)):
            return ()
        rules = self._catalog.table("seasonal_rules").astype(object)
        return season_rules(rules.where(rules.notna(), ""))

    def _has(self, roles: Sequence[Role]) -> bool:
        return all(self._catalog.having(role) for role in roles)

    @cached_property
    def sides(self) -> dict[str, BaseGeometry]:
        """The outline of each side of the boundary, EPSG:4547."""
        return side_outlines(self._catalog.vector("coastline"))
