"""The phases of a proposal: what is there by which year, and the jobs that each zone reaches then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import Problems, ScenarioError
from corridor.drawing.phase_map import REACHED
from corridor.schema.comparison import ComparisonFile
from corridor.schema.comparison import Phase as Asked
from corridor.schema.measure import Measure
from corridor.schema.scenario import Scenario
from corridor.study import stages
from corridor.study.study import Study

if TYPE_CHECKING:
    from corridor.study.comparison import Comparison


@dataclass(frozen=True)
class Phase:
    """One phase.

    Attributes
    ----------
    lines
        As :attr:`corridor.study.run.Result.lines`, EPSG:4326.
    jobs
        (zone,) jobs within 60 min at 08:30, mean of the residents of each zone of the comparison; NaN where not known.
    """

    year: int
    scenario: Scenario
    lines: gpd.GeoDataFrame
    jobs: NDArray[np.float32]


@dataclass(frozen=True)
class Phases:
    """The phases that are known, the earliest first, and the scenarios of those that are not.

    Attributes
    ----------
    reached
        The measure of :attr:`Phase.jobs`.
    """

    known: tuple[Phase, ...] = ()
    not_compared: tuple[str, ...] = ()
    reached: Measure = REACHED


def phases(study: Study, comparison: Comparison, file: ComparisonFile) -> Phases:
    """The phases of a comparison file.

    Where all its scenarios are compared, phases beyond them are worked out for this measure alone: they are no rivals of the
    scenarios and take no part in scores. Of fewer scenarios, only those are known that were compared.

    Parameters
    ----------
    study, comparison
        The study, and what was compared.
    file
        Which scenario is which phase.
    """
    compared = comparison.results
    whole = bool(file.scenarios) and set(file.scenarios) <= set(compared)
    asked = _of_study(study, file)
    known = [phase for phase in asked if whole or phase.scenario in compared]
    return Phases(
        tuple(_phase(study, comparison, phase.year, phase.scenario) for phase in known),
        tuple(phase.scenario for phase in asked if phase not in known),
    )


def _of_study(study: Study, file: ComparisonFile) -> list[Asked]:
    """The phases whose scenarios the study has: the shipped comparison file may be read for another region."""
    ids = set(study.library.ids())
    return [phase for phase in file.phases if set(phase.scenario.split("+")) <= ids]


def _phase(study: Study, comparison: Comparison, year: int, scenario_id: str) -> Phase:
    result = comparison.results.get(scenario_id)
    if result:
        row = comparison.measures.index(REACHED)
        return Phase(year, result.scenario, result.lines, comparison.zone_values[scenario_id][row])
    reach, _ = study.stages.of(stages.REACH, scenario_id, hour=REACHED.hour)
    lines, _, _ = study.stages.of(stages.LAYERS, scenario_id)
    (jobs,) = study.stages.of(stages.ZONES).means(reach.of(60, REACHED.opportunity)[np.newaxis])
    return Phase(year, study.scenario(scenario_id), lines, jobs)


def check_phases(study: Study, file: ComparisonFile) -> None:
    """Refuse a phase that nobody proposes, before any work.

    Raises
    ------
    ScenarioError
        With every such phase.
    """
    with Problems(ScenarioError) as problems:
        for phase in _of_study(study, file):
            if study.scenario(phase.scenario).counterfactual:
                problems.add(
                    f"comparison file: phases: {phase.year}",
                    f"{phase.scenario} is a counterfactual",
                    "a scenario that somebody proposes",
                    "name another, or leave the phase out",
                )
