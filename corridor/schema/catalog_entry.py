"""An entry of the layer catalogue."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corridor.schema.line import Model, NotNegative
from corridor.schema.text import Text

Role = Literal[
    "region",
    "stations", "lines", "patterns", "pattern_stops", "headways", "hours", "interchanges", "service_assumptions",
    "bus_stops", "bus_patterns",
    "checkpoints", "daily_crossings", "highest_days", "clearance_assumptions",
    "tariffs", "fare_matrix", "line_fares", "cost_parameters", "value_of_time",
    "places", "proposals", "alignments",
    "habitat", "habitat_source", "habitat_classes", "land_use", "land_use_classes", "coastline", "terrain",
    "districts", "designations", "wildlife_sites", "green_corridors", "entrances", "recreation_parameters", "streams", "compensation", "significance",
    "cells", "development_areas", "facilities", "household_income", "groups", "nodes",
    "profile_parameters", "seasonal_rules", "threats", "sensitivity",
    "demand_crossings", "demand_groups", "demand_purposes", "demand_parameters", "demand_gateways", "demand_commercial",
    "demand_sites", "demand_periods", "demand_spells",
    "unit_costs", "appraisal_parameters", "discount_rates", "construction_carbon", "ecosystem_values", "funding", "published_costs",
    "cargo_points", "freight_totals", "cities", "city_rail", "assumptions",
    "walk_graph", "road_graph", "taxa", "taxon_resistance", "taxon_cores",
    "other",
]  # fmt: skip
"""What a layer is to the program."""


class CatalogEntry(Model):
    """One layer: what it is, where it is from, how sure it is, and what it must hold."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    role: Role
    title: Text
    kind: Literal["table", "vector", "raster", "document"]
    path: str
    crs: str = Field(default="EPSG:4326", pattern=r"^EPSG:\d{4,6}$")
    date: str
    source: str
    licence: str
    attribution: str
    accuracy_m: NotNegative | None = None
    sha256: str = ""
    built_by: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
