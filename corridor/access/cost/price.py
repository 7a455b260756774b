"""What a way costs whose legs are known, however it was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corridor.access.cost.cost import FareGroup, Window
from corridor.access.cost.departure import Costing
from corridor.access.search.journey import Alternative, FoundWay, Journey, Leg
from corridor.access.search.parameters import CostWeights
from corridor.network.compiled import CompiledNetwork
from corridor.network.fares import Fares


@dataclass(frozen=True)
class CostWay(FoundWay):
    """A way with its generalised cost, and how the cost search found it.

    Attributes
    ----------
    chain
        (from, to, via) of the edges that it was found by: see :class:`corridor.access.cost.search.CostEdges`.
    windows
        The window that it was searched in, and that in which it ends; None where no cost search found it.
    """

    chain: tuple[tuple[int, int, int], ...] = ()
    windows: tuple[Window, Window] | None = None


@dataclass(frozen=True)
class CostParts:
    """How a way is spent, in unweighted seconds, how often one boards, and what is paid.

    Attributes
    ----------
    on_foot_s
        Walks, and the ways to and from platforms.
    clearance_s
        With ticketing.
    """

    riding_s: float
    wait_s: float
    on_foot_s: float
    clearance_s: float
    boardings: int
    fare_hkd: float

    @classmethod
    def of(cls, legs: Sequence[Leg]) -> CostParts:
        """The parts of a likeliest way; a local bus or a feeder on a leg counts as a boarding, as a ride does."""
        riding = sum(leg.in_vehicle_s + sum(r.in_vehicle_s for r in leg.buses) for leg in legs)
        waits = sum(leg.wait_s + sum(r.wait_s for r in leg.buses) for leg in legs)
        clearance = sum(leg.clearance_s + leg.ticketing_s for leg in legs)
        on_foot = max(0.0, sum(leg.time_s for leg in legs) - riding - waits - clearance)
        boardings = sum(len(leg.buses) + (leg.kind == "ride" or leg.by_feeder) for leg in legs)
        return cls(riding, waits, on_foot, clearance, boardings, sum(leg.fare_hkd for leg in legs))

    def weighted(self, weights: CostWeights) -> tuple[float, ...]:
        """Each part in generalised seconds: riding, waiting, on foot, clearance, boardings and fare, in this order."""
        return (
            self.riding_s,
            weights.wait * self.wait_s,
            weights.walk * self.on_foot_s,
            weights.clearance * self.clearance_s,
            weights.boarding_s * self.boardings,
            weights.s_per_hkd * self.fare_hkd,
        )

    def weighted_s(self, weights: CostWeights) -> float:
        """Generalised seconds."""
        return sum(self.weighted(weights))


def priced(time_s: float, legs: Sequence[Leg], costing: Costing, network: CompiledNetwork) -> CostWay:
    """A way of `time_s` with what its likeliest legs cost; a fare from gate to gate counts on its first ride.

    Where lines of several tariffs share a wait, the tariff of most stations counts.
    """
    group_of = costing.group_of_line(network)
    paid: list[Leg] = []
    first: int | None = None  # the ride that bears the fare of the group one is inside the gates of
    inside = -1
    for leg in legs:
        if leg.kind != "ride":
            first = first if leg.kind == "walk" else None
            buses_hkd = sum(ride.fare_hkd for ride in leg.buses)
            paid.append(replace(leg, fare_hkd=costing.feeder_fare_hkd if leg.by_feeder else buses_hkd))
            continue
        tariff = max((group_of[line] for line in leg.lines), key=lambda g: costing.groups[g].points.size)
        group = costing.groups[tariff]
        if first is None or tariff != inside:
            first, inside = len(paid), tariff
        paid.append(paid_at_boarding(leg, group, network))
        gate = network.index[str(paid[first].from_point)], network.index[str(leg.to_point)]
        if fare := group.fare_of(*gate):
            paid[first] = replace(paid[first], fare_hkd=fare)
    parts = CostParts.of(paid)
    return CostWay(time_s, tuple(paid), parts.weighted_s(costing.weights), parts.fare_hkd)


def paid_at_boarding(leg: Leg, group: FareGroup, network: CompiledNetwork) -> Leg:
    """A ride with the fare paid at boarding: the mean of the lines that go the same way."""
    if leg.kind != "ride":
        return leg
    here = np.flatnonzero(network.board_point == network.index[str(leg.from_point)])
    boards = [b for b in here if network.board_line[b] in leg.lines]
    return replace(leg, fare_hkd=float(np.mean(group.board_fare_hkd[boards])))


def priced_journey(journey: Journey, costing: Costing, network: CompiledNetwork) -> Journey:
    """The soonest journey with what it costs, and what the ways through other control points cost.

    Parameters
    ----------
    journey
        As found by time alone.
    costing
        Weights and fares.
    network
        The compiled network that it was found on.
    """
    way = priced(journey.time_s, journey.legs, costing, network)

    def alternative(other: Alternative) -> Alternative:
        if other.time_s is None:
            return other
        its = priced(other.time_s, other.legs, costing, network)
        return replace(other, legs=its.legs, cost_s=its.cost_s, fare_hkd=its.fare_hkd)

    others = tuple(alternative(a) for a in journey.alternatives)
    return replace(journey, legs=way.legs, alternatives=others, cost_s=way.cost_s, fare_hkd=way.fare_hkd)


def with_assumed(legs: Sequence[Leg], fares: Fares) -> tuple[Leg, ...]:
    """Mark the legs whose fare is an assumption: of a line, of a pair of stations, or of the feeder.

    Parameters
    ----------
    legs
        Of one way, with their fares.
    fares
        Of the scenario.
    """
    return tuple(
        replace(leg, fare_assumed=leg.fare_hkd > 0 and _is_assumed(legs, k, fares))
        for k, leg in enumerate(legs)
    )


def _is_assumed(legs: Sequence[Leg], k: int, fares: Fares) -> bool:
    leg = legs[k]
    if leg.kind != "ride":
        return leg.by_feeder
    if any(fares.lines[line].assumed for line in leg.lines):
        return True
    tariffs = [t for line in leg.lines if (t := fares.matrix_of(line))]
    if not tariffs:
        return False
    tariff = max(tariffs, key=lambda t: len(fares.tariffs[t].index))
    end = leg.to_point
    for other in legs[k + 1 :]:  # as far as this fare leads
        if other.fare_hkd or other.kind not in {"ride", "walk"}:
            break
        if other.kind == "ride":
            end = other.to_point
    return fares.is_assumed(tariff, str(leg.from_point), str(end))
