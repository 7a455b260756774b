"""Trips on another network or land state: what a change of costs, people or queues makes of the counted passengers.

With H_i who lives in a home zone, A_i its accessibility (:class:`corridor.demand.model.Model`) and T the counted passengers of
a segment in one direction, its home zones make, from the base (b) to a scenario (s),

    T_i,s = T  H_i,s A_i,b / (sum of H_b A_b)  (A_i,s / A_i,b) ^ eta,

so that trips grow with those who live there, are elastic to what they can reach, and stay where nothing changes. The
assumed elasticity e to generalised cost gives eta = -e / (beta mean cost), between 0 (fixed totals) and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from corridor.core.errors import CorridorError
from corridor.demand.logit import Flows
from corridor.demand.model import Calibrated, Key, NetworkCosts, Settled
from corridor.demand.segments import DIRECTIONS, LandUse

F64 = NDArray[np.float64]
Queue = Callable[[F64], F64]
"""From loads (direction, gate) to minutes beyond what the costs contain (direction, gate)."""
MOST_ROUNDS = 200
QUEUE_TOLERANCE_MIN = 0.05
QUEUE = "queue"
NEARER, FARTHER = 0.1, 1.5
"""Added to the divisor of the step after a round that came nearer, and after one that did not."""


@dataclass(frozen=True)
class Demand:
    """Trips a day on one network and land state, with the queue that they cause and meet."""

    base: Calibrated = field(repr=False)
    costs: NetworkCosts = field(repr=False)
    land: LandUse = field(repr=False)
    flows: Mapping[Key, Flows] = field(repr=False)
    accessibility: Mapping[Key, F64] = field(repr=False)
    """(home zone,) of every segment and direction; (home zone, away zone) where trips between zones are given."""
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
        """Trips through each gate.

        Parameters
        ----------
        group
            A traveller group; None for all together.

        Returns
        -------
        ndarray of float, shape (direction, gate)
            Trips a day.
        """
        found = np.zeros((len(DIRECTIONS), len(self.gates)))
        for (segment, d), flow in self.flows.items():
            if group in (None, segment.group):
                found[d] += flow.by_gate
        return found

    @property
    def settled(self) -> Settled:
        """The queue, from which :func:`predict` finds all of this again."""
        return Settled({QUEUE: self.queue_min}, self.rounds)

    @property
    def total(self) -> float:
        """All trips a day, both directions."""
        return float(self.loads().sum())


def predict(
    base: Calibrated, costs: NetworkCosts, land: LandUse, queue: Queue, *, elastic: bool = True,
    start: Settled | None = None,
) -> Demand:  # fmt: skip
    """Trips with choice, totals and queues at a fixed point, by averaging the queues that they meet and those they cause.

    The step is self-regulated (Liu, He and He 2009, Transportmetrica 5(2)): it stays long while the two come nearer. A longer
    queue sends travellers away and a shorter one draws them, so there is one fixed point. Where no gate leads between the sides,
    nobody travels. `start` is where the same prediction ended before.
    """
    model = base.model
    trips = {key: home_trips(base, land, key) for key in model.keys}
    queue_min = start.at[QUEUE] if start else np.zeros((len(DIRECTIONS), len(costs.gates)))
    divisor, last = 1.0, np.inf
    for n in range(start.rounds if start else 1, MOST_ROUNDS + 1):
        extra = base.extra_min(costs, queue_min)

        def one(key: Key) -> tuple[F64, Flows]:
            choice = model.choice(costs, extra[key], key)  # noqa: B023 - used at once
            access = model.accessibility(choice, land, key)
            return access, model.flows(choice, land, key, trips[key](access, elastic))

        found = model.for_all(one)
        flows = {key: flow for key, (_, flow) in found.items()}
        demand = Demand(
            base, costs, land, flows, {key: a for key, (a, _) in found.items()}, queue_min, n, 0.0
        )
        apart = queue(demand.loads()) - queue_min
        gap = float(np.abs(apart).max(initial=0.0))
        if gap < QUEUE_TOLERANCE_MIN:
            return replace(demand, gap_min=gap)
        del demand, flows, found  # trips between zones are large: those of one round at a time
        divisor += NEARER if gap < last else FARTHER
        last = gap
        queue_min = queue_min + apart / divisor
    what = f"queue and choice are {gap:.2f} min apart after {MOST_ROUNDS} rounds"
    raise CorridorError.at(
        "demand", what, f"less than {QUEUE_TOLERANCE_MIN} min", "check capacities and counts"
    )


def home_trips(base: Calibrated, land: LandUse, key: Key) -> Callable[[F64, bool], F64]:
    """What a segment's home zones make, as a function of what they reach (formula: see the module).

    Parameters
    ----------
    base
        The calibrated model.
    land
        Who lives where in the state looked at.
    key
        Segment and direction.

    Returns
    -------
    callable
        From accessibility A_i,s, shape (home zone,), and whether totals are elastic, to trips a day in the same shape. Both are
        of pairs where trips between zones are given (:mod:`.pairs`).
        With fixed totals a zone keeps its trips as long as it reaches anything; one that reached nothing in the base makes
        none.
    """
    before = base.accessibility[key]
    fixed = base.model.made(key, before, base.passengers(key), base.land, land)
    eta = elasticity_share(base, key)

    def of(accessibility: F64, elastic: bool) -> F64:
        ratio = np.divide(accessibility, before, out=np.zeros_like(before), where=before > 0)
        return np.asarray(fixed * (ratio**eta if elastic else ratio > 0))

    return of


def elasticity_share(base: Calibrated, key: Key) -> float:
    """eta, the power of accessibility that trips follow: ``-e / (beta mean cost)``.

    For a cost c that changes everywhere by the same share, A goes about with exp(-beta c), so this eta gives trips the assumed
    elasticity e to generalised cost at the base.

    Returns
    -------
    float
        Between 0 (fixed totals) and 1.
    """
    assumed = base.model.assumptions
    steep = assumed.scales.destination_per_min * base.mean_cost_min(key)
    return float(np.clip(-assumed.elasticity / steep, 0.0, 1.0)) if steep > 0 else 0.0
