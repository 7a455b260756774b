"""Who crosses where on a draw: the demand model on larger zones and in one spell of the day, calibrated on the draw's own costs.

Constants make the counted network of the draw reproduce the counts, so a draw moves what a scenario changes and never who
crosses today. Every fixed point starts from nothing, so a draw does not depend on those before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridor.access.cost.departure import Costing
from corridor.core.errors import LayerError, Problems
from corridor.demand.calibration import calibrate
from corridor.demand.model import Calibrated, Model, NetworkCosts
from corridor.demand.predict import Demand, predict
from corridor.demand.segments import BASE_PERIOD, LandUse, Spell
from corridor.demand.zones import Zones
from corridor.schema.comparison import BUILDOUT, TODAY, ComparisonFile, Criterion
from corridor.study.clock import service_clock
from corridor.study.compared_demand import DAY, STATES
from corridor.study.criteria import MORNING, OF_TRAVELLERS, measured_as
from corridor.study.demand import ROLES, DemandStudy
from corridor.study.demand_costs import queue_of
from corridor.study.demand_own import OwnFiles
from corridor.study.demand_report import DemandReport
from corridor.study.ensemble.coarse import CoarseStudy, OneHour
from corridor.study.ensemble.design import Design, Draw
from corridor.study.ensemble.vary import demand_of, land_of
from corridor.study.network import ScenarioNetwork
from corridor.study.study import Study
from corridor.study.travellers import Crossed

F64 = NDArray[np.float64]
ZONE_M = 3_000.0
"""Side of a zone in draws: whole blocks of thinned cells, and a fifth of the pairs of the study's zones."""


def draws_travellers(study: Study, file: ComparisonFile) -> bool:
    """Whether draws of a study run the demand model: it has the tables, and the comparison a criterion that asks for them."""
    return of_travellers(file.shown, file) and all(study.catalog.having(role) for role in ROLES)


def of_travellers(criteria: Sequence[Criterion], file: ComparisonFile) -> bool:
    """Whether one of some criteria of a comparison file is of the demand model, on either land state."""
    measured = measured_as(file)
    return any(measured[c.id][1] in OF_TRAVELLERS for c in criteria)


def check_travellers(study: Study, design: Design) -> None:
    """Check that the demand model takes every value that is drawn of it.

    Raises
    ------
    LayerError
        Where a drawn sensitivity of the choice is below that of destinations, or a drawn elasticity above 0.
    """
    least = study.demand_study.assumptions.scales.destination_per_min
    allowed = {
        "choice_scale": (least, np.inf, f"{least:g} (destination_scale_per_min) or more"),
        "total_elasticity": (-np.inf, 0.0, "0 or less"),
    }
    with Problems(LayerError) as found:
        for row in design.assumptions:
            low, high, expected = allowed.get(row.varies, (-np.inf, np.inf, ""))
            drawn = design.common[row.assumption_id]
            if drawn.min() < low or drawn.max() > high:
                what = f"{row.assumption_id} is drawn from {drawn.min():.3g} to {drawn.max():.3g}"
                found.add("layer of role assumptions", what, expected, "correct its ends")


class Ways(NamedTuple):
    """A network on a draw, and what its ways cost."""

    net: ScenarioNetwork
    costing: Costing


