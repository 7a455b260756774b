"""Scenarios side by side: what a planner reads, and what the pages draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.core.notebook import html_table
from corridor.schema.comparison import BUILDOUT, Point
from corridor.schema.measure import Measure
from corridor.study.appraisal.appraisal import Appraisal
from corridor.study.cities import Cities
from corridor.study.freight import Freight
from corridor.study.groups import Groups
from corridor.study.phases import Phases
from corridor.study.question import Asked
from corridor.study.recreation import Recreation
from corridor.study.run import Result
from corridor.study.travellers import ByState


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, all measured against one reference.

    Every figure of every scenario is taken on the same land state, hours and cut-offs, so that differences come from the
    scenarios alone. ``zone_values[scenario_id]`` has the shape (measure, zone), float32, NaN where nothing is known or
    reached; ``measures`` and ``zones`` say what its rows and columns are.

    Examples
    --------
    >>> comparison = compare(Study.bundled(), ["committed-2030", "western-2035"])  # doctest: +SKIP
    >>> comparison.headline.T  # criteria by scenario  # doctest: +SKIP
    >>> comparison.zones_of("western-2035").explore("jobs_60_0830 [jobs]")  # doctest: +SKIP
    """

    results: Mapping[str, Result]
    reference_id: str
    measures: tuple[Measure, ...]
    zones: gpd.GeoDataFrame
    """zone_id, region, district_id, residents, jobs; squares of 1 km, EPSG:4326."""
    zone_values: Mapping[str, NDArray[np.float32]]
    headline: pd.DataFrame
    """Index scenario_id, a column for each criterion."""
    headline_low: pd.DataFrame
    headline_high: pd.DataFrame
    criteria: pd.DataFrame
    """Index criterion_id: titles in three scripts, unit, direction, group, state, confidence, note, anchor with its reason."""
    ranking: pd.DataFrame
    """profile, scenario_id, score, score_low, score_high, rank, rank_low, rank_high, first_share, judges_first; on
    today's people (:class:`corridor.study.ranking.Verdict`)."""
    ranking_buildout: pd.DataFrame
    """The same on the land state `buildout-2035`."""
    pairs: pd.DataFrame
    """pair, question in three scripts, terms, criterion, value, unit."""
    district_gains: pd.DataFrame
    """scenario_id, hour, district_id, names, region, residents, measure, reference, value, gain."""
    hub_minutes: pd.DataFrame
    """scenario_id and :data:`corridor.study.access.HUB_COLUMNS`."""
    cell_values: pd.DataFrame
    """Exact cell values: cell_id, scenario_id and one column a measure."""
    do_minimum: str = ""
    """What the comparison file calls the do-minimum; the reference is another where the study lacks it."""
    value_points: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Index scenario_id, a column for each criterion with an anchor: its value against the reference."""
    dominance: pd.DataFrame = field(default_factory=pd.DataFrame)
    """scenario_id, counterfactual, dominated, dominated_by; on today's people, no weight in it."""
    dominance_buildout: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The same on the land state `buildout-2035`."""
    weights: pd.DataFrame = field(default_factory=pd.DataFrame)
    """profile, criterion, judges, weight, weight_sd, weight_low, weight_high."""
    better: pd.DataFrame = field(default_factory=pd.DataFrame)
    """profile, scenario_id, against, probability, judges_share; on today's people."""
    better_buildout: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The same on the land state `buildout-2035`."""
    asked: Mapping[str, Asked] = field(default_factory=dict)
    """The comparison file and the files of weights."""
    opens_on: str = ""
    """The scenario that maps open on, where it was compared."""
    points: Mapping[str, Point] = field(default_factory=dict)
    """By pair, what it tells in the answer."""
    travellers: ByState = field(default_factory=dict)
    """By land state and scenario, who crosses where; empty where demand is not modelled."""
    appraisal: Appraisal | None = None
    """Cost, benefit, funding, carbon and the ecological account; None where the study has no unit costs."""
    freight: Freight | None = None
    """Control points for goods; None where the study has no table of them."""
    cities: Cities | None = None
    """The cities of the wider area; None where the study has no table of them."""
    watershed: pd.DataFrame | None = None
    """Streams that lines cross (:func:`corridor.study.watershed.watershed`); None where the study has no layer of streams."""
    recreation: Recreation | None = None
    """Access to green corridors and parks; None where the study has no layer of entrances."""
    groups: Groups | None = None
    """Circles, thirds and other groupings with their outlines; None where the study has none."""
    phases: Phases = field(default_factory=Phases)
    """The phases of a proposal, drawn in one scale; none where the comparison file names none."""

    @property
    def on_buildout(self) -> frozenset[str]:
        """Ids of the criteria that are taken on the planned build-out."""
        return frozenset(self.criteria.index[self.criteria["state"] == BUILDOUT])

    def zones_of(self, scenario_id: str) -> gpd.GeoDataFrame:
        """Join the zones with every measure of a scenario.

        Returns
        -------
        geopandas.GeoDataFrame
            Squares of 1 km in EPSG:4326 with columns such as "jobs_60_0830 [jobs]": means over the residents of a zone.
        """
        values = dict(zip(self.measures, self.zone_values[scenario_id], strict=True))
        columns = pd.DataFrame({f"{m.measure_id} [{m.unit.en}]": v for m, v in values.items()})
        return gpd.GeoDataFrame(pd.concat([self.zones, columns], axis=1), crs=self.zones.crs)

    def _repr_html_(self) -> str:
        table = self.headline.T
        titles = self.criteria["title_en"] + " [" + self.criteria["unit"] + "]"
        rows = [(titles[i], *(f"{v:,.2f}" for v in table.loc[i])) for i in table.index]
        return html_table(f"Compared with {self.reference_id}", ("criterion", *table.columns), rows)
