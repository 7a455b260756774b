"""Travellers of every scenario of a comparison, against its reference, on today's people and on the planned build-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

from corridor.core.progress import Progress, silent
from corridor.demand.predict import Demand
from corridor.demand.segments import BASE_PERIOD
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.study import stages
from corridor.study.demand import ROLES
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_report import DemandReport
from corridor.study.study import Study
from corridor.study.travellers import ByState, Travellers

DAY = "all"
STATES = (TODAY, BUILDOUT)


def travellers_of(
    study: Study, scenario_ids: Sequence[str], reference_id: str, progress: Progress = silent
) -> ByState:
    """Predict who crosses where in each scenario, or take what the study keeps.

    The model is calibrated on the counts of :data:`corridor.demand.segments.BASE_PERIOD`, all days.

    Parameters
    ----------
    study, scenario_ids, reference_id
        The study, the scenarios, and the one that changes are measured against.
    progress
        Called with each scenario that is predicted.

    Returns
    -------
    mapping
        By land state and scenario; empty where the catalogue lacks a table that the demand model needs.
    """
    if not all(study.catalog.having(role) for role in ROLES):
        return {}
    found = {state: _of_state(study, scenario_ids, reference_id, state, progress) for state in STATES}
    study.stages.remember()
    return found


def _of_state(
    study: Study, scenario_ids: Sequence[str], reference_id: str, state: str, progress: Progress
) -> Mapping[str, Travellers]:
    model = study.demand_study
    counted = model.scenario_of(BASE_PERIOD)

    @cache  # that of the reference alone: trips between all zones are large
    def reference() -> Demand:
        return model.demand(reference_id, day=DAY, state=state)

    def made(scenario_id: str, done: int) -> Travellers:
        progress(scenario_id, done, len(scenario_ids))
        same = scenario_id == reference_id
        demand = reference() if same else model.demand(scenario_id, day=DAY, state=state)
        asked = scenario_id, reference_id, BASE_PERIOD, DAY, state, OwnFiles()
        return DemandReport(model, *asked, demand, reference()).travellers

    found = {}
    for done, i in enumerate(scenario_ids):
        rests_on = (i, reference_id, counted)
        kept = study.stages.of_all(stages.TRAVELLERS, i, stages.NETWORK, rests_on, state=state)
        found[i] = kept.value(partial(made, i, done))
    return found