@dataclass(frozen=True, eq=False)
class Travel:
    """The demand model of a study, with costs of thinned cells.

    Attributes
    ----------
    coarse
        The thinned cells.
    model
        Counts, segments, and who lives where by zone.
    zones
        The zones of `model`, as the thinned cells are in them.
    buses_of
        Clock time "HH:MM" whose local buses run at every hour; empty for each hour's own.
    """

    coarse: CoarseStudy
    model: DemandStudy
    zones: Zones
    buses_of: str = MORNING

    @classmethod
    def of(
        cls,
        coarse: CoarseStudy,
        size_m: float = ZONE_M,
        spells: Sequence[Spell] = (),
        buses_of: str = MORNING,
    ) -> Travel:
        """The demand model of a study, as draws have it.

        Parameters
        ----------
        coarse
            The study with its cells thinned out.
        size_m
            Side of a zone; a whole number of blocks of the thinned cells, so that these are in the zones of all cells.
        spells
            Of the day; empty for the main one of the study, as if everybody crossed in it.
        buses_of
            See the attribute; the other criteria need the tables of the hour that is the default.
        """
        main = coarse.study.demand_study.spells[0]._replace(outward_share=1.0, return_share=1.0)
        model = coarse.study.demand_study.with_zones(size_m).with_spells(tuple(spells) or (main,))
        cells = coarse.cells
        return cls(coarse, model, Zones.of(cells.x_m, cells.y_m, cells.side, size_m), buses_of)

    @property
    def counted_id(self) -> str:
        """The scenario whose network was counted."""
        return self.model.scenario_of(BASE_PERIOD)

    @cached_property
    def _plain(self) -> Model:
        return self.model.model(DAY)

    @cached_property
    def _even(self) -> F64:
        return self.model.zones.sums(self.coarse.study.cells.evenly_spread())

    def on(self, draw: Draw, counted: Ways, reference_id: str, reference: Ways) -> DrawnTravel:
        """The model of a draw: calibrated on the counted network, and with the reference predicted.

        Parameters
        ----------
        draw
            The draw.
        counted, reference
            The counted network and that of the reference, on the draw.
        reference_id
            The reference.
        """
        model = demand_of(self._plain, draw)
        land = {
            state: land_of(self.model.land(TODAY), self._even, self.model.land(BUILDOUT), state, draw)
            for state in STATES
        }
        costs = self._costs(counted, model)
        counts = self.model.counts(BASE_PERIOD, DAY, costs.gates)
        queue_min = queue_of(counted.net.network, costs.gates)(counts.passengers)
        base = calibrate(model, costs, land[TODAY], counts, queue_min)
        plain = DrawnTravel(self, base, land, reference_id, {})
        return replace(plain, reference=plain.predicted(reference))

    def _costs(self, ways: Ways, model: Model) -> NetworkCosts:
        of_cells = replace(
            self.model.zone_costs,
            zones=self.zones,
            scale_per_min=model.assumptions.scales.site_per_min,
            cells=self.coarse.cells,
        )
        costing = ways.costing
        if self.buses_of:
            costing = replace(costing, base=OneHour.of(costing.base, service_clock(self.buses_of)))
        return of_cells.of(ways.net, costing, release=False)


@dataclass(frozen=True, eq=False)
class DrawnTravel:
    """The demand model on one draw.

    Attributes
    ----------
    base
        The model whose constants reproduce the counts on the counted network of the draw.
    land
        By land state.
    reference
        Who crosses where in the reference, by land state.
    """

    travel: Travel
    base: Calibrated
    land: Mapping[str, LandUse]
    reference_id: str
    reference: Mapping[str, Demand]

    def predicted(self, ways: Ways) -> dict[str, Demand]:
        """Who crosses where on a network, by land state, queue and choice settled."""
        costs = self.travel._costs(ways, self.base.model)
        queue = queue_of(ways.net.network, costs.gates)
        return {state: predict(self.base, costs, land, queue) for state, land in self.land.items()}

    def crossed(self, scenario_id: str, ways: Ways) -> dict[str, Crossed]:
        """What criteria are read from, by land state: a scenario on its network of the draw, against the reference."""
        same = scenario_id == self.reference_id
        found = self.reference if same else self.predicted(ways)
        return {state: self._crossed(scenario_id, state, found[state]) for state in self.land}

    def _crossed(self, scenario_id: str, state: str, demand: Demand) -> Crossed:
        asked = scenario_id, self.reference_id, BASE_PERIOD, DAY, state, OwnFiles()
        return DemandReport(self.travel.model, *asked, demand, self.reference[state]).crossed
