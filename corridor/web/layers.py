"""What a page draws beside the comparison, and what it needs of each frame, asked at the door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

from corridor.core.errors import CrsError, LayerError, MissingColumnError, Problem
from corridor.schema.catalog_entry import Role
from corridor.schema.region import Region, shipped_region
from corridor.schema.text import Text
from corridor.study.compare import Comparison


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs="EPSG:4326")


@dataclass(frozen=True)
class PageLayers:
    """The layers under and over the zones, all EPSG:4326, and the words that must be printed for them.

    ``attributions`` are exactly those of the layers drawn. ``places`` and ``habitats`` only give names
    (place_id or habitat_id, names in three scripts); where they are missing, ids are shown.
    """

    coastline: gpd.GeoDataFrame  # region (id of a side), geometry: land
    districts: gpd.GeoDataFrame  # district_id, names, region
    designations: gpd.GeoDataFrame  # designation_id, names, designation, region, accuracy_m
    green_corridors: gpd.GeoDataFrame  # corridor_id, names, width_m
    wildlife_sites: gpd.GeoDataFrame  # site_id, names, kind
    attributions: tuple[Text, ...]
    places: pd.DataFrame = field(default_factory=pd.DataFrame)
    habitats: pd.DataFrame = field(default_factory=pd.DataFrame)
    date: str = ""
    sources: tuple[Text, ...] = ()
    region: Region = field(default_factory=shipped_region)
    not_given: tuple[Role, ...] = ()
    """Of designations, green corridors and wildlife sites, those that the study has no layer of."""
    cost: Text | None = None
    """What generalised cost is made of."""


LAYER_COLUMNS = {
    "coastline": ("region",),
    "districts": ("district_id", "name_en", "region"),
    "designations": ("name_en", "designation"),
    "green_corridors": ("corridor_id", "name_en"),
    "wildlife_sites": ("name_en", "kind"),
}
TABLE_COLUMNS = {
    "zones": ("zone_id", "district_id", "residents", "jobs"),
    "criteria": ("title_en", "unit", "direction", "group", "confidence", "note"),
    "ranking": (
        "profile",
        "scenario_id",
        "score",
        "score_low",
        "score_high",
        "rank",
        "rank_low",
        "rank_high",
    ),
    "pairs": ("pair", "terms", "criterion", "value"),
    "district_gains": ("scenario_id", "hour", "district_id", "measure", "value", "gain"),
    "hub_minutes": (
        "scenario_id",
        "hour",
        "from_place",
        "to_place",
        "minutes",
        "cost_min",
        "cost_way_min",
        "fare_hkd",
        "checkpoint_id",
        "soonest_checkpoint_id",
    ),
}
RESULT_COLUMNS = {
    "lines": ("line_id", "name_en", "axis", "status", "added"),
    "stations": ("station_id", "name_en", "status", "added"),
    "checkpoints": (
        "checkpoint_id",
        "name_en",
        "regime",
        "open",
        "close",
        "clearance_mean_min",
        "daily_2025",
    ),
    "footprint": ("line_id", "component", "permanence", "area_ha"),
    "habitat_take": ("line_id", "permanence", "habitat_id", "area_ha"),
    "designation_take": ("line_id", "permanence", "designation", "area_ha"),
    "habitat_disturbance": ("line_id", "phase", "band", "habitat_id", "area_ha"),
    "corridor_crossings": ("corridor_id", "line_id", "structure", "crossed", "length_m", "distance_m"),
    "wildlife_conflicts": ("line_id",),
}
GEOGRAPHIC = frozenset({*LAYER_COLUMNS, "zones", "lines", "stations", "checkpoints", "footprint"})


def check(comparison: Comparison, layers: PageLayers) -> None:
    """Raise what is wrong with the frames of a page: first missing columns, then coordinates, then shapes."""
    frames = [(f"layer {n}", n, getattr(layers, n), c) for n, c in LAYER_COLUMNS.items()]
    frames += [(f"comparison {n}", n, getattr(comparison, n), c) for n, c in TABLE_COLUMNS.items()]
    for scenario_id, result in comparison.results.items():
        frames += [(f"{scenario_id} {n}", n, getattr(result, n), c) for n, c in RESULT_COLUMNS.items()]
    absent = [
        Problem(where, f"has no column {', '.join(missing)}", ", ".join(columns), "add it or rename one")
        for where, _, frame, columns in frames
        if len(frame) and (missing := [c for c in columns if c not in frame.columns])
    ]
    if absent:
        raise MissingColumnError(absent)
    elsewhere = [
        Problem(where, f"is in {getattr(frame, 'crs', None)}", "EPSG:4326", "convert it with to_crs(4326)")
        for where, name, frame, _ in frames
        if name in GEOGRAPHIC and len(frame) and getattr(frame.crs, "to_epsg", lambda: None)() != 4326
    ]
    if elsewhere:
        raise CrsError(elsewhere)
    misshapen = list(_shape_problems(comparison))
    if misshapen:
        raise LayerError(misshapen)


def _shape_problems(comparison: Comparison) -> Iterator[Problem]:
    if comparison.reference_id not in comparison.results:
        yield Problem(
            "comparison", f"reference {comparison.reference_id!r} is not among its results",
            "one of " + ", ".join(comparison.results), "add the reference",
        )  # fmt: skip
    shape = (len(comparison.measures), len(comparison.zones))
    for scenario_id in comparison.results:
        values = comparison.zone_values.get(scenario_id)
        if values is None or values.shape != shape:
            found = "no values" if values is None else f"values of shape {values.shape}"
            yield Problem(
                f"zone values of {scenario_id}", f"has {found}", f"{shape} (measure, zone)", "score it again"
            )
