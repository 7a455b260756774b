"""Why a journey takes the control point it takes, and what the next best one costs: in minutes, and in generalised cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corridor.access.cost.price import CostParts
from corridor.access.search.journey import Alternative, Journey, Leg, Objective
from corridor.network.loads import Travellers, extra_wait_s, for_travellers
from corridor.network.service import Checkpoint, Network

REGIME_WORDS = {
    "separate_walk": "separate halls, on foot",
    "separate_bus": "separate halls, bus between",
    "co_location": "co-location",
    "joint_clearance": "joint clearance",
}
GROUP_WORDS = {
    "e-channel-resident": "residents through e-channels",
    "resident": "other residents",
    "mainland-visitor": "Mainland visitors",
    "visitor": "other visitors",
}
LEAST_S = 30.0  # a smaller difference is not worth a word


@dataclass(frozen=True)
class Parts:
    """A way through a control point in seconds; `other_ways_s` takes the likeliest way to the mean of all ways."""

    there_s: float
    opening_s: float
    clearance_s: float
    onward_s: float
    other_ways_s: float


@dataclass(frozen=True)
class Clearing:
    """Clearance at one control point for these travellers; minutes. `queue_min` None: no queue is modelled."""

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
    """What the next best costs more, in generalised seconds, by what they are spent on; `fare_hkd` in dollars."""

    riding_s: float
    waiting_s: float
    on_foot_s: float
    clearance_s: float
    boardings_s: float
    fare_s: float
    other_s: float
    """Between the likeliest way and the mean of all ways."""
    fare_hkd: float


@dataclass(frozen=True)
class NextBest:
    """The next best control point, what it takes and costs more, and where the differences arise; seconds."""

    clearing: Clearing
    time_s: float
    more_s: float
    difference: Parts
    cost_s: float | None
    """Generalised seconds; None where the journey was not priced."""
    more_cost_s: float | None
    cost_difference: CostDifference | None


@dataclass(frozen=True)
class NoWay:
    """A control point that is no way, why, and what it would cost if only its hours were in the way."""

    checkpoint_id: str
    reason: str
    if_open_s: float | None = None


@dataclass(frozen=True)
class Explanation:
    """The control point taken with its parts, the next best one, and those that are no way."""

    time_s: float
    chosen: tuple[Clearing, ...]
    parts: Parts | None
    next_best: NextBest | None
    no_way: tuple[NoWay, ...]
    objective: Objective = "time"


def explanation(journey: Journey, network: Network) -> Explanation:
    """Why a journey goes as it does; `network` is that of its scenario, for the mean of all travellers."""
    if not journey.checkpoints:
        return Explanation(journey.time_s, (), None, None, (), journey.objective)
    parts = _parts(journey.legs, journey.time_s, network)
    other = next(
        (
            a
            for a in journey.alternatives
            if a.time_s is not None and a.checkpoint_id not in journey.checkpoints
        ),
        None,
    )
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
    difference = Parts(
        *(
            getattr(its, f) - getattr(parts, f)
            for f in ("there_s", "opening_s", "clearance_s", "onward_s", "other_ways_s")
        )
    )
    return NextBest(
        _clearing(other.checkpoint_id, journey, network),
        other.time_s,
        other.time_s - journey.time_s,
        difference,
        other.cost_s,
        None if other.cost_s is None else other.cost_s - journey.cost_s,
        _cost_difference(other, journey),
    )


def _cost_difference(other: Alternative, journey: Journey) -> CostDifference | None:
    if other.cost_s is None or journey.rates is None:
        return None
    weights, its, ours = journey.rates.weights, CostParts.of(other.legs), CostParts.of(journey.legs)
    more = (
        its.riding_s - ours.riding_s,
        weights.wait * (its.wait_s - ours.wait_s),
        weights.walk * (its.on_foot_s - ours.on_foot_s),
        weights.clearance * (its.clearance_s - ours.clearance_s),
        weights.boarding_s * (its.boardings - ours.boardings),
        weights.s_per_hkd * (its.fare_hkd - ours.fare_hkd),
    )
    rest = other.cost_s - journey.cost_s - sum(more)
    return CostDifference(*more, rest, its.fare_hkd - ours.fare_hkd)


def _parts(legs: Sequence[Leg], time_s: float, network: Network) -> Parts:
    """A way cut at its first clearance; further clearances count as clearance too."""
    there = opening = clearance = onward = 0.0
    cleared = False
    for leg in legs:
        clearance += leg.clearance_s
        rest = leg.time_s - leg.clearance_s
        if leg.kind == "clear":
            opening += rest
            cleared = True
        elif leg.checkpoint_id and not cleared:
            cleared = True
            if _clears_before(leg, network):
                onward += rest
            else:
                there += rest
        elif cleared:
            onward += rest
        else:
            there += rest
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
    base = network.checkpoints[checkpoint_id]
    travellers = Travellers(journey.group, journey.load)
    met = for_travellers(network, travellers, journey.direction).checkpoints[checkpoint_id]
    group_s = (
        base.clearance_by_group_s[journey.direction][journey.group] if journey.group else base.clearance_s
    )
    extra = (
        extra_wait_s(base, journey.direction, network.clearance, journey.load) if network.clearance else None
    )
    return Clearing(
        checkpoint_id,
        base.names.en,
        base.regime,
        base.clearance_s / 60,
        journey.group,
        group_s / 60,
        None if extra is None else (met.clearance_s - group_s) / 60,
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


def explanation_text(why: Explanation) -> str:
    """An explanation in plain words for a terminal."""
    if not why.chosen or why.parts is None:
        return "This journey crosses no control point."
    parts, total = why.parts, why.time_s
    lines = [f"Why {' and '.join(c.checkpoint_id for c in why.chosen)}:"]
    opening = f", wait for opening {parts.opening_s / 60:.1f}" if parts.opening_s else ""
    other = f", other ways {parts.other_ways_s / 60:+.1f}" if abs(parts.other_ways_s) >= LEAST_S else ""
    lines.append(
        f"  way there {parts.there_s / 60:.1f} min{opening}, clearance {parts.clearance_s / 60:.1f}, "
        f"way on {parts.onward_s / 60:.1f}{other}: {total / 60:.1f} min"
    )
    lines += [f"  clearance: {_clearing_text(c)}" for c in why.chosen]
    if why.next_best is None:
        lines.append("No other control point is a way at this hour.")
    else:
        lines += _next_text(why.next_best, why.objective)
    reasons: dict[str, list[str]] = {}
    for n in why.no_way:
        reasons.setdefault(n.reason + _if_open(n, total), []).append(n.checkpoint_id)
    lines += [f"No way: {', '.join(points)}: {reason}" for reason, points in reasons.items()]
    return "\n".join(lines)


def _clearing_text(c: Clearing) -> str:
    words = [f"{REGIME_WORDS.get(c.regime, c.regime)}, {c.mean_of_all_min:.1f} min for the mean of all"]
    if c.group:
        words.append(f"{GROUP_WORDS[c.group]} {c.group_min:.1f}")
    if c.queue_min is None:
        words.append("no queue modelled: capacity unknown")
    elif c.load == 1:
        words.append("the mean day's queue is in it")
    else:
        words.append(f"queue {c.queue_min:+.1f} at {c.load:g} times the mean day")
    return "; ".join(words) + f"; nine of ten within {c.percentile_90_min:.0f}"


def _next_text(best: NextBest, objective: Objective) -> list[str]:
    name = best.clearing.checkpoint_id
    time = f"{best.time_s / 60:.1f} min, {best.more_s / 60:+.1f}: {_where_in_time(best.difference)}"
    cost = _cost_text(best)
    lines = [f"Next best {name}: {cost}", f"  {time}"] if objective == "cost" and cost else []
    lines = lines or [f"Next best {name}: {time}", *([f"  {cost}"] if cost else [])]
    return [*lines, f"  clearance: {_clearing_text(best.clearing)}"]


def _cost_text(best: NextBest) -> str:
    d = best.cost_difference
    if d is None or best.cost_s is None or best.more_cost_s is None:
        return ""
    shares = (
        (d.riding_s, "more riding", "less riding", ""),
        (d.waiting_s, "more waiting", "less waiting", ""),
        (d.on_foot_s, "more walking", "less walking", ""),
        (d.clearance_s, "more clearance", "less clearance", ""),
        (d.boardings_s, "more boardings", "fewer boardings", ""),
        (d.fare_s, "a higher fare", "a lower fare", f", HK${d.fare_hkd:+.1f}"),
        (d.other_s, "fewer ways or rarer service", "more ways or denser service", ""),
    )
    words = [
        f"{more if s > 0 else less} ({s / 60:+.1f}{note})"
        for s, more, less, note in shares
        if abs(s) >= LEAST_S
    ]
    told = ", ".join(words) or "hardly any difference"
    return f"generalised cost {best.cost_s / 60:.1f} min, {best.more_cost_s / 60:+.1f}: {told}"


def _where_in_time(d: Parts) -> str:
    shares = (
        (d.there_s, "a longer way there", "a shorter way there"),
        (d.opening_s, "a wait for opening", "no wait for opening"),
        (d.clearance_s, "slower clearance", "faster clearance"),
        (d.onward_s, "a longer way on", "a shorter way on"),
        (d.other_ways_s, "fewer ways to choose from", "more ways to choose from"),
    )
    words = [f"{more if s > 0 else less} ({s / 60:+.1f})" for s, more, less in shares if abs(s) >= LEAST_S]
    return ", ".join(words) or "hardly any difference"


def _if_open(n: NoWay, best_s: float) -> str:
    if n.if_open_s is None:
        return ""
    return f" (if it never closed: {n.if_open_s / 60:.0f} min, {(n.if_open_s - best_s) / 60:+.0f})"
