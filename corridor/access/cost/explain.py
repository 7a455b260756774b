"""Why a journey takes the control point it takes, and what the next best one costs: in minutes, and in generalised cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from corridor.access.cost.price import CostParts
from corridor.access.search.journey import Alternative, Journey, Leg, Objective
from corridor.network.loads import Travellers, extra_wait_s, for_travellers
from corridor.network.service import Checkpoint, Network


@dataclass(frozen=True)
class Parts:
    """A way through a control point, part by part, in seconds; the parts sum to its expected time.

    Attributes
    ----------
    there_s
        Up to the first clearance.
    opening_s
        Waiting until a control point opens.
    clearance_s
        Of all clearances on the way.
    onward_s
        After the first clearance.
    other_ways_s
        From the likeliest way, which the other parts describe, to the mean of all ways.
    """

    there_s: float
    opening_s: float
    clearance_s: float
    onward_s: float
    other_ways_s: float


@dataclass(frozen=True)
class Clearing:
    """Clearance at one control point for these travellers, in minutes over both sides.

    Attributes
    ----------
    mean_of_all_min
        Of all travellers on the mean day.
    group_min
        Of the group on the mean day.
    queue_min
        What the load adds to it; None where no queue is modelled.
    load
        Passengers over the mean day of 2025.
    total_min
        Of the group at that load.
    percentile_90_min
        The high end of the total.
    """

    checkpoint_id: str
    name: str
    regime: str
    mean_of_all_min: float
    group: str | None
    group_min: float
    queue_min: float | None
    load: float
    total_min: float
    percentile_90_min: float


@dataclass(frozen=True)
class CostDifference:
    """What the next best costs more, in generalised seconds, by what they are spent on; `fare_hkd` in dollars.

    Attributes
    ----------
    other_s
        Between the likeliest way and the mean of all ways.
    """

    riding_s: float
    waiting_s: float
    on_foot_s: float
    clearance_s: float
    boardings_s: float
    fare_s: float
    other_s: float
    fare_hkd: float


@dataclass(frozen=True)
class NextBest:
    """The next best control point, what it takes and costs more, and where the differences arise; seconds.

    Attributes
    ----------
    cost_s
        Generalised seconds; None where the journey was not priced.
    """

    clearing: Clearing
    time_s: float
    more_s: float
    difference: Parts
    cost_s: float | None
    more_cost_s: float | None
    cost_difference: CostDifference | None


@dataclass(frozen=True)
class NoWay:
    """A control point that is no way between the two places.

    Attributes
    ----------
    reason
        Why not.
    if_open_s
        Expected seconds by it if it never closed; None where nothing would lead there even so.
    """

    checkpoint_id: str
    reason: str
    if_open_s: float | None = None


@dataclass(frozen=True)
class Explanation:
    """The control point taken, the next best one, and those that are no way.

    Attributes
    ----------
    time_s
        Expected seconds of the journey.
    chosen
        Clearance at each control point that it passes; empty where it stays on one side.
    parts
        Of the journey; None where it stays on one side.
    objective
        Whether the journey is that of least time or of least generalised cost.
    """

    time_s: float
    chosen: tuple[Clearing, ...]
    parts: Parts | None
    next_best: NextBest | None
    no_way: tuple[NoWay, ...]
    objective: Objective = "time"


def explanation(journey: Journey, network: Network) -> Explanation:
    """Why a journey goes through its control point.

    Parameters
    ----------
    journey
        As found, with its alternatives through other control points.
    network
        That of its scenario, with the clearance of the mean of all travellers.
    """
    if not journey.checkpoints:
        return Explanation(journey.time_s, (), None, None, (), journey.objective)
    parts = _parts(journey.legs, journey.time_s, network)
    others = (a for a in journey.alternatives if a.checkpoint_id not in journey.checkpoints)
    other = next((a for a in others if a.time_s is not None), None)
    return Explanation(
        journey.time_s,
        tuple(_clearing(c, journey, network) for c in dict.fromkeys(journey.checkpoints)),
        parts,
        _next_best(other, parts, journey, network) if other else None,
        tuple(_no_ways(journey, network)),
        journey.objective,
    )


def _next_best(other: Alternative, parts: Parts, journey: Journey, network: Network) -> NextBest:
    assert other.time_s is not None
    its = _parts(other.legs, other.time_s, network)
    return NextBest(
        _clearing(other.checkpoint_id, journey, network),
        other.time_s,
        other.time_s - journey.time_s,
        Parts(*(a - b for a, b in zip(astuple(its), astuple(parts), strict=True))),
        other.cost_s,
        None if other.cost_s is None else other.cost_s - journey.cost_s,
        _cost_difference(other, journey),
    )


def _cost_difference(other: Alternative, journey: Journey) -> CostDifference | None:
    if other.cost_s is None or journey.rates is None:
        return None
    weights, its, ours = journey.rates.weights, CostParts.of(other.legs), CostParts.of(journey.legs)
    more = [a - b for a, b in zip(its.weighted(weights), ours.weighted(weights), strict=True)]
    riding, waiting, on_foot, clearance, boardings, fare = more
    rest, fare_hkd = other.cost_s - journey.cost_s - sum(more), its.fare_hkd - ours.fare_hkd
    return CostDifference(riding, waiting, on_foot, clearance, boardings, fare, rest, fare_hkd)


def _parts(legs: Sequence[Leg], time_s: float, network: Network) -> Parts:
    """A way cut at its first clearance; further clearances count as clearance too."""
    first = next((k for k, leg in enumerate(legs) if leg.checkpoint_id), len(legs))
    cut = first if first < len(legs) and _clears_before(legs[first], network) else first + 1
    clearance = sum(leg.clearance_s for leg in legs)
    spent = [(leg.kind == "clear", leg.time_s - leg.clearance_s) for leg in legs]
    opening = sum(s for clears, s in spent if clears)
    there, onward = (sum(s for clears, s in part if not clears) for part in (spent[:cut], spent[cut:]))
    return Parts(there, opening, clearance, onward, time_s - (there + opening + clearance + onward))


def _clears_before(leg: Leg, network: Network) -> bool:
    """Whether a ride with clearance clears where it begins, not where it ends."""
    clearing = {
        network.stations[stop.station_id].names.en
        for pattern in network.patterns
        for stop in pattern.stops
        if stop.clearance == leg.checkpoint_id
    }
    return leg.from_name in clearing


def _clearing(checkpoint_id: str, journey: Journey, network: Network) -> Clearing:
    base, direction, group = network.checkpoints[checkpoint_id], journey.direction, journey.group
    met = for_travellers(network, Travellers(group, journey.load), direction).checkpoints[checkpoint_id]
    group_s = base.clearance_by_group_s[direction][group] if group else base.clearance_s
    capacity_known = (
        network.clearance and extra_wait_s(base, direction, network.clearance, journey.load) is not None
    )
    return Clearing(
        checkpoint_id,
        base.names.en,
        base.regime,
        base.clearance_s / 60,
        group,
        group_s / 60,
        (met.clearance_s - group_s) / 60 if capacity_known else None,
        journey.load,
        met.clearance_s / 60,
        met.clearance_high_s / 60,
    )


def _no_ways(journey: Journey, network: Network) -> list[NoWay]:
    found = [NoWay(a.checkpoint_id, a.reason, a.if_open_s) for a in journey.alternatives if a.time_s is None]
    return found + [NoWay(c.checkpoint_id, _closed(c)) for c in network.checkpoints.values() if not c.is_open]


def _closed(point: Checkpoint) -> str:
    if point.kind == "external":
        return "leads out of the region"
    if point.status == "closed":
        return "closed in this scenario"
    return "not built in this scenario"
