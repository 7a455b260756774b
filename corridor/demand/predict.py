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
from typing import NamedTuple

import numpy as np

from corridor.core.arrays import BOOL, F64
from corridor.core.errors import CorridorError
from corridor.demand.logit import Flows
from corridor.demand.model import Calibrated, Key, NetworkCosts, Settled
from corridor.demand.segments import DIRECTIONS, LandUse

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
    def new_gates(self) -> BOOL:
        """(gate,) whether a gate was not counted."""
        return np.array([gate not in self.base.costs.gates for gate in self.gates], dtype=bool)

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
    travel = _Travel.of(base, costs, land, elastic)
    found = travel.whole(start.at[QUEUE], start.rounds) if start else None
    if found is None or (gap := _gap(queue, found.loads(), found.queue_min)) >= QUEUE_TOLERANCE_MIN:
        queue_min, rounds, gap = travel.settle(queue)
        found = travel.whole(queue_min, rounds)
    return replace(found, gap_min=gap)


def predict_loads(base: Calibrated, costs: NetworkCosts, land: LandUse, queue: Queue) -> F64:
    """Trips through each gate alone, (direction, gate): those of :func:`predict`, in half its time and without its memory."""
    travel = _Travel.of(base, costs, land, elastic=True)
    return travel.loads(travel.settle(queue)[0])


class _Travel(NamedTuple):
    """Who travels on one network and land state, as a function of the queues."""

    base: Calibrated
    costs: NetworkCosts
    land: LandUse
    trips: Mapping[Key, Callable[[F64], F64]]

    @classmethod
    def of(cls, base: Calibrated, costs: NetworkCosts, land: LandUse, elastic: bool) -> _Travel:
        trips = {key: home_trips(base, land, key, elastic) for key in base.model.keys}
        return cls(base, costs, land, trips)

    def settle(self, queue: Queue) -> tuple[F64, int, float]:
        """The queue (direction, gate) that travellers cause where they expect it, rounds that this took, and the gap in minutes."""
        queue_min = np.zeros((len(DIRECTIONS), len(self.costs.gates)))
        divisor, last = 1.0, np.inf
        for n in range(1, MOST_ROUNDS + 1):
            loads = self.loads(queue_min)
            gap = _gap(queue, loads, queue_min)
            if gap < QUEUE_TOLERANCE_MIN:
                return queue_min, n, gap
            divisor += NEARER if gap < last else FARTHER
            last = gap
            queue_min = queue_min + (queue(loads) - queue_min) / divisor
        what = f"queue and choice are {gap:.2f} min apart after {MOST_ROUNDS} rounds"
        raise CorridorError.at(
            "demand", what, f"less than {QUEUE_TOLERANCE_MIN} min", "check capacities and counts"
        )

    def loads(self, queue_min: F64) -> F64:
        """Trips through each gate, (direction, gate), where travellers expect these queues."""
        model, extra = self.base.model, self.base.extra_min(self.costs, queue_min)

        def one(key: Key) -> F64:
            choice = model.choice(self.costs, extra[key], key)
            return model.loads(choice, self.land, key, self.trips[key])

        found = np.zeros_like(queue_min)
        for (_, d), by_gate in model.for_all(one).items():
            found[d] += by_gate
        return found

    def whole(self, queue_min: F64, rounds: int) -> Demand:
        """All trips, where travellers expect these queues."""
        model, extra = self.base.model, self.base.extra_min(self.costs, queue_min)

        def one(key: Key) -> tuple[F64, Flows]:
            choice = model.choice(self.costs, extra[key], key)
            access = model.accessibility(choice, self.land, key)
            return access, model.flows(choice, self.land, key, self.trips[key](access))

        found = model.for_all(one)
        flows = {key: flow for key, (_, flow) in found.items()}
        access = {key: a for key, (a, _) in found.items()}
        return Demand(self.base, self.costs, self.land, flows, access, queue_min, rounds, 0.0)


def _gap(queue: Queue, loads: F64, queue_min: F64) -> float:
    """Largest minutes between the queue that travellers cause and the one that they expect."""
    return float(np.abs(queue(loads) - queue_min).max(initial=0.0))


def home_trips(base: Calibrated, land: LandUse, key: Key, elastic: bool) -> Callable[[F64], F64]:
    """What a segment's home zones make, as a function of what they reach (formula: see the module).

    Parameters
    ----------
    base
        The calibrated model.
    land
        Who lives where in the state looked at.
    key
        Segment and direction.
    elastic
        Whether totals follow accessibility.

    Returns
    -------
    callable
        From accessibility A_i,s, shape (home zone,), to trips a day in the same shape. Both are of pairs where trips between
        zones are given (:mod:`.pairs`).
        With fixed totals a zone keeps its trips as long as it reaches anything; one that reached nothing in the base makes
        none.
    """
    before = base.accessibility[key]
    fixed = base.model.made(key, before, base.passengers(key), base.land, land)
    eta = elasticity_share(base, key)

    def of(accessibility: F64) -> F64:
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
