"""Access on one network: by hour, to hospitals, between hubs, by cost. What scenarios share is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corridor.access.cost.cost import cost_weights, fare_groups
from corridor.access.cost.departure import CostDeparture, Costing
from corridor.access.cost.hubs import cost_hub_table
from corridor.access.journeys.tables import hub_table
from corridor.access.reach.gravity import Gravity, gravity_from_cells
from corridor.access.reach.minutes import minutes_to_places
from corridor.access.reach.reach import Reach, reach_from_cells
from corridor.access.search.departure import Departure, with_clearance
from corridor.access.search.journey import LIMIT_S
from corridor.access.search.parameters import CostWeights
from corridor.access.surroundings.base import BaseLayer
from corridor.network.compiled import CompiledNetwork
from corridor.network.fares import CostParameters
from corridor.network.loads import Travellers
from corridor.study.clock import service_clock
from corridor.study.network import ScenarioNetwork

if TYPE_CHECKING:
    from corridor.study.study import Study

F32 = NDArray[np.float32]
Counted = Literal["jobs", "residents", "jobs across"]
COUNTED: tuple[Counted, ...] = get_args(Counted)
HUB_COLUMNS = (
    "hour", "from_place", "to_place", "minutes", "minutes_low", "minutes_high", "soonest_checkpoint_id", "cost_min",
    "cost_low_min", "cost_high_min", "cost_way_min", "fare_hkd", "checkpoint_id",
)  # fmt: skip


@dataclass(frozen=True)
class KnownAccess:
    """What was worked out in this process, by the network's fingerprint and the hour."""

    at_hour: dict[tuple[str, str], tuple[Reach, F32]] = field(default_factory=dict)
    hospitals: dict[tuple[str, str], F32] = field(default_factory=dict)
    gravity: dict[tuple[str, str, str], Gravity] = field(default_factory=dict)
    """By network, costs and hour."""
    costed: dict[CostWeights, BaseLayer] = field(default_factory=dict)


def costing_of(
    study: Study, net: ScenarioNetwork, travellers: Travellers, value_of_time_hkd_h: float | None
) -> Costing:
    """See :meth:`corridor.study.study.Study.costing`."""
    fares, known = net.network.fares, study.known.costed
    parameters = fares.cost if fares else CostParameters()
    weights = cost_weights(parameters, value_of_time_hkd_h or parameters.of(travellers.group))
    feeder_hkd = fares.feeder_hkd if fares else 0.0
    if weights not in known:
        known[weights] = study.base.costed(weights, feeder_hkd)
    return Costing(fare_groups(net.network, net.compiled), weights, known[weights], feeder_hkd)


def access_at(study: Study, compiled: CompiledNetwork, hour: str) -> tuple[Reach, F32]:
    """Opportunities within each cut-off for every cell, and minutes (hub, cell), NaN where a hub is not reached."""
    known, key = study.known.at_hour, (compiled.fingerprint, hour)
    if key not in known:
        asked, base = study.parameters, study.base
        longest_min = max(*asked.cutoffs_min, asked.hub_limit_min)
        far = base.departure(compiled, service_clock(hour), 60.0 * longest_min, asked.fixed_wait)
        near = far.within(60.0 * max(asked.cutoffs_min))
        minutes = minutes_to_places(far, base, [place for _, place in study.hubs])
        reached = reach_from_cells(near, base, asked.cutoffs_min, keep=False)
        known[key] = reached.reach(hour, asked.cutoffs_min), minutes
    return known[key]


def hospital_minutes(study: Study, compiled: CompiledNetwork) -> F32:
    """Minutes of each cell to the nearest hospital at the first hour, NaN where none is reached or known."""
    asked, hospitals = study.parameters, study.gazetteer.hospitals
    if not hospitals:
        return np.full(len(study.cells.region), np.nan, dtype=np.float32)
    known, key = study.known.hospitals, (compiled.fingerprint, asked.hours[0])
    if key not in known:
        limit_s = 60.0 * asked.hub_limit_min
        departure = study.base.departure(compiled, service_clock(key[1]), limit_s, asked.fixed_wait)
        known[key] = np.fmin.reduce(minutes_to_places(departure, study.base, hospitals))
    return known[key]


def gravity_at(study: Study, compiled: CompiledNetwork, costing: Costing, hour: str) -> Gravity:
    """Opportunities of every cell, each counted less the dearer the way to it."""
    known, key = study.known.gravity, (compiled.fingerprint, costing.fingerprint, hour)
    if key not in known:
        asked = study.parameters
        runs_s = 60.0 * max(asked.cutoffs_min)
        departure = Departure(compiled, service_clock(hour), runs_s, asked.fixed_wait)
        known[key] = gravity_from_cells(CostDeparture(departure, costing), asked.gravity_per_min)
    return known[key]


def hub_minutes(study: Study, net: ScenarioNetwork, costing: Costing) -> pd.DataFrame:
    """:data:`HUB_COLUMNS` for each pair of hubs and hour: at mean clearance, with low and high clearance beside it."""
    compiled, base, hubs = net.compiled, study.base, study.hubs
    points = [net.network.checkpoints[c] for c in compiled.cp_ids]
    low = np.array([p.clearance_low_s for p in points], dtype=np.float32)
    high = np.array([p.clearance_high_s for p in points], dtype=np.float32)
    fixed_wait = study.parameters.fixed_wait
    frames = []
    for hour in study.parameters.hours:
        start = service_clock(hour)
        departure = base.departure(compiled, start, LIMIT_S, fixed_wait)
        around = {hub: base.surroundings(departure, place) for hub, place in hubs}
        mean, fast, slow = (
            hub_table(d, base, hubs, around)
            for d in (departure, with_clearance(departure, low), with_clearance(departure, high))
        )
        leaving = CostDeparture(Departure(compiled, start, LIMIT_S, fixed_wait), costing)
        costs = cost_hub_table(leaving, net.network, departure.network, base, hubs, (low, high))
        times = mean.rename(columns={"checkpoint_id": "soonest_checkpoint_id"}).assign(
            hour=hour, minutes_low=fast["minutes"], minutes_high=slow["minutes"]
        )
        frames.append(times.merge(costs, on=["from_place", "to_place"], validate="one_to_one"))
    return pd.concat(frames, ignore_index=True)[list(HUB_COLUMNS)]


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
