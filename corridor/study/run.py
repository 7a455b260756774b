"""One scenario, scored: Scenario -> Result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd

from corridor.access.search.parameters import AccessParameters
from corridor.core.crs import frame_in_wgs84
from corridor.core.notebook import html_table
from corridor.core.progress import Progress, counted, silent
from corridor.ecology.impact.assess import EcologyResult
from corridor.ecology.impact.difference import Assessment
from corridor.schema.scenario import Scenario
from corridor.schema.text import Text
from corridor.study import stages
from corridor.study.ecology_process import assessed_beside
from corridor.study.measure import Scored
from corridor.study.stage import Stage
from corridor.study.study import Study

SIDE_BY_SIDE = 2  # scenarios worked on together: what one does alone fills the gaps of the other


@dataclass(frozen=True)
class Result(Scored):
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
    ecology: EcologyResult

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
    def flag(self) -> str:
        """What every map of it must say (:attr:`corridor.schema.resolved.Scenario.flag`)."""
        return self.scenario.flag

    @property
    def year(self) -> int:
        """The year it represents."""
        return self.scenario.year

    @property
    def assumptions(self) -> tuple[Text, ...]:
        """What is assumed, of the scenario and of the lines it adds."""
        of_lines = (text for work in self.scenario.works for text in work.assumptions)
        return tuple(dict.fromkeys((*self.scenario.assumptions, *of_lines)))

    @property
    def footprint(self) -> gpd.GeoDataFrame:
        """Land take: components of every part and site with permanence and area_ha, EPSG:4326."""
        return frame_in_wgs84(self.ecology.footprint)

    def _repr_html_(self) -> str:
        figures = asdict(self.headlines["central"])
        rows = [(name, f"{value:,.2f}") for name, value in figures.items() if value]
        return html_table(f"{self.title.en}: ecology, central case", ("figure", "value"), rows)


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
    return _scored(study, scenario_id)


def run_all(study: Study, scenario_ids: Sequence[str], progress: Progress = silent) -> dict[str, Result]:
    """Score scenarios, or take the results that are kept.

    Ecology runs in a process of its own where much is built; access runs for two scenarios at a time.

    Parameters
    ----------
    study, scenario_ids
        What to score.
    progress
        Called as each step of a scenario that is not all kept begins: its network, each hour, cost, hubs, nature.

    Returns
    -------
    dict
        Results by scenario id, in the order asked for.
    """
    is_known, access = study.stages.is_known, _access_of(study.parameters)
    works = {i: study.works(i) for i in scenario_ids if not is_known(stages.ECOLOGY, i)}
    to_reach = [
        (hour, at, [i for i in scenario_ids if not all(is_known(stage, i, hour=hour) for stage in at)])
        for hour, at in access
    ]
    new = list(dict.fromkeys(i for *_, ids in to_reach for i in ids))
    begin = counted(progress, len(new) + sum(len(ids) for *_, ids in to_reach) + len(works))
    ecology: dict[str, Callable[[], Assessment]] = {}
    with ExitStack() as beside, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        if works:
            nature = beside.enter_context(assessed_beside(works, study.land, study.stages.of(stages.PROFILE)))
            ecology = {i: partial(nature, i) for i in works}
        # what scenarios share is loaded, and what is wrong with one is said, before they go their ways
        for scenario_id in new:
            begin(f"{scenario_id}, network")
            study.stages.of(stages.COSTING, scenario_id)
        # one hour after the other: its tables of local buses take some 350 MB
        for hour, at, ids in to_reach:
            for each in [pool.submit(_reached, study, i, at, hour, begin) for i in ids]:
                each.result()
            if ids:
                study.release()
        scored = {i: pool.submit(_scored, study, i, ecology.get(i)) for i in scenario_ids}
        for scenario_id in works:
            begin(f"{scenario_id}, nature")
            scored[scenario_id].result()
        results = {i: each.result() for i, each in scored.items()}
    study.stages.remember()
    return results


def _access_of(asked: AccessParameters) -> list[tuple[str, list[Stage[Any]]]]:
    """The stages of access that a result is made of, by hour: those that share tables of local buses together."""
    at = {hour: [stages.REACH, stages.HUBS] for hour in asked.hours}
    at[asked.hours[0]].append(stages.HOSPITAL)
    return [*at.items(), *((hour, [stages.GRAVITY]) for hour in asked.cost_hours)]


def _reached(
    study: Study, scenario_id: str, at: Sequence[Stage[Any]], hour: str, begin: Callable[[str], None]
) -> None:
    begin(f"{scenario_id}, {'cost' if stages.GRAVITY in at else 'access'} at {hour}")
    # one after the other: what the first finds around a place serves the next, and the other way round the last digits differ
    for stage in at:
        study.stages.of(stage, scenario_id, hour=hour)


def assess_scenario(study: Study, scenario_id: str) -> Assessment:
    """Assess the ecological impact of a scenario's works.

    Returns
    -------
    Assessment
        The result at central widths of structures, and headline figures at low, central and high widths.
    """
    return study.stages.of(stages.ECOLOGY, scenario_id)


def _scored(study: Study, scenario_id: str, ecology: Callable[[], Assessment] | None = None) -> Result:
    """`ecology` fetches that part from elsewhere, so that many scenarios can be assessed while access is computed."""
    asked, of = study.parameters, partial(study.stages.of, scenario_id=scenario_id)
    reach = {hour: of(stages.REACH, hour=hour) for hour in asked.hours}
    gravity = {hour: of(stages.GRAVITY, hour=hour) for hour in asked.cost_hours}
    hubs = [of(stages.HUBS, hour=hour) for hour in asked.hours]
    hospital = of(stages.HOSPITAL, hour=asked.hours[0])
    lines, stations, checkpoints = of(stages.LAYERS)
    nature = (
        study.stages.done_elsewhere(stages.ECOLOGY, scenario_id, ecology) if ecology else of(stages.ECOLOGY)
    )
    return Result(
        scenario=study.scenario(scenario_id),
        lines=lines,
        stations=stations,
        checkpoints=checkpoints,
        reach={hour: reached for hour, (reached, _) in reach.items()},
        cell_hub_minutes={hour: minutes for hour, (_, minutes) in reach.items()},
        gravity=gravity,
        hospital_minutes=hospital,
        hub_minutes=pd.concat(hubs, ignore_index=True),
        ecology=nature.result,
        headlines=nature.headlines,
    )
