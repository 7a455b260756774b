"""The demand of one network: constants that make a nested logit over control points reproduce passenger counts.

The counts themselves are not modelled: constants of each gate make the base model equal to them, so that what is applied
to them elsewhere (:mod:`.predict`) is a change alone (Ortuzar and Willumsen 2011, section 9.4, incremental logit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corridor.demand.logit import Classes, Costs, Flows, Scales, flows
from corridor.demand.segments import DIRECTIONS, Ends, LandUse, Segment, ends_of

F64 = NDArray[np.float64]
THREADS = 2
ROUNDS = 60
COUNT_TOLERANCE = 1e-6
"""Of the passengers of a counted group, by which a gate may miss its count."""


@dataclass(frozen=True)
class NetworkCosts:
    """What ways through each gate cost, in generalised minutes at the mean value of time, and their fares.

    Arrays are (gate, zone) over all zones; infinite (cost, fare, length) where there is no way.
    """

    gates: tuple[str, ...]
    """Control point of each gate."""
    site: NDArray[np.int64]
    """Site of each gate: gates at one site are nested."""
    to_gate_min: F64
    from_gate_min: F64
    to_gate_hkd: F64
    from_gate_hkd: F64
    modes: tuple[str, ...]
    to_gate_km: F64
    """(mode, gate, zone) on vehicles of the network, as the crow flies from ride to ride; so is `from_gate_km`."""
    from_gate_km: F64

    def of(self, direction: int, sides: Sequence[NDArray[np.int64]], min_per_hkd: float) -> Costs:
        """Costs of one direction, with fares counted by so many more minutes a dollar than at the mean value of time."""
        origin, destination = sides[direction], sides[1 - direction]
        to_gate = self.to_gate_min + min_per_hkd * _finite(self.to_gate_hkd)
        from_gate = self.from_gate_min + min_per_hkd * _finite(self.from_gate_hkd)
        return Costs(
            np.ascontiguousarray(to_gate[:, origin]),
            np.ascontiguousarray(from_gate[:, destination]),
            self.site,
        )


def _finite(values: F64) -> F64:
    return np.where(np.isfinite(values), values, 0.0)


@dataclass(frozen=True)
class Assumptions:
    """What the model assumes beside the segments; see layers/demand/parameters.csv."""

    scales: Scales
    elasticity: float
    """Of all trips to generalised cost; 0 or less."""
    mean_value_of_time_hkd_h: float
    """At which the ways were searched."""
    new_gate_constant_min: float = 0.0
    """Of a gate that was not counted; the share-weighted mean of the counted ones is 0."""


Key = tuple[Segment, int]
"""A segment and a direction: 0 northbound, 1 southbound."""


@dataclass(frozen=True)
class Model:
    """Segments, zones and sensitivities: everything but costs and counts."""

    segments: tuple[Segment, ...]
    sides: tuple[NDArray[np.int64], NDArray[np.int64]]
    """Zones of the south and of the north."""
    zone_class: NDArray[np.int64]
    """Of every zone: by which trips are added up, such as thirds of the boundary."""
    assumptions: Assumptions

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every segment in both directions."""
        return tuple((segment, d) for segment in self.segments for d in range(len(DIRECTIONS)))

    def ends(self, segment: Segment, land: LandUse) -> Ends:
        """Home and away ends of a segment."""
        return ends_of(segment, land, self.sides)

    def flows(self, costs: NetworkCosts, land: LandUse, extra_min: Mapping[Key, F64]) -> dict[Key, Flows]:
        """Unscaled trips of every segment and direction; `extra_min` (gate,) is added to their costs."""

        def one(key: Key) -> Flows:
            segment, direction = key
            ends = self.ends(segment, land)
            outward = direction == segment.home
            pair = (ends.home, ends.away) if outward else (ends.away, ends.home)
            mean = self.assumptions.mean_value_of_time_hkd_h
            dearer = 60 / segment.value_of_time_hkd_h - 60 / mean
            here, there = (self.zone_class[self.sides[d]] for d in (direction, 1 - direction))
            by_way = costs.of(direction, self.sides, dearer)
            return flows(by_way, extra_min[key], pair, self.assumptions.scales, Classes(here, there))

        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(self.keys, pool.map(one, self.keys), strict=True))


@dataclass(frozen=True)
class Counts:
    """Passengers a day: (direction, gate) for each counted group."""

    by_group: Mapping[str, F64]

    def total(self, group: str, direction: int) -> float:
        """All gates together."""
        return float(self.by_group[group][direction].sum())


