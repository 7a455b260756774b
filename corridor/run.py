"""One scenario, scored: Scenario -> Result, with provenance."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from corridor.schema.text import Text


@dataclass(frozen=True)
class Result:
    """What one scenario does for access and to nature, with what was asked and how sure it is."""

    scenario_id: str
    title: Text
    question: Text
    counterfactual: bool
    year: int
    assumptions: tuple[Text, ...]
    lines: gpd.GeoDataFrame  # line_id, name_en, name_zh_hant, name_zh_hans, mode, axis, status, added (bool), counterfactual, structure parts as rows: part_id, structure; geometry EPSG:4326
    stations: gpd.GeoDataFrame  # station_id, names, status, added, geometry
    checkpoints: gpd.GeoDataFrame  # checkpoint_id, names, regime, open, close, clearance_mean_min, clearance_low_min, clearance_high_min, clearance_assumed, design_capacity_pax_day, daily_2025, status, changed (bool), geometry Point EPSG:4326
    footprint: gpd.GeoDataFrame  # ecology footprint EPSG:4326: line_id, part_id, structure, component, permanence, area_ha, assumed, source, confidence
    habitat_take: pd.DataFrame  # line_id, part_id, structure, component, permanence, habitat_id, area_ha
    designation_take: pd.DataFrame  # ..., designation_id, designation, area_ha
    habitat_disturbance: pd.DataFrame  # line_id, phase construction|operation, band "0-100".., habitat_id, area_ha
    corridor_crossings: pd.DataFrame  # corridor_id, line_id, part_id, structure, crossed, length_m, distance_m
    wildlife_conflicts: pd.DataFrame
