"""Access on the networks of a study: by hour, to hospitals, between hubs, by cost. What scenarios share is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.cost import cost_weights, fare_groups
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import cost_hub_table
from corridor.access.journeys.tables import hub_table
from corridor.access.reach.gravity import Gravity, gravity_from_cells
from corridor.access.reach.minutes import minutes_to_places
from corridor.access.reach.reach import Reach, Reached, reach_from_cells
from corridor.access.search.departure import Departure, with_clearance
from corridor.access.search.journey import LIMIT_S
from corridor.access.search.kept import Kept
from corridor.access.search.parameters import AccessParameters
from corridor.access.surroundings.base import BaseLayer
from corridor.network.compiled import CompiledNetwork
from corridor.network.fares import CostParameters
from corridor.network.loads import Travellers
from corridor.study.clock import service_clock
from corridor.study.network import ScenarioNetwork
from corridor.study.places import Gazetteer

F32 = NDArray[np.float32]
Counted = Literal["jobs", "residents", "jobs across"]
COUNTED: tuple[Counted, ...] = get_args(Counted)
HUB_COLUMNS = (
    "hour", "from_place", "to_place", "minutes", "minutes_low", "minutes_high", "soonest_checkpoint_id", "cost_min",
    "cost_low_min", "cost_high_min", "cost_way_min", "fare_hkd", "checkpoint_id",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Access:
    """Who reaches what on a network, for the cells, hubs and hospitals of a study.

    Answers are kept by the network's fingerprint: scenarios that differ in works or year alone share them.
    """

    base: BaseLayer
    parameters: AccessParameters
    places: Gazetteer
    _known: Kept[tuple[object, ...], Any] = field(default_factory=Kept)
    _batches: Kept[tuple[object, ...], Reached] = field(default_factory=lambda: Kept(2))
    """What edits start from: the batches of a scenario at an hour are some 100 to 300 MB."""

    def costing(
        self, net: ScenarioNetwork, travellers: Travellers, value_of_time_hkd_h: float | None
    ) -> Costing:
        """See :meth:`corridor.study.study.Study.costing`."""
        fares = net.network.fares
        parameters = fares.cost if fares else CostParameters()
        feeder_hkd = fares.feeder_hkd if fares else 0.0
        weights = cost_weights(parameters, value_of_time_hkd_h or parameters.of(travellers.group))
        costed = self._known.known(("costed", weights), lambda: self.base.costed(weights, feeder_hkd))
        return Costing(fare_groups(net.network, net.compiled), weights, costed, feeder_hkd)

    def departure(self, compiled: CompiledNetwork, hour: str, limit_min: float) -> Departure:
        """Leaving at a clock time "HH:MM" for anywhere within some minutes."""
        return self.base.departure(
            compiled, service_clock(hour), 60.0 * limit_min, self.parameters.fixed_wait
        )

    def at(self, compiled: CompiledNetwork, hour: str) -> tuple[Reach, F32]:
        """Opportunities within each cut-off for every cell, and minutes (hub, cell), NaN where a hub is not reached."""

        def work() -> tuple[Reach, F32]:
            asked = self.parameters
            far = self.departure(compiled, hour, max(*asked.cutoffs_min, asked.hub_limit_min))
            minutes = minutes_to_places(far, self.base, [place for _, place in self.places.hubs])
            near = far.within(60.0 * max(asked.cutoffs_min))
            reached = reach_from_cells(near, self.base, asked.cutoffs_min, keep=False)
            return reached.reach(hour, asked.cutoffs_min), minutes

        found: tuple[Reach, F32] = self._known.known((compiled.fingerprint, hour), work)
        return found

    def reached(
        self, compiled: CompiledNetwork, hour: str, cutoffs_min: Sequence[int], known: Reached | None = None
    ) -> Reached:
        """Opportunities within each cut-off, with the batches that another network may share with this one (`known`)."""
        return reach_from_cells(
            self.departure(compiled, hour, max(cutoffs_min)), self.base, cutoffs_min, known
        )

    def kept_reached(self, compiled: CompiledNetwork, hour: str, cutoffs_min: tuple[int, ...]) -> Reached:
        """The same, kept for the edits that start from it."""
        key = (compiled.fingerprint, service_clock(hour), cutoffs_min)
        return self._batches.known(key, lambda: self.reached(compiled, hour, cutoffs_min))

    def hospital_minutes(self, compiled: CompiledNetwork) -> F32:
        """Minutes of each cell to the nearest hospital at the first hour, NaN where none is reached or known."""
        hospitals = self.places.hospitals
        if not hospitals:
            return np.full(len(self.base.cells.region), np.nan, dtype=np.float32)
        hour = self.parameters.hours[0]

        def work() -> F32:
            departure = self.departure(compiled, hour, self.parameters.hub_limit_min)
            return np.asarray(np.fmin.reduce(minutes_to_places(departure, self.base, hospitals)))

        found: F32 = self._known.known(("hospitals", compiled.fingerprint, hour), work)
        return found

    def gravity(self, compiled: CompiledNetwork, costing: Costing, hour: str) -> Gravity:
        """Opportunities of every cell, each counted less the dearer the way to it."""

        def work() -> Gravity:
            asked = self.parameters
            runs_s = 60.0 * max(asked.cutoffs_min)
            departure = Departure(compiled, service_clock(hour), runs_s, asked.fixed_wait)
            return gravity_from_cells(CostDeparture(departure, costing), asked.gravity_per_min)

        found: Gravity = self._known.known((compiled.fingerprint, costing.fingerprint, hour), work)
        return found

    def hub_minutes(self, net: ScenarioNetwork, costing: Costing) -> pd.DataFrame:
        """:data:`HUB_COLUMNS` for each pair of hubs and hour: at mean clearance, with low and high clearance beside it."""
        points = [net.network.checkpoints[c] for c in net.compiled.cp_ids]
        low = np.array([p.clearance_low_s for p in points], dtype=np.float32)
        high = np.array([p.clearance_high_s for p in points], dtype=np.float32)
        frames = [self._hub_minutes(net, costing, hour, (low, high)) for hour in self.parameters.hours]
        return pd.concat(frames, ignore_index=True)[list(HUB_COLUMNS)]

    def _hub_minutes(
        self, net: ScenarioNetwork, costing: Costing, hour: str, clearance: tuple[F32, F32]
    ) -> pd.DataFrame:
        base, hubs = self.base, self.places.hubs
        departure = self.departure(net.compiled, hour, LIMIT_S / 60.0)
        around = {hub: base.surroundings(departure, place) for hub, place in hubs}
        mean, fast, slow = (
            hub_table(d, base, hubs, around)
            for d in (departure, *(with_clearance(departure, ends) for ends in clearance))
        )
        plain = Departure(net.compiled, service_clock(hour), LIMIT_S, self.parameters.fixed_wait)
        leaving = CostDeparture(plain, costing)
        costs = cost_hub_table(leaving, net.network, departure.network, base, hubs, clearance)
        times = mean.rename(columns={"checkpoint_id": "soonest_checkpoint_id"}).assign(
            hour=hour, minutes_low=fast["minutes"], minutes_high=slow["minutes"]
        )
        return times.merge(costs, on=["from_place", "to_place"], validate="one_to_one")


def across(side: NDArray[np.int8], sides: Sequence[str], of_side: Callable[[str], F32]) -> F32:
    """For each cell, what there is of the side that it does not lie on; `side` is 0 or 1 for each cell."""
    south, north = (of_side(name) for name in sides)
    return np.where(side == 0, north, south).astype(np.float32)


def counted(
    reach: Reach, cutoff_min: int, what: Counted, side: NDArray[np.int8], state: str = "census"
) -> F32:
    """Jobs or residents that every cell reaches, or the jobs of the other side ("jobs across")."""
    if what != "jobs across":
        return reach.of(cutoff_min, what, state)
    return across(side, reach.sides, lambda name: reach.of(cutoff_min, "jobs", state, name))
