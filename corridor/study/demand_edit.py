"""Who crosses where after an edit, beside the scenario that was edited: a prediction for a pencil, without trips by zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from corridor.demand.model import Calibrated, NetworkCosts
from corridor.demand.segments import BASE_PERIOD, LandUse
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    from corridor.study.edit import Edit
    from corridor.study.study import Study


@dataclass(frozen=True)
class TravellersBefore:
    """Who crosses where in a scenario, worked out once for all edits of it.

    Attributes
    ----------
    study
        With the tables of demand (:data:`corridor.study.demand.ROLES`).
    scenario_id
        The scenario that is edited.
    period, day, state
        The counted period and type of day that the model reproduces, and the land state of residents and jobs.
    """

    study: Study
    scenario_id: str
    period: str = BASE_PERIOD
    day: str = "all"
    state: str = "census"

    @cached_property
    def trips_per_day(self) -> pd.Series:
        """By control point, both directions and all groups together."""
        costs = self.study.demand_study.costs(self.scenario_id)
        return self._trips(self.study.network(self.scenario_id), costs)

    def after(self, edit: Edit) -> pd.DataFrame:
        """See :func:`travellers_after`."""
        net = ScenarioNetwork(edit.network, edit.compiled)
        costs = self.study.demand_study.zone_costs.of(net, self.study.access.costing(net))
        now = self._trips(net, costs)
        both = pd.DataFrame({"before_per_day": self.trips_per_day, "after_per_day": now}).fillna(0.0)
        found = both.assign(change_per_day=both["after_per_day"] - both["before_per_day"])
        return found.sort_values("after_per_day", ascending=False, kind="stable").rename_axis("checkpoint_id")

    @cached_property
    def _base(self) -> tuple[Calibrated, LandUse]:
        return self.study.demand_study.base(self.period, self.day, self.state)

    def _trips(self, net: ScenarioNetwork, costs: NetworkCosts) -> pd.Series:
        loads = self.study.demand_study.loads(net, costs, *self._base)
        return pd.Series(loads.sum(axis=0), index=list(costs.gates)).groupby(level=0).sum()


def travellers_after(
    study: Study, edit: Edit, *, period: str = BASE_PERIOD, day: str = "all", state: str = "census"
) -> pd.DataFrame:
    """Trips a day through each control point after an edit, beside those in the scenario that was edited.

    Costs of the edited network are searched anew in each spell of the day, on the walks and local buses that all networks share;
    queue and choice settle as in a whole prediction, so the trips are those of
    :meth:`corridor.study.demand.DemandStudy.demand` on the edit written as a scenario, to the last digit.

    Parameters
    ----------
    study
        The study of the edit, with the tables of demand.
    edit
        From :meth:`corridor.study.study.Study.edit`. The first edit of a scenario waits for the calibration and for the scenario's
        own costs; for many edits, keep one :class:`TravellersBefore`.
    period, day, state
        As of :meth:`corridor.study.study.Study.demand`.

    Returns
    -------
    pandas.DataFrame
        By checkpoint_id, the busiest after the edit first: before_per_day, after_per_day, change_per_day, both directions and all
        groups together; 0 where a control point is not open.

    Examples
    --------
    >>> edit = study.edit("committed-2030").regime("lo-wu", clearance_min=10)  # doctest: +SKIP
    >>> travellers_after(study, edit).loc["lo-wu", "change_per_day"]  # doctest: +SKIP
    """
    return TravellersBefore(study, edit.unedited.id, period, day, state).after(edit)
