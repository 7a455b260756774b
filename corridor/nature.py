"""The land as the ecology methods need it, read once for all scenarios of a study."""

from __future__ import annotations

from functools import cached_property

import pandas as pd
from shapely.geometry.base import BaseGeometry

from corridor.catalog import Catalog
from corridor.ecology.fragmentation import FragmentedLand
from corridor.ecology.grid import HabitatGrid, habitat_grid
from corridor.ecology.land import Land
from corridor.ecology.ledger import Compensation
from corridor.ecology.long_section import side_outlines
from corridor.ecology.quality import QualityReference, reference_from_layers
from corridor.ecology.significance import Thresholds
from corridor.ecology.taxa import TaxaLand, core_areas
from corridor.ecology.taxon_tables import read_taxa

QUALITY_CELL_M = 30.0
CONNECTIVITY_CELL_M = 100.0


class NatureLand:
    """What stands before any works: habitat on grids, its quality, the land of named animals, tables of rules."""

    def __init__(self, catalog: Catalog, land: Land):
        self._catalog, self.land = catalog, land

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Habitat classes with names, groups and ecological values."""
        return self._catalog.table("habitat_classes")

    @cached_property
    def quality(self) -> QualityReference:
        """Habitat quality of the land as it is, on cells of 30 m."""
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
    def taxa(self) -> TaxaLand:
        """The land as each named animal finds it."""
        animals = read_taxa(
            self._catalog.table("taxa"),
            self._catalog.table("taxon_resistance"),
            list(self.classes["habitat_id"]),
        )
        return TaxaLand(self.grid, animals, core_areas(self.land))

    @cached_property
    def compensation(self) -> Compensation:
        """Multipliers of the no-net-loss ledger."""
        return Compensation.of(self._catalog.table("compensation"), self.classes)

    @cached_property
    def thresholds(self) -> Thresholds:
        """Steps of the significance matrix."""
        return Thresholds.of(self._catalog.table("significance"))

    @cached_property
    def sides(self) -> dict[str, BaseGeometry]:
        """The outline of each side of the boundary, EPSG:4547."""
        return side_outlines(self._catalog.vector("coastline"))
