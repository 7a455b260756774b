"""Trips on another network or land state: what a change of costs, people or queues makes of the counted passengers.

Totals, for a segment in one direction, from the base (b) to a scenario (s), with W the sum of H_i O_j exp(-beta L_ij):

    T_s = T_b  W(land_s, cost_b) / W(land_b, cost_b)  [W(land_s, cost_s) / W(land_s, cost_b)] ^ eta

so that trips grow in proportion to those who may make them, and are elastic to cost by the log-sum. The elasticity e to
generalised cost that is assumed gives eta = -e / (beta mean cost), between 0 (a fixed total) and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corridor.demand.logit import Flows
from corridor.demand.model import Calibrated, Key, NetworkCosts
from corridor.demand.segments import DIRECTIONS, LandUse

F64 = NDArray[np.float64]
Queue = Callable[[F64], F64]
"""From loads (direction, gate) to minutes beyond what the costs contain (direction, gate)."""
MOST_ROUNDS = 200
QUEUE_TOLERANCE_MIN = 0.05
NEARER, FARTHER = 0.1, 1.5
"""Added to the divisor of the step after a round that came nearer, and after one that did not."""


@dataclass(frozen=True)
class Demand:
    """Trips a day on one network and land state, with the queue that they cause and meet."""

    base: Calibrated = field(repr=False)
    costs: NetworkCosts = field(repr=False)
    land: LandUse = field(repr=False)
    flows: Mapping[Key, Flows] = field(repr=False)
    queue_min: F64
    """(direction, gate) beyond what the mean day of the counts waits."""
    rounds: int
    gap_min: float
    """Largest difference between the queue that travellers expect and the one that they cause."""

    @property
    def gates(self) -> tuple[str, ...]:
        """Control point of each gate."""
        return self.costs.gates

    def loads(self, group: str | None = None) -> F64:
        """(direction, gate) trips a day, of one traveller group or of all."""
        found = np.zeros((len(DIRECTIONS), len(self.gates)))
        for (segment, d), flow in self.flows.items():
            if group in (None, segment.group):
                found[d] += flow.by_gate
        return found

    @property
    def total(self) -> float:
        """All trips a day, both directions."""
        return float(self.loads().sum())


def predict(
    base: Calibrated, costs: NetworkCosts, land: LandUse, queue: Queue, *, elastic: bool = True
) -> Demand:
    """Trips with choice, totals and queues at a fixed point, by averaging the queues that they meet and those they cause.

    The step is self-regulated (Liu, He and He 2009, Transportmetrica 5(2)): it stays long while the two come nearer. A longer queue sends travellers away and a shorter one draws them, so there is one fixed point. Where no gate leads
    between the sides, nobody travels.
    """
    model = base.model
    grown = (
        base.flows
        if land is base.land
        else model.flows(base.costs, land, base.extra_min(base.costs, base.queue_min))
    )
    queue_min = np.zeros((len(DIRECTIONS), len(costs.gates)))
    divisor, last = 1.0, np.inf
    for n in range(1, MOST_ROUNDS + 1):
        unscaled = model.flows(costs, land, base.extra_min(costs, queue_min))
        found = {key: f.scaled(_factor(base, grown[key], f, key, elastic)) for key, f in unscaled.items()}
        demand = Demand(base, costs, land, found, queue_min, n, 0.0)
        apart = queue(demand.loads()) - queue_min
        gap = float(np.abs(apart).max(initial=0.0))
        if gap < QUEUE_TOLERANCE_MIN:
            break
        divisor += NEARER if gap < last else FARTHER
        last = gap
        queue_min = queue_min + apart / divisor
    return Demand(base, costs, land, found, demand.queue_min, n, gap)


def _factor(base: Calibrated, grown: Flows, found: Flows, key: Key, elastic: bool) -> float:
    """What the unscaled trips of a segment are multiplied by."""
    segment, d = key
    counted = segment.share * base.counts.total(segment.counted_as, d)
    if not (found.weight > 0 and counted > 0):
        return 0.0
    growth = grown.weight / base.flows[key].weight
    drawn = (found.weight / grown.weight) ** elasticity_share(base, key) if elastic else 1.0
    return float(counted * growth * drawn / found.weight)


def elasticity_share(base: Calibrated, key: Key) -> float:
    """eta: the part of the log-sum's change that totals follow, from the assumed elasticity to generalised cost."""
    assumed, flow = base.model.assumptions, base.flows[key]
    used = flow.trips > 0
    if not used.any():
        return 0.0
    mean_cost_min = float(np.average(flow.logsum_min[used], weights=flow.trips[used]))
    steep = assumed.scales.destination_per_min * mean_cost_min
    return float(np.clip(-assumed.elasticity / steep, 0.0, 1.0)) if steep > 0 else 0.0
