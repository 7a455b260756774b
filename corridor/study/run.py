"""One scenario, scored: Scenario -> Result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.reach.gravity import Gravity
from corridor.access.reach.reach import Reach
from corridor.core.cache import Kept, key_of
from corridor.core.crs import frame_in_wgs84
from corridor.core.notebook import html_table
from corridor.core.progress import Progress, silent
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.cases import Assessment, assess_cases
from corridor.ecology.impact.difference import Headline
from corridor.schema.scenario import Scenario
from corridor.schema.text import Text
from corridor.study.ecology_process import assessed_beside
from corridor.study.files import NOTHING_KEPT
from corridor.study.network_tables import checkpoints, lines, stations
from corridor.study.study import Study

SIDE_BY_SIDE = 2  # scenarios worked on together: what one does alone fills the gaps of the other


@dataclass(frozen=True)
class Result:
    """What one scenario does for access and to nature.

    Frames of features are in EPSG:4326, areas in hectares, lengths in metres, times in minutes unless a name says otherwise.
    Tables of the ecology part are in ``ecology`` (:class:`corridor.ecology.impact.assess.EcologyResult`): for example
    ``result.ecology.habitat_take``, ``result.ecology.corridor_crossings``.

    Examples
    --------
    >>> result = run(Study.bundled(), "western-2035")  # doctest: +SKIP
    >>> result.reach["08:30"].of(60, "jobs")  # jobs within 60 min of every cell  # doctest: +SKIP
    >>> result.footprint.explore("permanence")  # doctest: +SKIP
    """

    scenario: Scenario
    lines: gpd.GeoDataFrame
    """line_id, names, mode, axis, status, added, counterfactual, part_id, structure; EPSG:4326, a row for each part."""
    stations: gpd.GeoDataFrame
    """station_id, names, region, system, status, added, accuracy_m; EPSG:4326."""
    checkpoints: gpd.GeoDataFrame
    """checkpoint_id, names, kind, regime, open, close, clearance_*_min, daily_2025, design_capacity_pax_day, status, changed; EPSG:4326."""
    reach: Mapping[str, Reach]
    """By hour: opportunities within each cut-off, for every cell."""
    cell_hub_minutes: Mapping[str, NDArray[np.float32]]
    """By hour: (hub, cell) minutes from each cell to each hub, NaN where not reached."""
    gravity: Mapping[str, Gravity]
    """By hour: opportunities discounted by generalised cost, for every cell."""
    hospital_minutes: NDArray[np.float32]
    """(cell,) minutes to the nearest public hospital in the morning, NaN where none is reached or known."""
    hub_minutes: pd.DataFrame
    """A row a pair and hour, both ways: :data:`corridor.study.access.HUB_COLUMNS`. Least expected time with low and high clearance, and the
    control point of that way; least generalised cost likewise, with the minutes and the fare of the cheapest way."""
    ecology: EcologyResult
    headlines: Mapping[str, Headline]
    """Headline figures of the ecology part with low, central and high widths."""

    @property
    def scenario_id(self) -> str:
        """The scenario's id, levers stacked with '+'."""
        return self.scenario.id

    @property
    def title(self) -> Text:
        """The scenario's title."""
        return self.scenario.title

    @property
    def question(self) -> Text:
        """What the scenario asks."""
        return self.scenario.question

    @property
    def counterfactual(self) -> bool:
        """Whether no government proposed it."""
        return self.scenario.counterfactual

    @property
    def year(self) -> int:
        """The year it stands for."""
        return self.scenario.year

    @property
    def assumptions(self) -> tuple[Text, ...]:
        """What is assumed, of the scenario and of the lines it adds."""
        return tuple(
            dict.fromkeys(
                [*self.scenario.assumptions, *(t for w in self.scenario.works for t in w.assumptions)]
            )
        )

    @property
    def footprint(self) -> gpd.GeoDataFrame:
        """Land take: components of every part and site with permanence and area_ha, EPSG:4326."""
        return frame_in_wgs84(self.ecology.footprint)

    def _repr_html_(self) -> str:
        figures = asdict(self.headlines["central"])
        rows = [(name, f"{value:,.2f}") for name, value in figures.items() if value]
        return html_table(f"{self.title.en}: ecology, central case", ("figure", "value"), rows)


