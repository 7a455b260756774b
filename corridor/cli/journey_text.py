"""A journey, and why it takes its control point, as texts and tables for a terminal, and as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from corridor.access.cost.choices import Choice
from corridor.access.cost.explain import Clearing, CostDifference, Explanation, NextBest, NoWay, Parts
from corridor.access.cost.price import CostParts
from corridor.access.journeys.spread import Spread
from corridor.access.search.journey import Alternative, BusRide, Journey, Leg, Objective, clock_text
from corridor.cli.terminal import table
from corridor.drawing.i18n import term

LEAST_S = 30.0  # a smaller difference is not worth a word
ASSUMED = "* assumed fare"
TIME_WORDS = {
    "there_s": ("a longer way there", "a shorter way there"),
    "opening_s": ("a wait for opening", "no wait for opening"),
    "clearance_s": ("slower clearance", "faster clearance"),
    "onward_s": ("a longer way on", "a shorter way on"),
    "other_ways_s": ("fewer ways to choose from", "more ways to choose from"),
}
COST_WORDS = {
    "riding_s": ("more riding", "less riding"),
    "waiting_s": ("more waiting", "less waiting"),
    "on_foot_s": ("more walking", "less walking"),
    "clearance_s": ("more clearance", "less clearance"),
    "boardings_s": ("more boardings", "fewer boardings"),
    "fare_s": ("a higher fare", "a lower fare"),
    "other_s": ("fewer ways or rarer service", "more ways or denser service"),
}


def journey_parts(journey: Journey) -> list[object]:
    """Legs with clock times and fares, the cost of the journey, and the alternative at every other control point."""
    fare = f", {_both(journey)}" if _has_fares(journey) else ""
    parts: list[object] = [
        f"{journey.origin} to {journey.destination}, {journey.scenario_id}, leaving {clock_text(journey.depart_clock_s)}: "
        f"{journey.time_s / 60:.0f} min (expected{_travellers(journey)}){fare}",
        table(_leg_rows(journey), "lrll", indent=2),
        *_costs(journey),
        *_control_points(journey),
    ]
    others = any(other.fare_assumed for other in journey.alternatives)
    if others or any(leg.fare_assumed for leg in journey.legs):
        parts.append(ASSUMED)
    if journey.load != 1 and journey.no_queue:
        parts.append(f"No queue modelled at {', '.join(journey.no_queue)}: capacity unknown")
    return parts


def _leg_rows(journey: Journey) -> Iterator[tuple[str, ...]]:
    for leg in journey.legs:
        paid = _fare(leg.fare_hkd, leg.fare_assumed) if _has_fares(journey) else ""
        yield clock_text(leg.start_clock_s), f"{leg.time_s / 60:.1f} min", paid, _leg(leg)
        yield from (("", "", "", f"  {_ride(ride)}") for ride in leg.buses)


def _costs(journey: Journey) -> Iterator[str]:
    """Minutes by what they are spent on, and the generalised cost."""
    if journey.share < 0.995:
        shown = sum(leg.time_s for leg in journey.legs)
        yield (
            f"  the likeliest way ({journey.share:.0%}) takes {shown / 60:.0f} min; over all ways {journey.time_s / 60:.0f}"
        )
    parts = CostParts.of(journey.legs)
    ticketing = " and ticketing" if any(leg.ticketing_s for leg in journey.legs) else ""
    yield (
        f"  in vehicles {parts.riding_s / 60:.1f} min, waiting {parts.wait_s / 60:.1f}, clearance{ticketing} "
        f"{parts.clearance_s / 60:.1f}, on foot and in stations {parts.on_foot_s / 60:.1f}"
    )
    if journey.rates:
        yield _cost(journey, parts)


def _has_fares(journey: Journey) -> bool:
    return not math.isnan(journey.fare_hkd)


def _both(journey: Journey) -> str:
    """The fare in both currencies."""
    mark = "*" if any(leg.fare_assumed for leg in journey.legs) else ""
    cny = f" (CNY {journey.fare_hkd * journey.rates.cny_per_hkd:.1f})" if journey.rates else ""
    return f"HK${journey.fare_hkd:.1f}{mark}{cny}"


def _fare(hkd: float, assumed: bool) -> str:
    return f"HK${hkd:.1f}{'*' if assumed else ''}" if hkd > 0 else ""


def _cost(journey: Journey, parts: CostParts) -> str:
    """The generalised cost as a sum, in minutes of riding."""
    assert journey.rates is not None
    weights, rates = journey.rates.weights, journey.rates
    terms = [
        f"riding {parts.riding_s / 60:.1f}",
        f"waiting {weights.wait:g} x {parts.wait_s / 60:.1f}",
        f"on foot {weights.walk:g} x {parts.on_foot_s / 60:.1f}",
    ]
    if parts.clearance_s:
        terms.append(f"clearance {weights.clearance:g} x {parts.clearance_s / 60:.1f}")
    if weights.boarding_s:
        plural = "" if parts.boardings == 1 else "s"
        terms.append(f"{parts.boardings} boarding{plural} of {weights.boarding_s / 60:g}")
    if _has_fares(journey):
        fare_min = parts.fare_hkd * weights.s_per_hkd / 60
        terms.append(f"fare {fare_min:.1f} at HK${rates.value_of_time_hkd_h:g} an hour")
    other = journey.cost_s - parts.weighted_s(weights)
    if abs(other) >= LEAST_S:
        terms.append(f"other ways and the headways at departure {other / 60:+.1f}")
    text = f"  generalised cost {journey.cost_s / 60:.1f} min: {', '.join(terms)}"
    if _has_fares(journey):
        text += f"\n  value of time of {journey.group or 'all travellers'}; HK$1 = CNY {rates.cny_per_hkd:g}"
    return text


def _control_points(journey: Journey) -> list[object]:
    if not journey.alternatives:
        return []
    money = ", time and fare together" if _has_fares(journey) else " in weighted time"
    best = "soonest of these" if journey.objective == "time" else f"cheapest of these{money}"
    through = " and ".join(journey.checkpoints)
    head = f"Through {through}, the {best}:" if through else "Control points:"
    return [head, table((_row(other) for other in journey.alternatives), "rlrll", indent=2)]


def _row(other: Alternative) -> tuple[str, ...]:
    if other.time_s is None:
        return "no service", "", "", other.checkpoint_id, f"({other.reason})"
    cost = f"cost {other.cost_s / 60:5.1f}" if other.cost_s is not None else ""
    fare = _fare(other.fare_hkd, other.fare_assumed)
    return f"{other.time_s / 60:.1f} min", fare, cost, other.checkpoint_id, f"({other.reason})"


def _travellers(journey: Journey) -> str:
    group = f", {journey.group}" if journey.group else ""
    return group + (f", {journey.load:g} times the mean day's passengers" if journey.load != 1 else "")


def _leg(leg: Leg) -> str:
    to = f"{leg.from_name} to {leg.to_name}"
    if leg.kind == "ride":
        clear = f" + clearance {leg.clearance_s / 60:.1f} at {leg.checkpoint_id}" if leg.checkpoint_id else ""
        rest = (leg.time_s - leg.wait_s - leg.in_vehicle_s - leg.clearance_s - leg.ticketing_s) / 60
        also = f"; or {' / '.join(leg.also)} if that comes first" if leg.also else ""
        ticketing = f"ticketing {leg.ticketing_s / 60:.1f}, " if leg.ticketing_s else ""
        return f"{' / '.join(leg.lines)}: {to}{also} (in vehicle {leg.in_vehicle_s / 60:.1f}, wait {leg.wait_s / 60:.1f}, {ticketing}platforms {rest:.1f}{clear})"
    if leg.kind == "clear":
        wait = f", waits {leg.wait_s / 60:.0f} for opening" if leg.wait_s > 0 else ""
        return f"clear {leg.checkpoint_id}: {to}{wait}"
    if leg.kind == "bus" or leg.buses:
        return f"local buses, walks and waits included: {to}" + (", likeliest" if leg.buses else "")
    return f"{'feeder, assumed' if leg.by_feeder else 'walk'}: {to}"


def _ride(ride: BusRide) -> str:
    walk = f"walk {ride.walk_s / 60:.1f}, " if ride.walk_s >= 3 else ""
    share = f"; {ride.share:.0%} go this way" if ride.share < 0.995 else ""
    routes = " / ".join(ride.routes)
    return f"{routes}: {ride.from_stop} to {ride.to_stop} ({walk}wait {ride.wait_s / 60:.1f}, in vehicle {ride.in_vehicle_s / 60:.1f}{share})"


def journey_data(journey: Journey) -> dict[str, Any]:
    """The journey as plain data; times in seconds, clocks in seconds after midnight, None where something has no value."""
    more = {
        "share": journey.share,
        "checkpoints": list(journey.checkpoints),
        "fare_cny": journey.fare_hkd * journey.rates.cny_per_hkd if journey.rates else math.nan,
        "fare_assumed": any(leg.fare_assumed for leg in journey.legs),
        "parts": asdict(CostParts.of(journey.legs)),
    }
    data: dict[str, Any] = plain_data(asdict(journey) | more)
    return data


def plain_data(value: Any) -> Any:
    """Numbers that JSON has no word for as None."""
    if isinstance(value, dict):
        return {key: plain_data(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def choices_parts(choices: Sequence[Choice], cny_per_hkd: float) -> list[object]:
    """Minutes, fare in both currencies, control points, and who would take each alternative.

    Without a rate of exchange the region has no fares.
    """
    if math.isnan(cny_per_hkd):
        return ["No fares in this region: minutes alone decide."]
    rows = []
    for way in choices:
        mark = "*" if any(leg.fare_assumed for leg in way.legs) else ""
        through = " and ".join(way.checkpoints) or "no control point"
        fares = f"HK${way.fare_hkd:.1f}{mark}", f"(CNY {way.fare_hkd * cny_per_hkd:.1f})"
        rows.append((f"{way.time_s / 60:.1f} min", *fares, f"{through}: {_taken_by(way)}"))
    head = "Ways that no other found beats in both minutes and fare:"
    return [head, table(rows, "rlll", indent=2)]


def _taken_by(way: Choice) -> str:
    words = ["the soonest"] if way.soonest else []
    if way.values_hkd_h:
        worth = ", ".join(f"{v:g}" for v in way.values_hkd_h)
        words.append(f"the cheapest at HK${worth} an hour")
    if way.money_apart:
        words.append("the cheapest if fares did not count")
    return "; ".join(words)


def choices_data(choices: Sequence[Choice], cny_per_hkd: float) -> list[dict[str, Any]]:
    """The ways as plain data; times in seconds."""
    more = [{"checkpoints": list(c.checkpoints), "fare_cny": c.fare_hkd * cny_per_hkd} for c in choices]
    data: list[dict[str, Any]] = plain_data([asdict(c) | m for c, m in zip(choices, more, strict=True)])
    return data


def spread_text(spread: Spread) -> str:
    """One line with the percentiles; a second one where draws miss a last departure or a closing."""
    drawn = f"{spread.draws:,} draws, uniform phases and drawn clearance"
    missed = f"{spread.missed_share:.1%} miss a last departure or a closing"
    if math.isnan(spread.p50_s):
        return f"Nobody arrives: {missed} ({drawn})"
    p10, p50, p90 = (f"{s / 60:.0f}" for s in (spread.p10_s, spread.p50_s, spread.p90_s))
    text = f"10 % arrive within {p10} min, half within {p50}, 90 % within {p90} ({drawn})"
    return text + (f"; {missed} and are left out" if spread.missed_share > 0 else "")


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
    words = [f"{term('regime', c.regime)}, {c.mean_of_all_min:.1f} min for the mean of all"]
    if c.group:
        words.append(f"{term('travellers', c.group)} {c.group_min:.1f}")
    if c.queue_min is None:
        words.append("no queue modelled: capacity unknown")
    elif c.load == 1:
        words.append("the mean day's queue is in it")
    else:
        words.append(f"queue {c.queue_min:+.1f} at {c.load:g} times the mean day")
    return "; ".join(words) + f"; nine of ten within {c.percentile_90_min:.0f}"


def _next_text(best: NextBest, objective: Objective) -> list[str]:
    name = best.clearing.checkpoint_id
    time = f"{best.time_s / 60:.1f} min, {best.more_s / 60:+.1f}: {_differences(best.difference, TIME_WORDS)}"
    cost = _cost_text(best)
    lines = [cost, time] if objective == "cost" and cost else [time, *([cost] if cost else [])]
    clearance = f"clearance: {_clearing_text(best.clearing)}"
    return [f"Next best {name}: {lines[0]}", *(f"  {line}" for line in (*lines[1:], clearance))]


def _cost_text(best: NextBest) -> str:
    d = best.cost_difference
    if d is None or best.cost_s is None or best.more_cost_s is None:
        return ""
    why = _differences(d, COST_WORDS, f", HK${d.fare_hkd:+.1f}")
    return f"generalised cost {best.cost_s / 60:.1f} min, {best.more_cost_s / 60:+.1f}: {why}"


def _differences(of: Parts | CostDifference, words: Mapping[str, tuple[str, str]], fare: str = "") -> str:
    """What a difference is made of, with minutes, where it is worth a word; with money for the fare."""
    parts = [
        (getattr(of, name), more_less, fare if name == "fare_s" else "") for name, more_less in words.items()
    ]
    worth = [f"{more_less[s < 0]} ({s / 60:+.1f}{note})" for s, more_less, note in parts if abs(s) >= LEAST_S]
    return ", ".join(worth) or "hardly any difference"


def _if_open(n: NoWay, best_s: float) -> str:
    if n.if_open_s is None:
        return ""
    return f" (if it never closed: {n.if_open_s / 60:.0f} min, {(n.if_open_s - best_s) / 60:+.0f})"