@dataclass(frozen=True)
class Calibrated:
    """A model whose constants reproduce counts on one network.

    `constant_min[group]` is (direction, gate): what a gate costs beside what is modelled, in generalised minutes; the
    mean over the passengers is 0. A large one names a variable that is missing.
    """

    model: Model
    costs: NetworkCosts
    land: LandUse
    counts: Counts
    constant_min: Mapping[str, F64]
    queue_min: F64
    """(direction, gate) of the counted day, beyond the mean day's."""
    flows: Mapping[Key, Flows] = field(repr=False)
    """Scaled to the counts."""

    def queue_of(self, costs: NetworkCosts) -> F64:
        """The queues of the counted day (direction, gate) at the gates of another network; 0 at new ones."""
        known = dict(zip(self.costs.gates, self.queue_min.T, strict=True))
        none = np.zeros(len(DIRECTIONS))
        return np.stack([known.get(gate, none) for gate in costs.gates], axis=1)

    def extra_min(self, costs: NetworkCosts, queue_min: F64, model: Model | None = None) -> dict[Key, F64]:
        """Constants and queue (direction, gate) for the gates of another network, and the segments of another model."""
        found = {}
        for segment, d in (model or self.model).keys:
            known = dict(zip(self.costs.gates, self.constant_min[segment.counted_as][d], strict=True))
            new = self.model.assumptions.new_gate_constant_min
            constant = np.array([known.get(gate, new) for gate in costs.gates])
            found[segment, d] = constant + queue_min[d]
        return found


def calibrate(
    model: Model, costs: NetworkCosts, land: LandUse, counts: Counts, queue_min: F64 | None = None
) -> Calibrated:
    """Constants by iterative proportional scaling: each round adds ln(model / count) / mu to every gate.

    `queue_min` (direction, gate) is what the queues of the counted day add to the costs. A gate with no passengers gets an
    infinite constant; passengers of a gate that no modelled way reaches are left out of the counts.
    """
    counts = _reached(counts, costs, model)
    mu = model.assumptions.scales.site_per_min
    queue = np.zeros((len(DIRECTIONS), len(costs.gates))) if queue_min is None else queue_min
    constant = {g: np.where(n > 0, 0.0, np.inf) for g, n in counts.by_group.items()}
    for _ in range(ROUNDS):
        extra = {(s, d): constant[s.counted_as][d] + queue[d] for s, d in model.keys}
        found = _scaled_to(counts, model.flows(costs, land, extra))
        worst = 0.0
        for group, counted in counts.by_group.items():
            for d in range(len(DIRECTIONS)):
                if not (whole := counted[d].sum()) > 0:
                    continue
                modelled = _through_gates(found, group, d, len(costs.gates))
                used = counted[d] > 0
                worst = max(worst, float(np.abs(modelled - counted[d]).max() / whole))
                ratio = np.maximum(modelled[used], 1e-12 * whole) / counted[d][used]
                constant[group][d][used] += np.log(ratio) / mu
                constant[group][d][used] -= np.average(constant[group][d][used], weights=counted[d][used])
        if worst < COUNT_TOLERANCE:
            break
    return Calibrated(model, costs, land, counts, constant, queue, found)


def _reached(counts: Counts, costs: NetworkCosts, model: Model) -> Counts:
    """The counts without the passengers of gates that no way leads to, or on from."""
    open_ways = []
    for d in range(len(DIRECTIONS)):
        origin, destination = model.sides[d], model.sides[1 - d]
        to_gate = np.isfinite(costs.to_gate_min[:, origin]).any(axis=1)
        open_ways.append(to_gate & np.isfinite(costs.from_gate_min[:, destination]).any(axis=1))
    return Counts({group: np.where(open_ways, counted, 0.0) for group, counted in counts.by_group.items()})


def _scaled_to(counts: Counts, unscaled: Mapping[Key, Flows]) -> dict[Key, Flows]:
    """Each segment's share of its counted group's passengers."""
    found = {}
    for (segment, d), flow in unscaled.items():
        total = segment.share * counts.total(segment.counted_as, d)
        found[segment, d] = flow.scaled(total / flow.weight if flow.weight > 0 else 0.0)
    return found


def _through_gates(found: Mapping[Key, Flows], group: str, direction: int, gates: int) -> F64:
    parts = [f.by_gate for (s, d), f in found.items() if s.counted_as == group and d == direction]
    return np.asarray(sum(parts, np.zeros(gates)))
