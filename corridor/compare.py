"""Results to deltas, tables and ranking: what a planner reads, and what the pages draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from numpy.typing import NDArray

from corridor.schema.text import Text


@dataclass(frozen=True)
class Measure:
    """One thing a zone is coloured by: what, when, in which unit; higher is better unless it is a time."""

    measure_id: str  # e.g. "jobs_60_0830"
    title: Text
    unit: Text  # "jobs", "residents", "min"
    hour: str  # "08:30" or "23:00"
    higher_is_better: bool


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, all measured against one reference.

    ``zone_values[scenario_id]`` has the shape (measure, zone), float32, NaN where nothing is known or reached.
    """

    results: Mapping[str, Any]  # scenario id -> corridor.run.Result, in the order asked
    reference_id: str  # the do-minimum that changes are measured against
    measures: tuple[Measure, ...]
    zones: gpd.GeoDataFrame  # zone_id, region, district_id, residents, jobs, geometry (EPSG:4326 squares of 1 km)
    zone_values: Mapping[str, NDArray[Any]]
    headline: pd.DataFrame  # index scenario_id; columns = criterion ids, raw values with units in `criteria`
    criteria: pd.DataFrame  # index criterion id; title_en, title_zh_hant, title_zh_hans, unit, direction, group, confidence
    ranking: pd.DataFrame  # profile, scenario_id, score, score_low, score_high, rank, rank_low, rank_high
    pairs: pd.DataFrame  # pair, question, criterion, value
    district_gains: pd.DataFrame  # scenario_id, hour, district_id, names, residents, measure, mean gain
    hub_minutes: pd.DataFrame  # scenario_id, hour, from_place, to_place, minutes, checkpoint_id
