"""Every scenario on one draw: the criteria of the comparison, and what the works cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import least_costs
from corridor.access.journeys.tables import hub_table
from corridor.access.reach.reach import minutes_to_places, reach_from_cells
from corridor.access.search.departure import Departure
from corridor.access.search.journey import LIMIT_S
from corridor.core.in_memory import Kept
from corridor.schema.comparison import BUILDOUT, TODAY, ComparisonFile
from corridor.study import stages
from corridor.study.access import Access
from corridor.study.appraise import ROLES as COST_ROLES
from corridor.study.appraise import built_works
from corridor.study.clock import service_clock
from corridor.study.criteria import (
    CUTOFF_MIN,
    LATE,
    MEASURED,
    MORNING,
    OF_TRAVELLERS,
    Basis,
    least_served,
    measured_as,
)
from corridor.study.demand import Values
from corridor.study.ensemble.coarse import CoarseStudy
from corridor.study.ensemble.design import AS_IT_IS, Draw
from corridor.study.ensemble.nature import NatureAt, nature_at
from corridor.study.ensemble.travel import DrawnTravel, Travel, Ways, draws_travellers
from corridor.study.ensemble.vary import cost_hkd_bn, costing_of, network_of, opportunities_of, people_of
from corridor.study.measure import Scored
from corridor.study.network import ScenarioNetwork
from corridor.study.study import Study
from corridor.study.travellers import Crossed

F32 = NDArray[np.float32]
COST = "added_cost_hkd_bn"
"""Beside the criteria of the comparison file: rail works beyond the reference, with overrun; less is better."""


@dataclass(frozen=True)
class Drawn(Scored):
    """What one draw gives for a network, as criteria read it, and with the works of a scenario."""

    crossed: Mapping[str, Crossed]
    """By land state; empty where draws have no travellers."""


class Scorer:
    """Scenarios of one comparison, ready to be scored on draws.

    Parameters
    ----------
    study
        The study; what it keeps of networks and of nature is used.
    scenario_ids, reference_id
        What is scored, and what cost is measured against.
    file
        The comparison file with the criteria.
    """

    def __init__(self, study: Study, scenario_ids: Sequence[str], reference_id: str, file: ComparisonFile):
        self.study, self.coarse = study, CoarseStudy.of(study)
        self.travel = Travel.of(self.coarse) if draws_travellers(study, file) else None
        self.scenario_ids, self.reference_id, self.file = tuple(scenario_ids), reference_id, file
        self.criteria = {
            i: (state, name)
            for i, (state, name) in measured_as(file).items()
            if self.travel or name not in OF_TRAVELLERS
        }

    @cached_property
    def nature(self) -> Mapping[str, NatureAt]:
        """What works take and disturb, by scenario; worked out once and kept."""
        return {i: self._nature(i) for i in self.scenario_ids}

    def _nature(self, scenario_id: str) -> NatureAt:
        study = self.study

        def made() -> NatureAt:
            assessment = study.stages.of(stages.ECOLOGY, scenario_id)
            profile = study.stages.of(stages.PROFILE)
            return nature_at(study.works(scenario_id), assessment.result, study.land, profile)

        depends_on = [study.stages.mark(stages.ECOLOGY, scenario_id)]
        return study.known(NatureAt, "nature of an ensemble", depends_on, made)

    @cached_property
    def _built(self) -> pd.DataFrame | None:
        if not all(self.study.catalog.having(role) for role in COST_ROLES):
            return None
        built = built_works(self.study, self.scenario_ids, self.reference_id)
        return built[built["added"].astype(bool)]

    @cached_property
    def _least(self) -> NDArray[np.bool_]:
        """The cells of the residents who reach least in the reference, as it is."""
        access = self._access(AS_IT_IS)
        return least_served(self.coarse.cells, self._drawn(self.reference_id, access, AS_IT_IS, None))

    def _access(self, draw: Draw) -> Access:
        return Access(self.coarse.base(draw), self.study.parameters, self.study.gazetteer)

    def prepare(self) -> Scorer:
        """Work out all that draws share before the first of them: a fault here is in the study, not in a draw."""
        for scenario_id in self.scenario_ids:
            self.study.network(scenario_id)
            self._cost(scenario_id, AS_IT_IS)
        assert self.nature is not None
        assert self._least is not None
        self._travel_on(AS_IT_IS, self._access(AS_IT_IS))
        return self

    def score(self, draw: Draw) -> pd.DataFrame:
        """Score every scenario on a draw.

        Returns
        -------
        pandas.DataFrame
            Index scenario_id; a column for each criterion, in its unit, and :data:`COST`.
        """
        access, least = self._access(draw), self._least
        travel = self._travel_on(draw, access)
        rows, searched = {}, Kept[tuple[str, str], Drawn]()
        for scenario_id in self.scenario_ids:
            net = self.study.network(scenario_id)
            # scenarios that differ in works alone have the same ways
            key = net.compiled.fingerprint, repr(net.network.checkpoints)
            ways = searched.known(key, partial(self._drawn, scenario_id, access, draw, travel))
            headlines = {"central": self.nature[scenario_id].at(draw)}
            drawn = replace(ways, headlines=headlines)
            rows[scenario_id] = {**self._criteria(drawn, least, draw), COST: self._cost(scenario_id, draw)}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario_id")

    def _travel_on(self, draw: Draw, access: Access) -> DrawnTravel | None:
        if self.travel is None:
            return None
        counted, reference = (
            self._ways(i, access, draw) for i in (self.travel.counted_id, self.reference_id)
        )
        # made for gravity in any case; travellers read a part of the same tables
        reference.costing.base.cells_by_bus(service_clock(MORNING))
        return self.travel.on(draw, counted, self.reference_id, reference)

    def _ways(self, scenario_id: str, access: Access, draw: Draw) -> Ways:
        net = network_of(self.study.network(scenario_id), draw)
        return Ways(net, costing_of(access, net, draw))

    def _criteria(self, drawn: Drawn, least: NDArray[np.bool_], draw: Draw) -> dict[str, float]:
        basis = {
            state: Basis(
                self.coarse, drawn, least, "central", state, people_of(self.coarse.cells, state, draw),
                drawn.crossed.get(state),
            )
            for state in (TODAY, BUILDOUT)
        }  # fmt: skip
        return {i: MEASURED[name](basis[state]) for i, (state, name) in self.criteria.items()}

    def _cost(self, scenario_id: str, draw: Draw) -> float:
        if self._built is None:
            return float("nan")
        own = self._built[self._built["scenario_id"] == scenario_id]
        return cost_hkd_bn(own, *self._rates, draw)

    @cached_property
    def _rates(self) -> tuple[pd.DataFrame, float]:
        """Unit costs and the overrun of the study."""
        catalog = self.study.catalog
        parameters = Values(catalog.table("appraisal_parameters"), "appraisal_parameters")
        return catalog.table("unit_costs"), parameters["overrun_share"]

    def _drawn(self, scenario_id: str, access: Access, draw: Draw, travel: DrawnTravel | None) -> Drawn:
        """Search the ways on the network of a scenario on a draw, and who takes which."""
        asked, base, hubs = self.study.parameters, access.base, self.study.hubs
        net, costing = ways = self._ways(scenario_id, access, draw)
        # one departure an hour: what it finds of buses and of closings serves every measure
        far = access.departure(net.compiled, MORNING, max(*asked.cutoffs_min, asked.hub_limit_min))
        late = access.departure(net.compiled, LATE, CUTOFF_MIN)
        places = [place for _, place in hubs]
        minutes = minutes_to_places(far, base, [*places, *self.study.gazetteer.hospitals])
        near = far.within(60.0 * max(asked.cutoffs_min))
        reach = {
            MORNING: reach_from_cells(near, base, asked.cutoffs_min, keep=False).reach(
                MORNING, asked.cutoffs_min
            ),
            LATE: reach_from_cells(late, base, (CUTOFF_MIN,), keep=False).reach(LATE, (CUTOFF_MIN,)),
        }
        gravity = access.gravity(net.compiled, costing, MORNING)
        return Drawn(
            {h: replace(r, counts=opportunities_of(r.counts, r.sides, draw)) for h, r in reach.items()},
            {MORNING: minutes[: len(hubs)]},
            {MORNING: replace(gravity, sums=opportunities_of(gravity.sums, gravity.sides, draw))},
            _nearest(minutes[len(hubs) :], len(self.coarse.cells.region)),
            self._between_hubs(net, access, costing),
            {},  # the works of scenarios with this network follow
            travel.crossed(scenario_id, ways) if travel else {},
        )

    def _between_hubs(self, net: ScenarioNetwork, access: Access, costing: Costing) -> pd.DataFrame:
        """Minutes and least cost between hubs on opposite sides, at the clearance times of the network."""
        hubs, base = self.study.hubs, access.base
        departure = access.departure(net.compiled, MORNING, LIMIT_S / 60)
        around = {hub: base.surroundings(departure, place) for hub, place in hubs}
        minutes = hub_table(departure, base, hubs, around)
        plain = Departure(net.compiled, departure.start_clock_s, LIMIT_S, self.study.parameters.fixed_wait)
        opposite = [(a, b) for a, b in permutations(hubs, 2) if a[1].region != b[1].region]
        costs = least_costs(CostDeparture(plain, costing), net.network, departure.network, base, opposite)
        return minutes.merge(costs, on=["from_place", "to_place"]).assign(hour=MORNING)


def _nearest(minutes: F32, cells: int) -> F32:
    """(cell,) minutes to the nearest of some places; NaN where none is reached or there is none."""
    return np.asarray(np.fmin.reduce(minutes)) if len(minutes) else np.full(cells, np.nan, dtype=np.float32)


def corrected(drawn: pd.DataFrame, as_it_is: pd.DataFrame, exact: pd.DataFrame) -> pd.DataFrame:
    """Figures of a draw on all cells: those of the study, plus what the draw changes on the thinned cells.

    Parameters
    ----------
    drawn, as_it_is
        Scenario by criterion on the thinned cells: on the draw, and with everything as the study has it.
    exact
        The study's figures on all cells; a criterion or scenario that it lacks is taken as drawn.
    """
    whole = exact.reindex(index=drawn.index, columns=drawn.columns)
    return drawn + (whole - as_it_is).fillna(0.0)