def result_keys(study: Study, scenario_ids: Sequence[str]) -> dict[str, str]:
    """Keys of results for the cache.

    A key changes with everything that the result depends on: parameters, catalogue entries, the bytes of every layer, the
    resolved scenario, the program and its libraries.

    Returns
    -------
    dict
        By scenario id, 64 hexadecimal digits.
    """
    shared = key_of([repr(study.parameters), study.layers_key])
    return {i: key_of([shared, study.scenario(i).model_dump_json()]) for i in scenario_ids}


def run(study: Study, scenario_id: str) -> Result:
    """Score one scenario by itself, without a reference.

    Parameters
    ----------
    study
        Layers, scenario files and the hours and cut-offs to score.
    scenario_id
        The scenario, levers stacked with '+'.

    Returns
    -------
    Result
        Access at every hour of the study, and the ecological impact of everything that the scenario builds.

    Raises
    ------
    ScenarioError, LayerError
        Before any computing, with all that is wrong with a file.

    Examples
    --------
    >>> result = run(Study.bundled(), "western-2035")  # doctest: +SKIP
    >>> result.hub_minutes, result.headlines["central"].permanent_wetland_ha  # doctest: +SKIP
    """
    return _scored(study, scenario_id, lambda: assess_scenario(study, scenario_id))


def run_all(
    study: Study, scenario_ids: Sequence[str], progress: Progress = silent, kept: Kept = NOTHING_KEPT
) -> dict[str, Result]:
    """Score scenarios, or take the results that are kept.

    Ecology runs in a process of its own, access for two scenarios at a time.

    Parameters
    ----------
    study, scenario_ids
        What to score.
    progress
        Called with each scenario as its work begins.
    kept
        Where results of earlier runs are looked up and new ones kept.

    Returns
    -------
    dict
        Results by scenario id, in the order asked for.
    """
    keys = result_keys(study, scenario_ids) if kept.folder else {}
    results = {i: found for i, key in keys.items() if (found := kept.get(key, Result))}
    new = [i for i in scenario_ids if i not in results]
    if new:
        works = {i: study.works(i) for i in new}
        with (
            assessed_beside(works, study.land, study.nature.profile) as nature,
            ThreadPoolExecutor(SIDE_BY_SIDE) as pool,
        ):
            # what scenarios share is loaded, and what is wrong with one is said, before they go their ways
            _ = study.access, study.hubs, [study.costing(i) for i in new]
            scored = {i: pool.submit(_scored, study, i, partial(nature, i)) for i in new}
            for done, scenario_id in enumerate(new):
                progress(scenario_id, done, len(new))
                results[scenario_id] = scored[scenario_id].result()
                if keys:
                    kept.put(keys[scenario_id], results[scenario_id])
    return {i: results[i] for i in scenario_ids}


def assess_scenario(study: Study, scenario_id: str) -> Assessment:
    """Assess the ecological impact of a scenario's works.

    Returns
    -------
    Assessment
        The result at central widths of structures, and headline figures at low, central and high widths.
    """
    return assess_cases(study.works(scenario_id), study.land, study.nature.profile)


def _scored(study: Study, scenario_id: str, ecology: Callable[[], Assessment]) -> Result:
    """`ecology` may fetch that part from elsewhere, so that many scenarios can be assessed while access is computed."""
    scenario, net, costing = (
        study.scenario(scenario_id),
        study.network(scenario_id),
        study.costing(scenario_id),
    )
    access, asked = study.access, study.parameters
    at_hour = {hour: access.at(net.compiled, hour) for hour in asked.hours}
    gravity = {hour: access.gravity(net.compiled, costing, hour) for hour in asked.cost_hours}
    hospital, hubs = access.hospital_minutes(net.compiled), access.hub_minutes(net, costing)
    nature = ecology()
    return Result(
        scenario=scenario,
        lines=lines(net.network, study.works(scenario_id)),
        stations=stations(net.network, scenario),
        checkpoints=checkpoints(net.network),
        reach={hour: reach for hour, (reach, _) in at_hour.items()},
        cell_hub_minutes={hour: minutes for hour, (_, minutes) in at_hour.items()},
        gravity=gravity,
        hospital_minutes=hospital,
        hub_minutes=hubs,
        ecology=nature.result,
        headlines=nature.headlines,
    )
