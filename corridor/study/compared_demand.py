"""Travellers of every scenario of a comparison, against its reference, on today's people and on the planned build-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from corridor.core.cache import Kept, key_of
from corridor.core.progress import Progress, silent
from corridor.demand.predict import Demand
from corridor.demand.segments import BASE_PERIOD
from corridor.schema.comparison import BUILDOUT, TODAY
from corridor.study.demand import ROLES
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_report import DemandReport
from corridor.study.files import NOTHING_KEPT
from corridor.study.run import result_keys
from corridor.study.study import Study
from corridor.study.travellers import ByState, Travellers

DAY = "all"
STATES = (TODAY, BUILDOUT)


def travellers_of(
    study: Study,
    scenario_ids: Sequence[str],
    reference_id: str,
    progress: Progress = silent,
    kept: Kept = NOTHING_KEPT,
) -> ByState:
    """Predict who crosses where in each scenario, or take what is kept.

    The model is calibrated on the counts of :data:`corridor.study.demand.BASE_PERIOD`, all days.

    Parameters
    ----------
    study, scenario_ids, reference_id
        The study, the scenarios, and the one that changes are measured against.
    progress
        Called with each scenario that is predicted.
    kept
        Where tables of earlier runs are looked up and new ones kept.

    Returns
    -------
    mapping
        By land state and scenario; empty where the catalogue lacks a table that the demand model needs.
    """
    if not all(study.catalog.having(role) for role in ROLES):
        return {}
    keys = _keys(study, scenario_ids, reference_id) if kept.folder else {}
    return {
        state: _of_state(study, scenario_ids, reference_id, state, progress, kept, keys) for state in STATES
    }


def _of_state(
    study: Study, scenario_ids: Sequence[str], reference_id: str, state: str, progress: Progress, kept: Kept,
    keys: Mapping[str, str],
) -> Mapping[str, Travellers]:  # fmt: skip
    model = study.demand_study

    def predicted(scenario_id: str) -> Demand:
        return model.demand(scenario_id, day=DAY, state=state)

    @cache  # that of the reference alone: trips between all zones are large
    def reference() -> Demand:
        return predicted(reference_id)

    found = {}
    for done, i in enumerate(scenario_ids):
        key = key_of([keys[i], state]) if keys else ""
        known = kept.get(key, Travellers) if key else None
        if known is None:
            progress(i, done, len(scenario_ids))
            sides = reference() if i == reference_id else predicted(i), reference()
            known = DemandReport(
                model, i, reference_id, BASE_PERIOD, DAY, state, OwnFiles(), *sides
            ).travellers
            if key:
                kept.put(key, known)
        found[i] = known
    return found


def _keys(study: Study, scenario_ids: Sequence[str], reference_id: str) -> dict[str, str]:
    """Keys for the cache: they change with the scenario, the reference, the network that was counted, and all layers."""
    counted = study.demand_study.scenario_of(BASE_PERIOD)
    keys = result_keys(study, list(dict.fromkeys([*scenario_ids, reference_id, counted])))
    return {i: key_of([keys[i], keys[reference_id], keys[counted], "travellers"]) for i in scenario_ids}
