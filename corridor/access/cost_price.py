"""What a way costs whose legs are known, however it was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corridor.access.cost import FareGroup
from corridor.access.cost_departure import Costing
from corridor.access.journey import Leg
from corridor.access.parameters import CostWeights
from corridor.network.compiled import CompiledNetwork


@dataclass(frozen=True)
class CostWay:
    """A way with its generalised cost; its time is expected over all ways of the strategy, its legs the likeliest."""

    cost_s: float
    time_s: float
    fare_hkd: float
    legs: tuple[Leg, ...]


def priced(time_s: float, legs: Sequence[Leg], costing: Costing, network: CompiledNetwork) -> CostWay:
    """A way of `time_s` with what its likeliest legs cost; a fare from gate to gate stands on its first ride."""
    group_of = costing.group_of_line(network)
    paid: list[Leg] = []
    first: int | None = None  # the ride that bears the fare of the group one is inside the gates of
    for leg in legs:
        if leg.kind != "ride":
            first = first if leg.kind == "walk" else None
            paid.append(replace(leg, fare_hkd=sum(ride.fare_hkd for ride in leg.buses)))
            continue
        group = costing.groups[group_of[leg.lines[0]]]
        if first is None or group_of[paid[first].lines[0]] != group_of[leg.lines[0]]:
            first = len(paid)
        paid.append(paid_at_boarding(leg, group, network))
        gate = network.index[str(paid[first].from_point)], network.index[str(leg.to_point)]
        if fare := group.fare_of(*gate):
            paid[first] = replace(paid[first], fare_hkd=fare)
    fare_hkd = sum(leg.fare_hkd for leg in paid)
    weighted_s = sum(_weighted_s(leg, costing.weights) for leg in paid)
    return CostWay(weighted_s + fare_hkd * costing.weights.s_per_hkd, time_s, fare_hkd, tuple(paid))


def paid_at_boarding(leg: Leg, group: FareGroup, network: CompiledNetwork) -> Leg:
    """A ride with the fare paid at boarding: the mean of the lines that go the same way."""
    if leg.kind != "ride":
        return leg
    boards = [
        b
        for b, line in enumerate(network.board_line)
        if line in leg.lines and network.points[network.board_point[b]] == leg.from_point
    ]
    return replace(leg, fare_hkd=float(np.mean(group.board_fare_hkd[boards])))


def _weighted_s(leg: Leg, weights: CostWeights) -> float:
    waits = leg.wait_s + sum(ride.wait_s for ride in leg.buses)
    riding = leg.in_vehicle_s + sum(ride.in_vehicle_s for ride in leg.buses)
    on_foot = max(0.0, leg.time_s - waits - riding - leg.clearance_s)
    boardings = len(leg.buses) + (leg.kind == "ride")
    return (
        riding
        + weights.wait * waits
        + weights.walk * on_foot
        + weights.clearance * leg.clearance_s
        + weights.boarding_s * boardings
    )
